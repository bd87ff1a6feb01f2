/* test_rule_load.c: bundles: what is refused and how it is said, what is kept, require. */
#include "rule_fixture.h"

#include <pthread.h>

/* The source must be refused with a problem of this code whose cause holds `part`. */
static void check_refused(const char *file, int line, const char *source, const char *part, enum problem_code code)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, source);
	if (fixture.bundle)
		check_fail(file, line, "loaded: %s", source);
	if (!contains(first_cause(&fixture), part))
		check_fail(file, line, "%s\n#   expected: %s\n#   found:    %s", source, part, first_cause(&fixture));
	CHECK_EQ_INT(fixture.problems.first->code, code);
	fixture_close(&fixture);
}
#define CHECK_REFUSED(source, part) check_refused(__FILE__, __LINE__, (source), (part), PROBLEM_RULE_LOAD)
#define CHECK_NO_EVENT(source, part) check_refused(__FILE__, __LINE__, (source), (part), PROBLEM_UNKNOWN_EVENT)
#define RUN ", run = function () end }"

TEST(a_bundle_keeps_what_its_rules_declare)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'gold' {\n  pre = 'order.create', when = { plan = 'gold' }, doc = 'Why.',\n"
	                                       "  run = function (order)\n  end\n}\n"
	                                       "rule 'many' { post = { 'invoice.settle', 'InvoiceSent' == nil or 'order.create' }" RUN "\n"
	                                       "rule 'p' { policy = 'rounding'" RUN "\nrule 't' { task = true" RUN);
	if (!fixture.bundle)
		CHECK_FAIL("%s", first_cause(&fixture));
	CHECK_EQ_INT(rule_bundle_count(fixture.bundle), 4);
	const struct rule *gold = rule_bundle_find(fixture.bundle, TEXT("gold"));
	CHECK_EQ_INT(gold->moment, RULE_PRE);
	CHECK_EQ_INT(gold->events[0], EVENT_ORDER_CREATE);
	CHECK_EQ_INT(gold->events[1], EVENT_NONE);
	CHECK_EQ_INT(gold->when_count, 1);
	CHECK_EQ_C(gold->when[0].name, "plan");
	CHECK_EQ_TEXT(gold->when[0].equals, "gold");
	CHECK_EQ_C(gold->doc, "Why.");
	CHECK_EQ_C(gold->file, "rules/test.lua");
	CHECK_EQ_INT(gold->line, 1);
	CHECK_EQ_INT(gold->last_line, 4);
	const struct rule *many = rule_bundle_at(fixture.bundle, 1);
	CHECK_EQ_INT(many->index, 1);
	CHECK_EQ_INT(many->events[0], EVENT_INVOICE_SETTLE);
	CHECK_EQ_INT(many->events[1], EVENT_ORDER_CREATE);
	CHECK_EQ_C(many->doc, "");
	CHECK_EQ_INT(rule_bundle_at(fixture.bundle, 2)->policy, POLICY_ROUNDING);
	CHECK_EQ_INT(rule_bundle_at(fixture.bundle, 3)->moment, RULE_TASK);
	CHECK(rule_bundle_at(fixture.bundle, 4) == NULL);
	CHECK(rule_bundle_find(fixture.bundle, TEXT("none")) == NULL);
	fixture_close(&fixture);
}

