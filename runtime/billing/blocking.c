/* blocking.c: what services hold back, and the stretches in which nothing is charged. */
#include "blocking.h"

#include <stdlib.h>

static const int64_t SHORTEST_US = 24LL * 3600 * US_PER_S;

/* ------------------------------------------------------------------------------------------------ stretches */

static bool ends_before(struct blocked_stretch a, struct blocked_stretch b)
{
	return a.end.us != 0 && a.end.us < b.start.us;
}

bool blocked_stretch_is_disjoint(struct blocked_stretch a, struct blocked_stretch b)
{
	return ends_before(a, b) || ends_before(b, a);
}

struct blocked_stretch blocked_stretch_merge(struct blocked_stretch a, struct blocked_stretch b)
{
	bool open = a.end.us == 0 || b.end.us == 0;
	return (struct blocked_stretch){
		.start = a.start.us < b.start.us ? a.start : b.start,
		.end = open ? INSTANT_NONE : a.end.us > b.end.us ? a.end : b.end,
	};
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int64_t end_us(struct blocked_stretch stretch)
{
	return stretch.end.us ? stretch.end.us : INT64_MAX;
}

int blocked_stretch_compare(struct blocked_stretch a, struct blocked_stretch b)
{
	int by_start = compare(a.start.us, b.start.us);
	return by_start ? by_start : compare(end_us(a), end_us(b));
}

static int compare_stretches(const void *a, const void *b)
{
	return blocked_stretch_compare(*(const struct blocked_stretch *)a, *(const struct blocked_stretch *)b);
}

/* ------------------------------------------------------------------------------------------------ states */

static bool same_source(const struct blocking_state *a, const struct blocking_state *b)
{
	return a->level == b->level && a->object_id == b->object_id && text_equals(a->service, b->service);
}

/* The first state of its service and object in the list. */
static bool is_first_of_source(const struct blocking_state *states, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_source(&states[j], &states[i]))
			return false;
	return true;
}

static void add_stretch(struct arena *arena, struct blocked_stretches *stretches, struct instant start, struct instant end)
{
	if (end.us == 0 || end.us - start.us >= SHORTEST_US)
		*list_add(arena, stretches, struct blocked_stretch) = (struct blocked_stretch){ start, end };
}

static void add_source(struct arena *arena, const struct blocking_state *states, size_t first, size_t count,
                       struct blocked_stretches *stretches)
{
	struct instant since = INSTANT_NONE;
	for (size_t i = first; i < count; i++) {
		if (!same_source(&states[first], &states[i]))
			continue;
		if (states[i].block_billing && since.us == 0)
			since = states[i].effective_at;
		if (!states[i].block_billing && since.us != 0) {
			add_stretch(arena, stretches, since, states[i].effective_at);
			since = INSTANT_NONE;
		}
	}
	if (since.us != 0)
		add_stretch(arena, stretches, since, INSTANT_NONE);
}

static void join(struct blocked_stretches *stretches)
{
	size_t kept = 0;
	for (size_t i = 0; i < stretches->count; i++) {
		struct blocked_stretch *last = kept ? &stretches->items[kept - 1] : NULL;
		if (last && !blocked_stretch_is_disjoint(*last, stretches->items[i]))
			*last = blocked_stretch_merge(*last, stretches->items[i]);
		else
			stretches->items[kept++] = stretches->items[i];
	}
	stretches->count = kept;
}

void blocked_stretches_of(struct arena *arena, const struct blocking_state *states, size_t count,
                          struct blocked_stretches *stretches)
{
	for (size_t i = 0; i < count; i++)
		if (is_first_of_source(states, i))
			add_source(arena, states, i, count, stretches);
	if (stretches->count > 1)
		qsort(stretches->items, stretches->count, sizeof *stretches->items, compare_stretches);
	join(stretches);
}

struct blocked_kinds blocked_kinds_join(struct blocked_kinds a, struct blocked_kinds b)
{
	return (struct blocked_kinds){ a.change || b.change, a.entitlement || b.entitlement, a.billing || b.billing };
}

