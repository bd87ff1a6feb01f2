-- inputs.lua: what commands are asked and answer, and what the server tells of itself.
-- The shape of a record is told at the head of records.lua.

-- ---------------------------------------------------------------------------------------------- inputs of commands

record "reference" {
	doc = "Names an existing object by one of its names.",
	{ "id", "id", doc = "" },
	{ "number", "text", doc = "Of an order or invoice." },
	{ "external_key", "text", doc = "Of an account or customer." },
	{ "code", "text", doc = "Of a plan." },
}

record "tenant_create" {
	doc = "Input of tenant.create.",
	{ "name", "text", required = true, max = 100, visible = true, doc = "" },
	{ "test", "boolean", doc = "A test tenant: its clock stands still until it is moved." },
	{ "at", "instant", doc = "A test tenant's first now; the wall clock when absent." },
	{ "demo", "text", max = 40, doc = "Fixtures may be set (test tenants only)." },
	{ "time_zone", "text", max = 64, doc = "UTC when absent." },
	{ "currency", "currency", doc = "USD when absent." },
	{ "settings", "json", max = 65536, doc = "" },
}

record "tenant_created" {
	doc = "Output of tenant.create: the tenant and its first key.",
	{ "id", "id", required = true, doc = "" },
	{ "uuid", "uuid", required = true, doc = "" },
	{ "name", "text", required = true, max = 100, doc = "" },
	{ "mode", "choice", words = { "live", "test" }, required = true, doc = "" },
	{ "demo", "text", max = 40, doc = "" },
	{ "clock", "instant", doc = "Now, of a test tenant." },
	{ "time_zone", "text", required = true, max = 64, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "api_key", "text", required = true, max = 100, doc = "Opens everything of this tenant; shown this once." },
	{ "branch_of", "text", max = 100, doc = "A branch: the name of the tenant that it is a copy of." },
	{ "branched_at", "instant", doc = "That tenant's now when the copy was made." },
	{ "created_at", "instant", required = true, doc = "" },
}

record "branch_make" {
	doc = "Input of a branch: a copy of the tenant in the same store.",
	{ "name", "text", max = 100, doc = "Of the copy, unique in the store; the tenant's with \"-branch\" behind it when absent." },
	{ "at", "instant", doc = "Its first now, before or after that of the tenant; what is due on the way forward runs." },
}

record "branch_drop" {
	doc = "Input of branch.drop.",
	{ "id", "id", required = true, doc = "The branch." },
}

record "tenant_configure" {
	doc = "Input of tenant.configure.",
	{ "settings", "json", required = true, max = 65536, doc = "Object; laid over the present settings, null takes one away." },
	{ "replace", "boolean", doc = "In place of the present settings." },
}

record "key_created" {
	doc = "Output of key.create.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", required = true, max = 100, doc = "" },
	{ "key_id", "text", required = true, max = 8, doc = "The public part of the key's text." },
	{ "scopes", "text", required = true, max = 200, doc = "" },
	{ "api_key", "text", required = true, max = 100, doc = "Shown this once." },
	{ "created_at", "instant", required = true, doc = "" },
}

record "key_rotate" {
	doc = "Input of key.rotate: the key by one of its names.",
	{ "id", "id", doc = "" },
	{ "key_id", "text", max = 8, doc = "" },
	{ "name", "text", max = 100, doc = "When only one key in force that no other has replaced has it." },
	{ "grace_seconds", "integer", min = 0, max = 2592000, doc = "How long the old key still opens; a day when absent." },
}

record "key_rotated" {
	doc = "Output of key.rotate: the new key, and until when the old one opens.",
	{ "id", "id", required = true, doc = "Of the new key." },
	{ "name", "text", required = true, max = 100, doc = "" },
	{ "key_id", "text", required = true, max = 8, doc = "The public part of the new key's text." },
	{ "scopes", "text", required = true, max = 200, doc = "" },
	{ "api_key", "text", required = true, max = 100, doc = "Shown this once." },
	{ "created_at", "instant", required = true, doc = "" },
	{ "old_id", "id", required = true, doc = "" },
	{ "old_expires_at", "instant", required = true, doc = "By the wall clock." },
}

record "key_revoke" {
	doc = "Input of key.revoke: the key by one of its names.",
	{ "id", "id", doc = "" },
	{ "key_id", "text", max = 8, doc = "" },
	{ "name", "text", max = 100, doc = "When only one key in force has it." },
}

