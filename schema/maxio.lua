-- maxio.lua: what Maxio's wire shows and asks for: spec maxio.md 5 and 6, a record for each document.
-- The shape of a record is told at the head of records.lua.
--
-- How a value is spelled is its kind here, and nowhere else:
--   integer   a JSON integer of 64 bits (ids, cents, counts)         text   a JSON string (also unit prices, amounts of invoices, instants)
--   json      a number or a string, as the quantity is whole or not  date   YYYY-MM-DD
-- What is shown is written with null for what is absent. What is asked for is read leniently: members that no record has are
-- passed over, numbers may be strings and strings numbers (runtime/http/maxio/form.c). Words of choices are in words.lua.

-- ---------------------------------------------------------------------------------------------- shown: the catalog

record "maxio_product_family" {
	doc = "A product family.",
	{ "id", "integer", doc = "" },
	{ "name", "text", doc = "" },
	{ "handle", "text", doc = "" },
	{ "accounting_code", "text", doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "archived_at", "text", doc = "" },
}

record "maxio_product" {
	doc = "A product: a plan as it is sold in a family.",
	{ "id", "integer", doc = "" },
	{ "name", "text", doc = "" },
	{ "handle", "text", doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "accounting_code", "text", doc = "" },
	{ "request_credit_card", "boolean", doc = "" },
	{ "require_credit_card", "boolean", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "archived_at", "text", doc = "" },
	{ "price_in_cents", "integer", doc = "" },
	{ "interval", "integer", doc = "" },
	{ "interval_unit", "text", doc = "day or month" },
	{ "initial_charge_in_cents", "integer", doc = "" },
	{ "trial_price_in_cents", "integer", doc = "" },
	{ "trial_interval", "integer", doc = "" },
	{ "trial_interval_unit", "text", doc = "" },
	{ "expiration_interval", "integer", doc = "" },
	{ "expiration_interval_unit", "text", doc = "" },
	{ "version_number", "integer", doc = "" },
	{ "taxable", "boolean", doc = "" },
	{ "product_family", "record", of = "maxio_product_family", doc = "" },
}

record "maxio_price" {
	doc = "A bracket of a price point.",
	{ "id", "integer", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "starting_quantity", "json", doc = "" },
	{ "ending_quantity", "json", doc = "" },
	{ "unit_price", "text", doc = "" },
	{ "price_point_id", "integer", doc = "" },
	{ "formatted_unit_price", "text", doc = "" },
	{ "segment_id", "integer", doc = "" },
}

record "maxio_component" {
	doc = "A component of a product family.",
	{ "id", "integer", doc = "" },
	{ "name", "text", doc = "" },
	{ "handle", "text", doc = "" },
	{ "pricing_scheme", "text", doc = "" },
	{ "unit_name", "text", doc = "" },
	{ "unit_price", "text", doc = "" },
	{ "product_family_id", "integer", doc = "" },
	{ "product_family_name", "text", doc = "" },
	{ "product_family_handle", "text", doc = "" },
	{ "price_per_unit_in_cents", "integer", doc = "" },
	{ "kind", "text", doc = "" },
	{ "archived", "boolean", doc = "" },
	{ "taxable", "boolean", doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "default_price_point_id", "integer", doc = "" },
	{ "default_price_point_name", "text", doc = "" },
	{ "overage_prices", "list", of = "maxio_price", max = 100, doc = "" },
	{ "prices", "list", of = "maxio_price", max = 100, doc = "" },
	{ "price_point_count", "integer", doc = "" },
	{ "price_points_url", "text", doc = "" },
	{ "tax_code", "text", doc = "" },
	{ "recurring", "boolean", doc = "" },
	{ "upgrade_charge", "text", doc = "" },
	{ "downgrade_credit", "text", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "archived_at", "text", doc = "" },
	{ "hide_date_range_on_invoice", "boolean", doc = "" },
	{ "allow_fractional_quantities", "boolean", doc = "" },
	{ "use_site_exchange_rate", "boolean", doc = "" },
	{ "accounting_code", "text", doc = "" },
	{ "event_based_billing_metric_id", "integer", doc = "" },
	{ "item_category", "text", doc = "" },
	{ "display_on_hosted_page", "boolean", doc = "" },
	{ "interval", "integer", doc = "" },
	{ "interval_unit", "text", doc = "" },
}

record "maxio_currency_price" {
	doc = "A bracket of a price point in another currency.",
	{ "id", "integer", doc = "" },
	{ "currency", "text", doc = "" },
	{ "price", "text", doc = "" },
	{ "formatted_price", "text", doc = "" },
	{ "price_id", "integer", doc = "" },
	{ "price_point_id", "integer", doc = "" },
}

