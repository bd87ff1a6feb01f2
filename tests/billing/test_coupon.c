/* test_coupon.c: coupons: who may redeem them, what they take off, what repairs give back; and random lives of an account
 * with coupons, in which nothing is discounted twice and the way the clock goes makes no difference. */
#include "shop.h"

#include "billing/coupon.h"
#include "billing/explain.h"

#define PHASE(amount, period) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'" period "'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}"
#define PLAN(code, product, mode, amount, period) \
	"{'code':'" code "','product':'" product "','billing_mode':'" mode "','phases':[" PHASE(amount, period) "]}"
#define TRIAL(code) \
	"{'code':'" code "','product':'car','phases':[{'kind':'trial','duration_unit':'days','duration':14," \
	"'fixed':[{'currency':'USD','amount':'0'}]}," PHASE("10", "monthly") "]}"
#define METERED \
	"{'code':'metered','product':'car','phases':[{'kind':'evergreen','duration_unit':'unlimited','usages':[{'name':'km'," \
	"'kind':'consumable','billing_period':'monthly','tiers':[{'blocks':[{'unit':'km','size':'1','prices':[{'currency':'USD'," \
	"'amount':'0.10'}]}]}]}]}]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}," \
	"{'name':'bus','category':'standalone'}],'plans':[" PLAN("gold", "car", "in_advance", "10", "monthly") "," \
	PLAN("silver", "car", "in_advance", "20", "monthly") "," PLAN("year", "car", "in_advance", "100", "annual") "," \
	PLAN("late", "car", "in_arrear", "31", "monthly") "," PLAN("third", "bus", "in_advance", "3.33", "monthly") "," \
	PLAN("rest", "bus", "in_advance", "3.34", "monthly") "," TRIAL("try") "," METERED "]}]}"

/* An account with id 1 on 1 January 2012, bill cycle day 1. */
static void coupon_open(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2012-01-01T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
}

static void coupon_make(struct desk *desk, const char *members)
{
	desk_do(desk, "coupon.create", text_format(&desk->arena, "{%s}", members).data);
}

static void subscribe(struct desk *desk, const char *plan, const char *members)
{
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s','billing_alignment':'account'%s}", plan, members).data);
}

static void change(struct desk *desk, const char *plan)
{
	desk_do(desk, "subscription.change_plan",
	        text_format(&desk->arena, "{'id':1,'plan':'%s','policy':'immediate','billing_alignment':'account'}", plan).data);
}

struct story_text {
	struct desk *desk;
	int64_t account_id;
	struct text text;
};

static void tell_line(struct arena *arena, struct text_builder *out, const struct invoice_line *line)
{
	static const char *const marks[INVOICE_LINE_KIND_COUNT] = {
		[INVOICE_LINE_KIND_DISCOUNT] = "d", [INVOICE_LINE_KIND_TAX] = "t", [INVOICE_LINE_KIND_REPAIR] = "r",
		[INVOICE_LINE_KIND_ITEM_ADJUSTMENT] = "a",
	};
	struct text amount = money_amount_text(arena, line->amount);
	builder_format(out, " %s%.*s", marks[line->kind] ? marks[line->kind] : "", TEXT_ARG(amount));
}

