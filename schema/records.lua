-- records.lua: every noun of Moonbill, described once. What commands are asked is in inputs.lua, what policies are in questions.lua.
--
-- The build makes from it: C structs with descriptors (value/record.h), tables and statements (store), JSON and
-- Lua access, the API description and the reference pages. A record is
--
--     record "invoice" {
--       doc = "What an account owes for one billing cycle.",
--       stored = { since = 1, key = { "id" } },         -- a table; the key after tenant_id; since = its migration;
--                                                       -- cached = true: often read, hardly ever changed (store/row_cache.h)
--                                                       -- late = true: changed at once after it is made (store/late_row.h)
--                                                       -- stays = true: rows do not go along with a copy of their tenant
--       { "number", "text", max = 40, doc = "Shown to people; gapless per tenant." },
--       ...
--     }
--
-- and a field { name, kind, option = value ... } with the kinds of value/record.h and the options
--   required   input must give it, the column is NOT NULL      since      migration that adds the column (default: the record's)
--   max, min   limits: text bytes, number value, list items    scale      most decimal places
--   words      choice: its words, in order                     of         record, list, relation: the other record
--   by         relation: the id field it follows               rule       a pre rule may assign it ("<record>.*" in events.lua)
--   hidden     never leaves the core                           secret     input only: never stored, journalled or shown to rules
--   (a key of several columns that ends with id: the table gets a unique index (tenant_id, id) and find goes through it)
--   clears     text of an input: null is not the same as absent, it is told as a text without bytes
--   visible    text: people must see something of it, blanks alone are refused
--   json       record, list: stored as a JSON column           default    words: the column's default in a later migration
-- `text` defaults to max = 255. Record and list fields without `json` have no column. Money and exact fields use the
-- currency in the record's field of kind currency. Without `stored` a record is an input, an output or a part.

-- The words of every billing_period, here and in the files that are read after this one; value/calendar.h has their order.
billing_periods = {
	"daily", "weekly", "biweekly", "thirty_days", "thirty_one_days", "sixty_days", "ninety_days", "monthly", "bimestrial",
	"quarterly", "triannual", "biannual", "annual", "sesquiennial", "biennial", "triennial",
}

-- Who chooses a convention; billing/convention.h has their order.
convention_sources = { "default", "tenant", "account", "plan", "subscription" }

-- What a change of a quantity within a period costs: the whole difference, the part of it for the time that is left, nothing.
allocation_schemes = { "full", "prorated", "nothing" }

-- When what was ordered is provisioned, and when a renewal takes effect; billing/provisioning.h and renewal.h have their order.
provisioning_times = { "at_once", "after_payment" }
renewing_times = { "without_payment", "after_payment" }

-- The states of what is provisioned; billing/provisioning.h has the machine.
provisioning_words = {
	"prepared", "prepare_failed", "initiated", "in_progress", "provisioned", "failed", "cancelled", "pending_quantity_change",
	"quantity_change_failed", "pending_package_change", "package_change_failed", "pending_termination", "termination_failed",
	"removed",
}

-- ---------------------------------------------------------------------------------------------- tenants

record "tenant" {
	doc = "A company that bills its customers; everything else belongs to one tenant.",
	stored = { since = 1, key = { "id" }, global = true, cached = true },
	{ "id", "id", required = true, doc = "Assigned at creation." },
	{ "uuid", "uuid", required = true, doc = "The tenant's second name." },
	{ "name", "text", required = true, max = 100, doc = "Unique in the store." },
	{ "mode", "choice", words = { "live", "test" }, required = true, doc = "A test tenant has a clock of its own." },
	{ "demo", "text", max = 40, doc = "Name of the demo it was made from; fixtures may be set." },
	{ "clock", "instant", doc = "Now, of a test tenant; a live tenant uses the wall clock." },
	{ "beat_at", "instant", hidden = true, doc = "When a test tenant's clock last raised a heartbeat: once an instant." },
	{ "time_zone", "text", required = true, max = 64, doc = "IANA name or offset; default of its accounts." },
	{ "currency", "currency", required = true, doc = "Default of its accounts." },
	{ "bundle", "text", max = 64, doc = "Digest of the active bundle; none before the first deploy." },
	{ "settings", "json", max = 65536, doc = "Object of settings (docs/settings.md); laid over the bundle's." },
	{ "branch_of", "text", max = 100, doc = "A branch: the name of the tenant that it is a copy of. It sends and charges nothing, and its clock goes both ways." },
	{ "branch_of_id", "id", doc = "That tenant, when it was of this store." },
	{ "branched_at", "instant", doc = "That tenant's now when the copy was made." },
	{ "created_at", "instant", required = true, doc = "Of the tenant's own clock." },
}

record "api_key" {
	doc = "A key that opens the API of one tenant; its secret is shown once and kept as a digest.",
	stored = { since = 1, key = { "id" }, stays = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "name", "text", required = true, max = 100, doc = "What it is for." },
	{ "key_id", "text", required = true, max = 8, doc = "The public part of the key's text." },
	{ "secret_digest", "text", required = true, max = 64, hidden = true, doc = "SHA-256 of the secret part, hex." },
	{ "scopes", "text", required = true, max = 200, doc = "Blank-separated: read write payments deploy admin." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "revoked_at", "instant", doc = "From then on the key opens nothing." },
	{ "expires_at", "instant", doc = "From then on, by the wall clock also in a test tenant, the key opens nothing." },
	{ "last_used_at", "instant", doc = "By the wall clock, to the hour; kept by servers only." },
}

record "bundle" {
	doc = "An immutable set of a tenant's files: rules, catalog, templates, checks; named by the digest of its content.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "digest", "text", required = true, max = 64, doc = "SHA-256 of the canonical archive, hex; unique per tenant." },
	{ "name", "text", required = true, max = 100, doc = "From bundle.json." },
	{ "manifest", "json", required = true, max = 1048576, doc = "bundle.json: rule files in order, settings." },
	{ "files", "json", required = true, max = 34603008, doc = "Object: file name to content." },
	{ "created_at", "instant", required = true, doc = "First deploy of this content." },
	{ "activated_at", "instant", doc = "Last activation." },
}

record "bundle_activation" {
	doc = "A bundle came into force.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "digest", "text", required = true, max = 64, doc = "Of the bundle that is in force from then on." },
	{ "name", "text", required = true, max = 100, doc = "Of the bundle." },
	{ "previous", "text", max = 64, doc = "Digest of the bundle that it replaced." },
	{ "kind", "choice", words = { "deploy", "rollback" }, required = true, doc = "How it came." },
	{ "actor", "text", max = 100, doc = "Who did it: operator, key:NAME." },
	{ "activated_at", "instant", required = true, doc = "By the tenant's clock." },
}

record "bundle_template" {
	doc = "A document template of a bundle, beside the bundle's files so that writing a document reads no catalog.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "bundle", "text", required = true, max = 64, doc = "Digest." },
	{ "name", "text", required = true, max = 200, doc = "As in the bundle: templates/invoice.html" },
	{ "content", "text", required = true, max = 1048576, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- catalog

record "charge_target" {
	doc = "A charge that a percentage charge is taken of.",
	{ "price_code", "text", required = true, max = 60, doc = "Of a charge of the same plan." },
}

record "charge_tier" {
	doc = "A bracket of a tiered charge: the price of a unit from units_from to units_to, both included.",
	{ "units_from", "decimal", required = true, min = 0, scale = 6, doc = "First unit." },
	{ "units_to", "decimal", min = 0, scale = 6, doc = "Last unit; none for the last bracket." },
	{ "price", "decimal", required = true, scale = 12, doc = "Of one unit." },
	{ "flat", "decimal", scale = 12, doc = "Once when the bracket is reached." },
}

record "charge" {
	doc = "One thing a plan charges for.",
	{ "price_code", "text", required = true, min = 1, max = 60, doc = "Unique in the plan." },
	{ "name", "text", max = 200, visible = true, doc = "On the invoice; the price code when absent." },
	{ "kind", "choice", words = { "one_time", "recurring", "usage", "percent" }, required = true, doc = "percent: a share of other charges, such as a tax." },
	{ "amount", "decimal", scale = 12, doc = "Of one unit; absent with tiers and percentages." },
	{ "percent", "decimal", scale = 9, doc = "Of the targets, e.g. \"10\" or \"8.875\"." },
	{ "targets", "list", of = "charge_target", max = 100, doc = "percent: the charges it is taken of; empty = all that are not percentages." },
	{ "tier_mode", "choice", words = { "volume", "graduated" }, doc = "volume: all units at the bracket of the total; graduated: each unit at its own." },
	{ "tiers", "list", of = "charge_tier", max = 100, doc = "In ascending order." },
	{ "unit", "text", max = 40, doc = "Unit of measure, e.g. GB." },
	{ "prorated", "boolean", doc = "A period that is not whole is charged by the proration policy." },
	{ "mandatory", "boolean", doc = "Charged without an order line that names it." },
	{ "tax", "boolean", doc = "Shown as a tax." },
	{ "standard_quantity", "decimal", scale = 6, min = 0, doc = "Quantity when no order line gives one; 1 when absent." },
	{ "max_quantity", "decimal", scale = 6, min = 0, doc = "An order line may not ask for more." },
	{ "tax_codes", "text", max = 100, doc = "For a tax service." },
	{ "accounting_code", "text", max = 60, doc = "For the books." },
}

record "policy_choice" {
	doc = "Which policy decides for a plan or tenant.",
	{ "policy", "text", required = true, max = 40, doc = "A kind of schema/events.lua, e.g. proration." },
	{ "rule", "text", required = true, max = 100, doc = "A rule's name, or a shipped file as \"proration/inclusive_days\"." },
}

record "plan" {
	doc = "What is sold: charges, how often, counted how.",
	stored = { since = 1, key = { "id" }, cached = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "code", "text", required = true, max = 60, doc = "Unique per tenant; BluBilling's contractCode." },
	{ "name", "text", max = 200, doc = "For people." },
	{ "currency", "currency", required = true, doc = "Of all its prices." },
	{ "billing_period", "choice", required = true, doc = "How often recurring charges are billed.", words = billing_periods },
	{ "charges", "list", of = "charge", json = true, required = true, min = 1, max = 200, doc = "In order of their position." },
	{ "policies", "list", of = "policy_choice", json = true, max = 20, doc = "Overrides of the tenant's." },
	{ "active", "boolean", required = true, doc = "Can be ordered." },
	{ "provisioning", "choice", words = provisioning_times, doc = "When its subscriptions are provisioned; none: they need it not." },
	{ "renewing", "choice", words = renewing_times, doc = "When a subscription that ends is served for a further period; none: it ends." },
	{ "terms", "record", of = "service_terms", json = true, doc = "Its subscriptions have periods that expire; none: they have not." },
	{ "bundle", "text", max = 64, doc = "Digest of the bundle that brought it; none when made by the API." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- accounts

record "address" {
	doc = "A postal address.",
	{ "street1", "text", max = 200, rule = true, doc = "" },
	{ "street2", "text", max = 200, rule = true, doc = "" },
	{ "city", "text", max = 100, rule = true, doc = "" },
	{ "state", "text", max = 100, rule = true, doc = "State or region." },
	{ "zip", "text", max = 20, rule = true, doc = "Postal code." },
	{ "country", "text", max = 100, rule = true, doc = "Name." },
	{ "country_code", "text", max = 3, rule = true, doc = "ISO 3166, kept as it was given." },
}

record "contact" {
	doc = "A person to write to.",
	{ "first_name", "text", max = 100, rule = true, doc = "" },
	{ "last_name", "text", max = 100, rule = true, doc = "" },
	{ "company", "text", max = 200, rule = true, doc = "" },
	{ "email", "text", max = 254, rule = true, doc = "" },
	{ "email_secondary", "text", max = 254, rule = true, doc = "" },
	{ "work_phone", "text", max = 40, rule = true, doc = "" },
	{ "home_phone", "text", max = 40, rule = true, doc = "" },
	{ "mobile_phone", "text", max = 40, rule = true, doc = "" },
	{ "fax", "text", max = 40, rule = true, doc = "" },
	{ "address", "record", of = "address", rule = true, doc = "" },
}

record "account" {
	doc = "One customer of the tenant as the party that owes money.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned, or given at creation." },
	{ "external_key", "text", max = 100, rule = true, doc = "The caller's own key; unique per tenant." },
	{ "name", "text", required = true, max = 200, rule = true, visible = true, doc = "" },
	{ "email", "text", max = 254, rule = true, doc = "Where invoices go." },
	{ "currency", "currency", required = true, doc = "Of its invoices and payments." },
	{ "time_zone", "text", required = true, max = 64, doc = "Its dates are of this zone." },
	{ "bill_cycle_day", "integer", min = 0, max = 31, rule = true, doc = "0 or absent: set by the first charge or the tenant's setting." },
	{ "convention", "text", max = 40, doc = "How what is subscribed to from now on counts, where neither it nor its plan says: docs/conventions.md." },
	{ "locale", "text", max = 20, rule = true, doc = "e.g. en_US" },
	{ "status", "choice", words = { "active", "suspended", "terminated" }, required = true, doc = "" },
	{ "business", "boolean", required = true, rule = true, doc = "Not a private person." },
	{ "address", "record", of = "address", json = true, rule = true, doc = "Billing address." },
	{ "main_address", "record", of = "address", json = true, rule = true, doc = "Where it is, when it is billed elsewhere." },
	{ "shipping_address", "record", of = "address", json = true, rule = true, doc = "Where goods go." },
	{ "payment_method_id", "id", doc = "Charged by the billing run; none = the account is not on auto-pay." },
	{ "next_bill_date", "date", doc = "When the billing run looks at it next." },
	{ "upcoming_told", "text", max = 500, doc = "The bill dates ahead that invoice.upcoming was told of." },
	{ "parent_id", "id", doc = "The account it is a child of." },
	{ "parent_pays", "boolean", doc = "Its invoices are gathered on the parent's, which pays." },
	{ "invoicing", "choice", words = { "on", "draft", "reuse_draft", "off" }, doc = "on when absent; draft: invoices wait to be committed; reuse_draft: the next run adds to the draft; off: nothing is invoiced by itself." },
	{ "pay_automatically", "boolean", doc = "false: nothing is charged by itself; true when absent. The tag AUTO_PAY_OFF." },
	{ "manual_pay", "boolean", doc = "It pays by other means: nothing is charged by itself either. The tag MANUAL_PAY." },
	{ "discounted", "boolean", doc = "A coupon was redeemed for it or for one of its subscriptions." },
	{ "prepays", "boolean", doc = "It has, or had, a wallet." },
	{ "notes", "text", max = 2000, rule = true, doc = "" },
	{ "custom", "json", max = 16384, rule = true, doc = "The caller's own object." },
	{ "card", "relation", of = "payment_method", by = "payment_method_id", doc = "The method on auto-pay." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "customer" {
	doc = "The login and contact side of exactly one account.",
	stored = { since = 1, key = { "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "external_key", "text", max = 100, doc = "BluBilling's extCustomerRef; unique per tenant." },
	{ "name", "text", required = true, max = 200, rule = true, visible = true, doc = "" },
	{ "status", "choice", words = { "active", "suspended", "terminated" }, required = true, doc = "" },
	{ "username", "text", max = 100, doc = "Login; unique per tenant. Passwords are not kept." },
	{ "locked", "boolean", required = true, doc = "The login is locked." },
	{ "roles", "text", max = 200, rule = true, doc = "Blank-separated." },
	{ "billing_contact", "record", of = "contact", json = true, rule = true, doc = "" },
	{ "sales_contact", "record", of = "contact", json = true, rule = true, doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "payment_method" {
	doc = "How an account pays: a gateway's token and what may be shown of the card. Never a number or a CVV.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "kind", "choice", words = { "credit_card", "token", "bank_account" }, required = true, doc = "" },
	{ "gateway", "text", required = true, max = 40, doc = "Adapter that issued the token." },
	{ "token", "text", required = true, max = 200, hidden = true, doc = "The gateway's." },
	{ "brand", "text", max = 40, doc = "e.g. Visa" },
	{ "last_four", "text", max = 4, doc = "" },
	{ "expiry", "date", doc = "Last day it is valid." },
	{ "auto_pay", "integer", min = 1, max = 3, doc = "Preference: 1 is charged first; absent = not on auto-pay." },
	{ "created_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- orders

record "order_line" {
	doc = "One line of an order: a charge of the order's plan, or a plan of its own.",
	{ "position", "integer", min = 1, max = 10000, doc = "Assigned in order when absent." },
	{ "price_code", "text", max = 60, rule = true, doc = "A charge of the order's plan." },
	{ "plan", "text", max = 60, rule = true, doc = "Another plan: makes a subscription of its own." },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000, scale = 6, rule = true, doc = "" },
	{ "description", "text", max = 500, rule = true, doc = "" },
	{ "subscription_id", "id", doc = "Once processed." },
}

record "order_discount" {
	doc = "Taken off the first invoice of an order.",
	{ "percent", "decimal", min = 0, max = 100, scale = 9, rule = true, doc = "Of the recurring and one-time charges." },
	{ "text", "text", max = 200, rule = true, doc = "On the invoice." },
}

record "order" {
	doc = "What a customer asked for.",
	stored = { since = 1, key = { "account_id", "id" }, late = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "number", "text", required = true, max = 40, doc = "Shown to people; gapless per tenant." },
	{ "account_id", "id", required = true, doc = "" },
	{ "customer_id", "id", doc = "" },
	{ "external_key", "text", max = 100, rule = true, doc = "The caller's own key." },
	{ "description", "text", max = 500, rule = true, doc = "" },
	{ "status", "choice", words = { "draft", "provisioning", "active", "suspended", "complete", "superseded", "canceled" }, required = true, doc = "provisioning: waits for its start date." },
	{ "plan", "text", max = 60, rule = true, doc = "Code of the plan its lines belong to." },
	{ "currency", "currency", required = true, doc = "" },
	{ "start_date", "date", required = true, rule = true, doc = "" },
	{ "end_date", "date", rule = true, doc = "First day no longer served; none = open." },
	{ "auto_renew", "boolean", required = true, rule = true, doc = "" },
	{ "lines", "list", of = "order_line", json = true, required = true, min = 1, max = 500, rule = true, doc = "" },
	{ "discounts", "list", of = "order_discount", json = true, max = 20, rule = true, doc = "" },
	{ "total", "money", doc = "Of the invoice that it begins with: its first cycle, with discounts, coupons and taxes." },
	{ "new_customer", "record", of = "customer_create", json = true, doc = "Who orders, until processing makes the account of account_id and its customer." },
	{ "custom", "json", max = 16384, rule = true, doc = "The caller's own object." },
	{ "supersedes_id", "id", doc = "The order this one replaced, or of a draft is to." },
	{ "superseded_by_id", "id", doc = "The order that replaced this one." },
	{ "change_date", "date", doc = "From when on the order that this one replaces is served no more." },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "customer", "relation", of = "customer", by = "customer_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "subscription_charge" {
	doc = "A charge in force on a subscription.",
	{ "price_code", "text", required = true, max = 60, doc = "" },
	{ "quantity", "decimal", required = true, scale = 6, rule = true, doc = "" },
	{ "billed_once", "boolean", doc = "one_time: already on an invoice." },
}

record "subscription" {
	doc = "What an account is served and charged for over time.",
	stored = { since = 1, key = { "account_id", "id" }, late = true },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "order_id", "id", doc = "The order that made it; none when it was subscribed to directly." },
	{ "plan", "text", required = true, max = 100, doc = "Code." },
	{ "plan_id", "id", doc = "of an order: its plan" },
	{ "catalog_plan_id", "id", doc = "subscribed to directly: its plan now" },
	{ "bundle_id", "id", doc = "subscribed to directly: the bundle it is in" },
	{ "category", "choice", words = { "base", "add_on", "standalone" }, doc = "subscribed to directly: of its product" },
	{ "phase", "choice", words = { "trial", "discount", "fixed_term", "evergreen" }, doc = "subscribed to directly: its phase now" },
	{ "quantity", "integer", min = 0, max = 1000000000, doc = "subscribed to directly: multiplies fixed and recurring prices" },
	{ "bill_cycle_day", "integer", min = 1, max = 31, doc = "subscribed to directly: a day of its own, now" },
	{ "started_at", "instant", doc = "subscribed to directly: billing begins" },
	{ "aligned_from", "instant", doc = "subscribed to directly: phases are laid from here; the start it had before transfers" },
	{ "entitled_from", "instant", doc = "subscribed to directly: service begins" },
	{ "entitled_until", "instant", doc = "subscribed to directly: service ends; none = open" },
	{ "billed_until", "instant", doc = "subscribed to directly: billing ends; none = open" },
	{ "announced_until", "instant", doc = "subscribed to directly: what happened of its own accord up to here was announced" },
	{ "in_force_from", "instant", doc = "subscribed to directly: since when it has been charged as it is now" },
	{ "changes_at", "instant", doc = "subscribed to directly: when that changes next; none = nothing is known to" },
	{ "invoicing_off", "boolean", doc = "Nothing of it is invoiced until this is taken away." },
	{ "bundle_invoicing_off", "boolean", doc = "The same, of the bundle it is in." },
	{ "derive_from", "date", doc = "What was invoiced from this day on is to be compared with the timeline; none = nothing has changed since charged_through" },
	{ "currency", "currency", required = true, doc = "" },
	{ "status", "choice", words = { "pending", "active", "suspended", "superseded", "canceled", "complete", "renewing" }, required = true, doc = "renewing: served, and its renewal waits to be paid." },
	{ "provisioning_status", "choice", words = provisioning_words, doc = "Of what serves it; none: nothing is provisioned." },
	{ "renewal_invoice_id", "id", doc = "renewing: it is renewed when this invoice is settled" },
	{ "renewal_until", "date", doc = "renewing: its end date from then on" },
	{ "start_date", "date", required = true, rule = true, doc = "" },
	{ "end_date", "date", rule = true, doc = "First day no longer served; none = open." },
	{ "expires_at", "instant", doc = "of a plan with service terms: when its period expires; what comes then tells its term" },
	{ "charged_through", "date", doc = "First day not yet on an invoice." },
	{ "next_bill_date", "date", doc = "subscribed to directly: when it has something new to invoice; none = nothing recurs" },
	{ "components", "boolean", doc = "subscribed to directly: true when it has components" },
	{ "assessed_from", "instant", doc = "of one with components: what was used before it is billed" },
	{ "assessed_until", "instant", doc = "of one with components: what it has is charged up to it; none: it was not assessed yet" },
	{ "assess_at", "instant", doc = "subscribed to directly: on that day a run waits until then: its components are assessed, or its cycle begins at a second of its own" },
	{ "commitment_id", "id", doc = "subscribed to directly: the minimum commitment that it has, or had last" },
	{ "progressive_billing_id", "id", doc = "subscribed to directly: its thresholds of usage, or those that it had" },
	{ "auto_renew", "boolean", required = true, rule = true, doc = "Whether it renews itself; with service terms those say when." },
	{ "charges", "list", of = "subscription_charge", json = true, max = 700, doc = "of an order: one a line of it, and the mandatory ones" },
	{ "discounts", "list", of = "order_discount", json = true, max = 20, doc = "Of the order, until its first invoice." },
	{ "custom", "json", max = 16384, rule = true, doc = "The caller's own object." },
	{ "served_until", "instant", doc = "When it was suspended, or ended before its end date; later usage is refused." },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "order", "relation", of = "order", by = "order_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "usage" {
	doc = "A quantity that was used of a charge of kind usage; billed after its cycle has ended.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "subscription_id", "id", required = true, doc = "" },
	{ "order_id", "id", required = true, doc = "The subscription's." },
	{ "price_code", "text", required = true, max = 60, doc = "A charge of kind usage of the subscription's plan." },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000, scale = 6, rule = true, doc = "Above zero." },
	{ "external_key", "text", max = 100, doc = "The caller's own key, BluBilling's extRefId; unique per tenant." },
	{ "occurred_at", "instant", required = true, doc = "When it was used." },
	{ "status", "choice", words = { "unbilled", "billed" }, required = true, doc = "unbilled again when its invoice is cancelled." },
	{ "invoice_id", "id", doc = "billed: the invoice." },
	{ "line_position", "integer", min = 1, doc = "billed: the line of the invoice." },
	{ "memo", "text", max = 500, rule = true, doc = "" },
	{ "quantity_sent", "decimal", scale = 6, doc = "What the caller sent, where a rule changed quantity or memo." },
	{ "memo_sent", "text", max = 500, doc = "What the caller sent, where a rule changed quantity or memo." },
	{ "subscription", "relation", of = "subscription", by = "subscription_id", doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "order", "relation", of = "order", by = "order_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- invoices and payments

record "invoice_line" {
	doc = "One amount of an invoice with the decision that made it.",
	stored = { since = 1, key = { "account_id", "invoice_id", "position" } },
	{ "account_id", "id", required = true, doc = "" },
	{ "invoice_id", "id", required = true, doc = "" },
	{ "position", "integer", required = true, min = 1, doc = "From 1." },
	{ "kind", "choice", words = { "one_time", "recurring", "usage", "percent", "tax", "discount", "credit", "adjustment", "fixed", "repair", "item_adjustment", "external_charge", "parent_summary", "component", "component_usage", "allocation", "true_up", "progressive" }, required = true, doc = "progressive: what was used so far of a period, and below zero its credit on the period's own invoice; true_up: what a period is short of a commitment; component: what is had of one for a period; component_usage: what was used of one; allocation: a change within a period; repair: takes back what a later change made wrong; item_adjustment: takes back a part of a line; credit: given by hand; adjustment: a rule's" },
	{ "price_code", "text", max = 60, doc = "" },
	{ "plan", "text", max = 100, doc = "" },
	{ "subscription_id", "id", doc = "" },
	{ "order_id", "id", doc = "" },
	{ "description", "text", required = true, max = 500, rule = true, doc = "" },
	{ "quantity", "decimal", required = true, scale = 6, doc = "" },
	{ "unit_price", "decimal", scale = 12, doc = "Absent for tiers and percentages." },
	{ "currency", "currency", required = true, doc = "" },
	{ "phase", "text", max = 120, doc = "Of a catalog plan." },
	{ "catalog_plan_id", "id", doc = "" },
	{ "usage_section", "text", max = 100, doc = "usage, progressive: of a catalog plan" },
	{ "linked_invoice_id", "id", doc = "repair, item_adjustment, usage that became less, a progressive credit, a coupon's discount: the invoice of the line it takes from; none of a tax: its own" },
	{ "linked_position", "integer", min = 1, doc = "repair, item_adjustment, usage that became less, a progressive credit, a coupon's discount: that line; tax: the line that it lies on" },
	{ "coupon_redemption_id", "id", doc = "discount: by this redemption of a coupon" },
	{ "coupon_period_start", "date", doc = "discount: the billing period that the coupon is used for, first day" },
	{ "coupon_period_end", "date", doc = "First day after it." },
	{ "component_id", "id", doc = "component, component_usage, allocation, progressive" },
	{ "price_point_id", "id", doc = "component, component_usage, allocation" },
	{ "component_charge_id", "id", doc = "allocation" },
	{ "child_account_id", "id", doc = "parent_summary, and item_adjustment that follows the child: whose invoices it sums up" },
	{ "rate", "decimal", scale = 12, doc = "unit price times quantity: what a whole period costs" },
	{ "period_start", "date", doc = "Service period, first day." },
	{ "period_end", "date", doc = "Service period, first day after it." },
	{ "convention", "text", max = 40, doc = "of a catalog plan: how it was counted; killbill, by default, when absent" },
	{ "convention_by", "choice", words = convention_sources, doc = "Who chose that." },
	{ "exact", "exact", doc = "Before rounding." },
	{ "amount", "money", required = true, rule = true, doc = "" },
	{ "decision", "json", max = 65536, doc = "Rule, bundle, inputs read and the steps to the amount. Of a catalog plan: period, the whole one that rate is for; where its convention counts seconds period_moments and moments as well, the instants for which the dates of that and of the line stand." },
}

record "invoice" {
	doc = "What an account owes for one billing cycle.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "number", "text", required = true, max = 60, doc = "By the invoice_number policy over a gapless counter." },
	{ "account_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "status", "choice", words = { "draft", "open", "settled", "cancelled", "written_off" }, required = true, doc = "" },
	{ "invoice_date", "date", required = true, doc = "Day it was made, in the account's zone." },
	{ "due_date", "date", rule = true, doc = "" },
	{ "target_date", "date", doc = "What it was made for: everything due on that day." },
	{ "billing_start", "date", required = true, doc = "First day of the billing cycle." },
	{ "billing_end", "date", required = true, doc = "First day after the billing cycle." },
	{ "total", "money", required = true, doc = "Sum of the lines; below zero when it gives back more than it charges." },
	{ "balance", "money", required = true, doc = "total less payments, credits and prepaid money used, plus credit gained by it; 0 of drafts, cancelled and written-off ones." },
	{ "rounding", "text", max = 60, doc = "How cents were made, e.g. \"half_up per line\"." },
	{ "order_id", "id", doc = "The order it was made for; none for a billing run." },
	{ "parent_invoice_id", "id", doc = "The parent's invoice that gathers it." },
	{ "gathered", "money", doc = "What of that invoice is for this one: its balance, until the parent has paid." },
	{ "by_billing_run", "boolean", required = true, doc = "" },
	{ "wallet_transaction_id", "id", doc = "The purchase of prepaid units that it is for: no wallet pays it, and nothing of it is taken back." },
	{ "failed_attempts", "integer", required = true, min = 0, doc = "Declined payments so far." },
	{ "notes", "text", max = 2000, rule = true, doc = "" },
	{ "lines", "list", of = "invoice_line", max = 10000, rule = true, doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "sent_at", "instant", doc = "When it was sent last; none: never." },
	{ "settled_at", "instant", doc = "" },
	{ "cancelled_at", "instant", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "payment_attempt" {
	doc = "One request to a gateway and its answer.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned; BluBilling's processorResult id." },
	{ "account_id", "id", required = true, doc = "" },
	{ "payment_id", "id", required = true, doc = "" },
	{ "gateway", "text", required = true, max = 40, doc = "" },
	{ "status", "choice", words = { "sent", "approved", "declined", "failed", "unknown" }, required = true, doc = "failed: the gateway gave no usable answer and charged nothing." },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
	{ "transaction_id", "text", max = 100, doc = "The gateway's." },
	{ "approval_code", "text", max = 40, doc = "" },
	{ "avs_code", "text", max = 4, doc = "Address check: Y, N, X." },
	{ "cvv_code", "text", max = 4, doc = "" },
	{ "status_code", "text", max = 20, doc = "The gateway's." },
	{ "message", "text", max = 500, doc = "" },
	{ "sent_at", "instant", required = true, doc = "" },
	{ "completed_at", "instant", doc = "" },
}

record "invoice_payment" {
	doc = "The part of a payment that went to one invoice.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "payment_id", "id", required = true, doc = "" },
	{ "invoice_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
	{ "balance", "money", required = true, doc = "Of the invoice after it." },
	{ "created_at", "instant", required = true, doc = "" },
}

record "payment_target" {
	doc = "An invoice that a payment is meant for.",
	{ "invoice_id", "id", required = true, doc = "" },
}

record "payment" {
	doc = "Money an account pays.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "uuid", "uuid", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "type", "choice", words = { "payment", "credit", "refund" }, required = true, doc = "" },
	{ "status", "choice", words = { "pending", "succeeded", "failed", "unknown" }, required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, rule = true, doc = "A pre rule may only lower it." },
	{ "unallocated", "money", required = true, doc = "Not on an invoice: became a credit." },
	{ "effective_date", "date", required = true, doc = "" },
	{ "method", "choice", words = { "credit_card", "token", "bank_account", "credit" }, required = true, doc = "" },
	{ "method_text", "text", max = 60, doc = "e.g. \"Visa: 1111\"" },
	{ "payment_method_id", "id", doc = "The stored method." },
	{ "auto_pay", "integer", min = 1, max = 3, doc = "Store the method with this preference once it was approved." },
	{ "by_billing_run", "boolean", required = true, doc = "" },
	{ "targets", "list", of = "payment_target", json = true, max = 100, doc = "Invoices it is meant for, in order; the rest becomes a credit." },
	{ "custom", "json", max = 16384, rule = true, doc = "The caller's own object." },
	{ "allocations", "list", of = "invoice_payment", max = 100, doc = "" },
	{ "attempts", "list", of = "payment_attempt", max = 100, doc = "" },
	{ "account", "relation", of = "account", by = "account_id", doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
	{ "updated_at", "instant", required = true, doc = "" },
}

record "credit" {
	doc = "Money the tenant owes an account; used up by its next invoices.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
	{ "remaining", "money", required = true, doc = "" },
	{ "reason", "choice", words = { "overpayment", "plan_change", "goodwill", "repair" }, required = true, doc = "repair: an invoice came to less than nothing" },
	{ "invoice_id", "id", doc = "repair, goodwill: the invoice that it was gained on" },
	{ "payment_id", "id", doc = "overpayment: whose" },
	{ "order_id", "id", doc = "plan_change: the order that was replaced" },
	{ "credit_note_id", "id", doc = "repair: the note that gave it" },
	{ "decision", "json", max = 1048576, doc = "plan_change: how the amount was made." },
	{ "uses", "list", of = "credit_use", max = 10000, doc = "Where it went, oldest first." },
	{ "created_at", "instant", required = true, doc = "" },
}

record "credit_use" {
	doc = "The part of a credit that went to one invoice.",
	stored = { since = 1, key = { "account_id", "id" } },
	{ "id", "id", required = true, doc = "Assigned." },
	{ "account_id", "id", required = true, doc = "" },
	{ "credit_id", "id", required = true, doc = "" },
	{ "invoice_id", "id", required = true, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "amount", "money", required = true, doc = "" },
	{ "created_at", "instant", required = true, doc = "" },
}
