/* test_price_segment.c: prices of events by what the events say: segments, matrices, prices that come with the events, and
 * those that count events one by one; at renewals, quoted and explained. */
#include "stream_desk.h"

#include "billing/component_usage.h"
#include "billing/explain.h"
#include "billing/price_segment.h"

#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'},{'currency':'EUR','amount':'20'}]}]}]}]}"
#define AT(at, more) "{'moonbill':{'subscription_id':1,'timestamp':'" at "'}," more "}"
#define BY_PLACE "{'stream':'calls','analysis':'sum','property':'v','group_by':[{'property':'region'},{'property':'size'}]}"
#define PER_UNIT(amount) "{'scheme':'per_unit','unit_price':'" amount "'}"
#define COMPONENT(more) "{'handle':'calls','name':'Calls','kind':'event','metric_id':1,'fractional':true," more "}"
#define MATRIX                                                                                                       \
	"{'scheme':'matrix','cells':[{'value_1':'eu','unit_price':'0.10'},{'value_1':'eu','value_2':'large','unit_price':'0.30'}," \
	"{'value_2':'small','unit_price':'0.20'}]"

/* Subscribed on 1 April 2024, 09:30. */
static void open_with(struct desk *desk, const char *settings, const char *metric, const char *component)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2024-04-01T09:30:00Z");
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "billing_metric.create", metric);
	desk_do(desk, "component.create", component);
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'base'}");
	desk_do(desk, "subscription_component.activate", "{'subscription_id':1,'component':'calls'}");
}

static void open_in_april(struct desk *desk, const char *metric, const char *component)
{
	open_with(desk, "'billing':{'convention':'maxio'}", metric, component);
}

static bool explain_body(struct command *command, void *context)
{
	return explain_invoice(command, 2, EXPLAIN_ALL, context);
}

/* The lines of the renewal that are not the plan's, each of which is priced to the same again. */
static struct text renewed(struct desk *desk)
{
	struct explanation *explanation;
	struct text_builder out;
	shop_advance(desk, "2024-05-01T10:00:00Z");
	const struct invoice *invoice = shop_invoice(desk, 2);
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		struct text amount = money_amount_text(&desk->arena, line->amount),
		            quantity = decimal_canonical_text(&desk->arena, line->quantity);
		if (line->kind == INVOICE_LINE_KIND_COMPONENT_USAGE)
			builder_format(&out, "%s%.*s x %.*s = %.*s", out.length ? "; " : "", TEXT_ARG(line->description),
			               TEXT_ARG(quantity), TEXT_ARG(amount));
	}
	desk_read(desk, explain_body, &explanation);
	if (!explanation->same)
		CHECK_FAIL("it does not come to the same: %.*s",
		           TEXT_ARG(json_record_text(&desk->arena, &explanation_record, explanation)));
	return builder_text(&out);
}

static const char some_events[] =
        "[" AT("2024-04-02T00:00:00Z", "'v':4,'region':'eu','size':'large'") "," AT("2024-04-03T00:00:00Z", "'v':4,'region':'eu','size':'small'") ","
        AT("2024-04-03T00:00:00Z", "'v':1.5,'region':'eu'") "," AT("2024-04-04T00:00:00Z", "'v':3,'region':'us','size':'small'") ","
        AT("2024-04-05T00:00:00Z", "'v':5,'region':'us','size':'large'") "]";

static struct text quoted(struct desk *desk, const char *input)
{
	const struct price_quote *quote = desk_do(desk, "price_point.quote", input);
	return money_amount_text(&desk->arena, quote->amount);
}

/* ------------------------------------------------------------------------------------------------ segments */

