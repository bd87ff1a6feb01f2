/* blocking_state.c: what services say they hold back of an account, a bundle or a subscription. */
#include "blocking_state.h"

#include "account.h"
#include "event/dispatch.h"
#include "marked_object.h"
#include "subscription_advance.h"
#include "subscription_bundle.h"
#include "subscription_moment.h"

static const char BEGIN[] = "blocking_state.begin", ENTITLEMENT[] = "entitlement";

/* ------------------------------------------------------------------------------------------------ reading */

bool blocking_state_find(struct command *command, int64_t id, struct blocking_state **state)
{
	return store_find(command->store, &blocking_state_record, id, (void **)state);
}

bool blocking_state_page(struct command *command, int64_t account_id, struct page_query page,
                         struct blocking_state_list *states)
{
	return store_all(command->store, STATEMENT_BLOCKING_STATE_OF_ACCOUNT,
	                 BINDS(bind_id(account_id), bind_integer(page.after_id), bind_integer(page_limit(page))),
	                 &blocking_state_record, LIST(states));
}

bool blocking_states_of(struct command *command, const struct subscription *subscription,
                        struct blocking_state_list *states)
{
	return store_all(command->store, STATEMENT_BLOCKING_STATE_OF_OBJECT,
	                 BINDS(bind_id(subscription->account_id), bind_id(subscription->bundle_id),
	                       bind_id(subscription->id)),
	                 &blocking_state_record, LIST(states));
}

bool blocking_allows_change(struct command *command, const struct subscription *subscription, const char *pointer)
{
	struct blocking_state_list states = { 0 };
	if (!blocking_states_of(command, subscription, &states))
		return false;
	return !blocked_kinds_at(states.items, states.count, command->now).change ||
	       problem(command->problems, PROBLEM_WRONG_STATE, pointer,
	               "changes of subscription %lld are blocked: it, its bundle or its account is paused or held back",
	               (long long)subscription->id);
}

/* ------------------------------------------------------------------------------------------------ events */

/* What the object's own states blocked at an instant, the one just set left out when `without` names it. */
static bool blocked_by_object(struct command *command, const struct blocking_state *state, struct instant at,
                              int64_t without, struct blocked_kinds *blocked)
{
	struct blocking_state_list all = { 0 }, own = { 0 };
	int64_t bundle = state->level == BLOCKING_STATE_LEVEL_BUNDLE ? state->object_id : 0;
	int64_t subscription = state->level == BLOCKING_STATE_LEVEL_SUBSCRIPTION ? state->object_id : 0;
	if (!store_all(command->store, STATEMENT_BLOCKING_STATE_OF_OBJECT,
	               BINDS(bind_id(state->account_id), bind_id(bundle), bind_id(subscription)), &blocking_state_record,
	               LIST(&all)))
		return false;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].level == state->level && all.items[i].id != without)
			*list_add(command->arena, &own, struct blocking_state) = all.items[i];
	*blocked = blocked_kinds_at(own.items, own.count, at);
	return true;
}

static bool blocks(const struct blocking_state *state)
{
	return state->block_change || state->block_entitlement || state->block_billing;
}

static enum event event_of(const struct blocking_state *state)
{
	if (!text_is(state->service, ENTITLEMENT))
		return EVENT_BLOCKING_STATE_CHANGE;
	return blocks(state) ? EVENT_BUNDLE_PAUSE : EVENT_BUNDLE_RESUME;
}

static struct occurrence occurrence_for(struct blocking_state *state)
{
	static const char *const types[] = {
		[BLOCKING_STATE_LEVEL_ACCOUNT] = "ACCOUNT",
		[BLOCKING_STATE_LEVEL_BUNDLE] = "BUNDLE",
		[BLOCKING_STATE_LEVEL_SUBSCRIPTION] = "SUBSCRIPTION",
	};
	struct occurrence occurrence = occurrence_of(event_of(state), &blocking_state_record, state, state->object_id,
	                                             state->account_id);
	occurrence.object_type = types[state->level];
	occurrence.effective_at = occurrence.details.effective_at = state->effective_at;
	occurrence.details.bundle_id = state->level == BLOCKING_STATE_LEVEL_BUNDLE ? state->object_id : 0;
	return occurrence;
}

