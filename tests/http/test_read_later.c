/* test_read_later.c: whose turn it is where dear reads wait: a tenant's long ones hold up nobody else's. */
#include "counter.h"

#include "http/exchange.h"

#include <dirent.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { READS = 8, OF_A_TENANT = 2, PATIENCE_US = 10 * US_PER_S, CALM_US = 200 * US_PER_MS };

/* What reads of the tests' own route do; they have no context of their own. */
static struct {
	sem_t gate;
	atomic_int begun, inside, most;
} held;

static bool held_read(struct command *command, struct http_exchange *exchange)
{
	(void)command;
	int inside = atomic_fetch_add(&held.inside, 1) + 1;
	atomic_fetch_add(&held.begun, 1);
	if (inside > atomic_load(&held.most))
		atomic_store(&held.most, inside);
	while (sem_wait(&held.gate) != 0)
		;
	atomic_fetch_sub(&held.inside, 1);
	http_reply_json(exchange, 200, TEXT("{}"));
	return true;
}

static bool quick_read(struct command *command, struct http_exchange *exchange)
{
	(void)command;
	http_reply_json(exchange, 200, TEXT("{}"));
	return true;
}

struct ask {
	struct arena arena;
	struct http_request request;
	struct http_field header;
	struct http_route route;
	struct http_entry entry;
	atomic_bool answered;
	int status;
};

struct desk {
	struct counter counter;
	char directory[64];
	struct ask asks[READS];
	const char *other_key;
};

static void answered(void *context, struct http_request *request, const struct http_reply *reply)
{
	struct ask *ask = context;
	(void)request;
	ask->status = reply->status;
	atomic_store(&ask->answered, true);
}

/* Admitted as any GET; then its route is one of ours. */
static void ask_begin(struct desk *desk, int number, const char *key, int cost,
                      bool (*read)(struct command *command, struct http_exchange *exchange))
{
	struct ask *ask = &desk->asks[number];
	struct http_reply reply;
	size_t body_bytes_max;
	CHECK(arena_init(&ask->arena, ARENA_LIMIT_DEFAULT_BYTES));
	ask->header = (struct http_field){ TEXT("Authorization"), text_format(&ask->arena, "Bearer %s", key) };
	ask->request = (struct http_request){ .arena = &ask->arena, .method = TEXT("GET"), .headers = &ask->header,
		                              .header_count = 1 };
	ask->request.target = text_format(&ask->arena, "/v1/accounts?limit=%d", number + 1);
	CHECK(http_admit(desk->counter.application, &ask->request, &reply, &body_bytes_max));
	ask->entry = *ask->request.exchange->entry;
	ask->route = *ask->entry.route;
	ask->route.cost = cost;
	ask->route.list = NULL;
	ask->route.read = read;
	ask->entry.route = &ask->route;
	ask->request.exchange->entry = &ask->entry;
	http_handle(desk->counter.application, &ask->request, answered, ask);
}

static void desk_open(struct desk *desk)
{
	char path[96];
	memset(desk, 0, sizeof *desk);
	memset(&held, 0, sizeof held);
	sem_init(&held.gate, 0, 0);
	snprintf(desk->directory, sizeof desk->directory, "/tmp/moonbill-read-XXXXXX");
	CHECK(mkdtemp(desk->directory) != NULL);
	snprintf(path, sizeof path, "%s/store.db", desk->directory);
	counter_open_at(&desk->counter, path, true);
	desk->other_key = text_c(&desk->counter.arena, counter_tenant(&desk->counter, "other")->api_key);
}

static void desk_close(struct desk *desk)
{
	for (int i = 0; i < READS; i++)
		sem_post(&held.gate);
	counter_close(&desk->counter);
	for (int i = 0; i < READS; i++)
		if (desk->asks[i].arena.limit_bytes)
			arena_finish(&desk->asks[i].arena);
	DIR *folder = opendir(desk->directory);
	for (struct dirent *file = readdir(folder); file; file = readdir(folder))
		unlinkat(dirfd(folder), file->d_name, 0);
	closedir(folder);
	rmdir(desk->directory);
	sem_destroy(&held.gate);
}

static bool becomes(struct desk *desk, int number, int64_t patience_us)
{
	int64_t begun_us = clock_monotonic_us();
	while (!atomic_load(&desk->asks[number].answered) && clock_monotonic_us() - begun_us < patience_us)
		clock_sleep_us(US_PER_MS);
	return atomic_load(&desk->asks[number].answered);
}

static void wait_for_begun(int count)
{
	int64_t begun_us = clock_monotonic_us();
	while (atomic_load(&held.begun) < count && clock_monotonic_us() - begun_us < PATIENCE_US)
		clock_sleep_us(US_PER_MS);
	CHECK_EQ_INT(atomic_load(&held.begun), count);
}

/* Five long reads of one tenant, and a short one of its own or of another. */
static void long_ones_and_one(struct desk *desk, bool other)
{
	desk_open(desk);
	CHECK(http_application_start_readers(desk->counter.application));
	for (int i = 0; i < 5; i++)
		ask_begin(desk, i, desk->counter.key, 1, held_read);
	wait_for_begun(OF_A_TENANT);
	ask_begin(desk, 5, other ? desk->other_key : desk->counter.key, 1, quick_read);
}

TEST(long_reads_of_one_tenant_hold_up_no_other)
{
	static struct desk desk;
	long_ones_and_one(&desk, true);
	CHECK(becomes(&desk, 5, PATIENCE_US));
	CHECK_EQ_INT(desk.asks[5].status, 200);
	CHECK_EQ_INT(atomic_load(&held.inside), OF_A_TENANT);
	desk_close(&desk);
	for (int i = 0; i < 5; i++)
		CHECK_EQ_INT(desk.asks[i].status, 200);
	CHECK_EQ_INT(atomic_load(&held.most), OF_A_TENANT);
}

/* Negative control: the same for one more of the tenant itself, which has all the threads it may have. */
TEST(reads_of_the_same_tenant_wait)
{
	static struct desk desk;
	long_ones_and_one(&desk, false);
	CHECK(!becomes(&desk, 5, CALM_US));
	for (int i = 0; i < 5; i++)
		sem_post(&held.gate);
	CHECK(becomes(&desk, 5, PATIENCE_US));
	desk_close(&desk);
}

TEST(a_read_that_is_not_dear_runs_where_it_comes)
{
	static struct desk desk;
	desk_open(&desk);
	CHECK(http_application_start_readers(desk.counter.application));
	sem_post(&held.gate);
	ask_begin(&desk, 0, desk.counter.key, 0, held_read);
	CHECK(atomic_load(&desk.asks[0].answered)); /* before ask_begin came back */
	desk_close(&desk);
}

TEST(the_end_waits_for_reads_that_wait)
{
	static struct desk desk;
	long_ones_and_one(&desk, false);
	desk_close(&desk); /* opens the gate; the application is freed after the last answer */
	for (int i = 0; i < 6; i++)
		CHECK_EQ_INT(desk.asks[i].status, 200);
}

CHECK_MAIN
