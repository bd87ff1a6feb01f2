/* holiday_calendar.c: which dates are holidays of a tenant, found in steps that hardly grow with how many there are. */
#include "holiday_calendar.h"

#include "base/civil.h"

#include <stdlib.h>

/* ---- one holiday ---- */

static int year_of(struct date date)
{
	int year, month, day;
	date_parts(date, &year, &month, &day);
	return year;
}

/* Its days when it begins in that year; none outside the calendar. */
static struct period days_in(const struct holiday *holiday, int year)
{
	int32_t length = date_days_between(holiday->start_date, holiday->end_date);
	struct date start = date_add_months(holiday->start_date, 12 * (year - year_of(holiday->start_date)));
	if (!date_present(start))
		return (struct period){ DATE_NONE, DATE_NONE };
	return (struct period){ start, { start.day + length + 1 } };
}

bool holiday_has(const struct holiday *holiday, struct date date)
{
	int year = year_of(holiday->recurring ? date : holiday->start_date);
	if (period_contains(days_in(holiday, year), date) && date_present(days_in(holiday, year).start))
		return true;
	/* One that begins in December may have begun the year before. */
	struct period before = holiday->recurring ? days_in(holiday, year - 1) : (struct period){ DATE_NONE, DATE_NONE };
	return date_present(before.start) && period_contains(before, date);
}

static bool meets_any_day(struct period days, const struct holiday *holiday)
{
	for (struct date date = days.start; date_present(date) && date.day < days.end.day; date = date_add_days(date, 1))
		if (holiday_has(holiday, date))
			return true;
	return false;
}

bool holidays_meet(const struct holiday *a, const struct holiday *b)
{
	/* The year before a 29 February, that year, the one after it, and one far from any: all that years can be. */
	static const int years[] = { 2023, 2024, 2025, 2026 };
	if (!a->recurring)
		return meets_any_day(days_in(a, year_of(a->start_date)), b);
	if (!b->recurring)
		return meets_any_day(days_in(b, year_of(b->start_date)), a);
	for (size_t i = 0; i < sizeof years / sizeof *years; i++)
		if (meets_any_day(days_in(a, years[i]), b))
			return true;
	return false;
}

/* ---- all of a tenant ---- */

static int by_start(const void *a, const void *b)
{
	return date_compare(((const struct period *)a)->start, ((const struct period *)b)->start);
}

/* Sorted ranges, those that touch or meet as one. */
static size_t ranges_merge(struct period *ranges, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (kept && ranges[i].start.day <= ranges[kept - 1].end.day)
			ranges[kept - 1].end = date_max(ranges[kept - 1].end, ranges[i].end);
		else
			ranges[kept++] = ranges[i];
	}
	return kept;
}

static void recurring_mark(bool *marks, const struct holiday *holiday, int year)
{
	const int64_t first = civil_day(year, 1, 1);
	for (int began = year - 1; began <= year; began++) {
		struct period days = days_in(holiday, began);
		for (int64_t day = days.start.day; day < days.end.day; day++)
			if (day >= first && day < first + 366)
				marks[day - first] = true;
	}
}

void holiday_calendar_build(struct arena *arena, const struct holiday *holidays, size_t count,
                            struct holiday_calendar *calendar)
{
	static const int years[YEAR_KINDS] = { [YEAR_COMMON] = 2023, [YEAR_AFTER_LEAP] = 2025, [YEAR_LEAP] = 2024 };
	*calendar = (struct holiday_calendar){ .ranges = arena_new_many(arena, struct period, count) };
	for (size_t i = 0; i < count; i++) {
		if (!holidays[i].recurring)
			calendar->ranges[calendar->range_count++] = days_in(&holidays[i], year_of(holidays[i].start_date));
		for (int kind = 0; holidays[i].recurring && kind < YEAR_KINDS; kind++)
			recurring_mark(calendar->recurring[kind], &holidays[i], years[kind]);
	}
	if (calendar->range_count)
		qsort(calendar->ranges, calendar->range_count, sizeof *calendar->ranges, by_start);
	calendar->range_count = ranges_merge(calendar->ranges, calendar->range_count);
}

static enum year_kind kind_of(int year)
{
	if (civil_is_leap(year))
		return YEAR_LEAP;
	return civil_is_leap(year - 1) ? YEAR_AFTER_LEAP : YEAR_COMMON;
}

static bool in_ranges(const struct holiday_calendar *calendar, struct date date)
{
	size_t low = 0, high = calendar->range_count; /* the first that begins after the date */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (calendar->ranges[middle].start.day > date.day)
			high = middle;
		else
			low = middle + 1;
	}
	return low > 0 && date.day < calendar->ranges[low - 1].end.day;
}

bool holiday_calendar_has(const struct holiday_calendar *calendar, struct date date)
{
	int year = year_of(date);
	return calendar->recurring[kind_of(year)][date.day - civil_day(year, 1, 1)] || in_ranges(calendar, date);
}
