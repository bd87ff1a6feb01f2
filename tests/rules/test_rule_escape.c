/* test_rule_escape.c: every way known to hang, crash or leave the sandbox of Lua 5.4.4 ends within its fuel. */
#include "rule_fixture.h"

#include "base/clock.h"

#include <pthread.h>

enum { STACK_BYTES = 8 * 1024 * 1024, TIME_LIMIT_MS = 20000 * CHECK_SLOWNESS };

struct escape {
	const char *body;
	enum rule_outcome outcome;
	char cause[600];
	int64_t fuel, took_ms;
};

/* On a thread with the stack that every thread of ours has. */
static void *escape_thread(void *argument)
{
	struct escape *escape = argument;
	struct fixture fixture = { .accounts_loaded = 0 };
	int64_t begin = clock_monotonic_us();
	escape->outcome = body_run(&fixture, "pre", escape->body);
	escape->took_ms = (clock_monotonic_us() - begin) / US_PER_MS;
	escape->fuel = fixture.call.last_trace->fuel;
	snprintf(escape->cause, sizeof escape->cause, "%s", first_cause(&fixture));
	fixture_close(&fixture);
	return NULL;
}

static struct escape escape_run(const char *body)
{
	struct escape escape = { .body = body };
	pthread_t thread;
	pthread_attr_t attributes;
	CHECK_EQ_INT(pthread_attr_init(&attributes), 0);
	CHECK_EQ_INT(pthread_attr_setstacksize(&attributes, STACK_BYTES), 0);
	CHECK_EQ_INT(pthread_create(&thread, &attributes, escape_thread, &escape), 0);
	CHECK_EQ_INT(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attributes);
	return escape;
}

static void check_ends(const char *file, int line, const char *body, const char *part)
{
	struct escape escape = escape_run(body);
	if (escape.outcome != RULE_FAILED)
		check_fail(file, line, "did not fail: %s", body);
	bool by_time = thread_sanitizer && contains(escape.cause, "ms, although it had fuel left");
	if (!by_time && !contains(escape.cause, part))
		check_fail(file, line, "%s\n#   expected: %s\n#   found:    %s", body, part, escape.cause);
	if (escape.took_ms > TIME_LIMIT_MS)
		check_fail(file, line, "%s\n#   took %lld ms", body, (long long)escape.took_ms);
}
#define CHECK_ENDS(body, part) check_ends(__FILE__, __LINE__, (body), (part))
#define FUEL "used up its fuel of 5000000 units"
#define MEMORY "used up its memory"

static void check_works(const char *file, int line, const char *body)
{
	struct escape escape = escape_run(body);
	if (escape.outcome != RULE_OK)
		check_fail(file, line, "%s\n#   failed: %s", body, escape.cause);
}
#define CHECK_WORKS(body) check_works(__FILE__, __LINE__, (body))

/* ---- what is not there (anchors b.2) ---- */

TEST(names_that_open_doors_are_not_declared)
{
	static const char *const names[] = {
		"load", "loadfile", "dofile", "loadstring", "coroutine", "xpcall", "setmetatable", "getmetatable", "rawset",
		"rawget", "rawequal", "rawlen", "collectgarbage", "os", "io", "debug", "warn", "print", "next", "package", "_G",
		"_VERSION", "unpack", "jit", "newproxy",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char body[100], part[100];
		snprintf(body, sizeof body, "return %s", names[i]);
		snprintf(part, sizeof part, "global '%s' is not declared", names[i]);
		CHECK_ENDS(body, part);
	}
}

TEST(members_that_open_doors_do_not_exist)
{
	CHECK_ENDS("return string.dump", "string.dump does not exist");
	CHECK_ENDS("return table.move", "table.move does not exist");
	CHECK_ENDS("return string.pack", "string.pack does not exist");
	CHECK_ENDS("return string.unpack", "string.unpack does not exist");
	CHECK_ENDS("return math.random", "math.random does not exist");
	CHECK_ENDS("return math.huge", "math.huge does not exist");
	CHECK_ENDS("return utf8.charpattern", "utf8.charpattern does not exist");
	CHECK_ENDS("return string.formt", "string.formt does not exist (did you mean 'format'?)");
}

