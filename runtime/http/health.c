/* health.c: whether the process lives, and whether it should get requests. */
#include "health.h"

#include "exchange.h"

/* Below this a commit or a checkpoint may find no room. */
#define READY_FREE_BYTES_MIN ((int64_t)32 * 1024 * 1024)
enum { READY_BUSY_US_MAX = 5 * 1000 * 1000 };

static bool not_ready(struct problems *problems, const char *remedy, const char *message)
{
	return problem_value(problems, PROBLEM_NOT_READY, "", TEXT_NONE, remedy, "%s", message);
}

/* The tables are at this program's version: a store is opened by bringing them there. */
bool http_ready(struct http_application *application, struct problems *problems)
{
	const struct store_health health = store_health(engine_store(application->engine));
	bool stopping = atomic_load(&application->stopping);
	if (stopping)
		not_ready(problems, "Send requests to another server.", "the server is stopping");
	if (!health.open)
		not_ready(problems, "Restart the program; its log says what failed.", "the store is closed after an error");
	bool stuck = health.busy_us > READY_BUSY_US_MAX;
	if (stuck)
		not_ready(problems, "Look at the disk: a batch takes milliseconds.", "the writer has not answered for 5 seconds");
	bool full = health.free_bytes >= 0 && health.free_bytes < READY_FREE_BYTES_MIN;
	if (full)
		not_ready(problems, "Free disk space.", "the disk of the store has less than 32 MiB left");
	return !stopping && health.open && !stuck && !full;
}

void http_application_stopping(struct http_application *application)
{
	atomic_store(&application->stopping, true);
}

static void reply_ok(struct http_exchange *exchange)
{
	const struct health shown = { .status = TEXT("ok") };
	http_reply_record(exchange, 200, exchange->entry->route->output, &shown);
	http_finish(exchange);
}

static bool ready_get(struct http_exchange *exchange)
{
	if (!http_ready(exchange->application, &exchange->problems))
		return false;
	reply_ok(exchange);
	return true;
}

static bool health_get(struct http_exchange *exchange)
{
	if (!store_is_open(engine_store(exchange->application->engine)))
		return problem(&exchange->problems, PROBLEM_STORE_FAILED, "", "the store is closed after an error");
	reply_ok(exchange);
	return true;
}

const struct http_route health_routes[] = {
	{ .method = "GET", .path = "/healthz", .scope = "", .handle = health_get,
	  .output = &health_record,
	  .doc = "Whether the process lives and has its store; restart it when not." },
	{ .method = "GET", .path = "/readyz", .scope = "", .handle = ready_get,
	  .output = &health_record,
	  .doc = "Whether it should get requests: the store is open, its writer answers, the disk has room, nobody stops it." },
	{ .path = NULL },
};
