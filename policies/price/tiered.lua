-- tiered.lua: each unit at the price of its own tier.
--
-- Amount = for each tier reached: the units in it x its unit price, and its flat price once. Tiers of 10.00 up to 10 and
-- 5.00 from there, with flat prices of 2.00 and 3.00: 12 units are 102.00 + 13.00 = 115.00. With `flat_at_zero` the first
-- flat price is due where nothing was used at all. A tier may have a percentage of its units in place of a unit price.
--
-- Source: Lago's graduated model (and graduated percentage), Maxio's tiered scheme, Stripe's graduated tiers.

local tiers = require "price/tiers"

rule "price/tiered" {
  policy = "price",
  doc = "Each unit at the price of its own tier, and the flat price of each tier that is reached.",
  run = function (request)
    local charged = tiers.charged(request)
    if charged:is_zero() then
      return tiers.answer(request, request.price.flat_at_zero and { tiers.part(request, 1, charged, true) } or {})
    end
    local parts, above = {}, tiers.bottom(request)
    local reached = tiers.reached(request, charged)
    for i = 1, charged > above and reached or 0 do
      local last = i < reached and request.price.tiers[i].ends_at or charged
      parts[i] = tiers.part(request, i, last - above, true)
      above = last
    end
    return tiers.answer(request, parts)
  end,
}
