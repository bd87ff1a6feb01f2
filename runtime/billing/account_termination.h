/* account_termination.h: an account ends with everything that it is served, and may be had back for a while.
 *
 *     account.terminate pre
 *       each order and subscription: subscription.terminate pre, status_change pre, post, terminate post
 *       its customer: customer.status_change pre, post
 *     account.terminate post
 *
 * What is owed stays owed. account.reactivate within the period of a termination request brings back account and customer,
 * not their subscriptions. Source: atomia-aps-blubilling.md A.3.7.
 */
#ifndef MOONBILL_BILLING_ACCOUNT_TERMINATION_H
#define MOONBILL_BILLING_ACCOUNT_TERMINATION_H

#include "event/command.h"

/* account.terminate   account_terminate  -> account
 * account.reactivate  account_reactivate -> account */
extern const struct command_type account_termination_commands[];

/* The act of account.terminate; *account is read anew. `request`: what asked for it; NULL: nothing did. */
bool account_end(struct command *command, struct account **account, struct termination_request *request,
                 struct text reason);

#endif
