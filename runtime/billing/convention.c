/* convention.c: how a plan counts, by the name of a system that counts so. */
#include "convention.h"

#include "records.gen.h"

_Static_assert((int)CONVENTION_BY_SUBSCRIPTION == (int)SUBSCRIPTION_EVENT_CONVENTION_BY_SUBSCRIPTION, "the same numbers");
_Static_assert((int)CONVENTION_BY_DEFAULT == (int)INVOICE_LINE_CONVENTION_BY_DEFAULT, "the same numbers");

const struct convention *convention_find(struct text name)
{
	for (size_t i = 0; i < convention_count; i++)
		if (text_is(name, conventions[i].name))
			return &conventions[i];
	return NULL;
}

static const char *convention_name_at(const void *context, size_t i)
{
	(void)context;
	return convention_names[i];
}

bool convention_check(struct arena *arena, struct problems *problems, struct text name, const char *pointer)
{
	if (!text_present(name) || convention_find(name))
		return true;
	return problem_value(problems, PROBLEM_UNKNOWN_CONVENTION, pointer, name, NULL,
	                     "there is no convention '%.*s'%s", TEXT_ARG(name),
	                     text_did_you_mean(arena, name, convention_name_at, NULL));
}

const struct convention *convention_default(void)
{
	return &conventions[0];
}

struct convention_choice convention_choice_kept(struct text name, enum convention_by by)
{
	const struct convention *convention = text_present(name) ? convention_find(name) : NULL;
	if (!convention)
		return (struct convention_choice){ convention_default(), CONVENTION_BY_DEFAULT };
	return (struct convention_choice){ convention, by ? by : CONVENTION_BY_PLAN };
}

bool convention_takes_day(const struct convention *convention)
{
	return convention->anchor == CONVENTION_ANCHOR_BILL_CYCLE_DAY ||
	       convention->anchor == CONVENTION_ANCHOR_BILL_CYCLE_DAY_OF_MONTH ||
	       convention->anchor == CONVENTION_ANCHOR_BILL_CYCLE_DAY_BEFORE;
}

/* ------------------------------------------------------------------------------------------------ grids */

static struct date day_before(struct date from, int day)
{
	struct date same_month = date_with_day(from, day);
	return date_compare(same_month, from) > 0 ? date_add_months_anchored(same_month, -1, day) : same_month;
}

static struct date day_after(struct date from, int day)
{
	struct date same_month = date_with_day(from, day);
	return date_compare(same_month, from) < 0 ? date_add_months_anchored(same_month, 1, day) : same_month;
}

static void place_months(const struct convention_cycles *cycles, struct billing_grid *grid)
{
	int day = cycles->bill_cycle_day ? cycles->bill_cycle_day : date_day_of_month(cycles->from);
	grid->anchor_day = day;
	switch (cycles->anchor) {
	case CONVENTION_ANCHOR_CALENDAR:
		grid->anchor_day = cycles->bill_cycle_day ? cycles->bill_cycle_day : 1;
		break;
	case CONVENTION_ANCHOR_BILL_CYCLE_DAY:
	case CONVENTION_ANCHOR_BILL_CYCLE_DAY_OF_MONTH:
		grid->anchor = date_with_day(cycles->from, day);
		break;
	case CONVENTION_ANCHOR_BILL_CYCLE_DAY_BEFORE:
		grid->anchor = day_before(cycles->from, day);
		break;
	case CONVENTION_ANCHOR_MONTH_END:
		grid->drifts = true;
		grid->anchor_day = 0;
		grid->anchor = day_after(cycles->from, day);
		break;
	case CONVENTION_ANCHOR_ANNIVERSARY:
		grid->anchor = day_after(cycles->from, day);
		break;
	}
}

struct billing_grid convention_grid(const struct convention_cycles *cycles, enum billing_period period)
{
	struct billing_grid grid = { .period = period, .anchor = cycles->from };
	if (cycles->anchor == CONVENTION_ANCHOR_CALENDAR)
		grid.anchor = (struct date){ 1 }; /* a Monday, and the first of everything longer */
	if (billing_period_length(period).months != 0)
		place_months(cycles, &grid);
	return grid;
}

bool convention_anchor_parse(struct text name, enum convention_anchor *anchor)
{
	static const char *const names[] = { "bill_cycle_day", "bill_cycle_day_of_month", "bill_cycle_day_before",
		                             "anniversary", "month_end", "calendar" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i])) {
			*anchor = (enum convention_anchor)i;
			return true;
		}
	return false;
}
