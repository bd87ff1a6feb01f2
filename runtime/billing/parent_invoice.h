/* parent_invoice.h: invoices of children that their parent pays.
 *
 * What a child's invoice owes is gathered on a draft of its parent, one line an invoice, one draft a day. At the end of the
 * day (UTC) the draft is committed as any other; when it is settled, so are the invoices that it gathered.
 */
#ifndef MOONBILL_BILLING_PARENT_INVOICE_H
#define MOONBILL_BILLING_PARENT_INVOICE_H

#include "event/command.h"

bool parent_pays(const struct account *account);
/* The parent exists, has the account's currency and no parent of its own. */
bool parent_check(struct command *command, const struct account *account);
/* After an invoice of `child` became open. */
bool parent_gather(struct command *command, const struct account *child, const struct invoice *invoice);
/* After an invoice was settled: settles what it gathered, if it did. */
bool parent_settle(struct command *command, const struct invoice *invoice);

#endif
