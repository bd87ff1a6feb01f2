/* courier_make.c: work that a message needs before it can be sent (a document, a file, a PDF), on threads beside the courier's.
 *
 *     run_begin -> make_begin -> `waiting`, by tenants in turn -> a maker's thread -> `made` -> makes_take_back -> its lane again
 *
 * Short work counts as under way in its lane, so a lane has no more of it in memory than its window. What takes long counts as
 * open alone: others of its lane are sent meanwhile.
 */
#include "courier_state.h"

#include <string.h>

/* ---- one message ---- */

static void make_run(struct courier *courier, struct run *run)
{
	struct transfer *transfer = &run->transfer;
	int64_t begun_us = clock_monotonic_us();
	transfer->work = TRANSFER_WORK_NONE;
	run->lane->channel->make(transfer, courier->only_tenant_id ? &courier->engine->clocks_stopped : &courier->makers.gives_up);
	transfer->outcome.took_ms = (clock_monotonic_us() - begun_us) / US_PER_MS;
}

/* The other messages of its batch are with the courier's thread: from here on this one has memory of its own. */
static bool memory_own(struct run *run)
{
	if (run->has_own)
		return true;
	if (!arena_init(&run->own, 8 * (size_t)BATCH_BYTES_MAX))
		return false;
	run->has_own = true;
	run->transfer.arena = &run->own;
	return true;
}

/* ---- whose turn it is ---- */

/* Nobody holds all threads: neither one kind of work, nor one tenant those of a kind. */
static bool may_take(const struct makers *makers, const struct run *run)
{
	int of_kind = 0, of_tenant = 0;
	for (size_t i = 0; i < makers->numbered; i++) {
		const struct run *at_work = makers->at_work[i];
		bool same = at_work && at_work->making == run->making;
		of_kind += same;
		of_tenant += same && at_work->lane->tenant_id == run->lane->tenant_id;
	}
	return of_kind < MAKERS_OF_A_KIND && of_tenant < MAKERS_OF_A_TENANT;
}

/* After the tenant that was served last comes the next one that waits, and none waits for all of another's. */
static struct run **waiting_next(struct makers *makers)
{
	struct run **next = NULL, **lowest = NULL;
	for (struct run **link = &makers->waiting.first; *link; link = &(*link)->next) {
		int64_t tenant_id = (*link)->lane->tenant_id;
		bool is_next = tenant_id > makers->last_tenant_id && (!next || tenant_id < (*next)->lane->tenant_id);
		bool is_lowest = !lowest || tenant_id < (*lowest)->lane->tenant_id;
		if ((!is_next && !is_lowest) || !may_take(makers, *link))
			continue;
		next = is_next ? link : next;
		lowest = is_lowest ? link : lowest;
	}
	return next ? next : lowest;
}

/* NULL: there is none that may be taken now; who ends looks again. */
static struct run *waiting_take(struct makers *makers)
{
	struct run **link = waiting_next(makers);
	if (!link)
		return NULL;
	struct run *run = *link;
	*link = run->next;
	run->next = NULL;
	makers->waiting.last = NULL;
	for (struct run *last = makers->waiting.first; last; last = last->next)
		makers->waiting.last = last;
	makers->waiting.count--;
	makers->last_tenant_id = run->lane->tenant_id;
	return run;
}

/* ---- the threads ---- */

static void *maker_main(void *context)
{
	struct courier *courier = context;
	struct makers *makers = &courier->makers;
	pthread_mutex_lock(&courier->lock);
	const struct run **mine = &makers->at_work[makers->numbered++];
	while (!atomic_load(&makers->gives_up)) {
		struct run *run = waiting_take(makers);
		if (!run) {
			pthread_cond_wait(&makers->work, &courier->lock);
			continue;
		}
		*mine = run;
		pthread_mutex_unlock(&courier->lock);
		make_run(courier, run);
		pthread_mutex_lock(&courier->lock);
		*mine = NULL;
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
	if (!walk_stops(courier) || run->transfer.outcome.verdict == DELIVERY_DONE)
		return false;
	run->lane->given_up = true;
	run_queue_add(&run->lane->queued, run);
	return true;
}

static bool make_here(struct courier *courier, struct run *run)
{
	while (run->transfer.work && !run_has_ended(run))
		make_run(courier, run);
	return walk_put_back(courier, run);
}

bool make_begin(struct courier *courier, struct run *run)
{
	struct makers *makers = &courier->makers;
	if (!memory_own(run)) {
		transfer_end(&run->transfer, DELIVERY_FAILED, "memory ran out before it was sent");
		return false;
	}
	if (courier->only_tenant_id || !makers_start(courier))
		return make_here(courier, run);
	run->making = run->transfer.work;
	run->lane->making += run->making == TRANSFER_WORK_SHORT;
	pthread_mutex_lock(&courier->lock);
	run_queue_add(&makers->waiting, run);
	pthread_cond_signal(&makers->work);
	pthread_mutex_unlock(&courier->lock);
	return true;
}

/* The last that was made comes first. */
static struct run *made_take(struct courier *courier)
{
	struct run *taken = NULL;
	pthread_mutex_lock(&courier->lock);
	for (struct run *run = courier->makers.made.first, *next; run; run = next) {
		next = run->next;
		run->next = taken;
		taken = run;
	}
	courier->makers.made = (struct run_queue){ 0 };
	pthread_mutex_unlock(&courier->lock);
	return taken;
}

void makes_take_back(struct courier *courier)
{
	for (struct run *run = made_take(courier), *next; run; run = next) {
		next = run->next;
		run->lane->making -= run->making == TRANSFER_WORK_SHORT;
		if (run_has_ended(run))
			run_begin(courier, run);
		else
			run_queue_add_first(&run->lane->queued, run);
	}
}

static void waiting_free(struct run_queue *waiting)
{
	for (struct run *run = waiting->first, *next; run; run = next) {
		next = run->next;
		run->lane->making -= run->making == TRANSFER_WORK_SHORT;
		run_free(run);
	}
	*waiting = (struct run_queue){ 0 };
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
	waiting_free(&makers->waiting);
	for (struct run *run = made_take(courier), *next; run; run = next) {
		next = run->next;
		run->lane->making -= run->making == TRANSFER_WORK_SHORT;
		if (run->transfer.outcome.verdict == DELIVERY_DONE)
			run_begin(courier, run);
		else
			run_free(run); /* given up, perhaps: nothing is known */
	}
}
