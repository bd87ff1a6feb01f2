/* subscription_bundle.h: subscriptions that belong together: a base plan with its add-ons, or standalone ones.
 *
 * An add-on lives as long as its base plan and its place beside it: what ends the base plan, or changes it to one that
 * the add-on is not sold beside (or that comes with it), ends the add-on at the same moment.
 */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_BUNDLE_H
#define MOONBILL_BILLING_SUBSCRIPTION_BUNDLE_H

#include "object_filter.h"
#include "subscription.h"

struct subscription_bundle_list {
	struct subscription_bundle *items;
	size_t count, capacity;
};

/* ---- reading: NULL when there is none ---- */
bool subscription_bundle_find(struct command *command, int64_t id, struct subscription_bundle **bundle);
/* What the timeline of a subscription takes from its bundle. */
struct bundle_basis {
	struct instant start; /* where aligned phases are laid from; the subscription's own when there is no such bundle */
	bool may_be_blocked;  /* the account has blocking states, be it for others */
};
bool subscription_bundle_basis(struct command *command, const struct subscription *subscription, struct bundle_basis *basis);
/* The bundle, or NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct subscription_bundle *subscription_bundle_need(struct command *command, int64_t id, const char *pointer);
/* The one of the account with this external key that still has a subscription which has not ended. */
bool subscription_bundle_by_key(struct command *command, int64_t account_id, struct text external_key,
                                struct subscription_bundle **bundle);
/* Newest first, without their subscriptions. */
bool subscription_bundle_page(struct command *command, const struct object_filter *filter,
                              struct subscription_bundle_list *bundles);
/* Its subscriptions, oldest first. */
bool subscription_bundle_members(struct command *command, const struct subscription_bundle *bundle,
                                 struct subscription_list *members);
/* Of them the base plans, and those subscribed to `plan` (none: of no plan): what another one has to be looked at beside. */
bool subscription_bundle_beside(struct command *command, const struct subscription_bundle *bundle, struct text plan,
                                struct subscription_list *members);
/* The base plan beside which an add-on stands: the newest of its bundle. */
bool subscription_base_of(struct command *command, const struct subscription *add_on, struct subscription **base);

/* May the add-on product be bought beside the plan? It is named as available, and does not come with it. */
bool catalog_add_on_is_available(struct command *command, const struct catalog_plan *base, struct text add_on,
                                 bool *available);

/* ---- for other performs ---- */
/* A new bundle, of a new UUID when none is given; `start` is where phases aligned to it are laid from. */
struct subscription_bundle *subscription_bundle_make(struct command *command, const struct account *account, struct uuid uuid,
                                                     struct text external_key, struct instant start);

#endif