record "bundle_deploy" {
	doc = "Input of bundle.deploy.",
	{ "archive", "json", required = true, max = 34603008, doc = "{\"files\": {name: content}}; what moonbill deploy packs." },
}

record "bundle_rollback" {
	doc = "Input of bundle.rollback.",
	{ "to", "text", max = 64, doc = "Digest of a bundle that was deployed, or its beginning of at least 6 digits; the bundle that the one in force replaced when absent." },
}

record "bundle_deployed" {
	doc = "Output of bundle.deploy and bundle.rollback: what is in force now.",
	{ "digest", "text", required = true, max = 64, doc = "" },
	{ "name", "text", required = true, max = 100, doc = "" },
	{ "previous", "text", max = 64, doc = "Digest of the bundle that was in force." },
	{ "files", "integer", required = true, doc = "How many." },
	{ "rules", "integer", required = true, doc = "How many." },
	{ "plans", "integer", required = true, doc = "How many its catalog holds, in all its versions." },
	{ "versions", "integer", doc = "How many of the catalog that is subscribed to." },
	{ "activated_at", "instant", required = true, doc = "" },
}

record "fixture_sequence" {
	doc = "What an id or number starts from.",
	{ "name", "text", required = true, max = 60, doc = "\"customer_id\", \"payment_attempt_id\", \"order_number\", \"serial\" ..." },
	{ "next", "integer", required = true, min = 1, max = 9007199254740991, doc = "Given next." },
}

record "fixture_state" {
	doc = "Values forced upon a row.",
	{ "object", "text", required = true, max = 40, doc = "Name of a record." },
	{ "id", "id", required = true, doc = "" },
	{ "values", "json", required = true, max = 65536, doc = "Object: field to value." },
}

record "fixture_answer" {
	doc = "One answer of the test gateway.",
	{ "respond", "choice", words = { "approved", "declined", "failed", "hang" }, required = true, doc = "" },
	{ "transaction_id", "text", max = 100, doc = "" },
	{ "approval_code", "text", max = 40, doc = "" },
	{ "avs_code", "text", max = 4, doc = "" },
	{ "cvv_code", "text", max = 4, doc = "" },
}

record "fixture_line" {
	doc = "A line of an invoice that was there before.",
	{ "kind", "choice", words = { "recurring", "item_adjustment" }, required = true, doc = "" },
	{ "subscription_id", "id", doc = "recurring: subscribed to directly; plan, phase and rate are those of that time." },
	{ "period_start", "date", required = true, doc = "" },
	{ "period_end", "date", doc = "" },
	{ "amount", "decimal", required = true, scale = 4, doc = "" },
	{ "takes_from", "integer", min = 1, doc = "item_adjustment: the line of this invoice, from 1." },
}

record "fixture_invoice" {
	doc = "An invoice that was there before, of a subscription that is subscribed to directly.",
	{ "account_id", "id", required = true, doc = "" },
	{ "lines", "list", of = "fixture_line", required = true, min = 1, max = 1000, doc = "In order." },
}

record "fixture_set" {
	doc = "Input of fixture.set; test tenants only.",
	{ "sequences", "list", of = "fixture_sequence", max = 100, doc = "" },
	{ "states", "list", of = "fixture_state", max = 1000, doc = "" },
	{ "invoices", "list", of = "fixture_invoice", max = 1000, doc = "Added as they are: no event, no credit." },
	{ "gateway", "list", of = "fixture_answer", max = 1000, doc = "Answers of the test gateway in order; the last one repeats." },
}

record "key_create" {
	doc = "Input of key.create.",
	{ "name", "text", required = true, min = 1, max = 100, visible = true, doc = "" },
	{ "scopes", "text", max = 200, doc = "Blank-separated; \"read write payments deploy\" when absent." },
	{ "expires_at", "instant", doc = "By the wall clock; never when absent." },
}

record "job_retry" {
	doc = "Input of job.retry: dead work begins anew.",
	{ "id", "id", required = true, doc = "" },
}

record "job_withdraw" {
	doc = "Input of job.withdraw: what a rule queued, or a post rule that is to be repeated, is not done.",
	{ "id", "id", required = true, doc = "" },
}

record "delivery_withdraw" {
	doc = "Input of delivery.withdraw: a message that waits is not sent.",
	{ "id", "id", required = true, doc = "" },
}

