-- lapse.lua: no subscription renews itself, whatever its order says; it ends at its end.
--
-- The wish to renew itself is taken off it when it would have been renewed. Renewals that are asked for are made as ever.
--
-- Source: laws that ask for consent before a contract is prolonged, as Germany's for consumers.

rule "renewal/lapse" {
  policy = "renewal",
  doc = "Nothing renews itself.",
  run = function () return { lapse = true } end,
}
