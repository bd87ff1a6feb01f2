/* component_period.c: what a subscription used of a metered or prepaid component since it was assessed last. */
#include "component_period.h"

#include "value/record.h"

static const int64_t QUANTITY_MOST = 1000000000000; /* that a record holds */

/* ------------------------------------------------------------------------------------------------ quantities */

struct decimal quantity_min(struct decimal a, struct decimal b)
{
	return decimal_compare(a, b) <= 0 ? a : b;
}

struct decimal quantity_plus(struct decimal a, struct decimal b)
{
	struct decimal sum;
	if (!decimal_add(a, b, &sum))
		BUG("quantities are bounded");
	return decimal_canonical(sum);
}

struct decimal quantity_less(struct decimal a, struct decimal b)
{
	struct decimal difference;
	if (!decimal_subtract(a, b, &difference))
		BUG("quantities are bounded");
	return decimal_canonical(difference);
}

/* ------------------------------------------------------------------------------------------------ reading */

bool component_period_page(struct command *command, const struct subscription_component *had, int64_t before_id, int64_t most,
                           struct component_period_list *periods)
{
	*periods = (struct component_period_list){ 0 };
	return store_all(command->store, STATEMENT_COMPONENT_PERIOD_PAGE,
	                 BINDS(bind_id(had->account_id), bind_id(had->subscription_id), bind_id(had->component_id),
	                       bind_id(before_id), bind_integer(most)),
	                 &component_period_record, LIST(periods));
}

bool component_periods_open(struct command *command, const struct subscription_component *had,
                            struct component_period_list *periods)
{
	*periods = (struct component_period_list){ 0 };
	return store_all(command->store, STATEMENT_COMPONENT_PERIOD_OPEN,
	                 BINDS(bind_id(had->account_id), bind_id(had->subscription_id), bind_id(had->component_id)),
	                 &component_period_record, LIST(periods));
}

/* ------------------------------------------------------------------------------------------------ the open one */

struct instant component_period_boundary(const struct command *command, const struct subscription *subscription)
{
	bool overdue = subscription->assess_at.us && subscription->assess_at.us <= command->now.us;
	return overdue ? subscription->assess_at : INSTANT_NONE;
}

bool component_period_holds(const struct component_period *period, struct period_stretch stretch)
{
	return period->since.us >= stretch.from.us && (!stretch.until.us || period->since.us < stretch.until.us);
}

static bool make_period(struct command *command, const struct subscription_component *had, struct instant at,
                        struct component_period **period)
{
	struct component_period *made = arena_new(command->arena, struct component_period);
	*made = (struct component_period){
		.id = store_new_id(command->store, "component_period"),
		.account_id = had->account_id,
		.subscription_id = had->subscription_id,
		.component_id = had->component_id,
		.quantity = decimal_from_int64(0),
		.overage_quantity = decimal_from_int64(0),
		.since = at,
		.created_at = command->now,
		.updated_at = command->now,
	};
	*period = made;
	return made->id != 0;
}

bool component_period_find(struct command *command, const struct subscription_component *had, struct period_stretch stretch,
                           struct instant at, struct component_period **period)
{
	struct component_period_list open;
	if (!component_periods_open(command, had, &open))
		return false;
	for (size_t i = 0; i < open.count; i++)
		if (component_period_holds(&open.items[i], stretch))
			return (*period = &open.items[i]) != NULL;
	return make_period(command, had, at, period);
}

/* ------------------------------------------------------------------------------------------------ counting */

static struct component_rate *rate_of(struct component_period *period, int64_t price_point_id)
{
	for (size_t i = 0; i < period->rates.count; i++)
		if (period->rates.items[i].price_point_id == price_point_id)
			return &period->rates.items[i];
	return NULL;
}

static bool make_rate(struct command *command, struct component_period *period, int64_t price_point_id, const char *pointer,
                      struct component_rate **rate)
{
	const int64_t most = component_period_record.fields[COMPONENT_PERIOD_FIELD_RATES].max;
	if ((int64_t)period->rates.count >= most)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, pointer, "usage of a period has at most %lld price points",
		               (long long)most);
	*rate = list_add(command->arena, &period->rates, struct component_rate);
	**rate = (struct component_rate){
		.price_point_id = price_point_id, .quantity = decimal_from_int64(0), .overage_quantity = decimal_from_int64(0),
	};
	return true;
}

bool component_period_add(struct command *command, struct component_period *period, int64_t price_point_id,
                          struct decimal quantity, struct decimal overage, const char *pointer)
{
	struct decimal sum = quantity_plus(period->quantity, quantity);
	if (decimal_compare(sum, decimal_from_int64(QUANTITY_MOST)) > 0)
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, pointer, decimal_text(command->arena, quantity), NULL,
		                     "a period holds at most %lld units", (long long)QUANTITY_MOST);
	struct component_rate *rate = rate_of(period, price_point_id);
	if (!rate && !make_rate(command, period, price_point_id, pointer, &rate))
		return false;
	period->quantity = sum;
	period->overage_quantity = quantity_plus(period->overage_quantity, overage);
	rate->quantity = quantity_plus(rate->quantity, quantity);
	rate->overage_quantity = quantity_plus(rate->overage_quantity, overage);
	return true;
}

static void take(struct decimal *from, struct decimal *rest)
{
	struct decimal part = quantity_min(*from, *rest);
	*from = quantity_less(*from, part);
	*rest = quantity_less(*rest, part);
}

void component_period_take(struct component_period *period, int64_t price_point_id, struct decimal quantity,
                           struct decimal overage)
{
	struct component_rate *own = rate_of(period, price_point_id);
	period->quantity = quantity_less(period->quantity, quantity);
	period->overage_quantity = quantity_less(period->overage_quantity, overage);
	if (own) {
		take(&own->quantity, &quantity);
		take(&own->overage_quantity, &overage);
	}
	for (size_t i = period->rates.count; i-- > 0;) {
		take(&period->rates.items[i].quantity, &quantity);
		take(&period->rates.items[i].overage_quantity, &overage);
	}
}

bool component_period_save(struct command *command, struct component_period *period, bool is_new)
{
	period->updated_at = command->now;
	return is_new ? store_insert(command->store, &component_period_record, period)
	              : store_update(command->store, &component_period_record, period);
}

/* ------------------------------------------------------------------------------------------------ assessed */

bool component_periods_close(struct command *command, const struct subscription_component *had, struct period_assessed assessed)
{
	struct component_period_list open;
	struct subscription_component *now;
	struct decimal left = decimal_from_int64(0);
	if (!component_periods_open(command, had, &open) || open.count == 0)
		return !store_failed(command->store);
	for (size_t i = 0; i < open.count; i++) {
		struct component_period *period = &open.items[i];
		if (!assessed.all && period->since.us >= assessed.until.us) {
			left = quantity_plus(left, period->quantity);
			continue;
		}
		period->starts_at = assessed.from.us ? assessed.from : period->since;
		period->ends_at = assessed.until;
		period->invoice_id = assessed.invoice_id;
		if (!component_period_save(command, period, false))
			return false;
	}
	if (!store_find(command->store, &subscription_component_record, had->id, (void **)&now) || !now)
		return false;
	now->unit_balance = left;
	return subscription_component_save(command, now);
}
