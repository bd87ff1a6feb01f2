/* subscription_cycle.h: the billing cycle that a subscription is in, as two moments. */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_CYCLE_H
#define MOONBILL_BILLING_SUBSCRIPTION_CYCLE_H

#include "subscription.h"

struct cycle_moments {
	struct instant start, end; /* none: nothing recurs then */
	struct instant trial_start, trial_end; /* none: there is or was no trial */
	bool in_trial;
};
/* Of a subscription that was subscribed to directly. In a trial the cycle is the trial; before billing begins it is the time
 * from service to billing. */
bool subscription_cycle_at(struct command *command, const struct account *account, const struct subscription *subscription,
                           struct instant at, struct cycle_moments *cycle);

#endif
