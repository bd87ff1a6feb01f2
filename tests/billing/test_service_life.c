/* test_service_life.c: where a service term and its subscription meet: what is served when it is renewed late, held by hand,
 * suspended with its order or canceled, and which instants its periods end at. */
#include "term_shop.h"

/* ---- renewed late ---- */

TEST(what_was_restored_and_renewed_into_a_period_that_is_over_is_not_served_any_more)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-12-08T00:00:00Z");
	desk_do(&desk, "subscription.restore", "{'id':1}");
	desk.event_count = 0;
	desk_do(&desk, "subscription.renew", "{'id':1,'create_invoice':false}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.renew, post subscription.renew, " HOLDS);
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z shutdown 2011-11-11T00:00:00Z terminated -");
	CHECK_EQ_TEXT(served(&desk), "suspended 2011-11-06 2011-10-06");
	shop_advance(&desk, "2011-12-11T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.terminate, post subscription.terminate");
	desk_do(&desk, "subscription.restore", "{'id':1}");
	shop_advance(&desk, "2011-12-12T00:00:00Z");
	desk.event_count = 0;
	desk_do(&desk, "subscription.renew", "{'id':1,'create_invoice':false,'period':'P1D'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.renew, post subscription.renew, " HOLDS
	                                  ", pre subscription.terminate, post subscription.terminate");
	CHECK_EQ_TEXT(term_of(&desk), "terminated 2011-11-06T00:00:00Z 2011-11-07T00:00:00Z shutdown 2011-11-12T00:00:00Z "
	                              "terminated 2011-12-12T00:00:00Z");
	CHECK_EQ_TEXT(served(&desk), "suspended 2011-11-07 2011-10-06");
	desk_close(&desk);
}

/* ---- clocks that change at midnight ---- */

/* A month that ends where their clocks skip midnight: it ends at the first instant of that day, and the next at midnight. */
static const struct skip {
	const char *zone, *start, *end, *ends_at, *next_end, *next_ends_at;
} skips[] = {
	{ "America/Sao_Paulo", "2011-09-16", "2011-10-16", "2011-10-16T03:00:00Z", "2011-11-16", "2011-11-16T02:00:00Z" },
	{ "Asia/Beirut", "2012-02-25", "2012-03-25", "2012-03-24T22:00:00Z", "2012-04-25", "2012-04-24T21:00:00Z" },
	{ "Africa/Cairo", "2023-03-28", "2023-04-28", "2023-04-27T22:00:00Z", "2023-05-28", "2023-05-27T21:00:00Z" },
	{ "America/Santiago", "2019-08-08", "2019-09-08", "2019-09-08T04:00:00Z", "2019-10-08", "2019-10-08T03:00:00Z" },
};

TEST(a_midnight_that_clocks_skip_adds_no_day_and_the_next_period_ends_at_midnight_again)
{
	for (size_t i = 0; i < sizeof skips / sizeof *skips; i++) {
		const struct skip *skip = &skips[i];
		struct desk desk;
		shop_open_empty(&desk, "", false);
		term_furnish(&desk, skip->zone, "", GRACE_HOLD);
		term_order(&desk, skip->start, skip->end);
		shop_advance(&desk, text_format(&desk.arena, "%sT12:00:00Z", skip->start).data);
		check_note("%s", skip->zone);
		CHECK(strstr(term_of(&desk).data, skip->ends_at));
		CHECK(strstr(served(&desk).data, skip->end));
		desk_do(&desk, "subscription.renew", "{'id':1}");
		CHECK(strstr(term_of(&desk).data, skip->next_ends_at));
		CHECK(strstr(served(&desk).data, skip->next_end));
		CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 30.00 30.00; 2 open 30.00 30.00");
		desk_close(&desk);
	}
}

TEST(grace_from_a_skipped_midnight_is_over_at_midnight)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	term_furnish(&desk, "America/Sao_Paulo", "", GRACE_HOLD);
	term_order(&desk, "2011-09-16", "2011-10-16");
	shop_advance(&desk, "2011-10-21T02:00:00Z");
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-09-16T03:00:00Z 2011-10-16T03:00:00Z shutdown 2011-10-21T02:00:00Z terminated -");
	desk_close(&desk);
}

