/* copy_file.c: a file made by the store's owner, looked at here, and only then given its name. */
#include "base/id.h"
#include "control.h"
#include "copy_file.h"
#include "output.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRESS_EVERY_MS = 1000, TOLD_MOST = 10 };

struct copy {
	struct cli *cli;
	const struct copy_file *file;
	const char *path, *partial, *folder; /* whole paths */
	struct text copied;                  /* the owner's answer */
	struct verify_totals totals;
};

static bool io_problem(struct copy *copy, const char *path)
{
	return problem_value(&copy->cli->problems, PROBLEM_IO_FAILED, "", text_of(path), NULL, "%s: %s", path, strerror(errno));
}

/* ---- names ---- */

/* The owner has another working directory, so paths are whole. The copy grows under a name of its own beside the last. */
static bool paths_make(struct copy *copy)
{
	struct arena *arena = &copy->cli->arena;
	struct text given = text_of(copy->file->path);
	char *first = (char *)(uintptr_t)text_copy(arena, given).data, *second = (char *)(uintptr_t)text_copy(arena, given).data;
	const char *parent = dirname(first), *name = basename(second);
	char *folder = realpath(parent, NULL);
	if (!folder) {
		io_problem(copy, parent);
		return false;
	}
	copy->folder = text_c(arena, text_of(folder));
	free(folder);
	copy->path = text_format(arena, "%s/%s", copy->folder[1] ? copy->folder : "", name).data;
	copy->partial = text_format(arena, "%s.partial-%.*s", copy->path, TEXT_ARG(uuid_text(arena, uuid_time_ordered()))).data;
	return true;
}

/* Looked at now, to say so at once; the rename at the end looks again, atomically. */
static bool name_is_free(struct copy *copy)
{
	struct stat status;
	if (lstat(copy->path, &status) != 0)
		return errno == ENOENT || io_problem(copy, copy->path);
	if (!S_ISREG(status.st_mode))
		return problem_value(&copy->cli->problems, PROBLEM_INVALID_VALUE, "", text_of(copy->path),
		                     "Name a file; a folder, a link or a device is never replaced.", "%s is there and not a plain file",
		                     copy->path);
	return cli_value(copy->cli, "--force") ||
	       problem_value(&copy->cli->problems, PROBLEM_DUPLICATE, "", text_of(copy->path),
	                     "Name another file, or replace it with --force.", "%s is there already", copy->path);
}

/* What a store, or one that was opened as such, has beside it. */
static const char *const companions[] = { "-wal", "-shm", "-journal", ".lock", ".sock" };
enum { COMPANION_COUNT = sizeof companions / sizeof companions[0] };

