-- offset.lua: what was paid for and not used is paid back; the rest of a credit note is taken off what is owed.
--
-- Source: Lago, on_termination_credit_note = offset.

rule "credit_note/offset" {
  policy = "credit_note",
  doc = "What was paid for it is paid back, the rest lowers what is owed.",
  run = function (note)
    local refund = note.refundable:min(note.total)
    return { currency = note.total.currency, refund = refund, offset = note.total - refund }
  end,
}
