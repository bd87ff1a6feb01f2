/* rule_userdata.c: full userdata with a kind in their head and an aligned payload; locked metatables. */
#include "rule_state.h"

/* The payload begins at the first multiple of 16 behind the head: Lua aligns userdata to 8 only. */
struct userdata_head {
	enum rule_kind kind;
};

static void *payload_of(struct userdata_head *head)
{
	uintptr_t behind = (uintptr_t)(head + 1);
	uintptr_t aligned = (behind + 15) & ~(uintptr_t)15;
	return (char *)head + (aligned - (uintptr_t)head);
}

void *rule_userdata_new(lua_State *lua, enum rule_kind kind, size_t size)
{
	size_t whole = sizeof(struct userdata_head) + 15 + size;
	struct userdata_head *head = lua_newuserdatauv(lua, whole, 0);
	void *payload = payload_of(head);
	head->kind = kind;
	memset(payload, 0, size);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_METATABLES + (int)kind);
	lua_setmetatable(lua, -2);
	return payload;
}

/* All userdata that is full is ours, and no light one is ever a rule's to hold. */
enum rule_kind rule_kind_at(lua_State *lua, int index)
{
	if (lua_type(lua, index) != LUA_TUSERDATA)
		return RULE_KIND_NONE;
	return ((struct userdata_head *)lua_touserdata(lua, index))->kind;
}

void *rule_userdata_at(lua_State *lua, int index, enum rule_kind kind)
{
	struct userdata_head *head = lua_touserdata(lua, index);
	return head && head->kind == kind ? payload_of(head) : NULL;
}

void rule_metatable_new(lua_State *lua, enum rule_kind kind, const char *name, const luaL_Reg *functions)
{
	lua_newtable(lua);
	luaL_setfuncs(lua, functions, 0);
	lua_pushboolean(lua, false);
	lua_setfield(lua, -2, "__metatable");
	lua_pushstring(lua, name);
	lua_setfield(lua, -2, "__name");
	lua_pushvalue(lua, -1);
	lua_rawseti(lua, LUA_REGISTRYINDEX, RULE_SLOT_METATABLES + (int)kind);
}
