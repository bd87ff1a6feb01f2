/* component_period.h: what a subscription used of a metered or prepaid component since it was assessed last.
 *
 *     component_usage rows --added up as they come--> component_period, with a rate for each price point --assessment--> closed
 *
 * A period is kept as a running total, so that neither usage nor an assessment looks back. What is taken back (a quantity below
 * zero) comes off the rate it names, then off the others, the youngest first, and never below nothing: what is short is
 * forgotten. Terms: maxio.md 7.9; docs/components.md.
 */
#ifndef MOONBILL_BILLING_COMPONENT_PERIOD_H
#define MOONBILL_BILLING_COMPONENT_PERIOD_H

#include "object_filter.h"
#include "subscription_component.h"

struct component_period_list {
	struct component_period *items;
	size_t count, capacity;
};

/* ---- reading ---- */
/* Newest first; ids below before_id (0: all), at most `most`. */
bool component_period_page(struct command *command, const struct subscription_component *had, int64_t before_id, int64_t most,
                           struct component_period_list *periods);
/* Those that are not assessed yet, oldest first: one, and one more for each cycle that is over while an assessment is overdue. */
bool component_periods_open(struct command *command, const struct subscription_component *had,
                            struct component_period_list *periods);

/* ---- for other performs ---- */
/* Usage of one stretch is billed together. Neither end: all that is open. */
struct period_stretch {
	struct instant from, until;
};
/* When the subscription should have been assessed. None: it is not overdue. */
struct instant component_period_boundary(const struct command *command, const struct subscription *subscription);
/* The open period of a stretch; a new one, from this moment on, which is not stored yet, when there is none. */
bool component_period_find(struct command *command, const struct subscription_component *had, struct period_stretch stretch,
                           struct instant at, struct component_period **period);
/* Is it of the stretch? */
bool component_period_holds(const struct component_period *period, struct period_stretch stretch);
/* Counts a quantity, of which `overage` no lot held, at a price point (0: the one that the subscription will have). False with
 * a problem at `pointer` when it is too much. */
bool component_period_add(struct command *command, struct component_period *period, int64_t price_point_id,
                          struct decimal quantity, struct decimal overage, const char *pointer);
/* Takes back that much, which the period has. */
void component_period_take(struct component_period *period, int64_t price_point_id, struct decimal quantity,
                           struct decimal overage);
/* Inserts or updates it. */
bool component_period_save(struct command *command, struct component_period *period, bool is_new);
/* The period [from, until) is assessed: what is open of it, or `all`, is closed, and the balance is what is left open. */
struct period_assessed {
	struct instant from, until;
	bool all;
	int64_t invoice_id; /* 0: none */
};
bool component_periods_close(struct command *command, const struct subscription_component *had, struct period_assessed assessed);

/* Pure: the lesser; the difference of numbers that are within the bounds of quantities. */
struct decimal quantity_min(struct decimal a, struct decimal b);
struct decimal quantity_less(struct decimal a, struct decimal b);
struct decimal quantity_plus(struct decimal a, struct decimal b);

#endif
