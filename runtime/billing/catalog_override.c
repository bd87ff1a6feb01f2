/* catalog_override.c: a plan of its own for one subscription, with prices in place of the catalog's. */
#include "catalog_plan.h"

#include "catalog_version_check.h"

struct overriding {
	struct command *command;
	struct catalog_plan *plan; /* the one that is being made */
	const struct currency *currency;
};

static struct phase *phase_of(struct catalog_plan *plan, enum phase_kind kind)
{
	for (size_t i = 0; i < plan->phases.count; i++)
		if (plan->phases.items[i].kind == kind)
			return &plan->phases.items[i];
	return NULL;
}

/* The subscription is in one currency: its price is the only one. */
static void price_set(const struct overriding *making, struct record_list *prices, struct decimal amount)
{
	struct price *price = arena_new(making->command->arena, struct price);
	*price = (struct price){ .currency = making->currency, .amount = amount };
	*prices = (struct record_list){ price, 1, 1 };
}

/* ---- usage sections ---- */

static bool prices_are_in(const struct overriding *making, const struct price *prices, size_t count, const struct place *above)
{
	struct place list = place_member(above, TEXT("prices"));
	struct decimal amount;
	return catalog_price_in(prices, count, making->currency, &amount) || count == 0 ||
	       problem(making->command->problems, PROBLEM_CURRENCY_MISMATCH, place_pointer(&list, making->command->arena),
	               "the account is in %s: give a price in it", making->currency->code);
}

static bool tier_currencies_check(const struct overriding *making, const struct usage_tier *tier, const struct place *place)
{
	bool good = prices_are_in(making, tier->prices.items, tier->prices.count, place);
	struct place blocks = place_member(place, TEXT("blocks"));
	for (size_t i = 0; i < tier->blocks.count; i++) {
		const struct usage_block *block = &tier->blocks.items[i];
		struct place at = place_item(&blocks, i);
		good &= prices_are_in(making, block->prices.items, block->prices.count, &at);
	}
	return good;
}

static bool tiers_check(const struct overriding *making, const struct usage_section *section,
                        const struct usage_price_override *override, const struct place *place)
{
	struct catalog_check check = { .arena = making->command->arena, .problems = making->command->problems };
	struct place tiers = place_member(place, TEXT("tiers"));
	bool good = catalog_tiers_check(&check, section->kind, override->tiers.items, override->tiers.count, &tiers);
	for (size_t i = 0; i < override->tiers.count; i++) {
		struct place at = place_item(&tiers, i);
		good &= tier_currencies_check(making, &override->tiers.items[i], &at);
	}
	return good;
}

static bool usage_override(const struct overriding *making, struct phase *phase,
                           const struct usage_price_override *override, const struct place *place)
{
	for (size_t i = 0; i < phase->usages.count; i++) {
		struct usage_section *section = &phase->usages.items[i];
		if (!text_equals(section->name, override->name))
			continue;
		*LIST(&section->tiers) = *(const struct record_list *)(const void *)&override->tiers;
		return tiers_check(making, section, override, place);
	}
	struct place name = place_member(place, TEXT("name"));
	return problem_value(making->command->problems, PROBLEM_CATALOG_INVALID, place_pointer(&name, making->command->arena),
	                     override->name, "Name a usage section of the phase.", "the phase has no usage section '%.*s'",
	                     TEXT_ARG(override->name));
}

/* ---- phases ---- */

static bool recurring_override(const struct overriding *making, struct phase *phase, const struct price_override *override,
                               const struct place *place)
{
	if (!override->has_recurring)
		return true;
	struct place at = place_member(place, TEXT("recurring"));
	if (!phase->billing_period)
		return problem_value(making->command->problems, PROBLEM_CATALOG_INVALID,
		                     place_pointer(&at, making->command->arena),
		                     decimal_canonical_text(making->command->arena, override->recurring),
		                     "Give a fixed price, or override a phase that recurs.",
		                     "nothing recurs in this phase of plan '%.*s'", TEXT_ARG(making->plan->code));
	price_set(making, LIST(&phase->recurring), override->recurring);
	return true;
}

static bool phase_override(const struct overriding *making, const struct price_override *override, const struct place *place)
{
	struct phase *phase = phase_of(making->plan, (enum phase_kind)override->phase);
	struct place kind = place_member(place, TEXT("phase")), usages = place_member(place, TEXT("usages"));
	struct text word = text_of(price_override_record.fields[PRICE_OVERRIDE_FIELD_PHASE].words[override->phase]);
	if (!phase)
		return problem_value(making->command->problems, PROBLEM_CATALOG_INVALID,
		                     place_pointer(&kind, making->command->arena), word, "Name a phase that the plan has.",
		                     "plan '%.*s' has no phase of kind %.*s", TEXT_ARG(making->plan->code), TEXT_ARG(word));
	if (override->has_fixed)
		price_set(making, LIST(&phase->fixed), override->fixed);
	bool good = recurring_override(making, phase, override, place);
	for (size_t i = 0; i < override->usages.count; i++) {
		struct place at = place_item(&usages, i);
		good &= usage_override(making, phase, &override->usages.items[i], &at);
	}
	return good;
}

/* ---- the plan ---- */

/* Named after its parent with a number: its own id, which no other has. */
static bool plan_insert(struct command *command, struct catalog_plan *plan, int64_t parent_id)
{
	plan->id = store_new_id(command->store, "catalog_plan");
	plan->parent_id = parent_id;
	plan->code = text_format(command->arena, "%.*s-%lld", TEXT_ARG(plan->code), (long long)plan->id);
	plan->existing_from = (struct instant){ 0 };
	plan->created_at = command->now;
	return store_insert(command->store, &catalog_plan_record, plan);
}

bool catalog_plan_override(struct command *command, struct catalog_plan *plan, const struct price_override *overrides,
                           size_t count, const struct currency *currency, const char *pointer,
                           struct catalog_plan **made)
{
	bool good = true;
	*made = plan;
	if (count == 0)
		return true;
	struct place list = place_top(pointer);
	struct overriding making = {
		command, record_copy(&catalog_plan_record, plan, command->arena), currency,
	};
	for (size_t i = 0; i < count; i++) {
		struct place place = place_item(&list, i);
		good &= phase_override(&making, &overrides[i], &place);
	}
	if (!good)
		return false;
	*made = making.plan;
	return plan_insert(command, making.plan, plan->parent_id ? plan->parent_id : plan->id);
}
