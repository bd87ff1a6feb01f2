/* test_component_usage.c: what is used of metered components: totals, price points, what is taken back, lists. */
#include "shop.h"

#include "billing/component_usage_record.h"

#define PER_UNIT(amount) "'price':{'scheme':'per_unit','unit_price':'" amount "'}"
#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]}]}]}"

/* Subscription 1 has calls (3 is fractional); minutes are of nobody yet. */
static void open_with_usage(struct desk *desk)
{
	shop_open_empty(desk, "'billing':{'convention':'maxio'}", false);
	desk_deploy_catalog(desk, CATALOG);
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "component.create", "{'handle':'calls','name':'Calls','kind':'metered'," PER_UNIT("0.01") "}");
	desk_do(desk, "component.create", "{'handle':'seats','name':'Seats','kind':'quantity'," PER_UNIT("10") "}");
	desk_do(desk, "component.create", "{'handle':'minutes','name':'Minutes','kind':'metered','fractional':true," PER_UNIT("1") "}");
	desk_do(desk, "price_point.create", "{'component_id':1,'handle':'cheap'," PER_UNIT("0.005") "}");
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'calls'}]}");
}

static struct component_usage *use(struct desk *desk, const char *rest)
{
	return desk_do(desk, "component_usage.create", text_format(&desk->arena, "{'subscription_id':1,%s}", rest).data);
}

static const char *balance(struct desk *desk, const char *rest)
{
	return decimal_canonical_text(&desk->arena, use(desk, rest)->balance).data;
}

struct seen {
	struct subscription_component *had;
	struct component_period_list open;
	struct component_usage_filter filter;
	struct component_usage_rows rows;
	int64_t component_id;
};

static bool look(struct command *command, void *context)
{
	struct seen *seen = context;
	struct subscription *subscription;
	seen->filter.most = 100;
	return subscription_find(command, 1, &subscription) &&
	       subscription_component_of(command, subscription, seen->component_id, &seen->had) &&
	       component_periods_open(command, seen->had, &seen->open) &&
	       component_usage_page(command, seen->had, &seen->filter, &seen->rows);
}

/* "130 = 100 + 30 at 4": the balance, and what of it is at which price point. */
static struct text rates(struct desk *desk, int64_t component_id)
{
	struct seen seen = { .component_id = component_id };
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	desk_read(desk, look, &seen);
	builder_format(&out, "%s =", decimal_canonical_text(&desk->arena, seen.had->unit_balance).data);
	for (size_t i = 0; seen.open.count > 0 && i < seen.open.items[0].rates.count; i++) {
		const struct component_rate *rate = &seen.open.items[0].rates.items[i];
		builder_format(&out, "%s%s", i ? " + " : " ", decimal_canonical_text(&desk->arena, rate->quantity).data);
		if (rate->price_point_id)
			builder_format(&out, " at %lld", (long long)rate->price_point_id);
	}
	return builder_text(&out);
}

TEST(usage_adds_up_and_what_is_taken_back_ends_at_nothing)
{
	struct desk desk;
	open_with_usage(&desk);
	CHECK_EQ_C(balance(&desk, "'component':'calls','quantity':'100','memo':'first'"), "100");
	struct component_usage *back = use(&desk, "'component_id':1,'quantity':'-200'");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, back->quantity), "-200");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, back->balance_before), "100");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, back->balance), "0");
	CHECK_EQ_C(balance(&desk, "'component':'calls','quantity':'30'"), "30");
	CHECK_EQ_TEXT(rates(&desk, 1), "30 = 30");
	desk_close(&desk);
}

TEST(a_component_that_nobody_had_is_had_from_its_first_usage_on)
{
	struct desk desk;
	open_with_usage(&desk);
	CHECK_EQ_C(balance(&desk, "'component':'minutes','quantity':'10.3'"), "10.3");
	CHECK_EQ_C(balance(&desk, "'component':'minutes','quantity':'-0.8'"), "9.5");
	CHECK_EQ_TEXT(rates(&desk, 3), "9.5 = 9.5");
	desk_close(&desk);
}