struct blocked_kinds blocked_kinds_at(const struct blocking_state *states, size_t count, struct instant at)
{
	struct blocked_kinds blocked = { false, false, false };
	for (size_t i = 0; i < count; i++) {
		const struct blocking_state *newest = &states[i];
		if (newest->effective_at.us > at.us || !is_first_of_source(states, i))
			continue;
		for (size_t j = i + 1; j < count && states[j].effective_at.us <= at.us; j++)
			if (same_source(&states[j], newest))
				newest = &states[j];
		blocked = blocked_kinds_join(blocked, (struct blocked_kinds){ newest->block_change, newest->block_entitlement,
		                                                              newest->block_billing });
	}
	return blocked;
}

/* ------------------------------------------------------------------------------------------------ events */

bool blocked_event_is_removed(const struct blocked_stretches *stretches, const struct billing_event *event)
{
	for (size_t i = 0; i < stretches->count; i++)
		if (event->at.us >= stretches->items[i].start.us && event->at.us < end_us(stretches->items[i]))
			return true;
	return false;
}

/* The last event before `at`, or NULL. */
static const struct billing_event *event_before(const struct billing_event *events, size_t count, struct instant at)
{
	const struct billing_event *before = NULL;
	for (size_t i = 0; i < count && events[i].at.us < at.us; i++)
		before = &events[i];
	return before;
}

/* The plan goes on to be told, but nothing is charged. */
static struct billing_event stop_event(const struct billing_event *before, struct instant at)
{
	struct billing_event stop = *before;
	stop.transition = BILLING_TRANSITION_BLOCK;
	stop.at = at;
	stop.has_fixed = stop.has_recurring = false;
	stop.fixed = stop.recurring = (struct decimal){ 0 };
	stop.period = BILLING_PERIOD_NONE;
	stop.usages = NULL;
	stop.usage_count = 0;
	return stop;
}

/* What is charged once for a phase is not charged again. */
static struct billing_event restart_event(const struct billing_event *before, struct instant at)
{
	struct billing_event restart = *before;
	restart.transition = BILLING_TRANSITION_UNBLOCK;
	restart.at = at;
	restart.has_fixed = false;
	restart.fixed = (struct decimal){ 0 };
	return restart;
}

void blocked_events_create(struct arena *arena, const struct blocked_stretches *stretches,
                           const struct billing_event *events, size_t count, struct billing_event_list *created)
{
	for (size_t i = 0; i < stretches->count; i++) {
		struct blocked_stretch stretch = stretches->items[i];
		const struct billing_event *before = event_before(events, count, stretch.start);
		const struct billing_event *last = stretch.end.us ? event_before(events, count, stretch.end) : NULL;
		if (before)
			*list_add(arena, created, struct billing_event) = stop_event(before, stretch.start);
		if (last)
			*list_add(arena, created, struct billing_event) = restart_event(last, stretch.end);
	}
}

/* Both are in order of time; of two at one instant the made one stands first. */
static void merge_events(const struct billing_event_list *made, const struct billing_event_list *kept,
                         struct billing_event *to)
{
	size_t i = 0, j = 0;
	while (i < made->count || j < kept->count) {
		bool made_first = j == kept->count || (i < made->count && made->items[i].at.us <= kept->items[j].at.us);
		*to++ = made_first ? made->items[i++] : kept->items[j++];
	}
}

void blocked_events_apply(struct arena *arena, const struct timezone_rules *zone,
                          const struct blocked_stretches *stretches, struct billing_event_list *events)
{
	struct billing_event_list made = { 0 }, kept = { 0 };
	if (stretches->count == 0)
		return;
	blocked_events_create(arena, stretches, events->items, events->count, &made);
	for (size_t i = 0; i < made.count; i++)
		made.items[i].date = timezone_date(zone, made.items[i].at);
	for (size_t i = 0; i < events->count; i++)
		if (!blocked_event_is_removed(stretches, &events->items[i]))
			*list_add(arena, &kept, struct billing_event) = events->items[i];
	events->count = 0;
	for (size_t i = 0; i < made.count + kept.count; i++)
		(void)list_add(arena, events, struct billing_event);
	if (events->count > 0)
		merge_events(&made, &kept, events->items);
}
