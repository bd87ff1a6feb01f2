/* courier.c: the thread that sends messages, round after round.
 *
 * The thread knows where messages wait from the notes of commits and, at the start or after the store refused, from the
 * whole table. What is under way when it stops, or when the process is lost, is still pending and is sent again.
 */
#include "courier_state.h"

#include "base/log.h"

#include <string.h>

enum {
	POLL_MOST_MS = 60000,
	RESCAN_US = 2 * US_PER_S,  /* after the store refused */
	STOP_WAIT_US = 2 * US_PER_S, /* for transfers under way, when the engine closes */
};

/* ---- notes and the scan ---- */

static void note_add(struct courier *courier, struct note note)
{
	pthread_mutex_lock(&courier->lock);
	if (courier->note_count == courier->note_capacity) {
		size_t capacity = courier->note_capacity ? 2 * courier->note_capacity : 64;
		struct note *grown = memory_realloc(courier->notes, capacity * sizeof *grown);
		if (grown) {
			courier->notes = grown;
			courier->note_capacity = capacity;
		}
	}
	if (courier->note_count < courier->note_capacity)
		courier->notes[courier->note_count++] = note;
	else
		courier->notes_lost = true;
	pthread_mutex_unlock(&courier->lock);
	curl_multi_wakeup(courier->multi);
}

void courier_note(struct courier *courier, int64_t tenant_id, struct text channel_name, int64_t endpoint_id,
                  struct instant due_at, bool anew)
{
	const struct delivery_channel *channel = engine_channel(courier->engine, channel_name);
	if (channel)
		note_add(courier, (struct note){ tenant_id, endpoint_id, channel, due_at, anew });
}

void courier_rescan(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	courier->notes_lost = true;
	pthread_mutex_unlock(&courier->lock);
	curl_multi_wakeup(courier->multi);
}

/* ---- holds ---- */

bool courier_holds(struct courier *courier, int64_t tenant_id)
{
	bool held = false;
	pthread_mutex_lock(&courier->lock);
	for (const struct hold *hold = courier->holds; hold; hold = hold->next)
		held = held || hold->tenant_id == tenant_id;
	pthread_mutex_unlock(&courier->lock);
	return held;
}

void hold_begin(struct courier *courier, struct hold *hold)
{
	pthread_mutex_lock(&courier->lock);
	hold->next = courier->holds;
	courier->holds = hold;
	curl_multi_wakeup(courier->multi);
	while (!hold->idle && !courier->stopping && !atomic_load(&courier->engine->clocks_stopped))
		pthread_cond_wait(&courier->held, &courier->lock);
	pthread_mutex_unlock(&courier->lock);
}

void holds_give_up(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	pthread_cond_broadcast(&courier->held);
	pthread_mutex_unlock(&courier->lock);
}

void hold_end(struct courier *courier, struct hold *hold)
{
	pthread_mutex_lock(&courier->lock);
	struct hold **link = &courier->holds;
	while (*link != hold)
		link = &(*link)->next;
	*link = hold->next;
	pthread_mutex_unlock(&courier->lock);
	note_add(courier, (struct note){ .tenant_id = hold->tenant_id });
}

/* False while something of it is under way. */
static bool tenant_let_go(struct courier *courier, int64_t tenant_id)
{
	const struct sender *sender = sender_find(courier, tenant_id);
	size_t open = 0;
	for (struct lane *lane = sender ? sender->lanes : NULL; lane; lane = lane->next) {
		lane_drop(lane);
		open += lane->open;
	}
	return open == 0;
}

static void holds_serve(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	for (struct hold *hold = courier->holds; hold; hold = hold->next)
		if (!hold->idle && tenant_let_go(courier, hold->tenant_id)) {
			hold->idle = true;
			pthread_cond_broadcast(&courier->held);
		}
	pthread_mutex_unlock(&courier->lock);
}

/* ---- what notes and the scan say ---- */

static void note_take(struct courier *courier, const struct note *note)
{
	if (note->channel) {
		struct lane *lane = lane_find(courier, note->tenant_id, note->channel, note->endpoint_id);
		if (lane && note->anew)
			lane_renew(lane);
		lane_wake(courier, lane, note->due_at);
		return;
	}
	const struct sender *sender = sender_find(courier, note->tenant_id);
	for (struct lane *lane = sender ? sender->lanes : NULL; lane; lane = lane->next)
		lane->wakes = true;
}

