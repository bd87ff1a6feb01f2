/* aps_type.c: types of applications: which of their operations hear an event, and that all resources of a type do. */
#include "aps_state.h"

#include <string.h>

#define NOTIFICATION_TYPE "core/resource/1.0#Notification"

/* ---- what a declaration says ---- */

/* One operation with an eventSubscription. */
struct operation {
	const struct json *json;
	const char *pointer;
	struct arena *arena;
	struct problems *problems;
};

static const char *below(const struct operation *operation, const char *path)
{
	return text_format(operation->arena, "%s%s", operation->pointer, path).data;
}

static bool text_ends(struct text text, const char *end)
{
	size_t length = strlen(end);
	return text.length >= length && text_is(text_slice(text, text.length - length, text.length), end);
}

static bool is_true(const struct json *json)
{
	return json && json->type == JSON_TRUE;
}

/* Its one parameter in the body is a Notification, and required. */
static bool parameters_check(const struct operation *operation)
{
	const struct json *parameters = json_member(operation->json, "parameters");
	size_t bodies = 0;
	bool good = parameters && parameters->type == JSON_OBJECT;
	for (const struct json *one = good ? parameters->first : NULL; one; one = one->next) {
		if (one->type != JSON_OBJECT || !text_is(json_text(json_member(one, "kind")), "body"))
			continue;
		bodies++;
		good = good && text_ends(json_text(json_member(one, "type")), NOTIFICATION_TYPE) && is_true(json_member(one, "required"));
	}
	return (good && bodies == 1) ||
	       problem_value(operation->problems, PROBLEM_INVALID_VALUE, below(operation, "/parameters"), TEXT_NONE,
	                     "Give it one parameter of kind body and type http://aps-standard.org/types/" NOTIFICATION_TYPE
	                     " that is required.",
	                     "an operation that hears an event takes a notification");
}

static bool shape_check(const struct operation *operation)
{
	bool good = parameters_check(operation);
	if (!text_is(json_text(json_member(operation->json, "verb")), "POST"))
		good = problem(operation->problems, PROBLEM_INVALID_VALUE, below(operation, "/verb"), "notifications come by POST");
	struct text path = json_text(json_member(operation->json, "path"));
	if (!text_present(path) || path.length < 2 || path.data[0] != '/')
		good = problem(operation->problems, PROBLEM_INVALID_VALUE, below(operation, "/path"), "the path begins with / and goes on");
	return good;
}

static bool operation_read(const struct operation *operation, const struct json *event, struct aps_wish *wish)
{
	const struct json *source = json_member(event, "source");
	const struct aps_wish_pointers pointers = {
		below(operation, "/eventSubscription/event"), below(operation, "/eventSubscription/source"),
		below(operation, "/eventSubscription/source/type"), below(operation, "/eventSubscription/source/id"),
		below(operation, "/eventSubscription/relation"), below(operation, "/path"),
	};
	if (!shape_check(operation))
		return false;
	if (!source || source->type != JSON_OBJECT)
		return problem(operation->problems, PROBLEM_WRONG_TYPE, pointers.source, "source is an object with type or id");
	struct text path = json_text(json_member(operation->json, "path"));
	*wish = (struct aps_wish){
		.event = json_text(json_member(event, "event")),
		.source_type = json_text(json_member(source, "type")),
		.source_key = json_text(json_member(source, "id")),
		.relation = json_text(json_member(event, "relation")),
		.handler = text_slice(path, 1, path.length),
	};
	return aps_wish_check(wish, &pointers, operation->problems);
}

bool aps_type_wishes(const struct json *document, const char *pointer, struct arena *arena, struct problems *problems,
                     struct aps_wish_list *wishes)
{
	const struct json *operations = json_member(document, "operations");
	bool good = true;
	if (operations && operations->type != JSON_OBJECT)
		return problem(problems, PROBLEM_WRONG_TYPE, text_format(arena, "%s/operations", pointer).data, "operations is an object");
	for (const struct json *one = operations ? operations->first : NULL; one; one = one->next) {
		const struct operation operation = {
			one, text_format(arena, "%s/operations/%.*s", pointer, TEXT_ARG(one->name)).data, arena, problems,
		};
		const struct json *event = one->type == JSON_OBJECT ? json_member(one, "eventSubscription") : NULL;
		if (event)
			good &= event->type == JSON_OBJECT
			                ? operation_read(&operation, event, list_add(arena, wishes, struct aps_wish))
			                : problem(problems, PROBLEM_WRONG_TYPE, below(&operation, "/eventSubscription"),
			                          "eventSubscription is an object");
	}
	if (wishes->count > APS_SUBSCRIPTIONS_MAX)
		good = problem(problems, PROBLEM_TOO_MANY, text_format(arena, "%s/operations", pointer).data,
		               "a type declares at most %d event subscriptions", APS_SUBSCRIPTIONS_MAX);
	return good;
}

bool aps_type_wishes_of(struct command *command, const struct aps_type *type, struct aps_wish_list *wishes)
{
	const struct json *document = json_parse(type->document, command->arena, command->problems);
	return document && aps_type_wishes(document, "", command->arena, command->problems, wishes);
}

