/* decimal.c: exact decimal numbers: text, arithmetic and the rounding modes. */
#include "value/decimal.h"

#include "base/problem.h"

#include <string.h>

/* ---- rounding ---- */

static const char *const rounding_names[] = {
	[ROUNDING_HALF_UP] = "half_up", [ROUNDING_HALF_EVEN] = "half_even", [ROUNDING_HALF_DOWN] = "half_down",
	[ROUNDING_UP] = "up",           [ROUNDING_DOWN] = "down",           [ROUNDING_CEILING] = "ceiling",
	[ROUNDING_FLOOR] = "floor",
};

const char *rounding_name(enum rounding mode)
{
	if (mode < ROUNDING_HALF_UP || mode > ROUNDING_FLOOR)
		BUG("rounding mode %d", (int)mode);
	return rounding_names[mode];
}

bool rounding_parse(struct text name, enum rounding *mode)
{
	if (text_is(name, "half_away_from_zero")) {
		*mode = ROUNDING_HALF_UP;
		return true;
	}
	for (enum rounding each = ROUNDING_HALF_UP; each <= ROUNDING_FLOOR; each++) {
		if (text_is(name, rounding_names[each])) {
			*mode = each;
			return true;
		}
	}
	return false;
}

bool rounding_raises(enum rounding mode, bool negative, bool odd, int half)
{
	switch (mode) {
	case ROUNDING_HALF_UP:
		return half >= 0;
	case ROUNDING_HALF_EVEN:
		return half > 0 || (half == 0 && odd);
	case ROUNDING_HALF_DOWN:
		return half > 0;
	case ROUNDING_UP:
		return true;
	case ROUNDING_DOWN:
		return false;
	case ROUNDING_CEILING:
		return !negative;
	case ROUNDING_FLOOR:
		return negative;
	}
	BUG("rounding mode %d", (int)mode);
}

/* ---- text ---- */

int128 decimal_power_of_ten(int exponent)
{
	int128 power = 1;
	if (exponent < 0 || exponent > DECIMAL_SCALE_MAX)
		BUG("10 to the power of %d", exponent);
	while (exponent-- > 0)
		power *= 10;
	return power;
}

static bool digit_append(int128 *magnitude, char byte)
{
	return byte >= '0' && byte <= '9' && !__builtin_mul_overflow(*magnitude, 10, magnitude) &&
	       !__builtin_add_overflow(*magnitude, byte - '0', magnitude);
}

bool decimal_parse(struct text text, struct decimal *decimal)
{
	struct decimal read = { 0, 0 };
	struct text whole, fraction;
	if (text.length == 0 || text.length > DECIMAL_TEXT_MAX)
		return false;
	bool negative = text.data[0] == '-';
	if (negative || text.data[0] == '+')
		text = text_slice(text, 1, text.length);
	bool has_point = text_split(text, '.', &whole, &fraction);
	if (whole.length == 0 || (has_point && (fraction.length == 0 || fraction.length > DECIMAL_SCALE_MAX)))
		return false;
	for (size_t i = 0; i < whole.length; i++)
		if (!digit_append(&read.coefficient, whole.data[i]))
			return false;
	for (size_t i = 0; i < fraction.length; i++)
		if (!digit_append(&read.coefficient, fraction.data[i]))
			return false;
	read.scale = (int)fraction.length;
	if (negative)
		read.coefficient = -read.coefficient;
	*decimal = read;
	return true;
}

static uint128 magnitude_of(int128 value)
{
	return value < 0 ? -(uint128)value : (uint128)value;
}

/* The last digit, taken off. Nearly every amount has 64 bits, whose division is not a call. */
static char digit_take(uint128 *left)
{
	if (*left >> 64) {
		char digit = (char)('0' + (int)(*left % 10));
		*left /= 10;
		return digit;
	}
	uint64_t low = (uint64_t)*left;
	*left = low / 10;
	return (char)('0' + (int)(low % 10));
}

char *decimal_put(char *to, struct decimal decimal)
{
	char text[DECIMAL_ROOM];
	char *at = text + sizeof text;
	uint128 left = magnitude_of(decimal.coefficient);
	int places = 0;
	do {
		if (places == decimal.scale && places > 0)
			*--at = '.';
		*--at = digit_take(&left);
		places++;
	} while (left != 0 || places <= decimal.scale);
	if (decimal.coefficient < 0)
		*--at = '-';
	size_t length = (size_t)(text + sizeof text - at);
	memcpy(to, at, length);
	return to + length;
}

struct text decimal_text(struct arena *arena, struct decimal decimal)
{
	char text[DECIMAL_ROOM];
	return text_copy(arena, (struct text){ text, (size_t)(decimal_put(text, decimal) - text) });
}

