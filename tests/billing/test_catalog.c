/* test_catalog.c: plans: what a plan may say, and how it is found. */
#include "desk.h"

#include "billing/catalog_check.h"

#define MONTHLY "{'price_code':'MNTHLY','kind':'recurring','amount':'165.00','prorated':true}"
#define PLAN(charges) "{'code':'P','charges':[" charges "]}"

/* ---- the checks, pure ---- */

struct checked {
	struct arena arena;
	struct problems problems;
	bool good;
};

static void plan_check(struct checked *checked, const char *source)
{
	struct desk desk = { 0 }; /* for its quotes only */
	CHECK(arena_init(&checked->arena, 1024 * 1024));
	CHECK(arena_init(&desk.arena, 1024 * 1024));
	problems_init(&checked->problems, &checked->arena);
	const struct json *json = json_parse(text_copy(&checked->arena, desk_json(&desk, source)), &checked->arena, &checked->problems);
	CHECK(json != NULL);
	struct plan_create plan = { 0 };
	checked->good = json_decode(json, &plan_create_record, &plan, "", &checked->arena, &checked->problems);
	CHECK(checked->good);
	checked->good = catalog_check(&plan, "/plan", &checked->arena, &checked->problems);
	arena_finish(&desk.arena);
}

static void plan_is_good(const char *source)
{
	struct checked checked;
	plan_check(&checked, source);
	if (!checked.good)
		CHECK_FAIL("%s at %s", checked.problems.first->message, checked.problems.first->pointer);
	arena_finish(&checked.arena);
}

/* Pointers of all problems, joined by blanks. */
static void plan_has_problems_at(const char *source, const char *pointers)
{
	struct checked checked;
	struct text_builder found;
	plan_check(&checked, source);
	builder_init(&found, &checked.arena, 0);
	for (const struct problem *problem = checked.problems.first; problem; problem = problem->next) {
		builder_c(&found, found.length ? " " : "");
		builder_c(&found, problem->pointer);
	}
	CHECK(!checked.good);
	CHECK_EQ_TEXT(builder_text(&found), pointers);
	arena_finish(&checked.arena);
}

TEST(a_plan_may_have_every_kind_of_charge)
{
	plan_is_good(PLAN(MONTHLY ",{'price_code':'SETUP','kind':'one_time','amount':'44'},"
	                  "{'price_code':'GB','kind':'usage','amount':'0.10','unit':'GB'},"
	                  "{'price_code':'TAX','kind':'percent','percent':'10','targets':[{'price_code':'MNTHLY'}]},"
	                  "{'price_code':'VAT','kind':'percent','percent':'8.875'}"));
}

TEST(tiers_ascend_by_one_unit_or_meet)
{
	plan_is_good(PLAN("{'price_code':'S','kind':'recurring','tiers':[{'units_from':'1.00','units_to':'10.00','price':'150.95'},"
	                  "{'units_from':'11.00','units_to':'50.00','price':'120.95'},{'units_from':'51','price':'90.95'}]}"));
	plan_is_good(PLAN("{'price_code':'S','kind':'usage','tiers':[{'units_from':'0','units_to':'0.5','price':'2'},"
	                  "{'units_from':'0.5','price':'1'}]}"));
}

TEST(gaps_overlaps_and_open_brackets_inside_are_refused)
{
	plan_has_problems_at(PLAN("{'price_code':'S','kind':'recurring','tiers':[{'units_from':'1','units_to':'10','price':'1'},"
	                          "{'units_from':'12','units_to':'20','price':'1'},{'units_from':'15','price':'1'}]}"),
	                     "/plan/charges/0/tiers/1/units_from /plan/charges/0/tiers/2/units_from");
	plan_has_problems_at(PLAN("{'price_code':'S','kind':'recurring','tiers':[{'units_from':'1','price':'1'},"
	                          "{'units_from':'12','price':'1'}]}"),
	                     "/plan/charges/0/tiers/0/units_to");
	plan_has_problems_at(PLAN("{'price_code':'S','kind':'recurring','tiers':[{'units_from':'5','units_to':'2','price':'1'}]}"),
	                     "/plan/charges/0/tiers/0/units_to /plan/charges/0/tiers/0/units_from");
}

TEST(a_charge_has_an_amount_or_tiers_and_a_percentage_neither)
{
	plan_has_problems_at(PLAN("{'price_code':'A','kind':'recurring'}"), "/plan/charges/0/amount");
	plan_has_problems_at(PLAN("{'price_code':'A','kind':'recurring','amount':'1','tiers':[{'units_from':'1','price':'1'}]}"),
	                     "/plan/charges/0/tiers");
	plan_has_problems_at(PLAN("{'price_code':'A','kind':'percent','amount':'1'}"),
	                     "/plan/charges/0/percent /plan/charges/0/amount");
	plan_has_problems_at(PLAN("{'price_code':'A','kind':'recurring','amount':'1','percent':'3'}"), "/plan/charges/0/percent");
	plan_has_problems_at(PLAN("{'price_code':'A','kind':'recurring','amount':'1','tier_mode':'volume'}"),
	                     "/plan/charges/0/tier_mode");
}

