/* order_change.c: one order ends, another starts, and what was paid in advance is credited; all or nothing. */
#include "order.h"

#include "account.h"
#include "event/dispatch.h"
#include "order_change_credit.h"
#include "order_commands.h"

/* ------------------------------------------------------------------------------------------------ the old order */

/* From the change on it is served no more; days before it that are not yet on an invoice are still billed, except those
 * of a suspension. */
static bool supersede_subscription(struct command *command, const struct account *account,
                                   struct subscription *subscription, struct date change_date)
{
	struct date end = date_max(change_date, subscription->start_date);
	if (date_present(subscription->end_date))
		end = date_min(end, subscription->end_date);
	if (subscription->status == SUBSCRIPTION_STATUS_SUSPENDED) {
		end = date_max(subscription->start_date, date_min(end, command_today(command, account)));
		subscription->charged_through = date_max(subscription->charged_through, end);
	}
	subscription->end_date = end;
	subscription->status = SUBSCRIPTION_STATUS_SUPERSEDED;
	return subscription_save(command, subscription);
}

static bool supersede(struct command *command, const struct account *account, struct order *order,
                      struct subscription_list *subscriptions, struct date change_date)
{
	struct credit *credit;
	if (!order_change_credit(command, account, order, subscriptions, change_date, &credit))
		return false;
	for (size_t i = 0; i < subscriptions->count; i++)
		if (!supersede_subscription(command, account, &subscriptions->items[i], change_date))
			return false;
	order->status = ORDER_STATUS_SUPERSEDED;
	struct date end = date_max(change_date, order->start_date);
	order->end_date = date_present(order->end_date) ? date_min(order->end_date, end) : end;
	return order_save(command, order) && job_remove(command, "order.activate", order->id) &&
	       job_remove(command, "order.complete", order->id);
}

/* ------------------------------------------------------------------------------------------------ the new order */

/* Account and customer are the old order's; it starts with the change. */
static struct order_place *placing_input(struct command *command, const struct order_change *change,
                                         const struct order *old, struct date change_date)
{
	struct order_place *input = record_copy(&order_place_record, change->order, command->arena);
	input->account_id = old->account_id;
	input->customer_id = 0;
	input->customer_key = TEXT_NONE;
	if (!date_present(input->start_date))
		input->start_date = change_date;
	return input;
}

static bool announce(struct command *command, struct order *placed, const struct subscription_list *old)
{
	struct subscription_list made = { 0 };
	struct occurrence upgrade =
	        occurrence_of(EVENT_ORDER_UPGRADE, &order_record, placed, placed->id, placed->account_id);
	if (!subscriptions_of_order(command, placed->account_id, placed->id, &made))
		return false;
	upgrade.details.current_subscription = old->count ? &old->items[0] : NULL;
	upgrade.details.new_subscription = made.count ? &made.items[0] : NULL;
	return event_post(command, &upgrade);
}

/* ------------------------------------------------------------------------------------------------ the command */

static bool check_changeable(struct command *command, const struct order_change *change, const struct order *old)
{
	if (old->status != ORDER_STATUS_ACTIVE && old->status != ORDER_STATUS_PROVISIONING &&
	    old->status != ORDER_STATUS_SUSPENDED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/old_order_id", old->number,
		                     "Change an order that is active, provisioning or suspended.", "order %.*s is %s",
		                     TEXT_ARG(old->number), order_status_word(old->status));
	if (change->order->status == ORDER_PLACE_STATUS_DRAFT)
		return problem(command->problems, PROBLEM_INVALID_VALUE, "/order/status",
		               "a draft cannot replace an order");
	return true;
}

static struct date change_date_of(const struct command *command, const struct account *account,
                                  const struct order_change *change)
{
	if (date_present(change->change_date))
		return change->change_date;
	return date_present(change->order->start_date) ? change->order->start_date : command_today(command, account);
}

bool order_change_perform(struct command *command, const void *input, void **output)
{
	const struct order_change *change = input;
	struct subscription_list subscriptions = { 0 };
	struct order *old = order_need(command, change->old_order_id, "/old_order_id"), *placed = NULL;
	if (!old || !check_changeable(command, change, old))
		return false;
	struct account *account = account_need(command, old->account_id, "/account_id");
	if (!account || !subscriptions_of_order(command, old->account_id, old->id, &subscriptions))
		return false;
	struct date change_date = change_date_of(command, account, change);
	struct order_placing placing = { placing_input(command, change, old, change_date), old };
	if (!supersede(command, account, old, &subscriptions, change_date) || !order_place(command, &placing, &placed))
		return false;
	old->superseded_by_id = placed->id;
	*output = placed;
	return order_save(command, old) && announce(command, placed, &subscriptions);
}
