/* advance.c: moves the clock of a test tenant, and runs what is due by it. */
#include "engine_state.h"

enum { CLOCK_STAYS_MAX = 1000 };

/* ---- one step of the clock, as a command ---- */

struct clock_step {
	struct instant at;
	bool heartbeat;
};

/* The signal tells where the clock comes from and how much is due now that it is here. */
static bool heartbeat(struct command *command, struct instant previous_at)
{
	int64_t due;
	if (!store_integer(command->store, STATEMENT_JOB_DUE_COUNT, BINDS(bind_instant(command->now)), &due, NULL))
		return false;
	struct occurrence beat = occurrence_of(EVENT_CLOCK_HEARTBEAT, NULL, NULL, 0, 0);
	beat.details.at = command->now;
	beat.details.previous_at = previous_at;
	beat.details.due_tasks = due;
	beat.details.has_due_tasks = true;
	return event_signal(command, &beat);
}

bool clock_step(struct command *command, struct instant at, bool with_heartbeat)
{
	const struct instant previous_at = command->tenant->clock;
	command->tenant->clock = command->now = at;
	command->today = timezone_date(command->zone, command->now);
	command_object(command, "tenant", command->tenant->id, 0);
	/* A move that goes on where one was stopped has told of this instant. */
	with_heartbeat = with_heartbeat && command->tenant->beat_at.us != at.us;
	if (with_heartbeat)
		command->tenant->beat_at = at;
	return store_update(command->store, &tenant_record, command->tenant) &&
	       (!with_heartbeat || heartbeat(command, previous_at));
}

static bool clock_step_perform(struct command *command, const void *input, void **output)
{
	const struct clock_step *step = input;
	(void)output;
	return clock_step(command, step->at, step->heartbeat);
}

static const struct command_type clock_step_type = {
	.name = "clock.advance", .scope = "admin", .perform = clock_step_perform,
	.doc = "Moves a test tenant's clock by one step.",
};

/* ---- charges under way ---- */

/* True when it had to wait. */
static bool flights_wait(struct engine *engine, int64_t tenant_id)
{
	bool waited = false, flying = true;
	pthread_mutex_lock(&engine->lock);
	while (flying) {
		flying = false;
		for (const struct flight *flight = engine->flights; flight; flight = flight->next)
			flying = flying || flight->tenant_id == tenant_id;
		if (flying) {
			waited = true;
			pthread_cond_wait(&engine->changed, &engine->lock);
		}
	}
	pthread_mutex_unlock(&engine->lock);
	return waited;
}

/* ---- moves ---- */

struct clock_state {
	struct instant clock;
	struct instant next_at; /* when something is due next; none: nothing is */
	struct instant work_at; /* the same but for messages: each try of one that hears heartbeats would raise another */
};

struct clock_asked {
	const struct message_walk *messages;
	struct clock_state *state;
};

static bool next_of(struct command *command, enum statement statement, struct instant *next)
{
	int64_t due_at;
	bool found;
	if (!store_integer(command->store, statement, BINDS(bind_integer(INT64_MIN)), &due_at, &found))
		return false;
	if (found && (next->us == 0 || due_at < next->us))
		next->us = due_at;
	return true;
}

bool clock_next_job(struct command *command, struct instant *next)
{
	*next = INSTANT_NONE;
	return next_of(command, STATEMENT_JOB_NEXT_DUE, next);
}

static bool clock_state_read(struct command *command, void *context)
{
	const struct clock_asked *asked = context;
	struct clock_state *state = asked->state;
	state->clock = command->now;
	if (!clock_next_job(command, &state->work_at) || !next_of(command, STATEMENT_DELIVERY_SENT_NEXT, &state->work_at))
		return false;
	state->next_at = state->work_at;
	return message_walk_next(asked->messages, command, &state->next_at);
}

bool clock_may_move(struct command *command, struct instant until, bool *back)
{
	int64_t serial;
	bool journalled;
	*back = until.us < command->now.us;
	if (command->tenant->mode != TENANT_MODE_TEST)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/now", TEXT_NONE,
		                     "Use a test tenant to move time.", "the clock of a live tenant is the wall clock");
	if (!store_integer(command->store, STATEMENT_JOURNAL_ANY, NO_BINDS, &serial, &journalled))
		return false;
	if (*back && journalled && !tenant_is_branch(command->tenant))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/now", TEXT_NONE, "Give a later instant, or set the clock of a branch.",
		                     "the clock cannot go back from %s: something has happened by it",
		                     instant_text(command->arena, command->now).data);
	return true;
}

struct clock_walk {
	struct engine *engine;
	int64_t tenant_id;
	struct arena *arena; /* of one step */
	struct problems *problems;
	struct instant beat; /* of the last heartbeat */
	int stays;           /* at that instant */
	int64_t stops_us;    /* by the monotonic clock; 0: never */
	const struct clock_target *target;
	struct message_walk messages;
};

static bool walk_state(struct clock_walk *walk, struct clock_state *state)
{
	struct clock_asked asked = { &walk->messages, state };
	*state = (struct clock_state){ .next_at = INSTANT_NONE };
	return command_read(walk->engine, walk->tenant_id, walk->arena, walk->problems, clock_state_read, &asked);
}

static bool walk_step(struct clock_walk *walk, struct instant at, bool with_heartbeat)
{
	const struct clock_step step = { .at = at, .heartbeat = with_heartbeat };
	struct command_request request = {
		.tenant_id = walk->tenant_id,
		.type = &clock_step_type,
		.input = &step,
		.origin = { .actor = TEXT("operator") },
		.arena = walk->arena,
		.problems = walk->problems,
	};
	return command_run(walk->engine, &request);
}

