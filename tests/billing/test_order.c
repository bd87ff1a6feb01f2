/* test_order.c: orders: quoted, placed, processed, suspended, ended, changed, deleted; their events and refusals. */
#include "shop.h"

#include "base/metric.h"

/* ---- names ---- */

TEST(what_people_see_has_a_name_that_can_be_seen)
{
	struct desk desk;
	shop_open(&desk);
	CHECK_REFUSED(&desk, "plan.create", "{'code':'A','name':' ','charges':[]}", PROBLEM_TOO_SHORT, "/name");
	CHECK_REFUSED(&desk, "plan.create", "{'code':'A','charges':[{'price_code':'M','name':' ','kind':'recurring','amount':'1'}]}",
	              PROBLEM_TOO_SHORT, "/charges/0/name");
	CHECK_REFUSED(&desk, "catalog.add_plan", "{'code':'A','product':'A','name':' ','amount':'1','billing_period':'monthly'}",
	              PROBLEM_TOO_SHORT, "/name");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','name':' ','percent':'5'}", PROBLEM_TOO_SHORT, "/name");
	CHECK_REFUSED(&desk, "component.create", "{'handle':'a','name':' ','kind':'on_off'}", PROBLEM_TOO_SHORT, "/name");
	CHECK_REFUSED(&desk, "order.place", "{'new_customer':{'name':' ','external_key':'B'},'plan':'A','status':'draft'}", PROBLEM_TOO_SHORT,
	              "/new_customer/name");
	desk_close(&desk);
}

/* ---- quotes ---- */

TEST(the_five_fixture_plans_quote_60_50)
{
	static const char *const plans[] = { "H1", "H2", "H3", "H4", "H5" };
	struct desk desk;
	shop_open(&desk);
	for (size_t i = 0; i < 5; i++) {
		check_note("%s", plans[i]);
		const char *input = text_format(&desk.arena, "'plan':'%s','start_date':'2011-09-20'", plans[i]).data;
		CHECK_EQ_TEXT(shop_quote(&desk, input), "60.50");
	}
	desk_close(&desk);
}

TEST(a_quote_beyond_reach_is_refused_with_and_without_lines)
{
	struct desk desk;
	shop_open(&desk);
	static const char *const lines[] = { "", ",'lines':[{'price_code':'MNTHLY','quantity':'1'}]" };
	for (size_t i = 0; i < 2; i++) {
		const char *input = text_format(&desk.arena, "{'plan':'H1','start_date':'9999-12-31'%s}", lines[i]).data;
		CHECK_REFUSED(&desk, "order.quote", input, PROBLEM_OUT_OF_RANGE, "/start_date");
	}
	desk_close(&desk);
}

TEST(a_quote_counts_the_days_of_its_own_month)
{
	struct desk desk;
	shop_open(&desk);
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'H1','start_date':'2011-10-20'"), "63.87"); /* 12/31 */
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'H1','start_date':'2012-02-20'"), "56.90"); /* 10/29 */
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'H1','start_date':'2011-02-20'"), "53.04"); /* 9/28 */
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'H1'"), "165.00");
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'H5','start_date':'2011-09-01'"), "120.50");
	desk_close(&desk);
}

TEST(sixty_seats_quote_by_either_mode)
{
	struct desk desk;
	shop_open(&desk);
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'SEATS','quantity':'60.00','tier_mode':'volume'"), "5457.00");
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'SEATS','quantity':'60.00','tier_mode':'graduated'"), "7257.00");
	CHECK_EQ_TEXT(shop_quote(&desk, "'plan':'SEATS'"), "150.95");
	desk_close(&desk);
}

TEST(a_quote_keeps_nothing_and_only_calculates)
{
	struct desk desk;
	shop_open(&desk);
	shop_quote(&desk, "'plan':'H2','account_id':1,'start_date':'2011-09-20',"
	                  "'lines':[{'price_code':'MNTHLY','quantity':'2'}],'discounts':[{'percent':'50'}]");
	CHECK_EQ_TEXT(desk_events(&desk), "pre order.calculate");
	CHECK_EQ_TEXT(shop_orders(&desk), "");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "");
	CHECK_EQ_INT(shop_order(&desk, "")->id, 381);
	desk_close(&desk);
}

/* ---- placing ---- */

