/* order_price.h: what an order says that it comes to: the total of the invoice that it would begin with. Private to billing/.
 *
 * By the calculation that makes that invoice, so days, discounts, coupons, taxes and rules count; credits of the account do
 * not: they pay. Nothing is stored. Policies are asked, so a caller prices no more often than the order changes.
 */
#ifndef MOONBILL_BILLING_ORDER_PRICE_H
#define MOONBILL_BILLING_ORDER_PRICE_H

#include "invoice_forecast.h"
#include "order_check.h"

/* An order that was checked, and what it is placed with. */
struct order_pricing {
	struct account *account;
	struct order *order;
	const struct order_plans *plans;
	const struct order *replaced; /* whose coupons go on for it; NULL: none, or they are its own by now */
	struct text coupon;           /* that is not redeemed yet; may be none */
	struct invoice_forecast *forecast; /* out: for its invoice */
};

/* Sets order->total, and *forecast. */
bool order_price(struct command *command, const struct order_pricing *pricing);

#endif
