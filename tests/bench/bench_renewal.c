/* bench_renewal.c: renewals of subscriptions that are billed by events; tests/bench/ingest runs it.
 *
 *     bench_renewal events FILE [--subscriptions 10000] [--events 10000000]    a month of events, then the renewal of all at one instant
 *     bench_renewal catchup FILE [--renewals 88]    that many months of one subscription in one move of the clock
 *
 * A renewal reads the totals of days that were made as the events came, so it costs the same however many they were: the
 * comparison is the same program with an event a day for each subscription.
 */
#include "bench_engine.h"
#include "bench_sqlite.h"

#include "billing/bundle.h"
#include "billing/bundle_archive.h"
#include "billing/event_intake.h"

enum { DAYS = 30, BODY_ROOM = 128 * 1024 };

#define START "2024-04-01T09:30:00Z"

static struct instant instant_of(const char *written)
{
	struct instant instant;
	if (!instant_parse(text_of(written), &instant))
		bench_fail("no instant: %s", written);
	return instant;
}

static void clock_to(struct bench *bench, struct instant until)
{
	if (!engine_advance_clock(bench->engine, bench->tenant_id, until, &bench->problems))
		bench_fail("the clock: %s", bench->problems.first->message);
	arena_reset(&bench->arena);
	problems_init(&bench->problems, &bench->arena);
}

/* Of the store of that file, by another connection. */
static int64_t number_of(const char *file, const char *sql)
{
	sqlite3 *handle = NULL;
	sqlite_check(handle, sqlite3_open_v2(file, &handle, SQLITE_OPEN_READONLY, NULL), file);
	int64_t number = sqlite_number(handle, sql);
	sqlite3_close(handle);
	return number;
}

static void invoices_check(const char *file, int64_t wanted)
{
	int64_t made = number_of(file, "SELECT count(*) FROM invoice");
	if (made != wanted)
		bench_fail("%lld invoices were made of %lld", (long long)made, (long long)wanted);
}

static void bundle_deploy(struct bench *bench)
{
	struct bundle_file manifest = { TEXT("bundle.json"), TEXT("{\"name\":\"bench\",\"settings\":{\"billing\":{\"convention\":\"maxio\"}}}") };
	struct bundle_deploy input = { .archive = bundle_archive_text(&bench->arena, &manifest, 1) };
	command_input(bench, "bundle.deploy", &input);
}

/* A plan of 20 a month; each subscription is billed by the bytes of its calls, and has four seats. */
static void desk_open(struct bench *bench, const char *file, int64_t subscriptions)
{
	bench_open(bench, file, (struct engine_options){ .clock_move_ms = 3600 * 1000 }, (size_t)1 << 32);
	bench->tenant_id = ((struct tenant_created *)command_do(bench, "tenant.create",
	                                                        "{\"name\":\"bench\",\"test\":true,\"at\":\"" START "\"}"))->id;
	bundle_deploy(bench);
	command_do(bench, "catalog.add_plan",
	           "{\"code\":\"base\",\"product\":\"base\",\"amount\":\"20\",\"currency\":\"USD\",\"billing_period\":\"monthly\"}");
	command_do(bench, "billing_metric.create", "{\"stream\":\"calls\",\"analysis\":\"sum\",\"property\":\"bytes\"}");
	command_do(bench, "component.create", "{\"handle\":\"bytes\",\"name\":\"Bytes\",\"kind\":\"event\",\"metric_id\":1,"
	                                      "\"price\":{\"scheme\":\"per_unit\",\"unit_price\":\"0.0001\"}}");
	command_do(bench, "component.create", "{\"handle\":\"seats\",\"name\":\"Seats\",\"kind\":\"quantity\","
	                                      "\"price\":{\"scheme\":\"per_unit\",\"unit_price\":\"5\"}}");
	for (int64_t i = 1; i <= subscriptions; i++) {
		command_do(bench, "account.create", "{\"name\":\"Ann\"}");
		struct text subscribe = text_format(&bench->arena,
		                                    "{\"account_id\":%lld,\"plan\":\"base\",\"components\":[{\"component\":\"bytes\"},"
		                                    "{\"component\":\"seats\",\"quantity\":\"4\"}]}", (long long)i);
		command_do(bench, "subscription.subscribe", subscribe.data);
		arena_reset(&bench->arena);
		problems_init(&bench->problems, &bench->arena);
	}
}

