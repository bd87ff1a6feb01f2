/* invoice_owe.c: what an invoice owes once it is open; lines that it gets later. */
#include "invoice.h"

#include "credit.h"
#include "line_rounding.h"
#include "parent_invoice.h"
#include "wallet.h"
#include "written_off.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ owing */

/* By hand it is goodwill: a line says so. */
static enum credit_reason reason_of(const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].kind == INVOICE_LINE_KIND_CREDIT)
			return CREDIT_REASON_GOODWILL;
	return CREDIT_REASON_REPAIR;
}

static bool gain(struct command *command, const struct invoice *invoice, struct money amount, int64_t credit_note_id)
{
	struct credit template = {
		.account_id = invoice->account_id,
		.currency = invoice->currency,
		.amount = amount,
		.reason = reason_of(invoice),
		.invoice_id = invoice->id,
		.credit_note_id = credit_note_id,
	};
	struct credit *credit;
	return credit_create(command, &template, &credit);
}

/* What the account has already: credits first, then prepaid money. */
static bool pay_ahead(struct command *command, const struct account *account, struct invoice *invoice)
{
	return credit_apply(command, account, invoice) && wallet_apply(command, account, invoice);
}

bool invoice_owe(struct command *command, const struct account *account, struct invoice *invoice)
{
	struct money due;
	assert(invoice->status == INVOICE_STATUS_OPEN);
	if (!written_off_return(command, invoice, &due))
		return false;
	due.minor += invoice->total.minor;
	if (due.minor > 0)
		return pay_ahead(command, account, invoice) && parent_gather(command, account, invoice);
	if (!invoice_reduce(command, invoice, invoice->balance) || !invoice_announce_reduced(command, invoice, NULL))
		return false;
	return (due.minor == 0 ||
	        (gain(command, invoice, money_of(-due.minor, invoice->currency), 0) &&
	         credit_spend(command, account))) &&
	       parent_gather(command, account, invoice);
}

bool invoice_give_back(struct command *command, const struct account *account, struct invoice *invoice,
                       struct money amount, int64_t credit_note_id)
{
	struct money kept = money_min(amount, invoice->balance);
	struct money excess = money_of(amount.minor - kept.minor, invoice->currency);
	if (invoice->status == INVOICE_STATUS_OPEN) {
		if (!invoice_reduce(command, invoice, kept) || !invoice_announce_reduced(command, invoice, NULL))
			return false;
	}
	struct money returned = money_zero(invoice->currency);
	if (account->has_prepays && account->prepays && !wallet_return(command, invoice, excess, &returned))
		return false;
	excess.minor -= returned.minor;
	return money_is_zero(excess) || (gain(command, invoice, excess, credit_note_id) && credit_spend(command, account));
}

bool invoice_owe_again(struct command *command, const struct account *account, struct invoice *invoice,
                       const struct invoice *before, struct money amount)
{
	assert(invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_SETTLED);
	if (!money_add(invoice->balance, amount, &invoice->balance))
		return problem(command->problems, PROBLEM_OVERFLOW, "", "what is owed is too large");
	if (invoice->balance.minor > 0) {
		invoice->status = INVOICE_STATUS_OPEN;
		invoice->settled_at = INSTANT_NONE;
	}
	return invoice_update(command, invoice, before) && parent_follow(command, invoice) &&
	       (invoice->status != INVOICE_STATUS_OPEN || pay_ahead(command, account, invoice));
}

/* ------------------------------------------------------------------------------------------------ further lines */

static int64_t last_position(const struct invoice *invoice)
{
	return invoice->lines.count ? invoice->lines.items[invoice->lines.count - 1].position : 0;
}

void invoice_line_place(struct invoice_line *line, int64_t invoice_id)
{
	line->invoice_id = invoice_id;
	if (line->coupon_redemption_id && !line->linked_invoice_id)
		line->linked_invoice_id = invoice_id;
}

bool invoice_append(struct command *command, struct invoice *invoice, struct invoice_line *lines, size_t count)
{
	if (!lines_round_after(command->arena, invoice->lines.items, invoice->lines.count, lines, count))
		return problem(command->problems, PROBLEM_OVERFLOW, "/lines", "the sum of the lines is too large");
	for (size_t i = 0; i < count; i++) {
		struct invoice_line *line = &lines[i];
		line->account_id = invoice->account_id;
		line->currency = invoice->currency;
		int64_t position = last_position(invoice) + 1;
		/* A tax, a discount move with their line. */
		if (line->has_linked_position && !line->linked_invoice_id)
			line->linked_position += position - line->position;
		invoice_line_place(line, invoice->id);
		line->position = position;
		if (!money_add(invoice->total, line->amount, &invoice->total))
			return problem(command->problems, PROBLEM_OVERFLOW, "/amount", "the sum of the lines is too large");
		if (!store_insert(command->store, &invoice_line_record, line))
			return false;
		*list_add(command->arena, &invoice->lines, struct invoice_line) = *line;
	}
	return invoice_save(command, invoice);
}
