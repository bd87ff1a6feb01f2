/* subscription_change_plan.c: a subscription goes on with another plan, at once, at the end of what is charged, or on a day. */
#include "account.h"
#include "blocking_state.h"
#include "convention_choice.h"
#include "event/dispatch.h"
#include "subscription_announce.h"
#include "subscription_commands.h"
#include "subscription_moment.h"
#include "subscription_policy.h"
#include "subscription_terms.h"
#include "timeline.h"

/* ------------------------------------------------------------------------------------------------ shared with others */

bool subscription_is_changeable(struct command *command, const struct subscription *subscription)
{
	if (subscription_is_final(subscription->status))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "Subscribe anew.",
		                     "subscription %lld is %s", (long long)subscription->id,
		                     subscription_status_word(subscription->status));
	return blocking_allows_change(command, subscription, "/id");
}

bool subscription_moment(struct command *command, const struct account *account,
                         const struct subscription *subscription, struct date date, struct instant at,
                         struct instant *moment)
{
	if (!moment_asked(command, account, date, at, "/effective_date", moment))
		return false;
	if (moment->us == 0)
		*moment = command->now;
	*moment = moment_not_before(*moment, subscription->started_at);
	return true;
}

/* ------------------------------------------------------------------------------------------------ what is asked */

struct change {
	struct command *command;
	const struct subscription_change_plan *input;
	struct subscription *subscription;
	struct account *account;
	struct timeline timeline;
	struct plan_found found;
	struct catalog_plan *current;  /* the plan it has now */
	struct catalog_query query;
	struct catalog_change by_rule;
	struct instant at;
};

static bool find_current(struct change *change)
{
	struct catalog_plan *current = NULL;
	if (!catalog_plan_find(change->command, change->subscription->catalog_plan_id, &current))
		return false;
	/* Rules speak of plans as the catalog sells them. */
	if (current && current->parent_id && !catalog_plan_find(change->command, current->parent_id, &current))
		return false;
	change->current = current;
	return current != NULL;
}

static bool find_target(struct change *change, struct instant at)
{
	const struct subscription_change_plan *input = change->input;
	struct plan_wish wish = PLAN_WISH_OF(input);
	/* A product without a price list is sold from the one that the rules lead to. */
	wish.list_by_rule = text_present(input->product) && !text_present(input->price_list);
	if (wish.list_by_rule)
		wish.price_list = change->by_rule.price_list;
	return plan_wish_find(change->command, change->account, &wish, at, &change->found);
}

static bool find_rules(struct change *change, const struct catalog_rules **rules)
{
	struct catalog_version *version = NULL;
	if (!catalog_version_find(change->command, change->current->version_id, &version))
		return false;
	*rules = version ? version->rules : NULL;
	return true;
}

/* What the rules of the present plan's version say of the way from it to the new one. */
static bool ask_rules(struct change *change)
{
	const struct catalog_rules *rules = NULL;
	const struct billing_event *event = billing_event_at(&change->timeline.laid, change->command->now);
	if (!find_current(change) || !find_rules(change, &rules))
		return false;
	change->query.from = plan_terms(change->current);
	change->query.phase = event ? event->phase_kind : (enum phase_kind)change->subscription->phase;
	change->query.to = (struct catalog_terms){ .product = change->input->product };
	change->by_rule = catalog_change_decide(rules, &change->query);
	if (!find_target(change, change->command->now))
		return false;
	change->query.to = plan_terms(change->found.parent);
	change->by_rule = catalog_change_decide(rules, &change->query);
	return true;
}

/* ------------------------------------------------------------------------------------------------ when */

static bool find_moment(struct change *change)
{
	struct command *command = change->command;
	const struct subscription_change_plan *input = change->input;
	struct policy_moment moment = {
		.asked = (enum catalog_policy)input->policy,
		.by_rule = change->by_rule.policy,
		.new_plan = change->found.parent,
		.policy = POLICY_CHANGE,
		.pointer = "/policy",
	};
	if (!moment_asked(command, change->account, input->effective_date, input->effective_at, "/effective_date",
	                  &moment.at))
		return false;
	return policy_moment(command, change->account, change->subscription, &change->timeline, &moment, &change->at);
}

/* subscription.change_plan pre: a rule may choose another policy or moment, or reject. */
static bool ask_listeners(struct change *change)
{
	struct command *command = change->command;
	struct subscription *subscription = change->subscription,
	                    *changed = record_copy(&subscription_record, subscription, command->arena);
	struct occurrence occurrence = occurrence_of(EVENT_SUBSCRIPTION_CHANGE_PLAN, &subscription_record, subscription,
	                                             subscription->id, subscription->account_id);
	changed->plan = change->found.plan->code;
	changed->catalog_plan_id = change->found.plan->id;
	occurrence.details.new_subscription = changed;
	occurrence.details.effective_at = change->at;
	if (change->input->policy)
		occurrence.details.policy =
		        text_of(subscription_change_plan_record.fields[SUBSCRIPTION_CHANGE_PLAN_FIELD_POLICY]
		                        .words[change->input->policy]);
	struct text policy = occurrence.details.policy;
	return event_pre(command, &occurrence) &&
	       policy_moment_ruled(command, change->account, subscription, &change->timeline, &occurrence.details, policy,
	                           &change->at);
}

/* ------------------------------------------------------------------------------------------------ what is set */

