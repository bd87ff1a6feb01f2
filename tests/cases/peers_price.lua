-- peers_price.lua: rules of prices of quantities: tiers, packages, percentages, a least and a most.

local help = require "peers_help"
local json = require "json"
local or_nil, present, minor = help.or_nil, help.present, help.minor

local rules = {}

-- ------------------------------------------------------------------------------------------------- asking

local LOOKUPS = { raw = "raw", ceil = "ceiling", ceiling = "ceiling", floor = "floor" }

-- A tier ends at its last quantity (to, up_to), or before the first of the next one (first_unit).
local function tiers_of(tiers, size)
  local all = {}
  for i, tier in ipairs(tiers) do
    local ends_at = or_nil(tier.to) or or_nil(tier.up_to)
    if tier.first_unit and tiers[i + 1] then ends_at = tiers[i + 1].first_unit end
    all[i] = {
      ends_at = ends_at and size and price.units(ends_at, size, "floor") or ends_at,
      unit_price = or_nil(tier.unit), flat_price = or_nil(tier.flat), percent = or_nil(tier.rate_pct),
    }
  end
  return all
end

-- asked: quantity, perhaps whole_quantity and events; the rest is the price's.
local function ask(scheme, input, asked, price)
  price.scheme = scheme
  asked.currency, asked.price = help.currency_of(input), price
  return assert(policy("price", "price/" .. scheme, json.encode(asked))).amount:match("^%S+")
end

-- size: what is measured is billed by so much; more: of what is asked, with quantity.
local function tiered(scheme, input, more, size)
  local asked = more or { quantity = input.quantity }
  return ask(scheme, input, asked, {
    tiers = tiers_of(input.tiers, size), tier_lookup = input.tiers[1].first_unit and "next" or LOOKUPS[or_nil(input.tier_lookup)],
    flat_at_zero = or_nil(input.first_flat_at_zero), free_quantity = or_nil(input.allowance),
  })
end

local function rounded(input, amount)
  local scale = or_nil(input.round_to)
  return scale and value.round(amount, scale, help.mode_of(nil, input.rounding)) or amount
end

-- ------------------------------------------------------------------------------------------------- tiers

function rules.graduated(check, input) return { amount = tiered("tiered", input) } end
function rules.graduated_percentage(check, input) return { amount = tiered("tiered_percentage", input) } end
rules.graduated_signed = rules.graduated
rules.graduated_first_unit = rules.graduated

function rules.volume(check, input) return { amount = tiered("volume", input) } end
rules.volume_allowance = rules.volume
rules.volume_first_unit = rules.volume

function rules.volume_prorated(check, input)
  return { amount = tiered("volume", input, { quantity = input.prorated_quantity, whole_quantity = input.full_quantity }) }
end

function rules.volume_billing_units(check, input)
  local units = price.units(input.quantity, input.billing_units, "ceiling")
  return { amount = tiered("volume", input, { quantity = units }, input.billing_units) }
end

function rules.unit_config(check, input)
  local units = price.units(input.raw_quantity, input.divide_by, help.mode_of(check, input.rounding))
  return { billed_quantity = units, amount = tiered("tiered", input, { quantity = units }) }
end