record "cause_withdraw" {
	doc = "Input of cause.withdraw: nothing more follows from it, and what waits is taken out, 1000 of each kind at a time.",
	{ "id", "id", required = true, doc = "" },
}

record "cause_withdrawn" {
	doc = "What cause.withdraw took out.",
	{ "id", "id", required = true, doc = "The cause's." },
	{ "jobs", "integer", required = true, doc = "Queued commands, and post rules to repeat." },
	{ "deliveries", "integer", required = true, doc = "Messages." },
	{ "more", "boolean", required = true, doc = "Some still wait: withdraw once more." },
}

record "delivery_retry" {
	doc = "Input of delivery.retry: a message begins anew, with all its tries; also one that has arrived.",
	{ "id", "id", required = true, doc = "" },
}

record "webhook_endpoint_create" {
	doc = "Input of webhook_endpoint.create.",
	{ "url", "text", required = true, max = 2000, doc = "https; http and addresses of a network of your own need a setting: docs/webhooks.md." },
	{ "description", "text", max = 200, doc = "" },
	{ "profile", "choice", words = { "webhook", "killbill", "aps" }, doc = "webhook when absent." },
	{ "events", "text", max = 4000, doc = "Blank-separated names, aliases, or beginnings as invoice.*; * for all, which is the default." },
	{ "ordering", "choice", words = { "parallel", "ordered" }, doc = "parallel when absent." },
}

record "webhook_endpoint_created" {
	doc = "A new endpoint; its secret is shown this once.",
	{ "id", "id", required = true, doc = "" },
	{ "url", "text", required = true, max = 2000, doc = "" },
	{ "profile", "choice", words = { "webhook", "killbill", "aps" }, required = true, doc = "" },
	{ "events", "text", required = true, max = 4000, doc = "" },
	{ "ordering", "choice", words = { "parallel", "ordered" }, required = true, doc = "" },
	{ "status", "choice", words = { "active", "paused", "disabled" }, required = true, doc = "" },
	{ "secret", "text", max = 100, doc = "webhook: what messages are signed with." },
}

record "webhook_endpoint_update" {
	doc = "Input of webhook_endpoint.update: what is absent stays.",
	{ "id", "id", required = true, doc = "" },
	{ "url", "text", max = 2000, doc = "Messages that wait go there too." },
	{ "description", "text", max = 200, doc = "" },
	{ "events", "text", max = 4000, doc = "Of events from now on." },
	{ "ordering", "choice", words = { "parallel", "ordered" }, doc = "" },
	{ "status", "choice", words = { "active", "paused", "disabled" }, doc = "" },
}

record "webhook_endpoint_delete" {
	doc = "Input of webhook_endpoint.delete: what waits for it dies.",
	{ "id", "id", required = true, doc = "" },
}

record "webhook_secret_rotate" {
	doc = "Input of webhook_endpoint.rotate_secret.",
	{ "id", "id", required = true, doc = "The endpoint's." },
	{ "overlap_hours", "integer", min = 0, max = 720, doc = "How long the old secrets still sign beside the new one; 24 when absent." },
}

record "webhook_secret_rotated" {
	doc = "A new secret, shown this once.",
	{ "id", "id", required = true, doc = "The endpoint's." },
	{ "secret", "text", required = true, max = 100, doc = "" },
	{ "old_expires_at", "instant", required = true, doc = "By the wall clock." },
}

record "webhook_endpoint_test" {
	doc = "Input of webhook_endpoint.test: a message of its own goes there.",
	{ "id", "id", required = true, doc = "" },
}

record "secrets_seal" {
	doc = "Input of secrets.seal: what is kept as it is or sealed with another key is sealed with this one.",
	{ "key_id", "text", required = true, max = 16, doc = "Of the first key of secrets_key_file." },
}

record "secrets_sealed" {
	doc = "What was sealed anew.",
	{ "key_id", "text", required = true, max = 16, doc = "" },
	{ "secrets", "integer", required = true, doc = "There are so many." },
	{ "sealed", "integer", required = true, doc = "So many of them were not sealed with this key before." },
}

record "webhook_replay" {
	doc = "Input of webhook_endpoint.replay: what the endpoint hears of these events goes there once more, with the same webhook-id.",
	{ "id", "id", required = true, doc = "" },
	{ "from_serial", "id", doc = "The first one; the first of all when absent." },
	{ "to_serial", "id", doc = "The last one; the newest when absent." },
}

