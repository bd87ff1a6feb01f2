/* author_state.c: the state that the author's tools run in. */
#include "author_state.h"

#include "author.gen.h"

#include <lualib.h>

static const char run_key[] = "run";

struct author_run *author_run_of(lua_State *lua)
{
	lua_getfield(lua, LUA_REGISTRYINDEX, run_key);
	struct author_run *run = lua_touserdata(lua, -1);
	lua_pop(lua, 1);
	return run;
}

void author_tool_push(lua_State *lua, const char *name)
{
	const char *path = text_format(author_run_of(lua)->arena, "tools/%s.lua", name).data;
	for (size_t i = 0; i < shipped_author_file_count; i++) {
		const struct shipped_author_file *file = &shipped_author_files[i];
		if (!text_is(text_of(file->path), path))
			continue;
		if (luaL_loadbufferx(lua, file->source, file->length, text_format(author_run_of(lua)->arena, "=%s", path).data, "t") != LUA_OK)
			lua_error(lua);
		lua_call(lua, 0, 1);
		return;
	}
	BUG("there is no tool %s", path);
}

bool author_tree_push(lua_State *lua, struct text source)
{
	author_tool_push(lua, "parse");
	lua_pushlstring(lua, source.data, source.length);
	if (lua_pcall(lua, 1, 1, 0) == LUA_OK)
		return true;
	bool is_fault = lua_type(lua, -1) != LUA_TTABLE; /* of the tool, not of the source */
	if (is_fault)
		lua_error(lua);
	lua_pop(lua, 1);
	return false;
}

bool author_run(struct author_run *run, lua_CFunction function, struct problems *problems)
{
	lua_State *lua = luaL_newstate();
	if (!lua)
		return problem_out_of_memory(problems, "an author's tool was run");
	luaL_openlibs(lua);
	lua_pushlightuserdata(lua, run);
	lua_setfield(lua, LUA_REGISTRYINDEX, run_key);
	lua_pushcfunction(lua, function);
	bool good = lua_pcall(lua, 0, 0, 0) == LUA_OK;
	if (!good)
		problem(problems, PROBLEM_RULE_LOAD, "", "the tool failed: %s", luaL_tolstring(lua, -1, NULL));
	lua_close(lua);
	return good;
}
