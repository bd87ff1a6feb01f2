/* termination_request.c: a wish that an account end on a day: made, withdrawn, carried out. */
#include "termination_request.h"

#include "account.h"
#include "account_termination.h"
#include "event/dispatch.h"
#include "subscription.h"

static const char job_name[] = "account.terminate";

/* ------------------------------------------------------------------------------------------------ reading */

bool termination_request_find(struct command *command, int64_t id, struct termination_request **request)
{
	return store_find(command->store, &termination_request_record, id, (void **)request);
}

bool termination_request_page(struct command *command, const struct object_filter *filter,
                              struct termination_request_list *requests)
{
	const char *const *words = termination_request_record.fields[TERMINATION_REQUEST_FIELD_STATUS].words;
	return store_all(command->store, STATEMENT_TERMINATION_REQUEST_PAGE,
	                 BINDS(bind_id(filter->account_id), bind_c(filter->status ? words[filter->status] : NULL),
	                       bind_id(filter->before_id), bind_integer(object_page_rows(filter))),
	                 &termination_request_record, LIST(requests));
}

static bool last_of_status(struct command *command, int64_t account_id, enum termination_request_status status,
                           struct termination_request **request)
{
	struct object_filter filter = { .account_id = account_id, .status = (int)status, .max = 1 };
	struct termination_request_list found = { 0 };
	if (!termination_request_page(command, &filter, &found))
		return false;
	*request = found.count ? &found.items[0] : NULL;
	return true;
}

bool termination_request_pending(struct command *command, int64_t account_id, struct termination_request **request)
{
	return last_of_status(command, account_id, TERMINATION_REQUEST_STATUS_PENDING, request);
}

bool termination_request_last_done(struct command *command, int64_t account_id, struct termination_request **request)
{
	return last_of_status(command, account_id, TERMINATION_REQUEST_STATUS_DONE, request);
}

static bool save(struct command *command, struct termination_request *request)
{
	request->updated_at = command->now;
	return store_update(command->store, &termination_request_record, request);
}

/* ------------------------------------------------------------------------------------------------ made */

static struct instant start_of(const struct command *command, const struct account *account, struct date date)
{
	struct instant start = timezone_start_of_date(command_zone(command, account), date);
	return start.us > command->now.us ? start : command->now;
}

static bool check_account(struct command *command, const struct account *account)
{
	struct termination_request *other;
	if (account->status == ACCOUNT_STATUS_TERMINATED)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/account_id", "account %lld is terminated",
		               (long long)account->id);
	if (!termination_request_pending(command, account->id, &other))
		return false;
	return !other || problem_value(command->problems, PROBLEM_DUPLICATE, "/account_id", TEXT_NONE,
	                               "Withdraw that one first.", "account %lld has the pending request %lld",
	                               (long long)account->id, (long long)other->id);
}

/* Also of what a rule has assigned. */
static bool check_request(struct command *command, const struct account *account,
                          const struct termination_request *request)
{
	if (!record_check(&termination_request_record, request, "", command->problems))
		return false;
	if (date_compare(request->termination_date, command_today(command, account)) < 0)
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/termination_date",
		                     date_text(command->arena, request->termination_date), "Leave it out for today.",
		                     "the termination date lies in the past");
	const struct duration *period = &request->reactivation_period;
	return (period->months >= 0 && period->days >= 0 && period->us >= 0) ||
	       problem_value(command->problems, PROBLEM_BAD_PERIOD, "/reactivation_period",
	                     duration_text(command->arena, *period), NULL, "a reactivation period is not below zero");
}

static struct termination_request *new_request(struct command *command, const struct account *account,
                                               const struct termination_request_create *input)
{
	struct termination_request *request = arena_new(command->arena, struct termination_request);
	request->id = store_new_id(command->store, "termination_request");
	request->uuid = uuid_time_ordered();
	request->account_id = account->id;
	request->status = TERMINATION_REQUEST_STATUS_PENDING;
	request->termination_date =
	        date_present(input->termination_date) ? input->termination_date : command_today(command, account);
	request->option = input->option ? (enum termination_request_option)input->option
	                                : TERMINATION_REQUEST_OPTION_IMMEDIATE;
	request->reactivation_period = input->reactivation_period;
	request->reason = input->reason;
	request->created_at = request->updated_at = command->now;
	return request;
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	const struct termination_request_create *input = data;
	struct account *account = account_need(command, input->account_id, "/account_id");
	if (!account || !check_account(command, account))
		return false;
	struct termination_request *request = new_request(command, account, input);
	struct occurrence creation = occurrence_of(EVENT_TERMINATION_REQUEST_CREATE, &termination_request_record, request,
	                                           request->id, account->id);
	creation.details.account = account;
	if (request->id == 0 || !event_pre(command, &creation) || !check_request(command, account, request))
		return false;
	request->due_at = start_of(command, account, request->termination_date);
	command_object(command, "termination_request", request->id, account->id);
	*output = request;
	return store_insert(command->store, &termination_request_record, request) && event_post(command, &creation) &&
	       job_move(command, job_name, account->id, request->id, request->due_at);
}

static bool withdraw_perform(struct command *command, const void *data, void **output)
{
	const struct termination_request_withdraw *input = data;
	struct termination_request *request;
	if (!termination_request_find(command, input->id, &request))
		return false;
	if (!request)
		return record_missing(&termination_request_record, input->id, command->problems, "/id");
	command_object(command, "termination_request", request->id, request->account_id);
	*output = request;
	if (request->status != TERMINATION_REQUEST_STATUS_PENDING)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "termination request %lld is %s",
		               (long long)request->id,
		               termination_request_record.fields[TERMINATION_REQUEST_FIELD_STATUS].words[request->status]);
	request->status = TERMINATION_REQUEST_STATUS_WITHDRAWN;
	request->due_at = INSTANT_NONE;
	return save(command, request) && job_remove(command, job_name, request->id);
}

