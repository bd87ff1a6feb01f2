/* usage_rate.c: what a window of a usage section costs: blocks and tiers, or the tier of the peaks. */
#include "usage_rate.h"

static const struct decimal zero = { 0, 0 };

/* In `currency`; a price that is missing counts as 0 and is told. */
static struct decimal price_in(const struct price *prices, size_t count, const struct currency *currency,
                               struct usage_rating *rating)
{
	for (size_t i = 0; i < count; i++)
		if (prices[i].currency == currency)
			return prices[i].amount;
	rating->unpriced = true;
	return zero;
}

static struct usage_rate_line *add_line(struct arena *arena, struct usage_rating *rating, struct usage_rate_line line)
{
	struct usage_rate_line *added = list_add(arena, &rating->lines, struct usage_rate_line);
	*added = line;
	return added;
}

/* ------------------------------------------------------------------------------------------------ consumable */

static const struct usage_block *block_of(const struct usage_tier *tier, struct text unit)
{
	for (size_t i = 0; i < tier->blocks.count; i++)
		if (text_equals(tier->blocks.items[i].unit, unit))
			return &tier->blocks.items[i];
	return NULL;
}

/* How many blocks hold that many units; the last one need not be full. */
static bool blocks_for(struct decimal units, struct decimal size, struct decimal *blocks)
{
	struct fraction all, each, quotient;
	return fraction_from_decimal(units, &all) && fraction_from_decimal(size, &each) &&
	       fraction_divide(all, each, &quotient) && fraction_round(quotient, 0, ROUNDING_CEILING, blocks);
}

/* Takes off what a full tier holds. */
static bool fill_tier(const struct usage_block *block, struct decimal *rest)
{
	struct decimal held;
	return decimal_multiply(block->max_blocks, block->size, &held) && decimal_subtract(*rest, held, rest);
}

/* Rates a unit: where its units are taken from, and what was found on the way. */
struct rating_unit {
	struct arena *arena;
	const struct usage_section *section;
	const struct currency *currency;
	const struct usage_quantity *quantity;
	struct usage_rating *rating;
};

static bool add_blocks(const struct rating_unit *unit, size_t tier, const struct usage_block *block,
                       struct decimal blocks)
{
	struct usage_rate_line line = {
		.unit = unit->quantity->unit, .tier = (int64_t)tier + 1, .size = block->size, .quantity = blocks,
		.price = price_in(block->prices.items, block->prices.count, unit->currency, unit->rating),
	};
	if (!decimal_multiply(line.price, blocks, &line.amount) ||
	    !decimal_add(unit->rating->whole, line.amount, &unit->rating->whole))
		return false;
	add_line(unit->arena, unit->rating, line);
	return true;
}

static bool rate_all_tiers(const struct rating_unit *unit)
{
	struct decimal rest = unit->quantity->quantity;
	for (size_t i = 0; i < unit->section->tiers.count && decimal_sign(rest) > 0; i++) {
		const struct usage_block *block = block_of(&unit->section->tiers.items[i], unit->quantity->unit);
		struct decimal blocks;
		if (!block)
			continue;
		if (!blocks_for(rest, block->size, &blocks))
			return false;
		bool full = block->has_max_blocks && decimal_compare(blocks, block->max_blocks) > 0;
		if (full && !fill_tier(block, &rest))
			return false;
		if (full)
			blocks = block->max_blocks;
		else
			rest = zero;
		if (decimal_sign(blocks) > 0 && !add_blocks(unit, i, block, blocks))
			return false;
	}
	unit->rating->beyond |= decimal_sign(rest) > 0;
	return true;
}

