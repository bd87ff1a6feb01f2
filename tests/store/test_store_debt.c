/* test_store_debt.c: a tenant whose jobs hold the writer for long waits for it, and others do not; counted exactly, in the
 * queue with a time of the test's own, then through a store. */
#include "store_site.h"

#include "store/job_queue.h"

#include <semaphore.h>
#include <stdatomic.h>

enum { HEAVY = 1, LIGHT = 2, OTHER = 3, HEAVY_US = 25 * US_PER_MS, LIGHT_US = 100, PAUSE_US = 2 * US_PER_MS };

/* ---- a writer in virtual time ---- */

/* Light jobs come PAUSE_US after the one before was done; of each heavy tenant there are always some. */
struct scene {
	struct job_queue queue;
	struct store_job heavy[2][4], light;
	size_t heavy_tenants;
	int64_t now_us, heavy_us, light_at_us; /* now; taken by heavy jobs; when the next light one comes */
	size_t light_count, light_delayed;     /* delayed by more than a heavy job's hundredth part */
	bool light_waits;
};

static struct scene *scene_new(size_t heavy_tenants)
{
	static struct scene scene;
	memset(&scene, 0, sizeof scene);
	scene.heavy_tenants = heavy_tenants;
	scene.now_us = US_PER_S;
	scene.light.tenant_id = LIGHT;
	for (size_t i = 0; i < heavy_tenants; i++)
		for (size_t k = 0; k < 4; k++) {
			scene.heavy[i][k] = (struct store_job){ .tenant_id = i ? OTHER : HEAVY, .held_most_us = INT64_MAX };
			CHECK(!job_queue_add(&scene.queue, &scene.heavy[i][k], scene.now_us));
		}
	return &scene;
}

static void heavy_run(struct scene *scene, struct store_job *job, int64_t took_us)
{
	scene->now_us += took_us;
	scene->heavy_us += took_us;
	debt_charge(&scene->queue.debts, job->tenant_id, took_us, scene->now_us);
	CHECK(!job_queue_add(&scene->queue, job, scene->now_us));
}

static void light_run(struct scene *scene)
{
	scene->light_delayed += scene->now_us - scene->light_at_us > HEAVY_US / 100;
	scene->light_count++;
	scene->light_waits = false;
	scene->now_us += LIGHT_US;
	scene->light_at_us = scene->now_us + PAUSE_US;
}

/* What the writer does until `until_us`, one job or one wait a step. */
static void scene_run(struct scene *scene, int64_t until_us, int64_t heavy_took_us, bool with_light)
{
	while (scene->now_us < until_us) {
		if (with_light && !scene->light_waits && scene->light_at_us <= scene->now_us) {
			CHECK(!job_queue_add(&scene->queue, &scene->light, scene->now_us));
			scene->light_waits = true;
		}
		struct store_job *job = job_queue_take(&scene->queue, scene->now_us);
		if (!job)
			scene->now_us += LIGHT_US;
		else if (job == &scene->light)
			light_run(scene);
		else
			heavy_run(scene, job, heavy_took_us);
	}
}

/* Parts of the writer's time, in thousandths, that heavy jobs had in 100 s. */
static int64_t heavy_share(struct scene *scene, int64_t took_us)
{
	scene->light_at_us = scene->now_us;
	scene_run(scene, scene->now_us + 100 * US_PER_S, took_us, true);
	return scene->heavy_us * 1000 / (100 * US_PER_S);
}

TEST(heavy_jobs_have_half_a_percent_of_the_writer_and_others_hardly_meet_one)
{
	struct scene *scene = scene_new(1);
	int64_t share = heavy_share(scene, HEAVY_US);
	CHECK(share >= 4 && share <= 6);
	CHECK(scene->light_count > 45000);
	CHECK(scene->light_delayed <= 22); /* one for each heavy job, which is one in 4.8 s */
}

TEST(several_debtors_share_the_same_part)
{
	struct scene *scene = scene_new(2);
	CHECK(heavy_share(scene, HEAVY_US) <= 6);
	CHECK(scene->light_delayed <= 22);
}

/* 2 ms are paid for but for the first, which is free: one percent. */
TEST(many_shorter_jobs_have_no_more)
{
	struct scene *scene = scene_new(1);
	int64_t share = heavy_share(scene, 2 * US_PER_MS);
	CHECK(share >= 8 && share <= 10);
	CHECK(scene->light_delayed * 100 < scene->light_count * 2);
}

/* Negative control: by turns alone every light job meets a heavy one. */
TEST(without_debts_every_light_job_meets_a_heavy_one)
{
	struct scene *scene = scene_new(1);
	scene->queue.debts.forgiven = true;
	CHECK(heavy_share(scene, HEAVY_US) > 900);
	CHECK(scene->light_delayed * 100 > scene->light_count * 95);
}

TEST(who_stays_below_the_free_amount_never_owes)
{
	struct scene *scene = scene_new(1);
	heavy_share(scene, DEBT_FREE_US);
	CHECK_EQ_INT(scene->queue.debts.count, 0);
}

