-- peers_help.lua: what the rules of peers share: words of other systems, dates, amounts. Sums come from the product.

local help = {}

local PERIODS = {
  daily = "daily", day = "daily", weekly = "weekly", week = "weekly", monthly = "monthly", month = "monthly",
  quarterly = "quarterly", quarter = "quarterly", semiannual = "biannual", semi_annual = "biannual",
  half_yearly = "biannual", half_year = "biannual", annual = "annual", annually = "annual", yearly = "annual",
  year = "annual",
}

local MODES = {
  round = "half_up", half_up = "half_up", half_away_from_zero = "half_up", half_even = "half_even", bankers = "half_even",
  half_down = "half_down", half_toward_zero = "half_down", ceil = "ceiling", ceiling = "ceiling", floor = "floor", up = "up",
  away_from_zero = "up", down = "down", truncate = "down", trunc = "down", toward_zero = "down",
}

function help.present(item) return item ~= nil and item ~= document.null end

function help.or_nil(item) return help.present(item) and item or nil end

function help.period_of(check, input)
  local name = tostring(input.interval or input.period or input.billing_period):lower()
  return PERIODS[name] or check:skip("interval '%s' has no counterpart", name)
end

function help.mode_of(check, name)
  if not help.present(name) then return "half_up" end
  return MODES[name] or check:skip("rounding '%s' has no counterpart", tostring(name))
end

function help.currency_of(input)
  return (help.present(input.currency) and input.currency or "USD"):upper()
end

-- A local date: dates as they are, instants in their zone.
function help.date_of(text, zone)
  return text:find("T", 1, true) and calendar.local_date(text, help.or_nil(zone)) or text
end

function help.next_day(date) return calendar.add_days(date, 1) end

-- The later of two dates.
function help.later(a, b) return calendar.days_between(a, b) > 0 and b or a end

function help.sum(amounts)
  local total = "0"
  for _, amount in ipairs(amounts) do total = assert(value.add(total, amount)) end
  return total
end

-- Smallest units as an amount, and an exact amount as rounded smallest units.
function help.major(minor, currency) return value.amount(minor, currency or "USD") end

function help.minor(exact, currency, mode)
  local amount, minor = value.round_exact(exact, currency or "USD", mode or "half_up")
  assert(amount, minor)
  return minor, amount
end

-- For a column that may be a fraction, or a decimal that an origin has cut after some digits.
function help.close(name, found)
  return function (check, expected)
    local text = tostring(expected)
    local digits = #(text:match("%.(%d+)$") or "")
    if digits < 5 then return check:that(value.compare(text, found) == 0, "%s\n  expected: %s\n  found:    %s", name, text, found) end
    local off = value.subtract(text, found)
    check:that(value.compare(off, "0.00001") <= 0 and value.compare(off, "-0.00001") >= 0,
      "%s\n  expected: %s within 0.00001\n  found:    %s", name, text, found)
  end
end

-- Each of a list by `close`.
function help.close_list(name, found)
  return function (check, expected)
    check:equal(name .. " count", #expected, #found)
    for i, item in ipairs(expected) do help.close(name .. "[" .. i .. "]", found[i] or "0")(check, item) end
  end
end

return help
