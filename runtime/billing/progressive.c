/* progressive.c: invoices within a billing period, made when usage reaches a threshold. */
#include "progressive.h"

static int64_t highest_fixed(const struct usage_thresholds *thresholds)
{
	int64_t highest = 0;
	for (size_t i = 0; i < thresholds->fixed_count; i++)
		if (thresholds->fixed_minor[i] > highest)
			highest = thresholds->fixed_minor[i];
	return highest;
}

int64_t threshold_reached(const struct usage_thresholds *thresholds, int64_t lifetime_minor)
{
	int64_t last = highest_fixed(thresholds), reached = 0;
	for (size_t i = 0; i < thresholds->fixed_count; i++)
		if (thresholds->fixed_minor[i] <= lifetime_minor && thresholds->fixed_minor[i] > reached)
			reached = thresholds->fixed_minor[i];
	if (thresholds->step_minor > 0 && lifetime_minor >= last && lifetime_minor - last >= thresholds->step_minor)
		reached = lifetime_minor - (lifetime_minor - last) % thresholds->step_minor;
	return reached;
}

int64_t threshold_ahead(const struct usage_thresholds *thresholds, int64_t lifetime_minor)
{
	int64_t last = highest_fixed(thresholds), ahead = 0;
	for (size_t i = 0; i < thresholds->fixed_count; i++)
		if (thresholds->fixed_minor[i] > lifetime_minor && (ahead == 0 || thresholds->fixed_minor[i] < ahead))
			ahead = thresholds->fixed_minor[i];
	if (ahead == 0 && thresholds->step_minor > 0) {
		int64_t base = threshold_reached(thresholds, lifetime_minor);
		if (__builtin_add_overflow(base > last ? base : last, thresholds->step_minor, &ahead))
			ahead = 0;
	}
	return ahead;
}

bool progressive_use(const struct usage_thresholds *thresholds, struct progressive_state *state, int64_t period_minor,
                     int64_t *due_minor)
{
	struct progressive_state after = *state;
	int64_t more;
	*due_minor = 0;
	if (__builtin_sub_overflow(period_minor, state->period_minor, &more) ||
	    __builtin_add_overflow(state->lifetime_minor, more, &after.lifetime_minor))
		return false;
	after.period_minor = period_minor;
	int64_t reached = threshold_reached(thresholds, after.lifetime_minor);
	if (reached > after.passed_minor) {
		after.passed_minor = reached;
		if (period_minor > after.billed_minor) {
			*due_minor = period_minor - after.billed_minor;
			after.billed_minor = period_minor;
		}
	}
	*state = after;
	return true;
}

int64_t progressive_credit(int64_t charges_minor, int64_t billed_minor)
{
	if (charges_minor <= 0 || billed_minor <= 0)
		return 0;
	return billed_minor < charges_minor ? billed_minor : charges_minor;
}
