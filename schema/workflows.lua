-- workflows.lua: accounts that end, subscriptions one by one, what is sent: their records and what their commands are asked.
-- The shape of a record is told at the head of records.lua. Terms: atomia-aps-blubilling.md part A.

-- ---------------------------------------------------------------------------------------------- accounts that end

record "termination_request" {
	doc = "A wish that an account end on a day; carried out when it is due.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "status", "choice", words = { "pending", "done", "withdrawn" }, required = true, doc = "An account has one that is pending at most." },
	{ "termination_date", "date", required = true, rule = true, doc = "The first day it may be carried out, in the account's zone." },
	{ "option", "choice", words = { "immediate", "end_of_subscription" }, required = true, rule = true, doc = "immediate: everything ends on that day; end_of_subscription: from that day on nothing is renewed, and all ends with what is charged." },
	{ "reactivation_period", "duration", rule = true, doc = "So long after the end the account can be had back; none: it cannot." },
	{ "reason", "text", max = 500, rule = true, doc = "" },
	{ "due_at", "instant", doc = "pending: when it is looked at next" },
	{ "done_at", "instant", doc = "When the account ended." },
	{ "reactivation_until", "instant", doc = "done: until then account.reactivate works" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "termination_request_create" {
	doc = "Input of termination_request.create.",
	{ "account_id", "id", required = true, doc = "" },
	{ "termination_date", "date", doc = "Today when absent." },
	{ "option", "choice", words = { "immediate", "end_of_subscription" }, doc = "immediate when absent" },
	{ "reactivation_period", "duration", doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "termination_request_withdraw" {
	doc = "Input of termination_request.withdraw.",
	{ "id", "id", required = true, doc = "" },
}

record "account_terminate" {
	doc = "Input of account.terminate.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "account_reactivate" {
	doc = "Input of account.reactivate.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- subscriptions one by one

record "subscription_update" {
	doc = "Input of subscription.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "end_date", "date", doc = "First day no longer served; of an order's subscription." },
	{ "auto_renew", "boolean", doc = "" },
	{ "custom", "json", max = 16384, doc = "The whole new object." },
}

record "subscription_set_status" {
	doc = "Input of subscription.status: of a subscription that an order made.",
	{ "id", "id", required = true, doc = "" },
	{ "status", "choice", words = { "active", "suspended" }, required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "subscription_terminate" {
	doc = "Input of subscription.terminate: of a subscription that an order made; others are cancelled.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "subscription_set_provisioning" {
	doc = "Input of subscription.provisioning: what became of it, as who provisions it tells.",
	{ "id", "id", required = true, doc = "" },
	{ "status", "choice", words = provisioning_words, required = true, doc = "" },
	{ "message", "text", max = 500, doc = "" },
}

record "subscription_renew" {
	doc = "Input of subscription.renew: a further period for a subscription with an end date.",
	{ "id", "id", required = true, doc = "" },
	{ "period", "duration", doc = "Its length, as P1M; when absent the plan's billing period, or what its service terms say." },
	{ "renew_from", "choice", words = { "expiration", "renewal" }, doc = "With service terms: where the new period begins; as they say when absent." },
	{ "create_invoice", "boolean", doc = "Invoice it now (true when absent); otherwise the next billing run does, and nothing waits to be paid." },
	{ "initiator", "choice", words = { "customer", "operator", "system" }, doc = "operator when absent" },
}

-- ---------------------------------------------------------------------------------------------- what is sent

record "invoice_send" {
	doc = "Input of invoice.send: invoices that go to their accounts by mail, one batch.",
	{ "id", "id", doc = "One invoice; or invoices." },
	{ "invoices", "list", of = "reference", max = 1000, doc = "Each by its id or number." },
	{ "subject", "text", max = 500, doc = "Of each mail; the invoice's name when absent." },
	{ "body", "text", max = 65536, doc = "Of each mail; what is owed when absent." },
}

record "credit_note_send" {
	doc = "Input of credit_note.send: credit notes that go to their accounts by mail.",
	{ "id", "id", doc = "One note; or credit_notes." },
	{ "credit_notes", "list", of = "reference", max = 1000, doc = "Each by its id or number." },
	{ "subject", "text", max = 500, doc = "Of each mail; the note's name when absent." },
	{ "body", "text", max = 65536, doc = "Of each mail; what it gives back when absent." },
}

record "sent_item" {
	doc = "What became of one of a batch.",
	{ "id", "id", required = true, doc = "Of the invoice or credit note." },
	{ "number", "text", required = true, max = 60, doc = "" },
	{ "sent", "boolean", required = true, doc = "false: it was held back, for the reason that code and message tell" },
	{ "delivery_id", "id", doc = "sent: the message" },
	{ "code", "text", max = 60, doc = "Of the problem, or the rule's own." },
	{ "message", "text", max = 1000, doc = "" },
}

record "sent_batch" {
	doc = "Output of invoice.send and credit_note.send.",
	{ "sent", "integer", required = true, doc = "How many." },
	{ "held_back", "integer", required = true, doc = "How many." },
	{ "items", "list", of = "sent_item", required = true, max = 1000, doc = "In the order in which they were asked for." },
}
