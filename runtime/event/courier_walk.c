/* courier_walk.c: one tenant's messages on a caller's thread, at the instants that a clock comes by.
 *
 * Such a courier has no thread, no notes and no circuit. Its lanes live as long as the walk, and so do its connections; a lane
 * whose tries fail and take long is given up, and what waits there goes to the engine's thread when the walk ends.
 */
#include "courier_state.h"

/* ---- where messages wait ---- */

static bool walk_sends(const struct message_walk *walk, const struct delivery_channel *channel, int64_t endpoint_id)
{
	const struct lane *lane = walk->courier ? lane_first(walk->courier) : NULL;
	while (lane && !(lane->channel == channel && lane->endpoint_id == endpoint_id))
		lane = lane_next(lane);
	return channel && !(lane && lane->given_up);
}

struct next_due {
	const struct message_walk *walk;
	struct instant *next;
};

/* Columns: channel, endpoint, the first instant. What no channel sends waits for ever, and nobody waits for it. */
static bool next_due_row(void *context, const struct store_row *row)
{
	struct next_due *due = context;
	int64_t due_at = store_row_integer(row, 2);
	if (walk_sends(due->walk, engine_channel(due->walk->engine, store_row_text(row, 0)), store_row_integer(row, 1)) &&
	    (due->next->us == 0 || due_at < due->next->us))
		due->next->us = due_at;
	return true;
}

bool message_walk_next(const struct message_walk *walk, struct command *view, struct instant *next)
{
	struct next_due due = { walk, next };
	return store_each(view->store, STATEMENT_DELIVERY_NEXT_PENDING, NO_BINDS, next_due_row, &due);
}

struct due_lanes {
	const struct message_walk *walk;
	struct instant until;
	bool any;
};

/* Columns as above. */
static bool due_lane(void *context, const struct store_row *row)
{
	struct due_lanes *due = context;
	due->any = store_row_integer(row, 2) <= due->until.us &&
	           walk_sends(due->walk, engine_channel(due->walk->engine, store_row_text(row, 0)), store_row_integer(row, 1));
	return !due->any;
}

static bool due_lanes_read(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_DELIVERY_NEXT_PENDING, NO_BINDS, due_lane, context);
}

static bool wake_row(void *context, const struct store_row *row)
{
	struct courier *courier = context;
	const struct delivery_channel *channel = engine_channel(courier->engine, store_row_text(row, 0));
	if (channel && store_row_integer(row, 2) <= courier->until.us)
		lane_wake(courier, lane_find(courier, courier->only_tenant_id, channel, store_row_integer(row, 1)), INSTANT_NONE);
	return true;
}

static bool wake_read(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_DELIVERY_NEXT_PENDING, NO_BINDS, wake_row, context);
}

/* ---- sending it ---- */

static bool anything_left(const struct courier *courier)
{
	for (const struct lane *lane = lane_first(courier); lane; lane = lane_next(lane))
		if ((lane->wakes && !lane->given_up) || lane->open)
			return true;
	return false;
}

static void given_up_drop(struct courier *courier)
{
	for (struct lane *lane = lane_first(courier); lane; lane = lane_next(lane))
		if (lane->given_up)
			lane_drop(lane);
}

/* A walk has no notes: when an endpoint was changed, any, what goes to endpoints and is not under way is read again. */
static void changes_hear(struct courier *courier)
{
	if (!changes_wait(courier))
		return;
	courier->changes_heard = atomic_load(&courier->engine->endpoint_changes);
	for (struct lane *lane = lane_first(courier); lane; lane = lane_next(lane)) {
		if (!lane->endpoint_id)
			continue;
		lane_drop(lane);
		lane->wakes = true;
	}
}

bool walk_stops(const struct courier *courier)
{
	return courier->only_tenant_id && atomic_load(&courier->engine->clocks_stopped);
}

static bool courier_exhaust(struct courier *courier, struct problems *problems)
{
	if (!store_read(courier->engine->store, courier->only_tenant_id, problems->arena, problems, wake_read, courier))
		return false;
	while (anything_left(courier) && !courier->store_failed) {
		if (walk_stops(courier)) {
			courier_run_out(courier);
			break;
		}
		changes_hear(courier);
		round_run(courier);
		given_up_drop(courier);
		if (courier->in_flight)
			curl_multi_poll(courier->multi, NULL, 0, 100, NULL);
	}
	return !courier->store_failed ||
	       problem(problems, PROBLEM_STORE_FAILED, "", "what became of messages could not be written back");
}

static bool walk_courier(struct message_walk *walk)
{
	if (walk->courier)
		return true;
	walk->courier = courier_new(walk->engine, walk->tenant_id);
	if (!walk->courier)
		return false;
	walk->courier->hold = (struct hold){ .tenant_id = walk->tenant_id };
	if (walk->engine->courier)
		hold_begin(walk->engine->courier, &walk->courier->hold);
	return true;
}

bool message_walk_due(struct message_walk *walk, struct instant until, struct problems *problems, bool *any)
{
	struct due_lanes due = { .walk = walk, .until = until };
	*any = false;
	if (!store_read(walk->engine->store, walk->tenant_id, problems->arena, problems, due_lanes_read, &due))
		return false;
	if (!due.any)
		return true;
	if (!walk_courier(walk))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out before messages were sent");
	walk->courier->until = until;
	walk->courier->ended = 0;
	bool good = courier_exhaust(walk->courier, problems);
	*any = walk->courier->ended > 0;
	return good;
}

void message_walk_end(struct message_walk *walk)
{
	if (!walk->courier)
		return;
	if (walk->engine->courier)
		hold_end(walk->engine->courier, &walk->courier->hold);
	courier_free(walk->courier);
	walk->courier = NULL;
}
