/* test_catalog_version.c: what a catalog file may say: every problem with its place; prices of one subscription; plans
 * added without a bundle. */
#include "desk.h"

#include "billing/catalog_plan.h"
#include "billing/catalog_rule.h"
#include "billing/catalog_version.h"
#include "billing/catalog_version_check.h"

#define PRODUCTS "'products':[{'name':'car','category':'base','available':[{'name':'oil'}]},{'name':'oil','category':'add_on'}]"
#define EVERGREEN "{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly','recurring':[{'currency':'USD','amount':'5'}]}"
#define GOLD "{'code':'gold','product':'car','phases':[" EVERGREEN "]}"
#define VERSION(rest) "{'effective_at':'2011-01-01T00:00:00Z','name':'v'," rest "}"
#define PLANS(plans) VERSION(PRODUCTS ",'plans':[" plans "]")
#define PHASES(phases) PLANS("{'code':'gold','product':'car','phases':[" phases "]}")
#define USAGE(usage) PHASES("{'kind':'evergreen','duration_unit':'unlimited','usages':[" usage "]}")
#define RULES(rules) VERSION(PRODUCTS ",'plans':[" GOLD "],'rules':{" rules "}")
#define WILDCARDS "'change_policy':[{'result':'immediate'}],'cancel_policy':[{'result':'end_of_term'}]"
#define USD(amount) "[{'currency':'USD','amount':'" amount "'}]"

/* Pointers of all problems, joined by blanks. */
static void version_is_told(const char *source, const char *pointers)
{
	struct desk desk = { 0 }; /* for its quotes only */
	struct catalog_version_input version = { 0 };
	struct text_builder found;
	CHECK(arena_init(&desk.arena, 4 * 1024 * 1024));
	problems_init(&desk.problems, &desk.arena);
	builder_init(&found, &desk.arena, 0);
	const struct json *json = json_parse(desk_json(&desk, source), &desk.arena, &desk.problems);
	CHECK(json != NULL);
	bool good = json_decode(json, &catalog_version_input_record, &version, "", &desk.arena, &desk.problems);
	good = catalog_version_check(&version, "", &desk.arena, &desk.problems) && good;
	for (const struct problem *problem = desk.problems.first; problem; problem = problem->next)
		builder_format(&found, "%s%s", found.length ? " " : "", problem->pointer);
	if (!text_is(builder_text(&found), pointers))
		desk_show(&desk);
	CHECK_EQ_TEXT(builder_text(&found), pointers);
	CHECK(good == !*pointers);
	arena_finish(&desk.arena);
}

TEST(a_version_that_is_in_order_is_taken)
{
	version_is_told(PLANS(GOLD), "");
	version_is_told(RULES(WILDCARDS), "");
}

TEST(names_are_unique_and_what_is_named_is_there)
{
	version_is_told(PLANS(GOLD "," GOLD), "/plans/1/code");
	version_is_told(PLANS("{'code':'gold','product':'cra','phases':[" EVERGREEN "]}"), "/plans/0/product");
	version_is_told(VERSION("'products':[{'name':'car','category':'base'},{'name':'car','category':'base','included':"
	                        "[{'name':'oli'},{'name':'car'}]}],'plans':[" GOLD "]"),
	                "/products/1/name /products/1/included/0/name /products/1/included/1/name");
	version_is_told(VERSION(PRODUCTS ",'plans':[" GOLD "],'price_lists':[{'name':'A','plans':[{'code':'glod'},{'code':'gold'},"
	                        "{'code':'gold'}]},{'name':'A'}]"),
	                "/price_lists/0/plans/0/code /price_lists/0/plans/2/code /price_lists/1/name /price_lists");
}

TEST(what_a_decoder_found_is_not_told_again)
{
	version_is_told(PLANS("{'code':'gold','phases':[" EVERGREEN "]}"), "/plans/0/product");
	version_is_told(PHASES("{'kind':'evergreen','duration_unit':'unlimited','billing_period':'mnthly','recurring':" USD("5") "}"),
	                "/plans/0/phases/0/billing_period");
}

