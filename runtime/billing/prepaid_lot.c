/* prepaid_lot.c: lots of prepaid components: bought, consumed, given back, ended. */
#include "prepaid_lot.h"

#include "account.h"
#include "component_period.h"

#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ states */

struct decimal prepaid_lot_left(const struct allocation *lot)
{
	return quantity_less(lot->quantity, lot->used_quantity);
}

static void touch(struct prepaid_lots *lots, const struct allocation *lot)
{
	lots->changed[lot - lots->list.items] = true;
}

/* What is left of it is gone. */
static void end(struct prepaid_lots *lots, struct allocation *lot, enum allocation_lot as, struct instant at)
{
	lots->had->quantity = quantity_less(lots->had->quantity, prepaid_lot_left(lot));
	lot->lot = as;
	lot->ended_at = at;
	touch(lots, lot);
}

static bool expires_by(const struct allocation *lot, struct instant at)
{
	return lot->expires_at.us && lot->expires_at.us <= at.us;
}

static void set_used(struct prepaid_lots *lots, struct allocation *lot, struct decimal used, struct decimal in_period)
{
	lot->used_quantity = used;
	lot->has_used_quantity = true;
	lot->used_in_period = in_period;
	lot->has_used_in_period = true;
	touch(lots, lot);
}

bool prepaid_lots_read(struct command *command, struct subscription_component *had, struct instant at, struct prepaid_lots *lots)
{
	*lots = (struct prepaid_lots){ .had = had };
	if (!store_all(command->store, STATEMENT_ALLOCATION_COUNTED,
	               BINDS(bind_id(had->account_id), bind_id(had->subscription_id), bind_id(had->component_id)),
	               &allocation_record, LIST(&lots->list)))
		return false;
	lots->changed = arena_new_many(command->arena, bool, lots->list.count + 1);
	memset(lots->changed, 0, lots->list.count + 1);
	for (size_t i = 0; i < lots->list.count; i++) {
		struct allocation *lot = &lots->list.items[i];
		if (lot->lot == ALLOCATION_LOT_OPEN && expires_by(lot, at))
			end(lots, lot, ALLOCATION_LOT_EXPIRED, lot->expires_at);
	}
	return true;
}

bool prepaid_lots_save(struct command *command, struct prepaid_lots *lots)
{
	for (size_t i = 0; i < lots->list.count; i++)
		if (lots->changed[i] && !store_update(command->store, &allocation_record, &lots->list.items[i]))
			return false;
	memset(lots->changed, 0, lots->list.count);
	return true;
}

/* ------------------------------------------------------------------------------------------------ the order of use */

static bool expires_first(const struct command *command)
{
	struct text order = command_setting(command, "components.prepaid_order");
	return text_present(order) && text_is(order, "expiry");
}

/* Is `a` used before `b`, which was bought after it? */
static bool goes_before(const struct allocation *a, const struct allocation *b)
{
	return !b->expires_at.us || (a->expires_at.us && a->expires_at.us <= b->expires_at.us);
}

/* The first open lot by the order of use. */
static struct allocation *next_open(const struct prepaid_lots *lots, bool by_expiry)
{
	struct allocation *first = NULL;
	for (size_t i = 0; i < lots->list.count; i++) {
		struct allocation *lot = &lots->list.items[i];
		if (lot->lot != ALLOCATION_LOT_OPEN)
			continue;
		if (!first || (by_expiry && !goes_before(first, lot)))
			first = lot;
	}
	return first;
}

/* The last one that the period used. */
static struct allocation *last_used(const struct prepaid_lots *lots, bool by_expiry)
{
	struct allocation *last = NULL;
	for (size_t i = 0; i < lots->list.count; i++) {
		struct allocation *lot = &lots->list.items[i];
		if (decimal_sign(lot->used_in_period) > 0 && (!last || !by_expiry || goes_before(last, lot)))
			last = lot;
	}
	return last;
}

static void tell(struct command *command, struct lot_usages *usage, const struct allocation *lot, struct decimal quantity)
{
	*list_add(command->arena, usage, struct lot_usage) = (struct lot_usage){
		.allocation_id = lot->id, .charge_id = lot->charge_id, .quantity = quantity,
	};
}

