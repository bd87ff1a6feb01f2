/* webhook_endpoint.c: where a tenant's events go: endpoints made, changed and removed, their secrets, a message to try them. */
#include "aps_state.h"
#include "base/signature.h"
#include "engine_state.h"
#include "secret_seal.h"
#include "webhook_state.h"

enum { US_PER_HOUR_S = 3600 };

/* ---- rows ---- */

struct webhook_endpoint *webhook_endpoint_need(struct command *command, int64_t id)
{
	struct webhook_endpoint *endpoint = NULL;
	if (!store_find(command->store, &webhook_endpoint_record, id, (void **)&endpoint))
		return NULL;
	if (!endpoint)
		record_missing(&webhook_endpoint_record, id, command->problems, "/id");
	else
		command_object(command, "webhook_endpoint", id, 0);
	return endpoint;
}

void webhook_endpoint_note(struct command *command, const struct webhook_endpoint *endpoint)
{
	struct delivery delivery = webhook_delivery(webhook_profile(endpoint->profile), endpoint->id);
	delivery.due_at = command->now;
	delivery_note(command, &delivery, true);
	webhook_forget(command);
}

bool webhook_url_check_tenant(struct command *command, struct text url)
{
	bool private_too = command->engine->options.private_deliveries &&
	                   command_setting_boolean(command, "deliveries.private_addresses", false);
	return webhook_url_check(url, command_setting_boolean(command, "deliveries.plain_http", false),
	                         private_too ? ADDRESS_PRIVATE_TOO : ADDRESS_GLOBAL, command->problems);
}

/* ---- secrets ---- */

static bool secret_add(struct command *command, int64_t endpoint_id, struct text *shown)
{
	*shown = webhook_secret_new(command->arena);
	struct webhook_secret secret = {
		.id = store_new_id(command->store, "webhook_secret"),
		.endpoint_id = endpoint_id,
		.secret = *shown,
		.created_at = clock_wall(),
	};
	webhook_secret_seal(command, &secret);
	return secret.id && store_insert(command->store, &webhook_secret_record, &secret);
}

struct secret_list {
	struct webhook_secret *items;
	size_t count, capacity;
};

/* Those that sign now end after the overlap, but not later than they would. */
static bool secrets_expire(struct command *command, int64_t endpoint_id, struct instant at)
{
	struct secret_list secrets = { NULL, 0, 0 };
	const struct instant now = clock_wall();
	if (!store_execute(command->store, STATEMENT_WEBHOOK_SECRETS_DROP, BINDS(bind_id(endpoint_id), bind_instant(now)), NULL) ||
	    !store_all(command->store, STATEMENT_WEBHOOK_SECRETS_LIVE, BINDS(bind_id(endpoint_id), bind_instant(now)),
	               &webhook_secret_record, LIST(&secrets)))
		return false;
	if (secrets.count >= WEBHOOK_SECRETS_MAX)
		return problem_value(command->problems, PROBLEM_TOO_MANY, "/id", TEXT_NONE, "Wait until an old one has expired.",
		                     "%zu secrets of this endpoint sign at present", secrets.count);
	for (size_t i = 0; i < secrets.count; i++) {
		struct webhook_secret *secret = &secrets.items[i];
		if (!secret->expires_at.us || at.us < secret->expires_at.us)
			secret->expires_at = at;
		if (!store_update(command->store, &webhook_secret_record, secret))
			return false;
	}
	return true;
}

static bool rotate_perform(struct command *command, const void *data, void **output)
{
	const struct webhook_secret_rotate *input = data;
	struct webhook_endpoint *endpoint = webhook_endpoint_need(command, input->id);
	if (!endpoint)
		return false;
	if (!webhook_profile(endpoint->profile)->signs)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "messages of this endpoint's profile are not signed");
	int64_t hours = input->has_overlap_hours ? input->overlap_hours : WEBHOOK_SECRET_OVERLAP_HOURS;
	struct webhook_secret_rotated *rotated = arena_new(command->arena, struct webhook_secret_rotated);
	rotated->id = endpoint->id;
	rotated->old_expires_at = (struct instant){ clock_wall().us + hours * US_PER_HOUR_S * US_PER_S };
	*output = rotated;
	webhook_endpoint_note(command, endpoint); /* what was read with the old secrets and is not sent yet is read again */
	return secrets_expire(command, endpoint->id, rotated->old_expires_at) && secret_add(command, endpoint->id, &rotated->secret);
}

