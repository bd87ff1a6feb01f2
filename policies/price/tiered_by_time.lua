-- tiered_by_time.lua: each unit at the price of its own tier, for the time that it was there.
--
-- The units there at a moment decide the tier of each that comes: the sixth is in the tier of the sixth, whenever it
-- comes. It is paid for by the part of the period it is there for (`prorated` of the event over its units). Units that go
-- give back so much of the highest ones. Flat prices are due for all tiers up to the most units there ever were; where
-- fewer than none are left nothing is due. Many events come a stretch at a time, with what there was before.
--
-- Tiers of 10.00 up to 5 and 5.00 from there, flat prices of 100.00 and 50.00: 5 units for 3.5/5 of the time, then 2 going
-- for 1/2 of it: 35.00 - 10.00 + 100.00 = 125.00.
--
-- Source: Lago's graduated model of prorated recurring metrics.

local nothing = decimal "0"

-- What the units from `low` up to `high` cost for all of the period, and the highest tier they are in.
local function price_between(request, low, high)
  local total, above, reached = nothing, nothing, 1
  for i, tier in ipairs(request.price.tiers) do
    local last = tier.ends_at and tier.ends_at:min(high) or high
    local units = last - above:max(low)
    if units:is_positive() then
      total, reached = total + units * tier.unit_price, i
    end
    if not tier.ends_at or tier.ends_at >= high then break end
    above = tier.ends_at
  end
  return total, reached
end

-- Up to which tier the events before have paid flat prices.
local function flat_before(request)
  if not request.most_before then return 0 end
  local _, reached = price_between(request, nothing, request.most_before)
  return reached
end

rule "price/tiered_by_time" {
  policy = "price",
  doc = "Each unit at the price of its own tier for the time that it was there, and flat prices up to the most there were.",
  run = function (request)
    local one = money(1, request.currency)
    local there, total = request.total_before or nothing, money(0, request.currency):exact()
    local paid = flat_before(request)
    local highest = math.max(paid, 1)
    for _, event in ipairs(request.events) do
      local before = there
      there = there + event.quantity
      local low, high = before:min(there):max(nothing), before:max(there):max(nothing)
      local price, reached = price_between(request, low, high)
      highest = math.max(highest, reached)
      if not event.quantity:is_zero() then
        local share = one:exact():portion(event.prorated, event.quantity)
        total = total + share * (event.quantity:is_negative() and price:negate() or price)
      end
    end
    if there:is_negative() and not request.events_before then total, highest = money(0, request.currency):exact(), 0 end
    for i = paid + 1, highest do total = total + one * (request.price.tiers[i].flat_price or nothing) end
    return { currency = request.currency, amount = total }
  end,
}
