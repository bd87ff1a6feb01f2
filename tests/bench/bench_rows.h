/* bench_rows.h: what a run made of a store, done again by bare SQLite to a copy taken before it.
 *
 * Rows that are new, gone or changed are found by comparing every table of both files and read into memory; a changed
 * row is updated in the columns that differ. Then they are written by prepared statements, so many of each table for one
 * unit (an invoice, a command: a new row of the table that is counted), --batch units a transaction, synchronous FULL: no
 * JSON, no rules, no reads. Of a table of which fewer rows than units changed (counters) each row is written once a
 * transaction, counting up to what it became.
 * SQLite is set as the store sets it: no lock around each call, none around each allocation, the same cache.
 */
#ifndef MOONBILL_TESTS_BENCH_ROWS_H
#define MOONBILL_TESTS_BENCH_ROWS_H

#include "bench_sqlite.h"

enum { CHANGES_MAX = 300, ROWS_COLUMNS_MAX = 100, ROWS_SQL_BYTES = 16384, ROWS_CHECKPOINT_PAGES = 16384 };

static sqlite3 *rows_open(const char *path)
{
	sqlite3 *handle = NULL;
	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		bench_fail("%s cannot be opened", path);
	return handle;
}

/* ---- texts of statements ---- */

struct columns {
	char names[ROWS_COLUMNS_MAX][64];
	bool key[ROWS_COLUMNS_MAX];
	int count;
};

/* "a.x = b.x AND a.y = b.y" of the columns that are of the key, or that are not. */
static void sql_join(char *sql, const struct columns *columns, bool key, const char *format, const char *between)
{
	const char *separator = "";
	for (int i = 0; i < columns->count; i++) {
		const char *name = columns->names[i];
		if (columns->key[i] != key)
			continue;
		snprintf(sql + strlen(sql), ROWS_SQL_BYTES - strlen(sql), "%s", separator);
		snprintf(sql + strlen(sql), ROWS_SQL_BYTES - strlen(sql), "%s\"%s\"", format, name);
		separator = between;
	}
}

static void sql_add(char *sql, const char *text)
{
	snprintf(sql + strlen(sql), ROWS_SQL_BYTES - strlen(sql), "%s", text);
}

static void sql_key_match(char *sql, const struct columns *columns, const char *left, const char *right)
{
	bool first = true;
	for (int i = 0; i < columns->count; i++) {
		if (!columns->key[i])
			continue;
		snprintf(sql + strlen(sql), ROWS_SQL_BYTES - strlen(sql), "%s%s.\"%s\" = %s.\"%s\"", first ? "" : " AND ", left,
		         columns->names[i], right, columns->names[i]);
		first = false;
	}
}

static struct columns columns_of(sqlite3 *handle, const char *table)
{
	struct columns columns = { .count = 0 };
	sqlite3_stmt *statement = sqlite_prepare(handle, "SELECT name, pk FROM pragma_table_info(?1)");
	sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(statement) == SQLITE_ROW && columns.count < ROWS_COLUMNS_MAX) {
		snprintf(columns.names[columns.count], sizeof columns.names[0], "%s", (const char *)sqlite3_column_text(statement, 0));
		columns.key[columns.count++] = sqlite3_column_int(statement, 1) > 0;
	}
	sqlite3_finalize(statement);
	return columns;
}

/* ---- changes in memory ---- */

struct cell {
	int type, length;
	union {
		int64_t integer;
		char *bytes;
	};
};

struct change {
	char name[80];
	int columns;
	int64_t rows, rows_per_unit; /* 0: they are written once a transaction */
	bool set[ROWS_COLUMNS_MAX]; /* of an update: columns that it sets */
	struct cell *cells;
	sqlite3_stmt *write;
};

struct rows {
	sqlite3 *handle;
	struct change changes[CHANGES_MAX];
	size_t count;
	int64_t units, bytes;
};