static struct subscription_event row_of(const struct change *change)
{
	const struct subscription_change_plan *input = change->input;
	struct catalog_query query = { .from = plan_terms(change->found.parent) };
	struct subscription_event row = {
		.kind = SUBSCRIPTION_EVENT_KIND_CHANGE,
		.at = change->at,
		.catalog_plan_id = change->found.plan->id,
		.phase = (enum subscription_event_phase)input->phase,
		.alignment = (enum subscription_event_alignment)input->change_alignment,
		.billing_alignment = (enum subscription_event_billing_alignment)input->billing_alignment,
		.bill_cycle_day = input->bill_cycle_day,
		.has_bill_cycle_day = input->has_bill_cycle_day,
		.quantity = input->quantity,
		.has_quantity = input->has_quantity,
	};
	query.phase = input->phase ? (enum phase_kind)input->phase : change->found.parent->phases.items[0].kind;
	if (row.alignment == SUBSCRIPTION_EVENT_ALIGNMENT_NONE)
		row.alignment = change->by_rule.alignment;
	if (row.billing_alignment == SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_NONE)
		row.billing_alignment = catalog_billing_alignment(change->found.rules, &query);
	return row;
}

static bool post_requested(const struct change *change)
{
	struct subscription *subscription = change->subscription;
	struct occurrence requested = occurrence_of(EVENT_SUBSCRIPTION_CHANGE_PLAN, &subscription_record, subscription,
	                                            subscription->id, subscription->account_id);
	requested.effective_at = requested.details.effective_at = change->at;
	requested.details.action = TEXT("requested");
	requested.details.old_plan = change->current->code;
	requested.details.new_plan = change->found.plan->code;
	return subscription_bundle_key(change->command, subscription, &requested.details.bundle_key) &&
	       event_post(change->command, &requested);
}

/* A convention of its own is kept; else the new plan, the account and the tenant are asked again. */
static bool choose_convention(const struct change *change, struct subscription_event *row)
{
	struct command *command = change->command;
	const struct subscription_change_plan *input = change->input;
	struct subscription_event_list rows = { 0 };
	struct convention_choice choice;
	if (!subscription_events(command, change->subscription, &rows))
		return false;
	const struct subscription_event *before = subscription_event_of_plan(&rows, change->at);
	bool own = before && before->convention_by == SUBSCRIPTION_EVENT_CONVENTION_BY_SUBSCRIPTION;
	struct text asked = !text_present(input->convention) && own ? before->convention : input->convention;
	if (asked.length == 0) /* null gives up its own */
		asked = TEXT_NONE;
	if (!convention_choose(command, asked, "/convention", change->found.plan->convention, change->account->convention,
	                       &choice))
		return false;
	subscription_event_count(row, choice, input->billing_alignment != 0);
	return true;
}

/* A change takes the place of those that lay ahead of it. */
static bool set_change(const struct change *change, void **output)
{
	struct instant undone;
	struct subscription_touch touch = { .from = change->at, .at = change->at, .amounts_at = "/plan" };
	struct subscription_event row = row_of(change);
	if (!choose_convention(change, &row) ||
	    !subscription_events_undo(change->command, change->subscription, SUBSCRIPTION_EVENT_KIND_CHANGE,
	                              (struct instant){ change->command->now.us + 1 }, &undone) ||
	    !subscription_event_add(change->command, change->subscription, row) ||
	    (change->at.us > change->command->now.us && !post_requested(change)))
		return false;
	if (undone.us != 0 && undone.us < touch.from.us)
		touch.from = undone;
	return subscription_touch(change->command, change->account, change->subscription, &touch) &&
	       subscription_announce_expiry(change->command, change->account, change->subscription) &&
	       subscription_finish(change->command, change->account, change->subscription, touch.from, output);
}

bool subscription_change_plan_perform(struct command *command, const void *data, void **output)
{
	struct change change = { .command = command, .input = data };
	if (!subscription_need_direct(command, change.input->id, &change.subscription, &change.account) ||
	    !subscription_is_changeable(command, change.subscription) ||
	    !timeline_read(command, change.account, change.subscription, &change.timeline) || !ask_rules(&change))
		return false;
	if (change.found.parent->category != change.current->category)
		return problem_value(command->problems, PROBLEM_INVALID_VALUE, "/plan", change.found.parent->code,
		                     "Change to a plan of the same category.", "a product of another category cannot take its place");
	return find_moment(&change) && ask_listeners(&change) && set_change(&change, output);
}

/* ------------------------------------------------------------------------------------------------ subscription.undo_change */

bool subscription_undo_change_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_undo_change *input = data;
	struct subscription *subscription;
	struct account *account;
	struct instant undone;
	if (!subscription_need_direct(command, input->id, &subscription, &account) ||
	    !subscription_is_changeable(command, subscription) ||
	    !subscription_events_undo(command, subscription, SUBSCRIPTION_EVENT_KIND_CHANGE,
	                              (struct instant){ command->now.us + 1 }, &undone))
		return false;
	if (undone.us == 0)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "no change of plan lies ahead");
	struct occurrence occurrence = occurrence_of(EVENT_SUBSCRIPTION_CHANGE_PLAN, &subscription_record, subscription,
	                                             subscription->id, subscription->account_id);
	occurrence.details.has_undo = occurrence.details.undo = true;
	occurrence.details.old_plan = occurrence.details.new_plan = subscription->plan;
	occurrence.details.action = TEXT("effective");
	struct subscription_touch touch = { .from = undone };
	return subscription_bundle_key(command, subscription, &occurrence.details.bundle_key) &&
	       event_post(command, &occurrence) && subscription_touch(command, account, subscription, &touch) &&
	       subscription_finish(command, account, subscription, undone, output);
}
