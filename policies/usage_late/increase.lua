-- increase.lua: a billed window can only become dearer.
--
-- Late usage is billed; removed usage gives nothing back.
--
-- Source: Kill Bill with org.killbill.invoice.usage.missing.lenient.

rule "usage_late/increase" {
  policy = "usage_late",
  doc = "A higher amount is billed, a lower one is not given back.",
  run = function (late)
    return { action = late.difference:is_negative() and "keep" or "bill" }
  end,
}
