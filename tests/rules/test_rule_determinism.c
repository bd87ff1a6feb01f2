/* test_rule_determinism.c: the same event, bundle and read set give the same result, in this process and in others. */
#include "rule_fixture.h"

/* What a run left behind, as one text. */
static struct text run_text(struct fixture *fixture, struct arena *arena)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (const struct rule_effect *effect = fixture->call.effects; effect; effect = effect->next)
		builder_format(&out, "%d %.*s %.*s\n", (int)effect->kind, TEXT_ARG(effect->name), TEXT_ARG(effect->body));
	const struct rule_trace *trace = fixture->call.last_trace;
	builder_format(&out, "reads %.*s\nwrites %.*s\nresult %.*s\nfuel %lld\n", TEXT_ARG(rule_trace_reads(trace, arena)),
	               TEXT_ARG(rule_trace_writes(trace, arena)), TEXT_ARG(rule_trace_result(trace, arena)),
	               (long long)trace->fuel);
	return builder_text(&out);
}

static const char *const busy_body =
        "local keys, t = {}, { 10, 20, 30 }\n"
        "for i = 1, 200 do t['k' .. (i * 7919) % 1000] = i end\n"
        "t[-5] = 'a' t[0] = 'b' t[2.5] = 'c' t[true] = 'd' t[false] = 'e' t[1000] = 'f'\n"
        "local objects = { {}, {}, {} }\n"
        "for i = 3, 1, -1 do t[objects[i]] = i end\n"
        "for k, v in pairs(t) do keys[#keys + 1] = tostring(k) .. '=' .. tostring(v) end\n"
        "ctx:note(table.concat(keys, ' ', 1, 40))\n"
        "ctx:note(table.concat(keys, ' ', 160))\n"
        "local draws = {} for i = 1, 20 do draws[i] = ctx:random(1000000) end\n"
        "ctx:note(table.concat(draws, ' '))\n"
        "ctx:note(ctx:id() .. ' ' .. ctx:id() .. ' ' .. tostring(ctx.now) .. ' ' .. tostring(ctx.today))\n"
        "local words = {} for w in ('the quick brown fox'):gmatch('%a+') do words[#words + 1] = w end\n"
        "table.sort(words, function (a, b) return #a < #b end)\n"
        "ctx:note(table.concat(words, ' '))\n"
        "ctx:send('x', t.k1 and { 1 } and { z = 1, a = 2, m = { y = 1, b = order.plan } } or {})\n"
        "ctx:note(tostring({}) .. tostring(pairs) .. tostring(order) .. tostring(ctx))\n"
        "ctx:note(tostring(ctx.fuel_left))";

static struct text busy_text(struct arena *arena)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "post", busy_body);
	struct text text = run_text(&fixture, arena);
	fixture_close(&fixture);
	return text;
}

TEST(one_run_is_like_another)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct text first = busy_text(&arena);
	for (int i = 0; i < 20; i++)
		CHECK_EQ_TEXT(busy_text(&arena), first.data);
	arena_finish(&arena);
}

/* Another process has other addresses and other hash seeds. */
TEST(one_process_is_like_another)
{
	static char self[4096];
	if (getenv("RULE_DETERMINISM_PRINT")) {
		struct arena arena;
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
		struct text text = busy_text(&arena);
		printf("@%.*s@", TEXT_ARG(text));
		arena_finish(&arena);
		return;
	}
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	CHECK(length > 0);
	char command[4200], first[20000] = "", again[20000];
	snprintf(command, sizeof command, "RULE_DETERMINISM_PRINT=1 '%s' one_process_is_like_another", self);
	for (int i = 0; i < 5; i++) {
		FILE *pipe = popen(command, "r");
		CHECK(pipe != NULL);
		size_t got = fread(again, 1, sizeof again - 1, pipe);
		again[got] = '\0';
		pclose(pipe);
		CHECK(strchr(again, '@') != NULL);
		if (i == 0)
			memcpy(first, again, got + 1);
		CHECK_EQ_C(again, first);
	}
}

TEST(pairs_gives_the_sequence_first_then_keys_by_type_and_value)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local t, keys = { 'x', 'y' }, {}\n"
	           "t.b = 1 t.a = 1 t.B = 1 t[''] = 1 t[-1] = 1 t[7] = 1 t[5] = 1 t[0] = 1 t[1.5] = 1 t[true] = 1 t[false] = 1\n"
	           "for k in pairs(t) do keys[#keys + 1] = tostring(k) end\n"
	           "assert(table.concat(keys, ' ') == '1 2 5 7 -1 0 1.5  B a b false true', table.concat(keys, ' '))");
	fixture_close(&fixture);
}

