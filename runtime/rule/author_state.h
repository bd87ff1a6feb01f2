/* author_state.h: the state that the author's tools run in. Private to runtime/rule. */
#ifndef MOONBILL_RULE_AUTHOR_STATE_H
#define MOONBILL_RULE_AUTHOR_STATE_H

#include "author.h"

#include <lauxlib.h>
#include <lua.h>

/* A tool's run: a protected function is given it as a light userdata. */
struct author_run {
	const struct author_host *host;
	struct arena *arena;
	const struct author_file *files;
	size_t file_count;
	void *result;
};

/* Runs function(lua) protected in a new state; its one argument is the run. False with a problem when it raises. */
bool author_run(struct author_run *run, lua_CFunction function, struct problems *problems);
struct author_run *author_run_of(lua_State *lua);
/* Pushes what scripts/author/tools/NAME.lua returns. Raises. */
void author_tool_push(lua_State *lua, const char *name);
/* Pushes the table of records, events, policies and commands (author_schema.c). Raises. */
void author_schema_push(lua_State *lua, const struct author_host *host);
/* The tree of a source on the top, or nothing (false) when it is no Lua. */
bool author_tree_push(lua_State *lua, struct text source);

#endif
