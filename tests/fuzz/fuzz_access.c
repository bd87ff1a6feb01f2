/* fuzz_access.c: the headers Authorization, one a line; "$" stands for a key in force, "@" for it as Basic has it. */
#include "fuzz_http.h"

enum { HEADERS_MAX = 4 };

static struct text base64(struct arena *arena, struct text plain)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < plain.length; i += 3) {
		unsigned bits = 0;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (i + k < plain.length ? (unsigned char)plain.data[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			builder_byte(&out, i + k <= plain.length ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
	return builder_text(&out);
}

static struct text header_of(struct arena *arena, struct text line, struct text key, bool *has_key)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < line.length; i++) {
		bool plain = line.data[i] == '$', encoded = line.data[i] == '@';
		*has_key |= plain || encoded;
		if (plain)
			builder_add(&out, key);
		else if (encoded)
			builder_add(&out, base64(arena, text_format(arena, "%.*s:", TEXT_ARG(key))));
		else
			builder_byte(&out, line.data[i]);
	}
	return builder_text(&out);
}

/* Nobody comes in without the key, whatever the header looks like. */
static void knock(struct fuzz *fuzz)
{
	struct arena_mark mark;
	struct counter *counter = fuzz_counter(&mark);
	struct http_field headers[HEADERS_MAX];
	struct text rest = fuzz->input, line;
	bool has_key = false, more = true;
	size_t count = 0;
	while (more && count < HEADERS_MAX) {
		more = text_split(rest, '\n', &line, &rest);
		headers[count++] = (struct http_field){ TEXT("Authorization"),
			                                header_of(&counter->arena, line, text_of(counter->key), &has_key) };
	}
	struct http_request request = { .arena = &counter->arena, .method = TEXT("GET"), .target = TEXT("/v1/plans"),
		                        .headers = headers, .header_count = count };
	http_handle_wait(counter->application, &request, &counter->reply);
	fuzz_reply_json(counter);
	FUZZ_CHECK(counter->reply.status == 401 || (counter->reply.status == 200 && has_key && count == 1));
	arena_rewind(&counter->arena, mark);
}

FUZZ_TARGET(knock)
