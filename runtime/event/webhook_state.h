/* webhook_state.h: what the files of webhooks share; nobody else includes it.
 *
 *     webhook_hear.c (in the event's transaction) -> rows -> courier.c -> webhook.c (body, headers, what an answer means)
 *     webhook_endpoint.c (commands)                                        \-> killbill_push.c (its five members)
 */
#ifndef MOONBILL_EVENT_WEBHOOK_STATE_H
#define MOONBILL_EVENT_WEBHOOK_STATE_H

#include "webhook.h"

/* What becomes of one message, beside what its channel says. */
struct webhook_profile {
	const char *name;          /* of the channel, and the word of webhook_endpoint.profile */
	bool speaks;               /* only of events that `system` has a name for */
	enum event_system system;
	const char *content_type;
	bool signs;                /* Standard Webhooks */
	int64_t timeout_ms;
	enum delivery_verdict (*verdict)(int status);
	struct text (*body)(struct command *view, const struct journal *row, const char *alias, struct arena *arena);
};

/* ---- webhook.c ---- */

const struct webhook_profile *webhook_profile(enum webhook_endpoint_profile profile);
/* What the profile's system calls it; NULL when it has no name for it. */
const char *webhook_alias(enum event event, const struct webhook_profile *profile);

/* ---- webhook_url.c ---- */

/* May it be an endpoint's? With a problem at /url when not. `plain`: http is allowed. */
bool webhook_url_check(struct text url, bool plain, struct problems *problems);

/* ---- webhook_hear.c ---- */

struct hearing {
	uint64_t events[2]; /* a bit an event */
	int64_t endpoint_id;
	const struct webhook_profile *profile;
};
_Static_assert(EVENT_COUNT <= 128, "struct hearing has two words of bits");

/* The events that are named; with problems (may be NULL) at /events for names that are none. */
bool hearing_parse(struct text words, struct hearing *hearing, struct problems *problems);
void hearing_of(const struct webhook_endpoint *endpoint, struct hearing *hearing);
bool hearing_holds(const struct hearing *hearing, enum event event);
/* A row to be filled and added. */
struct delivery webhook_delivery(const struct webhook_profile *profile, int64_t endpoint_id);
/* A delivery for each endpoint that listens. */
bool webhook_hear(struct command *command, const struct occurrence *occurrence, int64_t serial);
/* Endpoints were changed in this command. */
void webhook_forget(struct command *command);

/* ---- killbill_push.c ---- */

struct text killbill_push_body(struct command *view, const struct journal *row, const char *alias, struct arena *arena);

#endif
