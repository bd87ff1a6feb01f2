/* test_decimal.c: exact decimals and fractions: text, arithmetic, rounding, and where they overflow. */
#include "value/decimal.h"

#include "check.h"

static struct arena arena;

static void start(void)
{
	if (!arena.reserve)
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
}

static struct decimal decimal_of(const char *text)
{
	struct decimal decimal;
	start();
	if (!decimal_parse(text_of(text), &decimal))
		CHECK_FAIL("not a decimal: %s", text);
	return decimal;
}

static struct fraction fraction_of(const char *text)
{
	struct fraction fraction;
	start();
	if (!fraction_parse(text_of(text), &fraction))
		CHECK_FAIL("not a fraction: %s", text);
	return fraction;
}

#define MOST "170141183460469231731687303715884105727" /* 2^127 - 1 */

TEST(a_decimal_keeps_the_places_it_was_written_with)
{
	static const char *const same[] = { "0", "1", "-1", "1.0", "0.00", "-0.05", "123.4500", MOST, "-" MOST,
		                            "0.00000000000000000000000000000000000001" };
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		CHECK_EQ_TEXT(decimal_text(&arena, decimal_of(same[i])), same[i]);
	CHECK_EQ_TEXT(decimal_text(&arena, decimal_of("+1.50")), "1.50");
	CHECK_EQ_TEXT(decimal_text(&arena, decimal_of("-0.0")), "0.0");
	CHECK_EQ_TEXT(decimal_text(&arena, decimal_of("007")), "7");
}

TEST(what_is_not_a_decimal_is_refused)
{
	static const char *const refused[] = {
		"", "-", "+", ".", "1.", ".5", "1e3", " 1", "1 ", "1,5", "1.2.3", "--1", "0x10", "NaN", "1_000",
		"170141183460469231731687303715884105728",
		"0.000000000000000000000000000000000000001", /* 39 places */
		"00000000000000000000000000000000000000000000000000000000000000001",
	};
	struct decimal decimal;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(!decimal_parse(text_of(refused[i]), &decimal));
	}
	CHECK(!decimal_parse(TEXT_NONE, &decimal));
	CHECK(!decimal_parse(TEXT("1\0"), &decimal));
}

TEST(the_canonical_text_is_the_shortest)
{
	static const char *const rows[][2] = { { "1.50", "1.5" }, { "2.00", "2" }, { "100", "100" },
		                               { "0.000", "0" }, { "-0.10", "-0.1" } };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_EQ_TEXT(decimal_canonical_text(&arena, decimal_of(rows[i][0])), rows[i][1]);
}

TEST(decimals_add_subtract_and_multiply_exactly)
{
	struct decimal result;
	CHECK(decimal_add(decimal_of("0.1"), decimal_of("0.25"), &result));
	CHECK_EQ_TEXT(decimal_text(&arena, result), "0.35");
	CHECK(decimal_subtract(decimal_of("1"), decimal_of("0.001"), &result));
	CHECK_EQ_TEXT(decimal_text(&arena, result), "0.999");
	CHECK(decimal_multiply(decimal_of("-1.5"), decimal_of("0.02"), &result));
	CHECK_EQ_TEXT(decimal_text(&arena, result), "-0.030");
}

TEST(overflow_is_told_and_never_wraps)
{
	struct decimal result;
	struct decimal least = { (int128)1 << 126, 0 };
	least.coefficient = -least.coefficient * 2; /* -2^127 */
	CHECK(!decimal_add(decimal_of(MOST), decimal_of("1"), &result));
	CHECK(!decimal_subtract(decimal_of("-" MOST), decimal_of("2"), &result));
	CHECK(!decimal_subtract(decimal_of("0"), least, &result));
	CHECK(!decimal_multiply(decimal_of(MOST), decimal_of("2"), &result));
	CHECK(!decimal_add(decimal_of(MOST), decimal_of("0.1"), &result));
	CHECK(!decimal_round(decimal_of(MOST), 1, ROUNDING_HALF_UP, &result));
	CHECK(!decimal_multiply(decimal_of("0.00000000000000000001"), decimal_of("0.0000000000000000001"), &result));
}

