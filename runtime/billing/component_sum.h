/* component_sum.h: amounts of components for periods of their subscription, and parts of them.
 *
 *     cost of a quantity (component_price.h)  x  the part of the period that is left, by the proration policy  -> exact
 *     exact  -> cents, by the rounding policy, each amount by itself
 *
 * A period is a cycle of the subscription's plan, by its convention: from one moment to the next where that counts seconds, else
 * from midnight to midnight. Policies are those of the plan, as for its own price. Source: maxio.md 7.5.
 */
#ifndef MOONBILL_BILLING_COMPONENT_SUM_H
#define MOONBILL_BILLING_COMPONENT_SUM_H

#include "component_price.h"
#include "item_amount.h"
#include "subscription_component.h"
#include "value/json.h"

/* Whose components are billed. */
struct component_billing {
	struct command *command;
	const struct account *account;
	const struct subscription *subscription;
	const struct billing_event_list *events; /* all of the subscription's */
	struct item_amount *amount;
};

/* ---- when ---- */
/* A stretch of one cycle; that is its whole where it begins and ends with it. */
struct component_time {
	const struct billing_event *event; /* whose cycle it is */
	struct period cycle;
	struct instant cycle_start, cycle_end;
	struct instant start, end;
};
/* Does billing stop with this event: a cancellation, a blocked stretch? */
bool component_event_stops(const struct billing_event *event);
/* The cycle that holds the moment, as a stretch from then to its end. False: nothing recurs then. */
bool component_time_at(const struct component_billing *billing, struct instant at, struct component_time *time);

/* ---- how much ---- */
struct component_cost {
	const struct component *component;
	const struct price_point *point;
	struct decimal quantity;
	bool overage;                   /* priced by overage_price */
	const struct price_segment *segment; /* NULL: the price point's own price */
	const struct component_pricing *pricing; /* of events: what was asked besides the quantity; NULL: nothing */
	bool told_once;                 /* priced by events one by one, which it does not keep */
	struct component_priced priced; /* of a quantity of 0 that is merely had: nothing, and nobody was asked */
};
/* What a quantity that is had costs for a whole period. */
bool component_cost(const struct component_billing *billing, const struct component *component,
                    const struct price_point *point, struct decimal quantity, struct component_cost *cost);
/* As a member of a line's decision: what was priced, by whom, and its parts. */
void component_cost_write(struct json_writer *writer, struct arena *arena, const char *name, const struct component_cost *cost);

struct component_sum {
	struct exact_money rate;  /* of the whole period; below zero: given back */
	struct exact_money exact; /* of the stretch */
	struct money amount;
	struct text proration, rounding; /* JSON; proration none: nobody was asked */
};
/* Sets all but `rate` from it. `prorated`: of a stretch that is no whole cycle the part, else all of it. */
bool component_sum(const struct component_billing *billing, const struct component_time *time, bool prorated,
                   struct component_sum *sum);
/* The members of a line's decision that tell of time, part and cents. */
void component_sum_write(struct json_writer *writer, struct arena *arena, const struct component_time *time,
                         const struct component_sum *sum);

#endif
