/* page_journal.c: the pages that savepoints keep, in memory until they are many. */
#include "store/writer_files.h"

#include "base/arena.h"

#include <assert.h>
#include <string.h>

enum { JOURNAL_FIRST_BYTES = 128 * 1024, JOURNAL_MEMORY_BYTES = 1024 * 1024 };

static struct held_file *held_of(sqlite3_file *file)
{
	return (struct held_file *)(void *)file;
}

static bool in_file(const struct held_file *held)
{
	return held->below->pMethods != NULL;
}

static int journal_spill(struct held_file *held)
{
	const int flags = SQLITE_OPEN_SUBJOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE |
	                  SQLITE_OPEN_DELETEONCLOSE;
	int flags_out, result = held->below_vfs->xOpen(held->below_vfs, NULL, held->below, flags, &flags_out);
	for (int at = 0, count; at < held->count && result == SQLITE_OK; at += count) {
		count = held->count - at < HELD_PIECE_BYTES ? held->count - at : HELD_PIECE_BYTES;
		result = held_file_write(held, held->bytes + at, count, at);
	}
	if (result == SQLITE_OK) {
		memory_free(held->bytes);
		held->bytes = NULL;
		held->count = held->capacity = 0;
	} else if (in_file(held)) {
		held->below->pMethods->xClose(held->below);
		held->below->pMethods = NULL;
	}
	return result;
}

static bool journal_grow(struct held_file *held, int end)
{
	int capacity = held->capacity ? held->capacity : JOURNAL_FIRST_BYTES;
	while (capacity < end)
		capacity *= 2;
	if (capacity == held->capacity)
		return true;
	char *bytes = memory_realloc(held->bytes, (size_t)capacity);
	if (!bytes)
		return false;
	held->bytes = bytes;
	held->capacity = capacity;
	return true;
}

static int journal_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
	struct held_file *held = held_of(file);
	if (!in_file(held) && offset + count > JOURNAL_MEMORY_BYTES) {
		int result = journal_spill(held);
		if (result != SQLITE_OK)
			return result;
	}
	if (in_file(held))
		return held_file_write(held, bytes, count, offset);
	int at = (int)offset;
	if (!journal_grow(held, at + count))
		return SQLITE_IOERR_NOMEM;
	assert(held->bytes);
	if (at > held->count)
		memset(held->bytes + held->count, 0, (size_t)(at - held->count));
	memcpy(held->bytes + at, bytes, (size_t)count);
	if (held->count < at + count)
		held->count = at + count;
	return SQLITE_OK;
}

static int journal_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
	struct held_file *held = held_of(file);
	if (in_file(held))
		return held->below->pMethods->xRead(held->below, bytes, count, offset);
	int there = offset < held->count ? held->count - (int)offset : 0;
	if (there > count)
		there = count;
	if (there > 0)
		memcpy(bytes, held->bytes + offset, (size_t)there);
	memset((char *)bytes + there, 0, (size_t)(count - there));
	return there == count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int journal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct held_file *held = held_of(file);
	if (in_file(held))
		return held->below->pMethods->xTruncate(held->below, size);
	if (size < held->count)
		held->count = (int)size;
	return SQLITE_OK;
}

/* It is of no use after a crash. */
static int journal_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

static int journal_size(sqlite3_file *file, sqlite3_int64 *size)
{
	struct held_file *held = held_of(file);
	if (in_file(held))
		return held->below->pMethods->xFileSize(held->below, size);
	*size = held->count;
	return SQLITE_OK;
}

static int journal_close(sqlite3_file *file)
{
	struct held_file *held = held_of(file);
	memory_free(held->bytes);
	held->bytes = NULL;
	return in_file(held) ? held->below->pMethods->xClose(held->below) : SQLITE_OK;
}

static int journal_control(sqlite3_file *file, int operation, void *argument)
{
	(void)file;
	(void)operation;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int journal_characteristics(sqlite3_file *file)
{
	(void)file;
	return 0;
}

static const sqlite3_io_methods journal_methods = {
	.iVersion = 1,
	.xClose = journal_close, .xRead = journal_read, .xWrite = journal_write, .xTruncate = journal_truncate,
	.xSync = journal_sync, .xFileSize = journal_size, .xLock = held_file_lock, .xUnlock = held_file_lock,
	.xCheckReservedLock = held_file_check_lock, .xFileControl = journal_control,
	.xSectorSize = held_file_sector_bytes, .xDeviceCharacteristics = journal_characteristics,
};

int page_journal_open(struct held_file *held)
{
	held->base.pMethods = &journal_methods;
	return SQLITE_OK;
}
