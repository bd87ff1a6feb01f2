/* open.c: opening and closing a store: the lock, the file, the tables, the writer and the readers. */
#include "store/sqlite.h"
#include "store/page_cache.h"
#include "store/piece_cache.h"

#include "store/migration.h"
#include "store/owner_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t US_PER_DAY = INT64_C(86400) * US_PER_S;

/* ---- the url ---- */

/* *path = NULL for a store in memory. */
static bool url_read(struct text url, const char **path, struct problems *problems)
{
	struct text rest = text_starts(url, "sqlite:") ? text_slice(url, 7, url.length) : url;
	if (text_starts(url, "postgres"))
		return problem_value(problems, PROBLEM_NOT_IMPLEMENTED, "", url, "Name a file instead.",
		                     "this program keeps its data in SQLite only");
	if (rest.length == 0 || memchr(rest.data, '\0', rest.length))
		return problem_value(problems, PROBLEM_INVALID_VALUE, "", url, "Give a path, sqlite:PATH or :memory:.",
		                     "the store has no path");
	*path = text_is(rest, ":memory:") ? NULL : text_c(problems->arena, rest);
	return true;
}

/* SQLite gives the log and its index the permissions of the file, so it is enough to make the file with ours. Only when
 * it is not there: closing a descriptor of a file in use would drop SQLite's locks. */
static bool file_make(const char *path, struct problems *problems)
{
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (file < 0 && errno != EEXIST)
		return problem(problems, PROBLEM_IO_FAILED, "", "%s cannot be made: %s", path, strerror(errno));
	if (file >= 0)
		close(file);
	return true;
}

/* A log that is left over means that the last process did not end in order. */
static bool file_ended_badly(const char *path, struct arena *arena)
{
	struct stat log;
	return stat(text_c(arena, text_format(arena, "%s-wal", path)), &log) == 0 && log.st_size > 0;
}

bool file_quick_check(sqlite3 *handle, struct problems *problems)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	struct text found = { 0 };
	if (result == SQLITE_ROW)
		found = text_copy(problems->arena, text_of((const char *)sqlite3_column_text(statement, 0)));
	sqlite3_finalize(statement);
	if (result != SQLITE_ROW)
		return problem_sqlite(problems, handle, result, "checking the store");
	return text_is(found, "ok") ||
	       problem(problems, PROBLEM_STORE_FAILED, "", "the store is damaged: %.*s", TEXT_ARG(found));
}

/* ---- opening ---- */

/* SQLite would take one lock of the process for each of its allocations to count them, and nobody asks for the count;
 * and it would keep the pages of a savepoint itself, in a piece of memory that it takes and frees with each savepoint, and
 * from 127 KiB on in a file. Refused, and of no matter, where something has used SQLite before. */
static void sqlite_prepare(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, 0);
	page_cache_install();
	piece_cache_install();
}

static void store_init(struct store *store, const struct store_options *options)
{
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	*store = (struct store){ .lock_descriptor = -1, .read_only = options->read_only };
	int64_t window_days = options->id_window_days ? options->id_window_days : KEY_WINDOW_DEFAULT_DAYS;
	int64_t limit_ms = options->read_limit_ms ? options->read_limit_ms : READ_LIMIT_DEFAULT_MS;
	store->key_window_us = window_days * US_PER_DAY;
	store->batch_us = options->batch_us ? options->batch_us : BATCH_DEFAULT_US;
	store->read_limit_us = limit_ms * US_PER_MS;
	pthread_mutex_init(&store->lock, NULL);
	pthread_mutex_init(&store->readers_lock, NULL);
	pthread_cond_init(&store->work, &monotonic);
	pthread_cond_init(&store->reader_free, NULL);
	pthread_condattr_destroy(&monotonic);
}

/* The lock, the log and the socket are named after the file, so the file must go by one name: a symbolic link stands for
 * what it leads to, and a second hard link is refused. Makes the file of a store that will be written. */
