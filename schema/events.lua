-- events.lua: the event catalogue: what happens, what a rule may change about it, and what other systems call it.
-- The questions that the core puts to rules are in policies.lua.
--
--     event "invoice.create" {
--       object = "INVOICE",            -- object type of the journal; several joined by | when it depends
--       subject = "invoice",           -- the record a rule gets, when records.lua has one of this name
--       pre = {                        -- before it happens: a rule may assign what `writable` lists, and may reject
--         aliases = { atomia = { "InvoicePreCreated" } },
--         writable = { "invoice.lines", "append_to_unsent" },
--         payload = { "invoice", "append_to_unsent" },
--         origin = "seed", note = "...",
--       },
--       post = { ... },                -- after it happened: frozen; goes to the journal
--     }
--
-- An event has pre, post or both, or is a `signal` alone: an announcement without an act.
--   waits     why it never happens in this version: a rule for it is taken, and `moonbill check` notes that it is not run.
--   aliases   by system: atomia, atomia_sdk, killbill, killbill_later, aps, blubilling. "NAME[key=value]" is the name under
--             that condition. An alias may belong to several events; the first in this file is the first found.
--   writable  "<subject>.<field>"; "<subject>.*" for the fields flagged `rule` in records.lua; a bare name is a detail of the
--             event (a field of the record event_details), "<detail>.*" a record among the details, as a whole or by its
--             fields flagged `rule`. Entries about other nouns are documentation.
--   payload   what the event tells beside its subject; origin: seed, gap, later or seed-004, where the row comes from.

event "account.create" {
	object = "ACCOUNT", subject = "account",
	pre = {
		aliases = { atomia = { "AccountPreCreated" } },
		writable = { "account.*" },
		payload = { "account" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "AccountCreated" }, killbill = { "ACCOUNT_CREATION" }, blubilling = { "POST /customers" } },
		payload = { "account" },
		origin = "seed",
	},
}

event "account.update" {
	object = "ACCOUNT", subject = "account",
	pre = {
		aliases = { atomia = { "AccountPreUpdated" } },
		writable = { "account.*" },
		payload = { "account", "old_account" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "AccountUpdated" }, killbill = { "ACCOUNT_CHANGE" }, blubilling = { "PUT /customer" } },
		payload = { "account", "old_account", "changed" },
		origin = "seed",
	},
}

event "account.address_update" {
	object = "ACCOUNT", subject = "account",
	pre = {
		writable = { "address.*" },
		payload = { "account_id", "kind", "address", "old_address" },
		origin = "gap",
		note = "no seed has the pre side",
	},
	post = {
		aliases = { atomia = { "AccountAddressUpdated" } },
		payload = { "account_id", "main_address", "shipping_address", "billing_address", "old_main_address", "old_shipping_address", "old_billing_address" },
		origin = "seed",
		note = "Kill Bill reports this as ACCOUNT_CHANGE",
	},
}

event "account.terminate" {
	object = "ACCOUNT", subject = "account",
	pre = {
		aliases = { atomia = { "AccountPreTerminated" } },
		writable = { "reason" },
		payload = { "account", "details", "reason", "termination_request" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "AccountTerminated" } },
		payload = { "account", "details", "reason", "termination_request" },
		origin = "seed",
	},
}

event "termination_request.create" {
	object = "TERMINATION_REQUEST", subject = "termination_request",
	pre = {
		aliases = { atomia = { "AccountTerminationRequestPreCreate" } },
		writable = { "termination_request.*" },
		payload = { "termination_request", "account" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "AccountTerminationRequestPostCreate" } },
		payload = { "termination_request", "account" },
		origin = "seed",
	},
}

event "customer.create" {
	object = "CUSTOMER", subject = "customer",
	pre = {
		writable = { "roles", "addresses.*" },
		payload = { "account", "login", "roles", "addresses", "order_number" },
		origin = "gap",
	},
	post = {
		aliases = { atomia = { "CustomerCreated" }, blubilling = { "POST /customers" } },
		payload = { "account", "login", "roles", "main_address", "billing_address", "shipping_address", "details", "order_number" },
		origin = "seed",
		note = "upstream also passes the clear-text password: never here",
	},
}

