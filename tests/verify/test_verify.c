/* test_verify.c: verify is silent about a shop that worked for months, and finds each violation planted in its rows. */
#include "billing/stream_desk.h"

#include "billing/wallet.h"
#include "store/statement.h"
#include "verify_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

/* One statement or several that break an invariant; most break others as well. */
static const struct plant plants[] = {
	{ "invoice_total", NULL, "UPDATE invoice SET total = total + 1, balance = balance + 1 WHERE id = 1" },
	{ "invoice_total", NULL, "DELETE FROM invoice_line WHERE invoice_id = 1 AND position = 1" },
	{ "line_decision", NULL, "UPDATE invoice_line SET amount = amount + 1 WHERE kind = 'recurring'" },
	{ "line_decision", NULL, "UPDATE invoice_line SET unit_price = '1' WHERE kind = 'recurring'" },
	{ "line_decision", NULL, "UPDATE invoice_line SET exact = '999' WHERE kind = 'tax'" },
	{ "line_decision", NULL, "UPDATE invoice SET rounding = 'up per line'; UPDATE invoice_line SET exact = '1/3', amount = 33" },
	{ "invoice_balance", NULL, "UPDATE invoice SET balance = 1 WHERE status = 'settled'" },
	{ "invoice_balance", NULL, "UPDATE invoice SET balance = total WHERE status = 'cancelled'" },
	{ "invoice_balance", NULL, "DELETE FROM credit_use" },
	{ "invoice_balance_range", NULL, "UPDATE invoice SET balance = -1 WHERE id = 1" },
	{ "credit_note_total", NULL,
	  "INSERT INTO credit_note_line (tenant_id, account_id, credit_note_id, position, invoice_position, tax, discount, description,"
	  " currency, amount, left, adjustment_position)"
	  " SELECT tenant_id, account_id, 9, 1, 1, 0, 0, 'of no note', currency, 1, 1, 1 FROM invoice WHERE id = 1" },
	{ "given_up_first", NULL, "DELETE FROM credit_use WHERE invoice_id IN (SELECT id FROM invoice WHERE status = 'written_off')" },
	{ "parent_summary", NULL, "UPDATE invoice_line SET amount = amount + 1 WHERE child_account_id IS NOT NULL" },
	{ "parent_summary", NULL, "UPDATE invoice SET parent_invoice_id = NULL WHERE parent_invoice_id IS NOT NULL" },
	{ "gathered_balance", NULL, "UPDATE invoice SET gathered = gathered + 1 WHERE parent_invoice_id IS NOT NULL" },
	{ "gathered_balance", NULL, "UPDATE invoice SET parent_invoice_id = 99 WHERE parent_invoice_id IS NOT NULL" },
	{ "credit_note_total", NULL, "UPDATE credit_note SET refund = refund + 1 WHERE id = 1" },
	{ "credit_note_adjustments", NULL, "UPDATE credit_note_line SET adjustment_position = 1 WHERE credit_note_id = 1" },
	{ "credit_note_adjustments", NULL, "UPDATE credit_note SET status = 'issued'" },
	{ "credit_note_adjustments", NULL, "UPDATE credit_note_line SET reversal_position = NULL WHERE credit_note_id = 2" },
	{ "credit_note_credit", NULL, "UPDATE credit SET credit_note_id = NULL" },
	{ "credit_note_credit", NULL, "UPDATE credit_note SET status = 'void' WHERE id = 1; UPDATE credit SET remaining = amount" },
	{ "payment_parts", NULL, "DELETE FROM invoice_payment WHERE id = 1" },
	{ "payment_parts", NULL, "UPDATE payment SET amount = amount + 1 WHERE status = 'succeeded'" },
	{ "payment_credit", NULL, "UPDATE credit SET amount = amount + 1, remaining = remaining + 1 WHERE payment_id IS NOT NULL" },
	{ "payment_amounts", NULL, "UPDATE payment SET unallocated = -1" },
	{ "invoice_settled", NULL, "UPDATE invoice SET status = 'open' WHERE status = 'settled'" },
	{ "invoice_settled", NULL, "UPDATE invoice SET settled_at = NULL WHERE status = 'settled'" },
	{ "credit_left", NULL, "UPDATE credit SET remaining = remaining + 1" },
	{ "credit_left", NULL, "DELETE FROM credit_use" },
	{ "line_currency", NULL, "UPDATE invoice_line SET currency = 'EUR'" },
	{ "allocation_currency", NULL, "UPDATE invoice_payment SET currency = 'EUR'" },
	{ "credit_currency", NULL, "UPDATE credit SET currency = 'EUR'" },
	{ "attempt_waits", NULL, "UPDATE payment_attempt SET status = 'sent'" },
	{ "attempt_outcome", NULL, "UPDATE payment_attempt SET status = 'declined' WHERE status = 'approved'" },
	{ "attempt_outcome", NULL, "UPDATE payment_attempt SET status = 'approved', payment_id = 1" },
	{ "payment_waits", NULL, "UPDATE payment SET status = 'pending' WHERE id = 1" },
	{ "charged_once", NULL, "UPDATE invoice_line SET period_start = '2011-09-21', period_end = '2011-10-15' WHERE kind = 'recurring'" },
	{ "days_charged_once", NULL, "DELETE FROM invoice_line WHERE kind = 'repair'" },
	{ "days_charged_once", NULL, "UPDATE invoice_line SET period_start = date(period_start, '-3 days') WHERE kind = 'repair'" },
	{ "days_charged_all", NULL,
	  "UPDATE invoice_line SET period_end = date(period_end, '-5 days') WHERE kind = 'recurring' AND plan = 'car' AND catalog_plan_id IS NOT NULL" },
	{ "days_charged_all", NULL, "DELETE FROM blocking_state" },
	{ "charged_through", NULL, "UPDATE subscription SET charged_through = '2011-09-21'" },
	{ "billing_job", NULL, "DELETE FROM job WHERE kind = 'account.bill'" },
	{ "billing_job", NULL, "UPDATE account SET next_bill_date = NULL" },
	{ "subscription_served", NULL, "UPDATE \"order\" SET status = 'canceled'" },
	{ "order_superseded", NULL, "UPDATE \"order\" SET supersedes_id = NULL" },
	{ "order_superseded", NULL, "UPDATE \"order\" SET superseded_by_id = 1 WHERE superseded_by_id IS NOT NULL AND supersedes_id IS NOT NULL" },
	{ "order_new_customer", NULL, "UPDATE \"order\" SET account_id = 1 WHERE new_customer IS NOT NULL" },
	{ "order_new_customer", NULL, "UPDATE \"order\" SET new_customer = NULL WHERE new_customer IS NOT NULL" },
	{ "parents", "order", "DELETE FROM \"order\" WHERE status = 'superseded'" },
	{ "allocation_chain", NULL, "UPDATE allocation SET previous_quantity = '7' WHERE id = 3" },
	{ "allocation_last", NULL, "UPDATE subscription_component SET quantity = '7'" },
	{ "component_charge_invoiced", NULL, "UPDATE component_charge SET status = 'invoiced' WHERE status = 'waiting'" },
	{ "component_charge_invoiced", NULL, "UPDATE component_charge SET line_position = 1 WHERE status = 'invoiced'" },
	{ "component_mark", NULL, "UPDATE subscription SET components = NULL WHERE components = 1" },
	{ "component_mark", NULL, "UPDATE subscription SET assess_at = assessed_until + 1 WHERE components = 1" },
	{ "price_segments", NULL, "UPDATE price_point SET segment_count = 1 WHERE segment_count = 2" },
	{ "price_segments", NULL, "UPDATE price_segment SET value_1 = 'eu'" },
	{ "component_balance", NULL, "UPDATE component_usage SET quantity = '7' WHERE id = 1" },
	{ "component_balance", NULL, "UPDATE component_period SET usage_count = usage_count + 1" },
	{ "component_rates", NULL, "UPDATE component_period SET rates = json_set(rates, '$[0].quantity', '7')" },
	{ "component_overage", NULL, "UPDATE component_period SET overage_quantity = '7'" },
	{ "unit_balance", NULL, "UPDATE subscription_component SET unit_balance = '7'" },
	{ "lot_used", NULL, "UPDATE allocation SET used_quantity = '7' WHERE lot = 'open'" },
	{ "lot_used", NULL, "UPDATE component_usage SET lots = NULL" },
	{ "lots_had", NULL, "UPDATE subscription_component SET quantity = '7'" },
	{ "lots_had", NULL, "UPDATE allocation SET counted = 0" },
	{ "lot_state", NULL, "UPDATE allocation SET ended_at = at WHERE lot = 'open'" },
	{ "usage_billed_once", NULL, "UPDATE usage SET status = 'unbilled' WHERE status = 'billed'" },
	{ "usage_billed_once", NULL, "UPDATE invoice SET status = 'cancelled'" },
	{ "event_days", NULL, "UPDATE event_day SET event_count = event_count + 1" },
	{ "event_days", NULL, "DELETE FROM event_day" },
	{ "event_days", NULL, "UPDATE stream_event SET verdict = 8 WHERE verdict = 1" },
	{ "metric_totals", NULL, "UPDATE metric_total SET event_count = event_count + 1" },
	{ "metric_totals", NULL, "UPDATE stream_event SET verdict = 6 WHERE verdict = 1" },
	{ "usage_quantity", NULL, "UPDATE usage SET quantity = '0.000001' WHERE id = 1" },
	{ "subscription_begins", NULL,
	  "INSERT INTO subscription_event (tenant_id, account_id, id, subscription_id, kind, at, created_at) "
	  "VALUES (1, 1, 99, 1, 'create', 0, 0)" },
	{ "unit_usage_billed_once", NULL,
	  "INSERT INTO unit_usage (tenant_id, account_id, id, subscription_id, unit, quantity, occurred_at, status, revision, "
	  "created_at, updated_at) VALUES (1, 1, 1, 1, 'call', '1', 0, 'billed', 1, 0, 0)" },
	{ "usage_line_has_progress", NULL, "UPDATE invoice_line SET usage_section = 'calls', kind = 'usage' WHERE kind = 'recurring'" },
	{ "plan_known", NULL, "DELETE FROM plan" },
	{ "plan_known", NULL, "DELETE FROM catalog_plan" },
	{ "catalog_plan_known", NULL, "DELETE FROM catalog_version" },
	{ "catalog_plan_known", NULL, "UPDATE catalog_plan SET parent_id = 99" },
	{ "bundle_in_force", NULL,
	  "INSERT INTO bundle_activation (tenant_id, id, digest, name, kind, activated_at) VALUES (1, 99, 'none', 'n', 'deploy', 1)" },
	{ "bundle_in_force", NULL, "UPDATE tenant SET bundle = 'none' WHERE id = 1" },
	{ "template_known", NULL, "INSERT INTO bundle_template (tenant_id, id, bundle, name, content) VALUES (1, 1, 'none', 't', '')" },
	{ "task_planned", NULL, "UPDATE scheduled_task SET next_run_at = NULL" },
	{ "task_planned", NULL, "DELETE FROM job WHERE kind = 'task.due'" },
	{ "holidays_apart", NULL, "UPDATE holiday SET start_date = '2011-12-25', end_date = '2011-12-26'" },
	{ "marked_objects", NULL, "UPDATE tag SET object_id = 99 WHERE name = 'VIP'" },
	{ "marked_objects", NULL, "UPDATE custom_field SET object_type = 'payment', object_id = 99" },
	{ "control_tags", NULL, "DELETE FROM tag WHERE name = 'AUTO_PAY_OFF'" },
	{ "control_tags", NULL, "UPDATE account SET pay_automatically = 1" },
	{ "control_tags", NULL, "UPDATE subscription SET invoicing_off = 1" },
	{ "bundle_invoicing", NULL, "UPDATE subscription SET bundle_invoicing_off = 1" },
	{ "service_term", NULL, "UPDATE service_term SET expires_at = expires_at + 1" },
	{ "service_term_missing", NULL, "DELETE FROM service_term" },
	{ "service_term_served", NULL, "UPDATE service_term SET status = 'hold'" },
	{ "service_term_served", NULL, "UPDATE subscription SET status = 'suspended' WHERE expires_at IS NOT NULL" },
	{ "service_term_ended", NULL, "UPDATE service_term SET status = 'canceled'" },
	{ "service_term_ended", NULL, "UPDATE service_term SET destroyed = 1" },
	{ "service_term_ended", NULL, "UPDATE subscription SET status = 'canceled' WHERE expires_at IS NOT NULL" },
	{ "service_term_moments", NULL, "UPDATE service_term SET held = 1" },
	{ "service_term_moments", NULL, "UPDATE service_term SET status = 'terminated', shutdown_at = 1, expired = 1" },
	{ "service_term_moments", NULL, "UPDATE service_term SET expired = 1" },
	{ "service_term_planned", NULL, "DELETE FROM job WHERE kind = 'subscription.expire'" },
	{ "service_term_planned", NULL, "UPDATE job SET due_at = due_at - 1 WHERE kind = 'subscription.expire'" },
	{ "service_term_planned", NULL, "UPDATE job SET due_at = due_at + 1 WHERE kind = 'subscription.expire'" },
	{ "service_term_planned", NULL, "UPDATE service_term SET status = 'terminated'" },
	{ "renewal_order_waiting", NULL, "UPDATE renewal_order SET status = 'processed' WHERE status = 'waiting'" },
	{ "renewal_order_waiting", NULL, "UPDATE renewal_order SET invoice_id = 1 WHERE status = 'waiting'" },
	{ "renewal_order_paid", NULL,
	  "UPDATE invoice SET status = 'settled' WHERE id IN (SELECT invoice_id FROM renewal_order WHERE status = 'waiting')" },
	{ "renewal_order_paid", NULL,
	  "UPDATE invoice SET status = 'cancelled' WHERE id IN (SELECT invoice_id FROM renewal_order WHERE status = 'waiting')" },
	{ "renewal_given_up", NULL,
	  "UPDATE subscription SET charged_through = end_date WHERE id IN (SELECT subscription_id FROM renewal_order WHERE status = 'canceled')" },
	{ "event_subscription_resource", NULL, "UPDATE event_subscription SET resource_id = 99" },
	{ "event_subscription_resource", NULL, "UPDATE aps_resource SET account_id = 2" },
	{ "event_subscription_wanted", NULL, "UPDATE event_subscription SET asked = 0" },
	{ "event_subscription_wanted", NULL, "UPDATE event_subscription SET asked = 0, declared = 1" },
	{ "aps_application", NULL, "UPDATE aps_resource SET endpoint_id = NULL" },
	{ "aps_links", NULL, "DELETE FROM aps_linked" },
	{ "aps_links", NULL, "UPDATE aps_linked SET key = 'other'" },
	{ "config_endpoint", NULL, "UPDATE tenant_config SET endpoint_id = 99" },
	{ "given_back", NULL, "UPDATE invoice_line SET amount = amount * 10 WHERE kind = 'repair'" },
	{ "given_back", NULL, "UPDATE invoice_line SET linked_position = 99 WHERE kind = 'repair'" },
	{ "tax_given_back", NULL, "UPDATE invoice_line SET amount = amount * 10 WHERE kind = 'tax' AND amount < 0" },
	{ "tax_given_back", NULL, "UPDATE invoice_line SET amount = 0 WHERE kind = 'tax' AND amount > 0 AND linked_position IS NOT NULL" },
	{ "line_decision", NULL, "UPDATE invoice_line SET amount = amount - 1 WHERE kind = 'tax' AND decision LIKE '%\"back\"%'" },
	{ "audit_chain", NULL, "UPDATE audit SET actor = 'somebody else' WHERE id = 3" },
	{ "audit_chain", NULL, "UPDATE audit SET at = at + 1 WHERE id = 3" },
	{ "audit_chain", NULL, "DELETE FROM audit WHERE id = 3" },
	{ "audit_chain", NULL, "UPDATE audit SET digest = '' WHERE id = 3" },
	{ "audit_counted", NULL, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)" },
	{ "discounted", NULL, "UPDATE invoice_line SET amount = amount * 20 WHERE kind = 'discount' AND amount < 0" },
	{ "coupon_redeemed", NULL, "UPDATE coupon SET redemptions = redemptions + 1" },
	{ "coupon_redeemed", NULL, "DELETE FROM coupon_redemption" },
	{ "coupon_periods_left", NULL, "UPDATE coupon_redemption SET periods_left = 1" },
	{ "coupon_periods_left", NULL, "UPDATE coupon_redemption SET status = 'active'" },
	{ "coupon_periods_left", NULL, "UPDATE invoice_line SET coupon_period_start = '1999-01-01' WHERE kind = 'discount' AND amount > 0" },
	{ "commitment_planned", NULL, "DELETE FROM job WHERE kind = 'commitment.settle'" },
	{ "commitment_planned", NULL, "UPDATE commitment SET status = 'ended'" },
	{ "progressive_credited", NULL,
	  "UPDATE invoice_line SET linked_invoice_id = 1, linked_position = 1 WHERE kind = 'progressive' AND amount < 0" },
	{ "progressive_open", NULL, "UPDATE progressive_billing SET open_from = NULL" },
	{ "progressive_open", NULL, "DELETE FROM progressive_billing" },
	{ "wallet_balance", NULL, "UPDATE wallet SET balance = balance + 1 WHERE status = 'active'" },
	{ "wallet_balance", NULL, "UPDATE wallet SET status = 'terminated' WHERE balance > 0" },
	{ "wallet_balance", NULL, "UPDATE wallet_transaction SET status = 'pending' WHERE kind = 'granted'" },
	{ "wallet_grants", NULL, "UPDATE wallet_transaction SET remaining = remaining + 1 WHERE kind = 'granted'" },
	{ "wallet_grants", NULL, "UPDATE wallet_use SET grant_id = transaction_id" },
	{ "wallet_uses", NULL, "DELETE FROM wallet_use WHERE invoice_id IS NULL" },
	{ "wallet_uses", NULL, "UPDATE wallet_transaction SET amount = amount + 1 WHERE kind = 'returned'" },
	{ "wallet_lines", NULL, "UPDATE wallet_use SET line_position = 99 WHERE amount > 0 AND invoice_id IS NOT NULL" },
	{ "wallet_lines", NULL, "UPDATE wallet_use SET currency = 'EUR' WHERE invoice_id IS NOT NULL" },
	{ "wallet_lines", NULL, "DELETE FROM wallet_use WHERE amount > 0" },
	{ "wallet_purchases", NULL, "UPDATE wallet_transaction SET status = 'settled' WHERE status = 'pending'" },
	{ "wallet_purchases", NULL, "UPDATE wallet_transaction SET invoice_id = 999 WHERE kind = 'purchased'" },
	{ "invoice_balance", NULL, "DELETE FROM wallet_use WHERE amount > 0" },
	{ "journal_gapless", NULL, "DELETE FROM journal WHERE serial = 3" },
	{ "journal_gapless", NULL, "DELETE FROM journal WHERE serial = 1" },
	{ "journal_counted", NULL, "DELETE FROM journal WHERE serial = (SELECT max(serial) FROM journal)" },
	{ "event_object", NULL, "UPDATE journal SET object_id = 999 WHERE event = 'invoice.create'" },
	{ "event_object", NULL, "DELETE FROM account" },
	{ "invoice_numbers", NULL, "UPDATE journal SET payload = replace(payload, '\"number\":\"2\"', '\"number\":\"7\"') WHERE event = 'invoice.create'" },
	{ "invoice_numbers", NULL, "UPDATE counter SET next = next + 1 WHERE series = 'invoice_number'" },
	{ "delivery_settled", NULL, "UPDATE delivery SET status = 'sent'" },
	{ "delivery_settled", NULL, "UPDATE payment_attempt SET status = 'sent'" },
	{ "message_ended", NULL, "UPDATE delivery SET status = 'done' WHERE channel = 'mail'" },
	{ "message_ended", NULL, "UPDATE delivery SET status = 'dead', ended_at = 1, attempts = 1 WHERE channel = 'mail'" },
	{ "message_ended", NULL,
	  "INSERT INTO delivery_attempt (tenant_id, delivery_id, attempt, at, took_ms) "
	  "SELECT tenant_id, id, attempts + 1, 0, 0 FROM delivery WHERE channel = 'mail'" },
	{ "message_in_order", NULL, "UPDATE delivery SET due_at = NULL" },
	{ "delivery_event", NULL, "UPDATE delivery SET serial = 9999" },
	{ "job_dead", NULL, "UPDATE job SET status = 'dead'" },
	{ "job_of_cause", NULL, "UPDATE job SET kind = 'command'" },
	{ "job_of_cause", NULL, "UPDATE job SET cause_id = 99" },
	{ "cause_counts", NULL,
	  "INSERT INTO cause (tenant_id, id, rule, correlation_id, effects, status, created_at) VALUES (1, 7, 'x', zeroblob(16), 1, 'open', 0);"
	  "UPDATE job SET kind = 'command', cause_id = 7; UPDATE delivery SET cause_id = 7, status = 'pending'" },
	{ "message_ended", NULL, "UPDATE delivery SET status = 'withdrawn', ended_at = NULL WHERE channel = 'mail'" },
	{ "id_taken", "invoice", "UPDATE id_block SET next = 1 WHERE kind = 'invoice'" },
	{ "id_taken", "account", "UPDATE id_block SET next = 1 WHERE kind = 'account'" },
	{ "parents", NULL, "DELETE FROM invoice WHERE id = 1" },
	{ "parents", NULL, "DELETE FROM payment WHERE id = 1" },
	{ "parents", NULL, "DELETE FROM credit" },
	{ "parents", NULL, "DELETE FROM \"order\"" },
	{ "parents", NULL, "UPDATE subscription SET account_id = 77" },
	{ "subscription_parents", "subscription", "DELETE FROM subscription_bundle" },
	{ "subscription_parents", "subscription_event", "DELETE FROM subscription" },
	{ "subscription_parents", "blocking_state", "UPDATE blocking_state SET object_id = 99 WHERE level = 'bundle'" },
	{ "subscription_parents", "blocking_state", "UPDATE blocking_state SET level = 'subscription', object_id = 99" },
	{ "subscription_parents", "unit_usage",
	  "INSERT INTO unit_usage (tenant_id, account_id, id, subscription_id, unit, quantity, occurred_at, status, revision, "
	  "created_at, updated_at) VALUES (1, 1, 1, 99, 'call', '1', 0, 'unbilled', 1, 0, 0)" },
	{ "subscription_parents", "usage_progress",
	  "INSERT INTO usage_progress (tenant_id, account_id, id, subscription_id, section, revision) VALUES (1, 1, 1, 99, 'calls', 0)" },
	{ "subscription_parents", "credit", "UPDATE credit SET invoice_id = 99 WHERE reason = 'repair'" },
	{ "account_known", "invoice", "UPDATE invoice SET account_id = 77" },
	{ "account_known", "journal", "UPDATE journal SET account_id = 7777 WHERE account_id = 1" },
	{ "account_known", "customer", "UPDATE customer SET account_id = 77 WHERE account_id = 1" },
	{ "account_known", "payment_method", "DELETE FROM account" },
	{ "tenant_known", "invoice", "UPDATE invoice SET tenant_id = 77 WHERE id = 2" },
	{ "tenant_known", "journal", "DELETE FROM tenant" },
	{ "secrets", "account", "UPDATE account SET notes = 'my card is 4111 1111 1111 1111, please'" },
	{ "secrets", "rule_run", "UPDATE rule_run SET result = '4111111111111111'" },
	{ "time_order", "account", "UPDATE account SET updated_at = created_at - 1" },
	{ "time_order", "invoice", "UPDATE invoice SET updated_at = created_at - 1 WHERE id = 2" },
	{ "answer_keys", NULL, "INSERT INTO idempotency_answer VALUES (77, 1, 200, NULL, '')" },
	{ "keys_once", NULL, "INSERT INTO idempotency VALUES (77, 1, 1, zeroblob(16), zeroblob(32), 'k'), (78, 1, 1, zeroblob(16), zeroblob(32), 'k')" },
	{ "answer_secrets", NULL, "INSERT INTO idempotency VALUES (77, 1, 1, zeroblob(16), zeroblob(32), 'k');"
	                          "INSERT INTO idempotency_answer VALUES (77, 1, 200, NULL, '{\"card\":\"4111111111111111\"}')" },
	{ "integrity", "invoice", NULL }, /* damage to a page, by hand */
};

