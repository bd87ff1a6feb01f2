/* usage_meter.h: which subscription a usage item means, by the names it gives and the moment it occurred. */
#ifndef MOONBILL_BILLING_USAGE_METER_H
#define MOONBILL_BILLING_USAGE_METER_H

#include "subscription.h"

/* A subscription whose plan has the item's price code. */
struct usage_meter {
	struct subscription subscription;
	enum charge_kind kind; /* of the charge; only usage can be recorded */
};

/* What an item names. */
struct usage_site {
	const struct usage_record *input;
	const struct account *account;
	const struct order *order;               /* NULL: not named */
	const struct subscription *subscription; /* NULL: not named */
	struct { struct usage_meter *items; size_t count, capacity; } meters;
};

/* Finds account, order and subscription, which must belong together; problems point into the item. `before` may be
 * NULL: the site of an item before, used again when this one names the same. */
bool usage_site_find(struct command *command, const struct usage_record *input, const struct usage_site *before,
                     struct usage_site *site);
/* The one subscription of the site that was served at that moment, or NULL and a problem. */
const struct subscription *usage_site_choose(struct command *command, const struct usage_site *site, struct instant at);

#endif
