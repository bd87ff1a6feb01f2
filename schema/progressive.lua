-- progressive.lua: invoices within a period, made when usage reaches a threshold: records and commands.
-- The shape of a record is told at the head of records.lua. Formula: peers.md d.2.

record "usage_threshold" {
	doc = "A sum of usage at which what is used so far is invoiced.",
	{ "amount", "decimal", required = true, min = 0, max = 1000000000000, scale = 4, doc = "Of all usage ever; recurring: of each step after the highest of the others. Above zero." },
	{ "recurring", "boolean", doc = "Repeated without end; one at most." },
	{ "name", "text", min = 1, max = 200, doc = "For people." },
}

record "progressive_billing" {
	doc = "At which sums of usage a subscription is invoiced within its periods, and how far it is.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned, or given at creation." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "name", "text", required = true, min = 1, max = 200, rule = true, doc = "On invoices, before what was used." },
	{ "currency", "currency", required = true, doc = "" },
	{ "by_plan", "boolean", required = true, doc = "The plan's thresholds, those of the plan in force; else its own." },
	{ "thresholds", "list", of = "usage_threshold", json = true, max = 50, doc = "Its own; none of a plan's." },
	{ "status", "choice", words = { "active", "ended" }, required = true, doc = "ended: nothing is invoiced within periods any more" },
	{ "billed_usage", "money", required = true, doc = "Usage on the invoices of its periods since it began." },
	{ "passed", "money", required = true, doc = "The highest threshold that was reached; it is reached once." },
	{ "passed_at", "instant", doc = "When." },
	{ "open_from", "date", hidden = true, doc = "What was invoiced within periods and is not credited yet is for days after it; none: nothing is." },
	{ "from_invoice_id", "id", hidden = true, doc = "The account's newest invoice when it began: usage on later ones is counted." },
	{ "counted_invoice_id", "id", hidden = true, doc = "The last one of which usage was counted," },
	{ "counted", "money", hidden = true, doc = "and how much: a draft that runs add to is counted anew." },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "progressive_billing_create" {
	doc = "Input of progressive_billing.create.",
	{ "uuid", "uuid", doc = "" },
	{ "subscription_id", "id", required = true, doc = "To a plan of the catalog." },
	{ "name", "text", min = 1, max = 200, doc = "'Usage so far' when absent" },
	{ "thresholds", "list", of = "usage_threshold", required = true, min = 1, max = 50, doc = "Each amount once." },
}

record "progressive_billing_update" {
	doc = "Input of progressive_billing.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", min = 1, max = 200, doc = "" },
	{ "thresholds", "list", of = "usage_threshold", max = 50, doc = "All of them; those below what was reached already stay reached." },
}

record "progressive_billing_end" {
	doc = "Input of progressive_billing.end.",
	{ "id", "id", required = true, doc = "" },
}

record "progressive_part" {
	doc = "What was used of one thing in its running period.",
	{ "usage_section", "text", doc = "of the plan" },
	{ "component_id", "id", doc = "of a component" },
	{ "description", "text", required = true, doc = "" },
	{ "period_start", "date", required = true, doc = "" },
	{ "period_end", "date", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "usage", "money", required = true, doc = "By its prices, without a least that a period costs." },
	{ "invoiced", "money", required = true, doc = "Of it, within the period." },
}

record "progressive_usage" {
	doc = "How far a subscription is from its next threshold.",
	{ "progressive_billing_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "usage", "money", required = true, doc = "Of running periods." },
	{ "invoiced", "money", required = true, doc = "Of it, within the periods." },
	{ "lifetime", "money", required = true, doc = "With the usage that periods' invoices billed since it began." },
	{ "passed", "money", required = true, doc = "The highest threshold that was reached." },
	{ "ahead", "money", doc = "The next one; none: there is none." },
	{ "parts", "list", of = "progressive_part", max = 10000, required = true, doc = "" },
}
