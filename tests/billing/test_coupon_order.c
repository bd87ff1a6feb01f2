/* test_coupon_order.c: coupons of what orders sell: what they take off before percentages, what changed orders, credit
 * notes and withdrawn invoices give back. */
#include "shop.h"

#include "billing/coupon.h"
#include "billing/explain.h"

/* ---- what came of it ---- */

struct story_text {
	struct desk *desk;
	struct text text;
};

static void tell_line(struct arena *arena, struct text_builder *out, const struct invoice_line *line)
{
	static const char *const marks[INVOICE_LINE_KIND_COUNT] = {
		[INVOICE_LINE_KIND_DISCOUNT] = "d", [INVOICE_LINE_KIND_TAX] = "t", [INVOICE_LINE_KIND_PERCENT] = "p",
		[INVOICE_LINE_KIND_USAGE] = "u", [INVOICE_LINE_KIND_ITEM_ADJUSTMENT] = "a", [INVOICE_LINE_KIND_FIXED] = "f",
	};
	struct text amount = money_amount_text(arena, line->amount);
	builder_format(out, " %s%.*s", marks[line->kind] ? marks[line->kind] : "", TEXT_ARG(amount));
}

static bool tell_invoices(struct command *command, void *context)
{
	struct story_text *story = context;
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	struct text_builder out;
	CHECK(invoice_page(command, &filter, &invoices));
	builder_init(&out, &story->desk->arena, 0);
	for (size_t i = invoices.count; i-- > 0;) {
		struct invoice *invoice = &invoices.items[i];
		struct explanation *explanation;
		CHECK(invoice_load_lines(command, invoice));
		struct text day = date_text(command->arena, invoice->invoice_date);
		builder_format(&out, "%s%.*s", out.length ? "; " : "", 5, day.data + 5);
		for (size_t j = 0; j < invoice->lines.count; j++)
			tell_line(command->arena, &out, &invoice->lines.items[j]);
		CHECK(explain_invoice(command, invoice->id, 0, &explanation));
		for (size_t j = 0; j < explanation->explained.count; j++)
			if (!explanation->explained.items[j].same)
				builder_format(&out, " [line %zu differs when it is done again]", j + 1);
	}
	story->text = builder_text(&out);
	return true;
}

/* "09-06 165.00 d-16.50": the day of each invoice, and its amounts: d discounts, t taxes, p percentages, u usage, a
 * adjustments, f fixed prices of plans that were subscribed to. Each line is also explained again. */
static struct text invoices_of(struct desk *desk)
{
	struct story_text story = { desk, TEXT_NONE };
	desk_read(desk, tell_invoices, &story);
	return story.text;
}

static bool tell_redemptions(struct command *command, void *context)
{
	struct story_text *story = context;
	struct coupon_redemption_list redemptions = { 0 };
	struct text_builder out;
	CHECK(coupon_redemptions_of_account(command, 1, &redemptions));
	builder_init(&out, &story->desk->arena, 0);
	for (size_t i = 0; i < redemptions.count; i++) {
		const struct coupon_redemption *redemption = &redemptions.items[i];
		builder_format(&out, "%s%.*s %s", i ? "; " : "", TEXT_ARG(redemption->code),
		               coupon_redemption_record.fields[COUPON_REDEMPTION_FIELD_STATUS].words[redemption->status]);
		if (redemption->order_id)
			builder_format(&out, " of %lld", (long long)redemption->order_id);
		if (redemption->has_periods_left)
			builder_format(&out, " %lld", (long long)redemption->periods_left);
	}
	story->text = builder_text(&out);
	return true;
}

/* "ONCE used_up of 381 0": status, the order, billing periods left */
static struct text redemptions_of(struct desk *desk)
{
	struct story_text story = { desk, TEXT_NONE };
	desk_read(desk, tell_redemptions, &story);
	return story.text;
}

static void coupon_make(struct desk *desk, const char *members)
{
	desk_do(desk, "coupon.create", text_format(&desk->arena, "{%s}", members).data);
}

/* A shop with a coupon of these members. */
static void open_with_coupon(struct desk *desk, const char *members)
{
	shop_open(desk);
	coupon_make(desk, members);
}

/* An order from 20 September that is invoiced at once, of these lines. */
static void place(struct desk *desk, const char *plan, const char *lines, const char *more)
{
	desk_do(desk, "order.place",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s','start_date':'2011-09-20','status':'active','create_invoice':true,"
	                                  "'lines':[%s]%s}", plan, lines, more).data);
}

#define LINE(code) "{'price_code':'" code "','quantity':'1'}"

/* ---- what is taken off ---- */

