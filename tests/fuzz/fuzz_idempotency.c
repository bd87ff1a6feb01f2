/* fuzz_idempotency.c: the header Idempotency-Key: a write repeated under it has one effect and one answer. */
#include "fuzz_http.h"

static void account_post(struct counter *counter, struct text key, const char *body)
{
	struct http_field headers[] = {
		{ TEXT("Authorization"), text_format(&counter->arena, "Bearer %s", counter->key) },
		{ TEXT("Idempotency-Key"), key },
		{ TEXT("Content-Type"), TEXT("application/json") },
	};
	struct http_request request = { .arena = &counter->arena, .method = TEXT("POST"), .target = TEXT("/v1/accounts"),
		                        .headers = headers, .header_count = 3,
		                        .body = text_of(counter_quoted(counter, body)) };
	http_handle_wait(counter->application, &request, &counter->reply);
	fuzz_reply_json(counter);
}

static void repeat(struct fuzz *fuzz)
{
	struct arena_mark mark;
	struct counter *counter = fuzz_counter(&mark);
	account_post(counter, fuzz->input, "{'name':'Ann'}");
	int status = counter->reply.status;
	struct text body = counter->reply.body;
	FUZZ_CHECK(status == 201 || status == 400);
	account_post(counter, fuzz->input, "{'name':'Ann'}");
	FUZZ_CHECK(counter->reply.status == status);
	FUZZ_CHECK(status != 201 || text_equals(counter->reply.body, body));
	account_post(counter, fuzz->input, "{'name':'Bob'}");
	FUZZ_CHECK(counter->reply.status == (status == 201 ? 409 : 400) || counter->reply.status == 422);
	arena_rewind(&counter->arena, mark);
}

FUZZ_TARGET(repeat)
