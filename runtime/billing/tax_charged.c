/* tax_charged.c: the taxes that were charged with lines of earlier invoices, and what of them went back since. */
#include "tax_charged.h"

#include "invoice.h"

#include <stdlib.h>

/* What was taken of one line of an invoice, below zero. */
struct taken_sum {
	struct exact_money exact;
	struct money amount;
	bool without_taxes; /* by hand: what it takes is of the line alone */
};
struct charged_invoice {
	struct invoice *invoice;
	struct taken_sum *taken; /* by position - 1; the last is of positions that are not there */
	struct { struct charged_line **items; size_t count, capacity; } lines; /* those that were asked for */
};

static const struct json *decision_of(struct arena *arena, const struct invoice_line *line)
{
	static const struct json none = { .type = JSON_OBJECT };
	struct problems ignored;
	problems_init(&ignored, arena);
	const struct json *decision = text_present(line->decision) ? json_parse(line->decision, arena, &ignored) : NULL;
	return decision && decision->type == JSON_OBJECT ? decision : &none;
}

static bool too_large(struct command *command, const struct invoice *invoice)
{
	return problem(command->problems, PROBLEM_OVERFLOW, "", "what was given back of invoice %.*s is too large",
	               TEXT_ARG(invoice->number));
}

/* ------------------------------------------------------------------------------------------------ which tax */

const struct invoice_line *charged_tax_of(struct arena *arena, const struct invoice *invoice, int64_t position,
                                          const struct invoice_line *tax)
{
	const struct invoice_line *first = NULL;
	struct tax_back back;
	bool kept = tax_back_read(decision_of(arena, tax), tax->currency, &back);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (line->kind != INVOICE_LINE_KIND_TAX || line->linked_position != position)
			continue;
		if (kept ? line->position == back.position : text_equals(line->description, tax->description))
			return line;
		if (!first)
			first = line;
	}
	return first;
}

/* What the tax came to; of one within its price what is within. */
static struct money tax_amount(const struct invoice_line *tax, const struct json *decision)
{
	struct money amount;
	struct text included = json_text(json_member(decision, "included"));
	return text_present(included) && money_parse(included, tax->currency, &amount) ? amount : tax->amount;
}

static bool tax_exact(const struct invoice_line *tax, const struct json *decision, struct exact_money *exact)
{
	*exact = tax->exact;
	if (!json_member(decision, "included"))
		return true;
	return fraction_parse(json_text(json_member(decision, "exact")), &exact->amount) ||
	       exact_money_from_money(tax_amount(tax, decision), exact);
}

/* ------------------------------------------------------------------------------------------------ what was taken */

static struct taken_sum *taken_of(const struct charged_invoice *charged, int64_t position)
{
	bool there = position >= 1 && (size_t)position <= charged->invoice->lines.count;
	return &charged->taken[there ? (size_t)position - 1 : charged->invoice->lines.count];
}

static bool take(struct charged_invoice *charged, int64_t position, struct exact_money exact, struct money amount)
{
	struct taken_sum *sum = taken_of(charged, position);
	return exact_money_add(sum->exact, exact, &sum->exact) && money_add(sum->amount, amount, &sum->amount);
}

static int compare_places(const void *left, const void *right)
{
	const struct invoice_line *a = left, *b = right;
	if (a->invoice_id != b->invoice_id)
		return a->invoice_id < b->invoice_id ? -1 : 1;
	return (a->position > b->position) - (a->position < b->position);
}

/* Taxes that went back with a line; `taken` is ordered by place. */
static bool take_returned(struct arena *arena, struct charged_invoice *charged, const struct invoice_line_list *taken,
                          const struct invoice_line *tax)
{
	const struct invoice_line place = { .invoice_id = tax->invoice_id, .position = tax->linked_position };
	const struct invoice_line *returning = bsearch(&place, taken->items, taken->count, sizeof place, compare_places);
	const struct invoice_line *of = returning ? charged_tax_of(arena, charged->invoice, returning->linked_position, tax) : NULL;
	const struct json *decision = decision_of(arena, tax);
	struct exact_money exact;
	return !of || (tax_exact(tax, decision, &exact) && take(charged, of->position, exact, tax_amount(tax, decision)));
}

/* An amount by hand; of days, taxes are adjusted as well. */
static bool leaves_taxes(const struct invoice_line *taking)
{
	return taking->kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT && date_compare(taking->period_start, taking->period_end) >= 0 &&
	       text_is(taking->decision, INVOICE_LINE_BY_HAND);
}

/* With repairs and less usage, by hand and by credit notes. A coupon's discount is linked to its charge, and takes nothing back of it. */
static bool sum_taken(struct command *command, struct charged_invoice *charged, const struct invoice_line_list *taken,
                      const struct invoice_line_list *returned)
{
	bool fits = true;
	for (size_t i = 0; i < taken->count && fits; i++) {
		const struct invoice_line *taking = &taken->items[i];
		if (leaves_taxes(taking))
			taken_of(charged, taking->linked_position)->without_taxes = true;
		fits = taking->coupon_redemption_id || take(charged, taking->linked_position, taking->exact, taking->amount);
	}
	for (size_t i = 0; i < returned->count && fits; i++)
		fits = take_returned(command->arena, charged, taken, &returned->items[i]);
	return fits || too_large(command, charged->invoice);
}

