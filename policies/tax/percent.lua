-- percent.lua: a tax is its percentage of what it is taken of.
--
-- Tax = amount x percent / 100, exact; the rounding policy makes it cents. A rate that is within the amount is what
-- tax/inclusive says, one that compounds what tax/compound says, so that a list of rates needs no other choice.
--
-- Source: "Service Tax 10 %" as a percentage charge (BluBilling): 55.00 gives 5.50.

rule "tax/percent" {
  policy = "tax",
  doc = "The rate's percentage of the amount.",
  run = function (request)
    if request.inclusive then
      local all = request.inclusive_percent or request.percent
      return request.amount:portion(request.percent, all + 100)
    end
    if request.compound and request.before then
      return (request.amount + request.before):percent(request.percent)
    end
    return request.amount:percent(request.percent)
  end,
}
