/* billing_metric.c: metrics over streams are made and archived. */
#include "event_stream.h"

#include "component.h"

bool billing_metric_page(struct command *command, const struct object_filter *filter, struct billing_metric_list *metrics)
{
	const char *status = billing_metric_record.fields[BILLING_METRIC_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_BILLING_METRIC_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &billing_metric_record, LIST(metrics));
}

bool billing_metric_by_handle(struct command *command, struct text handle, struct billing_metric **metric)
{
	return store_one(command->store, STATEMENT_BILLING_METRIC_BY_HANDLE, BINDS(bind_text(handle)), &billing_metric_record,
	                 (void **)metric);
}

struct billing_metric *billing_metric_need(struct command *command, int64_t id, const char *pointer)
{
	void *metric;
	if (!store_find(command->store, &billing_metric_record, id, &metric))
		return NULL;
	if (!metric)
		record_missing(&billing_metric_record, id, command->problems, pointer);
	return metric;
}

bool billing_metrics_of_stream(struct command *command, int64_t stream_id, struct billing_metric_list *metrics)
{
	return store_all(command->store, STATEMENT_BILLING_METRIC_OF_STREAM, BINDS(bind_integer(stream_id)),
	                 &billing_metric_record, LIST(metrics));
}

bool metric_lists_values(const struct billing_metric *metric)
{
	return metric->analysis == BILLING_METRIC_ANALYSIS_MEDIAN || metric->analysis == BILLING_METRIC_ANALYSIS_PERCENTILE ||
	       metric->analysis == BILLING_METRIC_ANALYSIS_UNIQUE;
}

/* ------------------------------------------------------------------------------------------------ checks */

static bool check_filter(struct command *command, const struct metric_filter *filter, size_t i)
{
	const char *pointer = text_format(command->arena, "/filters/%zu/value", i).data;
	bool alone = filter->operator == METRIC_FILTER_OPERATOR_PRESENT || filter->operator == METRIC_FILTER_OPERATOR_ABSENT;
	bool compares = filter->operator >= METRIC_FILTER_OPERATOR_ABOVE && filter->operator <= METRIC_FILTER_OPERATOR_AT_MOST;
	const char *word = metric_filter_record.fields[METRIC_FILTER_FIELD_OPERATOR].words[filter->operator];
	struct decimal number;
	if (alone != !text_present(filter->value))
		return problem(command->problems, alone ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD, pointer,
		               alone ? "'%s' is asked of no value" : "'%s' needs a value", word);
	return !compares || decimal_parse(filter->value, &number) ||
	       problem_value(command->problems, PROBLEM_BAD_DECIMAL, pointer, filter->value, NULL, "'%s' compares numbers", word);
}

static bool check_filters(struct command *command, const struct billing_metric_create *input)
{
	for (size_t i = 0; i < input->filters.count; i++)
		if (!check_filter(command, &input->filters.items[i], i))
			return false;
	return true;
}

static bool check_groups(struct command *command, const struct billing_metric_create *input)
{
	for (size_t i = 0; i < input->group_by.count; i++)
		for (size_t j = 0; j < i; j++)
			if (text_equals(input->group_by.items[i].property, input->group_by.items[j].property))
				return problem_value(command->problems, PROBLEM_DUPLICATE,
				                     text_format(command->arena, "/group_by/%zu/property", i).data,
				                     input->group_by.items[i].property, "Name each property once.",
				                     "a property is named twice");
	return true;
}

