/* invoice.c: what an account owes for a billing cycle: reading, balance, settling. */
#include "invoice.h"

#include "event/dispatch.h"
#include "parent_invoice.h"
#include "provisioning.h"
#include "wallet.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ reading */

bool invoice_load_lines(struct command *command, struct invoice *invoice)
{
	if (!store_all(command->store, STATEMENT_INVOICE_LINE_OF_INVOICE,
	               BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &invoice_line_record,
	               LIST(&invoice->lines)))
		return false;
	return true;
}

bool invoice_find(struct command *command, int64_t id, struct invoice **invoice)
{
	if (!store_find(command->store, &invoice_record, id, (void **)invoice))
		return false;
	return !*invoice || invoice_load_lines(command, *invoice);
}

bool invoice_by_number(struct command *command, struct text number, struct invoice **invoice)
{
	if (!store_one(command->store, STATEMENT_INVOICE_BY_NUMBER, BINDS(bind_text(number)), &invoice_record,
	               (void **)invoice))
		return false;
	return !*invoice || invoice_load_lines(command, *invoice);
}

bool invoice_run_drafts(struct command *command, int64_t account_id, struct invoice_list *drafts)
{
	size_t kept = 0;
	if (!store_all(command->store, STATEMENT_INVOICE_DRAFT, BINDS(bind_id(account_id)), &invoice_record, LIST(drafts)))
		return false;
	for (size_t i = 0; i < drafts->count; i++)
		if (date_present(drafts->items[i].target_date))
			drafts->items[kept++] = drafts->items[i];
	drafts->count = kept;
	return true;
}

bool invoice_run_draft(struct command *command, int64_t account_id, struct invoice **draft)
{
	struct invoice_list drafts = { 0 };
	*draft = NULL;
	if (!invoice_run_drafts(command, account_id, &drafts) || drafts.count == 0)
		return !store_failed(command->store);
	*draft = &drafts.items[0];
	return invoice_load_lines(command, *draft);
}

struct invoice *invoice_need(struct command *command, int64_t id, const char *pointer)
{
	struct invoice *invoice = NULL;
	if (invoice_find(command, id, &invoice) && !invoice)
		record_missing(&invoice_record, id, command->problems, pointer);
	return invoice;
}

bool invoice_page(struct command *command, const struct object_filter *filter, struct invoice_list *invoices)
{
	return object_page(command, STATEMENT_INVOICE_PAGE, STATEMENT_INVOICE_PAGE_OF_ACCOUNT, filter, &invoice_record,
	                   LIST(invoices));
}

bool invoices_open(struct command *command, int64_t account_id, struct invoice_list *invoices)
{
	return store_all(command->store, STATEMENT_INVOICE_OPEN, BINDS(bind_id(account_id)), &invoice_record,
	                 LIST(invoices));
}

bool invoices_of_order(struct command *command, int64_t account_id, int64_t order_id, struct invoice_list *invoices)
{
	return store_all(command->store, STATEMENT_INVOICE_OF_ORDER, BINDS(bind_id(account_id), bind_id(order_id)),
	                 &invoice_record, LIST(invoices));
}

/* ------------------------------------------------------------------------------------------------ balance */

bool invoice_save(struct command *command, struct invoice *invoice)
{
	assert(invoice->balance.minor >= 0);
	invoice->updated_at = command->now;
	return store_update(command->store, &invoice_record, invoice);
}

bool invoice_update(struct command *command, struct invoice *invoice, const struct invoice *before)
{
	struct invoice old = *before;
	struct occurrence update =
	        occurrence_of(EVENT_INVOICE_UPDATE, &invoice_record, invoice, invoice->id, invoice->account_id);
	update.details.old_invoice = &old;
	if (!event_pre(command, &update))
		return false;
	old.updated_at = invoice->updated_at;
	update.details.changed = record_changed(&invoice_record, &old, invoice, command->arena);
	update.details.old_invoice = NULL;
	return invoice_save(command, invoice) && event_post(command, &update);
}

bool invoice_announce_balance(struct command *command, struct invoice *invoice, struct money before, const char *reason)
{
	struct occurrence change =
	        occurrence_of(EVENT_INVOICE_BALANCE_CHANGE, &invoice_record, invoice, invoice->id, invoice->account_id);
	change.details.currency = invoice->currency;
	change.details.amount = money_of(invoice->balance.minor - before.minor, invoice->currency);
	change.details.reason = text_of(reason);
	return event_signal(command, &change);
}

bool invoice_reduce(struct command *command, struct invoice *invoice, struct money amount)
{
	assert(invoice->status == INVOICE_STATUS_OPEN);
	assert(amount.minor >= 0 && money_compare(amount, invoice->balance) <= 0);
	invoice->balance.minor -= amount.minor;
	if (money_is_zero(invoice->balance)) {
		invoice->status = INVOICE_STATUS_SETTLED;
		invoice->settled_at = command->now;
	}
	return invoice_save(command, invoice);
}

bool invoice_announce_reduced(struct command *command, struct invoice *invoice, struct payment *payment)
{
	if (!parent_follow(command, invoice))
		return false;
	if (invoice->status != INVOICE_STATUS_SETTLED)
		return true;
	struct occurrence settled =
	        occurrence_of(EVENT_INVOICE_SETTLE, &invoice_record, invoice, invoice->id, invoice->account_id);
	settled.details.payment = payment;
	if (!event_post(command, &settled) || (invoice->wallet_transaction_id && !wallet_purchase_paid(command, invoice)))
		return false;
	return provisioning_open(command, invoice, payment) && parent_settle(command, invoice);
}
