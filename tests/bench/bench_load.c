/* bench_load.c: sends HTTP/1.1 requests over kept connections to a port of this machine and tells how long they took.
 *
 *     bench_load --port P --requests N [--connections 1] [--seconds 60] [--method GET] [--path /] [--body TEXT]
 *                [--key API-KEY] [--from 1 --to 1]
 *
 * Each connection has one request under way. "{n}" in the path and the body becomes a number that runs from --from to
 * --to, over and over. One line comes out: requests, seconds, rate, p50, p99 and the longest in microseconds. An answer
 * other than 2xx is an error: the first is printed, and the exit status is 1. It talks to 127.0.0.1 only, ends after N
 * requests or --seconds, and never has more than 1,024 connections.
 */
#include "bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, ANSWER_BYTES_MAX = 256 * 1024, REQUEST_BYTES_MAX = 64 * 1024, EVENTS = 64 };

struct load {
	const char *method, *path, *body, *key;
	int port, connections;
	int64_t from, to, next; /* of {n} */
	int64_t wanted, sent, answered, errors;
	int64_t begun_us, until_us;
	struct histogram histogram;
	int poll;
	char request[REQUEST_BYTES_MAX];
};

struct connection {
	int socket;
	bool open;
	int64_t sent_us;
	size_t length;
	char answer[ANSWER_BYTES_MAX + 1];
};

/* ---- requests ---- */

/* `pattern` with its {n} filled in, after what is in the request already. */
static size_t pattern_write(struct load *load, size_t at, const char *pattern, int64_t number)
{
	while (*pattern) {
		int length = 1;
		if (strncmp(pattern, "{n}", 3) == 0) {
			length = snprintf(load->request + at, sizeof load->request - at, "%lld", (long long)number);
			pattern += 3;
		} else {
			load->request[at] = *pattern++;
		}
		at += (size_t)length;
		if (at + 1 >= sizeof load->request)
			bench_fail("the request is longer than %d bytes", REQUEST_BYTES_MAX);
	}
	load->request[at] = '\0';
	return at;
}

static size_t pattern_length(struct load *load, const char *pattern, int64_t number)
{
	return pattern_write(load, 0, pattern, number);
}

__attribute__((format(printf, 3, 4))) static size_t request_add(struct load *load, size_t at, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(load->request + at, sizeof load->request - at, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof load->request - at)
		bench_fail("the request is longer than %d bytes", REQUEST_BYTES_MAX);
	return at + (size_t)length;
}

static size_t request_make(struct load *load)
{
	int64_t number = load->next;
	load->next = number < load->to ? number + 1 : load->from;
	size_t body_length = pattern_length(load, load->body, number);
	size_t at = request_add(load, 0, "%s ", load->method);
	at = pattern_write(load, at, load->path, number);
	at = request_add(load, at, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", load->port);
	if (load->key)
		at = request_add(load, at, "Authorization: Bearer %s\r\n", load->key);
	if (body_length > 0)
		at = request_add(load, at, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body_length);
	at = request_add(load, at, "\r\n");
	return body_length > 0 ? pattern_write(load, at, load->body, number) : at;
}

/* A request fits into the socket's buffer, so that one send is enough. */
static void request_send(struct load *load, struct connection *connection)
{
	if (load->sent == load->wanted || clock_monotonic_us() >= load->until_us)
		return;
	size_t length = request_make(load);
	connection->length = 0;
	connection->sent_us = clock_monotonic_us();
	if (send(connection->socket, load->request, length, MSG_NOSIGNAL) != (ssize_t)length)
		bench_fail("sending: %s", strerror(errno));
	load->sent++;
}

/* ---- answers ---- */

/* Bytes of the whole answer, 0 while its end is not known. */
static size_t answer_size(struct connection *connection)
{
	connection->answer[connection->length] = '\0';
	const char *end = strstr(connection->answer, "\r\n\r\n");
	if (!end)
		return 0;
	const char *header = strcasestr(connection->answer, "\r\nContent-Length:");
	if (!header || header > end)
		bench_fail("an answer without Content-Length: %.200s", connection->answer);
	return (size_t)(end + 4 - connection->answer) + (size_t)strtoul(header + strlen("\r\nContent-Length:"), NULL, 10);
}

static void answer_count(struct load *load, struct connection *connection)
{
	histogram_add(&load->histogram, clock_monotonic_us() - connection->sent_us);
	load->answered++;
	bool good = strncmp(connection->answer, "HTTP/1.1 2", 10) == 0;
	if (!good && load->errors++ == 0)
		fprintf(stderr, "bench_load: the first error:\n%.2000s\n", connection->answer);
	if (strcasestr(connection->answer, "\r\nConnection: close"))
		bench_fail("the server closes the connection after an answer");
}

static void answer_receive(struct load *load, struct connection *connection)
{
	ssize_t got = recv(connection->socket, connection->answer + connection->length, ANSWER_BYTES_MAX - connection->length, 0);
	if (got <= 0)
		bench_fail("receiving: %s", got == 0 ? "the server closed the connection" : strerror(errno));
	connection->length += (size_t)got;
	size_t size = answer_size(connection);
	if (size > ANSWER_BYTES_MAX)
		bench_fail("an answer of %zu bytes", size);
	if (size == 0 || connection->length < size)
		return;
	answer_count(load, connection);
	request_send(load, connection);
}

/* ---- the run ---- */

static void connection_open(struct load *load, struct connection *connection)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)load->port) };
	int on = 1;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->socket < 0 || connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0)
		bench_fail("connecting to 127.0.0.1:%d: %s", load->port, strerror(errno));
	setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
	epoll_ctl(load->poll, EPOLL_CTL_ADD, connection->socket, &event);
}

