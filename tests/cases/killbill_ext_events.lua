-- killbill_ext_events.lua: the family ext_events: what happens by commands, and the push notification that follows.

local World = require "world"
local killbill = require "killbill_events"

local ACCOUNT, SUBSCRIPTION = "22222222-2222-4222-8222-222222222222", "44444444-4444-4444-8444-444444444444"
local FIXTURES = {
  tenant = { id = "11111111-1111-4111-8111-111111111111" },
  account = { id = ACCOUNT },
  bundle = { id = "33333333-3333-4333-8333-333333333333", external_key = "bundle-1" },
  subscription = { id = SUBSCRIPTION, plan = "gold-monthly" },
  invoice = { id = "55555555-5555-4555-8555-555555555555" },
}

local function run(name, args) return { op = "command", name = name, args = args or {} } end
local function ours(name, input) return { op = "ours", name = name, args = input } end

-- given: what is made before it is listened; act: what is heard of. `index`: which of the events of that type is meant.
local GIVEN = { "tenant", "account", "bundle", "subscription" }
local triggers = {
  account_created = { given = { "tenant" }, act = { run("account.create", { id = ACCOUNT }) } },
  subscription_create_effective = {
    given = { "tenant", "account", "bundle" },
    act = { run("subscription.create", { id = SUBSCRIPTION, plan = "gold-monthly", effective = "now" }) },
  },
  subscription_undo_change_effective = {
    given = GIVEN, before = { ours("subscription.change_plan", { plan = "platinum-monthly", effective_date = "2026-03-01" }) },
    act = { ours("subscription.undo_change", {}) },
  },
  subscription_quantity_change_requested = {
    given = GIVEN, act = { ours("subscription.change_quantity", { quantity = 2, effective_date = "2026-03-01" }) },
  },
  subscription_quantity_change_effective = { given = GIVEN, act = { ours("subscription.change_quantity", { quantity = 2 }) } },
  subscription_expired_requested = {
    given = { "tenant", "account", "bundle" },
    act = { run("subscription.create", { id = SUBSCRIPTION, plan = "term-yearly", effective = "now" }) },
  },
  entitlement_ent_clear = { given = GIVEN, before = { run "bundle.pause" }, act = { run "bundle.resume" } },
  invoice_created = { given = { "tenant", "account", "bundle" },
    act = { run("subscription.create", { id = SUBSCRIPTION, plan = "gold-monthly", effective = "now" }) } },
  invoice_notification = {
    given = GIVEN, before = { { op = "setting", name = "billing.upcoming_days", value = 7 } },
    act = { { op = "advance", to = "2026-01-25T00:00:00Z" } },
  },
  invoice_payment_error = {
    given = { "tenant", "account", "bundle", "subscription", "invoice" },
    before = { { op = "gateway", respond = "declined" } }, act = { run "invoice.pay" },
  },
  control_tag_removed = {
    given = { "tenant", "account" }, before = { run("tag.add", { on = "account", name = "AUTO_PAY_OFF" }) },
    act = { run("tag.remove", { on = "account", name = "AUTO_PAY_OFF" }) },
  },
  custom_field_removed = {
    given = { "tenant", "account" }, before = { run("custom_field.set", { on = "account", name = "region", value = "eu" }) },
    act = { run("custom_field.delete", { on = "account", name = "region" }) },
  },
  tenant_config_changed = { given = { "tenant" }, act = { run("tenant_config.set", { key = "region", value = "eu" }) } },
}
triggers.payment_error = triggers.invoice_payment_error
triggers.payment_plugin_error = {
  given = triggers.payment_error.given, before = { { op = "gateway", respond = "failed" } }, act = { run "invoice.pay" },
}

local function act(world, steps)
  for _, step in ipairs(steps or {}) do
    local done, problem = true, nil
    if step.op == "gateway" then
      world:fixture { gateway = { { respond = step.respond } } }
    elseif step.op == "setting" then
      world:setting(step.name, step.value)
      world:sync()
    elseif step.op == "advance" then
      world:advance(step.to)
    elseif step.op == "ours" then
      local input = { id = world.ids.subscription }
      for name, item in pairs(step.args) do input[name] = item end
      done, problem = world:command(step.name, input)
    else
      done, problem = killbill.commands[step.name](world, step.args)
    end
    if not done then error(step.name .. ": " .. problem.message, 0) end
  end
end

-- What a row of the journal says its object is, under the names of the cases.
local OWNER = { ["owner account"] = true, ["same as objectId"] = true }

local function compare_ids(world, check, expected, event)
  local type_of_row = event.row and event.row.object_type
  if expected.objectType:find("after the level", 1, true) then
    check:equal("objectType", "BUNDLE", event.objectType) -- that is what was paused
    check:equal("objectId", FIXTURES.bundle.id, event.objectId)
  else
    check:equal("objectType", expected.objectType, event.objectType)
    check:equal("objectType of the journal", expected.objectType, type_of_row)
    check:equal("objectId is there", expected.objectId ~= document.null, event.objectId ~= document.null)
  end
  if OWNER[expected.accountId] then
    check:equal("accountId", world:read("/v1/accounts/" .. world.ids.account).uuid, event.accountId)
    if expected.accountId == "same as objectId" then check:equal("objectId", event.accountId, event.objectId) end
  else
    check:equal("accountId", expected.accountId, event.accountId)
  end
end

local KNOWN_IDS = { ACCOUNT = "account", SUBSCRIPTION = "subscription", INVOICE = "invoice" }

local function compare_metadata(check, expected, body, event)
  if expected.metaData_fields == document.null then
    return check:equal("metaData", document.null, event.metaData)
  end
  if not check:that(event.metaData ~= document.null, "%s has no metadata", event.eventType) then return end
  local names = {}
  for name in body:gsub('\\"', '"'):match('"metaData":"(.*)"}$'):gmatch('"([%a]+)":') do names[#names + 1] = name end
  check:equal("names of the metadata, in order", table.concat(expected.metaData_fields, " "), table.concat(names, " "))
  for name, item in pairs(expected.metaData_values or {}) do check:equal(name, item, event.metaData[name]) end
end

-- The first push of that type whose fixed values are as expected.
local function find(world, expected)
  for i, event in ipairs(killbill.heard(world)) do
    local fits = event.eventType == expected.eventType
    for name, item in pairs(fits and expected.metaData_values or {}) do fits = fits and event.metaData[name] == item end
    if fits then return event, world.ear:bodies()[i] end
  end
end

local function play(case, check)
  local trigger = triggers[case.id] or check:skip("trigger '%s' is not implemented yet", case.trigger)
  local world = World.new(check, { seed = "002", fixtures = FIXTURES }, false)
  world.one = { when = {} }
  killbill.begin(world)
  local good, problem = xpcall(function ()
    for _, name in ipairs(trigger.given) do killbill.fixture(world, name, FIXTURES[name]) end
    act(world, trigger.before)
    world:drain()
    killbill.listen(world)
    act(world, trigger.act)
    world:drain()
    local expected = case.expect
    local event, body = find(world, expected)
    if not check:that(event, "%s was not pushed", expected.eventType) then return end
    compare_ids(world, check, expected, event)
    local noun = KNOWN_IDS[event.objectType]
    if noun and FIXTURES[noun].id and expected.objectId == noun and case.id ~= "invoice_created" then
      check:equal("objectId", FIXTURES[noun].id, event.objectId)
    end
    compare_metadata(check, expected, body, event)
  end, check.trace)
  killbill.close(world)
  world:close()
  if not good then error(problem, 0) end
end

return { ext_events = play }