TEST(listening_is_a_bit_a_moment_and_event)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'a' { pre = 'order.create'" RUN "\nrule 'b' { post = 'invoice.settle'" RUN);
	CHECK(fixture.bundle != NULL);
	CHECK(rule_bundle_listens(fixture.bundle, RULE_PRE, EVENT_ORDER_CREATE));
	CHECK(!rule_bundle_listens(fixture.bundle, RULE_POST, EVENT_ORDER_CREATE));
	CHECK(rule_bundle_listens(fixture.bundle, RULE_POST, EVENT_INVOICE_SETTLE));
	CHECK(!rule_bundle_listens(fixture.bundle, RULE_PRE, EVENT_INVOICE_SETTLE));
	fixture_close(&fixture);
}

TEST(aliases_of_other_systems_name_events)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'a' { post = 'InvoicePaid'" RUN "\nrule 'b' { pre = 'InvoicePreCreated'" RUN
	                                       "\nrule 'c' { post = 'POST /customers'" RUN "\nrule 'd' { post = 'HeartBeatEvent'" RUN);
	if (!fixture.bundle)
		CHECK_FAIL("%s", first_cause(&fixture));
	CHECK_EQ_INT(rule_bundle_at(fixture.bundle, 0)->events[0], EVENT_INVOICE_SETTLE);
	CHECK_EQ_INT(rule_bundle_at(fixture.bundle, 1)->events[0], EVENT_INVOICE_CREATE);
	CHECK_EQ_INT(rule_bundle_at(fixture.bundle, 2)->events[0], EVENT_ACCOUNT_CREATE);
	CHECK_EQ_INT(rule_bundle_at(fixture.bundle, 2)->events[1], EVENT_CUSTOMER_CREATE);
	CHECK_EQ_INT(rule_bundle_at(fixture.bundle, 3)->events[0], EVENT_CLOCK_HEARTBEAT);
	fixture_close(&fixture);
}

TEST(each_fault_of_a_declaration_is_named_with_place_and_nearest_spelling)
{
	CHECK_REFUSED("\nrule 'a' { pre = 'order.create', whne = {}" RUN,
	              "rules/test.lua:2: rule 'a': unknown key 'whne' (did you mean 'when'?)");
	CHECK_REFUSED("rule 'a' { 'order.create', task = true" RUN, "1 is not the name of a key; write name = value");
	CHECK_NO_EVENT("rule 'a' { pre = 'order.creat'" RUN, "there is no event 'order.creat' (did you mean 'order.create'?)");
	CHECK_REFUSED("rule 'a' { pre = {}" RUN, "pre is an empty list");
	CHECK_REFUSED("rule 'a' { pre = 5" RUN, "pre needs the name of an event or a list of names, not 5");
	CHECK_NO_EVENT("rule 'a' { pre = '*'" RUN, "there is no event '*'");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', post = 'order.create'" RUN, "two moments: pre and post; write two rules");
	CHECK_REFUSED("rule 'a' { run = function () end }", "no moment; give one of pre, post, policy, task");
	CHECK_REFUSED("rule 'a' { pre = 'order.create' }", "run is missing; write run = function (...) ... end");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', run = tostring }", "run must be a function of this file");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', run = 'x' }", "run must be a function of this file, not 'x'");
	CHECK_REFUSED("rule 'a' { policy = 'prorating'" RUN, "there is no policy 'prorating'");
	CHECK_REFUSED("rule 'a' { policy = 'proratoin'" RUN, "there is no policy 'proratoin' (did you mean 'proration'?)");
	CHECK_REFUSED("rule 'a' { policy = 'overdue'" RUN, "nothing asks the policy 'overdue' yet");
	CHECK_REFUSED("rule 'a' { policy = true" RUN, "policy needs the name of a policy, not true");
	CHECK_REFUSED("rule 'a' { task = 'nightly'" RUN, "a task is declared by task = true");
	CHECK_REFUSED("rule 'a' { task = true, doc = 5" RUN, "doc must be a text");
	CHECK_REFUSED("rule 'a' { pre = 'InvoicePaid'" RUN, "'InvoicePaid' is the post side of invoice.settle, not pre");
	CHECK_REFUSED("rule 'a' { pre = 'invoice.settle'" RUN, "the event invoice.settle has no pre side");
}

TEST(filters_are_checked_against_the_subject)
{
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { paln = 'gold' }" RUN,
	              "when: order has no field 'paln' (did you mean 'plan'?)");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { status = 'activ' }" RUN, "status cannot be 'activ' (did you mean 'active'?)");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { start_date = '2011-02-30' }" RUN, "'2011-02-30' is not a date");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { lines = 'x' }" RUN, "order.lines cannot be compared by equality");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { plan = 5 }" RUN, "plan is a text: write '5' in quotation marks");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { plan = true }" RUN, "write 'true' in quotation marks");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { plan = {} }" RUN, "plan cannot be compared with a table");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = { 'gold' }" RUN, "1 is not the name of a field");
	CHECK_REFUSED("rule 'a' { pre = 'order.create', when = 'gold'" RUN, "when needs a table of fields and values, not 'gold'");
	CHECK_REFUSED("rule 'a' { task = true, when = { plan = 'gold' }" RUN, "a task has no when");
	CHECK_REFUSED("rule 'a' { post = { 'order.create', 'invoice.settle' }, when = { plan = 'gold' }" RUN,
	              "when cannot filter events of a order and of a invoice at once");
	CHECK_REFUSED("rule 'a' { policy = 'tax', when = { cuontry_code = 'SE' }" RUN, "did you mean 'country_code'?");
}