TEST(a_renewal_prices_each_segment_by_the_price_of_its_values)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE,
	              COMPONENT("'price':" PER_UNIT("1") ",'segments':[{'value_1':'eu','price':" PER_UNIT("0.10") "},"
	                        "{'value_1':'eu','value_2':'large','price':{'scheme':'tiered','tiers':[{'ends_at':'3','unit_price':'2'},"
	                        "{'unit_price':'1'}]}},{'value_2':'small','price':" PER_UNIT("0.50") "}]"));
	stream_send(&desk, some_events);
	CHECK_EQ_TEXT(renewed(&desk), "Calls: eu, large x 4 = 7.00; Calls: eu, small x 4 = 0.40; Calls: eu, - x 1.5 = 0.15; "
	                              "Calls: us, large x 5 = 5.00; Calls: us, small x 3 = 1.50");
	desk_close(&desk);
}

TEST(a_segment_that_is_archived_is_known_no_more_and_what_it_billed_is_explained)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" PER_UNIT("1") ",'segments':[{'value_1':'eu','price':" PER_UNIT("0.10") "}]"));
	stream_send(&desk, AT("2024-04-02T00:00:00Z", "'v':4,'region':'eu'"));
	CHECK_EQ_TEXT(renewed(&desk), "Calls: eu, - x 4 = 0.40");
	desk_do(&desk, "price_segment.archive", "{'id':1}");
	CHECK_REFUSED(&desk, "price_segment.archive", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_INT(((const struct price_point *)desk_do(&desk, "price_point.update", "{'id':1,'name':'x'}"))->segment_count, 0);
	CHECK_EQ_TEXT(renewed(&desk), "Calls: eu, - x 4 = 0.40");
	stream_send(&desk, AT("2024-05-02T00:00:00Z", "'v':4,'region':'eu'"));
	shop_advance(&desk, "2024-06-01T10:00:00Z");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 3)->total), "24.00");
	/* for the same values there may be another now */
	desk_do(&desk, "price_segment.create", "{'price_point_id':1,'segments':[{'value_1':'eu','price':" PER_UNIT("0.5") "}]}");
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'quantity':'4','value_1':'eu','value_2':'large'}"), "2.00");
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'quantity':'4','value_1':'us'}"), "4.00");
	desk_close(&desk);
}

TEST(segments_say_values_of_properties_of_the_metric_each_once)
{
	static const struct { const char *segments, *pointer; enum problem_code code; } wrong[] = {
		{ "{'price':" PER_UNIT("1") "}", "/segments/0/value_1", PROBLEM_MISSING_FIELD },
		{ "{'value_3':'x','price':" PER_UNIT("1") "}", "/segments/0/value_3", PROBLEM_INVALID_COMBINATION },
		{ "{'value_1':'eu','price':" PER_UNIT("1") "}", "/segments/0", PROBLEM_DUPLICATE },
		{ "{'value_1':'a','price':" PER_UNIT("1") "},{'value_1':'a','price':" PER_UNIT("1") "}", "/segments/1", PROBLEM_DUPLICATE },
		{ "{'value_1':'a','price':" MATRIX "}}", "/segments/0/price/scheme", PROBLEM_INVALID_COMBINATION },
		{ "{'value_1':'a','price':{'scheme':'tiered'}}", "/segments/0/price/tiers", PROBLEM_MISSING_FIELD },
		{ "{'value_1':'a','price':{'scheme':'dynamic'}}", "/segments/0/price/scheme", PROBLEM_INVALID_COMBINATION },
	};
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" PER_UNIT("1") ",'segments':[{'value_1':'eu','price':" PER_UNIT("0.10") "}]"));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct text input = text_format(&desk.arena, "{'price_point_id':1,'segments':[%s]}", wrong[i].segments);
		check_note("%s", wrong[i].segments);
		CHECK_REFUSED(&desk, "price_segment.create", input.data, wrong[i].code, wrong[i].pointer);
	}
	desk_do(&desk, "component.create", "{'handle':'gb','name':'GB','kind':'metered','price':" PER_UNIT("1") "}");
	CHECK_REFUSED(&desk, "price_segment.create", "{'price_point_id':2,'segments':[{'value_1':'a','price':" PER_UNIT("1") "}]}",
	              PROBLEM_INVALID_COMBINATION, "/segments");
	desk_close(&desk);
}

