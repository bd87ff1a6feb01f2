/* verify_subcommand.c: moonbill verify. */
#include "output.h"
#include "subcommands.h"
#include "verify/verify.h"

#include <inttypes.h>
#include <stdio.h>

static const struct cli_option verify_options[] = {
	{ "--tenant", "NAME", "Only this tenant's rows; else every tenant's and the store's own." },
	{ NULL, NULL, NULL },
};

/* Between two lines of progress. */
enum { PROGRESS_EVERY_US = 1000 * 1000 };

struct verify_output {
	struct cli *cli;
	int64_t next_progress_us;
};

static void found_json(struct arena *arena, const struct violation *violation)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "invariant");
	json_c(&writer, violation->name);
	json_name(&writer, "number");
	json_integer(&writer, violation->number);
	json_name(&writer, "tenant");
	json_string(&writer, violation->tenant);
	json_name(&writer, "kind");
	json_string(&writer, violation->kind);
	json_name(&writer, "id");
	json_integer(&writer, violation->id);
	json_name(&writer, "expected");
	json_string(&writer, violation->expected);
	json_name(&writer, "found");
	json_string(&writer, violation->found);
	json_name(&writer, "states");
	json_c(&writer, violation->states);
	json_end_object(&writer);
	printf("%.*s\n", TEXT_ARG(builder_text(&out)));
}

static void found(void *context, const struct violation *violation)
{
	const struct verify_output *output = context;
	struct arena *arena = output->cli->problems.arena;
	struct arena_mark mark = arena_mark(arena);
	if (output->cli->json)
		found_json(arena, violation);
	else
		printf("%.*s%s%.*s %" PRId64 ": expected %.*s, found %.*s (%d %s: %s)\n", TEXT_ARG(violation->tenant),
		       text_present(violation->tenant) ? " " : "", TEXT_ARG(violation->kind), violation->id,
		       TEXT_ARG(violation->expected), TEXT_ARG(violation->found), violation->number, violation->name,
		       violation->states);
	arena_rewind(arena, mark);
}

static void progress(void *context, struct text tenant, const char *walk, int64_t next)
{
	struct verify_output *output = context;
	int64_t now_us = clock_monotonic_us();
	if (now_us < output->next_progress_us || next == INT64_MAX)
		return;
	output->next_progress_us = now_us + PROGRESS_EVERY_US;
	fprintf(stderr, "verify: %.*s%s%s up to %" PRId64 "\n", TEXT_ARG(tenant), text_present(tenant) ? ", " : "", walk, next);
}

static void totals_print(const struct cli *cli, const struct verify_totals *totals)
{
	int64_t longest_ms = totals->longest_read_us / 1000;
	if (cli->json)
		printf("{\"tenants\":%" PRId64 ",\"chunks\":%" PRId64 ",\"checks\":%" PRId64 ",\"longest_read_ms\":%" PRId64
		       ",\"violations\":%" PRId64 "}\n",
		       totals->tenants, totals->chunks, totals->checks, longest_ms, totals->violations);
	else
		printf("%" PRId64 " tenants, %" PRId64 " chunks, %" PRId64 " checks, the longest read %" PRId64 " ms: %" PRId64
		       " violations\n",
		       totals->tenants, totals->chunks, totals->checks, longest_ms, totals->violations);
}

static enum cli_exit verify_subcommand_run(struct cli *cli)
{
	const struct store_options store_options = { .read_only = true, .readers = 1, .read_limit_ms = -1 };
	struct verify_output output = { cli, clock_monotonic_us() + PROGRESS_EVERY_US };
	const struct verify_options options = {
		.tenant = text_of(cli_value(cli, "--tenant")), .found = found, .progress = progress, .context = &output,
	};
	struct verify_totals totals;
	struct store *store = store_open(cli->config.db, &store_options, &cli->problems);
	bool whole = !text_present(options.tenant);
	bool good = store && (!whole || store_is_sound(store, &cli->problems)) && verify_run(store, &options, &cli->problems, &totals);
	if (store)
		store_close(store);
	if (!good) {
		output_problems(cli);
		return CLI_FAILED;
	}
	totals_print(cli, &totals);
	return totals.violations ? CLI_FAILED : CLI_DONE;
}

const struct cli_subcommand verify_subcommand = {
	.name = "verify", .arguments = "",
	.doc = "Checks every invariant of the store's rows, also beside a running server; prints what breaks one.",
	.example = "  moonbill verify --json --db /var/lib/moonbill/moonbill.db\n",
	.options = verify_options, .run = verify_subcommand_run,
};
