/* catalog_plan.h: plans of catalog versions, as subscriptions ask for them.
 *
 * A tenant's catalog has versions; one is in force from its effective instant until the next begins. A plan is named by
 * its code, or by product, billing period and price list; either way within the version in force at an instant. A plan
 * whose prices were overridden for one subscription is a row of its own that no code finds: only its id does.
 * The flat plans that orders sell are others: catalog.h.
 */
#ifndef MOONBILL_BILLING_CATALOG_PLAN_H
#define MOONBILL_BILLING_CATALOG_PLAN_H

#include "event/command.h"

#define CATALOG_DEFAULT_PRICE_LIST "DEFAULT"

struct catalog_plan_list {
	struct catalog_plan *items;
	size_t count, capacity;
};

/* ---- versions; NULL when there is none ---- */
bool catalog_version_find(struct command *command, int64_t id, struct catalog_version **version);
/* The one in force at `at`. Before the first version it is the first: what begins earlier is sold by its terms. */
bool catalog_version_at(struct command *command, struct instant at, struct catalog_version **version);
/* NULL when the version has no such product. */
const struct product *catalog_version_product(const struct catalog_version *version, struct text name);

/* ---- plans; NULL when there is none ---- */
bool catalog_plan_find(struct command *command, int64_t id, struct catalog_plan **plan);
bool catalog_plan_in_version(struct command *command, struct text code, int64_t version_id, struct catalog_plan **plan);
bool catalog_plan_by_code(struct command *command, struct text code, struct instant at, struct catalog_plan **plan);
/* The plan, or NULL and PROBLEM_UNKNOWN_PLAN at `pointer` with the nearest code. */
struct catalog_plan *catalog_plan_need(struct command *command, struct text code, struct instant at, const char *pointer);
/* The first plan of the price list (none: DEFAULT) that sells the product at that period in its last phase; when it has
 * none, that of DEFAULT. */
bool catalog_plan_of_product(struct command *command, struct text product, enum billing_period period,
                             struct text price_list, struct instant at, struct catalog_plan **plan);
/* The plan of this code in every version that has it, by effective_at: for what existing subscriptions move to. The
 * version's effective_at follows from its version_id. */
bool catalog_plan_versions(struct command *command, struct text code, struct catalog_plan_list *plans);
/* Those of them that subscriptions of earlier versions follow by themselves (existing_from). */
bool catalog_plan_followed(struct command *command, struct text code, struct catalog_plan_list *plans);
/* A plan of its own with these prices (currency: the subscription's), named after its parent with a number; `plan` itself
 * when there is nothing to override. Pointers of problems begin with `pointer`. */
bool catalog_plan_override(struct command *command, struct catalog_plan *plan, const struct price_override *overrides,
                           size_t count, const struct currency *currency, const char *pointer,
                           struct catalog_plan **made);

/* ---- inside a plan; pure ---- */
const struct phase *catalog_plan_phase(const struct catalog_plan *plan, enum phase_kind kind); /* NULL: none of that kind */
/* The phase that catalog_phase_name calls so; NULL: none. */
const struct phase *catalog_plan_phase_named(const struct catalog_plan *plan, struct text name);
/* How often its last phase recurs; NONE when nothing does. */
enum billing_period catalog_plan_period(const struct catalog_plan *plan);
/* "CODE-evergreen" */
struct text catalog_phase_name(struct arena *arena, const struct catalog_plan *plan, const struct phase *phase);
/* Of a list of prices; false when it has none in this currency. */
bool catalog_price_in(const struct price *prices, size_t count, const struct currency *currency, struct decimal *amount);
/* How long the phase lasts; none: unlimited. */
struct duration catalog_phase_length(const struct phase *phase);
/* The price list that sells the plan; DEFAULT when several do and it is one of them. TEXT_NONE: no list names it. */
struct text catalog_plan_price_list(const struct catalog_plan *plan);

#endif
