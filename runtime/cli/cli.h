/* cli.h: the command line: `moonbill SUBCOMMAND [options] [arguments]`.
 *
 * A subcommand is a row { name, arguments, options, run }. Parsing, help and nearest spellings follow from the
 * rows. Exit codes: 0 done, 1 failed (problems on standard error, or as JSON on standard output with --json),
 * 2 the command line itself is wrong.
 */
#ifndef MOONBILL_CLI_CLI_H
#define MOONBILL_CLI_CLI_H

#include "base/arena.h"
#include "base/problem.h"
#include "config.h"

#include <stdbool.h>
#include <stddef.h>

enum cli_exit { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

enum { CLI_OPTIONS_MAX = 16, CLI_ARGUMENTS_MAX = 32 };
/* One arena a process: a bundle is held as files, as archive and as rows. */
#define CLI_ARENA_BYTES ((size_t)1024 * 1024 * 1024)

struct cli_option {
	const char *name;  /* "--at"; NULL ends a table */
	const char *value; /* what its value is called, "INSTANT"; NULL: a flag */
	const char *doc;
};

struct cli;

struct cli_subcommand {
	const char *name;      /* "tenant create"; NULL ends a table */
	const char *arguments; /* "NAME", "[DIR]", "" */
	int arguments_min, arguments_max;
	const char *doc;       /* one sentence */
	const char *example;   /* whole lines */
	const struct cli_option *options;
	bool makes_store;      /* a store that is not there is made; to others it is a problem */
	enum cli_exit (*run)(struct cli *cli);
};

struct cli {
	const struct cli_subcommand *subcommand;
	const struct cli_option *options[CLI_OPTIONS_MAX]; /* given, with their values */
	const char *values[CLI_OPTIONS_MAX];
	size_t option_count;
	const char *arguments[CLI_ARGUMENTS_MAX];
	int argument_count;
	bool json;
	struct config config;
	struct arena arena;
	struct problems problems;
};

/* Every subcommand, in the order of the help text. */
extern const struct cli_subcommand *const cli_subcommands[];
/* Options of all subcommands: --db --config --json --help. */
extern const struct cli_option cli_common_options[];

enum cli_exit cli_main(int argc, char **argv);

/* The option's value, "" for a flag, NULL when it was not given. */
const char *cli_value(const struct cli *cli, const char *option);
/* The option's number, `otherwise` when it was not given. False when it is none between least and most. */
bool cli_number(const struct cli *cli, const char *option, int64_t least, int64_t most, int64_t otherwise, int64_t *number);
/* Fills cli from argv; CLI_USAGE after a message, CLI_DONE otherwise. */
enum cli_exit cli_parse(struct cli *cli, int argc, char **argv);
/* "moonbill: MESSAGE" and how to get help; CLI_USAGE. */
enum cli_exit cli_usage_error(const struct cli_subcommand *subcommand, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void cli_help(const struct cli_subcommand *subcommand); /* NULL: of the program */
void cli_manual(void);                                  /* moonbill(1), for mandoc and man */
void cli_help_group(struct text word);                  /* of the subcommands that begin with this word */

#endif
