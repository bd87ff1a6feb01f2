/* rule_json.c: JSON to Lua tables and back. */
#include "rule_json.h"

#include "rule_library.h"
#include "rule_list.h"
#include "value/json.h"

#include <math.h>

/* ------------------------------------------------------------------------------------------------ into Lua */

static void value_push(lua_State *lua, const struct json *json, bool read_only);

static void number_push(lua_State *lua, struct text source)
{
	int64_t whole;
	struct decimal decimal;
	if (text_to_int64(source, &whole))
		lua_pushinteger(lua, whole);
	else if (decimal_parse(source, &decimal))
		rule_push_decimal(lua, decimal);
	else
		lua_pushlstring(lua, source.data, source.length);
}

static int read_only_newindex(lua_State *lua)
{
	return rule_error(lua, "this table is read-only; assign a new one to the field");
}

static void container_push(lua_State *lua, const struct json *json, bool read_only)
{
	bool is_array = json->type == JSON_ARRAY;
	luaL_checkstack(lua, 8, "json");
	lua_createtable(lua, is_array ? (int)json->count : 0, is_array ? 0 : (int)json->count);
	lua_Integer place = 0;
	for (const struct json *child = json->first; child; child = child->next) {
		rule_charge(lua, 1);
		value_push(lua, child, read_only);
		if (is_array) {
			lua_rawseti(lua, -2, ++place);
			continue;
		}
		lua_pushlstring(lua, child->name.data, child->name.length);
		lua_insert(lua, -2);
		lua_rawset(lua, -3);
	}
	if (read_only)
		rule_read_only_push(lua, read_only_newindex);
}

static void value_push(lua_State *lua, const struct json *json, bool read_only)
{
	switch (json->type) {
	case JSON_NULL:
		lua_pushnil(lua);
		break;
	case JSON_FALSE:
	case JSON_TRUE:
		lua_pushboolean(lua, json->type == JSON_TRUE);
		break;
	case JSON_NUMBER:
		number_push(lua, json->text);
		break;
	case JSON_STRING:
		lua_pushlstring(lua, json->text.data, json->text.length);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		container_push(lua, json, read_only);
		break;
	}
}

void rule_json_push(lua_State *lua, struct text source, bool read_only)
{
	struct arena *arena = rule_state_of(lua)->arena;
	struct arena_mark mark = arena_mark(arena);
	struct problems problems;
	problems_init(&problems, arena);
	rule_charge_bytes(lua, source.length);
	const struct json *json = json_parse(source, arena, &problems);
	if (!json) /* it was read before it was stored */
		rule_doom(lua, RULE_DOOM_MEMORY);
	value_push(lua, json, read_only);
	arena_rewind(arena, mark);
}

void rule_json_push_tree(lua_State *lua, const struct json *tree, size_t bytes, bool read_only)
{
	rule_charge_bytes(lua, bytes);
	value_push(lua, tree, read_only);
}

/* ------------------------------------------------------------------------------------------------ out of Lua */

struct writing {
	lua_State *lua;
	struct json_writer *writer;
	size_t bytes_max;
	const char *what;
	int depth;
};

static void value_write(struct writing *writing, int index);

static bool is_sequence(lua_State *lua, int index)
{
	lua_Integer length = (lua_Integer)lua_rawlen(lua, index), count = 0;
	for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1))
		count++;
	rule_charge(lua, count);
	return length > 0 && count == length;
}

static void array_write(struct writing *writing, int index)
{
	lua_Integer length = (lua_Integer)lua_rawlen(writing->lua, index);
	json_begin_array(writing->writer);
	for (lua_Integer i = 1; i <= length; i++) {
		lua_rawgeti(writing->lua, index, i);
		value_write(writing, lua_gettop(writing->lua));
		lua_pop(writing->lua, 1);
	}
	json_end_array(writing->writer);
}

/* The name of the member whose key is on the top. */
static struct text member_name(struct writing *writing)
{
	lua_State *lua = writing->lua;
	if (lua_type(lua, -1) != LUA_TSTRING)
		rule_error(lua, "%s: %s is not the name of a member; a table is either a list 1..n or has names", writing->what,
		           rule_value_text(lua, -1));
	struct text name;
	name.data = lua_tolstring(lua, -1, &name.length);
	if (!text_utf8_valid(name))
		rule_error(lua, "%s: the name of a member is not valid UTF-8", writing->what);
	return name;
}

static void object_write(struct writing *writing, int index)
{
	lua_State *lua = writing->lua;
	lua_Integer count = rule_keys_push(lua, index);
	int keys = lua_gettop(lua);
	json_begin_object(writing->writer);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, keys, i);
		json_name_text(writing->writer, member_name(writing));
		lua_pushvalue(lua, -1);
		lua_rawget(lua, index);
		value_write(writing, lua_gettop(lua));
		lua_pop(lua, 2);
	}
	json_end_object(writing->writer);
	lua_pop(lua, 1);
}

