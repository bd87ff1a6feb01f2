-- exclusive_start_days.lua: the day on which something begins is free.
--
-- Share = days of service without its first, over the days of the period. From 20 to 30 September of a
-- monthly price: 10/30. A service that begins with the period has no free day. A change of plan takes
-- the same day off the credit and off the charge, so that both parts still make up the whole.
--
-- Source: the second reading of the BluBilling example (10 days of 30).

rule "proration/exclusive_start_days" {
  policy = "proration",
  doc = "As inclusive_days, the first day not counted when it lies within the period.",
  run = function (change)
    local days_served = change.days_left
    if change.service_start > change.period_start then
      days_served = math.max(days_served - 1, 0)
    end
    return change.price:portion(days_served, change.days_in_period)
  end,
}
