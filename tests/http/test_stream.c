/* test_stream.c: streams, metrics, events and what they come to, as they are asked for under /v1. */
#include "stream_counter.h"

#define OF(more) "{'moonbill':{'subscription_id':1" more "}"

/* ------------------------------------------------------------------------------------------------ streams and metrics */

TEST(a_metric_makes_its_stream_and_the_same_again_is_the_same)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", "/v1/metrics", "{'stream':'calls','analysis':'sum','property':'bytes'}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "id"), "2");
	CHECK_EQ_TEXT(counter_json(&counter, "handle"), "calls.sum.bytes");
	counter_expect(&counter, "GET", "/v1/streams?handle=calls", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.subscription_by"), "subscription_id");
	counter_expect(&counter, "GET", "/v1/metrics", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 2);
	counter_expect(&counter, "POST", "/v1/metrics",
	               "{'stream':'calls','handle':'calls.count','analysis':'sum','property':'bytes'}", 409);
	counter_close(&counter);
}

TEST(a_metric_says_what_its_analysis_needs_and_no_more)
{
	static const char *const refused[] = {
		"{'stream':'calls','analysis':'sum'}",
		"{'stream':'calls','analysis':'percentile','property':'b'}",
		"{'stream':'calls','analysis':'sum','property':'b','percentile':'95'}",
		"{'stream':'calls','analysis':'sum','property':'b','carries_over':true}",
		"{'stream':'calls','analysis':'time_weighted_sum','property':'b','carries_over':true,'group_by':[{'property':'r'}]}",
		"{'stream':'calls','analysis':'count','rounding':'up'}",
		"{'stream':'calls','analysis':'count','rounding_unit':'0'}",
		"{'stream':'calls','analysis':'count','filters':[{'property':'a','operator':'above','value':'x'}]}",
		"{'stream':'calls','analysis':'count','filters':[{'property':'a','operator':'is'}]}",
		"{'stream':'calls','analysis':'count','filters':[{'property':'a','operator':'present','value':'x'}]}",
		"{'stream':'calls','analysis':'count','group_by':[{'property':'r'},{'property':'r'}]}",
		"{'stream':'Calls','analysis':'count'}",
		"{'stream':'calls','analysis':'most'}",
	};
	struct counter counter;
	stream_open(&counter);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		counter_send(&counter, "POST", "/v1/metrics", refused[i]);
		if (counter.reply.status != 422 && counter.reply.status != 409)
			CHECK_FAIL("%s was answered with %d", refused[i], counter.reply.status);
	}
	counter_close(&counter);
}

/* ------------------------------------------------------------------------------------------------ events */

TEST(events_are_counted_and_added_up)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", EVENTS, OF("") ",'bytes':120}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "kept"), "1");
	counter_expect(&counter, "POST", EVENTS, "[" OF("") ",'bytes':'0.5'}, " OF("") ",'bytes':1e3} ,\n" OF("") "}]", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "received"), "3");
	CHECK_EQ_TEXT(quantity_of(&counter, "calls.count"), "4");
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "1120.5");
	counter_close(&counter);
}

TEST(a_token_counts_once)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", EVENTS, OF(",'uniqueness_token':'t1'") ",'bytes':1}", 201);
	counter_expect(&counter, "POST", EVENTS, OF(",'uniqueness_token':'t1'") ",'bytes':1}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "duplicates"), "1");
	counter_expect(&counter, "POST", EVENTS,
	               "[" OF(",'uniqueness_token':'t2'") ",'bytes':1}," OF(",'uniqueness_token':'t2'") ",'bytes':1}]", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "kept"), "1");
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "2");
	counter_expect(&counter, "POST", "/v1/streams", "{'handle':'other'}", 201);
	counter_expect(&counter, "POST", "/v1/streams/other/events", OF(",'uniqueness_token':'t1'") "}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "kept"), "1"); /* a token is one of its stream */
	counter_close(&counter);
}

TEST(a_token_may_be_used_again_after_31_days_of_the_tenants_clock)
{
	struct counter counter;
	stream_open(&counter);
	const char *event = OF(",'uniqueness_token':'t'") ",'bytes':1}";
	counter_expect(&counter, "POST", EVENTS, event, 201);
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-10-07T14:59:00Z'}", 200);
	counter_expect(&counter, "POST", EVENTS, event, 201);
	CHECK_EQ_TEXT(counter_json(&counter, "duplicates"), "1");
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-10-07T15:00:00Z'}", 200);
	counter_expect(&counter, "POST", EVENTS, event, 201);
	CHECK_EQ_TEXT(counter_json(&counter, "kept"), "1");
	counter_expect(&counter, "POST", EVENTS, event, 201);
	CHECK_EQ_TEXT(counter_json(&counter, "duplicates"), "1");
	counter_close(&counter);
}

