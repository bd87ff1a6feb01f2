-- half_open_days.lua: pay for the days from a start up to, not including, an end.
--
-- Share = days of [service_start, service_end) over days of [period_start, period_end). A day on which two
-- plans meet belongs to the later one, so that shares of neighbours add up to the whole.
--
-- The numbers are those of inclusive_days: there the last day is counted and the end is the day after
-- it; here the end is named and not counted. The two exist so that a contract can say which it means; they
-- would differ only where periods are given with their last day instead of the day after it.
--
-- Source: half-open periods as Kill Bill, Stripe and Meteroid use them, in days.

rule "proration/half_open_days" {
  policy = "proration",
  doc = "Days of [start, end) of the service over days of [start, end) of the period.",
  run = function (change)
    return change.price:portion(change.days_left, change.days_in_period)
  end,
}
