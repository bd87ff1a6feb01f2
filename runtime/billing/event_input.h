/* event_input.h: events as they were sent, checked on the thread that received them.
 *
 *     {"moonbill": {"subscription_id": 7, "timestamp": "2024-03-05T12:00:00Z", "uniqueness_token": "t1"}, "bytes": 120}
 *
 * An event is a JSON object of any members. One of them is reserved: it says whose it is and when it happened, and has another
 * name for each way in ("moonbill" here, "chargify" for Maxio's). What is sent together is taken as a whole or not at all.
 */
#ifndef MOONBILL_BILLING_EVENT_INPUT_H
#define MOONBILL_BILLING_EVENT_INPUT_H

#include "base/clock.h"
#include "store/store.h"
#include "value/json.h"

enum {
	EVENTS_AT_ONCE_MAX = 1000,
	EVENT_BYTES_MAX = 65536,
	EVENT_TOKEN_BYTES_MAX = 255,
};

/* Days of a subscription are walked one by one, from its first event on: what is told as far away as no event is, is a mistake. */
#define EVENT_EARLIEST_US INT64_C(946684800000000) /* 2000-01-01 */
#define EVENT_LATEST_US INT64_C(7258118400000000)  /* 2200-01-01 */

struct event_input {
	const struct json *properties;
	struct text source;           /* the properties as JSON text, to be kept */
	int64_t subscription_id;      /* 0: not given */
	struct text subscription_reference;
	struct instant occurred_at;   /* none: when it comes */
	struct text token;            /* none: every one counts */
	int64_t corrects_id;          /* the event that it takes the place of, by its id */
	struct text corrects_token;   /* or by its token */
	bool takes_back;              /* that one counts no more, and this one does not count */
	uint8_t token_hash[STORE_TOKEN_BYTES], corrects_hash[STORE_TOKEN_BYTES];
};

struct event_inputs {
	struct event_input *items;
	size_t count, capacity;
};

/* How a way in spells its events. */
struct event_spelling {
	const char *reserved;  /* the member's name */
	bool strict;           /* members that nobody knows in the reserved one are refused */
	bool bulk;             /* an array; else an object */
	bool cloudevents;      /* CloudEvents 1.0 in the JSON format */
	bool either;           /* an array or an object, as it comes */
	const struct timezone_rules *zone; /* of timestamps without one; NULL: they are refused */
};

/* False and problems, each with its pointer, when any of them is not in order. Texts and trees are in the arena, or point into
 * the body, which lives as long. */
bool event_inputs_read(struct text body, const struct event_spelling *spelling, struct arena *arena, struct problems *problems,
                       struct event_inputs *events);
/* Hashes their tokens: a token is one of its tenant and stream. */
void event_inputs_hash(struct event_inputs *events, int64_t tenant_id, struct text stream);

#endif
