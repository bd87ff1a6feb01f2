-- terms.lua: service terms: how long a subscription of an order goes on after its period has expired, and how it is renewed.
-- The shape of a record is told at the head of records.lua. Terms: atomia-aps-blubilling.md B.4.

-- When a subscription is renewed by itself, and where its new period begins; billing/service_term.h has their order.
local auto_renew_words = { "disabled", "last_statement_day", "before_expiration" }
local renew_from_words = { "expiration", "renewal" }
local phase_words = { "before_expiration", "grace", "hold", "terminated" }

record "service_period" {
	doc = "What the service terms of a plan say otherwise for periods of one length.",
	{ "period", "duration", required = true, doc = "P1M, P10D, PT36H, P1Y: whole hours, days, months or years." },
	{ "auto_renew", "choice", words = auto_renew_words, doc = "" },
	{ "renew_point_days", "integer", min = 0, max = 366, doc = "" },
	{ "renewal_period", "duration", doc = "" },
}

record "service_terms" {
	doc = "What becomes of a plan's subscriptions when their period expires: grace, served; hold, not served; then the end.",
	{ "grace_days", "integer", min = 0, max = 3660, doc = "5 when absent" },
	{ "hold_days", "integer", min = 0, max = 3660, doc = "30 when absent" },
	{ "destroy_after_hold", "boolean", doc = "The service is removed then, and cannot be renewed; when absent it is stopped and kept." },
	{ "auto_renew", "choice", words = auto_renew_words, doc = "disabled when absent" },
	{ "renew_point_days", "integer", min = 0, max = 366, doc = "before_expiration: so many days before it; 0 when absent" },
	{ "renewal_period", "duration", doc = "Renewed for so long; as long as before when absent." },
	{ "renew_from", "choice", words = renew_from_words, doc = "Where the new period begins when it is renewed late; expiration when absent." },
	{ "periods", "list", of = "service_period", max = 50, doc = "The first is what an order without an end date gets; what they say comes before the above." },
}

record "service_term" {
	doc = "The period that a subscription is paid for, and what comes after it.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Its subscription's." },
	{ "account_id", "id", required = true, doc = "" },
	{ "status", "choice", words = { "active", "graced", "hold", "terminated", "canceled" }, required = true, doc = "graced: expired and served; hold: not served; terminated: stopped for good, or to be restored; canceled: it ended otherwise" },
	{ "starts_at", "instant", required = true, doc = "" },
	{ "expires_at", "instant", required = true, doc = "" },
	{ "period", "duration", required = true, doc = "Between them." },
	{ "anchor_day", "integer", required = true, min = 1, max = 31, doc = "The day of the month that periods of months come back to." },
	{ "anchor_time_us", "integer", required = true, min = 0, max = 86399999999, doc = "The time of day that it expires at; where a change of clocks skips that, it expires later and the next period does not." },
	{ "grace_from", "instant", required = true, doc = "When grace begins: with expiration, or with a restoration." },
	{ "grace_days", "integer", required = true, min = 0, max = 3660, doc = "" },
	{ "hold_days", "integer", required = true, min = 0, max = 3660, doc = "" },
	{ "destroy_after_hold", "boolean", required = true, doc = "" },
	{ "auto_renew", "choice", words = auto_renew_words, required = true, doc = "" },
	{ "renew_point_days", "integer", required = true, min = 0, max = 366, doc = "" },
	{ "renewal_period", "duration", doc = "none: as long as before" },
	{ "renew_from", "choice", words = renew_from_words, required = true, doc = "" },
	{ "own", "boolean", required = true, doc = "Set for this subscription: its plan no longer says." },
	{ "expired", "boolean", required = true, doc = "subscription.expire has told its end, or that was over when it was paid for." },
	{ "held", "boolean", required = true, doc = "Put on hold by hand." },
	{ "shutdown_at", "instant", doc = "Since when it is not served; after a restoration, since when it was not." },
	{ "terminated_at", "instant", doc = "When hold was over." },
	{ "destroyed", "boolean", required = true, doc = "The service is removed: it cannot be renewed." },
	{ "renewal_order_id", "id", doc = "The renewal order that waits to be paid." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "renewal_order" {
	doc = "A renewal that was ordered: done at once, or when its invoice is paid.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "status", "choice", words = { "waiting", "processed", "canceled" }, required = true, doc = "waiting: for its invoice to be paid" },
	{ "phase", "choice", words = phase_words, required = true, doc = "Of the subscription when it was ordered, and then when it was processed." },
	{ "initiator", "choice", words = { "customer", "operator", "system" }, required = true, doc = "" },
	{ "starts_at", "instant", required = true, doc = "The new period." },
	{ "expires_at", "instant", required = true, doc = "" },
	{ "period", "duration", required = true, doc = "Between them." },
	{ "anchor_day", "integer", required = true, min = 1, max = 31, doc = "The day of the month that it comes back to." },
	{ "anchor_time_us", "integer", required = true, min = 0, max = 86399999999, doc = "The time of day that it comes back to." },
	{ "invoice_id", "id", doc = "None when nothing was due, or it is left to the billing run." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "ended_at", "instant", doc = "Since when it is processed or canceled." },
}

-- ---------------------------------------------------------------------------------------------- commands

record "subscription_set_term" {
	doc = "Input of subscription.set_term; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "of_plan", "boolean", doc = "As the plan says again, before what else is given." },
	{ "grace_days", "integer", min = 0, max = 3660, doc = "" },
	{ "hold_days", "integer", min = 0, max = 3660, doc = "" },
	{ "destroy_after_hold", "boolean", doc = "" },
	{ "auto_renew", "choice", words = auto_renew_words, doc = "" },
	{ "renew_point_days", "integer", min = 0, max = 366, doc = "" },
	{ "renewal_period", "duration", doc = "" },
	{ "renew_from", "choice", words = renew_from_words, doc = "" },
}

record "subscription_hold" {
	doc = "Input of subscription.hold: it is not served until it is released.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "subscription_release" {
	doc = "Input of subscription.release: what was put on hold by hand is as its period has it.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "subscription_restore" {
	doc = "Input of subscription.restore: what was terminated and kept is served again, for the days of grace.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "renewal_order_process" {
	doc = "Input of renewal_order.process.",
	{ "id", "id", required = true, doc = "" },
}

record "renewal_order_cancel" {
	doc = "Input of renewal_order.cancel.",
	{ "id", "id", required = true, doc = "" },
}
