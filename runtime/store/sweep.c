/* sweep.c: removes the rows of tenants that go, a piece between two batches of the writer: of those that were dropped, and of
 * those whose copy into the store was not finished, be it by a process that is gone.
 */
#include "store/sqlite.h"
#include "store/tenant_copy.h"

#include "base/log.h"

enum {
	SWEEP_US = 20 * US_PER_MS,       /* of a piece while no job waits */
	SWEEP_SHARED_US = 2 * US_PER_MS, /* while one does */
	SWEEP_PAUSE_US = 1 * US_PER_MS,
	SWEEP_AGAIN_US = 1 * US_PER_S,   /* after a failure */
	SWEEP_ROWS = 100,                /* a statement */
	SWEEP_IDS = 2000,                /* of a table in the order of its id */
	WAIT_US = 5 * US_PER_MS,
};

/* ---- what goes ---- */

static struct store_transaction own_transaction(struct store *store, struct problems *problems)
{
	return (struct store_transaction){ .store = store, .connection = &store->writer, .global = true,
	                                   .arena = problems->arena, .problems = problems };
}

static bool first_of(struct store_transaction *transaction, enum statement statement, int64_t *tenant_id)
{
	bool found;
	*tenant_id = 0;
	return store_integer(transaction, statement, NO_BINDS, tenant_id, &found);
}

/* At open no copy is under way. */
bool sweep_start(struct store *store, struct problems *problems)
{
	struct store_transaction transaction = own_transaction(store, problems);
	int64_t any;
	if (store->path)
		export_files_remove(store, problems->arena);
	if (!first_of(&transaction, STATEMENT_PARTIAL_TENANT_ANY, &any))
		return false;
	store->sweep.wanted = any != 0;
	return !any || store_execute(&transaction, STATEMENT_PARTIAL_TENANTS_GO, NO_BINDS, NULL);
}

void store_sweep(struct store_transaction *transaction)
{
	transaction->store->sweep.wanted = true;
}

/* ---- a piece ---- */

static bool statement_run(struct store *store, const char *sql, int64_t a, int64_t b, int64_t c, int64_t *value,
                          struct problems *problems)
{
	sqlite3 *handle = store->writer.handle;
	sqlite3_stmt *statement = NULL;
	const int64_t values[] = { a, b, c };
	int result = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
	for (int i = 1; result == SQLITE_OK && i <= sqlite3_bind_parameter_count(statement); i++)
		result = sqlite3_bind_int64(statement, i, values[i - 1]);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	*value = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : sqlite3_changes64(handle);
	if (result == SQLITE_ROW)
		result = SQLITE_DONE;
	sqlite3_finalize(statement);
	return result == SQLITE_DONE || problem_sqlite(problems, handle, result, "removing rows of a tenant");
}

static void table_next(struct sweep *sweep)
{
	sweep->table++;
	sweep->after_id = 0;
}

/* Of the present table; goes on to the next one when it has none left. */
static bool rows_remove(struct store *store, struct problems *problems)
{
	struct sweep *sweep = &store->sweep;
	const struct copied_table *table = &copied_tables[sweep->table];
	int64_t removed = 0, last = 0;
	if (table->last_sql && !statement_run(store, table->last_sql, 0, 0, 0, &last, problems))
		return false;
	int64_t second = table->last_sql ? sweep->after_id : SWEEP_ROWS;
	if (table->remove_sql &&
	    !statement_run(store, table->remove_sql, sweep->tenant_id, second, sweep->after_id + SWEEP_IDS, &removed, problems))
		return false;
	sweep->removed += removed;
	sweep->after_id += SWEEP_IDS;
	if (!table->remove_sql || (table->last_sql ? sweep->after_id >= last : removed < SWEEP_ROWS))
		table_next(sweep);
	return true;
}

static bool tenant_begin(struct store_transaction *transaction)
{
	struct sweep *sweep = &transaction->store->sweep;
	int64_t tenant_id;
	if (!first_of(transaction, STATEMENT_PARTIAL_TENANT_NEXT, &tenant_id))
		return false;
	*sweep = (struct sweep){ .wanted = tenant_id != 0, .tenant_id = tenant_id };
	return true;
}

