/* order_subscription.h: the subscriptions that an order comes to. Private to billing/.
 *
 * One for the lines that are charges of the order's plan, then one for each line with a plan of its own, in their order.
 * Nothing is stored and no id is taken: that is processing's.
 */
#ifndef MOONBILL_BILLING_ORDER_SUBSCRIPTION_H
#define MOONBILL_BILLING_ORDER_SUBSCRIPTION_H

#include "order_check.h"
#include "subscription.h"

struct order_subscriptions {
	struct subscription_list list;
	struct plan **plans; /* by subscription */
};

/* Of an order that was checked. */
void order_subscriptions_plan(struct command *command, const struct order *order, const struct order_plans *plans,
                              struct order_subscriptions *planned);

#endif
