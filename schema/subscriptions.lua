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
	{ "invoicing_off", "boolean", doc = "Nothing of its subscriptions is invoiced until this is taken away." },
	{ "subscriptions", "list", of = "subscription", max = 10000, doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "subscription_event" {
	doc = "A point of a subscription's timeline that somebody set; phases, migrations and blocked stretches follow from it.",
	stored = { since = 1, key = { "account_id", "subscription_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned; of two at one instant the later one counts last." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "kind", "choice", words = { "create", "change", "migrate", "cancel", "bill_cycle_day", "quantity" }, required = true, doc = "" },
	{ "at", "instant", required = true, doc = "From then on it is charged so." },
	{ "catalog_plan_id", "id", doc = "create, change: the plan, with overridden prices a plan of its own; migrate: that in force then, of the version." },
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, doc = "create, change: the phase asked for; none = by alignment." },
	{ "alignment", "choice", words = { "start_of_bundle", "start_of_subscription", "change_of_plan" }, doc = "create, change: where phases are laid from." },
	{ "billing_alignment", "choice", words = { "account", "bundle", "subscription" }, doc = "create, change: whose bill cycle day; bill_cycle_day: account = it is the account's." },
	{ "bill_cycle_day", "integer", min = 1, max = 31, doc = "bill_cycle_day: the new day; create: its own from the start." },
	{ "convention", "text", max = 40, doc = "create, change: how it counts (docs/conventions.md), as it was chosen then." },
	{ "convention_by", "choice", words = convention_sources, doc = "create, change: who chose it." },
	{ "quantity", "integer", min = 0, max = 1000000000, doc = "create, quantity" },
	{ "service_at", "instant", doc = "cancel: the end of service; as `at` when absent." },
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

-- ---------------------------------------------------------------------------------------------- what commands are asked
--
-- A moment is given as a day of the account (its first instant counts) or as an instant; when both are absent it is now.

record "subscription_subscribe" {
	doc = "Input of subscription.subscribe; also one of subscription_bundle.create.",
	{ "account_id", "id", doc = "In a new bundle of this account; or bundle_id." },
	{ "bundle_id", "id", doc = "In this bundle." },
	{ "bundle_key", "text", max = 255, doc = "With account_id: the bundle of this external_key, made when there is none." },
	{ "uuid", "uuid", doc = "" },
	{ "plan", "text", max = 100, doc = "Code; or product, billing_period and price_list." },
	{ "product", "text", max = 100, doc = "" },
	{ "billing_period", "choice", doc = "Of its recurring price; absent: nothing recurs.", words = billing_periods },
	{ "price_list", "text", max = 100, doc = "DEFAULT when absent." },
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, doc = "Begins with this one; those before it are skipped." },
	{ "start_date", "date", doc = "When service and billing begin; past or future." },
	{ "start_at", "instant", doc = "The same as an instant." },
	{ "entitlement_date", "date", doc = "When service begins, if not at start." },
	{ "entitlement_at", "instant", doc = "The same as an instant." },
	{ "billing_date", "date", doc = "When billing begins, if not at start." },
	{ "billing_at", "instant", doc = "The same as an instant." },
	{ "quantity", "integer", min = 0, max = 1000000000, doc = "1 when absent." },
	{ "bill_cycle_day", "integer", min = 1, max = 31, doc = "Of its own, whatever the billing alignment." },
	{ "create_alignment", "choice", words = { "start_of_bundle", "start_of_subscription" }, doc = "By the catalog's rules when absent." },
	{ "billing_alignment", "choice", words = { "account", "bundle", "subscription" }, doc = "By the catalog's rules when absent." },
	{ "convention", "text", max = 40, doc = "How it counts, whatever plan, account and tenant say: docs/conventions.md." },
	{ "price_overrides", "list", of = "price_override", max = 4, doc = "" },
	{ "coupon", "text", min = 1, max = 60, doc = "The code of a coupon that is redeemed for it." },
	{ "charged_until", "instant", doc = "What is before was charged elsewhere: the begin of a cycle; its first invoice is of what begins then." },
	{ "components", "list", of = "component_choice", max = 100, doc = "What it has of components from the start." },
}

record "subscription_bundle_create" {
	doc = "Input of subscription_bundle.create: a bundle with its subscriptions, all or none.",
	{ "account_id", "id", required = true, doc = "" },
	{ "uuid", "uuid", doc = "" },
	{ "external_key", "text", max = 255, doc = "" },
	{ "subscriptions", "list", of = "subscription_subscribe", required = true, min = 1, max = 100, doc = "A base plan before its add-ons; account and bundle are the bundle's." },
}

record "subscription_change_plan" {
	doc = "Input of subscription.change_plan.",
	{ "id", "id", required = true, doc = "" },
	{ "plan", "text", max = 100, doc = "Code; or product, billing_period and price_list." },
	{ "product", "text", max = 100, doc = "" },
	{ "billing_period", "choice", doc = "Of its recurring price; absent: nothing recurs.", words = billing_periods },
	{ "price_list", "text", max = 100, doc = "By the catalog's rules when absent." },
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, doc = "Goes on in this one." },
	{ "policy", "choice", words = { "immediate", "end_of_term", "start_of_term" }, doc = "By the change policy (the catalog's rules) when absent." },
	{ "effective_date", "date", doc = "Instead of a policy; past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
	{ "quantity", "integer", min = 0, max = 1000000000, doc = "From then on." },
	{ "bill_cycle_day", "integer", min = 1, max = 31, doc = "Of its own, from then on." },
	{ "change_alignment", "choice", words = { "start_of_bundle", "start_of_subscription", "change_of_plan" }, doc = "By the catalog's rules when absent." },
	{ "billing_alignment", "choice", words = { "account", "bundle", "subscription" }, doc = "By the catalog's rules when absent." },
	{ "convention", "text", max = 40, clears = true, doc = "How it counts from then on; when absent as it asked for before; null: as the new plan, the account or the tenant says." },
	{ "price_overrides", "list", of = "price_override", max = 4, doc = "" },
}

record "subscription_undo_change" {
	doc = "Input of subscription.undo_change: a change that lies ahead is taken back.",
	{ "id", "id", required = true, doc = "" },
}

record "subscription_cancel" {
	doc = "Input of subscription.cancel.",
	{ "id", "id", required = true, doc = "" },
	{ "entitlement_policy", "choice", words = { "immediate", "end_of_term" }, doc = "When service ends; by the cancel policy (the catalog's rules) when nothing else is said." },
	{ "billing_policy", "choice", words = { "immediate", "end_of_term", "start_of_term" }, doc = "When billing ends; as service when absent." },
	{ "effective_date", "date", doc = "When both end, instead of policies; past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
	{ "entitlement_date", "date", doc = "When service ends, instead of its policy." },
	{ "entitlement_at", "instant", doc = "The same as an instant." },
	{ "billing_date", "date", doc = "When billing ends, instead of its policy." },
	{ "billing_at", "instant", doc = "The same as an instant." },
	{ "reason", "text", max = 500, doc = "" },
}

record "subscription_uncancel" {
	doc = "Input of subscription.uncancel: a cancellation that lies ahead is taken back.",
	{ "id", "id", required = true, doc = "" },
}

record "subscription_change_quantity" {
	doc = "Input of subscription.change_quantity.",
	{ "id", "id", required = true, doc = "" },
	{ "quantity", "integer", required = true, min = 0, max = 1000000000, doc = "" },
	{ "effective_date", "date", doc = "Past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
}

record "subscription_change_bill_cycle_day" {
	doc = "Input of subscription.change_bill_cycle_day.",
	{ "id", "id", required = true, doc = "" },
	{ "bill_cycle_day", "integer", required = true, min = 1, max = 31, doc = "" },
	{ "effective_date", "date", doc = "In force from the next day of this number on or after it; past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
}

record "account_change_bill_cycle_day" {
	doc = "Input of account.change_bill_cycle_day: for what is billed with the account; what was billed stays.",
	{ "id", "id", required = true, doc = "" },
	{ "bill_cycle_day", "integer", required = true, min = 1, max = 31, doc = "" },
	{ "effective_date", "date", doc = "In force from the next day of this number on or after it." },
}

record "subscription_migrate" {
	doc = "Input of subscription.migrate: from then on another catalog version prices the plans it has.",
	{ "id", "id", required = true, doc = "" },
	{ "version_id", "id", doc = "The version in force at that moment when absent." },
	{ "effective_date", "date", doc = "Past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
}

record "subscription_bundle_pause" {
	doc = "Input of subscription_bundle.pause and subscription_bundle.resume.",
	{ "id", "id", required = true, doc = "" },
	{ "effective_date", "date", doc = "Past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
}

record "subscription_bundle_set_invoicing" {
	doc = "Input of subscription_bundle.set_invoicing.",
	{ "id", "id", required = true, doc = "" },
	{ "invoicing_off", "boolean", required = true, doc = "true: nothing of it is invoiced; false: what was left out is invoiced now." },
}

record "subscription_bundle_transfer" {
	doc = "Input of subscription_bundle.transfer: ends here and goes on in a bundle of another account.",
	{ "id", "id", required = true, doc = "" },
	{ "account_id", "id", required = true, doc = "That gets it." },
	{ "external_key", "text", max = 255, doc = "Of the new bundle; the same when absent." },
	{ "billing_policy", "choice", words = { "immediate", "end_of_term" }, doc = "When it ends here; immediate when absent." },
	{ "effective_date", "date", doc = "Past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
}

record "blocking_state_set" {
	doc = "Input of blocking_state.set; one of account_id, bundle_id and subscription_id tells what is blocked or freed.",
	{ "account_id", "id", doc = "" },
	{ "bundle_id", "id", doc = "" },
	{ "subscription_id", "id", doc = "" },
	{ "service", "text", required = true, min = 1, max = 60, doc = "Who says so; \"entitlement\" is pause and resume." },
	{ "state", "text", required = true, min = 1, max = 60, doc = "The service's own word." },
	{ "block_change", "boolean", doc = "false when absent" },
	{ "block_entitlement", "boolean", doc = "false when absent" },
	{ "block_billing", "boolean", doc = "false when absent" },
	{ "effective_date", "date", doc = "Past or future." },
	{ "effective_at", "instant", doc = "The same as an instant." },
}

-- ---------------------------------------------------------------------------------------------- what is shown

record "timeline_entry" {
	doc = "From then on a subscription is charged so.",
	{ "at", "instant", required = true, doc = "" },
	{ "date", "date", required = true, doc = "Of the account." },
	{ "transition", "choice", words = { "create", "phase", "change", "migrate", "bill_cycle_day", "quantity", "cancel", "expire", "block", "unblock" }, required = true, doc = "" },
	{ "plan", "text", max = 100, doc = "" },
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, doc = "" },
	{ "currency", "currency", doc = "" },
	{ "fixed", "decimal", scale = 12, doc = "Of one unit." },
	{ "recurring", "decimal", scale = 12, doc = "Of one unit." },
	{ "billing_period", "text", max = 40, doc = "" },
	{ "quantity", "decimal", scale = 6, doc = "" },
	{ "bill_cycle_day", "integer", doc = "" },
	{ "convention", "text", doc = "How it counts: docs/conventions.md." },
	{ "convention_by", "choice", words = convention_sources, doc = "Who chose that." },
}

record "subscription_timeline" {
	doc = "What a subscription was, is and will be charged, by what is known now.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "items", "list", of = "timeline_entry", required = true, max = 100000, doc = "In order of time." },
}

-- ---------------------------------------------------------------------------------------------- what policies are asked

record "effect_request" {
	doc = "A change of plan or a cancellation for which no moment was named.",
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "plan", "text", required = true, doc = "Code of its plan now." },
	{ "phase", "text", doc = "trial, discount, fixed_term or evergreen" },
	{ "new_plan", "text", doc = "change: code of the plan to come" },
	{ "charged_through", "date", doc = "First day not yet on an invoice." },
	{ "today", "date", required = true, doc = "Of the account's time zone." },
	{ "by_catalog", "text", required = true, doc = "What the catalog's rules say: immediate, end_of_term, start_of_term or illegal." },
}
