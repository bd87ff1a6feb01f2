/* bench_delivery.c: webhooks delivered to a receiver of this process, and their floor: bare libcurl and bare SQLite.
 *
 *     bench_delivery --file NEW [--messages 5000] [--rounds 3] [--window 64]
 *
 * Of each round in turn: the engine sends --messages signed events to one endpoint (its rows are made anew by a replay while the
 * endpoint is paused; time runs from its activation until no row is pending), then the floor sends as many requests of the
 * same bytes over a libcurl multi handle of the same window and writes the same rows of a copy of the store, 512 outcomes
 * a transaction. Processor time is that of the process without the receiver's thread. At the end: from the commit of an event
 * to its arrival, one at a time.
 */
#include "bench_engine.h"
#include "bench_sqlite.h"

#include "billing/tenant.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROUNDS_MAX = 50, LINKS_MAX = 2048, REQUEST_BYTES_MAX = 16384, SETTLED_TOGETHER = 512, LATENCIES = 300, WAIT_US = 500 };
#define BENCH_ARENA_BYTES ((size_t)512 * 1024 * 1024)

/* ---- the receiver ---- */

struct link {
	int socket;
	size_t have;
	char text[REQUEST_BYTES_MAX];
};

struct receiver {
	int listener, port, poll;
	pthread_t thread;
	atomic_llong count, last_us;
	atomic_bool keeps;      /* the next request */
	char head[4096], body[REQUEST_BYTES_MAX]; /* of the one that was kept */
};

/* Bytes of the first whole request; 0: not yet. */
static size_t request_whole(const struct link *link, size_t *head)
{
	const char *end = memmem(link->text, link->have, "\r\n\r\n", 4);
	const char *length = end ? strcasestr(link->text, "content-length:") : NULL;
	if (!length)
		return 0;
	*head = (size_t)(end + 4 - link->text);
	size_t whole = *head + strtoul(length + 15, NULL, 10);
	return whole <= link->have ? whole : 0;
}

static void request_keep(struct receiver *receiver, const struct link *link, size_t head, size_t whole)
{
	if (!receiver->keeps)
		return;
	memcpy(receiver->body, link->text + head, whole - head);
	receiver->body[whole - head] = '\0';
	memcpy(receiver->head, link->text, head < sizeof receiver->head ? head : sizeof receiver->head - 1);
	receiver->keeps = false;
}

static bool link_go_on(struct receiver *receiver, struct link *link)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	size_t head, whole;
	ssize_t got = recv(link->socket, link->text + link->have, sizeof link->text - 1 - link->have, 0);
	if (got <= 0)
		return false;
	link->have += (size_t)got;
	link->text[link->have] = '\0';
	while ((whole = request_whole(link, &head))) {
		request_keep(receiver, link, head, whole);
		receiver->last_us = clock_monotonic_us();
		receiver->count++;
		if (send(link->socket, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0)
			return false;
		memmove(link->text, link->text + whole, link->have - whole + 1);
		link->have -= whole;
	}
	return true;
}

static void link_accept(struct receiver *receiver)
{
	struct link *link = calloc(1, sizeof *link);
	link->socket = accept(receiver->listener, NULL, NULL);
	setsockopt(link->socket, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = link };
	if (link->socket < 0 || epoll_ctl(receiver->poll, EPOLL_CTL_ADD, link->socket, &event) != 0)
		bench_fail("the receiver cannot accept");
}

static void *receiver_main(void *context)
{
	struct receiver *receiver = context;
	struct epoll_event events[64];
	for (;;) {
		int count = epoll_wait(receiver->poll, events, 64, -1);
		for (int i = 0; i < count; i++) {
			struct link *link = events[i].data.ptr;
			if (!link) {
				link_accept(receiver);
			} else if (!link_go_on(receiver, link)) {
				close(link->socket);
				free(link);
			}
		}
	}
	return NULL;
}

static void receiver_open(struct receiver *receiver)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	socklen_t length = sizeof address;
	receiver->listener = socket(AF_INET, SOCK_STREAM, 0);
	receiver->poll = epoll_create1(0);
	if (bind(receiver->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(receiver->listener, 512) != 0 ||
	    getsockname(receiver->listener, (struct sockaddr *)&address, &length) != 0 ||
	    epoll_ctl(receiver->poll, EPOLL_CTL_ADD, receiver->listener, &event) != 0 ||
	    pthread_create(&receiver->thread, NULL, receiver_main, receiver) != 0)
		bench_fail("the receiver cannot listen");
	receiver->port = ntohs(address.sin_port);
}

/* Of the process without the receiver. */
static double cpu_us(const struct receiver *receiver)
{
	struct timespec whole, its;
	clockid_t clock;
	pthread_getcpuclockid(receiver->thread, &clock);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &whole);
	clock_gettime(clock, &its);
	return (double)(whole.tv_sec - its.tv_sec) * 1e6 + (double)(whole.tv_nsec - its.tv_nsec) / 1e3;
}

