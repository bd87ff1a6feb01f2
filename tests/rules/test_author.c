/* test_author.c: the author's tools: what the lint finds, what the annotations tell, what is covered. */
#include "policies.gen.h"
#include "rule/author_state.h"
#include "rule/rule_context.h"
#include "rule/rule_library.h"
#include "rule/rule_state.h"
#include "rule/rule_value.h"
#include "rule_fixture.h"

static const struct author_command commands[] = {
	{ "account.update", "Changes an account.", &account_record }, { NULL, NULL, NULL },
};
static const char *const channels[] = { "mail", NULL };
static const struct author_host host = { commands, channels };

/* ------------------------------------------------------------------------------------------------ lint */

struct linted {
	struct arena arena;
	struct problems problems;
	struct author_findings findings;
};

static void lint(struct linted *linted, const char *source)
{
	memset(linted, 0, sizeof *linted);
	CHECK(arena_init(&linted->arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&linted->problems, &linted->arena);
	const struct author_file file = { TEXT("rules/r.lua"), text_of(source), true };
	if (!author_lint(&file, 1, &host, &linted->arena, &linted->problems, &linted->findings))
		CHECK_FAIL("%s: %s", source, linted->problems.first->message);
}

static void finds_in(const char *source, const char *part, bool is_error)
{
	struct linted linted;
	lint(&linted, source);
	if (linted.findings.count != 1)
		CHECK_FAIL("%s: %zu findings, the first: %s", source, linted.findings.count,
		           linted.findings.count ? linted.findings.items[0].message : "-");
	CHECK_CONTAINS(linted.findings.items[0].message, part);
	CHECK(linted.findings.items[0].is_error == is_error);
	arena_finish(&linted.arena);
}

static void silent(const char *source)
{
	struct linted linted;
	lint(&linted, source);
	if (linted.findings.count)
		CHECK_FAIL("%s: %s", source, linted.findings.items[0].message);
	arena_finish(&linted.arena);
}

/* The body of a pre rule of order.create. */
static void pre_finds(const char *body, const char *part)
{
	char source[2000];
	snprintf(source, sizeof source, "rule 'r' { pre = 'order.create', run = function (order, ctx)\n%s\nend }", body);
	finds_in(source, part, true);
}

static void pre_silent(const char *body)
{
	char source[2000];
	snprintf(source, sizeof source, "rule 'r' { pre = 'order.create', run = function (order, ctx)\n%s\nend }", body);
	silent(source);
}

TEST(names_are_held_against_records_ctx_and_the_library)
{
	pre_finds("log(order.plam)", "order has no field 'plam' (did you mean 'plan'?)");
	pre_finds("log(order.account.emial)", "account has no field 'emial' (did you mean 'email'?)");
	pre_finds("for _, line in ipairs(order.lines) do log(line.quantiti) end", "did you mean 'quantity'?");
	pre_finds("log(order.lines[1].quantiti)", "did you mean 'quantity'?");
	pre_finds("log(ctx.event.resaon)", "did you mean 'reason'?");
	pre_finds("ctx:rejekt('a', 'b')", "ctx has no member 'rejekt' (did you mean 'reject'?)");
	pre_finds("ctx:send('mail', {})", "ctx:send cannot be used in a pre rule (only in: post, task)");
	pre_finds("ctx.note('x')", "write ctx:note(...)");
	pre_finds("log(string.formt('x'))", "string.formt does not exist (did you mean 'format'?)");
	pre_finds("prnt('x')", "global 'prnt' is not declared");
	pre_finds("os.time()", "use ctx.now and ctx.today");
	pre_finds("total = 5", "global 'total' is not declared");
	pre_finds("log((money '5 USD'):persent(5))", "money has no method 'persent' (did you mean 'percent'?)");
	pre_finds("log(ctx.today.wekday)", "date has no field 'wekday' (did you mean 'weekday'?)");
	pre_finds("ctx:command('account.updat', {})", "did you mean 'account.update'?");
	pre_finds("order.lines:add { price_cod = 'x' }", "did you mean 'price_code'?");
	finds_in("rule 'r' { task = true, run = function (ctx) for a in ctx:each('account') do ctx:note(a.nam) end end }",
	         "did you mean 'name'?", true);
	finds_in("rule 'r' { task = true, run = function (ctx) ctx:each('acount') end }", "did you mean 'account'?", true);
	finds_in("rule 'r' { post = 'invoice.settle', run = function (invoice, ctx) ctx:send('mial', {}) end }", "did you mean 'mail'?", true);
}

TEST(constants_are_held_against_types)
{
	pre_finds("order.plan = 5", "order.plan is text, not integer");
	pre_finds("order.status = 'draft'", "order.status cannot be assigned here");
	pre_finds("order.start_date = '2011-02-30'", "'2011-02-30'");
	pre_finds("if order.status == 'drft' then log(1) end", "did you mean 'draft'?");
	pre_finds("if order.lines[1].quantity == 5 then log(1) end", "decimal and integer are never equal");
	pre_finds("if money '5 USD' < 5 then log(1) end", "money and integer cannot be compared");
	pre_finds("log(money '5 USD' * 0.1)", "money * float is refused");
	pre_finds("log(money '5 USD' + 1)", "money + integer is refused");
	pre_finds("log(money '19,99 USD')", "is not an amount");
	pre_finds("log(date '2011-02-30')", "is not a date");
	pre_finds("log((decimal '0.5'):round(2, 'half_upp'))", "did you mean 'half_up'?");
	pre_finds("return true", "a pre rule returns nothing");
	finds_in("rule 'r' { policy = 'proration', run = function (change) return 5 end }", "returns money or an exact amount, not integer", true);
	finds_in("rule 'r' { policy = 'proration', run = function (change) change.days_left = 5 end }", "in a policy rule records are frozen", true);
	finds_in("rule 'r' { policy = 'rounding', run = function () return { mode = 'half_up' } end }", "needs the field 'place'", true);
	finds_in("rule 'r' { policy = 'rounding', run = function () return { mode = 'haf_up', place = 'line' } end }", "did you mean 'half_up'?", true);
	finds_in("rule 'r' { post = 'invoice.settle', run = function (invoice) invoice.due_date = nil end }", "in a post rule records are frozen", true);
}

TEST(what_nobody_uses_and_what_hides_another_is_a_warning)
{
	finds_in("local x = 1", "local 'x' is not used", false);
	finds_in("local x = 1\ndo local x = 2 log(x) end\nlog(x)", "'x' hides the local of line 1", false);
	finds_in("rule 'r' { pre = 'order.create', run = function (order) local order = order.plan log(order) end }",
	         "'order' hides the parameter of line 1", false);
	finds_in("local function f() end", "local 'f' is not used", false);
	silent("local _x = 1");
}

TEST(what_is_not_known_for_certain_is_let_pass)
{
	pre_silent("local part = order.lines[1] part = order.account log(part.email)");
	pre_silent("local tools = require 'tools' log(tools.anything:at_all())");
	pre_silent("if order.lines[1].quantity > 10 and order.account then ctx:reject('a', 'b' .. order.plan) end");
	pre_silent("local total = money '0 USD' for i = 1, 3 do total = total + money(i, 'USD') end log(total:round('half_up'))");
	pre_silent("local t = {} t.x = 1 function t.f(a) return a.b.c end log(t, t.f, ctx.settings.rules.x.y)");
	pre_silent("order.start_date = ctx.today + 5 order.end_date = order.start_date:add_months(1)");
	pre_silent("order.plan = order.plan:upper() order.auto_renew = not order.auto_renew");
	pre_silent("local names = {} for name, value in pairs(ctx.settings) do names[#names + 1] = name .. tostring(value) end table.sort(names)"
	           " log(table.concat(names, ','))");
	silent("rule 'r' { policy = 'proration', run = function (change) if change.reason ~= 'credit' then return nil end"
	       " local left = change.credited and change.paid - change.credited or change.paid"
	       " return change.price:portion(change.days_left, 30):min(left) end }");
	silent("rule 'r' { pre = { 'order.create', 'account.create' }, run = function (subject) log(subject.anything) end }");
}

TEST(the_shipped_policies_have_nothing_to_find)
{
	for (size_t i = 0; i < shipped_policy_count; i++)
		silent(shipped_policies[i].source);
}

/* ------------------------------------------------------------------------------------------------ the parser */

/* A source of the shipped policies with a few bytes less, more or doubled. */
static struct text source_spoiled(struct arena *arena, uint64_t *random)
{
	const struct shipped_policy *policy = &shipped_policies[check_random(random) % shipped_policy_count];
	struct text whole = { policy->source, policy->length };
	for (size_t changes = 1 + check_random(random) % 3; changes > 0; changes--) {
		size_t at = check_random(random) % whole.length, length = check_random(random) % 20;
		struct text before = text_slice(whole, 0, at), after = text_slice(whole, at, whole.length);
		char byte = (char)(' ' + check_random(random) % 95);
		switch (check_random(random) % 3) {
		case 0:
			whole = TEXT_JOIN(arena, before, text_slice(after, length < after.length ? length : 0, after.length));
			break;
		case 1:
			whole = text_format(arena, "%.*s%c%.*s", TEXT_ARG(before), byte, TEXT_ARG(after));
			break;
		default:
			whole = TEXT_JOIN(arena, TEXT_JOIN(arena, before, text_slice(after, 0, length < after.length ? length : 0)), after);
		}
	}
	return whole;
}

/* Whatever Lua takes the tools' parser takes, and what it refuses it refuses by a message, not by falling over. */
static int parser_try(lua_State *lua)
{
	struct author_run *run = author_run_of(lua);
	struct text *source = run->result;
	bool is_lua = luaL_loadbufferx(lua, source->data, source->length, "=source", "t") == LUA_OK;
	lua_settop(lua, 0);
	bool parsed = author_tree_push(lua, *source);
	if (is_lua && !parsed)
		return luaL_error(lua, "refused what Lua takes");
	return 0;
}

TEST(the_parser_takes_whatever_lua_takes)
{
	uint64_t random = 20261123;
	for (int round = 0; round < 300; round++) {
		struct linted use;
		lint(&use, "");
		struct text source = source_spoiled(&use.arena, &random);
		struct author_run run = { &host, &use.arena, NULL, 0, &source };
		if (!author_run(&run, parser_try, &use.problems))
			CHECK_FAIL("%s: %.*s", use.problems.first->message, TEXT_ARG(source));
		arena_finish(&use.arena);
	}
}

/* ------------------------------------------------------------------------------------------------ library.lua */

static const struct value_type *const value_types[] = {
	&value_type_money, &value_type_exact, &value_type_decimal, &value_type_date, &value_type_period, &value_type_duration, &value_type_instant,
};

/* The names of a table on the top, sorted, "a,b,". */
static struct text keys_text(lua_State *lua, struct arena *arena)
{
	const char *names[200];
	size_t count = 0;
	struct text_builder out;
	for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
		names[count++] = text_c(arena, text_of(lua_tostring(lua, -2)));
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && strcmp(names[k - 1], names[k]) > 0; k--) {
			const char *swapped = names[k];
			names[k] = names[k - 1];
			names[k - 1] = swapped;
		}
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < count; i++)
		builder_format(&out, "%s,", names[i]);
	return builder_text(&out);
}