/* ---- a shop that worked for months: no counter was moved by hand, so that numbers are checked as well ---- */

static const char rules[] =
        "rule 'greet' { post = 'account.create', run = function (account, ctx) ctx:send('mail', { to = account.name }) end }\n"
        "rule 'note' { post = 'invoice.settle', run = function (invoice, ctx)\n"
        "  ctx:send('mail', { number = invoice.number }) end }\n"
        "rule 'count' { task = true, run = function (ctx) ctx:note(tostring(ctx.event.slot)) end }\n";

/* It is open: nobody pays but on the day of a billing run. */
static void cancel_last_invoice(struct desk *desk)
{
	struct text ids = SHOP_SHOW(desk, &invoice_record, "id"), last, rest;
	for (bool more = true; more; ids = rest)
		more = text_split(ids, ';', &last, &rest);
	desk_do(desk, "invoice.cancel", text_format(&desk->arena, "{'id':%.*s}", TEXT_ARG(text_trim(last))).data);
}

/* A plan of the catalog, a cheaper one in the middle of a month, and a pause; with taxes. */
static void subscribe_directly(struct desk *desk)
{
	const struct account *account = desk_do(desk, "account.create", "{'name':'Bob'}");
	desk_do(desk, "tenant.configure", "{'settings':{'tax':{'percent':'10'}}}");
	desk_do(desk, "catalog.add_plan", "{'code':'van','product':'van','amount':'60','billing_period':'monthly'}");
	desk_do(desk, "coupon.create", "{'code':'TEN','percent':'10'}");
	const struct subscription *van = desk_do(desk, "subscription.subscribe",
	                                         text_format(&desk->arena, "{'account_id':%lld,'plan':'van','coupon':'TEN'}", (long long)account->id).data);
	int64_t id = van->id, bundle_id = van->bundle_id;
	shop_advance(desk, "2011-11-25T06:00:00Z");
	desk_do(desk, "catalog.add_plan", "{'code':'car','product':'car','amount':'30','billing_period':'monthly'}");
	desk_do(desk, "subscription.change_plan",
	        text_format(&desk->arena, "{'id':%lld,'plan':'car','policy':'immediate'}", (long long)id).data);
	desk_do(desk, "subscription_bundle.pause", text_format(&desk->arena, "{'id':%lld}", (long long)bundle_id).data);
	shop_advance(desk, "2011-11-28T06:00:00Z");
	desk_do(desk, "subscription_bundle.resume", text_format(&desk->arena, "{'id':%lld}", (long long)bundle_id).data);
	desk_do(desk, "tenant.configure", "{'settings':{'tax':null}}");
}

