-- catalog.lua: effective-dated catalogs: versions, products, plans with phases, and the rules between them.
-- The shape of a record is told at the head of records.lua. Terms and rules: killbill.md b.1.
--
-- A tenant's catalog has versions, each a whole catalog from its effective instant on. Beside it stand the flat plans of
-- records.lua ("plan"), which orders sell; what is subscribed to directly is a catalog_plan.

record "price" {
	doc = "An amount in one currency.",
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "decimal", required = true, max = 10000000000000, scale = 12, doc = "May be finer than the currency's smallest unit." },
}

record "usage_block" {
	doc = "A block of a consumable tier: so many units for a price.",
	{ "unit", "text", required = true, max = 60, doc = "" },
	{ "size", "decimal", required = true, min = 0, scale = 6, doc = "Units a block holds; a part of a block counts whole. Above zero." },
	{ "max_blocks", "decimal", min = 0, scale = 6, doc = "Of this tier; none = no limit." },
	{ "prices", "list", of = "price", required = true, max = 50, doc = "Of one block." },
}

record "usage_limit" {
	doc = "What a capacity tier holds of a unit.",
	{ "unit", "text", required = true, max = 60, doc = "" },
	{ "max", "decimal", min = 0, scale = 6, doc = "Highest peak; none = no limit." },
}

record "usage_tier" {
	doc = "A tier of a usage section: blocks when it is consumable, limits and a price when it is capacity.",
	{ "blocks", "list", of = "usage_block", max = 100, doc = "consumable" },
	{ "limits", "list", of = "usage_limit", max = 100, doc = "capacity" },
	{ "prices", "list", of = "price", max = 50, doc = "capacity: of the whole period." },
}

record "usage_section" {
	doc = "What a phase charges for what was used, after each period.",
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "The same name before and after a change of plan goes on as one." },
	{ "kind", "choice", words = { "consumable", "capacity" }, required = true, doc = "consumable: the sum counts; capacity: the peak." },
	{ "billing_period", "choice", required = true, doc = "Cut at the bill cycle day.", words = billing_periods },
	{ "tier_rule", "choice", words = { "all_tiers", "top_tier" }, doc = "consumable: fill the tiers from the lowest, or rate all in the tier that holds it; all_tiers when absent." },
	{ "tiers", "list", of = "usage_tier", required = true, min = 1, max = 100, doc = "In ascending order." },
}

record "phase" {
	doc = "A stretch of a plan with prices of its own.",
	{ "kind", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, required = true, doc = "At most one of each kind in a plan." },
	{ "duration_unit", "choice", words = { "days", "weeks", "months", "years", "unlimited" }, required = true, doc = "unlimited: of the last phase only." },
	{ "duration", "integer", min = 0, max = 10000, doc = "How many; none when unlimited." },
	{ "fixed", "list", of = "price", max = 50, doc = "Charged once, when the phase begins; an empty list is absent." },
	{ "recurring", "list", of = "price", max = 50, doc = "Of each billing period." },
	{ "billing_period", "choice", doc = "Of recurring; none = nothing recurs.", words = billing_periods },
	{ "usages", "list", of = "usage_section", max = 50, doc = "" },
}

record "product" {
	doc = "What plans sell.",
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "Unique in the version." },
	{ "category", "choice", words = { "base", "add_on", "standalone" }, required = true, doc = "" },
	{ "included", "list", of = "product_name", max = 500, doc = "Add-ons that come with it and cannot be bought." },
	{ "available", "list", of = "product_name", max = 500, doc = "Add-ons that can be bought beside it." },
}

record "product_name" {
	doc = "Names a product of the same version.",
	{ "name", "text", required = true, max = 100, doc = "" },
}

record "price_list" {
	doc = "Plans that are sold together; a plan is found by product, billing period and price list.",
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "One is called DEFAULT." },
	{ "plans", "list", of = "plan_name", max = 10000, doc = "The first plan of the list that fits is meant." },
}

record "plan_name" {
	doc = "Names a plan of the same version.",
	{ "code", "text", required = true, max = 100, doc = "" },
}

record "price_list_place" {
	doc = "Where a plan stands in a price list.",
	{ "name", "text", required = true, max = 100, doc = "Of the list." },
	{ "position", "integer", required = true, min = 1, doc = "The first one of the list that fits is meant." },
}

record "catalog_rule" {
	doc = "A case of a list of rules: every field given must match, the first case that does decides.",
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, doc = "The phase at that moment." },
	{ "from_product", "text", max = 100, doc = "Also the product, where there is but one." },
	{ "from_category", "choice", words = { "base", "add_on", "standalone" }, doc = "" },
	{ "from_period", "text", max = 40, doc = "A billing period, or none." },
	{ "from_price_list", "text", max = 100, doc = "" },
	{ "to_product", "text", max = 100, doc = "" },
	{ "to_category", "choice", words = { "base", "add_on", "standalone" }, doc = "" },
	{ "to_period", "text", max = 40, doc = "" },
	{ "to_price_list", "text", max = 100, doc = "" },
	{ "result", "text", required = true, max = 100, doc = "A word of the list it is in; a price list's name in price_list rules." },
}

