/* read_later.c: dear reads on threads of their own: a tenant's long lists hold up neither the connections of a loop nor
 * the reads of other tenants. */
#include "exchange.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

/* With the loops (at most 4) no more than the store has connections for readers. */
enum { THREADS = 3, THREADS_OF_A_TENANT = 2 };

struct http_readers {
	pthread_mutex_t lock;
	pthread_cond_t work;
	/* under lock */
	struct http_exchange *first, **end; /* that wait, in the order of arrival */
	int64_t tenants[THREADS];           /* whom each thread reads for; 0: nobody */
	bool ends;
	size_t numbered; /* threads that have their place in `tenants` */
	/* the owner's */
	pthread_t threads[THREADS];
	size_t started;
};

/* ---- whose turn it is ---- */

static int threads_of(const struct http_readers *readers, int64_t tenant_id)
{
	int count = 0;
	for (int i = 0; i < THREADS; i++)
		count += readers->tenants[i] == tenant_id;
	return count;
}

/* Of those who hold the fewest threads the first that came; nobody holds all. NULL: nobody may now. */
static struct http_exchange *exchange_take(struct http_readers *readers)
{
	struct http_exchange **best = NULL;
	int fewest = THREADS_OF_A_TENANT;
	for (struct http_exchange **at = &readers->first; *at && fewest > 0; at = &(*at)->next_later) {
		int held = threads_of(readers, (*at)->identity.tenant_id);
		if (held < fewest) {
			fewest = held;
			best = at;
		}
	}
	if (!best)
		return NULL;
	struct http_exchange *exchange = *best;
	*best = exchange->next_later;
	if (!*best && readers->end == &exchange->next_later)
		readers->end = best;
	return exchange;
}

static void *reader_run(void *context)
{
	struct http_readers *readers = context;
	pthread_mutex_lock(&readers->lock);
	size_t mine = readers->numbered++;
	while (!readers->ends) {
		struct http_exchange *exchange = exchange_take(readers);
		if (!exchange) {
			pthread_cond_wait(&readers->work, &readers->lock);
			continue;
		}
		readers->tenants[mine] = exchange->identity.tenant_id;
		pthread_mutex_unlock(&readers->lock);
		http_run(exchange, http_read_now);
		pthread_mutex_lock(&readers->lock);
		readers->tenants[mine] = 0;
	}
	pthread_mutex_unlock(&readers->lock);
	return NULL;
}

/* ---- start and end ---- */

bool http_application_start_readers(struct http_application *application)
{
	struct http_readers *readers = memory_alloc(sizeof *readers);
	sigset_t all, before;
	if (!readers)
		return false;
	memset(readers, 0, sizeof *readers);
	readers->end = &readers->first;
	pthread_mutex_init(&readers->lock, NULL);
	pthread_cond_init(&readers->work, NULL);
	application->readers = readers;
	sigfillset(&all); /* signals are for the thread that started the server */
	pthread_sigmask(SIG_BLOCK, &all, &before);
	size_t started = 0;
	while (started < THREADS && pthread_create(&readers->threads[started], NULL, reader_run, readers) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	readers->started = started;
	return started == THREADS;
}

void http_readers_free(struct http_readers *readers)
{
	if (!readers)
		return;
	pthread_mutex_lock(&readers->lock);
	readers->ends = true;
	pthread_cond_broadcast(&readers->work);
	pthread_mutex_unlock(&readers->lock);
	for (size_t i = 0; i < readers->started; i++)
		pthread_join(readers->threads[i], NULL);
	pthread_cond_destroy(&readers->work);
	pthread_mutex_destroy(&readers->lock);
	memory_free(readers);
}

void http_read_later(struct http_readers *readers, struct http_exchange *exchange)
{
	pthread_mutex_lock(&readers->lock);
	exchange->next_later = NULL;
	*readers->end = exchange;
	readers->end = &exchange->next_later;
	pthread_cond_signal(&readers->work);
	pthread_mutex_unlock(&readers->lock);
}
