/* bench_catalog.c: how long a catalog of many plans takes to be in force, beside its floor.
 *
 *     bench_catalog --file NEW [--plans 10000] [--rounds 5]
 *
 * Each round deploys a bundle with one version of --plans plans (a trial and an evergreen phase with prices in two
 * currencies) in a store of its own: read, checked, written, committed. The floor inserts the rows that it left with bare SQLite
 * in one transaction: same table and indexes, synchronous FULL, no JSON, no checks. Time is that of the wall and, since
 * others may use the machine, of the processor.
 */
#include "bench_sqlite.h"

#include "billing/billing.h"
#include "billing/bundle_archive.h"
#include "billing/tenant.h"
#include "event/engine.h"

#include <unistd.h>

enum { ROUNDS_MAX = 50, COLUMNS_MAX = 40 };
#define BENCH_ARENA_BYTES ((size_t)2048 * 1024 * 1024)

struct timing {
	double wall_ms[ROUNDS_MAX], cpu_ms[ROUNDS_MAX];
};

static double now_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- the bundle ---- */

static void plan_write(struct text_builder *out, int64_t i)
{
	builder_format(out,
	               "%s{\"code\":\"plan-%lld\",\"product\":\"product-%lld\",\"phases\":[{\"kind\":\"trial\",\"duration_unit\":\"days\","
	               "\"duration\":30,\"fixed\":[{\"currency\":\"USD\",\"amount\":\"0\"},{\"currency\":\"EUR\",\"amount\":\"0\"}]},"
	               "{\"kind\":\"evergreen\",\"duration_unit\":\"unlimited\",\"billing_period\":\"monthly\",\"recurring\":["
	               "{\"currency\":\"USD\",\"amount\":\"%lld.95\"},{\"currency\":\"EUR\",\"amount\":\"%lld.5\"}]}]}",
	               i ? "," : "", (long long)i, (long long)(i % 100), (long long)i, (long long)i);
}

static struct text archive_make(struct arena *arena, int64_t plans)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_c(&out, "{\"versions\":[{\"effective_at\":\"2020-01-01T00:00:00Z\",\"name\":\"bench\",\"products\":[");
	for (int i = 0; i < 100; i++)
		builder_format(&out, "%s{\"name\":\"product-%d\",\"category\":\"base\"}", i ? "," : "", i);
	builder_c(&out, "],\"plans\":[");
	for (int64_t i = 0; i < plans; i++)
		plan_write(&out, i);
	builder_c(&out, "]}]}");
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"bench\"}") },
		{ TEXT("catalog/plans.json"), builder_text(&out) },
	};
	return bundle_archive_text(arena, files, 2);
}

/* ---- the product ---- */

static void command_do(struct engine *engine, const char *name, int64_t tenant_id, const void *input, struct arena *arena,
                       void **output)
{
	struct problems problems;
	problems_init(&problems, arena);
	struct command_request request = {
		.tenant_id = tenant_id, .type = engine_command(engine, text_of(name)), .input = input,
		.origin = { .actor = TEXT("operator") }, .arena = arena, .problems = &problems,
	};
	if (!command_run(engine, &request))
		bench_fail("%s: %s", name, problems.first ? problems.first->message : "failed");
	*output = request.output;
}

static void deploy_round(const char *path, struct text archive, struct timing *timing, int round)
{
	struct arena arena;
	struct problems problems;
	struct tenant_created *tenant;
	void *output;
	if (!arena_init(&arena, BENCH_ARENA_BYTES))
		bench_fail("no memory");
	problems_init(&problems, &arena);
	const struct engine_options options = { .lock = true, .threads = true, .commands = billing_commands, .jobs = billing_jobs };
	struct engine *engine = engine_open(text_of(path), &options, &problems);
	if (!engine)
		bench_fail("%s", problems.first->message);
	struct tenant_create create = { .name = TEXT("bench") };
	command_do(engine, "tenant.create", 0, &create, &arena, (void **)&tenant);
	struct bundle_deploy input = { .archive = archive };
	double wall = now_ms(CLOCK_MONOTONIC), cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	command_do(engine, "bundle.deploy", tenant->id, &input, &arena, &output);
	timing->wall_ms[round] = now_ms(CLOCK_MONOTONIC) - wall;
	timing->cpu_ms[round] = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	engine_close(engine);
	arena_finish(&arena);
}

/* ---- the floor ---- */