/* ---- the engine ---- */

struct sender {
	struct bench engine;
	sqlite3 *look; /* for what is pending */
};

static int64_t pending(struct sender *sender)
{
	return sqlite_number(sender->look, "SELECT count(*) FROM delivery WHERE status = 'pending'");
}

static void sender_open(struct sender *sender, const char *path, int64_t window, int port)
{
	struct bench *bench = &sender->engine;
	bench_open(bench, path, (struct engine_options){ .threads = true, .deliveries_per_endpoint = window, .private_deliveries = true },
	           BENCH_ARENA_BYTES);
	const struct tenant_created *tenant =
	        command_do(bench, "tenant.create", "{\"name\":\"bench\",\"settings\":{\"deliveries\":{\"plain_http\":true,"
	                                           "\"private_addresses\":true}}}");
	bench->tenant_id = tenant->id;
	command_do(bench, "webhook_endpoint.create",
	           text_format(&bench->arena, "{\"url\":\"http://127.0.0.1:%d/hooks\",\"events\":\"account.create\"}", port).data);
	sqlite_check(sender->look, sqlite3_open_v2(path, &sender->look, SQLITE_OPEN_READONLY, NULL), "open");
	sqlite3_busy_timeout(sender->look, 10000);
}

static void status_set(struct sender *sender, const char *status)
{
	command_do(&sender->engine, "webhook_endpoint.update", text_format(&sender->engine.arena, "{\"id\":1,\"status\":\"%s\"}", status).data);
}

static void pending_wait(struct sender *sender, int64_t wanted)
{
	while (pending(sender) != wanted)
		clock_sleep_us(WAIT_US);
}

/* Every row pending, nothing sent. */
static void rows_renew(struct sender *sender, int64_t messages)
{
	status_set(sender, "paused");
	command_do(&sender->engine, "webhook_endpoint.replay", "{\"id\":1,\"from_serial\":1}");
	pending_wait(sender, messages);
}

/* ---- a round ---- */

struct figures {
	double per_s[ROUNDS_MAX], cpu_us[ROUNDS_MAX];
};

static void engine_round(struct sender *sender, struct receiver *receiver, int64_t messages, struct figures *figures, int round)
{
	rows_renew(sender, messages);
	double cpu = cpu_us(receiver);
	int64_t begun_us = clock_monotonic_us(), count = receiver->count;
	status_set(sender, "active");
	while (receiver->count < count + messages)
		clock_sleep_us(WAIT_US);
	pending_wait(sender, 0);
	figures->per_s[round] = (double)messages * 1e6 / (double)(clock_monotonic_us() - begun_us);
	figures->cpu_us[round] = (cpu_us(receiver) - cpu) / (double)messages;
}

/* The store as it is, without its owner. */
static sqlite3 *copy_make(struct sender *sender, const char *path)
{
	sqlite3 *copy;
	sqlite_run(sender->look, text_format(&sender->engine.arena, "VACUUM INTO '%s'", path).data);
	sqlite_check(NULL, sqlite3_open(path, &copy), "open");
	sqlite_run(copy, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
	sqlite_run(copy, "UPDATE delivery SET status = 'pending'");
	return copy;
}

struct floor {
	CURLM *multi;
	struct curl_slist *headers;
	char url[60];
	const char *body;
	sqlite3 *copy;
	sqlite3_stmt *update;
	int64_t begun, ended, settled, messages;
};

static size_t answer_drop(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes;
	(void)context;
	return size * count;
}

static void floor_begin(struct floor *floor, CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_URL, floor->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, floor->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, floor->body);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, answer_drop);
	curl_multi_add_handle(floor->multi, easy);
	floor->begun++;
}

static void floor_settle(struct floor *floor)
{
	if (floor->settled == floor->ended)
		return;
	sqlite_run(floor->copy, "BEGIN IMMEDIATE");
	while (floor->settled < floor->ended) {
		sqlite3_bind_int64(floor->update, 1, ++floor->settled);
		sqlite_check(floor->copy, sqlite3_step(floor->update), "update");
		sqlite3_reset(floor->update);
	}
	sqlite_run(floor->copy, "COMMIT");
}

static void floor_run(struct floor *floor, int64_t window)
{
	CURL *easies[256];
	int running, left;
	const CURLMsg *message;
	for (int64_t i = 0; i < window && floor->begun < floor->messages; i++)
		floor_begin(floor, easies[i] = curl_easy_init());
	while (floor->ended < floor->messages) {
		curl_multi_perform(floor->multi, &running);
		while ((message = curl_multi_info_read(floor->multi, &left))) {
			CURL *easy = message->easy_handle;
			if (message->msg != CURLMSG_DONE || message->data.result != CURLE_OK)
				bench_fail("the floor's request failed");
			floor->ended++;
			curl_multi_remove_handle(floor->multi, easy);
			if (floor->begun < floor->messages)
				floor_begin(floor, easy);
		}
		if (floor->ended - floor->settled >= SETTLED_TOGETHER)
			floor_settle(floor);
		curl_multi_poll(floor->multi, NULL, 0, 100, NULL);
	}
	floor_settle(floor);
	for (int64_t i = 0; i < window; i++)
		curl_easy_cleanup(easies[i]);
}

