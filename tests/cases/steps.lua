-- steps.lua: the steps of seed checks: steps[op](world, step). What the world cannot do yet is a skip.

local json = require "json"
local map = require "map"
local events = require "events"
local bundle = require "bundle"
local tasks = require "tasks"
local killbill = require "killbill_events"
local workflows = require "workflows"
local aps = require "aps"

local steps = {}

local function known(world, step, names)
  for name in pairs(step) do
    if name ~= "op" and not (" " .. names .. " "):find(" " .. name .. " ", 1, true) then
      world.check:skip("'%s' of step '%s' is not implemented yet", name, step.op)
    end
  end
end

-- Values come as they are or as lists.
local function list_of(item)
  if item == nil or item == document.null then return {} end
  return type(item) == "table" and item or { item }
end

-- ------------------------------------------------------------------------------------------------- the past

function steps.clock(world, step)
  known(world, step, "now")
  if world.site then
    world:advance(step.now)
  else
    world.clock = step.now
  end
end

function steps.sequences(world, step)
  known(world, step, "next")
  local names = {}
  for name in pairs(step.next) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do world:sequence(name, step.next[name]) end
end

function steps.tenant(world, step)
  known(world, step, "id timezone currency")
  local own = world.fixtures.tenant
  if own and step.id ~= own.id then
    world.others[step.id] = { plans = json.array(), handlers = {}, tasks = {}, settings = { rules = {} } }
    return
  end
  if world.site then world.check:skip("a tenant that changes is not implemented yet") end
  world.options.time_zone = step.timezone
  world.options.currency = step.currency
end

-- The billing fixture: settings of the tenant, and the period of its plans.
local function billing(world, fixture)
  local check = world.check
  for name, item in pairs(fixture) do
    if name == "cycle" then
      world.period = item
    elseif name == "currency" then
      if world.site then check:skip("a currency that changes is not implemented yet") end
      world.options.currency = item
    elseif name == "collect" then
      if item ~= "upfront" then check:skip("collect '%s' is not implemented yet", tostring(item)) end
    elseif name == "proration" then
      local count = item.method == "none" and "none" or item.count
      if item.method ~= "days" and count ~= "none" then check:need(nil, "proration by %s", tostring(item.method)) end
      world:setting("policies.proration", check:need(map.proration[count], "proration '%s'", tostring(count)))
      world:setting("policies.rounding",
        check:need(map.rounding[item.rounding], "rounding '%s'", tostring(item.rounding)))
    else
      world:setting(check:need(map.settings[name], "billing '%s'", name), item)
    end
  end
end

local function fixture(world, name, object)
  if object == nil then error("no fixture is called '" .. tostring(name) .. "'", 0) end
  if world.seed == "002" then
    killbill.fixture(world, name, object)
  elseif world.seed == "003" and name == "billing" then
    billing(world, object)
  elseif world.seed == "003" and type(object) == "table" and object.charges then
    world:plan(object)
  elseif world.seed == "001" and aps.fixture(world, name, object) then
    return
  elseif not workflows.fixture(world, name, object) then
    world.check:skip("fixture '%s' is not implemented yet", name)
  end
end

function steps.fixture(world, step)
  known(world, step, "name")
  fixture(world, step.name, world.fixtures[step.name])
end

-- The changed copy stays the fixture of this name for the rest of the check.
function steps.fixture_with(world, step)
  known(world, step, "name set")
  local object = json.copy(world.fixtures[step.name])
  if type(object) ~= "table" then error("no fixture is called '" .. tostring(step.name) .. "'", 0) end
  for path, item in pairs(step.set) do json.set(object, path, item) end
  world.fixtures = setmetatable({ [step.name] = object }, { __index = world.fixtures })
  fixture(world, step.name, object)
end

function steps.plan(world, step)
  local plan = json.copy(step)
  plan.op = nil
  world:plan(plan)
end

