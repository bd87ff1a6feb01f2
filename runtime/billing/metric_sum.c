/* metric_sum.c: sums of days, results of periods, and the quantity that a result is. */
#include "metric_sum.h"

#include <assert.h>
#include <stdlib.h>

static const struct decimal zero = { 0, 0 };

/* ------------------------------------------------------------------------------------------------ a day */

static bool extreme_replaces(const struct metric_sum *sum, const struct billing_metric *metric, struct decimal value, int64_t at_us,
                             int64_t id)
{
	if (sum->extreme_id == 0)
		return true;
	switch (metric->analysis) {
	case BILLING_METRIC_ANALYSIS_MINIMUM:
		return decimal_compare(value, sum->extreme) < 0;
	case BILLING_METRIC_ANALYSIS_MAXIMUM:
		return decimal_compare(value, sum->extreme) > 0;
	default: /* the latest; of one moment the one that came last */
		return at_us > sum->extreme_at || (at_us == sum->extreme_at && id > sum->extreme_id);
	}
}

static bool adds_up(const struct billing_metric *metric)
{
	return metric->analysis == BILLING_METRIC_ANALYSIS_SUM || metric->analysis == BILLING_METRIC_ANALYSIS_AVERAGE ||
	       metric->analysis == BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM;
}

bool metric_sum_add(struct metric_sum *sum, const struct billing_metric *metric, const struct metric_reading *reading, int64_t at_us,
                    int64_t day_us, int64_t id)
{
	struct decimal weight;
	struct metric_sum after = *sum;
	after.event_count++;
	if (!decimal_add(sum->priced, reading->price, &after.priced))
		return false;
	switch (metric->analysis) {
	case BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM:
		if (!decimal_multiply(reading->number, decimal_from_int64(at_us - day_us), &weight) ||
		    !decimal_add(sum->weighted, weight, &after.weighted))
			return false;
		/* fall through */
	case BILLING_METRIC_ANALYSIS_SUM:
	case BILLING_METRIC_ANALYSIS_AVERAGE:
		if (!decimal_add(sum->total, reading->number, &after.total))
			return false;
		break;
	case BILLING_METRIC_ANALYSIS_MINIMUM:
	case BILLING_METRIC_ANALYSIS_MAXIMUM:
	case BILLING_METRIC_ANALYSIS_LATEST:
		if (!extreme_replaces(sum, metric, reading->number, at_us, id))
			break;
		after.extreme = reading->number;
		after.extreme_at = at_us;
		after.extreme_id = id;
		break;
	default:
		break;
	}
	*sum = after;
	return true;
}

bool metric_sum_take(struct metric_sum *sum, const struct billing_metric *metric, const struct metric_reading *reading, int64_t at_us,
                     int64_t day_us, int64_t id)
{
	struct decimal weight;
	struct metric_sum after = *sum;
	after.event_count--;
	if (after.event_count <= 0) {
		*sum = (struct metric_sum){ 0 };
		return true;
	}
	if (sum->extreme_id == id || !decimal_subtract(sum->priced, reading->price, &after.priced))
		return false;
	if (metric->analysis == BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM &&
	    (!decimal_multiply(reading->number, decimal_from_int64(at_us - day_us), &weight) ||
	     !decimal_subtract(sum->weighted, weight, &after.weighted)))
		return false;
	if (adds_up(metric) && !decimal_subtract(sum->total, reading->number, &after.total))
		return false;
	*sum = after;
	return true;
}

/* ------------------------------------------------------------------------------------------------ a period */

/* Sum of v x (to - t) is (to - day) x sum of v, less sum of v x (t - day). */
static bool weighted_add(struct metric_result *result, const struct metric_sum *day, int64_t day_us, int64_t to_us)
{
	struct fraction total, weighted, part;
	struct fraction before = fraction_present(result->weighted) ? result->weighted : (struct fraction){ 0, 1 };
	return fraction_from_decimal(day->total, &total) && fraction_from_decimal(day->weighted, &weighted) &&
	       fraction_multiply(total, (struct fraction){ to_us - day_us, 1 }, &part) &&
	       fraction_subtract(part, weighted, &part) && fraction_add(before, part, &result->weighted);
}

bool metric_result_add(struct metric_result *result, const struct billing_metric *metric, const struct metric_sum *day, int64_t day_us,
                       int64_t to_us)
{
	struct metric_sum *sum = &result->sum;
	if (!decimal_add(sum->total, day->total, &sum->total) || !decimal_add(sum->priced, day->priced, &sum->priced))
		return false;
	if (day->extreme_id && extreme_replaces(sum, metric, day->extreme, day->extreme_at, day->extreme_id)) {
		sum->extreme = day->extreme;
		sum->extreme_at = day->extreme_at;
		sum->extreme_id = day->extreme_id;
	}
	sum->event_count += day->event_count;
	return metric->analysis != BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM || weighted_add(result, day, day_us, to_us);
}

