/* subscription_advance.c: what a subscription becomes as time goes by and its timeline changes. */
#include "subscription_advance.h"

#include "account.h"
#include "account_day.h"
#include "billable.h"
#include "invoice_run.h"
#include "reach.h"
#include "subscription_announce.h"
#include "subscription_bundle.h"
#include "timeline.h"
#include "upcoming.h"

static const char ADVANCE[] = "subscription.advance", BILL_CHANGED[] = "account.bill_changed";

/* ------------------------------------------------------------------------------------------------ columns */

static struct date date_of(const struct command *command, const struct account *account, struct instant at)
{
	return at.us ? timezone_date(command_zone(command, account), at) : DATE_NONE;
}

/* Service that nobody ended by itself ends with billing; of an add-on not later than that of its base plan. */
static bool set_service_end(struct command *command, const struct timeline *timeline, struct subscription *subscription)
{
	struct subscription *base = NULL;
	struct instant end = timeline->cancelled ? timeline->service_ends_at : timeline->ends_at;
	subscription->entitled_until = end;
	if (end.us == 0 || subscription->category != SUBSCRIPTION_CATEGORY_ADD_ON)
		return true;
	if (!subscription_base_of(command, subscription, &base))
		return false;
	if (base && base->entitled_until.us != 0 && base->entitled_until.us < end.us)
		subscription->entitled_until = base->entitled_until;
	return true;
}

static enum subscription_status status_of(const struct command *command, const struct timeline *timeline,
                                          const struct subscription *subscription)
{
	struct instant until = subscription->entitled_until;
	if (until.us != 0 && until.us <= command->now.us)
		return timeline->expires ? SUBSCRIPTION_STATUS_COMPLETE : SUBSCRIPTION_STATUS_CANCELED;
	if (subscription->entitled_from.us > command->now.us)
		return SUBSCRIPTION_STATUS_PENDING;
	bool blocked = blocked_kinds_at(timeline->states, timeline->state_count, command->now).entitlement;
	return blocked ? SUBSCRIPTION_STATUS_SUSPENDED : SUBSCRIPTION_STATUS_ACTIVE;
}

static void set_terms(const struct billing_event *event, struct subscription *subscription)
{
	subscription->catalog_plan_id = event->catalog_plan_id;
	subscription->plan = event->plan;
	subscription->phase = (enum subscription_phase)event->phase_kind;
	subscription->has_quantity = decimal_to_int64(event->quantity, &subscription->quantity);
	subscription->bill_cycle_day = event->bill_cycle_day;
	subscription->has_bill_cycle_day = event->bill_cycle_day > 0;
}

static bool set_columns(struct command *command, const struct account *account, const struct timeline *timeline,
                        struct subscription *subscription)
{
	const struct billing_event *event = billing_event_at(&timeline->laid, command->now),
	                           *charged = billing_event_at(&timeline->events, command->now),
	                           *next = billing_event_after(&timeline->events, command->now);
	if (!event && timeline->laid.count)
		event = &timeline->laid.items[0];
	if (event)
		set_terms(event, subscription);
	subscription->in_force_from = charged ? charged->at : INSTANT_NONE;
	subscription->changes_at = next ? next->at : INSTANT_NONE;
	subscription->billed_until = timeline->ends_at;
	subscription->end_date = date_of(command, account, timeline->ends_at);
	subscription->announced_until = command->now;
	if (!set_service_end(command, timeline, subscription))
		return false;
	subscription->status = status_of(command, timeline, subscription);
	return true;
}

/* ------------------------------------------------------------------------------------------------ the next moment */

static void earlier(struct instant now, struct instant candidate, struct instant *next)
{
	if (candidate.us > now.us && (next->us == 0 || candidate.us < next->us))
		*next = candidate;
}

