-- component_usage.lua: what is used of metered and prepaid components: totals of periods, lots, and the commands.
-- The shape of a record is told at the head of records.lua. Terms: maxio.md 7.8, 7.9; docs/components.md.
--
-- It stands beside "usage" of records.lua (price codes of orders) and "unit_usage" of usage.lua (units of catalog plans).

record "component_rate" {
	doc = "What of a period is billed at one price point.",
	{ "price_point_id", "id", doc = "None: the one that the subscription has when it is assessed." },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "Used." },
	{ "overage_quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "prepaid: what of it no lot held" },
}

record "component_period" {
	doc = "What a subscription used of a metered or prepaid component between two assessments; a period in which nothing was used has none.",
	stored = { since = 1, key = { "account_id", "subscription_id", "component_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", required = true, doc = "" },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "What its usage comes to." },
	{ "overage_quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "prepaid: what of it no lot held" },
	{ "rates", "list", of = "component_rate", json = true, max = 100, doc = "By price points; they add up to it." },
	{ "usage_count", "integer", required = true, min = 0, doc = "Records of usage." },
	{ "since", "instant", required = true, doc = "When it was used first." },
	{ "starts_at", "instant", doc = "assessed: the period" },
	{ "ends_at", "instant", doc = "up to then; none: it is not assessed yet" },
	{ "invoice_id", "id", doc = "assessed: the invoice; none: there was nothing to bill" },
	{ "component", "relation", of = "component", by = "component_id", doc = "" },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "lot_usage" {
	doc = "What of a usage a lot held.",
	{ "allocation_id", "id", required = true, doc = "The lot." },
	{ "charge_id", "id", doc = "Of the lot." },
	{ "quantity", "decimal", required = true, min = -1000000000000, max = 1000000000000, scale = 6, doc = "Below zero: it went back to the lot." },
}

-- ---------------------------------------------------------------------------------------------- commands

record "component_usage_create" {
	doc = "Input of component_usage.create.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", doc = "" },
	{ "component", "text", max = 100, doc = "Its handle." },
	{ "quantity", "decimal", required = true, min = -1000000000000, max = 1000000000000, scale = 6, doc = "Below zero: taken back. Whole unless the component is fractional." },
	{ "price_point_id", "id", doc = "It is billed at." },
	{ "price_point", "text", max = 100, doc = "Its handle; when absent the one that the subscription has when it is assessed." },
	{ "custom_price", "record", of = "custom_price", doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "used_at", "instant", doc = "Now when absent; not ahead." },
}

record "component_usage_batch" {
	doc = "Input of component_usage.create_batch: all of it is recorded, or nothing.",
	{ "items", "list", of = "component_usage_create", required = true, min = 1, max = 1000, doc = "" },
}

record "component_usage_created" {
	doc = "Output of component_usage.create_batch: the usage of each item, in order.",
	{ "items", "list", of = "component_usage", max = 1000, doc = "" },
}

record "allocation_change_expiration" {
	doc = "Input of allocation.change_expiration.",
	{ "id", "id", required = true, doc = "Of the lot." },
	{ "expires_at", "instant", required = true, doc = "However far ahead; not before the present period." },
}

record "allocation_delete" {
	doc = "Input of allocation.delete: what is left of a lot of a prepaid component is taken away.",
	{ "id", "id", required = true, doc = "Of the lot." },
	{ "credit_scheme", "choice", words = { "nothing", "credit", "refund" }, doc = "nothing: it is not paid back; credit: the unused part of what it cost becomes a credit of the account; refund: a credit note takes it back. credit when absent" },
}

record "allocation_deleted" {
	doc = "Output of allocation.delete.",
	{ "allocation", "record", of = "allocation", required = true, doc = "As it then is." },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "That was credited." },
	{ "invoice_id", "id", doc = "credit: that the credit is on" },
	{ "credit_note_id", "id", doc = "refund" },
}

-- ---------------------------------------------------------------------------------------------- what lists are asked

record "component_usage_asked" {
	doc = "Which usage of a component a list shows.",
	{ "since_id", "id", doc = "From this one on." },
	{ "max_id", "id", doc = "Up to this one." },
	{ "since_date", "date", doc = "Used from midnight of this day of the account on," },
	{ "until_date", "date", doc = "and before midnight of this one." },
}
