/* written_off.c: what goes back of invoices that were given up. */
#include "written_off.h"

#include "credit.h"

/* A tax lies on a line of the invoice. */
static const struct invoice_line *line_taxed(const struct invoice *invoice, const struct invoice_line *line)
{
	bool there = line->kind == INVOICE_LINE_KIND_TAX && !line->linked_invoice_id && line->linked_position >= 1 &&
	             (size_t)line->linked_position <= invoice->lines.count;
	return there ? &invoice->lines.items[line->linked_position - 1] : line;
}

/* What goes back of the invoice's lines, what of discounts goes with them, and their taxes: as a positive amount. */
static bool sum_returned(struct command *command, const struct invoice *invoice, int64_t of_id, struct money *sum)
{
	*sum = money_zero(invoice->currency);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (line_taxed(invoice, line)->linked_invoice_id == of_id && !money_subtract(*sum, line->amount, sum))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "what is given back is too large");
	}
	return true;
}

/* Of what was given up as far as it goes. */
static bool return_of(struct command *command, const struct invoice *invoice, int64_t of_id, struct money *returned)
{
	struct invoice *of = NULL;
	struct credit *credit;
	struct money given_up = money_zero(invoice->currency), amount;
	if (!store_find(command->store, &invoice_record, of_id, (void **)&of) || !of || of->status != INVOICE_STATUS_WRITTEN_OFF)
		return !store_failed(command->store);
	if (!store_integer(command->store, STATEMENT_INVOICE_GIVEN_UP, BINDS(bind_id(of->account_id), bind_id(of->id)), &given_up.minor,
	                   NULL) ||
	    !sum_returned(command, invoice, of_id, &amount))
		return false;
	amount = money_min(amount, given_up);
	const struct credit template = {
		.account_id = invoice->account_id, .currency = invoice->currency, .amount = amount, .reason = CREDIT_REASON_REPAIR,
		.invoice_id = invoice->id,
	};
	returned->minor += amount.minor > 0 ? amount.minor : 0;
	return amount.minor <= 0 || (credit_create(command, &template, &credit) && credit_use_up(command, credit, of->id));
}

/* Invoices of which lines take back; there are few. */
struct invoices_seen {
	int64_t *ids;
	size_t count;
};

static bool is_new(struct invoices_seen *seen, int64_t id)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->ids[i] == id)
			return false;
	seen->ids[seen->count++] = id;
	return true;
}

bool written_off_return(struct command *command, struct invoice *invoice, struct money *returned)
{
	struct invoices_seen seen = { arena_new_many(command->arena, int64_t, invoice->lines.count + 1), 0 };
	*returned = money_zero(invoice->currency);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (invoice_line_returns(line) && is_new(&seen, line->linked_invoice_id) &&
		    !return_of(command, invoice, line->linked_invoice_id, returned))
			return false;
	}
	if (returned->minor == 0)
		return true;
	int64_t due = invoice->total.minor + returned->minor;
	invoice->balance.minor = due > 0 ? due : 0;
	return invoice_save(command, invoice);
}
