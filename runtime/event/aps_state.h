/* aps_state.h: what the files of APS share; nobody else includes it.
 *
 *     aps_type.c --declares--> aps_resource.c --subscribes--> aps_subscription.c     (commands)
 *     webhook_hear.c --> aps_hear.c (who is told) --> aps_notification.c (the body)  (in the event's transaction)
 */
#ifndef MOONBILL_EVENT_APS_STATE_H
#define MOONBILL_EVENT_APS_STATE_H

#include "aps.h"
#include "dispatch.h"
#include "job.h"
#include "webhook_state.h"

/* ---- aps_subscription.c ---- */

/* What somebody wants to hear. */
struct aps_wish {
	struct text event, source_type, source_key, relation, handler;
	struct uuid uuid; /* none: one is made */
};
struct aps_wish_list { struct aps_wish *items; size_t count, capacity; };
/* Where its members stand in the input, for problems. */
struct aps_wish_pointers {
	const char *event, *source, *source_type, *source_key, *relation, *handler;
};
/* The event of a URI; EVENT_NONE when APS has none. */
enum event aps_event_find(struct text uri);
/* Every problem of it. */
bool aps_wish_check(const struct aps_wish *wish, const struct aps_wish_pointers *pointers, struct problems *problems);
/* Asked for by a request that was checked; *made is what was there when it is the same. */
bool aps_subscribe(struct command *command, const struct aps_resource *resource, const struct aps_wish *wish,
                   struct event_subscription **made);
/* The resource hears all that its type declares now, and what was asked for beside it. What stays keeps its id. */
bool aps_declare(struct command *command, const struct aps_resource *resource, const struct aps_wish_list *wishes);
/* Letters, digits and - . _ ~ (`path`: and /, between names): what needs no escape in a URL and leads nowhere else. */
bool aps_name_check(struct text name, bool path, const char *pointer, struct problems *problems);

/* ---- aps_type.c ---- */

/* What a declaration subscribes to; with every problem below `pointer`. */
bool aps_type_wishes(const struct json *document, const char *pointer, struct arena *arena, struct problems *problems,
                     struct aps_wish_list *wishes);
/* The same of a type that is there. */
bool aps_type_wishes_of(struct command *command, const struct aps_type *type, struct aps_wish_list *wishes);
bool aps_type_by_uri(struct command *command, struct text uri, struct aps_type **type);
bool aps_type_put_perform(struct command *command, const void *data, void **output);
bool aps_type_delete_perform(struct command *command, const void *data, void **output);
/* A job's part: more resources of a type that was declared anew. */
bool aps_type_follow_perform(struct command *command, const struct job *job);

/* ---- aps_resource.c ---- */

/* Is it the id of an endpoint of profile aps? 0 is. */
bool aps_endpoint_check(struct command *command, int64_t endpoint_id);
bool aps_resource_create_perform(struct command *command, const void *data, void **output);
bool aps_resource_update_perform(struct command *command, const void *data, void **output);
bool aps_resource_delete_perform(struct command *command, const void *data, void **output);
/* An application was made: if it is the tenant's only one, resources that wait for one are its own, part by part. */
bool aps_adopt(struct command *command, const struct webhook_endpoint *endpoint);
bool aps_adopt_perform(struct command *command, const struct job *job);

/* ---- aps_hear.c ---- */

/* A delivery for each resource that hears it: the first APS_HEAR_ROWS with the event, the others by a job in parts, of the
 * same body and to who heard it then. */
bool aps_hear(struct command *command, const struct occurrence *occurrence, int64_t serial);
bool aps_hear_perform(struct command *command, const struct job *job);

/* ---- aps_notification.c ---- */

/* What an event is about, as APS names it. */
struct aps_told {
	const char *event;  /* URI */
	struct text source; /* UUID of the subscription */
	const struct occurrence *occurrence;
	const struct account *account; /* its owner */
};
/* The body with this serial (APS's), but for the id of the event subscription, which stands between the two. */
struct aps_notification {
	struct text before, after;
};
struct aps_notification aps_notification(struct command *command, const struct aps_told *told, int64_t serial);

#endif
