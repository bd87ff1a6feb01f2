/* rule_console_value.c: values of Lua, told to whoever shows them. */
#include "rule_console_state.h"

#include "rule_library.h"
#include "rule_list.h"

/* ------------------------------------------------------------------------------------------------ tables */

/* The table behind a read-only one; on the top of the stack. */
static void real_table_push(lua_State *lua, int index)
{
	if (luaL_getmetafield(lua, index, "__index") == LUA_TTABLE)
		return;
	lua_pushvalue(lua, index);
}

/* Items 1 to n and nothing else. */
static bool is_sequence(lua_State *lua, int table, lua_Integer keys)
{
	return keys > 0 && (lua_Integer)lua_rawlen(lua, table) == keys;
}

/* The record of all items; NULL where they are not all of one. */
static const struct record *record_of_all(lua_State *lua, int table, lua_Integer count)
{
	const struct record *record = NULL;
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, table, i);
		const struct rule_record *proxy = rule_userdata_at(lua, -1, RULE_KIND_RECORD);
		const struct record *found = proxy ? proxy->record : NULL;
		lua_pop(lua, 1);
		if (!found || (record && record != found))
			return NULL;
		record = found;
	}
	return record;
}

MAY_JUMP static void rows_of_table(lua_State *lua, int table, lua_Integer count, struct arena *arena, struct rule_console_value *value)
{
	value->kind = RULE_CONSOLE_ROWS;
	value->rows = arena_new_many(arena, const void *, (size_t)count);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, table, i);
		value->rows[value->count++] = rule_record_value(lua, rule_userdata_at(lua, -1, RULE_KIND_RECORD));
		lua_pop(lua, 1);
	}
}

/* The keys are a sequence on the top. */
MAY_JUMP static void members_read(lua_State *lua, int table, lua_Integer count, struct arena *arena, int depth,
                                  struct rule_console_value *value)
{
	int keys = lua_gettop(lua);
	lua_Integer shown = count < RULE_CONSOLE_MEMBERS_MAX ? count : RULE_CONSOLE_MEMBERS_MAX;
	value->kind = RULE_CONSOLE_TABLE;
	value->members = arena_new_many(arena, struct rule_console_member, (size_t)shown + 1);
	value->more = (size_t)(count - shown);
	for (lua_Integer i = 1; i <= shown; i++) {
		struct rule_console_member *member = &value->members[value->count++];
		lua_rawgeti(lua, keys, i);
		member->name = text_copy(arena, rule_push_text(lua, -1));
		lua_pop(lua, 1);
		lua_rawget(lua, table);
		console_value_read(lua, lua_gettop(lua), arena, depth + 1, &member->value);
		lua_pop(lua, 1);
	}
}

MAY_JUMP static void table_read(lua_State *lua, int index, struct arena *arena, int depth, struct rule_console_value *value)
{
	luaL_checkstack(lua, 12, "value");
	int top = lua_gettop(lua);
	real_table_push(lua, index);
	int table = lua_gettop(lua);
	lua_Integer count = rule_keys_push(lua, table);
	value->sequence = is_sequence(lua, table, count);
	value->record = value->sequence ? record_of_all(lua, table, count) : count == 0 ? console_empty_list_of(lua, index) : NULL;
	if (value->record)
		rows_of_table(lua, table, count, arena, value);
	else
		members_read(lua, table, count, arena, depth, value);
	lua_settop(lua, top);
}

/* ------------------------------------------------------------------------------------------------ records */

MAY_JUMP static void list_read(lua_State *lua, int index, struct arena *arena, struct rule_console_value *value)
{
	const struct rule_list *list = rule_userdata_at(lua, index, RULE_KIND_LIST);
	struct record_list items = rule_list_value(lua, list);
	value->kind = RULE_CONSOLE_ROWS;
	value->record = rule_list_of(list);
	value->rows = arena_new_many(arena, const void *, items.count + 1);
	for (size_t i = 0; i < items.count; i++)
		value->rows[value->count++] = (const char *)items.items + i * value->record->size;
}

MAY_JUMP static void userdata_read(lua_State *lua, int index, struct arena *arena, struct rule_console_value *value)
{
	const struct rule_record *proxy = rule_userdata_at(lua, index, RULE_KIND_RECORD);
	if (proxy) {
		value->kind = RULE_CONSOLE_RECORD;
		value->record = proxy->record;
		value->value = rule_record_value(lua, proxy);
	} else if (rule_kind_at(lua, index) == RULE_KIND_LIST) {
		list_read(lua, index, arena, value);
	} else {
		value->kind = RULE_CONSOLE_PLAIN;
		value->text = text_copy(arena, rule_push_text(lua, index));
		value->number = rule_kind_at(lua, index) == RULE_KIND_DECIMAL;
		lua_pop(lua, 1);
	}
}

void console_value_read(lua_State *lua, int index, struct arena *arena, int depth, struct rule_console_value *value)
{
	const struct console_noun *noun = console_noun_at(lua, index);
	int type = lua_type(lua, index);
	*value = (struct rule_console_value){ .kind = RULE_CONSOLE_NIL };
	rule_charge(lua, 1);
	if (noun) {
		value->kind = RULE_CONSOLE_NOUN;
		value->text = text_of(noun->name);
		value->record = noun->record;
	} else if (type == LUA_TTABLE && depth < RULE_CONSOLE_DEPTH_MAX) {
		table_read(lua, index, arena, depth, value);
	} else if (type == LUA_TUSERDATA) {
		userdata_read(lua, index, arena, value);
	} else if (type != LUA_TNIL) {
		value->kind = type == LUA_TSTRING ? RULE_CONSOLE_TEXT : RULE_CONSOLE_PLAIN;
		value->number = type == LUA_TNUMBER || type == LUA_TBOOLEAN;
		value->text = type == LUA_TTABLE ? TEXT("{...}") : text_copy(arena, rule_push_text(lua, index));
		lua_settop(lua, lua_gettop(lua) - (type != LUA_TTABLE));
	}
}
