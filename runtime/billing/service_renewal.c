/* service_renewal.c: renewals of subscriptions with service terms: ordered, waited for, processed. */
#include "service_renewal.h"

#include "account.h"
#include "billing_run.h"
#include "catalog.h"
#include "event/dispatch.h"
#include "invoice.h"
#include "order.h"
#include "renewal_cancel.h"
#include "renewal_choice.h"
#include "subscription.h"

/* One renewal under way. */
struct renewing {
	struct service service;
	struct plan *plan;
	struct renewal_order order;
	bool create_invoice;
	enum service_term_renew_from from;
};

/* ------------------------------------------------------------------------------------------------ where it stands */

static enum renewal_order_phase phase_of(const struct service_term *term)
{
	switch (term->status) {
	case SERVICE_TERM_STATUS_ACTIVE: return RENEWAL_ORDER_PHASE_BEFORE_EXPIRATION;
	case SERVICE_TERM_STATUS_GRACED: return RENEWAL_ORDER_PHASE_GRACE;
	case SERVICE_TERM_STATUS_HOLD: return RENEWAL_ORDER_PHASE_HOLD;
	default: return RENEWAL_ORDER_PHASE_TERMINATED;
	}
}

static struct text phase_word(enum renewal_order_phase phase)
{
	return text_of(renewal_order_record.fields[RENEWAL_ORDER_FIELD_PHASE].words[phase]);
}

static struct text initiator_word(enum renewal_order_initiator initiator)
{
	return text_of(renewal_order_record.fields[RENEWAL_ORDER_FIELD_INITIATOR].words[initiator]);
}

/* Of the period that ends: listeners are told of it late. */
static struct occurrence occurrence_for(const struct service *service, const struct renewal_order *order)
{
	const struct service_term *term = service->term;
	struct occurrence renewal = occurrence_of(EVENT_SUBSCRIPTION_RENEW, &subscription_record, service->subscription,
	                                          service->subscription->id, service->subscription->account_id);
	struct event_details *details = &renewal.details;
	details->start_date = timezone_date(service->zone, term->starts_at);
	details->starts_at = term->starts_at;
	details->expiration_date = timezone_date(service->zone, term->expires_at);
	details->expires_at = term->expires_at;
	details->current_period = term->period;
	details->new_period = order->period;
	details->initiator = initiator_word(order->initiator);
	details->term_phase = phase_word(phase_of(term));
	if (term->shutdown_at.us)
		details->shutdown_date = timezone_date(service->zone, term->shutdown_at);
	details->shutdown_at = term->shutdown_at;
	if (term->terminated_at.us)
		details->terminate_date = timezone_date(service->zone, term->terminated_at);
	details->terminate_at = term->terminated_at;
	return renewal;
}

/* ------------------------------------------------------------------------------------------------ processed */

static void begin_period(struct renewing *work)
{
	struct service_term *term = work->service.term;
	const struct renewal_order *order = &work->order;
	term->starts_at = order->starts_at;
	term->expires_at = term->grace_from = order->expires_at;
	term->period = order->period;
	term->anchor_day = order->anchor_day;
	term->anchor_time_us = order->anchor_time_us;
	term->renewal_order_id = 0;
	if (!term->held)
		term->shutdown_at = INSTANT_NONE;
	term->terminated_at = INSTANT_NONE;
	if (work->plan->terms)
		service_term_resolve(term, work->plan->terms);
}

/* Renewed late, its new period may be over as well: then it stands where that has come to, or, if it was not that far yet,
 * goes there by the steps that follow (service_follow). */
static void stand_by_dates(struct service *service, enum service_term_status before)
{
	struct service_term *term = service->term;
	enum service_term_status by_dates = service_term_status_at(term, service->zone, service->command->now);
	term->status = term->held ? SERVICE_TERM_STATUS_HOLD : by_dates < before ? by_dates : before;
	term->expired = by_dates > SERVICE_TERM_STATUS_ACTIVE && term->status > SERVICE_TERM_STATUS_ACTIVE;
	if (term->status >= SERVICE_TERM_STATUS_HOLD && !term->shutdown_at.us)
		term->shutdown_at = service_grace_end(term, service->zone);
	if (term->status == SERVICE_TERM_STATUS_TERMINATED)
		term->terminated_at = service_hold_end(term, service->zone);
}

