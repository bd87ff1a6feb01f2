/* job_queue.c: jobs that wait for the writer, served in turn by tenant. */
#include "store/job_queue.h"

#include <assert.h>

static bool is_lane_of(const struct store_job *lane, const struct store_job *job)
{
	return lane->tenant_id == job->tenant_id && lane->lane == job->lane;
}

/* The place that points to the lane of this job, or to NULL at the end of its chain. */
static struct store_job **lane_place(struct job_queue *queue, const struct store_job *job)
{
	uint64_t mixed = (uint64_t)job->tenant_id * 0x9e3779b97f4a7c15u;
	struct store_job **place = &queue->buckets[(mixed >> 32) % QUEUE_BUCKETS];
	while (*place && !is_lane_of(*place, job))
		place = &(*place)->queued.next_lane;
	return place;
}

static bool is_held(const struct job_queue *queue, const struct store_job *job, int64_t now_us)
{
	return job->lane != STORE_LANE_AT_ONCE && debt_holds(&queue->debts, job->tenant_id, now_us);
}

/* ---- turns ---- */

static void turn_append(struct job_queue *queue, struct store_job *lane)
{
	lane->queued.next_turn = NULL;
	if (queue->last_turn)
		queue->last_turn->queued.next_turn = lane;
	else
		queue->first_turn = lane;
	queue->last_turn = lane;
}

static void turn_remove(struct job_queue *queue, struct store_job *lane)
{
	struct store_job *before = NULL;
	for (struct store_job *turn = queue->first_turn; turn != lane; turn = turn->queued.next_turn)
		before = turn;
	if (before)
		before->queued.next_turn = lane->queued.next_turn;
	else
		queue->first_turn = lane->queued.next_turn;
	if (queue->last_turn == lane)
		queue->last_turn = before;
}

/* ---- lanes ---- */

const char *job_queue_add(struct job_queue *queue, struct store_job *job, int64_t now_us)
{
	struct store_job **place = lane_place(queue, job);
	struct store_job *lane = *place;
	size_t lane_count = lane ? lane->queued.lane_count : 0;
	debt_note(&queue->debts, job->tenant_id, now_us);
	if (queue->count >= QUEUE_MOST_JOBS || lane_count >= QUEUE_MOST_LANE_JOBS)
		return "the store's queue is full";
	if (lane_count >= QUEUE_MOST_HELD_JOBS && is_held(queue, job, now_us))
		return "too many commands wait already because the tenant's rules take long and others need the writer";
	job->queued.next = NULL;
	queue->count++;
	if (lane) {
		lane->queued.last->queued.next = job;
		lane->queued.last = job;
		lane->queued.lane_count++;
		return NULL;
	}
	job->queued.next_lane = NULL;
	job->queued.last = job;
	job->queued.lane_count = 1;
	job->queued.turn_batch = 0;
	*place = job;
	turn_append(queue, job);
	return NULL;
}

/* Takes out the first job of a lane; the next one waits for the turn of those who are there already. */
static void lane_shift(struct job_queue *queue, struct store_job *job)
{
	struct store_job **place = lane_place(queue, job);
	struct store_job *lane = job->queued.next;
	assert(*place == job);
	turn_remove(queue, job);
	if (lane) {
		lane->queued.last = job->queued.last;
		lane->queued.lane_count = job->queued.lane_count - 1;
		lane->queued.next_lane = job->queued.next_lane;
		lane->queued.turn_batch = queue->batch;
		*place = lane;
		turn_append(queue, lane);
	} else {
		*place = job->queued.next_lane;
	}
	queue->count--;
	job->queued.next = NULL;
}

void job_queue_begin_batch(struct job_queue *queue)
{
	queue->batch++;
}

static struct store_job *take_unless(struct job_queue *queue, uint64_t turn_batch, int64_t now_us)
{
	struct store_job *job = queue->first_turn;
	while (job && (job->queued.turn_batch == turn_batch || is_held(queue, job, now_us)))
		job = job->queued.next_turn;
	if (job)
		lane_shift(queue, job);
	return job;
}

struct store_job *job_queue_take(struct job_queue *queue, int64_t now_us)
{
	return take_unless(queue, UINT64_MAX, now_us);
}

struct store_job *job_queue_take_newcomer(struct job_queue *queue, int64_t now_us)
{
	return take_unless(queue, queue->batch, now_us);
}

/* ---- what is held ---- */

static bool is_too_late(const struct store_job *job, int64_t now_us)
{
	int64_t most_us = job->held_most_us ? job->held_most_us : QUEUE_HELD_MOST_US;
	return now_us - job->queued.since_us >= most_us;
}

static struct store_job *lane_expire(struct job_queue *queue, struct store_job *lane, int64_t now_us)
{
	if (is_too_late(lane, now_us)) {
		lane_shift(queue, lane);
		return lane;
	}
	struct store_job *before = lane;
	while (before->queued.next && !is_too_late(before->queued.next, now_us))
		before = before->queued.next;
	struct store_job *job = before->queued.next;
	if (!job)
		return NULL;
	before->queued.next = job->queued.next;
	if (lane->queued.last == job)
		lane->queued.last = before;
	lane->queued.lane_count--;
	queue->count--;
	job->queued.next = NULL;
	return job;
}

struct store_job *job_queue_expire(struct job_queue *queue, int64_t now_us)
{
	struct store_job *job = NULL, *next;
	if (queue->debts.count == 0 || now_us < queue->look_us)
		return NULL;
	for (struct store_job *lane = queue->first_turn; lane && !job; lane = next) {
		next = lane->queued.next_turn;
		if (is_held(queue, lane, now_us))
			job = lane_expire(queue, lane, now_us);
	}
	if (!job)
		queue->look_us = now_us + QUEUE_LOOK_US;
	return job;
}

int64_t job_queue_ready_us(const struct job_queue *queue, int64_t now_us)
{
	for (const struct store_job *lane = queue->first_turn; lane; lane = lane->queued.next_turn)
		if (!is_held(queue, lane, now_us))
			return now_us;
	return queue->count ? now_us + QUEUE_LOOK_US : INT64_MAX;
}
