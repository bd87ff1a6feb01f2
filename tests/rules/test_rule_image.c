/* test_rule_image.c: calls from images are like calls in states made anew, whatever came before them. */
#include "rule_fixture.h"

#include "rule/rule_memory.h"
#include "rule/rule_proof.h"
#include "rule/rule_state.h"
#include "rule/rule_straight.h"

/* ---- random calls ---- */

/* A file whose rules read, write, keep and spoil. Numbers of the call come in by ctx.settings. */
static const char spoilt_source[] =
        "local kept, count, helper = { n = 0 }, 0, nil\n"
        "local texts = {}\n"
        "local function keep(value) count = count + 1 kept.n = kept.n + 1 kept[#kept + 1] = value return count end\n"
        "helper = function (n) return n > 0 and helper(n - 1) + 1 or keep('helper') end\n"
        "rule 'reads' { pre = 'order.create', run = function (order, ctx)\n"
        "  local n = ctx.settings.n\n"
        "  if order.plan == 'gold' and order.auto_renew and order.start_date > date '2011-01-01' then order.external_key = order.number .. n end\n"
        "end }\n"
        "rule 'keeps' { pre = 'order.create', run = function (order, ctx)\n"
        "  for i = 1, ctx.settings.n % 40 do keep(i) texts[i] = ('x'):rep(i) end\n"
        "  order.external_key = count .. ',' .. #kept .. ',' .. kept.n .. ',' .. #texts\n"
        "end }\n"
        "rule 'lists' { pre = 'order.create', run = function (order, ctx)\n"
        "  for i, line in ipairs(order.lines) do line.quantity = line.quantity + i + ctx.settings.n % 5 end\n"
        "  if ctx.settings.n % 3 == 0 then order.discounts:add{ percent = ctx.settings.n % 100 } end\n"
        "  if ctx.settings.n % 4 == 0 then order.lines:remove(1) end\n"
        "  ctx:note(tostring(#order.lines) .. order.account.email .. ctx:id() .. ctx:random(ctx.settings.n + 1))\n"
        "end }\n"
        "rule 'rejects' { pre = 'order.create', run = function (order, ctx)\n"
        "  pcall(function () if ctx.settings.n % 2 == 0 then ctx:reject('even', 'n is even') end end)\n"
        "  error({ code = 'odd', message = tostring(keep(order)) })\n"
        "end }\n"
        "rule 'spends' { pre = 'order.create', run = function (order, ctx)\n"
        "  local t = {}\n"
        "  while true do if ctx.settings.n % 2 == 0 then t[#t + 1] = {} else helper(5) end end\n"
        "end }\n"
        "rule 'fails' { pre = 'order.create', run = function (order, ctx)\n"
        "  local field = ({ 'plan', 'nothing', 'copy', 'lines', 'custom' })[ctx.settings.n % 5 + 1]\n"
        "  local value = order[field]\n"
        "  order.external_key = tostring(value) .. tostring(ctx.fuel_left)\n"
        "end }\n"
        "rule 'methods' { pre = 'order.create', run = function (order, ctx)\n"
        "  local amount = money('1.00 USD') * ctx.settings.n\n"
        "  order.external_key = tostring(amount:portion(1, 3):round()) .. (date '2011-01-31'):add_days(ctx.settings.n % 99).month\n"
        "end }\n"
        "rule 'prices' { policy = 'proration', run = function (change) return change.price:portion(change.days_left, change.days_in_period) end }\n"
        "rule 'chances' { policy = 'proration', run = function (change)\n"
        "  if change.days_left % 7 == 0 then return nil end\n"
        "  if change.days_left % 5 == 0 then return 5 end\n"
        "  return change.price * change.days_left\n"
        "end }\n";

