/* test_rule_hostile.c: scripts that mean harm: each ends with a problem or well, in its fuel, and leaves no trace. */
#include "rule_fixture.h"

#include "rule/rule_bundle.h"
#include "rule/rule_memory.h"

#include <pthread.h>

enum { STACK_BYTES = 8 * 1024 * 1024 };

/* What a pristine state answers; a call after a hostile one must answer the same. */
static const char canary[] =
	"local names = {}\n"
	"for _, of in ipairs{ string, table, math, utf8 } do for name in pairs(of) do names[#names + 1] = name end end\n"
	"order.external_key = #names .. ('x'):rep(3) .. tostring(money '1.00 USD' + money '2.00 USD') .. ctx.settings.limit ..\n"
	"  order.custom.color .. tostring(ctx.today) .. ctx:random(1000000) .. ('a-b'):gsub('%-', '+') .. #order.lines";

struct hostile {
	const char *moment, *body;
	enum rule_outcome outcome;
	char cause[600], canary[200];
	int64_t fuel, canary_fuel;
};

static void canary_run(struct hostile *hostile)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre", canary);
	snprintf(hostile->canary, sizeof hostile->canary, "%.*s", TEXT_ARG(fixture.order.external_key));
	hostile->canary_fuel = fixture.call.last_trace->fuel;
	fixture_close(&fixture);
}

/* On a thread with the stack that every thread of ours has: the hostile call, then a canary on the same image. */
static void *hostile_thread(void *argument)
{
	struct hostile *hostile = argument;
	struct fixture fixture = { .accounts_loaded = 0 };
	hostile->outcome = body_run(&fixture, hostile->moment, hostile->body);
	hostile->fuel = fixture.call.last_trace->fuel;
	snprintf(hostile->cause, sizeof hostile->cause, "%s", first_cause(&fixture));
	fixture_close(&fixture);
	canary_run(hostile);
	return NULL;
}

static struct hostile hostile_run(const char *moment, const char *body)
{
	struct hostile hostile = { .moment = moment, .body = body };
	pthread_t thread;
	pthread_attr_t attributes;
	CHECK_EQ_INT(pthread_attr_init(&attributes), 0);
	CHECK_EQ_INT(pthread_attr_setstacksize(&attributes, STACK_BYTES), 0);
	CHECK_EQ_INT(pthread_create(&thread, &attributes, hostile_thread, &hostile), 0);
	CHECK_EQ_INT(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attributes);
	return hostile;
}

/* The backstop behind the fuel, which a sanitizer or a busy machine reaches first: the one end that is not reproducible. */
static bool ended_by_time(const struct hostile *hostile)
{
	return contains(hostile->cause, "ms, although it had fuel left");
}

/* `part` NULL: ends well. Twice, because the second call has the same fuel and the same words. */
static void check_hostile(const char *file, int line, const char *moment, const char *body, const char *part)
{
	struct hostile clean = { .moment = moment };
	if (thread_sanitizer && (contains(body, "while true") || contains(body, "pcall")))
		return;
	canary_run(&clean);
	struct hostile first = hostile_run(moment, body), again = hostile_run(moment, body);
	enum rule_outcome expected = part ? RULE_FAILED : RULE_OK;
	if (first.outcome != expected)
		check_fail(file, line, "%s\n#   %s: %s", body, part ? "did not fail" : "failed", first.cause);
	bool by_time = ended_by_time(&first) || ended_by_time(&again);
	if (part && !by_time && !contains(first.cause, part))
		check_fail(file, line, "%s\n#   expected: %s\n#   found:    %s", body, part, first.cause);
	if (strcmp(first.canary, clean.canary) != 0 || first.canary_fuel != clean.canary_fuel)
		check_fail(file, line, "%s\n#   left something behind: %s (%lld)\n#   clean: %s (%lld)", body, first.canary,
		           (long long)first.canary_fuel, clean.canary, (long long)clean.canary_fuel);
	if (by_time)
		fprintf(stderr, "# by time: %s\n", body);
	else if (first.fuel != again.fuel || strcmp(first.cause, again.cause) != 0)
		check_fail(file, line, "%s\n#   fuel %lld, then %lld\n#   %s\n#   %s", body, (long long)first.fuel, (long long)again.fuel,
		           first.cause, again.cause);
}
#define CHECK_ENDS(body, part) check_hostile(__FILE__, __LINE__, "pre", (body), (part))
#define CHECK_ENDS_IN(moment, body, part) check_hostile(__FILE__, __LINE__, (moment), (body), (part))
#define CHECK_WORKS(body) check_hostile(__FILE__, __LINE__, "pre", (body), NULL)
#define FUEL "used up its fuel of 5000000 units"
#define MEMORY "used up its memory"

/* ---- read-only tables ---- */

