-- killbill_events.lua: Kill Bill's events as a receiver of push notifications gets them: seed 002, and the family ext_events.
--
-- A check's tenant has an ear: a webhook endpoint of the profile killbill whose receiver is a real server, told in the order of
-- the journal. What is compared are the bodies that came there while `when` ran; tenantId and userToken, which are not pushed,
-- are those of the journal's rows. Ids of fixtures are given to what can be given one, and stand for the others.

local json = require "json"
local map = require "map"
local events = require "events"

local killbill = {}

local CATALOG = json.encode { versions = json.array { {
  name = "case", effective_at = "2020-01-01T00:00:00Z",
  products = json.array { { name = "gold", category = "base" }, { name = "platinum", category = "base" },
    { name = "term", category = "base" } },
  plans = json.array {
    { code = "gold-monthly", product = "gold", phases = json.array { {
      kind = "evergreen", duration_unit = "unlimited", billing_period = "monthly",
      recurring = json.array { { currency = "USD", amount = "30.00" } } } } },
    { code = "platinum-monthly", product = "platinum", phases = json.array { {
      kind = "evergreen", duration_unit = "unlimited", billing_period = "monthly",
      recurring = json.array { { currency = "USD", amount = "50.00" } } } } },
    { code = "gold-trial-30d", product = "gold", phases = json.array {
      { kind = "trial", duration = 30, duration_unit = "days", fixed = json.array { { currency = "USD", amount = "0" } } },
      { kind = "evergreen", duration_unit = "unlimited", billing_period = "monthly",
        recurring = json.array { { currency = "USD", amount = "30.00" } } } } },
    { code = "term-yearly", product = "term", phases = json.array { {
      kind = "fixed_term", duration = 12, duration_unit = "months", billing_period = "monthly",
      recurring = json.array { { currency = "USD", amount = "30.00" } } } } },
  },
  price_lists = json.array { { name = "DEFAULT", plans = json.array { { code = "gold-monthly" }, { code = "platinum-monthly" },
    { code = "gold-trial-30d" }, { code = "term-yearly" } } } },
} } }

local CARD = { number = "4111111111111111", expiry = "2030-01-31" }
local CALLBACK = "/1.0/kb/tenants/registerNotificationCallback"

-- ------------------------------------------------------------------------------------------------- the tenant

local function headers_of(world)
  return { ["X-Killbill-ApiKey"] = world.key:match("^mb_%a+_(%w%w%w%w%w%w%w%w)"), ["X-Killbill-ApiSecret"] = world.key,
    ["X-Killbill-CreatedBy"] = "case", Authorization = "Basic YWRtaW46cGFzc3dvcmQ=" }
end

local function receiver_at(world, path)
  world.receivers = world.receivers or {}
  if not world.receivers[path] then
    local callee = receiver.open()
    world.receivers[path] = { callee = callee, url = callee:url():gsub("/callback$", "") .. path }
  end
  return world.receivers[path]
end

-- Settings and catalog of every check of this kind, before anything else.
function killbill.begin(world)
  world.settings_begun = true
  world.content.settings.deliveries = { plain_http = true, private_addresses = true }
  world.content.files = { ["catalog/case.json"] = CATALOG }
  world.changed = true
  world.ids = {}
end

-- From here on everything is heard.
function killbill.listen(world)
  local ear = receiver_at(world, "/ear")
  world:must("webhook_endpoint.create", { url = ear.url, profile = "killbill", ordering = "ordered" })
  world.ear = ear.callee
  world.serial_before = 0
  for _, row in ipairs(world:list("/v1/events")) do world.serial_before = math.max(world.serial_before, row.serial) end
end

function killbill.close(world)
  for _, one in pairs(world.receivers or {}) do one.callee:close() end
end

-- Our id for the fixture's.
local function id_of(world, noun) return world.ids[noun] or error("there is no " .. noun .. " yet", 0) end

-- ------------------------------------------------------------------------------------------------- things made

local function account_make(world, uuid, token)
  local headers = token and { ["X-Request-Id"] = token } or nil
  local reply = world:http { method = "POST", path = "/v1/accounts", headers = headers,
    json = { uuid = uuid, name = "Ann", currency = "USD" } }
  if reply.status ~= 201 then error(reply.body, 0) end
  local account = assert(document.json(reply.body))
  world.ids.account = account.id
  return account
end

-- A bundle is made with its first subscription.
local function subscribe(world, uuid, plan, start_date)
  local bundle = world.fixtures.bundle
  local made, problem = world:command("subscription_bundle.create", {
    account_id = id_of(world, "account"), uuid = bundle.id, external_key = bundle.external_key,
    subscriptions = { { uuid = uuid, plan = plan, start_date = start_date } },
  })
  if not made then return nil, problem end
  world.ids.bundle = made.id
  world.ids.subscription = world:list("/v1/subscriptions")[1].id
  return made
