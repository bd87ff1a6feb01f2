/* secret.c: finds the secret fields of an input, however deep: they are wiped when a request ends and never queued. */
#include "engine_state.h"

#include <string.h>

/* Calls for each secret text that is there; true when there was any. */
static bool secrets_walk(const struct record *record, const void *value, bool wipe);

static bool secrets_walk_list(const struct record_field *field, const void *value, bool wipe)
{
	struct record_list list;
	bool any = false;
	memcpy(&list, record_field_const_at(field, value), sizeof list);
	for (size_t i = 0; i < list.count; i++)
		any |= secrets_walk(field->of, (const char *)list.items + i * field->of->size, wipe);
	return any;
}

static bool secrets_walk_field(const struct record_field *field, const void *value, bool wipe)
{
	if (field->kind == KIND_LIST)
		return secrets_walk_list(field, value, wipe);
	if (field->kind == KIND_RECORD) {
		const void *inner;
		memcpy(&inner, record_field_const_at(field, value), sizeof inner);
		return inner && secrets_walk(field->of, inner, wipe);
	}
	if (field->kind != KIND_TEXT || !(field->flags & FIELD_SECRET))
		return false;
	const struct text *text = record_field_const_at(field, value);
	if (wipe)
		text_wipe(*text);
	return text_present(*text);
}

static bool secrets_walk(const struct record *record, const void *value, bool wipe)
{
	bool any = false;
	for (size_t i = 0; i < record->field_count; i++)
		any |= secrets_walk_field(&record->fields[i], value, wipe);
	return any;
}

void secrets_wipe(const struct record *record, const void *value)
{
	secrets_walk(record, value, true);
}

bool secrets_present(const struct record *record, const void *value)
{
	return secrets_walk(record, value, false);
}
