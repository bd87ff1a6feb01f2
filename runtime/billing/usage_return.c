/* usage_return.c: usage that has become less goes back of the lines that charged it, the last of them first. */
#include "usage_return.h"

#include "invoice_calculate.h"

static bool too_large(struct command *command, const struct invoice_line *line)
{
	return problem(command->problems, PROBLEM_OVERFLOW, "", "what was given back of usage of subscription %lld is too large",
	               (long long)line->subscription_id);
}

/* What runs, notes and people have left of a line. */
struct remains {
	struct money left;
	bool returned; /* a run took of it */
};

/* A coupon's discount is linked to its charge, and takes nothing back of it. */
static bool remains_of(struct command *command, const struct invoice_line *line, struct remains *remains)
{
	struct invoice_line_list taken = { 0 };
	*remains = (struct remains){ .left = line->amount };
	if (!store_all(command->store, STATEMENT_INVOICE_LINE_TAKEN, BINDS(bind_id(line->account_id), bind_id(line->invoice_id)),
	               &invoice_line_record, LIST(&taken)))
		return false;
	for (size_t i = 0; i < taken.count; i++) {
		const struct invoice_line *taking = &taken.items[i];
		if (taking->linked_position != line->position || taking->coupon_redemption_id)
			continue;
		remains->returned = remains->returned || invoice_line_returns(taking);
		if (!money_add(remains->left, taking->amount, &remains->left))
			return too_large(command, line);
	}
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

/* Lines of which notes and people left nothing say so, as repairs do: a note that took all of one is not voided afterwards. */
static bool add_nothing_left(struct command *command, const struct usage_due *due, const struct billing_item *whole,
                             struct billing_item_list *items, struct invoice_line_list *charged)
{
	struct exact_money nothing;
	if (!exact_money_from_money(money_zero(whole->exact.currency), &nothing))
		return false;
	for (size_t i = due->lines.count; i-- > 0;) {
		const struct invoice_line *line = &due->lines.items[i];
		struct remains remains;
		if (line->amount.minor <= 0)
			continue;
		if (!remains_of(command, line, &remains))
			return false;
		if (remains.left.minor <= 0 && !remains.returned)
			add_item(command, whole, line, nothing, money_zero(remains.left.currency), items, charged);
	}
	return true;
}

bool usage_return(struct command *command, const struct usage_due *due, const struct billing_item *whole,
                  struct billing_item_list *items, struct invoice_line_list *charged)
{
	struct exact_money rest = whole->exact, taken;
	rest.amount.numerator = -rest.amount.numerator;
	for (size_t i = due->lines.count; i-- > 0 && fraction_sign(rest.amount) > 0;) {
		const struct invoice_line *line = &due->lines.items[i];
		struct remains remains;
		if (line->amount.minor <= 0)
			continue;
		if (!remains_of(command, line, &remains))
			return false;
		if (remains.left.minor <= 0)
			continue;
		if (!take(remains.left, &rest, &taken))
			return too_large(command, line);
		add_item(command, whole, line, taken, remains.left, items, charged);
	}
	return fraction_sign(rest.amount) <= 0 || add_nothing_left(command, due, whole, items, charged);
}
