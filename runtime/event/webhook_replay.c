/* webhook_replay.c: events that go to an endpoint once more, part by part as jobs, and messages begun anew by hand. */
#include "engine_state.h"
#include "webhook_state.h"

/* ---- one message ---- */

static bool branch_refuses(struct command *command)
{
	return !tenant_is_branch(command->tenant) ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", command->tenant->name, "Look at what it would have sent.",
	                     "a branch sends nothing");
}

bool delivery_begin_anew_at(struct command *command, struct delivery *delivery)
{
	if (tenant_is_branch(command->tenant))
		return true;
	delivery->status = DELIVERY_STATUS_PENDING;
	delivery->attempts = 0;
	delivery->ended_at = INSTANT_NONE;
	delivery_note(command, delivery, false);
	return store_execute(command->store, STATEMENT_DELIVERY_ATTEMPTS_FORGET, BINDS(bind_id(delivery->id)), NULL) &&
	       store_update(command->store, &delivery_record, delivery);
}

bool delivery_begin_anew(struct command *command, struct delivery *delivery)
{
	delivery->due_at = command->now;
	return delivery_begin_anew_at(command, delivery);
}

bool delivery_retry_perform(struct command *command, const void *data, void **output)
{
	const struct delivery_retry *input = data;
	struct delivery *delivery;
	if (!branch_refuses(command) || !store_find(command->store, &delivery_record, input->id, (void **)&delivery))
		return false;
	if (!delivery)
		return record_missing(&delivery_record, input->id, command->problems, "/id");
	if (!engine_channel(command->engine, delivery->channel))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", delivery->channel,
		                     "A charge is asked about by itself; what other channels hold is not sent by this program.",
		                     "deliveries of the channel %.*s cannot be sent again", TEXT_ARG(delivery->channel));
	command_object(command, "delivery", delivery->id, delivery->account_id);
	*output = delivery;
	return delivery_begin_anew(command, delivery);
}

/* ---- a range of serials ---- */

static struct text range_payload(struct arena *arena, int64_t from, int64_t to)
{
	return text_format(arena, "{\"from\":%lld,\"to\":%lld}", (long long)from, (long long)to);
}

bool webhook_replay_plan(struct command *command, const void *data, void **output)
{
	const struct webhook_replay *input = data;
	struct webhook_endpoint *endpoint = webhook_endpoint_need(command, input->id);
	int64_t last = 0;
	if (!endpoint || !branch_refuses(command) || !store_integer(command->store, STATEMENT_JOURNAL_LAST, NO_BINDS, &last, NULL))
		return false;
	int64_t to = input->to_serial && input->to_serial < last ? input->to_serial : last;
	int64_t from = input->from_serial ? input->from_serial : 1;
	if (input->to_serial && from > input->to_serial)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/to_serial", "to_serial %lld is before from_serial %lld",
		               (long long)input->to_serial, (long long)from);
	if (from > to)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/from_serial", "the newest of these events has the serial %lld",
		               (long long)to);
	struct webhook_replay_planned *planned = arena_new(command->arena, struct webhook_replay_planned);
	*planned = (struct webhook_replay_planned){ .id = endpoint->id, .from_serial = from, .to_serial = to };
	*output = planned;
	webhook_endpoint_note(command, endpoint); /* what was read and is not sent yet waits for what is replayed */
	return job_add(command, "webhook.replay", 0, endpoint->id, command->now,
	               range_payload(command->arena, from, to));
}

struct delivery_rows {
	struct delivery *items;
	size_t count, capacity;
};

/* The row that was there, or one for an event that came while the endpoint was disabled or heard something else. What is
 * addressed was recorded then, several to one endpoint, or is nobody's. */
static bool event_replay(struct command *command, const struct hearing *hearing, const struct journal *row)
{
	struct delivery_rows there = { NULL, 0, 0 };
	enum event_side_kind side;
	enum event event = event_find(row->event, &side);
	if (!event || !hearing_holds(hearing, event))
		return true;
	if (!store_all(command->store, STATEMENT_DELIVERY_OF_EVENT, BINDS(bind_id(hearing->endpoint_id), bind_id(row->serial)),
	               &delivery_record, LIST(&there)))
		return false;
	for (size_t i = 0; i < there.count; i++)
		if (!webhook_falls_due(command, hearing, &there.items[i]) || !delivery_begin_anew_at(command, &there.items[i]))
			return false;
	if (there.count || hearing->profile->addressed)
		return true;
	struct delivery fresh = webhook_delivery(hearing->profile, hearing->endpoint_id);
	fresh.account_id = row->account_id;
	fresh.object_id = row->object_id;
	fresh.serial = row->serial;
	return webhook_falls_due(command, hearing, &fresh) && delivery_add(command, &fresh);
}

struct journal_rows {
	struct journal *items;
	size_t count, capacity;
};

bool webhook_replay_perform(struct command *command, const struct job *job)
{
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	struct webhook_endpoint *endpoint = webhook_endpoint_need(command, job->object_id);
	struct journal_rows rows = { NULL, 0, 0 };
	struct hearing hearing;
	int64_t from = 0, to = 0;
	if (!payload || !endpoint || !text_to_int64(json_text(json_member(payload, "from")), &from) ||
	    !text_to_int64(json_text(json_member(payload, "to")), &to) ||
	    !store_all(command->store, STATEMENT_JOURNAL_AFTER,
	               BINDS(bind_integer(from - 1), bind_integer(to), bind_integer(WEBHOOK_REPLAY_ROWS)), &journal_record,
	               LIST(&rows)))
		return false;
	hearing_of(endpoint, &hearing);
	for (size_t i = 0; i < rows.count; i++)
		if (!event_replay(command, &hearing, &rows.items[i]))
			return false;
	webhook_endpoint_note(command, endpoint);
	return rows.count < WEBHOOK_REPLAY_ROWS ||
	       job_add(command, "webhook.replay", 0, endpoint->id, command->now,
	               range_payload(command->arena, rows.items[rows.count - 1].serial + 1, to));
}