TEST(a_thousand_are_taken_and_one_more_is_none)
{
	struct counter counter;
	struct text_builder out;
	stream_open(&counter);
	builder_init(&out, &counter.arena, 0);
	builder_c(&out, "[");
	for (int i = 0; i < 1000; i++)
		builder_c(&out, i ? ",{\"moonbill\":{\"subscription_id\":1},\"bytes\":2}" : "{\"moonbill\":{\"subscription_id\":1},\"bytes\":2}");
	counter_send_text(&counter, "POST", EVENTS, text_format(&counter.arena, "%.*s,{}]", TEXT_ARG(builder_text(&out))));
	CHECK_EQ_INT(counter.reply.status, 422);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "0");
	counter_send_text(&counter, "POST", EVENTS, text_format(&counter.arena, "%.*s]", TEXT_ARG(builder_text(&out))));
	CHECK_EQ_INT(counter.reply.status, 201);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "2000");
	counter_close(&counter);
}

TEST(one_that_is_not_in_order_keeps_out_those_beside_it)
{
	static const struct {
		const char *body, *pointer;
	} refused[] = {
		{ "[{},3]", "/1" },
		{ "[{},{'moonbill':5}]", "/1/moonbill" },
		{ "[{},{'moonbill':{'subscription_id':0}}]", "/1/moonbill/subscription_id" },
		{ "[{},{'moonbill':{'subscription_id':1.5}}]", "/1/moonbill/subscription_id" },
		{ "[{},{'moonbill':{'timestamp':'yesterday'}}]", "/1/moonbill/timestamp" },
		{ "[{},{'moonbill':{'timestamp':7}}]", "/1/moonbill/timestamp" },
		{ "[{},{'moonbill':{'timestamp':'0001-01-01T00:00:00Z'}}]", "/1/moonbill/timestamp" },
		{ "[{},{'moonbill':{'timestamp':'1999-12-31T23:59:59.999999Z'}}]", "/1/moonbill/timestamp" },
		{ "[{},{'moonbill':{'timestamp':'2200-01-01T00:00:00Z'}}]", "/1/moonbill/timestamp" },
		{ "[{},{'moonbill':{'uniqueness_token':''}}]", "/1/moonbill/uniqueness_token" },
		{ "[{},{'moonbill':{'uniqueness_token':[1]}}]", "/1/moonbill/uniqueness_token" },
		{ "[{},{'moonbill':{'takes_back':true}}]", "/1/moonbill/corrects_id" },
		{ "[{},{'moonbill':{'takes_back':1,'corrects_id':1}}]", "/1/moonbill/takes_back" },
		{ "[{},{'moonbill':{'subscripton_id':1}}]", "/1/moonbill/subscripton_id" },
	};
	struct counter counter;
	stream_open(&counter);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		counter_expect(&counter, "POST", EVENTS, refused[i].body, 422);
		CHECK_EQ_TEXT(counter_json(&counter, "errors.0.pointer"), refused[i].pointer);
	}
	counter_expect(&counter, "GET", EVENTS, NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_close(&counter);
}

TEST(what_is_no_json_or_too_deep_is_refused_and_strange_names_are_only_names)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", EVENTS, "", 400);
	counter_expect(&counter, "POST", EVENTS, "{'bytes':NaN}", 400);
	counter_expect(&counter, "POST", EVENTS, "{'bytes':1,'bytes':2}", 400);
	counter_expect(&counter, "POST", EVENTS, "{'bytes':1e400}", 422);
	struct text_builder out;
	builder_init(&out, &counter.arena, 0);
	for (int i = 0; i < 100000; i++)
		builder_c(&out, "[");
	counter_send_text(&counter, "POST", EVENTS, builder_text(&out));
	CHECK_EQ_INT(counter.reply.status, 422);
	counter_expect(&counter, "POST", EVENTS, OF("") ",'__proto__':{'bytes':5},'constructor':1,'bytes':3}", 201);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "3");
	counter_expect(&counter, "POST", EVENTS, OF("") ",'bytes':123456789012345678901234567890}", 201);
	counter_expect(&counter, "POST", EVENTS, OF("") ",'bytes':1e13}", 201);
	counter_expect(&counter, "POST", EVENTS, OF("") ",'bytes':0.000000001}", 201);
	counter_expect(&counter, "POST", EVENTS, OF("") ",'bytes':'many'}", 201);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "3"); /* kept, and no numbers to add */
	CHECK_EQ_TEXT(quantity_of(&counter, "1"), "5");
	counter_close(&counter);
}

