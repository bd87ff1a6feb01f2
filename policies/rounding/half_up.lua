-- half_up.lua: each line is rounded to the smallest unit of its currency, ties away from zero.
--
-- 5.485 becomes 5.49, -5.485 becomes -5.49. What an invoice shows adds up by itself, because its lines
-- are rounded before they are added.
--
-- Source: commercial rounding; the default of all systems compared.

rule "rounding/half_up" {
  policy = "rounding",
  doc = "Each line to the cent, ties away from zero.",
  run = function ()
    return { mode = "half_up", place = "line" }
  end,
}
