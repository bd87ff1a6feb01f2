/* metrics.c: the text of /metrics: what is read at the moment of asking, and names for what was counted. */
#include "metrics.h"

#include "base/metric.h"
#include "base/process.h"
#include "exchange.h"
#include "health.h"

enum { BACKLOG_COLUMNS = 5 };

/* ---- read when asked ---- */

static void read_process(void)
{
	const struct process_usage usage = process_usage();
	metric_set(METRIC_PROCESS_CPU_SECONDS_TOTAL, usage.cpu_us);
	metric_set(METRIC_PROCESS_RESIDENT_MEMORY_BYTES, usage.resident_bytes);
	metric_set(METRIC_PROCESS_VIRTUAL_MEMORY_BYTES, usage.virtual_bytes);
	metric_set(METRIC_PROCESS_OPEN_FDS, usage.descriptors);
	metric_set(METRIC_PROCESS_MAX_FDS, usage.descriptors_max);
	metric_set(METRIC_PROCESS_THREADS, usage.threads);
	metric_set(METRIC_PROCESS_START_TIME_SECONDS, usage.started_at_us);
}

static void read_store(struct store *store)
{
	const struct store_health health = store_health(store);
	metric_set(METRIC_STORE_QUEUE_LENGTH, (int64_t)health.queue_length);
	metric_set(METRIC_STORE_FILE_BYTES, health.file_bytes);
	metric_set(METRIC_STORE_WAL_BYTES, health.log_bytes);
}

static bool backlog_row(void *context, const struct store_row *row)
{
	int64_t *counts = context;
	for (int i = 0; i < BACKLOG_COLUMNS; i++)
		counts[i] = store_row_integer(row, i);
	return false;
}

static bool backlog_body(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_BACKLOG, BINDS(bind_instant(clock_wall())), backlog_row, context);
}

/* When the store cannot be read the last numbers stay. */
static void read_backlog(struct store *store, struct arena *arena)
{
	int64_t counts[BACKLOG_COLUMNS];
	struct problems ignored;
	problems_init(&ignored, arena);
	if (!store_read(store, 0, arena, &ignored, backlog_body, counts))
		return;
	metric_set_at(METRIC_JOBS, METRIC_QUEUE_PENDING, 0, counts[0]);
	metric_set_at(METRIC_JOBS, METRIC_QUEUE_DEAD, 0, counts[1]);
	metric_set(METRIC_JOBS_OVERDUE, counts[2]);
	metric_set_at(METRIC_DELIVERIES, METRIC_QUEUE_PENDING, 0, counts[3]);
	metric_set_at(METRIC_DELIVERIES, METRIC_QUEUE_DEAD, 0, counts[4]);
}

static void read_ready(struct http_application *application, struct arena *arena)
{
	struct problems reasons;
	problems_init(&reasons, arena);
	metric_set(METRIC_READY, http_ready(application, &reasons));
	metric_set_at(METRIC_BUILD_INFO, 0, 0, 1);
}

/* ---- names ---- */

static bool route_name(const struct http_application *application, size_t value, struct text_builder *out)
{
	if (value > application->router.count)
		return false;
	const struct http_route *route = value ? application->router.entries[value - 1].route : NULL;
	metric_label(out, "route", text_of(route ? route->path : "unmatched"));
	metric_label(out, "method", text_of(route ? route->method : "any"));
	return true;
}

static bool name(void *context, enum metric_dimension dimension, size_t value, struct text_builder *out)
{
	switch (dimension) {
	case METRIC_DIMENSION_ROUTE:
		return route_name(context, value, out);
	case METRIC_DIMENSION_EVENT:
		if (value == EVENT_NONE || value >= EVENT_COUNT)
			return false;
		metric_label(out, "event", text_of(event_info((enum event)value)->name));
		return true;
	case METRIC_DIMENSION_BUILD:
		metric_label(out, "version", TEXT(MOONBILL_VERSION));
		metric_label(out, "sqlite", text_of(store_library_version()));
		return true;
	default:
		BUG("the dimension %d has words of its own", (int)dimension);
	}
}

struct text http_metrics_text(struct http_application *application, struct arena *arena)
{
	struct store *store = engine_store(application->engine);
	struct text_builder out;
	read_process();
	read_store(store);
	read_backlog(store, arena);
	read_ready(application, arena);
	builder_init(&out, arena, 0);
	metrics_text(&out, name, application);
	return builder_text(&out);
}