static bool announce(struct command *command, struct blocking_state *state)
{
	_Static_assert((int)BLOCKING_STATE_LEVEL_SUBSCRIPTION == (int)TAG_OBJECT_TYPE_SUBSCRIPTION, "levels are such objects");
	struct blocked_kinds before, after;
	struct marked_object object;
	struct occurrence begun = occurrence_for(state);
	if (!marked_object_need(command, (enum tag_object_type)state->level, state->object_id, &object) ||
	    !blocked_by_object(command, state, state->effective_at, state->id, &before) ||
	    !blocked_by_object(command, state, state->effective_at, 0, &after))
		return false;
	struct event_details *details = &begun.details;
	details->object_uuid = object.uuid;
	details->has_to_blocked_billing = details->has_to_unblocked_billing = true;
	details->has_to_blocked_entitlement = details->has_to_unblocked_entitlement = true;
	details->to_blocked_billing = !before.billing && after.billing;
	details->to_unblocked_billing = before.billing && !after.billing;
	details->to_blocked_entitlement = !before.entitlement && after.entitlement;
	details->to_unblocked_entitlement = before.entitlement && !after.entitlement;
	return event_post(command, &begun);
}

/* The service's word is heard now, or by a job when its moment comes. */
static bool announce_in_time(struct command *command, struct blocking_state *state)
{
	if (state->effective_at.us <= command->now.us)
		return announce(command, state);
	return job_add(command, BEGIN, state->account_id, state->id, state->effective_at, TEXT_NONE);
}

static bool begin_job(struct command *command, const struct job *job)
{
	struct blocking_state *state;
	if (!blocking_state_find(command, job->object_id, &state) || !state)
		return !store_failed(command->store);
	command_object(command, "blocking_state", state->id, state->account_id);
	return announce(command, state);
}

/* ------------------------------------------------------------------------------------------------ what is blocked */

struct blocking {
	struct account *account;
	struct subscription_bundle *bundle;
	struct subscription *subscription;
};

static int64_t named_once(const struct blocking_state_set *input)
{
	return (input->account_id != 0) + (input->bundle_id != 0) + (input->subscription_id != 0);
}

static bool find_object(struct command *command, const struct blocking_state_set *input, struct blocking *blocking)
{
	if (named_once(input) != 1)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/account_id",
		               "one of account_id, bundle_id and subscription_id tells what is meant");
	if (input->subscription_id)
		return subscription_need_direct(command, input->subscription_id, &blocking->subscription, &blocking->account);
	if (input->bundle_id) {
		blocking->bundle = subscription_bundle_need(command, input->bundle_id, "/bundle_id");
		if (!blocking->bundle)
			return false;
	}
	int64_t account_id = blocking->bundle ? blocking->bundle->account_id : input->account_id;
	blocking->account = account_need(command, account_id, "/account_id");
	return blocking->account != NULL;
}

static struct blocking_state *state_of(struct command *command, const struct blocking *blocking,
                                       const struct blocking_state_set *input, struct instant at)
{
	struct blocking_state *state = arena_new(command->arena, struct blocking_state);
	state->id = store_new_id(command->store, "blocking_state");
	state->account_id = blocking->account->id;
	state->level = blocking->subscription ? BLOCKING_STATE_LEVEL_SUBSCRIPTION
	               : blocking->bundle     ? BLOCKING_STATE_LEVEL_BUNDLE
	                                      : BLOCKING_STATE_LEVEL_ACCOUNT;
	state->object_id = blocking->subscription ? blocking->subscription->id
	                   : blocking->bundle     ? blocking->bundle->id
	                                          : blocking->account->id;
	state->service = input->service;
	state->state = input->state;
	state->block_change = input->has_block_change && input->block_change;
	state->block_entitlement = input->has_block_entitlement && input->block_entitlement;
	state->block_billing = input->has_block_billing && input->block_billing;
	state->effective_at = at;
	state->created_at = command->now;
	return state;
}

static bool touch_blocked(struct command *command, const struct blocking *blocking, struct instant at)
{
	struct subscription_touch touch = { .from = at };
	if (blocking->subscription)
		return subscription_touch(command, blocking->account, blocking->subscription, &touch);
	return subscriptions_touch(command, blocking->account, blocking->bundle, &touch);
}

static bool set_state(struct command *command, const struct blocking *blocking, struct blocking_state *state)
{
	struct occurrence asked = occurrence_for(state);
	command_object(command, "blocking_state", state->id, state->account_id);
	return state->id && event_pre(command, &asked) && store_insert(command->store, &blocking_state_record, state) &&
	       touch_blocked(command, blocking, state->effective_at) && announce_in_time(command, state) &&
	       subscription_bill(command, blocking->account, state->effective_at);
}

