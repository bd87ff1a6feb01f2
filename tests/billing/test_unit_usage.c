/* test_unit_usage.c: usage of units from the report to the invoice: windows, late records, removals, refusals. */
#include "shop.h"

#include "billing/explain.h"
#include "billing/unit_usage.h"

/* ---- a shop that meters calls and users ---- */

#define PRICE(amount) "'prices':[{'currency':'USD','amount':'" amount "'}]"
#define CALLS(price) \
	"{'name':'calls','kind':'consumable','billing_period':'monthly','tiers':[" \
	"{'blocks':[{'unit':'call','size':'10','max_blocks':'3'," PRICE(price) "}]}," \
	"{'blocks':[{'unit':'call','size':'100'," PRICE("2.50") "}]}]}"
#define USERS \
	"{'name':'users','kind':'capacity','billing_period':'monthly','tiers':[" \
	"{'limits':[{'unit':'user','max':'5'}]," PRICE("10") "},{'limits':[{'unit':'user','max':'20'}]," PRICE("30") "}]}"
#define PLAN(code, usages) \
	"{'code':'" code "','product':'phone','phases':[{'kind':'evergreen','duration_unit':'unlimited','usages':[" usages "]}]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v','products':[{'name':'phone','category':'standalone'}]," \
	"'plans':[" PLAN("calls", CALLS("1.00")) "," PLAN("dear", CALLS("2.00")) "," PLAN("both", CALLS("1.00") "," USERS) "," \
	PLAN("users", USERS) "," PLAN("fine", CALLS("0.004")) "," PLAN("odd", CALLS("0.346")) "]}]}"

/* Account 1 in New York with cycles from the first, subscribed since 6 September at 15:00 UTC. */
static void open_metered(struct desk *desk, const char *settings, const char *plan)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	desk_do(desk, "account.create",
	        "{'name':'Ann','currency':'USD','time_zone':'America/New_York','bill_cycle_day':1}");
	desk_do(desk, "subscription.subscribe", text_format(&desk->arena, "{'account_id':1,'plan':'%s'}", plan).data);
	desk->event_count = 0;
}

#define RECORD(records) "{'subscription_id':1,'records':[" records "]}"
#define USED(unit, quantity, at) "{'unit':'" unit "','quantity':'" quantity "','occurred_at':'" at "'}"

static void record(struct desk *desk, const char *input)
{
	desk_do(desk, "usage.record_units", input);
}

/* Every usage line, oldest first: "calls 2011-09-06 2011-10-01 3.00; ..." */
static bool lines_body(struct command *command, void *context)
{
	struct text_builder *out = context;
	struct invoice_list invoices = { 0 };
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	CHECK(invoice_page(command, &all, &invoices));
	for (size_t i = invoices.count; i-- > 0;) {
		struct invoice *invoice;
		CHECK(invoice_find(command, invoices.items[i].id, &invoice));
		for (size_t j = 0; j < invoice->lines.count; j++) {
			const struct invoice_line *line = &invoice->lines.items[j];
			builder_format(out, "%.*s %.*s %.*s %.*s; ", TEXT_ARG(line->usage_section),
			               TEXT_ARG(date_text(command->arena, line->period_start)),
			               TEXT_ARG(date_text(command->arena, line->period_end)),
			               TEXT_ARG(money_amount_text(command->arena, line->amount)));
		}
	}
	return true;
}

static struct text lines(struct desk *desk)
{
	return desk_told(desk, lines_body);
}

/* Every record, oldest first: "25 billed; ..." */
static bool records_body(struct command *command, void *context)
{
	struct text_builder *out = context;
	struct unit_usage_filter all = { .object = { .account_id = 1, .max = OBJECT_PAGE_MAX }, .subscription_id = 1 };
	struct unit_usage_rows rows = { 0 };
	CHECK(unit_usage_page(command, &all, &rows));
	for (size_t i = rows.count; i-- > 0;)
		builder_format(out, "%.*s %s; ", TEXT_ARG(decimal_text(command->arena, rows.items[i].quantity)),
		               unit_usage_record.fields[UNIT_USAGE_FIELD_STATUS].words[rows.items[i].status]);
	return true;
}

