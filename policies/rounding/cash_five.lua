-- cash_five.lua: amounts become multiples of 0.05, ties away from zero.
--
-- 10.02 becomes 10.00, 10.03 becomes 10.05. For places where smaller coins are gone and invoices are paid in cash.
--
-- Source: Swiss cash rounding ("Rappenrundung").

rule "rounding/cash_five" {
  policy = "rounding",
  doc = "Each line to 0.05, ties away from zero.",
  run = function ()
    return { mode = "half_up", place = "line", step = decimal "0.05" }
  end,
}
