/* usage_rate.h: what a window of a usage section costs: blocks and tiers, or the tier of the peaks.
 *
 *     quantities of the window --tiers--> lines --what was billed of it before--> what is due --shape--> items
 *
 * Consumable: the units of a window are rated in blocks, a part of a block counts whole.
 *     all_tiers   tiers are filled from the lowest; what does not fit into a tier's blocks moves up
 *     top_tier    the first tier that holds what is left after the tiers below it rates all units; else the last one
 * Capacity: the first tier that holds the peak of every unit gives the one price; no usage costs nothing.
 *
 * Pure: no store, no clock, no rules; nothing here rounds. Source: killbill.md b.7; cases killbill/usage_consumable and
 * usage_capacity. Where the origin stops (no tier holds the peak) the highest tier is charged and `beyond` says so.
 */
#ifndef MOONBILL_BILLING_USAGE_RATE_H
#define MOONBILL_BILLING_USAGE_RATE_H

#include "base/arena.h"
#include "records.gen.h"
#include "value/money.h"

#include <stdbool.h>
#include <stddef.h>

/* Of one unit in a window: the sum of a consumable section, the peak of a capacity section. */
struct usage_quantity {
	struct text unit;
	struct decimal quantity;
	int64_t record_count;
};
struct usage_quantity_list {
	struct usage_quantity *items;
	size_t count, capacity;
};

/* One tier of one unit: what explains an amount, and what a later run takes off. */
struct usage_rate_line {
	struct text unit;
	int64_t tier;            /* from 1 */
	struct decimal size;     /* consumable: of a block */
	struct decimal quantity; /* consumable: blocks; capacity: the peak */
	struct decimal price;    /* consumable: of a block; capacity: of the tier */
	struct decimal amount;   /* consumable: blocks times price; capacity: 0, the window has one price */
	struct decimal billed;   /* consumable: of these blocks before; not part of the amount */
};
struct usage_rate_line_list {
	struct usage_rate_line *items;
	size_t count, capacity;
};

/* What invoices already charged for the window. */
struct usage_billed {
	bool any;             /* an item of 0 is one */
	struct decimal total;
	struct usage_rate_line_list lines; /* empty: only the total is known */
};

struct usage_rating {
	struct decimal whole; /* of the whole window */
	struct decimal due;   /* whole less what was billed; below zero when usage has shrunk */
	int64_t tier;         /* capacity: the highest tier that a unit needs; 0 without a unit */
	bool beyond;          /* more was used than the tiers hold */
	bool unpriced;        /* a price in the currency is missing: it counts as 0 */
	struct usage_rate_line_list lines; /* by unit, then tier; less the billed lines where these are known */
};

/* `billed` may be NULL. False when a number does not fit. */
bool usage_rate(struct arena *arena, const struct usage_section *section, const struct currency *currency,
                const struct usage_quantity_list *quantities, const struct usage_billed *billed,
                struct usage_rating *rating);

enum usage_shape {
	USAGE_SHAPE_AGGREGATE, /* one item a window */
	USAGE_SHAPE_DETAIL,    /* consumable: one item a unit and tier, where none goes back */
};
struct usage_rated_item {
	const struct usage_rate_line *line; /* NULL: all lines in one */
	struct decimal amount;
};
struct usage_rated_item_list {
	struct usage_rated_item *items;
	size_t count, capacity;
};
/* The items of a rating: none when the window was billed before and nothing changed; at least one, of 0, when not. Their sum is what
 * is due. */
void usage_rating_items(struct arena *arena, const struct usage_section *section, const struct usage_rating *rating,
                        const struct usage_billed *billed, enum usage_shape shape, struct usage_rated_item_list *items);

#endif