struct decimal prepaid_lots_take(struct command *command, struct prepaid_lots *lots, struct decimal quantity,
                                 struct lot_usages *usage)
{
	const bool by_expiry = expires_first(command);
	struct allocation *lot;
	while (decimal_sign(quantity) > 0 && (lot = next_open(lots, by_expiry))) {
		struct decimal part = quantity_min(quantity, prepaid_lot_left(lot));
		set_used(lots, lot, quantity_plus(lot->used_quantity, part), quantity_plus(lot->used_in_period, part));
		quantity = quantity_less(quantity, part);
		tell(command, usage, lot, part);
		if (decimal_sign(prepaid_lot_left(lot)) == 0)
			end(lots, lot, ALLOCATION_LOT_USED_UP, command->now);
	}
	return quantity;
}

/* What goes back to a lot that has ended otherwise is gone with the rest of it. */
static void give(struct command *command, struct prepaid_lots *lots, struct allocation *lot, struct decimal part)
{
	set_used(lots, lot, quantity_less(lot->used_quantity, part), quantity_less(lot->used_in_period, part));
	if (lot->lot == ALLOCATION_LOT_USED_UP) {
		lot->lot = expires_by(lot, command->now) ? ALLOCATION_LOT_EXPIRED : ALLOCATION_LOT_OPEN;
		lot->ended_at = lot->lot == ALLOCATION_LOT_OPEN ? INSTANT_NONE : lot->expires_at;
	}
	if (lot->lot != ALLOCATION_LOT_OPEN)
		lots->had->quantity = quantity_less(lots->had->quantity, part);
}

void prepaid_lots_return(struct command *command, struct prepaid_lots *lots, struct decimal quantity, struct lot_usages *usage)
{
	const bool by_expiry = expires_first(command);
	struct allocation *lot;
	while (decimal_sign(quantity) > 0 && (lot = last_used(lots, by_expiry))) {
		struct decimal part = quantity_min(quantity, lot->used_in_period), back;
		give(command, lots, lot, part);
		quantity = quantity_less(quantity, part);
		back = quantity_less(decimal_from_int64(0), part);
		tell(command, usage, lot, back);
	}
}

/* ------------------------------------------------------------------------------------------------ bought */

/* The same time of day so many days or months on; none: it does not expire. */
static struct instant expiry_of(const struct command *command, const struct account *account, const struct price_point *point,
                                struct instant at)
{
	const struct timezone_rules *zone = command_zone(command, account);
	struct date date = timezone_date(zone, at);
	int32_t count = (int32_t)point->expires_after;
	if (!point->has_expires_after || point->expires_unit == PRICE_POINT_EXPIRES_UNIT_NEVER)
		return INSTANT_NONE;
	date = point->expires_unit == PRICE_POINT_EXPIRES_UNIT_MONTH ? date_add_months(date, count) : date_add_days(date, count);
	return date_present(date) ? timezone_instant(zone, date, timezone_time_of_day_us(zone, at)) : INSTANT_NONE;
}

bool prepaid_lot_open(struct command *command, const struct account *account, struct subscription_component *had,
                      const struct price_point *point, struct allocation *lot)
{
	lot->lot = ALLOCATION_LOT_OPEN;
	lot->expires_at = expiry_of(command, account, point, lot->at);
	lot->used_quantity = lot->used_in_period = decimal_from_int64(0);
	lot->counted = true;
	lot->has_used_quantity = lot->has_used_in_period = lot->has_counted = true;
	had->quantity = quantity_plus(had->quantity, lot->quantity);
	return !lot->expires_at.us || job_add(command, "allocation.expire", lot->account_id, lot->id, lot->expires_at, TEXT_NONE);
}

/* ------------------------------------------------------------------------------------------------ assessed */

static bool is_of_period(const struct allocation *lot, struct instant from, struct instant until)
{
	return lot->at.us >= from.us && lot->at.us < until.us;
}

