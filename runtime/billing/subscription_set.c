/* subscription_set.c: quantity, bill cycle day and catalog version of a subscription, from a moment on. */
#include "account_day.h"
#include "catalog_plan.h"
#include "subscription_announce.h"
#include "subscription_commands.h"
#include "subscription_terms.h"

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
	const char *amounts_at = row.has_quantity ? "/quantity" : row.catalog_plan_id ? "/version_id" : NULL;
	struct subscription_touch touch = { .from = setting->at, .at = setting->at, .amounts_at = amounts_at };
	row.at = setting->at;
	return subscription_event_add(command, setting->subscription, row) &&
	       subscription_announce_setting(command, setting->subscription, &row) &&
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
	struct date requested = input->effective_date; /* also one before its start, when the day began before it */
	if (input->effective_at.us != 0)
		requested = timezone_date(command_zone(command, setting.account), setting.at);
	setting.at = account_day_begins(command, setting.account, setting.subscription, (int)input->bill_cycle_day, requested);
	return finish_setting(command, &setting, row, output);
}

/* ------------------------------------------------------------------------------------------------ versions */

static bool has_no_version(struct command *command, int64_t id)
{
	struct catalog_version *version = NULL;
	if (!catalog_version_find(command, id, &version) || version)
		return false;
	problem_value(command->problems, PROBLEM_NOT_FOUND, "/version_id", text_from_int64(command->arena, id),
	              "Name a version that GET /v1/catalog/versions lists.", "catalog version %lld does not exist", (long long)id);
	return true;
}

/* The plan of that code in the version that is meant. */
static bool find_in_version(struct command *command, const struct catalog_plan *plan, int64_t version_id,
                            struct instant at, struct catalog_plan **found)
{
	struct catalog_plan_list plans = { 0 };
	*found = NULL;
	if (!version_id)
		return catalog_plan_by_code(command, plan->code, at, found);
	if (has_no_version(command, version_id) || !catalog_plan_versions(command, plan->code, &plans))
		return false;
	for (size_t i = 0; i < plans.count; i++)
		if (plans.items[i].version_id == version_id)
			*found = &plans.items[i];
	return true;
}

/* The plan that is in force then, by what is known now. */
static bool find_in_force(struct command *command, const struct setting *setting, struct catalog_plan **plan,
                          enum phase_kind *phase)
{
	struct timeline timeline;
	if (!timeline_read(command, setting->account, setting->subscription, &timeline))
		return false;
	const struct billing_event *event = billing_event_at(&timeline.laid, setting->at);
	*phase = event ? event->phase_kind : PHASE_KIND_NONE;
	return catalog_plan_find(command, event ? event->catalog_plan_id : setting->subscription->catalog_plan_id, plan) && *plan;
}

bool subscription_migrate_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_migrate *input = data;
	struct setting setting;
	struct catalog_plan *plan = NULL, *found = NULL;
	enum phase_kind phase;
	if (!begin_setting(command, input->id, input->effective_date, input->effective_at, &setting) ||
	    !find_in_force(command, &setting, &plan, &phase) || !find_in_version(command, plan, input->version_id, setting.at, &found))
		return false;
	if (!found)
		return problem_value(command->problems, PROBLEM_UNKNOWN_PLAN, "/version_id", plan->code,
		                     "Name a version that has the plan, or change the plan.",
		                     "that version has no plan '%.*s'", TEXT_ARG(plan->code));
	struct subscription_event row = { .kind = SUBSCRIPTION_EVENT_KIND_MIGRATE, .catalog_plan_id = found->id };
	return plan_has_prices(command, setting.account, found, phase, "/version_id") &&
	       finish_setting(command, &setting, row, output);
}
