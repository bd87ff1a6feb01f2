/* server_connection.c: a request of a socket: headers checked, body gathered, handled, answered. */
#include "server_state.h"

#include "base/metric.h"

#include <string.h>
#include <strings.h>

/* ---- the life of a talk ---- */

static struct talk *talk_new(void)
{
	struct talk *talk = memory_alloc(sizeof *talk);
	if (!talk)
		return NULL;
	memset(talk, 0, sizeof *talk);
	if (arena_init(&talk->arena, SERVER_ARENA_BYTES))
		return talk;
	memory_free(talk);
	return NULL;
}

static void talk_free(struct talk *talk)
{
	arena_finish(&talk->arena);
	memory_free(talk);
}

static struct talk *talk_take(struct http_loop *loop)
{
	struct talk *talk = loop->spare;
	if (!talk)
		return talk_new();
	loop->spare = talk->next_spare;
	loop->spare_count--;
	talk->next_spare = NULL;
	return talk;
}

static void talk_clear(struct talk *talk)
{
	struct arena arena = talk->arena;
	memset(talk, 0, offsetof(struct talk, headers));
	talk->arena = arena;
	talk->arena.limit_bytes = SERVER_ARENA_BYTES;
	arena_reset(&talk->arena);
}

void talks_free(struct http_loop *loop)
{
	while (loop->spare)
		talk_free(talk_take(loop));
}

/* True for the last owner, who is to free it. Cards may have been in it. */
static bool talk_drop(struct talk *talk)
{
	if (atomic_fetch_sub(&talk->owners, 1) != 1)
		return false;
	arena_wipe(&talk->arena);
	return true;
}

/* On the loop's thread: kept for the next request. */
static void talk_recycle(struct http_loop *loop, struct talk *talk)
{
	if (loop->spare_count == SERVER_TALKS_SPARE) {
		talk_free(talk);
		return;
	}
	talk_clear(talk);
	talk->next_spare = loop->spare;
	loop->spare = talk;
	loop->spare_count++;
}

void *talk_open(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct http_loop *loop = context;
	struct link *link = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	struct talk *talk = link && !link->refused ? talk_take(loop) : NULL;
	if (!talk)
		return NULL;
	talk->loop = loop;
	talk->link = link;
	atomic_init(&talk->owners, 1);
	talk->connection = connection;
	talk->request.arena = &talk->arena;
	talk->request.target = text_copy(&talk->arena, text_of(uri));
	link->talk = talk;
	if (!link->begun_at_us)
		link->begun_at_us = clock_monotonic_us();
	atomic_fetch_add(&loop->server->talks, 1);
	metric_add(METRIC_HTTP_REQUESTS_IN_FLIGHT, 1);
	return talk;
}

void talk_completed(void *context, struct MHD_Connection *connection, void **request_context,
                    enum MHD_RequestTerminationCode code)
{
	struct http_loop *loop = context;
	struct talk *talk = *request_context;
	(void)connection, (void)code;
	*request_context = NULL;
	if (!talk)
		return;
	struct link *link = talk->link;
	link->talk = NULL;
	link->begun_at_us = 0;
	link->resting = false;
	link->quiet_since_us = clock_monotonic_us();
	if (atomic_load(&talk->state) == TALK_WAITING)
		BUG("a connection ended while it was suspended");
	atomic_fetch_sub(&loop->server->talks, 1);
	if (talk->arrived)
		atomic_fetch_sub(&loop->server->arrived, 1);
	metric_add(METRIC_HTTP_REQUESTS_IN_FLIGHT, -1);
	if (talk_drop(talk))
		talk_recycle(loop, talk);
}

/* ---- replies ---- */

static enum MHD_Result reply_queue(struct talk *talk)
{
	const struct http_reply *reply = &talk->reply;
	struct text body = reply->body.data ? reply->body : TEXT("");
	struct MHD_Response *response =
	        MHD_create_response_from_buffer(body.length, (void *)(uintptr_t)body.data, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	if (text_present(reply->content_type))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
		                        text_c(&talk->arena, reply->content_type));
	for (size_t i = 0; i < reply->header_count; i++)
		MHD_add_response_header(response, reply->headers[i].name.data,
		                        text_c(&talk->arena, reply->headers[i].value));
	if (talk->close || atomic_load(&talk->loop->server->stopping))
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	enum MHD_Result queued = MHD_queue_response(talk->connection, (unsigned)reply->status, response);
	MHD_destroy_response(response);
	talk->replied_at_us = clock_monotonic_us();
	return queued;
}

