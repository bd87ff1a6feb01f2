-- attempts.lua: a declined payment is tried again until a number of attempts has failed.
--
-- The tenant's settings say how often and what then:
--
--     "retry": { "max_attempts": 3, "days_between": 1, "on_exhausted": "cancel_invoice_suspend_order" }
--
--   max_attempts   failures on one invoice, the first one included, after which no more is tried (default 3)
--   days_between   days from a failure to the next automatic attempt (default 1)
--   on_exhausted   "nothing" (default), "cancel_invoice", "suspend_order" or "cancel_invoice_suspend_order"
--
-- Only payments that were charged automatically get a date for the next attempt; a caller who was declined
-- tries again himself, and counts all the same.
--
-- Source: BluBilling, "up to three retry attempts".

local consequences = {
  nothing = {},
  cancel_invoice = { cancel_invoice = true },
  suspend_order = { suspend_orders = true },
  cancel_invoice_suspend_order = { cancel_invoice = true, suspend_orders = true },
}

rule "retry/attempts" {
  policy = "retry",
  doc = "Tried again each few days until a number of attempts has failed.",
  run = function (failure, ctx)
    local settings = ctx.settings.retry or {}
    if failure.attempts < (settings.max_attempts or 3) then
      local days_between = settings.days_between or 1
      return { retry_on = failure.automatic and failure.today + days_between or nil }
    end
    local word = settings.on_exhausted or "nothing"
    local consequence = consequences[word]
    if not consequence then
      error("the setting retry.on_exhausted is not one of its words: " .. tostring(word))
    end
    return { give_up = true, cancel_invoice = consequence.cancel_invoice, suspend_orders = consequence.suspend_orders }
  end,
}
