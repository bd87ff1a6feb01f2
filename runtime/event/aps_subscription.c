/* aps_subscription.c: who hears what: event subscriptions made and removed, and the commands of APS. */
#include "aps_state.h"

#include <string.h>

/* ---- checks ---- */

static const struct webhook_profile *aps_profile(void)
{
	return webhook_profile(WEBHOOK_ENDPOINT_PROFILE_APS);
}

enum event aps_event_find(struct text uri)
{
	for (enum event event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		const char *alias = webhook_alias(event, aps_profile());
		if (alias && text_is(uri, alias))
			return event;
	}
	return EVENT_NONE;
}

static const char *event_candidate(const void *context, size_t i)
{
	(void)context;
	for (enum event event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		const char *alias = webhook_alias(event, aps_profile());
		if (alias && i-- == 0)
			return alias;
	}
	return NULL;
}

static bool name_byte(char byte, bool path)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       (byte && strchr("-._~", byte)) || (path && byte == '/');
}

static bool segments_good(struct text name)
{
	struct text segment, rest = name;
	bool more = true, good = true;
	while (more) {
		more = text_split(rest, '/', &segment, &rest);
		good = good && segment.length > 0 && !text_is(segment, ".") && !text_is(segment, "..");
	}
	return good;
}

bool aps_name_check(struct text name, bool path, const char *pointer, struct problems *problems)
{
	bool good = segments_good(name);
	for (size_t i = 0; i < name.length; i++)
		good = good && name_byte(name.data[i], path);
	return good || problem_value(problems, PROBLEM_INVALID_VALUE, pointer, name,
	                             path ? "Use letters, digits and - . _ ~, with / between them."
	                                  : "Use letters, digits and - . _ ~.",
	                             "'%.*s' cannot be a part of an address", TEXT_ARG(text_slice(name, 0, 100)));
}

static bool event_check(const struct aps_wish *wish, const struct aps_wish_pointers *pointers, struct problems *problems)
{
	return aps_event_find(wish->event) ||
	       problem_value(problems, PROBLEM_UNKNOWN_EVENT, pointers->event, wish->event,
	                     text_format(problems->arena, "Use %s.", event_candidate(NULL, 0)).data,
	                     "APS has no event '%.*s' here%s", TEXT_ARG(wish->event),
	                     text_did_you_mean(problems->arena, wish->event, event_candidate, NULL));
}

static bool source_check(const struct aps_wish *wish, const struct aps_wish_pointers *pointers, struct problems *problems)
{
	struct uuid uuid;
	if (text_present(wish->source_type) == text_present(wish->source_key))
		return problem_value(problems, PROBLEM_INVALID_COMBINATION, pointers->source, TEXT_NONE,
		                     "Give the type of sources, or the id of one.", "a source is a type, or one source by its id");
	if (text_present(wish->source_key))
		return uuid_parse(wish->source_key, &uuid) ||
		       problem_value(problems, PROBLEM_BAD_UUID, pointers->source_key, wish->source_key,
		                     "Give the UUID of a subscription.", "a source is a subscription: its id is a UUID");
	return text_is(wish->source_type, APS_SUBSCRIPTION_TYPE) ||
	       problem_value(problems, PROBLEM_INVALID_VALUE, pointers->source_type, wish->source_type,
	                     "Use " APS_SUBSCRIPTION_TYPE ".", "this event has no sources of the type '%.*s'",
	                     TEXT_ARG(wish->source_type));
}

bool aps_wish_check(const struct aps_wish *wish, const struct aps_wish_pointers *pointers, struct problems *problems)
{
	bool good = event_check(wish, pointers, problems);
	good &= source_check(wish, pointers, problems);
	if (text_present(wish->relation) && wish->relation.length)
		good = problem_value(problems, PROBLEM_INVALID_COMBINATION, pointers->relation, wish->relation,
		                     "Leave it out, or empty.", "only events about links have a relation");
	return aps_name_check(wish->handler, true, pointers->handler, problems) && good;
}

/* ---- rows ---- */

bool event_subscriptions_of_resource(struct command *command, int64_t resource_id, struct event_subscription_list *list)
{
	return store_all(command->store, STATEMENT_EVENT_SUBSCRIPTION_OF_RESOURCE, BINDS(bind_id(resource_id)),
	                 &event_subscription_record, LIST(list));
}

static bool is_same(const struct event_subscription *there, const struct aps_wish *wish)
{
	return text_equals(there->event, wish->event) && text_equals(there->source_type, wish->source_type) &&
	       text_equals(there->source_key, wish->source_key) && text_equals(there->handler, wish->handler);
}

