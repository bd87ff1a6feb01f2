/* fault_power.c: keeps what was written and not yet synced; when power goes, some of it was never written. */
#include "fault_power.h"

#include "fault_vfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512, FILES_MOST = 16 };

struct power_file {
	char *path;
};

/* A write, or with `bytes` NULL a truncation to `offset`. */
struct change {
	struct power_file *file;
	int64_t offset, old_size;
	size_t count, old_count; /* old_count: how many of its bytes were there before */
	char *bytes, *old;
	struct change *older, *newer;
};

static pthread_mutex_t power_lock = PTHREAD_MUTEX_INITIALIZER;
static struct power_file files[FILES_MOST];
static struct change *oldest, *newest;
static long calls_left; /* until power goes; 0: it stays */
static uint64_t random_state;

static uint64_t random_next(void)
{
	uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void must(bool done)
{
	if (!done)
		abort();
}

static void *bytes_new(size_t count)
{
	void *bytes = malloc(count ? count : 1);
	must(bytes != NULL);
	return bytes;
}

/* Not strdup: in its place a test may let the C library's allocations fail. */
static char *path_copy(const char *path)
{
	size_t bytes = strlen(path) + 1;
	return memcpy(bytes_new(bytes), path, bytes);
}

struct power_file *power_file(const char *path)
{
	struct power_file *found = NULL;
	pthread_mutex_lock(&power_lock);
	for (size_t i = 0; path && !found && i < FILES_MOST; i++) {
		if (!files[i].path)
			files[i].path = path_copy(path);
		if (strcmp(files[i].path, path) == 0)
			found = &files[i];
	}
	pthread_mutex_unlock(&power_lock);
	return found;
}

void power_watch(long nth, uint64_t seed)
{
	calls_left = nth;
	random_state = seed;
}

static bool power_is_watched(void)
{
	return calls_left > 0;
}

void power_enter(void)
{
	pthread_mutex_lock(&power_lock);
}

void power_leave(void)
{
	pthread_mutex_unlock(&power_lock);
}

/* ---- the end ---- */

static void change_undo(const struct change *change, int file)
{
	must(pwrite(file, change->old, change->old_count, change->offset) == (ssize_t)change->old_count);
	must(ftruncate(file, change->old_size) == 0);
}

/* A part that begins inside a sector ends with it. */
static void change_tear(const struct change *change, int file)
{
	size_t end;
	for (size_t at = 0; at < change->count; at = end) {
		end = at + SECTOR_BYTES - (size_t)((change->offset + (int64_t)at) % SECTOR_BYTES);
		if (end > change->count)
			end = change->count;
		if (random_next() % 2)
			must(pwrite(file, change->bytes + at, end - at, change->offset + (int64_t)at) ==
			     (ssize_t)(end - at));
	}
}

static void change_redo(const struct change *change, int file)
{
	uint64_t fate = random_next() % 3;
	if (fate == 0)
		return;
	if (!change->bytes)
		must(ftruncate(file, change->offset) == 0);
	else if (fate == 1)
		must(pwrite(file, change->bytes, change->count, change->offset) == (ssize_t)change->count);
	else
		change_tear(change, file);
}

static void for_change(const struct change *change, void (*act)(const struct change *change, int file))
{
	int file = open(change->file->path, O_RDWR | O_CLOEXEC);
	must(file >= 0);
	act(change, file);
	close(file);
}

/* Under the lock, so that no other call gets through any more. */
static void power_call(void)
{
	if (calls_left == 0 || --calls_left > 0)
		return;
	for (const struct change *change = newest; change; change = change->older)
		for_change(change, change_undo);
	for (const struct change *change = oldest; change; change = change->newer)
		for_change(change, change_redo);
	_exit(FAULT_POWER_STATUS);
}

/* ---- notes ---- */

/* Closing a descriptor drops the locks that SQLite has on the file: nobody else may use it meanwhile. */
static struct change *change_new(struct power_file *file, int64_t offset, int64_t end)
{
	struct stat found;
	struct change *change = bytes_new(sizeof *change);
	int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
	must(descriptor >= 0 && fstat(descriptor, &found) == 0);
	if (end < 0 || end > found.st_size)
		end = found.st_size;
	*change = (struct change){ .file = file, .offset = offset, .old_size = found.st_size, .older = newest };
	change->old_count = end > offset ? (size_t)(end - offset) : 0;
	change->old = bytes_new(change->old_count);
	must(pread(descriptor, change->old, change->old_count, offset) == (ssize_t)change->old_count);
	close(descriptor);
	*(newest ? &newest->newer : &oldest) = change;
	newest = change;
	return change;
}

void power_note_write(struct power_file *file, const void *bytes, size_t count, int64_t offset)
{
	if (!file || !power_is_watched())
		return;
	struct change *change = change_new(file, offset, offset + (int64_t)count);
	change->count = count;
	change->bytes = bytes_new(count);
	memcpy(change->bytes, bytes, count);
	power_call();
}

void power_note_truncate(struct power_file *file, int64_t size)
{
	if (!file || !power_is_watched())
		return;
	change_new(file, size, -1);
	power_call();
}

static void change_forget(struct change *change)
{
	*(change->older ? &change->older->newer : &oldest) = change->newer;
	*(change->newer ? &change->newer->older : &newest) = change->older;
	free(change->old);
	free(change->bytes);
	free(change);
}

void power_note_sync(struct power_file *file)
{
	if (!file || !power_is_watched())
		return;
	power_call(); /* before the sync has done anything */
	struct change *next;
	for (struct change *change = oldest; change; change = next) {
		next = change->newer;
		if (change->file == file)
			change_forget(change);
	}
}
