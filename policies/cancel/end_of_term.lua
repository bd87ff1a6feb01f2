-- end_of_term.lua: a cancellation takes effect when what is charged for is served.
--
-- Nothing goes back. What the catalog's rules call illegal stays so.
--
-- Source: Kill Bill's END_OF_TERM; Stripe Billing's cancel at period end.

rule "cancel/end_of_term" {
  policy = "cancel",
  doc = "When what is charged for is served.",
  run = function (asked) return asked.by_catalog == "illegal" and "illegal" or "end_of_term" end,
}
