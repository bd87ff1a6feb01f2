/* test_store_fair.c: what a tenant waits for another's jobs, counted in jobs and commits instead of time. */
#include "store_site.h"

#include <semaphore.h>
#include <stdatomic.h>

enum { FLOOD = 1, LIGHT = 2, JOBS_MAX = 4096, TURN_US = 1000 };

/* Jobs and what has run of them. Bodies run one at a time, on the writer's thread. */
struct fair {
	struct site site;
	struct store_job jobs[JOBS_MAX];
	size_t submitted;
	atomic_size_t answered;
	size_t ran;              /* of the tenant that floods */
	size_t light_ran_at;     /* what had run of it when the other tenant's job ran */
	size_t light_done_at;    /* and when it was committed */
	sem_t gate;              /* holds the first job, until the queue is as the test wants it */
	bool busy;               /* a body takes its time */
	struct store_job late;   /* comes while the third job runs; none without a body */
};

static bool gate_body(struct store_transaction *transaction, void *context)
{
	struct fair *fair = context;
	(void)transaction;
	while (sem_wait(&fair->gate) != 0)
		;
	return true;
}

static bool flood_body(struct store_transaction *transaction, void *context)
{
	struct fair *fair = context;
	fair->ran++;
	if (fair->ran == 3 && fair->late.body)
		store_submit(fair->site.store, &fair->late);
	if (fair->busy)
		clock_sleep_us(TURN_US);
	return store_new_id(transaction, "thing") > 0;
}

static bool light_body(struct store_transaction *transaction, void *context)
{
	struct fair *fair = context;
	fair->light_ran_at = fair->ran;
	return store_new_id(transaction, "thing") > 0;
}

static void any_done(void *context, enum store_outcome outcome)
{
	struct fair *fair = context;
	CHECK_EQ_INT(outcome, STORE_COMMITTED);
	atomic_fetch_add(&fair->answered, 1);
}

static void light_done(void *context, enum store_outcome outcome)
{
	struct fair *fair = context;
	fair->light_done_at = fair->ran;
	any_done(context, outcome);
}

static struct store_job job_of(struct fair *fair, int64_t tenant_id, bool (*body)(struct store_transaction *, void *),
                               void (*done)(void *, enum store_outcome))
{
	return (struct store_job){ .tenant_id = tenant_id, .body = body, .done = done, .context = fair,
		                   .arena = &fair->site.arena, .problems = &fair->site.problems };
}

static void submit(struct fair *fair, int64_t tenant_id, bool (*body)(struct store_transaction *, void *),
                   void (*done)(void *, enum store_outcome))
{
	struct store_job *job = &fair->jobs[fair->submitted++];
	*job = job_of(fair, tenant_id, body, done);
	store_submit(fair->site.store, job);
}

static void fair_prepare(struct fair *fair)
{
	memset(fair, 0, sizeof *fair);
	site_open(&fair->site, IN_A_FILE);
	sem_init(&fair->gate, 0, 0);
}

static void fair_open(struct fair *fair)
{
	fair_prepare(fair);
	submit(fair, FLOOD, gate_body, any_done);
}

static void fair_close(struct fair *fair)
{
	while (atomic_load(&fair->answered) < fair->submitted)
		clock_sleep_us(US_PER_MS);
	site_close(&fair->site);
	sem_destroy(&fair->gate);
}

/* A thousand jobs of one tenant wait, then comes one of `tenant`. */
static void flood_and_one(struct fair *fair, int64_t tenant)
{
	fair_open(fair);
	for (int i = 0; i < 1000; i++)
		submit(fair, FLOOD, flood_body, any_done);
	submit(fair, tenant, light_body, light_done);
	sem_post(&fair->gate);
	fair_close(fair);
}

TEST(a_tenant_waits_for_one_job_of_a_thousand)
{
	static struct fair fair;
	flood_and_one(&fair, LIGHT);
	CHECK(fair.light_ran_at <= 2);
}

