-- commitments.lua: the least that subscriptions pay for their periods: records and commands.
-- The shape of a record is told at the head of records.lua. Formula: peers.md d.2.

record "commitment" {
	doc = "The least that a subscription pays for each period; what a period is short of it is charged at its end.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned, or given at creation." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "name", "text", required = true, min = 1, max = 200, rule = true, doc = "On the invoice." },
	{ "currency", "currency", required = true, doc = "" },
	{ "by_plan", "boolean", required = true, doc = "The plan's: each day counts what the plan of that day says; else its own amount." },
	{ "amount", "money", required = true, rule = true, doc = "Of a whole period; by_plan: as the plan was when it began." },
	{ "billing_period", "choice", words = billing_periods, required = true, doc = "How long a period is; periods begin where those of the subscription do." },
	{ "status", "choice", words = { "active", "ended" }, required = true, doc = "ended: no period is settled any more" },
	{ "starts_on", "date", required = true, doc = "First day that it is for." },
	{ "ends_on", "date", doc = "First day that it is not for." },
	{ "settled_through", "date", doc = "First day of the period that is settled next; none: nothing is settled." },
	{ "settles_on", "date", doc = "When the running period is settled." },
	{ "seen_invoice_id", "id", hidden = true, doc = "The account's newest invoice when a period was settled last." },
	{ "from_invoice_id", "id", hidden = true, doc = "The same of the time before: what the running period was charged is on later ones." },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "commitment_create" {
	doc = "Input of commitment.create; it takes the place of the plan's.",
	{ "uuid", "uuid", doc = "" },
	{ "subscription_id", "id", required = true, doc = "To a plan of the catalog." },
	{ "amount", "decimal", required = true, min = 0, max = 1000000000000, scale = 4, doc = "Of a whole period, above zero." },
	{ "billing_period", "choice", words = billing_periods, doc = "That of the plan when absent, or of its first usage section." },
	{ "name", "text", min = 1, max = 200, doc = "'Minimum commitment' when absent" },
	{ "starts_on", "date", doc = "Today when absent, or where that of the plan is settled through; not before the subscription begins, and of a period that is running or ahead." },
}

record "commitment_end" {
	doc = "Input of commitment.end.",
	{ "id", "id", required = true, doc = "" },
	{ "ends_on", "date", doc = "First day that it is not for, of no settled period; today when absent." },
}
