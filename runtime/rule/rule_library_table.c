/* rule_library_table.c: concat, insert, pack, remove, sort, unpack; what they move is charged. */
#include "rule_library.h"

enum {
	UNPACK_MAX = 250, /* fits a Lua function's registers */
	TEXT_BYTES = 4,   /* compared for one unit */
};

static int table_concat(lua_State *lua)
{
	rule_table_readable(lua, 1, "concat");
	struct text separator = lua_isnoneornil(lua, 2) ? TEXT("") : rule_text_argument(lua, 2, "concat");
	lua_Integer from = rule_integer_optional(lua, 3, 1, "concat");
	lua_Integer to = rule_integer_optional(lua, 4, (lua_Integer)lua_rawlen(lua, 1), "concat");
	lua_settop(lua, 2);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	for (lua_Integer i = from; i <= to; i++) {
		int type = lua_rawgeti(lua, 1, i);
		if (type != LUA_TSTRING && type != LUA_TNUMBER)
			return rule_error(lua, "concat: item %lld is %s, not text or a number; use tostring", (long long)i,
			                  rule_type_name(lua, -1));
		size_t length = lua_rawlen(lua, -1);
		rule_charge(lua, RULE_FUEL_ITEM + (int64_t)((length + separator.length) / RULE_FUEL_BYTES));
		rule_charge_number_text(lua, -1, 0);
		luaL_addvalue(&buffer);
		if (i < to)
			luaL_addlstring(&buffer, separator.data, separator.length);
		if (i == LUA_MAXINTEGER)
			break;
	}
	luaL_pushresult(&buffer);
	return 1;
}

static int table_insert(lua_State *lua)
{
	rule_table_argument(lua, 1, "insert");
	int count = lua_gettop(lua);
	if (count != 2 && count != 3)
		return rule_error(lua, "insert: needs a table, perhaps a position, and a value; got %d arguments", count);
	lua_Integer end = (lua_Integer)lua_rawlen(lua, 1) + 1;
	lua_Integer position = count == 3 ? rule_integer_argument(lua, 2, "insert") : end;
	if (position < 1 || position > end)
		return rule_error(lua, "insert: position %lld is not in 1 to %lld", (long long)position, (long long)end);
	rule_charge(lua, end - position);
	for (lua_Integer i = end; i > position; i--) {
		lua_rawgeti(lua, 1, i - 1);
		lua_rawseti(lua, 1, i);
	}
	lua_rawseti(lua, 1, position); /* the value is on the top */
	return 0;
}

static int table_remove(lua_State *lua)
{
	rule_table_argument(lua, 1, "remove");
	lua_Integer length = (lua_Integer)lua_rawlen(lua, 1);
	lua_Integer position = rule_integer_optional(lua, 2, length, "remove");
	bool none = length == 0 && (position == 0 || position == 1);
	if (!none && (position < 1 || position > length + 1))
		return rule_error(lua, "remove: position %lld is not in 1 to %lld", (long long)position, (long long)length);
	lua_settop(lua, 1);
	lua_rawgeti(lua, 1, position);
	if (position <= length)
		rule_charge(lua, length - position);
	for (; position < length; position++) {
		lua_rawgeti(lua, 1, position + 1);
		lua_rawseti(lua, 1, position);
	}
	lua_pushnil(lua);
	lua_rawseti(lua, 1, position);
	return 1;
}

static int table_pack(lua_State *lua)
{
	int count = lua_gettop(lua);
	rule_charge(lua, RULE_FUEL_CALL + count);
	lua_createtable(lua, count, 1);
	lua_insert(lua, 1);
	for (int i = count; i >= 1; i--)
		lua_rawseti(lua, 1, i);
	lua_pushinteger(lua, count);
	lua_setfield(lua, 1, "n");
	return 1;
}

static int table_unpack(lua_State *lua)
{
	rule_table_readable(lua, 1, "unpack");
	lua_Integer from = rule_integer_optional(lua, 2, 1, "unpack");
	lua_Integer to = rule_integer_optional(lua, 3, (lua_Integer)lua_rawlen(lua, 1), "unpack");
	if (from > to)
		return 0;
	if ((lua_Unsigned)to - (lua_Unsigned)from >= UNPACK_MAX || !lua_checkstack(lua, UNPACK_MAX))
		return rule_error(lua, "unpack: at most %d values at once", UNPACK_MAX);
	int count = (int)(to - from) + 1;
	rule_charge(lua, count);
	for (int i = 0; i < count; i++)
		lua_rawgeti(lua, 1, from + i);
	return count;
}

