/* subscription_component.h: what subscriptions have of components.
 *
 *     subscription_component   one a component; quantity, used so far, price point, whether its events count
 *     allocation               each change of it, oldest first in a chain: previous_quantity is quantity of the one before
 *     component_charge         what an allocation costs: waiting --assessment--> invoiced; waiting --> withdrawn
 *
 * A subscription that has none is not marked in its row (components), and costs a billing run nothing. Components are of
 * subscriptions that were subscribed to directly. Terms: maxio.md 7.1, 7.3; docs/components.md.
 */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_COMPONENT_H
#define MOONBILL_BILLING_SUBSCRIPTION_COMPONENT_H

#include "component.h"

/* subscription_component.add, .reprice, .reset_prices, .activate, .deactivate */
extern const struct command_type subscription_component_commands[];

struct subscription_component_list {
	struct subscription_component *items;
	size_t count, capacity;
};
struct allocation_list {
	struct allocation *items;
	size_t count, capacity;
};
struct component_charge_list {
	struct component_charge *items;
	size_t count, capacity;
};

/* ---- reading ---- */
/* All that it has, oldest first. */
bool subscription_components(struct command *command, const struct subscription *subscription,
                             struct subscription_component_list *had);
/* What it has of one; *had = NULL: nothing, and never had. */
bool subscription_component_of(struct command *command, const struct subscription *subscription, int64_t component_id,
                               struct subscription_component **had);
/* Newest first; ids below before_id (0: all), at most `most`. */
bool allocation_page(struct command *command, const struct subscription_component *had, int64_t before_id, int64_t most,
                     struct allocation_list *allocations);
/* The same of what allocations cost; `status` is a component_charge_status, or 0. */
bool component_charge_page(struct command *command, const struct subscription *subscription, int status, int64_t before_id,
                           int64_t most, struct component_charge_list *charges);

/* ---- what inputs name ---- */
/* The component of this id, or of this handle; one of them is to be given. NULL with a problem at pointer/component_id or
 * pointer/component. */
struct component *component_named(struct command *command, int64_t id, struct text handle, const char *pointer);
/* What is said of a price: the members that the inputs have in common. */
struct price_wish {
	int64_t id;
	struct text handle;
	const struct custom_price *custom;
	const char *pointer; /* of the input */
};
#define PRICE_WISH_OF(input, at) \
	((struct price_wish){ (input)->price_point_id, (input)->price_point, (input)->custom_price, (at) })
/* The price point that is wished for; *point = NULL: nothing is said. A custom price makes one, which the subscription alone
 * can have. Refused: one of another component, an archived one unless it is `present` (0: none is), and one that says nothing of the
 * subscription's currency. */
bool price_wish_find(struct command *command, const struct subscription *subscription, const struct component *component,
                     const struct price_wish *wish, int64_t present, struct price_point **point);
/* The price in that currency; NULL: there is none. `overage`: of what no lot of a prepaid component held. */
struct price_terms *price_point_terms(const struct price_point *point, const struct currency *currency, bool overage);
/* Which of its prices in other currencies that is, from 0, so that a line can keep it; -1: its own currency's, or none. */
int64_t price_point_version(const struct price_point *point, const struct currency *currency);
/* What it said in that one; it must be of the currency. */
struct price_terms *price_point_terms_of(const struct price_point *point, const struct currency *currency, bool overage,
                                         int64_t version);

/* ---- for other performs ---- */
/* The subscription has the component from now on, in no quantity; `point` NULL: at its default price. An archived component is
 * refused at `pointer`. */
bool subscription_component_make(struct command *command, struct subscription *subscription, const struct component *component,
                                 const struct price_point *point, const char *pointer,
                                 struct subscription_component **made);
/* Writes the row with updated_at = now. */
bool subscription_component_save(struct command *command, struct subscription_component *had);
/* Those that a subscription begins with: its row is written, nothing is invoiced yet. Problems are told below `pointer`. */
struct component_choices {
	const struct component_choice *items;
	size_t count;
};
bool subscription_components_begin(struct command *command, struct subscription *subscription,
                                   const struct component_choices *choices, const char *pointer);
/* What one has, another has that goes on in its place: quantities and prices, not what was used. */
bool subscription_components_go_on(struct command *command, const struct subscription *from, struct subscription *to);
/* Is `quantity` one that a component of the kind can have: whole unless it is fractional, 1 or 0 of what is on or off? */
bool component_quantity_check(struct command *command, const struct component *component, struct decimal quantity,
                              const char *pointer);

#endif
