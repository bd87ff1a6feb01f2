-- proration.lua: what rules/proration.lua answers.

check "a day is a thirtieth" {
  on = "proration",
  given = { price = money "30.00 EUR", days_left = 12, days_in_period = 28 },
  expect = money "12.00 EUR",
}

check "the thirty-first day is free" {
  on = "proration",
  given = { price = money "30.00 EUR", days_left = 31, days_in_period = 31 },
  expect = money "30.00 EUR",
}

check "longer periods go by their days" {
  on = "proration",
  given = { price = money "365.00 EUR", days_left = 100, days_in_period = 365 },
  expect = money "100.00 EUR",
}
