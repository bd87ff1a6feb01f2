-- seeds.lua: the seed checks ("schema": "seed-checks/1"): given, when, then, over a Moonbill of their own.
--
-- Before anything is run each step and expectation must be known, with all its keys: what the runner does not know yet is
-- a skip. Events and calls of the gateway are those of `when`; rows are read after what it queued has run.

local Check = require "check"
local World = require "world"
local steps = require "steps"
local expect = require "expect"
local tasks = require "tasks"
local killbill = require "killbill_events"
local workflows = require "workflows"
local aps = require "aps"

local OF_EXPECTATION = { expect = true, note = true }
local FILE_STEPS = { scan_storage = true, restart = true }

-- ------------------------------------------------------------------------------------------------- one check

local function know(check, one)
  for _, part in ipairs { one.given or {}, one.when or {} } do
    for _, step in ipairs(part) do
      if not steps.has(step.op) then check:skip("step '%s' is not implemented yet", tostring(step.op)) end
    end
  end
  for _, expected in ipairs(one["then"]) do
    local known = check:need(expect[expected.expect], "expectation '%s'", tostring(expected.expect))
    for name in pairs(expected) do
      if not OF_EXPECTATION[name] and not (" " .. known.keys .. " "):find(" " .. name .. " ", 1, true) then
        check:skip("'%s' of expectation '%s' is not implemented yet", name, expected.expect)
      end
    end
  end
end

-- Whether any step, here or in a check that is run from here, needs files.
local function needs_files(one)
  for _, part in ipairs { one.given or {}, one.when or {} } do
    for _, step in ipairs(part) do
      if FILE_STEPS[step.op] then return true end
    end
  end
  return false
end

local function judge(world, check, expected)
  local before = check.compared
  expect[expected.expect].judge(world, check, expected)
  if check.compared == before then check:that(false, "expectation '%s' compared nothing", expected.expect) end
end

local function play(world, check, one)
  world.one = one
  if world.seed == "002" then killbill.begin(world) end
  if world.seed == "001" then aps.begin(world, one) end
  for _, step in ipairs(one.given or {}) do steps.run(world, step) end
  world:open()
  world.armed, world.changed = true, world.changed or not world.armed
  world:sync()
  world:drain()
  world.site:trace()
  if world.seed == "002" then killbill.listen(world) end
  world.gateway_calls_before = world.site:gateway_calls(world.tenant)
  for i, step in ipairs(one.when or {}) do
    world.index = i
    steps.run(world, step)
  end
  world.index = nil
  world:drain()
  world.trace = world.site:trace()
  for _, expected in ipairs(one["then"]) do judge(world, check, expected) end
end

local function run(file, one, check)
  know(check, one)
  local world = World.new(check, file, needs_files(one))
  workflows.prepare(world)
  world.clock = tasks.clock_of(one) or world.clock
  local good, problem = xpcall(play, Check.trace, world, check, one)
  killbill.close(world)
  aps.close(world)
  world:close()
  if not good then error(problem, 0) end
end

-- ------------------------------------------------------------------------------------------------- the family

local seeds = {}

function seeds.cases(file)
  if type(file) ~= "table" or file.schema ~= "seed-checks/1" or type(file.checks) ~= "table" then return nil end
  local cases = {}
  for i, one in ipairs(file.checks) do
    cases[i] = { id = one.id, rule = one.area, run = function (check) run(file, one, check) end }
  end
  return cases
end

return seeds
