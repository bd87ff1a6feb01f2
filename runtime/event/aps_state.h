/* aps_state.h: what the files of APS share; nobody else includes it.
 *
 *     aps_type.c --declares--> aps_resource.c --subscribes--> aps_subscription.c     (commands)
 *     webhook_hear.c --> aps_hear.c (who is told) --> aps_notification.c (the body)  (in the event's transaction)
 */
#ifndef MOONBILL_EVENT_APS_STATE_H
#define MOONBILL_EVENT_APS_STATE_H

#include "aps.h"
#include "dispatch.h"
#include "webhook_state.h"

/* ---- aps_subscription.c ---- */

/* What somebody wants to hear. */
struct aps_wish {
	struct text event, source_type, source_key, relation, handler;
	struct uuid uuid; /* none: one is made */
	bool declared;
};
/* Where its members stand in the input, for problems. */
struct aps_wish_pointers {
	const char *event, *source, *source_type, *source_key, *relation, *handler;
};
/* The event of a URI; EVENT_NONE when APS has none. */
enum event aps_event_find(struct text uri);
/* Every problem of it. */
bool aps_wish_check(const struct aps_wish *wish, const struct aps_wish_pointers *pointers, struct problems *problems);
/* One that was checked; *made is what was there when it is the same. */
bool aps_subscribe(struct command *command, const struct aps_resource *resource, const struct aps_wish *wish,
                   struct event_subscription **made);
/* Letters, digits and - . _ ~ (`path`: and /, between names): what needs no escape in a URL and leads nowhere else. */
bool aps_name_check(struct text name, bool path, const char *pointer, struct problems *problems);

/* ---- aps_type.c ---- */

struct aps_wish_list { struct aps_wish *items; size_t count, capacity; };
/* What a declaration subscribes to; with every problem below `pointer`. */
bool aps_type_wishes(const struct json *document, const char *pointer, struct arena *arena, struct problems *problems,
                     struct aps_wish_list *wishes);
bool aps_type_by_uri(struct command *command, struct text uri, struct aps_type **type);
bool aps_type_put_perform(struct command *command, const void *data, void **output);
bool aps_type_delete_perform(struct command *command, const void *data, void **output);

/* ---- aps_resource.c ---- */

/* Is it the id of an endpoint of profile aps? 0 is. */
bool aps_endpoint_check(struct command *command, int64_t endpoint_id);
/* Subscribes it to what its type declares. */
bool aps_resource_declare(struct command *command, const struct aps_resource *resource, const struct aps_type *type);
bool aps_resource_create_perform(struct command *command, const void *data, void **output);
bool aps_resource_update_perform(struct command *command, const void *data, void **output);
bool aps_resource_delete_perform(struct command *command, const void *data, void **output);

/* ---- aps_hear.c ---- */

/* A delivery for each resource that hears it. */
bool aps_hear(struct command *command, const struct occurrence *occurrence, int64_t serial);

/* ---- aps_notification.c ---- */

/* What an event is about, as APS names it. */
struct aps_told {
	const char *event;  /* URI */
	struct text source; /* UUID of the subscription */
	int64_t serial;     /* APS's */
	const struct occurrence *occurrence;
	const struct account *account; /* its owner */
};
struct text aps_notification_body(struct command *command, const struct aps_told *told,
                                  const struct event_subscription *subscription);

#endif
