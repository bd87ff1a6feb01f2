-- peers_credit.lua: rules of credit notes.

local help = require "peers_help"
local present, major, minor = help.present, help.major, help.minor

local rules = {}

local function tax_share(percent) return value.divide(tostring(percent), "100") end

local function columns(note)
  return {
    coupon_adjustment_minor = note.discount, sub_total_minor = note.sub_total, tax_minor = note.tax, total_minor = note.total,
  }
end

-- The unused part of a fee, exact, by days of the period.
local function unused(fee_minor, days, period_days, currency)
  local start = "2001-01-01"
  return cycle.prorate("proration/half_open_days", currency, {
    price = major(fee_minor, currency), start = start, finish = calendar.add_days(start, period_days),
    from = calendar.add_days(start, period_days - days), to = calendar.add_days(start, period_days), credit = true,
  })
end

-- ------------------------------------------------------------------------------------------------- one note

function rules.credit_unused_days(check, input)
  local currency = help.currency_of(input)
  local item = {
    credited = unused(input.fee_minor, input.unused_days, input.period_days, currency), amount = major(input.fee_minor, currency),
    discount = present(input.coupon_minor) and major(input.coupon_minor, currency) or nil, tax = tax_share(input.rate_pct),
  }
  return columns(amount.note(currency, { item }, help.mode_of(check, input.rounding or input.mode)))
end