static bool find_moment(struct command *command, const struct account *account, struct date date, struct instant at,
                        struct instant *moment)
{
	if (!moment_asked(command, account, date, at, "/effective_date", moment))
		return false;
	if (moment->us == 0)
		*moment = command->now;
	return true;
}

static bool blocking_state_set_perform(struct command *command, const void *data, void **output)
{
	const struct blocking_state_set *input = data;
	struct blocking blocking = { NULL, NULL, NULL };
	struct instant at;
	if (!find_object(command, input, &blocking) ||
	    !find_moment(command, blocking.account, input->effective_date, input->effective_at, &at))
		return false;
	*output = state_of(command, &blocking, input, at);
	return set_state(command, &blocking, *output);
}

/* ------------------------------------------------------------------------------------------------ pause and resume */

static bool check_members(struct command *command, const struct subscription_bundle *bundle)
{
	struct subscription_list members = { 0 };
	if (!subscription_bundle_members(command, bundle, &members))
		return false;
	for (size_t i = 0; i < members.count; i++)
		if (!subscription_is_final(members.items[i].status))
			return blocking_allows_change(command, &members.items[i], "/id");
	return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "Pause a bundle that is alive.",
	                     "every subscription of bundle %lld has ended", (long long)bundle->id);
}

static bool check_paused(struct command *command, const struct subscription_bundle *bundle, struct instant at)
{
	const struct subscription member = { .bundle_id = bundle->id, .account_id = bundle->account_id };
	struct blocking_state_list states = { 0 };
	const struct blocking_state *last = NULL;
	if (!blocking_states_of(command, &member, &states))
		return false;
	for (size_t i = 0; i < states.count && states.items[i].effective_at.us <= at.us; i++)
		if (states.items[i].level == BLOCKING_STATE_LEVEL_BUNDLE && text_is(states.items[i].service, ENTITLEMENT))
			last = &states.items[i];
	return (last && blocks(last)) ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
	                     "Pause it first, or name a moment at which it is paused.", "bundle %lld is not paused then",
	                     (long long)bundle->id);
}

static bool pause_or_resume(struct command *command, const struct subscription_bundle_pause *input, bool paused,
                            void **output)
{
	struct blocking blocking = { NULL, subscription_bundle_need(command, input->id, "/id"), NULL };
	struct blocking_state_set state = {
		.service = text_of(ENTITLEMENT),
		.state = paused ? TEXT("paused") : TEXT("clear"),
		.block_change = paused, .block_entitlement = paused, .block_billing = paused,
		.has_block_change = true, .has_block_entitlement = true, .has_block_billing = true,
	};
	struct instant at;
	if (!blocking.bundle || (paused && !check_members(command, blocking.bundle)))
		return false;
	blocking.account = account_need(command, blocking.bundle->account_id, "/account_id");
	if (!blocking.account ||
	    !find_moment(command, blocking.account, input->effective_date, input->effective_at, &at) ||
	    (!paused && !check_paused(command, blocking.bundle, at)))
		return false;
	*output = state_of(command, &blocking, &state, at);
	return set_state(command, &blocking, *output);
}

static bool pause_perform(struct command *command, const void *input, void **output)
{
	return pause_or_resume(command, input, true, output);
}

static bool resume_perform(struct command *command, const void *input, void **output)
{
	return pause_or_resume(command, input, false, output);
}

const struct command_type blocking_state_commands[] = {
	{ .name = "blocking_state.set",
	  .scope = "write",
	  .input = &blocking_state_set_record,
	  .output = &blocking_state_record,
	  .perform = blocking_state_set_perform,
	  .doc = "A service holds back an account, bundle or subscription, or frees it, from a moment on." },
	{ .name = "subscription_bundle.pause",
	  .scope = "write",
	  .input = &subscription_bundle_pause_record,
	  .output = &blocking_state_record,
	  .perform = pause_perform,
	  .doc = "Neither served nor charged from a moment on." },
	{ .name = "subscription_bundle.resume",
	  .scope = "write",
	  .input = &subscription_bundle_pause_record,
	  .output = &blocking_state_record,
	  .perform = resume_perform,
	  .doc = "Served and charged again." },
	{ .name = NULL },
};

const struct job_kind blocking_state_jobs[] = {
	{ BEGIN, begin_job, "A blocking state that lay ahead is there." },
	{ NULL, NULL, NULL },
};
