/* discount_spread.h: how a discount lies on the lines that it is taken off.
 *
 * Pure. Each line bears it in proportion to what earlier discounts have left of it, and never more than that, so that
 * several are consumed in order and none goes below nothing.
 *
 *   exact    shares stay fractions: where an invoice, or its taxes, are rounded as a whole
 *   cents    shares are cents that add up to the discount (largest remainder, ties to the earlier line)
 */
#ifndef MOONBILL_BILLING_DISCOUNT_SPREAD_H
#define MOONBILL_BILLING_DISCOUNT_SPREAD_H

#include "base/arena.h"
#include "value/money.h"

#include <stdbool.h>
#include <stddef.h>

/* One line as discounts see it. */
struct discount_share {
	struct exact_money left;  /* what earlier discounts have left; below nothing counts as nothing */
	struct exact_money taken; /* by all of them; positive */
	bool eligible;            /* for the discount at hand */
};

/* What is left of the eligible lines. False on overflow, as all here. */
bool discount_left(const struct discount_share *shares, size_t count, const struct currency *currency,
                   struct exact_money *left);
/* Takes `discount` (0 to what is left) off the eligible shares, as fractions. */
bool discount_spread_exact(struct discount_share *shares, size_t count, struct exact_money discount);
/* The same in cents; what is left of each share must be cents. */
bool discount_spread_cents(struct arena *arena, struct discount_share *shares, size_t count, struct money discount);

#endif
