/* convention_choice.h: which convention a subscription counts by, and whom its policies come after.
 *
 * The first of these that names one chooses it: the subscription, its plan, its account, the tenant's setting
 * billing.convention; else killbill. It is chosen where a plan is subscribed to or changed and kept in that row of the
 * timeline, so that what account and tenant say later touches nothing that was billed.
 *
 * Who decides an amount, in order: the plan's policies; the convention, unless tenant or default chose it; the setting
 * policies.KIND; the bundle's rules; the convention that tenant or default chose.
 */
#ifndef MOONBILL_BILLING_CONVENTION_CHOICE_H
#define MOONBILL_BILLING_CONVENTION_CHOICE_H

#include "convention.h"
#include "event/command.h"
#include "event/dispatch.h"
#include "records.gen.h"

/* `own`: what the subscription asks for, at `pointer`; `plan`, `account`: what they name; none where they name none.
 * False with PROBLEM_UNKNOWN_CONVENTION. */
bool convention_choose(struct command *command, struct text own, const char *pointer, struct text plan, struct text account,
                       struct convention_choice *choice);
/* The one that a line was counted by; of lines that no catalog plan made what account and tenant say now. */
bool convention_of_line(struct command *command, const struct account *account, const struct invoice_line *line,
                        struct convention_choice *choice);

/* Whom to ask for a plan with these policies of its own. */
void convention_policies(struct command *command, const struct policy_choice *own, size_t own_count,
                         struct convention_choice choice, struct policy_choices *policies);

#endif
