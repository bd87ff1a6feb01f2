-- peers_period.lua: rules of cycles: where periods begin and end, how many have passed, on which local days they are billed.

local help = require "peers_help"
local present, or_nil, date_of, later, period_of = help.present, help.or_nil, help.date_of, help.later, help.period_of

local rules = {}

-- ------------------------------------------------------------------------------------------------- a day of the month

-- The grid of a billing day in the month of the start, as arguments of the functions of `cycle`.
local function month_grid(check, input, start)
  local day = present(input.billing_day) and input.billing_day or 0
  if day == 0 then return "anniversary", period_of(check, input), 0, start end
  return "bill_cycle_day_of_month", period_of(check, input), day, start
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
  local from, to = cycle.billed(with(grid, later(date_of(input.on, input.tz), start), true, start))
  return { from = from, to_excl = to, to = calendar.add_days(to, -1) }
end

-- From an invoice date the period that it begins; a first one ends at the anchor.
function rules.advance_period(check, input)
  local from = date_of(input.invoice_date, input.tz)
  local to = cycle.after(with({ month_grid(check, input, from) }, 1, from))
  return { from = from, to_excl = to, to = calendar.add_days(to, -1) }
end

-- The period that ends with the invoice date.
function rules.arrear_period(check, input)
  local start, on = date_of(input.billing_start, input.tz), date_of(input.invoice_date, input.tz)
  local from, to = cycle.billed(with({ month_grid(check, input, start) }, on, false, start))
  return { from = from, to_excl = to, to = calendar.add_days(to, -1) }
end

function rules.elapsed_cycles(check, input)
  local start = date_of(input.billing_start, input.tz)
  return { cycles = cycle.elapsed(with({ month_grid(check, input, start) }, date_of(input.on, input.tz))) }
end

-- ------------------------------------------------------------------------------------------------- the calendar's own grid

function rules.next_calendar_anchor(check, input)
  local zone = or_nil(input.tz)
  local start = date_of(input.start, zone)
  local _, next_start = cycle.containing("calendar", period_of(check, input), 0, start, start)
  return {
    anchor = function (c, expected)
      local found = expected:find("T", 1, true) and calendar.start_of_date(next_start, zone) or next_start
      c:equal("anchor", expected, found)
    end,
  }
end

-- The next date of the grid through the anchor, at the anchor's time of day, and never after the subscription's end.
function rules.next_billing_date(check, input)
  local zone = or_nil(input.tz)
  local start, anchor = date_of(input.current_start, zone), date_of(input.anchor, zone)
  local count = present(input.unit) and input.unit or 1
  local date = cycle.after("anniversary", period_of(check, input), 0, anchor, count, start)
  local at = cycle.at(date, input.anchor, zone)
  local ends = or_nil(input.subscription_end)
  if ends and calendar.compare_instants(ends, at) < 0 then at = ends end
  return { next = function (c, expected) c:that(calendar.compare_instants(expected, at) == 0, "next\n  expected: %s\n  found:    %s", expected, at) end }
end

-- ------------------------------------------------------------------------------------------------- local billing days

local function local_grid(check, input, start)
  local anchors = { calendar = "calendar", anniversary = "anniversary" }
  local anchor = anchors[input.billing_time] or check:skip("billing time '%s' has no counterpart", tostring(input.billing_time))
  return anchor, period_of(check, input), 0, start
end

-- A cycle begins on that day, and the subscription began before it; charges may go by the months of the same grid.
local function is_billing_day(check, input, start, date)
  if calendar.days_between(start, date) <= 0 then return false end
  local anchor, period, day = local_grid(check, input, start)
  if cycle.containing(anchor, period, day, start, date) == date then return true end
  return input.charges_billed_monthly == true and cycle.containing(anchor, "monthly", day, start, date) == date
end

function rules.billing_day_local(check, input)
  local start = date_of(input.subscription_at, input.tz)
  return {
    instants = function (c, expected)
      for _, each in ipairs(expected) do
        c:equal(each.at, each.billing_day, is_billing_day(check, input, start, calendar.local_date(each.at, or_nil(input.tz))))
      end
    end,
  }
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
  return { from = calendar.start_of_date(from, zone), to_incl = cycle.last_second(last, zone) }
end

return rules