/* ---- made, changed, removed ---- */

static bool count_check(struct command *command)
{
	int64_t count;
	return store_integer(command->store, STATEMENT_WEBHOOK_ENDPOINT_COUNT, NO_BINDS, &count, NULL) &&
	       (count < WEBHOOK_ENDPOINTS_MAX ||
	        problem(command->problems, PROBLEM_TOO_MANY, "", "a tenant has at most %d webhook endpoints", WEBHOOK_ENDPOINTS_MAX));
}

bool webhook_endpoint_add(struct command *command, struct webhook_endpoint *endpoint, struct text *secret)
{
	struct hearing hearing;
	bool good = webhook_url_check_tenant(command, endpoint->url);
	good &= hearing_parse(endpoint->events, &hearing, command->problems);
	if (!good || !count_check(command))
		return false;
	endpoint->id = store_new_id(command->store, "webhook_endpoint");
	endpoint->status = WEBHOOK_ENDPOINT_STATUS_ACTIVE;
	endpoint->created_at = endpoint->updated_at = command->now;
	command_object(command, "webhook_endpoint", endpoint->id, 0);
	webhook_forget(command);
	*secret = TEXT_NONE;
	return endpoint->id && store_insert(command->store, &webhook_endpoint_record, endpoint) && aps_adopt(command, endpoint) &&
	       (!webhook_profile(endpoint->profile)->signs || secret_add(command, endpoint->id, secret));
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	const struct webhook_endpoint_create *input = data;
	struct text secret;
	struct webhook_endpoint endpoint = {
		.url = input->url,
		.description = input->description,
		.profile = input->profile ? (enum webhook_endpoint_profile)input->profile : WEBHOOK_ENDPOINT_PROFILE_WEBHOOK,
		.events = text_present(input->events) ? input->events : TEXT("*"),
		.ordering = input->ordering ? (enum webhook_endpoint_ordering)input->ordering : WEBHOOK_ENDPOINT_ORDERING_PARALLEL,
	};
	if (!webhook_endpoint_add(command, &endpoint, &secret))
		return false;
	struct webhook_endpoint_created *created = arena_new(command->arena, struct webhook_endpoint_created);
	*created = (struct webhook_endpoint_created){
		.id = endpoint.id,
		.url = endpoint.url,
		.profile = (enum webhook_endpoint_created_profile)endpoint.profile,
		.events = endpoint.events,
		.ordering = (enum webhook_endpoint_created_ordering)endpoint.ordering,
		.status = (enum webhook_endpoint_created_status)endpoint.status,
		.secret = secret,
	};
	*output = created;
	return true;
}

static bool update_check(struct command *command, const struct webhook_endpoint_update *input)
{
	struct hearing hearing;
	bool good = !text_present(input->url) || webhook_url_check_tenant(command, input->url);
	return (!text_present(input->events) || hearing_parse(input->events, &hearing, command->problems)) && good;
}

static bool update_perform(struct command *command, const void *data, void **output)
{
	const struct webhook_endpoint_update *input = data;
	struct webhook_endpoint *endpoint = webhook_endpoint_need(command, input->id);
	if (!endpoint || !update_check(command, input))
		return false;
	if (text_present(input->url))
		endpoint->url = input->url;
	if (text_present(input->description))
		endpoint->description = input->description;
	if (text_present(input->events))
		endpoint->events = input->events;
	const bool reordered = input->ordering && (int)input->ordering != (int)endpoint->ordering;
	if (reordered)
		endpoint->ordering = (enum webhook_endpoint_ordering)input->ordering;
	if (input->status) {
		endpoint->status = (enum webhook_endpoint_status)input->status;
		endpoint->status_reason = TEXT_NONE;
	}
	endpoint->updated_at = command->now;
	webhook_endpoint_note(command, endpoint);
	*output = endpoint;
	return store_update(command->store, &webhook_endpoint_record, endpoint) && (!reordered || webhook_order(command, endpoint));
}

