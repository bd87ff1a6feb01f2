-- refund.lua: what was paid for and not used is paid back; the rest of a credit note becomes a credit.
--
-- Source: Lago, on_termination_credit_note = refund.

rule "credit_note/refund" {
  policy = "credit_note",
  doc = "What was paid for it is paid back, the rest becomes a credit.",
  run = function (note)
    local refund = note.refundable:min(note.total)
    return { currency = note.total.currency, refund = refund, credit = note.total - refund }
  end,
}
