/* service_life.c: a service term moves on: grace, hold, the end; and what people do to it. */
#include "service_life.h"

#include "account.h"
#include "billing_run.h"
#include "catalog.h"
#include "event/dispatch.h"
#include "order.h"
#include "service_renewal.h"
#include "subscription.h"

#include "base/log.h"

/* ------------------------------------------------------------------------------------------------ loaded */

bool service_load(struct command *command, int64_t subscription_id, struct service *service)
{
	*service = (struct service){ .command = command };
	service->subscription = subscription_need(command, subscription_id, "/id");
	if (!service->subscription || !service_term_find(command, subscription_id, &service->term))
		return false;
	if (!service->term)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
		                     "Only what is ordered of a plan with service terms has them.",
		                     "subscription %lld has no service terms", (long long)subscription_id);
	service->account = account_need(command, service->subscription->account_id, "/account_id");
	command_object(command, "subscription", subscription_id, service->subscription->account_id);
	if (service->account)
		service->zone = command_zone(command, service->account);
	return service->account != NULL;
}

bool service_plan_next(struct service *service)
{
	return service_term_save(service->command, service->term) &&
	       service_term_schedule(service->command, service->account, service->term);
}

static struct occurrence occurrence_at(const struct service *service, enum event event, struct text reason)
{
	struct occurrence happens = occurrence_of(event, &subscription_record, service->subscription,
	                                          service->subscription->id, service->subscription->account_id);
	happens.details.reason = reason;
	return happens;
}

static bool ended(const struct service *service)
{
	return subscription_is_final(service->subscription->status);
}

/* After a change of status, for which a rule may choose another one. One that ends the subscription has ended its term as
 * well; any other one would leave the term untrue. */
static bool check_status(struct service *service, enum subscription_status wanted)
{
	struct subscription *subscription = service->subscription;
	if (ended(service))
		return service_term_find(service->command, subscription->id, &service->term) &&
		       order_close_when_ended(service->command, service->account, subscription->order_id);
	return subscription->status == wanted ||
	       problem_value(service->command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
	                     "Let the rule reject the change, or choose a status that ends it.",
	                     "a rule chose '%s' for subscription %lld, which its service terms make '%s'",
	                     subscription_status_word(subscription->status), (long long)subscription->id,
	                     subscription_status_word(wanted));
}

static bool change_status(struct service *service, enum subscription_status status, struct text reason)
{
	return subscription_change_status(service->command, service->account, service->subscription, status, reason) &&
	       check_status(service, status);
}

/* ------------------------------------------------------------------------------------------------ the steps */

static bool expire(struct service *service)
{
	struct occurrence expired = occurrence_at(service, EVENT_SUBSCRIPTION_EXPIRE, TEXT_NONE);
	if (!service_bill_rest(service))
		return false;
	service->term->expired = true;
	if (!service->term->held)
		service->term->status = SERVICE_TERM_STATUS_GRACED;
	expired.details.expiration_date = timezone_date(service->zone, service->term->expires_at);
	expired.details.expires_at = service->term->expires_at;
	return event_post(service->command, &expired);
}

/* Not served from `at` on; `held`: by hand. */
static bool hold(struct service *service, struct instant at, bool held, struct text reason)
{
	struct occurrence stopped = occurrence_at(service, EVENT_SUBSCRIPTION_HOLD, reason);
	if (!event_pre(service->command, &stopped) || !change_status(service, SUBSCRIPTION_STATUS_SUSPENDED, reason))
		return false;
	if (ended(service))
		return true;
	service->term->status = SERVICE_TERM_STATUS_HOLD;
	service->term->held = held;
	if (!service->term->shutdown_at.us)
		service->term->shutdown_at = at;
	stopped.details.shutdown_date = timezone_date(service->zone, service->term->shutdown_at);
	stopped.details.shutdown_at = service->term->shutdown_at;
	return event_post(service->command, &stopped);
}

static bool hold_by_dates(struct service *service)
{
	if (!service->term->held)
		return hold(service, service_grace_end(service->term, service->zone), false, TEXT("grace is over"));
	service->term->held = false; /* it would not be served without the hand either */
	return true;
}

/* Kept: its subscription stays suspended and can be restored. */
static bool stop_for_good(struct service *service, struct text reason)
{
	struct occurrence end = occurrence_at(service, EVENT_SUBSCRIPTION_TERMINATE, reason);
	end.details.subscription_id = service->subscription->id;
	if (!event_pre(service->command, &end))
		return false;
	end.details.terminated_at = service->term->terminated_at;
	return event_post(service->command, &end);
}

static bool destroy(struct service *service, struct text reason)
{
	service->term->destroyed = true;
	return service_term_save(service->command, service->term) &&
	       subscription_terminate(service->command, service->account, service->subscription, reason) &&
	       check_status(service, SUBSCRIPTION_STATUS_CANCELED);
}

static bool terminate(struct service *service)
{
	const struct text reason = TEXT("hold is over");
	service->term->status = SERVICE_TERM_STATUS_TERMINATED;
	service->term->terminated_at = service_hold_end(service->term, service->zone);
	return service->term->destroy_after_hold ? destroy(service, reason) : stop_for_good(service, reason);
}

