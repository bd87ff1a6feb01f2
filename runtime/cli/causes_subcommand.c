/* causes_subcommand.c: moonbill causes list, causes withdraw. */
#include "dead_letter.h"
#include "subcommands.h"

static const char *const members[] = { "id", "event", "rule", "object_id", "account_id", "effects", "status", "created_at", NULL };
static const struct dead_letter letter = { "causes", NULL, "cause.withdraw", "cause", members };

static enum cli_exit list_run(struct cli *cli)
{
	return dead_letter_list(cli, &letter);
}

static enum cli_exit withdraw_run(struct cli *cli)
{
	return dead_letter_withdraw(cli, &letter);
}

const struct cli_subcommand causes_list_subcommand = {
	.name = "causes list", .arguments = "",
	.doc = "Lists what rules queued commands for, and how many commands and messages followed from it.",
	.example = "  moonbill causes list --status open\n",
	.options = dead_letter_list_options, .run = list_run,
};

const struct cli_subcommand causes_withdraw_subcommand = {
	.name = "causes withdraw", .arguments = "ID...", .arguments_min = 1, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Lets nothing more follow from a cause, and takes out its commands and messages that wait.",
	.example = "  moonbill causes withdraw 17\n",
	.options = dead_letter_withdraw_options, .run = withdraw_run,
};