/* ------------------------------------------------------------------------------------------------ reading */

static bool has_taxes(const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].kind == INVOICE_LINE_KIND_TAX)
			return true;
	return false;
}

static bool read_taken(struct command *command, struct charged_invoice *charged)
{
	const struct store_bind of_invoice[] = { bind_id(charged->invoice->account_id), bind_id(charged->invoice->id) };
	size_t count = charged->invoice->lines.count;
	struct invoice_line_list taken = { 0 }, returned = { 0 };
	charged->taken = arena_new_many(command->arena, struct taken_sum, count + 1);
	for (size_t i = 0; i <= count; i++)
		charged->taken[i] = (struct taken_sum){ .exact = { { 0, 1 }, charged->invoice->currency },
		                                        .amount = money_zero(charged->invoice->currency) };
	return !has_taxes(charged->invoice) ||
	       (store_all(command->store, STATEMENT_INVOICE_LINE_TAKEN, of_invoice, 2, &invoice_line_record, LIST(&taken)) &&
	        store_all(command->store, STATEMENT_INVOICE_LINE_TAX_RETURNED, of_invoice, 2, &invoice_line_record, LIST(&returned)) &&
	        sum_taken(command, charged, &taken, &returned));
}

static bool find_invoice(struct command *command, struct charged_lines *read, int64_t id, struct charged_invoice **found)
{
	for (size_t i = 0; i < read->invoices.count; i++)
		if (read->invoices.items[i]->invoice->id == id) {
			*found = read->invoices.items[i];
			return true;
		}
	struct invoice *invoice = NULL;
	*found = NULL;
	if (!invoice_find(command, id, &invoice) || !invoice)
		return !store_failed(command->store);
	*found = arena_new(command->arena, struct charged_invoice);
	(*found)->invoice = invoice;
	*list_add(command->arena, &read->invoices, struct charged_invoice *) = *found;
	return read_taken(command, *found);
}

/* ------------------------------------------------------------------------------------------------ one line */

static bool add_tax(struct arena *arena, const struct charged_invoice *charged, const struct invoice_line *line,
                    struct charged_line *of)
{
	const struct taken_sum *taken = taken_of(charged, line->position);
	struct charged_tax *tax = list_add(arena, &of->taxes, struct charged_tax);
	*tax = (struct charged_tax){ .line = line, .decision = decision_of(arena, line) };
	tax->back = (struct tax_back){ .invoice_id = charged->invoice->id, .position = line->position, .charged = tax_amount(line, tax->decision),
		                       .before = taken->exact, .given = taken->amount };
	return tax_exact(line, tax->decision, &tax->back.tax);
}

static bool find_line(struct arena *arena, const struct charged_invoice *charged, int64_t position, struct charged_line *of)
{
	for (size_t i = 0; i < charged->invoice->lines.count; i++) {
		const struct invoice_line *line = &charged->invoice->lines.items[i];
		if (line->position == position)
			of->line = line;
		if (line->kind == INVOICE_LINE_KIND_TAX && line->linked_position == position && !add_tax(arena, charged, line, of))
			return false;
	}
	of->leaves_taxes = taken_of(charged, position)->without_taxes;
	return !of->line || money_add(of->line->amount, taken_of(charged, position)->amount, &of->left);
}

bool charged_line_find(struct command *command, struct charged_lines *read, const struct invoice_line *returning,
                       struct charged_line **line)
{
	struct charged_invoice *charged;
	*line = NULL;
	if (!find_invoice(command, read, returning->linked_invoice_id, &charged) || !charged)
		return !store_failed(command->store);
	for (size_t i = 0; i < charged->lines.count; i++)
		if (charged->lines.items[i]->line->position == returning->linked_position) {
			*line = charged->lines.items[i];
			return true;
		}
	struct charged_line *of = arena_new(command->arena, struct charged_line);
	of->invoice = charged->invoice;
	if (!find_line(command->arena, charged, returning->linked_position, of))
		return too_large(command, charged->invoice);
	*line = of->line ? of : NULL;
	if (of->line)
		*list_add(command->arena, &charged->lines, struct charged_line *) = of;
	return true;
}

bool charged_tax_give(struct command *command, const struct charged_line *line, struct charged_tax *tax,
                      struct money amount, const struct rounding_decision *rounding, struct tax_given *given)
{
	struct tax_back *back = &tax->back;
	struct exact_money part, whole;
	if (!exact_money_from_money(amount, &part) || !exact_money_from_money(line->line->amount, &whole) ||
	    !fraction_divide(part.amount, whole.amount, &back->part))
		return too_large(command, line->invoice);
	back->rest = money_is_zero(line->left) && !line->leaves_taxes;
	given->back = *back;
	return (tax_back_amount(back, rounding, &given->exact, &given->amount) &&
	        exact_money_add(back->before, given->exact, &back->before) && money_add(back->given, given->amount, &back->given)) ||
	       too_large(command, line->invoice);
}
