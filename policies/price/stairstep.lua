-- stairstep.lua: one price for the tier that is reached, however many units are in it.
--
-- Amount = the price of that tier, its unit price or its flat price. 10.00 for 1 to 10, 20.00 for 11 to 20: one unit is
-- 10.00, 10 are 10.00, 11 are 20.00. Nothing costs nothing.
--
-- Source: Maxio's stairstep scheme; Chargebee and Recurly have the same.

local tiers = require "price/tiers"

rule "price/stairstep" {
  policy = "price",
  doc = "The one price of the tier that is reached.",
  run = function (request)
    local charged = tiers.charged(request)
    if charged <= tiers.bottom(request) then return tiers.answer(request, {}) end
    local part = tiers.part(request, tiers.reached(request, charged), decimal "1", true)
    part.quantity = charged
    return tiers.answer(request, { part })
  end,
}
