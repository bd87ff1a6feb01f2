-- thirty_day_month.lua: every month has thirty days.
--
-- Share = days of service over 30 for each month of the period: 30 of a month, 90 of a quarter, 360 of a year. Days are
-- counted as they are, so a whole month of 31 days and one of 28 both cost the month: never more than the price, and a
-- part that reaches the period's last day has its missing days counted as served, or its extra day as not served.
-- From 15 March: 16 days of 30. A period of days or weeks is counted as half_open_days counts it.
--
-- Source: Zuora's assumed month of 30 days; Kill Bill's fixed days in month.

local function months_between(from, to)
  return (to.year - from.year) * 12 + to.month - from.month
end

rule "proration/thirty_day_month" {
  policy = "proration",
  doc = "Days of service over 30 a month.",
  run = function (change)
    local months = months_between(change.period_start, change.period_end)
    if months == 0 or change.period_start:add_months(months) ~= change.period_end then
      return change.price:portion(change.days_left, change.days_in_period)
    end
    local days_in_period = 30 * months
    local days_served = change.days_left
    if change.service_end == change.period_end then
      days_served = days_in_period - (change.service_start - change.period_start)
    end
    return change.price:portion(math.max(math.min(days_served, days_in_period), 0), days_in_period)
  end,
}