TEST(an_order_with_its_invoice_is_the_seeds)
{
	struct desk desk;
	shop_open(&desk);
	const struct order *order = shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_INT(order->id, 381);
	CHECK_EQ_TEXT(order->number, "1036");
	CHECK_EQ_INT(order->customer_id, 366);
	CHECK_EQ_INT(order->status, ORDER_STATUS_ACTIVE);
	CHECK_EQ_INT(order->lines.items[0].subscription_id, 1);
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "id", "number", "status", "invoice_date", "billing_start", "billing_end",
	                        "total", "balance", "order_id", "by_billing_run", "rounding"),
	              "2396 1019 open 2011-09-06 2011-09-01 2011-10-01 60.50 60.50 381 false half_up per line");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 60.50");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-10-01");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre order.create, pre order.calculate, pre order.validate, post order.calculate, post order.create, pre order.process, pre order.process_validate, pre subscription.create, "
	              "post subscription.create, pre order.invoice_subscription, pre invoice.create, post invoice.create, "
	              "post order.process");
	desk_close(&desk);
}

TEST(mandatory_charges_need_no_line_and_others_do)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H2", "'create_invoice':true");
	shop_order_plan(&desk, "H6", "'create_invoice':true");
	shop_order_plan(&desk, "H3", "'create_invoice':true");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 55.00; TAX 5.50");
	CHECK_EQ_TEXT(shop_lines(&desk, 2398), "MNTHLY 16.50");
	CHECK_EQ_INT(shop_invoice(&desk, 2397)->lines.items[1].kind, INVOICE_LINE_KIND_TAX);
	desk_close(&desk);
}

TEST(a_percentage_that_is_ordered_twice_is_taken_once)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H6','start_date':'2011-09-20','create_invoice':true,'lines':["
	                              "{'price_code':'MNTHLY','quantity':'1'},{'price_code':'TAX','quantity':'1'},"
	                              "{'price_code':'TAX','quantity':'1'}]}");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00; TAX 5.50");
	desk_close(&desk);
}

TEST(a_line_with_a_plan_of_its_own_is_a_subscription_of_its_own)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place",
	        "{'account_id':1,'plan':'H1','status':'active','start_date':'2011-09-20','create_invoice':true,"
	        "'lines':[{'plan':'H3','quantity':'2'},{'price_code':'MNTHLY','quantity':'1'}]}");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-10-01; 2 H3 active 2011-09-20 - 2011-10-01");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 60.50; MNTHLY 33.00; SETUP 88.00");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre order.create, pre order.calculate, pre order.validate, post order.calculate, post order.create, pre order.process, pre order.process_validate, pre subscription.create, "
	              "post subscription.create, pre subscription.create, post subscription.create, pre order.invoice_subscription, "
	              "pre order.invoice_subscription, pre invoice.create, post invoice.create, post order.process");
	desk_close(&desk);
}

TEST(an_order_that_does_not_hold_is_refused_at_its_field)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create", "{'code':'EUR','currency':'EUR','charges':[{'price_code':'A','kind':'recurring','amount':'1'}]}");
	desk_do(&desk, "plan.create",
	        "{'code':'FEW','charges':[{'price_code':'A','kind':'recurring','amount':'1','max_quantity':'5'}]}");
	desk_do(&desk, "plan.create",
	        "{'code':'OLD','active':false,'charges':[{'price_code':'A','kind':'recurring','amount':'1'}]}");
#define LINE(line) "'lines':[" line "]}"
#define A "{'price_code':'A','quantity':'1'}"
	CHECK_REFUSED(&desk, "order.place", "{'customer_key':'NOBODY','plan':'H1'," LINE(A), PROBLEM_NOT_FOUND, "/customer_key");
	CHECK_REFUSED(&desk, "order.place", "{'plan':'H1'," LINE(A), PROBLEM_MISSING_FIELD, "/account_id");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'NO'," LINE(A), PROBLEM_UNKNOWN_PLAN, "/plan");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'H1'," LINE(A), PROBLEM_UNKNOWN_CHARGE, "/lines/0/price_code");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1," LINE(A), PROBLEM_MISSING_FIELD, "/plan");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'EUR'," LINE(A), PROBLEM_CURRENCY_MISMATCH, "/plan");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'OLD'," LINE(A), PROBLEM_WRONG_STATE, "/plan");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'H1'," LINE("{'price_code':'MNTHLY'}"), PROBLEM_MISSING_FIELD,
	              "/lines/0/quantity");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'H1'," LINE("{'price_code':'MNTHLY','quantity':'0'}"),
	              PROBLEM_MISSING_FIELD, "/lines/0/quantity");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'FEW'," LINE("{'price_code':'A','quantity':'5.1'}"),
	              PROBLEM_OUT_OF_RANGE, "/lines/0/quantity");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'FEW'," LINE("{'quantity':'5.1'}"), PROBLEM_MISSING_FIELD,
	              "/lines/0/price_code");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'FEW'," LINE("{'price_code':'A','plan':'H1','quantity':'1'}"),
	              PROBLEM_INVALID_COMBINATION, "/lines/0/price_code");
	CHECK_REFUSED(&desk, "order.place",
	              "{'account_id':1,'plan':'FEW','start_date':'2011-09-20','end_date':'2011-09-20'," LINE(A), PROBLEM_BAD_PERIOD,
	              "/end_date");
	CHECK_REFUSED(&desk, "order.place", "{'account_id':1,'plan':'FEW','start_date':'1811-09-20'," LINE(A), PROBLEM_OUT_OF_RANGE,
	              "/start_date");
	CHECK_EQ_TEXT(shop_orders(&desk), "");
	CHECK_EQ_INT(shop_order(&desk, "")->id, 381);
	desk_close(&desk);
}

