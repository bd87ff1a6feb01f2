/* backup_subcommand.c: moonbill backup: a copy made by the store's owner, looked at here, and only then given its name. */
#include "base/id.h"
#include "control.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"
#include "verify/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct cli_option backup_options[] = {
	{ "--force", NULL, "Replace the file if it is there; until the copy is known good the old one stays." },
	{ NULL, NULL, NULL },
};

enum { PROGRESS_EVERY_MS = 1000, TOLD_MOST = 10 };

struct backup {
	struct cli *cli;
	const char *path, *partial, *folder; /* whole paths */
	struct text copied;                  /* the owner's answer */
	int64_t told;                        /* violations */
	struct verify_totals totals;
};

static bool io_problem(struct backup *backup, const char *path)
{
	return problem_value(&backup->cli->problems, PROBLEM_IO_FAILED, "", text_of(path), NULL, "%s: %s", path, strerror(errno));
}

/* ---- names ---- */

/* The owner has another working directory, so paths are whole. The copy grows under a name of its own beside the last. */
static bool paths_make(struct backup *backup)
{
	struct arena *arena = &backup->cli->arena;
	struct text given = text_of(backup->cli->arguments[0]);
	char *first = (char *)(uintptr_t)text_copy(arena, given).data, *second = (char *)(uintptr_t)text_copy(arena, given).data;
	const char *parent = dirname(first), *name = basename(second);
	char *folder = realpath(parent, NULL);
	if (!folder) {
		io_problem(backup, parent);
		return false;
	}
	backup->folder = text_c(arena, text_of(folder));
	free(folder);
	backup->path = text_format(arena, "%s/%s", backup->folder[1] ? backup->folder : "", name).data;
	backup->partial = text_format(arena, "%s.partial-%.*s", backup->path, TEXT_ARG(uuid_text(arena, uuid_time_ordered()))).data;
	return true;
}

