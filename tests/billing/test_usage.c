/* test_usage.c: what was used: recorded once, refused with its reason, billed in arrears, freed by a cancellation. */
#include "shop.h"

#include "billing/usage.h"

/* ---- what there is ---- */

static bool usages_body(struct command *command, void *context)
{
	struct usage_filter all = { .object = { .max = OBJECT_PAGE_MAX } };
	return usage_page(command, &all, context);
}

/* "1 BANDWIDTH 25.5 billed 2396 1; ...", oldest first. */
static struct text usages(struct desk *desk)
{
	struct usage_list list = { 0 };
	struct text_builder out;
	desk_read(desk, usages_body, &list);
	builder_init(&out, &desk->arena, 0);
	for (size_t i = list.count; i-- > 0;) {
		const struct usage *usage = &list.items[i];
		struct text quantity = decimal_canonical_text(&desk->arena, usage->quantity);
		builder_format(&out, "%s%lld %.*s %.*s %s", i + 1 < list.count ? "; " : "", (long long)usage->id,
		               TEXT_ARG(usage->price_code), TEXT_ARG(quantity),
		               usage_record.fields[USAGE_FIELD_STATUS].words[usage->status]);
		if (usage->invoice_id)
			builder_format(&out, " %lld %lld", (long long)usage->invoice_id, (long long)usage->line_position);
	}
	return builder_text(&out);
}

static struct usage *use(struct desk *desk, const char *quantity, const char *more)
{
	return desk_do(desk, "usage.record",
	               text_format(&desk->arena, "{'account_id':1,'price_code':'BANDWIDTH','quantity':'%s'%s%s}", quantity,
	                           more[0] ? "," : "", more).data);
}

#define USE_REFUSED(desk, more, code, pointer)                                                                     \
	CHECK_REFUSED((desk), "usage.record", "{'account_id':1,'price_code':'BANDWIDTH','quantity':'1'," more "}", code, pointer)

/* H1 from 2011-09-20, its first invoice made, and it is the 25th. */
static void open_served(struct desk *desk)
{
	shop_open(desk);
	shop_order(desk, "'create_invoice':true");
	shop_advance(desk, "2011-09-25T12:00:00Z");
	desk->event_count = 0;
}

/* ---- billing ---- */

TEST(what_was_used_in_september_is_on_the_invoice_of_october)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "20", "'occurred_at':'2011-09-21T08:00:00Z'");
	use(&desk, "5.5", "");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 165.00; BANDWIDTH 2.55");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "number", "total", "billing_start", "billing_end"),
	              "1019 60.50 2011-09-01 2011-10-01; 1020 167.55 2011-10-01 2011-11-01");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 20 billed 2397 2; 2 BANDWIDTH 5.5 billed 2397 2");
	const struct invoice_line *line = &shop_invoice(&desk, 2397)->lines.items[1];
	CHECK_EQ_INT(line->kind, INVOICE_LINE_KIND_USAGE);
	CHECK_EQ_TEXT(decimal_canonical_text(&desk.arena, line->quantity), "25.5");
	CHECK_EQ_TEXT(date_text(&desk.arena, line->period_start), "2011-09-20");
	CHECK_EQ_TEXT(date_text(&desk.arena, line->period_end), "2011-10-01");
	CHECK(strstr(line->decision.data, "\"records\":2,\"first_id\":1,\"last_id\":2"));
	desk_close(&desk);
}

TEST(usage_too_large_to_be_billed_is_left_out_and_the_rest_of_the_account_is_billed)
{
	struct desk desk;
	open_served(&desk);
	desk_do(&desk, "plan.create", "{'code':'BIG','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'1.00'},"
	                              "{'price_code':'GIANT','kind':'usage','amount':'10000000'}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'BIG','lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	use(&desk, "20", "");
	desk_do(&desk, "usage.record", "{'account_id':1,'price_code':'GIANT','quantity':'1000000000'}");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 165.00; BANDWIDTH 2.00; MNTHLY 1.00; MNTHLY 1.00");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 20 billed 2397 2; 2 GIANT 1000000000 unbilled");
	desk_do(&desk, "usage.record", "{'account_id':1,'price_code':'GIANT','quantity':'1'}");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2398), "MNTHLY 165.00; MNTHLY 1.00");
	desk_close(&desk);
}

