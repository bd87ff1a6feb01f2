/* help.c: what --help prints: of the program, and of each subcommand with an example. */
#include "cli.h"

#include <stdio.h>

static void options_print(const struct cli_option *options)
{
	for (; options && options->name; options++) {
		char left[40];
		snprintf(left, sizeof left, "%s%s%s", options->name, options->value ? " " : "", options->value ? options->value : "");
		printf("  %-26s %s\n", left, options->doc);
	}
}

static void subcommand_print(const struct cli_subcommand *subcommand)
{
	printf("Usage: moonbill %s%s%s [options]\n\n%s\n\n", subcommand->name, subcommand->arguments[0] ? " " : "",
	       subcommand->arguments, subcommand->doc);
	printf("Options:\n");
	options_print(subcommand->options);
	options_print(cli_common_options);
	printf("\nExample:\n%s", subcommand->example);
}

void cli_help_group(struct text word)
{
	printf("Usage: moonbill %.*s SUBCOMMAND [options] [arguments]\n\n", TEXT_ARG(word));
	for (size_t i = 0; cli_subcommands[i]; i++) {
		struct text head, rest;
		if (text_split(text_of(cli_subcommands[i]->name), ' ', &head, &rest) && text_equals(head, word))
			printf("  %-16s %s\n", cli_subcommands[i]->name, cli_subcommands[i]->doc);
	}
	printf("\nEach takes --help.\n");
}

void cli_help(const struct cli_subcommand *subcommand)
{
	if (subcommand) {
		subcommand_print(subcommand);
		return;
	}
	printf("Usage: moonbill SUBCOMMAND [options] [arguments]\n\nA billing runtime whose rules are Lua.\n\n");
	for (size_t i = 0; cli_subcommands[i]; i++)
		printf("  %-16s %s\n", cli_subcommands[i]->name, cli_subcommands[i]->doc);
	printf("\nEach takes --help; moonbill --manual prints the manual page. Exit codes: 0 done, 1 failed, 2 the command line is wrong.\n");
}
