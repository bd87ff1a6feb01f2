/* job.c: rows of due work: added, moved, taken out. */
#include "engine_state.h"

void work_due(struct command *command, struct instant due_at)
{
	struct instant *earliest = &command->state->work_due_at;
	if (earliest->us == 0 || due_at.us < earliest->us)
		*earliest = due_at;
}

bool job_insert(struct command *command, struct job *job)
{
	if (!command->state)
		BUG("a job is added in a read");
	job->id = store_new_id(command->store, "job");
	work_due(command, job->due_at);
	return job->id && store_insert(command->store, &job_record, job);
}

bool job_add(struct command *command, const char *kind, int64_t account_id, int64_t object_id, struct instant due_at,
             struct text payload)
{
	if (!engine_job_kind(command->engine, text_of(kind)))
		BUG("there is no kind of job %s", kind);
	struct job job = {
		.kind = text_of(kind),
		.account_id = account_id,
		.object_id = object_id,
		.due_at = due_at,
		.status = JOB_STATUS_DUE,
		.payload = payload,
		.correlation_id = command->correlation_id,
		.causation_id = command->causation_id,
		.depth = due_at.us > command->now.us ? 0 : command->depth,
	};
	return job_insert(command, &job);
}

bool job_move(struct command *command, const char *kind, int64_t account_id, int64_t object_id, struct instant due_at)
{
	struct job *job;
	if (!store_one(command->store, STATEMENT_JOB_OF_OBJECT, BINDS(bind_c(kind), bind_id(object_id)), &job_record,
	               (void **)&job))
		return false;
	if (!job)
		return job_add(command, kind, account_id, object_id, due_at, TEXT_NONE);
	if (job->due_at.us == due_at.us)
		return true;
	job->due_at = due_at;
	work_due(command, due_at);
	return store_update(command->store, &job_record, job);
}

bool job_remove(struct command *command, const char *kind, int64_t object_id)
{
	return store_execute(command->store, STATEMENT_JOB_REMOVE_OF_OBJECT, BINDS(bind_c(kind), bind_id(object_id)),
	                     NULL);
}

struct instant job_repeat_at(struct instant now, int64_t failures)
{
	static const int64_t delays_s[] = { 1, 10, 60, 600, 3600 };
	const int64_t count = (int64_t)(sizeof delays_s / sizeof delays_s[0]);
	if (failures < 1 || failures > count)
		return INSTANT_NONE;
	return (struct instant){ now.us + delays_s[failures - 1] * US_PER_S };
}
