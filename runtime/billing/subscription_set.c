/* subscription_set.c: quantity, bill cycle day and catalog version of a subscription, from a moment on. */
#include "account.h"
#include "catalog_plan.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "subscription_commands.h"
#include "subscription_moment.h"
#include "value/bill_cycle_day.h"

/* What these commands have in common: the subscription, and the moment from which something else holds. */
struct setting {
	struct subscription *subscription;
	struct account *account;
	struct instant at;
};

static bool begin_setting(struct command *command, int64_t id, struct date date, struct instant at,
                          struct setting *setting)
{
	return subscription_need_direct(command, id, &setting->subscription, &setting->account) &&
	       subscription_is_changeable(command, setting->subscription) &&
	       subscription_moment(command, setting->account, setting->subscription, date, at, &setting->at);
}

static bool finish_setting(struct command *command, const struct setting *setting, struct subscription_event row,
                           void **output)
{
	struct subscription_touch touch = { .from = setting->at, .at = setting->at };
	row.at = setting->at;
	return subscription_event_add(command, setting->subscription, row) &&
	       subscription_touch(command, setting->account, setting->subscription, &touch) &&
	       subscription_finish(command, setting->account, setting->subscription, setting->at, output);
}

bool subscription_change_quantity_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_change_quantity *input = data;
	struct setting setting;
	struct subscription_event row = {
		.kind = SUBSCRIPTION_EVENT_KIND_QUANTITY, .quantity = input->quantity, .has_quantity = true,
	};
	return begin_setting(command, input->id, input->effective_date, input->effective_at, &setting) &&
	       finish_setting(command, &setting, row, output);
}

/* ------------------------------------------------------------------------------------------------ bill cycle days */

/* The next day of that number; today's is this moment when nothing else was asked. */
static struct instant day_begins(struct command *command, const struct account *account,
                                 const struct subscription *subscription, int day, struct date requested)
{
	bool at_once;
	struct date date = bill_cycle_day_effective_date(command_today(command, account), subscription->start_date, day,
	                                                 requested, &at_once);
	struct instant begin = at_once ? command->now : timezone_start_of_date(command_zone(command, account), date);
	return moment_not_before(begin, subscription->started_at);
}

bool subscription_change_bill_cycle_day_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_change_bill_cycle_day *input = data;
	struct setting setting;
	struct subscription_event row = {
		.kind = SUBSCRIPTION_EVENT_KIND_BILL_CYCLE_DAY,
		.bill_cycle_day = input->bill_cycle_day,
		.has_bill_cycle_day = true,
	};
	if (!begin_setting(command, input->id, input->effective_date, input->effective_at, &setting))
		return false;
	bool asked = date_present(input->effective_date) || input->effective_at.us != 0;
	struct date requested = asked ? timezone_date(command_zone(command, setting.account), setting.at) : DATE_NONE;
	setting.at = day_begins(command, setting.account, setting.subscription, (int)input->bill_cycle_day, requested);
	return finish_setting(command, &setting, row, output);
}

/* ---- of an account ---- */

/* Does it take the account's day now? One that has a day of its own, or its bundle's, does not. */
static bool follows_account(struct command *command, const struct subscription *subscription, bool *follows)
{
	struct subscription_event_list rows = { 0 };
	*follows = false;
	if (!subscription_events(command, subscription, &rows))
		return false;
	for (size_t i = 0; i < rows.count; i++) {
		const struct subscription_event *row = &rows.items[i];
		if (row->kind == SUBSCRIPTION_EVENT_KIND_CREATE || row->kind == SUBSCRIPTION_EVENT_KIND_CHANGE)
			*follows = row->billing_alignment == SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_ACCOUNT;
		if (row->kind == SUBSCRIPTION_EVENT_KIND_BILL_CYCLE_DAY || row->has_bill_cycle_day) {
			*follows = false;
			return true;
		}
	}
	return true;
}

