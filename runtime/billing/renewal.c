/* renewal.c: a further period for a subscription that has an end date: asked for, waited for, done. */
#include "renewal.h"

#include "account.h"
#include "billing_run.h"
#include "catalog.h"
#include "event/dispatch.h"
#include "invoice.h"
#include "order.h"
#include "renewal_choice.h"
#include "service_renewal.h"
#include "subscription.h"

enum { RENEWAL_DAYS_AHEAD = 30 };

/* One renewal that is asked for. */
struct renewing {
	struct command *command;
	const struct subscription_renew *input;
	struct subscription *subscription;
	struct account *account;
	struct plan *plan;
	struct date until; /* its new end */
	bool create_invoice;
	enum subscription_renew_initiator initiator;
};

/* ------------------------------------------------------------------------------------------------ the act */

/* The first day of the period of this length that ends on its end date. */
static struct date last_period_start(const struct subscription *subscription, struct date end, struct duration length)
{
	struct duration back = { -length.months, -length.days, 0 };
	return date_max(subscription->start_date, date_add_duration(end, back));
}

/* The dates are those of the period that ends: listeners are told of it late. */
static struct occurrence occurrence_for(struct subscription *subscription, struct duration current, struct date end)
{
	struct occurrence renewal = occurrence_of(EVENT_SUBSCRIPTION_RENEW, &subscription_record, subscription,
	                                          subscription->id, subscription->account_id);
	renewal.details.start_date = last_period_start(subscription, end, current);
	renewal.details.expiration_date = end;
	renewal.details.current_period = current;
	return renewal;
}

struct duration renewal_duration_between(struct date from, struct date to)
{
	int from_year, from_month, to_year, to_month, day;
	date_parts(from, &from_year, &from_month, &day);
	date_parts(to, &to_year, &to_month, &day);
	int32_t months = (int32_t)(to_year - from_year) * 12 + to_month - from_month;
	if (months > 0 && date_compare(date_add_months(from, months), to) == 0)
		return (struct duration){ .months = months };
	return (struct duration){ .days = date_days_between(from, to) };
}

static struct text initiator_word(enum subscription_renew_initiator initiator)
{
	return text_of(subscription_renew_record.fields[SUBSCRIPTION_RENEW_FIELD_INITIATOR].words[initiator]);
}

/* Moves the end and says so. */
static bool extend(struct command *command, struct account *account, struct subscription *subscription,
                   struct date until, struct text initiator)
{
	struct date old = subscription->end_date;
	struct plan *plan = NULL;
	subscription->end_date = until;
	subscription->renewal_invoice_id = 0;
	subscription->renewal_until = DATE_NONE;
	if (!subscription_save(command, subscription) || !plan_find(command, subscription->plan_id, &plan) || !plan ||
	    (subscription->status == SUBSCRIPTION_STATUS_RENEWING &&
	     !subscription_change_status(command, account, subscription, SUBSCRIPTION_STATUS_ACTIVE, TEXT("renewed"))))
		return false;
	struct occurrence renewal = occurrence_for(
	        subscription, billing_period_length((enum billing_period)plan->billing_period), old);
	renewal.details.new_period = renewal_duration_between(old, until);
	renewal.details.initiator = initiator;
	return event_post(command, &renewal) && order_follow_end(command, account, subscription->order_id) &&
	       renewal_schedule(command, account, subscription) && billing_run_schedule(command, account->id);
}

bool renewal_complete(struct command *command, struct subscription *subscription)
{
	if (subscription->expires_at.us)
		return service_renewal_complete(command, subscription);
	struct account *account = account_need(command, subscription->account_id, "/account_id");
	return account && extend(command, account, subscription, subscription->renewal_until, TEXT_NONE);
}

/* ------------------------------------------------------------------------------------------------ asked for */

