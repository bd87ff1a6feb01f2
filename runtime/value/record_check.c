/* record_check.c: required fields and limits, whatever syntax a record came in. */
#include "base/log.h"
#include "record.h"
#include "record_field.h"

enum { SHOWN_BYTES_MAX = 40 };

const char *field_shown(const struct field_site *site, struct text value)
{
	if (site->field->flags & FIELD_SECRET)
		return "the value";
	struct arena *arena = site->problems->arena;
	value = redact_cards(arena, value);
	struct text shown = text_front(value, SHOWN_BYTES_MAX);
	return text_format(arena, "'%.*s%s'", TEXT_ARG(shown), shown.length < value.length ? "..." : "").data;
}

bool field_problem(const struct field_site *site, enum problem_code code, struct text value, const char *remedy,
                   const char *format, ...)
{
	struct arena *arena = site->problems->arena;
	va_list arguments;
	va_start(arguments, format);
	struct text message = text_vformat(arena, format, arguments);
	va_end(arguments);
	if (site->field->flags & FIELD_SECRET)
		value = TEXT_NONE;
	return problem_value(site->problems, code, place_pointer(site->place, arena), value, remedy, "%.*s",
	                     TEXT_ARG(message));
}

bool field_missing(const struct field_site *site)
{
	const char *doc = site->field->doc;
	return field_problem(site, PROBLEM_MISSING_FIELD, TEXT_NONE, NULL, "%s is missing%s%s", site->field->name,
	                     doc[0] ? ": " : "", doc);
}

/* Tab, line feed and carriage return are text; other control bytes cannot be written in XML. */
static bool text_clean(struct text text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		if (byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r'))
			return false;
	}
	return text_utf8_valid(text);
}

static bool length_check(const struct field_site *site, struct text text)
{
	const struct record_field *field = site->field;
	if ((int64_t)text.length > field->max)
		return field_problem(site, PROBLEM_TOO_LONG, text, NULL, "%s has %zu bytes, %lld are allowed",
		                     field->name, text.length, (long long)field->max);
	if ((int64_t)text.length < field->min)
		return field_problem(site, PROBLEM_TOO_SHORT, text, NULL, "%s has %zu bytes, %lld are needed",
		                     field->name, text.length, (long long)field->min);
	return true;
}

static bool visible_check(const struct field_site *site, struct text text)
{
	return !(site->field->flags & FIELD_VISIBLE) || text_trim(text).length > 0 ||
	       field_problem(site, PROBLEM_TOO_SHORT, text, "Give a name that can be seen.", "%s is blank", site->field->name);
}

static bool text_check(const struct field_site *site)
{
	struct text text = *(const struct text *)record_field_at(site->field, site->value);
	if (!length_check(site, text) || !visible_check(site, text))
		return false;
	return text_clean(text) || field_problem(site, PROBLEM_BAD_TEXT, TEXT_NONE, NULL,
	                                         "%s has control characters or is not UTF-8", site->field->name);
}

static bool out_of_range(const struct field_site *site)
{
	const struct record_field *field = site->field;
	struct arena *arena = site->problems->arena;
	struct text value = record_field_text(site->record, site->value, site->number, arena), range;
	long long min = field->min, max = field->max;
	if (field->max == INT64_MAX)
		range = text_format(arena, "at least %lld", min);
	else if (field->min == INT64_MIN)
		range = text_format(arena, "at most %lld", max);
	else
		range = text_format(arena, "from %lld to %lld", min, max);
	return field_problem(site, PROBLEM_OUT_OF_RANGE, value, NULL, "%s is %s; it must be %.*s", field->name,
	                     field_shown(site, value), TEXT_ARG(range));
}

static bool decimal_in_range(const struct record_field *field, struct decimal decimal)
{
	return (field->min == INT64_MIN || decimal_compare(decimal, decimal_from_int64(field->min)) >= 0) &&
	       (field->max == INT64_MAX || decimal_compare(decimal, decimal_from_int64(field->max)) <= 0);
}

static bool decimal_check(const struct field_site *site, struct decimal decimal)
{
	const struct record_field *field = site->field;
	if (!decimal_in_range(field, decimal))
		return out_of_range(site);
	int places = decimal_canonical(decimal).scale;
	if (places <= field->scale_max)
		return true;
	struct text value = decimal_text(site->problems->arena, decimal);
	const char *remedy = text_format(site->problems->arena, "Write at most %d decimals.", field->scale_max).data;
	return field_problem(site, PROBLEM_TOO_MANY_DECIMALS, value, remedy,
	                     "%s is %s with %d decimals; %d are allowed", field->name, field_shown(site, value), places,
	                     field->scale_max);
}

