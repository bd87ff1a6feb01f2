/* test_server.c: the server on real sockets: connections kept and ended, many clients, slow ones, its stop. */
#include "house.h"

#include "base/process.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { TIMEOUT_MS = 600 };

static void house_open(struct house *house)
{
	house_open_with(house, (struct http_options){ .request_timeout_ms = TIMEOUT_MS });
}

/* ---- one connection ---- */

TEST(a_connection_is_kept_for_the_next_request)
{
	struct house house;
	house_open(&house);
	int client = dial(house.port);
	for (int i = 0; i < 3; i++) {
		expect(&house, client, "GET", "/healthz", NULL, 200);
		expect(&house, client, "POST", "/v1/accounts", "{\"name\":\"Ann\"}", 201);
		expect(&house, client, "POST", "/v1/accounts", "{\"nmae\":\"Ann\"}", 422);
		expect(&house, client, "GET", "/v1/accounts?limit=1", NULL, 200);
		expect(&house, client, "GET", "/v1/nothing", NULL, 404);
	}
	close(client);
	house_close(&house);
}

TEST(requests_sent_at_once_are_answered_in_order)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int client = dial(house.port);
	for (int i = 0; i < 4; i++)
		CHECK(say(client, request_text(&house, i % 2 ? "GET" : "POST", "/v1/accounts", "",
		                               i % 2 ? NULL : "{\"name\":\"A\"}")));
	for (int i = 0; i < 4; i++)
		check_status(client, &answer, i % 2 ? 200 : 201);
	CHECK(strstr(answer.body, "\"id\":2") && !strstr(answer.body, "\"id\":3"));
	close(client);
	house_close(&house);
}

TEST(head_and_http_1_0_work)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int client = dial(house.port);
	CHECK(say(client, "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
	CHECK(hear_head(client, &answer));
	CHECK(strstr(answer.head, "200 OK") && strstr(answer.head, "Content-Length: 15"));
	expect(&house, client, "GET", "/healthz", NULL, 200);
	close(client);
	client = dial(house.port);
	CHECK(say(client, "GET /healthz HTTP/1.0\r\n\r\n"));
	check_status(client, &answer, 200);
	CHECK(ended(client));
	close(client);
	house_close(&house);
}

/* The number of bytes that a head tells; -1: of none. */
static long length_told(const struct answer *answer)
{
	const char *length = strcasestr(answer->head, "\r\nContent-Length:");
	return length ? strtol(length + 17, NULL, 10) : -1;
}

/* Who keeps the answer would otherwise take it for an empty one. */
TEST(what_was_not_modified_is_not_told_to_be_empty)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int client = dial(house.port);
	for (int i = 0; i < 2; i++) {
		CHECK(say(client, request_text(&house, "GET", "/v1/tenant", "", NULL)));
		check_status(client, &answer, 200);
		long length = length_told(&answer);
		const char *tag = strstr(answer.head, "ETag: ");
		CHECK(length > 2 && tag != NULL);
		CHECK(say(client, request_text(&house, "GET", "/v1/tenant",
		                               text_format(&house.counter.arena, "If-None-Match: %.34s\r\n", tag + 6).data, NULL)));
		check_status(client, &answer, 304);
		CHECK(length_told(&answer) == length && !strstr(answer.head, "\r\nContent-Type:"));
	}
	close(client);
	house_close(&house);
}

TEST(replies_carry_their_headers_and_no_server_name)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int client = dial(house.port);
	CHECK(say(client, request_text(&house, "POST", "/v1/accounts", "X-Request-Id: r-9\r\nIdempotency-Key: k\r\n",
	                               "{\"name\":\"A\"}")));
	check_status(client, &answer, 201);
	CHECK(strstr(answer.head, "\r\nX-Request-Id: r-9\r\n") &&
	      strstr(answer.head, "\r\nLocation: /v1/accounts/1\r\n"));
	CHECK(strstr(answer.head, "\r\nContent-Type: application/json\r\n") && strstr(answer.head, "nosniff"));
	CHECK(!strcasestr(answer.head, "\r\nServer:"));
	CHECK(say(client, request_text(&house, "POST", "/v1/accounts", "Idempotency-Key: k\r\n", "{\"name\":\"A\"}")));
	check_status(client, &answer, 201);
	CHECK(strstr(answer.head, "\r\nIdempotency-Replayed: true\r\n"));
	close(client);
	house_close(&house);
}

