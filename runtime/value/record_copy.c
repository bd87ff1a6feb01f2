/* record_copy.c: deep copies of records, and which fields of two differ. */
#include "record.h"
#include "record_field.h"

#include <string.h>

static void record_copy_into(const struct record *record, void *copy, struct arena *arena);

static void list_copy(const struct record_field *field, void *copy, struct arena *arena)
{
	struct record_list list = field_list(field, copy);
	if (list.count == 0)
		return;
	char *items = arena_alloc_many(arena, list.count, field->of->size);
	memcpy(items, list.items, list.count * field->of->size);
	for (size_t i = 0; i < list.count; i++)
		record_copy_into(field->of, items + i * field->of->size, arena);
	list.items = items;
	list.capacity = list.count;
	memcpy(record_field_at(field, copy), &list, sizeof list);
}

/* `copy` is a flat copy; what it points to is copied in turn. */
static void record_copy_into(const struct record *record, void *copy, struct arena *arena)
{
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		if (field->kind == KIND_TEXT || field->kind == KIND_JSON) {
			struct text *text = record_field_at(field, copy);
			*text = text_copy(arena, *text);
		} else if (field->kind == KIND_RECORD) {
			const void *nested = field_record(field, copy);
			void *nested_copy = nested ? record_copy(field->of, nested, arena) : NULL;
			memcpy(record_field_at(field, copy), &nested_copy, sizeof nested_copy);
		} else if (field->kind == KIND_LIST) {
			list_copy(field, copy, arena);
		}
	}
}

void *record_copy(const struct record *record, const void *value, struct arena *arena)
{
	void *copy = arena_alloc(arena, record->size);
	memcpy(copy, value, record->size);
	record_copy_into(record, copy, arena);
	return copy;
}

static bool list_equal(const struct record_field *field, const void *a, const void *b)
{
	struct record_list list_a = field_list(field, a), list_b = field_list(field, b);
	if (list_a.count != list_b.count)
		return false;
	for (size_t i = 0; i < list_a.count; i++)
		if (!record_same(field->of, field_list_item(field, &list_a, i), field_list_item(field, &list_b, i)))
			return false;
	return true;
}

static bool exact_equal(struct exact_money a, struct exact_money b)
{
	return a.currency == b.currency && a.amount.numerator == b.amount.numerator &&
	       a.amount.denominator == b.amount.denominator;
}

static bool money_equal(struct money a, struct money b)
{
	return a.currency == b.currency && a.minor == b.minor;
}

/* Both present. */
static bool field_equal(const struct record_field *field, const void *a, const void *b)
{
	const void *at_a = record_field_const_at(field, a), *at_b = record_field_const_at(field, b);
	switch (field->kind) {
	case KIND_ID:
	case KIND_INTEGER:
		return *(const int64_t *)at_a == *(const int64_t *)at_b;
	case KIND_UUID:
		return memcmp(at_a, at_b, sizeof(struct uuid)) == 0;
	case KIND_TEXT:
	case KIND_JSON:
		return text_equals(*(const struct text *)at_a, *(const struct text *)at_b);
	case KIND_DECIMAL:
		return decimal_compare(*(const struct decimal *)at_a, *(const struct decimal *)at_b) == 0;
	case KIND_MONEY:
		return money_equal(*(const struct money *)at_a, *(const struct money *)at_b);
	case KIND_EXACT:
		return exact_equal(*(const struct exact_money *)at_a, *(const struct exact_money *)at_b);
	case KIND_CURRENCY:
		return *(const struct currency *const *)at_a == *(const struct currency *const *)at_b;
	case KIND_DATE:
		return ((const struct date *)at_a)->day == ((const struct date *)at_b)->day;
	case KIND_INSTANT:
		return ((const struct instant *)at_a)->us == ((const struct instant *)at_b)->us;
	case KIND_DURATION: {
		const struct duration *da = at_a, *db = at_b;
		return da->months == db->months && da->days == db->days && da->us == db->us;
	}
	case KIND_BOOLEAN:
		return *(const bool *)at_a == *(const bool *)at_b;
	case KIND_CHOICE:
		return field_choice(field, a) == field_choice(field, b);
	case KIND_RECORD:
		return record_same(field->of, field_record(field, a), field_record(field, b));
	case KIND_LIST:
		return list_equal(field, a, b);
	case KIND_RELATION:
		return true;
	}
	BUG("kind %d", (int)field->kind);
}

bool record_field_same(const struct record *record, const void *a, const void *b, int number)
{
	bool has_a = record_has(record, a, number), has_b = record_has(record, b, number);
	return has_a == has_b && (!has_a || field_equal(&record->fields[number], a, b));
}

bool record_same(const struct record *record, const void *a, const void *b)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (!record_field_same(record, a, b, (int)i))
			return false;
	return true;
}

struct text record_changed(const struct record *record, const void *before, const void *after, struct arena *arena)
{
	struct text_builder names;
	builder_init(&names, arena, 0);
	for (size_t i = 0; i < record->field_count; i++) {
		bool shown = !(record->fields[i].flags & (FIELD_HIDDEN | FIELD_SECRET));
		if (!shown || record_field_same(record, before, after, (int)i))
			continue;
		if (names.length)
			builder_byte(&names, ',');
		builder_c(&names, record->fields[i].name);
	}
	return builder_text(&names);
}