static bool check_renewable(const struct renewing *work)
{
	const struct subscription *subscription = work->subscription;
	struct problems *problems = work->command->problems;
	long long id = (long long)subscription->id;
	if (subscription->renewal_invoice_id)
		return problem(problems, PROBLEM_WRONG_STATE, "/id",
		               "subscription %lld is being renewed already: invoice %lld waits to be paid", id,
		               (long long)subscription->renewal_invoice_id);
	if (!date_present(subscription->end_date))
		return problem_value(problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "Give it an end date first.",
		                     "subscription %lld has no end that could be moved", id);
	if (subscription->status == SUBSCRIPTION_STATUS_ACTIVE)
		return true;
	return problem_value(problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "Renew a subscription that is active.",
	                     "subscription %lld is %s", id, subscription_status_word(subscription->status));
}

static bool find_until(struct renewing *work, struct duration period)
{
	if (period.us == 0 && duration_present(period))
		work->until = date_add_duration(work->subscription->end_date, period);
	if (date_present(work->until) && date_compare(work->until, work->subscription->end_date) > 0)
		return true;
	return problem_value(work->command->problems, PROBLEM_BAD_PERIOD, "/period",
	                     duration_text(work->command->arena, period), "Give whole days or months, as P1M.",
	                     "a renewal is for at least a day, and ends within the calendar");
}

/* subscription.renew pre: a rule may choose another period, or reject. */
static bool ask_listeners(struct renewing *work)
{
	struct duration usual = billing_period_length((enum billing_period)work->plan->billing_period);
	struct occurrence asked = occurrence_for(work->subscription, usual, work->subscription->end_date);
	asked.details.new_period = duration_present(work->input->period) ? work->input->period : usual;
	asked.details.initiator = initiator_word(work->initiator);
	return event_pre(work->command, &asked) && find_until(work, asked.details.new_period);
}

/* The days until the new end, on an invoice of their own. */
static bool bill(struct renewing *work, struct invoice **invoice)
{
	struct subscription_list one = { work->subscription, 1, 1 };
	struct invoice_origin origin = { .account = work->account, .order_id = work->subscription->order_id };
	struct date old = work->subscription->end_date;
	work->subscription->end_date = work->until;
	bool billed = billing_bill_subscriptions(work->command, &origin, &one, date_add_days(work->until, -1), invoice);
	work->subscription->end_date = old;
	return billed && subscription_save(work->command, work->subscription);
}

static bool await_payment(struct renewing *work, const struct invoice *invoice)
{
	work->subscription->renewal_invoice_id = invoice->id;
	work->subscription->renewal_until = work->until;
	return subscription_change_status(work->command, work->account, work->subscription, SUBSCRIPTION_STATUS_RENEWING,
	                                  TEXT("renewal")) &&
	       subscription_save(work->command, work->subscription);
}

static bool renew(struct renewing *work)
{
	struct invoice *invoice = NULL;
	if (!check_renewable(work) || !ask_listeners(work))
		return false;
	if (work->create_invoice && !bill(work, &invoice))
		return false;
	bool waits = invoice && invoice->status != INVOICE_STATUS_SETTLED &&
	             work->plan->renewing == PLAN_RENEWING_AFTER_PAYMENT;
	return waits ? await_payment(work, invoice)
	             : extend(work->command, work->account, work->subscription, work->until,
	                      initiator_word(work->initiator));
}

static bool load(struct renewing *work, int64_t id)
{
	struct command *command = work->command;
	work->subscription = subscription_need_ordered(command, id, "Change its plan or cancellation instead.");
	if (!work->subscription)
		return false;
	work->account = account_need(command, work->subscription->account_id, "/account_id");
	command_object(command, "subscription", id, work->subscription->account_id);
	return work->account && plan_find(command, work->subscription->plan_id, &work->plan) && work->plan;
}

