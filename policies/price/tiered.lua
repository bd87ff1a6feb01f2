-- tiered.lua: each unit at the price of its own tier.
--
-- Amount = for each tier reached: the units in it x its unit price, and its flat price once. Tiers of 10.00 up to 10 and
-- 5.00 from there, with flat prices of 2.00 and 3.00: 12 units are 102.00 + 13.00 = 115.00. With `flat_at_zero` the first
-- flat price is due where nothing was used at all. A tier may have a percentage of its units in place of a unit price.
--
-- Source: Lago's graduated model, Maxio's tiered scheme, Stripe's graduated tiers.

local tiers = require "price/tiers"

rule "price/tiered" {
  policy = "price",
  doc = "Each unit at the price of its own tier, and the flat price of each tier that is reached.",
  run = function (request)
    return tiers.by_tier(request)
  end,
}
