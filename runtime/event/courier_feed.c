/* courier_feed.c: reads what is due for a lane, in snapshots, and has its channel prepare it. */
#include "courier_state.h"

#include "base/log.h"

static bool lane_holds(const struct lane *lane, int64_t delivery_id)
{
	for (size_t i = 0; i < lane->open; i++)
		if (lane->open_ids[i] == delivery_id)
			return true;
	return false;
}

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

/* An endpoint that is gone or paused says so with each message, in prepare; of one that is gone none waits for its instant. */
static bool due_of_endpoint_read(struct command *view, struct feeding *feeding)
{
	const int64_t id = feeding->lane->endpoint_id;
	struct webhook_endpoint *endpoint = NULL;
	if (!store_find(view->store, &webhook_endpoint_record, id, (void **)&endpoint))
		return false;
	bool ordered = endpoint && endpoint->ordering == WEBHOOK_ENDPOINT_ORDERING_ORDERED;
	struct store_bind until = endpoint ? bind_instant(feeding->now) : bind_integer(INT64_MAX);
	return store_each(view->store, ordered ? STATEMENT_DELIVERY_DUE_IN_ORDER : STATEMENT_DELIVERY_DUE_OF_ENDPOINT,
	                  BINDS(bind_id(id), until, bind_integer((int64_t)feeding->due.limit)), due_row, &feeding->due);
}

static bool due_read(struct command *view, struct feeding *feeding)
{
	const struct lane *lane = feeding->lane;
	struct due *due = &feeding->due;
	if (lane->endpoint_id)
		return due_of_endpoint_read(view, feeding);
	return store_each(view->store, STATEMENT_DELIVERY_DUE_OF_CHANNEL,
	                  BINDS(bind_c(lane->channel->name), bind_instant(feeding->now), bind_integer((int64_t)due->limit)), due_row,
	                  due);
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
		.shared = &feeding->batch->shared,
		.addresses = command_setting_boolean(view, "deliveries.private_addresses", false) &&
		                             view->engine->options.private_deliveries
		                     ? ADDRESS_PRIVATE_TOO
		                     : ADDRESS_GLOBAL,
		.plain = command_setting_boolean(view, "deliveries.plain_http", false),
	};
	feeding->batch->open++;
	lane->open_ids[lane->open++] = delivery->id;
	run_queue_add(&feeding->runs, run);
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
			run_queue_add(&lane->queued, run);
		}
	}
}

static void feed_end(struct feeding *feeding)
{
	struct lane *lane = feeding->lane;
	feed_queue(feeding);
	lane->empty = feeding->due.count == 0 && feeding->next_at.us == 0;
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
	batch->shared = NULL;
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
	size_t under_way = lane->flying + lane->making, most = under_way + ahead;
	if (most > LANE_OPEN_MAX)
		most = LANE_OPEN_MAX;
	return lane->open < LANE_OPEN_MAX && lane->queued.count < lane->window && lane->queued.count < ahead
	               ? (most > under_way + lane->queued.count ? most - under_way - lane->queued.count : 0)
	               : 0;
}

void lane_feed(struct courier *courier, struct lane *lane)
{
	int64_t now_us = clock_monotonic_us();
	size_t room = lane_room(lane);
	if (room > LANE_OPEN_MAX - lane->open)
		room = LANE_OPEN_MAX - lane->open;
	bool due = lane->wakes || (lane->wakes_us && lane->wakes_us <= now_us);
	if (!due || room == 0 || lane->given_up || now_us < lane->not_before_us)
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