event "customer.status_change" {
	object = "CUSTOMER", subject = "customer",
	pre = {
		writable = { "new_status", "reason" },
		payload = { "account", "old_status", "new_status", "reason" },
		origin = "gap",
	},
	post = {
		aliases = { atomia = { "CustomerStatusChanged" } },
		payload = { "account", "login", "address", "old_status", "new_status", "reason" },
		origin = "seed",
	},
}

event "overdue.change" {
	object = "ACCOUNT", subject = "account",
	waits = "no account gets overdue states yet",
	post = {
		aliases = { killbill = { "OVERDUE_CHANGE" } },
		payload = { "account_id", "old_state", "new_state" },
		origin = "seed",
	},
}

event "order.create" {
	object = "ORDER", subject = "order",
	pre = {
		aliases = { atomia = { "OrderPreCreated" } },
		writable = { "order.*" },
		payload = { "order" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "OrderCreated" }, blubilling = { "POST /orders" } },
		payload = { "order" },
		origin = "seed",
	},
}

event "order.calculate" {
	object = "ORDER", subject = "order",
	pre = {
		aliases = { atomia = { "OrderPreCalculate" } },
		writable = { "order.lines", "order.discounts", "order.custom" },
		payload = { "order" },
		origin = "seed",
	},
	post = {
		aliases = { atomia_sdk = { "OrderCalculated" } },
		payload = { "order" },
		origin = "later",
		note = "of an order that is placed, before order.create; a price that is asked for leaves nothing to tell",
	},
}

event "order.validate" {
	object = "ORDER", subject = "order",
	pre = {
		aliases = { atomia_sdk = { "OrderValidate" } },
		payload = { "order" },
		origin = "later",
		note = "the order as the rules before it left it, with its total",
	},
}

event "order.process" {
	object = "ORDER", subject = "order",
	pre = {
		aliases = { atomia = { "OrderPreProcessed" } },
		writable = { "order.lines", "order.custom" },
		payload = { "order", "status_before_processing" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "OrderProcessed" } },
		payload = { "order", "created_invoice", "status_before_processing" },
		origin = "seed",
	},
}

event "order.process_validate" {
	object = "ORDER", subject = "order",
	pre = {
		aliases = { atomia_sdk = { "OrderProcessValidate" } },
		payload = { "order", "status_before_processing" },
		origin = "later",
		note = "after order.process: the order as the rules before it left it",
	},
}

event "order.invoice_subscription" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		aliases = { atomia = { "OrderProcessedPreCreateInvoice" }, blubilling = { "generateInvoice flag" } },
		writable = { "create_invoice" },
		payload = { "order", "subscription", "create_invoice" },
		origin = "seed",
		note = "once per subscription; create_invoice=false skips, veto undoes the workflow",
	},
}

event "order.upgrade" {
	object = "ORDER", subject = "order",
	post = {
		aliases = { atomia = { "UpgradeOrderCreated" }, blubilling = { "POST /changeOrder" } },
		payload = { "order", "current_subscription", "new_subscription" },
		origin = "seed",
	},
}

event "invoice.create" {
	object = "INVOICE", subject = "invoice",
	pre = {
		aliases = { atomia = { "InvoicePreCreated" } },
		writable = { "invoice.lines", "invoice.due_date", "invoice.notes", "append_to_unsent" },
		payload = { "invoice", "append_to_unsent" },
		origin = "seed",
	},
	post = {
		aliases = { atomia_sdk = { "InvoiceCreated" }, killbill = { "INVOICE_CREATION" }, blubilling = { "invoice in the order answer" } },
		payload = { "invoice", "appended" },
		origin = "seed",
	},
}

event "invoice.update" {
	object = "INVOICE", subject = "invoice",
	pre = {
		aliases = { atomia_sdk = { "InvoicePreUpdated" } },
		writable = { "invoice.due_date", "invoice.notes" },
		payload = { "invoice", "old_invoice" },
		origin = "later",
		note = "its lines are there: invoice.charge and invoice.adjust add to them",
	},
	post = {
		aliases = { atomia_sdk = { "InvoiceUpdated" } },
		payload = { "invoice", "changed" },
		origin = "later",
	},
}

