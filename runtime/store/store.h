/* store.h: rows, transactions, ids and numbers; the interface behind which SQLite (later PostgreSQL) stands.
 *
 * One writer thread owns every write and every checkpoint. Work for it is a job: a body that runs in a
 * savepoint of the writer's current batch, on the writer's thread. Tenants take turns. The batch (at most 256 jobs or
 * 20 ms, 1 ms when several tenants share it) ends in one COMMIT with one fsync; only then is each job's `done` called.
 * A job that returns false is rolled back alone. An error from COMMIT or fsync means the outcome is unknown: every job
 * of the batch gets STORE_UNKNOWN and the store is closed for good (the process is expected to end).
 *
 * Reads run on the calling thread on a pooled connection, each in one snapshot (in-memory stores read on the
 * writer's thread). The tenant of a transaction is bound by the store as $1 of every statement that is not
 * marked global; callers cannot pass one.
 *
 * Statements are numbers (statement.gen.h), written out in schema/statements.sql or derived from a record's
 * table. In a transaction failures are sticky: after the first one every call returns false.
 */
#ifndef MOONBILL_STORE_STORE_H
#define MOONBILL_STORE_STORE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/problem.h"
#include "base/text.h"
#include "statement.gen.h"
#include "value/calendar.h"
#include "value/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;
struct store_transaction;

struct store_options {
	bool lock;              /* take the owner's lock on the file; PROBLEM_LOCKED when another process has it */
	bool read_only;         /* for verify: no writer, no migration, no checkpoint; jobs are refused */
	int readers;            /* reader connections; 0 = 8 */
	int64_t read_limit_ms;  /* a read that takes longer fails (PROBLEM_TIMEOUT); 0 = 10,000; below 0 = none */
	int64_t batch_us;       /* how long a batch of one tenant may last; 0 = 20 ms. For counts that must not depend on time */
	int64_t id_window_days; /* how long idempotency keys are kept, by the wall clock; 0 = 30 */
	const struct store_image *image; /* what a store in memory begins with; NULL: nothing. It is copied */
};

/* A whole store as bytes; of the caller from store_image_take to store_image_free. */
struct store_image {
	unsigned char *bytes;
	size_t size;
};

/* url: a file's path, "sqlite:PATH" or ":memory:". Migrates (schema newer than the binary: refused with
 * PROBLEM_UNSUPPORTED_VERSION; a changed checksum likewise). */
struct store *store_open(struct text url, const struct store_options *options, struct problems *problems);
/* Of a store that is open for reading only: does SQLite find every page sound? Reads the whole file in one snapshot. */
bool store_is_sound(struct store *store, struct problems *problems);
/* Finishes what is queued, checkpoints, closes. Jobs submitted after this began are refused. */
void store_close(struct store *store);

enum store_outcome {
	STORE_COMMITTED,
	STORE_ROLLED_BACK, /* body returned false, or dry_run; or a disk error undid the whole batch (with a problem) */
	STORE_REFUSED,     /* closing, the queue is full, or held for too long: nothing ran */
	STORE_UNKNOWN,     /* COMMIT failed: may or may not be in the file */
};

/* A tenant's queues, each with turns of its own. What is due gets some although requests come without end. */
enum store_lane {
	STORE_LANE_REQUESTS,
	STORE_LANE_DUE,
	STORE_LANE_AT_ONCE, /* not held for what the tenant owes: threads that work for others wait for it */
};

struct store_job {
	int64_t tenant_id; /* 0: global statements only */
	bool dry_run;      /* roll back even when body returns true */
	enum store_lane lane;
	int64_t held_most_us; /* held for longer it is refused; 0: 10 s; INT64_MAX: never, a thread waits for it */
	/* Writer's thread. Sets transaction problems and returns false to roll back. */
	bool (*body)(struct store_transaction *transaction, void *context);
	/* Optional: runs in a savepoint of its own after a rollback of body (not after dry_run). */
	void (*after_rollback)(struct store_transaction *transaction, void *context);
	/* Optional: forgets what a run of the body has left in memory, so that it can run a second time. Such jobs of a batch are
	 * undone together when one of them fails, and the others run anew; what the first run counted or logged stays so. Not with
	 * dry_run. */
	void (*renew)(void *context);
	/* Writer's thread, after the batch's COMMIT; must not block nor touch the store but by store_submit. */
	void (*done)(void *context, enum store_outcome outcome);
	void *context;
	/* For the rows and texts that the body reads and the problems it reports; owned by the caller. */
	struct arena *arena;
	struct problems *problems;
	/* The store's until `done` is called. The lane is the tenant's queue; its first job carries what is of it. */
	struct {
		struct store_job *next;
		struct store_job *last, *next_lane, *next_turn;
		size_t lane_count;
		uint64_t turn_batch; /* in which its lane had its last turn */
		struct store_waiter *waiter; /* of store_run */
		enum store_outcome outcome;
		int64_t since_us; /* monotonic */
	} queued;
};

