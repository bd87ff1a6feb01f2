/* killbill_register.c: the callback of push notifications: one a tenant, the key PUSH_NOTIFICATION_CB, told of its own
 * registration. */
#include "engine_state.h"
#include "tenant_config.h"
#include "webhook_state.h"

/* ---- the endpoint behind the key ---- */

static bool callback_replace(struct command *command, struct webhook_endpoint *endpoint, struct text url)
{
	if (!webhook_url_check_tenant(command, url))
		return false;
	endpoint->url = url;
	endpoint->status = WEBHOOK_ENDPOINT_STATUS_ACTIVE;
	endpoint->status_reason = TEXT_NONE;
	endpoint->updated_at = command->now;
	webhook_endpoint_note(command, endpoint);
	return store_update(command->store, &webhook_endpoint_record, endpoint);
}

static bool callback_add(struct command *command, struct tenant_config *config)
{
	struct text secret;
	struct webhook_endpoint endpoint = { .url = config->value, .profile = WEBHOOK_ENDPOINT_PROFILE_KILLBILL,
		                             .events = TEXT("*"), .ordering = WEBHOOK_ENDPOINT_ORDERING_PARALLEL };
	if (!webhook_endpoint_add(command, &endpoint, &secret))
		return false;
	config->endpoint_id = endpoint.id;
	return true;
}

bool callback_put(struct command *command, struct tenant_config *config)
{
	struct webhook_endpoint *endpoint = NULL;
	if (config->endpoint_id &&
	    !store_find(command->store, &webhook_endpoint_record, config->endpoint_id, (void **)&endpoint))
		return false;
	return endpoint ? callback_replace(command, endpoint, config->value) : callback_add(command, config);
}

bool callback_take(struct command *command, struct tenant_config *config)
{
	const struct webhook_endpoint gone = { .id = config->endpoint_id, .profile = WEBHOOK_ENDPOINT_PROFILE_KILLBILL };
	return webhook_endpoint_drop(command, &gone) && tenant_config_take(command, config);
}

bool callback_follow(struct command *command, int64_t endpoint_id)
{
	struct tenant_config *config;
	return store_one(command->store, STATEMENT_TENANT_CONFIG_OF_ENDPOINT, BINDS(bind_id(endpoint_id)), &tenant_config_record,
	                 (void **)&config) &&
	       (!config || tenant_config_take(command, config));
}

/* ---- commands ---- */

bool push_register_perform(struct command *command, const void *data, void **output)
{
	const struct push_register *input = data;
	return tenant_config_put(command, TEXT(CALLBACK_KEY), input->url, (struct tenant_config **)output);
}

bool push_unregister_perform(struct command *command, const void *data, void **output)
{
	const struct push_unregister *input = data;
	struct tenant_config *config;
	if (!tenant_config_by_key(command, TEXT(CALLBACK_KEY), &config))
		return false;
	*output = config;
	if (!config || (text_present(input->url) && !text_equals(input->url, config->value)))
		return problem(command->problems, PROBLEM_NOT_FOUND, "/cb", "no such callback is registered");
	return callback_take(command, config);
}
