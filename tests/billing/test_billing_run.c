/* test_billing_run.c: the monthly run: what it bills and when, automatic payment, suspensions, zones, jumps of the clock. */
#include "shop.h"

#include "billing/account.h"
#include "billing/catalog.h"
#include "value/timezone.h"

TEST(the_monthly_run_bills_165_and_pays_by_itself_once)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'targets':[{'invoice_id':2396}],'auto_pay':1");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "number", "status", "total", "billing_start", "billing_end", "by_billing_run"),
	              "1019 settled 60.50 2011-09-01 2011-10-01 false; 1020 settled 165.00 2011-10-01 2011-11-01 true");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 succeeded 60.50 0.00 false; 214 succeeded 165.00 0.00 true");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 2);
	shop_advance(&desk, "2011-10-31T23:59:59Z");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 2);
	desk_close(&desk);
}

TEST(a_run_without_a_method_leaves_the_invoice_open)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'targets':[{'invoice_id':2396}]");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 open 165.00 165.00");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 1);
	desk_close(&desk);
}

TEST(events_of_a_run_are_those_of_any_invoice_and_payment)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	desk.event_count = 0;
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "pre invoice.create, post invoice.create, pre payment.create, post payment.create, "
	                                  "post payment.succeed, post invoice_payment.succeed, post invoice.settle");
	desk_close(&desk);
}

static struct text half_a_year(struct desk *desk, const char *const *stops)
{
	shop_open(desk);
	shop_order(desk, "'create_invoice':true");
	shop_order_plan(desk, "H6", "");
	shop_pay(desk, "60.50", "'targets':[{'invoice_id':2396}],'auto_pay':1");
	for (; *stops; stops++)
		shop_advance(desk, *stops);
	struct text invoices = SHOP_SHOW(desk, &invoice_record, "number", "status", "total", "invoice_date", "billing_start",
	                                 "billing_end", "created_at");
	struct text payments = SHOP_SHOW(desk, &payment_record, "id", "status", "amount", "effective_date", "created_at");
	return text_format(&desk->arena, "%.*s | %.*s | %.*s", TEXT_ARG(invoices), TEXT_ARG(payments),
	                   TEXT_ARG(shop_subscriptions(desk)));
}

TEST(one_jump_over_six_months_equals_six_of_one)
{
	static const char *const once[] = { "2012-03-15T00:00:00Z", NULL };
	static const char *const monthly[] = { "2011-10-01T00:00:00Z", "2011-11-12T10:00:00Z", "2011-12-01T00:00:00Z",
		                               "2012-01-01T23:00:00Z", "2012-02-29T12:00:00Z", "2012-03-15T00:00:00Z", NULL };
	struct desk a, b;
	struct text first = half_a_year(&a, once), second = half_a_year(&b, monthly);
	CHECK_EQ_TEXT(first, second.data);
	CHECK(strstr(first.data, "1025 settled 330.00 2012-03-01 2012-03-01 2012-04-01 2012-03-01T00:00:00Z"));
	desk_close(&a);
	desk_close(&b);
}

TEST(an_order_without_an_invoice_is_billed_by_the_next_run_from_its_start)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "");
	shop_advance(&desk, "2011-09-30T23:59:59Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 60.50; MNTHLY 165.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "billing_start", "billing_end"), "2011-09-01 2011-11-01");
	desk_close(&desk);
}

TEST(an_order_in_provisioning_starts_and_is_billed_at_the_same_midnight)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true"); /* so that the run's job is older than the activation's */
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H3','start_date':'2011-10-01',"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'},{'price_code':'SETUP','quantity':'1'}]}");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active; 382 1037 active");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 165.00; MNTHLY 45.00; SETUP 44.00");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2398), "MNTHLY 165.00; MNTHLY 45.00");
	desk_close(&desk);
}

TEST(a_suspended_order_is_not_billed_and_resumes_from_that_day)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "order.update", "{'id':381,'status':'suspended'}");
	shop_advance(&desk, "2011-11-16T10:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50");
	desk_do(&desk, "order.update", "{'id':381,'status':'active'}");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 H1 active 2011-09-20 - 2011-11-16");
	shop_advance(&desk, "2011-12-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 82.50; MNTHLY 165.00"); /* 15/30 */
	desk_close(&desk);
}

