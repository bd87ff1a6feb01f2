/* test_rule_limit.c: limits are what they say: memory to the MiB, nothing kept from call to call, an end behind the fuel. */
#include "rule_fixture.h"

#include "base/process.h"
#include "rule/rule_lua.h"
#include "rule/rule_memory.h"

#include <time.h>

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = 1 };
#elif defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum { MIB = 1024 * 1024 };

/* ---- memory ---- */

/* What one turn of the loop takes from the block; nothing is given back, so it need not be kept. */
struct growth {
	const char *what, *body; /* with the number of turns */
	size_t bytes;
};

static const struct growth growths[] = {
	{ "tables", "for i = 1, %zu do local _ = {} end", 64 },
	{ "closures", "for i = 1, %zu do local _ = function () return i end end", 96 },
	{ "texts", "local s = ('x'):rep(32000) for i = 1, %zu do local _ = s .. (i + 100000) end", 32080 },
	{ "amounts", "local m = money '1.00 USD' for i = 1, %zu do local _ = m + m end", 80 },
	{ "lists", "for i = 1, %zu do local _ = { i, i, i, i } end", 128 },
	{ "named fields", "for i = 1, %zu do local _ = { a = i } end", 96 },
};

static bool grows_well(const struct growth *growth, size_t bytes, size_t limit_bytes)
{
	struct fixture fixture;
	char body[200], *end = body + sizeof body;
	fixture_open(&fixture);
	const char *at = strstr(growth->body, "%zu");
	snprintf(body, (size_t)(end - body), "%.*s%zu%s", (int)(at - growth->body), growth->body, bytes / growth->bytes, at + 3);
	fixture.bundle = source_load(&fixture, text_format(&fixture.arena,
	                             "rule 'x' { pre = 'order.create', run = function (order) %s end }", body).data);
	CHECK(fixture.bundle != NULL);
	fixture.call = call_of(&fixture);
	fixture.call.memory_limit_bytes = limit_bytes;
	bool good = rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)) == RULE_OK;
	if (!good)
		CHECK_CONTAINS(first_cause(&fixture), "used up its memory");
	fixture_close(&fixture);
	return good;
}

/* One MiB below the limit passes, one above ends, and passes where the limit is twice as high. */
TEST(the_memory_limit_is_exact_to_a_mebibyte)
{
	for (size_t i = 0; i < sizeof growths / sizeof *growths; i++) {
		for (size_t limit = 2 * MIB; limit <= 8 * MIB; limit *= 2) {
			if (!grows_well(&growths[i], limit - MIB, limit))
				CHECK_FAIL("%s: %zu MiB less one do not fit", growths[i].what, limit / MIB);
			if (grows_well(&growths[i], limit + MIB, limit))
				CHECK_FAIL("%s: %zu MiB and one fit", growths[i].what, limit / MIB);
			if (!grows_well(&growths[i], limit + MIB, 2 * limit))
				CHECK_FAIL("%s: it was not the limit of %zu MiB that ended it", growths[i].what, limit / MIB);
		}
	}
}

TEST(a_deep_stack_ends_in_the_same_memory)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre", "local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end assert(f(5000) == 5000)");
	fixture_close(&fixture);
	CHECK_FAILS("pre", "local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end f(100000)", "used up its memory");
	CHECK_FAILS("pre", "local t = {} for i = 1, 1000000 do t[i] = i end", "used up its memory");
	CHECK_FAILS("pre", "local t = { ('x'):rep(60000) } for i = 1, 200 do t[i + 1] = t[i]:upper() .. i end", "used up its memory");
}

/* ---- nothing stays ---- */

static const char keeping_source[] =
        "local kept, count = {}, 0\n"
        "rule 'keeps' { pre = 'order.create', run = function (order, ctx)\n"
        "  count = count + 1\n"
        "  kept[#kept + 1] = ('x'):rep(1024 + count)\n"
        "  if #kept ~= 1 or count ~= 1 then error('kept ' .. #kept) end\n"
        "end }\n";

static void calls_keep(struct fixture *fixture, int count)
{
	for (int i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(&fixture->arena);
		fixture->call = call_of(fixture);
		if (rule_run(&fixture->call, rule_bundle_at(fixture->bundle, 0)) != RULE_OK)
			CHECK_FAIL("call %d: %s", i, first_cause(fixture));
		arena_rewind(&fixture->arena, mark);
	}
}

TEST(what_a_rule_hoards_is_gone_with_its_call)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, keeping_source);
	CHECK(fixture.bundle != NULL);
	calls_keep(&fixture, 1000);
	int64_t before = process_usage().resident_bytes;
	calls_keep(&fixture, SANITIZED ? 5000 : 100000);
	int64_t after = process_usage().resident_bytes;
	if (after > before + 2 * MIB)
		CHECK_FAIL("%zu KiB before, %zu after", before / 1024, after / 1024);
	/* The measure sees what stays. */
	for (int i = 0; i < 8 * 1024; i++)
		memset(arena_alloc(&fixture.arena, 1024), 1, 1024);
	CHECK(process_usage().resident_bytes > after + 4 * MIB);
	fixture_close(&fixture);
}

/* ---- the limit behind the fuel ---- */

static int64_t thread_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum { LONGER_MS = RULE_TIME_LIMIT_MS + 100 };

static void *load_asleep(void *context, const struct record *record, int64_t id)
{
	struct timespec pause = { .tv_sec = LONGER_MS / 1000, .tv_nsec = LONGER_MS % 1000 * 1000000L };
	nanosleep(&pause, NULL);
	return fixture_load(context, record, id);
}

