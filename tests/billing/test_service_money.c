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

CHECK_MAIN
