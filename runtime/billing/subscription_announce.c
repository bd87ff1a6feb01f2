/* subscription_announce.c: the events that a subscription's timeline raises as its moments come. */
#include "subscription_announce.h"

#include "event/dispatch.h"
#include "subscription_bundle.h"

#include <inttypes.h>

struct announcing {
	struct command *command;
	struct subscription *subscription;
	const struct timeline *timeline;
	struct instant since;   /* announced up to there */
	struct instant set, entitled;
	struct text bundle_key;
};

bool subscription_bundle_key(struct command *command, const struct subscription *subscription, struct text *key)
{
	struct subscription_bundle *bundle = NULL;
	*key = TEXT_NONE;
	if (!subscription_bundle_find(command, subscription->bundle_id, &bundle))
		return false;
	if (bundle)
		*key = bundle->external_key;
	return true;
}

static struct occurrence occurrence_at(const struct announcing *announcing, enum event event, struct instant at)
{
	struct subscription *subscription = announcing->subscription;
	struct occurrence occurrence =
	        occurrence_of(event, &subscription_record, subscription, subscription->id, subscription->account_id);
	occurrence.effective_at = at;
	occurrence.details.effective_at = at;
	occurrence.details.action = TEXT("effective");
	occurrence.details.bundle_key = announcing->bundle_key;
	return occurrence;
}

/* ------------------------------------------------------------------------------------------------ one event */

static struct text phase_word(enum phase_kind kind)
{
	return text_of(phase_record.fields[PHASE_FIELD_KIND].words[kind]);
}

static bool announce_end(const struct announcing *announcing, struct instant at)
{
	enum event event = announcing->timeline->expires ? EVENT_SUBSCRIPTION_EXPIRE : EVENT_SUBSCRIPTION_TERMINATE;
	struct occurrence occurrence = occurrence_at(announcing, event, at);
	if (event == EVENT_SUBSCRIPTION_TERMINATE && !event_pre(announcing->command, &occurrence))
		return false;
	return event_post(announcing->command, &occurrence);
}

static bool announce_phase(const struct announcing *announcing, const struct billing_event *before,
                           const struct billing_event *event)
{
	struct occurrence occurrence = occurrence_at(announcing, EVENT_SUBSCRIPTION_PHASE, event->at);
	if (before)
		occurrence.details.old_phase = phase_word(before->phase_kind);
	occurrence.details.new_phase = phase_word(event->phase_kind);
	return event_post(announcing->command, &occurrence);
}

static bool announce_change(const struct announcing *announcing, const struct billing_event *before,
                            const struct billing_event *event)
{
	struct occurrence occurrence = occurrence_at(announcing, EVENT_SUBSCRIPTION_CHANGE_PLAN, event->at);
	if (before)
		occurrence.details.old_plan = before->plan;
	occurrence.details.new_plan = event->plan;
	return event_post(announcing->command, &occurrence);
}

static bool announce_day(const struct announcing *announcing, const struct billing_event *before,
                         const struct billing_event *event)
{
	struct occurrence occurrence = occurrence_at(announcing, EVENT_SUBSCRIPTION_BILLING_DAY_CHANGE, event->at);
	if (before) {
		occurrence.details.old_day = before->bill_cycle_day;
		occurrence.details.has_old_day = true;
	}
	occurrence.details.new_day = event->bill_cycle_day;
	occurrence.details.has_new_day = true;
	return event_post(announcing->command, &occurrence);
}

static bool announce_quantity(const struct announcing *announcing, const struct billing_event *before,
                              const struct billing_event *event)
{
	struct occurrence occurrence = occurrence_at(announcing, EVENT_SUBSCRIPTION_QUANTITY_CHANGE, event->at);
	occurrence.details.has_old_quantity = before && decimal_to_int64(before->quantity, &occurrence.details.old_quantity);
	occurrence.details.has_new_quantity = decimal_to_int64(event->quantity, &occurrence.details.new_quantity);
	return event_post(announcing->command, &occurrence);
}

