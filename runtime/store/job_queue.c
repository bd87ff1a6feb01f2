/* job_queue.c: jobs that wait for the writer, served in turn by tenant. */
#include "store/job_queue.h"

#include <assert.h>

/* The place that points to the lane of this tenant, or to NULL at the end of its chain. */
static struct store_job **lane_place(struct job_queue *queue, int64_t tenant_id)
{
	uint64_t mixed = (uint64_t)tenant_id * 0x9e3779b97f4a7c15u;
	struct store_job **place = &queue->buckets[(mixed >> 32) % QUEUE_BUCKETS];
	while (*place && (*place)->tenant_id != tenant_id)
		place = &(*place)->queued.next_lane;
	return place;
}

static void turn_append(struct job_queue *queue, struct store_job *lane)
{
	lane->queued.next_turn = NULL;
	if (queue->last_turn)
		queue->last_turn->queued.next_turn = lane;
	else
		queue->first_turn = lane;
	queue->last_turn = lane;
}

bool job_queue_add(struct job_queue *queue, struct store_job *job)
{
	struct store_job **place = lane_place(queue, job->tenant_id);
	struct store_job *lane = *place;
	if (queue->count >= QUEUE_MOST_JOBS || (lane && lane->queued.lane_count >= QUEUE_MOST_LANE_JOBS))
		return false;
	job->queued.next = NULL;
	queue->count++;
	if (lane) {
		lane->queued.last->queued.next = job;
		lane->queued.last = job;
		lane->queued.lane_count++;
		return true;
	}
	job->queued.next_lane = NULL;
	job->queued.last = job;
	job->queued.lane_count = 1;
	*place = job;
	turn_append(queue, job);
	return true;
}

struct store_job *job_queue_take(struct job_queue *queue)
{
	struct store_job *job = queue->first_turn;
	if (!job)
		return NULL;
	queue->first_turn = job->queued.next_turn;
	if (!queue->first_turn)
		queue->last_turn = NULL;
	struct store_job **place = lane_place(queue, job->tenant_id);
	assert(*place == job);
	struct store_job *lane = job->queued.next;
	if (lane) {
		lane->queued.last = job->queued.last;
		lane->queued.lane_count = job->queued.lane_count - 1;
		lane->queued.next_lane = job->queued.next_lane;
		*place = lane;
		turn_append(queue, lane);
	} else {
		*place = job->queued.next_lane;
	}
	queue->count--;
	job->queued.next = NULL;
	return job;
}
