/* test_maxio.c: Maxio's wire as far as no SDK shows it: hosts, keys, syntax of queries, odd bodies. The calls themselves are
 * driven by the vendor's SDK: tests/compat/maxio. */
#include "counter.h"

static void expect_error(struct counter *counter, const char *method, const char *target, const char *body, int status,
                         const char *sentence)
{
	counter_expect(counter, method, target, body, status);
	struct text whole = text_format(&counter->arena, "{\"errors\":[\"%s\"]}", sentence);
	CHECK_EQ_TEXT(counter->reply.body, whole.data);
}

TEST(a_site_is_a_tenant_and_the_key_must_be_of_it)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "GET", "/site.json", NULL, 200);
	const char *site = text_c(&counter.arena, counter_json(&counter, "site.subdomain"));
	counter_header(&counter, "Host", text_format(&counter.arena, "%s.chargify.com", site).data);
	counter_expect(&counter, "GET", "/site.json", NULL, 200);
	counter_header(&counter, "Host", text_format(&counter.arena, "%s.ebilling.maxio.com:443", site).data);
	counter_expect(&counter, "GET", "/site.json", NULL, 200);
	counter_header(&counter, "Host", "nobody.chargify.com");
	expect_error(&counter, "GET", "/site.json", NULL, 401, "The API key is not one of the site 'nobody'.");
	counter_header(&counter, "Host", "127.0.0.1:8080");
	counter_expect(&counter, "GET", "/site.json", NULL, 200);
	counter.key = NULL;
	counter_expect(&counter, "GET", "/site.json", NULL, 401);
	counter_close(&counter);
}

TEST(what_is_asked_for_is_read_leniently)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/product_families.json", "{'product_family':{'name':'Cloud','nobody_knows':[{}]}}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "product_family.handle"), "cloud");
	CHECK_EQ_TEXT(counter_json(&counter, "product_family.accounting_code"), "null");
	counter_expect(&counter, "POST", "/product_families/handle%3Acloud/products.json",
	               "{'product':{'name':'Basic','price_in_cents':'1250','interval':'1.0','interval_unit':'month','require_credit_card':'true'}}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "product.price_in_cents"), "1250");
	counter_expect(&counter, "POST", "/product_families/1/products.json",
	               "{'product':{'name':'Basic','price_in_cents':0,'interval':3,'interval_unit':'month'}}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "product.handle"), "basic-2");
	counter_expect(&counter, "GET", "/products.json?&&&&per_page=1&page=2&&unknown=x&list%5B%5D=a&list%5B%5D=b&", NULL, 200);
	CHECK(counter_body_has(&counter, "basic-2") && !counter_body_has(&counter, "\"basic\""));
	counter_close(&counter);
}

TEST(errors_are_sentences)
{
	struct counter counter;
	counter_open(&counter);
	expect_error(&counter, "POST", "/product_families.json", "", 422, "Name: cannot be blank.");
	expect_error(&counter, "POST", "/product_families.json", "{'product_family':{'name':'','handle':'x'}}", 422, "Name: cannot be blank.");
	counter_expect(&counter, "POST", "/product_families.json", "{'product_family':{'name':'A','handle':'a'}}", 201);
	expect_error(&counter, "POST", "/product_families.json", "{'product_family':{'name':'B','handle':'a'}}", 422,
	             "API Handle: must be unique - that value has been taken.");
	expect_error(&counter, "GET", "/product_families/7.json", NULL, 404, "Product family 7 does not exist.");
	expect_error(&counter, "GET", "/products.json?page=0", NULL, 422, "invalid page: 0");
	counter_expect(&counter, "POST", "/customers.json", "{'customer':{'first_name':'A'}}", 422);
	CHECK_EQ_TEXT(counter.reply.body, "{\"errors\":[\"Last name: cannot be blank.\",\"Email address: cannot be blank.\"]}");
	expect_error(&counter, "POST", "/product_families/1/products.json",
	             "{'product':{'name':'B','price_in_cents':0,'interval':5,'interval_unit':'month'}}", 422,
	             "Interval: must be 1, 2, 3, 4, 6, 12, 18, 24 or 36 months, or 1, 7, 14, 30, 31, 60 or 90 days.");
	counter_expect(&counter, "POST", "/product_families.json", "{", 400);
	counter_expect(&counter, "GET", "/products/handle/basic", NULL, 404);
	counter_close(&counter);
}

TEST(a_uniqueness_token_is_good_once)
{
	struct counter counter;
	counter_open(&counter);
	const char *body = "{'uniqueness_token':'t1','product_family':{'name':'A'}}";
	counter_expect(&counter, "POST", "/product_families.json", body, 201);
	expect_error(&counter, "POST", "/product_families.json", body, 409, "DuplicatePrevention::DuplicateSubmissionError");
	expect_error(&counter, "POST", "/product_families.json", "{'uniqueness_token':'t1','product_family':{'name':'B'}}", 409,
	             "DuplicatePrevention::DuplicateSubmissionError");
	counter_expect(&counter, "GET", "/product_families.json", NULL, 200);
	CHECK(!counter_body_has(&counter, "\"B\""));
	counter_close(&counter);
}

/* Two subscriptions with seats and options each. */
static void subscribe_two(struct counter *counter)
{
	counter_expect(counter, "POST", "/product_families.json", "{'product_family':{'name':'Cloud'}}", 201);
	counter_expect(counter, "POST", "/product_families/1/products.json",
	               "{'product':{'name':'Basic','handle':'basic','price_in_cents':0,'interval':1,'interval_unit':'month'}}", 201);
	counter_expect(counter, "POST", "/product_families/1/quantity_based_components.json",
	               "{'quantity_based_component':{'name':'Seats','unit_name':'seat','pricing_scheme':'per_unit','unit_price':'1'}}", 201);
	counter_expect(counter, "POST", "/product_families/1/metered_components.json",
	               "{'metered_component':{'name':'Calls','unit_name':'call','pricing_scheme':'per_unit','unit_price':'1'}}", 201);
	for (int i = 0; i < 2; i++) {
		counter_expect(counter, "POST", "/subscriptions.json",
		               "{'subscription':{'product_handle':'basic','payment_collection_method':'remittance',"
		               "'customer_attributes':{'first_name':'A','last_name':'B','email':'a@example.org'}}}", 201);
		counter_expect(counter, "POST",
		               text_format(&counter->arena, "/subscriptions/%d/components/1/allocations.json", i + 1).data,
		               "{'allocation':{'quantity':3}}", 200);
		counter_expect(counter, "POST", text_format(&counter->arena, "/subscriptions/%d/components/2/usages.json", i + 1).data,
		               "{'usage':{'quantity':4}}", 200);
	}
}

TEST(a_page_past_the_end_is_empty_at_once_however_far)
{
	struct counter counter;
	counter_open(&counter);
	subscribe_two(&counter);
	counter_expect(&counter, "GET", "/subscriptions/1/components/1/allocations.json?page=1", NULL, 200);
	CHECK(counter_body_has(&counter, "\"quantity\":3"));
	counter_expect(&counter, "GET", "/subscriptions/1/components/1/allocations.json?page=9223372036854775807", NULL, 200);
	CHECK_EQ_TEXT(counter.reply.body, "[]");
	counter_expect(&counter, "GET", "/subscriptions/1/components/2/usages.json?page=9223372036854775807&per_page=200", NULL, 200);
	CHECK_EQ_TEXT(counter.reply.body, "[]");
	counter_expect(&counter, "GET", "/customers.json?page=9223372036854775807&per_page=200", NULL, 200);
	CHECK_EQ_TEXT(counter.reply.body, "[]");
	counter_close(&counter);
}

TEST(a_price_of_ones_own_is_named_by_the_id_that_was_shown_and_nobody_elses_is)
{
	struct counter counter;
	counter_open(&counter);
	subscribe_two(&counter);
	counter_expect(&counter, "POST", "/subscriptions/1/components/1/allocations.json",
	               "{'allocation':{'quantity':4,'custom_price':{'pricing_scheme':'per_unit','prices':[{'starting_quantity':1,'unit_price':'7'}]}}}", 200);
	const char *own = text_c(&counter.arena, counter_json(&counter, "allocation.price_point_id"));
	const char *body = text_format(&counter.arena, "{'allocation':{'quantity':5,'price_point_id':%s}}", own).data;
	counter_expect(&counter, "POST", "/subscriptions/1/components/1/allocations.json", body, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "allocation.price_point_id"), own);
	counter_expect(&counter, "POST", "/subscriptions/2/components/1/allocations.json", body, 422);
	counter_expect(&counter, "POST", "/subscriptions/1/components/2/usages.json",
	               text_format(&counter.arena, "{'usage':{'quantity':1,'price_point_id':'%s'}}", own).data, 422);
	counter_close(&counter);
}

