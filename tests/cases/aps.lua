-- aps.lua: APS's renewed subscriptions (seed 001): its fixtures as accounts, orders, resources and event subscriptions that commands
-- of ours have made, its commands under our names, and what came to handlers at a real server.
--
-- Subscriptions are ordered of one plan, whose service terms are those that the check gives anywhere in `given`: a term begins with
-- its order. What a fixture makes is known by its id afterwards: world.refs[id] is ours, world.uuids[id] its UUID. A drain
-- tries until nothing waits, at the instants at which tries are due.

local json = require "json"
local map = require "map"

local aps = {}

local FIXTURES = { billing_subscription = true, target_resource = true, event_subscription = true, service_terms = true }
local UNITS = { hour = "PT%dH", day = "P%dD", month = "P%dM", year = "P%dY" }
local UUID = "^%x+%-%x+%-%x+%-%x+%-%x+$"
local PLAN = "SERVICE"

local function period_of(world, period)
  return world.check:need(UNITS[period.unit], "period of '%s'", tostring(period.unit)):format(period.n)
end

-- ------------------------------------------------------------------------------------------------- the tenant and its plan

local function given_terms(world, one)
  local terms = {}
  for _, step in ipairs(one.given or {}) do
    local set = step.op == "fixture_with" and step.set or {}
    if step.name == "service_terms" then
      for name, item in pairs(world.fixtures.service_terms) do terms[name] = item end
      for name, item in pairs(set) do terms[name] = item end
    elseif step.op == "plan_setting" then
      terms.auto_renew, terms.renew_point_days = step.auto_renew, step.renew_point_days
    elseif step.name == "billing_subscription" then
      world.clock = set.start or world.fixtures.billing_subscription.start
    end
  end
  return terms
end

function aps.begin(world, one)
  world.clock = world.fixtures.billing_subscription.start
  world.content.settings.deliveries = { plain_http = true, private_addresses = true }
  world.changed = true
  world.accounts, world.uuids, world.before = {}, {}, {}
  world.terms = given_terms(world, one)
end

local function plan_make(world)
  if world.plan_made then return end
  world.plan_made = true
  world:must("plan.create", { code = PLAN, terms = next(world.terms) and world.terms or { grace_days = 5 },
    charges = { { price_code = "FEE", kind = "recurring", amount = "10.00" } } })
end

local function account_of(world, name)
  if not world.accounts[name] then
    world.accounts[name] = world:must("account.create", { name = name, external_key = name }).id
  end
  return world.accounts[name]
end

-- ------------------------------------------------------------------------------------------------- fixtures

local makers = {}

function makers.service_terms() end

function makers.billing_subscription(world, fixture)
  plan_make(world)
  if fixture.anchor_day then world.check:equal("anchor day", fixture.anchor_day, tonumber(fixture.start:sub(9, 10))) end
  local order = world:must("order.place", { account_id = account_of(world, fixture.account), plan = PLAN, status = "active",
    start_date = fixture.start:sub(1, 10), end_date = fixture.expiration:sub(1, 10),
    lines = { { price_code = "FEE", quantity = "1" } } })
  local id = order.lines[1].subscription_id
  world.refs[fixture.id] = id
  if fixture.id:find(UUID) then
    world:fixture { states = { { object = "subscription", id = id, values = { uuid = fixture.id } } } }
  end
  world.uuids[fixture.id] = world:read("/v1/subscriptions/" .. id).uuid
end

local function server(world)
  world.server = world.server or receiver.open()
  return world.server
end

function makers.target_resource(world, fixture)
  local base = server(world):url():gsub("/callback$", "")
  local endpoint = world:must("webhook_endpoint.create", { url = base .. "/" .. fixture.endpoint_path, profile = "aps" })
  local linked = json.array()
  for i, id in ipairs(fixture.linked_to or {}) do linked[i] = { key = world.uuids[id] or id } end
  world:must("aps_resource.create", { type = "http://vendor.example/target/1.0", key = fixture.id, linked = linked,
    account_id = account_of(world, fixture.account), endpoint_id = endpoint.id })
end

function makers.event_subscription(world, fixture)
  world:must("event_subscription.create", { resource = fixture.target, uuid = fixture.id:find(UUID) and fixture.id or nil,
    event = fixture.event, source_type = fixture.source.type, source_key = world.uuids[fixture.source.id] or fixture.source.id,
    handler = fixture.handler })
end

function aps.fixture(world, name, fixture)
  if not FIXTURES[name] then return false end
  makers[name](world, fixture)
  return true
end

function aps.type(world, step)
  world:must("aps_type.put", { document = { id = step.id, operations = step.operations } })
end

function aps.endpoint(world, step)
  local codes = {}
  for i, code in ipairs(step.respond) do codes[i] = type(code) == "number" and code or code == "refused" and -1 or -2 end
  server(world):answer_at(step.path, table.unpack(codes))
end

-- ------------------------------------------------------------------------------------------------- acts

local function status_of(world, id)
  local term = world:read(("/v1/subscriptions/%d/term"):format(world:ours(id)))
  return map.word_of(world.system, "service_term.status", term.status)
end

