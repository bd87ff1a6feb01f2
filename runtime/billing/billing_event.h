/* billing_event.h: what invoicing is told of subscriptions, and what it makes of it. Pure data; nothing here reads rows.
 *
 *     timeline, phases, blocked stretches      (timeline.h)      -> billing events, in order
 *     billing events up to a target date       (propose.h)       -> proposed items: what should have been billed
 *     proposed items, items already billed     (repair.h)        -> new items: what this run adds
 *
 * Dates are local to the account. An event holds from its date until the next event of the same subscription.
 * Where its cycles begin does not depend on what is billed when: two events of one convention and period count from the
 * same date, so that a change of plan, price or quantity keeps the cycles; killbill's count anew with each event.
 */
#ifndef MOONBILL_BILLING_BILLING_EVENT_H
#define MOONBILL_BILLING_BILLING_EVENT_H

#include "base/clock.h"
#include "convention.h"
#include "records.gen.h"
#include "value/money.h"
#include "value/timezone.h"

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
	struct convention_choice counts; /* by; convention NULL: as killbill does */
	int bill_cycle_day;            /* resolved: account's, bundle's or its own; 1 to 31 */
	int asked_day;                 /* one that takes the place of the convention's; 0: none */
	struct date counted_from;      /* its cycles are; none: from its own date */
	int64_t time_of_day_us;        /* local, at which they begin where seconds are counted */
	const struct usage_section *usages;
	size_t usage_count;
	struct decimal minimum;        /* that its plan commits to, of a whole period; 0: to nothing */
	bool has_thresholds;           /* usage is invoiced within its periods, as the plan says */
};
/* Where its cycles begin. */
struct convention_cycles billing_event_cycles(const struct billing_event *event);
/* Are they counted anew with each event? So does killbill. */
bool billing_event_counts_anew(const struct billing_event *event);
struct billing_event_list {
	struct billing_event *items; /* by subscription, then time */
	size_t count, capacity;
};

/* The event in force on a date; NULL before the first. */
const struct billing_event *billing_event_on(const struct billing_event_list *events, struct date date);
/* Where seconds are counted, a date stands for a moment: that of the last event of that date, or midnight where whole days are
 * charged from that on, else the time of day at which the cycles of `event` begin. */
struct instant billing_event_moment(const struct billing_event_list *events, const struct billing_event *event,
                                    const struct timezone_rules *zone, struct date date);
/* Are whole days charged from that date on, whatever was counted before? */
bool billing_days_begin(const struct billing_event_list *events, struct date date);
/* The moment at which a cycle of the event begins. */
struct instant billing_cycle_moment(const struct billing_event *event, const struct timezone_rules *zone, struct date date);

/* Where seconds are counted: the moments that the dates of an item stand for; none: not known. */
struct billing_moments {
	struct instant start, end;             /* of what is served */
	struct instant whole_start, whole_end; /* of the period that it is a part of */
};

/* One amount: proposed, or as it was billed. */
struct billing_item {
	enum invoice_line_kind kind; /* fixed, recurring, usage, repair, item_adjustment */
	int64_t id, linked_id;       /* the caller's names of billed ones; linked: what a repair or adjustment takes from */
	int64_t subscription_id, catalog_plan_id;
	struct text plan, phase, usage_section;
	struct convention_choice counts; /* that it was billed by; convention NULL: by that of its event */
	struct date start, end;      /* end none: a fixed item without one */
	struct decimal quantity, rate; /* rate: unit price times quantity */
	bool has_unit_price;           /* usage that several tiers price has none */
	struct decimal unit_price;
	struct period whole;         /* recurring: the period that `rate` is the price of; a part of it is prorated */
	struct billing_moments moments;
	struct exact_money exact;
	struct money amount;         /* repairs are negative */
	struct exact_money given_back; /* repairs: of these days before, which is not given back again; currency NULL: nothing */
	bool too_large;              /* its amount fits nowhere: it stands as 0 and is left out by the run */
	struct text decision;        /* JSON; none until decided */
};
/* Is it all of the period that its rate is for? Not when the moments that its dates stand for are other ones than those of the period. */
bool billing_item_is_whole(const struct billing_item *item);
struct billing_item_list {
	struct billing_item *items;
	size_t count, capacity;
};

#endif