-- A note's total is the sum of its parts, whatever was asked for.
function rules.credit_total_must_add_up(check, input)
  local currency, items = help.currency_of(input), {}
  for _, item_minor in ipairs(help.or_nil(input.items_minor) or { input.item_minor }) do
    items[#items + 1] = { credited = major(item_minor, currency), amount = major(item_minor, currency) }
  end
  local net = amount.note(currency, items, "half_up").sub_total
  return { total_minor = net + input.tax_minor, sub_total_minor = net, tax_minor = input.tax_minor }
end

-- Items of an invoice whose fees bear a coupon together: each item bears its part of it.
function rules.credit_note_estimate_parts(check, input)
  local currency, items = help.currency_of(input), {}
  for i = 1, #input.fees_minor do
    items[i] = {
      credited = major(input.item_minor, currency), amount = major(input.invoice_fees_minor, currency),
      discount = major(input.coupon_minor, currency), tax = tax_share(input.rate_pct),
    }
  end
  local note = amount.note(currency, items, "half_up")
  local found = columns(note)
  local exact_tax = value.divide(note.exact_tax, major(1, currency))
  found.exact_tax = function (c, expected) -- which the origin shows to three digits
    c:alike_to("exact_tax", expected, value.round(exact_tax, 3, "half_up"))
  end
  found.origin_tax_minor = function (c, expected)
    c:refuse("tax %s of the origin: exactly %s, which is %d", tostring(expected), value.round(exact_tax, 6, "half_up"),
      note.tax)
  end
  found.origin_total_minor = function (c, expected)
    c:refuse("total %s of the origin: its parts %d and %d make %d", tostring(expected), note.sub_total, note.tax, note.total)
  end
  return found
end

-- ------------------------------------------------------------------------------------------------- notes of an invoice

local function fee_items(input, currency)
  local invoice, all = input.invoice, {}
  local lefts = {}
  for i, fee in ipairs(invoice.fees) do lefts[i] = major(fee.amount_minor, currency) end
  local coupon = major(present(invoice.coupon_minor) and invoice.coupon_minor or 0, currency)
  local shares = amount.spread(currency, lefts, nil, coupon, false)
  for i, fee in ipairs(invoice.fees) do
    local percent = present(fee.rate_pct) and fee.rate_pct or invoice.rate_pct
    all[i] = { key = fee.key, credited = lefts[i], amount = lefts[i], discount = shares[i], tax = tax_share(percent) }
  end
  return all
end

function rules.credit_note_sequence(check, input)
  local currency, by_key, notes = help.currency_of(input), {}, {}
  local all = fee_items(input, currency)
  for _, item in ipairs(all) do by_key[item.key] = item end
  for i, note in ipairs(input.notes) do
    notes[i] = {}
    for j, item in ipairs(note.items) do
      local fee = by_key[item.fee] or check:skip("a note names a fee '%s' that the invoice has not", tostring(item.fee))
      notes[i][j] = {
        credited = value.multiply(tostring(item.amount_minor), major(1, currency)), amount = fee.amount, discount = fee.discount, tax = fee.tax,
      }
    end
  end
  local made = amount.notes(currency, all, notes, help.mode_of(check, input.rounding))
  return {
    notes = function (c, expected)
      for i, columns_expected in ipairs(expected) do
        for name, wanted in pairs(columns_expected) do
          local found = columns(made[i])[name]
          c:alike_to(("notes[%d].%s"):format(i, name), wanted, found)
        end
      end
    end,
  }
end

-- An invoice that earlier credit pays a part of.
function rules.invoice_after_credit(check, input)
  local currency, fees, lines = help.currency_of(input), 0, {}
  for i, fee in ipairs(input.fees) do
    fees = fees + fee.amount_minor
    lines[i] = { base = major(fee.amount_minor, currency), rates = { { name = "tax", percent = tostring(input.rate_pct) } } }
  end
  local _, exact = amount.taxes("tax/percent", currency, lines, "half_up", "invoice")
  local tax = minor(exact, currency)
  return { fees_minor = fees, tax_minor = tax, sub_total_minor = fees, total_minor = fees + tax - input.credit_minor }
end

-- ------------------------------------------------------------------------------------------------- termination

-- What was paid of an invoice for one fee and not used: refundable.
local function refundable(input, currency, total)
  local tax, coupon = tax_share(input.rate_pct), major(input.coupon_minor, currency)
  local fee, other = major(input.fee_minor, currency), major(input.other_fees_minor, currency)
  local line = amount.with_tax(currency, fee, coupon, tax, "1")
  local invoice = value.add(line, amount.with_tax(currency, other, "0", tax, "1"))
  local used = amount.with_tax(currency, fee, coupon, tax, value.divide(tostring(input.used_days), tostring(input.period_days)))
  return amount.refundable(currency, { paid = input.paid_minor, line = line, invoice = invoice, used = used }, total, "half_up")
end

-- The unused time of a fee, less what was credited of it before; refunded, kept as a credit or taken off what is owed.
function rules.termination_credit(check, input)
  local currency = help.currency_of(input)
  local left = value.subtract(unused(input.fee_minor, input.unused_days, input.period_days, currency),
    major(input.already_credited_item_minor, currency))
  if value.compare(left, "0") < 0 then left = "0" end
  local note = amount.note(currency, { {
    credited = left, amount = major(input.fee_minor, currency), discount = major(input.coupon_minor, currency),
    tax = tax_share(input.rate_pct),
  } }, "half_up")
  local split = amount.settle("credit_note/" .. input.mode, currency, note.total, 0, refundable(input, currency, note.total))
  return {
    total_minor = note.total, tax_minor = note.tax, sub_total_minor = note.sub_total, refund_minor = split.refund,
    credit_minor = split.credit, offset_minor = split.offset,
  }
end

function rules.termination_credit_half_unit(check, input)
  local currency = help.currency_of(input)
  local exact = unused(input.fee_minor, input.unused_days, input.period_days, currency)
  local half_up = minor(exact, currency)
  local function refused(name)
    return function (c, expected)
      c:refuse("%s %s: binary floating point; exactly %s, which is %d", name, tostring(expected),
        value.round(value.divide(exact, major(1, currency)), 6, "half_up"), half_up)
    end
  end
  return {
    exact = value.round(value.divide(exact, major(1, currency)), 6, "half_up"), half_up_minor = half_up,
    origin_minor = refused("origin_minor"), origin_precise = refused("origin_precise"),
  }
end

return rules
