/* event_write.h: events are kept, judged and added up; all in one transaction of the writer.
 *
 *     stream_event    each event, in the order of its coming; previous_id goes on to the one before of the same day
 *     event_meter     a subscription in a stream: when its days begin, how far it is billed
 *     event_day       a day of it: how many events, the last of them, the first and last moment
 *     metric_total    what the counted events of a day come to by a metric, for each segment
 *     metric_progress how far a metric is billed of a subscription
 *
 * Verdicts: counted, and future (after now: it counts when its period comes); duplicate (its token came within 31 days, nothing
 * of it is kept but that); no_subscription; late (before what a metric is billed to: it counts only for metrics that are not);
 * taken_back (by a later event); correction (that event, where it counts for nothing itself); no_target (what it corrects is
 * not there, is taken back already, or is billed). Source: maxio.md 7.10.
 */
#ifndef MOONBILL_BILLING_EVENT_WRITE_H
#define MOONBILL_BILLING_EVENT_WRITE_H

#include "event_input.h"
#include "event_stream.h"
#include "metric_sum.h"

#define EVENT_DAY_US (INT64_C(86400) * US_PER_S)
#define EVENT_TOKEN_WINDOW_US (31 * EVENT_DAY_US)

/* A row of stream_event; texts are in the arena of the command. */
struct event_row {
	int64_t id, subscription_id, previous_id;
	struct instant occurred_at, created_at;
	enum stream_event_verdict verdict;
	struct text token, properties;
};

struct event_meter {
	int64_t stream_id, subscription_id;
	int64_t phase_us;            /* after midnight UTC its days begin */
	int64_t first_day;
	int64_t closed_to;           /* before that some metric is billed; 0: nothing is */
	bool known;                  /* there is a row */
};

struct event_day {
	int64_t event_count, first_id, last_id, first_at, last_at;
};

/* Days are numbered from 1970-01-01. */
int64_t event_day_of(const struct event_meter *meter, int64_t at_us);
int64_t event_day_begin_us(const struct event_meter *meter, int64_t day);

/* *found: there is such an event. */
bool event_row_read(struct command *command, int64_t stream_id, int64_t id, struct event_row *row, bool *found);
struct event_row event_row_of(struct arena *arena, const struct store_row *row);
/* meter->known false: it has sent none, and nothing is closed. */
bool event_meter_read(struct command *command, int64_t stream_id, int64_t subscription_id, struct event_meter *meter);
bool event_meter_write(struct command *command, const struct event_meter *meter);
/* When the billing of the subscription begins its days; *found false: there is no such subscription. */
bool event_meter_phase(struct command *command, int64_t subscription_id, int64_t *phase_us, bool *found);
bool event_day_read(struct command *command, const struct event_meter *meter, int64_t day, struct event_day *row, bool *found);
/* *closed_to 0: nothing is billed. */
bool metric_progress_read(struct command *command, int64_t metric_id, int64_t subscription_id, int64_t *closed_to,
                          struct decimal *carried);
struct metric_sum metric_sum_of_row(const struct store_row *row);
/* Does an event of this verdict and moment count for a metric that is billed so far? */
bool event_counts(enum stream_event_verdict verdict, int64_t at_us, int64_t closed_to);

/* The subscription of a bundle with this key, the base one of several; 0: there is none. */
bool event_subscription_by_reference(struct command *command, struct text reference, int64_t *subscription_id);

/* ---- a group of events: written one request after the other, its totals at the end ---- */

struct event_group;
struct event_group *event_group_new(struct command *command);
/* All of a request, or false with problems where it cannot be taken (no such stream): then nothing of it was written. A store
 * that fails fails the transaction. */
bool event_group_take(struct event_group *group, struct text stream, struct event_inputs *events, struct problems *problems,
                      struct events_taken *taken);
/* Writes days and totals, and has looked at whom their usage concerns: thresholds, wallets. */
bool event_group_finish(struct event_group *group);
/* Were jobs planned? Then engine_wake is due after the commit. */
bool event_group_wakes(const struct event_group *group);

#endif
