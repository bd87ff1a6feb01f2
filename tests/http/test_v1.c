/* test_v1.c: the native resources: what they answer, and what they refuse. */
#include "counter.h"

#include "http/health.h"

#include "base/log.h"
#include "event/gateway.h"

#define CARD "'card':{'number':'4111111111111111','cvv':'737','expiry':'2014-01-31'}"
#define LINES "'lines':[{'price_code':'MNTHLY','quantity':'1'}]"
#define ORDER "{'account_id':1,'plan':'WHITE-LBL-A','status':'active','start_date':'2011-09-20','create_invoice':true," LINES "}"

static void make_account(struct counter *counter)
{
	counter_expect(counter, "POST", "/v1/accounts", "{'name':'Ann','external_key':'ann'}", 201);
}

static void make_order(struct counter *counter)
{
	make_account(counter);
	counter_expect(counter, "POST", "/v1/orders", ORDER, 201);
}

/* ---- accounts, customers, plans ---- */

TEST(what_was_made_is_found_at_its_location)
{
	struct counter counter;
	counter_open(&counter);
	make_account(&counter);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/accounts/1");
	CHECK_EQ_TEXT(counter.reply.content_type, "application/json");
	struct text made = counter.reply.body;
	counter_expect(&counter, "GET", "/v1/accounts/1", NULL, 200);
	CHECK(text_equals(made, counter.reply.body));
	CHECK_EQ_TEXT(counter_json(&counter, "currency"), "USD");
	counter_close(&counter);
}

TEST(all_problems_of_a_body_come_at_once_with_their_pointers)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/accounts", "{'nmae':'Ann','bill_cycle_day':40,'address':{'zip':5}}", 422);
	CHECK_EQ_TEXT(counter.reply.content_type, "application/problem+json");
	CHECK_EQ_INT(counter_json_count(&counter, "errors"), 4);
	CHECK(counter_body_has(&counter, "\"/nmae\"") && counter_body_has(&counter, "\"/bill_cycle_day\""));
	CHECK(counter_body_has(&counter, "\"/address/zip\"") && counter_body_has(&counter, "\"/name\""));
	CHECK(counter_body_has(&counter, "did you mean 'name'?"));
	counter_close(&counter);
}

TEST(read_only_fields_in_bodies_are_refused)
{
	struct counter counter;
	counter_open(&counter);
	make_account(&counter);
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'status':'terminated'}", 422);
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'tenant_id':2}", 422);
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'id':2,'name':'Bob'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "read_only_field");
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'name':'Bob'}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "name"), "Bob");
	counter_close(&counter);
}

TEST(broken_bodies_are_400_with_line_and_column)
{
	struct counter counter;
	counter_open(&counter);
	static const char *const bodies[] = { "{", "[]x", "{'a':1,'a':2}", "nul", "{'n':01}" };
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		check_note("%s", bodies[i]);
		counter_expect(&counter, "POST", "/v1/accounts", bodies[i], 400);
		CHECK(counter_body_has(&counter, "line 1, column"));
	}
	counter_expect(&counter, "POST", "/v1/accounts", "[]", 422);
	counter_expect(&counter, "POST", "/v1/accounts", NULL, 422);
	counter_close(&counter);
}

TEST(an_address_is_put_and_a_customer_brings_its_account)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/customers", "{'name':'John','external_key':'J1'}", 201);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/customers/366");
	counter_expect(&counter, "PUT", "/v1/accounts/1/address", "{'address':{'city':'Lyon'}}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "address.city"), "Lyon");
	counter_expect(&counter, "GET", "/v1/customers?account_id=1", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.id"), "366");
	counter_expect(&counter, "GET", "/v1/customers?external_key=J1&account_id=2", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_expect(&counter, "POST", "/v1/customers", "{'name':'John','external_key':'J1'}", 409);
	counter_expect(&counter, "PATCH", "/v1/customers/366", "{'roles':'admin'}", 200);
	counter_expect(&counter, "POST", "/v1/customers/366/status", "{'status':'suspended'}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "suspended");
	counter_close(&counter);
}

TEST(plans_are_found_by_code)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "GET", "/v1/plans?code=SEATS", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.code"), "SEATS");
	struct text id = counter_json(&counter, "items.0.id");
	counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/plans/%.*s", TEXT_ARG(id)).data, NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "charges.0.tiers.1.price"), "120.95");
	counter_expect(&counter, "POST", "/v1/plans", "{'code':'P','charges':[{'price_code':'X','kind':'recurring'}]}",
	               422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.pointer"), "/charges/0/amount");
	counter_close(&counter);
}

/* ---- lists ---- */

TEST(pages_follow_each_other_by_their_cursors)
{
	struct counter counter;
	counter_open(&counter);
	for (int i = 0; i < 5; i++)
		counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	const char *target = "/v1/accounts?limit=2";
	int seen = 0;
	for (int page = 0; page < 3; page++) {
		counter_expect(&counter, "GET", target, NULL, 200);
		int64_t count = counter_json_count(&counter, "items");
		CHECK_EQ_INT(count, page == 2 ? 1 : 2);
		for (int i = 0; i < count; i++) {
			struct text id = counter_json(&counter, text_format(&counter.arena, "items.%d.id", i).data);
			CHECK_EQ_TEXT(id, text_from_int64(&counter.arena, ++seen).data);
		}
		struct text next = counter_json(&counter, "next");
		if (page == 2)
			CHECK_EQ_TEXT(next, "null");
		target = text_format(&counter.arena, "/v1/accounts?limit=2&cursor=%.*s", TEXT_ARG(next)).data;
	}
	counter_expect(&counter, "GET", "/v1/accounts?limit=5", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "next"), "null");
	counter_close(&counter);
}

TEST(cursors_are_checked)
{
	struct counter counter;
	counter_open(&counter);
	for (int i = 0; i < 3; i++)
		counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&counter, "GET", "/v1/accounts?limit=1", NULL, 200);
	struct text next = counter_json(&counter, "next");
	static const char *const bad[] = { "", "x", "1", "1-", "1-0000000000", "-1-0000000000" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/accounts?cursor=%s", bad[i]).data,
		               NULL, 400);
		CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "bad_cursor");
	}
	/* of another list, and of another tenant */
	counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/plans?cursor=%.*s", TEXT_ARG(next)).data, NULL,
	               400);
	counter.key = text_c(&counter.arena, counter_tenant(&counter, "other")->api_key);
	counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/accounts?cursor=%.*s", TEXT_ARG(next)).data,
	               NULL, 400);
	counter_close(&counter);
}

