/* rule_library.c: the environment of rules: the base functions, read-only tables, undeclared names. */
#include "rule_library.h"

#include "base/log.h"

#include "rule_context.h"
#include "rule_declare.h"
#include "rule_record.h"
#include "rule_state.h"

enum { LOG_BYTES_MAX = 2000, LEVELS_WARM = 6 };

/* ------------------------------------------------------------------------------------------------ arguments */

/* As the author counts: in ctx:send("mail", {}) and list:remove(1) the arguments begin behind the colon. */
static int argument_number(lua_State *lua, int index)
{
	enum rule_kind self = rule_kind_at(lua, 1);
	return self == RULE_KIND_CONTEXT || self == RULE_KIND_LIST ? index - 1 : index;
}

struct text rule_text_argument(lua_State *lua, int index, const char *function)
{
	int type = lua_type(lua, index);
	if (type != LUA_TSTRING && type != LUA_TNUMBER)
		rule_error(lua, "%s: argument %d must be text, not %s", function, argument_number(lua, index),
		           rule_type_name(lua, index));
	rule_charge(lua, RULE_FUEL_CALL);
	rule_charge_number_text(lua, index, 0);
	struct text text;
	text.data = lua_tolstring(lua, index, &text.length);
	return text;
}

lua_Integer rule_integer_argument(lua_State *lua, int index, const char *function)
{
	int fits = 0;
	lua_Integer value = lua_type(lua, index) == LUA_TNUMBER ? lua_tointegerx(lua, index, &fits) : 0;
	rule_charge(lua, RULE_FUEL_CALL);
	if (!fits)
		rule_error(lua, "%s: argument %d must be an integer, not %s", function, argument_number(lua, index),
		           rule_type_name(lua, index));
	return value;
}

lua_Integer rule_integer_optional(lua_State *lua, int index, lua_Integer otherwise, const char *function)
{
	return lua_isnoneornil(lua, index) ? otherwise : rule_integer_argument(lua, index, function);
}

static void table_check(lua_State *lua, int index, const char *function)
{
	rule_charge(lua, RULE_FUEL_CALL);
	if (lua_type(lua, index) != LUA_TTABLE)
		rule_error(lua, "%s: argument %d must be a table, not %s", function, index, rule_type_name(lua, index));
}

/* Only proxies over read-only tables have a metatable. */
void rule_table_argument(lua_State *lua, int index, const char *function)
{
	table_check(lua, index, function);
	if (lua_getmetatable(lua, index))
		rule_error(lua, "%s: argument %d is read-only; copy it into a table of your own", function, index);
}

void rule_table_readable(lua_State *lua, int index, const char *function)
{
	table_check(lua, index, function);
	if (luaL_getmetafield(lua, index, "__index") != LUA_TNIL)
		lua_replace(lua, index);
}

/* ------------------------------------------------------------------------------------------------ text of values */

static const char *const kind_names[RULE_KIND_COUNT] = {
	[RULE_KIND_NONE] = "userdata",
	[RULE_KIND_MONEY] = "money",
	[RULE_KIND_EXACT] = "exact amount",
	[RULE_KIND_DECIMAL] = "decimal",
	[RULE_KIND_DATE] = "date",
	[RULE_KIND_PERIOD] = "period",
	[RULE_KIND_DURATION] = "duration",
	[RULE_KIND_INSTANT] = "instant",
	[RULE_KIND_CONTEXT] = "ctx",
};

const char *rule_type_name(lua_State *lua, int index)
{
	switch (lua_type(lua, index)) {
	case LUA_TNUMBER:
		return lua_isinteger(lua, index) ? "integer" : "float";
	case LUA_TSTRING:
		return "text";
	case LUA_TUSERDATA: {
		enum rule_kind kind = rule_kind_at(lua, index);
		return kind == RULE_KIND_RECORD || kind == RULE_KIND_LIST ? rule_record_describe(lua, index) : kind_names[kind];
	}
	case LUA_TNONE:
		return "nothing";
	default:
		return lua_typename(lua, lua_type(lua, index));
	}
}