/* The client has its 503 from other memory: the talk's belongs to a command that goes on. */
static enum MHD_Result reply_left(struct talk *talk)
{
	static char body[] = "{\"type\":\"urn:moonbill:problem:busy\",\"title\":\"The server is busy\",\"status\":503,"
	                     "\"detail\":\"the server ends before the request has; repeat it with its key\"}";
	struct MHD_Response *response = MHD_create_response_from_buffer(sizeof body - 1, body, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/problem+json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	enum MHD_Result queued = MHD_queue_response(talk->connection, MHD_HTTP_SERVICE_UNAVAILABLE, response);
	MHD_destroy_response(response);
	talk->replied_at_us = clock_monotonic_us();
	return queued;
}

/* MHD notes the resumption but does not wake a loop that is not its own. */
static void talk_resume(struct talk *talk)
{
	MHD_resume_connection(talk->connection);
	loop_wake(talk->loop);
}

/* On whichever thread ends the request. */
static void talk_done(void *context, struct http_request *request, const struct http_reply *reply)
{
	struct talk *talk = context;
	(void)request;
	talk->reply = *reply;
	if (atomic_exchange(&talk->state, TALK_DONE) == TALK_WAITING)
		talk_resume(talk);
	if (talk_drop(talk))
		talk_free(talk);
}

void talk_leave(struct talk *talk)
{
	enum talk_state waiting = TALK_WAITING;
	if (atomic_compare_exchange_strong(&talk->state, &waiting, TALK_LEFT))
		talk_resume(talk);
}

/* ---- headers ---- */

struct headers {
	struct talk *talk;
	size_t count;
	bool bad;
};

/* A bit for each ASCII byte that a name may have: !#$%&'*+-. and digits; letters and ^_`|~. */
static bool is_token(struct text text)
{
	static const uint64_t bytes[2] = { UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe) };
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte >= 0x80 || !(bytes[byte / 64] >> byte % 64 & 1))
			return false;
	}
	return text.length > 0;
}

static bool is_value(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (((unsigned char)text.data[i] < 0x20 && text.data[i] != '\t') || text.data[i] == 0x7f)
			return false;
	return true;
}

/* The library joins a folded line to the header's name: "Content-Length:\r\n 2" comes as "Content-Length2". Where a
 * request ends, and whether it counts, must not get lost that way. */
static bool is_folded(struct text name)
{
	static const char *const names[] = { "Content-Length", "Transfer-Encoding", "Idempotency-Key", "Dry-Run",
	                                     "If-Match", "If-None-Match", NULL };
	for (size_t i = 0; names[i]; i++) {
		size_t length = strlen(names[i]);
		if (name.length > length && (name.data[0] | 0x20) == (names[i][0] | 0x20) &&
		    strncasecmp(name.data, names[i], length) == 0)
			return true;
	}
	return false;
}

static enum MHD_Result header_add(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct headers *headers = context;
	struct talk *talk = headers->talk;
	struct http_field field = { text_copy(&talk->arena, text_of(name)),
	                            text_copy(&talk->arena, text_of(value ? value : "")) };
	(void)kind;
	if (headers->count == SERVER_HEADERS_MAX || !is_token(field.name) || is_folded(field.name) ||
	    !is_value(field.value)) {
		headers->bad = true;
		return MHD_NO;
	}
	talk->headers[headers->count++] = field;
	return MHD_YES;
}

static struct text remote_address(struct talk *talk)
{
	const struct link *link = talk->link;
	return link->address.known ? text_copy(&talk->arena, text_of(link->address_text)) : TEXT_NONE;
}

/* Shapes that two readers may understand differently, or that say nothing certain; NULL when there is none. */
static const char *shape_problem(const struct talk *talk, const char *version, bool bad_headers,
                                 enum problem_code *code)
{
	const struct http_request *request = &talk->request;
	size_t lengths, encodings, hosts;
	struct text length = http_header(request->headers, request->header_count, "Content-Length", &lengths);
	struct text encoding = http_header(request->headers, request->header_count, "Transfer-Encoding", &encodings);
	http_header(request->headers, request->header_count, "Host", &hosts);
	bool old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
	*code = PROBLEM_BAD_REQUEST;
	if (bad_headers)
		return "a header is malformed, or there are too many";
	if (lengths > 1)
		return "there is more than one Content-Length";
	if (lengths && encodings)
		return "there is a Content-Length beside a Transfer-Encoding";
	for (size_t i = 0; i < length.length; i++)
		if (length.data[i] < '0' || length.data[i] > '9')
			return "the Content-Length is not a number of bytes";
	if (encodings > 1 || (encodings && strcasecmp(encoding.data, "chunked") != 0))
		return "the Transfer-Encoding is not chunked";
	if (encodings && old)
		return "HTTP/1.0 has no Transfer-Encoding";
	if (hosts != 1 && (hosts > 1 || !old))
		return "there must be one Host header";
	return NULL;
}

