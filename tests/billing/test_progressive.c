/* test_progressive.c: usage that reaches a threshold is invoiced at once, and its period's invoice takes that off. */
#include "stream_desk.h"

#include "billing/explain.h"
#include "billing/invoice_preview.h"
#include "billing/progressive_billing.h"
#include "billing/wallet.h"

#define USAGES                                                                                                         \
	"'usages':[{'name':'calls','kind':'consumable','billing_period':'monthly','tiers':[{'blocks':[{'unit':'call'," \
	"'size':'1','prices':[{'currency':'USD','amount':'2.00'}]}]}]}," \
	"{'name':'bytes','kind':'consumable','billing_period':'monthly','tiers':[{'blocks':[{'unit':'byte'," \
	"'size':'1','prices':[{'currency':'USD','amount':'1.00'}]}]}]}]"
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

static void limit(struct desk *desk, const char *thresholds)
{
	desk_do(desk, "progressive_billing.create", text_format(&desk->arena, "{'subscription_id':1,'thresholds':[%s]}", thresholds).data);
}

static void run_jobs(struct desk *desk)
{
	CHECK(engine_drain(desk->engine, desk->tenant_id, &desk->problems));
}

static void use_unit(struct desk *desk, const char *unit, int count)
{
	desk_do(desk, "usage.record_units",
	        text_format(&desk->arena, "{'subscription_id':1,'records':[{'unit':'%s','quantity':'%d'}]}", unit, count).data);
	run_jobs(desk);
}

static void use(struct desk *desk, int calls)
{
	use_unit(desk, "call", calls);
}

static bool lines_body(struct command *command, void *context)
{
	struct text_builder *out = context;
	struct invoice_list invoices = { 0 };
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	CHECK(invoice_page(command, &all, &invoices));
	for (size_t i = invoices.count; i-- > 0;) {
		struct invoice *invoice;
		struct explanation *explanation = NULL;
		CHECK(invoice_find(command, invoices.items[i].id, &invoice));
		CHECK(explain_invoice(command, invoice->id, EXPLAIN_ALL, &explanation) && explanation && explanation->same);
		builder_format(out, "%lld:", (long long)invoice->id);
		for (size_t j = 0; j < invoice->lines.count; j++) {
			const struct invoice_line *line = &invoice->lines.items[j];
			builder_format(out, " %s %.*s", invoice_line_record.fields[INVOICE_LINE_FIELD_KIND].words[line->kind],
			               TEXT_ARG(money_amount_text(command->arena, line->amount)));
		}
		builder_c(out, "; ");
	}
	return true;
}

/* Lines of all invoices, oldest first; each is explained by what it keeps. */
static struct text lines(struct desk *desk)
{
	return desk_told(desk, lines_body);
}

static bool usage_body(struct command *command, void *context)
{
	struct text *told = context;
	struct progressive_usage usage;
	const struct progressive_billing *billing = progressive_billing_need(command, 1, "");
	CHECK(billing && progressive_usage_read(command, billing, &usage));
	*told = text_format(command->arena, "%.*s of %.*s, %.*s, %.*s then %.*s", TEXT_ARG(money_amount_text(command->arena, usage.invoiced)),
	                    TEXT_ARG(money_amount_text(command->arena, usage.usage)),
	                    TEXT_ARG(money_amount_text(command->arena, usage.lifetime)),
	                    TEXT_ARG(money_amount_text(command->arena, usage.passed)),
	                    TEXT_ARG(money_present(usage.ahead) ? money_amount_text(command->arena, usage.ahead) : TEXT("none")));
	return true;
}

/* "invoiced of used, lifetime, passed then ahead". */
static struct text told(struct desk *desk)
{
	struct text usage = TEXT_NONE;
	desk_read(desk, usage_body, &usage);
	return text_copy(&desk->arena, usage);
}

TEST(a_threshold_is_reached_at_equality_and_the_period_takes_off_what_was_invoiced)
{
	struct desk desk;
	open_desk(&desk, "van", "");
	limit(&desk, "{'amount':'200.00'}");
	use(&desk, 99);
	CHECK_EQ_TEXT(told(&desk), "0.00 of 198.00, 198.00, 0.00 then 200.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 25.00 25.00");
	use(&desk, 1);
	CHECK_EQ_TEXT(told(&desk), "200.00 of 200.00, 200.00, 200.00 then none");
	use(&desk, 100); /* waits for the period */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 25.00 25.00; 2 open 200.00 200.00");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: recurring 25.00; 2: progressive 200.00; 3: recurring 30.00 usage 400.00 usage 0.00 progressive -200.00; ");
	CHECK_EQ_TEXT(told(&desk), "0.00 of 0.00, 400.00, 200.00 then none");
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 25.00 25.00; 2 open 200.00 200.00; 3 open 230.00 230.00; 4 open 30.00 30.00");
	desk_close(&desk);
}

