-- immediate.lua: a cancellation takes effect at once.
--
-- What is charged for the days that are left goes back, as the proration says. What the catalog's rules call illegal stays so.
--
-- Source: Kill Bill's IMMEDIATE.

rule "cancel/immediate" {
  policy = "cancel",
  doc = "At once.",
  run = function (asked) return asked.by_catalog == "illegal" and "illegal" or "immediate" end,
}
