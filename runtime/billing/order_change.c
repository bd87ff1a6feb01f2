/* order_change.c: one order takes the place of another, and what was paid in advance is credited; all or nothing. */
#include "order_change.h"

#include "account.h"
#include "coupon.h"
#include "event/dispatch.h"
#include "order.h"
#include "order_change_credit.h"
#include "order_commands.h"
#include "order_subscription.h"
#include "renewal_cancel.h"

/* ------------------------------------------------------------------------------------------------ the old order */

/* From the change on it is served no more; days before it that are not yet on an invoice are still billed, except those
 * of a suspension. */
static bool supersede_subscription(struct command *command, const struct account *account,
                                   struct subscription *subscription, struct date change_date)
{
	if (subscription_is_final(subscription->status))
		return true;
	struct date end = date_max(change_date, subscription->start_date);
	if (date_present(subscription->end_date))
		end = date_min(end, subscription->end_date);
	if (subscription->status == SUBSCRIPTION_STATUS_SUSPENDED) {
		end = date_max(subscription->start_date, date_min(end, command_today(command, account)));
		subscription->charged_through = date_max(subscription->charged_through, end);
	}
	subscription->end_date = end;
	return subscription_change_status(command, account, subscription, SUBSCRIPTION_STATUS_SUPERSEDED, TEXT("upgrade")) &&
	       (subscription->status == SUBSCRIPTION_STATUS_SUPERSEDED ||
	        problem_value(command->problems, PROBLEM_WRONG_STATE, "/new_status",
	                      text_of(subscription_status_word(subscription->status)), "Reject the order instead.",
	                      "a rule gave subscription %lld, which is replaced, another status", (long long)subscription->id));
}

static bool supersede_subscriptions(struct command *command, const struct account *account, struct order *old,
                                    struct date change_date)
{
	struct subscription_list subscriptions = { 0 };
	struct credit *credit;
	if (!subscriptions_of_order(command, old->account_id, old->id, &subscriptions))
		return false;
	/* What a renewal charges that nobody has paid is not owed, so that nothing is credited for it. */
	for (size_t i = 0; i < subscriptions.count; i++)
		if (!renewal_give_up(command, account, &subscriptions.items[i]))
			return false;
	if (!order_change_credit(command, account, old, &subscriptions, change_date, &credit))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++)
		if (!supersede_subscription(command, account, &subscriptions.items[i], change_date))
			return false;
	struct date end = date_max(change_date, old->start_date);
	old->end_date = date_present(old->end_date) ? date_min(old->end_date, end) : end;
	return job_remove(command, "order.activate", old->id) && job_remove(command, "order.complete", old->id);
}

static bool check_changeable(struct command *command, const struct order *old, const char *pointer)
{
	return !order_is_final(old) ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, pointer, old->number,
	                     "Change an order that has not ended, or place a new one.", "order %.*s is %s",
	                     TEXT_ARG(old->number), order_status_word(old->status));
}

bool order_supersede(struct command *command, const struct account *account, const struct order *order)
{
	struct order *old = order_need(command, order->supersedes_id, "/id");
	if (!old)
		return false;
	for (struct order *below; old; old = below) {
		if (!check_changeable(command, old, "/id") || !coupon_redemptions_follow(command, old, order) ||
		    !order_replaced_below(command, old, &below) ||
		    (old->status != ORDER_STATUS_DRAFT && !supersede_subscriptions(command, account, old, order->change_date)))
			return false;
		old->status = ORDER_STATUS_SUPERSEDED;
		old->superseded_by_id = order->id;
		if (!order_save(command, old))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the new order */

/* Account and customer are the old order's; it starts with the change. */
static struct order_place *placing_input(struct command *command, const struct order_change *change,
                                         const struct order *old, struct date change_date)
{
	struct order_place *input = record_copy(&order_place_record, change->order, command->arena);
	input->account_id = old->new_customer ? 0 : old->account_id;
	input->customer_id = 0;
	input->customer_key = TEXT_NONE;
	if (old->new_customer && !input->new_customer)
		input->new_customer = old->new_customer;
	if (!date_present(input->start_date))
		input->start_date = change_date;
	return input;
}

/* The subscription that the replaced order has; of a draft the one that this was to replace. */
static bool current_subscription(struct command *command, int64_t id, struct subscription **current)
{
	struct subscription_list subscriptions = { 0 };
	struct order *old = order_need(command, id, "/id");
	for (struct order *below = old; below;) {
		old = below;
		if (!order_replaced_below(command, old, &below))
			return false;
	}
	if (!old || !subscriptions_of_order(command, old->account_id, old->id, &subscriptions))
		return false;
	*current = subscriptions.count ? &subscriptions.items[0] : NULL;
	return true;
}

bool order_announce_upgrade(struct command *command, const struct order *order, const struct order_plans *plans)
{
	struct order *told = record_copy(&order_record, order, command->arena);
	struct order_subscriptions planned;
	struct occurrence upgrade = occurrence_of(EVENT_ORDER_UPGRADE, &order_record, told, order->id, order->account_id);
	order_subscriptions_plan(command, order, plans, &planned);
	upgrade.details.new_subscription = &planned.list.items[0];
	return current_subscription(command, order->supersedes_id, &upgrade.details.current_subscription) &&
	       event_post(command, &upgrade);
}

/* ------------------------------------------------------------------------------------------------ the command */

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
	struct order *old = order_need(command, change->old_order_id, "/old_order_id");
	struct account *account = old && check_changeable(command, old, "/old_order_id") ? order_account(command, old) : NULL;
	if (!account)
		return false;
	struct date change_date = change_date_of(command, account, change);
	struct order_placing placing = { placing_input(command, change, old, change_date), old, change_date };
	return order_place(command, &placing, (struct order **)output);
}