static void table_write(struct writing *writing, int index)
{
	lua_State *lua = writing->lua;
	if (++writing->depth > RULE_JSON_DEPTH_MAX)
		rule_error(lua, "%s: tables are nested more than %d deep, or hold themselves", writing->what, RULE_JSON_DEPTH_MAX);
	luaL_checkstack(lua, 10, "json");
	bool proxied = luaL_getmetafield(lua, index, "__index") == LUA_TTABLE;
	int real = proxied ? lua_gettop(lua) : index;
	if (is_sequence(lua, real))
		array_write(writing, real);
	else
		object_write(writing, real);
	if (proxied)
		lua_pop(lua, 1);
	writing->depth--;
}

static void record_write(struct writing *writing, struct rule_record *proxy)
{
	rule_record_read_all(writing->lua, proxy);
	json_record(writing->writer, proxy->record, rule_record_value(writing->lua, proxy));
}

static void list_write(struct writing *writing, int index)
{
	struct rule_list *list = rule_userdata_at(writing->lua, index, RULE_KIND_LIST);
	size_t count = rule_list_value(writing->lua, list).count;
	json_begin_array(writing->writer);
	for (size_t i = 0; i < count; i++) {
		rule_list_item_push(writing->lua, index, i);
		record_write(writing, rule_userdata_at(writing->lua, -1, RULE_KIND_RECORD));
		lua_pop(writing->lua, 1);
	}
	json_end_array(writing->writer);
}

static void userdata_write(struct writing *writing, int index)
{
	lua_State *lua = writing->lua;
	struct arena *arena = rule_state_of(lua)->arena;
	struct text text;
	enum rule_kind kind = rule_kind_at(lua, index);
	if (kind == RULE_KIND_RECORD)
		record_write(writing, rule_userdata_at(lua, index, kind));
	else if (kind == RULE_KIND_LIST)
		list_write(writing, index);
	else if (rule_value_to_text(lua, index, arena, &text))
		json_string(writing->writer, text);
	else
		rule_error(lua, "%s: %s cannot be sent", writing->what, rule_type_name(lua, index));
}

static void number_write(struct writing *writing, int index)
{
	int whole;
	lua_Integer value = lua_tointegerx(writing->lua, index, &whole);
	if (!whole)
		rule_error(writing->lua, "%s: %s is a float; use an integer, a decimal or a text", writing->what,
		           rule_value_text(writing->lua, index));
	json_integer(writing->writer, value);
}

static void text_write(struct writing *writing, int index)
{
	struct text text;
	text.data = lua_tolstring(writing->lua, index, &text.length);
	if (!text_utf8_valid(text))
		rule_error(writing->lua, "%s: %s is not valid UTF-8", writing->what, rule_value_text(writing->lua, index));
	json_string(writing->writer, text);
}

static void value_write(struct writing *writing, int index)
{
	lua_State *lua = writing->lua;
	size_t before = writing->writer->out->length;
	switch (lua_type(lua, index)) {
	case LUA_TBOOLEAN:
		json_boolean(writing->writer, lua_toboolean(lua, index));
		break;
	case LUA_TNUMBER:
		number_write(writing, index);
		break;
	case LUA_TSTRING:
		text_write(writing, index);
		break;
	case LUA_TTABLE:
		table_write(writing, index);
		break;
	case LUA_TUSERDATA:
		userdata_write(writing, index);
		break;
	default:
		rule_error(lua, "%s: %s cannot be sent", writing->what, rule_type_name(lua, index));
	}
	size_t after = writing->writer->out->length;
	rule_charge(lua, 1 + (int64_t)((after - before) / RULE_FUEL_BYTES));
	if (after > writing->bytes_max || writing->writer->out->failed)
		rule_error(lua, "%s: this makes more than %zu bytes of JSON", writing->what, writing->bytes_max);
}

struct text rule_json_of_table(lua_State *lua, int index, bool arrays, size_t bytes_max, struct arena *arena,
                               const char *what)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, rule_state_of(lua)->arena, 2 * bytes_max + 1024);
	json_writer_init(&writer, &out);
	struct writing writing = { .lua = lua, .writer = &writer, .bytes_max = bytes_max, .what = what };
	index = lua_absindex(lua, index);
	if (lua_type(lua, index) != LUA_TTABLE && rule_kind_at(lua, index) != RULE_KIND_RECORD)
		rule_error(lua, "%s: needs a table, not %s", what, rule_type_name(lua, index));
	value_write(&writing, index);
	struct text json = builder_text(&out);
	if (json.data[0] == '[' && !arrays)
		rule_error(lua, "%s: needs a table with names, not a list", what);
	return text_copy(arena, json);
}