bool metric_result_list(struct metric_result *result, const struct metric_reading *reading, struct arena *arena)
{
	struct metric_values *values = &result->values;
	size_t capacity = values->capacity;
	result->sum.event_count++;
	if (!decimal_add(result->sum.priced, reading->price, &result->sum.priced))
		return false;
	if (text_present(reading->text)) {
		if (values->count == capacity) {
			values->capacity = capacity ? capacity * 2 : 64;
			values->texts = arena_grow(arena, values->texts, capacity * sizeof *values->texts,
			                           values->capacity * sizeof *values->texts);
		}
		if (values->texts)
			values->texts[values->count++] = reading->text;
		return true;
	}
	if (values->count == capacity) {
		values->capacity = capacity ? capacity * 2 : 64;
		values->items = arena_grow(arena, values->items, capacity * sizeof *values->items,
		                           values->capacity * sizeof *values->items);
	}
	if (values->items)
		values->items[values->count++] = reading->number;
	return true;
}

/* ------------------------------------------------------------------------------------------------ quantities */

static int compare_numbers(const void *a, const void *b)
{
	return decimal_compare(*(const struct decimal *)a, *(const struct decimal *)b);
}

static int compare_texts(const void *a, const void *b)
{
	return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static int64_t distinct_count(struct metric_values *values)
{
	int64_t distinct = 0;
	if (values->count)
		qsort(values->texts, values->count, sizeof *values->texts, compare_texts);
	for (size_t i = 0; i < values->count; i++)
		distinct += i == 0 || !text_equals(values->texts[i], values->texts[i - 1]);
	return distinct;
}

/* Where rank = percent / 100 x (count - 1) falls between two values, the part of the way from one to the other. */
static bool percentile_of(struct metric_values *values, struct decimal percent, struct fraction *found)
{
	struct fraction rank, low, high, part;
	struct decimal whole;
	int64_t at;
	qsort(values->items, values->count, sizeof *values->items, compare_numbers);
	if (!fraction_from_decimal(percent, &rank) ||
	    !fraction_multiply(rank, (struct fraction){ (int128)values->count - 1, 1 }, &rank) ||
	    !fraction_divide(rank, (struct fraction){ 100, 1 }, &rank) || !fraction_round(rank, 0, ROUNDING_FLOOR, &whole) ||
	    !decimal_to_int64(whole, &at) || !fraction_from_decimal(values->items[at], &low))
		return false;
	size_t above = (size_t)at + 1 < values->count ? (size_t)at + 1 : (size_t)at;
	return fraction_from_decimal(values->items[above], &high) &&
	       fraction_subtract(rank, (struct fraction){ at, 1 }, &part) && fraction_subtract(high, low, &high) &&
	       fraction_multiply(high, part, &part) && fraction_add(low, part, found);
}

static bool weighted_of(const struct metric_result *result, int64_t period_us, struct decimal carried, struct fraction *found)
{
	struct fraction before, part = { 0, 1 };
	if (fraction_present(result->weighted) &&
	    !fraction_divide(result->weighted, (struct fraction){ period_us, 1 }, &part))
		return false;
	return fraction_from_decimal(carried, &before) && fraction_add(before, part, found);
}

static bool exact_of(struct metric_result *result, const struct billing_metric *metric, int64_t period_us, struct decimal carried,
                     struct fraction *found)
{
	const struct metric_sum *sum = &result->sum;
	struct decimal half = { 50, 0 };
	switch (metric->analysis) {
	case BILLING_METRIC_ANALYSIS_COUNT:
		return fraction_make(sum->event_count, 1, found);
	case BILLING_METRIC_ANALYSIS_SUM:
		return fraction_from_decimal(sum->total, found);
	case BILLING_METRIC_ANALYSIS_AVERAGE:
		return sum->event_count == 0 ? fraction_from_decimal(zero, found)
		                             : fraction_from_decimal(sum->total, found) &&
		                                       fraction_divide(*found, (struct fraction){ sum->event_count, 1 }, found);
	case BILLING_METRIC_ANALYSIS_UNIQUE:
		return fraction_make(distinct_count(&result->values), 1, found);
	case BILLING_METRIC_ANALYSIS_MEDIAN:
	case BILLING_METRIC_ANALYSIS_PERCENTILE:
		return result->values.count == 0
		               ? fraction_from_decimal(zero, found)
		               : percentile_of(&result->values,
		                               metric->analysis == BILLING_METRIC_ANALYSIS_MEDIAN ? half : metric->percentile, found);
	case BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM:
		return weighted_of(result, period_us, carried, found);
	default:
		return fraction_from_decimal(sum->extreme, found);
	}
}

static bool to_unit(const struct billing_metric *metric, struct fraction exact, struct decimal *quantity)
{
	struct fraction unit;
	struct decimal times;
	enum rounding mode = metric->rounding ? (enum rounding)metric->rounding : ROUNDING_CEILING;
	return fraction_from_decimal(metric->rounding_unit, &unit) && fraction_divide(exact, unit, &exact) &&
	       fraction_round(exact, 0, mode, &times) && decimal_multiply(times, metric->rounding_unit, quantity);
}

bool metric_result_quantity(struct metric_result *result, const struct billing_metric *metric, int64_t period_us, struct decimal carried,
                            struct arena *arena, struct decimal *quantity)
{
	struct fraction exact;
	assert(period_us > 0);
	if (arena_exhausted(arena) || !exact_of(result, metric, period_us, carried, &exact))
		return false;
	if (metric->has_rounding_unit)
		return to_unit(metric, exact, quantity);
	if (!fraction_decimal(exact, METRIC_QUANTITY_SCALE, quantity) &&
	    !fraction_round(exact, METRIC_QUANTITY_SCALE, ROUNDING_HALF_UP, quantity))
		return false;
	*quantity = decimal_canonical(*quantity);
	return true;
}
