-- policies.lua: the kinds of policies: the questions that the core puts to rules.
--
--     policy "rounding" { input = "rounding_request", result = "rounding_decision", default = "rounding/half_up", doc = "..." }
--
--   input     the record the rule is given; left out while nothing in the core asks this question
--   result    exact (an amount not yet rounded), money, text, or the record that the rule fills
--   default   the shipped rule (policies/<default>.lua) that answers when no other does

policy "proration" {
	input = "proration_change", result = "exact", default = "proration/inclusive_days",
	doc = "What part of a price is due, or given back, when something begins, changes or ends within a period.",
}

policy "rounding" {
	input = "rounding_request", result = "rounding_decision", default = "rounding/half_up",
	doc = "How an exact amount becomes money: mode and place.",
}

policy "tax" {
	input = "tax_request", result = "exact", default = "tax/percent",
	doc = "The tax on a line.",
}

policy "tax_rates" {
	input = "tax_rates_request", result = "tax_rates_decision", default = "tax_rates/setting",
	doc = "Which taxes lie on a line of a plan that is subscribed to directly.",
}

policy "credit_note" {
	input = "credit_note_request", result = "credit_note_decision", default = "credit_note/credit",
	doc = "How a credit note is settled: paid back, kept as a credit, taken off what is owed.",
}

policy "discount" {
	input = "discount_request", result = "exact", default = "discount/percent",
	doc = "How much a discount takes off a line.",
}

policy "usage_late" {
	input = "usage_late_request", result = "usage_late_decision", default = "usage_late/difference",
	doc = "What becomes of the difference when usage came late to, or was removed from, a window that was billed.",
}

policy "retry" {
	input = "retry_failure", result = "retry_decision", default = "retry/attempts",
	doc = "When a failed payment is tried again, or that it is not.",
}

policy "invoice_number" {
	input = "invoice_number_request", result = "text", default = "invoice_number/plain",
	doc = "How an invoice number is written, made from the gapless number.",
}

policy "overdue" {
	result = "text",
	doc = "The overdue state of an account.",
}

policy "renewal" {
	input = "renewal_request", result = "renewal_decision", default = "renewal/usual",
	doc = "For how long a subscription that renews itself goes on, or that it ends.",
}

policy "change" {
	input = "effect_request", result = "text", default = "change/catalog",
	doc = "When a change of plan takes effect: immediate, end_of_term or start_of_term, or a date; or that it is illegal.",
}

policy "cancel" {
	input = "effect_request", result = "text", default = "cancel/catalog",
	doc = "When a cancellation takes effect: immediate, end_of_term or start_of_term, or a date; or that it is illegal.",
}

policy "price" {
	input = "price_request", result = "price_decision", default = "price/per_unit",
	doc = "What a quantity of a component costs.",
}

policy "gateway" {
	result = "text",
	doc = "The request to a payment gateway, and what its answer means.",
}

policy "template" {
	result = "text",
	doc = "The template a document or message is written with.",
}
