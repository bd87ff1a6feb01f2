/* test_flood.c: one tenant floods; what another one waits meanwhile, held against what it waits when all is calm.
 *
 *     hostile_flood             a few rounds each, bounds that hold on a busy machine
 *     FLOOD_ROUNDS=20 hostile_flood    figures
 *
 * Calm and flooded rounds take turns, so that whatever else the machine does is in both. The light tenant writes on one
 * connection with a pause between requests; the flood is 64 connections that write as fast as they are answered. Where
 * each of its writes runs rules for as long as they may, 4 are enough: what each takes is what is felt.
 */
#include "http/house.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>

enum { FLOODERS = 64, HEAVY_FLOODERS = 4, SAMPLES = 100, CONTROL_SAMPLES = 20, PAUSE_US = 2000, ROUNDS_MAX = 100, ATTEMPTS = 4, BOUND_PERCENT = 600,
       HEAVY_START_MS = 100 };

/* ---- the two tenants ---- */

struct flood {
	struct house house;
	char directory[64];
	const char *light_key, *flood_key;
	const char *flood_request;
	int flooders, samples;
	bool heavy;           /* its rules are: each answer is right, and may be long in coming */
	atomic_bool ends;
	atomic_long answered; /* of the flood */
	int64_t waits_us[2][ROUNDS_MAX * SAMPLES];
	size_t count[2];
};

enum { CALM, FLOODED };

static const char *request_of(struct flood *flood, const char *key, const char *path, const char *body)
{
	return text_format(&flood->house.counter.arena,
	                   "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
	                   "Content-Length: %zu\r\n\r\n%s", path, key, strlen(body), body).data;
}

/* A bundle whose rule does this before each account. */
#define BUNDLE_OF(does)                                                                              \
	"{\"files\":{\"bundle.json\":\"{\\\"name\\\":\\\"slow\\\"}\",\"rules/slow.lua\":"                         \
	"\"rule \\\"slow\\\" { pre = \\\"account.create\\\", run = function (account, ctx) " does " end }\"}}"

/* Below what makes a debt, on however slow a build. */
static const char bundle_slow[] = BUNDLE_OF("local sum = 0 for i = 1, 2000 do sum = sum + i end");
static const char bundle_slower[] = BUNDLE_OF("local sum = 0 for i = 1, 200000 do sum = sum + i end"); /* some 2 ms */
/* Out of memory before much fuel is spent. */
static const char bundle_hoarding[] = BUNDLE_OF("local all = {} for i = 1, 1000000000 do all[i] = tostring(i) end");
static const char bundle_endless[] = BUNDLE_OF("while true do end");

static void flood_open(struct flood *flood)
{
	memset(flood, 0, sizeof *flood);
	flood->flooders = FLOODERS;
	flood->samples = SAMPLES;
	snprintf(flood->directory, sizeof flood->directory, "/tmp/moonbill-flood-XXXXXX");
	CHECK(mkdtemp(flood->directory) != NULL);
	char path[96];
	snprintf(path, sizeof path, "%s/store.db", flood->directory);
	house_open_at(&flood->house, path, (struct http_options){ 0 });
	struct counter *counter = &flood->house.counter;
	flood->light_key = counter->key;
	flood->flood_key = text_c(&counter->arena, counter_tenant(counter, "flood")->api_key);
	flood->flood_request = request_of(flood, flood->flood_key, "/v1/accounts", "{\"name\":\"Flood\"}");
}

static void flood_close(struct flood *flood)
{
	house_close(&flood->house);
	DIR *directory = opendir(flood->directory);
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(flood->directory);
}

static void flood_deploy(struct flood *flood, const char *key, const char *bundle)
{
	struct answer *answer = arena_new(&flood->house.counter.arena, struct answer);
	const char *request = request_of(flood, key, "/v1/bundle", bundle);
	int client = dial(flood->house.port);
	CHECK(say(client, "PUT") && say(client, request + strlen("POST")));
	check_status(client, answer, 200);
	close(client);
}

/* ---- the flood ---- */

static void *flood_run(void *context)
{
	struct flood *flood = context;
	int poll = epoll_create1(EPOLL_CLOEXEC), clients[FLOODERS];
	char room[16 * 1024];
	for (int i = 0; i < flood->flooders; i++) {
		clients[i] = dial(flood->house.port);
		struct epoll_event event = { .events = EPOLLIN, .data.fd = clients[i] };
		epoll_ctl(poll, EPOLL_CTL_ADD, clients[i], &event);
		say(clients[i], flood->flood_request);
	}
	while (!atomic_load(&flood->ends)) {
		struct epoll_event ready[FLOODERS];
		int count = epoll_wait(poll, ready, FLOODERS, 100);
		for (int i = 0; i < count; i++) {
			/* an answer fits into one segment */
			ssize_t got = recv(ready[i].data.fd, room, sizeof room, MSG_DONTWAIT);
			CHECK(got > 12 && (flood->heavy || memcmp(room, "HTTP/1.1 201", 12) == 0));
			atomic_fetch_add(&flood->answered, 1);
			say(ready[i].data.fd, flood->flood_request);
		}
	}
	for (int i = 0; i < flood->flooders; i++)
		close(clients[i]);
	close(poll);
	return NULL;
}

/* ---- the light tenant ---- */

static void light_run(struct flood *flood, int kind, const char *key)
{
	struct answer *answer = arena_new(&flood->house.counter.arena, struct answer);
	const char *request = request_of(flood, key, "/v1/accounts", "{\"name\":\"Light\"}");
	int client = dial(flood->house.port);
	for (int i = 0; i < flood->samples; i++) {
		int64_t begun_us = clock_monotonic_us();
		CHECK(say(client, request));
		check_status(client, answer, 201);
		flood->waits_us[kind][flood->count[kind]++] = clock_monotonic_us() - begun_us;
		clock_sleep_us(PAUSE_US);
	}
	close(client);
}

