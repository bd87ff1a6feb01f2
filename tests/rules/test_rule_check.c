/* test_rule_check.c: checks of bundles: what is given, what comes out, and how a difference is told. */
#include "rule/rule_check.h"
#include "rule_fixture.h"

static const char rules[] =
        "rule 'few' { pre = 'order.create', run = function (order, ctx)\n"
        "  if order.account and order.account.email == 'bad@example.com' then ctx:reject('bad', 'not you') end\n"
        "  order.external_key = 'k' .. ctx.today.day\n"
        "  ctx:note(ctx.settings.greeting)\n"
        "end }\n"
        "rule 'told' { post = 'invoice.settle', run = function (invoice, ctx)\n"
        "  ctx:send('mail', { to = invoice.account.email, paid = invoice.total })\n"
        "end }\n"
        "rule 'thirty' { policy = 'proration', run = function (change) return change.price:portion(change.days_left, 30) end }\n"
        "rule 'by half' { policy = 'rounding', run = function () return { mode = 'half_even', place = 'line' } end }\n"
        "rule 'breaks' { pre = 'account.create', run = function (account) account.name.x.y = 1 end }\n"
        "rule 'sweep' { task = true, run = function (ctx)\n"
        "  for account in ctx:each('account', { status = 'active' }) do ctx:note(account.name) end\n"
        "end }\n";

struct checked {
	struct fixture fixture;
	struct rule_check_list list;
	bool good;
};

static void checks_run(struct checked *checked, const char *source)
{
	struct fixture *fixture = &checked->fixture;
	fixture_open(fixture);
	const struct rule_file files[] = { { TEXT("rules/r.lua"), text_of(rules) }, { TEXT("checks/c.lua"), text_of(source) } };
	fixture->bundle = files_load(fixture, files, 2);
	if (!fixture->bundle)
		CHECK_FAIL("did not load: %s", first_cause(fixture));
	const struct json *settings = json_parse(TEXT("{\"greeting\":\"hello\"}"), &fixture->arena, &fixture->problems);
	checked->good = rule_checks_run(fixture->bundle, settings, &fixture->arena, &fixture->problems, &checked->list);
}

static void passes(const char *source)
{
	struct checked checked;
	checks_run(&checked, source);
	CHECK(checked.good);
	CHECK_EQ_INT(checked.list.count, 1);
	const struct rule_check *check = checked.list.items;
	if (!check->passed)
		CHECK_FAIL("%s: %s", source, check->broken ? check->broken : check->differences.items[0].got);
	fixture_close(&checked.fixture);
}

/* Path, both sides and place of the first difference. */
static void differs(const char *source, const char *path, const char *wanted, const char *got, const char *place)
{
	struct checked checked;
	checks_run(&checked, source);
	const struct rule_check *check = checked.list.items;
	if (checked.list.failed != 1 || check->broken)
		CHECK_FAIL("%s: %s", source, check->broken ? check->broken : "passed");
	CHECK_EQ_C(check->differences.items[0].path, path);
	CHECK_EQ_C(check->differences.items[0].wanted, wanted);
	CHECK_EQ_C(check->differences.items[0].got, got);
	CHECK_EQ_C(check->place, place);
	fixture_close(&checked.fixture);
}

static void breaks(const char *source, const char *part)
{
	struct checked checked;
	checks_run(&checked, source);
	CHECK_EQ_INT(checked.list.failed, 1);
	if (!checked.list.items[0].broken)
		CHECK_FAIL("%s: could be run", source);
	CHECK_CONTAINS(checked.list.items[0].broken, part);
	fixture_close(&checked.fixture);
}

TEST(a_rejection_an_assignment_and_a_note_are_looked_at)
{
	passes("check 'c' { on = 'order.create', given = { account = { email = 'bad@example.com' } }, expect = { rejected = 'bad', message = 'not you' } }");
	passes("check 'c' { on = 'order.create', at = '2026-03-07', expect = { order = { external_key = 'k7' }, notes = { 'hello' } } }");
	passes("check 'c' { on = 'order.create', settings = { greeting = 'ho' }, expect = { notes = { 'ho' }, sends = {} } }");
}

TEST(a_relation_is_a_table_and_a_send_is_compared_by_its_members)
{
	passes("check 'c' { on = 'InvoicePaid', given = { total = money '5 USD', account = { email = 'a@b.c' } },"
	       " expect = { sends = { { channel = 'mail', to = 'a@b.c', paid = money '5 USD' } } } }");
	differs("check 'c' { on = 'InvoicePaid', given = { total = money '5 USD', account = { email = 'a@b.c' } },"
	        " expect = { sends = { { to = 'x@b.c' } } } }",
	        "sends[1].to", "\"x@b.c\"", "\"a@b.c\"", "rules/r.lua:6");
}

TEST(policies_are_checked_from_input_to_answer)
{
	passes("check 'c' { on = 'proration', given = { price = money '30 USD', days_left = 15 }, expect = money '15 USD' }");
	passes("check 'c' { on = 'proration', given = { price = money '10 USD', days_left = 10 }, expect = '10/3 USD' }");
	passes("check 'c' { on = 'rounding', given = { currency = 'USD' }, expect = { mode = 'half_even' } }");
	differs("check 'c' { on = 'proration', given = { price = money '30 USD', days_left = 15 }, expect = money '14 USD' }",
	        "answer", "\"14.00 USD\"", "\"15.00 USD\"", "rules/r.lua:9");
}