-- Settings of the plan made last.
function steps.plan_setting(world, step)
  if world.seed == "001" then return known(world, step, "auto_renew renew_point_days") end -- the plan has it from the beginning
  local plans = world.content.plans
  local plan = plans[#plans]
  for name, item in pairs(step) do
    if name == "op" then
    elseif name == "billing_period" and plan then
      plan.billing_period = item
    elseif (name == "prorate" or name == "prorated") and plan then
      for _, charge in ipairs(plan.charges) do charge.prorated = item end
    elseif name == "proration_override" and plan then
      local rule = world.check:need(map.proration[item.count], "proration '%s'", tostring(item.count))
      plan.policies = { { policy = "proration", rule = rule } }
    else
      world.check:skip("plan setting '%s' is not implemented yet", name)
    end
  end
  world.changed = true
end

function steps.config(world, step)
  for name, item in pairs(step) do
    if name == "max_depth" then
      if item ~= 8 then world.check:skip("commands of rules go 8 deep, not %s", tostring(item)) end
    elseif name == "invoice_notice" then
      local days = world.check:need(item:match("^P(%d+)D$"), "a notice of '%s'", item)
      world:setting("billing.upcoming_days", math.tointeger(days))
    elseif name ~= "op" then
      local path = map.settings[name] or name:find(".", 1, true) and name
      world:setting(world.check:need(path, "setting '%s'", name), item)
    end
  end
end

function steps.state(world, step)
  known(world, step, "object id equals")
  world:sync()
  local values = {}
  for name, item in pairs(step.equals) do
    local member, ours = world:column(step.object, name, item)
    values[member] = ours
  end
  local record, id = map.objects[step.object].record, math.tointeger(tonumber(world:ours(step.id)))
  world:fixture { states = { { object = record, id = id, values = values } } }
end

-- ------------------------------------------------------------------------------------------------- things made

function steps.customers(world, step)
  known(world, step, "count names")
  local names = list_of(step.names)
  for i = 1, step.count or #names do
    local name, key = names[i] or ("Customer %d"):format(i), ("CUSTOMER%03d"):format(i)
    world:must("customer.create", { name = name, external_key = key })
  end
end

local function any_customer(world)
  local first = world:list("/v1/customers")[1]
  return first and first.id or world:must("customer.create", { name = "Customer 1", external_key = "CUSTOMER001" }).id
end

-- Open invoices of the first customer, each by an order of a plan with a one-time charge of that amount.
function steps.invoices(world, step)
  known(world, step, "count numbers ids amount amounts total totals customer status")
  local amounts = list_of(step.amounts or step.totals or step.amount or step.total)
  local numbers, ids = list_of(step.numbers), list_of(step.ids)
  local count = step.count or math.max(#numbers, #ids, #amounts)
  for i = 1, count do
    local amount = amounts[i] or amounts[#amounts] or "10.00"
    local code = "INVOICED-" .. amount
    world:plan { code = code, charges = { { price_code = "ONCE", kind = "one_time", amount = amount } } }
    if numbers[i] then world:sequence("invoice_number", math.tointeger(tonumber(numbers[i]))) end
    if ids[i] then world:sequence("invoice_id", math.tointeger(tonumber(ids[i]))) end
    local customer = math.tointeger(tonumber(step.customer or any_customer(world)))
    world:must("order.place", {
      customer_id = customer, plan = code, create_invoice = true, lines = { { price_code = "ONCE", quantity = "1" } },
    })
    -- Of Atomia, "New" is an invoice that is owed and was not sent yet: as it is.
    if step.status and not (world.system == "atomia" and step.status == "New") then
      local rows = world:list("/v1/invoices")
      local _, state = world:column("invoice", "status", step.status)
      world:fixture { states = { { object = "invoice", id = rows[#rows].id, values = { status = state } } } }
    end
  end
end

-- Notes of the first customer that take back an invoice each.
function steps.credit_invoices(world, step)
  known(world, step, "numbers status")
  if step.status ~= "New" then world.check:skip("credit invoices that are %s", tostring(step.status)) end
  for _, number in ipairs(step.numbers) do
    steps.invoices(world, { op = "invoices", count = 1 })
    world:sequence("credit_note_number", math.tointeger(tonumber(number)))
    world:must("credit_note.create", {
      invoice_id = world:list("/v1/invoices")[1].id, reason = "other", items = { { position = 1 } },
    })
  end
end

-- ------------------------------------------------------------------------------------------------- handlers, policies

function steps.handler(world, step)
  local other = step.tenant and world.others[step.tenant]
  if step.tenant and not other then world.check:skip("a handler of tenant '%s', which is not there", step.tenant) end
  if other then
    if step.event ~= "*" or step.action ~= "record" then world.check:skip("such a handler of another tenant") end
    for i, meaning in ipairs(events.all()) do
      other.handlers[i] = { op = "handler", event = meaning.event, phase = meaning.side, action = "record", registered = i,
        name = step.name, rule = ("%s of %s %s"):format(step.name, meaning.side, meaning.event) }
    end
    return
  end
  if step.event == "*" then
    if step.action ~= "record" then world.check:need(nil, "a handler of all events that does something") end
    return -- the trace keeps every event
  end
  local handler = json.copy(step)
  local handlers = world.content.handlers
  handler.registered = #handlers + 1
  handler.name = step.name or ("handler %d"):format(handler.registered)
  handler.rule = handler.name
  for _, other in ipairs(handlers) do
    if other.rule == handler.rule then handler.rule = ("%s (%d)"):format(handler.name, handler.registered) end
  end
  handlers[handler.registered] = handler
  world.changed = true
end

function steps.handler_filter(world, step)
  known(world, step, "event only")
  local last = world.content.handlers[#world.content.handlers]
  if not last or last.event ~= step.event then error("no handler of '" .. tostring(step.event) .. "' to narrow", 0) end
  last.only = step.only
  world.changed = true
end

local ON_EXHAUSTED = { cancel_invoice_suspend_order = true, cancel_invoice = true, suspend_order = true, nothing = true }

-- Parameters of the shipped retry policy.
local function retry(world, step)
  known(world, step, "script max_attempts on_exhausted days_between interval_days")
  local word = step.on_exhausted == "none" and "nothing" or step.on_exhausted
  if word and not ON_EXHAUSTED[word] then world.check:skip("on_exhausted '%s' is not implemented yet", tostring(word)) end
  world:setting("policies.retry", "retry/attempts")
  world:setting("retry", {
    max_attempts = step.max_attempts, on_exhausted = word, days_between = step.days_between or step.interval_days,
  })
end

function steps.policy(world, step)
  if step.script == "retry" then return retry(world, step) end
  if step.script == "proration" and map.proration[step.count] then
    known(world, step, "script count")
    return world:setting("policies.proration", map.proration[step.count])
  end
  world.check:skip("policy script '%s' is not implemented yet", tostring(step.script))
end

local RESPONSES = { approved = "approved", declined = "declined", failed = "failed", error = "failed", hang = "hang",
  timeout = "hang" }

function steps.gateway(world, step)
  known(world, step, "respond respond_list transaction_id approval_code avs cvv")
  local answers = {}
  for i, respond in ipairs(list_of(step.respond_list or step.respond)) do
    local answer = type(respond) == "table" and respond or { respond = respond }
    answers[i] = {
      respond = world.check:need(RESPONSES[answer.respond], "gateway answer '%s'", tostring(answer.respond)),
      transaction_id = answer.transaction_id or step.transaction_id,
      approval_code = answer.approval_code or step.approval_code,
      avs_code = answer.avs or step.avs, cvv_code = answer.cvv or step.cvv,
    }
  end
  world:fixture { gateway = answers }
end

-- ------------------------------------------------------------------------------------------------- acts

-- A request that a walk has already made is not made again.
local function request_key(step)
  return table.concat({ step.method, step.path, step.xml_ref or step.xml or json.encode(step.json) or "" }, "\n")
end

function steps.http(world, step)
  known(world, step, "method path xml xml_ref json body headers")
  local reply = world:http(step)
  world.done[request_key(step)] = true
  world.replies[#world.replies + 1] = reply
  if world.index then world.replies_at[world.index] = reply end
end

function steps.http_done(world, step)
  known(world, step, "method path xml xml_ref json body headers")
  local reply = world:http(step)
  world.done[request_key(step)] = true
  if reply.status < 200 or reply.status > 299 then
    error(("%s %s must succeed but answered %d: %s"):format(step.method, step.path, reply.status, reply.body), 0)
  end
end

-- A command of ours by its own name, with its own input.
function steps.command(world, step)
  known(world, step, "name args")
  world:open()
  local translated = (world.seed == "002" and killbill or tasks).commands[step.name]
    or world.seed == "000" and workflows.commands[step.name]
    or world.seed == "001" and aps.commands[step.name]
  if not translated and (world.seed ~= "003" or not world.site:has_command(step.name)) then
    world.check:skip("command '%s' is not implemented yet", tostring(step.name))
  end
  local output, problem
  if translated then
    output, problem = translated(world, step.args or {})
  else
    output, problem = world:command(step.name, step.args or {})
  end
  world.results[#world.results + 1] = { index = world.index, output = output, problem = problem }
end

function steps.register_handlers(world, step)
  known(world, step, "events")
  world:sync()
  local output, problem = workflows.register(world, step.events)
  world.results[#world.results + 1] = { index = world.index, output = output, problem = problem }
end

function steps.drain_journal(world, step)
  known(world, step, "")
  world:sync()
  workflows.drain_journal(world)
end

-- The plan may be a fixture's name, or the code of a plan that the check has.
local function quoted_plan(world, name)
  local plan = world.fixtures[name] or world.fixtures["plan_" .. name]
  return plan and world:plan(plan).code or name
end

function steps.quote(world, step)
  known(world, step, "plan start starts start_date quantity tier_mode account customer")
  for _, name in ipairs(list_of(step.plan)) do
    local code = quoted_plan(world, name)
    local starts = list_of(step.starts or step.start or step.start_date)
    local modes = list_of(step.tier_mode)
    for s = 1, math.max(#starts, 1) do
      for m = 1, math.max(#modes, 1) do
        world.quotes[#world.quotes + 1] = world:must("order.quote", {
          plan = code, start_date = starts[s], quantity = step.quantity, tier_mode = modes[m],
        })
      end
    end
  end
end

function steps.advance_clock(world, step)
  known(world, step, "to")
  world:advance(step.to)
end

function steps.advance_clock_to_end(world, step)
  known(world, step, "until")
  world:advance(step["until"])
end

function steps.drain(world, step)
  known(world, step, "")
  world:sync()
  if world.seed == "001" then return aps.drain(world) end
  world:drain()
end

-- What is due now, once.
function steps.deliver_once(world, step)
  known(world, step, "")
  world:sync()
  world:drain()
end

function steps.serial(world, step)
  known(world, step, "last")
  world:sequence("aps_serial", step.last + 1)
end

function steps.type(world, step)
  known(world, step, "id operations")
  aps.type(world, step)
end

function steps.crash_point(world, step)
  known(world, step, "name")
  if world.seed ~= "001" then world.check:skip("crash points are not implemented here yet") end
  aps.crash_point(world, step)
end

function steps.restart(world, step)
  known(world, step, "")
  world:restart()
end

-- The states of one object at instants to come.
function steps.probe_status(world, step)
  known(world, step, "id at object")
  local object = step.object or (world.system == "blubilling" and "order" or "subscription")
  for _, instant in ipairs(list_of(step.at)) do
    world:advance(instant)
    local found
    for _, row in ipairs(world:rows(object)) do
      if tostring(row.id) == tostring(world:ours(step.id)) then found = world:field(object, row, "status") end
    end
    world.statuses[#world.statuses + 1] = found or "(no " .. object .. " " .. tostring(step.id) .. ")"
  end
end

function steps.scan_storage(world, step)
  known(world, step, "needle needles")
  world:sync()
  world.scanned = { hits = 0, places = {} }
  for _, needle in ipairs(list_of(step.needles or step.needle)) do
    local hits, places = world:scan(needle)
    world.scanned.hits = world.scanned.hits + hits
    table.move(places, 1, #places, #world.scanned.places + 1, world.scanned.places)
  end
end

function steps.catalogue(world, step) known(world, step, "") end

local TASK_STEPS = {
  handler_task = "name action message messages sender seconds", holiday = "name start end recurring", task = "row", tick = "at",
  tick_parallel = "at nodes",
}
for op, names in pairs(TASK_STEPS) do
  steps[op] = function (world, step)
    known(world, step, names)
    tasks[op](world, step)
  end
end

for op, names in pairs { callback = "url", callback_delete = "url", endpoint = "path respond" } do
  steps[op] = function (world, step)
    known(world, step, names)
    local family = world.seed == "001" and aps or killbill
    world.check:need(family[op], "step '%s'", op)(world, step)
  end
end

-- The steps of other checks of the file, one after the other, each step once: what one check gives another has done.
function steps.run_checks(world, step)
  known(world, step, "ids")
  local ids = type(step.ids) == "string" and world.fixtures[step.ids] or step.ids
  for _, id in ipairs(ids) do
    local found
    for _, other in ipairs(world.file.checks) do
      if other.id == id or other.id == world.seed .. "-" .. id then found = other end
    end
    if not found then error("no check is called '" .. tostring(id) .. "'", 0) end
    for _, one in ipairs(found.given) do steps.run_once(world, one) end
    for _, one in ipairs(found.when) do steps.run(world, one) end
  end
end

-- ------------------------------------------------------------------------------------------------- running

function steps.run(world, step)
  world.done[json.encode(step)] = true
  steps[step.op](world, step)
end

-- Unless an equal step, or an equal request, has been run; and the clock does not go back.
function steps.run_once(world, step)
  if world.done[json.encode(step)] or step.method and world.done[request_key(step)] then return end
  if step.op == "clock" or step.op == "sequences" then
    if world.site then return end
  end
  steps.run(world, step)
end

local NOT_STEPS = { run = true, run_once = true }

function steps.has(op) return steps[op] ~= nil and not NOT_STEPS[op] and op ~= "has" end

return steps
