-- wallets.lua: prepaid money and credit units of accounts: their records and commands.
-- The shape of a record is told at the head of records.lua. Formulas: peers.md d.9.

-- ---------------------------------------------------------------------------------------------- wallets

record "wallet_line_kind" {
	doc = "A kind of invoice lines.",
	{ "kind", "choice", words = { "one_time", "recurring", "usage", "percent", "fixed", "external_charge", "component", "component_usage", "allocation", "true_up" }, required = true, doc = "Their taxes and discounts go with them." },
}

record "wallet_component" {
	doc = "A component that a wallet pays for.",
	{ "component", "text", required = true, min = 1, max = 100, doc = "Its handle." },
}

record "wallet_metric" {
	doc = "A metric whose components a wallet pays for.",
	{ "metric", "text", required = true, min = 1, max = 100, doc = "Its handle." },
}

record "wallet_top_up_rule" {
	doc = "When a wallet is topped up by itself, and with what.",
	{ "trigger", "choice", words = { "threshold", "interval" }, required = true, doc = "threshold: it holds less, after what is used and not billed yet; interval: each period" },
	{ "threshold", "decimal", min = 0, max = 1000000000000, scale = 4, doc = "threshold: money; topped up at less than it" },
	{ "interval", "choice", words = billing_periods, doc = "interval: from the day the rule was set" },
	{ "credits", "decimal", required = true, min = 0, max = 1000000000000, scale = 25, doc = "Units, above zero; rounded to five places." },
	{ "source", "choice", words = { "granted", "purchased" }, required = true, doc = "purchased: an invoice sells them, and they are there once it is paid" },
	{ "expires_in_days", "integer", min = 1, max = 36500, doc = "From the day they are there; never when absent." },
	{ "custom", "json", max = 16384, doc = "The caller's own object, of each transaction that it makes." },
}

record "wallet" {
	doc = "Money that an account has paid or been given ahead, in credit units of a fixed rate; invoices use it up.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned, or given at creation." },
	{ "account_id", "id", required = true, doc = "" },
	{ "name", "text", required = true, min = 1, max = 200, rule = true, doc = "On invoices." },
	{ "currency", "currency", required = true, doc = "The account's." },
	{ "rate", "decimal", required = true, scale = 12, doc = "Money of one unit; it stays." },
	{ "priority", "integer", required = true, min = 1, max = 1000, rule = true, doc = "Wallets of an account are used in this order, 1 first; then the oldest." },
	{ "status", "choice", words = { "active", "terminated" }, required = true, doc = "terminated: holds nothing and pays nothing any more" },
	{ "line_kinds", "list", of = "wallet_line_kind", json = true, max = 20, doc = "It pays only these; none: any." },
	{ "plans", "list", of = "plan_name", json = true, max = 200, doc = "It pays only charges of these plans; none: of any." },
	{ "components", "list", of = "wallet_component", json = true, max = 200, doc = "It pays only charges of these components, and of those that metrics name; none of both: of any." },
	{ "metrics", "list", of = "wallet_metric", json = true, max = 200, doc = "It pays only charges of components that bill these metrics." },
	{ "top_up", "record", of = "wallet_top_up_rule", json = true, doc = "None: it is topped up by hand." },
	{ "next_top_up_on", "date", doc = "interval: when next" },
	{ "balance", "money", required = true, doc = "Money that it holds: the sum of its transactions, and of what is left of its grants." },
	{ "credits", "decimal", required = true, min = 0, scale = 5, doc = "Units that it holds." },
	{ "expires_at", "instant", rule = true, doc = "Then it is terminated." },
	{ "custom", "json", max = 16384, rule = true, doc = "The caller's own object." },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "terminated_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "wallet_use" {
	doc = "The part of a grant that a debit took, of which line of which invoice; below zero: was given back.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "wallet_id", "id", required = true, doc = "" },
	{ "grant_id", "id", required = true, doc = "The transaction that it takes from." },
	{ "transaction_id", "id", required = true, doc = "The transaction that it is a part of." },
	{ "invoice_id", "id", doc = "invoiced, returned: the invoice it paid" },
	{ "line_position", "integer", min = 1, doc = "The line of it." },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
}