/* A walk that removed nothing has seen that nothing is left. */
static bool tenant_end(struct store_transaction *transaction)
{
	struct sweep *sweep = &transaction->store->sweep;
	bool left = sweep->removed > 0;
	int64_t tenant_id = sweep->tenant_id;
	*sweep = (struct sweep){ .wanted = true, .tenant_id = left ? tenant_id : 0 };
	return left || store_execute(transaction, STATEMENT_PARTIAL_TENANT_END, BINDS(bind_id(tenant_id)), NULL);
}

static bool step(struct store_transaction *transaction)
{
	struct sweep *sweep = &transaction->store->sweep;
	if (!sweep->tenant_id)
		return tenant_begin(transaction);
	return copied_tables[sweep->table].name ? rows_remove(transaction->store, transaction->problems) : tenant_end(transaction);
}

static bool piece(struct store_transaction *transaction)
{
	struct store *store = transaction->store;
	int64_t begun_us = clock_monotonic_us(), took_us = 0;
	bool good = true;
	while (good && store->sweep.wanted && took_us < SWEEP_US &&
	       !(took_us >= SWEEP_SHARED_US && store_queue_length(store) > 0)) {
		good = step(transaction);
		took_us = clock_monotonic_us() - begun_us;
	}
	return good;
}

/* ---- in a transaction of its own ---- */

static void failed(struct store *store, const struct sweep *before, const struct problems *problems)
{
	log_write(LOG_ERROR, "store.sweep", "rows of tenant %lld could not be removed: %s", (long long)before->tenant_id,
	          problems->first ? problems->first->message : "COMMIT failed");
	store->sweep = (struct sweep){ .wanted = true, .next_us = clock_monotonic_us() + SWEEP_AGAIN_US };
}

static void run_in_transaction(struct store *store, struct problems *problems)
{
	struct store_transaction transaction = own_transaction(store, problems);
	const struct sweep before = store->sweep;
	bool good = piece(&transaction);
	int result = connection_control(&store->writer, good ? CONTROL_COMMIT : CONTROL_ROLLBACK);
	if (good && result == SQLITE_OK) {
		upkeep_note_commit(store);
		store->sweep.next_us = clock_monotonic_us() + SWEEP_PAUSE_US;
		return;
	}
	if (good && commit_is_undone(store, result))
		upkeep_note_full(store);
	else if (good || !sqlite3_get_autocommit(store->writer.handle))
		writer_give_up(store, good ? "COMMIT" : "ROLLBACK");
	failed(store, &before, problems);
}

void sweep_run(struct store *store)
{
	struct arena arena;
	struct problems problems;
	if (!store->sweep.wanted || !atomic_load(&store->open) || clock_monotonic_us() < store->sweep.next_us)
		return;
	store->sweep.next_us = clock_monotonic_us() + SWEEP_AGAIN_US;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return;
	problems_init(&problems, &arena);
	if (connection_control(&store->writer, CONTROL_BEGIN_WRITE) == SQLITE_OK)
		run_in_transaction(store, &problems);
	arena_finish(&arena);
}

/* ---- waiting for it ---- */

struct goes {
	int64_t tenant_id;
	bool found;
};

static bool goes_read(struct store_transaction *transaction, void *context)
{
	struct goes *goes = context;
	int64_t ignored;
	return store_integer(transaction, STATEMENT_PARTIAL_TENANT_IS, BINDS(bind_id(goes->tenant_id)), &ignored, &goes->found);
}

bool store_sweep_wait(struct store *store, int64_t tenant_id, const struct store_backup_asker *asker, struct problems *problems)
{
	struct goes goes = { .tenant_id = tenant_id };
	for (;;) {
		if (!store_read(store, 0, problems->arena, problems, goes_read, &goes))
			return false;
		if (!goes.found)
			return true;
		if (atomic_load(&store->backups_end) || (asker && asker->is_gone(asker->context)))
			return problem(problems, PROBLEM_BUSY, "", "the rows of the tenant are still being removed");
		clock_sleep_us(WAIT_US);
	}
}