TEST(a_short_suspension_within_a_paid_period_changes_nothing)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-09-22T10:00:00Z");
	desk_do(&desk, "order.update", "{'id':381,'status':'suspended'}");
	desk_do(&desk, "order.update", "{'id':381,'status':'active'}");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 165.00");
	desk_close(&desk);
}

TEST(an_order_that_ends_while_it_is_suspended_is_not_billed_for_the_suspension)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true,'end_date':'2011-12-16'");
	shop_advance(&desk, "2011-09-22T10:00:00Z");
	desk_do(&desk, "order.update", "{'id':381,'status':'suspended'}");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 complete");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50");
	desk_close(&desk);
}

TEST(an_end_date_prorates_the_last_part_and_ends_the_runs)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true,'end_date':'2011-11-11'");
	shop_advance(&desk, "2012-06-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 165.00 165.00; 1021 open 55.00 55.00"); /* 10/30 */
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 complete");
	desk_close(&desk);
}

TEST(a_charge_that_is_not_prorated_is_billed_whole)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create", "{'code':'W','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'30'}]}");
	shop_order_plan(&desk, "W", "'create_invoice':true,'end_date':'2011-10-02'");
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 30.00 30.00; 1020 open 30.00 30.00");
	desk_close(&desk);
}

TEST(cycles_follow_the_accounts_day_or_the_anniversary)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "account.update", "{'id':1,'bill_cycle_day':31}");
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-12-01T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "invoice_date", "billing_start", "billing_end", "total"),
	              "2011-09-06 2011-08-31 2011-09-30 55.00; 2011-09-30 2011-09-30 2011-10-31 165.00; "
	              "2011-10-31 2011-10-31 2011-11-30 165.00; 2011-11-30 2011-11-30 2011-12-31 165.00");
	desk_close(&desk);
	shop_open_with(&desk, "'billing':{'anniversary':true,'due_days':14}");
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "invoice_date", "due_date", "billing_start", "billing_end", "total"),
	              "2011-09-06 2011-09-20 2011-09-20 2011-10-20 165.00; 2011-10-20 2011-11-03 2011-10-20 2011-11-20 165.00");
	desk_close(&desk);
}

TEST(runs_come_at_the_accounts_own_midnight_and_hour)
{
	struct desk desk;
	shop_open_with(&desk, "'billing':{'hour':2}");
	desk_do(&desk, "account.create", "{'name':'Tokio','time_zone':'Asia/Tokyo'}");
	desk_do(&desk, "order.place", "{'account_id':2,'plan':'H1','start_date':'2011-09-01',"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	shop_advance(&desk, "2011-09-30T16:59:59Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	shop_advance(&desk, "2011-09-30T17:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "invoice_date", "total"), "2011-10-01 330.00");
	desk_close(&desk);
}

TEST(weekly_and_monthly_plans_of_one_account_meet_on_one_invoice)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create",
	        "{'code':'WEEK','billing_period':'weekly','charges':[{'price_code':'W','kind':'recurring','amount':'7','prorated':true}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'WEEK','start_date':'2011-09-17','create_invoice':true,'status':'active',"
	                              "'lines':[{'price_code':'W','quantity':'1'}]}");
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-10-08T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "invoice_date", "total"),
	              "2011-09-06 7.00; 2011-09-06 60.50; 2011-09-24 7.00; 2011-10-01 172.00; 2011-10-08 7.00");
	desk_close(&desk);
}

TEST(a_run_by_hand_bills_ahead_and_the_next_one_not_again)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	const struct invoice *invoice = desk_do(&desk, "account.bill", "{'account_id':1,'date':'2011-10-01'}");
	CHECK_EQ_TEXT(invoice->number, "1020");
	CHECK(desk_do(&desk, "account.bill", "{'account_id':1,'date':'2011-10-01'}") == NULL);
	CHECK_REFUSED(&desk, "account.bill", "{'account_id':9}", PROBLEM_NOT_FOUND, "/account_id");
	shop_advance(&desk, "2011-10-31T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50; 1020 open 165.00 165.00");
	desk_close(&desk);
}

