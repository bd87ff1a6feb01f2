/* sender.h: an engine whose test tenant sends to a receiver in this process.
 *
 *     struct house house;
 *     house_open(&house, false);                        // true: with the engine's threads
 *     int64_t id = endpoint_make(&house, "/ok", ",'events':'account.create'");
 *     account_make(&house, "Ann");
 *     house_drain(&house);                              // without threads
 *     house_close(&house);
 */
#ifndef MOONBILL_TESTS_HTTP_SENDER_H
#define MOONBILL_TESTS_HTTP_SENDER_H

#include "counter.h"
#include "receiver.h"

#include "base/signature.h"

struct house {
	struct counter counter;
	struct receiver receiver;
	char url[80];
};

__attribute__((unused)) static const char *house_url(struct house *house, const char *path)
{
	snprintf(house->url, sizeof house->url, "http://127.0.0.1:%d%s", house->receiver.port, path);
	return house->url;
}

__attribute__((unused)) static void house_open_with(struct house *house, struct engine_options options)
{
	receiver_open(&house->receiver);
	counter_open_with(&house->counter, ":memory:", options);
	counter_expect(&house->counter, "PATCH", "/v1/settings",
	               "{'deliveries':{'plain_http':true,'private_addresses':true}}", 200);
}

__attribute__((unused)) static void house_open(struct house *house, bool threads)
{
	house_open_with(house, (struct engine_options){ .threads = threads });
}

__attribute__((unused)) static void house_close(struct house *house)
{
	counter_close(&house->counter);
	receiver_close(&house->receiver);
}

/* Its id; the reply has the secret. */
__attribute__((unused)) static int64_t endpoint_make(struct house *house, const char *path, const char *more)
{
	const char *body = text_format(&house->counter.arena, "{'url':'%s'%s}", house_url(house, path), more).data;
	int64_t id;
	counter_expect(&house->counter, "POST", "/v1/webhook_endpoints", body, 201);
	CHECK(text_to_int64(counter_json(&house->counter, "id"), &id));
	return id;
}

__attribute__((unused)) static void account_make(struct house *house, const char *name)
{
	counter_expect(&house->counter, "POST", "/v1/accounts", text_format(&house->counter.arena, "{'name':'%s'}", name).data, 201);
}

__attribute__((unused)) static void house_drain(struct house *house)
{
	CHECK(engine_drain(house->counter.engine, house->counter.tenant_id, &house->counter.problems));
}

__attribute__((unused)) static void clock_to(struct house *house, const char *at)
{
	counter_expect(&house->counter, "PUT", "/v1/clock", text_format(&house->counter.arena, "{'now':'%s'}", at).data, 200);
}

__attribute__((unused)) static const char *body_of(struct house *house, int n)
{
	return house->receiver.items[n].body;
}

/* By this secret, whoever else signed. */
__attribute__((unused)) static bool signature_holds(struct house *house, int n, struct text secret)
{
	struct arena *arena = &house->counter.arena;
	struct text key, id = text_copy(arena, receiver_header(&house->receiver, n, "webhook-id"));
	struct text timestamp = text_copy(arena, receiver_header(&house->receiver, n, "webhook-timestamp"));
	CHECK(text_starts(secret, "whsec_") && base64_read(arena, text_slice(secret, 6, secret.length), &key));
	CHECK_EQ_INT(key.length, 32);
	struct text content = text_format(arena, "%.*s.%.*s.%s", TEXT_ARG(id), TEXT_ARG(timestamp), body_of(house, n));
	struct digest digest = hmac_sha256(key, content);
	struct text wanted = text_format(arena, "v1,%.*s", TEXT_ARG(base64_text(arena, digest.bytes, sizeof digest.bytes)));
	struct text word, rest = receiver_header(&house->receiver, n, "webhook-signature");
	bool more = true, holds = false;
	while (more) {
		more = text_split(rest, ' ', &word, &rest);
		holds = holds || text_equals(word, wanted);
	}
	return holds;
}

/* Those of a status; at most a page. */
__attribute__((unused)) static int deliveries_count(struct house *house, const char *status)
{
	struct arena_mark mark = arena_mark(&house->counter.arena); /* it is asked many times */
	counter_expect(&house->counter, "GET",
	               text_format(&house->counter.arena, "/v1/deliveries?limit=200&status=%s", status).data, NULL, 200);
	int count = (int)counter_json_count(&house->counter, "items");
	arena_rewind(&house->counter.arena, mark);
	return count;
}

/* At most a minute. */
__attribute__((unused)) static void deliveries_wait_done(struct house *house, int count)
{
	for (int i = 0; i < 3000; i++) {
		if (deliveries_count(house, "done") >= count)
			return;
		usleep(20000);
	}
	CHECK_FAIL("%d deliveries are not done", count);
}

#endif
