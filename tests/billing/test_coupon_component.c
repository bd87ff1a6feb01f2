/* test_coupon_component.c: coupons discount lines of components: which, and what is given back of them. */
#include "shop.h"

#include "billing/explain.h"

#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]}]}]}"
#define PER_UNIT(amount) "'price':{'scheme':'per_unit','unit_price':'" amount "'}"

/* Five seats of 10.00 from the first of April 2024 on, 09:00, and calls of 1.00; the account has redeemed the coupon. */
static void open_in_april(struct desk *desk, const char *coupon)
{
	shop_open_empty(desk, "'billing':{'convention':'maxio'}", false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2024-04-01T09:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "component.create", "{'handle':'seats','name':'Seats','kind':'quantity'," PER_UNIT("10") "}");
	desk_do(desk, "component.create", "{'handle':'calls','name':'Calls','kind':'metered'," PER_UNIT("1") "}");
	desk_do(desk, "coupon.create", coupon);
	desk_do(desk, "coupon.redeem", "{'coupon':'C','account_id':1}");
	desk_do(desk, "subscription.subscribe",
	        "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'5'},{'component':'calls'}]}");
}

struct asked {
	int64_t invoice_id;
	struct explanation *explanation;
};

static bool explain_body(struct command *command, void *context)
{
	struct asked *asked = context;
	return explain_invoice(command, asked->invoice_id, EXPLAIN_ALL, &asked->explanation);
}

/* Each line comes to the same again. */
static struct text lines_explained(struct desk *desk, int64_t invoice_id)
{
	struct asked asked = { .invoice_id = invoice_id };
	desk_read(desk, explain_body, &asked);
	if (!asked.explanation->same)
		CHECK_FAIL("it does not come to the same: %.*s",
		           TEXT_ARG(json_record_text(&desk->arena, &explanation_record, asked.explanation)));
	return shop_lines(desk, invoice_id);
}

TEST(a_coupon_that_names_nothing_discounts_components_too)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','percent':'10','duration':'forever'}");
	CHECK_EQ_TEXT(lines_explained(&desk, 1), "base 20.00; Seats 50.00; C 10 % -2.00; C 10 % -5.00");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'30'}");
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 2)->total), "90.00");
	lines_explained(&desk, 2);
	desk_close(&desk);
}

TEST(a_coupon_that_names_components_discounts_them_alone)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','percent':'10','duration':'forever','components':[{'handle':'seats'}]}");
	CHECK_EQ_TEXT(lines_explained(&desk, 1), "base 20.00; Seats 50.00; C 10 % -5.00");
	CHECK_REFUSED(&desk, "coupon.create", "{'code':'D','percent':'10','components':[{'handle':'seat'}]}",
	              PROBLEM_UNKNOWN_COMPONENT, "/components/0/handle");
	desk_close(&desk);
}

TEST(a_coupon_that_names_plans_discounts_no_component_that_it_does_not_name)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','percent':'10','duration':'forever','plans':[{'code':'base'}]}");
	CHECK_EQ_TEXT(lines_explained(&desk, 1), "base 20.00; Seats 50.00; C 10 % -2.00");
	desk_close(&desk);
}

TEST(a_fixed_amount_is_taken_off_what_was_used_and_not_off_what_is_had)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','amounts':[{'currency':'USD','amount':'30'}],'duration':'forever'}");
	CHECK_EQ_TEXT(lines_explained(&desk, 1), "base 20.00; Seats 50.00; C -20.00");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'30'}");
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	/* ten of April's thirty are left for what was used then */
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 2)->total), "70.00");
	lines_explained(&desk, 2);
	desk_close(&desk);
}

TEST(what_is_given_back_of_a_component_bears_the_percentage_that_it_was_charged_with)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','percent':'10','duration':'forever'}");
	shop_advance(&desk, "2024-04-16T09:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	/* half of 63.00, which the account has as a credit from then on */
	CHECK_EQ_TEXT(lines_explained(&desk, 2),
	              "Unused time of base -10.00; Unused time of Seats -25.00; C 10 %, given back 1.00; C 10 %, given back 2.50");
	desk_close(&desk);
}

TEST(what_was_not_discounted_is_given_back_whole)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','percent':'10','duration':'forever'}");
	desk_do(&desk, "coupon.remove", "{'id':1}");
	shop_advance(&desk, "2024-05-16T21:00:00Z"); /* of May half is left */
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 2)->total), "70.00");
	CHECK_EQ_TEXT(lines_explained(&desk, 3), "Unused time of base -10.00; Unused time of Seats -25.00");
	desk_close(&desk);
}

TEST(an_allocation_that_is_charged_at_once_is_discounted_as_its_preview_says)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','percent':'10','duration':'forever'}");
	shop_advance(&desk, "2024-04-16T09:00:00Z");
	static const char items[] = "{'subscription_id':1,'accrue_charge':false,'allocations':[{'component':'seats','quantity':'9'}]}";
	const struct allocations_previewed *shown = desk_do(&desk, "allocation.preview", items);
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shown->discount), "-2.00");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shown->total), "18.00");
	const struct allocations_made *made = desk_do(&desk, "allocation.create", items);
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, made->invoice_id)->total), "18.00");
	lines_explained(&desk, made->invoice_id);
	desk_close(&desk);
}

TEST(a_coupon_for_one_period_discounts_what_was_used_in_it)
{
	struct desk desk;
	open_in_april(&desk, "{'code':'C','percent':'10','duration':'once'}");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'30'}");
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 2)->total), "97.00");
	desk_close(&desk);
}

CHECK_MAIN
