/* test_subcommand.c: moonbill test: the checks of bundles, and sessions of the console typed again. */
#include "check_report.h"
#include "console_subcommand.h"
#include "file.h"
#include "output.h"
#include "subcommands.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

enum { SESSION_BYTES_MAX = 4 * 1024 * 1024, SESSIONS_MAX = 1000 };

/* As it is named, or from where the session lies; one that begins with a point always from there. */
static const char *folder_of(struct cli *cli, struct text arguments, const char *path)
{
	const char *named = text_c(&cli->arena, arguments), *slash = strrchr(path, '/');
	struct stat status;
	if ((named[0] != '.' && stat(named, &status) == 0) || !slash)
		return named;
	return text_format(&cli->arena, "%.*s/%s", (int)(slash - path), path, named).data;
}

static bool session_open_options(struct cli *cli, const char *path, struct text *session, struct store_image *image,
                                 struct console_options *options)
{
	struct text arguments;
	if (!file_read(path, SESSION_BYTES_MAX, &cli->arena, &cli->problems, session))
		return false;
	if (!session_arguments(*session, &arguments) || arguments.length == 0 || arguments.data[0] == '-')
		return problem_value(&cli->problems, PROBLEM_BAD_REQUEST, "", text_of(path),
		                     "Its first line is: # moonbill console BUNDLE", "%s does not begin as a session of a bundle does", path);
	const char *folder = folder_of(cli, arguments, path);
	if (!console_image_of_bundle(cli, folder, image))
		return false;
	*options = console_options_of(cli, folder, image);
	return true;
}

static bool session_test(struct cli *cli, const char *path)
{
	struct text session, anew;
	struct store_image image = { NULL, 0 };
	struct console_options options;
	bool same = false, update = cli_value(cli, "--update") != NULL;
	size_t inputs = 0;
	problems_init(&cli->problems, &cli->arena);
	bool good = session_open_options(cli, path, &session, &image, &options);
	if (good && update)
		good = same = session_again(&options, session, &cli->arena, &cli->problems, &anew) &&
		              file_replace(path, anew, &cli->arena, &cli->problems);
	else if (good)
		good = session_replay(&options, session, path, stdout, &cli->problems, &same, &inputs);
	store_image_free(&image);
	if (cli->problems.first)
		output_problems(cli);
	if (update)
		printf("%s %s\n", good ? "written -" : "not ok -", path);
	else
		printf("%s %s: %zu inputs\n", good && same ? "ok -" : "not ok -", path, inputs);
	return good && same;
}

struct sessions {
	const char *paths[SESSIONS_MAX];
	size_t count;
};

static int path_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Those of a folder, by their names. */
static bool sessions_find(struct cli *cli, const char *path, struct sessions *sessions)
{
	static const char ending[] = ".session";
	size_t first = sessions->count;
	DIR *directory = opendir(path);
	if (!directory) {
		if (sessions->count < SESSIONS_MAX)
			sessions->paths[sessions->count++] = path;
		return true;
	}
	for (struct dirent *entry; sessions->count < SESSIONS_MAX && (entry = readdir(directory));) {
		size_t length = strlen(entry->d_name);
		if (length > sizeof ending && strcmp(entry->d_name + length - (sizeof ending - 1), ending) == 0)
			sessions->paths[sessions->count++] = text_format(&cli->arena, "%s/%s", path, entry->d_name).data;
	}
	closedir(directory);
	qsort(sessions->paths + first, sessions->count - first, sizeof *sessions->paths, path_compare);
	return sessions->count > first;
}

static bool sessions_need(struct cli *cli, const char *path, struct sessions *sessions)
{
	return sessions_find(cli, path, sessions) ||
	       problem_value(&cli->problems, PROBLEM_NOT_FOUND, "", text_of(path), "Save one with \\save in moonbill console.",
	                     "there are no files *.session in %s", path);
}

static bool is_there(struct cli *cli, const char *folder, const char *name)
{
	struct stat status;
	return stat(text_format(&cli->arena, "%s/%s", folder, name).data, &status) == 0;
}

/* A bundle's folder: its checks, and its sessions when the checks let it begin. */
static bool bundle_test(struct cli *cli, const char *folder, struct sessions *sessions, struct check_count *count)
{
	if (!check_report_run(cli, folder, count))
		return false;
	if (count->failed == 0 && is_there(cli, folder, "sessions"))
		sessions_find(cli, text_format(&cli->arena, "%s/sessions", folder).data, sessions);
	return true;
}

static bool argument_test(struct cli *cli, const char *path, struct sessions *sessions, struct check_count *count)
{
	bool bundle = is_there(cli, path, "bundle.json");
	if (bundle ? bundle_test(cli, path, sessions, count) : sessions_need(cli, path, sessions))
		return true;
	output_problems(cli);
	return false;
}

static enum cli_exit test_run(struct cli *cli)
{
	struct sessions *sessions = arena_new(&cli->arena, struct sessions);
	struct check_count count = { 0, 0 };
	for (int i = 0; i < cli->argument_count; i++)
		if (!argument_test(cli, cli->arguments[i], sessions, &count))
			return CLI_FAILED;
	for (size_t i = 0; i < sessions->count; i++) {
		bool good = session_test(cli, sessions->paths[i]);
		count.passed += good;
		count.failed += !good;
	}
	printf("%zu passed, %zu failed\n", count.passed, count.failed);
	return count.failed ? CLI_FAILED : CLI_DONE;
}

static const struct cli_option test_options[] = {
	{ "--update", NULL, "Write what sessions say now into their files, to be looked at by diff." },
	{ "--lcov", "FILE", "What the checks cover, as lcov has it." },
	{ NULL, NULL, NULL },
};

const struct cli_subcommand test_subcommand = {
	.name = "test", .arguments = "DIR | FILE...", .arguments_min = 1, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Runs a bundle's checks, tells what of its rules they cover, and types its sessions; or types sessions of the console.",
	.example = "  moonbill test my-hosting --lcov coverage.info\n  moonbill test tests/sessions\n  moonbill test first-renewal.session --update\n",
	.options = test_options, .run = test_run,
};
