/* calendar.h: dates, half-open periods, durations, bill cycle days. Proleptic Gregorian; pure.
 *
 * A date is a day number, 1 = 0001-01-01, so that 0 can mean "none". Periods are half-open [start, end).
 * Adding months clamps to the month's end and, through an anchor day, comes back: 31 Jan, 28 Feb, 31 Mar.
 */
#ifndef MOONBILL_VALUE_CALENDAR_H
#define MOONBILL_VALUE_CALENDAR_H

#include "base/arena.h"
#include "base/text.h"
#include "decimal.h"

#include <stdbool.h>
#include <stdint.h>

struct date {
	int32_t day; /* 1 = 0001-01-01; 0 = none */
};
#define DATE_NONE ((struct date){ 0 })
enum { DATE_DAY_MAX = 3652059 }; /* 9999-12-31 */

struct period {
	struct date start, end; /* [start, end); end none = open */
};

/* A calendar length: months and days are counted on the calendar, us is exact time. All parts have one sign. */
struct duration {
	int32_t months, days;
	int64_t us;
};

bool date_make(int year, int month, int day, struct date *date);
void date_parts(struct date date, int *year, int *month, int *day);
bool date_parse(struct text text, struct date *date); /* YYYY-MM-DD, must exist */
struct text date_text(struct arena *arena, struct date date);
enum { DATE_TEXT_BYTES = 10 };
/* The same of a present one into DATE_TEXT_BYTES bytes; where it ends. */
char *date_put(char *to, struct date date);
bool date_present(struct date date);
int date_compare(struct date a, struct date b);
struct date date_min(struct date a, struct date b); /* none is later than all others here: an open end */
struct date date_max(struct date a, struct date b);
/* to - from, both present: days of the calendar, whatever the zone's clocks do. */
int32_t date_days_between(struct date from, struct date to);
struct date date_add_days(struct date date, int32_t days);     /* saturates to none outside 0001..9999 */
struct date date_add_months(struct date date, int32_t months); /* clamps to the month's last day */
/* As above, then moved to `anchor_day` or the month's last day before it (0 = the date's own day). */
struct date date_add_months_anchored(struct date date, int32_t months, int anchor_day);
int date_day_of_month(struct date date);
int date_last_day_of_month(struct date date);
int date_weekday(struct date date); /* 1 = Monday .. 7 = Sunday */
struct date date_with_day(struct date date, int anchor_day); /* same month, clamped */

int32_t period_days(struct period period);
bool period_contains(struct period period, struct date date);
struct period period_intersect(struct period a, struct period b); /* start == end when they do not meet */

bool duration_parse(struct text text, struct duration *duration); /* ISO 8601: P1M, P2W, PT15M, P1DT12H */
struct text duration_text(struct arena *arena, struct duration duration);
bool duration_present(struct duration duration);
/* Whether each part is at most so many years, before or after: what a person may give. Sums of such parts and instants of
 * the calendar fit an int64_t of microseconds. */
enum { DURATION_YEARS_MAX = 1000 };
bool duration_fits(struct duration duration);
struct date date_add_duration(struct date date, struct duration duration); /* months, then days; us must be 0 */

/* How often something recurs; the Kill Bill names, which the other systems map to. */
enum billing_period {
	BILLING_PERIOD_NONE, /* NO_BILLING_PERIOD */
	BILLING_PERIOD_DAILY,
	BILLING_PERIOD_WEEKLY,
	BILLING_PERIOD_BIWEEKLY,
	BILLING_PERIOD_THIRTY_DAYS,
	BILLING_PERIOD_THIRTY_ONE_DAYS,
	BILLING_PERIOD_SIXTY_DAYS,
	BILLING_PERIOD_NINETY_DAYS,
	BILLING_PERIOD_MONTHLY,
	BILLING_PERIOD_BIMESTRIAL,
	BILLING_PERIOD_QUARTERLY,
	BILLING_PERIOD_TRIANNUAL,
	BILLING_PERIOD_BIANNUAL,
	BILLING_PERIOD_ANNUAL,
	BILLING_PERIOD_SESQUIENNIAL,
	BILLING_PERIOD_BIENNIAL,
	BILLING_PERIOD_TRIENNIAL,
};
bool billing_period_parse(struct text name, enum billing_period *period); /* "MONTHLY"; any case */
const char *billing_period_name(enum billing_period period);              /* lower case, as in records */
struct duration billing_period_length(enum billing_period period);
/* Moves a date by n whole periods (n may be negative); anchor_day as in date_add_months_anchored. */
struct date billing_period_advance(enum billing_period period, struct date date, int32_t n, int anchor_day);
/* The whole period of the grid through `anchor` (with anchor_day for months, 0 = its own) that contains `date`.
 * The grid goes both ways: a caller whose first period is cut short by a start intersects with it. Through
 * 0001-01-01 (a Monday) it is the calendar's own: weeks, months, quarters, years. */
struct period billing_period_containing(enum billing_period period, struct date anchor, int anchor_day,
                                        struct date date);
/* Whole periods between two dates, as Kill Bill counts them: how often the period fits, rounded toward 0. A
 * month is over when its day, or the last day of a shorter month, is reached. */
int32_t billing_period_whole_between(enum billing_period period, struct date from, struct date to);

/* Days from `start` to `end` when every month counts `fixed_days` days (0: the real calendar).
 * killbill.md b.3: when both lie in the same month of the year, the real days; else real days minus (length of start's
 * month - fixed_days). */
int32_t days_between_fixed_month(struct date start, struct date end, int fixed_days);
/* The stub before the first bill cycle date and the one after the last, as exact fractions of a period
 * (the second may exceed 1). The whole is the period that ends at the first, begins at the last, cycle date,
 * or `fixed_days` when they are given. False when that period leaves the calendar. killbill.md b.3. */
bool stub_before_first_cycle(enum billing_period period, struct date start, struct date first_cycle, int fixed_days,
                             struct fraction *share);
bool stub_after_last_cycle(enum billing_period period, struct date last_cycle, struct date end, int fixed_days,
                           struct fraction *share);

#endif
