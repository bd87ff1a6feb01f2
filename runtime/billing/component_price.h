/* component_price.h: what a quantity of a component costs: the policy "price", and what stands around it (price_bound.h).
 *
 *     quantity --billing_units--> units --policy price--> exact --maximum, minimum--> what the period's bill has
 *
 * Where many events are priced one by one the policy is asked for a stretch of PRICE_STRETCH at a time, with what came before it.
 *
 * Nothing here rounds. Quotes, allocations and assessments all price here, so that they cannot differ. Source: maxio.md 7.2,
 * peers.md d.1.
 */
#ifndef MOONBILL_BILLING_COMPONENT_PRICE_H
#define MOONBILL_BILLING_COMPONENT_PRICE_H

#include "price_segment.h"

enum { PRICE_STRETCH = 1000, PRICE_EVENTS_MAX = 5000 };

struct component_pricing {
	const struct component *component;
	const struct price_point *point;
	struct price_terms *terms;           /* of the point in `currency`, or of a segment */
	const struct currency *currency;
	struct decimal quantity;
	struct decimal before;               /* what the period has been billed for before; 0: nothing */
	struct decimal billed_before;        /* what that came to; for the least and the most of a period */
	bool has_whole_quantity;
	struct decimal whole_quantity;       /* price_request's */
	struct price_event *events;          /* of schemes that count them one by one, in the order they happened */
	size_t event_count;
	int64_t all_events;                  /* how many there were, also where they are not told one by one */
	bool has_events_price;
	struct decimal events_price;         /* what they say they cost together; the sum of `events` where it is not given */
	struct segment_values values;        /* of the properties that the events are told apart by */
};
struct component_priced {
	struct decimal units;
	struct exact_money line;             /* of the units, after those of before */
	struct exact_money top_up, over_maximum; /* currency NULL: neither */
	struct exact_money exact;            /* with both */
	struct component_parts { struct price_part *items; size_t count, capacity; } parts; /* of line, where nothing came before */
	struct text rule;
	struct text decision;                /* JSON: the policy's, for what a line keeps */
};
/* PROBLEM_TOO_MANY where more events than PRICE_EVENTS_MAX may be free of a percentage. Problems of the policy, and what is too large, fail the command; at "/quantity" when it is the quantity. */
bool component_price(struct command *command, const struct component_pricing *pricing, struct component_priced *priced);

#endif
