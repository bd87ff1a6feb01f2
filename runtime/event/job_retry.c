/* job_retry.c: dead work is begun anew by hand. */
#include "engine_state.h"

/* Billing's kinds are one job an object; the engine's own stand side by side. */
static bool is_planned_again(struct command *command, const struct job *dead, bool *planned)
{
	struct job *other = NULL;
	for (const struct job_kind *kind = engine_job_kinds; kind->name; kind++)
		if (text_is(dead->kind, kind->name))
			return !(*planned = false);
	if (!store_one(command->store, STATEMENT_JOB_OF_OBJECT, BINDS(bind_text(dead->kind), bind_id(dead->object_id)),
	               &job_record, (void **)&other))
		return false;
	*planned = other != NULL;
	return true;
}

static bool job_retry_perform(struct command *command, const void *data, void **output)
{
	const struct job_retry *input = data;
	struct job *job;
	bool planned;
	if (!store_find(command->store, &job_record, input->id, (void **)&job))
		return false;
	if (!job)
		return record_missing(&job_record, input->id, command->problems, "/id");
	if (job->status != JOB_STATUS_DEAD)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", job->kind,
		                     "Retry work that is dead.", "job %lld is due and runs by itself",
		                     (long long)job->id);
	if (!is_planned_again(command, job, &planned))
		return false;
	if (planned)
		return problem_value(command->problems, PROBLEM_CONFLICT, "/id", job->kind, "Let the other one run.",
		                     "there is another job %.*s of the same object", TEXT_ARG(job->kind));
	job->status = JOB_STATUS_DUE;
	job->attempts = 0;
	job->has_rule_fault = false;
	job->due_at = command->now;
	work_due(command, job->due_at);
	command_object(command, "job", job->id, job->account_id);
	*output = job;
	return store_update(command->store, &job_record, job);
}

const struct command_type job_commands[] = {
	{ .name = "job.retry",
	  .scope = "admin",
	  .input = &job_retry_record,
	  .output = &job_record,
	  .without_rules = true,
	  .perform = job_retry_perform,
	  .doc = "Begins dead work anew, with all its attempts." },
	{ .name = NULL },
};