TEST(the_path_is_taken_as_it_was_sent)
{
	struct house house;
	house_open(&house);
	int client = dial(house.port);
	expect(&house, client, "GET", "/v1/accounts/%00/x", NULL, 400);
	expect(&house, client, "GET", "/v1%2faccounts", NULL, 404);
	expect(&house, client, "GET", "/%76%31/accounts?limit=%31", NULL, 200);
	expect(&house, client, "BREW", "/v1/accounts", NULL, 405);
	close(client);
	house_close(&house);
}

/* ---- shapes of requests that two readers understand differently ---- */

TEST(smuggling_shapes_are_400_and_end_the_connection)
{
	static const char *const heads[] = {
		"Host: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n",
		"Host: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n",
		"Host: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n",
		"Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n",
		"Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"Host: x\r\nTransfer-Encoding: xchunked\r\n",
		"Host: x\r\nContent-Length: +2\r\n",
		"Host: x\r\nContent-Length: -1\r\n",
		"Host: x\r\nContent-Length: 2, 2\r\n",
		"Host: x\r\nContent-Length : 2\r\n",
		"Host: x\r\nContent-Length:\r\n 2\r\n",
		"Host: x\r\nContent-Length: 3\r\n\t9\r\n",
		"Host: x\r\nTransfer-Encoding:\r\n chunked\r\n",
		"Host: x\r\nIdempotency-Key:\r\n k\r\n",
		"Host: x\r\nDry-Run:\r\n true\r\n",
		"Host: x\r\nA b: 2\r\n",
		"Host: x\r\nHost: y\r\n",
		"Host: x\r\nX: a\x01" "b\r\n",
		"",
	};
	struct house house;
	struct answer answer;
	house_open(&house);
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		check_note("%s", heads[i]);
		int client = dial(house.port);
		CHECK(say(client, text_format(&house.counter.arena,
		                              "POST /v1/accounts HTTP/1.1\r\n%s\r\n{}GET /healthz HTTP/1.1\r\n"
		                              "Host: x\r\n\r\n", heads[i]).data));
		hear_all(client, &answer);
		CHECK(strstr(answer.body, "HTTP/1.1 400 ") == answer.body);
		CHECK(!strstr(answer.body, " 200 OK"));
		close(client);
	}
	house_close(&house);
}

TEST(http_1_0_has_no_transfer_encoding)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int client = dial(house.port);
	CHECK(say(client, "POST /v1/accounts HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
	check_status(client, &answer, 400);
	CHECK(ended(client));
	close(client);
	house_close(&house);
}

TEST(a_missing_host_is_told_as_a_problem)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int client = dial(house.port);
	CHECK(say(client, "GET /healthz HTTP/1.1\r\n\r\n"));
	check_status(client, &answer, 400);
	CHECK(strstr(answer.body, "\"bad_request\"") && strstr(answer.body, "Host"));
	close(client);
	house_close(&house);
}

/* What is no request in libmicrohttpd's eyes never comes to us: docs/http.md tells what a client gets. */
TEST(what_the_library_refuses_by_itself_is_told_by_a_page_and_ends_the_connection)
{
	static char large[12 * 1024];
	memset(large, 'a', sizeof large - 1);
	const struct {
		const char *begin, *filling, *end;
		int status;
	} requests[] = {
		{ "GET /", large, " HTTP/1.1\r\nHost: x\r\n\r\n", 414 },
		{ "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", large, "\r\n\r\n", 431 },
		{ "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: ", "abc", "\r\n\r\n", 400 },
		{ "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: ", "99999999999999999999", "\r\n\r\n", 413 },
		{ "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "zz", "\r\n", 400 },
		{ "GET /healthz HTTP/1.1\r\n", "Host x", "\r\n\r\n", 400 },
		{ "GET /healthz HTTP/", "9.9", "\r\nHost: x\r\n\r\n", 505 },
		{ "rubb", "ish", "\r\n\r\n", 0 },
	};
	struct house house;
	struct answer answer;
	house_open(&house);
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		int client = dial(house.port);
		say(client, text_format(&house.counter.arena, "%s%s%s", requests[i].begin, requests[i].filling,
		                        requests[i].end).data);
		hear(client, &answer);
		CHECK_EQ_INT(answer.status, requests[i].status);
		CHECK(!strstr(answer.head, "problem+json"));
		char rest[512];
		ssize_t got;
		while ((got = recv(client, rest, sizeof rest, 0)) > 0)
			continue;
		CHECK(got == 0 || errno == ECONNRESET);
		close(client);
	}
	int client = dial(house.port);
	expect(&house, client, "GET", "/healthz", NULL, 200);
	close(client);
	house_close(&house);
}

