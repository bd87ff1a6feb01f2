-- percentage_per_event.lua: a percentage of each event and a fee, within a least and a most.
--
-- Each event costs (its turnover - what of it is free) x percent / 100 + fee, at least `event_minimum` and at most
-- `event_maximum`; one that is wholly free costs nothing. Free is what comes first: `free_events` events, or `free_total`
-- of turnover, whichever ends first. Many events come a stretch at a time, with what there was before; so what is free
-- follows from the turnover up to an event alone, of 100, -30 and 30 the first 50. At 2.99 % within 1.75 and 12.00, the
-- first 30 free: of 10, 80 and 10,000 the first is free, 60 of the second cost 1.794, the third 12.00.
--
-- Source: Lago's percentage model with transaction minimum and maximum.

local nothing = decimal "0"

-- What of the free turnover is left after so much; nil: free is not by turnover.
local function left_free(terms, turnover)
  return terms.free_total and (terms.free_total - turnover):max(nothing)
end

local function price_of(terms, charged)
  local price = charged * terms.percent * decimal "0.01" + (terms.event_fee or nothing)
  if terms.event_minimum then price = price:max(terms.event_minimum) end
  if terms.event_maximum then price = price:min(terms.event_maximum) end
  return price
end

rule "price/percentage_per_event" {
  policy = "price",
  doc = "A percentage of each event and a fee, within bounds; the first of them free.",
  run = function (request)
    local terms = request.price
    local before, total, turnover = request.events_before or 0, nothing, nothing
    local free_events, upto = terms.free_events, request.total_before or nothing
    local left = left_free(terms, upto)
    for i, event in ipairs(request.events) do
      local charged = event.quantity
      if left and (not free_events or before + i <= free_events) then
        upto = upto + charged
        local left_after = left_free(terms, upto)
        left, charged = left_after, charged - (left - left_after)
      elseif free_events and before + i <= free_events then
        charged = nothing
      end
      if charged:is_positive() then
        total, turnover = total + price_of(terms, charged), turnover + charged
      end
    end
    local amount = money(1, request.currency) * total
    local part = { currency = request.currency, quantity = turnover, amount = amount }
    return { currency = request.currency, amount = amount, parts = { part } }
  end,
}
