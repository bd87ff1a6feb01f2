/* test_bundle.c: bundles: archives and their digest, manifests, all problems at once, deploying. */
#include "desk.h"

#define PLAN_A "{\"plans\":[{\"code\":\"A\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\",\"amount\":\"5.00\"}]}]}"

#define BUNDLE_FILE(name, content) { { name, sizeof(name) - 1 }, { content, sizeof(content) - 1 } }

static const struct bundle_file good_files[] = {
	BUNDLE_FILE("bundle.json", "{\"name\":\"shop\",\"rules\":[\"rules/b.lua\",\"rules/a.lua\"],"
	                            "\"settings\":{\"billing\":{\"day\":7},\"rules\":{\"limit\":\"3\"}}}"),
	BUNDLE_FILE("rules/a.lua", "rule 'a' { post = 'account.create', run = function (account, ctx) end }"),
	BUNDLE_FILE("rules/b.lua", "rule 'b' { post = 'account.create', run = function (account, ctx) end }"),
	BUNDLE_FILE("catalog/plans.json", PLAN_A),
	BUNDLE_FILE("templates/mail/thanks.txt", "Subject: Thanks\n\nThank you."),
};
enum { GOOD_COUNT = sizeof good_files / sizeof good_files[0] };

struct bundle_test {
	struct arena arena;
	struct problems problems;
	struct bundle_file files[16];
	size_t count;
};

static void test_begin(struct bundle_test *test)
{
	CHECK(arena_init(&test->arena, 64 * 1024 * 1024));
	problems_init(&test->problems, &test->arena);
	memcpy(test->files, good_files, sizeof good_files);
	test->count = GOOD_COUNT;
}

/* Replaces a file or adds it. */
static void test_file(struct bundle_test *test, const char *name, const char *content)
{
	size_t i = 0;
	while (i < test->count && !text_is(test->files[i].name, name))
		i++;
	test->files[i] = (struct bundle_file){ text_of(name), text_of(content) };
	test->count += i == test->count;
}

static bool test_check(struct bundle_test *test, struct bundle_content *content)
{
	struct text archive = bundle_archive_text(&test->arena, test->files, test->count);
	return bundle_check(archive, currency_find(TEXT("USD")), &test->arena, &test->problems, content);
}

/* The bundle must be refused with a problem at each of these pointers, joined by blanks, and no other. */
static void refused_at(struct bundle_test *test, const char *pointers)
{
	struct bundle_content content;
	struct text_builder found;
	builder_init(&found, &test->arena, 0);
	CHECK(!test_check(test, &content));
	CHECK(content.rules == NULL);
	for (const struct problem *problem = test->problems.first; problem; problem = problem->next) {
		builder_c(&found, found.length ? " " : "");
		builder_c(&found, problem->pointer);
	}
	CHECK_EQ_TEXT(builder_text(&found), pointers);
	arena_finish(&test->arena);
}

/* ---- archives ---- */

TEST(the_same_files_have_the_same_digest_in_any_order_and_spelling)
{
	struct bundle_test test;
	struct bundle_archive one, two;
	test_begin(&test);
	CHECK(bundle_archive_parse(TEXT("{\"files\":{\"rules/a.lua\":\"-- \\u00e9\",\"bundle.json\":\"{}\"}}"), &test.arena,
	                           &test.problems, &one));
	CHECK(bundle_archive_parse(TEXT(" { \"files\" : { \"bundle.json\" : \"{}\" , \"rules/a.lua\" : \"-- \xc3\xa9\" } } "), &test.arena,
	                           &test.problems, &two));
	CHECK_EQ_TEXT(one.digest_text, text_c(&test.arena, two.digest_text));
	CHECK_EQ_INT(one.digest_text.length, 64);
	CHECK_EQ_TEXT(one.files[0].name, "bundle.json");
	CHECK_EQ_TEXT(one.files_text, "{\"bundle.json\":\"{}\",\"rules/a.lua\":\"-- \xc3\xa9\"}");
	arena_finish(&test.arena);
}

