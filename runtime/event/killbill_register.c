/* killbill_register.c: the callback of push notifications: one a tenant, told of its own registration. */
#include "engine_state.h"
#include "webhook_state.h"

static const char config_key[] = "PUSH_NOTIFICATION_CB";

static bool callback_find(struct command *command, struct webhook_endpoint **endpoint)
{
	return store_one(command->store, STATEMENT_WEBHOOK_ENDPOINT_OF_PROFILE, BINDS(bind_c("killbill")),
	                 &webhook_endpoint_record, (void **)endpoint);
}

static struct occurrence config_occurrence(enum event event)
{
	struct occurrence occurrence = occurrence_of(event, NULL, NULL, 0, 0);
	occurrence.details.name = text_of(config_key);
	return occurrence;
}

static bool callback_replace(struct command *command, struct webhook_endpoint *endpoint, struct text url)
{
	if (!webhook_url_check_tenant(command, url))
		return false;
	endpoint->url = url;
	endpoint->status = WEBHOOK_ENDPOINT_STATUS_ACTIVE;
	endpoint->status_reason = TEXT_NONE;
	endpoint->updated_at = command->now;
	webhook_endpoint_note(command, endpoint);
	command_object(command, "webhook_endpoint", endpoint->id, 0);
	return store_update(command->store, &webhook_endpoint_record, endpoint);
}

bool push_register_perform(struct command *command, const void *data, void **output)
{
	const struct push_register *input = data;
	struct webhook_endpoint *endpoint;
	struct text secret;
	struct occurrence change = config_occurrence(EVENT_TENANT_CONFIG_CHANGE);
	if (!event_pre(command, &change) || !callback_find(command, &endpoint))
		return false;
	if (endpoint) {
		if (!callback_replace(command, endpoint, input->url))
			return false;
	} else {
		endpoint = arena_new(command->arena, struct webhook_endpoint);
		*endpoint = (struct webhook_endpoint){ .url = input->url, .profile = WEBHOOK_ENDPOINT_PROFILE_KILLBILL,
			                               .events = TEXT("*"), .ordering = WEBHOOK_ENDPOINT_ORDERING_PARALLEL };
		if (!webhook_endpoint_add(command, endpoint, &secret))
			return false;
	}
	*output = endpoint;
	return event_post(command, &change);
}

bool push_unregister_perform(struct command *command, const void *data, void **output)
{
	const struct push_unregister *input = data;
	struct webhook_endpoint *endpoint;
	struct occurrence removal = config_occurrence(EVENT_TENANT_CONFIG_DELETE);
	if (!callback_find(command, &endpoint))
		return false;
	if (!endpoint || (text_present(input->url) && !text_equals(input->url, endpoint->url)))
		return problem(command->problems, PROBLEM_NOT_FOUND, "/cb", "no such callback is registered");
	*output = endpoint;
	webhook_endpoint_note(command, endpoint);
	command_object(command, "webhook_endpoint", endpoint->id, 0);
	return store_execute(command->store, STATEMENT_WEBHOOK_ENDPOINT_DELETE, BINDS(bind_id(endpoint->id)), NULL) &&
	       event_post(command, &removal);
}
