/* order_total.c: what an order says that it comes to. */
#include "order_total.h"

#include "catalog.h"
#include "charge_amount.h"
#include "subscription.h"

/* One sum in the making. */
struct totalling {
	struct arena *arena;
	const struct order *order;
	struct exact_money total;
};

static bool zero(const struct totalling *work, struct exact_money *amount)
{
	return exact_money_from_money(money_zero(work->order->currency), amount);
}

static bool percent_of(struct exact_money amount, struct decimal percent, struct exact_money *part)
{
	struct fraction share, hundred = { 1, 100 };
	return fraction_from_decimal(percent, &share) && exact_money_multiply(amount, share, part) &&
	       exact_money_multiply(*part, hundred, part);
}

static bool is_flat(const struct charge *charge)
{
	return charge && (charge->kind == CHARGE_KIND_RECURRING || charge->kind == CHARGE_KIND_ONE_TIME);
}

/* What the charges that `percentage` is taken of cost; NULL: all that are no percentages. */
static bool sum_flat(const struct totalling *work, const struct plan *plan, const struct subscription_charges *charges,
                     const struct charge *percentage, struct exact_money *sum)
{
	if (!zero(work, sum))
		return false;
	for (size_t i = 0; i < charges->count; i++) {
		const struct charge *charge = plan_charge(plan, charges->items[i].price_code);
		struct exact_money amount;
		if (!is_flat(charge) || (percentage && !charge_has_target(percentage, charge)))
			continue;
		if (!charge_amount(charge, charges->items[i].quantity, CHARGE_TIER_MODE_NONE, plan->currency, &amount) ||
		    !exact_money_add(*sum, amount, sum))
			return false;
	}
	return true;
}

/* What the discounts leave of it: each is taken of the whole, and never more than is left. */
static bool take_discounts(const struct totalling *work, struct exact_money amount, struct exact_money *left)
{
	struct decimal percent = decimal_from_int64(100);
	for (size_t i = 0; i < work->order->discounts.count; i++)
		if (!decimal_subtract(percent, work->order->discounts.items[i].percent, &percent))
			return false;
	if (decimal_sign(percent) <= 0)
		return zero(work, left);
	return percent_of(amount, percent, left);
}

/* One plan with what is charged of it. */
static bool add_plan(struct totalling *work, const struct plan *plan, const struct subscription_charges *charges)
{
	struct exact_money flat, left;
	if (!sum_flat(work, plan, charges, NULL, &flat) || !take_discounts(work, flat, &left) ||
	    !exact_money_add(work->total, left, &work->total))
		return false;
	for (size_t i = 0; i < charges->count; i++) {
		const struct charge *charge = plan_charge(plan, charges->items[i].price_code);
		struct exact_money base, part;
		if (!charge || charge->kind != CHARGE_KIND_PERCENT)
			continue;
		if (!sum_flat(work, plan, charges, charge, &base) || !take_discounts(work, base, &base) ||
		    !percent_of(base, charge->percent, &part) || !exact_money_add(work->total, part, &work->total))
			return false;
	}
	return true;
}

static bool add_all(struct totalling *work, const struct order_plans *plans)
{
	const struct order *order = work->order;
	if (plans->has_main_lines) {
		struct subscription_charges charges = { 0 };
		subscription_charges_of_lines(work->arena, plans->plan, order->lines.items, order->lines.count, &charges);
		if (!add_plan(work, plans->plan, &charges))
			return false;
	}
	for (size_t i = 0; i < order->lines.count; i++) {
		struct subscription_charges charges = { 0 };
		if (!plans->line_plans[i])
			continue;
		subscription_charges_whole(work->arena, plans->line_plans[i], &order->lines.items[i].quantity, &charges);
		if (!add_plan(work, plans->line_plans[i], &charges))
			return false;
	}
	return true;
}

bool order_set_total(struct command *command, struct order *order, const struct order_plans *plans)
{
	struct totalling work = { .arena = command->arena, .order = order };
	if (zero(&work, &work.total) && add_all(&work, plans) && exact_money_round(work.total, ROUNDING_HALF_UP, &order->total))
		return true;
	return problem(command->problems, PROBLEM_OVERFLOW, "/lines", "the order comes to more than an amount can hold");
}
