/* test_wallet_burn.c: which grants and which wallets prepaid money is taken from; thresholds of usage. */
#include "pure.h"

#include "billing/progressive.h"
#include "billing/wallet_burn.h"

/* ------------------------------------------------------------------------------------------------ grants */

TEST(grants_go_by_priority_then_expiry_then_given_before_bought_then_age)
{
	pure_begin();
	struct burn_grant grants[] = {
		{ .id = 1, .priority = 2, .left_minor = 1 },
		{ .id = 2, .priority = 1, .left_minor = 1, .purchased = true },
		{ .id = 3, .priority = 1, .left_minor = 1 },
		{ .id = 4, .priority = 1, .left_minor = 1, .expires_at = pure_instant("2024-02-01T00:00:00Z") },
		{ .id = 5, .priority = 1, .left_minor = 1, .expires_at = pure_instant("2024-01-01T00:00:00Z"), .purchased = true },
		{ .id = 6, .priority = 1, .left_minor = 1 },
	};
	const int64_t wanted[] = { 5, 4, 3, 6, 2, 1 };
	burn_sort(grants, 6);
	for (size_t i = 0; i < 6; i++)
		CHECK_EQ_INT(grants[i].id, wanted[i]);
	pure_end();
}

TEST(what_is_taken_names_its_grants_and_never_more_than_they_hold)
{
	struct burn_grant grants[] = { { .id = 1, .left_minor = 30 }, { .id = 2, .left_minor = 0 }, { .id = 3, .left_minor = 50 } };
	struct burn_part parts[3];
	size_t count;
	CHECK_EQ_INT(burn_take(grants, 3, 40, parts, &count), 40);
	CHECK_EQ_INT(count, 2);
	CHECK_EQ_INT(parts[0].grant, 0);
	CHECK_EQ_INT(parts[0].amount_minor, 30);
	CHECK_EQ_INT(parts[1].grant, 2);
	CHECK_EQ_INT(parts[1].amount_minor, 10);
	CHECK_EQ_INT(burn_take(grants, 3, 100, parts, &count), 40);
	CHECK_EQ_INT(grants[2].left_minor, 0);
	CHECK_EQ_INT(burn_take(grants, 3, 1, parts, &count), 0);
	CHECK_EQ_INT(count, 0);
}

/* ------------------------------------------------------------------------------------------------ several wallets */

TEST(a_wallet_that_is_topped_up_by_threshold_takes_all_that_is_left)
{
	struct cascade_wallet wallets[] = { { .balance_minor = 20 }, { .balance_minor = 0, .absorbs = true }, { .balance_minor = 500 } };
	CHECK_EQ_INT(cascade_take(wallets, 3, NULL, 100), 0);
	CHECK_EQ_INT(wallets[0].taken_minor, 20);
	CHECK_EQ_INT(wallets[1].taken_minor, 80);
	CHECK_EQ_INT(wallets[2].taken_minor, 0);
}

TEST(the_last_eligible_wallet_takes_the_rest_and_without_one_it_is_left)
{
	struct cascade_wallet wallets[] = { { .balance_minor = 20 }, { .balance_minor = 10 }, { .balance_minor = 500 } };
	const bool first_two[] = { true, true, false }, none[] = { false, false, false };
	CHECK_EQ_INT(cascade_take(wallets, 3, first_two, 100), 0);
	CHECK_EQ_INT(wallets[0].taken_minor, 20);
	CHECK_EQ_INT(wallets[1].taken_minor, 80);
	CHECK_EQ_INT(cascade_take(wallets, 3, none, 100), 100);
	CHECK_EQ_INT(cascade_take(wallets, 3, NULL, 7), 0);
	CHECK_EQ_INT(wallets[2].taken_minor, 7);
}

/* ------------------------------------------------------------------------------------------------ credit units */

