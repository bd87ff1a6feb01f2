/* usage_window.c: when usage is billed: the windows of usage sections. */
#include "usage_window.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ stretches */

const struct usage_section *usage_section_of(const struct billing_event *event, struct text name)
{
	for (size_t i = 0; i < event->usage_count; i++)
		if (text_equals(event->usages[i].name, name))
			return &event->usages[i];
	return NULL;
}

static struct date stretch_start(const struct usage_stretch *stretch)
{
	return stretch->events[0]->date;
}

/* None: it is open. */
static struct date stretch_end(const struct usage_stretch *stretch)
{
	return stretch->closed ? stretch->events[stretch->count - 1]->date : DATE_NONE;
}

/* How many of its events are in force within it. */
static size_t stretch_inner(const struct usage_stretch *stretch)
{
	return stretch->closed && stretch->count > 1 ? stretch->count - 1 : stretch->count;
}

static void stretch_add(struct arena *arena, struct usage_stretch *stretch, const struct billing_event *event)
{
	const struct billing_event **events = arena_new_many(arena, const struct billing_event *, stretch->count + 1);
	for (size_t i = 0; i < stretch->count; i++)
		events[i] = stretch->events[i];
	events[stretch->count++] = event;
	stretch->events = events;
}

/* Does the event bring the section with the same period: is it the same stretch? */
static bool goes_on(const struct usage_stretch *stretch, const struct billing_event *event)
{
	const struct usage_section *section = usage_section_of(event, stretch->section);
	return section && (enum billing_period)section->billing_period == stretch->period;
}

static bool is_open(const struct usage_stretch_list *stretches, struct text section)
{
	for (size_t i = 0; i < stretches->count; i++)
		if (!stretches->items[i].closed && text_equals(stretches->items[i].section, section))
			return true;
	return false;
}

/* Did something end on that day that began before it? */
static bool follows_another(const struct usage_stretch_list *stretches, struct date date)
{
	for (size_t i = 0; i < stretches->count; i++) {
		const struct usage_stretch *stretch = &stretches->items[i];
		if (stretch->closed && date_compare(stretch_end(stretch), date) == 0 &&
		    date_compare(stretch_start(stretch), date) < 0)
			return true;
	}
	return false;
}

static void take_event(struct arena *arena, struct usage_stretch_list *stretches, const struct billing_event *event)
{
	for (size_t i = 0; i < stretches->count; i++) {
		struct usage_stretch *stretch = &stretches->items[i];
		if (stretch->closed)
			continue;
		stretch_add(arena, stretch, event);
		stretch->closed = !goes_on(stretch, event);
	}
	bool follows = follows_another(stretches, event->date);
	for (size_t i = 0; i < event->usage_count; i++) {
		const struct usage_section *section = &event->usages[i];
		if (is_open(stretches, section->name))
			continue;
		struct usage_stretch stretch = {
			.section = section->name,
			.period = (enum billing_period)section->billing_period,
			.follows = follows,
		};
		stretch_add(arena, &stretch, event);
		*list_add(arena, stretches, struct usage_stretch) = stretch;
	}
}

void usage_stretches(struct arena *arena, const struct billing_event_list *events, int64_t subscription_id,
                     struct date target, struct usage_stretch_list *stretches)
{
	*stretches = (struct usage_stretch_list){ 0 };
	for (size_t i = 0; i < events->count; i++) {
		const struct billing_event *event = &events->items[i];
		if (event->subscription_id == subscription_id && date_compare(event->date, target) <= 0)
			take_event(arena, stretches, event);
	}
}

/* ------------------------------------------------------------------------------------------------ boundaries */

static bool by_months(enum billing_period period)
{
	return billing_period_length(period).months > 0;
}

/* The first cycle date on or after `day`, which is not before the event, of the grid that begins with it. */
static struct date cycle_date_from(enum billing_period period, const struct billing_event *event, struct date day)
{
	struct convention_cycles cycles = billing_event_cycles(event);
	struct billing_grid grid = convention_grid(&cycles, period);
	return billing_cycle_next_start(&grid, day);
}

