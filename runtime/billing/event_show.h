/* event_show.h: events, what each is to the metrics of its stream, and usage that is not billed yet; for those who ask. */
#ifndef MOONBILL_BILLING_EVENT_SHOW_H
#define MOONBILL_BILLING_EVENT_SHOW_H

#include "metric_quantity.h"

struct stream_event_list {
	struct stream_event *items;
	size_t count, capacity;
};
/* Newest first; effects are as the metrics of now have them. */
bool stream_event_page(struct command *command, const struct event_stream *stream, int64_t before_id, int64_t most,
                       struct stream_event_list *events);

struct metric_usage_list {
	struct metric_usage *items;
	size_t count, capacity;
};
/* Of the metric of this handle or id, or of all active ones of the streams that the subscription has sent events to. `from` none: since
 * it was billed last; `to` none: until now, events of this very moment too. */
bool metric_usage_show(struct command *command, int64_t subscription_id, struct text metric, struct instant from, struct instant to,
                       struct metric_usage_list *usages);

#endif