TEST(more_headers_than_are_read_are_400)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	struct text_builder many;
	builder_init(&many, &house.counter.arena, 0);
	builder_c(&many, "GET /healthz HTTP/1.1\r\nHost: x\r\n");
	for (int i = 0; i < 70; i++)
		builder_format(&many, "X%d: y\r\n", i);
	builder_c(&many, "\r\n");
	int client = dial(house.port);
	CHECK(say(client, builder_text(&many).data));
	check_status(client, &answer, 400);
	close(client);
	house_close(&house);
}

/* ---- bodies ---- */

static char *blank_body(size_t bytes)
{
	char *body = malloc(bytes + 1);
	memset(body, ' ', bytes);
	memcpy(body, "{\"name\":\"Ann\"}", 14);
	body[bytes] = '\0';
	return body;
}

TEST(a_body_of_one_mebibyte_is_read_and_one_byte_more_is_413_before_it_comes)
{
	struct house house;
	struct answer answer;
	house_open_with(&house, (struct http_options){ 0 });
	char *body = blank_body(HTTP_BODY_BYTES_MAX);
	int client = dial(house.port);
	expect(&house, client, "POST", "/v1/accounts", body, 201);
	expect(&house, client, "GET", "/healthz", NULL, 200);
	CHECK(say(client, request_text(&house, "POST", "/v1/accounts", "Content-Length: 1048577\r\n", NULL)));
	check_status(client, &answer, 413);
	CHECK(strstr(answer.body, "payload_too_large"));
	CHECK(ended(client));
	close(client);
	free(body);
	house_close(&house);
}

static void say_chunks(int client, size_t bytes)
{
	char block[4096 + 16];
	while (bytes) {
		size_t part = bytes < 4096 ? bytes : 4096;
		int head = snprintf(block, sizeof block, "%zx\r\n", part);
		memset(block + head, ' ', part);
		memcpy(block + head + part, "\r\n", 2);
		if (!say_bytes(client, block, (size_t)head + part + 2))
			return;
		bytes -= part;
	}
	say(client, "0\r\n\r\n");
}

TEST(bodies_in_chunks_are_counted_as_they_come)
{
	struct house house;
	struct answer answer;
	house_open_with(&house, (struct http_options){ 0 });
	static const char chunked[] = "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n";
	int client = dial(house.port);
	CHECK(say(client, request_text(&house, "POST", "/v1/accounts", chunked, NULL)));
	CHECK(say(client, "7\r\n{\"name\"\r\n7\r\n:\"Ann\"}\r\n0\r\n\r\n"));
	check_status(client, &answer, 201);
	CHECK(say(client, request_text(&house, "POST", "/v1/accounts", chunked, NULL)));
	say_chunks(client, HTTP_BODY_BYTES_MAX + 1);
	check_status(client, &answer, 413);
	CHECK(ended(client));
	close(client);
	/* and far beyond, the connection just ends */
	client = dial(house.port);
	CHECK(say(client, request_text(&house, "POST", "/v1/accounts", chunked, NULL)));
	say_chunks(client, 16 * 1024 * 1024);
	hear(client, &answer);
	CHECK(answer.status == 0 || answer.status == 413);
	close(client);
	house_close(&house);
}

TEST(a_bundle_may_be_larger_than_other_bodies)
{
	struct house house;
	struct answer answer;
	house_open_with(&house, (struct http_options){ 0 });
	static const char begin[] = "{\"files\":{\"bundle.json\":\"{\\\"name\\\":\\\"b\\\"}\"}";
	size_t bytes = 3 * 1024 * 1024;
	char *body = malloc(bytes + 1);
	memset(body, ' ', bytes);
	memcpy(body, begin, sizeof begin - 1);
	body[bytes - 1] = '}';
	body[bytes] = '\0';
	int client = dial(house.port);
	CHECK(say(client, request_text(&house, "PUT", "/v1/bundle",
	                               text_format(&house.counter.arena, "Content-Length: %zu\r\n", bytes).data,
	                               NULL)));
	CHECK(say(client, body));
	check_status(client, &answer, 200);
	free(body);
	/* without a key nobody is listened to for so long */
	house.counter.key = "none";
	CHECK(say(client, request_text(&house, "PUT", "/v1/bundle",
	                               "Content-Length: 3000000\r\nExpect: 100-continue\r\n", NULL)));
	check_status(client, &answer, 401);
	CHECK(ended(client));
	close(client);
	house_close(&house);
}

