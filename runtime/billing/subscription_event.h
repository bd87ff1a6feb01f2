/* subscription_event.h: what somebody set for a subscription, as rows of its timeline.
 *
 * Rows are added and undone, never altered: what a subscription was thought to be at any time can be told again.
 */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_EVENT_H
#define MOONBILL_BILLING_SUBSCRIPTION_EVENT_H

#include "event/command.h"

struct subscription_event_list {
	struct subscription_event *items;
	size_t count, capacity;
};

/* Those in force, by `at`, then id. */
bool subscription_events(struct command *command, const struct subscription *subscription,
                         struct subscription_event_list *events);
/* Stores `event` (kind, at and what belongs to the kind) as one of the subscription's. */
bool subscription_event_add(struct command *command, const struct subscription *subscription,
                            struct subscription_event event);
/* Takes back those of a kind from `from` on; *undone (may be NULL) tells the earliest of them, none without any. */
bool subscription_events_undo(struct command *command, const struct subscription *subscription,
                              enum subscription_event_kind kind, struct instant from, struct instant *undone);

#endif
