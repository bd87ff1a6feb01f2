/* catalog.h: plans and their charges.
 *
 * Command plan.create makes a plan; bundles bring theirs through plan_put. A plan in use may be changed by a
 * later bundle: subscriptions keep their charges by price code and bill the new prices from their next period.
 */
#ifndef MOONBILL_BILLING_CATALOG_H
#define MOONBILL_BILLING_CATALOG_H

#include "event/command.h"
#include "page.h"

extern const struct command_type catalog_commands[];

/* *plan = NULL when there is none. */
bool plan_find(struct command *command, int64_t id, struct plan **plan);
bool plan_by_code(struct command *command, struct text code, struct plan **plan);
/* The plan, or NULL and PROBLEM_UNKNOWN_PLAN at `pointer` with the nearest code. */
struct plan *plan_need(struct command *command, struct text code, const char *pointer);
struct plan_list {
	struct plan *items;
	size_t count, capacity;
};
bool plan_page(struct command *command, struct page_query page, struct plan_list *plans);

/* NULL when the plan has no such charge. */
const struct charge *plan_charge(const struct plan *plan, struct text price_code);
/* The charge, or NULL and PROBLEM_UNKNOWN_CHARGE at `pointer` with the nearest price code. */
const struct charge *plan_charge_need(const struct plan *plan, struct text price_code, const char *pointer,
                                      struct arena *arena, struct problems *problems);
/* Does a percentage charge apply to this charge? Without targets: to all that are not percentages. */
bool charge_has_target(const struct charge *percentage, const struct charge *charge);
/* The rule that the plan names for a kind of policy ("proration"), or none. */
struct text plan_policy(const struct plan *plan, const char *policy);

/* Makes the plan, or changes the one of this code; `bundle` is the digest that brings it, none for the API. */
bool plan_put(struct command *command, const struct plan_create *input, struct text bundle, struct plan **plan);

#endif
