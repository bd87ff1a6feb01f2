/* coupon_use.h: the redemptions of an account while coupon_lines.h makes lines, with the billing periods that each was
 * used for. Private to billing/.
 */
#ifndef MOONBILL_BILLING_COUPON_USE_H
#define MOONBILL_BILLING_COUPON_USE_H

#include "coupon.h"
#include "invoice_calculate.h"

struct coupon_period {
	struct period days;
	struct money taken; /* off its charges, less what was given back */
	bool opened;        /* by the charges at hand, which have not been discounted yet */
};

struct coupon_use {
	const struct coupon_redemption *redemption;
	const struct coupon *coupon;
	const struct currency *currency;
	struct money off;   /* each period; none: a percentage */
	struct { struct coupon_period *items; size_t count, capacity; } periods;
};
struct coupon_uses {
	struct coupon_use *items; /* percentages first, each kind in the order they were redeemed */
	size_t count, capacity;
};

/* All of the account's, with the periods that end after `from`, and every period of those that are for a number of them. */
bool coupon_uses_read(struct command *command, const struct account *account, struct date from, struct coupon_uses *uses);
/* The same; nothing when it has redeemed no coupon. */
bool coupon_uses_of(struct command *command, const struct account *account, struct date from, struct coupon_uses *uses);
/* Those that an order which is not stored yet will have beside: of the order that it replaces (NULL: none) with what
 * goes with that, and of the coupon of this code (none: no coupon). Refuses as coupon_redeem_for, at /coupon. */
bool coupon_uses_add_order(struct command *command, struct account *account, const struct order *order,
                           const struct order *replaced, struct text code, struct coupon_uses *uses);
/* What the lines, which are not stored yet, take off. */
bool coupon_uses_add_lines(struct command *command, struct coupon_uses *uses, const struct invoice_line *lines, size_t count);
/* Is a charge for these days one that it discounts, by subscription or order, plan or component, and days? */
bool coupon_use_covers(struct command *command, const struct coupon_use *use, const struct invoice_line *line,
                       struct period days, bool *covers);
/* The period that a charge for these days is within, or `whole`, opened for it; SIZE_MAX: none is left. */
size_t coupon_use_period(struct arena *arena, struct coupon_use *use, struct period days, struct period whole);
/* The period that it was used for and these days are within; SIZE_MAX: none. */
size_t coupon_use_used_period(const struct coupon_use *use, struct period days);
/* NULL: it has no such redemption, or no such period. */
struct coupon_period *coupon_uses_find(struct coupon_uses *uses, int64_t redemption_id, struct period days);

#endif
