/* rule_library_math.c: the small part of math and utf8 that is exact and the same everywhere. */
#include "rule_library.h"

#include <math.h>

static void number_argument(lua_State *lua, int index, const char *function)
{
	rule_charge(lua, RULE_FUEL_CALL);
	if (lua_type(lua, index) != LUA_TNUMBER)
		rule_error(lua, "%s: argument %d must be a number, not %s", function, index, rule_type_name(lua, index));
}

static int math_abs(lua_State *lua)
{
	number_argument(lua, 1, "abs");
	if (!lua_isinteger(lua, 1)) {
		lua_pushnumber(lua, fabs(lua_tonumber(lua, 1)));
		return 1;
	}
	lua_Integer value = lua_tointeger(lua, 1);
	if (value == LUA_MININTEGER)
		return rule_error(lua, "abs: the result does not fit an integer");
	lua_pushinteger(lua, value < 0 ? -value : value);
	return 1;
}

/* A float without fraction as an integer when it fits, else as it is. */
static int push_whole(lua_State *lua, lua_Number value)
{
	lua_Integer whole;
	if (lua_numbertointeger(value, &whole))
		lua_pushinteger(lua, whole);
	else
		lua_pushnumber(lua, value);
	return 1;
}

static int math_ceil(lua_State *lua)
{
	number_argument(lua, 1, "ceil");
	lua_settop(lua, 1);
	return lua_isinteger(lua, 1) ? 1 : push_whole(lua, ceil(lua_tonumber(lua, 1)));
}

static int math_floor(lua_State *lua)
{
	number_argument(lua, 1, "floor");
	lua_settop(lua, 1);
	return lua_isinteger(lua, 1) ? 1 : push_whole(lua, floor(lua_tonumber(lua, 1)));
}

/* min and max take anything that can be compared: numbers, or typed values of one type (dates, money). */
static int extreme(lua_State *lua, const char *function, bool greatest)
{
	int count = lua_gettop(lua), best = 1;
	if (count == 0)
		return rule_error(lua, "%s: argument 1 is missing", function);
	for (int i = 1; i <= count; i++) {
		if (rule_kind_at(lua, i) == RULE_KIND_NONE)
			number_argument(lua, i, function);
		else
			rule_charge(lua, RULE_FUEL_CALL);
		if (greatest ? lua_compare(lua, best, i, LUA_OPLT) : lua_compare(lua, i, best, LUA_OPLT))
			best = i;
	}
	lua_pushvalue(lua, best);
	return 1;
}

static int math_max(lua_State *lua)
{
	return extreme(lua, "max", true);
}

static int math_min(lua_State *lua)
{
	return extreme(lua, "min", false);
}

static int math_tointeger(lua_State *lua)
{
	int fits;
	rule_charge_parse(lua, lua_type(lua, 1) == LUA_TSTRING ? lua_rawlen(lua, 1) : 0);
	lua_Integer value = lua_tointegerx(lua, 1, &fits);
	if (fits)
		lua_pushinteger(lua, value);
	else
		lua_pushnil(lua);
	return 1;
}

static int math_type(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_CALL);
	if (lua_type(lua, 1) != LUA_TNUMBER)
		lua_pushnil(lua);
	else
		lua_pushstring(lua, lua_isinteger(lua, 1) ? "integer" : "float");
	return 1;
}

static int math_ult(lua_State *lua)
{
	lua_Unsigned left = (lua_Unsigned)rule_integer_argument(lua, 1, "ult");
	lua_pushboolean(lua, left < (lua_Unsigned)rule_integer_argument(lua, 2, "ult"));
	return 1;
}

static const luaL_Reg math_functions[] = {
	{ "abs", math_abs }, { "ceil", math_ceil },           { "floor", math_floor }, { "max", math_max },
	{ "min", math_min }, { "tointeger", math_tointeger }, { "type", math_type },   { "ult", math_ult },
	{ NULL, NULL },
};