TEST(a_time_of_day_that_clocks_skip_comes_back_as_well)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	term_furnish(&desk, "Europe/Paris", "", GRACE_HOLD);
	term_order(&desk, "2012-01-25", "2012-02-20");
	shop_advance(&desk, "2012-02-25T01:30:00Z"); /* 02:30 there; on 25 March there is none */
	desk_do(&desk, "subscription.renew", "{'id':1,'renew_from':'renewal','period':'P1M'}");
	CHECK(strstr(term_of(&desk).data, "2012-02-25T01:30:00Z 2012-03-25T01:00:00Z"));
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P1M'}");
	CHECK(strstr(term_of(&desk).data, "2012-03-25T01:00:00Z 2012-04-25T00:30:00Z"));
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'PT36H'}");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P1D'}");
	CHECK(strstr(term_of(&desk).data, "2012-04-26T12:30:00Z 2012-04-27T12:30:00Z"));
	desk_close(&desk);
}

/* ---- with its order ---- */

TEST(what_its_order_does_not_serve_is_not_served_by_renewing_releasing_or_restoring)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	desk_do(&desk, "subscription.hold", "{'id':1}");
	desk_do(&desk, "order.update", "{'id':1,'status':'suspended'}");
	CHECK_REFUSED(&desk, "subscription.release", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-10-20T00:00:00Z");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P1M'}");
	CHECK(text_starts(term_of(&desk), "active "));
	CHECK(text_starts(served(&desk), "suspended "));
	CHECK_EQ_TEXT(shop_orders(&desk), "1 1 suspended");
	desk.event_count = 0;
	desk_do(&desk, "order.update", "{'id':1,'status':'active'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.status_change, post subscription.status_change");
	CHECK(text_starts(served(&desk), "active "));
	desk_do(&desk, "order.update", "{'id':1,'status':'suspended'}");
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "terminated "));
	CHECK_REFUSED(&desk, "subscription.restore", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "order.update", "{'id':1,'status':'active'}");
	CHECK(text_starts(served(&desk), "suspended "));
	desk_do(&desk, "subscription.restore", "{'id':1}");
	CHECK(text_starts(served(&desk), "active "));
	desk_close(&desk);
}