static struct text records(struct desk *desk)
{
	return desk_told(desk, records_body);
}

#define SEPTEMBER "calls 2011-09-06 2011-10-01 "
#define OCTOBER "calls 2011-10-01 2011-11-01 "

/* ---- windows ---- */

TEST(a_window_is_billed_once_it_is_over_and_only_once)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	record(&desk, RECORD(USED("call", "20", "2011-09-07T10:00:00Z") "," USED("call", "5", "2011-09-30T10:00:00Z")));
	shop_advance(&desk, "2011-09-30T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "");
	CHECK_EQ_TEXT(records(&desk), "20 unbilled; 5 unbilled; ");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; ");
	CHECK_EQ_TEXT(records(&desk), "20 billed; 5 billed; ");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; ");
	desk_close(&desk);
}

/* What begins the windows is what begins the cycles: under killbill the account's 1st. */
static void check_windows(const char *convention, const char *start, const char *expected)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	desk_deploy_catalog(&desk, CATALOG);
	shop_advance(&desk, text_format(&desk.arena, "%sT00:00:00Z", start).data);
	desk_do(&desk, "account.create", "{'name':'Ann','currency':'USD','bill_cycle_day':1}");
	desk_do(&desk, "subscription.subscribe",
	        text_format(&desk.arena, "{'account_id':1,'plan':'calls','convention':'%s'}", convention).data);
	for (int month = 2; month <= 4; month++) { /* ten calls on the 1st of each month */
		shop_advance(&desk, text_format(&desk.arena, "2012-%02d-01T00:00:00Z", month).data);
		record(&desk, text_format(&desk.arena, RECORD("{'unit':'call','quantity':'10','occurred_at':'2012-%02d-01T00:00:00Z'}"),
		                          month).data);
	}
	shop_advance(&desk, "2012-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), expected);
	desk_close(&desk);
}

TEST(windows_are_laid_from_the_anchor_of_each_convention)
{
	check_windows("killbill", "2012-01-31",
	              "calls 2012-01-31 2012-02-01 0.00; calls 2012-02-01 2012-03-01 1.00; calls 2012-03-01 2012-04-01 1.00; "
	              "calls 2012-04-01 2012-05-01 1.00; ");
	check_windows("lago", "2012-01-31",
	              "calls 2012-01-31 2012-02-01 0.00; calls 2012-02-01 2012-03-01 1.00; calls 2012-03-01 2012-04-01 1.00; "
	              "calls 2012-04-01 2012-05-01 1.00; ");
	check_windows("stripe", "2012-01-31",
	              "calls 2012-01-31 2012-02-29 1.00; calls 2012-02-29 2012-03-31 1.00; calls 2012-03-31 2012-04-30 1.00; ");
	check_windows("maxio", "2012-01-31",
	              "calls 2012-01-31 2012-02-29 1.00; calls 2012-02-29 2012-03-29 1.00; calls 2012-03-29 2012-04-29 1.00; ");
	check_windows("meteroid", "2012-01-31",
	              "calls 2012-01-31 2012-02-01 0.00; calls 2012-02-01 2012-03-01 1.00; calls 2012-03-01 2012-04-01 1.00; "
	              "calls 2012-04-01 2012-05-01 1.00; ");
}

TEST(windows_change_at_midnight_of_the_account)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	record(&desk, RECORD(USED("call", "10", "2011-10-01T03:59:59Z") "," USED("call", "20", "2011-10-01T04:00:00Z")));
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "1.00; " OCTOBER "2.00; ");
	desk_close(&desk);
}

TEST(a_window_without_usage_has_a_line_of_nothing_unless_the_tenant_wants_none)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "0.00; ");
	desk_close(&desk);
	open_metered(&desk, "'usage':{'zero_items':false}", "calls");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "");
	record(&desk, RECORD(USED("call", "10", "2011-09-10T00:00:00Z")));
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "1.00; ");
	desk_close(&desk);
}

