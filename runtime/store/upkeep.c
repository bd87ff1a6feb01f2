/* upkeep.c: what the writer does between batches: checkpoints, forgetting old idempotency keys, and what sweep.c removes.
 *
 * A checkpoint is passive: it copies what no reader still needs from the log and waits for nobody. It runs in an idle
 * moment after a commit, or when the log has grown. Copying fsyncs; when that fails, nobody knows what is on disk.
 * A disk that is full or memory that has run out for the moment is not such a failure.
 */
#include "store/sqlite.h"
#include "store/writer_files.h"

#include "base/log.h"
#include "base/metric.h"

enum {
	PAGE_BYTES = 4096,
	CHECKPOINT_PAGES = 64 * 1024 * 1024 / PAGE_BYTES,
	RELIEF_PAGES = 1024 * 1024 / PAGE_BYTES, /* below, no log is long */
	WARNING_PAGES = 256 * 1024 * 1024 / PAGE_BYTES, /* some reader holds its snapshot for long */
	IDLE_US = 200 * US_PER_MS,
	RELIEF_US = 20 * US_PER_MS,
	EXPIRY_US = 60 * US_PER_S,
	EXPIRY_MORE_US = 50 * US_PER_MS,
	COUNTERS_EVERY_US = 1 * US_PER_S,
	WARNING_EVERY_US = 60 * US_PER_S,
};

static int pages_in_log(void *context, sqlite3 *handle, const char *schema, int pages)
{
	(void)handle;
	(void)schema;
	((struct upkeep *)context)->wal_pages = pages;
	return SQLITE_OK;
}

void upkeep_start(struct store *store)
{
	store->upkeep = (struct upkeep){ .next_expiry_us = clock_monotonic_us() };
	if (store->path)
		sqlite3_wal_hook(store->writer.handle, pages_in_log, &store->upkeep);
}

void upkeep_note_commit(struct store *store)
{
	store->upkeep.last_commit_us = clock_monotonic_us();
	store->upkeep.checkpoint_wanted = true;
	store->upkeep.disk_full = false;
}

void upkeep_note_full(struct store *store)
{
	store->upkeep.disk_full = true;
}

/* A log that was copied is written from its start again, but copying may need room too: when the log takes more than a
 * quarter of what is left it is time. Under load no idle moment would come for it. */
static bool relief_is_due(const struct store *store, int64_t now_us)
{
	const struct upkeep *upkeep = &store->upkeep;
	if (now_us < upkeep->last_relief_us + RELIEF_US)
		return false;
	if (upkeep->disk_full || upkeep->wal_pages < RELIEF_PAGES)
		return upkeep->disk_full;
	int64_t left = disk_free_bytes(store->path);
	return left >= 0 && (int64_t)upkeep->wal_pages * PAGE_BYTES > left / 4;
}

/* Whether a checkpoint may end so: it is tried again after the next commit, and until then the log is the truth. */
static bool checkpoint_may_wait(int result)
{
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_BUSY:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
		return true;
	default:
		return result == SQLITE_IOERR_NOMEM;
	}
}

static void checkpoint(struct store *store)
{
	int pages = 0, copied = 0;
	int result = sqlite3_wal_checkpoint_v2(store->writer.handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
	result = write_result_of(store->writer.handle, result);
	store->upkeep.checkpoint_wanted = false;
	metric_add(METRIC_STORE_CHECKPOINTS_TOTAL, result == SQLITE_OK);
	if (checkpoint_may_wait(result))
		store->upkeep.wal_pages = pages > copied ? pages : 0;
	else
		writer_give_up(store, "a checkpoint");
}

/* Waits for no reader: without a log that is free of them it is tried again. */
static void cut(struct store *store, int64_t now_us)
{
	sqlite3 *handle = store->writer.handle;
	sqlite3_busy_timeout(handle, 0);
	int result = write_result_of(handle, sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL));
	sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
	store->upkeep.next_cut_us = now_us + IDLE_US;
	if (result == SQLITE_OK) {
		store->upkeep.cut_wanted = false;
		store->upkeep.wal_pages = 0;
	} else if (!checkpoint_may_wait(result)) {
		writer_give_up(store, "a checkpoint");
	}
}

static int64_t status_take(sqlite3 *handle, int what, bool reset)
{
	int current = 0, highest = 0;
	return sqlite3_db_status(handle, what, &current, &highest, reset) == SQLITE_OK ? current : 0;
}

