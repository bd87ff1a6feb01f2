/* test_component.c: components, what their prices may say, and what a quantity costs. The arithmetic of each scheme is
 * that of the cases peers/charge_models. */
#include "shop.h"

#define SEATS(price) "{'handle':'seats','name':'Seats','kind':'quantity','price':{" price "}}"
#define POINT(handle, price) "{'component_id':1,'handle':'" handle "','price':{" price "}}"
#define PER_UNIT(amount) "'scheme':'per_unit','unit_price':'" amount "'"
#define TWO_TIERS "{'ends_at':'10','unit_price':'10','flat_price':'2'},{'starts_at':'11','unit_price':'5','flat_price':'3'}"

static void open_with_seats(struct desk *desk)
{
	shop_open_empty(desk, "", false);
	desk_do(desk, "component.create", SEATS(PER_UNIT("10")));
}

static struct text amount_of(struct desk *desk, const char *input)
{
	const struct price_quote *quote = desk_do(desk, "price_point.quote", input);
	return money_amount_text(&desk->arena, quote->amount);
}

/* ------------------------------------------------------------------------------------------------ components */

TEST(a_component_comes_with_its_default_price)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	const struct component *seats = desk_do(&desk, "component.create", SEATS(PER_UNIT("10")));
	CHECK_EQ_TEXT(seats->unit_name, "unit");
	CHECK(!seats->fractional);
	const struct price_point *original = desk_do(&desk, "price_point.update", "{'id':1,'name':'List price'}");
	CHECK_EQ_TEXT(original->handle, "original");
	CHECK_EQ_TEXT(original->name, "List price");
	CHECK_EQ_C(original->currency->code, "USD");
	CHECK_EQ_INT(original->component_id, 1);
	CHECK_EQ_INT(seats->price_point_id, 1);
	desk_close(&desk);
}

TEST(handles_are_unique_and_of_few_letters)
{
	struct desk desk;
	open_with_seats(&desk);
	CHECK_REFUSED(&desk, "component.create", SEATS(PER_UNIT("1")), PROBLEM_DUPLICATE, "/handle");
	CHECK_REFUSED(&desk, "component.create", "{'handle':'Seats','name':'s','kind':'quantity','price':{" PER_UNIT("1") "}}",
	              PROBLEM_BAD_TEXT, "/handle");
	CHECK_REFUSED(&desk, "component.create", "{'handle':'-s','name':'s','kind':'quantity','price':{" PER_UNIT("1") "}}",
	              PROBLEM_BAD_TEXT, "/handle");
	CHECK_REFUSED(&desk, "price_point.create", POINT("original", PER_UNIT("1")), PROBLEM_DUPLICATE, "/handle");
	desk_do(&desk, "component.create", "{'handle':'1.a:b-c_d','name':'s','kind':'quantity','price':{" PER_UNIT("1") "}}");
	desk_close(&desk);
}

