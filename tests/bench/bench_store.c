/* bench_store.c: the floor of writing orders: the rows that a run of orders left in a store, written again by bare SQLite.
 *
 *     bench_store --like STORE --file NEW [--orders 2000] [--batch 1] [--written ORDERS]
 *     bench_store --sync NEW [--times 300]
 *
 * Makes a file with the tables and indexes of STORE, reads what its last --orders orders left (each table's rows divided
 * by the number of orders, in the order they were made), and inserts it with --batch orders a transaction, synchronous FULL, by
 * prepared statements: no JSON, no rules, no reads; with --written the first of them only. What the product does beyond
 * that is its own cost. The second form appends 4 KiB and calls fdatasync, and tells how long that takes here.
 */
#include "bench_sqlite.h"

#include <fcntl.h>
#include <unistd.h>

enum { TABLES_MAX = 100, SYNC_BYTES = 4096, SYNC_TIMES_MAX = 100000 };

struct table {
	char name[64];
	int columns;
	int64_t rows_per_order;
	sqlite3_value **values; /* rows x columns */
	sqlite3_stmt *insert;
};

struct bench {
	sqlite3 *like, *file;
	struct table tables[TABLES_MAX];
	size_t table_count;
	int64_t orders, orders_there, orders_written, batch, rows, bytes;
	struct histogram commits;
};

/* ---- the rows ---- */

/* By what a table's rows come in the order of their making. */
static const char *making_order(sqlite3 *handle, const char *table)
{
	static const char *const columns[][2] = {
		{ "serial", "serial" }, { "id", "id" }, { "invoice_id", "invoice_id, position" },
	};
	char sql[200];
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'", table, columns[i][0]);
		if (sqlite_number(handle, sql) > 0)
			return columns[i][1];
	}
	return "1";
}

static void insert_prepare(struct bench *bench, struct table *table)
{
	char sql[1000];
	int at = snprintf(sql, sizeof sql, "INSERT INTO \"%s\" VALUES (?", table->name);
	for (int i = 1; i < table->columns; i++)
		at += snprintf(sql + at, sizeof sql - (size_t)at, ", ?");
	snprintf(sql + at, sizeof sql - (size_t)at, ")");
	table->insert = sqlite_prepare(bench->file, sql);
}

static void table_read(struct bench *bench, const char *name)
{
	struct table *table = &bench->tables[bench->table_count];
	char sql[300];
	snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", name);
	int64_t count = sqlite_number(bench->like, sql), rows = count / bench->orders_there * bench->orders;
	if (rows == 0)
		return;
	snprintf(table->name, sizeof table->name, "%s", name);
	snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" ORDER BY %s LIMIT -1 OFFSET %lld", name,
	         making_order(bench->like, name), (long long)(count - rows));
	sqlite3_stmt *statement = sqlite_prepare(bench->like, sql);
	table->columns = sqlite3_column_count(statement);
	table->rows_per_order = rows / bench->orders;
	table->values = calloc((size_t)rows * (size_t)table->columns, sizeof *table->values);
	if (!table->values || bench->table_count == TABLES_MAX - 1)
		bench_fail("no memory for %s", name);
	for (size_t at = 0; sqlite3_step(statement) == SQLITE_ROW;) {
		for (int i = 0; i < table->columns; i++) {
			table->values[at++] = sqlite3_value_dup(sqlite3_column_value(statement, i));
			bench->bytes += sqlite3_column_bytes(statement, i);
		}
	}
	sqlite3_finalize(statement);
	insert_prepare(bench, table);
	bench->rows += table->rows_per_order;
	bench->table_count++;
}

/* A log that grows costs a second write a commit, of the file's length. The product's has its length after 64 MiB. */
static void log_extend(struct bench *bench)
{
	sqlite_run(bench->file, "CREATE TABLE room (bytes BLOB); INSERT INTO room VALUES (zeroblob(67108864)); DROP TABLE room;"
	                 "VACUUM; PRAGMA wal_checkpoint(RESTART)");
}

