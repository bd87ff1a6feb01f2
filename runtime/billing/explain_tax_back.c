/* explain_tax_back.c: taxes that go back with a part of a charged line: the part, and the cents of all that went back by then. */
#include "explain_work.h"

#include "tax_back.h"
#include "tax_charged.h"

/* ------------------------------------------------------------------------------------------------ what was charged */

static const struct invoice_line *line_at(const struct invoice *invoice, int64_t position)
{
	for (size_t i = 0; invoice && i < invoice->lines.count; i++)
		if (invoice->lines.items[i].position == position)
			return &invoice->lines.items[i];
	return NULL;
}

/* The line that takes back, of this invoice; what it takes from, and its tax: NULL when they are not there. */
struct taken_from {
	const struct invoice_line *taking;
	struct charged_line *charged;
	const struct charged_tax *tax;
};

static bool find_taken_from(struct explain_work *work, const struct tax_back *back, struct taken_from *from)
{
	int64_t position = back->position;
	struct charged_lines read = { .invoices = { 0 } };
	struct invoice_line place = { .linked_invoice_id = back->invoice_id };
	struct invoice *invoice = NULL;
	*from = (struct taken_from){ .taking = line_at(work->invoice, work->line->linked_position) };
	if (!from->taking)
		return true;
	if (!place.linked_invoice_id)
		place.linked_invoice_id = from->taking->linked_invoice_id;
	if (!invoice_find(work->command, place.linked_invoice_id, &invoice))
		return false;
	const struct invoice_line *tax = line_at(invoice, position);
	place.linked_position = tax ? tax->linked_position : 0;
	if (!charged_line_find(work->command, &read, &place, &from->charged))
		return false;
	for (size_t i = 0; from->charged && i < from->charged->taxes.count; i++)
		if (from->charged->taxes.items[i].line->position == position)
			from->tax = &from->charged->taxes.items[i];
	return true;
}

static bool same_fraction(struct fraction a, struct fraction b)
{
	int order;
	return fraction_compare(a, b, &order) && order == 0;
}

static bool is_part(const struct taken_from *from, const struct tax_back *back)
{
	struct exact_money taken, whole;
	struct fraction found;
	return exact_money_from_money(from->taking->amount, &taken) && exact_money_from_money(from->charged->line->amount, &whole) &&
	       fraction_divide(taken.amount, whole.amount, &found) && same_fraction(found, back->part);
}

static void check_charged(struct explain_work *work, const struct tax_back *back, const struct taken_from *from)
{
	struct explanation_step *step = explain_last(work);
	if (!from->tax)
		explain_differs(work, step, "the tax that it is a part of does not exist");
	else if (!same_fraction(from->tax->back.tax.amount, back->tax.amount) ||
	         money_compare(from->tax->back.charged, back->charged) != 0)
		explain_differs(work, step, "another tax was charged");
	else if (!is_part(from, back))
		explain_differs(work, step, "another part of the line was taken back");
}

/* ------------------------------------------------------------------------------------------------ its steps */

static struct text fraction_told(const struct explain_work *work, struct fraction fraction)
{
	return fraction_text(work->command->arena, fraction);
}

bool explain_tax_back(struct explain_work *work)
{
	struct tax_back back;
	struct taken_from from;
	bool included = explain_member(work, "included");
	if (!tax_back_read(work->decision, work->line->currency, &back)) {
		work->exact = work->line->exact;
		explain_differs(work, explain_step(work, "tax", "A part of a tax."), "what it is a part of was not kept");
		return true;
	}
	if (!find_taken_from(work, &back, &from))
		return false;
	bool made = exact_money_multiply(back.tax, back.part, &work->exact);
	explain_step(work, "tax", "%.*s of the tax of line %lld, which is %.*s", TEXT_ARG(fraction_told(work, back.part)),
	             (long long)back.position, TEXT_ARG(fraction_told(work, back.tax.amount)));
	if (!made)
		explain_differs(work, explain_last(work), "it is too large");
	check_charged(work, &back, &from);
	if (included)
		work->exact = (struct exact_money){ { 0, 1 }, work->line->currency };
	return true;
}

static void tell_rest(struct explain_work *work, const struct tax_back *back)
{
	struct text charged = explain_money_text(work, back->charged), given = explain_money_text(work, back->given);
	explain_step(work, "limit", "The last of the line goes back, and with it what is left of its tax: of %.*s %.*s went back.",
	             TEXT_ARG(charged), TEXT_ARG(given));
}

bool explain_tax_back_round(struct explain_work *work, const struct rounding_decision *rounding)
{
	struct text included = json_text(explain_member(work, "included"));
	struct tax_back back;
	struct exact_money exact;
	if (!tax_back_read(work->decision, work->line->currency, &back))
		return true;
	if (!tax_back_amount(&back, rounding, &exact, &work->amount))
		return false;
	explain_last(work)->text = text_format(
	        work->command->arena, "With %.*s before, of which %.*s went back, it becomes %.*s, %s",
	        TEXT_ARG(fraction_told(work, back.before.amount)), TEXT_ARG(explain_money_text(work, back.given)),
	        TEXT_ARG(explain_money_text(work, work->amount)), rounding_name(invoice_rounding_mode(rounding)));
	if (back.rest)
		tell_rest(work, &back);
	if (!text_present(included))
		return true;
	if (!text_equals(included, explain_money_text(work, work->amount)))
		explain_differs(work, explain_last(work), "that is not what the line says is within the price");
	work->amount = money_zero(work->line->currency);
	return true;
}
