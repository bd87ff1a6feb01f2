/* subscription_announce.h: the events that a subscription's timeline raises as its moments come. */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_ANNOUNCE_H
#define MOONBILL_BILLING_SUBSCRIPTION_ANNOUNCE_H

#include "subscription_advance.h"
#include "timeline.h"

/* Raises what happened after `since` up to now, and what `touch` (NULL: nothing) set for before it, in order of time. */
bool subscription_announce(struct command *command, struct subscription *subscription, const struct timeline *timeline,
                           struct instant since, const struct subscription_touch *touch);
/* subscription.status_change, after the row has the new status. */
bool subscription_announce_status(struct command *command, struct subscription *subscription,
                                  enum subscription_status old);
/* The key of its bundle; none. */
bool subscription_bundle_key(struct command *command, const struct subscription *subscription, struct text *key);

/* That it ends with its last phase, by itself: told when its plan was chosen. */
bool subscription_announce_expiry(struct command *command, const struct account *account, struct subscription *subscription);
/* A quantity or bill cycle day that was set for a moment to come. */
bool subscription_announce_setting(struct command *command, struct subscription *subscription,
                                   const struct subscription_event *row);

#endif