static bool tell_invoices(struct command *command, void *context)
{
	struct story_text *story = context;
	struct object_filter filter = { .account_id = story->account_id, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	struct text_builder out;
	CHECK(invoice_page(command, &filter, &invoices));
	builder_init(&out, &story->desk->arena, 0);
	for (size_t i = invoices.count; i-- > 0;) {
		struct invoice *invoice = &invoices.items[i];
		CHECK(invoice_load_lines(command, invoice));
		struct text day = date_text(command->arena, invoice->invoice_date);
		builder_format(&out, "%s%.*s%s", out.length ? "; " : "", 5, day.data + 5,
		               invoice->status == INVOICE_STATUS_CANCELLED ? " cancelled" : "");
		for (size_t j = 0; j < invoice->lines.count; j++)
			tell_line(command->arena, &out, &invoice->lines.items[j]);
	}
	story->text = builder_text(&out);
	return true;
}

/* "01-01 10.00 d-1.00; 01-11 13.55 r-6.77 d0.68": the day of each invoice, and its amounts: d discounts, r repairs, t taxes,
 * a adjustments. */
static struct text invoices_of_account(struct desk *desk, int64_t account_id)
{
	struct story_text story = { desk, account_id, TEXT_NONE };
	desk_read(desk, tell_invoices, &story);
	return story.text;
}

static struct text invoices_of(struct desk *desk)
{
	return invoices_of_account(desk, 1);
}

static bool tell_redemptions(struct command *command, void *context)
{
	struct story_text *story = context;
	struct object_filter filter = { .max = OBJECT_PAGE_MAX };
	struct coupon_redemption_list redemptions = { 0 };
	struct text_builder out;
	CHECK(coupon_redemption_page(command, &filter, &redemptions));
	builder_init(&out, &story->desk->arena, 0);
	for (size_t i = redemptions.count; i-- > 0;) {
		const struct coupon_redemption *redemption = &redemptions.items[i];
		builder_format(&out, "%s%.*s %s", out.length ? "; " : "", TEXT_ARG(redemption->code),
		               coupon_redemption_record.fields[COUPON_REDEMPTION_FIELD_STATUS].words[redemption->status]);
		if (redemption->has_periods_left)
			builder_format(&out, " %lld", (long long)redemption->periods_left);
	}
	story->text = builder_text(&out);
	return true;
}

/* "TEN used_up 0; EVER active" */
static struct text redemptions_of(struct desk *desk)
{
	struct story_text story = { desk, 0, TEXT_NONE };
	desk_read(desk, tell_redemptions, &story);
	return story.text;
}

/* Every line of every invoice follows again from what it keeps. */
static bool explain_all(struct command *command, void *context)
{
	struct object_filter filter = { .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	(void)context;
	CHECK(invoice_page(command, &filter, &invoices));
	for (size_t i = 0; i < invoices.count; i++) {
		struct explanation *explanation;
		CHECK(explain_invoice(command, invoices.items[i].id, 0, &explanation));
		for (size_t j = 0; j < explanation->explained.count; j++) {
			const struct explanation_line *line = &explanation->explained.items[j];
			for (size_t k = 0; k < line->steps.count && !line->same; k++)
				printf("#   invoice %lld, line %lld, %.*s: %.*s: %.*s\n", (long long)invoices.items[i].id,
				       (long long)line->position, TEXT_ARG(line->steps.items[k].step),
				       TEXT_ARG(line->steps.items[k].text), TEXT_ARG(line->steps.items[k].note));
			CHECK(line->same);
		}
	}
	return true;
}

static void check_explained(struct desk *desk)
{
	desk_read(desk, explain_all, NULL);
}

/* ---- what is taken off ---- */

TEST(once_is_the_first_billing_period_that_costs_something)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'TEN','percent':'10'");
	subscribe(&desk, "try", ",'coupon':'TEN'");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN active 1");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 0.00; 01-15 5.48 d-0.55; 02-01 10.00; 03-01 10.00");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN used_up 0");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(a_coupon_for_periods_ends_after_them_and_one_forever_never)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'TWO','percent':'10','periods':2");
	coupon_make(&desk, "'code':'EVER','amounts':[{'currency':'USD','amount':'1'}],'duration':'forever'");
	subscribe(&desk, "gold", ",'coupon':'TWO'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'EVER','account_id':1}");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00; 02-01 10.00 d-1.00 d-1.00; 03-01 10.00 d-1.00");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TWO used_up 0; EVER active");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(a_fixed_amount_is_spread_over_what_the_account_is_charged_on_a_day_to_the_cent)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'BUCK','amounts':[{'currency':'USD','amount':'1'},{'currency':'EUR','amount':'2'}],'duration':'forever'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'BUCK','account_id':1}");
	desk_do(&desk, "subscription_bundle.create",
	        "{'account_id':1,'subscriptions':[{'plan':'third','billing_alignment':'account'},"
	        "{'plan':'third','billing_alignment':'account'},{'plan':'rest','billing_alignment':'account'}]}");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 3.33 3.33 3.34 d-0.33 d-0.33 d-0.34");
	subscribe(&desk, "gold", ""); /* the period's amount is used */
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 3.33 3.33 3.34 d-0.33 d-0.33 d-0.34; 01-01 10.00");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(percentages_come_before_fixed_amounts_and_nothing_goes_below_zero)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'FIVE','amounts':[{'currency':'USD','amount':'5'}],'duration':'forever'");
	coupon_make(&desk, "'code':'HALF','percent':'60','duration':'forever'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'FIVE','account_id':1}");
	desk_do(&desk, "coupon.redeem", "{'coupon':'HALF','account_id':1}");
	subscribe(&desk, "gold", "");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-6.00 d-4.00");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(tax_lies_on_what_the_discount_has_left_and_repairs_give_back_both)
{
	struct desk desk;
	coupon_open(&desk, "'tax':{'percent':'20'}");
	coupon_make(&desk, "'code':'TEN','percent':'10','duration':'forever'");
	subscribe(&desk, "gold", ",'coupon':'TEN'");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00 t1.80");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	change(&desk, "silver");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00 t1.80; 01-11 13.55 r-6.77 d0.68 d-1.36 t2.44 t-1.22");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(what_is_charged_within_a_period_that_was_used_is_discounted_and_a_longer_one_is_not)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'TEN','percent':'10'");
	subscribe(&desk, "gold", ",'coupon':'TEN'");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	change(&desk, "silver");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00; 01-11 13.55 r-6.77 d0.68 d-1.36");
	shop_advance(&desk, "2012-01-21T00:00:00Z");
	change(&desk, "year");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00; 01-11 13.55 r-6.77 d0.68 d-1.36; 01-21 94.54 r-7.10 d0.71");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN used_up 0");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(what_is_given_back_of_a_fixed_amount_is_there_for_the_rest_of_its_period)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'FOUR','amounts':[{'currency':'USD','amount':'4'}]");
	subscribe(&desk, "gold", ",'coupon':'FOUR'");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	change(&desk, "silver");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-4.00; 01-11 13.55 r-6.77 d2.71 d-2.71");
	check_explained(&desk);
	desk_close(&desk);
}

