/* test_commitment.c: what periods are short of the least that a subscription pays, and how it is explained. */
#include "shop.h"

#include "billing/commitment.h"
#include "billing/explain.h"

#define USAGES                                                                                                         \
	"'usages':[{'name':'calls','kind':'consumable','billing_period':'monthly','tiers':[{'blocks':[{'unit':'call'," \
	"'size':'1','prices':[{'currency':'USD','amount':'2.00'}]}]}]}]"
#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v','products':[{'name':'phone','category':'standalone'}]," \
	"'plans':[{'code':'calls','product':'phone','phases':[{'kind':'evergreen','duration_unit':'unlimited'," USAGES "}]},"   \
	"{'code':'van','product':'phone','phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly'," \
	"'recurring':[{'currency':'USD','amount':'30.00'}]," USAGES "}]}]}]}"

/* Account 1 with cycles from the first, subscribed on 6 September. */
static void open_desk(struct desk *desk, const char *plan, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	desk_do(desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	desk_do(desk, "subscription.subscribe", text_format(&desk->arena, "{'account_id':1,'plan':'%s'}", plan).data);
	desk->event_count = 0;
}

static void use(struct desk *desk, int calls)
{
	desk_do(desk, "usage.record_units",
	        text_format(&desk->arena, "{'subscription_id':1,'records':[{'unit':'call','quantity':'%d'}]}", calls).data);
}

static bool lines_body(struct command *command, void *context)
{
	struct text_builder *out = context;
	struct invoice_list invoices = { 0 };
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	CHECK(invoice_page(command, &all, &invoices));
	for (size_t i = invoices.count; i-- > 0;) {
		struct invoice *invoice;
		CHECK(invoice_find(command, invoices.items[i].id, &invoice));
		for (size_t j = 0; j < invoice->lines.count; j++) {
			const struct invoice_line *line = &invoice->lines.items[j];
			if (line->kind == INVOICE_LINE_KIND_TRUE_UP || line->kind == INVOICE_LINE_KIND_TAX)
				builder_format(out, "%s %.*s %.*s %.*s; ", line->kind == INVOICE_LINE_KIND_TAX ? "tax" : "true-up",
				               TEXT_ARG(date_text(command->arena, line->period_start)),
				               TEXT_ARG(date_text(command->arena, line->period_end)),
				               TEXT_ARG(money_amount_text(command->arena, line->amount)));
		}
	}
	return true;
}

/* True-ups and taxes of all invoices, oldest first. */
static struct text true_ups(struct desk *desk)
{
	return desk_told(desk, lines_body);
}

static bool explain_body(struct command *command, void *context)
{
	struct explanation *explanation = NULL;
	CHECK(explain_invoice(command, *(int64_t *)context, EXPLAIN_ALL, &explanation) && explanation);
	CHECK(explanation->same);
	CHECK_EQ_TEXT(explanation->explained.items[0].steps.items[0].step, "commitment");
	return true;
}

TEST(a_part_of_a_commitment_is_by_days_and_rounded_to_cents)
{
	const struct currency *usd = currency_find(TEXT("USD"));
	struct money part;
	CHECK(commitment_part(money_of(1000000, usd), 2, 29, &part));
	CHECK_EQ_INT(part.minor, 68966);
	CHECK(commitment_part(money_of(200000, usd), 352, 366, &part));
	CHECK_EQ_INT(part.minor, 192350);
	CHECK(commitment_part(money_of(40000, usd), 91, 91, &part));
	CHECK_EQ_INT(part.minor, 40000);
	CHECK(commitment_part(money_of(40000, usd), 92, 91, &part));
	CHECK_EQ_INT(part.minor, 40000);
}

TEST(a_period_is_charged_what_it_is_short_of_after_its_usage_is_billed)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	desk_do(&desk, "commitment.create", "{'subscription_id':1,'amount':'100.00'}");
	use(&desk, 20);
	shop_advance(&desk, "2011-10-02T00:00:00Z"); /* 25 of 30 days: 83.33 less 40.00 */
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-09-06 2011-10-01 43.33; ");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 40.00 40.00; 2 open 43.33 43.33");
	use(&desk, 60);
	shop_advance(&desk, "2011-11-02T00:00:00Z"); /* 120.00 is enough */
	shop_advance(&desk, "2011-12-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-09-06 2011-10-01 43.33; true-up 2011-11-01 2011-12-01 100.00; ");
	int64_t id = 2;
	desk_read(&desk, explain_body, &id);
	desk_close(&desk);
}

