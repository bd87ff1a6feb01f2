/* test_usage_rate.c: what a window of a usage section costs. */
#include "pure.h"

#include "billing/usage_rate.h"

static struct price *dollars(const char *amount)
{
	struct price *price = arena_new(&pure_arena, struct price);
	*price = (struct price){ .currency = currency_find(TEXT("USD")), .amount = pure_decimal(amount) };
	return price;
}

/* Ten blocks of 10 at 1.00, then blocks of 100 at 5.00 without end. */
static struct usage_section consumable(enum usage_section_tier_rule rule)
{
	struct usage_block *blocks = arena_new_many(&pure_arena, struct usage_block, 2);
	struct usage_tier *tiers = arena_new_many(&pure_arena, struct usage_tier, 2);
	blocks[0] = (struct usage_block){ .unit = TEXT("call"), .size = pure_decimal("10"), .has_max_blocks = true,
		                          .max_blocks = pure_decimal("10"), .prices = { dollars("1.00"), 1, 1 } };
	blocks[1] = (struct usage_block){ .unit = TEXT("call"), .size = pure_decimal("100"), .prices = { dollars("5.00"), 1, 1 } };
	tiers[0].blocks.items = &blocks[0];
	tiers[1].blocks.items = &blocks[1];
	tiers[0].blocks.count = tiers[1].blocks.count = 1;
	return (struct usage_section){ .name = TEXT("calls"), .kind = USAGE_SECTION_KIND_CONSUMABLE, .tier_rule = rule,
		                       .tiers = { tiers, 2, 2 } };
}

/* 10.00 up to five seats, 40.00 up to twenty. */
static struct usage_section capacity(void)
{
	struct usage_limit *limits = arena_new_many(&pure_arena, struct usage_limit, 2);
	struct usage_tier *tiers = arena_new_many(&pure_arena, struct usage_tier, 2);
	limits[0] = (struct usage_limit){ .unit = TEXT("seat"), .has_max = true, .max = pure_decimal("5") };
	limits[1] = (struct usage_limit){ .unit = TEXT("seat"), .has_max = true, .max = pure_decimal("20") };
	for (size_t i = 0; i < 2; i++) {
		tiers[i].limits.items = &limits[i];
		tiers[i].limits.count = tiers[i].prices.count = 1;
		tiers[i].prices.items = dollars(i ? "40.00" : "10.00");
	}
	return (struct usage_section){ .name = TEXT("seats"), .kind = USAGE_SECTION_KIND_CAPACITY, .tiers = { tiers, 2, 2 } };
}

static struct usage_rating rated(struct usage_section section, const char *unit, const char *quantity,
                                 const struct usage_billed *billed)
{
	struct usage_quantity used = { .unit = text_of(unit), .quantity = pure_decimal(quantity), .record_count = 1 };
	struct usage_quantity_list quantities = { &used, 1, 1 };
	struct usage_rating rating;
	CHECK(usage_rate(&pure_arena, &section, currency_find(TEXT("USD")), &quantities, billed, &rating));
	return rating;
}

static struct text decimal_of(struct decimal decimal)
{
	return decimal_canonical_text(&pure_arena, decimal);
}

TEST(tiers_are_filled_from_the_lowest_and_a_part_of_a_block_counts_whole)
{
	pure_begin();
	CHECK_EQ_TEXT(decimal_of(rated(consumable(USAGE_SECTION_TIER_RULE_ALL_TIERS), "call", "41", NULL).whole), "5");
	CHECK_EQ_TEXT(decimal_of(rated(consumable(USAGE_SECTION_TIER_RULE_ALL_TIERS), "call", "101", NULL).whole), "15");
	CHECK_EQ_INT(rated(consumable(USAGE_SECTION_TIER_RULE_ALL_TIERS), "call", "101", NULL).lines.count, 2);
	pure_end();
}

TEST(the_top_tier_rates_everything)
{
	pure_begin();
	CHECK_EQ_TEXT(decimal_of(rated(consumable(USAGE_SECTION_TIER_RULE_TOP_TIER), "call", "100", NULL).whole), "10");
	CHECK_EQ_TEXT(decimal_of(rated(consumable(USAGE_SECTION_TIER_RULE_TOP_TIER), "call", "101", NULL).whole), "10");
	CHECK_EQ_TEXT(decimal_of(rated(consumable(USAGE_SECTION_TIER_RULE_TOP_TIER), "call", "201", NULL).whole), "15");
	pure_end();
}

TEST(what_was_billed_of_the_window_is_taken_off_also_below_nothing)
{
	struct usage_billed billed = { .any = true };
	pure_begin();
	billed.total = pure_decimal("7");
	CHECK_EQ_TEXT(decimal_of(rated(consumable(USAGE_SECTION_TIER_RULE_ALL_TIERS), "call", "100", &billed).due), "3");
	CHECK_EQ_TEXT(decimal_of(rated(consumable(USAGE_SECTION_TIER_RULE_ALL_TIERS), "call", "10", &billed).due), "-6");
	pure_end();
}

TEST(the_tier_that_holds_the_peak_has_the_one_price)
{
	pure_begin();
	CHECK_EQ_TEXT(decimal_of(rated(capacity(), "seat", "5", NULL).whole), "10");
	struct usage_rating six = rated(capacity(), "seat", "6", NULL), most = rated(capacity(), "seat", "21", NULL);
	CHECK_EQ_TEXT(decimal_of(six.whole), "40");
	CHECK_EQ_INT(six.tier, 2);
	CHECK(!six.beyond);
	CHECK_EQ_TEXT(decimal_of(most.whole), "40");
	CHECK(most.beyond);
	pure_end();
}

TEST(a_window_that_was_billed_and_has_not_changed_has_no_item_and_a_new_one_has_one_also_of_nothing)
{
	struct usage_billed billed = { .any = true }, none = { 0 };
	struct usage_rated_item_list items = { 0 };
	pure_begin();
	struct usage_section section = consumable(USAGE_SECTION_TIER_RULE_ALL_TIERS);
	billed.total = pure_decimal("1");
	struct usage_rating same = rated(section, "call", "1", &billed), nothing = rated(section, "call", "0", &none);
	usage_rating_items(&pure_arena, &section, &same, &billed, USAGE_SHAPE_AGGREGATE, &items);
	CHECK_EQ_INT(items.count, 0);
	usage_rating_items(&pure_arena, &section, &nothing, &none, USAGE_SHAPE_AGGREGATE, &items);
	CHECK_EQ_INT(items.count, 1);
	CHECK_EQ_INT(decimal_sign(items.items[0].amount), 0);
	pure_end();
}

CHECK_MAIN