struct told {
	struct text globals, tables[4], methods[7], fields[7], context;
	lua_State *rules;
	struct rule_state *state;
};

static const char *const table_names[] = { "string", "table", "math", "utf8" };

static void merge(lua_State *lua, const char *name)
{
	lua_getfield(lua, 1, name);
	for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
		lua_pushvalue(lua, -2);
		lua_pushboolean(lua, true);
		lua_rawset(lua, 2);
	}
	lua_pop(lua, 1);
}

static int told_read(lua_State *lua)
{
	struct author_run *run = author_run_of(lua);
	struct told *told = run->result;
	author_tool_push(lua, "library");
	lua_newtable(lua);
	merge(lua, "functions");
	merge(lua, "constructors");
	merge(lua, "tables");
	told->globals = keys_text(lua, run->arena);
	lua_settop(lua, 1);
	lua_getfield(lua, 1, "context");
	told->context = keys_text(lua, run->arena);
	lua_getfield(lua, 1, "tables");
	for (size_t i = 0; i < 4; i++) {
		lua_getfield(lua, -1, table_names[i]);
		told->tables[i] = keys_text(lua, run->arena);
		lua_pop(lua, 1);
	}
	lua_getfield(lua, 1, "values");
	for (size_t i = 0; i < 7; i++) {
		lua_getfield(lua, -1, value_types[i]->name);
		lua_getfield(lua, -1, "methods");
		told->methods[i] = keys_text(lua, run->arena);
		lua_getfield(lua, -2, "fields");
		told->fields[i] = keys_text(lua, run->arena);
		lua_pop(lua, 3);
	}
	return 0;
}

