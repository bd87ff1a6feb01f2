-- peers_wallet.lua: prepaid money, parts of commitments, invoices at thresholds of usage, quantities weighted by time.

local help = require "peers_help"
local or_nil, present, minor = help.or_nil, help.present, help.minor

local rules = {}

local function integer(item) return math.tointeger(tonumber(item)) end

local function integers(list)
  local all = {}
  for i, item in ipairs(or_nil(list) or {}) do all[i] = integer(item) end
  return all
end

local function total(list)
  local sum = 0
  for _, item in ipairs(integers(list)) do sum = sum + item end
  return sum
end

-- ------------------------------------------------------------------------------------------------- commitments

function rules.proration_coefficient(check, input)
  local fraction = cycle.prorate("proration/half_open_days", "USD", {
    price = "1", start = help.date_of(input.period_from, input.tz), finish = help.next_day(help.date_of(input.period_to, input.tz)),
    from = help.date_of(input.from, input.tz), to = help.next_day(help.date_of(input.to, input.tz)),
  })
  return { fraction = fraction, value = function (c, expected) c:near("value", expected, fraction) end }
end

-- ------------------------------------------------------------------------------------------------- thresholds of usage

function rules.progressive_billing(check, input)
  local due, billed = wallet.progressive(integers(input.thresholds_minor), integer(or_nil(input.recurring_minor)) or 0,
    integers(input.usage_minor))
  local invoices = {}
  for i, amount in ipairs(due) do invoices[i] = amount ~= 0 and amount or document.null end
  return { invoices_minor = invoices, period_credit_minor = billed }
end

function rules.invoice_less_progressive_credit(check, input)
  local charges = total(input.fees_minor)
  return { total_minor = charges - wallet.progressive_credit(charges, integer(input.progressive_credit_minor)) }
end

-- ------------------------------------------------------------------------------------------------- weighted by time

local function moment(input, item)
  return or_nil(item.on) or or_nil(item.at) or input.period_from
end

local function weighted(input, changes, scale)
  local finish = input.period_to
  if not finish:find("T", 1, true) then finish = help.next_day(finish) end
  local moments = {}
  for i, change in ipairs(or_nil(changes) or {}) do
    moments[i] = { at = moment(input, change), delta = tostring(or_nil(change.delta) or change.units) }
  end
  return assert(wallet.weighted(input.period_from, finish, tostring(or_nil(input.opening) or "0"), moments, scale))
end

-- An origin cuts what it prints after some digits.
local function to_its_digits(name, exact)
  return function (check, expected)
    local digits = #(tostring(expected):match("%.(%d+)$") or "")
    check:alike_to(name, expected, value.round(exact, digits, "half_up") or exact)
  end
end

function rules.weighted_sum(check, input)
  local units = weighted(input, input.changes or input.events)
  local unit = present(input.unit_minor) and help.major(1, help.currency_of(input))
  return {
    units = to_its_digits("units", units),
    amount_minor = unit and minor(value.multiply(value.multiply(units, tostring(input.unit_minor)), unit), help.currency_of(input)),
  }
end

function rules.prorated_sum(check, input)
  local units, full = weighted(input, input.events or input.changes, integer(or_nil(input.ceil_scale)) or 5)
  return { units = units, full_units = full }
end

-- ------------------------------------------------------------------------------------------------- prepaid

local function expiry(inbound)
  local at = or_nil(inbound.expires_at) or or_nil(inbound.expires_on) or or_nil(inbound.expiry)
  return at and (at:find("T", 1, true) and at or calendar.start_of_date(at, "UTC"))
end

local function is_purchased(inbound)
  local kind = or_nil(inbound.status) or or_nil(inbound.transaction_status) or or_nil(inbound.kind) or or_nil(inbound.source)
  return kind == "purchased" or kind == "paid" or or_nil(inbound.purchased) == true or or_nil(inbound.granted) == false
end

function rules.credits_priority_fifo(check, input)
  local grants = {}
  for i, inbound in ipairs(input.inbound) do
    grants[i] = {
      amount_minor = integer(inbound.amount_minor), priority = integer(or_nil(inbound.priority)),
      expires_at = expiry(inbound), purchased = is_purchased(inbound),
    }
  end
  local fundings, remaining = wallet.burn(grants, integers(input.outbound_minor))
  return { fundings_minor = fundings, remaining_minor = remaining }
end

function rules.wallet_cascade(check, input)
  local wallets = {}
  for i, each in ipairs(input.wallets) do
    wallets[i] = { balance_minor = integer(each.balance_minor), absorbs = or_nil(each.absorbs) == true }
  end
  return { allocation_minor = wallet.cascade(wallets, integers(input.fees_minor)) }
end

-- A currency with so many decimals, where the case names none.
local CURRENCIES = { [0] = "JPY", [2] = "USD", [3] = "KWD", [4] = "CLF" }

-- Units and money are kept apart, each less what was taken of its own.
function rules.void_credits(check, input)
  local rate = tostring(or_nil(input.rate) or or_nil(input.rate_amount) or "1")
  local currency = or_nil(input.currency) or CURRENCIES[integer(or_nil(input.money_scale)) or 2] or check:skip("no currency is of this scale")
  local units = assert(wallet.units(tostring(input.void), integer(or_nil(input.credit_scale)) or 5))
  local granted, voided = assert(wallet.money(tostring(input.granted), rate, currency)), assert(wallet.money(units, rate, currency))
  return {
    credit_amount = units, money_amount = help.major(voided, currency),
    credits_balance = value.subtract(tostring(input.granted), units), money_balance = help.major(granted - voided, currency),
  }
end

return rules
