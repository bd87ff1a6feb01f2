/* bind_document.c: JSON, XML and regular expressions for cases: read by the product's own readers.
 *
 * A JSON object is a table whose metatable is { object = true, names = { in order } }, an array one with
 * { array = true }; null is document.null; whole numbers are integers, others floats.
 * An XML element is { name =, text =, attributes = { name = value }, children = { element ... } }.
 */
#include "bind.h"

#include "value/xml.h"

#include <regex.h>

enum { CASE_ITEMS_MAX = 100000 };

static void *null_value(void)
{
	return NULL;
}

/* ---- JSON ---- */

static void push_number(lua_State *L, struct text source)
{
	int64_t whole;
	if (text_to_int64(source, &whole)) {
		lua_pushinteger(L, whole);
		return;
	}
	lua_pushlstring(L, source.data, source.length);
	lua_pushnumber(L, lua_tonumber(L, -1));
	lua_remove(L, -2);
}

static void push_array(lua_State *L, const struct json *json)
{
	lua_Integer i = 0;
	lua_createtable(L, (int)json->count, 0);
	for (const struct json *item = json->first; item; item = item->next) {
		case_push_json(L, item);
		lua_rawseti(L, -2, ++i);
	}
	lua_createtable(L, 0, 1);
	lua_pushboolean(L, true);
	lua_setfield(L, -2, "array");
	lua_setmetatable(L, -2);
}

static void push_object(lua_State *L, const struct json *json)
{
	lua_Integer i = 0;
	lua_createtable(L, 0, (int)json->count);
	lua_createtable(L, (int)json->count, 0); /* names */
	for (const struct json *member = json->first; member; member = member->next) {
		lua_pushlstring(L, member->name.data, member->name.length);
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, ++i);
		case_push_json(L, member);
		lua_rawset(L, -4);
	}
	lua_createtable(L, 0, 2);
	lua_insert(L, -2);
	lua_setfield(L, -2, "names");
	lua_pushboolean(L, true);
	lua_setfield(L, -2, "object");
	lua_setmetatable(L, -2);
}

void case_push_json(lua_State *L, const struct json *json)
{
	luaL_checkstack(L, 10, "nested too deep");
	switch (json->type) {
	case JSON_NULL: lua_pushlightuserdata(L, null_value()); break;
	case JSON_FALSE: lua_pushboolean(L, false); break;
	case JSON_TRUE: lua_pushboolean(L, true); break;
	case JSON_NUMBER: push_number(L, json->text); break;
	case JSON_STRING: case_push_text(L, json->text); break;
	case JSON_ARRAY: push_array(L, json); break;
	case JSON_OBJECT: push_object(L, json); break;
	}
}

/* json(text) -> value | nil, message */
static int document_json(lua_State *L)
{
	struct text source = case_text(L, 1);
	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	const struct json *json = json_parse_limited(source, CASE_ITEMS_MAX, arena, &problems);
	if (!json)
		return case_refuse_problems(L, &problems);
	case_push_json(L, json);
	return 1;
}

/* json_text(text) -> the JSON string that holds it */
static int document_json_text(lua_State *L)
{
	struct text text = case_text(L, 1);
	struct arena *arena = case_arena(L);
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_string(&writer, text);
	case_push_text(L, builder_text(&out));
	return 1;
}

/* ---- XML ---- */

static void push_element(lua_State *L, const struct xml *element)
{
	luaL_checkstack(L, 10, "nested too deep");
	lua_createtable(L, 0, 4);
	case_push_text(L, element->name);
	lua_setfield(L, -2, "name");
	case_push_text(L, element->text);
	lua_setfield(L, -2, "text");
	lua_newtable(L);
	for (const struct xml_attribute *attribute = element->attributes; attribute; attribute = attribute->next) {
		case_push_text(L, attribute->name);
		case_push_text(L, attribute->value);
		lua_rawset(L, -3);
	}
	lua_setfield(L, -2, "attributes");
	lua_newtable(L);
	lua_Integer i = 0;
	for (const struct xml *child = element->first; child; child = child->next) {
		push_element(L, child);
		lua_rawseti(L, -2, ++i);
	}
	lua_setfield(L, -2, "children");
}

/* xml(text) -> element | nil, message */
static int document_xml(lua_State *L)
{
	struct text source = case_text(L, 1);
	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	const struct xml *element = xml_parse(source, arena, &problems);
	if (!element)
		return case_refuse_problems(L, &problems);
	push_element(L, element);
	return 1;
}

/* ---- regular expressions ---- */

/* matches(text, expression) -> boolean; POSIX extended. */
static int document_matches(lua_State *L)
{
	const char *text = luaL_checkstring(L, 1), *expression = luaL_checkstring(L, 2);
	regex_t compiled;
	int status = regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB);
	if (status != 0) {
		char reason[200];
		regerror(status, &compiled, reason, sizeof reason);
		return luaL_error(L, "'%s' is not a regular expression: %s", expression, reason);
	}
	bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	lua_pushboolean(L, found);
	return 1;
}

int bind_document_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "json", document_json },       { "json_text", document_json_text }, { "xml", document_xml },
		{ "matches", document_matches }, { NULL, NULL },
	};
	luaL_newlib(L, functions);
	lua_pushlightuserdata(L, null_value());
	lua_setfield(L, -2, "null");
	return 1;
}
