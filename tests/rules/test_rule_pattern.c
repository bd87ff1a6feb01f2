/* test_rule_pattern.c: our pattern matcher gives what Lua's gives, says what is wrong with a pattern, always ends. */
#include "rule_script.h"

#include "rule/rule_pattern.h"

#include <lualib.h>

enum { STEPS = 1000000 };

/* ---- the matcher alone ---- */

/* "2-4 [b] @3": the match, 1-based and inclusive as string.find gives it, then captures; else "none", "spent" or the
 * problem. */
static struct text outcome_text(struct arena *arena, struct pattern_state *state, enum pattern_outcome outcome)
{
	struct text_builder builder;
	if (outcome == PATTERN_MALFORMED)
		return text_of(state->problem);
	if (outcome != PATTERN_MATCHED)
		return text_of(outcome == PATTERN_SPENT ? "spent" : "none");
	builder_init(&builder, arena, 0);
	builder_format(&builder, "%zu-%zu", state->start + 1, state->end);
	for (size_t i = 0; i < state->capture_count; i++) {
		struct pattern_capture capture = state->captures[i];
		if (capture.is_position)
			builder_format(&builder, " @%zu", capture.start + 1);
		else
			builder_format(&builder, " [%.*s]", (int)capture.length, state->subject.data + capture.start);
	}
	return builder_text(&builder);
}

static void check_match(int line, const char *subject, const char *pattern, size_t init, const char *expected)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct pattern_state state = { .steps_left = STEPS };
	check_note("line %d: '%s' in '%s'", line, pattern, subject);
	enum pattern_outcome outcome = pattern_match(&state, text_of(subject), text_of(pattern), init);
	CHECK_EQ_TEXT(outcome_text(&arena, &state, outcome), expected);
	arena_finish(&arena);
}

#define MATCH(subject, pattern, expected) check_match(__LINE__, subject, pattern, 0, expected)

TEST(items_match_one_character_or_many)
{
	MATCH("hello", "l", "3-3");
	MATCH("hello", "l+", "3-4");
	MATCH("hello", "xl*", "none");
	MATCH("hello", "h.-o", "1-5");
	MATCH("hello", "h.-l", "1-3");
	MATCH("hello", "h.*l", "1-4");
	MATCH("color", "colou?r", "1-5");
	MATCH("colour", "colou?r", "1-6");
	MATCH("", "", "1-0");
	MATCH("abc", "", "1-0");
	MATCH("a+b", "a%+b", "1-3");
	MATCH("]", "]", "1-1");
	MATCH("a*", "*", "2-2");
}

TEST(classes_are_ascii_and_have_complements)
{
	MATCH("x1 .Z", "%a%d%s%p%u", "1-5");
	MATCH("x1 .Z", "%l%A%s%P", "none");
	MATCH("x1 .Z", "%l%A%s%D%u%L?", "1-5");
	MATCH("\xe9\x7f", "%W%c", "1-2");
	MATCH("\xe9", "[%a%g%p%s%c]", "none");
}

TEST(sets_hold_ranges_classes_and_brackets)
{
	MATCH("a-b]c", "[a-]+", "1-2");
	MATCH("]x", "[]]", "1-1");
	MATCH("]x", "[^]]", "2-2");
	MATCH("f00d", "^[%da-f]+$", "1-4");
	MATCH("a^b", "[b^]", "2-2");
	MATCH("a%b", "[%%]", "2-2");
	MATCH("2011-09-20", "^%d%d%d%d%-[01]%d%-[0-3]%d$", "1-10");
}

TEST(captures_are_kept_in_the_order_of_their_brackets)
{
	MATCH("2011-09-20", "(%d+)-(%d+)-(%d+)", "1-10 [2011] [09] [20]");
	MATCH("hello", "((h)(e))l", "1-3 [he] [h] [e]");
	MATCH("hello", "()ll()", "3-4 @3 @5");
	MATCH("\"it\"", "([\"'])(.-)%1", "1-4 [\"] [it]");
	MATCH("abcabc", "(abc)%1", "1-6 [abc]");
	MATCH("abcabd", "(abc)%1", "none");
	MATCH("a", "(b?)a%1", "1-1 []");
}

