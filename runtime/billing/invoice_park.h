/* invoice_park.h: what a run leaves out because its amount is too large to be billed.
 *
 * The rest of the account is billed. The audit row of the command says what was left out, the log and a metric too, and
 * it is tried again: recurring and fixed prices by every later run (subscription.derive_from stays before them), usage when
 * some of its window is recorded or removed, usage of an order by every run; until then it is unbilled. A subscription that
 * cannot be calculated (billing_trial.h) is left out whole: what it is charged, its discounts and percentages belong together.
 */
#ifndef MOONBILL_BILLING_INVOICE_PARK_H
#define MOONBILL_BILLING_INVOICE_PARK_H

#include "billing_event.h"
#include "event/command.h"

/* `why`: what its calculation failed with. */
void invoice_park_subscription(struct command *command, int64_t subscription_id, const struct problem *why);
/* `what`: the plan, usage section or price code; `start`: first day of what it would be for. */
void invoice_park(struct command *command, int64_t subscription_id, struct text what, struct date start);

#endif
