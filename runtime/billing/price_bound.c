/* price_bound.c: units in a measure of their own; the least and the most that a period costs. */
#include "price_bound.h"

bool price_units(struct decimal quantity, struct decimal size, enum rounding mode, struct decimal *units)
{
	struct fraction whole, by;
	return fraction_from_decimal(quantity, &whole) && fraction_from_decimal(size, &by) &&
	       fraction_divide(whole, by, &whole) && fraction_round(whole, 0, mode, units);
}

/* *over = billed_before + line - bound */
static bool beyond(struct exact_money bound, struct exact_money billed_before, struct exact_money line,
                   struct exact_money *over)
{
	return exact_money_add(billed_before, line, over) && fraction_subtract(over->amount, bound.amount, &over->amount);
}

bool price_top_up(struct exact_money minimum, struct exact_money billed_before, struct exact_money line,
                  struct exact_money *top_up)
{
	const struct fraction nothing = { 0, 1 };
	if (!beyond(minimum, billed_before, line, top_up))
		return false;
	if (fraction_sign(top_up->amount) < 0)
		return fraction_subtract(nothing, top_up->amount, &top_up->amount);
	top_up->amount = nothing;
	return true;
}

bool price_over_maximum(struct exact_money maximum, struct exact_money billed_before, struct exact_money line,
                        struct exact_money *taken_off)
{
	int order;
	if (!beyond(maximum, billed_before, line, taken_off) ||
	    !fraction_compare(taken_off->amount, line.amount, &order))
		return false;
	if (order > 0)
		*taken_off = line;
	if (fraction_sign(taken_off->amount) < 0)
		taken_off->amount = (struct fraction){ 0, 1 };
	return true;
}