/* ---- what is given back ---- */

TEST(a_withdrawn_invoice_gives_back_the_period_it_used)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'TEN','percent':'10'");
	subscribe(&desk, "gold", ",'coupon':'TEN'");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN used_up 0");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN active 1");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 cancelled 10.00 d-1.00; 02-01 10.00 10.00 d-1.00");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN used_up 0");
	desk_close(&desk);
}

TEST(a_repair_of_all_gives_back_the_period_as_well)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'TEN','percent':'10'");
	subscribe(&desk, "gold", ",'coupon':'TEN'");
	change(&desk, "year");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00; 01-01 100.00 r-10.00 d1.00 d-10.00");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(no_more_of_a_line_is_given_back_than_its_discount_has_left)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'HALF','percent':'50'");
	subscribe(&desk, "gold", ",'coupon':'HALF'");
	CHECK_REFUSED(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'5.01'}", PROBLEM_OUT_OF_RANGE, "/amount");
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'4'}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	/* adjusted by 4.00; the 6.00 that are left are taken back with all of the discount */
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-5.00 a-4.00; 01-01 r-6.00 d5.00");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(a_credit_note_takes_back_what_was_paid_not_what_was_discounted)
{
	struct desk desk;
	coupon_open(&desk, "'tax':{'percent':'20'}");
	coupon_make(&desk, "'code':'HALF','percent':'50'");
	subscribe(&desk, "gold", ",'coupon':'HALF'");
	struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'2'}]}");
	CHECK_EQ_INT(note->total.minor, 120); /* half of the 2.00 was discounted */
	CHECK_REFUSED(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'4.01'}", PROBLEM_OUT_OF_RANGE, "/amount");
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->total.minor, 480);
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-5.00 t1.00 a-2.00 a1.00 a-0.20 a-8.00 a4.00 a-0.80");
	desk_close(&desk);
}

