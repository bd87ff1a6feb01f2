/* test_limit.c: token buckets, networks, and what clients that ask too often are told. */
#include "counter.h"

#include "http/rate.h"

#include <pthread.h>

enum { S = US_PER_S };

/* ---- buckets ---- */

static struct rate_table *table_of(int64_t per_s, int64_t burst_s)
{
	struct rate_table *table = rate_table_new(&(struct rate_limits){ .per_s = { [RATE_ADDRESS] = per_s }, .burst_s = burst_s });
	CHECK(table != NULL);
	return table;
}

TEST(a_bucket_gives_its_burst_and_then_its_rate)
{
	struct rate_table *table = table_of(10, 2);
	for (int i = 0; i < 20; i++)
		CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 7, 1, 100 * S), 0);
	CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 7, 1, 100 * S), S / 10);
	CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 7, 1, 100 * S + S / 10), 0);
	CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 7, 1, 100 * S + S / 10), S / 10);
	CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 8, 1, 100 * S), 0); /* another's */
	rate_table_free(table);
}

TEST(the_wait_that_is_told_is_exact)
{
	struct rate_table *table = table_of(7, 3);
	uint64_t random = check_seed();
	int64_t now_us = 50 * S, refused = 0;
	for (int i = 0; i < 100000; i++) {
		int64_t cost = check_between(&random, 1, 5), wait_us = rate_take_at(table, RATE_ADDRESS, 1, cost, now_us);
		if (wait_us) {
			CHECK(rate_take_at(table, RATE_ADDRESS, 1, cost, now_us + wait_us - 1) > 0);
			CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 1, cost, now_us + wait_us), 0);
			now_us += wait_us;
			refused++;
		}
		now_us += check_between(&random, 0, S / 2);
	}
	CHECK(refused > 1000);
	rate_table_free(table);
}

TEST(a_cost_beyond_the_bucket_is_the_whole_bucket)
{
	struct rate_table *table = table_of(1, 5);
	CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 1, 1000, 9 * S), 0);
	CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 1, 1000, 9 * S), 5 * S);
	CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 1, 1000, 14 * S), 0);
	rate_table_free(table);
}

TEST(a_rate_of_nothing_is_no_limit)
{
	struct rate_table *table = table_of(0, 1);
	for (int i = 0; i < 100000; i++)
		CHECK_EQ_INT(rate_take_at(table, RATE_ADDRESS, 1, 1000, 1), 0);
	rate_table_free(table);
}

/* The table has 16,384 places; a million addresses go through it. */
TEST(a_million_addresses_do_not_make_the_one_that_floods_forgotten)
{
	struct rate_table *table = table_of(10, 100);
	int64_t granted = 0;
	for (uint64_t i = 0; i < 1000000; i++) {
		rate_take_at(table, RATE_ADDRESS, 1000 + i, 1, 500 * S);
		granted += rate_take_at(table, RATE_ADDRESS, 1, 1, 500 * S) == 0;
	}
	CHECK_EQ_INT(granted, 1000);
	rate_table_free(table);
}

struct crowd {
	struct rate_table *table;
	int64_t granted;
};

static void *crowd_run(void *context)
{
	struct crowd *crowd = context;
	for (int i = 0; i < 20000; i++)
		crowd->granted += rate_take_at(crowd->table, RATE_ADDRESS, 3, 1, 10 * S) == 0;
	return NULL;
}