TEST(phases_stand_in_order_with_a_length_and_prices_that_recur_have_a_period)
{
	version_is_told(PHASES(EVERGREEN "," EVERGREEN), "/plans/0/phases/0/duration_unit /plans/0/phases/1/kind");
	version_is_told(PHASES("{'kind':'discount','duration_unit':'months','duration':1},"
	                       "{'kind':'trial','duration_unit':'days','duration':3}"), "/plans/0/phases/1/kind");
	version_is_told(PHASES("{'kind':'trial','duration_unit':'days'}," EVERGREEN), "/plans/0/phases/0/duration");
	version_is_told(PHASES("{'kind':'evergreen','duration_unit':'months','duration':1}"), "/plans/0/phases/0/duration_unit");
	version_is_told(PHASES("{'kind':'evergreen','duration_unit':'unlimited','duration':1,'recurring':" USD("-5") "}"),
	                "/plans/0/phases/0/duration /plans/0/phases/0/billing_period /plans/0/phases/0/recurring/0/amount");
	version_is_told(PHASES("{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly','fixed':"
	                       "[{'currency':'USD','amount':'1'},{'currency':'USD','amount':'2'}]}"),
	                "/plans/0/phases/0/recurring /plans/0/phases/0/fixed/1/currency");
}

TEST(usage_sections_have_tiers_of_their_kind)
{
	version_is_told(USAGE("{'name':'u','kind':'consumable','billing_period':'monthly','tiers':[{'prices':" USD("1") "},"
	                      "{'blocks':[{'unit':'GB','size':'0','prices':" USD("1") "}]},"
	                      "{'blocks':[{'unit':'GB','size':'1','prices':" USD("1") "}]}]}"),
	                "/plans/0/phases/0/usages/0/tiers/0/blocks /plans/0/phases/0/usages/0/tiers/0/prices "
	                "/plans/0/phases/0/usages/0/tiers/1/blocks/0/size /plans/0/phases/0/usages/0/tiers/2/blocks/0");
	version_is_told(USAGE("{'name':'u','kind':'capacity','tier_rule':'all_tiers','billing_period':'monthly','tiers':["
	                      "{'blocks':[{'unit':'GB','size':'1','prices':" USD("1") "}]},"
	                      "{'limits':[{'unit':'seat','max':'5'},{'unit':'seat'}],'prices':" USD("1") "}]}"),
	                "/plans/0/phases/0/usages/0/tier_rule /plans/0/phases/0/usages/0/tiers/0/prices "
	                "/plans/0/phases/0/usages/0/tiers/0/blocks /plans/0/phases/0/usages/0/tiers/0/limits "
	                "/plans/0/phases/0/usages/0/tiers/1/limits/1/unit");
}

TEST(rules_have_words_of_their_list_and_a_wildcard_where_they_need_one)
{
	version_is_told(RULES("'change_policy':[{'from_product':'cra','result':'immediate'}]"),
	                "/rules/change_policy/0/from_product /rules/change_policy /rules/cancel_policy");
	version_is_told(RULES(WILDCARDS ",'billing_alignment':[{'result':'acount'},{'to_product':'car','result':'account'},"
	                      "{'from_period':'monthy','result':'account'},{'result':'bundle'}]"),
	                "/rules/billing_alignment/0/result /rules/billing_alignment/1 /rules/billing_alignment/2/from_period "
	                "/rules/billing_alignment/3");
	version_is_told(RULES(WILDCARDS ",'create_alignment':[{'phase':'trial','result':'start_of_bundle'}],"
	                      "'price_list':[{'result':'default'},{'from_period':'none','result':'DEFAULT'}]"),
	                "/rules/create_alignment/0/phase /rules/price_list/0/result");
}

TEST(existing_subscriptions_follow_a_version_from_its_beginning_on)
{
	version_is_told(PLANS("{'code':'gold','product':'car','existing_from':'2010-12-31T00:00:00Z','phases':[" EVERGREEN "]}"),
	                "/plans/0/existing_from");
	version_is_told(PLANS("{'code':'gold','product':'car','existing_from':'2011-01-01T00:00:00Z','phases':[" EVERGREEN "]}"), "");
}

TEST(a_plan_counts_by_a_convention_there_is)
{
	version_is_told(PLANS("{'code':'gold','product':'car','convention':'kilbill','phases':[" EVERGREEN "]}"), "/plans/0/convention");
	version_is_told(PLANS("{'code':'gold','product':'car','convention':'killbill','phases':[" EVERGREEN "]}"), "");
}

/* ---- rules that decide ---- */

TEST(what_no_rule_decides_is_the_default)
{
	struct catalog_query query = { .from = { .product = TEXT("car"), .price_list = TEXT("A") } };
	CHECK_EQ_INT(catalog_change_policy(NULL, &query), CATALOG_POLICY_END_OF_TERM);
	CHECK_EQ_INT(catalog_cancel_policy(NULL, &query), CATALOG_POLICY_END_OF_TERM);
	CHECK_EQ_INT(catalog_change_alignment(NULL, &query), SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_BUNDLE);
	CHECK_EQ_INT(catalog_create_alignment(NULL, &query), SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_BUNDLE);
	CHECK_EQ_INT(catalog_billing_alignment(NULL, &query), SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_ACCOUNT);
	CHECK_EQ_TEXT(catalog_change_decide(NULL, &query).price_list, "A");
}