TEST(balance_and_frontier)
{
	MATCH("x(a(b)c)y", "%b()", "2-8");
	MATCH("x(a(b)c", "%b()", "4-6");
	MATCH("THE (quick) fox", "%f[%a]%a+%f[%A]", "1-3");
	MATCH("THE (quick) fox", "%f[%l]%a+", "6-10");
	MATCH("fox", "%f[%z]", "has an unknown '%' class inside a set");
	MATCH("aa", "%baa", "1-2");
}

TEST(anchors_hold_only_at_the_ends_of_the_pattern)
{
	MATCH("ab", "^b", "none");
	MATCH("ab", "^a", "1-1");
	MATCH("ab", "a$", "none");
	MATCH("a$b", "a$b", "1-3");
	MATCH("a^b", "a^b", "1-3");
	check_match(__LINE__, "aaa", "^a", 1, "2-2");
	check_match(__LINE__, "aaa", "a", 3, "none");
	check_match(__LINE__, "aaa", "a", 4, "none");
	check_match(__LINE__, "aaa", "$", 3, "4-3");
}

TEST(a_malformed_pattern_is_refused_before_it_is_used)
{
	MATCH("", "b%", "ends with '%' (write '%%' for the character itself)");
	MATCH("", "b[", "has a '[' without its ']'");
	MATCH("", "b[]", "has a '[' without its ']'");
	MATCH("", "b[^]", "has a '[' without its ']'");
	MATCH("", "b[%]", "has a '[' without its ']'");
	MATCH("", "b(", "has a '(' without its ')'");
	MATCH("", "b)", "has a ')' that closes nothing");
	MATCH("", "b()(()", "has a '(' without its ')'");
	MATCH("", "%b(", "has a '%b' without its two characters");
	MATCH("", "%fa", "has a '%f' without a set behind it");
	MATCH("", "%f[a", "has a '[' without its ']'");
	MATCH("", "%1", "refers to a capture that does not exist");
	MATCH("", "%0", "refers to a capture that does not exist");
	MATCH("", "(a%1)", "refers to a capture that is not closed");
	MATCH("", "()%1", "refers to a position capture, which has no text");
	MATCH("", "%q", "has an unknown '%' class");
	MATCH("", "[%q]", "has an unknown '%' class inside a set");
	MATCH("", "[a-%d]", "has a range that ends with '%', which has no meaning");
	MATCH("", "()()()()()()()()", "1-0 @1 @1 @1 @1 @1 @1 @1 @1");
	MATCH("", "()()()()()()()()()", "has more than 8 captures");
}

TEST(the_place_of_a_problem_counts_from_the_start_of_the_pattern)
{
	struct pattern_state state = { .steps_left = STEPS };
	CHECK_EQ_INT(pattern_match(&state, TEXT(""), TEXT("^ab[c"), 0), PATTERN_MALFORMED);
	CHECK_EQ_INT(state.problem_at, 3);
}

static struct text repeated(struct arena *arena, const char *piece, int count)
{
	struct text_builder builder;
	builder_init(&builder, arena, 0);
	for (int i = 0; i < count; i++)
		builder_c(&builder, piece);
	return builder_text(&builder);
}

TEST(recursion_is_bounded_by_the_check)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct text subject = repeated(&arena, "a", 300);
	struct pattern_state state = { .steps_left = STEPS };
	CHECK_EQ_INT(pattern_match(&state, subject, repeated(&arena, "a?", 199), 0), PATTERN_MATCHED);
	CHECK_EQ_INT(state.end, 199);
	CHECK_EQ_INT(pattern_match(&state, subject, repeated(&arena, "a?", 200), 0), PATTERN_MALFORMED);
	CHECK_EQ_C(state.problem, "is too complex (more than 199 captures and repetitions)");
	arena_finish(&arena);
}

TEST(exponential_patterns_end_when_the_steps_are_spent)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct text subject = repeated(&arena, "a", 5000);
	struct text bombs[] = {
		TEXT(".-.-.-.-b"), TEXT("(.-)(.-)(.-)(.-)b"), TEXT("a*a*a*a*a*a*b"), TEXT("[%w%s]*[%a_]-[^b]*b"),
		repeated(&arena, "a?", 150), TEXT("(a-)%1%1%1b"),
	};
	for (size_t i = 0; i < sizeof bombs / sizeof bombs[0]; i++) {
		check_note("bomb %zu", i);
		struct pattern_state state = { .steps_left = STEPS };
		struct text pattern = text_format(&arena, "%.*sb", TEXT_ARG(bombs[i]));
		CHECK_EQ_INT(pattern_match(&state, subject, pattern, 0), PATTERN_SPENT);
		CHECK_EQ_INT(state.steps_left, 0);
	}
	arena_finish(&arena);
}

