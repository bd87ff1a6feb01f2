/* schedule.h: when a scheduled task is due: the slots of a fixed grid, and the days of rest that put off their runs.
 *
 * Pure. Slots never drift: they are the anchor plus whole periods, whenever the runs were. Months, weeks and days of a
 * period keep the time of day in the zone (31 Jan, 28 Feb, 31 Mar); its exact part is added as it is. A slot on a day of
 * rest is run at the same time of day on the next working day, and the slot after it is where it would have been.
 * Source: atomia-aps-blubilling.md A.4.
 */
#ifndef MOONBILL_BILLING_SCHEDULE_H
#define MOONBILL_BILLING_SCHEDULE_H

#include "records.gen.h"
#include "value/timezone.h"

enum { TICKS_PER_US = 10 }; /* a tick is 100 ns */

struct schedule {
	struct instant anchor;
	struct duration period;            /* nothing: the anchor is the only slot */
	const struct timezone_rules *zone; /* of days and of rest */
	bool skip_weekend, skip_holidays;
	const struct holiday *holidays;
	size_t holiday_count;
};

/* The first slot after an instant; none when there is no other, or none before the year 10000. A slot at the first instant
 * of 1970, which stands for none, is left out. */
struct instant schedule_next_slot(const struct schedule *schedule, struct instant after);
/* When a slot is run. */
struct instant schedule_run_at(const struct schedule *schedule, struct instant slot);
bool schedule_is_working_day(const struct schedule *schedule, struct date date);
/* The nearest working day after (step 1) or before (step -1) a date. Where rest has no end, 400 days on. */
struct date schedule_working_day(const struct schedule *schedule, struct date date, int step);
/* Whether work may be done at an instant; if not, when it may be next. */
bool schedule_rests(const struct schedule *schedule, struct instant at, struct instant *until);

bool holiday_has(const struct holiday *holiday, struct date date);
bool holidays_meet(const struct holiday *a, const struct holiday *b);

#endif
