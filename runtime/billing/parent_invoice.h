/* parent_invoice.h: invoices of children that their parent pays.
 *
 * What a child's invoice owes is gathered on a draft of its parent, one line a child, which grows with each further invoice of
 * that child. At the end of the day (UTC) the draft is committed as any other; when it is settled, so are the invoices that
 * it gathered.
 *
 * Until then the parent's line follows the child: what is taken off what a gathered invoice owes (an adjustment, a credit
 * note, a credit of the child, a payment, a cancellation, a write-off) is taken off the line of a draft; of an invoice that is
 * open already it is an adjustment of the line, and what the parent paid of that is a credit of the parent. Once the parent
 * has paid, the money is the child's: what is taken back then is a credit of the child. What was taken off its line by hand nobody
 * paid: that much is given up of the child's invoices, so that a repair of them gives back no more than was paid.
 *
 *     child's invoice: parent_invoice_id, gathered = its balance      while the parent's is draft or open
 *     parent's line:   amount + adjustments that follow the child = sum of gathered
 */
#ifndef MOONBILL_BILLING_PARENT_INVOICE_H
#define MOONBILL_BILLING_PARENT_INVOICE_H

#include "event/command.h"

bool parent_pays(const struct account *account);
/* The parent exists, has the account's currency and no parent of its own; the account has no children. */
bool parent_check(struct command *command, const struct account *account);

/* ---- the child's side ---- */
/* After an invoice of `child` became open, or was settled at once. */
bool parent_gather(struct command *command, const struct account *child, struct invoice *invoice);
/* After the balance of an invoice changed, whether it is gathered or not. May settle it: *invoice is as it is then. */
bool parent_follow(struct command *command, struct invoice *invoice);

/* ---- the parent's side; each does nothing for an invoice that gathers none ---- */
/* After an invoice was settled: settles what it gathered, as far as its lines were paid; the rest is given up. */
bool parent_settle(struct command *command, const struct invoice *invoice);
/* Before an invoice is cancelled, owed again or taken back: refuses (wrong_state) one that has settled invoices of children. */
bool parent_check_unsettled(struct command *command, const struct invoice *invoice, const char *remedy);
/* After an invoice was cancelled: what it gathered is owed by the children themselves. */
bool parent_release(struct command *command, const struct invoice *invoice);
/* After an invoice was written off of which `paid` was paid: that settles children's invoices as far as it goes, the oldest
 * first; what they owe then is written off too. */
bool parent_give_up(struct command *command, const struct invoice *invoice, struct money paid);

#endif
