/* test_discount_spread.c: how discounts lie on lines: in proportion to what is left, in order, to the cent or exactly. */
#include "check.h"

#include "billing/discount_spread.h"

static struct arena arena;

static struct exact_money usd(const char *amount)
{
	struct exact_money exact = { .currency = currency_find(TEXT("USD")) };
	CHECK(arena.limit_bytes || arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(fraction_parse(text_of(amount), &exact.amount));
	return exact;
}

static struct discount_share share(const char *left)
{
	return (struct discount_share){ .left = usd(left), .taken = usd("0"), .eligible = true };
}

static struct text taken(const struct discount_share *of)
{
	return fraction_text(&arena, of->taken.amount);
}

TEST(cents_go_to_the_largest_remainders)
{
	struct discount_share lines[] = { share("3.33"), share("3.33"), share("3.34") };
	CHECK(discount_spread_cents(&arena, lines, 3, money_of(100, lines[0].left.currency)));
	CHECK_EQ_TEXT(taken(&lines[0]), "33/100");
	CHECK_EQ_TEXT(taken(&lines[1]), "33/100");
	CHECK_EQ_TEXT(taken(&lines[2]), "17/50");
	CHECK_EQ_TEXT(fraction_text(&arena, lines[2].left.amount), "3");
}

TEST(the_second_discount_is_spread_over_what_the_first_has_left)
{
	struct discount_share lines[] = { share("100"), share("50") };
	struct exact_money left;
	lines[1].eligible = false;
	CHECK(discount_spread_exact(lines, 2, usd("75")));
	lines[1].eligible = true;
	CHECK(discount_left(lines, 2, lines[0].left.currency, &left));
	CHECK_EQ_TEXT(fraction_text(&arena, left.amount), "75");
	CHECK(discount_spread_exact(lines, 2, usd("30")));
	CHECK_EQ_TEXT(taken(&lines[0]), "85");
	CHECK_EQ_TEXT(taken(&lines[1]), "20");
}

TEST(a_discount_of_all_that_is_left_leaves_nothing_and_no_line_goes_below)
{
	struct discount_share lines[] = { share("10"), share("-4"), share("20") };
	struct exact_money left;
	CHECK(discount_left(lines, 3, lines[0].left.currency, &left));
	CHECK_EQ_TEXT(fraction_text(&arena, left.amount), "30");
	CHECK(discount_spread_cents(&arena, lines, 3, money_of(3000, lines[0].left.currency)));
	CHECK_EQ_INT(fraction_sign(lines[0].left.amount), 0);
	CHECK_EQ_TEXT(taken(&lines[1]), "0");
	CHECK_EQ_INT(fraction_sign(lines[2].left.amount), 0);
}

TEST(exact_shares_add_up_where_decimals_would_not)
{
	struct discount_share lines[] = { share("1"), share("1"), share("1") };
	struct fraction sum = { 0, 1 };
	CHECK(discount_spread_exact(lines, 3, usd("0.20")));
	for (size_t i = 0; i < 3; i++)
		CHECK(fraction_add(sum, lines[i].taken.amount, &sum));
	CHECK_EQ_TEXT(fraction_text(&arena, sum), "1/5");
	CHECK_EQ_TEXT(taken(&lines[0]), "1/15");
}

CHECK_MAIN