struct text decimal_canonical_text(struct arena *arena, struct decimal decimal)
{
	return decimal_text(arena, decimal_canonical(decimal));
}

struct decimal decimal_from_int64(int64_t value)
{
	return (struct decimal){ value, 0 };
}

struct decimal decimal_canonical(struct decimal decimal)
{
	while (decimal.scale > 0 && decimal.coefficient % 10 == 0) {
		decimal.coefficient /= 10;
		decimal.scale--;
	}
	return decimal;
}

/* ---- arithmetic ---- */

/* The same value with more places; false when it overflows. */
static bool rescaled(struct decimal decimal, int scale, int128 *coefficient)
{
	return !__builtin_mul_overflow(decimal.coefficient, decimal_power_of_ten(scale - decimal.scale), coefficient);
}

static bool add_aligned(struct decimal a, struct decimal b, struct decimal *sum)
{
	int scale = a.scale > b.scale ? a.scale : b.scale;
	int128 of_a, of_b, total;
	if (!rescaled(a, scale, &of_a) || !rescaled(b, scale, &of_b) || __builtin_add_overflow(of_a, of_b, &total))
		return false;
	*sum = (struct decimal){ total, scale };
	return true;
}

bool decimal_add(struct decimal a, struct decimal b, struct decimal *sum)
{
	return add_aligned(a, b, sum) || add_aligned(decimal_canonical(a), decimal_canonical(b), sum);
}

bool decimal_subtract(struct decimal a, struct decimal b, struct decimal *difference)
{
	int128 negated;
	if (__builtin_sub_overflow((int128)0, b.coefficient, &negated))
		return false;
	return decimal_add(a, (struct decimal){ negated, b.scale }, difference);
}

static bool multiply_as_is(struct decimal a, struct decimal b, struct decimal *product)
{
	int128 coefficient;
	if (a.scale + b.scale > DECIMAL_SCALE_MAX ||
	    __builtin_mul_overflow(a.coefficient, b.coefficient, &coefficient))
		return false;
	*product = (struct decimal){ coefficient, a.scale + b.scale };
	return true;
}

bool decimal_multiply(struct decimal a, struct decimal b, struct decimal *product)
{
	return multiply_as_is(a, b, product) || multiply_as_is(decimal_canonical(a), decimal_canonical(b), product);
}

bool decimal_round(struct decimal decimal, int scale, enum rounding mode, struct decimal *rounded)
{
	int128 coefficient;
	if (scale < 0 || scale > DECIMAL_SCALE_MAX)
		return false;
	if (scale >= decimal.scale) {
		if (!rescaled(decimal, scale, &coefficient))
			return false;
		*rounded = (struct decimal){ coefficient, scale };
		return true;
	}
	uint128 unit = (uint128)decimal_power_of_ten(decimal.scale - scale);
	uint128 magnitude = magnitude_of(decimal.coefficient);
	uint128 kept = magnitude / unit, cut = magnitude % unit;
	bool negative = decimal.coefficient < 0;
	int half = (cut > unit / 2) - (cut < unit / 2);
	if (cut != 0 && rounding_raises(mode, negative, kept % 2 != 0, half))
		kept++;
	*rounded = (struct decimal){ negative ? -(int128)kept : (int128)kept, scale };
	return true;
}

static int sign_of(int128 value)
{
	return (value > 0) - (value < 0);
}

int decimal_compare(struct decimal a, struct decimal b)
{
	int128 of_a, of_b;
	int scale = a.scale > b.scale ? a.scale : b.scale;
	if (sign_of(a.coefficient) != sign_of(b.coefficient))
		return sign_of(a.coefficient) < sign_of(b.coefficient) ? -1 : 1;
	/* what does not fit with the other's places is the larger magnitude */
	if (!rescaled(a, scale, &of_a))
		return sign_of(a.coefficient);
	if (!rescaled(b, scale, &of_b))
		return -sign_of(b.coefficient);
	return (of_a > of_b) - (of_a < of_b);
}

int decimal_sign(struct decimal decimal)
{
	return sign_of(decimal.coefficient);
}

bool decimal_is_whole(struct decimal decimal)
{
	return decimal_canonical(decimal).scale == 0;
}

bool decimal_to_int64(struct decimal decimal, int64_t *value)
{
	decimal = decimal_canonical(decimal);
	if (decimal.scale != 0 || decimal.coefficient < INT64_MIN || decimal.coefficient > INT64_MAX)
		return false;
	*value = (int64_t)decimal.coefficient;
	return true;
}