/* What only the connection knows, and only its thread may ask. */
static void count_pages(struct store *store, int64_t now_us)
{
	sqlite3 *handle = store->writer.handle;
	if (now_us < store->upkeep.next_count_us)
		return;
	store->upkeep.next_count_us = now_us + COUNTERS_EVERY_US;
	metric_set(METRIC_STORE_PAGE_CACHE_BYTES, status_take(handle, SQLITE_DBSTATUS_CACHE_USED, false));
	metric_add_at(METRIC_STORE_PAGE_CACHE_LOOKUPS_TOTAL, METRIC_CACHE_HIT, 0,
	              status_take(handle, SQLITE_DBSTATUS_CACHE_HIT, true));
	metric_add_at(METRIC_STORE_PAGE_CACHE_LOOKUPS_TOTAL, METRIC_CACHE_MISS, 0,
	              status_take(handle, SQLITE_DBSTATUS_CACHE_MISS, true));
}

static void warn_of_long_log(struct store *store, int64_t now_us)
{
	if (store->upkeep.wal_pages < WARNING_PAGES || now_us < store->upkeep.next_warning_us)
		return;
	store->upkeep.next_warning_us = now_us + WARNING_EVERY_US;
	log_write(LOG_WARNING, "store.log_long",
	          "the write-ahead log has %d pages; a read has kept its snapshot for long", store->upkeep.wal_pages);
}

/* An error other than of ending the transaction is met again at the next step. */
static bool expire_in_transaction(struct store *store, struct key_expiry *expiry, struct problems *problems)
{
	bool commits = idempotency_expire(store, expiry, problems) && expiry->count > 0;
	int result = connection_control(&store->writer, commits ? CONTROL_COMMIT : CONTROL_ROLLBACK);
	if (commits && result == SQLITE_OK) {
		idempotency_forget(store, expiry);
		upkeep_note_commit(store);
		return true;
	}
	if (commits && commit_is_undone(store, result))
		upkeep_note_full(store);
	else if (commits || !sqlite3_get_autocommit(store->writer.handle))
		writer_give_up(store, commits ? "COMMIT" : "ROLLBACK");
	return false;
}

static void expire(struct store *store, int64_t now_us)
{
	struct arena arena;
	struct problems problems;
	struct key_expiry expiry;
	store->upkeep.next_expiry_us = now_us + EXPIRY_US;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return;
	problems_init(&problems, &arena);
	if (connection_control(&store->writer, CONTROL_BEGIN_WRITE) == SQLITE_OK &&
	    expire_in_transaction(store, &expiry, &problems) && expiry.count == KEYS_EXPIRED_MOST)
		store->upkeep.next_expiry_us = now_us + EXPIRY_MORE_US;
	arena_finish(&arena);
}

static int64_t sooner(int64_t a_us, int64_t b_us)
{
	return a_us < b_us ? a_us : b_us;
}

int64_t upkeep_due_us(const struct store *store)
{
	const struct upkeep *upkeep = &store->upkeep;
	int64_t due_us = upkeep->next_expiry_us;
	if (store->path && upkeep->checkpoint_wanted)
		due_us = sooner(due_us, upkeep->last_commit_us + IDLE_US);
	if (store->path && upkeep->cut_wanted)
		due_us = sooner(due_us, upkeep->next_cut_us);
	if (store->sweep.wanted)
		due_us = sooner(due_us, store->sweep.next_us);
	return due_us;
}

void upkeep_run(struct store *store)
{
	struct upkeep *upkeep = &store->upkeep;
	int64_t now_us = clock_monotonic_us();
	if (now_us >= upkeep->next_expiry_us)
		expire(store, now_us);
	sweep_run(store);
	bool idle = upkeep->checkpoint_wanted && now_us >= upkeep->last_commit_us + IDLE_US;
	bool relief = store->path && relief_is_due(store, now_us);
	if (relief)
		upkeep->last_relief_us = now_us;
	if (store->path && atomic_load(&store->open) && (idle || relief || upkeep->wal_pages >= CHECKPOINT_PAGES))
		checkpoint(store);
	if (store->path && atomic_load(&store->open) && upkeep->cut_wanted && now_us >= upkeep->next_cut_us)
		cut(store, now_us);
	warn_of_long_log(store, now_us);
	count_pages(store, now_us);
}
