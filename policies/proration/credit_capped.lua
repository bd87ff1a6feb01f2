-- credit_capped.lua: what is given back is never more than what was paid and not yet given back.
--
-- Charges are those of half_open_days. A credit is the least of three: the unused part of the price, what was paid for
-- the period, and what was paid less what was given back before; and never less than nothing. Of 300 unused with 200
-- paid and 50 given back, 150 are given back.
--
-- Source: Flexprice, caps on proration credits.

rule "proration/credit_capped" {
  policy = "proration",
  doc = "As half_open_days; a credit is at most what was paid and not given back.",
  run = function (change)
    local part = change.price:portion(change.days_left, change.days_in_period)
    if change.reason ~= "credit" or not change.paid then
      return part
    end
    local left = change.credited and change.paid - change.credited or change.paid
    local credit = part:min(change.paid):min(left)
    if credit:is_negative() then
      return change.price:portion(0, 1)
    end
    return credit
  end,
}
