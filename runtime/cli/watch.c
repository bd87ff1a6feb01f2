/* watch.c: serve --watch DIR: a bundle's folder is deployed when it changes. */
#include "watch.h"

#include "author_tools.h"
#include "check_report.h"
#include "file.h"
#include "operation.h"
#include "output.h"
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FOLDERS_DEPTH_MAX = 3,   /* the bundle's own, rules/, and one below */
	SETTLE_MS = 150,         /* an editor writes a file in several steps */
	LOOK_MS = 1000,          /* a folder that is gone may come again, under a name that nobody watches */
};

#define WATCHED (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

struct watch {
	const struct cli *cli;
	struct engine *engine;
	const char *folder;
	int changes;             /* inotify */
	int stop[2];             /* a pipe: closing its end wakes the thread */
	bool was_there;
	pthread_t thread;
};

/* ------------------------------------------------------------------------------------------------ deploying */

static void printed(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void printed(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	fflush(stdout);
}

/* The same request that moonbill deploy makes. */
static void deploy(struct watch *watch, struct cli *cli, struct text archive)
{
	struct text input = text_format(&cli->arena, "{\"archive\":%.*s}", TEXT_ARG(archive));
	struct text answer = operation_answer(watch->engine, session_command(cli, "bundle.deploy", input), NULL, &cli->arena);
	const struct json *document = json_parse_limited(answer, INT32_MAX, &cli->arena, &cli->problems);
	const struct json *problems = document ? json_member(document, "problems") : NULL;
	const struct json *output = document ? json_member(document, "output") : NULL;
	if (problems) {
		output_problem_document(cli, problems, json_tree_text(&cli->arena, problems));
		printed("watch: %s was not deployed\n", watch->folder);
		return;
	}
	struct text digest = output ? json_text(json_member(output, "digest")) : TEXT_NONE;
	struct text previous = output ? json_text(json_member(output, "previous")) : TEXT_NONE;
	if (text_present(digest) && !(text_present(previous) && text_equals(digest, previous)))
		printed("watch: %s is in force as %.*s\n", watch->folder, 12, digest.data);
}

static void folder_deploy(struct watch *watch, struct cli *cli)
{
	struct bundle_content content;
	struct checked checked;
	struct text archive;
	if (!author_check(cli, watch->folder, &content, &checked)) {
		const struct output_source source = { archive_line, &content.archive };
		output_problems_of(cli, &source);
		printed("watch: %s was not deployed\n", watch->folder);
		return;
	}
	rule_bundle_release(content.rules);
	if (file_bundle_pack(watch->folder, &cli->arena, &cli->problems, &archive))
		deploy(watch, cli, archive);
	else
		output_problems(cli);
}

/* In memory of its own each time: a watch goes on for days. */
static void deploy_anew(struct watch *watch)
{
	struct cli *cli = calloc(1, sizeof *cli);
	if (!cli || !arena_init(&cli->arena, CLI_ARENA_BYTES)) {
		free(cli);
		return;
	}
	struct arena arena = cli->arena;
	*cli = *watch->cli;
	cli->arena = arena;
	cli->json = false;
	problems_init(&cli->problems, &cli->arena);
	folder_deploy(watch, cli);
	arena_finish(&cli->arena);
	free(cli);
}

/* ------------------------------------------------------------------------------------------------ watching */

/* Adding a folder that is watched already changes nothing. */
static void folders_add(const struct watch *watch, const char *folder, int depth)
{
	DIR *directory = opendir(folder);
	if (!directory)
		return;
	inotify_add_watch(watch->changes, folder, WATCHED);
	for (struct dirent *entry; depth < FOLDERS_DEPTH_MAX && (entry = readdir(directory));) {
		char path[4096];
		struct stat status;
		int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		bool fits = length > 0 && (size_t)length < sizeof path;
		if (entry->d_name[0] != '.' && fits && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
			folders_add(watch, path, depth + 1);
	}
	closedir(directory);
}

/* Takes all changes that have been told. */
static bool changes_take(const struct watch *watch)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool any = false;
	while (read(watch->changes, events, sizeof events) > 0)
		any = true;
	return any;
}

static bool is_there(const struct watch *watch)
{
	struct stat status;
	return stat(watch->folder, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Waits for something to come; false when the watch is to end. */
static bool wait_for(const struct watch *watch, int timeout_ms)
{
	struct pollfd files[] = { { watch->stop[0], POLLIN, 0 }, { watch->changes, POLLIN, 0 } };
	int ready = poll(files, 2, timeout_ms);
	return ready < 0 ? errno == EINTR : files[0].revents == 0;
}

/* Until nothing has changed for a moment. A folder may come in any of its steps: what is in it before it is watched is read by
 * the deploy that follows. */
static bool settle(const struct watch *watch)
{
	do {
		folders_add(watch, watch->folder, 1);
		if (!wait_for(watch, SETTLE_MS))
			return false;
	} while (changes_take(watch));
	return true;
}

static void *watch_run(void *context)
{
	struct watch *watch = context;
	while (wait_for(watch, LOOK_MS)) {
		bool there = is_there(watch), changed = changes_take(watch) || (there && !watch->was_there);
		if (watch->was_there && !there)
			printed("watch: %s is gone; what was in force stays\n", watch->folder);
		watch->was_there = there;
		if (!changed || !there)
			continue;
		if (!settle(watch))
			break;
		deploy_anew(watch);
	}
	return NULL;
}

static struct watch *failed(struct watch *watch, struct problems *problems, const char *what)
{
	problem(problems, PROBLEM_IO_FAILED, "", "%s cannot be watched: %s", what, strerror(errno));
	if (watch && watch->changes >= 0)
		close(watch->changes);
	if (watch && watch->stop[0] >= 0)
		close(watch->stop[0]), close(watch->stop[1]);
	free(watch);
	return NULL;
}

struct watch *watch_start(struct cli *cli, struct engine *engine, const char *folder)
{
	struct watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		return failed(NULL, &cli->problems, folder);
	*watch = (struct watch){ .cli = cli, .engine = engine, .folder = folder, .changes = -1, .stop = { -1, -1 } };
	watch->was_there = is_there(watch);
	if (!watch->was_there)
		errno = ENOENT;
	if (!watch->was_there || (watch->changes = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) < 0 || pipe2(watch->stop, O_CLOEXEC) != 0)
		return failed(watch, &cli->problems, folder);
	folders_add(watch, folder, 1);
	printed("watch: %s is watched\n", folder);
	deploy_anew(watch);
	if (pthread_create(&watch->thread, NULL, watch_run, watch) != 0)
		return failed(watch, &cli->problems, folder);
	return watch;
}

void watch_stop(struct watch *watch)
{
	if (!watch)
		return;
	close(watch->stop[1]);
	pthread_join(watch->thread, NULL);
	close(watch->stop[0]);
	close(watch->changes);
	free(watch);
}