TEST(limits_and_filters_are_checked)
{
	struct counter counter;
	counter_open(&counter);
	static const char *const bad[] = { "/v1/accounts?limit=0", "/v1/accounts?limit=201", "/v1/accounts?limit=x",
		                           "/v1/accounts?limit=", "/v1/orders?status=Active", "/v1/orders?account_id=0",
		                           "/v1/invoices?status=open%20", "/v1/rule_runs?correlation_id=1",
		                           "/v1/events?after=-1" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("%s", bad[i]);
		counter_expect(&counter, "GET", bad[i], NULL, 400);
		CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "bad_parameter");
	}
	counter_expect(&counter, "GET", "/v1/orders?status=Active", NULL, 400);
	CHECK(counter_body_has(&counter, "one of: draft provisioning active"));
	counter_expect(&counter, "GET", "/v1/accounts?limit=200", NULL, 200);
	counter_close(&counter);
}

TEST(lists_of_an_account_need_the_account)
{
	struct counter counter;
	counter_open(&counter);
	static const char *const kinds[] = { "invoices", "payments", "orders", "subscriptions", "credits",
	                                     "payment_methods" };
	make_order(&counter);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		check_note("%s", kinds[i]);
		counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/accounts/1/%s", kinds[i]).data, NULL,
		               200);
		CHECK(counter_json_count(&counter, "items") <= 1);
		counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/accounts/9/%s", kinds[i]).data, NULL,
		               404);
	}
	counter_close(&counter);
}

/* ---- orders and invoices ---- */

TEST(an_order_is_placed_invoiced_changed_and_found)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/orders/381");
	counter_expect(&counter, "GET", "/v1/orders?number=1036", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.id"), "381");
	counter_expect(&counter, "GET", "/v1/invoices/2396", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "total"), "60.50");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.1.price_code"), "TAX");
	CHECK_EQ_TEXT(counter_json(&counter, "billing_end"), "2011-10-01");
	counter_expect(&counter, "GET", "/v1/invoices?status=open&account_id=1", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_expect(&counter, "GET", "/v1/subscriptions?account_id=1", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.plan"), "WHITE-LBL-A");
	counter_expect(&counter, "PATCH", "/v1/orders/381", "{'status':'suspended'}", 200);
	counter_expect(&counter, "POST", "/v1/orders/381/change",
	               "{'change_date':'2011-10-01','order':{'plan':'WHITE-LBL-B','start_date':'2011-10-01'," LINES "}}", 201);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/orders/382");
	CHECK_EQ_TEXT(counter_json(&counter, "supersedes_id"), "381");
	counter_expect(&counter, "GET", "/v1/orders/381", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "superseded");
	counter_close(&counter);
}

TEST(a_quote_keeps_nothing)
{
	struct counter counter;
	counter_open(&counter);
	make_account(&counter);
	counter_expect(&counter, "POST", "/v1/orders/quote", "{'plan':'SEATS','quantity':'60','tier_mode':'graduated'}",
	               200);
	CHECK_EQ_TEXT(counter_json(&counter, "total"), "7257.00");
	counter_expect(&counter, "GET", "/v1/orders", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_close(&counter);
}

TEST(deleting_an_order_is_204_and_an_invoiced_one_stays)
{
	struct counter counter;
	counter_open(&counter);
	make_account(&counter);
	counter_expect(&counter, "POST", "/v1/orders", "{'account_id':1,'plan':'WHITE-LBL-A'," LINES "}", 201);
	counter_expect(&counter, "DELETE", "/v1/orders/381", NULL, 204);
	CHECK_EQ_INT(counter.reply.body.length, 0);
	CHECK(!text_present(counter.reply.content_type));
	counter_expect(&counter, "GET", "/v1/orders/381", NULL, 404);
	counter_expect(&counter, "POST", "/v1/orders", ORDER, 201);
	counter_expect(&counter, "DELETE", "/v1/orders/382", NULL, 409);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "wrong_state");
	counter_expect(&counter, "POST", "/v1/invoices/2396/cancel", "{'suspend_orders':true}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "cancelled");
	counter_expect(&counter, "POST", "/v1/invoices/2396/cancel", NULL, 409);
	counter_close(&counter);
}

TEST(billing_by_hand_answers_the_invoice_or_nothing)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "POST", "/v1/accounts/1/bill", NULL, 204);
	counter_expect(&counter, "POST", "/v1/accounts/1/bill", "{'date':'2011-10-01'}", 201);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/invoices/2397");
	CHECK_EQ_TEXT(counter_json(&counter, "total"), "165.00");
	counter_expect(&counter, "POST", "/v1/accounts/9/bill", NULL, 404);
	counter_close(&counter);
}