TEST(a_rejection_before_the_invoice_leaves_no_order_and_burns_no_number)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'no' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  if invoice.total > money('50.00', 'USD') then ctx:reject('too_much', 'Too much.') end\nend }");
	void *order;
	CHECK(!desk_try_text(&desk, "order.place", shop_order_text(&desk, "H1", "'create_invoice':true"), &order));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_REJECTED);
	CHECK_EQ_TEXT(desk.problems.first->detail_code, "too_much");
	CHECK_EQ_TEXT(shop_orders(&desk), "");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	shop_order_plan(&desk, "H3", "'create_invoice':true");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "id", "number", "total"), "2396 1019 16.50");
	desk_close(&desk);
}

static int64_t policies_asked(void)
{
	return metric_value_at(METRIC_RULE_RUNS_TOTAL, METRIC_MOMENT_POLICY, METRIC_RUN_OK);
}

/* Proration and rounding; and the number. */
TEST(an_order_and_its_invoice_are_one_calculation)
{
	struct desk desk;
	shop_open(&desk);
	int64_t before = policies_asked();
	shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_INT(policies_asked() - before, 3);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50");
	CHECK_EQ_INT(shop_invoice(&desk, 2396)->lines.items[0].subscription_id, 1);
	desk_close(&desk);
}

TEST(the_invoice_of_a_subscription_that_a_rule_changed_is_calculated_anew)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'short' { pre = 'subscription.create', run = function (subscription, ctx)\n"
	                   "  subscription.end_date = date('2011-09-25')\nend }");
	int64_t before = policies_asked();
	const struct order *order = shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_INT(policies_asked() - before, 5);
	CHECK_EQ_TEXT(money_text(&desk.arena, order->total), "60.50 USD");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 27.50 27.50");
	desk_close(&desk);
}

TEST(a_rule_that_says_no_invoice_skips_only_the_invoice)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'later' { pre = 'OrderProcessedPreCreateInvoice', run = function (subscription, ctx)\n"
	                   "  ctx.event.create_invoice = false\nend }");
	shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-09-20");
	desk_close(&desk);
}

TEST(a_rule_may_add_a_discount_and_tax_is_taken_of_what_is_left)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'five off' { pre = 'order.calculate', run = function (order, ctx)\n"
	                   "  order.discounts:add { percent = '5', text = 'paid by card' }\nend }");
	shop_order_plan(&desk, "H6", "'create_invoice':true");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00; paid by card -2.75; TAX 5.23");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 150.00; TAX 15.00");
	desk_close(&desk);
}

#define H6_TIMES(quantity) \
	"{'account_id':1,'plan':'H6','start_date':'2011-09-20','lines':[{'price_code':'MNTHLY','quantity':'" quantity "'}]}"

TEST(rules_that_validate_see_what_rules_before_them_changed_and_the_total)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'five off' { pre = 'order.calculate', run = function (order, ctx)\n"
	                   "  order.discounts:add { percent = '5', text = 'paid by card' }\nend }\n"
	                   "rule 'note' { pre = 'order.process', run = function (order, ctx) order.custom = { seen = true } end }\n"
	                   "rule 'least' { pre = 'OrderValidate', run = function (order, ctx)\n"
	                   "  if order.total < money '58.00 USD' then ctx:reject('too_small', tostring(order.total)) end\nend }\n"
	                   "rule 'last' { pre = 'OrderProcessValidate', run = function (order, ctx)\n"
	                   "  ctx:reject('held', ctx.event.status_before_processing .. ' ' .. tostring(order.custom.seen)) end }");
	CHECK_EQ_C(desk_refused(&desk, "order.place", H6_TIMES("1"))->message, "57.48 USD");
	CHECK_EQ_C(desk_refused(&desk, "order.place", H6_TIMES("2"))->message, "draft true");
	CHECK_EQ_TEXT(shop_orders(&desk), "");
	desk_close(&desk);
}

