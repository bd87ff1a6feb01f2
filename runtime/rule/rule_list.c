/* rule_list.c: list proxies. */
#include "rule_list.h"

#include "rule_library.h"
#include "rule_state.h"

const struct record *rule_list_of(const struct rule_list *list)
{
	return list->parent->record->fields[list->field].of;
}

struct record_list rule_list_value(lua_State *lua, const struct rule_list *list)
{
	struct record_list items;
	const struct record_field *field = &list->parent->record->fields[list->field];
	memcpy(&items, record_field_at(field, rule_record_value(lua, list->parent)), sizeof items);
	return items;
}

/* The proxies of a list's items are kept in a table of its own, by place. */
static void items_table_push(lua_State *lua, const struct rule_list *list)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RECORDS);
	if (lua_rawgetp(lua, -1, list) == LUA_TNIL) {
		lua_pop(lua, 1);
		lua_newtable(lua);
		lua_pushvalue(lua, -1);
		lua_rawsetp(lua, -3, list);
	}
	lua_remove(lua, -2);
}

void rule_list_items_forget(lua_State *lua, struct rule_list *list)
{
	list->generation++;
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RECORDS);
	lua_pushnil(lua);
	lua_rawsetp(lua, -2, list);
	lua_pop(lua, 1);
}

void rule_list_item_push(lua_State *lua, int index, size_t place)
{
	struct rule_list *list = rule_userdata_at(lua, index, RULE_KIND_LIST);
	items_table_push(lua, list);
	if (lua_rawgeti(lua, -1, (lua_Integer)place + 1) == LUA_TNIL) {
		lua_pop(lua, 1);
		rule_item_push(lua, list, place);
		lua_pushvalue(lua, -1);
		lua_rawseti(lua, -3, (lua_Integer)place + 1);
	}
	lua_remove(lua, -2);
}

static struct rule_list *list_argument(lua_State *lua, const char *function)
{
	struct rule_list *list = rule_userdata_at(lua, 1, RULE_KIND_LIST);
	if (!list)
		rule_error(lua, "%s: call it with a colon on a list, not on %s", function, rule_type_name(lua, 1));
	return list;
}

static int list_add_method(lua_State *lua)
{
	struct rule_list *list = list_argument(lua, "add");
	rule_list_append(lua, list, 2);
	rule_list_item_push(lua, 1, rule_list_value(lua, list).count - 1);
	struct rule_record *item = rule_userdata_at(lua, -1, RULE_KIND_RECORD);
	item->writes = UINT64_MAX; /* all of it is the rule's own */
	return 1;
}

static int list_remove_method(lua_State *lua)
{
	struct rule_list *list = list_argument(lua, "remove");
	rule_list_remove(lua, list, rule_integer_argument(lua, 2, "remove"));
	return 0;
}

static const char *method_candidate(const void *context, size_t i)
{
	(void)context;
	static const char *const names[] = { "add", "remove", NULL };
	return names[i];
}

static int list_index(lua_State *lua)
{
	struct rule_list *list = list_argument(lua, "index");
	rule_charge(lua, RULE_FUEL_FIELD);
	if (lua_isinteger(lua, 2)) {
		lua_Integer place = lua_tointeger(lua, 2);
		if (place >= 1 && (size_t)place <= rule_list_value(lua, list).count)
			rule_list_item_push(lua, 1, (size_t)place - 1);
		else
			lua_pushnil(lua);
		return 1;
	}
	struct text name = lua_type(lua, 2) == LUA_TSTRING ? text_of(lua_tostring(lua, 2)) : TEXT("");
	if (text_is(name, "add"))
		lua_pushcfunction(lua, list_add_method);
	else if (text_is(name, "remove"))
		lua_pushcfunction(lua, list_remove_method);
	else
		return rule_error(lua, "a list has items 1 to #list, :add and :remove, not %s%s", rule_value_text(lua, 2),
		                  text_did_you_mean(rule_state_of(lua)->arena, name, method_candidate, NULL));
	return 1;
}

static int list_newindex(lua_State *lua)
{
	return rule_error(lua, "items of a list cannot be assigned; assign their fields, or use :add and :remove");
}

static int list_len(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_FIELD);
	lua_pushinteger(lua, (lua_Integer)rule_list_value(lua, list_argument(lua, "#")).count);
	return 1;
}

static int list_next(lua_State *lua)
{
	lua_Integer place = lua_isinteger(lua, 2) ? luaL_intop(+, lua_tointeger(lua, 2), 1) : 0; /* anybody may call it with anything */
	rule_charge(lua, RULE_FUEL_FIELD);
	if (place < 1 || (size_t)place > rule_list_value(lua, list_argument(lua, "pairs")).count)
		return 0;
	lua_pushinteger(lua, place);
	rule_list_item_push(lua, 1, (size_t)place - 1);
	return 2;
}

static int list_pairs(lua_State *lua)
{
	list_argument(lua, "pairs");
	lua_pushcfunction(lua, list_next);
	lua_pushvalue(lua, 1);
	lua_pushinteger(lua, 0);
	return 3;
}

/* `for _, line in order.lines do`: what a list is called for most often. */
static int list_call(lua_State *lua)
{
	return rule_error(lua, "a list is no function; walk it by: for _, item in ipairs(list) do");
}

static const luaL_Reg list_functions[] = {
	{ "__index", list_index }, { "__newindex", list_newindex }, { "__len", list_len }, { "__pairs", list_pairs },
	{ "__call", list_call },   { NULL, NULL },
};

void rule_list_open(lua_State *lua)
{
	rule_metatable_new(lua, RULE_KIND_LIST, "list", list_functions);
	lua_pop(lua, 1);
}