TEST(a_match_cut_short_by_the_budget_is_not_a_match)
{
	for (uint64_t steps = 0; steps < 60; steps++) {
		struct pattern_state state = { .steps_left = steps };
		check_note("%llu steps", (unsigned long long)steps);
		enum pattern_outcome outcome = pattern_match(&state, TEXT("aaaaaaaaaaaaaaaaaaaa"), TEXT("a*"), 0);
		if (outcome != PATTERN_SPENT)
			CHECK_EQ_INT(state.end, 20);
		CHECK(outcome == (steps > 22 ? PATTERN_MATCHED : PATTERN_SPENT));
	}
}

TEST(the_same_match_costs_the_same_steps)
{
	uint64_t used[2];
	for (int i = 0; i < 2; i++) {
		struct pattern_state state = { .steps_left = STEPS };
		pattern_match(&state, TEXT("key = value; other = thing"), TEXT("(%w+)%s*=%s*(%w+)$"), 0);
		used[i] = STEPS - state.steps_left;
	}
	CHECK_EQ_INT(used[0], used[1]);
	CHECK(used[0] > 0 && used[0] < 500);
}

/* ---- equality with Lua's own library ---- */

/* A plain state with the standard string library as `lib` and ours as `ours`, on unlimited fuel. */
static lua_State *both_libraries(struct rule_state *state)
{
	lua_State *lua = luaL_newstate();
	CHECK(lua != NULL);
	state->lua = lua;
	state->fuel_limit = INT64_MAX;
	state->results_bytes_most = SIZE_MAX;
	memcpy(lua_getextraspace(lua), &state, sizeof state);
	luaL_requiref(lua, "lib", luaopen_string, 1);
	lua_newtable(lua);
	rule_pattern_open(lua);
	lua_setglobal(lua, "ours");
	lua_settop(lua, 0);
	return lua;
}

static struct text random_text(struct arena *arena, uint64_t *random, const char *const *pieces, size_t piece_count,
                               int64_t count_max)
{
	struct text_builder builder;
	builder_init(&builder, arena, 0);
	for (int64_t n = check_between(random, 0, count_max); n > 0; n--)
		builder_c(&builder, pieces[check_random(random) % piece_count]);
	return builder_text(&builder);
}

static struct text random_pattern(struct arena *arena, uint64_t *random)
{
	static const char *const pieces[] = {
		"a", "b", "a", "1", " ", ".", ".", "%a", "%d", "%s", "%w", "%x", "%p", "%c", "%l", "%u", "%g",
		"%A", "%D", "%S", "%W", "%P", "%G", "[ab]", "[^a]", "[a-c1-9]", "[%d_]", "[^%s]", "[]a]", "[a-]",
		"*", "+", "-", "?", "*", "?", "-", "(", ")", "(", ")", "()", "(a)", "(.-)", "(%w*)", "%1", "%2",
		"%b()", "%bab", "%f[%w]", "%f[^a]", "%%", "%.", "%)", "^", "$", "%", "[", "]", "[^", "b", "c",
	};
	struct text pattern = random_text(arena, random, pieces, sizeof pieces / sizeof pieces[0], 8);
	return check_random(random) % 5 ? pattern : text_format(arena, "^%.*s", TEXT_ARG(pattern));
}

static struct text random_subject(struct arena *arena, uint64_t *random)
{
	static const char *const pieces[] = {
		"a", "b", "c", "ab", "aa", "1", "9", " ", "(", ")", "()", "(a)", "%", "-", "]", "A", "_", "\t",
		"\x7f", "\xe9", ".",
	};
	struct text subject = random_text(arena, random, pieces, sizeof pieces / sizeof pieces[0], 14);
	if (check_random(random) % 8 || subject.length == 0)
		return subject;
	char *bytes = arena_alloc(arena, subject.length);
	memcpy(bytes, subject.data, subject.length);
	bytes[check_random(random) % subject.length] = '\0';
	return (struct text){ bytes, subject.length };
}

