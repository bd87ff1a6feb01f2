/* order_subscription.c: the subscriptions that an order comes to. */
#include "order_subscription.h"

#include "provisioning.h"

static struct subscription *add(struct command *command, const struct order *order, struct plan *plan,
                                struct order_subscriptions *planned)
{
	planned->plans[planned->list.count] = plan;
	struct subscription *subscription = list_add(command->arena, &planned->list, struct subscription);
	subscription->account_id = order->account_id;
	subscription->order_id = order->id;
	subscription->plan = plan->code;
	subscription->plan_id = plan->id;
	subscription->currency = plan->currency;
	subscription->status =
	        order->status == ORDER_STATUS_PROVISIONING ? SUBSCRIPTION_STATUS_PENDING : SUBSCRIPTION_STATUS_ACTIVE;
	subscription->provisioning_status = provisioning_first_status(plan);
	subscription->start_date = subscription->charged_through = order->start_date;
	subscription->end_date = order->end_date;
	subscription->auto_renew = order->auto_renew;
	subscription->discounts.items = order->discounts.items;
	subscription->discounts.count = subscription->discounts.capacity = order->discounts.count;
	subscription->created_at = subscription->updated_at = command->now;
	return subscription;
}

static void set_charges(struct subscription *subscription, const struct subscription_charges *charges)
{
	subscription->charges.items = charges->items;
	subscription->charges.count = charges->count;
	subscription->charges.capacity = charges->capacity;
}

void order_subscriptions_plan(struct command *command, const struct order *order, const struct order_plans *plans,
                              struct order_subscriptions *planned)
{
	*planned = (struct order_subscriptions){ 0 };
	planned->plans = arena_new_many(command->arena, struct plan *, order->lines.count + 1);
	if (plans->has_main_lines) {
		struct subscription_charges charges = { 0 };
		subscription_charges_of_lines(command->arena, plans->plan, order->lines.items, order->lines.count, &charges);
		set_charges(add(command, order, plans->plan, planned), &charges);
	}
	for (size_t i = 0; i < order->lines.count; i++) {
		struct subscription_charges charges = { 0 };
		if (!plans->line_plans[i])
			continue;
		subscription_charges_whole(command->arena, plans->line_plans[i], &order->lines.items[i].quantity, &charges);
		set_charges(add(command, order, plans->line_plans[i], planned), &charges);
	}
}