/* What goes with which analysis. */
static bool check_analysis(struct command *command, const struct billing_metric_create *input)
{
	struct problems *problems = command->problems;
	bool counts = input->analysis == BILLING_METRIC_CREATE_ANALYSIS_COUNT;
	bool ranks = input->analysis == BILLING_METRIC_CREATE_ANALYSIS_PERCENTILE;
	if (!counts && !text_present(input->property))
		return problem(problems, PROBLEM_MISSING_FIELD, "/property", "the property that is analysed is not named");
	if (ranks != input->has_percentile)
		return problem(problems, ranks ? PROBLEM_MISSING_FIELD : PROBLEM_INVALID_COMBINATION, "/percentile",
		               ranks ? "which percentile is not told" : "a percentile is told, but the analysis is another");
	if (input->has_carries_over && input->carries_over && input->analysis != BILLING_METRIC_CREATE_ANALYSIS_TIME_WEIGHTED_SUM)
		return problem(problems, PROBLEM_INVALID_COMBINATION, "/carries_over", "only a time_weighted_sum carries over");
	if (input->carries_over && input->group_by.count)
		return problem(problems, PROBLEM_INVALID_COMBINATION, "/carries_over", "what carries over is not told apart by properties");
	if (input->rounding && !input->has_rounding_unit)
		return problem(problems, PROBLEM_INVALID_COMBINATION, "/rounding", "it is not told what is rounded to");
	return !input->has_rounding_unit || decimal_sign(input->rounding_unit) > 0 ||
	       problem(problems, PROBLEM_OUT_OF_RANGE, "/rounding_unit", "a quantity cannot be a multiple of 0");
}

/* ------------------------------------------------------------------------------------------------ billing_metric.create */

static bool stream_take(struct command *command, const struct billing_metric_create *input, struct event_stream **stream)
{
	if (!handle_check(input->stream, "/stream", command->problems) ||
	    !event_stream_by_handle(command, input->stream, stream))
		return false;
	if (*stream)
		return (*stream)->status == EVENT_STREAM_STATUS_ACTIVE ||
		       problem_value(command->problems, PROBLEM_WRONG_STATE, "/stream", input->stream, NULL,
		                     "stream '%.*s' is archived", TEXT_ARG(input->stream));
	const struct event_stream_create create = { .handle = input->stream };
	return command_perform(command, "event_stream.create", &create, (void **)stream);
}

/* "calls.sum.bytes"; what no handle may have becomes a line. */
static struct text handle_made(struct arena *arena, const struct billing_metric *metric, struct text stream)
{
	const char *analysis = billing_metric_record.fields[BILLING_METRIC_FIELD_ANALYSIS].words[metric->analysis];
	struct text made = text_format(arena, "%.*s.%s%s%.*s", TEXT_ARG(stream), analysis, text_present(metric->property) ? "." : "",
	                               TEXT_ARG(metric->property));
	char *bytes = arena_alloc(arena, made.length + 1);
	for (size_t i = 0; i < made.length; i++) {
		char c = made.data[i] >= 'A' && made.data[i] <= 'Z' ? (char)(made.data[i] | 0x20) : made.data[i];
		bool named = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr(".:-_", c);
		bytes[i] = named ? c : '-';
	}
	return text_front((struct text){ bytes, made.length }, 100);
}

static struct billing_metric *metric_of(struct command *command, const struct billing_metric_create *input,
                                        const struct event_stream *stream)
{
	struct billing_metric *metric = arena_new(command->arena, struct billing_metric);
	*metric = (struct billing_metric){
		.stream_id = stream->id, .analysis = (enum billing_metric_analysis)input->analysis, .property = input->property,
		.has_percentile = input->has_percentile, .percentile = input->percentile,
		.price_property = input->price_property,
		.carries_over = input->has_carries_over && input->carries_over,
		.has_rounding_unit = input->has_rounding_unit, .rounding_unit = input->rounding_unit,
		.rounding = (enum billing_metric_rounding)input->rounding,
		.status = BILLING_METRIC_STATUS_ACTIVE, .created_at = command->now, .updated_at = command->now,
	};
	for (size_t i = 0; i < input->filters.count; i++)
		*list_add(command->arena, &metric->filters, struct metric_filter) = input->filters.items[i];
	for (size_t i = 0; i < input->group_by.count; i++)
		*list_add(command->arena, &metric->group_by, struct metric_property) = input->group_by.items[i];
	metric->handle = text_present(input->handle) ? input->handle : handle_made(command->arena, metric, stream->handle);
	metric->name = text_present(input->name) ? input->name : metric->handle;
	return metric;
}

