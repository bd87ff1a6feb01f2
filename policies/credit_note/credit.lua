-- credit.lua: what a credit note gives back is a credit for the next invoices.
--
-- Source: Lago's default on termination.

rule "credit_note/credit" {
  policy = "credit_note",
  doc = "All of it becomes a credit.",
  run = function (note)
    return { currency = note.total.currency, credit = note.total }
  end,
}