TEST(several_thresholds_at_once_make_one_invoice_and_the_last_step_recurs_over_periods)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	limit(&desk, "{'amount':'20.00'},{'amount':'50.00'},{'amount':'100.00','recurring':true}");
	use(&desk, 30); /* 60: both */
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 60.00; ");
	use(&desk, 20); /* 100 */
	use(&desk, 25); /* 150 = 50 + 100 */
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 60.00; 2: progressive 90.00; ");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	use(&desk, 49); /* 248 */
	use(&desk, 1);  /* 250 */
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 60.00; 2: progressive 90.00; 3: usage 150.00 usage 0.00 progressive -60.00 progressive -90.00; "
	                            "4: progressive 100.00; 5: usage 0.00 usage 100.00 progressive -100.00; ");
	CHECK_EQ_TEXT(told(&desk), "0.00 of 0.00, 250.00, 250.00 then 350.00");
	desk_close(&desk);
}

TEST(each_section_is_a_line_and_what_was_taken_back_is_the_accounts)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	limit(&desk, "{'amount':'100.00'},{'amount':'50.00','recurring':true}");
	desk_do(&desk, "usage.record_units",
	        "{'subscription_id':1,'tracking_id':'a','records':[{'unit':'call','quantity':'40'}]}");
	use_unit(&desk, "byte", 20);
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 80.00 progressive 20.00; ");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'a'}");
	run_jobs(&desk);
	use_unit(&desk, "byte", 140); /* 160: bytes alone are invoiced */
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 80.00 progressive 20.00; 2: progressive 140.00; ");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 80.00 progressive 20.00; 2: progressive 140.00; "
	                            "3: usage 0.00 usage 160.00 progressive -80.00 progressive -20.00 progressive -140.00; ");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 100.00 20.00; 2 open 140.00 140.00; 3 settled -80.00 0.00");
	desk_close(&desk);
}

TEST(a_cancelled_invoice_is_not_taken_off_and_one_that_was_cannot_be_cancelled)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	limit(&desk, "{'amount':'50.00'},{'amount':'50.00','recurring':true}");
	use(&desk, 30); /* 60 */
	use(&desk, 30); /* 120 */
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	run_jobs(&desk);
	CHECK_EQ_TEXT(told(&desk), "60.00 of 120.00, 120.00, 100.00 then 150.00");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 60.00; 2: progressive 60.00; 3: usage 120.00 usage 0.00 progressive -60.00; ");
	CHECK_REFUSED(&desk, "invoice.cancel", "{'id':2}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "invoice.cancel", "{'id':3}");
	CHECK_EQ_TEXT(told(&desk), "0.00 of 0.00, 0.00, 100.00 then 150.00");
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(told(&desk), "0.00 of 0.00, 120.00, 100.00 then 150.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 cancelled 60.00 0.00; 2 open 60.00 60.00; 3 cancelled 60.00 0.00; 4 open 60.00 60.00");
	desk_close(&desk);
}

TEST(taxes_and_coupons_lie_on_it_and_go_back_with_it)
{
	struct desk desk;
	open_desk(&desk, "calls", "'tax':{'percent':'10'}");
	desk_do(&desk, "coupon.create", "{'code':'HALF','percent':'50','duration':'once'}");
	desk_do(&desk, "coupon.redeem", "{'coupon':'HALF','account_id':1}");
	limit(&desk, "{'amount':'100.00'}");
	use(&desk, 60);
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 120.00 discount -60.00 tax 6.00; ");
	use(&desk, 40);
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 120.00 discount -60.00 tax 6.00; "
	                            "2: usage 200.00 usage 0.00 progressive -120.00 discount 60.00 discount -100.00 tax 10.00 tax -6.00; ");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 66.00 66.00; 2 open 44.00 44.00"); /* 110.00 of 200.00 */
	desk_close(&desk);
}

TEST(what_a_credit_note_gave_back_is_not_taken_off_again)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	limit(&desk, "{'amount':'100.00'}");
	use(&desk, 50);
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'30.00'}");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 100.00 item_adjustment -30.00; 2: usage 100.00 usage 0.00 progressive -70.00; ");
	desk_close(&desk);
}

