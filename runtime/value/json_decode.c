/* json_decode.c: a JSON object to a record, reporting every problem it finds. */
#include "json.h"
#include "record_field.h"

#include <string.h>

static bool decode_object(const struct json *json, const struct record *record, void *value, const struct place *place,
                          struct arena *arena, struct problems *problems);

static const char *type_name(enum json_type type)
{
	static const char *const names[] = { "null", "false", "true", "a number", "a string", "an array", "an object" };
	return names[type];
}

static const char *wanted_name(enum record_kind kind)
{
	switch (kind) {
	case KIND_ID:
	case KIND_INTEGER:
		return "a whole number";
	case KIND_BOOLEAN:
		return "true or false";
	case KIND_RECORD:
		return "an object";
	case KIND_LIST:
		return "an array";
	case KIND_MONEY:
		return "a string such as \"60.50\"";
	default:
		return "a string";
	}
}

static struct text shown_value(const struct json *json)
{
	if (json->type == JSON_TRUE || json->type == JSON_FALSE)
		return text_of(type_name(json->type));
	return json_text(json);
}

static bool wrong_type(const struct field_site *site, const struct json *json)
{
	const char *wanted = wanted_name(site->field->kind);
	const char *remedy = text_format(site->problems->arena, "Send %s.", wanted).data;
	return field_problem(site, PROBLEM_WRONG_TYPE, shown_value(json), remedy, "%s must be %s, it is %s",
	                     site->field->name, wanted, type_name(json->type));
}

/* ---- one field ---- */

/* The source of a number is not terminated. */
static bool is_plain(struct text source)
{
	for (size_t i = 0; i < source.length; i++)
		if (source.data[i] != '-' && (source.data[i] < '0' || source.data[i] > '9'))
			return false;
	return true;
}

/* Numbers are taken for kinds that count, and only where every JSON program reads the same one. */
static bool decode_number(const struct field_site *site, const struct json *json)
{
	int64_t integer;
	enum record_kind kind = site->field->kind;
	if (kind != KIND_ID && kind != KIND_INTEGER && kind != KIND_DECIMAL)
		return wrong_type(site, json);
	bool secret = site->field->flags & FIELD_SECRET;
	const char *remedy = secret ? "Write it as a string."
	                            : text_format(site->problems->arena, "Write it as a string: \"%.*s\".",
	                                          TEXT_ARG(json->text)).data;
	bool plain = is_plain(json->text);
	if (plain && text_to_int64(json->text, &integer) && integer >= -EXACT_INTEGER_MAX &&
	    integer <= EXACT_INTEGER_MAX)
		return field_parse(site, json->text, false);
	if (plain)
		return field_problem(site, PROBLEM_OUT_OF_RANGE, json->text, remedy,
		                     "%s is a JSON number beyond 2^53, which programs read differently",
		                     site->field->name);
	if (kind == KIND_DECIMAL)
		return field_problem(site, PROBLEM_BAD_DECIMAL, json->text, remedy,
		                     "%s is a JSON number that is not whole; decimals are strings", site->field->name);
	return field_problem(site, PROBLEM_BAD_INTEGER, json->text, NULL, "%s: %s is not a whole number",
	                     site->field->name, field_shown(site, json->text));
}

static bool decode_boolean(const struct field_site *site, const struct json *json)
{
	if (json->type != JSON_TRUE && json->type != JSON_FALSE)
		return wrong_type(site, json);
	*(bool *)record_field_at(site->field, site->value) = json->type == JSON_TRUE;
	record_set_present(site->record, site->value, site->number, true);
	return true;
}

static bool decode_record(const struct field_site *site, const struct json *json)
{
	if (json->type != JSON_OBJECT)
		return wrong_type(site, json);
	void *nested = arena_alloc(site->arena, site->field->of->size);
	memcpy(record_field_at(site->field, site->value), &nested, sizeof nested);
	return decode_object(json, site->field->of, nested, site->place, site->arena, site->problems);
}

static bool decode_list(const struct field_site *site, const struct json *json)
{
	if (json->type != JSON_ARRAY)
		return wrong_type(site, json);
	/* before there is room for them: a body of a megabyte would ask for hundreds */
	if (!field_check_count(site, json->count))
		return false;
	size_t i = 0;
	bool decoded = true;
	for (const struct json *item = json->first; item; item = item->next) {
		struct place place = place_item(site->place, i++);
		void *at = record_list_add(site->record, site->value, site->number, site->arena);
		decoded = decode_object(item, site->field->of, at, &place, site->arena, site->problems) && decoded;
	}
	return decoded;
}

