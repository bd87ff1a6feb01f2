/* bench_billing.c: a billing run over many accounts with one subscription each, and its floor.
 *
 *     bench_billing make  --file NEW [--subscriptions 1000] [--periods 1] [--whole 0]
 *     bench_billing run   --file STORE [--invoices N] [--batch-us 20000]
 *     bench_billing floor --file COPY --like STORE [--invoices N] [--batch 64]
 *
 * make: one account subscribes to a plan of a catalog (monthly, in advance) and is billed for --periods months; its rows are
 * then copied for the others, without journal and audit, and the clock is put on the next bill date. The plan's first phase
 * ends in the middle of the month that is due, so that a rule of the bundle prorates each line and another rounds each
 * invoice; with --whole 1 it does not end, and only the second is asked. run: the scheduler bills them all, as it does in
 * `moonbill serve`. For counts of instructions, where the clock runs fast: --batch-us says how long it may gather jobs for one
 * commit, and --invoices bills only so many, so that two lengths are of one store. floor (bench_rows.h): bare SQLite makes of a
 * copy taken before the run what the run made of it.
 */
#include "bench_engine.h"
#include "bench_rows.h"

#include "base/metric.h"
#include "billing/bundle_archive.h"
#include "billing/tenant.h"

#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PERIODS_MAX = 120, SUBSCRIPTIONS_MAX = 1000000, COPY_STRIDE = 1000, WAIT_US = 500, POSTPONED_DAYS = 3650 };

#define BENCH_ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define START_DATE "2019-01-01"

static const char RULES[] =
        "rule \"bench/days\" {\n"
        "  policy = \"proration\",\n"
        "  run = function (change)\n"
        "    local ratio = money(1, change.currency):portion(change.days_left, change.days_in_period):round_to(9, \"half_up\")\n"
        "    return change.price * ratio\n"
        "  end,\n"
        "}\n"
        "rule \"bench/cents\" {\n"
        "  policy = \"rounding\",\n"
        "  run = function () return { mode = \"half_up\", place = \"line\" } end,\n"
        "}\n";

/* ---- make: one account ---- */

static struct date due_date(int64_t periods)
{
	struct date start;
	if (!date_parse(TEXT(START_DATE), &start))
		BUG("the start is no date");
	return date_add_months(start, (int32_t)periods);
}

/* Until the sixteenth of the month that is due, or open. */
static struct text catalog_text(struct arena *arena, int64_t periods, bool whole)
{
	int32_t days = due_date(periods).day + 15 - due_date(0).day;
	const char *evergreen = "{\"kind\":\"evergreen\",\"duration_unit\":\"unlimited\",\"billing_period\":\"monthly\","
	                        "\"recurring\":[{\"currency\":\"EUR\",\"amount\":\"49.95\"}]}";
	struct text first = text_format(arena, "{\"kind\":\"discount\",\"duration_unit\":\"days\",\"duration\":%d,"
	                                       "\"billing_period\":\"monthly\",\"recurring\":[{\"currency\":\"EUR\","
	                                       "\"amount\":\"29.95\"}]},", days);
	return text_format(arena, "{\"versions\":[{\"effective_at\":\"2018-01-01T00:00:00Z\",\"name\":\"bench\","
	                          "\"products\":[{\"name\":\"Hosting\",\"category\":\"base\"}],"
	                          "\"plans\":[{\"code\":\"hosting-monthly\",\"product\":\"Hosting\",\"phases\":[%s%s]}]}]}",
	                   whole ? "" : first.data, evergreen);
}

static void bundle_deploy(struct bench *bench, int64_t periods, bool whole)
{
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"bench\",\"rules\":[\"rules/amounts.lua\"],\"settings\":{\"policies\":"
		                            "{\"proration\":\"bench/days\",\"rounding\":\"bench/cents\"}}}") },
		{ TEXT("catalog/plans.json"), catalog_text(&bench->arena, periods, whole) },
		{ TEXT("rules/amounts.lua"), text_of(RULES) },
	};
	struct bundle_deploy input = { .archive = bundle_archive_text(&bench->arena, files, 3) };
	command_input(bench, "bundle.deploy", &input);
}