TEST(usage_names_its_price_point_and_what_is_taken_back_comes_off_that_first)
{
	struct desk desk;
	open_with_usage(&desk);
	use(&desk, "'component':'calls','quantity':'100'");
	use(&desk, "'component':'calls','quantity':'40','price_point':'cheap'");
	use(&desk, "'component':'calls','quantity':'5','price_point_id':1");
	CHECK_EQ_TEXT(rates(&desk, 1), "145 = 100 + 40 at 4 + 5 at 1");
	use(&desk, "'component':'calls','quantity':'-10','price_point':'cheap'");
	CHECK_EQ_TEXT(rates(&desk, 1), "135 = 100 + 30 at 4 + 5 at 1");
	use(&desk, "'component':'calls','quantity':'-106'");
	CHECK_EQ_TEXT(rates(&desk, 1), "29 = 0 + 29 at 4 + 0 at 1");
	desk_close(&desk);
}

/* Ten units of each period are free: a period that is billed late is billed by itself all the same. */
TEST(usage_while_nothing_is_invoiced_is_billed_by_the_period_it_is_of)
{
	static const char *const days[] = { "2011-09-20T00:00:00Z", "2011-10-20T00:00:00Z", "2011-11-20T00:00:00Z" };
	struct desk desk;
	open_with_usage(&desk);
	desk_do(&desk, "component.create",
	        "{'handle':'mails','name':'Mails','kind':'metered','price':{'scheme':'per_unit','unit_price':'1','free_quantity':'10'}}");
	desk_do(&desk, "tag.create", "{'name':'AUTO_INVOICING_OFF','object_type':'account','object_id':1}");
	for (size_t i = 0; i < 3; i++) {
		shop_advance(&desk, days[i]);
		use(&desk, "'component':'mails','quantity':'9'");
		use(&desk, "'component':'mails','quantity':'2'");
		use(&desk, "'component':'mails','quantity':'-1'");
	}
	desk_do(&desk, "component_usage.create_batch",
	        "{'items':[{'subscription_id':1,'component':'mails','quantity':'3','used_at':'2011-10-21T00:00:00Z'},"
	        "{'subscription_id':1,'component':'mails','quantity':'-2','used_at':'2011-11-10T00:00:00Z'}]}");
	desk_do(&desk, "tag.delete", "{'id':1}");
	shop_advance(&desk, "2011-12-20T00:00:00Z");
	/* of October 13, of which three are charged; of September 10 and of November 8 */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 20.00 20.00; 2 open 43.00 43.00; 3 open 20.00 20.00");
	desk_close(&desk);
}

TEST(usage_that_cannot_be_is_refused_where_it_stands)
{
	static const struct { const char *input, *pointer; enum problem_code code; } wrong[] = {
		{ "'component':'calls','quantity':'5.5'", "/quantity", PROBLEM_BAD_INTEGER },
		{ "'component':'calls','quantity':'1000000000001'", "/quantity", PROBLEM_OUT_OF_RANGE },
		{ "'component':'calls','quantity':'1','price_point_id':99", "/price_point_id", PROBLEM_NOT_FOUND },
		{ "'component':'calls','quantity':'1','price_point':'cheep'", "/price_point", PROBLEM_NOT_FOUND },
		{ "'component':'calls','quantity':'1','price_point_id':2", "/price_point_id", PROBLEM_INVALID_VALUE },
		{ "'component':'call','quantity':'1'", "/component", PROBLEM_UNKNOWN_COMPONENT },
		{ "'component':'seats','quantity':'1'", "/component", PROBLEM_WRONG_STATE },
		{ "'component_id':2,'quantity':'1'", "/component_id", PROBLEM_WRONG_STATE },
		{ "'component':'calls','quantity':'1','used_at':'2011-09-07T15:00:00Z'", "/used_at", PROBLEM_OUT_OF_RANGE },
		{ "'component':'calls'", "/quantity", PROBLEM_MISSING_FIELD },
	};
	struct desk desk;
	open_with_usage(&desk);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		check_note("%s", wrong[i].input);
		CHECK_REFUSED(&desk, "component_usage.create",
		              text_format(&desk.arena, "{'subscription_id':1,%s}", wrong[i].input).data, wrong[i].code, wrong[i].pointer);
	}
	CHECK_REFUSED(&desk, "component_usage.create", "{'subscription_id':9,'component':'calls','quantity':'1'}", PROBLEM_NOT_FOUND,
	              "/subscription_id");
	desk_close(&desk);
}