TEST(what_is_charged_in_advance_for_the_period_counts_and_for_the_next_one_does_not)
{
	struct desk desk;
	open_desk(&desk, "van", "'tax':{'percent':'10'}");
	desk_do(&desk, "commitment.create", "{'subscription_id':1,'amount':'100.00'}");
	use(&desk, 5);
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "tax 2011-09-06 2011-10-01 2.50; tax 2011-10-01 2011-11-01 3.00; tax 2011-09-06 2011-10-01 1.00; "
	                               "true-up 2011-09-06 2011-10-01 48.33; tax 2011-09-06 2011-10-01 4.83; "
	                               "tax 2011-11-01 2011-12-01 3.00; "
	                               "true-up 2011-10-01 2011-11-01 70.00; tax 2011-10-01 2011-11-01 7.00; ");
	desk_close(&desk);
}

TEST(the_period_in_which_a_commitment_or_its_subscription_ends_is_settled_in_part)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	desk_do(&desk, "commitment.create", "{'subscription_id':1,'amount':'31.00','starts_on':'2011-10-01'}");
	shop_advance(&desk, "2011-10-20T00:00:00Z");
	desk_do(&desk, "commitment.end", "{'id':1,'ends_on':'2011-10-11'}");
	shop_advance(&desk, "2011-12-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-10-11 10.00; ");
	CHECK_REFUSED(&desk, "commitment.end", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "commitment.create", "{'subscription_id':1,'amount':'31.00','starts_on':'2011-12-01'}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'effective_at':'2011-12-06T00:00:00Z'}");
	shop_advance(&desk, "2012-03-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-10-11 10.00; true-up 2011-12-01 2011-12-06 5.00; ");
	desk_close(&desk);
}

TEST(a_wallet_pays_a_true_up)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	desk_do(&desk, "wallet.create", "{'account_id':1,'granted':'50','line_kinds':[{'kind':'true_up'}]}");
	desk_do(&desk, "commitment.create", "{'subscription_id':1,'amount':'30.00'}");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 0.00 0.00; 2 settled 25.00 0.00");
	desk_close(&desk);
}

