/* order_process.c: a placed order becomes subscriptions, jobs and, when asked, its first invoice. */
#include "order.h"

#include "account.h"
#include "billing_run.h"
#include "customer.h"
#include "event/dispatch.h"
#include "order_check.h"
#include "order_total.h"
#include "provisioning.h"
#include "renewal.h"

/* One order in processing. */
struct processing {
	struct command *command;
	const struct account *account;
	struct order *order;
	struct order_plans plans;
	struct subscription_list subscriptions;
	struct plan **plan_of; /* by subscription */
	bool *invoiced;        /* the same: put it on the first invoice */
	bool create_invoice;
};

/* ------------------------------------------------------------------------------------------------ subscriptions */

static struct subscription *new_subscription(struct processing *work, struct plan *plan)
{
	struct command *command = work->command;
	const struct order *order = work->order;
	work->plan_of[work->subscriptions.count] = plan;
	struct subscription *subscription = list_add(command->arena, &work->subscriptions, struct subscription);
	subscription->id = store_new_id(command->store, "subscription");
	subscription->uuid = uuid_time_ordered();
	subscription->account_id = order->account_id;
	subscription->order_id = order->id;
	subscription->plan = plan->code;
	subscription->plan_id = plan->id;
	subscription->currency = plan->currency;
	subscription->status =
	        order->status == ORDER_STATUS_PROVISIONING ? SUBSCRIPTION_STATUS_PENDING : SUBSCRIPTION_STATUS_ACTIVE;
	subscription->provisioning_status = provisioning_first_status(plan);
	subscription->start_date = order->start_date;
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

/* Those of the order's plan together, then one for each line with a plan of its own. */
static void plan_subscriptions(struct processing *work)
{
	struct order *order = work->order;
	work->plan_of = arena_new_many(work->command->arena, struct plan *, order->lines.count + 1);
	if (work->plans.has_main_lines) {
		struct subscription_charges charges = { 0 };
		struct subscription *subscription = new_subscription(work, work->plans.plan);
		subscription_charges_of_lines(work->command->arena, work->plans.plan, order->lines.items,
		                              order->lines.count, &charges);
		set_charges(subscription, &charges);
	}
	for (size_t i = 0; i < order->lines.count; i++) {
		struct order_line *line = &order->lines.items[i];
		if (!work->plans.line_plans[i]) {
			line->subscription_id = work->subscriptions.items[0].id;
			continue;
		}
		struct subscription_charges charges = { 0 };
		struct subscription *subscription = new_subscription(work, work->plans.line_plans[i]);
		subscription_charges_whole(work->command->arena, work->plans.line_plans[i], &line->quantity, &charges);
		set_charges(subscription, &charges);
		line->subscription_id = subscription->id;
	}
}

static bool create_subscription(struct processing *work, size_t i)
{
	struct command *command = work->command;
	struct subscription *subscription = &work->subscriptions.items[i];
	bool started = date_compare(subscription->start_date, command_today(command, work->account)) <= 0;
	struct occurrence creation = occurrence_of(EVENT_SUBSCRIPTION_CREATE, &subscription_record, subscription,
	                                           subscription->id, subscription->account_id);
	creation.details.has_create_invoice = true;
	creation.details.create_invoice = work->create_invoice;
	creation.details.action = started ? TEXT("effective") : TEXT("requested");
	if (subscription->id == 0 || !event_pre(command, &creation))
		return false;
	if (date_present(subscription->end_date) && date_compare(subscription->end_date, subscription->start_date) <= 0)
		return problem(command->problems, PROBLEM_BAD_PERIOD, "/end_date",
		               "the subscription would end before it starts");
	subscription->charged_through = subscription->start_date;
	work->invoiced[i] = creation.details.create_invoice;
	return store_insert(command->store, &subscription_record, subscription) && event_post(command, &creation);
}

static bool ask_for_invoice(struct processing *work, size_t i)
{
	struct subscription *subscription = &work->subscriptions.items[i];
	struct occurrence asking = occurrence_of(EVENT_ORDER_INVOICE_SUBSCRIPTION, &subscription_record, subscription,
	                                         subscription->id, subscription->account_id);
	asking.details.order = work->order;
	asking.details.has_create_invoice = true;
	asking.details.create_invoice = work->invoiced[i];
	if (!event_pre(work->command, &asking))
		return false;
	work->invoiced[i] = asking.details.create_invoice;
	return true;
}

static bool create_subscriptions(struct processing *work)
{
	plan_subscriptions(work);
	size_t count = work->subscriptions.count;
	work->invoiced = arena_new_many(work->command->arena, bool, count + 1);
	for (size_t i = 0; i < count; i++)
		if (!create_subscription(work, i))
			return false;
	if (!order_save(work->command, work->order))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!ask_for_invoice(work, i))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ invoice and jobs */

static bool invoice_chosen(struct processing *work, struct invoice **invoice)
{
	struct invoice_origin origin = { .account = work->account, .order_id = work->order->id };
	struct subscription_list chosen = { 0 };
	for (size_t i = 0; i < work->subscriptions.count; i++)
		if (work->invoiced[i])
			*list_add(work->command->arena, &chosen, struct subscription) = work->subscriptions.items[i];
	if (!billing_bill_subscriptions(work->command, &origin, &chosen, DATE_NONE, invoice))
		return false;
	for (size_t i = 0, billed = 0; i < work->subscriptions.count; i++)
		if (work->invoiced[i])
			work->subscriptions.items[i] = chosen.items[billed++];
	return true;
}

/* What replaces another order's has taken some of the account's away. */
static bool schedule(struct processing *work)
{
	return work->order->supersedes_id ? billing_run_schedule(work->command, work->account->id)
	                                  : billing_run_schedule_added(work->command, work->account, &work->subscriptions,
	                                                               work->plan_of);
}

static bool add_jobs(struct processing *work)
{
	struct command *command = work->command;
	const struct order *order = work->order;
	const struct timezone_rules *zone = command_zone(command, work->account);
	if (order->status == ORDER_STATUS_PROVISIONING &&
	    !job_move(command, "order.activate", order->account_id, order->id,
	              timezone_start_of_date(zone, order->start_date)))
		return false;
	if (date_present(order->end_date) && !job_move(command, "order.complete", order->account_id, order->id,
	                                               timezone_start_of_date(zone, order->end_date)))
		return false;
	for (size_t i = 0; i < work->subscriptions.count; i++)
		if (!renewal_schedule(command, work->account, &work->subscriptions.items[i]))
			return false;
	return schedule(work);
}

/* The first order of a new customer makes customer and account. */
static bool make_customer(struct processing *work)
{
	struct command *command = work->command;
	struct order *order = work->order;
	struct customer *customer;
	if (!order->new_customer)
		return true;
	if (!customer_create_as(command, order->new_customer, order->account_id, order->number, &customer))
		return false;
	order->new_customer = NULL;
	order->customer_id = customer->id;
	work->account = account_need(command, order->account_id, "/account_id");
	return work->account != NULL;
}

bool order_process(struct command *command, const struct account *account, struct order *order, bool create_invoice)
{
	struct processing work = {
		.command = command, .account = account, .order = order, .create_invoice = create_invoice
	};
	struct occurrence process =
	        occurrence_of(EVENT_ORDER_PROCESS, &order_record, order, order->id, order->account_id);
	struct invoice *invoice = NULL;
	process.details.status_before_processing = TEXT("draft");
	if (!event_pre(command, &process) || !make_customer(&work) ||
	    !order_check(command, work.account, order, &work.plans) || !order_set_total(command, order, &work.plans) ||
	    !create_subscriptions(&work) || !invoice_chosen(&work, &invoice) || !add_jobs(&work))
		return false;
	process.details.created_invoice = invoice;
	return event_post(command, &process);
}
