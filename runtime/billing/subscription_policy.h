/* subscription_policy.h: when a change or cancellation takes effect: what was asked, else the policies `change` and
 * `cancel`, whose shipped rule is the catalog's. */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_POLICY_H
#define MOONBILL_BILLING_SUBSCRIPTION_POLICY_H

#include "event/dispatch.h"
#include "subscription_moment.h"

struct policy_moment {
	struct instant at;          /* asked for; none: by a policy */
	enum catalog_policy asked;  /* 0: by the rules */
	enum catalog_policy by_rule; /* what the catalog's rules say */
	const struct catalog_plan *new_plan; /* of a change; NULL */
	enum policy policy;         /* POLICY_CHANGE, POLICY_CANCEL */
	const char *pointer;        /* of the field that could have asked */
};

/* Never before the subscription's start, nor, by policy, before its phase. False when the rules do not allow it. */
bool policy_moment(struct command *command, const struct account *account, const struct subscription *subscription,
                   const struct timeline *timeline, const struct policy_moment *question, struct instant *moment);
/* After a pre rule may have assigned: another policy counts, else another moment. `policy` and *moment as they were. */
bool policy_moment_ruled(struct command *command, const struct account *account,
                         const struct subscription *subscription, const struct timeline *timeline,
                         const struct event_details *details, struct text policy, struct instant *moment);

#endif
