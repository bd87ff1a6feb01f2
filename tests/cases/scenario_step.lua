-- scenario_step.lua: what is done in a scenario, as commands.
--
-- A step is a function(scenario, step, check) -> output | nil, problem. Its arguments are a table beside it: an argument
-- that is in neither this table nor among the expectations is a skip.

local json = require "json"
local catalog = require "scenario_catalog"

local steps = { settings = { fixed_days_in_month = "billing.fixed_days_in_month", in_arrear_mode = "billing.in_arrear",
  read_max_raw_usage_previous_periods = "usage.windows_back" } }

local function present(item) return item ~= nil and item ~= document.null end
local function lower(text) return present(text) and text:lower() or nil end

-- A day or an instant under the name that commands give either.
local function moment(input, name, at)
  if present(at) then input[name .. (at:find("T", 1, true) and "_at" or "_date")] = at end
  return input
end

-- "effective": also of what has come before; "immediately" and "now" say nothing.
local function overrides(list, currency)
  if not present(list) then return nil end
  local out = json.array {}
  for i, one in ipairs(list) do
    out[i] = { phase = catalog.phase_kind(one.phase), fixed = present(one.fixed_price) and tostring(one.fixed_price) or nil,
      recurring = present(one.recurring_price) and tostring(one.recurring_price) or nil }
  end
  return out
end

local operations = {}
local function operation(name, arguments, perform)
  local known = {}
  for argument in arguments:gmatch("%S+") do known[argument] = true end
  operations[name] = { known = known, perform = perform }
end

-- ------------------------------------------------------------------------------------------------- subscriptions

local function subscribe_input(self, step)
  local input = {
    plan = step.plan, quantity = present(step.quantity) and step.quantity or nil,
    bill_cycle_day = present(step.bcd) and step.bcd or nil, create_alignment = lower(step.create_alignment),
    billing_alignment = lower(step.billing_alignment), price_overrides = overrides(step.price_overrides),
    phase = present(step.phase) and catalog.phase_kind(step.phase) or nil,
  }
  moment(input, "start", step.start)
  moment(input, "entitlement", step.entitlement_start)
  return moment(input, "billing", step.billing_start)
end

local function subscribe(self, step)
  local input = subscribe_input(self, step)
  input.bundle_id = self.bundles[step.bundle]
  if not input.bundle_id then input.account_id, input.bundle_key = self.account_id, step.bundle end
  local made, problem = self:command("subscription.subscribe", input)
  if not made then return nil, problem end
  self.bundles[step.bundle] = made.bundle_id
  self:keep_subscription(step.subscription, made.id)
  return made
end

-- Those of one call: a list of steps, or of names with plans.
local function subscribe_together(self, step)
  local inputs, names = json.array {}, {}
  for i, one in ipairs(step.together) do
    inputs[i], names[i] = subscribe_input(self, setmetatable(one, { __index = step })), one.subscription
  end
  local made, problem = self:command("subscription_bundle.create",
    { account_id = self.account_id, external_key = step.bundle, subscriptions = inputs })
  if not made then return nil, problem end
  self.bundles[step.bundle] = made.id
  for i, subscription in ipairs(made.subscriptions) do self:keep_subscription(names[i], subscription.id) end
  return made
end

operation("create_subscription", [[subscription bundle plan create_alignment billing_alignment start entitlement_start
  billing_start bcd quantity price_overrides together phase]], function (self, step)
  if type(step.together) == "table" then return subscribe_together(self, step) end
  return subscribe(self, step)
end)

local function change_input(self, step)
  return moment({
    id = self:subscription_id(step.subscription), plan = step.plan, policy = lower(step.policy),
    change_alignment = lower(step.change_alignment), billing_alignment = lower(step.billing_alignment),
    price_overrides = overrides(step.price_overrides), quantity = present(step.quantity) and step.quantity or nil,
    phase = present(step.phase) and catalog.phase_kind(step.phase) or nil,
  }, "effective", step.effective)
