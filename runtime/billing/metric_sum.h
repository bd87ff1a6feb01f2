/* metric_sum.h: what many events come to, so that each is looked at once.
 *
 * Pure and exact. A sum is of one metric, subscription, segment and day; sums of days are added to a result, which is of a
 * period. Nothing depends on the order of the events. Of analyses that need the values one by one there are no sums:
 * their results are made from the events.
 */
#ifndef MOONBILL_BILLING_METRIC_SUM_H
#define MOONBILL_BILLING_METRIC_SUM_H

#include "base/clock.h"
#include "metric_value.h"

struct metric_sum {
	int64_t event_count;
	struct decimal total;    /* of the values */
	struct decimal weighted; /* of value x microseconds since the day began */
	struct decimal extreme;  /* the least, the greatest or the latest value */
	int64_t extreme_at, extreme_id; /* of the latest; 0: of no event yet */
	struct decimal priced;   /* what the events say they cost */
};

/* A counted event. False, and no change, when a number becomes too large. */
bool metric_sum_add(struct metric_sum *sum, const struct billing_metric *metric, const struct metric_reading *reading, int64_t at_us,
                    int64_t day_us, int64_t id);

/* One that was added and counts no more. False, and no change, when no sum tells what is left: it was the least, the greatest or the
 * latest of several, or a number becomes too large. */
bool metric_sum_take(struct metric_sum *sum, const struct billing_metric *metric, const struct metric_reading *reading, int64_t at_us,
                     int64_t day_us, int64_t id);

/* One by one, of analyses that need it. */
struct metric_values {
	struct decimal *items;
	struct text *texts; /* unique */
	size_t count, capacity;
};

/* One by one, where a price asks for each event. */
struct metric_event {
	struct decimal value, price;
	int64_t at_us, id;
};
struct metric_events {
	struct metric_event *items;
	size_t count, capacity;
};

struct metric_result {
	struct metric_sum sum;
	struct metric_events events;
	struct metric_values values;
	struct fraction weighted; /* of value x microseconds until the period ends; {0, 0}: nothing yet */
	struct text segment;
	struct metric_result *next;
};

/* The sum of a day, which began at day_us, of a period that ends at to_us. */
bool metric_result_add(struct metric_result *result, const struct billing_metric *metric, const struct metric_sum *day, int64_t day_us,
                       int64_t to_us);
/* One value more of an analysis that needs them; false when what events say they cost becomes too large. */
bool metric_result_list(struct metric_result *result, const struct metric_reading *reading, struct arena *arena);
/* What it comes to in a period of so long; carried is what a time_weighted_sum began with. Of no events: 0. Rounded to the
 * metric's unit, else to METRIC_QUANTITY_SCALE places, half up, where it has more. */
enum { METRIC_QUANTITY_SCALE = 16 };
bool metric_result_quantity(struct metric_result *result, const struct billing_metric *metric, int64_t period_us, struct decimal carried,
                            struct arena *arena, struct decimal *quantity);

#endif
