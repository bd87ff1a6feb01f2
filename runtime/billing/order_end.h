/* order_end.h: an order ends with its subscriptions, each of which may have an end of its own; for the files of orders. */
#ifndef MOONBILL_BILLING_ORDER_END_H
#define MOONBILL_BILLING_ORDER_END_H

#include "order.h"

/* The end date of what has become final: today, unless it was earlier; nothing is planned for it any more. Not saved. */
bool order_end(struct command *command, const struct account *account, struct order *order);
/* The act of the job order.complete: what ends by today is complete, and the order with its last subscription. */
bool order_end_due(struct command *command, struct order *order);

#endif
