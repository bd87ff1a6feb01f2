-- inclusive.lua: the tax is within the amount.
--
-- Tax = amount x percent / (100 + the sum of all inclusive percentages on this amount), exact: of 120.00 at 20 % it is
-- 20.00. With 10 % and 5 % both within 115.00 they are 10.00 and 5.00.
--
-- Source: gross prices of shops; Stripe, Zuora and Polar ("inclusive").

rule "tax/inclusive" {
  policy = "tax",
  doc = "The percentage of what the amount is without its inclusive taxes.",
  run = function (request)
    local all = request.inclusive_percent or request.percent
    return request.amount:portion(request.percent, all + 100)
  end,
}