TEST(a_draft_makes_nothing_until_it_is_activated)
{
	struct desk desk;
	shop_open(&desk);
	const struct order *order = desk_do(&desk, "order.place",
	                                    "{'account_id':1,'plan':'H1','status':'draft','start_date':'2011-09-20',"
	                                    "'create_invoice':true,'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	CHECK_EQ_INT(order->status, ORDER_STATUS_DRAFT);
	CHECK_EQ_TEXT(desk_events(&desk), "pre order.create, pre order.calculate, pre order.validate, post order.calculate, post order.create");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "");
	CHECK_REFUSED(&desk, "order.update", "{'id':381,'status':'suspended'}", PROBLEM_WRONG_STATE, "/status");
	desk_do(&desk, "order.update", "{'id':381,'status':'active'}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-09-20");
	desk_close(&desk);
}

TEST(a_draft_that_is_processed_waits_for_its_day_and_is_not_processed_twice)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H1','status':'draft','start_date':'2011-09-20',"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	desk.event_count = 0;
	desk_do(&desk, "order.process", "{'id':381,'create_invoice':true}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre order.process, pre order.process_validate, pre subscription.create, post subscription.create, "
	                                  "pre order.invoice_subscription, pre invoice.create, post invoice.create, post order.process");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 provisioning");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50");
	CHECK_REFUSED(&desk, "order.process", "{'id':381}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(an_order_for_a_later_day_is_provisioning_until_then)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H1','start_date':'2011-09-20',"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 provisioning");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 pending 2011-09-20 - 2011-09-20");
	shop_advance(&desk, "2011-09-19T23:59:59Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 provisioning");
	desk.event_count = 0;
	shop_advance(&desk, "2011-09-20T00:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-09-20");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.status_change, post subscription.status_change");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	desk_close(&desk);
}

/* ---- status ---- */

TEST(suspending_and_resuming_are_two_changes_of_status)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk.event_count = 0;
	desk_do(&desk, "order.update", "{'id':381,'status':'suspended'}");
	desk_do(&desk, "order.update", "{'id':381,'status':'suspended'}");
	desk_do(&desk, "order.update", "{'id':381,'status':'active'}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.status_change, post subscription.status_change, "
	                                  "pre subscription.status_change, post subscription.status_change");
	desk_close(&desk);
}

TEST(a_canceled_order_ends_its_subscription_and_keeps_its_invoice)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H1','start_date':'2011-09-02','create_invoice':true,"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	desk.event_count = 0;
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled','reason':'moved away'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.terminate, pre subscription.status_change, "
	                                  "post subscription.status_change, post subscription.terminate");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 canceled 2011-09-02 2011-09-06 2011-10-01");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 159.50 159.50");
	CHECK_REFUSED(&desk, "order.update", "{'id':381,'status':'active'}", PROBLEM_WRONG_STATE, "/status");
	CHECK_REFUSED(&desk, "order.update", "{'id':381,'end_date':'2012-01-01'}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 159.50 159.50");
	desk_close(&desk);
}

TEST(superseded_and_draft_are_no_status_to_ask_for)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "");
	CHECK_REFUSED(&desk, "order.update", "{'id':381,'status':'superseded'}", PROBLEM_WRONG_STATE, "/status");
	CHECK_REFUSED(&desk, "order.update", "{'id':381,'status':'draft'}", PROBLEM_WRONG_STATE, "/status");
	CHECK_REFUSED(&desk, "order.update", "{'id':381,'status':'paused'}", PROBLEM_UNKNOWN_CHOICE, "/status");
	CHECK_REFUSED(&desk, "order.update", "{'id':9,'status':'active'}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

TEST(a_rule_may_refuse_a_change_of_status_or_choose_another)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "");
	shop_deploy(&desk, "rule 'not canceled' { pre = 'subscription.status_change', run = function (subscription, ctx)\n"
	                   "  if ctx.event.new_status == 'canceled' then ctx.event.new_status = 'suspended' end\n"
	                   "  if ctx.event.new_status == 'complete' then ctx:reject('stay', 'Stay.') end\nend }");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 suspended");
	CHECK_EQ_INT(desk_refused(&desk, "order.update", "{'id':381,'status':'complete'}")->code, PROBLEM_REJECTED);
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 suspended");
	desk_close(&desk);
}