/* Queues; the job lives until `done` was called. A job that is refused gets its `done` at once, on this thread.
 * Every outcome but STORE_COMMITTED and that of a dry run comes with a problem in job->problems. */
void store_submit(struct store *store, struct store_job *job);
/* Submits and waits; `done` is not called. Never from the writer's thread. */
enum store_outcome store_run(struct store *store, struct store_job *job);
/* Runs body in a snapshot on this thread. False when body returned false or the snapshot could not be had. Not from
 * inside another read's body: all connections may be taken by those who wait for one more. */
bool store_read(struct store *store, int64_t tenant_id, struct arena *arena, struct problems *problems,
                bool (*body)(struct store_transaction *transaction, void *context), void *context);
bool store_is_open(const struct store *store); /* false after an unknown outcome */
/* Of what is committed of a tenant: while it is the same nothing was. A read that began and ended at the same version
 * may be answered again as long as that one lasts: whoever learns of a write finds a newer one. STORE_VERSION_NONE, which
 * is no version: a commit is under way, or the store is closed. */
enum { STORE_VERSION_NONE = 0 };
uint64_t store_version(struct store *store, int64_t tenant_id);
size_t store_queue_length(const struct store *store);
/* For controls of tests: nobody is held for what he owes. */
void store_forgive_debts(struct store *store);

/* How it is, for those who watch. Any thread; waits for nobody. */
struct store_health {
	bool open;            /* false after an unknown outcome */
	int64_t busy_us;      /* for how long the writer has been at its present batch; 0: it waits for work */
	size_t queue_length;
	int64_t file_bytes, log_bytes; /* 0 in memory */
	int64_t free_bytes;   /* on the disk, for us; -1: not known */
};
const char *store_library_version(void); /* of SQLite */
struct store_health store_health(const struct store *store);

/* Copies the store to a file that must not be there: everything committed before the call, nothing later. Synced, as one
 * file without a log. A copy that failed is removed. On the calling thread, while others write. */
struct store_backup {
	int64_t bytes, took_us;
};
/* Who waits for a copy; looked for every MiB. */
struct store_backup_asker {
	bool (*is_gone)(void *context);
	void *context;
};
/* `asker` may be NULL: then the copy is wanted to its end. */
bool store_backup(struct store *store, const char *path, const struct store_backup_asker *asker, struct store_backup *backup,
                  struct problems *problems);
/* Those under way fail soon, and all later ones. */
void store_backups_end(struct store *store);

/* Everything committed, for store_options.image; all of it lies in memory, 1 GiB at most. Any thread but the writer's. */
bool store_image_take(struct store *store, struct arena *arena, struct problems *problems, struct store_image *image);
void store_image_free(struct store_image *image); /* also of one that was not taken */

/* ---- inside a transaction ---- */
int64_t store_tenant(const struct store_transaction *transaction);
struct arena *store_arena(const struct store_transaction *transaction);
struct problems *store_problems(const struct store_transaction *transaction);
bool store_failed(const struct store_transaction *transaction);
/* What the job's rules cost, as time; also when it is rolled back. Too much of it is a debt of the tenant (job_debt.h): its
 * later jobs wait while other tenants have some. */
void store_charge(struct store_transaction *transaction, int64_t took_us);
/* For a body that acts on a tenant it has just created, or runs due work of several: changes $1. Global jobs only. */
void store_set_tenant(struct store_transaction *transaction, int64_t tenant_id);

/* Parameters $2, $3, ... (or $1, ... of a global statement), in order. */
struct store_bind {
	enum { BIND_NULL, BIND_INTEGER, BIND_TEXT, BIND_BLOB } type;
	int64_t integer;
	struct text bytes;
};
#define BINDS(...)                                                                                   \
	((const struct store_bind[]){ __VA_ARGS__ }),                                                \
	        (sizeof((const struct store_bind[]){ __VA_ARGS__ }) / sizeof(struct store_bind))
