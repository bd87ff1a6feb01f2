/* billing_trial.c: an invoice of what can be billed, without the subscriptions whose amounts do not fit. */
#include "billing_trial.h"

bool is_left_out(const struct left_out *left_out, int64_t subscription_id)
{
	if (!left_out)
		return false;
	if (left_out->only)
		return subscription_id != left_out->only;
	for (size_t i = 0; i < left_out->count; i++)
		if (left_out->items[i] == subscription_id)
			return true;
	return false;
}

/* *too_large: why it does not fit; NULL when it does. False: it failed for another reason. */
static bool attempt(struct command *command, struct billing_trial *trial, const struct left_out *left_out,
                    struct problem **too_large)
{
	struct problems *outer = command->problems, own;
	problems_init(&own, command->arena);
	command->problems = &own;
	bool made = trial->calculate(command, trial->context, left_out);
	command->problems = outer;
	bool overflow = !made && own.first && own.first->code == PROBLEM_OVERFLOW && !store_failed(command->store);
	*too_large = overflow ? own.first : NULL;
	if (!made && !overflow)
		problems_copy(outer, &own);
	return made || overflow;
}

static void leave_out(struct command *command, struct billing_trial *trial, int64_t subscription_id, struct problem *reason)
{
	trial->reasons[trial->left_out.count] = reason;
	*list_add(command->arena, &trial->left_out, int64_t) = subscription_id;
}

static bool leave_out_what_fails_alone(struct command *command, struct billing_trial *trial)
{
	for (size_t i = 0; i < trial->count; i++) {
		struct left_out others = { .only = trial->candidates[i] };
		struct problem *reason;
		if (!attempt(command, trial, &others, &reason))
			return false;
		if (reason)
			leave_out(command, trial, trial->candidates[i], reason);
	}
	return true;
}

/* Each comes to those that fit so far, or is left out. */
static bool leave_out_what_fails_beside_others(struct command *command, struct billing_trial *trial)
{
	struct left_out rest = { 0 };
	for (size_t i = trial->count; i > 0; i--)
		*list_add(command->arena, &rest, int64_t) = trial->candidates[i - 1];
	for (size_t i = 0; i < trial->count; i++) {
		int64_t id = trial->candidates[i];
		struct problem *reason;
		if (is_left_out(&trial->left_out, id))
			continue;
		size_t at = 0;
		while (rest.items[at] != id)
			at++;
		rest.items[at] = rest.items[rest.count - 1];
		rest.count--;
		if (!attempt(command, trial, &rest, &reason))
			return false;
		if (!reason)
			continue;
		*list_add(command->arena, &rest, int64_t) = id;
		leave_out(command, trial, id, reason);
	}
	return true;
}

bool billing_trial_run(struct command *command, struct billing_trial *trial)
{
	struct problem *reason;
	trial->left_out = (struct left_out){ 0 };
	if (!attempt(command, trial, NULL, &reason))
		return false;
	if (!reason)
		return true;
	trial->reasons = arena_new_many(command->arena, struct problem *, trial->count + 1);
	if (!leave_out_what_fails_alone(command, trial) || !attempt(command, trial, &trial->left_out, &reason))
		return false;
	if (!reason)
		return true;
	return leave_out_what_fails_beside_others(command, trial) &&
	       trial->calculate(command, trial->context, &trial->left_out);
}
