/* import.c: a tenant's rows out of a file into the store, under a new id.
 *
 * Rows are read on the writer's thread by a connection to the file and written in the job's transaction, a piece a job: short
 * while others wait, long enough to be worth its fsync while nobody does.
 */
#include "store/sqlite.h"
#include "store/migration.h"
#include "store/tenant_copy.h"

#include <string.h>

enum {
	PIECE_US = 20 * US_PER_MS,       /* of a piece while no other job waits */
	PIECE_SHARED_US = 2 * US_PER_MS, /* while one does */
	LOOK_ROWS = 32,                  /* between two looks at the time */
};

/* ---- the file ---- */

static int tables_digest(sqlite3 *handle, struct arena *arena, struct digest *digest)
{
	static const char sql[] = "SELECT type || char(0) || name || char(0) || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";
	struct text_builder whole;
	sqlite3_stmt *rows = NULL;
	builder_init(&whole, arena, 0);
	int result = sqlite3_prepare_v2(handle, sql, -1, &rows, NULL);
	while (result == SQLITE_OK && (result = sqlite3_step(rows)) == SQLITE_ROW) {
		builder_add(&whole, (struct text){ sqlite3_column_blob(rows, 0), (size_t)sqlite3_column_bytes(rows, 0) });
		builder_byte(&whole, '\n');
		result = SQLITE_OK;
	}
	sqlite3_finalize(rows);
	*digest = digest_sha256(builder_text(&whole));
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

static bool own_tables(struct arena *arena, struct digest *digest, struct problems *problems)
{
	struct connection own;
	if (!connection_open(&own, ":memory:", CONNECTION_MEMORY, problems))
		return false;
	bool good = migration_run(own.handle, problems);
	int result = good ? tables_digest(own.handle, arena, digest) : SQLITE_OK;
	good = good && (result == SQLITE_OK || problem_sqlite(problems, own.handle, result, "reading the tables"));
	connection_close(&own);
	return good;
}

bool store_has_our_tables(struct store *from, struct problems *problems)
{
	struct digest ours, theirs;
	struct connection file;
	if (!own_tables(problems->arena, &ours, problems) ||
	    !connection_open(&file, from->path, CONNECTION_READER, problems))
		return false;
	int result = tables_digest(file.handle, problems->arena, &theirs);
	bool good = result == SQLITE_OK || problem_sqlite(problems, file.handle, result, "reading the tables of the file");
	connection_close(&file);
	return good && (memcmp(&ours, &theirs, sizeof ours) == 0 ||
	                problem_value(problems, PROBLEM_INVALID_VALUE, "", text_of(from->path), "Export the tenant again.",
	                              "the tables of %s are not those that this program makes: the file was changed", from->path));
}

/* ---- pieces ---- */

struct pump {
	struct store *store;
	struct connection source;
	int64_t from_id;
	const struct copied_table *table; /* its rows are being copied; at the end of the list all are */
	sqlite3_stmt *rows;               /* of it; NULL: not begun */
	struct store_import *import;
};

static int value_bind(sqlite3_stmt *to, int parameter, sqlite3_stmt *from, int column)
{
	switch (sqlite3_column_type(from, column)) {
	case SQLITE_NULL:
		return sqlite3_bind_null(to, parameter);
	case SQLITE_INTEGER:
		return sqlite3_bind_int64(to, parameter, sqlite3_column_int64(from, column));
	case SQLITE_TEXT: {
		/* The row stays where it is until the next step, by which it is written. */
		const char *text = (const char *)sqlite3_column_text(from, column);
		return sqlite3_bind_text64(to, parameter, text ? text : "", (sqlite3_uint64)sqlite3_column_bytes(from, column),
		                           SQLITE_STATIC, SQLITE_UTF8);
	}
	case SQLITE_BLOB: {
		const void *bytes = sqlite3_column_blob(from, column);
		return sqlite3_bind_blob64(to, parameter, bytes ? bytes : "", (sqlite3_uint64)sqlite3_column_bytes(from, column), SQLITE_STATIC);
	}
	default:
		return sqlite3_bind_value(to, parameter, sqlite3_column_value(from, column));
	}
}

static int row_write(const struct pump *pump, sqlite3_stmt *insert)
{
	int result = sqlite3_bind_int64(insert, 1, pump->import->tenant_id);
	for (int i = 0; i < pump->table->columns && result == SQLITE_OK; i++)
		result = value_bind(insert, i + 2, pump->rows, i);
	if (result == SQLITE_OK)
		result = sqlite3_step(insert);
	int reset = sqlite3_reset(insert);
	return result == SQLITE_DONE ? reset : result;
}

static bool source_failed(struct store_transaction *transaction, const struct pump *pump, int result)
{
	transaction->failed = true;
	return problem_sqlite(transaction->problems, pump->source.handle, result, "reading the file of the tenant");
}

/* What its own store took ours refuses only if it was changed. */
static bool target_failed(struct store_transaction *transaction, const struct pump *pump, int result)
{
	if ((result & 0xff) != SQLITE_CONSTRAINT)
		return transaction_fail(transaction, result, pump->table->name);
	transaction->failed = true;
	return problem_value(transaction->problems, PROBLEM_INVALID_VALUE, "", text_of(pump->table->name), "Export the tenant again.",
	                     "a row of the table %s of the file is not one that a store takes: the file is damaged", pump->table->name);
}

static bool piece_is_full(const struct pump *pump, int64_t begun_us)
{
	int64_t took_us = clock_monotonic_us() - begun_us;
	return took_us >= PIECE_US || (took_us >= PIECE_SHARED_US && store_queue_length(pump->store) > 0);
}

static void table_end(struct pump *pump)
{
	sqlite3_finalize(pump->rows);
	pump->rows = NULL;
	pump->table++;
}

/* Of the present table; *full when the piece is. */
static bool table_rows(struct store_transaction *transaction, struct pump *pump, sqlite3_stmt *insert, int64_t begun_us, bool *full)
{
	int64_t *rows = &pump->import->rows;
	int result = SQLITE_DONE, written = SQLITE_OK;
	while (!*full && (result = sqlite3_step(pump->rows)) == SQLITE_ROW) {
		written = row_write(pump, insert);
		if (written != SQLITE_OK)
			return target_failed(transaction, pump, written);
		*full = ++*rows % LOOK_ROWS == 0 && piece_is_full(pump, begun_us);
	}
	if (*full)
		return true;
	if (result != SQLITE_DONE)
		return source_failed(transaction, pump, result);
	table_end(pump);
	return true;
}

static bool table_go_on(struct store_transaction *transaction, struct pump *pump, int64_t begun_us, bool *full)
{
	sqlite3_stmt *insert = NULL;
	int result = SQLITE_OK;
	if (!pump->rows) {
		result = sqlite3_prepare_v2(pump->source.handle, pump->table->read_sql, -1, &pump->rows, NULL);
		if (result != SQLITE_OK || (result = sqlite3_bind_int64(pump->rows, 1, pump->from_id)) != SQLITE_OK)
			return source_failed(transaction, pump, result);
	}
	/* Anew for each piece: none is in use when the writer closes, whatever becomes of the piece. */
	result = sqlite3_prepare_v2(transaction->connection->handle, pump->table->write_sql, -1, &insert, NULL);
	bool good = result == SQLITE_OK ? table_rows(transaction, pump, insert, begun_us, full)
	                                : transaction_fail(transaction, result, pump->table->name);
	sqlite3_finalize(insert);
	return good;
}

static bool piece_body(struct store_transaction *transaction, void *context)
{
	struct pump *pump = context;
	int64_t begun_us = clock_monotonic_us();
	bool full = false, good = true;
	while (good && !full && pump->table->name) {
		if (pump->table->read_sql)
			good = table_go_on(transaction, pump, begun_us, &full);
		else
			pump->table++;
	}
	int64_t took_us = clock_monotonic_us() - begun_us;
	if (took_us > pump->import->longest_us)
		pump->import->longest_us = took_us;
	pump->import->pieces++;
	return good;
}

/* ---- within a store in memory ---- */

static bool table_copy(struct store_transaction *transaction, const struct pump *pump, const struct copied_table *table)
{
	sqlite3 *handle = transaction->connection->handle;
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(handle, table->copy_sql, -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, 1, pump->from_id);
	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, 2, pump->import->tenant_id);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	pump->import->rows += sqlite3_changes64(handle);
	sqlite3_finalize(statement);
	return result == SQLITE_DONE || transaction_fail(transaction, result, table->name);
}