TEST(globals_and_libraries_cannot_be_changed)
{
	CHECK_ENDS("total = 1", "global 'total' is not declared; write local total = ...");
	CHECK_ENDS("string.rep = nil", "the library is read-only");
	CHECK_ENDS("pairs = nil", "global 'pairs' is not declared");
	CHECK_ENDS("table.insert(table, 1)", "insert: argument 1 is read-only");
	CHECK_ENDS("return prais({})", "global 'prais' is not declared (did you mean 'pairs'?)");
}

TEST(the_metatable_of_text_is_out_of_reach)
{
	CHECK_ENDS("('x').rep = 1", "attempt to index a string value");
	CHECK_WORKS("assert(('x').rep == string.rep and ('x'):rep(3) == 'xxx')");
	CHECK_ENDS("return ('x').dump", "string.dump does not exist");
	CHECK_ENDS("return ('x').__index", "string.__index does not exist");
}

TEST(userdata_show_no_metatable_and_no_address)
{
	CHECK_WORKS("for _, value in ipairs{ {}, function () end, order, order.lines, ctx, pairs } do\n"
	            "  assert(not tostring(value):find('0x', 1, true), tostring(value))\n"
	            "end");
	CHECK_WORKS("assert(tostring({}) == 'table' and tostring(pairs) == 'function')");
	CHECK_ENDS("return order.__index", "order has no field '__index'");
	CHECK_ENDS("return ctx.__index", "ctx has no member '__index'");
	CHECK_ENDS("return string.format('%p', {})", "format: '%p' is not available");
}

TEST(rules_cannot_be_declared_by_a_running_rule)
{
	CHECK_ENDS("rule 'more' { task = true, run = function () end }", "rules are declared when a bundle loads");
}

/* ---- time (anchors b.3) ---- */

TEST(endless_loops_end)
{
	CHECK_ENDS("while true do end", FUEL);
	CHECK_ENDS("repeat local x = 1 until false", FUEL);
	CHECK_ENDS("::again:: goto again", FUEL);
	CHECK_ENDS("for i = 1, math.maxinteger do end", FUEL);
	CHECK_ENDS("local function f() return f() end f()", FUEL);
	CHECK_ENDS("while true do log('x') end", FUEL);
}

TEST(a_pcall_does_not_catch_spent_fuel)
{
	CHECK_ENDS("while true do pcall(function () while true do end end) end", FUEL);
	CHECK_ENDS("local function spin() pcall(spin) while true do end end spin()", FUEL);
	CHECK_ENDS("pcall(pcall, pcall, function () while true do end end) order.plan = 'x'", FUEL);
}

TEST(fuel_is_what_the_trace_says)
{
	struct escape escape = escape_run("while true do end");
	CHECK_EQ_INT(escape.fuel, RULE_FUEL_DEFAULT);
}

TEST(patterns_pay_for_their_steps)
{
	CHECK_ENDS("local s = ('a'):rep(200) return s:find('.-.-.-.-b')", FUEL);
	CHECK_ENDS("return (('a'):rep(24)):find(('a?'):rep(24) .. ('a'):rep(24))", FUEL);
	CHECK_ENDS("local s = ('a'):rep(65000) return s:match('(.-)(.-)(.-)(.-)%1x')", FUEL);
	CHECK_ENDS("local s = ('('):rep(60000) return s:gsub('%b()', '')", FUEL);
	CHECK_ENDS("local s = ('a'):rep(50000) while true do s:find('b', 1, true) end", FUEL);
	CHECK_ENDS("local s = ('a'):rep(65000) for w in s:gmatch('.-.-.-b') do end", FUEL);
}

TEST(rep_pays_for_its_count)
{
	CHECK_WORKS("assert((''):rep(1e15) == '')");
	CHECK_WORKS("assert((''):rep(math.maxinteger, '') == '')");
	CHECK_ENDS("return ('x'):rep(1e15)", "rep: the text would be longer");
	CHECK_ENDS("return ('x'):rep(math.maxinteger, 'yy')", "rep: the text would be longer");
	CHECK_ENDS("while true do (('x'):rep(1000)):upper() end", MEMORY);
	CHECK_ENDS("return ('x'):rep(300000)", MEMORY);
}

TEST(moving_items_is_charged)
{
	CHECK_ENDS("local t = {} for i = 1, 20000 do table.insert(t, 1, i) end", FUEL);
	CHECK_ENDS("local t = {} for i = 1, 9000 do t[i] = i end for i = 1, 9000 do table.remove(t, 1) end", FUEL);
	CHECK_ENDS("table.insert({}, 5, 1)", "insert: position 5 is not in 1 to 1");
	CHECK_ENDS("return table.unpack({}, 1, 1e8)", "unpack: at most 250 values at once");
	CHECK_ENDS("return table.unpack({}, math.mininteger, math.maxinteger)", "unpack: at most 250 values at once");
	CHECK_ENDS("return ('x'):rep(1000):byte(1, -1)", "byte: at most 250 bytes at once");
}

