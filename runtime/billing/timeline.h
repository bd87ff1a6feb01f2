/* timeline.h: how a subscription is charged over time: what was set for it, and what follows from that.
 *
 *     subscription_event rows (create, change, migrate, cancel, bill_cycle_day, quantity)
 *       + phases of its plans                      (alignment.h)
 *       + the same plans by the catalog version that a row migrates to
 *       + later catalog versions that existing subscriptions follow
 *       + the end of the base plan, of an add-on
 *       + blocked stretches                        (blocking.h)
 *     = billing events, in order
 *
 * Nothing of it is stored: a row that is set, undone or backdated makes another timeline. Phases end and versions take
 * over by themselves; a job of the subscription at the next such moment (subscription_advance.h) says so to the world.
 */
#ifndef MOONBILL_BILLING_TIMELINE_H
#define MOONBILL_BILLING_TIMELINE_H

#include "alignment.h"
#include "billing_event.h"
#include "blocking.h"
#include "event/command.h"

/* ---- pure ---- */
struct timeline_plan {
	const struct catalog_plan *plan;
	struct instant begins;                   /* its version; none while no row migrates */
	/* Later versions of it that subscriptions follow, ascending; since when is in `from`. */
	const struct catalog_plan *const *later;
	const struct instant *from;
	size_t later_count;
};
/* Everything that one timeline follows from. */
struct timeline_source {
	const struct timezone_rules *zone;
	const struct currency *currency;
	const struct subscription *subscription;
	struct instant bundle_start;
	const struct subscription_event *events; /* none of them undone; by `at`, then id; the first is the creation */
	size_t event_count;
	const struct blocking_state *states;     /* of account, bundle and subscription; by effective_at, then id */
	size_t state_count;
	const struct timeline_plan *plans;       /* of every plan that an event names, and of those by the versions migrated to */
	size_t plan_count;
	/* Of an add-on: */
	const struct subscription_event *base_events; /* the base plan's, for the bill cycle days set for it */
	size_t base_event_count;
	struct instant base_ends_at;             /* the base plan, or the place beside it, ends; none: open */
	bool base_expires;                       /* because the base plan's last phase is over */
	int account_day, base_day;               /* bill cycle days; 0: not set, not known */
};
struct timeline {
	struct billing_event_list laid;   /* of one subscription, as if nothing were blocked */
	struct billing_event_list events; /* the same with blocked stretches: what is charged */
	struct instant ends_at;           /* billing ends; none: open */
	bool expires;                     /* because its last phase is over, or its base plan's */
	bool cancelled;                   /* somebody set its end */
	struct instant service_ends_at;   /* cancelled: so somebody set that of service */
	bool follows_account;             /* an event takes the account's bill cycle day */
	int own_day;                      /* of the month of the first paid recurring charge */
	const struct blocking_state *states; /* the source's */
	size_t state_count;
};
void timeline_lay(struct arena *arena, const struct timeline_source *source, struct timeline *timeline);
/* The event in force at an instant; NULL before the first. */
const struct billing_event *billing_event_at(const struct billing_event_list *events, struct instant at);
/* The first event after an instant; NULL: nothing happens any more. */
const struct billing_event *billing_event_after(const struct billing_event_list *events, struct instant at);

/* ---- from the store ---- */
bool timeline_read(struct command *command, const struct account *account, const struct subscription *subscription,
                   struct timeline *timeline);
/* Appends its billing events up to a date, and the first after it; date none: all. */
bool timeline_billing_events(struct command *command, const struct account *account,
                             const struct subscription *subscription, struct date until,
                             struct billing_event_list *events);
/* What is charged when, by what is known now; nothing for a subscription that an order made. */
bool timeline_show(struct command *command, const struct subscription *subscription, struct subscription_timeline **shown);
/* The date of the first event of the subscription after `after`; none: nothing changes any more. */
struct date timeline_next_date(const struct billing_event_list *events, int64_t subscription_id, struct date after);

#endif