TEST(all_faults_are_told_at_once)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'a' { pre = 'order.creat', whne = {} }\nrule 'b' { policy = 'x'" RUN);
	CHECK(fixture.bundle == NULL);
	CHECK_EQ_INT(fixture.problems.count, 4);
	CHECK_CONTAINS(fixture.problems.last->cause, "rules/test.lua:2: rule 'b'");
	fixture_close(&fixture);
}

TEST(a_name_taken_twice_is_told_with_both_places)
{
	CHECK_REFUSED("rule 'a' { task = true" RUN "\n\nrule 'a' { task = true" RUN,
	              "rules/test.lua:3: rule 'a': the name is taken by the rule at rules/test.lua:1");
}

TEST(unfinished_declarations_are_told)
{
	CHECK_REFUSED("rule 'a'", "rules/test.lua:1: the rule has no table");
	CHECK_REFUSED("local r = rule('a')", "rules/test.lua:1: the rule has no table");
	CHECK_REFUSED("local r = rule('a')\nrule 'b' { task = true" RUN, "the rule of line 1 has no table");
	CHECK_REFUSED("rule 'a' 'b'", "needs a table");
	CHECK_REFUSED("rule('')({})", "a rule is named by a text of 1 to 100 bytes");
	CHECK_REFUSED("rule {}", "a rule is named by a text");
}

/* The blocks of Lua in a page of the documentation, one after the other. */
static const char *page_rules(const char *path)
{
	static char page[64 * 1024], rules[64 * 1024];
	FILE *file = fopen(path, "r");
	CHECK(file != NULL);
	page[fread(page, 1, sizeof page - 1, file)] = '\0';
	fclose(file);
	size_t length = 0;
	for (const char *at = page; (at = strstr(at, "```lua\n")) != NULL;) {
		const char *from = at + strlen("```lua\n"), *to = strstr(from, "```");
		CHECK(to != NULL);
		memcpy(rules + length, from, (size_t)(to - from));
		length += (size_t)(to - from);
		at = to + 3;
	}
	CHECK(length > 0);
	rules[length] = '\0';
	return rules;
}

TEST(a_byte_order_mark_is_told_as_one)
{
	CHECK_REFUSED("\xef\xbb\xbfrule 'a' { task = true" RUN, "rules/test.lua:1: the file begins with a byte order mark");
}

/* Those of docs/rules.md are run by tests/author/run, with their checks. */
TEST(the_rules_shown_in_the_readme_load)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, page_rules(SOURCE_DIR "/README.md"));
	if (!fixture.bundle)
		CHECK_FAIL("%s", fixture.problems.first->cause);
	fixture_close(&fixture);
}

TEST(errors_of_sources_name_file_and_line)
{
	CHECK_REFUSED("local x =\n= 1", "rules/test.lua:2: unexpected symbol near '='");
	CHECK_REFUSED("\nerror('broken')", "rules/test.lua:2: broken");
	CHECK_REFUSED("local x = y", "global 'y' is not declared");
	CHECK_REFUSED("return ctx", "global 'ctx' is not declared; it is the second argument of run");
}

static void check_files(const struct rule_file *files, size_t count, const char *part)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = files_load(&fixture, files, count);
	if (part) {
		CHECK(fixture.bundle == NULL);
		CHECK_CONTAINS(first_cause(&fixture), part);
	} else if (!fixture.bundle) {
		CHECK_FAIL("%s", first_cause(&fixture));
	}
	fixture_close(&fixture);
}

TEST(names_of_files_are_plain_and_shallow)
{
	static const char *const bad[] = { "rules/Gold.lua", "../gold.lua", "/gold.lua", "rules//gold.lua", "gold.txt", ".lua",
		                           "a/b/c/d.lua", "rules/.gold.lua", "rules/go ld.lua", "",
		                           "rules/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.lua" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("%s", bad[i]);
		check_files(&(struct rule_file){ text_of(bad[i]), TEXT("") }, 1, "a file is named by");
	}
	static const char *const good[] = { "rules/gold.lua", "gold-2.v1.lua", "a/b/c_d.lua" };
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		check_files(&(struct rule_file){ text_of(good[i]), TEXT("") }, 1, NULL);
	const struct rule_file twice[] = { { TEXT("a.lua"), TEXT("") }, { TEXT("a.lua"), TEXT("") } };
	check_files(twice, 2, "a.lua: the file is there twice");
}

