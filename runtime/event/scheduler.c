/* scheduler.c: a thread that starts due work: of live tenants by the wall clock, of test tenants what is due at theirs.
 *
 * It knows one instant a tenant, the earliest at which something is due; commits tell it (scheduler_note) and a scan of
 * the store does so at start, on engine_wake and every minute. A tenant's turn is one batch of jobs, submitted in their
 * order; the turn ends when all are committed or rolled back, whether or not a gateway is still busy for one of them.
 */
#include "engine_state.h"

#include "base/log.h"

#include <string.h>

enum {
	TURN_JOBS_MAX = 64,
	RESCAN_US = 60 * US_PER_S,
	RETRY_US = 1 * US_PER_S, /* after the store refused */
	TURN_HELD_MOST_US = 500 * US_PER_MS, /* as the next tenant waits for the end of the turn; the jobs stay due */
};

struct due_tenant {
	int64_t tenant_id;
	struct instant due_at; /* wall clock; for a test tenant the instant it was noted */
};

struct scheduler {
	struct engine *engine;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* by the monotonic clock */
	/* under lock */
	bool stopping, rescan;
	struct due_tenant *tenants;
	size_t count, capacity;
	size_t batch_open; /* jobs of the present turn that are not settled */
};

/* ---- the list, under the lock ---- */

static void tenant_note(struct scheduler *scheduler, int64_t tenant_id, struct instant due_at)
{
	for (size_t i = 0; i < scheduler->count; i++) {
		struct due_tenant *tenant = &scheduler->tenants[i];
		if (tenant->tenant_id != tenant_id)
			continue;
		if (due_at.us < tenant->due_at.us)
			tenant->due_at = due_at;
		return;
	}
	if (scheduler->count == scheduler->capacity) {
		size_t capacity = scheduler->capacity ? 2 * scheduler->capacity : 64;
		struct due_tenant *grown = memory_realloc(scheduler->tenants, capacity * sizeof *grown);
		if (!grown) {
			/* The next scan finds it again. */
			scheduler->rescan = true;
			return;
		}
		scheduler->tenants = grown;
		scheduler->capacity = capacity;
	}
	scheduler->tenants[scheduler->count++] = (struct due_tenant){ tenant_id, due_at };
}

/* Takes out the tenant that is due first, if it is due; else *next tells when. */
static bool tenant_take(struct scheduler *scheduler, struct instant now, struct due_tenant *taken, struct instant *next)
{
	size_t first = 0;
	for (size_t i = 1; i < scheduler->count; i++)
		if (scheduler->tenants[i].due_at.us < scheduler->tenants[first].due_at.us)
			first = i;
	*next = scheduler->count ? scheduler->tenants[first].due_at : (struct instant){ now.us + RESCAN_US };
	if (!scheduler->count || next->us > now.us)
		return false;
	*taken = scheduler->tenants[first];
	scheduler->tenants[first] = scheduler->tenants[--scheduler->count];
	return true;
}

void scheduler_note(struct scheduler *scheduler, int64_t tenant_id, struct instant due_at, bool at_once)
{
	pthread_mutex_lock(&scheduler->lock);
	tenant_note(scheduler, tenant_id, at_once ? clock_wall() : due_at);
	pthread_cond_broadcast(&scheduler->changed);
	pthread_mutex_unlock(&scheduler->lock);
}

void scheduler_rescan(struct scheduler *scheduler)
{
	pthread_mutex_lock(&scheduler->lock);
	scheduler->rescan = true;
	pthread_cond_broadcast(&scheduler->changed);
	pthread_mutex_unlock(&scheduler->lock);
}

/* ---- the scan ---- */

/* Columns: tenant, mode, its clock, when its next work is due. */
static bool scan_row(void *context, const struct store_row *row)
{
	struct scheduler *scheduler = context;
	struct instant due_at = { store_row_integer(row, 3) };
	bool test = text_is(store_row_text(row, 1), "test");
	if (test && due_at.us > store_row_integer(row, 2))
		return true;
	scheduler_note(scheduler, store_row_integer(row, 0), due_at, test);
	return true;
}

static bool scan_read(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_JOB_NEXT_BY_TENANT, NO_BINDS, scan_row, context) &&
	       store_each(transaction, STATEMENT_DELIVERY_SENT_BY_TENANT, NO_BINDS, scan_row, context);
}

static void scan(struct scheduler *scheduler)
{
	struct arena arena;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return;
	struct problems problems;
	problems_init(&problems, &arena);
	if (!store_read(scheduler->engine->store, 0, &arena, &problems, scan_read, scheduler))
		log_write(LOG_ERROR, "scheduler.scan", "%s", problems.first ? problems.first->message : "the store cannot be read");
	arena_finish(&arena);
}

/* ---- a turn ---- */

/* One job under way; frees itself when its request is done. */
struct job_flight {
	struct scheduler *scheduler;
	struct job_flight *next; /* of the turn, until they are launched */
	int64_t job_id;
	struct arena arena;
	struct problems problems;
	struct command_request request;
};