static bool rate_top_tier(const struct rating_unit *unit)
{
	struct decimal rest = unit->quantity->quantity, blocks;
	const struct usage_block *top = NULL;
	size_t tier = 0;
	bool holds = decimal_sign(rest) <= 0;
	for (size_t i = 0; i < unit->section->tiers.count && !holds; i++) {
		const struct usage_block *block = block_of(&unit->section->tiers.items[i], unit->quantity->unit);
		if (!block)
			continue;
		top = block;
		tier = i;
		if (!blocks_for(rest, block->size, &blocks))
			return false;
		holds = !block->has_max_blocks || decimal_compare(blocks, block->max_blocks) <= 0;
		if (!holds && !fill_tier(block, &rest))
			return false;
	}
	unit->rating->beyond |= !holds;
	return !top || (blocks_for(unit->quantity->quantity, top->size, &blocks) && add_blocks(unit, tier, top, blocks));
}

static bool rate_consumable(const struct rating_unit *unit)
{
	bool top = unit->section->tier_rule == USAGE_SECTION_TIER_RULE_TOP_TIER;
	return top ? rate_top_tier(unit) : rate_all_tiers(unit);
}

/* ------------------------------------------------------------------------------------------------ capacity */

static const struct usage_limit *limit_of(const struct usage_tier *tier, struct text unit)
{
	for (size_t i = 0; i < tier->limits.count; i++)
		if (text_equals(tier->limits.items[i].unit, unit))
			return &tier->limits.items[i];
	return NULL;
}

/* The first tier that holds the peak; the last that limits the unit when none does. False: not a unit of the section. */
static bool find_tier(const struct rating_unit *unit, size_t *tier)
{
	bool known = false, holds = false;
	for (size_t i = 0; i < unit->section->tiers.count && !holds; i++) {
		const struct usage_limit *limit = limit_of(&unit->section->tiers.items[i], unit->quantity->unit);
		if (!limit)
			continue;
		known = true;
		*tier = i;
		holds = !limit->has_max || decimal_compare(unit->quantity->quantity, limit->max) <= 0;
	}
	unit->rating->beyond |= known && !holds;
	return known;
}

/* Limits do not fall from tier to tier, so the tier that holds every unit is the highest of those of the units. */
static bool rate_capacity(const struct rating_unit *unit)
{
	struct usage_rating *rating = unit->rating;
	size_t i;
	if (!find_tier(unit, &i))
		return true;
	const struct usage_tier *tier = &unit->section->tiers.items[i];
	struct usage_rate_line line = {
		.unit = unit->quantity->unit, .tier = (int64_t)i + 1, .quantity = unit->quantity->quantity,
		.price = price_in(tier->prices.items, tier->prices.count, unit->currency, rating),
	};
	add_line(unit->arena, rating, line);
	if (line.tier > rating->tier)
		rating->tier = line.tier;
	return true;
}

/* The one price; 0 when nothing was used. */
static void price_capacity(const struct usage_section *section, const struct currency *currency,
                           struct usage_rating *rating)
{
	bool used = false;
	for (size_t i = 0; i < rating->lines.count; i++)
		used |= decimal_sign(rating->lines.items[i].quantity) > 0;
	if (!used)
		return;
	const struct usage_tier *tier = &section->tiers.items[rating->tier - 1];
	rating->whole = price_in(tier->prices.items, tier->prices.count, currency, rating);
}

/* ------------------------------------------------------------------------------------------------ what was billed */

/* Takes the billed line off the rated one, or adds what is to be given back of a tier that no longer rates. */
static bool take_off_line(struct arena *arena, const struct usage_rate_line *billed, struct usage_rating *rating)
{
	struct usage_rate_line *line = NULL;
	for (size_t i = 0; i < rating->lines.count && !line; i++)
		if (rating->lines.items[i].tier == billed->tier && text_equals(rating->lines.items[i].unit, billed->unit))
			line = &rating->lines.items[i];
	if (!line) {
		struct usage_rate_line none = *billed;
		none.quantity = none.amount = zero;
		line = add_line(arena, rating, none);
	}
	line->billed = billed->amount;
	return decimal_subtract(line->quantity, billed->quantity, &line->quantity) &&
	       decimal_subtract(line->amount, billed->amount, &line->amount);
}