TEST(a_bundle_is_bounded_as_a_whole)
{
	static char blanks[RULE_FILE_BYTES_MAX + 1];
	memset(blanks, ' ', sizeof blanks);
	struct rule_file files[9];
	char names[9][20];
	for (size_t i = 0; i < 9; i++) {
		snprintf(names[i], sizeof names[i], "f%zu.lua", i);
		files[i] = (struct rule_file){ text_of(names[i]), { blanks, RULE_FILE_BYTES_MAX } };
	}
	check_files(files, 8, NULL);
	check_files(files, 9, "more than 524288 bytes together");
	files[0].source.length = RULE_FILE_BYTES_MAX + 1;
	check_files(files, 1, "the file has 65537 bytes; 65536 are allowed");
}

TEST(entries_must_be_files_of_the_bundle)
{
	struct fixture fixture;
	fixture_open(&fixture);
	const struct rule_file file = { TEXT("rules/gold.lua"), TEXT("") };
	const struct text entries[] = { TEXT("rules/glod.lua"), TEXT("rules/gold.lua"), TEXT("rules/gold.lua") };
	CHECK(!rule_bundle_load(&file, 1, entries, 3, digest_sha256(TEXT("x")), &fixture.problems));
	CHECK_CONTAINS(first_cause(&fixture), "the rule file 'rules/glod.lua' is not in the bundle (did you mean 'rules/gold.lua'?)");
	CHECK_CONTAINS(fixture.problems.last->cause, "is listed twice");
	fixture_close(&fixture);
}

/* ---- require ---- */

#define USER(code) { TEXT("rules/use.lua"), TEXT("rule 'u' { pre = 'order.create', run = function (order) " code " end }") }

TEST(require_gives_what_a_file_of_the_bundle_returns)
{
	struct fixture fixture;
	fixture_open(&fixture);
	const struct rule_file files[] = {
		{ TEXT("dates.lua"), TEXT("local m = {} function m.name() return require('words').name end return m") },
		{ TEXT("words.lua"), TEXT("return { name = 'from words' }") },
		{ TEXT("nothing.lua"), TEXT("local x = 1") },
		USER("assert(require('dates') == require('dates') and require('nothing') == true)\n"
		     "order.external_key = require('dates').name()"),
	};
	fixture.bundle = files_load(&fixture, files, 4);
	if (!fixture.bundle)
		CHECK_FAIL("%s", first_cause(&fixture));
	fixture.call = call_of(&fixture);
	fixture.call.subject_writable = order_writable;
	if (rule_run(&fixture.call, rule_bundle_at(fixture.bundle, 0)) != RULE_OK)
		CHECK_FAIL("%s", first_cause(&fixture));
	CHECK_EQ_TEXT(fixture.order.external_key, "from words");
	fixture_close(&fixture);
}

TEST(files_that_need_each_other_are_named_as_a_chain)
{
	const struct rule_file files[] = {
		{ TEXT("a.lua"), TEXT("require 'b'") },
		{ TEXT("b.lua"), TEXT("require 'c'") },
		{ TEXT("c.lua"), TEXT("require 'a'") },
		{ TEXT("rules/use.lua"), TEXT("require 'a'") },
	};
	check_files(files, 4, "c.lua:1: require: these files need each other: a.lua -> b.lua -> c.lua -> a.lua");
}

TEST(require_finds_nothing_outside_the_bundle)
{
	const struct rule_file files[] = { { TEXT("dates.lua"), TEXT("") }, { TEXT("rules/use.lua"), TEXT("require 'date'") } };
	check_files(files, 2, "the bundle has no file 'date.lua'");
	const struct rule_file ended[] = { { TEXT("dates.lua"), TEXT("") }, { TEXT("rules/use.lua"), TEXT("require 'dates.lua'") } };
	check_files(ended, 2, "rules/use.lua:1: require: write 'dates.lua' without its ending .lua");
	const struct rule_file path[] = { { TEXT("rules/use.lua"), TEXT("require '../etc/passwd'") } };
	check_files(path, 1, "the bundle has no file '../etc/passwd.lua'");
}

TEST(a_failed_require_can_be_repeated_and_names_its_place)
{
	const struct rule_file files[] = {
		{ TEXT("bad.lua"), TEXT("\nerror('broken')") },
		{ TEXT("rules/use.lua"), TEXT("assert(not pcall(require, 'bad'))\nassert(not pcall(require, 'bad'))\nrequire 'bad'") },
	};
	check_files(files, 2, "bad.lua:2: broken");
}

