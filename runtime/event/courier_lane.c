/* courier_lane.c: lanes: what goes to one place, bounded by a window and stopped by a circuit. */
#include "courier_state.h"

#include "base/log.h"

/* ---- lanes ---- */

static size_t lane_bucket(int64_t tenant_id, const struct delivery_channel *channel, int64_t endpoint_id)
{
	uint64_t hash = (uint64_t)tenant_id * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)endpoint_id * UINT64_C(0xc2b2ae3d27d4eb4f) ^
	                (uint64_t)(uintptr_t)channel;
	return (size_t)(hash >> 32) % LANE_BUCKETS;
}

struct lane *lane_first(const struct courier *courier)
{
	return courier->senders ? courier->senders->lanes : NULL;
}

struct lane *lane_next(const struct lane *lane)
{
	return lane->next ? lane->next : lane->sender->next ? lane->sender->next->lanes : NULL;
}

static struct lane *lane_new(int64_t tenant_id, const struct delivery_channel *channel, int64_t endpoint_id)
{
	struct lane *lane = memory_alloc(sizeof *lane);
	int64_t *open_ids = lane ? memory_alloc(LANE_OPEN_MAX * sizeof *open_ids) : NULL;
	if (!open_ids) {
		memory_free(lane);
		return NULL;
	}
	*lane = (struct lane){ .tenant_id = tenant_id, .channel = channel, .endpoint_id = endpoint_id,
		               .window = LANE_WINDOW_FIRST, .open_ids = open_ids };
	return lane;
}

static void lane_free(struct lane *lane)
{
	lane_drop(lane);
	memory_free(lane->open_ids);
	memory_free(lane);
}

static bool sender_join(struct courier *courier, struct lane *lane)
{
	struct sender *sender = sender_find(courier, lane->tenant_id);
	if (!sender) {
		sender = memory_alloc(sizeof *sender);
		if (!sender)
			return false;
		*sender = (struct sender){ .tenant_id = lane->tenant_id, .next = courier->senders };
		courier->senders = sender;
	}
	lane->sender = sender;
	lane->next = sender->lanes;
	sender->lanes = lane;
	return true;
}

struct lane *lane_find(struct courier *courier, int64_t tenant_id, const struct delivery_channel *channel, int64_t endpoint_id)
{
	struct lane **bucket = &courier->buckets[lane_bucket(tenant_id, channel, endpoint_id)];
	for (struct lane *lane = *bucket; lane; lane = lane->next_in_bucket)
		if (lane->tenant_id == tenant_id && lane->channel == channel && lane->endpoint_id == endpoint_id)
			return lane;
	struct lane *lane = lane_new(tenant_id, channel, endpoint_id);
	if (!lane)
		return NULL;
	if (!sender_join(courier, lane)) {
		lane_free(lane);
		return NULL;
	}
	lane->next_in_bucket = *bucket;
	*bucket = lane;
	courier->lane_count++;
	return lane;
}

static void lane_leave_bucket(struct courier *courier, const struct lane *lane)
{
	struct lane **link = &courier->buckets[lane_bucket(lane->tenant_id, lane->channel, lane->endpoint_id)];
	while (*link != lane)
		link = &(*link)->next_in_bucket;
	*link = lane->next_in_bucket;
}

static bool lane_is_idle(const struct lane *lane)
{
	return lane->empty && lane->open == 0 && !lane->wakes && !lane->wakes_us && lane->failures == 0;
}

static void sender_sweep(struct courier *courier, struct sender *sender)
{
	struct lane **link = &sender->lanes, *lane;
	while ((lane = *link)) {
		if (!lane_is_idle(lane)) {
			link = &lane->next;
			continue;
		}
		*link = lane->next;
		lane_leave_bucket(courier, lane);
		lane_free(lane);
		courier->lane_count--;
	}
	sender->turn = NULL;
}

void lanes_sweep(struct courier *courier)
{
	struct sender **link = &courier->senders, *sender;
	if (courier->lane_count <= courier->lane_count_most)
		return;
	while ((sender = *link)) {
		sender_sweep(courier, sender);
		if (sender->lanes) {
			link = &sender->next;
			continue;
		}
		*link = sender->next;
		memory_free(sender);
	}
	courier->turn = NULL;
	courier->lane_count_most = LANES_KEPT + 2 * courier->lane_count;
}

void lanes_free(struct courier *courier)
{
	for (struct sender *sender = courier->senders, *next; sender; sender = next) {
		next = sender->next;
		for (struct lane *lane = sender->lanes, *after; lane; lane = after) {
			after = lane->next;
			lane_free(lane);
		}
		memory_free(sender);
	}
	courier->senders = NULL;
}

/* ---- what is open ---- */

static void lane_close(struct lane *lane, int64_t delivery_id)
{
	for (size_t i = 0; i < lane->open; i++)
		if (lane->open_ids[i] == delivery_id) {
			lane->open_ids[i] = lane->open_ids[--lane->open];
			return;
		}
	BUG("delivery %lld is not open in its lane", (long long)delivery_id);
}

void batch_leave(struct batch *batch)
{
	if (--batch->open > 0)
		return;
	arena_finish(&batch->arena);
	memory_free(batch);
}

