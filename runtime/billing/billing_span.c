/* billing_span.c: on which grids a subscription of an order is billed, stretch by stretch. */
#include "billing_span.h"

#include "account.h"
#include "service_term.h"

/* ------------------------------------------------------------------------------------------------ of service terms */

/* The spans of one subscription in the making. */
struct spanning {
	struct command *command;
	const struct plan *plan;
	const struct timezone_rules *zone;
	struct billing_spans *spans;
};

/* Where a clock change has moved the first day off the anchor's, cycles come back to the first day. */
static void add_span(struct spanning *work, struct date start, struct date end, int64_t anchor_day)
{
	bool anchored = date_compare(date_with_day(start, (int)anchor_day), start) == 0;
	int day = anchored ? (int)anchor_day : date_day_of_month(start);
	struct billing_span *span = list_add(work->command->arena, work->spans, struct billing_span);
	span->start = start;
	span->end = end;
	span->grid = billing_grid_make(work->plan->billing_period, day, false, start);
}

static void add_period(struct spanning *work, struct instant starts_at, struct duration period, struct instant expires_at,
                       int64_t anchor_day)
{
	add_span(work, timezone_date(work->zone, starts_at), service_end_date(work->zone, period, expires_at), anchor_day);
}

struct renewal_order_list { struct renewal_order *items; size_t count, capacity; };

static bool is_among(const struct renewal_order_list *orders, const struct service_term *term)
{
	for (size_t i = 0; i < orders->count; i++)
		if (orders->items[i].starts_at.us == term->starts_at.us)
			return true;
	return false;
}

/* The first period has no renewal order: until the instant at which the first one that has begins. It began with a day: where
 * it ends within one it is of hours, which have the days that they touch. */
static void add_first(struct spanning *work, const struct subscription *subscription, struct instant until)
{
	struct date end = timezone_date(work->zone, until);
	if (until.us > timezone_start_of_date(work->zone, end).us)
		end = date_add_days(end, 1);
	add_span(work, subscription->start_date, end, date_day_of_month(subscription->start_date));
}

/* What was renewed ahead of what is charged, or waits to be. */
static bool add_periods(struct spanning *work, const struct subscription *subscription, const struct service_term *term)
{
	struct renewal_order_list orders = { 0 };
	struct instant charged = timezone_start_of_date(work->zone, subscription->charged_through);
	if (!store_all(work->command->store, STATEMENT_RENEWAL_ORDER_PERIODS,
	               BINDS(bind_id(subscription->account_id), bind_id(subscription->id), bind_instant(charged)),
	               &renewal_order_record, LIST(&orders)))
		return false;
	const bool among = is_among(&orders, term);
	struct instant known = among ? orders.items[0].starts_at : term->starts_at;
	/* One that began when it was ordered came late: what was before it is charged. */
	const bool late = among && orders.items[0].starts_at.us == orders.items[0].created_at.us;
	if (charged.us < known.us && !late)
		add_first(work, subscription, known);
	if (!among)
		add_period(work, term->starts_at, term->period, term->expires_at, term->anchor_day);
	for (size_t i = 0; i < orders.count; i++)
		add_period(work, orders.items[i].starts_at, orders.items[i].period, orders.items[i].expires_at, orders.items[i].anchor_day);
	return true;
}

static bool spans_of_terms(struct spanning *work, const struct subscription *subscription)
{
	struct service_term *term = NULL;
	if (subscription->id && !service_term_find(work->command, subscription->id, &term))
		return false;
	if (!term) {
		add_span(work, subscription->start_date, DATE_NONE, date_day_of_month(subscription->start_date));
		return true;
	}
	bool within = timezone_start_of_date(work->zone, subscription->charged_through).us >= term->starts_at.us &&
	              date_compare(subscription->end_date, service_end_date(work->zone, term->period, term->expires_at)) <= 0;
	if (within)
		add_period(work, term->starts_at, term->period, term->expires_at, term->anchor_day);
	else if (!add_periods(work, subscription, term))
		return false;
	work->spans->items[work->spans->count - 1].end = DATE_NONE;
	return true;
}

/* ------------------------------------------------------------------------------------------------ of any */

struct billing_spans billing_spans_plain(struct command *command, const struct account *account, const struct plan *plan,
                                         struct date start)
{
	struct billing_spans spans = { 0 };
	*list_add(command->arena, &spans, struct billing_span) =
	        (struct billing_span){ start, DATE_NONE, subscription_grid(command, account, plan, start) };
	return spans;
}

bool billing_spans_of(struct command *command, const struct account *account, const struct plan *plan,
                      const struct subscription *subscription, struct billing_spans *spans)
{
	bool terms = subscription->expires_at.us || (plan->terms && !subscription->id);
	*spans = (struct billing_spans){ 0 };
	if (terms) {
		struct spanning work = { command, plan, command_zone(command, account), spans };
		return spans_of_terms(&work, subscription);
	}
	*spans = billing_spans_plain(command, account, plan, subscription->start_date);
	return true;
}

static bool is_past(const struct billing_span *span, struct date day)
{
	return date_present(span->end) && date_compare(span->end, day) <= 0;
}

const struct billing_grid *billing_spans_grid(const struct billing_spans *spans, struct date day)
{
	size_t i = 0;
	while (i + 1 < spans->count && is_past(&spans->items[i], day))
		i++;
	return &spans->items[i].grid;
}

struct date billing_spans_next_start(const struct billing_spans *spans, struct date day)
{
	for (size_t i = 0; i < spans->count; i++) {
		const struct billing_span *span = &spans->items[i];
		if (is_past(span, day))
			continue;
		struct date start = billing_cycle_next_start(&span->grid, date_max(day, span->start));
		if (!is_past(span, start))
			return start;
	}
	return DATE_NONE;
}

size_t billing_spans_parts(const struct billing_spans *spans, const struct subscription *subscription, struct date until,
                           struct billing_part *parts, size_t capacity)
{
	size_t count = 0;
	struct date from = subscription->charged_through;
	for (size_t i = 0; i < spans->count && count < capacity; i++) {
		const struct billing_span *span = &spans->items[i];
		if (is_past(span, from))
			continue;
		from = date_max(from, span->start);
		size_t more = billing_parts_due(&span->grid, from, until, date_min(span->end, subscription->end_date), parts + count,
		                                capacity - count);
		if (more)
			from = parts[count + more - 1].service.end;
		count += more;
	}
	return count;
}
