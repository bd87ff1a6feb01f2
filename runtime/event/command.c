/* command.c: a request from submit to done: launched, settled by the store, finished when gateways have answered.
 *
 *     launched --body, COMMIT--> settled --no charge--> finished (done)
 *                                   \---charges--> gateway_call.c --payment.complete--> finished (done)
 */
#include "engine_state.h"

#include "base/metric.h"

/* Where command_run waits. On its stack: whoever ends the wait touches nothing of the request after it. */
struct command_wait {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool call;  /* the waiting thread is to ask the gateways itself */
	bool ended;
};

static void wait_signal(struct command_wait *wait, bool *what)
{
	pthread_mutex_lock(&wait->lock);
	*what = true;
	pthread_cond_signal(&wait->changed);
	pthread_mutex_unlock(&wait->lock);
}

/* ---- the end ---- */

static void running_end(struct engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	engine->running--;
	pthread_cond_broadcast(&engine->changed);
	pthread_mutex_unlock(&engine->lock);
}

void command_finish(struct command_request_state *state)
{
	struct engine *engine = state->engine;
	struct command_request *request = state->request;
	struct command_wait *wait = state->wait;
	rule_bundle_release(state->bundle);
	state->bundle = NULL;
	if (request->type && request->type->input && request->input)
		secrets_wipe(request->type->input, request->input);
	if (!wait && request->done)
		request->done(request);
	running_end(engine);
	if (wait)
		wait_signal(wait, &wait->ended);
}

/* ---- settled: the writer's thread, after COMMIT or rollback ---- */

/* By a test tenant's clock "later" is not known in ours: its courier looks. */
static void settle_note_messages(const struct command_request_state *state)
{
	const struct message_note_list *messages = &state->run.messages;
	struct engine *engine = state->engine;
	if (state->request->dry_run)
		return;
	for (size_t i = 0; i < messages->count; i++) {
		const struct message_note *note = &messages->items[i];
		if (engine->courier)
			courier_note(engine->courier, state->request->tenant_id, note->channel, note->endpoint_id,
			             note->due_at.us <= state->command.now.us ? INSTANT_NONE : note->due_at, note->anew);
		if (note->anew)
			atomic_fetch_add(&engine->endpoint_changes, 1);
	}
}

static void settle_note(const struct command_request_state *state)
{
	struct engine *engine = state->engine;
	struct instant due_at = state->run.work_due_at;
	/* Of a command that makes a tenant, the one it made. */
	int64_t tenant_id = state->command.tenant ? state->command.tenant->id : state->request->tenant_id;
	settle_note_messages(state);
	if (due_at.us && !state->request->dry_run && engine->scheduler && !clock_is_moving(engine, tenant_id))
		scheduler_note(engine->scheduler, tenant_id, due_at, due_at.us <= state->command.now.us);
}

static void settle_charges(struct command_request_state *state)
{
	if (state->wait && !worker_pool_has_threads(state->engine->workers))
		wait_signal(state->wait, &state->wait->call);
	else
		gateway_call_queue(state);
}

static void count_events(const struct command_request_state *state)
{
	_Static_assert(EVENT_COUNT <= 128, "the dimension `event` of schema/metrics.lua is too small");
	for (size_t i = 0; i < state->run.happened.count; i++)
		metric_add_at(METRIC_EVENTS_TOTAL, state->run.happened.items[i], 0, 1);
}

static void command_settle(void *context, enum store_outcome outcome)
{
	struct command_request_state *state = context;
	struct command_request *request = state->request;
	bool committed = outcome == STORE_COMMITTED;
	bool good = state->performed && (committed || (request->dry_run && outcome == STORE_ROLLED_BACK));
	request->outcome = outcome;
	request->succeeded = good && (!request->replayed || request->reply_status < 400);
	if (!good)
		command_answer_failure(state);
	if (!committed)
		gateway_call_drop(state);
	else
		count_events(state);
	if (state->run.ends_access)
		atomic_fetch_add(&state->engine->access_version, 1);
	trace_flush(state, good);
	/* Committed repeats and put-off deliveries of a rolled back job are due later as well. */
	settle_note(state);
	if (state->launch.settled)
		state->launch.settled(state->launch.context, outcome);
	if (committed && state->run.charges)
		settle_charges(state);
	else
		command_finish(state);
}

