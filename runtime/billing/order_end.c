/* order_end.c: an order ends with its subscriptions, each of which may have an end of its own. */
#include "order_end.h"

#include "account.h"
#include "billing_run.h"
#include "subscription.h"

/* What is left of an order that comes to an end. */
struct remains {
	struct subscription_list due; /* end by today */
	struct date next, last;       /* the first and the last end after that; none: there is none */
	bool open;                    /* one has no end */
	bool lasting;                 /* one goes on when its period expires, by its service terms */
};

/* One without an end ends with the order. */
static bool remains_read(struct command *command, const struct account *account, const struct order *order,
                         struct remains *remains)
{
	struct subscription_list all = { 0 };
	struct date today = command_today(command, account);
	*remains = (struct remains){ 0 };
	if (!subscriptions_of_order(command, order->account_id, order->id, &all))
		return false;
	for (size_t i = 0; i < all.count; i++) {
		const struct subscription *subscription = &all.items[i];
		struct date end = date_present(subscription->end_date) ? subscription->end_date : order->end_date;
		if (subscription_is_final(subscription->status))
			continue;
		if (!date_present(end)) {
			remains->open = true;
		} else if (subscription->expires_at.us) {
			remains->lasting = true;
			remains->last = date_max(remains->last, end);
		} else if (date_compare(end, today) <= 0) {
			*list_add(command->arena, &remains->due, struct subscription) = *subscription;
		} else {
			remains->next = date_min(remains->next, end);
			remains->last = date_max(remains->last, end);
		}
	}
	return true;
}

static bool plan_end(struct command *command, const struct account *account, const struct order *order,
                     struct date date)
{
	return job_move(command, "order.complete", order->account_id, order->id,
	                timezone_start_of_date(command_zone(command, account), date));
}

bool order_end_due(struct command *command, struct order *order)
{
	struct account *account = account_need(command, order->account_id, "/account_id");
	struct remains remains;
	if (!account || !remains_read(command, account, order, &remains))
		return false;
	if (!remains.open && !remains.lasting && !date_present(remains.next))
		return order_change_status(command, order, ORDER_STATUS_COMPLETE, TEXT("end date"));
	for (size_t i = 0; i < remains.due.count; i++)
		if (!subscription_change_status(command, account, &remains.due.items[i], SUBSCRIPTION_STATUS_COMPLETE,
		                                TEXT("end date")))
			return false;
	return (!date_present(remains.next) || plan_end(command, account, order, remains.next)) &&
	       billing_run_schedule(command, account->id);
}

bool order_follow_end(struct command *command, const struct account *account, int64_t id)
{
	struct order *order = order_need(command, id, "/order_id");
	struct remains remains;
	if (!order || order_is_final(order) || !remains_read(command, account, order, &remains))
		return order && order_is_final(order);
	struct date next = remains.due.count ? command_today(command, account) : remains.next;
	if (!date_present(next) && !remains.lasting)
		return true;
	if (!remains.open && date_present(remains.last) && date_present(order->end_date) &&
	    date_compare(order->end_date, remains.last) != 0) {
		order->end_date = remains.last;
		if (!order_save(command, order))
			return false;
	}
	return !date_present(next) || plan_end(command, account, order, next);
}

bool order_close_when_ended(struct command *command, const struct account *account, int64_t id)
{
	struct order *order = order_need(command, id, "/order_id");
	struct subscription_list all = { 0 };
	if (!order || order_is_final(order))
		return order != NULL;
	if (!subscriptions_of_order(command, order->account_id, order->id, &all))
		return false;
	for (size_t i = 0; i < all.count; i++)
		if (!subscription_is_final(all.items[i].status))
			return true;
	order->status = ORDER_STATUS_CANCELED;
	return order_end(command, account, order) && order_save(command, order) &&
	       job_remove(command, "order.activate", order->id);
}
