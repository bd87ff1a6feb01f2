/* propose.h: what should have been billed of a subscription up to a target date. Pure; amounts are decided by hooks.
 *
 * For each event that holds from its date to the next one's: one fixed item where a phase with a fixed price begins, and
 * the recurring items of interval.h. Of several events on one day only the last counts. Nothing is read but the events,
 * so the proposal is the same whatever was billed before; repair.h finds the difference.
 * Source: killbill.md b.3; cases killbill/next_billing, invoice_generation.
 */
#ifndef MOONBILL_BILLING_PROPOSE_H
#define MOONBILL_BILLING_PROPOSE_H

#include "billing_event.h"
#include "interval.h"

/* How amounts are decided. A hook that answers false has said why elsewhere; the caller then fails as well. One whose
 * amount does not fit sets item->too_large and answers true. */
struct billing_hooks {
	void *context;
	/* Sets item->exact: what of item->rate is due for [start, end) of item->whole. Asked for parts only. */
	bool (*prorate)(void *context, const struct billing_event *event, struct billing_item *item);
	/* Sets item->exact of a repair: what `original` gives back for [start, end) of its own period; below zero. */
	bool (*repair)(void *context, const struct billing_item *original, struct billing_item *item);
	/* Sets item->amount from item->exact. */
	bool (*round)(void *context, struct billing_item *item);
};

struct proposal_terms {
	const struct billing_event *events; /* of one subscription, in order of time */
	size_t event_count;
	struct date target;
	struct date from;                   /* items that end on or before it are left out; none: from the beginning */
	const struct currency *currency;
	bool greedy;                        /* in arrears: interval.h */
};

/* Why nothing could be proposed. */
enum proposal_fault {
	PROPOSAL_SOUND,
	PROPOSAL_DATES,    /* an event lies before the one before it */
	PROPOSAL_REFUSED,  /* by a hook */
};

/* Adds items to `items`. *next is the day on which a later run has something new of what is in force at the target; none
 * when nothing recurs. It does not look beyond: a later event is a reason of its own for a run. */
enum proposal_fault propose_items(struct arena *arena, const struct proposal_terms *terms,
                                  const struct billing_hooks *hooks, struct billing_item_list *items,
                                  struct date *next);
/* The same of one event alone, whatever follows it: the day until which it is billed (in advance), the
 * next cycle date (in arrears); none when nothing recurs. */
struct date propose_event_next(const struct proposal_terms *terms, size_t event);
/* The next day as Kill Bill keeps it between runs: the later of the one it had and that of the event in force, none once
 * billing has stopped. */
struct date propose_next_date(const struct billing_event *in_force, struct date previous, struct date next);

/* ---- bounds: where Kill Bill refuses ---- */
enum { PROPOSAL_MONTHS_AHEAD_MAX = 36, PROPOSAL_ITEMS_A_DAY_MAX = 15 };
bool proposal_target_in_bounds(struct date today, struct date target);
enum proposal_excess {
	PROPOSAL_WITHIN_BOUNDS,
	PROPOSAL_TWO_FIXED,     /* of one subscription on one day */
	PROPOSAL_TWO_RECURRING, /* of one subscription for one period */
	PROPOSAL_TOO_MANY,      /* items of one subscription in one run */
};
enum proposal_excess proposal_check(const struct billing_item *items, size_t count, size_t most);

#endif
