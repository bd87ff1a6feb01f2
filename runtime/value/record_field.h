/* record_field.h: one field of a record with the place it came from, for decoders. Private to value/. */
#ifndef MOONBILL_VALUE_RECORD_FIELD_H
#define MOONBILL_VALUE_RECORD_FIELD_H

#include "base/problem.h"
#include "place.h"
#include "record.h"

#include <stdbool.h>

/* Ids and JSON numbers stay where a double is exact. */
#define EXACT_INTEGER_MAX INT64_C(9007199254740992)

struct json;
struct json_writer;

struct field_site {
	const struct record *record;
	void *value;
	int number;
	const struct record_field *field; /* of that number */
	const struct place *place;        /* of the field itself */
	struct arena *arena;              /* for what the value points to */
	struct problems *problems;
};

/* Sets a scalar field from text. Limits are not checked yet: field_check does. Text is not copied. A decoder
 * that has reported the record's missing or wrong currency sets currency_reported: amounts are then checked
 * as far as can be, and false is returned without another problem. */
bool field_parse(const struct field_site *site, struct text text, bool currency_reported);
/* Sets a field of kind json to the canonical text of a tree. */
bool field_set_json(const struct field_site *site, const struct json *json);
/* The limits of a field that is present. */
bool field_check(const struct field_site *site);
/* Those of a list with so many items. */
bool field_check_count(const struct field_site *site, size_t count);
bool field_missing(const struct field_site *site);
/* A problem at the site's place; the value is left out of it when the field is secret. Returns false. */
bool field_problem(const struct field_site *site, enum problem_code code, struct text value, const char *remedy,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The value for a message: in quotes, without card numbers, shortened; "the value" when the field is secret. */
const char *field_shown(const struct field_site *site, struct text value);
/* Whether absence shows in the value: false for required integers, decimals and booleans. */
bool field_knows_absence(const struct record_field *field);

enum { FIELD_TEXT_ROOM = DECIMAL_ROOM };
/* A scalar that is present, at `at`, as text: its own, a constant, in `room` of FIELD_TEXT_ROOM bytes, or (the rare kinds,
 * exact and duration) in the arena. */
struct text field_text(const struct record_field *field, const void *at, struct arena *arena, char *room);
/* The number of a choice; 0..word_count. */
unsigned field_choice(const struct record_field *field, const void *value);
void *field_record(const struct record_field *field, const void *value);
struct record_list field_list(const struct record_field *field, const void *value);
const void *field_list_item(const struct record_field *field, const struct record_list *list, size_t i);

/* Of json_write.c: room for a text of `most` bytes that is known to be plain, made where it belongs; NULL when there is
 * none. `end` is behind it. */
char *json_plain_open(struct json_writer *writer, size_t most);
void json_plain_close(struct json_writer *writer, char *end);

#endif
