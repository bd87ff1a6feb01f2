/* catalog_check.c: what must hold inside one plan, beyond the kinds and limits of its fields. */
#include "catalog_check.h"

#include "service_term.h"
#include "value/catalogue.h"

struct check {
	const struct plan_create *plan;
	struct arena *arena;
	struct problems *problems;
};

static const char *charge_candidate(const void *context, size_t i)
{
	const struct check *check = context;
	if (i >= check->plan->charges.count)
		return NULL;
	return text_c(check->arena, check->plan->charges.items[i].price_code);
}

static const struct charge *charge_by_code(const struct check *check, struct text price_code)
{
	for (size_t i = 0; i < check->plan->charges.count; i++)
		if (text_equals(check->plan->charges.items[i].price_code, price_code))
			return &check->plan->charges.items[i];
	return NULL;
}

/* Adds a problem of the catalog at a member below `pointer`. */
#define CATALOG_PROBLEM(check, pointer, member, ...) \
	problem((check)->problems, PROBLEM_CATALOG_INVALID, \
	        text_format((check)->arena, "%s/%s", (pointer), (member)).data, __VA_ARGS__)

/* ---- percentages ---- */

static bool target_check(const struct check *check, const struct charge *charge, size_t i, const char *pointer)
{
	struct text target = charge->targets.items[i].price_code;
	const char *at = text_format(check->arena, "%s/targets/%zu", pointer, i).data;
	const struct charge *found = charge_by_code(check, target);
	if (!found)
		return problem_value(check->problems, PROBLEM_UNKNOWN_CHARGE,
		                     text_format(check->arena, "%s/price_code", at).data, target, NULL,
		                     "charge '%.*s' is taken of '%.*s', which the plan does not have%s",
		                     TEXT_ARG(charge->price_code), TEXT_ARG(target),
		                     text_did_you_mean(check->arena, target, charge_candidate, check));
	if (found->kind == CHARGE_KIND_PERCENT)
		return CATALOG_PROBLEM(check, at, "price_code", "charge '%.*s' is a percentage itself",
		                       TEXT_ARG(target));
	for (size_t k = 0; k < i; k++)
		if (text_equals(charge->targets.items[k].price_code, target))
			return CATALOG_PROBLEM(check, at, "price_code", "target '%.*s' is named twice",
			                       TEXT_ARG(target));
	return true;
}

static bool percent_check(const struct check *check, const struct charge *charge, const char *pointer)
{
	bool good = true;
	if (!charge->has_percent)
		good = CATALOG_PROBLEM(check, pointer, "percent", "a percentage charge needs a percent");
	else if (decimal_sign(charge->percent) < 0)
		good = CATALOG_PROBLEM(check, pointer, "percent", "a percentage is not negative; use a discount");
	if (charge->has_amount)
		good = CATALOG_PROBLEM(check, pointer, "amount", "a percentage charge has no amount");
	if (charge->tiers.count > 0)
		good = CATALOG_PROBLEM(check, pointer, "tiers", "a percentage charge has no tiers");
	if (charge->has_prorated && charge->prorated)
		good = CATALOG_PROBLEM(check, pointer, "prorated",
		                       "a percentage follows its targets, it is not pro-rated itself");
	for (size_t i = 0; i < charge->targets.count; i++)
		good &= target_check(check, charge, i, pointer);
	return good;
}

/* ---- prices ---- */

/* Whole units meet when the next bracket begins one after the last; divided units when it begins where that ended. */
static bool tier_follows(const struct charge_tier *last, const struct charge_tier *next)
{
	struct decimal one_on;
	return decimal_compare(next->units_from, last->units_to) == 0 ||
	       (decimal_add(last->units_to, decimal_from_int64(1), &one_on) &&
	        decimal_compare(next->units_from, one_on) == 0);
}