TEST(pairs_passes_keys_that_were_cleared_and_does_not_see_new_ones)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local t, seen = { a = 1, b = 2, c = 3, d = 4 }, {}\n"
	           "for k, v in pairs(t) do seen[#seen + 1] = k t.b = nil t.new = 1 t[k] = nil end\n"
	           "assert(table.concat(seen, ' ') == 'a c d')");
	fixture_close(&fixture);
}

TEST(chance_follows_from_the_event_and_the_rule)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	const char *body = "local t = {} for i = 1, 8 do t[i] = ctx:random(100) assert(t[i] >= 1 and t[i] <= 100) end order.external_key = table.concat(t, ',')";
	CHECK_RUNS(&fixture, "pre", body);
	struct text first = fixture.order.external_key;
	fixture.call.seed = (struct uuid){ { 2 } };
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_OK);
	CHECK(!text_equals(first, fixture.order.external_key));
	fixture.call.seed = (struct uuid){ { 1 } };
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_OK);
	CHECK_EQ_TEXT(fixture.order.external_key, first.data);
	CHECK_FAILS("pre", "return ctx:random(0)", "ctx:random: needs a number of at least 1");
	fixture_close(&fixture);
}

TEST(chance_reaches_every_number)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local counts = {} for i = 1, 6 do counts[i] = 0 end\n"
	           "for i = 1, 6000 do local n = ctx:random(6) counts[n] = counts[n] + 1 end\n"
	           "for i = 1, 6 do assert(counts[i] > 850 and counts[i] < 1150, counts[i]) end\n"
	           "assert(ctx:random(1) == 1 and ctx:random(math.maxinteger) > 0)");
	fixture_close(&fixture);
}

TEST(ids_are_uuids_and_differ)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local seen = {} for i = 1, 100 do local id = ctx:id() assert(#id == 36 and id:sub(15, 15) == '8' and not seen[id]) seen[id] = true end");
	fixture_close(&fixture);
}

TEST(sorting_is_stable)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	CHECK_RUNS(&fixture, "pre",
	           "local t = {} for i = 1, 1000 do t[i] = { key = (i * 7919) % 13, place = i } end\n"
	           "table.sort(t, function (a, b) return a.key < b.key end)\n"
	           "for i = 2, 1000 do assert(t[i - 1].key < t[i].key or (t[i - 1].key == t[i].key and t[i - 1].place < t[i].place)) end\n"
	           "local n = { 3, 1.5, 2, -1 } table.sort(n) assert(table.concat(n, ' ') == '-1 1.5 2 3')\n"
	           "local m = { money '3 USD', money '1 USD', money '2 USD' } table.sort(m) assert(m[1] == money '1 USD' and m[3] == money '3 USD')\n"
	           "local s = { 'b', 'a', 'B' } table.sort(s) assert(table.concat(s) == 'Bab')\n"
	           "table.sort({})");
	fixture_close(&fixture);
}

TEST(fuel_does_not_depend_on_the_machine)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	int64_t fuel = 0;
	for (int i = 0; i < 5; i++) {
		CHECK_RUNS(&fixture, "post", "local n = 0 for i = 1, 12345 do n = n + #tostring(i) end");
		if (i == 0)
			fuel = fixture.call.last_trace->fuel;
		CHECK_EQ_INT(fixture.call.last_trace->fuel, fuel);
	}
	CHECK(fuel > 12345 * 4);
	fixture_close(&fixture);
}

TEST(a_call_can_be_given_less_fuel_and_memory)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	const char *body = "local t = {} for i = 1, 10000 do t[i] = {} end";
	CHECK_RUNS(&fixture, "post", body);
	fixture.call.fuel_limit = 10000;
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "used up its fuel of 10000 units");
	fixture.call.fuel_limit = 0;
	fixture.call.memory_limit_bytes = 128 * 1024;
	problems_init(&fixture.problems, &fixture.arena);
	CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)), RULE_FAILED);
	CHECK_CONTAINS(first_cause(&fixture), "used up its memory of 128 KiB");
	fixture_close(&fixture);
}

CHECK_MAIN
