-- percentage.lua: a percentage of what was turned over, and a fee for each event.
--
-- Amount = (turnover - what is free) x percent / 100 + (events - free events) x fee. Free are the first `free_events`
-- events, or the first `free_total` of turnover, whichever ends first. With 1.3 % and a fee of 2.00, events of 50, 100,
-- 250 and 400 of which 250 are free: 550 x 1.3 % + 2 x 2.00 = 11.15. The events are told one by one as far as some may be
-- free; `event_count` says how many there were.
--
-- Source: Lago's percentage model.

local nothing = decimal "0"

-- How many events, and what turnover, are free.
local function free(price, events)
  local count, upto, total = 0, nothing, nothing
  if not price.free_events and not price.free_total then return count, total end
  for i, event in ipairs(events) do
    upto = upto + event.quantity
    if price.free_events and i > price.free_events then break end
    total = price.free_total and upto:min(price.free_total) or upto
    if not price.free_total or upto <= price.free_total then count = i end
  end
  return count, total
end

rule "price/percentage" {
  policy = "price",
  doc = "A percentage of the turnover, a fee for each event; the first of them free.",
  run = function (request)
    if not request.quantity:is_positive() then
      return { currency = request.currency, amount = money(0, request.currency):exact() }
    end
    local one = money(1, request.currency)
    local price = request.price
    local free_events, free_total = free(price, request.events)
    local turnover = (request.quantity - free_total):max(nothing)
    local fees = (price.event_fee or nothing) * ((request.event_count or #request.events) - free_events)
    local amount = one:exact():percent(price.percent) * turnover + one * fees
    local part = { currency = request.currency, quantity = turnover, unit_price = price.percent * decimal "0.01",
                   flat_price = fees, amount = amount }
    return { currency = request.currency, amount = amount, parts = { part } }
  end,
}