end

operation("change_plan", "subscription plan policy change_alignment billing_alignment effective price_overrides quantity phase",
  function (self, step) return self:command("subscription.change_plan", change_input(self, step)) end)

local function cancel_input(self, step)
  return moment({ id = self:subscription_id(step.subscription), entitlement_policy = lower(step.entitlement_policy),
    billing_policy = lower(step.billing_policy) }, "effective", step.effective)
end

operation("cancel_subscription", "subscription entitlement_policy billing_policy effective", function (self, step)
  return self:command("subscription.cancel", cancel_input(self, step))
end)

operation("uncancel_subscription", "subscription", function (self, step)
  return self:command("subscription.uncancel", { id = self:subscription_id(step.subscription) })
end)

operation("change_quantity", "subscription quantity effective", function (self, step)
  return self:command("subscription.change_quantity", moment({ id = self:subscription_id(step.subscription),
    quantity = step.quantity }, "effective", step.effective))
end)

operation("change_bcd", "subscription bcd effective", function (self, step)
  return self:command("subscription.change_bill_cycle_day", moment({ id = self:subscription_id(step.subscription),
    bill_cycle_day = step.bcd }, "effective", step.effective))
end)

operation("change_account_bcd", "bcd effective", function (self, step)
  return self:command("account.change_bill_cycle_day",
    moment({ id = self.account_id, bill_cycle_day = step.bcd }, "effective", step.effective))
end)

local function bundle_command(name)
  return function (self, step)
    local id = self.bundles[step.bundle] or error("no bundle is called '" .. tostring(step.bundle) .. "'", 0)
    return self:command(name, moment({ id = id }, "effective", step.effective))
  end
end
operation("pause_bundle", "bundle effective", bundle_command "subscription_bundle.pause")
operation("resume_bundle", "bundle effective", bundle_command "subscription_bundle.resume")

-- To the account that is named, else to a new one; subscriptions keep their names there.
operation("transfer_bundle", "bundle to new_bundle billing_policy policy effective", function (self, step)
  local id = self.bundles[step.bundle] or error("no bundle is called '" .. tostring(step.bundle) .. "'", 0)
  local account_id = present(step.to) and self:account(step.to) or self.world:must("account.create", { name = "Receiver",
    currency = self.case.account.currency, time_zone = self.zone }).id
  local made, problem = self:command("subscription_bundle.transfer", moment({ id = id, account_id = account_id,
    billing_policy = lower(step.billing_policy or step.policy) }, "effective", step.effective))
  if not made then return nil, problem end
  if present(step.new_bundle) then self.bundles[step.new_bundle] = made.id end
  return made
end)

operation("set_blocking_state", "on service state block_change block_entitlement block_billing effective",
  function (self, step)
    local input = { service = step.service, state = step.state, block_change = step.block_change,
      block_entitlement = step.block_entitlement, block_billing = step.block_billing }
    if step.on == "account" then
      input.account_id = self.account_id
    elseif self.bundles[step.on] then
      input.bundle_id = self.bundles[step.on]
    else
      input.subscription_id = self:subscription_id(step.on)
    end
    return self:command("blocking_state.set", moment(input, "effective", step.effective))
  end)

-- ------------------------------------------------------------------------------------------------- invoices

operation("advance_clock", "", function () end)

operation("trigger_invoice", "target", function (self, step)
  return self:command("invoice.run", { account_id = self.account_id, target_date = step.target })
end)

-- "RECURRING 2012-05-01", with the subscription before it or, as "of S1", after it.
local function position_of(self, invoice, name)
  local item_name, subscription = name:match("^(.-) of (%S+)$")
  item_name = item_name or name
  local kind, start = item_name:match("(%u[%u_]*) (%d%d%d%d%-%d%d%-%d%d)$")
  subscription = subscription or item_name:match("^(%S+) %u[%u_]* %d")
  local items = require "scenario_expect".items(self, invoice)
  for position, item in ipairs(items) do
    if item.type == kind and item.start == start and (not subscription or item.subscription == subscription) then
      return invoice.lines[position].position
    end
  end
  error(("invoice %s has no item '%s'"):format(invoice.number, name), 0)
