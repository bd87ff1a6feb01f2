/* order_process.c: a placed order becomes subscriptions, jobs and, when asked, its first invoice. */
#include "order.h"

#include "account.h"
#include "billing_run.h"
#include "customer.h"
#include "event/dispatch.h"
#include "order_change.h"
#include "order_price.h"
#include "order_subscription.h"
#include "renewal.h"
#include "service_term.h"

/* One order in processing. */
struct processing {
	struct command *command;
	struct account *account;
	struct order *order;
	struct order_plans plans;
	struct order_subscriptions made;
	bool *invoiced; /* by subscription: put it on the first invoice */
	bool create_invoice;
	struct invoice_forecast *forecast;
};

/* ------------------------------------------------------------------------------------------------ subscriptions */

/* Each line tells the subscription that is made for it. */
static void name_subscriptions(struct processing *work)
{
	struct order *order = work->order;
	struct subscription_list *list = &work->made.list;
	size_t next = work->plans.has_main_lines ? 1 : 0;
	for (size_t i = 0; i < list->count; i++) {
		list->items[i].id = store_new_id(work->command->store, "subscription");
		list->items[i].uuid = uuid_time_ordered();
	}
	for (size_t i = 0; i < order->lines.count; i++)
		order->lines.items[i].subscription_id = list->items[work->plans.line_plans[i] ? next++ : 0].id;
}

static bool create_subscription(struct processing *work, size_t i)
{
	struct command *command = work->command;
	struct subscription *subscription = &work->made.list.items[i];
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
	struct plan *plan = work->made.plans[i];
	if (plan->terms && !service_term_begin(command, work->account, plan, subscription))
		return false;
	return store_insert(command->store, &subscription_record, subscription) && event_post(command, &creation);
}

static bool ask_for_invoice(struct processing *work, size_t i)
{
	struct subscription *subscription = &work->made.list.items[i];
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
	order_subscriptions_plan(work->command, work->order, &work->plans, &work->made);
	name_subscriptions(work);
	size_t count = work->made.list.count;
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
	struct invoice_origin origin = { .account = work->account, .order_id = work->order->id, .forecast = work->forecast };
	struct subscription_list chosen = { 0 };
	for (size_t i = 0; i < work->made.list.count; i++)
		if (work->invoiced[i])
			*list_add(work->command->arena, &chosen, struct subscription) = work->made.list.items[i];
	if (!billing_bill_subscriptions(work->command, &origin, &chosen, DATE_NONE, invoice))
		return false;
	for (size_t i = 0, billed = 0; i < work->made.list.count; i++)
		if (work->invoiced[i])
			work->made.list.items[i] = chosen.items[billed++];
	return true;
}

/* What replaces another order's has taken some of the account's away. */
static bool schedule(struct processing *work)
{
	return work->order->supersedes_id ? billing_run_schedule(work->command, work->account->id)
	                                  : billing_run_schedule_added(work->command, work->account, &work->made.list,
	                                                               work->made.plans);
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
	for (size_t i = 0; i < work->made.list.count; i++)
		if (!renewal_schedule(command, work->account, &work->made.list.items[i]))
			return false;
	return schedule(work);
}

/* Other drafts of the customer are of one who is there by now. */
static bool tell_drafts(struct processing *work, const struct customer *customer)
{
	struct order_list drafts = { 0 };
	if (!store_all(work->command->store, STATEMENT_ORDER_OF_NEW_CUSTOMER, BINDS(bind_id(customer->account_id)),
	               &order_record, LIST(&drafts)))
		return false;
	for (size_t i = 0; i < drafts.count; i++) {
		struct order *draft = &drafts.items[i];
		draft->new_customer = NULL;
		draft->customer_id = customer->id;
		if (draft->id != work->order->id && !order_save(work->command, draft))
			return false;
	}
	return true;
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
	return work->account && tell_drafts(work, customer);
}

/* A draft's prices may be others by now, and what the end of a replaced order gives back of coupons is there again. */
static bool price(struct processing *work)
{
	bool priced = work->forecast != NULL;
	if (!priced)
		work->forecast = arena_new(work->command->arena, struct invoice_forecast);
	struct order_pricing pricing = { .account = work->account, .order = work->order, .plans = &work->plans,
		                         .forecast = work->forecast };
	bool same = priced && !work->order->supersedes_id && !event_is_awaited(work->command, EVENT_ORDER_PROCESS);
	return order_check(work->command, work->account, work->order, &work->plans) &&
	       (same || order_price(work->command, &pricing));
}

/* Rules may change the order, and others see what came of it. */
static bool ask_rules(struct command *command, struct occurrence *process)
{
	const struct order *order = process->subject;
	struct occurrence validation =
	        occurrence_of(EVENT_ORDER_PROCESS_VALIDATE, &order_record, process->subject, order->id, order->account_id);
	validation.details.status_before_processing = process->details.status_before_processing;
	return event_pre(command, process) && event_pre(command, &validation);
}

bool order_process(struct command *command, const struct order_processing *processing)
{
	struct order *order = processing->order;
	struct processing work = { .command = command, .account = processing->account, .order = order,
		                   .create_invoice = processing->create_invoice, .forecast = processing->forecast };
	struct occurrence process =
	        occurrence_of(EVENT_ORDER_PROCESS, &order_record, order, order->id, order->account_id);
	struct invoice *invoice = NULL;
	process.details.status_before_processing = TEXT("draft");
	if (!ask_rules(command, &process) || !make_customer(&work) ||
	    (order->supersedes_id && !order_supersede(command, work.account, order)) || !price(&work) ||
	    !create_subscriptions(&work) || !invoice_chosen(&work, &invoice) || !add_jobs(&work))
		return false;
	process.details.created_invoice = invoice;
	return event_post(command, &process);
}