TEST(what_was_used_from_the_run_date_on_waits_for_the_next_run)
{
	struct desk desk;
	open_served(&desk);
	shop_advance(&desk, "2011-09-30T23:00:00Z");
	use(&desk, "1", "'occurred_at':'2011-09-30T23:59:59Z'");
	use(&desk, "2", "'occurred_at':'2011-10-01T00:00:00Z'");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 1 billed 2397 2; 2 BANDWIDTH 2 unbilled");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 1 billed 2397 2; 2 BANDWIDTH 2 billed 2398 2");
	desk_close(&desk);
}

TEST(days_are_those_of_the_accounts_zone)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	shop_plans(&desk);
	desk_do(&desk, "customer.create", "{'name':'J','external_key':'JOHNDOE001','time_zone':'America/Chicago'}");
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-10-01T04:00:00Z"); /* 23:00 of September 30 */
	use(&desk, "10", "");
	use(&desk, "20", "'occurred_at':'2011-10-01T05:00:00Z'");
	shop_advance(&desk, "2011-10-01T05:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2), "MNTHLY 165.00; BANDWIDTH 1.00");
	desk_close(&desk);
}

TEST(a_run_by_hand_leaves_the_usage_of_the_running_cycle)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	CHECK(desk_do(&desk, "account.bill", "{'account_id':1}") == NULL);
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 unbilled");
	desk_close(&desk);
}

TEST(late_usage_alone_makes_an_invoice_for_the_cycle_of_the_run)
{
	struct desk desk;
	open_served(&desk);
	shop_advance(&desk, "2011-10-05T12:00:00Z");
	use(&desk, "30", "'occurred_at':'2011-09-28T12:00:00Z'");
	const struct invoice *invoice = desk_do(&desk, "account.bill", "{'account_id':1}");
	CHECK_EQ_TEXT(shop_lines(&desk, invoice->id), "BANDWIDTH 3.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total", "billing_start", "billing_end", "by_billing_run"),
	              "60.50 2011-09-01 2011-10-01 false; 165.00 2011-10-01 2011-11-01 true; 3.00 2011-10-01 2011-11-01 true");
	desk_close(&desk);
}

TEST(tiers_count_the_sum_of_a_cycle)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create",
	        "{'code':'T','charges':[{'price_code':'CALLS','kind':'usage','tier_mode':'graduated','tiers':["
	        "{'units_from':'1','units_to':'10','price':'1'},{'units_from':'11','price':'0.5'}]},"
	        "{'price_code':'MAILS','kind':'usage','tiers':[{'units_from':'1','units_to':'10','price':'1'},"
	        "{'units_from':'11','price':'0.5'}]},{'price_code':'BASE','kind':'recurring','amount':'0.01'}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'T','lines':[{'price_code':'BASE','quantity':'1'}],'create_invoice':true}");
	for (int i = 0; i < 3; i++) {
		desk_do(&desk, "usage.record", "{'account_id':1,'price_code':'MAILS','quantity':'5'}");
		desk_do(&desk, "usage.record", "{'account_id':1,'price_code':'CALLS','quantity':'5'}");
	}
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "BASE 0.01; CALLS 12.50; MAILS 7.50");
	desk_close(&desk);
}

static void open_taxed(struct desk *desk)
{
	shop_open(desk);
	desk_do(desk, "plan.create",
	        "{'code':'X','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'100','prorated':true},"
	        "{'price_code':'BANDWIDTH','kind':'usage','amount':'0.10'},"
	        "{'price_code':'VAT','kind':'percent','percent':'20','mandatory':true,'tax':true}]}");
	shop_order_plan(desk, "X", "'create_invoice':true");
	shop_advance(desk, "2011-09-25T12:00:00Z");
}

TEST(percentages_of_everything_are_taken_of_usage_too)
{
	struct desk desk;
	open_taxed(&desk);
	use(&desk, "50", "");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 100.00; BANDWIDTH 5.00; VAT 21.00");
	desk_close(&desk);
}

TEST(what_a_change_credits_leaves_the_tax_of_usage_alone)
{
	struct desk desk;
	open_taxed(&desk);
	use(&desk, "50", "");
	shop_advance(&desk, "2011-10-17T00:00:00Z");
	desk_do(&desk, "order.change", "{'old_order_id':381,'change_date':'2011-10-17','order':{'plan':'H3',"
	                               "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 58.06 58.06"); /* 120 x 15/31; 5.00 and its tax stay */
	desk_close(&desk);
}

