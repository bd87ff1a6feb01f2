/* writer.c: the one thread that writes: takes jobs in turn, runs each in a savepoint, commits them together.
 *
 *     wait -> BEGIN -> (SAVEPOINT, body, RELEASE or ROLLBACK TO)* -> counters -> COMMIT -> done()* -> upkeep -> wait
 *
 * A job with nothing before it in the transaction that is to stay needs no savepoint: it is undone by ROLLBACK and a new BEGIN. A
 * savepoint keeps each page that is written after it, which an order alone in its commit would pay for. So jobs that can be run
 * anew share one while they follow each other: when one of them fails all of them are undone, and those before it run a second
 * time, each in a savepoint of its own.
 *
 * Nothing is answered before the COMMIT. When SQLite itself rolls the batch back (disk full, I/O error), every job
 * of it is answered as rolled back; so it is when COMMIT finds the disk full. When COMMIT fails otherwise the outcome is
 * unknown and the writer gives up.
 */
#include "store/sqlite.h"

#include "base/log.h"
#include "base/metric.h"

#include <assert.h>
#include <semaphore.h>
#include <signal.h>

enum { WRITER_STACK_BYTES = 8 * 1024 * 1024 }; /* rules run here */

/* Of a thread in store_run; lies on its stack. */
struct store_waiter {
	sem_t answered;
	enum store_outcome outcome;
};

struct batch {
	struct store_job *first, *last;
	int64_t begun_us;
	size_t count;
	bool shared; /* jobs of several tenants */
	bool kept;   /* something is to be committed */
	bool broken; /* SQLite has rolled it back */
	enum problem_code broken_by;
	struct {
		struct store_job *first; /* of the jobs, up to the last one, that are undone together; NULL: none are */
		size_t mark;             /* of the cache, before it */
		bool bare;               /* nothing before it is to stay: no savepoint */
	} group;
	bool apart; /* one of a group has failed: each of the rest has a savepoint of its own */
};

/* ---- answers ---- */

static void job_answer(struct store_job *job, enum store_outcome outcome)
{
	metric_add_at(METRIC_STORE_WRITES_TOTAL, (size_t)outcome, 0, 1);
	struct store_waiter *waiter = job->queued.waiter;
	if (!waiter) {
		job->done(job->context, outcome);
		return;
	}
	waiter->outcome = outcome;
	sem_post(&waiter->answered); /* the waiter and the job may be gone after this */
}

static void job_refuse(struct store_job *job, const char *reason)
{
	problem(job->problems, PROBLEM_BUSY, "", "%s", reason);
	job_answer(job, STORE_REFUSED);
}

static void batch_answer(struct batch *batch)
{
	struct store_job *next;
	for (struct store_job *job = batch->first; job; job = next) {
		next = job->queued.next;
		job_answer(job, job->queued.outcome);
	}
}

/* Every job of the batch, whatever came of it alone, has this outcome. */
static void batch_set_outcome(struct batch *batch, enum store_outcome outcome, enum problem_code code,
                              const char *message)
{
	for (struct store_job *job = batch->first; job; job = job->queued.next) {
		if (outcome == STORE_UNKNOWN || job->queued.outcome == STORE_COMMITTED)
			problem(job->problems, code, "", "%s", message);
		job->queued.outcome = outcome;
	}
}

/* ---- one job ---- */

static bool step(struct store_transaction *transaction, enum control control, const char *doing)
{
	int result = connection_control(transaction->connection, control);
	return result == SQLITE_OK || transaction_fail(transaction, result, doing);
}

static bool savepoint_undo(struct store_transaction *transaction)
{
	return step(transaction, CONTROL_JOB_ROLLBACK, "rolling back") && step(transaction, CONTROL_JOB_RELEASE, "rolling back");
}

static bool transaction_undo(struct store_transaction *transaction)
{
	return step(transaction, CONTROL_ROLLBACK, "rolling back") &&
	       step(transaction, CONTROL_BEGIN_WRITE, "beginning a transaction again");
}

/* Undoes the job's rows, ids, numbers and keys; the savepoint is closed. `first`: it has none. */
static void job_roll_back(struct store_transaction *transaction, size_t mark, bool first)
{
	cache_undo(&transaction->store->cache, mark);
	late_rows_forget(transaction);
	overtaken_forget(transaction);
	transaction->depth = 0;
	if (transaction->broken)
		return;
	transaction->failed = false;
	if (!(first ? transaction_undo(transaction) : savepoint_undo(transaction)))
		transaction->broken = true;
}

