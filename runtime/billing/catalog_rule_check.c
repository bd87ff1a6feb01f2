/* catalog_rule_check.c: lists of rules: their words, what they name, cases that no question reaches. */
#include "catalog_rule.h"
#include "catalog_version_check.h"

struct rule_check {
	const struct catalog_check *check;
	const struct catalog_rule_kind_info *kind;
	const struct catalog_rule *cases;
};

/* ---- fields ---- */

static const char *period_candidate(const void *context, size_t i)
{
	(void)context;
	return i <= BILLING_PERIOD_TRIENNIAL ? catalog_period_name((enum billing_period)i) : NULL;
}

static bool period_check(const struct rule_check *rule, struct text period, const struct place *place, const char *member)
{
	if (!text_present(period))
		return true;
	for (int i = 0; i <= BILLING_PERIOD_TRIENNIAL; i++)
		if (text_is(period, catalog_period_name((enum billing_period)i)))
			return true;
	return catalog_problem(rule->check, place, member, period, "'%.*s' is no billing period, nor none%s", TEXT_ARG(period),
	                       text_did_you_mean(rule->check->arena, period, period_candidate, NULL));
}

static const char *result_candidate(const void *context, size_t i)
{
	const struct catalog_rule_kind_info *kind = context;
	return kind->results[i];
}

static bool result_check(const struct rule_check *rule, struct text result, const struct place *place)
{
	const char *const *words = rule->kind->results;
	if (!words)
		return catalog_named_check(rule->check, &rule->check->price_lists, result, "price list", place, "result");
	for (size_t i = 0; words[i]; i++)
		if (text_is(result, words[i]))
			return true;
	return catalog_problem(rule->check, place, "result", result, "'%.*s' is no result of %s%s", TEXT_ARG(result),
	                       rule->kind->name, text_did_you_mean(rule->check->arena, result, result_candidate, rule->kind));
}

/* What a question to this list does not have. */
static bool scope_check(const struct rule_check *rule, const struct catalog_rule *one, const struct place *place)
{
	bool has_to = text_present(one->to_product) || one->to_category || text_present(one->to_period) ||
	              text_present(one->to_price_list);
	bool good = true;
	if (has_to && !rule->kind->of_change)
		good = catalog_problem(rule->check, place, NULL, TEXT_NONE, "%s looks at one plan: name it by from_...",
		                       rule->kind->name);
	if (one->phase && !rule->kind->of_phase)
		good = catalog_problem(rule->check, place, "phase", TEXT_NONE, "%s is decided before there is a phase",
		                       rule->kind->name);
	return good;
}

static bool fields_check(const struct rule_check *rule, const struct catalog_rule *one, const struct place *place)
{
	const struct catalog_check *check = rule->check;
	const struct name_index *products = &check->products, *lists = &check->price_lists;
	bool good = scope_check(rule, one, place);
	good &= catalog_named_check(check, products, one->from_product, "product", place, "from_product");
	good &= catalog_named_check(check, products, one->to_product, "product", place, "to_product");
	good &= catalog_named_check(check, lists, one->from_price_list, "price list", place, "from_price_list");
	good &= catalog_named_check(check, lists, one->to_price_list, "price list", place, "to_price_list");
	good &= period_check(rule, one->from_period, place, "from_period");
	good &= period_check(rule, one->to_period, place, "to_period");
	return result_check(rule, one->result, place) && good;
}

/* ---- cases among each other ---- */

static bool same_conditions(const struct catalog_rule *a, const struct catalog_rule *b)
{
	return a->phase == b->phase && a->from_category == b->from_category && a->to_category == b->to_category &&
	       text_equals(a->from_product, b->from_product) && text_equals(a->from_period, b->from_period) &&
	       text_equals(a->from_price_list, b->from_price_list) && text_equals(a->to_product, b->to_product) &&
	       text_equals(a->to_period, b->to_period) && text_equals(a->to_price_list, b->to_price_list);
}

static bool repeated_check(const struct rule_check *rule, size_t i, const struct place *place)
{
	for (size_t k = 0; k < i; k++)
		if (same_conditions(&rule->cases[k], &rule->cases[i]))
			return catalog_problem(rule->check, place, NULL, TEXT_NONE,
			                       "the case is never reached: number %zu of %s has the same conditions", k + 1,
			                       rule->kind->name);
	return true;
}

static bool wildcard_check(const struct rule_check *rule, size_t count, const struct place *list)
{
	static const struct catalog_rule wildcard;
	for (size_t i = 0; i < count; i++)
		if (same_conditions(&rule->cases[i], &wildcard))
			return true;
	return catalog_problem(rule->check, list, NULL, TEXT_NONE,
	                       "%s needs a case without conditions, as its last: {\"result\": \"%s\"}", rule->kind->name,
	                       rule->kind->otherwise);
}

static bool kind_check(const struct catalog_check *check, const struct catalog_rules *rules, enum catalog_rule_kind kind,
                       const struct place *above)
{
	bool good = true;
	const struct record_list *cases = catalog_rules_list(rules, kind);
	struct rule_check rule = { check, &catalog_rule_kinds[kind], cases->items };
	struct place list = place_member(above, text_of(rule.kind->name));
	for (size_t i = 0; i < cases->count; i++) {
		struct place place = place_item(&list, i);
		good &= fields_check(&rule, &rule.cases[i], &place);
		good &= repeated_check(&rule, i, &place);
	}
	return (!rule.kind->needs_wildcard || wildcard_check(&rule, cases->count, &list)) && good;
}

bool catalog_rules_check(const struct catalog_check *check, const struct catalog_rules *rules, const struct place *place)
{
	bool good = true;
	for (int kind = 0; kind < CATALOG_RULE_KINDS; kind++)
		good &= kind_check(check, rules, (enum catalog_rule_kind)kind, place);
	return good;
}
