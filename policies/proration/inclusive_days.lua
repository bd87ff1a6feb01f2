-- inclusive_days.lua: pay for each day of service, its first and its last day counted.
--
-- Share = days from the first to the last day of service, both counted, over the days of the period.
-- From 20 to 30 September of a monthly price: 11/30. Dates come half-open, so `service_end` is the day
-- after the last one and the days between need no correction.
--
-- Source: the BluBilling example (11 days of 30, 60.50 for 165.00); Lago counts the same way.

rule "proration/inclusive_days" {
  policy = "proration",
  doc = "Days of service, first and last counted, over the days of the period.",
  run = function (change)
    local days_served = change.service_end - change.service_start
    local days_in_period = change.period_end - change.period_start
    return change.price:portion(days_served, days_in_period)
  end,
}
