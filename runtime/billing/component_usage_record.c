/* component_usage_record.c: what is used of metered and prepaid components is recorded, one or many at once. */
#include "component_usage_record.h"

#include "account.h"
#include "component_sum.h"
#include "prepaid_lot.h"
#include "progressive_billing.h"
#include "subscription.h"
#include "subscription_advance.h"
#include "timeline.h"
#include "wallet.h"

#include "event/dispatch.h"
#include "value/record.h"

bool component_usage_page(struct command *command, const struct subscription_component *had,
                          const struct component_usage_filter *filter, struct component_usage_rows *rows)
{
	*rows = (struct component_usage_rows){ 0 };
	return store_all(command->store, STATEMENT_COMPONENT_USAGE_PAGE,
	                 BINDS(bind_id(had->account_id), bind_id(had->subscription_id), bind_id(had->component_id),
	                       bind_id(filter->before_id), bind_id(filter->since_id), bind_id(filter->max_id),
	                       bind_instant(filter->since), bind_instant(filter->until), bind_integer(filter->offset),
	                       bind_integer(filter->most)),
	                 &component_usage_record, LIST(rows));
}

/* ------------------------------------------------------------------------------------------------ where it counts */

/* A component of a subscription while usage of it is recorded. Neighbours of a batch share it; it is written once. */
struct usage_place {
	struct subscription *subscription;
	struct account *account;
	struct component *component;
	struct subscription_component *had;
	struct instant boundary;                   /* where an assessment is overdue; how it is charged then: */
	struct timeline timeline;
	struct component_billing billing;
	struct component_period *period; /* NULL: none of its usage was counted yet */
	bool period_is_new;
	struct prepaid_lots lots;        /* prepaid */
};
/* One item of a request. */
struct recording {
	struct command *command;
	const struct component_usage_create *input;
	const char *pointer; /* "" or "/items/3" */
	struct usage_place *place;
	int64_t price_point_id; /* that is named; 0: none */
	struct component_usage *usage;
};

static const char *at(const struct recording *recording, const char *name)
{
	return text_format(recording->command->arena, "%s/%s", recording->pointer, name).data;
}

static bool is_prepaid(const struct usage_place *place)
{
	return place->component->kind == COMPONENT_KIND_PREPAID;
}

static bool check_component(const struct recording *recording, const struct component *component)
{
	bool counted = component->kind == COMPONENT_KIND_METERED || component->kind == COMPONENT_KIND_PREPAID;
	return counted || problem_value(recording->command->problems, PROBLEM_WRONG_STATE,
	                                at(recording, recording->input->component_id ? "component_id" : "component"), component->handle,
	                                component->kind == COMPONENT_KIND_EVENT ? "Send its events." : "Change its quantity with allocation.create.",
	                                "component '%.*s' is neither metered nor prepaid", TEXT_ARG(component->handle));
}

static bool check_subscription(const struct recording *recording, const struct subscription *subscription)
{
	return !subscription_is_final(subscription->status) ||
	       problem(recording->command->problems, PROBLEM_WRONG_STATE, at(recording, "subscription_id"),
	               "subscription %lld is %s, and what was used of it is billed", (long long)subscription->id,
	               subscription_status_word(subscription->status));
}

static bool is_of(const struct usage_place *place, const struct component_usage_create *input)
{
	return place->subscription && place->subscription->id == input->subscription_id &&
	       (input->component_id ? place->component->id == input->component_id
	                            : text_equals(place->component->handle, input->component));
}

/* Writes what the usage of the place so far has come to. */
static bool leave(struct command *command, struct usage_place *place)
{
	struct component_period *period = place->period;
	place->period = NULL;
	if (!period)
		return true;
	bool good = component_period_save(command, period, place->period_is_new) &&
	            (!is_prepaid(place) || prepaid_lots_save(command, &place->lots)) &&
	            subscription_component_save(command, place->had) && progressive_watch(command, place->subscription) &&
	            wallet_watch(command, place->account);
	place->subscription = NULL;
	return good;
}

