/* sign_up.h: somebody signs up: customer, account, payment method, subscription and its components in one command.
 *
 * With previous_billing_at and next_billing_at a subscription comes from elsewhere: the period between them was charged there.
 * Where next_billing_at is a cycle's begin counted from previous_billing_at, the subscription's cycles are those; else they
 * begin with next_billing_at. Terms: maxio.md 5, createSubscription.
 */
#ifndef MOONBILL_BILLING_SIGN_UP_H
#define MOONBILL_BILLING_SIGN_UP_H

#include "subscription.h"

/* subscription.sign_up  subscription_sign_up -> subscription */
extern const struct command_type sign_up_commands[];

/* The subscription with this key of the caller's; *subscription = NULL: none. */
bool subscription_by_reference(struct command *command, struct text reference, struct subscription **subscription);

#endif
