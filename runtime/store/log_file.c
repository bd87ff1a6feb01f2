/* log_file.c: the write-ahead log, written in pieces instead of page by page.
 *
 * Of SQLite's format one thing is known here (https://sqlite.org/walformat.html): each page follows a header of 24 bytes
 * whose second word is 0 unless the page ends a commit. From such a header on nothing is held until a page comes that
 * ends none: after a commit SQLite tells the other connections of it.
 */
#include "store/writer_files.h"

#include "base/arena.h"

#include <string.h>

enum { FRAME_HEADER_BYTES = 24, FRAME_COMMIT_AT = 4, FRAME_COMMIT_BYTES = 4 };

static struct held_file *held_of(sqlite3_file *file)
{
	return (struct held_file *)(void *)file;
}

static bool ends_commit(const unsigned char *header)
{
	static const unsigned char none[FRAME_COMMIT_BYTES];
	return memcmp(header + FRAME_COMMIT_AT, none, FRAME_COMMIT_BYTES) != 0;
}

/* After a failure nothing is held: SQLite rolls the commit back. */
static int log_flush(struct held_file *held)
{
	int count = held->count;
	held->count = 0;
	if (count == 0)
		return SQLITE_OK;
	return held_file_write(held, held->bytes, count, held->begin);
}

static bool fits(const struct held_file *held, int count, sqlite3_int64 offset)
{
	return held->count == 0 || (offset == held->begin + held->count && count <= held->capacity - held->count);
}

static int log_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
	struct held_file *held = held_of(file);
	if (count == FRAME_HEADER_BYTES)
		held->holds = !ends_commit(bytes);
	int result = fits(held, count, offset) ? SQLITE_OK : log_flush(held);
	if (result != SQLITE_OK)
		return result;
	if (count > held->capacity)
		return held_file_write(held, bytes, count, offset);
	if (held->count == 0)
		held->begin = offset;
	memcpy(held->bytes + held->count, bytes, (size_t)count);
	held->count += count;
	/* A page is one more call, so its header may wait for it. */
	return held->holds || count == FRAME_HEADER_BYTES ? SQLITE_OK : log_flush(held);
}

static int log_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
	struct held_file *held = held_of(file);
	int result = log_flush(held);
	return result == SQLITE_OK ? held->below->pMethods->xRead(held->below, bytes, count, offset) : result;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct held_file *held = held_of(file);
	int result = log_flush(held);
	return result == SQLITE_OK ? held->below->pMethods->xTruncate(held->below, size) : result;
}

static int log_sync(sqlite3_file *file, int flags)
{
	struct held_file *held = held_of(file);
	int result = log_flush(held);
	return result == SQLITE_OK ? held->below->pMethods->xSync(held->below, flags) : result;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
	struct held_file *held = held_of(file);
	int result = log_flush(held);
	return result == SQLITE_OK ? held->below->pMethods->xFileSize(held->below, size) : result;
}

/* What is still held was never committed. */
static int log_close(sqlite3_file *file)
{
	struct held_file *held = held_of(file);
	memory_free(held->bytes);
	held->bytes = NULL;
	return held->below->pMethods->xClose(held->below);
}

static int log_control(sqlite3_file *file, int operation, void *argument)
{
	struct held_file *held = held_of(file);
	return held->below->pMethods->xFileControl(held->below, operation, argument);
}

static int log_sector_bytes(sqlite3_file *file)
{
	struct held_file *held = held_of(file);
	return held->below->pMethods->xSectorSize(held->below);
}

static int log_characteristics(sqlite3_file *file)
{
	struct held_file *held = held_of(file);
	return held->below->pMethods->xDeviceCharacteristics(held->below);
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close, .xRead = log_read, .xWrite = log_write, .xTruncate = log_truncate, .xSync = log_sync,
	.xFileSize = log_size, .xLock = held_file_lock, .xUnlock = held_file_lock,
	.xCheckReservedLock = held_file_check_lock, .xFileControl = log_control, .xSectorSize = log_sector_bytes,
	.xDeviceCharacteristics = log_characteristics,
};

/* Without memory for pieces each call goes through. */
int log_file_open(struct held_file *held, const char *name, int flags, int *flags_out)
{
	int result = held->below_vfs->xOpen(held->below_vfs, name, held->below, flags, flags_out);
	if (result != SQLITE_OK)
		return result;
	held->bytes = memory_alloc(HELD_PIECE_BYTES);
	held->capacity = held->bytes ? HELD_PIECE_BYTES : 0;
	held->base.pMethods = &log_methods;
	return SQLITE_OK;
}
