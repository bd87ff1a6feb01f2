/* form.c: bodies as clients of Maxio send them: members that nobody knows are passed over, numbers may be strings and strings
 * numbers, null is absent. What is left is decoded as any other input, so that its limits and problems are the same.
 */
#include "maxio.h"

#include "value/timezone.h"

#include <string.h>

/* ---- one value, as its kind is decoded ---- */

static struct json *json_new(struct arena *arena, enum json_type type, struct text name, struct text text)
{
	struct json *made = arena_new(arena, struct json);
	*made = (struct json){ .type = type, .name = name, .text = text };
	return made;
}

/* "5.0" is a whole number too. */
static struct text without_zeros(struct text number)
{
	struct text whole, zeros;
	if (!text_split(number, '.', &whole, &zeros))
		return number;
	for (size_t i = 0; i < zeros.length; i++)
		if (zeros.data[i] != '0')
			return number;
	return whole;
}

static const struct json *form_of(struct arena *arena, const struct json *json, const struct record *record);

static const struct json *list_of(struct arena *arena, const struct json *json, const struct record *record)
{
	struct json *list = json_new(arena, JSON_ARRAY, json->name, json->text);
	const struct json **link = &list->first;
	for (const struct json *item = json->first; item; item = item->next, list->count++) {
		const struct json *made = form_of(arena, item, record);
		*link = made;
		link = (const struct json **)(uintptr_t)&made->next;
	}
	return list;
}

/* NULL: it says nothing. */
static const struct json *scalar_of(struct arena *arena, const struct json *json, enum record_kind kind)
{
	bool truth = json->type == JSON_TRUE || json->type == JSON_FALSE;
	/* a copy: who wipes a secret writes where its text is */
	struct text text = truth ? text_copy(arena, json->type == JSON_TRUE ? TEXT("true") : TEXT("false")) : json->text;
	if (json->type == JSON_ARRAY || json->type == JSON_OBJECT)
		return json_new(arena, json->type, json->name, json->text); /* of the wrong type, and told so */
	text = text_trim(text);
	switch (kind) {
	case KIND_BOOLEAN:
		if (!truth && !text.length)
			return NULL;
		return json_new(arena, text_is(text, "true") || text_is(text, "1")    ? JSON_TRUE
		                       : text_is(text, "false") || text_is(text, "0") ? JSON_FALSE
		                                                                      : JSON_STRING,
		                json->name, text);
	case KIND_INTEGER:
	case KIND_ID:
		return text.length ? json_new(arena, JSON_STRING, json->name, without_zeros(text)) : NULL;
	case KIND_TEXT:
		return json_new(arena, JSON_STRING, json->name, json->type == JSON_STRING ? json->text : text);
	default:
		return text.length ? json_new(arena, JSON_STRING, json->name, text) : NULL;
	}
}

static const struct json *member_of(struct arena *arena, const struct json *json, const struct record_field *field)
{
	if (json->type == JSON_NULL)
		return NULL;
	struct json *made;
	switch (field->kind) {
	case KIND_RECORD:
		return form_of(arena, json, field->of);
	case KIND_LIST:
		return json->type == JSON_ARRAY ? list_of(arena, json, field->of) : scalar_of(arena, json, KIND_TEXT);
	case KIND_JSON:
		made = arena_new(arena, struct json);
		*made = *json;
		made->next = NULL;
		return made;
	default:
		return scalar_of(arena, json, field->kind);
	}
}

/* The members of the record, as it is decoded. Depth is bounded by json_parse. */
static const struct json *form_of(struct arena *arena, const struct json *json, const struct record *record)
{
	struct json *object = json_new(arena, json->type, json->name, json->text);
	const struct json **link = &object->first;
	for (const struct json *member = json->type == JSON_OBJECT ? json->first : NULL; member; member = member->next) {
		int field = record_field_find(record, member->name);
		const struct json *made = field >= 0 ? member_of(arena, member, &record->fields[field]) : NULL;
		if (!made)
			continue;
		*link = made;
		link = (const struct json **)(uintptr_t)&made->next;
		object->count++;
	}
	return object;
}

