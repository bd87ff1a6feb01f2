/* bind_engine.c: one Moonbill without threads for cases: commands, requests, clock, trace, gateway, sequences.
 *
 *     local site = assert(engine.open(":memory:"))
 *     local output, problem = site:command(0, "tenant.create", '{"name":"t"}')
 *     local reply = site:http("GET", "/v1/orders", { { "Authorization", "Bearer ..." } }, nil)
 *     site:close()
 */
#include "bind.h"

#include "billing/billing.h"
#include "billing/mail.h"
#include "billing/fixture.h"
#include "event/command.h"
#include "http/application.h"

#include <pthread.h>

static const char SITE_TYPE[] = "cases.site";
enum { HEADERS_MAX = 40, TRACE_BYTES_MAX = 0x40000000 };

struct site {
	struct engine *engine; /* NULL once closed */
	struct http_application *application;
	pthread_mutex_t lock;  /* of what follows: the trace is written on the writer's thread */
	struct arena arena;
	struct { struct trace_entry *items; size_t count, capacity; } trace;
};

/* ---- trace ---- */

static void trace_keep(void *context, const struct trace_entry *entry)
{
	struct site *site = context;
	pthread_mutex_lock(&site->lock);
	struct trace_entry *kept = list_add(&site->arena, &site->trace, struct trace_entry);
	*kept = *entry;
	kept->name = entry->name ? text_c(&site->arena, text_of(entry->name)) : NULL;
	kept->code = entry->code ? text_c(&site->arena, text_of(entry->code)) : NULL;
	kept->payload = text_present(entry->payload) ? text_copy(&site->arena, entry->payload) : TEXT_NONE;
	pthread_mutex_unlock(&site->lock);
}

static void push_entry(lua_State *L, const struct trace_entry *entry)
{
	static const char *const kinds[] = {
		[TRACE_PRE] = "pre", [TRACE_POST] = "post", [TRACE_SIGNAL] = "signal", [TRACE_RULE] = "rule",
		[TRACE_COMMAND_DONE] = "done", [TRACE_COMMAND_REJECTED] = "rejected",
	};
	lua_createtable(L, 0, 5);
	lua_pushstring(L, kinds[entry->kind]);
	lua_setfield(L, -2, "kind");
	lua_pushstring(L, entry->name);
	lua_setfield(L, -2, "name");
	lua_pushinteger(L, entry->object_id);
	lua_setfield(L, -2, "object_id");
	lua_pushstring(L, entry->code);
	lua_setfield(L, -2, "code");
	case_push_text(L, entry->payload);
	lua_setfield(L, -2, "payload");
}

/* ---- opening and closing ---- */

static struct site *check_site(lua_State *L)
{
	struct site *site = luaL_checkudata(L, 1, SITE_TYPE);
	if (!site->engine)
		luaL_error(L, "the site is closed");
	return site;
}

static int site_close(lua_State *L)
{
	struct site *site = luaL_checkudata(L, 1, SITE_TYPE);
	if (!site->engine)
		return 0;
	http_application_free(site->application);
	engine_close(site->engine);
	site->engine = NULL;
	arena_finish(&site->arena);
	pthread_mutex_destroy(&site->lock);
	return 0;
}

/* open(url) -> site | nil, message */
static int site_open(lua_State *L)
{
	struct text url = case_text(L, 1);
	struct site *site = lua_newuserdatauv(L, sizeof *site, 0);
	*site = (struct site){ .engine = NULL };
	luaL_setmetatable(L, SITE_TYPE);
	pthread_mutex_init(&site->lock, NULL);
	arena_init(&site->arena, TRACE_BYTES_MAX);

	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	struct engine_options options = {
		.commands = billing_commands, .jobs = billing_jobs, .messages = billing_messages, .trace = trace_keep, .trace_context = site,
		.private_deliveries = true,
	};
	site->engine = engine_open(url, &options, &problems);
	if (!site->engine) {
		arena_finish(&site->arena);
		return case_refuse_problems(L, &problems);
	}
	site->application = http_application_new(site->engine, 0);
	lua_pushvalue(L, -2);
	return 1;
}