TEST(alone_a_debtor_runs_at_once)
{
	struct scene *scene = scene_new(1);
	scene_run(scene, scene->now_us + 10 * US_PER_S, HEAVY_US, false);
	CHECK_EQ_INT(scene->heavy_us, 10 * US_PER_S);
}

TEST(a_debtor_runs_at_once_when_the_other_has_been_gone_for_a_while)
{
	struct scene *scene = scene_new(1);
	heavy_share(scene, HEAVY_US);
	int64_t until_us = scene->now_us + DEBT_SEEN_US;
	scene_run(scene, until_us, HEAVY_US, false);
	scene->heavy_us = 0;
	scene_run(scene, until_us + 10 * US_PER_S, HEAVY_US, false);
	CHECK(scene->heavy_us >= 9 * US_PER_S);
}

/* ---- bounds of what is held ---- */

/* A queue whose tenant HEAVY owes 4.8 s from `now_us` on, while LIGHT is there. */
static struct job_queue *queue_with_debtor(int64_t now_us)
{
	static struct job_queue queue;
	memset(&queue, 0, sizeof queue);
	debt_note(&queue.debts, LIGHT, now_us);
	debt_charge(&queue.debts, HEAVY, HEAVY_US, now_us);
	return &queue;
}

/* Keeps LIGHT there and HEAVY in debt. */
static void debtor_stays(struct job_queue *queue, int64_t now_us)
{
	debt_note(&queue->debts, LIGHT, now_us);
	debt_charge(&queue->debts, HEAVY, HEAVY_US, now_us);
}

TEST(a_held_lane_is_short)
{
	static struct store_job jobs[QUEUE_MOST_HELD_JOBS + 1];
	struct job_queue *queue = queue_with_debtor(US_PER_S);
	for (size_t i = 0; i <= QUEUE_MOST_HELD_JOBS; i++) {
		jobs[i].tenant_id = HEAVY;
		jobs[i].queued.since_us = US_PER_S;
		CHECK_EQ_INT(job_queue_add(queue, &jobs[i], US_PER_S) == NULL, i < QUEUE_MOST_HELD_JOBS);
	}
	CHECK(job_queue_take(queue, US_PER_S) == NULL);
	CHECK_EQ_INT(job_queue_ready_us(queue, US_PER_S), US_PER_S + QUEUE_LOOK_US);
}

TEST(what_is_held_too_long_leaves_and_the_others_stay_in_order)
{
	static struct store_job jobs[5];
	int64_t now_us = US_PER_S, late_us = now_us + QUEUE_HELD_MOST_US;
	struct job_queue *queue = queue_with_debtor(now_us);
	for (size_t i = 0; i < 5; i++) {
		jobs[i] = (struct store_job){ .tenant_id = HEAVY, .held_most_us = i % 2 ? 0 : INT64_MAX };
		jobs[i].queued.since_us = now_us;
		CHECK(!job_queue_add(queue, &jobs[i], now_us));
	}
	CHECK(job_queue_expire(queue, late_us - 1) == NULL);
	late_us += QUEUE_LOOK_US;
	debtor_stays(queue, late_us);
	CHECK(job_queue_expire(queue, late_us) == &jobs[1]);
	CHECK(job_queue_expire(queue, late_us) == &jobs[3]);
	CHECK(job_queue_expire(queue, late_us) == NULL);
	CHECK_EQ_INT(queue->count, 3);
	queue->debts.forgiven = true;
	for (size_t i = 0; i < 5; i += 2)
		CHECK(job_queue_take(queue, late_us) == &jobs[i]);
	CHECK(job_queue_take(queue, late_us) == NULL);
}

TEST(a_job_that_says_so_is_not_held)
{
	static struct store_job held, at_once;
	struct job_queue *queue = queue_with_debtor(US_PER_S);
	held = (struct store_job){ .tenant_id = HEAVY };
	at_once = (struct store_job){ .tenant_id = HEAVY, .lane = STORE_LANE_AT_ONCE };
	CHECK(!job_queue_add(queue, &held, US_PER_S) && !job_queue_add(queue, &at_once, US_PER_S));
	CHECK(job_queue_take(queue, US_PER_S) == &at_once);
	CHECK(job_queue_take(queue, US_PER_S) == NULL);
	CHECK(job_queue_take(queue, US_PER_S + HEAVY_US * DEBT_FACTOR) == &held);
}

TEST(due_work_is_not_behind_the_requests_of_its_tenant)
{
	static struct store_job requests[4], due;
	int64_t later_us = US_PER_S + HEAVY_US * DEBT_FACTOR;
	struct job_queue *queue = queue_with_debtor(US_PER_S);
	for (size_t i = 0; i < 4; i++) {
		requests[i] = (struct store_job){ .tenant_id = HEAVY };
		CHECK(!job_queue_add(queue, &requests[i], US_PER_S));
	}
	due = (struct store_job){ .tenant_id = HEAVY, .lane = STORE_LANE_DUE };
	CHECK(!job_queue_add(queue, &due, US_PER_S));
	CHECK(job_queue_take(queue, US_PER_S) == NULL);
	CHECK(job_queue_take(queue, later_us) == &requests[0]);
	CHECK(job_queue_take(queue, later_us) == &due);
	CHECK(job_queue_take(queue, later_us) == &requests[1]);
}

