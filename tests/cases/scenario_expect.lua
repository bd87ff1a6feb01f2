-- scenario_expect.lua: what a step of a scenario expects, under Kill Bill's names.
--
-- A line of ours is an item of theirs; their CBA_ADJ is no line here but a credit that an invoice gained or used.

local expect = {}

local KINDS = { fixed = "FIXED", recurring = "RECURRING", usage = "USAGE", ["repair"] = "REPAIR_ADJ",
  item_adjustment = "ITEM_ADJ", credit = "CREDIT_ADJ", external_charge = "EXTERNAL_CHARGE", tax = "TAX",
  parent_summary = "PARENT_SUMMARY", true_up = "TRUE_UP" }
local STATUSES = { draft = "DRAFT", open = "COMMITTED", settled = "COMMITTED", cancelled = "VOID",
  written_off = "COMMITTED" }
local STATES = { pending = "PENDING", active = "ACTIVE", suspended = "BLOCKED", canceled = "CANCELLED",
  superseded = "CANCELLED", complete = "EXPIRED" }

local function present(item) return item ~= nil and item ~= document.null end

-- ------------------------------------------------------------------------------------------------- items

-- One credit a day: what several credits gave or took is one of theirs.
local function add_credit(items, by_day, date, amount)
  local key = date .. (value.compare(amount, "0") < 0 and "-" or "+")
  if not by_day[key] then
    by_day[key] = { type = "CBA_ADJ", start = date, ["end"] = date, amount = "0" }
    items[#items + 1] = by_day[key]
  end
  by_day[key].amount = value.add(by_day[key].amount, amount)
end

function expect.items(world, invoice)
  local items, by_day = {}, {}
  for _, line in ipairs(invoice.lines) do
    local starts = present(line.period_start) and line.period_start or nil
    items[#items + 1] = { type = KINDS[line.kind] or line.kind, start = starts, ["end"] = line.period_end,
      amount = line.amount, quantity = line.quantity, child = world.name_of_account[line.child_account_id], subscription = world.name_of_subscription[line.subscription_id] }
  end
  for _, credit in ipairs(world:credits(invoice.account_id)) do
    if credit.invoice_id == invoice.id then
      add_credit(items, by_day, world:local_date(credit.created_at), credit.amount)
    end
    for _, use in ipairs(credit.uses or {}) do
      if use.invoice_id == invoice.id then
        add_credit(items, by_day, world:local_date(use.created_at), value.subtract("0", use.amount))
      end
    end
  end
  return items
end

local function item_fits(expected, found)
  if expected.type ~= found.type then return false end
  if value.compare(tostring(expected.amount), found.amount) ~= 0 then return false end
  if present(expected.quantity) and value.compare(tostring(expected.quantity), found.quantity or "1") ~= 0 then return false end
  if expected.start ~= nil and (present(expected.start) and expected.start or nil) ~= found.start then return false end
  local ends = present(found["end"]) and found["end"] or nil
  if expected["end"] ~= nil and (present(expected["end"]) and expected["end"] or nil) ~= ends then return false end
  local child = expected.child or expected.account
  if present(child) and tostring(child) ~= found.child then return false end
  return not present(expected.subscription) or expected.subscription == found.subscription
end

-- The same items in any order.
local function same_items(expected, found)
  if #expected ~= #found then return false end
  local taken = {}
  for _, item in ipairs(expected) do
    local match
    for i, other in ipairs(found) do
      if not taken[i] and not match and item_fits(item, other) then match = i end
    end
    if not match then return false end
    taken[match] = true
  end
  return true
end

local ITEM_NAMES = { type = true, start = true, ["end"] = true, amount = true, subscription = true, unchecked = true,
  note = true, amount_is = true, quantity = true, child = true, account = true }

local function check_item_names(check, items)
  for _, item in ipairs(items) do
    for name in pairs(item) do
      if not ITEM_NAMES[name] then check:skip("an item's '%s' is not compared yet", name) end
    end
  end
end

local function compare_items(check, what, expected, found)
  check_item_names(check, expected)
  check:that(same_items(expected, found), "%s\n  expected: %s\n  found:    %s", what, check.show(expected),
    check.show(found))
end

-- ------------------------------------------------------------------------------------------------- invoices

local INVOICE_NAMES = { invoice = true, items = true, status = true, target = true, note = true, unasserted = true,
  balance = true, tracking = true, account = true, child = true }

-- A child owes nothing while its parent's invoice is a draft.
local function shown_balance(world, invoice)
  if not present(invoice.parent_invoice_id) then return invoice.balance end
  local parents = world:read("/v1/invoices/" .. invoice.parent_invoice_id)
  return parents.status == "draft" and "0" or invoice.balance
end

-- Tracking ids of the usage that an invoice bills, each once.
local function tracking_of(world, invoice)
  local seen, ids = {}, {}
  for _, usage in ipairs(world:read("/v1/invoices/" .. invoice.id .. "/usage").items) do
    local id = usage.tracking_id
    if present(id) and not seen[id] then seen[id], ids[#ids + 1] = true, id end
  end
  table.sort(ids)
  return ids
end

local function compare_tracking(check, what, expected, found)
  local wanted = table.move(expected, 1, #expected, 1, {})
  table.sort(wanted)
  check:equal(what .. " tracking", wanted, found)
end

local function compare_invoice(check, world, entry, invoice)
  local what = "invoice " .. entry.invoice
  for name in pairs(entry) do
    if not INVOICE_NAMES[name] then check:skip("an invoice's '%s' is not compared yet", name) end
  end
  if not check:that(invoice ~= nil, "%s: there is none", what) then return end
  if entry.items then compare_items(check, what, entry.items, expect.items(world, invoice)) end
  if present(entry.status) then check:equal(what .. " status", entry.status, STATUSES[invoice.status]) end
  if present(entry.target) then check:equal(what .. " target date", entry.target, invoice.target_date) end
  if present(entry.tracking) then compare_tracking(check, what, entry.tracking, tracking_of(world, invoice)) end
  if present(entry.balance) then check:alike_to(what .. " balance", entry.balance, shown_balance(world, invoice)) end
end

local checks = {}

-- Exactly those that the step raised; an older number shows the whole invoice as it is now. One that names another account
-- is compared alone.
local function compare_raised(check, world, entries, invoices, before)
  local raised = 0
  for _, entry in ipairs(entries) do
    local other = entry.account or entry.child
    local of_other = present(other) and world:account(other) ~= world.account_id
    if not of_other and entry.invoice > before then raised = raised + 1 end
    compare_invoice(check, world, entry, (of_other and world:invoices(world:account(other)) or invoices)[entry.invoice])
  end
  local found = {}
  for i = before + 1, #invoices do
    found[#found + 1] = { target = invoices[i].target_date, items = expect.items(world, invoices[i]) }
  end
  check:that(raised == #found, "invoices raised by the step\n  expected: %d\n  found:    %d: %s", raised, #found,
    check.show(found))
end

function checks.expect_invoices(check, world, entries)
  compare_raised(check, world, entries, world:invoices(), world.invoices_before)
end

-- One or several of the parent; without a number the newest. null: none was raised.
function checks.expect_parent_invoice(check, world, expected)
  local invoices = world:invoices(world.parent_id)
  if not present(expected) or expected == false then
    check:equal("parent's invoices", world.parents_before, #invoices)
    return
  end
  for _, entry in ipairs(expected[1] and expected or { expected }) do
    entry.invoice = entry.invoice or #invoices
    compare_invoice(check, world, entry, invoices[entry.invoice])
  end
end

function checks.expect_new_invoice(check, world)
  check:that(#world:invoices() > world.invoices_before, "the step raised no invoice")
end

function checks.expect_invoice_count(check, world, count) check:equal("invoices", count, #world:invoices()) end

function checks.expect_status(check, world, statuses)
  local invoices = world:invoices()
  for number, status in pairs(statuses) do
    local invoice = invoices[tonumber(number)]
    check:equal("status of invoice " .. number, status, invoice and STATUSES[invoice.status])
  end
end

function checks.expect_invoice_balance(check, world, balances)
  local invoices = world:invoices()
  for number, balance in pairs(balances) do
    local invoice = invoices[tonumber(number)]
    check:alike_to("balance of invoice " .. number, balance, invoice and shown_balance(world, invoice))
  end
end

-- Below zero when the account is owed something.
function checks.expect_account_balance(check, world, balance)
  local sum = "0"
  for _, invoice in ipairs(world:invoices()) do sum = value.add(sum, shown_balance(world, invoice)) end
  for _, credit in ipairs(world:credits(world.account_id)) do sum = value.subtract(sum, credit.remaining) end
  check:alike_to("account balance", balance, sum)
end

function checks.expect_account_bcd(check, world, day)
  check:equal("account's bill cycle day", day, world:read("/v1/accounts/" .. world.account_id).bill_cycle_day or 0)
end

-- ------------------------------------------------------------------------------------------------- subscriptions

local function each_subscription(world, map, compare)
  for name, item in pairs(map) do compare(name, item, world:subscription(name)) end
end

function checks.expect_charged_through(check, world, map)
  each_subscription(world, map, function (name, date, subscription)
    check:alike_to("charged through of " .. name, date, subscription.charged_through)
  end)
end

function checks.expect_state(check, world, map)
  each_subscription(world, map, function (name, state, subscription)
    check:equal("state of " .. name, state, STATES[subscription.status])
  end)
end

local ENDS = { entitlement = "entitled_until", billing = "billed_until" }

function checks.expect_end(check, world, map)
  each_subscription(world, map, function (name, ends, subscription)
    for kind, date in pairs(ends) do
      local member = ENDS[kind] or check:skip("the end of '%s' is not compared yet", kind)
      local at = subscription[member]
      check:alike_to(("%s ends of %s"):format(kind, name), date, present(at) and world:local_date(at) or document.null)
    end
  end)
end

local function all_are(state)
  return function (check, world, names)
    for _, name in ipairs(names) do
      check:equal("state of " .. name, state, STATES[world:subscription(name).status])
    end
  end
end
checks.expect_cancelled = all_are "CANCELLED"
checks.expect_expired = all_are "EXPIRED"

-- ------------------------------------------------------------------------------------------------- payments

-- Numbers of the invoices that a payment went to.
local function paid_invoices(world, payment)
  local number_of, numbers = {}, {}
  for number, invoice in ipairs(world:invoices()) do number_of[invoice.id] = number end
  for _, part in ipairs(payment and world:read("/v1/payments/" .. payment.id).allocations or {}) do
    numbers[number_of[part.invoice_id] or 0] = true
  end
  return numbers
end

function checks.expect_successful_payments(check, world, count)
  local found = 0
  for _, payment in ipairs(world:payments()) do
    if payment.status == "succeeded" then found = found + 1 end
  end
  check:equal("payments that succeeded", count, found)
end

local function paid_of(world, invoice)
  return invoice and world:read("/v1/invoices/" .. invoice.id .. "/lines/1/explain").paid or "0"
end

-- Of each invoice by its number, or of all together.
function checks.expect_paid(check, world, expected)
  local invoices, sum = world:invoices(), "0"
  if type(expected) == "table" then
    for number, amount in pairs(expected) do
      check:alike_to("paid of invoice " .. number, amount, paid_of(world, invoices[tonumber(number)]))
    end
    return
  end
  for _, invoice in ipairs(invoices) do sum = value.add(sum, paid_of(world, invoice)) end
  check:alike_to("paid", expected, sum)
end

function checks.expect_payments(check, world, expected)
  local found = {}
  for _, payment in ipairs(world:payments()) do
    if payment.id > world.payments_before and payment.status == "succeeded" then found[#found + 1] = payment end
  end
  check:equal("payments of the step", #expected, #found)
  for i, payment in ipairs(expected) do
    for name in pairs(payment) do
      if name ~= "amount" and name ~= "invoice" then check:skip("a payment's '%s' is not compared yet", name) end
    end
    check:alike_to("amount of payment " .. i, payment.amount, found[i] and found[i].amount)
    if present(payment.invoice) then
      check:that(paid_invoices(world, found[i])[payment.invoice], "payment %d does not pay invoice %d", i, payment.invoice)
    end
  end
end

-- ------------------------------------------------------------------------------------------------- dry runs

function checks.expect_dry_run(check, world, expected)
  local invoice = world.dry_run
  if not check:that(invoice ~= nil, "the dry run made nothing") then return end
  for name in pairs(expected) do
    if name ~= "items" and name ~= "target" then check:skip("a dry run's '%s' is not compared yet", name) end
  end
  compare_items(check, "dry run", expected.items, expect.items(world, invoice))
  if present(expected.target) then check:equal("target date of the dry run", expected.target, invoice.target_date) end
end

function checks.expect_nothing_to_do(check, world)
  check:that(world.dry_run == nil, "the dry run made %s", check.show(world.dry_run))
end

-- ------------------------------------------------------------------------------------------------- a step's expectations

local LATER = {
  expect_attempts = "payment attempts", expect_payment_transactions = "payment transactions",
  expect_purchased = "payment transactions", expect_refunded = "refunds", expect_overdue = "overdue states",
  expect_blocked = "overdue states", expect_payment_attempts_failed = "payment attempts",
}

-- The error of the step's command is looked at by its own expectation.
function expect.step(check, world, step, problem)
  if present(step.expect_error) then
    check:that(problem ~= nil, "expected the error '%s', but it was done", tostring(step.expect_error))
  elseif problem then
    error(("%s: %s %s"):format(step["do"], problem.code, problem.message), 0)
  end
  for name, expected in pairs(step) do
    if name:find("^expect_") and name ~= "expect_error" then
      if LATER[name] then check:skip("%s: %s are of a later issue", name, LATER[name]) end
      if not checks[name] then check:skip("expectation '%s' is not implemented yet", name) end
      checks[name](check, world, expected)
    end
  end
end

return expect