/* Seats that grow, what they cost on an invoice at once and on the next one, and some that wait. */
static void have_components(struct desk *desk)
{
	const struct account *account = desk_do(desk, "account.create", "{'name':'Una'}");
	desk_do(desk, "component.create", "{'handle':'seats','name':'Seats','kind':'quantity','price':{'scheme':'per_unit','unit_price':'7'}}");
	desk_do(desk, "component.create",
	        "{'handle':'disk','name':'Disk','kind':'quantity','fractional':true,'price':{'scheme':'tiered',"
	        "'tiers':[{'ends_at':'10','unit_price':'2'},{'unit_price':'1'}]}}");
	const struct subscription *van =
	        desk_do(desk, "subscription.subscribe",
	                text_format(&desk->arena, "{'account_id':%lld,'plan':'van','convention':'maxio','components':[{'component':'seats','quantity':'3'}]}",
	                            (long long)account->id).data);
	static const char change[] = "{'subscription_id':%lld,'accrue_charge':%s,'allocations':[{'component':'seats','quantity':'%d'},"
	                             "{'component':'disk','quantity':'%d.5'}]}";
	desk_do(desk, "allocation.create", text_format(&desk->arena, change, (long long)van->id, "true", 5, 11).data);
	shop_advance(desk, "2012-02-16T10:00:00Z");
	desk_do(desk, "allocation.create", text_format(&desk->arena, change, (long long)van->id, "false", 6, 12).data);
	shop_advance(desk, "2012-03-10T10:00:00Z");
	desk_do(desk, "allocation.create", text_format(&desk->arena, change, (long long)van->id, "true", 7, 13).data);
}

