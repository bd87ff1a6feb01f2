/* withdraw.c: what rules queued is taken back by hand: a command, a message, or all that still waits of one cause. */
#include "engine_state.h"

enum { WITHDRAWN_AT_ONCE = 1000 };

static bool is_of_rules(const struct job *job)
{
	return text_is(job->kind, "command") || text_is(job->kind, "rule.post");
}

static bool job_withdraw_perform(struct command *command, const void *data, void **output)
{
	const struct job_withdraw *input = data;
	struct job *job;
	if (!store_find(command->store, &job_record, input->id, (void **)&job))
		return false;
	if (!job)
		return record_missing(&job_record, input->id, command->problems, "/id");
	if (!is_of_rules(job))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", job->kind,
		                     "Change what it was planned for: a subscription, an order, a task.",
		                     "job %lld (%.*s) follows from what there is, and not from a rule", (long long)job->id,
		                     TEXT_ARG(job->kind));
	command_object(command, "job", job->id, job->account_id);
	*output = job;
	return store_execute(command->store, STATEMENT_JOB_DELETE, BINDS(bind_id(job->id)), NULL);
}

static bool delivery_withdraw_perform(struct command *command, const void *data, void **output)
{
	const struct delivery_withdraw *input = data;
	struct delivery *delivery;
	if (!store_find(command->store, &delivery_record, input->id, (void **)&delivery))
		return false;
	if (!delivery)
		return record_missing(&delivery_record, input->id, command->problems, "/id");
	if (delivery->status != DELIVERY_STATUS_PENDING)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id",
		                     text_of(delivery_record.fields[DELIVERY_FIELD_STATUS].words[delivery->status]),
		                     "Withdraw messages that are pending.", "delivery %lld is not pending", (long long)delivery->id);
	delivery->status = DELIVERY_STATUS_WITHDRAWN;
	delivery->ended_at = command->now;
	if (delivery->due_at.us == 0)
		delivery->due_at = command->now;
	command_object(command, "delivery", delivery->id, delivery->account_id);
	*output = delivery;
	return store_update(command->store, &delivery_record, delivery) && delivery_order_goes_on(command, delivery);
}

/* Its status first: what of it runs meanwhile queues nothing more. */
static bool cause_end(struct command *command, struct cause *cause)
{
	if (cause->status == CAUSE_STATUS_WITHDRAWN)
		return true;
	cause->status = CAUSE_STATUS_WITHDRAWN;
	return store_update(command->store, &cause_record, cause);
}

static bool cause_withdraw_perform(struct command *command, const void *data, void **output)
{
	const struct cause_withdraw *input = data;
	struct cause_withdrawn *withdrawn = arena_new(command->arena, struct cause_withdrawn);
	struct cause *cause;
	if (!store_find(command->store, &cause_record, input->id, (void **)&cause))
		return false;
	if (!cause)
		return record_missing(&cause_record, input->id, command->problems, "/id");
	command_object(command, "cause", cause->id, cause->account_id);
	withdrawn->id = cause->id;
	*output = withdrawn;
	if (!cause_end(command, cause) ||
	    !store_execute(command->store, STATEMENT_JOB_WITHDRAW_OF_CAUSE,
	                   BINDS(bind_id(cause->id), bind_integer(WITHDRAWN_AT_ONCE)), &withdrawn->jobs) ||
	    !store_execute(command->store, STATEMENT_DELIVERY_WITHDRAW_OF_CAUSE,
	                   BINDS(bind_id(cause->id), bind_instant(command->now), bind_integer(WITHDRAWN_AT_ONCE)),
	                   &withdrawn->deliveries))
		return false;
	withdrawn->more = withdrawn->jobs == WITHDRAWN_AT_ONCE || withdrawn->deliveries == WITHDRAWN_AT_ONCE;
	return true;
}

#define WITHDRAW_COMMAND(command_name, in, out, function, text) \
	{ .name = command_name, .scope = "admin", .input = &in##_record, .output = &out##_record, .without_rules = true, \
	  .perform = function, .doc = text }

const struct command_type withdraw_commands[] = {
	WITHDRAW_COMMAND("job.withdraw", job_withdraw, job, job_withdraw_perform,
	                 "Takes out a command that a rule queued, or a post rule that is to be repeated."),
	WITHDRAW_COMMAND("delivery.withdraw", delivery_withdraw, delivery, delivery_withdraw_perform,
	                 "Takes back a message that waits; what is under way may still arrive."),
	WITHDRAW_COMMAND("cause.withdraw", cause_withdraw, cause_withdrawn, cause_withdraw_perform,
	                 "Lets nothing more follow from a cause, and takes out what waits of it, 1000 of each kind at a time."),
	{ .name = NULL },
};