TEST(names_are_of_the_folders_of_a_bundle)
{
	static const char *const good[] = { "bundle.json", "rules/a.lua", "rules/lib/a-b_c.1.lua", "catalog/p.json", "templates/x",
		                            "checks/a.lua" };
	static const char *const bad[] = { "", "x", "rules", "rules/", "rules/a.txt", "rules//a.lua", "rules/../a.lua", "/rules/a.lua",
		                           "rules/.a.lua", "rules/a/b/c.lua", "catalog/p.lua", "demo.json", "rules/a b.lua", "bundle.json/x" };
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		check_note("%s", good[i]);
		CHECK(bundle_archive_name_valid(text_of(good[i])));
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		check_note("%s", bad[i]);
		CHECK(!bundle_archive_name_valid(text_of(bad[i])));
	}
}

static void archive_refused(const char *source, enum problem_code code)
{
	struct bundle_test test;
	struct bundle_archive archive;
	test_begin(&test);
	check_note("%s", source);
	CHECK(!bundle_archive_parse(text_of(source), &test.arena, &test.problems, &archive));
	CHECK_EQ_INT(test.problems.first->code, code);
	arena_finish(&test.arena);
}

TEST(what_is_no_archive_is_refused)
{
	archive_refused("{}", PROBLEM_BUNDLE_INVALID);
	archive_refused("[]", PROBLEM_BUNDLE_INVALID);
	archive_refused("{\"files\":[]}", PROBLEM_BUNDLE_INVALID);
	archive_refused("{\"files\":{},\"more\":1}", PROBLEM_BUNDLE_INVALID);
	archive_refused("{\"files\":{\"x\":\"\"}}", PROBLEM_BUNDLE_INVALID);
	archive_refused("{\"files\":{\"bundle.json\":1}}", PROBLEM_WRONG_TYPE);
	archive_refused("{\"files\":{", PROBLEM_MALFORMED);
}

TEST(sizes_are_bounded_part_by_part)
{
	struct bundle_test test;
	struct bundle_content content;
	test_begin(&test);
	size_t size = BUNDLE_OTHER_BYTES_MAX + 1;
	char *large = arena_alloc(&test.arena, size + 1);
	memset(large, 'x', size);
	test_file(&test, "templates/large.txt", large);
	CHECK(!test_check(&test, &content));
	CHECK_EQ_INT(test.problems.first->code, PROBLEM_PAYLOAD_TOO_LARGE);
	arena_finish(&test.arena);
}

/* ---- checks ---- */

TEST(a_good_bundle_has_its_rules_in_the_order_of_the_manifest)
{
	struct bundle_test test;
	struct bundle_content content;
	test_begin(&test);
	test_file(&test, "checks/a.lua", "local x = 1");
	if (!test_check(&test, &content))
		CHECK_FAIL("%s at %s", test.problems.first->message, test.problems.first->pointer);
	CHECK_EQ_INT(rule_bundle_count(content.rules), 2);
	CHECK_EQ_C(rule_bundle_at(content.rules, 0)->name, "b");
	CHECK_EQ_INT(content.plans.count, 1);
	CHECK_EQ_C(content.plans.items[0].currency->code, "USD");
	CHECK_EQ_TEXT(content.manifest.text, "{\"name\":\"shop\",\"rules\":[\"rules/b.lua\",\"rules/a.lua\"],"
	                                     "\"settings\":{\"billing\":{\"day\":7},\"rules\":{\"limit\":\"3\"}}}");
	rule_bundle_release(content.rules);
	arena_finish(&test.arena);
}

TEST(problems_of_manifest_catalog_and_rules_are_told_at_once)
{
	struct bundle_test test;
	test_begin(&test);
	test_file(&test, "bundle.json", "{\"name\":\"shop\",\"rules\":[\"rules/c.lua\",\"rules/a.lua\",\"rules/a.lua\"],\"setings\":{},"
	                                "\"settings\":{\"billing\":{\"day\":0}}}");
	test_file(&test, "catalog/plans.json", "{\"plans\":[{\"code\":\"A\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\"}]},"
	                                       "{\"code\":\"B\",\"charges\":[]}]}");
	test_file(&test, "catalog/zz.json", "{\"plan\":[]}");
	refused_at(&test, "/files/bundle.json/setings /files/bundle.json/rules/0 /files/bundle.json/rules/2 "
	                  "/files/bundle.json/settings/billing/day /files/catalog~1plans.json/plans/0/charges/0/amount "
	                  "/files/catalog~1plans.json/plans/1/charges /files/catalog~1zz.json");
}