/* Calls library.function with the arguments at index 1 .. `count`; leaves its results on top. False on an error. */
static bool library_call(lua_State *lua, const char *library, const char *function, int count)
{
	lua_getglobal(lua, library);
	lua_getfield(lua, -1, function);
	lua_remove(lua, -2);
	for (int i = 1; i <= count; i++)
		lua_pushvalue(lua, i);
	return lua_pcall(lua, count, LUA_MULTRET, 0) == LUA_OK;
}

struct tally {
	int equal, refused_by_both, refused_by_us;
};

static void results_compare(lua_State *lua, int from_lib, int from_ours, int end)
{
	CHECK_EQ_INT(end - from_ours, from_ours - from_lib);
	for (int i = 0; i < from_ours - from_lib; i++) {
		if (lua_rawequal(lua, from_lib + i, from_ours + i))
			continue;
		CHECK_FAIL("result %d: '%s' from the library, '%s' from us", i + 1,
		           luaL_tolstring(lua, from_lib + i, NULL), luaL_tolstring(lua, from_ours + i, NULL));
	}
}

/* What the library refuses we refuse; what both accept gives the same results. */
static void function_compare(lua_State *lua, const char *function, int count, struct tally *tally)
{
	int from_lib = lua_gettop(lua) + 1;
	bool lib_accepts = library_call(lua, "lib", function, count);
	int from_ours = lua_gettop(lua) + 1;
	bool we_accept = library_call(lua, "ours", function, count);
	if (!lib_accepts && we_accept)
		CHECK_FAIL("only the library refuses %s: %s", function, lua_tostring(lua, from_lib));
	if (we_accept)
		results_compare(lua, from_lib, from_ours, lua_gettop(lua) + 1);
	tally->equal += we_accept;
	tally->refused_by_both += !we_accept && !lib_accepts;
	tally->refused_by_us += !we_accept && lib_accepts;
	lua_settop(lua, from_lib - 1);
}

static void tally_print(const char *what, struct tally tally, int equal_min)
{
	printf("# %s: %d equal, %d refused by both, %d by us only\n", what, tally.equal, tally.refused_by_both,
	       tally.refused_by_us);
	CHECK(tally.equal >= equal_min / CHECK_SLOWNESS);
}

TEST(find_and_match_give_what_the_library_gives)
{
	uint64_t random = check_seed();
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct rule_state state = { .arena = &arena, .results = &arena };
	lua_State *lua = both_libraries(&state);
	struct tally tally = { 0, 0, 0 };
	for (int i = 0; i < 30000 / CHECK_SLOWNESS; i++) {
		struct arena_mark mark = arena_mark(&arena);
		struct text subject = random_subject(&arena, &random), pattern = random_pattern(&arena, &random);
		int64_t init = check_between(&random, -16, 16);
		check_note("#%d '%.*s' in '%.*s' from %lld", i, TEXT_ARG(pattern), TEXT_ARG(subject), (long long)init);
		lua_pushlstring(lua, subject.data, subject.length);
		lua_pushlstring(lua, pattern.data, pattern.length);
		lua_pushinteger(lua, init);
		lua_pushboolean(lua, check_random(&random) % 10 == 0);
		function_compare(lua, "find", check_random(&random) % 2 ? 2 : 4, &tally);
		function_compare(lua, "match", 3, &tally);
		lua_settop(lua, 0);
		arena_rewind(&arena, mark);
	}
	tally_print("find and match", tally, 20000);
	lua_close(lua);
	arena_finish(&arena);
}

static void replacement_push(lua_State *lua, uint64_t *random)
{
	static const char *const texts[] = { "", "x", "<%0>", "%1", "[%1%%%2]", "%0%0", "%", "%z" };
	int kind = (int)(check_random(random) % 12);
	if (kind < 8)
		lua_pushstring(lua, texts[kind]);
	else if (kind < 10)
		CHECK(luaL_dostring(lua, "return { a = 'A', ab = 1, aa = false, b = '' }") == LUA_OK);
	else
		CHECK(luaL_dostring(lua, "return function (a, b)\n"
		                         "  return a ~= 'b' and '<' .. a .. (b or '') .. '>'\n"
		                         "end") == LUA_OK);
}

