/* openapi_schema.c: records as JSON schemas. */
#include "openapi.h"

#include "value/record_field.h"

#include <inttypes.h>
#include <string.h>

/* ---- writing ---- */

void openapi_member(struct openapi *api, const char *name, const char *text)
{
	json_name(&api->json, name);
	json_c(&api->json, text);
}

void openapi_member_integer(struct openapi *api, const char *name, int64_t value)
{
	json_name(&api->json, name);
	json_integer(&api->json, value);
}

void openapi_ref(struct openapi *api, const char *part, const char *name, const char *suffix)
{
	openapi_member(api, "$ref", text_format(api->arena, "#/components/%s/%s%s", part, name, suffix).data);
}

/* ---- values ---- */

/* The reach of what is written alike everywhere; what differs from field to field is in value_write. */
static const struct {
	enum record_kind kind;
	const char *name, *schema;
} kinds[] = {
	{ KIND_ID, "id", "{\"type\":\"integer\",\"format\":\"int64\",\"minimum\":1,\"maximum\":9007199254740991}" },
	{ KIND_UUID, "uuid",
	  "{\"type\":\"string\",\"format\":\"uuid\","
	  "\"pattern\":\"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$\"}" },
	{ KIND_MONEY, "money",
	  "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+(\\\\.[0-9]{1,4})?$\",\"examples\":[\"60.50\"],"
	  "\"description\":\"An amount with the decimals of its currency.\"}" },
	{ KIND_EXACT, "exact",
	  "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+((\\\\.|/)[0-9]+)?$\",\"examples\":[\"55\",\"121/3\"],"
	  "\"description\":\"An amount before rounding: a decimal, or a fraction.\"}" },
	{ KIND_DATE, "date",
	  "{\"type\":\"string\",\"format\":\"date\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\","
	  "\"examples\":[\"2011-09-20\"]}" },
	{ KIND_INSTANT, "instant",
	  "{\"type\":\"string\",\"format\":\"date-time\",\"examples\":[\"2011-09-06T15:00:00Z\"],\"pattern\":"
	  "\"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\\\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$\"}" },
	{ KIND_DURATION, "duration", "{\"type\":\"string\",\"format\":\"duration\",\"examples\":[\"P1M\"]}" },
	{ KIND_CURRENCY, "currency", NULL }, /* the words of schema/currencies.lua */
};

static void kind_refer(struct openapi *api, enum record_kind kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].kind == kind)
			openapi_ref(api, "schemas", kinds[i].name, "");
	api->kinds[kind] = true;
}

static void currencies_write(struct openapi *api)
{
	json_begin_object(&api->json);
	openapi_member(api, "type", "string");
	openapi_member(api, "description", "ISO 4217.");
	json_name(&api->json, "enum");
	json_begin_array(&api->json);
	for (size_t i = 0; i < currency_count(); i++)
		json_c(&api->json, currency_at(i)->code);
	json_end_array(&api->json);
	json_end_object(&api->json);
}

static void kinds_write(struct openapi *api)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!api->kinds[kinds[i].kind])
			continue;
		json_name(&api->json, kinds[i].name);
		if (kinds[i].schema)
			json_raw(&api->json, text_of(kinds[i].schema));
		else
			currencies_write(api);
	}
}

/* "type": one word, or several: what a field may be beside its own. */
static void type_write(struct openapi *api, const char *type, const char *also, bool nullable)
{
	json_name(&api->json, "type");
	if (!also && !nullable) {
		json_c(&api->json, type);
		return;
	}
	json_begin_array(&api->json);
	json_c(&api->json, type);
	if (also)
		json_c(&api->json, also);
	if (nullable)
		json_c(&api->json, "null");
	json_end_array(&api->json);
}

static void limit_write(struct openapi *api, const char *name, int64_t value, int64_t none)
{
	if (value != none && value > -EXACT_INTEGER_MAX && value < EXACT_INTEGER_MAX)
		openapi_member_integer(api, name, value);
}

/* Limits count for the number; a text has the pattern's. */
static void decimal_schema_write(struct openapi *api, const struct record_field *field, enum openapi_side side, bool nullable)
{
	bool input = side == OPENAPI_INPUT;
	type_write(api, "string", input ? "integer" : NULL, nullable);
	int places = input ? field->scale_max : DECIMAL_SCALE_MAX; /* an answer keeps the zeros that were sent */
	const char *sign = field->min >= 0 ? "" : "-?";
	openapi_member(api, "pattern", text_format(api->arena, "^%s[0-9]+(\\.[0-9]{1,%d})?$", sign, places).data);
	if (input) {
		limit_write(api, "minimum", field->min, INT64_MIN);
		limit_write(api, "maximum", field->max, INT64_MAX);
	}
}

static void choice_write(struct openapi *api, const struct record_field *field, bool nullable)
{
	type_write(api, "string", NULL, nullable);
	json_name(&api->json, "enum");
	json_begin_array(&api->json);
	for (size_t i = 1; field->words[i]; i++)
		json_c(&api->json, field->words[i]);
	if (nullable)
		json_null(&api->json);
	json_end_array(&api->json);
}

static void list_write(struct openapi *api, const struct record_field *field, enum openapi_side side, bool nullable)
{
	type_write(api, "array", NULL, nullable);
	limit_write(api, "minItems", field->min, 0);
	openapi_member_integer(api, "maxItems", field->max);
	json_name(&api->json, "items");
	json_begin_object(&api->json);
	openapi_record_ref(api, field->of, side);
	json_end_object(&api->json);
}

