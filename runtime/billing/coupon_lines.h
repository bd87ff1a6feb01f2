/* coupon_lines.h: what coupons take off the lines of an invoice, and what repairs give back of that.
 *
 *     lines that take back (repair, usage below zero)   -> a discount line above zero each: the share of the discounts
 *                                                          that what they take from bore
 *     lines that charge (fixed, recurring, usage)       -> discount lines below zero, by day due, percentages before
 *                                                          fixed amounts, each of what those before it have left
 *
 * Each discount line lies on one line (linked_position) and names its redemption and the billing period that the coupon is
 * used for (coupon_period_start, _end). Lines of one period that are due on one day are discounted together: the
 * discount policy is asked once, its answer is rounded and spread by largest remainder. Lines of orders come first, less the
 * discounts of the order itself; what of a fixed amount they have left is there for what was subscribed to directly.
 *
 * Nothing else is remembered. Which periods a redemption was used for are those in which its lines on invoices that were
 * not cancelled come to something; a period given back in full may be used again. A charge within a period that was used
 * is discounted, whenever it is made; another one opens its own billing period while there are any left. So it makes no
 * difference how the clock goes, and a second run adds nothing: discounts come with the lines that they lie on.
 */
#ifndef MOONBILL_BILLING_COUPON_LINES_H
#define MOONBILL_BILLING_COUPON_LINES_H

#include "invoice_calculate.h"
#include "item_amount.h"

/* What is subscribed to directly: appends discount lines for those from number `first` on. Nothing to do unless account->discounted. */
bool coupon_lines_add(struct item_amount *amount, size_t first, struct invoice_calculation *calculation);
/* Appends discount lines for the charges of orders, which are cents; `uses` follows. */
struct invoice_work;
struct coupon_uses;
bool coupon_lines_of_orders(struct invoice_work *orders, struct coupon_uses *uses);
/* Pure: what line number `i` comes to with the discounts that lie on it. False on overflow. */
bool coupon_net(const struct invoice_line_list *lines, size_t first, size_t i, struct money *net);

#endif
