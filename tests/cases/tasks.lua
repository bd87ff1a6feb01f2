-- tasks.lua: scheduled tasks of seed checks: their steps and expectations. Added to the tables of steps.lua and expect.lua.
--
-- A tick is a jump of the clock: what fell due in between runs late, as after an outage.

local map = require "map"
local json = require "json"

local tasks = {}

local function is_set(item) return item ~= nil and item ~= document.null end

-- ------------------------------------------------------------------------------------------------- steps

-- The last handler of a name is the one that counts.
function tasks.handler_task(world, step)
  local handlers = world.content.tasks
  for i, other in ipairs(handlers) do
    if other.name == step.name then table.remove(handlers, i) break end
  end
  handlers[#handlers + 1] = step
  world.changed = true
end

function tasks.holiday(world, step)
  world:must("holiday.create", {
    name = step.name, start_date = step.start, end_date = step["end"], recurring = step.recurring or nil,
  })
end

-- Our input for a row of the seed, in its columns; a flag is 0 or 1.
local function input_of(world, row)
  local function flag(name) return row[name] == 1 or row[name] == true or nil end
  local function given(name) return is_set(row[name]) and row[name] or nil end
  local known = " name last_run_time next_run_time expires_after_ticks run_once period_ticks finished skip_holidays skip_weekend catch_up "
  for name in pairs(row) do
    if not known:find(" " .. name .. " ", 1, true) then world.check:skip("a task's '%s' is not implemented yet", name) end
  end
  return {
    name = row.name, run_once = flag "run_once", period_ticks = not flag "run_once" and row.period_ticks or nil,
    expires_after_ticks = given "expires_after_ticks", skip_holidays = flag "skip_holidays", skip_weekend = flag "skip_weekend",
    catch_up = given "catch_up", next_run_at = given "next_run_time",
  }
end

-- A row whose handler does not exist is made with another one's, as when its rule went later.
function tasks.task(world, step)
  local input, handled = input_of(world, step.row), false
  for _, handler in ipairs(world.content.tasks) do handled = handled or handler.name == step.row.name end
  if not handled then input.handler = world.content.tasks[1].name end
  local made = world:must("task.create", input)
  local values = { handler = not handled and step.row.name or nil, last_run_at = is_set(step.row.last_run_time)
    and step.row.last_run_time or nil }
  if next(values) then
    world:fixture { states = { { object = "scheduled_task", id = made.id, values = values } } }
  end
end

function tasks.tick(world, step) world:jump(step.at) end

-- Nodes are threads of one process: the second finds the clock being moved, or everything done.
function tasks.tick_parallel(world, step)
  for _ = 1, step.nodes do world:jump(step.at) end
end

local function task_named(world, name)
  for _, row in ipairs(world:list("/v1/tasks")) do
    if row.name == name then return row end
  end
end

-- Commands of the seed by its own names: world, args -> output, or nil and the problem.
tasks.commands = {
  ["task.create"] = function (world, args) return world:command("task.create", input_of(world, args.row)) end,
  ["task.describe"] = function (world, args)
    local row = task_named(world, args.name)
    if not row then return nil, { code = "not_found", message = "there is no task " .. args.name } end
    return {
      period_seconds = row.period_ticks and row.period_ticks // 10000000,
      expires_after_seconds = row.expires_after_ticks and row.expires_after_ticks // 10000000,
    }
  end,
}

-- A check begins before anything of its tasks is due: a second before the earliest instant of their rows, or at its first
-- tick when they have none.
function tasks.clock_of(one)
  local earliest, first_tick
  for _, part in ipairs { one.given or {}, one.when or {} } do
    for _, step in ipairs(part) do
      if step.op == "clock" then return nil end
      if step.op:find("^tick") then first_tick = first_tick or step.at end
      local row = step.op == "task" and step.row or {}
      for _, name in ipairs { "last_run_time", "next_run_time" } do
        if is_set(row[name]) and (not earliest or row[name] < earliest) then earliest = row[name] end
      end
    end
  end
  return earliest and calendar.add_seconds(earliest, -1) or first_tick
end

-- ------------------------------------------------------------------------------------------------- rules

local actions = {}

function actions.record() return "" end
function actions.raise(handler) return ("error(%q)"):format(handler.message or "raised") end
function actions.busy(handler) return ("ctx:command('task.hold', { name = %q, length = 'PT%dS' })"):format(handler.name, handler.seconds) end

function actions.send_mail(handler)
  local lines = {}
  for i, message in ipairs(handler.messages) do
    lines[i] = ("ctx:send('mail', { from = %q, to = %q, subject = %q, body = %q })"):format(handler.sender, message.to,
      message.subject, message.body)
  end
  return table.concat(lines, "\n    ")
end

function tasks.rules(check, handlers)
  local out = {}
  for i, handler in ipairs(handlers) do
    local action = check:need(actions[handler.action], "task action '%s'", tostring(handler.action))
    out[i] = ("rule %q {\n  task = true,\n  run = function (ctx)\n    %s\n  end,\n}\n"):format(handler.name, action(handler))
  end
  return table.concat(out, "\n")
end

-- ------------------------------------------------------------------------------------------------- expectations

-- Runs in the order they happened, of one task or of all; a slot that was passed over is none.
local function runs_of(world, name)
  local runs = {}
  for _, run in ipairs(world:list("/v1/task_runs")) do
    local ran = run.outcome == "done" or run.outcome == "failed"
    if ran and (not name or run.task == name) then table.insert(runs, 1, run) end
  end
  return runs
end

local function column(runs, member)
  local list = json.array()
  for i, run in ipairs(runs) do list[i] = run[member] end
  return list
end

local STATE = {
  next_run_time = "next_run_at", nominal_slot = "slot_at", last_run_time = "last_run_at", missed = "missed", outcome = "outcome",
  expires_after_ticks = "expires_after_ticks", period_ticks = "period_ticks", status = "status",
}

function tasks.expectations(define, pairs_sorted)
  define("runs", "task at", function (world, check, expected)
    check:alike_to("runs of " .. expected.task, expected.at, column(runs_of(world, expected.task), "started_at"))
  end)
  define("run_slots", "task slots", function (world, check, expected)
    check:alike_to("slots of " .. expected.task, expected.slots, column(runs_of(world, expected.task), "slot_at"))
  end)
  define("run_count", "task count", function (world, check, expected)
    check:equal("runs of " .. expected.task, expected.count, #runs_of(world, expected.task))
  end)
  define("run_order", "names", function (world, check, expected)
    check:equal("runs in order", json.array(expected.names), column(runs_of(world), "task"))
  end)
  define("task_state", "task equals", function (world, check, expected)
    local row = task_named(world, expected.task)
    if not check:that(row, "there is no task %s", expected.task) then return end
    for name, item in pairs_sorted(expected.equals) do
      local found
      if name == "finished" then
        found = row.status == "finished" and 1 or 0
      else
        found = row[check:need(STATE[name], "a task's state '%s'", name)]
      end
      check:alike_to(name, item, found)
    end
  end)
end

map.objects.task = { record = "scheduled_task", list = "/v1/tasks", fields = { next_run_time = "next_run_at", last_run_time = "last_run_at" } }
map.objects.task_run = {
  record = "task_run", list = "/v1/task_runs",
  fields = { start_time = "started_at", end_time = "ended_at" },
}

return tasks
