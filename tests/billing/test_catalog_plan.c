/* test_catalog_plan.c: versions of a catalog that bundles bring, and plans found in them. */
#include "desk.h"

#include "billing/catalog_plan.h"
#include "billing/catalog_version.h"

/* ---- a desk with a catalog ---- */

#define PHASE(amount) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}"
#define PLAN(code, product, amount) "{'code':'" code "','product':'" product "','phases':[" PHASE(amount) "]}"
#define PRODUCTS "'products':[{'name':'car','category':'base','available':[{'name':'oil'}]},{'name':'oil','category':'add_on'}]"
#define VERSION(at, plans) "{'effective_at':'" at "T00:00:00Z','name':'v'," PRODUCTS ",'plans':[" plans "]}"

/* Catalog files with these contents. */
static bool try_deploy(struct desk *desk, const char *const *catalogs, size_t count)
{
	void *output;
	struct bundle_file bundle[4] = { { TEXT("bundle.json"), TEXT("{\"name\":\"cars\"}") } };
	for (size_t i = 0; i < count; i++)
		bundle[1 + i] = (struct bundle_file){ text_format(&desk->arena, "catalog/%zu.json", i), desk_json(desk, catalogs[i]) };
	struct text archive = bundle_archive_text(&desk->arena, bundle, count + 1);
	return desk_try_text(desk, "bundle.deploy", text_format(&desk->arena, "{\"archive\":%.*s}", TEXT_ARG(archive)), &output);
}

static void deploy(struct desk *desk, const char *versions)
{
	const char *catalog = versions ? text_format(&desk->arena, "{'versions':[%s]}", versions).data : NULL;
	if (!try_deploy(desk, &catalog, versions ? 1 : 0)) {
		desk_show(desk);
		CHECK_FAIL("the bundle was refused");
	}
}

static struct instant at(const char *text)
{
	struct instant instant;
	CHECK(instant_parse(text_of(text), &instant));
	return instant;
}

static const char *amount_of(struct command *command, const struct catalog_plan *plan)
{
	if (!plan)
		return "none";
	const struct phase *last = &plan->phases.items[plan->phases.count - 1];
	return text_c(command->arena, decimal_text(command->arena, last->recurring.items[0].amount));
}

/* ---- versions ---- */

static bool prices_follow_versions(struct command *command, void *context)
{
	struct catalog_plan *plan;
	(void)context;
	CHECK(catalog_plan_by_code(command, TEXT("gold"), at("2011-12-31T23:59:59Z"), &plan));
	CHECK_EQ_C(amount_of(command, plan), "10");
	CHECK(catalog_plan_by_code(command, TEXT("gold"), at("2012-01-01T00:00:00Z"), &plan));
	CHECK_EQ_C(amount_of(command, plan), "12");
	CHECK(catalog_plan_by_code(command, TEXT("gold"), at("2001-01-01T00:00:00Z"), &plan));
	CHECK_EQ_C(amount_of(command, plan), "10");
	CHECK(catalog_plan_by_code(command, TEXT("new"), at("2011-06-01T00:00:00Z"), &plan) && !plan);
	struct catalog_plan_list plans = { 0 };
	CHECK(catalog_plan_versions(command, TEXT("gold"), &plans));
	CHECK_EQ_INT(plans.count, 2);
	CHECK(plans.items[0].version_id != plans.items[1].version_id);
	CHECK_EQ_C(amount_of(command, &plans.items[1]), "12");
	return true;
}

#define TWO_VERSIONS \
	VERSION("2011-01-01", PLAN("gold", "car", "10")) "," \
	VERSION("2012-01-01", PLAN("gold", "car", "12") "," PLAN("new", "oil", "3"))

TEST(a_plan_is_that_of_the_version_in_force_and_before_the_first_one_that_of_the_first)
{
	struct desk desk;
	desk_open(&desk);
	deploy(&desk, TWO_VERSIONS);
	desk_read(&desk, prices_follow_versions, NULL);
	desk_close(&desk);
}

static bool second_version_is_back(struct command *command, void *context)
{
	struct catalog_plan *plan, *first;
	struct catalog_version *version;
	(void)context;
	CHECK(catalog_plan_find(command, 1, &first) && first);
	CHECK_EQ_C(amount_of(command, first), "10");
	CHECK(catalog_plan_by_code(command, TEXT("gold"), command->now, &plan));
	CHECK_EQ_INT(plan->id, 1);
	CHECK(catalog_version_at(command, command->now, &version) && version);
	CHECK_EQ_INT(version->id, 1);
	CHECK(catalog_version_product(version, TEXT("oil")) != NULL);
	CHECK(catalog_version_product(version, TEXT("gas")) == NULL);
	struct catalog_version_list versions = { 0 };
	CHECK(catalog_version_page(command, (struct page_query){ 0 }, &versions));
	CHECK_EQ_INT(versions.count, 3);
	CHECK(versions.items[0].active && versions.items[1].active && !versions.items[2].active);
	return true;
}

