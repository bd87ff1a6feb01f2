-- capped.lua: units times a price, less a percentage, up to what a period costs at most.
--
-- Amount = (quantity - free units) x unit price, less `discount_percent` of it. The most of a period (`maximum`) is taken off
-- after that, by the core, so that lines of one period share it: 20 x 10.00 less 50 % are 100.00; where 35.00 of a most of
-- 100.00 were billed before 65.00 are left.
--
-- Source: OpenMeter's order of discounts: units, then the percentage, then the maximum spend.

local tiers = require "price/tiers"

rule "price/capped" {
  policy = "price",
  doc = "Units times a price, less a percentage; a period costs a most.",
  run = function (request)
    local units, price = tiers.charged(request), request.price
    if request.quantity:is_negative() then units = units:negate() end
    local whole = money(1, request.currency) * (units * price.unit_price)
    local amount = whole
    if price.discount_percent then amount = whole - whole:percent(price.discount_percent) end
    local part = { currency = request.currency, quantity = units, unit_price = price.unit_price, amount = amount }
    return { currency = request.currency, amount = amount, parts = { part } }
  end,
}
