-- components.lua: components, which subscriptions have in quantities of their own, and what a quantity of them costs.
-- The shape of a record is told at the head of records.lua. Terms: maxio.md 7; formulas: peers.md d.1.

-- How a price point prices; each is the shipped policy of that name below policies/price. policy: a rule of the bundle does.
price_schemes = {
	"per_unit", "tiered", "volume", "stairstep", "package", "percentage", "percentage_per_event", "tiered_by_time", "tiered_percentage",
	"capped", "dynamic", "matrix", "policy",
}

-- How the tier is looked up that a quantity reaches; policies/price/tiers.lua tells them.
tier_lookups = { "raw", "ceiling", "floor", "next" }

-- ---------------------------------------------------------------------------------------------- what a price is made of

record "price_tier" {
	doc = "A tier of a price: it holds what lies above the tier before it, up to its own last quantity.",
	{ "starts_at", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "First quantity in it. Of the first tier: counting begins there; of others it follows from the tier before." },
	{ "ends_at", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "Last quantity in it; none: it is the last one." },
	{ "unit_price", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "Of one unit." },
	{ "flat_price", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "Once, where the tier is reached." },
	{ "percent", "decimal", min = 0, max = 1000, scale = 9, doc = "Of the units, in place of a unit price." },
}

record "price_cell" {
	doc = "What a unit costs where events have these values of the properties that their metric is told apart by.",
	{ "value_1", "text", min = 1, max = 255, doc = "Of the first property; none: any, or that it is absent." },
	{ "value_2", "text", min = 1, max = 255, doc = "Of the second." },
	{ "value_3", "text", min = 1, max = 255, doc = "" },
	{ "value_4", "text", min = 1, max = 255, doc = "" },
	{ "unit_price", "decimal", required = true, min = 0, max = 1000000000000, scale = 8, doc = "Of one unit." },
}

record "price_terms" {
	doc = "What a quantity costs; docs/components.md tells which schemes have which fields.",
	{ "scheme", "choice", words = price_schemes, required = true, doc = "" },
	{ "policy", "text", min = 1, max = 100, doc = "policy: the rule of the bundle that prices." },
	{ "unit_price", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "Of one unit, or one package." },
	{ "tiers", "list", of = "price_tier", max = 100, doc = "From the lowest; only the last one is open." },
	{ "cells", "list", of = "price_cell", max = 1000, doc = "matrix: by values of properties; unit_price is what fits none of them." },
	{ "tier_lookup", "choice", words = tier_lookups, doc = "raw when absent" },
	{ "flat_at_zero", "boolean", doc = "tiered: the first flat price is due where nothing was used." },
	{ "free_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "So many units are free." },
	{ "package_size", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "Units in a package; above zero." },
	{ "percent", "decimal", min = 0, max = 1000, scale = 9, doc = "Of the turnover." },
	{ "discount_percent", "decimal", min = 0, max = 100, scale = 9, doc = "capped: taken off before the most that a period costs." },
	{ "event_fee", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "Of each event." },
	{ "event_minimum", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "Each event costs so much at least." },
	{ "event_maximum", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "At most." },
	{ "free_events", "integer", min = 1, max = 1000000000, doc = "The first so many events are free," },
	{ "free_total", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "or the first so much of turnover, whichever ends first." },
	{ "billing_units", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "What is measured is billed by so much; above zero." },
	{ "unit_rounding", "choice", words = { "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor" }, doc = "How that becomes whole units; ceiling when absent." },
	{ "minimum", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "A period costs so much at least." },
	{ "maximum", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "At most." },
}

record "price_event" {
	doc = "An event that a price counts one by one.",
	{ "quantity", "decimal", required = true, min = -1000000000000, max = 1000000000000, scale = 8, doc = "What it turned over, or the units that came; below zero: that went." },
	{ "prorated", "decimal", min = -1000000000000, max = 1000000000000, scale = 18, doc = "tiered_by_time: the quantity times the part of the period that it is there for." },
	{ "price", "decimal", min = -1000000000000, max = 1000000000000, scale = 8, doc = "dynamic: what it says it costs." },
}

-- ---------------------------------------------------------------------------------------------- the policy "price"

record "price_request" {
	doc = "A quantity that is to be priced.",
	{ "currency", "currency", required = true, doc = "" },
	{ "component", "text", doc = "Its handle." },
	{ "price_point", "text", doc = "Its handle." },
	{ "price", "record", of = "price_terms", required = true, doc = "" },
	{ "quantity", "decimal", required = true, scale = 18, doc = "Units that are charged, or given back below zero; of percentages the turnover." },
	{ "whole_quantity", "decimal", scale = 18, doc = "volume: what the tier is looked up with, where units are there for a part of the period." },
	{ "events", "list", of = "price_event", max = 10000, doc = "In the order they happened; of schemes that count them one by one." },
	{ "event_count", "integer", min = 0, doc = "How many events there were." },
	{ "events_price", "decimal", scale = 18, doc = "dynamic: what the events say they cost together." },
	{ "cell", "integer", min = 1, doc = "matrix: the one of its cells that fits; none: none does" },
	{ "events_before", "integer", min = 0, doc = "Many events are priced a stretch at a time: so many came before these," },
	{ "total_before", "decimal", scale = 18, doc = "and turned over so much, or left so many units," },
	{ "most_before", "decimal", scale = 18, doc = "of which there were so many at most." },
	{ "value_1", "text", doc = "Of the first property that the events are told apart by; none: they have none." },
	{ "value_2", "text", doc = "Of the second." },
	{ "value_3", "text", doc = "" },
	{ "value_4", "text", doc = "" },
}

record "price_part" {
	doc = "What a price is made up of: the units of a tier.",
	{ "currency", "currency", required = true, doc = "" },
	{ "tier", "integer", min = 1, doc = "From 1; none: there are no tiers." },
	{ "quantity", "decimal", required = true, scale = 18, doc = "Units, or packages." },
	{ "unit_price", "decimal", scale = 18, doc = "" },
	{ "flat_price", "decimal", scale = 18, doc = "" },
	{ "amount", "exact", required = true, doc = "" },
}

record "price_decision" {
	doc = "What a quantity costs.",
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "exact", required = true, doc = "Not yet rounded." },
	{ "parts", "list", of = "price_part", max = 100, doc = "They add up to it, where they are told." },
}