/* Negative control: the same queue in the order of arrival, which is that within one tenant. */
TEST(within_a_tenant_the_order_is_that_of_arrival)
{
	static struct fair fair;
	flood_and_one(&fair, FLOOD);
	CHECK_EQ_INT(fair.light_ran_at, 1000);
}

/* Comes in the middle of a batch, one job of which takes TURN_US: its turn comes at once, and so does the commit. */
TEST(a_batch_that_tenants_share_is_committed_soon)
{
	static struct fair fair;
	fair_open(&fair);
	fair.busy = true;
	fair.late = job_of(&fair, LIGHT, light_body, light_done);
	for (int i = 0; i < 20; i++)
		submit(&fair, FLOOD, flood_body, any_done);
	fair.submitted++;
	sem_post(&fair.gate);
	fair_close(&fair);
	CHECK(fair.light_ran_at <= 4);
	CHECK(fair.light_done_at - fair.light_ran_at <= 1);
}

static bool nothing_body(struct store_transaction *transaction, void *context)
{
	(void)transaction, (void)context;
	return true;
}

static void visit(struct fair *fair, int64_t tenant_id)
{
	struct store_job job = job_of(fair, tenant_id, nothing_body, NULL);
	CHECK_EQ_INT(store_run(fair->site.store, &job), STORE_COMMITTED);
}

/* How many jobs of its own tenant were committed with the first of a queue, just after a job of `visitor`. */
static size_t batch_length(int64_t visitor)
{
	static struct fair fair;
	fair_prepare(&fair);
	visit(&fair, visitor);
	submit(&fair, FLOOD, gate_body, any_done);
	fair.busy = true;
	submit(&fair, FLOOD, light_body, light_done);
	for (int i = 0; i < 40; i++)
		submit(&fair, FLOOD, flood_body, any_done);
	sem_post(&fair.gate);
	fair_close(&fair);
	CHECK_EQ_INT(fair.light_ran_at, 0);
	return fair.light_done_at;
}

/* Negative control: where nobody else waits a batch goes on for 20 ms, as that costs the fewest commits. A machine that is
 * slow enough fills these with one job; not each time. */
TEST(a_batch_of_one_tenant_goes_on)
{
	size_t longest = 0;
	for (int times = 0; times < 50 && longest < 5; times++) {
		size_t length = batch_length(FLOOD);
		longest = length > longest ? length : longest;
	}
	CHECK(longest >= 5);
}

/* Whoever comes next waits for it and for its commit. Where the machine stood still for long, the visitor is forgotten. */
TEST(a_batch_of_one_tenant_ends_soon_where_another_has_just_been)
{
	int soon = 0;
	for (int times = 0; times < 10; times++)
		soon += batch_length(LIGHT) <= 1;
	CHECK(soon >= 5);
}

/* ---- bounds ---- */

static void refused_done(void *context, enum store_outcome outcome)
{
	size_t *refused = context;
	*refused += outcome == STORE_REFUSED;
}

TEST(a_tenant_whose_queue_is_full_is_refused_and_others_are_not)
{
	enum { MANY = 10000 };
	static struct store_job jobs[MANY], other;
	static struct fair fair;
	size_t refused = 0, others_refused = 0;
	fair_open(&fair);
	struct store_job job = { .tenant_id = FLOOD, .body = nothing_body, .done = refused_done, .context = &refused,
		                 .arena = &fair.site.arena, .problems = &fair.site.problems };
	for (int i = 0; i < MANY; i++) {
		jobs[i] = job;
		store_submit(fair.site.store, &jobs[i]);
	}
	CHECK(refused > 1000 && refused < MANY);
	CHECK_EQ_INT(fair.site.problems.first->code, PROBLEM_BUSY);
	other = job;
	other.tenant_id = LIGHT;
	other.context = &others_refused;
	store_submit(fair.site.store, &other);
	sem_post(&fair.gate);
	fair_close(&fair);
	CHECK_EQ_INT(others_refused, 0);
}

CHECK_MAIN