/* Do the windows of the section go on in the same grid? */
static bool same_grid(enum billing_period period, const struct billing_event *a, const struct billing_event *b)
{
	struct convention_cycles from = billing_event_cycles(a), to = billing_event_cycles(b);
	bool same_from = billing_event_counts_anew(a) || date_compare(from.from, to.from) == 0;
	return from.anchor == to.anchor && same_from && (!by_months(period) || from.bill_cycle_day == to.bill_cycle_day);
}

/* The event after i with which a grid of its own begins; stretch_inner() when none does. */
static size_t next_grid(const struct usage_stretch *stretch, size_t i)
{
	size_t next = i + 1;
	while (next < stretch_inner(stretch) && same_grid(stretch->period, stretch->events[i], stretch->events[next]))
		next++;
	return next;
}

/* The first cycle date on or after `day`, over the grids that follow one another; none: there is none. */
static struct date stretch_cycle_date(const struct usage_stretch *stretch, struct date day)
{
	for (size_t grid = 0; grid < stretch_inner(stretch);) {
		const struct billing_event *event = stretch->events[grid];
		size_t next = next_grid(stretch, grid);
		struct date date = cycle_date_from(stretch->period, event, date_max(day, event->date));
		if (next >= stretch_inner(stretch) ||
		    (date_present(date) && date_compare(date, stretch->events[next]->date) < 0))
			return date;
		grid = next;
	}
	return DATE_NONE;
}

/* The first boundary after that day, which is not before the start. */
static struct date next_boundary(const struct usage_stretch *stretch, struct date after)
{
	struct date end = stretch_end(stretch);
	if (date_present(end) && date_compare(after, end) >= 0)
		return DATE_NONE;
	struct date cycle = stretch_cycle_date(stretch, date_add_days(after, 1));
	return date_min(cycle, end);
}

static size_t last_event_until(const struct usage_stretch *stretch, struct date date)
{
	size_t last = 0;
	for (size_t i = 1; i < stretch->count; i++)
		if (date_compare(stretch->events[i]->date, date) <= 0)
			last = i;
	return last;
}

void usage_boundaries(struct arena *arena, const struct usage_stretch *stretch, struct date target, struct date since,
                      struct usage_boundary_list *boundaries)
{
	struct date date = stretch_start(stretch);
	*boundaries = (struct usage_boundary_list){ 0 };
	if (date_present(since) && date_compare(since, date) > 0)
		date = next_boundary(stretch, date_add_days(since, -1));
	while (date_present(date) && date_compare(date, target) <= 0) {
		*list_add(arena, boundaries, struct usage_boundary) =
		        (struct usage_boundary){ date, last_event_until(stretch, date) };
		date = next_boundary(stretch, date);
	}
}

/* ------------------------------------------------------------------------------------------------ windows */

static const struct billing_event *window_event(const struct usage_stretch *stretch, struct date end)
{
	const struct billing_event *event = stretch->events[0];
	for (size_t i = 1; i < stretch_inner(stretch); i++)
		if (date_compare(stretch->events[i]->date, end) < 0)
			event = stretch->events[i];
	return event;
}

struct usage_window usage_window_make(const struct usage_stretch *stretch, struct period period,
                                      const struct timezone_rules *zone)
{
	struct usage_window window = {
		.period = period,
		.from = timezone_start_of_date(zone, period.start),
		.until = timezone_start_of_date(zone, period.end),
		.event = window_event(stretch, period.end),
	};
	window.section = usage_section_of(window.event, stretch->section);
	assert(window.section);
	if (stretch->follows && date_compare(period.start, stretch_start(stretch)) == 0)
		window.from = stretch->events[0]->at;
	if (stretch->closed && date_compare(period.end, stretch_end(stretch)) == 0) {
		const struct billing_event *last = stretch->events[stretch->count - 1];
		window.until.us = last->at.us + (last->usage_count == 0 ? 1 : 0);
	}
	return window;
}

