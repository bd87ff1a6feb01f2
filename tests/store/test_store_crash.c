/* test_store_crash.c: what is left of a store when processes are killed, disks and memory fail, or files are not ours. */
#include "store_site.h"

#include "base/log.h"
#include "store/piece_cache.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void pause_us(uint64_t us)
{
	const struct timespec span = { (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };
	nanosleep(&span, NULL);
}

static void file_run(const char *path, const char *sql)
{
	sqlite3 *handle = NULL;
	CHECK_EQ_INT(sqlite3_open(path, &handle), SQLITE_OK);
	if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		CHECK_FAIL("%s: %s", sql, sqlite3_errmsg(handle));
	sqlite3_close(handle);
}

static int64_t file_integer(const char *path, const char *sql)
{
	sqlite3 *handle = NULL;
	sqlite3_stmt *statement = NULL;
	CHECK_EQ_INT(sqlite3_open(path, &handle), SQLITE_OK);
	if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
		CHECK_FAIL("%s: %s", sql, sqlite3_errmsg(handle));
	int64_t value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	return value;
}

static void must_not_open(struct site *site, const struct store_options *options, enum problem_code code)
{
	struct store *store = store_open(site->url, options, &site->problems);
	CHECK(store == NULL);
	CHECK_EQ_C(problem_info(site_last_problem(site))->name, problem_info(code)->name);
}

struct count_and_next {
	int64_t count, next;
};

static bool count_and_peek(struct store_transaction *transaction, void *context)
{
	struct count_and_next *found = context;
	found->next = store_peek_id(transaction, "account");
	return count_accounts(transaction, &found->count);
}

/* Rows and ids of the tenant agree; returns how many rows there are. */
static int64_t dense_count(struct site *site, int64_t tenant_id)
{
	struct count_and_next found;
	CHECK(site_read(site, tenant_id, count_and_peek, &found));
	CHECK_EQ_INT(found.next, found.count + 1);
	return found.count;
}

/* ---- killed while writing ---- */

enum { KILLED_THREADS = 4 };

struct shared {
	atomic_llong acknowledged[KILLED_THREADS];
};

struct victim {
	struct site *site;
	struct shared *shared;
	int index;
};

static void *victim_main(void *context)
{
	struct victim *victim = context;
	struct arena arena;
	struct problems problems;
	int64_t id = 0;
	arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	for (;;) {
		arena_reset(&arena);
		problems_init(&problems, &arena);
		struct store_job job = { .tenant_id = victim->index + 1, .body = add_account, .context = &id,
		                         .arena = &arena, .problems = &problems };
		if (store_run(victim->site->store, &job) == STORE_COMMITTED)
			atomic_store(&victim->shared->acknowledged[victim->index], id);
	}
	return NULL;
}

static void write_until_killed(struct site *site, struct shared *shared)
{
	pthread_t threads[KILLED_THREADS];
	struct victim victims[KILLED_THREADS];
	site_start(site, NULL);
	for (int i = 0; i < KILLED_THREADS; i++) {
		victims[i] = (struct victim){ site, shared, i };
		pthread_create(&threads[i], NULL, victim_main, &victims[i]);
	}
	pthread_join(threads[0], NULL);
}

static int64_t acknowledged_by_all(struct shared *shared)
{
	int64_t sum = 0;
	for (int i = 0; shared && i < KILLED_THREADS; i++)
		sum += atomic_load(&shared->acknowledged[i]);
	return sum;
}

/* Runs `work` in a process of its own and kills it after a while, on a slow machine not before it has written more
 * when `written` says so. */
static void kill_during(void (*work)(struct site *site, struct shared *shared), struct site *site, struct shared *shared,
                        uint64_t after_us, bool written)
{
	int64_t before = acknowledged_by_all(shared);
	fflush(stdout);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		work(site, shared);
		_exit(0);
	}
	for (int i = 0; written && i < 10000 && acknowledged_by_all(shared) == before; i++)
		pause_us(1000);
	pause_us(after_us);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

TEST(what_was_acknowledged_is_there_after_kill_9)
{
	struct site site;
	uint64_t state = check_seed();
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t total = 0;
	site_make(&site, IN_A_FILE);
	for (int cycle = 0; cycle < 40; cycle++) {
		check_note("cycle %d", cycle);
		kill_during(write_until_killed, &site, shared, (uint64_t)check_between(&state, 5000, 50000), cycle % 4 == 0);
		site_start(&site, NULL);
		total = 0;
		for (int i = 0; i < KILLED_THREADS; i++) {
			int64_t count = dense_count(&site, i + 1);
			CHECK(count >= atomic_load(&shared->acknowledged[i]));
			total += count;
		}
		site_stop(&site);
	}
	CHECK(total > 0);
	CHECK_EQ_INT(file_integer(site.path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
	site_close(&site);
}

/* ---- killed while migrating ---- */

static void open_only(struct site *site, struct shared *shared)
{
	(void)shared;
	site_start(site, NULL);
	_exit(0);
}

TEST(a_migration_may_be_killed_at_any_moment)
{
	uint64_t state = check_seed();
	for (int cycle = 0; cycle < 25; cycle++) {
		struct site site;
		int64_t id = 0;
		check_note("cycle %d", cycle);
		site_make(&site, IN_A_FILE);
		for (int i = 0; i < 3; i++)
			kill_during(open_only, &site, NULL, (uint64_t)check_between(&state, 200, 8000), false);
		site_start(&site, NULL);
		site_must_run(&site, 1, add_account, &id);
		site_close(&site);
	}
}

TEST(a_newer_schema_is_refused)
{
	struct site site;
	site_open(&site, IN_A_FILE);
	site_stop(&site);
	file_run(site.path, "INSERT INTO migration (number, checksum, applied_at) VALUES (999, 'x', 1)");
	must_not_open(&site, NULL, PROBLEM_UNSUPPORTED_VERSION);
	must_not_open(&site, &(struct store_options){ .read_only = true }, PROBLEM_UNSUPPORTED_VERSION);
	file_run(site.path, "DELETE FROM migration WHERE number = 999");
	site_start(&site, NULL);
	site_close(&site);
}

TEST(a_changed_migration_is_refused)
{
	struct site site;
	site_open(&site, IN_A_FILE);
	site_stop(&site);
	file_run(site.path, "UPDATE migration SET checksum = upper(checksum) WHERE number = 1");
	must_not_open(&site, NULL, PROBLEM_UNSUPPORTED_VERSION);
	site_close(&site);
}

TEST(statistics_that_changed_are_written_again)
{
	struct site site;
	site_open(&site, IN_A_FILE);
	site_stop(&site);
	int64_t rows = file_integer(site.path, "SELECT count(*) FROM sqlite_stat1");
	file_run(site.path, "DELETE FROM sqlite_stat1; UPDATE migration SET checksum = 'older' WHERE number = 0");
	site_start(&site, NULL);
	site_stop(&site);
	CHECK(rows > 20);
	CHECK_EQ_INT(file_integer(site.path, "SELECT count(*) FROM sqlite_stat1"), rows);
	site_close(&site);
}

TEST(a_database_of_another_program_is_left_alone)
{
	struct site site;
	site_make(&site, IN_A_FILE);
	file_run(site.path, "CREATE TABLE theirs (id INTEGER)");
	must_not_open(&site, NULL, PROBLEM_MIGRATION_FAILED);
	CHECK_EQ_INT(file_integer(site.path, "SELECT count(*) FROM sqlite_schema"), 1);
	site_close(&site);
}

TEST(a_file_that_is_no_database_is_refused)
{
	struct site site;
	site_make(&site, IN_A_FILE);
	FILE *file = fopen(site.path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	must_not_open(&site, NULL, PROBLEM_INVALID_VALUE);
	site_close(&site);
}

TEST(a_path_that_cannot_be_had_is_told)
{
	struct site site;
	site_make(&site, IN_MEMORY);
	site.url = TEXT("/nowhere/at/all/store.db");
	must_not_open(&site, NULL, PROBLEM_IO_FAILED);
	site.url = TEXT("sqlite:");
	must_not_open(&site, NULL, PROBLEM_INVALID_VALUE);
	site.url = TEXT("postgresql://localhost/moonbill");
	must_not_open(&site, NULL, PROBLEM_NOT_IMPLEMENTED);
	site_close(&site);
}

/* ---- damage ---- */

static void add_one_and_die(struct site *site, struct shared *shared)
{
	int64_t id = 0;
	(void)shared;
	site_start(site, NULL);
	site_must_run(site, 2, add_account, &id);
	_exit(0);
}

TEST(after_an_unclean_end_a_damaged_file_is_refused)
{
	struct site site;
	int64_t id = 0;
	site_open(&site, IN_A_FILE);
	for (int i = 0; i < 2000; i++)
		site_must_run(&site, 1, add_account, &id);
	site_stop(&site);
	int64_t pages = file_integer(site.path, "PRAGMA page_count");
	kill_during(add_one_and_die, &site, NULL, 2000000, false);
	int file = open(site.path, O_RDWR);
	for (int64_t page = pages / 2; page < pages / 2 + 20; page++)
		CHECK_EQ_INT(pwrite(file, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, page * 4096), 8);
	close(file);
	must_not_open(&site, NULL, PROBLEM_STORE_FAILED);
	site_close(&site);
}

/* ---- the lock ---- */

static void hold_lock(struct site *site, struct shared *shared)
{
	site_start(site, &(struct store_options){ .lock = true });
	atomic_store(&shared->acknowledged[0], 1);
	pause_us(60000000);
}

TEST(one_process_owns_a_store)
{
	struct site site;
	const struct store_options locking = { .lock = true };
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	site_make(&site, IN_A_FILE);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		hold_lock(&site, shared);
		_exit(0);
	}
	while (!atomic_load(&shared->acknowledged[0]))
		pause_us(1000);
	must_not_open(&site, &locking, PROBLEM_LOCKED);
	CHECK(strstr(problem_last(&site.problems)->message, text_c(&site.arena, text_from_int64(&site.arena, child))) != NULL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	site_start(&site, &locking);
	site_stop(&site);
	site_start(&site, &locking);
	site_close(&site);
}

TEST(nobody_else_may_read_the_files)
{
	struct site site;
	int64_t id = 0;
	umask(0);
	site_make(&site, IN_A_FILE);
	site_start(&site, &(struct store_options){ .lock = true });
	site_must_run(&site, 1, add_account, &id);
	const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct stat found;
		check_note("store.db%s", ends[i]);
		CHECK_EQ_INT(stat(text_c(&site.arena, text_format(&site.arena, "%s%s", site.path, ends[i])), &found), 0);
		CHECK_EQ_INT(found.st_mode & 0777, 0600);
	}
	site_close(&site);
}

/* ---- a disk that refuses ---- */

static void limit_files(rlim_t most)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = most == RLIM_INFINITY ? limit.rlim_max : most;
	CHECK_EQ_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

TEST(when_commit_fails_the_outcome_is_unknown_and_the_store_closes)
{
	struct site site;
	int64_t id = 0, count = 0;
	signal(SIGXFSZ, SIG_IGN);
	site_open(&site, IN_A_FILE);
	site_must_run(&site, 1, add_account, &id);
	log_set_level(LOG_OFF);
	limit_files(0);
	enum store_outcome outcome = site_run(&site, 1, add_account, &id);
	bool open = store_is_open(site.store);
	limit_files(RLIM_INFINITY);
	CHECK_EQ_INT(outcome, STORE_UNKNOWN);
	CHECK_EQ_INT(site_last_problem(&site), PROBLEM_COMMIT_UNKNOWN);
	CHECK(!open);
	CHECK_EQ_INT(site_run(&site, 1, add_account, &id), STORE_REFUSED);
	CHECK(!site_read(&site, 1, count_accounts, &count));
	site_stop(&site);
	site_start(&site, NULL);
	count = dense_count(&site, 1);
	CHECK(count == 1 || count == 2);
	site_close(&site);
}

/* ---- memory that ends ---- */

static sqlite3_mem_methods plain_memory;
static atomic_long allocations_left; /* the one that makes it 0 fails */
static atomic_bool allocation_failed;

static bool allocation_must_fail(void)
{
	if (atomic_load(&allocations_left) <= 0 || atomic_fetch_sub(&allocations_left, 1) != 1)
		return false;
	atomic_store(&allocation_failed, true);
	return true;
}

static void *counted_alloc(int size)
{
	return allocation_must_fail() ? NULL : plain_memory.xMalloc(size);
}

static void *counted_realloc(void *old, int size)
{
	return allocation_must_fail() ? NULL : plain_memory.xRealloc(old, size);
}

static void count_sqlite_memory(void)
{
	piece_cache_install(); /* below the counter: a piece that is kept can be refused as well */
	CHECK_EQ_INT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory), SQLITE_OK);
	sqlite3_mem_methods counted = plain_memory;
	counted.xMalloc = counted_alloc;
	counted.xRealloc = counted_realloc;
	CHECK_EQ_INT(sqlite3_config(SQLITE_CONFIG_MALLOC, &counted), SQLITE_OK);
}

static bool add_account_with_everything(struct store_transaction *transaction, void *context)
{
	struct idempotency idempotency = { .key = text_format(store_arena(transaction), "key %lld", (long long)*(int64_t *)context) };
	int64_t id = 0, number = 0;
	return store_idempotency_begin(transaction, &idempotency) && store_savepoint(transaction) &&
	       add_account(transaction, &id) && store_release(transaction) &&
	       store_next_number(transaction, "invoice_number", &number) &&
	       store_idempotency_finish(transaction, &idempotency);
}

/* One job with the nth allocation failing, then one without, then a restart. False when nothing failed any more. */
static bool sweep_step(struct site *site, long nth, bool of_sqlite, int64_t *committed)
{
	int64_t key = nth * 2 + of_sqlite * 1000000;
	site_start(site, NULL);
	atomic_store(&allocation_failed, false);
	long before = memory_allocations();
	if (of_sqlite)
		atomic_store(&allocations_left, nth);
	else
		memory_fail_after(nth, false);
	enum store_outcome outcome = site_run(site, 1, add_account_with_everything, &key);
	bool failed = of_sqlite ? atomic_load(&allocation_failed) : memory_allocations() - before >= nth;
	atomic_store(&allocations_left, 0);
	memory_fail_after(0, false);
	*committed += outcome == STORE_COMMITTED;
	CHECK(failed || outcome == STORE_COMMITTED);
	if (store_is_open(site->store)) {
		key++;
		site_must_run(site, 1, add_account_with_everything, &key);
		++*committed;
	}
	site_stop(site);
	site_start(site, NULL);
	CHECK(dense_count(site, 1) >= *committed);
	site_stop(site);
	arena_reset(&site->arena);
	problems_init(&site->problems, &site->arena);
	return failed;
}

TEST(a_failed_allocation_undoes_a_job_and_nothing_else)
{
	struct site site;
	int64_t committed = 0;
	count_sqlite_memory();
	log_set_level(LOG_OFF);
	site_make(&site, IN_A_FILE);
	for (int of_sqlite = 0; of_sqlite <= 1; of_sqlite++) {
		long nth = 1;
		for (; nth < 2000; nth += nth < 60 ? 1 : 7) {
			check_note("allocation %ld of %s", nth, of_sqlite ? "SQLite" : "ours");
			if (!sweep_step(&site, nth, of_sqlite, &committed))
				break;
		}
		CHECK(nth < 2000);
	}
	site_close(&site);
}

TEST(a_store_opens_whole_or_not_at_all_when_memory_ends)
{
	struct site site;
	int64_t id = 0;
	count_sqlite_memory();
	site_open(&site, IN_A_FILE);
	site_must_run(&site, 1, add_account, &id);
	site_stop(&site);
	long opened = 0, refused = 0;
	for (long nth = 1; nth < 100000; nth += nth < 40 ? 1 : nth / 30) {
		check_note("allocation %ld", nth);
		atomic_store(&allocation_failed, false);
		atomic_store(&allocations_left, nth);
		site.store = store_open(site.url, NULL, &site.problems);
		atomic_store(&allocations_left, 0);
		opened += site.store != NULL;
		refused += site.store == NULL;
		if (site.store)
			CHECK_EQ_INT(dense_count(&site, 1), 1);
		site_stop(&site);
		if (!atomic_load(&allocation_failed))
			break;
	}
	CHECK(opened > 0 && refused > 0);
	site_close(&site);
}

/* ---- keys grow old ---- */

TEST(keys_older_than_the_window_are_forgotten)
{
	struct site site;
	site_open(&site, IN_A_FILE);
	for (int64_t key = 1; key <= 600; key++)
		site_must_run(&site, 1, add_account_with_everything, &key);
	site_stop(&site);
	file_run(site.path, "UPDATE idempotency SET created_at = created_at - 40 * 86400 * 1000000 WHERE id <= 500");
	site_start(&site, NULL);
	for (int i = 0; i < 500; i++) {
		pause_us(10000);
		if (file_integer(site.path, "SELECT count(*) FROM idempotency_answer") == 100)
			break;
	}
	int64_t key = 1;
	site_must_run(&site, 1, add_account_with_everything, &key); /* as new */
	site_stop(&site);
	CHECK_EQ_INT(file_integer(site.path, "SELECT count(*) FROM idempotency"), 101);
	CHECK_EQ_INT(file_integer(site.path, "SELECT min(id) FROM idempotency"), 501);
	CHECK_EQ_INT(file_integer(site.path, "SELECT count(*) FROM idempotency_answer"), 101);
	site_close(&site);
}

CHECK_MAIN