/* Looked at now, to say so at once; the rename at the end looks again, atomically. */
static bool name_is_free(struct backup *backup)
{
	struct stat status;
	if (lstat(backup->path, &status) != 0)
		return errno == ENOENT || io_problem(backup, backup->path);
	if (!S_ISREG(status.st_mode))
		return problem_value(&backup->cli->problems, PROBLEM_INVALID_VALUE, "", text_of(backup->path),
		                     "Name a file; a folder, a link or a device is never replaced.", "%s is there and not a plain file",
		                     backup->path);
	return cli_value(backup->cli, "--force") ||
	       problem_value(&backup->cli->problems, PROBLEM_DUPLICATE, "", text_of(backup->path),
	                     "Name another file, or replace it with --force.", "%s is there already", backup->path);
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

/* A store is not a place for its own backup, by whatever name; nor where one left its log, which would be read with it. */
static bool is_no_store(struct backup *backup)
{
	struct arena *arena = &backup->cli->arena;
	const char *store = control_store_path(arena, backup->cli->config.db);
	bool live = store && is_same_file(store, backup->path);
	for (size_t i = 0; !live && i < COMPANION_COUNT; i++)
		live = is_there(text_format(arena, "%s%s", backup->path, companions[i]).data);
	return !live || problem_value(&backup->cli->problems, PROBLEM_IN_USE, "", text_of(backup->path), "Name another file.",
	                              "%s is or was served as a store", backup->path);
}

/* Nor is what lies beside a store: a copy in place of its log or its lock would cost more than the copy is worth. */
static bool is_no_companion(struct backup *backup)
{
	struct text path = text_of(backup->path), store;
	for (size_t i = 0; i < COMPANION_COUNT; i++) {
		size_t ending = strlen(companions[i]);
		if (path.length <= ending || !text_is(text_slice(path, path.length - ending, path.length), companions[i]))
			continue;
		store = text_slice(path, 0, path.length - ending);
		if (is_there(text_c(&backup->cli->arena, store)))
			return problem_value(&backup->cli->problems, PROBLEM_IN_USE, "", path, "Name another file.",
			                     "%s belongs to the store %.*s", backup->path, TEXT_ARG(store));
	}
	return true;
}

/* ---- progress ---- */

struct progress {
	const char *partial, *store;
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
			fprintf(stderr, "backup: %" PRId64 " of about %" PRId64 " MiB\n", size_of(progress->partial) >> 20,
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

/* ---- the copy ---- */

static bool copy_ask(struct backup *backup)
{
	struct cli *cli = backup->cli;
	struct session session;
	const char *store = control_store_path(&cli->arena, cli->config.db);
	struct progress progress = { .partial = backup->partial, .store = store ? store : "" };
	if (!session_open(&session, cli))
		return false;
	progress_begin(&progress);
	bool good = session_ask(&session, session_request(cli, "backup", backup->partial), &backup->copied);
	progress_end(&progress);
	session_close(&session);
	return good;
}

static void found(void *context, const struct violation *violation)
{
	struct backup *backup = context;
	if (backup->told++ < TOLD_MOST)
		fprintf(stderr, "backup: the copy breaks invariant %d %s: %.*s %" PRId64 ": expected %.*s, found %.*s\n",
		        violation->number, violation->name, TEXT_ARG(violation->kind), violation->id,
		        TEXT_ARG(violation->expected), TEXT_ARG(violation->found));
}

/* Verifying reads what copying has just written; it is quick beside it. */
static void walked(void *context, struct text tenant, const char *walk, int64_t next)
{
	(void)context, (void)tenant, (void)walk, (void)next;
}

static bool copy_verify(struct backup *backup)
{
	struct cli *cli = backup->cli;
	const struct store_options store_options = { .read_only = true, .readers = 1, .read_limit_ms = -1 };
	const struct verify_options options = { .tenant = TEXT_NONE, .found = found, .progress = walked, .context = backup };
	struct store *store = store_open(text_of(backup->partial), &store_options, &cli->problems);
	bool good = store && store_is_sound(store, &cli->problems) &&
	            verify_run(store, &options, &cli->problems, &backup->totals);
	if (store)
		store_close(store);
	if (good && backup->totals.violations)
		return problem(&cli->problems, PROBLEM_VERIFY_FAILED, "", "the copy breaks %" PRId64 " invariants: it was removed",
		               backup->totals.violations);
	return good;
}

/* What is there under the last name is whole, whenever the power goes. */
static bool name_give(struct backup *backup)
{
	unsigned how = cli_value(backup->cli, "--force") ? 0 : RENAME_NOREPLACE;
	if (renameat2(AT_FDCWD, backup->partial, AT_FDCWD, backup->path, how) != 0)
		return io_problem(backup, backup->path);
	int folder = open(backup->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = folder >= 0 && fsync(folder) == 0;
	if (!good)
		io_problem(backup, backup->folder);
	if (folder >= 0)
		close(folder);
	return good;
}

static void result_print(const struct backup *backup)
{
	struct problems ignored;
	problems_init(&ignored, backup->cli->problems.arena);
	const struct json *copied = json_parse(backup->copied, backup->cli->problems.arena, &ignored);
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, backup->cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "file");
	json_c(&writer, backup->path);
	for (const struct json *member = copied ? copied->first : NULL; member; member = member->next) {
		json_name(&writer, text_c(backup->cli->problems.arena, member->name));
		json_raw(&writer, member->text);
	}
	json_name(&writer, "verified_checks");
	json_integer(&writer, backup->totals.checks);
	json_end_object(&writer);
	output_object(backup->cli, builder_text(&out));
}

static bool backup_make(struct backup *backup)
{
	if (!paths_make(backup) || !name_is_free(backup) || !is_no_store(backup) || !is_no_companion(backup)) {
		output_problems(backup->cli);
		return false;
	}
	if (!copy_ask(backup)) /* it has told why */
		return false;
	bool good = copy_verify(backup) && name_give(backup);
	if (good)
		return true;
	unlink(backup->partial);
	output_problems(backup->cli);
	return false;
}

static enum cli_exit backup_run(struct cli *cli)
{
	struct backup backup = { .cli = cli };
	signal(SIGPIPE, SIG_IGN);
	if (!backup_make(&backup))
		return CLI_FAILED;
	result_print(&backup);
	return CLI_DONE;
}

const struct cli_subcommand backup_subcommand = {
	.name = "backup", .arguments = "FILE", .arguments_min = 1, .arguments_max = 1,
	.doc = "Copies the store to a file, also while it is served, and holds the copy to every invariant.",
	.example = "  moonbill backup /var/lib/moonbill/2026-11-21.db --db /var/lib/moonbill/moonbill.db\n"
	           "  moonbill serve --db /var/lib/moonbill/2026-11-21.db\n",
	.options = backup_options, .run = backup_run,
};
