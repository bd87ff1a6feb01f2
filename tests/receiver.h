/* receiver.h: an HTTP server in a thread that keeps what it is sent, for tests of messages to the outside.
 *
 *     struct receiver receiver;
 *     receiver_open(&receiver);                         // http://127.0.0.1:PORT/...
 *     ... what sends to receiver_url(&receiver, "/ok", url)
 *     CHECK_EQ_INT(receiver_count(&receiver), 1);
 *     CHECK_EQ_TEXT(receiver_header(&receiver, 0, "webhook-id"), "...");
 *     receiver_close(&receiver);
 *
 * What it answers is chosen by the path: /ok 200, /N the status N, /hang nothing, /held 200 once receiver.released,
 * /endless without end, /loop a redirect to itself, /flaky... 500 while receiver.failures > 0 (counted down), then 200; /slow 200
 * after 20 ms.
 */
#ifndef MOONBILL_TESTS_RECEIVER_H
#define MOONBILL_TESTS_RECEIVER_H

#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <strings.h>
#include <sys/socket.h>

enum { RECEIVED_MAX = 20000, RECEIVED_BYTES_MAX = 16384, RECEIVER_LINKS_MAX = 512 };

struct received {
	char path[128];
	char *head, *body; /* terminated */
};

struct receiver {
	int listener, port;
	pthread_t thread;
	pthread_mutex_t lock;
	atomic_bool closing;
	atomic_bool released;       /* /held answers */
	atomic_int failures;        /* of /flaky */
	atomic_int links;           /* connections taken */
	atomic_int busy, busy_most; /* requests of /slow at once */
	/* under lock */
	struct received items[RECEIVED_MAX];
	int count;
	int sockets[RECEIVER_LINKS_MAX];
	pthread_t threads[RECEIVER_LINKS_MAX];
	int thread_count;
};

struct receiver_link {
	struct receiver *receiver;
	int socket;
};

static void receiver_keep(struct receiver *receiver, const char *path, const char *head, const char *body, size_t body_length)
{
	pthread_mutex_lock(&receiver->lock);
	CHECK(receiver->count < RECEIVED_MAX);
	struct received *item = &receiver->items[receiver->count++];
	snprintf(item->path, sizeof item->path, "%s", path);
	item->head = strdup(head);
	item->body = strndup(body, body_length);
	pthread_mutex_unlock(&receiver->lock);
}

static void receiver_say(int socket, int status, const char *headers)
{
	char text[300];
	int length = snprintf(text, sizeof text, "HTTP/1.1 %d X\r\n%sContent-Length: 2\r\n\r\nOK", status, headers);
	CHECK(send(socket, text, (size_t)length, MSG_NOSIGNAL) >= -1);
}

/* False ends the connection. */
static bool receiver_answer(struct receiver *receiver, int socket, const char *path)
{
	char location[120];
	static const char many[4096];
	bool held = strcmp(path, "/held") == 0;
	if (held || strcmp(path, "/hang") == 0) {
		while (!receiver->closing && !(held && receiver->released))
			usleep(10000);
		if (receiver->closing)
			return false;
	}
	if (strcmp(path, "/endless") == 0) {
		const char *begin = "HTTP/1.1 200 X\r\nContent-Length: 100000000\r\n\r\n";
		send(socket, begin, strlen(begin), MSG_NOSIGNAL);
		while (!receiver->closing && send(socket, many, sizeof many, MSG_NOSIGNAL) > 0)
			;
		return false;
	}
	if (strcmp(path, "/slow") == 0) {
		int now = atomic_fetch_add(&receiver->busy, 1) + 1;
		if (now > receiver->busy_most)
			receiver->busy_most = now;
		usleep(20000);
		atomic_fetch_sub(&receiver->busy, 1);
	}
	snprintf(location, sizeof location, "Location: http://127.0.0.1:%d/loop\r\n", receiver->port);
	if (strcmp(path, "/loop") == 0)
		receiver_say(socket, 302, location);
	else if (strncmp(path, "/flaky", 6) == 0 && atomic_fetch_sub(&receiver->failures, 1) > 0)
		receiver_say(socket, 500, "");
	else
		receiver_say(socket, path[1] >= '1' && path[1] <= '9' ? (int)strtol(path + 1, NULL, 10) : 200, "");
	return true;
}

