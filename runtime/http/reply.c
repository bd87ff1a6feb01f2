/* reply.c: replies made: headers that all have, records and problems as bodies. */
#include "exchange.h"

#include <string.h>
#include <strings.h>

void http_reply_header(struct http_reply *reply, const char *name, struct text value)
{
	if (reply->header_count == HTTP_REPLY_HEADERS_MAX)
		BUG("a reply has no room for the header %s", name);
	reply->headers[reply->header_count++] = (struct http_field){ text_of(name), value };
}

/* Answers are about money and people: no cache keeps them, no browser guesses at them. */
void http_reply_seal(struct http_exchange *exchange)
{
	struct http_reply *reply = &exchange->reply;
	http_reply_header(reply, "X-Request-Id", exchange->request_id);
	http_reply_header(reply, "X-Content-Type-Options", TEXT("nosniff"));
	http_reply_header(reply, "Cache-Control", TEXT("no-store"));
	http_reply_header(reply, "Content-Security-Policy", TEXT("default-src 'none'; frame-ancestors 'none'"));
	if (reply->status == 503)
		http_reply_header(reply, "Retry-After", TEXT("1"));
}

void http_reply_json(struct http_exchange *exchange, int status, struct text body)
{
	exchange->reply.status = status;
	exchange->reply.content_type = TEXT("application/json");
	exchange->reply.body = body;
}

void http_reply_record(struct http_exchange *exchange, int status, const struct record *record, const void *value)
{
	http_reply_json(exchange, status, json_record_text(exchange->arena, record, value));
}

bool http_reply_found(struct http_exchange *exchange, const struct record *record, const void *value)
{
	if (!value)
		return record_missing(record, exchange->id, &exchange->problems, "");
	http_reply_record(exchange, 200, record, value);
	return true;
}

void http_reply_problems(struct http_exchange *exchange)
{
	if (exchange->problems.count == 0)
		problem(&exchange->problems, PROBLEM_INTERNAL, "", "the request failed and did not say why");
	exchange->dialect->refuse(exchange);
}

/* ---- the native dialect ---- */

bool http_type_is(struct text type, const char *wanted)
{
	struct text media, rest;
	text_split(type, ';', &media, &rest);
	media = text_trim(media);
	return media.length == strlen(wanted) && strncasecmp(media.data, wanted, media.length) == 0;
}

static bool route_accepts(const struct http_route *route, struct text type)
{
	struct text rest = text_of(route->also_accepts ? route->also_accepts : ""), one;
	bool more = rest.length > 0;
	while (more) {
		char name[64];
		more = text_split(rest, ' ', &one, &rest);
		size_t length = one.length < sizeof name ? one.length : sizeof name - 1;
		memcpy(name, one.data, length);
		name[length] = '\0';
		if (http_type_is(type, name))
			return true;
	}
	return false;
}

static bool v1_accept(struct http_exchange *exchange, struct text type)
{
	if (!text_present(type) || http_type_is(type, "application/json") || route_accepts(exchange->entry->route, type))
		return true;
	return problem_value(&exchange->problems, PROBLEM_UNSUPPORTED_MEDIA, "", type,
	                     "Send Content-Type: application/json.",
	                     "bodies of the type '%.*s' are not read", TEXT_ARG(text_slice(type, 0, 100)));
}

static void v1_refuse(struct http_exchange *exchange)
{
	exchange->reply.status = problem_info(exchange->problems.first->code)->status;
	exchange->reply.content_type = TEXT("application/problem+json");
	exchange->reply.body = json_problems_text(exchange->arena, &exchange->problems);
}

const struct http_dialect v1_dialect = {
	.roots = NULL, .accept = v1_accept, .refuse = v1_refuse,
	.out_of_memory_type = "application/problem+json",
	.out_of_memory = "{\"type\":\"urn:moonbill:problem:out_of_memory\",\"title\":\"Memory ran out\",\"status\":503,"
	                 "\"detail\":\"memory ran out\",\"errors\":[]}",
};
