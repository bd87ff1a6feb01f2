-- amounts.lua: taxes, coupons and credit notes: their records, their commands, and what their policies are asked.
-- The shape of a record is told at the head of records.lua. Formulas: peers.md part d.

-- ---------------------------------------------------------------------------------------------- taxes

record "tax_rate" {
	doc = "A tax that lies on a line.",
	{ "name", "text", required = true, min = 1, max = 60, visible = true, doc = "On the invoice." },
	{ "percent", "decimal", required = true, min = 0, max = 1000, scale = 9, doc = "" },
	{ "inclusive", "boolean", doc = "The price has it in it already." },
	{ "compound", "boolean", doc = "Also taken of the taxes before it on the same line." },
}

record "tax_rates_request" {
	doc = "An invoice line that may be taxed.",
	{ "currency", "currency", required = true, doc = "" },
	{ "account_id", "id", doc = "" },
	{ "business", "boolean", doc = "Of the account." },
	{ "country_code", "text", doc = "Of the account's address." },
	{ "state", "text", doc = "Of the account's address." },
	{ "kind", "text", required = true, doc = "The line's: recurring, usage ..." },
	{ "plan", "text", doc = "" },
	{ "phase", "text", doc = "" },
	{ "tax_percent", "text", doc = "The setting tax.percent." },
	{ "tax_name", "text", doc = "The setting tax.name." },
	{ "tax_inclusive", "boolean", doc = "The setting tax.inclusive." },
}

record "tax_rates_decision" {
	doc = "The taxes of a line, in order.",
	{ "rates", "list", of = "tax_rate", max = 20, doc = "None: it is not taxed." },
}

-- ---------------------------------------------------------------------------------------------- coupons
--
-- What a coupon takes off follows from the lines alone (runtime/billing/coupon_lines.h): a redemption keeps from when and
-- until when it holds, the discount lines of invoices that were not cancelled tell which billing periods it was used for.

record "coupon_amount" {
	doc = "What a coupon takes off in one currency.",
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "decimal", required = true, min = 0, scale = 6, doc = "Above zero." },
}

record "component_name" {
	doc = "A component that a coupon discounts.",
	{ "handle", "text", required = true, min = 1, max = 100, doc = "" },
}

record "coupon" {
	doc = "A discount that accounts redeem by its code; what it takes off, where and for how long never changes.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned, or given at creation." },
	{ "code", "text", required = true, min = 1, max = 60, doc = "What is typed to redeem it; unique per tenant." },
	{ "name", "text", max = 200, doc = "On the invoice; the code when absent." },
	{ "description", "text", max = 2000, doc = "For those who sell." },
	{ "percent", "decimal", min = 0, max = 100, scale = 9, doc = "Of each charge; or amounts." },
	{ "amounts", "list", of = "coupon_amount", json = true, max = 180, doc = "A fixed amount each billing period, for each currency." },
	{ "duration", "choice", words = { "once", "forever", "periods" }, required = true, doc = "once: one billing period that costs something; periods: that many of them." },
	{ "periods", "integer", min = 1, max = 1200, doc = "periods: how many." },
	{ "valid_from", "instant", doc = "It cannot be redeemed before." },
	{ "valid_until", "instant", doc = "It cannot be redeemed from then on; what was redeemed goes on." },
	{ "max_redemptions", "integer", min = 1, max = 1000000000, doc = "In all." },
	{ "max_per_account", "integer", min = 1, max = 1000000000, doc = "By one account, its subscriptions and orders included." },
	{ "plans", "list", of = "plan_name", json = true, max = 200, doc = "Only charges of these plans; none: of any." },
	{ "products", "list", of = "product_name", json = true, max = 200, doc = "Only charges of these products; none: of any." },
	{ "components", "list", of = "component_name", json = true, max = 200, doc = "Charges of these components; none: of any, or of none where plans or products are named." },
	{ "stackable", "boolean", required = true, doc = "false: no other coupon beside it." },
	{ "status", "choice", words = { "active", "archived" }, required = true, doc = "archived: cannot be redeemed any more; what was redeemed goes on." },
	{ "redemptions", "integer", required = true, min = 0, doc = "How often it was redeemed, removed ones included." },
	{ "archived_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "coupon_redemption" {
	doc = "A coupon that an account redeemed: for a subscription, for an order, or for all that it is charged for.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", doc = "What this subscription charges; neither it nor order_id: all that the account is charged for." },
	{ "order_id", "id", doc = "What this order charges, or the one that replaced it." },
	{ "transferred_from_id", "id", doc = "The redemption at the account that gave the bundle; periods that it was used for count." },
	{ "transferred_to_id", "id", doc = "The redemption at the account that took the bundle." },
	{ "coupon_id", "id", required = true, doc = "" },
	{ "code", "text", required = true, max = 60, doc = "The coupon's." },
	{ "status", "choice", words = { "active", "used_up", "removed" }, required = true, doc = "used_up: no further billing period; active again when the invoices of one are cancelled." },
	{ "starts_on", "date", required = true, doc = "Charges for days from here on are discounted." },
	{ "ends_on", "date", doc = "removed: those that begin on it or later are not." },
	{ "periods_left", "integer", min = 0, doc = "Billing periods that it may still be used for; none: forever." },
	{ "redeemed_at", "instant", required = true, doc = "" },
	{ "ended_at", "instant", doc = "Removed, or used up." },
	{ "coupon", "relation", of = "coupon", by = "coupon_id", doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
}

