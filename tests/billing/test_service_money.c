/* test_service_money.c: what subscriptions with service terms are billed is the price of the periods they are served. */
#include "shop.h"

#include "billing/service_renewal.h"

/* A plan of 30.00 that is not prorated, with these terms; nothing is ordered. */
static void money_open(struct desk *desk, const char *plan, const char *terms)
{
	shop_open_empty(desk, "", false);
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "plan.create",
	        text_format(&desk->arena, "{'code':'VPS','charges':[{'price_code':'FEE','kind':'recurring','amount':'30.00'}]%s,"
	                                  "'terms':{%s}}", plan, terms).data);
	desk->event_count = 0;
}

static const struct order *money_order(struct desk *desk, const char *more)
{
	return desk_do(desk, "order.place", text_format(&desk->arena, "{'account_id':1,'plan':'VPS','create_invoice':true,"
	                                                              "'lines':[{'price_code':'FEE','quantity':'1'}]%s}", more).data);
}

/* "open 30.00; ..." */
static struct text owed(struct desk *desk)
{
	return SHOP_SHOW(desk, &invoice_record, "status", "total");
}

static bool billed_body(struct command *command, void *context)
{
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	int64_t *minor = context;
	CHECK(invoice_page(command, &all, &invoices));
	for (size_t i = 0; i < invoices.count; i++)
		if (invoices.items[i].status != INVOICE_STATUS_CANCELLED)
			*minor += invoices.items[i].total.minor;
	return true;
}

/* Cents, of invoices that are not cancelled. */
static int64_t billed(struct desk *desk)
{
	int64_t minor = 0;
	desk_read(desk, billed_body, &minor);
	return minor;
}

/* ---- on its own days ---- */

TEST(a_term_of_a_month_costs_a_month_whatever_day_it_begins)
{
	static const char *const starts[] = { "2011-09-06", "2011-09-30", "2011-10-01", "2011-10-31", "2012-01-31", "2012-02-29" };
	struct desk desk;
	money_open(&desk, ",'renewing':'without_payment'", "'periods':[{'period':'P1M'}]");
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		shop_advance(&desk, text_format(&desk.arena, "%sT18:00:00Z", starts[i]).data);
		money_order(&desk, text_format(&desk.arena, ",'start_date':'%s'", starts[i]).data);
		desk_do(&desk, "subscription.renew", text_format(&desk.arena, "{'id':%zu}", i + 1).data);
	}
	shop_advance(&desk, "2012-09-01T00:00:00Z");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; open 30.00; open 30.00; open 30.00; open 30.00; open 30.00; open 30.00; open 30.00; "
	                           "open 30.00; open 30.00; open 30.00; open 30.00");
	desk_close(&desk);
}

TEST(a_term_of_a_year_is_billed_month_by_month_from_its_own_first_day)
{
	struct desk desk;
	money_open(&desk, "", "");
	money_order(&desk, ",'start_date':'2011-09-06','end_date':'2012-09-06'");
	shop_advance(&desk, "2011-11-05T23:00:00Z");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; open 30.00");
	shop_advance(&desk, "2011-11-06T00:00:00Z");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; open 30.00; open 30.00");
	shop_advance(&desk, "2013-01-01T00:00:00Z");
	CHECK_EQ_INT(billed(&desk), 12 * 3000);
	desk_close(&desk);
}

TEST(a_renewal_that_begins_late_is_billed_from_its_own_day_and_the_days_between_are_not)
{
	struct desk desk;
	money_open(&desk, "", "'renew_from':'renewal'");
	money_order(&desk, ",'start_date':'2011-09-06','end_date':'2011-11-06'");
	shop_advance(&desk, "2011-11-20T12:00:00Z");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P3M','create_invoice':false}");
	shop_advance(&desk, "2012-02-19T23:59:59Z");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; open 30.00; open 60.00; open 30.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "billing_start", "billing_end"),
	              "2011-09-06 2011-10-06; 2011-10-06 2011-11-06; 2011-11-20 2012-01-20; 2012-01-20 2012-02-20");
	desk_close(&desk);
}