TEST(a_repair_after_a_credit_note_gives_back_what_the_note_has_left_of_the_discount)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'HALF','percent':'50'");
	subscribe(&desk, "gold", ",'coupon':'HALF'");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'2'}]}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-5.00 a-2.00 a1.00; 01-01 r-8.00 d4.00");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(a_credit_note_after_a_repair_takes_what_that_has_left_of_the_discount)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'HALF','percent':'50'");
	subscribe(&desk, "gold", ",'coupon':'HALF'");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-5.00 a-3.23 a1.61; 01-11 r-6.77 d3.39");
	desk_close(&desk);
}

TEST(a_removed_coupon_discounts_nothing_that_begins_later)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'TEN','percent':'10','duration':'forever'");
	subscribe(&desk, "late", ",'coupon':'TEN'");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "coupon.remove", "{'id':1}");
	CHECK_REFUSED(&desk, "coupon.remove", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "02-01 31.00 d-3.10; 03-01 31.00");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN removed");
	desk_close(&desk);
}

/* What account 2 subscribed to is alone on its invoices, and the 1st is a bill cycle day of both. */
static void transfer(struct desk *desk, int bundle_id, int account_id, const char *date)
{
	shop_advance(desk, date);
	desk_do(desk, "subscription_bundle.transfer",
	        text_format(&desk->arena, "{'id':%d,'account_id':%d}", bundle_id, account_id).data);
}

TEST(a_bundle_that_is_transferred_takes_the_coupons_of_its_subscriptions_with_it)
{
	struct desk desk;
	coupon_open(&desk, "");
	desk_do(&desk, "account.create", "{'name':'Bob','bill_cycle_day':1}");
	coupon_make(&desk, "'code':'TWO','percent':'10','periods':2,'max_redemptions':2");
	coupon_make(&desk, "'code':'THREE','amounts':[{'currency':'USD','amount':'3.1'}],'duration':'forever'");
	coupon_make(&desk, "'code':'MINE','percent':'50','duration':'forever'");
	subscribe(&desk, "gold", ",'coupon':'TWO'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'MINE','account_id':1}");
	transfer(&desk, 1, 2, "2012-01-11T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00; 01-11 r-6.77 d0.68");
	shop_advance(&desk, "2012-03-01T00:00:00Z"); /* January was used by both */
	CHECK_EQ_TEXT(invoices_of_account(&desk, 2), "01-11 6.77 d-0.68; 02-01 10.00 d-1.00; 03-01 10.00");
	CHECK_EQ_TEXT(redemptions_of(&desk), "TWO removed 1; MINE active; TWO used_up 0");
	check_explained(&desk);
	subscribe(&desk, "gold", ",'coupon':'TWO'"); /* a transfer redeems nothing */
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':2,'plan':'gold','coupon':'TWO'}", PROBLEM_WRONG_STATE, "/coupon");
	desk_close(&desk);
}

