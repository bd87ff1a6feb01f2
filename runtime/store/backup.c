/* backup.c: a copy of the file while it is being written to.
 *
 * The pages come from one snapshot, that of a connection of its own, so that commits meanwhile neither begin the copy anew
 * nor show in it: it holds what was committed before it began. The log cannot be reset for as long and grows by what is
 * written. Copying files by other means would miss the log, and closing a descriptor of the live file would drop SQLite's
 * locks: that is why the process that owns the store makes the copy.
 */
#include "store/sqlite.h"
#include "store/writer_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	STEP_PAGES = 256,            /* 1 MiB: a commit waits for the disk behind no more than that */
	STEP_PAUSE_US = 1 * US_PER_MS,
};

/* ---- the file ---- */

static bool file_problem(struct problems *problems, const char *path, const char *doing)
{
	return problem_value(problems, PROBLEM_IO_FAILED, "", text_of(path), "Name a file in a folder that the server may write to.",
	                     "%s cannot be %s: %s", path, doing, strerror(errno));
}

bool copy_file_make(const char *path, struct problems *problems)
{
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0)
		return file_problem(problems, path, "made");
	close(file);
	return true;
}

/* Nobody else has it open yet, so a descriptor of it may be closed. */
bool copy_file_sync(const char *path, struct store_backup *backup, struct problems *problems)
{
	struct stat status = { 0 };
	int file = open(path, O_RDWR | O_CLOEXEC);
	bool good = file >= 0 && fsync(file) == 0 && fstat(file, &status) == 0;
	if (!good)
		file_problem(problems, path, "brought to the disk");
	if (file >= 0)
		close(file);
	backup->bytes = status.st_size;
	return good;
}

/* ---- pages ---- */

struct copy {
	struct store *store;
	const struct store_backup_asker *asker;
	const char *path;
	struct connection source;
	sqlite3 *target;
	struct problems *problems;
};

/* It is the copy's disk that is full then, not the store's: what is asked of an operator is not what is asked of a client. */
static bool target_problem(const struct copy *copy, int result, const char *doing)
{
	if ((write_result_of(copy->target, result) & 0xff) == SQLITE_FULL)
		return problem_value(copy->problems, PROBLEM_STORE_FULL, "", text_of(copy->path),
		                     "Free space on its disk, or name a file on another one.", "%s: the disk is full", copy->path);
	return problem_sqlite(copy->problems, copy->target, result, doing);
}

/* The whole file is synced once, at its end; until then it has another name and nobody trusts it. */
static bool target_open(struct copy *copy, const char *settings)
{
	int result = sqlite3_open_v2(copy->path, &copy->target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_exec(copy->target, settings, NULL, NULL, NULL);
	return result == SQLITE_OK || target_problem(copy, result, "opening the copy");
}

static void target_close(struct copy *copy)
{
	sqlite3_close(copy->target);
	copy->target = NULL;
}

static bool is_unwanted(const struct copy *copy)
{
	return atomic_load(&copy->store->backups_end) || (copy->asker && copy->asker->is_gone(copy->asker->context));
}

static int pages_step(const struct copy *copy, sqlite3_backup *pages)
{
	int result = SQLITE_OK;
	while (result == SQLITE_OK && !is_unwanted(copy)) {
		result = sqlite3_backup_step(pages, STEP_PAGES);
		if (result == SQLITE_OK)
			clock_sleep_us(STEP_PAUSE_US);
	}
	return result;
}

static bool pages_copy(const struct copy *copy)
{
	sqlite3_backup *pages = sqlite3_backup_init(copy->target, "main", copy->source.handle, "main");
	if (!pages)
		return target_problem(copy, sqlite3_errcode(copy->target), "beginning the copy");
	int stepped = pages_step(copy, pages), result = sqlite3_backup_finish(pages);
	if (stepped == SQLITE_OK)
		return problem(copy->problems, PROBLEM_BUSY, "", "the server is stopping, or nobody waits: the copy was given up");
	return stepped == SQLITE_DONE || target_problem(copy, result, "copying");
}

/* A transaction takes its snapshot when it first reads. */
static bool snapshot_take(struct copy *copy)
{
	int result = connection_control(&copy->source, CONTROL_BEGIN_READ);
	if (result == SQLITE_OK)
		result = sqlite3_exec(copy->source.handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	return result == SQLITE_OK || problem_sqlite(copy->problems, copy->source.handle, result, "taking a snapshot");
}

/* A copy is one file: it leaves the mode that needs a log beside it, which a store that opens it takes up again. */
static bool copy_make(struct copy *copy)
{
	bool good = target_open(copy, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF") && snapshot_take(copy) &&
	            pages_copy(copy);
	target_close(copy);
	good = good && target_open(copy, "PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE");
	target_close(copy);
	return good;
}

bool store_backup(struct store *store, const char *path, const struct store_backup_asker *asker, struct store_backup *backup,
                  struct problems *problems)
{
	struct copy copy = { .store = store, .asker = asker, .path = path, .problems = problems };
	int64_t begun_us = clock_monotonic_us();
	*backup = (struct store_backup){ 0 };
	if (!store->path)
		return problem(problems, PROBLEM_INVALID_VALUE, "", "a store in memory has no file to copy");
	if (!copy_file_make(path, problems))
		return false;
	bool good = connection_open(&copy.source, store->path, CONNECTION_READER, problems);
	if (good) {
		good = copy_make(&copy);
		connection_close(&copy.source);
	}
	good = good && copy_file_sync(path, backup, problems);
	if (!good)
		unlink(path);
	backup->took_us = clock_monotonic_us() - begun_us;
	return good;
}

void store_backups_end(struct store *store)
{
	atomic_store(&store->backups_end, true);
}
