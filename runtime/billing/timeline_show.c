/* timeline_show.c: a subscription's timeline as it is shown to people and programs. */
#include "account.h"
#include "timeline.h"

static enum timeline_entry_transition transition_of(const struct timeline *timeline, const struct billing_event *event)
{
	static const enum timeline_entry_transition shown[] = {
		[BILLING_TRANSITION_CREATE] = TIMELINE_ENTRY_TRANSITION_CREATE,
		[BILLING_TRANSITION_PHASE] = TIMELINE_ENTRY_TRANSITION_PHASE,
		[BILLING_TRANSITION_CHANGE] = TIMELINE_ENTRY_TRANSITION_CHANGE,
		[BILLING_TRANSITION_MIGRATE] = TIMELINE_ENTRY_TRANSITION_MIGRATE,
		[BILLING_TRANSITION_BILL_CYCLE_DAY] = TIMELINE_ENTRY_TRANSITION_BILL_CYCLE_DAY,
		[BILLING_TRANSITION_QUANTITY] = TIMELINE_ENTRY_TRANSITION_QUANTITY,
		[BILLING_TRANSITION_CANCEL] = TIMELINE_ENTRY_TRANSITION_CANCEL,
		[BILLING_TRANSITION_BLOCK] = TIMELINE_ENTRY_TRANSITION_BLOCK,
		[BILLING_TRANSITION_UNBLOCK] = TIMELINE_ENTRY_TRANSITION_UNBLOCK,
	};
	if (event->transition == BILLING_TRANSITION_CANCEL && timeline->expires)
		return TIMELINE_ENTRY_TRANSITION_EXPIRE;
	return shown[event->transition];
}

static struct timeline_entry entry_of(const struct timeline *timeline, const struct subscription *subscription,
                                      const struct billing_event *event)
{
	return (struct timeline_entry){
		.at = event->at,
		.date = event->date,
		.transition = transition_of(timeline, event),
		.plan = event->plan,
		.phase = (enum timeline_entry_phase)event->phase_kind,
		.currency = subscription->currency,
		.fixed = event->fixed,
		.has_fixed = event->has_fixed,
		.recurring = event->recurring,
		.has_recurring = event->has_recurring,
		.billing_period = event->has_recurring ? text_of(billing_period_name(event->period)) : TEXT_NONE,
		.quantity = event->quantity,
		.has_quantity = true,
		.bill_cycle_day = event->bill_cycle_day,
		.has_bill_cycle_day = true,
		.convention = event->counts.convention ? text_of(event->counts.convention->name) : TEXT_NONE,
		.convention_by = (enum timeline_entry_convention_by)event->counts.by,
	};
}

bool timeline_show(struct command *command, const struct subscription *subscription, struct subscription_timeline **shown)
{
	struct timeline timeline = { .own_day = 0 };
	const struct account *account = account_need(command, subscription->account_id, "");
	/* What an order made has none. */
	if (!account || (subscription->catalog_plan_id && !timeline_read(command, account, subscription, &timeline)))
		return false;
	*shown = arena_new(command->arena, struct subscription_timeline);
	(*shown)->subscription_id = subscription->id;
	for (size_t i = 0; i < timeline.events.count; i++)
		*list_add(command->arena, &(*shown)->items, struct timeline_entry) =
		        entry_of(&timeline, subscription, &timeline.events.items[i]);
	return true;
}
