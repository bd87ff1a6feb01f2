/* bench_task.c: how late due tasks of a tenant with many of them start.
 *
 *     bench_task --file NEW [--tasks 10000] [--slots 300] [--apart-ms 20]
 *
 * A live tenant with --tasks daily tasks of an empty handler. First --slots of them are due one after the other, --apart-ms
 * between two: how long after its slot each started (task_run.started_at). Then all are due at once, as after an outage:
 * runs a second.
 */
#include "bench_engine.h"
#include "bench_sqlite.h"

#include "billing/bundle_archive.h"
#include "billing/tenant.h"

enum { SQL_BYTES = 500, LEAD_MS = 1500, WAIT_US = 2000, WAIT_MOST_S = 600 };
#define BENCH_ARENA_BYTES ((size_t)64 * 1024 * 1024)

static void tasks_make(const char *path, int64_t tasks)
{
	struct bench bench;
	bench_open(&bench, path, (struct engine_options){ 0 }, BENCH_ARENA_BYTES);
	const struct tenant_created *tenant = command_do(&bench, "tenant.create", "{\"name\":\"bench\"}");
	bench.tenant_id = tenant->id;
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"bench\",\"rules\":[\"rules/tick.lua\"]}") },
		{ TEXT("rules/tick.lua"), TEXT("rule \"Tick\" { task = true, run = function (ctx) end }\n") },
	};
	struct bundle_deploy deploy = { .archive = bundle_archive_text(&bench.arena, files, 2) };
	command_input(&bench, "bundle.deploy", &deploy);
	struct arena_mark mark = arena_mark(&bench.arena);
	for (int64_t i = 1; i <= tasks; i++) {
		command_do(&bench, "task.create", text_format(&bench.arena, "{\"name\":\"task-%06lld\",\"handler\":\"Tick\",\"period\":\"P1D\","
		                                              "\"next_run_at\":\"2999-01-01T00:00:00Z\"}", (long long)i).data);
		arena_rewind(&bench.arena, mark);
	}
	bench_close(&bench);
}

static sqlite3 *file_open(const char *path)
{
	sqlite3 *handle = NULL;
	sqlite_check(handle, sqlite3_open(path, &handle), "open");
	sqlite3_busy_timeout(handle, 10000);
	return handle;
}

/* The first `count` tasks are due from `first_us` on, so far apart; nobody owns the store. */
static void slots_set(const char *path, int64_t count, int64_t first_us, int64_t apart_us)
{
	char sql[SQL_BYTES];
	sqlite3 *handle = file_open(path);
	snprintf(sql, sizeof sql,
	         "UPDATE scheduled_task SET anchor_at = %lld + (id - 1) * %lld, slot_at = %lld + (id - 1) * %lld, "
	         "next_run_at = %lld + (id - 1) * %lld WHERE id <= %lld",
	         (long long)first_us, (long long)apart_us, (long long)first_us, (long long)apart_us, (long long)first_us,
	         (long long)apart_us, (long long)count);
	sqlite_run(handle, sql);
	snprintf(sql, sizeof sql, "UPDATE job SET due_at = %lld WHERE kind = 'task.due'", (long long)first_us);
	sqlite_run(handle, sql);
	sqlite3_close(handle);
}

/* Until there are so many runs; the microseconds that it took. */
static int64_t runs_wait(sqlite3 *handle, int64_t runs)
{
	int64_t begun_us = clock_monotonic_us();
	while (sqlite_number(handle, "SELECT count(*) FROM task_run") < runs) {
		if (clock_monotonic_us() - begun_us > WAIT_MOST_S * US_PER_S)
			bench_fail("the tasks do not run");
		clock_sleep_us(WAIT_US);
	}
	return clock_monotonic_us() - begun_us;
}

static int64_t tasks_run(const char *path, sqlite3 *handle, int64_t runs)
{
	struct bench bench;
	bench_open(&bench, path, (struct engine_options){ .threads = true }, BENCH_ARENA_BYTES);
	int64_t took_us = runs_wait(handle, runs);
	bench_close(&bench);
	if (sqlite_number(handle, "SELECT count(*) FROM task_run WHERE outcome <> 'done'") > 0)
		bench_fail("a task did not run well");
	return took_us;
}

static void lateness_tell(sqlite3 *handle, int64_t tasks)
{
	static struct histogram histogram;
	int64_t worst_us = 0;
	sqlite3_stmt *rows = sqlite_prepare(handle, "SELECT started_at - slot_at FROM task_run ORDER BY id");
	while (sqlite3_step(rows) == SQLITE_ROW) {
		int64_t late_us = sqlite3_column_int64(rows, 0);
		histogram_add(&histogram, late_us);
		worst_us = late_us > worst_us ? late_us : worst_us;
	}
	sqlite3_finalize(rows);
	printf("%-36s p50 %lld us, p99 %lld us, worst %lld us of %lld; %lld tasks\n", "a due task starts after its slot by",
	       (long long)histogram_at(&histogram, 0.5), (long long)histogram_at(&histogram, 0.99), (long long)worst_us,
	       (long long)histogram.count, (long long)tasks);
}

int main(int argc, char **argv)
{
	const char *path = bench_option(argc, argv, "--file");
	int64_t tasks = bench_number(argc, argv, "--tasks", 10000, 1, 1000000);
	int64_t slots = bench_number(argc, argv, "--slots", 300, 1, tasks);
	int64_t apart_us = bench_number(argc, argv, "--apart-ms", 20, 1, 10000) * US_PER_MS;
	if (!path)
		bench_fail("--file names a new store");
	tasks_make(path, tasks);
	sqlite3 *handle = file_open(path);
	slots_set(path, slots, clock_wall().us + LEAD_MS * US_PER_MS, apart_us);
	tasks_run(path, handle, slots);
	lateness_tell(handle, tasks);
	slots_set(path, tasks, clock_wall().us - US_PER_S, 0);
	int64_t took_us = tasks_run(path, handle, slots + tasks);
	printf("%-36s %8.0f  all %lld within %.1f s\n", "tasks that are due at once, runs a second", (double)tasks * US_PER_S / (double)took_us,
	       (long long)tasks, (double)took_us / US_PER_S);
	sqlite3_close(handle);
	return 0;
}