TEST(a_plan_of_usage_alone_is_billed_without_days)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create", "{'code':'U','charges':[{'price_code':'BANDWIDTH','kind':'usage','amount':'0.1'}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'U','lines':[{'price_code':'BANDWIDTH','quantity':'1'}]}");
	use(&desk, "100", "");
	shop_advance(&desk, "2011-12-01T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total", "billing_start", "billing_end"), "10.00 2011-10-01 2011-11-01");
	desk_close(&desk);
}

static struct text used_for_months(struct desk *desk, const char *const *stops)
{
	open_served(desk);
	for (int i = 1; i <= 3; i++)
		use(desk, "7.5", text_format(&desk->arena, "'occurred_at':'2011-09-2%dT01:00:00Z'", i).data);
	use(desk, "3", "'occurred_at':'2011-09-26T11:00:00Z'");
	desk_do(desk, "order.update", "{'id':381,'end_date':'2011-12-10'}");
	for (; *stops; stops++)
		shop_advance(desk, *stops);
	return text_format(&desk->arena, "%.*s | %.*s",
	                   TEXT_ARG(SHOP_SHOW(desk, &invoice_record, "number", "total", "invoice_date", "billing_start")),
	                   TEXT_ARG(usages(desk)));
}

TEST(one_jump_of_the_clock_equals_steps)
{
	static const char *const once[] = { "2012-01-15T00:00:00Z", NULL };
	static const char *const steps[] = { "2011-10-01T00:00:00Z", "2011-10-20T00:00:00Z", "2011-12-01T05:00:00Z",
		                             "2012-01-15T00:00:00Z", NULL };
	struct desk a, b;
	struct text first = used_for_months(&a, once), second = used_for_months(&b, steps);
	CHECK_EQ_TEXT(first, second.data);
	CHECK(strstr(first.data, "1020 167.55 2011-10-01"));
	desk_close(&a);
	desk_close(&b);
}

/* ---- the end of service ---- */

TEST(usage_of_a_canceled_order_is_on_a_final_bill)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	use(&desk, "20", "'occurred_at':'2011-09-25T11:59:59Z'");
	USE_REFUSED(&desk, "'occurred_at':'2011-09-25T12:00:00Z'", PROBLEM_WRONG_STATE, "/occurred_at");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 3.00 3.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "invoice_date", "billing_start", "billing_end"),
	              "2011-09-06 2011-09-01 2011-10-01; 2011-10-01 2011-10-01 2011-11-01");
	use(&desk, "5", "'occurred_at':'2011-09-24T00:00:00Z'");
	shop_advance(&desk, "2012-04-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2398), "BANDWIDTH 0.50");
	desk_close(&desk);
}

TEST(usage_of_a_suspended_order_is_billed_and_its_days_are_not)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	desk_do(&desk, "order.update", "{'id':381,'status':'suspended'}");
	shop_advance(&desk, "2011-09-26T00:00:00Z");
	use(&desk, "20", "'occurred_at':'2011-09-25T11:00:00Z'");
	USE_REFUSED(&desk, "'memo':'m'", PROBLEM_WRONG_STATE, "/occurred_at");
	shop_advance(&desk, "2011-12-05T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 3.00 3.00");
	desk_do(&desk, "order.update", "{'id':381,'status':'active'}");
	use(&desk, "1", "");
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 billed 2397 1; 2 BANDWIDTH 20 billed 2397 1; 3 BANDWIDTH 1 billed 2398 3");
	desk_close(&desk);
}

TEST(usage_of_a_superseded_order_is_on_the_next_invoice_of_the_account)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	desk_do(&desk, "order.change", "{'old_order_id':381,'change_date':'2011-09-26','order':{'plan':'H3',"
	                               "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	use(&desk, "20", "'order_number':'1036'");
	USE_REFUSED(&desk, "'occurred_at':'2011-09-26T00:00:00Z'", PROBLEM_WRONG_STATE, "/occurred_at");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 billed 2397 3; 2 BANDWIDTH 20 billed 2397 3");
	desk_close(&desk);
}

