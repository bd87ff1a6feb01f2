-- peers_period.lua: rules of cycles: where periods begin and end, how many have passed, on which local days they are billed.
-- Pure functions answer; where the case describes a subscription it is lived through as well, and must be billed so.

local help = require "peers_help"
local live = require "peers_run"
local present, or_nil, date_of, later, period_of = help.present, help.or_nil, help.date_of, help.later, help.period_of

local rules = {}

-- ------------------------------------------------------------------------------------------------- a day of the month

-- The grid of a billing day in the month of the start, as arguments of the functions of `cycle`.
local function month_grid(check, input, start)
  local day = present(input.billing_day) and input.billing_day or 0
  if day == 0 then return "anniversary", period_of(check, input), 0, start end
  return "bill_cycle_day_of_month", period_of(check, input), day, start
end

-- The same subscription, by the convention with that grid.
local function month_story(check, input, start, mode)
  local day = present(input.billing_day) and input.billing_day or 0
  return {
    convention = day > 0 and "meteroid" or "stripe", day = day > 0 and day or nil, period = period_of(check, input),
    start = start, zone = or_nil(input.tz), mode = mode,
  }
end

local function check_line(check, line, from, to)
  check:that(line, "no line was billed")
  check:equal("billed from", from, line.from)
  check:equal("billed up to", to, line.to)
end

