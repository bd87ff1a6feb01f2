/* convention.h: how a plan counts, by the name of a system that counts so (schema/conventions.lua, docs/conventions.md).
 *
 * A convention says where cycles begin, whether policies are told seconds, and which policies decide where nobody else
 * does. A plan that is subscribed to directly names one, else the tenant's setting billing.convention counts, else
 * killbill. Who decides an amount, in order: the plan's policies; the convention that the plan names; the setting
 * policies.KIND; the bundle's rules; the tenant's convention.
 */
#ifndef MOONBILL_BILLING_CONVENTION_H
#define MOONBILL_BILLING_CONVENTION_H

#include "billing_cycle.h"
#include "event/command.h"
#include "event/dispatch.h"

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
	const char *name, *doc;
	enum convention_anchor anchor;
	enum convention_unit unit;
	const struct policy_choice *choices;
	size_t choice_count;
};

extern const struct convention conventions[];
extern const size_t convention_count;
extern const char *const convention_names[]; /* ends with NULL */

/* NULL when there is none of that name. */
const struct convention *convention_find(struct text name);
/* The plan's (`name` none: the tenant's). False with PROBLEM_UNKNOWN_CONVENTION. */
bool convention_need(struct command *command, struct text name, const struct convention **convention);
/* Whom to ask for a plan with these policies of its own, which names `convention` or none. */
bool convention_choices(struct command *command, const struct policy_choice *own, size_t own_count, struct text convention,
                        struct policy_choices *choices);

/* Pure: the grid of cycles of something that starts on `start`; `bill_cycle_day` 1 to 31 where the anchor asks for it. */
struct billing_grid convention_grid(enum convention_anchor anchor, enum billing_period period, int bill_cycle_day,
                                    struct date start);
bool convention_anchor_parse(struct text name, enum convention_anchor *anchor); /* "bill_cycle_day" */

#endif