TEST(required_files_do_not_declare_rules)
{
	const struct rule_file files[] = { { TEXT("m.lua"), TEXT("rule 'x' { task = true" RUN) },
		                           { TEXT("rules/use.lua"), TEXT("require 'm'") } };
	check_files(files, 2, "rules are declared in the bundle's rule files, not in files that are required");
}

/* ---- sharing ---- */

static void *thread_run(void *argument)
{
	struct rule_bundle *bundle = argument;
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = bundle;
	for (int i = 0; i < 200; i++) {
		fixture.call = call_of(&fixture);
		fixture.call.subject_writable = order_writable;
		CHECK_EQ_INT(rule_run(&fixture.call, rule_bundle_at(bundle, 0)), RULE_OK);
		CHECK_EQ_TEXT(fixture.order.external_key, "gold!");
	}
	fixture_close(&fixture);
	return NULL;
}

TEST(threads_share_a_bundle_by_reference)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "rule 'a' { pre = 'order.create', run = function (order) order.external_key = order.plan .. '!' end }");
	CHECK(fixture.bundle != NULL);
	pthread_t threads[4];
	for (int i = 0; i < 4; i++) {
		rule_bundle_retain(fixture.bundle);
		CHECK_EQ_INT(pthread_create(&threads[i], NULL, thread_run, fixture.bundle), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	fixture_close(&fixture);
}

TEST(the_name_of_a_bundle_begins_its_digest)
{
	struct fixture fixture;
	fixture_open(&fixture);
	fixture.bundle = source_load(&fixture, "");
	struct digest digest = rule_bundle_digest(fixture.bundle);
	CHECK_EQ_C(rule_bundle_name(fixture.bundle), text_hex(&fixture.arena, digest.bytes, 6).data);
	CHECK_EQ_INT(rule_bundle_count(fixture.bundle), 0);
	fixture_close(&fixture);
}

TEST(running_out_of_memory_while_loading_is_a_problem)
{
	for (long nth = 1; nth < 60; nth++) {
		struct fixture fixture;
		fixture_open(&fixture);
		check_note("allocation %ld", nth);
		memory_fail_after(nth, false);
		fixture.bundle = source_load(&fixture, "rule 'a' { pre = 'order.create', when = { plan = 'gold' }" RUN);
		memory_fail_after(0, false);
		CHECK(fixture.bundle != NULL || fixture.problems.count > 0);
		fixture_close(&fixture);
	}
}

/* `count` files that run this before they declare a rule. */
static bool files_that_run(const char *what, size_t count)
{
	struct fixture fixture;
	struct rule_file files[64];
	fixture_open(&fixture);
	for (size_t i = 0; i < count; i++) {
		files[i].name = text_format(&fixture.arena, "rules/f%zu.lua", i);
		files[i].source = text_format(&fixture.arena, "%s rule 'r%zu' { task = true" RUN, what, i);
		for (char *at = (char *)(uintptr_t)files[i].source.data; *at; at++)
			*at = *at == '\'' ? '"' : *at;
	}
	fixture.bundle = files_load(&fixture, files, count);
	bool good = fixture.bundle != NULL;
	if (!good)
		CHECK_CONTAINS(first_cause(&fixture), "used up its");
	fixture_close(&fixture);
	return good;
}

/* A bundle is loaded on the writer's thread: many files have no more time than one. */
TEST(the_fuel_of_all_files_of_a_bundle_is_bounded)
{
	CHECK(files_that_run("for i = 1, 1500000 do end", 3));
	CHECK(!files_that_run("for i = 1, 1500000 do end", 4));
	CHECK(files_that_run("for i = 1, 50000 do end", 64));
}

/* Each is told, and those behind nine of them are not run for long. */
TEST(files_that_fill_their_memory_take_what_others_would_have)
{
	struct fixture fixture;
	struct rule_file files[12];
	fixture_open(&fixture);
	for (size_t i = 0; i < 12; i++)
		files[i] = (struct rule_file){ text_format(&fixture.arena, "rules/f%zu.lua", i),
			                       TEXT("local all = {} for i = 1, 10000000 do all[i] = {} end") };
	fixture.bundle = files_load(&fixture, files, 12);
	CHECK(!fixture.bundle);
	CHECK_EQ_INT(fixture.problems.count, 12);
	CHECK(strstr(fixture.problems.first->cause, "its memory") != NULL);
	CHECK(strstr(problem_last(&fixture.problems)->cause, "its fuel of 0 units") != NULL);
	fixture_close(&fixture);
}

CHECK_MAIN