#define NO_BINDS NULL, 0
struct store_bind bind_null(void);
struct store_bind bind_integer(int64_t value);
struct store_bind bind_id(int64_t id);             /* 0 binds NULL */
struct store_bind bind_text(struct text text);     /* TEXT_NONE binds NULL */
struct store_bind bind_c(const char *terminated);
struct store_bind bind_blob(const void *bytes, size_t length);
struct store_bind bind_instant(struct instant instant); /* none binds NULL */
/* Dates are stored as text "YYYY-MM-DD". */
struct store_bind bind_date(struct arena *arena, struct date date);

/* Runs a statement to its end; *changed (may be NULL) = rows changed. */
bool store_execute(struct store_transaction *transaction, enum statement statement, const struct store_bind *binds,
                   size_t bind_count, int64_t *changed);
/* Once this has committed and no read needs the log any more, the log is cut to nothing, so that what stood in changed or
 * deleted rows is nowhere in the store's files. In a job's body. */
void store_cut_log(struct store_transaction *transaction);
/* The first row as a record (its columns must be the record's, as {record} in statements.sql gives them), in
 * the transaction's arena; *found = NULL when there is none. */
bool store_one(struct store_transaction *transaction, enum statement statement, const struct store_bind *binds,
               size_t bind_count, const struct record *record, void **found);
/* All rows, into a typed list member: store_all(..., &x_record, LIST(&invoice->lines)). */
bool store_all(struct store_transaction *transaction, enum statement statement, const struct store_bind *binds,
               size_t bind_count, const struct record *record, struct record_list *rows);
/* The first column of the first row as an integer; *found (may be NULL) tells whether there was a row. */
bool store_integer(struct store_transaction *transaction, enum statement statement, const struct store_bind *binds,
                   size_t bind_count, int64_t *value, bool *found);
/* The same as a date; DATE_NONE where there is no row, or NULL in it. */
bool store_date(struct store_transaction *transaction, enum statement statement, const struct store_bind *binds,
                size_t bind_count, struct date *date);
/* Row by row, for shapes that are not records. The row is valid during the call; false from `row` ends it early. */
struct store_row;
bool store_each(struct store_transaction *transaction, enum statement statement, const struct store_bind *binds,
                size_t bind_count, bool (*row)(void *context, const struct store_row *row), void *context);
int64_t store_row_integer(const struct store_row *row, int column);
struct text store_row_text(const struct store_row *row, int column); /* not copied */
bool store_row_null(const struct store_row *row, int column);

/* By the record's table. Money columns hold minor units of the record's currency; records and lists with a
 * column are JSON text. A row of a record that is `late` is written when somebody could tell (late_row.h): what its
 * table refuses fails the transaction then. */
bool store_insert(struct store_transaction *transaction, const struct record *record, const void *value);
/* The same of a row that may say what is unique and another row says already: then *taken, and the transaction goes on without
 * it. Cheaper than to look first. Not of a record that is late. */
bool store_insert_untaken(struct store_transaction *transaction, const struct record *record, const void *value, bool *taken);
/* All columns of the row with value's key; a missing row is a BUG(). */
bool store_update(struct store_transaction *transaction, const struct record *record, const void *value);
/* Some columns of the row, by a statement that sets them as `value` has them: what is often written of a wide row. A row
 * that is late takes all of `value`. A missing row is a BUG(). */
bool store_change(struct store_transaction *transaction, enum statement statement, const struct store_bind *binds,
                  size_t bind_count, const struct record *record, const void *value);
/* By a key of one column, or by `id` where the key ends in it (STATEMENT_<RECORD>_FIND). *found = NULL when there
 * is none. */
bool store_find(struct store_transaction *transaction, const struct record *record, int64_t id, void **found);

/* Around a command that a pre rule gave in the middle of another one: a row that it changes and that the outer command
 * writes as it was before fails the transaction with PROBLEM_RULE_OVERTAKES. `by` says who commanded what; it lives until
 * store_overtake_end, which is given what begin returned. */