/* ---- payments ---- */

/* Whether an answer says three digits anywhere but in its uuid, which has any three of them now and then. */
static bool payment_says(struct counter *counter, const char *digits)
{
	struct text uuid = counter_json(counter, "uuid"), body = counter->reply.body;
	char *copy = arena_alloc(&counter->arena, body.length);
	memcpy(copy, body.data, body.length);
	char *at = text_present(uuid) ? memmem(copy, body.length, uuid.data, uuid.length) : NULL;
	CHECK(at != NULL);
	memset(at, '-', uuid.length);
	return memmem(copy, body.length, digits, strlen(digits)) != NULL;
}

TEST(a_payment_answers_with_its_attempt_and_allocations)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "POST", "/v1/payments",
	               "{'account_id':1,'amount':'60.50','currency':'USD','auto_pay':1," CARD "}", 201);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/payments/213");
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "succeeded");
	CHECK_EQ_TEXT(counter_json(&counter, "attempts.0.id"), "192");
	CHECK_EQ_TEXT(counter_json(&counter, "allocations.0.amount"), "60.50");
	CHECK_EQ_TEXT(counter_json(&counter, "method_text"), "Visa: 1111");
	CHECK(!counter_body_has(&counter, "4111111111111111") && !payment_says(&counter, "737"));
	CHECK(payment_says(&counter, "213")); /* control */
	counter_expect(&counter, "GET", "/v1/payments/213", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "attempts.0.status"), "approved");
	counter_expect(&counter, "GET", "/v1/accounts/1/payment_methods", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.last_four"), "1111");
	CHECK(!counter_body_has(&counter, "token\""));
	counter_close(&counter);
}

TEST(a_declined_payment_is_201_with_its_attempt)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "POST", "/v1/payments",
	               "{'account_id':1,'amount':'60.50','currency':'USD','card':{'number':'4000000000000002',"
	               "'expiry':'2014-01-31'}}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "failed");
	CHECK_EQ_TEXT(counter_json(&counter, "attempts.0.status"), "declined");
	counter_close(&counter);
}

TEST(a_card_that_is_wrong_is_refused_without_its_number)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "POST", "/v1/payments",
	               "{'account_id':1,'amount':'1','currency':'USD','card':{'number':'4111111111111112','expiry':'2014-01-31'}}",
	               422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.pointer"), "/card/number");
	CHECK(!counter_body_has(&counter, "4111"));
	counter_expect(&counter, "POST", "/v1/payments",
	               "{'account_id':1,'amount':'1','currency':'USD','card':{'number':4111111111111111,'expiry':'2014-01-31'}}",
	               422);
	CHECK(!counter_body_has(&counter, "4111"));
	counter_close(&counter);
}

/* ---- idempotency and dry runs ---- */

TEST(a_repeated_key_gives_the_same_answer_and_does_nothing)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Idempotency-Key", "k1");
	make_account(&counter);
	CHECK(!text_present(counter_reply_header(&counter, "Idempotency-Replayed")));
	struct text first = counter.reply.body;
	counter_header(&counter, "Idempotency-Key", "k1");
	make_account(&counter);
	CHECK(text_equals(first, counter.reply.body));
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Idempotency-Replayed"), "true");
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), "/v1/accounts/1");
	counter_expect(&counter, "GET", "/v1/accounts", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_close(&counter);
}

TEST(a_clock_is_moved_once_for_a_key)
{
	static const char first[] = "{'now':'2011-10-01T06:00:00Z'}", later[] = "{'now':'2011-11-01T06:00:00Z'}";
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	for (int repeat = 0; repeat < 2; repeat++) {
		counter_header(&counter, "Idempotency-Key", "k1");
		counter_expect(&counter, "PUT", "/v1/clock", first, 200);
		CHECK_EQ_TEXT(counter_json(&counter, "now"), "2011-10-01T06:00:00Z");
		CHECK_EQ_INT(text_present(counter_reply_header(&counter, "Idempotency-Replayed")), repeat);
		counter_expect(&counter, "PUT", "/v1/clock", later, 200);
	}
	counter_header(&counter, "Idempotency-Key", "k1");
	counter_expect(&counter, "PUT", "/v1/clock", later, 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "idempotency_mismatch");
	for (int repeat = 0; repeat < 2; repeat++) {
		counter_header(&counter, "Idempotency-Key", "k2");
		counter_expect(&counter, "PUT", "/v1/clock", first, 409);
		CHECK_EQ_INT(text_present(counter_reply_header(&counter, "Idempotency-Replayed")), repeat);
	}
	counter_header(&counter, "Idempotency-Key", "k3");
	counter_header(&counter, "If-Match", "\"old\"");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-11-02T00:00:00Z'}", 412);
	counter_header(&counter, "Idempotency-Key", "k3");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-11-02T00:00:00Z'}", 200);
	CHECK(!text_present(counter_reply_header(&counter, "Idempotency-Replayed")));
	CHECK(text_present(counter_reply_header(&counter, "ETag")));
	counter_close(&counter);
}

