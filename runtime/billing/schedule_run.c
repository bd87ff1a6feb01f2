/* schedule_run.c: the order in which slots are run: days of rest put some off behind slots that come after them.
 *
 *     slot   Sat 09:00   Sat 19:00   Sun 05:00   Mon 01:00   Mon 11:00
 *     run    Mon 09:00   Mon 19:00   Mon 05:00   Mon 01:00   Mon 11:00
 *
 * What is run on a working day are its own slots and those of the days of rest before it. Of each of these days the order
 * of runs is that of slots, except where clocks change; so the first or last of a day is found by halving, and a group
 * of days costs a few steps each, however short the period and long the time that passed.
 */
#include "schedule.h"

enum { RUNS_COUNTED_MAX = 1000 };

static const struct schedule_run NO_RUN = { { 0 }, { 0 } };

/* A bound that all runs come after, or that only runs after `at` do. */
static const struct schedule_run BEFORE_ALL = { { INT64_MIN }, { INT64_MIN } };
static struct schedule_run until(struct instant at)
{
	return (struct schedule_run){ .slot = { INT64_MAX }, .at = at };
}

static int run_compare(struct schedule_run a, struct schedule_run b)
{
	if (a.at.us != b.at.us)
		return a.at.us < b.at.us ? -1 : 1;
	return (a.slot.us > b.slot.us) - (a.slot.us < b.slot.us);
}

/* ---- the slots of a day ---- */

/* What is looked for among the runs of a working day: the first after `bound`, or the last up to it. */
struct search {
	const struct schedule *schedule;
	struct date day;
	struct schedule_run bound;
	bool last;
	struct schedule_run found;
};

static struct schedule_run run_of(const struct search *search, int64_t number, bool own)
{
	struct schedule_run run = NO_RUN;
	if (!schedule_slot(search->schedule, number, &run.slot))
		return until((struct instant){ INT64_MAX });
	run.at = own ? run.slot : schedule_moved(search->schedule, run.slot, search->day);
	return run;
}

static void offer(struct search *search, struct schedule_run run)
{
	int order = run_compare(run, search->found);
	bool fits = search->last == (run_compare(run, search->bound) <= 0);
	if (fits && (search->found.at.us == 0 || (search->last ? order > 0 : order < 0)))
		search->found = run;
}

/* Slots in [from, to), whose runs are in their order. */
static void stretch_search(struct search *search, struct instant from, struct instant to, bool own)
{
	int64_t low, high, first;
	if (!schedule_slot_number(search->schedule, from, &low))
		return;
	if (!schedule_slot_number(search->schedule, to, &high))
		high = schedule_slot_count(search->schedule);
	const int64_t end = high;
	for (first = low; low < high;) { /* to the first run after the bound */
		int64_t middle = low + (high - low) / 2;
		if (run_compare(run_of(search, middle, own), search->bound) > 0)
			high = middle;
		else
			low = middle + 1;
	}
	/* The slot that stands for none is passed over. */
	int64_t step = search->last ? -1 : 1, number = search->last ? low - 1 : low;
	for (; number >= first && number < end; number += step) {
		struct schedule_run run = run_of(search, number, own);
		if (run.slot.us == 0)
			continue;
		offer(search, run);
		return;
	}
}

static bool clocks_run_on(const struct timezone_rules *zone, struct instant from, struct instant to)
{
	return timezone_time_of_day_us(zone, to) - timezone_time_of_day_us(zone, from) == to.us - from.us;
}

/* Where in [from, to) clocks are changed; `to` when they are not. */
static struct instant change_of_clocks(const struct timezone_rules *zone, struct instant from, struct instant to)
{
	int64_t low = from.us, high = to.us - 1;
	if (clocks_run_on(zone, from, (struct instant){ high }))
		return to;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (clocks_run_on(zone, from, (struct instant){ middle }))
			low = middle;
		else
			high = middle;
	}
	return (struct instant){ high };
}

static void date_search(struct search *search, struct date date)
{
	const struct timezone_rules *zone = search->schedule->zone;
	struct date tomorrow = date_add_days(date, 1);
	struct instant from = timezone_start_of_date(zone, date), to = { INT64_MAX };
	bool own = date.day == search->day.day;
	if (date_present(tomorrow))
		to = timezone_start_of_date(zone, tomorrow);
	struct instant change = own || to.us == INT64_MAX ? to : change_of_clocks(zone, from, to);
	stretch_search(search, from, change, own);
	if (change.us != to.us)
		stretch_search(search, change, to, own);
}

