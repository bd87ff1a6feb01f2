/* test_subscription_component.c: which components a subscription has, at which price points, and which prices it may have. */
#include "shop.h"

#include "billing/subscription_component.h"

#define PER_UNIT(amount) "'price':{'scheme':'per_unit','unit_price':'" amount "'}"
#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]}]}]}"

static void open_with_components(struct desk *desk)
{
	shop_open_empty(desk, "'billing':{'convention':'maxio'}", false);
	desk_deploy_catalog(desk, CATALOG);
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "component.create", "{'handle':'seats','name':'Seats','kind':'quantity'," PER_UNIT("10") "}");
	desk_do(desk, "component.create", "{'handle':'api','name':'API','kind':'on_off'," PER_UNIT("5") "}");
	desk_do(desk, "component.create", "{'handle':'calls','name':'Calls','kind':'metered'," PER_UNIT("0.01") "}");
	desk_do(desk, "component.create", "{'handle':'logs','name':'Logs','kind':'event'," PER_UNIT("0.01") "}");
	desk_do(desk, "price_point.create", "{'component_id':1,'handle':'cheap'," PER_UNIT("8") "}");
}

static bool all_of(struct command *command, void *context)
{
	struct subscription *subscription;
	return subscription_find(command, 1, &subscription) && subscription_components(command, subscription, context);
}

/* "1 4 at 5; 2 1 at 2": component, quantity, price point */
static struct text had(struct desk *desk)
{
	struct subscription_component_list list = { 0 };
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	desk_read(desk, all_of, &list);
	for (size_t i = 0; i < list.count; i++) {
		struct text quantity = decimal_text(&desk->arena, list.items[i].quantity);
		builder_format(&out, "%s%lld %.*s at %lld%s", i ? "; " : "", (long long)list.items[i].component_id, TEXT_ARG(quantity),
		               (long long)list.items[i].price_point_id, list.items[i].active ? "" : " off");
	}
	return builder_text(&out);
}

TEST(a_subscription_begins_with_what_is_chosen)
{
	struct desk desk;
	open_with_components(&desk);
	const struct subscription *made = desk_do(
	        &desk, "subscription.subscribe",
	        "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'4','price_point':'cheap'},"
	        "{'component_id':2,'enabled':true},{'component':'calls'},{'component':'logs'}]}");
	CHECK(made->components);
	CHECK_EQ_TEXT(had(&desk), "1 4 at 5; 2 1 at 2; 3 0 at 3; 4 0 at 4 off");
	desk_close(&desk);
}

TEST(without_components_a_subscription_is_not_marked)
{
	struct desk desk;
	open_with_components(&desk);
	const struct subscription *made = desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base'}");
	CHECK(!made->components && !made->has_components);
	desk_do(&desk, "subscription_component.add", "{'subscription_id':1,'component':'seats'}");
	CHECK_EQ_TEXT(had(&desk), "1 0 at 1");
	CHECK_REFUSED(&desk, "subscription_component.add", "{'subscription_id':1,'component_id':1}", PROBLEM_DUPLICATE,
	              "/component_id");
	desk_close(&desk);
}

TEST(a_choice_that_cannot_be_is_refused_where_it_stands)
{
	static const struct { const char *choice, *pointer; enum problem_code code; } wrong[] = {
		{ "{'component':'seat'}", "/components/0/component", PROBLEM_UNKNOWN_COMPONENT },
		{ "{'component_id':9}", "/components/0/component_id", PROBLEM_NOT_FOUND },
		{ "{}", "/components/0/component_id", PROBLEM_MISSING_FIELD },
		{ "{'component':'seats','quantity':'1.5'}", "/components/0/quantity", PROBLEM_BAD_INTEGER },
		{ "{'component':'api','quantity':'2'}", "/components/0/quantity", PROBLEM_OUT_OF_RANGE },
		{ "{'component':'seats','enabled':true}", "/components/0/enabled", PROBLEM_INVALID_COMBINATION },
		{ "{'component':'calls','quantity':'2'}", "/components/0/quantity", PROBLEM_INVALID_COMBINATION },
		{ "{'component':'seats','price_point':'cheep'}", "/components/0/price_point", PROBLEM_NOT_FOUND },
		{ "{'component':'seats','price_point_id':2}", "/components/0/price_point_id", PROBLEM_INVALID_VALUE },
		{ "{'component':'seats'},{'component_id':1}", "/components/1/component_id", PROBLEM_DUPLICATE },
		{ "{'component':'seats','custom_price':{'price':{'scheme':'per_unit'}}}",
		  "/components/0/custom_price/price/unit_price", PROBLEM_MISSING_FIELD },
	};
	struct desk desk;
	open_with_components(&desk);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text input = text_format(&desk.arena, "{'account_id':1,'plan':'base','components':[%s]}", wrong[i].choice);
		check_note("%s", wrong[i].choice);
		CHECK_REFUSED(&desk, "subscription.subscribe", input.data, wrong[i].code, wrong[i].pointer);
	}
	desk_close(&desk);
}

