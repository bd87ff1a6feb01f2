/* order.c: what a customer asked for: reading, status, the commands and jobs of orders. */
#include "order.h"

#include "account.h"
#include "billing_run.h"
#include "catalog.h"
#include "customer.h"
#include "order_commands.h"
#include "order_end.h"
#include "service_term.h"
#include "subscription.h"

/* ------------------------------------------------------------------------------------------------ reading */

bool order_find(struct command *command, int64_t id, struct order **order)
{
	return store_find(command->store, &order_record, id, (void **)order);
}

bool order_by_number(struct command *command, struct text number, struct order **order)
{
	return store_one(command->store, STATEMENT_ORDER_BY_NUMBER, BINDS(bind_text(number)), &order_record,
	                 (void **)order);
}

struct order *order_need(struct command *command, int64_t id, const char *pointer)
{
	struct order *order = NULL;
	if (order_find(command, id, &order) && !order)
		record_missing(&order_record, id, command->problems, pointer);
	return order;
}

struct account *order_account(struct command *command, const struct order *order)
{
	return order->new_customer ? customer_account_ahead(command, order->new_customer, order->account_id)
	                           : account_need(command, order->account_id, "/account_id");
}

bool order_replaced_below(struct command *command, const struct order *replaced, struct order **below)
{
	*below = NULL;
	if (replaced->status != ORDER_STATUS_DRAFT || !replaced->supersedes_id)
		return true;
	*below = order_need(command, replaced->supersedes_id, "/supersedes_id");
	return *below != NULL;
}

bool order_page(struct command *command, const struct object_filter *filter, struct order_list *orders)
{
	return object_page(command, STATEMENT_ORDER_PAGE, STATEMENT_ORDER_PAGE_OF_ACCOUNT, filter, &order_record,
	                   LIST(orders));
}

static bool is_billable(const struct subscription *subscription)
{
	bool served = subscription->status == SUBSCRIPTION_STATUS_ACTIVE ||
	              subscription->status == SUBSCRIPTION_STATUS_PENDING;
	return served && (!date_present(subscription->end_date) ||
	                  date_compare(subscription->charged_through, subscription->end_date) < 0);
}

bool order_next_bill_date(struct command *command, const struct order *order, struct date *date)
{
	struct subscription_list subscriptions = { 0 };
	struct account *account = order_account(command, order);
	*date = DATE_NONE;
	if (!account || !subscriptions_of_order(command, order->account_id, order->id, &subscriptions))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++) {
		struct plan *plan = NULL;
		if (!is_billable(&subscriptions.items[i]))
			continue;
		if (!plan_find(command, subscriptions.items[i].plan_id, &plan) || !plan)
			return false;
		struct date next;
		if (!billing_run_date(command, account, plan, &subscriptions.items[i], &next))
			return false;
		*date = date_present(*date) ? date_min(*date, next) : next;
	}
	return true;
}

const char *order_status_word(enum order_status status)
{
	return order_record.fields[ORDER_FIELD_STATUS].words[status];
}

bool order_is_final(const struct order *order)
{
	return order->status == ORDER_STATUS_COMPLETE || order->status == ORDER_STATUS_SUPERSEDED ||
	       order->status == ORDER_STATUS_CANCELED;
}

bool order_save(struct command *command, struct order *order)
{
	order->updated_at = command->now;
	return store_update(command->store, &order_record, order);
}

/* ------------------------------------------------------------------------------------------------ status */

/* The subscription's status for each of the order's, and which ones lead to it. */
static const struct {
	enum subscription_status subscription;
	unsigned from; /* a bit an order_status */
} statuses[ORDER_STATUS_COUNT] = {
	[ORDER_STATUS_PROVISIONING] = { SUBSCRIPTION_STATUS_PENDING, 0 },
	[ORDER_STATUS_ACTIVE] = { SUBSCRIPTION_STATUS_ACTIVE,
	                          1u << ORDER_STATUS_PROVISIONING | 1u << ORDER_STATUS_SUSPENDED },
	[ORDER_STATUS_SUSPENDED] = { SUBSCRIPTION_STATUS_SUSPENDED,
	                             1u << ORDER_STATUS_PROVISIONING | 1u << ORDER_STATUS_ACTIVE },
	[ORDER_STATUS_COMPLETE] = { SUBSCRIPTION_STATUS_COMPLETE, 1u << ORDER_STATUS_PROVISIONING |
	                                                                  1u << ORDER_STATUS_ACTIVE |
	                                                                  1u << ORDER_STATUS_SUSPENDED },
	[ORDER_STATUS_SUPERSEDED] = { SUBSCRIPTION_STATUS_SUPERSEDED, 0 },
	[ORDER_STATUS_CANCELED] = { SUBSCRIPTION_STATUS_CANCELED,
	                            1u << ORDER_STATUS_DRAFT | 1u << ORDER_STATUS_PROVISIONING |
	                                    1u << ORDER_STATUS_ACTIVE | 1u << ORDER_STATUS_SUSPENDED },
};

static enum order_status status_of_subscription(enum subscription_status status)
{
	for (int i = 1; i < ORDER_STATUS_COUNT; i++)
		if (statuses[i].subscription == status)
			return (enum order_status)i;
	return ORDER_STATUS_ACTIVE;
}

