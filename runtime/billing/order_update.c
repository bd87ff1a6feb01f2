/* order_update.c: a new status or end date of an order; deleting one that was never invoiced. */
#include "order.h"

#include "account.h"
#include "billing_run.h"
#include "coupon.h"
#include "event/dispatch.h"
#include "order_commands.h"
#include "renewal.h"
#include "usage.h"

/* ------------------------------------------------------------------------------------------------ end date, renewal */

/* What the input does not say stays as each subscription has it. */
static bool update_subscription(struct command *command, const struct account *account, const struct order_update *input,
                                struct subscription *subscription)
{
	const bool moved = date_present(input->end_date), terms = subscription->expires_at.us != 0;
	const struct date end = moved && !terms ? input->end_date : subscription->end_date;
	const bool auto_renew = input->has_auto_renew ? input->auto_renew : subscription->auto_renew;
	if (moved && terms && !subscription_is_final(subscription->status))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/end_date", TEXT_NONE, "Renew its subscriptions.",
		                     "subscription %lld ends by its service terms", (long long)subscription->id);
	if (date_compare(subscription->end_date, end) == 0 && subscription->auto_renew == auto_renew)
		return true;
	struct subscription *old = record_copy(&subscription_record, subscription, command->arena);
	subscription->end_date = end;
	subscription->auto_renew = auto_renew;
	struct occurrence update = occurrence_of(EVENT_SUBSCRIPTION_UPDATE, &subscription_record, subscription,
	                                         subscription->id, subscription->account_id);
	update.details.old_subscription = old;
	if (!event_pre(command, &update))
		return false;
	update.details.changed = record_changed(&subscription_record, old, subscription, command->arena);
	return subscription_save(command, subscription) && event_post(command, &update) &&
	       renewal_schedule(command, account, subscription);
}

static bool update_subscriptions(struct command *command, const struct account *account, const struct order *order,
                                 const struct order_update *input)
{
	struct subscription_list subscriptions = { 0 };
	if (!subscriptions_of_order(command, order->account_id, order->id, &subscriptions))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++)
		if (!update_subscription(command, account, input, &subscriptions.items[i]))
			return false;
	return true;
}

static bool apply_terms(struct command *command, const struct account *account, struct order *order,
                        const struct order_update *input)
{
	if (!date_present(input->end_date) && !input->has_auto_renew)
		return true;
	if (order_is_final(order))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "order %.*s is %s, which is final",
		               TEXT_ARG(order->number), order_status_word(order->status));
	if (date_present(input->end_date) && date_compare(input->end_date, order->start_date) <= 0)
		return problem_value(command->problems, PROBLEM_BAD_PERIOD, "/end_date",
		                     date_text(command->arena, input->end_date), NULL,
		                     "the order would end before it starts");
	if (date_present(input->end_date))
		order->end_date = input->end_date;
	if (input->has_auto_renew)
		order->auto_renew = input->auto_renew;
	if (!order_save(command, order) || !update_subscriptions(command, account, order, input))
		return false;
	/* A draft gets its jobs when it is processed. */
	if (order->status == ORDER_STATUS_DRAFT || !date_present(order->end_date))
		return true;
	struct instant end = timezone_start_of_date(command_zone(command, account), order->end_date);
	return job_move(command, "order.complete", order->account_id, order->id, end) &&
	       billing_run_schedule(command, order->account_id);
}

/* ------------------------------------------------------------------------------------------------ status */

static bool apply_status(struct command *command, struct account *account, struct order *order,
                         const struct order_update *input)
{
	_Static_assert((int)ORDER_UPDATE_STATUS_CANCELED == (int)ORDER_STATUS_CANCELED, "the same numbers");
	enum order_status status = (enum order_status)input->status;
	if (!status || status == order->status)
		return true;
	bool starts = status == ORDER_STATUS_ACTIVE || status == ORDER_STATUS_PROVISIONING;
	if (order->status == ORDER_STATUS_DRAFT && starts) {
		order->status = status;
		return order_process(command, &(struct order_processing){ .account = account, .order = order });
	}
	return order_change_status(command, order, status, input->reason);
}

bool order_update_perform(struct command *command, const void *input, void **output)
{
	const struct order_update *update = input;
	struct order *order = order_need(command, update->id, "/id");
	if (!order)
		return false;
	struct account *account = order_account(command, order);
	if (!account)
		return false;
	command_object(command, "order", order->id, order->account_id);
	*output = order;
	return apply_terms(command, account, order, update) && apply_status(command, account, order, update);
}

