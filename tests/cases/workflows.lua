-- workflows.lua: the workflow events of Atomia (seed 000): its fixtures as accounts, orders, subscriptions and invoices that
-- commands of ours have made, and its commands under our names. Added to the steps of steps.lua.
--
-- What a fixture makes is known by its name in the check afterwards: world.refs.S1 is the id of a subscription. Handlers are
-- deployed when the fixtures are there: they are about what the check does.

local json = require "json"
local map = require "map"

local workflows = {}

local CLOCK = "2026-03-01T00:00:00Z"
local CARD = { number = "4111111111111111", expiry = "2030-01-31" }

local function is_set(item) return item ~= nil and item ~= document.null end

-- ------------------------------------------------------------------------------------------------- the tenant and its products

-- Is this a file of workflows? Its tenant and products are those of every check.
function workflows.prepare(world)
  local tenant, products = world.fixtures.tenant, world.fixtures.products
  if world.seed ~= "000" or not tenant or not products then return end
  world.clock, world.armed = CLOCK, false
  world.options.currency, world.options.time_zone = tenant.currency, tenant.timezone
  for name, next_value in pairs(tenant.sequences) do world:sequence(name, next_value) end
  world:setting("billing.anniversary", true)
  local codes = {}
  for code in pairs(products) do codes[#codes + 1] = code end
  table.sort(codes)
  for _, code in ipairs(codes) do
    local product = products[code]
    local period = world.check:need(({ month = "monthly", year = "annual" })[product.period.unit], "period '%s'",
      tostring(product.period.unit))
    world:plan {
      code = code, billing_period = period, provisioning = product.provisioning_allowed, renewing = product.renewing_allowed,
      charges = { { price_code = "FEE", kind = "recurring", amount = product.price } },
    }
  end
end

-- ------------------------------------------------------------------------------------------------- fixtures

local ADDRESS = { street = "street1", city = "city", zip = "zip", country = "country_code" }

local function address_of(world, given)
  local out = {}
  for name, item in pairs(given) do out[world.check:need(ADDRESS[name], "an address's '%s'", name)] = item end
  return out
end

local function lines_of(lines)
  local out = json.array()
  for i, line in ipairs(lines) do out[i] = { plan = line.product, quantity = line.quantity } end
  return out
end

local function customer_of(given)
  return { name = given.name, billing_contact = { email = given.email or "account@example.test",
    address = given.country and { country_code = given.country } or nil } }
end

-- The input of order.place for an order of the file: placed and not processed, as PlacementOK is.
local function placing(world, order)
  local input = { status = "draft", lines = lines_of(order.lines) }
  if is_set(order.customer) then
    input.new_customer = customer_of(world.fixtures[order.customer])
  else
    input.account_id = world:ours(order.account)
  end
  return input
end

-- One order, processed at once, of these products; the last invoice it made.
local function sold(world, account, products, start, finish)
  local lines = json.array()
  for i, product in ipairs(products) do lines[i] = { plan = product, quantity = "1" } end
  local order = world:must("order.place", {
    account_id = world:ours(account), status = "active", start_date = start, end_date = finish, create_invoice = true,
    lines = lines,
  })
  local invoices = world:list("/v1/invoices")
  return order, world:read("/v1/invoices/" .. invoices[1].id)
end

local function pay(world, invoice)
  return world:must("payment.create", { account_id = invoice.account_id, amount = invoice.balance, currency = invoice.currency,
    targets = { { invoice_id = invoice.id } }, card = CARD })
end

local makers = {}

function makers.account(world, account)
  local made = world:must("customer.create", customer_of(account))
  world.refs[account.id] = made.account_id
  for kind, address in pairs(account.addresses or {}) do
    world:must("account.address_update", { id = made.account_id, kind = kind, address = address_of(world, address) })
  end
end

function makers.order(world, order, name)
  world.refs[name] = world:must("order.place", placing(world, order)).id
end

-- Ordered, paid, and provisioned as who provisions it tells.
function makers.subscription(world, subscription)
  local order, invoice = sold(world, subscription.account, { subscription.product }, subscription.start:sub(1, 10),
    subscription.expiration:sub(1, 10))
  pay(world, invoice)
  local id = order.lines[1].subscription_id
  world.refs[subscription.id] = id
  local status = map.state_of(world.system, "subscription.provisioning_status", subscription.provisioning_status)
  world:must("subscription.provisioning", { id = id, status = world.check:need(status, "provisioning status") })
end

-- An invoice of its own order, with the product of the line's price on each line.
function makers.invoice(world, invoice)
  local products = {}
  for i, line in ipairs(invoice.lines) do
    for code, product in pairs(world.fixtures.products) do
      if product.price == line.amount then products[i] = code end
    end
    world.check:need(products[i], "a line of %s", line.amount)
  end
  world:sequence("invoice_number", math.tointeger(tonumber(invoice.number)))
  local order, made = sold(world, invoice.account, products)
  world.refs[invoice.id] = made.id
  for i, line in ipairs(invoice.lines) do world.refs[line.subscription] = order.lines[i].subscription_id end
end

-- Asked for: its invoice waits to be paid.
function makers.renewal(world, renewal)
  world:sequence("invoice_number", math.tointeger(tonumber(renewal.invoice.number)))
  local renewing = world:must("subscription.renew", { id = world:ours(renewal.subscription) })
  world.refs[renewal.invoice.id] = renewing.renewal_invoice_id
end

-- Data that other fixtures and commands refer to.
function makers.new_customer() end
function makers.request() end

-- Made by the kind that its name begins with; false: it is none of these.
function workflows.fixture(world, name, object)
  local maker = makers[name:match("^(.*)_[%w]+$") or name]
  if world.armed or not maker then return false end
  maker(world, object, name)
  return true
end

-- ------------------------------------------------------------------------------------------------- commands

local inputs = {}

local function numbered(world, member, prefix)
  return function (args)
    local list = json.array()
    for i, number in ipairs(args.numbers) do list[i] = { number = prefix .. number } end
    return { [member] = list }
  end
end

-- The order's fixture by its name, or an id.
local function order_of(world, name) return world.refs[name] or name end

local function renamed(args, names)
  local out = {}
  for name, item in pairs(args) do out[names[name] or name] = item end
  return out
end

inputs["order.place"] = function (world, args) return "order.place", placing(world, world.fixtures[args.order]) end
inputs["order.process"] = function (world, args)
  return "order.process", { id = order_of(world, args.order), create_invoice = true }
end
inputs["account.update"] = function (world, args)
  local input = json.copy(args.set)
  input.id = world:ours(args.id)
  return "account.update", input
end
inputs["account.update_address"] = function (world, args)
  local given
  for _, object in pairs(world.file.fixtures) do
    if type(object) == "table" and object.id == args.id then given = object.addresses[args.kind] end
  end
  local address = json.copy(given or {})
  for name, item in pairs(args.set) do address[name] = item end
  return "account.address_update", { id = world:ours(args.id), kind = args.kind, address = address_of(world, address) }
end
inputs["account.terminate"] = function (world, args)
  return "account.terminate", { id = world:ours(args.id), reason = args.reason }
end
inputs["termination_request.create"] = function (world, args)
  local request = world.fixtures[args.request]
  return "termination_request.create", {
    account_id = world:ours(request.account), termination_date = request.termination_date:sub(1, 10),
    option = map.state_of(world.system, "termination_request.option", request.option),
  }
end
inputs["subscription.update"] = function (world, args)
  local input = { id = world:ours(args.id) }
  for path, item in pairs(args.set) do json.set(input, path, item) end
  return "subscription.update", input
end
inputs["subscription.set_status"] = function (world, args)
  local status = map.state_of(world.system, "subscription.status", args.status)
  return "subscription.status", { id = world:ours(args.id), status = status, reason = args.reason }
end
inputs["subscription.set_provisioning_status"] = function (world, args)
  local status = map.state_of(world.system, "subscription.provisioning_status", args.status)
  return "subscription.provisioning", { id = world:ours(args.id), status = status }
end
inputs["subscription.terminate"] = function (world, args)
  return "subscription.terminate", renamed({ id = world:ours(args.id), reason = args.reason }, {})
end
inputs["invoice.send"] = function (world, args) return "invoice.send", numbered(world, "invoices", "")(args) end
inputs["credit_invoice.send"] = function (world, args)
  return "credit_note.send", numbered(world, "credit_notes", "CN-")(args)
end
inputs["payment.charge"] = function (world, args)
  return "payment.create", {
    account_id = world:ours(args.account), amount = args.amount, currency = args.currency or world.options.currency,
    targets = { { invoice_id = world:ours(args.invoice) } }, card = CARD,
  }
end
inputs["payment.record"] = inputs["payment.charge"]

-- Our name and input for a command of the seed.
function workflows.translated(world, name, args)
  local input = inputs[name]
  if world.seed ~= "000" or not input then return name, args end
  return input(world, args)
end

workflows.commands = {}
for name in pairs(inputs) do
  workflows.commands[name] = function (world, args) return world:command(workflows.translated(world, name, args)) end
end

-- ------------------------------------------------------------------------------------------------- handlers

-- A bundle with a rule for each name, as register_handlers asks; the answer is that of its deploy.
function workflows.register(world, names)
  local handlers = {}
  for i, name in ipairs(names) do
    local meaning = catalogue.events(name)[1]
    handlers[i] = { op = "handler", event = name, named = name, side = meaning and meaning.side or "pre", name = "on " .. name,
      rule = "on " .. name, action = "record", registered = i }
  end
  local deployed, problem = world:deploy(world.tenant,
    { plans = world.content.plans, handlers = handlers, tasks = {}, settings = world.content.settings })
  world.changed = true
  if deployed then return { registered = deployed.rules } end
  return nil, { code = problem.code, message = problem.message, suggestion = problem.reason:match("did you mean '([^']+)'") }
end

-- Retries of post rules until none is left; one that fails a number of times is mended before the one that is to succeed.
function workflows.drain_journal(world)
  for attempt = 1, 9 do
    local due
    for _, job in ipairs(world:list("/v1/jobs")) do
      if job.kind == "rule.post" and job.status == "due" and (not due or job.due_at < due) then due = job.due_at end
    end
    if not due then return end
    for _, handler in ipairs(world.content.handlers) do
      if handler.times and attempt >= handler.times and not handler.mended then
        handler.mended, world.changed = true, true
      end
    end
    world:advance(due)
  end
end

return workflows
