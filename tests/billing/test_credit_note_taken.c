/* test_credit_note_taken.c: credit notes after repairs, coupons and earlier notes: nothing is given back twice. */
#include "shop.h"

#include "billing/credit_note.h"
#include "billing/credit_note_taken.h"
#include "billing/explain.h"

#define PLAN(code, amount, period) \
	"{'code':'" code "','product':'car','phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'" period "'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" PLAN("gold", "31", "monthly") "," PLAN("year", "366", "annual") "]}]}"

/* An account with id 1 that subscribes to the plan on 1 January 2012: invoice 1. */
static void open(struct desk *desk, const char *settings, const char *plan, const char *members)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2012-01-01T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	if (members[0])
		desk_do(desk, "coupon.create", "{'code':'FIFTH','percent':'20','duration':'forever'}");
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s'%s}", plan, members).data);
}

static bool read_explanation(struct command *command, void *context)
{
	struct credit_explanation **explanation = context;
	return explain_credit_note(command, 1, explanation);
}

/* Makes the note, which must be explained by what it keeps; the first of the desk. */
static struct credit_note *credit(struct desk *desk, const char *members)
{
	struct credit_note *note =
	        desk_do(desk, "credit_note.create", text_format(&desk->arena, "{'invoice_id':1,%s}", members).data);
	struct credit_explanation *explanation = NULL;
	desk_read(desk, read_explanation, &explanation);
	CHECK(explanation && explanation->same);
	return note;
}

static void cancel_at_once(struct desk *desk)
{
	shop_advance(desk, "2012-01-11T00:00:00Z");
	desk_do(desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate'}");
}

TEST(unused_days_that_a_repair_gave_back_are_not_given_back_again)
{
	struct desk desk;
	open(&desk, "", "gold", "");
	cancel_at_once(&desk); /* 21 of 31 days are given back */
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-11'}")->code,
	             PROBLEM_OUT_OF_RANGE);
	struct credit_note *note = credit(&desk, "'unused_from':'2012-01-06'");
	CHECK_EQ_INT(note->total.minor, 500); /* the five days before */
	desk_close(&desk);
}

/* Pure: 10 of 31 days were given back, from the 3rd on; of them those from the 8th on are asked for. */
TEST(of_a_repair_that_days_overlap_their_part_counts)
{
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice_line line = { .position = 1, .currency = usd };
	struct invoice_line repair = { .kind = INVOICE_LINE_KIND_REPAIR, .linked_position = 1, .currency = usd,
		                       .amount = money_of(-1000, usd) };
	struct note_taken taken = { .lines = { &repair, 1, 1 } };
	struct period unused;
	struct exact_money given;
	CHECK(date_parse(TEXT("2012-01-03"), &repair.period_start) && date_parse(TEXT("2012-01-13"), &repair.period_end));
	CHECK(date_parse(TEXT("2012-01-08"), &unused.start) && date_parse(TEXT("2012-02-01"), &unused.end));
	CHECK(note_taken_of_days(&taken, &line, unused, &given));
	CHECK_EQ_INT(given.amount.numerator, 5 * given.amount.denominator);
	unused.start = repair.period_end;
	CHECK(note_taken_of_days(&taken, &line, unused, &given));
	CHECK_EQ_INT(given.amount.numerator, 0);
}

TEST(days_that_several_notes_call_unused_are_given_back_once)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'20'}", "year", "");
	struct credit_note *note = credit(&desk, "'unused_from':'2012-12-01'"); /* 31 days */
	CHECK_EQ_INT(note->sub_total.minor, 3100);
	CHECK_EQ_INT(note->tax.minor, 620);
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-11-01'}");
	CHECK_EQ_INT(note->sub_total.minor, 3000);
	CHECK_EQ_INT(note->tax.minor, 600);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-12-15'}")->code,
	             PROBLEM_OUT_OF_RANGE);
	desk_do(&desk, "credit_note.void", "{'id':2}");
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-10-01'}");
	CHECK_EQ_INT(note->sub_total.minor, 6100); /* what was withdrawn was not given back */
	desk_close(&desk);
}

