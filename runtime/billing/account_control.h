/* account_control.h: what follows when an account is invoiced or pays by itself again. */
#ifndef MOONBILL_BILLING_ACCOUNT_CONTROL_H
#define MOONBILL_BILLING_ACCOUNT_CONTROL_H

#include "event/command.h"

/* subscription.set_invoicing, subscription_bundle.set_invoicing */
extern const struct command_type account_control_commands[];

/* Is what it owes charged to its payment method without being asked? */
bool account_pays_by_itself(const struct account *account);
/* After the account was saved: its tags follow, what was left out while invoicing was off is invoiced, what is open is charged. */
bool account_controls_changed(struct command *command, const struct account *before, struct account *account);

#endif
