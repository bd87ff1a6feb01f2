/* usage_return.c: usage that has become less goes back of the lines that charged it, the last of them first. */
#include "usage_return.h"

#include "invoice_calculate.h"

static bool too_large(struct command *command, const struct invoice_line *line)
{
	return problem(command->problems, PROBLEM_OVERFLOW, "", "what was given back of usage of subscription %lld is too large",
	               (long long)line->subscription_id);
}

/* A coupon's discount is linked to its charge, and takes nothing back of it. */
static bool left_of(struct command *command, const struct invoice_line *line, struct money *left)
{
	struct invoice_line_list taken = { 0 };
	*left = line->amount;
	if (!store_all(command->store, STATEMENT_INVOICE_LINE_TAKEN, BINDS(bind_id(line->account_id), bind_id(line->invoice_id)),
	               &invoice_line_record, LIST(&taken)))
		return false;
	for (size_t i = 0; i < taken.count; i++)
		if (taken.items[i].linked_position == line->position && !taken.items[i].coupon_redemption_id &&
		    !money_add(*left, taken.items[i].amount, left))
			return too_large(command, line);
	return true;
}

/* At most `left` of *rest, which is above zero, goes back of the line. */
static bool take(struct money left, struct exact_money *rest, struct exact_money *taken)
{
	struct exact_money most;
	int order;
	if (!exact_money_from_money(left, &most) || !fraction_compare(rest->amount, most.amount, &order))
		return false;
	*taken = order > 0 ? most : *rest;
	return fraction_subtract(rest->amount, taken->amount, &rest->amount);
}

static void add_item(struct command *command, const struct billing_item *whole, const struct invoice_line *of,
                     struct exact_money taken, struct money left, struct billing_item_list *items,
                     struct invoice_line_list *charged)
{
	*list_add(command->arena, charged, struct invoice_line) = *of;
	struct billing_item *item = list_add(command->arena, items, struct billing_item);
	*item = *whole;
	item->linked_id = (int64_t)charged->count;
	item->exact = taken;
	item->exact.amount.numerator = -taken.amount.numerator;
	item->amount = money_of(-left.minor, left.currency);
}

bool usage_return(struct command *command, const struct usage_due *due, const struct billing_item *whole,
                  struct billing_item_list *items, struct invoice_line_list *charged)
{
	struct exact_money rest = whole->exact, taken;
	rest.amount.numerator = -rest.amount.numerator;
	for (size_t i = due->lines.count; i-- > 0 && fraction_sign(rest.amount) > 0;) {
		const struct invoice_line *line = &due->lines.items[i];
		struct money left;
		if (line->amount.minor <= 0)
			continue;
		if (!left_of(command, line, &left))
			return false;
		if (left.minor <= 0)
			continue;
		if (!take(left, &rest, &taken))
			return too_large(command, line);
		add_item(command, whole, line, taken, left, items, charged);
	}
	return true;
}
