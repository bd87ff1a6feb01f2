/* invoice_run.h: invoices of subscriptions that were subscribed to directly.
 *
 * timeline.h tells the billing events of each, propose.h what they come to until a target date, repair.h what of that is
 * new; here it becomes one invoice of the account, together with what its orders owe (billing_run.h).
 *
 * Steady state does not depend on history: while subscription.derive_from is none nothing before charged_through has
 * changed, only items from there on are proposed and no line is read. A change sets derive_from to the earliest day it
 * touches; lines from that day on are then read and merged, once.
 */
#ifndef MOONBILL_BILLING_INVOICE_RUN_H
#define MOONBILL_BILLING_INVOICE_RUN_H

#include "event/command.h"
#include "invoice.h"
#include "subscription.h"

/* After a change of the account's subscriptions, in the same command: bills what is due today and moves the account's
 * next bill date. The caller has set derive_from (invoice_run_derive_from) of what it changed, and saved it. */
bool account_bill_changed(struct command *command, struct account *account);
/* What was invoiced of the subscription from `date` on is to be looked at again by the next run; the earliest date asked
 * for counts. The caller saves the subscription. */
void invoice_run_derive_from(struct subscription *subscription, struct date date);

#endif
