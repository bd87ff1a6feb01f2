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

/* Taxes that went back with a repair; `taken` is ordered by place. */
static bool take_repaired(struct arena *arena, struct charged_invoice *charged, const struct invoice_line_list *taken,
                          const struct invoice_line *tax)
{
	const struct invoice_line place = { .invoice_id = tax->invoice_id, .position = tax->linked_position };
	const struct invoice_line *repair = bsearch(&place, taken->items, taken->count, sizeof place, compare_places);
	const struct invoice_line *of = repair ? charged_tax_of(arena, charged->invoice, repair->linked_position, tax) : NULL;
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

/* With repairs, by hand and by credit notes. A coupon's discount is linked to its charge, and takes nothing back of it. */
static bool sum_taken(struct command *command, struct charged_invoice *charged, const struct invoice_line_list *taken,
                      const struct invoice_line_list *repaired)
{
	bool fits = true;
	for (size_t i = 0; i < taken->count && fits; i++) {
		const struct invoice_line *taking = &taken->items[i];
		if (leaves_taxes(taking))
			taken_of(charged, taking->linked_position)->without_taxes = true;
		fits = taking->coupon_redemption_id || take(charged, taking->linked_position, taking->exact, taking->amount);
	}
	for (size_t i = 0; i < repaired->count && fits; i++)
		fits = take_repaired(command->arena, charged, taken, &repaired->items[i]);
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
	struct invoice_line_list taken = { 0 }, repaired = { 0 };
	charged->taken = arena_new_many(command->arena, struct taken_sum, count + 1);
	for (size_t i = 0; i <= count; i++)
		charged->taken[i] = (struct taken_sum){ .exact = { { 0, 1 }, charged->invoice->currency },
		                                        .amount = money_zero(charged->invoice->currency) };
	return !has_taxes(charged->invoice) ||
	       (store_all(command->store, STATEMENT_INVOICE_LINE_TAKEN, of_invoice, 2, &invoice_line_record, LIST(&taken)) &&
	        store_all(command->store, STATEMENT_INVOICE_LINE_TAX_OF_REPAIR, of_invoice, 2, &invoice_line_record, LIST(&repaired)) &&
	        sum_taken(command, charged, &taken, &repaired));
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

bool charged_line_find(struct command *command, struct charged_lines *read, const struct invoice_line *repair,
                       struct charged_line **line)
{
	struct charged_invoice *charged;
	*line = NULL;
	if (!find_invoice(command, read, repair->linked_invoice_id, &charged) || !charged)
		return !store_failed(command->store);
	for (size_t i = 0; i < charged->lines.count; i++)
		if (charged->lines.items[i]->line->position == repair->linked_position) {
			*line = charged->lines.items[i];
			return true;
		}
	struct charged_line *of = arena_new(command->arena, struct charged_line);
	of->invoice = charged->invoice;
	if (!find_line(command->arena, charged, repair->linked_position, of))
		return too_large(command, charged->invoice);
	*line = of->line ? of : NULL;
	if (of->line)
		*list_add(command->arena, &charged->lines, struct charged_line *) = of;
	return true;
}

bool charged_tax_give(struct command *command, const struct charged_line *line, struct charged_tax *tax,
                      const struct charge_returned *returned, const struct rounding_decision *rounding, struct tax_given *given)
{
	struct tax_back *back = &tax->back;
	struct exact_money part, whole;
	if (!exact_money_from_money(returned->amount, &part) || !exact_money_from_money(returned->of, &whole) ||
	    !fraction_divide(part.amount, whole.amount, &back->part))
		return too_large(command, line->invoice);
	back->of = returned->of;
	back->rest = returned->rest && !line->leaves_taxes;
	given->back = *back;
	return (tax_back_amount(back, rounding, &given->exact, &given->amount) &&
	        exact_money_add(back->before, given->exact, &back->before) && money_add(back->given, given->amount, &back->given)) ||
	       too_large(command, line->invoice);
}

/* ------------------------------------------------------------------------------------------------ usage of a window */

/* Taxes that went back with a usage line which gave back. */
static bool take_returned(struct command *command, struct charged_lines *read, const struct invoice_line *usage)
{
	struct charged_invoice *gave, *charged;
	if (!find_invoice(command, read, usage->invoice_id, &gave) || !gave)
		return !store_failed(command->store);
	for (size_t i = 0; i < gave->invoice->lines.count; i++) {
		const struct invoice_line *tax = &gave->invoice->lines.items[i];
		const struct json *decision = decision_of(command->arena, tax);
		struct tax_back back;
		struct exact_money exact;
		if (tax->kind != INVOICE_LINE_KIND_TAX || tax->linked_invoice_id || tax->linked_position != usage->position ||
		    !tax_back_read(decision, tax->currency, &back))
			continue;
		if (!find_invoice(command, read, back.invoice_id, &charged))
			return false;
		if (charged && (!tax_exact(tax, decision, &exact) || !take(charged, back.position, exact, tax_amount(tax, decision))))
			return too_large(command, charged->invoice);
	}
	return true;
}

static bool add_charged(struct command *command, struct charged_lines *read, const struct invoice_line *usage,
                        struct charged_window *window)
{
	const struct invoice_line place = { .linked_invoice_id = usage->invoice_id, .linked_position = usage->position };
	struct charged_line *line;
	if (!charged_line_find(command, read, &place, &line))
		return false;
	if (line)
		*list_add(command->arena, &window->lines, struct charged_line *) = line;
	return money_add(window->charged, usage->amount, &window->charged) || (line && too_large(command, line->invoice));
}

/* A line belongs to the window in which it begins. */
static bool read_window(struct command *command, struct charged_lines *read, const struct invoice_line *usage,
                        struct charged_window *window)
{
	const struct period days = { usage->period_start, usage->period_end };
	struct invoice_line_list lines = { 0 };
	if (!store_all(command->store, STATEMENT_USAGE_LINE_OF_SECTION,
	               BINDS(bind_id(usage->account_id), bind_id(usage->subscription_id), bind_text(usage->usage_section),
	                     bind_date(command->arena, date_add_days(days.start, -1))),
	               &invoice_line_record, LIST(&lines)))
		return false;
	for (size_t i = 0; i < lines.count; i++)
		if (period_contains(days, lines.items[i].period_start) && lines.items[i].amount.minor < 0 &&
		    !take_returned(command, read, &lines.items[i]))
			return false;
	for (size_t i = 0; i < lines.count; i++) {
		const struct invoice_line *line = &lines.items[i];
		if (!period_contains(days, line->period_start))
			continue;
		if (!money_add(window->left, line->amount, &window->left))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "usage of subscription %lld is too large", (long long)line->subscription_id);
		if (line->amount.minor > 0 && !add_charged(command, read, line, window))
			return false;
	}
	return true;
}

bool charged_window_find(struct command *command, struct charged_lines *read, const struct invoice_line *usage,
                         struct charged_window **found)
{
	for (size_t i = 0; i < read->windows.count; i++) {
		struct charged_window *window = &read->windows.items[i];
		if (window->subscription_id == usage->subscription_id && text_equals(window->section, usage->usage_section) &&
		    date_compare(window->start, usage->period_start) == 0) {
			*found = window;
			return true;
		}
	}
	struct charged_window *window = list_add(command->arena, &read->windows, struct charged_window);
	*window = (struct charged_window){ .subscription_id = usage->subscription_id, .section = usage->usage_section,
		                           .start = usage->period_start, .charged = money_zero(usage->currency),
		                           .left = money_zero(usage->currency) };
	*found = window;
	return read_window(command, read, usage, window);
}
