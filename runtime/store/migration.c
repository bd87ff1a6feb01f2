/* migration.c: brings a file's tables to the version of this program, step by step. */
#include "store/migration.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/sqlite.h"

#include <assert.h>

enum { CHECKSUM_LENGTH = 64 };

static const char migration_table[] =
        "CREATE TABLE migration ("
        " number INTEGER PRIMARY KEY,"
        " checksum TEXT NOT NULL,"
        " applied_at INTEGER NOT NULL"
        ") STRICT";

/* Of all statements, each followed by a semicolon. */
static const char *statements_checksum(const char *const *statements, struct arena *arena)
{
	struct text_builder whole;
	builder_init(&whole, arena, 0);
	for (size_t i = 0; statements[i]; i++) {
		builder_c(&whole, statements[i]);
		builder_byte(&whole, ';');
	}
	struct digest digest = digest_sha256(builder_text(&whole));
	return text_c(arena, text_hex(arena, digest.bytes, sizeof digest.bytes));
}

static int migration_newest(void)
{
	int newest = 0;
	while (migrations[newest].number) {
		assert(migrations[newest].number == newest + 1);
		newest++;
	}
	return newest;
}

static bool sql_run(sqlite3 *handle, const char *sql, struct problems *problems, int number)
{
	if (sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	problem(problems, PROBLEM_MIGRATION_FAILED, "", "migration %d failed", number);
	struct problem *last = problem_last(problems);
	if (last)
		last->cause = text_c(problems->arena, text_of(sqlite3_errmsg(handle)));
	return false;
}

/* The first column of the first row of a query without parameters; -1 when it fails or finds nothing. */
static int64_t query_integer(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t value = -1;
	if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

/* 1: there is a table of migrations; 0: the file is empty; -1: neither, or it cannot be read. */
static int file_state(sqlite3 *handle, struct problems *problems)
{
	int64_t tables = query_integer(handle, "SELECT count(*) FROM sqlite_schema");
	int64_t ours = query_integer(handle, "SELECT count(*) FROM sqlite_schema WHERE name = 'migration'");
	if (tables < 0 || ours < 0) {
		problem_sqlite(problems, handle, sqlite3_errcode(handle), "reading the list of tables");
		return -1;
	}
	if (tables > 0 && ours == 0) {
		problem(problems, PROBLEM_MIGRATION_FAILED, "", "the file is a database of another program");
		return -1;
	}
	return ours > 0;
}

static bool applied_matches(int number, const char *checksum, int newest, struct problems *problems)
{
	if (number > newest)
		return problem(problems, PROBLEM_UNSUPPORTED_VERSION, "",
		               "the store is at version %d, this program knows versions up to %d", number, newest);
	const char *expected = statements_checksum(migrations[number - 1].statements, problems->arena);
	if (!checksum || strncmp(checksum, expected, CHECKSUM_LENGTH + 1) != 0)
		return problem(problems, PROBLEM_UNSUPPORTED_VERSION, "",
		               "the store was made with another text of migration %d", number);
	return true;
}

/* Compares every step that ran with ours; *applied = how many. */
static bool applied_read(sqlite3 *handle, struct problems *problems, int *applied)
{
	sqlite3_stmt *rows = NULL;
	int newest = migration_newest();
	const char *sql = "SELECT number, checksum FROM migration WHERE number > 0 ORDER BY number";
	int result = sqlite3_prepare_v2(handle, sql, -1, &rows, NULL);
	bool good = result == SQLITE_OK;
	*applied = 0;
	while (good && (result = sqlite3_step(rows)) == SQLITE_ROW) {
		int number = sqlite3_column_int(rows, 0);
		if (number <= newest && number != *applied + 1) {
			good = problem(problems, PROBLEM_UNSUPPORTED_VERSION, "",
			               "migration %d is missing in the store", *applied + 1);
			break;
		}
		good = applied_matches(number, (const char *)sqlite3_column_text(rows, 1), newest, problems);
		*applied = number;
	}
	if (good && result != SQLITE_DONE)
		good = problem_sqlite(problems, handle, result, "reading the migrations");
	sqlite3_finalize(rows);
	return good;
}

/* Number 0 is the row of the statistics. */
static bool checksum_write(sqlite3 *handle, int number, const char *const *statements, struct problems *problems)
{
	sqlite3_stmt *row = NULL;
	const char *sql = "INSERT OR REPLACE INTO migration (number, checksum, applied_at) VALUES (?1, ?2, ?3)";
	int result = sqlite3_prepare_v2(handle, sql, -1, &row, NULL);
	if (result == SQLITE_OK) {
		sqlite3_bind_int(row, 1, number);
		sqlite3_bind_text(row, 2, statements_checksum(statements, problems->arena), -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(row, 3, clock_wall().us);
		result = sqlite3_step(row);
	}
	sqlite3_finalize(row);
	return result == SQLITE_DONE || problem_sqlite(problems, handle, result, "recording a migration");
}

/* Which statements of a step. */
enum part { PART_ALL, PART_TABLES, PART_INDEXES };

static bool is_of_index(const char *sql)
{
	struct text text = text_of(sql);
	return text_starts(text, "CREATE INDEX") || text_starts(text, "CREATE UNIQUE INDEX") || text_starts(text, "DROP INDEX");
}

static bool statements_run(sqlite3 *handle, int number, const char *const *statements, enum part part, struct problems *problems)
{
	bool good = true;
	for (size_t i = 0; good && statements[i]; i++)
		if (part == PART_ALL || is_of_index(statements[i]) == (part == PART_INDEXES))
			good = sql_run(handle, statements[i], problems, number);
	return good;
}

/* One transaction: `before` (may be NULL), the statements, the row with their checksum. */
static bool statements_apply(sqlite3 *handle, int number, const char *before, const char *const *statements,
                             enum part part, struct problems *problems)
{
	bool good = sql_run(handle, "BEGIN IMMEDIATE", problems, number);
	if (good && before)
		good = sql_run(handle, before, problems, number);
	good = good && statements_run(handle, number, statements, part, problems);
	good = good && checksum_write(handle, number, statements, problems) &&
	       sql_run(handle, "COMMIT", problems, number);
	if (!good && !sqlite3_get_autocommit(handle))
		sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
	return good;
}

/* ANALYZE of the schema alone makes the table of statistics, and reads it again where it is. */
static bool statistics_renew(sqlite3 *handle, struct problems *problems)
{
	const char *checksum = statements_checksum(statistics, problems->arena);
	const char *same = text_c(problems->arena, text_format(problems->arena,
	                          "SELECT count(*) FROM migration WHERE number = 0 AND checksum = '%s'", checksum));
	if (query_integer(handle, same) == 1)
		return true;
	return statements_apply(handle, 0, "ANALYZE sqlite_schema; DELETE FROM sqlite_stat1", statistics, PART_ALL, problems) &&
	       sql_run(handle, "ANALYZE sqlite_schema", problems, 0);
}

static bool steps_run(sqlite3 *handle, int applied, enum part part, struct problems *problems)
{
	bool good = true;
	for (const struct migration *next = &migrations[applied]; good && next->number; next++) {
		const char *before = next->number == 1 ? migration_table : NULL;
		good = statements_apply(handle, next->number, before, next->statements, part, problems);
	}
	return good;
}

bool migration_run(sqlite3 *handle, struct problems *problems)
{
	int applied = 0, state = file_state(handle, problems);
	if (state < 0 || (state > 0 && !applied_read(handle, problems, &applied)))
		return false;
	return steps_run(handle, applied, PART_ALL, problems) && statistics_renew(handle, problems);
}

bool migration_tables(sqlite3 *handle, struct problems *problems)
{
	return steps_run(handle, 0, PART_TABLES, problems);
}

bool migration_indexes(sqlite3 *handle, struct problems *problems)
{
	bool good = true;
	for (const struct migration *step = migrations; good && step->number; step++)
		good = statements_run(handle, step->number, step->statements, PART_INDEXES, problems);
	return good && statistics_renew(handle, problems);
}

bool migration_check(sqlite3 *handle, struct problems *problems)
{
	int applied = 0, state = file_state(handle, problems);
	if (state < 0 || (state > 0 && !applied_read(handle, problems, &applied)))
		return false;
	if (applied == migration_newest())
		return true;
	return problem(problems, PROBLEM_UNSUPPORTED_VERSION, "",
	               "the store is at version %d, this program needs version %d", applied, migration_newest());
}
