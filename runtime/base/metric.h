/* metric.h: what a process counts about itself: counters, gauges and histograms of schema/metrics.lua.
 *
 *     metric_add(METRIC_STORE_COMMITS_TOTAL, 1);
 *     metric_add_at(METRIC_RULE_RUNS_TOTAL, METRIC_MOMENT_PRE, METRIC_RUN_OK, 1);
 *     metric_observe(METRIC_STORE_COMMIT_SECONDS, us);
 *
 * The cells are the process's, as its standard error is: what is scraped is a process. Counting is a relaxed atomic
 * addition to a place known beforehand: no lock, no look-up, any thread. Reading sees each cell at some moment, not all
 * at the same. Label values are numbers below the bound of their dimension; one beyond is counted as the last.
 */
#ifndef MOONBILL_BASE_METRIC_H
#define MOONBILL_BASE_METRIC_H

#include "metrics.gen.h"
#include "text.h"

#include <stdatomic.h>
#include <stdint.h>

enum metric_kind { METRIC_KIND_COUNTER, METRIC_KIND_GAUGE, METRIC_KIND_HISTOGRAM };

struct metric_dimension_info {
	const char *label;        /* NULL: the renderer names it */
	size_t most;
	const char *const *words; /* NULL-terminated; NULL: the renderer names them */
};

struct metric_info {
	const char *name, *kind_name;
	enum metric_kind kind;
	const char *help;
	enum metric_dimension labels[2];
	size_t first;             /* cell */
	int64_t scale;            /* what a cell counts, for one of the unit in the name: 1,000,000 for seconds */
	size_t bucket_count;      /* of a histogram, without +Inf */
	const int64_t *bounds;    /* inclusive, in what a cell counts */
	const char *const *bound_texts;
};

extern const struct metric_dimension_info metric_dimensions[METRIC_DIMENSION_COUNT];
extern const struct metric_info metric_infos[METRIC_COUNT];
extern _Atomic int64_t metric_cells[METRIC_CELLS];

/* For counters and gauges, with the values of up to two labels. */
void metric_add_at(enum metric metric, size_t first, size_t second, int64_t amount);
void metric_set_at(enum metric metric, size_t first, size_t second, int64_t value);
int64_t metric_value_at(enum metric metric, size_t first, size_t second);
static inline void metric_add(enum metric metric, int64_t amount)
{
	atomic_fetch_add_explicit(&metric_cells[metric_infos[metric].first], amount, memory_order_relaxed);
}
static inline void metric_set(enum metric metric, int64_t value)
{
	atomic_store_explicit(&metric_cells[metric_infos[metric].first], value, memory_order_relaxed);
}
/* For histograms: seconds in microseconds, everything else as it is. */
void metric_observe_at(enum metric metric, size_t label, int64_t value);
static inline void metric_observe(enum metric metric, int64_t value)
{
	metric_observe_at(metric, 0, value);
}
/* How often a histogram was fed. */
int64_t metric_observations(enum metric metric, size_t label);

/* Writes the inside of braces for a value of a dimension without words: route="/v1/orders",method="GET". False for a
 * value that nothing has. */
typedef bool metric_namer(void *context, enum metric_dimension dimension, size_t value, struct text_builder *out);
/* name="value" with a comma before it unless it is the first; the value escaped. */
void metric_label(struct text_builder *out, const char *name, struct text value);
/* The exposition format of Prometheus, version 0.0.4. Of a dimension without words the values that were never counted are
 * left out. */
void metrics_text(struct text_builder *out, metric_namer *namer, void *context);

#endif
