/* usage_return.h: usage that has become less goes back of the lines that charged it, the last of them first.
 *
 * What is due of a window below zero becomes an item for each line that it goes back of, which names that line, so that repairs'
 * rules hold for it: no more goes back than adjustments, credit notes and earlier runs have left of the line, and its taxes
 * and discounts go along. What the lines have no longer went back by a person's hand, and does not go back again: a line of which nothing
 * is left then has an item of 0.
 */
#ifndef MOONBILL_BILLING_USAGE_RETURN_H
#define MOONBILL_BILLING_USAGE_RETURN_H

#include "billing_event.h"
#include "invoice.h"
#include "usage_due.h"

/* Appends the items of `whole`, whose `exact` is below zero, with their linked_id in `charged`, to which the lines that they go
 * back of are appended; `amount` is what these have left, below zero. */
bool usage_return(struct command *command, const struct usage_due *due, const struct billing_item *whole,
                  struct billing_item_list *items, struct invoice_line_list *charged);

#endif