static struct cell cell_read(sqlite3_stmt *statement, int column)
{
	struct cell cell = { .type = sqlite3_column_type(statement, column) };
	if (cell.type == SQLITE_INTEGER)
		cell.integer = sqlite3_column_int64(statement, column);
	if (cell.type != SQLITE_TEXT && cell.type != SQLITE_BLOB)
		return cell;
	cell.length = sqlite3_column_bytes(statement, column);
	cell.bytes = malloc((size_t)cell.length + 1);
	if (!cell.bytes)
		bench_fail("no memory for the rows");
	memcpy(cell.bytes, sqlite3_column_blob(statement, column), (size_t)cell.length);
	return cell;
}

/* `updated`: the columns of an update; NULL of rows that are new or gone. */
static void change_read(struct rows *rows, const char *name, const char *select, const char *write,
                        const struct columns *updated)
{
	struct change *change = &rows->changes[rows->count];
	int64_t capacity = 0;
	sqlite3_stmt *statement = sqlite_prepare(rows->handle, select);
	*change = (struct change){ .columns = sqlite3_column_count(statement) };
	snprintf(change->name, sizeof change->name, "%s", name);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (change->rows == capacity) {
			capacity = capacity ? 2 * capacity : 1024;
			change->cells = realloc(change->cells, (size_t)(capacity * change->columns) * sizeof *change->cells);
			if (!change->cells)
				bench_fail("no memory for %s", name);
		}
		for (int i = 0; i < change->columns; i++) {
			struct cell cell = cell_read(statement, i);
			change->cells[change->rows * change->columns + i] = cell;
			rows->bytes += cell.type == SQLITE_INTEGER ? 8 : cell.length;
		}
		change->rows++;
	}
	sqlite3_finalize(statement);
	change->rows_per_unit = change->rows / rows->units;
	if (change->rows == 0 || (change->rows_per_unit == 0 && !updated) || rows->count == CHANGES_MAX - 1)
		return;
	for (int i = 0; updated && i < updated->count; i++)
		change->set[i] = !updated->key[i];
	change->write = sqlite_prepare(rows->handle, write);
	rows->count++;
}

static void inserts_find(struct rows *rows, const char *table, const struct columns *columns)
{
	char select[ROWS_SQL_BYTES] = "", write[ROWS_SQL_BYTES] = "";
	snprintf(select, sizeof select, "SELECT a.* FROM after.\"%s\" a WHERE NOT EXISTS (SELECT 1 FROM main.\"%s\" b WHERE ", table, table);
	sql_key_match(select, columns, "a", "b");
	sql_add(select, ") ORDER BY ");
	sql_join(select, columns, true, "a.", ", ");
	snprintf(write, sizeof write, "INSERT INTO main.\"%s\" VALUES (?", table);
	for (int i = 1; i < columns->count; i++)
		sql_add(write, ", ?");
	sql_add(write, ")");
	change_read(rows, table, select, write, NULL);
}

static void deletes_find(struct rows *rows, const char *table, const struct columns *columns)
{
	char select[ROWS_SQL_BYTES] = "SELECT ", write[ROWS_SQL_BYTES] = "", name[80];
	sql_join(select, columns, true, "b.", ", ");
	snprintf(select + strlen(select), sizeof select - strlen(select),
	         " FROM main.\"%s\" b WHERE NOT EXISTS (SELECT 1 FROM after.\"%s\" a WHERE ", table, table);
	sql_key_match(select, columns, "a", "b");
	sql_add(select, ") ORDER BY ");
	sql_join(select, columns, true, "b.", ", ");
	snprintf(write, sizeof write, "DELETE FROM main.\"%s\" WHERE ", table);
	for (int i = 0, at = 0; i < columns->count; i++) {
		if (!columns->key[i])
			continue;
		snprintf(write + strlen(write), sizeof write - strlen(write), "%s\"%s\" = ?%d", at ? " AND " : "", columns->names[i], at + 1);
		at++;
	}
	snprintf(name, sizeof name, "%s, gone", table);
	change_read(rows, name, select, write, NULL);
}

