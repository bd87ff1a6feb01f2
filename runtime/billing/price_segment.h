/* price_segment.h: prices of events by the values of their properties.
 *
 *     a metric with group_by  --> a quantity for each combination of values (metric_quantity.h)
 *     a price point           --> price_segment rows, each with values of those properties and a price of its own;
 *                                 or a price of scheme matrix, whose cells are values and a unit price
 *
 * A value that is not said fits any, and events without the property. Of several that fit the one is taken that says most
 * values, then the one that says the earlier of them. What no segment fits costs the price point's own price. A segment never
 * changes; archived, the next assessment knows it no more. Lines keep which one priced them. Source: maxio.md 7.10.
 */
#ifndef MOONBILL_BILLING_PRICE_SEGMENT_H
#define MOONBILL_BILLING_PRICE_SEGMENT_H

#include "component.h"

/* price_segment.create, .archive */
extern const struct command_type price_segment_commands[];

enum { SEGMENT_VALUES_MAX = 4, PRICE_SEGMENTS_MAX = 1000 };
/* Of properties in the order of a metric's group_by; TEXT_NONE: not said, or absent. */
struct segment_values {
	struct text at[SEGMENT_VALUES_MAX];
};
#define SEGMENT_VALUES_OF(said) ((struct segment_values){ { (said)->value_1, (said)->value_2, (said)->value_3, (said)->value_4 } })
/* Of a metric's segment: a JSON array of strings and null, or "". Texts are in the arena. */
struct segment_values segment_values_read(struct text json, struct arena *arena);
bool segment_values_none(const struct segment_values *values);

struct price_segment_list {
	struct price_segment *items;
	size_t count, capacity;
};
/* Those that are active, oldest first; asks nobody where the price point has none. */
bool price_segments_active(struct command *command, const struct price_point *point, struct price_segment_list *segments);
/* All of a price point, oldest first. */
bool price_segments_of(struct command *command, int64_t price_point_id, struct price_segment_list *segments);
/* NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct price_segment *price_segment_need(struct command *command, int64_t id, const char *pointer);

/* ---- pure ---- */
/* NULL: none fits. */
const struct price_segment *price_segment_fitting(const struct price_segment_list *segments, const struct segment_values *values);
/* From 1; 0: none fits. */
size_t price_cell_fitting(const struct price_terms *terms, const struct segment_values *values);
/* What it says in the currency; NULL: nothing. */
struct price_terms *price_segment_terms(const struct price_segment *segment, const struct currency *currency);

/* ---- for price_point.c ---- */
struct price_segment_wishes {
	const struct price_segment_wish *items;
	size_t count;
};
/* Makes the segments of a price point that is there, and counts them in it; what they say is checked below `pointer`. */
bool price_segments_make(struct command *command, const struct component *component, struct price_point *point,
                         const struct price_segment_wishes *wishes, const char *pointer, struct price_segment_list *made);
/* Does a matrix fit the metric of its component, no cell being said twice? */
bool price_cells_check(struct command *command, const struct component *component, const struct price_terms *terms,
                       const char *pointer);

#endif