static bool tier_check(const struct check *check, const struct charge *charge, size_t i, const char *pointer)
{
	const struct charge_tier *tier = &charge->tiers.items[i];
	const char *at = text_format(check->arena, "%s/tiers/%zu", pointer, i).data;
	bool last = i + 1 == charge->tiers.count, good = true;
	if (!tier->has_units_to && !last)
		good = CATALOG_PROBLEM(check, at, "units_to", "only the last bracket may be open");
	if (tier->has_units_to && decimal_compare(tier->units_to, tier->units_from) < 0)
		good = CATALOG_PROBLEM(check, at, "units_to", "bracket %zu ends before it begins", i + 1);
	if (i == 0 && decimal_compare(tier->units_from, decimal_from_int64(1)) > 0)
		good = CATALOG_PROBLEM(check, at, "units_from", "the first bracket begins at 0 or 1");
	if (i == 0 || !charge->tiers.items[i - 1].has_units_to)
		return good;
	const struct charge_tier *before = &charge->tiers.items[i - 1];
	if (tier_follows(before, tier))
		return good;
	return CATALOG_PROBLEM(check, at, "units_from",
	                       "bracket %zu begins at %.*s, the one before ends at %.*s: there is %s", i + 1,
	                       TEXT_ARG(decimal_canonical_text(check->arena, tier->units_from)),
	                       TEXT_ARG(decimal_canonical_text(check->arena, before->units_to)),
	                       decimal_compare(tier->units_from, before->units_to) < 0 ? "an overlap" : "a gap");
}

static bool price_check(const struct check *check, const struct charge *charge, const char *pointer)
{
	bool good = true;
	if (charge->has_amount && charge->tiers.count > 0)
		good = CATALOG_PROBLEM(check, pointer, "tiers", "a charge has an amount or tiers, not both");
	if (!charge->has_amount && charge->tiers.count == 0)
		good = CATALOG_PROBLEM(check, pointer, "amount", "charge '%.*s' has neither an amount nor tiers",
		                       TEXT_ARG(charge->price_code));
	if (charge->has_percent)
		good = CATALOG_PROBLEM(check, pointer, "percent", "only a charge of kind percent has a percent");
	if (charge->targets.count > 0)
		good = CATALOG_PROBLEM(check, pointer, "targets", "only a charge of kind percent has targets");
	if (charge->tier_mode && charge->tiers.count == 0)
		good = CATALOG_PROBLEM(check, pointer, "tier_mode", "a tier mode needs tiers");
	for (size_t i = 0; i < charge->tiers.count; i++)
		good &= tier_check(check, charge, i, pointer);
	return good;
}

static bool charge_check(const struct check *check, size_t i, const char *pointer)
{
	const struct charge *charge = &check->plan->charges.items[i];
	bool good = true;
	if (text_present(charge->price_code) && charge_by_code(check, charge->price_code) != charge)
		good = CATALOG_PROBLEM(check, pointer, "price_code", "price code '%.*s' is used twice",
		                       TEXT_ARG(charge->price_code));
	if (charge->has_standard_quantity && charge->has_max_quantity &&
	    decimal_compare(charge->standard_quantity, charge->max_quantity) > 0)
		good = CATALOG_PROBLEM(check, pointer, "standard_quantity",
		                       "the standard quantity is above the greatest one");
	if (charge->kind == CHARGE_KIND_PERCENT)
		return percent_check(check, charge, pointer) && good;
	return price_check(check, charge, pointer) && good;
}

/* ---- policies ---- */

static bool policy_check(const struct policy_choice *choices, size_t i, const char *pointer, struct arena *arena,
                         struct problems *problems)
{
	struct text name = choices[i].policy;
	const char *at = text_format(arena, "%s/%zu/policy", pointer, i).data;
	if (policy_find(name) == POLICY_NONE)
		return problem_value(problems, PROBLEM_UNKNOWN_POLICY, at, name, NULL, "there is no kind of policy '%.*s'%s",
		                     TEXT_ARG(name), text_did_you_mean(arena, name, policy_name_candidate, NULL));
	for (size_t k = 0; k < i; k++)
		if (text_equals(choices[k].policy, name))
			return problem(problems, PROBLEM_CATALOG_INVALID, at, "policy '%.*s' is chosen twice", TEXT_ARG(name));
	return true;
}

bool policy_choices_check(const struct policy_choice *choices, size_t count, const char *pointer, struct arena *arena,
                          struct problems *problems)
{
	bool good = true;
	for (size_t i = 0; i < count; i++)
		good &= policy_check(choices, i, pointer, arena, problems);
	return good;
}

bool catalog_check(const struct plan_create *plan, const char *pointer, struct arena *arena, struct problems *problems)
{
	struct check check = { plan, arena, problems };
	bool good = true;
	for (size_t i = 0; i < plan->charges.count; i++)
		good &= charge_check(&check, i, text_format(arena, "%s/charges/%zu", pointer, i).data);
	if (plan->terms)
		good &= service_terms_check(plan->terms, text_format(arena, "%s/terms", pointer).data, problems);
	return policy_choices_check(plan->policies.items, plan->policies.count, text_format(arena, "%s/policies", pointer).data,
	                            arena, problems) && good;
}
