/* connection.c: one SQLite handle with its settings and its prepared statements. */
#include "store/sqlite.h"

#include "base/log.h"

#include <assert.h>

enum {
	DEADLINE_STEPS = 20000,       /* of SQLite's machine between two looks at the clock: below 1 ms */
};

static const char *const control_texts[CONTROL_COUNT] = {
	[CONTROL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[CONTROL_BEGIN_READ] = "BEGIN",
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLLBACK] = "ROLLBACK",
	[CONTROL_JOB_SAVEPOINT] = "SAVEPOINT job",
	[CONTROL_JOB_RELEASE] = "RELEASE job",
	[CONTROL_JOB_ROLLBACK] = "ROLLBACK TO job",
	[CONTROL_STEP_SAVEPOINT] = "SAVEPOINT step",
	[CONTROL_STEP_RELEASE] = "RELEASE step",
	[CONTROL_STEP_ROLLBACK] = "ROLLBACK TO step",
};

/* What each role sets. FULL: one fsync a commit, nothing acknowledged is lost when the power goes. Nobody
 * checkpoints by himself: the writer does it between batches, because SQLite 3.40 can lose pages when a second
 * connection does. */
static const char *const role_settings[] = {
	[CONNECTION_WRITER] = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;"
	                      "PRAGMA wal_autocheckpoint = 0;"
	                      "PRAGMA secure_delete = ON;" /* a secret that was sealed is not to stay in a page's free room */
	                      "PRAGMA journal_size_limit = 67108864",
	[CONNECTION_READER] = "PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY;"
	                      "PRAGMA wal_autocheckpoint = 0",
	[CONNECTION_MEMORY] = "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY",
};

/* ---- problems ---- */

enum problem_code problem_code_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_FULL:
		return PROBLEM_STORE_FULL;
	case SQLITE_NOMEM:
		return PROBLEM_OUT_OF_MEMORY;
	case SQLITE_INTERRUPT:
		return PROBLEM_TIMEOUT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return PROBLEM_BUSY;
	case SQLITE_READONLY:
		return PROBLEM_READ_ONLY;
	case SQLITE_CONSTRAINT:
		return result == SQLITE_CONSTRAINT_UNIQUE || result == SQLITE_CONSTRAINT_PRIMARYKEY ? PROBLEM_DUPLICATE
		                                                                                    : PROBLEM_INTERNAL;
	default:
		return PROBLEM_STORE_FAILED;
	}
}

static const char *told_of(enum problem_code code)
{
	switch (code) {
	case PROBLEM_DUPLICATE:
		return "there is one with the same values already";
	case PROBLEM_INTERNAL:
		return "a value is not one that the store takes";
	case PROBLEM_STORE_FULL:
		return "the disk of the store is full; nothing was changed";
	case PROBLEM_OUT_OF_MEMORY:
		return "memory ran out in the store";
	case PROBLEM_TIMEOUT:
		return "it read more than may be read at once, and was ended";
	case PROBLEM_BUSY:
		return "another process holds the store";
	case PROBLEM_READ_ONLY:
		return "the store can be read and not be written";
	default:
		return "the store could not do it; the log of the server says why";
	}
}

bool problem_told(struct problems *problems, sqlite3 *handle, int result, const char *doing)
{
	enum problem_code code = problem_code_of(result);
	bool constraint = (result & 0xff) == SQLITE_CONSTRAINT;
	log_write(LOG_ERROR, constraint ? "store.constraint" : "store.error", "%s: %s", doing,
	          handle ? sqlite3_errmsg(handle) : sqlite3_errstr(result));
	return problem(problems, code, "", "%s", told_of(code));
}

bool problem_damaged(struct problems *problems, const char *where, const char *column)
{
	log_write(LOG_ERROR, "store.damaged", "%s of %s cannot be read", column, where);
	return problem(problems, PROBLEM_STORE_FAILED, "", "a row of the store is damaged; the log of the server says which");
}

bool problem_sqlite(struct problems *problems, sqlite3 *handle, int result, const char *doing)
{
	problem(problems, problem_code_of(result), "", "%s: %s", doing, sqlite3_errstr(result));
	struct problem *last = problem_last(problems);
	if (last)
		last->cause = text_c(problems->arena,
		                     text_of(handle ? sqlite3_errmsg(handle) : sqlite3_errstr(result)));
	return false;
}

/* ---- opening ---- */

static int deadline_passed(void *context)
{
	const struct connection *connection = context;
	return connection->deadline_us != 0 && clock_monotonic_us() > connection->deadline_us;
}

/* SQLite names a temporary file only where it finds a folder that it may write to. */
static bool has_temporary_folder(sqlite3 *handle)
{
	char *name = NULL;
	int result = sqlite3_file_control(handle, "main", SQLITE_FCNTL_TEMPFILENAME, &name);
	bool has = result == SQLITE_OK && name && name[0];
	sqlite3_free(name);
	return has;
}