end

operation("adjust_item", "invoice item amount", function (self, step)
  local invoice = self:invoice(step.invoice)
  return self:command("invoice.adjust", { id = invoice.id, position = position_of(self, invoice, step.item),
    amount = present(step.amount) and tostring(step.amount) or nil })
end)

-- All that is left of what is open.
operation("adjust_all_unpaid", "", function (self)
  for _, invoice in ipairs(self:invoices()) do
    for _, line in ipairs(invoice.status == "open" and invoice.lines or {}) do
      if value.compare(line.amount, "0") > 0 and line.kind ~= "item_adjustment" then
        self:command("invoice.adjust", { id = invoice.id, position = line.position }) -- refused where nothing is left
      end
    end
  end
end)

operation("add_charge", "amount subscription bundle start end description invoice commit", function (self, step, check)
  if step.commit == false and not present(step.invoice) then check:skip("a charge that waits is of a later issue") end
  return self:command("invoice.charge", { account_id = self.account_id, amount = tostring(step.amount),
    currency = self.case.account.currency, description = step.description or "charge",
    subscription_id = step.subscription and self:subscription_id(step.subscription),
    period_start = present(step.start) and step.start or nil, period_end = present(step["end"]) and step["end"] or nil,
    invoice_id = present(step.invoice) and self:invoice(step.invoice).id or nil })
end)

operation("add_credit", "amount invoice", function (self, step)
  return self:command("credit.create", { account_id = self.account_id, amount = tostring(step.amount),
    currency = self.case.account.currency })
end)

-- The newest credit that fits what is told of it.
operation("delete_credit", "invoice amount item", function (self, step)
  local invoice_id = present(step.invoice) and self:invoice(step.invoice).id or nil
  for _, credit in ipairs(self:credits(self.account_id)) do
    local fits = (not invoice_id or credit.invoice_id == invoice_id) and value.compare(credit.remaining, "0") > 0
    if fits and (not present(step.amount) or value.compare(tostring(step.amount), credit.amount) == 0) then
      return self:command("credit.withdraw", { id = credit.id })
    end
  end
  return nil, { code = "not_found", message = "there is no such credit" }
end)

-- An invoice that was there before: its items as they are.
operation("given_invoice", "invoice items", function (self, step, check)
  local lines, place = json.array {}, {}
  for i, item in ipairs(step.items) do
    local kinds = { RECURRING = "recurring", ITEM_ADJ = "item_adjustment" }
    place[item.type .. " " .. item.start] = i
    lines[i] = {
      kind = kinds[item.type] or check:skip("a given item of type '%s' is not implemented yet", tostring(item.type)),
      subscription_id = item.subscription and self:subscription_id(item.subscription), amount = tostring(item.amount),
      period_start = item.start, period_end = item["end"], takes_from = place[item.adjusts],
    }
  end
  return self:command("fixture.set", { invoices = json.array { { account_id = self.account_id, lines = lines } } })
end)

operation("void_invoice", "invoice", function (self, step)
  return self:command("invoice.cancel", { id = self:invoice(step.invoice).id })
end)

operation("commit_invoice", "invoice", function (self, step)
  return self:command("invoice.commit", { id = self:invoice(step.invoice).id })
end)

-- ------------------------------------------------------------------------------------------------- payments

local function pay(self, invoice, amount)
  return self:command("payment.create", { account_id = self.account_id, amount = amount or invoice.balance,
    currency = self.case.account.currency, targets = json.array { { invoice_id = invoice.id } },
    payment_method_id = self:read("/v1/accounts/" .. self.account_id).payment_method_id })
end