TEST(percentages_are_taken_of_charges_that_exist)
{
	plan_has_problems_at(PLAN(MONTHLY ",{'price_code':'TAX','kind':'percent','percent':'10','targets':[{'price_code':'MNTHYL'},"
	                          "{'price_code':'TAX'}]}"),
	                     "/plan/charges/1/targets/0/price_code /plan/charges/1/targets/1/price_code");
}

TEST(all_problems_of_a_plan_are_told_at_once)
{
	plan_has_problems_at("{'code':'P','charges':[" MONTHLY "," MONTHLY ",{'price_code':'X','kind':'one_time'}],"
	                     "'policies':[{'policy':'proraton','rule':'x'},{'policy':'tax','rule':'a'},{'policy':'tax','rule':'b'}]}",
	                     "/plan/charges/1/price_code /plan/charges/2/amount /plan/policies/0/policy /plan/policies/2/policy");
}

/* ---- the command ---- */

TEST(a_plan_gets_its_defaults_and_is_found)
{
	struct desk desk;
	desk_open(&desk);
	const struct plan *plan = desk_do(&desk, "plan.create", "{'code':'WHITE','charges':[" MONTHLY "]}");
	CHECK_EQ_INT(plan->id, 1);
	CHECK(uuid_present(plan->uuid));
	CHECK_EQ_TEXT(plan->name, "WHITE");
	CHECK_EQ_C(plan->currency->code, "USD");
	CHECK_EQ_INT(plan->billing_period, PLAN_BILLING_PERIOD_MONTHLY);
	CHECK(plan->active);
	CHECK(!text_present(plan->bundle));
	desk_close(&desk);
}

TEST(a_plan_with_a_known_code_unknown_rule_or_bad_charge_is_refused)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "plan.create", PLAN(MONTHLY));
	CHECK_REFUSED(&desk, "plan.create", PLAN(MONTHLY), PROBLEM_DUPLICATE, "/code");
	CHECK_REFUSED(&desk, "plan.create", "{'code':'Q','charges':[" MONTHLY "],'policies':[{'policy':'proration','rule':'nobody'}]}",
	              PROBLEM_UNKNOWN_POLICY, "/policies/0/rule");
	CHECK_REFUSED(&desk, "plan.create", "{'code':'Q','charges':[" MONTHLY "," MONTHLY "]}", PROBLEM_CATALOG_INVALID,
	              "/charges/1/price_code");
	CHECK_REFUSED(&desk, "plan.create", "{'code':'Q','charges':[{'price_code':'A','kind':'yearly','amount':'1'}]}",
	              PROBLEM_UNKNOWN_CHOICE, "/charges/0/kind");
	desk_close(&desk);
}

static bool plans_are_found(struct command *command, void *context)
{
	(void)context;
	struct plan *plan = plan_need(command, TEXT("SEATS"), "/plan");
	CHECK(plan != NULL);
	CHECK_EQ_INT(plan->charges.count, 2);
	CHECK(plan_charge(plan, TEXT("YR")) == &plan->charges.items[0]);
	CHECK(charge_has_target(&plan->charges.items[1], &plan->charges.items[0]));
	CHECK(!charge_has_target(&plan->charges.items[1], &plan->charges.items[1]));
	CHECK_EQ_TEXT(plan_policy(plan, "proration"), "proration/none");
	CHECK(!text_present(plan_policy(plan, "tax")));
	CHECK_EQ_TEXT(decimal_text(command->arena, plan->charges.items[0].tiers.items[1].price), "120.95");

	CHECK(plan_charge_need(plan, TEXT("YX"), "/lines/0/price_code", command->arena, command->problems) == NULL);
	CHECK_EQ_INT(command->problems->last->code, PROBLEM_UNKNOWN_CHARGE);
	CHECK(plan_need(command, TEXT("SEETS"), "/plan") == NULL);
	CHECK_EQ_INT(command->problems->last->code, PROBLEM_UNKNOWN_PLAN);
	CHECK(strstr(command->problems->last->message, "did you mean 'SEATS'") != NULL);

	struct plan_list plans = { 0 };
	CHECK(plan_page(command, (struct page_query){ .after_id = 1, .limit = 2 }, &plans));
	CHECK_EQ_INT(plans.count, 2);
	CHECK_EQ_INT(plans.items[0].id, 2);
	return true;
}

TEST(plans_and_charges_are_found_by_code_or_told_with_the_nearest)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "plan.create",
	        "{'code':'SEATS','billing_period':'annual','charges':[{'price_code':'YR','kind':'recurring','tiers':"
	        "[{'units_from':'1','units_to':'10','price':'150.95'},{'units_from':'11','price':'120.95'}]},"
	        "{'price_code':'TAX','kind':'percent','percent':'10'}],'policies':[{'policy':'proration','rule':'proration/none'}]}");
	desk_do(&desk, "plan.create", "{'code':'B','charges':[" MONTHLY "]}");
	desk_do(&desk, "plan.create", "{'code':'C','charges':[" MONTHLY "]}");
	desk_do(&desk, "plan.create", "{'code':'D','charges':[" MONTHLY "]}");
	desk_read(&desk, plans_are_found, NULL);
	desk_close(&desk);
}

CHECK_MAIN
