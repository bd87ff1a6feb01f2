/* alignment.c: the phases of a plan laid end to end in time. */
#include "alignment.h"

#include "catalog_plan.h"

#include <assert.h>

struct instant alignment_add(const struct timezone_rules *zone, struct instant from, struct duration length)
{
	struct date date = date_add_duration(timezone_date(zone, from), (struct duration){ length.months, length.days, 0 });
	return timezone_instant(zone, date, timezone_time_of_day_us(zone, from));
}

static struct instant anchor_of(const struct alignment *alignment)
{
	switch (alignment->from) {
	case SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_SUBSCRIPTION:
		return alignment->subscription_start;
	case SUBSCRIPTION_EVENT_ALIGNMENT_CHANGE_OF_PLAN:
		return alignment->at;
	default:
		return alignment->bundle_start;
	}
}

static bool plan_has(const struct catalog_plan *plan, enum phase_kind kind)
{
	return kind != PHASE_KIND_NONE && catalog_plan_phase(plan, kind) != NULL;
}

/* The kind of phase to begin with; NONE: the plan's first. */
static enum phase_kind first_kind(const struct catalog_plan *plan, const struct alignment *alignment)
{
	bool from_change = alignment->from == SUBSCRIPTION_EVENT_ALIGNMENT_CHANGE_OF_PLAN;
	if (alignment->asked != PHASE_KIND_NONE)
		return alignment->asked;
	return !from_change && plan_has(plan, alignment->created_in) ? alignment->created_in : PHASE_KIND_NONE;
}

bool alignment_lay(const struct timezone_rules *zone, const struct catalog_plan *plan, const struct alignment *alignment,
                   struct laid_phases *laid)
{
	enum phase_kind first = first_kind(plan, alignment);
	struct instant start = anchor_of(alignment);
	laid->count = 0;
	/* What ends beyond the calendar is followed by nothing. */
	for (size_t i = 0; start.us && i < plan->phases.count && laid->count < ALIGNMENT_PHASES_MAX; i++) {
		const struct phase *phase = &plan->phases.items[i];
		struct duration length = catalog_phase_length(phase);
		if (laid->count == 0 && first != PHASE_KIND_NONE && phase->kind != first)
			continue;
		struct instant end = duration_present(length) ? alignment_add(zone, start, length) : INSTANT_NONE;
		laid->items[laid->count++] = (struct laid_phase){ phase, start, end };
		start = end;
	}
	return laid->count > 0;
}

const struct laid_phase *alignment_current(const struct laid_phases *laid, struct instant at)
{
	const struct laid_phase *current = NULL;
	for (size_t i = 0; i < laid->count && laid->items[i].start.us <= at.us; i++)
		current = &laid->items[i];
	return current;
}

const struct laid_phase *alignment_next(const struct laid_phases *laid, struct instant at)
{
	for (size_t i = 0; i < laid->count; i++)
		if (laid->items[i].start.us > at.us)
			return &laid->items[i];
	return NULL;
}