event "invoice.adjust" {
	object = "INVOICE", subject = "invoice",
	pre = {
		writable = { "items" },
		payload = { "invoice", "items", "amount", "reason" },
		origin = "gap",
	},
	post = {
		aliases = { killbill = { "INVOICE_ADJUSTMENT" } },
		payload = { "invoice", "items", "amount" },
		origin = "seed",
	},
}

event "invoice.balance_change" {
	object = "INVOICE", subject = "invoice",
	signal = {
		aliases = { killbill = { "INVOICE_ADJUSTMENT" } },
		payload = { "invoice", "amount", "reason" },
		origin = "gap",
		note = "an invoice that was there owes another sum, and nobody paid: reason credit_used, credit_note, credit_note_void or write_off; amount: what it owes now less what it owed",
	},
}

event "invoice.cancel" {
	object = "INVOICE", subject = "invoice",
	pre = {
		writable = { "suspend_orders" },
		payload = { "invoice", "suspend_orders" },
		origin = "gap",
	},
	post = {
		aliases = { atomia_sdk = { "InvoiceDeleted" }, killbill = { "INVOICE_ADJUSTMENT" }, blubilling = { "DELETE /invoice" } },
		payload = { "invoice_id", "suspended_orders" },
		origin = "later",
	},
}

event "invoice.send_batch" {
	object = "INVOICE",
	pre = {
		aliases = { atomia = { "InvoiceSending" } },
		writable = { "invoice_ids", "subject", "body" },
		payload = { "invoice_ids", "subject", "body" },
		origin = "seed",
	},
}

event "invoice.send" {
	object = "INVOICE", subject = "invoice",
	pre = {
		aliases = { atomia = { "InvoicePreSent" } },
		writable = { "recipient", "subject", "body", "template_data" },
		payload = { "invoice", "recipient", "subject", "body", "template_data" },
		origin = "seed",
	},
	post = {
		payload = { "invoice", "message_id" },
		origin = "gap",
	},
}

event "credit_invoice.create" {
	object = "CREDIT_INVOICE", subject = "credit_note",
	pre = {
		aliases = { atomia_sdk = { "CreditInvoicePreCreated" } },
		payload = { "credit_note", "invoice_id" },
		origin = "later",
	},
	post = {
		payload = { "credit_note", "invoice_id" },
		origin = "gap",
	},
}

event "credit_invoice.cancel" {
	object = "CREDIT_INVOICE", subject = "credit_note",
	pre = {
		payload = { "credit_note", "invoice_id", "reason" },
		origin = "gap",
	},
	post = {
		payload = { "credit_note", "invoice_id", "reason" },
		origin = "gap",
	},
}

event "credit_invoice.send" {
	object = "CREDIT_INVOICE", subject = "credit_note",
	pre = {
		aliases = { atomia = { "CreditInvoicePreSent" } },
		writable = { "recipient", "subject", "body", "template_data" },
		payload = { "credit_note", "recipient", "subject", "body", "template_data" },
		origin = "seed",
	},
	post = {
		payload = { "credit_note", "message_id" },
		origin = "gap",
	},
}

event "invoice.upcoming" {
	object = "INVOICE", subject = "invoice",
	signal = {
		aliases = { killbill = { "INVOICE_NOTIFICATION" } },
		payload = { "invoice", "effective_date", "amount", "currency" },
		origin = "seed",
		note = "object_id is null, the invoice does not exist yet; effective_date: its bill date",
	},
}

event "invoice_payment.succeed" {
	object = "INVOICE", subject = "invoice",
	post = {
		aliases = { killbill = { "INVOICE_PAYMENT_SUCCESS" }, blubilling = { "invoicePayment" } },
		payload = { "payment_id", "attempt_id", "type", "date", "amount", "currency", "linked_payment_id", "processed_currency" },
		origin = "seed",
		note = "one per allocation, also partial",
	},
}

event "invoice_payment.fail" {
	object = "INVOICE", subject = "invoice",
	post = {
		aliases = { killbill = { "INVOICE_PAYMENT_FAILED" } },
		payload = { "payment_id", "attempt_id", "type", "date", "amount", "currency", "processed_currency", "failure" },
		origin = "seed",
	},
}