TEST(a_header_that_decides_what_a_write_does_is_given_once)
{
	static const char *const names[] = { "Idempotency-Key", "Dry-Run" };
	struct counter counter;
	counter_open(&counter);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		counter_header(&counter, names[i], "true");
		counter_header(&counter, names[i], "false");
		counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 400);
		CHECK(counter_body_has(&counter, names[i]));
	}
	counter_expect(&counter, "GET", "/v1/accounts", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_close(&counter);
}

TEST(a_key_belongs_to_one_request)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Idempotency-Key", "k1");
	make_account(&counter);
	static const struct {
		const char *target, *body;
	} others[] = {
		{ "/v1/accounts", "{'name':'Bob','external_key':'ann'}" },
		{ "/v1/customers", "{'name':'Ann','external_key':'ann'}" },
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		counter_header(&counter, "Idempotency-Key", "k1");
		counter_expect(&counter, "POST", others[i].target, others[i].body, 422);
		CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "idempotency_mismatch");
	}
	/* another tenant's same key is another key */
	counter.key = text_c(&counter.arena, counter_tenant(&counter, "other")->api_key);
	counter_header(&counter, "Idempotency-Key", "k1");
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Bob'}", 201);
	counter_close(&counter);
}

TEST(a_refusal_by_state_is_repeated_and_a_broken_body_is_not_kept)
{
	struct counter counter;
	counter_open(&counter);
	make_account(&counter);
	for (int i = 0; i < 2; i++) {
		counter_header(&counter, "Idempotency-Key", "dup");
		counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann','external_key':'ann'}", 409);
		CHECK_EQ_INT(text_present(counter_reply_header(&counter, "Idempotency-Replayed")), i);
	}
	counter_header(&counter, "Idempotency-Key", "later");
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':5}", 422);
	counter_header(&counter, "Idempotency-Key", "later");
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Bob'}", 201);
	counter_close(&counter);
}

TEST(names_are_not_empty)
{
	static const struct {
		const char *path, *body, *pointer;
	} refused[] = {
		{ "/v1/accounts", "{'name':''}", "/name" },
		{ "/v1/customers", "{'name':''}", "/name" },
		{ "/v1/plans", "{'code':'','charges':[{'price_code':'M','kind':'recurring','amount':'1'}]}", "/code" },
		{ "/v1/plans", "{'code':'A','charges':[{'price_code':'','kind':'recurring','amount':'1'}]}", "/charges/0/price_code" },
	};
	struct counter counter;
	counter_open(&counter);
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		counter_expect(&counter, "POST", refused[i].path, refused[i].body, 422);
		CHECK(counter_body_has(&counter, "has 0 bytes, 1 are needed"));
		CHECK(counter_body_has(&counter, refused[i].pointer));
	}
	make_account(&counter);
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'name':''}", 422);
	counter_close(&counter);
}

TEST(keys_of_payments_do_not_see_the_card_and_charge_once)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	for (int i = 0; i < 3; i++) {
		counter_header(&counter, "Idempotency-Key", "pay");
		counter_expect(&counter, "POST", "/v1/payments",
		               "{'account_id':1,'amount':'10','currency':'USD'," CARD "}", 201);
		CHECK_EQ_TEXT(counter_json(&counter, "id"), "213");
	}
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(counter.engine), counter.tenant_id), 1);
	counter_close(&counter);
}

TEST(keys_are_checked_first)
{
	struct counter counter;
	counter_open(&counter);
	char *long_key = calloc(1, 257);
	memset(long_key, 'k', 256);
	const char *const bad[] = { "", long_key, "a\tb", "caf\xc3\xa9" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		counter_header(&counter, "Idempotency-Key", bad[i]);
		counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 400);
		CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "bad_idempotency_key");
	}
	long_key[255] = '\0';
	counter_header(&counter, "Idempotency-Key", long_key);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	free(long_key);
	counter_close(&counter);
}

TEST(a_dry_run_tells_what_would_be_and_keeps_nothing)
{
	struct counter counter;
	counter_open(&counter);
	make_account(&counter);
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "POST", "/v1/orders", ORDER, 200);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Dry-Run"), "true");
	CHECK(!text_present(counter_reply_header(&counter, "Location")));
	CHECK_EQ_TEXT(counter_json(&counter, "dry_run"), "true");
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "201");
	CHECK_EQ_TEXT(counter_json(&counter, "result.number"), "1036");
	CHECK_EQ_TEXT(counter_json(&counter, "events.0.name"), "order.create");
	CHECK_EQ_TEXT(counter_json(&counter, "events.0.kind"), "pre");
	counter_expect(&counter, "GET", "/v1/orders", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);

	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "DELETE", "/v1/orders/1", NULL, 404);
	counter_header(&counter, "Dry-Run", "yes");
	counter_expect(&counter, "POST", "/v1/orders", ORDER, 400);
	counter_expect(&counter, "POST", "/v1/orders", ORDER, 201);
	CHECK_EQ_TEXT(counter_json(&counter, "number"), "1036");
	counter_close(&counter);
}

