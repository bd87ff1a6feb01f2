/* subscription_cancel.c: service and billing end, each at its moment; and that is taken back while it lies ahead. */
#include "account.h"
#include "event/dispatch.h"
#include "subscription_announce.h"
#include "subscription_commands.h"
#include "subscription_policy.h"
#include "subscription_terms.h"

struct cancellation {
	struct command *command;
	const struct subscription_cancel *input;
	struct subscription *subscription;
	struct account *account;
	struct timeline timeline;
	enum catalog_policy by_rule;
	struct instant service, billing;
};

/* ------------------------------------------------------------------------------------------------ when */

static bool ask_rules(struct cancellation *cancellation)
{
	struct command *command = cancellation->command;
	struct catalog_plan *plan = NULL;
	struct catalog_version *version = NULL;
	const struct billing_event *event = billing_event_at(&cancellation->timeline.laid, command->now);
	if (!catalog_plan_find(command, cancellation->subscription->catalog_plan_id, &plan) || !plan ||
	    (plan->parent_id && (!catalog_plan_find(command, plan->parent_id, &plan) || !plan)) ||
	    !catalog_version_find(command, plan->version_id, &version))
		return false;
	struct catalog_query query = { .from = plan_terms(plan) };
	query.phase = event ? event->phase_kind : plan->phases.items[0].kind;
	cancellation->by_rule = catalog_cancel_policy(version ? version->rules : NULL, &query);
	return true;
}

/* Both ends: a moment of its own, one for both, a policy of its own, that of the other, the rules. */
static bool find_service_end(struct cancellation *cancellation, struct instant both)
{
	const struct subscription_cancel *input = cancellation->input;
	struct policy_moment question = { .asked = (enum catalog_policy)input->entitlement_policy,
		                          .by_rule = cancellation->by_rule, .policy = POLICY_CANCEL,
		                          .pointer = "/entitlement_policy" };
	if (!moment_asked(cancellation->command, cancellation->account, input->entitlement_date, input->entitlement_at,
	                  "/entitlement_date", &question.at))
		return false;
	if (question.at.us == 0)
		question.at = both;
	bool billing_says = input->billing_policy || date_present(input->billing_date) || input->billing_at.us;
	if (!question.asked && question.at.us == 0 && billing_says) {
		cancellation->service = cancellation->billing;
		return true;
	}
	return policy_moment(cancellation->command, cancellation->account, cancellation->subscription,
	                     &cancellation->timeline, &question, &cancellation->service);
}

static bool find_billing_end(struct cancellation *cancellation, struct instant both, bool *same)
{
	const struct subscription_cancel *input = cancellation->input;
	struct policy_moment question = { .asked = (enum catalog_policy)input->billing_policy,
		                          .by_rule = cancellation->by_rule, .policy = POLICY_CANCEL,
		                          .pointer = "/billing_policy" };
	if (!moment_asked(cancellation->command, cancellation->account, input->billing_date, input->billing_at,
	                  "/billing_date", &question.at))
		return false;
	if (question.at.us == 0)
		question.at = both;
	*same = !question.asked && question.at.us == 0;
	return *same || policy_moment(cancellation->command, cancellation->account, cancellation->subscription,
	                              &cancellation->timeline, &question, &cancellation->billing);
}

static bool find_ends(struct cancellation *cancellation)
{
	const struct subscription_cancel *input = cancellation->input;
	struct instant both;
	bool same;
	if (!moment_asked(cancellation->command, cancellation->account, input->effective_date, input->effective_at,
	                  "/effective_date", &both) ||
	    !ask_rules(cancellation) || !find_billing_end(cancellation, both, &same) ||
	    !find_service_end(cancellation, both))
		return false;
	if (same)
		cancellation->billing = cancellation->service;
	cancellation->service = moment_not_before(cancellation->service, cancellation->subscription->entitled_from);
	return true;
}

/* ------------------------------------------------------------------------------------------------ what is set */

static struct occurrence occurrence_for(struct subscription *subscription, struct instant billing, struct text reason)
{
	struct occurrence occurrence = occurrence_of(EVENT_SUBSCRIPTION_CANCEL, &subscription_record, subscription,
	                                             subscription->id, subscription->account_id);
	occurrence.details.reason = reason;
	occurrence.details.effective_at = billing;
	return occurrence;
}

