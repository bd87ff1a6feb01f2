/* writer_files.c: the writer's file system: SQLite's own, but for its log and the pages of its savepoints. */
#include "store/writer_files.h"

#include <errno.h>
#include <stdio.h>

static int files_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
	struct writer_files *files = (struct writer_files *)(void *)vfs;
	if (!(flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_SUBJOURNAL)))
		return files->below->xOpen(files->below, name, file, flags, flags_out);
	struct held_file *held = (struct held_file *)(void *)file;
	*held = (struct held_file){ .below = (sqlite3_file *)(void *)(held + 1), .below_vfs = files->below };
	held->below->pMethods = NULL;
	return flags & SQLITE_OPEN_WAL ? log_file_open(held, name, flags, flags_out) : page_journal_open(held);
}

int writer_files_start(struct writer_files *files)
{
	sqlite3_vfs *below = sqlite3_vfs_find(NULL);
	if (!below)
		return SQLITE_CANTOPEN;
	files->below = below;
	files->vfs = *below;
	snprintf(files->name, sizeof files->name, "writer of %p", (void *)files);
	files->vfs.zName = files->name;
	files->vfs.szOsFile = (int)sizeof(struct held_file) + below->szOsFile;
	files->vfs.pNext = NULL;
	files->vfs.xOpen = files_open;
	return sqlite3_vfs_register(&files->vfs, 0);
}

void writer_files_finish(struct writer_files *files)
{
	if (files->below)
		sqlite3_vfs_unregister(&files->vfs);
	files->below = NULL;
}

/* SQLite's file keeps the number of its last error. */
int write_result(sqlite3_file *file, int result)
{
	int number = 0;
	if (result != SQLITE_IOERR_WRITE || !file || !file->pMethods)
		return result;
	int known = file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
	return known == SQLITE_OK && number == EDQUOT ? SQLITE_FULL : result;
}

int write_result_of(sqlite3 *handle, int result)
{
	sqlite3_file *file = NULL;
	if (result == SQLITE_IOERR_WRITE)
		sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return write_result(file, result);
}

int held_file_write(struct held_file *held, const void *bytes, int count, sqlite3_int64 offset)
{
	return write_result(held->below, held->below->pMethods->xWrite(held->below, bytes, count, offset));
}

/* Neither file is locked: the lock of the database stands for them. */
int held_file_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return SQLITE_OK;
}

int held_file_check_lock(sqlite3_file *file, int *locked)
{
	(void)file;
	*locked = 0;
	return SQLITE_OK;
}

int held_file_sector_bytes(sqlite3_file *file)
{
	(void)file;
	return 4096;
}