bool webhook_endpoint_drop(struct command *command, const struct webhook_endpoint *endpoint)
{
	webhook_endpoint_note(command, endpoint); /* what waits for it is to find that it is gone */
	return store_execute(command->store, STATEMENT_WEBHOOK_SECRETS_DELETE, BINDS(bind_id(endpoint->id)), NULL) &&
	       store_execute(command->store, STATEMENT_WEBHOOK_ENDPOINT_DELETE, BINDS(bind_id(endpoint->id)), NULL) &&
	       webhook_order(command, endpoint);
}

static bool delete_perform(struct command *command, const void *data, void **output)
{
	const struct webhook_endpoint_delete *input = data;
	struct webhook_endpoint *endpoint = webhook_endpoint_need(command, input->id);
	if (!endpoint)
		return false;
	*output = endpoint;
	return callback_follow(command, endpoint->id) && webhook_endpoint_drop(command, endpoint);
}

/* ---- a try ---- */

static bool test_perform(struct command *command, const void *data, void **output)
{
	const struct webhook_endpoint_test *input = data;
	struct webhook_endpoint *endpoint = webhook_endpoint_need(command, input->id);
	struct delivery *delivery = arena_new(command->arena, struct delivery);
	if (!endpoint)
		return false;
	if (endpoint->status != WEBHOOK_ENDPOINT_STATUS_ACTIVE)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "the endpoint is not active");
	*delivery = webhook_delivery(webhook_profile(endpoint->profile), endpoint->id);
	delivery->due_at = command->now;
	delivery->body = text_format(command->arena, "{\"type\":\"webhook.test\",\"timestamp\":\"%s\",\"data\":{\"endpoint_id\":%lld}}",
	                             instant_text(command->arena, command->now).data, (long long)endpoint->id);
	*output = delivery;
	return delivery_add(command, delivery);
}

#define WEBHOOK_COMMAND(command_name, in, out, function, text) \
	{ .name = command_name, .scope = "admin", .input = &in##_record, .output = &out##_record, .without_rules = true, \
	  .perform = function, .doc = text }

const struct command_type webhook_commands[] = {
	WEBHOOK_COMMAND("webhook_endpoint.create", webhook_endpoint_create, webhook_endpoint_created, create_perform,
	                "Makes an endpoint that events go to; its secret is shown this once."),
	WEBHOOK_COMMAND("webhook_endpoint.update", webhook_endpoint_update, webhook_endpoint, update_perform,
	                "Changes an endpoint; what waits for it goes to its new URL."),
	WEBHOOK_COMMAND("webhook_endpoint.rotate_secret", webhook_secret_rotate, webhook_secret_rotated, rotate_perform,
	                "Makes a new secret, shown this once; the old ones sign beside it for a day unless told otherwise."),
	WEBHOOK_COMMAND("webhook_endpoint.test", webhook_endpoint_test, delivery, test_perform,
	                "Sends a message of its own to an endpoint."),
	WEBHOOK_COMMAND("webhook_endpoint.replay", webhook_replay, webhook_replay_planned, webhook_replay_plan,
	                "Sends what an endpoint hears of past events once more, in the order of their serials."),
	WEBHOOK_COMMAND("delivery.retry", delivery_retry, delivery, delivery_retry_perform,
	                "Begins a message anew, at once and with all its tries."),
	/* These raise tenant_config.change and .delete, which rules may hear. */
	{ .name = "webhook_endpoint.delete", .scope = "admin", .input = &webhook_endpoint_delete_record,
	  .output = &webhook_endpoint_record, .perform = delete_perform, .doc = "Removes an endpoint; what waits for it dies." },
	{ .name = "push.register", .scope = "admin", .input = &push_register_record, .output = &tenant_config_record,
	  .perform = push_register_perform, .doc = "Kill Bill's callback: one a tenant, the last one registered." },
	{ .name = "push.unregister", .scope = "admin", .input = &push_unregister_record, .output = &tenant_config_record,
	  .perform = push_unregister_perform, .doc = "Removes it." },
	{ .name = NULL },
};
