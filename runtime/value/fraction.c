/* fraction.c: exact fractions in lowest terms, and the one way from them to a number. */
#include "value/decimal.h"

static uint128 magnitude_of(int128 value)
{
	return value < 0 ? -(uint128)value : (uint128)value;
}

/* Euclid's, by the processor's own division from where both fit it: nearly always at once. */
static uint128 greatest_divisor(uint128 a, uint128 b)
{
	while (b != 0 && (a | b) >> 64 != 0) {
		uint128 rest = a % b;
		a = b;
		b = rest;
	}
	uint64_t small = (uint64_t)a, smaller = (uint64_t)b;
	while (smaller != 0) {
		uint64_t rest = small % smaller;
		small = smaller;
		smaller = rest;
		a = small;
	}
	return a;
}

/* By a common divisor, which is mostly 1. */
static int128 cancelled_by(int128 value, int128 divisor)
{
	return divisor == 1 ? value : value / divisor;
}

/* The smallest 128-bit value has no negation; keeping it out makes every sign change safe. */
static bool fits(int128 value)
{
	return magnitude_of(value) >> 127 == 0;
}

bool fraction_make(int128 numerator, int128 denominator, struct fraction *fraction)
{
	if (denominator == 0 || !fits(numerator) || !fits(denominator))
		return false;
	int128 divisor = (int128)greatest_divisor(magnitude_of(numerator), magnitude_of(denominator));
	if (denominator < 0)
		divisor = -divisor;
	*fraction = (struct fraction){ cancelled_by(numerator, divisor), cancelled_by(denominator, divisor) };
	return true;
}

bool fraction_present(struct fraction fraction)
{
	return fraction.denominator != 0;
}

bool fraction_from_decimal(struct decimal decimal, struct fraction *fraction)
{
	return fraction_make(decimal.coefficient, decimal_power_of_ten(decimal.scale), fraction);
}

/* With g the common divisor of the denominators: a/b + c/d = (a (d/g) + c (b/g)) / (b (d/g)), where only
 * divisors of g can be cancelled; numbers stay as small as they can (Knuth 4.5.1). */
bool fraction_add(struct fraction a, struct fraction b, struct fraction *sum)
{
	int128 left, right, numerator, denominator;
	if (!fraction_present(a) || !fraction_present(b))
		return false;
	int128 common = (int128)greatest_divisor((uint128)a.denominator, (uint128)b.denominator);
	if (__builtin_mul_overflow(a.numerator, cancelled_by(b.denominator, common), &left) ||
	    __builtin_mul_overflow(b.numerator, cancelled_by(a.denominator, common), &right) ||
	    __builtin_add_overflow(left, right, &numerator))
		return false;
	int128 cancelled = (int128)greatest_divisor(magnitude_of(numerator), (uint128)common);
	if (__builtin_mul_overflow(cancelled_by(a.denominator, common), cancelled_by(b.denominator, cancelled), &denominator))
		return false;
	return fraction_make(cancelled_by(numerator, cancelled), denominator, sum);
}

bool fraction_subtract(struct fraction a, struct fraction b, struct fraction *difference)
{
	return fraction_add(a, (struct fraction){ -b.numerator, b.denominator }, difference);
}

/* Cancels crosswise first, so that only a result that does not fit overflows. */
bool fraction_multiply(struct fraction a, struct fraction b, struct fraction *product)
{
	int128 numerator, denominator;
	if (!fraction_present(a) || !fraction_present(b))
		return false;
	int128 first = (int128)greatest_divisor(magnitude_of(a.numerator), (uint128)b.denominator);
	int128 second = (int128)greatest_divisor(magnitude_of(b.numerator), (uint128)a.denominator);
	if (__builtin_mul_overflow(cancelled_by(a.numerator, first), cancelled_by(b.numerator, second), &numerator) ||
	    __builtin_mul_overflow(cancelled_by(a.denominator, second), cancelled_by(b.denominator, first), &denominator))
		return false;
	return fraction_make(numerator, denominator, product);
}

bool fraction_divide(struct fraction a, struct fraction b, struct fraction *quotient)
{
	if (!fraction_present(b) || b.numerator == 0)
		return false;
	struct fraction inverse = { b.denominator, b.numerator };
	if (b.numerator < 0)
		inverse = (struct fraction){ -b.denominator, -b.numerator };
	return fraction_multiply(a, inverse, quotient);
}

int fraction_sign(struct fraction fraction)
{
	return (fraction.numerator > 0) - (fraction.numerator < 0);
}

/* Of two positive fractions: their whole parts, then the inverses of what is left, as in a continued
 * fraction. Never overflows. */