static bool within_body(struct store_transaction *transaction, void *context)
{
	struct pump *pump = context;
	bool good = true;
	for (; good && pump->table->name; pump->table++)
		good = !pump->table->copy_sql || table_copy(transaction, pump, pump->table);
	pump->import->pieces++;
	return good;
}

bool store_is_in_memory(const struct store *store)
{
	return store->path == NULL;
}

/* ---- the whole ---- */

static bool body_run(struct store *store, int64_t tenant_id, bool (*body)(struct store_transaction *transaction, void *context),
                     void *context, struct problems *problems)
{
	struct store_job job = { .tenant_id = tenant_id, .held_most_us = INT64_MAX, .body = body, .context = context,
		                 .arena = problems->arena, .problems = problems };
	return store_run(store, &job) == STORE_COMMITTED;
}

static bool begin_body(struct store_transaction *transaction, void *context)
{
	struct store_import *import = context;
	import->tenant_id = store_new_id(transaction, "tenant");
	return import->tenant_id &&
	       store_execute(transaction, STATEMENT_PARTIAL_TENANT_COMES, BINDS(bind_id(import->tenant_id)), NULL);
}

static bool abandon_body(struct store_transaction *transaction, void *context)
{
	store_sweep(transaction);
	return store_execute(transaction, STATEMENT_PARTIAL_TENANT_GOES, BINDS(bind_id(*(const int64_t *)context)), NULL);
}

