/* backup_subcommand.c: moonbill backup. */
#include "copy_file.h"
#include "session.h"
#include "subcommands.h"

static const struct cli_option backup_options[] = {
	{ "--force", NULL, "Replace the file if it is there; until the copy is known good the old one stays." },
	{ NULL, NULL, NULL },
};

static struct text backup_request(const struct cli *cli, const char *path)
{
	return session_request(cli, "backup", path);
}

static enum cli_exit backup_run(struct cli *cli)
{
	const struct copy_file file = { .word = "backup", .path = cli->arguments[0], .request = backup_request };
	return copy_file_run(cli, &file);
}

const struct cli_subcommand backup_subcommand = {
	.name = "backup", .arguments = "FILE", .arguments_min = 1, .arguments_max = 1,
	.doc = "Copies the store to a file, also while it is served, and holds the copy to every invariant.",
	.example = "  moonbill backup /var/lib/moonbill/2026-11-21.db --db /var/lib/moonbill/moonbill.db\n"
	           "  moonbill serve --db /var/lib/moonbill/2026-11-21.db\n",
	.options = backup_options, .run = backup_run,
};
