/* explain.c: how the total and the balance of an invoice came about, and which of its lines are explained. */
#include "explain.h"

#include "credit.h"
#include "explain_work.h"

/* ------------------------------------------------------------------------------------------------ the total */

static void list_lines(struct command *command, const struct invoice *invoice, struct explanation *out)
{
	const char *const *kinds = invoice_line_record.fields[INVOICE_LINE_FIELD_KIND].words;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		*list_add(command->arena, &out->lines, struct explanation_amount) = (struct explanation_amount){
			.position = line->position,
			.kind = text_of(kinds[line->kind]),
			.description = line->description,
			.currency = line->currency,
			.amount = line->amount,
		};
	}
}

static bool sum_of(struct command *command, const struct invoice *invoice, enum statement statement, struct money *sum)
{
	*sum = money_zero(invoice->currency);
	return store_integer(command->store, statement, BINDS(bind_id(invoice->account_id), bind_id(invoice->id)),
	                     &sum->minor, NULL);
}

static bool sum_gained(struct command *command, const struct invoice *invoice, struct money *sum)
{
	struct credit_list credits = { 0 };
	*sum = money_zero(invoice->currency);
	if (!store_all(command->store, STATEMENT_CREDIT_OF_INVOICE,
	               BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &credit_record, LIST(&credits)))
		return false;
	for (size_t i = 0; i < credits.count; i++)
		if (!money_add(*sum, credits.items[i].amount, sum))
			break; /* then nothing adds up, and that is told */
	return true;
}

/* Drafts owe nothing yet, and cancelled and written-off ones nothing any more. */
static bool owes(const struct invoice *invoice)
{
	return invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_SETTLED;
}

static bool adds_up(const struct invoice *invoice, const struct explanation *out)
{
	struct money sum = money_zero(invoice->currency), left;
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (!money_add(sum, invoice->lines.items[i].amount, &sum))
			return false;
	if (money_compare(sum, invoice->total) != 0)
		return false;
	return !owes(invoice) ||
	       (money_subtract(invoice->total, out->paid, &left) && money_subtract(left, out->credit_used, &left) &&
	        money_subtract(left, out->prepaid_used, &left) &&
	        money_add(left, out->credit_gained, &left) && money_compare(left, invoice->balance) == 0);
}

static bool explain_total(struct command *command, const struct invoice *invoice, struct explanation *out)
{
	*out = (struct explanation){
		.invoice_id = invoice->id,
		.number = invoice->number,
		.status = text_of(invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]),
		.rounding = invoice->rounding,
		.currency = invoice->currency,
		.total = invoice->total,
		.balance = invoice->balance,
	};
	list_lines(command, invoice, out);
	if (!sum_of(command, invoice, STATEMENT_INVOICE_PAID, &out->paid) ||
	    !sum_of(command, invoice, STATEMENT_CREDIT_USE_SUM, &out->credit_used) ||
	    !sum_of(command, invoice, STATEMENT_WALLET_USE_SUM, &out->prepaid_used) ||
	    !sum_gained(command, invoice, &out->credit_gained))
		return false;
	out->same = adds_up(invoice, out);
	return true;
}

/* ------------------------------------------------------------------------------------------------ the lines */

static bool no_such_line(struct command *command, const struct invoice *invoice, int64_t position)
{
	const char *remedy = invoice->lines.count == 0
	                             ? "It has none."
	                             : text_format(command->arena, "Its lines are 1 to %zu.", invoice->lines.count).data;
	return problem_value(command->problems, PROBLEM_NOT_FOUND, "/line", TEXT_NONE, remedy,
	                     "invoice %.*s has no line %lld", TEXT_ARG(invoice->number), (long long)position);
}

static bool explain_lines(struct command *command, const struct invoice *invoice, int64_t position,
                          struct explanation *out)
{
	struct explain_together together = { .fits = false };
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (position != EXPLAIN_ALL && line->position != position)
			continue;
		struct explanation_line *explained = list_add(command->arena, &out->explained, struct explanation_line);
		if (!explain_line(command, invoice, line, &together, explained))
			return false;
		out->same = out->same && explained->same;
	}
	return position == EXPLAIN_ALL || out->explained.count > 0 || no_such_line(command, invoice, position);
}

static bool explain_found(struct command *command, const struct invoice *invoice, int64_t position,
                          struct explanation **explanation)
{
	*explanation = NULL;
	if (!invoice)
		return true;
	*explanation = arena_new(command->arena, struct explanation);
	return explain_total(command, invoice, *explanation) && explain_lines(command, invoice, position, *explanation);
}

bool explain_invoice(struct command *command, int64_t invoice_id, int64_t position, struct explanation **explanation)
{
	struct invoice *invoice = NULL;
	return invoice_find(command, invoice_id, &invoice) && explain_found(command, invoice, position, explanation);
}

bool explain_invoice_called(struct command *command, struct text name, int64_t position,
                            struct explanation **explanation)
{
	struct invoice *invoice = NULL;
	int64_t id;
	if (!invoice_by_number(command, name, &invoice) ||
	    (!invoice && text_to_int64(name, &id) && id > 0 && !invoice_find(command, id, &invoice)))
		return false;
	return explain_found(command, invoice, position, explanation);
}