TEST(usage_without_records_bills_nothing_and_makes_no_invoice)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H1','start_date':'2011-09-20','create_invoice':true,'status':'active',"
	                              "'lines':[{'price_code':'BANDWIDTH','quantity':'5'}]}");
	shop_advance(&desk, "2011-12-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	desk_close(&desk);
}

TEST(new_prices_count_from_the_next_period_and_lost_charges_no_more)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true");
	shop_deploy(&desk, "-- nothing");
	struct text archive = TEXT(
	        "{\"archive\":{\"files\":{\"bundle.json\":\"{\\\"name\\\":\\\"new\\\"}\",\"catalog/plans.json\":"
	        "\"{\\\"plans\\\":[{\\\"code\\\":\\\"H6\\\",\\\"charges\\\":[{\\\"price_code\\\":\\\"MNTHLY\\\",\\\"kind\\\":\\\"recurring\\\","
	        "\\\"amount\\\":\\\"170\\\",\\\"prorated\\\":true}]}]}\"}}}");
	void *output;
	if (!desk_try_text(&desk, "bundle.deploy", archive, &output)) {
		desk_show(&desk);
		CHECK_FAIL("the bundle was refused");
	}
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 170.00");
	desk_close(&desk);
}

TEST(years_of_arrears_are_caught_up_by_runs_that_follow_at_once)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create",
	        "{'code':'DAY','billing_period':'daily','charges':[{'price_code':'D','kind':'recurring','amount':'1'}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'DAY','start_date':'2009-09-07',"
	                              "'lines':[{'price_code':'D','quantity':'1'}]}");
	shop_advance(&desk, "2011-09-09T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "invoice_date", "total"),
	              "2011-09-07 400.00; 2011-09-07 331.00; 2011-09-08 1.00; 2011-09-09 1.00");
	desk_close(&desk);
}

/* ---- failing automatic payments ---- */

#define RETRY_RULE                                                                                            \
	"rule 'three strikes' { policy = 'retry', run = function (failure, ctx)\n"                             \
	"  if failure.attempts < 3 then return { retry_on = failure.automatic and failure.today + 3 or nil } end\n" \
	"  return { give_up = true, cancel_invoice = true, suspend_orders = true }\nend }"

TEST(a_declined_automatic_payment_is_tried_again_on_its_days_and_the_third_ends_it)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, RETRY_RULE);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	shop_gateway(&desk, "{'respond':'declined'}");
	shop_advance(&desk, "2011-10-03T23:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &payment_record, "id", "status", "effective_date"),
	              "213 succeeded 2011-09-06; 214 failed 2011-10-01");
	shop_advance(&desk, "2011-10-20T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &payment_record, "id", "status", "effective_date"),
	              "213 succeeded 2011-09-06; 214 failed 2011-10-01; 215 failed 2011-10-04; 216 failed 2011-10-07");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "number", "status", "balance", "failed_attempts"),
	              "1019 settled 0.00 0; 1020 cancelled 0.00 3");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 suspended");
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 4);
	desk_close(&desk);
}

TEST(a_retry_that_is_approved_settles_the_invoice)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, RETRY_RULE);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	shop_gateway(&desk, "{'respond':'declined'},{'respond':'approved'}");
	shop_advance(&desk, "2011-10-20T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 settled 165.00 0.00");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	desk_close(&desk);
}

TEST(an_automatic_payment_waits_for_one_that_is_under_way)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	desk_do(&desk, "fixture.set", "{'states':[{'object':'payment','id':213,'values':{'status':'pending'}}]}");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 pending 60.50 0.00 false");
	desk_do(&desk, "fixture.set", "{'states':[{'object':'payment','id':213,'values':{'status':'failed'}}]}");
	shop_advance(&desk, "2011-10-02T12:00:00Z");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 failed 60.50 0.00 false; 214 succeeded 165.00 0.00 true");
	desk_close(&desk);
}

