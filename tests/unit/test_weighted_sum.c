/* test_weighted_sum.c: quantities weighted by how long they are there. */
#include "check.h"

#include "value/weighted_sum.h"

static struct arena arena;

static struct decimal decimal_of(const char *text)
{
	struct decimal decimal;
	CHECK(decimal_parse(text_of(text), &decimal));
	return decimal;
}

static struct text value_of(const struct weighted_sum *sum)
{
	struct fraction value;
	CHECK(weighted_sum_value(sum, &value));
	return fraction_text(&arena, value);
}

TEST(a_change_counts_for_what_is_left_of_the_period)
{
	struct weighted_sum sum;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(weighted_sum_begin(&sum, 1, 32));
	CHECK_EQ_TEXT(value_of(&sum), "0");
	CHECK(weighted_sum_add(&sum, 5, decimal_of("2500")));
	CHECK_EQ_TEXT(value_of(&sum), "67500/31");
	CHECK(weighted_sum_add(&sum, 5, decimal_of("-2500")));
	CHECK_EQ_TEXT(value_of(&sum), "0");
	arena_finish(&arena);
}

TEST(what_came_before_counts_in_full_and_what_comes_after_not_at_all)
{
	struct weighted_sum sum;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(weighted_sum_begin(&sum, 10, 20));
	CHECK(weighted_sum_add(&sum, -3, decimal_of("1.5")));
	CHECK(weighted_sum_add(&sum, 10, decimal_of("2")));
	CHECK(weighted_sum_add(&sum, 19, decimal_of("1")));
	CHECK(weighted_sum_add(&sum, 20, decimal_of("100")));
	CHECK_EQ_TEXT(value_of(&sum), "18/5");
	CHECK_EQ_TEXT(decimal_text(&arena, sum.full), "4.5");
	arena_finish(&arena);
}

TEST(a_prorated_sum_is_rounded_up_once)
{
	struct weighted_sum sum;
	struct decimal value;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(weighted_sum_begin(&sum, 1, 32));
	CHECK(weighted_sum_add(&sum, 1, decimal_of("5")));
	CHECK(weighted_sum_add(&sum, 26, decimal_of("12")));
	CHECK(weighted_sum_add(&sum, 26, decimal_of("12")));
	CHECK(weighted_sum_prorated(&sum, 5, &value));
	CHECK_EQ_TEXT(decimal_text(&arena, value), "9.64517");
	arena_finish(&arena);
}

TEST(microseconds_of_a_year_fit_and_what_does_not_leaves_the_sum_as_it_was)
{
	struct weighted_sum sum;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(!weighted_sum_begin(&sum, 5, 5));
	CHECK(weighted_sum_begin(&sum, 0, INT64_C(31536000000000)));
	CHECK(weighted_sum_add(&sum, INT64_C(15768000000000), decimal_of("1000000000000.000001")));
	CHECK_EQ_TEXT(value_of(&sum), "1000000000000000001/2000000");
	struct decimal huge = { (int128)1 << 120, 0 };
	CHECK(!weighted_sum_add(&sum, 0, huge));
	CHECK_EQ_TEXT(value_of(&sum), "1000000000000000001/2000000");
	arena_finish(&arena);
}

CHECK_MAIN