static void tables_make(sqlite3 *like, sqlite3 *file)
{
	sqlite3_stmt *made = sqlite_prepare(like, "SELECT sql FROM sqlite_schema WHERE tbl_name = 'catalog_plan' AND sql IS NOT NULL "
	                                   "ORDER BY type DESC");
	while (sqlite3_step(made) == SQLITE_ROW)
		sqlite_run(file, (const char *)sqlite3_column_text(made, 0));
	sqlite3_finalize(made);
}

static sqlite3_stmt *insert_prepare(sqlite3 *file, int columns)
{
	char sql[40 + 2 * COLUMNS_MAX] = "INSERT INTO catalog_plan VALUES (?";
	for (int i = 1; i < columns; i++)
		memcpy(sql + strlen(sql), ",?", 3);
	memcpy(sql + strlen(sql), ")", 2);
	return sqlite_prepare(file, sql);
}

/* Read before the clock runs. */
static sqlite3_value **rows_read(sqlite3 *like, int *columns, size_t *count)
{
	sqlite3_stmt *rows = sqlite_prepare(like, "SELECT * FROM catalog_plan ORDER BY id");
	sqlite3_value **values = NULL;
	*columns = sqlite3_column_count(rows);
	*count = 0;
	while (sqlite3_step(rows) == SQLITE_ROW) {
		values = realloc(values, (*count + 1) * (size_t)*columns * sizeof(sqlite3_value *));
		for (int i = 0; values && i < *columns; i++)
			values[*count * (size_t)*columns + (size_t)i] = sqlite3_value_dup(sqlite3_column_value(rows, i));
		*count += 1;
	}
	sqlite3_finalize(rows);
	return values;
}

static void floor_round(const char *like_path, const char *path, struct timing *timing, int round)
{
	sqlite3 *like, *file;
	int columns;
	size_t count;
	if (sqlite3_open(like_path, &like) != SQLITE_OK || sqlite3_open(path, &file) != SQLITE_OK)
		bench_fail("%s cannot be opened", path);
	sqlite_run(file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
	tables_make(like, file);
	sqlite3_value **values = rows_read(like, &columns, &count);
	sqlite3_stmt *insert = insert_prepare(file, columns);
	double wall = now_ms(CLOCK_MONOTONIC), cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	sqlite_run(file, "BEGIN IMMEDIATE");
	for (size_t row = 0; row < count; row++) {
		for (int i = 0; i < columns; i++)
			sqlite3_bind_value(insert, i + 1, values[row * (size_t)columns + (size_t)i]);
		sqlite_check(file, sqlite3_step(insert), "inserting a plan");
		sqlite3_reset(insert);
	}
	sqlite_run(file, "COMMIT");
	timing->wall_ms[round] = now_ms(CLOCK_MONOTONIC) - wall;
	timing->cpu_ms[round] = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	sqlite3_finalize(insert);
	for (size_t i = 0; i < count * (size_t)columns; i++)
		sqlite3_value_free(values[i]);
	free(values);
	sqlite3_close(file);
	sqlite3_close(like);
}

static void remove_store(struct arena *arena, const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
		unlink(text_format(arena, "%s%s", path, suffixes[i]).data);
}

int main(int argc, char **argv)
{
	const char *path = bench_option(argc, argv, "--file");
	int64_t plans = bench_number(argc, argv, "--plans", 10000, 1, 50000);
	int rounds = (int)bench_number(argc, argv, "--rounds", 5, 1, ROUNDS_MAX);
	static struct timing product, bare;
	struct arena arena;
	if (!path || access(path, F_OK) == 0)
		bench_fail("--file names a file that is not there yet");
	if (!arena_init(&arena, BENCH_ARENA_BYTES))
		bench_fail("no memory");
	struct text archive = archive_make(&arena, plans);
	const char *floor_path = text_format(&arena, "%s.floor", path).data;
	for (int round = 0; round < rounds; round++) {
		deploy_round(path, archive, &product, round);
		floor_round(path, floor_path, &bare, round);
		remove_store(&arena, path);
		remove_store(&arena, floor_path);
	}
	size_t count = (size_t)rounds;
	double wall = bench_median(product.wall_ms, count), floor_wall = bench_median(bare.wall_ms, count);
	double cpu = bench_median(product.cpu_ms, count), floor_cpu = bench_median(bare.cpu_ms, count);
	printf("plans=%lld archive_kib=%zu wall_ms=%.0f floor_wall_ms=%.0f cpu_ms=%.0f floor_cpu_ms=%.0f ratio_cpu=%.2f\n",
	       (long long)plans, archive.length / 1024, wall, floor_wall, cpu, floor_cpu, cpu / floor_cpu);
	arena_finish(&arena);
	return 0;
}