static struct instant next_moment(const struct command *command, const struct timeline *timeline,
                                  const struct subscription *subscription)
{
	struct instant now = command->now, next = INSTANT_NONE;
	const struct billing_event *laid = billing_event_after(&timeline->laid, now),
	                           *charged = billing_event_after(&timeline->events, now);
	if (laid)
		earlier(now, laid->at, &next);
	if (charged)
		earlier(now, charged->at, &next);
	earlier(now, subscription->entitled_from, &next);
	earlier(now, subscription->entitled_until, &next);
	for (size_t i = 0; i < timeline->state_count; i++)
		earlier(now, timeline->states[i].effective_at, &next);
	return next;
}

static bool plan_job(struct command *command, const struct timeline *timeline, const struct subscription *subscription)
{
	struct instant next = next_moment(command, timeline, subscription);
	if (next.us == 0)
		return job_remove(command, ADVANCE, subscription->id);
	return job_move(command, ADVANCE, subscription->account_id, subscription->id, next);
}

/* ------------------------------------------------------------------------------------------------ what cannot be billed */

static bool check_price(struct command *command, const struct billing_event *event, struct decimal price,
                        const struct subscription *subscription, const char *pointer)
{
	if (billable_price(price, event->quantity, subscription->currency))
		return true;
	struct text quantity = decimal_canonical_text(command->arena, event->quantity);
	struct text most = money_text(command->arena, money_of(BILLABLE_MINOR_MAX, subscription->currency));
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, pointer, quantity, "Ask for less, or subscribe several times.",
	                     "%.*s times the price of plan %.*s is more than a line can bill: %.*s", TEXT_ARG(quantity),
	                     TEXT_ARG(event->plan), TEXT_ARG(most));
}