TEST(pairs_does_not_hand_out_the_table_behind_a_read_only_one)
{
	CHECK_ENDS("local _, real = pairs(string) real.rep = function () return 'mine' end", "the library is read-only");
	CHECK_ENDS("local _, real = pairs(ctx.settings) real.limit = 100", "this table is read-only");
	CHECK_ENDS("local _, real = pairs(ctx.settings.retry) real.max_attempts = 100", "this table is read-only");
	CHECK_ENDS("local _, real = pairs(order.custom) real.color = 'blue'", "this table is read-only");
	CHECK_ENDS_IN("post", "local _, real = ipairs(order.custom.sizes) real[1] = 2", "this table is read-only");
}

TEST(nothing_shared_can_be_changed)
{
	CHECK_ENDS("math.max = math.min", "the library is read-only");
	CHECK_ENDS("utf8.len = nil", "the library is read-only");
	CHECK_ENDS("table.sort(string)", "sort: argument 1 is read-only");
	CHECK_ENDS("table.remove(ctx.settings.names, 1)", "remove: argument 1 is read-only");
	CHECK_ENDS("table.insert(order.custom.sizes, 9)", "insert: argument 1 is read-only");
	CHECK_ENDS("table.sort(order.custom.sizes, function (a, b) return true end)", "sort: argument 1 is read-only");
	CHECK_ENDS("ctx.settings.limit = 4", "this table is read-only");
	CHECK_ENDS("ctx.settings.retry.max_attempts = 4", "this table is read-only");
	CHECK_ENDS("ctx.now = nil", "ctx cannot be assigned to");
	CHECK_ENDS("ctx.reject = function () end", "ctx cannot be assigned to");
	CHECK_ENDS("(money '1 USD').minor = 5", "cannot be changed");
	CHECK_ENDS("order.copy = 1", "order has no field 'copy'");
	CHECK_WORKS("for _, of in ipairs{ string, table, math, utf8 } do\n"
	            "  for name, value in pairs(of) do assert(not pcall(function () of[name] = 1 end)) end\n"
	            "end");
	CHECK_WORKS("local t = table.pack(table.unpack(ctx.settings.names)) t[1] = 'z' assert(ctx.settings.names[1] == 'a')");
	CHECK_WORKS("string.gsub('abc', '.', ctx.settings) string.gsub('color', '%w+', order.custom)");
}

/* ---- time ---- */

TEST(loops_in_every_disguise_end)
{
	CHECK_ENDS("local function f() while true do pcall(f) end end f()", "used up");
	CHECK_ENDS("while true do pcall(error) end", FUEL);
	CHECK_ENDS("while true do pcall(error, {}) end", "used up");
	CHECK_ENDS("while true do pcall(string.rep) end", "used up");
	CHECK_ENDS("while true do pcall(ctx.reject, 1, 2, 3) end", "used up");
	CHECK_ENDS("local t = { 1 } for _ in ipairs(t) do t[#t + 1] = 1 end", "used up");
	CHECK_ENDS("local t = { a = 1 } while true do for k in pairs(t) do t[k .. 'x'] = 1 end end", "used up");
	CHECK_ENDS("for i = 1, math.huge or 1 do end", "math.huge does not exist");
	CHECK_ENDS("for i = 1, 1e308 do end", FUEL);
	CHECK_ENDS("for i = math.mininteger, math.maxinteger do end", FUEL);
	CHECK_ENDS("(('x'):rep(60000)):gsub('.', function () while true do end end)", FUEL);
	CHECK_ENDS("while true do (('x'):rep(100)):gsub('.', '%0%0') end", "used up");
	CHECK_ENDS("for w in (('x'):rep(60000)):gmatch('()') do (('x'):rep(600)):find('y') end", "used up");
	CHECK_ENDS("local t = {} for i = 1, 200 do t[i] = i end while true do table.sort(t, function (a, b) return a > b end) end", "used up");
	CHECK_ENDS("while true do local _ = order.lines end", FUEL);
	CHECK_ENDS("while true do order:copy() end", MEMORY);
	CHECK_ENDS("while true do local _ = #order.lines == #order.lines end", FUEL);
	CHECK_ENDS("while true do ctx:random(2) end", FUEL);
	CHECK_ENDS("while true do ctx:id() end", "used up");
	CHECK_ENDS("while true do pcall(ctx.note, ctx, 'x') end", "used up");
	CHECK_ENDS("local s = ('ab,'):rep(20000) while true do s:split(',') end", "used up");
	CHECK_ENDS("while true do tostring(date '2011-09-20') end", "used up");
	CHECK_ENDS("local m = money '1.00 USD' while true do m = m:portion(1, 1):round() end", "used up");
}