TEST(a_final_bill_of_a_year_does_not_wait_for_the_year)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create", "{'code':'Y','billing_period':'annual','charges':["
	                              "{'price_code':'MNTHLY','kind':'recurring','amount':'500'},"
	                              "{'price_code':'BANDWIDTH','kind':'usage','amount':'1'}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'Y','lines':[{'price_code':'MNTHLY','quantity':'1'}],'create_invoice':true}");
	use(&desk, "4", "");
	shop_advance(&desk, "2011-11-20T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 4 unbilled");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	shop_advance(&desk, "2011-12-01T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 4 billed 2397 1");
	desk_close(&desk);
}

TEST(usage_whose_charge_the_catalog_lost_is_kept_and_keeps_no_run)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	desk_do(&desk, "bundle.deploy",
	        "{'archive':{'files':{'bundle.json':'{\\'name\\':\\'test\\'}','catalog/plans.json':'{\\'plans\\':[{\\'code\\':\\'H1\\',"
	        "\\'charges\\':[{\\'price_code\\':\\'MNTHLY\\',\\'kind\\':\\'recurring\\',\\'amount\\':\\'165.00\\'}]}]}'}}}");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 unbilled");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50");
	desk_close(&desk);
}

/* ---- an invoice withdrawn ---- */

TEST(cancelling_an_invoice_frees_its_usage_for_the_next)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	desk_do(&desk, "invoice.cancel", "{'id':2397}");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 unbilled");
	use(&desk, "20", "");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2398), "MNTHLY 165.00; BANDWIDTH 3.00");
	const struct invoice_line *line = &shop_invoice(&desk, 2398)->lines.items[1];
	CHECK_EQ_TEXT(date_text(&desk.arena, line->period_start), "2011-09-20");
	CHECK_EQ_TEXT(date_text(&desk.arena, line->period_end), "2011-11-01");
	desk_close(&desk);
}

TEST(a_cancelled_final_bill_is_made_again)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	desk_do(&desk, "invoice.cancel", "{'id':2397}");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 billed 2398 1");
	desk_close(&desk);
}

TEST(an_invoice_that_a_rule_rejects_leaves_the_usage)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	shop_deploy(&desk, "rule 'no' { pre = 'invoice.create', run = function (invoice, ctx) ctx:reject('no', 'no') end }");
	struct instant october;
	CHECK(instant_parse(TEXT("2011-10-01T00:00:00Z"), &october));
	engine_advance_clock(desk.engine, desk.tenant_id, october, &desk.problems);
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 unbilled");
	desk_close(&desk);
}

TEST(lines_that_rules_add_and_usage_that_they_record_do_not_mix)
{
	struct desk desk;
	open_served(&desk);
	use(&desk, "10", "");
	shop_deploy(&desk, "rule 'fee' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  ctx:command('usage.record', { account_id = 1, price_code = 'BANDWIDTH', quantity = '1',\n"
	                   "    occurred_at = '2011-09-24T00:00:00Z' })\nend }");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 165.00; BANDWIDTH 1.00");
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 billed 2397 2; 2 BANDWIDTH 1 unbilled");
	desk_close(&desk);
}

/* ---- recording ---- */

TEST(recording_raises_its_event_on_both_sides)
{
	struct desk desk;
	open_served(&desk);
	const struct usage *usage = use(&desk, "1.25", "'memo':'in'");
	CHECK_EQ_TEXT(desk_events(&desk), "pre usage.record, post usage.record");
	CHECK_EQ_INT(usage->subscription_id, 1);
	CHECK_EQ_INT(usage->order_id, 381);
	CHECK_EQ_TEXT(instant_text(&desk.arena, usage->occurred_at), "2011-09-25T12:00:00Z");
	desk_close(&desk);
}

TEST(a_rule_may_change_quantity_and_memo_or_reject)
{
	struct desk desk;
	open_served(&desk);
	shop_deploy(&desk, "rule 'half' { pre = 'usage.record', run = function (usage, ctx)\n"
	                   "  if usage.memo == 'no' then ctx:reject('not_counted', 'not counted') end\n"
	                   "  usage.quantity = usage.quantity:divide(2, 2)\n  usage.memo = 'halved'\nend }");
	const struct usage *usage = use(&desk, "10", "'external_key':'k'");
	CHECK_EQ_TEXT(decimal_canonical_text(&desk.arena, usage->quantity), "5");
	CHECK_EQ_TEXT(usage->memo, "halved");
	CHECK_EQ_TEXT(decimal_canonical_text(&desk.arena, usage->quantity_sent), "10");
	CHECK_EQ_INT(use(&desk, "10", "'external_key':'k'")->id, usage->id); /* what was sent counts */
	USE_REFUSED(&desk, "'memo':'no'", PROBLEM_REJECTED, "");
	desk_close(&desk);
}