static bool process(struct renewing *work)
{
	struct service *service = &work->service;
	struct command *command = service->command;
	struct subscription *subscription = service->subscription;
	struct occurrence renewal = occurrence_for(service, &work->order);
	enum service_term_status before = service->term->status;
	work->order.phase = phase_of(service->term);
	begin_period(work);
	stand_by_dates(service, before);
	subscription->end_date = service_end_date(service->zone, work->order.period, work->order.expires_at);
	subscription->expires_at = work->order.expires_at;
	subscription->renewal_invoice_id = 0;
	subscription->renewal_until = DATE_NONE;
	work->order.status = RENEWAL_ORDER_STATUS_PROCESSED;
	work->order.ended_at = command->now;
	return subscription_save(command, subscription) && service_term_save(command, service->term) &&
	       service_resume(service, TEXT("renewed")) && event_post(command, &renewal) &&
	       store_update(command->store, &renewal_order_record, &work->order) &&
	       order_follow_end(command, service->account, subscription->order_id) && service_follow(service) &&
	       billing_run_schedule(command, service->account->id);
}

/* ------------------------------------------------------------------------------------------------ ordered */

static bool check_renewable(const struct renewing *work)
{
	const struct service *service = &work->service;
	struct problems *problems = service->command->problems;
	long long id = (long long)service->subscription->id;
	if (service->term->destroyed)
		return problem(problems, PROBLEM_SUBSCRIPTION_DESTROYED, "/id",
		               "the service of subscription %lld was removed when its hold was over", id);
	if (service->term->renewal_order_id)
		return problem_value(problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
		                     "Pay its invoice; or process the renewal order, when that is paid; or cancel it.",
		                     "renewal order %lld of subscription %lld waits", (long long)service->term->renewal_order_id, id);
	return (!subscription_is_final(service->subscription->status) &&
	        service->subscription->status != SUBSCRIPTION_STATUS_PENDING) ||
	       problem(problems, PROBLEM_WRONG_STATE, "/id", "subscription %lld is %s", id,
	               subscription_status_word(service->subscription->status));
}

static bool find_period(struct renewing *work)
{
	const struct service *service = &work->service;
	struct renewal_order *order = &work->order;
	struct instant now = service->command->now, expires_at = service->term->expires_at;
	if (!service_period_check(order->period, "/period", service->command->problems))
		return false;
	order->starts_at = work->from == SERVICE_TERM_RENEW_FROM_RENEWAL && now.us > expires_at.us ? now : expires_at;
	struct service_anchor anchor = service_anchor_after(service->term, service->zone, order->starts_at, order->period);
	order->expires_at = service_period_end(service->zone, order->starts_at, order->period, anchor);
	order->anchor_day = anchor.day;
	order->anchor_time_us = service_end_time_us(service->zone, order->expires_at, order->period, anchor);
	return order->expires_at.us || problem(service->command->problems, PROBLEM_BAD_PERIOD, "/period",
	                                       "the new period would leave the calendar");
}

static struct duration usual_period(const struct service_term *term)
{
	return duration_present(term->renewal_period) ? term->renewal_period : term->period;
}

/* subscription.renew pre: a rule may choose another period, or reject. */
static bool ask_listeners(struct renewing *work, struct duration asked)
{
	work->order.period = duration_present(asked) ? asked : usual_period(work->service.term);
	struct occurrence renewal = occurrence_for(&work->service, &work->order);
	if (!event_pre(work->service.command, &renewal))
		return false;
	work->order.period = renewal.details.new_period;
	return find_period(work);
}

/* What is not on an invoice yet until that end; what is not served now is billed as it will be. */
static bool bill_until(struct service *service, struct date end, struct invoice **invoice)
{
	struct subscription *subscription = service->subscription;
	struct subscription_list one = { subscription, 1, 1 };
	struct invoice_origin origin = { .account = service->account, .order_id = subscription->order_id };
	const struct date old = subscription->end_date;
	const enum subscription_status status = subscription->status;
	subscription->end_date = end;
	subscription->status = SUBSCRIPTION_STATUS_ACTIVE;
	bool billed = billing_bill_subscriptions(service->command, &origin, &one, date_add_days(end, -1), invoice);
	subscription->end_date = old;
	subscription->status = status;
	return billed;
}

