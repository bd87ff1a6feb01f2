-- peers_tax.lua: rules of rounding, taxes and discounts.

local help = require "peers_help"
local present, major, minor = help.present, help.major, help.minor

local rules = {}

-- ------------------------------------------------------------------------------------------------- currencies, rounding

function rules.minor_units(check, input)
  local exponent = assert(value.exponent(input.currency))
  local minor_units = present(input.amount) and assert(value.money(input.amount, input.currency)) or nil
  return { exponent = exponent, minor = minor_units }
end

function rules.round_to_scale(check, input)
  if not present(input.mode) then return { value = input.value } end
  return { value = assert(value.round(input.value, present(input.scale) and input.scale or 0, help.mode_of(check, input.mode))) }
end

function rules.round_to_currency(check, input)
  local amount_minor, amount = minor(input.amount, help.currency_of(input), help.mode_of(check, input.mode))
  return { amount = amount, minor = amount_minor, amount_minor = amount_minor }
end

-- ------------------------------------------------------------------------------------------------- discounts

local function discounted(input, percent, off)
  local currency = help.currency_of(input)
  local choice = percent and "discount/percent" or "discount/fixed"
  local exact = amount.discount(choice, currency, tostring(input.amount or input.subtotal), percent, off)
  local taken_minor, taken = minor(exact, currency)
  local left = value.subtract(tostring(input.amount or input.subtotal), taken)
  return { discount = taken, discount_minor = taken_minor, final = select(2, minor(left, currency)) }
end

function rules.discount_percentage(check, input) return discounted(input, input.rate_pct or input.pct) end

function rules.discount_fixed(check, input) return discounted(input, nil, input.off) end

-- A discount never takes more than there is.
local function spread_cents(input)
  local currency, lefts = help.currency_of(input), {}
  for i, amount_minor in ipairs(input.amounts_minor) do lefts[i] = major(amount_minor, currency) end
  local whole = amount.discount("discount/fixed", currency, help.sum(lefts), nil, major(input.discount_minor, currency))
  local taken = amount.spread(currency, lefts, nil, whole, true)
  local pieces = {}
  for i, piece in ipairs(taken) do pieces[i] = minor(piece, currency) end
  return pieces, minor(whole, currency)
end

function rules.allocate_fixed_largest_remainder(check, input)
  local pieces, whole = spread_cents(input)
  return { allocation_minor = pieces, total_minor = whole }
end

function rules.distribute_discount_net(check, input)
  local pieces = spread_cents(input)
  local net = {}
  for i, piece in ipairs(pieces) do net[i] = value.subtract(tostring(input.amounts_minor[i]), tostring(piece)) end
  return { net_minor = net }
end

function rules.allocate_percentage_independent(check, input)
  local currency, pieces = help.currency_of(input), {}
  local percent = value.round(value.divide(tostring(input.basis_points), "100"), 9, "half_up")
  for i, amount_minor in ipairs(input.amounts_minor) do
    pieces[i] = minor(amount.discount("discount/percent", currency, major(amount_minor, currency), percent), currency)
  end
  return { allocation_minor = pieces, total_minor = help.sum(pieces) }
end

