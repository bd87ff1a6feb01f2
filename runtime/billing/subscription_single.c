/* subscription_single.c: one subscription of an order by itself: its fields, its status, its end. */
#include "subscription_single.h"

#include "account.h"
#include "billing_run.h"
#include "event/dispatch.h"
#include "order.h"
#include "renewal.h"
#include "subscription.h"

static const char cancel_remedy[] = "Cancel it, or pause its bundle.";

/* ------------------------------------------------------------------------------------------------ subscription.update */

static bool check_end(struct command *command, const struct subscription *subscription)
{
	return !date_present(subscription->end_date) ||
	       date_compare(subscription->end_date, subscription->start_date) > 0 ||
	       problem_value(command->problems, PROBLEM_BAD_PERIOD, "/end_date",
	                     date_text(command->arena, subscription->end_date), NULL,
	                     "the subscription would end before it starts");
}

static bool check_update(struct command *command, const struct subscription *subscription,
                         const struct subscription_update *input)
{
	if (date_present(input->end_date) && !subscription->order_id)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/end_date", TEXT_NONE, cancel_remedy,
		                     "subscription %lld was subscribed to directly: its end is its cancellation",
		                     (long long)subscription->id);
	if (date_present(input->end_date) && subscription->expires_at.us)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/end_date", TEXT_NONE, "Renew or terminate it.",
		                     "subscription %lld ends by its service terms", (long long)subscription->id);
	if (subscription_is_final(subscription->status))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "subscription %lld is %s, which is final",
		               (long long)subscription->id, subscription_status_word(subscription->status));
	if (date_present(input->end_date) && subscription->renewal_invoice_id)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/end_date", TEXT_NONE,
		                     "Cancel the invoice of its renewal first.", "subscription %lld is being renewed",
		                     (long long)subscription->id);
	return !text_present(input->custom) || text_starts(text_trim(input->custom), "{") ||
	       problem(command->problems, PROBLEM_WRONG_TYPE, "/custom", "custom must be an object");
}

static void assign(struct subscription *subscription, const struct subscription_update *input)
{
	if (date_present(input->end_date))
		subscription->end_date = input->end_date;
	if (input->has_auto_renew)
		subscription->auto_renew = input->auto_renew;
	if (text_present(input->custom))
		subscription->custom = input->custom;
}

/* What follows from another end or from auto_renew. */
static bool follow(struct command *command, const struct account *account, const struct subscription *subscription)
{
	return !subscription->order_id || (order_follow_end(command, account, subscription->order_id) &&
	                                   renewal_schedule(command, account, subscription) &&
	                                   billing_run_schedule(command, account->id));
}

static bool update_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_update *input = data;
	struct subscription *subscription = subscription_need(command, input->id, "/id");
	struct account *account = subscription ? account_need(command, subscription->account_id, "/account_id") : NULL;
	if (!account || !check_update(command, subscription, input))
		return false;
	command_object(command, "subscription", subscription->id, account->id);
	struct occurrence update = occurrence_of(EVENT_SUBSCRIPTION_UPDATE, &subscription_record, subscription,
	                                         subscription->id, subscription->account_id);
	struct subscription *old = record_copy(&subscription_record, subscription, command->arena);
	update.details.old_subscription = old;
	assign(subscription, input);
	if (!event_pre(command, &update) || !check_end(command, subscription))
		return false;
	update.details.changed = record_changed(&subscription_record, old, subscription, command->arena);
	*output = subscription;
	return subscription_save(command, subscription) && event_post(command, &update) &&
	       follow(command, account, subscription);
}

/* ------------------------------------------------------------------------------------------------ status and end */

/* One that an order made, with its account. */
static bool load(struct command *command, int64_t id, struct subscription **subscription, struct account **account)
{
	*subscription = subscription_need_ordered(command, id, cancel_remedy);
	if (!*subscription)
		return false;
	*account = account_need(command, (*subscription)->account_id, "/account_id");
	command_object(command, "subscription", id, (*subscription)->account_id);
	return *account != NULL;
}

/* Served only under an order that is. */
static bool check_served(struct command *command, const struct subscription *subscription)
{
	struct order *order = order_need(command, subscription->order_id, "/order_id");
	if (!order)
		return false;
	return order->status == ORDER_STATUS_ACTIVE ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, "/status", order->number, "Change the status of the order.",
	                     "order %.*s of subscription %lld is %s", TEXT_ARG(order->number),
	                     (long long)subscription->id, order_status_word(order->status));
}

static bool status_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_set_status *input = data;
	struct subscription *subscription;
	struct account *account;
	if (!load(command, input->id, &subscription, &account) || !check_served(command, subscription))
		return false;
	if (subscription->expires_at.us)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
		                     "Use hold and release, or renew or restore it.", "subscription %lld has service terms",
		                     (long long)subscription->id);
	*output = subscription;
	enum subscription_status status = input->status == SUBSCRIPTION_SET_STATUS_STATUS_SUSPENDED
	                                          ? SUBSCRIPTION_STATUS_SUSPENDED
	                                          : SUBSCRIPTION_STATUS_ACTIVE;
	if (status == SUBSCRIPTION_STATUS_ACTIVE && subscription->renewal_invoice_id)
		status = SUBSCRIPTION_STATUS_RENEWING;
	return subscription_change_status(command, account, subscription, status, input->reason) &&
	       (!subscription_is_final(subscription->status) ||
	        order_close_when_ended(command, account, subscription->order_id)) &&
	       billing_run_schedule(command, account->id);
}

static bool terminate_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_terminate *input = data;
	struct subscription *subscription;
	struct account *account;
	if (!load(command, input->id, &subscription, &account))
		return false;
	*output = subscription;
	if (subscription_is_final(subscription->status))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "subscription %lld is %s already",
		               (long long)subscription->id, subscription_status_word(subscription->status));
	return subscription_terminate(command, account, subscription, input->reason) &&
	       order_close_when_ended(command, account, subscription->order_id) &&
	       billing_run_schedule(command, account->id);
}

const struct command_type subscription_single_commands[] = {
	{ .name = "subscription.update",
	  .scope = "write",
	  .input = &subscription_update_record,
	  .output = &subscription_record,
	  .perform = update_perform,
	  .doc = "Changes the end date, automatic renewal or own data of a subscription." },
	{ .name = "subscription.status",
	  .scope = "write",
	  .input = &subscription_set_status_record,
	  .output = &subscription_record,
	  .perform = status_perform,
	  .doc = "Suspends one subscription of an order, or serves it again." },
	{ .name = "subscription.terminate",
	  .scope = "write",
	  .input = &subscription_terminate_record,
	  .output = &subscription_record,
	  .perform = terminate_perform,
	  .doc = "Ends one subscription of an order now." },
	{ .name = NULL },
};
