/* fuzz_cursor.c: the query of a list: "limit=2&cursor=..."; "$" stands for a cursor that this list gave. */
#include "fuzz_http.h"

static struct text query_of(struct fuzz *fuzz, struct text given)
{
	struct text_builder out;
	builder_init(&out, &fuzz->arena, 0);
	builder_c(&out, "/v1/accounts?");
	for (size_t i = 0; i < fuzz->input.length; i++) {
		if (fuzz->input.data[i] == '$')
			builder_add(&out, given);
		else
			builder_byte(&out, fuzz->input.data[i]);
	}
	return builder_text(&out);
}

/* Every page is reached by the cursor of the one before it, and the last one says so. */
static void pages_read(struct counter *counter, const struct json *page)
{
	for (int pages = 0; page; pages++) {
		FUZZ_CHECK(pages <= 5);
		const struct json *next = json_member(page, "next");
		FUZZ_CHECK(json_member(page, "items") && next);
		if (next->type != JSON_STRING)
			return;
		struct text target = text_format(&counter->arena, "/v1/accounts?limit=1&cursor=%.*s", TEXT_ARG(next->text));
		counter_send(counter, "GET", target.data, NULL);
		FUZZ_CHECK(counter->reply.status == 200);
		page = fuzz_reply_json(counter);
	}
}

static void list(struct fuzz *fuzz)
{
	struct arena_mark mark;
	struct counter *counter = fuzz_counter(&mark);
	counter_send(counter, "GET", "/v1/accounts?limit=1", NULL);
	struct text given = json_text(json_member(fuzz_reply_json(counter), "next"));
	struct text target = query_of(fuzz, given);
	struct http_field headers[] = { { TEXT("Authorization"), text_format(&counter->arena, "Bearer %s", counter->key) } };
	struct http_request request = { .arena = &counter->arena, .method = TEXT("GET"), .target = target,
		                        .headers = headers, .header_count = 1 };
	http_handle_wait(counter->application, &request, &counter->reply);
	const struct json *json = fuzz_reply_json(counter);
	if (counter->reply.status == 200)
		pages_read(counter, json);
	arena_rewind(&counter->arena, mark);
}

FUZZ_TARGET(list)
