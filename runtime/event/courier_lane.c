/* courier_lane.c: lanes: what goes to one place, read when it is due, bounded by a window and stopped by a circuit. */
#include "courier_state.h"

#include "base/log.h"

#include <string.h>

/* ---- lanes ---- */

static size_t lane_bucket(int64_t tenant_id, const struct delivery_channel *channel, int64_t endpoint_id)
{
	uint64_t hash = (uint64_t)tenant_id * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)endpoint_id * UINT64_C(0xc2b2ae3d27d4eb4f) ^
	                (uint64_t)(uintptr_t)channel;
	return (size_t)(hash >> 32) % LANE_BUCKETS;
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

struct lane *lane_find(struct courier *courier, int64_t tenant_id, const struct delivery_channel *channel, int64_t endpoint_id)
{
	struct lane **bucket = &courier->buckets[lane_bucket(tenant_id, channel, endpoint_id)];
	for (struct lane *lane = *bucket; lane; lane = lane->next_in_bucket)
		if (lane->tenant_id == tenant_id && lane->channel == channel && lane->endpoint_id == endpoint_id)
			return lane;
	struct lane *lane = lane_new(tenant_id, channel, endpoint_id);
	if (!lane)
		return NULL;
	lane->next_in_bucket = *bucket;
	*bucket = lane;
	lane->next = courier->lanes;
	courier->lanes = lane;
	return lane;
}

void lanes_free(struct courier *courier)
{
	for (struct lane *lane = courier->lanes, *next; lane; lane = next) {
		next = lane->next;
		while (lane->queued.first) {
			struct run *run = lane->queued.first;
			lane->queued.first = run->next;
			run_free(run);
		}
		memory_free(lane->open_ids);
		memory_free(lane);
	}
	courier->lanes = NULL;
}

/* ---- what is open ---- */

static bool lane_holds(const struct lane *lane, int64_t delivery_id)
{
	for (size_t i = 0; i < lane->open; i++)
		if (lane->open_ids[i] == delivery_id)
			return true;
	return false;
}

static void lane_close(struct lane *lane, int64_t delivery_id)
{
	for (size_t i = 0; i < lane->open; i++)
		if (lane->open_ids[i] == delivery_id) {
			lane->open_ids[i] = lane->open_ids[--lane->open];
			return;
		}
	BUG("delivery %lld is not open in its lane", (long long)delivery_id);
}

static void batch_leave(struct batch *batch)
{
	if (--batch->open > 0)
		return;
	arena_finish(&batch->arena);
	memory_free(batch);
}

void run_free(struct run *run)
{
	if (run->lane->channel->release && run->transfer.state)
		run->lane->channel->release(&run->transfer);
	lane_close(run->lane, run->transfer.delivery->id);
	struct batch *batch = run->batch;
	memory_free(run);
	batch_leave(batch);
}

/* ---- reading ---- */

struct due {
	int64_t ids[2 * LANE_OPEN_MAX];
	size_t count, limit;
};

struct feeding {
	struct courier *courier;
	struct lane *lane;
	struct batch *batch;
	struct due due;
	size_t room;
	bool test, more, sleeps;
	struct instant now, next_at;
	struct run_queue runs;
};

static bool due_row(void *context, const struct store_row *row)
{
	struct due *due = context;
	due->ids[due->count++] = store_row_integer(row, 0);
	return due->count < due->limit;
}

/* An endpoint that is gone or paused says so with each message, in prepare. */
static bool endpoint_is_ordered(struct command *view, int64_t endpoint_id, bool *ordered)
{
	struct webhook_endpoint *endpoint = NULL;
	*ordered = false;
	if (!store_find(view->store, &webhook_endpoint_record, endpoint_id, (void **)&endpoint))
		return false;
	*ordered = endpoint && endpoint->ordering == WEBHOOK_ENDPOINT_ORDERING_ORDERED;
	return true;
}

static bool due_read(struct command *view, struct feeding *feeding)
{
	const struct lane *lane = feeding->lane;
	struct due *due = &feeding->due;
	struct store_bind limit = bind_integer((int64_t)due->limit), now = bind_instant(feeding->now);
	bool ordered;
	if (!lane->endpoint_id)
		return store_each(view->store, STATEMENT_DELIVERY_DUE_OF_CHANNEL, BINDS(bind_c(lane->channel->name), now, limit),
		                  due_row, due);
	if (!endpoint_is_ordered(view, lane->endpoint_id, &ordered))
		return false;
	return store_each(view->store, ordered ? STATEMENT_DELIVERY_DUE_IN_ORDER : STATEMENT_DELIVERY_DUE_OF_ENDPOINT,
	                  BINDS(bind_id(lane->endpoint_id), now, limit), due_row, due);
}

