/* aps_hear.c: which resources hear an event, and a delivery for each of them in the event's transaction. */
#include "aps_state.h"
#include "engine_state.h"

/* ---- who sees the source ---- */

/* The owner's resources, and those that are linked to the source or to its owner. */
static bool listeners_load(struct command *command, const struct aps_told *told, struct event_subscription_list *listeners)
{
	struct event_subscription_list linked = { NULL, 0, 0 };
	const struct account *account = told->account;
	if (!store_all(command->store, STATEMENT_EVENT_SUBSCRIPTION_OF_OWNER,
	               BINDS(bind_id(account->id), bind_c(told->event)), &event_subscription_record, LIST(listeners)) ||
	    !store_all(command->store, STATEMENT_EVENT_SUBSCRIPTION_OF_LINKED,
	               BINDS(bind_id(account->id), bind_c(told->event), bind_text(told->source),
	                     bind_text(uuid_text(command->arena, account->uuid))),
	               &event_subscription_record, LIST(&linked)))
		return false;
	for (size_t i = 0; i < linked.count; i++)
		*list_add(command->arena, listeners, struct event_subscription) = linked.items[i];
	return true;
}

/* The type was checked when it was subscribed to: an event has sources of one. */
static bool is_of_source(const struct event_subscription *subscription, const struct aps_told *told)
{
	return !text_present(subscription->source_key) || text_equals(subscription->source_key, told->source);
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

static bool tell(struct command *command, struct aps_told *told, const struct event_subscription *subscription,
                 int64_t serial)
{
	struct aps_resource *resource = NULL;
	const struct occurrence *occurrence = told->occurrence;
	if (!store_find(command->store, &aps_resource_record, subscription->resource_id, (void **)&resource))
		return false;
	const struct hearing *hearing = resource ? hearing_at(command, resource->endpoint_id, occurrence->event) : NULL;
	if (!hearing)
		return true;
	if (!told->serial && !store_next_number(command->store, "aps_serial", &told->serial))
		return false;
	struct delivery delivery = webhook_delivery(hearing->profile, hearing->endpoint_id);
	delivery.account_id = occurrence->account_id;
	delivery.object_id = subscription->id;
	delivery.serial = serial;
	delivery.path = text_format(command->arena, "/events/%.*s/%.*s", TEXT_ARG(resource->key), TEXT_ARG(subscription->handler));
	delivery.body = aps_notification_body(command, told, subscription);
	return webhook_falls_due(command, hearing, &delivery) && delivery_add(command, &delivery);
}

bool aps_hear(struct command *command, const struct occurrence *occurrence, int64_t serial)
{
	struct event_subscription_list listeners = { NULL, 0, 0 };
	struct account *account = NULL;
	const char *uri = webhook_alias(occurrence->event, webhook_profile(WEBHOOK_ENDPOINT_PROFILE_APS));
	if (!uri || occurrence->record != &subscription_record)
		return true;
	if (!store_find(command->store, &account_record, occurrence->account_id, (void **)&account))
		return false;
	const struct subscription *source = occurrence->subject;
	struct aps_told told = { .event = uri, .source = uuid_text(command->arena, source->uuid), .occurrence = occurrence,
		                 .account = account };
	if (!account || !listeners_load(command, &told, &listeners))
		return !store_failed(command->store);
	for (size_t i = 0; i < listeners.count; i++)
		if (is_of_source(&listeners.items[i], &told) && !tell(command, &told, &listeners.items[i], serial))
			return false;
	return true;
}
