-- words.lua: what other systems call our states and kinds: one table for dialects and for the case runner.
--
--     words "invoice.status" {                    -- a field of kind choice of schema/records.lua
--       blubilling = { { open = "Outstanding" }, ... },
--     }
--
-- Each system lists rows of one core word and its own word, in the order in which that system names them. A word that
-- stands for several core words is found as the first of them; a core word has one word in a system, or none.
-- Sources: spec of the seeds (Atomia A.5, BluBilling C.1, Kill Bill's enums).

words "order.status" {
	blubilling = {
		{ draft = "Draft" }, { provisioning = "Provisioning" }, { active = "Active" }, { suspended = "Suspended" },
		{ complete = "Complete" }, { superseded = "Superseded" }, { canceled = "Canceled" },
	},
	atomia = {
		{ draft = "PlacementOK" }, { provisioning = "Processing" }, { active = "ProcessedOK" }, { suspended = "ProcessedOK" },
		{ complete = "ProcessedOK" }, { superseded = "ProcessedOK" }, { canceled = "Deleted" },
	},
}

words "subscription.status" {
	atomia = {
		{ active = "Ok" }, { pending = "Ok" }, { suspended = "Suspended" }, { superseded = "Renewed" },
		{ canceled = "Terminated" }, { complete = "Terminated" }, { renewing = "Renewal" },
	},
	killbill = {
		{ pending = "PENDING" }, { active = "ACTIVE" }, { renewing = "ACTIVE" }, { suspended = "BLOCKED" }, { canceled = "CANCELLED" },
		{ superseded = "CANCELLED" }, { complete = "EXPIRED" },
	},
	-- an order of BluBilling is its subscription
	blubilling = {
		{ pending = "Provisioning" }, { active = "Active" }, { suspended = "Suspended" }, { complete = "Complete" },
		{ superseded = "Superseded" }, { canceled = "Canceled" }, { renewing = "Active" },
	},
	maxio = {
		{ pending = "awaiting_signup" }, { active = "active" }, { renewing = "active" }, { suspended = "on_hold" },
		{ canceled = "canceled" }, { superseded = "canceled" }, { complete = "expired" },
	},
}

words "service_term.status" {
	aps = {
		{ active = "Active" }, { graced = "Graced" }, { hold = "Hold" }, { terminated = "Terminated" }, { canceled = "Canceled" },
	},
}

words "subscription.provisioning_status" {
	atomia = {
		{ prepared = "ProvisioningPrepared" }, { prepare_failed = "ProvisioningPrepareFailed" },
		{ initiated = "ProvisioningInitiated" }, { in_progress = "ProvisioningInProgress" }, { provisioned = "Provisioned" },
		{ failed = "ProvisioningFailed" }, { cancelled = "ProvisioningCancelled" },
		{ pending_quantity_change = "PendingQuantityChange" }, { quantity_change_failed = "QuantityChangeFailed" },
		{ pending_package_change = "PendingPackageChange" }, { package_change_failed = "PackageChangeFailed" },
		{ pending_termination = "PendingTermination" }, { termination_failed = "TerminationFailed" },
		{ removed = "Terminated" },
	},
}

words "termination_request.status" {
	atomia = { { pending = "Pending" }, { done = "Done" }, { withdrawn = "Withdrawn" } },
}

words "termination_request.option" {
	atomia = { { immediate = "Immediate" }, { end_of_subscription = "EndOfCurrentSubscription" } },
}

words "invoice.status" {
	blubilling = {
		{ open = "Outstanding" }, { settled = "Paid" }, { cancelled = "Cancelled" }, { draft = "Draft" },
		{ written_off = "Cancelled" },
	},
	atomia = {
		{ draft = "New" }, { open = "Sent" }, { settled = "Closed" }, { cancelled = "Deleted" }, { written_off = "Credited" },
	},
	killbill = {
		{ draft = "DRAFT" }, { open = "COMMITTED" }, { settled = "COMMITTED" }, { cancelled = "VOID" },
		{ written_off = "COMMITTED" },
	},
	maxio = {
		{ draft = "draft" }, { open = "open" }, { settled = "paid" }, { cancelled = "voided" }, { written_off = "canceled" },
	},
}

words "payment.status" {
	blubilling = {
		{ succeeded = "Paid" }, { failed = "Failed" }, { pending = "Pending" }, { unknown = "Pending" },
	},
	atomia = {
		{ succeeded = "Ok" }, { failed = "Error" },
	},
	killbill = {
		{ succeeded = "SUCCESS" }, { failed = "PAYMENT_FAILURE" }, { pending = "PENDING" }, { unknown = "UNKNOWN" },
	},
}

words "payment.type" {
	blubilling = { { payment = "Payment" }, { credit = "Credit" }, { refund = "Refund" } },
	killbill = { { payment = "PURCHASE" }, { credit = "CREDIT" }, { refund = "REFUND" } },
}

words "payment.method" {
	blubilling = { { credit_card = "CreditCard" }, { token = "Token" }, { bank_account = "ACH" }, { credit = "Credit" } },
}

-- of the transaction that an attempt is
words "payment_attempt.status" {
	killbill = {
		{ approved = "SUCCESS" }, { declined = "PAYMENT_FAILURE" }, { failed = "PLUGIN_FAILURE" }, { sent = "PENDING" },
		{ unknown = "UNKNOWN" },
	},
}

words "blocking_state.level" {
	killbill = { { account = "ACCOUNT" }, { bundle = "SUBSCRIPTION_BUNDLE" }, { subscription = "SUBSCRIPTION" } },
}

words "customer.status" {
	blubilling = { { active = "Active" }, { suspended = "Suspended" }, { terminated = "Terminated" } },
	atomia = { { active = "Ok" }, { suspended = "Suspended" }, { terminated = "Terminated" } },
}

words "account.status" {
	blubilling = { { active = "Active" }, { suspended = "Suspended" }, { terminated = "Terminated" } },
	atomia = { { active = "Ok" }, { suspended = "Suspended" }, { terminated = "Terminated" } },
}

words "usage.status" {
	blubilling = { { unbilled = "Unbilled" }, { billed = "Processed" } },
}

words "charge.kind" {
	blubilling = {
		{ one_time = "OneTimeCharge" }, { recurring = "RecurringCharge" }, { usage = "UsageCharge" },
		{ percent = "PercentCharge" },
	},
	killbill = { { one_time = "FIXED" }, { recurring = "RECURRING" }, { usage = "USAGE" }, { percent = "TAX" } },
}

words "invoice_line.kind" {
	blubilling = {
		{ one_time = "OneTimeCharge" }, { recurring = "RecurringCharge" }, { usage = "UsageCharge" },
		{ percent = "PercentCharge" }, { tax = "Tax" }, { discount = "Discount" }, { credit = "Credit" },
		{ adjustment = "Adjustment" },
	},
	killbill = {
		{ one_time = "FIXED" }, { recurring = "RECURRING" }, { usage = "USAGE" }, { percent = "TAX" }, { tax = "TAX" },
		{ discount = "ITEM_ADJ" }, { credit = "CREDIT_ADJ" }, { adjustment = "ITEM_ADJ" },
	},
	-- those of components are called after the component
	maxio = {
		{ recurring = "baseline" }, { one_time = "initial" }, { fixed = "initial" }, { usage = "custom" }, { percent = "custom" },
		{ credit = "custom" }, { adjustment = "custom" }, { repair = "custom" }, { item_adjustment = "custom" },
		{ external_charge = "custom" }, { parent_summary = "custom" },
	},
}

words "component.kind" {
	maxio = {
		{ quantity = "quantity_based_component" }, { on_off = "on_off_component" }, { metered = "metered_component" },
		{ prepaid = "prepaid_usage_component" }, { event = "event_based_component" },
	},
}

-- Others of ours Maxio's clients do not know: they are shown as none.
words "price_terms.scheme" {
	maxio = { { per_unit = "per_unit" }, { tiered = "tiered" }, { volume = "volume" }, { stairstep = "stairstep" } },
}

words "component.upgrade_charge" {
	maxio = { { full = "full" }, { prorated = "prorated" }, { nothing = "none" } },
}

words "allocation_delete.credit_scheme" {
	maxio = { { nothing = "none" }, { credit = "credit" }, { refund = "refund" } },
}