static struct curl_slist *headers_of(struct arena *arena, const char *head)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	struct text line, rest = text_of(head);
	bool more = true;
	while (more) {
		more = text_split(rest, '\n', &line, &rest);
		if (text_starts(line, "webhook-") || text_starts(line, "moonbill-") || text_starts(line, "Content-Type"))
			headers = curl_slist_append(headers, text_c(arena, text_trim(line)));
	}
	return headers;
}

static void floor_round(struct sender *sender, struct receiver *receiver, struct floor *floor, int64_t window, struct figures *figures,
                        int round, const char *path)
{
	floor->copy = copy_make(sender, path);
	floor->update = sqlite_prepare(floor->copy, "UPDATE delivery SET status = 'done', attempts = attempts + 1, answer_status = 200, "
	                                            "last_error = NULL, ended_at = 1 WHERE tenant_id = 1 AND id = ?1 AND status = 'pending'");
	floor->multi = curl_multi_init();
	floor->begun = floor->ended = floor->settled = 0;
	double cpu = cpu_us(receiver);
	int64_t begun_us = clock_monotonic_us();
	floor_run(floor, window);
	figures->per_s[round] = (double)floor->messages * 1e6 / (double)(clock_monotonic_us() - begun_us);
	figures->cpu_us[round] = (cpu_us(receiver) - cpu) / (double)floor->messages;
	curl_multi_cleanup(floor->multi);
	sqlite3_finalize(floor->update);
	sqlite3_close(floor->copy);
	unlink(path);
}

/* ---- latency ---- */

static void latencies(struct sender *sender, struct receiver *receiver)
{
	static struct histogram histogram;
	for (int i = 0; i < LATENCIES; i++) {
		int64_t count = receiver->count;
		command_do(&sender->engine, "account.create", "{\"name\":\"Late\"}");
		int64_t committed_us = clock_monotonic_us();
		while (receiver->count == count)
			clock_sleep_us(50);
		histogram_add(&histogram, receiver->last_us - committed_us);
		pending_wait(sender, 0);
	}
	printf("%-36s p50 %lld us, p99 %lld us\n", "from the commit to the arrival", (long long)histogram_at(&histogram, 0.5),
	       (long long)histogram_at(&histogram, 0.99));
}

int main(int argc, char **argv)
{
	static struct receiver receiver;
	static struct sender sender;
	static struct figures engine, bare;
	const char *path = bench_option(argc, argv, "--file");
	int64_t messages = bench_number(argc, argv, "--messages", 5000, 100, 1000000);
	int64_t rounds = bench_number(argc, argv, "--rounds", 3, 1, ROUNDS_MAX), window = bench_number(argc, argv, "--window", 64, 1, 256);
	char copy[300];
	if (!path)
		bench_fail("--file names a new store");
	snprintf(copy, sizeof copy, "%s.floor", path);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	receiver_open(&receiver);
	sender_open(&sender, path, window, receiver.port);
	struct bench *bench = &sender.engine;
	struct arena_mark mark = arena_mark(&bench->arena);
	receiver.keeps = true;
	for (int64_t i = 0; i < messages; i++) {
		command_do(bench, "account.create", "{\"name\":\"Ann\",\"email\":\"ann@example.com\"}");
		arena_rewind(&bench->arena, mark);
	}
	pending_wait(&sender, 0);
	struct floor floor = { .headers = headers_of(&bench->arena, receiver.head), .body = receiver.body, .messages = messages };
	snprintf(floor.url, sizeof floor.url, "http://127.0.0.1:%d/hooks", receiver.port);
	for (int round = 0; round < rounds; round++) {
		engine_round(&sender, &receiver, messages, &engine, round);
		floor_round(&sender, &receiver, &floor, window, &bare, round, copy);
	}
	double rate = bench_median(engine.per_s, (size_t)rounds), floor_rate = bench_median(bare.per_s, (size_t)rounds);
	double cpu = bench_median(engine.cpu_us, (size_t)rounds), floor_cpu = bench_median(bare.cpu_us, (size_t)rounds);
	printf("%-36s %8.0f  floor %8.0f  %.2f of it\n", "webhooks delivered a second", rate, floor_rate, rate / floor_rate);
	printf("%-36s %8.1f  floor %8.1f  %.2f times\n", "processor time of one, us", cpu, floor_cpu, cpu / floor_cpu);
	latencies(&sender, &receiver);
	sqlite3_close(sender.look);
	curl_slist_free_all(floor.headers);
	bench_close(bench);
	return 0;
}
