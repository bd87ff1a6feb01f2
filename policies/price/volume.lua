-- volume.lua: all units at the price of the tier that is reached.
--
-- Amount = units x the unit price of that tier, and its flat price. Tiers of 2.00 up to 10 and 1.00 from there: 10 units
-- are 20.00, 11 are 11.00. Where a part of the units is not there for all of the time, `whole_quantity` is what was there
-- at most and is looked up, while the units are paid for by their time. Free units move the tiers up, and are paid for
-- once more was used than is free. Where nothing was used the flat price of the first tier is due.
--
-- Source: Lago's volume model, Maxio's volume scheme, Stripe's volume tiers, Autumn's allowances.

local tiers = require "price/tiers"

rule "price/volume" {
  policy = "price",
  doc = "All units at the price of the tier that is reached, and its flat price.",
  run = function (request)
    local units = request.quantity:abs()
    local free = request.price.free_quantity
    if free and units <= free then return tiers.answer(request, {}) end
    local looked = request.whole_quantity or units
    if looked:is_positive() and looked <= tiers.bottom(request) then return tiers.answer(request, {}) end
    local reached = tiers.reached(request, free and looked - free or looked)
    return tiers.answer(request, { tiers.part(request, reached, units, true) })
  end,
}
