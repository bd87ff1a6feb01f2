/* order_change.h: one order takes the place of another. Private to billing/.
 *
 *     order.change: the new order is placed (order.create, order.upgrade) and, unless it is a draft, processed at once
 *     processing it: the old order is superseded, what was paid for and is not served any more becomes a credit
 *
 * Until then the old order is served as ever. Where that is a draft itself, there is nothing to end but what it would have
 * replaced in its turn.
 */
#ifndef MOONBILL_BILLING_ORDER_CHANGE_H
#define MOONBILL_BILLING_ORDER_CHANGE_H

#include "order_check.h"

/* order.upgrade of an order that was placed: with the first subscription of the one that it replaces, and its own as it
 * will be made. */
bool order_announce_upgrade(struct command *command, const struct order *order, const struct order_plans *plans);
/* Ends what `order` replaces. PROBLEM_WRONG_STATE when that has ended in the meantime. */
bool order_supersede(struct command *command, const struct account *account, const struct order *order);

#endif