static int found_read(lua_State *lua)
{
	struct told *found = lua_touserdata(lua, 1);
	struct arena *arena = rule_state_of(lua)->results;
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	luaL_getmetafield(lua, -1, "__index");
	found->globals = keys_text(lua, arena);
	for (size_t i = 0; i < 4; i++) {
		lua_getfield(lua, -1, table_names[i]);
		luaL_getmetafield(lua, -1, "__index");
		found->tables[i] = keys_text(lua, arena);
		lua_pop(lua, 2);
	}
	for (size_t i = 0; i < 7; i++) {
		lua_newtable(lua);
		for (const luaL_Reg *method = value_types[i]->methods; method && method->name; method++)
			lua_pushboolean(lua, true), lua_setfield(lua, -2, method->name);
		found->methods[i] = keys_text(lua, arena);
		lua_newtable(lua);
		for (const struct value_field *field = value_types[i]->fields; field && field->name; field++)
			lua_pushboolean(lua, true), lua_setfield(lua, -2, field->name);
		found->fields[i] = keys_text(lua, arena);
		lua_pop(lua, 2);
	}
	lua_newtable(lua);
	for (size_t i = 0; rule_context_member(i); i++)
		lua_pushboolean(lua, true), lua_setfield(lua, -2, rule_context_member(i));
	found->context = keys_text(lua, arena);
	return 0;
}

