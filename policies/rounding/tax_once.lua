-- tax_once.lua: lines are rounded each, their taxes together.
--
-- What is sold is rounded line by line; all taxes of the invoice stay exact and are rounded as one sum, which the tax
-- lines are made to add up to. Four lines of 68.33 at 20 %: taxes of 54.66, not 4 x 13.67 = 54.68.
--
-- Source: Lago, which rounds an invoice's taxes once.

rule "rounding/tax_once" {
  policy = "rounding",
  doc = "Each line to the cent, taxes as one sum; ties away from zero.",
  run = function ()
    return { mode = "half_up", place = "line", tax_place = "invoice" }
  end,
}
