/* test_subcommand.c: moonbill test: the checks of bundles, and sessions of the console typed again. */
#include "check_report.h"
#include "console_subcommand.h"
#include "file.h"
#include "output.h"
#include "subcommands.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
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
	options->json = false; /* it says what it said, whatever is told of it */
	return true;
}

static void session_write(struct json_writer *writer, const char *path, bool passed, size_t inputs, struct text said)
{
	json_begin_object(writer);
	json_name(writer, "session");
	json_c(writer, path);
	json_name(writer, "passed");
	json_boolean(writer, passed);
	json_name(writer, "inputs");
	json_integer(writer, (int64_t)inputs);
	json_name(writer, "differences");
	json_string(writer, said);
	json_end_object(writer);
}

/* Types the session again; what differs goes to `out`. */
static bool session_replayed(struct cli *cli, const char *path, FILE *out, size_t *inputs)
{
	struct text session, anew;
	struct store_image image = { NULL, 0 };
	struct console_options options;
	bool same = false, update = cli_value(cli, "--update") != NULL;
	problems_init(&cli->problems, &cli->arena);
	bool good = session_open_options(cli, path, &session, &image, &options);
	if (good && update)
		good = same = session_again(&options, session, &cli->arena, &cli->problems, &anew) &&
		              file_replace(path, anew, &cli->arena, &cli->problems);
	else if (good)
		good = session_replay(&options, session, path, out, &cli->problems, &same, inputs);
	store_image_free(&image);
	return good && same;
}

static void session_tell_json(struct cli *cli, const char *path, struct test_report *report, bool *passed)
{
	char *said = NULL;
	size_t length = 0, inputs = 0;
	FILE *out = open_memstream(&said, &length);
	*passed = out && session_replayed(cli, path, out, &inputs);
	if (out)
		fclose(out);
	struct text text = cli->problems.first ? text_of(cli->problems.first->message)
	                                       : said ? text_copy(&cli->arena, (struct text){ said, length }) : TEXT("");
	session_write(report->writer, path, *passed, inputs, text);
	free(said);
}

static void session_test(struct cli *cli, const char *path, struct test_report *report)
{
	size_t inputs = 0;
	bool passed;
	if (report->writer) {
		session_tell_json(cli, path, report, &passed);
	} else {
		passed = session_replayed(cli, path, stdout, &inputs);
		if (cli->problems.first)
			output_problems(cli);
		if (cli_value(cli, "--update"))
			printf("%s %s\n", passed ? "written -" : "not ok -", path);
		else
			printf("%s %s: %zu inputs\n", passed ? "ok -" : "not ok -", path, inputs);
	}
	report->passed += passed;
	report->failed += !passed;
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
static bool bundle_test(struct cli *cli, const char *folder, struct sessions *sessions, struct test_report *report)
{
	if (!check_report_run(cli, folder, report))
		return false;
	if (report->failed == 0 && is_there(cli, folder, "sessions"))
		sessions_find(cli, text_format(&cli->arena, "%s/sessions", folder).data, sessions);
	return true;
}

static bool argument_test(struct cli *cli, const char *path, struct sessions *sessions, struct test_report *report)
{
	bool bundle = is_there(cli, path, "bundle.json");
	if (bundle ? bundle_test(cli, path, sessions, report) : sessions_need(cli, path, sessions))
		return true;
	output_problems(cli);
	return false;
}

static bool arguments_test(struct cli *cli, struct test_report *report)
{
	struct sessions *sessions = arena_new(&cli->arena, struct sessions);
	for (int i = 0; i < cli->argument_count; i++)
		if (!argument_test(cli, cli->arguments[i], sessions, report))
			return false;
	for (size_t i = 0; i < sessions->count; i++)
		session_test(cli, sessions->paths[i], report);
	return true;
}

/* {"results": [...], "passed": 6, "failed": 0} */
static bool arguments_test_json(struct cli *cli, struct test_report *report)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	report->writer = &writer;
	json_begin_object(&writer);
	json_name(&writer, "results");
	json_begin_array(&writer);
	if (!arguments_test(cli, report))
		return false;
	json_end_array(&writer);
	json_name(&writer, "passed");
	json_integer(&writer, (int64_t)report->passed);
	json_name(&writer, "failed");
	json_integer(&writer, (int64_t)report->failed);
	json_end_object(&writer);
	struct text text = builder_text(&out);
	printf("%.*s\n", TEXT_ARG(text));
	return true;
}

static enum cli_exit test_run(struct cli *cli)
{
	struct test_report report = { 0, 0, NULL };
	if (!(cli->json ? arguments_test_json(cli, &report) : arguments_test(cli, &report)))
		return CLI_FAILED;
	if (!cli->json)
		printf("%zu passed, %zu failed\n", report.passed, report.failed);
	return report.failed ? CLI_FAILED : CLI_DONE;
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
