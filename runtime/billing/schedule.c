/* schedule.c: when a scheduled task is due: the slots of a fixed grid, and the days of rest that put off their runs. */
#include "schedule.h"

enum {
	REST_DAYS_MAX = 400, /* rest without end is a mistake in the holidays; work goes on after these */
	SATURDAY = 6,
};

static const int64_t DAY_US = INT64_C(86400) * US_PER_S;
static const int64_t MONTH_US = INT64_C(2629746) * US_PER_S; /* 400 Gregorian years are 146,097 days */

/* ---- the grid ---- */

static bool add(struct instant *instant, int64_t count, int64_t us)
{
	int64_t product;
	return !__builtin_mul_overflow(count, us, &product) && !__builtin_add_overflow(instant->us, product, &instant->us);
}

/* Slot `n` after the anchor; false beyond the calendar. */
static bool slot_at(const struct schedule *schedule, int64_t n, struct instant *slot)
{
	const struct duration *period = &schedule->period;
	*slot = schedule->anchor;
	if (period->months || period->days) {
		int64_t months = n * period->months, days = n * period->days;
		if (months > INT32_MAX || days > INT32_MAX)
			return false;
		struct date date = timezone_date(schedule->zone, schedule->anchor);
		date = date_add_days(date_add_months(date, (int32_t)months), (int32_t)days);
		if (!date_present(date))
			return false;
		*slot = timezone_instant(schedule->zone, date, timezone_time_of_day_us(schedule->zone, schedule->anchor));
	}
	return add(slot, n, period->us) && instant_in_calendar(*slot);
}

/* What periods of years beyond the calendar come to is as good as any: they have no second slot. */
static int64_t about_us(const struct duration *period)
{
	int64_t months, days, about;
	bool wraps = __builtin_mul_overflow(period->months, MONTH_US, &months) ||
	             __builtin_mul_overflow(period->days, DAY_US, &days) ||
	             __builtin_add_overflow(months, days, &about) || __builtin_add_overflow(about, period->us, &about);
	return wraps || about < 1 ? INT64_MAX : about;
}

struct instant schedule_next_slot(const struct schedule *schedule, struct instant after)
{
	const struct duration *period = &schedule->period;
	struct instant slot;
	if (after.us < schedule->anchor.us)
		return schedule->anchor;
	if (!duration_present(*period))
		return INSTANT_NONE;
	/* Real months are at most three days from their mean, and clocks change by hours. */
	int64_t slack = period->months || period->days ? 4 * DAY_US : 0;
	int64_t n = (after.us - schedule->anchor.us - slack) / about_us(period);
	for (n = n < 0 ? 0 : n; slot_at(schedule, n, &slot); n++)
		if (slot.us > after.us && slot.us != 0)
			return slot;
	return INSTANT_NONE;
}

/* ---- rest ---- */

static bool is_in(const struct holiday *holiday, struct date date, int32_t years_on)
{
	int32_t days = date_days_between(holiday->start_date, holiday->end_date);
	struct date start = date_add_months(holiday->start_date, 12 * years_on);
	return date_present(start) && date_compare(start, date) <= 0 &&
	       date_compare(date, date_add_days(start, days)) <= 0;
}

bool holiday_has(const struct holiday *holiday, struct date date)
{
	int year, first_year, month, day;
	if (!holiday->recurring)
		return is_in(holiday, date, 0);
	date_parts(date, &year, &month, &day);
	date_parts(holiday->start_date, &first_year, &month, &day);
	/* One that begins in December may have begun the year before. */
	return is_in(holiday, date, year - first_year) || is_in(holiday, date, year - first_year - 1);
}

static bool meets_any_day(const struct holiday *days, const struct holiday *holiday)
{
	for (struct date date = days->start_date; date_present(date) && date_compare(date, days->end_date) <= 0;
	     date = date_add_days(date, 1))
		if (holiday_has(holiday, date))
			return true;
	return false;
}

bool holidays_meet(const struct holiday *a, const struct holiday *b)
{
	return b->recurring ? meets_any_day(a, b) : meets_any_day(b, a);
}

bool schedule_is_working_day(const struct schedule *schedule, struct date date)
{
	if (schedule->skip_weekend && date_weekday(date) >= SATURDAY)
		return false;
	for (size_t i = 0; schedule->skip_holidays && i < schedule->holiday_count; i++)
		if (holiday_has(&schedule->holidays[i], date))
			return false;
	return true;
}

struct date schedule_working_day(const struct schedule *schedule, struct date date, int step)
{
	struct date day = date;
	for (int i = 0; i < REST_DAYS_MAX; i++) {
		struct date next = date_add_days(day, step);
		if (!date_present(next))
			return day;
		day = next;
		if (schedule_is_working_day(schedule, day))
			return day;
	}
	return day;
}

struct instant schedule_run_at(const struct schedule *schedule, struct instant slot)
{
	struct date date = timezone_date(schedule->zone, slot);
	if (!date_present(date) || schedule_is_working_day(schedule, date))
		return slot;
	return timezone_instant(schedule->zone, schedule_working_day(schedule, date, 1),
	                        timezone_time_of_day_us(schedule->zone, slot));
}

bool schedule_rests(const struct schedule *schedule, struct instant at, struct instant *until)
{
	struct date date = timezone_date(schedule->zone, at);
	if (!date_present(date) || schedule_is_working_day(schedule, date))
		return false;
	*until = timezone_start_of_date(schedule->zone, schedule_working_day(schedule, date, 1));
	return true;
}