TEST(what_a_commitment_cannot_be_is_refused_at_its_field)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	CHECK_REFUSED(&desk, "commitment.create", "{'subscription_id':9,'amount':'1'}", PROBLEM_NOT_FOUND, "/subscription_id");
	CHECK_REFUSED(&desk, "commitment.create", "{'subscription_id':1,'amount':'0'}", PROBLEM_OUT_OF_RANGE, "/amount");
	CHECK_REFUSED(&desk, "commitment.create", "{'subscription_id':1,'amount':'0.001'}", PROBLEM_TOO_MANY_DECIMALS, "/amount");
	CHECK_REFUSED(&desk, "commitment.create", "{'subscription_id':1,'amount':'1','starts_on':'2011-09-05'}", PROBLEM_OUT_OF_RANGE,
	              "/starts_on");
	desk_do(&desk, "commitment.create", "{'subscription_id':1,'amount':'1'}");
	CHECK_REFUSED(&desk, "commitment.create", "{'subscription_id':1,'amount':'1'}", PROBLEM_DUPLICATE, "/subscription_id");
	CHECK_REFUSED(&desk, "commitment.end", "{'id':7}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

#define PLAN(code, amount, more) \
	"{'code':'" code "','product':'phone'" more ",'phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]," USAGES "}]}"
#define COMMITS(amount) ",'minimum_commitment':[{'currency':'USD','amount':'" amount "'},{'currency':'EUR','amount':'7'}]"
#define PLANS \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v','products':[{'name':'phone','category':'standalone'}]," \
	"'plans':[" PLAN("small", "30.00", COMMITS("62.00")) "," PLAN("large", "30.00", COMMITS("124.00")) "," PLAN("free", "30.00", "") \
	",{'code':'year','product':'phone'" COMMITS("900.00") ",'phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'annual','recurring':[{'currency':'USD','amount':'100.00'}]}]}" \
	",{'code':'trial','product':'phone'" COMMITS("62.00") ",'phases':[{'kind':'trial','duration_unit':'days','duration':'10'}," \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly','recurring':[{'currency':'USD','amount':'31.00'}]}]}]," \
	"'rules':{'change_policy':[{'result':'immediate'}],'cancel_policy':[{'result':'immediate'}]}}]}"

static void open_plans(struct desk *desk, const char *plan)
{
	shop_open_empty(desk, "", false);
	desk_deploy_catalog(desk, PLANS);
	desk_do(desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	shop_advance(desk, "2011-10-01T00:00:00Z");
	desk_do(desk, "subscription.subscribe", text_format(&desk->arena, "{'account_id':1,'plan':'%s'}", plan).data);
}

TEST(a_plan_commits_each_of_its_subscriptions)
{
	struct desk desk;
	open_plans(&desk, "small");
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-11-01 32.00; ");
	int64_t id = 3;
	desk_read(&desk, explain_body, &id);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'free'}");
	shop_advance(&desk, "2011-12-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-11-01 32.00; true-up 2011-11-01 2011-12-01 32.00; ");
	desk_close(&desk);
}

TEST(each_day_counts_what_the_plan_of_that_day_commits_to)
{
	struct desk desk;
	open_plans(&desk, "small");
	shop_advance(&desk, "2011-10-11T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'large'}"); /* 10 days of 62.00, 21 of 124.00, 30.00 charged */
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-11-01 74.00; ");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'free'}");
	shop_advance(&desk, "2011-12-02T00:00:00Z"); /* a day of 124.00 is less than what was charged */
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-11-01 74.00; ");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'free'}");
	desk_do(&desk, "subscription.change_plan", "{'id':2,'plan':'small'}");
	shop_advance(&desk, "2012-01-01T12:00:00Z"); /* 30 days of 62.00 less 30.00 for all of them */
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-11-01 74.00; true-up 2011-12-02 2012-01-01 30.97; ");
	desk_close(&desk);
}

TEST(a_commitment_of_its_own_takes_the_place_of_the_plans_and_its_end_frees_the_subscription)
{
	struct desk desk;
	open_plans(&desk, "small");
	shop_advance(&desk, "2011-10-11T00:00:00Z");
	CHECK_REFUSED(&desk, "commitment.create", "{'subscription_id':1,'amount':'90','starts_on':'2011-10-12'}", PROBLEM_OUT_OF_RANGE,
	              "/starts_on");
	desk_do(&desk, "commitment.create", "{'subscription_id':1,'amount':'90'}");
	CHECK_REFUSED(&desk, "commitment.create", "{'subscription_id':1,'amount':'91'}", PROBLEM_DUPLICATE, "/subscription_id");
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-11-01 60.00; ");
	desk_do(&desk, "commitment.end", "{'id':2,'ends_on':'2011-11-02'}");
	shop_advance(&desk, "2012-02-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-11-01 60.00; ");
	desk_close(&desk);
}

TEST(a_plan_with_longer_periods_ends_the_one_that_runs)
{
	struct desk desk;
	open_plans(&desk, "small");
	shop_advance(&desk, "2011-10-21T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'year'}"); /* 20 days of 62.00 are 40.00, less 30.00 */
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-01 2011-10-21 10.00; ");
	shop_advance(&desk, "2012-12-01T00:00:00Z"); /* up to the first of October, or for a year from the change */
	CHECK(text_starts(true_ups(&desk), "true-up 2011-10-01 2011-10-21 10.00; true-up 2011-10-21 "));
	int64_t id = 3;
	desk_read(&desk, explain_body, &id);
	desk_close(&desk);
}

TEST(a_trial_is_not_committed)
{
	struct desk desk;
	open_plans(&desk, "trial");
	shop_advance(&desk, "2011-11-02T00:00:00Z"); /* 21 of 31 days: 42.00, less 21.00 */
	CHECK_EQ_TEXT(true_ups(&desk), "true-up 2011-10-11 2011-11-01 21.00; ");
	desk_close(&desk);
}

CHECK_MAIN
