/* cases.c: the case runner: a Lua program (run.lua beside this file) over the product's own functions.
 *
 *     cases FILE...      see tests/cases/run --help
 *
 * The Lua state is a stock one with all libraries: this is a test tool, not the rule host.
 */
#include "bind.h"

#include <lualib.h>

static int traceback(lua_State *L)
{
	luaL_traceback(L, L, lua_tostring(L, 1), 1);
	return 1;
}

/* Module `name` is what `open` pushes, and a global of this name. */
static void module_add(lua_State *L, const char *name, lua_CFunction open)
{
	luaL_requiref(L, name, open, 1);
	lua_pop(L, 1);
}

static int run(lua_State *L)
{
	int argc = (int)lua_tointeger(L, 1);
	char **argv = lua_touserdata(L, 2);
	luaL_openlibs(L);
	module_add(L, "document", bind_document_open);
	module_add(L, "value", bind_value_open);
	module_add(L, "calendar", bind_calendar_open);
	module_add(L, "catalog", bind_catalog_open);
	module_add(L, "policy", bind_policy_open);
	module_add(L, "price", bind_price_open);
	module_add(L, "cycle", bind_cycle_open);
	module_add(L, "amount", bind_amount_open);
	module_add(L, "catalogue", bind_catalogue_open);
	module_add(L, "engine", bind_engine_open);
	module_add(L, "receiver", bind_receiver_open);
	module_add(L, "invoicing", bind_invoice_open);
	module_add(L, "system", bind_system_open);
	module_add(L, "timeline", bind_timeline_open);
	module_add(L, "usage", bind_usage_open);
	module_add(L, "wallet", bind_wallet_open);

	lua_getglobal(L, "package");
	lua_pushstring(L, CASES_DIR "/?.lua");
	lua_setfield(L, -2, "path");
	lua_pop(L, 1);
	lua_pushstring(L, CASES_DIR);
	lua_setglobal(L, "CASES_DIR");

	if (luaL_loadfile(L, CASES_DIR "/run.lua") != LUA_OK)
		return lua_error(L);
	for (int i = 1; i < argc; i++)
		lua_pushstring(L, argv[i]);
	lua_call(L, argc - 1, 1);
	return 1;
}

int main(int argc, char **argv)
{
	lua_State *L = luaL_newstate();
	if (!L) {
		fputs("cases: no memory\n", stderr);
		return 2;
	}
	lua_pushcfunction(L, traceback);
	lua_pushcfunction(L, run);
	lua_pushinteger(L, argc);
	lua_pushlightuserdata(L, argv);
	int status = 2;
	if (lua_pcall(L, 2, 1, 1) == LUA_OK)
		status = (int)lua_tointeger(L, -1);
	else
		fprintf(stderr, "cases: %s\n", lua_tostring(L, -1));
	lua_close(L);
	return status;
}
