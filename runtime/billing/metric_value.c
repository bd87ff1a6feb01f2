/* metric_value.c: properties of events, filters over them, values and segments. */
#include "metric_value.h"

#include <string.h>

enum { VALUE_EXPONENT_MAX = 400, WEIGHTED_DIGITS_MAX = 9, VALUE_DIGITS_MAX = 12 };

/* ------------------------------------------------------------------------------------------------ properties */

static const struct json *member_of(const struct json *object, struct text name)
{
	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *member = object->first; member; member = member->next)
		if (text_equals(member->name, name))
			return member;
	return NULL;
}

const struct json *event_property(const struct json *properties, struct text path)
{
	const struct json *found = member_of(properties, path);
	struct text head, rest = path;
	for (const struct json *at = properties; !found && at && text_split(rest, '.', &head, &rest);) {
		at = member_of(at, head);
		found = member_of(at, rest);
	}
	return found && found->type != JSON_NULL ? found : NULL;
}

/* ------------------------------------------------------------------------------------------------ numbers */

/* "12.5" of "12.5e3", and 3. */
static bool exponent_split(struct text text, struct text *mantissa, int64_t *exponent)
{
	size_t at = 0;
	while (at < text.length && text.data[at] != 'e' && text.data[at] != 'E')
		at++;
	*mantissa = text_slice(text, 0, at);
	*exponent = 0;
	if (at == text.length)
		return true;
	struct text rest = text_slice(text, at + 1, text.length);
	if (text_starts(rest, "+"))
		rest = text_slice(rest, 1, rest.length);
	return text_to_int64(rest, exponent) && *exponent <= VALUE_EXPONENT_MAX && *exponent >= -VALUE_EXPONENT_MAX;
}

static int digits_of(int128 coefficient)
{
	int digits = 0;
	for (uint128 rest = coefficient < 0 ? (uint128)-coefficient : (uint128)coefficient; rest; rest /= 10)
		digits++;
	return digits;
}

/* coefficient x 10^-scale with a scale of 0 to METRIC_VALUE_SCALE_MAX. */
static bool number_make(int128 coefficient, int64_t scale, struct decimal *number)
{
	while (coefficient != 0 && scale > 0 && coefficient % 10 == 0) {
		coefficient /= 10;
		scale--;
	}
	if (coefficient == 0)
		scale = 0;
	if (scale > METRIC_VALUE_SCALE_MAX || digits_of(coefficient) - scale > VALUE_DIGITS_MAX + 1)
		return false;
	for (; scale < 0; scale++)
		coefficient *= 10;
	*number = (struct decimal){ coefficient, (int)scale };
	int128 most = decimal_power_of_ten(VALUE_DIGITS_MAX + (int)scale);
	return coefficient <= most && coefficient >= -most;
}

bool event_number(const struct json *json, struct decimal *number)
{
	struct text mantissa;
	struct decimal plain;
	int64_t exponent;
	return json && (json->type == JSON_NUMBER || json->type == JSON_STRING) &&
	       exponent_split(json->text, &mantissa, &exponent) && decimal_parse(mantissa, &plain) &&
	       number_make(plain.coefficient, plain.scale - exponent, number);
}

/* ------------------------------------------------------------------------------------------------ filters */

/* A string as it is, a number in its shortest form, true and false; none for what is no single value. */
static struct text scalar_text(const struct json *json, struct arena *arena)
{
	struct decimal number;
	if (!json || json->type == JSON_ARRAY || json->type == JSON_OBJECT || json->type == JSON_NULL)
		return TEXT_NONE;
	if (json->type == JSON_TRUE || json->type == JSON_FALSE)
		return json->type == JSON_TRUE ? TEXT("true") : TEXT("false");
	if (json->type == JSON_NUMBER && event_number(json, &number))
		return decimal_canonical_text(arena, number);
	return json->text;
}

static bool same_scalar(const struct json *found, struct text wanted, struct arena *arena)
{
	struct decimal a, b;
	if (found && found->type == JSON_NUMBER && event_number(found, &a) && decimal_parse(wanted, &b))
		return decimal_compare(a, b) == 0;
	struct text text = scalar_text(found, arena);
	return text_present(text) && text_equals(text, wanted);
}

