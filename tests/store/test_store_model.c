/* test_store_model.c: random jobs with nested savepoints beside a model: rows, ids, numbers and keys are as if only what
 * was kept had ever happened, at every depth, in every batch and after a restart. */
#include "store_site.h"

#include "base/id.h"

#include <pthread.h>
#include <semaphore.h>

enum { JOBS = 400, JOBS_AT_ONCE = 40, STEPS_MOST = 30, DEPTH_MOST = 16, KEYS = 12, TENANTS = 2 };

/* What a tenant has. */
struct model {
	int64_t accounts, next_account, next_number;
	bool keys[KEYS];
};

struct walk {
	struct site *site;
	struct model models[TENANTS];
	sem_t answered;
};

struct walk_job {
	struct store_job job;
	struct walk *walk;
	struct arena arena;
	struct problems problems;
	uint64_t state; /* of the random steps */
	bool dry_run, refuses;
	uint64_t state_before;     /* as the body found them */
	struct model model_before;
	int runs;
};

static void step_account(struct store_transaction *transaction, struct model *model)
{
	int64_t id = 0;
	CHECK_EQ_INT(store_peek_id(transaction, "account"), model->next_account);
	CHECK(add_account(transaction, &id));
	CHECK_EQ_INT(id, model->next_account);
	model->next_account++;
	model->accounts++;
}

static void step_number(struct store_transaction *transaction, struct model *model, int64_t forward)
{
	int64_t number = 0;
	if (forward) {
		model->next_number += forward;
		CHECK(store_set_next_number(transaction, "invoice_number", model->next_number));
	}
	CHECK(store_next_number(transaction, "invoice_number", &number));
	CHECK_EQ_INT(number, model->next_number);
	model->next_number++;
}

static void step_key(struct store_transaction *transaction, struct model *model, int64_t key)
{
	struct idempotency idempotency = { .key = text_format(store_arena(transaction), "key %lld", (long long)key),
	                                   .fingerprint = digest_sha256(TEXT("a")) };
	CHECK(store_idempotency_begin(transaction, &idempotency));
	CHECK_EQ_INT(idempotency.state, model->keys[key] ? IDEMPOTENCY_RUNNING : IDEMPOTENCY_NEW);
	model->keys[key] = true;
}

/* A statement that fails: everything after it does until the savepoint is left. */
static void step_failure(struct store_transaction *transaction)
{
	int64_t number = 0;
	CHECK(!store_set_next_id(transaction, "account", 0));
	CHECK(store_failed(transaction));
	CHECK(!store_next_number(transaction, "invoice_number", &number));
	CHECK_EQ_INT(store_new_id(transaction, "account"), 0);
	CHECK(!store_savepoint(transaction));
	CHECK(!store_release(transaction));
}

struct depths {
	struct model before[DEPTH_MOST]; /* each savepoint */
	int count;
};

static void step_leave(struct store_transaction *transaction, struct model *model, struct depths *depths, bool keeps)
{
	depths->count--;
	if (keeps) {
		CHECK(store_release(transaction));
		return;
	}
	CHECK(store_rollback_to(transaction));
	*model = depths->before[depths->count];
}

static void step(struct store_transaction *transaction, struct model *model, struct depths *depths, uint64_t *state)
{
	switch (check_between(state, 0, 9)) {
	case 0:
	case 1:
		step_account(transaction, model);
		break;
	case 2:
		step_number(transaction, model, 0);
		break;
	case 3:
		step_number(transaction, model, check_between(state, 0, 5));
		break;
	case 4:
		step_key(transaction, model, check_between(state, 0, KEYS - 1));
		break;
	case 5:
		if (depths->count == 0)
			break;
		step_failure(transaction);
		step_leave(transaction, model, depths, false);
		break;
	case 6:
	case 7:
		if (depths->count == 0)
			break;
		step_leave(transaction, model, depths, check_between(state, 0, 1));
		break;
	default:
		if (depths->count == DEPTH_MOST)
			break;
		depths->before[depths->count++] = *model;
		CHECK(store_savepoint(transaction));
	}
}

static bool walk_body(struct store_transaction *transaction, void *context)
{
	struct walk_job *job = context;
	struct model *model = &job->walk->models[store_tenant(transaction) - 1];
	struct depths depths = { .count = 0 };
	job->state_before = job->state;
	job->model_before = *model;
	job->runs++;
	for (int64_t left = check_between(&job->state, 0, STEPS_MOST); left > 0; left--)
		step(transaction, model, &depths, &job->state);
	/* a body that refuses may leave savepoints open */
	while (!job->refuses && depths.count > 0)
		step_leave(transaction, model, &depths, check_between(&job->state, 0, 1));
	if (job->refuses || job->dry_run)
		*model = job->model_before;
	return !job->refuses;
}

/* It has run, and is undone with a job that came after it. */
static void walk_renew(void *context)
{
	struct walk_job *job = context;
	job->walk->models[job->job.tenant_id - 1] = job->model_before;
	job->state = job->state_before;
}

