/* subscription_moment.h: when something that is asked of a subscription takes effect. */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_MOMENT_H
#define MOONBILL_BILLING_SUBSCRIPTION_MOMENT_H

#include "catalog_rule.h"
#include "event/command.h"
#include "timeline.h"

/* A day of the account (its first instant) or an instant, as it was asked; none when neither is given. Both: false, with a
 * problem at `pointer`. */
bool moment_asked(struct command *command, const struct account *account, struct date date, struct instant at,
                  const char *pointer, struct instant *moment);
/* Not before `earliest`; a moment earlier on the day of it means it. */
struct instant moment_not_before(struct instant moment, struct instant earliest);

/* The moment of a policy, for what begins or ends now:
 *   immediate       now
 *   end_of_term     the first day not yet charged for, if it lies ahead; else now
 *   start_of_term   the beginning of what is charged for now: the charged-through date back by whole periods until it is
 *                   not ahead, on the bill cycle day; before anything was charged the start
 * Never before the current phase. Source: killbill.md b.1. */
struct instant moment_of_policy(struct command *command, const struct account *account,
                                const struct subscription *subscription, const struct timeline *timeline,
                                enum catalog_policy policy);

#endif
