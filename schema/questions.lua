-- questions.lua: what policies are asked and answer, what documents are made of, and how amounts are explained.
-- The shape of a record is told at the head of records.lua.

-- ---------------------------------------------------------------------------------------------- policies: what they are asked and answer

record "proration_change" {
	doc = "A price and the part of its period that is served.",
	{ "currency", "currency", required = true, doc = "" },
	{ "price", "exact", required = true, doc = "Of the whole period, quantity included; also when something is given back." },
	{ "plan", "text", doc = "" },
	{ "price_code", "text", doc = "" },
	{ "reason", "choice", words = { "start", "end", "change", "credit" }, required = true, doc = "Why the period is not whole." },
	{ "period_start", "date", required = true, doc = "The whole period, first day." },
	{ "period_end", "date", required = true, doc = "First day after it." },
	{ "service_start", "date", required = true, doc = "The part, first day." },
	{ "service_end", "date", required = true, doc = "First day after it." },
	{ "days_left", "integer", required = true, doc = "Days of the part, half-open." },
	{ "days_in_period", "integer", required = true, doc = "Days of the whole period, half-open." },
	{ "seconds_left", "integer", doc = "Seconds of the part, by the account's clock; told where moments are known." },
	{ "seconds_in_period", "integer", doc = "Seconds of the whole period." },
	{ "paid", "exact", doc = "credit: what was charged for the days from billed_start up to billed_end." },
	{ "billed_start", "date", doc = "credit: what was charged, first day; the part lies within." },
	{ "billed_end", "date", doc = "credit: first day after it." },
	{ "days_billed", "integer", doc = "credit: days of what was charged, counted as days_left." },
	{ "credited", "exact", doc = "credit: what of it was given back before." },
}

record "rounding_request" {
	doc = "An invoice about to be rounded.",
	{ "currency", "currency", required = true, doc = "" },
	{ "account_id", "id", doc = "" },
	{ "plan", "text", doc = "" },
}

record "rounding_decision" {
	doc = "How exact amounts become cents.",
	{ "mode", "choice", words = { "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor" }, required = true, doc = "" },
	{ "place", "choice", words = { "line", "rate", "invoice" }, required = true, doc = "What is rounded: each line, the tax of each rate, the invoice." },
	{ "tax_place", "choice", words = { "line", "rate", "invoice" }, doc = "The same of taxes alone; place when absent." },
	{ "step", "decimal", min = 0, scale = 6, doc = "Amounts become multiples of it, as 0.05 where smaller coins are gone; the smallest unit of the currency when absent." },
}

record "tax_request" {
	doc = "A percentage to take of an amount.",
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "exact", required = true, doc = "What it is taken of." },
	{ "percent", "decimal", required = true, scale = 9, doc = "" },
	{ "name", "text", doc = "Of the rate." },
	{ "inclusive", "boolean", doc = "The tax is within the amount." },
	{ "compound", "boolean", doc = "Also taken of the taxes before it." },
	{ "before", "exact", doc = "Taxes of the rates before it on this amount." },
	{ "inclusive_percent", "decimal", scale = 9, doc = "Sum of all inclusive rates on this amount." },
	{ "plan", "text", doc = "" },
	{ "price_code", "text", doc = "" },
	{ "country_code", "text", doc = "Of the account's address." },
	{ "state", "text", doc = "Of the account's address." },
}

record "discount_request" {
	doc = "What a discount or coupon takes off an amount: a percentage or a fixed amount.",
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "exact", required = true, doc = "What earlier discounts have left." },
	{ "percent", "decimal", scale = 9, doc = "" },
	{ "off", "exact", doc = "The fixed amount, when there is no percentage." },
	{ "coupon", "text", doc = "Its code." },
}

record "retry_failure" {
	doc = "A payment that was declined.",
	{ "account_id", "id", required = true, doc = "" },
	{ "invoice_id", "id", doc = "" },
	{ "payment_id", "id", required = true, doc = "" },
	{ "attempts", "integer", required = true, doc = "Failures on this invoice so far, this one included." },
	{ "automatic", "boolean", required = true, doc = "Charged by the billing run or a retry, not by a caller." },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
	{ "status_code", "text", doc = "The gateway's." },
	{ "message", "text", doc = "The gateway's." },
	{ "today", "date", required = true, doc = "" },
	{ "due_date", "date", doc = "Of the invoice." },
}