static bool step(struct service *service)
{
	if (!service->term->expired)
		return expire(service);
	return service->term->held || service->term->status < SERVICE_TERM_STATUS_HOLD ? hold_by_dates(service) : terminate(service);
}

/* By hand it may be further than its dates; never back. */
static bool is_behind(const struct service *service)
{
	const struct service_term *term = service->term;
	enum service_term_status by_dates = service_term_status_at(term, service->zone, service->command->now);
	if (!term->held)
		return by_dates > term->status;
	return by_dates >= (term->expired ? SERVICE_TERM_STATUS_HOLD : SERVICE_TERM_STATUS_GRACED);
}

bool service_follow(struct service *service)
{
	while (!ended(service) && is_behind(service))
		if (!step(service))
			return false;
	return service_plan_next(service);
}

bool service_resume(struct service *service, struct text reason)
{
	struct subscription *subscription = service->subscription;
	struct date charged_through = subscription->charged_through;
	struct occurrence release = occurrence_at(service, EVENT_SUBSCRIPTION_RELEASE, reason);
	if (subscription->status != SUBSCRIPTION_STATUS_SUSPENDED || service->term->status > SERVICE_TERM_STATUS_GRACED)
		return true;
	struct order *order = order_need(service->command, subscription->order_id, "/order_id");
	if (!order || order->status != ORDER_STATUS_ACTIVE)
		return order != NULL;
	if (!change_status(service, SUBSCRIPTION_STATUS_ACTIVE, reason))
		return false;
	if (ended(service))
		return true;
	subscription->charged_through = charged_through;
	return subscription_save(service->command, subscription) && event_post(service->command, &release);
}

/* ------------------------------------------------------------------------------------------------ by itself */

static bool renew_part(struct command *command, void *context)
{
	return service_renew_by_itself(command, *(const int64_t *)context);
}

/* Renewed at the very moment of its expiration it does not expire; one that cannot be renewed does. */
static bool renew_first(struct command *command, int64_t id)
{
	struct problems problems;
	bool done;
	problems_init(&problems, command->arena);
	if (!command_attempt(command, renew_part, &id, &problems, &done))
		return false;
	if (!done) {
		log_write(LOG_WARNING, "subscription.renew", "tenant=%lld subscription=%lld: %s", (long long)command->tenant->id,
		          (long long)id, problems.first->message);
		command_remark(command, problems.first->code, text_of(problems.first->message));
	}
	return true;
}

static bool expire_job(struct command *command, const struct job *job)
{
	struct service service;
	struct subscription *subscription = NULL;
	if (!subscription_find(command, job->object_id, &subscription) || !subscription)
		return !store_failed(command->store);
	if (subscription_is_final(subscription->status))
		return service_term_close(command, subscription);
	if (!service_load(command, job->object_id, &service))
		return false;
	if (service_renews_at_expiration(&service) &&
	    (!renew_first(command, job->object_id) || !service_load(command, job->object_id, &service)))
		return false;
	return service_follow(&service);
}

/* ------------------------------------------------------------------------------------------------ by hand */

static const char *term_word(const struct service *service)
{
	return service_term_record.fields[SERVICE_TERM_FIELD_STATUS].words[service->term->status];
}

static bool refuse(const struct service *service, const char *status, const char *remedy, const char *what)
{
	return problem_value(service->command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, remedy, "subscription %lld is %s%s",
	                     (long long)service->subscription->id, status, what);
}

/* What has ended stays so, and what its order does not serve is served with that. */
static bool check_resumable(const struct service *service)
{
	if (ended(service))
		return refuse(service, subscription_status_word(service->subscription->status), "Place a new order.", ", which is final");
	const struct order *order = order_need(service->command, service->subscription->order_id, "/id");
	return order && (order->status == ORDER_STATUS_ACTIVE ||
	                 problem_value(service->command->problems, PROBLEM_WRONG_STATE, "/id", order->number,
	                               "Change the status of the order first.", "order %.*s of subscription %lld is %s",
	                               TEXT_ARG(order->number), (long long)service->subscription->id,
	                               order_status_word(order->status)));
}

static bool hold_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_hold *input = data;
	struct service service;
	if (!service_load(command, input->id, &service))
		return false;
	if (service.subscription->status != SUBSCRIPTION_STATUS_ACTIVE)
		return refuse(&service, subscription_status_word(service.subscription->status),
		              "Only what is served can be put on hold.", ": it is not served");
	bool good = hold(&service, command->now, true, input->reason) && service_plan_next(&service) &&
	            billing_run_schedule(command, service.account->id);
	*output = service.term;
	return good;
}

/* By hand, and not by its dates as well, which a job that is due may not have told yet. */
static bool check_held(const struct service *service)
{
	if (!service->term->held)
		return refuse(service, term_word(service), "Renew it, or restore what was terminated.", ", and not by hand");
	return service_term_status_at(service->term, service->zone, service->command->now) < SERVICE_TERM_STATUS_HOLD ||
	       refuse(service, "on hold by its dates", "Renew it.", " too");
}

