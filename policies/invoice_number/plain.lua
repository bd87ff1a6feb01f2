-- plain.lua: an invoice number is the counter, perhaps with something before it.
--
-- The tenant's settings may give a prefix and a least number of digits:
--
--     "invoice_number": { "prefix": "INV-", "digits": 6 }       1019 becomes INV-001019
--
-- Without settings 1019 is written 1019. The counter has no gaps; whatever is written here must differ for
-- different counters, which a prefix and leading zeros cannot change.
--
-- Source: sequential numbers as tax law asks for them; BluBilling writes the plain number.

rule "invoice_number/plain" {
  policy = "invoice_number",
  doc = "The counter, with a prefix and leading zeros when the settings say so.",
  run = function (request)
    local number = tostring(request.counter)
    local digits, prefix = request.digits, request.prefix
    if digits then
      number = ("0"):rep(digits - #number) .. number
    end
    return prefix and prefix .. number or number
  end,
}
