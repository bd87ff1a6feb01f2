/* test_prepaid_lot.c: lots of prepaid components: bought, used up, given back, expired, renewed, taken away. Figures: maxio.md 7.8, 7.9. */
#include "shop.h"

#include "billing/component_usage_record.h"
#include "billing/credit_note.h"
#include "billing/explain.h"
#include "billing/prepaid_lot.h"

#define PER_UNIT(amount) "{'scheme':'per_unit','unit_price':'" amount "'}"
#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]}]}]}"

/* Subscription 1 of 1 April 2024 has component 1, credits: 0.10 each, 0.25 beyond; what `rules` says of renewals and expiry. */
static void open_with_lots(struct desk *desk, const char *rules)
{
	shop_open_empty(desk, "'billing':{'convention':'maxio'}", false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2024-04-01T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "component.create",
	        text_format(&desk->arena,
	                    "{'handle':'credits','name':'Credits','unit_name':'credit','kind':'prepaid','price':" PER_UNIT("0.10")
	                    ",'overage_price':" PER_UNIT("0.25") "%s%s}", rules[0] ? "," : "", rules).data);
	desk_do(desk, "component.create",
	        "{'handle':'calls','name':'Calls','kind':'metered','price':{'scheme':'tiered','tiers':["
	        "{'ends_at':'100','unit_price':'0'},{'unit_price':'0.5'}]}}");
	desk_do(desk, "price_point.create",
	        "{'component_id':2,'handle':'night','price':{'scheme':'tiered','tiers':[{'ends_at':'100','unit_price':'0'},"
	        "{'unit_price':'0.25'}]}}");
	desk_do(desk, "subscription.subscribe",
	        "{'account_id':1,'plan':'base','components':[{'component':'credits'},{'component':'calls'}]}");
}

static const struct allocation *buy(struct desk *desk, const char *quantity, const char *more)
{
	const struct allocations_made *made = desk_do(
	        desk, "allocation.create",
	        text_format(&desk->arena, "{'subscription_id':1%s%s,'allocations':[{'component':'credits','quantity':'%s'}]}",
	                    more[0] ? "," : "", more, quantity).data);
	return &made->allocations.items[0];
}

static struct component_usage *use(struct desk *desk, const char *quantity)
{
	return desk_do(desk, "component_usage.create",
	               text_format(&desk->arena, "{'subscription_id':1,'component':'credits','quantity':'%s'}", quantity).data);
}

struct seen {
	struct subscription_component *had;
	struct allocation_list lots;
	struct component_period_list open;
};

static bool look(struct command *command, void *context)
{
	struct seen *seen = context;
	struct subscription *subscription;
	return subscription_find(command, 1, &subscription) && subscription_component_of(command, subscription, 1, &seen->had) &&
	       allocation_page(command, seen->had, 0, 100, &seen->lots) && component_periods_open(command, seen->had, &seen->open);
}

static const char *number(struct desk *desk, struct decimal decimal)
{
	return decimal_canonical_text(&desk->arena, decimal).data;
}

/* "1400, 700 used: 600/600 used_up, 100/800 open; 0 over" */
static struct text lots(struct desk *desk)
{
	struct seen seen = { 0 };
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	desk_read(desk, look, &seen);
	builder_format(&out, "%s, %s used:", number(desk, seen.had->quantity), number(desk, seen.had->unit_balance));
	for (size_t i = seen.lots.count; i-- > 0;) {
		const struct allocation *lot = &seen.lots.items[i];
		builder_format(&out, " %s/%s %s%s", number(desk, lot->used_quantity), number(desk, lot->quantity),
		               allocation_record.fields[ALLOCATION_FIELD_LOT].words[lot->lot], i ? "," : "");
	}
	builder_format(&out, "; %s over", seen.open.count ? number(desk, seen.open.items[0].overage_quantity) : "0");
	return builder_text(&out);
}

struct last {
	int64_t account_id;
	struct invoice *invoice;
};

/* Each of its lines can be explained. */
static bool lines_body(struct command *command, void *context)
{
	struct last *last = context;
	struct invoice_list list = { 0 };
	struct explanation *explanation;
	struct object_filter filter = { .account_id = last->account_id, .max = 1 };
	CHECK(invoice_page(command, &filter, &list) && list.count == 1);
	CHECK(explain_invoice(command, list.items[0].id, EXPLAIN_ALL, &explanation) && explanation);
	for (size_t i = 0; i < explanation->explained.count; i++)
		CHECK(explanation->explained.items[i].same);
	return invoice_find(command, list.items[0].id, &last->invoice);
}

