/* rule_string_pattern.c: find, match, gmatch, gsub and split for rules, each step of matching charged as fuel. */
#include "rule_library.h"
#include "rule_pattern.h"

#include <string.h>

/* ---- matching on the fuel of the call ---- */

struct meter {
	struct pattern_state state;
	uint64_t granted_steps;
};

static void meter_grant(lua_State *lua, struct meter *meter)
{
	const struct rule_state *rule = rule_state_of(lua);
	int64_t units = rule->fuel_limit - rule->fuel_used;
	meter->granted_steps = units < 0 ? 0 : (uint64_t)units; /* objects were made since the last charge */
	meter->state.steps_left = meter->granted_steps;
}

/* Charges what was used since the last grant, a unit a step, and grants anew. */
static void meter_settle(lua_State *lua, struct meter *meter)
{
	rule_charge(lua, (int64_t)(meter->granted_steps - meter->state.steps_left));
	meter_grant(lua, meter);
}

static void meter_begin(lua_State *lua, struct meter *meter, struct text subject, struct text pattern,
                        const char *function)
{
	rule_charge(lua, RULE_FUEL_MATCH + (int64_t)(pattern.length * 4 / RULE_FUEL_BYTES));
	meter_grant(lua, meter);
	if (!pattern_begin(&meter->state, subject, pattern))
		rule_error(lua, "%s: the pattern '%.*s%s' %s (at byte %zu)", function,
		           (int)(pattern.length < 60 ? pattern.length : 60), pattern.data,
		           pattern.length < 60 ? "" : "...", meter->state.problem, meter->state.problem_at + 1);
}

/* Whether it matched; spent steps end the call here. */
static bool fuel_matched(lua_State *lua, enum pattern_outcome outcome)
{
	if (outcome == PATTERN_SPENT)
		rule_charge(lua, INT64_MAX);
	return outcome == PATTERN_MATCHED;
}

/* ---- captures ---- */

static void capture_push(lua_State *lua, const struct pattern_state *state, size_t i)
{
	const struct pattern_capture *capture = &state->captures[i];
	if (capture->is_position) {
		lua_pushinteger(lua, (lua_Integer)capture->start + 1);
		return;
	}
	rule_charge_bytes(lua, capture->length);
	lua_pushlstring(lua, state->subject.data + capture->start, capture->length);
}

/* All captures; the whole match when there are none and `whole`. Returns how many were pushed. */
static int captures_push(lua_State *lua, const struct pattern_state *state, bool whole)
{
	luaL_checkstack(lua, PATTERN_CAPTURES_MAX + 1, "too many captures");
	if (state->capture_count == 0 && whole) {
		rule_charge_bytes(lua, state->end - state->start);
		lua_pushlstring(lua, state->subject.data + state->start, state->end - state->start);
		return 1;
	}
	for (size_t i = 0; i < state->capture_count; i++)
		capture_push(lua, state, i);
	return (int)state->capture_count;
}

/* ---- find and match ---- */

/* The offset that argument `index` means: from 1, negative from the end, as everywhere in Lua. May lie past the end. */
static size_t init_argument(lua_State *lua, int index, size_t length, const char *function)
{
	lua_Integer init = rule_integer_optional(lua, index, 1, function);
	if (init > 0)
		return (size_t)init - 1;
	if (init == 0 || init < -(lua_Integer)length)
		return 0;
	return length - (size_t)-init;
}

/* The offset of `needle` at or after `from`, or SIZE_MAX. memmem may look at each byte of a needle of up to 256 bytes
 * at each place, and prepares a longer one by reading it several times: both are charged. */
static size_t text_find(lua_State *lua, struct text text, struct text needle, size_t from)
{
	size_t compared = needle.length < 256 ? needle.length : 256;
	if (needle.length > text.length - from)
		return SIZE_MAX;
	rule_charge(lua, (int64_t)(needle.length - compared));
	const char *found = memmem(text.data + from, text.length - from, needle.data, needle.length);
	size_t searched = found ? (size_t)(found - text.data) - from + needle.length : text.length - from;
	rule_charge_bytes(lua, searched * (1 + compared / 8));
	return found ? (size_t)(found - text.data) : SIZE_MAX;
}

static int find_plain(lua_State *lua, struct text subject, struct text needle, size_t init)
{
	size_t at = text_find(lua, subject, needle, init);
	if (at == SIZE_MAX) {
		lua_pushnil(lua);
		return 1;
	}
	lua_pushinteger(lua, (lua_Integer)at + 1);
	lua_pushinteger(lua, (lua_Integer)at + (lua_Integer)needle.length);
	return 2;
}

