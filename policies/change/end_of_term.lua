-- end_of_term.lua: a change of plan takes effect when what is charged for is served.
--
-- Nothing goes back and nothing is prorated. What the catalog's rules call illegal stays so.
--
-- Source: Kill Bill's END_OF_TERM; Maxio's delayed product change.

rule "change/end_of_term" {
  policy = "change",
  doc = "When what is charged for is served.",
  run = function (asked) return asked.by_catalog == "illegal" and "illegal" or "end_of_term" end,
}
