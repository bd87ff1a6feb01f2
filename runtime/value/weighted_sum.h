/* weighted_sum.h: quantities that are there for a part of a period, weighted by how long.
 *
 *     weighted sum = opening + sum of each change x (end - moment of the change) / (end - start)
 *
 * 2,500 from 5 March on are 2,500 x 27/31 in March. Moments are whole numbers of one unit: days of the calendar (date.day) for
 * a sum that counts days, microseconds (instant.us) for one that counts time; a day's change counts from its first moment.
 * What came before the period counts in full, what comes at its end or later not at all.
 *
 * A sum is added up change by change, in any order, and holds no list: an aggregate that grows with each event keeps one.
 * Pure; exact, but for prorated_sum, which rounds up as its source does. Source: peers.md d.1; cases peers/
 * wallets_commitments_progressive, rules weighted_sum and prorated_sum.
 */
#ifndef MOONBILL_VALUE_WEIGHTED_SUM_H
#define MOONBILL_VALUE_WEIGHTED_SUM_H

#include "decimal.h"

struct weighted_sum {
	int64_t start, end;    /* [start, end) */
	struct decimal product; /* of quantities and the length that they were there */
	struct decimal full;    /* of quantities as if all had been there from the start */
};

/* An empty sum for the period; false unless it has a length. */
bool weighted_sum_begin(struct weighted_sum *sum, int64_t start, int64_t end);
/* `delta` more (less, when negative) from the moment `at` on. An opening is a change at the start. False, and the sum as it was,
 * when a number does not fit. */
bool weighted_sum_add(struct weighted_sum *sum, int64_t at, struct decimal delta);
/* What it comes to so far; false on overflow. */
bool weighted_sum_value(const struct weighted_sum *sum, struct fraction *value);
/* The same with `scale` places, rounded up once. False on overflow. */
bool weighted_sum_prorated(const struct weighted_sum *sum, int scale, struct decimal *value);

#endif
