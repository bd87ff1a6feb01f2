/* schedule.c: when a scheduled task is due: the slots of a fixed grid, and the days of rest that put off their runs. */
#include "schedule.h"

enum { SATURDAY = 6 };

static const int64_t DAY_US = INT64_C(86400) * US_PER_S;
static const int64_t MONTH_US = INT64_C(2629746) * US_PER_S; /* 400 Gregorian years are 146,097 days */

/* ---- the grid ---- */

static bool add(struct instant *instant, int64_t count, int64_t us)
{
	int64_t product;
	return !__builtin_mul_overflow(count, us, &product) && !__builtin_add_overflow(instant->us, product, &instant->us);
}

bool schedule_slot(const struct schedule *schedule, int64_t number, struct instant *slot)
{
	const struct duration *period = &schedule->period;
	*slot = schedule->anchor;
	if (number > 0 && !duration_present(*period))
		return false;
	if (period->months || period->days) {
		int64_t months = number * period->months, days = number * period->days;
		if (months > INT32_MAX || days > INT32_MAX)
			return false;
		struct date date = timezone_date(schedule->zone, schedule->anchor);
		date = date_add_days(date_add_months(date, (int32_t)months), (int32_t)days);
		if (!date_present(date))
			return false;
		*slot = timezone_instant(schedule->zone, date, timezone_time_of_day_us(schedule->zone, schedule->anchor));
	}
	return add(slot, number, period->us) && instant_in_calendar(*slot);
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

bool schedule_slot_number(const struct schedule *schedule, struct instant from, int64_t *number)
{
	const struct duration *period = &schedule->period;
	struct instant slot;
	*number = 0;
	if (from.us <= schedule->anchor.us)
		return true;
	if (!duration_present(*period) || !instant_in_calendar(from))
		return false;
	/* Real months are at most three days from their mean, and clocks change by hours. */
	int64_t slack = period->months || period->days ? 4 * DAY_US : 0;
	int64_t n = (from.us - schedule->anchor.us - slack) / about_us(period);
	for (n = n < 0 ? 0 : n; schedule_slot(schedule, n, &slot); n++) {
		*number = n;
		if (slot.us >= from.us)
			return true;
	}
	return false;
}

int64_t schedule_slot_count(const struct schedule *schedule)
{
	int64_t low = 0, high = 1;
	struct instant slot;
	while (schedule_slot(schedule, high, &slot))
		low = high, high *= 2;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (schedule_slot(schedule, middle, &slot))
			low = middle;
		else
			high = middle;
	}
	return high;
}

struct instant schedule_next_slot(const struct schedule *schedule, struct instant after)
{
	int64_t number;
	struct instant slot;
	if (after.us == INT64_MAX || !schedule_slot_number(schedule, (struct instant){ after.us + 1 }, &number))
		return INSTANT_NONE;
	while (schedule_slot(schedule, number, &slot))
		if (slot.us != 0)
			return slot;
		else
			number++;
	return INSTANT_NONE;
}

/* ---- rest ---- */

struct date schedule_date(const struct schedule *schedule, struct instant instant)
{
	/* The first instant of 1970 has a date like others. */
	return timezone_date(schedule->zone, (struct instant){ instant.us ? instant.us : 1 });
}

bool schedule_is_working_day(const struct schedule *schedule, struct date date)
{
	if (schedule->skip_weekend && date_weekday(date) >= SATURDAY)
		return false;
	return !schedule->skip_holidays || !schedule->holidays || !holiday_calendar_has(schedule->holidays, date);
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

struct instant schedule_moved(const struct schedule *schedule, struct instant slot, struct date date)
{
	struct instant moved = timezone_instant(schedule->zone, date, timezone_time_of_day_us(schedule->zone, slot));
	return moved.us ? moved : (struct instant){ 1 }; /* 0 stands for none */
}

struct instant schedule_run_at(const struct schedule *schedule, struct instant slot)
{
	struct date date = schedule_date(schedule, slot);
	if (!date_present(date) || schedule_is_working_day(schedule, date))
		return slot;
	return schedule_moved(schedule, slot, schedule_working_day(schedule, date, 1));
}

bool schedule_rests(const struct schedule *schedule, struct instant at, struct instant *until)
{
	struct date date = schedule_date(schedule, at);
	if (!date_present(date) || schedule_is_working_day(schedule, date))
		return false;
	*until = timezone_start_of_date(schedule->zone, schedule_working_day(schedule, date, 1));
	return true;
}
