/* event_show.c: the event debugger, and usage to date. */
#include "event_show.h"

enum { USAGE_YEARS_MAX = 20 };

/* ------------------------------------------------------------------------------------------------ events */

struct page_read {
	struct command *command;
	const struct event_stream *stream;
	struct stream_event_list *events;
};

static bool page_take(void *context, const struct store_row *row)
{
	struct page_read *read = context;
	struct event_row event = event_row_of(read->command->arena, row);
	*list_add(read->command->arena, read->events, struct stream_event) = (struct stream_event){
		.id = event.id, .stream_id = read->stream->id, .subscription_id = event.subscription_id,
		.occurred_at = event.occurred_at, .created_at = event.created_at, .verdict = event.verdict,
		.uniqueness_token = event.token, .properties = event.properties,
	};
	return true;
}

static const char *reason_of(const struct stream_event *event, const struct metric_reading *reading, int64_t closed_to)
{
	if (event_counts(event->verdict, event->occurred_at.us, closed_to))
		return reading->reason;
	return event->verdict == STREAM_EVENT_VERDICT_LATE ? "its period was billed before it came" : "a later event takes it back";
}

static bool effect_add(struct command *command, const struct billing_metric *metric, const struct json *properties,
                       struct stream_event *event)
{
	struct metric_reading reading = metric_read(metric, properties, command->arena);
	struct decimal carried;
	int64_t closed_to;
	if (!metric_progress_read(command, metric->id, event->subscription_id, &closed_to, &carried))
		return false;
	const char *reason = reason_of(event, &reading, closed_to);
	struct event_effect *effect = list_add(command->arena, &event->effects, struct event_effect);
	*effect = (struct event_effect){ .metric_id = metric->id, .metric = metric->handle, .counted = !reason,
		                         .reason = reason ? text_of(reason) : TEXT_NONE };
	if (reading.reason)
		return true;
	if (text_present(reading.text))
		effect->value = text_front(reading.text, 255);
	else if (metric->analysis != BILLING_METRIC_ANALYSIS_COUNT)
		effect->value = decimal_canonical_text(command->arena, reading.number);
	if (metric->group_by.count)
		effect->segment = reading.segment;
	return true;
}

static bool effects_add(struct command *command, const struct billing_metric_list *metrics, struct stream_event *event)
{
	if (!event->subscription_id || !text_present(event->properties) || event->verdict == STREAM_EVENT_VERDICT_NO_TARGET)
		return true;
	const struct json *properties = json_parse(event->properties, command->arena, command->problems);
	for (size_t i = 0; properties && i < metrics->count && i < 100; i++)
		if (!effect_add(command, &metrics->items[i], properties, event))
			return false;
	return properties != NULL;
}

bool stream_event_page(struct command *command, const struct event_stream *stream, int64_t before_id, int64_t most,
                       struct stream_event_list *events)
{
	struct page_read read = { command, stream, events };
	struct billing_metric_list metrics = { 0 };
	if (!billing_metrics_of_stream(command, stream->id, &metrics) ||
	    !store_each(command->store, STATEMENT_STREAM_EVENT_PAGE,
	                BINDS(bind_integer(stream->id), bind_id(before_id), bind_integer(most)), page_take, &read))
		return false;
	for (size_t i = 0; i < events->count; i++)
		if (!effects_add(command, &metrics, &events->items[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ usage */

static bool check_period(struct command *command, struct instant from, struct instant to)
{
	if (from.us >= to.us)
		return problem(command->problems, PROBLEM_BAD_PERIOD, "/to", "the period ends before it begins");
	return to.us - from.us <= USAGE_YEARS_MAX * 366 * EVENT_DAY_US ||
	       problem(command->problems, PROBLEM_BAD_PERIOD, "/from", "the period is longer than %d years", USAGE_YEARS_MAX);
}

static void segments_show(struct arena *arena, const struct metric_quantity *quantity, struct metric_usage *shown)
{
	for (size_t i = 0; i < quantity->count; i++)
		*list_add(arena, &shown->segments, struct metric_segment_quantity) = (struct metric_segment_quantity){
			.segment = quantity->items[i].values, .quantity = quantity->items[i].quantity,
			.event_count = quantity->items[i].event_count,
		};
}

/* Since it was billed last, where it is not asked from when: of what lies further back than a period may, the end. */
static bool usage_add(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant asked_from,
                      struct instant to, struct metric_usage_list *usages)
{
	const int64_t most_us = USAGE_YEARS_MAX * 366 * EVENT_DAY_US;
	struct metric_quantity quantity;
	const bool since_open = !asked_from.us;
	struct instant from = asked_from;
	if (since_open && !metric_open_since(command, metric, subscription_id, &from))
		return false;
	if (!to.us)
		to.us = (from.us > command->now.us ? from.us : command->now.us) + 1;
	if (since_open && to.us - from.us > most_us)
		from.us = to.us - most_us;
	if (!check_period(command, from, to) || !metric_quantity(command, metric, subscription_id, from, to, &quantity))
		return false;
	struct metric_usage *shown = list_add(command->arena, usages, struct metric_usage);
	*shown = (struct metric_usage){ .metric_id = metric->id, .metric = metric->handle, .from = from, .to = to,
		                        .quantity = quantity.quantity, .event_count = quantity.event_count };
	if (metric->group_by.count)
		segments_show(command->arena, &quantity, shown);
	return true;
}

static struct billing_metric *metric_named(struct command *command, struct text name)
{
	struct billing_metric *metric = NULL;
	int64_t id;
	if (text_to_int64(name, &id) && id > 0)
		return billing_metric_need(command, id, "/metric");
	if (billing_metric_by_handle(command, name, &metric) && !metric)
		problem_value(command->problems, PROBLEM_NOT_FOUND, "/metric", text_front(name, 100), NULL, "there is no metric '%.*s'",
		              TEXT_ARG(text_front(name, 100)));
	return metric;
}

struct streams_read {
	struct arena *arena;
	struct { int64_t *items; size_t count, capacity; } ids;
};

static bool stream_id_take(void *context, const struct store_row *row)
{
	struct streams_read *read = context;
	*list_add(read->arena, &read->ids, int64_t) = store_row_integer(row, 0);
	return true;
}

bool metric_usage_show(struct command *command, int64_t subscription_id, struct text name, struct instant from, struct instant to,
                       struct metric_usage_list *usages)
{
	struct streams_read read = { .arena = command->arena };
	if (text_present(name)) {
		const struct billing_metric *metric = metric_named(command, name);
		return metric && usage_add(command, metric, subscription_id, from, to, usages);
	}
	if (!store_each(command->store, STATEMENT_EVENT_METER_OF_SUBSCRIPTION, BINDS(bind_integer(subscription_id)), stream_id_take,
	                &read))
		return false;
	for (size_t i = 0; i < read.ids.count; i++) {
		struct billing_metric_list metrics = { 0 };
		if (!billing_metrics_of_stream(command, read.ids.items[i], &metrics))
			return false;
		for (size_t m = 0; m < metrics.count; m++)
			if (metrics.items[m].status == BILLING_METRIC_STATUS_ACTIVE &&
			    !usage_add(command, &metrics.items[m], subscription_id, from, to, usages))
				return false;
	}
	return true;
}
