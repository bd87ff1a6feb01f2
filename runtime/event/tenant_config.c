/* tenant_config.c: keys of a tenant's configuration: set, deleted; and what every node is told. */
#include "tenant_config.h"

#include "engine_state.h"
#include "webhook_state.h"

/* ---- reading ---- */

/* The callback's value is its endpoint's URL. */
static bool value_fill(struct command *command, struct tenant_config *config)
{
	struct webhook_endpoint *endpoint = NULL;
	if (!config || !config->endpoint_id)
		return true;
	if (!store_find(command->store, &webhook_endpoint_record, config->endpoint_id, (void **)&endpoint))
		return false;
	config->value = endpoint ? endpoint->url : TEXT_NONE;
	return true;
}

static bool values_fill(struct command *command, struct tenant_config_list *configs)
{
	for (size_t i = 0; i < configs->count; i++)
		if (!value_fill(command, &configs->items[i]))
			return false;
	return true;
}

bool tenant_config_page(struct command *command, int64_t after_id, int64_t max, struct tenant_config_list *configs)
{
	return store_all(command->store, STATEMENT_TENANT_CONFIG_PAGE, BINDS(bind_integer(after_id), bind_integer(max)),
	                 &tenant_config_record, LIST(configs)) &&
	       values_fill(command, configs);
}

bool tenant_config_of_key(struct command *command, struct text key, int64_t after_id, int64_t max,
                          struct tenant_config_list *configs)
{
	return store_all(command->store, STATEMENT_TENANT_CONFIG_OF_KEY,
	                 BINDS(bind_text(key), bind_integer(after_id), bind_integer(max)), &tenant_config_record,
	                 LIST(configs)) &&
	       values_fill(command, configs);
}

bool tenant_config_find(struct command *command, int64_t id, struct tenant_config **config)
{
	return store_find(command->store, &tenant_config_record, id, (void **)config) && value_fill(command, *config);
}

bool tenant_config_by_key(struct command *command, struct text key, struct tenant_config **config)
{
	return store_one(command->store, STATEMENT_TENANT_CONFIG_BY_KEY, BINDS(bind_text(key)), &tenant_config_record,
	                 (void **)config) &&
	       value_fill(command, *config);
}

/* ---- writing ---- */

static bool count_check(struct command *command)
{
	int64_t count;
	return store_integer(command->store, STATEMENT_TENANT_CONFIG_COUNT, NO_BINDS, &count, NULL) &&
	       (count < TENANT_CONFIG_MAX ||
	        problem(command->problems, PROBLEM_TOO_MANY, "", "a tenant keeps at most %d values", TENANT_CONFIG_MAX));
}

static struct tenant_config *config_make(struct command *command, struct text key)
{
	struct tenant_config *config = arena_new(command->arena, struct tenant_config);
	*config = (struct tenant_config){
		.id = store_new_id(command->store, "tenant_config"),
		.uuid = uuid_time_ordered(),
		.key = key,
		.created_at = command->now,
		.updated_at = command->now,
	};
	return config;
}

/* What others read of it: values may be secrets. */
static bool config_post(struct command *command, struct occurrence *occurrence, const struct tenant_config *config)
{
	struct tenant_config told = *config;
	told.value = TEXT_NONE;
	occurrence->subject = &told;
	return event_post(command, occurrence);
}

static bool config_write(struct command *command, struct tenant_config *config, bool made)
{
	const struct text value = config->value;
	if (config->endpoint_id)
		config->value = TEXT_NONE;
	config->updated_at = command->now;
	bool good = made ? config->id && store_insert(command->store, &tenant_config_record, config)
	                 : store_update(command->store, &tenant_config_record, config);
	config->value = value;
	return good;
}

/* Writes the value with tenant_config.change around it. */
static bool config_change(struct command *command, struct tenant_config *config, bool made)
{
	struct occurrence change = occurrence_of(EVENT_TENANT_CONFIG_CHANGE, &tenant_config_record, config, config->id, 0);
	if (!event_pre(command, &change) || !record_check(&tenant_config_record, config, "", command->problems) ||
	    (text_is(config->key, CALLBACK_KEY) && !callback_put(command, config)) || !config_write(command, config, made))
		return false;
	command_object(command, "tenant_config", config->id, 0);
	return config_post(command, &change, config);
}

static bool others_remove(struct command *command, struct text key, int64_t but)
{
	return store_execute(command->store, STATEMENT_TENANT_CONFIG_REMOVE_OTHERS, BINDS(bind_text(key), bind_integer(but)), NULL);
}

