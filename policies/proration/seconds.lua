-- seconds.lua: pay for each second of service.
--
-- Share = seconds of the part over seconds of the period, both by the account's clock, so that a day on which clocks
-- change is an hour shorter or longer. From 15 March 00:00 in the month of March without such a day: 1468800/2678400.
-- Where only days are known, each has 86400 seconds. Nothing served costs nothing; more than the period costs the period.
--
-- Source: Stripe, Polar, Maxio and Flexprice prorate by the second.

rule "proration/seconds" {
  policy = "proration",
  doc = "Seconds of service over seconds of the period.",
  run = function (change)
    local served = change.seconds_left or change.days_left * 86400
    local whole = change.seconds_in_period or change.days_in_period * 86400
    return change.price:portion(math.min(served, whole), whole)
  end,
}
