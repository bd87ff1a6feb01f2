/* bench_sqlite.h: bare SQLite for floors: whatever goes wrong ends the program. */
#ifndef MOONBILL_TESTS_BENCH_SQLITE_H
#define MOONBILL_TESTS_BENCH_SQLITE_H

#include "bench.h"

#include <sqlite3.h>

/* As the store does it, before anything of SQLite runs: nothing takes a lock of the process to count allocations. */
static UNUSED void sqlite_configure(void)
{
	if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK)
		bench_fail("SQLite runs already");
}

static UNUSED void sqlite_check(sqlite3 *handle, int result, const char *doing)
{
	if (result != SQLITE_OK && result != SQLITE_ROW && result != SQLITE_DONE)
		bench_fail("%s: %s", doing, sqlite3_errmsg(handle));
}

static UNUSED void sqlite_run(sqlite3 *handle, const char *sql)
{
	sqlite_check(handle, sqlite3_exec(handle, sql, NULL, NULL, NULL), sql);
}

static UNUSED sqlite3_stmt *sqlite_prepare(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite_check(handle, sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
	return statement;
}

/* The first column of the first row; 0 when there is none. */
static UNUSED int64_t sqlite_number(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *statement = sqlite_prepare(handle, sql);
	int64_t number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return number;
}

#endif