/* The days until the new period ends, on an invoice of their own. Left to the billing run, the days between two periods are
 * passed over here, when all before them is billed. */
static bool bill(struct renewing *work, struct invoice **invoice)
{
	struct subscription *subscription = work->service.subscription;
	const struct timezone_rules *zone = work->service.zone;
	struct date begins = timezone_date(zone, work->order.starts_at);
	*invoice = NULL;
	if (work->create_invoice)
		return bill_until(&work->service, service_end_date(zone, work->order.period, work->order.expires_at), invoice);
	if (work->order.starts_at.us == work->service.term->expires_at.us)
		return true;
	struct invoice *rest;
	if (!bill_until(&work->service, subscription->end_date, &rest))
		return false;
	subscription->charged_through = date_max(subscription->charged_through, begins);
	return true;
}

bool service_bill_rest(struct service *service)
{
	struct subscription *subscription = service->subscription;
	struct invoice *invoice;
	if (subscription->status == SUBSCRIPTION_STATUS_SUSPENDED ||
	    date_compare(subscription->charged_through, subscription->end_date) >= 0)
		return true;
	return bill_until(service, subscription->end_date, &invoice) && subscription_save(service->command, subscription);
}

/* Waiting, so that its period is one of those that are billed. */
static bool order_add(struct renewing *work)
{
	struct command *command = work->service.command;
	struct renewal_order *order = &work->order;
	order->id = store_new_id(command->store, "renewal_order");
	order->uuid = uuid_time_ordered();
	order->account_id = work->service.account->id;
	order->subscription_id = work->service.subscription->id;
	order->status = RENEWAL_ORDER_STATUS_WAITING;
	order->phase = phase_of(work->service.term);
	order->created_at = command->now;
	return order->id && store_insert(command->store, &renewal_order_record, order);
}

static bool await_payment(struct renewing *work)
{
	struct service *service = &work->service;
	service->subscription->renewal_invoice_id = work->order.invoice_id;
	service->term->renewal_order_id = work->order.id;
	return subscription_save(service->command, service->subscription) &&
	       store_update(service->command->store, &renewal_order_record, &work->order) && service_plan_next(service);
}

/* Hours within a day that is charged already: they are paid with that day. */
static bool find_invoice_of_day(struct renewing *work, struct invoice **invoice)
{
	const struct service *service = &work->service;
	const struct subscription *subscription = service->subscription;
	struct invoice_line_list lines = { 0 };
	if (date_compare(service_end_date(service->zone, work->order.period, work->order.expires_at), subscription->end_date) > 0)
		return true;
	if (!store_all(service->command->store, STATEMENT_INVOICE_LINE_OF_SUBSCRIPTION_AFTER,
	               BINDS(bind_id(subscription->account_id), bind_id(subscription->id),
	                     bind_date(service->command->arena, date_add_days(subscription->end_date, -1))),
	               &invoice_line_record, LIST(&lines)))
		return false;
	return !lines.count || invoice_find(service->command, lines.items[lines.count - 1].invoice_id, invoice);
}

static bool is_owed(const struct invoice *invoice)
{
	return invoice && (invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_DRAFT);
}

static bool renew(struct renewing *work, struct duration asked)
{
	struct invoice *invoice;
	if (!check_renewable(work) || !ask_listeners(work, asked) || !order_add(work) || !bill(work, &invoice))
		return false;
	bool after_payment = work->create_invoice && work->plan->renewing == PLAN_RENEWING_AFTER_PAYMENT;
	if (after_payment && !invoice && !find_invoice_of_day(work, &invoice))
		return false;
	work->order.invoice_id = invoice ? invoice->id : 0;
	return after_payment && is_owed(invoice) ? await_payment(work) : process(work);
}

static bool load(struct renewing *work, struct command *command, int64_t id)
{
	return service_load(command, id, &work->service) &&
	       plan_find(command, work->service.subscription->plan_id, &work->plan) && work->plan;
}