record "webhook_replay_planned" {
	doc = "A replay that begins.",
	{ "id", "id", required = true, doc = "The endpoint's." },
	{ "from_serial", "id", required = true, doc = "" },
	{ "to_serial", "id", required = true, doc = "" },
}

record "push_register" {
	doc = "Input of push.register: Kill Bill's callback, of which a tenant has one.",
	{ "url", "text", required = true, max = 2000, doc = "" },
}

record "push_unregister" {
	doc = "Input of push.unregister.",
	{ "url", "text", max = 2000, doc = "Only if this is the callback." },
}

record "killbill_tenant_key" {
	doc = "A key of a tenant's configuration, as Kill Bill shows it.",
	{ "key", "text", required = true, max = 100, doc = "" },
	{ "values", "json", required = true, max = 65536, doc = "Array of texts." },
}

record "clock_set" {
	doc = "Input of clock.set.",
	{ "now", "instant", required = true, doc = "Everything due until then runs first." },
	{ "jump", "boolean", doc = "As after an outage: nothing runs on the way; what became due runs then, late." },
}

record "account_create" {
	doc = "Input of account.create.",
	{ "uuid", "uuid", doc = "" },
	{ "external_key", "text", max = 100, doc = "" },
	{ "name", "text", required = true, min = 1, max = 200, visible = true, doc = "" },
	{ "email", "text", max = 254, doc = "" },
	{ "currency", "currency", doc = "The tenant's when absent." },
	{ "time_zone", "text", max = 64, doc = "The tenant's when absent." },
	{ "bill_cycle_day", "integer", min = 0, max = 31, doc = "" },
	{ "convention", "text", max = 40, doc = "Of what is subscribed to later, where neither it nor its plan says: docs/conventions.md." },
	{ "locale", "text", max = 20, doc = "" },
	{ "business", "boolean", doc = "" },
	{ "address", "record", of = "address", doc = "" },
	{ "notes", "text", max = 2000, doc = "" },
	{ "custom", "json", max = 16384, doc = "" },
}

record "account_update" {
	doc = "Input of account.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "external_key", "text", max = 100, doc = "" },
	{ "name", "text", min = 1, max = 200, visible = true, doc = "" },
	{ "email", "text", max = 254, doc = "" },
	{ "bill_cycle_day", "integer", min = 0, max = 31, doc = "" },
	{ "convention", "text", max = 40, clears = true, doc = "Of what is subscribed to later, where neither it nor its plan says: docs/conventions.md. null: the tenant's." },
	{ "locale", "text", max = 20, doc = "" },
	{ "business", "boolean", doc = "" },
	{ "invoicing", "choice", words = { "on", "draft", "reuse_draft", "off" }, doc = "on again: what was left out is invoiced now" },
	{ "pay_automatically", "boolean", doc = "true again: what is open is charged now" },
	{ "manual_pay", "boolean", doc = "false again: what is open is charged now" },
	{ "parent_id", "id", doc = "The account it becomes a child of." },
	{ "parent_pays", "boolean", doc = "" },
	{ "notes", "text", max = 2000, doc = "" },
	{ "custom", "json", max = 16384, doc = "" },
}

record "account_address_update" {
	doc = "Input of account.address_update.",
	{ "id", "id", required = true, doc = "" },
	{ "kind", "choice", words = { "billing", "main", "shipping" }, doc = "billing when absent" },
	{ "address", "record", of = "address", required = true, doc = "The whole new address." },
}

record "customer_create" {
	doc = "Input of customer.create; makes the account first when account_id is absent.",
	{ "account_id", "id", doc = "An account without a customer." },
	{ "external_key", "text", max = 100, doc = "" },
	{ "name", "text", required = true, min = 1, max = 200, visible = true, doc = "" },
	{ "status", "choice", words = { "active", "suspended", "terminated" }, doc = "active when absent" },
	{ "currency", "currency", doc = "The tenant's when absent." },
	{ "time_zone", "text", max = 64, doc = "The tenant's when absent." },
	{ "locale", "text", max = 20, doc = "" },
	{ "business", "boolean", doc = "" },
	{ "username", "text", max = 100, doc = "" },
	{ "locked", "boolean", doc = "" },
	{ "roles", "text", max = 200, doc = "" },
	{ "billing_contact", "record", of = "contact", doc = "" },
	{ "sales_contact", "record", of = "contact", doc = "" },
}