/* ------------------------------------------------------------------------------------------------ carried out */

bool termination_request_done(struct command *command, const struct account *account,
                              struct termination_request *request)
{
	struct duration period = request->reactivation_period;
	request->status = TERMINATION_REQUEST_STATUS_DONE;
	request->due_at = INSTANT_NONE;
	request->done_at = command->now;
	if (duration_present(period)) {
		const struct timezone_rules *zone = command_zone(command, account);
		struct duration days = { period.months, period.days, 0 };
		struct date last = date_add_duration(command_today(command, account), days);
		if (date_present(last))
			request->reactivation_until = instant_after(
			        timezone_instant(zone, last, timezone_time_of_day_us(zone, command->now)), period.us);
		if (request->reactivation_until.us == 0)
			return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/reactivation_period",
			               "the reactivation period ends after the last day of the calendar");
	}
	return save(command, request) && job_remove(command, job_name, request->id);
}

/* A subscription of an order ends with what it is charged for; one that is being renewed, at its end. */
static bool end_with_charges(struct command *command, const struct account *account,
                             const struct subscription *subscription, struct date *last)
{
	struct date today = command_today(command, account), end = subscription->end_date;
	void *updated;
	if (subscription->renewal_invoice_id) {
		*last = date_max(*last, end);
		return true;
	}
	if (subscription->expires_at.us) {
		const struct subscription_update lapse = { .id = subscription->id, .has_auto_renew = true };
		*last = date_max(*last, end);
		return !subscription->auto_renew || command_perform(command, "subscription.update", &lapse, &updated);
	}
	struct date charged = date_max(subscription->charged_through, today);
	if (date_compare(charged, subscription->start_date) <= 0)
		return true;
	struct subscription_update update = { .id = subscription->id, .end_date = date_min(end, charged),
		                              .has_auto_renew = true };
	*last = date_max(*last, update.end_date);
	return (date_compare(end, update.end_date) == 0 && !subscription->auto_renew) ||
	       command_perform(command, "subscription.update", &update, &updated);
}

static bool end_direct_with_term(struct command *command, const struct account *account,
                                 const struct subscription *subscription, struct date *last)
{
	struct subscription_cancel cancel = {
		.id = subscription->id,
		.entitlement_policy = SUBSCRIPTION_CANCEL_ENTITLEMENT_POLICY_END_OF_TERM,
		.billing_policy = SUBSCRIPTION_CANCEL_BILLING_POLICY_END_OF_TERM,
		.reason = TEXT("termination request"),
	};
	struct subscription *ended = NULL;
	struct instant end = subscription->billed_until;
	if (end.us == 0) {
		if (!command_perform(command, "subscription.cancel", &cancel, (void **)&ended))
			return false;
		end = ended->billed_until;
	}
	*last = date_max(*last, timezone_date(command_zone(command, account), end));
	return true;
}

/* Nothing goes on beyond what is charged; *last = the latest end, none: nothing is served. */
static bool end_terms(struct command *command, const struct account *account, struct date *last)
{
	struct subscription_list live = { 0 };
	*last = DATE_NONE;
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_LIVE_OF_ACCOUNT, BINDS(bind_id(account->id)),
	               &subscription_record, LIST(&live)))
		return false;
	for (size_t i = 0; i < live.count; i++) {
		const struct subscription *subscription = &live.items[i];
		if (!(subscription->order_id ? end_with_charges(command, account, subscription, last)
		                             : end_direct_with_term(command, account, subscription, last)))
			return false;
	}
	return true;
}

static bool due(struct command *command, struct account *account, struct termination_request *request)
{
	struct date last = DATE_NONE;
	if (request->option == TERMINATION_REQUEST_OPTION_END_OF_SUBSCRIPTION && !end_terms(command, account, &last))
		return false;
	if (date_compare(last, command_today(command, account)) <= 0)
		return account_end(command, &account, request, request->reason);
	request->due_at = start_of(command, account, last);
	return save(command, request) && job_move(command, job_name, account->id, request->id, request->due_at);
}

static bool terminate_job(struct command *command, const struct job *job)
{
	struct termination_request *request;
	if (!termination_request_find(command, job->object_id, &request))
		return false;
	if (!request || request->status != TERMINATION_REQUEST_STATUS_PENDING)
		return true;
	struct account *account = account_need(command, request->account_id, "/account_id");
	return account && (account->status == ACCOUNT_STATUS_TERMINATED ? termination_request_done(command, account, request)
	                                                                : due(command, account, request));
}

const struct command_type termination_request_commands[] = {
	{ .name = "termination_request.create",
	  .scope = "write",
	  .input = &termination_request_create_record,
	  .output = &termination_request_record,
	  .perform = create_perform,
	  .doc = "Asks that an account end on a day, at once or with what is charged." },
	{ .name = "termination_request.withdraw",
	  .scope = "write",
	  .input = &termination_request_withdraw_record,
	  .output = &termination_request_record,
	  .perform = withdraw_perform,
	  .doc = "Takes back a termination request that is pending." },
	{ .name = NULL },
};

const struct job_kind termination_request_jobs[] = {
	{ job_name, terminate_job, "A termination request is due." },
	{ 0 },
};