TEST(a_repeat_answers_with_the_same_row_and_another_content_is_a_duplicate)
{
	struct desk desk;
	open_served(&desk);
	int64_t id = use(&desk, "10", "'external_key':'k','memo':'a'")->id;
	desk.event_count = 0;
	CHECK_EQ_INT(use(&desk, "10.0", "'external_key':'k','memo':'a'")->id, id);
	CHECK_EQ_INT(use(&desk, "10", "'external_key':'k','memo':'a','occurred_at':'2011-09-25T12:00:00Z'")->id, id);
	CHECK_EQ_TEXT(desk_events(&desk), "");
	USE_REFUSED(&desk, "'external_key':'k','memo':'a'", PROBLEM_DUPLICATE, "/external_key");
	CHECK_REFUSED(&desk, "usage.record",
	              "{'account_id':1,'price_code':'BANDWIDTH','quantity':'10','external_key':'k','memo':'b'}", PROBLEM_DUPLICATE,
	              "/external_key");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	CHECK_EQ_INT(use(&desk, "10", "'external_key':'k','memo':'a'")->id, id);
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 10 unbilled");
	desk_close(&desk);
}

TEST(every_refusal_names_its_field)
{
	struct desk desk;
	open_served(&desk);
	USE_REFUSED(&desk, "'occurred_at':'2011-09-26T12:00:01Z'", PROBLEM_OUT_OF_RANGE, "/occurred_at");
	USE_REFUSED(&desk, "'occurred_at':'2011-09-19T23:59:59Z'", PROBLEM_WRONG_STATE, "/occurred_at");
	USE_REFUSED(&desk, "'order_id':9", PROBLEM_NOT_FOUND, "/order_id");
	USE_REFUSED(&desk, "'order_number':'9'", PROBLEM_NOT_FOUND, "/order_number");
	USE_REFUSED(&desk, "'subscription_id':9", PROBLEM_NOT_FOUND, "/subscription_id");
	USE_REFUSED(&desk, "'customer_key':'nobody'", PROBLEM_NOT_FOUND, "/customer_key");
	CHECK_REFUSED(&desk, "usage.record", "{'price_code':'BANDWIDTH','quantity':'1'}", PROBLEM_MISSING_FIELD, "/account_id");
	CHECK_REFUSED(&desk, "usage.record", "{'account_id':1,'price_code':'BANDWIDTH','quantity':'0'}", PROBLEM_OUT_OF_RANGE,
	              "/quantity");
	CHECK_REFUSED(&desk, "usage.record", "{'account_id':1,'price_code':'NONE','quantity':'1'}", PROBLEM_UNKNOWN_CHARGE,
	              "/price_code");
	CHECK_REFUSED(&desk, "usage.record", "{'account_id':1,'price_code':'MNTHLY','quantity':'1'}", PROBLEM_INVALID_VALUE,
	              "/price_code");
	CHECK_EQ_TEXT(usages(&desk), "");
	desk_close(&desk);
}

TEST(two_orders_with_the_charge_need_the_order_named)
{
	struct desk desk;
	open_served(&desk);
	shop_order(&desk, "");
	USE_REFUSED(&desk, "'memo':'m'", PROBLEM_INVALID_COMBINATION, "/order_id");
	CHECK_EQ_INT(use(&desk, "1", "'order_number':'1037'")->subscription_id, 2);
	CHECK_EQ_INT(use(&desk, "1", "'subscription_id':1")->order_id, 381);
	USE_REFUSED(&desk, "'subscription_id':1,'order_id':382", PROBLEM_INVALID_COMBINATION, "/subscription_id");
	desk_do(&desk, "customer.create", "{'name':'Other','external_key':'OTHER'}");
	CHECK_REFUSED(&desk, "usage.record", "{'customer_key':'OTHER','order_id':381,'price_code':'BANDWIDTH','quantity':'1'}",
	              PROBLEM_INVALID_COMBINATION, "/order_id");
	desk_close(&desk);
}

