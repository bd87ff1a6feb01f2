/* catalog_rule.c: what a catalog's rules decide. */
#include "catalog_rule.h"

#include <stddef.h>

/* Words of a query are numbered alike wherever they stand. */
_Static_assert((int)CATALOG_RULE_PHASE_EVERGREEN == (int)PHASE_KIND_EVERGREEN, "phases");
_Static_assert((int)CATALOG_RULE_FROM_CATEGORY_STANDALONE == (int)PRODUCT_CATEGORY_STANDALONE, "categories");

static const char *const policy_words[] = { "immediate", "end_of_term", "start_of_term", "illegal", NULL };
static const char *const change_alignment_words[] = { "start_of_bundle", "start_of_subscription", "change_of_plan", NULL };
static const char *const create_alignment_words[] = { "start_of_bundle", "start_of_subscription", NULL };
static const char *const billing_alignment_words[] = { "account", "bundle", "subscription", NULL };

const struct catalog_rule_kind_info catalog_rule_kinds[CATALOG_RULE_KINDS] = {
	[CATALOG_RULE_CHANGE_POLICY] = {
		.name = "change_policy", .results = policy_words, .otherwise = "end_of_term", .of_change = true, .of_phase = true,
		.needs_wildcard = true, .offset = offsetof(struct catalog_rules, change_policy),
	},
	[CATALOG_RULE_CHANGE_ALIGNMENT] = {
		.name = "change_alignment", .results = change_alignment_words, .otherwise = "start_of_bundle", .of_change = true, .of_phase = true,
		.offset = offsetof(struct catalog_rules, change_alignment),
	},
	[CATALOG_RULE_CANCEL_POLICY] = {
		.name = "cancel_policy", .results = policy_words, .otherwise = "end_of_term", .of_phase = true, .needs_wildcard = true,
		.offset = offsetof(struct catalog_rules, cancel_policy),
	},
	[CATALOG_RULE_CREATE_ALIGNMENT] = {
		.name = "create_alignment", .results = create_alignment_words, .otherwise = "start_of_bundle",
		.offset = offsetof(struct catalog_rules, create_alignment),
	},
	[CATALOG_RULE_BILLING_ALIGNMENT] = {
		.name = "billing_alignment", .results = billing_alignment_words, .otherwise = "account", .of_phase = true,
		.offset = offsetof(struct catalog_rules, billing_alignment),
	},
	[CATALOG_RULE_PRICE_LIST] = {
		.name = "price_list", .offset = offsetof(struct catalog_rules, price_list),
	},
};

/* ---- one case ---- */

static bool text_fits(struct text wanted, struct text found)
{
	return !text_present(wanted) || text_equals(wanted, found);
}

const char *catalog_period_name(enum billing_period period)
{
	return period == BILLING_PERIOD_NONE ? "none" : billing_period_name(period);
}

static bool period_fits(struct text wanted, enum billing_period found)
{
	return !text_present(wanted) || text_is(wanted, catalog_period_name(found));
}

static bool terms_fit(struct text product, unsigned category, struct text period, struct text price_list,
                      const struct catalog_terms *found)
{
	return text_fits(product, found->product) && (!category || category == found->category) &&
	       period_fits(period, found->period) && text_fits(price_list, found->price_list);
}

static bool case_matches(const struct catalog_rule *rule, const struct catalog_query *query)
{
	return (!rule->phase || (unsigned)rule->phase == query->phase) &&
	       terms_fit(rule->from_product, rule->from_category, rule->from_period, rule->from_price_list, &query->from) &&
	       terms_fit(rule->to_product, rule->to_category, rule->to_period, rule->to_price_list, &query->to);
}

/* ---- lists ---- */

const struct catalog_rule *catalog_rule_match(const struct catalog_rule *cases, size_t count,
                                              const struct catalog_query *query)
{
	for (size_t i = 0; i < count; i++)
		if (case_matches(&cases[i], query))
			return &cases[i];
	return NULL;
}

const struct record_list *catalog_rules_list(const struct catalog_rules *rules, enum catalog_rule_kind kind)
{
	return (const struct record_list *)(const void *)((const char *)rules + catalog_rule_kinds[kind].offset);
}

struct text catalog_rules_decide(const struct catalog_rules *rules, enum catalog_rule_kind kind,
                                 const struct catalog_query *query)
{
	const struct catalog_rule *rule = NULL;
	if (rules) {
		const struct record_list *cases = catalog_rules_list(rules, kind);
		rule = catalog_rule_match(cases->items, cases->count, query);
	}
	return rule ? rule->result : text_of(catalog_rule_kinds[kind].otherwise);
}

/* ---- with types ---- */

/* Number of the word a list decides, from 1: results have been checked when the catalog was read. */
static unsigned decide_word(const struct catalog_rules *rules, enum catalog_rule_kind kind, const struct catalog_query *query)
{
	struct text result = catalog_rules_decide(rules, kind, query);
	const char *const *words = catalog_rule_kinds[kind].results;
	for (unsigned i = 0; words[i]; i++)
		if (text_is(result, words[i]))
			return i + 1;
	BUG("a rule of %s decides '%.*s'", catalog_rule_kinds[kind].name, TEXT_ARG(result));
}

enum catalog_policy catalog_change_policy(const struct catalog_rules *rules, const struct catalog_query *query)
{
	return (enum catalog_policy)decide_word(rules, CATALOG_RULE_CHANGE_POLICY, query);
}

enum catalog_policy catalog_cancel_policy(const struct catalog_rules *rules, const struct catalog_query *query)
{
	return (enum catalog_policy)decide_word(rules, CATALOG_RULE_CANCEL_POLICY, query);
}

enum subscription_event_alignment catalog_change_alignment(const struct catalog_rules *rules,
                                                           const struct catalog_query *query)
{
	return (enum subscription_event_alignment)decide_word(rules, CATALOG_RULE_CHANGE_ALIGNMENT, query);
}

enum subscription_event_alignment catalog_create_alignment(const struct catalog_rules *rules,
                                                           const struct catalog_query *query)
{
	return (enum subscription_event_alignment)decide_word(rules, CATALOG_RULE_CREATE_ALIGNMENT, query);
}

enum subscription_event_billing_alignment catalog_billing_alignment(const struct catalog_rules *rules,
                                                                    const struct catalog_query *query)
{
	return (enum subscription_event_billing_alignment)decide_word(rules, CATALOG_RULE_BILLING_ALIGNMENT, query);
}

struct catalog_change catalog_change_decide(const struct catalog_rules *rules, const struct catalog_query *asked)
{
	struct catalog_query query = *asked;
	if (!text_present(query.to.price_list))
		query.to.price_list = catalog_rules_decide(rules, CATALOG_RULE_PRICE_LIST, &query);
	if (!text_present(query.to.price_list))
		query.to.price_list = query.from.price_list;
	return (struct catalog_change){
		.price_list = query.to.price_list,
		.policy = catalog_change_policy(rules, &query),
		.alignment = catalog_change_alignment(rules, &query),
	};
}
