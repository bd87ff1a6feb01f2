-- at_least_a_month.lua: what was taken for days goes on by the month.
--
-- A first period of days is a trial or a broken month. Longer periods go on as usual.
--
-- Source: hosting providers, which sell a week to try and months after that.

rule "renewal/at_least_a_month" {
  policy = "renewal",
  doc = "For a month where the usual period is shorter.",
  run = function (asked)
    if asked.period.months == 0 and asked.period.days < 28 then
      return { period = duration "P1M" }
    end
    return {}
  end,
}
