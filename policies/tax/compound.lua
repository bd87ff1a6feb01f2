-- compound.lua: a tax that is also taken of the taxes before it.
--
-- Tax = (amount + taxes of the rates before it) x percent / 100, exact: after 5 % on 100.00 a compound 7 % is 7.35. A
-- rate that does not compound is its percentage of the amount alone.
--
-- Source: stacked provincial taxes, as Meteroid's table has them.

rule "tax/compound" {
  policy = "tax",
  doc = "The percentage of the amount and of the taxes before it.",
  run = function (request)
    local base = request.amount
    if request.compound and request.before then
      base = base + request.before
    end
    return base:percent(request.percent)
  end,
}