/* Billed up to the day before the next bill date. */
static void account_make(struct bench *bench, int64_t periods, bool whole)
{
	const struct tenant_created *tenant = command_do(
	        bench, "tenant.create", "{\"name\":\"bench\",\"test\":true,\"at\":\"" START_DATE "T00:00:00Z\"}");
	bench->tenant_id = tenant->id;
	bundle_deploy(bench, periods, whole);
	command_do(bench, "account.create", "{\"name\":\"Ann Example\",\"currency\":\"EUR\",\"time_zone\":\"UTC\"}");
	command_do(bench, "subscription.subscribe", "{\"account_id\":1,\"plan\":\"hosting-monthly\"}");
	struct instant before = timezone_start_of_date(timezone_utc(), date_add_days(due_date(periods), -1));
	if (!engine_advance_clock(bench->engine, bench->tenant_id, before, &bench->problems))
		bench_fail("the clock: %s", bench->problems.first->message);
}

/* ---- make: the others ---- */

/* Copies differ in the ids of what is the account's; numbers of invoices get the copy's number behind them. */
static bool is_of_copy(const char *table, const char *column)
{
	static const char *const ids[] = { "account_id", "subscription_id", "bundle_id", "invoice_id", "object_id" };
	if (strcmp(column, "id") == 0)
		return true;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (strcmp(column, ids[i]) == 0)
			return strcmp(table, "invoice_line") != 0 || strcmp(column, "bundle_id") != 0;
	return false;
}

static void table_copy(sqlite3 *handle, const char *table, const char *of_account, int64_t copies)
{
	char sql[9000], columns[4096] = "", values[4096] = "";
	sqlite3_stmt *statement = sqlite_prepare(handle, "SELECT name FROM pragma_table_info(?1)");
	sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(statement, 0);
		const char *comma = *columns ? ", " : "";
		bool number = strcmp(table, "invoice") == 0 && strcmp(name, "number") == 0;
		snprintf(columns + strlen(columns), sizeof columns - strlen(columns), "%s\"%s\"", comma, name);
		snprintf(values + strlen(values), sizeof values - strlen(values),
		         number                    ? "%st.\"%s\" || '-' || copy.n"
		         : is_of_copy(table, name) ? "%st.\"%s\" + copy.n * 1000"
		                                   : "%st.\"%s\"",
		         comma, name);
	}
	sqlite3_finalize(statement);
	snprintf(sql, sizeof sql,
	         "WITH RECURSIVE copy (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < %lld) "
	         "INSERT INTO \"%s\" (%s) SELECT %s FROM copy CROSS JOIN "
	         "(SELECT * FROM \"%s\" WHERE %s = 1) t",
	         (long long)copies, table, columns, values, table, of_account);
	sqlite_run(handle, sql);
}

