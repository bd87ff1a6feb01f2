/* deliveries_subcommand.c: moonbill deliveries list, deliveries retry. */
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <stdio.h>

enum { LIMIT_DEFAULT = 100, LIMIT_MOST = 1000 };

static enum cli_exit list_run(struct cli *cli)
{
	static const char *const members[] = { "id",       "channel", "endpoint_id",   "serial",     "status",
	                                       "attempts", "due_at",  "answer_status", "last_error", NULL };
	int64_t after, limit;
	if (!cli_number(cli, "--after", 0, INT64_MAX, 0, &after))
		return cli_usage_error(cli->subcommand, "--after takes the id of a delivery");
	if (!cli_number(cli, "--limit", 1, LIMIT_MOST, LIMIT_DEFAULT, &limit))
		return cli_usage_error(cli->subcommand, "--limit takes a number from 1 to %d", LIMIT_MOST);
	return session_list(cli, session_page_request(cli, "deliveries", cli_value(cli, "--status"), after, limit), members);
}

/* ---- begun anew ---- */

static bool retry_one(struct session *session, int64_t id)
{
	struct cli *cli = session->cli;
	struct text output, input = text_format(&cli->arena, "{\"id\":%lld}", (long long)id);
	return session_ask(session, session_command(cli, "delivery.retry", input), &output);
}

/* All that are dead now; what dies again meanwhile has been passed already. */
static bool retry_dead(struct session *session, int64_t *count)
{
	struct cli *cli = session->cli;
	int64_t after = 0;
	struct text output;
	for (;;) {
		struct arena_mark mark = arena_mark(&cli->arena);
		if (!session_ask(session, session_page_request(cli, "deliveries", "dead", after, LIMIT_MOST), &output))
			return false;
		const struct json *items = json_member(json_parse_limited(output, INT32_MAX, &cli->arena, &cli->problems), "items");
		for (const struct json *item = items->first; item; item = item->next) {
			bool gateway = text_is(json_text(json_member(item, "channel")), "gateway");
			text_to_int64(json_text(json_member(item, "id")), &after);
			if (!gateway && !retry_one(session, after))
				return false;
			*count += !gateway;
		}
		if (items->count < LIMIT_MOST)
			return true;
		arena_rewind(&cli->arena, mark);
	}
}

static bool id_read(const char *argument, int64_t *id)
{
	return text_to_int64(text_of(argument), id) && *id > 0;
}

/* All of them are ids. */
static bool retry_named(struct session *session, int64_t *count)
{
	for (int i = 0; i < session->cli->argument_count; i++) {
		int64_t id = 0;
		id_read(session->cli->arguments[i], &id);
		if (!retry_one(session, id))
			return false;
		++*count;
	}
	return true;
}

static enum cli_exit retry_run(struct cli *cli)
{
	bool dead = cli_value(cli, "--dead") != NULL;
	struct session session;
	int64_t count = 0, id;
	if (dead == (cli->argument_count > 0))
		return cli_usage_error(cli->subcommand, "name deliveries, or --dead for all that are dead");
	for (int i = 0; i < cli->argument_count; i++)
		if (!id_read(cli->arguments[i], &id))
			return cli_usage_error(cli->subcommand, "'%s' is not the id of a delivery", cli->arguments[i]);
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool good = dead ? retry_dead(&session, &count) : retry_named(&session, &count);
	session_close(&session);
	if (good)
		output_object(cli, text_format(&cli->arena, "{\"retried\":%lld}", (long long)count));
	return good ? CLI_DONE : CLI_FAILED;
}

static const struct cli_option list_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--status", "WORD", "Only those that are pending, sent, done or dead." },
	{ "--after", "ID", "Only those after this one." },
	{ "--limit", "COUNT", "At most so many, 1 to 1000; 100 when absent." },
	{ NULL, NULL, NULL },
};

static const struct cli_option retry_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--dead", NULL, "All dead letters of the tenant." },
	{ NULL, NULL, NULL },
};

const struct cli_subcommand deliveries_list_subcommand = {
	.name = "deliveries list", .arguments = "",
	.doc = "Lists messages to the outside: webhooks, mails, charges.",
	.example = "  moonbill deliveries list --status dead\n",
	.options = list_options, .run = list_run,
};

const struct cli_subcommand deliveries_retry_subcommand = {
	.name = "deliveries retry", .arguments = "[ID...]", .arguments_min = 0, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Begins messages anew, with all their tries.",
	.example = "  moonbill deliveries retry 17 18\n  moonbill deliveries retry --dead\n",
	.options = retry_options, .run = retry_run,
};