record "retry_decision" {
	doc = "What follows from a declined payment.",
	{ "retry_on", "date", doc = "Auto-pay is tried again then." },
	{ "give_up", "boolean", doc = "No further automatic attempt." },
	{ "cancel_invoice", "boolean", doc = "The invoice is cancelled." },
	{ "suspend_orders", "boolean", doc = "Its active orders are suspended." },
}

record "renewal_request" {
	doc = "A subscription that renews itself and whose end is near: by its plan with an end date, or by its service term.",
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "plan", "text", required = true, doc = "Its code." },
	{ "start_date", "date", required = true, doc = "Of the subscription." },
	{ "end_date", "date", required = true, doc = "First day after the period that ends." },
	{ "period", "duration", required = true, doc = "How long it would go on if nobody said otherwise." },
	{ "today", "date", required = true, doc = "Of the account's time zone." },
}

record "renewal_decision" {
	doc = "What becomes of a subscription that would renew itself. Nothing said: it goes on as usual.",
	{ "period", "duration", doc = "Whole days or months it goes on for." },
	{ "lapse", "boolean", doc = "It does not renew itself any more, and ends at its end." },
}

record "invoice_number_request" {
	doc = "An invoice about to get its number.",
	{ "counter", "integer", required = true, doc = "The next of the gapless counter." },
	{ "account_id", "id", required = true, doc = "" },
	{ "invoice_date", "date", required = true, doc = "" },
	{ "prefix", "text", max = 20, doc = "What the setting invoice_number.prefix has stand before it." },
	{ "digits", "integer", min = 1, max = 18, doc = "How many the setting invoice_number.digits has it have at least." },
}

-- ---------------------------------------------------------------------------------------------- documents

record "invoice_document" {
	doc = "What templates/invoice.html is written with.",
	{ "seller", "text", required = true, doc = "The tenant's name." },
	{ "invoice", "record", of = "invoice", required = true, doc = "With its lines." },
	{ "account", "record", of = "account", required = true, doc = "" },
	{ "last_day", "date", required = true, doc = "Of the billing cycle." },
	{ "payments", "list", of = "invoice_payment", max = 10000, doc = "" },
	{ "credits", "list", of = "credit_use", max = 10000, doc = "" },
	{ "currency", "currency", required = true, doc = "The invoice's." },
	{ "prepaid", "money", doc = "What wallets paid of it, less what went back; absent when that is nothing." },
	{ "gained", "list", of = "credit", max = 10000, doc = "Credits that it gave the account: it came to less than nothing." },
}