/* ---- rows ---- */

bool aps_type_by_uri(struct command *command, struct text uri, struct aps_type **type)
{
	return store_one(command->store, STATEMENT_APS_TYPE_BY_URI, BINDS(bind_text(uri)), &aps_type_record, (void **)type);
}

static bool type_write(struct command *command, struct text uri, const struct aps_type_put *input, struct aps_type **type)
{
	if (!aps_type_by_uri(command, uri, type))
		return false;
	bool made = !*type;
	if (made) {
		*type = arena_new(command->arena, struct aps_type);
		**type = (struct aps_type){ .id = store_new_id(command->store, "aps_type"), .uri = uri, .created_at = command->now };
	}
	(*type)->document = input->document;
	if (input->endpoint_id)
		(*type)->endpoint_id = input->endpoint_id;
	(*type)->updated_at = command->now;
	if (made)
		return (*type)->id && store_insert(command->store, &aps_type_record, *type);
	return store_update(command->store, &aps_type_record, *type);
}

/* ---- its resources follow, part by part ---- */

static bool resources_read(struct command *command, struct text uri, int64_t after, int64_t most,
                           struct aps_resource_list *resources)
{
	return store_all(command->store, STATEMENT_APS_RESOURCE_OF_TYPE,
	                 BINDS(bind_text(uri), bind_integer(after), bind_integer(most)), &aps_resource_record, LIST(resources));
}

static bool resource_follow(struct command *command, struct aps_resource *resource, const struct aps_type *type,
                            const struct aps_wish_list *wishes)
{
	if (!resource->endpoint_id && type->endpoint_id) {
		resource->endpoint_id = type->endpoint_id;
		resource->updated_at = command->now;
		if (!store_update(command->store, &aps_resource_record, resource))
			return false;
	}
	return aps_declare(command, resource, wishes);
}

/* Those after a resource; when there may be more, a job goes on behind the last one. */
static bool resources_follow(struct command *command, const struct aps_type *type, const struct aps_wish_list *wishes,
                             int64_t after)
{
	struct aps_resource_list resources = { NULL, 0, 0 };
	if (!resources_read(command, type->uri, after, APS_FOLLOW_RESOURCES, &resources))
		return false;
	for (size_t i = 0; i < resources.count; i++)
		if (!resource_follow(command, &resources.items[i], type, wishes))
			return false;
	if (resources.count < APS_FOLLOW_RESOURCES)
		return true;
	const int64_t last = resources.items[resources.count - 1].id;
	return job_add(command, "aps.declare", 0, type->id, command->now,
	               text_format(command->arena, "{\"after\":%lld}", (long long)last));
}

/* By the declaration in force: that of a type put again meanwhile is not undone. */
bool aps_type_follow_perform(struct command *command, const struct job *job)
{
	struct aps_wish_list wishes = { NULL, 0, 0 };
	struct aps_type *type = NULL;
	int64_t after = 0;
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	if (!payload || !text_to_int64(json_text(json_member(payload, "after")), &after) ||
	    !store_find(command->store, &aps_type_record, job->object_id, (void **)&type))
		return false;
	return !type || (aps_type_wishes_of(command, type, &wishes) && resources_follow(command, type, &wishes, after));
}

/* ---- commands ---- */

bool aps_type_put_perform(struct command *command, const void *data, void **output)
{
	const struct aps_type_put *input = data;
	struct aps_wish_list wishes = { NULL, 0, 0 };
	struct aps_type *type;
	const struct json *document = json_parse(input->document, command->arena, command->problems);
	if (!document)
		return false;
	struct text uri = document->type == JSON_OBJECT ? json_text(json_member(document, "id")) : TEXT_NONE;
	if (!text_present(uri) || uri.length == 0 || (int64_t)uri.length > aps_type_record.fields[APS_TYPE_FIELD_URI].max)
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/document/id", "a type is an object with an id, its URI");
	if (!aps_type_wishes(document, "/document", command->arena, command->problems, &wishes) ||
	    !aps_endpoint_check(command, input->endpoint_id) || !type_write(command, uri, input, &type) ||
	    !resources_follow(command, type, &wishes, 0))
		return false;
	command_object(command, "aps_type", type->id, 0);
	*output = type;
	return true;
}

bool aps_type_delete_perform(struct command *command, const void *data, void **output)
{
	const struct aps_type_delete *input = data;
	struct aps_resource_list resources = { NULL, 0, 0 };
	struct aps_type *type = NULL;
	if (!store_find(command->store, &aps_type_record, input->id, (void **)&type))
		return false;
	if (!type)
		return record_missing(&aps_type_record, input->id, command->problems, "/id");
	if (!resources_read(command, type->uri, 0, 1, &resources))
		return false;
	if (resources.count)
		return problem_value(command->problems, PROBLEM_IN_USE, "/id", resources.items[0].key, "Remove its resources first.",
		                     "resource '%.*s' is of this type", TEXT_ARG(resources.items[0].key));
	command_object(command, "aps_type", type->id, 0);
	*output = type;
	return store_execute(command->store, STATEMENT_APS_TYPE_REMOVE, BINDS(bind_id(type->id)), NULL);
}