event "invoice.settle" {
	object = "INVOICE", subject = "invoice",
	post = {
		aliases = { atomia = { "InvoicePaid" }, blubilling = { "invoice status Paid" } },
		payload = { "invoice", "payment" },
		origin = "seed",
		note = "balance reached zero, at most once per settlement",
	},
}

event "payment.create" {
	object = "PAYMENT", subject = "payment",
	pre = {
		aliases = { atomia = { "PaymentPreCreated" } },
		writable = { "payment.amount", "payment.custom" },
		payload = { "payment", "invoice", "method" },
		origin = "seed",
		note = "before the gateway is called; amount may only go down",
	},
	post = {
		aliases = { atomia = { "PaymentCreated" }, blubilling = { "POST /payments" } },
		payload = { "payment" },
		origin = "seed",
	},
}

event "payment.succeed" {
	object = "PAYMENT", subject = "payment",
	post = {
		aliases = { killbill = { "PAYMENT_SUCCESS" }, blubilling = { "status Paid" } },
		payload = { "transaction_id", "amount", "currency", "status", "transaction_type", "effective_date" },
		origin = "seed",
	},
}

event "payment.fail" {
	object = "PAYMENT", subject = "payment",
	post = {
		aliases = { killbill = { "PAYMENT_FAILED" }, blubilling = { "processorResult.isSuccess=false" } },
		payload = { "transaction_id", "amount", "currency", "status", "transaction_type", "effective_date", "attempt", "retryable" },
		origin = "seed",
	},
}

event "payment.unknown" {
	object = "PAYMENT", subject = "payment",
	post = {
		aliases = { killbill = { "PAYMENT_FAILED[status=UNKNOWN]" } },
		payload = { "transaction_id", "amount", "currency", "status", "transaction_type", "effective_date" },
		origin = "gap",
		note = "the gateway cannot tell: it is asked again, payment.succeed or payment.fail follows",
	},
}

event "payment.finish" {
	object = "PAYMENT", subject = "payment",
	waits = "no gateway sends customers elsewhere to pay yet",
	post = {
		aliases = { atomia_sdk = { "PaymentFinished" } },
		payload = { "transaction_id" },
		origin = "later",
		note = "redirect gateways: customer came back",
	},
}

event "subscription.create" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		aliases = { atomia = { "SubscriptionPreCreated" } },
		writable = { "subscription.*", "create_invoice" },
		payload = { "subscription", "create_invoice" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "SubscriptionCreated" }, killbill = { "SUBSCRIPTION_CREATION" }, blubilling = { "order Active" } },
		payload = { "subscription", "create_invoice", "action", "bundle_key" },
		origin = "seed",
		note = "action = requested or effective",
	},
}

event "subscription.update" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		aliases = { atomia = { "SubscriptionPreUpdated" } },
		writable = { "subscription.*" },
		payload = { "subscription", "old_subscription" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "SubscriptionUpdated" } },
		payload = { "subscription", "changed" },
		origin = "seed",
	},
}

event "subscription.change_plan" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		aliases = { atomia_sdk = { "SubscriptionPreChangedPackage" } },
		writable = { "policy", "effective_at" },
		payload = { "subscription", "new_subscription", "policy", "effective_at" },
		origin = "later",
	},
	post = {
		aliases = { killbill = { "SUBSCRIPTION_CHANGE" }, blubilling = { "order Superseded" } },
		payload = { "subscription", "old_plan", "new_plan", "action", "undo", "bundle_key" },
		origin = "seed",
	},
}

event "subscription.status_change" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		aliases = { atomia = { "SubscriptionPreChangedStatus" } },
		writable = { "new_status", "reason", "create_provisioning_action" },
		payload = { "subscription", "old_status", "new_status", "reason", "create_provisioning_action" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "SubscriptionChangedStatus" }, blubilling = { "PUT /order orderStatus" } },
		payload = { "subscription", "old_status", "new_status", "reason" },
		origin = "seed",
		note = "the seed swaps the two descriptions; the names decide",
	},
}

