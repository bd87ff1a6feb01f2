/* renewal_choice.c: what the policy `renewal` says of a subscription that would renew itself. */
#include "renewal_choice.h"

#include "event/dispatch.h"

/* As a customer would who does not want it any more: listeners hear of it, and nothing is renewed. */
static bool lapse(struct command *command, int64_t subscription_id)
{
	const struct subscription_update update = { .id = subscription_id, .has_auto_renew = true };
	struct subscription *updated;
	return command_perform(command, "subscription.update", &update, (void **)&updated);
}

bool renewal_choose(struct command *command, const struct account *account, const struct subscription *subscription,
                    const struct plan *plan, struct duration usual, struct renewal_choice *choice)
{
	const struct renewal_request request = {
		.account_id = account->id, .subscription_id = subscription->id, .plan = plan->code, .start_date = subscription->start_date,
		.end_date = subscription->end_date, .period = usual, .today = command_today(command, account),
	};
	struct rule_result result;
	if (!policy_decide(command, POLICY_RENEWAL, &request, plan->policies.items, plan->policies.count, false, &result))
		return false;
	const struct renewal_decision *decision = result.record;
	*choice = (struct renewal_choice){ decision->period, decision->lapse };
	return !choice->lapses || lapse(command, subscription->id);
}
