/* bill_cycle_day.c: the day of the month on which an account or subscription is billed. */
#include "value/bill_cycle_day.h"

int bill_cycle_day_from_first_paid_charge(struct instant first_paid_charge_at, const struct timezone_rules *zone)
{
	return date_day_of_month(timezone_date(zone, first_paid_charge_at));
}

static bool is_made_of_months(enum billing_period period)
{
	return billing_period_length(period).months != 0;
}

struct date bill_cycle_day_align_same_month(struct date proposed, int day, enum billing_period period)
{
	return is_made_of_months(period) ? date_with_day(proposed, day) : proposed;
}

/* The first date on or after `from` whose day of the month is `day` or, failing that, the month's last. */
static struct date on_or_after(struct date from, int day)
{
	struct date aligned = date_with_day(from, day);
	return date_compare(aligned, from) >= 0 ? aligned : date_add_months_anchored(from, 1, day);
}

struct date bill_cycle_day_align_next(struct date previous, struct date current, int day, enum billing_period period)
{
	if (is_made_of_months(period))
		return on_or_after(current, day);
	if (period == BILLING_PERIOD_NONE || !date_present(previous))
		return current;
	int32_t length = billing_period_length(period).days;
	int32_t periods = (date_days_between(previous, current) + length - 1) / length;
	return date_add_days(previous, (periods > 1 ? periods : 1) * length);
}

struct date bill_cycle_day_effective_date(struct date today, struct date subscription_start, int new_day,
                                          struct date requested_from, bool *immediately)
{
	struct date from = date_present(requested_from) ? requested_from : today;
	struct date effective = date_max(on_or_after(from, new_day), subscription_start);
	*immediately = !date_present(requested_from) && date_compare(effective, today) == 0;
	return effective;
}
