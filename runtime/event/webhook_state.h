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
	bool addressed;            /* to who asked for it (aps.h), with the body that its row has; not to all that listen */
	const char *content_type;
	const char *user_agent;    /* NULL: none is sent */
	bool signs;                /* Standard Webhooks */
	int64_t timeout_ms;
	enum delivery_verdict (*verdict)(int status);
	/* NULL of what is addressed. */
	struct text (*body)(struct command *view, const struct journal *row, const char *alias, struct arena *arena);
};

/* ---- webhook.c ---- */

const struct webhook_profile *webhook_profile(enum webhook_endpoint_profile profile);
/* What the profile's system calls it; NULL when it has no name for it. */
const char *webhook_alias(enum event event, const struct webhook_profile *profile);

/* ---- webhook_url.c ---- */

/* May it be an endpoint's? With a problem at /url when not. `plain`: http is allowed. Of a host that is an address its kind
 * is looked at too; what a name leads to is seen when it is connected to. */
bool webhook_url_check(struct text url, bool plain, enum address_range addresses, struct problems *problems);

/* ---- webhook_hear.c ---- */

struct hearing {
	uint64_t events[2]; /* a bit an event */
	int64_t endpoint_id;
	const struct webhook_profile *profile;
	bool ordered;
};
_Static_assert(EVENT_COUNT <= 128, "struct hearing has two words of bits");

/* The events that are named; with problems (may be NULL) at /events for names that are none. */
bool hearing_parse(struct text words, struct hearing *hearing, struct problems *problems);
void hearing_of(const struct webhook_endpoint *endpoint, struct hearing *hearing);
bool hearing_holds(const struct hearing *hearing, enum event event);
/* What the tenant's endpoints hear, into the command's state: once a command, unless webhook_forget was called since. */
bool hearings_load(struct command *command);
/* A row to be filled and added. */
struct delivery webhook_delivery(const struct webhook_profile *profile, int64_t endpoint_id);
/* An instant, unless an earlier message of its account waits for an endpoint that gets them in order: then none, until
 * delivery_go_on gives one to it. */
bool webhook_falls_due(struct command *command, const struct hearing *hearing, struct delivery *delivery);
/* A delivery for each endpoint that listens, and for each resource of an application that does. */
bool webhook_hear(struct command *command, const struct occurrence *occurrence, int64_t serial);
/* Endpoints were changed in this command. */
void webhook_forget(struct command *command);

/* ---- webhook_endpoint.c, webhook_order.c, webhook_replay.c, killbill_register.c: rows of webhook_commands ---- */

/* NULL with a problem. */
struct webhook_endpoint *webhook_endpoint_need(struct command *command, int64_t id);
/* Checks URL and events and writes the row, with a first secret where the profile signs. */
bool webhook_endpoint_add(struct command *command, struct webhook_endpoint *endpoint, struct text *secret);
/* All that waits for it may go now, or find that it may not. */
void webhook_endpoint_note(struct command *command, const struct webhook_endpoint *endpoint);
/* The row and its secrets; of `endpoint` only id and profile are read. */
bool webhook_endpoint_drop(struct command *command, const struct webhook_endpoint *endpoint);
bool webhook_url_check_tenant(struct command *command, struct text url);
/* Its order was changed, or it was removed: what waits for it stands in line, or goes; the first WEBHOOK_ORDER_ROWS at once,
 * the others by a job. Of `endpoint` only id and profile are read. All that waits may go now, or find that it may not. */
bool webhook_order(struct command *command, const struct webhook_endpoint *endpoint);
bool webhook_order_perform(struct command *command, const struct job *job);
bool webhook_replay_plan(struct command *command, const void *data, void **output);
bool webhook_replay_perform(struct command *command, const struct job *job);
bool delivery_retry_perform(struct command *command, const void *data, void **output);
/* Pending again, from its first try on. */
bool delivery_begin_anew(struct command *command, struct delivery *delivery);
/* The same; `due_at` as it stands in the row. */
bool delivery_begin_anew_at(struct command *command, struct delivery *delivery);
/* ---- tenant_config.c ---- */

#define CALLBACK_KEY "PUSH_NOTIFICATION_CB"
/* Keeps the value, with tenant_config.change around it. */
bool tenant_config_put(struct command *command, struct text key, struct text value, struct tenant_config **put);
/* Deletes the row, with tenant_config.delete around it. */
bool tenant_config_take(struct command *command, struct tenant_config *config);

/* ---- killbill_register.c ---- */

/* The endpoint gets the value as its URL; a new one is config->endpoint_id afterwards. */
bool callback_put(struct command *command, struct tenant_config *config);
/* Endpoint and key go. */
bool callback_take(struct command *command, struct tenant_config *config);
/* An endpoint goes: so does the key, if it is the callback. */
bool callback_follow(struct command *command, int64_t endpoint_id);
bool push_register_perform(struct command *command, const void *data, void **output);
bool push_unregister_perform(struct command *command, const void *data, void **output);

/* ---- killbill_metadata.c ---- */

/* A JSON object; TEXT_NONE for events that have no metadata. */
struct text killbill_metadata(struct command *view, const struct journal *row, const char *alias, const struct json *payload,
                              struct arena *arena);

/* ---- killbill_push.c ---- */

struct text killbill_push_body(struct command *view, const struct journal *row, const char *alias, struct arena *arena);

#endif