TEST(a_price_in_another_currency_is_said_of_segments_too)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" PER_UNIT("1") ",'segments':[{'value_1':'eu','price':" PER_UNIT("0.10") "}]"));
	CHECK_REFUSED(&desk, "price_point.add_currency", "{'id':1,'currency':'EUR','price':" PER_UNIT("1") "}",
	              PROBLEM_CURRENCY_MISMATCH, "/currency");
	desk_do(&desk, "price_segment.archive", "{'id':1}");
	desk_do(&desk, "price_point.add_currency", "{'id':1,'currency':'EUR','price':" PER_UNIT("1") "}");
	CHECK_REFUSED(&desk, "price_segment.create", "{'price_point_id':1,'segments':[{'value_1':'eu','price':" PER_UNIT("1") "}]}",
	              PROBLEM_CURRENCY_MISMATCH, "/segments/0/currency_prices");
	desk_do(&desk, "price_segment.create",
	        "{'price_point_id':1,'segments':[{'value_1':'eu','price':" PER_UNIT("1") ",'currency_prices':[{'currency':'EUR','price':"
	        PER_UNIT("0.9") "}]}]}");
	desk_close(&desk);
}

TEST(a_custom_price_has_segments_of_its_own)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" PER_UNIT("1")));
	desk_do(&desk, "subscription_component.activate",
	        "{'subscription_id':1,'component':'calls','custom_price':{'price':" PER_UNIT("3") ",'segments':[{'value_1':'eu','price':"
	        PER_UNIT("2") "}]}}");
	stream_send(&desk, some_events);
	CHECK_EQ_TEXT(renewed(&desk), "Calls: eu, large x 4 = 8.00; Calls: eu, small x 4 = 8.00; Calls: eu, - x 1.5 = 3.00; "
	                              "Calls: us, large x 5 = 15.00; Calls: us, small x 3 = 9.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ matrices */

TEST(a_matrix_prices_what_fits_no_cell_at_its_own_unit_price)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" MATRIX ",'unit_price':'0.05'}"));
	stream_send(&desk, some_events);
	CHECK_EQ_TEXT(renewed(&desk), "Calls: eu, large x 4 = 1.20; Calls: eu, small x 4 = 0.40; Calls: eu, - x 1.5 = 0.15; "
	                              "Calls: us, large x 5 = 0.25; Calls: us, small x 3 = 0.60");
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'quantity':'4','value_1':'eu','value_2':'large'}"), "1.20");
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'quantity':'4'}"), "0.20");
	desk_close(&desk);
}

TEST(what_a_matrix_says_nothing_of_has_a_line_that_says_so)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" MATRIX "}"));
	stream_send(&desk, AT("2024-04-05T00:00:00Z", "'v':5,'region':'us','size':'large'"));
	CHECK_EQ_TEXT(renewed(&desk), "Calls: us, large (no price) x 5 = 0.00");
	desk_close(&desk);
}

TEST(a_matrix_has_cells_of_the_properties_of_its_metric)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" MATRIX "}"));
	CHECK_REFUSED(&desk, "component.create", "{'handle':'a','name':'a','kind':'event','price':" MATRIX "}}",
	              PROBLEM_INVALID_COMBINATION, "/price");
	CHECK_REFUSED(&desk, "component.create", "{'handle':'a','name':'a','kind':'metered','price':" MATRIX "}}",
	              PROBLEM_INVALID_COMBINATION, "/price/scheme");
	CHECK_REFUSED(&desk, "price_point.create",
	              "{'component_id':1,'handle':'b','price':{'scheme':'matrix','cells':[{'value_4':'eu','unit_price':'0.10'}]}}",
	              PROBLEM_INVALID_COMBINATION, "/price/cells/0/value_4");
	CHECK_REFUSED(&desk, "price_point.create",
	              "{'component_id':1,'handle':'b','price':{'scheme':'matrix','cells':[{'value_1':'eu','unit_price':'1'},"
	              "{'value_1':'eu','unit_price':'2'}]}}",
	              PROBLEM_DUPLICATE, "/price/cells/1");
	CHECK_REFUSED(&desk, "price_segment.create", "{'price_point_id':1,'segments':[{'value_1':'a','price':" PER_UNIT("1") "}]}",
	              PROBLEM_INVALID_COMBINATION, "/segments");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ prices with the events */

