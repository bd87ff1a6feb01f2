/* openapi_subcommand.c: moonbill openapi. */
#include "billing/billing.h"
#include "event/engine.h"
#include "http/application.h"
#include "output.h"
#include "subcommands.h"

#include <stdio.h>
#include <string.h>

/* The description follows from the commands there are, not from a store: an empty one in memory will do. */
static enum cli_exit openapi_subcommand_run(struct cli *cli)
{
	bool maxio = cli->argument_count == 1 && strcmp(cli->arguments[0], "maxio") == 0;
	if (cli->argument_count && !maxio) {
		problem_value(&cli->problems, PROBLEM_INVALID_VALUE, "", text_of(cli->arguments[0]), "Ask for maxio, or for none.",
		              "there is no description of such a wire");
		output_problems(cli);
		return CLI_FAILED;
	}
	const struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs };
	struct engine *engine = engine_open(TEXT(":memory:"), &options, &cli->problems);
	if (!engine) {
		output_problems(cli);
		return CLI_FAILED;
	}
	struct http_application *application = http_application_new(engine, 0);
	if (application)
		printf("%.*s\n", TEXT_ARG(maxio ? http_application_openapi_maxio(application) : http_application_openapi(application)));
	else
		problem(&cli->problems, PROBLEM_OUT_OF_MEMORY, "", "the description needs more memory than there is");
	bool made = application != NULL;
	http_application_free(application);
	engine_close(engine);
	if (!made)
		output_problems(cli);
	return made ? CLI_DONE : CLI_FAILED;
}

const struct cli_subcommand openapi_subcommand = {
	.name = "openapi", .arguments = "[maxio]", .arguments_max = 1,
	.doc = "Prints the description of the HTTP API, or of Maxio's wire, as OpenAPI 3.1, as GET /openapi.json and /openapi/maxio.json answer it.",
	.example = "  moonbill openapi > openapi.json\n",
	.run = openapi_subcommand_run,
};