end

-- The invoice is that of the subscription, under the fixture's id.
local function invoice_name(world, invoice)
  local row = world:list("/v1/invoices")[1]
  world.ids.invoice = row.id
  world:fixture { states = { { object = "invoice", id = row.id, values = { uuid = invoice.id } } } }
end

local fixtures = {}

function fixtures.tenant(world, fixture)
  world:sync()
  world.aliases = { [fixture.id] = world:read("/v1/tenant").uuid }
end
function fixtures.account(world, fixture) account_make(world, fixture.id) end
function fixtures.bundle() end
function fixtures.subscription(world, fixture)
  if killbill.invoices_later(world) then
    world:must("account.update", { id = id_of(world, "account"), invoicing = "off" })
  end
  local made, problem = subscribe(world, fixture.id, fixture.plan, fixture.start)
  if not made then error(problem.message, 0) end
end
fixtures.invoice = invoice_name

function killbill.fixture(world, name, fixture)
  local make = world.check:need(fixtures[name], "fixture '%s'", name)
  make(world, fixture)
end

-- Does the check make the invoice itself?
function killbill.invoices_later(world)
  for _, step in ipairs(world.one.when or {}) do
    if step.op == "command" and step.name == "invoice.generate" then return true end
  end
  return false
end

-- ------------------------------------------------------------------------------------------------- commands

local ON = { account = "account_id", bundle = "bundle_id", subscription = "subscription_id" }

local function object_of(world, args) return { object_type = args.on, object_id = id_of(world, args.on), name = args.name } end

-- "now", or a day.
local function start_of(effective) return effective ~= "now" and effective or nil end

-- The latest day of this number that is not ahead: from then on it has been in force.
local function day_in_force(world, day)
  local today = world.clock:sub(1, 10)
  local this = ("%s-%02d"):format(today:sub(1, 7), day)
  return this <= today and this or calendar.advance("monthly", this, -1, day)
end

killbill.commands = {
  ["account.create"] = function (world, args) return account_make(world, args.id, args.user_token) end,
  ["account.update"] = function (world, args)
    local input = { id = id_of(world, "account") }
    for name, item in pairs(args.set) do input[name] = item end
    return world:command("account.update", input)
  end,
  ["blocking_state.set"] = function (world, args)
    return world:command("blocking_state.set", { [ON[args.on]] = id_of(world, args.on), service = args.service, state = args.state,
      block_billing = args.block_billing, block_entitlement = args.block_entitlement, block_change = args.block_change })
  end,
  ["node.broadcast"] = function (world, args) return world:command("node.broadcast", args) end,
  ["subscription.create"] = function (world, args) return subscribe(world, args.id, args.plan, start_of(args.effective)) end,
  ["subscription.change_plan"] = function (world, args)
    return world:command("subscription.change_plan", { id = id_of(world, "subscription"), plan = args.plan, policy = args.policy })
  end,
  ["subscription.cancel"] = function (world, args)
    return world:command("subscription.cancel", { id = id_of(world, "subscription"), entitlement_policy = args.policy,
      billing_policy = args.policy })
  end,
  ["subscription.uncancel"] = function (world)
    local done, problem = world:command("subscription.uncancel", { id = id_of(world, "subscription") })
    if problem and problem.code == "wrong_state" then problem.code = "already_cancelled" end
    return done, problem
  end,
  ["subscription.set_bcd"] = function (world, args)
    return world:command("subscription.change_bill_cycle_day", { id = id_of(world, "subscription"), bill_cycle_day = args.bcd,
      effective_date = args.effective == "now" and day_in_force(world, args.bcd) or args.effective })
  end,
  ["bundle.pause"] = function (world) return world:command("subscription_bundle.pause", { id = id_of(world, "bundle") }) end,
  ["bundle.resume"] = function (world) return world:command("subscription_bundle.resume", { id = id_of(world, "bundle") }) end,
  ["invoice.generate"] = function (world, args)
    return world:command("invoice.run", { account_id = id_of(world, "account"), target_date = args.target })
  end,
  ["invoice.adjust"] = function (world, args)
    return world:command("invoice.adjust", { id = id_of(world, "invoice"), position = 1, amount = args.amount:gsub("^%-", "") .. "" })
  end,
  ["invoice.pay"] = function (world)
    local invoice = world:read("/v1/invoices/" .. id_of(world, "invoice"))
    local paid = world:command("payment.create", { account_id = invoice.account_id, amount = invoice.balance, card = CARD,
      currency = invoice.currency, targets = { { invoice_id = invoice.id } } })
    return paid or { status = "declined" } -- a declined card is the answer
  end,
  ["tag.add"] = function (world, args)
    if args.name == world.fixtures.tag_definition then world:command("tag_definition.create", { name = args.name }) end
    return world:command("tag.create", object_of(world, args))
  end,
  ["tag.remove"] = function (world, args) return world:command("tag.delete", object_of(world, args)) end,
  ["custom_field.set"] = function (world, args)
    local input = object_of(world, args)
    input.value = args.value
    return world:command("custom_field.create", input)
  end,
  ["custom_field.delete"] = function (world, args) return world:command("custom_field.delete", object_of(world, args)) end,
  ["tenant_config.set"] = function (world, args) return world:command("tenant_config.set", args) end,
  ["tenant_config.delete"] = function (world, args) return world:command("tenant_config.delete", args) end,
}

