-- immediate.lua: a change of plan takes effect at once.
--
-- What is charged for the days that are left goes back, and the new plan's part of them is charged. What the catalog's
-- rules call illegal stays so.
--
-- Source: Stripe Billing and Lago change at once; Kill Bill's IMMEDIATE.

rule "change/immediate" {
  policy = "change",
  doc = "At once.",
  run = function (asked) return asked.by_catalog == "illegal" and "illegal" or "immediate" end,
}
