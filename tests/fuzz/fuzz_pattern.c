/* fuzz_pattern.c: Lua patterns: first line the pattern, the rest the subject; beside string.find of Lua itself.
 *
 * A match that took us few steps takes the library few as well, so only those are given to it. The library's state
 * is kept between inputs: nothing is left in it.
 */
#include "fuzz.h"

#include "rule/rule_pattern.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

enum { STEPS_MAX = 20000, STEPS_OF_BOTH = 5000 };

static void captures_check(const struct pattern_state *state, struct text subject)
{
	FUZZ_CHECK(state->start <= state->end && state->end <= subject.length);
	FUZZ_CHECK(state->capture_count <= PATTERN_CAPTURES_MAX);
	for (size_t i = 0; i < state->capture_count; i++) {
		const struct pattern_capture *capture = &state->captures[i];
		FUZZ_CHECK(capture->start <= subject.length && capture->length <= subject.length - capture->start);
	}
}

static lua_State *library(void)
{
	static lua_State *kept;
	if (!kept) {
		kept = luaL_newstate();
		FUZZ_CHECK(kept != NULL);
		luaL_requiref(kept, "string", luaopen_string, 1);
		lua_settop(kept, 0);
	}
	return kept;
}

static void capture_compare(lua_State *lua, int index, const struct pattern_capture *capture, struct text subject)
{
	if (capture->is_position) {
		FUZZ_CHECK(lua_isinteger(lua, index) && (size_t)lua_tointeger(lua, index) == capture->start + 1);
		return;
	}
	size_t length;
	const char *found = lua_tolstring(lua, index, &length);
	FUZZ_CHECK(found && length == capture->length && memcmp(found, subject.data + capture->start, length) == 0);
}

/* The library may refuse what is too complex for it; nothing else that we take. */
static void library_compare(const struct pattern_state *state, bool matched, struct text subject, struct text pattern)
{
	lua_State *lua = library();
	lua_getglobal(lua, "string");
	lua_getfield(lua, -1, "find");
	lua_pushlstring(lua, subject.data, subject.length);
	lua_pushlstring(lua, pattern.data, pattern.length);
	int failed = lua_pcall(lua, 2, LUA_MULTRET, 0);
	if (failed) {
		FUZZ_CHECK(strstr(lua_tostring(lua, -1), "too complex") != NULL);
	} else if (!matched) {
		FUZZ_CHECK(lua_isnil(lua, 2));
	} else {
		FUZZ_CHECK((size_t)lua_tointeger(lua, 2) == state->start + 1 && (size_t)lua_tointeger(lua, 3) == state->end);
		FUZZ_CHECK((size_t)lua_gettop(lua) == 3 + state->capture_count);
		for (size_t i = 0; i < state->capture_count; i++)
			capture_compare(lua, 4 + (int)i, &state->captures[i], subject);
	}
	lua_settop(lua, 0);
}

static void match(struct fuzz *fuzz)
{
	struct text pattern, subject = TEXT("");
	if (!text_split(fuzz->input, '\n', &pattern, &subject))
		subject = TEXT("");
	struct pattern_state state = { .steps_left = STEPS_MAX };
	enum pattern_outcome outcome = pattern_match(&state, subject, pattern, 0);
	if (outcome == PATTERN_MALFORMED)
		FUZZ_CHECK(state.problem != NULL && state.problem_at <= pattern.length);
	if (outcome == PATTERN_SPENT)
		FUZZ_CHECK(state.steps_left == 0);
	if (outcome == PATTERN_MATCHED)
		captures_check(&state, subject);
	if ((outcome == PATTERN_MATCHED || outcome == PATTERN_NO_MATCH) && STEPS_MAX - state.steps_left <= STEPS_OF_BOTH)
		library_compare(&state, outcome == PATTERN_MATCHED, subject, pattern);
}

FUZZ_TARGET(match)
