/* rule_console.c: statements of a console: compiled, run, and their values told. */
#include "rule_console_state.h"

#include "rule_context.h"
#include "rule_library.h"
#include "rule_scan.h"

#include <stdio.h>
#include <string.h>

enum { CHUNK_NAME_BYTES = 32 };

/* ------------------------------------------------------------------------------------------------ open and close */

static int environment_make(lua_State *lua)
{
	struct rule_console *console = lua_touserdata(lua, 1);
	console_environment_push(lua, console);
	lua_rawseti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_VARIABLES);
	return 0;
}

static bool console_begin(struct rule_console *console)
{
	struct rule_state *state = &console->state;
	state->results = &console->arena;
	problems_init(&console->problems, &console->arena);
	state->problems = &console->problems;
	if (!rule_state_begin(state, RULE_CONSOLE_BYTES, RULE_LOAD_FUEL))
		return false;
	console->block_end = state->memory_end;
	state->call = &console->call;
	return console_nouns_make(console) && rule_protected(state, environment_make, console);
}

struct rule_console *rule_console_open(const struct rule_console_host *host, const atomic_bool *interrupted)
{
	struct rule_console *console = memory_alloc(sizeof *console);
	if (!console)
		return NULL;
	*console = (struct rule_console){ .host = host };
	if (!arena_init(&console->arena, CONSOLE_ARENA_BYTES)) {
		memory_free(console);
		return NULL;
	}
	console->rule_host = (struct rule_host){ host->context, host->load, host->each };
	console->call = (struct rule_call){ .arena = &console->arena, .problems = &console->problems, .host = &console->rule_host };
	console->state.interrupted = interrupted;
	if (console_begin(console))
		return console;
	rule_console_close(console);
	return NULL;
}

void rule_console_close(struct rule_console *console)
{
	if (!console)
		return;
	rule_state_end(&console->state);
	rule_copy_free(&console->copy);
	arena_finish(&console->arena);
	memory_free(console);
}

void rule_console_set_now(struct rule_console *console, struct instant now, struct date today, struct text settings)
{
	console->call.now = now;
	console->call.today = today;
	console->call.settings = settings;
}

/* ------------------------------------------------------------------------------------------------ compiling */

struct statement {
	struct rule_console *console;
	struct text source;
	struct arena *arena; /* of values */
	struct rule_console_result *result;
	bool incomplete, syntax;
};

static bool ends_in_the_middle(lua_State *lua)
{
	static const char mark[] = "<eof>";
	size_t length;
	const char *message = lua_tolstring(lua, -1, &length);
	return message && length >= sizeof mark - 1 && strcmp(message + length - (sizeof mark - 1), mark) == 0;
}

/* Each statement has a number, so that functions of an earlier one are told apart: "#12". */
static int compile_text(lua_State *lua, const struct statement *statement, struct text source)
{
	char name[CHUNK_NAME_BYTES];
	snprintf(name, sizeof name, "=#%lld", (long long)statement->console->statements);
	return luaL_loadbufferx(lua, source.data, source.length, name, "t");
}

/* Pushes the function of the source, as an expression when it is one; else the message why not. */
static bool compile(lua_State *lua, struct statement *statement)
{
	struct text_builder expression;
	builder_init(&expression, statement->arena, 0);
	builder_c(&expression, "return ");
	builder_add(&expression, statement->source);
	if (compile_text(lua, statement, builder_text(&expression)) == LUA_OK)
		return true;
	lua_pop(lua, 1);
	if (compile_text(lua, statement, statement->source) == LUA_OK)
		return true;
	statement->incomplete = ends_in_the_middle(lua);
	statement->syntax = true;
	return false;
}

/* What the compiler takes and gets wrong. */
MAY_JUMP static void scan(lua_State *lua, const struct statement *statement)
{
	struct scan_refusal refusal;
	if (!rule_scan(statement->source, NULL, &refusal))
		rule_error(lua, "#%lld:%d: '%.*s' %s", (long long)statement->console->statements, refusal.line, TEXT_ARG(refusal.token), refusal.reason);
}

