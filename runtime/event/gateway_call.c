/* gateway_call.c: charges after a commit, outside any transaction; the answer is stored by payment.complete.
 *
 *     committed with a delivery `sent` -> gateway->charge (worker, or command_run's thread) -> card wiped
 *         -> payment.complete, the delivery `done`, the request's reply and its key's answer in one transaction
 *            (an unknown answer: the delivery stays `sent`, see gateway_inquiry.c)
 */
#include "engine_state.h"

#include "base/log.h"

/* ---- what came back ---- */

static void text_settle(struct gateway_outcome *outcome, int number, struct arena *arena)
{
	const struct record_field *field = &gateway_outcome_record.fields[number];
	struct text *text = record_field_at(field, outcome);
	struct problems ignored;
	problems_init(&ignored, arena);
	if (text_present(*text) &&
	    !record_field_parse(&gateway_outcome_record, outcome, number, text_front(*text, (size_t)field->max), "", arena, &ignored))
		*text = TEXT_NONE;
}

void outcome_settle(struct gateway_outcome *outcome, int64_t attempt_id, struct arena *arena)
{
	outcome->attempt_id = attempt_id;
	if (outcome->status <= GATEWAY_OUTCOME_STATUS_NONE || outcome->status >= GATEWAY_OUTCOME_STATUS_COUNT)
		outcome->status = GATEWAY_OUTCOME_STATUS_UNKNOWN;
	for (int i = 0; i < GATEWAY_OUTCOME_FIELD_COUNT; i++)
		if (gateway_outcome_record.fields[i].kind == KIND_TEXT)
			text_settle(outcome, i, arena);
}

/* ---- payment.complete ---- */

/* In the transaction of payment.complete: the reply of the request that has been waiting. */
static void completion_encode(struct command *command, struct command_request *request)
{
	struct completion *completion = request->context;
	struct command_request_state *original = completion->original;
	if (!command || !original || !completion->last)
		return;
	original->request->output = request->output;
	original->request->reply_status = 200;
	if (original->request->encode)
		original->request->encode(command, original->request);
	/* A failure is the transaction's: payment.complete fails with it. */
	if (original->keyed)
		command_key_finish(original, command->store);
}

bool completion_run(struct completion *completion)
{
	struct engine *engine = completion->engine;
	const struct command_type *type = engine_command(engine, TEXT("payment.complete"));
	if (!type)
		return problem(completion->problems, PROBLEM_UNKNOWN_COMMAND, "",
		               "there is no command payment.complete to store a gateway's answer");
	struct command_request request = {
		.tenant_id = completion->tenant_id,
		.type = type,
		.input = completion->outcome,
		.arena = completion->arena,
		.problems = completion->problems,
		.encode = completion_encode,
		.context = completion,
	};
	if (completion->original) {
		const struct command_request *original = completion->original->request;
		request.origin = original->origin;
		request.correlation_id = completion->original->command.correlation_id;
		request.depth = completion->original->command.depth;
	}
	request.origin.actor = text_format(completion->arena, "gateway:%s", completion->gateway);
	const struct command_launch launch = {
		.delivery_id = completion->delivery_id,
		.lane = STORE_LANE_AT_ONCE, /* each payment was held before it was begun */
		.unknown = completion->outcome->status == GATEWAY_OUTCOME_STATUS_UNKNOWN,
	};
	return command_launch_wait(engine, &request, &launch);
}

/* ---- charging ---- */

static int64_t deadline_us(const struct engine *engine)
{
	int64_t ms =
	        engine->options.gateway_deadline_ms > 0 ? engine->options.gateway_deadline_ms : GATEWAY_DEADLINE_MS;
	return clock_monotonic_us() + ms * US_PER_MS;
}

/* Money moves only for a row that is there: one whose savepoint was rolled back after it asked is not charged. */
static bool charge_send(struct command_request_state *state, struct charge_run *run, struct gateway_outcome *outcome,
                        struct problems *problems)
{
	const struct gateway_charge *charge = &run->charge;
	struct delivery *delivery;
	bool sent = delivery_is_sent(state->engine, run->flight.tenant_id, run->flight.delivery_id,
	                             state->request->arena, problems, &delivery);
	if (sent)
		charge->gateway->charge(charge->gateway->context, charge, deadline_us(state->engine),
		                        state->request->arena, outcome);
	if (charge->card)
		secrets_wipe(&card_input_record, charge->card);
	outcome_settle(outcome, charge->attempt_id, state->request->arena);
	return sent;
}

static bool charge_complete(struct command_request_state *state, struct charge_run *run, struct problems *problems)
{
	struct gateway_outcome *outcome = arena_new(state->request->arena, struct gateway_outcome);
	if (!charge_send(state, run, outcome, problems))
		return false;
	struct completion completion = {
		.engine = state->engine,
		.tenant_id = run->flight.tenant_id,
		.delivery_id = run->flight.delivery_id,
		.gateway = run->charge.gateway->name,
		.outcome = outcome,
		.original = state,
		.last = !run->next,
		.arena = state->request->arena,
		.problems = problems,
	};
	return completion_run(&completion);
}

static void charge_end(struct command_request_state *state, struct charge_run *run)
{
	if (run->flying)
		flight_end(state->engine, &run->flight);
	run->flying = false;
}

/* The payment stands and may have been made; its answer comes by inquiry. The key stays in use until then. */
static void call_failed(struct command_request_state *state, const struct problems *problems)
{
	struct command_request *request = state->request;
	const struct problem *why = problems->first;
	const char *cause = why && why->cause ? why->cause : "";
	problem_value(request->problems, PROBLEM_GATEWAY_FAILED, "", TEXT_NONE,
	              "Do not pay anew: the payment stands, and what became of it is asked of the gateway.",
	              "the gateway's answer could not be stored: %s",
	              why ? why->message : "the charge is not in the store");
	if (cause[0] && problem_last(request->problems))
		problem_last(request->problems)->cause = cause;
	log_write(LOG_ERROR, "gateway.complete", "tenant=%lld: %s%s%s", (long long)request->tenant_id,
	          why ? why->message : "a charge that is not in the store was not made", cause[0] ? ": " : "", cause);
	request->succeeded = false;
	command_answer_failure(state);
}

void gateway_call_run(struct command_request_state *state)
{
	struct problems problems;
	bool good = true;
	problems_init(&problems, state->request->arena);
	log_context_set(state->request->origin.request_id, uuid_text(state->request->arena, state->command.correlation_id));
	for (struct charge_run *run = state->run.charges; run; run = run->next) {
		good = charge_complete(state, run, &problems) && good;
		charge_end(state, run);
	}
	if (!good)
		call_failed(state, &problems);
	log_context_clear();
	command_finish(state);
}

/* ---- on a worker ---- */

struct call_work {
	struct work work;
	struct command_request_state *state;
};

static void call_work_run(struct work *work)
{
	gateway_call_run(((struct call_work *)(void *)work)->state);
}

/* The work lies in the request's arena, which is in the engine's hands until done. */
void gateway_call_queue(struct command_request_state *state)
{
	struct call_work *call = arena_new(state->request->arena, struct call_work);
	call->work.run = call_work_run;
	call->state = state;
	worker_pool_add(state->engine->workers, &call->work);
}

void gateway_call_drop(struct command_request_state *state)
{
	for (struct charge_run *run = state->run.charges; run; run = run->next) {
		charge_end(state, run);
		if (run->charge.card)
			secrets_wipe(&card_input_record, run->charge.card);
	}
}