/* Whether what `body` did is to stay. */
static bool body_run(struct store_transaction *transaction, struct store_job *job,
                     bool (*body)(struct store_transaction *transaction, struct store_job *job))
{
	bool good = transaction_end(transaction, body(transaction, job) && late_rows_write(transaction));
	if (good && transaction->depth != 0)
		BUG("a body ended with %d open savepoints", transaction->depth);
	return good && !job->dry_run;
}

/* `body`, which is undone alone; true when its changes stay. `first`: nothing before it in the transaction is to stay. */
static bool job_run_undoably(struct store_transaction *transaction, struct store_job *job, bool first,
                             bool (*body)(struct store_transaction *transaction, struct store_job *job))
{
	size_t mark = cache_mark(&transaction->store->cache);
	if (!first && !step(transaction, CONTROL_JOB_SAVEPOINT, "opening a savepoint"))
		return false;
	if (body_run(transaction, job, body) && (first || step(transaction, CONTROL_JOB_RELEASE, "releasing a savepoint")))
		return true;
	job_roll_back(transaction, mark, first);
	return false;
}

static bool run_body(struct store_transaction *transaction, struct store_job *job)
{
	return job->body(transaction, job->context);
}

static bool run_after_rollback(struct store_transaction *transaction, struct store_job *job)
{
	job->after_rollback(transaction, job->context);
	return true;
}

void store_charge(struct store_transaction *transaction, int64_t took_us)
{
	transaction->took_us += took_us;
}

/* At once: the next job of the same batch may be the tenant's next one. */
static void job_charge(struct store *store, const struct store_job *job, int64_t took_us)
{
	if (took_us <= DEBT_FREE_US)
		return;
	pthread_mutex_lock(&store->lock);
	debt_charge(&store->queue.debts, job->tenant_id, took_us, clock_monotonic_us());
	pthread_mutex_unlock(&store->lock);
}

static struct store_transaction transaction_of(struct store *store, const struct store_job *job)
{
	return (struct store_transaction){
		.store = store, .connection = &store->writer,
		.tenant_id = job->tenant_id, .global = job->tenant_id == 0,
		.arena = job->arena, .problems = job->problems,
	};
}

/* After its body, which is undone when it is not `kept`. */
static void job_end(struct batch *batch, struct store_job *job, struct store_transaction *transaction, bool kept)
{
	job->queued.outcome = kept ? STORE_COMMITTED : STORE_ROLLED_BACK;
	batch->kept |= kept;
	if (!kept && !job->dry_run && job->after_rollback && !transaction->broken) {
		transaction->tenant_id = job->tenant_id;
		batch->kept |= job_run_undoably(transaction, job, !batch->kept, run_after_rollback);
	}
	overtaken_forget(transaction);
	batch->broken = transaction->broken;
	batch->broken_by = transaction->broken_by ? transaction->broken_by : PROBLEM_STORE_FAILED;
	job_charge(transaction->store, job, transaction->took_us);
}

static void job_run_alone(struct store *store, struct batch *batch, struct store_job *job)
{
	struct store_transaction transaction = transaction_of(store, job);
	job_end(batch, job, &transaction, job_run_undoably(&transaction, job, !batch->kept, run_body));
}

/* ---- jobs that are undone together ---- */

static bool group_begin(struct batch *batch, struct store_job *job, struct store_transaction *transaction)
{
	if (batch->kept && !step(transaction, CONTROL_JOB_SAVEPOINT, "opening a savepoint"))
		return false;
	batch->group.first = job;
	batch->group.mark = cache_mark(&transaction->store->cache);
	batch->group.bare = !batch->kept;
	return true;
}

/* They have all gone well; what comes next is undone without them. */
static void group_end(struct store *store, struct batch *batch, const struct store_job *next)
{
	struct store_transaction transaction = transaction_of(store, next);
	bool open = batch->group.first && !batch->group.bare;
	batch->group.first = NULL;
	if (!open || step(&transaction, CONTROL_JOB_RELEASE, "releasing a savepoint"))
		return;
	batch->broken = true;
	batch->broken_by = transaction.broken_by ? transaction.broken_by : PROBLEM_STORE_FAILED;
}