event "subscription.renew" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		writable = { "new_period" },
		payload = { "subscription", "current_period", "new_period", "initiator", "phase(before_expiration|grace|hold|terminated)" },
		origin = "gap",
	},
	post = {
		aliases = { atomia = { "SubscriptionExtended" }, aps = { "http://parallels.com/aps/events/pa/subscription/renewed" } },
		payload = { "subscription", "start_date", "expiration_date", "current_period", "new_period", "shutdown_date?", "terminate_date?", "initiator" },
		origin = "seed",
		note = "dates are those of the period that ends",
	},
}

event "subscription.cancel" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		writable = { "policy", "effective_at" },
		payload = { "subscription", "policy", "effective_at", "reason" },
		origin = "gap",
	},
	post = {
		aliases = { killbill = { "SUBSCRIPTION_CANCEL[actionType=REQUESTED]" } },
		payload = { "subscription", "effective_at", "action", "bundle_key" },
		origin = "seed",
		note = "recorded for a later day",
	},
}

event "subscription.uncancel" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill = { "SUBSCRIPTION_UNCANCEL" } },
		payload = { "subscription", "action", "bundle_key" },
		origin = "seed",
	},
}

event "subscription.terminate" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		aliases = { atomia = { "SubscriptionPreTerminated" } },
		writable = { "reason" },
		payload = { "subscription_id", "reason" },
		origin = "seed",
	},
	post = {
		aliases = { atomia = { "SubscriptionTerminated" }, killbill = { "SUBSCRIPTION_CANCEL[actionType=EFFECTIVE]" }, blubilling = { "order Canceled" } },
		payload = { "subscription_id", "reason", "terminated_at" },
		origin = "seed",
	},
}

event "subscription.phase" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill = { "SUBSCRIPTION_PHASE" } },
		payload = { "subscription", "old_phase", "new_phase", "action", "bundle_key" },
		origin = "seed",
	},
}

event "subscription.billing_day_change" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill = { "SUBSCRIPTION_BCD_CHANGE" } },
		payload = { "subscription", "old_day", "new_day", "action", "bundle_key" },
		origin = "seed",
	},
}

event "subscription.quantity_change" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill_later = { "SUBSCRIPTION_QUANTITY" } },
		payload = { "subscription", "old_quantity", "new_quantity" },
		origin = "later",
	},
}

event "subscription.expire" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill_later = { "SUBSCRIPTION_EXPIRED[actionType=EFFECTIVE]" }, blubilling = { "order Complete" } },
		payload = { "subscription", "expiration_date" },
		origin = "later",
		note = "start of the grace period",
	},
}

event "subscription.schedule_expiry" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill_later = { "SUBSCRIPTION_EXPIRED[actionType=REQUESTED]" } },
		payload = { "subscription", "effective_at", "action", "bundle_key" },
		origin = "later",
		note = "its plan ends with its last phase: told when the plan was chosen",
	},
}

event "subscription.hold" {
	object = "SUBSCRIPTION", subject = "subscription",
	pre = {
		payload = { "subscription", "reason" },
		origin = "gap",
	},
	post = {
		aliases = { blubilling = { "order Suspended" } },
		payload = { "subscription", "shutdown_date", "reason" },
		origin = "gap",
		note = "needed so that shutdownDate has an event of its own",
	},
}

event "subscription.release" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		payload = { "subscription", "reason" },
		origin = "gap",
	},
}

event "subscription.provision_on_payment" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { atomia = { "SubscriptionProvisionedOnPayment" } },
		payload = { "subscription", "payment_id", "create_invoice" },
		origin = "seed",
	},
}

event "subscription.provisioning_status_change" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { atomia = { "SubscriptionProvisioningStatusChanged" } },
		payload = { "subscription", "old_provisioning_status", "new_provisioning_status", "message" },
		origin = "seed",
	},
}

event "subscription.force_provision" {
	object = "SUBSCRIPTION", subject = "subscription",
	waits = "nothing is provisioned by force",
	post = {
		aliases = { atomia_sdk = { "SubscriptionForceProvisioned" } },
		payload = { "subscription" },
		origin = "later",
	},
}

