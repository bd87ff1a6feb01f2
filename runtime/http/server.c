/* server.c: opens the socket, starts the loops, ends them without leaving anyone in the middle. */
#include "health.h"
#include "operator.h"
#include "server_state.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the listening socket ---- */

static bool listen_problem(struct problems *problems, const char *host, int port, const char *why)
{
	return problem_value(problems, PROBLEM_IO_FAILED, "", TEXT_NONE,
	                     "Choose another address or port; port 0 takes any free one.",
	                     "the server cannot listen on %s port %d: %s", host, port, why);
}

static struct addrinfo *address_of(const char *host, int port, struct problems *problems)
{
	char service[16];
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
		                  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE }, *found;
	snprintf(service, sizeof service, "%d", port);
	int failed = getaddrinfo(host, service, &hints, &found);
	if (failed) {
		listen_problem(problems, host, port, gai_strerror(failed));
		return NULL;
	}
	return found;
}

int listener_open(const char *host, int port, struct problems *problems)
{
	struct addrinfo *address = address_of(host, port, problems);
	if (!address)
		return -1;
	int yes = 1;
	int listener = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
	            bind(listener, address->ai_addr, address->ai_addrlen) == 0 && listen(listener, SOMAXCONN) == 0;
	if (!good) {
		listen_problem(problems, host, port, strerror(errno));
		if (listener >= 0)
			close(listener);
		listener = -1;
	}
	freeaddrinfo(address);
	return listener;
}

int listener_port(int listener)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = { .v6 = { 0 } };
	socklen_t length = sizeof address;
	if (getsockname(listener, &address.any, &length) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

/* ---- start ---- */

static size_t loops_wanted(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores < 1 ? 1 : cores > SERVER_LOOPS_MAX ? SERVER_LOOPS_MAX : (size_t)cores;
}

/* Any loop may come to have all connections: the kernel gives them to whoever asks first. */
static bool loops_start(struct http_server *server, int listener, struct problems *problems)
{
	size_t wanted = loops_wanted();
	while (server->loop_count < wanted) {
		int copy = fcntl(listener, F_DUPFD_CLOEXEC, 0); /* each daemon closes its own */
		if (copy < 0)
			return problem(problems, PROBLEM_IO_FAILED, "", "the HTTP server has no more descriptors");
		struct http_loop *loop = &server->loops[server->loop_count++];
		unsigned most = (unsigned)server->connections_max + SERVER_LINKS_SPARE;
		if (!loop_start(loop, server, copy, most, problems))
			return false;
	}
	return true;
}

static void server_free(struct http_server *server)
{
	for (size_t i = 0; i < server->loop_count; i++)
		loop_finish(&server->loops[i]);
	http_application_free(server->application);
	for (size_t i = 0; i < server->loop_count; i++)
		loop_free(&server->loops[i]);
	pthread_mutex_destroy(&server->census_lock);
	memory_free(server);
}

static void panicked(void *context, const char *file, unsigned line, const char *reason)
{
	(void)context;
	BUG("libmicrohttpd: %s:%u: %s", file, line, reason ? reason : "no reason");
}

static void server_limit(struct http_server *server, const struct http_options *options)
{
	const struct ip_list *lists[] = { options->limits ? &options->limits->exempt : NULL,
		                               options->limits ? &options->limits->proxies : NULL };
	server->connections_max = options->connections_max > 0 ? options->connections_max : SERVER_CONNECTIONS_DEFAULT;
	server->connections_per_address = options->connections_per_address;
	pthread_mutex_init(&server->census_lock, NULL);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		server->uncounted[i] = lists[i] ? *lists[i] : (struct ip_list){ 0 };
}

struct http_server *http_server_start(struct engine *engine, const struct http_options *options,
                                      struct problems *problems)
{
	const char *host = options->host ? options->host : "127.0.0.1";
	int listener = listener_open(host, options->port, problems);
	struct http_server *server = listener >= 0 ? memory_alloc(sizeof *server) : NULL;
	if (!server) {
		if (listener >= 0) {
			close(listener);
			problem(problems, PROBLEM_OUT_OF_MEMORY, "",
			        "memory ran out while the HTTP server was started");
		}
		return NULL;
	}
	memset(server, 0, sizeof *server);
	MHD_set_panic_func(panicked, NULL);
	server->port = listener_port(listener);
	int timeout_ms = options->request_timeout_ms > 0 ? options->request_timeout_ms : SERVER_TIMEOUT_DEFAULT_MS;
	server->timeout_us = timeout_ms * (int64_t)US_PER_MS;
	server_limit(server, options);
	server->application = http_application_new(engine, options->body_bytes_max);
	bool good = server->application && http_application_start_readers(server->application) &&
	            (!options->limits || http_application_limit(server->application, options->limits));
	if (!good)
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out while the HTTP server was started");
	if (good && options->note_key_use)
		http_application_note_key_use(server->application);
	if (good && options->log_requests)
		http_application_log_requests(server->application);
	good = good && loops_start(server, listener, problems);
	close(listener);
	if (good)
		return server;
	atomic_store(&server->ending, true);
	server_free(server);
	return NULL;
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

/* ---- stop ---- */

static void server_signal(struct http_server *server, atomic_bool *what)
{
	atomic_store(what, true);
	for (size_t i = 0; i < server->loop_count; i++)
		loop_wake(&server->loops[i]);
}

static void talks_wait(atomic_long *talks, int64_t at_most_ms)
{
	int64_t deadline_us = clock_monotonic_us() + at_most_ms * US_PER_MS;
	while (atomic_load(talks) > 0 && clock_monotonic_us() < deadline_us)
		clock_sleep_us(2 * US_PER_MS);
}

/* Idle connections do not hold it: requests are counted. Nor do those that send for ever: what has not arrived whole
 * was not begun, and nobody was told that it was. */
void http_server_stop(struct http_server *server)
{
	if (!server)
		return;
	http_application_stopping(server->application);
	server_signal(server, &server->stopping);
	talks_wait(&server->talks, SERVER_ARRIVE_MS);
	talks_wait(&server->arrived, SERVER_STOP_MS - SERVER_ARRIVE_MS);
	if (atomic_load(&server->arrived) > 0) {
		log_write(LOG_WARNING, "server.stop", "%ld requests are left without their answer",
		          atomic_load(&server->arrived));
		server_signal(server, &server->leaving);
		talks_wait(&server->arrived, SERVER_FLUSH_MS);
	}
	server_signal(server, &server->ending);
	http_operator_stop(server->watch);
	server_free(server);
}
