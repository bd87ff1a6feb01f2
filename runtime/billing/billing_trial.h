/* billing_trial.h: an invoice of what can be billed, without the subscriptions whose amounts do not fit.
 *
 * A calculation that overflows (a price, percentage, tax or discount that is too large, or too fine to be exact) is made
 * again without the subscriptions at fault: those that fail alone, then those that fail beside older ones. They are searched
 * by halves, so that a few among many cost a few calculations more; the memory of each that fails is given back. The rest of
 * the account is billed; what was left out is told (invoice_park.h) and stays unbilled, so that later runs try it again.
 * Anything else that fails, a tenant's rule above all, fails the run: its job is repeated.
 */
#ifndef MOONBILL_BILLING_BILLING_TRIAL_H
#define MOONBILL_BILLING_BILLING_TRIAL_H

#include "event/command.h"

/* The subscriptions that a calculation passes over. */
struct left_out {
	int64_t *items; /* ascending */
	size_t count, capacity;
	bool all_but; /* and all but those from `first` to `last` */
	int64_t first, last;
};
/* `left_out` NULL: none. */
bool is_left_out(const struct left_out *left_out, int64_t subscription_id);

struct billing_trial {
	/* From the beginning, as often as it is asked; writes nothing. It keeps nothing in memory of the command from one time to
	 * the next. */
	bool (*calculate)(struct command *command, void *context, const struct left_out *left_out);
	void *context;
	const int64_t *candidates; /* the subscriptions that it calculates, in any order */
	size_t count;
	/* out: what the last calculation, which holds, was made without */
	struct left_out left_out;
	struct problem **reasons;  /* of the same number */
};

bool billing_trial_run(struct command *command, struct billing_trial *trial);

#endif