TEST(what_is_told_of_the_library_is_what_rules_find)
{
	struct linted use;
	struct told told, found;
	lint(&use, "");
	struct author_run run = { &host, &use.arena, NULL, 0, &told };
	CHECK(author_run(&run, told_read, &use.problems));
	struct rule_state state = { .results = &use.arena, .problems = &use.problems };
	CHECK(rule_state_begin(&state, RULE_MEMORY_BYTES_DEFAULT, RULE_FUEL_DEFAULT));
	CHECK(rule_protected(&state, found_read, &found));
	rule_state_end(&state);
	CHECK_EQ_TEXT(told.globals, found.globals.data);
	CHECK_EQ_TEXT(told.context, found.context.data);
	for (size_t i = 0; i < 4; i++)
		CHECK_EQ_TEXT(told.tables[i], found.tables[i].data);
	for (size_t i = 0; i < 7; i++) {
		CHECK_EQ_TEXT(told.methods[i], found.methods[i].data);
		CHECK_EQ_TEXT(told.fields[i], found.fields[i].data);
	}
	arena_finish(&use.arena);
}

/* ------------------------------------------------------------------------------------------------ annotations */

static bool says(struct text text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool says(struct text text, const char *format, ...)
{
	char part[500];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(part, sizeof part, format, arguments);
	va_end(arguments);
	if (!strstr(text.data, part))
		CHECK_FAIL("the annotations lack: %s", part);
	return true;
}

static void record_is_told(struct text text, const struct record *record)
{
	char class[200];
	snprintf(class, sizeof class, "---@class %s\n", record->name);
	const char *from = strstr(text.data, class);
	if (!from)
		CHECK_FAIL("the annotations lack the record %s", record->name);
	const char *to = strstr(from, "\n\n");
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		char line[200];
		snprintf(line, sizeof line, "---@field %s%s ", field->name, field->flags & FIELD_REQUIRED ? "" : "?");
		const char *at = strstr(from, line);
		bool told = at && (!to || at < to), hidden = field->flags & FIELD_HIDDEN || (field->flags & FIELD_SECRET && record->table);
		if (told == hidden)
			CHECK_FAIL("%s.%s: %s", record->name, field->name, told ? "is hidden and told" : "is not told");
	}
}

