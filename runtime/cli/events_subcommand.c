/* events_subcommand.c: moonbill events tail, events show, events replay. */
#include "base/clock.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <assert.h>
#include <stdio.h>

enum { TAIL_DEFAULT = 20, LIMIT_MOST = 1000, FOLLOW_US = 1000000 };

static const char *const members[] = { "serial", "occurred_at", "event", "object_type", "object_id", "account_id", "actor", NULL };

/* The items of a list; NULL after a message. */
static const struct json *items_ask(struct cli *cli, struct text request, struct text *output)
{
	struct session session;
	if (!session_open(&session, cli))
		return NULL;
	bool good = session_ask(&session, request, output);
	session_close(&session);
	const struct json *list = good ? json_parse_limited(*output, INT32_MAX, &cli->arena, &cli->problems) : NULL;
	return list ? json_member(list, "items") : NULL;
}

/* ---- tail ---- */

static bool tail_print(struct cli *cli, int64_t *after, int64_t limit)
{
	struct text output;
	const struct json *items = items_ask(cli, session_page_request(cli, "events", NULL, *after, limit), &output);
	if (!items)
		return false;
	for (const struct json *item = items->first; item; item = item->next)
		text_to_int64(json_text(json_member(item, "serial")), after);
	if (*after < 0)
		*after = 0; /* nothing has happened yet */
	if (items->count || !cli_value(cli, "--follow"))
		output_list(cli, output, members);
	fflush(stdout); /* whoever reads a pipe follows too */
	return true;
}

static enum cli_exit tail_run(struct cli *cli)
{
	int64_t limit, after;
	if (!cli_number(cli, "--limit", 1, LIMIT_MOST, TAIL_DEFAULT, &limit))
		return cli_usage_error(cli->subcommand, "--limit takes a number from 1 to %d", LIMIT_MOST);
	if (!cli_number(cli, "--after", 0, INT64_MAX, -1, &after))
		return cli_usage_error(cli->subcommand, "--after takes a serial");
	bool good = tail_print(cli, &after, limit);
	while (good && cli_value(cli, "--follow")) {
		struct arena_mark mark = arena_mark(&cli->arena);
		clock_sleep_us(FOLLOW_US);
		good = tail_print(cli, &after, LIMIT_MOST);
		arena_rewind(&cli->arena, mark);
	}
	return good ? CLI_DONE : CLI_FAILED;
}

/* ---- show ---- */

static enum cli_exit show_run(struct cli *cli)
{
	int64_t serial;
	struct text output;
	if (!text_to_int64(text_of(cli->arguments[0]), &serial) || serial <= 0)
		return cli_usage_error(cli->subcommand, "'%s' is not the serial of an event", cli->arguments[0]);
	const struct json *items = items_ask(cli, session_page_request(cli, "events", NULL, serial - 1, 1), &output);
	if (!items)
		return CLI_FAILED;
	if (!items->first) {
		problem(&cli->problems, PROBLEM_NOT_FOUND, "", "event %lld does not exist", (long long)serial);
		output_problems(cli);
		return CLI_FAILED;
	}
	output_object(cli, json_tree_text(&cli->arena, items->first));
	const struct json *payload = json_member(items->first, "payload");
	if (!cli->json && payload)
		printf("%s\n", json_tree_text(&cli->arena, payload).data);
	return CLI_DONE;
}

/* ---- replay ---- */

static enum cli_exit replay_run(struct cli *cli)
{
	static const char *const names[] = { "id", "from_serial", "to_serial" };
	struct text_builder out;
	struct json_writer writer;
	int count = cli->argument_count;
	assert(count <= (int)(sizeof names / sizeof *names));
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (int i = 0; i < count; i++) {
		int64_t number;
		if (!text_to_int64(text_of(cli->arguments[i]), &number) || number <= 0)
			return cli_usage_error(cli->subcommand, "'%s' is not a positive whole number", cli->arguments[i]);
		json_name(&writer, names[i]);
		json_integer(&writer, number);
	}
	json_end_object(&writer);
	return session_once(cli, session_command(cli, "webhook_endpoint.replay", builder_text(&out)));
}

static const struct cli_option tail_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--after", "SERIAL", "Those after this one instead of the last ones." },
	{ "--limit", "COUNT", "At most so many, 1 to 1000; 20 when absent." },
	{ "--follow", NULL, "Goes on until it is interrupted." },
	{ NULL, NULL, NULL },
};

static const struct cli_option tenant_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

const struct cli_subcommand events_tail_subcommand = {
	.name = "events tail", .arguments = "",
	.doc = "Lists the last events of a tenant's journal.",
	.example = "  moonbill events tail --follow\n",
	.options = tail_options, .run = tail_run,
};

const struct cli_subcommand events_show_subcommand = {
	.name = "events show", .arguments = "SERIAL", .arguments_min = 1, .arguments_max = 1,
	.doc = "Shows an event with its payload.",
	.example = "  moonbill events show 12 --json\n",
	.options = tenant_options, .run = show_run,
};

const struct cli_subcommand events_replay_subcommand = {
	.name = "events replay", .arguments = "ENDPOINT FROM [TO]", .arguments_min = 2, .arguments_max = 3,
	.doc = "Sends what a webhook endpoint hears of past events once more, from a serial on.",
	.example = "  moonbill events replay 1 120\n",
	.options = tenant_options, .run = replay_run,
};