TEST(price_points_of_a_subscription_change_together_or_not_at_all)
{
	struct desk desk;
	open_with_components(&desk);
	desk_do(&desk, "subscription.subscribe",
	        "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'4'},{'component':'calls'}]}");
	CHECK_REFUSED(&desk, "subscription_component.reprice",
	              "{'subscription_id':1,'components':[{'component':'seats','price_point':'cheap'},"
	              "{'component':'calls','price_point_id':5}]}",
	              PROBLEM_INVALID_VALUE, "/components/1/price_point_id");
	CHECK_EQ_TEXT(had(&desk), "1 4 at 1; 3 0 at 3");
	desk_do(&desk, "subscription_component.reprice",
	        "{'subscription_id':1,'components':[{'component':'seats','price_point':'cheap'}]}");
	CHECK_EQ_TEXT(had(&desk), "1 4 at 5; 3 0 at 3");
	desk_do(&desk, "subscription_component.reprice",
	        "{'subscription_id':1,'components':[{'component':'seats','price_point':'_default'}]}");
	CHECK_EQ_TEXT(had(&desk), "1 4 at 1; 3 0 at 3");
	desk_do(&desk, "component.update", "{'id':1,'price_point_id':5}");
	CHECK_EQ_TEXT(had(&desk), "1 4 at 1; 3 0 at 3");
	desk_do(&desk, "subscription_component.reset_prices", "{'subscription_id':1}");
	CHECK_EQ_TEXT(had(&desk), "1 4 at 5; 3 0 at 3");
	desk_close(&desk);
}

TEST(a_custom_price_is_of_one_subscription_alone)
{
	struct desk desk;
	open_with_components(&desk);
	desk_do(&desk, "subscription.subscribe",
	        "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'4','custom_price':{" PER_UNIT("7") "}}]}");
	CHECK_EQ_TEXT(had(&desk), "1 4 at 6");
	CHECK_REFUSED(&desk, "subscription.subscribe",
	              "{'account_id':1,'plan':'base','components':[{'component':'seats','price_point_id':6}]}",
	              PROBLEM_INVALID_VALUE, "/components/0/price_point_id");
	CHECK_REFUSED(&desk, "component.update", "{'id':1,'price_point_id':6}", PROBLEM_INVALID_VALUE, "/price_point_id");
	desk_close(&desk);
}

TEST(a_price_has_to_be_in_the_currency_of_the_account)
{
	struct desk desk;
	open_with_components(&desk);
	desk_do(&desk, "component.create",
	        "{'handle':'euros','name':'E','kind':'quantity','currency':'EUR'," PER_UNIT("9") "}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base'}");
	CHECK_REFUSED(&desk, "subscription_component.add", "{'subscription_id':1,'component':'euros'}", PROBLEM_CURRENCY_MISMATCH,
	              "/component_id");
	CHECK_REFUSED(&desk, "price_point.add_currency", "{'id':6,'currency':'EUR'," PER_UNIT("1") "}", PROBLEM_DUPLICATE,
	              "/currency");
	const struct price_point *both = desk_do(&desk, "price_point.add_currency", "{'id':6,'currency':'USD'," PER_UNIT("10") "}");
	CHECK_EQ_INT(both->currency_prices.count, 1);
	desk_do(&desk, "subscription_component.add", "{'subscription_id':1,'component':'euros'}");
	both = desk_do(&desk, "price_point.add_currency", "{'id':6,'currency':'USD'," PER_UNIT("1") "}");
	CHECK_EQ_INT(both->currency_prices.count, 2);
	CHECK(both->currency_prices.items[0].replaced_at.us != 0 && both->currency_prices.items[1].replaced_at.us == 0);
	desk_close(&desk);
}

TEST(what_events_come_to_counts_while_it_is_active)
{
	struct desk desk;
	open_with_components(&desk);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base'}");
	desk_do(&desk, "subscription_component.activate", "{'subscription_id':1,'component':'logs'}");
	CHECK_EQ_TEXT(had(&desk), "4 0 at 4");
	desk_do(&desk, "subscription_component.activate", "{'subscription_id':1,'component':'logs'}");
	desk_do(&desk, "subscription_component.deactivate", "{'subscription_id':1,'component':'logs'}");
	CHECK_EQ_TEXT(had(&desk), "4 0 at 4 off");
	CHECK_REFUSED(&desk, "subscription_component.activate", "{'subscription_id':1,'component':'seats'}", PROBLEM_WRONG_STATE,
	              "/component");
	desk_close(&desk);
}

TEST(prepaid_prices_say_what_lies_beyond_them)
{
	static const struct { const char *more, *pointer; enum problem_code code; } wrong[] = {
		{ "", "/overage_price", PROBLEM_MISSING_FIELD },
		{ ",'overage_price':{'scheme':'per_unit'}", "/overage_price/unit_price", PROBLEM_MISSING_FIELD },
		{ ",'overage_price':{'scheme':'per_unit','unit_price':'2'},'expires_unit':'month'", "/expires_after",
		  PROBLEM_MISSING_FIELD },
		{ ",'overage_price':{'scheme':'per_unit','unit_price':'2'},'expires_after':2,'expires_unit':'never'",
		  "/expires_after", PROBLEM_INVALID_COMBINATION },
	};
	struct desk desk;
	open_with_components(&desk);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		CHECK_REFUSED(&desk, "component.create", text_format(&desk.arena, "{'handle':'p','name':'p','kind':'prepaid'," PER_UNIT("1") "%s}", wrong[i].more).data, wrong[i].code,
		              wrong[i].pointer);
	CHECK_REFUSED(&desk, "price_point.create", "{'component_id':1,'handle':'x','renew_prepaid':true," PER_UNIT("1") "}",
	              PROBLEM_INVALID_COMBINATION, "");
	desk_close(&desk);
}

CHECK_MAIN
