-- streams.lua: streams of events that others send, and the metrics that make quantities of them.
-- The shape of a record is told at the head of records.lua. Terms: maxio.md 7.10.
--
-- The events themselves, the days they are gathered by and their totals lie in tables of their own
-- (tables/001-streams.sql): they are appended by runtime/billing/event_write.c and no command changes them.

metric_analyses = {
	"count", "sum", "average", "median", "minimum", "maximum", "percentile", "unique", "latest", "time_weighted_sum",
}
metric_operators = { "is", "is_not", "above", "at_least", "below", "at_most", "begins_with", "present", "absent" }
stream_subscriptions = { "subscription_id", "subscription_reference", "property" }

record "event_stream" {
	doc = "Where events of one kind are sent to.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per tenant; lower case letters, digits and . : - _" },
	{ "name", "text", required = true, min = 1, max = 255, doc = "" },
	{ "subscription_by", "choice", words = stream_subscriptions, required = true, doc = "How the subscription of an event is found; the other reserved member is taken where this one is absent." },
	{ "subscription_property", "text", max = 200, doc = "property: the one that holds the subscription's id or reference." },
	{ "status", "choice", words = { "active", "archived" }, required = true, doc = "archived: it takes no events." },
	{ "archived_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "metric_filter" {
	doc = "What must be true of an event for a metric to count it.",
	{ "property", "text", required = true, min = 1, max = 200, doc = "A member of the event; a point goes into objects." },
	{ "operator", "choice", words = metric_operators, required = true, doc = "above, at_least, below and at_most compare numbers." },
	{ "value", "text", max = 500, doc = "Nothing for present and absent." },
}

record "metric_property" {
	doc = "A property that a metric is told apart by.",
	{ "property", "text", required = true, min = 1, max = 200, doc = "A member of the event; a point goes into objects." },
}

record "billing_metric" {
	doc = "How the events of a stream become a quantity.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned; what a component of kind event names." },
	{ "stream_id", "id", required = true, doc = "" },
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per tenant; lower case letters, digits and . : - _" },
	{ "name", "text", required = true, min = 1, max = 255, doc = "" },
	{ "analysis", "choice", words = metric_analyses, required = true, doc = "" },
	{ "property", "text", max = 200, doc = "What is analysed; none: events are counted." },
	{ "price_property", "text", max = 200, doc = "What each event says it costs: for prices of scheme dynamic." },
	{ "percentile", "decimal", min = 0, max = 100, scale = 4, doc = "percentile: which." },
	{ "carries_over", "boolean", required = true, doc = "time_weighted_sum: a period begins with what all before it came to." },
	{ "filters", "list", of = "metric_filter", json = true, max = 20, doc = "All must be true." },
	{ "group_by", "list", of = "metric_property", json = true, max = 4, doc = "A quantity for each combination of their values." },
	{ "rounding_unit", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "The quantity becomes a multiple of it; none: it is exact." },
	{ "rounding", "choice", words = { "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor" }, doc = "How; ceiling when absent." },
	{ "first_event_id", "id", required = true, hidden = true, doc = "Totals are kept from the day on that began with this event or a later one." },
	{ "status", "choice", words = { "active", "archived" }, required = true, doc = "archived: no component can name it anew." },
	{ "stream", "relation", of = "event_stream", by = "stream_id", doc = "" },
	{ "archived_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- commands

record "event_stream_create" {
	doc = "Input of event_stream.create.",
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per tenant; lower case letters, digits and . : - _" },
	{ "name", "text", min = 1, max = 255, doc = "The handle when absent." },
	{ "subscription_by", "choice", words = stream_subscriptions, doc = "subscription_id when absent" },
	{ "subscription_property", "text", min = 1, max = 200, doc = "property: the one that holds the subscription's id or reference." },
}

record "event_stream_update" {
	doc = "Input of event_stream.update.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", required = true, min = 1, max = 255, doc = "" },
}

record "event_stream_archive" {
	doc = "Input of event_stream.archive.",
	{ "id", "id", required = true, doc = "" },
}

