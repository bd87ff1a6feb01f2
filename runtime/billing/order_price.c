/* order_price.c: what an order says that it comes to: the total of the invoice that it would begin with. */
#include "order_price.h"

#include "billing_run.h"
#include "coupon_use.h"
#include "order_subscription.h"

bool order_price(struct command *command, const struct order_pricing *pricing)
{
	struct order *order = pricing->order;
	struct order_subscriptions planned;
	struct coupon_uses coupons = { 0 };
	order_subscriptions_plan(command, order, pricing->plans, &planned);
	return coupon_uses_of(command, pricing->account, order->start_date, &coupons) &&
	       coupon_uses_add_order(command, pricing->account, order, pricing->replaced, pricing->coupon, &coupons) &&
	       billing_price_subscriptions(command, pricing->account, &planned.list, &coupons, pricing->forecast, &order->total);
}