TEST(components_are_invoiced_within_their_period_as_well)
{
	struct desk desk;
	open_desk(&desk, "van", "'tax':{'percent':'10'}");
	desk_do(&desk, "component.create",
	        "{'handle':'gb','name':'Traffic','kind':'metered','price':{'scheme':'per_unit','unit_price':'0.50','minimum':'500.00'}}");
	limit(&desk, "{'amount':'20.00'},{'amount':'20.00','recurring':true}");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'gb','quantity':'30'}");
	run_jobs(&desk);
	CHECK_EQ_TEXT(told(&desk), "0.00 of 15.00, 15.00, 0.00 then 20.00"); /* the least it costs is not due yet */
	desk_do(&desk, "component_usage.create_batch",
	        "{'items':[{'subscription_id':1,'component':'gb','quantity':'30'},{'subscription_id':1,'component':'gb','quantity':'1'}]}");
	run_jobs(&desk);
	CHECK_EQ_TEXT(told(&desk), "30.50 of 30.50, 30.50, 20.00 then 40.00");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: recurring 25.00 tax 2.50; 2: progressive 30.50 tax 3.05; "
	                            "3: recurring 30.00 usage 0.00 usage 0.00 component_usage 500.00 progressive -30.50 tax 3.00 tax 50.00 tax -3.05; ");
	CHECK_EQ_TEXT(told(&desk), "0.00 of 0.00, 500.00, 500.00 then 520.00");
	desk_close(&desk);
}

TEST(events_are_looked_at_when_they_come)
{
	struct desk desk;
	open_desk(&desk, "van", "");
	desk_do(&desk, "billing_metric.create", "{'stream':'calls','handle':'bytes','analysis':'sum','property':'b'}");
	desk_do(&desk, "component.create",
	        "{'handle':'bytes','name':'Bytes','kind':'event','metric_id':1,'price':{'scheme':'per_unit','unit_price':'0.10'}}");
	desk_do(&desk, "subscription_component.activate", "{'subscription_id':1,'component':'bytes'}");
	stream_send(&desk, "[{'b':300,'moonbill':{'subscription_id':1}}]"); /* nobody waits for them */
	limit(&desk, "{'amount':'50.00'}");
	run_jobs(&desk);
	CHECK_EQ_TEXT(told(&desk), "0.00 of 30.00, 30.00, 0.00 then 50.00");
	stream_send(&desk, "[{'b':150,'moonbill':{'subscription_id':1}},{'b':60,'moonbill':{'subscription_id':1}}]");
	run_jobs(&desk);
	CHECK_EQ_TEXT(told(&desk), "51.00 of 51.00, 51.00, 50.00 then none");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: recurring 25.00; 2: progressive 51.00; "
	                            "3: recurring 30.00 usage 0.00 usage 0.00 component_usage 51.00 progressive -51.00; ");
	desk_close(&desk);
}

TEST(a_preview_has_what_the_invoice_will_take_off)
{
	struct desk desk;
	open_desk(&desk, "van", "");
	limit(&desk, "{'amount':'100.00'}");
	use(&desk, 60);
	const struct invoice *preview = desk_do(&desk, "invoice.preview", "{'account_id':1,'target_date':'2011-10-01'}");
	CHECK_EQ_INT(preview->total.minor, 3000);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 25.00 25.00; 2 open 120.00 120.00");
	desk_close(&desk);
}

TEST(a_wallet_for_usage_pays_it_and_of_the_period_what_is_left)
{
	struct desk desk;
	open_desk(&desk, "van", "");
	desk_do(&desk, "wallet.create", "{'account_id':1,'granted':'1000','line_kinds':[{'kind':'usage'}]}");
	limit(&desk, "{'amount':'100.00'}");
	use(&desk, 50);
	use(&desk, 25);
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 25.00 25.00; 2 settled 100.00 0.00; 3 open 80.00 30.00");
	desk_close(&desk);
}

TEST(a_subscription_that_ends_takes_off_what_was_invoiced_on_its_last_invoice)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	limit(&desk, "{'amount':'100.00'}");
	use(&desk, 60);
	desk_do(&desk, "subscription.cancel", "{'id':1,'effective_at':'2011-09-10T00:00:00Z'}");
	shop_advance(&desk, "2011-12-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 120.00; 2: usage 120.00 usage 0.00 progressive -120.00; ");
	desk_close(&desk);
}