static uint64_t random_next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static void call_tell(const struct fixture *fixture, const struct rule_call *call, int outcome, struct text_builder *out,
                      struct arena *arena)
{
	builder_format(out, "outcome %d effects %zu\n", outcome, call->effect_count);
	for (const struct rule_trace *trace = call->traces; trace; trace = trace->next)
		builder_format(out, "%s %d fuel %lld reads %.*s writes %.*s result %.*s\n", trace->rule, (int)trace->outcome,
		               (long long)trace->fuel, TEXT_ARG(rule_trace_reads(trace, arena)),
		               TEXT_ARG(rule_trace_writes(trace, arena)), TEXT_ARG(rule_trace_result(trace, arena)));
	for (const struct rule_effect *effect = call->effects; effect; effect = effect->next)
		builder_format(out, "%d %.*s\n", (int)effect->kind, TEXT_ARG(effect->body));
	for (const struct problem *problem = fixture->problems.first; problem; problem = problem->next)
		builder_format(out, "%d %.*s %s %s\n", (int)problem->code, TEXT_ARG(problem->detail_code), problem->message,
		               problem->cause ? problem->cause : "");
	builder_add(out, json_record_text(arena, &order_record, &fixture->order));
}

/* One call, chosen by a number; everything that it tells. The arena of the fixture is emptied first. */
static struct text call_text(struct fixture *fixture, uint64_t chosen, struct arena *arena)
{
	struct text_builder out;
	struct arena_mark mark = arena_mark(&fixture->arena);
	struct order order_before = fixture->order;
	problems_init(&fixture->problems, &fixture->arena);
	memset(&fixture->order, 0, sizeof fixture->order);
	order_fill(fixture);
	struct rule_call call = call_of(fixture);
	call.subject_writable = order_writable;
	call.fuel_limit = 2000 + (int64_t)(chosen % 5) * 3000;
	call.settings = text_format(&fixture->arena, "{\"n\":%d}", (int)(chosen / 7 % 1000));
	const struct rule *rule = rule_bundle_at(fixture->bundle, chosen / 1000 % rule_bundle_count(fixture->bundle));
	struct proration_change change = { .currency = fixture->order.currency, .days_in_period = 30 };
	struct rule_result result;
	builder_init(&out, arena, 0);
	if (rule->moment == RULE_POLICY) {
		struct text choice = text_of(rule->name);
		change.days_left = (int64_t)(chosen / 7 % 31);
		CHECK(exact_money_from_money(money_of((int64_t)(chosen % 100000), change.currency), &change.price));
		call.record = &proration_change_record;
		call.subject = &change;
		call.subject_writable = 0;
		call_tell(fixture, &call, rule_decide(&call, POLICY_PRORATION, &choice, 1, &result), &out, arena);
	} else {
		int outcome = (int)rule_run(&call, rule);
		call_tell(fixture, &call, outcome, &out, arena);
	}
	arena_rewind(&fixture->arena, mark);
	fixture->order = order_before;
	return builder_text(&out);
}

static void random_calls_compare(struct fixture *fixture, uint64_t random, long count)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (long i = 0; i < count; i++) {
		uint64_t chosen = random_next(&random);
		struct text restored = call_text(fixture, chosen, &arena);
		rule_images_use(false);
		struct text anew = call_text(fixture, chosen, &arena);
		rule_images_use(true);
		if (!text_equals(restored, anew))
			CHECK_FAIL("call %ld (%llu)\n#   image: %.*s\n#   anew:  %.*s", i, (unsigned long long)chosen, TEXT_ARG(restored),
			           TEXT_ARG(anew));
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

static struct rule_bundle *spoilt_load(struct fixture *fixture)
{
	fixture_open(fixture);
	arena_alloc(&fixture->arena, 1); /* a block that marks lie in */
	struct rule_bundle *bundle = source_load(fixture, spoilt_source);
	if (!bundle)
		CHECK_FAIL("did not load: %s", first_cause(fixture));
	return bundle;
}

/* IMAGE_CALLS=1000000 for the long form, which takes the time that it takes. */
TEST(random_calls_from_images_are_like_calls_in_new_states)
{
	struct fixture fixture;
	const char *asked = getenv("IMAGE_CALLS");
	long count = asked ? strtol(asked, NULL, 10) : 20000 / CHECK_SLOWNESS;
	if (asked)
		alarm(0);
	fixture.bundle = spoilt_load(&fixture);
	random_calls_compare(&fixture, check_seed() | 1, count);
	fixture_close(&fixture);
}

/* More files than there are images: each call finds its own, or makes it again. */
TEST(more_files_than_images_take_turns)
{
	struct fixture fixture;
	struct rule_bundle *bundles[RULE_IMAGES_MAX * 2];
	fixture_open(&fixture);
	enum { COUNT = RULE_IMAGES_MAX * 2 };
	for (int i = 0; i < COUNT; i++) {
		bundles[i] = source_load(&fixture, text_format(&fixture.arena,
			"local n = 0 rule 'n' { pre = 'order.create', run = function (order) n = n + 1 order.external_key = '%d.' .. n end }", i).data);
		CHECK(bundles[i] != NULL);
	}
	uint64_t random = check_seed() | 1;
	for (int i = 0; i < 5000 / CHECK_SLOWNESS; i++) {
		int chosen = (int)(random_next(&random) % COUNT);
		fixture.call = call_of(&fixture);
		fixture.call.bundle = bundles[chosen];
		fixture.call.subject_writable = order_writable;
		CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(bundles[chosen], 0)), RULE_OK);
		CHECK_EQ_TEXT(fixture.order.external_key, text_format(&fixture.arena, "%d.1", chosen).data);
	}
	for (int i = 0; i < COUNT; i++)
		rule_bundle_release(bundles[i]);
	fixture_close(&fixture);
}

