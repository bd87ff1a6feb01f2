-- usual.lua: a subscription that renews itself goes on for as long as its plan or its term says.
--
-- Source: BluBilling and APS renew for the period there was.

rule "renewal/usual" {
  policy = "renewal",
  doc = "As the plan or the term says.",
  run = function () return {} end,
}