static int annotations_load(lua_State *lua)
{
	const struct text *text = author_run_of(lua)->result;
	if (luaL_loadbufferx(lua, text->data, text->length, "=annotations", "t") != LUA_OK)
		return lua_error(lua);
	return 0;
}

TEST(the_annotations_are_lua_and_tell_every_record_field_event_policy_command_and_function)
{
	struct linted use;
	const char *name;
	lint(&use, "");
	struct text text = author_annotations(&host, &use.arena, &use.problems);
	CHECK(text_present(text));
	struct author_run run = { &host, &use.arena, NULL, 0, &text };
	if (!author_run(&run, annotations_load, &use.problems))
		CHECK_FAIL("%s", use.problems.first->message);
	for (size_t i = 0; records_all[i]; i++)
		record_is_told(text, records_all[i]);
	for (size_t i = 0; (name = event_name_candidate(NULL, i)) != NULL; i++)
		says(text, "---| \"%s\"", name);
	for (size_t i = 0; (name = policy_name_candidate(NULL, i)) != NULL; i++)
		says(text, "---| \"%s\" # ", name);
	says(text, "---| \"account.update\" # Changes an account.; its input: account\n");
	for (size_t i = 0; i < 7; i++)
		for (const luaL_Reg *method = value_types[i]->methods; method && method->name; method++)
			says(text, "function %s_class:%s(", value_types[i]->name, method->name);
	says(text, "function context:reject(code, message) end");
	says(text, "---@param mode? rounding_mode\n---@return money\nfunction exact_class:round(mode) end");
	arena_finish(&use.arena);
}

/* ------------------------------------------------------------------------------------------------ coverage */

TEST(lines_and_branches_that_the_checks_run_are_counted_and_no_others)
{
	static const char rules[] =
	        "local function sum(a, b) return a + b end\n"                             /* 1 */
	        "rule 'r' { pre = 'order.create', run = function (order, ctx)\n"          /* 2 */
	        "  if order.plan == 'gold' then\n"                                        /* 3 */
	        "    ctx:note('gold')\n"                                                  /* 4 */
	        "  elseif order.plan == 'tin' then\n"                                     /* 5 */
	        "    ctx:reject('tin', 'no tin')\n"                                       /* 6 */
	        "  end\n"                                                                 /* 7 */
	        "  local n = order.plan and order.external_key or 'none'\n"               /* 8 */
	        "  for i = 1, 2 do ctx:note(n .. sum(i, 1)) end\n"                        /* 9 */
	        "  while order.auto_renew do ctx:note('never') break end\n"               /* 10 */
	        "end }\n";
	struct linted use;
	struct author_coverage coverage;
	lint(&use, "");
	const struct author_file files[] = {
		{ TEXT("rules/r.lua"), text_of(rules), true },
		{ TEXT("checks/c.lua"), TEXT("check 'c' { on = 'order.create', given = { plan = 'gold' }, expect = {} }\n"), false },
	};
	if (!author_cover(files, 2, &files[0].name, 1, NULL, &use.arena, &use.problems, &coverage))
		CHECK_FAIL("%s", use.problems.first->cause ? use.problems.first->cause : use.problems.first->message);
	CHECK_EQ_INT(coverage.count, 1);
	struct text_builder out;
	builder_init(&out, &use.arena, 0);
	for (size_t i = 0; i < coverage.items[0].lines.count; i++)
		builder_format(&out, "%d:%u ", coverage.items[0].lines.items[i].line, coverage.items[0].lines.items[i].count);
	CHECK_EQ_TEXT(builder_text(&out), "1:2 2:2 3:1 4:1 6:0 8:1 9:2 10:1 ");
	builder_init(&out, &use.arena, 0);
	for (size_t i = 0; i < coverage.items[0].branches.count; i++)
		builder_format(&out, "%d %s:%u ", coverage.items[0].branches.items[i].line, coverage.items[0].branches.items[i].kind,
		               coverage.items[0].branches.items[i].taken);
	CHECK_EQ_TEXT(builder_text(&out), "3 if:1 5 else:0 5 elseif:0 8 and:1 8 and passed over:0 8 or:1 8 or passed over:0 9 for:2 10 while:0 ");
	arena_finish(&use.arena);
}

CHECK_MAIN
