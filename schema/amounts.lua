-- amounts.lua: taxes, coupons and credit notes: their records, their commands, and what their policies are asked.
-- The shape of a record is told at the head of records.lua. Formulas: peers.md part d.

-- ---------------------------------------------------------------------------------------------- taxes

record "tax_rate" {
	doc = "A tax that lies on a line.",
	{ "name", "text", required = true, min = 1, max = 60, doc = "On the invoice." },
	{ "percent", "decimal", required = true, min = 0, max = 1000, scale = 9, doc = "" },
	{ "inclusive", "boolean", doc = "The price has it in it already." },
	{ "compound", "boolean", doc = "Also taken of the taxes before it on the same line." },
}

record "tax_rates_request" {
	doc = "An invoice line that may be taxed.",
	{ "currency", "currency", required = true, doc = "" },
	{ "account_id", "id", doc = "" },
	{ "business", "boolean", doc = "Of the account." },
	{ "country_code", "text", doc = "Of the account's address." },
	{ "state", "text", doc = "Of the account's address." },
	{ "kind", "text", required = true, doc = "The line's: recurring, usage ..." },
	{ "plan", "text", doc = "" },
	{ "phase", "text", doc = "" },
	{ "tax_percent", "text", doc = "The setting tax.percent." },
	{ "tax_name", "text", doc = "The setting tax.name." },
	{ "tax_inclusive", "boolean", doc = "The setting tax.inclusive." },
}

record "tax_rates_decision" {
	doc = "The taxes of a line, in order.",
	{ "rates", "list", of = "tax_rate", max = 20, doc = "None: it is not taxed." },
}

-- ---------------------------------------------------------------------------------------------- credit notes

record "credit_note_request" {
	doc = "A credit note about to be settled.",
	{ "currency", "currency", required = true, doc = "" },
	{ "account_id", "id", doc = "" },
	{ "invoice_id", "id", doc = "" },
	{ "reason", "text", doc = "" },
	{ "total", "money", required = true, doc = "" },
	{ "owed", "money", required = true, doc = "What the invoice still owes; offset takes from it." },
	{ "refundable", "money", required = true, doc = "What was paid for it and not used; at most the total." },
}

record "credit_note_decision" {
	doc = "How a credit note is settled; the parts make up its total.",
	{ "currency", "currency", required = true, doc = "" },
	{ "refund", "money", doc = "Paid back." },
	{ "credit", "money", doc = "For the next invoices." },
	{ "offset", "money", doc = "Taken off what is owed." },
}