TEST(units_are_cut_and_their_money_is_rounded)
{
	pure_begin();
	struct decimal units;
	struct money amount;
	CHECK(wallet_units(pure_decimal("14.28444999"), WALLET_UNIT_SCALE, &units));
	CHECK_EQ_TEXT(decimal_text(&pure_arena, units), "14.28444");
	CHECK(wallet_money(units, pure_decimal("1"), pure_usd(), &amount));
	CHECK_EQ_INT(amount.minor, 1428);
	CHECK(wallet_money(pure_decimal("3"), pure_decimal("0.335"), pure_usd(), &amount));
	CHECK_EQ_INT(amount.minor, 101);
	CHECK(wallet_units_of(money_of(1000, pure_usd()), pure_decimal("0.3"), WALLET_UNIT_SCALE, &units));
	CHECK_EQ_TEXT(decimal_text(&pure_arena, units), "33.33333");
	CHECK(!wallet_units_of(money_of(1000, pure_usd()), pure_decimal("0"), WALLET_UNIT_SCALE, &units));
	pure_end();
}

/* ------------------------------------------------------------------------------------------------ thresholds */

static const int64_t fixed[] = { 70000, 20000 };
static const struct usage_thresholds thresholds = { fixed, 2, 100000 };

TEST(a_step_goes_on_after_the_highest_threshold)
{
	CHECK_EQ_INT(threshold_reached(&thresholds, 19999), 0);
	CHECK_EQ_INT(threshold_reached(&thresholds, 20000), 20000);
	CHECK_EQ_INT(threshold_reached(&thresholds, 169999), 70000);
	CHECK_EQ_INT(threshold_reached(&thresholds, 170000), 170000);
	CHECK_EQ_INT(threshold_reached(&thresholds, 399999), 370000);
	CHECK_EQ_INT(threshold_ahead(&thresholds, 0), 20000);
	CHECK_EQ_INT(threshold_ahead(&thresholds, 20000), 70000);
	CHECK_EQ_INT(threshold_ahead(&thresholds, 70000), 170000);
	const struct usage_thresholds step = { .step_minor = 500 };
	CHECK_EQ_INT(threshold_reached(&step, 499), 0);
	CHECK_EQ_INT(threshold_reached(&step, 1400), 1000);
	CHECK_EQ_INT(threshold_ahead(&step, 1400), 1500);
	const struct usage_thresholds ends = { fixed, 2, 0 };
	CHECK_EQ_INT(threshold_ahead(&ends, 70000), 0);
}

TEST(thresholds_count_all_usage_and_what_is_due_is_of_the_period)
{
	/* 190.00 of earlier periods. */
	struct progressive_state state = { .lifetime_minor = 19000 };
	int64_t due;
	CHECK(progressive_use(&thresholds, &state, 999, &due));
	CHECK_EQ_INT(due, 0);
	CHECK(progressive_use(&thresholds, &state, 1000, &due));
	CHECK_EQ_INT(due, 1000);
	CHECK(progressive_use(&thresholds, &state, 400, &due));
	CHECK_EQ_INT(due, 0);
	CHECK(progressive_use(&thresholds, &state, 1200, &due));
	CHECK_EQ_INT(due, 0);
	CHECK_EQ_INT(state.billed_minor, 1000);
	CHECK(progressive_use(&thresholds, &state, 51000, &due));
	CHECK_EQ_INT(due, 50000);
	CHECK_EQ_INT(state.passed_minor, 70000);
	CHECK(!progressive_use(&thresholds, &state, INT64_MAX, &due));
	CHECK_EQ_INT(state.period_minor, 51000);
}

TEST(a_period_takes_off_no_more_than_it_charges)
{
	CHECK_EQ_INT(progressive_credit(43100, 20000), 20000);
	CHECK_EQ_INT(progressive_credit(100, 20000), 100);
	CHECK_EQ_INT(progressive_credit(0, 20000), 0);
	CHECK_EQ_INT(progressive_credit(-5, 20000), 0);
}

CHECK_MAIN
