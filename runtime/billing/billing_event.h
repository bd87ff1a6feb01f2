/* billing_event.h: what invoicing is told of subscriptions, and what it makes of it. Pure data; nothing here reads rows.
 *
 *     timeline, phases, blocked stretches      (timeline.h)      -> billing events, in order
 *     billing events up to a target date       (propose.h)       -> proposed items: what should have been billed
 *     proposed items, items already billed     (repair.h)        -> new items: what this run adds
 *
 * Dates are local to the account. An event holds from its date until the next event of the same subscription.
 */
#ifndef MOONBILL_BILLING_BILLING_EVENT_H
#define MOONBILL_BILLING_BILLING_EVENT_H

#include "base/clock.h"
#include "records.gen.h"
#include "value/calendar.h"
#include "value/money.h"

#include <stdbool.h>
#include <stddef.h>

enum billing_transition {
	BILLING_TRANSITION_CREATE,
	BILLING_TRANSITION_PHASE,
	BILLING_TRANSITION_CHANGE,
	BILLING_TRANSITION_MIGRATE,        /* a later catalog version took over */
	BILLING_TRANSITION_BILL_CYCLE_DAY,
	BILLING_TRANSITION_QUANTITY,
	BILLING_TRANSITION_CANCEL,         /* nothing is charged from here on */
	BILLING_TRANSITION_BLOCK,          /* begin of a blocked stretch: nothing is charged */
	BILLING_TRANSITION_UNBLOCK,        /* its end: charged as the plan then is */
};

struct billing_event {
	int64_t subscription_id;
	enum billing_transition transition;
	struct instant at;
	struct date date;
	int64_t catalog_plan_id;       /* 0: of no stored plan */
	struct text plan, phase;       /* code; code-evergreen: with rate, what makes two items the same kind */
	enum phase_kind phase_kind;
	struct duration phase_length;  /* none: unlimited */
	bool has_fixed, has_recurring; /* a price of 0 is one */
	struct decimal fixed, recurring, quantity;
	enum billing_period period;    /* of recurring; NONE: nothing recurs */
	bool in_arrear;
	int bill_cycle_day;            /* resolved: account's, bundle's or its own; 1 to 31 */
	const struct usage_section *usages;
	size_t usage_count;
};
struct billing_event_list {
	struct billing_event *items; /* by subscription, then time */
	size_t count, capacity;
};

/* One amount: proposed, or as it was billed. */
struct billing_item {
	enum invoice_line_kind kind; /* fixed, recurring, usage, repair, item_adjustment */
	int64_t id, linked_id;       /* the caller's names of billed ones; linked: what a repair or adjustment takes from */
	int64_t subscription_id, catalog_plan_id;
	struct text plan, phase, usage_section;
	struct date start, end;      /* end none: a fixed item without one */
	struct decimal quantity, rate; /* rate: unit price times quantity */
	bool has_unit_price;           /* usage that several tiers price has none */
	struct decimal unit_price;
	struct period whole;         /* recurring: the period that `rate` is the price of; a part of it is prorated */
	struct exact_money exact;
	struct money amount;         /* repairs are negative */
	struct text decision;        /* JSON; none until decided */
};
struct billing_item_list {
	struct billing_item *items;
	size_t count, capacity;
};

#endif
