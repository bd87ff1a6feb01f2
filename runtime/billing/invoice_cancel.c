/* invoice_cancel.c: an invoice that nobody has paid of is withdrawn, and its orders suspended on demand. */
#include "invoice.h"

#include "billing_run.h"
#include "event/dispatch.h"
#include "order.h"
#include "usage.h"

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

static bool check_cancellable(struct command *command, const struct invoice *invoice)
{
	if (invoice->status != INVOICE_STATUS_OPEN && invoice->status != INVOICE_STATUS_DRAFT)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number,
		                     "Cancel only invoices of which nothing was paid.", "invoice %.*s is %s",
		                     TEXT_ARG(invoice->number),
		                     invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]);
	if (money_compare(invoice->balance, invoice->total) != 0)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", invoice->number,
		                     "Cancel only invoices of which nothing was paid.", "invoice %.*s is partly paid",
		                     TEXT_ARG(invoice->number));
	return true;
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
	if (!invoice_save(command, invoice) || !usage_free(command, invoice) ||
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
		.doc = "Withdraws an invoice of which nothing was paid; may suspend the orders it bills.",
	},
	{ 0 },
};