record "coupon_return" {
	doc = "What the credit of a changed order gave back of a coupon's discount.",
	stored = { since = 1, key = { "account_id", "invoice_id", "position", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "credit_id", "id", doc = "None: charge and discount came to nothing." },
	{ "invoice_id", "id", required = true, doc = "" },
	{ "position", "integer", required = true, min = 1, doc = "The discount line." },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "Above zero." },
}

record "coupon_create" {
	doc = "Input of coupon.create: percent or amounts.",
	{ "uuid", "uuid", doc = "" },
	{ "code", "text", required = true, min = 1, max = 60, doc = "Unique per tenant." },
	{ "name", "text", max = 200, visible = true, doc = "On the invoice." },
	{ "description", "text", max = 2000, doc = "" },
	{ "percent", "decimal", min = 0, max = 100, scale = 9, doc = "Above zero." },
	{ "amounts", "list", of = "coupon_amount", max = 180, doc = "One for each currency." },
	{ "duration", "choice", words = { "once", "forever", "periods" }, doc = "once when absent; periods where periods are given" },
	{ "periods", "integer", min = 1, max = 1200, doc = "" },
	{ "valid_from", "instant", doc = "" },
	{ "valid_until", "instant", doc = "" },
	{ "max_redemptions", "integer", min = 1, max = 1000000000, doc = "" },
	{ "max_per_account", "integer", min = 1, max = 1000000000, doc = "" },
	{ "plans", "list", of = "plan_name", max = 200, doc = "Codes of the catalog in force, or of plans that orders sell." },
	{ "products", "list", of = "product_name", max = 200, doc = "Of the catalog in force." },
	{ "components", "list", of = "component_name", max = 200, doc = "Their handles; of charges of plans then only those that are named." },
	{ "stackable", "boolean", doc = "true when absent" },
}

record "coupon_update" {
	doc = "Input of coupon.update; absent fields stay. What a coupon takes off never changes: archive it and make another.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", max = 200, visible = true, doc = "" },
	{ "description", "text", max = 2000, doc = "" },
	{ "valid_until", "instant", doc = "" },
	{ "max_redemptions", "integer", min = 1, max = 1000000000, doc = "" },
	{ "max_per_account", "integer", min = 1, max = 1000000000, doc = "" },
}

record "coupon_archive" {
	doc = "Input of coupon.archive.",
	{ "id", "id", required = true, doc = "" },
}

record "coupon_redeem" {
	doc = "Input of coupon.redeem; account_id, subscription_id or order_id tells what is discounted.",
	{ "coupon", "text", required = true, min = 1, max = 60, doc = "Its code." },
	{ "account_id", "id", doc = "All that it is charged for." },
	{ "subscription_id", "id", doc = "This one alone; of plans of the catalog." },
	{ "order_id", "id", doc = "This one alone, and those that replace it." },
}

record "coupon_remove" {
	doc = "Input of coupon.remove: a redemption discounts nothing that begins today or later.",
	{ "id", "id", required = true, doc = "Of the redemption." },
}

-- ---------------------------------------------------------------------------------------------- credit notes

record "credit_note_request" {
	doc = "A credit note about to be settled.",
	{ "currency", "currency", required = true, doc = "" },
	{ "account_id", "id", doc = "" },
	{ "invoice_id", "id", doc = "" },
	{ "reason", "text", doc = "" },
	{ "total", "money", required = true, doc = "" },
	{ "owed", "money", required = true, doc = "What the invoice still owes; offset takes from it." },
	{ "refundable", "money", required = true, doc = "What was paid for it and not used; at most the total." },
}