/* Metered calls at two prices, credits of which one lot is used up, one given back to, one renewed and one taken away. */
static void use_components(struct desk *desk)
{
	static const char use[] = "{'subscription_id':%lld,'component':'%s','quantity':'%s'%s}";
	const struct account *account = desk_do(desk, "account.create", "{'name':'Uwe'}");
	desk_do(desk, "component.create",
	        "{'handle':'calls','name':'Calls','kind':'metered','price':{'scheme':'per_unit','unit_price':'0.5'}}");
	const struct component *credits = desk_do(
	        desk, "component.create",
	        "{'handle':'credits','name':'Credits','kind':'prepaid','price':{'scheme':'per_unit','unit_price':'0.1'},"
	        "'overage_price':{'scheme':'per_unit','unit_price':'0.25'},'rollover_prepaid':true,'renew_prepaid':true}");
	desk_do(desk, "price_point.create",
	        text_format(&desk->arena, "{'component_id':%lld,'handle':'night','price':{'scheme':'per_unit','unit_price':'0.2'}}",
	                    (long long)credits->id - 1).data);
	const struct subscription *van =
	        desk_do(desk, "subscription.subscribe",
	                text_format(&desk->arena, "{'account_id':%lld,'plan':'van','convention':'maxio','components':[{'component':'credits','quantity':'100'}]}",
	                            (long long)account->id).data);
	const long long id = (long long)van->id;
	static const struct { const char *component, *quantity, *more; } used[] = {
		{ "calls", "10", "" }, { "calls", "5", ",'price_point':'night'" }, { "calls", "-12", "" },
		{ "credits", "130", "" }, { "credits", "-50", "" },
	};
	for (size_t i = 0; i < sizeof used / sizeof *used; i++)
		desk_do(desk, "component_usage.create",
		        text_format(&desk->arena, use, id, used[i].component, used[i].quantity, used[i].more).data);
	shop_advance(desk, "2012-04-12T10:00:00Z");
	const struct allocations_made *made = desk_do(
	        desk, "allocation.create",
	        text_format(&desk->arena, "{'subscription_id':%lld,'allocations':[{'component':'credits','quantity':'40'}]}", id).data);
	desk_do(desk, "component_usage.create", text_format(&desk->arena, use, id, "credits", "30", "").data);
	desk_do(desk, "component_usage.create", text_format(&desk->arena, use, id, "calls", "30", "").data);
	desk_do(desk, "allocation.delete",
	        text_format(&desk->arena, "{'id':%lld,'credit_scheme':'nothing'}", (long long)made->allocations.items[0].id).data);
}

