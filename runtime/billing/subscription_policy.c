/* subscription_policy.c: when a change or cancellation takes effect. */
#include "subscription_policy.h"

static const char *const POLICY_WORDS[] = { "", "immediate", "end_of_term", "start_of_term", "illegal" };

static bool policy_parse(struct command *command, struct text word, const char *pointer, enum catalog_policy *policy)
{
	for (int i = CATALOG_POLICY_IMMEDIATE; i <= CATALOG_POLICY_ILLEGAL; i++) {
		if (text_is(word, POLICY_WORDS[i])) {
			*policy = (enum catalog_policy)i;
			return true;
		}
	}
	return problem_value(command->problems, PROBLEM_UNKNOWN_CHOICE, pointer, word,
	                     "Use immediate, end_of_term, start_of_term, illegal, or of a rule a date as 2030-06-11.",
	                     "'%.*s' is not when something takes effect", TEXT_ARG(word));
}

/* The bundle's rule of this kind, or the shipped one, which says what the catalog's rules do. It answers with one of the
 * words, or with the day on which it begins. */
static bool ask_policy(struct command *command, const struct account *account, const struct subscription *subscription,
                       const struct timeline *timeline, const struct policy_moment *question,
                       enum catalog_policy *policy, struct instant *at)
{
	struct date date;
	const struct billing_event *event = billing_event_at(&timeline->laid, command->now);
	struct rule_result result;
	struct effect_request request = {
		.account_id = subscription->account_id,
		.subscription_id = subscription->id,
		.plan = subscription->plan,
		.phase = event ? text_of(phase_record.fields[PHASE_FIELD_KIND].words[event->phase_kind]) : TEXT_NONE,
		.new_plan = question->new_plan ? question->new_plan->code : TEXT_NONE,
		.charged_through = subscription->charged_through,
		.today = command_today(command, account),
		.by_catalog = text_of(POLICY_WORDS[question->by_rule]),
	};
	if (!policy_decide(command, question->policy, &request, NULL, 0, false, &result))
		return false;
	return date_parse(result.text, &date) ? moment_asked(command, account, date, INSTANT_NONE, question->pointer, at)
	                                      : policy_parse(command, result.text, question->pointer, policy);
}

static struct instant of_policy(struct command *command, const struct account *account,
                                const struct subscription *subscription, const struct timeline *timeline,
                                enum catalog_policy policy)
{
	struct instant moment = moment_of_policy(command, account, subscription, timeline, policy);
	return moment_not_before(moment, subscription->started_at);
}

bool policy_moment(struct command *command, const struct account *account, const struct subscription *subscription,
                   const struct timeline *timeline, const struct policy_moment *question, struct instant *moment)
{
	enum catalog_policy policy = question->asked;
	struct instant at = question->at;
	if (!at.us && !policy && !ask_policy(command, account, subscription, timeline, question, &policy, &at))
		return false;
	if (at.us != 0) {
		*moment = moment_not_before(at, subscription->started_at);
		return true;
	}
	if (policy == CATALOG_POLICY_ILLEGAL)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, question->pointer, subscription->plan,
		                     "Choose another plan, or name the policy or the moment yourself.",
		                     "the catalog's rules do not allow this for plan '%.*s'", TEXT_ARG(subscription->plan));
	*moment = of_policy(command, account, subscription, timeline, policy);
	return true;
}

bool policy_moment_ruled(struct command *command, const struct account *account,
                         const struct subscription *subscription, const struct timeline *timeline,
                         const struct event_details *details, struct text policy, struct instant *moment)
{
	enum catalog_policy ruled = CATALOG_POLICY_ILLEGAL;
	if (text_equals(details->policy, policy) || !text_present(details->policy)) {
		*moment = moment_not_before(details->effective_at, subscription->started_at);
		return true;
	}
	if (!policy_parse(command, details->policy, "/policy", &ruled))
		return false;
	*moment = of_policy(command, account, subscription, timeline, ruled);
	return true;
}
