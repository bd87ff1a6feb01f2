/* price_bound.h: what stands around the price of a quantity: units billed in a measure of their own, a least and a most
 * that all of a period costs.
 *
 * Pure: no store, no rules; nothing here rounds money. False when a number does not fit. Source: peers.md d.1 and d.2; cases
 * peers/charge_models.
 */
#ifndef MOONBILL_BILLING_PRICE_BOUND_H
#define MOONBILL_BILLING_PRICE_BOUND_H

#include "value/decimal.h"
#include "value/money.h"

/* The units that are billed for `quantity` of what is measured: quantity / size as a whole number, rounded by `mode`.
 * 1,400 requests billed by the thousand, rounded up, are 2. `size` is above 0. */
bool price_units(struct decimal quantity, struct decimal size, enum rounding mode, struct decimal *units);

/* What a line of all that the period has cost before is short of the least that it costs; 0 when it is not. */
bool price_top_up(struct exact_money minimum, struct exact_money billed_before, struct exact_money line,
                  struct exact_money *top_up);
/* What is taken off the line because the period costs so much at most; all of it at most. */
bool price_over_maximum(struct exact_money maximum, struct exact_money billed_before, struct exact_money line,
                        struct exact_money *taken_off);

#endif