record "catalog_rules" {
	doc = "What follows from a creation, change or cancellation.",
	{ "change_policy", "list", of = "catalog_rule", max = 1000, doc = "immediate, end_of_term, start_of_term, illegal; else end_of_term." },
	{ "change_alignment", "list", of = "catalog_rule", max = 1000, doc = "start_of_bundle, start_of_subscription, change_of_plan; else start_of_bundle." },
	{ "cancel_policy", "list", of = "catalog_rule", max = 1000, doc = "As change_policy." },
	{ "create_alignment", "list", of = "catalog_rule", max = 1000, doc = "start_of_bundle, start_of_subscription; else start_of_bundle." },
	{ "billing_alignment", "list", of = "catalog_rule", max = 1000, doc = "account, bundle, subscription; else account." },
	{ "price_list", "list", of = "catalog_rule", max = 1000, doc = "The price list a change leads to; else the plan's own." },
}

record "plan_threshold" {
	doc = "A sum of usage at which what is used so far is invoiced, in each currency.",
	{ "prices", "list", of = "price", required = true, min = 1, max = 50, doc = "Of all usage ever; recurring: of each step after the highest of the others. Above zero." },
	{ "recurring", "boolean", doc = "Repeated without end; one at most." },
	{ "name", "text", min = 1, max = 200, doc = "For people." },
}