TEST(one_jump_of_the_clock_is_the_same_as_day_by_day)
{
	struct text made[2];
	for (int way = 0; way < 2; way++) {
		struct desk desk;
		open_desk(&desk, "van", "");
		limit(&desk, "{'amount':'100.00'},{'amount':'70.00','recurring':true}");
		use(&desk, 60);
		for (int day = 7; way == 0 && day < 30; day++)
			shop_advance(&desk, text_format(&desk.arena, "2011-09-%02dT00:00:00Z", day).data);
		shop_advance(&desk, "2011-12-02T00:00:00Z");
		made[way] = lines(&desk);
		CHECK_EQ_TEXT(made[way], "1: recurring 25.00; 2: progressive 120.00; 3: recurring 30.00 usage 120.00 usage 0.00 progressive -120.00; "
		                         "4: recurring 30.00 usage 0.00 usage 0.00; 5: recurring 30.00 usage 0.00 usage 0.00; ");
		desk_close(&desk);
	}
}

TEST(what_thresholds_cannot_be_is_refused_at_its_field)
{
	struct desk desk;
	open_desk(&desk, "calls", "");
	CHECK_REFUSED(&desk, "progressive_billing.create", "{'subscription_id':9,'thresholds':[{'amount':'1'}]}", PROBLEM_NOT_FOUND,
	              "/subscription_id");
	CHECK_REFUSED(&desk, "progressive_billing.create", "{'subscription_id':1,'thresholds':[{'amount':'0'}]}", PROBLEM_OUT_OF_RANGE,
	              "/thresholds/0");
	CHECK_REFUSED(&desk, "progressive_billing.create", "{'subscription_id':1,'thresholds':[{'amount':'1.001'}]}",
	              PROBLEM_TOO_MANY_DECIMALS, "/thresholds/0/amount");
	CHECK_REFUSED(&desk, "progressive_billing.create", "{'subscription_id':1,'thresholds':[{'amount':'1'},{'amount':'1.00'}]}",
	              PROBLEM_OUT_OF_RANGE, "/thresholds/1");
	CHECK_REFUSED(&desk, "progressive_billing.create",
	              "{'subscription_id':1,'thresholds':[{'amount':'1','recurring':true},{'amount':'2','recurring':true}]}",
	              PROBLEM_OUT_OF_RANGE, "/thresholds/1");
	limit(&desk, "{'amount':'100.00'}");
	CHECK_REFUSED(&desk, "progressive_billing.create", "{'subscription_id':1,'thresholds':[{'amount':'1'}]}", PROBLEM_DUPLICATE,
	              "/subscription_id");
	use(&desk, 10);
	desk_do(&desk, "progressive_billing.update", "{'id':1,'thresholds':[{'amount':'15.00'}]}");
	run_jobs(&desk);
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 20.00; ");
	desk_do(&desk, "progressive_billing.end", "{'id':1}");
	CHECK_REFUSED(&desk, "progressive_billing.end", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "progressive_billing.update", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	use(&desk, 1000);
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 20.00; 2: usage 2020.00 usage 0.00 progressive -20.00; ");
	desk_close(&desk);
}

TEST(a_plan_says_thresholds_for_each_of_its_subscriptions_and_its_own_take_their_place)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	desk_deploy_catalog(&desk,
	                    "{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v','products':[{'name':'phone','category':'standalone'}],"
	                    "'plans':[{'code':'calls','product':'phone','usage_thresholds':[{'prices':[{'currency':'USD','amount':'20'}]},"
	                    "{'prices':[{'currency':'USD','amount':'100'}],'recurring':true}],"
	                    "'phases':[{'kind':'evergreen','duration_unit':'unlimited'," USAGES "}]}]}]}");
	desk_do(&desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'calls'}");
	use(&desk, 15);
	CHECK_EQ_TEXT(told(&desk), "30.00 of 30.00, 30.00, 20.00 then 120.00");
	desk_do(&desk, "progressive_billing.create", "{'subscription_id':1,'thresholds':[{'amount':'50'}]}");
	use(&desk, 9);
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 30.00; ");
	use(&desk, 1);
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 30.00; 2: progressive 20.00; ");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "1: progressive 30.00; 2: progressive 20.00; 3: usage 50.00 usage 0.00 progressive -30.00 progressive -20.00; ");
	desk_close(&desk);
}

CHECK_MAIN