/* subscription.cancel pre: a rule may choose another policy or moment for the end of billing, or reject. */
static bool ask_listeners(struct cancellation *cancellation)
{
	const struct subscription_cancel *input = cancellation->input;
	struct instant asked = cancellation->billing;
	struct occurrence occurrence = occurrence_for(cancellation->subscription, asked, input->reason);
	if (input->billing_policy)
		occurrence.details.policy = text_of(subscription_cancel_record.fields[SUBSCRIPTION_CANCEL_FIELD_BILLING_POLICY]
		                                            .words[input->billing_policy]);
	struct text policy = occurrence.details.policy;
	if (!event_pre(cancellation->command, &occurrence) ||
	    !policy_moment_ruled(cancellation->command, cancellation->account, cancellation->subscription,
	                         &cancellation->timeline, &occurrence.details, policy, &cancellation->billing))
		return false;
	if (cancellation->service.us == asked.us)
		cancellation->service = cancellation->billing;
	return true;
}

static bool post_requested(struct command *command, struct subscription *subscription, struct instant billing,
                           struct text reason)
{
	struct occurrence occurrence = occurrence_for(subscription, billing, reason);
	occurrence.effective_at = billing;
	occurrence.details.action = TEXT("requested");
	return subscription_bundle_key(command, subscription, &occurrence.details.bundle_key) &&
	       event_post(command, &occurrence);
}

bool subscription_end(struct command *command, struct account *account, struct subscription *subscription,
                      struct instant service, struct instant billing, struct text reason)
{
	struct instant undone;
	struct subscription_event row = { .kind = SUBSCRIPTION_EVENT_KIND_CANCEL, .at = billing,
		                          .service_at = service };
	struct subscription_touch touch = { .from = billing, .at = billing, .entitled = service };
	if (!subscription_events_undo(command, subscription, SUBSCRIPTION_EVENT_KIND_CANCEL, INSTANT_NONE, &undone) ||
	    !subscription_event_add(command, subscription, row))
		return false;
	if (undone.us != 0 && undone.us < touch.from.us)
		touch.from = undone;
	return (billing.us <= command->now.us || post_requested(command, subscription, billing, reason)) &&
	       subscription_touch(command, account, subscription, &touch);
}

static bool end_as_found(const struct cancellation *cancellation)
{
	return subscription_end(cancellation->command, cancellation->account, cancellation->subscription,
	                        cancellation->service, cancellation->billing, cancellation->input->reason);
}

bool subscription_cancel_perform(struct command *command, const void *data, void **output)
{
	struct cancellation cancellation = { .command = command, .input = data };
	return subscription_need_direct(command, cancellation.input->id, &cancellation.subscription,
	                                &cancellation.account) &&
	       subscription_is_changeable(command, cancellation.subscription) &&
	       timeline_read(command, cancellation.account, cancellation.subscription, &cancellation.timeline) &&
	       find_ends(&cancellation) && ask_listeners(&cancellation) && end_as_found(&cancellation) &&
	       subscription_finish(command, cancellation.account, cancellation.subscription, cancellation.billing, output);
}

/* ------------------------------------------------------------------------------------------------ subscription.uncancel */

static bool lies_ahead(const struct command *command, const struct subscription *subscription)
{
	return subscription->entitled_until.us > command->now.us && subscription->billed_until.us > command->now.us;
}

/* What ends because its bundle goes to another account goes on there. */
static bool not_transferred(struct command *command, const struct subscription *subscription)
{
	int64_t taker;
	bool taken;
	if (!store_integer(command->store, STATEMENT_SUBSCRIPTION_BUNDLE_TAKEN, BINDS(bind_id(subscription->bundle_id)), &taker,
	                   &taken))
		return false;
	return !taken || problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
	                               "Transfer the bundle back, or subscribe anew.",
	                               "the bundle of subscription %lld is transferred to account %lld", (long long)subscription->id,
	                               (long long)taker);
}

bool subscription_uncancel_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_uncancel *input = data;
	struct subscription *subscription;
	struct account *account;
	struct instant undone;
	if (!subscription_need_direct(command, input->id, &subscription, &account) ||
	    !subscription_is_changeable(command, subscription))
		return false;
	if (!lies_ahead(command, subscription))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "Subscribe anew.",
		                     "subscription %lld has no cancellation that lies ahead", (long long)subscription->id);
	if (!not_transferred(command, subscription) ||
	    !subscription_events_undo(command, subscription, SUBSCRIPTION_EVENT_KIND_CANCEL, INSTANT_NONE, &undone))
		return false;
	if (undone.us == 0)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "its base plan ends it, or its last phase");
	struct occurrence occurrence = occurrence_of(EVENT_SUBSCRIPTION_UNCANCEL, &subscription_record, subscription,
	                                             subscription->id, subscription->account_id);
	struct subscription_touch touch = { .from = undone };
	occurrence.details.action = TEXT("effective");
	return subscription_bundle_key(command, subscription, &occurrence.details.bundle_key) &&
	       subscription_touch(command, account, subscription, &touch) && event_post(command, &occurrence) &&
	       subscription_finish(command, account, subscription, undone, output);
}