static bool tells_event(struct counter *counter, const char *name)
{
	return counter_body_has(counter, text_format(&counter->arena, "\"name\":\"%s\"", name).data);
}

TEST(a_clock_that_is_tried_tells_what_is_due_on_the_way_and_stays)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-12-01T06:00:00Z'}", 200);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Dry-Run"), "true");
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "200");
	CHECK_EQ_TEXT(counter_json(&counter, "result.now"), "2011-12-01T06:00:00Z");
	CHECK_EQ_TEXT(counter_json(&counter, "events.0.name"), "clock.heartbeat");
	CHECK(tells_event(&counter, "invoice.create"));
	int64_t events = counter_json_count(&counter, "events");
	counter_expect(&counter, "GET", "/v1/clock", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "now"), "2011-09-06T15:00:00Z");
	counter_expect(&counter, "GET", "/v1/invoices?number=1020", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);

	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-12-01T06:00:00Z'}", 200);
	counter_expect(&counter, "GET", "/v1/invoices?number=1020", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	CHECK(events > 3);
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-09-01T00:00:00Z'}", 409);
	counter_close(&counter);
}

TEST(what_is_too_much_to_try_at_once_is_refused_with_its_bound)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2061-10-01T06:00:00Z'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "too_many");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.pointer"), "/now");
	CHECK(counter_body_has(&counter, "more than 250 jobs and heartbeats"));
	counter_close(&counter);
}

TEST(a_word_that_is_no_answer_to_dry_run_is_refused)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Dry-Run", "yes");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-10-01T06:00:00Z'}", 400);
	counter_expect(&counter, "GET", "/v1/clock", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "now"), "2011-09-06T15:00:00Z");
	counter_close(&counter);
}

/* ---- journal, audit, jobs ---- */

TEST(events_are_read_after_a_serial)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "GET", "/v1/events", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.event"), "account.create");
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.serial"), "1");
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.payload.account.name"), "Ann");
	int64_t all = counter_json_count(&counter, "items");
	counter_expect(&counter, "GET", "/v1/events?after=1", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), all - 1);
	counter_expect(&counter, "GET", "/v1/events?event=invoice.create&account_id=1", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_expect(&counter, "GET", "/v1/events?limit=1&after=1", NULL, 200);
	struct text next = counter_json(&counter, "next");
	counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/events?limit=1&after=1&cursor=%.*s",
	                                            TEXT_ARG(next)).data,
	               NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.serial"), "3");
	counter_expect(&counter, "GET", "/v1/events/2", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "event"), "order.calculate");
	counter_expect(&counter, "GET", "/v1/events/999", NULL, 404);
	counter_close(&counter);
}

TEST(audit_rows_tell_who_from_where_and_how_it_ended)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "X-Request-Id", "r1");
	make_account(&counter);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann','external_key':'ann'}", 409);
	counter_expect(&counter, "GET", "/v1/audit?command=account.create", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.actor"), "key:first");
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.remote"), "192.0.2.1");
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.request_id"), "r1");
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.outcome"), "done");
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.outcome"), "rejected");
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.code"), "duplicate");
	counter_close(&counter);
}

static void check_name_refused(struct counter *counter, const char *path, const char *nearest)
{
	counter_expect(counter, "GET", path, NULL, 400);
	CHECK_EQ_TEXT(counter_json(counter, "errors.0.code"), "bad_parameter");
	if (!counter_body_has(counter, nearest))
		CHECK_FAIL("%s does not tell %s", path, nearest);
}

/* A filter that nothing can meet would look like an empty list. */
TEST(a_filter_by_a_name_that_does_not_exist_tells_the_nearest)
{
	struct counter counter;
	counter_open(&counter);
	check_name_refused(&counter, "/v1/audit?command=acount.create", "account.create");
	check_name_refused(&counter, "/v1/events?event=invoice.crate", "invoice.create");
	check_name_refused(&counter, "/v1/jobs?status=dedd", "dead");
	counter_expect(&counter, "GET", "/v1/audit?command=clock.advance", NULL, 200);
	counter_expect(&counter, "GET", "/v1/audit?command=rule.post", NULL, 200);
	counter_expect(&counter, "GET", "/v1/audit?command=invoice.run", NULL, 200);
	counter_expect(&counter, "GET", "/v1/events?event=clock.heartbeat", NULL, 200);
	counter_close(&counter);
}

/* Nobody knows the key of a body that cannot be read: what is wrong with it comes first, and the key keeps its answer. */
TEST(a_body_that_is_wrong_is_told_before_its_key_is_looked_up)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Idempotency-Key", "k");
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_header(&counter, "Idempotency-Key", "k");
	counter_expect(&counter, "POST", "/v1/accounts", "{'nmae':'Ann'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "unknown_field");
	counter_header(&counter, "Idempotency-Key", "k");
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Bob'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "idempotency_mismatch");
	counter_header(&counter, "Idempotency-Key", "k");
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "id"), "1");
	counter_close(&counter);
}

