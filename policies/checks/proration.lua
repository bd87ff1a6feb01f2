-- proration.lua: what part of a price is due. September 2011 has thirty days, of which those from the twentieth are eleven; the
-- price is 165.00 of them unless a check says otherwise.

local function part(from, to, more)
  local change = more or {}
  change.price = change.price or money "165.00 EUR"
  change.period_start, change.period_end = change.period_start or date "2011-09-01", change.period_end or date "2011-10-01"
  change.service_start, change.service_end = date(from), date(to)
  change.days_left = change.service_end - change.service_start
  change.days_in_period = change.period_end - change.period_start
  change.reason = change.reason or "start"
  return change
end

check "days from the first to the last, both counted" {
  on = "proration", rule = "proration/inclusive_days", given = part("2011-09-20", "2011-10-01"), expect = money "60.50 EUR",
}

check "days of half-open periods" {
  on = "proration", rule = "proration/half_open_days", given = part("2011-09-20", "2011-10-01"), expect = money "60.50 EUR",
}

check "the first day within a period is not counted" {
  on = "proration", rule = "proration/exclusive_start_days", given = part("2011-09-20", "2011-10-01"), expect = money "55.00 EUR",
}

check "a month of thirty days" {
  on = "proration", rule = "proration/thirty_day_month",
  given = part("2026-01-01", "2026-01-16", { period_start = date "2026-01-01", period_end = date "2026-02-01" }), expect = money "82.50 EUR",
}

check "a whole month of 31 days costs the month" {
  on = "proration", rule = "proration/thirty_day_month",
  given = part("2026-01-01", "2026-02-01", { period_start = date "2026-01-01", period_end = date "2026-02-01" }), expect = money "165.00 EUR",
}

check "nothing is prorated" {
  on = "proration", rule = "proration/none", given = part("2011-09-20", "2011-10-01"), expect = money "165.00 EUR",
}

check "and nothing goes back" {
  on = "proration", rule = "proration/none", given = part("2011-09-20", "2011-10-01", { reason = "credit" }), expect = money "0.00 EUR",
}

check "the whole is charged" {
  on = "proration", rule = "proration/full", given = part("2011-09-20", "2011-10-01"), expect = money "165.00 EUR",
}

check "and the whole goes back" {
  on = "proration", rule = "proration/full",
  given = part("2011-09-20", "2011-10-01", { reason = "credit", paid = money "165.00 EUR" }), expect = money "165.00 EUR",
}

check "by seconds where there are seconds" {
  on = "proration", rule = "proration/seconds",
  given = part("2011-09-20", "2011-10-01", { seconds_left = 864000, seconds_in_period = 2592000 }), expect = money "55.00 EUR",
}

check "by seconds, but a whole period whole" {
  on = "proration", rule = "proration/seconds_or_whole",
  given = part("2011-09-01", "2011-10-01", { seconds_left = 2592000, seconds_in_period = 2592000 }), expect = money "165.00 EUR",
}

check "nine digits of the ratio" {
  on = "proration", rule = "proration/killbill",
  given = part("2012-01-15", "2012-01-20", { price = money "10.00 EUR", period_start = date "2012-01-15", period_end = date "2012-02-15" }),
  expect = "1.61290323 EUR",
}

check "no more goes back than was paid" {
  on = "proration", rule = "proration/credit_capped",
  given = part("2011-09-20", "2011-10-01", { reason = "credit", paid = money "40.00 EUR" }), expect = money "40.00 EUR",
}
