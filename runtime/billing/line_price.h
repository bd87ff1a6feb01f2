/* line_price.h: what a recurring line of an invoice is a part of: the price of a whole period, and that period.
 *
 * Its decision keeps both. A line whose amount a rule gave is a part of nothing: it is the price of its own days.
 */
#ifndef MOONBILL_BILLING_LINE_PRICE_H
#define MOONBILL_BILLING_LINE_PRICE_H

#include "base/arena.h"
#include "billing_event.h"
#include "records.gen.h"
#include "value/calendar.h"

#include <stdbool.h>

/* The period that its price is for. */
struct period line_whole(struct arena *arena, const struct invoice_line *line);
/* Where seconds are counted, the moments that its dates stand for; none: they were not kept. */
struct billing_moments line_moments(struct arena *arena, const struct invoice_line *line);
/* The moments for which the dates of a part of the line stand: its own at its ends, midnight within. Those of lines that keep none
 * are midnights too. */
struct span_moments {
	struct instant from, to;
};
struct span_moments line_part_moments(struct arena *arena, const struct invoice_line *line, struct period part,
                                      const struct timezone_rules *zone);
/* The question of the proration policy that asks what of the line is given back for `unused`, which is cut to the line's
 * days. False when an amount is too large. */
bool line_price_change(struct arena *arena, const struct invoice_line *line, struct period unused,
                       struct proration_change *change);

#endif