record "customer_status_change" {
	doc = "Input of customer.status.",
	{ "id", "id", required = true, doc = "" },
	{ "status", "choice", words = { "active", "suspended", "terminated" }, required = true, doc = "A terminated customer stays so." },
	{ "reason", "text", max = 500, doc = "" },
}

record "customer_update" {
	doc = "Input of customer.update; absent fields stay.",
	{ "id", "id", required = true, doc = "" },
	{ "name", "text", min = 1, max = 200, visible = true, doc = "" },
	{ "external_key", "text", max = 100, doc = "" },
	{ "locked", "boolean", doc = "" },
	{ "roles", "text", max = 200, doc = "" },
	{ "billing_contact", "record", of = "contact", doc = "The whole new contact." },
	{ "sales_contact", "record", of = "contact", doc = "The whole new contact." },
}

record "plan_create" {
	doc = "Input of plan.create; also a plan in a bundle's catalog.",
	{ "code", "text", required = true, min = 1, max = 60, doc = "" },
	{ "name", "text", max = 200, visible = true, doc = "" },
	{ "currency", "currency", doc = "The tenant's when absent." },
	{ "billing_period", "choice", doc = "monthly when absent", words = billing_periods },
	{ "charges", "list", of = "charge", required = true, min = 1, max = 200, doc = "" },
	{ "policies", "list", of = "policy_choice", max = 20, doc = "" },
	{ "active", "boolean", doc = "true when absent" },
	{ "provisioning", "choice", words = provisioning_times, doc = "When its subscriptions are provisioned; nothing is when absent." },
	{ "renewing", "choice", words = renewing_times, doc = "When a subscription that ends is served for a further period; it ends when absent." },
	{ "terms", "record", of = "service_terms", doc = "Its subscriptions have periods that expire, with grace and hold after them; docs/terms.md." },
}

record "order_place" {
	doc = "Input of order.place.",
	{ "account_id", "id", doc = "The account, by this, customer_id or customer_key." },
	{ "customer_id", "id", doc = "" },
	{ "customer_key", "text", max = 100, doc = "external_key of the customer." },
	{ "new_customer", "record", of = "customer_create", doc = "Or a customer that is made, with an account, when the order is processed." },
	{ "external_key", "text", max = 100, doc = "" },
	{ "description", "text", max = 500, doc = "" },
	{ "status", "choice", words = { "draft", "provisioning", "active" }, doc = "Absent: active, or provisioning when it starts later." },
	{ "plan", "text", max = 60, doc = "" },
	{ "start_date", "date", doc = "Today when absent." },
	{ "end_date", "date", doc = "" },
	{ "auto_renew", "boolean", doc = "Absent: no; of plans with service terms yes, as those say." },
	{ "lines", "list", of = "order_line", required = true, min = 1, max = 500, doc = "" },
	{ "discounts", "list", of = "order_discount", max = 20, doc = "" },
	{ "coupon", "text", min = 1, max = 60, doc = "The code of a coupon that is redeemed for it." },
	{ "custom", "json", max = 16384, doc = "" },
	{ "create_invoice", "boolean", doc = "Invoice the first period now; otherwise the next billing run does." },
}

record "order_process" {
	doc = "Input of order.process: a draft becomes subscriptions.",
	{ "id", "id", required = true, doc = "" },
	{ "create_invoice", "boolean", doc = "Invoice the first period now; otherwise the next billing run does." },
}

record "order_quote" {
	doc = "Input of order.quote: what an order would be invoiced, with nothing kept.",
	{ "account_id", "id", doc = "Its zone, currency and rules count; the tenant's when absent." },
	{ "plan", "text", required = true, max = 60, doc = "" },
	{ "start_date", "date", doc = "Absent: a whole period." },
	{ "quantity", "decimal", min = 0, max = 1000000000, scale = 6, doc = "Of every charge when no lines are given." },
	{ "tier_mode", "choice", words = { "volume", "graduated" }, doc = "Instead of the plan's." },
	{ "lines", "list", of = "order_line", max = 500, doc = "Absent: every charge of the plan." },
	{ "discounts", "list", of = "order_discount", max = 20, doc = "" },
	{ "coupon", "text", min = 1, max = 60, doc = "The code of a coupon that would be redeemed for it." },
}