TEST(the_default_price_is_another_ones_only_when_it_is_there_to_be_had)
{
	struct desk desk;
	open_with_seats(&desk);
	desk_do(&desk, "component.create", "{'handle':'disk','name':'d','kind':'metered','price':{" PER_UNIT("1") "}}");
	desk_do(&desk, "price_point.create", POINT("cheap", PER_UNIT("8")));
	CHECK_REFUSED(&desk, "component.update", "{'id':1,'price_point_id':2}", PROBLEM_INVALID_VALUE, "/price_point_id");
	CHECK_REFUSED(&desk, "component.update", "{'id':1,'price_point_id':9}", PROBLEM_NOT_FOUND, "/price_point_id");
	CHECK_REFUSED(&desk, "price_point.archive", "{'id':1}", PROBLEM_IN_USE, "/id");
	desk_do(&desk, "price_point.archive", "{'id':3}");
	CHECK_REFUSED(&desk, "component.update", "{'id':1,'price_point_id':3}", PROBLEM_WRONG_STATE, "/price_point_id");
	CHECK_REFUSED(&desk, "price_point.archive", "{'id':3}", PROBLEM_WRONG_STATE, "/id");
	desk_do(&desk, "price_point.unarchive", "{'id':3}");
	const struct component *seats = desk_do(&desk, "component.update", "{'id':1,'price_point_id':3}");
	CHECK_EQ_INT(seats->price_point_id, 3);
	desk_do(&desk, "price_point.archive", "{'id':1}");
	desk_do(&desk, "component.archive", "{'id':1}");
	CHECK_REFUSED(&desk, "component.archive", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(on_and_off_have_one_price_and_no_fractions)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	CHECK_REFUSED(&desk, "component.create",
	              "{'handle':'a','name':'a','kind':'on_off','fractional':true,'price':{" PER_UNIT("5") "}}",
	              PROBLEM_INVALID_COMBINATION, "/fractional");
	CHECK_REFUSED(&desk, "component.create",
	              "{'handle':'a','name':'a','kind':'on_off','price':{'scheme':'tiered','tiers':[{'unit_price':'5'}]}}",
	              PROBLEM_INVALID_COMBINATION, "/price/scheme");
	const struct component *option =
	        desk_do(&desk, "component.create", "{'handle':'a','name':'a','kind':'on_off','price':{" PER_UNIT("5") "}}");
	CHECK_EQ_TEXT(option->unit_name, "on/off");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':1,'quantity':'1'}"), "5.00");
	CHECK_REFUSED(&desk, "price_point.quote", "{'id':1,'quantity':'2'}", PROBLEM_OUT_OF_RANGE, "/quantity");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ what a price says */

TEST(a_price_has_the_fields_of_its_scheme_and_no_others)
{
	static const struct { const char *price, *pointer; enum problem_code code; } wrong[] = {
		{ "'scheme':'per_unit'", "/price/unit_price", PROBLEM_MISSING_FIELD },
		{ "'scheme':'per_unit','unit_price':'1','package_size':'2'", "/price/package_size", PROBLEM_INVALID_COMBINATION },
		{ "'scheme':'tiered'", "/price/tiers", PROBLEM_MISSING_FIELD },
		{ "'scheme':'volume','tiers':[{'unit_price':'1'}],'flat_at_zero':true", "/price/flat_at_zero", PROBLEM_INVALID_COMBINATION },
		{ "'scheme':'package','unit_price':'1'", "/price/package_size", PROBLEM_MISSING_FIELD },
		{ "'scheme':'package','unit_price':'1','package_size':'0'", "/price/package_size", PROBLEM_OUT_OF_RANGE },
		{ "'scheme':'percentage','percent':'1','event_minimum':'1'", "/price/event_minimum", PROBLEM_INVALID_COMBINATION },
		{ "'scheme':'percentage_per_event','percent':'1','event_minimum':'2','event_maximum':'1'", "/price/event_minimum",
		  PROBLEM_OUT_OF_RANGE },
		{ "'scheme':'per_unit','unit_price':'1','minimum':'2','maximum':'1'", "/price/minimum", PROBLEM_OUT_OF_RANGE },
		{ "'scheme':'per_unit','unit_price':'1','billing_units':'0'", "/price/billing_units", PROBLEM_OUT_OF_RANGE },
		{ "'scheme':'per_unit','unit_price':'1','unit_rounding':'floor'", "/price/billing_units", PROBLEM_MISSING_FIELD },
		{ "'scheme':'policy'", "/price/policy", PROBLEM_MISSING_FIELD },
		{ "'scheme':'policy','policy':'mine'", "/price/policy", PROBLEM_UNKNOWN_POLICY },
	};
	struct desk desk;
	shop_open_empty(&desk, "", false);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text input = text_format(&desk.arena, "{'handle':'h','name':'n','kind':'event','price':{%s}}", wrong[i].price);
		check_note("%s", wrong[i].price);
		CHECK_REFUSED(&desk, "component.create", input.data, wrong[i].code, wrong[i].pointer);
	}
	desk_close(&desk);
}

TEST(tiers_go_up_without_gaps_and_the_last_is_open)
{
	static const struct { const char *tiers, *pointer; } wrong[] = {
		{ "{'ends_at':'10','unit_price':'1'}", "/price/tiers/0/ends_at" },
		{ "{'unit_price':'1'},{'unit_price':'1'}", "/price/tiers/0/ends_at" },
		{ "{'ends_at':'10','unit_price':'1'},{'ends_at':'9','unit_price':'1'},{'unit_price':'1'}", "/price/tiers/1/ends_at" },
		{ "{'ends_at':'10','unit_price':'1'},{'starts_at':'12','unit_price':'1'}", "/price/tiers/1/starts_at" },
		{ "{'ends_at':'10','unit_price':'1'},{'starts_at':'9','unit_price':'1'}", "/price/tiers/1/starts_at" },
		{ "{'starts_at':'11','ends_at':'10','unit_price':'1'},{'unit_price':'1'}", "/price/tiers/0/ends_at" },
		{ "{'ends_at':'10'},{'unit_price':'1'}", "/price/tiers/0/unit_price" },
		{ "{'unit_price':'1','percent':'1'}", "/price/tiers/0/percent" },
	};
	struct desk desk;
	shop_open_empty(&desk, "", false);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text price = text_format(&desk.arena, SEATS("'scheme':'tiered','tiers':[%s]"), wrong[i].tiers);
		check_note("%s", wrong[i].tiers);
		CHECK_EQ_C(desk_refused(&desk, "component.create", price.data)->pointer, wrong[i].pointer);
	}
	desk_do(&desk, "component.create", SEATS("'scheme':'tiered','tiers':[" TWO_TIERS "]"));
	desk_close(&desk);
}