/* Of components on the last invoice: "Credits: overage 100 = 25.00; ..." */
static struct text lines_of(struct desk *desk, int64_t account_id)
{
	struct last last = { .account_id = account_id };
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	desk_read(desk, lines_body, &last);
	for (size_t i = 0; i < last.invoice->lines.count; i++) {
		const struct invoice_line *line = &last.invoice->lines.items[i];
		if (line->component_id)
			builder_format(&out, "%s%.*s %s = %s", builder_text(&out).length ? "; " : "", TEXT_ARG(line->description),
			               number(desk, line->quantity), money_amount_text(&desk->arena, line->amount).data);
	}
	return builder_text(&out);
}

static struct text lines(struct desk *desk)
{
	return lines_of(desk, 1);
}

TEST(lots_are_added_and_the_oldest_is_used_first)
{
	struct desk desk;
	open_with_lots(&desk, "");
	buy(&desk, "600", "");
	buy(&desk, "800", "");
	CHECK_EQ_TEXT(lots(&desk), "1400, 0 used: 0/600 open, 0/800 open; 0 over");
	const struct component_usage *usage = use(&desk, "700");
	CHECK_EQ_TEXT(lots(&desk), "1400, 700 used: 600/600 used_up, 100/800 open; 0 over");
	CHECK_EQ_INT(usage->lots.count, 2);
	CHECK_EQ_C(number(&desk, usage->lots.items[1].quantity), "100");
	usage = use(&desk, "800");
	CHECK_EQ_C(number(&desk, usage->overage_quantity), "100");
	CHECK_EQ_C(number(&desk, usage->overage_balance), "100");
	CHECK_EQ_TEXT(lots(&desk), "1400, 1500 used: 600/600 used_up, 800/800 used_up; 100 over");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "Credits: overage 100 = 25.00; Credits: 600 credits 600 = 60.00; Credits: 800 credits 800 = 80.00");
	CHECK_EQ_TEXT(lots(&desk), "0, 0 used: 600/600 used_up, 800/800 used_up; 0 over");
	desk_close(&desk);
}

TEST(a_lot_costs_its_whole_price_whenever_it_is_bought)
{
	struct desk desk;
	open_with_lots(&desk, "");
	shop_advance(&desk, "2024-04-20T00:00:00Z");
	const struct allocation *lot = buy(&desk, "100", "'accrue_charge':false");
	CHECK(lot->charge_id != 0);
	CHECK_EQ_TEXT(lines(&desk), "Credits: 100 credits 100 = 10.00");
	CHECK_REFUSED(&desk, "allocation.create", "{'subscription_id':1,'allocations':[{'component':'credits','quantity':'0'}]}",
	              PROBLEM_OUT_OF_RANGE, "/allocations/0/quantity");
	desk_close(&desk);
}

TEST(what_is_taken_back_goes_off_the_overage_then_to_the_lots_used_last)
{
	struct desk desk;
	open_with_lots(&desk, "");
	buy(&desk, "600", "");
	buy(&desk, "800", "");
	use(&desk, "1500");
	const struct component_usage *back = use(&desk, "-250");
	CHECK_EQ_C(number(&desk, back->balance), "1250");
	CHECK_EQ_C(number(&desk, back->overage_balance), "0");
	CHECK_EQ_C(number(&desk, back->lots.items[0].quantity), "-150");
	CHECK_EQ_TEXT(lots(&desk), "1400, 1250 used: 600/600 used_up, 650/800 open; 0 over");
	use(&desk, "-700");
	CHECK_EQ_TEXT(lots(&desk), "1400, 550 used: 550/600 open, 0/800 open; 0 over");
	use(&desk, "-9999");
	CHECK_EQ_TEXT(lots(&desk), "1400, 0 used: 0/600 open, 0/800 open; 0 over");
	use(&desk, "30");
	CHECK_EQ_TEXT(lots(&desk), "1400, 30 used: 30/600 open, 0/800 open; 0 over");
	desk_close(&desk);
}

/* 100 bought, 30 used */
static void renewed_by(const char *rules, const char *left, const char *charged)
{
	struct desk desk;
	open_with_lots(&desk, rules);
	buy(&desk, "100", "'accrue_charge':false");
	use(&desk, "30");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	check_note("%s", rules);
	CHECK_EQ_TEXT(lots(&desk), left);
	CHECK_EQ_TEXT(lines(&desk), charged);
	desk_close(&desk);
}

