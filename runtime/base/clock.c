/* clock.c: the only reader of time; instants as text. */
#include "base/clock.h"

#include "base/civil.h"
#include "base/problem.h"

#include <errno.h>

static int64_t now_us(clockid_t clock)
{
	struct timespec now;
	if (clock_gettime(clock, &now) != 0)
		BUG("clock_gettime: %s", strerror(errno));
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

struct instant clock_wall(void)
{
	return (struct instant){ now_us(CLOCK_REALTIME) };
}

int64_t clock_monotonic_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

int64_t clock_thread_us(void)
{
	return now_us(CLOCK_THREAD_CPUTIME_ID);
}

void clock_sleep_us(int64_t us)
{
	struct timespec left = { .tv_sec = us / US_PER_S, .tv_nsec = us % US_PER_S * 1000 };
	if (us <= 0)
		return;
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		continue;
}

/* ---- RFC 3339 ---- */

/* Takes `count` digits from the front. */
static bool digits_take(struct text *text, int count, int *value)
{
	*value = 0;
	if (text->length < (size_t)count)
		return false;
	for (int i = 0; i < count; i++) {
		char byte = text->data[i];
		if (byte < '0' || byte > '9')
			return false;
		*value = *value * 10 + (byte - '0');
	}
	text->data += count;
	text->length -= (size_t)count;
	return true;
}

static bool byte_take(struct text *text, char upper)
{
	char lower = upper >= 'A' && upper <= 'Z' ? (char)(upper - 'A' + 'a') : upper;
	if (text->length == 0 || (text->data[0] != upper && text->data[0] != lower))
		return false;
	text->data++;
	text->length--;
	return true;
}

static bool date_take(struct text *text, int64_t *day_number)
{
	int year, month, day;
	if (!digits_take(text, 4, &year) || !byte_take(text, '-') || !digits_take(text, 2, &month) ||
	    !byte_take(text, '-') || !digits_take(text, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > civil_days_in_month(year, month))
		return false;
	*day_number = civil_day(year, month, day);
	return true;
}

/* One to six digits after the point. */
static bool fraction_take(struct text *text, int *us)
{
	int count = 0, digit;
	*us = 0;
	if (!byte_take(text, '.'))
		return true;
	for (; count < 6 && digits_take(text, 1, &digit); count++)
		*us = *us * 10 + digit;
	if (count == 0)
		return false;
	for (; count < 6; count++)
		*us *= 10;
	return true;
}

static bool time_take(struct text *text, int64_t *us)
{
	int hour, minute, second, fraction;
	if (!digits_take(text, 2, &hour) || !byte_take(text, ':') || !digits_take(text, 2, &minute) ||
	    !byte_take(text, ':') || !digits_take(text, 2, &second) || !fraction_take(text, &fraction))
		return false;
	*us = (int64_t)(hour * 3600 + minute * 60 + second) * US_PER_S + fraction;
	return hour <= 23 && minute <= 59 && second <= 59;
}

static bool offset_take(struct text *text, int64_t *us)
{
	int hour, minute;
	*us = 0;
	if (byte_take(text, 'Z'))
		return true;
	bool east = byte_take(text, '+');
	if ((!east && !byte_take(text, '-')) || !digits_take(text, 2, &hour) || !byte_take(text, ':') ||
	    !digits_take(text, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*us = (int64_t)(hour * 3600 + minute * 60) * US_PER_S * (east ? 1 : -1);
	return true;
}

static const int64_t US_PER_DAY = (int64_t)86400 * US_PER_S;

/* The first instant of the calendar, and the first after it. */
static const int64_t CALENDAR_START_US = -62135596800 * US_PER_S, CALENDAR_END_US = 253402300800 * US_PER_S;

bool instant_in_calendar(struct instant instant)
{
	return instant.us >= CALENDAR_START_US && instant.us < CALENDAR_END_US;
}

struct instant instant_after(struct instant instant, int64_t us)
{
	struct instant after;
	bool wraps = __builtin_add_overflow(instant.us, us, &after.us);
	return !wraps && instant_in_calendar(after) ? after : INSTANT_NONE;
}

/* What is written, be it outside the calendar or none. */
static bool instant_read(struct text text, struct instant *instant)
{
	int64_t day, time_us, offset_us;
	if (!date_take(&text, &day) || !byte_take(&text, 'T') || !time_take(&text, &time_us) ||
	    !offset_take(&text, &offset_us) || text.length != 0)
		return false;
	*instant = (struct instant){ (day - CIVIL_DAY_UNIX_EPOCH) * US_PER_DAY + time_us - offset_us };
	return true;
}

bool instant_parse(struct text text, struct instant *instant)
{
	struct instant read;
	if (!instant_read(text, &read) || !instant_in_calendar(read) || read.us == 0)
		return false;
	*instant = read;
	return true;
}

const char *instant_refusal(struct text text)
{
	struct instant read;
	if (!instant_read(text, &read))
		return "is not an instant";
	return read.us == 0 ? "is the one instant that stands for none here: give one a microsecond before or after it"
	                    : "is not in the years 0001 to 9999 of UTC";
}

char *instant_put(char *to, struct instant instant)
{
	int year, month, day;
	int64_t days = instant.us / US_PER_DAY, us = instant.us % US_PER_DAY;
	if (us < 0) {
		days--;
		us += US_PER_DAY;
	}
	civil_parts(days + CIVIL_DAY_UNIX_EPOCH, &year, &month, &day);
	unsigned second = (unsigned)(us / US_PER_S), fraction = (unsigned)(us % US_PER_S);
	to = civil_write(to, year, month, day);
	const unsigned parts[] = { second / 3600, second / 60 % 60, second % 60 };
	for (int i = 0; i < 3; i++) {
		*to++ = "T::"[i];
		to = civil_two_digits(to, parts[i]);
	}
	if (fraction != 0)
		*to++ = '.';
	if (fraction % US_PER_MS != 0)
		to = civil_digits(to, fraction, 6);
	else if (fraction != 0)
		to = civil_digits(to, fraction / US_PER_MS, 3);
	*to++ = 'Z';
	return to;
}

struct text instant_text(struct arena *arena, struct instant instant)
{
	char text[INSTANT_TEXT_MAX];
	if (instant.us == 0)
		return TEXT_NONE;
	return text_copy(arena, (struct text){ text, (size_t)(instant_put(text, instant) - text) });
}