TEST(a_plan_is_in_the_catalog_once)
{
	struct bundle_test test;
	test_begin(&test);
	test_file(&test, "catalog/more.json", PLAN_A);
	refused_at(&test, "/files/catalog~1plans.json/plans/0/code");
}

TEST(rules_that_are_named_must_be_there)
{
	struct bundle_test test;
	test_begin(&test);
	test_file(&test, "bundle.json", "{\"name\":\"shop\",\"settings\":{\"policies\":{\"retry\":\"three strikes\"}}}");
	test_file(&test, "catalog/plans.json",
	          "{\"plans\":[{\"code\":\"A\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\",\"amount\":\"5\"}],"
	          "\"policies\":[{\"policy\":\"proration\",\"rule\":\"proration/non\"}]}]}");
	refused_at(&test, "/files/bundle.json/settings/policies/retry /files/catalog~1plans.json/plans/0/policies/0/rule");
}

TEST(a_rule_that_does_not_compile_is_told_by_file_and_line)
{
	struct bundle_test test;
	struct bundle_content content;
	test_begin(&test);
	test_file(&test, "rules/a.lua", "rule 'a' {\n  post = 'account.create',\n  run = function (account, ctx) end end\n}");
	CHECK(!test_check(&test, &content));
	const struct problem *problem = test.problems.first;
	CHECK((problem->cause && strstr(problem->cause, "rules/a.lua:3")) || strstr(problem->message, "rules/a.lua:3"));
	arena_finish(&test.arena);
}

TEST(check_files_are_compiled_but_do_not_run_with_the_rules)
{
	struct bundle_test test;
	struct bundle_content content;
	test_begin(&test);
	test_file(&test, "checks/a.lua", "local = 1");
	CHECK(!test_check(&test, &content));
	arena_finish(&test.arena);
}

/* ---- deploying ---- */

static const char *deploy_input(struct desk *desk, const struct bundle_file *files, size_t count)
{
	struct bundle_file sorted[16];
	memcpy(sorted, files, count * sizeof *files);
	return text_format(&desk->arena, "{\"archive\":%.*s}", TEXT_ARG(bundle_archive_text(&desk->arena, sorted, count))).data;
}

static void *desk_deploy(struct desk *desk, const struct bundle_file *files, size_t count)
{
	void *output = NULL;
	if (!desk_try_text(desk, "bundle.deploy", text_of(deploy_input(desk, files, count)), &output)) {
		desk_show(desk);
		CHECK_FAIL("the bundle was refused");
	}
	return output;
}

static bool deployed_is_in_force(struct command *command, void *context)
{
	const struct bundle_deployed *deployed = context;
	struct plan *plan;
	struct bundle *bundle;
	struct bundle_list bundles = { 0 };
	CHECK_EQ_TEXT(command->tenant->bundle, text_c(command->arena, deployed->digest));
	CHECK_EQ_INT(command_setting_integer(command, "billing.day", 1), 7);
	CHECK(plan_by_code(command, TEXT("A"), &plan) && plan);
	CHECK_EQ_TEXT(plan->bundle, text_c(command->arena, deployed->digest));
	CHECK(bundle_by_digest(command, deployed->digest, &bundle) && bundle);
	CHECK(text_starts(bundle->files, "{\"bundle.json\":"));
	CHECK(bundle_page(command, (struct page_query){ 0 }, &bundles));
	CHECK_EQ_INT(bundles.count, 1);
	CHECK_EQ_TEXT(bundles.items[0].name, "shop");
	return true;
}