const char *rule_value_text(lua_State *lua, int index)
{
	struct arena *arena = rule_state_of(lua)->arena;
	struct text text;
	switch (lua_type(lua, index)) {
	case LUA_TBOOLEAN:
		return lua_toboolean(lua, index) ? "true" : "false";
	case LUA_TNUMBER: /* a copy: lua_tolstring changes the value it is given */
		if (lua_isinteger(lua, index))
			return text_from_int64(arena, lua_tointeger(lua, index)).data;
		return text_format(arena, "%.14g", lua_tonumber(lua, index)).data;
	case LUA_TSTRING:
		text.data = lua_tolstring(lua, index, &text.length);
		return text_format(arena, "'%.*s%s'", (int)(text.length < 60 ? text.length : 60), text.data,
		                   text.length < 60 ? "" : "...").data;
	case LUA_TTABLE:
		return "a table";
	case LUA_TUSERDATA:
		if (rule_value_to_text(lua, index, arena, &text))
			return text.data;
		return rule_type_name(lua, index);
	default:
		return rule_type_name(lua, index);
	}
}

struct text rule_push_text(lua_State *lua, int index)
{
	struct text text;
	int type = lua_type(lua, index);
	struct arena *arena = rule_state_of(lua)->arena;
	struct arena_mark mark = arena_mark(arena);
	rule_charge(lua, type == LUA_TUSERDATA ? RULE_FUEL_TEXT : RULE_FUEL_CALL);
	rule_charge_number_text(lua, index, 0);
	if (type == LUA_TNUMBER || type == LUA_TSTRING)
		lua_pushvalue(lua, index);
	else if (type == LUA_TUSERDATA && rule_value_to_text(lua, index, arena, &text))
		lua_pushlstring(lua, text.data, text.length);
	else if (type == LUA_TBOOLEAN)
		lua_pushstring(lua, lua_toboolean(lua, index) ? "true" : "false");
	else
		lua_pushstring(lua, rule_type_name(lua, index));
	arena_rewind(arena, mark);
	text.data = lua_tolstring(lua, -1, &text.length);
	return text;
}

/* ------------------------------------------------------------------------------------------------ base functions */

static int base_assert(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_CALL);
	if (lua_toboolean(lua, 1))
		return lua_gettop(lua);
	if (lua_isnoneornil(lua, 2))
		return rule_error(lua, "assertion failed");
	if (lua_type(lua, 2) == LUA_TSTRING)
		return rule_error(lua, "%s", lua_tostring(lua, 2));
	lua_settop(lua, 2);
	return lua_error(lua);
}

static int base_error(lua_State *lua)
{
	lua_Integer level = rule_integer_optional(lua, 2, 1, "error");
	lua_settop(lua, 1);
	if (lua_type(lua, 1) == LUA_TSTRING && level > 0 && level < 100) {
		luaL_where(lua, (int)level);
		lua_pushvalue(lua, 1);
		lua_concat(lua, 2);
	}
	return lua_error(lua);
}

static int base_ipairs_next(lua_State *lua)
{
	lua_Integer i = lua_isinteger(lua, 2) ? luaL_intop(+, lua_tointeger(lua, 2), 1) : 1; /* no long text becomes a number here */
	rule_charge(lua, RULE_FUEL_CALL);
	lua_pushinteger(lua, i);
	return lua_geti(lua, 1, i) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_CALL);
	if (lua_type(lua, 1) != LUA_TTABLE && rule_kind_at(lua, 1) != RULE_KIND_LIST)
		return rule_error(lua, "ipairs: argument 1 must be a table or a list, not %s", rule_type_name(lua, 1));
	lua_pushcfunction(lua, base_ipairs_next);
	lua_pushvalue(lua, 1);
	lua_pushinteger(lua, 0);
	return 3;
}

/* A doomed call is raised again: nothing catches the end of fuel or memory, or a rejection. */
static int base_pcall(lua_State *lua)
{
	if (lua_gettop(lua) == 0)
		return rule_error(lua, "pcall: argument 1 must be a function, not nothing");
	rule_charge(lua, RULE_FUEL_PCALL);
	bool done = lua_pcall(lua, lua_gettop(lua) - 1, LUA_MULTRET, 0) == LUA_OK;
	struct rule_state *state = rule_state_of(lua);
	if (state->doom)
		rule_doom(lua, state->doom);
	rule_charge(lua, done ? 0 : RULE_FUEL_CAUGHT);
	lua_pushboolean(lua, done);
	lua_insert(lua, 1);
	return lua_gettop(lua);
}

