/* reach.h: how far back a command may have something billed.
 *
 * What a command begins or changes in the past is billed, or given back, period by period from that day on. A year that
 * was typed wrong must not become thousands of charges, and what one change makes must fit one commit.
 */
#ifndef MOONBILL_BILLING_REACH_H
#define MOONBILL_BILLING_REACH_H

#include "event/command.h"
#include "timeline.h"

enum { REACH_PERIODS_MAX = 4000, REACH_DAYS_MAX = 36525 };

/* Of so many periods from that day until today; false, with PROBLEM_OUT_OF_RANGE at `pointer`, when they are too many. */
bool reach_allows(struct command *command, struct date from, struct date today, int64_t periods, const char *pointer);
/* The same of all that was charged of the subscription from that moment on, or is to be until now by its timeline. What lies
 * ahead, or before it begins, does not count. */
bool reach_allows_timeline(struct command *command, const struct account *account, const struct subscription *subscription,
                           const struct timeline *timeline, struct instant from, const char *pointer);

#endif