event "entitlement.create" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill = { "ENTITLEMENT_CREATION" } },
		payload = { "subscription_id", "effective_at" },
		origin = "seed",
	},
}

event "entitlement.cancel" {
	object = "SUBSCRIPTION", subject = "subscription",
	post = {
		aliases = { killbill = { "ENTITLEMENT_CANCEL" } },
		payload = { "subscription_id", "effective_at" },
		origin = "seed",
	},
}

event "bundle.pause" {
	object = "ACCOUNT|BUNDLE|SUBSCRIPTION", subject = "blocking_state",
	pre = {
		payload = { "bundle_id", "effective_at" },
		origin = "gap",
		note = "when it is asked for; post when its moment comes",
	},
	post = {
		aliases = { killbill = { "BUNDLE_PAUSE" } },
		payload = { "bundle_id", "object_uuid", "effective_at" },
		origin = "seed",
		note = "a state of the service \"entitlement\", at any level",
	},
}

event "bundle.resume" {
	object = "ACCOUNT|BUNDLE|SUBSCRIPTION", subject = "blocking_state",
	pre = {
		payload = { "bundle_id", "effective_at" },
		origin = "gap",
		note = "when it is asked for; post when its moment comes",
	},
	post = {
		aliases = { killbill = { "BUNDLE_RESUME" } },
		payload = { "bundle_id", "object_uuid", "effective_at" },
		origin = "seed",
	},
}

event "blocking_state.change" {
	object = "ACCOUNT|BUNDLE|SUBSCRIPTION", subject = "blocking_state",
	pre = {
		payload = { "blocking_state", "effective_at" },
		origin = "gap",
		note = "when it is asked for; post when its moment comes",
	},
	post = {
		aliases = { killbill = { "BLOCKING_STATE" } },
		payload = { "blocking_state", "object_uuid", "effective_at", "to_blocked_billing", "to_unblocked_billing", "to_blocked_entitlement", "to_unblocked_entitlement" },
		origin = "seed",
	},
}

event "tag.create" {
	object = "TAG", subject = "tag",
	pre = {
		payload = { "tag" },
		origin = "gap",
	},
	post = {
		aliases = { killbill = { "TAG_CREATION" } },
		payload = { "tag" },
		origin = "seed",
	},
}

event "tag.delete" {
	object = "TAG", subject = "tag",
	pre = {
		payload = { "tag" },
		origin = "gap",
	},
	post = {
		aliases = { killbill = { "TAG_DELETION" } },
		payload = { "tag" },
		origin = "seed",
	},
}

event "custom_field.create" {
	object = "CUSTOM_FIELD", subject = "custom_field",
	pre = {
		writable = { "custom_field.*" },
		payload = { "custom_field" },
		origin = "gap",
	},
	post = {
		aliases = { killbill = { "CUSTOM_FIELD_CREATION" } },
		payload = { "custom_field" },
		origin = "seed",
	},
}

event "custom_field.update" {
	object = "CUSTOM_FIELD", subject = "custom_field",
	pre = {
		writable = { "custom_field.*" },
		payload = { "custom_field" },
		origin = "gap",
	},
	post = {
		payload = { "custom_field" },
		origin = "gap",
		note = "Kill Bill raises nothing",
	},
}

event "custom_field.delete" {
	object = "CUSTOM_FIELD", subject = "custom_field",
	pre = {
		payload = { "custom_field" },
		origin = "gap",
	},
	post = {
		aliases = { killbill = { "CUSTOM_FIELD_DELETION" } },
		payload = { "custom_field" },
		origin = "seed",
	},
}

event "tenant_config.change" {
	object = "TENANT_KVS", subject = "tenant_config",
	pre = {
		writable = { "tenant_config.*" },
		payload = { "tenant_config" },
		origin = "gap",
		note = "lets a policy script be checked before it goes live",
	},
	post = {
		aliases = { killbill = { "TENANT_CONFIG_CHANGE" } },
		payload = { "tenant_config without value" },
		origin = "seed",
	},
}

event "tenant_config.delete" {
	object = "TENANT_KVS", subject = "tenant_config",
	pre = {
		payload = { "tenant_config" },
		origin = "gap",
	},
	post = {
		aliases = { killbill = { "TENANT_CONFIG_DELETION" } },
		payload = { "tenant_config without value" },
		origin = "seed",
		note = "object_id null, as upstream",
	},
}