local function with(grid, ...)
  local arguments = table.pack(table.unpack(grid))
  for _, more in ipairs({ ... }) do arguments[#arguments + 1] = more end
  return table.unpack(arguments)
end

-- The first period begins with the subscription, however short that makes it.
function rules.period_containing(check, input)
  local start = date_of(input.billing_start, input.tz)
  local grid = { month_grid(check, input, start) }
  local on = later(date_of(input.on, input.tz), start)
  local from, to = cycle.billed(with(grid, on, true, start))
  live(month_story(check, input, start), function (story)
    story:advance(on)
    local lines = story:lines()
    check_line(check, lines[#lines], from, to)
  end)
  return { from = from, to_excl = to, to = calendar.add_days(to, -1) }
end

-- From an invoice date the period that it begins; a first one ends at the anchor.
function rules.advance_period(check, input)
  local from = date_of(input.invoice_date, input.tz)
  local to = cycle.after(with({ month_grid(check, input, from) }, 1, from))
  live(month_story(check, input, from), function (story) check_line(check, story:lines()[1], from, to) end)
  return { from = from, to_excl = to, to = calendar.add_days(to, -1) }
end

-- The period that ends with the invoice date.
function rules.arrear_period(check, input)
  local start, on = date_of(input.billing_start, input.tz), date_of(input.invoice_date, input.tz)
  local from, to = cycle.billed(with({ month_grid(check, input, start) }, on, false, start))
  live(month_story(check, input, start, "in_arrear"), function (story)
    story:advance(on)
    local lines = story:lines()
    check_line(check, lines[#lines], from, to)
  end)
  return { from = from, to_excl = to, to = calendar.add_days(to, -1) }
end

function rules.elapsed_cycles(check, input)
  local start = date_of(input.billing_start, input.tz)
  local cycles = cycle.elapsed(with({ month_grid(check, input, start) }, date_of(input.on, input.tz)))
  live(month_story(check, input, start), function (story)
    story:advance(date_of(input.on, input.tz))
    check:equal("cycles billed after the first", cycles, #story:lines() - 1)
  end)
  return { cycles = cycles }
end

-- ------------------------------------------------------------------------------------------------- the calendar's own grid

-- peers.md d.4: "A start exactly on a calendar boundary moves to the next one". So the anchor is the first day of a calendar
-- period after the start: where the one that holds the start ends. It is told as the start is: as a day, or as its first instant.
function rules.next_calendar_anchor(check, input)
  local zone, period = or_nil(input.tz), period_of(check, input)
  local start = date_of(input.start, zone)
  local _, anchor = cycle.containing("calendar", period, 0, start, start)
  live({ convention = "lago", period = period, start = input.start, zone = zone }, function (story)
    check_line(check, story:lines()[1], start, anchor)
    check:equal("next bill date", anchor, story:next_date())
  end)
  return { anchor = input.start:find("T", 1, true) and calendar.start_of_date(anchor, zone) or anchor }
end

-- From a start on the anchor's dates to the next of them, as a run bills it.
local function live_to_next(check, input, zone, period, start, date)
  local anchor = date_of(input.anchor, zone)
  local on_grid = cycle.containing("anniversary", period, 0, anchor, start) == start
  if not on_grid or calendar.days_between(anchor, start) < 0 then return end
  live({ convention = "stripe", period = period, start = input.anchor, zone = zone }, function (story)
    story:advance(start)
    local lines = story:lines()
    check_line(check, lines[#lines], start, date)
    check:equal("next bill date", date, story:next_date())
  end)
end

-- peers.md d.4: "Month-end anchor keeps the wish day: 31 Jan, 29 Feb, 31 Mar, 30 Apr ... never drift to 29", and "First short period
-- to the anchor day: Meteroid and Flexprice stop at the anchor in the same month if it lies ahead". So the next date is one of
-- the anchor's: from a start between two of them the nearer, else `unit` periods on. It has the anchor's time of day, as
-- d.3 counts seconds; a period that would go on after the subscription's end, half-open as d.4 has them, ends with it.
function rules.next_billing_date(check, input)
  local zone, period = or_nil(input.tz), period_of(check, input)
  local start, anchor = date_of(input.current_start, zone), date_of(input.anchor, zone)
  local periods = present(input.unit) and input.unit or 1
  local date = cycle.after("anniversary", period, 0, anchor, periods, start)
  local at, ends = cycle.at(date, input.anchor, zone), or_nil(input.subscription_end)
  local cut = ends and calendar.compare_instants(ends, at) < 0
  if periods == 1 and not ends then live_to_next(check, input, zone, period, start, date) end
  if cut then at = ends end
  return { next = function (c, expected) c:that(calendar.compare_instants(expected, at) == 0, "next\n  expected: %s\n  found:    %s", expected, at) end }
end

-- ------------------------------------------------------------------------------------------------- local billing days

local CONVENTIONS = { calendar = "lago", anniversary = "stripe" } -- with that grid

local function local_grid(check, input, start)
  if not CONVENTIONS[input.billing_time] then check:skip("billing time '%s' has no counterpart", tostring(input.billing_time)) end
  return input.billing_time, period_of(check, input), 0, start
end

local function local_story(check, input, start, mode)
  return {
    convention = CONVENTIONS[input.billing_time], period = period_of(check, input), start = start, zone = or_nil(input.tz),
    mode = mode,
  }
end

-- A cycle begins on that day, and the subscription began before it; charges may go by the months of the same grid.
local function is_billing_day(check, input, start, date)
  if calendar.days_between(start, date) <= 0 then return false end
  local anchor, period, day = local_grid(check, input, start)
  if cycle.containing(anchor, period, day, start, date) == date then return true end
  return input.charges_billed_monthly == true and cycle.containing(anchor, "monthly", day, start, date) == date
end

-- The days on which the subscription's runs bill are those that are billing days; charges by the month are not recurring prices.
local function live_days(check, input, expected, days)
  if input.charges_billed_monthly == true then return end
  live(local_story(check, input, input.subscription_at), function (story)
    local billed = {}
    for _, each in ipairs(expected) do story:advance(each.at) end
    for _, line in ipairs(story:lines()) do billed[line.from] = true end
    local start = date_of(input.subscription_at, input.tz)
    for at, day in pairs(days) do
      check:equal(at .. " billed", day, billed[calendar.local_date(at, or_nil(input.tz))] == true and calendar.local_date(at, or_nil(input.tz)) ~= start)
    end
  end)
end

function rules.billing_day_local(check, input)
  local start = date_of(input.subscription_at, input.tz)
  return {
    instants = function (c, expected)
      local days = {}
      for _, each in ipairs(expected) do
        days[each.at] = is_billing_day(check, input, start, calendar.local_date(each.at, or_nil(input.tz)))
        c:equal(each.at, each.billing_day, days[each.at])
      end
      live_days(c, input, expected, days)
    end,
  }
end

-- The same by runs: what has ended was told to end after its last day.
local function live_billed(check, input, started, on, from, last)
  if input.billing_time ~= "calendar" and started ~= date_of(input.subscription_at, input.tz) then return end
  local mode = input.pay_in_advance == true and "in_advance" or "in_arrear"
  live(local_story(check, input, started, mode), function (story)
    if input.terminated == true then story:cancel(calendar.add_days(last, 1)) end
    story:advance(input.terminated == true and calendar.add_days(last, 1) or on)
    local lines = story:lines()
    check_line(check, lines[#lines], from, calendar.add_days(last, 1))
  end)
end

-- What ends within a cycle is billed for that cycle up to its day; else the cycle that begins, or that has just ended.
function rules.billed_period_local(check, input)
  local zone = or_nil(input.tz)
  local start, on = date_of(input.subscription_at, zone), date_of(input.billing_at, zone)
  local started = present(input.started_at) and date_of(input.started_at, zone) or start
  local begins = input.pay_in_advance == true or input.terminated == true
  local from, to = cycle.billed(with({ local_grid(check, input, start) }, on, begins, started))
  local last = calendar.add_days(to, -1)
  if input.terminated == true and calendar.days_between(on, last) > 0 then last = on end
  live_billed(check, input, started, on, from, last)
  return { from = calendar.start_of_date(from, zone), to_incl = cycle.last_second(last, zone) }
end

return rules
