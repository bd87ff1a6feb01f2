/* aps_resource.c: objects of applications: made, linked, removed. */
#include "aps_state.h"

/* ---- found ---- */

bool aps_resource_by_key(struct command *command, struct text key, struct aps_resource **resource)
{
	return store_one(command->store, STATEMENT_APS_RESOURCE_BY_KEY, BINDS(bind_text(key)), &aps_resource_record,
	                 (void **)resource);
}

struct aps_resource *aps_resource_need(struct command *command, struct text key, const char *pointer)
{
	struct aps_resource *resource = NULL;
	if (aps_resource_by_key(command, key, &resource) && !resource)
		problem_value(command->problems, PROBLEM_NOT_FOUND, pointer, text_front(key, 100), NULL, "there is no resource '%.*s'",
		              TEXT_ARG(text_front(key, 100)));
	return resource;
}

/* ---- where its notifications go ---- */

bool aps_endpoint_check(struct command *command, int64_t endpoint_id)
{
	struct webhook_endpoint *endpoint = NULL;
	if (!endpoint_id)
		return true;
	if (!store_find(command->store, &webhook_endpoint_record, endpoint_id, (void **)&endpoint))
		return false;
	return (endpoint && endpoint->profile == WEBHOOK_ENDPOINT_PROFILE_APS) ||
	       problem_value(command->problems, endpoint ? PROBLEM_WRONG_STATE : PROBLEM_NOT_FOUND, "/endpoint_id", TEXT_NONE,
	                     "Make one by POST /v1/webhook_endpoints with the profile aps.",
	                     endpoint ? "webhook endpoint %lld is not of the profile aps" : "webhook endpoint %lld does not exist",
	                     (long long)endpoint_id);
}

struct endpoint_list {
	struct webhook_endpoint *items;
	size_t count, capacity;
};

/* The type's, or else the tenant's only application; 0: none, or several. */
static bool endpoint_guess(struct command *command, const struct aps_type *type, int64_t *endpoint_id)
{
	struct endpoint_list all = { NULL, 0, 0 };
	size_t applications = 0;
	*endpoint_id = type ? type->endpoint_id : 0;
	if (*endpoint_id)
		return true;
	if (!store_all(command->store, STATEMENT_WEBHOOK_ENDPOINT_PAGE,
	               BINDS(bind_integer(0), bind_integer(WEBHOOK_ENDPOINTS_MAX)), &webhook_endpoint_record, LIST(&all)))
		return false;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].profile == WEBHOOK_ENDPOINT_PROFILE_APS && applications++ == 0)
			*endpoint_id = all.items[i].id;
	if (applications > 1)
		*endpoint_id = 0;
	return true;
}

/* ---- links ---- */

static bool has_link(const struct aps_resource *resource, struct text key)
{
	for (size_t i = 0; i < resource->linked.count; i++)
		if (text_equals(resource->linked.items[i].key, key))
			return true;
	return false;
}

/* UUIDs are compared as they are written here. */
static struct text canonical(struct arena *arena, struct text key)
{
	struct uuid uuid;
	return uuid_parse(key, &uuid) ? uuid_text(arena, uuid) : key;
}

static bool links_check(const struct aps_link *links, size_t count, struct problems *problems)
{
	bool good = true;
	for (size_t i = 0; i < count; i++)
		good &= aps_name_check(links[i].key, false, text_format(problems->arena, "/linked/%zu/key", i).data, problems);
	return good;
}

static bool links_add(struct command *command, struct aps_resource *resource, const struct aps_link *links, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text key = canonical(command->arena, links[i].key);
		const struct aps_linked row = { .resource_id = resource->id, .key = key,
			                        .id = store_new_id(command->store, "aps_linked") };
		if (has_link(resource, key))
			continue;
		list_add(command->arena, &resource->linked, struct aps_link)->key = key;
		if (!row.id || !store_insert(command->store, &aps_linked_record, &row))
			return false;
	}
	const int64_t most = aps_resource_record.fields[APS_RESOURCE_FIELD_LINKED].max;
	return (int64_t)resource->linked.count <= most ||
	       problem(command->problems, PROBLEM_TOO_MANY, "/linked", "a resource has at most %lld links", (long long)most);
}

/* ---- made ---- */

bool aps_resource_declare(struct command *command, const struct aps_resource *resource, const struct aps_type *type)
{
	struct aps_wish_list wishes = { NULL, 0, 0 };
	struct event_subscription *made;
	const struct json *document = json_parse(type->document, command->arena, command->problems);
	if (!document || !aps_type_wishes(document, "", command->arena, command->problems, &wishes))
		return false;
	for (size_t i = 0; i < wishes.count; i++)
		if (!aps_subscribe(command, resource, &wishes.items[i], &made))
			return false;
	return true;
}

