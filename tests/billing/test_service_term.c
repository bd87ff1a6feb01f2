/* test_service_term.c: periods that expire: grace, hold, the end; renewals ordered, waited for, by themselves. */
#include "term_shop.h"

/* ---- by its dates ---- */

TEST(a_period_that_expires_is_served_in_grace_and_not_on_hold_and_ends)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-10-05T23:59:59Z");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown - terminated -");
	desk.event_count = 0;
	shop_advance(&desk, "2011-10-06T00:00:00Z");
	CHECK_EQ_TEXT(term_of(&desk), "graced 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown - terminated -");
	CHECK_EQ_TEXT(desk_events(&desk), "post subscription.expire");
	CHECK_EQ_TEXT(served(&desk), "active 2011-10-06 2011-10-06");
	shop_advance(&desk, "2011-10-11T00:00:00Z");
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown 2011-10-11T00:00:00Z terminated -");
	CHECK_EQ_TEXT(desk_events(&desk), HOLDS);
	CHECK_EQ_TEXT(served(&desk), "suspended 2011-10-06 2011-10-06");
	shop_advance(&desk, "2011-11-10T00:00:00Z");
	CHECK_EQ_TEXT(term_of(&desk), "terminated 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown 2011-10-11T00:00:00Z "
	                              "terminated 2011-11-10T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.terminate, post subscription.terminate");
	CHECK_EQ_TEXT(served(&desk), "suspended 2011-10-06 2011-10-06");
	CHECK_EQ_TEXT(shop_orders(&desk), "1 1 active");
	desk_close(&desk);
}

TEST(days_of_grace_are_days_of_the_account)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	term_furnish(&desk, "Europe/Paris", "", "'grace_days':30,'hold_days':1");
	term_order(&desk, "2011-09-06", "2011-10-06");
	shop_advance(&desk, "2011-11-04T23:00:00Z"); /* their clocks went back an hour on 30 October */
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-09-05T22:00:00Z 2011-10-05T22:00:00Z shutdown 2011-11-04T23:00:00Z terminated -");
	desk_close(&desk);
}

TEST(what_is_destroyed_after_hold_cannot_be_renewed_or_restored)
{
	struct desk desk;
	term_open(&desk, TERM_DESTROYED);
	shop_advance(&desk, "2011-11-10T00:00:00Z");
	CHECK_EQ_TEXT(served(&desk), "canceled 2011-10-06 2011-11-10");
	CHECK_EQ_TEXT(shop_orders(&desk), "1 1 canceled");
	desk.event_count = 0;
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':1}", PROBLEM_SUBSCRIPTION_DESTROYED, "/id");
	CHECK_REFUSED(&desk, "subscription.restore", "{'id':1}", PROBLEM_SUBSCRIPTION_DESTROYED, "/id");
	CHECK_EQ_TEXT(desk_events(&desk), "");
	desk_close(&desk);
}

TEST(a_subscription_that_is_terminated_by_hand_ends_its_term)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	desk_do(&desk, "subscription.terminate", "{'id':1}");
	CHECK_EQ_TEXT(term_of(&desk), "canceled 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown - terminated -");
	desk.event_count = 0;
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "");
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

/* ---- by hand ---- */

TEST(what_was_terminated_and_kept_is_restored_for_the_days_of_grace)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	CHECK_REFUSED(&desk, "subscription.restore", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-12-01T00:00:00Z");
	desk.event_count = 0;
	desk_do(&desk, "subscription.restore", "{'id':1}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.status_change, post subscription.status_change, post subscription.release");
	CHECK_EQ_TEXT(served(&desk), "active 2011-10-06 2011-10-06");
	shop_advance(&desk, "2011-12-05T23:59:59Z");
	CHECK(text_starts(term_of(&desk), "graced "));
	shop_advance(&desk, "2011-12-06T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "hold "));
	desk_close(&desk);
}

TEST(a_hold_by_hand_is_released_by_hand_unless_its_dates_have_come_to_hold)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	desk_do(&desk, "subscription.hold", "{'id':1,'reason':'abuse'}");
	CHECK_EQ_TEXT(desk_events(&desk), HOLDS);
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown 2011-09-06T15:00:00Z terminated -");
	CHECK_REFUSED(&desk, "subscription.hold", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-10-08T00:00:00Z");
	desk_do(&desk, "subscription.release", "{'id':1}");
	CHECK_EQ_TEXT(term_of(&desk), "graced 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown - terminated -");
	desk_do(&desk, "subscription.hold", "{'id':1}");
	shop_advance(&desk, "2011-10-11T00:00:00Z");
	CHECK_REFUSED(&desk, "subscription.release", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-11-10T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "terminated "));
	desk_close(&desk);
}