static void expect_components(struct counter *counter, const char *query, const char *ids)
{
	struct text_builder found;
	builder_init(&found, &counter->arena, 0);
	counter_expect(counter, "GET", text_format(&counter->arena, "/subscriptions_components.json%s", query).data, NULL, 200);
	for (int64_t i = 0; i < counter_json_count(counter, "subscriptions_components"); i++)
		builder_format(&found, "%s%.*s", i ? " " : "",
		               TEXT_ARG(counter_json(counter, text_format(&counter->arena, "subscriptions_components.%lld.id", (long long)i).data)));
	CHECK_EQ_TEXT(builder_text(&found), ids);
}

TEST(components_of_the_site_are_in_order_whichever_way)
{
	struct counter counter;
	counter_open(&counter);
	subscribe_two(&counter);
	expect_components(&counter, "", "4 3 2 1");
	expect_components(&counter, "?direction=asc", "1 2 3 4");
	expect_components(&counter, "?sort=updated_at&direction=asc", "1 2 3 4");
	expect_components(&counter, "?direction=asc&page=2&per_page=3", "4");
	expect_components(&counter, "?subscription_ids=2%2C2%2C7", "4 3");
	expect_components(&counter, "?filter%5Buse_site_exchange_rate%5D=false", "");
	expect_components(&counter, "?product_family_ids=1&page=9223372036854775807", "");
	counter_close(&counter);
}

TEST(the_site_shows_what_the_tenants_settings_say_of_allocations)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "GET", "/site.json", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "site.allocation_settings.upgrade_charge"), "prorated");
	CHECK_EQ_TEXT(counter_json(&counter, "site.allocation_settings.downgrade_credit"), "none");
	CHECK_EQ_TEXT(counter_json(&counter, "site.allocation_settings.accrue_charge"), "true");
	counter_expect(&counter, "PATCH", "/v1/settings",
	               "{'components':{'upgrade_charge':'nothing','downgrade_credit':'full','accrue_charge':false}}", 200);
	counter_expect(&counter, "GET", "/site.json", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "site.allocation_settings.upgrade_charge"), "none");
	CHECK_EQ_TEXT(counter_json(&counter, "site.allocation_settings.downgrade_credit"), "full");
	CHECK_EQ_TEXT(counter_json(&counter, "site.allocation_settings.accrue_charge"), "false");
	counter_close(&counter);
}

CHECK_MAIN