/* From then on; what was charged before is as it was. Of several events on one day the last is charged. */
static bool check_amounts(struct command *command, const struct timeline *timeline, const struct subscription *subscription,
                          const struct subscription_touch *touch)
{
	for (size_t i = 0; touch && touch->amounts_at && i < timeline->laid.count; i++) {
		const struct billing_event *event = &timeline->laid.items[i];
		bool replaced = i + 1 < timeline->laid.count && date_compare(event[1].date, event->date) == 0;
		if (event->at.us < touch->from.us || replaced)
			continue;
		if ((event->has_fixed && !check_price(command, event, event->fixed, subscription, touch->amounts_at)) ||
		    (event->has_recurring && !check_price(command, event, event->recurring, subscription, touch->amounts_at)))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ all of it */

static bool check_reach(struct command *command, const struct account *account, const struct timeline *timeline,
                        const struct subscription *subscription, const struct subscription_touch *touch)
{
	return !touch || reach_allows_timeline(command, account, subscription, timeline, touch->from,
	                                       touch->date_at ? touch->date_at : "/effective_date");
}

static bool advance(struct command *command, struct account *account, struct subscription *subscription,
                    const struct subscription_touch *touch)
{
	struct timeline timeline;
	struct instant since = subscription->announced_until;
	enum subscription_status old = subscription->status;
	return timeline_read(command, account, subscription, &timeline) &&
	       check_reach(command, account, &timeline, subscription, touch) &&
	       check_amounts(command, &timeline, subscription, touch) &&
	       account_day_give(command, account, &timeline) &&
	       set_columns(command, account, &timeline, subscription) && subscription_save(command, subscription) &&
	       subscription_announce(command, subscription, &timeline, since, touch) &&
	       (subscription->status == old || subscription_announce_status(command, subscription, old)) &&
	       plan_job(command, &timeline, subscription) && upcoming_schedule(command, account);
}

static bool touch_one(struct command *command, struct account *account, struct subscription *subscription,
                      const struct subscription_touch *touch)
{
	invoice_run_derive_from(subscription, date_of(command, account, touch->from));
	return advance(command, account, subscription, touch);
}

static bool touch_add_ons(struct command *command, struct account *account, const struct subscription *base,
                          const struct subscription_touch *touch)
{
	const struct subscription_bundle bundle = { .id = base->bundle_id, .account_id = base->account_id };
	struct subscription_touch beside = *touch;
	beside.amounts_at = NULL;
	struct subscription_list members = { 0 };
	if (!subscription_bundle_members(command, &bundle, &members))
		return false;
	for (size_t i = 0; i < members.count; i++)
		if (members.items[i].category == SUBSCRIPTION_CATEGORY_ADD_ON &&
		    !touch_one(command, account, &members.items[i], &beside))
			return false;
	return true;
}

bool subscription_touch(struct command *command, struct account *account, struct subscription *subscription,
                        const struct subscription_touch *touch)
{
	return touch_one(command, account, subscription, touch) &&
	       (subscription->category != SUBSCRIPTION_CATEGORY_BASE ||
	        touch_add_ons(command, account, subscription, touch));
}

bool subscriptions_touch(struct command *command, struct account *account, const struct subscription_bundle *bundle,
                         const struct subscription_touch *touch)
{
	struct subscription_list members = { 0 };
	bool read = bundle ? subscription_bundle_members(command, bundle, &members)
	                   : store_all(command->store, STATEMENT_SUBSCRIPTION_CHARGED_AFTER,
	                               BINDS(bind_id(account->id), bind_instant(touch->from)), &subscription_record,
	                               LIST(&members));
	if (!read)
		return false;
	for (size_t i = 0; i < members.count; i++)
		if (!touch_one(command, account, &members.items[i], touch))
			return false;
	return true;
}

bool subscription_bill(struct command *command, struct account *account, struct instant from)
{
	return from.us > command->now.us || account_bill_changed(command, account);
}

bool subscription_finish(struct command *command, struct account *account, const struct subscription *subscription,
                         struct instant from, void **output)
{
	struct subscription *finished;
	command_object(command, "subscription", subscription->id, subscription->account_id);
	if (!subscription_bill(command, account, from) || !subscription_find(command, subscription->id, &finished))
		return false;
	*output = finished;
	return true;
}

bool subscription_need_direct(struct command *command, int64_t id, struct subscription **subscription,
                              struct account **account)
{
	return subscription_need_direct_at(command, id, "/id", subscription, account);
}

bool subscription_need_direct_at(struct command *command, int64_t id, const char *pointer,
                                 struct subscription **subscription, struct account **account)
{
	if (!subscription_find(command, id, subscription))
		return false;
	if (!*subscription)
		return record_missing(&subscription_record, id, command->problems, pointer);
	if (!(*subscription)->catalog_plan_id)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, pointer, TEXT_NONE, "Change its order.",
		                     "subscription %lld was made by an order", (long long)id);
	*account = account_need(command, (*subscription)->account_id, "/account_id");
	return *account != NULL;
}

/* ------------------------------------------------------------------------------------------------ the jobs */

static bool subscription_advance_job(struct command *command, const struct job *job)
{
	struct subscription *subscription;
	struct account *account;
	if (!subscription_find(command, job->object_id, &subscription) || !subscription)
		return !store_failed(command->store);
	account = account_need(command, subscription->account_id, "/account_id");
	command_object(command, "subscription", subscription->id, subscription->account_id);
	return account && advance(command, account, subscription, NULL) &&
	       job_move(command, BILL_CHANGED, account->id, account->id, command->now);
}

/* Behind all that go on at one moment, so that each subscription of the account is looked at once. */
static bool account_bill_changed_job(struct command *command, const struct job *job)
{
	struct account *account = account_need(command, job->account_id, "/account_id");
	if (!account)
		return false;
	command_object(command, "account", account->id, account->id);
	return account_bill_changed(command, account);
}

const struct job_kind subscription_jobs[] = {
	{ ADVANCE, subscription_advance_job, "The next moment of a subscription: a phase, a change that lay ahead, its end." },
	{ BILL_CHANGED, account_bill_changed_job, "What subscriptions that have gone on are billed at once." },
	{ NULL, NULL, NULL },
};
