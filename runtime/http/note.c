/* note.c: what is counted and logged of a request that was answered. */
#include "exchange.h"

#include "base/log.h"
#include "base/metric.h"

/* The row of the table of routes as a number below the bound of the dimension; 0: none. */
static size_t route_number(const struct http_exchange *exchange)
{
	return exchange->entry ? (size_t)(exchange->entry - exchange->application->router.entries) + 1 : 0;
}

static void count(const struct http_exchange *exchange, int64_t duration_us)
{
	size_t route = route_number(exchange), class = (size_t)(exchange->reply.status / 100 - 1);
	metric_add_at(METRIC_HTTP_REQUESTS_TOTAL, route, class, 1);
	metric_observe_at(METRIC_HTTP_REQUEST_DURATION_SECONDS, route, duration_us);
}

/* What may be said of an error: of one that the client made its code alone, for the message may quote the body. */
static struct text error_text(struct http_exchange *exchange, bool ours)
{
	const struct problem *first = exchange->problems.first;
	if (!first || !ours)
		return TEXT_NONE;
	return text_format(exchange->arena, "%s%s%s", first->message, first->cause ? ": " : "", first->cause ? first->cause : "");
}

/* Not of what is only told of. */
static size_t bytes_sent(const struct http_exchange *exchange)
{
	bool told = exchange->reply.status == 304 || text_is(exchange->request->method, "HEAD");
	return told ? 0 : exchange->reply.body.length;
}

/* One line a request; the pattern of the route, not the path, which may name people. */
static void note_line(struct http_exchange *exchange, enum log_level level, bool ours, int64_t duration_us)
{
	const struct http_request *request = exchange->request;
	const struct http_reply *reply = &exchange->reply;
	const struct problem *first = exchange->problems.first;
	struct uuid correlation = exchange->write.request.correlation_id;
	log_context_set(exchange->request_id, uuid_present(correlation) ? uuid_text(exchange->arena, correlation) : TEXT_NONE);
	log_fields(level, "http.request",
	           LOG_FIELDS({ .name = "method", .text = text_slice(request->method, 0, 20) },
	                      { .name = "route", .text = text_of(exchange->entry ? exchange->entry->route->path : "unmatched") },
	                      LOG_INTEGER("status", reply->status), LOG_INTEGER("duration_us", duration_us),
	                      LOG_INTEGER("bytes_in", (int64_t)request->body.length),
	                      LOG_INTEGER("bytes_out", (int64_t)bytes_sent(exchange)),
	                      LOG_ID("tenant", exchange->identity.tenant_id),
	                      LOG_ID("key", exchange->identity.key_id),
	                      { .name = "address", .text = request->remote },
	                      { .name = "code", .text = first ? text_of(problem_info(first->code)->name) : TEXT_NONE },
	                      { .name = "message", .text = error_text(exchange, ours) }));
	log_context_clear();
}

void http_note(struct http_exchange *exchange)
{
	bool ours = exchange->reply.status >= 500 && exchange->reply.status != 501;
	enum log_level level = ours ? LOG_ERROR : exchange->application->log_requests ? LOG_INFO : LOG_DEBUG;
	int64_t duration_us = clock_monotonic_us() - exchange->begun_us;
	count(exchange, duration_us);
	if (log_wants(level))
		note_line(exchange, level, ours, duration_us);
}