static bool decode_field(const struct field_site *site, const struct json *json, bool currency_reported)
{
	switch (site->field->kind) {
	case KIND_BOOLEAN:
		return decode_boolean(site, json);
	case KIND_RECORD:
		return decode_record(site, json);
	case KIND_LIST:
		return decode_list(site, json);
	case KIND_JSON:
		return field_set_json(site, json) && field_check(site);
	default:
		break;
	}
	if (json->type == JSON_NUMBER)
		return decode_number(site, json) && field_check(site);
	if (json->type != JSON_STRING)
		return wrong_type(site, json);
	return field_parse(site, json->text, currency_reported) && field_check(site);
}

/* ---- an object ---- */

struct decoding {
	const struct record *record;
	void *value;
	const struct place *place;
	struct arena *arena;
	struct problems *problems;
	field_mask seen;        /* a bit a field that was given */
	bool currency_reported; /* the currency has a problem of its own; amounts add none */
	bool failed;
};

static void decode_member(struct decoding *decoding, int field, const struct json *json)
{
	struct place place = place_member(decoding->place, json->name);
	struct field_site site = { decoding->record, decoding->value, field, &decoding->record->fields[field], &place,
		                   decoding->arena, decoding->problems };
	decoding->seen |= (field_mask)1 << field;
	if (json->type == JSON_NULL)
		*(struct text *)record_field_at(site.field, site.value) = TEXT("");
	else if (!decode_field(&site, json, decoding->currency_reported))
		decoding->failed = true;
}

/* First, since amounts are read in it. */
static void decode_currency(struct decoding *decoding, const struct json *json)
{
	int field = decoding->record->currency_field;
	if (field < 0)
		return;
	const struct record_field *of = &decoding->record->fields[field];
	const struct json *member = json_member(json, of->name);
	bool given = member && member->type != JSON_NULL;
	if (given)
		decode_member(decoding, field, member);
	decoding->currency_reported = decoding->failed || (!given && (of->flags & FIELD_REQUIRED));
}

static void unknown_member(struct decoding *decoding, const struct json *json)
{
	struct arena *arena = decoding->problems->arena;
	struct place place = place_member(decoding->place, json->name);
	int shown = json->name.length < 60 ? (int)json->name.length : 60;
	decoding->failed = true;
	problem_value(decoding->problems, PROBLEM_UNKNOWN_FIELD, place_pointer(&place, arena), TEXT_NONE, NULL,
	              "%s has no field '%.*s'%s", decoding->record->name, shown, json->name.data,
	              record_field_nearest(decoding->record, json->name, arena));
}

static void decode_members(struct decoding *decoding, const struct json *json)
{
	for (const struct json *member = json->first; member; member = member->next) {
		int field = record_field_find(decoding->record, member->name);
		bool told = member->type != JSON_NULL ||
		            (field >= 0 && (decoding->record->fields[field].flags & FIELD_NULL_CLEARS));
		if (field < 0 || (decoding->record->fields[field].flags & FIELD_HIDDEN) ||
		    decoding->record->fields[field].kind == KIND_RELATION)
			unknown_member(decoding, member);
		else if (field != decoding->record->currency_field && told)
			decode_member(decoding, field, member);
	}
}

static void require_members(struct decoding *decoding)
{
	for (int number = 0; number < (int)decoding->record->field_count; number++) {
		const struct record_field *field = &decoding->record->fields[number];
		bool preset = field_knows_absence(field) && record_has(decoding->record, decoding->value, number);
		if (!(field->flags & FIELD_REQUIRED) || (decoding->seen >> number & 1) || preset)
			continue;
		struct place place = place_member(decoding->place, text_of(field->name));
		struct field_site site = { decoding->record, decoding->value, number, field, &place, decoding->arena,
			                   decoding->problems };
		decoding->failed = true;
		field_missing(&site);
	}
}

static bool decode_object(const struct json *json, const struct record *record, void *value, const struct place *place,
                          struct arena *arena, struct problems *problems)
{
	struct decoding decoding = { .record = record, .value = value, .place = place, .arena = arena,
		                     .problems = problems };
	if (json->type != JSON_OBJECT)
		return problem_value(problems, PROBLEM_WRONG_TYPE, place_pointer(place, problems->arena), TEXT_NONE,
		                     "Send an object.", "%s must be an object, it is %s", record->name,
		                     type_name(json->type));
	decode_currency(&decoding, json);
	decode_members(&decoding, json);
	require_members(&decoding);
	return !decoding.failed;
}

bool json_decode(const struct json *json, const struct record *record, void *value, const char *pointer,
                 struct arena *arena, struct problems *problems)
{
	struct place place = place_top(pointer);
	return decode_object(json, record, value, &place, arena, problems);
}