record "credit_note_document" {
	doc = "What templates/credit_note.html is written with.",
	{ "seller", "text", required = true, doc = "The tenant's name." },
	{ "credit_note", "record", of = "credit_note", required = true, doc = "With its lines." },
	{ "invoice", "record", of = "invoice", required = true, doc = "That it takes back of, without its lines." },
	{ "account", "record", of = "account", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- explanations

record "explanation_step" {
	doc = "One step to the amount of a line, made once more to see that it comes to the same.",
	{ "step", "text", required = true, doc = "price, tiers, proration, rest, discount, share, limit, tax_rates, tax, usage, late, repair, rounding, commitment, progressive, given, exact; for other decisions the kind of policy." },
	{ "text", "text", required = true, doc = "For people." },
	{ "currency", "currency", required = true, doc = "" },
	{ "value", "exact", doc = "What it came to, before rounding." },
	{ "rule", "text", doc = "Who decided." },
	{ "file", "text", doc = "Of the rule." },
	{ "line", "integer", doc = "Of the file." },
	{ "bundle", "text", doc = "First digits of the digest of the bundle that the file is in." },
	{ "inputs", "json", doc = "What the rule read." },
	{ "result", "text", doc = "What it answered." },
	{ "replayed", "text", doc = "What it answers now, told the same; absent when it could not be asked." },
	{ "same", "boolean", required = true, doc = "It comes to the same again." },
	{ "note", "text", doc = "Why not; or what else is to be known." },
}

record "explanation_line" {
	doc = "How one line of an invoice came about.",
	{ "position", "integer", required = true, doc = "" },
	{ "kind", "text", required = true, doc = "" },
	{ "description", "text", required = true, doc = "" },
	{ "plan", "text", doc = "" },
	{ "catalog_version", "text", doc = "That the plan is of." },
	{ "catalog_effective_at", "instant", doc = "Of that version." },
	{ "price_code", "text", doc = "" },
	{ "phase", "text", doc = "" },
	{ "usage_section", "text", doc = "" },
	{ "subscription_id", "id", doc = "" },
	{ "period_start", "date", doc = "What is charged, first day." },
	{ "period_end", "date", doc = "First day after it." },
	{ "days", "integer", doc = "Of it, as the proration counted; else of the calendar." },
	{ "days_in_period", "integer", doc = "Of the whole period that the price is for." },
	{ "convention", "text", doc = "of a catalog plan: how it was counted" },
	{ "convention_by", "choice", words = convention_sources, doc = "Who chose that." },
	{ "counted", "text", doc = "What that convention says, for people." },
	{ "quantity", "decimal", required = true, doc = "" },
	{ "unit_price", "decimal", doc = "" },
	{ "rate", "decimal", doc = "What a whole period costs." },
	{ "linked_invoice_id", "id", doc = "repair, item_adjustment, usage that became less: the invoice of the line it takes from." },
	{ "linked_position", "integer", doc = "That line." },
	{ "currency", "currency", required = true, doc = "" },
	{ "steps", "list", of = "explanation_step", required = true, max = 100, doc = "In order." },
	{ "exact", "exact", doc = "Before rounding." },
	{ "amount", "money", required = true, doc = "" },
	{ "same", "boolean", required = true, doc = "Every step comes to the same again, and the amount follows from them." },
}

record "explanation_amount" {
	doc = "A line of an invoice as a part of its total.",
	{ "position", "integer", required = true, doc = "" },
	{ "kind", "text", required = true, doc = "" },
	{ "description", "text", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
}

record "explanation" {
	doc = "How the amounts of an invoice came about.",
	{ "invoice_id", "id", required = true, doc = "" },
	{ "number", "text", required = true, doc = "" },
	{ "status", "text", required = true, doc = "" },
	{ "rounding", "text", doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "total", "money", required = true, doc = "Sum of the lines." },
	{ "paid", "money", required = true, doc = "" },
	{ "credit_used", "money", required = true, doc = "Credits of the account that went to it." },
	{ "credit_gained", "money", required = true, doc = "What it gave the account as credits." },
	{ "prepaid_used", "money", required = true, doc = "Prepaid money of wallets that went to it." },
	{ "balance", "money", required = true, doc = "" },
	{ "lines", "list", of = "explanation_amount", required = true, max = 10000, doc = "All of them." },
	{ "explained", "list", of = "explanation_line", required = true, max = 10000, doc = "Those that were asked for." },
	{ "same", "boolean", required = true, doc = "All of it comes to the same again, and the sums add up." },
}

record "credit_explanation" {
	doc = "How a credit note, or a credit of an account, came about.",
	{ "object", "choice", words = { "credit_note", "credit" }, required = true, doc = "" },
	{ "id", "id", required = true, doc = "" },
	{ "number", "text", doc = "Of a credit note." },
	{ "status", "text", doc = "Of a credit note." },
	{ "reason", "text", required = true, doc = "" },
	{ "invoice_id", "id", doc = "That it takes from, or that gave it." },
	{ "order_id", "id", doc = "plan_change: the order that was replaced." },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
	{ "explained", "list", of = "explanation_line", required = true, max = 10000, doc = "What it takes of which line of an invoice." },
	{ "steps", "list", of = "explanation_step", required = true, max = 100, doc = "From there to its amount, and what became of that." },
	{ "same", "boolean", required = true, doc = "All of it comes to the same again, and the sums add up." },
}