TEST(a_unit_and_tier_has_a_line_of_its_own_when_the_tenant_wants_detail)
{
	struct desk desk;
	open_metered(&desk, "'usage':{'detail':true}", "both");
	record(&desk, RECORD(USED("call", "31", "2011-09-07T00:00:00Z") "," USED("user", "6", "2011-09-07T00:00:00Z") ","
	                     USED("user", "4", "2011-09-08T00:00:00Z")));
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " SEPTEMBER "2.50; users 2011-09-06 2011-10-01 30.00; ");
	CHECK_EQ_TEXT(records(&desk), "31 billed; 6 billed; 4 billed; ");
	desk_close(&desk);
}

TEST(late_usage_has_a_line_of_each_unit_and_tier_too_that_it_changes)
{
	struct desk desk;
	open_metered(&desk, "'usage':{'detail':true}", "calls");
	record(&desk, RECORD(USED("call", "15", "2011-09-07T00:00:00Z")));
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "2.00; ");
	record(&desk, RECORD(USED("call", "16", "2011-09-08T00:00:00Z")));
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "2.00; " SEPTEMBER "1.00; " SEPTEMBER "2.50; " OCTOBER "0.00; ");
	desk_close(&desk);
}

TEST(a_change_of_plan_that_keeps_the_section_goes_on_in_its_window_by_the_price_of_its_end)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	record(&desk, RECORD(USED("call", "20", "2011-09-07T00:00:00Z")));
	shop_advance(&desk, "2011-09-20T12:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'dear','policy':'immediate'}");
	CHECK_EQ_TEXT(lines(&desk), "");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "4.00; ");
	desk_close(&desk);
}

TEST(the_end_of_a_section_bills_at_once_what_was_used_until_that_moment)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	record(&desk, RECORD(USED("call", "10", "2011-09-20T11:59:59Z") "," USED("call", "10", "2011-09-20T12:00:00Z") ","
	                     USED("call", "10", "2011-09-20T12:00:01Z")));
	shop_advance(&desk, "2011-09-20T12:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'billing_policy':'immediate','entitlement_policy':'immediate'}");
	CHECK_EQ_TEXT(lines(&desk), "calls 2011-09-06 2011-09-20 2.00; ");
	CHECK_EQ_TEXT(records(&desk), "10 billed; 10 billed; 10 unbilled; ");
	desk_close(&desk);
}

/* ---- late ---- */

/* September is billed with 25 calls, 3.00. */
static void bill_september(struct desk *desk, const char *settings)
{
	open_metered(desk, settings, "calls");
	desk_do(desk, "usage.record_units",
	        "{'subscription_id':1,'tracking_id':'first','records':[" USED("call", "25", "2011-09-07T00:00:00Z") "]}");
	shop_advance(desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(desk), SEPTEMBER "3.00; ");
}

TEST(late_usage_bills_the_difference_on_the_next_invoice)
{
	struct desk desk;
	bill_september(&desk, "");
	record(&desk, RECORD(USED("call", "6", "2011-09-08T00:00:00Z")));
	shop_advance(&desk, "2011-10-31T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; ");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " SEPTEMBER "2.50; " OCTOBER "0.00; ");
	CHECK_EQ_TEXT(records(&desk), "25 billed; 6 billed; ");
	desk_close(&desk);
}

TEST(late_usage_within_a_block_that_was_paid_for_costs_nothing)
{
	struct desk desk;
	bill_september(&desk, "");
	record(&desk, RECORD(USED("call", "5", "2011-09-08T00:00:00Z")));
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " OCTOBER "0.00; ");
	CHECK_EQ_TEXT(records(&desk), "25 billed; 5 billed; ");
	desk_close(&desk);
}

TEST(removed_usage_is_given_back)
{
	struct desk desk;
	bill_september(&desk, "");
	record(&desk, RECORD(USED("call", "10", "2011-10-08T00:00:00Z")));
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'first'}");
	CHECK_EQ_TEXT(records(&desk), "25 removing; 10 unbilled; ");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " SEPTEMBER "-3.00; " OCTOBER "1.00; ");
	CHECK_EQ_TEXT(records(&desk), "25 removed; 10 billed; ");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 2.00 0.00");
	desk_close(&desk);
}