/* Without a folder each long command would fail: then its old pages stay in memory, which is only slower. */
static int handle_keep_temporary(sqlite3 *handle)
{
	return has_temporary_folder(handle) ? SQLITE_OK : sqlite3_exec(handle, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
}

static int handle_configure(sqlite3 *handle, enum connection_role role)
{
	int result = SQLITE_OK;
	const struct { int option, value; } options[] = {
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, role == CONNECTION_READER },
	};
	for (size_t i = 0; i < sizeof options / sizeof options[0] && result == SQLITE_OK; i++)
		result = sqlite3_db_config(handle, options[i].option, options[i].value, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
	return result == SQLITE_OK ? sqlite3_exec(handle, role_settings[role], NULL, NULL, NULL) : result;
}

/* The mode is kept in the file; SQLite answers with the mode it could set. */
static int handle_set_wal(sqlite3 *handle)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(handle, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	bool good = result == SQLITE_ROW && text_is(text_of((const char *)sqlite3_column_text(statement, 0)), "wal");
	sqlite3_finalize(statement);
	if (good)
		return SQLITE_OK;
	return result == SQLITE_ROW ? SQLITE_CANTOPEN : result;
}

/* All at once: ending a transaction must not depend on memory. */
static int controls_prepare(struct connection *connection)
{
	int result = SQLITE_OK;
	for (size_t i = 0; i < CONTROL_COUNT && result == SQLITE_OK; i++)
		result = sqlite3_prepare_v3(connection->handle, control_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
		                            &connection->controls[i], NULL);
	return result;
}

/* Mostly another path was meant. */
static bool open_problem(const struct connection *connection, const char *path, int result, struct problems *problems)
{
	if (result == SQLITE_NOTADB)
		return problem_value(problems, PROBLEM_INVALID_VALUE, "", text_of(path),
		                     "Name the file of a store, or one that is not there yet; restore a backup if it was one.",
		                     "%s is no store: it does not begin as a database of SQLite does", path);
	return problem_sqlite(problems, connection->handle, result,
	                      text_c(problems->arena, text_format(problems->arena, "opening the store %s", path)));
}

bool connection_open(struct connection *connection, const char *path, enum connection_role role,
                     struct problems *problems)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	flags |= role == CONNECTION_READER ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	*connection = (struct connection){ 0 };
	int result = role == CONNECTION_WRITER ? writer_files_start(&connection->files) : SQLITE_OK;
	if (result == SQLITE_OK)
		result = sqlite3_open_v2(role == CONNECTION_MEMORY ? ":memory:" : path, &connection->handle, flags,
		                         role == CONNECTION_WRITER ? connection->files.name : NULL);
	if (result == SQLITE_OK)
		result = handle_configure(connection->handle, role);
	if (result == SQLITE_OK && role == CONNECTION_WRITER)
		result = handle_set_wal(connection->handle);
	if (result == SQLITE_OK && role == CONNECTION_WRITER)
		result = handle_keep_temporary(connection->handle);
	if (result == SQLITE_OK)
		result = controls_prepare(connection);
	if (result != SQLITE_OK) {
		open_problem(connection, path, result, problems);
		connection_close(connection);
		return false;
	}
	if (role == CONNECTION_READER)
		sqlite3_progress_handler(connection->handle, DEADLINE_STEPS, deadline_passed, connection);
	return true;
}

void connection_close(struct connection *connection)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(connection->statements[i]);
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		sqlite3_finalize(connection->controls[i]);
	if (sqlite3_close(connection->handle) != SQLITE_OK)
		BUG("a statement is still in use while its connection closes");
	writer_files_finish(&connection->files);
	*connection = (struct connection){ 0 };
}

/* ---- statements ---- */

int connection_control(struct connection *connection, enum control control)
{
	int result = sqlite3_step(connection->controls[control]);
	sqlite3_reset(connection->controls[control]);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int statement_prepare(struct connection *connection, enum statement number, sqlite3_stmt **statement)
{
	const struct statement_info *info = &statement_infos[number];
	int result = sqlite3_prepare_v3(connection->handle, info->sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
	if (result == SQLITE_OK && sqlite3_bind_parameter_count(*statement) != info->parameters)
		BUG("statement %s has %d parameters, not %d", info->name, sqlite3_bind_parameter_count(*statement),
		    info->parameters);
	return result;
}

sqlite3_stmt *connection_take(struct connection *connection, enum statement number, int *result)
{
	assert(number > STATEMENT_NONE && number < STATEMENT_COUNT);
	sqlite3_stmt **kept = &connection->statements[number], *second = NULL;
	*result = SQLITE_OK;
	if (*kept && sqlite3_stmt_busy(*kept)) {
		*result = statement_prepare(connection, number, &second);
		return second;
	}
	if (!*kept)
		*result = statement_prepare(connection, number, kept);
	return *kept;
}

void connection_give(struct connection *connection, enum statement number, sqlite3_stmt *statement)
{
	if (statement != connection->statements[number]) {
		sqlite3_finalize(statement);
		return;
	}
	/* Reset at once: a statement that is not reset keeps its snapshot. What its parameters point to is not ours, and is
	 * not looked at again: all of them are bound anew before it runs. */
	sqlite3_reset(statement);
}