static void accounts_copy(const char *path, int64_t copies, int64_t periods)
{
	static const char *const tables[][2] = {
		{ "account", "id" },       { "subscription_bundle", "account_id" }, { "subscription", "account_id" },
		{ "subscription_event", "account_id" }, { "invoice", "account_id" }, { "invoice_line", "account_id" },
		{ "job", "account_id" },
	};
	char sql[300];
	sqlite3 *handle = rows_open(path);
	sqlite_run(handle, "BEGIN IMMEDIATE");
	for (size_t i = 0; copies > 0 && i < sizeof tables / sizeof *tables; i++)
		table_copy(handle, tables[i][0], tables[i][1], copies);
	snprintf(sql, sizeof sql, "UPDATE id_block SET next = next + %lld WHERE tenant_id > 0",
	         (long long)(copies + 1) * COPY_STRIDE);
	sqlite_run(handle, sql);
	snprintf(sql, sizeof sql, "UPDATE tenant SET clock = %lld",
	         (long long)timezone_start_of_date(timezone_utc(), due_date(periods)).us);
	sqlite_run(handle, sql);
	sqlite_run(handle, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(handle);
}

static void make(const char *path, int argc, char **argv)
{
	struct bench bench;
	int64_t subscriptions = bench_number(argc, argv, "--subscriptions", 1000, 1, SUBSCRIPTIONS_MAX);
	int64_t periods = bench_number(argc, argv, "--periods", 1, 1, PERIODS_MAX);
	bool whole = bench_number(argc, argv, "--whole", 0, 0, 1) == 1;
	if (access(path, F_OK) == 0)
		bench_fail("%s is there already", path);
	bench_open(&bench, path, (struct engine_options){ 0 }, BENCH_ARENA_BYTES);
	account_make(&bench, periods, whole);
	bench_close(&bench);
	accounts_copy(path, subscriptions - 1, periods);
}

/* ---- run ---- */

static void jobs_postpone(const char *path, int64_t but)
{
	char sql[300];
	sqlite3 *handle = rows_open(path);
	snprintf(sql, sizeof sql,
	         "UPDATE job SET due_at = due_at + %lld WHERE status = 'due' AND kind = 'account.bill' AND id NOT IN "
	         "(SELECT id FROM job WHERE status = 'due' AND kind = 'account.bill' ORDER BY due_at, id LIMIT %lld)",
	         (long long)POSTPONED_DAYS * 86400 * US_PER_S, (long long)but);
	sqlite_run(handle, sql);
	sqlite3_close(handle);
}

static int64_t jobs_due(const char *path)
{
	sqlite3 *handle = rows_open(path);
	int64_t due = sqlite_number(handle, "SELECT count(*) FROM job JOIN tenant ON tenant.id = job.tenant_id "
	                                  "WHERE job.status = 'due' AND job.kind = 'account.bill' AND due_at <= clock");
	sqlite3_close(handle);
	sqlite3_shutdown(); /* so that the store configures it */
	return due;
}

static void run(const char *path, int64_t most, int64_t batch_us)
{
	struct bench bench;
	struct rusage used;
	jobs_postpone(path, most);
	int64_t jobs = jobs_due(path), begun_us = clock_monotonic_us();
	bench_open(&bench, path, (struct engine_options){ .threads = true, .batch_us = batch_us }, BENCH_ARENA_BYTES);
	while (metric_value_at(METRIC_STORE_WRITES_TOTAL, STORE_COMMITTED, 0) < jobs) {
		const struct timespec wait = { .tv_nsec = WAIT_US * 1000 };
		if (metric_value_at(METRIC_STORE_WRITES_TOTAL, STORE_ROLLED_BACK, 0) > 0)
			bench_fail("an account could not be billed");
		nanosleep(&wait, NULL);
	}
	double seconds = (double)(clock_monotonic_us() - begun_us) / US_PER_S;
	int64_t commits = metric_value_at(METRIC_STORE_COMMITS_TOTAL, 0, 0);
	getrusage(RUSAGE_SELF, &used);
	double cpu_ns = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e9 +
	         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e3;
	bench_close(&bench);
	printf("invoices=%lld rate=%.1f cpu_us=%.1f resident_mib=%.1f batch=%lld\n", (long long)jobs, (double)jobs / seconds,
	       cpu_ns / 1e3 / (double)jobs, (double)used.ru_maxrss / 1024, (long long)(jobs / (commits ? commits : 1)));
}

static void run_again(const char *path, const char *like, int64_t most, int64_t batch)
{
	sqlite_configure();
	struct rows_figures figures = rows_floor(path, like, "invoice", most, batch, true);
	printf("invoices=%lld rate=%.1f rows=%lld bytes=%lld\n", (long long)figures.units, (double)figures.units / figures.seconds,
	       (long long)figures.rows_per_unit, (long long)figures.bytes_per_unit);
}

int main(int argc, char **argv)
{
	const char *path = bench_option(argc, argv, "--file"), *like = bench_option(argc, argv, "--like");
	const char *what = argc > 1 ? argv[1] : "";
	if (!path)
		bench_fail("--file is needed");
	if (strcmp(what, "make") == 0)
		make(path, argc, argv);
	else if (strcmp(what, "run") == 0)
		run(path, bench_number(argc, argv, "--invoices", INT32_MAX, 1, INT32_MAX),
		    bench_number(argc, argv, "--batch-us", 0, 0, 600 * US_PER_S));
	else if (strcmp(what, "floor") == 0 && like)
		run_again(path, like, bench_number(argc, argv, "--invoices", INT32_MAX, 1, INT32_MAX),
		          bench_number(argc, argv, "--batch", 64, 1, 100000));
	else
		bench_fail("make, run, or floor with --like");
	return 0;
}
