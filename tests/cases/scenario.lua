-- scenario.lua: the families "scenarios_*" mined from Kill Bill: an account, its plans and what is done with them over time.
--
-- Each case runs on a tenant of its own, in memory, by the commands that everyone uses. A step first moves the clock to its
-- time; what fell due on the way belongs to it.

local json = require "json"
local World = require "world"
local catalog = require "scenario_catalog"
local steps = require "scenario_step"
local expect = require "scenario_expect"

local Scenario = {}
Scenario.__index = Scenario

local CASE_NAMES = { id = true, origin = true, about = true, clock_start = true, account = true, plans = true,
  steps = true, config = true, payments_default = true, note = true, known_failure_of_origin = true }
local ACCOUNT_NAMES = { currency = true, timezone = true, bcd = true, payment_method = true }

-- ------------------------------------------------------------------------------------------------- time

-- Kill Bill freezes an account's offset from UTC at its creation; an account of ours may have an offset as its zone.
local function frozen_zone(zone, instant)
  if zone == "UTC" then return zone end
  return calendar.offset_at(instant, zone)
end

-- A date is that day at the time of day at which the scenario begins.
function Scenario:instant(at)
  if at:find("T", 1, true) then return at end
  return self.time_of_day and at .. self.time_of_day or calendar.start_of_date(at, self.zone)
end

function Scenario:local_date(at) return calendar.local_date(at, self.zone) end

-- ------------------------------------------------------------------------------------------------- what there is

function Scenario:read(path) return self.world:read(path) end

-- Oldest first, with their lines.
function Scenario:invoices()
  local rows = self.world:list("/v1/accounts/" .. self.account_id .. "/invoices")
  table.sort(rows, function (a, b) return a.id < b.id end)
  for i, row in ipairs(rows) do rows[i] = self:read("/v1/invoices/" .. row.id) end
  return rows
end

function Scenario:credits(account_id)
  local rows = self.world:list("/v1/accounts/" .. account_id .. "/credits")
  for i, row in ipairs(rows) do rows[i] = self:read("/v1/credits/" .. row.id) end
  return rows
end

function Scenario:payments()
  local rows = self.world:list("/v1/accounts/" .. self.account_id .. "/payments")
  table.sort(rows, function (a, b) return a.id < b.id end)
  return rows
end

function Scenario:subscription_id(name)
  return self.subscriptions[name] or error("no subscription is called '" .. tostring(name) .. "'", 0)
end

function Scenario:subscription(name) return self:read("/v1/subscriptions/" .. self:subscription_id(name)) end

function Scenario:invoice(number)
  return self:invoices()[number] or error("there is no invoice " .. tostring(number), 0)
end

function Scenario:keep_subscription(name, id)
  self.subscriptions[name], self.name_of_subscription[id] = id, name
end

function Scenario:command(name, input)
  if not self.world.site:has_command(name) then self.world.check:skip("command '%s' is not implemented yet", name) end
  return self.world:command(name, input)
end

-- ------------------------------------------------------------------------------------------------- beginning

local function settings_of(check, config)
  local settings = {}
  for name, item in pairs(config) do
    local path = steps.settings[name] or check:skip("config '%s' is not implemented yet", name)
    json.set(settings, path, type(item) == "string" and item:lower() or item)
  end
  return settings
end

local function deploy(world, check, case)
  local manifest = { name = "scenario", rules = json.array {}, settings = settings_of(check, case.config or {}) }
  local files = {
    ["bundle.json"] = json.encode(manifest),
    ["catalog/scenario.json"] = catalog.file(case, "2000-01-01T00:00:00Z"),
  }
  world:must("bundle.deploy", { archive = { files = files } })
end

local function make_account(self, case)
  local day = case.account.bcd
  local account = self.world:must("account.create", { name = "Scenario", currency = case.account.currency,
    time_zone = self.zone, bill_cycle_day = day ~= document.null and day ~= 0 and day or nil })
  self.account_id = account.id
  if case.account.payment_method == false then return end
  self.world:must("payment_method.create", { account_id = account.id, token = "tok_scenario", last_four = "1111" })
end

local function begin(check, case)
  for name in pairs(case) do
    if not CASE_NAMES[name] then check:skip("a case's '%s' is not implemented yet", name) end
  end
  for name in pairs(case.account) do
    if not ACCOUNT_NAMES[name] then check:skip("an account's '%s' is not implemented yet", name) end
  end
  local start = case.clock_start
  local self = setmetatable({ case = case, subscriptions = {}, bundles = {}, name_of_subscription = {},
    invoices_before = 0, payments_before = 0 }, Scenario)
  local first = start:find("T", 1, true) and start or calendar.start_of_date(start, case.account.timezone)
  self.zone = frozen_zone(case.account.timezone, first)
  self.time_of_day = start:match("T.*$")
  self.world = World.new(check, { seed = "killbill", fixtures = { clock = self:instant(start) } })
  return self
end

-- ------------------------------------------------------------------------------------------------- running

local function move_clock(self, at)
  local instant = self:instant(at)
  if calendar.compare_instants(instant, self.world.clock) > 0 then self.world:advance(instant) end
end

local function run_step(check, self, step)
  local invoices, payments = self:invoices(), self:payments()
  self.invoices_before, self.payments_before = #invoices, #payments > 0 and payments[#payments].id or 0
  move_clock(self, step.at)
  local perform = steps.of(check, step)
  local _, problem = perform(self, step, check)
  self.world:drain()
  expect.step(check, self, step, problem)
end

local function run_steps(check, self, case)
  deploy(self.world, check, case)
  make_account(self, case)
  for i, step in ipairs(case.steps) do
    local before = #check.differences
    local good, problem = xpcall(run_step, check.trace, check, self, step)
    if not good then
      if type(problem) == "string" then problem = ("step %d (%s): %s"):format(i, step["do"], problem) end
      error(problem, 0)
    end
    for j = before + 1, #check.differences do
      check.differences[j] = ("step %d (%s %s): %s"):format(i, step.at, step["do"], check.differences[j])
    end
    if #check.differences > 0 then return end -- what follows would only repeat it
  end
end

return function (case, check)
  if case.known_failure_of_origin then check:skip("Kill Bill itself fails this: %s", tostring(case.known_failure_of_origin)) end
  local self = begin(check, case)
  local good, problem = xpcall(run_steps, check.trace, check, self, case)
  self.world:close()
  if not good then error(problem, 0) end
end