static int incomplete_look(lua_State *lua)
{
	struct statement *statement = lua_touserdata(lua, 1);
	compile(lua, statement);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ running */

/* The last result is `_`. */
static void last_keep(lua_State *lua, int first, int count)
{
	if (count == 0)
		return;
	lua_rawgeti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_VARIABLES);
	lua_pushvalue(lua, first);
	lua_setfield(lua, -2, "_");
	lua_pop(lua, 1);
}

static int statement_run(lua_State *lua)
{
	struct statement *statement = lua_touserdata(lua, 1);
	if (!compile(lua, statement))
		return lua_error(lua);
	scan(lua, statement);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_VARIABLES);
	lua_setupvalue(lua, -2, 1);
	int first = lua_gettop(lua);
	lua_call(lua, 0, LUA_MULTRET);
	int count = lua_gettop(lua) - first + 1;
	struct rule_console_value *values = arena_new_many(statement->arena, struct rule_console_value, (size_t)count + 1);
	for (int i = 0; i < count; i++)
		console_value_read(lua, first + i, statement->arena, 0, &values[i]);
	last_keep(lua, first, count);
	statement->result->values = values;
	statement->result->count = (size_t)count;
	return 0;
}

static void fuel_give(struct rule_console *console, int64_t fuel)
{
	struct rule_state *state = &console->state;
	int64_t times = fuel / RULE_FUEL_DEFAULT;
	state->doom = RULE_ALIVE;
	state->doom_place[0] = state->error_place[0] = '\0';
	state->results_bytes_most = state->results->used_bytes + RULE_RESULTS_BYTES_MAX;
	state->time_limit_us = (int64_t)RULE_TIME_LIMIT_MS * US_PER_MS * (times > 1 ? times : 1);
	state->memory_end = console->block_end;
	if (state->memory_end - state->memory_next > RULE_MEMORY_BYTES_DEFAULT)
		state->memory_end = state->memory_next + RULE_MEMORY_BYTES_DEFAULT;
	rule_fuel_start(state, fuel);
}

/* ------------------------------------------------------------------------------------------------ what went wrong */

static struct text line_at(struct text source, int64_t number)
{
	struct text line = TEXT_NONE, rest = source;
	for (int64_t i = 0; i < number; i++)
		text_split(rest, '\n', &line, &rest);
	return text_trim(line);
}

/* "#12:2: x" as "line 2: x" with that line when it is this statement's, as "x" when that has one line, else as
 * "x (statement 12, line 2)". */
static struct text message_of_place(const struct statement *statement, const char *message)
{
	struct arena *arena = statement->arena;
	struct text text = text_of(message), number, line, rest;
	int64_t of = 0, at = 0;
	bool placed = text_starts(text, "#") && text_split(text_slice(text, 1, text.length), ':', &number, &rest) &&
	              text_split(rest, ':', &line, &rest) && text_to_int64(number, &of) && text_to_int64(line, &at);
	if (!placed)
		return text_copy(arena, text);
	rest = text_trim(rest);
	if (of != statement->console->statements)
		return text_format(arena, "%.*s (statement %lld, line %lld)", TEXT_ARG(rest), (long long)of, (long long)at);
	if (!memchr(statement->source.data, '\n', statement->source.length))
		return text_copy(arena, rest);
	return text_format(arena, "line %lld: %.*s\n    %lld | %.*s", (long long)at, TEXT_ARG(rest), (long long)at,
	                   TEXT_ARG(line_at(statement->source, at)));
}

