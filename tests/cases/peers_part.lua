-- peers_part.lua: rules of parts of periods: days counted, shares of a price, changes of plan within a period.

local help = require "peers_help"
local present, or_nil, date_of, next_day, later = help.present, help.or_nil, help.date_of, help.next_day, help.later
local major, minor = help.major, help.minor

local rules = {}

-- A share of a price by a shipped proration policy, exact; moments are half-open.
local function prorated(choice, price, period, service, currency, zone, more)
  local part = more or {}
  part.price, part.start, part.finish, part.from, part.to = price, period[1], period[2], service[1], service[2]
  return cycle.prorate(choice, currency or "USD", part, or_nil(zone))
end

-- ------------------------------------------------------------------------------------------------- days

function rules.calendar_days_between(check, input)
  return { days = calendar.days_between(date_of(input.from, input.tz), date_of(input.to, input.tz)) }
end

function rules.calendar_days_between_instants(check, input)
  local zone = or_nil(input.tz)
  return {
    days_in_zone = calendar.days_between(calendar.local_date(input.from, zone), calendar.local_date(input.to, zone)),
    days_utc = calendar.days_between(calendar.local_date(input.from), calendar.local_date(input.to)),
  }
end

function rules.day_count_elapsed_ceil(check, input)
  local zone = or_nil(input.tz)
  return {
    days = cycle.days_begun(input.from, input.to, zone),
    local_dates_inclusive = cycle.dates_touched(input.from, input.to, zone),
  }
end

function rules.day_count_local_inclusive(check, input)
  return { days = cycle.dates_touched(input.from, input.to, or_nil(input.tz)) }
end

-- ------------------------------------------------------------------------------------------------- shares of a price

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
  local zone, currency = input.tz, help.currency_of(input)
  local first = date_of(input.period_from or input.service_from, zone)
  local after = present(input.period_days) and calendar.add_days(first, input.period_days)
    or next_day(date_of(input.period_to, zone))
  local service = { date_of(input.service_from or input.period_from, zone),
    next_day(date_of(input.service_to or input.period_to, zone)) }
  if present(input.trial_days) then
    local trial_start = present(input.trial_start) and date_of(input.trial_start, zone) or service[1]
    service[1] = later(service[1], calendar.add_days(trial_start, input.trial_days))
  end
  local billable_days = math.max(calendar.days_between(service[1], service[2]), 0)
  if billable_days == 0 then service[1] = service[2] end
  local exact = prorated("proration/inclusive_days", major(input.amount_minor, currency), { first, after }, service, currency)
  local amount_minor, amount = minor(exact, currency, help.mode_of(check, input.rounding or input.mode))
  local unit = value.divide(exact, major(1, currency))
  return {
    amount = amount, amount_minor = amount_minor, billable_days = billable_days, days = billable_days,
    precise_minor = function (c, expected) c:near("precise_minor", expected, unit) end,
  }
end

function rules.units_times_unit_minor(check, input)
  local currency = help.currency_of(input)
  local price = value.divide(input.unit_minor, value.divide("1", major(1, currency)))
  local decimal = value.round(price, 12, "half_up")
  return { amount_minor = minor(amount.charge(decimal, tostring(input.units), currency), currency) }
end

-- A service without length is paid in full, and never more than the whole.
function rules.time_proration_capped(check, input)
  local currency = help.currency_of(input)
  local choice = input.proration_enabled == false and "proration/full" or "proration/seconds_or_whole"
  local exact = prorated(choice, input.amount, { input.full_from, input.full_to }, { input.service_from, input.service_to },
    currency, input.tz)
  return { amount = select(2, minor(exact, currency, help.mode_of(check, input.rounding or input.mode))) }
end

-- From a moment to the period's end; before the period all of it, after it nothing.
function rules.second_proration_scale(check, input)
  local to = present(input.to) and input.to or input.period_to
  local exact = prorated("proration/seconds", input.amount, { input.period_from, input.period_to }, { input.from, to })
  return { amount = assert(value.round(exact, input.scale, help.mode_of(check, input.rounding or input.mode))) }
end

function rules.cap_credit(check, input)
  local whole = { "2024-03-01", "2024-03-31" }
  local exact = prorated("proration/credit_capped", input.potential, whole, whole, nil, nil,
    { credit = true, paid = input.originally_paid, credited = input.already_credited })
  return { credit = exact }
end

-- ------------------------------------------------------------------------------------------------- changes of plan

-- What is left of a period from a change on: given back of the old price, charged of the new one, each line rounded.
local function change(choice, input, currency, mode, period, from, credit, charge, zone)
  local lines = {}
  local rest = { from, period[2] }
  if present(credit) then
    local back = prorated(choice, credit, period, rest, currency, zone, { credit = true })
    lines.credit = minor(value.subtract("0", back), currency, mode)
  end
  if present(charge) then lines.charge = minor(prorated(choice, charge, period, rest, currency, zone), currency, mode) end
  return lines
end

function rules.plan_change_half_open_days(check, input)
  local currency, mode = help.currency_of(input), help.mode_of(check, input.rounding or input.mode)
  local lines, net = {}, "0"
  for _, item in ipairs(input.items) do
    local made = change("proration/half_open_days", input, currency, mode, { input.period_from, input.period_to }, input.change_on,
      present(item.credit_minor) and major(item.credit_minor, currency), present(item.charge_minor) and major(item.charge_minor, currency))
    lines[#lines + 1] = made.credit
    lines[#lines + 1] = made.charge
  end
  return { lines_minor = lines, net_minor = help.sum(lines) }
end

-- The last day is named, and is served.
function rules.plan_change_inclusive_days(check, input)
  local currency, mode = help.currency_of(input), help.mode_of(check, input.rounding or input.mode)
  local period = { date_of(input.period_from, input.tz), next_day(date_of(input.period_to, input.tz)) }
  local made = change("proration/inclusive_days", input, currency, mode, period, date_of(input.change_on, input.tz),
    input.credit_base, input.charge_base)
  local credit, charge = made.credit or 0, made.charge or 0
  return {
    credit = major(credit, currency), charge = major(charge, currency),
    net = value.add(major(credit, currency), major(charge, currency)),
  }
end

-- A new cycle that begins with the change is charged in full.
function rules.plan_change_seconds(check, input)
  local currency, mode = help.currency_of(input), help.mode_of(check, input.rounding or input.mode)
  local period = { input.period_from, input.period_to }
  local made = change("proration/seconds", input, currency, mode, period, input.change_at, major(input.old_minor, currency),
    input.keeps_cycle ~= false and major(input.new_minor, currency) or nil, input.tz)
  local credit, charge = -made.credit, made.charge or input.new_minor
  return { credit_minor = credit, charge_minor = charge, net_minor = charge - credit }
end

return rules