/* 3.00 for September with 0.30 of tax, all of which goes back. */
static void tax_of_then_goes_back(const char *percent_now, const char *expected)
{
	struct desk desk;
	open_metered(&desk, "'tax':{'percent':'10'},'usage':{'zero_items':false}", "calls");
	desk_do(&desk, "usage.record_units",
	        "{'subscription_id':1,'tracking_id':'first','records':[" USED("call", "25", "2011-09-07T00:00:00Z") "]}");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	desk_do(&desk, "tenant.configure", text_format(&desk.arena, "{'settings':{'tax':{'percent':%s}}}", percent_now).data);
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'first'}");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), expected);
	desk_close(&desk);
}

TEST(usage_that_is_given_back_takes_the_taxes_along_that_were_charged_with_it)
{
	tax_of_then_goes_back("'10'", "3.30; -3.30");
	tax_of_then_goes_back("'20'", "3.30; -3.30");
	tax_of_then_goes_back("null", "3.30; -3.30");
}

static bool explain_body(struct command *command, void *context)
{
	struct shop_one *one = context;
	return explain_invoice(command, one->id, EXPLAIN_ALL, (struct explanation **)&one->found);
}

static void check_explained(struct desk *desk, int64_t invoices)
{
	for (int64_t id = 1; id <= invoices; id++) {
		struct shop_one one = { .id = id };
		desk_read(desk, explain_body, &one);
		CHECK(one.found && ((const struct explanation *)one.found)->same);
	}
}

/* 3.00 at 10 % and 2.50 at 20 %: 4.50 of it goes back, the later line first, then all of it. */
TEST(usage_of_a_window_that_several_lines_charged_goes_back_of_the_last_first_with_its_taxes)
{
	struct desk desk;
	open_metered(&desk, "'tax':{'percent':'10'},'usage':{'zero_items':false}", "calls");
	desk_do(&desk, "usage.record_units",
	        "{'subscription_id':1,'tracking_id':'first','records':[" USED("call", "25", "2011-09-07T00:00:00Z") "]}");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'percent':'20'}}}");
	desk_do(&desk, "usage.record_units",
	        "{'subscription_id':1,'tracking_id':'second','records':[" USED("call", "6", "2011-09-08T00:00:00Z") "]}");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'first'}"); /* 1.00 is left of 5.50 */
	shop_advance(&desk, "2011-12-01T12:00:00Z");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'second'}");
	shop_advance(&desk, "2012-01-01T12:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "3.30; 3.00; -5.20; -1.10");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00;  2011-09-06 2011-10-01 0.30; " SEPTEMBER "2.50;  2011-09-06 2011-10-01 0.50; " SEPTEMBER
	                            "-2.50; " SEPTEMBER "-2.00;  2011-09-06 2011-10-01 -0.50;  2011-09-06 2011-10-01 -0.20; " SEPTEMBER
	                            "-1.00;  2011-09-06 2011-10-01 -0.10; ");
	check_explained(&desk, 4);
	desk_close(&desk);
}

/* September is billed with 25 calls, 3.00, at 10 %. */
static void bill_taxed(struct desk *desk)
{
	open_metered(desk, "'tax':{'percent':'10'},'usage':{'zero_items':false}", "calls");
	desk_do(desk, "usage.record_units",
	        "{'subscription_id':1,'tracking_id':'first','records':[" USED("call", "25", "2011-09-07T00:00:00Z") "]}");
	shop_advance(desk, "2011-10-01T12:00:00Z");
}

TEST(usage_that_went_back_is_not_taken_off_again)
{
	struct desk desk;
	bill_taxed(&desk);
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'first'}");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "3.30; -3.30");
	CHECK_REFUSED(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}", PROBLEM_OUT_OF_RANGE, "/items/0/amount");
	CHECK_REFUSED(&desk, "invoice.adjust", "{'id':1,'position':1}", PROBLEM_OUT_OF_RANGE, "/amount");
	CHECK_REFUSED(&desk, "invoice.adjust", "{'id':1,'position':2,'amount':'0.01'}", PROBLEM_OUT_OF_RANGE, "/amount");
	desk_close(&desk);
}

TEST(a_note_takes_what_a_part_that_went_back_has_left_with_its_taxes)
{
	struct desk desk;
	bill_taxed(&desk);
	record(&desk, RECORD(USED("call", "6", "2011-09-08T00:00:00Z")));
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'first'}"); /* 6 calls: 1.00 */
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->total.minor, 110);
	CHECK_EQ_INT(note->tax.minor, 10);
	desk_close(&desk);
}