/* Three whole months are given back between two that stay, and all that another was charged for. */
static void pause_in_the_past(struct desk *desk)
{
	static const char begin[] = "{'account_id':%lld,'plan':'van','start_date':'2011-08-15'}";
	for (int i = 0; i < 2; i++) {
		const struct account *account = desk_do(desk, "account.create", "{'name':'Liz'}");
		const struct subscription *made =
		        desk_do(desk, "subscription.subscribe", text_format(&desk->arena, begin, (long long)account->id).data);
		long long id = made->id, bundle_id = made->bundle_id;
		desk_do(desk, i ? "subscription.cancel" : "subscription_bundle.pause",
		        text_format(&desk->arena, "{'id':%lld,'effective_date':'2011-09-15'}", i ? id : bundle_id).data);
		if (i == 0)
			desk_do(desk, "subscription_bundle.resume",
			        text_format(&desk->arena, "{'id':%lld,'effective_date':'2011-12-15'}", bundle_id).data);
	}
}

/* One that stays, of an invoice that was paid, and one that is withdrawn again. */
static void credit_and_regret(struct desk *desk)
{
	desk_do(desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'5.00'}]}");
	desk_do(desk, "credit_note.create", "{'invoice_id':2,'items':[{'position':1,'amount':'1.00'}]}");
	desk_do(desk, "credit_note.void", "{'id':2}");
	desk_do(desk, "credit.create", "{'account_id':2,'amount':'500'}");
	struct text ids = SHOP_SHOW(desk, &credit_record, "id"), last, rest;
	for (bool more = true; more; ids = rest)
		more = text_split(ids, ';', &last, &rest);
	desk_do(desk, "credit.withdraw", text_format(&desk->arena, "{'id':%.*s}", TEXT_ARG(text_trim(last))).data);
}