static void drop_empty_lines(struct usage_rating *rating)
{
	size_t kept = 0;
	for (size_t i = 0; i < rating->lines.count; i++) {
		const struct usage_rate_line *line = &rating->lines.items[i];
		if (decimal_sign(line->quantity) != 0 || decimal_sign(line->amount) != 0)
			rating->lines.items[kept++] = *line;
	}
	rating->lines.count = kept;
}

static bool take_off_billed(struct arena *arena, const struct usage_section *section, const struct usage_billed *billed,
                            struct usage_rating *rating)
{
	if (!decimal_subtract(rating->whole, billed->total, &rating->due))
		return false;
	if (section->kind == USAGE_SECTION_KIND_CAPACITY || billed->lines.count == 0)
		return true;
	for (size_t i = 0; i < billed->lines.count; i++)
		if (!take_off_line(arena, &billed->lines.items[i], rating))
			return false;
	drop_empty_lines(rating);
	return true;
}

/* ------------------------------------------------------------------------------------------------ the whole */

static int compare_lines(const struct usage_rate_line *a, const struct usage_rate_line *b)
{
	int order = text_compare(a->unit, b->unit);
	return order ? order : (a->tier > b->tier) - (a->tier < b->tier);
}

/* By unit, then tier; there are few. */
static void sort_lines(struct usage_rate_line_list *lines)
{
	for (size_t i = 1; i < lines->count; i++) {
		struct usage_rate_line line = lines->items[i];
		size_t at = i;
		for (; at > 0 && compare_lines(&lines->items[at - 1], &line) > 0; at--)
			lines->items[at] = lines->items[at - 1];
		lines->items[at] = line;
	}
}

bool usage_rate(struct arena *arena, const struct usage_section *section, const struct currency *currency,
                const struct usage_quantity_list *quantities, const struct usage_billed *billed,
                struct usage_rating *rating)
{
	bool capacity = section->kind == USAGE_SECTION_KIND_CAPACITY;
	*rating = (struct usage_rating){ 0 };
	for (size_t i = 0; i < quantities->count; i++) {
		struct rating_unit unit = { arena, section, currency, &quantities->items[i], rating };
		if (!(capacity ? rate_capacity(&unit) : rate_consumable(&unit)))
			return false;
	}
	if (capacity)
		price_capacity(section, currency, rating);
	rating->due = rating->whole;
	if (billed && !take_off_billed(arena, section, billed, rating))
		return false;
	sort_lines(&rating->lines);
	return true;
}

/* A difference in which something goes back is one sum: it goes back of lines, whatever tiers these charged. */
static bool goes_back(const struct usage_rating *rating)
{
	for (size_t i = 0; i < rating->lines.count; i++)
		if (decimal_sign(rating->lines.items[i].amount) < 0)
			return true;
	return false;
}

void usage_rating_items(struct arena *arena, const struct usage_section *section, const struct usage_rating *rating,
                        const struct usage_billed *billed, enum usage_shape shape, struct usage_rated_item_list *items)
{
	bool each = shape == USAGE_SHAPE_DETAIL && section->kind == USAGE_SECTION_KIND_CONSUMABLE;
	/* Where the lines of what was billed are not known, those of the rating are of the whole window. */
	bool whole_lines = billed && decimal_sign(billed->total) != 0 && billed->lines.count == 0;
	*items = (struct usage_rated_item_list){ 0 };
	if (billed && billed->any && decimal_sign(rating->due) == 0)
		return;
	if (!each || whole_lines || rating->lines.count == 0 || goes_back(rating)) {
		*list_add(arena, items, struct usage_rated_item) = (struct usage_rated_item){ NULL, rating->due };
		return;
	}
	for (size_t i = 0; i < rating->lines.count; i++)
		*list_add(arena, items, struct usage_rated_item) =
		        (struct usage_rated_item){ &rating->lines.items[i], rating->lines.items[i].amount };
}
