/* command_body.c: what a request does in its transaction: key, context, perform, answer, audit row; and after a
 * rollback. */
#include "engine_state.h"

#include "base/log.h"

enum { ROLLBACK_BYTES = 4 * 1024 * 1024 };

/* ---- idempotency keys ---- */

static void reply_replay(struct command_request_state *state, const struct idempotency *stored)
{
	struct command_request *request = state->request;
	request->reply_status = stored->status;
	request->reply_content_type = stored->content_type;
	request->reply_body = stored->body;
	request->replayed = true;
	state->nothing_done = true;
}

/* *replayed: the reply is made and nothing is to be done. */
static bool key_begin(struct command_request_state *state, bool *replayed)
{
	struct command_request *request = state->request;
	struct idempotency *idempotency = &state->idempotency;
	*idempotency = (struct idempotency){ .key = request->idempotency_key, .fingerprint = request->fingerprint };
	*replayed = false;
	if (!store_idempotency_begin(state->command.store, idempotency))
		return false;
	switch (idempotency->state) {
	case IDEMPOTENCY_NEW:
		state->keyed = true;
		state->run.request_key = idempotency->key;
		return true;
	case IDEMPOTENCY_FINISHED:
		reply_replay(state, idempotency);
		return *replayed = true;
	case IDEMPOTENCY_RUNNING:
		if (!gateway_answer_lost(state, replayed))
			return false;
		return *replayed || problem(request->problems, PROBLEM_IDEMPOTENCY_IN_USE, "",
		                            "a request with the idempotency key '%.*s' is under way",
		                            TEXT_ARG(request->idempotency_key));
	case IDEMPOTENCY_MISMATCH:
		break;
	}
	return problem(request->problems, PROBLEM_IDEMPOTENCY_MISMATCH, "",
	               "the idempotency key '%.*s' was used with another request", TEXT_ARG(request->idempotency_key));
}

bool command_key_finish(struct command_request_state *state, struct store_transaction *transaction)
{
	const struct command_request *request = state->request;
	state->idempotency.status = request->reply_status;
	state->idempotency.content_type = request->reply_content_type;
	state->idempotency.body = request->reply_body;
	return store_idempotency_finish(transaction, &state->idempotency);
}

/* A refusal of this very request is stored, so that its repeat is refused alike; what may pass is not, and the key of a
 * condition that failed is free for the same request with a newer one. */
static bool answer_is_stored(const struct command_request *request)
{
	int status = request->reply_status;
	return status >= 400 && status < 500 && status != 429 &&
	       request->problems->first->code != PROBLEM_PRECONDITION_FAILED;
}

/* ---- the body ---- */

static bool body_begin(struct command_request_state *state, struct store_transaction *transaction)
{
	struct command_request *request = state->request;
	struct command *command = &state->command;
	*command = (struct command){
		.engine = state->engine,
		.store = transaction,
		.arena = request->arena,
		.problems = request->problems,
		.type = request->type,
		.origin = request->origin,
		.correlation_id = request->correlation_id,
		.causation_id = request->causation_id,
		.depth = request->depth,
		.dry_run = request->dry_run,
		.state = &state->run,
	};
	bool repairs = request->type && request->type->without_rules;
	bool good = command_context(command, state->store_job.tenant_id, repairs ? BUNDLE_WISHED : BUNDLE_NEEDED);
	state->bundle = command->bundle;
	return good;
}

static bool body_permit(struct command_request_state *state)
{
	struct command_request *request = state->request;
	struct command view;
	return !request->permit || (command_view(&state->command, &view) && request->permit(&view, request));
}

static bool body_perform(struct command_request_state *state)
{
	struct command_request *request = state->request;
	if (state->launch.job_id)
		return job_perform(state);
	if (request->depth > COMMAND_DEPTH_MAX)
		return problem(request->problems, PROBLEM_RULE_DEPTH, "", "%s was asked for by rules more than %d deep",
		               request->type->name, COMMAND_DEPTH_MAX);
	return request->type->perform(&state->command, request->input, &request->output);
}

/* What a perform may leave unsaid: a failed store, memory that ran out, false without a reason. */
static bool body_sound(struct command_request_state *state, bool performed)
{
	struct problems *problems = state->request->problems;
	if (arena_exhausted(state->request->arena))
		return problem_out_of_memory(problems, "a command was performed");
	if (store_failed(state->command.store))
		performed = false;
	if (!performed && problems->count == 0)
		problem(problems, PROBLEM_INTERNAL, "", "%s failed and did not say why",
		        state->command.type ? state->command.type->name : "a command");
	return performed;
}

static bool body_answer(struct command_request_state *state)
{
	struct command_request *request = state->request;
	bool later = state->run.charges && !request->dry_run;
	request->reply_status = 200;
	if (request->encode && !later)
		request->encode(&state->command, request);
	if (request->dry_run)
		return true;
	return audit_done(&state->command) &&
	       (!state->keyed || later || command_key_finish(state, state->command.store));
}

