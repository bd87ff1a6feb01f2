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
  steps = true, config = true, payments_default = true, note = true, known_failure_of_origin = true, children = true }
local ACCOUNT_NAMES = { currency = true, timezone = true, bcd = true, payment_method = true, name = true, account = true, id = true }

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

-- Oldest first, with their lines; of the step's account unless another one is named.
function Scenario:invoices(account_id)
  local rows = self.world:list("/v1/accounts/" .. (account_id or self.account_id) .. "/invoices")
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

-- An account; without a payment method nothing is paid by itself.
local function make_account(self, name, about, pays)
  local day = about.bcd
  local account = self.world:must("account.create", { name = name, currency = about.currency or self.case.account.currency,
    time_zone = self.zone, bill_cycle_day = day ~= document.null and day ~= 0 and day or nil })
  self.accounts[name], self.name_of_account[account.id] = account.id, name
  if pays and about.payment_method ~= false then
    self.world:must("payment_method.create", { account_id = account.id, token = "tok_scenario", last_four = "1111" })
  end
  return account.id
end

-- Children are a number of them, a list of names or of accounts with a name, or accounts by their names.
local function children_of(check, case)
  local list = {}
  local function add(name, about)
    for member in pairs(about) do
      if not ACCOUNT_NAMES[member] then check:skip("a child's '%s' is not implemented yet", member) end
    end
    list[#list + 1] = { name = tostring(name), about = about }
  end
  if type(case.children) == "number" then
    for i = 1, case.children do add(i, {}) end
  end
  for key, child in pairs(type(case.children) == "table" and case.children or {}) do
    if type(child) == "table" then
      add(child.name or child.account or child.id or key, child)
    else
      add(child, {})
    end
  end
  table.sort(list, function (a, b) return a.name < b.name end)
  return list
end

local function make_accounts(self, check, case)
  local fails = case.payments_default == "fail"
  self.account_id = make_account(self, "Scenario", case.account, not fails)
  self.parent_id, self.accounts.parent = self.account_id, self.account_id
  for i, child in ipairs(children_of(check, case)) do
    local id = make_account(self, child.name, child.about, false)
    self.accounts["child " .. i] = id
    self.world:must("account.update", { id = id, parent_id = self.parent_id, parent_pays = true })
  end
end

-- The account that a step or an expectation names.
function Scenario:account(name)
  if name == nil or name == document.null then return self.parent_id end
  return self.accounts[tostring(name)] or self.accounts["child " .. tostring(name)]
    or error("no account is called '" .. tostring(name) .. "'", 0)
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
    accounts = {}, name_of_account = {}, invoices_before = 0, parents_before = 0, payments_before = 0 }, Scenario)
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
  self.account_id = self:account(step.account or step.child)
  self.parents_before = #self:invoices(self.parent_id)
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
  make_accounts(self, check, case)
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
