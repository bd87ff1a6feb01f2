/* metric.c: what a process counts about itself, and how Prometheus wants it told. */
#include "base/metric.h"

#include <inttypes.h>

_Atomic int64_t metric_cells[METRIC_CELLS];

/* ---- counting ---- */

static size_t cells_each(const struct metric_info *info)
{
	return info->kind == METRIC_KIND_HISTOGRAM ? info->bucket_count + 2 : 1;
}

static size_t bounded(enum metric_dimension dimension, size_t value)
{
	size_t most = dimension ? metric_dimensions[dimension].most : 1;
	return value < most ? value : most - 1;
}

static _Atomic int64_t *cell_at(const struct metric_info *info, size_t first, size_t second)
{
	size_t series = bounded(info->labels[0], first);
	if (info->labels[1])
		series = series * metric_dimensions[info->labels[1]].most + bounded(info->labels[1], second);
	return &metric_cells[info->first + series * cells_each(info)];
}

static int64_t cell_read(const _Atomic int64_t *cell)
{
	return atomic_load_explicit(cell, memory_order_relaxed);
}

static void cell_add(_Atomic int64_t *cell, int64_t amount)
{
	atomic_fetch_add_explicit(cell, amount, memory_order_relaxed);
}

void metric_add_at(enum metric metric, size_t first, size_t second, int64_t amount)
{
	cell_add(cell_at(&metric_infos[metric], first, second), amount);
}

void metric_set_at(enum metric metric, size_t first, size_t second, int64_t value)
{
	atomic_store_explicit(cell_at(&metric_infos[metric], first, second), value, memory_order_relaxed);
}

int64_t metric_value_at(enum metric metric, size_t first, size_t second)
{
	return cell_read(cell_at(&metric_infos[metric], first, second));
}

/* Cells of a histogram: one a bucket (not cumulated), +Inf, the sum. */
void metric_observe_at(enum metric metric, size_t label, int64_t value)
{
	const struct metric_info *info = &metric_infos[metric];
	_Atomic int64_t *cells = cell_at(info, label, 0);
	size_t bucket = 0;
	while (bucket < info->bucket_count && value > info->bounds[bucket])
		bucket++;
	cell_add(&cells[bucket], 1);
	cell_add(&cells[info->bucket_count + 1], value);
}

static int64_t observations(const struct metric_info *info, const _Atomic int64_t *cells)
{
	int64_t count = 0;
	for (size_t i = 0; i <= info->bucket_count; i++)
		count += cell_read(&cells[i]);
	return count;
}

int64_t metric_observations(enum metric metric, size_t label)
{
	return observations(&metric_infos[metric], cell_at(&metric_infos[metric], label, 0));
}

/* ---- telling ---- */

void metric_label(struct text_builder *out, const char *name, struct text value)
{
	if (out->length && out->data[out->length - 1] != '{')
		builder_byte(out, ',');
	builder_c(out, name);
	builder_c(out, "=\"");
	for (size_t i = 0; i < value.length; i++) {
		char byte = value.data[i];
		if (byte == '\\' || byte == '"')
			builder_byte(out, '\\');
		if (byte == '\n')
			builder_c(out, "\\n");
		else
			builder_byte(out, byte);
	}
	builder_byte(out, '"');
}

static void value_add(struct text_builder *out, int64_t value, int64_t scale)
{
	if (scale == 1) {
		builder_int64(out, value);
		return;
	}
	const char *sign = value < 0 ? "-" : "";
	int64_t size = value < 0 ? -value : value;
	builder_format(out, "%s%" PRId64 ".%06" PRId64, sign, size / scale, size % scale);
}

/* One name: its series, one after the other. */
struct telling {
	struct text_builder *out;
	metric_namer *namer;
	void *context;
	const struct metric_info *info;
};

static bool dimension_add(const struct telling *telling, enum metric_dimension dimension, size_t value)
{
	const struct metric_dimension_info *info = &metric_dimensions[dimension];
	if (dimension == METRIC_DIMENSION_NONE)
		return true;
	if (!info->words)
		return telling->namer(telling->context, dimension, value, telling->out);
	metric_label(telling->out, info->label, text_of(info->words[value]));
	return true;
}

/* The labels of a series as the inside of braces; "" without. */
static bool labels_add(const struct telling *telling, size_t first, size_t second)
{
	return dimension_add(telling, telling->info->labels[0], first) &&
	       dimension_add(telling, telling->info->labels[1], second);
}

/* name{labels,le="bound"} value; without braces when there is nothing to put into them. */
static void line_add(const struct telling *telling, const char *suffix, size_t first, size_t second, const char *bound,
                     int64_t value, int64_t scale)
{
	struct text_builder *out = telling->out;
	bool braces = telling->info->labels[0] || bound;
	builder_c(out, telling->info->name);
	builder_c(out, suffix);
	if (braces) {
		builder_byte(out, '{');
		labels_add(telling, first, second);
		if (bound)
			metric_label(out, "le", text_of(bound));
		builder_byte(out, '}');
	}
	builder_byte(out, ' ');
	value_add(out, value, scale);
	builder_byte(out, '\n');
}

static void histogram_add(const struct telling *telling, size_t label, const _Atomic int64_t *cells)
{
	const struct metric_info *info = telling->info;
	int64_t count = 0;
	for (size_t i = 0; i <= info->bucket_count; i++) {
		count += cell_read(&cells[i]);
		line_add(telling, "_bucket", label, 0, i < info->bucket_count ? info->bound_texts[i] : "+Inf", count, 1);
	}
	line_add(telling, "_sum", label, 0, NULL, cell_read(&cells[info->bucket_count + 1]), info->scale);
	line_add(telling, "_count", label, 0, NULL, count, 1);
}

/* Has the value a name? Nothing of it stays in the text. */
static bool is_named(const struct telling *telling, size_t first, size_t second)
{
	size_t length = telling->out->length;
	bool named = labels_add(telling, first, second);
	telling->out->length = length;
	return named;
}

/* Are there values that may never come? */
static bool is_open(const struct metric_info *info)
{
	for (size_t i = 0; i < 2; i++)
		if (info->labels[i] && !metric_dimensions[info->labels[i]].words)
			return true;
	return false;
}

static void series_add(const struct telling *telling, size_t first, size_t second)
{
	const struct metric_info *info = telling->info;
	const _Atomic int64_t *cells = cell_at(info, first, second);
	bool histogram = info->kind == METRIC_KIND_HISTOGRAM;
	bool seen = histogram ? observations(info, cells) != 0 : cell_read(cells) != 0;
	if (is_open(info) && (!seen || !is_named(telling, first, second)))
		return;
	if (histogram)
		histogram_add(telling, first, cells);
	else
		line_add(telling, "", first, second, NULL, cell_read(cells), info->scale);
}

void metrics_text(struct text_builder *out, metric_namer *namer, void *context)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		const struct telling telling = { out, namer, context, &metric_infos[i] };
		const enum metric_dimension *labels = telling.info->labels;
		size_t firsts = labels[0] ? metric_dimensions[labels[0]].most : 1;
		size_t seconds = labels[1] ? metric_dimensions[labels[1]].most : 1;
		builder_format(out, "# HELP %s %s\n# TYPE %s %s\n", telling.info->name, telling.info->help, telling.info->name,
		               telling.info->kind_name);
		for (size_t first = 0; first < firsts; first++)
			for (size_t second = 0; second < seconds; second++)
				series_add(&telling, first, second);
	}
}
