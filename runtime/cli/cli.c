/* cli.c: from the words of the command line to a subcommand, its options and the configuration. */
#include "cli.h"

#include "file.h"
#include "output.h"

#include <stdarg.h>
#include <stdio.h>

const struct cli_option cli_common_options[] = {
	{ "--db", "URL", "The store: a file's path; else MOONBILL_DB, else ./moonbill.db." },
	{ "--config", "FILE", "Configuration file; else MOONBILL_CONFIG." },
	{ "--json", NULL, "Print one JSON object instead of lines for people." },
	{ "--help", NULL, "Print this." },
	{ NULL, NULL, NULL },
};

const char *cli_value(const struct cli *cli, const char *option)
{
	for (size_t i = 0; i < cli->option_count; i++)
		if (strcmp(cli->options[i]->name, option) == 0)
			return cli->values[i];
	return NULL;
}

bool cli_number(const struct cli *cli, const char *option, int64_t least, int64_t most, int64_t otherwise, int64_t *number)
{
	const char *value = cli_value(cli, option);
	*number = otherwise;
	return !value || (text_to_int64(text_of(value), number) && *number >= least && *number <= most);
}

enum cli_exit cli_usage_error(const struct cli_subcommand *subcommand, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("moonbill: ", stderr);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	if (subcommand)
		fprintf(stderr, "\nTry: moonbill %s --help\n", subcommand->name);
	else
		fputs("\nTry: moonbill --help\n", stderr);
	return CLI_USAGE;
}

/* ---- which subcommand ---- */

/* For text_nearest: whole names, then their first words. */
struct subcommand_names {
	struct arena *arena;
};

static const char *subcommand_candidate(const void *context, size_t i)
{
	const struct subcommand_names *names = context;
	size_t count = 0;
	while (cli_subcommands[count])
		count++;
	if (i < count)
		return cli_subcommands[i]->name;
	if (i >= 2 * count)
		return NULL;
	struct text head, rest;
	text_split(text_of(cli_subcommands[i - count]->name), ' ', &head, &rest);
	return text_c(names->arena, head);
}

/* Words of `name` that argv has from 1 on: all of them, or 0. */
static int words_match(const char *name, int argc, char **argv)
{
	struct text word, rest = text_of(name);
	int count = 0;
	for (bool more = true; more;) {
		more = text_split(rest, ' ', &word, &rest);
		if (count + 1 >= argc || !text_is(word, argv[count + 1]))
			return 0;
		count++;
	}
	return count;
}

/* The first word of a subcommand of two. */
/* The first subcommand of two words that begins with this one; NULL: none does. */
static const char *first_of_group(struct text word)
{
	for (size_t i = 0; cli_subcommands[i]; i++) {
		struct text head, rest;
		if (text_split(text_of(cli_subcommands[i]->name), ' ', &head, &rest) && text_equals(head, word))
			return cli_subcommands[i]->name;
	}
	return NULL;
}

static bool is_group(struct text word)
{
	return first_of_group(word) != NULL;
}

/* A subcommand of one word, beside which there may be some of two ("branch"). */
static bool is_whole(struct text word)
{
	for (size_t i = 0; cli_subcommands[i]; i++)
		if (text_is(word, cli_subcommands[i]->name))
			return true;
	return false;
}

static enum cli_exit subcommand_find(struct cli *cli, int argc, char **argv, int *words)
{
	for (size_t i = 0; cli_subcommands[i]; i++) {
		*words = words_match(cli_subcommands[i]->name, argc, argv);
		if (*words) {
			cli->subcommand = cli_subcommands[i];
			return CLI_DONE;
		}
	}
	bool two = argc > 2 && argv[2][0] != '-' && is_group(text_of(argv[1]));
	const char *given = text_format(&cli->arena, "%s%s%s", argv[1], two ? " " : "", two ? argv[2] : "").data;
	struct subcommand_names names = { &cli->arena };
	const char *near = NULL;
	if (two || !is_group(text_of(argv[1])))
		near = text_nearest(text_of(given), subcommand_candidate, &names);
	if (near)
		return cli_usage_error(NULL, "'%s' is no subcommand (did you mean '%s'?)", given, near);
	if (!two && is_group(text_of(argv[1])))
		return cli_usage_error(NULL, "'%s' needs a second word, as in 'moonbill %s'", given, first_of_group(text_of(given)));
	return cli_usage_error(NULL, "'%s' is no subcommand", given);
}

/* ---- options ---- */

static const char *option_candidate(const void *context, size_t i)
{
	const struct cli_subcommand *subcommand = context;
	size_t own = 0;
	while (subcommand->options && subcommand->options[own].name)
		own++;
	return i < own ? subcommand->options[i].name : cli_common_options[i - own].name;
}

static const struct cli_option *option_in(const struct cli_option *options, struct text name)
{
	for (; options && options->name; options++)
		if (text_is(name, options->name))
			return options;
	return NULL;
}