TEST(what_a_note_took_of_usage_does_not_go_back_again)
{
	struct desk desk;
	bill_taxed(&desk);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'2.00'}]}");
	CHECK_EQ_INT(note->total.minor, 220);
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'first'}");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "1.10; -1.10");
	check_explained(&desk, 2);
	CHECK_REFUSED(&desk, "credit_note.void", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-12-01T12:00:00Z"); /* nor later */
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "1.10; -1.10");
	desk_close(&desk);
}

TEST(a_note_that_took_all_of_usage_that_is_gone_since_is_not_voided)
{
	struct desk desk;
	bill_taxed(&desk);
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'first'}");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "0.00; 0.00");
	check_explained(&desk, 2);
	CHECK_REFUSED(&desk, "credit_note.void", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

/* ---- late and in detail ---- */

static void record_as(struct desk *desk, const char *tracking, const char *quantity)
{
	desk_do(desk, "usage.record_units",
	        text_format(&desk->arena, "{'subscription_id':1,'tracking_id':'%s','records':[" USED("call", "%s", "2011-09-07T00:00:00Z") "]}",
	                    tracking, quantity).data);
}

static void remove_as(struct desk *desk, const char *tracking)
{
	desk_do(desk, "usage.remove", text_format(&desk->arena, "{'subscription_id':1,'tracking_id':'%s'}", tracking).data);
}

/* September is billed with one delivery, of that plan. */
static void bill_detail(struct desk *desk, const char *plan, const char *quantity)
{
	open_metered(desk, "'usage':{'detail':true,'zero_items':false}", plan);
	record_as(desk, "first", quantity);
	shop_advance(desk, "2011-10-01T12:00:00Z");
}

TEST(detail_that_goes_back_is_one_sum_and_takes_of_each_line_once)
{
	struct desk desk;
	bill_detail(&desk, "calls", "31");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " SEPTEMBER "2.50; ");
	remove_as(&desk, "first");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " SEPTEMBER "2.50; " SEPTEMBER "-2.50; " SEPTEMBER "-3.00; ");
	check_explained(&desk, 2);
	desk_close(&desk);
}

/* 2.00 and 1.00 late, of which 2.00 go back of both lines: the next block is charged as one. */
TEST(late_detail_after_some_went_back_of_several_lines_is_charged_once)
{
	struct desk desk;
	bill_detail(&desk, "calls", "20");
	record_as(&desk, "second", "10");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	remove_as(&desk, "first");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	record_as(&desk, "third", "10");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "2.00; " SEPTEMBER "1.00; " SEPTEMBER "-1.00; " SEPTEMBER "-1.00; " SEPTEMBER "1.00; ");
	check_explained(&desk, 4);
	desk_close(&desk);
}

/* Of 3.00 a note took 1.00, so that 2.00 go back; what comes then is charged less what was kept. */
TEST(late_detail_is_what_was_not_charged_whatever_notes_took)
{
	struct desk desk;
	bill_detail(&desk, "calls", "30");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'1.00'}]}");
	remove_as(&desk, "first");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	record_as(&desk, "second", "31");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00;  2011-10-01 2011-10-01 -1.00; " SEPTEMBER "-2.00; " SEPTEMBER "2.00; " SEPTEMBER "2.50; ");
	check_explained(&desk, 3);
	desk_close(&desk);
}

/* Three blocks of 0.004, one after the other: 0.00, 0.008, and 0.012 of which 0.01 was billed. */
TEST(late_detail_begins_from_the_cents_that_were_billed)
{
	struct desk desk;
	bill_detail(&desk, "fine", "10");
	record_as(&desk, "second", "10");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	record_as(&desk, "third", "10");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "0.00; " SEPTEMBER "0.01; " SEPTEMBER "0.00; ");
	check_explained(&desk, 3);
	desk_close(&desk);
}