TEST(only_events_are_priced_one_by_one)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	CHECK_REFUSED(&desk, "component.create", SEATS("'scheme':'percentage','percent':'1'"), PROBLEM_INVALID_COMBINATION,
	              "/price/scheme");
	desk_do(&desk, "component.create",
	        "{'handle':'fees','name':'Fees','kind':'event','price':{'scheme':'percentage','percent':'1.3','event_fee':'2',"
	        "'free_events':3,'free_total':'250'}}");
	CHECK_REFUSED(&desk, "price_point.quote", "{'id':1,'quantity':'1'}", PROBLEM_MISSING_FIELD, "/events");
	CHECK_REFUSED(&desk, "price_point.quote", "{'id':1}", PROBLEM_MISSING_FIELD, "/quantity");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':1,'events':[{'quantity':'50'},{'quantity':'100'},{'quantity':'250'},{'quantity':'400'}]}"),
	              "11.15");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':1,'events':[{'quantity':'100'},{'quantity':'100'}]}"), "0.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ quotes */

TEST(a_quote_tells_its_tiers_and_goes_on_where_the_period_was_billed_before)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	desk_do(&desk, "component.create", SEATS("'scheme':'tiered','tiers':[" TWO_TIERS "]"));
	const struct price_quote *quote = desk_do(&desk, "price_point.quote", "{'id':1,'quantity':'12'}");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, quote->amount), "115.00");
	CHECK_EQ_TEXT(quote->rule, "price/tiered");
	CHECK_EQ_INT((int64_t)quote->parts.count, 2);
	CHECK_EQ_INT(quote->parts.items[1].tier, 2);
	CHECK_EQ_TEXT(fraction_text(&desk.arena, quote->parts.items[1].amount.amount), "13");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':1,'quantity':'7','quantity_before':'5'}"), "63.00");
	CHECK_REFUSED(&desk, "price_point.quote", "{'id':1,'quantity':'1.5'}", PROBLEM_BAD_INTEGER, "/quantity");
	CHECK_REFUSED(&desk, "price_point.quote", "{'id':2,'quantity':'1'}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

TEST(what_is_used_is_billed_in_units_of_its_own)
{
	struct desk desk;
	open_with_seats(&desk);
	desk_do(&desk, "price_point.create", POINT("thousand", PER_UNIT("10") ",'billing_units':'1000'"));
	desk_do(&desk, "price_point.create", POINT("begun", PER_UNIT("10") ",'billing_units':'1000','unit_rounding':'floor'"));
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':2,'quantity':'1400'}"), "20.00");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':3,'quantity':'1400'}"), "10.00");
	desk_close(&desk);
}

TEST(a_period_costs_its_least_and_its_most)
{
	struct desk desk;
	open_with_seats(&desk);
	desk_do(&desk, "price_point.create", POINT("bound", PER_UNIT("10") ",'minimum':'30','maximum':'100'"));
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':2,'quantity':'1'}"), "30.00");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':2,'quantity':'5'}"), "50.00");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':2,'quantity':'50'}"), "100.00");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':2,'quantity':'5','billed_before':'70'}"), "30.00");
	CHECK_EQ_TEXT(amount_of(&desk, "{'id':2,'quantity':'5','billed_before':'120'}"), "0.00");
	const struct price_quote *quote = desk_do(&desk, "price_point.quote", "{'id':2,'quantity':'1','billed_before':'5'}");
	CHECK_EQ_TEXT(fraction_text(&desk.arena, quote->top_up.amount), "15");
	desk_close(&desk);
}

/* A rule of the bundle: the third is free. */
TEST(a_rule_of_the_bundle_prices_what_names_it)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	shop_deploy(&desk, "rule \"third free\" { policy = \"price\", run = function (request)\n"
	                   "  local paid = request.quantity - request.quantity:divide(3, 0, \"floor\")\n"
	                   "  return { currency = request.currency, amount = money(1, request.currency) * (paid * request.price.unit_price) }\n"
	                   "end }\n");
	desk_do(&desk, "component.create", SEATS("'scheme':'policy','policy':'third free','unit_price':'10'"));
	const struct price_quote *quote = desk_do(&desk, "price_point.quote", "{'id':1,'quantity':'7'}");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, quote->amount), "50.00");
	CHECK_EQ_TEXT(quote->rule, "third free");
	desk_close(&desk);
}

CHECK_MAIN
