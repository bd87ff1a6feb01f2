/* credit_note_draft.c: what a credit note takes back of which lines. */
#include "credit_note_draft.h"

static bool follows(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_TAX && line->has_linked_position && !line->linked_invoice_id;
}

static bool take(const struct invoice_line *taken, size_t count, struct note_line *item)
{
	if (item->left.minor < 0 || item->line->kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT)
		item->left = money_zero(item->left.currency);
	for (size_t i = 0; i < count; i++)
		if (taken[i].linked_position == item->line->position && !money_add(item->left, taken[i].amount, &item->left))
			return false;
	if (item->left.minor < 0)
		item->left = money_zero(item->left.currency);
	return true;
}

bool note_draft_begin(struct arena *arena, const struct invoice *invoice, const struct invoice_line *taken,
                      size_t taken_count, struct note_draft *draft)
{
	struct money zero = money_zero(invoice->currency);
	*draft = (struct note_draft){ .sub_total = zero, .tax = zero, .total = zero };
	draft->items = arena_new_many(arena, struct note_line, invoice->lines.count + 1);
	draft->count = invoice->lines.count;
	for (size_t i = 0; i < draft->count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		draft->items[i] = (struct note_line){ .line = line, .left = line->amount, .credited = zero,
			                              .tax = follows(line) };
		if (!exact_money_from_money(zero, &draft->items[i].exact) || !take(taken, taken_count, &draft->items[i]))
			return false;
	}
	return true;
}

struct note_line *note_draft_line(struct note_draft *draft, int64_t position)
{
	for (size_t i = 0; i < draft->count; i++)
		if (draft->items[i].line->position == position)
			return &draft->items[i];
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ cents */

/* Of the lines that are taxes, or of those that are none: their exact amounts as cents that add up to the rounded sum. */
static bool round_lines(struct arena *arena, enum rounding mode, struct note_draft *draft, bool taxes)
{
	struct invoice_line *lines = arena_new_many(arena, struct invoice_line, draft->count + 1);
	struct invoice_line **group = arena_new_many(arena, struct invoice_line *, draft->count + 1);
	struct note_line **items = arena_new_many(arena, struct note_line *, draft->count + 1);
	size_t count = 0;
	for (size_t i = 0; i < draft->count; i++) {
		if (draft->items[i].tax != taxes || fraction_sign(draft->items[i].exact.amount) <= 0)
			continue;
		items[count] = &draft->items[i];
		lines[count].exact = draft->items[i].exact;
		group[count] = &lines[count];
		count++;
	}
	if (!invoice_round_together(arena, group, count, mode))
		return false;
	for (size_t i = 0; i < count; i++)
		items[i]->credited = money_min(lines[i].amount, items[i]->left);
	return true;
}

/* ------------------------------------------------------------------------------------------------ taxes */

/* The part of the tax that lies on what is taken of its line. */
static bool tax_share(struct note_draft *draft, struct note_line *tax)
{
	const struct note_line *taxed = note_draft_line(draft, tax->line->linked_position);
	struct fraction share;
	struct exact_money whole;
	if (!taxed || taxed->line->amount.minor <= 0 || tax->left.minor <= 0)
		return true;
	return exact_money_from_money(taxed->line->amount, &whole) &&
	       fraction_divide(taxed->exact.amount, whole.amount, &share) &&
	       exact_money_multiply(tax->line->exact, share, &tax->exact);
}

static bool takes_the_rest(const struct note_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++)
		if (!draft->items[i].tax && money_compare(draft->items[i].credited, draft->items[i].left) != 0)
			return false;
	return true;
}

static bool take_rest(struct note_draft *draft)
{
	for (size_t i = 0; i < draft->count; i++) {
		struct note_line *item = &draft->items[i];
		if (!item->tax)
			continue;
		item->credited = item->left;
		if (!exact_money_from_money(item->left, &item->exact))
			return false;
	}
	return true;
}

static bool take_taxes(struct arena *arena, enum rounding mode, struct note_draft *draft)
{
	if (takes_the_rest(draft))
		return take_rest(draft);
	for (size_t i = 0; i < draft->count; i++)
		if (draft->items[i].tax && !tax_share(draft, &draft->items[i]))
			return false;
	return round_lines(arena, mode, draft, true);
}

bool note_draft_finish(struct arena *arena, enum rounding mode, struct note_draft *draft)
{
	if (!round_lines(arena, mode, draft, false) || !take_taxes(arena, mode, draft))
		return false;
	for (size_t i = 0; i < draft->count; i++) {
		const struct note_line *item = &draft->items[i];
		struct money *sum = item->tax ? &draft->tax : &draft->sub_total;
		if (!money_add(*sum, item->credited, sum))
			return false;
	}
	return money_add(draft->sub_total, draft->tax, &draft->total);
}
