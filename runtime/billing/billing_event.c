/* billing_event.c: what is in force when, and where the cycles of a billing event begin. */
#include "billing_event.h"

bool billing_event_counts_anew(const struct billing_event *event)
{
	return !event->counts.convention || event->counts.convention->anchor == CONVENTION_ANCHOR_BILL_CYCLE_DAY;
}

struct convention_cycles billing_event_cycles(const struct billing_event *event)
{
	const struct convention *convention = event->counts.convention;
	bool by_day = !convention || convention_takes_day(convention);
	return (struct convention_cycles){
		.anchor = convention ? convention->anchor : CONVENTION_ANCHOR_BILL_CYCLE_DAY,
		.bill_cycle_day = by_day ? event->bill_cycle_day : event->asked_day,
		.from = date_present(event->counted_from) ? event->counted_from : event->date,
	};
}

const struct billing_event *billing_event_on(const struct billing_event_list *events, struct date date)
{
	const struct billing_event *found = NULL;
	for (size_t i = 0; i < events->count && date_compare(events->items[i].date, date) <= 0; i++)
		found = &events->items[i];
	return found;
}

struct instant billing_cycle_moment(const struct billing_event *event, const struct timezone_rules *zone, struct date date)
{
	return event->time_of_day_us ? timezone_instant(zone, date, event->time_of_day_us) : timezone_start_of_date(zone, date);
}

static bool counts_days(const struct billing_event *event)
{
	return !event->counts.convention || event->counts.convention->unit != CONVENTION_UNIT_SECOND;
}

bool billing_days_begin(const struct billing_event_list *events, struct date date)
{
	const struct billing_event *on = billing_event_on(events, date);
	return on && date_compare(on->date, date) == 0 && on->has_recurring && counts_days(on);
}

struct instant billing_event_moment(const struct billing_event_list *events, const struct billing_event *event,
                                    const struct timezone_rules *zone, struct date date)
{
	const struct billing_event *on = billing_event_on(events, date);
	bool is_of_date = on && date_compare(on->date, date) == 0;
	if (billing_days_begin(events, date))
		return timezone_start_of_date(zone, date);
	return is_of_date ? on->at : billing_cycle_moment(event, zone, date);
}

/* ------------------------------------------------------------------------------------------------ items */

static bool differ(struct instant a, struct instant b)
{
	return a.us != 0 && b.us != 0 && a.us != b.us;
}

bool billing_item_is_whole(const struct billing_item *item)
{
	const struct billing_moments *moments = &item->moments;
	return date_compare(item->start, item->whole.start) == 0 && date_compare(item->end, item->whole.end) == 0 &&
	       !differ(moments->start, moments->whole_start) && !differ(moments->end, moments->whole_end);
}
