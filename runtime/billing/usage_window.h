/* usage_window.h: when usage is billed: the windows of usage sections.
 *
 *     billing events of a subscription -> stretches: where a section of one name is in force without a gap
 *     a stretch                        -> boundaries: its start, each cycle date of its period, its end
 *     two boundaries                   -> a window: records from the first on and before the second are rated together
 *
 * Cycle dates are aligned to the bill cycle day in force; a change of that day begins a new grid on its date, any other
 * change that keeps the section goes on in the same window. Periods counted in days go on from the stretch's start. Only
 * completed windows are billed, but the end of a section closes its last window at once.
 *
 * Dates are local to the account, and windows begin and end at midnight of its real zone. Where a plan changes within a
 * day, a record is rated by the moment: see usage_window_make. Pure. Source: killbill.md b.7; cases killbill/usage_windows.
 */
#ifndef MOONBILL_BILLING_USAGE_WINDOW_H
#define MOONBILL_BILLING_USAGE_WINDOW_H

#include "billing_event.h"
#include "usage_rate.h"
#include "value/timezone.h"

struct usage_stretch {
	struct text section; /* its name */
	enum billing_period period;
	const struct billing_event **events; /* in order; when it is closed the last one ends it and is no part of it */
	size_t count;
	bool closed;
	bool follows; /* another section was in force until its start */
};
struct usage_stretch_list {
	struct usage_stretch *items;
	size_t count, capacity;
};
/* The stretches of one subscription's events up to and on `target`, by their start. */
void usage_stretches(struct arena *arena, const struct billing_event_list *events, int64_t subscription_id,
                     struct date target, struct usage_stretch_list *stretches);

struct usage_boundary {
	struct date date;
	size_t event; /* of the stretch: the last one that began until then */
};
struct usage_boundary_list {
	struct usage_boundary *items;
	size_t count, capacity;
};
/* Those on or after `since` (none: all) and not after `target`. */
void usage_boundaries(struct arena *arena, const struct usage_stretch *stretch, struct date target, struct date since,
                      struct usage_boundary_list *boundaries);

struct usage_window {
	struct period period;
	struct instant from, until; /* records in [from, until) */
	const struct billing_event *event;   /* by which it is priced: the last that was in force within it */
	const struct usage_section *section; /* of that event */
};
struct usage_window_list {
	struct usage_window *items;
	size_t count, capacity;
};
/* The section of that name that an event brings; NULL: none. */
const struct usage_section *usage_section_of(const struct billing_event *event, struct text name);
/* The window of a stretch between two dates. Its instants are the starts of these days, but for the moment at which a
 * change brought one section in place of another: that moment divides their records. Where nothing takes its place a
 * record of the very moment of the end is in the window. */
struct usage_window usage_window_make(const struct usage_stretch *stretch, struct period period,
                                      const struct timezone_rules *zone);
/* The completed windows of a stretch that end after `billed_through` (none: all); the first one begins there. */
void usage_windows(struct arena *arena, const struct usage_stretch *stretch, struct date target,
                   struct date billed_through, const struct timezone_rules *zone, struct usage_window_list *windows);
/* The window that holds a day, or the rest of it after `billed_through`; false: none does, or it is billed. */
bool usage_window_running(const struct usage_stretch *stretch, struct date day, struct date billed_through,
                          const struct timezone_rules *zone, struct usage_window *window);
bool usage_window_holds(const struct usage_window *window, struct instant at);
/* The first day after `after` on which a window of the subscription is completed; none: no section is in force. */
struct date usage_next_date(struct arena *arena, const struct billing_event_list *events, int64_t subscription_id,
                            struct date after);

/* Adds a record to the quantity of its unit: to the sum, or as the peak. False when the sum does not fit. */
bool usage_quantity_count(struct arena *arena, const struct usage_section *section, struct text unit,
                          struct decimal quantity, struct usage_quantity_list *quantities);
/* Is it a unit of the section? */
bool usage_section_has_unit(const struct usage_section *section, struct text unit);
/* Its units, each once. */
struct usage_units {
	struct text *items;
	size_t count, capacity;
};
void usage_section_units(struct arena *arena, const struct usage_section *section, struct usage_units *units);

#endif