record "maxio_price_point" {
	doc = "A price point of a component.",
	{ "id", "integer", doc = "" },
	{ "type", "text", doc = "catalog, default or custom" },
	{ "default_", "boolean", doc = "Without the underscore: the word is one of C." },
	{ "name", "text", doc = "" },
	{ "pricing_scheme", "text", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "handle", "text", doc = "" },
	{ "archived_at", "text", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "prices", "list", of = "maxio_price", max = 100, doc = "" },
	{ "use_site_exchange_rate", "boolean", doc = "" },
	{ "subscription_id", "integer", doc = "" },
	{ "tax_included", "boolean", doc = "" },
	{ "interval", "integer", doc = "" },
	{ "interval_unit", "text", doc = "" },
	{ "currency_prices", "list", of = "maxio_currency_price", max = 10000, doc = "" },
	{ "overage_prices", "list", of = "maxio_price", max = 100, doc = "" },
	{ "overage_pricing_scheme", "text", doc = "" },
	{ "renew_prepaid_allocation", "boolean", doc = "" },
	{ "rollover_prepaid_remainder", "boolean", doc = "" },
	{ "expiration_interval", "integer", doc = "" },
	{ "expiration_interval_unit", "text", doc = "day, month or never" },
}

record "maxio_segment" {
	doc = "A price of events with these values of the properties of their metric.",
	{ "id", "integer", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "price_point_id", "integer", doc = "" },
	{ "event_based_billing_metric_id", "integer", doc = "" },
	{ "pricing_scheme", "text", doc = "" },
	{ "segment_property_1_value", "text", max = 255, doc = "" },
	{ "segment_property_2_value", "text", max = 255, doc = "" },
	{ "segment_property_3_value", "text", max = 255, doc = "" },
	{ "segment_property_4_value", "text", max = 255, doc = "" },
	{ "prices", "list", of = "maxio_price", max = 100, doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
}

-- ---------------------------------------------------------------------------------------------- shown: customers and subscriptions

record "maxio_customer" {
	doc = "A customer.",
	{ "id", "integer", doc = "" },
	{ "first_name", "text", doc = "" },
	{ "last_name", "text", doc = "" },
	{ "organization", "text", doc = "" },
	{ "email", "text", doc = "" },
	{ "cc_emails", "text", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "reference", "text", doc = "" },
	{ "address", "text", doc = "" },
	{ "address_2", "text", doc = "" },
	{ "city", "text", doc = "" },
	{ "state", "text", doc = "" },
	{ "state_name", "text", doc = "" },
	{ "zip", "text", doc = "" },
	{ "country", "text", doc = "" },
	{ "country_name", "text", doc = "" },
	{ "phone", "text", doc = "" },
	{ "locale", "text", doc = "" },
	{ "verified", "boolean", doc = "" },
	{ "tax_exempt", "boolean", doc = "" },
}

record "maxio_credit_card" {
	doc = "A card on file.",
	{ "id", "integer", doc = "" },
	{ "payment_type", "text", doc = "credit_card" },
	{ "first_name", "text", doc = "" },
	{ "last_name", "text", doc = "" },
	{ "masked_card_number", "text", doc = "" },
	{ "card_type", "text", doc = "" },
	{ "expiration_month", "integer", doc = "" },
	{ "expiration_year", "integer", doc = "" },
	{ "customer_id", "integer", doc = "" },
	{ "current_vault", "text", doc = "" },
	{ "vault_token", "text", doc = "" },
	{ "disabled", "boolean", doc = "" },
}

record "maxio_subscription" {
	doc = "A subscription.",
	{ "id", "integer", doc = "" },
	{ "state", "text", doc = "" },
	{ "balance_in_cents", "integer", doc = "" },
	{ "total_revenue_in_cents", "integer", doc = "" },
	{ "product_price_in_cents", "integer", doc = "" },
	{ "product_version_number", "integer", doc = "" },
	{ "current_period_started_at", "text", doc = "" },
	{ "current_period_ends_at", "text", doc = "" },
	{ "next_assessment_at", "text", doc = "" },
	{ "trial_started_at", "text", doc = "" },
	{ "trial_ended_at", "text", doc = "" },
	{ "activated_at", "text", doc = "" },
	{ "expires_at", "text", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "cancellation_message", "text", doc = "" },
	{ "cancellation_method", "text", doc = "" },
	{ "cancel_at_end_of_period", "boolean", doc = "" },
	{ "canceled_at", "text", doc = "" },
	{ "delayed_cancel_at", "text", doc = "" },
	{ "previous_state", "text", doc = "" },
	{ "signup_payment_id", "integer", doc = "" },
	{ "signup_revenue", "text", doc = "" },
	{ "coupon_code", "text", doc = "" },
	{ "coupon_codes", "json", doc = "" },
	{ "snap_day", "text", doc = "" },
	{ "payment_collection_method", "text", doc = "" },
	{ "payment_type", "text", doc = "" },
	{ "reference", "text", doc = "" },
	{ "currency", "text", doc = "" },
	{ "net_terms", "integer", doc = "" },
	{ "customer", "record", of = "maxio_customer", doc = "" },
	{ "product", "record", of = "maxio_product", doc = "" },
	{ "credit_card", "record", of = "maxio_credit_card", doc = "" },
}

-- ---------------------------------------------------------------------------------------------- shown: money

record "maxio_cost_tier" {
	doc = "The units of a bracket on an invoice.",
	{ "starting_quantity", "json", doc = "" },
	{ "ending_quantity", "json", doc = "" },
	{ "quantity", "text", doc = "" },
	{ "unit_price", "text", doc = "" },
	{ "amount", "text", doc = "" },
}

record "maxio_cost_rate" {
	doc = "What a price point made of a line.",
	{ "price_point_id", "integer", doc = "" },
	{ "component_price_point_id", "integer", doc = "" },
	{ "quantity", "text", doc = "" },
	{ "amount", "text", doc = "" },
	{ "pricing_scheme", "text", doc = "" },
	{ "tiers", "list", of = "maxio_cost_tier", max = 100, doc = "" },
}

record "maxio_cost_data" {
	doc = "How a component's line came about.",
	{ "rates", "list", of = "maxio_cost_rate", max = 100, doc = "" },
}

record "maxio_invoice_line" {
	doc = "A line of an invoice.",
	{ "uid", "text", doc = "" },
	{ "title", "text", max = 500, doc = "" },
	{ "description", "text", max = 500, doc = "" },
	{ "quantity", "text", doc = "" },
	{ "unit_price", "text", doc = "" },
	{ "subtotal_amount", "text", doc = "" },
	{ "discount_amount", "text", doc = "" },
	{ "tax_amount", "text", doc = "" },
	{ "total_amount", "text", doc = "" },
	{ "tiered_unit_price", "boolean", doc = "" },
	{ "period_range_start", "date", doc = "" },
	{ "period_range_end", "date", doc = "" },
	{ "product_id", "integer", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "price_point_id", "integer", doc = "" },
	{ "kind", "text", doc = "" },
	{ "component_cost_data", "record", of = "maxio_cost_data", doc = "" },
}

record "maxio_invoice_payment" {
	doc = "A payment on an invoice.",
	{ "uid", "text", doc = "" },
	{ "transaction_id", "integer", doc = "" },
	{ "transaction_time", "text", doc = "" },
	{ "memo", "text", doc = "" },
	{ "original_amount", "text", doc = "" },
	{ "applied_amount", "text", doc = "" },
	{ "prepayment", "boolean", doc = "" },
}

record "maxio_invoice_credit" {
	doc = "A credit that pays a part of an invoice.",
	{ "uid", "text", doc = "" },
	{ "memo", "text", doc = "" },
	{ "transaction_time", "text", doc = "" },
	{ "original_amount", "text", doc = "" },
	{ "applied_amount", "text", doc = "" },
}

record "maxio_invoice_refund" {
	doc = "What was paid back of an invoice.",
	{ "transaction_id", "integer", doc = "" },
	{ "payment_id", "integer", doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "original_amount", "text", doc = "" },
	{ "applied_amount", "text", doc = "" },
}

record "maxio_invoice_discount" {
	doc = "A discount on an invoice.",
	{ "uid", "text", doc = "" },
	{ "title", "text", max = 500, doc = "" },
	{ "code", "text", doc = "" },
	{ "source_type", "text", doc = "Coupon" },
	{ "source_id", "integer", doc = "" },
	{ "discount_amount", "text", doc = "" },
}

record "maxio_invoice_tax" {
	doc = "A tax on an invoice.",
	{ "uid", "text", doc = "" },
	{ "title", "text", max = 500, doc = "" },
	{ "source_type", "text", doc = "Tax" },
	{ "taxable_amount", "text", doc = "" },
	{ "tax_amount", "text", doc = "" },
}

record "maxio_invoice" {
	doc = "An invoice.",
	{ "id", "integer", doc = "" },
	{ "uid", "text", doc = "" },
	{ "site_id", "integer", doc = "" },
	{ "customer_id", "integer", doc = "" },
	{ "subscription_id", "integer", doc = "" },
	{ "number", "text", doc = "" },
	{ "sequence_number", "integer", doc = "" },
	{ "issue_date", "date", doc = "" },
	{ "due_date", "date", doc = "" },
	{ "paid_date", "date", doc = "" },
	{ "status", "text", doc = "" },
	{ "role", "text", doc = "" },
	{ "collection_method", "text", doc = "" },
	{ "consolidation_level", "text", doc = "" },
	{ "currency", "text", doc = "" },
	{ "product_name", "text", doc = "" },
	{ "product_family_name", "text", doc = "" },
	{ "subtotal_amount", "text", doc = "" },
	{ "discount_amount", "text", doc = "" },
	{ "tax_amount", "text", doc = "" },
	{ "total_amount", "text", doc = "" },
	{ "credit_amount", "text", doc = "" },
	{ "refund_amount", "text", doc = "" },
	{ "paid_amount", "text", doc = "" },
	{ "due_amount", "text", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "line_items", "list", of = "maxio_invoice_line", max = 10000, doc = "" },
	{ "payments", "list", of = "maxio_invoice_payment", max = 1000, doc = "" },
	{ "credits", "list", of = "maxio_invoice_credit", max = 1000, doc = "" },
	{ "refunds", "list", of = "maxio_invoice_refund", max = 1000, doc = "" },
	{ "discounts", "list", of = "maxio_invoice_discount", max = 10000, doc = "" },
	{ "taxes", "list", of = "maxio_invoice_tax", max = 10000, doc = "" },
}

record "maxio_credit_note" {
	doc = "A credit note.",
	{ "uid", "text", doc = "" },
	{ "site_id", "integer", doc = "" },
	{ "customer_id", "integer", doc = "" },
	{ "subscription_id", "integer", doc = "" },
	{ "number", "text", doc = "" },
	{ "sequence_number", "integer", doc = "" },
	{ "issue_date", "date", doc = "" },
	{ "applied_date", "date", doc = "" },
	{ "status", "text", doc = "open or applied" },
	{ "role", "text", doc = "" },
	{ "currency", "text", doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "subtotal_amount", "text", doc = "" },
	{ "discount_amount", "text", doc = "" },
	{ "tax_amount", "text", doc = "" },
	{ "total_amount", "text", doc = "" },
	{ "applied_amount", "text", doc = "" },
	{ "remaining_amount", "text", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
}

record "maxio_balance" {
	doc = "A balance of a subscription.",
	{ "balance_in_cents", "integer", doc = "" },
	{ "automatic_balance_in_cents", "integer", doc = "" },
	{ "remittance_balance_in_cents", "integer", doc = "" },
}

record "maxio_balances" {
	doc = "The balances of a subscription.",
	{ "open_invoices", "record", of = "maxio_balance", doc = "" },
	{ "pending_invoices", "record", of = "maxio_balance", doc = "" },
	{ "pending_discounts", "record", of = "maxio_balance", doc = "" },
	{ "service_credits", "record", of = "maxio_balance", doc = "" },
	{ "prepayments", "record", of = "maxio_balance", doc = "" },
}

-- ---------------------------------------------------------------------------------------------- shown: the site

record "maxio_allocation_settings" {
	doc = "What becomes of changes of quantity where nobody says.",
	{ "upgrade_charge", "text", doc = "" },
	{ "downgrade_credit", "text", doc = "" },
	{ "accrue_charge", "text", doc = "\"true\" or \"false\"" },
}

record "maxio_site" {
	doc = "The site: a tenant.",
	{ "id", "integer", doc = "" },
	{ "name", "text", doc = "" },
	{ "subdomain", "text", doc = "" },
	{ "currency", "text", doc = "" },
	{ "seller_id", "integer", doc = "" },
	{ "non_primary_currencies", "json", doc = "" },
	{ "relationship_invoicing_enabled", "boolean", doc = "" },
	{ "schedule_subscription_cancellation_enabled", "boolean", doc = "" },
	{ "customer_hierarchy_enabled", "boolean", doc = "" },
	{ "whopays_enabled", "boolean", doc = "" },
	{ "whopays_default_payer", "text", doc = "" },
	{ "allocation_settings", "record", of = "maxio_allocation_settings", doc = "" },
	{ "default_payment_collection_method", "text", doc = "" },
	{ "test", "boolean", doc = "" },
}

record "maxio_event" {
	doc = "Something that happened.",
	{ "id", "integer", doc = "" },
	{ "key", "text", doc = "" },
	{ "message", "text", max = 500, doc = "" },
	{ "subscription_id", "integer", doc = "" },
	{ "customer_id", "integer", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "event_specific_data", "json", doc = "" },
}

-- ---------------------------------------------------------------------------------------------- shown: components of a subscription

record "maxio_historic_usage" {
	doc = "What a past period used.",
	{ "total_usage_quantity", "json", doc = "" },
	{ "billing_period_starts_at", "text", doc = "" },
	{ "billing_period_ends_at", "text", doc = "" },
}

record "maxio_component_owner" {
	doc = "The subscription of a component, when it is asked for.",
	{ "state", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
}

record "maxio_subscription_component" {
	doc = "A component of a subscription.",
	{ "id", "integer", doc = "" },
	{ "name", "text", doc = "" },
	{ "kind", "text", doc = "" },
	{ "unit_name", "text", doc = "" },
	{ "enabled", "boolean", doc = "" },
	{ "unit_balance", "json", doc = "" },
	{ "currency", "text", doc = "" },
	{ "allocated_quantity", "json", doc = "" },
	{ "pricing_scheme", "text", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "component_handle", "text", doc = "" },
	{ "subscription_id", "integer", doc = "" },
	{ "recurring", "boolean", doc = "" },
	{ "upgrade_charge", "text", doc = "" },
	{ "downgrade_credit", "text", doc = "" },
	{ "archived_at", "text", doc = "" },
	{ "price_point_id", "integer", doc = "" },
	{ "price_point_handle", "text", doc = "" },
	{ "price_point_type", "text", doc = "catalog, default or custom" },
	{ "price_point_name", "text", doc = "" },
	{ "product_family_id", "integer", doc = "" },
	{ "product_family_handle", "text", doc = "" },
	{ "created_at", "text", doc = "" },
	{ "updated_at", "text", doc = "" },
	{ "use_site_exchange_rate", "boolean", doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "allow_fractional_quantities", "boolean", doc = "" },
	{ "display_on_hosted_page", "boolean", doc = "" },
	{ "interval", "integer", doc = "" },
	{ "interval_unit", "text", doc = "" },
	{ "subscription", "record", of = "maxio_component_owner", doc = "" },
	{ "historic_usages", "list", of = "maxio_historic_usage", max = 1000, doc = "" },
}

record "maxio_payment" {
	doc = "What was paid for allocations.",
	{ "id", "integer", doc = "" },
	{ "amount_in_cents", "integer", doc = "" },
	{ "success", "boolean", doc = "" },
	{ "memo", "text", doc = "" },
}

record "maxio_allocation" {
	doc = "A change of a component's quantity.",
	{ "allocation_id", "integer", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "component_handle", "text", doc = "" },
	{ "subscription_id", "integer", doc = "" },
	{ "quantity", "json", doc = "" },
	{ "previous_quantity", "json", doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "timestamp", "text", doc = "In UTC." },
	{ "created_at", "text", doc = "" },
	{ "proration_upgrade_scheme", "text", doc = "" },
	{ "proration_downgrade_scheme", "text", doc = "" },
	{ "price_point_id", "integer", doc = "" },
	{ "price_point_name", "text", doc = "" },
	{ "price_point_handle", "text", doc = "" },
	{ "interval", "integer", doc = "" },
	{ "interval_unit", "text", doc = "" },
	{ "previous_price_point_id", "integer", doc = "" },
	{ "accrue_charge", "boolean", doc = "" },
	{ "initiate_dunning", "boolean", doc = "" },
	{ "upgrade_charge", "text", doc = "" },
	{ "downgrade_credit", "text", doc = "" },
	{ "payment", "record", of = "maxio_payment", doc = "" },
	{ "expires_at", "text", doc = "" },
	{ "used_quantity", "integer", doc = "" },
	{ "charge_id", "integer", doc = "" },
}

record "maxio_preview_line" {
	doc = "A line of a preview.",
	{ "transaction_type", "text", doc = "" },
	{ "kind", "text", doc = "" },
	{ "amount_in_cents", "integer", doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "discount_amount_in_cents", "integer", doc = "" },
	{ "taxable_amount_in_cents", "integer", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "component_handle", "text", doc = "" },
	{ "component_name", "text", doc = "" },
	{ "product_id", "integer", doc = "" },
	{ "product_handle", "text", doc = "" },
	{ "product_name", "text", doc = "" },
	{ "period_range_start", "text", doc = "" },
	{ "period_range_end", "text", doc = "" },
	{ "direction", "text", doc = "" },
}

record "maxio_allocation_preview" {
	doc = "What allocations would come to.",
	{ "start_date", "text", doc = "In UTC." },
	{ "end_date", "text", doc = "In UTC." },
	{ "subtotal_in_cents", "integer", doc = "" },
	{ "total_tax_in_cents", "integer", doc = "" },
	{ "total_discount_in_cents", "integer", doc = "" },
	{ "total_in_cents", "integer", doc = "" },
	{ "existing_balance_in_cents", "integer", doc = "" },
	{ "direction", "text", doc = "" },
	{ "proration_scheme", "text", doc = "" },
	{ "accrue_charge", "boolean", doc = "" },
	{ "period_type", "text", doc = "" },
	{ "line_items", "list", of = "maxio_preview_line", max = 1000, doc = "" },
	{ "allocations", "list", of = "maxio_allocation", max = 1000, doc = "" },
}

record "maxio_renewal_preview" {
	doc = "What the next renewal would come to.",
	{ "next_assessment_at", "text", doc = "" },
	{ "subtotal_in_cents", "integer", doc = "" },
	{ "total_tax_in_cents", "integer", doc = "" },
	{ "total_discount_in_cents", "integer", doc = "" },
	{ "total_in_cents", "integer", doc = "" },
	{ "existing_balance_in_cents", "integer", doc = "" },
	{ "total_amount_due_in_cents", "integer", doc = "" },
	{ "uncalculated_taxes", "boolean", doc = "" },
	{ "line_items", "list", of = "maxio_preview_line", max = 1000, doc = "" },
}

record "maxio_usage" {
	doc = "Usage of a component.",
	{ "id", "integer", doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "created_at", "text", doc = "" },
	{ "price_point_id", "integer", doc = "" },
	{ "quantity", "json", doc = "" },
	{ "overage_quantity", "json", doc = "" },
	{ "component_id", "integer", doc = "" },
	{ "component_handle", "text", doc = "" },
	{ "subscription_id", "integer", doc = "" },
}

-- ---------------------------------------------------------------------------------------------- asked for: the catalog

record "maxio_family_input" {
	doc = "A product family that is to be made.",
	{ "name", "text", required = true, min = 1, max = 255, visible = true, doc = "" },
	{ "handle", "text", max = 100, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
}

record "maxio_product_input" {
	doc = "A product that is to be made.",
	{ "name", "text", required = true, min = 1, max = 255, visible = true, doc = "" },
	{ "handle", "text", max = 100, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "price_in_cents", "integer", required = true, min = 0, max = 1000000000000000, doc = "" },
	{ "interval", "integer", required = true, min = 1, max = 1000, doc = "" },
	{ "interval_unit", "choice", words = { "day", "month" }, required = true, doc = "" },
	{ "require_credit_card", "boolean", doc = "" },
	{ "trial_price_in_cents", "integer", min = 0, max = 1000000000000000, doc = "" },
	{ "trial_interval", "integer", min = 0, max = 10000, doc = "" },
	{ "trial_interval_unit", "choice", words = { "day", "month" }, doc = "" },
	{ "initial_charge_in_cents", "integer", min = 0, max = 1000000000000000, doc = "" },
}

record "maxio_price_input" {
	doc = "A bracket that is asked for.",
	{ "starting_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "ending_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "unit_price", "decimal", required = true, min = 0, max = 1000000000000, scale = 8, doc = "" },
}

record "maxio_overage_input" {
	doc = "What is used beyond what was bought.",
	{ "pricing_scheme", "choice", words = { "per_unit", "tiered", "volume", "stairstep" }, required = true, doc = "" },
	{ "prices", "list", of = "maxio_price_input", max = 100, doc = "" },
}

record "maxio_price_point_input" {
	doc = "A price point that is asked for; also the prices of a component that is made, and a price of one subscription.",
	{ "name", "text", max = 255, doc = "" },
	{ "handle", "text", max = 100, doc = "" },
	{ "pricing_scheme", "choice", words = { "per_unit", "tiered", "volume", "stairstep" }, doc = "" },
	{ "prices", "list", of = "maxio_price_input", max = 100, doc = "" },
	{ "unit_price", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "" },
	{ "tax_included", "boolean", doc = "" },
	{ "interval", "integer", min = 1, max = 1000, doc = "" },
	{ "interval_unit", "choice", words = { "day", "month" }, doc = "" },
	{ "overage_pricing", "record", of = "maxio_overage_input", doc = "" },
	{ "rollover_prepaid_remainder", "boolean", doc = "" },
	{ "renew_prepaid_allocation", "boolean", doc = "" },
	{ "expiration_interval", "integer", min = 1, max = 10000, doc = "" },
	{ "expiration_interval_unit", "choice", words = { "day", "month", "never" }, doc = "" },
}

record "maxio_price_points_input" {
	doc = "Price points that are asked for at once.",
	{ "price_points", "list", of = "maxio_price_point_input", required = true, min = 1, max = 100, doc = "" },
}

record "maxio_component_input" {
	doc = "A component that is to be made.",
	{ "name", "text", required = true, min = 1, max = 255, visible = true, doc = "" },
	{ "handle", "text", max = 100, doc = "" },
	{ "unit_name", "text", max = 100, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "taxable", "boolean", doc = "" },
	{ "tax_code", "text", max = 25, doc = "" },
	{ "pricing_scheme", "choice", words = { "per_unit", "tiered", "volume", "stairstep" }, doc = "" },
	{ "prices", "list", of = "maxio_price_input", max = 100, doc = "" },
	{ "unit_price", "decimal", min = 0, max = 1000000000000, scale = 8, doc = "" },
	{ "upgrade_charge", "text", max = 20, doc = "full, prorated or none" },
	{ "downgrade_credit", "text", max = 20, doc = "full, prorated or none" },
	{ "recurring", "boolean", doc = "" },
	{ "allow_fractional_quantities", "boolean", doc = "" },
	{ "accounting_code", "text", max = 255, doc = "" },
	{ "item_category", "text", max = 40, doc = "" },
	{ "hide_date_range_on_invoice", "boolean", doc = "" },
	{ "display_on_hosted_page", "boolean", doc = "" },
	{ "price_points", "list", of = "maxio_price_point_input", max = 100, doc = "" },
	{ "interval", "integer", min = 1, max = 1000, doc = "" },
	{ "interval_unit", "choice", words = { "day", "month" }, doc = "" },
	{ "overage_pricing", "record", of = "maxio_overage_input", doc = "" },
	{ "rollover_prepaid_remainder", "boolean", doc = "" },
	{ "renew_prepaid_allocation", "boolean", doc = "" },
	{ "expiration_interval", "integer", min = 1, max = 10000, doc = "" },
	{ "expiration_interval_unit", "choice", words = { "day", "month", "never" }, doc = "" },
	{ "event_based_billing_metric_id", "integer", min = 1, doc = "" },
}

record "maxio_component_change" {
	doc = "What is to be changed of a component.",
	{ "name", "text", max = 255, doc = "" },
	{ "handle", "text", max = 100, doc = "" },
	{ "unit_name", "text", max = 100, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "upgrade_charge", "text", max = 20, doc = "full, prorated or none" },
	{ "downgrade_credit", "text", max = 20, doc = "full, prorated or none" },
	{ "taxable", "boolean", doc = "" },
	{ "tax_code", "text", max = 25, doc = "" },
	{ "accounting_code", "text", max = 255, doc = "" },
	{ "item_category", "text", max = 40, doc = "" },
	{ "hide_date_range_on_invoice", "boolean", doc = "" },
	{ "display_on_hosted_page", "boolean", doc = "" },
}

record "maxio_segment_input" {
	doc = "A price by values of properties, that is asked for.",
	{ "segment_property_1_value", "text", max = 255, doc = "" },
	{ "segment_property_2_value", "text", max = 255, doc = "" },
	{ "segment_property_3_value", "text", max = 255, doc = "" },
	{ "segment_property_4_value", "text", max = 255, doc = "" },
	{ "pricing_scheme", "choice", words = { "per_unit", "tiered", "volume", "stairstep" }, required = true, doc = "" },
	{ "prices", "list", of = "maxio_price_input", max = 100, doc = "" },
}

record "maxio_segments_input" {
	doc = "Prices by values of properties, that are asked for.",
	{ "segments", "list", of = "maxio_segment_input", required = true, min = 1, max = 1000, doc = "" },
}

record "maxio_currency_price_input" {
	doc = "A bracket in another currency, that is asked for.",
	{ "currency", "text", required = true, min = 3, max = 3, doc = "" },
	{ "price", "decimal", required = true, min = 0, max = 1000000000000, scale = 8, doc = "" },
	{ "price_id", "integer", required = true, min = 1, doc = "Of the bracket in the first currency." },
}

record "maxio_currency_prices_input" {
	doc = "Prices in other currencies: of each currency all brackets.",
	{ "currency_prices", "list", of = "maxio_currency_price_input", required = true, min = 1, max = 1000, doc = "" },
}

record "maxio_currency_change_input" {
	doc = "Another price of a bracket in another currency.",
	{ "id", "integer", required = true, min = 1, doc = "" },
	{ "price", "decimal", required = true, min = 0, max = 1000000000000, scale = 8, doc = "" },
}

record "maxio_currency_changes_input" {
	doc = "Other prices in other currencies.",
	{ "currency_prices", "list", of = "maxio_currency_change_input", required = true, min = 1, max = 1000, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- asked for: customers and subscriptions

record "maxio_customer_input" {
	doc = "A customer that is to be made.",
	{ "first_name", "text", required = true, min = 1, max = 100, doc = "" },
	{ "last_name", "text", required = true, min = 1, max = 100, doc = "" },
	{ "email", "text", required = true, min = 1, max = 254, doc = "" },
	{ "reference", "text", max = 100, doc = "" },
	{ "organization", "text", max = 200, doc = "" },
	{ "address", "text", max = 200, doc = "" },
	{ "address_2", "text", max = 200, doc = "" },
	{ "city", "text", max = 100, doc = "" },
	{ "state", "text", max = 100, doc = "" },
	{ "zip", "text", max = 20, doc = "" },
	{ "country", "text", max = 3, doc = "" },
	{ "phone", "text", max = 40, doc = "" },
	{ "locale", "text", max = 20, doc = "" },
}

record "maxio_card_input" {
	doc = "A card.",
	{ "first_name", "text", max = 100, doc = "" },
	{ "last_name", "text", max = 100, doc = "" },
	{ "full_number", "text", required = true, min = 1, max = 23, secret = true, doc = "" },
	{ "cvv", "text", max = 4, secret = true, doc = "" },
	{ "expiration_month", "integer", required = true, min = 1, max = 12, doc = "" },
	{ "expiration_year", "integer", required = true, min = 2000, max = 2200, doc = "" },
}

record "maxio_signup_component" {
	doc = "A component that a subscription begins with.",
	{ "component_id", "text", required = true, max = 110, doc = "An id, or handle:HANDLE." },
	{ "enabled", "boolean", doc = "" },
	{ "unit_balance", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "allocated_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "price_point_id", "text", max = 110, doc = "" },
	{ "custom_price", "record", of = "maxio_price_point_input", doc = "" },
}

record "maxio_subscription_input" {
	doc = "A subscription that is to be made.",
	{ "product_id", "integer", min = 1, doc = "" },
	{ "product_handle", "text", max = 100, doc = "" },
	{ "customer_id", "integer", min = 1, doc = "" },
	{ "customer_reference", "text", max = 100, doc = "" },
	{ "customer_attributes", "record", of = "maxio_customer_input", doc = "" },
	{ "payment_profile_id", "integer", min = 1, doc = "" },
	{ "payment_profile_attributes", "record", of = "maxio_card_input", doc = "" },
	{ "credit_card_attributes", "record", of = "maxio_card_input", doc = "" },
	{ "payment_collection_method", "choice", words = { "automatic", "remittance", "prepaid", "invoice" }, doc = "" },
	{ "reference", "text", max = 255, doc = "" },
	{ "next_billing_at", "text", max = 40, doc = "" },
	{ "previous_billing_at", "text", max = 40, doc = "" },
	{ "initial_billing_at", "text", max = 40, doc = "" },
	{ "currency", "text", max = 3, doc = "" },
	{ "coupon_code", "text", max = 60, doc = "" },
	{ "coupon_codes", "json", max = 4096, doc = "One of them." },
	{ "components", "list", of = "maxio_signup_component", max = 100, doc = "" },
}

record "maxio_override_input" {
	doc = "Dates of a subscription that are to be set.",
	{ "current_period_starts_at", "text", max = 40, doc = "" },
	{ "activated_at", "text", max = 40, doc = "" },
	{ "canceled_at", "text", max = 40, doc = "" },
	{ "expires_at", "text", max = 40, doc = "" },
	{ "cancellation_message", "text", max = 2000, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- asked for: allocations and usage

record "maxio_billing_schedule" {
	doc = "When a component of its own interval is billed first.",
	{ "initial_billing_at", "text", max = 40, doc = "" },
}

record "maxio_allocation_input" {
	doc = "A quantity that a component is to have.",
	{ "component_id", "text", max = 110, doc = "" },
	{ "quantity", "decimal", min = -1000000000000, max = 1000000000000, scale = 6, doc = "" },
	{ "decimal_quantity", "decimal", min = -1000000000000, max = 1000000000000, scale = 6, doc = "" },
	{ "previous_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "decimal_previous_quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "upgrade_charge", "text", max = 20, doc = "full, prorated or none" },
	{ "downgrade_credit", "text", max = 20, doc = "full, prorated or none" },
	{ "accrue_charge", "boolean", doc = "" },
	{ "initiate_dunning", "boolean", doc = "" },
	{ "price_point_id", "text", max = 110, doc = "" },
	{ "proration_upgrade_scheme", "text", max = 60, doc = "" },
	{ "proration_downgrade_scheme", "text", max = 60, doc = "" },
	{ "billing_schedule", "record", of = "maxio_billing_schedule", doc = "" },
	{ "custom_price", "record", of = "maxio_price_point_input", doc = "" },
}

record "maxio_allocations_input" {
	doc = "Quantities that components are to have, at once.",
	{ "allocations", "list", of = "maxio_allocation_input", max = 100, doc = "" },
	{ "effective_proration_date", "text", max = 40, doc = "" },
	{ "upgrade_charge", "text", max = 20, doc = "full, prorated or none" },
	{ "downgrade_credit", "text", max = 20, doc = "full, prorated or none" },
	{ "accrue_charge", "boolean", doc = "" },
	{ "initiate_dunning", "boolean", doc = "" },
	{ "proration_upgrade_scheme", "text", max = 60, doc = "" },
	{ "proration_downgrade_scheme", "text", max = 60, doc = "" },
	{ "payment_collection_method", "choice", words = { "automatic", "remittance", "prepaid", "invoice" }, doc = "" },
}

record "maxio_move_component" {
	doc = "A component that is to be priced by another price point.",
	{ "component_id", "text", required = true, max = 110, doc = "" },
	{ "price_point", "text", required = true, max = 110, doc = "An id, a handle or _default." },
}

record "maxio_move_input" {
	doc = "Components that are to be priced by other price points.",
	{ "components", "list", of = "maxio_move_component", required = true, min = 1, max = 100, doc = "" },
}

record "maxio_expiry_input" {
	doc = "When what was bought ahead is to expire.",
	{ "expires_at", "text", max = 40, doc = "" },
}

record "maxio_delete_input" {
	doc = "How what was bought ahead is given back.",
	{ "credit_scheme", "text", max = 20, doc = "none, credit or refund; credit when absent" },
}

record "maxio_usage_input" {
	doc = "Usage that is to be recorded.",
	{ "quantity", "decimal", required = true, min = -1000000000000, max = 1000000000000, scale = 6, doc = "" },
	{ "memo", "text", max = 2000, doc = "" },
	{ "price_point_id", "text", max = 110, doc = "" },
	{ "billing_schedule", "record", of = "maxio_billing_schedule", doc = "" },
	{ "custom_price", "record", of = "maxio_price_point_input", doc = "" },
}

record "maxio_activation_input" {
	doc = "How a component that counts events is activated.",
	{ "price_point_id", "text", max = 110, doc = "" },
	{ "billing_schedule", "record", of = "maxio_billing_schedule", doc = "" },
	{ "custom_price", "record", of = "maxio_price_point_input", doc = "" },
}

record "maxio_renewal_component" {
	doc = "A quantity that a renewal is tried with.",
	{ "component_id", "text", max = 110, doc = "" },
	{ "quantity", "decimal", min = 0, max = 1000000000000, scale = 6, doc = "" },
	{ "price_point_id", "text", max = 110, doc = "" },
}

record "maxio_renewal_input" {
	doc = "Quantities that a renewal is tried with.",
	{ "components", "list", of = "maxio_renewal_component", max = 100, doc = "" },
}
