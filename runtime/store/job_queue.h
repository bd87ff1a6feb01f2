/* job_queue.h: jobs that wait for the writer, served in turn by tenant.
 *
 * Each tenant has a lane (first in, first out); lanes are served round robin, one job a turn, so that a tenant
 * with many jobs delays another by one job only. A lane whose tenant owes time (job_debt.h) is passed over; how much and how
 * long waits there is bounded. Due work and jobs that run at once have lanes of their own. Links lie in the jobs: nothing is
 * allocated. The caller locks and says what time it is.
 */
#ifndef MOONBILL_STORE_JOB_QUEUE_H
#define MOONBILL_STORE_JOB_QUEUE_H

#include "store/job_debt.h"
#include "store/store.h"

enum {
	QUEUE_BUCKETS = 1024,
	QUEUE_MOST_JOBS = 16384,     /* of all tenants; more are refused */
	QUEUE_MOST_LANE_JOBS = 8192, /* of one tenant */
	QUEUE_MOST_HELD_JOBS = 512,  /* of one that is held */
	QUEUE_HELD_MOST_US = 10 * US_PER_S, /* for so long a job is held, unless it says otherwise */
	QUEUE_LOOK_US = 50 * US_PER_MS,     /* between two looks at what is held */
};

struct job_queue {
	struct store_job *buckets[QUEUE_BUCKETS];    /* first jobs of lanes, by tenant */
	struct store_job *first_turn, *last_turn;    /* first jobs of lanes, in the order of their turns */
	size_t count;
	uint64_t batch; /* of the writer, counted */
	struct job_debts debts;
	int64_t look_us; /* not before then is it worth looking for jobs that were held too long */
};

/* NULL, or why it is refused: the queue or the tenant's lane is full. */
const char *job_queue_add(struct job_queue *queue, struct store_job *job, int64_t now_us);
/* From now on nobody has had a turn in the batch. */
void job_queue_begin_batch(struct job_queue *queue);
/* The next job in turn, NULL when there is none or all are held. */
struct store_job *job_queue_take(struct job_queue *queue, int64_t now_us);
/* The same of lanes that have had no turn in the batch; NULL also when there are none. */
struct store_job *job_queue_take_newcomer(struct job_queue *queue, int64_t now_us);
/* A job that was held for too long, out of the queue; NULL when there is none. */
struct store_job *job_queue_expire(struct job_queue *queue, int64_t now_us);
/* When to look again: now when there is a job to take, INT64_MAX when there are none at all. */
int64_t job_queue_ready_us(const struct job_queue *queue, int64_t now_us);

#endif
