/* holiday_calendar.h: which dates are holidays of a tenant, found in steps that hardly grow with how many there are. Pure. */
#ifndef MOONBILL_BILLING_HOLIDAY_CALENDAR_H
#define MOONBILL_BILLING_HOLIDAY_CALENDAR_H

#include "records.gen.h"
#include "value/calendar.h"

/* Recurring days depend on a year only by whether it, or the year before it, has a 29 February. */
enum year_kind { YEAR_COMMON, YEAR_AFTER_LEAP, YEAR_LEAP, YEAR_KINDS };

struct holiday_calendar {
	struct period *ranges; /* of those that do not recur: by their start, none meets another */
	size_t range_count;
	bool recurring[YEAR_KINDS][366]; /* by the day of the year, from 0 */
};

/* `arena` owns what it holds; the holidays may go. */
void holiday_calendar_build(struct arena *arena, const struct holiday *holidays, size_t count,
                            struct holiday_calendar *calendar);
bool holiday_calendar_has(const struct holiday_calendar *calendar, struct date date);

bool holiday_has(const struct holiday *holiday, struct date date);
/* Whether a day is in both, in any year. */
bool holidays_meet(const struct holiday *a, const struct holiday *b);

#endif
