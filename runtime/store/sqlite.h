/* sqlite.h: what the files of this folder share; nobody else includes it.
 *
 *     open.c ---> connection.c (handles, statements; writer_files.c)     transaction.c ---> row.c (row_cache.c, late_row.c), number.c, idempotency.c, token.c
 *       |  \----> migration.c, owner_lock.c                    ^    (inside a job's or a read's body)
 *       |-------> writer.c (thread, batches) ------------------|---> job_queue.c, writer_cache.c, upkeep.c, sweep.c
 *       \-------> reader.c (pool, snapshots) ------------------/
 */
#ifndef MOONBILL_STORE_SQLITE_H
#define MOONBILL_STORE_SQLITE_H

#include "store/job_queue.h"
#include "store/late_row.h"
#include "store/overtaken.h"
#include "store/row_cache.h"
#include "store/statement.h"
#include "store/store.h"
#include "store/writer_cache.h"
#include "store/writer_files.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

enum {
	SAVEPOINTS_MOST = 16,
	BATCH_MOST_JOBS = 256,
	BATCH_DEFAULT_US = 20 * US_PER_MS,
	BATCH_SHARED_US = 1 * US_PER_MS,   /* of several tenants: one that asks little must not wait for one that floods */
	BATCH_SHARE_US = 250,              /* of it, for second turns */
	BATCH_OTHERS_US = 100 * US_PER_MS, /* for so long after its last job another tenant counts as there */
	READERS_DEFAULT = 8, /* who serves HTTP reads on 7 threads */
	READERS_MOST = 64,
	READ_LIMIT_DEFAULT_MS = 10 * 1000,
	KEY_WINDOW_DEFAULT_DAYS = 30,
};

/* ---- connection.c: one handle with its statements; used by one thread at a time ---- */

enum { BUSY_TIMEOUT_MS = 5000 }; /* only another process can make us wait */

enum connection_role {
	CONNECTION_WRITER, /* makes the file, checkpoints */
	CONNECTION_READER, /* query_only, never checkpoints */
	CONNECTION_MEMORY, /* the only connection of a store in memory */
};

/* Statements that move transactions; they have no place in statements.sql because they have no tenant. */
enum control {
	CONTROL_BEGIN_WRITE,
	CONTROL_BEGIN_READ,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_JOB_SAVEPOINT,
	CONTROL_JOB_RELEASE,
	CONTROL_JOB_ROLLBACK,
	CONTROL_STEP_SAVEPOINT,
	CONTROL_STEP_RELEASE,
	CONTROL_STEP_ROLLBACK,
	CONTROL_COUNT
};

struct connection {
	sqlite3 *handle;
	sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared at first use, kept */
	sqlite3_stmt *controls[CONTROL_COUNT];     /* prepared at open */
	int64_t deadline_us; /* readers: monotonic time at which a read is interrupted; 0 = never */
	struct connection *next; /* in the pool */
	struct writer_files files; /* of the writer of a file; so it stays where it is while it is open */
};

bool connection_open(struct connection *connection, const char *path, enum connection_role role,
                     struct problems *problems);
void connection_close(struct connection *connection);
/* Of an empty one in memory: image.c. */
bool connection_fill(struct connection *connection, const struct store_image *image, struct problems *problems);
/* Runs one of the fixed statements; a result code of SQLite. */
int connection_control(struct connection *connection, enum control control);
/* A statement that is reset and not in use (a second one of the same number while the first is stepping).
 * NULL when it cannot be prepared; *result says why. */
sqlite3_stmt *connection_take(struct connection *connection, enum statement number, int *result);
void connection_give(struct connection *connection, enum statement number, sqlite3_stmt *statement);
enum problem_code problem_code_of(int result);
/* Adds the problem that fits a result code; returns false. It goes to clients and names nothing of the store: `doing` (a statement)
 * and SQLite's message are logged. */
bool problem_told(struct problems *problems, sqlite3 *handle, int result, const char *doing);
/* PROBLEM_STORE_FAILED for what is there and cannot be read; its place (a record or statement, and a column) is logged. */
bool problem_damaged(struct problems *problems, const char *where, const char *column);
/* What a result code means to who opens, migrates or copies a store: with `doing` and the message. */
bool problem_sqlite(struct problems *problems, sqlite3 *handle, int result, const char *doing);

/* ---- transaction.c ---- */

struct store_transaction {
	struct store *store;
	struct connection *connection;
	int64_t tenant_id;
	bool global;    /* the job has no tenant of its own */
	bool read_only;
	bool failed;    /* sticky until a savepoint is rolled back */
	bool broken;    /* SQLite has rolled back everything: nothing more can run */
	enum problem_code broken_by;
	struct arena *arena;
	struct problems *problems;
	int64_t took_us; /* by the job's rules, as store_charge was told */
	int depth;      /* open savepoints of the body */
	size_t marks[SAVEPOINTS_MOST]; /* of the writer's cache */
	struct late_rows late;
	struct overtaken_rows overtaken;
};

struct store_row {
	sqlite3_stmt *statement;
};

/* Makes the transaction fail with the problem that fits the result code. Returns false. */
bool transaction_fail(struct store_transaction *transaction, int result, const char *doing);
bool transaction_out_of_memory(struct store_transaction *transaction);
/* What the answer of a body is worth: false, with a problem, when its arena was exhausted, be it after its last
 * statement: what it read or made may be cut short. */
bool transaction_end(struct store_transaction *transaction, bool answer);
/* Refuses, as BUG(), a statement of a tenant without one, and writing in a read. */
void transaction_check(const struct store_transaction *transaction, enum statement number);
/* As store_execute and store_each, without transaction_check: the store's own tables also have rows of tenant 0. */
bool transaction_execute(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                         size_t bind_count, int64_t *changed);
bool transaction_each(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                      size_t bind_count, bool (*row)(void *context, const struct store_row *row), void *context);
/* Takes a statement and binds the tenant, if it has one; *first = the caller's first parameter. NULL after a
 * failure. */
