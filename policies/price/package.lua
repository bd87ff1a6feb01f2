-- package.lua: a price for each package, of which a part counts as a whole.
--
-- Amount = packages x price; packages = (quantity - free units) / size, rounded up: 121 units in packages of 10 are 13.
-- The quotient is exact, 2.1 in packages of 0.7 are 3.
--
-- Source: Lago's package model.

local tiers = require "price/tiers"

rule "price/package" {
  policy = "price",
  doc = "Packages, a part counting as a whole, times the price of one.",
  run = function (request)
    local price = request.price
    local packages = tiers.charged(request):divide(price.package_size, 0, "ceiling")
    if request.quantity:is_negative() then packages = packages:negate() end
    local amount = money(1, request.currency) * (packages * price.unit_price)
    local part = { currency = request.currency, quantity = packages, unit_price = price.unit_price, amount = amount }
    return { currency = request.currency, amount = amount, parts = { part } }
  end,
}
