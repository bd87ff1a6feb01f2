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
		.cause_id = due_at.us > command->now.us ? 0 : command->cause_id,
		.chain = due_at.us > command->now.us ? TEXT_NONE : command->chain,
	};
	return job_insert(command, &job);
}

/* ---- the job that runs ---- */

static bool is_running(const struct command *command, const char *kind, int64_t object_id)
{
	const struct job *job = command->state ? command->state->job : NULL;
	return job && job->object_id == object_id && text_is(job->kind, kind);
}

bool job_leave(struct command *command)
{
	const struct job *job = command->state->job;
	command->state->job = NULL;
	return !job || store_execute(command->store, STATEMENT_JOB_DELETE, BINDS(bind_id(job->id)), NULL);
}

static struct store_bind bind_uuid(const struct uuid *uuid)
{
	return uuid_present(*uuid) ? bind_blob(uuid->bytes, sizeof uuid->bytes) : bind_null();
}

/* A successor for later takes the row. One that is due at once has an id of its own: it is not what ran. */
static bool job_plan_again(struct command *command, struct instant due_at)
{
	const struct job *job = command->state->job;
	command->state->job = NULL;
	work_due(command, due_at);
	return store_execute(command->store, STATEMENT_JOB_PLAN_AGAIN,
	                     BINDS(bind_id(job->id), bind_instant(due_at), bind_uuid(&command->correlation_id),
	                           bind_uuid(&command->causation_id)),
	                     NULL);
}

/* ---- the one job of an object ---- */

struct planned {
	int64_t id;
	struct instant due_at;
};

static bool planned_row(void *context, const struct store_row *row)
{
	*(struct planned *)context = (struct planned){ store_row_integer(row, 0), { store_row_integer(row, 1) } };
	return false;
}

bool job_move(struct command *command, const char *kind, int64_t account_id, int64_t object_id, struct instant due_at)
{
	return job_move_with(command, kind, account_id, object_id, due_at, TEXT_NONE);
}

bool job_move_with(struct command *command, const char *kind, int64_t account_id, int64_t object_id, struct instant due_at,
                   struct text payload)
{
	struct planned planned = { .id = 0 };
	if (is_running(command, kind, object_id)) {
		if (due_at.us > command->now.us)
			return job_plan_again(command, due_at);
		if (!job_leave(command))
			return false;
	}
	if (!store_each(command->store, STATEMENT_JOB_DUE_OF_OBJECT, BINDS(bind_c(kind), bind_id(object_id)), planned_row,
	                &planned))
		return false;
	if (!planned.id)
		return job_add(command, kind, account_id, object_id, due_at, payload);
	if (planned.due_at.us == due_at.us)
		return true;
	work_due(command, due_at);
	return store_execute(command->store, STATEMENT_JOB_SET_DUE, BINDS(bind_id(planned.id), bind_instant(due_at)), NULL);
}

struct command *job_context(const struct command *view)
{
	struct command *writing = arena_new(view->arena, struct command);
	*writing = *view;
	writing->state = arena_new(view->arena, struct command_state);
	return writing;
}

bool job_remove(struct command *command, const char *kind, int64_t object_id)
{
	return store_execute(command->store, STATEMENT_JOB_REMOVE_OF_OBJECT, BINDS(bind_c(kind), bind_id(object_id)),
	                     NULL);
}

bool jobs_begin_anew(struct command *command)
{
	int64_t begun;
	if (!store_execute(command->store, STATEMENT_JOB_BEGIN_ANEW, BINDS(bind_instant(command->now)), &begun))
		return false;
	if (begun > 0)
		work_due(command, command->now);
	return true;
}

bool job_is_given_up(const struct problem *problem)
{
	return problem->code == PROBLEM_RULE_DEPTH || problem->code == PROBLEM_CAUSE_ENDED;
}

struct instant job_repeat_at(struct instant now, int64_t failures)
{
	static const int64_t delays_s[] = { 1, 10, 60, 600, 3600 };
	const int64_t count = (int64_t)(sizeof delays_s / sizeof delays_s[0]);
	if (failures < 1 || failures > count)
		return INSTANT_NONE;
	return (struct instant){ now.us + delays_s[failures - 1] * US_PER_S };
}
