/* subscription_event.h: what somebody set for a subscription, as rows of its timeline.
 *
 * Rows are added and undone, never altered: what a subscription was thought to be at any time can be told again.
 */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_EVENT_H
#define MOONBILL_BILLING_SUBSCRIPTION_EVENT_H

#include "convention.h"
#include "event/command.h"

struct subscription_event_list {
	struct subscription_event *items;
	size_t count, capacity;
};

/* Those in force, by `at`, then id. */
bool subscription_events(struct command *command, const struct subscription *subscription,
                         struct subscription_event_list *events);
/* Sets how a row that brings a plan counts. Where the convention has days of its own the catalog's billing alignment, which
 * is about the account's day, does not count; `aligned`: the caller asked for one. */
void subscription_event_count(struct subscription_event *event, struct convention_choice choice, bool aligned);
/* The row that brought the plan in force at the moment; NULL before the first. */
const struct subscription_event *subscription_event_of_plan(const struct subscription_event_list *events, struct instant at);
/* Stores `event` (kind, at and what belongs to the kind) as one of the subscription's. */
bool subscription_event_add(struct command *command, const struct subscription *subscription,
                            struct subscription_event event);
/* Takes back those of a kind from `from` on; *undone (may be NULL) tells the earliest of them, none without any. */
bool subscription_events_undo(struct command *command, const struct subscription *subscription,
                              enum subscription_event_kind kind, struct instant from, struct instant *undone);

#endif