TEST(an_outage_of_the_gateway_is_tried_again_the_next_day_and_not_counted)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, RETRY_RULE);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	shop_gateway(&desk, "{'respond':'failed'},{'respond':'failed'},{'respond':'failed'},{'respond':'failed'},{'respond':'approved'}");
	shop_advance(&desk, "2011-10-20T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "number", "status", "failed_attempts"), "1019 settled 0; 1020 settled 0");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &payment_record, "status", "effective_date"),
	              "succeeded 2011-09-06; failed 2011-10-01; failed 2011-10-02; failed 2011-10-03; failed 2011-10-04; "
	              "succeeded 2011-10-05");
	desk_close(&desk);
}

TEST(a_rule_that_rejects_a_payment_does_not_undo_the_invoice)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	shop_deploy(&desk, "rule 'no' { pre = 'payment.create', run = function (payment, ctx) ctx:reject('no', 'No.') end }");
	shop_advance(&desk, "2011-10-02T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 open 165.00 165.00");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 succeeded 60.50 0.00 false");
	desk_close(&desk);
}

/* ---- many ---- */

static struct text daily_plan(struct desk *desk, int charges)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	builder_c(&out, "{'code':'DAILY','billing_period':'daily','charges':[");
	for (int i = 0; i < charges; i++)
		builder_format(&out, "%s{'price_code':'C%d','kind':'recurring','amount':'1.11','mandatory':true}", i ? "," : "", i);
	builder_c(&out, "]}");
	return builder_text(&out);
}

TEST(a_long_backlog_is_billed_on_several_invoices_at_once)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create", text_c(&desk.arena, daily_plan(&desk, 100)));
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'DAILY','start_date':'2011-05-30','create_invoice':false,"
	                              "'lines':[{'price_code':'C0','quantity':'1'}]}");
	shop_advance(&desk, "2011-09-07T00:00:00Z"); /* 101 days of 111.00, 50 on an invoice */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 5550.00 5550.00; 1020 open 5550.00 5550.00; 1021 open 111.00 111.00");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "1 DAILY active 2011-05-30 - 2011-09-08");
	desk_close(&desk);
}

TEST(random_lives_of_orders_bill_each_day_once_and_the_sums_hold)
{
	uint64_t state = check_seed();
	for (int round = 0; round < 12; round++) {
		struct desk desk;
		shop_open(&desk);
		for (int step = 0; step < 14; step++) {
			static const char *const updates[] = { "'status':'suspended'", "'status':'active'", "'status':'canceled'",
				                               "'end_date':'2012-05-17'" };
			int64_t order = 381 + check_between(&state, 0, 2);
			void *output;
			if (step < 3)
				shop_order_plan(&desk, step ? "H6" : "H1", check_random(&state) & 1 ? "'create_invoice':true" : "");
			else
				desk_try_text(&desk, "order.update",
				              desk_json(&desk, text_format(&desk.arena, "{'id':%lld,%s}", (long long)order,
				                                           updates[check_between(&state, 0, 3)]).data),
				              &output);
			int64_t days = check_between(&state, 0, 40);
			struct instant now;
			CHECK(instant_parse(TEXT("2011-09-06T16:00:00Z"), &now));
			now.us += ((int64_t)step * 41 + days) * 86400 * US_PER_S;
			shop_advance(&desk, instant_text(&desk.arena, now).data);
		}
		struct shop_one one = { 0 };
		for (one.id = 2396; one.id < 2440; one.id++) {
			check_note("round %d, invoice %lld", round, (long long)one.id);
			desk_read(&desk, shop_invoice_body, &one);
			if (one.found)
				shop_lines(&desk, one.id); /* checks the sum */
			one.found = NULL;
		}
		desk_close(&desk);
	}
}

/* ---- the next bill date ---- */

struct next_date {
	int64_t account_id;
	size_t billable;
};

static bool terms_hold(const struct billing_terms_list *terms, const struct subscription *subscription)
{
	for (size_t i = 0; i < terms->count; i++)
		if (terms->items[i].plan_id == subscription->plan_id && terms->items[i].start.day == subscription->start_date.day &&
		    terms->items[i].charged_through.day == subscription->charged_through.day)
			return true;
	return false;
}