/* `count` events of now, each of one subscription after the other. */
static void events_send(struct bench *bench, struct event_intake *intake, int64_t count, int64_t subscriptions)
{
	static char body[BODY_ROOM];
	static int64_t number;
	const struct event_spelling spelling = { .reserved = "moonbill", .strict = true, .either = true };
	while (count > 0) {
		int64_t bulk = count < EVENTS_AT_ONCE_MAX ? count : EVENTS_AT_ONCE_MAX;
		size_t length = 0;
		for (int64_t i = 0; i < bulk; i++, number++)
			length += (size_t)snprintf(body + length, sizeof body - length, "%c{\"moonbill\":{\"subscription_id\":%lld},\"bytes\":%lld}",
			                           i ? ',' : '[', (long long)(1 + number % subscriptions), (long long)(number % 1000));
		body[length++] = ']';
		struct event_inputs events;
		struct event_request request = { .tenant_id = bench->tenant_id, .stream = TEXT("calls"), .events = &events,
			                         .arena = &bench->arena, .problems = &bench->problems };
		if (!event_inputs_read((struct text){ body, length }, &spelling, &bench->arena, &bench->problems, &events))
			bench_fail("%s", bench->problems.first->message);
		event_inputs_hash(&events, bench->tenant_id, request.stream);
		event_intake_run(intake, &request);
		if (!request.succeeded || request.taken.kept != bulk || request.taken.late || request.taken.no_subscription)
			bench_fail("events were not counted: %s", bench->problems.first ? bench->problems.first->message : "?");
		arena_reset(&bench->arena);
		count -= bulk;
	}
}

/* The time comes while nothing runs; the scheduler finds all that is due, as it does after an outage. */
static void renew(const char *file, int64_t subscriptions, int64_t events)
{
	char sql[100];
	sqlite3 *handle = NULL;
	struct bench bench;
	snprintf(sql, sizeof sql, "UPDATE tenant SET clock = %lld", (long long)instant_of("2024-05-01T09:45:00Z").us);
	sqlite_check(handle, sqlite3_open(file, &handle), file);
	sqlite_run(handle, sql);
	sqlite3_close(handle);
	int64_t since_us = clock_monotonic_us();
	double begun = bench_process_cpu_ns();
	bench_open(&bench, file, (struct engine_options){ .threads = true }, (size_t)1 << 32);
	while (number_of(file, "SELECT EXISTS (SELECT 1 FROM job JOIN tenant ON tenant.id = job.tenant_id "
	                       "WHERE job.status = 'due' AND job.due_at <= tenant.clock)"))
		nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
	double took_us = (double)(clock_monotonic_us() - since_us), cpu_us = (bench_process_cpu_ns() - begun) / 1e3;
	bench_close(&bench);
	invoices_check(file, 2 * subscriptions);
	printf("renewals=%lld events=%lld rate=%.0f cpu_us=%.1f\n", (long long)subscriptions, (long long)events,
	       (double)subscriptions * 1e6 / took_us, cpu_us / (double)subscriptions);
}

static void events_line(const char *file, int64_t subscriptions, int64_t events)
{
	struct bench bench;
	desk_open(&bench, file, subscriptions);
	struct event_intake *intake = event_intake_new(bench.engine);
	if (!intake)
		bench_fail("no memory");
	struct instant now = instant_of(START);
	for (int64_t day = 0; day < DAYS; day++) {
		events_send(&bench, intake, events / DAYS, subscriptions);
		now.us += INT64_C(86400) * US_PER_S;
		if (day < DAYS - 1)
			clock_to(&bench, now);
	}
	event_intake_free(intake);
	bench_close(&bench);
	renew(file, subscriptions, events / DAYS * DAYS);
}

static void catchup_line(const char *file, int64_t renewals)
{
	struct bench bench;
	desk_open(&bench, file, 1);
	struct instant start = instant_of(START);
	struct date last = date_add_months(timezone_date(timezone_utc(), start), (int)renewals);
	struct instant until = timezone_start_of_date(timezone_utc(), date_add_days(last, 1));
	int64_t since_us = clock_monotonic_us();
	double begun = bench_process_cpu_ns();
	clock_to(&bench, until);
	double took_ms = (double)(clock_monotonic_us() - since_us) / 1e3, cpu_us = (bench_process_cpu_ns() - begun) / 1e3;
	bench_close(&bench);
	invoices_check(file, renewals + 1);
	printf("renewals=%lld ms=%.1f cpu_us=%.1f\n", (long long)renewals, took_ms, cpu_us / (double)renewals);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 2 ? argv[1] : "";
	if (strcmp(mode, "events") == 0)
		events_line(argv[2], bench_number(argc, argv, "--subscriptions", 10000, 1, 100000),
		            bench_number(argc, argv, "--events", 10 * 1000 * 1000, DAYS, 100 * 1000 * 1000));
	else if (strcmp(mode, "catchup") == 0)
		catchup_line(argv[2], bench_number(argc, argv, "--renewals", 88, 1, 1000));
	else
		bench_fail("events FILE or catchup FILE");
	return 0;
}
