/* deliveries_subcommand.c: moonbill deliveries list, deliveries retry, deliveries withdraw. */
#include "dead_letter.h"
#include "subcommands.h"

static const char *const members[] = { "id",       "channel", "endpoint_id",   "serial",     "status",
	                               "attempts", "due_at",  "answer_status", "last_error", NULL };
static const struct dead_letter letter = { "deliveries", "delivery.retry", "delivery.withdraw", "delivery", members };

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

const struct cli_subcommand deliveries_list_subcommand = {
	.name = "deliveries list", .arguments = "",
	.doc = "Lists messages to the outside that are pending, sent, done, dead or withdrawn: webhooks, mails, charges.",
	.example = "  moonbill deliveries list --status dead\n",
	.options = dead_letter_list_options, .run = list_run,
};

const struct cli_subcommand deliveries_retry_subcommand = {
	.name = "deliveries retry", .arguments = "[ID...]", .arguments_min = 0, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Begins messages anew, with all their tries.",
	.example = "  moonbill deliveries retry 17 18\n  moonbill deliveries retry --dead\n",
	.options = dead_letter_retry_options, .run = retry_run,
};

const struct cli_subcommand deliveries_withdraw_subcommand = {
	.name = "deliveries withdraw", .arguments = "ID...", .arguments_min = 1, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Takes back messages that wait; what is under way may still arrive.",
	.example = "  moonbill deliveries withdraw 17 18\n",
	.options = dead_letter_withdraw_options, .run = withdraw_run,
};