TEST(what_was_canceled_is_neither_restored_nor_released_nor_held)
{
	static const char *const until[] = { "2011-09-07T00:00:00Z", "2011-10-20T00:00:00Z", "2011-12-01T00:00:00Z" };
	for (size_t i = 0; i < 2 * (sizeof until / sizeof *until); i++) {
		struct desk desk;
		term_open(&desk, TERM_KEPT);
		if (i % 2)
			desk_do(&desk, "subscription.hold", "{'id':1}");
		shop_advance(&desk, until[i / 2]);
		desk_do(&desk, "order.update", "{'id':1,'status':'canceled'}");
		desk.event_count = 0;
		CHECK_REFUSED(&desk, "subscription.restore", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
		CHECK_REFUSED(&desk, "subscription.release", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
		CHECK_REFUSED(&desk, "subscription.hold", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
		CHECK_REFUSED(&desk, "subscription.renew", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
		shop_advance(&desk, "2012-06-01T00:00:00Z");
		CHECK_EQ_TEXT(desk_events(&desk), "");
		CHECK(text_starts(served(&desk), "canceled "));
		desk_close(&desk);
	}
}

/* ---- held by hand ---- */

TEST(what_is_held_by_hand_expires_by_its_dates_and_is_not_renewed_by_itself_until_it_is_released)
{
	struct desk desk;
	term_open(&desk, TERM_RENEWS);
	desk_do(&desk, "subscription.hold", "{'id':1}");
	desk.event_count = 0;
	shop_advance(&desk, "2011-10-05T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "");
	shop_advance(&desk, "2011-10-07T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "post subscription.expire");
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-09-06T00:00:00Z 2011-10-06T00:00:00Z shutdown 2011-09-06T15:00:00Z terminated -");
	desk_do(&desk, "subscription.release", "{'id':1}");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre subscription.status_change, post subscription.status_change, post subscription.release, "
	              "pre subscription.renew, pre invoice.create, post invoice.create, post subscription.renew");
	CHECK_EQ_TEXT(term_of(&desk), "active 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z shutdown - terminated -");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed grace system P1M 2");
	CHECK_EQ_TEXT(served(&desk), "active 2011-11-06 2011-11-06");
	desk_close(&desk);
}

TEST(what_is_released_after_its_renew_point_and_before_it_expires_renews_itself_at_once)
{
	struct desk desk;
	term_open(&desk, TERM_RENEWS);
	desk_do(&desk, "subscription.hold", "{'id':1}");
	shop_advance(&desk, "2011-10-05T00:00:00Z");
	desk_do(&desk, "subscription.release", "{'id':1}");
	shop_advance(&desk, "2011-10-05T00:00:01Z");
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "processed before_expiration system P1M 2");
	desk_close(&desk);
}

TEST(what_was_held_after_it_expired_is_as_it_was_when_it_is_released)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_advance(&desk, "2011-10-07T00:00:00Z");
	desk_do(&desk, "subscription.set_term", "{'id':1,'auto_renew':'before_expiration'}");
	desk_do(&desk, "subscription.hold", "{'id':1}");
	desk_do(&desk, "subscription.release", "{'id':1}");
	CHECK(text_starts(term_of(&desk), "graced "));
	CHECK_EQ_TEXT(orders_of_renewal(&desk), "");
	desk_close(&desk);
}

TEST(a_missed_renewal_that_a_rule_rejects_does_not_keep_it_from_being_released)
{
	struct desk desk;
	term_open(&desk, TERM_RENEWS);
	desk_do(&desk, "subscription.hold", "{'id':1}");
	shop_deploy(&desk, "rule 'no' { pre = 'subscription.renew', run = function (s, ctx) ctx:reject('no_more', 'Not by itself.') end }");
	shop_advance(&desk, "2011-10-07T00:00:00Z");
	desk_do(&desk, "subscription.release", "{'id':1}");
	CHECK(text_starts(term_of(&desk), "graced "));
	CHECK(text_starts(served(&desk), "active "));
	shop_advance(&desk, "2011-10-11T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "hold "));
	desk_close(&desk);
}

TEST(a_hold_by_hand_outlives_a_renewal)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	desk_do(&desk, "subscription.hold", "{'id':1}");
	shop_advance(&desk, "2011-10-07T00:00:00Z");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(term_of(&desk), "hold 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z shutdown 2011-09-06T15:00:00Z terminated -");
	desk.event_count = 0;
	shop_advance(&desk, "2011-11-06T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "post subscription.expire");
	desk_do(&desk, "subscription.release", "{'id':1}");
	CHECK(text_starts(term_of(&desk), "graced "));
	CHECK(text_starts(served(&desk), "active "));
	desk_close(&desk);
}

/* ---- what rules choose ---- */

TEST(a_rule_that_ends_what_goes_on_hold_ends_its_term)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_deploy(&desk, "rule 'end' { pre = 'subscription.status_change', run = function (s, ctx) ctx.event.new_status = 'canceled' end }");
	desk_do(&desk, "subscription.hold", "{'id':1}");
	CHECK(text_starts(term_of(&desk), "canceled "));
	CHECK_EQ_TEXT(shop_orders(&desk), "1 1 canceled");
	desk.event_count = 0;
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "");
	desk_close(&desk);
}

TEST(a_rule_cannot_serve_what_is_on_hold_nor_keep_back_what_is_released)
{
	struct desk desk;
	term_open(&desk, TERM_KEPT);
	shop_deploy(&desk, "rule 'serve' { pre = 'subscription.status_change', run = function (s, ctx) ctx.event.new_status = 'active' end }");
	CHECK_REFUSED(&desk, "subscription.hold", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_deploy(&desk, "rule 'stop' { pre = 'subscription.status_change', run = function (s, ctx) ctx.event.new_status = 'suspended' end }");
	desk_do(&desk, "subscription.hold", "{'id':1}");
	CHECK_REFUSED(&desk, "subscription.release", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK(text_starts(term_of(&desk), "hold "));
	desk_close(&desk);
}

CHECK_MAIN
