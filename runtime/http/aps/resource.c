/* resource.c: resources, their event subscriptions and their types, on APS's wire.
 *
 * {key} of a path is a resource's id there, {word} the UUID of an event subscription. Lists are plain arrays.
 */
#include "aps.h"

#include "event/aps.h"
#include "http/exchange.h"

enum { KEY_SEGMENT = 3, WORD_SEGMENT = 6 }; /* of /aps/2/resources/{key}/aps/subscriptions/{word} */

static struct text key_of(const struct http_exchange *exchange)
{
	return exchange->target.segments[KEY_SEGMENT];
}

/* The body as a record; NULL and problems. */
static void *body_read(struct http_exchange *exchange, const struct record *record)
{
	void *input = arena_alloc(exchange->arena, record->size);
	const struct json *json = http_body_json(exchange);
	return json && json_decode(json, record, input, "", exchange->arena, &exchange->problems) ? input : NULL;
}

/* ---- resources ---- */

static struct aps_wire_resource resource_shown(const struct aps_resource *resource, struct aps_head *head)
{
	*head = (struct aps_head){ .id = resource->key, .type = resource->type };
	struct aps_wire_resource shown = { .aps = head, .account_id = resource->account_id,
		                           .endpoint_id = resource->endpoint_id };
	shown.linked.items = resource->linked.items;
	shown.linked.count = resource->linked.count;
	return shown;
}

static void resource_reply(struct http_exchange *exchange, int status, const struct aps_resource *resource)
{
	struct aps_head head;
	const struct aps_wire_resource shown = resource_shown(resource, &head);
	http_reply_record(exchange, status, &aps_wire_resource_record, &shown);
}

static bool resource_get(struct command *command, struct http_exchange *exchange)
{
	const struct aps_resource *resource = aps_resource_need(command, key_of(exchange), "");
	if (resource)
		resource_reply(exchange, 200, resource);
	return resource != NULL;
}

static void resource_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	(void)command;
	resource_reply(exchange, exchange->reply.status, output);
}

static bool resource_create(struct http_exchange *exchange)
{
	const struct aps_wire_resource *given = body_read(exchange, &aps_wire_resource_record);
	struct aps_resource_create *input = arena_new(exchange->arena, struct aps_resource_create);
	if (!given)
		return false;
	*input = (struct aps_resource_create){ .type = given->aps->type, .key = given->aps->id,
		                               .account_id = given->account_id, .endpoint_id = given->endpoint_id };
	input->linked.items = given->linked.items;
	input->linked.count = given->linked.count;
	return http_submit(exchange, exchange->entry->command, input, resource_encode);
}

static bool resource_delete(struct http_exchange *exchange)
{
	struct aps_resource_delete *input = arena_new(exchange->arena, struct aps_resource_delete);
	input->key = key_of(exchange);
	return record_check(&aps_resource_delete_record, input, "", &exchange->problems) &&
	       http_submit(exchange, exchange->entry->command, input, resource_encode);
}

/* ---- event subscriptions ---- */

static struct aps_wire_subscription subscription_shown(const struct event_subscription *subscription, struct aps_source *source)
{
	*source = (struct aps_source){ .type = subscription->source_type, .id = subscription->source_key };
	return (struct aps_wire_subscription){ .id = subscription->uuid, .event = subscription->event, .source = source,
		                               .handler = subscription->handler };
}

static void subscription_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct aps_source source;
	const struct aps_wire_subscription shown = subscription_shown(output, &source);
	(void)command;
	http_reply_record(exchange, exchange->reply.status, &aps_wire_subscription_record, &shown);
}

static bool subscription_create(struct http_exchange *exchange)
{
	const struct aps_wire_subscription_create *given = body_read(exchange, &aps_wire_subscription_create_record);
	struct event_subscription_create *input = arena_new(exchange->arena, struct event_subscription_create);
	if (!given)
		return false;
	*input = (struct event_subscription_create){ .resource = key_of(exchange), .event = given->event,
		                                     .source_type = given->source->type, .source_key = given->source->id,
		                                     .relation = given->relation, .handler = given->handler };
	return record_check(&event_subscription_create_record, input, "", &exchange->problems) &&
	       http_submit(exchange, exchange->entry->command, input, subscription_encode);
}

