/* billing_span.h: on which grids a subscription of an order is billed, stretch by stretch.
 *
 * Without service terms: one stretch, on the account's grid. With them each period of its terms is one, whose cycles are counted
 * from its own first day and come back to its day of the month, so that a month costs a month whatever day it begins; days
 * between two periods belong to none. A period of hours has the days that it touches.
 */
#ifndef MOONBILL_BILLING_BILLING_SPAN_H
#define MOONBILL_BILLING_BILLING_SPAN_H

#include "subscription.h"

struct billing_span {
	struct date start, end; /* end: none of the last one */
	struct billing_grid grid;
};
struct billing_spans { struct billing_span *items; size_t count, capacity; };

/* Those that hold days from charged_through on, in order, at least one; with a renewal order that waits, its too. A
 * subscription without an id is one that an order would make. */
bool billing_spans_of(struct command *command, const struct account *account, const struct plan *plan,
                      const struct subscription *subscription, struct billing_spans *spans);
/* The one stretch of a subscription without service terms. */
struct billing_spans billing_spans_plain(struct command *command, const struct account *account, const struct plan *plan,
                                         struct date start);
/* The grid of the stretch that holds the day, or comes next. */
const struct billing_grid *billing_spans_grid(const struct billing_spans *spans, struct date day);
/* The first cycle start on or after the day. */
struct date billing_spans_next_start(const struct billing_spans *spans, struct date day);
/* As billing_parts_due, over all of them. */
size_t billing_spans_parts(const struct billing_spans *spans, const struct subscription *subscription, struct date until,
                           struct billing_part *parts, size_t capacity);

#endif
