/* billable.h: how large an amount of one line may be. Pure.
 *
 * Far below 64 bits, so that sums over all lines of an invoice, their taxes and an account's balance always fit. Commands refuse
 * what would lead beyond; what gets there all the same (usage, a later version of the catalog) a run leaves out and tells
 * (invoice_park.h).
 */
#ifndef MOONBILL_BILLING_BILLABLE_H
#define MOONBILL_BILLING_BILLABLE_H

#include "value/money.h"

#include <stdbool.h>

#define BILLABLE_MINOR_MAX INT64_C(1000000000000000)

bool billable_money(struct money amount);
bool billable_exact(struct exact_money amount);
/* What a whole period, or a phase, costs. */
bool billable_price(struct decimal price, struct decimal quantity, const struct currency *currency);

#endif