static bool subscription_delete(struct http_exchange *exchange)
{
	struct event_subscription_delete *input = arena_new(exchange->arena, struct event_subscription_delete);
	input->resource = key_of(exchange);
	return (uuid_parse(exchange->target.segments[WORD_SEGMENT], &input->uuid) ||
	        problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "the event subscription does not exist")) &&
	       record_check(&event_subscription_delete_record, input, "", &exchange->problems) &&
	       http_submit(exchange, exchange->entry->command, input, subscription_encode);
}

static bool subscriptions_get(struct command *command, struct http_exchange *exchange)
{
	struct event_subscription_list all = { NULL, 0, 0 };
	const struct aps_resource *resource = aps_resource_need(command, key_of(exchange), "");
	if (!resource || !event_subscriptions_of_resource(command, resource->id, &all))
		return false;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_array(&writer);
	for (size_t i = 0; i < all.count; i++) {
		struct aps_source source;
		const struct aps_wire_subscription shown = subscription_shown(&all.items[i], &source);
		json_record(&writer, &aps_wire_subscription_record, &shown);
	}
	json_end_array(&writer);
	http_reply_json(exchange, 200, builder_text(&out));
	return true;
}

/* ---- types ---- */

static void type_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct aps_type *type = output;
	(void)command;
	http_reply_json(exchange, exchange->reply.status, type->document);
}

static bool type_put(struct http_exchange *exchange)
{
	const struct json *json = http_body_json(exchange);
	struct aps_type_put *input = arena_new(exchange->arena, struct aps_type_put);
	if (!json)
		return false;
	input->document = json_tree_text(exchange->arena, json);
	return record_check(&aps_type_put_record, input, "", &exchange->problems) &&
	       http_submit(exchange, exchange->entry->command, input, type_encode);
}

#define RESOURCE "/aps/2/resources/{key}"

const struct http_route aps_routes[] = {
	{ .method = "PUT", .path = "/aps/2/types", .command = "aps_type.put", .handle = type_put, .open_input = true,
	  .open_output = true, .doc = "APS: declares a type; its resources hear what its operations subscribe to." },
	{ .method = "POST", .path = "/aps/2/resources", .command = "aps_resource.create", .handle = resource_create, .status = 201,
	  .input = &aps_wire_resource_record, .output = &aps_wire_resource_record, .doc = "APS: makes a resource." },
	{ .method = "GET", .path = RESOURCE, .scope = "read", .handle = http_read, .read = resource_get,
	  .output = &aps_wire_resource_record, .doc = "APS: a resource." },
	{ .method = "DELETE", .path = RESOURCE, .command = "aps_resource.delete", .handle = resource_delete, .no_body = true,
	  .output = &aps_wire_resource_record, .doc = "APS: removes a resource with its event subscriptions." },
	{ .method = "GET", .path = RESOURCE "/aps/subscriptions", .scope = "read", .handle = http_read, .read = subscriptions_get,
	  .output = &aps_wire_subscription_record, .bare_list = true, .doc = "APS: what a resource hears, as an array." },
	{ .method = "POST", .path = RESOURCE "/aps/subscriptions", .command = "event_subscription.create",
	  .handle = subscription_create, .status = 201, .input = &aps_wire_subscription_create_record,
	  .output = &aps_wire_subscription_record, .doc = "APS: lets a resource hear of an event; what is there already is answered." },
	{ .method = "DELETE", .path = RESOURCE "/aps/subscriptions/{word}", .command = "event_subscription.delete",
	  .handle = subscription_delete, .no_body = true, .output = &aps_wire_subscription_record, .doc = "APS: ends an event subscription." },
	{ .path = NULL },
};
