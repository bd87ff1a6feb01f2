/* item_line.h: billed and proposed items as lines of invoices. */
#ifndef MOONBILL_BILLING_ITEM_LINE_H
#define MOONBILL_BILLING_ITEM_LINE_H

#include "invoice_calculate.h"
#include "item_amount.h"

/* The items of lines; an item's id is its place in the list, from 1, and so is linked_id. Repairs and adjustments of lines
 * that are not in the list are left out. */
void items_of_lines(struct arena *arena, const struct invoice_line_list *lines, struct billing_item_list *items);
/* Appends a line for each item, after the lines that are there. `billed`: the lines that linked_id counts in. */
bool lines_of_items(struct item_amount *amount, const struct billing_item_list *items,
                    const struct invoice_line_list *billed, struct invoice_line_list *lines);

#endif