static void walk_done(void *context, enum store_outcome outcome)
{
	struct walk_job *job = context;
	CHECK_EQ_INT(outcome, job->refuses || job->dry_run ? STORE_ROLLED_BACK : STORE_COMMITTED);
	sem_post(&job->walk->answered);
}

static void jobs_run(struct walk *walk, struct walk_job *jobs, uint64_t *state)
{
	for (int i = 0; i < JOBS_AT_ONCE; i++) {
		struct walk_job *job = &jobs[i];
		*job = (struct walk_job){ .walk = walk, .state = check_random(state) | 1 };
		CHECK(arena_init(&job->arena, ARENA_LIMIT_DEFAULT_BYTES));
		problems_init(&job->problems, &job->arena);
		job->refuses = check_between(state, 0, 3) == 0;
		job->dry_run = check_between(state, 0, 5) == 0;
		job->job = (struct store_job){ .tenant_id = check_between(state, 1, TENANTS), .dry_run = job->dry_run,
			                       .body = walk_body, .done = walk_done, .context = job,
			                       .renew = check_between(state, 0, 3) ? walk_renew : NULL,
			                       .arena = &job->arena, .problems = &job->problems };
		store_submit(walk->site->store, &job->job);
	}
	for (int i = 0; i < JOBS_AT_ONCE; i++)
		sem_wait(&walk->answered);
	for (int i = 0; i < JOBS_AT_ONCE; i++) {
		CHECK(jobs[i].runs == 1 || (jobs[i].runs == 2 && jobs[i].job.renew && !jobs[i].refuses));
		arena_finish(&jobs[i].arena);
	}
}

static bool state_check(struct store_transaction *transaction, void *context)
{
	const struct model *model = context;
	int64_t count = 0;
	CHECK(count_accounts(transaction, &count));
	CHECK_EQ_INT(count, model->accounts);
	CHECK_EQ_INT(store_peek_id(transaction, "account"), model->next_account);
	CHECK_EQ_INT(store_peek_number(transaction, "invoice_number"), model->next_number);
	return true;
}

static void walk_from(struct site *site, uint64_t state)
{
	static struct walk_job jobs[JOBS_AT_ONCE];
	struct walk walk = { .site = site };
	for (int i = 0; i < TENANTS; i++)
		walk.models[i] = (struct model){ .next_account = 1, .next_number = 1 };
	sem_init(&walk.answered, 0, 0);
	for (int done = 0; done < JOBS; done += JOBS_AT_ONCE) {
		jobs_run(&walk, jobs, &state);
		if (site->path[0] && check_between(&state, 0, 2) == 0) {
			site_stop(site);
			site_start(site, NULL);
		}
		for (int64_t tenant_id = 1; tenant_id <= TENANTS; tenant_id++)
			CHECK(site_read(site, tenant_id, state_check, &walk.models[tenant_id - 1]));
	}
	sem_destroy(&walk.answered);
}

TEST_ON_BOTH(what_was_rolled_back_at_any_depth_never_happened)
{
	uint64_t state = check_seed();
	walk_from(site, state);
}

/* ---- a read in a batch ---- */

struct peek {
	struct site *site;
	sem_t begun, go;
	int64_t next;
};

static bool peek_wait(struct store_transaction *transaction, void *context)
{
	struct peek *peek = context;
	sem_post(&peek->begun);
	sem_wait(&peek->go);
	int64_t id = 0;
	return add_account(transaction, &id);
}

static bool peek_next(struct store_transaction *transaction, void *context)
{
	((struct peek *)context)->next = store_peek_id(transaction, "account");
	return true;
}

static void *peek_main(void *context)
{
	struct peek *peek = context;
	struct arena arena;
	struct problems problems;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	CHECK(store_read(peek->site->store, 1, &arena, &problems, peek_next, peek));
	arena_finish(&arena);
	return NULL;
}

static void peek_done(void *context, enum store_outcome outcome)
{
	(void)context;
	CHECK_EQ_INT(outcome, STORE_COMMITTED);
}

/* The read runs behind the job in the job's own batch, whose counters have no rows yet. */
TEST(a_read_in_memory_sees_the_counters_of_the_rows_it_sees)
{
	struct site site;
	pthread_t reader;
	site_open(&site, IN_MEMORY);
	struct peek peek = { .site = &site };
	sem_init(&peek.begun, 0, 0);
	sem_init(&peek.go, 0, 0);
	struct store_job job = { .tenant_id = 1, .body = peek_wait, .done = peek_done, .context = &peek,
	                         .arena = &site.arena, .problems = &site.problems };
	store_submit(site.store, &job);
	sem_wait(&peek.begun);
	CHECK(pthread_create(&reader, NULL, peek_main, &peek) == 0);
	for (int i = 0; i < 1000 && store_queue_length(site.store) == 0; i++)
		clock_sleep_us(US_PER_MS);
	sem_post(&peek.go);
	pthread_join(reader, NULL);
	CHECK_EQ_INT(peek.next, 2);
	site_close(&site);
}

CHECK_MAIN
