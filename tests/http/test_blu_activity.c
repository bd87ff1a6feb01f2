/* test_blu_activity.c: BluBilling's activities, and usage under /v1: taken in, refused by item, paged, billed. */
#include "counter.h"

#include "event/command.h"

#define ACTIVITY(inside) "<activity><extCustomerRef>JOHNDOE001</extCustomerRef><priceCode>BANDWIDTH</priceCode>" inside "</activity>"
#define QUANTITY(number) "<quantity>" number "</quantity>"

/* XML keeps its quotes. */
static void send(struct counter *counter, const char *method, const char *target, const char *body, int status)
{
	counter_send_text(counter, method, target, body ? text_of(body) : TEXT_NONE);
	if (counter->reply.status != status)
		CHECK_FAIL("%s %s\n#   expected: %d\n#   found:    %d %.*s", method, target, status, counter->reply.status,
		           TEXT_ARG(counter->reply.body));
}

/* Customer 366, order 1036 of MNTHLY 165.00 with BANDWIDTH 0.10 from 2011-09-20; it is the 25th. */
static void open_served(struct counter *counter)
{
	struct instant now;
	counter_open(counter);
	counter_command(counter, "plan.create",
	                "{'code':'HOST','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'165','prorated':true},"
	                "{'price_code':'BANDWIDTH','kind':'usage','amount':'0.10','unit':'GB'}]}");
	counter_command(counter, "customer.create", "{'name':'John Doe','external_key':'JOHNDOE001'}");
	counter_command(counter, "order.place",
	                "{'customer_key':'JOHNDOE001','plan':'HOST','start_date':'2011-09-20','status':'active',"
	                "'create_invoice':true,'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	CHECK(instant_parse(TEXT("2011-09-25T12:00:00Z"), &now));
	CHECK(engine_advance_clock(counter->engine, counter->tenant_id, now, &counter->problems));
}

static void advance_to_october(struct counter *counter)
{
	struct instant now;
	CHECK(instant_parse(TEXT("2011-10-01T00:00:00Z"), &now));
	CHECK(engine_advance_clock(counter->engine, counter->tenant_id, now, &counter->problems));
}

/* ---- in XML ---- */

TEST(activities_are_recorded_and_become_processed_with_their_invoice)
{
	struct counter counter;
	open_served(&counter);
	send(&counter, "POST", "/rest/activities?format=xml",
	     "<list>" ACTIVITY("<extRefId>A1</extRefId>" QUANTITY("20")) ACTIVITY(
	             QUANTITY("5.5") "<orderNumber>1036</orderNumber><activityTime>2011-09-21T08:00:00Z</activityTime>"
	                             "<description>September</description>") "</list>",
	     201);
	CHECK_EQ_INT(counter_xml_count(&counter), 2);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/@id"), "1");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/extRefId"), "A1");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/extCustomerRef"), "JOHNDOE001");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/customer/@id"), "366");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/orderNumber"), "1036");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/priceCode"), "BANDWIDTH");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/quantity"), "20.0");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/activityTime"), "2011-09-25T12:00:00Z");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/status"), "Unbilled");
	CHECK(!counter_body_has(&counter, "invoiceNumber"));
	advance_to_october(&counter);
	send(&counter, "GET", "/rest_v1/activities?extRefId=A1", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/status"), "Processed");
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/invoiceNumber"), "1020");
	send(&counter, "GET", "/rest/invoice?invoiceNumber=1020", NULL, 200);
	CHECK(counter_body_has(&counter, "UsageCharge") && counter_body_has(&counter, "2.55"));
	counter_close(&counter);
}

