/* convention.c: how a plan counts, by the name of a system that counts so. */
#include "convention.h"

static const char DEFAULT_NAME[] = "killbill";

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

bool convention_need(struct command *command, struct text name, const struct convention **convention)
{
	struct text setting = command_setting(command, "billing.convention");
	struct text chosen = text_present(name) ? name : text_present(setting) ? setting : text_of(DEFAULT_NAME);
	*convention = convention_find(chosen);
	if (*convention)
		return true;
	return problem_value(command->problems, PROBLEM_UNKNOWN_CONVENTION, "", chosen, NULL,
	                     "there is no convention '%.*s'%s", TEXT_ARG(chosen),
	                     text_did_you_mean(command->arena, chosen, convention_name_at, NULL));
}

bool convention_choices(struct command *command, const struct policy_choice *own, size_t own_count, struct text convention,
                        struct policy_choices *choices)
{
	const struct convention *of_plan = NULL, *of_tenant;
	if (text_present(convention) && !convention_need(command, convention, &of_plan))
		return false;
	if (!convention_need(command, TEXT_NONE, &of_tenant))
		return false;
	size_t count = own_count + (of_plan ? of_plan->choice_count : 0);
	struct policy_choice *first = arena_new_many(command->arena, struct policy_choice, count + 1);
	for (size_t i = 0; i < own_count; i++)
		first[i] = own[i];
	for (size_t i = own_count; i < count; i++)
		first[i] = of_plan->choices[i - own_count];
	*choices = (struct policy_choices){ first, count, of_tenant->choices, of_tenant->choice_count };
	return true;
}

/* ------------------------------------------------------------------------------------------------ grids */

/* The day's date in the start's month, or in the month before or after it. */
static struct date anchor_on_day(enum convention_anchor anchor, struct date start, int day)
{
	struct date same_month = date_with_day(start, day);
	int order = date_compare(same_month, start);
	if (anchor == CONVENTION_ANCHOR_BILL_CYCLE_DAY && order < 0)
		return date_add_months_anchored(same_month, 1, day);
	if (anchor == CONVENTION_ANCHOR_BILL_CYCLE_DAY_BEFORE && order > 0)
		return date_add_months_anchored(same_month, -1, day);
	return same_month;
}

struct billing_grid convention_grid(enum convention_anchor anchor, enum billing_period period, int bill_cycle_day,
                                    struct date start)
{
	bool months = billing_period_length(period).months != 0;
	struct billing_grid grid = { .period = period, .anchor = start };
	switch (anchor) {
	case CONVENTION_ANCHOR_CALENDAR:
		grid.anchor = (struct date){ 1 }; /* a Monday, and the first of everything longer */
		grid.anchor_day = months ? 1 : 0;
		break;
	case CONVENTION_ANCHOR_MONTH_END:
		grid.drifts = months;
		break;
	case CONVENTION_ANCHOR_ANNIVERSARY:
		grid.anchor_day = months ? date_day_of_month(start) : 0;
		break;
	default:
		if (months) {
			grid.anchor_day = bill_cycle_day;
			grid.anchor = anchor_on_day(anchor, start, bill_cycle_day);
		}
	}
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