TEST(a_rule_that_fails_must_be_expected_to_and_is_told_by_its_line)
{
	passes("check 'c' { on = 'account.create', given = { name = 'Ann' }, expect = { failed = 'string.x does not exist' } }");
	differs("check 'c' { on = 'order.create', given = { account = { email = 'bad@example.com' } }, expect = {} }",
	        "rejected", "nothing", "\"bad\"", "rules/r.lua:2");
}

TEST(a_task_reads_the_rows_of_its_check)
{
	passes("check 'c' { on = 'sweep', rows = { account = { { name = 'Ann', status = 'active' }, { name = 'Bo', status = 'terminated' } } },"
	       " expect = { notes = { 'Ann' } } }");
}

TEST(what_cannot_be_run_names_the_nearest_spelling_and_keeps_nothing_else_from_running)
{
	breaks("check 'c' { on = 'order.creat', expect = {} }", "did you mean 'order.create'?");
	breaks("check 'c' { on = 'order.create', given = { lins = {} }, expect = {} }", "did you mean 'lines'?");
	breaks("check 'c' { on = 'order.create', gven = {}, expect = {} }", "did you mean 'given'?");
	breaks("check 'c' { on = 'order.create', expect = { orde = {} } }", "did you mean 'order'?");
	breaks("check 'c' { on = 'invoice.send', expect = {} }", "no rule of the bundle listens to invoice.send");
	breaks("check 'c' { on = 'proration', rule = 'thirti', expect = 1 }", "did you mean 'thirty'?");
	struct checked checked;
	checks_run(&checked, "check 'a' { on = 1, expect = {} }\ncheck 'b' { on = 'order.create', expect = {} }");
	CHECK_EQ_INT(checked.list.count, 2);
	CHECK_EQ_INT(checked.list.failed, 1);
	fixture_close(&checked.fixture);
}

TEST(a_file_that_fails_is_a_problem_and_rules_are_not_declared_there)
{
	struct checked checked;
	checks_run(&checked, "local x = nil + 1");
	CHECK(!checked.good);
	CHECK_CONTAINS(first_cause(&checked.fixture), "checks/c.lua:1");
	fixture_close(&checked.fixture);
	checks_run(&checked, "rule 'x' { task = true, run = function () end }");
	CHECK(!checked.good);
	CHECK_CONTAINS(first_cause(&checked.fixture), "global 'rule' is not declared");
	fixture_close(&checked.fixture);
}

TEST(checks_that_never_end_share_their_fuel)
{
	struct checked checked;
	checks_run(&checked, "for i = 1, 100 do check('c' .. i) { on = 'order.create', expect = {} } end while true do end");
	CHECK(!checked.good);
	CHECK_CONTAINS(first_cause(&checked.fixture), "used up its fuel");
	fixture_close(&checked.fixture);
}

TEST(a_file_that_never_ends_leaves_the_others_their_fuel)
{
	struct fixture fixture;
	struct rule_check_list list;
	fixture_open(&fixture);
	const struct rule_file files[] = {
		{ TEXT("rules/r.lua"), TEXT("rule 'r' { pre = 'order.create', run = function (order) order.external_key = 'k' end }") },
		{ TEXT("checks/a.lua"), TEXT("while true do end") },
		{ TEXT("checks/b.lua"), TEXT("check 'b' { on = 'order.create', expect = { order = { external_key = 'k' } } }") },
	};
	fixture.bundle = files_load(&fixture, files, 3);
	CHECK(fixture.bundle != NULL);
	CHECK(!rule_checks_run(fixture.bundle, NULL, &fixture.arena, &fixture.problems, &list));
	CHECK_CONTAINS(first_cause(&fixture), "checks/a.lua:1");
	CHECK_EQ_INT(list.count, 1);
	CHECK(list.items[0].passed);
	fixture_close(&fixture);
}

TEST(rules_that_never_end_take_the_fuel_of_all_checks_once)
{
	struct fixture fixture;
	struct rule_check_list list;
	fixture_open(&fixture);
	const struct rule_file files[] = {
		{ TEXT("rules/r.lua"), TEXT("rule 'r' { pre = 'order.create', run = function () while true do end end }") },
		{ TEXT("checks/c.lua"), TEXT("for i = 1, 500 do check('c' .. i) { on = 'order.create', expect = {} } end") },
	};
	fixture.bundle = files_load(&fixture, files, 2);
	CHECK(fixture.bundle != NULL);
	int64_t begun_us = clock_thread_us();
	CHECK(rule_checks_run(fixture.bundle, NULL, &fixture.arena, &fixture.problems, &list));
	int64_t spent_us = clock_thread_us() - begun_us;
	CHECK_EQ_INT(list.count, 500);
	CHECK_EQ_INT(list.failed, 500);
	CHECK_EQ_C(list.items[0].differences.items[0].path, "failed");
	CHECK_CONTAINS(list.items[0].differences.items[0].got, "used up its fuel of 5000000 units");
	CHECK_EQ_C(list.items[499].broken, "what was run before it used up the fuel of all checks of the bundle, 20000000 units");
	if (!thread_sanitizer && spent_us > 5 * US_PER_S)
		CHECK_FAIL("500 checks took %lld us of a processor", (long long)spent_us);
	fixture_close(&fixture);
}

CHECK_MAIN
