-- half_up_per_invoice.lua: the sum of an invoice is rounded once; its lines are made to add up to it.
--
-- Lines stay exact until the end; each gets its floor, and the cents that are left go to the largest remainders. Three
-- thirds of 100.00 are 33.34, 33.33 and 33.33.
--
-- Source: invoices rounded as a whole.

rule "rounding/half_up_per_invoice" {
  policy = "rounding",
  doc = "The invoice to the cent, ties away from zero.",
  run = function ()
    return { mode = "half_up", place = "invoice" }
  end,
}