void usage_windows(struct arena *arena, const struct usage_stretch *stretch, struct date target,
                   struct date billed_through, const struct timezone_rules *zone, struct usage_window_list *windows)
{
	struct date start = date_max(stretch_start(stretch), billed_through);
	*windows = (struct usage_window_list){ 0 };
	for (;;) {
		struct date end = next_boundary(stretch, start);
		if (!date_present(end) || date_compare(end, target) > 0)
			return;
		*list_add(arena, windows, struct usage_window) =
		        usage_window_make(stretch, (struct period){ start, end }, zone);
		start = end;
	}
}

bool usage_window_running(const struct usage_stretch *stretch, struct date day, struct date billed_through,
                          const struct timezone_rules *zone, struct usage_window *window)
{
	struct date start = date_max(stretch_start(stretch), billed_through), end = next_boundary(stretch, start);
	while (date_present(end) && date_compare(end, day) <= 0) {
		start = end;
		end = next_boundary(stretch, start);
	}
	if (!date_present(end) || date_compare(start, day) > 0)
		return false;
	*window = usage_window_make(stretch, (struct period){ start, end }, zone);
	return true;
}

bool usage_window_holds(const struct usage_window *window, struct instant at)
{
	return at.us >= window->from.us && at.us < window->until.us;
}

struct date usage_next_date(struct arena *arena, const struct billing_event_list *events, int64_t subscription_id,
                            struct date after)
{
	struct date next = DATE_NONE;
	struct usage_stretch_list stretches;
	usage_stretches(arena, events, subscription_id, (struct date){ DATE_DAY_MAX }, &stretches);
	for (size_t i = 0; i < stretches.count; i++) {
		const struct usage_stretch *stretch = &stretches.items[i];
		next = date_min(next, next_boundary(stretch, date_max(after, stretch_start(stretch))));
	}
	return next;
}

/* ------------------------------------------------------------------------------------------------ quantities */

static bool has_unit(const struct usage_units *units, struct text unit)
{
	for (size_t i = 0; i < units->count; i++)
		if (text_equals(units->items[i], unit))
			return true;
	return false;
}

static void add_unit(struct arena *arena, struct usage_units *units, struct text unit)
{
	if (!has_unit(units, unit))
		*list_add(arena, units, struct text) = unit;
}

void usage_section_units(struct arena *arena, const struct usage_section *section, struct usage_units *units)
{
	*units = (struct usage_units){ 0 };
	for (size_t i = 0; i < section->tiers.count; i++) {
		const struct usage_tier *tier = &section->tiers.items[i];
		for (size_t j = 0; j < tier->blocks.count; j++)
			add_unit(arena, units, tier->blocks.items[j].unit);
		for (size_t j = 0; j < tier->limits.count; j++)
			add_unit(arena, units, tier->limits.items[j].unit);
	}
}

static bool tier_has_unit(const struct usage_tier *tier, struct text unit)
{
	for (size_t i = 0; i < tier->blocks.count; i++)
		if (text_equals(tier->blocks.items[i].unit, unit))
			return true;
	for (size_t i = 0; i < tier->limits.count; i++)
		if (text_equals(tier->limits.items[i].unit, unit))
			return true;
	return false;
}

bool usage_section_has_unit(const struct usage_section *section, struct text unit)
{
	for (size_t i = 0; i < section->tiers.count; i++)
		if (tier_has_unit(&section->tiers.items[i], unit))
			return true;
	return false;
}

static struct usage_quantity *quantity_of(struct arena *arena, struct usage_quantity_list *quantities, struct text unit)
{
	for (size_t i = 0; i < quantities->count; i++)
		if (text_equals(quantities->items[i].unit, unit))
			return &quantities->items[i];
	struct usage_quantity *added = list_add(arena, quantities, struct usage_quantity);
	*added = (struct usage_quantity){ .unit = text_copy(arena, unit) };
	return added;
}

bool usage_quantity_count(struct arena *arena, const struct usage_section *section, struct text unit,
                          struct decimal quantity, struct usage_quantity_list *quantities)
{
	struct usage_quantity *of = quantity_of(arena, quantities, unit);
	of->record_count++;
	if (section->kind == USAGE_SECTION_KIND_CONSUMABLE)
		return decimal_add(of->quantity, quantity, &of->quantity);
	if (decimal_compare(quantity, of->quantity) > 0)
		of->quantity = quantity;
	return true;
}