static int compare_positive(uint128 a, uint128 b, uint128 c, uint128 d)
{
	int direction = 1;
	for (;;) {
		uint128 whole_a = a / b, whole_c = c / d;
		if (whole_a != whole_c)
			return whole_a < whole_c ? -direction : direction;
		a %= b;
		c %= d;
		if (a == 0 || c == 0)
			return a == c ? 0 : a == 0 ? -direction : direction;
		uint128 rest = a;
		a = b;
		b = rest;
		rest = c;
		c = d;
		d = rest;
		direction = -direction;
	}
}

bool fraction_compare(struct fraction a, struct fraction b, int *order)
{
	int sign_a = fraction_sign(a), sign_b = fraction_sign(b);
	if (!fraction_present(a) || !fraction_present(b))
		return false;
	if (sign_a != sign_b)
		*order = sign_a < sign_b ? -1 : 1;
	else if (sign_a == 0)
		*order = 0;
	else
		*order = sign_a * compare_positive(magnitude_of(a.numerator), (uint128)a.denominator,
		                                   magnitude_of(b.numerator), (uint128)b.denominator);
	return true;
}

/* The next digit of rest / divisor; rest < divisor < 2^127, so that doubling fits where `rest * 10` may not.
 * Ten is binary 1010, read from the left: each bit doubles, a set one adds `rest`. */
static int next_digit(uint128 *rest, uint128 divisor)
{
	uint128 part = 0;
	int digit = 0;
	if (divisor <= UINT64_MAX / 10) {
		uint64_t ten = (uint64_t)*rest * 10, small = (uint64_t)divisor;
		*rest = ten % small;
		return (int)(ten / small);
	}
	for (int bit = 3; bit >= 0; bit--) {
		part *= 2;
		digit *= 2;
		if (part >= divisor) {
			part -= divisor;
			digit++;
		}
		if ((10 >> bit & 1) == 0)
			continue;
		part += *rest;
		if (part >= divisor) {
			part -= divisor;
			digit++;
		}
	}
	*rest = part;
	return digit;
}

/* A magnitude as places of a decimal, and what is left behind them. */
struct places {
	int128 kept;
	uint128 rest, divisor;
	int count; /* fewer than asked for: nothing is left */
};

/* Most amounts end after a few places. */
static bool places_of(struct fraction fraction, int most, struct places *places)
{
	uint128 divisor = (uint128)fraction.denominator, magnitude = magnitude_of(fraction.numerator);
	*places = (struct places){ .kept = (int128)(magnitude / divisor), .rest = magnitude % divisor, .divisor = divisor };
	for (; places->count < most && places->rest != 0; places->count++)
		if (__builtin_mul_overflow(places->kept, 10, &places->kept) ||
		    __builtin_add_overflow(places->kept, next_digit(&places->rest, divisor), &places->kept))
			return false;
	return true;
}

bool fraction_round(struct fraction fraction, int scale, enum rounding mode, struct decimal *rounded)
{
	struct places places;
	if (!fraction_present(fraction) || scale < 0 || scale > DECIMAL_SCALE_MAX || !places_of(fraction, scale, &places))
		return false;
	bool negative = fraction.numerator < 0;
	int128 kept;
	if (__builtin_mul_overflow(places.kept, decimal_power_of_ten(scale - places.count), &kept))
		return false;
	uint128 rest = places.rest, missing = places.divisor - rest;
	int half = (rest > missing) - (rest < missing);
	if (rest != 0 && rounding_raises(mode, negative, kept % 2 != 0, half) &&
	    __builtin_add_overflow(kept, 1, &kept))
		return false;
	*rounded = (struct decimal){ negative ? -kept : kept, scale };
	return true;
}

bool fraction_decimal(struct fraction fraction, int most, struct decimal *exact)
{
	struct places places;
	if (!fraction_present(fraction) || most < 0 || most > DECIMAL_SCALE_MAX || !places_of(fraction, most, &places) ||
	    places.rest != 0)
		return false;
	*exact = (struct decimal){ fraction.numerator < 0 ? -places.kept : places.kept, places.count };
	return true;
}

struct text fraction_text(struct arena *arena, struct fraction fraction)
{
	if (!fraction_present(fraction))
		return TEXT_NONE;
	struct text numerator = decimal_text(arena, (struct decimal){ fraction.numerator, 0 });
	if (fraction.denominator == 1)
		return numerator;
	struct text denominator = decimal_text(arena, (struct decimal){ fraction.denominator, 0 });
	return TEXT_JOIN(arena, numerator, TEXT("/"), denominator);
}

bool fraction_parse(struct text text, struct fraction *fraction)
{
	struct text above, below;
	struct decimal numerator, denominator;
	if (!text_split(text, '/', &above, &below))
		return decimal_parse(text, &numerator) && fraction_from_decimal(numerator, fraction);
	return decimal_parse(above, &numerator) && decimal_parse(below, &denominator) && numerator.scale == 0 &&
	       denominator.scale == 0 && denominator.coefficient > 0 &&
	       fraction_make(numerator.coefficient, denominator.coefficient, fraction);
}