/* The columns that differ in any row, in all of them. */
static struct columns columns_changed(struct rows *rows, const char *table, const struct columns *columns)
{
	char sql[ROWS_SQL_BYTES];
	struct columns changed = { .count = 0 };
	for (int i = 0; i < columns->count; i++) {
		bool differs = false;
		if (!columns->key[i]) {
			snprintf(sql, sizeof sql, "SELECT EXISTS (SELECT 1 FROM after.\"%s\" a JOIN main.\"%s\" b ON ", table, table);
			sql_key_match(sql, columns, "a", "b");
			snprintf(sql + strlen(sql), sizeof sql - strlen(sql), " WHERE a.\"%s\" IS NOT b.\"%s\")", columns->names[i], columns->names[i]);
			differs = sqlite_number(rows->handle, sql) == 1;
		}
		if (!differs && !columns->key[i])
			continue;
		snprintf(changed.names[changed.count], sizeof changed.names[0], "%s", columns->names[i]);
		changed.key[changed.count++] = columns->key[i];
	}
	return changed;
}

static void updates_find(struct rows *rows, const char *table, const struct columns *all)
{
	char select[ROWS_SQL_BYTES] = "SELECT ", write[ROWS_SQL_BYTES] = "", where[ROWS_SQL_BYTES] = " WHERE ", name[80];
	struct columns columns = columns_changed(rows, table, all);
	int keys = 0, values = 0;
	snprintf(write, sizeof write, "UPDATE main.\"%s\" SET ", table);
	for (int i = 0; i < columns.count; i++) {
		bool key = columns.key[i];
		char *out = key ? where : write;
		snprintf(out + strlen(out), ROWS_SQL_BYTES - strlen(out), "%s\"%s\" = ?%d", (key ? keys : values) == 0 ? "" : key ? " AND " : ", ",
		         columns.names[i], i + 1);
		keys += key;
		values += !key;
		snprintf(select + strlen(select), sizeof select - strlen(select), "%sa.\"%s\"", i ? ", " : "", columns.names[i]);
	}
	if (values == 0)
		return;
	sql_add(write, where);
	snprintf(select + strlen(select), sizeof select - strlen(select), " FROM after.\"%s\" a JOIN main.\"%s\" b ON ", table, table);
	sql_key_match(select, &columns, "a", "b");
	sql_add(select, " WHERE NOT (");
	for (int i = 0, at = 0; i < columns.count; i++) {
		if (columns.key[i])
			continue;
		snprintf(select + strlen(select), sizeof select - strlen(select), "%sa.\"%s\" IS b.\"%s\"", at++ ? " AND " : "",
		         columns.names[i], columns.names[i]);
	}
	sql_add(select, ") ORDER BY ");
	sql_join(select, &columns, true, "a.", ", ");
	snprintf(name, sizeof name, "%s, changed", table);
	change_read(rows, name, select, write, &columns);
}

static void rows_find(struct rows *rows)
{
	sqlite3_stmt *names = sqlite_prepare(rows->handle, "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
	while (sqlite3_step(names) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(names, 0);
		struct columns columns = columns_of(rows->handle, table);
		bool keyed = false;
		for (int i = 0; i < columns.count; i++)
			keyed = keyed || columns.key[i];
		if (!keyed)
			bench_fail("%s has no primary key", table);
		inserts_find(rows, table, &columns);
		updates_find(rows, table, &columns);
		deletes_find(rows, table, &columns);
	}
	sqlite3_finalize(names);
}

/* ---- the writing ---- */

static void cell_bind(sqlite3_stmt *statement, int at, const struct cell *cell)
{
	switch (cell->type) {
	case SQLITE_INTEGER: sqlite3_bind_int64(statement, at, cell->integer); break;
	case SQLITE_TEXT: sqlite3_bind_text(statement, at, cell->bytes, cell->length, SQLITE_STATIC); break;
	case SQLITE_BLOB: sqlite3_bind_blob(statement, at, cell->bytes, cell->length, SQLITE_STATIC); break;
	default: sqlite3_bind_null(statement, at);
	}
}

static void unit_write(struct rows *rows, int64_t unit)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct change *change = &rows->changes[i];
		const struct cell *cell = &change->cells[unit * change->rows_per_unit * change->columns];
		for (int64_t row = 0; row < change->rows_per_unit; row++) {
			for (int at = 1; at <= change->columns; at++)
				cell_bind(change->write, at, cell++);
			sqlite_check(rows->handle, sqlite3_step(change->write), change->name);
			sqlite3_reset(change->write);
		}
	}
}

