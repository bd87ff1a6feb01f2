/* aps.h: applications as APS has them: types, resources, and what resources hear of subscriptions.
 *
 * An application is a webhook endpoint of profile aps. Its resources belong to accounts; an event subscription says that
 * one of them hears of an event. In the transaction of such an event each that sees the source gets a delivery with
 *
 *     POST URL/events/RESOURCE/HANDLER
 *     { "event", "serial", "time", "subscription", "source": { "id", "type" }, "parameters" }
 *
 * (or a little later, where more than APS_HEAR_ROWS hear it) whose body is kept as it was then: tries later send the same bytes, whatever has become of the subscription. `serial`
 * counts the events of the tenant that somebody was told of, as a text of digits; all who are told of one get the same.
 *
 * A resource sees what its owner owns, and what it, or its owner's account, is linked to.
 * Source: atomia-aps-blubilling.md B.1 to B.3.
 */
#ifndef MOONBILL_EVENT_APS_H
#define MOONBILL_EVENT_APS_H

#include "command.h"

enum {
	APS_SUBSCRIPTIONS_MAX = 100, /* that a resource asks for, and that a type declares */
	APS_HEAR_ROWS = 500,         /* notifications of a transaction */
	APS_FOLLOW_RESOURCES = 20,   /* of a type that is declared anew: of a transaction */
	APS_ADOPT_RESOURCES = 1000,  /* that get their endpoint: of a transaction */
};

#define APS_SUBSCRIPTION_TYPE "http://parallels.com/aps/types/pa/subscription/1.0"

/* aps_type.put               aps_type_put              -> aps_type
 * aps_type.delete            aps_type_delete           -> aps_type
 * aps_resource.create        aps_resource_create       -> aps_resource
 * aps_resource.update        aps_resource_update       -> aps_resource
 * aps_resource.delete        aps_resource_delete       -> aps_resource
 * event_subscription.create  event_subscription_create -> event_subscription
 * event_subscription.delete  event_subscription_delete -> event_subscription */
extern const struct command_type aps_commands[];

struct aps_resource_list { struct aps_resource *items; size_t count, capacity; };
struct event_subscription_list { struct event_subscription *items; size_t count, capacity; };

/* *resource = NULL when there is none. */
bool aps_resource_by_key(struct command *command, struct text key, struct aps_resource **resource);
/* The resource, or NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct aps_resource *aps_resource_need(struct command *command, struct text key, const char *pointer);
bool event_subscriptions_of_resource(struct command *command, int64_t resource_id, struct event_subscription_list *list);

#endif