TEST(zeros_behind_the_point_do_not_cause_overflow)
{
	struct decimal result;
	CHECK(decimal_add(decimal_of("1.00000000000000000000000000000000000000"), decimal_of("900"), &result));
	CHECK_EQ_TEXT(decimal_text(&arena, result), "901");
	CHECK(decimal_multiply(decimal_of("2.00000000000000000000"), decimal_of("3.00000000000000000000"), &result));
	CHECK_EQ_TEXT(decimal_text(&arena, result), "6");
}

TEST(every_mode_rounds_as_its_name_says)
{
	static const char *const values[] = { "2.5", "3.5", "-2.5", "2.4", "2.6", "-2.4", "-2.6", "2.0", "0.5", "-0.5" };
	static const struct {
		enum rounding mode;
		const char *expected[10];
	} rows[] = {
		{ ROUNDING_HALF_UP, { "3", "4", "-3", "2", "3", "-2", "-3", "2", "1", "-1" } },
		{ ROUNDING_HALF_EVEN, { "2", "4", "-2", "2", "3", "-2", "-3", "2", "0", "0" } },
		{ ROUNDING_HALF_DOWN, { "2", "3", "-2", "2", "3", "-2", "-3", "2", "0", "0" } },
		{ ROUNDING_UP, { "3", "4", "-3", "3", "3", "-3", "-3", "2", "1", "-1" } },
		{ ROUNDING_DOWN, { "2", "3", "-2", "2", "2", "-2", "-2", "2", "0", "0" } },
		{ ROUNDING_CEILING, { "3", "4", "-2", "3", "3", "-2", "-2", "2", "1", "0" } },
		{ ROUNDING_FLOOR, { "2", "3", "-3", "2", "2", "-3", "-3", "2", "0", "-1" } },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t j = 0; j < 10; j++) {
			struct decimal rounded;
			struct fraction fraction;
			check_note("%s of %s", rounding_name(rows[i].mode), values[j]);
			CHECK(decimal_round(decimal_of(values[j]), 0, rows[i].mode, &rounded));
			CHECK_EQ_TEXT(decimal_text(&arena, rounded), rows[i].expected[j]);
			CHECK(fraction_from_decimal(decimal_of(values[j]), &fraction));
			CHECK(fraction_round(fraction, 0, rows[i].mode, &rounded));
			CHECK_EQ_TEXT(decimal_text(&arena, rounded), rows[i].expected[j]);
		}
}

