/* calendar.c: dates and half-open periods on the proleptic Gregorian calendar. */
#include "value/calendar.h"

#include "base/civil.h"
#include "base/problem.h"

bool date_make(int year, int month, int day, struct date *date)
{
	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > civil_days_in_month(year, month))
		return false;
	*date = (struct date){ (int32_t)civil_day(year, month, day) };
	return true;
}

void date_parts(struct date date, int *year, int *month, int *day)
{
	if (!date_present(date))
		BUG("the parts of no date");
	civil_parts(date.day, year, month, day);
}

static bool number_read(struct text text, int *number)
{
	*number = 0;
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*number = *number * 10 + (text.data[i] - '0');
	}
	return true;
}

bool date_parse(struct text text, struct date *date)
{
	int year, month, day;
	return text.length == 10 && text.data[4] == '-' && text.data[7] == '-' &&
	       number_read(text_slice(text, 0, 4), &year) && number_read(text_slice(text, 5, 7), &month) &&
	       number_read(text_slice(text, 8, 10), &day) && date_make(year, month, day, date);
}

char *date_put(char *to, struct date date)
{
	int year, month, day;
	date_parts(date, &year, &month, &day);
	return civil_write(to, year, month, day);
}

struct text date_text(struct arena *arena, struct date date)
{
	char text[DATE_TEXT_BYTES];
	if (!date_present(date))
		return TEXT_NONE;
	return text_copy(arena, (struct text){ text, (size_t)(date_put(text, date) - text) });
}

bool date_present(struct date date)
{
	return date.day != 0;
}

int date_compare(struct date a, struct date b)
{
	return (a.day > b.day) - (a.day < b.day);
}

struct date date_min(struct date a, struct date b)
{
	if (!date_present(a) || !date_present(b))
		return date_present(a) ? a : b;
	return a.day <= b.day ? a : b;
}

struct date date_max(struct date a, struct date b)
{
	return a.day >= b.day ? a : b;
}

int32_t date_days_between(struct date from, struct date to)
{
	if (!date_present(from) || !date_present(to))
		BUG("days between dates of which one is none");
	return to.day - from.day;
}

struct date date_add_days(struct date date, int32_t days)
{
	int64_t day = (int64_t)date.day + days;
	if (!date_present(date) || day < 1 || day > DATE_DAY_MAX)
		return DATE_NONE;
	return (struct date){ (int32_t)day };
}

/* Day `wanted` of the month that lies `months` after that of `date`, or that month's last day. */
static struct date day_in_month_after(struct date date, int32_t months, int wanted)
{
	int year, month, day;
	struct date found = DATE_NONE;
	date_parts(date, &year, &month, &day);
	int64_t index = (int64_t)year * 12 + (month - 1) + months;
	if (index < 12 || index >= 10000 * 12)
		return DATE_NONE;
	year = (int)(index / 12);
	month = (int)(index % 12) + 1;
	int last = civil_days_in_month(year, month);
	date_make(year, month, wanted < last ? wanted : last, &found);
	return found;
}

struct date date_add_months(struct date date, int32_t months)
{
	return date_add_months_anchored(date, months, 0);
}

struct date date_add_months_anchored(struct date date, int32_t months, int anchor_day)
{
	if (!date_present(date))
		return DATE_NONE;
	return day_in_month_after(date, months, anchor_day ? anchor_day : date_day_of_month(date));
}

int date_day_of_month(struct date date)
{
	int year, month, day;
	date_parts(date, &year, &month, &day);
	return day;
}

int date_last_day_of_month(struct date date)
{
	int year, month, day;
	date_parts(date, &year, &month, &day);
	return civil_days_in_month(year, month);
}

int date_weekday(struct date date)
{
	if (!date_present(date))
		BUG("the weekday of no date");
	return (date.day - 1) % 7 + 1; /* 0001-01-01 is a Monday */
}

struct date date_with_day(struct date date, int anchor_day)
{
	return date_add_months_anchored(date, 0, anchor_day);
}

int32_t period_days(struct period period)
{
	return date_days_between(period.start, period.end);
}

bool period_contains(struct period period, struct date date)
{
	return date.day >= period.start.day && (!date_present(period.end) || date.day < period.end.day);
}

struct period period_intersect(struct period a, struct period b)
{
	struct period both = { date_max(a.start, b.start), date_min(a.end, b.end) };
	if (date_present(both.end) && both.end.day < both.start.day)
		both.end = both.start;
	return both;
}