sqlite3_stmt *transaction_take(struct store_transaction *transaction, enum statement number, int *first);
/* Gives it back; `result` is that of its last step, anything but ROW and DONE fails the transaction. */
bool transaction_give(struct store_transaction *transaction, enum statement number, sqlite3_stmt *statement,
                      int result);

/* ---- row.c ---- */

/* The insert itself, also of a row that waited. */
bool row_insert(struct store_transaction *transaction, const struct record *record, const void *value);

/* ---- number.c, idempotency.c ---- */

/* Writes the counters that changed to their rows. */
bool numbers_write(struct store_transaction *transaction);
/* Fills the set of keys; at open. */
bool idempotency_load(struct store *store, struct problems *problems);
/* Deletes the rows of some keys that are older than the window. In a transaction of its own; when that is committed the set
 * forgets them as well, not before: a key whose row stays would be used a second time, and die with the first. */
enum { KEYS_EXPIRED_MOST = 256 };
struct key_expiry {
	struct key_hash hashes[KEYS_EXPIRED_MOST];
	size_t count; /* KEYS_EXPIRED_MOST: there may be more */
	int64_t before_us, last_row;
};
bool idempotency_expire(struct store *store, struct key_expiry *expiry, struct problems *problems);
void idempotency_forget(struct store *store, const struct key_expiry *expiry);
/* token.c: fills the set of tokens; at open. */
bool tokens_load(struct store *store, struct problems *problems);

/* ---- backup.c, export.c: files of copies ---- */

bool copy_file_make(const char *path, struct problems *problems);
/* Brings it to the disk and fills in its size. */
bool copy_file_sync(const char *path, struct store_backup *backup, struct problems *problems);
/* What a lost process left of tenants' files that were to be read once. */
void export_files_remove(const struct store *store, struct arena *arena);

/* ---- health.c ---- */

/* What the disk of this file has left; -1: unknown. */
int64_t disk_free_bytes(const char *path);

/* ---- writer.c, upkeep.c, reader.c ---- */

/* Between batches, the writer's thread only. */
struct upkeep {
	int wal_pages;            /* in the log after the last commit */
	bool checkpoint_wanted;   /* something was committed since the last checkpoint */
	bool disk_full;           /* the last commit found it so */
	bool cut_wanted;          /* the log holds what is to be gone */
	int64_t next_cut_us;      /* when that is tried next: readers may need the log */
	int64_t last_commit_us;   /* monotonic, as the rest */
	int64_t last_relief_us;   /* of the last checkpoint for want of room */
	int64_t next_expiry_us;
	int64_t next_warning_us;
	int64_t next_count_us;
};

/* Which rows are being removed; between batches, the writer's thread only. */
struct sweep {
	bool wanted;        /* some tenant goes, perhaps */
	int64_t tenant_id;  /* 0: it is to be looked up */
	size_t table;       /* of copied_tables */
	int64_t after_id;   /* in one that lies by its id */
	int64_t removed;    /* rows, by this walk over the tables */
	int64_t next_us;    /* monotonic */
};

enum { STORE_VERSIONS = 1024 };

struct store {
	char *path; /* NULL: in memory */
	bool read_only;
	int64_t read_limit_us, key_window_us, batch_us;
	int lock_descriptor; /* -1: none */

	/* The writer's thread only, after open. */
	struct connection writer;
	struct writer_cache cache;
	struct row_cache rows;
	struct upkeep upkeep;
	struct sweep sweep;

	/* The queue, under `lock`; `work` wakes the writer. */
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job_queue queue;
	bool closing;

	pthread_t thread;
	bool thread_runs;
	atomic_bool open; /* false after an unknown outcome */
	atomic_bool backups_end;
	_Atomic int64_t busy_since_us; /* monotonic; 0: the writer waits */
	/* Written by the writer's thread alone. */
	atomic_uint_fast64_t versions[STORE_VERSIONS], version_of_all;

	/* The pool, under `readers_lock`; a connection out of the pool belongs to the thread that took it. */
	pthread_mutex_t readers_lock;
	pthread_cond_t reader_free;
	struct connection *readers_idle;
	int readers_out;
};

/* Is every page sound? In open.c. */
bool file_quick_check(sqlite3 *handle, struct problems *problems);
/* Around the COMMIT of a batch, or what undoes it: until the end nobody can tell what a snapshot holds. */
void versions_begin(struct store *store, const struct store_job *first);
void versions_end(struct store *store, const struct store_job *first);

bool writer_start(struct store *store, struct problems *problems);
/* Lets it finish what is queued and joins it. */
void writer_stop(struct store *store);
/* Whether a COMMIT that gave this result has found the disk full and is rolled back. */
bool commit_is_undone(const struct store *store, int result);
/* What must not go on after it: the outcome is unknown, or a checkpoint failed. */
void writer_give_up(struct store *store, const char *doing);

void upkeep_start(struct store *store);
void upkeep_note_commit(struct store *store);
void upkeep_note_full(struct store *store);
/* Checkpoints by size and in idle moments, forgets old keys. */
void upkeep_run(struct store *store);
/* The monotonic time at which there is something to do. */
int64_t upkeep_due_us(const struct store *store);

/* What is left by an earlier process goes; at open. */
bool sweep_start(struct store *store, struct problems *problems);
/* Removes some rows of tenants that go, when it is time. */
void sweep_run(struct store *store);

bool readers_open(struct store *store, int count, struct problems *problems);
/* Waits until all have come back. */
void readers_close(struct store *store);

#endif
