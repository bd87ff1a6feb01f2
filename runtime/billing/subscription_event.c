/* subscription_event.c: what somebody set for a subscription, as rows of its timeline. */
#include "subscription_event.h"

/* They come in the order in which they lie, by id, and mostly that is their order in time: cheaper than to have each
 * subscription's few sorted by SQLite. Of those at one instant the later id stays behind. */
static void sort_by_instant(struct subscription_event *events, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct subscription_event moved = events[i];
		size_t place = i;
		for (; place > 0 && events[place - 1].at.us > moved.at.us; place--)
			events[place] = events[place - 1];
		events[place] = moved;
	}
}

bool subscription_events(struct command *command, const struct subscription *subscription,
                         struct subscription_event_list *events)
{
	size_t before = events->count;
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_EVENT_IN_FORCE,
	               BINDS(bind_id(subscription->account_id), bind_id(subscription->id)), &subscription_event_record,
	               LIST(events)))
		return false;
	sort_by_instant(events->items + before, events->count - before);
	return true;
}

void subscription_event_count(struct subscription_event *event, struct convention_choice choice, bool aligned)
{
	event->convention = text_of(choice.convention->name);
	event->convention_by = (enum subscription_event_convention_by)choice.by;
	if (!aligned && !convention_takes_day(choice.convention))
		event->billing_alignment = SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_SUBSCRIPTION;
}

const struct subscription_event *subscription_event_of_plan(const struct subscription_event_list *events, struct instant at)
{
	const struct subscription_event *found = NULL;
	for (size_t i = 0; i < events->count && events->items[i].at.us <= at.us; i++)
		if (events->items[i].kind == SUBSCRIPTION_EVENT_KIND_CREATE ||
		    events->items[i].kind == SUBSCRIPTION_EVENT_KIND_CHANGE)
			found = &events->items[i];
	return found;
}

bool subscription_event_add(struct command *command, const struct subscription *subscription,
                            struct subscription_event event)
{
	event.id = store_new_id(command->store, "subscription_event");
	event.account_id = subscription->account_id;
	event.subscription_id = subscription->id;
	event.created_at = command->now;
	return event.id != 0 && store_insert(command->store, &subscription_event_record, &event);
}

bool subscription_events_undo(struct command *command, const struct subscription *subscription,
                              enum subscription_event_kind kind, struct instant from, struct instant *undone)
{
	struct subscription_event_list events = { 0 };
	struct instant earliest = INSTANT_NONE;
	if (!subscription_events(command, subscription, &events))
		return false;
	for (size_t i = 0; i < events.count; i++) {
		struct subscription_event *event = &events.items[i];
		if (event->kind != kind || event->at.us < from.us)
			continue;
		if (earliest.us == 0)
			earliest = event->at;
		event->undone_at = command->now;
		if (!store_update(command->store, &subscription_event_record, event))
			return false;
	}
	if (undone)
		*undone = earliest;
	return true;
}