TEST(an_orders_coupon_is_taken_off_its_charges_and_tax_lies_on_what_is_left)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'ONCE','percent':'20'");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'ONCE'");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 55.00 d-11.00 t4.40");
	CHECK_EQ_TEXT(redemptions_of(&desk), "ONCE used_up of 381 0");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 55.00 d-11.00 t4.40; 10-01 150.00 t15.00");
	desk_close(&desk);
}

TEST(a_coupon_that_an_order_got_later_discounts_its_next_invoices)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'TWO','percent':'10','periods':2,'plans':[{'code':'H1'}]");
	shop_order(&desk, "'create_invoice':true");
	shop_order_plan(&desk, "H3", "");
	desk_do(&desk, "coupon.redeem", "{'coupon':'TWO','order_id':381}");
	shop_advance(&desk, "2011-12-01T06:00:00Z"); /* the other order is not discounted */
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 60.50; 10-01 165.00 16.50 45.00 d-16.50; 11-01 165.00 45.00 d-16.50; "
	                                  "12-01 165.00 45.00");
	desk_close(&desk);
}

TEST(a_fixed_amount_is_spread_over_all_that_an_order_charges_in_a_period)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'TEN','amounts':[{'currency':'USD','amount':'10'}],'duration':'forever'");
	place(&desk, "H4", LINE("MNTHLY") "," LINE("SUPPORT") ",{'plan':'H1','quantity':'1'}", ",'coupon':'TEN'");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 36.67 23.83 60.50 d-3.03 d-1.97 d-5.00");
	desk_close(&desk);
}

TEST(an_accounts_coupon_discounts_its_orders_first_and_then_what_it_subscribed_to)
{
	struct desk desk;
	shop_open_with(&desk, "");
	desk_do(&desk, "plan.create", "{'code':'X','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'8.00'}]}");
	desk_deploy_catalog(&desk, "{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car',"
	                           "'category':'standalone'}],'plans':[{'code':'gold','product':'car','phases':[{'kind':'evergreen',"
	                           "'duration_unit':'unlimited','billing_period':'monthly','recurring':[{'currency':'USD','amount':'10'}]}]}]}]}");
	coupon_make(&desk, "'code':'TWELVE','amounts':[{'currency':'USD','amount':'12'}],'duration':'forever'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'TWELVE','account_id':1}");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'X','start_date':'2011-11-01','lines':[" LINE("MNTHLY") "]}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','billing_alignment':'account','start_date':'2011-11-01'}");
	shop_advance(&desk, "2011-11-01T06:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "11-01 8.00 d-8.00 10.00 d-4.00");
	desk_close(&desk);
}

TEST(discounts_of_the_order_itself_come_first)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'FIFTH','percent':'20','duration':'forever'");
	coupon_make(&desk, "'code':'ALL','percent':'100','duration':'forever'");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'FIFTH','discounts':[{'percent':'10'}]");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 55.00 d-5.50 d-9.90 t3.96");
	desk_do(&desk, "coupon.redeem", "{'coupon':'ALL','account_id':1}");
	place(&desk, "H4", LINE("MNTHLY") "," LINE("SUPPORT"), ",'discounts':[{'percent':'33'}]");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 55.00 d-5.50 d-9.90 t3.96; 09-06 36.67 23.83 d-19.97 d-24.57 d-15.96");
	desk_close(&desk);
}

TEST(usage_of_an_order_is_discounted_with_its_period)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'ONCE','percent':'50'");
	place(&desk, "H1", LINE("MNTHLY") "," LINE("BANDWIDTH"), ",'coupon':'ONCE'");
	shop_advance(&desk, "2011-09-25T00:00:00Z");
	desk_do(&desk, "usage.record", "{'order_id':381,'price_code':'BANDWIDTH','quantity':'100'}");
	shop_advance(&desk, "2011-10-01T06:00:00Z"); /* the usage is September's, which was discounted */
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 60.50 d-30.25; 10-01 165.00 u10.00 d-5.00");
	desk_close(&desk);
}

TEST(what_an_invoice_rounds_as_a_whole_is_cents_before_it_is_discounted)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'whole' { policy = 'rounding', run = function () return { place = 'invoice', mode = 'half_up' } end }");
	coupon_make(&desk, "'code':'THIRD','percent':'33.333'");
	desk_do(&desk, "plan.create",
	        "{'code':'Y','charges':[{'price_code':'A','kind':'recurring','amount':'1.115'},{'price_code':'B','kind':'recurring',"
	        "'amount':'1.115'},{'price_code':'T','kind':'percent','percent':'10','tax':true,'mandatory':true,"
	        "'targets':[{'price_code':'A'},{'price_code':'B'}]}]}");
	place(&desk, "Y", LINE("A") "," LINE("B"), "");
	place(&desk, "Y", LINE("A") "," LINE("B"), ",'coupon':'THIRD'"); /* 2.23 less 0.74: 1.49; 0.149 */
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 1.12 1.11 t0.22; 09-06 1.12 1.11 d-0.37 d-0.37 t0.15");
	desk_close(&desk);
}