/* `job` has failed: it is undone with those of its group before it, which run anew. */
static void group_fail(struct store *store, struct batch *batch, struct store_job *job, struct store_transaction *transaction)
{
	struct store_job *again = batch->group.first;
	bool bare = batch->group.bare;
	batch->group.first = NULL;
	job_roll_back(transaction, batch->group.mark, bare);
	batch->kept = !bare;
	batch->apart = batch->apart || again != job;
	for (; again != job && !transaction->broken; again = again->queued.next) {
		again->renew(again->context);
		job_run_alone(store, batch, again);
		transaction->broken = batch->broken;
		transaction->broken_by = batch->broken_by;
	}
}

static void job_run_in_group(struct store *store, struct batch *batch, struct store_job *job)
{
	struct store_transaction transaction = transaction_of(store, job);
	bool begun = batch->group.first || group_begin(batch, job, &transaction);
	bool kept = begun && body_run(&transaction, job, run_body);
	if (begun && !kept)
		group_fail(store, batch, job, &transaction);
	job_end(batch, job, &transaction, kept);
}

static void job_run(struct store *store, struct batch *batch, struct store_job *job)
{
	bool together = job->renew && !job->dry_run && !batch->apart;
	metric_observe(METRIC_STORE_QUEUE_WAIT_SECONDS, clock_monotonic_us() - job->queued.since_us);
	if (!together)
		group_end(store, batch, job);
	if (together)
		job_run_in_group(store, batch, job);
	else if (!batch->broken)
		job_run_alone(store, batch, job);
}

/* ---- one batch ---- */

/* Long batches save commits, and only their own tenant pays for it by waiting. Where others are there, or have just
 * been, each of them waits for the rest of the batch and for its commit, whose pages are as many as its jobs made: then
 * second turns are given for a short while only, and whoever has had none still has one. Under the lock. */
static struct store_job *batch_next(struct store *store, const struct batch *batch)
{
	struct job_queue *queue = &store->queue;
	int64_t now_us = clock_monotonic_us(), took_us = now_us - batch->begun_us;
	if (!batch->last)
		job_queue_begin_batch(queue);
	else if (batch->count >= BATCH_MOST_JOBS || took_us >= (batch->shared ? BATCH_SHARED_US : store->batch_us))
		return NULL;
	bool shared = batch->shared ||
	              (batch->last && debt_others_seen(&queue->debts, batch->last->tenant_id, BATCH_OTHERS_US, now_us));
	return shared && took_us >= BATCH_SHARE_US ? job_queue_take_newcomer(queue, now_us) : job_queue_take(queue, now_us);
}

static void batch_add(struct batch *batch, struct store_job *job)
{
	if (batch->last) {
		batch->shared |= batch->last->tenant_id != job->tenant_id;
		batch->last->queued.next = job;
	} else {
		batch->first = job;
	}
	batch->last = job;
	batch->count++;
}

static struct store_job *writer_take(struct store *store, struct batch *batch)
{
	pthread_mutex_lock(&store->lock);
	struct store_job *job = batch_next(store, batch);
	pthread_mutex_unlock(&store->lock);
	if (job)
		batch_add(batch, job);
	return job;
}

/* Known to be rolled back, by SQLite or here. */
static void batch_undo(struct store *store, struct batch *batch, enum problem_code code, const char *message)
{
	if (!sqlite3_get_autocommit(store->writer.handle))
		connection_control(&store->writer, CONTROL_ROLLBACK);
	cache_undo_batch(&store->cache);
	if (message)
		batch_set_outcome(batch, STORE_ROLLED_BACK, code, message);
	if (!sqlite3_get_autocommit(store->writer.handle))
		writer_give_up(store, "rolling back");
}

static int commit(struct store *store)
{
	int64_t begun_us = clock_monotonic_us();
	int result = connection_control(&store->writer, CONTROL_COMMIT);
	metric_observe(METRIC_STORE_COMMIT_SECONDS, clock_monotonic_us() - begun_us);
	metric_add(METRIC_STORE_COMMITS_TOTAL, result == SQLITE_OK);
	return result;
}