event "node.broadcast" {
	object = "SERVICE_BROADCAST", subject = "broadcast",
	signal = {
		aliases = { killbill = { "BROADCAST_SERVICE" } },
		payload = { "broadcast" },
		origin = "seed",
		note = "object_id null",
	},
}

event "message.create" {
	object = "MESSAGE",
	waits = "mails are deliveries: invoice.send and credit_invoice.send come before those of invoices and credit notes",
	pre = {
		aliases = { atomia_sdk = { "OnBeforeMessageCreated" } },
		writable = { "message.*" },
		payload = { "message" },
		origin = "later",
	},
	post = {
		aliases = { atomia_sdk = { "OnAfterMessageCreated" } },
		payload = { "message" },
		origin = "later",
	},
}

event "message.update" {
	object = "MESSAGE",
	waits = "mails are deliveries, which nobody changes",
	pre = {
		aliases = { atomia_sdk = { "OnBeforeMessageUpdated" } },
		writable = { "message.*" },
		payload = { "message" },
		origin = "later",
	},
	post = {
		aliases = { atomia_sdk = { "OnAfterMessageUpdated" } },
		payload = { "message" },
		origin = "later",
	},
}

event "commitment.create" {
	object = "COMMITMENT", subject = "commitment",
	pre = {
		writable = { "commitment.*" },
		payload = { "commitment" },
		origin = "gap",
	},
	post = {
		payload = { "commitment" },
		origin = "gap",
	},
}

event "commitment.settle" {
	object = "COMMITMENT", subject = "commitment",
	post = {
		payload = { "commitment", "amount", "currency", "invoice_id" },
		origin = "gap",
		note = "a period is over: amount is what it was short of, invoice_id its invoice; neither when it was short of nothing",
	},
}

event "commitment.end" {
	object = "COMMITMENT", subject = "commitment",
	post = {
		payload = { "commitment" },
		origin = "gap",
	},
}

event "progressive_billing.create" {
	object = "PROGRESSIVE_BILLING", subject = "progressive_billing",
	pre = {
		writable = { "progressive_billing.*" },
		payload = { "progressive_billing" },
		origin = "gap",
	},
	post = {
		payload = { "progressive_billing" },
		origin = "gap",
	},
}

event "progressive_billing.update" {
	object = "PROGRESSIVE_BILLING", subject = "progressive_billing",
	pre = {
		writable = { "progressive_billing.*" },
		payload = { "progressive_billing" },
		origin = "gap",
	},
	post = {
		payload = { "progressive_billing" },
		origin = "gap",
	},
}

event "progressive_billing.reach" {
	object = "PROGRESSIVE_BILLING", subject = "progressive_billing",
	post = {
		payload = { "progressive_billing", "amount", "currency", "invoice_id" },
		origin = "gap",
		note = "usage has reached a threshold: amount is what the invoice charges before discounts and taxes; neither when all was invoiced",
	},
}

event "progressive_billing.end" {
	object = "PROGRESSIVE_BILLING", subject = "progressive_billing",
	post = {
		payload = { "progressive_billing" },
		origin = "gap",
	},
}

event "wallet.create" {
	object = "WALLET", subject = "wallet",
	pre = {
		writable = { "wallet.*" },
		payload = { "wallet" },
		origin = "gap",
	},
	post = {
		payload = { "wallet" },
		origin = "gap",
	},
}

event "wallet.update" {
	object = "WALLET", subject = "wallet",
	pre = {
		writable = { "wallet.*" },
		payload = { "wallet" },
		origin = "gap",
	},
	post = {
		payload = { "wallet", "changed" },
		origin = "gap",
	},
}

event "wallet.terminate" {
	object = "WALLET", subject = "wallet",
	pre = {
		payload = { "wallet", "reason" },
		origin = "gap",
	},
	post = {
		payload = { "wallet", "reason" },
		origin = "gap",
		note = "reason: requested or expired; what it held is a transaction before it",
	},
}