/* Without a loop and a function of its own a rule runs without the hook (rule_straight.h): what it has others do is paid for. */
TEST(rules_without_a_loop_pay_for_what_they_call)
{
	CHECK_ENDS("local _ = (('a'):rep(60000)):find('.-.-.-.-b')", FUEL);
	CHECK_ENDS("local _ = (('a'):rep(60000)):gsub('.', (('a'):rep(60000)):gmatch('.-.-.-b'))", FUEL);
	CHECK_ENDS("local _ = (('a'):rep(600)):gsub('', (('a'):rep(60000)):gmatch('.-.-b'))", FUEL);
	CHECK_ENDS("local _ = (('a'):rep(60000)):gsub('a', string.rep)", "argument 2 must be an integer");
	CHECK_ENDS("local _ = (('a'):rep(60000)):gsub('()', string.char)", "char: argument 1");
	CHECK_WORKS("local _ = (('a'):rep(20000)):gsub('.', pcall)");
	CHECK_WORKS("local _ = (('a'):rep(30000)):gsub('.', string.upper)");
	CHECK_ENDS("pcall(pcall, pcall, string.find, ('a'):rep(60000), '.-.-.-.-b') order.external_key = 'caught'", FUEL);
	CHECK_ENDS("table.sort({ 3, 2, 1 }, table.sort)", "sort: argument 1 must be a table");
	CHECK_WORKS("table.sort({ 3, 2, 1 }, pcall)");
	CHECK_WORKS("pcall(string.rep, 'x', 1e15)");
	CHECK_ENDS("pcall(string.rep, 'x', 300000)", MEMORY);
	CHECK_ENDS("local s = ('x'):rep(60000) order.external_key = table.concat({ s, s }, s)", MEMORY);
	CHECK_ENDS("return pcall, pcall(pcall, error), pairs(order), ipairs(order.lines)", "returns nothing");
	CHECK_ENDS("error(pairs)", "error of type function");
}

/* What a file prepares when it is run cannot outlive a call, nor run outside of its fuel. */
TEST(what_a_file_prepares_is_metered_and_new_in_each_call)
{
	static const char *const files[] = {
		"local step = pairs{ function () while true do end end }\nrule 'x' { pre = 'order.create', run = function () local _, f = step() f() end }",
		"local next_of, t, first = pairs{ {}, spin = function () while true do end end }\n"
		"rule 'x' { pre = 'order.create', run = function () next_of() local _, f = next_of() f() end }",
		"local held = {}\nrule 'x' { pre = 'order.create', run = function (order, ctx)\n"
		"if held.order then error('kept') end held.order, held.ctx = order, ctx while true do local _ = held.order.plan end end }",
		"local word = ('a'):gmatch('.')\nrule 'x' { pre = 'order.create', run = function () assert(word() == 'a') while true do end end }",
	};
	for (size_t i = 0; i < sizeof files / sizeof *files && !thread_sanitizer; i++) {
		struct fixture fixture;
		fixture_open(&fixture);
		fixture.bundle = source_load(&fixture, files[i]);
		CHECK(fixture.bundle != NULL);
		for (int again = 0; again < 3; again++) {
			fixture.call = call_of(&fixture);
			CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_FAILED);
			CHECK_CONTAINS(problem_last(&fixture.problems)->cause, "the rule ");
		}
		fixture_close(&fixture);
	}
}

/* { value, [2] = value, [4] = value ... }: its length is 2^62, and so is what walks 1..#t. */
static const char *endless_table(struct arena *arena, const char *value)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_format(&out, "{ %s", value);
	for (int power = 1; power <= 62; power++)
		builder_format(&out, ", [%lld] = %s", 1LL << power, value);
	builder_c(&out, " }");
	return builder_text(&out).data;
}

TEST(tables_that_claim_any_length_are_paid_for)
{
	static const char *const bodies[] = {
		"table.concat(t)", "table.insert(t, 1, 0)", "table.remove(t, 1)", "table.sort(t)", "for _ in pairs(t) do end",
		"order.lines = t", "order.custom = t", "table.unpack(t)", "(money '1 USD'):allocate(t)", "ctx:command('x', t)",
		"ctx:command('x', { t })", "for i = 1, #t do end",
	};
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		const char *table = endless_table(&arena, i == 5 ? "{ quantity = 1 }" : i == 8 ? "1" : "'x'");
		CHECK_ENDS(text_format(&arena, "local t = %s assert(#t > 1000000000000) %s error('end')", table, bodies[i]).data, "");
	}
	arena_finish(&arena);
}

TEST(a_list_of_events_that_claims_any_length_is_refused)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, text_format(&fixture.arena, "rule 'x' { post = %s, run = function () end }",
	                                                   endless_table(&fixture.arena, "'order.create'")).data);
	CHECK(fixture.bundle == NULL);
	CHECK_CONTAINS(first_cause(&fixture), "rules/test.lua:1: rule 'x': post lists more than all events there are");
	fixture_close(&fixture);
}

/* ---- depth ---- */

