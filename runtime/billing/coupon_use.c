/* coupon_use.c: the redemptions of an account, the billing periods that each was used for, and how many are left. */
#include "coupon_use.h"

#include "account.h"
#include "order.h"

#include "value/record.h"

#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ periods that were used */

static bool same_days(struct period a, struct period b)
{
	return date_compare(a.start, b.start) == 0 && date_compare(a.end, b.end) == 0;
}

/* The number of the period of just these days, made when there is none. */
static size_t period_at(struct arena *arena, struct coupon_use *use, struct period days)
{
	for (size_t i = 0; i < use->periods.count; i++)
		if (same_days(use->periods.items[i].days, days))
			return i;
	*list_add(arena, &use->periods, struct coupon_period) =
	        (struct coupon_period){ .days = days, .taken = money_zero(use->currency) };
	return use->periods.count - 1;
}

struct period_reading {
	struct command *command;
	struct coupon_use *use;
};

static bool period_row(void *context, const struct store_row *row)
{
	struct period_reading *reading = context;
	struct money taken = money_of(-store_row_integer(row, 2), reading->use->currency);
	struct period days;
	if (!date_parse(store_row_text(row, 0), &days.start) || !date_parse(store_row_text(row, 1), &days.end))
		return problem(reading->command->problems, PROBLEM_STORE_FAILED, "", "a period of redemption %lld cannot be read",
		               (long long)reading->use->redemption->id);
	size_t at = period_at(reading->command->arena, reading->use, days);
	struct money *sum = &reading->use->periods.items[at].taken;
	return money_add(*sum, taken, sum) ||
	       problem(reading->command->problems, PROBLEM_OVERFLOW, "", "the discounts of redemption %lld come to too much",
	               (long long)reading->use->redemption->id);
}

static struct coupon_redemption *redemption_find(struct command *command, int64_t id)
{
	void *found = NULL;
	return id && store_find(command->store, &coupon_redemption_record, id, &found) ? found : NULL;
}

/* Its own, and those at the accounts that its bundle was transferred from. */
static bool read_periods(struct command *command, struct date from, struct coupon_use *use)
{
	struct period_reading reading = { command, use };
	struct date after = coupon_periods(use->coupon) > 0 ? DATE_NONE : from;
	for (const struct coupon_redemption *redemption = use->redemption; redemption;
	     redemption = redemption_find(command, redemption->transferred_from_id))
		if (!store_each(command->store, STATEMENT_COUPON_PERIODS,
		                BINDS(bind_id(redemption->account_id), bind_id(redemption->id),
		                      bind_date(command->arena, after)),
		                period_row, &reading))
			return false;
	return !store_failed(command->store);
}

static bool is_used(const struct coupon_period *period)
{
	return period->opened || !money_is_zero(period->taken);
}

static int64_t used_count(const struct coupon_use *use)
{
	int64_t count = 0;
	for (size_t i = 0; i < use->periods.count; i++)
		count += is_used(&use->periods.items[i]);
	return count;
}

/* ------------------------------------------------------------------------------------------------ redemptions */

static int compare_uses(const void *left, const void *right)
{
	const struct coupon_use *a = left, *b = right;
	if (a->coupon->has_percent != b->coupon->has_percent)
		return a->coupon->has_percent ? -1 : 1;
	/* One that is not stored yet comes last. */
	int64_t left_id = a->redemption->id ? a->redemption->id : INT64_MAX,
	        right_id = b->redemption->id ? b->redemption->id : INT64_MAX;
	return (left_id > right_id) - (left_id < right_id);
}

static void sort_uses(struct coupon_uses *uses)
{
	if (uses->count > 1)
		qsort(uses->items, uses->count, sizeof *uses->items, compare_uses);
}

static bool read_use(struct command *command, const struct account *account,
                     const struct coupon_redemption *redemption, struct date from, struct coupon_use *use)
{
	struct decimal off;
	*use = (struct coupon_use){ .redemption = redemption, .currency = account->currency,
		                    .coupon = coupon_need(command, redemption->coupon_id, "/coupon_id") };
	if (!use->coupon)
		return false;
	if (coupon_amount_in(use->coupon, account->currency, &off) &&
	    !money_from_decimal(off, account->currency, "/amounts", command->problems, &use->off))
		return false;
	return read_periods(command, from, use);
}