/* More debtors than there is room for: who has waited most is let go, and nothing is written beside the table. */
TEST(the_table_of_debtors_is_bounded)
{
	static struct job_debts debts;
	debt_note(&debts, LIGHT, US_PER_S);
	for (int64_t i = 0; i < 2 * DEBTORS_MOST; i++)
		debt_charge(&debts, 100 + i, HEAVY_US, US_PER_S);
	CHECK_EQ_INT(debts.count, DEBTORS_MOST);
	CHECK(debt_holds(&debts, 100 + 2 * DEBTORS_MOST - 1, US_PER_S));
	CHECK_EQ_INT(debts.seen[0].tenant_id, LIGHT);
}

/* ---- through a store ---- */

enum { JOBS = 20 };

struct yard {
	struct site site;
	struct store_job jobs[2 * JOBS + 1];
	size_t submitted, heavy_ran, heavy_ran_before_last_light, refused;
	atomic_size_t answered;
	sem_t gate;
};

static bool gate_body(struct store_transaction *transaction, void *context)
{
	struct yard *yard = context;
	(void)transaction;
	while (sem_wait(&yard->gate) != 0)
		;
	return true;
}

/* Rolled back: that spares nobody the debt. */
static bool heavy_body(struct store_transaction *transaction, void *context)
{
	struct yard *yard = context;
	yard->heavy_ran++;
	store_charge(transaction, HEAVY_US);
	return false;
}

static bool light_body(struct store_transaction *transaction, void *context)
{
	struct yard *yard = context;
	yard->heavy_ran_before_last_light = yard->heavy_ran;
	return store_new_id(transaction, "thing") > 0;
}

static void yard_done(void *context, enum store_outcome outcome)
{
	struct yard *yard = context;
	yard->refused += outcome == STORE_REFUSED;
	atomic_fetch_add(&yard->answered, 1);
}

static void yard_submit(struct yard *yard, int64_t tenant_id, bool (*body)(struct store_transaction *, void *))
{
	struct store_job *job = &yard->jobs[yard->submitted++];
	*job = (struct store_job){ .tenant_id = tenant_id, .body = body, .done = yard_done, .context = yard,
		                   .held_most_us = tenant_id == OTHER ? US_PER_MS : 0,
		                   .arena = &yard->site.arena, .problems = &yard->site.problems };
	store_submit(yard->site.store, job);
}

/* Heavy and light jobs wait side by side; the writer begins when all are there. Ends before the heavy ones are repaid. */
static struct yard *yard_run(int64_t heavy_tenant, bool forgiven)
{
	static struct yard yard;
	memset(&yard, 0, sizeof yard);
	site_open(&yard.site, IN_MEMORY);
	sem_init(&yard.gate, 0, 0);
	if (forgiven)
		store_forgive_debts(yard.site.store);
	yard_submit(&yard, LIGHT, gate_body);
	for (size_t i = 0; i < JOBS; i++) {
		yard_submit(&yard, heavy_tenant, heavy_body);
		yard_submit(&yard, LIGHT, light_body);
	}
	sem_post(&yard.gate);
	while (atomic_load(&yard.answered) < JOBS + 2)
		clock_sleep_us(US_PER_MS);
	return &yard;
}

TEST(in_a_store_what_rules_cost_holds_the_tenant_and_closing_ends_it)
{
	struct yard *yard = yard_run(HEAVY, false);
	CHECK_EQ_INT(yard->heavy_ran_before_last_light, 1);
	CHECK_EQ_INT(yard->heavy_ran, 1);
	site_close(&yard->site); /* what waits is done, and at once */
	CHECK_EQ_INT(yard->heavy_ran, JOBS);
	CHECK_EQ_INT(yard->refused, 0);
	sem_destroy(&yard->gate);
}

TEST(in_a_store_what_was_held_too_long_is_refused)
{
	struct yard *yard = yard_run(OTHER, false);
	while (atomic_load(&yard->answered) < yard->submitted)
		clock_sleep_us(US_PER_MS);
	CHECK_EQ_INT(yard->refused, JOBS - 1);
	CHECK_EQ_INT(problem_last(&yard->site.problems)->code, PROBLEM_BUSY);
	site_close(&yard->site);
	sem_destroy(&yard->gate);
}

/* Negative control: by turns the heavy jobs are all done when the last light one is. */
TEST(in_a_store_without_debts_tenants_take_turns)
{
	struct yard *yard = yard_run(HEAVY, true);
	CHECK(yard->heavy_ran_before_last_light >= JOBS - 1);
	site_close(&yard->site);
	sem_destroy(&yard->gate);
}

CHECK_MAIN
