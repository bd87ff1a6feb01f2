/* service_renewal.h: renewals of subscriptions with service terms: ordered, waited for, processed.
 *
 *     renewal_order:  waiting --its invoice is settled--> processed          (at once when nothing is waited for; tried again
 *                                                                             by a job when a rule rejects it)
 *                     waiting --its invoice is cancelled, or its subscription ends--> canceled
 *
 * The new period begins where the old one expires, or with renew_from = renewal when it is ordered, if that is later; it is
 * invoiced when it is ordered. A plan with renewing = after_payment waits for that to be paid, whatever the term comes to
 * meanwhile. subscription.renew pre is raised when it is ordered, post when it is processed, with the dates of the period that
 * ends and, where it was not served any more, since when.
 */
#ifndef MOONBILL_BILLING_SERVICE_RENEWAL_H
#define MOONBILL_BILLING_SERVICE_RENEWAL_H

#include "service_life.h"

/* renewal_order.cancel   renewal_order_cancel  -> renewal_order
 * renewal_order.process  renewal_order_process -> renewal_order */
extern const struct command_type renewal_order_commands[];

/* The perform of subscription.renew for one with service terms. */
bool service_renew(struct command *command, const struct subscription_renew *input,
                   enum subscription_renew_initiator initiator, struct subscription **renewed);
/* By the system, before it expires or in grace, if it renews itself: nothing is done otherwise. */
bool service_renew_by_itself(struct command *command, int64_t subscription_id);
/* The invoice that its renewal order waits for is settled. */
bool service_renewal_complete(struct command *command, struct subscription *subscription);
/* That invoice was cancelled. */
bool service_renewal_cancel(struct command *command, const struct subscription *subscription);
/* Its period is over: what it was served and is not on an invoice yet, as no run would bill it on hold. */
bool service_bill_rest(struct service *service);
/* When it is renewed by itself; none: it is not. */
struct instant service_renewal_at(const struct command *command, const struct account *account,
                                  const struct subscription *subscription, const struct service_term *term);
/* Would it have renewed itself, but that it was on hold by hand when it expired? */
bool service_renewal_missed(const struct service *service);
/* Is that the moment of its expiration, and has it come? */
bool service_renews_at_expiration(const struct service *service);

#endif
