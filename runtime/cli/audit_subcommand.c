/* audit_subcommand.c: moonbill audit. */
#include "output.h"
#include "session.h"
#include "subcommands.h"

static const struct cli_option audit_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--after", "ID", "Only rows after this one." },
	{ "--limit", "COUNT", "At most so many, 1 to 1000; 100 when absent." },
	{ "--command", "NAME", "Only rows of this command." },
	{ NULL, NULL, NULL },
};

enum { LIMIT_DEFAULT = 100, LIMIT_MOST = 1000 };

static enum cli_exit audit_run(struct cli *cli)
{
	static const char *const members[] = { "id",      "at",         "actor",       "command",    "outcome",
	                                       "object_type", "object_id",   "request_id", NULL };
	int64_t after, limit;
	if (!cli_number(cli, "--after", 0, INT64_MAX, 0, &after))
		return cli_usage_error(cli->subcommand, "--after takes the id of a row");
	if (!cli_number(cli, "--limit", 1, LIMIT_MOST, LIMIT_DEFAULT, &limit))
		return cli_usage_error(cli->subcommand, "--limit takes a number from 1 to %d", LIMIT_MOST);
	return session_list(cli, session_page_request(cli, "audit", cli_value(cli, "--command"), after, limit), members);
}

const struct cli_subcommand audit_subcommand = {
	.name = "audit", .arguments = "",
	.doc = "Lists who did what in a tenant, in order, after a row.",
	.example = "  moonbill audit --tenant acme --command key.rotate --json\n",
	.options = audit_options, .run = audit_run,
};