TEST(gsub_gives_what_the_library_gives)
{
	uint64_t random = check_seed();
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct rule_state state = { .arena = &arena, .results = &arena };
	lua_State *lua = both_libraries(&state);
	struct tally tally = { 0, 0, 0 };
	for (int i = 0; i < 20000 / CHECK_SLOWNESS; i++) {
		struct arena_mark mark = arena_mark(&arena);
		struct text subject = random_subject(&arena, &random), pattern = random_pattern(&arena, &random);
		lua_pushlstring(lua, subject.data, subject.length);
		lua_pushlstring(lua, pattern.data, pattern.length);
		replacement_push(lua, &random);
		lua_pushinteger(lua, check_between(&random, -1, 4));
		check_note("#%d '%.*s' in '%.*s'", i, TEXT_ARG(pattern), TEXT_ARG(subject));
		function_compare(lua, "gsub", check_random(&random) % 2 ? 3 : 4, &tally);
		lua_settop(lua, 0);
		arena_rewind(&arena, mark);
	}
	tally_print("gsub", tally, 8000);
	lua_close(lua);
	arena_finish(&arena);
}

/* All matches of library.gmatch as one text; only the first 20. */
static const char all_matches[] = "local library, s, p, init = ...\n"
                                  "local out = {}\n"
                                  "for a, b, c in library.gmatch(s, p, init) do\n"
                                  "  out[#out + 1] = tostring(a) .. ',' .. tostring(b) .. ',' .. tostring(c)\n"
                                  "  if #out == 20 then break end\n"
                                  "end\n"
                                  "return table.concat(out, ';')\n";

static struct text gmatch_text(lua_State *lua, const char *library, struct text subject, struct text pattern,
                               int64_t init)
{
	CHECK(luaL_loadstring(lua, all_matches) == LUA_OK);
	lua_getglobal(lua, library);
	lua_pushlstring(lua, subject.data, subject.length);
	lua_pushlstring(lua, pattern.data, pattern.length);
	lua_pushinteger(lua, init);
	if (lua_pcall(lua, 4, 1, 0) != LUA_OK)
		return TEXT_NONE;
	struct text found;
	found.data = lua_tolstring(lua, -1, &found.length);
	return found;
}

TEST(gmatch_gives_what_the_library_gives)
{
	uint64_t random = check_seed();
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct rule_state state = { .arena = &arena, .results = &arena };
	lua_State *lua = both_libraries(&state);
	luaL_requiref(lua, "_G", luaopen_base, 1);
	luaL_requiref(lua, "table", luaopen_table, 1);
	struct tally tally = { 0, 0, 0 };
	for (int i = 0; i < 10000 / CHECK_SLOWNESS; i++) {
		struct arena_mark mark = arena_mark(&arena);
		struct text subject = random_subject(&arena, &random), pattern = random_pattern(&arena, &random);
		int64_t init = check_between(&random, -16, 16);
		check_note("#%d '%.*s' in '%.*s' from %lld", i, TEXT_ARG(pattern), TEXT_ARG(subject), (long long)init);
		struct text lib = gmatch_text(lua, "lib", subject, pattern, init);
		struct text ours = gmatch_text(lua, "ours", subject, pattern, init);
		CHECK(text_present(lib) || !text_present(ours));
		if (text_present(ours))
			CHECK(text_equals(lib, ours));
		tally.equal += text_present(ours);
		tally.refused_by_both += !text_present(lib);
		tally.refused_by_us += text_present(lib) && !text_present(ours);
		lua_settop(lua, 0);
		arena_rewind(&arena, mark);
	}
	tally_print("gmatch", tally, 4000);
	lua_close(lua);
	arena_finish(&arena);
}

/* ---- arbitrary bytes ---- */

