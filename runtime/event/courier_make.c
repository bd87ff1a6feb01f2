/* courier_make.c: what takes long before a message can be sent (a document as PDF), on threads beside the courier's.
 *
 *     run_begin -> make_begin -> `waiting`, by tenants in turn -> a maker's thread -> `made` -> makes_take_back -> its lane again
 *
 * A message that is made counts as open in its lane and not as under way: others of its lane are sent meanwhile.
 */
#include "courier_state.h"

#include <string.h>

/* ---- one message ---- */

static void make_run(struct courier *courier, struct run *run)
{
	struct transfer *transfer = &run->transfer;
	int64_t begun_us = clock_monotonic_us();
	run->lane->channel->make(transfer, courier->only_tenant_id ? &courier->engine->clocks_stopped : &courier->makers.gives_up);
	transfer->outcome.took_ms = (clock_monotonic_us() - begun_us) / US_PER_MS;
	run->made = true;
}

/* The other messages of its batch are with the courier's thread: from here on this one has memory of its own. */
static bool memory_own(struct run *run)
{
	if (!arena_init(&run->own, 8 * (size_t)BATCH_BYTES_MAX))
		return false;
	run->has_own = true;
	run->transfer.arena = &run->own;
	return true;
}

/* ---- the threads ---- */

/* After the tenant that was served last comes the next one that waits, and none waits for all of another's. */
static struct run **waiting_next(struct makers *makers)
{
	struct run **next = NULL, **lowest = NULL;
	for (struct run **link = &makers->waiting.first; *link; link = &(*link)->next) {
		int64_t tenant_id = (*link)->lane->tenant_id;
		if (!lowest || tenant_id < (*lowest)->lane->tenant_id)
			lowest = link;
		if (tenant_id > makers->last_tenant_id && (!next || tenant_id < (*next)->lane->tenant_id))
			next = link;
	}
	return next ? next : lowest;
}

static struct run *waiting_take(struct makers *makers)
{
	struct run **link = waiting_next(makers), *run = *link;
	*link = run->next;
	run->next = NULL;
	makers->waiting.last = NULL;
	for (struct run *last = makers->waiting.first; last; last = last->next)
		makers->waiting.last = last;
	makers->waiting.count--;
	makers->last_tenant_id = run->lane->tenant_id;
	return run;
}

static void *maker_main(void *context)
{
	struct courier *courier = context;
	struct makers *makers = &courier->makers;
	pthread_mutex_lock(&courier->lock);
	while (!atomic_load(&makers->gives_up)) {
		if (!makers->waiting.first) {
			pthread_cond_wait(&makers->work, &courier->lock);
			continue;
		}
		struct run *run = waiting_take(makers);
		pthread_mutex_unlock(&courier->lock);
		make_run(courier, run);
		pthread_mutex_lock(&courier->lock);
		run_queue_add(&makers->made, run);
		curl_multi_wakeup(courier->multi);
	}
	pthread_mutex_unlock(&courier->lock);
	return NULL;
}

/* At the first message that needs one: most processes never do. */
static bool makers_start(struct courier *courier)
{
	struct makers *makers = &courier->makers;
	while (makers->count < MAKERS && pthread_create(&makers->threads[makers->count], NULL, maker_main, courier) == 0)
		makers->count++;
	return makers->count > 0;
}

/* ---- from the courier ---- */

/* A walk that was stopped meanwhile: nothing becomes of the message, which is tried as if for the first time later. */
static bool walk_put_back(struct courier *courier, struct run *run)
{
	if (!walk_stops(courier))
		return false;
	run->lane->given_up = true;
	run_queue_add(&run->lane->queued, run);
	return true;
}

bool make_begin(struct courier *courier, struct run *run)
{
	struct makers *makers = &courier->makers;
	if (!memory_own(run)) {
		transfer_end(&run->transfer, DELIVERY_FAILED, "memory ran out before it was sent");
		return false;
	}
	if (courier->only_tenant_id || !makers_start(courier)) {
		make_run(courier, run);
		return walk_put_back(courier, run);
	}
	pthread_mutex_lock(&courier->lock);
	run_queue_add(&makers->waiting, run);
	pthread_cond_signal(&makers->work);
	pthread_mutex_unlock(&courier->lock);
	return true;
}

void makes_take_back(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	struct run *run = courier->makers.made.first;
	courier->makers.made = (struct run_queue){ 0 };
	pthread_mutex_unlock(&courier->lock);
	for (struct run *next; run; run = next) {
		next = run->next;
		run_queue_add(&run->lane->queued, run);
	}
}

static void queue_free(struct run_queue *queue)
{
	for (struct run *run = queue->first, *next; run; run = next) {
		next = run->next;
		run_free(run);
	}
	*queue = (struct run_queue){ 0 };
}

void makers_stop(struct courier *courier)
{
	struct makers *makers = &courier->makers;
	pthread_mutex_lock(&courier->lock);
	atomic_store(&makers->gives_up, true);
	pthread_cond_broadcast(&makers->work);
	pthread_mutex_unlock(&courier->lock);
	while (makers->count > 0)
		pthread_join(makers->threads[--makers->count], NULL);
	queue_free(&makers->waiting);
	queue_free(&makers->made);
}