TEST(jobs_and_runs_of_rules_are_listed)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "GET", "/v1/jobs?status=due&account_id=1", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.kind"), "account.bill");
	counter_expect(&counter, "GET", "/v1/jobs?status=dead", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_expect(&counter, "POST", "/v1/jobs/999/retry", "{}", 404);
	CHECK(counter_body_has(&counter, "999"));
	counter_expect(&counter, "POST", "/v1/jobs/1/retry", "{}", 409); /* it is due, not dead */
	counter_expect(&counter, "GET", "/v1/rule_runs?limit=1", NULL, 200);
	struct text correlation = counter_json(&counter, "items.0.correlation_id");
	counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/rule_runs?correlation_id=%.*s",
	                                            TEXT_ARG(correlation)).data,
	               NULL, 200);
	CHECK(counter_json_count(&counter, "items") >= 1);
	counter_expect(&counter, "GET", "/v1/deliveries", NULL, 200);
	counter_close(&counter);
}

/* ---- tenant, settings, clock, bundle ---- */

TEST(settings_are_replaced_or_laid_over)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "PUT", "/v1/settings", "{'billing':{'day':5,'due_days':14}}", 200);
	counter_expect(&counter, "PATCH", "/v1/settings", "{'billing':{'day':6}}", 200);
	counter_expect(&counter, "GET", "/v1/settings", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "settings.billing.day"), "6");
	CHECK_EQ_TEXT(counter_json(&counter, "effective.billing.due_days"), "14");
	counter_expect(&counter, "PUT", "/v1/settings", "{}", 200);
	CHECK_EQ_TEXT(counter.reply.body, "{\"settings\":{}}");
	counter_expect(&counter, "PUT", "/v1/settings", "{'billing':{'dya':5}}", 422);
	CHECK(counter_body_has(&counter, "did you mean 'day'?"));
	counter_expect(&counter, "GET", "/v1/tenant", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "name"), "acme");
	counter_close(&counter);
}

TEST(moving_the_clock_runs_what_is_due)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "GET", "/v1/clock", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "now"), "2011-09-06T15:00:00Z");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-10-01T06:00:00Z'}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "now"), "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(counter_json(&counter, "mode"), "test");
	counter_expect(&counter, "GET", "/v1/invoices?number=1020", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.total"), "165.00");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-09-01T00:00:00Z'}", 409);
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'yesterday'}", 422);
	counter_expect(&counter, "PUT", "/v1/clock", "{}", 422);
	counter_close(&counter);
}

#define BUNDLE                                                                                                              \
	"{'files':{'bundle.json':'{\\'name\\':\\'b\\'}','rules/a.lua':"                                                     \
	"'rule \\'no bobs\\' { pre = \\'account.create\\', run = function (account, ctx) if account.name == \\'Bob\\' "     \
	"then ctx:reject(\\'no_bobs\\', \\'Bobs are not served.\\') end end }\\n'}}"

TEST(a_bundle_is_put_read_and_its_rules_judge)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "GET", "/v1/bundle", NULL, 404);
	counter_expect(&counter, "GET", "/v1/rules", NULL, 404);
	counter_expect(&counter, "PUT", "/v1/bundle", BUNDLE, 200);
	struct text digest = counter_json(&counter, "digest");
	counter_expect(&counter, "GET", "/v1/bundle", NULL, 200);
	CHECK(text_equals(counter_json(&counter, "digest"), digest));
	counter_expect(&counter, "GET", "/v1/rules", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.name"), "no bobs");
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.moment"), "pre");
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.events.0"), "account.create");
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Bob'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "rejected");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.detail_code"), "no_bobs");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.message"), "Bobs are not served.");
	counter_expect(&counter, "PUT", "/v1/bundle", "{'files':{'bundle.json':'{}','rules/a.lua':'rule {'}}", 422);
	counter_expect(&counter, "PUT", "/v1/bundle", NULL, 400);
	counter_close(&counter);
}

/* ---- memory that runs out ---- */

static int status_when_allocation_fails(struct counter *counter, const char *method, const char *target,
                                        const char *body, long nth, bool sticky)
{
	struct arena arena;
	struct http_reply reply;
	struct http_field key = { TEXT("Authorization"), text_format(&counter->arena, "Bearer %s", counter->key) };
	struct http_request request = { .arena = &arena, .method = text_of(method), .target = text_of(target),
		                        .body = text_of(body), .headers = &key, .header_count = 1 };
	CHECK(arena_init(&arena, 4 * 1024 * 1024));
	memory_fail_after(nth, sticky);
	http_handle_wait(counter->application, &request, &reply);
	memory_fail_after(0, false);
	check_note("%s, allocation %ld: %d %.*s", target, nth, reply.status, TEXT_ARG(reply.body));
	int status = reply.status;
	arena_finish(&arena);
	return status;
}

TEST(an_allocation_that_fails_is_a_503_and_harms_nothing)
{
	static const struct {
		const char *method, *target, *body;
	} requests[] = {
		{ "POST", "/v1/accounts", "{\"name\":\"Ann\"}" },
		{ "GET", "/v1/accounts", "" },
		{ "POST", "/v1/orders/quote", "{\"plan\":\"SEATS\",\"quantity\":\"60\"}" },
		{ "GET", "/rest/plans", "" },
	};
	struct counter counter;
	log_set_level(LOG_OFF);
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/orders/quote", "{'plan':'SEATS'}",
	               200); /* compiles the shipped policies */
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		int failures = 0;
		for (long nth = 1; nth <= 40; nth++) {
			int status = status_when_allocation_fails(&counter, requests[i].method, requests[i].target,
			                                          requests[i].body, nth, nth % 2 == 0);
			CHECK(status == 200 || status == 201 || status == 503);
			failures += status == 503;
		}
		CHECK(failures > 0);
		counter_expect(&counter, "GET", "/v1/tenant", NULL, 200);
	}
	counter_close(&counter);
}

