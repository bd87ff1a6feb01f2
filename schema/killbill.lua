-- killbill.lua: the metaData of Kill Bill's push notifications: what each of its members is (event/killbill_push.c).
-- The shape of a record is told at the head of records.lua. Source: killbill.md a.3. On the wire names are in camel case
-- (actionType), words in capitals, instants with milliseconds, amounts are numbers, what is absent is null.

record "killbill_subscription" {
	doc = "metaData of SUBSCRIPTION_CREATION, _PHASE, _CHANGE, _CANCEL, _UNCANCEL, _BCD_CHANGE, _QUANTITY and _EXPIRED.",
	{ "action_type", "choice", words = { "requested", "effective" }, doc = "requested: it lies ahead" },
	{ "bundle_external_key", "text", doc = "" },
	{ "subscription_change_undo", "boolean", required = true, doc = "A change that lay ahead was taken back." },
}

record "killbill_blocking_state" {
	doc = "metaData of BLOCKING_STATE.",
	{ "blockable_id", "uuid", doc = "" },
	{ "service", "text", doc = "" },
	{ "state_name", "text", doc = "" },
	{ "blocking_type", "choice", words = { "subscription", "subscription_bundle", "account" }, doc = "" },
	{ "effective_date", "instant", doc = "" },
	{ "transitioned_to_blocked_billing", "boolean", required = true, doc = "" },
	{ "transitioned_to_unblocked_billing", "boolean", required = true, doc = "" },
	{ "transitioned_to_blocked_entitlement", "boolean", required = true, doc = "" },
	{ "transitioned_to_unblocked_entitlement", "boolean", required = true, doc = "" },
}

record "killbill_broadcast" {
	doc = "metaData of BROADCAST_SERVICE.",
	{ "service", "text", doc = "" },
	{ "command_type", "text", doc = "" },
	{ "event_json", "text", max = 65536, doc = "An object, as a text within the text." },
}

record "killbill_invoice_notification" {
	doc = "metaData of INVOICE_NOTIFICATION.",
	{ "target_date", "instant", doc = "" },
	{ "amount_owed", "money", doc = "" },
	{ "currency", "currency", doc = "" },
}

record "killbill_invoice_payment" {
	doc = "metaData of INVOICE_PAYMENT_SUCCESS and INVOICE_PAYMENT_FAILED.",
	{ "payment_id", "uuid", doc = "" },
	{ "payment_attempt_id", "uuid", doc = "Attempts have none here." },
	{ "invoice_payment_type", "choice", words = { "attempt", "refund", "charged_back" }, doc = "" },
	{ "payment_date", "instant", doc = "" },
	{ "amount", "money", doc = "" },
	{ "currency", "currency", doc = "" },
	{ "linked_invoice_payment_id", "uuid", doc = "Of a refund or chargeback: what it gives back." },
	{ "payment_cookie_id", "text", doc = "" },
	{ "processed_currency", "currency", doc = "" },
}

record "killbill_payment" {
	doc = "metaData of PAYMENT_SUCCESS and PAYMENT_FAILED.",
	{ "payment_transaction_id", "uuid", doc = "The payment's: it has one transaction here." },
	{ "amount", "money", doc = "" },
	{ "currency", "currency", doc = "" },
	{ "status", "choice", words = { "success", "unknown", "pending", "payment_failure", "plugin_failure", "payment_system_off" }, doc = "payment_failure: declined; plugin_failure: the gateway gave no usable answer" },
	{ "transaction_type", "choice", words = { "authorize", "capture", "chargeback", "credit", "purchase", "refund", "void" }, doc = "" },
	{ "effective_date", "instant", doc = "" },
}

record "killbill_tag" {
	doc = "metaData of TAG_CREATION and TAG_DELETION.",
	{ "tag_definition_name", "text", doc = "" },
}

record "killbill_tenant_config" {
	doc = "metaData of TENANT_CONFIG_CHANGE and TENANT_CONFIG_DELETION.",
	{ "key", "text", doc = "" },
}