TEST(a_refused_body_is_read_so_that_the_connection_lives)
{
	struct house house;
	house_open(&house);
	int client = dial(house.port);
	char *body = blank_body(100 * 1000);
	expect(&house, client, "POST", "/v1/nothing", body, 404);
	expect(&house, client, "PUT", "/v1/accounts", body, 405);
	expect(&house, client, "GET", "/healthz", NULL, 200);
	close(client);
	free(body);
	house_close(&house);
}

/* ---- slow clients ---- */

/* Sends a byte every 50 ms until the server has enough; how long that took from `begun` on, before it could know of the request. */
static int64_t drip(int client, const char *text, int64_t begun)
{
	for (size_t i = 0; text[i] && now_ms() - begun < 10 * TIMEOUT_MS; i++) {
		struct pollfd ready = { .fd = client, .events = POLLIN };
		if (!say_bytes(client, text + i, 1) || poll(&ready, 1, 50) > 0)
			break;
	}
	return now_ms() - begun;
}

TEST(a_request_has_one_deadline_however_its_bytes_trickle)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	const char *body =
	        "{\"name\":\"Ann\"                                                                                  }";
	const char *whole = request_text(&house, "POST", "/v1/accounts", "", body);
	int64_t begun = now_ms();
	int client = dial(house.port);
	int64_t took = drip(client, whole, begun);
	CHECK(took >= TIMEOUT_MS && took < 8 * TIMEOUT_MS);
	CHECK(!hear(client, &answer));
	close(client);

	/* the same in the body */
	begun = now_ms();
	client = dial(house.port);
	const char *at = strstr(whole, "\r\n\r\n") + 4;
	CHECK(say_bytes(client, whole, (size_t)(at - whole)));
	took = drip(client, at, begun);
	CHECK(took >= TIMEOUT_MS && took < 8 * TIMEOUT_MS);
	CHECK(!hear(client, &answer));
	close(client);

	/* and on a connection that was used before */
	client = dial(house.port);
	expect(&house, client, "GET", "/healthz", NULL, 200);
	clock_sleep_us(400 * 1000);
	took = drip(client, whole, now_ms());
	CHECK(took >= TIMEOUT_MS && took < 8 * TIMEOUT_MS);
	close(client);
	house_close(&house);
}

TEST(a_quiet_connection_outlives_the_deadline_of_requests)
{
	struct house house;
	house_open(&house);
	int client = dial(house.port);
	expect(&house, client, "GET", "/healthz", NULL, 200);
	clock_sleep_us(2 * TIMEOUT_MS * 1000);
	expect(&house, client, "GET", "/healthz", NULL, 200);
	close(client);
	house_close(&house);
}