TEST(threads_together_get_no_more_than_one_would)
{
	struct crowd crowds[4];
	pthread_t threads[4];
	int64_t granted = 0;
	struct rate_table *table = table_of(1000, 10);
	for (int i = 0; i < 4; i++) {
		crowds[i] = (struct crowd){ table, 0 };
		pthread_create(&threads[i], NULL, crowd_run, &crowds[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		granted += crowds[i].granted;
	}
	CHECK_EQ_INT(granted, 10000);
	rate_table_free(table);
}

/* ---- addresses ---- */

static struct ip_address address_of(const char *text)
{
	struct ip_address address;
	if (!ip_parse(text_of(text), &address))
		CHECK_FAIL("not an address: %s", text);
	return address;
}

TEST(an_ipv6_client_is_its_network)
{
	static const struct {
		const char *a, *b;
		bool same;
	} pairs[] = {
		{ "192.0.2.7", "192.0.2.8", false },     { "192.0.2.7", "::ffff:192.0.2.7", true },
		{ "2001:db8::1", "2001:db8::2", true },  { "2001:db8::1", "2001:db8:0:1::1", false },
		{ "192.0.2.7:80", "192.0.2.7", true },   { "[2001:db8::1]:443", "2001:db8::ffff:1", true },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct ip_address a = address_of(pairs[i].a), b = address_of(pairs[i].b);
		check_note("%s %s", pairs[i].a, pairs[i].b);
		CHECK_EQ_INT(ip_client(&a) == ip_client(&b), pairs[i].same);
	}
}

TEST(networks_hold_what_lies_in_them)
{
	static const struct {
		const char *words, *address;
		bool holds;
	} cases[] = {
		{ "none", "127.0.0.1", false },           { "127.0.0.0/8 ::1", "127.9.9.9", true },
		{ "127.0.0.0/8 ::1", "::1", true },       { "127.0.0.0/8 ::1", "128.0.0.1", false },
		{ "10.1.0.0/15", "10.0.255.255", true },  { "10.1.0.0/15", "10.2.0.0", false },
		{ "10.1.2.3", "10.1.2.3", true },         { "10.1.2.3", "10.1.2.2", false },
		{ "2001:db8::/33", "2001:db8:7fff::", true }, { "2001:db8::/33", "2001:db8:8000::", false },
		{ "0.0.0.0/0", "255.1.1.1", true },       { "0.0.0.0/0", "2001:db8::", false },
		{ " 10.0.0.1   10.0.0.2 ", "10.0.0.2", true },
	};
	struct arena arena;
	struct problems problems;
	CHECK(arena_init(&arena, 1024 * 1024));
	problems_init(&problems, &arena);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ip_list list;
		struct ip_address address = address_of(cases[i].address);
		check_note("%s %s", cases[i].words, cases[i].address);
		CHECK(ip_list_parse(text_of(cases[i].words), "x", &list, &problems));
		CHECK_EQ_INT(ip_list_holds(&list, &address), cases[i].holds);
	}
	static const char *const wrong[] = { "10.0.0.0/33", "10.0.0", "::/129", "x", "10.0.0.1,10.0.0.2", "::1/-1", "10.0.0.1/" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct ip_list list;
		check_note("%s", wrong[i]);
		CHECK(!ip_list_parse(text_of(wrong[i]), "trusted_proxies", &list, &problems));
		CHECK(strstr(problems.last->message, "trusted_proxies"));
	}
	arena_finish(&arena);
}

/* ---- what clients are told ---- */

struct gate {
	struct counter counter;
	const char *from;       /* whose socket it is */
	const char *forwarded;  /* X-Forwarded-For; NULL: none */
};

static void gate_open(struct gate *gate, struct rate_limits rates, const char *proxies)
{
	struct http_limits limits = { .rates = rates };
	counter_open(&gate->counter);
	gate->from = "192.0.2.1";
	gate->forwarded = NULL;
	CHECK(ip_list_parse(text_of(proxies), "x", &limits.proxies, &gate->counter.problems));
	CHECK(ip_list_parse(TEXT("198.51.100.0/24"), "x", &limits.exempt, &gate->counter.problems));
	CHECK(http_application_limit(gate->counter.application, &limits));
}

static int ask(struct gate *gate, const char *method, const char *target, const char *key)
{
	struct counter *counter = &gate->counter;
	if (key)
		counter_header(counter, "Authorization", text_format(&counter->arena, "Bearer %s", key).data);
	if (gate->forwarded)
		counter_header(counter, "X-Forwarded-For", gate->forwarded);
	struct http_request request = {
		.arena = &counter->arena, .method = text_of(method), .target = text_of(target), .headers = counter->headers,
		.header_count = counter->header_count, .address = address_of(gate->from), .remote = text_of(gate->from),
	};
	http_handle_wait(counter->application, &request, &counter->reply);
	counter->header_count = 0;
	return counter->reply.status;
}

/* How many are answered before the first 429. */
static int asked(struct gate *gate, const char *target, const char *key, int most)
{
	int count = 0;
	while (count < most && ask(gate, "GET", target, key) != 429)
		count++;
	return count;
}

/* A slow machine gives a token more each second. */
static void check_asked(int line, struct gate *gate, const char *target, const char *key, int expected)
{
	int64_t begun_us = clock_monotonic_us();
	int count = asked(gate, target, key, 100000);
	int64_t more = 2 * ((clock_monotonic_us() - begun_us) / S + 1);
	if (count < expected || count > expected + more)
		CHECK_FAIL("line %d: expected: %d, and at most %d more\n#   found:    %d", line, expected, (int)more, count);
}
#define CHECK_ASKED(gate, target, key, expected) check_asked(__LINE__, gate, target, key, expected)

static const struct rate_limits by_address = { .per_s = { [RATE_ADDRESS] = 1 }, .burst_s = 300 };

TEST(an_address_that_asks_too_often_is_told_when_to_come_back)
{
	struct gate gate;
	gate_open(&gate, (struct rate_limits){ .per_s = { [RATE_ADDRESS] = 1 }, .burst_s = 20 }, "none");
	CHECK_ASKED(&gate, "/healthz", NULL, 20);
	int64_t wait_s;
	CHECK(text_to_int64(counter_reply_header(&gate.counter, "Retry-After"), &wait_s) && wait_s == 1);
	CHECK_EQ_TEXT(gate.counter.reply.content_type, "application/problem+json");
	CHECK_EQ_TEXT(counter_json(&gate.counter, "type"), "urn:moonbill:problem:too_many_requests");
	CHECK_EQ_TEXT(counter_json(&gate.counter, "errors.0.value"), "192.0.2.1");
	/* a valid key does not help, and what has no route is counted as well */
	CHECK(asked(&gate, "/v1/tenant", gate.counter.key, 10) < 10);
	CHECK(asked(&gate, "/v1/nothing", NULL, 10) < 10);
	CHECK(asked(&gate, "/%zz", NULL, 10) < 10);
	gate.from = "192.0.2.2";
	CHECK_EQ_INT(ask(&gate, "GET", "/v1/tenant", gate.counter.key), 200);
	counter_close(&gate.counter);
}

TEST(blubilling_clients_are_told_in_their_words)
{
	struct gate gate;
	gate_open(&gate, (struct rate_limits){ .per_s = { [RATE_ADDRESS] = 1 }, .burst_s = 5 }, "none");
	CHECK_ASKED(&gate, "/rest/plans", gate.counter.key, 5);
	CHECK_EQ_TEXT(counter_xml(&gate.counter, "errors/error/code"), "too_many_requests");
	CHECK(text_present(counter_reply_header(&gate.counter, "Retry-After")));
	ask(&gate, "GET", "/rest/plans?format=json", gate.counter.key);
	CHECK(counter_body_has(&gate.counter, "\"too_many_requests\""));
	counter_close(&gate.counter);
}

TEST(who_guesses_keys_has_few_guesses)
{
	struct gate gate;
	gate_open(&gate, by_address, "none");
	CHECK_EQ_INT(asked(&gate, "/v1/tenant", "mb_test_guess", 1000), 3); /* 300 / (1 + 100), and one that goes below nothing */
	CHECK(asked(&gate, "/v1/tenant", gate.counter.key, 10) < 10);
	/* no key at all is no guess */
	gate.from = "192.0.2.9";
	CHECK_ASKED(&gate, "/v1/tenant", NULL, 300);
	counter_close(&gate.counter);
}

TEST(exempt_addresses_and_unknown_ones_are_not_counted)
{
	struct gate gate;
	gate_open(&gate, by_address, "none");
	gate.from = "198.51.100.3";
	CHECK_EQ_INT(asked(&gate, "/v1/tenant", "wrong", 1000), 1000);
	for (int i = 0; i < 1000; i++)
		counter_expect(&gate.counter, "GET", "/v1/tenant", NULL, 200);
	counter_close(&gate.counter);
}

TEST(only_trusted_proxies_name_the_client)
{
	struct gate gate;
	gate_open(&gate, by_address, "10.0.0.0/8");
	/* a stranger's header is nothing */
	gate.forwarded = "203.0.113.1";
	CHECK_ASKED(&gate, "/healthz", NULL, 300);
	gate.forwarded = "203.0.113.2";
	CHECK(asked(&gate, "/healthz", NULL, 10) < 10);
	/* a proxy's is the client, and the proxy itself is nobody */
	gate.from = "10.0.0.1";
	CHECK_ASKED(&gate, "/healthz", NULL, 300);
	CHECK_EQ_TEXT(counter_json(&gate.counter, "errors.0.value"), "203.0.113.2");
	gate.forwarded = NULL;
	CHECK_EQ_INT(asked(&gate, "/healthz", NULL, 1000), 1000);
	/* through two proxies; what stands before the client is its own invention */
	gate.forwarded = "1.1.1.1, 203.0.113.2, 10.0.0.7";
	CHECK(asked(&gate, "/healthz", NULL, 10) < 10);
	gate.forwarded = "203.0.113.2, 203.0.113.3, 10.0.0.7";
	CHECK_EQ_INT(ask(&gate, "GET", "/healthz", NULL), 200);
	/* a proxy that writes a line of its own below the client's is believed as well, and the client's is not */
	counter_header(&gate.counter, "X-Forwarded-For", "203.0.113.77");
	gate.forwarded = "203.0.113.2";
	CHECK_EQ_INT(ask(&gate, "GET", "/healthz", NULL), 429);
	CHECK_EQ_TEXT(counter_json(&gate.counter, "errors.0.value"), "203.0.113.2");
	counter_header(&gate.counter, "X-Forwarded-For", "203.0.113.2, 10.0.0.1");
	gate.forwarded = "10.0.0.7";
	CHECK_EQ_INT(ask(&gate, "GET", "/healthz", NULL), 429);
	/* garbage ends the chain where it stands */
	gate.forwarded = "203.0.113.2, nobody";
	CHECK_EQ_INT(asked(&gate, "/healthz", NULL, 1000), 1000);
	counter_close(&gate.counter);
}

TEST(the_address_behind_the_proxy_is_the_one_that_audit_remembers)
{
	struct gate gate;
	gate_open(&gate, by_address, "10.0.0.0/8");
	gate.from = "10.0.0.1";
	gate.forwarded = "2001:db8::7";
	struct counter *counter = &gate.counter;
	counter_header(counter, "Idempotency-Key", "k");
	CHECK_EQ_INT(ask(&gate, "POST", "/v1/accounts", counter->key), 422); /* a body without a name */
	counter_header(counter, "Authorization", text_format(&counter->arena, "Bearer %s", counter->key).data);
	counter_header(counter, "X-Forwarded-For", "2001:db8::7");
	struct http_request request = {
		.arena = &counter->arena, .method = TEXT("POST"), .target = TEXT("/v1/accounts"), .headers = counter->headers,
		.header_count = counter->header_count, .address = address_of("10.0.0.1"), .body = TEXT("{\"name\":\"A\"}"),
	};
	http_handle_wait(counter->application, &request, &counter->reply);
	CHECK_EQ_INT(counter->reply.status, 201);
	CHECK_EQ_TEXT(request.remote, "2001:db8::7");
	counter->header_count = 0;
	counter_expect(counter, "GET", "/v1/audit?command=account.create", NULL, 200);
	CHECK(counter_body_has(counter, "2001:db8::7"));
	counter_close(&gate.counter);
}

TEST(a_key_and_a_tenant_have_their_own_budgets)
{
	struct gate gate;
	gate_open(&gate, (struct rate_limits){ .per_s = { [RATE_KEY] = 1, [RATE_TENANT] = 2 }, .burst_s = 30 }, "none");
	struct counter *counter = &gate.counter;
	const char *second = counter_key(counter, "read"), *third = counter_key(counter, "read write");
	const char *other = text_c(&counter->arena, counter_tenant(counter, "other")->api_key);
	CHECK_ASKED(&gate, "/v1/tenant", counter->key, 30);
	CHECK(counter_body_has(counter, "with the key"));
	CHECK_ASKED(&gate, "/v1/tenant", second, 30);
	CHECK(asked(&gate, "/v1/tenant", third, 10) < 10);
	CHECK(counter_body_has(counter, "by the tenant"));
	CHECK_EQ_INT(ask(&gate, "GET", "/v1/tenant", other), 200);
	CHECK_EQ_INT(ask(&gate, "GET", "/healthz", NULL), 200);
	counter_close(&gate.counter);
}

TEST(dear_requests_have_a_budget_of_their_own)
{
	struct gate gate;
	gate_open(&gate, (struct rate_limits){ .per_s = { [RATE_EXPENSIVE] = 1 }, .burst_s = 250 }, "none");
	struct counter *counter = &gate.counter;
	CHECK(ask(&gate, "PUT", "/v1/bundle", counter->key) != 429); /* 200 tokens, whatever comes of it */
	CHECK_ASKED(&gate, "/v1/accounts", counter->key, 50);
	CHECK_EQ_INT(ask(&gate, "PUT", "/v1/bundle", counter->key), 429);
	CHECK(counter_body_has(counter, "tokens"));
	/* what is cheap goes on */
	CHECK_EQ_INT(asked(&gate, "/v1/tenant", counter->key, 1000), 1000);
	counter_close(&gate.counter);
}

TEST(what_is_refused_by_one_budget_takes_nothing_from_the_others)
{
	struct gate gate;
	gate_open(&gate, (struct rate_limits){ .per_s = { [RATE_KEY] = 1, [RATE_TENANT] = 1, [RATE_EXPENSIVE] = 1 }, .burst_s = 250 },
	          "none");
	struct counter *counter = &gate.counter;
	CHECK(ask(&gate, "PUT", "/v1/bundle", counter->key) != 429);
	CHECK(ask(&gate, "PUT", "/v1/bundle", counter->key) == 429);
	for (int i = 0; i < 100; i++)
		CHECK_EQ_INT(ask(&gate, "PUT", "/v1/bundle", counter->key), 429);
	CHECK_ASKED(&gate, "/v1/tenant", counter->key, 249);
	/* the wait that is told is the longest: now the key has nothing left, the dear need 150 */
	int64_t wait_s;
	CHECK_EQ_INT(ask(&gate, "PUT", "/v1/bundle", counter->key), 429);
	CHECK(text_to_int64(counter_reply_header(counter, "Retry-After"), &wait_s) && wait_s > 1);
	CHECK(counter_body_has(counter, "tokens"));
	counter_close(&gate.counter);
}

/* Negative control of all above: the same requests without limits. */
TEST(without_limits_nothing_is_refused)
{
	struct gate gate;
	counter_open(&gate.counter);
	gate.from = "192.0.2.1";
	gate.forwarded = NULL;
	CHECK_EQ_INT(asked(&gate, "/v1/tenant", "wrong", 2000), 2000);
	CHECK_EQ_INT(asked(&gate, "/v1/accounts", gate.counter.key, 2000), 2000);
	counter_close(&gate.counter);
}

CHECK_MAIN
