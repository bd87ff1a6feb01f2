/* billing_period.c: how often something recurs: the grid of periods through an anchor, counts of whole
 * periods, and the shares of the stubs at both ends. */
#include "value/calendar.h"

#include "base/problem.h"

static const struct {
	const char *name;
	int32_t months, days;
} periods[] = {
	[BILLING_PERIOD_NONE] = { "no_billing_period", 0, 0 },
	[BILLING_PERIOD_DAILY] = { "daily", 0, 1 },
	[BILLING_PERIOD_WEEKLY] = { "weekly", 0, 7 },
	[BILLING_PERIOD_BIWEEKLY] = { "biweekly", 0, 14 },
	[BILLING_PERIOD_THIRTY_DAYS] = { "thirty_days", 0, 30 },
	[BILLING_PERIOD_THIRTY_ONE_DAYS] = { "thirty_one_days", 0, 31 },
	[BILLING_PERIOD_SIXTY_DAYS] = { "sixty_days", 0, 60 },
	[BILLING_PERIOD_NINETY_DAYS] = { "ninety_days", 0, 90 },
	[BILLING_PERIOD_MONTHLY] = { "monthly", 1, 0 },
	[BILLING_PERIOD_BIMESTRIAL] = { "bimestrial", 2, 0 },
	[BILLING_PERIOD_QUARTERLY] = { "quarterly", 3, 0 },
	[BILLING_PERIOD_TRIANNUAL] = { "triannual", 4, 0 },
	[BILLING_PERIOD_BIANNUAL] = { "biannual", 6, 0 },
	[BILLING_PERIOD_ANNUAL] = { "annual", 12, 0 },
	[BILLING_PERIOD_SESQUIENNIAL] = { "sesquiennial", 18, 0 },
	[BILLING_PERIOD_BIENNIAL] = { "biennial", 24, 0 },
	[BILLING_PERIOD_TRIENNIAL] = { "triennial", 36, 0 },
};
enum { PERIOD_COUNT = sizeof periods / sizeof *periods };

static bool equals_lower(struct text text, const char *lower)
{
	if (text.length != strlen(lower))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.data[i];
		if (byte >= 'A' && byte <= 'Z')
			byte = (char)(byte - 'A' + 'a');
		if (byte != lower[i])
			return false;
	}
	return true;
}

bool billing_period_parse(struct text name, enum billing_period *period)
{
	for (int i = 0; i < PERIOD_COUNT; i++) {
		if (equals_lower(name, periods[i].name)) {
			*period = (enum billing_period)i;
			return true;
		}
	}
	return false;
}

const char *billing_period_name(enum billing_period period)
{
	if ((unsigned)period >= PERIOD_COUNT)
		BUG("billing period %d", (int)period);
	return periods[period].name;
}

struct duration billing_period_length(enum billing_period period)
{
	if ((unsigned)period >= PERIOD_COUNT)
		BUG("billing period %d", (int)period);
	return (struct duration){ .months = periods[period].months, .days = periods[period].days };
}

struct date billing_period_advance(enum billing_period period, struct date date, int32_t n, int anchor_day)
{
	struct duration length = billing_period_length(period);
	int32_t by;
	if (__builtin_mul_overflow(length.months ? length.months : length.days, n, &by))
		return DATE_NONE;
	return length.months ? date_add_months_anchored(date, by, anchor_day) : date_add_days(date, by);
}

/* ---- the grid ---- */

static int32_t floor_divide(int32_t a, int32_t b)
{
	return a / b - (a % b < 0);
}

static int32_t month_index(struct date date)
{
	int year, month, day;
	date_parts(date, &year, &month, &day);
	return year * 12 + month;
}

struct period billing_period_containing(enum billing_period period, struct date anchor, int anchor_day,
                                        struct date date)
{
	struct duration length = billing_period_length(period);
	int32_t n;
	if (period == BILLING_PERIOD_NONE)
		return (struct period){ anchor, DATE_NONE };
	if (length.months) {
		n = floor_divide(month_index(date) - month_index(anchor), length.months);
		/* the anchor's own day when none is given: the grid comes back to it after a short month */
		anchor_day = anchor_day ? anchor_day : date_day_of_month(anchor);
		if (date_compare(billing_period_advance(period, anchor, n, anchor_day), date) > 0)
			n--;
	} else {
		n = floor_divide(date_days_between(anchor, date), length.days);
	}
	return (struct period){ billing_period_advance(period, anchor, n, anchor_day),
		                billing_period_advance(period, anchor, n + 1, anchor_day) };
}

int32_t billing_period_whole_between(enum billing_period period, struct date from, struct date to)
{
	struct duration length = billing_period_length(period);
	if (period == BILLING_PERIOD_NONE)
		return 0;
	if (date_compare(from, to) > 0)
		return -billing_period_whole_between(period, to, from);
	if (!length.months)
		return date_days_between(from, to) / length.days;
	int32_t months = month_index(to) - month_index(from);
	if (date_compare(date_add_months(from, months), to) > 0)
		months--;
	return months / length.months;
}

/* ---- stubs ---- */

int32_t days_between_fixed_month(struct date start, struct date end, int fixed_days)
{
	int32_t days = date_days_between(start, end);
	bool same_month = (month_index(end) - month_index(start)) % 12 == 0;
	return fixed_days == 0 || same_month ? days : days - (date_last_day_of_month(start) - fixed_days);
}

/* [start, end) as a share of `reference`. Where nothing recurs there is no share to speak of: 0. */
static bool stub_share(struct date start, struct date end, struct period reference, int fixed_days,
                       struct fraction *share)
{
	if (!date_present(reference.start) || !date_present(reference.end))
		return false;
	int32_t whole = fixed_days ? fixed_days : period_days(reference);
	if (whole <= 0)
		return fraction_make(0, 1, share);
	return fraction_make(days_between_fixed_month(start, end, fixed_days), whole, share);
}

bool stub_before_first_cycle(enum billing_period period, struct date start, struct date first_cycle, int fixed_days,
                             struct fraction *share)
{
	struct period reference = { billing_period_advance(period, first_cycle, -1, 0), first_cycle };
	return stub_share(start, first_cycle, reference, fixed_days, share);
}

bool stub_after_last_cycle(enum billing_period period, struct date last_cycle, struct date end, int fixed_days,
                           struct fraction *share)
{
	struct period reference = { last_cycle, billing_period_advance(period, last_cycle, 1, 0) };
	return stub_share(last_cycle, end, reference, fixed_days, share);
}
