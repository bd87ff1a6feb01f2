/* test_event_usage.c: what events come to on invoices: components of kind event at their renewal. */
#include "stream_desk.h"

#include "billing/subscription_component.h"

#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]}]}]}"
#define AT(at) "{'moonbill':{'subscription_id':1,'timestamp':'" at "'}"

/* Subscribed on 1 April 2024, 09:30, to what is billed by the bytes of its calls, 0.25 each, told apart by region. */
static void open_in_april(struct desk *desk)
{
	shop_open_empty(desk, "'billing':{'convention':'maxio'}", false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2024-04-01T09:30:00Z");
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "billing_metric.create",
	        "{'stream':'calls','analysis':'sum','property':'v','group_by':[{'property':'region'}]}");
	desk_do(desk, "component.create",
	        "{'handle':'bytes','name':'Bytes','kind':'event','metric_id':1,'fractional':true,"
	        "'price':{'scheme':'per_unit','unit_price':'0.25'}}");
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'base'}");
	desk_do(desk, "subscription_component.activate", "{'subscription_id':1,'component':'bytes'}");
}

static const struct invoice *invoice_two(struct desk *desk)
{
	return shop_invoice(desk, 2);
}

TEST(a_renewal_bills_what_the_events_of_its_period_come_to_a_line_for_each_segment)
{
	struct desk desk;
	open_in_april(&desk);
	stream_send(&desk, "[" AT("2024-04-01T09:30:00Z") ",'v':4,'region':'eu'}," AT("2024-04-20T00:00:00Z") ",'v':3.5,'region':'us'},"
	                   AT("2024-05-01T09:29:59Z") ",'v':6,'region':'eu'}," AT("2024-05-01T09:30:00Z") ",'v':1000,'region':'eu'},"
	                   AT("2024-04-01T09:29:59Z") ",'v':1000,'region':'eu'}]");
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	const struct invoice *invoice = invoice_two(&desk);
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, invoice->total), "23.38"); /* 20, 10 x 0.25, 3.5 x 0.25 */
	/* what comes now of before does not change it, and is in no later one */
	CHECK_EQ_INT(stream_send(&desk, AT("2024-04-20T00:00:00Z") ",'v':500,'region':'eu'}").late, 1);
	stream_send(&desk, AT("2024-05-20T00:00:00Z") ",'v':8,'region':'eu'}");
	shop_advance(&desk, "2024-06-01T10:00:00Z");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, invoice_two(&desk)->total), "23.38");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 3)->total), "272.00"); /* 20, 1008 x 0.25 */
	desk_close(&desk);
}

static void send_regions(struct desk *desk, int first, int count)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (int i = first; i < first + count; i++)
		builder_format(&out, "%c{\"moonbill\":{\"subscription_id\":1},\"v\":4,\"region\":\"r%d\"}", i == first ? '[' : ',', i);
	builder_byte(&out, ']');
	stream_send_text(desk, builder_text(&out));
}

TEST(a_period_of_too_many_segments_is_left_out_and_told_until_some_are_taken_back)
{
	struct desk desk;
	open_in_april(&desk);
	desk_do(&desk, "account.create", "{'name':'Bob'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':2,'plan':'base'}");
	for (int i = 0; i < 5000; i += 1000)
		send_regions(&desk, i, 1000);
	send_regions(&desk, 5000, 1);
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 20.00 20.00; 2 open 20.00 20.00; 3 open 20.00 20.00");
	stream_send(&desk, "{'moonbill':{'corrects_id':5001,'takes_back':true}}");
	shop_advance(&desk, "2024-05-02T10:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 20.00 20.00; 2 open 20.00 20.00; 3 open 20.00 20.00; 4 open 5020.00 5020.00");
	desk_close(&desk);
}

TEST(a_period_of_too_many_events_to_be_priced_one_by_one_is_left_out_and_told)
{
	struct desk desk;
	open_in_april(&desk);
	desk_do(&desk, "component.create",
	        "{'handle':'each','name':'Each','kind':'event','metric_id':1,'fractional':true,"
	        "'price':{'scheme':'percentage_per_event','percent':'1'}}");
	desk_do(&desk, "subscription_component.deactivate", "{'subscription_id':1,'component':'bytes'}");
	desk_do(&desk, "subscription_component.activate", "{'subscription_id':1,'component':'each'}");
	struct text_builder out;
	builder_init(&out, &desk.arena, 0);
	for (int i = 0; i < 1000; i++)
		builder_format(&out, "%c{\"moonbill\":{\"subscription_id\":1},\"v\":4}", i ? ',' : '[');
	builder_byte(&out, ']');
	for (int i = 0; i < 100; i++)
		stream_send_text(&desk, builder_text(&out));
	stream_send(&desk, "{'moonbill':{'subscription_id':1},'v':4}");
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 20.00 20.00");
	desk_close(&desk);
}

TEST(what_is_not_active_at_its_renewal_is_not_billed_then_or_later)
{
	struct desk desk;
	open_in_april(&desk);
	stream_send(&desk, AT("2024-04-20T00:00:00Z") ",'v':4}");
	desk_do(&desk, "subscription_component.deactivate", "{'subscription_id':1,'component':'bytes'}");
	shop_advance(&desk, "2024-05-01T10:00:00Z");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, invoice_two(&desk)->total), "20.00");
	desk_do(&desk, "subscription_component.activate", "{'subscription_id':1,'component':'bytes'}");
	CHECK_EQ_INT(stream_send(&desk, AT("2024-04-20T00:00:00Z") ",'v':4}").late, 1);
	shop_advance(&desk, "2024-06-01T10:00:00Z");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 3)->total), "20.00");
	desk_close(&desk);
}

TEST(only_components_of_kind_event_have_a_metric_that_is_there)
{
	struct desk desk;
	open_in_april(&desk);
	CHECK_REFUSED(&desk, "component.create",
	              "{'handle':'a','name':'a','kind':'metered','metric_id':1,'price':{'scheme':'per_unit','unit_price':'1'}}",
	              PROBLEM_INVALID_COMBINATION, "/metric_id");
	CHECK_REFUSED(&desk, "component.create",
	              "{'handle':'a','name':'a','kind':'event','metric_id':9,'price':{'scheme':'per_unit','unit_price':'1'}}",
	              PROBLEM_NOT_FOUND, "/metric_id");
	desk_do(&desk, "billing_metric.archive", "{'id':1}");
	CHECK_REFUSED(&desk, "component.create",
	              "{'handle':'a','name':'a','kind':'event','metric_id':1,'price':{'scheme':'per_unit','unit_price':'1'}}",
	              PROBLEM_WRONG_STATE, "/metric_id");
	desk_close(&desk);
}

CHECK_MAIN