TEST(a_quote_shows_what_the_accounts_coupons_take_off_and_uses_none)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'TEN','percent':'10'");
	desk_do(&desk, "coupon.redeem", "{'coupon':'TEN','account_id':1}");
	const struct quote *quote = desk_do(&desk, "order.quote", "{'account_id':1,'plan':'H6','start_date':'2011-09-20'}");
	CHECK_EQ_INT(quote->lines.count, 3);
	CHECK_EQ_INT(quote->total.minor, 5445);
	CHECK_EQ_TEXT(redemptions_of(&desk), "TEN active 1");
	desk_close(&desk);
}

#define CHANGE(date, more) \
	"{'old_order_id':381,'change_date':'" date "','order':{'status':'active','plan':'H6','create_invoice':true," \
	"'lines':[{'price_code':'MNTHLY','quantity':'1'}]" more "}}"

#define DRAFT(id, more) \
	"{'old_order_id':" id ",'change_date':'2011-09-25','order':{'status':'draft','plan':'H6'," \
	"'lines':[{'price_code':'MNTHLY','quantity':'1'}]" more "}}"

/* The order's total is that of its invoice. */
static void check_total(struct desk *desk, int64_t order_id, int64_t invoice_id)
{
	struct text orders = SHOP_SHOW(desk, &order_record, "id", "total");
	struct text total = money_amount_text(&desk->arena, shop_invoice(desk, invoice_id)->total);
	const char *wanted = text_format(&desk->arena, "%lld %.*s", (long long)order_id, TEXT_ARG(total)).data;
	check_note("orders %.*s; invoice %.*s", TEXT_ARG(orders), TEXT_ARG(total));
	CHECK(strstr(orders.data, wanted));
}

TEST(an_order_says_the_total_that_it_is_invoiced_with)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'FIFTH','percent':'20','stackable':true,'duration':'forever'");
	coupon_make(&desk, "'code':'THREE','amounts':[{'currency':'USD','amount':'3'}],'stackable':true");
	desk_do(&desk, "coupon.redeem", "{'coupon':'FIFTH','account_id':1}");
	shop_order_plan(&desk, "H6", "'create_invoice':true");
	check_total(&desk, 381, 2396);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'THREE','discounts':[{'percent':'10'}]");
	check_total(&desk, 382, 2397);
	desk_do(&desk, "order.change", CHANGE("2011-09-25", ""));
	check_total(&desk, 383, 2398);
	shop_deploy(&desk, "rule 'two' { pre = 'OrderPreProcessed', run = function (o) o.lines[1].quantity = decimal '2' end }\n"
	                   "rule 'off' { pre = 'OrderPreCalculate', run = function (o)\n"
	                   "  o.discounts:add { percent = tostring(o.total.minor % 7), text = 'lucky' } end }");
	shop_order_plan(&desk, "H5", "'create_invoice':true");
	check_total(&desk, 384, 2399);
	desk_close(&desk);
}

TEST(a_quote_with_a_coupon_is_what_an_order_with_it_is_invoiced_and_redeems_nothing)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'ONCE','percent':'50'");
	const struct quote *quote =
	        desk_do(&desk, "order.quote", "{'account_id':1,'plan':'H6','start_date':'2011-09-20','coupon':'ONCE'}");
	CHECK_EQ_INT(quote->total.minor, 3025);
	CHECK_EQ_TEXT(redemptions_of(&desk), "");
	CHECK_REFUSED(&desk, "order.quote", "{'account_id':1,'plan':'H6','coupon':'ONCF'}", PROBLEM_UNKNOWN_COUPON, "/coupon");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'ONCE'");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 30.25 30.25");
	desk_close(&desk);
}

/* ---- what is given back ---- */

TEST(a_change_gives_back_its_part_of_the_discount_and_the_coupon_goes_on_with_the_new_order)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'ONCE','percent':'20'");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'ONCE'");
	desk_do(&desk, "order.change", CHANGE("2011-09-25", "")); /* 6 of 11 days: 30.00 - 6.00 + 2.40 */
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 26.40 0.00");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 55.00 d-11.00 t4.40; 09-06 30.00 d-6.00 t2.40");
	CHECK_EQ_TEXT(redemptions_of(&desk), "ONCE used_up of 382 0");
	desk_close(&desk);
}