TEST(filters_choose_activities_newest_first)
{
	struct counter counter;
	open_served(&counter);
	send(&counter, "POST", "/rest/activities",
	     "<list>" ACTIVITY(QUANTITY("1")) ACTIVITY(QUANTITY("2")) ACTIVITY(QUANTITY("3")) "</list>", 201);
	send(&counter, "GET", "/rest/activities", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 3);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/quantity"), "3.0");
	send(&counter, "GET", "/rest/activities?offset=1&max=1", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 1);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/quantity"), "2.0");
	send(&counter, "GET", "/rest/activities?status=Processed", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	send(&counter, "GET",
	     "/rest/activities?status=Unbilled&orderNumber=1036&priceCode=BANDWIDTH&extCustomerRef=JOHNDOE001&customerId=366"
	     "&createStartTime=201109251200&createEndTime=201109251200",
	     NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 3);
	send(&counter, "GET", "/rest/activities?priceCode=OTHER", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	send(&counter, "GET", "/rest/activities?createEndTime=201109251159", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	send(&counter, "GET", "/rest/activities?extRefId=none", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	send(&counter, "GET", "/rest/activities?max=101", NULL, 400);
	send(&counter, "GET", "/rest/activities?status=Paid", NULL, 400);
	send(&counter, "GET", "/rest/activities?orderNumber=9", NULL, 404);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/field"), "orderNumber");
	counter_close(&counter);
}

TEST(every_bad_activity_is_told_by_its_position_and_none_is_kept)
{
	struct counter counter;
	open_served(&counter);
	send(&counter, "POST", "/rest/activities",
	     "<list>" ACTIVITY(QUANTITY("1")) "<activity><priceCode>BANDWIDTH</priceCode><quantity>1</quantity></activity>"
	     "<activity><extCustomerRef>NOBODY</extCustomerRef><priceCode>BANDWIDTH</priceCode><quantity>1</quantity></activity>"
	     "</list>",
	     400);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/code"), "missing_field");
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/field"), "extCustomerRef");
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/position"), "2");
	CHECK(counter_body_has(&counter, "<position>3</position>"));
	CHECK_EQ_INT(counter_xml_count(&counter), 2);
	send(&counter, "POST", "/rest/activities", "<list>" ACTIVITY("") "</list>", 400);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/field"), "quantity");
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/position"), "1");
	send(&counter, "POST", "/rest/activities", "<list>" ACTIVITY(QUANTITY("1") "<colour>red</colour>") "</list>", 400);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/field"), "colour");
	send(&counter, "POST", "/rest/activities", "<list/>", 400);
	send(&counter, "POST", "/rest/activities", ACTIVITY(QUANTITY("1")), 400);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/code"), "malformed");
	send(&counter, "GET", "/rest/activities", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	counter_close(&counter);
}

TEST(the_same_reference_twice_is_one_activity)
{
	struct counter counter;
	open_served(&counter);
	send(&counter, "POST", "/rest/activities", "<list>" ACTIVITY("<extRefId>A1</extRefId>" QUANTITY("1")) "</list>", 201);
	send(&counter, "POST", "/rest/activities", "<list>" ACTIVITY("<extRefId>A1</extRefId>" QUANTITY("1.0")) "</list>", 201);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/@id"), "1");
	send(&counter, "POST", "/rest/activities", "<list>" ACTIVITY("<extRefId>A1</extRefId>" QUANTITY("2")) "</list>", 400);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/code"), "duplicate");
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/field"), "extRefId");
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/value"), "A1");
	counter_close(&counter);
}

static const char *activities(struct counter *counter, int count)
{
	struct text_builder out;
	builder_init(&out, &counter->arena, 0);
	builder_c(&out, "<list>");
	for (int i = 0; i < count; i++)
		builder_format(&out, ACTIVITY("<extRefId>R%d</extRefId>" QUANTITY("0.001")), i);
	builder_c(&out, "</list>");
	return builder_text(&out).data;
}

TEST(a_thousand_fit_one_batch_and_a_hundred_one_page)
{
	struct counter counter;
	open_served(&counter);
	send(&counter, "POST", "/rest/activities", activities(&counter, 1001), 400);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/code"), "too_many");
	send(&counter, "POST", "/rest/activities", activities(&counter, 1000), 201);
	CHECK_EQ_INT(counter_xml_count(&counter), 1000);
	send(&counter, "GET", "/rest/activities", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 100);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/activity/extRefId"), "R999");
	advance_to_october(&counter);
	send(&counter, "GET", "/rest/invoice?invoiceNumber=1020", NULL, 200);
	CHECK(counter_body_has(&counter, "165.10"));
	counter_close(&counter);
}

/* ---- in JSON ---- */

TEST(activities_in_json)
{
	struct counter counter;
	open_served(&counter);
	counter_header(&counter, "Content-Type", "application/json");
	counter_expect(&counter, "POST", "/rest/activities?format=json",
	               "{'list':[{'extRefId':'A1','customer':{'id':366},'priceCode':'BANDWIDTH','quantity':'2.5'},"
	               "{'orderNumber':'1036','priceCode':'BANDWIDTH','quantity':3}]}",
	               201);
	CHECK_EQ_TEXT(counter_json(&counter, "list.0.extRefId"), "A1");
	CHECK_EQ_TEXT(counter_json(&counter, "list.0.quantity"), "2.5");
	CHECK_EQ_TEXT(counter_json(&counter, "list.1.customer.id"), "366");
	CHECK_EQ_TEXT(counter_json(&counter, "list.1.status"), "Unbilled");
	counter_header(&counter, "Content-Type", "application/json");
	counter_expect(&counter, "POST", "/rest/activities?format=json",
	               "{'list':[{'orderNumber':'1036','priceCode':'BANDWIDTH','quantity':'1'},"
	               "{'orderNumber':'1036','priceCode':'MNTHLY','quantity':'1'}]}",
	               400);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.field"), "priceCode");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.position"), "2");
	counter_expect(&counter, "GET", "/rest/activities?format=json", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "list"), 2);
	counter_close(&counter);
}

/* ---- the native resource ---- */

TEST(usage_under_v1_is_recorded_read_and_paged)
{
	struct counter counter;
	open_served(&counter);
	counter_expect(&counter, "POST", "/v1/usage",
	               "{'order_number':'1036','price_code':'BANDWIDTH','quantity':'1.5','external_key':'k1'}", 201);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/usage/1");
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "unbilled");
	CHECK_EQ_TEXT(counter_json(&counter, "subscription_id"), "1");
	counter_expect(&counter, "GET", "/v1/usage/1", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "quantity"), "1.5");
	counter_expect(&counter, "POST", "/v1/usage/batch",
	               "{'items':[{'order_id':381,'price_code':'BANDWIDTH','quantity':'2'},"
	               "{'customer_id':366,'price_code':'BANDWIDTH','quantity':'3'}]}",
	               201);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 2);
	counter_expect(&counter, "GET", "/v1/usage?limit=2&account_id=1&subscription_id=1&order_id=381&price_code=BANDWIDTH"
	                                "&status=unbilled", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.id"), "3");
	struct text cursor = counter_json(&counter, "next");
	counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/usage?limit=2&cursor=%.*s", TEXT_ARG(cursor)).data, NULL,
	               200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.id"), "1");
	CHECK_EQ_TEXT(counter_json(&counter, "next"), "null");
	counter_expect(&counter, "GET", "/v1/usage?external_key=k1", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_expect(&counter, "GET", "/v1/accounts/1/usage", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 3);
	counter_expect(&counter, "GET", "/v1/accounts/9/usage", NULL, 404);
	counter_expect(&counter, "GET", "/v1/usage/9", NULL, 404);
	counter_expect(&counter, "POST", "/v1/usage/batch", "{'items':[{'order_id':381,'price_code':'BANDWIDTH','quantity':'-1'}]}", 422);
	CHECK(counter_body_has(&counter, "/items/0/quantity"));
	counter_close(&counter);
}

CHECK_MAIN