TEST(recursion_through_c_functions_ends)
{
	CHECK_ENDS("local function f() return (('x'):gsub('x', f)) end f()", "C stack overflow");
	CHECK_ENDS("local function f() table.sort({ 1, 2, 3 }, f) return true end f()", "C stack overflow");
	CHECK_ENDS("local function f() local ok, e = pcall(f) if not ok then error(e, 0) end end f()", "overflow");
	CHECK_ENDS("local function f() for _ in ('x'):gmatch('x') do f() end end f()", "used up");
	CHECK_ENDS("local function f(n) if n > 0 then return pcall(f, n - 1) end end f(190) local function g() return 1 + g() end g()", "used up its memory");
	CHECK_ENDS("local t = {} t.t = t ctx:command('x', t)", "hold themselves");
	CHECK_ENDS("local t = {} t.lines = { t } order.lines = { t }", "order_line has no field 'lines'");
	CHECK_ENDS("local t = {} t[1] = t order.lines = t", "order_line: 1 is not the name of a field");
	CHECK_ENDS("local t = {} t.self = t order.custom = t", "hold themselves");
	CHECK_ENDS("return ('x'):find(('('):rep(5000))", "more than 8 captures");
	CHECK_ENDS("return (('a'):rep(60000)):match(('a?'):rep(300))", "too complex");
	CHECK_ENDS("return (('a'):rep(60000)):match(('.-'):rep(190) .. 'b')", FUEL);
}

/* ---- bombs of text and memory ---- */

TEST(bombs_end_in_memory)
{
	CHECK_ENDS("local t = {} for i = 1, 100 do t[i] = ('x'):rep(1000) end return table.concat(t)", MEMORY);
	CHECK_ENDS("return table.concat({ 'a', 'b', 'c' }, ('x'):rep(65536))", MEMORY);
	CHECK_ENDS("return ('%s'):rep(30000):format(1)", "there is no argument");
	CHECK_ENDS("local s = ('x'):rep(60000) return ('%s%s'):format(s, s)", MEMORY);
	CHECK_ENDS("return (('x'):rep(60000)):gsub('x', 'yy')", MEMORY);
	CHECK_ENDS("return (('x'):rep(300)):gsub('x', ('y'):rep(300))", MEMORY);
	CHECK_ENDS("return ('x'):rep(65536) .. ('x'):rep(100)", MEMORY);
	CHECK_WORKS("local s = ('x'):rep(65536) assert(#s == 65536 and s:upper():lower():reverse() == s)");
	CHECK_ENDS("local t = {} for i = 1, 64 do t[i] = ('x'):rep(65536 - i) end", MEMORY);
	CHECK_ENDS("local t = {} for i = 1, 1000000 do t['k' .. i] = i end", "used up");
	CHECK_ENDS("local t = {} for i = 1, 1000000 do t[-i] = i end", MEMORY);
	CHECK_ENDS("local t = {} for i = 1, 1000000 do t[i / 3] = i end", MEMORY);
	CHECK_ENDS("local t = {} while true do t[#t + 1] = function () return t end end", MEMORY);
	CHECK_ENDS("local t = {} while true do t[#t + 1] = money '1 USD' end", MEMORY);
	CHECK_ENDS("local t = {} for i = 1, 60000 do t['k' .. i] = true end for _ in pairs(t) do end", "used up");
	CHECK_ENDS("while true do order.lines[1].description = ('x'):rep(500) end", "used up");
	CHECK_ENDS("while true do order.custom = { text = ('x'):rep(16000) } end", "used up");
	CHECK_ENDS("while true do order.discounts:add{ percent = 5 } order.discounts:remove(1) end", FUEL);
	CHECK_ENDS("while true do order.lines = order.lines end", "used up");
	CHECK_ENDS("local t = {} for i = 1, 500 do t[i] = { quantity = 1, description = ('x'):rep(500) } end while true do order.lines = t end", "rule ");
	CHECK_ENDS("local t = {} for i = 1, 101 do ctx:note(('x'):rep(2000)) end", "at most 100 effects");
	CHECK_ENDS("local t = {} for i = 1, 5 do t[i] = ('x'):rep(60000) end ctx:command('x', { t = t })", "more than 262144 bytes");
	CHECK_ENDS("local t = {} for i = 1, 4 do t[i] = ('x'):rep(60000) end for i = 1, 5 do ctx:command('x', { t = t }) end", "at most 1048576 bytes");
	CHECK_ENDS("local t = 'x' for i = 1, 30 do t = { t, t } end ctx:command('x', t)", "nested more than 16");
	CHECK_ENDS("local t = 'x' for i = 1, 15 do t = { t, t, t, t } end ctx:command('x', { t = t })", "more than 262144 bytes");
}

