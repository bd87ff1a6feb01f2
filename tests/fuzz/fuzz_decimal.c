/* fuzz_decimal.c: exact numbers: "1.50 -85/92 2" is two fractions or decimals and a scale to round to. */
#include "fuzz.h"

#include "value/decimal.h"

static struct text word_next(struct text *rest)
{
	struct text word;
	if (!text_split(*rest, ' ', &word, rest))
		*rest = TEXT("");
	return word;
}

static void decimal_use(struct fuzz *fuzz, struct decimal decimal)
{
	struct decimal again;
	FUZZ_CHECK(decimal.scale >= 0 && decimal.scale <= DECIMAL_SCALE_MAX);
	FUZZ_CHECK(decimal_parse(decimal_text(&fuzz->arena, decimal), &again));
	FUZZ_CHECK(again.scale == decimal.scale && again.coefficient == decimal.coefficient);
	FUZZ_CHECK(decimal_parse(decimal_canonical_text(&fuzz->arena, decimal), &again));
	FUZZ_CHECK(decimal_compare(again, decimal) == 0 && again.scale <= decimal.scale);
	FUZZ_CHECK(decimal_is_whole(decimal) == (decimal_canonical(decimal).scale == 0));
}

static void decimals_use(struct decimal a, struct decimal b)
{
	struct decimal sum, other;
	FUZZ_CHECK(decimal_compare(a, b) == -decimal_compare(b, a));
	if (decimal_add(a, b, &sum)) {
		FUZZ_CHECK(decimal_add(b, a, &other) && decimal_compare(sum, other) == 0);
		if (decimal_subtract(sum, b, &other))
			FUZZ_CHECK(decimal_compare(other, a) == 0);
	}
	if (decimal_multiply(a, b, &sum))
		FUZZ_CHECK(decimal_multiply(b, a, &other) && decimal_compare(sum, other) == 0);
}

/* A floor is not above the number, a ceiling not below it, and they are at most one unit apart. */
static void round_use(struct fraction fraction, int scale)
{
	struct decimal floor, ceiling, between, unit = { 1, scale };
	if (!fraction_round(fraction, scale, ROUNDING_FLOOR, &floor) ||
	    !fraction_round(fraction, scale, ROUNDING_CEILING, &ceiling))
		return;
	FUZZ_CHECK(floor.scale == scale && ceiling.scale == scale);
	FUZZ_CHECK(ceiling.coefficient == floor.coefficient || ceiling.coefficient - 1 == floor.coefficient);
	for (int mode = ROUNDING_HALF_UP; mode <= ROUNDING_FLOOR; mode++)
		FUZZ_CHECK(fraction_round(fraction, scale, (enum rounding)mode, &between) &&
		           (between.coefficient == floor.coefficient || between.coefficient == ceiling.coefficient));
	struct fraction low, difference, whole;
	if (fraction_from_decimal(floor, &low) && fraction_from_decimal(unit, &whole) &&
	    fraction_subtract(fraction, low, &difference)) {
		int order;
		FUZZ_CHECK(fraction_sign(difference) >= 0);
		FUZZ_CHECK(!fraction_compare(difference, whole, &order) || order < 0);
	}
}

static void fractions_use(struct fuzz *fuzz, struct fraction a, struct fraction b)
{
	struct fraction result, back;
	int order, opposite;
	FUZZ_CHECK(fraction_parse(fraction_text(&fuzz->arena, a), &back) && back.numerator == a.numerator &&
	           back.denominator == a.denominator);
	if (fraction_compare(a, b, &order))
		FUZZ_CHECK(fraction_compare(b, a, &opposite) && order == -opposite);
	if (fraction_add(a, b, &result) && fraction_subtract(result, b, &back))
		FUZZ_CHECK(back.numerator == a.numerator && back.denominator == a.denominator);
	if (fraction_divide(a, b, &result)) {
		FUZZ_CHECK(fraction_sign(b) != 0);
		if (fraction_multiply(result, b, &back))
			FUZZ_CHECK(back.numerator == a.numerator && back.denominator == a.denominator);
	}
}

static void numbers(struct fuzz *fuzz)
{
	struct text rest = fuzz->input, first = word_next(&rest), second = word_next(&rest);
	struct decimal a, b;
	struct fraction left, right;
	int64_t scale;
	bool has_a = decimal_parse(first, &a), has_b = decimal_parse(second, &b);
	if (has_a)
		decimal_use(fuzz, a);
	if (has_a && has_b)
		decimals_use(a, b);
	if (!fraction_parse(first, &left))
		return;
	FUZZ_CHECK(left.denominator > 0);
	if (fraction_parse(second, &right))
		fractions_use(fuzz, left, right);
	if (text_to_int64(word_next(&rest), &scale) && scale >= 0 && scale <= DECIMAL_SCALE_MAX)
		round_use(left, (int)scale);
}

FUZZ_TARGET(numbers)
