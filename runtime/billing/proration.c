/* proration.c: what a proration policy is told of a part of a period. */
#include "proration.h"

enum { SECOND_US = 1000000 };

struct proration_change proration_change_of(struct exact_money price, enum proration_change_reason reason,
                                            struct period whole, struct period service)
{
	struct period part = period_intersect(whole, service);
	return (struct proration_change){
		.currency = price.currency,
		.price = price,
		.reason = reason,
		.period_start = whole.start,
		.period_end = whole.end,
		.service_start = part.start,
		.service_end = part.end,
		.days_left = period_days(part),
		.days_in_period = period_days(whole),
	};
}

void proration_change_billed(struct proration_change *change, struct exact_money paid, struct period billed)
{
	change->paid = paid;
	change->billed_start = billed.start;
	change->billed_end = billed.end;
	change->days_billed = period_days(billed);
	change->has_days_billed = true;
}

static int64_t seconds_between(int64_t from_us, int64_t to_us)
{
	return to_us > from_us ? (to_us - from_us) / SECOND_US : 0;
}

void proration_change_time(struct proration_change *change, struct instant start, struct instant end, struct instant from,
                           struct instant to)
{
	int64_t from_us = from.us > start.us ? from.us : start.us;
	int64_t to_us = to.us < end.us ? to.us : end.us;
	change->has_seconds_left = change->has_seconds_in_period = true;
	change->seconds_left = seconds_between(from_us, to_us);
	change->seconds_in_period = seconds_between(start.us, end.us);
}

void proration_change_zone(struct proration_change *change, const struct timezone_rules *zone)
{
	proration_change_time(change, timezone_start_of_date(zone, change->period_start),
	                      timezone_start_of_date(zone, change->period_end),
	                      timezone_start_of_date(zone, change->service_start),
	                      timezone_start_of_date(zone, change->service_end));
}
