-- percent.lua: a tax is its percentage of what it is taken of.
--
-- Tax = amount x percent / 100, exact; the rounding policy makes it cents. The percentage is that of the
-- charge in the catalog; one rate for all places.
--
-- Source: "Service Tax 10 %" as a percentage charge (BluBilling): 55.00 gives 5.50.

rule "tax/percent" {
  policy = "tax",
  doc = "The charge's percentage of the amount.",
  run = function (request)
    return request.amount:percent(request.percent)
  end,
}