static int base_select(lua_State *lua)
{
	int count = lua_gettop(lua);
	rule_charge(lua, RULE_FUEL_CALL);
	if (lua_type(lua, 1) == LUA_TSTRING && text_is(rule_text_argument(lua, 1, "select"), "#")) {
		lua_pushinteger(lua, count - 1);
		return 1;
	}
	lua_Integer from = rule_integer_argument(lua, 1, "select");
	if (from < 0)
		from = count + from;
	if (from < 1)
		return rule_error(lua, "select: argument 1 is out of range");
	return from >= count ? 0 : count - (int)from;
}

static int digit_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	char lower = (char)(byte | 32);
	return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

/* Whole numbers in a base; nil when the text is none or does not fit. */
static int tonumber_in_base(lua_State *lua, struct text text, lua_Integer base)
{
	if (base < 2 || base > 36)
		return rule_error(lua, "tonumber: the base must be 2 to 36");
	rule_charge_parse(lua, text.length);
	text = text_trim(text);
	bool negative = text_starts(text, "-");
	int64_t value = 0;
	bool fits = text.length > (size_t)negative;
	for (size_t i = negative; i < text.length && fits; i++) {
		int digit = digit_value(text.data[i]);
		fits = digit < base && !__builtin_mul_overflow(value, base, &value) &&
		       !__builtin_add_overflow(value, digit, &value);
	}
	if (fits)
		lua_pushinteger(lua, negative ? -value : value);
	else
		lua_pushnil(lua);
	return 1;
}

static int base_tonumber(lua_State *lua)
{
	if (!lua_isnoneornil(lua, 2))
		return tonumber_in_base(lua, rule_text_argument(lua, 1, "tonumber"), rule_integer_argument(lua, 2, "tonumber"));
	size_t length;
	rule_charge_parse(lua, lua_type(lua, 1) == LUA_TSTRING ? lua_rawlen(lua, 1) : 0);
	if (lua_type(lua, 1) == LUA_TNUMBER)
		lua_settop(lua, 1);
	else if (lua_type(lua, 1) != LUA_TSTRING || lua_stringtonumber(lua, lua_tolstring(lua, 1, &length)) != length + 1)
		lua_pushnil(lua);
	return 1;
}

static int base_tostring(lua_State *lua)
{
	if (lua_gettop(lua) == 0)
		return rule_error(lua, "tostring: argument 1 is missing");
	rule_push_text(lua, 1);
	return 1;
}

/* As in Lua, but the typed values name themselves: type(order.total) is "money", type(order) is "record". */
static int base_type(lua_State *lua)
{
	if (lua_gettop(lua) == 0)
		return rule_error(lua, "type: argument 1 is missing");
	rule_charge(lua, RULE_FUEL_CALL);
	enum rule_kind kind = rule_kind_at(lua, 1);
	if (kind == RULE_KIND_RECORD)
		lua_pushliteral(lua, "record");
	else if (kind == RULE_KIND_LIST)
		lua_pushliteral(lua, "list");
	else if (kind == RULE_KIND_EXACT)
		lua_pushliteral(lua, "exact");
	else if (kind != RULE_KIND_NONE)
		lua_pushstring(lua, kind_names[kind]);
	else
		lua_pushstring(lua, lua_typename(lua, lua_type(lua, 1)));
	return 1;
}

static int base_log(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	struct text_builder line;
	builder_init(&line, state->arena, LOG_BYTES_MAX);
	for (int i = 1, count = lua_gettop(lua); i <= count; i++) {
		builder_c(&line, i > 1 ? " " : "");
		struct text text = rule_push_text(lua, i);
		rule_charge_bytes(lua, text.length);
		builder_add(&line, text);
		lua_pop(lua, 1);
	}
	rule_charge(lua, RULE_FUEL_EFFECT);
	log_write(LOG_DEBUG, "rule.log", "rule=%s %s", state->rule ? state->rule->name : "(load)", builder_text(&line).data);
	return 0;
}

