/* rule_script.h: runs a few lines of Lua in a state of the rule host, for tests.
 *
 *     CHECK_SCRIPT("return money '1.00 USD' + money '2.00 USD'", "3.00 USD");
 *     CHECK_SCRIPT_FAILS("return money '1.00 USD' / 2", "use :portion");
 *     CHECK_SCRIPT_SPENT("while true do end");
 */
#ifndef MOONBILL_TESTS_RULE_SCRIPT_H
#define MOONBILL_TESTS_RULE_SCRIPT_H

#include "check.h"
#include "rule/rule_library.h"
#include "rule/rule_state.h"

struct script {
	const char *source;
	struct text result; /* results as tostring gives them, joined by " | " */
};

static int script_call(lua_State *lua)
{
	struct script *script = lua_touserdata(lua, 1);
	struct text_builder builder;
	builder_init(&builder, rule_state_of(lua)->results, 0);
	lua_settop(lua, 0);
	if (luaL_loadbufferx(lua, script->source, strlen(script->source), "=test", "t") != LUA_OK)
		return lua_error(lua);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	lua_setupvalue(lua, 1, 1);
	lua_call(lua, 0, LUA_MULTRET);
	int count = lua_gettop(lua);
	for (int i = 1; i <= count; i++) {
		builder_c(&builder, i > 1 ? " | " : "");
		builder_add(&builder, rule_push_text(lua, i));
	}
	script->result = builder_text(&builder);
	return 0;
}

/* The results, or the failure, of `source`; *failed says which. `fuel` 0 = the default. */
__attribute__((unused)) static struct text script_run(struct arena *arena, const char *source, int64_t fuel,
                                                      bool *failed)
{
	struct problems problems;
	problems_init(&problems, arena);
	struct rule_state state = { .results = arena, .problems = &problems };
	struct script script = { .source = source, .result = TEXT_NONE };
	if (!rule_state_begin(&state, RULE_MEMORY_BYTES_DEFAULT, fuel ? fuel : RULE_FUEL_DEFAULT))
		CHECK_FAIL("no state");
	*failed = !rule_protected(&state, script_call, &script);
	if (*failed)
		script.result = text_of(rule_failure_text(&state));
	rule_state_end(&state);
	return script.result;
}

__attribute__((unused)) static void check_script(const char *file, int line, const char *source, const char *expected,
                                                 bool fails)
{
	struct arena arena;
	bool failed;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		check_fail(file, line, "no memory");
	struct text found = script_run(&arena, source, 0, &failed);
	bool as_expected = fails ? memmem(found.data, found.length, expected, strlen(expected)) != NULL
	                         : text_is(found, expected);
	if (failed != fails || !as_expected)
		check_fail(file, line, "%s\n#   expected%s: %s\n#   found%s:    %.*s", source, fails ? " failure" : "",
		           expected, failed ? " failure" : "", TEXT_ARG(found));
	arena_finish(&arena);
}

#define CHECK_SCRIPT(source, expected) check_script(__FILE__, __LINE__, source, expected, false)
/* The failure contains `part`. */
#define CHECK_SCRIPT_FAILS(source, part) check_script(__FILE__, __LINE__, source, part, true)

/* Ended by its fuel, or by the wall time behind it, which a sanitizer or a busy machine reaches first. */
__attribute__((unused)) static void check_script_spent(const char *file, int line, const char *source)
{
	static const char *const ends[] = { "used up its fuel", "ms, although it had fuel left" };
	struct arena arena;
	bool failed;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		check_fail(file, line, "no memory");
	struct text found = script_run(&arena, source, 0, &failed);
	bool spent = false;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		spent = spent || memmem(found.data, found.length, ends[i], strlen(ends[i])) != NULL;
	if (!failed || !spent)
		check_fail(file, line, "%s\n#   expected: spent fuel\n#   found:    %.*s", source, TEXT_ARG(found));
	arena_finish(&arena);
}

#define CHECK_SCRIPT_SPENT(source) check_script_spent(__FILE__, __LINE__, source)

#endif
