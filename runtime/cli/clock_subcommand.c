/* clock_subcommand.c: moonbill clock, moonbill version. */
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <stdio.h>

static const struct cli_option clock_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--set", "INSTANT", "Move a test tenant's clock; what is due on the way runs." },
	{ NULL, NULL, NULL },
};

static enum cli_exit clock_run(struct cli *cli)
{
	return session_once(cli, session_request(cli, "clock", cli_value(cli, "--set")));
}

static enum cli_exit version_run(struct cli *cli)
{
	if (cli->json)
		output_object(cli, TEXT("{\"name\":\"moonbill\",\"version\":\"" MOONBILL_VERSION "\"}"));
	else
		printf("moonbill " MOONBILL_VERSION "\n");
	return CLI_DONE;
}

const struct cli_subcommand clock_subcommand = {
	.name = "clock", .arguments = "",
	.doc = "Prints a tenant's clock, or moves that of a test tenant.",
	.example = "  moonbill clock --tenant hosting --set 2011-10-01T00:00:00Z\n",
	.options = clock_options, .run = clock_run,
};

const struct cli_subcommand version_subcommand = {
	.name = "version", .arguments = "",
	.doc = "Prints the version.",
	.example = "  moonbill version --json\n",
	.run = version_run,
};
