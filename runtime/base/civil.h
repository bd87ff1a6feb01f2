/* civil.h: between year, month, day and day numbers of the proleptic Gregorian calendar, for clock and
 * calendar. Day 1 is 0001-01-01. Pure; arguments are the caller's duty (month 1 to 12).
 *
 * Years are counted from March, so that the leap day is the last of its year and month lengths follow
 * (153 m + 2) / 5; 400 years have 146097 days.
 */
#ifndef MOONBILL_BASE_CIVIL_H
#define MOONBILL_BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

enum { CIVIL_DAYS_400_YEARS = 146097, CIVIL_DAY_UNIX_EPOCH = 719163 /* 1970-01-01 */ };

static inline int64_t civil_day(int year, int month, int day)
{
	int64_t march_year = year - (month <= 2);
	int64_t era = (march_year >= 0 ? march_year : march_year - 399) / 400;
	int64_t year_of_era = march_year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * CIVIL_DAYS_400_YEARS + day_of_era - 305; /* 0000-03-01 is day -305 */
}

static inline void civil_parts(int64_t number, int *year, int *month, int *day)
{
	int64_t shifted = number + 305;
	int64_t era = (shifted >= 0 ? shifted : shifted - (CIVIL_DAYS_400_YEARS - 1)) / CIVIL_DAYS_400_YEARS;
	int64_t day_of_era = shifted - era * CIVIL_DAYS_400_YEARS;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
	*month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static inline bool civil_is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static inline int civil_days_in_month(int year, int month)
{
	return month == 2 ? 28 + civil_is_leap(year) : 30 + ((month + (month > 7)) % 2);
}

/* Writes a number of at most `width` digits with zeros before it; returns what is behind it. No printf: every row and
 * answer holds dates. */
static inline char *civil_digits(char *to, unsigned number, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		to[i] = (char)('0' + number % 10);
		number /= 10;
	}
	return to + width;
}

static inline char *civil_two_digits(char *to, unsigned number)
{
	to[0] = (char)('0' + number / 10);
	to[1] = (char)('0' + number % 10);
	return to + 2;
}

/* "2011-09-06"; years 0 to 9999. */
static inline char *civil_write(char *to, int year, int month, int day)
{
	to = civil_two_digits(to, (unsigned)year / 100);
	to = civil_two_digits(to, (unsigned)year % 100);
	*to++ = '-';
	to = civil_two_digits(to, (unsigned)month);
	*to++ = '-';
	return civil_two_digits(to, (unsigned)day);
}

#endif
