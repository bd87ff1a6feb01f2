/* apart.c: requests that take longer than the server's thread has: each on a thread of its own, of which there are few. */
#include "exchange.h"

#include "base/log.h"

#include <pthread.h>

enum { APART_THREADS_MAX = 16 };

struct apart {
	struct http_exchange *exchange;
	bool (*run)(struct http_exchange *exchange);
};

static void apart_end(struct http_application *application)
{
	atomic_fetch_sub(&application->apart, 1);
}

static void *apart_thread(void *context)
{
	const struct apart *apart = context;
	struct http_application *application = apart->exchange->application;
	http_run(apart->exchange, apart->run);
	apart_end(application);
	return NULL;
}

static bool busy(struct http_exchange *exchange, const char *why)
{
	return problem(&exchange->problems, PROBLEM_BUSY, "", "%s", why);
}

bool http_apart(struct http_exchange *exchange, bool (*run)(struct http_exchange *exchange))
{
	struct http_application *application = exchange->application;
	struct apart *apart = arena_new(exchange->arena, struct apart);
	if (exchange->wait)
		return run(exchange);
	*apart = (struct apart){ exchange, run };
	if (atomic_fetch_add(&application->apart, 1) >= APART_THREADS_MAX) {
		apart_end(application);
		return busy(exchange, "too many requests take long already");
	}
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	bool started = pthread_create(&thread, &attributes, apart_thread, apart) == 0;
	pthread_attr_destroy(&attributes);
	if (!started)
		apart_end(application);
	return started || busy(exchange, "no thread can be started for it");
}
