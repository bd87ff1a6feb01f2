/* json.h: JSON in and out, behind the fences of design section 11.
 *
 * Reading is strict and one pass of our own: RFC 8259 grammar, UTF-8, no \u0000, no control bytes, no BOM,
 * depth at most JSON_DEPTH_MAX, at most JSON_MEMBERS_MAX members an object, no duplicate names, nothing after
 * the end. A number is never computed with: it keeps its source text (at most 100 bytes, below 10^308).
 * Writing is our own as well: integers and decimal text exactly, object members in order.
 */
#ifndef MOONBILL_VALUE_JSON_H
#define MOONBILL_VALUE_JSON_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	JSON_DEPTH_MAX = 32,
	JSON_FIELD_DEPTH_MAX = 16, /* of a record's field of kind json: what later wraps it must be readable too */
	JSON_MEMBERS_MAX = 1000,
	JSON_ITEMS_MAX = 10000,
};

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* A parsed document: an immutable tree in the arena; it does not point into the source. Strings are terminated,
 * numbers are not. */
struct json {
	enum json_type type;
	struct text name;  /* member name inside an object; none otherwise */
	struct text text;  /* string: decoded bytes; number: its source text */
	const struct json *first, *next; /* children of arrays and objects in order; sibling */
	size_t count;
	size_t offset;     /* of its first byte in the source */
};

/* NULL and one problem (with line and column) when it is not JSON within the fences. */
const struct json *json_parse(struct text source, struct arena *arena, struct problems *problems);
/* Same with limits of its own on items per array (catalogs, bulk bodies). */
const struct json *json_parse_limited(struct text source, size_t items_max, struct arena *arena,
                                      struct problems *problems);
const struct json *json_member(const struct json *object, const char *name); /* NULL when absent */
const struct json *json_item(const struct json *array, size_t i);
/* A string, or the source of a number; TEXT_NONE for everything else, NULL included. */
struct text json_text(const struct json *json);

/* Decodes an object into `value` (zeroed, of the record). Reports every problem: unknown members with the
 * nearest name, wrong types, missing ones, limits. JSON null = absent. Decimal, money and 64-bit
 * values are accepted as strings; whole integers up to 2^53 also as numbers; money never as a number. A field
 * that the caller has set before counts as given. Texts point into the tree. Checks are those of record_check. */
bool json_decode(const struct json *json, const struct record *record, void *value, const char *pointer,
                 struct arena *arena, struct problems *problems);

/* A writer over a text builder: begin/end objects and arrays, names, values; it places the commas. */
struct json_writer {
	struct text_builder *out;
	unsigned depth;
	bool comma[JSON_DEPTH_MAX + 8];
	bool after_name;
};
void json_writer_init(struct json_writer *writer, struct text_builder *out);
void json_begin_object(struct json_writer *writer);
void json_end_object(struct json_writer *writer);
void json_begin_array(struct json_writer *writer);
void json_end_array(struct json_writer *writer);
void json_name(struct json_writer *writer, const char *name);
void json_name_text(struct json_writer *writer, struct text name);
/* For what is known to be ASCII without controls, quotes and backslashes (names of fields, dates, ids): nothing is looked
 * for and escaped. */
void json_name_plain(struct json_writer *writer, const char *name);
void json_plain(struct json_writer *writer, struct text text);
/* The name of a field, by its descriptor. */
void json_name_of(struct json_writer *writer, const struct record_field *field);
void json_string(struct json_writer *writer, struct text text); /* TEXT_NONE writes null */
void json_c(struct json_writer *writer, const char *terminated);
void json_integer(struct json_writer *writer, int64_t value);
void json_boolean(struct json_writer *writer, bool value);
void json_null(struct json_writer *writer);
void json_raw(struct json_writer *writer, struct text json); /* already JSON; TEXT_NONE writes null */
void json_tree(struct json_writer *writer, const struct json *json);
struct text json_tree_text(struct arena *arena, const struct json *json); /* without blanks, members in order */

/* A record as an object: absent fields left out (a required list is written as []), money and decimals as
 * strings, ids and integers below 2^53 as numbers, hidden and secret fields never. Relations are not followed. */
void json_record(struct json_writer *writer, const struct record *record, const void *value);
/* One field's value (no name). */
void json_field(struct json_writer *writer, const struct record *record, const void *value, int field);
/* That of a field that is no list, from its bytes: it is present and lies at `at`, which need not be in a record. */
void json_field_at(struct json_writer *writer, const struct record_field *field, const void *at);
struct text json_record_text(struct arena *arena, const struct record *record, const void *value);
/* The list of problems as RFC 9457 "application/problem+json": type "urn:moonbill:problem:<code>", title and
 * status of the first, detail, errors: [{ pointer, code, detail_code?, message, value?, remedy, cause? }]. */
struct text json_problems_text(struct arena *arena, const struct problems *problems);
/* The same under another status. */
struct text json_problems_text_as(struct arena *arena, const struct problems *problems, int status);

#endif
