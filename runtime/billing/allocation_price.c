/* allocation_price.c: what changes cost: before and after, which way, which part, and the charge that follows. */
#include "allocation_work.h"

#include "account.h"

/* ------------------------------------------------------------------------------------------------ differences */

/* It is paid by itself, and whole: what was had before does not count. */
static bool once(const struct allocating_item *item)
{
	return !item->component->recurring || allocating_lot(item);
}

static bool find_difference(struct allocating *work, struct allocating_item *item)
{
	struct decimal had = once(item) ? decimal_from_int64(0) : item->allocation->previous_quantity;
	if (!component_cost(&work->billing, item->component, item->before, had, &item->cost_before) ||
	    !component_cost(&work->billing, item->component, item->after, item->allocation->quantity, &item->cost_after))
		return false;
	item->difference.currency = work->account->currency;
	if (!fraction_subtract(item->cost_after.priced.exact.amount, item->cost_before.priced.exact.amount,
	                       &item->difference.amount))
		return problem(work->command->problems, PROBLEM_OVERFLOW, item->pointer, "the price is too large to compute");
	int sign = fraction_sign(item->difference.amount);
	item->direction = sign > 0 ? DIRECTION_UPGRADE : sign < 0 ? DIRECTION_DOWNGRADE : DIRECTION_NONE;
	return true;
}

/* ------------------------------------------------------------------------------------------------ which way */

static bool differs(const struct allocation *a, const struct allocation *b)
{
	return a->upgrade_charge != b->upgrade_charge || a->downgrade_credit != b->downgrade_credit;
}

static bool find_direction(struct allocating *work)
{
	struct exact_money net;
	if (!exact_money_from_money(money_zero(work->account->currency), &net))
		return false;
	const struct allocation *first = NULL;
	for (size_t i = 0; i < work->count; i++) {
		if (!first && !allocating_lot(&work->items[i]))
			first = work->items[i].allocation;
		if (!allocating_lot(&work->items[i]))
			work->fine_grained = work->fine_grained || differs(work->items[i].allocation, first);
		if (!exact_money_add(net, work->items[i].difference, &net))
			return problem(work->command->problems, PROBLEM_OVERFLOW, "/allocations", "the price is too large to compute");
	}
	int sign = fraction_sign(net.amount);
	if (!work->fine_grained)
		work->direction = sign < 0 ? DIRECTION_DOWNGRADE : sign > 0 ? DIRECTION_UPGRADE : DIRECTION_NONE;
	return true;
}

/* Changes that outweigh each other exactly are charged as those that cost more. */
static void find_scheme(const struct allocating *work, struct allocating_item *item)
{
	enum change_direction by = work->fine_grained ? item->direction : work->direction;
	struct allocation *allocation = item->allocation;
	allocation->direction = (enum allocation_direction)item->direction;
	if (item->direction == DIRECTION_NONE)
		return;
	item->scheme = by == DIRECTION_DOWNGRADE && !allocating_lot(item) ? (enum change_scheme)allocation->downgrade_credit
	                                         : (enum change_scheme)allocation->upgrade_charge;
}

/* ------------------------------------------------------------------------------------------------ charges */

static struct text description_of(const struct allocating *work, const struct allocating_item *item)
{
	struct arena *arena = work->command->arena;
	struct text name = item->component->name, unit = item->component->unit_name;
	struct text to = decimal_canonical_text(arena, item->allocation->quantity),
	            from = decimal_canonical_text(arena, item->cost_before.quantity);
	if (item->component->kind == COMPONENT_KIND_ON_OFF)
		return text_format(arena, "%.*s: %s", TEXT_ARG(name), decimal_sign(item->allocation->quantity) ? "on" : "off");
	if (allocating_lot(item))
		return text_format(arena, "%.*s: %.*s %.*ss", TEXT_ARG(name), TEXT_ARG(to), TEXT_ARG(unit));
	return text_format(arena, "%.*s: %.*s to %.*s %.*ss", TEXT_ARG(name), TEXT_ARG(from), TEXT_ARG(to), TEXT_ARG(unit));
}

