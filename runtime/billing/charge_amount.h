/* charge_amount.h: what a quantity of a charge costs for one whole period.
 *
 * Pure and exact: nothing here rounds. A flat charge is quantity x amount. With tiers
 *   volume      all units at the price of the bracket that the whole quantity falls into, plus that bracket's flat
 * part; graduated   the units of each bracket at its own price, plus the flat part of each bracket that is reached. A
 * bracket reaches from the end of the one before it to its own `units_to`, so that fractions of a unit (10.5 between
 * 1-10 and 11-50) belong to the upper one. Beyond the last bracket its price goes on.
 */
#ifndef MOONBILL_BILLING_CHARGE_AMOUNT_H
#define MOONBILL_BILLING_CHARGE_AMOUNT_H

#include "records.gen.h"

#include <stdbool.h>

/* Of a one-time, recurring or usage charge; `tier_mode` none takes the charge's own, and volume when it has none.
 * False on overflow. */
bool charge_amount(const struct charge *charge, struct decimal quantity, enum charge_tier_mode tier_mode,
                   const struct currency *currency, struct exact_money *amount);
/* Can a line bill it (billable.h)? */
bool charge_is_billable(const struct charge *charge, struct decimal quantity, const struct currency *currency);
/* When no order line gives one: the charge's standard quantity, or 1. */
struct decimal charge_standard_quantity(const struct charge *charge);

#endif
