/* catalog_phase_check.c: phases of a plan: their order and length, their prices, their usage sections. */
#include "catalog_version_check.h"

/* ---- prices ---- */

bool catalog_prices_check(const struct catalog_check *check, const struct price *prices, size_t count,
                          const struct place *above, const char *member)
{
	bool good = true;
	struct place list = place_member(above, text_of(member));
	for (size_t i = 0; i < count; i++) {
		struct place place = place_item(&list, i);
		if (decimal_sign(prices[i].amount) < 0)
			good = catalog_problem(check, &place, "amount", decimal_canonical_text(check->arena, prices[i].amount),
			                       "a price is not negative; use a discount");
		for (size_t k = 0; k < i; k++)
			if (prices[i].currency && prices[k].currency == prices[i].currency)
				good = catalog_problem(check, &place, "currency", text_of(prices[i].currency->code),
				                       "there is a price in %s already", prices[i].currency->code);
	}
	return good;
}

/* ---- usage sections ---- */

static bool block_check(const struct catalog_check *check, const struct usage_tier *tier, size_t i,
                        const struct place *place)
{
	const struct usage_block *block = &tier->blocks.items[i];
	bool good = catalog_prices_check(check, block->prices.items, block->prices.count, place, "prices");
	if (decimal_sign(block->size) <= 0)
		good = catalog_problem(check, place, "size", decimal_canonical_text(check->arena, block->size),
		                       "a block holds more than nothing");
	if (block->has_max_blocks && decimal_sign(block->max_blocks) <= 0)
		good = catalog_problem(check, place, "max_blocks", decimal_canonical_text(check->arena, block->max_blocks),
		                       "a tier has at least one block; leave max_blocks out for no limit");
	for (size_t k = 0; k < i; k++)
		if (text_equals(tier->blocks.items[k].unit, block->unit))
			good = catalog_problem(check, place, "unit", block->unit, "the tier has blocks of '%.*s' already",
			                       TEXT_ARG(block->unit));
	return good;
}

/* The unit has no limit in an earlier tier, so that this one is never reached. */
static bool is_out_of_reach(const struct usage_tier *tiers, size_t tier, struct text unit)
{
	for (size_t i = 0; i < tier; i++)
		for (size_t k = 0; k < tiers[i].blocks.count; k++)
			if (text_equals(tiers[i].blocks.items[k].unit, unit) && !tiers[i].blocks.items[k].has_max_blocks)
				return true;
	return false;
}

static bool blocks_check(const struct catalog_check *check, const struct usage_tier *tiers, size_t tier,
                         const struct place *above)
{
	bool good = true;
	struct place list = place_member(above, TEXT("blocks"));
	for (size_t i = 0; i < tiers[tier].blocks.count; i++) {
		struct text unit = tiers[tier].blocks.items[i].unit;
		struct place place = place_item(&list, i);
		good &= block_check(check, &tiers[tier], i, &place);
		if (is_out_of_reach(tiers, tier, unit))
			good = catalog_problem(check, &place, NULL, unit,
			                       "'%.*s' has no limit in an earlier tier: give max_blocks there", TEXT_ARG(unit));
	}
	return good;
}

static bool consumable_check(const struct catalog_check *check, const struct usage_tier *tiers, size_t i,
                             const struct place *place)
{
	const struct usage_tier *tier = &tiers[i];
	bool good = blocks_check(check, tiers, i, place);
	if (tier->blocks.count == 0)
		good = catalog_problem(check, place, "blocks", TEXT_NONE, "a tier of a consumable section needs blocks");
	if (tier->limits.count > 0)
		good = catalog_problem(check, place, "limits", TEXT_NONE,
		                       "limits are of capacity sections; a block has max_blocks");
	if (tier->prices.count > 0)
		good = catalog_problem(check, place, "prices", TEXT_NONE, "prices of a consumable tier are its blocks'");
	return good;
}

static bool limits_check(const struct catalog_check *check, const struct usage_tier *tier, const struct place *above)
{
	bool good = true;
	struct place list = place_member(above, TEXT("limits"));
	for (size_t i = 0; i < tier->limits.count; i++) {
		struct text unit = tier->limits.items[i].unit;
		struct place place = place_item(&list, i);
		for (size_t k = 0; k < i; k++)
			if (text_equals(tier->limits.items[k].unit, unit))
				good = catalog_problem(check, &place, "unit", unit, "the tier limits '%.*s' already", TEXT_ARG(unit));
	}
	return good;
}

static bool capacity_check(const struct catalog_check *check, const struct usage_tier *tier, bool last,
                           const struct place *place)
{
	bool good = catalog_prices_check(check, tier->prices.items, tier->prices.count, place, "prices");
	if (tier->prices.count == 0)
		good = catalog_problem(check, place, "prices", TEXT_NONE, "a tier of a capacity section needs prices");
	if (tier->blocks.count > 0)
		good = catalog_problem(check, place, "blocks", TEXT_NONE,
		                       "blocks are of consumable sections; a capacity tier has limits");
	if (tier->limits.count == 0 && !last)
		good = catalog_problem(check, place, "limits", TEXT_NONE,
		                       "only the last tier holds everything: this one needs limits");
	return limits_check(check, tier, place) && good;
}

