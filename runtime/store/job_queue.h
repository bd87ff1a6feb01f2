/* job_queue.h: jobs that wait for the writer, served in turn by tenant.
 *
 * Each tenant has a lane (first in, first out); lanes are served round robin, one job a turn, so that a tenant
 * with many jobs delays another by one job only. Links lie in the jobs: nothing is allocated. The caller locks.
 */
#ifndef MOONBILL_STORE_JOB_QUEUE_H
#define MOONBILL_STORE_JOB_QUEUE_H

#include "store/store.h"

enum {
	QUEUE_BUCKETS = 1024,
	QUEUE_MOST_JOBS = 16384,     /* of all tenants; more are refused */
	QUEUE_MOST_LANE_JOBS = 8192, /* of one tenant */
};

struct job_queue {
	struct store_job *buckets[QUEUE_BUCKETS];    /* first jobs of lanes, by tenant */
	struct store_job *first_turn, *last_turn;    /* first jobs of lanes, in the order of their turns */
	size_t count;
};

/* False when the queue or the tenant's lane is full. */
bool job_queue_add(struct job_queue *queue, struct store_job *job);
/* The next job in turn, NULL when there is none. */
struct store_job *job_queue_take(struct job_queue *queue);

#endif
