/* catalog_rule.h: what a catalog's rules decide. Pure.
 *
 * Each list of rules is tried in order; the first case whose given fields all match decides, a field that is not given
 * matches anything. When none does the default of the list holds:
 *
 *     change_policy      end_of_term            cancel_policy      end_of_term
 *     change_alignment   start_of_bundle        create_alignment   start_of_bundle
 *     billing_alignment  account                price_list         the plan's own
 *
 * Lists about one plan look at `from` alone. Source: killbill.md b.1.
 */
#ifndef MOONBILL_BILLING_CATALOG_RULE_H
#define MOONBILL_BILLING_CATALOG_RULE_H

#include "base/problem.h"
#include "records.gen.h"
#include "value/calendar.h"
#include "value/record.h"

/* Terms by which a plan is sold. TEXT_NONE, 0: not known, which only a wildcard matches. */
struct catalog_terms {
	struct text product;
	enum product_category category;
	enum billing_period period; /* NONE: nothing recurs */
	struct text price_list;
};

/* As rules write it: billing_period_name, "none" when nothing recurs. */
const char *catalog_period_name(enum billing_period period);

struct catalog_query {
	struct catalog_terms from, to; /* `to`: of changes only */
	enum phase_kind phase;         /* that `from` is in */
};

enum catalog_rule_kind {
	CATALOG_RULE_CHANGE_POLICY,
	CATALOG_RULE_CHANGE_ALIGNMENT,
	CATALOG_RULE_CANCEL_POLICY,
	CATALOG_RULE_CREATE_ALIGNMENT,
	CATALOG_RULE_BILLING_ALIGNMENT,
	CATALOG_RULE_PRICE_LIST,
	CATALOG_RULE_KINDS,
};

/* What the validation and the rules know of a list. */
struct catalog_rule_kind_info {
	const char *name;           /* of the member of catalog_rules */
	const char *const *results; /* words, ends with NULL; NULL: names of price lists */
	const char *otherwise;      /* result when no case matches; NULL: the plan's own */
	bool of_change;             /* may name `to` */
	bool of_phase;              /* may name a phase */
	bool needs_wildcard;        /* its cases must end in one that matches anything */
	size_t offset;              /* of the list in struct catalog_rules */
};
extern const struct catalog_rule_kind_info catalog_rule_kinds[CATALOG_RULE_KINDS];

/* The cases of a list: struct catalog_rule items. */
const struct record_list *catalog_rules_list(const struct catalog_rules *rules, enum catalog_rule_kind kind);
/* The first case that matches, or NULL. */
const struct catalog_rule *catalog_rule_match(const struct catalog_rule *cases, size_t count,
                                              const struct catalog_query *query);
/* The result's word, TEXT_NONE for price lists that no case decides. `rules` may be NULL. */
struct text catalog_rules_decide(const struct catalog_rules *rules, enum catalog_rule_kind kind,
                                 const struct catalog_query *query);

/* ---- the same with types ---- */
enum catalog_policy {
	CATALOG_POLICY_IMMEDIATE = 1,
	CATALOG_POLICY_END_OF_TERM,
	CATALOG_POLICY_START_OF_TERM,
	CATALOG_POLICY_ILLEGAL,
};
enum catalog_policy catalog_change_policy(const struct catalog_rules *rules, const struct catalog_query *query);
enum catalog_policy catalog_cancel_policy(const struct catalog_rules *rules, const struct catalog_query *query);
enum subscription_event_alignment catalog_change_alignment(const struct catalog_rules *rules,
                                                           const struct catalog_query *query);
enum subscription_event_alignment catalog_create_alignment(const struct catalog_rules *rules,
                                                           const struct catalog_query *query);
enum subscription_event_billing_alignment catalog_billing_alignment(const struct catalog_rules *rules,
                                                                    const struct catalog_query *query);

/* A change of plan as a whole: the price list it leads to (asked for, by rule, or the present one), then policy and
 * alignment for it. */
struct catalog_change {
	struct text price_list;
	enum catalog_policy policy;
	enum subscription_event_alignment alignment;
};
struct catalog_change catalog_change_decide(const struct catalog_rules *rules, const struct catalog_query *query);

#endif