TEST(a_change_is_judged_with_the_price_list_it_leads_to)
{
	struct catalog_rule lists[] = { { .from_price_list = TEXT("A"), .result = TEXT("B") } };
	struct catalog_rule policies[] = { { .to_price_list = TEXT("B"), .result = TEXT("illegal") }, { .result = TEXT("immediate") } };
	struct catalog_rules rules = { .price_list = { lists, 1, 1 }, .change_policy = { policies, 2, 2 } };
	struct catalog_query query = { .from = { .price_list = TEXT("A") } };
	CHECK_EQ_INT(catalog_change_decide(&rules, &query).policy, CATALOG_POLICY_ILLEGAL);
	query.to.price_list = TEXT("A");
	CHECK_EQ_INT(catalog_change_decide(&rules, &query).policy, CATALOG_POLICY_IMMEDIATE);
}

/* ---- a plan without a bundle ---- */

static const struct command_type *const add_commands[] = { tenant_commands, bundle_commands, catalog_version_commands, NULL };

static void add_desk_open(struct desk *desk)
{
	*desk = (struct desk){ 0 };
	CHECK(arena_init(&desk->arena, DESK_ARENA_BYTES));
	problems_init(&desk->problems, &desk->arena);
	struct engine_options options = { .lock = true, .commands = add_commands, .jobs = desk_jobs };
	desk->engine = engine_open(TEXT(":memory:"), &options, &desk->problems);
	CHECK(desk->engine != NULL);
	const struct tenant_created *tenant = desk_do(desk, "tenant.create", "{'name':'acme','test':true,'at':'2011-09-06T15:00:00Z'}");
	desk->tenant_id = tenant->id;
}

static bool added_are_there(struct command *command, void *context)
{
	struct catalog_plan *car, *oil;
	struct catalog_version *version;
	(void)context;
	CHECK(catalog_version_at(command, command->now, &version) && version);
	CHECK_EQ_INT(version->id, 2);
	CHECK(version->effective_at.us == command->now.us);
	CHECK_EQ_TEXT(catalog_version_product(version, TEXT("car"))->available.items[0].name, "oil");
	CHECK(catalog_plan_by_code(command, TEXT("car-monthly"), command->now, &car) && car);
	CHECK(catalog_plan_by_code(command, TEXT("oil-once"), command->now, &oil) && oil);
	CHECK(car->version_id == 2 && oil->version_id == 2);
	CHECK_EQ_INT(car->phases.count, 2);
	CHECK_EQ_INT(car->phases.items[0].duration, 14);
	CHECK_EQ_C(car->phases.items[1].recurring.items[0].currency->code, "USD");
	CHECK_EQ_INT(oil->category, CATALOG_PLAN_CATEGORY_ADD_ON);
	CHECK_EQ_INT(oil->phases.items[0].fixed.count, 1);
	return true;
}

TEST(plans_are_added_without_a_bundle_each_with_a_version_of_its_own)
{
	struct desk desk;
	add_desk_open(&desk);
	desk_do(&desk, "catalog.add_plan", "{'code':'car-monthly','product':'car','amount':'10','billing_period':'monthly',"
	                                   "'trial_unit':'days','trial_duration':14}");
	desk_do(&desk, "catalog.add_plan", "{'code':'oil-once','product':'oil','category':'add_on','available_for':[{'name':'car'}],"
	                                   "'amount':'3'}");
	desk_read(&desk, added_are_there, NULL);
	CHECK_REFUSED(&desk, "catalog.add_plan", "{'code':'oil-once','product':'oil','amount':'3'}", PROBLEM_DUPLICATE, "/code");
	CHECK_REFUSED(&desk, "catalog.add_plan", "{'code':'x','product':'oil','category':'base','amount':'3'}",
	              PROBLEM_INVALID_COMBINATION, "/category");
	CHECK_REFUSED(&desk, "catalog.add_plan", "{'code':'x','product':'y','category':'add_on','available_for':[{'name':'z'}],'amount':'3'}",
	              PROBLEM_UNKNOWN_PRODUCT, "/available_for/0/name");
	CHECK_REFUSED(&desk, "catalog.add_plan", "{'code':'x','product':'oil','amount':'3','trial_unit':'days'}",
	              PROBLEM_INVALID_COMBINATION, "/trial_duration");
	desk_close(&desk);
}

/* ---- prices of one subscription ---- */