TEST(what_is_renewed_ahead_and_left_to_the_billing_run_is_billed_period_by_period)
{
	struct desk desk;
	money_open(&desk, "", "");
	money_order(&desk, ",'start_date':'2011-09-06','end_date':'2011-12-06'");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P10D','create_invoice':false}");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P1M','create_invoice':false}");
	shop_advance(&desk, "2012-01-15T23:59:59Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total", "billing_start", "billing_end"),
	              "30.00 2011-09-06 2011-10-06; 30.00 2011-10-06 2011-11-06; 30.00 2011-11-06 2011-12-06; "
	              "30.00 2011-12-06 2012-01-06; 30.00 2011-12-16 2012-01-16");
	desk_close(&desk);
}

/* ---- given up ---- */

static struct text charged(struct desk *desk)
{
	return SHOP_SHOW(desk, &subscription_record, "status", "end_date", "charged_through");
}

static struct text renewals(struct desk *desk)
{
	return SHOP_SHOW(desk, &renewal_order_record, "status", "phase", "invoice_id");
}

#define AFTER_PAYMENT ",'renewing':'after_payment'"
#define YEAR ",'start_date':'2011-09-06','end_date':'2012-09-06'"

TEST(a_renewal_order_that_is_canceled_leaves_the_rest_of_the_old_period_due)
{
	struct desk desk;
	money_open(&desk, AFTER_PAYMENT, "");
	money_order(&desk, YEAR);
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P1Y','renew_from':'renewal'}");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; open 690.00");
	desk_do(&desk, "renewal_order.cancel", "{'id':1}");
	CHECK_EQ_TEXT(charged(&desk), "active 2012-09-06 2011-10-06");
	shop_advance(&desk, "2011-12-01T00:00:00Z");
	CHECK_EQ_INT(billed(&desk), 3 * 3000);
	shop_advance(&desk, "2013-01-01T00:00:00Z");
	CHECK_EQ_INT(billed(&desk), 12 * 3000);
	desk_close(&desk);
}

TEST(what_was_served_while_a_renewal_order_waited_is_billed_when_it_is_canceled)
{
	struct desk desk;
	money_open(&desk, AFTER_PAYMENT, "");
	money_order(&desk, YEAR);
	desk_do(&desk, "subscription.renew", "{'id':1}");
	shop_advance(&desk, "2012-01-06T00:00:00Z");
	desk_do(&desk, "invoice.cancel", "{'id':2}");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; cancelled 690.00; open 120.00");
	CHECK_EQ_TEXT(charged(&desk), "active 2012-09-06 2012-02-06");
	CHECK_EQ_TEXT(renewals(&desk), "canceled before_expiration 2");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	shop_advance(&desk, "2013-01-01T00:00:00Z"); /* suspended since grace was over */
	desk_do(&desk, "renewal_order.cancel", "{'id':2}");
	CHECK_EQ_INT(billed(&desk), 12 * 3000);
	CHECK_EQ_TEXT(charged(&desk), "suspended 2012-09-06 2012-09-06");
	desk_close(&desk);
}

TEST(what_was_served_while_a_renewal_order_waited_is_billed_when_it_is_destroyed_or_terminated)
{
	struct desk desk;
	money_open(&desk, AFTER_PAYMENT, "'destroy_after_hold':true");
	money_order(&desk, YEAR);
	desk_do(&desk, "subscription.renew", "{'id':1}");
	shop_advance(&desk, "2013-01-01T00:00:00Z");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; cancelled 690.00; open 330.00");
	CHECK_EQ_TEXT(charged(&desk), "canceled 2012-09-06 2012-09-06");
	money_order(&desk, ",'start_date':'2013-01-01','end_date':'2014-01-01'");
	desk_do(&desk, "subscription.renew", "{'id':2}");
	shop_advance(&desk, "2013-03-10T12:00:00Z");
	desk_do(&desk, "subscription.terminate", "{'id':2}");
	CHECK_EQ_INT(billed(&desk), 12 * 3000 + 3 * 3000);
	desk_close(&desk);
}

