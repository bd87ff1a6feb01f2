/* reach.c: how far back a command may have something billed. */
#include "reach.h"

#include "account.h"

bool reach_allows(struct command *command, struct date from, struct date today, int64_t periods, const char *pointer)
{
	bool ages = date_compare(from, today) < 0 && date_days_between(from, today) > REACH_DAYS_MAX;
	if (!ages && periods <= REACH_PERIODS_MAX)
		return true;
	const char *most = ages ? "that is more than a hundred years ago"
	                        : text_format(command->arena, "%lld periods from then on would be billed or given back, %d are the most",
	                                      (long long)periods, REACH_PERIODS_MAX).data;
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, pointer, date_text(command->arena, from),
	                     "Give a later date; look at the year.", "%s", most);
}

/* Of what recurs most often. */
static int64_t periods_of(const struct billing_event *event, struct date from, struct date until)
{
	int64_t most = event->has_recurring ? billing_period_whole_between(event->period, from, until) : 0;
	for (size_t i = 0; i < event->usage_count; i++) {
		enum billing_period period = (enum billing_period)event->usages[i].billing_period;
		int64_t count = billing_period_whole_between(period, from, until);
		most = count > most ? count : most;
	}
	return most;
}

static int64_t periods_to_charge(const struct billing_event_list *laid, struct date from, struct date until)
{
	int64_t periods = 0;
	for (size_t i = 0; i < laid->count; i++) {
		const struct billing_event *event = &laid->items[i];
		struct date begin = date_max(event->date, from), end = i + 1 < laid->count ? date_min(event[1].date, until) : until;
		if (event->transition != BILLING_TRANSITION_CANCEL && date_compare(begin, end) < 0)
			periods += periods_of(event, begin, end);
	}
	return periods;
}

/* No period is shorter than a day: of a change that is not as far back nothing is counted. */
bool reach_allows_timeline(struct command *command, const struct account *account, const struct subscription *subscription,
                           const struct timeline *timeline, struct instant from, const char *pointer)
{
	struct date today = command_today(command, account), first = timezone_date(command_zone(command, account), from);
	int64_t charged;
	if (timeline->laid.count == 0)
		return true;
	first = date_max(first, timeline->laid.items[0].date);
	if (date_days_between(first, today) <= REACH_PERIODS_MAX)
		return true;
	if (!store_integer(command->store, STATEMENT_INVOICE_LINE_CHARGED_AFTER,
	                   BINDS(bind_id(account->id), bind_id(subscription->id), bind_date(command->arena, first)), &charged, NULL))
		return false;
	int64_t periods = periods_to_charge(&timeline->laid, first, today);
	return reach_allows(command, first, today, charged > periods ? charged : periods, pointer);
}
