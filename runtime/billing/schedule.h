/* schedule.h: when a scheduled task is due: the slots of a fixed grid, and the days of rest that put off their runs.
 *
 * Pure. Slots never drift: they are the anchor plus whole periods, whenever the runs were. Months, weeks and days of a
 * period keep the time of day in the zone (31 Jan, 28 Feb, 31 Mar); its exact part is added as it is. A slot on a day of
 * rest is run at the same time of day on the next working day, and the slot after it is where it would have been.
 * Source: atomia-aps-blubilling.md A.4.
 */
#ifndef MOONBILL_BILLING_SCHEDULE_H
#define MOONBILL_BILLING_SCHEDULE_H

#include "holiday_calendar.h"
#include "value/timezone.h"

enum {
	TICKS_PER_US = 10,   /* a tick is 100 ns */
	REST_DAYS_MAX = 400, /* rest without end is a mistake in the holidays; work goes on after these */
};

struct schedule {
	struct instant anchor;
	struct duration period;            /* nothing: the anchor is the only slot */
	const struct timezone_rules *zone; /* of days and of rest */
	bool skip_weekend, skip_holidays;
	const struct holiday_calendar *holidays; /* NULL: there are none */
};

/* A slot, and when it is run. Runs are in the order of their instants, then of their slots. */
struct schedule_run {
	struct instant slot, at;
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

/* The first run of the slots after an instant; none when there is none. */
struct schedule_run schedule_first_run(const struct schedule *schedule, struct instant since);
/* The run after one; none when there is none. */
struct schedule_run schedule_run_after(const struct schedule *schedule, struct schedule_run run);
/* The last run up to `now`, which is no time of rest; `otherwise` when none is later than that. */
struct schedule_run schedule_last_run(const struct schedule *schedule, struct instant now,
                                      struct schedule_run otherwise);
/* The last run up to `now`, from one that is due on, and at how many instants there were runs before it: exact to 1000, slots
 * of days of rest or not beyond. `now` is no time of rest. Its cost does not grow with how long ago the run was due. */
struct schedule_run schedule_catch_up(const struct schedule *schedule, struct schedule_run run, struct instant now,
                                      int64_t *missed);

/* ---- among these files ---- */

/* Slot `number` after the anchor; false beyond the calendar. */
bool schedule_slot(const struct schedule *schedule, int64_t number, struct instant *slot);
/* Of the first slot that is not before an instant; false when there is none. */
bool schedule_slot_number(const struct schedule *schedule, struct instant from, int64_t *number);
/* How many slots there are before the year 10000. */
int64_t schedule_slot_count(const struct schedule *schedule);
/* The same local time of day on another date. */
struct instant schedule_moved(const struct schedule *schedule, struct instant slot, struct date date);
/* Its local date; none where that is outside the calendar. */
struct date schedule_date(const struct schedule *schedule, struct instant instant);

#endif