static bool store_set_path(struct store *store, const char *path, struct problems *problems)
{
	if (!path)
		return true;
	if (!store->read_only && !file_make(path, problems))
		return false;
	char *real = realpath(path, NULL);
	struct stat file;
	if (!real || stat(real, &file) != 0) {
		free(real);
		return problem(problems, PROBLEM_IO_FAILED, "", "%s cannot be opened: %s", path, strerror(errno));
	}
	size_t size = strlen(real) + 1;
	store->path = memory_alloc(size);
	if (store->path)
		memcpy(store->path, real, size);
	free(real);
	if (!store->path)
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out opening the store");
	if (!S_ISREG(file.st_mode))
		return problem_value(problems, PROBLEM_INVALID_VALUE, "", text_of(path), "Name a file.", "%s is not a file",
		                     path);
	if (file.st_nlink > 1)
		return problem_value(problems, PROBLEM_IN_USE, "", text_of(path), "Remove the other hard links, or copy the file.",
		                     "the store %s has %lu names: processes that use different ones would not see each other",
		                     path, (unsigned long)file.st_nlink);
	return true;
}

/* The writer's connection on a file at this program's version. */
static bool open_writer(struct store *store, const struct store_image *image, struct problems *problems)
{
	if (!store->path)
		return connection_open(&store->writer, ":memory:", CONNECTION_MEMORY, problems) &&
		       (!image || connection_fill(&store->writer, image, problems)) &&
		       migration_run(store->writer.handle, problems);
	bool ended_badly = file_ended_badly(store->path, problems->arena);
	return connection_open(&store->writer, store->path, CONNECTION_WRITER, problems) &&
	       (!ended_badly || file_quick_check(store->writer.handle, problems)) &&
	       migration_run(store->writer.handle, problems);
}

static int reader_count(const struct store_options *options)
{
	int count = options->readers > 0 ? options->readers : READERS_DEFAULT;
	return count < READERS_MOST ? count : READERS_MOST;
}

static bool open_for_writing(struct store *store, const struct store_options *options, struct problems *problems)
{
	if (store->path && options->lock && !owner_lock_take(store->path, problems, &store->lock_descriptor))
		return false;
	return open_writer(store, options->image, problems) && idempotency_load(store, problems) && tokens_load(store, problems) &&
	       sweep_start(store, problems) &&
	       (!store->path || readers_open(store, reader_count(options), problems)) && writer_start(store, problems);
}

static bool open_for_reading(struct store *store, const struct store_options *options, struct problems *problems)
{
	if (!store->path)
		BUG("a store in memory cannot be opened for reading only");
	if (!readers_open(store, reader_count(options), problems) ||
	    !migration_check(store->readers_idle->handle, problems))
		return false;
	atomic_store(&store->open, true);
	return true;
}

struct store *store_open(struct text url, const struct store_options *options, struct problems *problems)
{
	static pthread_once_t prepared = PTHREAD_ONCE_INIT;
	const struct store_options defaults = { 0 };
	const char *path = NULL;
	pthread_once(&prepared, sqlite_prepare);
	if (!url_read(url, &path, problems))
		return NULL;
	struct store *store = memory_alloc(sizeof *store);
	if (!store) {
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out opening the store");
		return NULL;
	}
	store_init(store, options ? options : &defaults);
	bool (*open_as)(struct store *, const struct store_options *, struct problems *) =
	        store->read_only ? open_for_reading : open_for_writing;
	if (store_set_path(store, path, problems) && open_as(store, options ? options : &defaults, problems))
		return store;
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	writer_stop(store);
	readers_close(store);
	/* The last to close: SQLite copies the log into the file and removes it. */
	connection_close(&store->writer);
	cache_finish(&store->cache);
	row_cache_finish(&store->rows);
	if (store->lock_descriptor >= 0)
		owner_lock_release(store->lock_descriptor);
	pthread_cond_destroy(&store->reader_free);
	pthread_cond_destroy(&store->work);
	pthread_mutex_destroy(&store->readers_lock);
	pthread_mutex_destroy(&store->lock);
	memory_free(store->path);
	memory_free(store);
}
