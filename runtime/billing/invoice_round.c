/* invoice_round.c: exact amounts become cents that add up to their rounded sum. */
#include "invoice_calculate.h"

struct remainder {
	struct fraction amount; /* exact less its floor: 0 <= amount < one unit */
	size_t index;
};

static int compare_remainders(const void *left, const void *right)
{
	const struct remainder *a = left, *b = right;
	int order;
	if (!fraction_compare(a->amount, b->amount, &order))
		order = 0;
	if (order)
		return -order;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* Floors each amount; gives the exact sum, the sum of the floors and what each is short of. */
static bool take_floors(struct invoice_line *const *lines, size_t count, struct exact_money *sum, struct money *floors,
                        struct remainder *remainders)
{
	for (size_t i = 0; i < count; i++) {
		struct invoice_line *line = lines[i];
		struct exact_money floor;
		if (!exact_money_round(line->exact, ROUNDING_FLOOR, &line->amount) ||
		    !exact_money_from_money(line->amount, &floor) ||
		    !fraction_subtract(line->exact.amount, floor.amount, &remainders[i].amount) ||
		    !money_add(*floors, line->amount, floors) || !exact_money_add(*sum, line->exact, sum))
			return false;
		remainders[i].index = i;
	}
	return true;
}

/* Gives `left` units to the largest remainders. */
static void give_units(struct invoice_line *const *lines, size_t count, struct remainder *remainders, int64_t left)
{
	qsort(remainders, count, sizeof *remainders, compare_remainders);
	for (size_t i = 0; i < count && (int64_t)i < left; i++)
		lines[remainders[i].index]->amount.minor++;
}

bool invoice_round_after(struct arena *arena, const struct rounded_sum *before, struct invoice_line *const *lines, size_t count,
                         enum rounding mode)
{
	struct arena_mark mark = arena_mark(arena);
	struct remainder *remainders = arena_new_many(arena, struct remainder, count + 1);
	struct exact_money sum = before->exact;
	struct money floors = before->amount, total, left;
	bool fits = take_floors(lines, count, &sum, &floors, remainders) && exact_money_round(sum, mode, &total) &&
	            money_subtract(total, floors, &left);
	if (fits)
		give_units(lines, count, remainders, left.minor);
	arena_rewind(arena, mark);
	return fits;
}

bool invoice_round_together(struct arena *arena, struct invoice_line *const *lines, size_t count, enum rounding mode)
{
	if (count == 0)
		return true;
	if (count == 1)
		return exact_money_round(lines[0]->exact, mode, &lines[0]->amount);
	struct rounded_sum nothing = { .amount = money_zero(lines[0]->exact.currency) };
	return exact_money_from_money(nothing.amount, &nothing.exact) && invoice_round_after(arena, &nothing, lines, count, mode);
}

enum rounding invoice_rounding_mode(const struct rounding_decision *decision)
{
	_Static_assert((int)ROUNDING_DECISION_MODE_HALF_UP == (int)ROUNDING_HALF_UP, "the same numbers");
	_Static_assert((int)ROUNDING_DECISION_MODE_DOWN == (int)ROUNDING_DOWN, "the same numbers");
	_Static_assert((int)ROUNDING_DECISION_MODE_FLOOR == (int)ROUNDING_FLOOR, "the same numbers");
	return (enum rounding)decision->mode;
}

enum rounding_decision_place invoice_rounding_place(const struct rounding_decision *decision, enum invoice_line_kind kind)
{
	_Static_assert((int)ROUNDING_DECISION_TAX_PLACE_LINE == (int)ROUNDING_DECISION_PLACE_LINE, "the same numbers");
	_Static_assert((int)ROUNDING_DECISION_TAX_PLACE_RATE == (int)ROUNDING_DECISION_PLACE_RATE, "the same numbers");
	_Static_assert((int)ROUNDING_DECISION_TAX_PLACE_INVOICE == (int)ROUNDING_DECISION_PLACE_INVOICE, "the same numbers");
	bool of_taxes = kind == INVOICE_LINE_KIND_TAX && decision->tax_place;
	return of_taxes ? (enum rounding_decision_place)decision->tax_place : decision->place;
}

/* The step in smallest units; 1 without one. */
static int64_t step_minor(const struct rounding_decision *decision, const struct currency *currency)
{
	struct decimal minor;
	struct decimal unit = { decimal_power_of_ten(currency->exponent), 0 };
	int64_t step;
	if (!decision->has_step || !decimal_multiply(decision->step, unit, &minor) || !decimal_to_int64(minor, &step))
		return 1;
	return step > 0 ? step : 1;
}

bool invoice_round_exact(const struct rounding_decision *decision, struct exact_money exact, struct money *amount)
{
	enum rounding mode = invoice_rounding_mode(decision);
	int64_t step = step_minor(decision, exact.currency);
	if (step == 1)
		return exact_money_round(exact, mode, amount);
	struct exact_money part;
	struct fraction share = { 1, step };
	int64_t minor;
	if (!exact_money_multiply(exact, share, &part) || !exact_money_round(part, mode, amount) ||
	    __builtin_mul_overflow(amount->minor, step, &minor))
		return false;
	amount->minor = minor;
	return true;
}

struct text invoice_rounding_text(struct arena *arena, const struct rounding_decision *decision)
{
	const char *const *places = rounding_decision_record.fields[ROUNDING_DECISION_FIELD_PLACE].words;
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_c(&out, rounding_name(invoice_rounding_mode(decision)));
	if (decision->has_step) {
		builder_c(&out, " to ");
		builder_add(&out, decimal_canonical_text(arena, decision->step));
	}
	builder_c(&out, " per ");
	builder_c(&out, places[decision->place]);
	if (decision->tax_place && (int)decision->tax_place != (int)decision->place) {
		builder_c(&out, ", taxes per ");
		builder_c(&out, places[decision->tax_place]);
	}
	return builder_text(&out);
}

struct text invoice_rounding_both(struct text first, struct text second)
{
	if (!text_present(first) || !text_present(second))
		return text_present(first) ? first : second;
	return text_equals(first, second) ? first : TEXT("as each line says");
}