/* One unit price before and after, in force for all units: the line can show it. */
static bool one_price(const struct allocating *work, const struct allocating_item *item, struct decimal *price)
{
	const struct price_terms *terms = price_point_terms(item->after, work->account->currency, false);
	*price = terms->unit_price;
	return item->before->id == item->after->id && terms->scheme == PRICE_TERMS_SCHEME_PER_UNIT && !terms->has_free_quantity &&
	       !terms->has_billing_units && !terms->has_minimum && !terms->has_maximum;
}

/* Units more or less, times the part of the period. */
static struct decimal units_of(const struct allocating_item *item)
{
	enum { PLACES = 6 };
	struct decimal delta, units;
	struct fraction share, exact;
	if (!decimal_subtract(item->cost_after.quantity, item->cost_before.quantity, &delta))
		return item->cost_after.quantity;
	bool known = fraction_divide(item->sum.exact.amount, item->difference.amount, &share) &&
	             fraction_from_decimal(delta, &exact) && fraction_multiply(exact, share, &exact) &&
	             fraction_round(exact, PLACES, ROUNDING_HALF_UP, &units);
	return known ? decimal_canonical(units) : delta;
}

static struct text decision_of(const struct allocating *work, const struct allocating_item *item)
{
	struct arena *arena = work->command->arena;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	component_cost_write(&writer, arena, "before", &item->cost_before);
	component_cost_write(&writer, arena, "after", &item->cost_after);
	json_name(&writer, "scheme");
	json_c(&writer, allocation_record.fields[ALLOCATION_FIELD_UPGRADE_CHARGE].words[item->scheme]);
	component_sum_write(&writer, arena, &work->time, &item->sum);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool make_charge(struct allocating *work, struct allocating_item *item)
{
	struct command *command = work->command;
	struct component_charge *charge = arena_new(command->arena, struct component_charge);
	*charge = (struct component_charge){
		.id = store_new_id(command->store, "component_charge"),
		.account_id = work->account->id,
		.subscription_id = work->subscription->id,
		.component_id = item->component->id,
		.price_point_id = item->after->id,
		.allocation_id = item->allocation->id,
		.kind = COMPONENT_CHARGE_KIND_ALLOCATION,
		.status = COMPONENT_CHARGE_STATUS_WAITING,
		.description = description_of(work, item),
		.quantity = units_of(item),
		.starts_at = work->time.start,
		.ends_at = work->time.end,
		.currency = work->account->currency,
		.rate = item->difference,
		.exact = item->sum.exact,
		.amount = item->sum.amount,
		.decision = decision_of(work, item),
		.created_at = command->now,
		.updated_at = command->now,
	};
	charge->has_unit_price = one_price(work, item, &charge->unit_price);
	item->charge = charge;
	item->allocation->charge_id = charge->id;
	return charge->id != 0;
}

static bool charge_item(struct allocating *work, struct allocating_item *item)
{
	item->sum.rate = item->difference;
	if (!component_sum(&work->billing, &work->time, item->scheme == SCHEME_PRORATED && !once(item), &item->sum))
		return false;
	if (!money_add(work->total, item->sum.amount, &work->total))
		return problem(work->command->problems, PROBLEM_OVERFLOW, item->pointer, "the sum of the charges is too large");
	return money_is_zero(item->sum.amount) || make_charge(work, item);
}

bool allocations_price(struct allocating *work)
{
	work->total = money_zero(work->account->currency);
	for (size_t i = 0; i < work->count; i++)
		if (!find_difference(work, &work->items[i]))
			return false;
	if (!find_direction(work))
		return false;
	for (size_t i = 0; i < work->count; i++) {
		struct allocating_item *item = &work->items[i];
		find_scheme(work, item);
		if ((work->charged || allocating_lot(item)) && item->scheme && item->scheme != SCHEME_NOTHING && !charge_item(work, item))
			return false;
	}
	return true;
}
