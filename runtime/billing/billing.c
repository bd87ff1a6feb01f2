/* billing.c: every command and every kind of job of this folder. */
#include "billing.h"

#include "account.h"
#include "account_control.h"
#include "account_termination.h"
#include "allocation.h"
#include "api_key.h"
#include "billing_run.h"
#include "blocking_state.h"
#include "branch.h"
#include "bundle.h"
#include "catalog.h"
#include "catalog_version.h"
#include "commitment.h"
#include "component.h"
#include "component_usage_record.h"
#include "coupon.h"
#include "credit_note.h"
#include "custom_field.h"
#include "customer.h"
#include "event/aps.h"
#include "event/tenant_config.h"
#include "event/secret_seal.h"
#include "event/webhook.h"
#include "event_stream.h"
#include "fixture.h"
#include "holiday.h"
#include "invoice.h"
#include "invoice_preview.h"
#include "invoice_run.h"
#include "order.h"
#include "payment.h"
#include "payment_method.h"
#include "prepaid_lot.h"
#include "product.h"
#include "progressive_billing.h"
#include "provisioning.h"
#include "renewal.h"
#include "sending.h"
#include "service_renewal.h"
#include "setting_follow.h"
#include "sign_up.h"
#include "subscription_advance.h"
#include "subscription_component.h"
#include "subscription_single.h"
#include "tag.h"
#include "tag_definition.h"
#include "task.h"
#include "tenant.h"
#include "termination_request.h"
#include "unit_usage.h"
#include "upcoming.h"
#include "usage.h"
#include "wallet.h"

const struct command_type *const billing_commands[] = {
	tenant_commands,      branch_commands,       api_key_commands,
	bundle_commands,      fixture_commands,
	catalog_commands,     catalog_version_commands, account_commands,
	customer_commands,    order_commands,
	usage_commands,       unit_usage_commands,
	invoice_commands,
	invoice_change_commands, invoice_run_commands, invoice_preview_commands, account_control_commands,
	billing_run_commands, payment_commands,
	payment_method_commands,
	subscription_commands, blocking_state_commands,
	component_commands, price_point_commands, price_segment_commands, subscription_component_commands, component_usage_commands,
	prepaid_lot_commands, allocation_commands, product_commands, sign_up_commands,
	event_stream_commands, billing_metric_commands,
	credit_note_commands, coupon_commands, coupon_redemption_commands, wallet_commands, commitment_commands,
	progressive_billing_commands,
	task_commands,        holiday_commands,
	tag_definition_commands, tag_commands, custom_field_commands, tenant_config_commands,
	subscription_single_commands, renewal_commands, service_term_commands, renewal_order_commands, provisioning_commands,
	account_termination_commands, termination_request_commands, sending_commands,
	job_commands,         webhook_commands, secret_commands,     aps_commands,      withdraw_commands, NULL,
};

const struct job_kind *const billing_jobs[] = { order_jobs, billing_run_jobs, invoice_jobs, payment_jobs,
	                                      subscription_jobs, blocking_state_jobs, task_jobs,
	                                      upcoming_jobs, setting_jobs, prepaid_lot_jobs, wallet_jobs, commitment_jobs,
	                                      progressive_billing_jobs,
	                                      renewal_jobs, service_term_jobs, provisioning_jobs, termination_request_jobs, NULL };
