-- catalog.lua: a cancellation takes effect when the catalog's rules say so.
--
-- Their first case that fits decides; without one it is end_of_term: what is charged for is served to its end.
--
-- Source: Kill Bill's cancel policies.

rule "cancel/catalog" {
  policy = "cancel",
  doc = "As the cancel policy of the catalog says.",
  run = function (asked) return asked.by_catalog end,
}