static const luaL_Reg base_functions[] = {
	{ "assert", base_assert },   { "error", base_error },       { "ipairs", base_ipairs },     { "pairs", rule_pairs },
	{ "pcall", base_pcall },     { "select", base_select },     { "tonumber", base_tonumber },
	{ "tostring", base_tostring },
	{ "type", base_type },       { "log", base_log },           { "rule", rule_declare },      { "require", rule_require },
	{ NULL, NULL },
};

/* ------------------------------------------------------------------------------------------------ undeclared names */

/* What people look for that is not here, and what to use. */
static const struct {
	const char *name, *remedy;
} missing_names[] = {
	{ "print", "use log(...)" },
	{ "check", "checks stand in the files of checks/" },
	{ "os", "use ctx.now and ctx.today" },
	{ "io", "rules do no input or output; use ctx:send" },
	{ "next", "use pairs" },
	{ "xpcall", "use pcall" },
	{ "coroutine", "rules run to their end" },
	{ "setmetatable", "use plain tables and functions" },
	{ "getmetatable", "use type(value)" },
	{ "rawget", "use value[key]" },
	{ "rawset", "use value[key] = ..." },
	{ "rawequal", "use ==" },
	{ "rawlen", "use #" },
	{ "load", "use require for the files of the bundle" },
	{ "loadstring", "use require for the files of the bundle" },
	{ "dofile", "use require for the files of the bundle" },
	{ "loadfile", "use require for the files of the bundle" },
	{ "collectgarbage", "a call's memory ends with the call" },
	{ "debug", "use log(...)" },
	{ "unpack", "use table.unpack" },
	{ "_G", "names are fixed; use local variables" },
	{ "ctx", "it is the second argument of run: function (order, ctx)" },
};

const char *rule_global_candidate(const void *context, size_t i)
{
	(void)context;
	static const char *const names[] = { "assert", "error",  "ipairs", "pairs",  "pcall",   "select", "tonumber", "tostring",
		                             "type",   "log",    "rule",   "require", "math",   "string", "table",    "utf8",
		                             "money",  "decimal", "date",  "period", "duration", "instant", NULL };
	return names[i];
}

const char *rule_missing_remedy(struct text name)
{
	for (size_t i = 0; i < sizeof missing_names / sizeof *missing_names; i++)
		if (text_is(name, missing_names[i].name))
			return missing_names[i].remedy;
	return NULL;
}

static const char *global_hint(lua_State *lua, struct text name)
{
	struct arena *arena = rule_state_of(lua)->arena;
	const char *remedy = rule_missing_remedy(name);
	return remedy ? text_format(arena, "; %s", remedy).data
	              : text_did_you_mean(arena, name, rule_global_candidate, NULL);
}

static int global_undeclared(lua_State *lua)
{
	struct text name = rule_push_text(lua, 2);
	return rule_error(lua, "global '%.*s' is not declared%s", TEXT_ARG(name), global_hint(lua, name));
}

static int global_assigned(lua_State *lua)
{
	struct text name = rule_push_text(lua, 2);
	return rule_error(lua, "global '%.*s' is not declared; write local %.*s = ...", TEXT_ARG(name), TEXT_ARG(name));
}

static const char *member_candidate(const void *context, size_t i)
{
	lua_State *lua = (lua_State *)(uintptr_t)context;
	lua_rawgeti(lua, -1, (lua_Integer)i + 1);
	const char *name = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
	lua_pop(lua, 1); /* the table of keys still holds it */
	return name;
}

/* string.formt: the table's name is upvalue 1. */
static int member_unknown(lua_State *lua)
{
	struct text name = rule_push_text(lua, 2);
	rule_keys_push(lua, 1);
	const char *hint = text_did_you_mean(rule_state_of(lua)->arena, name, member_candidate, lua);
	return rule_error(lua, "%s.%.*s does not exist%s", lua_tostring(lua, lua_upvalueindex(1)), TEXT_ARG(name), hint);
}

