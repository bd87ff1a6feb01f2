/* invoice_tax_lines.h: the tax lines of an invoice of plans that were subscribed to directly.
 *
 * Which taxes lie on a line the tax_rates policy says, what each comes to the tax policy, where they become cents the
 * rounding policy (invoice_tax.h). There is a line for each tax of each line, so that what is given back of a line later
 * finds its taxes: linked_position names the line, of the same invoice. A tax that prices have in them adds nothing: its
 * line is of 0, and its decision tells how much is included.
 */
#ifndef MOONBILL_BILLING_INVOICE_TAX_LINES_H
#define MOONBILL_BILLING_INVOICE_TAX_LINES_H

#include "invoice_calculate.h"

/* Appends the taxes of the lines from number `first` on (from 0) that are fixed, recurring, usage, repair, true_up or progressive of a
 * catalog plan, and tells in calculation->rounding how. Does nothing where nobody decides taxes. */
bool invoice_tax_lines_add(struct command *command, const struct account *account, size_t first,
                           struct invoice_calculation *calculation);

#endif