/* Each file makes much when it is run: a thread keeps fewer of them than there might be images, and every call is right. */
TEST(images_of_large_files_stay_within_their_bytes)
{
	struct fixture fixture;
	enum { COUNT = RULE_IMAGES_MAX - 4, ROUNDS = 3 };
	struct rule_bundle *bundles[COUNT];
	size_t most = 0;
	fixture_open(&fixture);
	for (int i = 0; i < COUNT; i++) {
		bundles[i] = source_load(&fixture, text_format(&fixture.arena,
			"local text = ('x'):rep(60000)\n"
			"rule 'n' { pre = 'order.create', run = function (order) order.external_key = '%d.' .. #text end }", i).data);
		CHECK(bundles[i] != NULL);
	}
	for (int i = 0; i < COUNT * ROUNDS; i++) {
		fixture.call = call_of(&fixture);
		fixture.call.bundle = bundles[i % COUNT];
		fixture.call.subject_writable = order_writable;
		CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(bundles[i % COUNT], 0)), RULE_OK);
		CHECK_EQ_TEXT(fixture.order.external_key, text_format(&fixture.arena, "%d.60000", i % COUNT).data);
		most = rule_images_bytes() > most ? rule_images_bytes() : most;
	}
	CHECK(most > RULE_IMAGES_BYTES_MAX / 2); /* they were kept */
	CHECK(most <= RULE_IMAGES_BYTES_MAX);
	for (int i = 0; i < COUNT; i++)
		rule_bundle_release(bundles[i]);
	fixture_close(&fixture);
}

/* ---- the self-test ---- */

TEST(the_self_test_holds)
{
	CHECK(rule_images_proved());
	CHECK(rule_images_used());
}

/* ---- rules that run without a hook ---- */

struct straight_case {
	const char *declaration;
	bool straight;
};

static bool straight_of(const char *declaration)
{
	struct fixture fixture;
	fixture_open(&fixture);
	struct rule_file files[] = {
		{ TEXT("rules/test.lua"), text_from(declaration) },
		{ TEXT("helper.lua"), TEXT("local m = {} function m.spin() while true do end end m.limit = 5 return m") },
	};
	fixture.bundle = files_load(&fixture, files, 2);
	if (!fixture.bundle)
		CHECK_FAIL("%s: did not load: %s", declaration, first_cause(&fixture));
	const struct rule *rule = rule_bundle_at(fixture.bundle, 0);
	struct rule_state state = { .bundle = fixture.bundle, .results = &fixture.arena, .problems = &fixture.problems };
	CHECK_EQ_INT(rule_state_begin_file(&state, RULE_MEMORY_BYTES_DEFAULT, bundle_rule_of(rule)->file), RULE_BEGINNING_READY);
	bool straight = state.image->straight[0] & 1;
	rule_state_end(&state);
	fixture_close(&fixture);
	return straight;
}

