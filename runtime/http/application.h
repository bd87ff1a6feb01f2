/* application.h: what answers requests: routes, access, commands and reads over one engine. No sockets here.
 *
 *     server.c, case runner, tests --http_request--> application.c --> route.c, access.c
 *                                                        |--> v1/, blu/ (rows of routes with their handlers)
 *                                                        |      read: a kept answer, or a snapshot on the calling
 *                                                        |      thread; a dear one on a thread of its own
 *                                                        \----> write: a command; `done` when it is committed
 *
 * Thread-safe. Between requests it keeps keys that were good, answers of reads, and how often who has asked; each of
 * these is bounded.
 */
#ifndef MOONBILL_HTTP_APPLICATION_H
#define MOONBILL_HTTP_APPLICATION_H

#include "event/engine.h"
#include "rate.h"
#include "request.h"

struct http_application;

/* body_bytes_max 0 = HTTP_BODY_BYTES_MAX. NULL when memory runs out. The engine outlives it. */
struct http_application *http_application_new(struct engine *engine, size_t body_bytes_max);
/* The description of the API as OpenAPI 3.1, as GET /openapi.json answers it. */
struct text http_application_openapi(const struct http_application *application);
/* The same of Maxio's wire, as GET /openapi/maxio.json answers it. */
struct text http_application_openapi_maxio(const struct http_application *application);
/* How often clients may ask. Who is exempt is not counted by address; what a proxy in the list says of its caller
 * (X-Forwarded-For) is believed, and a proxy itself is not counted either. Keys and tenants have no exemptions. */
struct http_limits {
	struct rate_limits rates;
	struct ip_list exempt, proxies;
};
/* Before the first request; without it there are no limits. False when memory runs out. */
bool http_application_limit(struct http_application *application, const struct http_limits *limits);
/* Before the first request: a line in the log for each request, at the level info. */
void http_application_log_requests(struct http_application *application);
/* Before the first request: the store keeps when keys were last used. */
void http_application_note_key_use(struct http_application *application);
/* Before the first request; without it long reads run on the thread that calls http_handle. False when there is no thread
 * for them. */
bool http_application_start_readers(struct http_application *application);
/* Waits until every request has had its `done`. Accepts NULL. */
void http_application_free(struct http_application *application);

/* Once for each http_handle: on its own thread before it returns, or later on the writer's or another one; must not
 * block. The reply and the request's arena are the caller's again. */
typedef void http_done(void *context, struct http_request *request, const struct http_reply *reply);

void http_handle(struct http_application *application, struct http_request *request, http_done *done, void *context);
/* The same on this thread from beginning to end, gateway included: engines without threads need it. */
void http_handle_wait(struct http_application *application, struct http_request *request, struct http_reply *reply);

/* For servers, before there is a body: true when http_handle may get this request. Otherwise *reply refuses it (unknown
 * path, no key, too large, ...) whatever its body is. body_bytes_max: what the body may have. */
bool http_admit(struct http_application *application, struct http_request *request, struct http_reply *reply,
                size_t *body_bytes_max);
/* A reply of this status and problem in the dialect of the request, for what a server finds out by itself. */
void http_refuse(struct http_application *application, struct http_request *request, struct http_reply *reply,
                 enum problem_code code, const char *message);

#endif
