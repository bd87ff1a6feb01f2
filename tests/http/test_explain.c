/* test_explain.c: GET /v1/invoices/{id}/lines/{line}/explain. */
#include "counter.h"

#define ORDER                                                                                                \
	"{'account_id':1,'plan':'WHITE-LBL-A','status':'active','start_date':'2011-09-20','create_invoice':true,"  \
	"'lines':[{'price_code':'MNTHLY','quantity':'1'}]}"
#define CARD "'card':{'number':'4111111111111111','expiry':'2014-01-31'}"
#define EXPLAIN(line) "/v1/invoices/2396/lines/" line "/explain"

static void open_with_invoice(struct counter *counter)
{
	counter_open(counter);
	counter_expect(counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(counter, "POST", "/v1/orders", ORDER, 201);
}

TEST(a_line_is_explained_from_the_total_to_the_rule)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "GET", EXPLAIN("1"), NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "number"), "1019");
	CHECK_EQ_TEXT(counter_json(&counter, "total"), "60.50");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.1.amount"), "5.50");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.days"), "11");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.days_in_period"), "30");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.exact"), "55");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.steps.1.rule"), "proration/inclusive_days");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.steps.1.file"), "proration/inclusive_days.lua");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.steps.1.replayed"), "55.00 USD");
	CHECK(counter_body_has(&counter, "\"same\":true}"));
	CHECK(!counter_body_has(&counter, "\"same\":false"));
	counter_close(&counter);
}

TEST(the_line_is_the_one_of_the_path)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "GET", EXPLAIN("2"), NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "invoice_id"), "2396");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.position"), "2");
	CHECK_EQ_TEXT(counter_json(&counter, "explained.0.steps.0.text"), "10 % of 55");
	counter_close(&counter);
}

TEST(an_invoice_is_explained_as_a_whole_as_its_lines_are)
{
	struct counter counter;
	open_with_invoice(&counter);
	struct text lines[2];
	for (int i = 0; i < 2; i++) {
		counter_expect(&counter, "GET", i ? EXPLAIN("2") : EXPLAIN("1"), NULL, 200);
		const char *begin = strstr(counter.reply.body.data, "\"explained\":[") + strlen("\"explained\":[");
		lines[i] = text_copy(&counter.arena, (struct text){ begin, (size_t)(strrchr(begin, ']') - begin) });
	}
	counter_expect(&counter, "GET", "/v1/invoices/2396/explain", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "total"), "60.50");
	CHECK(counter_body_has(&counter, text_format(&counter.arena, "\"explained\":[%.*s,%.*s]", TEXT_ARG(lines[0]), TEXT_ARG(lines[1])).data));
	CHECK(counter_body_has(&counter, "\"same\":true}"));
	counter_expect(&counter, "GET", "/v1/invoices/77/explain", NULL, 404);
	CHECK(counter_body_has(&counter, "invoice 77 does not exist"));
	counter_close(&counter);
}

TEST(the_same_rows_are_explained_in_the_same_words_whenever_it_is_asked)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "GET", EXPLAIN("1"), NULL, 200);
	struct text before = text_copy(&counter.arena, counter.reply.body);
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-09-12T00:00:00Z'}", 200);
	counter_expect(&counter, "GET", EXPLAIN("1"), NULL, 200);
	CHECK(text_equals(counter.reply.body, before));
	counter_close(&counter);
}

TEST(credit_notes_and_credits_are_explained_as_well)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "POST", "/v1/payments", "{'account_id':1,'amount':'100','currency':'USD','auto_pay':1," CARD "}", 201);
	counter_expect(&counter, "POST", "/v1/invoices/2396/credit_notes", "{'items':[{'position':1,'amount':'5.00'}]}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "account_credit"), "5.50"); /* with the tax of it */
	counter_expect(&counter, "GET", "/v1/credit_notes/1/explain", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "number"), "CN-1");
	CHECK_EQ_TEXT(counter_json(&counter, "steps.0.rule"), "rounding/half_up");
	CHECK(!counter_body_has(&counter, "\"same\":false"));
	counter_expect(&counter, "GET", "/v1/credits/2/explain", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "steps.0.step"), "credit_note");
	counter_expect(&counter, "GET", "/v1/credits/9/explain", NULL, 404);
	counter_expect(&counter, "GET", "/v1/credit_notes/9/explain", NULL, 404);
	counter_expect(&counter, "POST", "/v1/credit_notes/1/void", "{}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "void");
	counter_expect(&counter, "POST", "/v1/credit_notes/1/void", "{}", 409);
	counter_close(&counter);
}

TEST(what_is_not_there_is_404_and_names_the_lines_that_are)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "GET", EXPLAIN("3"), NULL, 404);
	CHECK(counter_body_has(&counter, "invoice 1019 has no line 3"));
	CHECK(counter_body_has(&counter, "Its lines are 1 to 2."));
	counter_expect(&counter, "GET", EXPLAIN("0"), NULL, 404);
	counter_expect(&counter, "GET", EXPLAIN("x"), NULL, 404);
	counter_expect(&counter, "GET", "/v1/invoices/77/lines/1/explain", NULL, 404);
	counter_expect(&counter, "POST", EXPLAIN("1"), "{}", 405);
	counter_close(&counter);
}

CHECK_MAIN
