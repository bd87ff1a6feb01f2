/* item_change.h: what the proration policy is asked about a part of a billed or proposed item. Pure. */
#ifndef MOONBILL_BILLING_ITEM_CHANGE_H
#define MOONBILL_BILLING_ITEM_CHANGE_H

#include "billing_event.h"

/* For a hook that prorates (propose.h): [start, end) of item->whole at item->rate. `fixed_days`: what every month counts
 * (setting billing.fixed_days_in_month), 0 = its days. False when the whole has no days or the rate is too large. */
bool item_change_of_part(const struct billing_item *item, int fixed_days, const struct currency *currency,
                         struct proration_change *change);
/* For a hook that repairs: [start, end) of `repair` of what `original` was billed for, seen as the part of original->whole
 * that it is: a rule that charges days right gives them back right. Months count fixed_days only within an item of at most
 * a month. */
bool item_change_of_repair(const struct billing_item *original, const struct billing_item *repair, int fixed_days,
                           struct proration_change *change);

#endif