-- A process of its own does it and is lost there and then; the rest goes on with its files.
local function lose(world, name, input)
  local where = world.crash
  world.crash = nil
  world:sync()
  world.site:close()
  world.site = nil
  assert(engine.lose(world.folder .. "/case.db", world.tenant, name, json.encode(input), where))
  return true
end

aps.commands = {
  ["subscription.renew"] = function (world, args)
    local input = { id = world:ours(args.id), period = args.new_period and period_of(world, args.new_period),
      renew_from = args.renew_from }
    if world.crash then return lose(world, "subscription.renew", input) end
    world.before[world.index - 1] = { [args.id] = status_of(world, args.id) }
    return world:command("subscription.renew", input)
  end,
  ["resource.create"] = function (world, args)
    return world:command("aps_resource.create", { type = args.type, key = args.id, account_id = account_of(world, args.account) })
  end,
}

function aps.crash_point(world, step)
  world.crash = world.check:need(({ after_commit_before_delivery = "after_commit", before_commit = "before_commit" })[step.name],
    "crash point '%s'", tostring(step.name))
end

function aps.drain(world)
  repeat
    world:drain()
    local due
    for _, row in ipairs(world:list("/v1/deliveries")) do
      if row.status == "pending" and (not due or row.due_at < due) then due = row.due_at end
    end
    if due then world:advance(due) end
  until not due
end

function aps.close(world)
  if world.server then world.server:close() end
end

-- ------------------------------------------------------------------------------------------------- expectations

-- What came, in the order of its serials, and of its coming for each.
local function requests_of(world, path)
  local heads, list = server(world):heads(), {}
  for i, body in ipairs(server(world):bodies()) do
    local method, at = heads[i]:match("^(%u+) (%S+)")
    if not path or at == path then
      list[#list + 1] = { method = method, path = at, text = body, body = assert(document.json(body)), came = i }
    end
  end
  table.sort(list, function (a, b)
    local first, second = tonumber(a.body.serial), tonumber(b.body.serial)
    if first ~= second then return first < second end
    return a.came < b.came
  end)
  return list
end

local function is_of_type(item, wanted)
  if wanted == "integer" then return math.type(item) == "integer" end
  local expression = wanted:match("^string:(.*)$")
  if expression == "rfc3339-utc" then expression = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" end
  return type(item) == "string" and document.matches(item, expression)
end

local OUTCOMES = { done = "delivered", dead = "failed", pending = "waiting", sent = "waiting" }

local expectations = {}

function expectations.deliveries(world, check, expected)
  local requests = requests_of(world, expected.path)
  check:equal("requests", expected.count, #requests)
  for _, request in ipairs(requests) do
    if expected.method then check:equal("method", expected.method, request.method) end
  end
end

function expectations.delivery_json(world, check, expected, pairs_sorted)
  local request = requests_of(world)[(expected.index or 0) + 1]
  if not check:that(request, "request number %d did not come", expected.index or 0) then return end
  local body = request.body
  if expected.equals_exactly then check:equal("body", expected.equals_exactly, body) end
  for path, item in pairs_sorted(expected.equals) do check:equal(path, item, json.at(body, path)) end
  for path, wanted in pairs_sorted(expected.types) do
    local found = json.at(body, path)
    check:that(is_of_type(found, wanted), "%s must be %s\n  found:    %s", path, wanted, check.show(found))
  end
  for _, path in ipairs(expected.absent or {}) do
    check:that(json.at(body, path) == nil, "%s must be absent", path)
  end
end

function expectations.delivery_serials(world, check, expected)
  local serials = json.array()
  for i, request in ipairs(requests_of(world)) do serials[i] = request.body.serial end
  check:equal("serials", expected.equals, serials)
end

local function deliveries_of(world)
  local rows = {}
  for _, row in ipairs(world:list("/v1/deliveries")) do
    if row.channel == "aps" then rows[#rows + 1] = row end
  end
  return rows
end

function expectations.delivery_outcome(world, check, expected)
  local rows = deliveries_of(world)
  check:equal("outcome", expected.equals, #rows == 1 and OUTCOMES[rows[1].status] or #rows .. " deliveries")
end

function expectations.dead_letters(world, check, expected)
  check:equal("dead letters", expected.count, #world:list("/v1/deliveries?status=dead"))
end

function expectations.delivered_to(world, check, expected)
  local handlers = json.array()
  for _, row in ipairs(deliveries_of(world)) do
    if row.status == "done" then handlers[#handlers + 1] = row.path:match("[^/]+$") end
  end
  check:equal("handlers", expected.handlers, handlers)
end

function expectations.status_before(world, check, expected)
  local known = world.before[expected.command] or {}
  check:equal("status before", expected.equals, known[expected.id] or "(not noted)")
end

local KEYS = {
  deliveries = "count method path", delivery_json = "index equals equals_exactly types absent", delivery_serials = "equals",
  delivery_outcome = "equals", dead_letters = "count", delivered_to = "handlers", status_before = "command object id equals",
}

-- Beside those of Kill Bill of the same names.
function aps.expectations(define, pairs_sorted, expect)
  for name, judge in pairs(expectations) do
    local other = expect[name]
    define(name, KEYS[name] .. (other and " " .. other.keys or ""), function (world, check, expected)
      if world.seed == "001" or not other then return judge(world, check, expected, pairs_sorted) end
      return other.judge(world, check, expected)
    end)
  end
end

return aps
