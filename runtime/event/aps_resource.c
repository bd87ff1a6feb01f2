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

/* How many applications the tenant has, and the first of them. */
static bool applications_count(struct command *command, size_t *count, int64_t *first_id)
{
	struct endpoint_list all = { NULL, 0, 0 };
	*count = 0;
	*first_id = 0;
	if (!store_all(command->store, STATEMENT_WEBHOOK_ENDPOINT_PAGE,
	               BINDS(bind_integer(0), bind_integer(WEBHOOK_ENDPOINTS_MAX)), &webhook_endpoint_record, LIST(&all)))
		return false;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].profile == WEBHOOK_ENDPOINT_PROFILE_APS && (*count)++ == 0)
			*first_id = all.items[i].id;
	return true;
}

/* The type's, or else the tenant's only application; 0: there is none yet, and it waits for one. */
static bool endpoint_guess(struct command *command, const struct aps_type *type, int64_t *endpoint_id)
{
	size_t applications;
	*endpoint_id = type ? type->endpoint_id : 0;
	if (*endpoint_id)
		return true;
	return applications_count(command, &applications, endpoint_id) &&
	       (applications <= 1 ||
	        problem_value(command->problems, PROBLEM_MISSING_FIELD, "/endpoint_id", TEXT_NONE,
	                      "Give the id of the webhook endpoint of its application, here or with its type.",
	                      "there are %zu applications: it is not known which of them the resource belongs to", applications));
}

/* ---- those that waited for one ---- */

static bool adopt_part(struct command *command, int64_t endpoint_id)
{
	int64_t adopted = 0;
	return store_execute(command->store, STATEMENT_APS_RESOURCE_ADOPT,
	                     BINDS(bind_id(endpoint_id), bind_instant(command->now), bind_integer(APS_ADOPT_RESOURCES)), &adopted) &&
	       (adopted < APS_ADOPT_RESOURCES || job_add(command, "aps.adopt", 0, endpoint_id, command->now, TEXT_NONE));
}

bool aps_adopt(struct command *command, const struct webhook_endpoint *endpoint)
{
	size_t applications;
	int64_t first_id;
	if (endpoint->profile != WEBHOOK_ENDPOINT_PROFILE_APS)
		return true;
	return applications_count(command, &applications, &first_id) && (applications != 1 || adopt_part(command, endpoint->id));
}

/* One that was removed since adopts nothing more. */
bool aps_adopt_perform(struct command *command, const struct job *job)
{
	struct webhook_endpoint *endpoint = NULL;
	return store_find(command->store, &webhook_endpoint_record, job->object_id, (void **)&endpoint) &&
	       (!endpoint || adopt_part(command, endpoint->id));
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

static bool owner_check(struct command *command, int64_t account_id)
{
	struct account *account = NULL;
	return store_find(command->store, &account_record, account_id, (void **)&account) &&
	       (account || record_missing(&account_record, account_id, command->problems, "/account_id"));
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
	struct aps_wish_list wishes = { NULL, 0, 0 };
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
	       (!type || (aps_type_wishes_of(command, type, &wishes) && aps_declare(command, resource, &wishes)));
}

/* ---- changed, removed ---- */

static struct aps_resource *resource_need(struct command *command, int64_t id)
{
	struct aps_resource *resource = NULL;
	if (store_find(command->store, &aps_resource_record, id, (void **)&resource) && !resource)
		record_missing(&aps_resource_record, id, command->problems, "/id");
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
