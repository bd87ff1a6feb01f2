/* money.h: an amount in the smallest unit of one currency.
 *
 * A money value with `currency == NULL` is "no amount". Functions that could overflow return false. Adding
 * two currencies is a BUG(): callers check with money_same_currency where input decides.
 *
 * An exact_money is an amount that has not been rounded: a fraction of major units. It becomes money once,
 * through exact_money_round, where the `rounding` policy decides the mode.
 */
#ifndef MOONBILL_VALUE_MONEY_H
#define MOONBILL_VALUE_MONEY_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "currency.h"
#include "decimal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct money {
	int64_t minor;
	const struct currency *currency;
};

struct exact_money {
	struct fraction amount; /* major units */
	const struct currency *currency;
};

struct money money_of(int64_t minor, const struct currency *currency);
struct money money_zero(const struct currency *currency);
bool money_present(struct money money);
bool money_same_currency(struct money a, struct money b);
bool money_is_zero(struct money money);
int money_sign(struct money money);
int money_compare(struct money a, struct money b);
bool money_add(struct money a, struct money b, struct money *sum);
bool money_subtract(struct money a, struct money b, struct money *difference);
bool money_negate(struct money money, struct money *negated);
struct money money_min(struct money a, struct money b);

/* The decimal must fit the currency's exponent exactly ("1.234" USD is refused with its own sentence:
 * pointer, value, "USD has 2 decimals"). */
bool money_from_decimal(struct decimal decimal, const struct currency *currency, const char *pointer,
                        struct problems *problems, struct money *money);
bool money_parse(struct text amount, const struct currency *currency, struct money *money);
struct decimal money_decimal(struct money money);
struct text money_amount_text(struct arena *arena, struct money money); /* "60.50" */
struct text money_text(struct arena *arena, struct money money);        /* "60.50 USD" */

bool exact_money_from_money(struct money money, struct exact_money *exact);
bool exact_money_from_decimal(struct decimal amount, const struct currency *currency, struct exact_money *exact);
bool exact_money_multiply(struct exact_money exact, struct fraction share, struct exact_money *product);
bool exact_money_add(struct exact_money a, struct exact_money b, struct exact_money *sum);
/* To so many decimals, half up: sums of many then stay exact, whatever each was a part of. False when it fits nowhere. */
enum { EXACT_MONEY_NEAR_PLACES = 12 };
bool exact_money_near(struct exact_money exact, struct exact_money *near);
/* To the currency's exponent. */
bool exact_money_round(struct exact_money exact, enum rounding mode, struct money *money);

/* Splits `whole` in proportion to `weights` without losing a unit: each piece is the floor of its exact
 * share, the units left over go to the largest remainders, ties to the earlier piece (largest remainder
 * method). A negative whole is split like its opposite, so that a refund mirrors its charge. False unless
 * weights are >= 0 with a positive sum. */
bool money_allocate(struct money whole, const int64_t *weights, size_t count, struct money *pieces);

#endif
