-- matrix.lua: units times a price that depends on what the events say.
--
-- Amount = units x the unit price of the cell that fits the values of the properties that the metric is told apart by; where
-- none fits, x the price's own unit price, and nothing where it has none. Which cell fits the core finds: of those whose
-- values are all the events' the one that names most of them. With 0.10 for eu, 0.30 for eu and large, 0.05 for others: 4
-- units of eu, large are 1.20, 4 of eu, small 0.40, 4 of us 0.20.
--
-- Source: Orb's matrix model; Lago's charge filters.

rule "price/matrix" {
  policy = "price",
  doc = "Units times the unit price of the cell that fits the values of the events' properties.",
  run = function (request)
    local cell = request.cell and request.price.cells[request.cell]
    local unit_price = cell and cell.unit_price or request.price.unit_price or decimal "0"
    local amount = money(1, request.currency) * (request.quantity * unit_price)
    local part = { currency = request.currency, quantity = request.quantity, unit_price = unit_price, amount = amount }
    return { currency = request.currency, amount = amount, parts = { part } }
  end,
}
