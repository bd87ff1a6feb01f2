-- tiered_percentage.lua: of each tier of the turnover its own percentage.
--
-- Amount = for each tier reached: the turnover in it x its percentage, and its flat price once. 1 % up to 10 and 2 % from
-- there, with flat prices of 200.00 and 300.00: a turnover of 12 is 200.00 + 0.10 + 300.00 + 0.04 = 500.14.
--
-- Source: Lago's graduated percentage model.

local tiers = require "price/tiers"

rule "price/tiered_percentage" {
  policy = "price",
  doc = "Of each tier of the turnover its own percentage, and the flat price of each tier that is reached.",
  run = function (request)
    return tiers.by_tier(request)
  end,
}