/* Blocks of all sizes, so that each allocation of a call is once the one that fails: a clean end each time. */
TEST(memory_that_ends_anywhere_ends_clean)
{
	static const char *const ends[] = {
		"error({ code = 'x' })", "error({})", "error(order)", "return tostring(order.total) .. 'x'", "ctx:reject('code', 'message')",
		"order:copy()", "order.lines:add{ quantity = 1 }", "order.lines = { { quantity = 1 } }", "ctx:command('x', { a = { 1, 2 } })",
		"table.sort({ 3, 2, 1 })", "for k in pairs{ a = 1, b = 2 } do end", "('a,b'):split(',')", "('abc'):gsub('.', '%0%0')",
		"('%5d|%s'):format(5, order.start_date)", "(money '1 USD'):allocate{ 1, 2 }", "local _ = ctx.settings.limit",
		"local _ = order.account.email", "order.custom = { a = 1 }", "ctx:id()", "pcall(error, 'x')", "local _ = order.nothing",
	};
	size_t step_bytes = thread_sanitizer ? 2048 : 16;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct fixture fixture;
		fixture_open(&fixture);
		struct text source = text_format(&fixture.arena, "rule 'x' { pre = 'order.create', run = function (order, ctx) %s end }", ends[i]);
		fixture.bundle = source_load(&fixture, source.data);
		CHECK(fixture.bundle != NULL);
		int failed = 0;
		for (size_t limit_bytes = 1024; limit_bytes <= 40 * 1024; limit_bytes += limit_bytes < 16 * 1024 ? 1024 : step_bytes) {
			struct arena_mark mark = arena_mark(&fixture.arena);
			fixture.call = call_of(&fixture);
			fixture.call.subject_writable = order_writable;
			fixture.call.memory_limit_bytes = limit_bytes;
			bool good = rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)) == RULE_OK;
			failed += !good;
			CHECK(good || fixture.problems.count == 1);
			problems_init(&fixture.problems, &fixture.arena);
			memset(&fixture.order, 0, sizeof fixture.order);
			arena_rewind(&fixture.arena, mark);
			order_fill(&fixture);
		}
		CHECK(failed > 0);
		fixture_close(&fixture);
	}
}
/* ---- userdata ---- */

TEST(methods_refuse_what_is_not_theirs)
{
	CHECK_ENDS("local copy = order.copy copy({})", "copy: call it with a colon on a record, not on table");
	CHECK_ENDS("local add = order.discounts.add add(order, {})", "add: call it with a colon on a list, not on order record");
	CHECK_ENDS("local add = order.discounts.add add(nil, {})", "add: call it with a colon on a list, not on nil");
	CHECK_ENDS("local add = order.discounts.add add(order.lines[1], {})", "not on order_line record");
	CHECK_ENDS("ctx.reject('code', 'message')", "ctx:reject: write it with a colon, ctx:reject(...)");
	CHECK_ENDS_IN("post", "ctx.send('mail', {})", "ctx:send: write it with a colon");
	CHECK_ENDS("ctx.note(order, 'x')", "ctx:note: write it with a colon");
	CHECK_ENDS("ctx:random('x')", "ctx:random: argument 1 must be an integer, not text");
	CHECK_ENDS("order.discounts:remove('x')", "remove: argument 1 must be an integer, not text");
	CHECK_ENDS("local allocate = (money '1 USD').allocate allocate(ctx, {})", "allocate takes money, not ctx");
	CHECK_ENDS("local portion = (money '1 USD').portion portion(date '2011-01-01', 1, 2)", "portion takes money");
	CHECK_ENDS("local f = (decimal '1').round f(money '1 USD', 2)", "round takes a decimal");
	CHECK_ENDS("local f = (date '2011-01-01').add_days f(5, 5)", "add_days takes a date");
	CHECK_ENDS("local f, s = pairs(order.lines) f(order, 1)", "call it with a colon on a list");
	CHECK_WORKS("local f, s = pairs(order.lines) assert(f(s, math.maxinteger) == nil and f(s, -5) == nil)");
	CHECK_WORKS("local f, s = ipairs(order.lines) assert(f(s, math.maxinteger) == nil)");
	CHECK_WORKS("assert(order.lines[math.maxinteger] == nil and order.lines[math.mininteger] == nil and order.lines[0] == nil)");
	CHECK_ENDS("local f = pairs(order) for i = 1, 100 do f(nil, 'x') end error('end')", "end");
	CHECK_ENDS("order.discounts:remove(math.mininteger)", "has no item -9223372036854775808");
	CHECK_ENDS("local t = {} t[ctx] = 1 order.custom = t", "is not the name of a member");
	CHECK_ENDS("return order < order", "attempt to compare two");
	CHECK_ENDS("return order .. ''", "attempt to concatenate");
	CHECK_ENDS("return #order", "attempt to get length");
	CHECK_ENDS("return -order.lines", "attempt to perform arithmetic");
	CHECK_ENDS("return order()", "attempt to call");
	CHECK_ENDS("for _, line in order.lines do end", "a list is no function; walk it by: for _, item in ipairs(list) do");
	CHECK_ENDS("order.lines[1].quantity = 1.5", "not 1.5 (float); write decimal");
	CHECK_ENDS("order[nil] = 1", "has fields by name, not nil");
	CHECK_ENDS("order[{}] = 1", "has fields by name, not a table");
	CHECK_ENDS("return ctx[0/0]", "ctx has no member");
	CHECK_ENDS("return 1 .. order.lines", "attempt to concatenate");
	CHECK_ENDS("return (duration 'P1M') + ctx", "cannot add P1M and ctx");
	CHECK_ENDS("return (duration 'P1M') + order", "cannot add P1M and order record");
}

