/* timeline_read.c: a subscription's timeline from the rows it follows from. */
#include "timeline.h"

#include "catalog_plan.h"
#include "subscription.h"
#include "blocking_state.h"
#include "subscription_bundle.h"
#include "subscription_event.h"

/* ------------------------------------------------------------------------------------------------ plans */

static bool version_begins(struct command *command, const struct catalog_plan *plan, struct instant *at)
{
	struct catalog_version *version;
	*at = INSTANT_NONE;
	if (!catalog_version_find(command, plan->version_id, &version))
		return false;
	*at = version ? version->effective_at : INSTANT_NONE;
	return true;
}

/* A plan made for one subscription stays what it is. Few plans have versions that are followed: that is asked first. */
static bool read_later(struct command *command, struct timeline_plan *entry)
{
	struct catalog_plan_list versions = { 0 };
	struct instant since;
	if (entry->plan->parent_id)
		return true;
	if (!catalog_plan_followed(command, entry->plan->code, &versions))
		return false;
	if (versions.count == 0)
		return true;
	if (!version_begins(command, entry->plan, &since))
		return false;
	const struct catalog_plan **later = arena_new_many(command->arena, const struct catalog_plan *, versions.count + 1);
	struct instant *from = arena_new_many(command->arena, struct instant, versions.count + 1);
	for (size_t i = 0; i < versions.count; i++) {
		struct instant begins;
		if (!version_begins(command, &versions.items[i], &begins))
			return false;
		if (begins.us <= since.us)
			continue;
		later[entry->later_count] = &versions.items[i];
		from[entry->later_count].us = versions.items[i].existing_from.us;
		if (from[entry->later_count].us < begins.us)
			from[entry->later_count] = begins;
		entry->later_count++;
	}
	entry->later = later;
	entry->from = from;
	return true;
}

struct plans_read { struct timeline_plan *items; size_t count, capacity; };

static bool add_plan(struct command *command, struct plans_read *plans, const struct catalog_plan *plan)
{
	for (size_t i = 0; i < plans->count; i++)
		if (plans->items[i].plan->id == plan->id)
			return true;
	struct timeline_plan *entry = list_add(command->arena, plans, struct timeline_plan);
	*entry = (struct timeline_plan){ .plan = plan };
	return read_later(command, entry);
}

/* Every plan that a row names, by the version that the plan number `target` is of; and when their versions begin. */
static bool read_version(struct command *command, struct plans_read *plans, int64_t target)
{
	size_t count = plans->count;
	int64_t version_id = 0;
	for (size_t i = 0; i < count; i++)
		if (plans->items[i].plan->id == target)
			version_id = plans->items[i].plan->version_id;
	for (size_t i = 0; i < count; i++) {
		struct catalog_plan *plan;
		if (!catalog_plan_in_version(command, plans->items[i].plan->code, version_id, &plan) ||
		    (plan && !add_plan(command, plans, plan)))
			return false;
	}
	for (size_t i = 0; i < plans->count; i++)
		if (!version_begins(command, plans->items[i].plan, &plans->items[i].begins))
			return false;
	return true;
}

static bool read_plans(struct command *command, struct timeline_source *source)
{
	struct plans_read plans = { 0 };
	for (size_t i = 0; i < source->event_count; i++) {
		int64_t id = source->events[i].catalog_plan_id;
		bool known = id == 0;
		for (size_t j = 0; j < plans.count && !known; j++)
			known = plans.items[j].plan->id == id;
		struct catalog_plan *plan = NULL;
		if (known)
			continue;
		if (!catalog_plan_find(command, id, &plan))
			return false;
		if (!plan)
			return problem(command->problems, PROBLEM_STORE_FAILED, "", "catalog plan %lld is missing",
			               (long long)id);
		if (!add_plan(command, &plans, plan))
			return false;
	}
	for (size_t i = 0; i < source->event_count; i++)
		if (source->events[i].kind == SUBSCRIPTION_EVENT_KIND_MIGRATE &&
		    !read_version(command, &plans, source->events[i].catalog_plan_id))
			return false;
	source->plans = plans.items;
	source->plan_count = plans.count;
	return true;
}

/* ------------------------------------------------------------------------------------------------ the base plan */