TEST(arbitrary_bytes_stay_inside_their_buffers)
{
	uint64_t random = check_seed();
	static const char bytes[] = "%[]()^$*+-?.abf1\0\xff-";
	for (int i = 0; i < 100000 / CHECK_SLOWNESS; i++) {
		size_t subject_length = check_random(&random) % 12, pattern_length = check_random(&random) % 12;
		/* exactly as long, so that the sanitizer sees a read behind the end */
		char *subject = malloc(subject_length + (subject_length == 0));
		char *pattern = malloc(pattern_length + (pattern_length == 0));
		CHECK(subject != NULL && pattern != NULL);
		for (size_t k = 0; k < subject_length; k++)
			subject[k] = bytes[check_random(&random) % (sizeof bytes - 1)];
		for (size_t k = 0; k < pattern_length; k++)
			pattern[k] = bytes[check_random(&random) % (sizeof bytes - 1)];
		struct pattern_state state = { .steps_left = 20000 };
		enum pattern_outcome outcome =
		        pattern_match(&state, (struct text){ subject, subject_length },
		                      (struct text){ pattern, pattern_length }, check_random(&random) % 13);
		CHECK(outcome != PATTERN_MALFORMED || state.problem_at <= pattern_length);
		CHECK(outcome != PATTERN_MATCHED || (state.start <= state.end && state.end <= subject_length));
		for (size_t k = 0; outcome == PATTERN_MATCHED && k < state.capture_count; k++)
			CHECK(state.captures[k].start + state.captures[k].length <= subject_length);
		free(subject);
		free(pattern);
	}
}

/* ---- in rules ---- */

TEST(rules_have_find_match_gmatch_gsub_and_split)
{
	CHECK_SCRIPT("return ('invoice 42'):find('%d+')", "9 | 10");
	CHECK_SCRIPT("return ('a.b'):find('.', 1, true)", "2 | 2");
	CHECK_SCRIPT("return ('a.b'):find('', 10)", "nil");
	CHECK_SCRIPT("return ('key=value'):match('(%w+)=(%w+)')", "key | value");
	CHECK_SCRIPT("local n = 0 for w in ('one two'):gmatch('%a+') do n = n + #w end return n", "6");
	CHECK_SCRIPT("return ('abc'):gsub('%w', '%0%0')", "aabbcc | 3");
	CHECK_SCRIPT("return ('$name owes'):gsub('%$(%w+)', { name = 'Ann' })", "Ann owes | 1");
	CHECK_SCRIPT("return ('abc'):gsub('b', function (x) return x:upper() end)", "aBc | 1");
	CHECK_SCRIPT("return ('due: $x'):gsub('%$x', { x = 1, ['$x'] = money '5.00 USD' })", "due: 5.00 USD | 1");
	CHECK_SCRIPT("return table.concat(('a,b,,c'):split(','), '|')", "a|b||c");
	CHECK_SCRIPT("return #(''):split(','), (''):split(',')[1]", "1 | ");
	CHECK_SCRIPT("return table.concat(('a--b--'):split('--'), '|')", "a|b|");
}

TEST(mistakes_in_rules_are_named)
{
	CHECK_SCRIPT_FAILS("return ('x'):find('[a')", "find: the pattern '[a' has a '[' without its ']' (at byte 1)");
	CHECK_SCRIPT_FAILS("return ('x'):gmatch('^x')", "gmatch: a pattern with '^' matches once only: use match");
	CHECK_SCRIPT_FAILS("return ('x'):gsub('x', '%2')", "gsub: the replacement uses %2, the pattern has 0 captures");
	CHECK_SCRIPT_FAILS("return ('x'):gsub('x', '%')",
	                   "gsub: a '%' in the replacement is followed by a digit or '%'");
	CHECK_SCRIPT_FAILS("return ('x'):gsub('x', function () return {} end)",
	                   "gsub: the replacement is a table, not text");
	CHECK_SCRIPT_FAILS("return ('x'):gsub('x', true)",
	                   "gsub: argument 3 must be text, a table or a function, not boolean");
	CHECK_SCRIPT_FAILS("return ('x'):split('')", "split: the separator is empty");
}

TEST(a_pattern_bomb_ends_in_spent_fuel_that_no_pcall_catches)
{
	CHECK_SCRIPT_SPENT("return ('a'):rep(5000):find('.-.-.-.-b')");
	CHECK_SCRIPT_SPENT("return pcall(function () return ('a'):rep(5000):match('.-.-.-.-b') end)");
	CHECK_SCRIPT_SPENT("return ('a'):rep(5000):gsub('(.-)(.-)(.-)%1b', '')");
	CHECK_SCRIPT_SPENT("for _ in ('a'):rep(5000):gmatch('a*a*a*a*b') do end");
	CHECK_SCRIPT_SPENT("local s = ('a'):rep(50000) while true do s:find('ab', 1, true) end");
}

TEST(gsub_calling_itself_through_its_function_ends_cleanly)
{
	CHECK_SCRIPT_FAILS("local function f() return (('x'):gsub('x', f)) end return f()", "stack overflow");
}

CHECK_MAIN
