/* bench_rule.c: what one call of a rule costs, beside bare Lua doing the same.
 *
 *     bench_rule [--rounds 7] [--calls 20000]     every case in turn each round; medians, and spread of the rounds
 *     bench_rule --only CASE --calls N            that case alone, once: for counting instructions, see tests/bench/run
 *
 * A rule of Moonbill runs in a state that nothing was left in by an earlier call, under fuel and a memory cap, and what
 * it reads is written down. The floors have none of that: one lua_State for all calls, the stock API.
 */
#include "bench.h"

#include "records.gen.h"
#include "rule/rule_state.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

enum { ROUNDS_MAX = 101 };

struct bench {
	struct arena arena;
	struct problems problems;
	struct rule_bundle *bundle;
	struct rule_call call;
	struct proration_change change;
	struct order order;
	struct event_details details;
	lua_State *lua;
	char bytecode[4096];
	size_t bytecode_bytes;
	bool (*volatile listens)(const struct rule_bundle *bundle, enum rule_moment moment, enum event event);
};

static struct date date_of(const char *text)
{
	struct date date;
	if (!date_parse(text_of(text), &date))
		bench_fail("%s is no date", text);
	return date;
}

/* ---- floors: bare Lua ---- */

static const char body_source[] = "function run(change)\n"
                                  "  return change.price:portion(change.days_left, change.days_in_period)\n"
                                  "end\n"
                                  "function empty() end\n";

/* What a program without Moonbill would write: one userdata, its fields found through a table of names. */
static int bare_field(lua_State *lua)
{
	const struct proration_change *change = *(struct proration_change **)lua_touserdata(lua, 1);
	lua_pushvalue(lua, 2);
	lua_rawget(lua, lua_upvalueindex(1));
	switch (lua_tointeger(lua, -1)) {
	case 1: {
		struct exact_money *price = lua_newuserdatauv(lua, sizeof *price, 0);
		*price = change->price;
		lua_pushvalue(lua, lua_upvalueindex(2));
		lua_setmetatable(lua, -2);
		return 1;
	}
	case 2:
		lua_pushinteger(lua, change->days_left);
		return 1;
	default:
		lua_pushinteger(lua, change->days_in_period);
		return 1;
	}
}

static int bare_portion(lua_State *lua)
{
	const struct exact_money *price = lua_touserdata(lua, 1);
	struct fraction share;
	struct exact_money *product = lua_newuserdatauv(lua, sizeof *product, 0);
	if (!fraction_make(luaL_checkinteger(lua, 2), luaL_checkinteger(lua, 3), &share) ||
	    !exact_money_multiply(*price, share, product))
		return luaL_error(lua, "the share is too large");
	lua_pushvalue(lua, lua_upvalueindex(1));
	lua_setmetatable(lua, -2);
	return 1;
}

/* Leaves `change`, a proxy of the record, in the registry. */
static void bare_open(lua_State *lua, struct bench *bench)
{
	static const char *const fields[] = { "price", "days_left", "days_in_period" };
	luaL_openlibs(lua);
	struct proration_change **proxy = lua_newuserdatauv(lua, sizeof *proxy, 0);
	*proxy = &bench->change;
	lua_newtable(lua); /* of the proxy */
	lua_newtable(lua); /* names */
	for (int i = 0; i < 3; i++) {
		lua_pushinteger(lua, i + 1);
		lua_setfield(lua, -2, fields[i]);
	}
	lua_newtable(lua); /* of amounts */
	lua_newtable(lua);
	lua_pushvalue(lua, -2);
	lua_pushcclosure(lua, bare_portion, 1);
	lua_setfield(lua, -2, "portion");
	lua_setfield(lua, -2, "__index");
	lua_pushcclosure(lua, bare_field, 2);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_setfield(lua, LUA_REGISTRYINDEX, "change");
}