event "wallet_transaction.create" {
	object = "WALLET_TRANSACTION", subject = "wallet_transaction",
	pre = {
		writable = { "wallet_transaction.*" },
		payload = { "wallet_transaction" },
		origin = "gap",
		note = "kind says what it is; what is rejected fails the command, so that an invoice is not made rather than not paid",
	},
	post = {
		payload = { "wallet_transaction" },
		origin = "gap",
	},
}

event "wallet_transaction.settle" {
	object = "WALLET_TRANSACTION", subject = "wallet_transaction",
	post = {
		payload = { "wallet_transaction", "invoice_id" },
		origin = "gap",
		note = "a purchase is paid, its units are there",
	},
}

event "wallet_transaction.fail" {
	object = "WALLET_TRANSACTION", subject = "wallet_transaction",
	post = {
		payload = { "wallet_transaction", "invoice_id", "reason" },
		origin = "gap",
		note = "a purchase will not be paid: its invoice was cancelled or written off, or its wallet terminated before",
	},
}

event "clock.heartbeat" {
	object = "CLOCK",
	signal = {
		aliases = { atomia = { "HeartBeatEvent" } },
		payload = { "at", "previous_at", "due_tasks" },
		origin = "seed",
	},
}

event "task.run" {
	object = "TASK",
	pre = {
		payload = { "name", "slot", "missed" },
		origin = "gap",
		note = "veto skips this slot",
	},
	post = {
		payload = { "name", "slot", "started_at", "ended_at", "errors" },
		origin = "gap",
	},
}

event "allocation.create" {
	object = "ALLOCATION", subject = "allocation",
	pre = {
		writable = { "allocation.*" },
		payload = { "allocation" },
		origin = "seed-004",
		note = "allocate_component, allocate_components: each allocation, before it is priced",
	},
	post = {
		payload = { "allocation", "component_charge", "invoice_id" },
		origin = "seed-004",
	},
}

event "allocation.expiration_change" {
	object = "ALLOCATION", subject = "allocation",
	post = {
		payload = { "allocation", "previous_at" },
		origin = "seed-004",
		note = "update_prepaid_usage_allocation_expiration_date",
	},
}

event "allocation.delete" {
	object = "ALLOCATION", subject = "allocation",
	post = {
		payload = { "allocation", "credit_scheme", "currency", "amount" },
		origin = "seed-004",
		note = "delete_prepaid_usage_allocation",
	},
}

event "usage.record" {
	object = "USAGE",
	subject = "usage",
	pre = {
		writable = { "usage.quantity", "usage.memo" },
		payload = { "usage" },
		origin = "seed-004",
	},
	post = {
		payload = { "usage" },
		origin = "seed-004",
	},
}

event "component_usage.create" {
	object = "COMPONENT_USAGE", subject = "component_usage",
	pre = {
		writable = { "component_usage.*" },
		payload = { "component_usage" },
		origin = "seed-004",
		note = "create_usage: before it is counted",
	},
	post = {
		payload = { "component_usage" },
		origin = "seed-004",
		note = "metered_usage, prepaid_usage: with the balances before and after, and the lots it was taken from",
	},
}

event "metering_event.ingest" {
	object = "METERING_STREAM",
	post = {
		payload = { "stream", "count", "first_id", "last_id" },
		origin = "seed-004",
		note = "record_event, bulk_record_events: one event per batch, no pre side",
	},
}

event "component.activate" {
	object = "COMPONENT", subject = "subscription_component",
	post = {
		payload = { "subscription_component" },
		origin = "seed-004",
		note = "activate_event_based_component",
	},
}

event "component.deactivate" {
	object = "COMPONENT", subject = "subscription_component",
	post = {
		payload = { "subscription_component" },
		origin = "seed-004",
		note = "deactivate_event_based_component",
	},
}

event "component.price_point_change" {
	object = "COMPONENT", subject = "subscription_component",
	pre = {
		payload = { "subscription_component", "old_price_point_id" },
		origin = "seed-004",
		note = "bulk_update_subscription_components_price_points, bulk_reset_subscription_components_price_points: each component",
	},
	post = {
		payload = { "subscription_component", "old_price_point_id" },
		origin = "seed-004",
	},
}
