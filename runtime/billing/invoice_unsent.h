/* invoice_unsent.h: what a rule puts on an invoice that is there and was not sent, in place of one of its own. */
#ifndef MOONBILL_BILLING_INVOICE_UNSENT_H
#define MOONBILL_BILLING_INVOICE_UNSENT_H

#include "invoice.h"

/* The lines of an invoice that is about to be made go to the account's newest one that is owed whole and unsent: *unsent,
 * which then owes them too. NULL when there is none, or when what is made gives back, waits as a draft, bills usage or uses
 * a coupon: those have an invoice of their own. Lines are settled and `invoice` has no rows. */
bool invoice_append_to_unsent(struct command *command, const struct invoice_origin *origin, const struct invoice *invoice,
                              struct invoice **unsent);

#endif