TEST(whose_an_event_is_says_an_id_a_reference_or_a_property)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", EVENTS, "{'moonbill':{'subscription_reference':'van-1'}}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "no_subscription"), "0");
	counter_expect(&counter, "POST", EVENTS, "{'moonbill':{'subscription_id':'1'}}", 201);
	counter_expect(&counter, "POST", EVENTS, "[{'moonbill':{'subscription_id':77}},{},{'moonbill':{'subscription_reference':'x'}}]", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "no_subscription"), "3");
	CHECK_EQ_TEXT(quantity_of(&counter, "1"), "2");
	counter_expect(&counter, "POST", "/v1/streams",
	               "{'handle':'gps','subscription_by':'property','subscription_property':'van.key'}", 201);
	counter_expect(&counter, "POST", "/v1/metrics", "{'stream':'gps','analysis':'count','handle':'gps'}", 201);
	counter_expect(&counter, "POST", "/v1/streams/gps/events", "[{'van':{'key':'van-1'}},{'van':{'key':1}},{'van':1}]", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "no_subscription"), "1");
	CHECK_EQ_TEXT(quantity_of(&counter, "gps"), "2");
	counter_close(&counter);
}

TEST(a_stream_that_is_not_there_or_archived_takes_nothing)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", "/v1/streams/none/events", "{}", 404);
	counter_expect(&counter, "POST", "/v1/streams/1/archive", "{}", 200);
	counter_expect(&counter, "POST", EVENTS, "{}", 409);
	counter_close(&counter);
}

TEST(cloudevents_are_events)
{
	struct counter counter;
	stream_open(&counter);
	const char *one = "{'specversion':'1.0','id':'a1','source':'/radio','type':'call','subject':'van-1','time':'2011-09-06T14:00:00Z',"
	                  "'data':{'bytes':7}}";
	counter_header(&counter, "Content-Type", "application/cloudevents+json; charset=utf-8");
	counter_expect(&counter, "POST", EVENTS, one, 201);
	counter_header(&counter, "Content-Type", "application/cloudevents-batch+json");
	counter_expect(&counter, "POST", EVENTS, text_format(&counter.arena, "[%s,{'specversion':'1.0','id':'a2','source':'/radio',"
	               "'type':'call','data':{'bytes':5,'moonbill':{'subscription_id':1}}}]", one).data, 201);
	CHECK_EQ_TEXT(counter_json(&counter, "duplicates"), "1"); /* the same source and id */
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "12");
	counter_header(&counter, "Content-Type", "application/cloudevents+json");
	counter_expect(&counter, "POST", EVENTS, "{'id':'a3','source':'/radio','type':'call'}", 422);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.pointer"), "/specversion");
	counter_header(&counter, "Content-Type", "text/plain");
	counter_expect(&counter, "POST", EVENTS, "{}", 415);
	counter_expect(&counter, "GET", EVENTS, NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.2.occurred_at"), "2011-09-06T14:00:00Z");
	CHECK_EQ_TEXT(counter_json(&counter, "items.2.properties.moonbill.type"), "call");
	counter_close(&counter);
}

/* ------------------------------------------------------------------------------------------------ what became of them */