/* A draft for a later day waits for it, as when it had been placed outright. */
bool order_process_perform(struct command *command, const void *input, void **output)
{
	const struct order_process *asked = input;
	struct order *order = order_need(command, asked->id, "/id");
	struct account *account = order ? order_account(command, order) : NULL;
	if (!account)
		return false;
	if (order->status != ORDER_STATUS_DRAFT)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", order->number, "Process a draft.",
		                     "order %.*s is %s", TEXT_ARG(order->number), order_status_word(order->status));
	command_object(command, "order", order->id, order->account_id);
	bool later = date_compare(order->start_date, command_today(command, account)) > 0;
	order->status = later ? ORDER_STATUS_PROVISIONING : ORDER_STATUS_ACTIVE;
	*output = order;
	return order_process(command, &(struct order_processing){
	                                      .account = account,
	                                      .order = order,
	                                      .create_invoice = asked->has_create_invoice && asked->create_invoice,
	                              });
}

/* ------------------------------------------------------------------------------------------------ deleting */

/* Those that name one another stay. A draft that was to replace it says what it would have: it goes first. */
static bool check_replacements(struct command *command, const struct order *order)
{
	struct order *old = NULL, *draft = NULL;
	if (order->supersedes_id && !order_find(command, order->supersedes_id, &old))
		return false;
	if (order->superseded_by_id || (old && old->superseded_by_id == order->id))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", order->number,
		                     "Cancel the order instead.", "order %.*s replaced another order or was replaced",
		                     TEXT_ARG(order->number));
	if (!store_one(command->store, STATEMENT_ORDER_TO_REPLACE, BINDS(bind_id(order->account_id), bind_id(order->id)),
	               &order_record, (void **)&draft))
		return false;
	return !draft ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", order->number,
	                     text_format(command->arena, "Delete order %lld first, or cancel this one.", (long long)draft->id).data,
	                     "order %.*s is to be replaced by order %.*s (id %lld)", TEXT_ARG(order->number),
	                     TEXT_ARG(draft->number), (long long)draft->id);
}

static bool check_deletable(struct command *command, const struct order *order)
{
	struct invoice_list invoices = { 0 };
	const char *remedy = "Cancel the invoice and suspend the order.";
	if (!invoices_of_order(command, order->account_id, order->id, &invoices))
		return false;
	if (invoices.count > 0)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", order->number, remedy,
		                     "order %.*s is on invoice %.*s and cannot be deleted", TEXT_ARG(order->number),
		                     TEXT_ARG(invoices.items[0].number));
	bool used;
	if (!usage_of_order(command, order->account_id, order->id, &used))
		return false;
	if (used)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", order->number,
		                     "Cancel the order instead.",
		                     "usage of order %.*s is recorded, it cannot be deleted", TEXT_ARG(order->number));
	return check_replacements(command, order);
}

/* With their terms and renewal orders; a job of theirs that comes finds nothing. */
static bool subscriptions_remove(struct command *command, const struct order *order)
{
	static const enum statement removals[] = { STATEMENT_SERVICE_TERM_REMOVE_OF_ORDER, STATEMENT_RENEWAL_ORDER_REMOVE_OF_ORDER,
		                                   STATEMENT_SUBSCRIPTION_REMOVE_OF_ORDER };
	for (size_t i = 0; i < sizeof removals / sizeof *removals; i++)
		if (!store_execute(command->store, removals[i], BINDS(bind_id(order->account_id), bind_id(order->id)), NULL))
			return false;
	return true;
}

bool order_delete_perform(struct command *command, const void *input, void **output)
{
	const struct order_delete *asked = input;
	struct order *order = order_need(command, asked->id, "/id");
	(void)output;
	if (!order)
		return false;
	command_object(command, "order", order->id, order->account_id);
	struct account *account = order_account(command, order);
	return account && check_deletable(command, order) &&
	       coupon_redemptions_end(command, order, command_today(command, account)) &&
	       subscriptions_remove(command, order) &&
	       store_execute(command->store, STATEMENT_ORDER_REMOVE,
	                     BINDS(bind_id(order->account_id), bind_id(order->id)), NULL) &&
	       job_remove(command, "order.activate", order->id) && job_remove(command, "order.complete", order->id) &&
	       (order->new_customer || billing_run_schedule(command, order->account_id));
}