TEST(a_dynamic_price_is_what_the_events_say_they_cost)
{
	struct desk desk;
	open_in_april(&desk, "{'stream':'calls','analysis':'sum','property':'v','price_property':'cost','group_by':[{'property':'region'}]}",
	              COMPONENT("'price':{'scheme':'dynamic'}"));
	stream_send(&desk, "[" AT("2024-04-02T00:00:00Z", "'v':3,'cost':'0.375','region':'eu'") ","
	                   AT("2024-04-20T00:00:00Z", "'v':1,'cost':0.2,'region':'eu'") "," AT("2024-04-20T00:00:00Z", "'v':9,'region':'eu'") ","
	                   AT("2024-04-30T00:00:00Z", "'v':2,'cost':7,'region':'us'") "]");
	CHECK_EQ_TEXT(renewed(&desk), "Calls: eu x 4 = 0.58; Calls: us x 2 = 7.00"); /* one said nothing and does not count */
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'events':[{'quantity':'3','price':'0.375'},{'quantity':'1','price':'0.2'}]}"), "0.58");
	desk_close(&desk);
}

TEST(what_events_say_they_cost_follows_corrections)
{
	struct desk desk;
	open_in_april(&desk, "{'stream':'calls','analysis':'count','price_property':'cost'}", COMPONENT("'price':{'scheme':'dynamic'}"));
	stream_send(&desk, "[{'moonbill':{'subscription_id':1,'uniqueness_token':'a'},'cost':5}," AT("2024-04-20T00:00:00Z", "'cost':2") "]");
	stream_send(&desk, "{'moonbill':{'subscription_id':1,'corrects_token':'a'},'cost':1}");
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 2 = 3.00");
	desk_close(&desk);
}

TEST(dynamic_prices_and_percentages_need_a_metric_that_adds_up_what_they_price)
{
	struct desk desk;
	open_in_april(&desk, BY_PLACE, COMPONENT("'price':" PER_UNIT("1")));
	desk_do(&desk, "billing_metric.create", "{'stream':'calls','analysis':'count'}");
	CHECK_REFUSED(&desk, "price_point.create", "{'component_id':1,'handle':'b','price':{'scheme':'dynamic'}}",
	              PROBLEM_INVALID_COMBINATION, "/price/scheme");
	CHECK_REFUSED(&desk, "component.create", "{'handle':'a','name':'a','kind':'event','metric_id':2,'price':{'scheme':'percentage','percent':'1'}}",
	              PROBLEM_INVALID_COMBINATION, "/price/scheme");
	CHECK_REFUSED(&desk, "component.create",
	              "{'handle':'a','name':'a','kind':'event','metric_id':2,'price':{'scheme':'tiered_by_time','tiers':[{'unit_price':'1'}]}}",
	              PROBLEM_INVALID_COMBINATION, "/price/scheme");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ events one by one */

#define TURNOVER "{'stream':'calls','analysis':'sum','property':'v'}"
#define THREE_SALES                                                                                                              \
	"[" AT("2024-04-20T00:00:00Z", "'v':10000") "," AT("2024-04-03T00:00:00Z", "'v':80") "," AT("2024-04-02T00:00:00Z", "'v':10") "]"

TEST(a_percentage_of_each_event_has_bounds_and_what_is_free_comes_first)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER,
	              COMPONENT("'price':{'scheme':'percentage_per_event','percent':'2.99','event_minimum':'1.75','event_maximum':'12',"
	                        "'free_total':'30'}"));
	stream_send(&desk, THREE_SALES);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 10090 = 13.79"); /* 60 x 2.99 % = 1.794, and 12 */
	desk_close(&desk);
}