struct due_job {
	int64_t id;
	struct text kind;
};

struct turn {
	struct scheduler *scheduler;
	struct due_tenant tenant;
	struct instant now; /* the tenant's */
	struct { struct due_job *items; size_t count, capacity; } jobs;
	struct arena *arena;
	struct instant next_at; /* the first that is not due yet; none: nothing */
	bool test;
};

/* A job that fails is put off, in a row. One that the machine failed may still be due: neither was stored. */
static bool flight_may_be_due(const struct job_flight *flight, enum store_outcome outcome)
{
	const struct problem *why = flight->problems.first;
	return outcome == STORE_REFUSED || outcome == STORE_UNKNOWN ||
	       (outcome == STORE_ROLLED_BACK && why && problem_info(why->code)->status > 500);
}

static void flight_settled(void *context, enum store_outcome outcome)
{
	const struct job_flight *flight = context;
	struct scheduler *scheduler = flight->scheduler;
	bool may_be_due = flight_may_be_due(flight, outcome);
	pthread_mutex_lock(&scheduler->lock);
	scheduler->batch_open--;
	scheduler->rescan |= may_be_due;
	pthread_cond_broadcast(&scheduler->changed);
	pthread_mutex_unlock(&scheduler->lock);
}

static void flight_done(struct command_request *request)
{
	struct job_flight *flight = request->context;
	arena_finish(&flight->arena);
	memory_free(flight);
}

/* NULL: no memory now; the next scan finds the job again. */
static struct job_flight *flight_new(const struct turn *turn, const struct due_job *job)
{
	struct scheduler *scheduler = turn->scheduler;
	struct job_flight *flight = memory_alloc(sizeof *flight);
	if (!flight || !arena_init(&flight->arena, ARENA_LIMIT_JOB_BYTES)) {
		memory_free(flight);
		scheduler_rescan(scheduler);
		return NULL;
	}
	flight->scheduler = scheduler;
	flight->next = NULL;
	flight->job_id = job->id;
	problems_init(&flight->problems, &flight->arena);
	job_request(scheduler->engine, &flight->request, turn->tenant.tenant_id, job->kind, &flight->arena, &flight->problems);
	flight->request.context = flight;
	flight->request.done = flight_done;
	return flight;
}

static void flight_launch(struct job_flight *flight)
{
	struct scheduler *scheduler = flight->scheduler;
	const struct command_launch launch = { .job_id = flight->job_id, .lane = STORE_LANE_DUE,
		                               .held_most_us = TURN_HELD_MOST_US, .settled = flight_settled,
		                               .context = flight };
	pthread_mutex_lock(&scheduler->lock);
	scheduler->batch_open++;
	pthread_mutex_unlock(&scheduler->lock);
	command_launch(scheduler->engine, &flight->request, &launch);
}

/* All are made before the first is launched: the writer is as quick as this thread, and would commit after each few. */
static void turn_launch(const struct turn *turn)
{
	struct job_flight *first = NULL, **last = &first, *next;
	for (size_t i = 0; i < turn->jobs.count; i++) {
		*last = flight_new(turn, &turn->jobs.items[i]);
		if (*last)
			last = &(*last)->next;
	}
	for (struct job_flight *flight = first; flight; flight = next) {
		next = flight->next; /* a launched one may be gone at once */
		flight_launch(flight);
	}
}

/* What is due already is this turn's, or another thread is busy with it; neither hides what comes after. */
static bool turn_next(struct turn *turn, struct store_transaction *transaction, enum statement statement)
{
	struct instant *next = &turn->next_at;
	int64_t due_at;
	bool found;
	if (!store_integer(transaction, statement, BINDS(bind_instant(turn->now)), &due_at, &found))
		return false;
	if (found && (next->us == 0 || due_at < next->us))
		next->us = due_at;
	return true;
}

/* Its row is read in the transaction that runs it. */
static bool due_job_take(void *context, const struct store_row *row)
{
	struct turn *turn = context;
	*list_add(turn->arena, &turn->jobs, struct due_job) =
	        (struct due_job){ store_row_integer(row, 0), text_copy(turn->arena, store_row_text(row, 1)) };
	return true;
}

static bool turn_read(struct store_transaction *transaction, void *context)
{
	struct turn *turn = context;
	struct tenant *tenant;
	if (!store_find(transaction, &tenant_record, turn->tenant.tenant_id, (void **)&tenant) || !tenant)
		return false;
	turn->now = tenant_now(tenant);
	turn->test = tenant->mode == TENANT_MODE_TEST;
	return store_each(transaction, STATEMENT_JOB_DUE_KINDS, BINDS(bind_instant(turn->now), bind_integer(TURN_JOBS_MAX)),
	                  due_job_take, turn) &&
	       turn_next(turn, transaction, STATEMENT_JOB_NEXT_DUE) &&
	       turn_next(turn, transaction, STATEMENT_DELIVERY_SENT_NEXT);
}