TEST(what_a_transfer_gives_back_of_a_fixed_amount_goes_with_its_bundle_and_back_again)
{
	struct desk desk;
	coupon_open(&desk, "");
	desk_do(&desk, "account.create", "{'name':'Bob','bill_cycle_day':1}");
	coupon_make(&desk, "'code':'THREE','amounts':[{'currency':'USD','amount':'3.1'}]");
	subscribe(&desk, "gold", ",'coupon':'THREE'");
	transfer(&desk, 1, 2, "2012-01-11T00:00:00Z");
	transfer(&desk, 2, 1, "2012-01-21T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-3.10; 01-11 r-6.77 d2.10; 01-21 3.55 d-1.10");
	CHECK_EQ_TEXT(invoices_of_account(&desk, 2), "01-11 6.77 d-2.10; 01-21 r-3.55 d1.10");
	CHECK_EQ_TEXT(redemptions_of(&desk), "THREE removed 0; THREE removed 0; THREE used_up 0");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(a_transfer_on_the_first_day_takes_the_whole_coupon)
{
	struct desk desk;
	coupon_open(&desk, "");
	desk_do(&desk, "account.create", "{'name':'Bob','bill_cycle_day':15}");
	coupon_make(&desk, "'code':'FREE','percent':'100'");
	subscribe(&desk, "gold", ",'coupon':'FREE'");
	transfer(&desk, 1, 2, "2012-01-01T00:00:00Z");
	shop_advance(&desk, "2012-01-20T00:00:00Z"); /* the days up to the 15th are its billing period */
	CHECK_EQ_TEXT(redemptions_of(&desk), "FREE removed 1; FREE used_up 0");
	CHECK_EQ_TEXT(invoices_of_account(&desk, 2), "01-01 4.52 d-4.52; 01-15 10.00");
	desk_close(&desk);
}

TEST(a_draft_keeps_its_discounts_and_a_preview_shows_them)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'TEN','percent':'10','periods':2");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	subscribe(&desk, "gold", ",'coupon':'TEN'");
	struct invoice *preview = desk_do(&desk, "invoice.preview", "{'account_id':1,'target_date':'2012-02-01'}");
	CHECK_EQ_INT(preview->total.minor, 1800);
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN active 1");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00 10.00 d-1.00");
	desk_do(&desk, "invoice.commit", "{'id':1}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	change(&desk, "silver");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-1.00 10.00 d-1.00; 02-01 20.00 r-10.00 d1.00 d-2.00");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(the_discount_policy_decides_and_is_held_to_what_is_left)
{
	struct desk desk;
	coupon_open(&desk, "'policies':{'discount':'discount/fixed'}");
	coupon_make(&desk, "'code':'MUCH','amounts':[{'currency':'USD','amount':'400'}],'duration':'forever'");
	subscribe(&desk, "gold", ",'coupon':'MUCH'");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00 d-10.00");
	check_explained(&desk);
	desk_close(&desk);
}

TEST(a_rule_that_lowers_a_charge_lowers_its_discounts_and_one_that_takes_it_away_takes_them_too)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	shop_deploy(&desk, "rule 'less' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  if invoice.lines[1].plan == 'van' then invoice.lines[1].amount = money('2.00', 'USD')\n"
	                   "  else invoice.lines:remove(1) end\nend }");
	desk_do(&desk, "account.create", "{'name':'Ann'}");
	desk_do(&desk, "catalog.add_plan", "{'code':'van','product':'van','amount':'10','billing_period':'monthly'}");
	desk_do(&desk, "catalog.add_plan", "{'code':'bus','product':'bus','amount':'10','billing_period':'monthly'}");
	coupon_make(&desk, "'code':'HALF','percent':'50','duration':'forever'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'HALF','account_id':1}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'van'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'bus'}");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 2.00 d-2.00; 09-06");
	desk_close(&desk);
}

TEST(usage_that_is_taken_back_gives_back_its_discount)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'FIFTH','percent':'20','periods':1");
	subscribe(&desk, "metered", ",'coupon':'FIFTH'");
#define KM(id, quantity) \
	"{'subscription_id':1,'tracking_id':'" id "','records':[{'unit':'km','quantity':'" quantity "','occurred_at':'2012-01-01T00:00:00Z'}]}"
	desk_do(&desk, "usage.record_units", KM("a", "100"));
	desk_do(&desk, "usage.record_units", KM("b", "50"));
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "02-01 15.00 d-3.00");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'a'}");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	desk_do(&desk, "usage.remove", "{'subscription_id':1,'tracking_id':'b'}");
	shop_advance(&desk, "2012-04-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "02-01 15.00 d-3.00; 03-01 -10.00 0.00 d2.00; 04-01 -5.00 0.00 d1.00");
	CHECK_EQ_TEXT(redemptions_of(&desk), "FIFTH active 1"); /* all of the period was given back */
	check_explained(&desk);
	desk_close(&desk);
}

TEST(a_discount_too_fine_to_be_spread_is_refused_with_its_coupon_and_a_remedy)
{
	struct desk desk;
	coupon_open(&desk, "");
	shop_deploy(&desk, "rule 'fine' { policy = 'discount', run = function (request) local amount = request.amount "
	                   "for _ = 1, 4 do amount = amount:portion(1, 999999937) end return amount end }");
	coupon_make(&desk, "'code':'FINE','percent':'20'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'FINE','account_id':1}");
	CHECK_REFUSED(&desk, "subscription_bundle.create",
	              "{'account_id':1,'subscriptions':[{'plan':'third','billing_alignment':'account'},{'plan':'rest','billing_alignment':'account'}]}",
	              PROBLEM_OVERFLOW, "/coupon");
	CHECK_EQ_C(desk.problems.first->remedy, "Let the policy discount answer with fewer decimals, or remove the redemption.");
	CHECK_EQ_TEXT(desk.problems.first->value, "FINE");
	desk_do(&desk, "coupon.remove", "{'id':1}");
	subscribe(&desk, "gold", "");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00");
	desk_close(&desk);
}

