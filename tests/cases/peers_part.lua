-- peers_part.lua: rules of parts of periods: days counted, shares of a price, changes of plan within a period.
-- Pure functions answer; where the case describes a subscription it is lived through as well, and must be billed so.

local help = require "peers_help"
local live = require "peers_run"
local present, or_nil, date_of, next_day, later = help.present, help.or_nil, help.date_of, help.next_day, help.later
local major, minor = help.major, help.minor

local rules = {}

-- A share of a price by a shipped proration policy, exact; moments are half-open.
local function prorated(choice, price, period, service, currency, zone, more)
  local part = more or {}
  part.price, part.start, part.finish, part.from, part.to = price, period[1], period[2], service[1], service[2]
  return cycle.prorate(choice, currency or "USD", part, or_nil(zone))
end

-- Conventions that share a price so, with the grid of each.
local INCLUSIVE = { { "lago", "calendar" }, { "blubilling", "bill_cycle_day_before" } }
local HALF_OPEN = { { "meteroid", "bill_cycle_day_of_month" } }
local SECONDS = { { "stripe", "anniversary" } }
local PERIODS = { "weekly", "thirty_days", "monthly", "quarterly", "annual" }

-- The terms of a subscription with a cycle from `from` up to `to`, by the first convention that has one; nil: none has.
local function terms_of(conventions, from, to, more)
  local day = tonumber(from:sub(9, 10))
  for _, each in ipairs(conventions) do
    for _, period in ipairs(PERIODS) do
      local asked = each[2]:find("bill_cycle_day", 1, true) and day or 0
      local start, finish = cycle.containing(each[2], period, asked, from, from)
      if start == from and finish == to then
        local terms = { convention = each[1], period = period, day = asked > 0 and asked or nil, start = from }
        for name, item in pairs(more or {}) do terms[name] = item end
        return terms
      end
    end
  end
end

local function check_amount(check, name, expected, found)
  check:that(value.compare(expected, found) == 0, "%s\n  pure: %s\n  run:  %s", name, expected, found)
end

local function amounts(lines)
  local all = {}
  for i, line in ipairs(lines) do all[i] = line.amount end
  return all
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

-- In arrears, so that one line is the whole part; a trial comes before it, an end after its last day.
local function live_part(check, input, period, service, amount)
  local trial = present(input.trial_days) and input.trial_days or nil
  local start = trial and present(input.trial_start) and date_of(input.trial_start, input.tz) or service[1]
  local terms = not present(input.rounding or input.mode) and terms_of(INCLUSIVE, period[1], period[2], {
    start = start, zone = or_nil(input.tz), mode = "in_arrear", currency = help.currency_of(input), trial_days = trial,
    price = major(input.amount_minor, help.currency_of(input)),
  })
  if not terms then return end
  live(terms, function (story)
    if calendar.days_between(service[2], period[2]) > 0 then story:cancel(service[2]) end
    story:advance(period[2])
    check_amount(check, "billed", amount, help.sum(amounts(story:lines())))
  end)
end

-- A trial moves the first billable day; period_days overrides the period's last day.
function rules.day_proration_inclusive(check, input)
  local zone, currency = input.tz, help.currency_of(input)
  local first = date_of(input.period_from or input.service_from, zone)
  local after = present(input.period_days) and calendar.add_days(first, input.period_days)
    or next_day(date_of(input.period_to, zone))
  local service = { date_of(input.service_from or input.period_from, zone),
    next_day(date_of(input.service_to or input.period_to, zone)) }
  local asked = { service[1], service[2] }
  if present(input.trial_days) then
    local trial_start = present(input.trial_start) and date_of(input.trial_start, zone) or service[1]
    service[1] = later(service[1], calendar.add_days(trial_start, input.trial_days))
  end
  local billable_days = math.max(calendar.days_between(service[1], service[2]), 0)
  if billable_days == 0 then service[1] = service[2] end
  local exact = prorated("proration/inclusive_days", major(input.amount_minor, currency), { first, after }, service, currency)
  local amount_minor, amount = minor(exact, currency, help.mode_of(check, input.rounding or input.mode))
  local unit = value.divide(exact, major(1, currency))
  live_part(check, input, { first, after }, asked, amount)
  return {
    amount = amount, amount_minor = amount_minor, billable_days = billable_days, days = billable_days,
    precise_minor = function (c, expected) c:near("precise_minor", expected, unit) end,
  }
end

-- The whole period is counted, wherever in it the service began.
rules.upgrade_proration = rules.day_proration_inclusive

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

-- From the old price to the new one by commands; without a new one it ends. `period`: of the new price, where it is another.
local function live_change(check, conventions, input, currency, period, from, old, new, made, new_period)
  local days = { date_of(period[1], input.tz), date_of(period[2], input.tz) }
  local terms = present(old) and not present(input.rounding or input.mode) and
    terms_of(conventions, days[1], days[2], { start = period[1], zone = or_nil(input.tz), currency = currency, price = old })
  if not terms then return end
  live(terms, function (story)
    story:advance(from)
    if new then story:change(new, from, new_period and new_period(terms.period)) else story:cancel(from) end
    local lines = {}
    for i, line in ipairs(story:lines()) do if i > 1 then lines[line.kind] = line.amount end end
    check_amount(check, "given back", major(made.credit, currency), lines["repair"] or "0")
    check_amount(check, "charged", major(made.charge or 0, currency), lines["recurring"] or "0")
  end)
end

function rules.plan_change_half_open_days(check, input)
  local currency, mode = help.currency_of(input), help.mode_of(check, input.rounding or input.mode)
  local lines, net = {}, "0"
  for _, item in ipairs(input.items) do
    local made = change("proration/half_open_days", input, currency, mode, { input.period_from, input.period_to }, input.change_on,
      present(item.credit_minor) and major(item.credit_minor, currency), present(item.charge_minor) and major(item.charge_minor, currency))
    live_change(check, HALF_OPEN, input, currency, { input.period_from, input.period_to }, input.change_on,
      present(item.credit_minor) and major(item.credit_minor, currency), present(item.charge_minor) and major(item.charge_minor, currency), made)
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
  live_change(check, INCLUSIVE, input, currency, period, date_of(input.change_on, input.tz), or_nil(input.credit_base),
    or_nil(input.charge_base), made)
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
  -- A cycle begins with the change where the new price is of another period.
  local another = input.keeps_cycle == false and function (old) return old == "annual" and "monthly" or "annual" end or nil
  live_change(check, SECONDS, input, currency, period, input.change_at, major(input.old_minor, currency),
    major(input.new_minor, currency), { credit = made.credit, charge = charge }, another)
  return { credit_minor = credit, charge_minor = charge, net_minor = charge - credit }
end

return rules