static void tables_copy(struct bench *bench)
{
	sqlite3_stmt *all = sqlite_prepare(bench->like, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
	                                         " ORDER BY type DESC");
	while (sqlite3_step(all) == SQLITE_ROW)
		sqlite_run(bench->file, (const char *)sqlite3_column_text(all, 0));
	sqlite3_finalize(all);
	sqlite3_stmt *names = sqlite_prepare(bench->like, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
	while (sqlite3_step(names) == SQLITE_ROW)
		table_read(bench, (const char *)sqlite3_column_text(names, 0));
	sqlite3_finalize(names);
}

/* ---- the run ---- */

static void order_insert(struct bench *bench, int64_t order)
{
	for (size_t i = 0; i < bench->table_count; i++) {
		struct table *table = &bench->tables[i];
		size_t at = (size_t)(order * table->rows_per_order * table->columns);
		for (int64_t row = 0; row < table->rows_per_order; row++) {
			for (int column = 1; column <= table->columns; column++)
				sqlite3_bind_value(table->insert, column, table->values[at++]);
			sqlite_check(bench->file, sqlite3_step(table->insert), table->name);
			sqlite3_reset(table->insert);
		}
	}
}

static double orders_write(struct bench *bench)
{
	int64_t begun = clock_monotonic_us();
	sqlite3_stmt *begin = sqlite_prepare(bench->file, "BEGIN IMMEDIATE"), *commit = sqlite_prepare(bench->file, "COMMIT");
	for (int64_t order = 0; order < bench->orders_written;) {
		int64_t batch_begun = clock_monotonic_us();
		sqlite_check(bench->file, sqlite3_step(begin), "BEGIN");
		sqlite3_reset(begin);
		for (int64_t i = 0; i < bench->batch && order < bench->orders_written; i++)
			order_insert(bench, order++);
		sqlite_check(bench->file, sqlite3_step(commit), "COMMIT");
		sqlite3_reset(commit);
		histogram_add(&bench->commits, clock_monotonic_us() - batch_begun);
	}
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	return (double)(clock_monotonic_us() - begun) / US_PER_S;
}

static void bench_close(struct bench *bench)
{
	for (size_t i = 0; i < bench->table_count; i++) {
		struct table *table = &bench->tables[i];
		size_t count = (size_t)(bench->orders * table->rows_per_order * table->columns);
		for (size_t at = 0; at < count; at++)
			sqlite3_value_free(table->values[at]);
		free(table->values);
		sqlite3_finalize(table->insert);
	}
	sqlite3_close(bench->file);
	sqlite3_close(bench->like);
}

/* ---- the disk ---- */

static int sync_measure(const char *path, int64_t times)
{
	static struct histogram histogram;
	static char page[SYNC_BYTES];
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		bench_fail("%s cannot be made", path);
	for (int64_t i = 0; i < times; i++) {
		if (write(file, page, sizeof page) != sizeof page)
			bench_fail("%s cannot be written", path);
		int64_t begun = clock_monotonic_us();
		if (fdatasync(file) != 0)
			bench_fail("fdatasync failed");
		histogram_add(&histogram, clock_monotonic_us() - begun);
	}
	close(file);
	unlink(path);
	printf("times=%lld p50_us=%lld p99_us=%lld\n", (long long)times, (long long)histogram_at(&histogram, 0.5),
	       (long long)histogram_at(&histogram, 0.99));
	return 0;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	const char *like = bench_option(argc, argv, "--like"), *path = bench_option(argc, argv, "--file");
	const char *sync = bench_option(argc, argv, "--sync");
	if (sync)
		return sync_measure(sync, bench_number(argc, argv, "--times", 300, 10, SYNC_TIMES_MAX));
	if (!like || !path || access(path, F_OK) == 0)
		bench_fail("--like and --file are needed, and the file must not be there");
	bench.orders = bench_number(argc, argv, "--orders", 2000, 1, 100000);
	bench.orders_written = bench_number(argc, argv, "--written", bench.orders, 1, bench.orders);
	bench.batch = bench_number(argc, argv, "--batch", 1, 1, 100000);
	sqlite_check(NULL, sqlite3_open_v2(like, &bench.like, SQLITE_OPEN_READONLY, NULL), like);
	sqlite_check(NULL, sqlite3_open_v2(path, &bench.file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), path);
	sqlite_run(bench.file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
	                "PRAGMA wal_autocheckpoint = 0");
	bench.orders_there = sqlite_number(bench.like, "SELECT count(*) FROM \"order\"");
	if (bench.orders_there < bench.orders)
		bench_fail("%s has %lld orders only", like, (long long)bench.orders_there);
	log_extend(&bench);
	tables_copy(&bench);
	double seconds = orders_write(&bench);
	printf("orders=%lld batch=%lld rows_per_order=%lld bytes_per_order=%lld rate=%.1f p50_us=%lld p99_us=%lld\n",
	       (long long)bench.orders, (long long)bench.batch, (long long)bench.rows,
	       (long long)(bench.bytes / bench.orders), (double)bench.orders_written / seconds,
	       (long long)histogram_at(&bench.commits, 0.5), (long long)histogram_at(&bench.commits, 0.99));
	bench_close(&bench);
	return 0;
}