static int string_find(lua_State *lua)
{
	struct text subject = rule_text_argument(lua, 1, "find"), pattern = rule_text_argument(lua, 2, "find");
	size_t init = init_argument(lua, 3, subject.length, "find");
	rule_charge_bytes(lua, pattern.length * 4);
	if (init > subject.length) {
		lua_pushnil(lua);
		return 1;
	}
	if (lua_toboolean(lua, 4) || pattern_is_plain(pattern))
		return find_plain(lua, subject, pattern, init);
	struct meter meter;
	meter_begin(lua, &meter, subject, pattern, "find");
	bool matched = fuel_matched(lua, pattern_search(&meter.state, init));
	meter_settle(lua, &meter);
	if (!matched) {
		lua_pushnil(lua);
		return 1;
	}
	lua_pushinteger(lua, (lua_Integer)meter.state.start + 1);
	lua_pushinteger(lua, (lua_Integer)meter.state.end);
	return 2 + captures_push(lua, &meter.state, false);
}

static int string_match(lua_State *lua)
{
	struct text subject = rule_text_argument(lua, 1, "match"), pattern = rule_text_argument(lua, 2, "match");
	size_t init = init_argument(lua, 3, subject.length, "match");
	struct meter meter;
	meter_begin(lua, &meter, subject, pattern, "match");
	bool matched = init <= subject.length && fuel_matched(lua, pattern_search(&meter.state, init));
	meter_settle(lua, &meter);
	if (matched)
		return captures_push(lua, &meter.state, true);
	lua_pushnil(lua);
	return 1;
}

/* ---- gmatch ---- */

enum { GMATCH_SUBJECT = 1, GMATCH_PATTERN, GMATCH_AT, GMATCH_LAST_END, GMATCH_UPVALUES = GMATCH_LAST_END };

static struct text upvalue_text(lua_State *lua, int number)
{
	struct text text;
	text.data = lua_tolstring(lua, lua_upvalueindex(number), &text.length);
	return text;
}

static void upvalue_set(lua_State *lua, int number, lua_Integer value)
{
	lua_pushinteger(lua, value);
	lua_replace(lua, lua_upvalueindex(number));
}

/* One step of the loop. An empty match right where the last one ended is passed over, as Lua does. */
static int gmatch_next(lua_State *lua)
{
	struct text subject = upvalue_text(lua, GMATCH_SUBJECT);
	size_t at = (size_t)lua_tointeger(lua, lua_upvalueindex(GMATCH_AT));
	lua_Integer last_end = lua_tointeger(lua, lua_upvalueindex(GMATCH_LAST_END));
	struct meter meter;
	meter_begin(lua, &meter, subject, upvalue_text(lua, GMATCH_PATTERN), "gmatch");
	bool matched = false;
	for (; at <= subject.length && !matched; at++)
		matched = fuel_matched(lua, pattern_match_at(&meter.state, at)) &&
		          (lua_Integer)meter.state.end != last_end;
	meter_settle(lua, &meter);
	if (!matched) {
		upvalue_set(lua, GMATCH_AT, (lua_Integer)subject.length + 1);
		lua_pushnil(lua);
		return 1;
	}
	upvalue_set(lua, GMATCH_AT, (lua_Integer)meter.state.end);
	upvalue_set(lua, GMATCH_LAST_END, (lua_Integer)meter.state.end);
	return captures_push(lua, &meter.state, true);
}

static int string_gmatch(lua_State *lua)
{
	struct text subject = rule_text_argument(lua, 1, "gmatch"), pattern = rule_text_argument(lua, 2, "gmatch");
	size_t init = init_argument(lua, 3, subject.length, "gmatch");
	struct meter meter;
	meter_begin(lua, &meter, subject, pattern, "gmatch"); /* so that a wrong pattern is blamed on this line */
	if (meter.state.anchored)
		return rule_error(lua, "gmatch: a pattern with '^' matches once only: use match");
	lua_settop(lua, 2);
	lua_pushinteger(lua, (lua_Integer)(init <= subject.length ? init : subject.length + 1));
	lua_pushinteger(lua, -1);
	lua_pushcclosure(lua, gmatch_next, GMATCH_UPVALUES);
	return 1;
}

/* ---- gsub ---- */

/* Adds the replacement text at index 3 with its %0 to %9. */
static void replacement_add_text(lua_State *lua, luaL_Buffer *buffer, const struct pattern_state *state)
{
	struct text text;
	text.data = lua_tolstring(lua, 3, &text.length);
	rule_charge_bytes(lua, text.length);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		if (c != '%') {
			luaL_addchar(buffer, c);
			continue;
		}
		c = ++i < text.length ? text.data[i] : '\0';
		size_t number = c >= '1' && c <= '9' ? (size_t)(c - '1') : SIZE_MAX;
		if (c == '%') {
			luaL_addchar(buffer, c);
		} else if (c == '0' || (number == 0 && state->capture_count == 0)) {
			rule_charge_bytes(lua, state->end - state->start);
			luaL_addlstring(buffer, state->subject.data + state->start, state->end - state->start);
		} else if (number < state->capture_count) {
			capture_push(lua, state, number);
			luaL_addvalue(buffer);
		} else if (number != SIZE_MAX) {
			rule_error(lua, "gsub: the replacement uses %%%c, the pattern has %zu captures", c,
			           state->capture_count);
		} else {
			rule_error(lua, "gsub: a '%%' in the replacement is followed by a digit or '%%'");
		}
	}
}