static void turn_wait(struct scheduler *scheduler)
{
	pthread_mutex_lock(&scheduler->lock);
	while (scheduler->batch_open > 0)
		pthread_cond_wait(&scheduler->changed, &scheduler->lock);
	pthread_mutex_unlock(&scheduler->lock);
}

/* More than a batch: another turn. Else: when the next is due; a test tenant waits for its clock, which tells us. */
static void turn_end(struct turn *turn)
{
	bool full = turn->jobs.count == TURN_JOBS_MAX;
	if (full)
		scheduler_note(turn->scheduler, turn->tenant.tenant_id, turn->now, true);
	else if (!turn->test && turn->next_at.us)
		scheduler_note(turn->scheduler, turn->tenant.tenant_id, turn->next_at, false);
}

/* Charges that nobody waits for; asked on this thread, as there are few and only after an accident. */
static void turn_inquire(struct turn *turn, struct problems *problems)
{
	bool any;
	gateway_inquire_due(turn->scheduler->engine, turn->tenant.tenant_id, turn->now, problems, &any);
}

static void turn_run(struct scheduler *scheduler, struct due_tenant tenant)
{
	struct arena arena;
	struct turn turn = { .scheduler = scheduler, .tenant = tenant, .arena = &arena };
	if (clock_is_moving(scheduler->engine, tenant.tenant_id))
		return;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES)) {
		scheduler_rescan(scheduler);
		return;
	}
	struct problems problems;
	problems_init(&problems, &arena);
	if (store_read(scheduler->engine->store, tenant.tenant_id, &arena, &problems, turn_read, &turn)) {
		turn_launch(&turn);
		turn_wait(scheduler);
		turn_inquire(&turn, &problems);
		turn_end(&turn);
	} else {
		scheduler_rescan(scheduler);
	}
	if (problems.first)
		log_write(LOG_ERROR, "scheduler.turn", "tenant=%lld: %s", (long long)tenant.tenant_id, problems.first->message);
	arena_finish(&arena);
}

/* ---- the thread ---- */

static void sleep_until(struct scheduler *scheduler, struct instant next, struct instant now)
{
	int64_t us = next.us - now.us < RESCAN_US ? next.us - now.us : RESCAN_US;
	if (scheduler->rescan && us > RETRY_US)
		us = RETRY_US;
	int64_t until_us = clock_monotonic_us() + us;
	const struct timespec until = {
		.tv_sec = (time_t)(until_us / US_PER_S), .tv_nsec = (long)(until_us % US_PER_S * 1000),
	};
	pthread_cond_timedwait(&scheduler->changed, &scheduler->lock, &until);
}

static void *scheduler_main(void *context)
{
	struct scheduler *scheduler = context;
	int64_t scanned_us = clock_monotonic_us() - RESCAN_US;
	pthread_mutex_lock(&scheduler->lock);
	while (!scheduler->stopping) {
		struct due_tenant tenant = { 0 };
		struct instant now = clock_wall(), next = now;
		int64_t since_us = clock_monotonic_us() - scanned_us;
		bool scan_now = since_us >= RESCAN_US || (scheduler->rescan && since_us >= RETRY_US);
		bool take = !scan_now && tenant_take(scheduler, now, &tenant, &next);
		if (!scan_now && !take) {
			sleep_until(scheduler, next, now);
			continue;
		}
		if (scan_now)
			scheduler->rescan = false;
		pthread_mutex_unlock(&scheduler->lock);
		if (scan_now) {
			scan(scheduler);
			scanned_us = clock_monotonic_us();
		} else {
			turn_run(scheduler, tenant);
		}
		pthread_mutex_lock(&scheduler->lock);
	}
	pthread_mutex_unlock(&scheduler->lock);
	return NULL;
}

void scheduler_free(struct scheduler *scheduler)
{
	if (!scheduler)
		return;
	pthread_cond_destroy(&scheduler->changed);
	pthread_mutex_destroy(&scheduler->lock);
	memory_free(scheduler->tenants);
	memory_free(scheduler);
}

struct scheduler *scheduler_start(struct engine *engine)
{
	struct scheduler *scheduler = memory_alloc(sizeof *scheduler);
	if (!scheduler)
		return NULL;
	memset(scheduler, 0, sizeof *scheduler);
	scheduler->engine = engine;
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&scheduler->lock, NULL);
	pthread_cond_init(&scheduler->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&scheduler->thread, NULL, scheduler_main, scheduler) != 0) {
		scheduler_free(scheduler);
		return NULL;
	}
	return scheduler;
}

void scheduler_stop(struct scheduler *scheduler)
{
	pthread_mutex_lock(&scheduler->lock);
	scheduler->stopping = true;
	pthread_cond_broadcast(&scheduler->changed);
	pthread_mutex_unlock(&scheduler->lock);
	pthread_join(scheduler->thread, NULL);
}
