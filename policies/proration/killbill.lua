-- killbill.lua: pay for the days of a part, as a ratio of nine digits.
--
-- Ratio = days of the part over days of the period it belongs to, rounded half up to nine digits; amount = ratio x price.
-- From 10 to 15 January of a monthly 10.00 that is billed on the 15th: 5/31 = 0.161290323, so 1.61290323. What is given
-- back is a part of what was billed, not of the period's price: days not served over the days that were billed, of the
-- billed amount.
--
-- Source: Kill Bill, InvoiceDateUtils (nine digits) and KillBillMoney (then half up to the currency).

rule "proration/killbill" {
  policy = "proration",
  doc = "Days over days to nine digits, half up, of the price; given back: of what was billed.",
  run = function (change)
    local one = money(1, change.currency)
    if change.days_billed then
      return change.paid * one:portion(change.days_left, change.days_billed):round_to(9, "half_up")
    end
    return change.price * one:portion(change.days_left, change.days_in_period):round_to(9, "half_up")
  end,
}