TEST(a_renewal_without_terms_that_is_given_up_leaves_the_rest_of_the_old_period_due)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	desk_do(&desk, "account.create", "{'name':'Ann'}");
	desk_do(&desk, "plan.create", "{'code':'VPS','charges':[{'price_code':'FEE','kind':'recurring','amount':'30.00'},"
	                              "{'price_code':'SETUP','kind':'one_time','amount':'5.00'}]" AFTER_PAYMENT "}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'VPS','start_date':'2011-09-01','end_date':'2012-09-01','lines':"
	                              "[{'price_code':'FEE','quantity':'1'},{'price_code':'SETUP','quantity':'1'}],"
	                              "'discounts':[{'percent':'10'}]}");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(charged(&desk), "renewing 2012-09-01 2012-10-01");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	CHECK_EQ_TEXT(charged(&desk), "active 2012-09-01 2011-10-01");
	CHECK_EQ_TEXT(owed(&desk), "cancelled 355.50; open 31.50");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	shop_advance(&desk, "2013-01-01T00:00:00Z");
	CHECK_EQ_TEXT(charged(&desk), "complete 2012-09-01 2012-09-01");
	CHECK_EQ_INT(billed(&desk), 3150 + 11 * 3000);
	desk_close(&desk);
}

TEST(what_is_replaced_while_its_renewal_waits_is_credited_for_nothing_of_that_and_its_term_ends_at_once)
{
	struct desk desk;
	money_open(&desk, AFTER_PAYMENT, "");
	money_order(&desk, ",'start_date':'2011-09-06','end_date':'2011-10-06'");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	desk_do(&desk, "order.change", "{'old_order_id':1,'order':{'plan':'VPS','start_date':'2011-09-20',"
	                               "'lines':[{'price_code':'FEE','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; cancelled 30.00");
	CHECK_EQ_TEXT(renewals(&desk), "canceled before_expiration 2");
	desk.event_count = 0;
	shop_advance(&desk, "2011-09-20T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status", "end_date"), "superseded 2011-09-20; active 2011-10-20");
	shop_advance(&desk, "2011-10-08T00:00:00Z");
	CHECK(!strstr(desk_events(&desk).data, "subscription.expire"));
	desk_close(&desk);
}

/* ---- paid, and rejected by a rule ---- */

#define KEEPS "rule 'keep' { pre = 'subscription.status_change', run = function (s, ctx) ctx:reject('kept', 'Not today.') end }"
#define LETS "rule 'let' { pre = 'subscription.status_change', run = function (s, ctx) end }"

/* A renewal that was paid on hold, which a rule kept from serving again. */
static void paid_and_kept(struct desk *desk)
{
	money_open(desk, AFTER_PAYMENT, "");
	money_order(desk, ",'start_date':'2011-09-06','end_date':'2011-10-06'");
	shop_advance(desk, "2011-10-20T00:00:00Z");
	desk_do(desk, "subscription.renew", "{'id':1}");
	shop_deploy(desk, KEEPS);
	desk_do(desk, "payment.create", "{'account_id':1,'amount':'30.00','currency':'USD','targets':[{'invoice_id':2}]," CARD "}");
	CHECK_EQ_TEXT(renewals(desk), "waiting hold 2");
}

TEST(a_paid_renewal_that_a_rule_rejects_is_tried_again)
{
	struct desk desk;
	paid_and_kept(&desk);
	shop_deploy(&desk, LETS);
	shop_advance(&desk, "2011-10-20T00:00:01Z");
	CHECK_EQ_TEXT(renewals(&desk), "processed hold 2");
	CHECK_EQ_TEXT(charged(&desk), "active 2011-11-06 2011-11-06");
	desk_close(&desk);
}