/* What its service terms do not serve does not begin again with its order. */
static bool keeps_hold(struct command *command, enum order_status status, const struct subscription *subscription, bool *keeps)
{
	struct service_term *term = NULL;
	*keeps = false;
	if (status != ORDER_STATUS_ACTIVE || !subscription->expires_at.us)
		return true;
	if (!service_term_find(command, subscription->id, &term))
		return false;
	*keeps = term && term->status > SERVICE_TERM_STATUS_GRACED;
	return true;
}

/* Changes every subscription; *reached is the order's status that the last of them stands for (a rule may choose it).
 */
static bool change_subscriptions(struct command *command, const struct account *account, const struct order *order,
                                 enum order_status status, struct text reason, enum order_status *reached)
{
	struct subscription_list subscriptions = { 0 };
	*reached = status;
	if (!subscriptions_of_order(command, order->account_id, order->id, &subscriptions))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++) {
		struct subscription *subscription = &subscriptions.items[i];
		bool keeps;
		if (!keeps_hold(command, status, subscription, &keeps))
			return false;
		/* A rule may have ended it before its order. */
		if (keeps || subscription_is_final(subscription->status))
			continue;
		bool done = status == ORDER_STATUS_CANCELED
		                    ? subscription_terminate(command, account, subscription, reason)
		                    : subscription_change_status(command, account, subscription,
		                                                 statuses[status].subscription, reason);
		if (!done)
			return false;
		*reached = status_of_subscription(subscription->status);
	}
	return true;
}

bool order_end(struct command *command, const struct account *account, struct order *order)
{
	struct date end = date_max(command_today(command, account), order->start_date);
	if (!date_present(order->end_date) || date_compare(end, order->end_date) < 0)
		order->end_date = end;
	return job_remove(command, "order.complete", order->id);
}

bool order_change_status(struct command *command, struct order *order, enum order_status status, struct text reason)
{
	if (status == order->status)
		return true;
	if (!(statuses[status].from & 1u << order->status))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/status",
		               "order %.*s is %s and cannot become %s", TEXT_ARG(order->number),
		               order_status_word(order->status), order_status_word(status));
	struct account *account = order_account(command, order);
	if (!account || !change_subscriptions(command, account, order, status, reason, &status))
		return false;
	if (status == order->status)
		return true;
	if (order->status == ORDER_STATUS_PROVISIONING && !job_remove(command, "order.activate", order->id))
		return false;
	order->status = status;
	if (order_is_final(order) && !order_end(command, account, order))
		return false;
	return order_save(command, order) && (order->new_customer || billing_run_schedule(command, order->account_id));
}

bool orders_activate_due(struct command *command, int64_t account_id, struct date date)
{
	struct order_list orders = { 0 };
	if (!store_all(command->store, STATEMENT_ORDER_STARTING,
	               BINDS(bind_id(account_id), bind_date(command->arena, date)), &order_record, LIST(&orders)))
		return false;
	for (size_t i = 0; i < orders.count; i++)
		if (!order_change_status(command, &orders.items[i], ORDER_STATUS_ACTIVE, TEXT("start date")))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ jobs */

static bool order_activate_job(struct command *command, const struct job *job)
{
	struct order *order = NULL;
	if (!order_find(command, job->object_id, &order))
		return false;
	return !order || order->status != ORDER_STATUS_PROVISIONING ||
	       order_change_status(command, order, ORDER_STATUS_ACTIVE, TEXT("start date"));
}

static bool order_complete_job(struct command *command, const struct job *job)
{
	struct order *order = NULL;
	if (!order_find(command, job->object_id, &order))
		return false;
	return !order || order_is_final(order) || order_end_due(command, order);
}

const struct job_kind order_jobs[] = {
	{ "order.activate", order_activate_job, "An order reaches its start date." },
	{ "order.complete", order_complete_job, "An order reaches its end date." },
	{ 0 },
};

const struct command_type order_commands[] = {
	{
	        .name = "order.place",
	        .scope = "write",
	        .input = &order_place_record,
	        .output = &order_record,
	        .perform = order_place_perform,
	        .doc = "Places an order and, unless it is a draft, makes its subscriptions and on demand its first "
	               "invoice.",
	},
	{
	        .name = "order.process",
	        .scope = "write",
	        .input = &order_process_record,
	        .output = &order_record,
	        .perform = order_process_perform,
	        .doc = "Makes the subscriptions of a draft and on demand its first invoice.",
	},
	{
	        .name = "order.quote",
	        .scope = "read",
	        .input = &order_quote_record,
	        .output = &quote_record,
	        .perform = order_quote_perform,
	        .doc = "What an order would be invoiced, with nothing kept.",
	},
	{
	        .name = "order.update",
	        .scope = "write",
	        .input = &order_update_record,
	        .output = &order_record,
	        .perform = order_update_perform,
	        .doc = "A new status or end date of an order.",
	},
	{
	        .name = "order.change",
	        .scope = "write",
	        .input = &order_change_record,
	        .output = &order_record,
	        .perform = order_change_perform,
	        .doc = "Replaces an order by another one and credits what was charged for and is no longer served.",
	},
	{
	        .name = "order.delete",
	        .scope = "write",
	        .input = &order_delete_record,
	        .perform = order_delete_perform,
	        .doc = "Deletes an order that was never invoiced.",
	},
	{ 0 },
};