static bool come(const struct recording *recording, struct usage_place *place)
{
	struct command *command = recording->command;
	const struct component_usage_create *input = recording->input;
	if (is_of(place, input))
		return true;
	if (!leave(command, place))
		return false;
	*place = (struct usage_place){ 0 };
	struct subscription *subscription;
	if (!subscription_need_direct_at(command, input->subscription_id, at(recording, "subscription_id"), &subscription,
	                                 &place->account) ||
	    !check_subscription(recording, subscription))
		return false;
	place->component = component_named(command, input->component_id, input->component, recording->pointer);
	if (!place->component || !check_component(recording, place->component) ||
	    !subscription_component_of(command, subscription, place->component->id, &place->had))
		return false;
	place->boundary = is_prepaid(place) ? INSTANT_NONE : component_period_boundary(command, subscription);
	place->subscription = subscription;
	place->billing = (struct component_billing){ command, place->account, subscription, &place->timeline.events, NULL };
	return !place->boundary.us || timeline_read(command, place->account, subscription, &place->timeline);
}

/* Its price point, and the component itself where the subscription has nothing of it yet. */
static bool find_price(struct recording *recording)
{
	struct usage_place *place = recording->place;
	const struct price_wish wish = PRICE_WISH_OF(recording->input, recording->pointer);
	struct price_point *point;
	if (!price_wish_find(recording->command, place->subscription, place->component, &wish,
	                     place->had ? place->had->price_point_id : 0, &point))
		return false;
	recording->price_point_id = point ? point->id : 0;
	return place->had || subscription_component_make(recording->command, place->subscription, place->component, NULL,
	                                                 at(recording, "component_id"), &place->had);
}

/* ------------------------------------------------------------------------------------------------ what is recorded */

static bool find_moment(const struct recording *recording, struct instant *used_at)
{
	struct command *command = recording->command;
	*used_at = recording->input->used_at.us ? recording->input->used_at : command->now;
	return used_at->us <= command->now.us ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, at(recording, "used_at"), instant_text(command->arena, *used_at),
	                     "Record it when it has been used.", "it is now %.*s", TEXT_ARG(instant_text(command->arena, command->now)));
}

static bool make_usage(struct recording *recording)
{
	struct command *command = recording->command;
	const struct usage_place *place = recording->place;
	struct component_usage *usage = arena_new(command->arena, struct component_usage);
	*usage = (struct component_usage){
		.account_id = place->account->id,
		.subscription_id = place->subscription->id,
		.component_id = place->component->id,
		.price_point_id = recording->price_point_id ? recording->price_point_id : place->had->price_point_id,
		.quantity = recording->input->quantity,
		.memo = recording->input->memo,
		.created_at = command->now,
	};
	recording->usage = usage;
	if (!find_moment(recording, &usage->used_at) ||
	    !component_quantity_check(command, place->component, usage->quantity, at(recording, "quantity")))
		return false;
	usage->id = store_new_id(command->store, "component_usage");
	return usage->id != 0;
}

/* Rules are asked before anything is read that their own commands may change. */
static bool ask_rules(struct recording *recording)
{
	struct command *command = recording->command;
	struct component_usage *usage = recording->usage;
	struct occurrence created = occurrence_of(EVENT_COMPONENT_USAGE_CREATE, &component_usage_record, usage, usage->id,
	                                          usage->account_id);
	if (!event_is_awaited(command, EVENT_COMPONENT_USAGE_CREATE))
		return event_pre(command, &created);
	struct usage_place *place = recording->place;
	if (!leave(command, place) || !event_pre(command, &created))
		return false;
	place->subscription = NULL;
	if (!come(recording, place))
		return false;
	return component_quantity_check(command, place->component, usage->quantity, at(recording, "quantity"));
}

/* What was used before the period that runs is late, and counts in it. */
static struct instant counts_at(const struct recording *recording)
{
	const struct subscription *subscription = recording->place->subscription;
	struct instant since = subscription->assessed_from.us ? subscription->assessed_from : subscription->started_at;
	return recording->usage->used_at.us < since.us ? since : recording->usage->used_at;
}

/* While an assessment is overdue each cycle is for itself, since each is billed by itself; where none is, what was used before and
 * after it should have been assessed. */
static struct period_stretch stretch_of(const struct usage_place *place, struct instant at)
{
	struct component_time time;
	if (!place->boundary.us)
		return (struct period_stretch){ INSTANT_NONE, INSTANT_NONE };
	if (component_time_at(&place->billing, at, &time))
		return (struct period_stretch){ time.cycle_start, time.cycle_end };
	return at.us < place->boundary.us ? (struct period_stretch){ INSTANT_NONE, place->boundary }
	                                  : (struct period_stretch){ place->boundary, INSTANT_NONE };
}