TEST(a_paid_renewal_that_a_rule_rejects_for_ever_is_processed_or_canceled_by_hand)
{
	struct desk desk;
	paid_and_kept(&desk);
	shop_advance(&desk, "2011-10-21T00:00:00Z"); /* its job is dead */
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_INT(desk_refused(&desk, "renewal_order.process", "{'id':1}")->code, PROBLEM_REJECTED);
	shop_deploy(&desk, LETS);
	desk_do(&desk, "renewal_order.process", "{'id':1}");
	CHECK_EQ_TEXT(renewals(&desk), "processed hold 2");
	CHECK_REFUSED(&desk, "renewal_order.process", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
	paid_and_kept(&desk);
	desk_do(&desk, "renewal_order.cancel", "{'id':1}");
	shop_deploy(&desk, LETS);
	CHECK_EQ_TEXT(renewals(&desk), "canceled hold 2");
	shop_advance(&desk, "2011-10-21T00:00:00Z");
	desk_do(&desk, "subscription.renew", "{'id':1}"); /* for what was paid */
	CHECK_EQ_TEXT(charged(&desk), "active 2011-11-06 2011-11-06");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00; settled 30.00");
	desk_close(&desk);
}

TEST(a_renewal_order_whose_invoice_is_written_off_is_canceled_and_not_processed)
{
	struct desk desk;
	money_open(&desk, AFTER_PAYMENT, "");
	money_order(&desk, ",'start_date':'2011-09-06','end_date':'2011-10-06'");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_REFUSED(&desk, "renewal_order.process", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "tag.create", "{'name':'WRITTEN_OFF','object_type':'invoice','object_id':2}");
	CHECK_REFUSED(&desk, "renewal_order.process", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "renewal_order.cancel", "{'id':1}");
	CHECK_EQ_TEXT(renewals(&desk), "canceled before_expiration 2");
	desk_close(&desk);
}

/* ---- hours ---- */

TEST(hours_of_a_day_that_is_charged_wait_until_that_day_is_paid)
{
	struct desk desk;
	money_open(&desk, AFTER_PAYMENT, "'periods':[{'period':'PT12H'}]");
	money_order(&desk, ",'start_date':'2011-09-06'");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(renewals(&desk), "waiting before_expiration 1");
	desk_do(&desk, "renewal_order.cancel", "{'id':1}");
	CHECK_EQ_TEXT(owed(&desk), "open 30.00");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'30.00','currency':'USD','targets':[{'invoice_id':1}]," CARD "}");
	CHECK_EQ_TEXT(renewals(&desk), "canceled before_expiration 1; processed before_expiration 1");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(owed(&desk), "settled 30.00; open 30.00");
	CHECK(strstr(renewals(&desk).data, "; waiting before_expiration 2"));
	desk_close(&desk);
}

/* ---- by itself or not ---- */