TEST(sorting_is_charged_and_takes_any_comparator)
{
	CHECK_ENDS("local t = {} for i = 1, 20000 do t[i] = -i end while true do table.sort(t) end", "used up");
	CHECK_ENDS("local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function () while true do end end)", FUEL);
	CHECK_WORKS("local t = {} for i = 1, 1000 do t[i] = i % 7 end\n"
	            "table.sort(t, function () return true end) assert(#t == 1000)\n"
	            "table.sort(t, function () return false end) assert(#t == 1000)");
	CHECK_ENDS("table.sort({ 3, 1, 2 }, function (a, b) error('compared') end)", "compared");
	CHECK_ENDS("table.sort({ 1, 'a' })", "sort: cannot compare");
	CHECK_ENDS("table.sort({ {}, {} })", "attempt to compare two table values");
	CHECK_WORKS("local t = { 5, 3, 1 } table.sort(t, function (a, b) t[1] = nil return a < b end) assert(t[1] == 1 and t[3] == 5)");
}

TEST(walking_tables_is_charged)
{
	CHECK_ENDS("local t = {} for i = 1, 5000 do t['k' .. i] = i end while true do for k in pairs(t) do break end end", "used up");
	CHECK_ENDS("local t = {} for i = 1, 20000 do t[i] = i end while true do table.concat(t, ',') end", "used up");
	CHECK_ENDS("return table.concat({}, ',', 1, math.maxinteger)", "item 1 is nil");
}

TEST(equal_long_texts_cannot_be_compared_for_ever)
{
	CHECK_ENDS("local a, b = ('x'):rep(65000), ('x'):rep(65000) while true do local _ = a == b end", "the rule ");
}

/* ---- memory ---- */

TEST(memory_ends_for_good)
{
	CHECK_ENDS("local t = {} while true do t[#t + 1] = {} end", MEMORY);
	CHECK_ENDS("local s = 'x' while true do s = s .. s end", MEMORY);
	CHECK_ENDS("local t = {} while true do pcall(function () t[#t + 1] = ('x'):rep(50000) end) end", MEMORY);
	CHECK_ENDS("while true do pcall(string.rep, 'x', 60000) end", MEMORY);
	CHECK_ENDS("local s = '' for i = 1, 1e9 do s = s .. 'x' end", MEMORY);
	CHECK_ENDS("local t = {} for i = 1, 1e9 do t[i] = i end", MEMORY);
	CHECK_ENDS("while true do local t = { {}, {}, {}, {} } end", MEMORY);
}

TEST(a_doomed_call_runs_no_more_lua)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_EQ_INT(body_run(&fixture, "pre", "pcall(function () local s = 'x' while true do s = s .. s end end)\norder.plan = 'caught'"),
	             RULE_FAILED);
	CHECK_EQ_TEXT(fixture.order.plan, "gold");
	CHECK_CONTAINS(first_cause(&fixture), "rules/test.lua:2");
	fixture_close(&fixture);
}

/* ---- depth ---- */

TEST(deep_recursion_ends)
{
	CHECK_ENDS("local function f(n) return 1 + f(n + 1) end f(1)", "used up its memory");
	CHECK_ENDS("local function f() f() end f()", "used up its memory");
	CHECK_ENDS("local function f() pcall(f) while true do end end f()", "used up its fuel");
	CHECK_ENDS("local function f(x) return (x:gsub('.', f)) end f('x')", "C stack overflow");
	CHECK_ENDS("local function f() return table.sort({ 2, 1 }, f) end f()", "C stack overflow");
	CHECK_ENDS("local function f() return pcall(f) end while true do f() end", "used up");
	CHECK_ENDS("local t = {} for i = 1, 1000 do t = { t = t } end ctx:command('x.y', t)", "nested more than 16 deep");
}

/* ---- error values ---- */