record "billing_metric_create" {
	doc = "Input of billing_metric.create; the same again is answered with the metric that is there.",
	{ "stream", "text", required = true, min = 1, max = 100, doc = "Its handle; made where there is none." },
	{ "handle", "text", min = 1, max = 100, doc = "Made of stream, analysis and property when absent." },
	{ "name", "text", min = 1, max = 255, doc = "The handle when absent." },
	{ "analysis", "choice", words = metric_analyses, required = true, doc = "" },
	{ "property", "text", min = 1, max = 200, doc = "What is analysed; count alone needs none." },
	{ "price_property", "text", min = 1, max = 200, doc = "What each event says it costs: for prices of scheme dynamic." },
	{ "percentile", "decimal", min = 0, max = 100, scale = 4, doc = "percentile: which." },
	{ "carries_over", "boolean", doc = "false when absent" },
	{ "filters", "list", of = "metric_filter", max = 20, doc = "All must be true." },
	{ "group_by", "list", of = "metric_property", max = 4, doc = "A quantity for each combination of their values." },
	{ "rounding_unit", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "The quantity becomes a multiple of it; above zero." },
	{ "rounding", "choice", words = { "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor" }, doc = "How; ceiling when absent." },
}

record "billing_metric_archive" {
	doc = "Input of billing_metric.archive.",
	{ "id", "id", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- what is shown

-- What became of an event; billing/event_write.h has their order.
event_verdicts = { "counted", "duplicate", "no_subscription", "late", "future", "taken_back", "correction", "no_target" }

record "event_effect" {
	doc = "What an event is to a metric.",
	{ "metric_id", "id", required = true, doc = "" },
	{ "metric", "text", required = true, doc = "Its handle." },
	{ "counted", "boolean", required = true, doc = "" },
	{ "reason", "text", doc = "Why it is not." },
	{ "value", "text", doc = "What it counts with." },
	{ "segment", "json", doc = "Values of the properties that the metric is told apart by." },
}

record "stream_event" {
	doc = "An event as it was taken.",
	{ "id", "id", required = true, doc = "Assigned; grows with each event of the stream." },
	{ "stream_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", doc = "" },
	{ "occurred_at", "instant", required = true, doc = "Its timestamp; when it came where it has none." },
	{ "created_at", "instant", required = true, doc = "When it came." },
	{ "verdict", "choice", words = event_verdicts, required = true, doc = "docs/events.md tells them." },
	{ "uniqueness_token", "text", max = 255, doc = "" },
	{ "properties", "json", max = 65536, doc = "As it was sent; of a duplicate nothing is kept." },
	{ "effects", "list", of = "event_effect", max = 100, doc = "What it is to each metric of the stream." },
}

record "events_taken" {
	doc = "What became of events that were sent.",
	{ "received", "integer", required = true, doc = "" },
	{ "kept", "integer", required = true, doc = "" },
	{ "duplicates", "integer", required = true, doc = "Their token came within 31 days; ignored." },
	{ "late", "integer", required = true, doc = "Kept; their period is billed." },
	{ "future", "integer", required = true, doc = "Kept; they count when their period is billed." },
	{ "no_subscription", "integer", required = true, doc = "Kept; they count for nobody." },
	{ "first_id", "id", doc = "Of the first that was kept; the others follow." },
}

record "metric_segment_quantity" {
	doc = "What the events of a segment come to.",
	{ "segment", "json", doc = "Values of the properties that the metric is told apart by, null where an event has none." },
	{ "quantity", "decimal", required = true, scale = 18, doc = "" },
	{ "event_count", "integer", required = true, doc = "" },
}

record "metric_usage" {
	doc = "What the events of a subscription come to by a metric.",
	{ "metric_id", "id", required = true, doc = "" },
	{ "metric", "text", required = true, doc = "Its handle." },
	{ "from", "instant", required = true, doc = "" },
	{ "to", "instant", required = true, doc = "Events at this moment are not in it." },
	{ "quantity", "decimal", required = true, scale = 18, doc = "Of all events; of a metric with segments the sum of theirs." },
	{ "event_count", "integer", required = true, doc = "" },
	{ "segments", "list", of = "metric_segment_quantity", max = 10000, doc = "Of a metric that is told apart by properties." },
}

record "event_usage_shown" {
	doc = "What the events of a subscription come to.",
	{ "metric", "text", doc = "That was asked for, by its handle or id; none: all of the streams that it has sent events to." },
	{ "from", "instant", doc = "That was asked for; none: each since it was billed last." },
	{ "to", "instant", doc = "That was asked for; none: now." },
	{ "items", "list", of = "metric_usage", required = true, max = 1000, doc = "By metric." },
}