TEST(what_is_left_rolls_over_is_renewed_both_or_neither)
{
	renewed_by("", "0, 0 used: 30/100 lapsed; 0 over", "");
	renewed_by("'rollover_prepaid':true", "70, 0 used: 30/100 open; 0 over", "");
	renewed_by("'renew_prepaid':true", "100, 0 used: 30/100 lapsed, 0/100 open; 0 over", "Credits 100 = 10.00");
	renewed_by("'rollover_prepaid':true,'renew_prepaid':true", "170, 0 used: 30/100 open, 0/100 open; 0 over",
	           "Credits 100 = 10.00");
}

TEST(what_is_renewed_is_what_the_last_period_bought)
{
	struct desk desk;
	open_with_lots(&desk, "'rollover_prepaid':true,'renew_prepaid':true");
	buy(&desk, "100", "'accrue_charge':false");
	shop_advance(&desk, "2024-05-10T00:00:00Z");
	buy(&desk, "50", "'accrue_charge':false");
	shop_advance(&desk, "2024-06-01T00:00:00Z");
	CHECK_EQ_TEXT(lots(&desk), "400, 0 used: 0/100 open, 0/100 open, 0/50 open, 0/100 open, 0/50 open; 0 over");
	CHECK_EQ_TEXT(lines(&desk), "Credits 100 = 10.00; Credits 50 = 5.00");
	desk_close(&desk);
}

TEST(a_lot_expires_at_its_instant_and_may_expire_at_another_one)
{
	struct desk desk;
	open_with_lots(&desk, "'rollover_prepaid':true,'expires_after':10,'expires_unit':'day'");
	shop_advance(&desk, "2024-04-02T10:00:00Z");
	buy(&desk, "100", "");
	use(&desk, "30");
	shop_advance(&desk, "2024-04-12T09:59:59Z");
	CHECK_EQ_TEXT(lots(&desk), "100, 30 used: 30/100 open; 0 over");
	shop_advance(&desk, "2024-04-12T10:00:00Z");
	CHECK_EQ_TEXT(lots(&desk), "30, 30 used: 30/100 expired; 0 over");
	desk_do(&desk, "allocation.change_expiration", "{'id':1,'expires_at':'2031-01-01T00:00:00Z'}");
	CHECK_EQ_TEXT(lots(&desk), "100, 30 used: 30/100 open; 0 over");
	CHECK_REFUSED(&desk, "allocation.change_expiration", "{'id':1,'expires_at':'2024-03-31T23:59:59Z'}", PROBLEM_OUT_OF_RANGE,
	              "/expires_at");
	CHECK_REFUSED(&desk, "allocation.change_expiration", "{'id':1}", PROBLEM_MISSING_FIELD, "/expires_at");
	desk_do(&desk, "allocation.change_expiration", "{'id':1,'expires_at':'2024-04-05T00:00:00Z'}");
	CHECK_EQ_TEXT(lots(&desk), "30, 30 used: 30/100 expired; 0 over");
	CHECK_EQ_C(number(&desk, use(&desk, "5")->overage_quantity), "5");
	desk_close(&desk);
}

