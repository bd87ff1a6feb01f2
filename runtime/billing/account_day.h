/* account_day.h: the bill cycle day of an account: the first subscription that follows it gives it, later it may be changed.
 *
 * A new day holds for what is to come: the subscriptions that follow the account keep the old one for what was billed, as
 * a row of their own, and have the new one from its next date on. Those that have ended keep the old one. Without a day any more they keep theirs.
 */
#ifndef MOONBILL_BILLING_ACCOUNT_DAY_H
#define MOONBILL_BILLING_ACCOUNT_DAY_H

#include "event/command.h"
#include "timeline.h"

/* account.change_bill_cycle_day, a row of subscription_commands */
bool account_change_bill_cycle_day_perform(struct command *command, const void *data, void **output);

/* Where the account has none and the timeline follows it. Saves and announces. */
bool account_day_give(struct command *command, struct account *account, const struct timeline *timeline);
/* After the account was saved with another day than `before` has: tells its subscriptions, from the day's next date on
 * (not before `requested`; none: today), and bills what is due then. Nothing to do when the day is the same. */
bool account_day_changed(struct command *command, const struct account *before, struct account *account,
                         struct date requested);
/* The instant of the next day of that number; today's is this moment when nothing else was requested. */
struct instant account_day_begins(struct command *command, const struct account *account,
                                  const struct subscription *subscription, int day, struct date requested);

#endif
