/* subscription_cycle.c: the billing cycle that a subscription is in. */
#include "subscription_cycle.h"

#include "timeline.h"

static struct instant moment(const struct billing_event *event, const struct timezone_rules *zone, struct date date)
{
	const struct convention *convention = event->counts.convention;
	bool seconds = convention && convention->unit == CONVENTION_UNIT_SECOND;
	return seconds ? billing_cycle_moment(event, zone, date) : timezone_start_of_date(zone, date);
}

static void recurring_cycle(const struct billing_event *event, const struct timezone_rules *zone, struct instant at,
                            struct cycle_moments *cycle)
{
	const struct convention_cycles cycles = billing_event_cycles(event);
	const struct billing_grid grid = convention_grid(&cycles, event->period);
	struct period whole = billing_cycle_containing(&grid, timezone_date(zone, at));
	if (moment(event, zone, whole.start).us > at.us)
		whole = billing_cycle_containing(&grid, date_add_days(whole.start, -1));
	cycle->start = moment(event, zone, whole.start);
	cycle->end = moment(event, zone, whole.end);
}

static void trial_find(const struct timeline *timeline, struct instant at, struct cycle_moments *cycle)
{
	for (size_t i = 0; i < timeline->laid.count; i++) {
		const struct billing_event *event = &timeline->laid.items[i];
		if (event->phase_kind != PHASE_KIND_TRIAL)
			continue;
		cycle->trial_start = event->at;
		cycle->trial_end = i + 1 < timeline->laid.count ? timeline->laid.items[i + 1].at : timeline->ends_at;
		cycle->in_trial = event->at.us <= at.us && (cycle->trial_end.us == 0 || at.us < cycle->trial_end.us);
		return;
	}
}

bool subscription_cycle_at(struct command *command, const struct account *account, const struct subscription *subscription,
                           struct instant at, struct cycle_moments *cycle)
{
	struct timeline timeline;
	*cycle = (struct cycle_moments){ .in_trial = false };
	if (!timeline_read(command, account, subscription, &timeline))
		return false;
	trial_find(&timeline, at, cycle);
	const struct billing_event *event = billing_event_at(&timeline.laid, at);
	if (cycle->in_trial) {
		cycle->start = cycle->trial_start;
		cycle->end = cycle->trial_end;
	} else if (!event && at.us < subscription->started_at.us) {
		cycle->start = subscription->entitled_from;
		cycle->end = subscription->started_at;
	} else if (event && event->has_recurring && event->period != BILLING_PERIOD_NONE) {
		recurring_cycle(event, command_zone(command, account), at, cycle);
	}
	return true;
}