/* Takes argv[*i], and the word after it when that is its value. */
static enum cli_exit option_take(struct cli *cli, int argc, char **argv, int *i)
{
	struct text name, value = TEXT_NONE;
	bool joined = text_split(text_of(argv[*i]), '=', &name, &value);
	const struct cli_option *option = option_in(cli->subcommand->options, name);
	if (!option)
		option = option_in(cli_common_options, name);
	if (!option)
		return cli_usage_error(cli->subcommand, "'%.*s' is no option of 'moonbill %s'%s", TEXT_ARG(name),
		                       cli->subcommand->name,
		                       text_did_you_mean(&cli->arena, name, option_candidate, cli->subcommand));
	if (cli_value(cli, option->name))
		return cli_usage_error(cli->subcommand, "%s is given twice", option->name);
	if (joined && !option->value)
		return cli_usage_error(cli->subcommand, "%s takes no value", option->name);
	if (option->value && !joined && *i + 1 >= argc)
		return cli_usage_error(cli->subcommand, "%s needs a value: %s %s", option->name, option->name, option->value);
	if (cli->option_count == CLI_OPTIONS_MAX)
		return cli_usage_error(cli->subcommand, "there are too many options");
	cli->options[cli->option_count] = option;
	cli->values[cli->option_count++] = !option->value ? "" : joined ? text_c(&cli->arena, value) : argv[++*i];
	return CLI_DONE;
}

static enum cli_exit words_take(struct cli *cli, int argc, char **argv, int first)
{
	bool options_end = false;
	for (int i = first; i < argc; i++) {
		if (!options_end && strcmp(argv[i], "--") == 0) {
			options_end = true;
		} else if (!options_end && argv[i][0] == '-' && argv[i][1]) {
			enum cli_exit exit = option_take(cli, argc, argv, &i);
			if (exit != CLI_DONE)
				return exit;
		} else if (cli->argument_count == cli->subcommand->arguments_max) {
			return cli_usage_error(cli->subcommand, "'%s' is one argument too many", argv[i]);
		} else {
			cli->arguments[cli->argument_count++] = argv[i];
		}
	}
	return CLI_DONE;
}

enum cli_exit cli_parse(struct cli *cli, int argc, char **argv)
{
	int words = 0;
	enum cli_exit exit = subcommand_find(cli, argc, argv, &words);
	if (exit == CLI_DONE)
		exit = words_take(cli, argc, argv, words + 1);
	if (exit != CLI_DONE || cli_value(cli, "--help"))
		return exit;
	if (cli->argument_count < cli->subcommand->arguments_min)
		return cli_usage_error(cli->subcommand, "'moonbill %s' needs %s", cli->subcommand->name, cli->subcommand->arguments);
	cli->json = cli_value(cli, "--json") != NULL;
	return CLI_DONE;
}

/* ---- configuration ---- */

static bool config_file(struct cli *cli)
{
	const char *path = cli_value(cli, "--config");
	if (!path)
		path = getenv("MOONBILL_CONFIG");
	if (!path || !path[0])
		return true;
	struct text source;
	return file_read(path, FILE_CONFIG_BYTES_MAX, &cli->arena, &cli->problems, &source) &&
	       config_read(&cli->config, source, path, &cli->problems);
}

/* An option of serve is the setting of its name, with dashes. */
static bool config_options(struct cli *cli)
{
	static const char *const names[] = { "db", "listen", "log", "log_format", "log_requests", "log_file", "metrics_listen",
	                                     NULL };
	for (size_t i = 0; names[i]; i++) {
		char option[64] = "--";
		for (size_t at = 0; names[i][at] && at + 3 < sizeof option; at++)
			option[at + 2] = names[i][at] == '_' ? '-' : names[i][at];
		const char *value = cli_value(cli, option), *where = text_c(&cli->arena, text_of(option));
		if (value && !config_set(&cli->config, text_of(names[i]), text_of(value), where, &cli->problems))
			return false;
	}
	return true;
}

static enum cli_exit run(struct cli *cli, int argc, char **argv)
{
	enum cli_exit exit = cli_parse(cli, argc, argv);
	if (exit != CLI_DONE)
		return exit;
	if (cli_value(cli, "--help")) {
		cli_help(cli->subcommand);
		return CLI_DONE;
	}
	config_init(&cli->config);
	if (!config_file(cli) || !config_environment(&cli->config, &cli->problems) || !config_options(cli)) {
		output_problems(cli);
		return CLI_USAGE;
	}
	log_set_level(LOG_WARNING); /* serve sets its own */
	return cli->subcommand->run(cli);
}

enum cli_exit cli_main(int argc, char **argv)
{
	if (argc < 2) {
		cli_help(NULL);
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		cli_help(NULL);
		return CLI_DONE;
	}
	if (argc == 3 && strcmp(argv[2], "--help") == 0 && is_group(text_of(argv[1])) && !is_whole(text_of(argv[1]))) {
		cli_help_group(text_of(argv[1]));
		return CLI_DONE;
	}
	if (argc == 2 && strcmp(argv[1], "--manual") == 0) {
		cli_manual();
		return fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
	}
	char version[] = "version";
	if (strcmp(argv[1], "--version") == 0)
		argv[1] = version;
	struct cli cli = { 0 };
	if (!arena_init(&cli.arena, CLI_ARENA_BYTES)) {
		fputs("moonbill: memory ran out\n", stderr);
		return CLI_FAILED;
	}
	problems_init(&cli.problems, &cli.arena);
	enum cli_exit exit = run(&cli, argc, argv);
	arena_finish(&cli.arena);
	if (fflush(stdout) != 0 && exit == CLI_DONE) {
		fputs("moonbill: standard output cannot be written\n", stderr);
		return CLI_FAILED;
	}
	return exit;
}
