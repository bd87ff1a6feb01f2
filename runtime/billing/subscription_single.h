/* subscription_single.h: one subscription of an order by itself: its fields, its status, its end.
 *
 *     subscription.update     subscription_update     -> subscription   subscription.update pre, post; also of direct ones
 *     subscription.status     subscription_set_status -> subscription   subscription.status_change pre, post
 *     subscription.terminate  subscription_terminate  -> subscription   subscription.terminate around status_change
 *
 * Its order goes on while another subscription of it does, and ends with the last.
 */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_SINGLE_H
#define MOONBILL_BILLING_SUBSCRIPTION_SINGLE_H

#include "event/command.h"

extern const struct command_type subscription_single_commands[];

#endif