-- Percentages end in "pct", amounts in "_minor", whatever an origin calls them.
local function member_ending(input, ending, but)
  for name, item in pairs(input) do
    if type(name) == "string" and name ~= but and name:sub(-#ending) == ending and present(item) then return item end
  end
end

local function coupon_percent(coupon) return member_ending(coupon, "pct") end

local function coupon_fixed(coupon) return member_ending(coupon, "_minor", "base_minor") end

-- What a coupon takes of an amount, exact: a percentage of it, or a fixed amount up to it.
local function coupon_of(check, coupon, left, currency)
  local percent, fixed = coupon_percent(coupon), coupon_fixed(coupon)
  if not percent and not fixed then check:skip("a coupon is neither a percentage nor an amount") end
  return amount.discount("discount/percent", currency, left, percent, fixed and major(fixed, currency))
end

-- Percentages first, each of what the ones before it left; then fixed amounts.
function rules.coupons_pct_then_fixed(check, input)
  local currency = help.currency_of(input)
  local left, taken = major(input.subtotal_minor, currency), "0"
  for _, percentages in ipairs { true, false } do
    for _, coupon in ipairs(input.coupons) do
      if (coupon_percent(coupon) ~= nil) == percentages then
        local off = coupon_of(check, coupon, left, currency)
        left, taken = value.subtract(left, off), value.add(taken, off)
      end
    end
  end
  return { discount_minor = minor(taken, currency), net_minor = minor(left, currency) }
end

function rules.coupon_amount(check, input)
  local currency = help.currency_of(input)
  return { coupon_minor = minor(coupon_of(check, input, major(input.base_minor, currency), currency), currency) }
end

-- ------------------------------------------------------------------------------------------------- taxes of one amount

local function rates_of(percents)
  local rates = {}
  for i, percent in ipairs(percents) do rates[i] = { name = "rate " .. percent, percent = tostring(percent) } end
  return rates
end

function rules.tax_exclusive(check, input)
  local currency, mode = help.currency_of(input), help.mode_of(check, input.rounding or input.mode)
  local taxes, exact = amount.taxes("tax/percent", currency, { { base = input.base, rates = rates_of { input.rate_pct } } }, mode, "line")
  local tax = major(taxes[1].minor, currency)
  return {
    tax = tax, tax_minor = taxes[1].minor, total = select(2, minor(value.add(input.base, tax), currency, mode)),
    precise_tax = function (c, expected) c:near("precise_tax", expected, exact) end,
  }
end

-- round: each_rate rounds the tax of each rate and adds these up; once rounds the exact sum.
function rules.tax_multi_rate(check, input)
  local currency, mode = help.currency_of(input), help.mode_of(check, input.rounding or input.mode)
  local round = present(input.round) and input.round or "each_rate"
  local once = round == "once" or round == "sum" or round == "summed_rate" or round == "total"
  if not once and round ~= "each_rate" then check:skip("round '%s' has no counterpart", tostring(round)) end
  local made, exact = amount.taxes("tax/percent", currency, { { base = input.base, rates = rates_of(input.rates_pct) } }, mode, "line")
  local taxes = {}
  for i, tax in ipairs(made) do taxes[i] = major(tax.minor, currency) end
  return { taxes = taxes, total = select(2, minor(once and exact or help.sum(taxes), currency, mode)) }
end

function rules.tax_after_discount(check, input)
  local currency = help.currency_of(input)
  local off = discounted(input, nil, input.discount)
  local taxes = amount.taxes("tax/percent", currency, { { base = off.final, rates = rates_of { input.rate_pct } } }, "half_up", "line")
  local tax = major(taxes[1].minor, currency)
  return { tax = tax, total = value.add(off.final, tax) }
end

-- The taxes of one base in order, some of which are also taken of those before them; rounded as a sum.
function rules.tax_stack(check, input)
  local currency, rates = help.currency_of(input), {}
  for i, rate in ipairs(input.rates) do
    rates[i] = { name = rate.name, percent = tostring(rate.rate_pct), compound = rate.compound == true }
  end
  local _, exact = amount.taxes("tax/compound", currency, { { base = input.base, rates = rates } }, "half_up", "invoice")
  return { tax = select(2, minor(exact, currency)) }
end

-- ------------------------------------------------------------------------------------------------- invoices

local function percents_of(fee)
  if present(fee.rates_pct) then return fee.rates_pct end
  return present(fee.rate_pct) and { fee.rate_pct } or {}
end

-- Taxes of fees { net, percents }: exact and rounded once by line, and all together.
local function taxes_of(fees, currency)
  local lines = {}
  for i, fee in ipairs(fees) do lines[i] = { base = fee.net, rates = rates_of(fee.percents) } end
  local taxes, exact = amount.taxes("tax/percent", currency, lines, "half_up", "rate")
  local of_fee = {}
  for i = 1, #fees do of_fee[i] = "0" end
  for _, tax in ipairs(taxes) do of_fee[tax.line] = value.add(of_fee[tax.line], tax.exact) end
  return taxes, exact, of_fee
end

-- A coupon that is for some fees has a list of their keys.
local function eligible(coupon, fees)
  local keys
  for _, item in pairs(coupon) do keys = type(item) == "table" and item ~= document.null and item or keys end
  if not keys then return nil end
  local among, list = {}, {}
  for _, key in ipairs(keys) do among[key] = true end
  for i, fee in ipairs(fees) do list[i] = among[fee.key] == true end
  return list
end

local function eligible_left(lefts, which)
  local among = {}
  for i, left in ipairs(lefts) do
    if not which or which[i] then among[#among + 1] = left end
  end
  return help.sum(among)
end

-- Coupons in order, each spread over its eligible fees in proportion to what is left of them; then taxes on the net.
function rules.invoice_coupons_then_tax(check, input)
  local currency = help.currency_of(input)
  local lefts, taken, fees = {}, {}, {}
  for i, fee in ipairs(input.fees) do lefts[i], taken[i] = major(fee.amount_minor, currency), "0" end
  for _, coupon in ipairs(help.or_nil(input.coupons) or {}) do
    local which = eligible(coupon, input.fees)
    local off = coupon_of(check, coupon, eligible_left(lefts, which), currency)
    for i, part in ipairs(amount.spread(currency, lefts, which, off, false)) do
      lefts[i], taken[i] = value.subtract(lefts[i], part), value.add(taken[i], part)
    end
  end
  for i, fee in ipairs(input.fees) do fees[i] = { net = lefts[i], percents = percents_of(fee) } end
  local _, exact, of_fee = taxes_of(fees, currency)
  local coupons, taxes = {}, {}
  for i in ipairs(fees) do
    coupons[i] = value.divide(taken[i], major(1, currency))
    taxes[i] = minor(of_fee[i], currency)
  end
  local sub_total, tax = minor(help.sum(lefts), currency), minor(exact, currency)
  return {
    fee_coupon = help.close_list("fee_coupon", coupons), fee_tax_minor = taxes, sub_total_minor = sub_total, tax_minor = tax,
    total_minor = sub_total + tax, coupon_minor = minor(help.sum(taken), currency), coupons_minor = minor(help.sum(taken), currency),
  }
end

-- Bases and taxes of each rate over all fees, and the rate that all bear together.
function rules.invoice_tax_by_rate(check, input)
  local currency, fees, lines = help.currency_of(input), {}, {}
  for i, fee in ipairs(input.fees) do
    local net = value.multiply(tostring(fee.net), major(1, currency))
    fees[i] = { net = net, percents = percents_of(fee) }
    lines[i] = { net = net, percent = help.sum(percents_of(fee)) }
  end
  local taxes, exact = taxes_of(fees, currency)
  local by_rate, at = {}, 0
  for _, fee in ipairs(fees) do
    for _, percent in ipairs(fee.percents) do
      at = at + 1
      local sums = by_rate[percent] or { base = "0", tax_minor = 0 }
      by_rate[percent] = { base = value.add(sums.base, fee.net), tax_minor = sums.tax_minor + taxes[at].minor }
    end
  end
  for percent, sums in pairs(by_rate) do
    by_rate[percent] = { base_minor = minor(sums.base, currency), tax_minor = sums.tax_minor }
  end
  return {
    by_rate = by_rate, tax_minor = minor(exact, currency),
    effective_rate_pct = help.close("effective_rate_pct", amount.effective_percent(currency, lines)),
  }
end

return rules
