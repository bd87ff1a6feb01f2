/* copy_file.h: files that the owner of a store makes for a subcommand (backup, tenant export).
 *
 * The owner writes under a name of its own beside the last one; here the copy is held to every invariant and only then gets
 * its name. So what is there under that name is whole, whoever is killed. With --force it takes the place of a plain file.
 */
#ifndef MOONBILL_CLI_COPY_FILE_H
#define MOONBILL_CLI_COPY_FILE_H

#include "cli.h"
#include "verify/verify.h"

struct session;

struct copy_file {
	const char *word; /* before what is told meanwhile: "backup" */
	const char *path; /* as it was given */
	struct text (*request)(const struct cli *cli, const char *path); /* what the owner is asked; the whole path */
	/* In its place: makes the file and its answer; what goes wrong it has printed, and left no file. NULL: it is asked. */
	bool (*make)(struct session *session, const char *path, struct text *answer);
};

/* Makes the file, and prints what the owner answered with the number of checks. */
enum cli_exit copy_file_run(struct cli *cli, const struct copy_file *file);

/* Is the file a sound store? Violations are told on stderr and counted. False when it could not be looked at. */
bool file_verify(struct cli *cli, const char *word, const char *path, struct verify_totals *totals);

#endif
