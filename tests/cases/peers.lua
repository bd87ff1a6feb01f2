-- peers.lua: the arithmetic of peer billing systems ("schema": "peers/1"): each rule as a function of the case's input.
--
-- A rule answers a table with a value (or a function(check, expected)) for each name that its cases may expect. Sums
-- come from the product: money, dates and periods from value/, taxes and shares from the shipped policies.

local json = require "json"

local rules = {}

-- ------------------------------------------------------------------------------------------------- helpers

local PERIODS = {
  daily = "daily", day = "daily", weekly = "weekly", week = "weekly", monthly = "monthly", month = "monthly",
  quarterly = "quarterly", quarter = "quarterly", semiannual = "biannual", semi_annual = "biannual",
  half_yearly = "biannual", half_year = "biannual", annual = "annual", annually = "annual", yearly = "annual",
  year = "annual",
}

local MODES = {
  round = "half_up", half_up = "half_up", half_away_from_zero = "half_up", half_even = "half_even", bankers = "half_even",
  half_down = "half_down", half_toward_zero = "half_down", ceil = "ceiling", ceiling = "ceiling", floor = "floor", up = "up",
  away_from_zero = "up", down = "down", truncate = "down", trunc = "down", toward_zero = "down",
}

local function present(item) return item ~= nil and item ~= document.null end

local function period_of(check, input)
  local name = tostring(input.interval or input.period or input.billing_period):lower()
  return PERIODS[name] or check:skip("interval '%s' has no counterpart", name)
end

local function mode_of(check, name)
  if not present(name) then return "half_up" end
  return MODES[name] or check:skip("rounding '%s' has no counterpart", tostring(name))
end

local function currency_of(input)
  return (present(input.currency) and input.currency or "USD"):upper()
end

-- A local date: dates as they are, instants in their zone.
local function date_of(text, zone)
  return text:find("T", 1, true) and calendar.local_date(text, present(zone) and zone or nil) or text
end

local function next_day(date) return calendar.add_days(date, 1) end

-- The later of two dates.
local function later(a, b) return calendar.days_between(a, b) > 0 and b or a end

-- A share of a price by a shipped proration policy, exact. Dates are half-open.
local function prorated(choice, price, period, service)
  return assert(policy("proration", choice, json.encode {
    currency = "USD", price = price, reason = "start", period_start = period[1], period_end = period[2],
    service_start = service[1], service_end = service[2], days_left = calendar.days_between(service[1], service[2]),
    days_in_period = calendar.days_between(period[1], period[2]),
  }))
end

local function tax_of(base, rate, currency)
  return assert(policy("tax", "tax/percent", json.encode { currency = currency, amount = base, percent = rate }))
end

local function exact_sum(amounts)
  local sum = "0"
  for _, amount in ipairs(amounts) do sum = assert(value.add(sum, amount)) end
  return sum
end

-- ------------------------------------------------------------------------------------------------- currencies, rounding

function rules.minor_units(check, input)
  local exponent = assert(value.exponent(input.currency))
  local minor = present(input.amount) and assert(value.money(input.amount, input.currency)) or nil
  return { exponent = exponent, minor = minor }
end

function rules.round_to_scale(check, input)
  if not present(input.mode) then return { value = input.value } end
  return { value = assert(value.round(input.value, present(input.scale) and input.scale or 0, mode_of(check, input.mode))) }
end

function rules.round_to_currency(check, input)
  local amount, minor = value.round_exact(input.amount, currency_of(input), mode_of(check, input.mode))
  assert(amount, minor)
  return { amount = amount, minor = minor, amount_minor = minor }
end

-- A discount never takes more than there is.
function rules.allocate_fixed_largest_remainder(check, input)
  local amounts = input.amounts_minor
  local sum = 0
  for _, amount in ipairs(amounts) do sum = sum + amount end
  local whole = math.min(input.discount_minor, sum)
  local pieces = json.array()
  if whole == 0 then
    for i = 1, #amounts do pieces[i] = 0 end
  else
    pieces = setmetatable(assert(value.allocate(whole, amounts)), getmetatable(pieces))
  end
  return { allocation_minor = pieces, total_minor = whole }
end

-- ------------------------------------------------------------------------------------------------- taxes

function rules.tax_exclusive(check, input)
  local currency = currency_of(input)
  local exact = tax_of(input.base, input.rate_pct, currency)
  local tax, minor = value.round_exact(exact, currency, mode_of(check, input.rounding or input.mode))
  assert(tax, minor)
  local total = value.add(input.base, tax)
  return {
    tax = tax, tax_minor = minor, total = assert(value.round(total, value.exponent(currency), "half_up")),
    precise_tax = function (c, expected) c:near("precise_tax", expected, exact) end,
  }