static bool body(struct command_request_state *state, struct store_transaction *transaction)
{
	struct command_request *request = state->request;
	bool replayed = false;
	if (!body_begin(state, transaction))
		return false;
	bool keyed = text_present(request->idempotency_key) && (!request->dry_run || request->looks_up_key);
	if (keyed && !key_begin(state, &replayed))
		return false;
	if (replayed)
		return state->performed = true;
	if (!body_sound(state, body_permit(state) && body_perform(state)))
		return false;
	if (state->nothing_done)
		return state->performed = true;
	if (state->launch.delivery_id &&
	    !delivery_answered(&state->command, state->launch.delivery_id, state->launch.unknown))
		return false;
	return state->performed = body_sound(state, body_answer(state));
}

/* The thread works for many requests, one after the other: lines of the log tell for which.
 *
 * A command in which an allocation failed is not believed, whatever it says: what it took for absent (a zone, settings, a
 * rule) may be there. It is undone as a whole and can be repeated. */
bool command_body(struct store_transaction *transaction, void *context)
{
	struct command_request_state *state = context;
	long failures_before = memory_failures();
	log_context_set(state->request->origin.request_id, uuid_text(state->request->arena, state->request->correlation_id));
	bool good = body(state, transaction);
	command_work_charge(&state->command);
	log_context_clear();
	if (memory_failures() == failures_before)
		return good;
	state->performed = false;
	return problem_out_of_memory(state->request->problems, "a command was performed");
}

/* ---- after a rollback ---- */

void command_answer_failure(struct command_request_state *state)
{
	struct command_request *request = state->request;
	if (state->answered)
		return;
	state->answered = true;
	state->performed = false;
	request->output = NULL;
	request->reply_content_type = request->reply_body = TEXT_NONE;
	if (request->problems->count == 0)
		problem(request->problems, PROBLEM_INTERNAL, "", "the command failed and did not say why");
	request->reply_status = problem_info(request->problems->first->code)->status;
	if (request->encode)
		request->encode(NULL, request);
}

void command_after_rollback(struct store_transaction *transaction, void *context)
{
	struct command_request_state *state = context;
	struct command *command = &state->command;
	if (state->request->dry_run)
		return;
	/* What ran out of memory must still be answered and put off, or it would stay due. */
	if (arena_exhausted(state->request->arena))
		arena_extend(state->request->arena, ROLLBACK_BYTES);
	command_answer_failure(state);
	/* Without a tenant there is no place for a row: the tenant is unknown, or it was being made. */
	if (!command->tenant || store_tenant(transaction) == 0)
		return;
	command->store = transaction;
	state->run.work_due_at = INSTANT_NONE;
	state->run.messages.count = 0;
	if (state->launch.job_id && !job_failed(state))
		return;
	if (!audit_failed(command))
		return;
	if (state->launch.delivery_id)
		delivery_failed(command, state->launch.delivery_id);
	if (state->keyed && answer_is_stored(state->request))
		command_key_finish(state, transaction);
}

/* ---- for performs ---- */

bool command_perform(struct command *command, const char *name, const void *input, void **output)
{
	if (!command->state)
		BUG("%s is performed in a read", name);
	const struct command_type *type = engine_command(command->engine, text_of(name));
	if (!type)
		BUG("there is no command %s", name);
	if (command->state->nesting >= COMMAND_NESTING_MAX)
		return problem(command->problems, PROBLEM_RULE_DEPTH, "", "commands are nested more than %d deep at %s",
		               COMMAND_NESTING_MAX, name);
	void *result = NULL;
	command->state->nesting++;
	command->state->performed_inside = true;
	bool performed = type->perform(command, input, &result);
	command->state->nesting--;
	if (output)
		*output = result;
	return performed;
}

bool command_is_alone(const struct command *command)
{
	return command->state && !command->state->performed_inside;
}

void command_object(struct command *command, const char *object_type, int64_t object_id, int64_t account_id)
{
	struct command_state *state = command->state;
	if (!state)
		BUG("an object is named in a read");
	if (state->nesting > 0 && state->object_type)
		return;
	state->object_type = object_type;
	state->object_id = object_id;
	state->object_account_id = account_id;
}

void command_remark(struct command *command, enum problem_code code, struct text message)
{
	struct command_state *state = command->state;
	if (!state || state->remark_code)
		return;
	state->remark_code = problem_info(code)->name;
	state->remark = message;
}

void command_ends_access(struct command *command)
{
	command->state->ends_access = true;
}

void command_charge_after_commit(struct command *command, const struct gateway_charge *charge)
{
	struct command_state *state = command->state;
	if (!state)
		BUG("a charge is asked for in a read");
	struct charge_run *run = arena_new(command->arena, struct charge_run);
	run->charge = *charge;
	run->flight.tenant_id = charge->tenant_id;
	if (!delivery_insert_charge(command, charge, &run->flight.delivery_id))
		return;
	/* Before the commit: from then on the scheduler would take it for one that a lost process left behind. */
	run->flying = !command->dry_run && flight_begin(command->engine, &run->flight);
	if (state->last_charge)
		state->last_charge->next = run;
	else
		state->charges = run;
	state->last_charge = run;
}