static bool third_version_is_in_force(struct command *command, void *context)
{
	struct catalog_plan *plan;
	(void)context;
	CHECK(catalog_plan_by_code(command, TEXT("gold"), command->now, &plan));
	CHECK_EQ_C(amount_of(command, plan), "11");
	CHECK(catalog_plan_by_code(command, TEXT("new"), at("2012-06-01T00:00:00Z"), &plan) && !plan);
	return true;
}

TEST(a_bundle_keeps_the_rows_of_versions_it_does_not_change_and_an_earlier_one_brings_its_own_back)
{
	struct desk desk;
	desk_open(&desk);
	deploy(&desk, TWO_VERSIONS);
	deploy(&desk, VERSION("2011-01-01", PLAN("gold", "car", "11")));
	desk_read(&desk, third_version_is_in_force, NULL);
	deploy(&desk, TWO_VERSIONS);
	desk_read(&desk, second_version_is_back, NULL);
	desk_close(&desk);
}

TEST(a_bundle_without_versions_leaves_the_catalog_as_it_is)
{
	struct desk desk;
	desk_open(&desk);
	deploy(&desk, VERSION("2011-01-01", PLAN("gold", "car", "11")));
	deploy(&desk, NULL);
	desk_read(&desk, third_version_is_in_force, NULL);
	desk_close(&desk);
}

/* ---- by what is sold ---- */

static bool found_by_product(struct command *command, void *context)
{
	static const struct { const char *product; enum billing_period period; const char *list, *code; } questions[] = {
		{ "car", BILLING_PERIOD_MONTHLY, NULL, "second" }, /* the first of its list that fits */
		{ "car", BILLING_PERIOD_MONTHLY, "DEFAULT", "second" },
		{ "car", BILLING_PERIOD_MONTHLY, "cheap", "first" },
		{ "oil", BILLING_PERIOD_MONTHLY, "cheap", "drops" }, /* which only DEFAULT sells */
		{ "car", BILLING_PERIOD_ANNUAL, NULL, NULL },
		{ "gas", BILLING_PERIOD_MONTHLY, NULL, NULL },
	};
	(void)context;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		struct catalog_plan *plan;
		CHECK(catalog_plan_of_product(command, text_of(questions[i].product), questions[i].period,
		                              text_of(questions[i].list), command->now, &plan));
		CHECK_EQ_C(plan ? text_c(command->arena, plan->code) : "none", questions[i].code ? questions[i].code : "none");
	}
	struct catalog_plan *plan;
	CHECK(catalog_plan_by_code(command, TEXT("first"), command->now, &plan));
	CHECK_EQ_TEXT(catalog_plan_price_list(plan), "DEFAULT");
	CHECK_EQ_INT(plan->category, CATALOG_PLAN_CATEGORY_BASE);
	CHECK_EQ_INT(plan->billing_mode, CATALOG_PLAN_BILLING_MODE_IN_ADVANCE);
	return true;
}

TEST(a_plan_is_found_by_product_period_and_price_list)
{
	struct desk desk;
	desk_open(&desk);
	deploy(&desk, "{'effective_at':'2011-01-01T00:00:00Z','name':'v'," PRODUCTS ",'plans':["
	              PLAN("first", "car", "1") "," PLAN("second", "car", "2") "," PLAN("drops", "oil", "3") "],"
	              "'price_lists':[{'name':'cheap','plans':[{'code':'first'}]},"
	              "{'name':'DEFAULT','plans':[{'code':'drops'},{'code':'second'},{'code':'first'}]}]}");
	desk_read(&desk, found_by_product, NULL);
	desk_close(&desk);
}

static bool needed_plan(struct command *command, void *context)
{
	(void)context;
	CHECK(catalog_plan_need(command, TEXT("glod"), command->now, "/plan") == NULL);
	CHECK_EQ_INT(command->problems->first->code, PROBLEM_UNKNOWN_PLAN);
	CHECK_EQ_C(command->problems->first->pointer, "/plan");
	CHECK(strstr(command->problems->first->message, "did you mean 'gold'?") != NULL);
	CHECK_EQ_INT(catalog_plan_need(command, TEXT("gold"), command->now, "/plan")->id, 1);
	return true;
}

