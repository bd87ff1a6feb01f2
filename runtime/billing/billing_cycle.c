/* billing_cycle.c: the grid of dates on which a subscription is billed, and the parts of it that are due. */
#include "billing_cycle.h"

#include <assert.h>

/* The names of plan.billing_period are those of value/calendar.h in the same order, which begins at "no period". */
static enum billing_period period_of(enum plan_billing_period period)
{
	_Static_assert((int)PLAN_BILLING_PERIOD_DAILY == (int)BILLING_PERIOD_DAILY, "the same numbers");
	_Static_assert((int)PLAN_BILLING_PERIOD_MONTHLY == (int)BILLING_PERIOD_MONTHLY, "the same numbers");
	_Static_assert((int)PLAN_BILLING_PERIOD_TRIENNIAL == (int)BILLING_PERIOD_TRIENNIAL, "the same numbers");
	return (enum billing_period)period;
}

/* The last bill cycle day on or before the start. */
static struct date anchor_on_day(struct date start, int day)
{
	struct date same_month = date_with_day(start, day);
	if (date_compare(same_month, start) <= 0)
		return same_month;
	struct date earlier = date_add_months_anchored(same_month, -1, day);
	return date_present(earlier) ? earlier : same_month;
}

struct billing_grid billing_grid_make(enum plan_billing_period period, int bill_cycle_day, bool anniversary,
                                      struct date subscription_start)
{
	assert(bill_cycle_day >= 1 && bill_cycle_day <= 31);
	struct billing_grid grid = { .period = period_of(period), .anchor = subscription_start };
	if (billing_period_length(grid.period).months == 0)
		return grid;
	grid.anchor_day = anniversary ? date_day_of_month(subscription_start) : bill_cycle_day;
	grid.anchor = anchor_on_day(subscription_start, grid.anchor_day);
	return grid;
}

/* From cycle to cycle until the day can fall no more: from the 28th on every month has it. */
static struct period drifting_containing(const struct billing_grid *grid, struct date date)
{
	struct date start = grid->anchor;
	while (date_day_of_month(start) > 28) {
		struct date end = billing_period_advance(grid->period, start, 1, 0);
		if (!date_present(end) || date_compare(date, end) < 0)
			return (struct period){ start, end };
		start = end;
	}
	return billing_period_containing(grid->period, start, 0, date);
}

struct period billing_cycle_containing(const struct billing_grid *grid, struct date date)
{
	if (grid->drifts && date_compare(date, grid->anchor) > 0)
		return drifting_containing(grid, date);
	return billing_period_containing(grid->period, grid->anchor, grid->anchor_day, date);
}

/* Cycle starts in (start, on], counted by the grid's own steps. */
int32_t billing_cycles_elapsed(const struct billing_grid *grid, struct date start, struct date on)
{
	if (date_compare(on, start) <= 0)
		return 0;
	struct period last = billing_cycle_containing(grid, on);
	struct period first = billing_cycle_containing(grid, start);
	int32_t count = 0;
	for (struct period cycle = first; date_compare(cycle.start, last.start) < 0; count++)
		cycle = billing_cycle_containing(grid, cycle.end);
	return count;
}

struct date billing_cycle_after(const struct billing_grid *grid, int32_t count, struct date start)
{
	struct period cycle = billing_cycle_containing(grid, start);
	if (date_compare(cycle.start, start) != 0)
		return cycle.end;
	for (int32_t i = 1; i < count && date_present(cycle.end); i++)
		cycle = billing_cycle_containing(grid, cycle.end);
	return cycle.end;
}

struct period billing_cycle_billed(const struct billing_grid *grid, struct date on, bool begins, struct date started)
{
	struct period cycle = billing_cycle_containing(grid, on);
	if (!begins)
		cycle = billing_cycle_containing(grid, date_add_days(cycle.start, -1));
	cycle.start = date_max(cycle.start, started);
	return cycle;
}

struct date billing_cycle_next_start(const struct billing_grid *grid, struct date date)
{
	struct period cycle = billing_cycle_containing(grid, date);
	return date_compare(cycle.start, date) == 0 ? date : cycle.end;
}

size_t billing_parts_due(const struct billing_grid *grid, struct date charged_through, struct date until,
                         struct date end_date, struct billing_part *parts, size_t capacity)
{
	size_t count = 0;
	struct date from = charged_through;
	while (count < capacity && date_compare(from, until) <= 0 &&
	       (!date_present(end_date) || date_compare(from, end_date) < 0)) {
		struct period cycle = billing_cycle_containing(grid, from);
		if (!date_present(cycle.end))
			break; /* the calendar ends */
		assert(period_contains(cycle, from));
		struct period service = { from, date_present(end_date) ? date_min(cycle.end, end_date) : cycle.end };
		parts[count++] = (struct billing_part){ cycle, service };
		from = service.end;
	}
	return count;
}

bool billing_part_is_whole(const struct billing_part *part)
{
	return date_compare(part->service.start, part->cycle.start) == 0 &&
	       date_compare(part->service.end, part->cycle.end) == 0;
}

enum proration_change_reason billing_part_reason(const struct billing_part *part)
{
	return date_compare(part->service.start, part->cycle.start) > 0 ? PRORATION_CHANGE_REASON_START
	                                                                 : PRORATION_CHANGE_REASON_END;
}