TEST(a_batch_is_recorded_whole_or_not_at_all)
{
	struct desk desk;
	open_with_usage(&desk);
	CHECK_REFUSED(&desk, "component_usage.create_batch",
	              "{'items':[{'subscription_id':1,'component':'calls','quantity':'1'},"
	              "{'subscription_id':1,'component':'calls','quantity':'1.5'}]}",
	              PROBLEM_BAD_INTEGER, "/items/1/quantity");
	CHECK_EQ_TEXT(rates(&desk, 1), "0 =");
	const struct component_usage_created *created = desk_do(
	        &desk, "component_usage.create_batch",
	        "{'items':[{'subscription_id':1,'component':'calls','quantity':'7'},{'subscription_id':1,'component_id':1,'quantity':'-2'},"
	        "{'subscription_id':1,'component':'minutes','quantity':'3'},{'subscription_id':1,'component':'calls','quantity':'4'}]}");
	CHECK_EQ_INT(created->items.count, 4);
	CHECK_EQ_TEXT(decimal_text(&desk.arena, created->items.items[3].balance_before), "5");
	CHECK_EQ_TEXT(rates(&desk, 1), "9 = 9");
	CHECK_EQ_TEXT(rates(&desk, 3), "3 = 3");
	desk_close(&desk);
}

/* "4 3" of the ids */
static struct text listed(struct desk *desk, struct component_usage_filter filter)
{
	struct seen seen = { .component_id = 1, .filter = filter };
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	desk_read(desk, look, &seen);
	for (size_t i = 0; i < seen.rows.count; i++)
		builder_format(&out, "%s%lld", i ? " " : "", (long long)seen.rows.items[i].id);
	return builder_text(&out);
}

TEST(usage_is_listed_newest_first_by_ids_and_moments)
{
	struct instant noon, later;
	struct desk desk;
	open_with_usage(&desk);
	for (int i = 0; i < 3; i++)
		use(&desk, "'component':'calls','quantity':'1'");
	shop_advance(&desk, "2011-09-08T12:00:00Z");
	use(&desk, "'component':'calls','quantity':'1','used_at':'2011-09-08T00:00:00Z'");
	CHECK(instant_parse(TEXT("2011-09-08T00:00:00Z"), &noon) && instant_parse(TEXT("2011-09-07T00:00:00Z"), &later));
	CHECK_EQ_TEXT(listed(&desk, (struct component_usage_filter){ 0 }), "4 3 2 1");
	CHECK_EQ_TEXT(listed(&desk, (struct component_usage_filter){ .since_id = 2, .max_id = 3 }), "3 2");
	CHECK_EQ_TEXT(listed(&desk, (struct component_usage_filter){ .before_id = 3 }), "2 1");
	CHECK_EQ_TEXT(listed(&desk, (struct component_usage_filter){ .offset = 3 }), "1");
	CHECK_EQ_TEXT(listed(&desk, (struct component_usage_filter){ .since = noon }), "4");
	CHECK_EQ_TEXT(listed(&desk, (struct component_usage_filter){ .until = later }), "3 2 1");
	desk_close(&desk);
}

TEST(a_rule_changes_the_quantity_before_it_is_counted_or_refuses_it)
{
	struct desk desk;
	open_with_usage(&desk);
	shop_deploy(&desk,
	            "rule 'doubled' { pre = 'component_usage.create', run = function (usage, ctx)\n"
	            "  if usage.memo == 'no' then ctx:reject('no_usage', 'Nothing is used today.') end\n"
	            "  usage.quantity = usage.quantity * 2 end }");
	CHECK_EQ_C(balance(&desk, "'component':'calls','quantity':'4'"), "8");
	CHECK_REFUSED(&desk, "component_usage.create", "{'subscription_id':1,'component':'calls','quantity':'4','memo':'no'}",
	              PROBLEM_REJECTED, "");
	const struct component_usage_created *created = desk_do(
	        &desk, "component_usage.create_batch",
	        "{'items':[{'subscription_id':1,'component':'calls','quantity':'1'},{'subscription_id':1,'component':'calls','quantity':'2'}]}");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, created->items.items[1].balance), "14");
	CHECK_EQ_TEXT(rates(&desk, 1), "14 = 14");
	desk_close(&desk);
}

CHECK_MAIN
