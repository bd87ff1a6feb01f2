/* test_power.c: power goes at any write, sync or truncation; what was answered must be there when it comes back. */
#include "fault_walk.h"

#include <stdatomic.h>
#include <sys/mman.h>

enum { CALLS_MOST = 700, REOPEN_EVERY = 5, CYCLES = 10, CYCLES_OF_ALL = 1000 };

struct shared {
	atomic_long acknowledged; /* accounts and orders of which the client knows */
};

struct tally {
	long cycles, acknowledged, lost, damaged;
};

static void send(struct walk *walk, const char *target, const char *body, struct shared *shared)
{
	struct arena arena;
	struct http_reply reply;
	char authorization[160];
	snprintf(authorization, sizeof authorization, "Bearer %s", walk->key);
	struct http_field header = { TEXT("Authorization"), text_of(authorization) };
	CHECK(arena_init(&arena, WALK_REQUEST_ARENA_BYTES));
	struct http_request request = { .arena = &arena, .method = TEXT("POST"), .target = text_of(target),
		                        .body = text_of(body), .headers = &header, .header_count = 1 };
	http_handle_wait(walk->application, &request, &reply);
	CHECK_EQ_INT(reply.status, 201);
	atomic_fetch_add(&shared->acknowledged, 1);
	arena_finish(&arena);
}

/* Each customer orders and pays; the store is closed and opened now and then, which copies the log into the file. */
static void live_until_dark(struct walk *walk, struct shared *shared, const char *level, uint64_t *state)
{
	fault_force_synchronous(level);
	CHECK(walk_open(walk));
	fault_cut_power((long)check_between(state, 1, CALLS_MOST), check_random(state));
	for (int64_t customer = 1;; customer++) {
		const char *id = text_from_int64(&walk->arena, customer).data;
		send(walk, "/v1/accounts", "{\"name\":\"Ann\"}", shared);
		send(walk, "/v1/orders", text_format(&walk->arena,
		     "{\"account_id\":%s,\"plan\":\"WHITE-LBL-A\",\"status\":\"active\",\"start_date\":\"2011-09-20\","
		     "\"create_invoice\":true,\"lines\":[{\"price_code\":\"MNTHLY\",\"quantity\":\"1\"}]}", id).data, shared);
		send(walk, "/v1/payments", text_format(&walk->arena,
		     "{\"account_id\":%s,\"amount\":\"60.50\",\"currency\":\"USD\",\"card\":{\"number\":\"4111111111111111\","
		     "\"cvv\":\"737\",\"expiry\":\"2014-01-31\"}}", id).data, shared);
		if (customer % REOPEN_EVERY == 0) {
			walk_close(walk);
			CHECK(walk_open(walk));
		}
	}
}

static int64_t stored(const char *path)
{
	sqlite3 *handle = NULL;
	int64_t count = -1;
	if (sqlite3_open(path, &handle) == SQLITE_OK)
		count = walk_integer(handle, "SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM \"order\") + "
		                             "(SELECT count(*) FROM payment WHERE status = 'succeeded')");
	sqlite3_close(handle);
	return count;
}

/* Opens as serve would, which recovers the log, and lets the hour pass in which charges under way are asked after. */
static bool goes_on(struct walk *walk)
{
	struct instant later;
	CHECK(instant_parse(TEXT("2011-09-06T16:00:00Z"), &later));
	bool good = walk_open(walk) && engine_advance_clock(walk->engine, walk->tenant_id, later, &walk->problems);
	walk_close(walk);
	return good;
}

static void cycle(struct walk *walk, struct shared *shared, const char *level, uint64_t *state, struct tally *tally)
{
	int status = 0;
	walk_fresh_copy(walk);
	atomic_store(&shared->acknowledged, 0);
	uint64_t seed = check_random(state);
	fflush(stdout);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		live_until_dark(walk, shared, level, &seed);
		_exit(0);
	}
	waitpid(child, &status, 0);
	check_note("synchronous %s, cycle %ld, its seed %llu", level ? level : "FULL", tally->cycles,
	           (unsigned long long)seed);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == FAULT_POWER_STATUS);
	const char *broken = goes_on(walk) ? walk_broken_law(walk->path) : "the store goes on";
	bool lost = !broken && stored(walk->path) < atomic_load(&shared->acknowledged);
	tally->cycles++;
	tally->acknowledged += atomic_load(&shared->acknowledged);
	tally->damaged += broken != NULL;
	tally->lost += lost;
	if (!level && (broken || lost))
		CHECK_FAIL("%s; %lld of %ld are there", broken ? broken : "lost", (long long)stored(walk->path),
		           atomic_load(&shared->acknowledged));
}

/* A level that must fail is tried until it has. */
static struct tally cut_power(const char *level, long cycles)
{
	struct tally tally = { 0 };
	uint64_t state = check_seed();
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED);
	if (getenv("FAULT_ALL")) {
		cycles *= CYCLES_OF_ALL / CYCLES;
		alarm(0);
	}
	log_set_level(LOG_OFF);
	fault_vfs_install();
	struct walk *walk = walk_make();
	while (tally.cycles < cycles && !(level && tally.lost && (tally.damaged || strcmp(level, "OFF") != 0)))
		cycle(walk, shared, level, &state, &tally);
	printf("# synchronous %s: of %ld cycles with %ld answers %ld lost something, %ld damaged the file\n",
	       level ? level : "FULL", tally.cycles, tally.acknowledged, tally.lost, tally.damaged);
	walk_remove(walk);
	return tally;
}

TEST(a_power_cut_takes_nothing_that_was_answered)
{
	struct tally tally = cut_power(NULL, CYCLES);
	CHECK_EQ_INT(tally.lost + tally.damaged, 0);
}

/* The next two show that this test can fail: without a sync at each commit answers are lost ... */
TEST(with_less_syncing_a_power_cut_loses_what_was_answered)
{
	struct tally tally = cut_power("NORMAL", 20);
	CHECK(tally.lost > 0);
	CHECK_EQ_INT(tally.damaged, 0);
}

/* ... and without any the file is damaged. */
TEST(without_syncing_a_power_cut_damages_the_file)
{
	struct tally tally = cut_power("OFF", 100);
	CHECK(tally.damaged > 0);
}

CHECK_MAIN