TEST(rounding_to_more_places_shows_them)
{
	struct decimal rounded;
	CHECK(decimal_round(decimal_of("60.5"), 2, ROUNDING_HALF_UP, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "60.50");
	CHECK(decimal_round(decimal_of("0.99999999999999999999999999999999999999"), 2, ROUNDING_HALF_UP, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "1.00");
	CHECK(!decimal_round(decimal_of("1"), 39, ROUNDING_HALF_UP, &rounded));
	CHECK(!decimal_round(decimal_of("1"), -1, ROUNDING_HALF_UP, &rounded));
}

TEST(mode_names_are_read_back)
{
	for (enum rounding mode = ROUNDING_HALF_UP; mode <= ROUNDING_FLOOR; mode++) {
		enum rounding read;
		CHECK(rounding_parse(text_of(rounding_name(mode)), &read));
		CHECK_EQ_INT(read, mode);
	}
	enum rounding mode;
	CHECK(rounding_parse(TEXT("half_away_from_zero"), &mode) && mode == ROUNDING_HALF_UP);
	CHECK(!rounding_parse(TEXT("half"), &mode));
	CHECK(!rounding_parse(TEXT(""), &mode));
}

TEST(comparison_holds_for_values_that_cannot_be_aligned)
{
	CHECK_EQ_INT(decimal_compare(decimal_of("1.0"), decimal_of("1")), 0);
	CHECK_EQ_INT(decimal_compare(decimal_of("0.1"), decimal_of("0.09")), 1);
	CHECK_EQ_INT(decimal_compare(decimal_of("-1"), decimal_of("0.5")), -1);
	CHECK_EQ_INT(decimal_compare(decimal_of(MOST), decimal_of("0.00000000000000000000000000000000000001")), 1);
	CHECK_EQ_INT(decimal_compare(decimal_of("-" MOST), decimal_of("-0.5")), -1);
	CHECK_EQ_INT(decimal_compare(decimal_of("-0.5"), decimal_of("-" MOST)), 1);
}

TEST(only_whole_values_become_integers)
{
	int64_t value;
	CHECK(decimal_to_int64(decimal_of("12.00"), &value) && value == 12);
	CHECK(decimal_to_int64(decimal_of("-9223372036854775808"), &value) && value == INT64_MIN);
	CHECK(!decimal_to_int64(decimal_of("9223372036854775808"), &value));
	CHECK(!decimal_to_int64(decimal_of("1.5"), &value));
	CHECK(decimal_is_whole(decimal_of("3.0")) && !decimal_is_whole(decimal_of("3.1")));
	CHECK_EQ_INT(decimal_sign(decimal_of("-0.01")), -1);
	CHECK_EQ_TEXT(decimal_text(&arena, decimal_from_int64(INT64_MIN)), "-9223372036854775808");
}

/* ---- fractions ---- */

TEST(a_fraction_is_in_lowest_terms_with_a_positive_denominator)
{
	struct fraction fraction;
	start();
	CHECK(fraction_make(-170, -184, &fraction));
	CHECK_EQ_TEXT(fraction_text(&arena, fraction), "85/92");
	CHECK(fraction_make(6, -4, &fraction));
	CHECK_EQ_TEXT(fraction_text(&arena, fraction), "-3/2");
	CHECK(fraction_make(0, 5, &fraction));
	CHECK_EQ_TEXT(fraction_text(&arena, fraction), "0");
	CHECK(!fraction_make(1, 0, &fraction));
	CHECK_EQ_TEXT(fraction_text(&arena, fraction_of("12.50")), "25/2");
	CHECK_EQ_TEXT(fraction_text(&arena, fraction_of("10/4")), "5/2");
}

TEST(what_is_not_a_fraction_is_refused)
{
	static const char *const refused[] = { "", "/", "1/", "/2", "1/0", "1/-2", "1.5/2", "1/2/3", "a/b" };
	struct fraction fraction;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(!fraction_parse(text_of(refused[i]), &fraction));
	}
}

TEST(fractions_calculate_exactly)
{
	struct fraction result;
	CHECK(fraction_add(fraction_of("1/6"), fraction_of("1/10"), &result));
	CHECK_EQ_TEXT(fraction_text(&arena, result), "4/15");
	CHECK(fraction_subtract(fraction_of("1/3"), fraction_of("1/3"), &result));
	CHECK_EQ_TEXT(fraction_text(&arena, result), "0");
	CHECK(fraction_multiply(fraction_of("-17/31"), fraction_of("31/34"), &result));
	CHECK_EQ_TEXT(fraction_text(&arena, result), "-1/2");
	CHECK(fraction_divide(fraction_of("1/2"), fraction_of("-3/4"), &result));
	CHECK_EQ_TEXT(fraction_text(&arena, result), "-2/3");
	CHECK(!fraction_divide(fraction_of("1/2"), fraction_of("0"), &result));
}

TEST(no_fraction_makes_no_result)
{
	struct fraction none = { 0, 0 }, result;
	struct decimal rounded;
	int order;
	CHECK(!fraction_present(none));
	CHECK(!fraction_add(none, fraction_of("1"), &result));
	CHECK(!fraction_subtract(fraction_of("1"), none, &result));
	CHECK(!fraction_multiply(none, fraction_of("1"), &result));
	CHECK(!fraction_divide(fraction_of("1"), none, &result));
	CHECK(!fraction_compare(none, none, &order));
	CHECK(!fraction_round(none, 2, ROUNDING_HALF_UP, &rounded));
	CHECK_EQ_TEXT(fraction_text(&arena, none), NULL);
}

TEST(factors_are_cancelled_before_they_are_multiplied)
{
	struct fraction large, result;
	CHECK(fraction_make(decimal_of(MOST).coefficient, 7, &large));
	CHECK(fraction_multiply(large, fraction_of("7/3"), &result));
	CHECK_EQ_TEXT(fraction_text(&arena, result), MOST "/3");
	CHECK(!fraction_multiply(large, fraction_of("2"), &result));
	CHECK(!fraction_add(large, large, &result));
}

TEST(comparison_of_fractions_never_overflows)
{
	struct fraction a, b;
	int order;
	CHECK(fraction_make(decimal_of(MOST).coefficient, decimal_of(MOST).coefficient - 1, &a));
	CHECK(fraction_make(decimal_of(MOST).coefficient - 1, decimal_of(MOST).coefficient - 2, &b));
	CHECK(fraction_compare(a, b, &order) && order == -1);
	CHECK(fraction_compare(b, a, &order) && order == 1);
	CHECK(fraction_compare(a, a, &order) && order == 0);
	a.numerator = -a.numerator;
	b.numerator = -b.numerator;
	CHECK(fraction_compare(a, b, &order) && order == 1);
	CHECK(fraction_compare(a, fraction_of("0"), &order) && order == -1);
}

TEST(a_fraction_is_rounded_to_the_place_asked_for)
{
	struct decimal rounded;
	CHECK(fraction_round(fraction_of("92/31"), 9, ROUNDING_HALF_UP, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "2.967741935");
	CHECK(fraction_round(fraction_of("5/31"), 9, ROUNDING_HALF_UP, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "0.161290323");
	CHECK(fraction_round(fraction_of("-1/3"), 38, ROUNDING_FLOOR, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "-0.33333333333333333333333333333333333334");
	CHECK(!fraction_round(fraction_of(MOST "/3"), 2, ROUNDING_HALF_UP, &rounded));
}

TEST(a_fraction_whose_parts_fill_128_bits_is_rounded_exactly)
{
	struct fraction fraction;
	struct decimal rounded;
	/* (2^127 - 2) / (2^127 - 1) = 1 - 5.877...e-39, and one half of 2^127 - 1 less a half */
	CHECK(fraction_make(decimal_of(MOST).coefficient - 1, decimal_of(MOST).coefficient, &fraction));
	CHECK(fraction_round(fraction, 38, ROUNDING_DOWN, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "0.99999999999999999999999999999999999999");
	CHECK(fraction_round(fraction, 38, ROUNDING_HALF_UP, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "0.99999999999999999999999999999999999999");
	CHECK(fraction_make((decimal_of(MOST).coefficient - 1) / 2, decimal_of(MOST).coefficient, &fraction));
	CHECK(fraction_round(fraction, 0, ROUNDING_HALF_UP, &rounded));
	CHECK_EQ_TEXT(decimal_text(&arena, rounded), "0");
}

TEST(a_fraction_is_a_decimal_where_it_ends)
{
	struct decimal exact;
	const struct fraction none = { 0, 0 };
	CHECK(fraction_decimal(fraction_of("599/40"), 18, &exact));
	CHECK_EQ_TEXT(decimal_text(&arena, exact), "14.975");
	CHECK(fraction_decimal(fraction_of("-1/8"), 3, &exact));
	CHECK_EQ_TEXT(decimal_text(&arena, exact), "-0.125");
	CHECK(fraction_decimal(fraction_of("7"), 0, &exact));
	CHECK_EQ_TEXT(decimal_text(&arena, exact), "7");
	CHECK(!fraction_decimal(fraction_of("-1/8"), 2, &exact)); /* a place too few */
	CHECK(!fraction_decimal(fraction_of("1/3"), 38, &exact));
	CHECK(!fraction_decimal(none, 18, &exact));
	CHECK(fraction_round(fraction_of("1/8"), 38, ROUNDING_HALF_UP, &exact)); /* zeros behind its end */
	CHECK_EQ_TEXT(decimal_text(&arena, exact), "0.12500000000000000000000000000000000000");
}

/* ---- properties ---- */

enum { CASES = 100000 };

static struct fraction random_fraction(uint64_t *state, int64_t most)
{
	struct fraction fraction = { 0, 1 };
	CHECK(fraction_make(check_between(state, -most, most), check_between(state, 1, most), &fraction));
	return fraction;
}

TEST(what_was_added_can_be_taken_away_again)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		struct fraction a = random_fraction(&state, 1000000000), b = random_fraction(&state, 1000000000), sum, back;
		int order;
		check_note("case %d", i);
		CHECK(fraction_add(a, b, &sum) && fraction_subtract(sum, b, &back));
		CHECK(back.numerator == a.numerator && back.denominator == a.denominator);
		CHECK(fraction_compare(sum, a, &order) && order == fraction_sign(b));
	}
}

TEST(what_was_multiplied_can_be_divided_again)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		struct fraction a = random_fraction(&state, INT32_MAX), b = random_fraction(&state, INT32_MAX), product, back;
		check_note("case %d", i);
		if (fraction_sign(b) == 0)
			continue;
		CHECK(fraction_multiply(a, b, &product) && fraction_divide(product, b, &back));
		CHECK(back.numerator == a.numerator && back.denominator == a.denominator);
	}
}

TEST(a_rounded_fraction_is_nearer_than_one_unit_and_half_modes_than_one_half)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		struct fraction exact = random_fraction(&state, INT64_MAX), near, distance, allowed;
		enum rounding mode = (enum rounding)check_between(&state, ROUNDING_HALF_UP, ROUNDING_FLOOR);
		int scale = (int)check_between(&state, 0, 6), order;
		struct decimal rounded;
		bool half_mode = mode <= ROUNDING_HALF_DOWN;
		check_note("case %d, %s", i, rounding_name(mode));
		CHECK(fraction_round(exact, scale, mode, &rounded));
		CHECK(fraction_from_decimal(rounded, &near));
		CHECK(fraction_make(1, decimal_power_of_ten(scale) * (half_mode ? 2 : 1), &allowed));
		if (!fraction_subtract(near, exact, &distance))
			continue;
		bool upward = fraction_sign(distance) > 0, outward = fraction_sign(distance) == fraction_sign(exact);
		if (fraction_sign(distance) < 0)
			distance.numerator = -distance.numerator;
		CHECK(fraction_compare(distance, allowed, &order));
		CHECK(half_mode ? order <= 0 : order < 0);
		if (fraction_sign(distance) == 0)
			continue;
		CHECK(mode != ROUNDING_UP || outward);
		CHECK(mode != ROUNDING_DOWN || !outward);
		CHECK(mode != ROUNDING_CEILING || upward);
		CHECK(mode != ROUNDING_FLOOR || !upward);
	}
}