local function by_time(input, events)
  return tiered("tiered_by_time", input, { quantity = "0", events = #events > 0 and events or nil })
end

function rules.graduated_prorated_events(check, input)
  local events = {}
  for i, event in ipairs(input.events) do events[i] = { quantity = event.units, prorated = event.prorated } end
  return { amount = rounded(input, by_time(input, events)) }
end

-- An event's units are there from its day on, and for all of the period what was there before it.
function rules.graduated_prorated_by_date(check, input)
  local finish = help.next_day(input.period_to)
  local days = calendar.days_between(input.period_from, finish)
  local events = { { quantity = input.opening, prorated = input.opening } }
  for i, event in ipairs(input.events) do
    local left = calendar.days_between(event.on, finish)
    local part = value.multiply(event.units, value.divide(tostring(left), tostring(days)))
    events[i + 1] = { quantity = event.units, prorated = value.round(part, 18, "half_up") }
  end
  return { amount_minor = minor(by_time(input, events), help.currency_of(input)) }
end

-- ------------------------------------------------------------------------------------------------- units, packages

local function per_unit(input, unit, quantity)
  return ask("per_unit", input, { quantity = quantity }, { unit_price = unit })
end

function rules.unit(check, input) return { amount = per_unit(input, input.unit, input.quantity) } end

function rules.effective_unit_amount(check, input)
  return { unit_amount = value.round(value.divide(input.amount, input.units), input.round_to, "half_up") }
end

local function package(input, quantity)
  return ask("package", input, { quantity = quantity }, {
    unit_price = or_nil(input.amount) or "1", package_size = input.package_size, free_quantity = or_nil(input.free_units),
  })
end

function rules.package(check, input) return { amount = package(input, input.quantity) } end

function rules.package_count(check, input) return { packages = package(input, input.quantity) } end

-- ------------------------------------------------------------------------------------------------- percentages

local function percentage(scheme, input, quantity, events)
  local free_total = present(input.free_total) and value.compare(input.free_total, "0") > 0 and input.free_total or nil
  return ask(scheme, input, { quantity = quantity, events = events }, {
    percent = input.rate_pct,
    event_fee = or_nil(input.fixed_per_event), free_total = free_total,
    free_events = (tonumber(or_nil(input.free_events)) or 0) > 0 and tonumber(input.free_events) or nil,
    event_minimum = or_nil(input.min_per_event), event_maximum = or_nil(input.max_per_event),
  })
end

-- Running totals are told of the first events alone: the rest of the turnover is that of the last.
function rules.percentage(check, input)
  local events, before = {}, "0"
  for i = 1, input.events do
    local upto = input.running_total[i] or (i == input.events and input.quantity) or before
    events[i] = { quantity = value.subtract(upto, before) }
    before = upto
  end
  return { amount = percentage("percentage", input, input.quantity, events) }
end

function rules.percentage_per_event(check, input)
  local events = {}
  for i, turnover in ipairs(input.events) do events[i] = { quantity = turnover } end
  return { amount = percentage("percentage_per_event", input, help.sum(input.events), events) }
end

-- ------------------------------------------------------------------------------------------------- lines of one period

-- What a quantity costs by each model that a period may split into lines, or bound.
local MODELS = {
  unit = function (input, quantity) return per_unit(input, input.unit, quantity) end,
  dynamic = function (input, quantity) return rounded(input, per_unit(input, input.multiplier, quantity)) end,
  package = package,
  graduated = function (input, quantity) return tiered("tiered", input, { quantity = quantity }) end,
  volume = function (input, quantity) return tiered("volume", input, { quantity = quantity }) end,
}

local function bound(which, input, limit, amount)
  return price[which](help.currency_of(input), limit, or_nil(input.previously_billed) or "0", amount)
end

-- A line of the units after those of lines before costs what all cost, less what those did.
local function line_of(price_of, input)
  local before, units = or_nil(input.pre_quantity) or "0", or_nil(input.line_quantity) or input.quantity
  local whole = price_of(input, (value.add(before, units)))
  return value.compare(before, "0") == 0 and whole or value.subtract(whole, price_of(input, before))
end

-- A discount in per cent comes first, then the most that the period costs; what is missing to its least is a line of its own.
local function columns(price_of, input)
  local whole = line_of(price_of, input)
  local found, left = { amount = whole }, whole
  if present(input.discount_pct) then
    found.pct_discount = amount.discount("discount/percent", help.currency_of(input), whole, input.discount_pct)
    left = value.subtract(left, found.pct_discount)
  end
  if present(input.max_spend) then
    found.max_spend_discount = bound("over", input, input.max_spend, left)
    left = value.subtract(left, found.max_spend_discount)
  end
  if present(input.min_spend) then found.top_up = bound("top_up", input, input.min_spend, left) end
  found.total = left
  return found
end

for model, price_of in pairs(MODELS) do
  for _, suffix in ipairs { "_split", "_min_spend", "_max_spend", "_capped" } do
    rules[model .. suffix] = function (check, input) return columns(price_of, input) end
  end
end
rules.dynamic = rules.dynamic_split

-- Units, a discount of them and the most of the period: the scheme itself, whose whole takes less than its units cost.
function rules.unit_capped(check, input)
  local found = columns(MODELS.unit, input)
  local asked = { unit_price = input.unit, discount_percent = or_nil(input.discount_pct), maximum = input.max_spend }
  local exact = ask("capped", input, { quantity = or_nil(input.line_quantity) or input.quantity }, asked)
  if not present(input.pre_quantity) then
    assert(value.compare(exact, value.subtract(found.amount, found.pct_discount or "0")) == 0, "the scheme capped differs")
  end
  return found
end

function rules.min_spend_top_up(check, input) return { top_up = bound("top_up", input, input.min_spend, input.line_amount) } end

-- ------------------------------------------------------------------------------------------------- commitments

-- A part of an amount by days, exact.
local function part_of(input, amount_minor)
  local start, currency = "2001-01-01", help.currency_of(input)
  local finish = calendar.add_days(start, input.period_days)
  return cycle.prorate("proration/half_open_days", currency, {
    price = help.major(amount_minor, currency), start = start, finish = finish, from = start,
    to = calendar.add_days(start, input.days),
  })
end

-- What fees are short of it, in cents.
local function short_of(input, least, fees_minor)
  local currency, billed = help.currency_of(input), "0"
  for _, fee_minor in ipairs(fees_minor) do billed = value.add(billed, help.major(fee_minor, currency)) end
  local exact = price.top_up(currency, least, "0", billed)
  return minor(exact, currency), exact
end

function rules.commitment_prorated(check, input)
  return { commitment_minor = (minor(part_of(input, input.commitment_minor), help.currency_of(input))) }
end

function rules.commitment_true_up(check, input)
  return { true_up_minor = (short_of(input, help.major(input.commitment_minor, help.currency_of(input)), input.fees_minor)) }
end

-- The commitment of the period's days is a sum in cents before fees are taken off it, the plan's too.
function rules.commitment_true_up_period(check, input)
  local currency = help.currency_of(input)
  local _, least = minor(part_of(input, input.commitment_minor), currency)
  local plan_minor = minor(part_of(input, input.plan_minor), currency)
  return { true_up_minor = (short_of(input, least, { plan_minor, input.charges_minor })) }
end

function rules.charge_min_true_up(check, input)
  local missing_minor, exact = short_of(input, part_of(input, input.min_minor), { input.used_minor })
  return { true_up_minor = missing_minor, precise_minor = help.close("precise_minor", (value.multiply(exact, "100"))) }
end

return rules
