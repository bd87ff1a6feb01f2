/* usage_arrear.h: what invoice runs ask of the usage of subscriptions that were subscribed to directly.
 *
 *     windows completed until the target, and windows with records that came or went since --rate--> items
 *     the run writes its invoice; usage_settle marks the records and how far each section is
 *
 * A section's progress (usage_progress) is the day it is billed through and the last revision of a record it has seen.
 * A run reads the windows after that day and those that hold a younger revision, nothing else. A window that was billed
 * is rated again whole and the difference decided by the usage_late policy: nothing is lost, nothing stops the run.
 */
#ifndef MOONBILL_BILLING_USAGE_ARREAR_H
#define MOONBILL_BILLING_USAGE_ARREAR_H

#include "billing_event.h"
#include "event/command.h"
#include "invoice.h"
#include "invoice_park.h"

/* Windows that a run bills, and what of them is not on a line was decided to be nothing. */
struct usage_closed {
	struct text section;
	struct period period;
};
struct usage_closed_list {
	struct usage_closed *items;
	size_t count, capacity;
};
struct usage_proposal {
	struct billing_item_list items;
	struct invoice_line_list charged;
	struct parked_list *parked;
	struct usage_closed_list closed;
};
/* Items of kind usage for what is due on `target`: `exact` is set, `amount` is the run's to round; of those that go back of a line
 * it is as low as it may become, and their linked_id is the line's number in `charged`, from 1. What is too large is in `parked`
 * instead. Writes nothing. `events` are all of the subscription's, not only those since it was charged. */
bool usage_propose(struct command *command, const struct account *account, const struct subscription *subscription,
                   const struct billing_event_list *events, struct date target, struct usage_proposal *proposal);

/* The same of the windows that run today, as far as they are not billed: what they come to by now, in one item each. */
bool usage_propose_running(struct command *command, const struct account *account, const struct subscription *subscription,
                           const struct billing_event_list *events, struct billing_item_list *items);

/* After the run of that `target` has written its invoice (NULL: nothing was due): marks the records billed on their
 * lines, and the sections as far as `target`. Runs also after proposals without an item. */
bool usage_settle(struct command *command, const struct account *account, const struct subscription *subscription,
                  const struct billing_event_list *events, struct date target, const struct invoice *invoice);

/* An invoice is cancelled: what it billed is unbilled, and the next run rates its windows again. */
bool usage_unsettle(struct command *command, const struct invoice *invoice);

/* Subscriptions of the account that have ended and have records that no run has billed or given back: ids in order. Others
 * a run looks at anyway. */
struct usage_subscriptions {
	int64_t *items;
	size_t count, capacity;
};
bool usage_waiting(struct command *command, int64_t account_id, struct usage_subscriptions *subscriptions);

#endif
