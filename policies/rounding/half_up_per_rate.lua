-- half_up_per_rate.lua: the tax of each rate is rounded as one sum; all else line by line.
--
-- Two lines of 68.33 at 20 %: 27.33, where 13.67 on each line would be 27.34. What the tax office gets of a rate is then
-- the rate of what was sold under it.
--
-- Source: tax totals by rate, as Lago prints them.

rule "rounding/half_up_per_rate" {
  policy = "rounding",
  doc = "The tax of each rate to the cent, ties away from zero.",
  run = function ()
    return { mode = "half_up", place = "rate" }
  end,
}