static void bare_body_call(lua_State *lua)
{
	lua_getglobal(lua, "run");
	lua_getfield(lua, LUA_REGISTRYINDEX, "change");
	if (lua_pcall(lua, 1, 1, 0) != LUA_OK || !lua_isuserdata(lua, -1))
		bench_fail("the bare rule failed: %s", lua_tostring(lua, -1));
	lua_pop(lua, 1);
}

static void floor_call(struct bench *bench, int64_t calls)
{
	for (int64_t i = 0; i < calls; i++) {
		lua_getglobal(bench->lua, "empty");
		if (lua_pcall(bench->lua, 0, 0, 0) != LUA_OK)
			bench_fail("the empty function failed");
	}
}

static void floor_body(struct bench *bench, int64_t calls)
{
	for (int64_t i = 0; i < calls; i++)
		bare_body_call(bench->lua);
}

/* The plain way to leave nothing behind. */
static void floor_new_state(struct bench *bench, int64_t calls)
{
	for (int64_t i = 0; i < calls; i++) {
		lua_State *lua = luaL_newstate();
		if (!lua)
			bench_fail("no memory");
		bare_open(lua, bench);
		if (luaL_loadbufferx(lua, bench->bytecode, bench->bytecode_bytes, "=bare", "b") != LUA_OK)
			bench_fail("the bytecode does not load");
		lua_call(lua, 0, 0);
		bare_body_call(lua);
		lua_close(lua);
	}
}

static bool listens_never(const struct rule_bundle *bundle, enum rule_moment moment, enum event event)
{
	(void)bundle;
	(void)moment;
	(void)event;
	return false;
}

static void listens_ask(struct bench *bench, int64_t calls, enum event event)
{
	for (int64_t i = 0; i < calls; i++)
		if (bench->listens(bench->bundle, RULE_PRE, event))
			bench_fail("a rule listens to %s", event_info(event)->name);
}

static void floor_no_listener(struct bench *bench, int64_t calls)
{
	bench->listens = listens_never;
	listens_ask(bench, calls, EVENT_INVOICE_CREATE);
}

/* ---- ours ---- */

static void no_listener(struct bench *bench, int64_t calls)
{
	bench->listens = rule_bundle_listens;
	listens_ask(bench, calls, EVENT_INVOICE_CREATE);
}

static void run_named(struct bench *bench, int64_t calls, const char *name)
{
	const struct rule *rule = rule_bundle_find(bench->bundle, text_of(name));
	if (!rule)
		bench_fail("there is no rule %s", name);
	for (int64_t i = 0; i < calls; i++) {
		struct arena_mark mark = arena_mark(&bench->arena);
		struct rule_call call = bench->call;
		if (rule_run(&call, rule) != RULE_OK)
			bench_fail("%s failed: %s", name, bench->problems.first->cause);
		arena_rewind(&bench->arena, mark);
	}
}

static void pre_rule_empty(struct bench *bench, int64_t calls)
{
	run_named(bench, calls, "empty");
}

static void pre_rule_fields(struct bench *bench, int64_t calls)
{
	run_named(bench, calls, "fields");
}

#define POLICY_CHOICE TEXT("proration/half_open_days")

/* What a call begins and ends with: the state put back as it was when the policy's file had been run. */
static void restore(struct bench *bench, int64_t calls)
{
	const struct rule_bundle *owner;
	const struct rule *rule = rule_policy_by_choice(NULL, POLICY_PRORATION, POLICY_CHOICE, &owner);
	for (int64_t i = 0; i < calls; i++) {
		struct rule_state state = { .bundle = owner, .results = &bench->arena, .problems = &bench->problems };
		if (rule_state_begin_file(&state, RULE_MEMORY_BYTES_DEFAULT, bundle_rule_of(rule)->file) != RULE_BEGINNING_READY)
			bench_fail("the file of the policy does not run");
		rule_state_end(&state);
	}
}

