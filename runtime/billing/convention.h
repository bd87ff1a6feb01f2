/* convention.h: how a plan counts, by the name of a system that counts so (schema/conventions.lua, docs/conventions.md).
 *
 * A convention says where cycles begin, whether policies are told seconds, and which policies decide where nobody else
 * does. Who chooses one, and whom its policies come after: convention_choice.h. Pure.
 */
#ifndef MOONBILL_BILLING_CONVENTION_H
#define MOONBILL_BILLING_CONVENTION_H

#include "billing_cycle.h"

enum convention_anchor {
	CONVENTION_ANCHOR_BILL_CYCLE_DAY,
	CONVENTION_ANCHOR_BILL_CYCLE_DAY_OF_MONTH,
	CONVENTION_ANCHOR_BILL_CYCLE_DAY_BEFORE,
	CONVENTION_ANCHOR_ANNIVERSARY,
	CONVENTION_ANCHOR_MONTH_END,
	CONVENTION_ANCHOR_CALENDAR,
};

enum convention_unit { CONVENTION_UNIT_DAY, CONVENTION_UNIT_SECOND };

struct convention {
	const char *name, *doc, *cycles; /* doc: what a part costs; cycles: where they begin */
	enum convention_anchor anchor;
	enum convention_unit unit;
	const struct policy_choice *choices;
	size_t choice_count;
};

extern const struct convention conventions[];
extern const size_t convention_count;
extern const char *const convention_names[]; /* ends with NULL */

/* A problem at `pointer` when there is none of that name; an absent one is well. */
bool convention_check(struct arena *arena, struct problems *problems, struct text name, const char *pointer);
/* NULL when there is none of that name. */
const struct convention *convention_find(struct text name);
const struct convention *convention_default(void);

/* The numbers of the words of convention_by in records. */
enum convention_by {
	CONVENTION_BY_NONE,
	CONVENTION_BY_DEFAULT,
	CONVENTION_BY_TENANT,
	CONVENTION_BY_ACCOUNT,
	CONVENTION_BY_PLAN,
	CONVENTION_BY_SUBSCRIPTION,
};
struct convention_choice {
	const struct convention *convention;
	enum convention_by by;
};

/* As kept with a row or line; what keeps nothing counts as the default does. */
struct convention_choice convention_choice_kept(struct text name, enum convention_by by);
/* Do its cycles go by the account's bill cycle day? Else they have a day of their own unless one is asked for. */
bool convention_takes_day(const struct convention *convention);

/* Where cycles begin: all that a grid follows from, but the period. */
struct convention_cycles {
	enum convention_anchor anchor;
	int bill_cycle_day; /* 1 to 31; 0: none is asked for: the day of `from`, the calendar's first */
	struct date from;   /* they are counted from here */
};
/* A day that is asked for takes the place of the anniversary's and of the calendar's first; those cycles are counted from
 * the first such day on or after `from`. Periods of days have no such day. */
struct billing_grid convention_grid(const struct convention_cycles *cycles, enum billing_period period);
bool convention_anchor_parse(struct text name, enum convention_anchor *anchor); /* "bill_cycle_day" */

#endif