static int compare_us(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

static int64_t wait_at(struct flood *flood, int kind, int per_mille)
{
	qsort(flood->waits_us[kind], flood->count[kind], sizeof(int64_t), compare_us);
	return flood->waits_us[kind][flood->count[kind] * (size_t)per_mille / 1000];
}

static void flooded_run(struct flood *flood, const char *key)
{
	pthread_t thread;
	atomic_store(&flood->ends, false);
	pthread_create(&thread, NULL, flood_run, flood);
	long before = atomic_load(&flood->answered);
	int64_t begun = now_ms();
	while (atomic_load(&flood->answered) < before + flood->flooders &&
	       now_ms() - begun < (flood->heavy ? HEAVY_START_MS : PATIENCE_MS))
		clock_sleep_us(US_PER_MS);
	light_run(flood, FLOODED, key);
	atomic_store(&flood->ends, true);
	pthread_join(thread, NULL);
}

static int rounds(void)
{
	const char *chosen = getenv("FLOOD_ROUNDS");
	int count = chosen ? (int)strtol(chosen, NULL, 10) : 1;
	return count < 1 ? 1 : count > ROUNDS_MAX ? ROUNDS_MAX : count;
}

/* Calm and flooded rounds of a tenant's client. Told is the 99th percentile, which few samples on a busy machine make
 * a matter of luck; the result is the 90th when flooded, in percent of the calm one. */
static int64_t measure(struct flood *flood, const char *what, const char *key)
{
	flood->count[CALM] = flood->count[FLOODED] = 0;
	for (int i = 0; i < rounds(); i++) {
		light_run(flood, CALM, key);
		flooded_run(flood, key);
	}
	int64_t calm_us = wait_at(flood, CALM, 990), flooded_us = wait_at(flood, FLOODED, 990);
	printf("# %s: p50 %lld us calm, %lld us flooded; p99 %lld us calm, %lld us flooded: %.2f times\n", what,
	       (long long)wait_at(flood, CALM, 500), (long long)wait_at(flood, FLOODED, 500), (long long)calm_us,
	       (long long)flooded_us, (double)flooded_us / (double)calm_us);
	return wait_at(flood, FLOODED, 900) * 100 / wait_at(flood, CALM, 900);
}

/* Twice is what a quiet machine must show, and the figures tell; on a busy one the flood also takes the clients' cores. */
static void check_undisturbed(struct flood *flood, const char *what)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++)
		if (measure(flood, what, flood->light_key) <= BOUND_PERCENT)
			return;
	CHECK_FAIL("%s: the flood is felt by others", what);
}

/* Negative control: who floods is in its own queue, where the order is that of arrival, and waits longer than others. */
static void check_own_queue(struct flood *flood, const char *what)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		measure(flood, what, flood->light_key);
		int64_t other_us = wait_at(flood, FLOODED, 500);
		measure(flood, "the flood's own", flood->flood_key);
		if (wait_at(flood, FLOODED, 500) > other_us)
			return;
	}
	CHECK_FAIL("%s: who is in the queue of the flood waits no longer than others", what);
}

/* Checking a bundle is a debt: the first request after it may wait for others. */
static void wait_for_deployed(struct flood *flood)
{
	flood->samples = 1;
	light_run(flood, CALM, flood->light_key);
	light_run(flood, CALM, flood->flood_key);
	flood->samples = SAMPLES;
}

TEST(a_flood_of_writes_is_not_felt_by_others)
{
	static struct flood flood;
	flood_open(&flood);
	check_undisturbed(&flood, "writes");
	flood_close(&flood);
}

TEST(a_flood_of_slow_rules_is_not_felt_by_others)
{
	static struct flood flood;
	flood_open(&flood);
	flood_deploy(&flood, flood.flood_key, bundle_slow);
	flood_deploy(&flood, flood.light_key, bundle_slow);
	wait_for_deployed(&flood);
	check_undisturbed(&flood, "slow rules");
	check_own_queue(&flood, "slow rules");
	flood_close(&flood);
}

/* ---- rules that run for as long as they may ---- */

/* Negative control: who owes nothing is not held, and each of his commands is felt by whoever comes. */
static void check_felt_without_debts(struct flood *flood, const char *what)
{
	store_forgive_debts(engine_store(flood->house.counter.engine));
	flood->samples = CONTROL_SAMPLES;
	measure(flood, what, flood->light_key);
	if (wait_at(flood, FLOODED, 500) * 100 <= wait_at(flood, CALM, 500) * BOUND_PERCENT)
		CHECK_FAIL("%s: not felt by others even where nobody is held for it", what);
}

static void heavy_flood(const char *what, const char *bundle, int flooders)
{
	static struct flood flood;
	flood_open(&flood);
	flood.heavy = true;
	flood.flooders = flooders;
	flood_deploy(&flood, flood.flood_key, bundle);
	check_undisturbed(&flood, what);
	if (bundle == bundle_endless)
		check_felt_without_debts(&flood, "endless rules, no debts");
	flood_close(&flood);
}

TEST(endless_rules_are_not_felt_by_others)
{
	heavy_flood("endless rules", bundle_endless, HEAVY_FLOODERS);
}

TEST(rules_that_fill_their_memory_are_not_felt_by_others)
{
	heavy_flood("hoarding rules", bundle_hoarding, HEAVY_FLOODERS);
}

TEST(a_flood_of_rules_that_take_milliseconds_is_not_felt_by_others)
{
	heavy_flood("rules of 2 ms", bundle_slower, FLOODERS);
}

CHECK_MAIN
