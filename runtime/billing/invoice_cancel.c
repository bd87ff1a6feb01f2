/* invoice_cancel.c: an invoice that nobody has paid of is withdrawn, and its orders suspended on demand. */
#include "invoice.h"

#include "allocation.h"
#include "billing_run.h"
#include "coupon.h"
#include "credit.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "order.h"
#include "parent_invoice.h"
#include "progressive_billing.h"
#include "renewal_cancel.h"
#include "usage.h"
#include "usage_arrear.h"
#include "wallet.h"

static bool orders_of_invoice(struct command *command, const struct invoice *invoice, struct order_list *orders)
{
	return store_all(command->store, STATEMENT_ORDER_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &order_record, LIST(orders));
}

bool invoice_suspend_orders(struct command *command, const struct invoice *invoice, struct text reason,
                            int64_t *suspended)
{
	struct order_list orders = { 0 };
	*suspended = 0;
	if (!orders_of_invoice(command, invoice, &orders))
		return false;
	for (size_t i = 0; i < orders.count; i++) {
		if (orders.items[i].status != ORDER_STATUS_ACTIVE)
			continue;
		if (!order_change_status(command, &orders.items[i], ORDER_STATUS_SUSPENDED, reason))
			return false;
		++*suspended;
	}
	return true;
}

static bool refuse(struct command *command, const struct invoice *invoice, const char *remedy, const char *why)
{
	return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number, remedy, "invoice %.*s %s",
	                     TEXT_ARG(invoice->number), why);
}

static bool check_unpaid(struct command *command, const struct invoice *invoice)
{
	int64_t paid = 0;
	if (!store_integer(command->store, STATEMENT_INVOICE_PAID, BINDS(bind_id(invoice->account_id), bind_id(invoice->id)),
	                   &paid, NULL))
		return false;
	if (paid == 0)
		return true;
	return refuse(command, invoice, "Cancel only invoices of which nothing was paid.",
	              invoice->status == INVOICE_STATUS_SETTLED ? "is settled" : "is partly paid");
}

/* A repair on another invoice takes back what this one charges. */
static bool check_unrepaired(struct command *command, const struct invoice *invoice)
{
	struct invoice_line_list taken = { 0 };
	if (!store_all(command->store, STATEMENT_INVOICE_LINE_TAKEN,
	               BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &invoice_line_record, LIST(&taken)))
		return false;
	for (size_t i = 0; i < taken.count; i++)
		if (taken.items[i].invoice_id != invoice->id)
			return refuse(command, invoice, "Cancel the invoice that repairs it first.",
			              "has a line that another invoice took back");
	return true;
}

static bool check_credit_unused(struct command *command, const struct invoice *invoice)
{
	struct credit_list own = { 0 };
	if (!store_all(command->store, STATEMENT_CREDIT_OF_INVOICE,
	               BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &credit_record, LIST(&own)))
		return false;
	for (size_t i = 0; i < own.count; i++)
		if (money_compare(own.items[i].remaining, own.items[i].amount) != 0)
			return refuse(command, invoice, "Cancel the invoices that used it first.",
			              "gave the account a credit that was used");
	return true;
}

static bool check_cancellable(struct command *command, const struct invoice *invoice)
{
	if (invoice->status == INVOICE_STATUS_CANCELLED || invoice->status == INVOICE_STATUS_WRITTEN_OFF)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number,
		                     "Cancel only invoices of which nothing was paid.", "invoice %.*s is %s",
		                     TEXT_ARG(invoice->number),
		                     invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]);
	if (invoice->status == INVOICE_STATUS_SETTLED && !wallet_check_no_purchase(command, invoice, "/id"))
		return false;
	return check_unpaid(command, invoice) && check_unrepaired(command, invoice) &&
	       check_credit_unused(command, invoice) && parent_check_unsettled(command, invoice, "Give the parent a credit instead.");
}

/* What it charged of direct subscriptions is due again with their next run. */
static bool derive_again(struct command *command, const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		struct subscription *subscription = NULL;
		if (!line->subscription_id || !line->catalog_plan_id || line->component_id || !date_present(line->period_start) ||
		    line->kind == INVOICE_LINE_KIND_PROGRESSIVE)
			continue;
		if (!subscription_find(command, line->subscription_id, &subscription))
			return false;
		if (!subscription || (date_present(subscription->derive_from) &&
		                      date_compare(subscription->derive_from, line->period_start) <= 0))
			continue;
		invoice_run_derive_from(subscription, line->period_start);
		if (!subscription_save(command, subscription))
			return false;
	}
	return components_return(command, invoice) && usage_unsettle(command, invoice) && progressive_return(command, invoice) &&
	       coupon_redemptions_settle(command, invoice);
}

bool invoice_cancel_open(struct command *command, struct invoice *invoice, bool suspend_orders, struct text reason)
{
	if (!check_cancellable(command, invoice))
		return false;
	struct occurrence cancelling =
	        occurrence_of(EVENT_INVOICE_CANCEL, &invoice_record, invoice, invoice->id, invoice->account_id);
	cancelling.details.has_suspend_orders = true;
	cancelling.details.suspend_orders = suspend_orders;
	cancelling.details.reason = reason;
	if (!event_pre(command, &cancelling))
		return false;
	suspend_orders = cancelling.details.suspend_orders;
	invoice->status = INVOICE_STATUS_CANCELLED;
	invoice->balance = money_zero(invoice->currency);
	invoice->cancelled_at = command->now;
	int64_t suspended = 0;
	if (!invoice_save(command, invoice) || !parent_follow(command, invoice) || !parent_release(command, invoice) ||
	    !usage_free(command, invoice) || !credit_undo(command, invoice) || !wallet_undo(command, invoice) ||
	    !wallet_purchase_failed(command, invoice, "cancelled") ||
	    !derive_again(command, invoice) || !renewal_invoice_cancelled(command, invoice) ||
	    (suspend_orders && !invoice_suspend_orders(command, invoice, TEXT("invoice cancelled"), &suspended)) ||
	    !billing_run_schedule(command, invoice->account_id))
		return false;
	cancelling.details.invoice_id = invoice->id;
	cancelling.details.has_suspended_orders = true;
	cancelling.details.suspended_orders = suspended;
	return event_post(command, &cancelling);
}

static bool invoice_cancel_perform(struct command *command, const void *input, void **output)
{
	const struct invoice_cancel *cancel = input;
	struct invoice *invoice = invoice_need(command, cancel->id, "/id");
	if (!invoice)
		return false;
	command_object(command, "invoice", invoice->id, invoice->account_id);
	*output = invoice;
	return invoice_cancel_open(command, invoice, cancel->has_suspend_orders && cancel->suspend_orders,
	                           cancel->reason);
}

const struct command_type invoice_commands[] = {
	{
		.name = "invoice.cancel",
		.scope = "write",
		.input = &invoice_cancel_record,
		.output = &invoice_record,
		.perform = invoice_cancel_perform,
		.doc = "Withdraws an invoice of which nothing was paid; may suspend the orders it bills. What it charged is due again.",
	},
	{ 0 },
};