/* One request; false when there is no whole one any more. */
static bool receiver_read(int socket, char *text, char **body, size_t *body_length)
{
	size_t have = 0, need = 0;
	*body = NULL;
	while (!*body || have < need) {
		ssize_t got = recv(socket, text + have, RECEIVED_BYTES_MAX - 1 - have, 0);
		if (got <= 0)
			return false;
		have += (size_t)got;
		text[have] = '\0';
		char *end = *body ? NULL : strstr(text, "\r\n\r\n");
		if (end) {
			const char *length = strcasestr(text, "content-length:");
			*body_length = length ? (size_t)strtoul(length + 15, NULL, 10) : 0;
			*body = end + 4;
			need = (size_t)(*body - text) + *body_length;
		}
	}
	(*body)[-1] = '\0';
	return true;
}

static void *receiver_link(void *context)
{
	struct receiver_link link = *(struct receiver_link *)context;
	char text[RECEIVED_BYTES_MAX], *body, path[128] = "";
	size_t body_length = 0;
	free(context);
	while (receiver_read(link.socket, text, &body, &body_length)) {
		if (sscanf(text, "%*s %127s", path) != 1)
			break;
		receiver_keep(link.receiver, path, text, body, body_length);
		if (!receiver_answer(link.receiver, link.socket, path))
			break;
	}
	shutdown(link.socket, SHUT_RDWR);
	return NULL;
}

static void *receiver_main(void *context)
{
	struct receiver *receiver = context;
	int socket;
	while ((socket = accept(receiver->listener, NULL, NULL)) >= 0) {
		struct receiver_link *link = malloc(sizeof *link);
		*link = (struct receiver_link){ receiver, socket };
		pthread_mutex_lock(&receiver->lock);
		receiver->links++;
		CHECK(receiver->thread_count < RECEIVER_LINKS_MAX);
		receiver->sockets[receiver->thread_count] = socket;
		pthread_create(&receiver->threads[receiver->thread_count++], NULL, receiver_link, link);
		pthread_mutex_unlock(&receiver->lock);
	}
	return NULL;
}

__attribute__((unused)) static void receiver_open(struct receiver *receiver)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	memset(receiver, 0, sizeof *receiver);
	pthread_mutex_init(&receiver->lock, NULL);
	receiver->listener = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(bind(receiver->listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(receiver->listener, 256) == 0);
	CHECK(getsockname(receiver->listener, (struct sockaddr *)&address, &length) == 0);
	receiver->port = ntohs(address.sin_port);
	pthread_create(&receiver->thread, NULL, receiver_main, receiver);
}

__attribute__((unused)) static void receiver_close(struct receiver *receiver)
{
	receiver->closing = true;
	shutdown(receiver->listener, SHUT_RDWR);
	pthread_join(receiver->thread, NULL);
	close(receiver->listener);
	for (int i = 0; i < receiver->thread_count; i++) {
		shutdown(receiver->sockets[i], SHUT_RDWR);
		pthread_join(receiver->threads[i], NULL);
		close(receiver->sockets[i]);
	}
	for (int i = 0; i < receiver->count; i++) {
		free(receiver->items[i].head);
		free(receiver->items[i].body);
	}
	pthread_mutex_destroy(&receiver->lock);
}

__attribute__((unused)) static int receiver_count(struct receiver *receiver)
{
	pthread_mutex_lock(&receiver->lock);
	int count = receiver->count;
	pthread_mutex_unlock(&receiver->lock);
	return count;
}

/* Waits until it has so many, at most 20 s; how many it has. */
__attribute__((unused)) static int receiver_wait(struct receiver *receiver, int count)
{
	for (int i = 0; i < 4000 && receiver_count(receiver) < count; i++)
		usleep(5000);
	return receiver_count(receiver);
}

/* A header of the n-th request; none when it has none. Valid until the next call on this thread. */
__attribute__((unused)) static struct text receiver_header(struct receiver *receiver, int n, const char *name)
{
	static char value[1000];
	size_t length = strlen(name);
	CHECK(n < receiver_count(receiver));
	for (const char *line = strstr(receiver->items[n].head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
			CHECK(sscanf(line + 2 + length + 1, " %999[^\r\n]", value) == 1);
			return text_of(value);
		}
	return TEXT_NONE;
}

#endif
