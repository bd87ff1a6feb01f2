/* rule_state.c: lua_States inside one block of memory each: restored from an image, or made anew; protected calls. */
#include "rule_state.h"

#include "rule_declare.h"
#include "rule_library.h"
#include "rule_memory.h"
#include "rule_straight.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ states */

static int state_panic(lua_State *lua)
{
	BUG("a rule state raised outside a protected call: %s",
	    lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "?");
}

static int state_open(lua_State *lua)
{
	rule_library_open(lua);
	return 0;
}

/* The extra space of a lua_State leads to the data of the call. */
void rule_state_attach(struct rule_state *state, lua_State *lua)
{
	memcpy(lua_getextraspace(lua), &state, sizeof state);
	state->lua = lua;
}

static bool library_make(struct rule_state *state)
{
	rule_memory_clear(state);
	lua_State *lua = lua_newstate(rule_allocate, state->memory);
	if (!lua)
		return false;
	rule_state_attach(state, lua);
	lua_atpanic(lua, state_panic);
	lua_gc(lua, LUA_GCSTOP);
	if (!rule_protected(state, state_open, NULL))
		return false;
	rule_image_keep(state, NULL);
	return true;
}

static bool memory_take(struct rule_state *state, size_t memory_bytes)
{
	state->memory = rule_memory_take(state, memory_bytes);
	state->results_bytes_most = state->results->used_bytes + RULE_RESULTS_BYTES_MAX;
	state->fuel_limit = INT64_MAX;
	return state->memory != NULL;
}

bool rule_state_begin(struct rule_state *state, size_t memory_bytes, int64_t fuel_limit)
{
	if (!memory_take(state, memory_bytes))
		return false;
	if (!rule_image_restore(state, NULL) && !library_make(state)) {
		rule_state_end(state);
		return false;
	}
	rule_fuel_start(state, fuel_limit);
	return true;
}

/* The image must not depend on how the state came to be: no hook, no scratch. */
static void file_image_keep(struct rule_state *state, const struct bundle_file *file)
{
	struct rule_image *before = state->image;
	lua_sethook(state->lua, NULL, 0, 0);
	arena_reset(state->arena);
	rule_image_keep(state, file);
	if (state->image != before)
		rule_straight_find(state->lua, file, state->image->straight);
}

enum rule_beginning rule_state_begin_file(struct rule_state *state, size_t memory_bytes, const struct bundle_file *file)
{
	if (!memory_take(state, memory_bytes))
		return RULE_BEGINNING_NONE;
	if (rule_image_restore(state, file))
		return RULE_BEGINNING_READY;
	if (!rule_image_restore(state, NULL) && !library_make(state)) {
		rule_state_end(state);
		return RULE_BEGINNING_NONE;
	}
	rule_fuel_start(state, RULE_LOAD_FUEL);
	if (!rule_protected(state, rule_file_run, (void *)(uintptr_t)file))
		return RULE_BEGINNING_FAILED;
	file_image_keep(state, file);
	return RULE_BEGINNING_READY;
}

void rule_state_end(struct rule_state *state)
{
	state->lua = NULL;
	if (state->memory)
		rule_memory_give_back(state->memory);
	state->memory = NULL;
}

/* ------------------------------------------------------------------------------------------------ protected calls */

/* The only message handler there is: an error raised inside the count hook runs it with hooks off, so it must be C. */
int rule_note_error(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	rule_place_of(lua, state->error_place, sizeof state->error_place);
	return 1;
}

bool rule_protected(struct rule_state *state, lua_CFunction function, void *argument)
{
	lua_State *lua = state->lua;
	int base = lua_gettop(lua);
	lua_pushcfunction(lua, rule_note_error);
	lua_pushcfunction(lua, function);
	lua_pushlightuserdata(lua, argument);
	bool done = lua_pcall(lua, 1, 0, base + 1) == LUA_OK && !state->doom;
	if (done)
		lua_settop(lua, base);
	return done; /* a failed state is only asked for its failure */
}

/* The raw member `name` of the error table on the top. */
static struct text error_member(struct rule_state *state, const char *name)
{
	lua_State *lua = state->lua;
	struct text found = TEXT_NONE;
	if (lua_checkstack(lua, 4) && !state->doom) {
		lua_pushstring(lua, name);
		lua_rawget(lua, -2);
		size_t length;
		const char *data = lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &length) : NULL;
		if (data)
			found = text_copy(state->results, (struct text){ data, length });
		lua_pop(lua, 1);
	}
	return found;
}

static const char *doom_text(struct rule_state *state)
{
	const char *place = state->doom_place, *colon = place[0] ? ": " : "";
	if (state->doom == RULE_DOOM_FUEL)
		return text_format(state->results, "%s%sthe rule used up its fuel of %lld units", place, colon,
		                   (long long)state->fuel_limit).data;
	if (state->doom == RULE_DOOM_TIME)
		return text_format(state->results, "%s%sthe rule took more than %d ms, although it had fuel left", place, colon,
		                   RULE_TIME_LIMIT_MS).data;
	if (state->doom == RULE_DOOM_RESULTS)
		return text_format(state->results, "%s%sthe rule read, assigned or queued more than %d MiB", place, colon,
		                   RULE_RESULTS_BYTES_MAX / 1024 / 1024).data;
	if (state->doom == RULE_DOOM_MEMORY)
		return text_format(state->results, "%s%sthe rule used up its memory of %zu KiB, or made a text longer than %d KiB",
		                   place, colon, rule_memory_size(state->memory) / 1024, RULE_TEXT_BYTES_MAX / 1024).data;
	return text_format(state->results, "%s%s%.*s", place, colon, TEXT_ARG(state->reject_message)).data;
}

struct table_error {
	struct text code, message;
};

static int error_members_read(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	struct table_error *error = lua_touserdata(lua, 1);
	error->code = error_member(state, "code");
	error->message = error_member(state, "message");
	return 0;
}

/* An error value that is a table: its raw `code` and `message`. Nothing is allocated outside the protected call, where
 * running out of memory would be a panic. */
static const char *table_error_text(struct rule_state *state)
{
	lua_State *lua = state->lua;
	struct table_error error = { TEXT_NONE, TEXT_NONE };
	lua_pushcfunction(lua, error_members_read);
	lua_insert(lua, -2);
	lua_pushlightuserdata(lua, &error);
	lua_insert(lua, -2);
	lua_pcall(lua, 2, 0, 0);
	const char *place = state->error_place, *colon = place[0] ? ": " : "";
	if (!text_present(error.message) && !text_present(error.code))
		return text_format(state->results, "%s%serror of type table", place, colon).data;
	return text_format(state->results, "%s%s%.*s%s%.*s", place, colon, TEXT_ARG(error.code),
	                   text_present(error.code) && text_present(error.message) ? ": " : "", TEXT_ARG(error.message)).data;
}

const char *rule_failure_text(struct rule_state *state)
{
	lua_State *lua = state->lua;
	if (state->doom)
		return doom_text(state);
	int type = lua_type(lua, -1);
	if (type == LUA_TSTRING) {
		size_t length;
		const char *data = lua_tolstring(lua, -1, &length);
		return text_copy(state->results, (struct text){ data, length < 2000 ? length : 2000 }).data;
	}
	if (type == LUA_TTABLE)
		return table_error_text(state);
	return text_format(state->results, "%s%serror of type %s", state->error_place, state->error_place[0] ? ": " : "",
	                   lua_typename(lua, type)).data;
}