record "catalog_version" {
	doc = "One version of the tenant's catalog, in force from an instant on.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "name", "text", required = true, max = 100, doc = "" },
	{ "effective_at", "instant", required = true, doc = "What is created or changed from then on follows it." },
	{ "digest", "text", required = true, max = 64, doc = "SHA-256 of its content, hex." },
	{ "bundle", "text", max = 64, doc = "Digest of the bundle that brought it; none for the API." },
	{ "active", "boolean", required = true, doc = "Is part of the catalog now; one that a later bundle leaves out is kept for what follows it." },
	{ "products", "list", of = "product", json = true, required = true, max = 10000, doc = "" },
	{ "price_lists", "list", of = "price_list", json = true, max = 1000, doc = "" },
	{ "rules", "record", of = "catalog_rules", json = true, doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
}

record "catalog_plan" {
	doc = "A plan of a catalog version: a product's phases and prices.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "version_id", "id", required = true, doc = "" },
	{ "code", "text", required = true, min = 1, max = 120, doc = "Unique in the version; with overridden prices the parent's and a number." },
	{ "name", "text", max = 200, doc = "For people." },
	{ "product", "text", required = true, max = 100, doc = "" },
	{ "category", "choice", words = { "base", "add_on", "standalone" }, required = true, doc = "Of the product." },
	{ "billing_mode", "choice", words = { "in_advance", "in_arrear" }, required = true, doc = "Of recurring prices." },
	{ "phases", "list", of = "phase", json = true, required = true, min = 1, max = 4, doc = "In order." },
	{ "max_in_bundle", "integer", min = 1, max = 10000, doc = "Subscriptions of it that one bundle may hold; none = any." },
	{ "price_lists", "list", of = "price_list_place", json = true, max = 1000, doc = "That sell it." },
	{ "minimum_commitment", "list", of = "price", json = true, max = 50, doc = "The least that a subscription pays for each period; trials and blocked days are not counted." },
	{ "usage_thresholds", "list", of = "plan_threshold", json = true, max = 50, doc = "At which sums of usage a subscription is invoiced within its periods." },
	{ "existing_from", "instant", doc = "From then on subscriptions of an earlier version follow this one." },
	{ "parent_id", "id", doc = "Made from that plan by overriding prices, for one subscription." },
	{ "convention", "text", max = 40, doc = "How it counts: a name of docs/conventions.md; the account's or tenant's when absent." },
	{ "policies", "list", of = "policy_choice", json = true, max = 20, doc = "Overrides of the tenant's." },
	{ "created_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- what is asked

record "usage_price_override" {
	doc = "Tiers of a usage section in place of the catalog's.",
	{ "name", "text", required = true, max = 100, doc = "Of the section." },
	{ "tiers", "list", of = "usage_tier", required = true, min = 1, max = 100, doc = "All of them, with prices in the account's currency." },
}

record "price_override" {
	doc = "Prices of a phase for one subscription; what is absent stays the catalog's.",
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, required = true, doc = "A phase of the plan." },
	{ "fixed", "decimal", min = 0, max = 10000000000000, scale = 12, doc = "In the account's currency; where the phase has none it gets one." },
	{ "recurring", "decimal", min = 0, max = 10000000000000, scale = 12, doc = "In the account's currency; of phases that recur." },
	{ "usages", "list", of = "usage_price_override", max = 50, doc = "" },
}

record "catalog_plan_input" {
	doc = "A plan as a catalog file gives it; its category is the product's.",
	{ "code", "text", required = true, min = 1, max = 100, doc = "Unique in the version." },
	{ "name", "text", max = 200, visible = true, doc = "For people." },
	{ "product", "text", required = true, max = 100, doc = "A product of the version." },
	{ "billing_mode", "choice", words = { "in_advance", "in_arrear" }, doc = "Of recurring prices; in_advance when absent." },
	{ "phases", "list", of = "phase", required = true, min = 1, max = 4, doc = "In order." },
	{ "max_in_bundle", "integer", min = 1, max = 10000, doc = "Subscriptions of it that one bundle may hold; any when absent." },
	{ "minimum_commitment", "list", of = "price", max = 50, doc = "The least that a subscription pays for each period; trials and blocked days are not counted." },
	{ "usage_thresholds", "list", of = "plan_threshold", max = 50, doc = "At which sums of usage a subscription is invoiced within its periods." },
	{ "existing_from", "instant", doc = "From then on subscriptions of an earlier version follow this one." },
	{ "convention", "text", max = 40, doc = "How it counts; the account's or tenant's when absent." },
	{ "policies", "list", of = "policy_choice", max = 20, doc = "Overrides of the tenant's." },
}

record "catalog_version_input" {
	doc = "A version as a catalog file gives it.",
	{ "effective_at", "instant", required = true, doc = "Unique; versions stand in ascending order." },
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "" },
	{ "products", "list", of = "product", required = true, min = 1, max = 10000, doc = "" },
	{ "plans", "list", of = "catalog_plan_input", required = true, min = 1, max = 100000, doc = "" },
	{ "price_lists", "list", of = "price_list", max = 1000, doc = "When absent, DEFAULT with every plan." },
	{ "rules", "record", of = "catalog_rules", doc = "" },
}

record "catalog_plan_add" {
	doc = "Input of catalog.add_plan: a plan with one price, without a bundle.",
	{ "code", "text", required = true, min = 1, max = 100, doc = "Unique in the version in force." },
	{ "name", "text", max = 200, visible = true, doc = "For people." },
	{ "product", "text", required = true, min = 1, max = 100, doc = "Of the version in force, or a new one." },
	{ "category", "choice", words = { "base", "add_on", "standalone" }, doc = "Of a new product; base when absent." },
	{ "available_for", "list", of = "product_name", max = 500, doc = "Products that a new add-on can be bought beside." },
	{ "currency", "currency", doc = "The tenant's when absent." },
	{ "amount", "decimal", required = true, min = 0, max = 10000000000000, scale = 12, doc = "Of each billing period, or once when there is none." },
	{ "billing_period", "choice", doc = "", words = billing_periods },
	{ "billing_mode", "choice", words = { "in_advance", "in_arrear" }, doc = "in_advance when absent." },
	{ "convention", "text", max = 40, doc = "How it counts: a name of docs/conventions.md; the account's or tenant's when absent." },
	{ "trial_unit", "choice", words = { "days", "weeks", "months", "years" }, doc = "With trial_duration: a free trial comes first." },
	{ "trial_duration", "integer", min = 1, max = 10000, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- overdue.json

record "overdue_interval" {
	doc = "A length of time.",
	{ "unit", "choice", words = { "days", "weeks", "months", "years" }, required = true, doc = "" },
	{ "number", "integer", required = true, min = 0, max = 10000, doc = "How many." },
}

record "overdue_response" {
	doc = "What a gateway answered.",
	{ "word", "text", required = true, min = 1, max = 60, doc = "e.g. INSUFFICIENT_FUNDS" },
}

record "overdue_condition" {
	doc = "When an account is in an overdue state; everything given must hold.",
	{ "unpaid_invoices", "integer", min = 0, max = 1000000, doc = "So many or more." },
	{ "unpaid_balance", "decimal", min = 0, scale = 4, doc = "In the account's currency, or more." },
	{ "unpaid_since", "record", of = "overdue_interval", doc = "The earliest unpaid invoice is as old as that." },
	{ "response_for_last_failed_payment", "list", of = "overdue_response", max = 50, doc = "One of them." },
	{ "with_tag", "text", max = 100, doc = "" },
	{ "without_tag", "text", max = 100, doc = "" },
}

record "overdue_state" {
	doc = "A state of an account that owes, and what follows from it.",
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "Unique." },
	{ "condition", "record", of = "overdue_condition", doc = "None: the state is only entered by hand, or the clear one." },
	{ "message", "text", max = 500, doc = "For the account's people." },
	{ "block_changes", "boolean", doc = "" },
	{ "block_entitlement", "boolean", doc = "" },
	{ "cancel", "choice", words = { "immediate", "end_of_term" }, doc = "When its subscriptions end; absent: they do not." },
	{ "clear", "boolean", doc = "The state of an account that owes nothing; at most one." },
	{ "check_every", "record", of = "overdue_interval", doc = "While the account is in it." },
}

record "overdue_config" {
	doc = "overdue.json of a bundle: the overdue states of accounts, the most severe first. It is checked and kept; nothing follows it in this version.",
	{ "first_check_after", "record", of = "overdue_interval", doc = "An unpaid invoice appeared." },
	{ "states", "list", of = "overdue_state", required = true, min = 1, max = 100, doc = "The first whose condition holds is the account's." },
}
