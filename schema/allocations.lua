-- allocations.lua: what subscriptions have of components, how that changes, and what is charged for it.
-- The shape of a record is told at the head of records.lua. Terms: maxio.md 6, 7.1 to 7.7; docs/components.md.

-- ---------------------------------------------------------------------------------------------- what is kept

record "subscription_component" {
	doc = "What a subscription has of a component.",
	stored = { since = 1, key = { "account_id", "subscription_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", required = true, doc = "Once a subscription." },
	{ "price_point_id", "id", required = true, doc = "What it costs; the component's default when it was had first, unless another was named." },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "quantity: had; on_off: 1 or 0; prepaid: what is left of its lots and was used of them since the last assessment; else 0" },
	{ "unit_balance", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "metered, prepaid: used since the last assessment; else 0" },
	{ "active", "boolean", required = true, doc = "event: what its events come to is billed; else true" },
	{ "currency", "currency", required = true, doc = "Of the subscription." },
	{ "charged_rate", "exact", doc = "quantity, on_off: what a whole period costs of what is charged for the present one; none: nothing is" },
	{ "component", "relation", of = "component", by = "component_id", doc = "" },
	{ "price_point", "relation", of = "price_point", by = "price_point_id", doc = "" },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "allocation" {
	doc = "A change of what a subscription has of a component; of a prepaid one a lot that is added.",
	stored = { since = 1, key = { "account_id", "subscription_id", "component_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", required = true, doc = "" },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "From then on; prepaid: of this lot alone" },
	{ "previous_quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "Before it." },
	{ "price_point_id", "id", required = true, doc = "From then on." },
	{ "previous_price_point_id", "id", required = true, doc = "Before it." },
	{ "memo", "text", max = 2000, rule = true, doc = "" },
	{ "at", "instant", required = true, doc = "When it took effect." },
	{ "upgrade_charge", "choice", words = allocation_schemes, required = true, rule = true, doc = "What it costs when it costs more than before." },
	{ "downgrade_credit", "choice", words = allocation_schemes, required = true, rule = true, doc = "What it gives back when it costs less." },
	{ "accrue_charge", "boolean", required = true, rule = true, doc = "What it costs waits for the next assessment; else it is invoiced at once." },
	{ "initiate_dunning", "boolean", required = true, doc = "Invoiced at once and not paid: the invoice stays; else what it costs waits after all." },
	{ "direction", "choice", words = { "upgrade", "downgrade" }, doc = "Costs more, or less, than before; none: the same, or nothing is charged yet" },
	{ "charge_id", "id", doc = "What it costs or gives back; none: nothing" },
	{ "expires_at", "instant", doc = "prepaid: from then on what is left of the lot is gone" },
	{ "used_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "prepaid: of the lot" },
	{ "lot", "choice", words = { "open", "used_up", "expired", "lapsed", "deleted" }, doc = "prepaid: open: some of it can be used; lapsed: an assessment did not keep what was left" },
	{ "used_in_period", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "prepaid: of the lot since the last assessment" },
	{ "counted", "boolean", doc = "prepaid: it is open, or was bought or used since the last assessment; else nothing of it changes any more" },
	{ "invoice_id", "id", doc = "prepaid, bought anew by an assessment: the invoice," },
	{ "line_position", "integer", min = 1, doc = "and its line" },
	{ "ended_at", "instant", doc = "prepaid: since when nothing of the lot can be used" },
	{ "charge", "relation", of = "component_charge", by = "charge_id", doc = "" },
	{ "component", "relation", of = "component", by = "component_id", doc = "" },
	{ "price_point", "relation", of = "price_point", by = "price_point_id", doc = "" },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
}

record "component_charge" {
	doc = "What an allocation costs, or below zero gives back, or what a cancelled invoice had of components: on an invoice, or waiting for one.",
	stored = { since = 1, key = { "account_id", "subscription_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", required = true, doc = "" },
	{ "price_point_id", "id", required = true, doc = "" },
	{ "allocation_id", "id", doc = "None: it was on an invoice that was cancelled." },
	{ "kind", "choice", words = { "component", "component_usage", "allocation" }, required = true, doc = "Of the line that it becomes." },
	{ "status", "choice", words = { "waiting", "invoiced", "withdrawn" }, required = true, doc = "waiting: for the next assessment" },
	{ "description", "text", required = true, max = 500, doc = "On the invoice." },
	{ "quantity", "decimal", required = true, scale = 6, doc = "What it is for: units more or less, times the part of the period." },
	{ "unit_price", "decimal", scale = 8, doc = "Where both prices are by the unit, and the same." },
	{ "starts_at", "instant", required = true, doc = "The time that it is for," },
	{ "ends_at", "instant", required = true, doc = "up to then." },
	{ "currency", "currency", required = true, doc = "" },
	{ "rate", "exact", doc = "What a whole period costs more or less." },
	{ "exact", "exact", required = true, doc = "Before rounding." },
	{ "amount", "money", required = true, doc = "" },
	{ "decision", "json", max = 65536, doc = "The prices before and after, and who decided the part and the cents." },
	{ "invoice_id", "id", doc = "invoiced: the invoice" },
	{ "line_position", "integer", min = 1, doc = "invoiced: its line" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "component_usage" {
	doc = "A quantity that a subscription used of a metered or prepaid component.",
	stored = { since = 1, key = { "account_id", "subscription_id", "component_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", required = true, doc = "" },
	{ "price_point_id", "id", required = true, doc = "That was named, or that the subscription had then." },
	{ "quantity", "decimal", required = true, min = -1000000000000, max = 1000000000000, scale = 6, rule = true, doc = "Below zero: taken back, as far as there is something to take from." },
	{ "overage_quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "prepaid: what no lot held" },
	{ "memo", "text", max = 2000, rule = true, doc = "" },
	{ "used_at", "instant", required = true, doc = "" },
	{ "period_id", "id", required = true, doc = "It counts in." },
	{ "balance_before", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "Used in the period before it," },
	{ "balance", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "and with it." },
	{ "overage_before", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "What of that no lot held," },
	{ "overage_balance", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "and with it." },
	{ "lots", "list", of = "lot_usage", json = true, max = 1000, doc = "prepaid: from which lots it was taken, or to which it went back" },
	{ "period", "relation", of = "component_period", by = "period_id", doc = "" },
	{ "component", "relation", of = "component", by = "component_id", doc = "" },
	{ "price_point", "relation", of = "price_point", by = "price_point_id", doc = "" },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- what commands are asked
--
-- A component is named by its id or its handle, a price point likewise.

record "custom_price" {
	doc = "A price for one subscription alone: a price point that nobody else can have is made of it.",
	{ "name", "text", min = 1, max = 255, visible = true, doc = "" },
	{ "price", "record", of = "price_terms", required = true, doc = "In the currency of the account." },
	{ "segments", "list", of = "price_segment_wish", max = 1000, doc = "event: prices by values of properties" },
	{ "tax_included", "boolean", doc = "Taxes are in the price already." },
	{ "overage_price", "record", of = "price_terms", doc = "prepaid" },
	{ "renew_prepaid", "boolean", doc = "prepaid" },
	{ "rollover_prepaid", "boolean", doc = "prepaid" },
	{ "expires_after", "integer", min = 1, max = 10000, doc = "prepaid" },
	{ "expires_unit", "choice", words = { "day", "month", "never" }, doc = "prepaid" },
}

record "component_choice" {
	doc = "A component that a subscription begins with.",
	{ "component_id", "id", doc = "" },
	{ "component", "text", max = 100, doc = "Its handle." },
	{ "quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "quantity, prepaid: how many; on_off: 1 or 0; 0 when absent" },
	{ "enabled", "boolean", doc = "on_off: in place of a quantity; event: activated" },
	{ "price_point_id", "id", doc = "" },
	{ "price_point", "text", max = 100, doc = "Its handle; the component's default when absent." },
	{ "custom_price", "record", of = "custom_price", doc = "" },
}

record "allocation_item" {
	doc = "A change of one component.",
	{ "component_id", "id", doc = "" },
	{ "component", "text", max = 100, doc = "Its handle." },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000000, scale = 6, doc = "on_off: 1 or 0; prepaid: bought" },
	{ "previous_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "What it must be now; else the change is refused." },
	{ "memo", "text", max = 2000, doc = "" },
	{ "upgrade_charge", "choice", words = allocation_schemes, doc = "The component's when absent, that of the request, of the tenant." },
	{ "downgrade_credit", "choice", words = allocation_schemes, doc = "" },
	{ "price_point_id", "id", doc = "All of it costs that from then on." },
	{ "price_point", "text", max = 100, doc = "Its handle; as before when absent." },
	{ "custom_price", "record", of = "custom_price", doc = "" },
}

record "allocation_create" {
	doc = "Input of allocation.create: changes of one subscription, all or none.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "allocations", "list", of = "allocation_item", required = true, min = 1, max = 100, doc = "Each component once." },
	{ "upgrade_charge", "choice", words = allocation_schemes, doc = "Where neither the item nor the component says; the tenant's when absent." },
	{ "downgrade_credit", "choice", words = allocation_schemes, doc = "" },
	{ "accrue_charge", "boolean", doc = "true: what it comes to waits for the next assessment; false: it is invoiced, and charged, at once. The tenant's when absent." },
	{ "initiate_dunning", "boolean", doc = "false when absent" },
}

record "allocation_preview" {
	doc = "Input of allocation.preview.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "allocations", "list", of = "allocation_item", required = true, min = 1, max = 100, doc = "" },
	{ "upgrade_charge", "choice", words = allocation_schemes, doc = "" },
	{ "downgrade_credit", "choice", words = allocation_schemes, doc = "" },
	{ "accrue_charge", "boolean", doc = "" },
	{ "effective_at", "instant", doc = "As if it were made then; within the present period. Now when absent." },
	{ "effective_date", "date", doc = "The same, at its first instant that is within the period." },
}

record "subscription_component_add" {
	doc = "Input of subscription_component.add: the subscription has the component from now on, and nothing of it.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", doc = "" },
	{ "component", "text", max = 100, doc = "Its handle." },
	{ "price_point_id", "id", doc = "" },
	{ "price_point", "text", max = 100, doc = "Its handle; the component's default when absent." },
	{ "custom_price", "record", of = "custom_price", doc = "" },
}

record "price_point_choice" {
	doc = "The price point that a component of a subscription is to have.",
	{ "component_id", "id", doc = "" },
	{ "component", "text", max = 100, doc = "Its handle." },
	{ "price_point_id", "id", doc = "" },
	{ "price_point", "text", max = 100, doc = "Its handle; _default: the component's default." },
}

record "subscription_component_reprice" {
	doc = "Input of subscription_component.reprice: other price points, all or none; what is charged until the next assessment stays.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "components", "list", of = "price_point_choice", required = true, min = 1, max = 100, doc = "" },
}

record "subscription_component_reset_prices" {
	doc = "Input of subscription_component.reset_prices: all of its components have their defaults again.",
	{ "subscription_id", "id", required = true, doc = "" },
}

record "subscription_component_activate" {
	doc = "Input of subscription_component.activate and subscription_component.deactivate.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "component_id", "id", doc = "" },
	{ "component", "text", max = 100, doc = "Its handle." },
	{ "price_point_id", "id", doc = "" },
	{ "price_point", "text", max = 100, doc = "Its handle; as before when absent." },
	{ "custom_price", "record", of = "custom_price", doc = "" },
}

-- ---------------------------------------------------------------------------------------------- what is answered

record "subscription_components_shown" {
	doc = "What a subscription has of components.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "items", "list", of = "subscription_component", required = true, max = 10000, doc = "Oldest first." },
}

record "allocations_made" {
	doc = "Output of allocation.create.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "allocations", "list", of = "allocation", required = true, max = 100, doc = "In the order of the request." },
	{ "charges", "list", of = "component_charge", required = true, max = 100, doc = "What they cost or give back." },
	{ "currency", "currency", required = true, doc = "" },
	{ "total", "money", required = true, doc = "Of the charges." },
	{ "direction", "choice", words = { "upgrade", "downgrade" }, doc = "Of all together; none: of each its own, or nothing" },
	{ "invoice_id", "id", doc = "Invoiced at once; the payment that was asked for is of this invoice." },
}

record "allocations_previewed" {
	doc = "Output of allocation.preview: what allocation.create would do at that moment.",
	{ "subscription_id", "id", required = true, doc = "" },
	{ "starts_at", "instant", doc = "The present period; none: nothing is charged yet" },
	{ "ends_at", "instant", doc = "" },
	{ "allocations", "list", of = "allocation", required = true, max = 100, doc = "Without ids." },
	{ "charges", "list", of = "component_charge", required = true, max = 100, doc = "Without ids." },
	{ "currency", "currency", required = true, doc = "" },
	{ "subtotal", "money", required = true, doc = "Of the charges." },
	{ "discount", "money", required = true, doc = "What coupons take off them, below zero; or give back." },
	{ "tax", "money", required = true, doc = "" },
	{ "total", "money", required = true, doc = "" },
	{ "direction", "choice", words = { "upgrade", "downgrade" }, doc = "Of all together; none: of each its own, or nothing" },
	{ "scheme", "choice", words = allocation_schemes, doc = "Of all together; none: of each its own" },
	{ "accrue_charge", "boolean", required = true, doc = "" },
}