/* ---- tenants ---- */

TEST(what_belongs_to_another_tenant_does_not_exist)
{
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "POST", "/v1/payments",
	               "{'account_id':1,'amount':'10','currency':'USD','auto_pay':1," CARD "}", 201);
	counter.key = text_c(&counter.arena, counter_tenant(&counter, "other")->api_key);
	static const struct {
		const char *method, *target, *body;
	} requests[] = {
		{ "GET", "/v1/accounts/1", NULL },        { "PATCH", "/v1/accounts/1", "{'name':'x'}" },
		{ "GET", "/v1/orders/381", NULL },        { "PATCH", "/v1/orders/381", "{'status':'suspended'}" },
		{ "DELETE", "/v1/orders/381", NULL },     { "GET", "/v1/invoices/2396", NULL },
		{ "POST", "/v1/invoices/2396/cancel", NULL }, { "GET", "/v1/payments/213", NULL },
		{ "GET", "/v1/subscriptions/1", NULL },   { "GET", "/v1/events/1", NULL },
		{ "GET", "/v1/accounts/1/invoices", NULL }, { "GET", "/v1/plans/1", NULL },
		{ "POST", "/v1/accounts/1/bill", NULL },  { "GET", "/rest/order/381", NULL },
		{ "GET", "/rest/invoice?invoiceNumber=1019", NULL }, { "DELETE", "/rest/invoice/2396", NULL },
		{ "GET", "/rest/payment/213", NULL },
	};
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		check_note("%s %s", requests[i].method, requests[i].target);
		counter_expect(&counter, requests[i].method, requests[i].target, requests[i].body, 404);
	}
	static const char *const lists[] = { "accounts", "customers", "plans", "orders", "subscriptions", "invoices",
	                                     "payments", "credits", "events", "rule_runs", "jobs", "deliveries" };
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		check_note("%s", lists[i]);
		counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/%s", lists[i]).data, NULL, 200);
		CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	}
	counter_close(&counter);
}

/* ---- one row of a list ---- */

static const struct {
	const char *list, *key, *scope;
} listed[] = {
	{ "events", "serial", "read" }, { "audit", "id", "admin" },     { "keys", "id", "admin" },  { "credits", "id", "read" },
	{ "rule_runs", "id", "read" },  { "deliveries", "id", "read" }, { "jobs", "id", "read" },
};

enum { LISTED_COUNT = sizeof listed / sizeof *listed };

/* The address of the last row of the list, which answers with what the list shows of it. */
static const char *last_row(struct counter *counter, size_t which)
{
	check_note("%s", listed[which].list);
	counter_expect(counter, "GET", text_format(&counter->arena, "/v1/%s", listed[which].list).data, NULL, 200);
	struct text list = counter->reply.body;
	int64_t last = counter_json_count(counter, "items") - 1;
	CHECK(last >= 0);
	const char *member = text_format(&counter->arena, "items.%lld.%s", (long long)last, listed[which].key).data;
	struct text id = counter_json(counter, member);
	const char *target = text_format(&counter->arena, "/v1/%s/%.*s", listed[which].list, TEXT_ARG(id)).data;
	counter_expect(counter, "GET", target, NULL, 200);
	CHECK(memmem(list.data, list.length, counter->reply.body.data, counter->reply.body.length) != NULL);
	return target;
}

TEST(a_row_of_a_list_is_found_by_its_id_under_the_scope_of_the_list_by_its_tenant_only)
{
	const char *targets[LISTED_COUNT];
	struct counter counter;
	counter_open(&counter);
	make_order(&counter);
	counter_expect(&counter, "POST", "/v1/payments",
	               "{'account_id':1,'amount':'100','currency':'USD','auto_pay':1," CARD "}", 201);
	counter_expect(&counter, "POST", "/v1/keys", "{'name':'reader','scopes':'read'}", 201);
	const char *admin = counter.key, *reader = text_c(&counter.arena, counter_json(&counter, "api_key"));
	for (size_t i = 0; i < LISTED_COUNT; i++) {
		counter.key = admin;
		targets[i] = last_row(&counter, i);
		CHECK(!counter_body_has(&counter, "secret"));
		counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/%s/999999", listed[i].list).data, NULL, 404);
		counter.key = reader;
		counter_expect(&counter, "GET", targets[i], NULL, strcmp(listed[i].scope, "read") == 0 ? 200 : 403);
	}
	counter.key = text_c(&counter.arena, counter_tenant(&counter, "other")->api_key);
	for (size_t i = 0; i < LISTED_COUNT; i++) {
		check_note("%s", targets[i]);
		counter_expect(&counter, "GET", targets[i], NULL, 404);
	}
	counter_close(&counter);
}

/* ---- readiness ---- */

TEST(a_server_that_stops_lives_but_is_not_ready)
{
	struct counter counter;
	counter_open(&counter);
	counter.key = NULL;
	counter_expect(&counter, "GET", "/readyz", NULL, 200);
	http_application_stopping(counter.application);
	counter_expect(&counter, "GET", "/readyz", NULL, 503);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "not_ready");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.message"), "the server is stopping");
	counter_expect(&counter, "GET", "/healthz", NULL, 200);
	counter_close(&counter);
}

/* ---- API keys ---- */