bool coupon_uses_read(struct command *command, const struct account *account, struct date from, struct coupon_uses *uses)
{
	struct coupon_redemption_list redemptions = { 0 };
	if (!coupon_redemptions_of_account(command, account->id, &redemptions))
		return false;
	for (size_t i = 0; i < redemptions.count; i++)
		if (!read_use(command, account, &redemptions.items[i], from, list_add(command->arena, uses, struct coupon_use)))
			return false;
	sort_uses(uses);
	return true;
}

bool coupon_uses_of(struct command *command, const struct account *account, struct date from, struct coupon_uses *uses)
{
	return !account->has_discounted || !account->discounted || coupon_uses_read(command, account, from, uses);
}

static void take_over(struct arena *arena, const struct order *order, const struct order *replaced,
                      struct coupon_uses *uses)
{
	for (size_t i = 0; i < uses->count; i++) {
		if (uses->items[i].redemption->order_id != replaced->id)
			continue;
		struct coupon_redemption *redemption =
		        record_copy(&coupon_redemption_record, uses->items[i].redemption, arena);
		redemption->order_id = order->id;
		uses->items[i].redemption = redemption;
	}
}

/* They will be the new order's (order_supersede). */
static bool take_over_all(struct command *command, const struct order *order, const struct order *replaced,
                          struct coupon_uses *uses)
{
	for (struct order *below; replaced; replaced = below) {
		take_over(command->arena, order, replaced, uses);
		if (!order_replaced_below(command, replaced, &below))
			return false;
	}
	return true;
}

bool coupon_uses_add_order(struct command *command, struct account *account, const struct order *order,
                           const struct order *replaced, struct text code, struct coupon_uses *uses)
{
	struct coupon_redemption *redemption;
	if (!take_over_all(command, order, replaced, uses))
		return false;
	if (!text_present(code))
		return true;
	if (!coupon_redemption_ahead(command, account, (struct coupon_target){ .order = order }, code, order->start_date,
	                             "/coupon", &redemption) ||
	    !read_use(command, account, redemption, order->start_date, list_add(command->arena, uses, struct coupon_use)))
		return false;
	sort_uses(uses);
	return true;
}

/* ------------------------------------------------------------------------------------------------ charges */

/* Of days that it holds for: not all gone when it was redeemed, begun before it was removed. */
static bool holds_for(const struct coupon_redemption *redemption, struct period days)
{
	bool after = date_present(days.end) ? date_compare(days.end, redemption->starts_on) > 0
	                                    : date_compare(days.start, redemption->starts_on) >= 0;
	return after && (!date_present(redemption->ends_on) || date_compare(days.start, redemption->ends_on) < 0);
}

bool coupon_use_covers(struct command *command, const struct coupon_use *use, const struct invoice_line *line,
                       struct period days, bool *covers)
{
	const struct coupon_redemption *redemption = use->redemption;
	*covers = (!redemption->subscription_id || redemption->subscription_id == line->subscription_id) &&
	          (!redemption->order_id || redemption->order_id == line->order_id) && holds_for(redemption, days);
	if (!*covers)
		return true;
	if (line->component_id)
		return coupon_covers_component(command, use->coupon, line, covers);
	*covers = coupon_names_plans(use->coupon);
	return !*covers || coupon_covers_plan(command, use->coupon, line->catalog_plan_id, line->plan, covers);
}

static bool is_within(struct period days, struct period whole)
{
	return date_compare(days.start, whole.start) >= 0 && date_compare(days.start, whole.end) < 0 &&
	       (!date_present(days.end) || date_compare(days.end, whole.end) <= 0);
}

size_t coupon_use_used_period(const struct coupon_use *use, struct period days)
{
	for (size_t i = 0; i < use->periods.count; i++)
		if (is_used(&use->periods.items[i]) && is_within(days, use->periods.items[i].days))
			return i;
	return SIZE_MAX;
}

size_t coupon_use_period(struct arena *arena, struct coupon_use *use, struct period days, struct period whole)
{
	int64_t periods = coupon_periods(use->coupon);
	size_t used = coupon_use_used_period(use, days);
	if (used != SIZE_MAX)
		return used;
	if (periods > 0 && used_count(use) >= periods)
		return SIZE_MAX;
	size_t opened = period_at(arena, use, whole);
	use->periods.items[opened].opened = true;
	return opened;
}