static bool next_read(struct command *view, struct feeding *feeding)
{
	const struct lane *lane = feeding->lane;
	struct store_bind now = bind_instant(feeding->now);
	if (!lane->endpoint_id)
		return store_integer(view->store, STATEMENT_DELIVERY_NEXT_OF_CHANNEL, BINDS(bind_c(lane->channel->name), now),
		                     &feeding->next_at.us, NULL);
	return store_integer(view->store, STATEMENT_DELIVERY_NEXT_OF_ENDPOINT, BINDS(bind_id(lane->endpoint_id), now),
	                     &feeding->next_at.us, NULL);
}

static void queue_add(struct run_queue *queue, struct run *run)
{
	run->next = NULL;
	if (queue->last)
		queue->last->next = run;
	else
		queue->first = run;
	queue->last = run;
	queue->count++;
}

static bool run_make(struct command *view, struct feeding *feeding, struct delivery *delivery)
{
	struct lane *lane = feeding->lane;
	struct run *run = memory_alloc(sizeof *run);
	if (!run)
		return false;
	*run = (struct run){ .lane = lane, .batch = feeding->batch };
	run->transfer = (struct transfer){
		.tenant_id = lane->tenant_id,
		.delivery = delivery,
		.attempt = (int)delivery->attempts + 1,
		.arena = &feeding->batch->arena,
		.addresses = command_setting_boolean(view, "deliveries.private_addresses", false) &&
		                             view->engine->options.private_deliveries
		                     ? ADDRESS_PRIVATE_TOO
		                     : ADDRESS_GLOBAL,
		.plain = command_setting_boolean(view, "deliveries.plain_http", false),
	};
	feeding->batch->open++;
	lane->open_ids[lane->open++] = delivery->id;
	queue_add(&feeding->runs, run);
	lane->channel->prepare(view, &run->transfer);
	return !store_failed(view->store);
}

static bool runs_make(struct command *view, struct feeding *feeding)
{
	for (size_t i = 0; i < feeding->due.count; i++) {
		struct delivery *delivery;
		if (lane_holds(feeding->lane, feeding->due.ids[i]))
			continue;
		if (feeding->runs.count == feeding->room || feeding->batch->arena.used_bytes > BATCH_BYTES_MAX)
			return feeding->more = true;
		if (!store_find(view->store, &delivery_record, feeding->due.ids[i], (void **)&delivery) || !delivery ||
		    !run_make(view, feeding, delivery))
			return false;
	}
	return true;
}

static bool feed_read(struct command *view, void *context)
{
	struct feeding *feeding = context;
	feeding->test = view->tenant->mode == TENANT_MODE_TEST;
	feeding->now = feeding->courier->only_tenant_id ? feeding->courier->until : view->now;
	if (!due_read(view, feeding))
		return false;
	feeding->more = feeding->due.count == feeding->due.limit;
	return runs_make(view, feeding) && next_read(view, feeding);
}

/* Nothing of it is sent; it is read again. */
static void feed_undo(struct feeding *feeding)
{
	for (struct run *run = feeding->runs.first, *next; run; run = next) {
		next = run->next;
		run_free(run);
	}
}

/* A message that waits is put back, and so are those behind it: its endpoint is not active. */
static void feed_queue(struct feeding *feeding)
{
	struct lane *lane = feeding->lane;
	for (struct run *run = feeding->runs.first, *next; run; run = next) {
		next = run->next;
		if (run->transfer.outcome.verdict == DELIVERY_WAITS) {
			feeding->sleeps = true;
			run_free(run);
		} else {
			queue_add(&lane->queued, run);
		}
	}
}

static void feed_end(struct feeding *feeding)
{
	struct lane *lane = feeding->lane;
	feed_queue(feeding);
	lane->wakes = feeding->more && !feeding->sleeps;
	lane->wakes_us = 0;
	if (!lane->wakes && !feeding->test && feeding->next_at.us && !feeding->sleeps)
		lane->wakes_us = clock_monotonic_us() + (feeding->next_at.us - feeding->now.us);
}