TEST(an_order_with_usage_cannot_be_deleted)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H1','lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	use(&desk, "1", "");
	CHECK_REFUSED(&desk, "order.delete", "{'id':381}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

/* ---- batches ---- */

TEST(a_batch_is_recorded_whole_in_its_order)
{
	struct desk desk;
	open_served(&desk);
	const struct usage_recorded *recorded = desk_do(
	        &desk, "usage.record_batch",
	        "{'items':[{'account_id':1,'price_code':'BANDWIDTH','quantity':'1','external_key':'a'},"
	        "{'order_number':'1036','price_code':'BANDWIDTH','quantity':'2'},"
	        "{'customer_key':'JOHNDOE001','price_code':'BANDWIDTH','quantity':'1','external_key':'a'}]}");
	CHECK_EQ_INT(recorded->items.count, 3);
	CHECK_EQ_INT(recorded->items.items[2].id, recorded->items.items[0].id);
	CHECK_EQ_TEXT(usages(&desk), "1 BANDWIDTH 1 unbilled; 2 BANDWIDTH 2 unbilled");
	CHECK_EQ_TEXT(desk_events(&desk), "pre usage.record, post usage.record, pre usage.record, post usage.record");
	desk_close(&desk);
}

TEST(a_batch_with_problems_says_all_of_them_and_records_nothing)
{
	struct desk desk;
	open_served(&desk);
	CHECK_REFUSED(&desk, "usage.record_batch",
	              "{'items':[{'account_id':1,'price_code':'BANDWIDTH','quantity':'1','external_key':'a'},"
	              "{'account_id':1,'price_code':'NONE','quantity':'1'},"
	              "{'account_id':1,'price_code':'BANDWIDTH','quantity':'2','external_key':'a'},"
	              "{'account_id':1,'price_code':'BANDWIDTH','quantity':'0'},"
	              "{'account_id':77,'price_code':'BANDWIDTH','quantity':'1'}]}",
	              PROBLEM_UNKNOWN_CHARGE, "/items/1/price_code");
	const struct problem *next = desk.problems.first->next;
	CHECK_EQ_C(next->pointer, "/items/2/external_key");
	CHECK_EQ_C(next->next->pointer, "/items/3/quantity");
	CHECK_EQ_C(next->next->next->pointer, "/items/4/account_id");
	CHECK_EQ_INT(desk.problems.count, 4);
	CHECK_EQ_TEXT(usages(&desk), "");
	desk_close(&desk);
}

TEST(a_rejection_in_a_batch_points_at_its_item_and_undoes_the_others)
{
	struct desk desk;
	open_served(&desk);
	shop_deploy(&desk, "rule 'no' { pre = 'usage.record', run = function (usage, ctx)\n"
	                   "  if usage.memo == 'no' then ctx:reject('not_counted', 'not counted') end\nend }");
	CHECK_REFUSED(&desk, "usage.record_batch",
	              "{'items':[{'account_id':1,'price_code':'BANDWIDTH','quantity':'1'},"
	              "{'account_id':1,'price_code':'BANDWIDTH','quantity':'1','memo':'no'}]}",
	              PROBLEM_REJECTED, "/items/1");
	CHECK_EQ_TEXT(usages(&desk), "");
	CHECK_EQ_INT(use(&desk, "1", "")->id, 1);
	desk_close(&desk);
}

static struct text thousand(struct desk *desk, int count)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	builder_c(&out, "{\"items\":[");
	for (int i = 0; i < count; i++)
		builder_format(&out, "%s{\"account_id\":1,\"price_code\":\"BANDWIDTH\",\"quantity\":\"0.1\",\"external_key\":\"k%d\"}",
		               i ? "," : "", i);
	builder_c(&out, "]}");
	return builder_text(&out);
}

TEST(a_thousand_are_taken_and_one_more_is_too_many)
{
	struct desk desk;
	void *output;
	open_served(&desk);
	CHECK(!desk_try_text(&desk, "usage.record_batch", thousand(&desk, 1001), &output));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_TOO_MANY);
	CHECK(desk_try_text(&desk, "usage.record_batch", thousand(&desk, 1000), &output));
	CHECK(desk_try_text(&desk, "usage.record_batch", thousand(&desk, 1000), &output)); /* again, the same */
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 165.00; BANDWIDTH 10.00");
	desk_close(&desk);
}

CHECK_MAIN