record "credit_note_decision" {
	doc = "How a credit note is settled; the parts make up its total.",
	{ "currency", "currency", required = true, doc = "" },
	{ "refund", "money", doc = "Paid back." },
	{ "credit", "money", doc = "For the next invoices." },
	{ "offset", "money", doc = "Taken off what is owed." },
}

record "credit_note_line" {
	doc = "What a credit note takes back of one line of its invoice.",
	stored = { since = 1, key = { "account_id", "credit_note_id", "position" } },
	{ "account_id", "id", required = true, doc = "" },
	{ "credit_note_id", "id", required = true, doc = "" },
	{ "position", "integer", required = true, min = 1, doc = "From 1." },
	{ "invoice_position", "integer", required = true, min = 1, doc = "The line it takes from." },
	{ "tax", "boolean", required = true, doc = "Of a tax line." },
	{ "discount", "boolean", required = true, doc = "Of a discount line." },
	{ "description", "text", required = true, max = 500, doc = "Of that line." },
	{ "currency", "currency", required = true, doc = "" },
	{ "exact", "exact", doc = "Before rounding." },
	{ "amount", "money", required = true, doc = "Above zero; below zero of a discount." },
	{ "left", "money", required = true, doc = "What of that line was left before this note." },
	{ "given_back", "exact", doc = "Of unused time: what of its price repairs and earlier notes of unused time gave back." },
	{ "adjustment_position", "integer", required = true, min = 1, doc = "The line of the invoice that took it back." },
	{ "reversal_position", "integer", min = 1, doc = "The line of the invoice that charges it again; of a void note." },
	{ "decision", "json", max = 65536, doc = "The proration rule that told what of the line was unused." },
}

record "credit_note" {
	doc = "Takes back a part of an invoice; all notes of an invoice add up to it at most, and to the cent when all is taken back.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "number", "text", required = true, max = 60, doc = "CN- and a gapless counter." },
	{ "account_id", "id", required = true, doc = "" },
	{ "invoice_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "reason", "choice", words = { "unused_time", "unsatisfactory", "fraudulent", "duplicated", "other" }, required = true, doc = "" },
	{ "description", "text", max = 500, doc = "" },
	{ "status", "choice", words = { "issued", "void" }, required = true, doc = "void: its amounts are charged again" },
	{ "note_date", "date", required = true, doc = "Day it was made, in the account's zone." },
	{ "discount", "money", required = true, doc = "What its lines bore of discounts." },
	{ "sub_total", "money", required = true, doc = "Of lines that are no taxes, less their discounts." },
	{ "tax", "money", required = true, doc = "" },
	{ "total", "money", required = true, doc = "sub_total and tax." },
	{ "offset", "money", required = true, doc = "What it took off what the invoice owed." },
	{ "refund", "money", required = true, doc = "What of the rest is to be paid back." },
	{ "credit", "money", required = true, doc = "What of the rest the account keeps for its next invoices." },
	{ "account_credit", "money", required = true, doc = "The credit that the account got: what did not go back to wallets, and refund too, since payments cannot be paid back yet." },
	{ "wallet_return", "money", doc = "What of the rest went back to the wallets that had paid the invoice." },
	{ "decision", "json", max = 65536, doc = "The rules that rounded and settled it, and whether it took all that was left." },
	{ "lines", "list", of = "credit_note_line", max = 10000, doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "void_reason", "text", max = 500, doc = "" },
	{ "sent_at", "instant", doc = "When it was sent last; none: never." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "voided_at", "instant", doc = "" },
}

record "credit_note_take" {
	doc = "A line of an invoice to take back.",
	{ "position", "integer", required = true, min = 1, doc = "Its discounts and taxes follow." },
	{ "amount", "decimal", min = 0, scale = 6, doc = "Of the line, before discounts and without taxes; all that is left of it when absent." },
}

record "credit_note_create" {
	doc = "Input of credit_note.create: lines of an invoice, or what is not used of its subscriptions.",
	{ "invoice_id", "id", required = true, doc = "" },
	{ "items", "list", of = "credit_note_take", max = 1000, doc = "" },
	{ "unused_from", "date", doc = "Instead of items: the days of recurring lines from this one on." },
	{ "reason", "choice", words = { "unused_time", "unsatisfactory", "fraudulent", "duplicated", "other" }, doc = "other when absent; unused_time with unused_from" },
	{ "description", "text", max = 500, doc = "" },
}

record "credit_note_void" {
	doc = "Input of credit_note.void: what it took back of its invoice is charged again.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}
