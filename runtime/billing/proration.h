/* proration.h: what a proration policy is told of a part of a period.
 *
 * Pure. A part never reaches beyond its period. Days are those of the calendar; seconds are told where the convention
 * counts them, by the account's clock, so that a day on which clocks change is an hour shorter or longer.
 */
#ifndef MOONBILL_BILLING_PRORATION_H
#define MOONBILL_BILLING_PRORATION_H

#include "records.gen.h"
#include "value/calendar.h"
#include "value/timezone.h"

struct proration_change proration_change_of(struct exact_money price, enum proration_change_reason reason,
                                            struct period whole, struct period service);
/* Of something that is given back: what was charged, and the days it was charged for. */
void proration_change_billed(struct proration_change *change, struct exact_money paid, struct period billed);
/* Tells seconds as well: of the part [from, to) of the period [start, end), cut to it. */
void proration_change_time(struct proration_change *change, struct instant start, struct instant end, struct instant from,
                           struct instant to);
/* The same for parts that begin and end at midnight in the account's zone. */
void proration_change_zone(struct proration_change *change, const struct timezone_rules *zone);

#endif
