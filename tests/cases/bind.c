/* bind.c: arguments and results of the bound functions. */
#include "bind.h"

#include <stdarg.h>

static const char ARENA_TYPE[] = "cases.arena";

static int arena_collect(lua_State *L)
{
	struct arena *arena = luaL_checkudata(L, 1, ARENA_TYPE);
	arena_finish(arena);
	return 0;
}

struct arena *case_arena(lua_State *L)
{
	struct arena *arena = lua_newuserdatauv(L, sizeof *arena, 0);
	if (!arena_init(arena, 0x40000000)) {
		lua_pop(L, 1);
		luaL_error(L, "no memory");
	}
	if (luaL_newmetatable(L, ARENA_TYPE)) {
		lua_pushcfunction(L, arena_collect);
		lua_setfield(L, -2, "__gc");
		lua_pushcfunction(L, arena_collect);
		lua_setfield(L, -2, "__close");
	}
	lua_setmetatable(L, -2);
	lua_toclose(L, -1);
	return arena;
}

struct text case_text(lua_State *L, int argument)
{
	size_t length;
	const char *data = luaL_checklstring(L, argument, &length);
	return (struct text){ data, length };
}

struct text case_text_or_none(lua_State *L, int argument)
{
	return lua_isnoneornil(L, argument) ? TEXT_NONE : case_text(L, argument);
}

struct date case_date(lua_State *L, int argument)
{
	struct date date;
	if (!date_parse(case_text(L, argument), &date))
		luaL_error(L, "'%s' is not a date", lua_tostring(L, argument));
	return date;
}

struct date case_date_or_none(lua_State *L, int argument)
{
	return lua_isnoneornil(L, argument) ? DATE_NONE : case_date(L, argument);
}

struct instant case_instant(lua_State *L, int argument)
{
	struct instant instant;
	if (!instant_parse(case_text(L, argument), &instant))
		luaL_error(L, "'%s' is not an instant", lua_tostring(L, argument));
	return instant;
}

const struct timezone_rules *case_zone(lua_State *L, int argument)
{
	if (lua_isnoneornil(L, argument))
		return timezone_utc();
	const struct timezone_rules *zone = timezone_find(case_text(L, argument));
	if (!zone)
		luaL_error(L, "'%s' is not a time zone", lua_tostring(L, argument));
	return zone;
}

const struct currency *case_currency(lua_State *L, int argument)
{
	const struct currency *currency = currency_find(case_text(L, argument));
	if (!currency)
		luaL_error(L, "'%s' is not a currency", lua_tostring(L, argument));
	return currency;
}

struct fraction case_fraction(lua_State *L, int argument)
{
	struct fraction fraction;
	if (!fraction_parse(case_text(L, argument), &fraction))
		luaL_error(L, "'%s' is not a number", lua_tostring(L, argument));
	return fraction;
}

enum billing_period case_period(lua_State *L, int argument)
{
	enum billing_period period;
	if (!billing_period_parse(case_text(L, argument), &period))
		luaL_error(L, "'%s' is not a billing period", lua_tostring(L, argument));
	return period;
}

struct text case_field_text(lua_State *L, int table, const char *name)
{
	lua_getfield(L, table, name);
	struct text text = case_text_or_none(L, -1);
	lua_pop(L, 1);
	return text;
}

int64_t case_field_integer(lua_State *L, int table, const char *name, int64_t otherwise)
{
	lua_getfield(L, table, name);
	int64_t number = luaL_optinteger(L, -1, otherwise);
	lua_pop(L, 1);
	return number;
}

bool case_field_boolean(lua_State *L, int table, const char *name)
{
	lua_getfield(L, table, name);
	bool holds = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return holds;
}

void case_push_text(lua_State *L, struct text text)
{
	if (text_present(text))
		lua_pushlstring(L, text.data, text.length);
	else
		lua_pushnil(L);
}

void case_push_date(lua_State *L, struct arena *arena, struct date date)
{
	if (date_present(date))
		case_push_text(L, date_text(arena, date));
	else
		lua_pushnil(L);
}

int case_refuse(lua_State *L, const char *format, ...)
{
	char sentence[500];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	lua_pushnil(L);
	lua_pushstring(L, sentence);
	return 2;
}

int case_refuse_problems(lua_State *L, const struct problems *problems)
{
	luaL_Buffer buffer;
	lua_pushnil(L);
	luaL_buffinit(L, &buffer);
	for (const struct problem *problem = problems->first; problem; problem = problem->next) {
		if (problem != problems->first)
			luaL_addstring(&buffer, "; ");
		luaL_addstring(&buffer, problem_info(problem->code)->name);
		if (problem->pointer && problem->pointer[0]) {
			luaL_addstring(&buffer, " at ");
			luaL_addstring(&buffer, problem->pointer);
		}
		luaL_addstring(&buffer, ": ");
		luaL_addstring(&buffer, problem->message);
		if (problem->cause) {
			luaL_addstring(&buffer, " (");
			luaL_addstring(&buffer, problem->cause);
			luaL_addstring(&buffer, ")");
		}
	}
	if (!problems->first)
		luaL_addstring(&buffer, "failed without a problem");
	luaL_pushresult(&buffer);
	return 2;
}
