/* renewal_choice.h: what the policy `renewal` says of a subscription that would renew itself. */
#ifndef MOONBILL_BILLING_RENEWAL_CHOICE_H
#define MOONBILL_BILLING_RENEWAL_CHOICE_H

#include "event/command.h"

struct renewal_choice {
	struct duration period; /* that a rule chose; none: as usual */
	bool lapses;            /* its auto_renew is false from now on, so that its end comes */
};

/* Asks the plan's rule, the setting's, the bundle's or the shipped one. `usual`: how long it would go on otherwise. False with problems. */
bool renewal_choose(struct command *command, const struct account *account, const struct subscription *subscription,
                    const struct plan *plan, struct duration usual, struct renewal_choice *choice);

#endif