/* NULL: there is none. */
static struct event_subscription *find_same(const struct event_subscription_list *all, const struct aps_wish *wish)
{
	for (size_t i = 0; i < all->count; i++)
		if (is_same(&all->items[i], wish))
			return &all->items[i];
	return NULL;
}

static struct event_subscription *subscription_new(struct command *command, const struct aps_resource *resource,
                                                   const struct aps_wish *wish)
{
	struct event_subscription *made = arena_new(command->arena, struct event_subscription);
	*made = (struct event_subscription){
		.id = store_new_id(command->store, "event_subscription"),
		.uuid = uuid_present(wish->uuid) ? wish->uuid : uuid_time_ordered(),
		.resource_id = resource->id,
		.account_id = resource->account_id,
		.event = wish->event,
		.source_type = wish->source_type,
		.source_key = wish->source_key,
		.handler = wish->handler,
		.created_at = command->now,
	};
	return made;
}

static bool subscription_insert(struct command *command, const struct event_subscription *made)
{
	return made->id && store_insert(command->store, &event_subscription_record, made);
}

static bool has_room(struct command *command, const struct event_subscription_list *all)
{
	size_t asked = 0;
	for (size_t i = 0; i < all->count; i++)
		asked += all->items[i].asked;
	return asked < APS_SUBSCRIPTIONS_MAX ||
	       problem(command->problems, PROBLEM_TOO_MANY, "", "a resource asks for at most %d event subscriptions, beside what its type declares",
	               APS_SUBSCRIPTIONS_MAX);
}

bool aps_subscribe(struct command *command, const struct aps_resource *resource, const struct aps_wish *wish,
                   struct event_subscription **made)
{
	struct event_subscription_list all = { NULL, 0, 0 };
	if (!event_subscriptions_of_resource(command, resource->id, &all))
		return false;
	*made = find_same(&all, wish);
	if (*made && (*made)->asked)
		return true;
	if (!has_room(command, &all))
		return false;
	if (*made) {
		(*made)->asked = true;
		return store_update(command->store, &event_subscription_record, *made);
	}
	*made = subscription_new(command, resource, wish);
	(*made)->asked = true;
	return subscription_insert(command, *made);
}

/* ---- what a type declares ---- */

/* One that nobody asked for and no type declares goes. */
static bool subscription_settle(struct command *command, const struct event_subscription *there)
{
	if (there->asked || there->declared)
		return store_update(command->store, &event_subscription_record, there);
	return store_execute(command->store, STATEMENT_EVENT_SUBSCRIPTION_REMOVE, BINDS(bind_id(there->id)), NULL);
}

static bool wishes_hold(const struct aps_wish_list *wishes, const struct event_subscription *there)
{
	for (size_t i = 0; i < wishes->count; i++)
		if (is_same(there, &wishes->items[i]))
			return true;
	return false;
}

static bool undeclare(struct command *command, const struct event_subscription_list *all, const struct aps_wish_list *wishes)
{
	for (size_t i = 0; i < all->count; i++) {
		struct event_subscription *there = &all->items[i];
		if (!there->declared || wishes_hold(wishes, there))
			continue;
		there->declared = false;
		if (!subscription_settle(command, there))
			return false;
	}
	return true;
}

static bool declare_one(struct command *command, const struct aps_resource *resource, const struct aps_wish *wish,
                        struct event_subscription_list *all)
{
	struct event_subscription *there = find_same(all, wish);
	if (there && there->declared)
		return true;
	if (there) {
		there->declared = true;
		return subscription_settle(command, there);
	}
	there = subscription_new(command, resource, wish);
	there->declared = true;
	*list_add(command->arena, all, struct event_subscription) = *there;
	return subscription_insert(command, there);
}

bool aps_declare(struct command *command, const struct aps_resource *resource, const struct aps_wish_list *wishes)
{
	struct event_subscription_list all = { NULL, 0, 0 };
	if (!event_subscriptions_of_resource(command, resource->id, &all) || !undeclare(command, &all, wishes))
		return false;
	for (size_t i = 0; i < wishes->count; i++)
		if (!declare_one(command, resource, &wishes->items[i], &all))
			return false;
	return true;
}

static bool by_uuid(struct command *command, struct uuid uuid, struct event_subscription **subscription)
{
	return store_one(command->store, STATEMENT_EVENT_SUBSCRIPTION_BY_UUID,
	                 BINDS(bind_blob(uuid.bytes, sizeof uuid.bytes)), &event_subscription_record, (void **)subscription);
}

/* ---- commands ---- */