bool prepaid_lots_renewed(struct command *command, const struct prepaid_lots *lots, struct instant from, struct instant until,
                          struct allocation_list *renewed)
{
	*renewed = (struct allocation_list){ 0 };
	for (size_t i = 0; from.us && i < lots->list.count; i++) {
		const struct allocation *lot = &lots->list.items[i];
		if (lot->lot == ALLOCATION_LOT_DELETED || !is_of_period(lot, from, until))
			continue;
		const struct price_point *point = price_point_need(command, lot->price_point_id, "");
		if (!point)
			return false;
		if (point->has_renew_prepaid && point->renew_prepaid)
			*list_add(command->arena, renewed, struct allocation) = *lot;
	}
	return true;
}

static bool rolls_over(struct command *command, const struct allocation *lot, bool *rolls)
{
	const struct price_point *point = price_point_need(command, lot->price_point_id, "");
	*rolls = point && point->has_rollover_prepaid && point->rollover_prepaid;
	return point != NULL;
}

static bool assess(struct command *command, struct prepaid_lots *lots, struct allocation *lot, const struct lots_assessed *assessed)
{
	bool rolls = true;
	if (lot->lot == ALLOCATION_LOT_OPEN && assessed->ends)
		end(lots, lot, ALLOCATION_LOT_LAPSED, assessed->until);
	if (lot->lot == ALLOCATION_LOT_OPEN && expires_by(lot, assessed->until))
		end(lots, lot, ALLOCATION_LOT_EXPIRED, lot->expires_at);
	if (lot->lot == ALLOCATION_LOT_OPEN && assessed->from.us && lot->at.us < assessed->until.us &&
	    !rolls_over(command, lot, &rolls))
		return false;
	if (!rolls)
		end(lots, lot, ALLOCATION_LOT_LAPSED, assessed->until);
	if (assessed->used_on)
		return true;
	lots->had->quantity = quantity_less(lots->had->quantity, lot->used_in_period);
	set_used(lots, lot, lot->used_quantity, decimal_from_int64(0));
	lot->counted = lot->lot == ALLOCATION_LOT_OPEN || lot->at.us >= assessed->until.us;
	return true;
}

bool prepaid_lots_assess(struct command *command, struct prepaid_lots *lots, struct lots_assessed assessed)
{
	for (size_t i = 0; i < lots->list.count; i++)
		if (!assess(command, lots, &lots->list.items[i], &assessed))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ going on */

static bool go_on(struct command *command, const struct allocation *lot, struct subscription_component *to)
{
	struct allocation next = *lot;
	next.id = store_new_id(command->store, "allocation");
	next.account_id = to->account_id;
	next.subscription_id = to->subscription_id;
	next.previous_quantity = to->quantity;
	next.quantity = prepaid_lot_left(lot);
	next.used_quantity = next.used_in_period = decimal_from_int64(0);
	next.charge_id = next.invoice_id = 0;
	next.has_line_position = false;
	next.created_at = command->now;
	to->quantity = quantity_plus(to->quantity, next.quantity);
	return next.id && store_insert(command->store, &allocation_record, &next) &&
	       (!next.expires_at.us || job_add(command, "allocation.expire", next.account_id, next.id, next.expires_at, TEXT_NONE));
}

bool prepaid_lots_go_on(struct command *command, struct subscription_component *from, struct subscription_component *to)
{
	const struct component *component = component_need(command, from->component_id, "");
	struct prepaid_lots lots;
	if (!component)
		return false;
	if (component->kind != COMPONENT_KIND_PREPAID)
		return true;
	to->quantity = decimal_from_int64(0);
	if (!prepaid_lots_read(command, from, command->now, &lots))
		return false;
	for (size_t i = 0; i < lots.list.count; i++) {
		struct allocation *lot = &lots.list.items[i];
		if (lot->lot != ALLOCATION_LOT_OPEN)
			continue;
		if (!go_on(command, lot, to))
			return false;
		end(&lots, lot, ALLOCATION_LOT_LAPSED, command->now);
	}
	return prepaid_lots_save(command, &lots) && subscription_component_save(command, from);
}