bool service_renew(struct command *command, const struct subscription_renew *input,
                   enum subscription_renew_initiator initiator, struct subscription **renewed)
{
	struct renewing work = { .create_invoice = !input->has_create_invoice || input->create_invoice };
	if (!load(&work, command, input->id))
		return false;
	work.order.initiator = (enum renewal_order_initiator)initiator;
	work.from = input->renew_from ? (enum service_term_renew_from)input->renew_from : work.service.term->renew_from;
	*renewed = work.service.subscription;
	return renew(&work, input->period);
}

/* ------------------------------------------------------------------------------------------------ what ends the waiting */

static bool waiting_order(struct command *command, const struct service_term *term, struct renewal_order **order)
{
	return store_find(command->store, &renewal_order_record, term->renewal_order_id, (void **)order) && *order;
}

bool service_renewal_complete(struct command *command, struct subscription *subscription)
{
	struct renewing work = { 0 };
	struct renewal_order *order = NULL;
	if (!load(&work, command, subscription->id))
		return false;
	work.service.subscription = subscription;
	if (!work.service.term->renewal_order_id)
		return true;
	if (!waiting_order(command, work.service.term, &order))
		return false;
	work.order = *order;
	return process(&work);
}

bool service_renewal_cancel(struct command *command, const struct subscription *subscription)
{
	struct service service;
	struct renewal_order *order = NULL;
	if (!service_load(command, subscription->id, &service))
		return false;
	if (!service.term->renewal_order_id)
		return true;
	if (!waiting_order(command, service.term, &order))
		return false;
	order->status = RENEWAL_ORDER_STATUS_CANCELED;
	order->ended_at = command->now;
	service.term->renewal_order_id = 0;
	return store_update(command->store, &renewal_order_record, order) && service_plan_next(&service);
}

/* ------------------------------------------------------------------------------------------------ by hand */

/* A renewal order that waits, with what it is of. */
struct waiting {
	struct renewal_order *order;
	struct subscription *subscription;
	struct account *account;
	struct invoice *invoice;
};

static bool need_waiting(struct command *command, int64_t id, struct waiting *waiting)
{
	if (!store_find(command->store, &renewal_order_record, id, (void **)&waiting->order))
		return false;
	if (!waiting->order)
		return record_missing(&renewal_order_record, id, command->problems, "/id");
	if (waiting->order->status != RENEWAL_ORDER_STATUS_WAITING)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "renewal order %lld is %s", (long long)id,
		               renewal_order_record.fields[RENEWAL_ORDER_FIELD_STATUS].words[waiting->order->status]);
	command_object(command, "renewal_order", id, waiting->order->account_id);
	waiting->subscription = subscription_need(command, waiting->order->subscription_id, "/id");
	waiting->account = account_need(command, waiting->order->account_id, "/id");
	waiting->invoice = invoice_need(command, waiting->order->invoice_id, "/id");
	return waiting->subscription && waiting->account && waiting->invoice;
}

/* What was paid stays paid: its days are charged, and a later renewal for them is not charged again. */
static bool cancel_perform(struct command *command, const void *data, void **output)
{
	const struct renewal_order_cancel *input = data;
	struct waiting waiting;
	if (!need_waiting(command, input->id, &waiting))
		return false;
	bool anew;
	if (!renewal_charges_anew(command, waiting.account, waiting.invoice, waiting.subscription, &anew))
		return false;
	const bool own = anew && is_owed(waiting.invoice);
	waiting.subscription->renewal_invoice_id = own ? waiting.invoice->id : 0;
	bool canceled = own ? invoice_cancel_open(command, waiting.invoice, false, TEXT("renewal order canceled"))
	                    : subscription_save(command, waiting.subscription) && service_renewal_cancel(command, waiting.subscription);
	return canceled && store_find(command->store, &renewal_order_record, input->id, output);
}

static bool process_perform(struct command *command, const void *data, void **output)
{
	const struct renewal_order_process *input = data;
	struct waiting waiting;
	if (!need_waiting(command, input->id, &waiting))
		return false;
	if (waiting.invoice->status != INVOICE_STATUS_SETTLED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", waiting.invoice->number, "Pay its invoice.",
		                     "invoice %.*s of renewal order %lld is %s", TEXT_ARG(waiting.invoice->number), (long long)input->id,
		                     invoice_record.fields[INVOICE_FIELD_STATUS].words[waiting.invoice->status]);
	return service_renewal_complete(command, waiting.subscription) &&
	       store_find(command->store, &renewal_order_record, input->id, output);
}

