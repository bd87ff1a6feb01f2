/* subscription_moment.c: when something that is asked of a subscription takes effect. */
#include "subscription_moment.h"

#include "catalog_plan.h"
#include "value/bill_cycle_day.h"

bool moment_asked(struct command *command, const struct account *account, struct date date, struct instant at,
                  const char *pointer, struct instant *moment)
{
	*moment = at;
	if (!date_present(date))
		return true;
	if (at.us != 0)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, pointer, date_text(command->arena, date),
		                     "Give the date or the instant.", "the moment is given twice");
	*moment = timezone_start_of_date(command_zone(command, account), date);
	return true;
}

struct instant moment_not_before(struct instant moment, struct instant earliest)
{
	return moment.us < earliest.us ? earliest : moment;
}

/* ------------------------------------------------------------------------------------------------ terms */

/* Where the phase in force began: the last event that set plan or phase. */
static struct instant phase_start(const struct timeline *timeline, struct instant now)
{
	struct instant start = timeline->laid.count ? timeline->laid.items[0].at : now;
	for (size_t i = 0; i < timeline->laid.count && timeline->laid.items[i].at.us <= now.us; i++) {
		enum billing_transition transition = timeline->laid.items[i].transition;
		if (transition == BILLING_TRANSITION_PHASE || transition == BILLING_TRANSITION_CHANGE)
			start = timeline->laid.items[i].at;
	}
	return start;
}

/* Of the phase in force, or, when nothing recurs in it, of the plan. */
static enum billing_period term_period(struct command *command, const struct subscription *subscription,
                                       const struct billing_event *event)
{
	struct catalog_plan *plan = NULL;
	if (event && event->period != BILLING_PERIOD_NONE)
		return event->period;
	if (!catalog_plan_find(command, subscription->catalog_plan_id, &plan) || !plan)
		return BILLING_PERIOD_NONE;
	return catalog_plan_period(plan);
}

static struct date cycle_start(const struct billing_event *event, enum billing_period period, struct date date)
{
	struct convention_cycles cycles = billing_event_cycles(event);
	struct billing_grid grid = convention_grid(&cycles, period);
	return billing_cycle_containing(&grid, date).start;
}

static struct date term_start(struct command *command, const struct subscription *subscription,
                              const struct timeline *timeline, struct date today)
{
	const struct billing_event *event = billing_event_at(&timeline->laid, command->now);
	enum billing_period period = term_period(command, subscription, event);
	struct date start = subscription->charged_through;
	if (period == BILLING_PERIOD_NONE || !event)
		return subscription->start_date;
	if (!billing_event_counts_anew(event))
		return date_max(cycle_start(event, period, today), subscription->start_date);
	while (date_present(start) && date_compare(start, today) > 0)
		start = billing_period_advance(period, start, -1, 0);
	return date_present(start) ? bill_cycle_day_align_same_month(start, event->bill_cycle_day, period)
	                           : subscription->start_date;
}

static struct instant start_of_term(struct command *command, const struct account *account,
                                    const struct subscription *subscription, const struct timeline *timeline)
{
	const struct timezone_rules *zone = command_zone(command, account);
	struct date today = command_today(command, account), through = subscription->charged_through;
	if (!date_present(through))
		return subscription->started_at;
	if (date_compare(through, today) <= 0)
		return timezone_start_of_date(zone, through);
	return timezone_start_of_date(zone, term_start(command, subscription, timeline, today));
}

static struct instant end_of_term(struct command *command, const struct account *account,
                                  const struct subscription *subscription)
{
	struct date through = subscription->charged_through;
	if (!date_present(through) || date_compare(through, command_today(command, account)) <= 0)
		return command->now;
	return timezone_start_of_date(command_zone(command, account), through);
}

struct instant moment_of_policy(struct command *command, const struct account *account,
                                const struct subscription *subscription, const struct timeline *timeline,
                                enum catalog_policy policy)
{
	struct instant moment = command->now;
	if (policy == CATALOG_POLICY_END_OF_TERM)
		moment = end_of_term(command, account, subscription);
	if (policy == CATALOG_POLICY_START_OF_TERM)
		moment = start_of_term(command, account, subscription, timeline);
	return moment_not_before(moment, phase_start(timeline, command->now));
}