/* ---- who may redeem ---- */

TEST(what_a_coupon_is_not_for_is_refused_with_its_place)
{
	struct desk desk;
	coupon_open(&desk, "");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A'}", PROBLEM_MISSING_FIELD, "/percent");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','percent':'0'}", PROBLEM_OUT_OF_RANGE, "/percent");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','percent':'5','amounts':[{'currency':'USD','amount':'5'}]}",
	              PROBLEM_INVALID_COMBINATION, "/percent");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','percent':'5','duration':'periods'}", PROBLEM_MISSING_FIELD, "/periods");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','percent':'5','duration':'once','periods':2}",
	              PROBLEM_INVALID_COMBINATION, "/periods");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','amounts':[{'currency':'USD','amount':'0.001'}]}",
	              PROBLEM_TOO_MANY_DECIMALS, "/amounts/0/amount");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','percent':'5','plans':[{'code':'gald'}]}", PROBLEM_UNKNOWN_PLAN,
	              "/plans/0/code");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'A','percent':'5','products':[{'name':'boat'}]}", PROBLEM_UNKNOWN_PRODUCT,
	              "/products/0/name");
	coupon_make(&desk, "'code':'BUS','percent':'5','products':[{'name':'bus'}]");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'BUS','percent':'5'}", PROBLEM_DUPLICATE, "/code");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','coupon':'BUZ'}", PROBLEM_UNKNOWN_COUPON, "/coupon");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','coupon':'BUS'}",
	              PROBLEM_INVALID_COMBINATION, "/coupon");
	CHECK_REFUSED(&desk, "subscription_bundle.create", "{'account_id':1,'subscriptions':[{'plan':'third'},{'plan':'gold','coupon':'BUS'}]}",
	              PROBLEM_INVALID_COMBINATION, "/subscriptions/1/coupon");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'BUS'}", PROBLEM_MISSING_FIELD, "/account_id");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'BUS','subscription_id':7}", PROBLEM_NOT_FOUND, "/subscription_id");
	desk_do(&desk, "account.create", "{'name':'Eve','currency':'EUR'}");
	coupon_make(&desk, "'code':'DOLLAR','amounts':[{'currency':'USD','amount':'1'}]");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'DOLLAR','account_id':2}", PROBLEM_CURRENCY_MISMATCH, "/coupon");
	CHECK_EQ_TEXT(redemptions_of(&desk), "");
	desk_close(&desk);
}

TEST(a_coupon_is_redeemed_while_it_is_valid_and_as_often_as_it_may_be)
{
	struct desk desk;
	coupon_open(&desk, "");
	desk_do(&desk, "account.create", "{'name':'Eve'}");
	desk_do(&desk, "account.create", "{'name':'Joe'}");
	coupon_make(&desk, "'code':'FEB','percent':'5','valid_from':'2012-02-01T00:00:00Z','valid_until':'2012-03-01T00:00:00Z',"
	                   "'max_redemptions':2,'max_per_account':1,'duration':'forever'");
	subscribe(&desk, "gold", "");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'FEB','account_id':1}", PROBLEM_WRONG_STATE, "/coupon");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	desk_do(&desk, "coupon.redeem", "{'coupon':'FEB','account_id':1}");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'FEB','subscription_id':1}", PROBLEM_WRONG_STATE, "/coupon");
	desk_do(&desk, "coupon.redeem", "{'coupon':'FEB','account_id':2}");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'FEB','account_id':3}", PROBLEM_WRONG_STATE, "/coupon");
	CHECK_REFUSED(&desk, "coupon.update", "{'id':1,'max_redemptions':1}", PROBLEM_OUT_OF_RANGE, "/max_redemptions");
	struct coupon *coupon = desk_do(&desk, "coupon.update", "{'id':1,'max_redemptions':3,'name':'February'}");
	CHECK_EQ_INT(coupon->redemptions, 2);
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'FEB','account_id':3}", PROBLEM_WRONG_STATE, "/coupon");
	desk_do(&desk, "coupon.archive", "{'id':1}");
	CHECK_REFUSED(&desk, "coupon.archive", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_TEXT(invoices_of(&desk), "01-01 10.00; 02-01 10.00; 03-01 10.00 d-0.50");
	desk_close(&desk);
}