TEST(lists_change_under_their_readers)
{
	CHECK_ENDS("local line = order.lines[2] order.lines:remove(1) line.quantity = 5", "was taken when its list changed");
	CHECK_ENDS("local line = order.lines[1] order.lines = { { quantity = 1 } } return line.quantity", "was taken when its list changed");
	CHECK_ENDS("order.lines:remove(1) order.lines:remove(1)", "order.lines needs at least 1 items");
	CHECK_ENDS("for _, line in ipairs(order.discounts) do end for i = 1, 30 do order.discounts:add{ percent = i } end", "no more are allowed");
	CHECK_ENDS("order.discounts:add{ percent = 1 } for _, d in ipairs(order.discounts) do order.discounts:add{ percent = 2 } end", "no more are allowed");
	CHECK_ENDS("order.discounts:add{ percent = 1 } local d = order.discounts[1] order.discounts = nil return d.percent", "was taken when its list changed");
	CHECK_WORKS("local list = order.discounts list:add{ percent = 1 } order.discounts = { { percent = 2 }, { percent = 3 } }\n"
	            "assert(#list == 2 and list[2].percent:equals(3) and list == order.discounts)");
	CHECK_WORKS("order.discounts:add{ percent = 1 } order.discounts:add(order.discounts[1]) order.discounts[2].percent = 9\n"
	            "assert(order.discounts[1].percent:equals(1))");
	CHECK_WORKS("local lines = { order.lines[2], order.lines[1] } order.lines = lines assert(order.lines[1].price_code == 'SETUP')");
	CHECK_ENDS("order.lines = { order.lines[1], order }", "order.lines needs a list of tables or of records of its kind");
	CHECK_ENDS("order.lines = order", "order.lines needs a list");
	CHECK_ENDS("order.lines:add(order.lines)", "order.lines:add needs a table of fields");
}

TEST(frozen_records_stay_frozen_by_every_alias)
{
	static const char *const tries[] = {
		"order.plan = 'x'", "order.lines = {}", "order.lines:add{ quantity = 1 }", "order.lines:remove(1)",
		"order.lines[1].quantity = 3", "order.account.email = 'x'", "order.account.name = 'x'", "ctx.event.reason = 'x'",
		"ctx.event.create_invoice = true", "local _, list = ipairs(order.lines) list:remove(1)", "order.custom.color = 'x'",
		"order.discounts:add{ percent = 1 }", "for _, line in pairs(order.lines) do line.plan = 'x' end",
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
		CHECK_ENDS_IN("post", tries[i], i == 10 ? "read-only" : "cannot be assigned: in a post rule records are frozen");
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'x' { post = 'order.create', run = function (order) order.plan = 'x' end }");
	fixture.call = call_of(&fixture);
	fixture.call.subject_writable = order_writable;
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_FAILED);
	CHECK_EQ_TEXT(fixture.order.plan, "gold");
	fixture_close(&fixture);
}

/* ---- numbers ---- */