record "wallet_transaction" {
	doc = "What came into a wallet or went out of it.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "wallet_id", "id", required = true, doc = "" },
	{ "kind", "choice", words = { "granted", "purchased", "invoiced", "returned", "voided", "expired" }, required = true, doc = "granted, purchased: grants; invoiced: paid an invoice; returned: given back by one" },
	{ "status", "choice", words = { "pending", "settled", "failed" }, required = true, doc = "purchased: pending until its invoice is paid, failed when that is cancelled or given up" },
	{ "name", "text", max = 200, rule = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "Above zero." },
	{ "credits", "decimal", required = true, min = 0, scale = 5, doc = "Units." },
	{ "remaining", "money", doc = "Of a grant: what is left of it." },
	{ "priority", "integer", min = 1, max = 1000, rule = true, doc = "Of a grant: used in this order, 1 first; then what expires first, what was given before what was bought, the oldest." },
	{ "expires_at", "instant", rule = true, doc = "Of a grant: what is left of it then is lost." },
	{ "expires_in_days", "integer", min = 1, max = 36500, doc = "purchased: how long after it is paid it expires" },
	{ "invoice_id", "id", doc = "purchased: the invoice that sells it; invoiced, returned: that it paid" },
	{ "by_rule", "boolean", required = true, doc = "By the wallet's top-up rule." },
	{ "custom", "json", max = 16384, rule = true, doc = "The caller's own object." },
	{ "uses", "list", of = "wallet_use", max = 10000, doc = "Of a debit: the grants it took from; of a grant: where it went." },
	{ "wallet", "relation", of = "wallet", by = "wallet_id", doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "settled_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
}

record "wallet_create" {
	doc = "Input of wallet.create.",
	{ "uuid", "uuid", doc = "" },
	{ "account_id", "id", required = true, doc = "" },
	{ "name", "text", min = 1, max = 200, doc = "'Prepaid' when absent" },
	{ "currency", "currency", doc = "Must be the account's." },
	{ "rate", "decimal", min = 0, max = 1000000000, scale = 12, doc = "Money of one unit, above zero; 1 when absent" },
	{ "priority", "integer", min = 1, max = 1000, doc = "50 when absent" },
	{ "line_kinds", "list", of = "wallet_line_kind", max = 20, doc = "" },
	{ "plans", "list", of = "plan_name", max = 200, doc = "" },
	{ "components", "list", of = "wallet_component", max = 200, doc = "" },
	{ "metrics", "list", of = "wallet_metric", max = 200, doc = "" },
	{ "top_up", "record", of = "wallet_top_up_rule", doc = "" },
	{ "granted", "decimal", min = 0, max = 1000000000000, scale = 25, doc = "Units that it is given at once; rounded to five places." },
	{ "purchased", "decimal", min = 0, max = 1000000000000, scale = 25, doc = "Units that it buys at once; rounded to five places." },
	{ "custom", "json", max = 16384, doc = "The caller's own object." },
	{ "expires_at", "instant", doc = "Ahead." },
}

record "wallet_update" {
	doc = "Input of wallet.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", min = 1, max = 200, doc = "" },
	{ "priority", "integer", min = 1, max = 1000, doc = "" },
	{ "line_kinds", "list", of = "wallet_line_kind", max = 20, doc = "" },
	{ "plans", "list", of = "plan_name", max = 200, doc = "" },
	{ "components", "list", of = "wallet_component", max = 200, doc = "" },
	{ "metrics", "list", of = "wallet_metric", max = 200, doc = "" },
	{ "top_up", "record", of = "wallet_top_up_rule", doc = "" },
	{ "by_hand", "boolean", doc = "true: the top-up rule is taken away" },
	{ "custom", "json", max = 16384, doc = "The caller's own object." },
	{ "expires_at", "instant", doc = "Ahead." },
}

record "wallet_terminate" {
	doc = "Input of wallet.terminate.",
	{ "id", "id", required = true, doc = "" },
}

record "wallet_top_up" {
	doc = "Input of wallet.top_up.",
	{ "id", "id", required = true, doc = "Of the wallet." },
	{ "credits", "decimal", required = true, min = 0, max = 1000000000000, scale = 25, doc = "Units, above zero; rounded to five places." },
	{ "source", "choice", words = { "granted", "purchased" }, doc = "granted when absent; purchased: an invoice sells them" },
	{ "priority", "integer", min = 1, max = 1000, doc = "50 when absent" },
	{ "expires_at", "instant", doc = "Ahead; never when absent" },
	{ "custom", "json", max = 16384, doc = "The caller's own object." },
	{ "name", "text", min = 1, max = 200, doc = "" },
}

record "wallet_void" {
	doc = "Input of wallet.void: units are taken out of a wallet, of its grants in the order in which invoices use them.",
	{ "id", "id", required = true, doc = "Of the wallet." },
	{ "credits", "decimal", required = true, min = 0, max = 1000000000000, scale = 12, doc = "Units, above zero; cut after five places" },
	{ "custom", "json", max = 16384, doc = "The caller's own object." },
	{ "name", "text", min = 1, max = 200, doc = "" },
}

record "wallet_share" {
	doc = "What of an account's usage that is not billed yet falls to a wallet.",
	{ "wallet_id", "id", required = true, doc = "" },
	{ "name", "text", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "balance", "money", required = true, doc = "What it holds." },
	{ "usage", "money", required = true, doc = "What of the usage falls to it." },
	{ "ongoing_balance", "money", required = true, doc = "balance less usage; below zero where the usage is more than it holds" },
}

record "account_wallets" {
	doc = "The active wallets of an account, in the order in which they are used.",
	{ "account_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "balance", "money", required = true, doc = "Of all." },
	{ "usage", "money", required = true, doc = "Used, and on no invoice." },
	{ "ongoing_balance", "money", required = true, doc = "" },
	{ "wallets", "list", of = "wallet_share", max = 1000, required = true, doc = "" },
}
