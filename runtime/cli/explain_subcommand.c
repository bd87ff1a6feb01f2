/* explain_subcommand.c: moonbill explain. */
#include "console/explanation.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <stdio.h>

static const struct cli_option explain_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

/* ---- asking ---- */

static struct text request_of(const struct cli *cli, int64_t line)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "explain");
	json_c(&writer, cli->arguments[0]);
	session_tenant_write(&writer, cli);
	if (line) {
		json_name(&writer, "line");
		json_integer(&writer, line);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

/* A difference is a failure: scripts hold stores to it. */
static enum cli_exit explain_print(struct cli *cli, struct text output)
{
	const struct json *explanation = json_parse_limited(output, INT32_MAX, &cli->arena, &cli->problems);
	if (!explanation)
		BUG("our own JSON cannot be read: %.*s", TEXT_ARG(output));
	if (cli->json)
		output_object(cli, output);
	else
		explanation_print(stdout, explanation);
	return explanation_is_same(explanation) ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit explain_run(struct cli *cli)
{
	struct session session;
	struct text output;
	int64_t line = 0;
	if (cli->argument_count > 1 && (!text_to_int64(text_of(cli->arguments[1]), &line) || line < 1))
		return cli_usage_error(cli->subcommand, "LINE is the number of a line, from 1");
	if (!session_open(&session, cli))
		return CLI_FAILED;
	enum cli_exit end = session_ask(&session, request_of(cli, line), &output) ? explain_print(cli, output) : CLI_FAILED;
	session_close(&session);
	return end;
}

const struct cli_subcommand explain_subcommand = {
	.name = "explain", .arguments = "INVOICE [LINE]", .arguments_min = 1, .arguments_max = 2,
	.doc = "Tells how the amounts of an invoice (its number, or its id), of a credit note (its number) or of a credit "
	       "(credit:ID) came about, and does them again: exit code 1 when one comes out otherwise.",
	.example = "  moonbill explain 1019 1 --tenant hosting\n  moonbill explain CN-1\n  moonbill explain credit:7\n",
	.options = explain_options, .run = explain_run,
};