void store_import_abandon(struct store *store, int64_t tenant_id)
{
	struct arena arena;
	struct problems problems;
	/* Where even this fails the next open finds it. */
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return;
	problems_init(&problems, &arena);
	body_run(store, 0, abandon_body, &tenant_id, &problems);
	arena_finish(&arena);
}

static bool is_wanted(const struct pump *pump, const struct store_backup_asker *asker, struct problems *problems)
{
	if (!atomic_load(&pump->store->backups_end) && !(asker && asker->is_gone(asker->context)))
		return true;
	return problem(problems, PROBLEM_BUSY, "", "the server is stopping, or nobody waits: the copy was given up");
}

bool store_import(struct store *store, struct store *from, int64_t from_id, const struct store_backup_asker *asker,
                  struct store_import *import, struct problems *problems)
{
	struct pump pump = { .store = store, .from_id = from_id, .table = copied_tables, .import = import };
	bool within = from == store, begun;
	*import = (struct store_import){ 0 };
	if (within && store->path)
		BUG("a store with a file is copied by way of a file");
	if (!within && !connection_open(&pump.source, from->path, CONNECTION_READER, problems))
		return false;
	bool good = begun = body_run(store, 0, begin_body, import, problems);
	while (good && pump.table->name)
		good = is_wanted(&pump, asker, problems) &&
		       body_run(store, import->tenant_id, within ? within_body : piece_body, &pump, problems);
	sqlite3_finalize(pump.rows);
	if (!within)
		connection_close(&pump.source);
	if (begun && !good)
		store_import_abandon(store, import->tenant_id);
	return good;
}