bool tenant_config_put(struct command *command, struct text key, struct text value, struct tenant_config **put)
{
	struct tenant_config *config;
	if (!tenant_config_by_key(command, key, &config) || (!config && !count_check(command)))
		return false;
	bool made = !config;
	if (made)
		config = config_make(command, key);
	config->value = value;
	*put = config;
	return (made || others_remove(command, key, config->id)) && config_change(command, config, made);
}

static bool tenant_config_add(struct command *command, struct text key, struct text value, struct tenant_config **added)
{
	if (text_is(key, CALLBACK_KEY))
		return tenant_config_put(command, key, value, added);
	if (!count_check(command))
		return false;
	*added = config_make(command, key);
	(*added)->value = value;
	return config_change(command, *added, true);
}

bool tenant_config_take(struct command *command, struct tenant_config *config)
{
	/* Its object is nothing any more. */
	struct occurrence removal = occurrence_of(EVENT_TENANT_CONFIG_DELETE, &tenant_config_record, config, 0, 0);
	command_object(command, "tenant_config", config->id, 0);
	return event_pre(command, &removal) &&
	       store_execute(command->store, STATEMENT_TENANT_CONFIG_REMOVE, BINDS(bind_id(config->id)), NULL) &&
	       config_post(command, &removal, config);
}

/* ---- commands ---- */

/* The URL of the callback is given as the value. */
static bool kept(struct command *command, bool good)
{
	struct problem *last = problem_last(command->problems);
	if (!good && last && strcmp(last->pointer, "/url") == 0)
		last->pointer = "/value";
	return good;
}

static bool set_perform(struct command *command, const void *data, void **output)
{
	const struct tenant_config_set *input = data;
	return kept(command, tenant_config_put(command, input->key, input->value, (struct tenant_config **)output));
}

static bool add_perform(struct command *command, const void *data, void **output)
{
	const struct tenant_config_add *input = data;
	return kept(command, tenant_config_add(command, input->key, input->value, (struct tenant_config **)output));
}

static bool delete_perform(struct command *command, const void *data, void **output)
{
	const struct tenant_config_delete *input = data;
	struct tenant_config *config;
	if ((input->id != 0) == text_present(input->key))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/id", "either id or key tells which key is meant");
	if (!(input->id ? tenant_config_find(command, input->id, &config) : tenant_config_by_key(command, input->key, &config)))
		return false;
	*output = config;
	if (!config && input->id)
		return record_missing(&tenant_config_record, input->id, command->problems, "/id");
	if (!config)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "/key", input->key, NULL, "nothing is kept under '%.*s'",
		                     TEXT_ARG(input->key));
	if (config->endpoint_id)
		return callback_take(command, config);
	/* A key goes with all its values, and is told once. */
	return (input->id || others_remove(command, config->key, config->id)) && tenant_config_take(command, config);
}

static bool broadcast_perform(struct command *command, const void *data, void **output)
{
	const struct node_broadcast *input = data;
	struct broadcast *broadcast = arena_new(command->arena, struct broadcast);
	*broadcast = (struct broadcast){
		.service = input->service,
		.command = input->command,
		.payload = text_present(input->payload) ? input->payload : TEXT("{}"),
	};
	struct occurrence said = occurrence_of(EVENT_NODE_BROADCAST, &broadcast_record, broadcast, 0, 0);
	*output = broadcast;
	return event_signal(command, &said);
}

const struct command_type tenant_config_commands[] = {
	{ .name = "tenant_config.set", .scope = "admin", .input = &tenant_config_set_record, .output = &tenant_config_record,
	  .perform = set_perform, .doc = "Keeps one value under a key of the tenant's configuration, in place of all it had." },
	{ .name = "tenant_config.add", .scope = "admin", .input = &tenant_config_add_record, .output = &tenant_config_record,
	  .perform = add_perform, .doc = "Keeps a further value under a key of the tenant's configuration." },
	{ .name = "tenant_config.delete", .scope = "admin", .input = &tenant_config_delete_record,
	  .output = &tenant_config_record, .perform = delete_perform,
	  .doc = "Deletes a value of the tenant's configuration, or a key with all its values." },
	{ .name = "node.broadcast", .scope = "admin", .input = &node_broadcast_record, .output = &broadcast_record,
	  .perform = broadcast_perform, .doc = "Tells every node and plugin that listens something." },
	{ .name = NULL },
};
