-- usage.lua: what subscriptions to catalog plans use: raw quantities of units, and how far each usage section is billed.
-- The shape of a record is told at the head of records.lua. Terms and rules: killbill.md b.7.
--
-- It stands beside "usage" of records.lua, which is counted by an order's price code: a unit may be rated by several
-- sections with periods of their own, so it is sections that are billed through a day, not records.

record "unit_usage" {
	doc = "A quantity of a unit that a subscription to a catalog plan used; rated by the usage sections of its plan.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "unit", "text", required = true, max = 60, doc = "" },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "Consumable: added up; capacity: the highest counts." },
	{ "tracking_id", "text", max = 128, doc = "Of the delivery it came with; a second delivery under it is refused." },
	{ "occurred_at", "instant", required = true, doc = "When it was used." },
	{ "status", "choice", words = { "unbilled", "billed", "kept", "removing", "removed" }, required = true, doc = "kept: late, and not billed by the usage_late policy; removing: was billed, the next run gives back." },
	{ "revision", "id", required = true, doc = "Grows with each record and removal of the tenant: what no run has seen is younger than usage_progress." },
	{ "invoice_id", "id", doc = "billed: the invoice that first counted it." },
	{ "line_position", "integer", min = 1, doc = "billed: the line of that invoice." },
	{ "removed_at", "instant", doc = "" },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "usage_progress" {
	doc = "How far a usage section of a subscription is billed.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "section", "text", required = true, max = 100, doc = "Its name; one row a subscription and name." },
	{ "billed_through", "date", doc = "First day that is not in a billed window; none = nothing is billed." },
	{ "revision", "integer", required = true, min = 0, doc = "Of the youngest record that a run has seen; 0 = none." },
}

-- ---------------------------------------------------------------------------------------------- commands

record "unit_usage_item" {
	doc = "A quantity of a unit.",
	{ "unit", "text", required = true, min = 1, max = 60, doc = "Of a usage section of the subscription's plan." },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "occurred_at", "instant", doc = "Now when neither this nor occurred_date is given." },
	{ "occurred_date", "date", doc = "Instead: the begin of that day in the account's zone." },
	{ "tracking_id", "text", min = 1, max = 128, doc = "That of the delivery when absent." },
}

record "unit_usage_batch" {
	doc = "Input of usage.record_units: one delivery, all of it is recorded or nothing.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "tracking_id", "text", min = 1, max = 128, doc = "The caller's own key of the delivery; used once a subscription." },
	{ "records", "list", of = "unit_usage_item", required = true, min = 1, max = 1000, doc = "" },
}

record "unit_usage_list" {
	doc = "Output of usage.record_units and usage.remove: the records in order.",
	{ "items", "list", of = "unit_usage", required = true, max = 10000, doc = "" },
}

record "unit_usage_remove" {
	doc = "Input of usage.remove: by tracking id, or by unit and moment; at most 1,000 records.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "tracking_id", "text", min = 1, max = 128, doc = "All records of this delivery." },
	{ "unit", "text", min = 1, max = 60, doc = "Or those of this unit" },
	{ "occurred_at", "instant", doc = "at this moment," },
	{ "occurred_date", "date", doc = "or on this day of the account." },
}

-- ---------------------------------------------------------------------------------------------- policies

record "usage_late_request" {
	doc = "A window that was billed comes to another amount: records came late, or were removed.",
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "plan", "text", max = 100, doc = "" },
	{ "section", "text", required = true, max = 100, doc = "" },
	{ "period_start", "date", required = true, doc = "Of the window, first day." },
	{ "period_end", "date", required = true, doc = "First day after it." },
	{ "windows_back", "integer", required = true, doc = "1: the window billed last; 2: the one before it." },
	{ "currency", "currency", required = true, doc = "" },
	{ "billed", "exact", required = true, doc = "What invoices charged for it." },
	{ "difference", "exact", required = true, doc = "What it comes to now less what was billed; below zero when usage was removed." },
}

record "usage_late_decision" {
	doc = "What becomes of a difference.",
	{ "action", "choice", words = { "bill", "keep" }, required = true, doc = "bill: it goes on this invoice, below zero too; keep: it is not billed, and late records show as kept." },
}

-- ---------------------------------------------------------------------------------------------- what is shown

record "unit_usage_total" {
	doc = "What a window holds of a unit.",
	{ "unit", "text", required = true, doc = "" },
	{ "quantity", "decimal", required = true, doc = "The sum, or the highest." },
	{ "record_count", "integer", required = true, doc = "" },
}

record "unit_usage_window" {
	doc = "A window of a usage section.",
	{ "section", "text", required = true, doc = "" },
	{ "kind", "choice", words = { "consumable", "capacity" }, required = true, doc = "" },
	{ "period_start", "date", required = true, doc = "" },
	{ "period_end", "date", required = true, doc = "First day after it; of the running window: the day it is billed." },
	{ "billed", "boolean", required = true, doc = "A run has been through it." },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "exact", required = true, doc = "What it comes to by what is recorded now, before rounding." },
	{ "units", "list", of = "unit_usage_total", max = 1000, required = true, doc = "" },
}

record "unit_usage_windows" {
	doc = "Usage of a subscription by windows.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "items", "list", of = "unit_usage_window", max = 10000, required = true, doc = "By section, then time." },
}