static bool is_there(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

static bool is_same_file(const char *first, const char *second)
{
	struct stat one, other;
	return stat(first, &one) == 0 && stat(second, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* A store is not a place for its own copy, by whatever name; nor where one left its log, which would be read with it. */
static bool is_no_store(struct copy *copy)
{
	struct arena *arena = &copy->cli->arena;
	const char *store = control_store_path(arena, copy->cli->config.db);
	bool live = store && is_same_file(store, copy->path);
	for (size_t i = 0; !live && i < COMPANION_COUNT; i++)
		live = is_there(text_format(arena, "%s%s", copy->path, companions[i]).data);
	return !live || problem_value(&copy->cli->problems, PROBLEM_IN_USE, "", text_of(copy->path), "Name another file.",
	                              "%s is or was served as a store", copy->path);
}

/* Nor is what lies beside a store: a copy in place of its log or its lock would cost more than the copy is worth. */
static bool is_no_companion(struct copy *copy)
{
	struct text path = text_of(copy->path), store;
	for (size_t i = 0; i < COMPANION_COUNT; i++) {
		size_t ending = strlen(companions[i]);
		if (path.length <= ending || !text_is(text_slice(path, path.length - ending, path.length), companions[i]))
			continue;
		store = text_slice(path, 0, path.length - ending);
		if (is_there(text_c(&copy->cli->arena, store)))
			return problem_value(&copy->cli->problems, PROBLEM_IN_USE, "", path, "Name another file.",
			                     "%s belongs to the store %.*s", copy->path, TEXT_ARG(store));
	}
	return true;
}

/* ---- progress ---- */

struct progress {
	const char *word, *partial, *store;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool ended;
	pthread_t thread;
	bool runs;
};

static int64_t size_of(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 ? (int64_t)status.st_size : 0;
}

static void *progress_run(void *context)
{
	struct progress *progress = context;
	pthread_mutex_lock(&progress->lock);
	for (int64_t next_us = clock_monotonic_us(); !progress->ended;) {
		next_us += PROGRESS_EVERY_MS * (int64_t)US_PER_MS;
		const struct timespec until = { .tv_sec = next_us / US_PER_S, .tv_nsec = next_us % US_PER_S * 1000 };
		while (!progress->ended && pthread_cond_timedwait(&progress->changed, &progress->lock, &until) == 0)
			;
		if (!progress->ended)
			fprintf(stderr, "%s: %" PRId64 " of about %" PRId64 " MiB\n", progress->word, size_of(progress->partial) >> 20,
			        size_of(progress->store) >> 20);
	}
	pthread_mutex_unlock(&progress->lock);
	return NULL;
}

static void progress_begin(struct progress *progress)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&progress->lock, NULL);
	pthread_cond_init(&progress->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	progress->runs = pthread_create(&progress->thread, NULL, progress_run, progress) == 0;
}

static void progress_end(struct progress *progress)
{
	pthread_mutex_lock(&progress->lock);
	progress->ended = true;
	pthread_cond_signal(&progress->changed);
	pthread_mutex_unlock(&progress->lock);
	if (progress->runs)
		pthread_join(progress->thread, NULL);
	pthread_cond_destroy(&progress->changed);
	pthread_mutex_destroy(&progress->lock);
}

/* ---- looking at a file ---- */

struct looking {
	const char *word;
	int64_t told; /* violations */
};

static void found(void *context, const struct violation *violation)
{
	struct looking *looking = context;
	if (looking->told++ < TOLD_MOST)
		fprintf(stderr, "%s: the copy breaks invariant %d %s: %.*s %" PRId64 ": expected %.*s, found %.*s\n", looking->word,
		        violation->number, violation->name, TEXT_ARG(violation->kind), violation->id,
		        TEXT_ARG(violation->expected), TEXT_ARG(violation->found));
}

/* Verifying reads what copying has just written; it is quick beside it. */
static void walked(void *context, struct text tenant, const char *walk, int64_t next)
{
	(void)context, (void)tenant, (void)walk, (void)next;
}

bool file_verify(struct cli *cli, const char *word, const char *path, struct verify_totals *totals)
{
	struct looking looking = { .word = word };
	const struct store_options store_options = { .read_only = true, .readers = 1, .read_limit_ms = -1 };
	const struct verify_options options = { .tenant = TEXT_NONE, .found = found, .progress = walked, .context = &looking };
	struct store *store = store_open(text_of(path), &store_options, &cli->problems);
	bool good = store && store_is_sound(store, &cli->problems) && verify_run(store, &options, &cli->problems, totals);
	if (store)
		store_close(store);
	return good;
}

/* ---- the copy ---- */

static bool copy_ask(struct copy *copy)
{
	struct cli *cli = copy->cli;
	struct session session;
	const char *store = control_store_path(&cli->arena, cli->config.db);
	struct progress progress = { .word = copy->file->word, .partial = copy->partial, .store = store ? store : "" };
	if (!session_open(&session, cli))
		return false;
	progress_begin(&progress);
	bool good = copy->file->make ? copy->file->make(&session, copy->partial, &copy->copied)
	                             : session_ask(&session, copy->file->request(cli, copy->partial), &copy->copied);
	progress_end(&progress);
	session_close(&session);
	return good;
}

static bool copy_verify(struct copy *copy)
{
	struct cli *cli = copy->cli;
	if (!file_verify(cli, copy->file->word, copy->partial, &copy->totals))
		return false;
	return copy->totals.violations == copy->totals.of_content ||
	       problem(&cli->problems, PROBLEM_VERIFY_FAILED, "", "the copy breaks %" PRId64 " invariants: it was removed",
	               copy->totals.violations - copy->totals.of_content);
}

/* What is there under the last name is whole, whenever the power goes. */
static bool name_give(struct copy *copy)
{
	unsigned how = cli_value(copy->cli, "--force") ? 0 : RENAME_NOREPLACE;
	if (renameat2(AT_FDCWD, copy->partial, AT_FDCWD, copy->path, how) != 0)
		return io_problem(copy, copy->path);
	int folder = open(copy->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = folder >= 0 && fsync(folder) == 0;
	if (!good)
		io_problem(copy, copy->folder);
	if (folder >= 0)
		close(folder);
	return good;
}

static void result_print(const struct copy *copy)
{
	struct problems ignored;
	problems_init(&ignored, copy->cli->problems.arena);
	const struct json *copied = json_parse(copy->copied, copy->cli->problems.arena, &ignored);
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, copy->cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "file");
	json_c(&writer, copy->path);
	for (const struct json *member = copied ? copied->first : NULL; member; member = member->next) {
		json_name(&writer, text_c(copy->cli->problems.arena, member->name));
		json_raw(&writer, json_tree_text(copy->cli->problems.arena, member));
	}
	json_name(&writer, "verified_checks");
	json_integer(&writer, copy->totals.checks);
	json_end_object(&writer);
	output_object(copy->cli, builder_text(&out));
}

static bool copy_make(struct copy *copy)
{
	if (!paths_make(copy) || !name_is_free(copy) || !is_no_store(copy) || !is_no_companion(copy)) {
		output_problems(copy->cli);
		return false;
	}
	if (!copy_ask(copy)) /* it has told why */
		return false;
	bool good = copy_verify(copy) && name_give(copy);
	if (good)
		return true;
	unlink(copy->partial);
	output_problems(copy->cli);
	return false;
}

enum cli_exit copy_file_run(struct cli *cli, const struct copy_file *file)
{
	struct copy copy = { .cli = cli, .file = file };
	signal(SIGPIPE, SIG_IGN);
	if (!copy_make(&copy))
		return CLI_FAILED;
	result_print(&copy);
	return CLI_DONE;
}