TEST(amounts_overflow_with_a_problem)
{
	CHECK_ENDS("return money(math.maxinteger, 'USD')", "larger than money can be");
	CHECK_ENDS("return money '92233720368547758.07 USD' + money '0.01 USD'", "larger than money can be");
	CHECK_ENDS("return money '-92233720368547758.08 USD' - money '0.01 USD'", "larger than money can be");
	CHECK_ENDS("return -money '-92233720368547758.08 USD'", "larger than money can be");
	CHECK_ENDS("return (money '-92233720368547758.08 USD'):abs()", "larger than money can be");
	CHECK_ENDS("return money '92233720368547758.07 USD' * math.mininteger", "larger than money can be");
	CHECK_ENDS("local m = money '1.01 USD' for i = 1, 100 do m = m:percent '99.999999' end return m", "more than 128 bits");
	CHECK_ENDS("local d = decimal '9.99' for i = 1, 100 do d = d * d end return d", "more than 38 digits");
	CHECK_ENDS("local d = decimal(math.maxinteger) for i = 1, 100 do d = d * d end return d", "more than 38 digits");
	CHECK_ENDS("return (decimal '1'):divide(decimal '0', 2)", "cannot divide 1 by 0");
	CHECK_ENDS("return (money '1 USD'):portion(1, 0)", "the whole is 0");
	CHECK_ENDS("return (money '1 USD'):portion(math.mininteger, -1):round()", "larger than money can be");
	CHECK_WORKS("local parts = (money '-0.05 USD'):allocate{ 1, 1, 1 } assert(parts[1] + parts[2] + parts[3] == money '-0.05 USD')");
	CHECK_WORKS("local parts = (money '92233720368547758.07 USD'):allocate{ 1, 1 } assert(parts[1] + parts[2] == money '92233720368547758.07 USD')");
	CHECK_ENDS("return (money '1 USD'):allocate{ math.maxinteger, 1 }", "too large");
	CHECK_ENDS("return (money '1 USD'):allocate{ -1, 2 }", "from 0 to");
	CHECK_ENDS("return (money '1 USD'):allocate{}", "1 to 1000 weights");
	CHECK_ENDS("return (date '2011-01-31'):add_months(math.maxinteger)", "add_months takes an integer from");
	CHECK_ENDS("return (date '9999-12-31') + 1", "leaves the years");
	CHECK_ENDS("return (date '0001-01-01') - 1", "leaves the years");
	CHECK_ENDS("return (date '2011-01-01') + math.mininteger", "takes an integer from");
	CHECK_ENDS("return (duration 'P1M') * math.maxinteger * 2", "too long");
	CHECK_ENDS("return (date '2011-01-01') + (duration 'P1M') * math.maxinteger", "too long");
	CHECK_ENDS("return (date '2011-01-01') - (duration 'P1D') * math.mininteger", "too long");
	CHECK_ENDS("return ctx.now + math.maxinteger", "leaves the years");
	CHECK_ENDS("return ctx.now - math.mininteger", "leaves the years");
	CHECK_ENDS("return ctx.now - (duration 'PT1S') * math.mininteger", "too long");
	CHECK_ENDS("return utf8.codepoint('x', math.mininteger)", "outside of the text");
	CHECK_ENDS("return utf8.codepoint('x', 1, math.maxinteger)", "outside of the text");
	CHECK_ENDS("return ('x'):sub(math.mininteger, math.mininteger) .. ('x'):find('x', math.mininteger) .. error('end')", "end");
	CHECK_ENDS("return math.mininteger // -1 .. error('end')", "end");
	CHECK_ENDS("return math.mininteger % -1 .. error('end')", "end");
	CHECK_ENDS("return 1 // 0", "attempt to ");
	CHECK_ENDS("return ctx:random(0)", "needs a number of at least 1");
	CHECK_WORKS("for i = 1, 100 do local n = ctx:random(math.maxinteger) assert(n >= 1) end");
	CHECK_ENDS("order.lines[1].quantity = decimal '1e400'", "is not a decimal number");
	CHECK_ENDS("order.lines[1].quantity = -1", "order_line.quantity");
	CHECK_ENDS("order.lines[1].quantity = 0/0", "not");
	CHECK_ENDS("order.start_date = '2011-02-30'", "order.start_date");
}

/* ---- what cannot be caught, what is odd ---- */

TEST(a_rejection_cannot_be_caught)
{
	static const char *const tries[] = {
		"pcall(ctx.reject, ctx, 'code', 'message')", "pcall(pcall, ctx.reject, ctx, 'code', 'message')",
		"table.sort({ 2, 1 }, function () ctx:reject('code', 'message') end)",
		"('x'):gsub('x', function () ctx:reject('code', 'message') end)",
		"pcall(string.gsub, 'x', 'x', function () ctx:reject('code', 'message') end)",
		"pcall(table.sort, { 2, 1 }, function () ctx:reject('code', 'message') end)",
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct fixture fixture = { .accounts_loaded = 0 };
		char source[300];
		snprintf(source, sizeof source, "%s order.plan = 'after'", tries[i]);
		CHECK_EQ_INT(body_run(&fixture, "pre", source), RULE_REJECTED);
		CHECK_EQ_TEXT(fixture.order.plan, "gold");
		CHECK_EQ_TEXT(fixture.problems.first->detail_code, "code");
		fixture_close(&fixture);
	}
}