static bool add_day(struct command *command, const struct subscription *subscription, struct instant at, int64_t day)
{
	return subscription_event_add(command, subscription,
	                              (struct subscription_event){ .kind = SUBSCRIPTION_EVENT_KIND_BILL_CYCLE_DAY,
	                                                           .at = at, .bill_cycle_day = day,
	                                                           .has_bill_cycle_day = true });
}

/* The old day is kept for what was billed by it, the new one holds from its next date on. */
static bool move_day(struct command *command, struct account *account, struct subscription *subscription,
                     int64_t old_day, const struct account_change_bill_cycle_day *input)
{
	bool follows;
	if (!follows_account(command, subscription, &follows) || !follows)
		return !store_failed(command->store);
	struct instant at = day_begins(command, account, subscription, (int)input->bill_cycle_day, input->effective_date);
	struct subscription_touch touch = { .from = at, .at = at };
	return (old_day == 0 || add_day(command, subscription, subscription->started_at, old_day)) &&
	       add_day(command, subscription, at, input->bill_cycle_day) &&
	       subscription_touch(command, account, subscription, &touch);
}

static bool move_days(struct command *command, struct account *account, int64_t old_day,
                      const struct account_change_bill_cycle_day *input)
{
	struct subscription_list subscriptions = { 0 };
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_DIRECT_OF_ACCOUNT, BINDS(bind_id(account->id)),
	               &subscription_record, LIST(&subscriptions)))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++)
		if (!move_day(command, account, &subscriptions.items[i], old_day, input))
			return false;
	return true;
}

bool account_change_bill_cycle_day_perform(struct command *command, const void *data, void **output)
{
	const struct account_change_bill_cycle_day *input = data;
	struct account *account = account_need(command, input->id, "/id");
	if (!account)
		return false;
	int64_t old_day = account->has_bill_cycle_day ? account->bill_cycle_day : 0;
	struct occurrence updated =
	        occurrence_of(EVENT_ACCOUNT_UPDATE, &account_record, account, account->id, account->id);
	updated.details.old_account = record_copy(&account_record, account, command->arena);
	updated.details.changed = TEXT("bill_cycle_day");
	account->bill_cycle_day = input->bill_cycle_day;
	account->has_bill_cycle_day = true;
	command_object(command, "account", account->id, account->id);
	*output = account;
	return event_pre(command, &updated) && account_save(command, account) && event_post(command, &updated) &&
	       move_days(command, account, old_day, input) && account_bill_changed(command, account);
}

/* ------------------------------------------------------------------------------------------------ versions */

/* The plan of that code in the version that is meant. */
static bool find_in_version(struct command *command, const struct catalog_plan *plan, int64_t version_id,
                            struct instant at, struct catalog_plan **found)
{
	struct catalog_plan_list plans = { 0 };
	*found = NULL;
	if (!version_id)
		return catalog_plan_by_code(command, plan->code, at, found);
	if (!catalog_plan_versions(command, plan->code, &plans))
		return false;
	for (size_t i = 0; i < plans.count; i++)
		if (plans.items[i].version_id == version_id)
			*found = &plans.items[i];
	return true;
}

bool subscription_migrate_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_migrate *input = data;
	struct setting setting;
	struct catalog_plan *plan = NULL, *found = NULL;
	if (!begin_setting(command, input->id, input->effective_date, input->effective_at, &setting) ||
	    !catalog_plan_find(command, setting.subscription->catalog_plan_id, &plan) || !plan ||
	    !find_in_version(command, plan, input->version_id, setting.at, &found))
		return false;
	if (!found)
		return problem_value(command->problems, PROBLEM_UNKNOWN_PLAN, "/version_id", plan->code,
		                     "Name a version that has the plan, or change the plan.",
		                     "that version has no plan '%.*s'", TEXT_ARG(plan->code));
	struct subscription_event row = { .kind = SUBSCRIPTION_EVENT_KIND_MIGRATE, .catalog_plan_id = found->id };
	return finish_setting(command, &setting, row, output);
}
