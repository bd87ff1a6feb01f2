-- percent.lua: a discount is its percentage of what it is taken off.
--
-- Discount = amount x percent / 100, exact and not above the amount; the rounding policy makes it cents. One that has a
-- fixed amount instead takes that, and never more than there is. It is returned as a positive amount, the invoice
-- shows it as a negative line.
--
-- Source: percentage discounts of orders, as all systems compared have them.

rule "discount/percent" {
  policy = "discount",
  doc = "The given percentage of the amount, or the given amount.",
  run = function (request)
    if request.percent then
      return request.amount:percent(request.percent)
    end
    return request.off:min(request.amount)
  end,
}
