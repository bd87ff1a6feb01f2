-- by_year.lua: an invoice number begins with the year of the invoice.
--
-- The counter goes on over the years, so that no number comes twice and none is missing. The tenant's settings may give what
-- stands before it and a least number of digits:
--
--     "invoice_number": { "prefix": "INV-", "digits": 6 }       1019 becomes INV-2026-001019
--
-- Source: sequential numbers as tax law asks for them, with the year as most bookkeepers write it.

rule "invoice_number/by_year" {
  policy = "invoice_number",
  doc = "The year and the counter, with a prefix and leading zeros when the settings say so.",
  run = function (request)
    local number = tostring(request.counter)
    local zeros = ("0"):rep((request.digits or 1) - #number)
    return (request.prefix or "") .. request.invoice_date.year .. "-" .. zeros .. number
  end,
}