TEST(a_percentage_has_a_fee_for_each_event_also_where_only_totals_are_read)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER, COMPONENT("'price':{'scheme':'percentage','percent':'1','event_fee':'2'}"));
	stream_send(&desk, THREE_SALES);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 10090 = 106.90");
	desk_close(&desk);
}

TEST(the_first_events_of_a_percentage_are_free)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER, COMPONENT("'price':{'scheme':'percentage','percent':'1','event_fee':'2','free_events':2}"));
	stream_send(&desk, THREE_SALES);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 10090 = 102.00");
	desk_close(&desk);
}

struct replayed {
	const struct json *detail;
	struct component_used used;
	bool found;
};

static bool replay_body(struct command *command, void *context)
{
	struct replayed *replayed = context;
	const struct price_terms terms = { .scheme = PRICE_TERMS_SCHEME_PERCENTAGE_PER_EVENT };
	const struct subscription subscription = { .id = 1 };
	const struct component_span span = { .subscription = &subscription };
	return event_usage_replay(command, &span, replayed->detail, &terms, &replayed->used, &replayed->found);
}

TEST(events_that_were_priced_one_by_one_are_read_again_as_they_were)
{
	struct desk desk;
	struct replayed replayed = { NULL };
	open_in_april(&desk, TURNOVER, COMPONENT("'price':{'scheme':'percentage_per_event','percent':'1'}"));
	stream_send(&desk, THREE_SALES);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 10090 = 100.90");
	CHECK_EQ_INT(stream_send(&desk, AT("2024-04-21T00:00:00Z", "'v':50")).late, 1);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 10090 = 100.90");
	const struct invoice *invoice = shop_invoice(&desk, 2);
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].component_id)
			replayed.detail = json_member(json_parse(invoice->lines.items[i].decision, &desk.arena, &desk.problems), "used");
	desk_read(&desk, replay_body, &replayed);
	CHECK(replayed.found);
	CHECK_EQ_INT(replayed.used.event_count, 3);
	CHECK_EQ_TEXT(decimal_canonical_text(&desk.arena, replayed.used.quantity), "10090");
	CHECK_EQ_TEXT(decimal_canonical_text(&desk.arena, replayed.used.events[0].quantity), "10");
	replayed.detail = NULL;
	desk_read(&desk, replay_body, &replayed);
	CHECK(!replayed.found);
	desk_close(&desk);
}

/* Events of 100 on the 16th of April, of which half is left then. */
static void send_many(struct desk *desk, size_t hundreds)
{
	for (size_t i = 0; i < hundreds; i += 5) {
		struct text_builder body;
		builder_init(&body, &desk->arena, 0);
		for (size_t j = 0; j < 500; j++)
			builder_c(&body, j ? "," AT("2024-04-16T09:30:00Z", "'v':100") : "[" AT("2024-04-16T09:30:00Z", "'v':100"));
		builder_c(&body, "]");
		stream_send(desk, builder_text(&body).data);
	}
}

/* More than the policy is told at once: 2,500 events of 100 at 1 %, each 1.50 at least, the first 1,200 free. */
TEST(many_events_are_priced_a_stretch_at_a_time)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER,
	              COMPONENT("'price':{'scheme':'percentage_per_event','percent':'1','event_minimum':'1.5','free_events':1200}"));
	send_many(&desk, 25);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 250000 = 1950.00"); /* 1,300 x 1.50 */
	desk_close(&desk);
}