/* A reference; beside null it is one of two. */
static void reference_write(struct openapi *api, const struct record_field *field, enum openapi_side side, bool nullable)
{
	if (nullable) {
		json_name(&api->json, "anyOf");
		json_begin_array(&api->json);
		json_begin_object(&api->json);
	}
	if (field->kind == KIND_RECORD)
		openapi_record_ref(api, field->of, side);
	else
		kind_refer(api, field->kind);
	if (nullable) {
		json_end_object(&api->json);
		json_raw(&api->json, TEXT("{\"type\":\"null\"}"));
		json_end_array(&api->json);
	}
}

void openapi_value(struct openapi *api, const struct record_field *field, enum openapi_side side, bool nullable)
{
	switch (field->kind) {
	case KIND_TEXT:
		/* Limits count bytes; a character has at least one. */
		type_write(api, "string", NULL, nullable);
		limit_write(api, "minLength", field->min > 0, 0);
		openapi_member_integer(api, "maxLength", field->max);
		return;
	case KIND_JSON:
		return;
	case KIND_INTEGER:
		type_write(api, "integer", NULL, nullable);
		limit_write(api, "minimum", field->min, INT64_MIN);
		limit_write(api, "maximum", field->max, INT64_MAX);
		return;
	case KIND_BOOLEAN:
		type_write(api, "boolean", NULL, nullable);
		return;
	case KIND_DECIMAL:
		decimal_schema_write(api, field, side, nullable);
		return;
	case KIND_CHOICE:
		choice_write(api, field, nullable);
		return;
	case KIND_LIST:
		list_write(api, field, side, nullable);
		return;
	default:
		reference_write(api, field, side, nullable);
	}
}

/* ---- records ---- */

static size_t record_number(const struct record *record)
{
	size_t i = 0;
	while (records_all[i] && records_all[i] != record)
		i++;
	if (!records_all[i] || i >= OPENAPI_RECORDS_MAX)
		BUG("%s is none of the first %d records", record->name, OPENAPI_RECORDS_MAX);
	return i;
}

static const char *const side_suffixes[] = { "", ".input" };

void openapi_record_ref(struct openapi *api, const struct record *record, enum openapi_side side)
{
	api->wanted[side][record_number(record)] = true;
	openapi_ref(api, "schemas", record->name, side_suffixes[side]);
}

static bool field_shown_on(const struct record_field *field, enum openapi_side side)
{
	unsigned never = side == OPENAPI_INPUT ? FIELD_HIDDEN : FIELD_HIDDEN | FIELD_SECRET;
	return !(field->flags & never) && field->kind != KIND_RELATION;
}

/* What the address says is not in the body. */
static const char *path_field(const struct openapi *api, const struct record *record)
{
	const char *found = NULL;
	for (size_t i = 0; i < api->router->count; i++) {
		const struct http_entry *entry = &api->router->entries[i];
		const char *name = entry->route->id_field;
		if (http_entry_input(entry) != record || entry->route->form)
			continue;
		if (found && (!name || strcmp(found, name) != 0))
			BUG("%s is the input of two paths that say different things", record->name);
		found = name;
	}
	return found;
}

static bool field_in_body(const struct record_field *field, enum openapi_side side, const char *from_path)
{
	return field_shown_on(field, side) && !(from_path && strcmp(field->name, from_path) == 0);
}

static void required_write(struct openapi *api, const struct record *record, enum openapi_side side,
                           const char *from_path)
{
	json_name(&api->json, "required");
	json_begin_array(&api->json);
	for (size_t i = 0; i < record->field_count; i++)
		if ((record->fields[i].flags & FIELD_REQUIRED) && field_in_body(&record->fields[i], side, from_path))
			json_c(&api->json, record->fields[i].name);
	json_end_array(&api->json);
}

static void property_write(struct openapi *api, const struct record_field *field, enum openapi_side side)
{
	json_name(&api->json, field->name);
	json_begin_object(&api->json);
	openapi_value(api, field, side, side == OPENAPI_INPUT && !(field->flags & FIELD_REQUIRED));
	if (field->doc[0])
		openapi_member(api, "description", field->doc);
	if (field->flags & FIELD_SECRET) {
		json_name(&api->json, "writeOnly");
		json_boolean(&api->json, true);
	}
	json_end_object(&api->json);
}

static void record_write(struct openapi *api, const struct record *record, enum openapi_side side)
{
	const char *from_path = side == OPENAPI_INPUT ? path_field(api, record) : NULL;
	json_name(&api->json, text_format(api->arena, "%s%s", record->name, side_suffixes[side]).data);
	json_begin_object(&api->json);
	openapi_member(api, "type", "object");
	openapi_member(api, "description", record->doc);
	required_write(api, record, side, from_path);
	json_name(&api->json, "properties");
	json_begin_object(&api->json);
	for (size_t i = 0; i < record->field_count; i++)
		if (field_in_body(&record->fields[i], side, from_path))
			property_write(api, &record->fields[i], side);
	json_end_object(&api->json);
	if (side == OPENAPI_INPUT) { /* answers may gain fields */
		json_name(&api->json, "additionalProperties");
		json_boolean(&api->json, false);
	}
	json_end_object(&api->json);
}

/* Until writing one wants no other. */
void openapi_schemas(struct openapi *api)
{
	bool written[OPENAPI_SIDES][OPENAPI_RECORDS_MAX] = { 0 };
	bool more = true;
	while (more) {
		more = false;
		for (size_t i = 0; records_all[i] && !arena_exhausted(api->arena); i++)
			for (enum openapi_side side = OPENAPI_ANSWER; side < OPENAPI_SIDES; side++) {
				if (!api->wanted[side][i] || written[side][i])
					continue;
				written[side][i] = more = true;
				record_write(api, records_all[i], side);
			}
	}
	api->kinds[KIND_ID] = true; /* of paths and of BluBilling's parameters */
	kinds_write(api);
}