static bool announce_event(const struct announcing *announcing, const struct billing_event *before,
                           const struct billing_event *event)
{
	struct occurrence created;
	switch (event->transition) {
	case BILLING_TRANSITION_CREATE:
		created = occurrence_at(announcing, EVENT_SUBSCRIPTION_CREATE, event->at);
		return event_post(announcing->command, &created);
	case BILLING_TRANSITION_PHASE:
		return announce_phase(announcing, before, event);
	case BILLING_TRANSITION_CHANGE:
	case BILLING_TRANSITION_MIGRATE:
		return announce_change(announcing, before, event);
	case BILLING_TRANSITION_BILL_CYCLE_DAY:
		return announce_day(announcing, before, event);
	case BILLING_TRANSITION_QUANTITY:
		return announce_quantity(announcing, before, event);
	case BILLING_TRANSITION_CANCEL:
		return announce_end(announcing, event->at);
	case BILLING_TRANSITION_BLOCK:
	case BILLING_TRANSITION_UNBLOCK:
		break;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ all of them */

/* Is the event within what a change of plan that was set for the past lays anew? Its phases happened unannounced. */
static bool lays_anew(const struct announcing *announcing, const struct billing_event *event, bool before)
{
	return event->transition == BILLING_TRANSITION_CHANGE ? event->at.us == announcing->set.us : before;
}

/* Does it happen between the last time and now, or was it set for then? */
static bool is_due(const struct announcing *announcing, struct instant at, struct instant set)
{
	return at.us != 0 && at.us <= announcing->command->now.us &&
	       (at.us > announcing->since.us || at.us == set.us);
}

static bool announce_entitlement(const struct announcing *announcing, enum event event, struct instant at,
                                 struct instant after, struct instant until)
{
	struct instant set = event == EVENT_ENTITLEMENT_CANCEL ? announcing->entitled : INSTANT_NONE;
	if (!is_due(announcing, at, set) || at.us <= after.us || at.us > until.us)
		return true;
	struct occurrence occurrence = occurrence_at(announcing, event, at);
	return event_post(announcing->command, &occurrence);
}

/* Of service: begin and end in (after, until]. */
static bool announce_service(const struct announcing *announcing, struct instant after, struct instant until)
{
	const struct subscription *subscription = announcing->subscription;
	return announce_entitlement(announcing, EVENT_ENTITLEMENT_CREATE, subscription->entitled_from, after, until) &&
	       announce_entitlement(announcing, EVENT_ENTITLEMENT_CANCEL, subscription->entitled_until, after, until);
}

bool subscription_announce(struct command *command, struct subscription *subscription, const struct timeline *timeline,
                           struct instant since, const struct subscription_touch *touch)
{
	struct announcing announcing = { .command = command, .subscription = subscription, .timeline = timeline,
	                                 .since = since };
	struct instant reached = { INT64_MIN };
	bool anew = false;
	if (touch) {
		announcing.set = touch->at;
		announcing.entitled = touch->entitled;
	}
	if (!subscription_bundle_key(command, subscription, &announcing.bundle_key))
		return false;
	for (size_t i = 0; i < timeline->laid.count; i++) {
		const struct billing_event *event = &timeline->laid.items[i];
		bool created = event->transition == BILLING_TRANSITION_CREATE;
		struct instant until = { event->at.us - (created ? 1 : 0) };
		if (event->at.us > command->now.us)
			break;
		if (!announce_service(&announcing, reached, until))
			return false;
		reached = until;
		anew = lays_anew(&announcing, event, anew);
		bool passed = anew && event->transition == BILLING_TRANSITION_PHASE;
		if ((passed || is_due(&announcing, event->at, created ? INSTANT_NONE : announcing.set)) &&
		    !announce_event(&announcing, i ? event - 1 : NULL, event))
			return false;
	}
	return announce_service(&announcing, reached, command->now);
}

bool subscription_announce_status(struct command *command, struct subscription *subscription,
                                  enum subscription_status old)
{
	struct announcing announcing = { .command = command, .subscription = subscription };
	struct occurrence change = occurrence_at(&announcing, EVENT_SUBSCRIPTION_STATUS_CHANGE, command->now);
	change.details.old_status = text_of(subscription_status_word(old));
	change.details.new_status = text_of(subscription_status_word(subscription->status));
	return event_post(command, &change);
}

/* ------------------------------------------------------------------------------------------------ what lies ahead */

static bool announce_as(struct command *command, struct subscription *subscription, struct occurrence *occurrence,
                        const char *action)
{
	occurrence->details.action = text_of(action);
	return subscription_bundle_key(command, subscription, &occurrence->details.bundle_key) && event_post(command, occurrence);
}

bool subscription_announce_expiry(struct command *command, const struct account *account, struct subscription *subscription)
{
	struct announcing announcing = { .command = command, .subscription = subscription };
	struct timeline timeline;
	if (subscription->billed_until.us <= command->now.us)
		return true;
	if (!timeline_read(command, account, subscription, &timeline))
		return false;
	struct occurrence foreseen =
	        occurrence_at(&announcing, EVENT_SUBSCRIPTION_SCHEDULE_EXPIRY, subscription->billed_until);
	return !timeline.expires || announce_as(command, subscription, &foreseen, "requested");
}

bool subscription_announce_setting(struct command *command, struct subscription *subscription,
                                   const struct subscription_event *row)
{
	struct announcing announcing = { .command = command, .subscription = subscription };
	bool quantity = row->kind == SUBSCRIPTION_EVENT_KIND_QUANTITY;
	struct occurrence set = occurrence_at(
	        &announcing, quantity ? EVENT_SUBSCRIPTION_QUANTITY_CHANGE : EVENT_SUBSCRIPTION_BILLING_DAY_CHANGE, row->at);
	bool ahead = row->at.us > command->now.us;
	/* A day from the very start is part of the creation in the timeline, which has been announced. */
	bool from_start = row->has_bill_cycle_day && row->at.us <= subscription->started_at.us;
	if (row->kind == SUBSCRIPTION_EVENT_KIND_MIGRATE || (!ahead && !from_start))
		return true;
	set.details.has_new_quantity = row->has_quantity;
	set.details.new_quantity = row->quantity;
	set.details.has_new_day = row->has_bill_cycle_day;
	set.details.new_day = row->bill_cycle_day;
	return announce_as(command, subscription, &set, ahead ? "requested" : "effective");
}