static bool find_period(struct recording *recording)
{
	struct command *command = recording->command;
	struct usage_place *place = recording->place;
	struct instant counted = counts_at(recording);
	const struct period_stretch stretch = stretch_of(place, counted);
	if (place->period && component_period_holds(place->period, stretch))
		return true;
	if (place->period && (!component_period_save(command, place->period, place->period_is_new) ||
	                      !subscription_component_save(command, place->had)))
		return false;
	if (!component_period_find(command, place->had, stretch, counted, &place->period))
		return false;
	place->period_is_new = place->period->usage_count == 0;
	return !is_prepaid(place) || prepaid_lots_read(command, place->had, command->now, &place->lots);
}

/* ------------------------------------------------------------------------------------------------ what it comes to */

static bool count_more(struct recording *recording)
{
	struct usage_place *place = recording->place;
	struct component_usage *usage = recording->usage;
	if (is_prepaid(place))
		usage->overage_quantity = prepaid_lots_take(recording->command, &place->lots, usage->quantity,
		                                            (struct lot_usages *)(void *)&usage->lots);
	return component_period_add(recording->command, place->period, recording->price_point_id, usage->quantity,
	                            usage->overage_quantity, at(recording, "quantity"));
}

static void count_less(struct recording *recording)
{
	struct usage_place *place = recording->place;
	struct component_usage *usage = recording->usage;
	struct decimal zero = decimal_from_int64(0);
	struct decimal back = quantity_min(quantity_less(zero, usage->quantity), place->period->quantity);
	struct decimal overage = quantity_min(back, place->period->overage_quantity);
	if (is_prepaid(place))
		prepaid_lots_return(recording->command, &place->lots, quantity_less(back, overage),
		                    (struct lot_usages *)(void *)&usage->lots);
	component_period_take(place->period, recording->price_point_id, back, overage);
}

static bool count(struct recording *recording)
{
	struct usage_place *place = recording->place;
	struct component_usage *usage = recording->usage;
	struct component_period *period = place->period;
	usage->period_id = period->id;
	usage->balance_before = period->quantity;
	usage->overage_before = period->overage_quantity;
	usage->overage_quantity = decimal_from_int64(0);
	if (decimal_sign(usage->quantity) < 0)
		count_less(recording);
	else if (!count_more(recording))
		return false;
	period->usage_count++;
	usage->balance = period->quantity;
	usage->overage_balance = period->overage_quantity;
	place->had->unit_balance = quantity_plus(quantity_less(place->had->unit_balance, usage->balance_before), usage->balance);
	return true;
}

static bool record(struct recording *recording)
{
	struct command *command = recording->command;
	struct usage_place *place = recording->place;
	if (!come(recording, place) || !find_price(recording) || !make_usage(recording) || !ask_rules(recording) ||
	    !find_period(recording) || !count(recording))
		return false;
	struct component_usage *usage = recording->usage;
	struct occurrence created = occurrence_of(EVENT_COMPONENT_USAGE_CREATE, &component_usage_record, usage, usage->id,
	                                          usage->account_id);
	return store_insert(command->store, &component_usage_record, usage) && event_post(command, &created);
}

/* ------------------------------------------------------------------------------------------------ commands */

static bool create_perform(struct command *command, const void *data, void **output)
{
	struct usage_place place = { 0 };
	struct recording recording = { .command = command, .input = data, .pointer = "", .place = &place };
	if (!record(&recording))
		return false;
	command_object(command, "component_usage", recording.usage->id, recording.usage->account_id);
	*output = recording.usage;
	return leave(command, &place);
}

static bool create_batch_perform(struct command *command, const void *data, void **output)
{
	const struct component_usage_batch *batch = data;
	struct component_usage_created *created = arena_new(command->arena, struct component_usage_created);
	struct usage_place place = { 0 };
	command_object(command, "component_usage", 0, 0);
	for (size_t i = 0; i < batch->items.count; i++) {
		struct recording recording = { .command = command, .input = &batch->items.items[i], .place = &place };
		recording.pointer = text_format(command->arena, "/items/%zu", i).data;
		if (!record(&recording))
			return false;
		*list_add(command->arena, &created->items, struct component_usage) = *recording.usage;
	}
	*output = created;
	return leave(command, &place);
}

const struct command_type component_usage_commands[] = {
	{ .name = "component_usage.create", .scope = "write", .input = &component_usage_create_record,
	  .output = &component_usage_record, .perform = create_perform,
	  .doc = "Records what a subscription used of a metered or prepaid component, or takes some of it back." },
	{ .name = "component_usage.create_batch", .scope = "write", .input = &component_usage_batch_record,
	  .output = &component_usage_created_record, .perform = create_batch_perform,
	  .doc = "Records up to 1,000 of them, all or none." },
	{ .name = NULL },
};