void rule_library_math_open(lua_State *lua)
{
	lua_createtable(lua, 0, 10);
	luaL_setfuncs(lua, math_functions, 0);
	lua_pushinteger(lua, LUA_MAXINTEGER);
	lua_setfield(lua, -2, "maxinteger");
	lua_pushinteger(lua, LUA_MININTEGER);
	lua_setfield(lua, -2, "mininteger");
}

/* ------------------------------------------------------------------------------------------------ utf8 */

enum { CODEPOINTS_MAX = 250 };

static size_t codepoint_encode(lua_Integer code, char bytes[4])
{
	if (code < 0x80)
		return bytes[0] = (char)code, 1;
	size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--, code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)((0xf00 >> length) | code);
	return length;
}

static int utf8_char(lua_State *lua)
{
	luaL_Buffer buffer;
	int count = lua_gettop(lua);
	rule_charge(lua, count);
	luaL_buffinit(lua, &buffer);
	for (int i = 1; i <= count; i++) {
		lua_Integer code = rule_integer_argument(lua, i, "char");
		if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return rule_error(lua, "char: %lld is no character", (long long)code);
		char bytes[4];
		luaL_addlstring(&buffer, bytes, codepoint_encode(code, bytes));
	}
	luaL_pushresult(&buffer);
	return 1;
}

/* Decodes the character at `at`; 0 bytes when it is not valid UTF-8. */
static size_t codepoint_decode(struct text text, size_t at, lua_Integer *code)
{
	unsigned char first = (unsigned char)text.data[at];
	size_t length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (length == 0 || length > text.length - at || !text_utf8_valid(text_slice(text, at, at + length)))
		return 0;
	*code = length == 1 ? first : first & (0x7f >> length);
	for (size_t i = 1; i < length; i++)
		*code = *code << 6 | (text.data[at + i] & 0x3f);
	return length;
}

/* A byte place as Lua counts it: from 1, negative from the end. */
static lua_Integer place_of(lua_Integer place, size_t length)
{
	return place >= 0 ? place : place < -(lua_Integer)length ? 0 : (lua_Integer)length + place + 1;
}

static int utf8_codepoint(lua_State *lua)
{
	struct text text = rule_text_argument(lua, 1, "codepoint");
	lua_Integer from = place_of(rule_integer_optional(lua, 2, 1, "codepoint"), text.length);
	lua_Integer to = place_of(rule_integer_optional(lua, 3, from, "codepoint"), text.length);
	if (from < 1 || to > (lua_Integer)text.length)
		return rule_error(lua, "codepoint: the places are outside of the text");
	int count = 0;
	for (size_t at = (size_t)from - 1; (lua_Integer)at < to; count++) {
		lua_Integer code;
		size_t length = codepoint_decode(text, at, &code);
		if (length == 0)
			return rule_error(lua, "codepoint: byte %zu is not valid UTF-8", at + 1);
		if (count == CODEPOINTS_MAX || !lua_checkstack(lua, 2))
			return rule_error(lua, "codepoint: at most %d characters at once", CODEPOINTS_MAX);
		lua_pushinteger(lua, code);
		at += length;
	}
	rule_charge(lua, count * RULE_FUEL_ITEM);
	return count;
}

/* Characters, or nil and the place of the first byte that is not valid. */
static int utf8_len(lua_State *lua)
{
	struct text text = rule_text_argument(lua, 1, "len");
	rule_charge(lua, (int64_t)text.length);
	lua_Integer count = 0;
	for (size_t at = 0; at < text.length; count++) {
		lua_Integer code;
		size_t length = codepoint_decode(text, at, &code);
		if (length == 0) {
			lua_pushnil(lua);
			lua_pushinteger(lua, (lua_Integer)at + 1);
			return 2;
		}
		at += length;
	}
	lua_pushinteger(lua, count);
	return 1;
}

static const luaL_Reg utf8_functions[] = {
	{ "char", utf8_char }, { "codepoint", utf8_codepoint }, { "len", utf8_len }, { NULL, NULL },
};

void rule_library_utf8_open(lua_State *lua)
{
	luaL_newlib(lua, utf8_functions);
}