TEST(a_subscription_that_a_rule_has_ended_does_not_keep_its_order_from_ending)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'end it' { pre = 'subscription.status_change', when = { plan = 'H1' }, run = function (_, ctx)\n"
	                   "  if ctx.event.new_status == 'suspended' then ctx.event.new_status = 'canceled' end\nend }");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H1','start_date':'2011-09-06','end_date':'2011-09-25',"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'},{'plan':'H2','quantity':'1'}]}");
	desk_do(&desk, "order.update", "{'id':381,'status':'suspended'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "status"), "H1 canceled; H2 suspended");
	shop_advance(&desk, "2011-09-25T12:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "status"), "H1 canceled; H2 complete");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 complete");
	desk_close(&desk);
}

TEST(an_end_date_completes_the_order_on_its_day)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk.event_count = 0;
	CHECK_REFUSED(&desk, "order.update", "{'id':381,'end_date':'2011-09-20'}", PROBLEM_BAD_PERIOD, "/end_date");
	desk_do(&desk, "order.update", "{'id':381,'end_date':'2011-10-16'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.update, post subscription.update");
	shop_advance(&desk, "2011-10-15T23:59:59Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	shop_advance(&desk, "2011-10-16T00:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 complete");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 complete 2011-09-20 2011-10-16 2011-10-16");
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 79.84"); /* 15/31 of 165.00 */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 79.84 79.84");
	desk_close(&desk);
}

/* ---- changing ---- */

static void plan_b(struct desk *desk)
{
	desk_do(desk, "plan.create",
	        "{'code':'B','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'310.00','prorated':true}]}");
}

TEST(a_change_order_supersedes_the_old_one)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk.event_count = 0;
	const struct order *order =
	        desk_do(&desk, "order.change",
	                "{'old_order_id':381,'change_date':'2011-10-01','order':{'status':'active','start_date':'2011-10-01',"
	                "'plan':'B','lines':[{'price_code':'MNTHLY','quantity':'1.0'}]}}");
	CHECK_EQ_INT(order->id, 382);
	CHECK_EQ_INT(order->supersedes_id, 381);
	CHECK_EQ_INT(order->customer_id, 366);
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "id", "status", "supersedes_id", "superseded_by_id"),
	              "381 superseded - 382; 382 active 381 -");
	CHECK_EQ_TEXT(shop_subscriptions(&desk),
	              "1 H1 superseded 2011-09-20 2011-10-01 2011-10-01; 2 B active 2011-10-01 - 2011-10-01");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre order.create, pre order.calculate, pre order.validate, post order.calculate, post order.create, post order.upgrade, pre order.process, pre order.process_validate, "
	              "pre subscription.status_change, post subscription.status_change, pre subscription.create, "
	              "post subscription.create, pre order.invoice_subscription, post order.process");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 310.00 310.00");
	desk_close(&desk);
}

TEST(a_change_credits_the_unused_part_with_its_tax_and_discount_and_the_new_invoice_uses_it)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10'}]");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00; Discount 10 % -5.50; TAX 4.95");
	/* 6 of the 11 days: 30.00 - 3.00 + 2.70 */
	desk_do(&desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-09-25','order':{'status':'active','plan':'B','create_invoice':true,"
	        "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 29.70 0.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 54.45 54.45; 1020 open 62.00 32.30"); /* 6/30 of 310.00 */
	desk_close(&desk);
}

TEST(a_change_under_exclusive_start_takes_the_same_day_off_credit_and_charge)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H5", "'create_invoice':true");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 30.00");
	desk_do(&desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-09-25','order':{'status':'active','plan':'H5','create_invoice':true,"
	        "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 15.00 0.00"); /* 5/30 */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 30.00 30.00; 1020 settled 15.00 0.00");
	desk_close(&desk);
}

TEST(days_before_a_later_change_are_still_billed)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-10-16','order':{'status':'active','plan':'B',"
	        "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 79.84"); /* 15/31 of 165.00, on 1 October */
	CHECK_EQ_TEXT(shop_lines(&desk, 2398), "MNTHLY 160.00; MNTHLY 310.00");
	desk_close(&desk);
}

TEST(a_cancelled_invoice_is_not_credited_again)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "invoice.cancel", "{'id':2396}");
	desk_do(&desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-09-25','order':{'status':'active','plan':'B',"
	        "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	desk_close(&desk);
}