/* `written`: what was read and decided is turned into text, as for the row of a run. */
static void policy_ask_and(struct bench *bench, int64_t calls, bool written)
{
	for (int64_t i = 0; i < calls; i++) {
		struct arena_mark mark = arena_mark(&bench->arena);
		struct rule_call call = bench->call;
		struct rule_result result;
		struct text choice = POLICY_CHOICE;
		call.bundle = NULL;
		call.record = &proration_change_record;
		call.subject = &bench->change;
		call.subject_writable = call.details_writable = 0;
		if (!rule_decide(&call, POLICY_PRORATION, &choice, 1, &result) || result.exact.amount.numerator != 121 ||
		    result.exact.amount.denominator != 2)
			bench_fail("the policy did not answer 60.50 USD");
		if (written && (rule_trace_reads(result.trace, &bench->arena).length == 0 ||
		                !text_is(rule_trace_result(result.trace, &bench->arena), "60.50 USD")))
			bench_fail("the policy's trace is empty");
		arena_rewind(&bench->arena, mark);
	}
}

static void policy_ask(struct bench *bench, int64_t calls)
{
	policy_ask_and(bench, calls, false);
}

static void policy_ask_written(struct bench *bench, int64_t calls)
{
	policy_ask_and(bench, calls, true);
}

/* ---- the run ---- */

struct bench_case {
	const char *name;
	int share; /* of --calls: slow cases run less often */
	void (*run)(struct bench *bench, int64_t calls);
	const char *what, *floor;
};

static const struct bench_case cases[] = {
	{ "floor_no_listener", 1, floor_no_listener, "floor: an indirect C call", NULL },
	{ "no_listener", 1, no_listener, "event that no rule hears", "floor_no_listener" },
	{ "floor_call", 1, floor_call, "floor: lua_pcall, empty function", NULL },
	{ "pre_rule_empty", 4, pre_rule_empty, "pre rule, empty", "floor_call" },
	{ "floor_body", 1, floor_body, "floor: proration body, kept state", NULL },
	{ "floor_new_state", 20, floor_new_state, "floor: the same, new state a call", NULL },
	{ "restore", 4, restore, "making the state of a call", NULL },
	{ "policy", 4, policy_ask, "proration policy, state and all", "floor_body" },
	{ "policy_written", 4, policy_ask_written, "the same, and its trace as JSON", NULL },
	{ "pre_rule_fields", 4, pre_rule_fields, "pre rule: 4 reads, 1 assignment", NULL },
};
enum { CASES = sizeof cases / sizeof cases[0] };

static const char rules_source[] =
        "rule 'empty' { pre = 'order.create', run = function (order) end }\n"
        "rule 'fields' { pre = 'order.create', run = function (order, ctx)\n"
        "  if order.plan == 'gold' and order.auto_renew and order.start_date > date '2011-01-01' and order.number ~= '' then\n"
        "    order.external_key = 'gold-renewed'\n"
        "  end\n"
        "end }\n";

static int bytecode_add(lua_State *lua, const void *bytes, size_t size, void *context)
{
	struct bench *bench = context;
	(void)lua;
	if (size > sizeof bench->bytecode - bench->bytecode_bytes)
		return 1;
	memcpy(bench->bytecode + bench->bytecode_bytes, bytes, size);
	bench->bytecode_bytes += size;
	return 0;
}

static void bare_prepare(struct bench *bench)
{
	bench->lua = luaL_newstate();
	if (!bench->lua)
		bench_fail("no memory");
	bare_open(bench->lua, bench);
	if (luaL_loadstring(bench->lua, body_source) != LUA_OK || lua_dump(bench->lua, bytecode_add, bench, 1) != 0)
		bench_fail("the bare rule does not compile");
	lua_call(bench->lua, 0, 0);
}

static void order_prepare(struct bench *bench)
{
	struct order *order = &bench->order;
	order->id = 381;
	order->account_id = 366;
	order->number = TEXT("1036");
	order->plan = TEXT("gold");
	order->status = ORDER_STATUS_DRAFT;
	order->currency = currency_find(TEXT("USD"));
	order->start_date = date_of("2011-09-20");
	order->auto_renew = true;
}

