/* coupon_lines.c: what coupons take off the lines of an invoice run. */
#include "coupon_lines.h"

#include "catalog_plan.h"
#include "coupon_work.h"

#include "value/json.h"
#include "value/record.h"

#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ charges, in order */

static bool is_charge(const struct invoice_line *line)
{
	return line->amount.minor > 0 && line->catalog_plan_id &&
	       (line->kind == INVOICE_LINE_KIND_FIXED || line->kind == INVOICE_LINE_KIND_RECURRING ||
	        invoice_line_sold_as(line) == INVOICE_LINE_KIND_USAGE || line->component_id);
}

/* A line keeps the period that its rate is for; what is paid once is a period of its own. */
static struct period whole_of(struct arena *arena, const struct invoice_line *line)
{
	struct period whole = { line->period_start, line->period_end };
	struct problems ignored;
	problems_init(&ignored, arena);
	const struct json *decision = text_present(line->decision) ? json_parse(line->decision, arena, &ignored) : NULL;
	const struct json *dates = decision ? json_member(decision, "period") : NULL;
	struct period kept;
	if (dates && date_parse(json_text(json_item(dates, 0)), &kept.start) &&
	    date_parse(json_text(json_item(dates, 1)), &kept.end))
		whole = kept;
	if (date_compare(whole.end, whole.start) <= 0)
		whole.end = date_add_days(whole.start, 1);
	return whole;
}

static bool charge_of(struct coupon_work *work, size_t i, struct coupon_charge *charge)
{
	const struct invoice_line *line = &work->calculation->lines.items[i];
	const enum invoice_line_kind sold_as = invoice_line_sold_as(line);
	struct catalog_plan *plan = NULL;
	if (!catalog_plan_find(work->command, line->catalog_plan_id, &plan))
		return false;
	bool in_arrear = sold_as == INVOICE_LINE_KIND_USAGE || sold_as == INVOICE_LINE_KIND_COMPONENT_USAGE ||
	                 (line->kind == INVOICE_LINE_KIND_RECURRING && plan &&
	                  plan->billing_mode == CATALOG_PLAN_BILLING_MODE_IN_ARREAR);
	*charge = (struct coupon_charge){ .line = i, .due = in_arrear ? line->period_end : line->period_start,
		                   .days = { line->period_start, line->period_end },
		                   .whole = whole_of(work->command->arena, line) };
	return exact_money_from_money(line->amount, &charge->left) || coupon_overflow(work);
}

/* By day due; of one day the earlier, then the longer period first, so that what lies within one finds it open. */
static int compare_charges(const void *left, const void *right)
{
	const struct coupon_charge *a = left, *b = right;
	int order = date_compare(a->due, b->due);
	if (order == 0)
		order = date_compare(a->whole.start, b->whole.start);
	if (order == 0)
		order = date_compare(b->whole.end, a->whole.end);
	return order ? order : (a->line > b->line) - (a->line < b->line);
}

/* ------------------------------------------------------------------------------------------------ one day */

/* Finds the period of each charge that the redemption discounts. */
static bool find_periods(struct coupon_work *work, struct coupon_use *use, struct coupon_charge *charges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct invoice_line *line = &work->calculation->lines.items[charges[i].line];
		bool covers;
		charges[i].period = SIZE_MAX;
		if (!coupon_use_covers(work->command, use, line, charges[i].days, &covers))
			return false;
		if (covers)
			charges[i].period = coupon_use_period(work->command->arena, use, charges[i].days, charges[i].whole);
	}
	return true;
}

static bool is_first_of_period(const struct coupon_charge *charges, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (charges[j].period == charges[i].period)
			return false;
	return charges[i].period != SIZE_MAX;
}

static bool discount_day_by(struct coupon_work *work, struct coupon_use *use, struct coupon_charge *charges,
                            struct discount_share *shares, size_t count)
{
	work->use = use;
	if (!find_periods(work, use, charges, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!is_first_of_period(charges, i))
			continue;
		for (size_t j = 0; j < count; j++)
			shares[j].eligible = charges[j].period == charges[i].period;
		struct coupon_discount discount = {
			.work = work, .use = use, .period = &use->periods.items[charges[i].period], .due = charges[i].due,
			.charges = charges, .shares = shares, .count = count,
		};
		if (!coupon_take(&discount))
			return false;
	}
	for (size_t i = 0; i < use->periods.count; i++)
		use->periods.items[i].opened = false;
	return true;
}

static bool discount_day(struct coupon_work *work, struct coupon_charge *charges, size_t count)
{
	struct discount_share *shares = arena_new_many(work->command->arena, struct discount_share, count + 1);
	for (size_t i = 0; i < count; i++) {
		shares[i].left = charges[i].left;
		if (!exact_money_from_money(money_zero(work->account->currency), &shares[i].taken))
			return coupon_overflow(work);
	}
	for (size_t i = 0; i < work->uses->count; i++)
		if (!discount_day_by(work, &work->uses->items[i], charges, shares, count))
			return false;
	return true;
}

bool coupon_discount_charges(struct coupon_work *work, struct coupon_charge *charges, size_t count)
{
	if (count > 1)
		qsort(charges, count, sizeof *charges, compare_charges);
	for (size_t from = 0, until; from < count; from = until) {
		until = from + 1;
		while (until < count && date_compare(charges[until].due, charges[from].due) == 0)
			until++;
		if (!discount_day(work, charges + from, until - from))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ a run */

static struct date earliest_start(const struct coupon_work *work)
{
	struct date from = DATE_NONE;
	for (size_t i = work->first; i < work->count; i++)
		from = date_min(from, work->calculation->lines.items[i].period_start);
	return from;
}

bool coupon_lines_add(struct item_amount *amount, size_t first, struct invoice_calculation *calculation)
{
	struct coupon_uses uses = { 0 };
	struct coupon_work work = {
		.command = amount->command, .account = amount->account, .amount = amount, .calculation = calculation,
		.first = first, .count = calculation->lines.count, .uses = &uses,
	};
	if (work.count == first)
		return true;
	struct coupon_charge *charges = arena_new_many(work.command->arena, struct coupon_charge, work.count - first + 1);
	size_t count = 0;
	if (!coupon_uses_of(work.command, work.account, earliest_start(&work), &uses))
		return false;
	if (uses.count == 0)
		return true;
	if (!coupon_uses_add_lines(work.command, &uses, calculation->lines.items, first) || !coupon_return_lines(&work))
		return false;
	for (size_t i = first; i < work.count; i++)
		if (is_charge(&calculation->lines.items[i]) && !charge_of(&work, i, &charges[count++]))
			return false;
	return coupon_discount_charges(&work, charges, count) && coupon_return_components(&work);
}

/* ------------------------------------------------------------------------------------------------ what a line comes to */

static bool lies_on(const struct invoice_line *discount, const struct invoice_line *line)
{
	if (!discount->coupon_redemption_id)
		return false;
	if (!discount->linked_invoice_id)
		return discount->linked_position == line->position;
	return invoice_line_returns(line) && discount->linked_invoice_id == line->linked_invoice_id &&
	       discount->linked_position == line->linked_position &&
	       date_compare(discount->period_start, line->period_start) == 0;
}

bool coupon_net(const struct invoice_line_list *lines, size_t first, size_t i, struct money *net)
{
	*net = lines->items[i].amount;
	for (size_t j = first; j < lines->count; j++)
		if (lies_on(&lines->items[j], &lines->items[i]) && !money_add(*net, lines->items[j].amount, net))
			return false;
	return true;
}