TEST(a_term_that_is_shortened_follows_at_once_and_the_plans_comes_back)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-10-08T00:00:00Z");
	desk_do(&desk, "subscription.set_term", "{'id':1,'grace_days':1}");
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown 2011-10-07T00:00:00Z terminated -");
	const struct service_term *term = desk_do(&desk, "subscription.set_term", "{'id':1,'of_plan':true}");
	CHECK(!term->own && term->grace_days == 5);
	CHECK_REFUSED(&desk, "subscription.set_term", "{'id':1,'renewal_period':'P1M1D'}", PROBLEM_BAD_PERIOD, "/renewal_period");
	desk_close(&desk);
}

/* ---- renewed ---- */

TEST(a_renewal_on_hold_serves_again_and_charges_from_expiration)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-10-20T12:00:00Z");
	desk.event_count = 0;
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre subscription.renew, pre invoice.create, post invoice.create, pre subscription.status_change, "
	              "post subscription.status_change, post subscription.release, post subscription.renew");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z shutdown - terminated -");
	CHECK_EQ_TEXT(served(&desk), "active 2011-11-06 2011-11-06");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 30.00 30.00; 2 open 30.00 30.00");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed hold operator P1M 2");
	desk_close(&desk);
}

TEST(a_renewal_from_its_own_moment_charges_nothing_for_the_days_before)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-10-20T12:00:00Z");
	desk_do(&desk, "subscription.renew", "{'id':1,'renew_from':'renewal','period':'P10D'}");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-10-20T12:00:00Z 2011-10-30T12:00:00Z shutdown - terminated -");
	CHECK_EQ_TEXT(served(&desk), "active 2011-10-30 2011-10-30");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'PT36H'}");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-10-30T12:00:00Z 2011-11-01T00:00:00Z shutdown - terminated -");
	CHECK_EQ_TEXT(served(&desk), "active 2011-11-01 2011-11-01");
	desk_close(&desk);
}

TEST(a_renewal_whose_period_is_over_as_well_stays_on_hold)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-11-20T00:00:00Z");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z shutdown 2011-11-11T00:00:00Z terminated -");
	CHECK_EQ_TEXT(served(&desk), "suspended 2011-11-06 2011-11-06");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-11-06T00:00:00Z 2011-12-06T00:00:00Z shutdown - terminated -");
	desk_close(&desk);
}

TEST(a_renewal_order_waits_for_its_invoice_whatever_the_term_comes_to)
{
	struct desk desk;
	term_open(&desk, TERM_PAID);
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "waiting before_expiration operator P1M 2");
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-10-07T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "graced "));
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'30.00','currency':'USD','targets':[{'invoice_id':2}]," CARD "}");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed grace operator P1M 2");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z shutdown - terminated -");
	desk_close(&desk);
}

TEST(a_renewal_order_that_is_canceled_leaves_nothing_owed_and_may_be_given_anew)
{
	struct desk desk;
	term_open(&desk, TERM_PAID_DESTROYED);
	desk_do(&desk, "subscription.renew", "{'id':1}");
	desk_do(&desk, "renewal_order.cancel", "{'id':1}");
	CHECK_REFUSED(&desk, "renewal_order.cancel", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_TEXT(served(&desk), "active 2011-10-06 2011-10-06");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P2M'}");
	shop_advance(&desk, "2011-11-10T00:00:00Z"); /* destroyed: what waits is not owed */
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "canceled before_expiration operator P1M 2; canceled before_expiration operator P2M 3");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 30.00 30.00; 2 cancelled 30.00 0.00; 3 cancelled 60.00 0.00");
	desk_close(&desk);
}

TEST(a_rule_chooses_another_period_or_rejects_and_then_nothing_is_left)
{
	struct desk desk;
	term_open(&desk, TERM_RENEWS);
	shop_deploy(&desk, "rule 'longer' { pre = 'subscription.renew', run = function (subscription, ctx)\n"
	                   "  if ctx.event.initiator == 'system' then ctx:reject('no_more', 'Not by itself.') end\n"
	                   "  ctx.event.new_period = duration 'P1Y' end }");
	shop_advance(&desk, "2011-10-06T00:00:00Z");
	CHECK_EQ_TEXT(term_of(&desk), "graced 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown - terminated -");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "");
	desk_do(&desk, "subscription.renew", "{'id':1,'create_invoice':false}");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-10-06T00:00:00Z 2012-10-06T00:00:00Z shutdown - terminated -");
	desk_close(&desk);
}