static bool renew_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_renew *input = data;
	struct subscription *subscription = NULL;
	if (!subscription_find(command, input->id, &subscription))
		return false;
	if (subscription && subscription->expires_at.us)
		return service_renew(command, input,
		                     input->initiator ? input->initiator : SUBSCRIPTION_RENEW_INITIATOR_OPERATOR,
		                     (struct subscription **)output);
	if (input->renew_from)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, "/renew_from", TEXT_NONE, "Leave it out.",
		                     "only subscriptions with service terms say where a new period begins");
	struct renewing work = {
		.command = command,
		.input = input,
		.create_invoice = !input->has_create_invoice || input->create_invoice,
		.initiator = input->initiator ? input->initiator : SUBSCRIPTION_RENEW_INITIATOR_OPERATOR,
	};
	if (!load(&work, input->id) || !renew(&work))
		return false;
	*output = work.subscription;
	return true;
}

/* ------------------------------------------------------------------------------------------------ by itself */

/* At the moment of its expiration the job of that renews it. */
static bool schedule_term(struct command *command, const struct account *account, const struct subscription *subscription)
{
	struct service_term *term = NULL;
	if (!service_term_find(command, subscription->id, &term))
		return false;
	struct instant at = term ? service_renewal_at(command, account, subscription, term) : INSTANT_NONE;
	return at.us && at.us < term->expires_at.us
	               ? job_move(command, "subscription.renew", subscription->account_id, subscription->id, at)
	               : job_remove(command, "subscription.renew", subscription->id);
}

bool renewal_schedule(struct command *command, const struct account *account, const struct subscription *subscription)
{
	struct plan *plan = NULL;
	if (subscription->expires_at.us)
		return schedule_term(command, account, subscription);
	if (!plan_find(command, subscription->plan_id, &plan))
		return false;
	bool renews = plan && plan->renewing && subscription->auto_renew && date_present(subscription->end_date) &&
	              !subscription_is_final(subscription->status);
	if (!renews)
		return !plan || !plan->renewing || job_remove(command, "subscription.renew", subscription->id);
	int64_t ahead = command_setting_integer(command, "renewals.days_ahead", RENEWAL_DAYS_AHEAD);
	struct date date = date_add_days(subscription->end_date, -(int32_t)(ahead < 0 ? 0 : ahead > 366 ? 366 : ahead));
	/* A short period is renewed when it begins: never two of them ahead. */
	struct duration length = billing_period_length((enum billing_period)plan->billing_period);
	struct date begun = last_period_start(subscription, subscription->end_date, length);
	struct instant due = timezone_start_of_date(command_zone(command, account), date_max(date, begun));
	return job_move(command, "subscription.renew", subscription->account_id, subscription->id, due);
}

static bool renew_by_itself(struct command *command, int64_t subscription_id)
{
	struct subscription_renew asked = { 0 };
	struct renewing work = { .command = command, .input = &asked, .create_invoice = true,
		                 .initiator = SUBSCRIPTION_RENEW_INITIATOR_SYSTEM };
	struct renewal_choice choice;
	if (!load(&work, subscription_id) ||
	    !renewal_choose(command, work.account, work.subscription, work.plan,
	                    billing_period_length((enum billing_period)work.plan->billing_period), &choice))
		return false;
	asked.period = choice.period;
	return choice.lapses || renew(&work);
}

static bool renew_job(struct command *command, const struct job *job)
{
	struct subscription *subscription = NULL;
	if (!subscription_find(command, job->object_id, &subscription))
		return false;
	if (subscription && subscription->expires_at.us)
		return service_renew_by_itself(command, job->object_id);
	bool wanted = subscription && subscription->status == SUBSCRIPTION_STATUS_ACTIVE && subscription->auto_renew &&
	              date_present(subscription->end_date) && !subscription->renewal_invoice_id;
	return !wanted || renew_by_itself(command, job->object_id);
}

const struct command_type renewal_commands[] = {
	{ .name = "subscription.renew",
	  .scope = "write",
	  .input = &subscription_renew_record,
	  .output = &subscription_record,
	  .perform = renew_perform,
	  .doc = "Moves the end of a subscription on by a period, at once or when its invoice is paid." },
	{ .name = NULL },
};

const struct job_kind renewal_jobs[] = {
	{ "subscription.renew", renew_job, "A subscription that renews itself comes near its end." },
	{ 0 },
};
