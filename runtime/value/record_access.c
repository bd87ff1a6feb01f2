/* record_access.c: records by name and the fields of a value by number. */
#include "record.h"
#include "record_field.h"

#include <string.h>

_Static_assert(sizeof(enum record_kind) == sizeof(unsigned), "choices are read as unsigned");
_Static_assert(sizeof(struct text *) == sizeof(void *), "pointers of all structs have one representation");

const struct record *record_by_name(struct text name)
{
	for (size_t i = 0; records_all[i]; i++)
		if (text_is(name, records_all[i]->name))
			return records_all[i];
	return NULL;
}

int record_field_find(const struct record *record, struct text name)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (text_is(name, record->fields[i].name))
			return (int)i;
	return -1;
}

static const char *visible_field_name(const void *context, size_t i)
{
	const struct record *record = context;
	for (size_t number = 0; number < record->field_count; number++)
		if (!(record->fields[number].flags & FIELD_HIDDEN) && i-- == 0)
			return record->fields[number].name;
	return NULL;
}

/* What follows the last underscore. */
static struct text last_word(struct text name)
{
	for (size_t i = name.length; i > 0; i--)
		if (name.data[i - 1] == '_')
			return (struct text){ name.data + i, name.length - i };
	return name;
}

/* "start_date" is not spelt like "effective_date", but of its kind: " (there are 'start_date', 'billing_date')". */
static const char *fields_alike(const struct record *record, struct text name, struct arena *arena)
{
	const struct text word = last_word(name);
	const char *alike = "", *field;
	for (size_t i = 0; (field = visible_field_name(record, i)) != NULL; i++)
		if (text_equals(last_word(text_of(field)), word))
			alike = text_format(arena, "%s%s'%s'", alike, alike[0] ? ", " : "", field).data;
	return alike[0] ? text_format(arena, " (there are: %s)", alike).data : "";
}

const char *record_field_nearest(const struct record *record, struct text name, struct arena *arena)
{
	const char *nearest = text_did_you_mean(arena, name, visible_field_name, record);
	return nearest[0] ? nearest : fields_alike(record, name, arena);
}

static const struct record_field *field_of(const struct record *record, int field)
{
	if (field < 0 || (size_t)field >= record->field_count)
		BUG("%s has no field %d", record->name, field);
	return &record->fields[field];
}

/* Copied bytewise: the member's own type is an enum, a typed pointer or a typed list. */
unsigned field_choice(const struct record_field *field, const void *value)
{
	unsigned choice;
	memcpy(&choice, record_field_const_at(field, value), sizeof choice);
	return choice;
}

void *field_record(const struct record_field *field, const void *value)
{
	void *record;
	memcpy(&record, record_field_const_at(field, value), sizeof record);
	return record;
}

struct record_list field_list(const struct record_field *field, const void *value)
{
	struct record_list list;
	memcpy(&list, record_field_const_at(field, value), sizeof list);
	return list;
}

const void *field_list_item(const struct record_field *field, const struct record_list *list, size_t i)
{
	return (const char *)list->items + i * field->of->size;
}

bool field_knows_absence(const struct record_field *field)
{
	switch (field->kind) {
	case KIND_INTEGER:
	case KIND_DECIMAL:
	case KIND_BOOLEAN:
		return field->presence_offset != 0;
	default:
		return true;
	}
}

bool record_value_has_(const struct record_field *field, const void *value)
{
	const void *at = record_field_const_at(field, value);
	switch (field->kind) {
	case KIND_ID:
		return *(const int64_t *)at != 0;
	case KIND_UUID:
		return uuid_present(*(const struct uuid *)at);
	case KIND_TEXT:
	case KIND_JSON:
		return text_present(*(const struct text *)at);
	case KIND_MONEY:
		return ((const struct money *)at)->currency != NULL;
	case KIND_EXACT:
		return ((const struct exact_money *)at)->currency != NULL;
	case KIND_CURRENCY:
		return *(const struct currency *const *)at != NULL;
	case KIND_DATE:
		return date_present(*(const struct date *)at);
	case KIND_INSTANT:
		return ((const struct instant *)at)->us != 0;
	case KIND_DURATION:
		return duration_present(*(const struct duration *)at);
	case KIND_CHOICE:
		return field_choice(field, value) != 0;
	case KIND_RECORD:
		return field_record(field, value) != NULL;
	case KIND_LIST:
		return field_list(field, value).count != 0;
	case KIND_INTEGER:
	case KIND_DECIMAL:
	case KIND_BOOLEAN:
		return true;
	case KIND_RELATION:
		return false;
	}
	BUG("kind %d", (int)field->kind);
}

bool record_has(const struct record *record, const void *value, int field)
{
	return record_field_has(field_of(record, field), value);
}

size_t record_kind_size(enum record_kind kind)
{
	switch (kind) {
	case KIND_ID:
	case KIND_INTEGER:
		return sizeof(int64_t);
	case KIND_UUID:
		return sizeof(struct uuid);
	case KIND_TEXT:
	case KIND_JSON:
		return sizeof(struct text);
	case KIND_DECIMAL:
		return sizeof(struct decimal);
	case KIND_MONEY:
		return sizeof(struct money);
	case KIND_EXACT:
		return sizeof(struct exact_money);
	case KIND_CURRENCY:
	case KIND_RECORD:
		return sizeof(void *);
	case KIND_DATE:
		return sizeof(struct date);
	case KIND_INSTANT:
		return sizeof(struct instant);
	case KIND_DURATION:
		return sizeof(struct duration);
	case KIND_BOOLEAN:
		return sizeof(bool);
	case KIND_CHOICE:
		return sizeof(unsigned);
	case KIND_LIST:
		return sizeof(struct record_list);
	case KIND_RELATION:
		return 0;
	}
	BUG("kind %d", (int)kind);
}

void record_set_present(const struct record *record, void *value, int field, bool present)
{
	const struct record_field *of = field_of(record, field);
	if (of->presence_offset)
		*(bool *)((char *)value + of->presence_offset) = present;
	if (!present && of->kind != KIND_RELATION)
		memset(record_field_at(of, value), 0, record_kind_size(of->kind));
}

void *record_list_grow_(struct arena *arena, void *items, size_t *count, size_t *capacity, size_t item_size)
{
	char *old;
	memcpy(&old, items, sizeof old);
	if (*count == *capacity) {
		size_t wider = *capacity ? *capacity * 2 : 4;
		char *grown = arena_alloc_many(arena, wider, item_size);
		if (*count)
			memcpy(grown, old, *count * item_size);
		memcpy(items, &grown, sizeof grown);
		*capacity = wider;
		old = grown;
	}
	return old + (*count)++ * item_size;
}

void *record_list_add(const struct record *record, void *value, int field, struct arena *arena)
{
	const struct record_field *of = field_of(record, field);
	if (of->kind != KIND_LIST)
		BUG("%s.%s is not a list", record->name, of->name);
	struct record_list list = field_list(of, value);
	void *item = record_list_grow_(arena, &list.items, &list.count, &list.capacity, of->of->size);
	memcpy(record_field_at(of, value), &list, sizeof list);
	return item;
}