/* May the add-on stand beside the plan of that event? */
static bool is_sold_beside(struct command *command, const struct billing_event *event, struct text add_on, bool *sold)
{
	struct catalog_plan *plan = NULL;
	*sold = true;
	if (!catalog_plan_find(command, event->catalog_plan_id, &plan) || !plan)
		return plan != NULL;
	return catalog_add_on_is_available(command, plan, add_on, sold);
}

/* When the base plan's change leaves no place for the add-on; INT64_MAX: never. */
static bool displaced_us(struct command *command, const struct timeline *base, struct instant from, struct text add_on,
                         int64_t *us)
{
	*us = INT64_MAX;
	for (size_t i = 0; i < base->laid.count && *us == INT64_MAX; i++) {
		const struct billing_event *event = &base->laid.items[i];
		bool sold;
		if (event->transition != BILLING_TRANSITION_CHANGE || event->at.us < from.us)
			continue;
		if (!is_sold_beside(command, event, add_on, &sold))
			return false;
		if (!sold)
			*us = event->at.us;
	}
	return true;
}

static bool follow_base(struct command *command, const struct account *account,
                        const struct subscription *subscription, struct timeline_source *source)
{
	struct subscription *base;
	struct timeline timeline;
	struct subscription_event_list rows = { 0 };
	int64_t displaced;
	if (!subscription_base_of(command, subscription, &base) || !base)
		return !store_failed(command->store);
	if (!timeline_read(command, account, base, &timeline) ||
	    !subscription_events(command, base, &rows) ||
	    !displaced_us(command, &timeline, source->events[0].at, source->plans[0].plan->product, &displaced))
		return false;
	source->base_events = rows.items;
	source->base_event_count = rows.count;
	source->base_day = timeline.own_day;
	bool ends = timeline.ends_at.us != 0 && timeline.ends_at.us <= displaced;
	source->base_ends_at = ends ? timeline.ends_at : (struct instant){ displaced == INT64_MAX ? 0 : displaced };
	source->base_expires = ends && timeline.expires;
	if (source->base_ends_at.us != 0 && source->base_ends_at.us < source->events[0].at.us)
		source->base_ends_at = source->events[0].at;
	return true;
}

/* ------------------------------------------------------------------------------------------------ the whole */

static bool read_source(struct command *command, const struct account *account,
                        const struct subscription *subscription, struct timeline_source *source)
{
	struct subscription_event_list rows = { 0 };
	struct blocking_state_list states = { 0 };
	struct bundle_basis bundle;
	if (!subscription_events(command, subscription, &rows) ||
	    !subscription_bundle_basis(command, subscription, &bundle) ||
	    (bundle.may_be_blocked && !blocking_states_of(command, subscription, &states)))
		return false;
	*source = (struct timeline_source){
		.zone = command_zone(command, account),
		.currency = subscription->currency,
		.subscription = subscription,
		.bundle_start = bundle.start,
		.events = rows.items,
		.event_count = rows.count,
		.states = states.items,
		.state_count = states.count,
		.account_day = account->has_bill_cycle_day ? (int)account->bill_cycle_day : 0,
	};
	if (!read_plans(command, source))
		return false;
	bool add_on = subscription->category == SUBSCRIPTION_CATEGORY_ADD_ON && source->plan_count > 0;
	return !add_on || follow_base(command, account, subscription, source);
}

bool timeline_read(struct command *command, const struct account *account, const struct subscription *subscription,
                   struct timeline *timeline)
{
	struct timeline_source source;
	*timeline = (struct timeline){ .own_day = 0 };
	if (!read_source(command, account, subscription, &source))
		return false;
	timeline_lay(command->arena, &source, timeline);
	return true;
}

bool timeline_billing_events(struct command *command, const struct account *account,
                             const struct subscription *subscription, struct date until,
                             struct billing_event_list *events)
{
	struct timeline timeline;
	if (!timeline_read(command, account, subscription, &timeline))
		return false;
	for (size_t i = 0; i < timeline.events.count; i++) {
		*list_add(command->arena, events, struct billing_event) = timeline.events.items[i];
		if (date_present(until) && date_compare(timeline.events.items[i].date, until) > 0)
			break;
	}
	return true;
}
