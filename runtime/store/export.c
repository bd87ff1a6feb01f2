/* export.c: one tenant's rows from a snapshot of the store into a file that is a store itself.
 *
 * The file's connection reads the store beside itself, so that a table is one INSERT ... SELECT and the writer is not needed.
 * While it lasts the log cannot be reset. Indexes are made after the rows, by sorting.
 */
#include "store/sqlite.h"
#include "store/migration.h"
#include "store/tenant_copy.h"

#include "base/id.h"
#include "base/log.h"

#include <dirent.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_STEPS = 20000 }; /* of SQLite's machine between two looks at who waits */

struct export {
	struct store *store;
	int64_t tenant_id;
	const char *path;
	enum store_export_purpose purpose;
	const struct store_backup_asker *asker;
	sqlite3 *target;
	struct problems *problems;
};

/* ---- the file ---- */

static bool is_unwanted(const struct export *export)
{
	return atomic_load(&export->store->backups_end) || (export->asker && export->asker->is_gone(export->asker->context));
}

static int look(void *context)
{
	return is_unwanted(context);
}

static bool export_problem(const struct export *export, int result, const char *doing)
{
	if (is_unwanted(export))
		return problem(export->problems, PROBLEM_BUSY, "", "the server is stopping, or nobody waits: the copy was given up");
	if ((result & 0xff) == SQLITE_FULL)
		return problem_value(export->problems, PROBLEM_STORE_FULL, "", text_of(export->path),
		                     "Free space on its disk, or name a file on another one.", "%s: the disk is full", export->path);
	return problem_sqlite(export->problems, export->target, result, doing);
}

static bool run(const struct export *export, const char *sql, const char *doing)
{
	int result = sqlite3_exec(export->target, sql, NULL, NULL, NULL);
	return result == SQLITE_OK || export_problem(export, result, doing);
}

/* Nobody trusts the file before it has its last name, so nothing of it needs a journal. */
static bool target_open(struct export *export)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int result = sqlite3_open_v2(export->path, &export->target, flags, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_busy_timeout(export->target, BUSY_TIMEOUT_MS);
	if (result != SQLITE_OK)
		return export_problem(export, result, "opening the file");
	sqlite3_db_config(export->target, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(export->target, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_progress_handler(export->target, LOOK_STEPS, look, export);
	return run(export, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY",
	           "opening the file");
}

/* ---- rows ---- */

static bool statement_run(const struct export *export, const char *sql, int (*bind)(const struct export *, sqlite3_stmt *),
                          int64_t *changed)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(export->target, sql, -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = bind(export, statement);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (changed)
		*changed = sqlite3_changes64(export->target);
	sqlite3_finalize(statement);
	return result == SQLITE_DONE || export_problem(export, result, "copying rows");
}

static int bind_path(const struct export *export, sqlite3_stmt *statement)
{
	return sqlite3_bind_text(statement, 1, export->store->path, -1, SQLITE_STATIC);
}

static int bind_tenant(const struct export *export, sqlite3_stmt *statement)
{
	return sqlite3_bind_int64(statement, 1, export->tenant_id);
}

/* The first read of the origin takes the snapshot that all others see. */
static bool rows_copy(const struct export *export)
{
	int64_t tenants = 0;
	bool good = true;
	for (const struct copied_table *table = copied_tables; good && table->name; table++) {
		if (!table->export_sql)
			continue;
		int64_t changed;
		good = statement_run(export, table->export_sql, bind_tenant, &changed);
		tenants += !table->read_sql && good ? changed : 0;
	}
	return good && (tenants == 1 || problem(export->problems, PROBLEM_NOT_FOUND, "", "there is no tenant %lld in the store",
	                                        (long long)export->tenant_id));
}

static bool export_make(struct export *export)
{
	bool keeps = export->purpose == STORE_EXPORT_TO_KEEP;
	return target_open(export) && migration_tables(export->target, export->problems) &&
	       statement_run(export, "ATTACH ?1 AS origin", bind_path, NULL) && run(export, "BEGIN", "taking a snapshot") &&
	       rows_copy(export) && run(export, "COMMIT; DETACH origin", "ending the copy") &&
	       (!keeps || migration_indexes(export->target, export->problems));
}

bool store_export(struct store *store, int64_t tenant_id, const char *path, enum store_export_purpose purpose,
                  const struct store_backup_asker *asker, struct store_backup *made, struct problems *problems)
{
	struct export export = { .store = store, .tenant_id = tenant_id, .path = path, .purpose = purpose, .asker = asker,
		                 .problems = problems };
	int64_t begun_us = clock_monotonic_us();
	*made = (struct store_backup){ 0 };
	if (!store->path)
		return problem(problems, PROBLEM_INVALID_VALUE, "", "of a store in memory no tenant can be copied: it has no file");
	if (!copy_file_make(path, problems))
		return false;
	bool good = export_make(&export);
	if (sqlite3_close(export.target) != SQLITE_OK)
		BUG("a statement is still in use while a tenant's file closes");
	good = good && (purpose == STORE_EXPORT_TO_READ || copy_file_sync(path, made, problems));
	if (!good)
		unlink(path);
	made->took_us = clock_monotonic_us() - begun_us;
	return good;
}

/* ---- files to be read once ---- */

static const char ONCE[] = ".branch-";

const char *store_export_path(struct store *store, struct arena *arena)
{
	return text_format(arena, "%s%s%.*s", store->path ? store->path : "", ONCE,
	                   TEXT_ARG(uuid_text(arena, uuid_time_ordered()))).data;
}

void export_files_remove(const struct store *store, struct arena *arena)
{
	char *first = (char *)(uintptr_t)text_copy(arena, text_of(store->path)).data;
	char *second = (char *)(uintptr_t)text_copy(arena, text_of(store->path)).data;
	const char *folder = dirname(first);
	struct text prefix = text_format(arena, "%s%s", basename(second), ONCE);
	DIR *directory = opendir(folder);
	for (const struct dirent *entry; directory && (entry = readdir(directory));) {
		if (!text_starts(text_of(entry->d_name), prefix.data))
			continue;
		const char *path = text_format(arena, "%s/%s", folder, entry->d_name).data;
		if (unlink(path) == 0)
			log_write(LOG_INFO, "store.left_over", "%s was left by a process that did not end in order: removed", path);
	}
	if (directory)
		closedir(directory);
}