static bool owner_check(struct command *command, int64_t account_id)
{
	struct account *account = NULL;
	return store_find(command->store, &account_record, account_id, (void **)&account) &&
	       (account || problem(command->problems, PROBLEM_NOT_FOUND, "/account_id", "account %lld does not exist",
	                           (long long)account_id));
}

static bool key_check(struct command *command, struct text key)
{
	struct aps_resource *there = NULL;
	if (!text_present(key))
		return true;
	return aps_name_check(key, false, "/key", command->problems) && aps_resource_by_key(command, key, &there) &&
	       (!there || problem_value(command->problems, PROBLEM_DUPLICATE, "/key", key, NULL,
	                                "there is a resource '%.*s' already", TEXT_ARG(key)));
}

static bool create_check(struct command *command, const struct aps_resource_create *input)
{
	bool good = key_check(command, input->key);
	good &= links_check(input->linked.items, input->linked.count, command->problems);
	return good && owner_check(command, input->account_id) && aps_endpoint_check(command, input->endpoint_id);
}

bool aps_resource_create_perform(struct command *command, const void *data, void **output)
{
	const struct aps_resource_create *input = data;
	struct aps_type *type = NULL;
	struct aps_resource *resource = arena_new(command->arena, struct aps_resource);
	if (!create_check(command, input) || !aps_type_by_uri(command, input->type, &type))
		return false;
	*resource = (struct aps_resource){
		.id = store_new_id(command->store, "aps_resource"),
		.key = text_present(input->key) ? input->key : uuid_text(command->arena, uuid_time_ordered()),
		.type = input->type,
		.account_id = input->account_id,
		.endpoint_id = input->endpoint_id,
		.created_at = command->now,
		.updated_at = command->now,
	};
	if (!resource->id || (!resource->endpoint_id && !endpoint_guess(command, type, &resource->endpoint_id)))
		return false;
	command_object(command, "aps_resource", resource->id, resource->account_id);
	*output = resource;
	return links_add(command, resource, input->linked.items, input->linked.count) &&
	       store_insert(command->store, &aps_resource_record, resource) &&
	       (!type || aps_resource_declare(command, resource, type));
}

/* ---- changed, removed ---- */

static struct aps_resource *resource_need(struct command *command, int64_t id)
{
	struct aps_resource *resource = NULL;
	if (store_find(command->store, &aps_resource_record, id, (void **)&resource) && !resource)
		problem(command->problems, PROBLEM_NOT_FOUND, "/id", "resource %lld does not exist", (long long)id);
	return resource;
}

static bool links_drop(struct command *command, struct aps_resource *resource)
{
	resource->linked.count = 0;
	return store_execute(command->store, STATEMENT_APS_LINKED_REMOVE, BINDS(bind_id(resource->id)), NULL);
}

bool aps_resource_update_perform(struct command *command, const void *data, void **output)
{
	const struct aps_resource_update *input = data;
	struct aps_resource *resource = resource_need(command, input->id);
	if (!resource || !links_check(input->linked.items, input->linked.count, command->problems) ||
	    !aps_endpoint_check(command, input->endpoint_id))
		return false;
	command_object(command, "aps_resource", resource->id, resource->account_id);
	*output = resource;
	if (input->endpoint_id)
		resource->endpoint_id = input->endpoint_id;
	if (input->has_unlink && input->unlink && !links_drop(command, resource))
		return false;
	resource->updated_at = command->now;
	return links_add(command, resource, input->linked.items, input->linked.count) &&
	       store_update(command->store, &aps_resource_record, resource);
}

bool aps_resource_delete_perform(struct command *command, const void *data, void **output)
{
	const struct aps_resource_delete *input = data;
	if ((input->id != 0) == text_present(input->key))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/id", "either id or key tells which one is meant");
	struct aps_resource *resource = input->id ? resource_need(command, input->id)
	                                          : aps_resource_need(command, input->key, "/key");
	if (!resource)
		return false;
	command_object(command, "aps_resource", resource->id, resource->account_id);
	*output = resource;
	const struct store_bind id = bind_id(resource->id);
	return store_execute(command->store, STATEMENT_EVENT_SUBSCRIPTION_REMOVE_OF_RESOURCE, BINDS(id), NULL) &&
	       store_execute(command->store, STATEMENT_APS_LINKED_REMOVE, BINDS(id), NULL) &&
	       store_execute(command->store, STATEMENT_APS_RESOURCE_REMOVE, BINDS(id), NULL);
}
