/* invoice_unsent.c: what a rule puts on an invoice that is there and was not sent, in place of one of its own. */
#include "invoice_unsent.h"

static bool may_join(const struct invoice_origin *origin, const struct invoice *invoice)
{
	if (invoice->status != INVOICE_STATUS_OPEN || invoice->total.minor <= 0)
		return false;
	for (size_t i = 0; i < origin->basis_count; i++)
		if (origin->bases[i].usage_count > 0)
			return false;
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].coupon_redemption_id || invoice->lines.items[i].usage_section.length)
			return false;
	return true;
}

bool invoice_append_to_unsent(struct command *command, const struct invoice_origin *origin, const struct invoice *invoice,
                              struct invoice **unsent)
{
	*unsent = NULL;
	if (!may_join(origin, invoice))
		return true;
	if (!store_one(command->store, STATEMENT_INVOICE_UNSENT, BINDS(bind_id(invoice->account_id)), &invoice_record,
	               (void **)unsent))
		return false;
	struct invoice *into = *unsent;
	if (!into)
		return true;
	if (!invoice_load_lines(command, into))
		return false;
	const struct invoice before = *into;
	into->billing_start = date_min(into->billing_start, invoice->billing_start);
	into->billing_end = date_max(into->billing_end, invoice->billing_end);
	into->target_date = date_max(into->target_date, invoice->target_date);
	into->rounding = invoice_rounding_both(into->rounding, invoice->rounding);
	return invoice_append(command, into, invoice->lines.items, invoice->lines.count) &&
	       invoice_owe_again(command, origin->account, into, &before,
	                         money_of(into->total.minor - before.total.minor, into->currency));
}
