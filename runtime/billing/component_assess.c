/* component_assess.c: when a subscription's components are assessed, and what that comes to. */
#include "component_assess.h"

#include "account.h"
#include "component_assess_work.h"
#include "component_line.h"
#include "event_write.h"
#include "subscription.h"
#include "timeline.h"

/* ------------------------------------------------------------------------------------------------ what it has */

static bool load_one(struct component_assessment *assessment, struct subscription_component *had)
{
	struct command *command = assessment->billing.command;
	struct assessed_component *one = list_add(command->arena, &assessment->components, struct assessed_component);
	*one = (struct assessed_component){ .had = had, .rate = had->charged_rate };
	one->component = component_need(command, had->component_id, "");
	one->point = price_point_need(command, had->price_point_id, "");
	return one->component && one->point;
}

static bool load(struct component_assessment *assessment)
{
	struct subscription_component_list had;
	if (assessment->loaded)
		return true;
	assessment->loaded = true;
	if (!subscription_components(assessment->billing.command, assessment->billing.subscription, &had))
		return false;
	for (size_t i = 0; i < had.count; i++)
		if (!load_one(assessment, &had.items[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ moments */

static const struct billing_event_list *events_of(const struct component_assessment *assessment)
{
	return assessment->billing.events;
}

static bool recurs(const struct billing_event *event)
{
	return !component_event_stops(event) && event->has_recurring && event->period != BILLING_PERIOD_NONE;
}

/* The first event at or after a moment that recurs, or that stops. */
static const struct billing_event *first_event(const struct component_assessment *assessment, struct instant from,
                                               bool (*is)(const struct billing_event *event))
{
	const struct billing_event_list *events = events_of(assessment);
	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].at.us >= from.us && is(&events->items[i]))
			return &events->items[i];
	return NULL;
}

/* Where billing stopped that is stopped now; none: it is not. */
static struct instant stopped_at(const struct component_assessment *assessment)
{
	const struct billing_event_list *events = events_of(assessment);
	struct instant stopped = INSTANT_NONE;
	for (size_t i = 0; i < events->count && events->items[i].at.us <= assessment->now.us; i++) {
		bool stops = component_event_stops(&events->items[i]);
		stopped = !stops ? INSTANT_NONE : stopped.us ? stopped : events->items[i].at;
	}
	return stopped;
}

static struct instant earlier(struct instant a, const struct billing_event *event)
{
	return event && (a.us == 0 || event->at.us < a.us) ? event->at : a;
}

/* ------------------------------------------------------------------------------------------------ a period ends, one begins */

/* [from, until), and charges that waited for its end. */
static bool end_period(struct component_assessment *assessment, struct instant until, bool ends)
{
	return load(assessment) && assess_used(assessment, assessment->from, until, ends) && assess_waiting(assessment);
}

static bool begin_period(struct component_assessment *assessment, struct component_time *time)
{
	const struct billing_event *stop = first_event(assessment, (struct instant){ time->start.us + 1 }, component_event_stops);
	if (stop && stop->at.us < time->end.us)
		time->end = stop->at;
	if (!load(assessment) || !assess_in_advance(assessment, time) || !assess_waiting(assessment))
		return false;
	assessment->from = time->start;
	assessment->until = time->end;
	return true;
}

/* What was charged of the time after billing stopped. */
static bool stop(struct component_assessment *assessment, struct instant at)
{
	struct instant from = at.us > assessment->from.us ? at : assessment->from;
	if (!load(assessment) || !assess_unused(assessment, from, assessment->until) || !end_period(assessment, from, true))
		return false;
	assessment->from = assessment->until = from;
	return true;
}

/* The next stretch that is charged; false: none has begun, and *ahead is when one does. */
static bool find_next(struct component_assessment *assessment, struct component_time *time, struct instant *ahead)
{
	struct instant cursor = assessment->until;
	if (cursor.us && component_time_at(&assessment->billing, cursor, time))
		return true;
	const struct billing_event *next = first_event(assessment, cursor, recurs);
	*ahead = next ? next->at : INSTANT_NONE;
	return next && next->at.us <= assessment->now.us && component_time_at(&assessment->billing, next->at, time);
}

static bool is_due(const struct component_assessment *assessment)
{
	return assessment->until.us == 0 || assessment->until.us <= assessment->now.us;
}

/* What was used before the first period: in a trial. */
static struct instant used_since(const struct component_assessment *assessment)
{
	return assessment->from.us ? assessment->from : assessment->billing.subscription->started_at;
}

/* One period after the other, until the present one. */
static bool go_on(struct component_assessment *assessment)
{
	while (is_due(assessment) && !assessment->cut) {
		struct component_time time;
		struct instant ahead = INSTANT_NONE;
		bool ended = assessment->until.us && assessment->from.us < assessment->until.us;
		if (ended && !end_period(assessment, assessment->until, stopped_at(assessment).us != 0))
			return false;
		if (ended)
			assessment->from = assessment->until;
		if (!find_next(assessment, &time, &ahead)) {
			assessment->at = ahead;
			return true;
		}
		assessment->from = used_since(assessment);
		if ((assessment->from.us < time.start.us && !end_period(assessment, time.start, false)) ||
		    !begin_period(assessment, &time))
			return false;
		assessment->cut = assessment->lines->count - assessment->first_line >= assessment->most && is_due(assessment);
	}
	assessment->at = assessment->cut ? assessment->now
	                                 : earlier(assessment->until, first_event(assessment, (struct instant){ assessment->now.us + 1 },
	                                                                          component_event_stops));
	return true;
}

static bool assess(struct component_assessment *assessment)
{
	struct instant stopped = stopped_at(assessment);
	bool within = stopped.us && assessment->until.us && stopped.us < assessment->until.us;
	if (within && !stop(assessment, stopped))
		return false;
	if (stopped.us && !within && !assess_waiting(assessment)) /* nothing ends any more that they could wait for */
		return false;
	return go_on(assessment);
}

bool component_assess(const struct component_billing *billing, size_t most, struct invoice_line_list *lines,
                      struct component_assessment **made, bool *cut)
{
	struct command *command = billing->command;
	const struct subscription *subscription = billing->subscription;
	*made = NULL;
	*cut = false;
	if (!subscription->components)
		return true;
	struct component_assessment *assessment = arena_new(command->arena, struct component_assessment);
	*assessment = (struct component_assessment){
		.billing = *billing, .now = command->now, .lines = lines, .first_line = lines->count, .most = most,
		.from = subscription->assessed_from, .until = subscription->assessed_until,
	};
	if (!assess(assessment))
		return false;
	*cut = assessment->cut;
	*made = assessment;
	return true;
}

/* Of the subscription's events: whole days are read as totals. */
static bool day_end(const struct component_billing *billing, struct instant *end)
{
	struct event_meter meter = { 0 };
	bool found;
	if (!event_meter_phase(billing->command, billing->subscription->id, &meter.phase_us, &found))
		return false;
	end->us = event_day_begin_us(&meter, event_day_of(&meter, billing->command->now.us) + 1);
	return true;
}

bool component_assess_running(const struct component_billing *billing, struct invoice_line_list *lines)
{
	const struct subscription *subscription = billing->subscription;
	struct component_assessment assessment = {
		.billing = *billing, .now = billing->command->now, .lines = lines, .first_line = lines->count, .running = true,
		.from = subscription->assessed_from, .until = subscription->assessed_until,
	};
	bool due = assessment.until.us && assessment.until.us <= assessment.now.us;
	struct instant until;
	if (!subscription->components || due || stopped_at(&assessment).us)
		return true;
	if (!day_end(billing, &until))
		return false;
	if (assessment.until.us && assessment.until.us < until.us)
		until = assessment.until;
	return load(&assessment) && assess_used(&assessment, used_since(&assessment), until, false);
}

bool component_assess_closes(const struct component_assessment *assessment)
{
	return assessment && assessment->spans.count > 0;
}

struct instant component_assess_next(const struct component_assessment *assessment)
{
	return assessment->at;
}

/* ------------------------------------------------------------------------------------------------ when a run waits */

bool component_assess_waits(const struct command *command, const struct account *account,
                            const struct subscription *subscription, struct date today)
{
	struct instant at = subscription->assess_at;
	return at.us > command->now.us &&
	       date_compare(timezone_date(command_zone(command, account), at), today) == 0;
}

bool component_assess_begin(struct command *command, struct subscription *subscription)
{
	struct account *account = account_need(command, subscription->account_id, "");
	struct timeline timeline;
	struct component_time time;
	bool is_new = subscription->created_at.us == command->now.us && !date_present(subscription->charged_through);
	if (!account)
		return false;
	if (is_new)
		return true;
	if (!timeline_read(command, account, subscription, &timeline))
		return false;
	struct component_assessment assessment = {
		.billing = { command, account, subscription, &timeline.events, NULL }, .now = command->now,
	};
	if (!component_time_at(&assessment.billing, command->now, &time)) {
		const struct billing_event *next = first_event(&assessment, command->now, recurs);
		subscription->assess_at = next ? next->at : INSTANT_NONE;
		return true;
	}
	subscription->assessed_from = command->now;
	subscription->assessed_until = time.cycle_end;
	subscription->assess_at = earlier(time.cycle_end, first_event(&assessment, command->now, component_event_stops));
	return true;
}