static bool override_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_subscribe *input = data;
	struct catalog_plan *plan = catalog_plan_need(command, input->plan, command->now, "/plan"), *made;
	if (!plan || !catalog_plan_override(command, plan, input->price_overrides.items, input->price_overrides.count,
	                                    currency_find(TEXT("USD")), "/price_overrides", &made))
		return false;
	*output = made;
	return true;
}

static const struct command_type override_commands[] = {
	{ .name = "test.override", .scope = "write", .input = &subscription_subscribe_record, .output = &catalog_plan_record,
	  .perform = override_perform, .doc = "" },
	{ .name = NULL },
};
static const struct command_type *const override_tables[] = { tenant_commands, bundle_commands, override_commands, NULL };

static void override_desk_open(struct desk *desk)
{
	*desk = (struct desk){ 0 };
	CHECK(arena_init(&desk->arena, DESK_ARENA_BYTES));
	problems_init(&desk->problems, &desk->arena);
	struct engine_options options = { .lock = true, .commands = override_tables, .jobs = desk_jobs };
	desk->engine = engine_open(TEXT(":memory:"), &options, &desk->problems);
	CHECK(desk->engine != NULL);
	const struct tenant_created *tenant = desk_do(desk, "tenant.create", "{'name':'acme','test':true,'at':'2011-09-06T15:00:00Z'}");
	desk->tenant_id = tenant->id;
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"cars\"}") },
		{ TEXT("catalog/cars.json"), desk_json(desk, "{'versions':[" USAGE("{'name':'u','kind':'capacity','billing_period':"
		                                       "'monthly','tiers':[{'prices':" USD("1") "}]}") "]}") },
	};
	void *output;
	CHECK(desk_try_text(desk, "bundle.deploy", text_format(&desk->arena, "{\"archive\":%.*s}",
	                    TEXT_ARG(bundle_archive_text(&desk->arena, files, 2))), &output));
}

static bool catalog_finds_the_parent_only(struct command *command, void *context)
{
	struct catalog_plan_list plans = { 0 };
	(void)context;
	CHECK(catalog_plan_versions(command, TEXT("gold"), &plans));
	CHECK_EQ_INT(plans.count, 1);
	CHECK_EQ_INT(plans.items[0].phases.items[0].fixed.count, 0);
	struct catalog_plan *found;
	CHECK(catalog_plan_by_code(command, TEXT("gold-2"), command->now, &found) && !found);
	return true;
}

TEST(overridden_prices_make_a_plan_that_only_its_id_finds)
{
	struct desk desk;
	override_desk_open(&desk);
	const struct catalog_plan *same = desk_do(&desk, "test.override", "{'plan':'gold'}");
	CHECK_EQ_INT(same->id, 1);
	const struct catalog_plan *made = desk_do(&desk, "test.override", "{'plan':'gold','price_overrides':[{'phase':'evergreen',"
	                                          "'fixed':'7.5','usages':[{'name':'u','tiers':[{'prices':" USD("9") "}]}]}]}");
	CHECK_EQ_TEXT(made->code, "gold-2");
	CHECK_EQ_INT(made->parent_id, 1);
	CHECK_EQ_TEXT(decimal_text(&desk.arena, made->phases.items[0].fixed.items[0].amount), "7.5");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, made->phases.items[0].usages.items[0].tiers.items[0].prices.items[0].amount), "9");
	desk_read(&desk, catalog_finds_the_parent_only, NULL);
	desk_close(&desk);
}

TEST(overrides_name_what_the_plan_has)
{
	struct desk desk;
	override_desk_open(&desk);
	CHECK_REFUSED(&desk, "test.override", "{'plan':'gold','price_overrides':[{'phase':'trial','fixed':'1'}]}",
	              PROBLEM_CATALOG_INVALID, "/price_overrides/0/phase");
	CHECK_REFUSED(&desk, "test.override", "{'plan':'gold','price_overrides':[{'phase':'evergreen','recurring':'1'}]}",
	              PROBLEM_CATALOG_INVALID, "/price_overrides/0/recurring");
	CHECK_REFUSED(&desk, "test.override", "{'plan':'gold','price_overrides':[{'phase':'evergreen','usages':[{'name':'v','tiers':"
	              "[{'prices':" USD("9") "}]}]}]}", PROBLEM_CATALOG_INVALID, "/price_overrides/0/usages/0/name");
	CHECK_REFUSED(&desk, "test.override", "{'plan':'gold','price_overrides':[{'phase':'evergreen','usages':[{'name':'u','tiers':"
	              "[{'prices':[{'currency':'EUR','amount':'9'}]}]}]}]}", PROBLEM_CURRENCY_MISMATCH,
	              "/price_overrides/0/usages/0/tiers/0/prices");
	desk_close(&desk);
}

CHECK_MAIN
