/* test_full.c: what the writer keeps in memory stands as it did after a COMMIT that found the disk full; long commands where
 * nothing takes temporary files. */
#include "fault_vfs.h"

#include "store/store_site.h"

#include "base/log.h"

#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>

enum { WAIT_LIMIT_US = 30 * US_PER_S };

static void full_open(struct site *site)
{
	log_set_level(LOG_OFF);
	fault_vfs_install();
	site_open(site, IN_A_FILE);
}

/* ---- one request ---- */

struct request {
	struct store_job job;
	struct arena arena;
	struct problems problems;
	struct idempotency idempotency;
	int64_t id, number;
	enum store_outcome outcome;
	enum problem_code code;
	atomic_bool done;
};

static bool request_perform(struct store_transaction *transaction, struct request *request)
{
	struct account *account = account_made(store_arena(transaction), 0, "Daddy");
	account->id = request->id = store_new_id(transaction, "account");
	return store_next_number(transaction, "invoice_number", &request->number) &&
	       store_insert(transaction, &account_record, account) &&
	       store_idempotency_finish(transaction, &request->idempotency);
}

static bool request_body(struct store_transaction *transaction, void *context)
{
	struct request *request = context;
	if (!store_idempotency_begin(transaction, &request->idempotency))
		return false;
	return request->idempotency.state != IDEMPOTENCY_NEW || request_perform(transaction, request);
}

static void request_done(void *context, enum store_outcome outcome)
{
	struct request *request = context;
	request->outcome = outcome;
	request->code = request->problems.first ? request->problems.first->code : PROBLEM_NONE;
	atomic_store(&request->done, true);
}