TEST(a_deployed_bundle_is_in_force_with_its_plans_and_settings)
{
	struct desk desk;
	desk_open(&desk);
	struct bundle_deployed *deployed = desk_deploy(&desk, good_files, GOOD_COUNT);
	CHECK_EQ_TEXT(deployed->name, "shop");
	CHECK_EQ_INT(deployed->rules, 2);
	CHECK_EQ_INT(deployed->plans, 1);
	CHECK_EQ_INT(deployed->files, GOOD_COUNT);
	CHECK(!text_present(deployed->previous));
	struct bundle_deployed *again = desk_deploy(&desk, good_files, GOOD_COUNT);
	CHECK_EQ_TEXT(again->previous, text_c(&desk.arena, deployed->digest));
	desk_read(&desk, deployed_is_in_force, again);
	desk_close(&desk);
}

static bool plan_costs(struct command *command, void *context)
{
	struct plan *plan;
	CHECK(plan_by_code(command, TEXT("A"), &plan) && plan);
	CHECK_EQ_INT(plan->id, 1);
	CHECK_EQ_TEXT(decimal_text(command->arena, plan->charges.items[0].amount), context);
	return true;
}

TEST(a_later_bundle_changes_the_plan_and_a_bad_one_changes_nothing)
{
	struct desk desk;
	struct bundle_file files[GOOD_COUNT];
	char later[] = "6.00";
	void *output;
	desk_open(&desk);
	desk_deploy(&desk, good_files, GOOD_COUNT);
	memcpy(files, good_files, sizeof files);
	files[3].content = TEXT("{\"plans\":[{\"code\":\"A\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\",\"amount\":\"6.00\"}]}]}");
	desk_deploy(&desk, files, GOOD_COUNT);
	desk_read(&desk, plan_costs, later);
	files[3].content = TEXT("{\"plans\":[{\"code\":\"N\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\",\"amount\":\"6\"}]},"
	                        "{\"code\":\"A\",\"currency\":\"EUR\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\",\"amount\":\"7\"}]}]}");
	CHECK(!desk_try_text(&desk, "bundle.deploy", text_of(deploy_input(&desk, files, GOOD_COUNT)), &output));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_CURRENCY_MISMATCH);
	CHECK_EQ_C(desk.problems.first->pointer, "/files/catalog~1plans.json/plans/1/currency");
	desk_read(&desk, plan_costs, later);
	desk_close(&desk);
}

/* The same store, by a process that has compiled nothing yet. */
static void desk_reopen(struct desk *desk, const char *url)
{
	engine_close(desk->engine);
	problems_init(&desk->problems, &desk->arena);
	struct engine_options options = { .lock = true, .commands = desk_commands, .jobs = desk_jobs };
	desk->engine = engine_open(text_of(url), &options, &desk->problems);
	CHECK(desk->engine != NULL);
}

TEST(a_tenant_whose_bundle_no_longer_loads_can_be_repaired)
{
	struct desk desk;
	char path[] = "/tmp/moonbill-bundle-XXXXXX";
	int file = mkstemp(path);
	CHECK(file >= 0 && close(file) == 0 && remove(path) == 0);
	desk_open_at(&desk, path);
	desk_deploy(&desk, good_files, GOOD_COUNT);
	desk_do(&desk, "fixture.set", "{'states':[{'object':'bundle','id':1,'values':"
	                              "{'files':'{\\'rules/b.lua\\':\\'rule {\\'}'}}]}");
	desk_reopen(&desk, path);
	CHECK_EQ_INT(desk_refused(&desk, "account.create", "{'name':'Ann'}")->code, PROBLEM_RULE_LOAD);
	CHECK_EQ_C(desk.problems.first->remedy, "The active bundle does not load: deploy one that does.");
	desk_do(&desk, "key.create", "{'name':'second'}");
	desk_do(&desk, "key.revoke", "{'name':'second'}");
	desk_do(&desk, "tenant.configure", "{'settings':{'billing':{'hour':3}}}");
	struct bundle_file files[GOOD_COUNT];
	memcpy(files, good_files, sizeof files);
	files[3].content = TEXT("{\"plans\":[{\"code\":\"A\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\",\"amount\":\"6.00\"}]}]}");
	desk_deploy(&desk, files, GOOD_COUNT);
	desk_do(&desk, "account.create", "{'name':'Ann'}");
	desk_close(&desk);
	static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < 4; i++) {
		char name[60];
		snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
		remove(name);
	}
}

CHECK_MAIN
