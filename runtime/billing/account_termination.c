/* account_termination.c: an account ends with everything that it is served, and may be had back for a while. */
#include "account_termination.h"

#include "account.h"
#include "billing_run.h"
#include "customer.h"
#include "event/dispatch.h"
#include "order.h"
#include "subscription.h"
#include "subscription_commands.h"
#include "termination_request.h"

/* ------------------------------------------------------------------------------------------------ what it is served */

static bool end_orders(struct command *command, const struct account *account, struct text reason)
{
	struct order_list orders = { 0 };
	if (!store_all(command->store, STATEMENT_ORDER_LIVE_OF_ACCOUNT, BINDS(bind_id(account->id)), &order_record,
	               LIST(&orders)))
		return false;
	for (size_t i = 0; i < orders.count; i++)
		if (!order_change_status(command, &orders.items[i], ORDER_STATUS_CANCELED, reason))
			return false;
	return true;
}

static bool first_direct(struct command *command, const struct account *account, struct subscription **subscription)
{
	struct subscription_list direct = { 0 };
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_DIRECT_OF_ACCOUNT, BINDS(bind_id(account->id)),
	               &subscription_record, LIST(&direct)))
		return false;
	*subscription = direct.count ? &direct.items[0] : NULL;
	return true;
}

/* Whatever holds changes back: the account is no more. The change of status and the end itself are announced as those of a
 * cancellation are. */
static bool end_direct(struct command *command, struct account *account, struct subscription *subscription,
                       struct text reason)
{
	struct occurrence end = occurrence_of(EVENT_SUBSCRIPTION_TERMINATE, &subscription_record, subscription,
	                                      subscription->id, subscription->account_id);
	void *ended;
	end.details.reason = reason;
	if (!event_pre(command, &end))
		return false;
	struct instant service = command->now, billing = command->now;
	if (subscription->entitled_from.us > service.us)
		service = subscription->entitled_from;
	if (subscription->started_at.us > billing.us)
		billing = subscription->started_at;
	return subscription_end(command, account, subscription, service, billing, end.details.reason) &&
	       subscription_finish(command, account, subscription, billing, &ended);
}

/* A base plan takes its add-ons with it, so they are read anew each time; the number of them falls or the end fails. */
static bool end_directs(struct command *command, struct account *account, struct text reason)
{
	int64_t last = 0;
	struct subscription *subscription;
	while (first_direct(command, account, &subscription)) {
		if (!subscription || subscription->id <= last)
			return true;
		last = subscription->id;
		if (!end_direct(command, account, subscription, reason))
			return false;
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ who it is */

/* With a customer its status says so, and the account follows it. */
static bool set_status(struct command *command, struct account **account, enum customer_status status,
                       enum account_status same, struct text reason)
{
	struct customer *customer;
	if (!customer_by_account(command, (*account)->id, &customer))
		return false;
	if (customer && !customer_set_status(command, customer, status, reason))
		return false;
	*account = account_need(command, (*account)->id, "/id");
	if (!*account || (*account)->status == same)
		return *account != NULL;
	(*account)->status = same;
	return account_save(command, *account);
}

bool account_end(struct command *command, struct account **account, struct termination_request *request,
                 struct text reason)
{
	struct occurrence end =
	        occurrence_of(EVENT_ACCOUNT_TERMINATE, &account_record, *account, (*account)->id, (*account)->id);
	end.details.reason = reason;
	end.details.termination_request = request;
	if (!event_pre(command, &end) || !end_orders(command, *account, end.details.reason) ||
	    !end_directs(command, *account, end.details.reason) ||
	    !set_status(command, account, CUSTOMER_STATUS_TERMINATED, ACCOUNT_STATUS_TERMINATED, end.details.reason) ||
	    (request && !termination_request_done(command, *account, request)) ||
	    !billing_run_schedule(command, (*account)->id))
		return false;
	*account = account_need(command, (*account)->id, "/id");
	end.subject = *account;
	return *account && event_post(command, &end);
}

static bool terminate_perform(struct command *command, const void *data, void **output)
{
	const struct account_terminate *input = data;
	struct account *account = account_need(command, input->id, "/id");
	struct termination_request *request = NULL;
	if (store_overtaking(command->store))
		return problem(command->problems, PROBLEM_RULE_OVERTAKES, "", "account.terminate ends what the command around it works on");
	if (!account || !termination_request_pending(command, account->id, &request))
		return false;
	if (account->status == ACCOUNT_STATUS_TERMINATED)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "account %lld is terminated already",
		               (long long)account->id);
	command_object(command, "account", account->id, account->id);
	if (!account_end(command, &account, request, input->reason))
		return false;
	*output = account;
	return true;
}

/* ------------------------------------------------------------------------------------------------ had back */

static bool check_period(struct command *command, const struct account *account)
{
	struct termination_request *request;
	if (!termination_request_last_done(command, account->id, &request))
		return false;
	if (request && request->reactivation_until.us > command->now.us)
		return true;
	return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "Make a new account.",
	                     request && request->reactivation_until.us ? "the reactivation period of account %lld is over"
	                                                               : "account %lld was terminated for good",
	                     (long long)account->id);
}

static bool reactivate_perform(struct command *command, const void *data, void **output)
{
	const struct account_reactivate *input = data;
	struct account *account = account_need(command, input->id, "/id");
	if (!account)
		return false;
	if (account->status != ACCOUNT_STATUS_TERMINATED)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "account %lld is not terminated",
		               (long long)account->id);
	command_object(command, "account", account->id, account->id);
	if (!check_period(command, account) ||
	    !set_status(command, &account, CUSTOMER_STATUS_ACTIVE, ACCOUNT_STATUS_ACTIVE, input->reason))
		return false;
	*output = account;
	return true;
}

const struct command_type account_termination_commands[] = {
	{ .name = "account.terminate",
	  .scope = "write",
	  .input = &account_terminate_record,
	  .output = &account_record,
	  .perform = terminate_perform,
	  .doc = "Ends an account now, with its orders, subscriptions and customer." },
	{ .name = "account.reactivate",
	  .scope = "write",
	  .input = &account_reactivate_record,
	  .output = &account_record,
	  .perform = reactivate_perform,
	  .doc = "Brings back a terminated account and its customer within the period of its termination request." },
	{ .name = NULL },
};
