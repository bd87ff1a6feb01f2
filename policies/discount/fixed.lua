-- fixed.lua: a discount is its amount, and never more than there is.
--
-- Discount = the lesser of the fixed amount and what earlier discounts have left. One that is a percentage passes.
--
-- Source: fixed coupons of all systems compared.

rule "discount/fixed" {
  policy = "discount",
  doc = "The given amount, at most what is left.",
  run = function (request)
    return request.off and request.off:min(request.amount)
  end,
}