/* Only a write says that the disk is full, and a log that lacks a frame of the commit has no commit: nothing of it is
 * stored, not even after a crash. A sync that fails says something else, and then nobody knows. */
bool commit_is_undone(const struct store *store, int result)
{
	return (result & 0xff) == SQLITE_FULL && sqlite3_get_autocommit(store->writer.handle);
}

static void batch_close(struct store *store, struct batch *batch)
{
	int result = commit(store);
	if (result == SQLITE_OK) {
		cache_keep(&store->cache);
		upkeep_note_commit(store);
	} else if (commit_is_undone(store, result)) {
		batch_undo(store, batch, PROBLEM_STORE_FULL, "the disk is full; nothing was changed");
		upkeep_note_full(store);
	} else {
		writer_give_up(store, "COMMIT");
		batch_set_outcome(batch, STORE_UNKNOWN, PROBLEM_COMMIT_UNKNOWN,
		                  "COMMIT failed; the change may or may not be stored");
	}
}

static void batch_commit(struct store *store, struct batch *batch)
{
	struct arena arena;
	struct problems problems;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES)) {
		batch_undo(store, batch, PROBLEM_OUT_OF_MEMORY, "memory ran out before the batch could be committed");
		return;
	}
	problems_init(&problems, &arena);
	struct store_transaction transaction = { .store = store, .connection = &store->writer, .global = true,
	                                         .arena = &arena, .problems = &problems };
	if (numbers_write(&transaction))
		batch_close(store, batch);
	else
		batch_undo(store, batch, problems.first ? problems.first->code : PROBLEM_STORE_FAILED,
		           "the batch was rolled back because its numbers could not be written");
	arena_finish(&arena);
}

static void batch_run(struct store *store)
{
	struct batch batch = { .begun_us = clock_monotonic_us() };
	struct store_job *job = writer_take(store, &batch);
	if (!job) /* since then somebody has come for whom it is held */
		return;
	int result = connection_control(&store->writer, CONTROL_BEGIN_WRITE);
	if (result != SQLITE_OK) {
		job->queued.outcome = STORE_ROLLED_BACK;
		problem_told(job->problems, store->writer.handle, result, "beginning a transaction");
		batch_answer(&batch);
		return;
	}
	do
		job_run(store, &batch, job);
	while (!batch.broken && (job = writer_take(store, &batch)) != NULL);
	if (!batch.broken)
		group_end(store, &batch, batch.first);
	metric_observe(METRIC_STORE_BATCH_WRITES, (int64_t)batch.count);
	versions_begin(store, batch.first);
	if (batch.broken)
		batch_undo(store, &batch, batch.broken_by,
		           "another write of the same batch failed and everything was rolled back");
	else if (batch.kept)
		batch_commit(store, &batch);
	else
		batch_undo(store, &batch, PROBLEM_NONE, NULL);
	row_cache_resume(&store->rows);
	/* Of a commit whose outcome is unknown nobody will ever know more. */
	if (atomic_load(&store->open))
		versions_end(store, batch.first);
	batch_answer(&batch);
}

/* ---- the thread ---- */