static void feed_failed(struct feeding *feeding, const struct problems *problems)
{
	struct lane *lane = feeding->lane;
	log_write(LOG_ERROR, "delivery.read", "tenant=%lld channel=%s endpoint=%lld: %s", (long long)lane->tenant_id,
	          lane->channel->name, (long long)lane->endpoint_id, problems->first ? problems->first->message : "memory ran out");
	feed_undo(feeding);
	feeding->courier->store_failed = true;
	lane->not_before_us = clock_monotonic_us() + US_PER_S;
}

static void feed_run(struct courier *courier, struct lane *lane, struct batch *batch, size_t room)
{
	struct problems problems;
	struct feeding feeding = { .courier = courier, .lane = lane, .batch = batch, .room = room };
	feeding.due.limit = lane->open + room;
	problems_init(&problems, &batch->arena);
	batch->open = 1; /* this read's own */
	if (command_read(courier->engine, lane->tenant_id, &batch->arena, &problems, feed_read, &feeding) &&
	    !arena_exhausted(&batch->arena))
		feed_end(&feeding);
	else
		feed_failed(&feeding, &problems);
	batch_leave(batch);
}

static size_t lane_room(const struct lane *lane)
{
	size_t ahead = lane->failures >= DELIVERY_CIRCUIT_FAILURES ? 1 : 2 * lane->window;
	size_t most = lane->flying + ahead;
	if (most > LANE_OPEN_MAX)
		most = LANE_OPEN_MAX;
	return lane->open < LANE_OPEN_MAX && lane->queued.count < lane->window && lane->queued.count < ahead
	               ? (most > lane->flying + lane->queued.count ? most - lane->flying - lane->queued.count : 0)
	               : 0;
}

void lane_feed(struct courier *courier, struct lane *lane)
{
	int64_t now_us = clock_monotonic_us();
	size_t room = lane_room(lane);
	if (room > LANE_OPEN_MAX - lane->open)
		room = LANE_OPEN_MAX - lane->open;
	bool due = lane->wakes || (lane->wakes_us && lane->wakes_us <= now_us);
	if (!due || room == 0 || now_us < lane->not_before_us)
		return;
	if (courier_holds(courier, lane->tenant_id)) {
		lane->wakes = false; /* the hold's end wakes it */
		lane->wakes_us = 0;
		return;
	}
	struct batch *batch = memory_alloc(sizeof *batch);
	if (batch && arena_init(&batch->arena, 8 * (size_t)BATCH_BYTES_MAX)) {
		feed_run(courier, lane, batch, room);
		return;
	}
	memory_free(batch);
	lane->not_before_us = now_us + US_PER_S;
	courier->store_failed = true;
}

/* ---- window and circuit ---- */

bool lane_may_send(const struct lane *lane, int64_t now_us)
{
	size_t window = lane->failures >= DELIVERY_CIRCUIT_FAILURES ? 1 : lane->window;
	return lane->queued.first && lane->flying < window && now_us >= lane->not_before_us;
}

/* Who waits for the end of one instant of a test tenant's clock waits for no circuit. */
static void lane_circuit(const struct courier *courier, struct lane *lane)
{
	if (lane->failures < DELIVERY_CIRCUIT_FAILURES || courier->only_tenant_id)
		return;
	if (lane->pause_us == 0)
		log_write(LOG_WARNING, "delivery.circuit", "tenant=%lld channel=%s endpoint=%lld: %d failures in a row, one try at a time",
		          (long long)lane->tenant_id, lane->channel->name, (long long)lane->endpoint_id, lane->failures);
	lane->pause_us = lane->pause_us ? 2 * lane->pause_us : CIRCUIT_PROBE_FIRST_US;
	if (lane->pause_us > CIRCUIT_PROBE_LAST_US)
		lane->pause_us = CIRCUIT_PROBE_LAST_US;
	lane->not_before_us = clock_monotonic_us() + lane->pause_us;
}

void lane_learn(const struct courier *courier, struct lane *lane, const struct delivery_outcome *outcome)
{
	if (outcome->verdict == DELIVERY_DONE || outcome->verdict == DELIVERY_AGAIN) {
		lane->failures = 0;
		lane->pause_us = 0;
		if (lane->window < courier->lane_flight_most && ++lane->grown >= lane->window / 4) {
			lane->window++;
			lane->grown = 0;
		}
	} else {
		lane->failures++;
		lane->grown = 0;
		if (lane->window > 1)
			lane->window /= 2;
		lane_circuit(courier, lane);
	}
}