/* A month, less a discount, of which nobody paid anything; returns its subscription. */
static int64_t give_up_month(struct desk *desk)
{
	const struct account *account = desk_do(desk, "account.create", "{'name':'Max'}");
	desk_do(desk, "coupon.create", "{'code':'TENTH','percent':'10'}");
	const struct subscription *van =
	        desk_do(desk, "subscription.subscribe",
	                text_format(&desk->arena, "{'account_id':%lld,'plan':'van','coupon':'TENTH'}", (long long)account->id).data);
	int64_t id = van->id;
	struct text ids = SHOP_SHOW(desk, &invoice_record, "id"), last, rest;
	for (bool more = true; more; ids = rest)
		more = text_split(ids, ';', &last, &rest);
	desk_do(desk, "invoice.write_off", text_format(&desk->arena, "{'id':%.*s}", TEXT_ARG(text_trim(last))).data);
	return id;
}

/* A child whose invoices are gathered, one on an invoice of the parent that is open, one on a draft. */
static void gather_from_child(struct desk *desk)
{
	const struct account *mother = desk_do(desk, "account.create", "{'name':'Mum'}");
	const struct account *child = desk_do(desk, "account.create", "{'name':'Tim'}");
	long long id = child->id;
	desk_do(desk, "account.update",
	        text_format(&desk->arena, "{'id':%lld,'parent_id':%lld,'parent_pays':true}", id, (long long)mother->id).data);
	const char *charge =
	        text_format(&desk->arena, "{'account_id':%lld,'amount':'7','description':'toys'}", id).data;
	const struct invoice *invoice = desk_do(desk, "invoice.charge", charge);
	shop_advance(desk, "2012-02-06T06:00:00Z");
	desk_do(desk, "invoice.adjust",
	        text_format(&desk->arena, "{'id':%lld,'position':1,'amount':'2'}", (long long)invoice->id).data);
	desk_do(desk, "invoice.charge", charge);
}

/* Prepaid units that paid an invoice, were given back in part, voided, and bought but not paid for. */
static void prepay(struct desk *desk)
{
	const struct account *account = desk_do(desk, "account.create", "{'name':'Pia'}");
	long long id = account->id;
	const struct wallet *wallet =
	        desk_do(desk, "wallet.create", text_format(&desk->arena, "{'account_id':%lld,'granted':'30'}", id).data);
	long long wallet_id = wallet->id;
	const struct invoice *invoice =
	        desk_do(desk, "invoice.charge", text_format(&desk->arena, "{'account_id':%lld,'amount':'12','description':'x'}", id).data);
	desk_do(desk, "invoice.adjust", text_format(&desk->arena, "{'id':%lld,'position':1,'amount':'2'}", (long long)invoice->id).data);
	desk_do(desk, "wallet.void", text_format(&desk->arena, "{'id':%lld,'credits':'3'}", wallet_id).data);
	desk_do(desk, "wallet.top_up", text_format(&desk->arena, "{'id':%lld,'credits':'9','source':'purchased'}", wallet_id).data);
}

/* Usage that is invoiced within its period. */
static long long use_beyond(struct desk *desk, long long account_id)
{
	const struct subscription *van = desk_do(desk, "subscription.subscribe",
	                                         text_format(&desk->arena, "{'account_id':%lld,'plan':'van'}", account_id).data);
	long long id = van->id;
	desk_do(desk, "progressive_billing.create",
	        text_format(&desk->arena, "{'subscription_id':%lld,'thresholds':[{'amount':'20','recurring':true}]}", id).data);
	desk_do(desk, "component_usage.create",
	        text_format(&desk->arena, "{'subscription_id':%lld,'component':'beyond','quantity':'30'}", id).data);
	CHECK(engine_drain(desk->engine, desk->tenant_id, &desk->problems));
	return id;
}

/* The last invoice of one takes it off, that of the other is ahead. */
static void use_twice(struct desk *desk)
{
	const struct account *account = desk_do(desk, "account.create", "{'name':'Uma'}");
	long long account_id = account->id;
	desk_do(desk, "component.create",
	        "{'handle':'beyond','name':'Beyond','kind':'metered','price':{'scheme':'per_unit','unit_price':'1'}}");
	long long id = use_beyond(desk, account_id);
	use_beyond(desk, account_id);
	shop_advance(desk, "2012-04-12T12:00:00Z");
	desk_do(desk, "subscription.cancel", text_format(&desk->arena, "{'id':%lld,'entitlement_policy':'immediate'}", id).data);
}

static void commit_to(struct desk *desk)
{
	const struct account *account = desk_do(desk, "account.create", "{'name':'Kim'}");
	const struct subscription *van = desk_do(desk, "subscription.subscribe",
	                                         text_format(&desk->arena, "{'account_id':%lld,'plan':'van'}", (long long)account->id).data);
	desk_do(desk, "commitment.create", text_format(&desk->arena, "{'subscription_id':%lld,'amount':'500'}", (long long)van->id).data);
}

/* Tags of both kinds, a field, a key. */
static void mark(struct desk *desk)
{
	desk_do(desk, "tag_definition.create", "{'name':'VIP'}");
	desk_do(desk, "tag.create", "{'name':'VIP','object_type':'invoice','object_id':1}");
	const struct account *account = desk_do(desk, "account.create", "{'name':'Zoe'}");
	desk_do(desk, "tag.create",
	        text_format(&desk->arena, "{'name':'AUTO_PAY_OFF','object_type':'account','object_id':%lld}", (long long)account->id).data);
	desk_do(desk, "custom_field.create", "{'name':'region','value':'eu','object_type':'account','object_id':1}");
	desk_do(desk, "tenant_config.set", "{'key':'region','value':'eu'}");
}

/* An application's resource that hears of renewals. */
static void apply_aps(struct desk *desk)
{
	desk_do(desk, "aps_resource.create", "{'type':'http://vendor.example/vps/1.0','key':'r1','account_id':1,'linked':[{'key':'r2'}]}");
	desk_do(desk, "webhook_endpoint.create", "{'url':'https://vendor.example/vps','profile':'aps'}");
	desk_do(desk, "event_subscription.create",
	        "{'resource':'r1','event':'http://parallels.com/aps/events/pa/subscription/renewed',"
	        "'source_type':'http://parallels.com/aps/types/pa/subscription/1.0','handler':'onSubscriptionRenew'}");
}