TEST(a_draft_that_replaces_a_draft_says_its_total_with_the_coupons_of_all_that_it_replaces)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'HALF','percent':'50'");
	coupon_make(&desk, "'code':'TENTH','percent':'10'");
	shop_order_plan(&desk, "H6", "'coupon':'HALF'");
	desk_do(&desk, "order.change", DRAFT("381", ",'coupon':'TENTH'"));
	desk_do(&desk, "order.change", DRAFT("382", ""));
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "id", "total"), "381 30.25; 382 14.85; 383 14.85");
	desk_do(&desk, "order.process", "{'id':383,'create_invoice':true}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "id", "total"), "381 30.25; 382 14.85; 383 14.85");
	CHECK_EQ_TEXT(redemptions_of(&desk), "HALF used_up of 383 0; TENTH used_up of 383 0");
	desk_close(&desk);
}

TEST(what_a_change_gives_back_of_a_fixed_amount_is_there_for_the_rest_of_its_period)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'ELEVEN','amounts':[{'currency':'USD','amount':'11'}]");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'ELEVEN'");
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 55.00 d-11.00 t4.40");
	desk_do(&desk, "order.change", CHANGE("2011-09-25", ""));
	CHECK_EQ_TEXT(invoices_of(&desk), "09-06 55.00 d-11.00 t4.40; 09-06 30.00 d-6.00 t2.40");
	desk_close(&desk);
}

TEST(a_change_that_gives_back_all_gives_back_the_period)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'FREE','percent':'100'");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'FREE'");
	CHECK_EQ_TEXT(redemptions_of(&desk), "FREE used_up of 381 0");
	desk_do(&desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-09-20','order':{'status':'active','plan':'H6',"
	        "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	CHECK_EQ_TEXT(redemptions_of(&desk), "FREE active of 382 1");
	desk_do(&desk, "invoice.cancel", "{'id':2396}"); /* what was given back of it is given back once */
	CHECK_EQ_TEXT(redemptions_of(&desk), "FREE active of 382 1");
	desk_close(&desk);
}

TEST(credit_notes_and_withdrawn_invoices_of_orders_give_back_their_discounts)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'ONCE','percent':'20'");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'coupon':'ONCE'");
	const struct credit_note *note =
	        desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1,'amount':'27.50'}]}");
	CHECK_EQ_INT(note->sub_total.minor, 2200);
	desk_do(&desk, "credit_note.void", "{'id':1}");
	desk_do(&desk, "invoice.cancel", "{'id':2396}");
	CHECK_EQ_TEXT(redemptions_of(&desk), "ONCE active of 381 1");
	desk_close(&desk);
}

/* ---- for whom ---- */

TEST(a_coupon_of_an_order_that_is_deleted_ends_with_it)
{
	struct desk desk;
	open_with_coupon(&desk, "'code':'ONCE','percent':'20'");
	shop_order(&desk, "'coupon':'ONCE'");
	desk_do(&desk, "order.delete", "{'id':381}");
	CHECK_EQ_TEXT(redemptions_of(&desk), "ONCE removed of 381 1");
	desk_close(&desk);
}

TEST(what_cannot_be_redeemed_for_an_order_is_refused_with_its_place_and_leaves_no_order)
{
	struct desk desk;
	void *order;
	open_with_coupon(&desk, "'code':'ONCE','percent':'20','plans':[{'code':'H6'}]");
	CHECK(!desk_try_text(&desk, "order.place", shop_order_text(&desk, "H1", "'coupon':'ONCE'"), &order));
	CHECK_EQ_C(desk.problems.first->pointer, "/coupon");
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_INVALID_COMBINATION);
	CHECK(!desk_try_text(&desk, "order.place", shop_order_text(&desk, "H6", "'coupon':'ONSE'"), &order));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_UNKNOWN_COUPON);
	CHECK_EQ_INT(shop_order_plan(&desk, "H6", "'coupon':'ONCE'")->id, 381);
	CHECK_EQ_INT(desk_refused(&desk, "coupon.redeem", "{'coupon':'ONCE','order_id':381}")->code, PROBLEM_DUPLICATE);
	CHECK_EQ_C(desk_refused(&desk, "coupon.redeem", "{'coupon':'ONCE','order_id':999}")->pointer, "/order_id");
	CHECK_EQ_C(desk_refused(&desk, "coupon.redeem", "{'coupon':'ONCE','subscription_id':1}")->remedy,
	             "Redeem it for the order, by order_id.");
	CHECK_EQ_INT(desk_refused(&desk, "coupon.redeem", "{'coupon':'ONCE','order_id':381,'account_id':1}")->code,
	             PROBLEM_INVALID_COMBINATION);
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	CHECK_EQ_INT(desk_refused(&desk, "coupon.redeem", "{'coupon':'ONCE','order_id':381}")->code, PROBLEM_WRONG_STATE);
	desk_close(&desk);
}

CHECK_MAIN
