/* item_change.c: what the proration policy is asked about a part of a billed or proposed item. */
#include "item_change.h"

#include "interval.h"

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

bool item_change_of_repair(const struct billing_item *original, const struct billing_item *repair, int fixed_days,
                           struct proration_change *change)
{
	struct interval_part part = { { repair->start, repair->end }, { original->start, original->end } };
	bool within_month = period_days(part.whole) <= LONGEST_MONTH_DAYS;
	*change = (struct proration_change){
		.currency = original->amount.currency,
		.plan = original->plan,
		.price_code = original->phase,
		.reason = PRORATION_CHANGE_REASON_CREDIT,
	};
	return exact_money_from_money(original->amount, &change->price) &&
	       exact_money_from_money(original->amount, &change->paid) &&
	       set_days(&part, within_month ? fixed_days : 0, change);
}