static int member_assigned(lua_State *lua)
{
	struct text name = rule_push_text(lua, 2);
	return rule_error(lua, "'%.*s' cannot be assigned: the library is read-only", TEXT_ARG(name));
}

/* ------------------------------------------------------------------------------------------------ assembly */

static int read_only_len(lua_State *lua)
{
	luaL_getmetafield(lua, 1, "__index");
	lua_pushinteger(lua, (lua_Integer)lua_rawlen(lua, -1));
	return 1;
}

void rule_read_only_push(lua_State *lua, lua_CFunction assigned)
{
	lua_newtable(lua);
	lua_createtable(lua, 0, 4);
	lua_pushvalue(lua, -3);
	lua_setfield(lua, -2, "__index");
	lua_pushcfunction(lua, assigned);
	lua_setfield(lua, -2, "__newindex");
	lua_pushcfunction(lua, read_only_len);
	lua_setfield(lua, -2, "__len");
	lua_pushboolean(lua, false);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, -2);
	lua_remove(lua, -2);
}

/* Puts a proxy of the table on the top into the library below it as `name`, and pops the table. */
static void library_add(lua_State *lua, const char *name)
{
	lua_createtable(lua, 0, 1);
	lua_pushstring(lua, name);
	lua_pushcclosure(lua, member_unknown, 1);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	rule_read_only_push(lua, member_assigned);
	lua_setfield(lua, -2, name);
}

/* Methods of text: ("x"):rep(3) finds our functions, and nothing can replace them. */
static void string_metatable_set(lua_State *lua)
{
	lua_pushliteral(lua, "");
	lua_createtable(lua, 0, 2);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_STRING);
	lua_setfield(lua, -2, "__index");
	lua_pushboolean(lua, false);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, -2);
	lua_pop(lua, 1);
}

static void slot_table(lua_State *lua, int slot)
{
	lua_newtable(lua);
	lua_rawseti(lua, LUA_REGISTRYINDEX, slot);
}

/* Calls itself as deep as calls commonly go: the records that Lua keeps of levels are then in the image. */
static int levels_make(lua_State *lua)
{
	lua_Integer deeper = lua_tointeger(lua, 1);
	if (deeper > 0) {
		lua_pushcfunction(lua, levels_make);
		lua_pushinteger(lua, deeper - 1);
		lua_call(lua, 1, 0);
	}
	return 0;
}

/* What Lua would find out in every call anew belongs into the image: that our metatables have no finalizer, and room for levels
 * of calls. */
static void image_warm(lua_State *lua)
{
	for (int kind = RULE_KIND_NONE + 1; kind < RULE_KIND_COUNT; kind++) {
		lua_newuserdatauv(lua, 0, 0);
		lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_METATABLES + kind);
		lua_setmetatable(lua, -2);
		lua_pop(lua, 1);
	}
	lua_pushcfunction(lua, levels_make);
	lua_pushinteger(lua, LEVELS_WARM);
	lua_call(lua, 1, 0);
}

void rule_library_open(lua_State *lua)
{
	slot_table(lua, RULE_SLOT_MODULES);
	slot_table(lua, RULE_SLOT_CHAIN);
	slot_table(lua, RULE_SLOT_RECORDS);
	lua_createtable(lua, 0, 24);
	luaL_setfuncs(lua, base_functions, 0);
	rule_library_string_open(lua);
	lua_pushvalue(lua, -1);
	lua_rawseti(lua, LUA_REGISTRYINDEX, RULE_SLOT_STRING);
	library_add(lua, "string");
	rule_library_table_open(lua);
	library_add(lua, "table");
	rule_library_math_open(lua);
	library_add(lua, "math");
	rule_library_utf8_open(lua);
	library_add(lua, "utf8");
	rule_values_open(lua);
	lua_createtable(lua, 0, 1);
	lua_pushcfunction(lua, global_undeclared);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	rule_read_only_push(lua, global_assigned);
	lua_rawseti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	string_metatable_set(lua);
	rule_record_open(lua);
	rule_context_open(lua);
	image_warm(lua);
}