/* Taxes and discounts follow what is taken, not what would have been, had more been left. */
TEST(unused_time_takes_no_more_tax_than_its_line)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'20'}", "gold", "");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'20'}]}");
	struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-02'}");
	CHECK_EQ_INT(note->sub_total.minor, 1100); /* all that is left, of 30 days */
	CHECK_EQ_INT(note->tax.minor, 220);
	desk_close(&desk);
}

TEST(a_note_of_all_that_a_repair_left_takes_the_tax_that_it_left)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'20'}", "gold", "");
	cancel_at_once(&desk);
	struct credit_note *note = credit(&desk, "'items':[{'position':1}]");
	CHECK_EQ_INT(note->sub_total.minor, 1000);
	CHECK_EQ_INT(note->tax.minor, 200); /* 4.20 of 6.20 went with the repair */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 25.20 0.00; 2 settled -25.20 0.00");
	desk_close(&desk);
}

TEST(what_a_repair_gave_back_of_a_discount_is_no_charge)
{
	struct desk desk;
	open(&desk, "", "gold", ",'coupon':'FIFTH'");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'year','policy':'immediate'}");
	/* 356 days, less the repair, 4.20 given back, 20 % off */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 24.80 24.80; 2 open 268.00 268.00");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2,'items':[{'position':3}]}")->code,
	             PROBLEM_OUT_OF_RANGE);
	CHECK_EQ_INT(desk_refused(&desk, "invoice.adjust", "{'id':2,'position':3}")->code, PROBLEM_WRONG_STATE);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':2,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->total.minor, 28480);
	desk_close(&desk);
}

TEST(what_a_change_of_its_order_credited_is_not_credited_again)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true"); /* 11 days: 55.00, and 5.50 */
	desk_do(&desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-09-26','order':{'plan':'H3','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 27.50 27.50"); /* 5 days */
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2396,'unused_from':'2011-09-26'}")->code,
	             PROBLEM_OUT_OF_RANGE);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'unused_from':'2011-09-25'}");
	CHECK_EQ_INT(note->total.minor, 550);
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->lines.items[0].amount.minor, 2500);
	CHECK_EQ_INT(note->lines.items[1].amount.minor, 250);
	desk_close(&desk);
}

static bool check_credit_explained(struct command *command, void *context)
{
	struct credit_explanation *explanation = NULL;
	(void)context;
	CHECK(explain_credit(command, 1, &explanation) && explanation && explanation->same);
	return true;
}

/* H6: 11 days for 55.00, and a tax of 5.50; changed when 5 of them are not served. */
TEST(what_notes_took_back_of_an_order_its_change_does_not_credit_again)
{
	static const struct { const char *note, *credits; } rows[] = {
		{ "'items':[{'position':1}]", "" },
		{ "'items':[{'position':1,'amount':'40'}]", "plan_change 16.50 16.50" },
		{ "'unused_from':'2011-09-29'", "plan_change 16.50 16.50" }, /* 15.00 of three days, and their tax */
		{ "'unused_from':'2011-09-21'", "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct desk desk;
		shop_open(&desk);
		check_note("%s", rows[i].note);
		shop_order_plan(&desk, "H6", "'create_invoice':true");
		desk_do(&desk, "credit_note.create", text_format(&desk.arena, "{'invoice_id':2396,%s}", rows[i].note).data);
		desk_do(&desk, "order.change",
		        "{'old_order_id':381,'change_date':'2011-09-26','order':{'plan':'H3','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
		CHECK_EQ_TEXT(shop_credits(&desk), rows[i].credits);
		if (rows[i].credits[0])
			desk_read(&desk, check_credit_explained, NULL);
		desk_close(&desk);
	}
}

TEST(notes_pay_back_what_was_paid_once)
{
	struct desk desk;
	open(&desk, "'policies':{'credit_note':'credit_note/refund'}", "gold", "");
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'11'}");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'20','currency':'USD'," CARD ",'auto_pay':1}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 31.00 0.00; 2 settled -11.00 0.00");
	CHECK_EQ_INT(credit(&desk, "'items':[{'position':1,'amount':'15'}]")->refund.minor, 1500);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->total.minor, 1600);
	CHECK_EQ_INT(note->refund.minor, 500);
	CHECK_EQ_INT(note->credit.minor, 1100);
	desk_close(&desk);
}

CHECK_MAIN
