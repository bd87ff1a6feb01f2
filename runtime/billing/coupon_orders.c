/* coupon_orders.c: what coupons take off the lines of orders, before their percentages are taken. */
#include "coupon_work.h"

#include "coupon_lines.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ charges */

static bool is_charge(const struct invoice_line *line)
{
	return line->amount.minor > 0 && (line_is_discountable(line) || line->kind == INVOICE_LINE_KIND_USAGE);
}

/* What is charged once has no days: it is charged for with the first part. */
static struct period days_of(const struct invoice_basis *basis, const struct invoice_line *line)
{
	if (date_present(line->period_start))
		return (struct period){ line->period_start, line->period_end };
	assert(basis->part_count > 0);
	struct date start = basis->parts[0].service.start;
	return (struct period){ start, date_add_days(start, 1) };
}

/* The cycle that a recurring price is for; what was used, or is charged once, is a period of its own. */
static struct period whole_of(const struct invoice_basis *basis, const struct invoice_line *line, struct period days)
{
	for (size_t i = 0; line->kind == INVOICE_LINE_KIND_RECURRING && i < basis->part_count; i++)
		if (date_compare(basis->parts[i].service.start, days.start) == 0)
			return basis->parts[i].cycle;
	return days;
}

/* ------------------------------------------------------------------------------------------------ discounts of the order
 */

/* Of lines in cents: the charges that the order's own discounts are taken of, and those discounts. */
struct own_discounts {
	struct exact_money discountable, discounts;
};

static bool sum_own(const struct invoice_line_list *lines, const struct basis_lines *basis, struct own_discounts *own)
{
	for (size_t i = basis->first_line; i < basis->end_line; i++) {
		const struct invoice_line *line = &lines->items[i];
		struct exact_money amount;
		if (!exact_money_from_money(line->amount, &amount) ||
		    (line_is_discountable(line) && !exact_money_add(own->discountable, amount, &own->discountable)) ||
		    (line->kind == INVOICE_LINE_KIND_DISCOUNT && !exact_money_add(own->discounts, amount, &own->discounts)))
			return false;
	}
	return true;
}

/* Each line bears its part of them. */
static bool left_of(const struct own_discounts *own, const struct invoice_line *line, struct exact_money *left)
{
	struct fraction part;
	struct exact_money off;
	if (!exact_money_from_money(line->amount, left))
		return false;
	if (!line_is_discountable(line) || fraction_sign(own->discounts.amount) == 0)
		return true;
	return fraction_divide(left->amount, own->discountable.amount, &part) &&
	       exact_money_multiply(own->discounts, part, &off) && exact_money_add(*left, off, left);
}

/* ------------------------------------------------------------------------------------------------ all of an invoice */

struct order_charges {
	struct coupon_charge *items;
	size_t count, capacity;
};

static bool add_charges(struct coupon_work *work, const struct basis_lines *basis, struct order_charges *charges)
{
	const struct invoice_line_list *lines = &work->calculation->lines;
	struct own_discounts own;
	if (!exact_money_from_money(money_zero(work->account->currency), &own.discountable))
		return coupon_overflow(work);
	own.discounts = own.discountable;
	if (!sum_own(lines, basis, &own))
		return coupon_overflow(work);
	for (size_t i = basis->first_line; i < basis->end_line; i++) {
		const struct invoice_line *line = &lines->items[i];
		if (!is_charge(line))
			continue;
		struct coupon_charge *charge = list_add(work->command->arena, charges, struct coupon_charge);
		struct period days = days_of(basis->basis, line);
		*charge = (struct coupon_charge){
			.line = i, .days = days, .whole = whole_of(basis->basis, line, days), .plan = basis->basis->plan,
			.due = line->kind == INVOICE_LINE_KIND_USAGE ? days.end : days.start,
		};
		if (!left_of(&own, line, &charge->left))
			return coupon_overflow(work);
	}
	return true;
}

bool coupon_lines_of_orders(struct invoice_work *orders, struct coupon_uses *uses)
{
	struct coupon_work work = {
		.command = orders->command, .account = orders->account, .orders = orders, .calculation = orders->out,
		.count = orders->out->lines.count, .uses = uses,
	};
	struct order_charges charges = { 0 };
	for (size_t i = 0; i < orders->basis_count; i++)
		if (!add_charges(&work, &orders->bases[i], &charges))
			return false;
	return coupon_discount_charges(&work, charges.items, charges.count);
}