static struct text doom_message(const struct rule_console *console, struct arena *arena)
{
	const struct rule_state *state = &console->state;
	switch (state->doom) {
	case RULE_DOOM_INTERRUPTED:
		return TEXT("interrupted");
	case RULE_DOOM_MEMORY:
		if (state->memory_end == console->block_end)
			return text_format(arena, "the variables of this console take all of its %d MiB; leave it and begin anew",
			                   RULE_CONSOLE_BYTES / 1024 / 1024);
		return text_format(arena, "the statement used up its memory of %d KiB, or made a text longer than %d KiB",
		                   RULE_MEMORY_BYTES_DEFAULT / 1024, RULE_TEXT_BYTES_MAX / 1024);
	case RULE_DOOM_RESULTS:
		return text_format(arena, "the statement read more than %d MiB", RULE_RESULTS_BYTES_MAX / 1024 / 1024);
	case RULE_DOOM_TIME:
		return text_format(arena, "the statement took more than %lld ms of a processor; \\fuel gives more",
		                   (long long)(state->time_limit_us / US_PER_MS));
	default:
		return text_format(arena, "the statement used up its fuel of %lld units; does it loop? \\fuel gives more",
		                   (long long)state->fuel_limit);
	}
}

static void failure_tell(struct rule_console *console, const struct statement *statement)
{
	struct rule_console_result *result = statement->result;
	struct rule_state *state = &console->state;
	result->outcome = state->doom == RULE_DOOM_INTERRUPTED ? RULE_CONSOLE_INTERRUPTED
	                  : statement->incomplete            ? RULE_CONSOLE_INCOMPLETE
	                                                     : RULE_CONSOLE_FAILED;
	if (state->doom)
		result->message = doom_message(console, statement->arena);
	else
		result->message = message_of_place(statement, rule_failure_text(state));
	if (state->doom)
		rule_copy_put_back(state, &console->copy);
	lua_settop(state->lua, 0);
	state->doom = RULE_ALIVE;
}

void rule_console_run(struct rule_console *console, struct text source, int64_t fuel, struct arena *arena,
                      struct rule_console_result *result)
{
	struct rule_state *state = &console->state;
	struct statement statement = { .console = console, .source = source, .arena = arena, .result = result };
	*result = (struct rule_console_result){ .outcome = RULE_CONSOLE_DONE };
	if (source.length > RULE_CONSOLE_SOURCE_BYTES_MAX || !rule_copy_take(state, &console->copy)) {
		result->outcome = RULE_CONSOLE_FAILED;
		result->message = text_format(arena, "a statement has at most %d KiB", RULE_CONSOLE_SOURCE_BYTES_MAX / 1024);
		return;
	}
	problems_init(&console->problems, &console->arena);
	console->statements++;
	console->empty_list = NULL;
	fuel_give(console, fuel);
	bool done = rule_protected(state, statement_run, &statement);
	result->fuel = state->fuel_used;
	arena_reset(state->arena);
	if (!done)
		failure_tell(console, &statement);
}

bool rule_console_incomplete(struct rule_console *console, struct text source)
{
	struct rule_console_result ignored = { .outcome = RULE_CONSOLE_DONE };
	struct arena_mark mark = arena_mark(&console->arena);
	struct statement statement = { .console = console, .source = source, .arena = &console->arena, .result = &ignored };
	if (!rule_copy_take(&console->state, &console->copy))
		return false;
	fuel_give(console, RULE_LOAD_FUEL);
	rule_protected(&console->state, incomplete_look, &statement);
	rule_copy_put_back(&console->state, &console->copy);
	lua_settop(console->state.lua, 0);
	console->state.doom = RULE_ALIVE;
	arena_rewind(&console->arena, mark);
	return statement.incomplete;
}

static int records_forget(lua_State *lua)
{
	lua_newtable(lua);
	lua_rawseti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RECORDS);
	return 0;
}

void rule_console_refresh(struct rule_console *console)
{
	fuel_give(console, RULE_LOAD_FUEL);
	rule_protected(&console->state, records_forget, NULL);
}
