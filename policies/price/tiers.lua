-- tiers.lua: how a quantity meets the tiers of a price; for the policies beside it, it decides nothing itself.
--
-- A tier holds what lies above the tier before it, up to its own last quantity; the last one is open. Below the start of the
-- first tier nothing is charged, and counting begins there: of 7 units from 5 on three are charged. Free units come before
-- the first tier. Which tier a quantity reaches is looked up as `tier_lookup` says:
--
--     raw       with the quantity as it is: 10.5 is above a tier that ends at 10
--     ceiling   rounded up: 100.2 is looked up as 101
--     floor     rounded down: 10.5 is still in the tier that ends at 10
--     next      a tier ends before its last quantity, which is the first of the next one
--
-- What is given back (a quantity below zero) costs what as much of it would, with the sign turned.

local tiers = {}

local nothing = decimal "0"

-- Without its sign, less what is free.
function tiers.charged(request)
  return (request.quantity:abs() - (request.price.free_quantity or nothing)):max(nothing)
end

-- Where the first tier begins: units above it are charged.
function tiers.bottom(request)
  local starts_at = request.price.tiers[1].starts_at or nothing
  return (starts_at - 1):max(nothing)
end

local function looked_up(request, quantity)
  local lookup = request.price.tier_lookup
  if lookup == "ceiling" or lookup == "floor" then return quantity:round(0, lookup) end
  return quantity
end

-- The number of the tier that this quantity reaches.
function tiers.reached(request, quantity)
  local looked = looked_up(request, quantity)
  for i, tier in ipairs(request.price.tiers) do
    local ends_at = tier.ends_at
    if not ends_at or looked < ends_at or (request.price.tier_lookup ~= "next" and looked <= ends_at) then return i end
  end
  return #request.price.tiers
end

-- One tier's part of the answer: units at its price, and its flat price.
function tiers.part(request, i, units, with_flat)
  local tier = request.price.tiers[i]
  local unit_price = tier.unit_price or (tier.percent or nothing) * decimal "0.01"
  local flat_price = with_flat and tier.flat_price or nothing
  return {
    currency = request.currency, tier = i, quantity = units, unit_price = unit_price, flat_price = flat_price,
    amount = money(1, request.currency) * (units * unit_price + flat_price),
  }
end

-- The answer that these parts add up to; what is given back has the other sign.
function tiers.answer(request, parts)
  local total = money(0, request.currency):exact()
  for _, part in ipairs(parts) do
    if request.quantity:is_negative() then
      part.quantity, part.amount = part.quantity:negate(), part.amount:negate()
    end
    total = total + part.amount
  end
  return { currency = request.currency, amount = total, parts = parts }
end

-- Each unit in its own tier.
function tiers.by_tier(request)
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
end

return tiers