TEST(the_last_events_tell_what_became_of_them)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", "/v1/metrics",
	               "{'stream':'calls','analysis':'sum','property':'bytes','handle':'eu','group_by':[{'property':'region'}],"
	               "'filters':[{'property':'kind','operator':'is_not','value':'free'}]}", 201);
	counter_expect(&counter, "POST", EVENTS, OF(",'uniqueness_token':'t'") ",'bytes':3,'region':'eu'}", 201);
	counter_expect(&counter, "POST", EVENTS, OF(",'uniqueness_token':'t'") ",'bytes':3}", 201);
	counter_expect(&counter, "POST", EVENTS, OF(",'timestamp':'2011-09-06T16:00:00Z'") ",'bytes':4,'kind':'free'}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "future"), "1");
	counter_expect(&counter, "POST", EVENTS, "{'bytes':3}", 201);
	counter_expect(&counter, "GET", EVENTS, NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.verdict"), "no_subscription");
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.verdict"), "future");
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.effects.2.counted"), "false");
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.effects.2.reason"), "a filter of the metric leaves it out");
	CHECK_EQ_TEXT(counter_json(&counter, "items.2.verdict"), "duplicate");
	CHECK_EQ_TEXT(counter_json(&counter, "items.3.verdict"), "counted");
	CHECK_EQ_TEXT(counter_json(&counter, "items.3.uniqueness_token"), "t");
	CHECK_EQ_TEXT(counter_json(&counter, "items.3.effects.2.value"), "3");
	CHECK_EQ_TEXT(counter_json(&counter, "items.3.effects.2.segment.0"), "eu");
	counter_expect(&counter, "GET", EVENTS "?limit=1", NULL, 200);
	CHECK(text_present(counter_json(&counter, "next")));
	counter_expect(&counter, "GET", "/v1/streams/none/events", NULL, 404);
	counter_close(&counter);
}

TEST(an_event_is_taken_back_or_another_takes_its_place)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", EVENTS, "[" OF(",'uniqueness_token':'a'") ",'bytes':3}," OF(",'uniqueness_token':'b'") ",'bytes':50}]", 201);
	counter_expect(&counter, "POST", EVENTS, "[" OF(",'corrects_token':'b'") ",'bytes':5}," OF("") ",'bytes':1}]", 201);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "9");
	CHECK_EQ_TEXT(quantity_of(&counter, "1"), "3");
	counter_expect(&counter, "POST", EVENTS, "{'moonbill':{'corrects_id':1,'takes_back':true}}", 201);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "6");
	CHECK_EQ_TEXT(quantity_of(&counter, "1"), "2");
	counter_expect(&counter, "POST", EVENTS, "{'moonbill':{'corrects_id':1,'takes_back':true}}", 201); /* it is taken back already */
	counter_expect(&counter, "POST", EVENTS, OF(",'corrects_token':'none'") ",'bytes':100}", 201);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "6");
	counter_expect(&counter, "GET", EVENTS, NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.verdict"), "no_target");
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.verdict"), "no_target");
	CHECK_EQ_TEXT(counter_json(&counter, "items.2.verdict"), "correction");
	CHECK_EQ_TEXT(counter_json(&counter, "items.6.verdict"), "taken_back");
	counter_close(&counter);
}

TEST(a_key_and_a_dry_run_are_as_with_any_write)
{
	struct counter counter;
	stream_open(&counter);
	for (int i = 0; i < 2; i++) {
		counter_header(&counter, "Idempotency-Key", "k1");
		counter_expect(&counter, "POST", EVENTS, OF("") ",'bytes':3}", 201);
	}
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Idempotency-Replayed"), "true");
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "3");
	counter_header(&counter, "Idempotency-Key", "k1");
	counter_expect(&counter, "POST", EVENTS, OF("") ",'bytes':4}", 422);
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "POST", EVENTS, OF(",'uniqueness_token':'t'") ",'bytes':4}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "kept"), "1");
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "3");
	counter_expect(&counter, "POST", EVENTS, OF(",'uniqueness_token':'t'") ",'bytes':4}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "kept"), "1"); /* the dry run left no token */
	counter_close(&counter);
}

TEST(usage_since_it_was_billed_last_begins_twenty_years_ago_at_most)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", EVENTS, OF(",'timestamp':'2011-09-01T00:00:00Z'") ",'bytes':1}", 201);
	counter_expect(&counter, "POST", EVENTS, OF(",'timestamp':'2030-09-01T00:00:00Z'") ",'bytes':2}", 201);
	counter_expect(&counter, "POST", EVENTS, OF(",'timestamp':'2000-01-01T00:00:00Z'") ",'bytes':4}", 201);
	counter_expect(&counter, "GET", USAGE "?metric=2&to=2031-01-01T00:00:00Z", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.quantity"), "3");
	counter_expect(&counter, "GET", USAGE "?metric=2&from=2000-01-01T00:00:00Z&to=2031-01-01T00:00:00Z", NULL, 422);
	counter_close(&counter);
}

TEST(usage_is_of_a_time_that_is_asked_for)
{
	struct counter counter;
	stream_open(&counter);
	counter_expect(&counter, "POST", EVENTS,
	               "[" OF(",'timestamp':'2011-09-01T00:00:00Z'") ",'bytes':1}," OF(",'timestamp':'2011-09-03T12:00:00Z'") ",'bytes':2},"
	               OF(",'timestamp':'2011-09-03T12:00:01Z'") ",'bytes':4}]", 201);
	counter_expect(&counter, "GET", USAGE "?metric=2&from=2011-09-01T00:00:00Z&to=2011-09-03T12:00:01Z", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.quantity"), "3");
	counter_expect(&counter, "GET", USAGE "?from=2011-09-03T12:00:00Z", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 2);
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.quantity"), "6");
	counter_expect(&counter, "GET", USAGE "?from=2011-09-03T12:00:00Z&to=2011-09-01T00:00:00Z", NULL, 422);
	counter_expect(&counter, "GET", USAGE "?from=monday", NULL, 400);
	counter_expect(&counter, "GET", USAGE "?metric=none", NULL, 404);
	counter_expect(&counter, "GET", "/v1/subscriptions/99/event_usage", NULL, 404);
	counter_close(&counter);
}

CHECK_MAIN