TEST(a_change_later_than_the_end_does_not_put_the_end_off)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true,'end_date':'2011-09-25'");
	desk_do(&desk, "order.change", "{'old_order_id':381,'change_date':'2011-09-28','order':{'plan':'H2',"
	                               "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "id", "status", "end_date"), "381 superseded 2011-09-25; 382 provisioning -");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	desk_close(&desk);
}

TEST(a_change_that_fails_leaves_the_old_order_as_it_was)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	CHECK_REFUSED(&desk, "order.change",
	              "{'old_order_id':381,'change_date':'2011-09-25','order':{'plan':'NO',"
	              "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}",
	              PROBLEM_UNKNOWN_PLAN, "/plan");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	CHECK_REFUSED(&desk, "order.change",
	              "{'old_order_id':381,'order':{'plan':'H1','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}",
	              PROBLEM_WRONG_STATE, "/old_order_id");
	desk_close(&desk);
}

#define DRAFT_OF(id) \
	"{'old_order_id':" id ",'change_date':'2011-09-25','order':{'status':'draft','plan':'B'," \
	"'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}"

static struct text replacements(struct desk *desk)
{
	return SHOP_SHOW(desk, &order_record, "id", "status", "supersedes_id", "superseded_by_id");
}

TEST(a_draft_that_is_to_replace_an_order_ends_it_when_it_is_processed)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk.event_count = 0;
	desk_do(&desk, "order.change", DRAFT_OF("381"));
	CHECK_EQ_TEXT(desk_events(&desk), "pre order.create, pre order.calculate, pre order.validate, post order.calculate, post order.create, post order.upgrade");
	CHECK_EQ_TEXT(replacements(&desk), "381 active - -; 382 draft 381 -");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-10-01");
	desk_do(&desk, "order.process", "{'id':382,'create_invoice':true}");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre order.process, pre order.process_validate, pre subscription.status_change, post subscription.status_change, pre subscription.create, "
	              "post subscription.create, pre order.invoice_subscription, pre invoice.create, post invoice.create, "
	              "post order.process");
	CHECK_EQ_TEXT(replacements(&desk), "381 superseded - 382; 382 provisioning 381 -");
	CHECK_EQ_TEXT(shop_subscriptions(&desk),
	              "1 H1 superseded 2011-09-20 2011-09-25 2011-10-01; 2 B pending 2011-09-25 - 2011-10-01");
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 33.00 0.00"); /* 6 of the 11 days of 60.50 */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 62.00 29.00");
	desk_close(&desk);
}

TEST(a_draft_is_replaced_like_any_order_with_what_it_was_to_replace)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "order.change", DRAFT_OF("381"));
	desk_do(&desk, "order.change", DRAFT_OF("382"));
	CHECK_EQ_TEXT(replacements(&desk), "381 active - -; 382 draft 381 -; 383 draft 382 -");
	desk_do(&desk, "order.process", "{'id':383}");
	CHECK_EQ_TEXT(replacements(&desk), "381 superseded - 383; 382 superseded 381 383; 383 provisioning 382 -");
	CHECK_EQ_TEXT(shop_subscriptions(&desk),
	              "1 H1 superseded 2011-09-20 2011-09-25 2011-10-01; 2 B pending 2011-09-25 - 2011-09-25");
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 33.00 33.00");
	CHECK_REFUSED(&desk, "order.process", "{'id':382}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(the_draft_of_a_new_customer_is_changed_for_the_same_customer)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	desk_do(&desk, "order.place", "{'status':'draft','plan':'B','new_customer':{'name':'Ann'},"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	desk_do(&desk, "order.change", "{'old_order_id':381,'order':{'plan':'B','lines':[{'price_code':'MNTHLY','quantity':'2'}]}}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "id", "status", "account_id"), "381 superseded 2; 382 active 2");
	const struct account *account = desk_do(&desk, "account.update", "{'id':2,'notes':'asked twice'}");
	CHECK_EQ_TEXT(account->name, "Ann");
	desk_close(&desk);
}

#define DRAFT_OF_ANN "'status':'draft','plan':'B','lines':[{'price_code':'MNTHLY','quantity':'1'}]"

static struct text customers_of_orders(struct desk *desk)
{
	return SHOP_SHOW(desk, &order_record, "id", "status", "account_id", "customer_id");
}