TEST(a_plan_that_is_not_there_is_told_with_the_nearest_one)
{
	struct desk desk;
	desk_open(&desk);
	deploy(&desk, VERSION("2011-01-01", PLAN("gold", "car", "11")));
	desk_read(&desk, needed_plan, NULL);
	desk_close(&desk);
}

/* ---- docs/catalog.md ---- */

/* The first block of JSON of the page. */
static const char *example_of_page(struct arena *arena)
{
	FILE *file = fopen(SOURCE_DIR "/docs/catalog.md", "rb");
	char *page = arena_alloc(arena, 64 * 1024);
	CHECK(file != NULL);
	page[fread(page, 1, 64 * 1024 - 1, file)] = '\0';
	fclose(file);
	char *begin = strstr(page, "```json\n");
	CHECK(begin != NULL);
	char *end = strstr(begin + 8, "\n```");
	CHECK(end != NULL);
	*end = '\0';
	return begin + 8;
}

static bool example_is_there(struct command *command, void *context)
{
	struct catalog_plan *plan;
	(void)context;
	CHECK(catalog_plan_of_product(command, TEXT("car"), BILLING_PERIOD_MONTHLY, TEXT_NONE, command->now, &plan) && plan);
	CHECK_EQ_TEXT(plan->code, "car-monthly");
	CHECK_EQ_INT(plan->phases.count, 3);
	return true;
}

TEST(the_example_of_the_documentation_deploys)
{
	struct desk desk;
	desk_open(&desk);
	const char *catalog = example_of_page(&desk.arena);
	CHECK(try_deploy(&desk, &catalog, 1));
	desk_read(&desk, example_is_there, NULL);
	desk_close(&desk);
}

/* ---- files together ---- */

TEST(files_of_a_bundle_bring_versions_together_and_each_instant_once)
{
	struct desk desk;
	desk_open(&desk);
	const char *good[] = { "{'versions':[" VERSION("2012-01-01", PLAN("gold", "car", "12")) "]}",
		               "{'versions':[" VERSION("2011-01-01", PLAN("gold", "car", "10")) "]}" };
	CHECK(try_deploy(&desk, good, 2));
	const char *twice[] = { good[0], good[0] };
	CHECK(!try_deploy(&desk, twice, 2));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_DUPLICATE);
	CHECK_EQ_C(desk.problems.first->pointer, "/files/catalog~11.json/versions/0/effective_at");
	const char *backwards = "{'versions':[" VERSION("2012-01-01", PLAN("gold", "car", "12")) ","
	                        VERSION("2011-01-01", PLAN("gold", "car", "10")) "]}";
	CHECK(!try_deploy(&desk, &backwards, 1));
	CHECK_EQ_C(desk.problems.first->pointer, "/files/catalog~10.json/versions/1/effective_at");
	const char *other = "{'version':[]}";
	CHECK(!try_deploy(&desk, &other, 1));
	CHECK_EQ_C(desk.problems.first->pointer, "/files/catalog~10.json");
	desk_close(&desk);
}

/* ---- inside a plan ---- */

TEST(phases_have_lengths_and_the_names_kill_bill_gives_them)
{
	struct arena arena;
	CHECK(arena_init(&arena, 1024 * 1024));
	struct phase phases[] = {
		{ .kind = PHASE_KIND_TRIAL, .duration_unit = PHASE_DURATION_UNIT_WEEKS, .duration = 2 },
		{ .kind = PHASE_KIND_FIXED_TERM, .duration_unit = PHASE_DURATION_UNIT_YEARS, .duration = 3 },
		{ .kind = PHASE_KIND_EVERGREEN, .duration_unit = PHASE_DURATION_UNIT_UNLIMITED,
		  .billing_period = PHASE_BILLING_PERIOD_ANNUAL },
	};
	struct catalog_plan plan = { .code = TEXT("gold"), .phases = { phases, 3, 3 } };
	CHECK_EQ_INT(catalog_phase_length(&phases[0]).days, 14);
	CHECK_EQ_INT(catalog_phase_length(&phases[1]).months, 36);
	CHECK(!duration_present(catalog_phase_length(&phases[2])));
	CHECK_EQ_TEXT(catalog_phase_name(&arena, &plan, &phases[1]), "gold-fixedterm");
	CHECK(catalog_plan_phase(&plan, PHASE_KIND_FIXED_TERM) == &phases[1]);
	CHECK(catalog_plan_phase(&plan, PHASE_KIND_DISCOUNT) == NULL);
	CHECK_EQ_INT(catalog_plan_period(&plan), BILLING_PERIOD_ANNUAL);
	arena_finish(&arena);
}

CHECK_MAIN