/* One period that was renewed, a renewal that was given up before its subscription was charged to the end, and one that waits
 * to be paid. */
static void renew_terms(struct desk *desk)
{
	desk_do(desk, "plan.create", "{'code':'TERM','charges':[{'price_code':'FEE','kind':'recurring','amount':'30.00'}],"
	                             "'renewing':'after_payment','terms':{}}");
	const struct order *order = desk_do(desk, "order.place",
	                                    "{'account_id':1,'plan':'TERM','lines':[{'price_code':'FEE','quantity':'1'}]}");
	long long id = order->lines.items[0].subscription_id;
	desk_do(desk, "subscription.renew", text_format(&desk->arena, "{'id':%lld,'create_invoice':false}", id).data);
	desk_do(desk, "subscription.renew", text_format(&desk->arena, "{'id':%lld}", id).data);
	order = desk_do(desk, "order.place",
	                "{'account_id':1,'plan':'TERM','end_date':'2013-02-05','lines':[{'price_code':'FEE','quantity':'1'}]}");
	const char *renewed = text_format(&desk->arena, "{'id':%lld}", (long long)order->lines.items[0].subscription_id).data;
	desk_do(desk, "subscription.renew", renewed);
	desk_do(desk, "renewal_order.cancel", "{'id':3}");
}

/* Drafts of a customer who is not there yet, and one that replaced a draft with what that was to replace. */
static void draft_orders(struct desk *desk)
{
	static const char draft[] = "'status':'draft','plan':'H4','lines':[{'price_code':'MNTHLY','quantity':'1'}]";
	const struct order *order = desk_do(desk, "order.place", text_format(&desk->arena, "{%s,'account_id':1}", draft).data);
	desk_do(desk, "order.update", text_format(&desk->arena, "{'id':%lld,'status':'active'}", (long long)order->id).data);
	for (int i = 0; i < 2; i++)
		order = desk_do(desk, "order.change",
		                text_format(&desk->arena, "{'old_order_id':%lld,'order':{%s}}", (long long)order->id, draft).data);
	desk_do(desk, "order.process", text_format(&desk->arena, "{'id':%lld}", (long long)order->id).data);
	order = desk_do(desk, "order.place",
	                text_format(&desk->arena, "{%s,'new_customer':{'name':'Eve','external_key':'EVE'}}", draft).data);
	int64_t first = order->id;
	desk_do(desk, "order.change", text_format(&desk->arena, "{'old_order_id':%lld,'order':{%s}}", (long long)first, draft).data);
	desk_do(desk, "order.process", text_format(&desk->arena, "{'id':%lld}", (long long)first).data);
	desk_do(desk, "order.place", text_format(&desk->arena, "{%s,'new_customer':{'name':'Ada'}}", draft).data);
	order = desk_do(desk, "order.place", text_format(&desk->arena, "{%s,'new_customer':{'name':'Moe'}}", draft).data);
	desk_do(desk, "order.delete", text_format(&desk->arena, "{'id':%lld}", (long long)order->id).data);
}

/* Counted, late by nothing, of two days, one taken back. */
static void send_events(struct desk *desk)
{
	desk_do(desk, "billing_metric.create", "{'stream':'calls','analysis':'count'}");
	desk_do(desk, "billing_metric.create",
	        "{'stream':'calls','handle':'by.region','analysis':'count','group_by':[{'property':'region'}]}");
	desk_do(desk, "component.create",
	        "{'handle':'regions','name':'Regions','kind':'event','metric_id':2,'price':{'scheme':'per_unit','unit_price':'1'},"
	        "'segments':[{'value_1':'eu','price':{'scheme':'per_unit','unit_price':'2'}},"
	        "{'value_1':'us','price':{'scheme':'per_unit','unit_price':'3'}}]}");
	stream_send(desk, "[{'moonbill':{'subscription_id':1,'uniqueness_token':'t'}},{'moonbill':{'subscription_id':1,'uniqueness_token':'t'}},"
	                  "{'moonbill':{'subscription_id':1,'timestamp':'2012-01-03T00:00:00Z'}},{},"
	                  "{'moonbill':{'subscription_id':2,'timestamp':'2012-03-03T00:00:00Z'}}]");
	stream_send(desk, "{'moonbill':{'corrects_token':'t','takes_back':true}}");
	stream_send(desk, "[{'moonbill':{'subscription_id':1}},{'moonbill':{'subscription_id':1}}]");
}

static void shop_work(struct desk *desk)
{
	desk_do(desk, "customer.create", "{'name':'John Doe','external_key':'JOHNDOE001'}");
	shop_plans(desk);
	shop_deploy(desk, rules);
	desk_do(desk, "holiday.create", "{'name':'Christmas','start_date':'2011-12-25','end_date':'2011-12-26','recurring':true}");
	desk_do(desk, "holiday.create", "{'name':'New Year','start_date':'2012-01-01'}");
	desk_do(desk, "task.create", "{'name':'count','period':'P1W','skip_holidays':true,'next_run_at':'2011-12-25T00:00:00Z'}");
	shop_order_plan(desk, "H1", "'create_invoice':true");
	shop_pay(desk, "70.00", "'auto_pay':1"); /* 9.50 too much */
	desk_do(desk, "customer.create", "{'name':'Ann','external_key':'ANN'}");
	shop_order_plan(desk, "H6", "'create_invoice':true");
	struct order *extra = shop_order_plan(desk, "H3", "'create_invoice':true");
	shop_advance(desk, "2011-09-25T06:00:00Z");
	desk_do(desk, "usage.record", "{'account_id':1,'price_code':'BANDWIDTH','quantity':'12.5'}");
	desk_do(desk, "usage.record", "{'account_id':1,'price_code':'BANDWIDTH','quantity':'0.25'}");
	shop_advance(desk, "2011-11-20T06:00:00Z");
	subscribe_directly(desk);
	desk_do(desk, "order.change",
	        text_format(&desk->arena,
	                    "{'old_order_id':%lld,'order':{'plan':'H4','start_date':'2011-12-10',"
	                    "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}",
	                    (long long)extra->id).data);
	desk_refused(desk, "order.place", "{'account_id':1,'plan':'NONE','lines':[{'quantity':'1'}]}");
	desk_do(desk, "tenant.configure", "{'settings':{'invoice_number':{'prefix':'B-'}}}"); /* for one invoice */
	shop_order_plan(desk, "H5", "'create_invoice':true");
	desk_do(desk, "tenant.configure", "{'settings':{'invoice_number':null}}");
	cancel_last_invoice(desk);
	credit_and_regret(desk);
	shop_advance(desk, "2012-02-05T06:00:00Z");
	pause_in_the_past(desk);
	int64_t unpaid = give_up_month(desk);
	gather_from_child(desk);
	desk_do(desk, "subscription.cancel",
	        text_format(&desk->arena, "{'id':%lld,'entitlement_policy':'immediate','billing_policy':'immediate'}", (long long)unpaid).data);
	have_components(desk);
	use_components(desk);
	mark(desk);
	prepay(desk);
	commit_to(desk);
	use_twice(desk);
	apply_aps(desk);
	renew_terms(desk);
	draft_orders(desk);
	send_events(desk);
}

