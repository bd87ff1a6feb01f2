/* metric_value.h: what one event is to a metric: whether it counts, with which value, in which segment.
 *
 * Pure. The same event is read the same way whenever it is asked about: when it comes, when its day is made anew, when a
 * period is billed and when somebody asks why.
 */
#ifndef MOONBILL_BILLING_METRIC_VALUE_H
#define MOONBILL_BILLING_METRIC_VALUE_H

#include "records.gen.h"
#include "value/decimal.h"
#include "value/json.h"

enum {
	METRIC_VALUE_SCALE_MAX = 8,      /* decimal places of a value */
	METRIC_SEGMENT_TEXT_MAX = 255,   /* bytes of a property that metrics are told apart by */
};

struct metric_reading {
	const char *reason;    /* why it does not count; NULL: it does */
	struct decimal number; /* of analyses of numbers */
	struct text text;      /* unique: what is told apart */
	struct decimal price;  /* of metrics with a price_property: what the event says it costs */
	struct text segment;   /* JSON array of the values of group_by; "" without one */
};

/* A member by its name, or else by points through objects: "data.bytes". NULL when it is absent or null. */
const struct json *event_property(const struct json *properties, struct text path);
/* A number, or a string that holds one, as an exact decimal without trailing zeros: 1.50, "2", 1e3. False for anything else, and
 * beyond 10^12 or METRIC_VALUE_SCALE_MAX places. */
bool event_number(const struct json *json, struct decimal *number);
/* Texts are in the arena or the event's own. */
struct metric_reading metric_read(const struct billing_metric *metric, const struct json *properties, struct arena *arena);

#endif