/* By each subscription as a whole; the product reads the terms of kinds of them alone. */
static bool next_date_body(struct command *command, void *context)
{
	struct next_date *next = context;
	struct subscription_list billable = { 0 };
	struct billing_terms_list terms = { 0 };
	struct account *account = NULL;
	struct date earliest = DATE_NONE;
	CHECK(account_find(command, next->account_id, &account) && account);
	CHECK(subscriptions_billable(command, next->account_id, &billable));
	CHECK(subscriptions_billable_terms(command, next->account_id, &terms));
	CHECK(terms.count <= billable.count);
	for (size_t i = 0; i < billable.count; i++) {
		const struct subscription *each = &billable.items[i];
		struct plan *plan = NULL;
		CHECK(plan_find(command, each->plan_id, &plan) && plan);
		CHECK(terms_hold(&terms, each));
		struct date date;
		CHECK(billing_run_date(command, account, plan, each, &date));
		earliest = date_min(earliest, date);
	}
	CHECK_EQ_INT(account->next_bill_date.day, earliest.day);
	next->billable += billable.count;
	return true;
}

enum { BILLED_ACCOUNTS = 12 };

/* Each account orders mostly one plan: where plans differ, the one billed most often hides the others. */
static void order_something(struct desk *desk, uint64_t *state, int64_t account_id, struct instant now)
{
	static const char *const plans[] = { "WEEKS", "MONTHS", "QUARTERS" };
	static const int days[] = { 0, 3, 80 };
	struct date start = { timezone_date(timezone_utc(), now).day + days[check_between(state, 0, 2)] };
	int64_t plan = check_between(state, 0, 9) ? account_id % 3 : check_between(state, 0, 2);
	desk_do(desk, "order.place",
	        text_format(&desk->arena, "{'account_id':%lld,'plan':'%s','start_date':'%.*s','create_invoice':%s,'status':'active',"
	                                  "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}",
	                    (long long)account_id, plans[plan], TEXT_ARG(date_text(&desk->arena, start)),
	                    check_between(state, 0, 1) ? "true" : "false").data);
}

static void billed_open(struct desk *desk)
{
	static const char *const periods[][2] = { { "WEEKS", "weekly" }, { "MONTHS", "monthly" }, { "QUARTERS", "quarterly" } };
	shop_open_empty(desk, "", false);
	for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
		desk_do(desk, "plan.create",
		        text_format(&desk->arena, "{'code':'%s','billing_period':'%s','charges':[{'price_code':'MNTHLY','kind':'recurring',"
		                                  "'amount':'10.00'}]}", periods[i][0], periods[i][1]).data);
	for (int i = 0; i < BILLED_ACCOUNTS; i++)
		desk_do(desk, "account.create", "{'name':'A'}");
}

TEST(the_next_bill_date_is_that_of_the_subscription_billed_first)
{
	struct desk desk;
	uint64_t state = check_seed();
	struct next_date next = { 0 };
	struct instant now;
	billed_open(&desk);
	CHECK(instant_parse(TEXT("2011-09-06T15:00:00Z"), &now));
	for (int step = 0; step < 3; step++) {
		for (next.account_id = 1; next.account_id <= BILLED_ACCOUNTS; next.account_id++) {
			check_note("step %d, account %lld", step, (long long)next.account_id);
			for (int order = 0; order < 3; order++) { /* often of the same day */
				order_something(&desk, &state, next.account_id, now);
				desk_read(&desk, next_date_body, &next);
			}
		}
		now.us += check_between(&state, 1, 20 * 24) * 3600 * US_PER_S;
		shop_advance(&desk, instant_text(&desk.arena, now).data);
		for (next.account_id = 1; next.account_id <= BILLED_ACCOUNTS; next.account_id++)
			desk_read(&desk, next_date_body, &next);
	}
	CHECK(next.billable > 6 * (size_t)BILLED_ACCOUNTS);
	desk_close(&desk);
}

/* ---- with threads ---- */

TEST(with_threads_a_clock_jump_bills_and_pays_as_well)
{
	struct desk desk;
	shop_open_empty(&desk, "", true);
	shop_furnish(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	shop_advance(&desk, "2011-12-01T06:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 settled 165.00 0.00; 1021 settled 165.00 0.00; "
	                                    "1022 settled 165.00 0.00");
	desk_close(&desk);
}

CHECK_MAIN