TEST(odd_error_values_are_told_without_being_called)
{
	CHECK_ENDS("error(setmetatable)", "global 'setmetatable' is not declared");
	CHECK_ENDS("error({ code = {}, message = function () end })", "error of type table");
	CHECK_ENDS("error({ message = ('x'):rep(5000) })", "xxx");
	CHECK_ENDS("error(('x'):rep(65000))", "xxx");
	CHECK_ENDS("local e = {} e.message = e error(e)", "error of type table");
	CHECK_ENDS("error(order.lines)", "error of type userdata");
	CHECK_ENDS("error(money '1 USD')", "error of type userdata");
	CHECK_ENDS("error()", "error of type nil");
	CHECK_ENDS("error('x', -5)", "x");
	CHECK_ENDS("error('x', math.maxinteger)", "x");
}

/* ---- numbers and conversions ---- */

TEST(conversions_do_not_overflow)
{
	CHECK_WORKS("assert(tonumber('0x10') == 16 and tonumber('z', 36) == 35 and tonumber('8', 8) == nil)");
	CHECK_WORKS("assert(tonumber('99999999999999999999', 10) == nil)");
	CHECK_WORKS("assert(tonumber({}) == nil and tonumber('1e') == nil)");
	CHECK_ENDS("return math.abs(math.mininteger)", "abs: the result does not fit");
	CHECK_ENDS("return ('%d'):format(3.5)", "format: %d needs a whole number, not 3.5");
	CHECK_ENDS("return ('%d'):format('3')", "format: %d needs a whole number, not '3'");
	CHECK_ENDS("return ('%100d'):format(3)", "width and precision are at most 99");
	CHECK_ENDS("return ('%.100f'):format(3)", "width and precision are at most 99");
	CHECK_ENDS("return ('%'):format(3)", "is not available");
	CHECK_ENDS("return ('%d %d'):format(3)", "there is no argument for '%d'");
	CHECK_WORKS("assert(('%99.99f'):format(1e308):len() > 400)");
	CHECK_WORKS("assert(('%05d|%-5d|%+d|% d|%x|%.3f|%5.1s|%%'):format(42, 42, 42, 42, 255, 2.5, 'abc') ==\n"
	            "  '00042|42   |+42| 42|ff|2.500|    a|%')");
	CHECK_WORKS("assert(('%d'):format(math.mininteger) == '-9223372036854775808')");
	CHECK_WORKS("assert(('%s %s'):format(money '1.50 USD', {}) == '1.50 USD table')");
	CHECK_ENDS("return select(0)", "select: argument 1 is out of range");
	CHECK_ENDS("return select(-5, 1)", "select: argument 1 is out of range");
	CHECK_WORKS("assert(select('#', 1, nil, nil) == 3 and select(-1, 1, 2) == 2 and select(2, 'a', 'b') == 'b')");
}

TEST(parts_of_text_stay_inside_it)
{
	CHECK_WORKS("local s = 'hello'\n"
	            "assert(s:sub(2, 3) == 'el' and s:sub(-2) == 'lo' and s:sub(0) == s and s:sub(10) == '')\n"
	            "assert(s:sub(math.mininteger, math.maxinteger) == s and s:sub(math.maxinteger) == '')\n"
	            "assert(s:byte(-1) == 111 and s:byte(10) == nil and select('#', s:byte(math.mininteger, 2)) == 2)\n"
	            "assert(s:reverse() == 'olleh' and s:upper() == 'HELLO' and string.char(72, 105) == 'Hi')\n"
	            "assert(utf8.char(8364) == '\\u{20ac}' and utf8.len('\\u{20ac}x') == 2 and utf8.codepoint('\\u{20ac}') == 8364)\n"
	            "assert(utf8.len('\\xff') == nil)");
	CHECK_ENDS("return utf8.char(0xd800)", "char: 55296 is no character");
	CHECK_ENDS("return string.char(256)", "char: argument 1 is not 0 to 255");
}

/* ---- sources ---- */

static void check_refused(const char *source, const char *part)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, source);
	if (fixture.bundle)
		CHECK_FAIL("loaded: %.100s", source);
	CHECK_CONTAINS(first_cause(&fixture), part);
	fixture_close(&fixture);
}

