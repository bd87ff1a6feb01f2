/* webhook_order.c: messages that wait for an endpoint whose order was changed: put in line behind one another, or let go.
 *
 * What waits behind an earlier message of its account has no instant, so that nobody reads it before its turn. A backlog may be
 * long: it follows part by part, each by what the endpoint is then, and what an endpoint is in between is held by how it is
 * read (delivery_due_in_order).
 */
#include "engine_state.h"
#include "webhook_state.h"

/* Where a part ends, in the order of the line. */
struct place {
	int64_t account_id, serial, id;
};

struct place_list {
	struct place *items;
	size_t count, capacity;
	struct arena *arena;
};

/* Columns: account, serial, id. */
static bool place_row(void *context, const struct store_row *row)
{
	struct place_list *places = context;
	*list_add(places->arena, places, struct place) =
	        (struct place){ store_row_integer(row, 0), store_row_integer(row, 1), store_row_integer(row, 2) };
	return true;
}

static bool order_later(struct command *command, const struct webhook_endpoint *endpoint, struct place after)
{
	return job_add(command, "webhook.order", 0, endpoint->id, command->now,
	               text_format(command->arena, "{\"profile\":%d,\"account_id\":%lld,\"serial\":%lld,\"id\":%lld}",
	                           (int)endpoint->profile, (long long)after.account_id, (long long)after.serial, (long long)after.id));
}

static bool line_up(struct command *command, const struct webhook_endpoint *endpoint, struct place after)
{
	struct place_list places = { .arena = command->arena };
	if (!store_each(command->store, STATEMENT_DELIVERY_LINE,
	                BINDS(bind_id(endpoint->id), bind_integer(after.account_id), bind_integer(after.serial), bind_integer(after.id),
	                      bind_integer(WEBHOOK_ORDER_ROWS)),
	                place_row, &places))
		return false;
	for (size_t i = 0; i < places.count; i++) {
		const struct place *place = &places.items[i];
		if (!store_execute(command->store, STATEMENT_DELIVERY_LINE_UP,
		                   BINDS(bind_id(place->id), bind_id(endpoint->id), bind_id(place->account_id), bind_id(place->serial)),
		                   NULL))
			return false;
	}
	return places.count < WEBHOOK_ORDER_ROWS || order_later(command, endpoint, places.items[places.count - 1]);
}

static bool let_go(struct command *command, const struct webhook_endpoint *endpoint)
{
	int64_t released = 0;
	return store_execute(command->store, STATEMENT_DELIVERY_RELEASE,
	                     BINDS(bind_id(endpoint->id), bind_instant(command->now), bind_integer(WEBHOOK_ORDER_ROWS)), &released) &&
	       (released < WEBHOOK_ORDER_ROWS || order_later(command, endpoint, (struct place){ 0 }));
}

static bool order_part(struct command *command, const struct webhook_endpoint *endpoint, struct place after)
{
	struct webhook_endpoint *there = NULL;
	if (!store_find(command->store, &webhook_endpoint_record, endpoint->id, (void **)&there))
		return false;
	webhook_endpoint_note(command, endpoint);
	return there && there->ordering == WEBHOOK_ENDPOINT_ORDERING_ORDERED ? line_up(command, endpoint, after)
	                                                                     : let_go(command, endpoint);
}

bool webhook_order(struct command *command, const struct webhook_endpoint *endpoint)
{
	return order_part(command, endpoint, (struct place){ 0 });
}

bool webhook_order_perform(struct command *command, const struct job *job)
{
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	struct place after;
	int64_t profile;
	if (!payload || !text_to_int64(json_text(json_member(payload, "profile")), &profile) ||
	    !text_to_int64(json_text(json_member(payload, "account_id")), &after.account_id) ||
	    !text_to_int64(json_text(json_member(payload, "serial")), &after.serial) ||
	    !text_to_int64(json_text(json_member(payload, "id")), &after.id))
		return false;
	const struct webhook_endpoint endpoint = { .id = job->object_id, .profile = (enum webhook_endpoint_profile)profile };
	return order_part(command, &endpoint, after);
}