TEST(a_coupon_that_allows_no_other_beside_it_is_alone)
{
	struct desk desk;
	coupon_open(&desk, "");
	coupon_make(&desk, "'code':'SOLE','percent':'5','duration':'forever','stackable':false");
	coupon_make(&desk, "'code':'ALSO','percent':'5','duration':'forever'");
	subscribe(&desk, "gold", ",'coupon':'SOLE'");
	subscribe(&desk, "gold", ",'coupon':'ALSO'");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'ALSO','subscription_id':1}", PROBLEM_WRONG_STATE, "/coupon");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'SOLE','account_id':1}", PROBLEM_WRONG_STATE, "/coupon");
	CHECK_REFUSED(&desk, "coupon.redeem", "{'coupon':'SOLE','subscription_id':1}", PROBLEM_DUPLICATE, "/coupon");
	desk_do(&desk, "coupon.remove", "{'id':1}");
	desk_do(&desk, "coupon.redeem", "{'coupon':'ALSO','subscription_id':1}");
	desk_close(&desk);
}

/* ---- random lives ---- */

enum { LIVES = 12, STEPS = 9 };

static const char *day_text(struct desk *desk, int32_t day)
{
	struct date start;
	CHECK(date_make(2012, 1, 1, &start));
	struct text text = date_text(&desk->arena, date_add_days(start, day));
	return text_format(&desk->arena, "%.*sT00:00:00Z", TEXT_ARG(text)).data;
}

static struct text random_redemption(struct desk *desk, uint64_t *state)
{
	static const char *const codes[] = { "ONCE", "THREE", "EVER", "FIX", "FIXONCE" };
	static const char *const whom[] = { "account_id", "subscription_id" };
	const char *code = codes[check_between(state, 0, 4)];
	return text_format(&desk->arena, "{'coupon':'%s','%s':1}", code, whom[check_between(state, 0, 1)]);
}

/* One thing that a customer may do; refusals are part of life. */
static void random_step(struct desk *desk, uint64_t *state)
{
	static const char *const plans[] = { "gold", "silver", "year", "late" };
	static const char *const policies[] = { "immediate", "end_of_term" };
	const char *plan = plans[check_between(state, 0, 3)], *policy = policies[check_between(state, 0, 1)];
	int64_t what = check_between(state, 0, 7), number = check_between(state, 1, 28);
	struct text input = text_format(&desk->arena, "{'id':1,'plan':'%s','policy':'%s','billing_alignment':'account'}", plan, policy);
	const char *command = "subscription.change_plan";
	struct text redeem = random_redemption(desk, state);
	if (what == 1) {
		command = "subscription.change_quantity";
		input = text_format(&desk->arena, "{'id':1,'quantity':%lld}", (long long)(number % 3 + 1));
	} else if (what == 2) {
		command = "subscription_bundle.pause";
		input = TEXT("{'id':1}");
	} else if (what == 3) {
		command = "subscription_bundle.resume";
		input = TEXT("{'id':1}");
	} else if (what == 4 || what == 5) {
		command = "coupon.redeem";
		input = redeem;
	} else if (what == 6) {
		command = "coupon.remove";
		input = text_format(&desk->arena, "{'id':%lld}", (long long)(number % 4 + 1));
	}
	void *output;
	problems_init(&desk->problems, &desk->arena);
	desk_try_text(desk, command, desk_json(desk, input.data), &output);
}