static struct coupon_use *use_of(struct coupon_uses *uses, int64_t redemption_id)
{
	for (size_t i = 0; i < uses->count; i++)
		if (uses->items[i].redemption->id == redemption_id)
			return &uses->items[i];
	return NULL;
}

bool coupon_uses_add_lines(struct command *command, struct coupon_uses *uses, const struct invoice_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct period days = { lines[i].coupon_period_start, lines[i].coupon_period_end };
		struct coupon_use *use = lines[i].coupon_redemption_id ? use_of(uses, lines[i].coupon_redemption_id) : NULL;
		if (!use)
			continue;
		size_t at = period_at(command->arena, use, days);
		struct coupon_period *period = &use->periods.items[at];
		if (!money_subtract(period->taken, lines[i].amount, &period->taken))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "the discounts of coupon '%.*s' come to too much",
			               TEXT_ARG(use->coupon->code));
	}
	return true;
}

struct coupon_period *coupon_uses_find(struct coupon_uses *uses, int64_t redemption_id, struct period days)
{
	for (size_t i = 0; i < uses->count; i++) {
		struct coupon_use *use = &uses->items[i];
		for (size_t j = 0; use->redemption->id == redemption_id && j < use->periods.count; j++)
			if (same_days(use->periods.items[j].days, days))
				return &use->periods.items[j];
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ what is left */

/* Sets what is left of one redemption. */
static bool settle_one(struct command *command, struct coupon_redemption *redemption)
{
	struct account *account = account_need(command, redemption->account_id, "/account_id");
	struct coupon_use use = { .redemption = redemption,
		                  .coupon = coupon_need(command, redemption->coupon_id, "/coupon_id") };
	if (!account || !use.coupon)
		return false;
	use.currency = account->currency;
	int64_t periods = coupon_periods(use.coupon);
	if (periods == 0)
		return true;
	if (!read_periods(command, DATE_NONE, &use))
		return false;
	int64_t left = periods - used_count(&use);
	left = left > 0 ? left : 0;
	if (left == redemption->periods_left)
		return true;
	redemption->periods_left = left;
	if (redemption->status != COUPON_REDEMPTION_STATUS_REMOVED) {
		redemption->status = left ? COUPON_REDEMPTION_STATUS_ACTIVE : COUPON_REDEMPTION_STATUS_USED_UP;
		redemption->ended_at = left ? (struct instant){ 0 } : command->now;
	}
	return store_update(command->store, &coupon_redemption_record, redemption);
}

/* And of those that go on with it at other accounts. */
static bool settle(struct command *command, int64_t redemption_id)
{
	struct coupon_redemption *redemption = redemption_find(command, redemption_id);
	for (; redemption; redemption = redemption_find(command, redemption->transferred_to_id))
		if (!settle_one(command, redemption))
			return false;
	return !store_failed(command->store);
}

bool coupon_give_back(struct command *command, const struct credit *credit, const struct invoice_line *discount,
                      struct exact_money share)
{
	struct coupon_return given = {
		.account_id = discount->account_id,
		.credit_id = credit ? credit->id : 0,
		.invoice_id = discount->invoice_id,
		.position = discount->position,
		.currency = discount->currency,
	};
	if (!exact_money_round(share, ROUNDING_HALF_UP, &given.amount))
		return problem(command->problems, PROBLEM_OVERFLOW, "", "a discount of account %lld is too large to be given back",
		               (long long)discount->account_id);
	if (given.amount.minor <= 0)
		return true;
	given.id = store_new_id(command->store, "coupon_return");
	return given.id && store_insert(command->store, &coupon_return_record, &given) &&
	       settle(command, discount->coupon_redemption_id);
}

static bool is_first_of(const struct invoice *invoice, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (invoice->lines.items[j].coupon_redemption_id == invoice->lines.items[i].coupon_redemption_id)
			return false;
	return invoice->lines.items[i].coupon_redemption_id != 0;
}

bool coupon_redemptions_settle(struct command *command, const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].coupon_redemption_id && is_first_of(invoice, i) &&
		    !settle(command, invoice->lines.items[i].coupon_redemption_id))
			return false;
	return true;
}
