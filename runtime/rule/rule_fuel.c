/* rule_fuel.c: what a call may spend, and the doom that no pcall catches; errors with their place. */
#include "rule_state.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The clocks begin when the hook first fires: most calls end before, and need not ask what time it is. What the thread has had of
 * a processor is asked when so much time has passed that it might be too much: that a machine is busy ends no rule. */
MAY_JUMP static void deadline_check(struct rule_state *state)
{
	int64_t limit_us = state->time_limit_us ? state->time_limit_us : (int64_t)RULE_TIME_LIMIT_MS * US_PER_MS;
	int64_t now_us = clock_monotonic_us();
	if (state->deadline_us == 0) {
		state->deadline_us = now_us + limit_us;
		state->thread_begun_us = clock_thread_us();
	}
	if (now_us <= state->deadline_us)
		return;
	int64_t spent_us = clock_thread_us() - state->thread_begun_us;
	if (spent_us > limit_us)
		rule_doom(state->lua, RULE_DOOM_TIME);
	state->deadline_us = now_us + limit_us - spent_us;
}

static void fuel_hook(lua_State *lua, lua_Debug *ar)
{
	(void)ar;
	struct rule_state *state = rule_state_of(lua);
	if (state->doom)
		rule_doom(lua, state->doom);
	if (state->interrupted && atomic_load(state->interrupted))
		rule_doom(lua, RULE_DOOM_INTERRUPTED);
	deadline_check(state);
	arena_reset(state->arena);
	rule_charge(lua, RULE_FUEL_STEP);
}

void rule_fuel_start(struct rule_state *state, int64_t limit)
{
	state->fuel_limit = limit;
	state->fuel_used = state->grown_bytes = state->deadline_us = 0;
	lua_sethook(state->lua, fuel_hook, LUA_MASKCOUNT, RULE_FUEL_STEP);
}

void rule_charge_refuse(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	if (arena_exhausted(state->results) || state->results->used_bytes > state->results_bytes_most)
		rule_doom(lua, RULE_DOOM_RESULTS);
	state->fuel_used = state->fuel_limit;
	rule_doom(lua, RULE_DOOM_FUEL);
}

void rule_charge_bytes(lua_State *lua, size_t bytes)
{
	rule_charge(lua, (int64_t)(bytes / RULE_FUEL_BYTES));
}

void rule_charge_parse(lua_State *lua, size_t bytes)
{
	rule_charge(lua, RULE_FUEL_PARSE + (int64_t)bytes);
}

/* printf works through all digits between the point and the number's highest bit, and through those it is asked for. */
void rule_charge_number_text(lua_State *lua, int index, int digits)
{
	enum { BITS_OF_UNIT = 6, UNITS_OF_DIGIT = 8, DECIMALS_OF_1000_BITS = 301 };
	int bits = 0;
	if (lua_type(lua, index) != LUA_TNUMBER)
		return;
	if (!lua_isinteger(lua, index))
		(void)frexp(lua_tonumber(lua, index), &bits);
	int whole = digits > 0 && bits > 0 ? bits * DECIMALS_OF_1000_BITS / 1000 : 0;
	rule_charge(lua, RULE_FUEL_NUMBER_TEXT + abs(bits) / BITS_OF_UNIT + (digits + whole) * UNITS_OF_DIGIT);
}

/* Of the run's time, which began with its first whole step; asked for only when it may be much. */
static int64_t time_fuel(const struct rule_state *state)
{
	static const int64_t limit_us = (int64_t)RULE_TIME_LIMIT_MS * US_PER_MS, little_us = 5 * US_PER_MS;
	if (clock_monotonic_us() < state->deadline_us - limit_us + little_us)
		return 0;
	return (clock_thread_us() - state->thread_begun_us) * RULE_FUEL_OF_US;
}

int64_t rule_fuel_of_command(const struct rule_state *state)
{
	int64_t fuel = state->fuel_used + state->grown_bytes / RULE_FUEL_GROWN_BYTES;
	int64_t by_time = state->deadline_us ? time_fuel(state) : 0;
	return by_time > fuel ? by_time : fuel;
}

/* The error value is a light userdata: raising it allocates nothing. From here on the hook fires at every instruction,
 * so whatever Lua code would still run (there should be none) dies at once. */
void rule_doom(lua_State *lua, enum rule_doom doom)
{
	struct rule_state *state = rule_state_of(lua);
	if (!state->doom) {
		state->doom = doom;
		rule_place_of(lua, state->doom_place, sizeof state->doom_place);
	}
	lua_sethook(lua, fuel_hook, LUA_MASKCOUNT, 1);
	lua_pushlightuserdata(lua, state);
	lua_error(lua);
	BUG("lua_error returned");
}

void rule_place_of(lua_State *lua, char *place, size_t size)
{
	lua_Debug ar;
	place[0] = '\0';
	for (int level = 0; lua_getstack(lua, level, &ar); level++) {
		if (lua_getinfo(lua, "Sl", &ar) && ar.currentline > 0) {
			snprintf(place, size, "%s:%d", ar.short_src, ar.currentline);
			return;
		}
	}
}

int rule_error(lua_State *lua, const char *format, ...)
{
	char message[1000], place[RULE_PLACE_BYTES];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	rule_place_of(lua, place, sizeof place);
	rule_charge(lua, RULE_FUEL_ERROR);
	const struct rule *rule = rule_state_of(lua)->rule;
	if (!place[0] && rule) /* of what the rule returned: it has ended */
		snprintf(place, sizeof place, "%s:%d", rule->file, rule->line);
	if (place[0])
		lua_pushfstring(lua, "%s: %s", place, message);
	else
		lua_pushstring(lua, message);
	lua_error(lua);
	BUG("lua_error returned");
}