/* ---- by itself ---- */

TEST(it_renews_itself_so_many_days_before_it_expires)
{
	struct desk desk;
	term_open(&desk, TERM_RENEWS);
	shop_advance(&desk, "2011-10-03T23:59:59Z");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "");
	shop_advance(&desk, "2011-10-04T00:00:00Z");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed before_expiration system P1M 2");
	shop_advance(&desk, "2011-12-05T00:00:00Z");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-12-06T00:00:00Z 2012-01-06T00:00:00Z shutdown - terminated -");
	desk_close(&desk);
}

TEST(it_renews_itself_on_the_last_statement_day_and_at_its_end_without_expiring)
{
	struct desk desk;
	term_open(&desk, TERM_STATEMENT);
	shop_advance(&desk, "2011-09-30T23:59:59Z");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "");
	shop_advance(&desk, "2011-10-01T00:00:00Z"); /* billing.day is 1 */
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed before_expiration system P1M 2");
	desk_do(&desk, "subscription.set_term", "{'id':1,'auto_renew':'before_expiration','renew_point_days':0}");
	desk.event_count = 0;
	shop_advance(&desk, "2011-11-06T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.renew, pre invoice.create, post invoice.create, post subscription.renew");
	desk_do(&desk, "subscription.update", "{'id':1,'auto_renew':false}");
	shop_advance(&desk, "2011-12-06T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "graced "));
	desk_close(&desk);
}

TEST(what_a_plan_says_for_a_period_comes_before_what_it_says_for_all)
{
	struct desk desk;
	term_open_terms(&desk, "", GRACE_HOLD "," RENEWS_BEFORE ",'periods':[{'period':'P1M','renew_point_days':5,"
	                "'renewal_period':'P3M'},{'period':'P3M','auto_renew':'disabled'}]");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed before_expiration system P3M 2");
	shop_advance(&desk, "2012-01-06T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "graced "));
	desk_close(&desk);
}

/* ---- what does not go together ---- */

TEST(an_end_that_terms_decide_cannot_be_set_and_terms_must_be_whole)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	CHECK_REFUSED(&desk, "subscription.update", "{'id':1,'end_date':'2011-12-01'}", PROBLEM_WRONG_STATE, "/end_date");
	CHECK_REFUSED(&desk, "order.update", "{'id':1,'end_date':'2011-12-01'}", PROBLEM_WRONG_STATE, "/end_date");
	CHECK_REFUSED(&desk, "subscription.status", "{'id':1,'status':'suspended'}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':1,'period':'P1M1D'}", PROBLEM_BAD_PERIOD, "/period");
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':1,'period':'PT90M'}", PROBLEM_BAD_PERIOD, "/period");
	CHECK_REFUSED(&desk, "plan.create",
	              "{'code':'X','charges':[{'price_code':'A','kind':'recurring','amount':'1'}],'terms':{'periods':[{'period':'P1M'},"
	              "{'period':'P1M'}]}}", PROBLEM_DUPLICATE, "/terms/periods/1/period");
	desk_do(&desk, "plan.create", "{'code':'PLAIN','charges':[{'price_code':'A','kind':'recurring','amount':'1'}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'PLAIN','lines':[{'price_code':'A','quantity':'1'}]}");
	CHECK_REFUSED(&desk, "subscription.hold", "{'id':2}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':2,'renew_from':'renewal'}", PROBLEM_INVALID_COMBINATION, "/renew_from");
	desk_close(&desk);
}

TEST(an_order_that_is_deleted_leaves_neither_terms_nor_renewal_orders)
{
	struct desk desk;
	term_open(&desk, TERM_RENEWS);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'VPS','start_date':'2011-09-06','lines':[{'price_code':'FEE','quantity':'1'}]}");
	desk_do(&desk, "subscription.renew", "{'id':2,'create_invoice':false}");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed before_expiration operator P1M -");
	desk_do(&desk, "order.delete", "{'id':2}");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "");
	shop_advance(&desk, "2011-10-03T00:00:00Z");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "");
	desk_close(&desk);
}

TEST(an_order_that_is_served_again_does_not_serve_what_is_on_hold)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-10-12T00:00:00Z");
	desk_do(&desk, "order.update", "{'id':1,'status':'suspended'}");
	desk_do(&desk, "order.update", "{'id':1,'status':'active'}");
	CHECK_EQ_TEXT(served(&desk), "suspended 2011-10-06 2011-10-06");
	desk_close(&desk);
}

CHECK_MAIN
