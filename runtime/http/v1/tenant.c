/* tenant.c: the tenant, its settings and its clock, and what there is. */
#include "v1.h"

#include "billing/tenant.h"

static bool tenant_get(struct command *command, struct http_exchange *exchange)
{
	return http_reply_found(exchange, exchange->entry->route->output, command->tenant);
}

/* ---- settings ---- */

static void settings_reply(struct http_exchange *exchange, const struct tenant *tenant, struct text effective)
{
	const struct settings_shown shown = { .settings = text_present(tenant->settings) ? tenant->settings : TEXT("{}"),
		                              .effective = effective };
	http_reply_record(exchange, 200, exchange->entry->route->output, &shown);
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
	const struct clock_shown shown = { .now = now,
		                           .mode = tenant_is_test(tenant) ? CLOCK_SHOWN_MODE_TEST : CLOCK_SHOWN_MODE_LIVE };
	http_reply_record(exchange, 200, exchange->entry->route->output, &shown);
}

static bool clock_get(struct command *command, struct http_exchange *exchange)
{
	clock_reply(exchange, command->tenant, command->now);
	return true;
}

static void clock_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	(void)output;
	clock_reply(exchange, command->tenant, command->now);
}

static bool clock_permit(struct command *view, void *context)
{
	return http_condition_permits(view, context);
}

/* The last command of a move, which keeps the answer under the request's key: there is a problem, or there is none. */
static bool clock_answer_perform(struct command *command, const void *input, void **output)
{
	const struct http_exchange *exchange = input;
	(void)output;
	command_object(command, "tenant", command->tenant->id, 0);
	return exchange->problems.count == 0;
}

static const struct command_type clock_answer = {
	.name = "clock.advance", .scope = "admin", .without_rules = true, .perform = clock_answer_perform,
	.doc = "Keeps the answer to a move of a clock.",
};

/* A move that began while another one was under way may be that one's repeat: its refusal is no answer to the key. Nor is
 * that of a move which the server's stop has cut short: its repeat goes on. */
static bool clock_answer_is_kept(const struct http_exchange *exchange)
{
	const struct problem *problem = exchange->problems.first;
	return text_present(exchange->write.key) &&
	       (!problem || (problem->code != PROBLEM_CONFLICT && problem->code != PROBLEM_BUSY));
}

/* Moving a clock may take minutes; neither the server's nor the writer's thread has them. */
static bool clock_move(struct http_exchange *exchange)
{
	const struct clock_set *input = exchange->work;
	if (text_present(exchange->write.key) && http_replay(exchange, &clock_answer, exchange))
		return true;
	const struct clock_target target = {
		.until = input->now, .jump = input->jump, .permit = exchange->conditional ? clock_permit : NULL, .context = exchange,
	};
	bool good = engine_advance_clock_to(exchange->application->engine, exchange->identity.tenant_id, &target,
	                                    &exchange->problems);
	if (clock_answer_is_kept(exchange)) {
		exchange->conditional = false; /* it was asked before the move, and is about what was then */
		http_submit(exchange, &clock_answer, exchange, clock_encode);
		return true;
	}
	if (!good || !http_read_body(exchange, clock_get))
		exchange->reply.status = 0;
	else
		exchange->write.tag = http_tag_of(exchange->arena, &exchange->reply);
	http_finish(exchange);
	return true;
}

static bool clock_put(struct http_exchange *exchange)
{
	const struct json *json = http_body_json(exchange);
	struct clock_set *input = arena_new(exchange->arena, struct clock_set);
	if (!json || !json_decode(json, &clock_set_record, input, "", exchange->arena, &exchange->problems))
		return false;
	if (exchange->write.dry_run && input->jump)
		return problem(&exchange->problems, PROBLEM_INVALID_COMBINATION, "/jump", "a dry run of a jump is not made: try it on a test tenant");
	if (exchange->write.dry_run)
		return http_submit(exchange, &clock_rehearsal, &input->now, clock_encode);
	exchange->work = input;
	return http_apart(exchange, clock_move);
}

/* ---- open to everyone ---- */

static bool openapi_get(struct http_exchange *exchange)
{
	http_reply_json(exchange, 200, http_application_openapi(exchange->application));
	http_finish(exchange);
	return true;
}

static bool openapi_maxio_get(struct http_exchange *exchange)
{
	http_reply_json(exchange, 200, http_application_openapi_maxio(exchange->application));
	http_finish(exchange);
	return true;
}

static struct route_entry route_show(const struct http_entry *entry, struct arena *arena)
{
	const struct http_route *route = entry->route;
	const struct record *input = http_entry_input(entry), *output = http_entry_output(entry);
	return (struct route_entry){
		.method = text_of(route->method),
		.path = text_of(route->path),
		.scope = entry->scope ? api_scopes_text(arena, entry->scope) : TEXT_NONE,
		.parameters = text_of(route->parameters),
		.input = text_of(input ? input->name : NULL),
		.output = text_of(output ? output->name : NULL),
		.doc = text_of(route->doc),
	};
}

static bool routes_get(struct http_exchange *exchange)
{
	const struct http_router *router = &exchange->application->router;
	struct route_table table = { .routes = { 0 } };
	for (size_t i = 0; i < router->count; i++)
		if (!router->entries[i].route->vendors)
			*list_add(exchange->arena, &table.routes, struct route_entry) =
			        route_show(&router->entries[i], exchange->arena);
	http_reply_record(exchange, 200, exchange->entry->route->output, &table);
	http_finish(exchange);
	return true;
}

const struct http_route v1_tenant_routes[] = {
	{ .method = "GET", .path = "/", .scope = "", .handle = routes_get,
	  .output = &route_table_record, .doc = "This table." },
	{ .method = "GET", .path = "/openapi.json", .scope = "", .handle = openapi_get, .open_output = true,
	  .doc = "The description of this API: OpenAPI 3.1." },
	{ .method = "GET", .path = "/openapi/maxio.json", .scope = "", .handle = openapi_maxio_get, .open_output = true,
	  .doc = "The description of Maxio's wire: OpenAPI 3.1." },
	{ .method = "GET", .path = "/v1/tenant", .scope = "read", .handle = http_read, .read = tenant_get,
	  .output = &tenant_record, .doc = "The tenant." },
	{ .method = "GET", .path = "/v1/settings", .scope = "read", .handle = http_read, .read = settings_get,
	  .output = &settings_shown_record,
	  .doc = "The tenant's settings, and what is in force with the bundle's below them." },
	{ .method = "PUT", .path = "/v1/settings", .command = "tenant.configure", .handle = settings_write,
	  .open_input = true, .output = &settings_shown_record,
	  .doc = "Replaces the tenant's settings by the object sent." },
	{ .method = "PATCH", .path = "/v1/settings", .command = "tenant.configure", .handle = settings_write,
	  .open_input = true, .output = &settings_shown_record,
	  .doc = "Lays the object sent over the tenant's settings; null takes one away." },
	{ .method = "GET", .path = "/v1/clock", .scope = "read", .ticks = true, .handle = http_read, .read = clock_get,
	  .output = &clock_shown_record, .doc = "The tenant's now." },
	{ .method = "PUT", .path = "/v1/clock", .scope = "admin", .handle = clock_put,
	  .cost = 200, .input = &clock_set_record, .output = &clock_shown_record,
	  .doc = "Moves a test tenant's clock; answers when all that is due has run." },
	{ .path = NULL },
};