/* `before` events of nothing, then 100, -30 and 30 with 50 free. */
static struct text sales_after(size_t before)
{
	struct desk desk;
	struct text_builder body;
	open_in_april(&desk, TURNOVER, COMPONENT("'price':{'scheme':'percentage_per_event','percent':'10','free_total':'50'}"));
	for (size_t sent = 0; sent < before;) {
		builder_init(&body, &desk.arena, 0);
		for (size_t j = 0; j < 500 && sent < before; j++, sent++)
			builder_c(&body, j ? "," AT("2024-04-20T00:00:00Z", "'v':0") : "[" AT("2024-04-20T00:00:00Z", "'v':0"));
		builder_c(&body, "]");
		stream_send(&desk, builder_text(&body).data);
	}
	stream_send(&desk, "[" AT("2024-04-21T00:00:00Z", "'v':100") "," AT("2024-04-22T00:00:00Z", "'v':-30") ","
	                   AT("2024-04-23T00:00:00Z", "'v':30") "]");
	static char lines[200];
	struct text told = renewed(&desk);
	snprintf(lines, sizeof lines, "%.*s", TEXT_ARG(told));
	desk_close(&desk);
	return text_of(lines);
}

TEST(what_is_free_does_not_depend_on_where_a_stretch_ends)
{
	CHECK_EQ_TEXT(sales_after(0), "Calls x 100 = 8.00"); /* (100 - 50) and 30, at 10 % */
	CHECK_EQ_TEXT(sales_after(998), "Calls x 100 = 8.00");
	CHECK_EQ_TEXT(sales_after(999), "Calls x 100 = 8.00");
}

/* 0.01 each, of which 90.00 are free. */
TEST(as_many_events_as_a_period_may_have_are_billed)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER,
	              COMPONENT("'price':{'scheme':'percentage_per_event','percent':'10','event_minimum':'0.002','free_total':'90'}"));
	for (size_t i = 0; i < 100; i++) {
		struct text_builder body;
		builder_init(&body, &desk.arena, 0);
		for (size_t j = 0; j < 1000; j++)
			builder_c(&body, j ? "," AT("2024-04-16T09:30:00Z", "'v':0.01") : "[" AT("2024-04-16T09:30:00Z", "'v':0.01"));
		builder_c(&body, "]");
		stream_send(&desk, builder_text(&body).data);
	}
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 1000 = 182.00"); /* 91,000 x 0.002 */
	desk_close(&desk);
}

TEST(units_of_tiers_by_time_cost_the_part_of_the_period_that_they_are_there_for)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER,
	              COMPONENT("'price':{'scheme':'tiered_by_time','tiers':[{'ends_at':'5','unit_price':'10','flat_price':'100'},"
	                        "{'unit_price':'5','flat_price':'50'}]}"));
	/* half of April is left on the 16th */
	stream_send(&desk, "[" AT("2024-04-16T09:30:00Z", "'v':-2") "," AT("2024-04-01T09:30:00Z", "'v':5") "]");
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 3 = 140.00"); /* 50 - 10 + 100 */
	desk_close(&desk);
}

/* Flat prices of two tiers once, although the second is reached in a later stretch. */
TEST(many_units_are_priced_by_time_a_stretch_at_a_time)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER,
	              COMPONENT("'price':{'scheme':'tiered_by_time','tiers':[{'ends_at':'150000','unit_price':'0.02','flat_price':'7'},"
	                        "{'unit_price':'0.01','flat_price':'5'}]}"));
	send_many(&desk, 25);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 250000 = 2012.00"); /* (150,000 x 0.02 + 100,000 x 0.01) / 2 + 12 */
	desk_close(&desk);
}

TEST(thousands_of_events_of_a_percentage_may_be_free)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER, COMPONENT("'price':{'scheme':'percentage','percent':'1','free_events':4900}"));
	send_many(&desk, 50);
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 500000 = 100.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ other schemes */

