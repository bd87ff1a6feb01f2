/* test_subscription.c: subscriptions to plans of the catalog under /v1, from the first to a preview of the next invoice. */
#include "counter.h"

static void open_with_van(struct counter *counter)
{
	counter_open(counter);
	counter_expect(counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(counter, "POST", "/v1/catalog/plans",
	               "{'code':'van','product':'van','amount':'30.00','currency':'USD','billing_period':'monthly'}", 201);
}

TEST(who_subscribes_finds_subscription_bundle_timeline_and_invoice)
{
	struct counter counter;
	open_with_van(&counter);
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'bundle_key':'fleet','plan':'van'}", 201);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/subscriptions/1");
	counter_expect(&counter, "GET", "/v1/subscriptions/1/timeline", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.recurring"), "30.00");
	counter_expect(&counter, "GET", "/v1/accounts/1/subscription_bundles", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.external_key"), "fleet");
	counter_expect(&counter, "GET", "/v1/subscription_bundles/1", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "subscriptions.0.plan"), "van");
	counter_expect(&counter, "GET", "/v1/accounts/1/invoices", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_close(&counter);
}

TEST(a_pause_is_listed_and_a_preview_leaves_nothing)
{
	struct counter counter;
	open_with_van(&counter);
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van'}", 201);
	counter_expect(&counter, "POST", "/v1/accounts/1/invoices/preview", "{}", 204);
	counter_expect(&counter, "POST", "/v1/accounts/1/invoices/preview",
	               "{'command':'subscription_bundle.pause','input':{'id':1}}", 200);
	counter_expect(&counter, "GET", "/v1/accounts/1/blocking_states", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_expect(&counter, "POST", "/v1/subscription_bundles/1/pause", "{}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "state"), "paused");
	counter_expect(&counter, "GET", "/v1/accounts/1/blocking_states", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_close(&counter);
}

TEST(a_coupon_is_made_redeemed_counted_and_removed)
{
	struct counter counter;
	open_with_van(&counter);
	counter_expect(&counter, "POST", "/v1/coupons", "{'code':'SPRING','percent':'20','periods':3}", 201);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/coupons/1");
	CHECK_EQ_TEXT(counter_json(&counter, "duration"), "periods");
	counter_expect(&counter, "POST", "/v1/coupons", "{'code':'SPRING','percent':'20'}", 409);
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van','coupon':'SPRIGN'}", 422);
	CHECK(counter_body_has(&counter, "did you mean 'SPRING'?"));
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van','coupon':'SPRING'}", 200);
	counter_expect(&counter, "GET", "/v1/accounts/1/coupon_redemptions", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van','coupon':'SPRING'}", 201);
	counter_expect(&counter, "GET", "/v1/accounts/1/invoices", NULL, 200);
	const char *id = text_c(&counter.arena, counter_json(&counter, "items.0.id"));
	counter_expect(&counter, "GET", counter_path(&counter, TEXT("/v1/invoices/{id}"), id), NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "total"), "24.00");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.1.description"), "SPRING 20 %");
	counter_expect(&counter, "GET", counter_path(&counter, TEXT("/v1/invoices/{id}/lines/2/explain"), id), NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.steps.0.text"), "20 % of 30");
	counter_expect(&counter, "GET", "/v1/accounts/1/coupon_redemptions", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.periods_left"), "2");
	counter_expect(&counter, "GET", "/v1/coupons?code=SPRING", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.redemptions"), "1");
	counter_expect(&counter, "GET", "/v1/coupons/1/redemptions", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_expect(&counter, "PATCH", "/v1/coupons/1", "{'percent':'50'}", 422);
	counter_expect(&counter, "PATCH", "/v1/coupons/1", "{'name':'Spring sale'}", 200);
	counter_expect(&counter, "POST", "/v1/coupon_redemptions/1/remove", "{}", 200);
	counter_expect(&counter, "GET", "/v1/coupon_redemptions?status=removed", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_expect(&counter, "POST", "/v1/coupons/1/archive", "{}", 200);
	counter_expect(&counter, "POST", "/v1/coupon_redemptions", "{'coupon':'SPRING','account_id':1}", 409);
	counter_close(&counter);
}

TEST(a_subscription_of_an_order_has_no_usage_of_units_to_read)
{
	struct counter counter;
	open_with_van(&counter);
	counter_expect(&counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'WHITE-LBL-A','status':'active','start_date':'2011-09-20',"
	               "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}", 201);
	counter_expect(&counter, "GET", "/v1/subscriptions/1/usage", NULL, 404);
	CHECK(counter_body_has(&counter, "/v1/usage?subscription_id=ID"));
	counter_expect(&counter, "GET", "/v1/subscriptions/1/usage/windows", NULL, 404);
	counter_expect(&counter, "POST", "/v1/subscriptions/1/usage", "{'records':[{'unit':'u','quantity':'1'}]}", 409);
	counter_expect(&counter, "GET", "/v1/subscriptions/77/usage", NULL, 404);
	counter_close(&counter);
}

CHECK_MAIN