/* Are they the same but for what is assigned? */
static bool says_the_same(const struct billing_metric *a, const struct billing_metric *b)
{
	static const int fields[] = {
		BILLING_METRIC_FIELD_STREAM_ID, BILLING_METRIC_FIELD_NAME, BILLING_METRIC_FIELD_ANALYSIS, BILLING_METRIC_FIELD_PROPERTY,
		BILLING_METRIC_FIELD_PERCENTILE, BILLING_METRIC_FIELD_PRICE_PROPERTY, BILLING_METRIC_FIELD_CARRIES_OVER, BILLING_METRIC_FIELD_FILTERS,
		BILLING_METRIC_FIELD_GROUP_BY, BILLING_METRIC_FIELD_ROUNDING_UNIT, BILLING_METRIC_FIELD_ROUNDING,
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!record_field_same(&billing_metric_record, a, b, fields[i]))
			return false;
	return true;
}

static bool metric_insert(struct command *command, struct billing_metric *metric)
{
	metric->id = store_new_id(command->store, "billing_metric");
	metric->first_event_id = store_peek_id(command->store, "stream_event");
	return metric->id && metric->first_event_id && store_insert(command->store, &billing_metric_record, metric);
}

static bool billing_metric_create_perform(struct command *command, const void *data, void **output)
{
	const struct billing_metric_create *input = data;
	struct event_stream *stream = NULL;
	struct billing_metric *known;
	if (!check_analysis(command, input) || !check_filters(command, input) || !check_groups(command, input) ||
	    !stream_take(command, input, &stream))
		return false;
	struct billing_metric *metric = metric_of(command, input, stream);
	if (!handle_check(metric->handle, "/handle", command->problems) ||
	    !billing_metric_by_handle(command, metric->handle, &known))
		return false;
	if (known && (known->status != BILLING_METRIC_STATUS_ACTIVE || !says_the_same(known, metric)))
		return problem_value(command->problems, PROBLEM_DUPLICATE, "/handle", metric->handle, "Choose another handle.",
		                     "metric %lld has the handle '%.*s' already, and says something else", (long long)known->id,
		                     TEXT_ARG(metric->handle));
	if (!known && !metric_insert(command, metric))
		return false;
	*output = known ? known : metric;
	command_object(command, "billing_metric", ((struct billing_metric *)*output)->id, 0);
	return true;
}

/* ------------------------------------------------------------------------------------------------ billing_metric.archive */

static bool billing_metric_archive_perform(struct command *command, const void *data, void **output)
{
	const struct billing_metric_archive *input = data;
	struct billing_metric *metric = billing_metric_need(command, input->id, "/id");
	if (!metric)
		return false;
	if (metric->status == BILLING_METRIC_STATUS_ARCHIVED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", metric->handle, NULL,
		                     "metric '%.*s' is archived already", TEXT_ARG(metric->handle));
	metric->status = BILLING_METRIC_STATUS_ARCHIVED;
	metric->archived_at = metric->updated_at = command->now;
	command_object(command, "billing_metric", metric->id, 0);
	*output = metric;
	return store_update(command->store, &billing_metric_record, metric);
}

const struct command_type billing_metric_commands[] = {
	{ .name = "billing_metric.create", .scope = "write", .input = &billing_metric_create_record,
	  .output = &billing_metric_record, .perform = billing_metric_create_perform,
	  .doc = "Makes a metric, and its stream where there is none; the same again is answered with what is there." },
	{ .name = "billing_metric.archive", .scope = "write", .input = &billing_metric_archive_record,
	  .output = &billing_metric_record, .perform = billing_metric_archive_perform,
	  .doc = "Lets no component name a metric anew; whoever has it is billed by it." },
	{ .name = NULL },
};