-- ---------------------------------------------------------------------------------------------- components

record "currency_price" {
	doc = "What a price point says in another currency.",
	{ "currency", "currency", required = true, doc = "" },
	{ "price", "record", of = "price_terms", required = true, doc = "" },
	{ "overage_price", "record", of = "price_terms", doc = "prepaid" },
	{ "replaced_at", "instant", doc = "From then on another one of this currency holds. Assigned." },
}

record "component" {
	doc = "Something that subscriptions have in a quantity of their own: seats, an option, storage, calls.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned, or given at creation." },
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per tenant; lower case letters, digits and . : - _" },
	{ "name", "text", required = true, min = 1, max = 255, doc = "On the invoice." },
	{ "unit_name", "text", required = true, min = 1, max = 100, doc = "What one of it is called." },
	{ "description", "text", max = 2000, doc = "For those who sell." },
	{ "kind", "choice", words = { "quantity", "on_off", "metered", "prepaid", "event" }, required = true, doc = "" },
	{ "fractional", "boolean", required = true, doc = "Its quantities may have fractions." },
	{ "metric_id", "id", doc = "event: what makes a quantity of its events; none: nothing of it is billed" },
	{ "recurring", "boolean", required = true, doc = "quantity: what is had is charged each period; else once, and then it is 0 again" },
	{ "upgrade_charge", "choice", words = allocation_schemes, doc = "Of its allocations that say nothing; none: as the request or the tenant says" },
	{ "downgrade_credit", "choice", words = allocation_schemes, doc = "" },
	{ "taxable", "boolean", required = true, doc = "Taxes lie on what it costs." },
	{ "tax_code", "text", max = 25, doc = "For a tax service." },
	{ "price_point_id", "id", required = true, doc = "The default one: whoever names none gets it." },
	{ "status", "choice", words = { "active", "archived" }, required = true, doc = "archived: nobody can have it anew." },
	{ "product_family_id", "id", doc = "Of the family it is sold in; none: it goes with any plan." },
	{ "custom", "json", max = 16384, doc = "The caller's own object." },
	{ "price_point", "relation", of = "price_point", by = "price_point_id", doc = "" },
	{ "archived_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "price_point" {
	doc = "A price of a component; what it says never changes, others take its place.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned, or given at creation." },
	{ "component_id", "id", required = true, doc = "" },
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per component; lower case letters, digits and . : - _" },
	{ "name", "text", required = true, min = 1, max = 255, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "price", "record", of = "price_terms", json = true, required = true, doc = "" },
	{ "currency_prices", "list", of = "currency_price", json = true, max = 50, doc = "Its prices in other currencies." },
	{ "segment_count", "integer", min = 0, doc = "event: how many prices by values of properties it has that are active." },
	{ "tax_included", "boolean", doc = "Taxes are in the price already; none: as the rates of the taxes say" },
	{ "subscription_id", "id", doc = "The only subscription that can have it; none: each can" },
	{ "overage_price", "record", of = "price_terms", json = true, doc = "prepaid: what is used beyond what was bought" },
	{ "renew_prepaid", "boolean", doc = "prepaid: at an assessment the same is bought again" },
	{ "rollover_prepaid", "boolean", doc = "prepaid: what is left stays over an assessment" },
	{ "expires_after", "integer", min = 1, max = 10000, doc = "prepaid: how long after it was bought" },
	{ "expires_unit", "choice", words = { "day", "month", "never" }, doc = "prepaid: never when absent" },
	{ "status", "choice", words = { "active", "archived" }, required = true, doc = "archived: nobody can have it anew." },
	{ "component", "relation", of = "component", by = "component_id", doc = "" },
	{ "archived_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "price_segment" {
	doc = "What a price point says of events with these values of the properties that their metric is told apart by, in place of its own price.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "price_point_id", "id", required = true, doc = "" },
	{ "value_1", "text", min = 1, max = 255, doc = "Of the first property; none: any, or that it is absent." },
	{ "value_2", "text", min = 1, max = 255, doc = "Of the second." },
	{ "value_3", "text", min = 1, max = 255, doc = "" },
	{ "value_4", "text", min = 1, max = 255, doc = "" },
	{ "currency", "currency", required = true, doc = "The price point's." },
	{ "price", "record", of = "price_terms", json = true, required = true, doc = "" },
	{ "currency_prices", "list", of = "currency_price", json = true, max = 50, doc = "In other currencies." },
	{ "status", "choice", words = { "active", "archived" }, required = true, doc = "archived: the next assessment knows it no more." },
	{ "price_point", "relation", of = "price_point", by = "price_point_id", doc = "" },
	{ "archived_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- commands

record "component_create" {
	doc = "Input of component.create: a component and the price point that is its default.",
	{ "uuid", "uuid", doc = "" },
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per tenant." },
	{ "name", "text", required = true, min = 1, max = 255, visible = true, doc = "On the invoice." },
	{ "unit_name", "text", min = 1, max = 100, doc = "What one of it is called; 'unit' when absent, 'on/off' of one that is on or off" },
	{ "description", "text", max = 2000, doc = "" },
	{ "kind", "choice", words = { "quantity", "on_off", "metered", "prepaid", "event" }, required = true, doc = "" },
	{ "fractional", "boolean", doc = "false when absent" },
	{ "metric_id", "id", doc = "event: what makes a quantity of its events" },
	{ "recurring", "boolean", doc = "quantity: true when absent" },
	{ "upgrade_charge", "choice", words = allocation_schemes, doc = "" },
	{ "downgrade_credit", "choice", words = allocation_schemes, doc = "" },
	{ "taxable", "boolean", doc = "true when absent" },
	{ "tax_code", "text", max = 25, doc = "" },
	{ "product_family_id", "id", doc = "Of the family it is sold in." },
	{ "custom", "json", max = 16384, doc = "The caller's own object." },
	{ "currency", "currency", doc = "The tenant's when absent." },
	{ "price", "record", of = "price_terms", required = true, doc = "" },
	{ "currency_prices", "list", of = "currency_price", max = 50, doc = "" },
	{ "segments", "list", of = "price_segment_wish", max = 1000, doc = "event: prices by values of properties" },
	{ "tax_included", "boolean", doc = "Taxes are in the price already." },
	{ "overage_price", "record", of = "price_terms", doc = "prepaid: required" },
	{ "renew_prepaid", "boolean", doc = "prepaid: false when absent" },
	{ "rollover_prepaid", "boolean", doc = "prepaid: false when absent" },
	{ "expires_after", "integer", min = 1, max = 10000, doc = "prepaid" },
	{ "expires_unit", "choice", words = { "day", "month", "never" }, doc = "prepaid: never when absent" },
}

record "component_update" {
	doc = "Input of component.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", min = 1, max = 255, visible = true, doc = "" },
	{ "unit_name", "text", min = 1, max = 100, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "upgrade_charge", "choice", words = allocation_schemes, doc = "" },
	{ "downgrade_credit", "choice", words = allocation_schemes, doc = "" },
	{ "taxable", "boolean", doc = "" },
	{ "tax_code", "text", max = 25, doc = "" },
	{ "handle", "text", min = 1, max = 100, doc = "" },
	{ "custom", "json", max = 16384, doc = "In place of the caller's own object." },
	{ "price_point_id", "id", doc = "The default from now on; who has another one keeps it." },
}

record "component_archive" {
	doc = "Input of component.archive.",
	{ "id", "id", required = true, doc = "" },
}

record "price_point_create" {
	doc = "Input of price_point.create.",
	{ "uuid", "uuid", doc = "" },
	{ "component_id", "id", required = true, doc = "" },
	{ "handle", "text", required = true, min = 1, max = 100, doc = "Unique per component." },
	{ "name", "text", min = 1, max = 255, visible = true, doc = "The handle when absent." },
	{ "currency", "currency", doc = "The tenant's when absent." },
	{ "price", "record", of = "price_terms", required = true, doc = "" },
	{ "currency_prices", "list", of = "currency_price", max = 50, doc = "" },
	{ "segments", "list", of = "price_segment_wish", max = 1000, doc = "event: prices by values of properties" },
	{ "tax_included", "boolean", doc = "Taxes are in the price already." },
	{ "overage_price", "record", of = "price_terms", doc = "prepaid: required" },
	{ "renew_prepaid", "boolean", doc = "prepaid: false when absent" },
	{ "rollover_prepaid", "boolean", doc = "prepaid: false when absent" },
	{ "expires_after", "integer", min = 1, max = 10000, doc = "prepaid" },
	{ "expires_unit", "choice", words = { "day", "month", "never" }, doc = "prepaid: never when absent" },
}

record "price_point_update" {
	doc = "Input of price_point.update: what a price says never changes, its name does.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", required = true, min = 1, max = 255, visible = true, doc = "" },
}

