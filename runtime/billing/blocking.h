/* blocking.h: what services hold back of an account, bundle or subscription, and the stretches in which nothing is charged.
 *
 * Of each service and object the newest state counts; a kind is blocked when any of them says so, and what blocks an
 * account blocks its bundles and their subscriptions. Billing stops in the stretches between a state that blocks it and the
 * next of the same service and object that does not; stretches of all services and levels are joined where they touch.
 * Shorter ones than 24 hours stop nothing. Events that fall into a stretch are dropped: a stop stands at its start, a
 * restart with the plan of then at its end. Pure. Source: killbill.md b.8.
 */
#ifndef MOONBILL_BILLING_BLOCKING_H
#define MOONBILL_BILLING_BLOCKING_H

#include "billing_event.h"
#include "value/timezone.h"

struct blocked_stretch {
	struct instant start, end; /* [start, end); end none: still blocked */
};
struct blocked_stretches {
	struct blocked_stretch *items; /* ascending and apart */
	size_t count, capacity;
};

struct blocked_kinds {
	bool change, entitlement, billing;
};

/* Do they not even touch? */
bool blocked_stretch_is_disjoint(struct blocked_stretch a, struct blocked_stretch b);
/* From the earlier start to the later end. */
struct blocked_stretch blocked_stretch_merge(struct blocked_stretch a, struct blocked_stretch b);
/* By start, then end; an open end is the latest. -1, 0, 1 */
int blocked_stretch_compare(struct blocked_stretch a, struct blocked_stretch b);

/* `states` of the objects concerned (account, bundle, subscription), by effective_at, then id. */
void blocked_stretches_of(struct arena *arena, const struct blocking_state *states, size_t count,
                          struct blocked_stretches *stretches);
/* What is held back at an instant. */
struct blocked_kinds blocked_kinds_at(const struct blocking_state *states, size_t count, struct instant at);
struct blocked_kinds blocked_kinds_join(struct blocked_kinds a, struct blocked_kinds b);

/* ---- events of one subscription, by time ---- */
/* Does the event fall into one of the stretches? */
bool blocked_event_is_removed(const struct blocked_stretches *stretches, const struct billing_event *event);
/* The stops and restarts of the stretches, appended to `created`; their dates are left to the caller. */
void blocked_events_create(struct arena *arena, const struct blocked_stretches *stretches,
                           const struct billing_event *events, size_t count, struct billing_event_list *created);
/* Both: the events that remain with the stops and restarts, by time; a restart stands before what happens at its
 * instant. Replaces the list's items. */
void blocked_events_apply(struct arena *arena, const struct timezone_rules *zone,
                          const struct blocked_stretches *stretches, struct billing_event_list *events);

#endif