static void *load_at_work(void *context, const struct record *record, int64_t id)
{
	for (int64_t begun = thread_ms(); thread_ms() - begun < LONGER_MS;)
		continue;
	return fixture_load(context, record, id);
}

/* It reads the account when the clock of its time runs already. */
static void check_waiting_rule(void *(*load)(void *context, const struct record *record, int64_t id), const char *part)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.host.load = load;
	CHECK_EQ_INT(body_run(&fixture, "pre", "for i = 1, 10000 do end local _ = order.account.email while true do end"), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), part);
	fixture_close(&fixture);
}

TEST(time_in_which_a_rule_does_not_run_ends_no_rule)
{
	if (SANITIZED)
		return;
	check_waiting_rule(load_asleep, "used up its fuel");
	check_waiting_rule(load_at_work, "took more than 500 ms, although it had fuel left");
}

/* ---- constants ---- */

static void check_load(struct text source, const char *part)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, source.data);
	if (!part && !fixture.bundle)
		CHECK_FAIL("did not load: %s", first_cause(&fixture));
	if (part && fixture.bundle)
		CHECK_FAIL("loaded, but %s was expected", part);
	if (part)
		CHECK_CONTAINS(first_cause(&fixture), part);
	fixture_close(&fixture);
}

static struct text repeated(struct arena *arena, const char *before, const char *piece, int count, const char *after)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_c(&out, before);
	for (int i = 0; i < count; i++)
		builder_c(&out, piece);
	builder_c(&out, after);
	return builder_text(&out);
}

TEST(constants_of_any_size_load_or_are_refused_with_their_line)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	const char *rule = "rule 'x' { pre = 'order.create', run = function (order) return end }";
	check_load(repeated(&arena, "local t = {", "'text',", 8000, text_format(&arena, "}\n%s", rule).data), NULL);
	check_load(repeated(&arena, "local t = '", "x", 60000, text_format(&arena, "'\n%s", rule).data), NULL);
	check_load(repeated(&arena, "local t = '", "x", 70000, text_format(&arena, "'\n%s", rule).data), "65536 are allowed");
	check_load(repeated(&arena, "local t = ", "(", 250, "1"), "rules/test.lua");
	check_load(repeated(&arena, "local t = ", "{", 250, "1"), "rules/test.lua");
	check_load(repeated(&arena, "", "local a = 1\n", 201, ""), "rules/test.lua:201:");
	check_load(repeated(&arena, "local t = 'a'", " .. 'a'", 300, ""), "rules/test.lua");
	check_load(repeated(&arena, "local t = 1", "\n", 200, "0e999999999999 .. 9223372036854775808"), "rules/test.lua:201");
	check_load(repeated(&arena, "", "-", 20000, text_format(&arena, "\n%s", rule).data), NULL); /* a comment */
	check_load(repeated(&arena, "local t = ", "not ", 250, "1"), "rules/test.lua");
	arena_finish(&arena);
}

/* ---- names and error values ---- */

TEST(names_are_told_as_they_are_and_break_nothing)
{
	static const char *const names[] = {
		"quote \" and \\ backslash", "},{\"x\":1", "%s%n%d", "two\nlines", "\x01\x02", "\xc3\xa9", "' or 1=1 --", "a:b:c", "</rule>",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct fixture fixture;
		fixture_open(&fixture);
		struct text_builder source;
		builder_init(&source, &fixture.arena, 0);
		builder_c(&source, "rule '");
		for (const char *at = names[i]; *at; at++)
			builder_format(&source, "\\%03d", (unsigned char)*at);
		builder_c(&source, "' { pre = 'order.create', run = function (order) error('told') end }");
		fixture.bundle = source_load(&fixture, builder_text(&source).data);
		CHECK(fixture.bundle != NULL);
		fixture.call = call_of(&fixture);
		CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_FAILED);
		CHECK_EQ_C(fixture.call.traces->rule, names[i]);
		CHECK_CONTAINS(fixture.problems.first->message, names[i]);
		CHECK_CONTAINS(first_cause(&fixture), "told");
		fixture_close(&fixture);
	}
}

TEST(error_values_are_never_asked_for_anything)
{
	CHECK_FAILS("pre", "error({ __tostring = function () while true do end end })", "error of type table");
	CHECK_FAILS("pre", "error({ __gc = function () while true do end end })", "error of type table");
	CHECK_FAILS("pre", "error({ __close = error, __index = error, __name = 'x' })", "error of type table");
	CHECK_FAILS("pre", "error({ code = function () end, message = {} })", "error of type table");
	CHECK_FAILS("pre", "error({ message = ('x'):rep(60000) })", "xxx");
	CHECK_FAILS("pre", "local e = {} e.message = e error(e)", "error of type table");
	CHECK_FAILS("pre", "local ok, e = pcall(error, { __gc = error }) e = nil for i = 1, 10000 do local _ = {} end error('end')", "end");
	CHECK_FAILS("pre", "error(setmetatable({}, { __gc = function () while true do end end }))", "'setmetatable' is not declared");
	CHECK_FAILS("pre", "error(error)", "error of type function");
	CHECK_FAILS("pre", "error(order.lines)", "error of type userdata");
	CHECK_FAILS("pre", "error(nil)", "error of type nil");
	CHECK_FAILS("pre", "error()", "error of type nil");
	CHECK_FAILS("pre", "error(('\\0'):rep(3000))", "");
	CHECK_FAILS("pre", "pcall(error, ctx) error(ctx)", "error of type userdata");
}

CHECK_MAIN
