/* order_change_credit.h: what was charged for a subscription and will not be served, when its order is replaced.
 *
 * Taken from the lines that were invoiced, not from the catalog: of each recurring line the share of its days from the
 * change on (by the proration policy with reason "credit", of the whole price that the line's decision kept; a charge
 * that is not prorated is credited only for whole unserved lines), less the same share of discounts, plus the same
 * share of percentage charges. Lines of cancelled invoices count for nothing. The sum is exact and becomes cents once.
 */
#ifndef MOONBILL_BILLING_ORDER_CHANGE_CREDIT_H
#define MOONBILL_BILLING_ORDER_CHANGE_CREDIT_H

#include "credit.h"
#include "subscription.h"

/* Makes one credit for all subscriptions of the order; *credit = NULL when nothing was paid in advance. */
bool order_change_credit(struct command *command, const struct account *account, const struct order *order,
                         const struct subscription_list *subscriptions, struct date change_date,
                         struct credit **credit);

#endif