/* ------------------------------------------------------------------------------------------------ sort */

/* A stable merge sort over copies: the comparator cannot see it, and any answers it gives end in some order. The stack
 * holds the table at 1, the comparator or nil at 2, the two copies at `source` and `target`. */
struct merge {
	lua_State *lua;
	int source, target;
	bool has_comparator;
};

static lua_Integer lesser(lua_Integer a, lua_Integer b)
{
	return a < b ? a : b;
}

/* For a comparison of the two on the top when they are texts, which Lua compares piece by piece between their zero bytes. */
static void texts_charge(lua_State *lua)
{
	if (lua_type(lua, -1) == LUA_TSTRING && lua_type(lua, -2) == LUA_TSTRING)
		rule_charge(lua, lesser((lua_Integer)lua_rawlen(lua, -1), (lua_Integer)lua_rawlen(lua, -2)) / TEXT_BYTES);
}

/* Whether item `right` must come before item `left` (places in the source). */
static bool merge_before(struct merge *merge, lua_Integer right, lua_Integer left)
{
	lua_State *lua = merge->lua;
	rule_charge(lua, RULE_FUEL_ITEM);
	if (merge->has_comparator) {
		lua_pushvalue(lua, 2);
		lua_rawgeti(lua, merge->source, right);
		lua_rawgeti(lua, merge->source, left);
		lua_call(lua, 2, 1);
		bool before = lua_toboolean(lua, -1);
		lua_pop(lua, 1);
		return before;
	}
	lua_rawgeti(lua, merge->source, right);
	lua_rawgeti(lua, merge->source, left);
	texts_charge(lua);
	if (lua_type(lua, -1) != lua_type(lua, -2))
		rule_error(lua, "sort: cannot compare %s with %s; give a comparing function", rule_type_name(lua, -1),
		           rule_type_name(lua, -2));
	bool before = lua_compare(lua, -2, -1, LUA_OPLT);
	lua_pop(lua, 2);
	return before;
}

static void merge_take(struct merge *merge, lua_Integer from, lua_Integer to)
{
	lua_rawgeti(merge->lua, merge->source, from);
	lua_rawseti(merge->lua, merge->target, to);
}

/* Merges [low, middle) and [middle, high) of the source into the target. */
static void merge_runs(struct merge *merge, lua_Integer low, lua_Integer middle, lua_Integer high)
{
	lua_Integer left = low, right = middle;
	rule_charge(merge->lua, high - low);
	for (lua_Integer to = low; to < high; to++) {
		if (left < middle && (right >= high || !merge_before(merge, right, left)))
			merge_take(merge, left++, to);
		else
			merge_take(merge, right++, to);
	}
}

static void merge_sort(struct merge *merge, lua_Integer length)
{
	for (lua_Integer width = 1; width < length; width *= 2) {
		for (lua_Integer low = 1; low <= length; low += 2 * width)
			merge_runs(merge, low, lesser(low + width, length + 1), lesser(low + 2 * width, length + 1));
		int sorted = merge->target;
		merge->target = merge->source;
		merge->source = sorted;
	}
}

static void items_copy(lua_State *lua, int from, int to, lua_Integer length)
{
	for (lua_Integer i = 1; i <= length; i++) {
		lua_rawgeti(lua, from, i);
		lua_rawseti(lua, to, i);
	}
}

static int table_sort(lua_State *lua)
{
	rule_table_argument(lua, 1, "sort");
	bool has_comparator = !lua_isnoneornil(lua, 2);
	if (has_comparator && lua_type(lua, 2) != LUA_TFUNCTION)
		return rule_error(lua, "sort: argument 2 must be a function, not %s", rule_type_name(lua, 2));
	lua_settop(lua, 2);
	lua_Integer length = (lua_Integer)lua_rawlen(lua, 1);
	if (length > INT32_MAX)
		return rule_error(lua, "sort: too many items");
	rule_charge(lua, length * RULE_FUEL_ITEM);
	lua_createtable(lua, (int)length, 0);
	lua_createtable(lua, (int)length, 0);
	items_copy(lua, 1, 3, length);
	struct merge merge = { lua, 3, 4, has_comparator };
	merge_sort(&merge, length);
	items_copy(lua, merge.source, 1, length);
	return 0;
}

static const luaL_Reg table_functions[] = {
	{ "concat", table_concat }, { "insert", table_insert }, { "pack", table_pack }, { "remove", table_remove },
	{ "sort", table_sort },     { "unpack", table_unpack }, { NULL, NULL },
};

void rule_library_table_open(lua_State *lua)
{
	luaL_newlib(lua, table_functions);
}