/* What a charge comes to with all that is linked to it, taxes apart. */
static int64_t left_of(const struct invoice_list *invoices, const struct invoice_line *charge)
{
	int64_t left = charge->amount.minor;
	for (size_t i = 0; i < invoices->count; i++)
		for (size_t j = 0; j < invoices->items[i].lines.count; j++) {
			const struct invoice_line *line = &invoices->items[i].lines.items[j];
			if (line->linked_invoice_id == charge->invoice_id && line->linked_position == charge->position)
				left += line->amount.minor;
		}
	return left;
}

static bool check_lines(struct command *command, void *context)
{
	struct object_filter filter = { .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	size_t *discounts = context;
	CHECK(invoice_page(command, &filter, &invoices));
	for (size_t i = 0; i < invoices.count; i++)
		CHECK(invoice_load_lines(command, &invoices.items[i]));
	for (size_t i = 0; i < invoices.count; i++)
		for (size_t j = 0; j < invoices.items[i].lines.count; j++) {
			const struct invoice_line *line = &invoices.items[i].lines.items[j];
			*discounts += line->kind == INVOICE_LINE_KIND_DISCOUNT;
			if (line->kind == INVOICE_LINE_KIND_RECURRING)
				CHECK(left_of(&invoices, line) >= 0);
		}
	return true;
}

static void make_coupons(struct desk *desk)
{
	coupon_make(desk, "'code':'ONCE','percent':'33'");
	coupon_make(desk, "'code':'THREE','percent':'12.5','periods':3");
	coupon_make(desk, "'code':'EVER','percent':'7','duration':'forever','plans':[{'code':'gold'},{'code':'year'}]");
	coupon_make(desk, "'code':'FIX','amounts':[{'currency':'USD','amount':'4.01'}],'duration':'forever'");
	coupon_make(desk, "'code':'FIXONCE','amounts':[{'currency':'USD','amount':'25'}]");
}

/* The same life, the clock moved day by day or at once between the steps. */
static char *live(uint64_t seed, bool daily, size_t *discounts)
{
	struct desk desk;
	uint64_t state = seed;
	int32_t day = 0;
	void *output;
	coupon_open(&desk, "");
	make_coupons(&desk);
	subscribe(&desk, "gold", ",'coupon':'THREE'");
	subscribe(&desk, "third", "");
	for (int step = 0; step < STEPS; step++) {
		int32_t until = day + (int32_t)check_between(&state, 1, 45);
		while (daily && day + 1 < until)
			shop_advance(&desk, day_text(&desk, ++day));
		day = until;
		shop_advance(&desk, day_text(&desk, day));
		random_step(&desk, &state);
	}
	struct text told = invoices_of(&desk);
	desk_try_text(&desk, "invoice.run", desk_json(&desk, "{'account_id':1}"), &output);
	CHECK_EQ_TEXT(invoices_of(&desk), told.data); /* a second run adds nothing */
	/* nor does one that forgets its marks and looks at everything again */
	desk_do(&desk, "fixture.set", "{'states':[{'object':'subscription','id':1,'values':{'derive_from':'2012-01-01'}}]}");
	desk_try_text(&desk, "invoice.run", desk_json(&desk, "{'account_id':1}"), &output);
	CHECK_EQ_TEXT(invoices_of(&desk), told.data);
	desk_read(&desk, check_lines, discounts);
	check_explained(&desk);
	char *kept = strdup(text_format(&desk.arena, "%.*s | %.*s", TEXT_ARG(told), TEXT_ARG(redemptions_of(&desk))).data);
	CHECK(kept != NULL);
	desk_close(&desk);
	return kept;
}

TEST(discounts_are_the_same_however_the_clock_goes_and_no_line_is_left_below_nothing)
{
	uint64_t state = check_seed();
	size_t discounts = 0;
	for (int life = 0; life < LIVES; life++) {
		uint64_t seed = state + (uint64_t)life * 7919;
		check_note("life %d", life);
		char *daily = live(seed, true, &discounts), *jump = live(seed, false, &discounts);
		CHECK_EQ_C(jump, daily);
		free(daily);
		free(jump);
	}
	CHECK(discounts > LIVES); /* else nothing was tried */
}

CHECK_MAIN
