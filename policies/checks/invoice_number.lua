-- invoice_number.lua: how the number of an invoice is written.

local function invoice(more)
  more.counter, more.invoice_date = 1019, date "2026-11-23"
  return more
end

check "the counter alone" { on = "invoice_number", rule = "invoice_number/plain", given = invoice {}, expect = "1019" }

check "with a prefix and zeros" {
  on = "invoice_number", rule = "invoice_number/plain",
  given = invoice { prefix = "INV-", digits = 6 }, expect = "INV-001019",
}

check "more digits than asked for are kept" {
  on = "invoice_number", rule = "invoice_number/plain", given = invoice { digits = 2 }, expect = "1019",
}

check "the year before it" { on = "invoice_number", rule = "invoice_number/by_year", given = invoice {}, expect = "2026-1019" }

check "the year between prefix and zeros" {
  on = "invoice_number", rule = "invoice_number/by_year",
  given = invoice { prefix = "INV-", digits = 6 }, expect = "INV-2026-001019",
}
