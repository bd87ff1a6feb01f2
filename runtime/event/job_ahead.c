/* job_ahead.c: the planned work that decides what an account is billed, done ahead of its time in a part that is undone. */
#include "job_ahead.h"

#include "engine_state.h"

bool job_ahead_next(struct command *command, int64_t account_id, struct instant until, struct job **job)
{
	struct job_list jobs = { NULL, 0, 0 };
	if (!store_all(command->store, STATEMENT_JOB_AHEAD, BINDS(bind_id(account_id), bind_instant(until), bind_integer(1)),
	               &job_record, LIST(&jobs)))
		return false;
	*job = jobs.count > 0 ? &jobs.items[0] : NULL;
	return true;
}

void clock_ahead(struct command *command, struct instant at)
{
	if (at.us <= command->now.us)
		return;
	command->now = at;
	command->today = timezone_date(command->zone, at);
}

bool job_ahead_do(struct command *command, const struct job *job)
{
	struct command_request request = { .tenant_id = command->tenant->id, .arena = command->arena,
		                           .problems = command->problems };
	struct command_request_state state = { .engine = command->engine, .request = &request, .launch = { .job_id = job->id } };
	clock_ahead(command, job->due_at);
	state.command = *command;
	return job_perform(&state);
}

bool jobs_ahead(struct command *command, int64_t account_id, size_t most, struct instants_ahead *instants)
{
	struct job_list jobs = { NULL, 0, 0 };
	if (!store_all(command->store, STATEMENT_JOB_AHEAD,
	               BINDS(bind_id(account_id), bind_integer(INT64_MAX), bind_integer((int64_t)most)), &job_record, LIST(&jobs)))
		return false;
	for (size_t i = 0; i < jobs.count; i++)
		*list_add(command->arena, instants, struct instant) = jobs.items[i].due_at;
	return true;
}
