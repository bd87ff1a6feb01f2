/* renewal_cancel.h: renewals that are given up before they were paid.
 *
 * A renewal's invoice charges for all days until the new end, also for those of the old period that were not on an invoice
 * yet. When it is cancelled they are due again, from its first day on: what has been served of them is billed at once,
 * the rest by the billing run.
 */
#ifndef MOONBILL_BILLING_RENEWAL_CANCEL_H
#define MOONBILL_BILLING_RENEWAL_CANCEL_H

#include "invoice.h"
#include "subscription.h"

/* Does the invoice charge of it for more than its period? A renewal of hours within a day that is charged already waits
 * for the invoice of that day, which stays when the renewal is given up. */
bool renewal_charges_anew(struct command *command, const struct account *account, const struct invoice *invoice,
                          const struct subscription *subscription, bool *anew);
/* The invoice is cancelled: what waits for it is served as before. */
bool renewal_invoice_cancelled(struct command *command, const struct invoice *invoice);
/* The subscription has ended and waits no more; `invoice_id`: what it waited for. That is cancelled unless something was paid
 * of it. */
bool renewal_lapse(struct command *command, const struct account *account, struct subscription *subscription, int64_t invoice_id);
/* A renewal that waits is given up, before its subscription ends: as above. */
bool renewal_give_up(struct command *command, const struct account *account, struct subscription *subscription);

#endif
