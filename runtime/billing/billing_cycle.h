/* billing_cycle.h: the grid of dates on which a subscription is billed, and the parts of it that are due.
 *
 * Pure. A grid follows from the plan's billing period and, for periods made of months, the account's bill cycle day:
 * cycles begin on that day (or the month's last), counted in steps of the period from the last such day on or before
 * the subscription's start. Periods of days and weeks, and every period under billing.anniversary, count from the start
 * itself. `charged_through` is the one mark of progress: the first day not yet on an invoice.
 */
#ifndef MOONBILL_BILLING_BILLING_CYCLE_H
#define MOONBILL_BILLING_BILLING_CYCLE_H

#include "records.gen.h"
#include "value/calendar.h"

#include <stdbool.h>
#include <stddef.h>

/* What one run bills at most: cycles of one subscription, lines in all; another run follows at once for the rest. */
enum { BILLING_PARTS_MAX = 400, BILLING_LINES_MAX = 5000 };

struct billing_grid {
	enum billing_period period;
	struct date anchor;
	int anchor_day; /* day of month; 0 for grids that are not made of months */
	bool drifts;    /* a month's end that was met stays: 31 Oct, 28 Feb, 28 May; the grid begins at its anchor */
};

/* One cycle and the part of it that is served: service lies within cycle. */
struct billing_part {
	struct period cycle, service;
};

/* `bill_cycle_day` 1 to 31. */
struct billing_grid billing_grid_make(enum plan_billing_period period, int bill_cycle_day, bool anniversary,
                                      struct date subscription_start);
struct period billing_cycle_containing(const struct billing_grid *grid, struct date date);
/* The first cycle start on or after `date`. */
struct date billing_cycle_next_start(const struct billing_grid *grid, struct date date);

/* Cycles that have begun since the one that holds `start`: cycle starts in (start, on]; 0 before. */
int32_t billing_cycles_elapsed(const struct billing_grid *grid, struct date start, struct date on);
/* `count` whole cycles after a start on the grid; of a date between two starts the next one, whatever `count`. */
struct date billing_cycle_after(const struct billing_grid *grid, int32_t count, struct date start);
/* What is billed on a cycle start: the cycle that begins (in advance, or when service ends within it) or the one that
 * has just ended; never what lies before `started`. */
struct period billing_cycle_billed(const struct billing_grid *grid, struct date on, bool begins, struct date started);

/* The parts from `charged_through` to the end of the cycle that contains `until`, none of it from `end_date` on (none =
 * open). Returns how many were written to `parts`, at most `capacity`. */
size_t billing_parts_due(const struct billing_grid *grid, struct date charged_through, struct date until,
                         struct date end_date, struct billing_part *parts, size_t capacity);
bool billing_part_is_whole(const struct billing_part *part);
/* start when its first days are missing, else end. */
enum proration_change_reason billing_part_reason(const struct billing_part *part);

#endif
