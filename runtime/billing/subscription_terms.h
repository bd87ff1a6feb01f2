/* subscription_terms.h: the plan that a creation or change asks for, and what the catalog's rules make of it. */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_TERMS_H
#define MOONBILL_BILLING_SUBSCRIPTION_TERMS_H

#include "catalog_plan.h"
#include "catalog_rule.h"
#include "event/command.h"

/* A plan by its code, or by what it sells. */
struct plan_wish {
	struct text plan, product, price_list;
	bool list_by_rule;          /* nobody asked for that price list: it need not exist */
	enum billing_period period; /* with product; NONE: nothing recurs */
	enum phase_kind phase;      /* to be in; none: by alignment */
	const struct price_override *overrides;
	size_t override_count;
};
/* The wish of an input that names a plan (subscription_subscribe, subscription_change_plan). */
#define PLAN_WISH_OF(input)                                                                          \
	((struct plan_wish){                                                                         \
		.plan = (input)->plan,                                                               \
		.product = (input)->product,                                                         \
		.price_list = (input)->price_list,                                                   \
		.period = (enum billing_period)(input)->billing_period,                              \
		.phase = (enum phase_kind)(input)->phase,                                            \
		.overrides = (input)->price_overrides.items,                                         \
		.override_count = (input)->price_overrides.count,                                    \
	})
struct plan_found {
	struct catalog_plan *plan;   /* with its overridden prices a plan of its own */
	struct catalog_plan *parent; /* as the catalog sells it */
	const struct catalog_rules *rules; /* of its version; NULL: none */
};

/* Of the version in force at an instant; a problem when there is none, the price list is unknown, it has no such phase, or
 * one that it is to be in has no price in the account's currency. */
bool plan_wish_find(struct command *command, const struct account *account, const struct plan_wish *wish,
                    struct instant at, struct plan_found *found);
/* In the account's currency, of the phase `from` (none, or one it has not: the first) and those after it; else a problem. */
bool plan_has_prices(struct command *command, const struct account *account, const struct catalog_plan *plan,
                     enum phase_kind from, const char *pointer);
/* What rules are asked of a plan. */
struct catalog_terms plan_terms(const struct catalog_plan *plan);

#endif