TEST(what_could_meet_the_hook_runs_under_it)
{
	static const struct straight_case cases[] = {
		{ "rule 'x' { pre = 'order.create', run = function (order) order.external_key = order.plan .. '1' end }", true },
		{ "rule 'x' { pre = 'order.create', run = function (order)\n if order.plan == 'for' then -- while\n order.plan = [[repeat]] end\nend }", true },
		{ "local limit, floor = { 5, a = 'b' }, math.floor\nrule 'x' { pre = 'order.create', run = function (order) return floor(limit[1]) end }", true },
		{ "rule 'x' { pre = 'order.create', run = function (order) for i = 1, 2 do end end }", false },
		{ "rule 'x' { pre = 'order.create', run = function (order) while false do end end }", false },
		{ "rule 'x' { pre = 'order.create', run = function (order) repeat until true end }", false },
		{ "rule 'x' { pre = 'order.create', run = function (order) ::a:: if order.plan then goto a end end }", false },
		{ "rule 'x' { pre = 'order.create', run = function (order) local f = function () end end }", false },
		{ "rule 'x' { pre = 'order.create', run = function (order)\nlocal f =\nfunction () end end }", false },
		{ "local function spin() return spin end\nrule 'x' { pre = 'order.create', run = function (order) spin() end }", false },
		{ "local t = { deep = { f = function () end } }\nrule 'x' { pre = 'order.create', run = function (order) t.deep.f() end }", false },
		{ "local t = {} t[function () end] = 1\nrule 'x' { pre = 'order.create', run = function (order) return t end }", false },
		{ "local late\nrule 'x' { pre = 'order.create', run = function (order) late() end }\nlate = function () end", false },
		{ "rule 'x' { pre = 'order.create', run = function (order) require('helper').spin() end }", false },
		{ "local get = require\nrule 'x' { pre = 'order.create', run = function (order) get('helper').spin() end }", false },
		{ "local helper = require 'helper'\nrule 'x' { pre = 'order.create', run = function (order) helper.spin() end }", false },
		{ "local limit = require 'helper'.limit\nrule 'x' { pre = 'order.create', run = function (order) return limit end }", true },
		{ "local t = {} t.t = { t = { t = { t = { t = 1 } } } }\nrule 'x' { pre = 'order.create', run = function (order) return t end }", false },
		{ "local step = pairs{ function () while true do end end }\nrule 'x' { pre = 'order.create', run = function (order) local _, spin = step() spin() end }", false },
		{ "local t = {} t.step = pairs{ { f = function () end } }\nrule 'x' { pre = 'order.create', run = function (order) t.step() end }", false },
		{ "local step, words = pairs{ 1, 2 }, ('a b'):gmatch('%a')\nrule 'x' { pre = 'order.create', run = function (order) return step(), words() end }", true },
		{ "rule 'x' { pre = 'order.create',\rrun = function (order) return 1 end }", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (straight_of(cases[i].declaration) != cases[i].straight)
			CHECK_FAIL("%s\n#   expected: %s", cases[i].declaration, cases[i].straight ? "straight" : "not");
}

/* A walk that was begun when the file was run holds a table, and that a function: it is called without being named. */
TEST(a_loop_out_of_a_walk_begun_before_ends_in_its_fuel)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	static const char source[] = "local step = pairs{ function () while true do end end }\n"
	                             "rule 'x' { pre = 'order.create', run = function () local _, spin = step() spin() end }";
	for (int i = 0; i < 2; i++) {
		CHECK_EQ_INT(source_run(&fixture, source), RULE_FAILED);
		CHECK_CONTAINS(first_cause(&fixture), "the rule ");
	}
	fixture_close(&fixture);
}

/* As many instructions as a line can have: from a step of the hook on it is counted. */
TEST(a_straight_rule_is_shorter_than_a_step_of_the_hook)
{
	struct fixture fixture;
	fixture_open(&fixture);
	struct text_builder source;
	builder_init(&source, &fixture.arena, 0);
	builder_c(&source, "rule 'x' { pre = 'order.create', run = function (order) local a = 1\n");
	for (int i = 0; i < 1000; i++)
		builder_c(&source, "a = a + 1\n");
	builder_c(&source, "order.external_key = tostring(a) end }");
	CHECK(!straight_of(builder_text(&source).data));
	CHECK_EQ_INT(source_run(&fixture, builder_text(&source).data), RULE_OK);
	CHECK(fixture.call.last_trace->fuel >= 1000);
	fixture_close(&fixture);
}

CHECK_MAIN
