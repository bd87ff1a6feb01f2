/* event_stream.h: where events of one kind are sent to, and the metrics that make quantities of them.
 *
 *     event_stream, billing_metric    active --.archive--> archived    (takes no events; no component can name it anew)
 *
 * What a metric says never changes once it is made: what was billed by it can be computed again. Terms: maxio.md 7.10.
 */
#ifndef MOONBILL_BILLING_EVENT_STREAM_H
#define MOONBILL_BILLING_EVENT_STREAM_H

#include "event/command.h"
#include "object_filter.h"

/* event_stream.create, .update, .archive */
extern const struct command_type event_stream_commands[];
/* billing_metric.create, .archive */
extern const struct command_type billing_metric_commands[];

struct event_stream_list {
	struct event_stream *items;
	size_t count, capacity;
};
struct billing_metric_list {
	struct billing_metric *items;
	size_t count, capacity;
};

/* Newest first. Of the filter status, before_id and max count. */
bool event_stream_page(struct command *command, const struct object_filter *filter, struct event_stream_list *streams);
bool billing_metric_page(struct command *command, const struct object_filter *filter, struct billing_metric_list *metrics);
/* *stream = NULL when there is none. */
bool event_stream_by_handle(struct command *command, struct text handle, struct event_stream **stream);
bool billing_metric_by_handle(struct command *command, struct text handle, struct billing_metric **metric);
/* NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct event_stream *event_stream_need(struct command *command, int64_t id, const char *pointer);
struct billing_metric *billing_metric_need(struct command *command, int64_t id, const char *pointer);
/* Of a stream, oldest first, archived ones too. */
bool billing_metrics_of_stream(struct command *command, int64_t stream_id, struct billing_metric_list *metrics);

/* Does it need the values one by one (median, percentile, unique)? Of such no totals are kept. */
bool metric_lists_values(const struct billing_metric *metric);

#endif
