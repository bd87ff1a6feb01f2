/* worker.c: a few threads that do what blocks (gateways), in the order it was queued. */
#include "engine_state.h"

#include <string.h>

struct worker_pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct work *first, *last;
	bool stopping;
	int count;
	pthread_t threads[ENGINE_WORKERS_MAX];
};

/* NULL when there is none, or (waiting) when the pool stops. */
static struct work *work_take(struct worker_pool *pool, bool wait)
{
	pthread_mutex_lock(&pool->lock);
	while (wait && !pool->first && !pool->stopping)
		pthread_cond_wait(&pool->changed, &pool->lock);
	struct work *work = pool->first;
	if (work) {
		pool->first = work->next;
		if (!pool->first)
			pool->last = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	return work;
}

static void *worker_main(void *context)
{
	struct worker_pool *pool = context;
	struct work *work;
	while ((work = work_take(pool, true)))
		work->run(work);
	return NULL;
}

struct worker_pool *worker_pool_new(int count)
{
	struct worker_pool *pool = memory_alloc(sizeof *pool);
	if (!pool)
		return NULL;
	memset(pool, 0, sizeof *pool);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->changed, NULL);
	while (pool->count < count && pthread_create(&pool->threads[pool->count], NULL, worker_main, pool) == 0)
		pool->count++;
	if (count > 0 && pool->count == 0) {
		worker_pool_free(pool);
		return NULL;
	}
	return pool;
}

void worker_pool_free(struct worker_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->lock);
	memory_free(pool);
}

bool worker_pool_has_threads(const struct worker_pool *pool)
{
	return pool->count > 0;
}

void worker_pool_add(struct worker_pool *pool, struct work *work)
{
	work->next = NULL;
	pthread_mutex_lock(&pool->lock);
	if (pool->last)
		pool->last->next = work;
	else
		pool->first = work;
	pool->last = work;
	pthread_cond_signal(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

bool worker_pool_run(struct worker_pool *pool)
{
	struct work *work = work_take(pool, false);
	if (work)
		work->run(work);
	return work != NULL;
}
