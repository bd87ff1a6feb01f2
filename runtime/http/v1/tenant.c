/* tenant.c: the tenant, its settings and its clock; what there is, and whether it lives. */
#include "v1.h"

#include "base/log.h"
#include "billing/tenant.h"

enum { CLOCK_THREADS_MAX = 16 };

static bool tenant_get(struct command *command, struct http_exchange *exchange)
{
	return http_reply_found(exchange, &tenant_record, command->tenant);
}

/* ---- settings ---- */

static void settings_reply(struct http_exchange *exchange, const struct tenant *tenant, struct text effective)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "settings");
	json_raw(&writer, text_present(tenant->settings) ? tenant->settings : TEXT("{}"));
	if (text_present(effective)) {
		json_name(&writer, "effective");
		json_raw(&writer, effective);
	}
	json_end_object(&writer);
	http_reply_json(exchange, 200, builder_text(&out));
}

static bool settings_get(struct command *command, struct http_exchange *exchange)
{
	settings_reply(exchange, command->tenant, command->settings_text);
	return true;
}

static void settings_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	(void)command;
	settings_reply(exchange, output, TEXT_NONE);
}

static bool settings_write(struct http_exchange *exchange)
{
	const struct json *json = http_body_json(exchange);
	if (!json)
		return false;
	struct tenant_configure *input = arena_new(exchange->arena, struct tenant_configure);
	input->settings = json_tree_text(exchange->arena, json);
	input->replace = input->has_replace = text_is(exchange->request->method, "PUT");
	return record_check(&tenant_configure_record, input, "", &exchange->problems) &&
	       http_submit(exchange, exchange->entry->command, input, settings_encode);
}

/* ---- clock ---- */

static void clock_reply(struct http_exchange *exchange, const struct tenant *tenant, struct instant now)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "now");
	json_string(&writer, instant_text(exchange->arena, now));
	json_name(&writer, "mode");
	json_c(&writer, tenant_is_test(tenant) ? "test" : "live");
	json_end_object(&writer);
	http_reply_json(exchange, 200, builder_text(&out));
}

static bool clock_get(struct command *command, struct http_exchange *exchange)
{
	clock_reply(exchange, command->tenant, command->now);
	return true;
}

static bool moving_begin(struct http_application *application)
{
	pthread_mutex_lock(&application->lock);
	bool free = application->moving < CLOCK_THREADS_MAX;
	application->moving += free;
	pthread_mutex_unlock(&application->lock);
	return free;
}

static void moving_end(struct http_application *application)
{
	pthread_mutex_lock(&application->lock);
	application->moving--;
	pthread_cond_broadcast(&application->changed);
	pthread_mutex_unlock(&application->lock);
}

static void clock_move(struct http_exchange *exchange)
{
	const struct clock_set *input = exchange->work;
	if (!engine_advance_clock(exchange->application->engine, exchange->identity.tenant_id, input->now,
	                          &exchange->problems) ||
	    !http_read_body(exchange, clock_get))
		exchange->reply.status = 0;
	http_finish(exchange);
}

/* Moving a clock may take minutes; neither the server's nor the writer's thread has them. */
static void *clock_thread(void *context)
{
	struct http_exchange *exchange = context;
	struct http_application *application = exchange->application;
	clock_move(exchange);
	moving_end(application);
	return NULL;
}

static bool clock_move_later(struct http_exchange *exchange)
{
	struct http_application *application = exchange->application;
	if (!moving_begin(application))
		return problem(&exchange->problems, PROBLEM_BUSY, "", "%d clocks are being moved already",
		               CLOCK_THREADS_MAX);
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	bool started = pthread_create(&thread, &attributes, clock_thread, exchange) == 0;
	pthread_attr_destroy(&attributes);
	if (started)
		return true;
	moving_end(application);
	return problem(&exchange->problems, PROBLEM_BUSY, "", "no thread can be started to move the clock");
}

static bool clock_put(struct http_exchange *exchange)
{
	const struct json *json = http_body_json(exchange);
	struct clock_set *input = arena_new(exchange->arena, struct clock_set);
	if (!json || !json_decode(json, &clock_set_record, input, "", exchange->arena, &exchange->problems))
		return false;
	exchange->work = input;
	if (!exchange->wait)
		return clock_move_later(exchange);
	clock_move(exchange);
	return true;
}

/* ---- open to everyone ---- */

static bool health_get(struct http_exchange *exchange)
{
	if (!store_is_open(engine_store(exchange->application->engine)))
		return problem(&exchange->problems, PROBLEM_STORE_FAILED, "", "the store is closed after an error");
	http_reply_json(exchange, 200, TEXT("{\"status\":\"ok\"}"));
	http_finish(exchange);
	return true;
}

static void route_write(struct json_writer *writer, const struct http_entry *entry, struct arena *arena)
{
	json_begin_object(writer);
	json_name(writer, "method");
	json_c(writer, entry->route->method);
	json_name(writer, "path");
	json_c(writer, entry->route->path);
	if (entry->scope) {
		json_name(writer, "scope");
		json_string(writer, api_scopes_text(arena, entry->scope));
	}
	if (entry->route->parameters) {
		json_name(writer, "parameters");
		json_c(writer, entry->route->parameters);
	}
	if (entry->command && entry->command->input) {
		json_name(writer, "input");
		json_c(writer, entry->command->input->name);
	}
	json_name(writer, "doc");
	json_c(writer, entry->route->doc);
	json_end_object(writer);
}

static bool routes_get(struct http_exchange *exchange)
{
	const struct http_router *router = &exchange->application->router;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "routes");
	json_begin_array(&writer);
	for (size_t i = 0; i < router->count; i++)
		route_write(&writer, &router->entries[i], exchange->arena);
	json_end_array(&writer);
	json_end_object(&writer);
	http_reply_json(exchange, 200, builder_text(&out));
	http_finish(exchange);
	return true;
}

const struct http_route v1_tenant_routes[] = {
	{ .method = "GET", .path = "/", .scope = "", .handle = routes_get, .doc = "This table." },
	{ .method = "GET", .path = "/healthz", .scope = "", .handle = health_get,
	  .doc = "Whether the store can be used." },
	{ .method = "GET", .path = "/v1/tenant", .scope = "read", .handle = http_read, .read = tenant_get,
	  .doc = "The tenant." },
	{ .method = "GET", .path = "/v1/settings", .scope = "read", .handle = http_read, .read = settings_get,
	  .doc = "The tenant's settings, and what is in force with the bundle's below them." },
	{ .method = "PUT", .path = "/v1/settings", .command = "tenant.configure", .handle = settings_write,
	  .doc = "Replaces the tenant's settings by the object sent." },
	{ .method = "PATCH", .path = "/v1/settings", .command = "tenant.configure", .handle = settings_write,
	  .doc = "Lays the object sent over the tenant's settings; null takes one away." },
	{ .method = "GET", .path = "/v1/clock", .scope = "read", .handle = http_read, .read = clock_get,
	  .doc = "The tenant's now." },
	{ .method = "PUT", .path = "/v1/clock", .scope = "admin", .handle = clock_put,
	  .doc = "Moves a test tenant's clock; answers when all that is due has run." },
	{ .path = NULL },
};
