-- per_unit.lua: units times a price.
--
-- Amount = (quantity - free units) x unit price, exact: 10 x 5.12345 = 51.2345, 1,234 x 0.0012 = 1.4808. The rounding
-- policy makes cents of it.
--
-- Source: Maxio's per_unit scheme, Lago's standard model; OpenMeter's dynamic price, whose unit price is a multiplier.

local tiers = require "price/tiers"

rule "price/per_unit" {
  policy = "price",
  doc = "Quantity times unit price.",
  run = function (request)
    local units, price = tiers.charged(request), request.price
    if request.quantity:is_negative() then units = units:negate() end
    local amount = money(1, request.currency) * (units * price.unit_price)
    local part = { currency = request.currency, quantity = units, unit_price = price.unit_price, amount = amount }
    return { currency = request.currency, amount = amount, parts = { part } }
  end,
}