/* ---- commands ---- */

static void push_problem(lua_State *L, const struct problems *problems)
{
	const struct problem *problem = problems->first;
	lua_createtable(L, 0, 6);
	case_refuse_problems(L, problems);
	lua_setfield(L, -3, "message");
	lua_pop(L, 1);
	if (!problem)
		return;
	lua_pushstring(L, problem_info(problem->code)->name);
	lua_setfield(L, -2, "code");
	case_push_text(L, problem->detail_code);
	lua_setfield(L, -2, "detail_code");
	lua_pushstring(L, problem->message);
	lua_setfield(L, -2, "reason");
	lua_pushstring(L, problem->pointer);
	lua_setfield(L, -2, "pointer");
}

static int refuse_problem(lua_State *L, const struct problems *problems)
{
	lua_pushnil(L);
	push_problem(L, problems);
	return 2;
}

/* site:has_command(name) */
static int site_has_command(lua_State *L)
{
	struct site *site = check_site(L);
	lua_pushboolean(L, engine_command(site->engine, case_text(L, 2)) != NULL);
	return 1;
}

/* site:command(tenant, name, input as JSON) -> output, or true when it has none | nil, problem */
static int site_command(lua_State *L)
{
	struct site *site = check_site(L);
	int64_t tenant_id = luaL_checkinteger(L, 2);
	struct text name = case_text(L, 3), input = case_text(L, 4);
	const struct command_type *type = engine_command(site->engine, name);
	if (!type)
		return luaL_error(L, "command %s does not exist", lua_tostring(L, 3));

	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	const struct json *json = json_parse(input, arena, &problems);
	void *value = arena_alloc(arena, type->input->size);
	if (!json || !json_decode(json, type->input, value, "", arena, &problems))
		return refuse_problem(L, &problems);
	struct command_request request = {
		.tenant_id = type->global ? 0 : tenant_id, .type = type, .input = value,
		.origin = { .actor = TEXT("operator"), .remote = TEXT("127.0.0.1") },
		.arena = arena, .problems = &problems,
	};
	if (!command_run(site->engine, &request))
		return refuse_problem(L, &problems);
	if (!type->output || !request.output) {
		lua_pushboolean(L, true);
		return 1;
	}
	case_push_json(L, json_parse(json_record_text(arena, type->output, request.output), arena, &problems));
	return 1;
}

/* ---- requests ---- */

static size_t check_headers(lua_State *L, int argument, struct http_field *headers)
{
	size_t count = 0;
	if (lua_isnoneornil(L, argument))
		return 0;
	luaL_checktype(L, argument, LUA_TTABLE);
	for (lua_Integer i = 1; lua_rawgeti(L, argument, i) == LUA_TTABLE; i++) {
		luaL_argcheck(L, count < HEADERS_MAX, argument, "too many headers");
		lua_rawgeti(L, -1, 1);
		lua_rawgeti(L, -2, 2);
		headers[count].name = case_text(L, -2); /* the caller's table keeps them alive */
		headers[count++].value = case_text(L, -1);
		lua_pop(L, 3);
	}
	lua_pop(L, 1);
	return count;
}

/* site:http(method, target, { { name, value } ... }, body or nil)
 *    -> { status =, content_type =, body =, headers = { lower-case name = value } } */