TEST(an_order_that_does_not_want_to_renew_itself_does_not_whatever_its_plan_says)
{
	struct desk desk;
	money_open(&desk, "", "'auto_renew':'before_expiration'");
	money_order(&desk, ",'start_date':'2011-09-06','end_date':'2011-10-06','auto_renew':false");
	money_order(&desk, ",'start_date':'2011-09-06','end_date':'2011-10-06'");
	shop_advance(&desk, "2011-10-06T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &renewal_order_record, "subscription_id"), "2");
	desk_do(&desk, "subscription.set_term", "{'id':1,'auto_renew':'before_expiration'}");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	shop_advance(&desk, "2011-11-06T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &renewal_order_record, "subscription_id", "initiator"), "2 system; 1 operator; 1 system; 2 system");
	desk_do(&desk, "subscription.update", "{'id':1,'auto_renew':false}");
	desk_do(&desk, "order.update", "{'id':2,'auto_renew':false}");
	shop_advance(&desk, "2011-12-06T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &renewal_order_record, "subscription_id"), "2; 1; 1; 2");
	desk_close(&desk);
}

TEST(what_a_plan_says_for_a_period_counts_when_it_is_renewed_for_that)
{
	struct desk desk;
	money_open(&desk, "", "'auto_renew':'before_expiration','periods':[{'period':'P1M','auto_renew':'disabled'}]");
	money_order(&desk, ",'start_date':'2011-09-06'");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P2M'}");
	shop_advance(&desk, "2011-12-06T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &renewal_order_record, "period", "initiator"), "P2M operator; P2M system");
	desk_close(&desk);
}

/* ---- any life ---- */

struct life {
	struct desk *desk;
	uint64_t *state;
	struct instant now;
	struct date start, first_end;
	bool prorated;
	bool active;          /* its period has not expired */
	int64_t waiting;      /* a renewal order */
	int64_t minor;        /* the price of all periods that are owed */
	struct date charged;
};

static int64_t any(struct life *life, int64_t low, int64_t high)
{
	return check_between(life->state, low, high);
}

static const char *pick_period(struct life *life)
{
	static const char *const periods[] = { "P1M", "P2M", "P10D", "P40D", "P1D", "P1Y", "PT12H", "PT36H" };
	return periods[any(life, 0, sizeof periods / sizeof *periods - 1)];
}

/* Of the months from `start` on that [from, end) touches, by itself: whole ones, or their days. */
static void owe(struct life *life, struct date start, struct date end, int anchor_day)
{
	struct date from = date_max(life->charged, start);
	for (int i = 0; date_compare(from, end) < 0; i++) {
		struct date first = date_add_months_anchored(start, i, anchor_day), next = date_add_months_anchored(start, i + 1, anchor_day);
		if (date_compare(next, from) <= 0)
			continue;
		struct date until = date_min(next, end);
		int64_t days = date_days_between(from, until), whole = date_days_between(first, next);
		life->minor += life->prorated ? (2 * 3000 * days + whole) / (2 * whole) : 3000;
		from = until;
	}
	life->charged = date_max(life->charged, end);
}

struct life_orders { struct renewal_order *items; size_t count, capacity; };

/* Every period but of renewals that were given up; what was left to the billing run is not on an invoice of its own. */
static bool owe_body(struct command *command, void *context)
{
	struct life *life = context;
	struct life_orders orders = { 0 };
	struct account *account = NULL;
	CHECK(account_find(command, 1, &account) && account);
	const struct timezone_rules *zone = command_zone(command, account);
	CHECK(store_all(command->store, STATEMENT_RENEWAL_ORDER_PAGE,
	                BINDS(bind_id(0), bind_null(), bind_id(0), bind_integer(10000)), &renewal_order_record, LIST(&orders)));
	life->minor = 0;
	life->charged = life->start;
	owe(life, life->start, life->first_end, date_day_of_month(life->start));
	for (size_t i = orders.count; i-- > 0;) {
		const struct renewal_order *order = &orders.items[i];
		struct date end = timezone_date(zone, order->expires_at);
		if (order->period.us && timezone_time_of_day_us(zone, order->expires_at))
			end = date_add_days(end, 1);
		if (order->status != RENEWAL_ORDER_STATUS_CANCELED)
			owe(life, timezone_date(zone, order->starts_at), end, (int)order->anchor_day);
	}
	return true;
}

static bool look_body(struct command *command, void *context)
{
	struct life *life = context;
	struct service_term *term = NULL;
	CHECK(service_term_find(command, 1, &term) && term);
	life->active = term->status == SERVICE_TERM_STATUS_ACTIVE;
	life->waiting = term->renewal_order_id;
	return true;
}

static bool first_body(struct command *command, void *context)
{
	struct life *life = context;
	struct subscription *subscription = NULL;
	CHECK(subscription_find(command, 1, &subscription) && subscription);
	life->start = subscription->start_date;
	life->first_end = subscription->end_date;
	return true;
}

static void live(struct life *life, int64_t days)
{
	life->now.us += (days * 24 + any(life, 0, 23)) * 3600 * US_PER_S;
	shop_advance(life->desk, instant_text(&life->desk->arena, life->now).data);
}

static void begin_life(struct life *life)
{
	static const char *const zones[] = { "UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata" };
	static const char *const said[] = { "", ",'auto_renew':true", ",'auto_renew':false" };
	struct desk *desk = life->desk;
	life->prorated = any(life, 0, 1);
	CHECK(instant_parse(TEXT("2011-09-06T15:00:00Z"), &life->now));
	shop_open_empty(desk, "", false);
	desk_do(desk, "account.create", text_format(&desk->arena, "{'name':'Ann','time_zone':'%s'}", zones[any(life, 0, 3)]).data);
	desk_do(desk, "plan.create",
	        text_format(&desk->arena,
	                    "{'code':'VPS','charges':[{'price_code':'FEE','kind':'recurring','amount':'30.00','prorated':%s}],'renewing':'%s',"
	                    "'terms':{'grace_days':%d,'hold_days':%d,'destroy_after_hold':%s,'auto_renew':'%s','renew_point_days':%d,"
	                    "'renew_from':'%s','periods':[{'period':'%s'}]}}",
	                    life->prorated ? "true" : "false", any(life, 0, 1) ? "after_payment" : "without_payment",
	                    (int)any(life, 0, 6), (int)any(life, 0, 30), any(life, 0, 1) ? "true" : "false",
	                    any(life, 0, 2) ? "before_expiration" : "disabled", (int)any(life, 0, 10),
	                    any(life, 0, 1) ? "expiration" : "renewal", pick_period(life)).data);
	live(life, any(life, 0, 60));
	desk_do(desk, "order.place",
	        text_format(&desk->arena, "{'account_id':1,'plan':'VPS','create_invoice':%s,'lines':[{'price_code':'FEE','quantity':'1'}]%s}",
	                    any(life, 0, 2) ? "true" : "false", said[any(life, 0, 2)]).data);
	desk_read(desk, first_body, life);
}

static void pay_all(struct life *life)
{
	struct desk *desk = life->desk;
	struct text left = SHOP_SHOW(desk, &invoice_record, "id", "status", "balance"), row, id, rest, status;
	for (bool more = text_present(left); more;) {
		more = text_split(left, ';', &row, &left);
		text_split(text_trim(row), ' ', &id, &rest);
		text_split(rest, ' ', &status, &rest);
		void *output;
		if (text_is(status, "open") && any(life, 0, 1))
			desk_try_text(desk, "payment.create",
			              desk_json(desk, text_format(&desk->arena, "{'account_id':1,'amount':'%.*s','currency':'USD','targets':[{'invoice_id':%.*s}]," CARD "}",
			                                          TEXT_ARG(rest), TEXT_ARG(id)).data), &output);
	}
}

/* What cannot be done at the moment is refused, and changes nothing. */
static void step_life(struct life *life)
{
	struct desk *desk = life->desk;
	const char *name = NULL, *input = NULL;
	void *output;
	desk_read(desk, look_body, life);
	switch (any(life, 0, 9)) {
	case 0: case 1: case 2: live(life, any(life, 0, 12)); break;
	case 3: live(life, any(life, 12, 60)); break;
	case 4: case 5:
		name = "subscription.renew";
		input = text_format(&desk->arena, "{'id':1,'period':'%s','create_invoice':%s,'renew_from':'%s'}", pick_period(life),
		                    life->active && !any(life, 0, 2) ? "false" : "true", any(life, 0, 1) ? "expiration" : "renewal").data;
		break;
	case 6: pay_all(life); break;
	case 7:
		name = "renewal_order.cancel";
		input = text_format(&desk->arena, "{'id':%lld}", (long long)(life->waiting ? life->waiting : 1)).data;
		break;
	case 8:
		name = "subscription.update";
		input = any(life, 0, 1) ? "{'id':1,'auto_renew':true}" : "{'id':1,'auto_renew':false}";
		break;
	default: name = "subscription.restore", input = "{'id':1}"; break;
	}
	if (name)
		desk_try_text(desk, name, desk_json(desk, input), &output);
}

TEST(what_any_life_is_billed_is_the_price_of_its_periods)
{
	uint64_t state = check_seed();
	for (int round = 0; round < 60; round++) {
		struct desk desk;
		struct life life = { .desk = &desk, .state = &state };
		void *output;
		check_note("round %d", round);
		begin_life(&life);
		for (int i = 0; i < 30; i++)
			step_life(&life);
		desk_try_text(&desk, "subscription.update", desk_json(&desk, "{'id':1,'auto_renew':false}"), &output);
		do { /* until it is over */
			live(&life, 366);
			desk_read(&desk, look_body, &life);
		} while (life.active);
		desk_read(&desk, owe_body, &life);
		if (life.minor != billed(&desk)) {
			printf("# %.*s\n", TEXT_ARG(SHOP_SHOW(&desk, &renewal_order_record, "id", "status", "starts_at", "expires_at", "invoice_id")));
			printf("# %.*s\n", TEXT_ARG(SHOP_SHOW(&desk, &invoice_record, "id", "status", "total", "billing_start", "billing_end", "created_at")));
			printf("# %.*s\n", TEXT_ARG(SHOP_SHOW(&desk, &subscription_record, "status", "start_date", "end_date", "charged_through")));
		}
		CHECK_EQ_INT(billed(&desk), life.minor);
		desk_close(&desk);
	}
}

CHECK_MAIN