TEST(what_does_not_expire_cannot_be_made_to)
{
	struct desk desk;
	open_with_lots(&desk, "");
	buy(&desk, "100", "");
	CHECK_REFUSED(&desk, "allocation.change_expiration", "{'id':1,'expires_at':'2031-01-01T00:00:00Z'}", PROBLEM_WRONG_STATE,
	              "/expires_at");
	CHECK_REFUSED(&desk, "allocation.change_expiration", "{'id':9,'expires_at':'2031-01-01T00:00:00Z'}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

static const struct allocation_deleted *take_away(struct desk *desk, const char *scheme)
{
	return desk_do(desk, "allocation.delete", text_format(&desk->arena, "{'id':1%s}", scheme).data);
}

TEST(a_lot_is_taken_away_for_nothing_a_credit_or_a_refund)
{
	static const struct { const char *scheme, *used; int64_t cents; bool credit, note; } rows[] = {
		{ ",'credit_scheme':'nothing'", NULL, 0, false, false }, { "", NULL, 1000, true, false },
		{ ",'credit_scheme':'credit'", "30", 700, true, false }, { ",'credit_scheme':'refund'", NULL, 1000, false, true },
		{ ",'credit_scheme':'refund'", "30", 700, false, true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct desk desk;
		open_with_lots(&desk, "");
		buy(&desk, "100", "'accrue_charge':false");
		if (rows[i].used)
			use(&desk, rows[i].used);
		const struct allocation_deleted *deleted = take_away(&desk, rows[i].scheme);
		check_note("%s", rows[i].scheme);
		CHECK_EQ_INT(deleted->amount.minor, rows[i].cents);
		CHECK_EQ_INT(deleted->invoice_id != 0, rows[i].credit);
		CHECK_EQ_INT(deleted->credit_note_id != 0, rows[i].note);
		CHECK_EQ_TEXT(lots(&desk), rows[i].used ? "30, 30 used: 30/100 deleted; 0 over" : "0, 0 used: 0/100 deleted; 0 over");
		CHECK_REFUSED(&desk, "allocation.delete", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
		desk_close(&desk);
	}
}

TEST(what_waits_to_be_invoiced_is_credited_and_not_refunded)
{
	struct desk desk;
	open_with_lots(&desk, "");
	buy(&desk, "100", "");
	CHECK_REFUSED(&desk, "allocation.delete", "{'id':1,'credit_scheme':'refund'}", PROBLEM_WRONG_STATE, "/credit_scheme");
	CHECK_EQ_INT(take_away(&desk, "")->amount.minor, 1000);
	desk_close(&desk);
}

TEST(a_renewed_lot_is_refunded_by_its_line)
{
	struct desk desk;
	open_with_lots(&desk, "'renew_prepaid':true");
	buy(&desk, "100", "'accrue_charge':false");
	shop_advance(&desk, "2024-05-02T00:00:00Z");
	const struct allocation_deleted *deleted = desk_do(&desk, "allocation.delete", "{'id':2,'credit_scheme':'refund'}");
	CHECK_EQ_INT(deleted->amount.minor, 1000);
	CHECK(deleted->credit_note_id != 0);
	shop_advance(&desk, "2024-06-02T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "");
	desk_close(&desk);
}

TEST(metered_usage_is_billed_in_arrears_a_line_for_each_price_point)
{
	struct desk desk;
	open_with_lots(&desk, "");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'194'}");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'162','price_point':'night'}");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "Calls 194 = 47.00; Calls 162 = 15.50");
	shop_advance(&desk, "2024-06-01T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "");
	desk_close(&desk);
}

TEST(a_subscription_that_is_cancelled_is_billed_for_what_it_used_last)
{
	struct desk desk;
	open_with_lots(&desk, "");
	buy(&desk, "10", "'accrue_charge':false");
	use(&desk, "30");
	shop_advance(&desk, "2024-04-11T00:00:00Z");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'194'}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(lines(&desk), "Credits: overage 20 = 5.00; Calls 194 = 47.00");
	CHECK_REFUSED(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'1'}", PROBLEM_WRONG_STATE,
	              "/subscription_id");
	desk_close(&desk);
}

TEST(a_subscription_begins_with_a_lot)
{
	struct desk desk;
	open_with_lots(&desk, "");
	const struct subscription *made = desk_do(
	        &desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'credits','quantity':'100'}]}");
	CHECK(made->components);
	CHECK_EQ_TEXT(lines(&desk), "Credits: 100 credits 100 = 10.00");
	desk_close(&desk);
}

TEST(lots_that_expire_first_are_used_first_where_the_tenant_says_so)
{
	struct desk desk;
	open_with_lots(&desk, "'expires_after':10,'expires_unit':'day'");
	desk_do(&desk, "tenant.configure", "{'settings':{'components':{'prepaid_order':'expiry'}}}");
	buy(&desk, "100", "");
	buy(&desk, "100", "");
	desk_do(&desk, "allocation.change_expiration", "{'id':1,'expires_at':'2024-05-01T00:00:00Z'}");
	use(&desk, "120");
	CHECK_EQ_TEXT(lots(&desk), "200, 120 used: 20/100 open, 100/100 used_up; 0 over");
	use(&desk, "-30");
	CHECK_EQ_TEXT(lots(&desk), "200, 90 used: 0/100 open, 90/100 open; 0 over");
	desk_close(&desk);
}