-- ------------------------------------------------------------------------------------------------- callbacks

-- The first is registered as Kill Bill does it; a tenant has one such callback, further ones are endpoints of its profile.
function killbill.callback(world, step)
  world:sync()
  local at = receiver_at(world, step.url)
  at.respond = at.respond or { 200 }
  at.callee:answer(200)
  if world.registered then
    at.endpoint = world:must("webhook_endpoint.create", { url = at.url, profile = "killbill" }).id
  else
    local reply = world:http { method = "POST", path = CALLBACK .. "?cb=" .. at.url, headers = headers_of(world) }
    if reply.status ~= 201 then error(reply.body, 0) end
    at.endpoint = world:list("/v1/tenant_config?key=PUSH_NOTIFICATION_CB")[1].endpoint_id
  end
  world.registered = true
  world:drain() -- it hears of its own registration, which is counted separately
  at.callee:answer(table.unpack(at.respond))
end

function killbill.callback_delete(world, step)
  local reply = world:http { method = "DELETE", path = CALLBACK .. "?cb=" .. receiver_at(world, step.url).url, headers = headers_of(world) }
  if reply.status ~= 204 then error(reply.body, 0) end
end

function killbill.endpoint(world, step)
  local at = receiver_at(world, step.path)
  at.respond = step.respond
  at.callee:answer(table.unpack(step.respond))
end

-- ------------------------------------------------------------------------------------------------- what was heard

