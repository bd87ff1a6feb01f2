/* aps_hear.c: which resources hear an event, and a delivery for each of them: the first with the event, the others in parts.
 *
 * Who hears is read in four streams, each in the order of an index, so that a part costs what it tells, however many there are:
 *
 *     the owner's resources, of any source -> of this source -> linked to the source -> linked to its owner's account
 */
#include "aps_state.h"
#include "engine_state.h"

enum { OWNER_OF_TYPE, OWNER_OF_SOURCE, LINKED_TO_SOURCE, LINKED_TO_OWNER, STREAM_COUNT };

/* An event under way to those who hear it. `part` is all that a job needs of it. */
struct telling {
	struct command *command;
	struct aps_hearing_part part;
	const struct account *account;
	const struct aps_told *told; /* NULL in a job: the body is in `part` then */
	enum event event;
	int64_t object_id;
};

/* ---- who sees the source ---- */

static bool owner_part(const struct telling *telling, int64_t most, struct event_subscription_list *listeners)
{
	const struct aps_hearing_part *part = &telling->part;
	struct store_bind source = part->stream == OWNER_OF_SOURCE ? bind_text(part->source_key) : bind_null();
	return store_all(telling->command->store, STATEMENT_EVENT_SUBSCRIPTION_OF_OWNER,
	                 BINDS(bind_id(telling->account->id), bind_text(part->event), source, bind_integer(part->after_id),
	                       bind_integer(part->last_id), bind_integer(most)),
	                 &event_subscription_record, LIST(listeners));
}

/* A resource that is linked to both hears it once, of the source. */
static bool linked_part(const struct telling *telling, int64_t most, struct event_subscription_list *listeners)
{
	const struct aps_hearing_part *part = &telling->part;
	struct text owner = uuid_text(telling->command->arena, telling->account->uuid);
	bool to_source = part->stream == LINKED_TO_SOURCE;
	return store_all(telling->command->store, STATEMENT_EVENT_SUBSCRIPTION_OF_LINKED,
	                 BINDS(bind_id(telling->account->id), bind_text(part->event), bind_text(part->source_key),
	                       bind_text(to_source ? part->source_key : owner), to_source ? bind_null() : bind_text(part->source_key),
	                       bind_integer(part->after_resource_id), bind_integer(part->after_id), bind_integer(part->last_id),
	                       bind_integer(most)),
	                 &event_subscription_record, LIST(listeners));
}

static const struct hearing *hearing_at(const struct command *command, int64_t endpoint_id, enum event event)
{
	for (size_t i = 0; i < command->state->hearings.count; i++) {
		const struct hearing *hearing = &command->state->hearings.items[i];
		if (hearing->endpoint_id == endpoint_id && hearing->profile->addressed && hearing_holds(hearing, event))
			return hearing;
	}
	return NULL;
}

/* ---- told ---- */

/* APS counts the events that somebody is told of. */
static bool body_make(struct telling *telling)
{
	int64_t serial;
	if (text_present(telling->part.before))
		return true;
	if (!store_next_number(telling->command->store, "aps_serial", &serial))
		return false;
	const struct aps_notification body = aps_notification(telling->command, telling->told, serial);
	telling->part.before = body.before;
	telling->part.after = body.after;
	return true;
}

static bool tell(struct telling *telling, const struct event_subscription *subscription)
{
	struct command *command = telling->command;
	struct aps_resource *resource = NULL;
	if (!store_find(command->store, &aps_resource_record, subscription->resource_id, (void **)&resource))
		return false;
	const struct hearing *hearing = resource ? hearing_at(command, resource->endpoint_id, telling->event) : NULL;
	if (!hearing)
		return true;
	if (!body_make(telling))
		return false;
	struct delivery delivery = webhook_delivery(hearing->profile, hearing->endpoint_id);
	delivery.account_id = telling->account->id;
	delivery.object_id = subscription->id;
	delivery.serial = telling->part.serial;
	delivery.path = text_format(command->arena, "/events/%.*s/%.*s", TEXT_ARG(resource->key), TEXT_ARG(subscription->handler));
	delivery.body = TEXT_JOIN(command->arena, telling->part.before, uuid_text(command->arena, subscription->uuid), telling->part.after);
	return webhook_falls_due(command, hearing, &delivery) && delivery_add(command, &delivery);
}

static bool stream_part(struct telling *telling, int64_t most, int64_t *told)
{
	struct event_subscription_list listeners = { NULL, 0, 0 };
	struct aps_hearing_part *part = &telling->part;
	bool of_owner = part->stream == OWNER_OF_TYPE || part->stream == OWNER_OF_SOURCE;
	if (!(of_owner ? owner_part(telling, most, &listeners) : linked_part(telling, most, &listeners)))
		return false;
	for (size_t i = 0; i < listeners.count; i++)
		if (!tell(telling, &listeners.items[i]))
			return false;
	*told = (int64_t)listeners.count;
	if (*told < most) {
		part->stream++;
		part->after_id = part->after_resource_id = 0;
	} else {
		part->after_id = listeners.items[*told - 1].id;
		part->after_resource_id = listeners.items[*told - 1].resource_id;
	}
	return true;
}

/* As many as a transaction has room for; the rest is a job's. */
static bool tell_part(struct telling *telling)
{
	struct command *command = telling->command;
	int64_t most = APS_HEAR_ROWS, told;
	while (most && telling->part.stream < STREAM_COUNT) {
		if (!stream_part(telling, most, &told))
			return false;
		most -= told;
	}
	return telling->part.stream == STREAM_COUNT ||
	       (body_make(telling) && job_add(command, "aps.hear", telling->account->id, telling->object_id, command->now,
	                                      json_record_text(command->arena, &aps_hearing_part_record, &telling->part)));
}

/* ---- with the event, and after it ---- */

static bool account_load(struct command *command, int64_t id, struct account **account)
{
	*account = NULL;
	return store_find(command->store, &account_record, id, (void **)account);
}

bool aps_hear(struct command *command, const struct occurrence *occurrence, int64_t serial)
{
	struct account *account;
	int64_t last = 0;
	const char *uri = webhook_alias(occurrence->event, webhook_profile(WEBHOOK_ENDPOINT_PROFILE_APS));
	if (!uri || occurrence->record != &subscription_record)
		return true;
	if (!account_load(command, occurrence->account_id, &account) ||
	    !store_integer(command->store, STATEMENT_EVENT_SUBSCRIPTION_LAST, NO_BINDS, &last, NULL))
		return false;
	if (!account || !last)
		return true;
	const struct subscription *source = occurrence->subject;
	const struct aps_told told = { .event = uri, .source = uuid_text(command->arena, source->uuid), .occurrence = occurrence,
		                       .account = account };
	struct telling telling = {
		.command = command, .account = account, .told = &told, .event = occurrence->event, .object_id = occurrence->object_id,
		.part = { .event = text_of(uri), .source_key = told.source, .serial = serial, .last_id = last },
	};
	return tell_part(&telling);
}

bool aps_hear_perform(struct command *command, const struct job *job)
{
	struct telling telling = { .command = command, .object_id = job->object_id };
	struct account *account;
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	if (!payload || !json_decode(payload, &aps_hearing_part_record, &telling.part, "", command->arena, command->problems) ||
	    !account_load(command, job->account_id, &account) || !hearings_load(command))
		return false;
	telling.account = account;
	telling.event = aps_event_find(telling.part.event);
	return !account || tell_part(&telling);
}