/* A row that stays as it is would not be written at all: numbers are less by the transactions that are still to come. */
static void counters_write(struct rows *rows, int64_t to_come)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct change *change = &rows->changes[i];
		const struct cell *cell = change->cells;
		for (int64_t row = 0; change->rows_per_unit == 0 && row < change->rows; row++) {
			for (int column = 0; column < change->columns; column++) {
				struct cell counted = *cell++;
				if (counted.type == SQLITE_INTEGER && change->set[column])
					counted.integer -= to_come;
				cell_bind(change->write, column + 1, &counted);
			}
			sqlite_check(rows->handle, sqlite3_step(change->write), change->name);
			sqlite3_reset(change->write);
		}
	}
}

/* What it took: `cpu_us` of this thread. */
struct rows_figures {
	int64_t units, rows_per_unit, bytes_per_unit;
	double seconds, cpu_us;
};

static void rows_write(struct rows *rows, int64_t batch, struct rows_figures *figures)
{
	double cpu_ns = bench_cpu_ns();
	int64_t begun = clock_monotonic_us(), units = figures->units;
	sqlite3_stmt *begin = sqlite_prepare(rows->handle, "BEGIN IMMEDIATE"), *commit = sqlite_prepare(rows->handle, "COMMIT");
	for (int64_t unit = 0; unit < units;) {
		sqlite_check(rows->handle, sqlite3_step(begin), "BEGIN");
		sqlite3_reset(begin);
		for (int64_t i = 0; i < batch && unit < units; i++)
			unit_write(rows, unit++);
		counters_write(rows, (units - unit + batch - 1) / batch);
		sqlite_check(rows->handle, sqlite3_step(commit), "COMMIT");
		sqlite3_reset(commit);
	}
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	figures->seconds = (double)(clock_monotonic_us() - begun) / US_PER_S;
	figures->cpu_us = (bench_cpu_ns() - cpu_ns) / 1e3;
}

/* On standard error, which rows are written. */
static void rows_tell(const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct change *change = &rows->changes[i];
		bool counts = change->rows_per_unit == 0;
		fprintf(stderr, "%s: %lld of %d columns%s\n", change->name,
		        (long long)(counts ? change->rows : change->rows_per_unit), change->columns, counts ? ", once a commit" : "");
	}
}

static void rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct change *change = &rows->changes[i];
		for (int64_t cell = 0; cell < change->rows * change->columns; cell++)
			if (change->cells[cell].type == SQLITE_TEXT || change->cells[cell].type == SQLITE_BLOB)
				free(change->cells[cell].bytes);
		free(change->cells);
		sqlite3_finalize(change->write);
	}
}

/* `path` is what the store `like` was before its run, in which the table `counted` got a new row a unit; at most `most` units
 * are done again. */
static UNUSED struct rows_figures rows_floor(const char *path, const char *like, const char *counted, int64_t most,
                                             int64_t batch, bool tell)
{
	static struct rows rows;
	struct rows_figures figures;
	char sql[ROWS_SQL_BYTES];
	rows = (struct rows){ .handle = rows_open(path) };
	sqlite_run(rows.handle, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536");
	snprintf(sql, sizeof sql, "PRAGMA wal_autocheckpoint = %d; ATTACH '%s' AS after", ROWS_CHECKPOINT_PAGES, like);
	sqlite_run(rows.handle, sql);
	snprintf(sql, sizeof sql, "SELECT (SELECT count(*) FROM after.\"%s\") - (SELECT count(*) FROM main.\"%s\")", counted, counted);
	rows.units = sqlite_number(rows.handle, sql);
	if (rows.units <= 0)
		bench_fail("%s has no more rows of %s than %s", like, counted, path);
	rows_find(&rows);
	sqlite_run(rows.handle, "DETACH after");
	figures = (struct rows_figures){ .units = most < rows.units ? most : rows.units, .bytes_per_unit = rows.bytes / rows.units };
	for (size_t i = 0; i < rows.count; i++)
		figures.rows_per_unit += rows.changes[i].rows_per_unit;
	rows_write(&rows, batch, &figures);
	if (tell)
		rows_tell(&rows);
	rows_free(&rows);
	sqlite3_close_v2(rows.handle);
	return figures;
}

#endif
