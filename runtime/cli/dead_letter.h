/* dead_letter.h: what waits or died: listed, begun anew by name or all that is dead, and withdrawn. */
#ifndef MOONBILL_CLI_DEAD_LETTER_H
#define MOONBILL_CLI_DEAD_LETTER_H

#include "cli.h"

struct dead_letter {
	const char *list;    /* of operation.h: "deliveries" */
	const char *command; /* that begins one anew: "delivery.retry" */
	const char *withdraw; /* that takes one back: "delivery.withdraw" */
	const char *noun;    /* "delivery" */
	const char *const *members; /* columns; NULL-terminated */
};

extern const struct cli_option dead_letter_list_options[], dead_letter_retry_options[], dead_letter_withdraw_options[];

/* With --status, --after and --limit. */
enum cli_exit dead_letter_list(struct cli *cli, const struct dead_letter *letter);
/* The arguments, or all that are dead with --dead. */
enum cli_exit dead_letter_retry(struct cli *cli, const struct dead_letter *letter);
/* Each argument, again as long as the answer says that there is more of it. */
enum cli_exit dead_letter_withdraw(struct cli *cli, const struct dead_letter *letter);

#endif