operation("pay_invoice", "invoice amount", function (self, step)
  return pay(self, self:invoice(step.invoice), present(step.amount) and step.amount ~= "all" and tostring(step.amount) or nil)
end)

operation("pay_all_unpaid", "order", function (self, step, check)
  local invoices, newest_first = self:invoices(), step.order == "most recent first"
  if present(step.order) and not newest_first and step.order ~= "oldest first" then
    check:skip("paying in the order '%s' is not implemented yet", tostring(step.order))
  end
  if newest_first then table.sort(invoices, function (a, b) return a.id > b.id end) end
  for _, invoice in ipairs(invoices) do
    if invoice.status == "open" then
      local paid, problem = pay(self, invoice)
      if not paid then return nil, problem end
    end
  end
end)

-- ------------------------------------------------------------------------------------------------- usage

operation("record_usage", "subscription records", function (self, step)
  local records = json.array {}
  for i, record in ipairs(step.records) do
    records[i] = moment({ unit = record.unit, quantity = tostring(record.quantity), tracking_id = record.tracking },
      "occurred", record.at)
  end
  return self:command("usage.record_units", { subscription_id = self:subscription_id(step.subscription), records = records })
end)

operation("remove_usage", "subscription unit usage_at", function (self, step)
  return self:command("usage.remove", moment({ subscription_id = self:subscription_id(step.subscription), unit = step.unit },
    "occurred", step.usage_at))
end)

-- ------------------------------------------------------------------------------------------------- control tags

local account_tags = {
  AUTO_INVOICING_OFF = { member = "invoicing", on = "off", off = "on" },
  AUTO_INVOICING_DRAFT = { member = "invoicing", on = "draft", off = "on" },
  AUTO_INVOICING_REUSE_DRAFT = { member = "invoicing", on = "reuse_draft", off = "draft" },
  AUTO_PAY_OFF = { member = "pay_automatically", on = false, off = true },
}

account_tags.MANUAL_PAY = account_tags.AUTO_PAY_OFF

-- Control tags that mean something on another object alone, and those that mean nothing to billing.
local ELSEWHERE = { AUTO_INVOICING_DRAFT = true, AUTO_INVOICING_REUSE_DRAFT = true, AUTO_PAY_OFF = true, MANUAL_PAY = true,
  OVERDUE_ENFORCEMENT_OFF = true, WRITTEN_OFF = true, TEST = true, PARTNER = true }
local MEANINGLESS = { TEST = true, PARTNER = true }

local function tag_subscriptions(self, step, check, ids, off)
  if step.tag ~= "AUTO_INVOICING_OFF" then
    if not ELSEWHERE[step.tag] then check:skip("tag %s is not implemented yet", tostring(step.tag)) end
    return
  end
  for _, id in ipairs(ids) do
    local made, problem = self:command("subscription.set_invoicing", { id = id, invoicing_off = off })
    if not made then return nil, problem end
  end
end

local function tag_invoice(self, step, check, number, word)
  if step.tag ~= "WRITTEN_OFF" then
    if not ELSEWHERE[step.tag] then check:skip("tag %s is not implemented yet", tostring(step.tag)) end
    return
  end
  if word == "off" then check:skip("an invoice that is not written off any more is of a later issue") end
  return self:command("invoice.write_off", { id = self:invoice(number).id })
end