void run_queue_add(struct run_queue *queue, struct run *run)
{
	run->next = NULL;
	if (queue->last)
		queue->last->next = run;
	else
		queue->first = run;
	queue->last = run;
	queue->count++;
}

void run_queue_add_first(struct run_queue *queue, struct run *run)
{
	run->next = queue->first;
	queue->first = run;
	if (!queue->last)
		queue->last = run;
	queue->count++;
}

void run_free(struct run *run)
{
	if (run->lane->channel->release && run->transfer.state)
		run->lane->channel->release(&run->transfer);
	lane_close(run->lane, run->transfer.delivery->id);
	struct batch *batch = run->batch;
	if (run->has_own)
		arena_finish(&run->own);
	memory_free(run);
	batch_leave(batch);
}

struct run *lane_take(struct lane *lane)
{
	struct run *run = lane->queued.first;
	lane->queued.first = run->next;
	if (!lane->queued.first)
		lane->queued.last = NULL;
	lane->queued.count--;
	return run;
}

void lane_drop(struct lane *lane)
{
	while (lane->queued.first)
		run_free(lane_take(lane));
}

void lane_renew(struct lane *lane)
{
	lane_drop(lane);
	lane->window = LANE_WINDOW_FIRST;
	lane->grown = 0;
	lane->failures = 0;
	lane->pause_us = lane->failed_us = lane->not_before_us = 0;
	lane->failed_at_us = clock_monotonic_us();
}

void lane_wake(struct courier *courier, struct lane *lane, struct instant due_at)
{
	int64_t us = due_at.us ? clock_monotonic_us() + (due_at.us - clock_wall().us) : 0;
	if (!lane) {
		courier->store_failed = true;
		return;
	}
	lane->empty = false;
	if (us <= clock_monotonic_us())
		lane->wakes = true;
	else if (lane->wakes_us == 0 || us < lane->wakes_us)
		lane->wakes_us = us;
}

/* ---- window and circuit ---- */

bool lane_may_send(const struct lane *lane, int64_t now_us)
{
	size_t window = lane->failures >= DELIVERY_CIRCUIT_FAILURES ? 1 : lane->window;
	return lane->queued.first && !lane->given_up && lane->flying + lane->making < window && now_us >= lane->not_before_us;
}

/* Who moves a clock waits for no circuit: failures that are quick are all had, and slow ones soon no more. */
static void lane_exhaust_patience(struct lane *lane)
{
	if (lane->failed_us < WALK_PATIENCE_US || lane->given_up)
		return;
	lane->given_up = true;
	log_write(LOG_WARNING, "delivery.given_up",
	          "tenant=%lld channel=%s endpoint=%lld: failures took %lld ms, the rest is sent when the clock has been moved",
	          (long long)lane->tenant_id, lane->channel->name, (long long)lane->endpoint_id,
	          (long long)(lane->failed_us / US_PER_MS));
}

/* The first pause follows the failure that opens it; then each is twice the one before, when a probe has failed. */
static void lane_circuit(struct lane *lane, bool learned)
{
	if (lane->failures < DELIVERY_CIRCUIT_FAILURES || (lane->pause_us && !learned))
		return;
	if (lane->pause_us == 0)
		log_write(LOG_WARNING, "delivery.circuit", "tenant=%lld channel=%s endpoint=%lld: %d failures in a row, one try at a time",
		          (long long)lane->tenant_id, lane->channel->name, (long long)lane->endpoint_id, lane->failures);
	lane->pause_us = lane->pause_us ? 2 * lane->pause_us : CIRCUIT_PROBE_FIRST_US;
	if (lane->pause_us > CIRCUIT_PROBE_LAST_US)
		lane->pause_us = CIRCUIT_PROBE_LAST_US;
	lane->not_before_us = clock_monotonic_us() + lane->pause_us;
}

/* What was under way together fails together: the first of it says all that the others say of the other side. */
static bool lane_fails_anew(struct lane *lane, const struct run *run)
{
	if (run->begun_us <= lane->failed_at_us)
		return false;
	lane->failed_at_us = clock_monotonic_us();
	if (lane->window > 1)
		lane->window /= 2;
	return true;
}

void lane_learn(const struct courier *courier, const struct run *run)
{
	struct lane *lane = run->lane;
	const struct delivery_outcome *outcome = &run->transfer.outcome;
	if (outcome->verdict == DELIVERY_DONE || outcome->verdict == DELIVERY_AGAIN) {
		lane->failures = 0;
		lane->pause_us = lane->failed_us = 0;
		if (lane->window < courier->lane_flight_most && ++lane->grown >= lane->window / 4) {
			lane->window++;
			lane->grown = 0;
		}
	} else if (outcome->verdict != DELIVERY_DEAD) { /* who refuses one message for good is there */
		lane->failures++;
		lane->failed_us += outcome->took_ms * US_PER_MS;
		lane->grown = 0;
		bool learned = lane_fails_anew(lane, run);
		if (courier->only_tenant_id)
			lane_exhaust_patience(lane);
		else
			lane_circuit(lane, learned);
	}
}
