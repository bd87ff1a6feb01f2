/* order_total.h: what an order says that it comes to.
 *
 * Whole periods of what recurs and what is charged once, less the order's discounts, and its percentage charges on what is
 * left. Neither days nor rules count, so it is the same whenever the order is looked at; what is invoiced is order.quote's
 * to say. Pure; rounded half up once.
 */
#ifndef MOONBILL_BILLING_ORDER_TOTAL_H
#define MOONBILL_BILLING_ORDER_TOTAL_H

#include "order_check.h"

/* Of an order that was checked; PROBLEM_OVERFLOW when it is more than money can hold. */
bool order_set_total(struct command *command, struct order *order, const struct order_plans *plans);

#endif
