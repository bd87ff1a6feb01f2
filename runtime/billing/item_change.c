/* item_change.c: what the proration policy is asked about a part of a billed or proposed item. */
#include "item_change.h"

#include "interval.h"
#include "proration.h"

static enum proration_change_reason reason_of(struct period service, struct period whole)
{
	if (date_compare(service.end, whole.end) >= 0)
		return PRORATION_CHANGE_REASON_START;
	return date_compare(service.start, whole.start) <= 0 ? PRORATION_CHANGE_REASON_END : PRORATION_CHANGE_REASON_CHANGE;
}

static bool set_days(const struct interval_part *part, int fixed_days, struct proration_change *change)
{
	int32_t days, days_of_whole;
	if (!interval_days(part, fixed_days, &days, &days_of_whole))
		return false;
	change->period_start = part->whole.start;
	change->period_end = part->whole.end;
	change->service_start = part->service.start;
	change->service_end = part->service.end;
	change->days_left = days;
	change->days_in_period = days_of_whole;
	return true;
}

bool item_change_of_part(const struct billing_item *item, int fixed_days, const struct currency *currency,
                         struct proration_change *change)
{
	struct interval_part part = { { item->start, item->end }, item->whole };
	*change = (struct proration_change){
		.currency = currency,
		.plan = item->plan,
		.price_code = item->phase,
		.reason = reason_of(part.service, part.whole),
	};
	return exact_money_from_decimal(item->rate, currency, &change->price) && set_days(&part, fixed_days, change);
}

enum { LONGEST_MONTH_DAYS = 31 };

/* What was billed for a whole period is its price, whoever decided it. */
static bool price_of(const struct billing_item *original, struct exact_money *price)
{
	return billing_item_is_whole(original)
	                ? exact_money_from_money(original->amount, price)
	                : exact_money_from_decimal(original->rate, original->amount.currency, price);
}

/* The days given back and those billed, counted alike. Months of 30 days leave no days, or fewer than are given back, of
 * some stretches around a month's end: false. */
static bool set_days_of_repair(const struct billing_item *original, struct period repaired, int fixed,
                               struct proration_change *change)
{
	const struct period billed = { original->start, original->end };
	const struct interval_part part = { repaired, original->whole };
	bool is_whole = date_compare(billed.start, original->whole.start) == 0 &&
	                date_compare(billed.end, original->whole.end) == 0;
	if (!set_days(&part, fixed, change))
		return false;
	change->days_billed = is_whole ? change->days_in_period : days_between_fixed_month(billed.start, billed.end, fixed);
	return change->days_left >= 0 && change->days_billed > 0 && change->days_left <= change->days_billed;
}

bool item_change_of_repair(const struct billing_item *original, const struct billing_item *repair, int fixed_days,
                           struct proration_change *change)
{
	const struct period billed = { original->start, original->end }, repaired = { repair->start, repair->end };
	int fixed = period_days(billed) <= LONGEST_MONTH_DAYS ? fixed_days : 0;
	struct exact_money paid;
	*change = (struct proration_change){
		.currency = original->amount.currency,
		.plan = original->plan,
		.price_code = original->phase,
		.reason = PRORATION_CHANGE_REASON_CREDIT,
	};
	if (!price_of(original, &change->price) || !exact_money_from_money(original->amount, &paid))
		return false;
	proration_change_billed(change, paid, billed);
	return set_days_of_repair(original, repaired, fixed, change) || set_days_of_repair(original, repaired, 0, change);
}