record "order_update" {
	doc = "Input of order.update: a new status or end date.",
	{ "id", "id", required = true, doc = "" },
	{ "status", "choice", words = { "draft", "provisioning", "active", "suspended", "complete", "superseded", "canceled" }, doc = "" },
	{ "end_date", "date", doc = "First day no longer served." },
	{ "auto_renew", "boolean", doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "order_change" {
	doc = "Input of order.change: one order ends, another starts, atomically.",
	{ "old_order_id", "id", required = true, doc = "" },
	{ "change_date", "date", doc = "The new order's start date when absent." },
	{ "order", "record", of = "order_place", required = true, doc = "account and customer are the old order's." },
}

record "order_delete" {
	doc = "Input of order.delete; an invoiced order cannot be deleted.",
	{ "id", "id", required = true, doc = "" },
}

record "usage_record" {
	doc = "Input of usage.record: the account, the order or the subscription, as far as it takes to tell which is meant.",
	{ "account_id", "id", doc = "The account, by this, customer_id or customer_key." },
	{ "customer_id", "id", doc = "" },
	{ "customer_key", "text", max = 100, doc = "external_key of the customer." },
	{ "order_id", "id", doc = "Or the order, by this or order_number." },
	{ "order_number", "text", max = 40, doc = "" },
	{ "subscription_id", "id", doc = "Or the subscription." },
	{ "price_code", "text", required = true, max = 60, doc = "A charge of kind usage." },
	{ "quantity", "decimal", required = true, min = 0, max = 1000000000, scale = 6, doc = "Above zero." },
	{ "external_key", "text", max = 100, doc = "The same again answers with the usage that is there." },
	{ "occurred_at", "instant", doc = "Now when absent; not more than a day ahead." },
	{ "memo", "text", max = 500, doc = "" },
}

record "usage_batch" {
	doc = "Input of usage.record_batch: all of it is recorded, or nothing.",
	{ "items", "list", of = "usage_record", required = true, min = 1, max = 1000, doc = "" },
}

record "usage_recorded" {
	doc = "Output of usage.record_batch: the usage of each item, in order.",
	{ "items", "list", of = "usage", max = 1000, doc = "" },
}

record "invoice_cancel" {
	doc = "Input of invoice.cancel.",
	{ "id", "id", required = true, doc = "" },
	{ "suspend_orders", "boolean", doc = "Also suspend the active orders it bills." },
	{ "reason", "text", max = 500, doc = "" },
}

record "invoice_run_input" {
	doc = "Input of invoice.run: invoice what is due for direct subscriptions on a day, also one that lies ahead.",
	{ "account_id", "id", required = true, doc = "" },
	{ "target_date", "date", doc = "At most 36 months ahead; today when absent." },
}

record "invoice_preview" {
	doc = "Input of invoice.preview: the invoice that would be made, of which nothing stays. target_date, upcoming or command.",
	{ "account_id", "id", required = true, doc = "" },
	{ "target_date", "date", doc = "For this day; today when absent." },
	{ "upcoming", "boolean", doc = "For the next day on which something is due." },
	{ "subscription_id", "id", doc = "upcoming: of this subscription." },
	{ "bundle_id", "id", doc = "upcoming: of this bundle's subscriptions." },
	{ "command", "text", max = 60, doc = "After this command, e.g. subscription.cancel." },
	{ "input", "json", max = 65536, doc = "Its input." },
}

record "invoice_adjust" {
	doc = "Input of invoice.adjust: a line is taken back in part or whole, on the same invoice.",
	{ "id", "id", required = true, doc = "" },
	{ "position", "integer", required = true, min = 1, doc = "Of the line." },
	{ "amount", "decimal", min = 0, scale = 4, doc = "All that is left of the line when absent." },
	{ "unused_from", "date", doc = "It is for the days of the line from here on: their taxes and percentages go with it, and when they are cancelled later they are not given back again." },
	{ "description", "text", max = 500, doc = "" },
}

record "invoice_charge" {
	doc = "Input of invoice.charge: an amount that no subscription charges for.",
	{ "account_id", "id", required = true, doc = "" },
	{ "invoice_id", "id", doc = "A draft that gets it; an invoice of its own when absent." },
	{ "amount", "decimal", required = true, min = 0, scale = 4, doc = "Above zero." },
	{ "currency", "currency", doc = "The account's." },
	{ "description", "text", required = true, min = 1, max = 500, doc = "On the invoice." },
	{ "subscription_id", "id", doc = "That it is for." },
	{ "period_start", "date", doc = "Today when absent." },
	{ "period_end", "date", doc = "" },
}

record "credit_create" {
	doc = "Input of credit.create: a credit by hand, on an invoice of its own; open invoices use it up at once, by date.",
	{ "account_id", "id", required = true, doc = "" },
	{ "amount", "decimal", required = true, min = 0, scale = 4, doc = "Above zero." },
	{ "currency", "currency", doc = "The account's." },
	{ "description", "text", max = 500, doc = "On the invoice." },
}

record "invoice_commit" {
	doc = "Input of invoice.commit: a draft becomes an invoice that is owed.",
	{ "id", "id", required = true, doc = "" },
}

record "credit_withdraw" {
	doc = "Input of credit.withdraw: what is left of a credit is not the account's any more.",
	{ "id", "id", required = true, doc = "" },
	{ "description", "text", max = 500, doc = "Of the line that takes it back." },
}

record "invoice_write_off" {
	doc = "Input of invoice.write_off: what is open of an invoice is not expected any more.",
	{ "id", "id", required = true, doc = "" },
	{ "reason", "text", max = 500, doc = "" },
}

record "subscription_set_invoicing" {
	doc = "Input of subscription.set_invoicing.",
	{ "id", "id", required = true, doc = "" },
	{ "invoicing_off", "boolean", required = true, doc = "true: nothing of it is invoiced; false: what was left out is invoiced now." },
}

record "billing_run" {
	doc = "Input of account.bill: invoice what is due until a date.",
	{ "account_id", "id", required = true, doc = "" },
	{ "date", "date", doc = "Today when absent." },
}

record "card_input" {
	doc = "A card as the caller sends it; goes to the gateway's tokenise call in memory and nowhere else.",
	{ "number", "text", required = true, min = 12, max = 23, secret = true, doc = "" },
	{ "cvv", "text", max = 4, secret = true, doc = "" },
	{ "expiry", "date", required = true, doc = "Last day it is valid." },
	{ "brand", "text", max = 40, doc = "e.g. Visa; told by the number when absent." },
	{ "holder", "text", max = 100, doc = "" },
}

record "payment_method_create" {
	doc = "Input of payment_method.create: a card that the gateway keeps already.",
	{ "account_id", "id", required = true, doc = "" },
	{ "token", "text", required = true, min = 1, max = 200, doc = "The gateway's. Never a card number." },
	{ "brand", "text", max = 40, doc = "e.g. Visa" },
	{ "last_four", "text", min = 4, max = 4, doc = "" },
	{ "expiry", "date", doc = "Last day it is valid." },
	{ "auto_pay", "integer", min = 1, max = 3, doc = "Preference: 1, the default, is charged first." },
}

record "payment_create" {
	doc = "Input of payment.create.",
	{ "account_id", "id", doc = "The account, by this, customer_id or customer_key." },
	{ "customer_id", "id", doc = "" },
	{ "customer_key", "text", max = 100, doc = "" },
	{ "amount", "decimal", required = true, min = 0, scale = 6, doc = "What is charged." },
	{ "currency", "currency", required = true, doc = "The account's." },
	{ "effective_date", "date", doc = "Today when absent." },
	{ "targets", "list", of = "payment_target", max = 100, doc = "Absent: the oldest open invoices." },
	{ "card", "record", of = "card_input", doc = "A new card." },
	{ "payment_method_id", "id", doc = "Or a stored method." },
	{ "auto_pay", "integer", min = 1, max = 3, doc = "Keep the card for auto-pay with this preference." },
	{ "custom", "json", max = 16384, doc = "" },
}

record "gateway_outcome" {
	doc = "Input of payment.complete: what the gateway answered.",
	{ "attempt_id", "id", required = true, doc = "" },
	{ "status", "choice", words = { "approved", "declined", "failed", "unknown" }, required = true, doc = "" },
	{ "transaction_id", "text", max = 100, doc = "" },
	{ "approval_code", "text", max = 40, doc = "" },
	{ "avs_code", "text", max = 4, doc = "" },
	{ "cvv_code", "text", max = 4, doc = "" },
	{ "status_code", "text", max = 20, doc = "" },
	{ "message", "text", max = 500, doc = "" },
	{ "token", "text", max = 200, hidden = true, doc = "For a card on auto-pay." },
	{ "brand", "text", max = 40, doc = "" },
	{ "last_four", "text", max = 4, doc = "" },
	{ "expiry", "date", doc = "" },
}

record "quote_line" {
	doc = "One amount of a quote.",
	{ "price_code", "text", required = true, doc = "" },
	{ "description", "text", required = true, max = 500, doc = "" },
	{ "currency", "currency", required = true, doc = "" },
	{ "period_start", "date", doc = "" },
	{ "period_end", "date", doc = "" },
	{ "amount", "money", required = true, doc = "" },
}

record "quote" {
	doc = "Output of order.quote.",
	{ "currency", "currency", required = true, doc = "" },
	{ "billing_start", "date", required = true, doc = "" },
	{ "billing_end", "date", required = true, doc = "" },
	{ "total", "money", required = true, doc = "" },
	{ "lines", "list", of = "quote_line", max = 10000, doc = "" },
}

-- ---------------------------------------------------------------------------------------------- what the server tells of itself

record "route_entry" {
	doc = "A request that is answered: a row of GET /.",
	{ "method", "text", required = true, max = 10, doc = "" },
	{ "path", "text", required = true, max = 200, doc = "{id} stands for a positive whole number." },
	{ "scope", "text", max = 60, doc = "That a key needs; none: open to everyone." },
	{ "parameters", "text", max = 500, doc = "Of the query, blank-separated." },
	{ "input", "text", max = 60, doc = "Record of the body." },
	{ "output", "text", max = 60, doc = "Record of the answer, or of a list's items." },
	{ "doc", "text", required = true, max = 500, doc = "" },
}

record "route_table" {
	doc = "Every request that is answered.",
	{ "routes", "list", of = "route_entry", required = true, max = 1000, doc = "By path and method." },
}

record "health" {
	doc = "That the store can be used.",
	{ "status", "text", required = true, max = 10, doc = "ok" },
}

record "clock_shown" {
	doc = "The tenant's clock.",
	{ "now", "instant", required = true, doc = "" },
	{ "mode", "choice", words = { "live", "test" }, required = true, doc = "Only a test tenant's clock can be moved." },
}

record "settings_shown" {
	doc = "Settings of a tenant.",
	{ "settings", "json", required = true, max = 65536, doc = "The tenant's own." },
	{ "effective", "json", max = 1114112, doc = "The same laid over those of the bundle in force." },
}

record "rule_shown" {
	doc = "A rule of the bundle in force.",
	{ "name", "text", required = true, max = 200, doc = "" },
	{ "moment", "choice", words = { "pre", "post", "policy", "task" }, required = true, doc = "" },
	{ "events", "json", doc = "pre, post: names of events." },
	{ "policy", "text", max = 40, doc = "policy: its kind." },
	{ "when", "json", doc = "Fields of the subject and the text they must have." },
	{ "file", "text", required = true, max = 200, doc = "" },
	{ "line", "integer", required = true, doc = "" },
	{ "doc", "text", max = 2000, doc = "" },
}

record "rules_shown" {
	doc = "The rules of the bundle in force.",
	{ "bundle", "text", required = true, max = 64, doc = "Its digest." },
	{ "items", "list", of = "rule_shown", required = true, max = 10000, doc = "In their order." },
}

record "bundle_sent" {
	doc = "A bundle's files.",
	{ "files", "json", required = true, max = 34603008, doc = "Object: file name to content." },
}

record "dry_run_event" {
	doc = "A line of what a dry run did.",
	{ "kind", "choice", words = { "pre", "post", "signal", "rule", "done", "rejected" }, required = true, doc = "" },
	{ "name", "text", required = true, max = 200, doc = "Of the event, the rule or the command." },
	{ "object_id", "id", doc = "" },
	{ "code", "text", max = 100, doc = "Of a rejection, or of a rule that failed." },
}

record "dry_run" {
	doc = "What a write would have answered, and the events that would have happened.",
	{ "dry_run", "boolean", required = true, doc = "true" },
	{ "status", "integer", required = true, doc = "" },
	{ "result", "json", required = true, max = 34603008, doc = "The body it would have had; null for none." },
	{ "events", "list", of = "dry_run_event", required = true, max = 10000, doc = "In order." },
}
