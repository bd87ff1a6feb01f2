/* billing_trial.h: an invoice of what can be billed, without the subscriptions whose amounts do not fit.
 *
 * A calculation that overflows (a price, percentage, tax or discount that is too large, or too fine to be exact) is made
 * again without the subscriptions at fault: those that fail alone, then those that fail beside the others. The rest of the
 * account is billed; what was left out is told (invoice_park.h) and stays unbilled, so that later runs try it again.
 * Anything else that fails, a tenant's rule above all, fails the run: its job is repeated.
 */
#ifndef MOONBILL_BILLING_BILLING_TRIAL_H
#define MOONBILL_BILLING_BILLING_TRIAL_H

#include "event/command.h"

/* The subscriptions that a calculation passes over. */
struct left_out {
	int64_t *items;
	size_t count, capacity;
	int64_t only; /* not 0: all but this one */
};
/* `left_out` NULL: none. */
bool is_left_out(const struct left_out *left_out, int64_t subscription_id);

struct billing_trial {
	/* From the beginning, as often as it is asked; writes nothing. */
	bool (*calculate)(struct command *command, void *context, const struct left_out *left_out);
	void *context;
	const int64_t *candidates; /* the subscriptions that it calculates */
	size_t count;
	/* out: what the last calculation, which holds, was made without */
	struct left_out left_out;
	struct problem **reasons;  /* of the same number */
};

bool billing_trial_run(struct command *command, struct billing_trial *trial);

#endif