struct store_overtake {
	const char *by;
};
struct store_overtake store_overtake_begin(struct store_transaction *transaction, const char *by);
/* Is a command of a pre rule running? */
bool store_overtaking(const struct store_transaction *transaction);
void store_overtake_end(struct store_transaction *transaction, struct store_overtake outer);

/* Nested savepoints (post rules, batch items); at most 16 deep. Ids and numbers taken inside are given back. */
bool store_savepoint(struct store_transaction *transaction);
/* False after a failure: the savepoint is still open, roll back to it. */
bool store_release(struct store_transaction *transaction);
/* Also clears the sticky failure unless the connection itself is broken. */
bool store_rollback_to(struct store_transaction *transaction);

/* ---- ids, numbers, serials ---- */
/* The next id of `kind` ("invoice") for this tenant, from 1, below 2^53. 0 after a failure. */
int64_t store_new_id(struct store_transaction *transaction, const char *kind);
/* Gapless: taken when perform ends, given back on rollback. Series "invoice_number", "serial", ... */
bool store_next_number(struct store_transaction *transaction, const char *series, int64_t *number);
/* What the next call would give, without taking it. */
int64_t store_peek_id(struct store_transaction *transaction, const char *kind);
int64_t store_peek_number(struct store_transaction *transaction, const char *series);
/* A text kept in memory with the last number of a series, for who takes the next: the digest that a chain goes on from. Whoever
 * notes one number of a series notes each, right after taking it, at most NUMBER_NOTE_BYTES. The note of `number` is none when it
 * is not known: nobody noted it, the program has started since, or another was noted since then and rolled back. */
enum { NUMBER_NOTE_BYTES = 64 };
void store_note_number(struct store_transaction *transaction, const char *series, int64_t number, struct text note);
struct text store_noted_number(struct store_transaction *transaction, const char *series, int64_t number);
/* `count` ids one after the other, 0 after a failure: the first of them. */
int64_t store_new_ids(struct store_transaction *transaction, const char *kind, int64_t count);
/* Fixtures of test tenants only (design 14.6). */
bool store_set_next_id(struct store_transaction *transaction, const char *kind, int64_t next);
bool store_set_next_number(struct store_transaction *transaction, const char *series, int64_t next);

/* ---- idempotency (design 14.5, reliability.md 3.5) ---- */
enum idempotency_state {
	IDEMPOTENCY_NEW,      /* the row is now inserted: perform, then store_idempotency_finish */
	IDEMPOTENCY_RUNNING,  /* begun by a command that waits for the outside (a payment at its gateway) */
	IDEMPOTENCY_FINISHED, /* status, content_type and body are the stored answer */
	IDEMPOTENCY_MISMATCH, /* same key, another fingerprint */
};
struct idempotency {
	struct text key;
	struct digest fingerprint;
	enum idempotency_state state;
	int status;
	struct text content_type, body;
	int64_t row; /* the store's */
};
/* Looks the key up (memory, then row) or inserts it. False only on a store failure. Keys age by the wall clock: a test
 * tenant whose clock stands in another year keeps its keys as long as any other. */
bool store_idempotency_begin(struct store_transaction *transaction, struct idempotency *idempotency);
/* Stores the answer, once; in the transaction of the effect or a later one, or in after_rollback for a rejection
 * (then it also inserts the row that was rolled back). */
bool store_idempotency_finish(struct store_transaction *transaction, struct idempotency *idempotency);

/* ---- uniqueness tokens of events (maxio.md 7.10) ---- */
enum { STORE_TOKEN_BYTES = 12 };
struct store_token {
	uint8_t hash[STORE_TOKEN_BYTES]; /* of a digest over all that makes it one, its tenant too */
	uint32_t offset; /* of its event's id from first_id */
	bool taken;      /* out: it was used before, and not longer than the window ago */
};
/* In order: those that are new are used from now on, for window_us by the tenant's clock (a minute at most longer). What is over
 * is forgotten. False only on a store failure. */
bool store_tokens_take(struct store_transaction *transaction, struct instant now, int64_t window_us, int64_t first_id,
                       struct store_token *tokens, size_t count);
/* The id of the event that has this token; 0: none, or it is over. Reads all tokens of the tenant, some 20 ms a million. */
bool store_token_find(struct store_transaction *transaction, struct instant now, const uint8_t hash[STORE_TOKEN_BYTES], int64_t *id);

#define LIST(list_pointer) ((struct record_list *)(void *)(list_pointer))

#endif