/* Among the runs of search->day whose slots are not before `floor`. */
static struct schedule_run day_search(struct search search, struct instant floor)
{
	const struct schedule *schedule = search.schedule;
	const struct date first = schedule_date(schedule, floor);
	const bool works = schedule_is_working_day(schedule, search.day);
	struct date date = search.day;
	for (int back = 0; back <= REST_DAYS_MAX && date_present(date) && date_compare(date, first) >= 0; back++) {
		if (back > 0 && schedule_is_working_day(schedule, date))
			break;
		if (works || back == REST_DAYS_MAX)
			date_search(&search, date);
		date = date_add_days(date, -1);
	}
	return search.found;
}

/* ---- from run to run ---- */

static bool has_rest(const struct schedule *schedule)
{
	return schedule->skip_weekend || (schedule->skip_holidays && schedule->holidays);
}

/* What follows a day of rest has slots of several days. */
static bool follows_rest(const struct schedule *schedule, struct date day)
{
	struct date before = date_add_days(day, -1);
	return date_present(before) && !schedule_is_working_day(schedule, before);
}

struct schedule_run schedule_first_run(const struct schedule *schedule, struct instant since)
{
	struct instant slot = schedule_next_slot(schedule, since);
	struct date day = schedule_date(schedule, slot);
	if (slot.us == 0)
		return NO_RUN;
	if (!has_rest(schedule) || !date_present(day) || schedule_is_working_day(schedule, day))
		return (struct schedule_run){ slot, slot };
	struct search search = { .schedule = schedule, .day = schedule_working_day(schedule, day, 1), .bound = BEFORE_ALL };
	struct schedule_run run = day_search(search, slot);
	return run.at.us ? run : (struct schedule_run){ slot, schedule_run_at(schedule, slot) };
}

struct schedule_run schedule_run_after(const struct schedule *schedule, struct schedule_run run)
{
	struct date day = schedule_date(schedule, run.at);
	if (!has_rest(schedule) || !date_present(day) ||
	    (schedule_is_working_day(schedule, day) && !follows_rest(schedule, day)))
		return schedule_first_run(schedule, run.slot);
	struct search search = { .schedule = schedule, .day = day, .bound = run };
	struct schedule_run next = day_search(search, schedule->anchor);
	if (next.at.us)
		return next;
	struct date tomorrow = date_add_days(day, 1);
	if (!date_present(tomorrow))
		return NO_RUN;
	return schedule_first_run(schedule, (struct instant){ timezone_start_of_date(schedule->zone, tomorrow).us - 1 });
}

/* The last slot before an instant, of a grid that has begun by then. */
static struct instant slot_before(const struct schedule *schedule, struct instant end)
{
	int64_t number;
	struct instant slot = schedule->anchor;
	if (!schedule_slot_number(schedule, end, &number))
		number = schedule_slot_count(schedule);
	for (number--; number >= 0 && schedule_slot(schedule, number, &slot) && slot.us == 0;)
		number--;
	return slot;
}

struct schedule_run schedule_last_run(const struct schedule *schedule, struct instant now,
                                      struct schedule_run otherwise)
{
	struct date day = schedule_date(schedule, now);
	struct search search = { .schedule = schedule, .day = day, .bound = until(now), .last = true };
	if (!has_rest(schedule) || !date_present(day)) {
		struct instant slot = slot_before(schedule, (struct instant){ now.us + 1 });
		return (struct schedule_run){ slot, slot };
	}
	struct schedule_run run = day_search(search, schedule->anchor);
	for (int i = 0; i < REST_DAYS_MAX && follows_rest(schedule, day); i++)
		day = date_add_days(day, -1);
	if (run.at.us == 0) {
		struct instant slot = slot_before(schedule, timezone_start_of_date(schedule->zone, day));
		search.day = schedule_date(schedule, schedule_run_at(schedule, slot));
		run = day_search(search, schedule->anchor);
	}
	return run.at.us && run_compare(run, otherwise) > 0 ? run : otherwise;
}

struct schedule_run schedule_catch_up(const struct schedule *schedule, struct schedule_run run, struct instant now,
                                      int64_t *missed)
{
	const struct schedule_run first = run;
	int64_t number = 0, first_number = 0;
	*missed = 0;
	for (int i = 0; i < RUNS_COUNTED_MAX; i++) {
		struct schedule_run next = schedule_run_after(schedule, run);
		if (next.at.us == 0 || next.at.us > now.us)
			return run;
		*missed += next.at.us != run.at.us;
		run = next;
	}
	run = schedule_last_run(schedule, now, run);
	if (schedule_slot_number(schedule, first.slot, &first_number) && schedule_slot_number(schedule, run.slot, &number) &&
	    number > first_number)
		*missed = number - first_number;
	return run;
}
