/* request.h: one HTTP request and its reply as plain values, wherever they come from.
 *
 *     struct http_request request = { .arena = &arena, .method = TEXT("GET"), .target = TEXT("/v1/plans?limit=3"),
 *                                     .headers = headers, .header_count = 1 };
 *     struct http_reply reply;
 *     http_handle_wait(application, &request, &reply);
 *
 * The server makes them of sockets, the case runner and tests of nothing. Everything a reply points to lies in the
 * request's arena.
 */
#ifndef MOONBILL_HTTP_REQUEST_H
#define MOONBILL_HTTP_REQUEST_H

#include "ip_address.h"
#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_BODY_BYTES_MAX = 1024 * 1024,
	HTTP_PATH_BYTES_MAX = 2048,
	HTTP_QUERY_BYTES_MAX = 64 * 1024,
	HTTP_SEGMENTS_MAX = 12,
	HTTP_PARAMETERS_MAX = 100,
	HTTP_REPLY_HEADERS_MAX = 12,
};

/* A header, or a parameter of the query. */
struct http_field {
	struct text name, value;
};

struct http_exchange;

struct http_request {
	struct arena *arena;   /* the reply's as well */
	struct text method;    /* "GET" */
	struct text target;    /* as it came: "/v1/orders/12?limit=3" */
	const struct http_field *headers;
	size_t header_count;
	struct text body;
	struct ip_address address; /* of the caller; may be unknown: then no limit counts it */
	struct text remote;     /* the same as text; may be none */
	int64_t operator_tenant_id; /* not 0: who owns the store asks, of this tenant and without a key; never of a socket */
	/* http_admit's and http_handle's */
	struct http_exchange *exchange;
};

struct http_reply {
	int status;
	struct text content_type; /* none: no body */
	struct text body;         /* for HEAD and of a 304 what GET is sent: its length is told, and no other (RFC 9110, 8.6) */
	struct http_field headers[HTTP_REPLY_HEADERS_MAX];
	size_t header_count;
};

/* The first of that name, case of letters aside; TEXT_NONE when there is none. `count` (may be NULL): how many. */
struct text http_header(const struct http_field *headers, size_t count, const char *name, size_t *found);
/* Is there an announced body, by Content-Length or Transfer-Encoding? */
bool http_request_has_body(const struct http_request *request);

/* A target's path, split at '/' and then decoded ("%2f" is part of a segment), and its query's decoded pairs. */
struct http_target {
	struct text path; /* as it came */
	struct text segments[HTTP_SEGMENTS_MAX];
	size_t segment_count;
	struct http_field *parameters;
	size_t parameter_count;
};
/* "http://host/path" is read as "/path". False and a problem for what no resource has: a target without '/', bad or zero
 * escapes, bytes that are not UTF-8, control bytes, too much of anything, a parameter given twice that is no list ("include[]"). */
bool http_target_parse(struct text target, struct arena *arena, struct problems *problems, struct http_target *parsed);
struct text http_parameter(const struct http_target *target, const char *name); /* TEXT_NONE when absent */

/* The body as a fingerprint may see it: card numbers, values named cvv and passwd are blanked out. */
struct text http_body_redacted(struct arena *arena, struct text body);

#endif
