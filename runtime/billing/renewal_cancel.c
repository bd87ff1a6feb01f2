/* renewal_cancel.c: renewals that are given up: what their invoices charged is due again, and what was served of it is billed. */
#include "renewal_cancel.h"

#include "account.h"
#include "billing_run.h"
#include "catalog.h"
#include "event/dispatch.h"
#include "order.h"
#include "service_renewal.h"
#include "service_term.h"

#include "base/log.h"

/* ------------------------------------------------------------------------------------------------ what it charged */

bool renewal_charges_anew(struct command *command, const struct account *account, const struct invoice *invoice,
                          const struct subscription *subscription, bool *anew)
{
	struct service_term *term = NULL;
	*anew = !subscription->expires_at.us;
	if (*anew || !service_term_find(command, subscription->id, &term) || !term)
		return *anew;
	struct date old = service_end_date(command_zone(command, account), term->period, term->expires_at);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		*anew = *anew || (line->subscription_id == subscription->id && date_compare(line->period_end, old) > 0);
	}
	return true;
}

static void charge_once_again(struct subscription *subscription, struct text price_code)
{
	for (size_t i = 0; i < subscription->charges.count; i++)
		if (text_equals(subscription->charges.items[i].price_code, price_code))
			subscription->charges.items[i].has_billed_once = subscription->charges.items[i].billed_once = false;
}

/* From its first day on; with what it charged once, and the order's discounts if it was the first to have them. */
static bool due_again(struct command *command, const struct invoice *invoice, struct subscription *subscription)
{
	struct date first = DATE_NONE;
	bool discounted = false;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (line->subscription_id != subscription->id)
			continue;
		if (line->kind == INVOICE_LINE_KIND_RECURRING)
			first = date_min(first, line->period_start);
		if (line->kind == INVOICE_LINE_KIND_ONE_TIME)
			charge_once_again(subscription, line->price_code);
		discounted = discounted || (line->kind == INVOICE_LINE_KIND_DISCOUNT && !line->coupon_redemption_id);
	}
	subscription->charged_through = date_min(subscription->charged_through, date_min(first, subscription->end_date));
	struct order *order = discounted ? order_need(command, subscription->order_id, "/order_id") : NULL;
	if (order) {
		subscription->discounts.items = order->discounts.items;
		subscription->discounts.count = subscription->discounts.capacity = order->discounts.count;
	}
	return order || !discounted;
}

/* ------------------------------------------------------------------------------------------------ what was served of it */

/* The last day of service that has come. */
static struct date served_day(const struct command *command, const struct account *account, const struct subscription *subscription)
{
	struct date day = date_min(command_today(command, account), date_add_days(subscription->end_date, -1));
	if (subscription->served_until.us)
		day = date_min(day, timezone_date(command_zone(command, account), subscription->served_until));
	return day;
}

/* The cycles that had begun by then, on an invoice of their own: no run bills what is not served any more. */
static bool bill_served(struct command *command, struct account *account, struct subscription *subscription)
{
	const enum subscription_status status = subscription->status;
	struct subscription_list one = { subscription, 1, 1 };
	struct invoice_origin origin = { .account = account, .order_id = subscription->order_id };
	struct date served = served_day(command, account, subscription);
	struct invoice *invoice;
	if (date_compare(subscription->charged_through, served) > 0)
		return true;
	subscription->status = SUBSCRIPTION_STATUS_ACTIVE;
	bool billed = billing_bill_subscriptions(command, &origin, &one, served, &invoice);
	subscription->status = status;
	return billed && subscription_save(command, subscription);
}

static bool charge_again(struct command *command, struct account *account, const struct invoice *invoice,
                         struct subscription *subscription)
{
	return due_again(command, invoice, subscription) && subscription_save(command, subscription) &&
	       bill_served(command, account, subscription);
}

/* ------------------------------------------------------------------------------------------------ its invoice is cancelled */

/* Serves on what waited for it, as before. */
static bool stop_waiting(struct command *command, struct account *account, struct subscription *subscription)
{
	subscription->renewal_invoice_id = 0;
	subscription->renewal_until = DATE_NONE;
	return subscription_save(command, subscription) &&
	       (!subscription->expires_at.us || service_renewal_cancel(command, subscription)) &&
	       (subscription->status != SUBSCRIPTION_STATUS_RENEWING ||
	        subscription_change_status(command, account, subscription, SUBSCRIPTION_STATUS_ACTIVE, TEXT("renewal given up")));
}

bool renewal_invoice_cancelled(struct command *command, const struct invoice *invoice)
{
	struct subscription_list waiting = { 0 };
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_WAITING_FOR_INVOICE,
	               BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &subscription_record, LIST(&waiting)))
		return false;
	struct account *account = waiting.count ? account_need(command, invoice->account_id, "/account_id") : NULL;
	for (size_t i = 0; i < waiting.count; i++) {
		struct subscription *subscription = &waiting.items[i];
		bool anew;
		if (!account)
			return false;
		if (subscription->renewal_invoice_id != invoice->id)
			continue;
		if (!renewal_charges_anew(command, account, invoice, subscription, &anew) ||
		    !stop_waiting(command, account, subscription) ||
		    (anew && !charge_again(command, account, invoice, subscription)))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ it ends first */

struct lapse {
	struct account *account;
	struct subscription *subscription;
	int64_t invoice_id;
};

static bool cancel_invoice(struct command *command, void *context)
{
	struct lapse *lapse = context;
	struct invoice *invoice = invoice_need(command, lapse->invoice_id, "");
	bool anew;
	if (!invoice || !renewal_charges_anew(command, lapse->account, invoice, lapse->subscription, &anew))
		return false;
	return !anew || (invoice_cancel_open(command, invoice, false, TEXT("not renewed")) &&
	                 charge_again(command, lapse->account, invoice, lapse->subscription));
}

bool renewal_lapse(struct command *command, const struct account *account, struct subscription *subscription, int64_t invoice_id)
{
	struct lapse lapse = { account_need(command, account->id, "/account_id"), subscription, invoice_id };
	const struct subscription before = *subscription;
	struct problems problems;
	bool done;
	problems_init(&problems, command->arena);
	if (!lapse.account || !command_attempt(command, cancel_invoice, &lapse, &problems, &done))
		return false;
	if (done)
		return true;
	*subscription = before;
	log_write(LOG_WARNING, "subscription.renew", "tenant=%lld invoice=%lld stays: %s", (long long)command->tenant->id,
	          (long long)invoice_id, problems.first->message);
	return true;
}

bool renewal_give_up(struct command *command, const struct account *account, struct subscription *subscription)
{
	const int64_t awaited = subscription->renewal_invoice_id;
	struct account *own = awaited ? account_need(command, account->id, "/account_id") : NULL;
	return !awaited || (own && stop_waiting(command, own, subscription) && renewal_lapse(command, own, subscription, awaited));
}
