/* component_price.h: what a quantity of a component costs: the policy "price", and what stands around it (price_bound.h).
 *
 *     quantity --billing_units--> units --policy price--> exact --maximum, minimum--> what the period's bill has
 *
 * Nothing here rounds. Quotes, allocations and assessments all price here, so that they cannot differ. Source: maxio.md 7.2,
 * peers.md d.1.
 */
#ifndef MOONBILL_BILLING_COMPONENT_PRICE_H
#define MOONBILL_BILLING_COMPONENT_PRICE_H

#include "component.h"

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
	struct price_event *events;
	size_t event_count;
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
/* Problems of the policy, and what is too large, fail the command; at "/quantity" when it is the quantity. */
bool component_price(struct command *command, const struct component_pricing *pricing, struct component_priced *priced);

#endif