static void request_submit(struct request *request, struct site *site, int64_t tenant_id, const char *key)
{
	memset(request, 0, sizeof *request);
	CHECK(arena_init(&request->arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&request->problems, &request->arena);
	request->idempotency = (struct idempotency){ .key = text_of(key), .status = 201, .content_type = TEXT("text/plain"),
		                                     .body = TEXT("made") };
	request->job = (struct store_job){ .tenant_id = tenant_id, .body = request_body, .done = request_done,
		                           .context = request, .arena = &request->arena,
		                           .problems = &request->problems };
	store_submit(site->store, &request->job);
}

static void request_wait(struct request *request)
{
	int64_t until_us = clock_monotonic_us() + WAIT_LIMIT_US;
	while (!atomic_load(&request->done) && clock_monotonic_us() < until_us)
		clock_sleep_us(US_PER_MS);
	CHECK(atomic_load(&request->done));
	arena_finish(&request->arena);
}

/* ---- a batch ---- */

enum { REQUESTS = 4 };

static bool gate_body(struct store_transaction *transaction, void *context)
{
	(void)transaction;
	while (sem_wait(context) != 0)
		;
	return true;
}

static void gate_done(void *context, enum store_outcome outcome)
{
	(void)context, (void)outcome;
}

/* Two of tenant 1, two of tenant 2, of one batch unless the machine is slow. */
static void requests_run(struct site *site, struct request *requests)
{
	static const char *const keys[REQUESTS] = { "a", "b", "a", "b" };
	sem_t gate;
	sem_init(&gate, 0, 0);
	struct store_job first = { .body = gate_body, .done = gate_done, .context = &gate, .dry_run = true,
		                   .arena = &site->arena, .problems = &site->problems };
	store_submit(site->store, &first);
	for (int i = 0; i < REQUESTS; i++)
		request_submit(&requests[i], site, i < REQUESTS / 2 ? 1 : 2, keys[i]);
	sem_post(&gate);
	for (int i = 0; i < REQUESTS; i++)
		request_wait(&requests[i]);
	sem_destroy(&gate);
}

static int64_t accounts_of(struct site *site, int64_t tenant_id)
{
	int64_t count = 0;
	CHECK(site_read(site, tenant_id, count_accounts, &count));
	return count;
}

static void requests_are_refused(struct site *site, enum fault_mode mode)
{
	static struct request requests[REQUESTS];
	fault_arm(FAULT_WRITE, mode, 1, true);
	requests_run(site, requests);
	fault_disarm();
	for (int i = 0; i < REQUESTS; i++) {
		CHECK_EQ_INT(requests[i].outcome, STORE_ROLLED_BACK);
		CHECK_EQ_INT(requests[i].code, PROBLEM_STORE_FULL);
	}
	CHECK(fault_hits() > 0);
	CHECK(store_is_open(site->store));
	CHECK_EQ_INT(accounts_of(site, 1) + accounts_of(site, 2), 0);
}

/* Ids and numbers go on where they were, keys are free: as if the first time had not been. */
static void check_batch_refused(enum fault_mode mode)
{
	static struct request requests[REQUESTS];
	struct site site;
	full_open(&site);
	uint64_t version = store_version(site.store, 1);
	requests_are_refused(&site, mode);
	CHECK(store_version(site.store, 1) != version && store_version(site.store, 1) != STORE_VERSION_NONE);
	requests_run(&site, requests);
	for (int i = 0; i < REQUESTS; i++) {
		CHECK_EQ_INT(requests[i].outcome, STORE_COMMITTED);
		CHECK_EQ_INT(requests[i].idempotency.state, IDEMPOTENCY_NEW);
		CHECK_EQ_INT(requests[i].id, i % 2 + 1);
		CHECK_EQ_INT(requests[i].number, i % 2 + 1);
	}
	CHECK_EQ_INT(accounts_of(&site, 1), 2);
	site_close(&site);
}

TEST(a_batch_that_found_the_disk_full_leaves_no_trace)
{
	check_batch_refused(FAULT_FULL);
}

TEST(a_batch_that_found_the_quota_spent_leaves_no_trace)
{
	check_batch_refused(FAULT_QUOTA);
}

/* ---- a batch whose temporary pages find the disk full ---- */

enum { WIDE_FIRST = 1001, WIDE_ROWS = 400 }; /* a page each: more than a savepoint keeps in memory */

static bool wide_write(struct store_transaction *transaction, void *context)
{
	static char notes[4000];
	const bool *again = context;
	memset(notes, 'x', sizeof notes);
	bool good = true;
	for (int64_t id = WIDE_FIRST; id < WIDE_FIRST + WIDE_ROWS && good; id++) {
		struct account *account = account_made(store_arena(transaction), id, *again ? "after" : "before");
		account->notes = (struct text){ notes, sizeof notes };
		good = *again ? store_update(transaction, &account_record, account)
		              : store_insert(transaction, &account_record, account);
	}
	return good;
}

/* SQLite rolls back all, the request before it in the batch included: who made it is told the same reason. */
TEST(a_request_is_told_why_another_of_its_batch_undid_it)
{
	static struct request request;
	struct site site;
	sem_t gate;
	full_open(&site);
	site_must_run(&site, 2, wide_write, &(bool){ false });
	sem_init(&gate, 0, 0);
	struct store_job first = { .tenant_id = 2, .body = gate_body, .done = gate_done, .context = &gate, .dry_run = true,
		                   .arena = &site.arena, .problems = &site.problems };
	fault_arm(FAULT_WRITE, FAULT_FULL, 1, true);
	store_submit(site.store, &first);
	request_submit(&request, &site, 2, "a");
	struct store_job wide = { .tenant_id = 2, .body = wide_write, .done = gate_done, .context = &(bool){ true },
		                  .arena = &site.arena, .problems = &site.problems };
	store_submit(site.store, &wide);
	sem_post(&gate);
	request_wait(&request);
	CHECK_EQ_INT(request.outcome, STORE_ROLLED_BACK);
	CHECK_EQ_INT(request.code, PROBLEM_STORE_FULL);
	fault_disarm();
	CHECK_EQ_INT(accounts_of(&site, 2), WIDE_ROWS);
	site_close(&site);
	sem_destroy(&gate);
}

/* ---- no folder for temporary files ---- */

static bool wide_undone(struct store_transaction *transaction, void *context)
{
	return store_savepoint(transaction) && wide_write(transaction, context) && store_rollback_to(transaction);
}

static enum store_outcome wide_outcome(bool hidden_from_the_start)
{
	struct site site;
	log_set_level(LOG_OFF);
	fault_vfs_install();
	fault_hide_temporary(hidden_from_the_start);
	site_open(&site, IN_A_FILE);
	site_must_run(&site, 2, wide_write, &(bool){ false });
	fault_hide_temporary(true);
	enum store_outcome outcome = site_run(&site, 2, wide_undone, &(bool){ true });
	fault_hide_temporary(false);
	CHECK(store_is_open(site.store));
	site_close(&site);
	return outcome;
}

TEST(a_long_command_needs_no_folder_for_temporary_files)
{
	CHECK_EQ_INT(wide_outcome(true), STORE_COMMITTED);
}

/* Negative control: where there was one at the start it is used, and missed. */
TEST(a_long_command_misses_a_folder_that_is_gone)
{
	CHECK_EQ_INT(wide_outcome(false), STORE_ROLLED_BACK);
}

/* ---- keys that are to be forgotten ---- */

static void keys_made_old(const struct site *site)
{
	sqlite3 *handle = NULL;
	CHECK_EQ_INT(sqlite3_open(site->path, &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_exec(handle, "UPDATE idempotency SET created_at = 1", NULL, NULL, NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
}

static enum idempotency_state key_state(struct site *site, const char *key)
{
	struct request request;
	request_submit(&request, site, 1, key);
	request_wait(&request);
	return request.idempotency.state;
}

/* At its start the store forgets old keys, which `full` prevents. */
static enum idempotency_state state_of_an_old_key(bool full)
{
	struct site site;
	full_open(&site);
	CHECK_EQ_INT(key_state(&site, "old"), IDEMPOTENCY_NEW);
	site_stop(&site);
	keys_made_old(&site);
	fault_arm(FAULT_WRITE, FAULT_FULL, full ? 1 : 1000, true);
	site_start(&site, NULL);
	for (int64_t until_us = clock_monotonic_us() + WAIT_LIMIT_US; full && fault_hits() == 0;) {
		CHECK(clock_monotonic_us() < until_us);
		clock_sleep_us(US_PER_MS);
	}
	fault_disarm();
	/* The writer forgets after its first batch at the latest. */
	CHECK_EQ_INT(key_state(&site, "another"), IDEMPOTENCY_NEW);
	enum idempotency_state state = key_state(&site, "old");
	site_close(&site);
	return state;
}

/* Else it could be used a second time, and the second use would be forgotten with the first. */
TEST(a_key_whose_row_could_not_be_forgotten_is_still_known)
{
	CHECK_EQ_INT(state_of_an_old_key(true), IDEMPOTENCY_FINISHED);
}

/* Negative control. */
TEST(a_key_that_is_forgotten_is_new)
{
	CHECK_EQ_INT(state_of_an_old_key(false), IDEMPOTENCY_NEW);
}

CHECK_MAIN