TEST(a_reply_has_a_deadline_to_be_taken)
{
	enum { REQUESTS = 1500, SMALL_BYTES = 4096 };
	struct house house;
	int small = SMALL_BYTES;
	size_t bytes = 0;
	ssize_t got;
	static char room[64 * 1024];
	house_open(&house);
	int client = dial(house.port);
	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	for (int i = 0; i < REQUESTS; i++)
		CHECK(say(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
	struct timespec wait = { .tv_sec = 2 * TIMEOUT_MS / 1000 + 1 };
	nanosleep(&wait, NULL);
	while ((got = recv(client, room, sizeof room, 0)) > 0)
		bytes += (size_t)got;
	CHECK(got == 0 || errno == ECONNRESET);
	CHECK(bytes < REQUESTS * sizeof "GET / HTTP/1.1" * 100); /* not all were answered */
	close(client);
	house_close(&house);
}

TEST(a_client_that_leaves_within_its_request_leaves_no_descriptor)
{
	static const char *const parts[] = { "POST /v1/acc", "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nConte",
		                             "POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{" };
	struct house house;
	house_open_with(&house, (struct http_options){ .request_timeout_ms = PATIENCE_MS });
	int64_t before = process_usage().descriptors;
	for (size_t i = 0; i < 90; i++) {
		int client = dial(house.port);
		CHECK(say(client, parts[i % 3]));
		close(client);
	}
	int64_t begun_ms = now_ms();
	while (process_usage().descriptors > before && now_ms() - begun_ms < PATIENCE_MS / 2)
		clock_sleep_us(50 * US_PER_MS);
	CHECK(process_usage().descriptors <= before); /* one of before may have been about to close */
	house_close(&house);
}

TEST(slow_clients_do_not_hold_up_others)
{
	enum { SLOW_MS = 3000 }; /* more than a busy machine needs for the others */
	struct house house;
	house_open_with(&house, (struct http_options){ .request_timeout_ms = SLOW_MS });
	int slow[100];
	for (int i = 0; i < 100; i++) {
		slow[i] = dial(house.port);
		CHECK(say(slow[i], "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Le"));
	}
	int64_t begun = now_ms();
	int client = dial(house.port);
	for (int i = 0; i < 20; i++)
		expect(&house, client, "GET", "/v1/tenant", NULL, 200);
	CHECK(now_ms() - begun < SLOW_MS);
	for (int i = 0; i < 100; i++) {
		CHECK(ended(slow[i]));
		close(slow[i]);
	}
	close(client);
	house_close(&house);
}

/* ---- many clients ---- */

static int compare_us(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

static void ask_at_once(const int *clients, int count, struct answer *answer)
{
	for (int i = 0; i < count; i++)
		CHECK(say(clients[i], "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
	for (int i = 0; i < count; i++)
		check_status(clients[i], answer, 200);
}

/* The middle of some rounds in which this many requests are sent at once and then answered. */
static int64_t round_us(const int *clients, int count, struct answer *answer)
{
	enum { ROUNDS = 9 };
	int64_t took_us[ROUNDS];
	for (int round = 0; round < ROUNDS; round++) {
		int64_t begun_us = clock_monotonic_us();
		ask_at_once(clients, count, answer);
		took_us[round] = clock_monotonic_us() - begun_us;
	}
	qsort(took_us, ROUNDS, sizeof *took_us, compare_us);
	return took_us[ROUNDS / 2];
}

/* libmicrohttpd's own epoll thread stands still at exactly 128 and 256, for as long as its time-out is. Such a round is
 * held against those of other numbers, so that a slow machine changes nothing. */
TEST(any_number_of_connections_is_served_at_once)
{
	static const int numbers[] = { 1, 64, 125, 126, 127, 128, 129, 130, 255, 256, 257, 300 };
	enum { NUMBERS = sizeof numbers / sizeof *numbers, STILL_US = 500 * US_PER_MS };
	struct house house;
	struct rlimit files = { 4096, 4096 };
	setrlimit(RLIMIT_NOFILE, &files);
	house_open_with(&house, (struct http_options){ 0 });
	struct answer *answer = arena_new(&house.counter.arena, struct answer);
	int clients[300];
	for (int i = 0; i < 300; i++)
		CHECK((clients[i] = dial(house.port)) >= 0);
	int64_t calm_us = round_us(clients, 300, answer);
	for (size_t n = 0; n < NUMBERS; n++) {
		check_note("%d connections, a round of 300 takes %lld us", numbers[n], (long long)calm_us);
		ask_at_once(clients, 300, answer); /* on a slow machine who waits for the larger numbers would be closed as idle */
		CHECK(round_us(clients, numbers[n], answer) < 4 * calm_us + STILL_US);
	}
	for (int i = 0; i < 300; i++)
		close(clients[i]);
	house_close(&house);
}

static enum MHD_Result bare_answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_size, void **request)
{
	static int seen;
	(void)context, (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
	if (!*request) {
		*request = &seen;
		return MHD_YES;
	}
	struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result queued = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return queued;
}

/* Negative control: the library's own thread, with the same clients and the same measure. */
TEST(the_measure_sees_a_loop_that_stands_still)
{
	struct house house = { 0 };
	struct rlimit files = { 4096, 4096 };
	setrlimit(RLIMIT_NOFILE, &files);
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, bare_answer, NULL,
	                                             MHD_OPTION_CONNECTION_TIMEOUT, 3U, MHD_OPTION_END);
	CHECK(daemon != NULL && arena_init(&house.counter.arena, 8 * 1024 * 1024));
	int port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port, clients[128];
	struct answer *answer = arena_new(&house.counter.arena, struct answer);
	for (int i = 0; i < 128; i++)
		CHECK((clients[i] = dial(port)) >= 0);
	int64_t calm_us = round_us(clients, 64, answer), begun_us = clock_monotonic_us(), took_us = 0;
	while (took_us < 4 * calm_us + 500 * US_PER_MS && clock_monotonic_us() - begun_us < 20 * US_PER_S) {
		int64_t round_begun_us = clock_monotonic_us();
		for (int i = 0; i < 128; i++)
			say(clients[i], "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
		for (int i = 0; i < 128; i++)
			hear(clients[i], answer);
		took_us = clock_monotonic_us() - round_begun_us;
	}
	CHECK(took_us >= 4 * calm_us + 500 * US_PER_MS);
	for (int i = 0; i < 128; i++)
		close(clients[i]);
	MHD_stop_daemon(daemon);
	arena_finish(&house.counter.arena);
}

TEST(writes_of_many_connections_share_the_writer)
{
	struct house house;
	house_open(&house);
	struct answer *answer = arena_new(&house.counter.arena, struct answer);
	const char *request = request_text(&house, "POST", "/v1/accounts", "", "{\"name\":\"Ann\"}");
	int clients[128];
	for (int i = 0; i < 128; i++)
		clients[i] = dial(house.port);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 128; i++)
			CHECK(say(clients[i], request));
		for (int i = 0; i < 128; i++)
			check_status(clients[i], answer, 201);
	}
	expect(&house, clients[0], "GET", "/v1/accounts/384", NULL, 200);
	expect(&house, clients[0], "GET", "/v1/accounts/385", NULL, 404);
	for (int i = 0; i < 128; i++)
		close(clients[i]);
	house_close(&house);
}

/* ---- limits of connections ---- */

static const struct http_limits by_connections = { .rates.burst_s = 1 };

static void check_told(int client, const char *status)
{
	struct answer answer;
	say(client, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
	hear_all(client, &answer);
	if (!strstr(answer.body, status))
		CHECK_FAIL("expected: %s\n#   found:    %s", status, answer.body);
	CHECK(strstr(answer.body, "urn:moonbill:problem:") && strstr(answer.body, "Retry-After: "));
	CHECK(!strstr(answer.body, "200 OK"));
	close(client);
}

TEST(a_client_with_enough_connections_is_told_so_and_others_are_served)
{
	struct house house;
	house_open_with(&house, (struct http_options){ .connections_per_address = 3, .limits = &by_connections });
	int clients[3];
	for (int i = 0; i < 3; i++) {
		clients[i] = dial_from(house.port, 0x7f000002);
		expect(&house, clients[i], "GET", "/healthz", NULL, 200);
	}
	for (int i = 0; i < 20; i++)
		check_told(dial_from(house.port, 0x7f000002), "HTTP/1.1 429 ");
	int other = dial_from(house.port, 0x7f000003);
	expect(&house, other, "GET", "/healthz", NULL, 200);
	/* one that ends makes room */
	close(clients[0]);
	struct answer answer;
	int64_t begun = now_ms();
	do {
		clients[0] = dial_from(house.port, 0x7f000002);
		say(clients[0], "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
		hear(clients[0], &answer);
	} while (answer.status != 200 && close(clients[0]) == 0 && now_ms() - begun < PATIENCE_MS);
	CHECK_EQ_INT(answer.status, 200);
	for (int i = 0; i < 3; i++)
		close(clients[i]);
	close(other);
	house_close(&house);
}

TEST(networks_without_limit_have_as_many_connections_as_there_are)
{
	struct house house;
	struct http_limits limits = by_connections;
	CHECK(ip_list_parse(TEXT("127.0.0.0/8"), "x", &limits.exempt, NULL));
	house_open_with(&house, (struct http_options){ .connections_per_address = 3, .limits = &limits });
	int clients[10];
	for (int i = 0; i < 10; i++) {
		clients[i] = dial_from(house.port, 0x7f000002);
		expect(&house, clients[i], "GET", "/healthz", NULL, 200);
	}
	for (int i = 0; i < 10; i++)
		close(clients[i]);
	house_close(&house);
}

TEST(beyond_the_limit_of_all_the_new_one_is_told_503)
{
	struct house house;
	house_open_with(&house, (struct http_options){ .connections_max = 4 });
	int clients[4];
	for (int i = 0; i < 4; i++) {
		clients[i] = dial(house.port);
		expect(&house, clients[i], "GET", "/healthz", NULL, 200);
	}
	/* all four were used a moment ago */
	for (int i = 0; i < 3; i++)
		check_told(dial(house.port), "HTTP/1.1 503 ");
	for (int i = 0; i < 4; i++)
		close(clients[i]);
	house_close(&house);
}

TEST(who_is_quiet_longest_makes_room)
{
	enum { MANY = 40 };
	struct house house;
	house_open_with(&house, (struct http_options){ .connections_max = MANY, .request_timeout_ms = PATIENCE_MS });
	int quiet[MANY];
	for (int i = 0; i < MANY; i++) {
		quiet[i] = dial(house.port);
		CHECK(say(quiet[i], "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Le"));
	}
	clock_sleep_us(1500 * US_PER_MS);
	for (int i = 0; i < 10; i++) {
		int client = dial(house.port);
		expect(&house, client, "GET", "/v1/tenant", NULL, 200);
		close(client);
	}
	struct answer answer;
	int told = 0;
	for (int i = 0; i < MANY; i++) {
		struct pollfd ready = { .fd = quiet[i], .events = POLLIN };
		if (poll(&ready, 1, 0) == 1) {
			hear_all(quiet[i], &answer);
			CHECK(strstr(answer.body, "HTTP/1.1 503 ") == answer.body);
			told++;
		}
		close(quiet[i]);
	}
	CHECK(told >= MANY / 16 && told <= MANY / 16 + 10);
	house_close(&house);
}

/* Who was told 503 sends its request again: the first one must not have been done, even if its rest comes after all. */
TEST(a_request_whose_connection_made_room_is_not_done)
{
	enum { MANY = 16 };
	struct house house;
	struct answer answer;
	struct pollfd slow[MANY];
	house_open_with(&house, (struct http_options){ .connections_max = MANY, .request_timeout_ms = PATIENCE_MS });
	const char *request = request_text(&house, "POST", "/v1/accounts", "", "{\"name\":\"Ann\"}");
	for (int i = 0; i < MANY; i++) {
		slow[i] = (struct pollfd){ .fd = dial(house.port), .events = POLLIN };
		CHECK(say_bytes(slow[i].fd, request, strlen(request) - 1));
	}
	CHECK(poll(slow, MANY, PATIENCE_MS) > 0);
	for (int i = 0; i < MANY; i++)
		if (slow[i].revents) {
			say(slow[i].fd, "}");
			hear_all(slow[i].fd, &answer);
			CHECK(strstr(answer.body, "HTTP/1.1 503 ") == answer.body);
		}
	clock_sleep_us(200 * US_PER_MS); /* in which it would be done */
	for (int i = 0; i < MANY; i++)
		close(slow[i].fd);
	int client = dial(house.port);
	CHECK(say(client, request_text(&house, "POST", "/v1/accounts", "", "{\"name\":\"Bob\"}")));
	check_status(client, &answer, 201);
	CHECK(text_starts(text_of(answer.body), "{\"id\":1,"));
	close(client);
	house_close(&house);
}

/* ---- requests that take their time ---- */

#define PAY(card) "{\"account_id\":1,\"amount\":\"1.00\",\"currency\":\"USD\",\"card\":{\"number\":\"" card "\",\"expiry\":\"2014-01-31\"}}"

TEST(a_payment_waits_for_its_gateway_while_others_are_served)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int payer = dial(house.port), other = dial(house.port);
	expect(&house, other, "POST", "/v1/accounts", "{\"name\":\"Ann\"}", 201);
	expect(&house, payer, "POST", "/v1/payments", PAY("4111111111111111"), 201);
	int64_t begun = now_ms();
	CHECK(say(payer, request_text(&house, "POST", "/v1/payments", "", PAY("4000000000000119"))));
	struct pollfd paid = { .fd = payer, .events = POLLIN };
	int sooner = 0; /* answered before the payment; on a busy machine not all */
	for (int i = 0; i < 10; i++) {
		expect(&house, other, "POST", "/v1/accounts", "{\"name\":\"Bob\"}", 201);
		sooner += poll(&paid, 1, 0) == 0;
	}
	CHECK(sooner > 0);
	check_status(payer, &answer, 201);
	CHECK(strstr(answer.body, "\"unknown\""));
	CHECK(now_ms() - begun >= 1400); /* the gateway's deadline, which is longer than a request may take to arrive */
	close(payer);
	close(other);
	house_close(&house);
}

TEST(a_client_that_leaves_during_its_payment_harms_nobody)
{
	struct house house;
	house_open(&house);
	int other = dial(house.port);
	expect(&house, other, "POST", "/v1/accounts", "{\"name\":\"Ann\"}", 201);
	for (int i = 0; i < 5; i++) {
		int payer = dial(house.port);
		CHECK(say(payer, request_text(&house, "POST", "/v1/payments", "", PAY("4000000000000119"))));
		clock_sleep_us(50 * 1000);
		struct linger hard = { .l_onoff = 1 };
		setsockopt(payer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		close(payer);
	}
	clock_sleep_us(1700 * 1000);
	expect(&house, other, "GET", "/v1/payments?status=unknown", NULL, 200);
	close(other);
	house_close(&house);
}

TEST(moving_a_clock_holds_up_nobody)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int mover = dial(house.port), other = dial(house.port);
	expect(&house, other, "POST", "/v1/accounts", "{\"name\":\"Ann\"}", 201);
	expect(&house, other, "POST", "/v1/orders",
	       "{\"account_id\":1,\"plan\":\"WHITE-LBL-A\",\"lines\":[{\"price_code\":\"MNTHLY\",\"quantity\":\"1\"}]}",
	       201);
	CHECK(say(mover, request_text(&house, "PUT", "/v1/clock", "Idempotency-Key: k\r\n",
	                              "{\"now\":\"2021-01-01T00:00:00Z\"}")));
	for (int i = 0; i < 5; i++)
		expect(&house, other, "GET", "/v1/tenant", NULL, 200);
	check_status(mover, &answer, 200);
	CHECK(strstr(answer.body, "2021-01-01T00:00:00Z"));
	close(mover);
	close(other);
	house_close(&house);
}

/* ---- the end ---- */

struct stopper {
	struct http_server *server;
	int64_t took_ms;
};

static void *stop_run(void *context)
{
	struct stopper *stopper = context;
	int64_t begun = now_ms();
	http_server_stop(stopper->server);
	stopper->took_ms = now_ms() - begun;
	return NULL;
}

TEST(idle_connections_do_not_hold_the_stop)
{
	struct house house;
	house_open(&house);
	int clients[20];
	for (int i = 0; i < 20; i++) {
		clients[i] = dial(house.port);
		expect(&house, clients[i], "GET", "/healthz", NULL, 200);
	}
	struct stopper stopper = { house.server, 0 };
	stop_run(&stopper);
	CHECK(stopper.took_ms < 1900); /* 2 s are for what is still arriving */
	for (int i = 0; i < 20; i++) {
		CHECK(ended(clients[i]));
		close(clients[i]);
	}
	CHECK(dial(house.port) < 0);
	counter_close(&house.counter);
}

TEST(the_stop_answers_what_is_under_way)
{
	struct house house;
	struct answer answer;
	house_open(&house);
	int payer = dial(house.port), idle = dial(house.port), half = dial(house.port);
	expect(&house, payer, "POST", "/v1/accounts", "{\"name\":\"Ann\"}", 201);
	expect(&house, idle, "GET", "/healthz", NULL, 200);
	int64_t begun = now_ms();
	CHECK(say(payer, request_text(&house, "POST", "/v1/payments", "", PAY("4000000000000119"))));
	CHECK(say(half, "POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{"));
	clock_sleep_us(200 * 1000);
	struct stopper stopper = { house.server, 0 };
	pthread_t thread;
	pthread_create(&thread, NULL, stop_run, &stopper);
	check_status(payer, &answer, 201);
	CHECK(strstr(answer.head, "Connection: close"));
	CHECK(strstr(answer.body, "\"unknown\""));
	CHECK(ended(half) && ended(idle));
	pthread_join(thread, NULL);
	CHECK(now_ms() - begun >= 1400 && stopper.took_ms < 10000); /* the gateway's deadline, and not for ever */
	close(payer);
	close(idle);
	close(half);
	counter_close(&house.counter);
}

TEST(a_port_in_use_or_a_wrong_host_is_told)
{
	struct house house;
	house_open(&house);
	static const struct {
		const char *host;
		bool taken;
	} wrong[] = { { "127.0.0.1", true }, { "localhost.invalid", false }, { "300.1.1.1", false },
	              { "192.0.2.77", false } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		check_note("%s", wrong[i].host);
		struct http_options options = { .host = wrong[i].host, .port = wrong[i].taken ? house.port : 0 };
		problems_init(&house.counter.problems, &house.counter.arena);
		CHECK(http_server_start(house.counter.engine, &options, &house.counter.problems) == NULL);
		CHECK_EQ_INT(house.counter.problems.first->code, PROBLEM_IO_FAILED);
	}
	http_server_stop(NULL);
	house_close(&house);
}

/* ---- garbage ---- */

TEST(garbage_on_the_wire_ends_only_its_own_connection)
{
	struct house house;
	house_open(&house);
	uint64_t random = check_seed();
	static const char *const pieces[] = { "GET ", "POST ", "/v1/accounts", " HTTP/1.1", "\r\n", "\r\n\r\n",
	                                      "Host: x", ":",
		                              "Content-Length: ", "99999999999999999999", "5",
		                              "Transfer-Encoding: chunked",
		                              "\r\nffffffffffffffff\r\n", "\t", "\n", " ", "%00", "\x80\xff",
		                              "Expect: 100-continue" };
	for (int round = 0; round < 300; round++) {
		int client = dial(house.port);
		int64_t count = check_between(&random, 1, 20);
		for (int64_t i = 0; i < count; i++)
			say(client, pieces[check_between(&random, 0, sizeof pieces / sizeof *pieces - 1)]);
		close(client);
	}
	int client = dial(house.port);
	expect(&house, client, "GET", "/healthz", NULL, 200);
	close(client);
	house_close(&house);
}

CHECK_MAIN
