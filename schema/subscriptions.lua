-- subscriptions.lua: what a subscription's timeline is made of, and what its commands are asked.
-- The shape of a record is told at the head of records.lua. Terms and rules: killbill.md b.1, b.2, b.8.

record "subscription_bundle" {
	doc = "Subscriptions that belong together: a base plan with its add-ons, or standalone ones.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "external_key", "text", max = 255, doc = "The caller's own key; unique among those with a subscription that has not ended." },
	{ "original_start", "instant", required = true, doc = "Phases aligned to the bundle are laid from here; kept over a transfer." },
	{ "transferred_from_id", "id", doc = "The bundle of another account that it was." },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "subscription_event" {
	doc = "A point of a subscription's timeline that somebody set; phases, migrations and blocked stretches follow from it.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned; of two at one instant the later one counts last." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "kind", "choice", words = { "create", "change", "cancel", "bill_cycle_day", "quantity" }, required = true, doc = "" },
	{ "at", "instant", required = true, doc = "From then on it is charged so." },
	{ "catalog_plan_id", "id", doc = "create, change: the plan, with overridden prices a plan of its own." },
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, doc = "create, change: the phase asked for; none = by alignment." },
	{ "alignment", "choice", words = { "start_of_bundle", "start_of_subscription", "change_of_plan" }, doc = "create, change: where phases are laid from." },
	{ "billing_alignment", "choice", words = { "account", "bundle", "subscription" }, doc = "create, change: whose bill cycle day." },
	{ "bill_cycle_day", "integer", min = 1, max = 31, doc = "bill_cycle_day: the new day; create: its own from the start." },
	{ "quantity", "integer", min = 0, max = 1000000000, doc = "create, quantity" },
	{ "undone_at", "instant", doc = "From then on it is as if it had never been set." },
	{ "created_at", "instant", required = true, doc = "" },
}

record "blocking_state" {
	doc = "What a service holds back of an account, bundle or subscription; the newest of each service counts.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "level", "choice", words = { "account", "bundle", "subscription" }, required = true, doc = "" },
	{ "object_id", "id", required = true, doc = "Of the level." },
	{ "service", "text", required = true, max = 60, doc = "Who blocks; \"entitlement\" is pause and resume." },
	{ "state", "text", required = true, max = 60, doc = "The service's own word." },
	{ "block_change", "boolean", required = true, doc = "Refuses change, cancel and pause." },
	{ "block_entitlement", "boolean", required = true, doc = "The subscription shows as suspended." },
	{ "block_billing", "boolean", required = true, doc = "Time in which nothing is charged." },
	{ "effective_at", "instant", required = true, doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
}