/* Pushes what the table or function at index 3 gives for this match. */
static void replacement_push(lua_State *lua, struct meter *meter)
{
	luaL_checkstack(lua, PATTERN_CAPTURES_MAX + 4, "too many captures");
	if (lua_type(lua, 3) == LUA_TFUNCTION) {
		lua_pushvalue(lua, 3);
		int count = captures_push(lua, &meter->state, true);
		meter_settle(lua, meter);
		lua_call(lua, count, 1);
		meter_grant(lua, meter);
		return;
	}
	if (meter->state.capture_count > 0)
		capture_push(lua, &meter->state, 0);
	else
		captures_push(lua, &meter->state, true);
	lua_gettable(lua, 3);
}

/* nil and false keep what was matched. */
static void replacement_add(lua_State *lua, luaL_Buffer *buffer, struct meter *meter)
{
	const struct pattern_state *state = &meter->state;
	struct text text = TEXT_NONE;
	rule_charge(lua, RULE_FUEL_ITEM);
	if (lua_type(lua, 3) == LUA_TSTRING) {
		replacement_add_text(lua, buffer, state);
		return;
	}
	replacement_push(lua, meter);
	if (!lua_toboolean(lua, -1)) {
		lua_pop(lua, 1);
		luaL_addlstring(buffer, state->subject.data + state->start, state->end - state->start);
		return;
	}
	rule_charge_number_text(lua, -1, 0);
	if (!lua_isstring(lua, -1) && !rule_value_to_text(lua, -1, rule_state_of(lua)->arena, &text))
		rule_error(lua, "gsub: the replacement is %s, not text", rule_value_text(lua, -1));
	if (!lua_isstring(lua, -1)) {
		lua_pop(lua, 1);
		lua_pushlstring(lua, text.data, text.length);
	}
	rule_charge_bytes(lua, lua_rawlen(lua, -1));
	luaL_addvalue(buffer);
}

static lua_Integer gsub_run(lua_State *lua, luaL_Buffer *buffer, struct meter *meter, lua_Integer count_max)
{
	struct text subject = meter->state.subject;
	size_t at = 0, last_end = SIZE_MAX;
	lua_Integer count = 0;
	while (count < count_max) {
		if (fuel_matched(lua, pattern_match_at(&meter->state, at)) && meter->state.end != last_end) {
			count++;
			at = last_end = meter->state.end;
			replacement_add(lua, buffer, meter);
		} else if (at < subject.length) {
			luaL_addchar(buffer, subject.data[at]);
			at++;
		} else {
			break;
		}
		if (meter->state.anchored)
			break;
	}
	luaL_addlstring(buffer, subject.data + at, subject.length - at);
	return count;
}

static int string_gsub(lua_State *lua)
{
	struct text subject = rule_text_argument(lua, 1, "gsub"), pattern = rule_text_argument(lua, 2, "gsub");
	int type = lua_type(lua, 3);
	lua_Integer count_max = rule_integer_optional(lua, 4, (lua_Integer)subject.length + 1, "gsub");
	if (type == LUA_TNUMBER)
		rule_text_argument(lua, 3, "gsub"); /* turns the number into text where it stands */
	else if (type != LUA_TSTRING && type != LUA_TTABLE && type != LUA_TFUNCTION)
		return rule_error(lua, "gsub: argument 3 must be text, a table or a function, not %s",
		                  rule_type_name(lua, 3));
	struct meter meter;
	luaL_Buffer buffer;
	meter_begin(lua, &meter, subject, pattern, "gsub");
	luaL_buffinit(lua, &buffer);
	lua_Integer count = gsub_run(lua, &buffer, &meter, count_max);
	meter_settle(lua, &meter);
	rule_charge_bytes(lua, subject.length);
	luaL_pushresult(&buffer);
	lua_pushinteger(lua, count);
	return 2;
}

/* ---- split ---- */

/* split(text, separator): the pieces around a plain separator; always at least one. */
static int string_split(lua_State *lua)
{
	struct text rest = rule_text_argument(lua, 1, "split"), separator = rule_text_argument(lua, 2, "split");
	if (separator.length == 0)
		return rule_error(lua, "split: the separator is empty");
	lua_newtable(lua);
	for (lua_Integer n = 1;; n++) {
		size_t at = text_find(lua, rest, separator, 0);
		size_t length = at == SIZE_MAX ? rest.length : at;
		rule_charge(lua, 2 * RULE_FUEL_ITEM);
		lua_pushlstring(lua, rest.data, length);
		lua_rawseti(lua, -2, n);
		if (at == SIZE_MAX)
			return 1;
		rest = text_slice(rest, at + separator.length, rest.length);
	}
}

void rule_pattern_open(lua_State *lua)
{
	static const luaL_Reg functions[] = {
		{ "find", string_find }, { "match", string_match }, { "gmatch", string_gmatch },
		{ "gsub", string_gsub }, { "split", string_split }, { NULL, NULL },
	};
	luaL_setfuncs(lua, functions, 0);
}
