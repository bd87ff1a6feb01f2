/* invoice_adjust_tax.h: the taxes and percentages that go with days of a line which are adjusted by hand.
 *
 * As large a part of each as is taken of what discounts have left of the line, by the rules of credit_note_draft.h; with the
 * last of the line all that is left of a tax that lies on it alone, so that adjustments add up to it.
 */
#ifndef MOONBILL_BILLING_INVOICE_ADJUST_TAX_H
#define MOONBILL_BILLING_INVOICE_ADJUST_TAX_H

#include "credit_note_taken.h"
#include "event/command.h"
#include "invoice_calculate.h"

struct adjusted_tax {
	const struct invoice_line *line;
	struct money amount; /* above zero: what goes of it */
};
struct adjusted_taxes {
	struct adjusted_tax *items;
	size_t count, capacity;
};

/* `amount` of the line is taken, before which `taken` was; `left`: what these have left of it. In the order of the lines. */
bool invoice_adjust_taxes(struct command *command, const struct account *account, const struct invoice *invoice,
                          const struct invoice_line *line, struct money amount, struct money left,
                          const struct note_taken *taken, struct adjusted_taxes *taxes);

#endif