TEST(drafts_of_a_new_customer_are_of_the_customer_that_the_first_of_them_makes)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	desk_do(&desk, "order.place", "{" DRAFT_OF_ANN ",'new_customer':{'name':'Ann'}}");
	desk_do(&desk, "order.change", "{'old_order_id':381,'order':{" DRAFT_OF_ANN "}}");
	desk_do(&desk, "order.change", "{'old_order_id':381,'order':{" DRAFT_OF_ANN ",'new_customer':{'name':'Anna'}}}");
	CHECK_EQ_TEXT(customers_of_orders(&desk), "381 draft 2 -; 382 draft 2 -; 383 draft 2 -");
	desk_do(&desk, "order.process", "{'id':381}");
	CHECK_EQ_TEXT(customers_of_orders(&desk), "381 active 2 367; 382 draft 2 367; 383 draft 2 367");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "new_customer"), "-; -; -");
	desk_do(&desk, "order.change", "{'old_order_id':383,'order':{" DRAFT_OF_ANN "}}");
	desk_do(&desk, "order.process", "{'id':382}");
	CHECK_EQ_TEXT(customers_of_orders(&desk), "381 superseded 2 367; 382 active 2 367; 383 draft 2 367; 384 draft 2 367");
	const struct account *account = desk_do(&desk, "account.update", "{'id':2,'notes':'asked twice'}");
	CHECK_EQ_TEXT(account->name, "Ann");
	desk_close(&desk);
}

TEST(a_draft_that_is_replaced_before_it_was_processed_leaves_no_customer_twice)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	desk_do(&desk, "order.place", "{" DRAFT_OF_ANN ",'new_customer':{'name':'Ann'}}");
	desk_do(&desk, "order.change", "{'old_order_id':381,'order':{" DRAFT_OF_ANN "}}");
	desk_do(&desk, "order.process", "{'id':382}");
	CHECK_EQ_TEXT(customers_of_orders(&desk), "381 superseded 2 367; 382 active 2 367");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "new_customer"), "-; -");
	desk_close(&desk);
}

TEST(a_draft_of_a_new_customer_is_deleted_without_the_customer)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	desk_do(&desk, "order.place", "{" DRAFT_OF_ANN ",'new_customer':{'name':'Ann'}}");
	desk_do(&desk, "order.delete", "{'id':381}");
	CHECK_EQ_TEXT(customers_of_orders(&desk), "");
	CHECK_REFUSED(&desk, "account.update", "{'id':2,'notes':'n'}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

TEST(an_order_that_a_draft_is_to_replace_is_not_deleted_before_the_draft)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "");
	desk_do(&desk, "order.change", DRAFT_OF("381"));
	desk_do(&desk, "order.change", DRAFT_OF("382"));
	CHECK_REFUSED(&desk, "order.delete", "{'id':381}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "order.delete", "{'id':382}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_C(desk.problems.first->remedy, "Delete order 383 first, or cancel this one.");
	desk_do(&desk, "order.update", "{'id':383,'status':'canceled'}"); /* it replaced nothing, and names 382 still */
	CHECK_REFUSED(&desk, "order.delete", "{'id':382}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "order.delete", "{'id':383}");
	desk_do(&desk, "order.delete", "{'id':382}");
	desk_do(&desk, "order.delete", "{'id':381}");
	CHECK_EQ_TEXT(replacements(&desk), "");
	desk_close(&desk);
}

TEST(an_order_that_has_ended_is_not_replaced_and_its_draft_stays)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "order.change", DRAFT_OF("381"));
	desk_do(&desk, "order.change", DRAFT_OF("381"));
	desk_do(&desk, "order.process", "{'id':382}");
	CHECK_REFUSED(&desk, "order.process", "{'id':383}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_TEXT(replacements(&desk), "381 superseded - 382; 382 provisioning 381 -; 383 draft 381 -");
	desk_do(&desk, "order.delete", "{'id':383}");
	CHECK_REFUSED(&desk, "order.delete", "{'id':382}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(a_rule_may_reject_that_a_subscription_is_replaced_but_not_give_it_another_status)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_deploy(&desk, "rule 'keep' { pre = 'SubscriptionPreChangedStatus', when = { status = 'active' },\n"
	                   "run = function (s, ctx) ctx.event.new_status = 'suspended' end }");
	CHECK_REFUSED(&desk, "order.change",
	              "{'old_order_id':381,'order':{'plan':'B','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}",
	              PROBLEM_WRONG_STATE, "/new_status");
	CHECK_EQ_TEXT(replacements(&desk), "381 active - -");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	desk_close(&desk);
}

/* The subscription that will be made has no id before processing. */
TEST(a_rule_at_the_upgrade_sees_both_subscriptions)
{
	struct desk desk;
	shop_open(&desk);
	plan_b(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_deploy(&desk, "rule 'tell' { post = 'UpgradeOrderCreated', run = function (o, ctx)\n"
	                   "ctx:command('account.update', { id = o.account_id, notes = ctx.event.current_subscription.plan .. ' to ' ..\n"
	                   "ctx.event.new_subscription.plan .. ', ' .. tostring(ctx.event.new_subscription.charges[1].quantity) .. ', ' ..\n"
	                   "tostring(o.total) }) end }");
	desk_do(&desk, "order.change", DRAFT_OF("381"));
	shop_advance(&desk, "2011-09-06T16:00:00Z");
	const struct account *account = desk_do(&desk, "account.update", "{'id':1,'name':'John'}");
	CHECK_EQ_TEXT(account->notes, "H1 to B, 1, 62.00 USD");
	desk_close(&desk);
}

/* ---- deleting ---- */

TEST(an_invoiced_order_cannot_be_deleted_and_another_can)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_order(&desk, "");
	CHECK_REFUSED(&desk, "order.delete", "{'id':381}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_C(desk.problems.first->remedy, "Cancel the invoice and suspend the order.");
	desk_do(&desk, "order.delete", "{'id':382}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-10-01");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 165.00 165.00");
	desk_close(&desk);
}

/* ---- memory ---- */

TEST(an_allocation_that_fails_leaves_no_order_and_burns_no_number)
{
	struct desk desk;
	shop_open(&desk);
	struct text place = shop_order_text(&desk, "H6", "'create_invoice':true");
	bool done = false;
	for (long nth = 1; !done && nth < 400; nth++) {
		void *order;
		check_note("allocation %ld", nth);
		memory_fail_after(nth, false);
		done = desk_try_text(&desk, "order.place", place, &order);
		memory_fail_after(0, false);
		desk.arena.exhausted = false;
		CHECK_EQ_TEXT(shop_orders(&desk), done ? "381 1036 active" : "");
		CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "id", "number", "total"), done ? "2396 1019 60.50" : "");
	}
	CHECK(done);
	desk_close(&desk);
}

