/* metric_quantity.h: what the events of a subscription come to by a metric; what renewals and shown usage are made of.
 *
 *     metric_quantity(command, metric, subscription_id, from, to, &quantity)    // exact, by segment; [from, to)
 *     metric_close(command, metric, subscription_id, to)                        // it is billed: what comes later of before is late
 *
 * Whole days are read as totals, so that it costs the same however many events there were. Days that lie in [from, to) in part
 * (events on both sides of a bound; the days of a subscription begin at the time of day that its billing does, so that this is rare),
 * days begun before the metric was made, and all days of median, percentile and unique are read event by event, of this
 * subscription alone: no digest in place of them is exact under corrections.
 */
#ifndef MOONBILL_BILLING_METRIC_QUANTITY_H
#define MOONBILL_BILLING_METRIC_QUANTITY_H

#include "event_write.h"

struct metric_segment {
	struct text values; /* JSON array as group_by has them; "" of a metric without */
	struct decimal quantity;
	int64_t event_count;
	struct decimal priced;  /* what they say they cost together, of a metric with a price_property */
	struct decimal carried; /* time_weighted_sum: what the period began with */
	struct metric_events events; /* of metric_quantity_by_events: in the order they happened */
};

struct metric_quantity {
	struct decimal quantity;    /* all segments together */
	int64_t event_count;
	struct metric_segment *items; /* by values; one with "" of a metric without group_by, also of no events */
	size_t count, capacity;
};

/* `from` before `to` is the caller's duty. False when the store fails, or PROBLEM_OVERFLOW. */
bool metric_quantity(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant from,
                     struct instant to, struct metric_quantity *quantity);
/* The same, with each event that counts. It costs what the events are many. */
bool metric_quantity_by_events(struct command *command, const struct billing_metric *metric, int64_t subscription_id,
                               struct instant from, struct instant to, struct metric_quantity *quantity);
/* As it was read when the period was billed, by a command at `billed_at`: what came late after it counts no more. */
bool metric_quantity_replay(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant from,
                            struct instant to, struct instant billed_at, struct metric_quantity *quantity);
/* In a command. Never goes back: an earlier `to` changes nothing. */
bool metric_close(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant to);
/* From what is billed of it, else from its first event's day on. */
bool metric_open_since(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant *from);

#endif