bool changes_wait(const struct courier *courier)
{
	return courier->changes_heard != atomic_load(&courier->engine->endpoint_changes);
}

static void notes_take(struct courier *courier)
{
	courier->changes_heard = atomic_load(&courier->engine->endpoint_changes);
	pthread_mutex_lock(&courier->lock);
	struct note *notes = courier->notes;
	size_t count = courier->note_count;
	courier->notes = NULL;
	courier->note_count = courier->note_capacity = 0;
	courier->store_failed = courier->store_failed || courier->notes_lost;
	courier->notes_lost = false;
	pthread_mutex_unlock(&courier->lock);
	for (size_t i = 0; i < count; i++)
		note_take(courier, &notes[i]);
	memory_free(notes);
}

struct scan {
	struct courier *courier;
	int64_t tenant_id;
	struct {
		int64_t *items;
		size_t count, capacity;
	} tenants;
	struct arena *arena;
};

/* Columns: channel, endpoint, the first instant. Whether that has come is for the lane's read to find out. */
static bool scan_row(void *context, const struct store_row *row)
{
	const struct scan *scan = context;
	const struct delivery_channel *channel = engine_channel(scan->courier->engine, store_row_text(row, 0));
	if (channel)
		lane_wake(scan->courier, lane_find(scan->courier, scan->tenant_id, channel, store_row_integer(row, 1)), INSTANT_NONE);
	return true;
}

static bool scan_tenant(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_DELIVERY_NEXT_PENDING, NO_BINDS, scan_row, context);
}

static bool scan_tenants_row(void *context, const struct store_row *row)
{
	struct scan *scan = context;
	*list_add(scan->arena, &scan->tenants, int64_t) = store_row_integer(row, 0);
	return true;
}

static bool scan_tenants(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_DELIVERY_TENANTS, NO_BINDS, scan_tenants_row, context);
}

/* A read for each tenant: none lasts long, however many messages wait. */
static bool scan_read(struct scan *scan, struct problems *problems)
{
	struct store *store = scan->courier->engine->store;
	bool good = store_read(store, 0, scan->arena, problems, scan_tenants, scan) && !arena_exhausted(scan->arena);
	for (size_t i = 0; good && i < scan->tenants.count; i++) {
		scan->tenant_id = scan->tenants.items[i];
		good = store_read(store, scan->tenant_id, scan->arena, problems, scan_tenant, scan);
	}
	return good;
}

static void scan(struct courier *courier)
{
	struct arena arena;
	struct problems problems;
	courier->scan_at_us = 0;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES)) {
		courier->store_failed = true;
		return;
	}
	problems_init(&problems, &arena);
	if (!scan_read(&(struct scan){ .courier = courier, .arena = &arena }, &problems)) {
		courier->store_failed = true;
		log_write(LOG_ERROR, "delivery.scan", "%s", problems.first ? problems.first->message : "the store cannot be read");
	}
	arena_finish(&arena);
}

static bool scan_is_due(struct courier *courier)
{
	if (courier->store_failed && courier->scan_at_us == 0)
		courier->scan_at_us = clock_monotonic_us() + RESCAN_US;
	courier->store_failed = false;
	return courier->scan_at_us && courier->scan_at_us <= clock_monotonic_us();
}

/* ---- a round ---- */

static bool lane_wakes(const struct lane *lane, int64_t now_us)
{
	return lane->wakes || (lane->wakes_us && lane->wakes_us <= now_us);
}

/* Is there anything that needs no answer from outside to go on? */
static bool lane_is_ready(const struct courier *courier, const struct lane *lane, int64_t now_us)
{
	return lane_has_room(courier, lane) && now_us >= lane->not_before_us &&
	       ((lane_wakes(lane, now_us) && lane->open == 0) || lane_may_send(lane, now_us));
}

/* The first instant after now at which a lane may go on by itself. */
static void lane_timer(const struct lane *lane, int64_t now_us, int64_t *timer_us)
{
	bool blocked = lane->queued.first || lane_wakes(lane, now_us);
	int64_t at = blocked ? lane->not_before_us : lane->wakes_us;
	if (at > now_us && at < *timer_us)
		*timer_us = at;
}

