/* provisioning.h: whether what serves a subscription is there, as who provisions it tells.
 *
 *     (none: its plan is not provisioned)
 *     prepared --paid--> initiated --> in_progress --> provisioned | failed
 *     provisioned <--> pending_quantity_change | pending_package_change | pending_termination --> removed
 *
 * A plan with provisioning at_once starts its subscriptions as initiated; with after_payment as prepared, until an invoice
 * with a line of them is settled: then subscription.provision_on_payment and the change to initiated. What goes on
 * outside is told by subscription.provisioning; every change raises subscription.provisioning_status_change. The whole
 * machine is the table in provisioning.c. Source: atomia-aps-blubilling.md A.3 and A.5.
 */
#ifndef MOONBILL_BILLING_PROVISIONING_H
#define MOONBILL_BILLING_PROVISIONING_H

#include "event/job.h"

/* subscription.provisioning  subscription_set_provisioning -> subscription */
extern const struct command_type provisioning_commands[];
/* subscription.paid */
extern const struct job_kind provisioning_jobs[];

/* The first status of a subscription to the plan; none when it is not provisioned. */
enum subscription_provisioning_status provisioning_first_status(const struct plan *plan);
/* Once an invoice is settled: each subscription on it that has waited for that is provisioned, and each that it renews is
 * renewed. What a rule rejects of this is undone alone, and tried again by a job: what was paid stays paid. `payment` may be NULL. */
bool provisioning_open(struct command *command, const struct invoice *invoice, const struct payment *payment);
/* A subscription has ended: what was not begun yet is cancelled. */
bool provisioning_withdraw(struct command *command, struct subscription *subscription);

#endif