static void let_go(struct service_term *term)
{
	term->held = false;
	term->status = term->expired ? SERVICE_TERM_STATUS_GRACED : SERVICE_TERM_STATUS_ACTIVE;
	if (!term->terminated_at.us) /* else it is when it was shut down before it was restored */
		term->shutdown_at = INSTANT_NONE;
}

static bool release_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_release *input = data;
	struct service service;
	if (!service_load(command, input->id, &service) || !check_resumable(&service) || !check_held(&service))
		return false;
	bool missed = service_renewal_missed(&service);
	let_go(service.term);
	if (!service_resume(&service, text_present(input->reason) ? input->reason : TEXT("released")) || !service_follow(&service) ||
	    (missed && !renew_first(command, input->id)) || !billing_run_schedule(command, service.account->id))
		return false;
	return service_term_find(command, input->id, (struct service_term **)output);
}

static bool restore_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_restore *input = data;
	struct service service;
	if (!service_load(command, input->id, &service))
		return false;
	if (service.term->destroyed)
		return problem(command->problems, PROBLEM_SUBSCRIPTION_DESTROYED, "/id", "the service of subscription %lld was removed",
		               (long long)input->id);
	if (!check_resumable(&service))
		return false;
	if (service.term->status != SERVICE_TERM_STATUS_TERMINATED)
		return refuse(&service, term_word(&service), "Only what was terminated is restored.", "");
	service.term->status = SERVICE_TERM_STATUS_GRACED;
	service.term->grace_from = command->now;
	bool good = service_resume(&service, text_present(input->reason) ? input->reason : TEXT("restored")) &&
	            service_follow(&service) && billing_run_schedule(command, service.account->id);
	*output = service.term;
	return good;
}

/* ------------------------------------------------------------------------------------------------ other terms */

static void assign(struct service_term *term, const struct subscription_set_term *input)
{
	term->own = true;
	if (input->has_grace_days)
		term->grace_days = input->grace_days;
	if (input->has_hold_days)
		term->hold_days = input->hold_days;
	if (input->has_destroy_after_hold)
		term->destroy_after_hold = input->destroy_after_hold;
	if (input->auto_renew)
		term->auto_renew = (enum service_term_auto_renew)input->auto_renew;
	if (input->has_renew_point_days)
		term->renew_point_days = input->renew_point_days;
	if (duration_present(input->renewal_period))
		term->renewal_period = input->renewal_period;
	if (input->renew_from)
		term->renew_from = (enum service_term_renew_from)input->renew_from;
}

static bool says_something(const struct subscription_set_term *input)
{
	return input->has_grace_days || input->has_hold_days || input->has_destroy_after_hold || input->auto_renew ||
	       input->has_renew_point_days || duration_present(input->renewal_period) || input->renew_from;
}

static bool as_the_plan(struct service *service)
{
	struct plan *plan = NULL;
	if (!plan_find(service->command, service->subscription->plan_id, &plan))
		return false;
	service->term->own = false;
	if (plan && plan->terms)
		service_term_resolve(service->term, plan->terms);
	return true;
}

static bool set_term_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_set_term *input = data;
	struct service service;
	if (duration_present(input->renewal_period) &&
	    !service_period_check(input->renewal_period, "/renewal_period", command->problems))
		return false;
	if (!service_load(command, input->id, &service))
		return false;
	if (ended(&service))
		return refuse(&service, subscription_status_word(service.subscription->status),
		              "Only what can be renewed has other terms.", ", which is final");
	if (input->has_of_plan && input->of_plan && !as_the_plan(&service))
		return false;
	if (says_something(input))
		assign(service.term, input);
	if (input->auto_renew && service.term->auto_renew != SERVICE_TERM_AUTO_RENEW_DISABLED)
		service.subscription->auto_renew = true; /* who says when it renews itself wants it to */
	bool good = subscription_save(command, service.subscription) && service_follow(&service);
	*output = service.term;
	return good;
}

const struct command_type service_term_commands[] = {
	{ .name = "subscription.set_term", .scope = "write", .input = &subscription_set_term_record, .output = &service_term_record,
	  .perform = set_term_perform, .doc = "Gives a subscription other days of grace and hold, or another automatic renewal." },
	{ .name = "subscription.hold", .scope = "write", .input = &subscription_hold_record, .output = &service_term_record,
	  .perform = hold_perform, .doc = "Puts a subscription with service terms on hold by hand." },
	{ .name = "subscription.release", .scope = "write", .input = &subscription_release_record, .output = &service_term_record,
	  .perform = release_perform, .doc = "Serves a subscription again that was put on hold by hand." },
	{ .name = "subscription.restore", .scope = "write", .input = &subscription_restore_record, .output = &service_term_record,
	  .perform = restore_perform, .doc = "Serves a terminated subscription again, for the days of grace." },
	{ .name = NULL },
};

const struct job_kind service_term_jobs[] = {
	{ "subscription.expire", expire_job, "A period of service terms expires, or its grace or hold is over." },
	{ 0 },
};