/* A reply before the body was read: the connection cannot be used for another request. */
static enum MHD_Result refuse_now(struct talk *talk)
{
	talk->close = true;
	return reply_queue(talk);
}

static bool body_fits(const struct talk *talk)
{
	int64_t length;
	struct text text = http_header(talk->request.headers, talk->request.header_count, "Content-Length", NULL);
	return !text_present(text) || (text_to_int64(text, &length) && length <= (int64_t)talk->body_bytes_max);
}

/* "Expect: 100-continue": the body is not on its way yet. */
static bool waits_for_leave(const struct talk *talk)
{
	return text_present(http_header(talk->request.headers, talk->request.header_count, "Expect", NULL));
}

static enum MHD_Result headers_arrived(struct talk *talk, const char *method, const char *version)
{
	struct headers headers = { .talk = talk };
	struct http_request *request = &talk->request;
	enum problem_code code;
	talk->known = true;
	request->method = text_copy(&talk->arena, text_of(method));
	request->address = talk->link->address;
	request->remote = remote_address(talk);
	MHD_get_connection_values(talk->connection, MHD_HEADER_KIND, header_add, &headers);
	request->headers = talk->headers;
	request->header_count = headers.count;
	const char *shape = shape_problem(talk, version, headers.bad, &code);
	if (shape) {
		http_refuse(talk->loop->server->application, request, &talk->reply, code, shape);
		return refuse_now(talk);
	}
	talk->refused = !http_admit(talk->loop->server->application, request, &talk->reply, &talk->body_bytes_max);
	if (talk->refused && (!body_fits(talk) || waits_for_leave(talk)))
		return refuse_now(talk);
	if (talk->body_bytes_max > SERVER_ARENA_BYTES / 2)
		talk->arena.limit_bytes = SERVER_ARENA_LARGE_BYTES;
	builder_init(&talk->body, &talk->arena, 0);
	return MHD_YES;
}

/* ---- body ---- */

static void body_refuse(struct talk *talk, enum problem_code code, const char *message)
{
	http_refuse(talk->loop->server->application, &talk->request, &talk->reply, code, message);
	talk->refused = true;
	talk->close = true;
}

static enum MHD_Result body_part(struct talk *talk, const char *bytes, size_t size)
{
	talk->body_bytes += size;
	if (talk->refused)
		return talk->body_bytes > talk->body_bytes_max + SERVER_DISCARD_BYTES_MAX ? MHD_NO : MHD_YES;
	if (talk->body_bytes > talk->body_bytes_max) {
		body_refuse(talk, PROBLEM_PAYLOAD_TOO_LARGE, "the body is larger than what is read here");
		return MHD_YES;
	}
	builder_add(&talk->body, (struct text){ bytes, size });
	return talk->body.failed ? MHD_NO : MHD_YES;
}

/* ---- the whole request ---- */

static enum MHD_Result request_arrived(struct talk *talk)
{
	talk->arrived = true;
	atomic_fetch_add(&talk->loop->server->arrived, 1);
	if (talk->refused)
		return reply_queue(talk);
	if (atomic_load(&talk->loop->server->ending)) {
		body_refuse(talk, PROBLEM_BUSY, "the server ends");
		return reply_queue(talk);
	}
	talk->request.body = builder_text(&talk->body);
	atomic_store(&talk->owners, 2);
	atomic_store(&talk->state, TALK_HANDLED);
	http_handle(talk->loop->server->application, &talk->request, talk_done, talk);
	if (atomic_load(&talk->state) == TALK_DONE)
		return reply_queue(talk);
	MHD_suspend_connection(talk->connection);
	enum talk_state handled = TALK_HANDLED;
	if (!atomic_compare_exchange_strong(&talk->state, &handled, TALK_WAITING))
		talk_resume(talk); /* it was done in between, and could not resume what was not suspended */
	return MHD_YES;
}

enum MHD_Result talk_access(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                            const char *version, const char *upload, size_t *upload_size, void **request_context)
{
	struct talk *talk = *request_context;
	(void)context, (void)connection, (void)url;
	if (!talk || talk->link->refused) /* was told so: what still comes of it is not done */
		return MHD_NO;
	if (!talk->known)
		return headers_arrived(talk, method, version);
	if (*upload_size) {
		enum MHD_Result taken = body_part(talk, upload, *upload_size);
		bytes_wipe((void *)(uintptr_t)upload, *upload_size); /* the daemon's buffer is not wiped when it is freed */
		*upload_size = 0;
		return taken;
	}
	switch (atomic_load(&talk->state)) {
	case TALK_READING:
		return request_arrived(talk);
	case TALK_DONE:
		return reply_queue(talk);
	case TALK_LEFT:
		return reply_left(talk);
	case TALK_HANDLED:
	case TALK_WAITING:
		break;
	}
	return MHD_YES;
}
