/* test_charge_amount.c: what a quantity costs: flat prices, volume and graduated tiers, flat parts, fractions of units. */
#include "check.h"

#include "billing/charge_amount.h"

static struct arena arena;

static struct decimal decimal(const char *text)
{
	struct decimal value;
	CHECK(decimal_parse(text_of(text), &value));
	return value;
}

static const struct currency *usd(void)
{
	return currency_find(TEXT("USD"));
}

/* The public table: 1-10 at 150.95, 11-50 at 120.95, 51+ at 90.95. */
static struct charge seats(void)
{
	static struct charge_tier tiers[3];
	static const char *const rows[3][3] = { { "1", "10", "150.95" }, { "11", "50", "120.95" }, { "51", "99999", "90.95" } };
	for (size_t i = 0; i < 3; i++)
		tiers[i] = (struct charge_tier){ .units_from = decimal(rows[i][0]), .units_to = decimal(rows[i][1]),
			                         .has_units_to = true, .price = decimal(rows[i][2]) };
	struct charge charge = { .price_code = TEXT("YR-RECUR"), .kind = CHARGE_KIND_RECURRING };
	charge.tiers.items = tiers;
	charge.tiers.count = 3;
	return charge;
}

static struct text price(const struct charge *charge, const char *quantity, enum charge_tier_mode mode)
{
	struct exact_money amount;
	CHECK(arena.limit_bytes || arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(charge_amount(charge, decimal(quantity), mode, usd(), &amount));
	CHECK(amount.currency == usd());
	return fraction_text(&arena, amount.amount);
}

TEST(a_flat_charge_is_quantity_times_price_to_the_last_place)
{
	struct charge charge = { .kind = CHARGE_KIND_RECURRING, .has_amount = true, .amount = decimal("0.000000000001") };
	CHECK_EQ_TEXT(price(&charge, "1000000000", CHARGE_TIER_MODE_NONE), "1/1000");
	charge.amount = decimal("165.00");
	CHECK_EQ_TEXT(price(&charge, "1.5", CHARGE_TIER_MODE_NONE), "495/2");
	CHECK_EQ_TEXT(price(&charge, "0", CHARGE_TIER_MODE_NONE), "0");
}

TEST(sixty_seats_cost_5457_by_volume_and_7257_graduated)
{
	struct charge charge = seats();
	CHECK_EQ_TEXT(price(&charge, "60.00", CHARGE_TIER_MODE_VOLUME), "5457");
	CHECK_EQ_TEXT(price(&charge, "60.00", CHARGE_TIER_MODE_GRADUATED), "7257");
}

TEST(a_charge_without_a_mode_goes_by_volume_and_its_own_mode_yields_to_the_callers)
{
	struct charge charge = seats();
	CHECK_EQ_TEXT(price(&charge, "60", CHARGE_TIER_MODE_NONE), "5457");
	charge.tier_mode = CHARGE_TIER_MODE_GRADUATED;
	CHECK_EQ_TEXT(price(&charge, "60", CHARGE_TIER_MODE_NONE), "7257");
	CHECK_EQ_TEXT(price(&charge, "60", CHARGE_TIER_MODE_VOLUME), "5457");
}

TEST(the_last_unit_of_a_bracket_is_in_it_and_a_fraction_above_is_not)
{
	struct charge charge = seats();
	CHECK_EQ_TEXT(price(&charge, "10", CHARGE_TIER_MODE_VOLUME), "3019/2");     /* 1509.50 */
	CHECK_EQ_TEXT(price(&charge, "10.5", CHARGE_TIER_MODE_VOLUME), "50799/40"); /* 10.5 x 120.95 = 1269.975 */
	CHECK_EQ_TEXT(price(&charge, "10.5", CHARGE_TIER_MODE_GRADUATED), "62799/40"); /* 1509.50 + 60.475 = 1569.975 */
}

TEST(beyond_the_last_bracket_its_price_goes_on)
{
	struct charge charge = seats();
	CHECK_EQ_TEXT(price(&charge, "100000", CHARGE_TIER_MODE_VOLUME), "9095000");
}

TEST(flat_parts_count_once_for_each_bracket_that_is_reached)
{
	struct charge charge = seats();
	for (size_t i = 0; i < 3; i++) {
		charge.tiers.items[i].has_flat = true;
		charge.tiers.items[i].flat = decimal("5");
	}
	CHECK_EQ_TEXT(price(&charge, "60", CHARGE_TIER_MODE_VOLUME), "5462");
	CHECK_EQ_TEXT(price(&charge, "60", CHARGE_TIER_MODE_GRADUATED), "7272");
	CHECK_EQ_TEXT(price(&charge, "10", CHARGE_TIER_MODE_GRADUATED), "3029/2");
	CHECK_EQ_TEXT(price(&charge, "0", CHARGE_TIER_MODE_GRADUATED), "0");
}

TEST(an_amount_too_large_to_be_exact_is_refused)
{
	struct charge charge = { .has_amount = true, .amount = decimal("99999999999999999999999999.123456789012") };
	struct exact_money amount;
	CHECK(!charge_amount(&charge, decimal("999999999.999999"), CHARGE_TIER_MODE_NONE, usd(), &amount));
}

TEST(a_graduated_price_is_the_sum_of_its_units_one_by_one)
{
	struct charge charge = seats();
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct fraction sum = { 0, 1 };
	for (int unit = 1; unit <= 120; unit++) {
		const struct charge_tier *tier = &charge.tiers.items[unit <= 10 ? 0 : unit <= 50 ? 1 : 2];
		struct fraction one;
		struct exact_money amount;
		int order;
		CHECK(fraction_from_decimal(tier->price, &one) && fraction_add(sum, one, &sum));
		CHECK(charge_amount(&charge, decimal_from_int64(unit), CHARGE_TIER_MODE_GRADUATED, usd(), &amount));
		check_note("%d units", unit);
		CHECK(fraction_compare(amount.amount, sum, &order) && order == 0);
	}
}

CHECK_MAIN