/* ---- verify ---- */

/* Overwrites the head of the root page of an index that verify itself does not search. */
static void damage(const char *path)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;
	CHECK_EQ_INT(sqlite3_open(path, &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, "SELECT rootpage FROM sqlite_schema WHERE name = 'invoice_number'", -1, &statement,
	                                NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_step(statement), SQLITE_ROW);
	off_t page = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
	int file = open(path, O_WRONLY);
	CHECK_EQ_INT(pwrite(file, "\xff\xff\xff\xff", 4, (page - 1) * 4096 + 3), 4);
	CHECK_EQ_INT(close(file), 0);
}

static void copy_shop(const struct folder *folder)
{
	char command[200];
	snprintf(command, sizeof command, "rm -f %s* && cp %s %s", folder->copy, folder->original, folder->copy);
	CHECK_EQ_INT(system(command), 0);
}

TEST(a_shop_that_worked_for_months_has_no_violation_and_each_that_is_planted_is_found)
{
	struct folder folder;
	struct desk desk;
	folder_open(&folder);
	shop_open_at(&desk, folder.original, "", false);
	shop_work(&desk);
	struct outcome live = verify_file(folder.original, NULL); /* beside its owner */
	check_note("%s", live.first);
	CHECK_EQ_INT(live.count, 0);
	desk_close(&desk);
	int missed = 0;
	for (size_t i = 0; i < sizeof plants / sizeof *plants; i++) {
		copy_shop(&folder);
		if (plants[i].sql)
			plant_into(folder.copy, plants[i].sql);
		else
			damage(folder.copy);
		struct outcome outcome = verify_file(folder.copy, &plants[i]);
		if (outcome.hit)
			continue;
		printf("# %s is not found after: %s; found first: %s\n", plants[i].invariant,
		       plants[i].sql ? plants[i].sql : "damage", outcome.first);
		missed++;
	}
	CHECK_EQ_INT(missed, 0);
	folder_close(&folder);
}

TEST(digits_of_a_uuid_or_a_token_are_no_card_number)
{
	struct folder folder;
	struct desk desk;
	folder_open(&folder);
	shop_open_at(&desk, folder.original, "", false);
	desk_do(&desk, "account.create",
	        "{'name':'a 12345678-4111-1111-1111-111111111111 b','notes':'a4111111111111111, 4111111111111111b'}");
	desk_close(&desk);
	CHECK_EQ_INT(verify_file(folder.original, NULL).count, 0);
	plant_into(folder.original, "UPDATE account SET notes = 'a-4111111111111111, b'");
	CHECK_EQ_INT(verify_file(folder.original, NULL).count, 1);
	folder_close(&folder);
}

TEST(digits_of_exact_amounts_are_no_card_number)
{
	static const struct { const char *notes; int64_t count; } cases[] = {
		{ "12.4111111111111111", 0 },        { "4111111111111111.5", 0 },
		{ "4111111111111111/2592000", 0 },   { "-7/4111111111111111", 0 },
		{ "4111111111111111/12", 1 },        { "4111111111111111/2030", 1 },
		{ "no.4111111111111111", 1 },        { "It is 4111111111111111.", 1 },
	};
	struct folder folder;
	struct desk desk;
	folder_open(&folder);
	shop_open_at(&desk, folder.original, "", false);
	desk_do(&desk, "account.create", "{'name':'Ada'}");
	desk_close(&desk);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char sql[200];
		snprintf(sql, sizeof sql, "UPDATE account SET notes = '%s'", cases[i].notes);
		plant_into(folder.original, sql);
		CHECK_EQ_INT(verify_file(folder.original, NULL).count, cases[i].count);
	}
	folder_close(&folder);
}

/* Only these go in by the tenant alone: a list made once a statement, and a look for one row that breaks something. */
static bool may_read_a_tenant(const struct invariant *invariant)
{
	static const char *const names[] = { "attempt_waits", "billing_job", "service_term_planned", "renewal_order_paid", "aps_application" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(invariant->name, names[i]) == 0)
			return true;
	return false;
}

static bool step_is_linear(const struct invariant *invariant, const char *step)
{
	if (strstr(step, "AUTOMATIC"))
		return false;
	size_t length = strlen(step), tail = strlen("(tenant_id=?)");
	bool tenant_alone = strncmp(step, "SEARCH ", 7) == 0 && length > tail && strcmp(step + length - tail, "(tenant_id=?)") == 0;
	return !tenant_alone || may_read_a_tenant(invariant);
}

TEST(no_check_reads_a_whole_tenant_for_a_row)
{
	struct folder folder;
	struct desk desk;
	sqlite3 *handle;
	folder_open(&folder);
	shop_open_at(&desk, folder.original, "", false);
	desk_close(&desk);
	CHECK_EQ_INT(sqlite3_open(folder.original, &handle), SQLITE_OK);
	for (const struct invariant *invariant = invariants; invariant->name; invariant++) {
		sqlite3_stmt *plan;
		char explain[5000];
		snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", statement_infos[invariant->statement].sql);
		CHECK_EQ_INT(sqlite3_prepare_v2(handle, explain, -1, &plan, NULL), SQLITE_OK);
		while (invariant->scope != INVARIANT_STORE && sqlite3_step(plan) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(plan, 3);
			check_note("%s: %s", invariant->name, step);
			CHECK(step_is_linear(invariant, step));
		}
		sqlite3_finalize(plan);
	}
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
	folder_close(&folder);
}

static bool is_planted(const struct invariant *invariant)
{
	for (size_t i = 0; i < sizeof plants / sizeof *plants; i++)
		if (strcmp(plants[i].invariant, invariant->name) == 0)
			return true;
	return false;
}

TEST(every_invariant_has_a_violation_that_is_planted)
{
	for (const struct invariant *invariant = invariants; invariant->name; invariant++) {
		check_note("%s", invariant->name);
		CHECK(is_planted(invariant));
	}
}

CHECK_MAIN
