-- products.lua: product families, and the plans of the catalog as products that are sold in them.
-- The shape of a record is told at the head of records.lua. Terms: maxio.md 5 and 7.

record "product_family" {
	doc = "Products and components that are sold together.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per tenant; lower case letters, digits and . : - _" },
	{ "name", "text", required = true, min = 1, max = 255, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "listed_product" {
	doc = "A plan of the catalog as a product of a family; what it costs is what the plan says.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "product_family_id", "id", required = true, doc = "" },
	{ "plan", "text", required = true, min = 1, max = 100, doc = "Code; the handle of the product. Unique per tenant." },
	{ "name", "text", required = true, min = 1, max = 255, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "Of each billing period." },
	{ "billing_period", "choice", required = true, doc = "", words = billing_periods },
	{ "trial_unit", "choice", words = { "days", "weeks", "months", "years" }, doc = "Of the free trial that comes first; none: there is none." },
	{ "trial_duration", "integer", min = 1, max = 10000, doc = "" },
	{ "needs_card", "boolean", required = true, doc = "Nobody signs up without a way to pay." },
	{ "product_family", "relation", of = "product_family", by = "product_family_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "product_family_create" {
	doc = "Input of product_family.create.",
	{ "handle", "text", max = 100, doc = "Made of the name when absent." },
	{ "name", "text", required = true, min = 1, max = 255, visible = true, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
}

record "payment_token" {
	doc = "A card that the gateway keeps, with what may be shown of it.",
	{ "token", "text", required = true, min = 1, max = 200, hidden = true, doc = "The gateway's. Never a card number." },
	{ "brand", "text", max = 40, doc = "" },
	{ "last_four", "text", max = 4, doc = "" },
	{ "expiry", "date", doc = "Last day it is valid." },
}

record "subscription_sign_up" {
	doc = "Input of subscription.sign_up: a customer, how it pays and what it subscribes to, all or none.",
	{ "customer_id", "id", doc = "One that is there; or customer_key, or customer." },
	{ "customer_key", "text", max = 100, doc = "" },
	{ "customer", "record", of = "customer_create", doc = "A new one." },
	{ "payment", "record", of = "payment_token", doc = "It pays with this from now on; as before when absent." },
	{ "pays_otherwise", "boolean", doc = "Invoices are sent, nothing is charged by itself." },
	{ "plan", "text", required = true, min = 1, max = 100, doc = "Code." },
	{ "reference", "text", max = 255, doc = "The caller's own key of the subscription; unique per tenant." },
	{ "start_at", "instant", doc = "Service and billing begin; now when absent." },
	{ "previous_billing_at", "instant", doc = "It was billed then, elsewhere: with next_billing_at the present period." },
	{ "next_billing_at", "instant", doc = "It is billed then first." },
	{ "components", "list", of = "component_choice", max = 100, doc = "" },
	{ "coupon", "text", max = 60, doc = "" },
}

record "listed_product_create" {
	doc = "Input of listed_product.create: adds a plan to the catalog, and lists it as a product of a family.",
	{ "product_family_id", "id", required = true, doc = "" },
	{ "plan", "text", max = 100, doc = "Code of the new plan; made of the name when absent." },
	{ "name", "text", required = true, min = 1, max = 255, visible = true, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "currency", "currency", doc = "The tenant's when absent." },
	{ "amount", "decimal", required = true, min = 0, max = 10000000000000, scale = 12, doc = "Of each billing period." },
	{ "billing_period", "choice", required = true, doc = "", words = billing_periods },
	{ "convention", "text", max = 40, doc = "How it counts: a name of docs/conventions.md; the account's or tenant's when absent." },
	{ "trial_unit", "choice", words = { "days", "weeks", "months", "years" }, doc = "With trial_duration: a free trial comes first." },
	{ "trial_duration", "integer", min = 1, max = 10000, doc = "" },
	{ "needs_card", "boolean", doc = "false when absent" },
}