/* How long there is nothing to do, unless something comes. */
static int round_pause_ms(const struct courier *courier)
{
	int64_t now_us = clock_monotonic_us(), timer_us = now_us + (int64_t)POLL_MOST_MS * US_PER_MS;
	if (courier->scan_at_us && courier->scan_at_us < timer_us)
		timer_us = courier->scan_at_us;
	for (const struct lane *lane = lane_first(courier); lane; lane = lane_next(lane)) {
		if (lane_is_ready(courier, lane, now_us))
			return 0;
		lane_timer(lane, now_us, &timer_us);
	}
	return timer_us <= now_us ? 0 : (int)((timer_us - now_us) / US_PER_MS) + 1;
}

void round_run(struct courier *courier)
{
	lanes_send(courier);
	runs_go_on(courier);
	settles_submit(courier);
}

static bool is_stopping(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	bool stopping = courier->stopping;
	pthread_mutex_unlock(&courier->lock);
	return stopping;
}

void courier_run_out(struct courier *courier)
{
	int64_t until_us = clock_monotonic_us() + STOP_WAIT_US;
	while ((courier->in_flight > 0 && clock_monotonic_us() < until_us) || settles_any(courier)) {
		runs_go_on(courier);
		settles_submit(courier);
		settles_take_back(courier);
		curl_multi_poll(courier->multi, NULL, 0, settles_any(courier) ? 1 : 50, NULL);
	}
}

static void *courier_main(void *context)
{
	struct courier *courier = context;
	scan(courier);
	while (!is_stopping(courier)) {
		notes_take(courier);
		settles_take_back(courier);
		makes_take_back(courier);
		holds_serve(courier);
		if (scan_is_due(courier))
			scan(courier);
		round_run(courier);
		lanes_sweep(courier);
		curl_multi_poll(courier->multi, NULL, 0, round_pause_ms(courier), NULL);
	}
	makers_stop(courier);
	courier_run_out(courier);
	return NULL;
}

/* ---- begin and end ---- */

/* Of a courier with one tenant all room is that tenant's. */
static void limits_set(struct courier *courier, const struct engine_options *options)
{
	size_t all = options->deliveries_in_flight > 0 ? (size_t)options->deliveries_in_flight : DELIVERIES_IN_FLIGHT;
	size_t tenants = options->deliveries_per_tenant > 0 ? (size_t)options->deliveries_per_tenant : (all + 1) / 2;
	courier->in_flight_most = all;
	courier->tenant_flight_most = courier->only_tenant_id || tenants > all ? all : tenants;
	courier->lane_flight_most = options->deliveries_per_endpoint > 0 ? (size_t)options->deliveries_per_endpoint
	                                                                 : DELIVERIES_PER_ENDPOINT;
}

struct courier *courier_new(struct engine *engine, int64_t only_tenant_id)
{
	struct courier *courier = memory_alloc(sizeof *courier);
	if (!courier)
		return NULL;
	memset(courier, 0, sizeof *courier);
	courier->engine = engine;
	courier->only_tenant_id = only_tenant_id;
	limits_set(courier, &engine->options);
	pthread_mutex_init(&courier->lock, NULL);
	pthread_cond_init(&courier->held, NULL);
	pthread_cond_init(&courier->makers.work, NULL);
	courier->multi = curl_multi_init();
	if (!courier->multi) {
		courier_free(courier);
		return NULL;
	}
	curl_multi_setopt(courier->multi, CURLMOPT_MAXCONNECTS, (long)courier->in_flight_most);
	return courier;
}

/* After the store is closed: whatever command told its end has done so. */
void courier_free(struct courier *courier)
{
	if (!courier)
		return;
	runs_abandon(courier);
	settles_free(courier);
	lanes_free(courier);
	handles_free(courier);
	if (courier->multi)
		curl_multi_cleanup(courier->multi);
	pthread_cond_destroy(&courier->held);
	pthread_cond_destroy(&courier->makers.work);
	pthread_mutex_destroy(&courier->lock);
	memory_free(courier->notes);
	memory_free(courier);
}

struct courier *courier_start(struct engine *engine)
{
	struct courier *courier = courier_new(engine, 0);
	if (courier && pthread_create(&courier->thread, NULL, courier_main, courier) != 0) {
		courier_free(courier);
		return NULL;
	}
	return courier;
}

void courier_stop(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	courier->stopping = true;
	pthread_mutex_unlock(&courier->lock);
	pthread_cond_broadcast(&courier->held);
	curl_multi_wakeup(courier->multi);
	pthread_join(courier->thread, NULL);
}
