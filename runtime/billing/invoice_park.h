/* invoice_park.h: what a run leaves out because its amount is too large to be billed.
 *
 * The rest of the account is billed. The audit row of the command says what was left out, the log and a metric too, and
 * it is tried again: recurring and fixed prices by every later run (subscription.derive_from stays before them), usage when
 * some of its window is recorded or removed, usage of an order by every run; until then it is unbilled. A subscription that
 * cannot be calculated (billing_trial.h) is left out whole: what it is charged, its discounts and percentages belong together.
 *
 * A calculation lists what it leaves out; whoever uses its result tells it, once.
 */
#ifndef MOONBILL_BILLING_INVOICE_PARK_H
#define MOONBILL_BILLING_INVOICE_PARK_H

#include "billing_trial.h"
#include "event/command.h"

struct parked {
	int64_t subscription_id;
	struct text what;  /* the plan, usage section or price code */
	struct date start; /* first day of what it would be for */
};
struct parked_list {
	struct parked *items;
	size_t count, capacity;
};

/* What the lines of a calculation were made without. */
void invoice_park(struct command *command, const struct parked_list *parked);
/* The subscriptions that it was made without, and what each failed with. */
void invoice_park_subscriptions(struct command *command, const struct billing_trial *trial);

#endif