bool catalog_tiers_check(const struct catalog_check *check, enum usage_section_kind kind, const struct usage_tier *tiers,
                         size_t count, const struct place *list)
{
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		struct place place = place_item(list, i);
		if (kind == USAGE_SECTION_KIND_CONSUMABLE)
			good &= consumable_check(check, tiers, i, &place);
		else if (kind == USAGE_SECTION_KIND_CAPACITY)
			good &= capacity_check(check, &tiers[i], i + 1 == count, &place);
	}
	return good;
}

static bool usage_check(const struct catalog_check *check, const struct phase *phase, size_t i, const struct place *place)
{
	const struct usage_section *usage = &phase->usages.items[i];
	struct place tiers = place_member(place, TEXT("tiers"));
	bool good = true;
	if (usage->kind == USAGE_SECTION_KIND_CAPACITY && usage->tier_rule)
		good = catalog_problem(check, place, "tier_rule", TEXT_NONE,
		                       "a capacity section is in the one tier that holds its peaks; leave tier_rule out");
	for (size_t k = 0; k < i; k++)
		if (text_equals(phase->usages.items[k].name, usage->name))
			good = catalog_problem(check, place, "name", usage->name, "the phase has a usage section '%.*s' already",
			                       TEXT_ARG(usage->name));
	return catalog_tiers_check(check, usage->kind, usage->tiers.items, usage->tiers.count, &tiers) && good;
}

static bool usages_check(const struct catalog_check *check, const struct phase *phase, const struct place *above)
{
	bool good = true;
	struct place list = place_member(above, TEXT("usages"));
	for (size_t i = 0; i < phase->usages.count; i++) {
		struct place place = place_item(&list, i);
		good &= usage_check(check, phase, i, &place);
	}
	return good;
}

/* ---- phases ---- */

static bool unlimited_check(const struct catalog_check *check, const struct phase *phase, bool last,
                            const struct place *place)
{
	if (!last)
		return catalog_problem(check, place, "duration_unit", TEXT("unlimited"),
		                       "only the last phase may be unlimited: the ones after it would never begin");
	return !phase->has_duration || catalog_problem(check, place, "duration", text_from_int64(check->arena, phase->duration),
	                                               "an unlimited phase has no duration");
}

static bool length_check(const struct catalog_check *check, const struct phase *phase, bool last, const struct place *place)
{
	if (phase->duration_unit == PHASE_DURATION_UNIT_UNLIMITED)
		return unlimited_check(check, phase, last, place);
	bool good = true;
	if (phase->duration_unit && phase->duration < 1)
		good = catalog_problem(check, place, "duration", phase->has_duration ? TEXT("0") : TEXT_NONE,
		                       "a phase lasts at least one of its unit");
	if (phase->kind == PHASE_KIND_EVERGREEN)
		good = catalog_problem(check, place, "duration_unit", TEXT_NONE,
		                       "an evergreen phase is unlimited; call one that ends fixed_term or discount");
	return good;
}

static bool order_check(const struct catalog_check *check, const struct phase *phases, size_t i, const struct place *place)
{
	struct text word = text_of(phase_record.fields[PHASE_FIELD_KIND].words[phases[i].kind]);
	for (size_t k = 0; k < i; k++)
		if (phases[k].kind == phases[i].kind)
			return catalog_problem(check, place, "kind", word, "the plan has a phase of kind %.*s already",
			                       TEXT_ARG(word));
	return phases[i].kind != PHASE_KIND_TRIAL || i == 0 ||
	       catalog_problem(check, place, "kind", word, "a trial is the first phase");
}

static bool recurring_check(const struct catalog_check *check, const struct phase *phase, const struct place *place)
{
	if (phase->recurring.count > 0 && !phase->billing_period)
		return catalog_problem(check, place, "billing_period", TEXT_NONE, "a recurring price needs a billing period");
	if (phase->recurring.count == 0 && phase->billing_period)
		return catalog_problem(check, place, "recurring", TEXT_NONE,
		                       "a billing period needs a recurring price; usage sections have periods of their own");
	return true;
}

bool catalog_phases_check(const struct catalog_check *check, const struct phase *phases, size_t count,
                          const struct place *list)
{
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		const struct phase *phase = &phases[i];
		struct place place = place_item(list, i);
		if (phase->kind)
			good &= order_check(check, phases, i, &place);
		good &= length_check(check, phase, i + 1 == count, &place);
		good &= recurring_check(check, phase, &place);
		good &= catalog_prices_check(check, phase->fixed.items, phase->fixed.count, &place, "fixed");
		good &= catalog_prices_check(check, phase->recurring.items, phase->recurring.count, &place, "recurring");
		good &= usages_check(check, phase, &place);
	}
	return good;
}