record "price_segment_wish" {
	doc = "A price by values of properties, of a price point in the making or one that is there.",
	{ "value_1", "text", min = 1, max = 255, doc = "Of the first property of the metric's group_by; none: any, or that it is absent." },
	{ "value_2", "text", min = 1, max = 255, doc = "Of the second." },
	{ "value_3", "text", min = 1, max = 255, doc = "" },
	{ "value_4", "text", min = 1, max = 255, doc = "" },
	{ "price", "record", of = "price_terms", required = true, doc = "In the currency of the price point." },
	{ "currency_prices", "list", of = "currency_price", max = 50, doc = "" },
}

record "price_segment_create" {
	doc = "Input of price_segment.create: prices by values of properties, all or none.",
	{ "price_point_id", "id", required = true, doc = "" },
	{ "segments", "list", of = "price_segment_wish", required = true, min = 1, max = 1000, doc = "" },
}

record "price_segment_archive" {
	doc = "Input of price_segment.archive.",
	{ "id", "id", required = true, doc = "" },
}

record "price_segments_shown" {
	doc = "Prices of a price point by values of properties.",
	{ "price_point_id", "id", required = true, doc = "" },
	{ "items", "list", of = "price_segment", required = true, max = 1000, doc = "Oldest first." },
}

record "price_point_add_currency" {
	doc = "Input of price_point.add_currency: what it costs in another currency; said before, it holds no more from now on.",
	{ "id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "price", "record", of = "price_terms", required = true, doc = "" },
	{ "overage_price", "record", of = "price_terms", doc = "prepaid: required" },
}

record "price_point_archive" {
	doc = "Input of price_point.archive and price_point.unarchive.",
	{ "id", "id", required = true, doc = "" },
}

record "price_point_quote" {
	doc = "Input of price_point.quote.",
	{ "id", "id", required = true, doc = "Of the price point." },
	{ "quantity", "decimal", min = -1000000000000, max = 1000000000000, scale = 6, doc = "What is used or had; below zero: given back. The sum of the events when absent." },
	{ "quantity_before", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "What the period has been billed for before." },
	{ "billed_before", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "What that came to; counts for the least and the most of a period." },
	{ "whole_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "volume: what the tier is looked up with; the quantity when absent" },
	{ "events", "list", of = "price_event", max = 1000, doc = "Of schemes that count them one by one." },
	{ "value_1", "text", min = 1, max = 255, doc = "Of the first property that the events are told apart by: the price of their segment, or their cell of a matrix." },
	{ "value_2", "text", min = 1, max = 255, doc = "Of the second." },
	{ "value_3", "text", min = 1, max = 255, doc = "" },
	{ "value_4", "text", min = 1, max = 255, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- what is shown

record "price_quote" {
	doc = "What a quantity costs at a price point.",
	{ "price_point_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "quantity", "decimal", required = true, scale = 18, doc = "That was asked for." },
	{ "units", "decimal", required = true, scale = 18, doc = "That are billed for it." },
	{ "exact", "exact", required = true, doc = "Before rounding: of these units, after those of before." },
	{ "top_up", "exact", doc = "What is short of the least that a period costs." },
	{ "over_maximum", "exact", doc = "What is taken off because a period costs so much at most." },
	{ "amount", "money", required = true, doc = "What the period's bill has for it: rounded, with both." },
	{ "parts", "list", of = "price_part", max = 100, doc = "Of exact, where no units came before." },
	{ "rule", "text", required = true, doc = "That priced it." },
	{ "price_segment_id", "id", doc = "By whose price; none: the price point's own." },
}
