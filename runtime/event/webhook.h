/* webhook.h: events by HTTP: endpoints, what they hear, and the shapes of body and headers as channels.
 *
 * In the transaction of an event webhook_hear writes one delivery for each endpoint that listens; its body is made of
 * the journal row when it is sent, so that each try sends the same bytes. A profile is a channel (channel.h):
 *
 *   webhook   Standard Webhooks 1.0.0: {"type","timestamp","data", ...}, webhook-id, webhook-timestamp,
 *             webhook-signature by every secret that has not expired; moonbill-serial and moonbill-attempt beside them
 *   killbill  the five members of a push notification, in their order
 *   aps       an application: what its resources asked for (aps.h), with the body of then; 200 and 204 are done, 202 is
 *             sent again
 *
 * webhook_endpoint.c has the commands.
 */
#ifndef MOONBILL_EVENT_WEBHOOK_H
#define MOONBILL_EVENT_WEBHOOK_H

#include "channel.h"
#include "dispatch.h"
#include "job.h"

enum {
	WEBHOOK_ENDPOINTS_MAX = 100, /* of a tenant */
	WEBHOOK_SECRETS_MAX = 5,     /* of an endpoint, live at once */
	WEBHOOK_SECRET_OVERLAP_HOURS = 24, /* how long the old one signs beside the new, unless told otherwise */
	WEBHOOK_REPLAY_ROWS = 500,   /* of a transaction */
	WEBHOOK_ORDER_ROWS = 1000,   /* of a transaction */
};

extern const struct delivery_channel webhook_channels[];
extern const struct command_type webhook_commands[];

#endif
