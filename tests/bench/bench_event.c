/* bench_event.c: what the journal costs: commands that do nothing but announce events, and their floor.
 *
 *     bench_event --file NEW [--commands 200] [--events 100] [--rounds 3]
 *
 * A command of its own announces --events times that an account was made, as event_post does it for each change: serial,
 * payload, row. No rule listens and no endpoint. Floor (bench_rows.h): bare SQLite inserts the very rows that a round made,
 * its journal and its audit, into a copy taken before it, a command a transaction. Processor time is that of the process for
 * ours and of the thread for the floor.
 */
#include "bench_engine.h"
#include "bench_rows.h"

#include "billing/account.h"
#include "billing/tenant.h"
#include "event/dispatch.h"

#include <unistd.h>

enum { ROUNDS_MAX = 50, EVENTS_MAX = 10000, PATH_BYTES = 300 };
#define BENCH_ARENA_BYTES ((size_t)64 * 1024 * 1024)

/* ---- the command ---- */

/* The input is an account_update: the account, and in its notes how many times. */
static bool announce_perform(struct command *command, const void *data, void **output)
{
	const struct account_update *input = data;
	struct account *account;
	int64_t times = 0;
	(void)output;
	if (!account_find(command, input->id, &account) || !account || !text_to_int64(input->notes, &times))
		return false;
	for (int64_t i = 0; i < times; i++) {
		struct occurrence created = occurrence_of(EVENT_ACCOUNT_CREATE, &account_record, account, account->id, account->id);
		if (!event_post(command, &created))
			return false;
	}
	command_object(command, "account", account->id, account->id);
	return true;
}

static const struct command_type announce_commands[] = {
	{ .name = "bench.announce", .scope = "write", .input = &account_update_record, .perform = announce_perform,
	  .doc = "Journals account.create of an account, so many times." },
	{ .name = NULL },
};

/* Billing's tables, and that one behind them. */
static const struct command_type *const *commands_all(void)
{
	static const struct command_type *all[64];
	size_t count = 0;
	for (; billing_commands[count]; count++)
		all[count] = billing_commands[count];
	if (count > sizeof all / sizeof *all - 2)
		bench_fail("there are more than %zu tables of commands", count);
	all[count] = announce_commands;
	return all;
}

/* ---- rounds ---- */

struct figures {
	double per_s[ROUNDS_MAX], cpu_us[ROUNDS_MAX];
};

static double process_cpu_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void engine_round(struct bench *bench, int64_t commands, int64_t events, struct figures *figures, int round)
{
	char input[100];
	struct arena_mark mark = arena_mark(&bench->arena);
	snprintf(input, sizeof input, "{\"id\":1,\"notes\":\"%lld\"}", (long long)events);
	command_do(bench, "bench.announce", input); /* statements are prepared */
	double cpu_us = process_cpu_us();
	int64_t begun_us = clock_monotonic_us();
	for (int64_t i = 0; i < commands; i++) {
		arena_rewind(&bench->arena, mark);
		command_do(bench, "bench.announce", input);
	}
	figures->per_s[round] = (double)(commands * events) * US_PER_S / (double)(clock_monotonic_us() - begun_us);
	figures->cpu_us[round] = (process_cpu_us() - cpu_us) / (double)(commands * events);
}

static void copy_make(const char *path, const char *copy)
{
	char sql[PATH_BYTES + 50];
	sqlite3 *handle = rows_open(path);
	unlink(copy);
	snprintf(sql, sizeof sql, "VACUUM INTO '%s'", copy);
	sqlite_run(handle, sql);
	sqlite3_close(handle);
}

static void floor_round(const char *path, const char *copy, int64_t events, struct figures *figures, int round)
{
	struct rows_figures floor = rows_floor(copy, path, "audit", INT64_MAX, 1, false);
	if (floor.rows_per_unit != events + 1)
		bench_fail("a command of %lld events wrote %lld rows", (long long)events, (long long)floor.rows_per_unit);
	figures->per_s[round] = (double)(floor.units * events) / floor.seconds;
	figures->cpu_us[round] = floor.cpu_us / (double)(floor.units * events);
}

static void store_make(const char *path)
{
	struct bench bench;
	bench_open(&bench, path, (struct engine_options){ 0 }, BENCH_ARENA_BYTES);
	const struct tenant_created *tenant = command_do(&bench, "tenant.create", "{\"name\":\"bench\"}");
	bench.tenant_id = tenant->id;
	command_do(&bench, "account.create", "{\"name\":\"Ann Example\",\"email\":\"ann@example.com\"}");
	bench_close(&bench);
}

int main(int argc, char **argv)
{
	static struct figures ours, bare;
	const char *path = bench_option(argc, argv, "--file");
	int64_t commands = bench_number(argc, argv, "--commands", 200, 1, 100000);
	int64_t events = bench_number(argc, argv, "--events", 100, 1, EVENTS_MAX);
	int64_t rounds = bench_number(argc, argv, "--rounds", 3, 1, ROUNDS_MAX);
	char copy[PATH_BYTES];
	if (!path || strlen(path) > PATH_BYTES - 20)
		bench_fail("--file names a new store");
	snprintf(copy, sizeof copy, "%s.floor", path);
	store_make(path);
	for (int round = 0; round < rounds; round++) {
		struct bench bench;
		copy_make(path, copy);
		bench_open(&bench, path, (struct engine_options){ .commands = commands_all() }, BENCH_ARENA_BYTES);
		bench.tenant_id = 1;
		engine_round(&bench, commands, events, &ours, round);
		bench_close(&bench);
		floor_round(path, copy, events, &bare, round);
	}
	unlink(copy);
	double rate = bench_median(ours.per_s, (size_t)rounds), floor_rate = bench_median(bare.per_s, (size_t)rounds);
	double cpu = bench_median(ours.cpu_us, (size_t)rounds), floor_cpu = bench_median(bare.cpu_us, (size_t)rounds);
	printf("%-36s %8.0f  floor %8.0f  %.2f of it\n", "events journalled a second", rate, floor_rate, rate / floor_rate);
	printf("%-36s %8.1f  floor %8.1f  %.2f times\n", "processor time of one, us", cpu, floor_cpu, cpu / floor_cpu);
	return 0;
}