-- { eventType, accountId, objectType, objectId, metaData (decoded), tenantId, userToken } in order, of `when`.
function killbill.heard(world)
  if world.heard then return world.heard end
  local rows, heard, known = {}, {}, {}
  for _, system in ipairs { "killbill", "killbill_later" } do
    for _, alias in ipairs(catalogue.aliases(system)) do known[alias.event .. ":" .. alias.side] = true end
  end
  for _, row in ipairs(world:list("/v1/events")) do
    if row.serial > world.serial_before and known[row.event .. ":" .. row.phase] then rows[#rows + 1] = row end
  end
  table.sort(rows, function (a, b) return a.serial < b.serial end)
  for _, body in ipairs(world.ear:bodies()) do
    local event = assert(document.json(body))
    if event.metaData ~= document.null then event.metaData = assert(document.json(event.metaData)) end
    for i, row in ipairs(rows) do -- those of an account come in their order; others beside them
      if not event.row and events.is({ name = row.event, kind = row.phase }, event.eventType) then
        event.row, event.userToken = row, row.user_token
        table.remove(rows, i)
      end
    end
    event.tenantId = world:read("/v1/tenant").uuid
    heard[#heard + 1] = event
  end
  world.heard = heard
  return heard
end

function killbill.heard_of(world, name)
  local found = {}
  for _, event in ipairs(killbill.heard(world)) do
    if event.eventType == name then found[#found + 1] = event end
  end
  return found
end

-- Members of the metadata by the names of Kill Bill's classes, where those on the wire differ.
local CLASS_NAMES = {
  isTransitionedToBlockedBilling = "transitionedToBlockedBilling", isTransitionedToUnblockedBilling = "transitionedToUnblockedBilling",
  isTransitionedToBlockedEntitlement = "transitionedToBlockedEntitlement",
  isTransitionedToUnblockedEntitlement = "transitionedToUnblockedEntitlement",
}
-- A member that the seed does not list yet, with the value that says nothing.
local LATER = { subscriptionChangeUndo = false }

local function members(check, what, found, expected)
  local names = {}
  for name, item in pairs(found) do
    if expected[name] or LATER[name] == nil or item ~= LATER[name] then names[name] = true end
  end
  for name in pairs(expected) do
    check:that(names[name], "%s has no member %s\n  found:    %s", what, name, check.show(found))
    names[name] = nil
  end
  check:that(next(names) == nil, "%s has a member %s that was not expected", what, tostring(next(names)))
end

local function event_at(world, check, expected)
  local found = killbill.heard_of(world, expected.name)
  local event = found[(expected.index or 0) + 1]
  check:that(event, "%s number %d was not pushed; it was %d times", expected.name, expected.index or 0, #found)
  return event
end

local function compare_metadata(check, expected, metadata)
  if expected.equals == document.null then
    return check:that(metadata == document.null, "%s has metadata\n  found:    %s", expected.name, check.show(metadata))
  end
  if not check:that(type(metadata) == "table", "%s has no metadata", expected.name) then return end
  if expected.keys then
    local keys = {}
    for _, key in ipairs(expected.keys) do keys[CLASS_NAMES[key] or key] = true end
    members(check, expected.name, metadata, keys)
  end
  if expected.equals then members(check, expected.name, metadata, expected.equals) end
  for name, item in pairs(expected.equals or expected.contains or {}) do
    check:alike_to(expected.name .. " " .. name, item, metadata[name])
  end
end

-- ------------------------------------------------------------------------------------------------- expectations

-- Deliveries of `when` to a path, oldest first.
local function deliveries_of(world, path)
  local only = path or next(world.receivers, world.receivers["/ear"] and "/ear" or nil)
  for name in pairs(world.receivers) do
    if not path and name ~= "/ear" then only = name end
  end
  local rows = {}
  for _, row in ipairs(world:list("/v1/deliveries")) do
    if row.endpoint_id == world.receivers[only].endpoint and row.serial > world.serial_before then table.insert(rows, 1, row) end
  end
  return rows, world.receivers[only]
end

local OUTCOMES = { done = "delivered", dead = "failed", pending = "waiting", sent = "waiting" }

-- What came to a path in `when`, oldest first: { head =, body = }.
local function requests_of(world, path, event)
  local _, at = deliveries_of(world, path)
  local heads, list = at.callee:heads(), {}
  for i, body in ipairs(at.callee:bodies()) do
    local registration = body:find('PUSH_NOTIFICATION_CB', 1, true)
    if not registration and (not event or body:find('"eventType":"' .. event .. '"', 1, true)) then
      list[#list + 1] = { head = heads[i], body = body }
    end
  end
  return list
end

function killbill.expectations(define, pairs_sorted)
  define("event_fields", "name index equals", function (world, check, expected)
    local event = event_at(world, check, expected)
    for name, item in pairs_sorted(event and expected.equals) do
      check:alike_to(expected.name .. " " .. name, world.aliases and world.aliases[item] or item, event[name])
    end
  end)
  define("event_metadata", "name index equals keys contains", function (world, check, expected)
    local event = event_at(world, check, expected)
    if event then compare_metadata(check, expected, event.metaData) end
  end)
  define("deliveries", "count method path headers event", function (world, check, expected)
    local requests = requests_of(world, expected.path, expected.event)
    check:equal("requests", expected.count, #requests)
    for _, request in ipairs(requests) do
      if expected.method then check:equal("method", expected.method, request.head:match("^(%u+) ")) end
      if expected.path then check:equal("path", expected.path, request.head:match("^%u+ (%S+)")) end
      for name, item in pairs_sorted(expected.headers) do
        check:equal(name, item, request.head:match("\n" .. name:gsub("%-", "%%-") .. ": ([^\r\n]*)"))
      end
    end
  end)
  define("delivery_json", "index keys equals", function (world, check, expected)
    local request = requests_of(world)[(expected.index or 0) + 1]
    if not check:that(request, "request number %d did not come", expected.index or 0) then return end
    local body = assert(document.json(request.body))
    local at, count = 0, 0
    for _, key in ipairs(expected.keys) do -- in this order
      local found = request.body:find('"' .. key .. '":', at + 1, true)
      check:that(found, "the body lacks %s after those before it\n  found:    %s", key, request.body)
      at = found or at
    end
    for _ in pairs(body) do count = count + 1 end
    check:equal("members", #expected.keys, count)
    for name, item in pairs_sorted(expected.equals) do check:alike_to(name, item, body[name]) end
  end)
  define("queue_len", "count", function (world, check, expected)
    local waiting = 0
    for _, row in ipairs(world:list("/v1/deliveries")) do
      if row.status == "pending" or row.status == "sent" then waiting = waiting + 1 end
    end
    check:equal("messages that wait", expected.count, waiting)
  end)
  define("delivery_times", "equals", function (world, check, expected)
    local delivery, times = deliveries_of(world)[1], json.array()
    if not check:that(delivery, "nothing was sent") then return end
    for i, attempt in ipairs(world:read(("/v1/deliveries/%d/attempts"):format(delivery.id)).items) do times[i] = attempt.at end
    if delivery.status == "done" then times[#times + 1] = delivery.ended_at end
    check:alike_to("times", expected.equals, times)
  end)
  define("delivery_outcome", "path equals", function (world, check, expected)
    local delivery = deliveries_of(world, expected.path)[1]
    check:equal("outcome", expected.equals, delivery and OUTCOMES[delivery.status])
  end)
end

return killbill
