/* rule_straight.c: rules that end before a count hook could fire. */
#include "rule_straight.h"

#include "rule_declare.h"
#include "rule_memory.h"
#include "rule_scan.h"
#include "rule_state.h"

enum { REACH_DEPTH_MAX = 4, REACH_VALUES_MAX = 500, INSTRUCTION_BYTES = 4 };

/* ---- its instructions ---- */

static int bytes_count(lua_State *lua, const void *bytes, size_t size, void *total)
{
	(void)lua;
	(void)bytes;
	*(size_t *)total += size;
	return 0;
}

/* A dump holds each instruction, and more. The function is on the top. */
static bool is_short(lua_State *lua)
{
	size_t bytes = 0;
	return lua_dump(lua, bytes_count, &bytes, true) == 0 && bytes / INSTRUCTION_BYTES < RULE_FUEL_STEP;
}

static bool is_without_loop(lua_State *lua, const struct bundle_file *file)
{
	lua_Debug ar;
	unsigned seen = 0;
	lua_pushvalue(lua, -1);
	lua_getinfo(lua, ">S", &ar);
	if (!file->lines || strcmp(ar.short_src, file->name) != 0)
		return false; /* from a file that was required */
	for (int line = ar.linedefined; line <= ar.lastlinedefined; line++) {
		unsigned here = file->lines[line];
		seen |= seen & here & SCAN_FUNCTION ? here | SCAN_FUNCTIONS : here;
	}
	return seen == SCAN_FUNCTION;
}

/* ---- its reach ---- */

struct reach {
	lua_State *lua;
	int values; /* looked at so far */
};

static bool value_is_ours(struct reach *reach, int depth);

static bool table_is_ours(struct reach *reach, int depth)
{
	lua_State *lua = reach->lua;
	bool ours = depth < REACH_DEPTH_MAX && lua_checkstack(lua, 6);
	if (!ours)
		return false;
	for (lua_pushnil(lua); ours && lua_next(lua, -2);) {
		ours = value_is_ours(reach, depth + 1);
		lua_pop(lua, 1);
		ours = ours && value_is_ours(reach, depth + 1); /* the key */
		if (!ours)
			lua_pop(lua, 1);
	}
	return ours;
}

/* What a function of ours keeps is in reach too: a walk that `pairs` began gives the values of its table. */
static bool function_is_ours(struct reach *reach, int depth)
{
	lua_State *lua = reach->lua;
	bool ours = lua_iscfunction(lua, -1) && lua_tocfunction(lua, -1) != rule_require && depth < REACH_DEPTH_MAX &&
	            lua_checkstack(lua, 6);
	for (int i = 1; ours && lua_getupvalue(lua, -1, i); i++) {
		ours = value_is_ours(reach, depth + 1);
		lua_pop(lua, 1);
	}
	return ours;
}

/* The value on the top. Read-only tables are ours: what they stand for is the library, or came from JSON. */
static bool value_is_ours(struct reach *reach, int depth)
{
	if (++reach->values > REACH_VALUES_MAX)
		return false;
	switch (lua_type(reach->lua, -1)) {
	case LUA_TFUNCTION:
		return function_is_ours(reach, depth);
	case LUA_TTABLE:
		return table_is_ours(reach, depth);
	default:
		return true;
	}
}

static bool upvalues_are_ours(lua_State *lua)
{
	struct reach reach = { .lua = lua };
	int function = lua_gettop(lua);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	bool ours = true;
	for (int i = 1; ours && lua_getupvalue(lua, function, i); i++) {
		ours = lua_rawequal(lua, -1, function + 1) || value_is_ours(&reach, 0);
		lua_settop(lua, function + 1);
	}
	lua_settop(lua, function);
	return ours;
}

void rule_straight_find(lua_State *lua, const struct bundle_file *file, uint64_t *straight)
{
	if (!lua_checkstack(lua, 10))
		return;
	for (int ordinal = 0; ordinal < RULES_OF_FILE; ordinal++) {
		int type = lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RUNS + ordinal);
		if (type == LUA_TFUNCTION && !lua_iscfunction(lua, -1) && is_without_loop(lua, file) && is_short(lua) &&
		    upvalues_are_ours(lua))
			straight[ordinal / 64] |= UINT64_C(1) << (ordinal % 64);
		lua_pop(lua, 1);
		if (type == LUA_TNIL)
			return;
	}
}
