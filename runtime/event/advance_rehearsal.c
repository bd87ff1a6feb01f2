/* advance_rehearsal.c: what moving a test tenant's clock would do: all of it as one command that is rolled back.
 *
 * A move is many commands; to be undone as a whole they are one, on the writer's thread. So it is bounded in pieces of work
 * (heartbeats and jobs) and in the fuel of one command, and its time is the tenant's debt. A job that fails is undone
 * alone and put off, as ever. No gateway is asked: what is charged stays pending, and no attempt is inquired about.
 */
#include "engine_state.h"

enum { PIECES_MAX = 250 };

struct rehearsal {
	struct instant until;
	struct instant beat; /* of the last heartbeat */
};

static bool refuse_length(struct command *command)
{
	return problem_value(command->problems, PROBLEM_TOO_MANY, "/now", TEXT_NONE, "Try an earlier instant.",
	                     "more than %d jobs and heartbeats are due on the way; a dry run tries no more in its one transaction",
	                     PIECES_MAX);
}

/* Rules of later jobs would fail for want of fuel that each of them has when the clock is really moved. */
static bool fuel_is_left(struct command *command)
{
	return command->state->rule_fuel < RULE_FUEL_OF_COMMAND ||
	       problem_value(command->problems, PROBLEM_RULE_FUEL, "/now", TEXT_NONE, "Try an earlier instant.",
	                     "the rules on the way need more than the %d units of fuel of one transaction, which a dry run is",
	                     RULE_FUEL_OF_COMMAND);
}

/* ---- one job ---- */

static bool job_try(struct command *command, void *context)
{
	struct command_request_state *state = context;
	state->command = *command;
	return job_perform(state);
}

static bool job_rehearse(struct command *command, const struct job *job)
{
	struct problems problems;
	struct command_request request = { .tenant_id = command->tenant->id, .arena = command->arena, .problems = &problems };
	struct command_request_state state = { .engine = command->engine, .request = &request,
	                                       .launch = { .job_id = job->id } };
	bool done;
	problems_init(&problems, command->arena);
	return command_attempt(command, job_try, &state, &problems, &done) && (done || job_failed(&state));
}

/* ---- the way ---- */

/* To the next instant at which something is due, or the next job of this one; *arrived when there is no more. */
static bool rehearsal_go(struct rehearsal *rehearsal, struct command *command, bool *arrived)
{
	struct instant next = INSTANT_NONE;
	struct job_list jobs = { NULL, 0, 0 };
	if (!clock_next_job(command, &next))
		return false;
	bool due = next.us && next.us <= rehearsal->until.us;
	struct instant at = due && next.us > command->now.us ? next : due ? command->now : rehearsal->until;
	*arrived = !due && rehearsal->beat.us == rehearsal->until.us;
	if (*arrived)
		return true;
	if (at.us != rehearsal->beat.us) {
		rehearsal->beat = at;
		return clock_step(command, at, true);
	}
	return store_all(command->store, STATEMENT_JOB_DUE, BINDS(bind_instant(at), bind_integer(1)), &job_record,
	                 LIST(&jobs)) &&
	       (jobs.count == 0 || job_rehearse(command, &jobs.items[0]));
}

static bool rehearsal_run(struct rehearsal *rehearsal, struct command *command)
{
	bool back, arrived = false;
	if (!clock_may_move(command, rehearsal->until, &back))
		return false;
	if (back)
		return clock_step(command, rehearsal->until, false);
	for (int pieces = 0; !arrived; pieces++) {
		if (pieces > PIECES_MAX)
			return refuse_length(command);
		if (!rehearsal_go(rehearsal, command, &arrived) || !fuel_is_left(command))
			return false;
	}
	return true;
}

/* What its rules took is within the whole, which is charged instead. */
static bool rehearsal_perform(struct command *command, const void *input, void **output)
{
	struct rehearsal rehearsal = { .until = *(const struct instant *)input };
	int64_t begun_us = clock_monotonic_us();
	(void)output;
	if (!command->dry_run)
		BUG("a clock is only tried in one command, not moved");
	bool good = rehearsal_run(&rehearsal, command);
	store_charge(command->store, clock_monotonic_us() - begun_us);
	command->state->work_us = 0;
	return good;
}

const struct command_type clock_rehearsal = {
	.name = "clock.advance", .scope = "admin", .perform = rehearsal_perform,
	.doc = "Tries what moving a test tenant's clock would do.",
};
