/* decimal.h: exact decimal numbers and exact fractions.
 *
 * A decimal is coefficient x 10^-scale with a 128-bit coefficient and a scale of 0 to 38. A fraction is a
 * 128-bit numerator over a positive 128-bit denominator, always in lowest terms. Nothing here rounds but
 * the functions that say so, and every function that could overflow returns false instead of wrapping.
 * Pure; no allocation but for text.
 */
#ifndef MOONBILL_VALUE_DECIMAL_H
#define MOONBILL_VALUE_DECIMAL_H

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 int128;

__extension__ typedef unsigned __int128 uint128;

enum { DECIMAL_SCALE_MAX = 38, DECIMAL_TEXT_MAX = 64, DECIMAL_ROOM = DECIMAL_TEXT_MAX + 32 };

struct decimal {
	int128 coefficient;
	int scale;
};

/* Numerator and denominator; {0, 0} means "none". */
struct fraction {
	int128 numerator, denominator;
};

/* Generated names match schema/records.lua, choice `rounding_mode`. Half modes differ at exact ties only. */
enum rounding {
	ROUNDING_HALF_UP = 1, /* ties away from zero; the default */
	ROUNDING_HALF_EVEN,
	ROUNDING_HALF_DOWN,   /* ties toward zero */
	ROUNDING_UP,          /* away from zero */
	ROUNDING_DOWN,        /* toward zero */
	ROUNDING_CEILING,
	ROUNDING_FLOOR,
};
/* Whether a magnitude that was cut is to be raised by one unit. `half` tells what was cut: below (-1), at (0)
 * or above (1) one half of a unit, and more than nothing. The one place that knows the modes. */
bool rounding_raises(enum rounding mode, bool negative, bool odd, int half);
const char *rounding_name(enum rounding mode); /* "half_up" */
bool rounding_parse(struct text name, enum rounding *mode); /* also "half_away_from_zero" for half_up */

/* Optional sign (+ or -), digits, optional fraction; no exponent, no blanks, at least one digit on each side of a
 * point, at most DECIMAL_SCALE_MAX places. Keeps the scale that was written ("1.0" has scale 1). */
bool decimal_parse(struct text text, struct decimal *decimal);
struct text decimal_text(struct arena *arena, struct decimal decimal);
/* The same into DECIMAL_ROOM bytes; where it ends. */
char *decimal_put(char *to, struct decimal decimal);
/* Shortest text of the same value: "1.50" -> "1.5", "2.00" -> "2". The stored form. */
struct text decimal_canonical_text(struct arena *arena, struct decimal decimal);
struct decimal decimal_from_int64(int64_t value);
struct decimal decimal_canonical(struct decimal decimal);

bool decimal_add(struct decimal a, struct decimal b, struct decimal *sum);
bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *difference);
bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *product);
/* The result has exactly `scale` places; false when it then overflows. */
bool decimal_round(struct decimal decimal, int scale, enum rounding mode, struct decimal *rounded);
int decimal_compare(struct decimal a, struct decimal b);
int decimal_sign(struct decimal decimal);
bool decimal_is_whole(struct decimal decimal);
bool decimal_to_int64(struct decimal decimal, int64_t *value); /* whole values only */

int128 decimal_power_of_ten(int exponent); /* 0 to DECIMAL_SCALE_MAX */

/* Every function here answers false for a fraction that is none. */
bool fraction_make(int128 numerator, int128 denominator, struct fraction *fraction);
bool fraction_present(struct fraction fraction);
bool fraction_from_decimal(struct decimal decimal, struct fraction *fraction);
bool fraction_add(struct fraction a, struct fraction b, struct fraction *sum);
bool fraction_subtract(struct fraction a, struct fraction b, struct fraction *difference);
bool fraction_multiply(struct fraction a, struct fraction b, struct fraction *product);
bool fraction_divide(struct fraction a, struct fraction b, struct fraction *quotient); /* false for b = 0 */
bool fraction_compare(struct fraction a, struct fraction b, int *order);
int fraction_sign(struct fraction fraction);
/* The one way from a fraction to a number: rounded to `scale` places. */
bool fraction_round(struct fraction fraction, int scale, enum rounding mode, struct decimal *rounded);
/* Without rounding: the decimal that it is, of no more places than it needs; false when it needs more than `most`. */
bool fraction_decimal(struct fraction fraction, int most, struct decimal *exact);
/* "85/92"; "3" when the denominator is 1. */
struct text fraction_text(struct arena *arena, struct fraction fraction);
bool fraction_parse(struct text text, struct fraction *fraction); /* "a/b", or a decimal */

#endif
