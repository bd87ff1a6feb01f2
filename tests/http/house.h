/* house.h: a server over an engine with a test tenant, and clients on real sockets.
 *
 *     struct house house;
 *     house_open_with(&house, (struct http_options){ 0 });
 *     int client = dial(house.port);
 *     expect(&house, client, "GET", "/v1/tenant", NULL, 200);
 *     close(client);
 *     house_close(&house);
 */
#ifndef MOONBILL_TESTS_HTTP_HOUSE_H
#define MOONBILL_TESTS_HTTP_HOUSE_H

#include "counter.h"

#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { ANSWER_BYTES_MAX = 256 * 1024, PATIENCE_MS = 20000 };

struct house {
	struct counter counter;
	struct http_server *server;
	int port;
};

__attribute__((unused)) static void house_open_at(struct house *house, const char *url, struct http_options options)
{
	counter_open_at(&house->counter, url, true);
	house->server = http_server_start(house->counter.engine, &options, &house->counter.problems);
	if (!house->server)
		CHECK_FAIL("%s", house->counter.problems.first->message);
	house->port = http_server_port(house->server);
	CHECK(house->port > 0);
}

__attribute__((unused)) static void house_open_with(struct house *house, struct http_options options)
{
	house_open_at(house, ":memory:", options);
}

__attribute__((unused)) static void house_close(struct house *house)
{
	http_server_stop(house->server);
	counter_close(&house->counter);
}

__attribute__((unused)) static int64_t now_ms(void)
{
	return clock_monotonic_us() / 1000;
}

/* ---- a client ---- */

struct answer {
	int status; /* 0: the connection ended without one */
	char head[16 * 1024];
	char body[ANSWER_BYTES_MAX];
	size_t body_length;
};

/* From 127.0.0.x, as `host` says; -1 when nobody listens. */
__attribute__((unused)) static int dial_from(int port, uint32_t host)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(host) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(client >= 0 && bind(client, (struct sockaddr *)&from, sizeof from) == 0);
	if (connect(client, (struct sockaddr *)&to, sizeof to) != 0) {
		close(client);
		return -1;
	}
	setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	return client;
}

__attribute__((unused)) static int dial(int port)
{
	return dial_from(port, INADDR_LOOPBACK);
}

__attribute__((unused)) static bool say_bytes(int client, const char *bytes, size_t length)
{
	while (length) {
		ssize_t sent = send(client, bytes, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent;
	}
	return true;
}

__attribute__((unused)) static bool say(int client, const char *text)
{
	return say_bytes(client, text, strlen(text));
}

/* One byte; false at the end. */
__attribute__((unused)) static bool hear_byte(int client, char *byte)
{
	return recv(client, byte, 1, 0) == 1;
}

__attribute__((unused)) static bool hear_head(int client, struct answer *answer)
{
	size_t length = 0;
	while (length < sizeof answer->head - 1 && hear_byte(client, &answer->head[length])) {
		answer->head[++length] = '\0';
		if (length >= 4 && memcmp(answer->head + length - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

__attribute__((unused)) static bool hear(int client, struct answer *answer)
{
	memset(answer, 0, offsetof(struct answer, body));
	answer->body_length = 0;
	if (!hear_head(client, answer) || sscanf(answer->head, "HTTP/1.%*d %d", &answer->status) != 1) {
		answer->status = 0;
		return false;
	}
	const char *length = strcasestr(answer->head, "\r\nContent-Length:");
	size_t wanted = length && answer->status != 304 ? strtoul(length + 17, NULL, 10) : 0;
	CHECK(wanted < sizeof answer->body);
	while (answer->body_length < wanted) {
		ssize_t got = recv(client, answer->body + answer->body_length, wanted - answer->body_length, 0);
		if (got <= 0)
			return false;
		answer->body_length += (size_t)got;
	}
	answer->body[wanted] = '\0';
	return true;
}

/* Has the server ended the connection? Waits for it. */
__attribute__((unused)) static bool ended(int client)
{
	char byte;
	ssize_t got = recv(client, &byte, 1, 0);
	return got == 0 || (got < 0 && errno != EAGAIN);
}

/* Everything until the end of the connection; libmicrohttpd tells some refusals of its own twice. */
__attribute__((unused)) static void hear_all(int client, struct answer *answer)
{
	size_t length = 0;
	ssize_t got;
	while (length < sizeof answer->body - 1 && (got = recv(client, answer->body + length,
	                                                       sizeof answer->body - 1 - length, 0)) > 0)
		length += (size_t)got;
	answer->body[length] = '\0';
}

__attribute__((unused)) static const char *request_text(struct house *house, const char *method, const char *target, const char *more,
                                const char *body)
{
	return text_format(&house->counter.arena,
	                   "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s%s%s\r\n%s", method,
	                   target, house->counter.key, more,
	                   body ? text_format(&house->counter.arena, "Content-Length: %zu\r\n", strlen(body)).data : "",
	                   body ? "Content-Type: application/json\r\n" : "", body ? body : "").data;
}

__attribute__((unused)) static void check_status(int client, struct answer *answer, int expected)
{
	hear(client, answer);
	if (answer->status != expected)
		CHECK_FAIL("expected: %d\n#   found:    %d\n%s%s", expected, answer->status, answer->head,
		           answer->body);
}

__attribute__((unused)) static void expect(struct house *house, int client, const char *method, const char *target, const char *body,
                   int status)
{
	struct answer *answer = arena_new(&house->counter.arena, struct answer);
	CHECK(say(client, request_text(house, method, target, "", body)));
	check_status(client, answer, status);
}

#endif
