/* component.h: what subscriptions have in quantities of their own, and the prices it is sold at.
 *
 *     component    active --component.archive--> archived                         (nobody can have it anew)
 *     price_point  active --price_point.archive--> archived --unarchive--> active (the default one cannot be archived)
 *
 * What a price point says never changes once it is made, so that what was billed by it can be explained; a component's
 * default price point does, and whoever has another one keeps it. Prices in further currencies may be added to it; one that is
 * said anew holds from then on, and the one before is kept with the moment at which it was replaced. Prices by values of
 * events' properties: price_segment.h. Terms: maxio.md 7.1 to 7.3.
 */
#ifndef MOONBILL_BILLING_COMPONENT_H
#define MOONBILL_BILLING_COMPONENT_H

#include "event/command.h"
#include "object_filter.h"

/* component.create, .update, .archive */
extern const struct command_type component_commands[];
/* price_point.create, .update, .add_currency, .archive, .unarchive, .quote */
extern const struct command_type price_point_commands[];

struct component_list {
	struct component *items;
	size_t count, capacity;
};
struct price_point_list {
	struct price_point *items;
	size_t count, capacity;
};
/* Newest first. Of the filter status, before_id and max count. */
bool component_page(struct command *command, const struct object_filter *filter, struct component_list *components);
/* *component = NULL when there is none. */
bool component_by_handle(struct command *command, struct text handle, struct component **component);
/* NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct component *component_need(struct command *command, int64_t id, const char *pointer);
struct price_point *price_point_need(struct command *command, int64_t id, const char *pointer);
/* Of a component, oldest first. */
bool price_points_of_component(struct command *command, int64_t component_id, struct price_point_list *points);

/* Pure: lower case letters, digits and . : - _, the first a letter or digit; else a problem at `pointer`. */
bool handle_check(struct text handle, const char *pointer, struct problems *problems);

/* What component.create, price_point.create and a custom price have in common. */
#define PRICE_POINT_TERMS_OF(input)                                                                                        \
	.currency = (input)->currency, PRICE_POINT_PRICES_OF(input)
#define PRICE_POINT_PRICES_OF(input)                                                                                       \
	.price = (input)->price, .overage_price = (input)->overage_price,                                                  \
	.has_tax_included = (input)->has_tax_included, .tax_included = (input)->tax_included,                              \
	.has_renew_prepaid = (input)->has_renew_prepaid, .renew_prepaid = (input)->renew_prepaid,                          \
	.has_rollover_prepaid = (input)->has_rollover_prepaid, .rollover_prepaid = (input)->rollover_prepaid,              \
	.has_expires_after = (input)->has_expires_after, .expires_after = (input)->expires_after,                          \
	.expires_unit = (enum price_point_expires_unit)(input)->expires_unit
/* Of a component, by its handle; *point = NULL: none. What one subscription alone can have is not found so. */
bool price_point_by_handle(struct command *command, int64_t component_id, struct text handle, struct price_point **point);
struct price_segment_wishes;
/* Makes a price point of a component that is there or in the making, and its prices by values; what it says is checked below
 * `pointer`. */
bool price_point_make(struct command *command, const struct component *component, struct price_point *point,
                      const struct price_segment_wishes *segments, const char *pointer);

/* Does what a price says go with the kind of the component and its metric? Problems are below `pointer`. */
bool component_terms_check(struct command *command, const struct component *component, const struct price_terms *terms,
                           const char *pointer);
/* Pure: the one of a currency that holds; NULL: none. */
const struct currency_price *currency_price_holding(const struct currency_price *prices, size_t count,
                                                    const struct currency *currency);

bool price_point_quote_perform(struct command *command, const void *input, void **output);

#endif