void writer_give_up(struct store *store, const char *doing)
{
	atomic_store(&store->open, false);
	log_write(LOG_ERROR, "store.closed", "%s failed: %s; the store is closed, restart the program", doing,
	          sqlite3_errmsg(store->writer.handle));
	/* What is in the log is the truth; closing must not touch it any more. */
	sqlite3_db_config(store->writer.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* Waits for jobs that may run, for the end, until upkeep is due, or for a look at what is held. Under the lock; true when
 * there is such a job. */
static bool writer_wait(struct store *store)
{
	int64_t due_us = upkeep_due_us(store), now_us = clock_monotonic_us(), ready_us;
	while ((ready_us = job_queue_ready_us(&store->queue, now_us)) > now_us && !store->closing && now_us < due_us) {
		if (ready_us < due_us)
			due_us = ready_us;
		const struct timespec due = { .tv_sec = due_us / US_PER_S, .tv_nsec = due_us % US_PER_S * 1000 };
		pthread_cond_timedwait(&store->work, &store->lock, &due);
		now_us = clock_monotonic_us();
	}
	return ready_us <= now_us;
}

/* Those who were held for too long are told so while they still listen. */
static void held_refuse(struct store *store)
{
	struct store_job *job;
	do {
		pthread_mutex_lock(&store->lock);
		job = job_queue_expire(&store->queue, clock_monotonic_us());
		pthread_mutex_unlock(&store->lock);
		if (job)
			job_refuse(job, "the tenant's rules take long, and others needed the writer in the meantime");
	} while (job);
}

/* The store is closed: what waits is told so. */
static void rest_refuse(struct store *store)
{
	struct store_job *job;
	do {
		pthread_mutex_lock(&store->lock);
		job = job_queue_take(&store->queue, clock_monotonic_us());
		pthread_mutex_unlock(&store->lock);
		if (job)
			job_refuse(job, "the store is closed");
	} while (job);
}

static void *writer_main(void *context)
{
	struct store *store = context;
	for (;;) {
		pthread_mutex_lock(&store->lock);
		bool work = writer_wait(store), closing = store->closing;
		pthread_mutex_unlock(&store->lock);
		held_refuse(store);
		if (!atomic_load(&store->open) || (closing && !work))
			break;
		atomic_store_explicit(&store->busy_since_us, clock_monotonic_us(), memory_order_relaxed);
		if (work)
			batch_run(store);
		if (atomic_load(&store->open))
			upkeep_run(store);
		atomic_store_explicit(&store->busy_since_us, 0, memory_order_relaxed);
	}
	store_forgive_debts(store);
	rest_refuse(store);
	return NULL;
}

/* Signals are for the main thread. */
static int thread_create(pthread_t *thread, void *(*run)(void *), void *context)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, WRITER_STACK_BYTES);
	int result = pthread_create(thread, &attributes, run, context);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}

bool writer_start(struct store *store, struct problems *problems)
{
	upkeep_start(store);
	atomic_store(&store->open, true);
	if (thread_create(&store->thread, writer_main, store) != 0)
		return problem(problems, PROBLEM_STORE_FAILED, "", "the writer's thread cannot be started");
	store->thread_runs = true;
	return true;
}

void writer_stop(struct store *store)
{
	if (!store->thread_runs)
		return;
	pthread_mutex_lock(&store->lock);
	store->closing = true;
	store->queue.debts.forgiven = true; /* what is queued is finished, and at once */
	pthread_cond_signal(&store->work);
	pthread_mutex_unlock(&store->lock);
	pthread_join(store->thread, NULL);
}

/* ---- callers ---- */

static void job_submit(struct store *store, struct store_job *job, struct store_waiter *waiter)
{
	assert(job->body && job->arena && job->problems && (job->done || waiter));
	job->queued.waiter = waiter;
	job->queued.since_us = clock_monotonic_us();
	pthread_mutex_lock(&store->lock);
	bool runs = store->thread_runs && !store->closing && atomic_load(&store->open);
	const char *refusal = store->read_only ? "the store is open for reading only" : "the store is closed";
	if (runs)
		refusal = job_queue_add(&store->queue, job, job->queued.since_us);
	if (!refusal)
		pthread_cond_signal(&store->work);
	pthread_mutex_unlock(&store->lock);
	if (refusal)
		job_refuse(job, refusal);
}

void store_submit(struct store *store, struct store_job *job)
{
	job_submit(store, job, NULL);
}

enum store_outcome store_run(struct store *store, struct store_job *job)
{
	struct store_waiter waiter = { .outcome = STORE_REFUSED };
	if (store->thread_runs && pthread_equal(pthread_self(), store->thread))
		BUG("the writer's thread cannot wait for itself");
	sem_init(&waiter.answered, 0, 0);
	job_submit(store, job, &waiter);
	while (sem_wait(&waiter.answered) != 0)
		;
	sem_destroy(&waiter.answered);
	return waiter.outcome;
}

bool store_is_open(const struct store *store)
{
	return atomic_load(&store->open);
}

void store_forgive_debts(struct store *store)
{
	pthread_mutex_lock(&store->lock);
	store->queue.debts.forgiven = true;
	pthread_mutex_unlock(&store->lock);
}

size_t store_queue_length(const struct store *store)
{
	struct store *queued = (struct store *)(uintptr_t)store; /* only its lock changes */
	pthread_mutex_lock(&queued->lock);
	size_t length = queued->queue.count;
	pthread_mutex_unlock(&queued->lock);
	return length;
}