TEST(an_admin_makes_lists_rotates_and_revokes_keys)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/keys", "{'name':'ci','scopes':'read'}", 201);
	const char *old = text_c(&counter.arena, counter_json(&counter, "api_key"));
	const char *id = text_c(&counter.arena, counter_json(&counter, "id"));
	const char *admin = counter.key;
	const char *rotate = text_format(&counter.arena, "/v1/keys/%s/rotate", id).data;
	counter_expect(&counter, "POST", rotate, "{'grace_seconds':60}", 201);
	const char *next = text_c(&counter.arena, counter_json(&counter, "api_key"));
	const char *next_id = text_c(&counter.arena, counter_json(&counter, "id"));
	const char *const both[] = { old, next };
	for (size_t i = 0; i < 2; i++) {
		counter.key = both[i];
		counter_expect(&counter, "GET", "/v1/tenant", NULL, 200);
		counter_expect(&counter, "GET", "/v1/keys", NULL, 403);
		counter_expect(&counter, "POST", rotate, "{}", 403);
	}
	counter.key = admin;
	counter_expect(&counter, "GET", "/v1/keys", NULL, 200);
	CHECK(strstr(counter.reply.body.data, "expires_at") != NULL);
	CHECK(strstr(counter.reply.body.data, "digest") == NULL && strstr(counter.reply.body.data, next) == NULL);
	counter_expect(&counter, "POST", text_format(&counter.arena, "/v1/keys/%s/revoke", next_id).data, "{}", 200);
	counter_expect(&counter, "GET", "/v1/audit?command=key.rotate", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.outcome"), "done");
	CHECK(strstr(counter.reply.body.data, next) == NULL);
	counter_close(&counter);
}

/* How GET /v1/tenant is answered to a key. */
static int status_for(struct counter *counter, const char *key)
{
	const char *before = counter->key;
	counter->key = key;
	counter_send(counter, "GET", "/v1/tenant", NULL);
	counter->key = before;
	return counter->reply.status;
}

/* Both keys and answers are kept between requests. */
TEST(a_key_that_was_used_opens_nothing_once_its_end_is_answered)
{
	static const char *const ends[][2] = { { "revoke", "{}" }, { "rotate", "{'grace_seconds':0}" } };
	struct counter counter;
	counter_open(&counter);
	for (size_t i = 0; i < 2; i++) {
		counter_expect(&counter, "POST", "/v1/keys", "{'name':'ci','scopes':'read'}", 201);
		const char *key = text_c(&counter.arena, counter_json(&counter, "api_key"));
		const char *end = text_format(&counter.arena, "/v1/keys/%.*s/%s", TEXT_ARG(counter_json(&counter, "id")),
		                              ends[i][0]).data;
		CHECK_EQ_INT(status_for(&counter, key), 200);
		CHECK_EQ_INT(status_for(&counter, key), 200);
		counter_header(&counter, "Dry-Run", "true");
		counter_expect(&counter, "POST", end, ends[i][1], 200);
		CHECK_EQ_INT(status_for(&counter, key), 200);
		counter_send(&counter, "POST", end, ends[i][1]);
		CHECK(counter.reply.status < 300);
		CHECK_EQ_INT(status_for(&counter, key), 401);
		CHECK_EQ_INT(status_for(&counter, counter.key), 200);
	}
	counter_close(&counter);
}

TEST(keys_of_another_tenant_do_not_exist)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/keys", "{'name':'ci'}", 201);
	counter.key = text_c(&counter.arena, counter_tenant(&counter, "other")->api_key);
	counter_expect(&counter, "POST", "/v1/keys/2/rotate", "{}", 404);
	counter_expect(&counter, "POST", "/v1/keys/2/revoke", "{}", 404);
	counter_expect(&counter, "GET", "/v1/keys", NULL, 200);
	CHECK(strstr(counter.reply.body.data, "\"ci\"") == NULL);
	counter_close(&counter);
}

TEST(a_key_does_not_shut_itself_out)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/keys/1/revoke", "{}", 409);
	counter_expect(&counter, "POST", "/v1/keys/1/rotate", "{'grace_seconds':59}", 422);
	counter_expect(&counter, "POST", "/v1/keys/1/rotate", "{'grace_seconds':60}", 201);
	counter_expect(&counter, "POST", "/v1/keys/1/rotate", "{'id':2}", 422);
	counter_expect(&counter, "POST", "/v1/keys/99/rotate", "{}", 404);
	counter_close(&counter);
}

TEST(the_text_of_a_key_is_not_kept_for_repeats)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Idempotency-Key", "k1");
	counter_expect(&counter, "POST", "/v1/keys", "{'name':'ci'}", 400);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "bad_idempotency_key");
	counter_header(&counter, "Idempotency-Key", "k1");
	counter_expect(&counter, "POST", "/v1/keys/1/rotate", "{}", 400);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "bad_idempotency_key");
	counter_expect(&counter, "GET", "/openapi.json", NULL, 200); /* does not offer one */
	CHECK_EQ_TEXT(counter_json(&counter, "paths./v1/keys.post.parameters.0.$ref"), "#/components/parameters/Dry-Run");
	CHECK_EQ_TEXT(counter_json(&counter, "paths./v1/accounts.post.parameters.0.$ref"),
	              "#/components/parameters/Idempotency-Key");
	counter_close(&counter);
}

CHECK_MAIN