/* 0.346 is billed 0.35, the second block 0.34: 0.344 are to go back, and the 0.004 that the second has not are no line. */
TEST(less_than_a_cent_that_a_line_has_not_goes_back_with_it)
{
	struct desk desk;
	open_metered(&desk, "'usage':{'zero_items':false}", "odd");
	record_as(&desk, "first", "10");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	record_as(&desk, "second", "10");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	remove_as(&desk, "second");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "0.35; " SEPTEMBER "0.34; " SEPTEMBER "-0.34; ");
	check_explained(&desk, 3);
	desk_close(&desk);
}

TEST(a_policy_that_only_goes_up_gives_nothing_back)
{
	struct desk desk;
	bill_september(&desk, "'policies':{'usage_late':'usage_late/increase'}");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'unit':'call','occurred_date':'2011-09-06'}");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " OCTOBER "0.00; ");
	CHECK_EQ_TEXT(records(&desk), "25 removed; ");
	desk_close(&desk);
}

TEST(usage_of_a_window_too_far_back_shows_as_kept)
{
	struct desk desk;
	bill_september(&desk, "'usage':{'windows_back':1}");
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	record(&desk, RECORD(USED("call", "6", "2011-09-08T00:00:00Z") "," USED("call", "7", "2011-10-08T00:00:00Z")));
	shop_advance(&desk, "2011-12-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " OCTOBER "0.00; " OCTOBER "1.00; calls 2011-11-01 2011-12-01 0.00; ");
	CHECK_EQ_TEXT(records(&desk), "25 billed; 6 kept; 7 billed; ");
	desk_close(&desk);
}

TEST(late_usage_of_what_has_ended_is_billed_by_a_run_of_its_own)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	shop_advance(&desk, "2011-09-20T12:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'billing_policy':'immediate','entitlement_policy':'immediate'}");
	shop_advance(&desk, "2011-09-25T12:00:00Z");
	record(&desk, RECORD(USED("call", "10", "2011-09-19T00:00:00Z")));
	shop_advance(&desk, "2011-09-26T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "calls 2011-09-06 2011-09-20 0.00; calls 2011-09-06 2011-09-20 1.00; ");
	desk_close(&desk);
}

TEST(what_changes_on_the_day_on_which_a_section_ended_counts_what_was_billed_of_it)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	record(&desk, RECORD(USED("call", "10", "2011-09-20T11:00:00Z")));
	shop_advance(&desk, "2011-09-20T12:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'billing_policy':'immediate','entitlement_policy':'immediate'}");
	CHECK_EQ_TEXT(lines(&desk), "calls 2011-09-06 2011-09-20 1.00; ");
	record(&desk, RECORD(USED("call", "5", "2011-09-20T10:00:00Z")));
	shop_advance(&desk, "2011-11-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "calls 2011-09-06 2011-09-20 1.00; calls 2011-09-06 2011-09-20 1.00; ");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'unit':'call','occurred_at':'2011-09-20T11:00:00Z'}");
	shop_advance(&desk, "2011-12-01T12:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "calls 2011-09-06 2011-09-20 1.00; calls 2011-09-06 2011-09-20 1.00; "
	                            "calls 2011-09-06 2011-09-20 -1.00; ");
	CHECK_EQ_TEXT(records(&desk), "10 removed; 5 billed; ");
	desk_close(&desk);
}

TEST(late_usage_of_what_has_ended_waits_while_its_invoicing_is_off)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	shop_advance(&desk, "2011-09-20T12:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'billing_policy':'immediate','entitlement_policy':'immediate'}");
	desk_do(&desk, "subscription.set_invoicing", "{'id':1,'invoicing_off':true}");
	record(&desk, RECORD(USED("call", "10", "2011-09-19T00:00:00Z")));
	shop_advance(&desk, "2011-09-26T12:00:00Z"); /* without end, were a run set for what it passes over */
	CHECK_EQ_TEXT(records(&desk), "10 unbilled; ");
	desk_do(&desk, "subscription.set_invoicing", "{'id':1,'invoicing_off':false}");
	CHECK_EQ_TEXT(lines(&desk), "calls 2011-09-06 2011-09-20 0.00; calls 2011-09-06 2011-09-20 1.00; ");
	desk_close(&desk);
}

TEST(usage_on_a_cancelled_invoice_is_billed_again)
{
	struct desk desk;
	bill_september(&desk, "");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	CHECK_EQ_TEXT(records(&desk), "25 unbilled; ");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(lines(&desk), SEPTEMBER "3.00; " SEPTEMBER "3.00; ");
	CHECK_EQ_TEXT(records(&desk), "25 billed; ");
	desk_close(&desk);
}

