/* jobs_subcommand.c: moonbill jobs list, jobs retry, jobs withdraw. */
#include "dead_letter.h"
#include "subcommands.h"

static const char *const members[] = { "id", "kind", "account_id", "object_id", "status", "attempts", "due_at", "last_error", NULL };
static const struct dead_letter letter = { "jobs", "job.retry", "job.withdraw", "job", members };

static enum cli_exit list_run(struct cli *cli)
{
	return dead_letter_list(cli, &letter);
}

static enum cli_exit retry_run(struct cli *cli)
{
	return dead_letter_retry(cli, &letter);
}

static enum cli_exit withdraw_run(struct cli *cli)
{
	return dead_letter_withdraw(cli, &letter);
}

const struct cli_subcommand jobs_list_subcommand = {
	.name = "jobs list", .arguments = "",
	.doc = "Lists work that is due or dead: billing runs, queued commands, post rules to repeat.",
	.example = "  moonbill jobs list --status dead\n",
	.options = dead_letter_list_options, .run = list_run,
};

const struct cli_subcommand jobs_retry_subcommand = {
	.name = "jobs retry", .arguments = "[ID...]", .arguments_min = 0, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Begins dead work anew, with all its tries: also post rules that failed too often.",
	.example = "  moonbill jobs retry 17 18\n  moonbill jobs retry --dead\n",
	.options = dead_letter_retry_options, .run = retry_run,
};

const struct cli_subcommand jobs_withdraw_subcommand = {
	.name = "jobs withdraw", .arguments = "ID...", .arguments_min = 1, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Takes out commands that rules queued, and post rules that are to be repeated.",
	.example = "  moonbill jobs withdraw 17 18\n",
	.options = dead_letter_withdraw_options, .run = withdraw_run,
};