TEST(a_capped_price_is_discounted_first)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER,
	              COMPONENT("'price':{'scheme':'capped','unit_price':'10','discount_percent':'50','maximum':'100'}"));
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'quantity':'10'}"), "50.00");
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'quantity':'20','billed_before':'35'}"), "65.00");
	CHECK_REFUSED(&desk, "price_point.create", "{'component_id':1,'handle':'b','price':{'scheme':'capped','unit_price':'10'}}",
	              PROBLEM_MISSING_FIELD, "/price/maximum");
	stream_send(&desk, AT("2024-04-16T09:30:00Z", "'v':21"));
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 21 = 100.00");
	desk_close(&desk);
}

TEST(a_tiered_percentage_has_a_percentage_for_each_tier)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER,
	              COMPONENT("'price':{'scheme':'tiered_percentage','tiers':[{'ends_at':'10','percent':'1','flat_price':'200'},"
	                        "{'percent':'2','flat_price':'300'}]}"));
	CHECK_EQ_TEXT(quoted(&desk, "{'id':1,'quantity':'12'}"), "500.14");
	CHECK_REFUSED(&desk, "price_point.create",
	              "{'component_id':1,'handle':'b','price':{'scheme':'tiered_percentage','tiers':[{'unit_price':'10'}]}}",
	              PROBLEM_MISSING_FIELD, "/price/tiers/0/percent");
	stream_send(&desk, AT("2024-04-16T09:30:00Z", "'v':12"));
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 12 = 500.14");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ taxes in the price */

TEST(taxes_are_in_a_price_that_says_so_whatever_the_rates_say)
{
	struct desk desk;
	open_with(&desk, "'billing':{'convention':'maxio'},'tax':{'percent':'25','name':'VAT'}", TURNOVER,
	          COMPONENT("'price':" PER_UNIT("1") ",'tax_included':true"));
	stream_send(&desk, AT("2024-04-16T09:30:00Z", "'v':100"));
	CHECK_EQ_TEXT(renewed(&desk), "Calls x 100 = 100.00");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 2)->total), "125.00"); /* 20 and its 5, and 100 with its 20 */
	CHECK_EQ_TEXT(shop_lines(&desk, 2), "base 20.00; Calls 100.00; VAT 25 % 5.00; VAT 25 %, 20.00 USD included 0.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ prices said anew */

TEST(a_price_in_another_currency_said_anew_holds_from_then_on_and_bills_of_before_are_explained)
{
	struct desk desk;
	open_in_april(&desk, TURNOVER, COMPONENT("'price':" PER_UNIT("1")));
	desk_do(&desk, "price_point.add_currency", "{'id':1,'currency':'EUR','price':" PER_UNIT("2") "}");
	desk_do(&desk, "account.create", "{'name':'Eve','currency':'EUR'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':2,'plan':'base'}");
	desk_do(&desk, "subscription_component.activate", "{'subscription_id':2,'component':'calls'}");
	stream_send(&desk, "{'moonbill':{'subscription_id':2},'v':5}");
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	const struct price_point *point = desk_do(&desk, "price_point.add_currency", "{'id':1,'currency':'EUR','price':" PER_UNIT("3") "}");
	CHECK_EQ_INT(point->currency_prices.count, 2);
	stream_send(&desk, "{'moonbill':{'subscription_id':2},'v':5}");
	shop_advance(&desk, "2024-06-01T10:00:00Z");
	static const struct { int64_t id; const char *total; } bills[] = { { 4, "30.00" }, { 6, "35.00" } };
	for (size_t i = 0; i < 2; i++) {
		const struct invoice *invoice = shop_invoice(&desk, bills[i].id);
		CHECK_EQ_C(invoice->currency->code, "EUR");
		CHECK_EQ_TEXT(money_amount_text(&desk.arena, invoice->total), bills[i].total);
	}
	CHECK_REFUSED(&desk, "price_point.add_currency", "{'id':1,'currency':'USD','price':" PER_UNIT("1") "}", PROBLEM_DUPLICATE, "/currency");
	desk_close(&desk);
}

CHECK_MAIN
