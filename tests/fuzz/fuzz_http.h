/* fuzz_http.h: an application over a store in memory, kept between inputs and made anew now and then. */
#ifndef MOONBILL_TESTS_FUZZ_HTTP_H
#define MOONBILL_TESTS_FUZZ_HTTP_H

#include "fuzz.h"
#include "http/counter.h"

enum { DESK_INPUTS_MAX = 5000 };

/* Accounts 1 to 5 are there. What it allocates for one input goes with arena_rewind to `mark`. */
static struct counter *fuzz_counter(struct arena_mark *mark)
{
	static struct counter counter;
	static int inputs;
	if (inputs++ % DESK_INPUTS_MAX == 0) {
		if (inputs > 1)
			counter_close(&counter);
		counter_open(&counter);
		for (int i = 0; i < 5; i++)
			counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	}
	*mark = arena_mark(&counter.arena);
	return &counter;
}

/* Every answer to a stranger: a status that blames the right side, and a body that is JSON. */
__attribute__((unused)) static const struct json *fuzz_reply_json(struct counter *counter)
{
	FUZZ_CHECK(counter->reply.status >= 200 && counter->reply.status < 500);
	problems_init(&counter->problems, &counter->arena);
	const struct json *json = json_parse(counter->reply.body, &counter->arena, &counter->problems);
	FUZZ_CHECK(json != NULL);
	return json;
}

#endif