static bool id_check(const struct field_site *site, int64_t id)
{
	if (id > 0 && id < EXACT_INTEGER_MAX)
		return true;
	struct text value = text_from_int64(site->problems->arena, id);
	return field_problem(site, PROBLEM_OUT_OF_RANGE, value, "Give a positive whole number.",
	                     "%s is %s, which is no id", site->field->name, field_shown(site, value));
}

static bool duration_check(const struct field_site *site, struct duration duration)
{
	if (duration_fits(duration))
		return true;
	struct text value = duration_text(site->problems->arena, duration);
	return field_problem(site, PROBLEM_OUT_OF_RANGE, value, "Give a shorter one; what has no end is left out.",
	                     "%s is %s; a length of time is at most %d years", site->field->name, field_shown(site, value),
	                     DURATION_YEARS_MAX);
}

bool field_check_count(const struct field_site *site, size_t count)
{
	const struct record_field *field = site->field;
	if ((int64_t)count > field->max)
		return field_problem(site, PROBLEM_TOO_MANY, TEXT_NONE, NULL, "%s has %zu items, %lld are allowed",
		                     field->name, count, (long long)field->max);
	if ((int64_t)count < field->min)
		return field_problem(site, PROBLEM_TOO_FEW, TEXT_NONE, NULL, "%s has %zu items, %lld are needed",
		                     field->name, count, (long long)field->min);
	return true;
}

bool field_check(const struct field_site *site)
{
	const struct record_field *field = site->field;
	const void *at = record_field_at(field, site->value);
	switch (field->kind) {
	case KIND_ID:
		return id_check(site, *(const int64_t *)at);
	case KIND_TEXT:
		return text_check(site);
	case KIND_JSON:
		return length_check(site, *(const struct text *)at);
	case KIND_INTEGER: {
		int64_t integer = *(const int64_t *)at;
		return (integer >= field->min && integer <= field->max) || out_of_range(site);
	}
	case KIND_DECIMAL:
		return decimal_check(site, *(const struct decimal *)at);
	case KIND_DURATION:
		return duration_check(site, *(const struct duration *)at);
	case KIND_MONEY:
		return decimal_in_range(field, money_decimal(*(const struct money *)at)) || out_of_range(site);
	case KIND_LIST:
		return field_check_count(site, field_list(field, site->value).count);
	default:
		return true;
	}
}

static bool check_at(const struct record *record, void *value, const struct place *place, struct problems *problems);

static bool list_items_check(const struct field_site *site)
{
	struct record_list list = field_list(site->field, site->value);
	bool fits = true;
	for (size_t i = 0; i < list.count; i++) {
		struct place item = place_item(site->place, i);
		void *at = (char *)list.items + i * site->field->of->size;
		fits = check_at(site->field->of, at, &item, site->problems) && fits;
	}
	return fits;
}

static bool site_check(const struct field_site *site)
{
	const struct record_field *field = site->field;
	if (!record_has(site->record, site->value, site->number)) {
		bool empty_fits = field->kind == KIND_LIST && field->min == 0;
		bool may_be_absent = !(field->flags & FIELD_REQUIRED) || empty_fits || field->kind == KIND_RELATION;
		return may_be_absent || field_missing(site);
	}
	bool fits = field_check(site);
	if (field->kind == KIND_RECORD)
		fits = check_at(field->of, field_record(field, site->value), site->place, site->problems) && fits;
	else if (field->kind == KIND_LIST)
		fits = list_items_check(site) && fits;
	return fits;
}

static bool check_at(const struct record *record, void *value, const struct place *place, struct problems *problems)
{
	bool fits = true;
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		struct place at = place_member(place, text_of(field->name));
		struct field_site site = { record, value, (int)i, field, &at, problems->arena, problems };
		fits = site_check(&site) && fits;
	}
	return fits;
}

bool record_check(const struct record *record, const void *value, const char *pointer, struct problems *problems)
{
	struct place place = place_top(pointer);
	/* sites serve decoders too and so are writable; checking only reads */
	return check_at(record, (void *)(uintptr_t)value, &place, problems);
}
