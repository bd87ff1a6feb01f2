/* interval.h: what of one stretch of a recurring price a run bills, and in which pieces. Pure.
 *
 * A stretch begins with a billing event and ends with the next one of its subscription. Cycle dates are the days on
 * which a period begins, by the anchor of the convention (convention.h). Under `bill_cycle_day` each stretch counts
 * anew: the bill cycle day (or a shorter month's last day) for periods made of months, else from its own start; and a
 * stub is part of a plain period that ends, or begins, where it does. Under every other anchor the cycles go on from
 * stretch to stretch, and a stub is part of its cycle.
 *
 *        start     first           last      effective end
 *          |--stub---|--whole--|----...----|---stub---|             parts
 *
 * In advance a run bills the period that holds the target date, in arrears those that ended by then; greedy: in arrears,
 * but the period that holds the target date is billed whole. Source: killbill.md b.3; cases killbill/proration_cycles,
 * billing_intervals, recurring_periods.
 */
#ifndef MOONBILL_BILLING_INTERVAL_H
#define MOONBILL_BILLING_INTERVAL_H

#include "base/arena.h"
#include "convention.h"

#include <stdbool.h>
#include <stddef.h>

enum interval_mode { INTERVAL_IN_ADVANCE, INTERVAL_IN_ARREAR, INTERVAL_IN_ARREAR_GREEDY };

struct interval_terms {
	enum billing_period period; /* not NONE */
	struct convention_cycles cycles; /* from none: counted from `start` */
	enum interval_mode mode;
	struct date start, end;     /* end none: open */
	struct date target;
};

struct interval {
	struct interval_terms terms;
	struct billing_grid grid;
	struct date first_cycle;   /* first cycle date on or after start */
	struct date effective_end; /* up to where this run bills; none: nothing yet */
	struct date last_cycle;    /* last cycle date up to effective_end; none: none */
	struct date next_cycle;    /* the one after it, or the first */
};

/* A piece that is billed. `whole` is the period the price is for: the piece itself, or what a stub is a part of. */
struct interval_part {
	struct period service, whole;
};
struct interval_parts {
	struct interval_part *items;
	size_t count, capacity;
};

/* False when the end lies before the start, or a date leaves the calendar. Before its start a stretch has no dates but
 * first_cycle and next_cycle. */
bool interval_make(const struct interval_terms *terms, struct interval *interval);
/* Whether the run has come to it; what it bills may be no day yet: in arrears on the first cycle date. */
bool interval_has_something(const struct interval *interval);
/* The pieces that end after `from` (none: all), in order. What lies before `from` costs nothing. */
void interval_parts(struct arena *arena, const struct interval *interval, struct date from,
                    struct interval_parts *parts);

/* Days of the part and of the whole when every month counts fixed_days (0: the real calendar). The quotient is what is
 * due of the price; a part that is its whole is 1/1. False when the whole has no days. */
bool interval_days(const struct interval_part *part, int fixed_days, int32_t *days, int32_t *days_of_whole);

#endif