/* Work that came while the last of this instant was run: another thread's. No second heartbeat for it. */
static bool walk_stay(struct clock_walk *walk, struct instant at)
{
	if (walk->stays++ > CLOCK_STAYS_MAX)
		return problem(walk->problems, PROBLEM_INTERNAL, "", "work that is due stays due after it was run");
	flights_wait(walk->engine, walk->tenant_id);
	return due_work_run(&walk->messages, at, walk->problems);
}

/* To the next instant at which something is due, at most the target; *arrived when there is no more. */
static bool walk_on(struct clock_walk *walk, bool *arrived)
{
	const struct instant until = walk->target->until;
	struct clock_state state;
	if (!walk_state(walk, &state))
		return false;
	bool due = state.next_at.us && state.next_at.us <= until.us;
	struct instant at = walk->target->jump ? until : due && state.next_at.us > state.clock.us ? state.next_at : due ? state.clock : until;
	*arrived = !due && walk->beat.us == until.us;
	if (*arrived)
		return true;
	if (at.us == walk->beat.us)
		return walk_stay(walk, at);
	bool beats = (state.work_at.us && state.work_at.us <= at.us) || at.us == until.us;
	walk->beat = at;
	walk->stays = 0;
	return walk_step(walk, at, beats) && due_work_run(&walk->messages, at, walk->problems);
}

struct clock_check {
	struct instant until;
	bool back;
};

static bool walk_check(struct command *view, void *context)
{
	struct clock_check *check = context;
	return clock_may_move(view, check->until, &check->back);
}

static bool walk_permitted(struct clock_walk *walk)
{
	const struct clock_target *target = walk->target;
	return !target->permit || command_read(walk->engine, walk->tenant_id, walk->arena, walk->problems, target->permit,
	                                       target->context);
}

static bool clock_read(struct command *command, void *context)
{
	*(struct instant *)context = command->now;
	return true;
}

/* Where it stays when it has taken too long for one request. */
static bool walk_in_time(struct clock_walk *walk)
{
	struct instant now;
	if (!walk->stops_us || clock_monotonic_us() < walk->stops_us)
		return true;
	if (!command_read(walk->engine, walk->tenant_id, walk->arena, walk->problems, clock_read, &now))
		return false;
	struct text at = instant_text(walk->arena, now);
	return problem_value(walk->problems, PROBLEM_BUSY, "/now", at, "Repeat the move, and it goes on from there.",
	                     "the clock stands at %.*s, where %lld s of work have brought it", TEXT_ARG(at),
	                     (long long)(walk->engine->options.clock_move_ms / 1000));
}

static bool walk_run(struct clock_walk *walk)
{
	struct clock_check check = { .until = walk->target->until };
	bool arrived = false, good = command_read(walk->engine, walk->tenant_id, walk->arena, walk->problems, walk_check, &check) &&
	                             walk_permitted(walk);
	if (good && check.back)
		return walk_step(walk, check.until, false);
	while (good && !arrived) {
		arena_reset(walk->arena);
		problems_init(walk->problems, walk->arena);
		good = clock_goes_on(walk->engine, walk->problems) && walk_on(walk, &arrived) && (arrived || walk_in_time(walk));
	}
	return good;
}

bool engine_advance_clock_to(struct engine *engine, int64_t tenant_id, const struct clock_target *target,
                             struct problems *problems)
{
	struct clock_move move = { .tenant_id = tenant_id };
	struct arena arena;
	struct problems own;
	struct clock_walk walk = { .engine = engine, .tenant_id = tenant_id, .arena = &arena, .problems = &own,
		                   .target = target, .messages = { engine, tenant_id, NULL } };
	if (target->until.us == 0)
		return problem(problems, PROBLEM_MISSING_FIELD, "/now", "the instant is missing");
	if (!clock_move_begin(engine, &move))
		return problem(problems, PROBLEM_CONFLICT, "/now", "the clock of tenant %lld is being moved already",
		               (long long)tenant_id);
	if (engine->options.clock_move_ms)
		walk.stops_us = clock_monotonic_us() + engine->options.clock_move_ms * US_PER_MS;
	bool good = arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	if (good) {
		problems_init(&own, &arena);
		good = walk_run(&walk);
		message_walk_end(&walk.messages);
		if (!good)
			problems_copy(problems, &own);
		arena_finish(&arena);
	} else {
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out before the clock was moved");
	}
	clock_move_end(engine, &move);
	return good;
}

bool engine_advance_clock(struct engine *engine, int64_t tenant_id, struct instant until, struct problems *problems)
{
	const struct clock_target target = { .until = until };
	return engine_advance_clock_to(engine, tenant_id, &target, problems);
}

/* ---- draining ---- */

bool engine_drain(struct engine *engine, int64_t tenant_id, struct problems *problems)
{
	struct arena arena;
	struct instant now;
	struct problems own;
	struct message_walk messages = { engine, tenant_id, NULL };
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out before due work");
	bool good;
	problems_init(&own, &arena);
	do
		good = command_read(engine, tenant_id, &arena, &own, clock_read, &now) &&
		       due_work_run(&messages, now, &own);
	while (good && flights_wait(engine, tenant_id));
	message_walk_end(&messages);
	if (!good)
		problems_copy(problems, &own);
	arena_finish(&arena);
	return good;
}
