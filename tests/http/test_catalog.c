/* test_catalog.c: the catalog under /v1: its versions, its plans, and plans added without a bundle. */
#include "counter.h"

#define PLAN(code) \
	"{\\\"code\\\":\\\"" code "\\\",\\\"product\\\":\\\"car\\\",\\\"phases\\\":[{\\\"kind\\\":\\\"evergreen\\\"," \
	"\\\"duration_unit\\\":\\\"unlimited\\\",\\\"billing_period\\\":\\\"monthly\\\"," \
	"\\\"recurring\\\":[{\\\"currency\\\":\\\"USD\\\",\\\"amount\\\":\\\"10\\\"}]}]}"
#define VERSION(at, plans) \
	"{\\\"effective_at\\\":\\\"" at "\\\",\\\"name\\\":\\\"cars\\\"," \
	"\\\"products\\\":[{\\\"name\\\":\\\"car\\\",\\\"category\\\":\\\"base\\\"}],\\\"plans\\\":[" plans "]}"
#define BUNDLE(versions) \
	"{'files':{'bundle.json':'{\\\"name\\\":\\\"t\\\"}','catalog/cars.json':'{\\\"versions\\\":[" versions "]}'}}"

/* In force now: gold and silver; from 2030 on gold alone. */
static void open_with_cars(struct counter *counter)
{
	counter_open(counter);
	counter_expect(counter, "PUT", "/v1/bundle",
	               BUNDLE(VERSION("2011-01-01T00:00:00Z", PLAN("gold") "," PLAN("silver")) ","
	                      VERSION("2030-01-01T00:00:00Z", PLAN("gold"))), 200);
}

TEST(versions_are_listed_and_read_alone)
{
	struct counter counter;
	open_with_cars(&counter);
	counter_expect(&counter, "GET", "/v1/catalog/versions", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 2);
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.effective_at"), "2030-01-01T00:00:00Z");
	CHECK(text_present(counter_reply_header(&counter, "ETag")));
	counter_expect(&counter, "GET", "/v1/catalog/versions/1", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "products.0.name"), "car");
	counter_expect(&counter, "GET", "/v1/catalog/versions/77", NULL, 404);
	counter_close(&counter);
}

TEST(plans_are_those_of_the_version_in_force_unless_another_is_asked_for)
{
	struct counter counter;
	open_with_cars(&counter);
	counter_expect(&counter, "GET", "/v1/catalog/plans", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 2);
	counter_expect(&counter, "GET", "/v1/catalog/plans?version_id=2", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_expect(&counter, "GET", "/v1/catalog/plans?product=boat", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_expect(&counter, "GET", "/v1/catalog/plans?limit=1", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	CHECK(text_present(counter_json(&counter, "next")));
	counter_expect(&counter, "GET", "/v1/catalog/plans/2", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "code"), "silver");
	counter_expect(&counter, "GET", "/v1/catalog/plans/77", NULL, 404);
	counter_expect(&counter, "GET", "/v1/catalog/plans?version_id=x", NULL, 400);
	counter_close(&counter);
}

TEST(without_a_catalog_there_are_no_plans)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "GET", "/v1/catalog/plans", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_close(&counter);
}

TEST(a_plan_is_added_and_can_be_subscribed_to)
{
	struct counter counter;
	open_with_cars(&counter);
	counter_expect(&counter, "POST", "/v1/catalog/plans",
	               "{'code':'van','product':'van','amount':'25.00','currency':'USD','billing_period':'monthly'}", 201);
	struct text place = text_copy(&counter.arena, counter_reply_header(&counter, "Location"));
	CHECK(text_starts(place, "/v1/catalog/plans/"));
	counter_expect(&counter, "GET", text_c(&counter.arena, place), NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "code"), "van");
	counter_expect(&counter, "GET", "/v1/catalog/plans", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 3);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van'}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "phase"), "evergreen");
	counter_close(&counter);
}

TEST(a_plan_that_cannot_be_is_refused_at_its_fields)
{
	struct counter counter;
	open_with_cars(&counter);
	counter_expect(&counter, "POST", "/v1/catalog/plans", "{'product':'van','amount':'-1','billing_period':'moonly'}", 422);
	CHECK(counter_body_has(&counter, "\"/code\""));
	CHECK(counter_body_has(&counter, "\"/amount\""));
	CHECK(counter_body_has(&counter, "\"/billing_period\""));
	counter_expect(&counter, "POST", "/v1/catalog/plans", "{'code':'gold','product':'car','amount':'1'}", 409);
	counter_close(&counter);
}

TEST(who_may_only_read_adds_nothing)
{
	struct counter counter;
	open_with_cars(&counter);
	counter.key = counter_key(&counter, "read");
	counter_expect(&counter, "GET", "/v1/catalog/plans", NULL, 200);
	counter_expect(&counter, "POST", "/v1/catalog/plans", "{'code':'van','product':'car','amount':'1'}", 403);
	counter_close(&counter);
}

CHECK_MAIN