local function members_of(self, bundle_id)
  local ids = {}
  for id in pairs(self.name_of_subscription) do
    if self:read("/v1/subscriptions/" .. id).bundle_id == bundle_id then ids[#ids + 1] = id end
  end
  table.sort(ids)
  return ids
end

local function tag(word)
  return function (self, step, check)
    local number = tostring(step.on):match("^invoice (%d+)$")
    if number then return tag_invoice(self, step, check, tonumber(number), word) end
    if self.bundles[step.on] then return tag_subscriptions(self, step, check, members_of(self, self.bundles[step.on]), word == "on") end
    if step.on ~= "account" then
      return tag_subscriptions(self, step, check, { self:subscription_id(step.on) }, word == "on")
    end
    if MEANINGLESS[step.tag] then return end
    local meaning = account_tags[step.tag] or check:skip("tag %s is not implemented yet", tostring(step.tag))
    return self:command("account.update", { id = self.account_id, [meaning.member] = meaning[word] })
  end
end
operation("set_tag", "tag on", tag "on")
operation("remove_tag", "tag on", tag "off")

-- ------------------------------------------------------------------------------------------------- dry runs

-- The invoice that would come; nil when there would be none.
local function subscribe_somewhere(self, step)
  local input = subscribe_input(self, step)
  input.bundle_id = self.bundles[step.bundle]
  if not input.bundle_id then input.account_id = self.account_id end
  return input
end

local function on_bundle(self, step)
  local id = self.bundles[step.bundle] or error("no bundle is called '" .. tostring(step.bundle) .. "'", 0)
  return moment({ id = id }, "effective", step.effective)
end

local function on_subscription(member, name)
  return function (self, step)
    return moment({ id = self:subscription_id(step.subscription), [name] = step[member] }, "effective", step.effective)
  end
end

-- By the names of steps, and by those of Kill Bill's own dry runs.
local actions = {
  create_subscription = { "subscription.subscribe", subscribe_somewhere },
  change_plan = { "subscription.change_plan", change_input },
  cancel_subscription = { "subscription.cancel", cancel_input },
  change_quantity = { "subscription.change_quantity", on_subscription("quantity", "quantity") },
  change_bcd = { "subscription.change_bill_cycle_day", on_subscription("bcd", "bill_cycle_day") },
  uncancel_subscription = { "subscription.uncancel", function (self, step) return { id = self:subscription_id(step.subscription) } end },
  pause_bundle = { "subscription_bundle.pause", on_bundle },
  resume_bundle = { "subscription_bundle.resume", on_bundle },
}
actions.START_BILLING, actions.CHANGE, actions.STOP_BILLING = actions.create_subscription, actions.change_plan, actions.cancel_subscription

operation("dry_run", [[kind target subscription plan bundle billing_policy entitlement_policy policy effective bcd phase
  filter_subscription filter_bundle change_alignment billing_alignment create_alignment price_overrides start quantity
  entitlement_start billing_start]],
  function (self, step, check)
    local input = { account_id = self.account_id, target_date = present(step.target) and step.target or nil }
    if step.kind == "upcoming_invoice" then
      input.upcoming = true
      input.subscription_id = step.filter_subscription and self:subscription_id(step.filter_subscription)
      input.bundle_id = step.filter_bundle and self.bundles[step.filter_bundle]
    elseif step.kind ~= "target_date" then
      local action = actions[step.kind] or check:skip("a dry run of '%s' is not implemented yet", tostring(step.kind))
      input.command, input.input = action[1], action[2](self, step)
    end
    local made, problem = self:command("invoice.preview", input)
    self.dry_run = type(made) == "table" and made or nil
    return made, problem
  end)

-- ------------------------------------------------------------------------------------------------- a step

local COMMON = { at = true, ["do"] = true, note = true, account = true, child = true, payments = true }
local LATER = { refund_payment = "refunds", chargeback = "chargebacks", reverse_chargeback = "chargebacks",
  settle_pending_payment = "pending payments" }

function steps.of(check, step)
  local name = step["do"]
  if LATER[name] then check:skip("step '%s': %s are of a later issue", name, LATER[name]) end
  if present(step.payments) and step.payments ~= "succeed" then
    check:skip("payments that end with '%s' are of a later issue", tostring(step.payments))
  end
  local found = operations[name] or check:skip("step '%s' is not implemented yet", tostring(name))
  for argument in pairs(step) do
    if not COMMON[argument] and not found.known[argument] and not argument:find("^expect_") then
      check:skip("argument '%s' of step '%s' is not implemented yet", argument, name)
    end
  end
  return found.perform
end

return steps