/* ---- lists ---- */

static bool pages_hold(struct command *command, void *context)
{
	struct object_filter filter = { .max = 2 };
	struct order_list orders = { 0 };
	(void)context;
	CHECK(order_page(command, &filter, &orders));
	CHECK_EQ_INT(orders.count, 2);
	CHECK_EQ_INT(orders.items[0].id, 385);
	filter = (struct object_filter){ .account_id = 1, .before_id = 384, .offset = 1, .max = 10 };
	orders = (struct order_list){ 0 };
	CHECK(order_page(command, &filter, &orders));
	CHECK_EQ_INT(orders.count, 2);
	CHECK_EQ_INT(orders.items[0].id, 382);
	filter = (struct object_filter){ .status = ORDER_STATUS_SUSPENDED };
	orders = (struct order_list){ 0 };
	CHECK(order_page(command, &filter, &orders));
	CHECK_EQ_INT(orders.count, 1);
	CHECK_EQ_INT(orders.items[0].id, 383);
	filter = (struct object_filter){ .account_id = 2 };
	orders = (struct order_list){ 0 };
	CHECK(order_page(command, &filter, &orders) && orders.count == 0);
	struct order *order;
	CHECK(order_by_number(command, TEXT("1038"), &order) && order && order->id == 383);
	CHECK(order_by_number(command, TEXT("381"), &order) && !order);
	return true;
}

TEST(orders_are_listed_newest_first_by_page_status_and_account)
{
	struct desk desk;
	shop_open(&desk);
	for (int i = 0; i < 5; i++)
		shop_order(&desk, "");
	desk_do(&desk, "order.update", "{'id':383,'status':'suspended'}");
	desk_read(&desk, pages_hold, NULL);
	desk_close(&desk);
}

TEST(a_quantity_that_no_line_can_bill_is_not_ordered)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create", "{'code':'DEAR','charges':[{'price_code':'M','kind':'recurring','amount':'1000000000'}]}");
	CHECK_REFUSED(&desk, "order.place",
	              "{'customer_key':'JOHNDOE001','plan':'DEAR','start_date':'2011-09-20','lines':[{'price_code':'M','quantity':'1000000'}]}",
	              PROBLEM_OUT_OF_RANGE, "/lines/0/quantity");
	CHECK_REFUSED(&desk, "order.place",
	              "{'customer_key':'JOHNDOE001','start_date':'2011-09-20','lines':[{'plan':'DEAR','quantity':'1000000'}]}",
	              PROBLEM_OUT_OF_RANGE, "/lines/0/quantity");
	desk_close(&desk);
}

CHECK_MAIN
