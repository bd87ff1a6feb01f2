/* setting_follow.c: plans what settings ask for: heartbeats of live tenants, and what is told of upcoming invoices. */
#include "setting_follow.h"

#include "account.h"
#include "event/dispatch.h"
#include "upcoming.h"

static const char SETTINGS[] = "tenant.settings", HEARTBEAT[] = "clock.heartbeat";

enum { ACCOUNTS_AT_ONCE = 500 };

/* ---- the change ---- */

static bool names(const struct json *settings, const char *group, const char *name)
{
	const struct json *object = settings ? json_member(settings, group) : NULL;
	return object && object->type == JSON_OBJECT && json_member(object, name);
}

static bool plans_jobs(const struct json *settings)
{
	return names(settings, "billing", "upcoming_days") || names(settings, "tasks", "heartbeat_minutes");
}

static bool follow_from(struct command *command, int64_t after_id)
{
	return job_add(command, SETTINGS, 0, command->tenant->id, command->now,
	               text_format(command->arena, "{\"after\":%lld}", (long long)after_id));
}

bool settings_follow(struct command *command, const struct json *before, const struct json *after)
{
	return (!plans_jobs(before) && !plans_jobs(after)) || follow_from(command, 0);
}

bool settings_begin(struct command *command, const struct json *settings)
{
	bool beats = command->tenant->mode == TENANT_MODE_LIVE && names(settings, "tasks", "heartbeat_minutes");
	return !beats || follow_from(command, 0);
}

/* ---- heartbeats ---- */

static int64_t heartbeat_minutes(const struct command *command)
{
	bool live = command->tenant->mode == TENANT_MODE_LIVE;
	return live ? command_setting_integer(command, "tasks.heartbeat_minutes", 0) : 0;
}

static bool heartbeat_plan(struct command *command)
{
	int64_t minutes = heartbeat_minutes(command);
	if (!job_remove(command, HEARTBEAT, command->tenant->id) || minutes == 0)
		return minutes == 0;
	return job_add(command, HEARTBEAT, 0, command->tenant->id, (struct instant){ command->now.us + minutes * 60 * US_PER_S },
	               text_format(command->arena, "{\"previous_at\":\"%s\"}", instant_text(command->arena, command->now).data));
}

static bool heartbeat_job(struct command *command, const struct job *job)
{
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	struct occurrence beat = occurrence_of(EVENT_CLOCK_HEARTBEAT, NULL, NULL, 0, 0);
	if (heartbeat_minutes(command) == 0)
		return true;
	if (!payload || !store_integer(command->store, STATEMENT_JOB_DUE_COUNT, BINDS(bind_instant(command->now)),
	                               &beat.details.due_tasks, NULL))
		return false;
	instant_parse(json_text(json_member(payload, "previous_at")), &beat.details.previous_at);
	beat.details.at = command->now;
	beat.details.has_due_tasks = true;
	return event_signal(command, &beat) && heartbeat_plan(command);
}

bool settings_moved(struct command *command, int64_t from_tenant_id)
{
	return job_remove(command, HEARTBEAT, from_tenant_id) &&
	       (command->tenant->mode != TENANT_MODE_LIVE || follow_from(command, 0));
}

/* ---- upcoming invoices ---- */

/* Some accounts, and a job for those after them. */
static bool upcoming_plan(struct command *command, int64_t after_id)
{
	struct account_list accounts = { 0 };
	const struct page_query page = { .after_id = after_id, .limit = ACCOUNTS_AT_ONCE };
	if (command_setting_integer(command, "billing.upcoming_days", 0) == 0)
		return true;
	if (!account_page(command, page, &accounts))
		return false;
	for (size_t i = 0; i < accounts.count; i++)
		if (!upcoming_schedule(command, &accounts.items[i]))
			return false;
	return accounts.count < ACCOUNTS_AT_ONCE || follow_from(command, accounts.items[accounts.count - 1].id);
}

static bool settings_job(struct command *command, const struct job *job)
{
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	int64_t after_id = 0;
	if (!payload || !text_to_int64(json_text(json_member(payload, "after")), &after_id))
		return false;
	command_object(command, "tenant", command->tenant->id, 0);
	return (after_id > 0 || heartbeat_plan(command)) && upcoming_plan(command, after_id);
}

const struct job_kind setting_jobs[] = {
	{ SETTINGS, settings_job, "Plans what changed settings ask for." },
	{ HEARTBEAT, heartbeat_job, "The heartbeat of a live tenant." },
	{ 0 },
};