static void load_run(struct load *load)
{
	struct connection **connections = calloc((size_t)load->connections, sizeof *connections);
	struct epoll_event events[EVENTS];
	load->poll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; connections && i < load->connections; i++) {
		connections[i] = calloc(1, sizeof **connections);
		if (!connections[i])
			bench_fail("no memory");
		connection_open(load, connections[i]);
	}
	load->begun_us = clock_monotonic_us();
	load->until_us += load->begun_us;
	for (int i = 0; connections && i < load->connections; i++)
		request_send(load, connections[i]);
	while (load->answered < load->sent) {
		int count = epoll_wait(load->poll, events, EVENTS, 30000);
		if (count == 0 || (count < 0 && errno != EINTR))
			bench_fail("no answer for 30 s");
		for (int i = 0; i < count; i++)
			answer_receive(load, events[i].data.ptr);
	}
	for (int i = 0; connections && i < load->connections; i++) {
		close(connections[i]->socket);
		free(connections[i]);
	}
	free(connections);
	close(load->poll);
}

int main(int argc, char **argv)
{
	static struct load load;
	const char *method = bench_option(argc, argv, "--method"), *path = bench_option(argc, argv, "--path");
	const char *body = bench_option(argc, argv, "--body");
	load.method = method ? method : "GET";
	load.path = path ? path : "/";
	load.body = body ? body : "";
	load.key = bench_option(argc, argv, "--key");
	load.port = (int)bench_number(argc, argv, "--port", 0, 1, 65535);
	load.connections = (int)bench_number(argc, argv, "--connections", 1, 1, CONNECTIONS_MAX);
	load.wanted = bench_number(argc, argv, "--requests", 0, 1, 10000000);
	load.until_us = bench_number(argc, argv, "--seconds", 60, 1, 3600) * US_PER_S;
	load.from = load.next = bench_number(argc, argv, "--from", 1, 0, INT64_MAX);
	load.to = bench_number(argc, argv, "--to", load.from, load.from, INT64_MAX);
	if (load.port == 0 || load.wanted == 0)
		bench_fail("--port and --requests are needed");
	load_run(&load);
	double seconds = (double)(clock_monotonic_us() - load.begun_us) / US_PER_S;
	printf("requests=%lld errors=%lld seconds=%.3f rate=%.1f p50_us=%lld p99_us=%lld max_us=%lld\n",
	       (long long)load.answered, (long long)load.errors, seconds, (double)load.answered / seconds,
	       (long long)histogram_at(&load.histogram, 0.5), (long long)histogram_at(&load.histogram, 0.99),
	       (long long)load.histogram.max_us);
	return load.errors > 0;
}