end

-- round: each_rate rounds the tax of each rate and adds these up; once rounds the exact sum.
function rules.tax_multi_rate(check, input)
  local currency, mode = currency_of(input), mode_of(check, input.rounding or input.mode)
  local exact, taxes = {}, json.array()
  for i, rate in ipairs(input.rates_pct) do
    exact[i] = tax_of(input.base, rate, currency)
    taxes[i] = assert(value.round_exact(exact[i], currency, mode))
  end
  local round = present(input.round) and input.round or "each_rate"
  local once = round == "once" or round == "sum" or round == "summed_rate" or round == "total"
  if not once and round ~= "each_rate" then check:skip("round '%s' has no counterpart", tostring(round)) end
  return { taxes = taxes, total = assert(value.round_exact(exact_sum(once and exact or taxes), currency, mode)) }
end

-- ------------------------------------------------------------------------------------------------- shares of periods

-- The factor is null when the part is the whole: nothing is prorated.
function rules.day_factor_half_open(check, input)
  local share = prorated("proration/half_open_days", "1",
    { date_of(input.full_from, input.tz), date_of(input.full_to, input.tz) },
    { date_of(input.partial_from, input.tz), date_of(input.partial_to, input.tz) })
  return {
    factor = function (c, expected)
      if expected == document.null then expected = "1" end
      c:that(value.compare(tostring(expected), share) == 0, "factor\n  expected: %s\n  found:    %s", expected, share)
    end,
  }
end

-- A trial moves the first billable day; period_days overrides the period's last day.
function rules.day_proration_inclusive(check, input)
  local zone, currency = input.tz, currency_of(input)
  local first = date_of(input.period_from or input.service_from, zone)
  local after = present(input.period_days) and calendar.add_days(first, input.period_days)
    or next_day(date_of(input.period_to, zone))
  local service = { date_of(input.service_from or input.period_from, zone),
    next_day(date_of(input.service_to or input.period_to, zone)) }
  if present(input.trial_days) then
    local trial_start = present(input.trial_start) and date_of(input.trial_start, zone) or service[1]
    service[1] = later(service[1], calendar.add_days(trial_start, input.trial_days))
  end
  local exact = "0"
  local billable_days = math.max(calendar.days_between(service[1], service[2]), 0)
  if billable_days > 0 then
    exact = prorated("proration/inclusive_days", value.amount(input.amount_minor, currency), { first, after }, service)
  end
  local amount, minor = value.round_exact(exact, currency, mode_of(check, input.rounding or input.mode))
  assert(amount, minor)
  local unit = value.divide(exact, value.amount(1, currency))
  return {
    amount = amount, amount_minor = minor, billable_days = billable_days, days = billable_days,
    precise_minor = function (c, expected) c:near("precise_minor", expected, unit) end,
  }
end

function rules.calendar_days_between(check, input)
  return { days = calendar.days_between(date_of(input.from, input.tz), date_of(input.to, input.tz)) }
end

-- ------------------------------------------------------------------------------------------------- periods

-- The calendar's own grid passes through 0001-01-01, a Monday.
function rules.next_calendar_anchor(check, input)
  local zone = present(input.tz) and input.tz or nil
  local _, next_start = calendar.containing(period_of(check, input), "0001-01-01", 1, date_of(input.start, zone))
  return {
    anchor = function (c, expected)
      if expected:find("T", 1, true) then
        c:equal("anchor", expected, calendar.start_of_date(next_start, zone))
      else
        c:equal("anchor", expected, next_start)
      end
    end,
  }
end

-- The first period begins with the subscription, however short that makes it.
function rules.period_containing(check, input)
  local billing_start = date_of(input.billing_start, input.tz)
  local day = present(input.billing_day) and input.billing_day or 0
  local anchor = day > 0 and calendar.with_day(billing_start, day) or billing_start
  local on = later(date_of(input.on, input.tz), billing_start)
  local from, to = calendar.containing(period_of(check, input), anchor, day, on)
  return { from = later(from, billing_start), to_excl = to, to = calendar.add_days(to, -1) }
end

-- ------------------------------------------------------------------------------------------------- the family

local peers = {}

local function case_of(case)
  return {
    id = case.id, rule = case.rule,
    run = function (check)
      local rule = rules[case.rule]
      if not rule then check:skip("rule '%s' is not implemented yet", tostring(case.rule)) end
      check:expectations(case.expect, rule(check, case.input))
    end,
  }
end

function peers.cases(content)
  if type(content) ~= "table" or content.schema ~= "peers/1" or type(content.cases) ~= "table" then return nil end
  local cases = {}
  for i, case in ipairs(content.cases) do cases[i] = case_of(case) end
  return cases
end

return peers
