/* operator.c: a second address for those who watch the process. */
#include "operator.h"

#include "metrics.h"
#include "server_state.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
	OPERATOR_CONNECTIONS = 16,
	OPERATOR_IDLE_S = 10,
	OPERATOR_ARENA_BYTES = 16 * 1024 * 1024,
};

struct http_operator {
	struct http_application *application;
	struct MHD_Daemon *daemon;
	int port;
};

static enum MHD_Result reply_send(struct MHD_Connection *connection, int status, struct text type, struct text body)
{
	struct MHD_Response *response =
	        MHD_create_response_from_buffer(body.length, (void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type.data);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	enum MHD_Result queued = MHD_queue_response(connection, (unsigned)status, response);
	MHD_destroy_response(response);
	return queued;
}

/* The application's own answer. */
static enum MHD_Result forward(struct http_operator *watch, struct MHD_Connection *connection, const char *path,
                               struct arena *arena)
{
	struct http_request request = { .arena = arena, .method = TEXT("GET"), .target = text_of(path) };
	struct http_reply reply;
	http_handle_wait(watch->application, &request, &reply);
	return reply_send(connection, reply.status, reply.content_type, reply.body);
}

static enum MHD_Result answer(struct http_operator *watch, struct MHD_Connection *connection, const char *method,
                              const char *path, struct arena *arena)
{
	const struct text plain = TEXT("text/plain; charset=utf-8");
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) /* the library keeps the body of HEAD back */
		return reply_send(connection, MHD_HTTP_METHOD_NOT_ALLOWED, plain, TEXT("only GET and HEAD are allowed here\n"));
	if (strcmp(path, "/metrics") == 0)
		return reply_send(connection, 200, HTTP_METRICS_TYPE, http_metrics_text(watch->application, arena));
	if (strcmp(path, "/healthz") == 0 || strcmp(path, "/readyz") == 0)
		return forward(watch, connection, path, arena);
	return reply_send(connection, 404, plain, TEXT("there are /metrics, /healthz and /readyz\n"));
}

static enum MHD_Result access_handler(void *context, struct MHD_Connection *connection, const char *path,
                                      const char *method, const char *version, const char *upload, size_t *upload_size,
                                      void **request_context)
{
	static char known;
	struct arena arena;
	(void)version, (void)upload;
	if (!*request_context) { /* headers alone: what is answered now ends the connection */
		*request_context = &known;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (!arena_init(&arena, OPERATOR_ARENA_BYTES))
		return MHD_NO;
	enum MHD_Result result = answer(context, connection, method, path, &arena);
	arena_finish(&arena);
	return result;
}

/* Signals are for the thread that started the server. */
static struct MHD_Daemon *daemon_start(struct http_operator *watch, int listener)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	struct MHD_Daemon *daemon =
	        MHD_start_daemon(MHD_USE_POLL | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, access_handler, watch,
	                         MHD_OPTION_LISTEN_SOCKET, listener,
	                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_CONNECTION_BYTES,
	                         MHD_OPTION_CONNECTION_LIMIT, (unsigned)OPERATOR_CONNECTIONS,
	                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)OPERATOR_IDLE_S,
	                         MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	                         MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return daemon;
}

bool http_operator_start(struct http_server *server, const char *host, int port, struct problems *problems)
{
	int listener = listener_open(host, port, problems);
	if (listener < 0)
		return false;
	struct http_operator *watch = memory_alloc(sizeof *watch);
	if (watch) {
		*watch = (struct http_operator){ .application = server->application, .port = listener_port(listener) };
		watch->daemon = daemon_start(watch, listener);
	}
	server->watch = watch;
	if (watch && watch->daemon)
		return true;
	close(listener);
	return problem(problems, PROBLEM_IO_FAILED, "", "the server of metrics cannot be started");
}

int http_operator_port(const struct http_server *server)
{
	return server->watch->port;
}

void http_operator_stop(struct http_operator *watch)
{
	if (!watch)
		return;
	if (watch->daemon)
		MHD_stop_daemon(watch->daemon);
	memory_free(watch);
}