static void change_prepare(struct bench *bench)
{
	struct proration_change *change = &bench->change;
	struct decimal price = decimal_from_int64(165);
	change->currency = currency_find(TEXT("USD"));
	if (!exact_money_from_decimal(price, change->currency, &change->price))
		bench_fail("165 is no price");
	change->reason = PRORATION_CHANGE_REASON_START;
	change->period_start = date_of("2011-09-01");
	change->period_end = date_of("2011-10-01");
	change->service_start = date_of("2011-09-20");
	change->service_end = date_of("2011-10-01");
	change->days_left = date_days_between(change->service_start, change->service_end);
	change->days_in_period = date_days_between(change->period_start, change->period_end);
}

static void bench_prepare(struct bench *bench)
{
	if (!arena_init(&bench->arena, ARENA_LIMIT_DEFAULT_BYTES))
		bench_fail("no memory");
	arena_alloc(&bench->arena, 1); /* a first block, so that a mark lies in it and rewinding keeps it */
	problems_init(&bench->problems, &bench->arena);
	order_prepare(bench);
	change_prepare(bench);
	bare_prepare(bench);
	struct rule_file file = { TEXT("rules/bench.lua"), text_of(rules_source) };
	bench->bundle = rule_bundle_load(&file, 1, &file.name, 1, digest_sha256(file.source), &bench->problems);
	if (!bench->bundle)
		bench_fail("the rules do not load: %s", bench->problems.first->cause);
	bench->call = (struct rule_call){
		.bundle = bench->bundle, .arena = &bench->arena, .problems = &bench->problems,
		.now = { INT64_C(1315321200) * US_PER_S }, .today = date_of("2011-09-06"), .seed = { { 1 } },
		.settings = TEXT("{}"), .event = EVENT_ORDER_CREATE, .record = &order_record, .subject = &bench->order,
		.details_record = &event_details_record, .details = &bench->details,
		.subject_writable = UINT64_C(1) << ORDER_FIELD_EXTERNAL_KEY,
	};
}

static size_t case_number(const char *name)
{
	for (size_t i = 0; i < CASES; i++)
		if (strcmp(cases[i].name, name) == 0)
			return i;
	bench_fail("there is no case %s", name);
}

static void cases_print(double (*figures)[ROUNDS_MAX], size_t rounds)
{
	double medians[CASES];
	for (size_t i = 0; i < CASES; i++)
		medians[i] = bench_median(figures[i], rounds);
	printf("%-36s %12s %9s  %s\n", "one call", "ns (median)", "spread", "times its floor");
	for (size_t i = 0; i < CASES; i++) {
		double spread = (figures[i][rounds - 1] - figures[i][0]) / medians[i] * 100;
		printf("%-36s %12.1f %8.0f%%", cases[i].what, medians[i], spread);
		if (cases[i].floor)
			printf("  %.2f", medians[i] / medians[case_number(cases[i].floor)]);
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	static struct bench bench;
	static double figures[CASES][ROUNDS_MAX];
	const char *only = bench_option(argc, argv, "--only");
	size_t rounds = (size_t)bench_number(argc, argv, "--rounds", 7, 1, ROUNDS_MAX);
	int64_t calls = bench_number(argc, argv, "--calls", 20000, 1, 100000000);
	bench_prepare(&bench);
	if (only) {
		cases[case_number(only)].run(&bench, calls);
		return 0;
	}
	for (size_t i = 0; i < CASES; i++)
		cases[i].run(&bench, calls / cases[i].share / 4 + 1);
	for (size_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < CASES; i++) {
			int64_t count = calls / cases[i].share + 1;
			double begun = bench_cpu_ns();
			cases[i].run(&bench, count);
			figures[i][round] = (bench_cpu_ns() - begun) / (double)count;
		}
	}
	cases_print(figures, rounds);
	return 0;
}