TEST(sources_that_this_lua_compiles_wrongly_are_refused)
{
	check_refused("local x = 1 ~ 2", "rules/test.lua:1: '~': bit operators are not available");
	check_refused("\n\nlocal x = 1 | (2 or 3)", "rules/test.lua:3: '|': bit operators");
	check_refused("local x = 1 & 2", "bit operators");
	check_refused("local x = 1 << 2", "'<<': bit operators");
	check_refused("local x = 1 >> 2", "'>>': bit operators");
	check_refused("local x = ~1", "bit operators");
	check_refused("local _ENV = {}", "'_ENV': rules have no environment of their own");
	check_refused("local a = a._ENV._ENV", "'_ENV'");
	check_refused("local x <close> = nil", "<close> is not available");
	check_refused("local x < close > = nil", "<close> is not available");
	check_refused("local x <\nclose\n> = nil", "<close> is not available");
	check_refused("local x <--[[ ]]close--\n> = nil", "<close> is not available");
	check_refused("-- a comment ends here\r local x = 1 | 2", "bit operators");
	check_refused("local s = 'a\\\r\n' local x = 1 | 2 --'", "bit operators");
	check_refused("local s = 'a\\\n\r' local x = 1 | 2 --'", "bit operators");
	check_refused("local x = 0xe-_ENV.y", "'_ENV'");
	check_refused("local x = 9223372036854775808", "does not fit an integer");
	check_refused("\x1bLua", "this is bytecode");
}

TEST(the_same_signs_in_texts_and_comments_are_no_operators)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "-- a | b & c ~ d << e >> f _ENV\n"
	           "--[==[ 1 | 2 ]] ]==]\n"
	           "local s = 'a|b\\'&' .. \"~\\\"<<\" .. [[ >> ]] .. [=[ ]] | ]=]\n"
	           "local z = 'a\\z\n   | b'\n"
	           "assert(1 ~= 2 and 1 <= 2 and 2 >= 1 and 1 < 2 and 2 > 1)\n"
	           "local t, c <const> = { [1] = 0x7fffffffffffffff, [2] = 1e308, [3] = 9223372036854775807 }, 5\n"
	           "assert(t[1 + 0] == t[3])");
	fixture_close(&fixture);
}

TEST(long_sources_and_chains_are_refused_or_end)
{
	struct fixture fixture;
	fixture_open(&fixture);
	struct text_builder source;
	builder_init(&source, &fixture.arena, 0);
	builder_c(&source, "local a = {} local x = a");
	while (source.length < RULE_FILE_BYTES_MAX + 10)
		builder_c(&source, ".b");
	check_refused(builder_text(&source).data, "bytes; 65536 are allowed");
	builder_init(&source, &fixture.arena, 0);
	builder_c(&source, "rule 't' { pre = 'order.create', run = function () local a = {} return a");
	while (source.length < 60000)
		builder_c(&source, ".bcd");
	builder_c(&source, " end }");
	struct fixture other = { .accounts_loaded = 0 };
	CHECK_EQ_INT(source_run(&other, builder_text(&source).data), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&other), "attempt to index a nil value (field 'bcd')");
	fixture_close(&other);
	builder_init(&source, &fixture.arena, 0);
	builder_c(&source, "local x = ");
	while (source.length < 60000)
		builder_byte(&source, '(');
	check_refused(builder_text(&source).data, "C stack overflow");
	builder_init(&source, &fixture.arena, 0);
	builder_c(&source, "local x = {");
	while (source.length < 60000)
		builder_c(&source, "{},");
	builder_c(&source, "}");
	struct rule_bundle *bundle = source_load(&fixture, builder_text(&source).data);
	CHECK(bundle != NULL);
	rule_bundle_release(bundle);
	fixture_close(&fixture);
}

TEST(loading_is_metered_too)
{
	check_refused("while true do end", "rules/test.lua:1: the rule used up its fuel");
	check_refused("local s = 'x' while true do s = s .. s end", "used up its memory");
}

TEST(thousands_of_bad_calls_leave_good_ones_alone)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'bad' { pre = 'order.create', run = function (order) local t = {} while true do t[#t + 1] = {} end end }\n"
	                                       "rule 'good' { pre = 'order.create', run = function (order) order.external_key = 'fine' end }");
	CHECK(fixture.bundle != NULL);
	for (int i = 0; i < 300; i++) {
		struct arena_mark mark = arena_mark(&fixture.arena);
		fixture.call = call_of(&fixture);
		fixture.call.subject_writable = order_writable;
		CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_FAILED);
		fixture.order.external_key = TEXT_NONE;
		CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 1)), RULE_OK);
		CHECK_EQ_TEXT(fixture.order.external_key, "fine");
		fixture.order.external_key = TEXT_NONE;
		problems_init(&fixture.problems, &fixture.arena);
		arena_rewind(&fixture.arena, mark);
	}
	fixture_close(&fixture);
}

CHECK_MAIN