/* ------------------------------------------------------------------------------------------------ by itself */

/* The last day of statements after the period has begun, not after its end; none: its end. */
static struct instant last_statement_day(const struct command *command, const struct account *account,
                                         const struct service_term *term, const struct timezone_rules *zone)
{
	int64_t day = account->has_bill_cycle_day && account->bill_cycle_day > 0
	                      ? account->bill_cycle_day
	                      : command_setting_integer(command, "billing.day", 1);
	int anchor = day < 1 || day > 31 ? 1 : (int)day;
	struct date end = timezone_date(zone, term->expires_at), statement = date_with_day(end, anchor);
	if (timezone_start_of_date(zone, statement).us > term->expires_at.us)
		statement = date_with_day(date_add_months_anchored(statement, -1, anchor), anchor);
	struct instant at = timezone_start_of_date(zone, statement);
	return at.us > term->starts_at.us ? at : term->expires_at;
}

/* Not before its period begins: never two of them ahead. */
static struct instant days_before(const struct service_term *term, const struct timezone_rules *zone)
{
	struct date date = date_add_days(timezone_date(zone, term->expires_at), -(int32_t)term->renew_point_days);
	struct instant at = timezone_instant(zone, date, term->anchor_time_us);
	return at.us > term->starts_at.us ? at : term->starts_at;
}

static bool renews_itself(const struct subscription *subscription, const struct service_term *term)
{
	return !subscription_is_final(subscription->status) && subscription->auto_renew && !term->renewal_order_id &&
	       term->auto_renew != SERVICE_TERM_AUTO_RENEW_DISABLED;
}

struct instant service_renewal_at(const struct command *command, const struct account *account,
                                  const struct subscription *subscription, const struct service_term *term)
{
	const struct timezone_rules *zone = command_zone(command, account);
	if (term->status != SERVICE_TERM_STATUS_ACTIVE || !renews_itself(subscription, term))
		return INSTANT_NONE;
	switch (term->auto_renew) {
	case SERVICE_TERM_AUTO_RENEW_LAST_STATEMENT_DAY: return last_statement_day(command, account, term, zone);
	case SERVICE_TERM_AUTO_RENEW_BEFORE_EXPIRATION: return days_before(term, zone);
	default: return INSTANT_NONE;
	}
}

bool service_renewal_missed(const struct service *service)
{
	const struct service_term *term = service->term;
	return term->held && term->expired && term->shutdown_at.us < term->expires_at.us &&
	       renews_itself(service->subscription, term);
}

bool service_renews_at_expiration(const struct service *service)
{
	struct instant at = service_renewal_at(service->command, service->account, service->subscription, service->term);
	return at.us && at.us >= service->term->expires_at.us && service->command->now.us >= service->term->expires_at.us;
}

bool service_renew_by_itself(struct command *command, int64_t subscription_id)
{
	struct renewing work = { .create_invoice = true };
	if (!load(&work, command, subscription_id))
		return false;
	work.order.initiator = RENEWAL_ORDER_INITIATOR_SYSTEM;
	work.from = work.service.term->renew_from;
	const struct service *service = &work.service;
	struct renewal_choice choice;
	if (service->term->status > SERVICE_TERM_STATUS_GRACED || !renews_itself(service->subscription, service->term))
		return true;
	return renewal_choose(command, service->account, service->subscription, work.plan, usual_period(service->term), &choice) &&
	       (choice.lapses || renew(&work, choice.period));
}

const struct command_type renewal_order_commands[] = {
	{ .name = "renewal_order.cancel", .scope = "write", .input = &renewal_order_cancel_record, .output = &renewal_order_record,
	  .perform = cancel_perform, .doc = "Cancels a renewal order that waits, with its invoice unless that is paid." },
	{ .name = "renewal_order.process", .scope = "write", .input = &renewal_order_process_record, .output = &renewal_order_record,
	  .perform = process_perform, .doc = "Processes a renewal order whose invoice is paid and that a rule kept from it." },
	{ .name = NULL },
};