static bool number_passes(const struct metric_filter *filter, const struct json *found)
{
	struct decimal number, bound;
	if (!event_number(found, &number) || !decimal_parse(filter->value, &bound))
		return false;
	int order = decimal_compare(number, bound);
	switch (filter->operator) {
	case METRIC_FILTER_OPERATOR_ABOVE:
		return order > 0;
	case METRIC_FILTER_OPERATOR_AT_LEAST:
		return order >= 0;
	case METRIC_FILTER_OPERATOR_BELOW:
		return order < 0;
	default:
		return order <= 0;
	}
}

static bool filter_passes(const struct metric_filter *filter, const struct json *properties, struct arena *arena)
{
	const struct json *found = event_property(properties, filter->property);
	switch (filter->operator) {
	case METRIC_FILTER_OPERATOR_IS:
		return same_scalar(found, filter->value, arena);
	case METRIC_FILTER_OPERATOR_IS_NOT:
		return !same_scalar(found, filter->value, arena);
	case METRIC_FILTER_OPERATOR_BEGINS_WITH:
		return found && found->type == JSON_STRING &&
		       text_equals(text_slice(found->text, 0, filter->value.length < found->text.length ? filter->value.length
		                                                                                        : found->text.length),
		                   filter->value);
	case METRIC_FILTER_OPERATOR_PRESENT:
		return found != NULL;
	case METRIC_FILTER_OPERATOR_ABSENT:
		return found == NULL;
	default:
		return number_passes(filter, found);
	}
}

/* ------------------------------------------------------------------------------------------------ segments */

static bool segment_make(const struct billing_metric *metric, const struct json *properties, struct arena *arena,
                         struct text *segment)
{
	struct text_builder out;
	struct json_writer writer;
	*segment = TEXT("");
	if (metric->group_by.count == 0)
		return true;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_array(&writer);
	for (size_t i = 0; i < metric->group_by.count; i++) {
		struct text value = scalar_text(event_property(properties, metric->group_by.items[i].property), arena);
		if (value.length > METRIC_SEGMENT_TEXT_MAX)
			return false;
		json_string(&writer, value);
	}
	json_end_array(&writer);
	*segment = builder_text(&out);
	return true;
}

/* ------------------------------------------------------------------------------------------------ readings */

/* Of a sum weighted by time a value is times microseconds: nine digits leave room for any number of events of a day. */
static bool is_too_large(const struct billing_metric *metric, struct decimal number)
{
	if (metric->analysis != BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM)
		return false;
	int128 most = decimal_power_of_ten(WEIGHTED_DIGITS_MAX + number.scale);
	return number.coefficient > most || number.coefficient < -most;
}

static const char *value_read(const struct billing_metric *metric, const struct json *properties, struct arena *arena,
                              struct metric_reading *reading)
{
	if (metric->analysis == BILLING_METRIC_ANALYSIS_COUNT && !text_present(metric->property))
		return NULL;
	const struct json *found = event_property(properties, metric->property);
	if (!found)
		return "the property is absent";
	if (metric->analysis == BILLING_METRIC_ANALYSIS_COUNT)
		return NULL;
	if (metric->analysis == BILLING_METRIC_ANALYSIS_UNIQUE) {
		reading->text = scalar_text(found, arena);
		return text_present(reading->text) ? NULL : "the property is no single value";
	}
	if (!event_number(found, &reading->number) || is_too_large(metric, reading->number))
		return "the property is no number, or too large or of too many places";
	return NULL;
}

static const char *price_read(const struct billing_metric *metric, const struct json *properties, struct metric_reading *reading)
{
	if (!text_present(metric->price_property) || event_number(event_property(properties, metric->price_property), &reading->price))
		return NULL;
	return "the property that says what it costs is absent, or no number, or too large or of too many places";
}

struct metric_reading metric_read(const struct billing_metric *metric, const struct json *properties, struct arena *arena)
{
	struct metric_reading reading = { .segment = TEXT("") };
	for (size_t i = 0; i < metric->filters.count; i++)
		if (!filter_passes(&metric->filters.items[i], properties, arena)) {
			reading.reason = "a filter of the metric leaves it out";
			return reading;
		}
	reading.reason = value_read(metric, properties, arena, &reading);
	if (!reading.reason)
		reading.reason = price_read(metric, properties, &reading);
	if (!reading.reason && !segment_make(metric, properties, arena, &reading.segment))
		reading.reason = "a property that the metric is told apart by is too long";
	return reading;
}