TEST(error_values_of_every_type_are_told)
{
	CHECK_ENDS("error(ctx)", "error of type userdata");
	CHECK_ENDS("error(function () end)", "error of type function");
	CHECK_ENDS("error(string)", "error of type table");
	CHECK_ENDS("error(ctx.settings)", "error of type table");
	CHECK_ENDS("error({ code = 'c', message = 'm' })", "c: m");
	CHECK_ENDS("error({ message = '\\xff\\xfe\\0x' })", "");
	CHECK_ENDS("error('\\xff\\xfe\\0x')", "");
	CHECK_ENDS("error('%s%n%d', 0)", "%s%n%d");
	CHECK_ENDS("assert(false, '%s%n')", "%s%n");
	CHECK_ENDS("assert(nil, {})", "error of type table");
	CHECK_ENDS("error(0/0)", "error of type number");
	CHECK_ENDS("local ok, e = pcall(error, order) assert(e == order) error(e)", "error of type userdata");
	CHECK_ENDS("ctx:reject('bad code', 'x')", "is no name");
	CHECK_ENDS("ctx:reject('x', '\\xff')", "must be UTF-8");
	CHECK_ENDS("ctx:command('x', { t = '\\xff' })", "is not valid UTF-8");
	CHECK_ENDS("ctx:command('x', { t = 0/0 })", "is a float");
	CHECK_ENDS("ctx:command('x', { f = error })", "function cannot be sent");
	CHECK_ENDS("ctx:command('x', { ctx })", "ctx:command");
	CHECK_ENDS("order.external_key = 'a\\0b'", "order.external_key");
	CHECK_ENDS("order.plan = ('x'):rep(61)", "order.plan");
}

/* ---- the image ---- */

/* Runs the rule from an image of its file and in a state made for this call; all they tell is the same. */
static void check_same_without_image(const char *body)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, text_format(&fixture.arena, "rule 'x' { pre = 'order.create', run = function (order, ctx) %s end }",
	                                                   body).data);
	CHECK(fixture.bundle != NULL);
	struct rule_trace *traces[3];
	for (int i = 0; i < 3; i++) { /* image, none, image */
		fixture.call = call_of(&fixture);
		fixture.call.subject_writable = order_writable;
		rule_images_use(i != 1);
		rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0));
		rule_images_use(true);
		traces[i] = fixture.call.last_trace;
		order_fill(&fixture);
		fixture.order.lines.count = 2;
		fixture.order.external_key = TEXT_NONE;
	}
	for (int i = 1; i < 3; i++) {
		if (traces[i]->fuel != traces[0]->fuel)
			CHECK_FAIL("%s\n#   fuel %lld and %lld", body, (long long)traces[0]->fuel, (long long)traces[i]->fuel);
		CHECK_EQ_TEXT(rule_trace_reads(traces[i], &fixture.arena), rule_trace_reads(traces[0], &fixture.arena).data);
		CHECK_EQ_INT(traces[i]->outcome, traces[0]->outcome);
		struct text writes = rule_trace_writes(traces[0], &fixture.arena);
		if (text_present(writes))
			CHECK_EQ_TEXT(rule_trace_writes(traces[i], &fixture.arena), writes.data);
	}
	fixture_close(&fixture);
}

TEST(a_call_from_the_image_is_a_call_from_nothing)
{
	check_same_without_image("order.external_key = ctx:id() .. ctx:random(1000)");
	check_same_without_image("local t = {} for i = 1, 1000 do t['k' .. i] = i end for k in pairs(t) do order.external_key = k end");
	check_same_without_image("local t = {} for i = 1, 300 do t[i] = ctx:random(50) end table.sort(t) order.external_key = table.concat(t, ','):sub(1, 90)");
	check_same_without_image("for k, v in pairs(ctx.settings) do order.external_key = k .. tostring(v) end error(order.external_key)");
	check_same_without_image("local t = {} t[order] = 1 t[ctx] = 2 t[order.lines] = 3 for k, v in pairs(t) do order.external_key = tostring(v) end");
	if (!thread_sanitizer)
		check_same_without_image("while true do order.external_key = tostring(order.lines[2].quantity) end");
	check_same_without_image("string.rep(('x'):rep(9), 'y')");
}

/* ---- what a run keeps ---- */

static bool endless_rows(void *context, const struct record *record, const struct rule_when *filters, size_t filter_count,
                         int64_t after_id, size_t limit, struct record_list *rows)
{
	struct fixture *fixture = context;
	(void)filters, (void)filter_count;
	for (size_t i = 0; i < limit; i++) {
		struct account *row = record_list_grow_(&fixture->arena, &rows->items, &rows->count, &rows->capacity, record->size);
		row->id = after_id + (int64_t)i + 1;
	}
	return true;
}

TEST(rows_are_paid_for_also_when_the_loop_breaks_off)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.host.each = endless_rows;
	CHECK_EQ_INT(body_run(&fixture, "task", "while true do for row in ctx:each('account') do break end end"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "the rule ");
	CHECK(fixture.arena.used_bytes < 48u * 1024 * 1024);
	fixture_close(&fixture);
}

TEST(what_a_run_keeps_is_bounded)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.host.each = endless_rows;
	CHECK_EQ_INT(body_run(&fixture, "task", "for i = 1, 9 do for row in ctx:each('account') do if row.id > 9990 then break end end end"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "the rule ");
	CHECK(fixture.arena.used_bytes < 48u * 1024 * 1024);
	fixture_close(&fixture);
}

CHECK_MAIN
