/* rule_pairs.c: pairs in one order on every run: 1..n, other positive integers, then keys by type and value.
 *
 * The border n of a table with holes may differ between runs (it depends on where keys fall in the hash part); the
 * order does not, since positive integers ascend on both sides of it. */
#include "rule_library.h"
#include "rule_state.h"

#include <stdlib.h>

enum key_class { KEY_POSITIVE, KEY_INTEGER, KEY_FLOAT, KEY_TEXT, KEY_FALSE, KEY_TRUE, KEY_OBJECT };

/* A key outside 1..n and its place in the unsorted sequence of keys. */
struct key {
	enum key_class class;
	lua_Integer integer;
	lua_Number number;
	struct text text;
	const void *object; /* objects are never moved and lie in the order of their making */
	lua_Integer place;
};

static int key_compare(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	switch (a->class) {
	case KEY_POSITIVE:
	case KEY_INTEGER:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case KEY_FLOAT:
		return (a->number > b->number) - (a->number < b->number);
	case KEY_TEXT:
		return text_compare(a->text, b->text);
	default:
		return (a->object > b->object) - (a->object < b->object);
	}
}

/* The key on the top of the stack. */
static struct key key_of(lua_State *lua, lua_Integer place)
{
	struct key key = { .place = place };
	switch (lua_type(lua, -1)) {
	case LUA_TNUMBER:
		key.integer = lua_tointeger(lua, -1);
		key.class = !lua_isinteger(lua, -1) ? KEY_FLOAT : key.integer > 0 ? KEY_POSITIVE : KEY_INTEGER;
		key.number = lua_tonumber(lua, -1);
		break;
	case LUA_TSTRING:
		key.class = KEY_TEXT;
		key.text.data = lua_tolstring(lua, -1, &key.text.length);
		break;
	case LUA_TBOOLEAN:
		key.class = lua_toboolean(lua, -1) ? KEY_TRUE : KEY_FALSE;
		break;
	default:
		key.class = KEY_OBJECT;
		key.object = lua_topointer(lua, -1);
	}
	return key;
}

static bool key_in_sequence(lua_State *lua, lua_Integer length)
{
	return lua_isinteger(lua, -1) && lua_tointeger(lua, -1) >= 1 && lua_tointeger(lua, -1) <= length;
}

static int64_t sort_cost(lua_Integer count)
{
	int64_t cost = 0;
	for (lua_Integer width = 1; width < count; width *= 2)
		cost += count + 1;
	return cost;
}

/* Pushes the keys outside 1..length in the order of the hash part; returns their count. All keys are charged for, as those outside
 * may differ between runs. */
static lua_Integer keys_collect(lua_State *lua, int index, lua_Integer length)
{
	lua_Integer count = 0, seen = 0;
	rule_charge(lua, RULE_FUEL_CALL);
	lua_newtable(lua);
	int keys = lua_gettop(lua);
	for (lua_pushnil(lua); lua_next(lua, index); ) {
		lua_pop(lua, 1);
		rule_charge(lua, RULE_FUEL_KEY);
		if (!key_in_sequence(lua, length)) {
			lua_pushvalue(lua, -1);
			lua_rawseti(lua, keys, ++count);
		}
		seen++;
	}
	rule_charge(lua, sort_cost(seen));
	return count;
}

/* Room for so many keys, which is charged for with them. */
static struct key *keys_make(lua_State *lua, lua_Integer count)
{
	struct rule_state *state = rule_state_of(lua);
	int64_t fuel_used = state->fuel_used;
	struct key *keys = lua_newuserdatauv(lua, (size_t)count * sizeof *keys, 0);
	state->fuel_used = fuel_used;
	return keys;
}

/* Replaces the sequence of keys on the top by a sorted one. */
static void keys_sort(lua_State *lua, lua_Integer count)
{
	int unsorted = lua_gettop(lua);
	struct key *keys = keys_make(lua, count);
	for (lua_Integer i = 0; i < count; i++) {
		lua_rawgeti(lua, unsorted, i + 1);
		keys[i] = key_of(lua, i + 1);
		lua_pop(lua, 1);
	}
	qsort(keys, (size_t)count, sizeof *keys, key_compare);
	lua_createtable(lua, (int)count, 0);
	for (lua_Integer i = 0; i < count; i++) {
		lua_rawgeti(lua, unsorted, keys[i].place);
		lua_rawseti(lua, -2, i + 1);
	}
	lua_replace(lua, unsorted);
	lua_settop(lua, unsorted);
}

lua_Integer rule_keys_push(lua_State *lua, int index)
{
	lua_Integer count = keys_collect(lua, lua_absindex(lua, index), 0);
	if (count > 1)
		keys_sort(lua, count);
	return count;
}

/* Upvalues: the table, its keys behind 1..length, length, keys given so far. A key whose value has become nil is passed. */
static int pairs_next(lua_State *lua)
{
	lua_Integer length = lua_tointeger(lua, lua_upvalueindex(3)), given = lua_tointeger(lua, lua_upvalueindex(4));
	for (;;) {
		rule_charge(lua, RULE_FUEL_CALL);
		given++;
		if (given <= length)
			lua_pushinteger(lua, given);
		else if (lua_rawgeti(lua, lua_upvalueindex(2), given - length) == LUA_TNIL)
			return 1;
		lua_pushvalue(lua, -1);
		if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL)
			break;
		lua_pop(lua, 2);
	}
	lua_pushinteger(lua, given);
	lua_replace(lua, lua_upvalueindex(4));
	return 2;
}

int rule_pairs(lua_State *lua)
{
	if (luaL_getmetafield(lua, 1, "__pairs") == LUA_TFUNCTION) {
		lua_pushvalue(lua, 1);
		lua_call(lua, 1, 3);
		return 3;
	}
	lua_settop(lua, 1);
	lua_pushvalue(lua, 1); /* what the loop is given stays the read-only one */
	rule_table_readable(lua, 1, "pairs");
	lua_insert(lua, 1);
	lua_Integer length = (lua_Integer)lua_rawlen(lua, 2);
	lua_Integer count = keys_collect(lua, 2, length);
	if (count > 1)
		keys_sort(lua, count);
	lua_pushinteger(lua, length);
	lua_pushinteger(lua, 0);
	lua_pushcclosure(lua, pairs_next, 4);
	lua_pushvalue(lua, 1);
	lua_pushnil(lua);
	return 3;
}