/* ---- the body ---- */

/* A token makes the request one that is done once. */
static void token_take(struct http_exchange *exchange, const struct json *root, const struct json *inside)
{
	const struct json *token = root->type == JSON_OBJECT ? json_member(root, "uniqueness_token") : NULL;
	if (!token && inside->type == JSON_OBJECT)
		token = json_member(inside, "uniqueness_token");
	if (!token || token->type != JSON_STRING || token->text.length < 1 || token->text.length > 200 || text_present(exchange->write.key))
		return;
	exchange->write.key = text_format(exchange->arena, "uniqueness_token:%.*s", TEXT_ARG(token->text));
	exchange->write.once = true;
}

bool maxio_body(struct http_exchange *exchange, const char *wrapper, const struct record *record, void *input)
{
	static const struct json nothing = { .type = JSON_OBJECT };
	const struct json *root = http_body_json(exchange);
	if (!root)
		return false;
	const struct json *inside = wrapper && root->type == JSON_OBJECT ? json_member(root, wrapper) : root;
	if (!inside || inside->type == JSON_NULL)
		inside = &nothing;
	token_take(exchange, root, inside);
	if (!maxio_spoken(exchange, inside, record, ""))
		return false;
	return json_decode(form_of(exchange->arena, inside, record), record, input, "", exchange->arena, &exchange->problems);
}

/* ---- values that are more than their kind ---- */

void maxio_name(struct text text, int64_t *id, struct text *handle)
{
	*id = 0;
	*handle = TEXT_NONE;
	text = text_trim(text);
	if (text_to_int64(text, id) && *id > 0)
		return;
	*id = 0;
	*handle = text_starts(text, "handle:") ? text_slice(text, 7, text.length) : text;
}

static bool two_digits(struct text text, size_t at, int64_t *value)
{
	struct text digits = text_slice(text, at, at + 2);
	return digits.length == 2 && digits.data[0] >= '0' && digits.data[0] <= '9' && text_to_int64(digits, value);
}

/* "HH:MM" or "HH:MM:SS", without a zone. */
static bool time_of_day(struct text text, int64_t *us)
{
	int64_t hours, minutes, seconds = 0;
	bool good = (text.length == 5 || text.length == 8) && two_digits(text, 0, &hours) && two_digits(text, 3, &minutes) &&
	            text.data[2] == ':' && hours < 24 && minutes < 60;
	if (good && text.length == 8)
		good = text.data[5] == ':' && two_digits(text, 6, &seconds) && seconds < 60;
	if (good)
		*us = ((hours * 60 + minutes) * 60 + seconds) * US_PER_S;
	return good;
}

bool maxio_instant(struct http_exchange *exchange, const struct timezone_rules *zone, struct text text, int hour,
                   const char *pointer, struct instant *instant)
{
	struct date date;
	int64_t us = (int64_t)hour * 3600 * US_PER_S;
	*instant = INSTANT_NONE;
	text = text_trim(text);
	if (!text_present(text) || text.length == 0)
		return true;
	char *copy = (char *)(uintptr_t)text_copy(exchange->arena, text).data;
	if (text.length > 10 && copy[10] == ' ')
		copy[10] = 'T';
	struct text written = { copy, text.length }, day = text_slice(written, 0, 10);
	if (instant_parse(written, instant))
		return true;
	if (date_parse(day, &date) && (text.length == 10 || (copy[10] == 'T' && time_of_day(text_slice(written, 11, text.length), &us)))) {
		*instant = timezone_instant(zone, date, us);
		return true;
	}
	return problem_value(&exchange->problems, PROBLEM_BAD_INSTANT, pointer, text_slice(text, 0, 60), NULL,
	                     "'%.*s' is no date and no time", TEXT_ARG(text_slice(text, 0, 60)));
}
