/* renewal.h: a further period for a subscription that has an end date.
 *
 *     subscription.renew --plan says after_payment, invoiced--> renewing --invoice settled--> active, its end moved on
 *                        --otherwise------------------------------------------------------->
 *
 * subscription.renew pre is raised when it is asked for, post when the end has moved. While it waits the subscription is
 * served until its old end; an end that comes first, or the cancelling of the invoice, ends the waiting, and what the invoice
 * charges is not owed (renewal_cancel.h). With auto_renew and a plan that says how, it is asked for by the system `renewals.days_ahead` days
 * (30) before the end. Only for what orders made: other subscriptions go on by themselves.
 * Those with service terms are renewed by service_renewal.h.
 * Source: atomia-aps-blubilling.md A.3.5, A.5, B.4.
 */
#ifndef MOONBILL_BILLING_RENEWAL_H
#define MOONBILL_BILLING_RENEWAL_H

#include "event/job.h"

/* subscription.renew  subscription_renew -> subscription */
extern const struct command_type renewal_commands[];
/* subscription.renew */
extern const struct job_kind renewal_jobs[];

/* The invoice that it waited for is settled. */
bool renewal_complete(struct command *command, struct subscription *subscription);
/* From one end to the next: in months where they are whole. */
struct duration renewal_duration_between(struct date from, struct date to);
/* Plans the system's asking, or takes it away. */
bool renewal_schedule(struct command *command, const struct account *account, const struct subscription *subscription);

#endif
