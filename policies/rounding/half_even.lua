-- half_even.lua: each line is rounded to the smallest unit of its currency, ties to the even digit.
--
-- 5.485 becomes 5.48, 5.495 becomes 5.50. Over many lines ties are rounded up as often as down.
--
-- Source: IEEE 754 roundTiesToEven, called banker's rounding.

rule "rounding/half_even" {
  policy = "rounding",
  doc = "Each line to the cent, ties to the even digit.",
  run = function ()
    return { mode = "half_even", place = "line" }
  end,
}
