-- dynamic.lua: what the events say they cost.
--
-- Amount = the sum of the prices that came with the events, exact, whatever their units: 3 units at 0.125 and 1 at 0.20
-- in two events that say 0.375 and 0.20 are 0.575. It is told as a price for the units that they have in the middle.
--
-- Source: Lago's dynamic model, whose events carry their amount.

rule "price/dynamic" {
  policy = "price",
  doc = "The sum of the prices that came with the events.",
  run = function (request)
    local amount = money(1, request.currency) * (request.events_price or decimal "0")
    local part = { currency = request.currency, quantity = request.quantity, amount = amount }
    return { currency = request.currency, amount = amount, parts = { part } }
  end,
}