TEST(a_pause_keeps_lots_and_bills_what_was_used)
{
	struct desk desk;
	open_with_lots(&desk, "");
	buy(&desk, "100", "'accrue_charge':false");
	use(&desk, "30");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'194'}");
	shop_advance(&desk, "2024-04-16T00:00:00Z");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1}");
	CHECK_EQ_TEXT(lines(&desk), "Calls 194 = 47.00");
	CHECK_EQ_TEXT(lots(&desk), "70, 0 used: 30/100 open; 0 over");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1}");
	use(&desk, "10");
	CHECK_EQ_TEXT(lots(&desk), "70, 10 used: 40/100 open; 0 over");
	desk_close(&desk);
}

TEST(lots_go_along_to_another_account)
{
	struct desk desk;
	open_with_lots(&desk, "");
	desk_do(&desk, "account.create", "{'name':'Bob'}");
	buy(&desk, "100", "'accrue_charge':false");
	use(&desk, "30");
	shop_advance(&desk, "2024-04-16T00:00:00Z");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':1,'account_id':2,'billing_policy':'immediate'}");
	const struct component_usage *usage = desk_do(
	        &desk, "component_usage.create", "{'subscription_id':2,'component':'credits','quantity':'75'}");
	CHECK_EQ_C(number(&desk, usage->overage_quantity), "5");
	desk_close(&desk);
}

TEST(a_price_may_ask_for_something_where_nothing_is_used)
{
	struct desk desk;
	open_with_lots(&desk, "");
	desk_do(&desk, "component.create",
	        "{'handle':'power','name':'Power','kind':'metered','price':{'scheme':'per_unit','unit_price':'1','minimum':'5'}}");
	desk_do(&desk, "subscription_component.add", "{'subscription_id':1,'component':'power'}");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "Power 0 = 5.00");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'power','quantity':'7'}");
	shop_advance(&desk, "2024-06-01T00:00:00Z");
	CHECK_EQ_TEXT(lines(&desk), "Power 7 = 7.00");
	desk_close(&desk);
}

/* What 88 months come to, by so many moves of the clock. */
static struct text after_months(int step)
{
	struct desk desk;
	struct date first;
	static char told[8192];
	open_with_lots(&desk, "'rollover_prepaid':true,'renew_prepaid':true,'expires_after':3,'expires_unit':'month'");
	CHECK(date_make(2024, 4, 1, &first));
	buy(&desk, "100", "'accrue_charge':false");
	use(&desk, "430");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'194'}");
	for (int month = step; month <= 88; month += step)
		shop_advance(&desk, text_format(&desk.arena, "%sT00:00:00Z",
		                                date_text(&desk.arena, date_add_months(first, month)).data).data);
	struct text left = lots(&desk), billed = shop_invoices(&desk);
	snprintf(told, sizeof told, "%.*s %zu bytes; %.*s", TEXT_ARG(left), billed.length, TEXT_ARG(text_slice(billed, 0, 6000)));
	desk_close(&desk);
	return text_of(told);
}

TEST(one_move_of_the_clock_is_as_many_small_ones)
{
	char once[8192];
	snprintf(once, sizeof once, "%s", after_months(88).data);
	CHECK_EQ_TEXT(after_months(1), once);
	CHECK_EQ_TEXT(after_months(11), once);
}

TEST(usage_while_nothing_is_invoiced_counts_in_its_own_month)
{
	struct desk desk;
	open_with_lots(&desk, "'renew_prepaid':true");
	buy(&desk, "100", "'accrue_charge':false");
	desk_do(&desk, "subscription.set_invoicing", "{'id':1,'invoicing_off':true}");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'194'}");
	shop_advance(&desk, "2024-05-03T00:00:00Z");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'110'}");
	desk_do(&desk, "component_usage.create",
	        "{'subscription_id':1,'component':'calls','quantity':'10','used_at':'2024-04-20T00:00:00Z'}");
	use(&desk, "130");
	shop_advance(&desk, "2024-06-05T00:00:00Z");
	desk_do(&desk, "subscription.set_invoicing", "{'id':1,'invoicing_off':false}");
	CHECK_EQ_TEXT(lines(&desk), "Calls 204 = 52.00; Credits 100 = 10.00; Credits: overage 30 = 7.50; Calls 110 = 5.00; Credits 100 = 10.00");
	CHECK_EQ_TEXT(lots(&desk), "100, 0 used: 100/100 used_up, 0/100 lapsed, 0/100 open; 0 over");
	desk_close(&desk);
}

CHECK_MAIN
