/* duration.c: ISO 8601 durations. */
#include "value/calendar.h"

#include "base/clock.h"
#include "base/problem.h"

static const int64_t US_PER_MINUTE = (int64_t)60 * US_PER_S, US_PER_HOUR = (int64_t)3600 * US_PER_S;

/* A number of `unit` and what remains of the text. `us` is filled for seconds, which may have a fraction. */
struct part {
	int64_t count;
	int64_t fraction_us;
	bool has_fraction;
	char unit;
};

static bool digits_read(struct text *text, int64_t *value, int *digits)
{
	*value = 0;
	for (*digits = 0; text->length && text->data[0] >= '0' && text->data[0] <= '9'; ++*digits) {
		if (__builtin_mul_overflow(*value, (int64_t)10, value) ||
		    __builtin_add_overflow(*value, (int64_t)(text->data[0] - '0'), value))
			return false;
		*text = text_slice(*text, 1, text->length);
	}
	return *digits > 0;
}

static bool part_read(struct text *text, struct part *part)
{
	int digits;
	*part = (struct part){ 0 };
	if (!digits_read(text, &part->count, &digits))
		return false;
	if (text->length && text->data[0] == '.') {
		*text = text_slice(*text, 1, text->length);
		part->has_fraction = true;
		if (!digits_read(text, &part->fraction_us, &digits) || digits > 6)
			return false;
		for (; digits < 6; digits++)
			part->fraction_us *= 10;
	}
	if (text->length == 0)
		return false;
	part->unit = text->data[0];
	*text = text_slice(*text, 1, text->length);
	return true;
}

/* total += count * size */
static bool add_to_calendar(int32_t *total, int64_t count, int32_t size)
{
	int64_t sized;
	return !__builtin_mul_overflow(count, (int64_t)size, &sized) && !__builtin_add_overflow(*total, sized, total);
}

static bool add_to_time(int64_t *total, int64_t count, int64_t size)
{
	int64_t sized;
	return !__builtin_mul_overflow(count, size, &sized) && !__builtin_add_overflow(*total, sized, total);
}

static bool part_add(const struct part *part, bool after_t, struct duration *duration)
{
	if (part->has_fraction && !(after_t && part->unit == 'S'))
		return false;
	switch (part->unit) {
	case 'Y':
		return add_to_calendar(&duration->months, part->count, 12);
	case 'M':
		return after_t ? add_to_time(&duration->us, part->count, US_PER_MINUTE)
		               : add_to_calendar(&duration->months, part->count, 1);
	case 'W':
		return add_to_calendar(&duration->days, part->count, 7);
	case 'D':
		return add_to_calendar(&duration->days, part->count, 1);
	case 'H':
		return add_to_time(&duration->us, part->count, US_PER_HOUR);
	case 'S':
		return add_to_time(&duration->us, part->count, US_PER_S) &&
		       add_to_time(&duration->us, part->fraction_us, 1);
	default:
		return false;
	}
}

/* One or more parts, each unit once and in the order of `units`. */
static bool parts_read(struct text *text, const char *units, bool after_t, struct duration *duration)
{
	struct part part;
	do {
		if (!part_read(text, &part))
			return false;
		const char *found = part.unit ? strchr(units, part.unit) : NULL;
		if (!found || !part_add(&part, after_t, duration))
			return false;
		units = found + 1;
	} while (text->length && text->data[0] != 'T');
	return true;
}

bool duration_parse(struct text text, struct duration *duration)
{
	struct duration read = { 0, 0, 0 };
	bool negative = text_starts(text, "-");
	if (negative || text_starts(text, "+"))
		text = text_slice(text, 1, text.length);
	if (!text_starts(text, "P"))
		return false;
	text = text_slice(text, 1, text.length);
	if (!text_starts(text, "T") && !parts_read(&text, "YMWD", false, &read))
		return false;
	if (text.length) {
		text = text_slice(text, 1, text.length);
		if (!parts_read(&text, "HMS", true, &read) || text.length)
			return false;
	}
	if (negative)
		read = (struct duration){ -read.months, -read.days, -read.us };
	*duration = read;
	return true;
}

static uint64_t magnitude_of(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static void part_put(struct text_builder *out, uint64_t count, char unit)
{
	if (count != 0)
		builder_format(out, "%llu%c", (unsigned long long)count, unit);
}

static void time_put(struct text_builder *out, uint64_t us)
{
	uint64_t fraction = us % US_PER_S, seconds = us / US_PER_S;
	builder_byte(out, 'T');
	part_put(out, seconds / 3600, 'H');
	part_put(out, seconds / 60 % 60, 'M');
	if (fraction)
		builder_format(out, "%d.%06dS", (int)(seconds % 60), (int)fraction);
	else
		part_put(out, seconds % 60, 'S');
}

struct text duration_text(struct arena *arena, struct duration duration)
{
	struct text_builder out;
	uint64_t months = magnitude_of(duration.months);
	if (!duration_present(duration))
		return TEXT("PT0S");
	builder_init(&out, arena, 0);
	builder_c(&out, duration.months < 0 || duration.days < 0 || duration.us < 0 ? "-P" : "P");
	part_put(&out, months % 12 == 0 ? months / 12 : months, months % 12 == 0 ? 'Y' : 'M');
	part_put(&out, magnitude_of(duration.days), 'D');
	if (duration.us)
		time_put(&out, magnitude_of(duration.us));
	return builder_text(&out);
}

bool duration_present(struct duration duration)
{
	return duration.months != 0 || duration.days != 0 || duration.us != 0;
}

static bool is_within(int64_t value, int64_t limit)
{
	return value >= -limit && value <= limit;
}

bool duration_fits(struct duration duration)
{
	const int64_t years = DURATION_YEARS_MAX, days = years * 3652425 / 10000; /* the mean Gregorian year */
	return is_within(duration.months, 12 * years) && is_within(duration.days, days) &&
	       is_within(duration.us, days * 24 * US_PER_HOUR);
}

struct date date_add_duration(struct date date, struct duration duration)
{
	if (duration.us != 0)
		BUG("a date cannot be moved by a time of day");
	return date_add_days(date_add_months(date, duration.months), duration.days);
}
