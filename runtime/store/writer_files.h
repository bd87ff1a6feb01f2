/* writer_files.h: what stands between SQLite and the file system for the writer's connection.
 *
 * All files are SQLite's own but two, which a busy writer would call the system for more often than it must:
 * - the log: SQLite writes each page of a commit by two calls, 24 bytes and 4,096. Both are held back and written in
 *   pieces (log_file.c); what ends a commit goes out at once, and so does all that is read, measured or synced. So every
 *   byte is where SQLite believes it to be whenever another connection, or another process, may look at it, and an error
 *   of the disk is the answer to a write or a sync of the same commit, as ever.
 * - the pages that savepoints keep to be put back (page_journal.c): in memory up to 1 MiB, then in SQLite's temporary
 *   file. It lives as long as a transaction, so that a batch of many commands takes that memory once.
 *
 * Used by one thread at a time, that of the connection.
 */
#ifndef MOONBILL_STORE_WRITER_FILES_H
#define MOONBILL_STORE_WRITER_FILES_H

#include <sqlite3.h>
#include <stdbool.h>

struct writer_files {
	sqlite3_vfs vfs; /* SQLite's own but for xOpen; pAppData is SQLite's */
	sqlite3_vfs *below;
	char name[40];
};

/* Registers it under a name of its own; a result code of SQLite. It stands over SQLite's default of this moment. */
int writer_files_start(struct writer_files *files);
/* After the connection is closed; nothing when it was not started. */
void writer_files_finish(struct writer_files *files);

/* A file of our own with SQLite's behind it. */
struct held_file {
	sqlite3_file base;
	sqlite3_file *below; /* lies behind the struct; its pMethods are NULL while it is not open */
	sqlite3_vfs *below_vfs;
	char *bytes;
	sqlite3_int64 begin; /* log: where `bytes` belong */
	int count;           /* of them, those that hold something */
	int capacity;
	bool holds; /* log: what comes is not the end of a commit */
};

/* SQLite writes at most 128 KiB - 1 at once, and 3.40 takes the rest of a longer write for a full disk. */
enum { HELD_PIECE_BYTES = 124 * 1024 };

/* The files that xOpen makes; `held` has its below, below_vfs and nothing else. Result codes of SQLite. */
int log_file_open(struct held_file *held, const char *name, int flags, int *flags_out);
int page_journal_open(struct held_file *held);

/* A write of the file behind. */
int held_file_write(struct held_file *held, const void *bytes, int count, sqlite3_int64 offset);
/* What a write to `file` came to: of a quota that is spent (EDQUOT) SQLITE_FULL, which SQLite says of a full disk alone. */
int write_result(sqlite3_file *file, int result);
/* The same for the database of a connection. */
int write_result_of(sqlite3 *handle, int result);

/* What both answer alike. */
int held_file_lock(sqlite3_file *file, int level);
int held_file_check_lock(sqlite3_file *file, int *locked);
int held_file_sector_bytes(sqlite3_file *file);

#endif
