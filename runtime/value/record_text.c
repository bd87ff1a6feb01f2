/* record_text.c: a scalar field as text. */
#include "record.h"
#include "record_field.h"

#include <string.h>

enum { EXACT_PLACES_MAX = 18 };

/* "60.5" when a decimal of at most 18 places says it exactly, else "121/3". */
static struct text exact_text(struct arena *arena, struct fraction amount)
{
	struct decimal decimal;
	if (amount.denominator != 1 && fraction_decimal(amount, EXACT_PLACES_MAX, &decimal))
		return decimal_canonical_text(arena, decimal);
	return fraction_text(arena, amount);
}

struct text field_text(const struct record_field *field, const void *at, struct arena *arena, char *room)
{
	unsigned choice;
	char *end = room;
	switch (field->kind) {
	case KIND_TEXT:
	case KIND_JSON:
		return *(const struct text *)at;
	case KIND_EXACT:
		return exact_text(arena, ((const struct exact_money *)at)->amount);
	case KIND_CURRENCY:
		return text_of((*(const struct currency *const *)at)->code);
	case KIND_DURATION:
		return duration_text(arena, *(const struct duration *)at);
	case KIND_BOOLEAN:
		return *(const bool *)at ? TEXT("true") : TEXT("false");
	case KIND_CHOICE:
		memcpy(&choice, at, sizeof choice);
		return text_of(field->words[choice]);
	case KIND_ID:
	case KIND_INTEGER:
		end = decimal_put(room, decimal_from_int64(*(const int64_t *)at));
		break;
	case KIND_UUID:
		end = uuid_put(room, *(const struct uuid *)at);
		break;
	case KIND_DECIMAL:
		end = decimal_put(room, *(const struct decimal *)at);
		break;
	case KIND_MONEY:
		end = decimal_put(room, money_decimal(*(const struct money *)at));
		break;
	case KIND_DATE:
		end = date_put(room, *(const struct date *)at);
		break;
	case KIND_INSTANT:
		end = instant_put(room, *(const struct instant *)at);
		break;
	case KIND_RECORD:
	case KIND_LIST:
	case KIND_RELATION:
		BUG("%s is not one value", field->name);
	}
	return (struct text){ room, (size_t)(end - room) };
}

struct text record_field_text(const struct record *record, const void *value, int field, struct arena *arena)
{
	char room[FIELD_TEXT_ROOM];
	if (!record_has(record, value, field))
		return TEXT_NONE;
	const struct record_field *of = &record->fields[field];
	struct text text = field_text(of, record_field_const_at(of, value), arena, room);
	return text.data == room ? text_copy(arena, text) : text;
}

bool record_missing(const struct record *record, int64_t id, struct problems *problems, const char *pointer)
{
	struct text_builder noun;
	builder_init(&noun, problems->arena, 0);
	for (const char *at = record->name; *at; at++)
		builder_byte(&noun, *at == '_' ? ' ' : *at);
	return problem_value(problems, PROBLEM_NOT_FOUND, pointer, text_from_int64(problems->arena, id), NULL,
	                     "%s %lld does not exist", builder_text(&noun).data, (long long)id);
}
