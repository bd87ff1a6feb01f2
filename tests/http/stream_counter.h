/* stream_counter.h: a counter with a subscription and a stream. */
#ifndef MOONBILL_TESTS_HTTP_STREAM_COUNTER_H
#define MOONBILL_TESTS_HTTP_STREAM_COUNTER_H

#include "counter.h"

#define EVENTS "/v1/streams/calls/events"
#define USAGE "/v1/subscriptions/1/event_usage"

/* Subscription 1 of a plan of the catalog, bundle key "van-1"; a metric that counts the stream "calls", and one that adds up "bytes". */
__attribute__((unused)) static void stream_furnish(struct counter *counter)
{
	counter_expect(counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(counter, "POST", "/v1/catalog/plans",
	               "{'code':'van','product':'van','amount':'10','currency':'USD','billing_period':'monthly'}", 201);
	counter_expect(counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van','bundle_key':'van-1'}", 201);
	counter_expect(counter, "POST", "/v1/metrics", "{'stream':'calls','analysis':'count'}", 201);
	counter_expect(counter, "POST", "/v1/metrics", "{'stream':'calls','analysis':'sum','property':'bytes'}", 201);
}

__attribute__((unused)) static void stream_open(struct counter *counter)
{
	counter_open(counter);
	stream_furnish(counter);
}

/* The quantity of a metric to date. */
__attribute__((unused)) static struct text quantity_of(struct counter *counter, const char *metric)
{
	counter_expect(counter, "GET", text_format(&counter->arena, USAGE "?metric=%s", metric).data, NULL, 200);
	return counter_json(counter, "items.0.quantity");
}

#endif
