-- none.lua: the whole price, whatever part of the period is served.
--
-- Share = 1. A period that has begun is paid in full; nothing is given back for what is not used.
--
-- Source: charges with isProrated = 0 (BluBilling), proration = none (Maxio).

rule "proration/none" {
  policy = "proration",
  doc = "The whole price.",
  run = function (change)
    if change.reason == "credit" then
      return change.price:portion(0, 1)
    end
    return change.price
  end,
}