/* ---- what is refused ---- */

TEST(a_tracking_id_is_used_once_and_a_second_use_refuses_all_of_its_delivery)
{
	struct desk desk;
	open_metered(&desk, "", "both");
	record(&desk, "{'subscription_id':1,'tracking_id':'t1','records':[" USED("call", "1", "2011-09-07T00:00:00Z") ","
	              USED("user", "2", "2011-09-07T00:00:00Z") "]}");
	CHECK_REFUSED(&desk, "usage.record_units",
	              RECORD(USED("call", "3", "2011-09-07T00:00:00Z") ",{'unit':'call','quantity':'4','tracking_id':'t1'}"),
	              PROBLEM_DUPLICATE, "/records/1/tracking_id");
	CHECK_EQ_TEXT(records(&desk), "1 unbilled; 2 unbilled; ");
	desk_close(&desk);
}

TEST(a_unit_that_the_plans_do_not_have_is_refused_with_the_nearest_one_or_kept)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	const struct problem *refused =
	        desk_refused(&desk, "usage.record_units", RECORD(USED("calls", "1", "2011-09-07T00:00:00Z")));
	CHECK_EQ_INT(refused->code, PROBLEM_INVALID_VALUE);
	CHECK_EQ_C(refused->pointer, "/records/0/unit");
	CHECK(strstr(refused->message, "did you mean 'call'?"));
	desk_close(&desk);
	open_metered(&desk, "'usage':{'unknown_units':'keep'}", "calls");
	record(&desk, RECORD(USED("calls", "1", "2011-09-07T00:00:00Z")));
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(records(&desk), "1 unbilled; ");
	desk_close(&desk);
}

TEST(usage_to_remove_must_be_named_and_be_there)
{
	struct desk desk;
	open_metered(&desk, "", "calls");
	CHECK_REFUSED(&desk, "usage.remove", "{'subscription_id':1}", PROBLEM_MISSING_FIELD, "/unit");
	CHECK_REFUSED(&desk, "usage.remove", "{'subscription_id':1,'unit':'call','occurred_date':'2011-09-07'}",
	              PROBLEM_NOT_FOUND, "");
	CHECK_REFUSED(&desk, "usage.remove", "{'subscription_id':2,'tracking_id':'t'}", PROBLEM_NOT_FOUND, "/subscription_id");
	desk_close(&desk);
}

/* ---- what is shown ---- */

static bool windows_body(struct command *command, void *context)
{
	struct text_builder *out = context;
	struct account *account;
	struct subscription *subscription;
	struct unit_usage_windows shown;
	CHECK(account_find(command, 1, &account) && subscription_find(command, 1, &subscription));
	CHECK(unit_usage_windows_read(command, account, subscription, &shown));
	for (size_t i = 0; i < shown.items.count; i++) {
		const struct unit_usage_window *window = &shown.items.items[i];
		struct decimal amount = { 0, 0 };
		CHECK(fraction_round(window->amount.amount, 2, ROUNDING_HALF_UP, &amount));
		builder_format(out, "%.*s %.*s %s %.*s %.*s; ", TEXT_ARG(window->section),
		               TEXT_ARG(date_text(command->arena, window->period_end)), window->billed ? "billed" : "open",
		               TEXT_ARG(window->units.count ? decimal_text(command->arena, window->units.items[0].quantity)
		                                            : TEXT("-")),
		               TEXT_ARG(decimal_text(command->arena, amount)));
	}
	return true;
}

TEST(windows_show_what_they_hold_the_running_one_too)
{
	struct desk desk;
	struct text_builder out;
	bill_september(&desk, "");
	record(&desk, RECORD(USED("call", "40", "2011-10-08T00:00:00Z")));
	builder_init(&out, &desk.arena, 0);
	desk_read(&desk, windows_body, &out);
	CHECK_EQ_TEXT(builder_text(&out), "calls 2011-10-01 billed 25 3.00; calls 2011-11-01 open 40 5.50; ");
	desk_close(&desk);
}

CHECK_MAIN