TEST(decimal_text_is_read_back_as_the_same_value)
{
	uint64_t state = check_seed();
	start();
	for (int i = 0; i < CASES; i++) {
		int128 high = check_between(&state, INT64_MIN / 2, INT64_MAX / 2);
		struct decimal back, value = { high * ((int128)1 << check_between(&state, 0, 64)) +
			                               check_between(&state, 0, 1000), (int)check_between(&state, 0, 38) };
		arena_reset(&arena);
		struct text text = decimal_text(&arena, value);
		check_note("%s", text.data);
		CHECK(decimal_parse(text, &back));
		CHECK(back.coefficient == value.coefficient && back.scale == value.scale);
		CHECK(decimal_parse(decimal_canonical_text(&arena, value), &back));
		CHECK_EQ_INT(decimal_compare(back, value), 0);
	}
}

TEST(rounding_a_decimal_and_its_fraction_agree)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		struct decimal value = { check_between(&state, -1000000000, 1000000000), (int)check_between(&state, 0, 8) };
		enum rounding mode = (enum rounding)check_between(&state, ROUNDING_HALF_UP, ROUNDING_FLOOR);
		int scale = (int)check_between(&state, 0, 6);
		struct decimal direct, by_fraction;
		struct fraction fraction;
		check_note("case %d", i);
		CHECK(decimal_round(value, scale, mode, &direct) && fraction_from_decimal(value, &fraction));
		CHECK(fraction_round(fraction, scale, mode, &by_fraction));
		CHECK(direct.coefficient == by_fraction.coefficient && direct.scale == by_fraction.scale);
	}
}

CHECK_MAIN