static int site_http(lua_State *L)
{
	struct site *site = check_site(L);
	struct http_field headers[HEADERS_MAX];
	struct http_request request = {
		.method = case_text(L, 2), .target = case_text(L, 3), .headers = headers,
		.header_count = check_headers(L, 4, headers), .body = case_text_or_none(L, 5), .remote = TEXT("127.0.0.1"),
	};
	struct http_reply reply = { .status = 0 };
	request.arena = case_arena(L);
	if (text_present(request.body))
		request.body = text_copy(request.arena, request.body); /* it is wiped where it holds a card */
	http_handle_wait(site->application, &request, &reply);

	lua_createtable(L, 0, 4);
	lua_pushinteger(L, reply.status);
	lua_setfield(L, -2, "status");
	case_push_text(L, reply.content_type);
	lua_setfield(L, -2, "content_type");
	case_push_text(L, text_present(reply.body) ? reply.body : TEXT(""));
	lua_setfield(L, -2, "body");
	lua_newtable(L);
	for (size_t i = 0; i < reply.header_count; i++) {
		struct text name = text_copy(request.arena, reply.headers[i].name);
		for (size_t c = 0; c < name.length; c++)
			if (name.data[c] >= 'A' && name.data[c] <= 'Z')
				((char *)(uintptr_t)name.data)[c] += 'a' - 'A';
		case_push_text(L, name);
		case_push_text(L, reply.headers[i].value);
		lua_rawset(L, -3);
	}
	lua_setfield(L, -2, "headers");
	return 1;
}

/* ---- clock, trace, gateway, sequences ---- */

/* site:advance(tenant, instant [, jump]) -> true | nil, message */
static int site_advance(lua_State *L)
{
	struct site *site = check_site(L);
	int64_t tenant_id = luaL_checkinteger(L, 2);
	const struct clock_target target = { .until = case_instant(L, 3), .jump = lua_toboolean(L, 4) };
	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	if (!engine_advance_clock_to(site->engine, tenant_id, &target, &problems))
		return case_refuse_problems(L, &problems);
	lua_pushboolean(L, true);
	return 1;
}

/* site:drain(tenant) -> true | nil, message */
static int site_drain(lua_State *L)
{
	struct site *site = check_site(L);
	int64_t tenant_id = luaL_checkinteger(L, 2);
	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	if (!engine_drain(site->engine, tenant_id, &problems))
		return case_refuse_problems(L, &problems);
	lua_pushboolean(L, true);
	return 1;
}

/* site:trace() -> { { kind =, name =, object_id =, code =, payload = } ... }: what happened since the last call */
static int site_trace(lua_State *L)
{
	struct site *site = check_site(L);
	lua_newtable(L);
	pthread_mutex_lock(&site->lock);
	for (size_t i = 0; i < site->trace.count; i++) {
		push_entry(L, &site->trace.items[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	site->trace.items = NULL;
	site->trace.count = site->trace.capacity = 0;
	arena_reset(&site->arena);
	pthread_mutex_unlock(&site->lock);
	return 1;
}

/* site:gateway_calls(tenant) */
static int site_gateway_calls(lua_State *L)
{
	struct site *site = check_site(L);
	lua_pushinteger(L, gateway_test_calls(engine_gateway_test(site->engine), luaL_checkinteger(L, 2)));
	return 1;
}

struct peek {
	struct text name;
	int64_t next;
};

static bool peek_sequence(struct command *command, void *context)
{
	struct peek *peek = context;
	peek->next = fixture_sequence_next(command, peek->name);
	return true;
}

/* site:sequence_next(tenant, name) */
static int site_sequence_next(lua_State *L)
{
	struct site *site = check_site(L);
	int64_t tenant_id = luaL_checkinteger(L, 2);
	struct peek peek = { .name = case_text(L, 3) };
	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	if (!command_read(site->engine, tenant_id, arena, &problems, peek_sequence, &peek))
		return case_refuse_problems(L, &problems);
	lua_pushinteger(L, peek.next);
	return 1;
}

int bind_engine_open(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "command", site_command },
		{ "has_command", site_has_command },
		{ "http", site_http },
		{ "advance", site_advance },
		{ "drain", site_drain },
		{ "trace", site_trace },
		{ "gateway_calls", site_gateway_calls },
		{ "sequence_next", site_sequence_next },
		{ "close", site_close },
		{ NULL, NULL },
	};
	static const luaL_Reg functions[] = { { "open", site_open }, { "lose", bind_lose }, { NULL, NULL } };
	luaL_newmetatable(L, SITE_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, site_close);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