/* ---- launching ---- */

/* A job's run is undone because another of its batch failed: what it has left in memory is forgotten. */
static void command_renew(void *context)
{
	struct command_request_state *state = context;
	struct command_request *request = state->request;
	gateway_call_drop(state);
	rule_bundle_release(state->bundle);
	state->bundle = NULL;
	state->run = (struct command_state){ .wants_payload = state->run.wants_payload };
	state->performed = state->nothing_done = false;
	request->output = NULL;
	request->reply_content_type = request->reply_body = TEXT_NONE;
	arena_rewind(request->arena, state->launched);
	problems_init(request->problems, request->arena);
}

static void request_check(const struct command_request *request, const struct command_launch *launch)
{
	if (!request->arena || !request->problems)
		BUG("a request has neither arena nor problems of its own");
	if (!request->type && !(launch && launch->job_id))
		BUG("a request has no command");
	if (request->type && request->type->global)
		return;
	if (request->tenant_id <= 0)
		BUG("a request has no tenant");
}

static struct command_request_state *state_new(struct engine *engine, struct command_request *request,
                                               const struct command_launch *launch)
{
	struct command_request_state *state = arena_new(request->arena, struct command_request_state);
	request->state = state;
	request->output = NULL;
	request->succeeded = request->replayed = false;
	request->trace = NULL;
	request->trace_count = 0;
	if (!uuid_present(request->correlation_id))
		request->correlation_id = uuid_time_ordered();
	state->engine = engine;
	state->request = request;
	if (launch)
		state->launch = *launch;
	state->run.wants_payload = engine->options.trace || request->dry_run;
	state->store_job = (struct store_job){
		.tenant_id = request->type && request->type->global ? 0 : request->tenant_id,
		.dry_run = request->dry_run,
		.lane = state->launch.lane,
		.held_most_us = state->launch.held_most_us,
		.body = command_body,
		.after_rollback = command_after_rollback,
		.done = command_settle,
		.context = state,
		.arena = request->arena,
		.problems = request->problems,
	};
	/* A job is all its own; of another request the arena and what it reads are somebody else's. */
	if (state->launch.job_id && !request->encode && !request->permit)
		state->store_job.renew = command_renew;
	state->launched = arena_mark(request->arena);
	return state;
}

static void launch_state(struct command_request_state *state)
{
	struct engine *engine = state->engine;
	pthread_mutex_lock(&engine->lock);
	engine->running++;
	pthread_mutex_unlock(&engine->lock);
	store_submit(engine->store, &state->store_job);
}

void command_launch(struct engine *engine, struct command_request *request, const struct command_launch *launch)
{
	request_check(request, launch);
	launch_state(state_new(engine, request, launch));
}

bool command_launch_wait(struct engine *engine, struct command_request *request, const struct command_launch *launch)
{
	struct command_wait wait = { .call = false };
	request_check(request, launch);
	pthread_mutex_init(&wait.lock, NULL);
	pthread_cond_init(&wait.changed, NULL);
	struct command_request_state *state = state_new(engine, request, launch);
	state->wait = &wait;
	state->store_job.held_most_us = INT64_MAX; /* this thread has the time */
	launch_state(state);

	pthread_mutex_lock(&wait.lock);
	while (!wait.ended) {
		if (wait.call) {
			wait.call = false;
			pthread_mutex_unlock(&wait.lock);
			gateway_call_run(state);
			pthread_mutex_lock(&wait.lock);
		} else {
			pthread_cond_wait(&wait.changed, &wait.lock);
		}
	}
	pthread_mutex_unlock(&wait.lock);
	pthread_cond_destroy(&wait.changed);
	pthread_mutex_destroy(&wait.lock);
	return request->succeeded;
}

void command_submit(struct engine *engine, struct command_request *request)
{
	command_launch(engine, request, NULL);
}

bool command_run(struct engine *engine, struct command_request *request)
{
	return command_launch_wait(engine, request, NULL);
}
