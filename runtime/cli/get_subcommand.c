/* get_subcommand.c: moonbill get: what GET of the HTTP API answers, for whoever may open the store. */
#include "output.h"
#include "session.h"
#include "subcommands.h"

static const struct cli_option get_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

static enum cli_exit get_run(struct cli *cli)
{
	struct session session;
	struct text output, path = text_of(cli->arguments[0]);
	if (!text_starts(path, "/"))
		path = text_format(&cli->arena, "/v1/%.*s", TEXT_ARG(path));
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool good = session_ask(&session, session_request(cli, "get", text_c(&cli->arena, path)), &output);
	if (good)
		output_answer(cli, output);
	session_close(&session);
	return good ? CLI_DONE : CLI_FAILED;
}

const struct cli_subcommand get_subcommand = {
	.name = "get", .arguments = "PATH", .arguments_min = 1, .arguments_max = 1,
	.doc = "Shows what GET of the HTTP API answers at a path; without a leading '/' under /v1.",
	.example = "  moonbill get accounts/1\n  moonbill get 'tags?name=VIP' --tenant hosting\n  moonbill get tasks --json\n",
	.options = get_options, .run = get_run,
};
