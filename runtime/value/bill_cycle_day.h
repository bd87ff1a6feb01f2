/* bill_cycle_day.h: the day of the month on which an account or subscription is billed (1 to 31; 0 = not set).
 * A day beyond a month's end means its last day. Source: killbill.md b.2; cases killbill/bcd. Pure. */
#ifndef MOONBILL_VALUE_BILL_CYCLE_DAY_H
#define MOONBILL_VALUE_BILL_CYCLE_DAY_H

#include "calendar.h"
#include "timezone.h"

/* The day on which the first charge that costs something falls, on the local calendar. */
int bill_cycle_day_from_first_paid_charge(struct instant first_paid_charge_at, const struct timezone_rules *zone);
/* The bill cycle date in the month of `proposed` (it may lie before it). */
struct date bill_cycle_day_align_same_month(struct date proposed, int day, enum billing_period period);
/* The first bill cycle date on or after `current`; `previous` (or none) is the last one: periods that are not
 * made of months go on from it, at least by one. */
struct date bill_cycle_day_align_next(struct date previous, struct date current, int day, enum billing_period period);
/* When a new day takes effect: the next such date on or after `requested_from` (none = today), never
 * before the subscription's start. *immediately is set when no date was requested and it is today: then the
 * change takes effect at this instant instead of at the day's begin. */
struct date bill_cycle_day_effective_date(struct date today, struct date subscription_start, int new_day,
                                          struct date requested_from, bool *immediately);

#endif