static struct aps_resource *resource_named(struct command *command, int64_t id, struct text key)
{
	struct aps_resource *resource = NULL;
	if ((id != 0) == text_present(key)) {
		problem(command->problems, PROBLEM_INVALID_COMBINATION, "/resource_id", "either resource_id or resource tells who hears");
		return NULL;
	}
	if (text_present(key))
		return aps_resource_need(command, key, "/resource");
	if (store_find(command->store, &aps_resource_record, id, (void **)&resource) && !resource)
		record_missing(&aps_resource_record, id, command->problems, "/resource_id");
	return resource;
}

/* UUIDs are compared as they are written here. */
static struct text canonical(struct arena *arena, struct text key)
{
	struct uuid uuid;
	return text_present(key) && uuid_parse(key, &uuid) ? uuid_text(arena, uuid) : key;
}

static bool uuid_is_free(struct command *command, struct uuid uuid)
{
	struct event_subscription *there = NULL;
	return !uuid_present(uuid) ||
	       (by_uuid(command, uuid, &there) &&
	        (!there || problem(command->problems, PROBLEM_DUPLICATE, "/uuid", "another event subscription has this UUID")));
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	static const struct aps_wish_pointers pointers = { "/event", "/source_type", "/source_type", "/source_key", "/relation",
		                                           "/handler" };
	const struct event_subscription_create *input = data;
	const struct aps_wish wish = { input->event, input->source_type, canonical(command->arena, input->source_key),
		                       input->relation, input->handler, input->uuid };
	struct event_subscription *made = NULL;
	if (!aps_wish_check(&wish, &pointers, command->problems))
		return false;
	struct aps_resource *resource = resource_named(command, input->resource_id, input->resource);
	if (!resource || !uuid_is_free(command, wish.uuid) || !aps_subscribe(command, resource, &wish, &made))
		return false;
	command_object(command, "event_subscription", made->id, made->account_id);
	*output = made;
	return true;
}

static bool delete_find(struct command *command, const struct event_subscription_delete *input,
                        struct event_subscription **found)
{
	struct aps_resource *resource = NULL;
	*found = NULL;
	if ((input->id != 0) == uuid_present(input->uuid))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/id", "either id or uuid tells which one is meant");
	if (!(input->id ? store_find(command->store, &event_subscription_record, input->id, (void **)found)
	                : by_uuid(command, input->uuid, found)))
		return false;
	if (text_present(input->resource) && !(resource = aps_resource_need(command, input->resource, "/resource")))
		return false;
	return (*found && (!resource || (*found)->resource_id == resource->id)) ||
	       problem(command->problems, PROBLEM_NOT_FOUND, input->id ? "/id" : "/uuid", "the event subscription does not exist");
}

/* What was recorded for it already is still sent. One that the type declares too stays for that. */
static bool delete_perform(struct command *command, const void *data, void **output)
{
	struct event_subscription *found;
	if (!delete_find(command, data, &found))
		return false;
	if (!found->asked)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
		                     "Declare the type without it, or remove the resource.",
		                     "this event subscription was declared by the resource's type");
	command_object(command, "event_subscription", found->id, found->account_id);
	*output = found;
	found->asked = false;
	return subscription_settle(command, found);
}

#define APS_COMMAND(command_name, in, out, function, text) \
	{ .name = command_name, .scope = "write", .input = &in##_record, .output = &out##_record, .without_rules = true, \
	  .perform = function, .doc = text }

const struct command_type aps_commands[] = {
	APS_COMMAND("aps_type.put", aps_type_put, aps_type, aps_type_put_perform,
	            "Makes an APS type or replaces its declaration; its resources hear what it declares."),
	APS_COMMAND("aps_type.delete", aps_type_delete, aps_type, aps_type_delete_perform, "Removes an APS type without resources."),
	APS_COMMAND("aps_resource.create", aps_resource_create, aps_resource, aps_resource_create_perform,
	            "Makes a resource of an APS application."),
	APS_COMMAND("aps_resource.update", aps_resource_update, aps_resource, aps_resource_update_perform,
	            "Changes where a resource's notifications go, and its links."),
	APS_COMMAND("aps_resource.delete", aps_resource_delete, aps_resource, aps_resource_delete_perform,
	            "Removes a resource with its event subscriptions."),
	APS_COMMAND("event_subscription.create", event_subscription_create, event_subscription, create_perform,
	            "Lets a resource hear of an event; what is there already is answered."),
	APS_COMMAND("event_subscription.delete", event_subscription_delete, event_subscription, delete_perform,
	            "Ends an event subscription."),
	{ .name = NULL },
};
