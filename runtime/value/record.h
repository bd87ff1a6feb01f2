/* record.h: what a record is, and everything that follows from it.
 *
 * schema/records.lua describes each record once. The build writes from it R.gen.h (struct R, its field
 * numbers, `extern const struct record R_record`) and the tables behind it. Decoding, encoding, storage and
 * Lua access are generic over the descriptor in this file; adding a field is one line in the schema.
 *
 * How a field lies in its struct, by kind, and what "absent" is:
 *   id, integer   int64_t             id: 0. integer: `bool has_<name>` beside it when optional
 *   uuid          struct uuid         all zero
 *   text, json    struct text         data == NULL (json: canonical JSON text kept as it came)
 *   decimal       struct decimal      `bool has_<name>` when optional
 *   money         struct money        currency == NULL; its currency is the record's `currency` field
 *   exact         struct exact_money  currency == NULL; an amount not yet rounded, same currency rule
 *   currency      const struct currency *   NULL
 *   date          struct date         day 0
 *   instant       struct instant      us 0
 *   duration      struct duration     all zero
 *   boolean       bool                `bool has_<name>` when optional
 *   choice        enum <record>_<field>  0 (..._NONE); the words are numbered from 1. The enum is called
 *                 <record>_<field>_choice where a record has the name (enum payment_method_choice)
 *   record        struct <of> *       NULL
 *   list          struct { struct <of> *items; size_t count, capacity; }   count 0
 *   relation      nothing: loaded on demand through the id field named `by` (Lua and encoders only)
 */
#ifndef MOONBILL_VALUE_RECORD_H
#define MOONBILL_VALUE_RECORD_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/problem.h"
#include "base/text.h"
#include "calendar.h"
#include "currency.h"
#include "decimal.h"
#include "money.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
	KIND_ID = 1,
	KIND_UUID,
	KIND_TEXT,
	KIND_JSON,
	KIND_INTEGER,
	KIND_DECIMAL,
	KIND_MONEY,
	KIND_EXACT,
	KIND_CURRENCY,
	KIND_DATE,
	KIND_INSTANT,
	KIND_DURATION,
	KIND_BOOLEAN,
	KIND_CHOICE,
	KIND_RECORD,
	KIND_LIST,
	KIND_RELATION,
};

enum record_flag {
	FIELD_REQUIRED = 1 << 0,   /* input must give it; stored NOT NULL */
	FIELD_RULE_WRITES = 1 << 1, /* a pre rule may assign it where its event says "<record>.*" */
	FIELD_HIDDEN = 1 << 2,     /* never encoded to the outside nor shown to rules (key digests) */
	FIELD_SECRET = 1 << 3,     /* input only: never encoded, journalled or shown to rules (card number) */
	FIELD_COLUMN = 1 << 4,     /* has a column in the record's table */
	FIELD_UNTOLD = 1 << 6,     /* a rule may see it, what is kept of its run does not have it (a tenant's own secrets) */
	FIELD_NULL_CLEARS = 1 << 5, /* text: a JSON null is a text without bytes, not an absent one */
	FIELD_VISIBLE = 1 << 7,    /* text: people must see something of it, blanks alone are refused */
};

struct record;

/* A bit a field number. Aligned as a pointer is: it stands in memory that Lua gives. */
enum { RECORD_FIELDS_MAX = 128 };
__extension__ typedef unsigned __int128 field_mask __attribute__((aligned(8)));

struct record_field {
	const char *name;
	const char *doc;
	struct text key;             /* the name as JSON has it before the value: "name": */
	enum record_kind kind;
	unsigned flags;
	size_t offset;
	size_t presence_offset;      /* of has_<name>; 0 when absence is a value of the kind */
	int64_t min, max;            /* text: bytes; integer, decimal, money (major units): value; list: items */
	int scale_max;               /* decimal: places */
	const char *const *words;    /* choice: words[1..]; ends with NULL; words[0] is "" */
	const struct record *of;     /* record, list, relation */
	int by;                      /* relation: number of the id field */
};

/* The table of a stored record; statement numbers are of store/statement.gen.h (0: none). */
struct record_table {
	const char *name;
	int insert, update, find;    /* find: by a key of one column, or by the id that ends it */
	const int *columns;          /* field numbers in column order */
	size_t column_count;
	const int *key;              /* field numbers of the key after tenant_id */
	size_t key_count;
	unsigned late;               /* a bit when new rows may wait (store/late_row.h); 0: written at once */
};

struct record {
	const char *name, *doc;
	size_t size;
	const struct record_field *fields;
	size_t field_count;
	int currency_field;          /* number of the field of kind currency, -1 when none */
	const struct record_table *table; /* NULL: not stored */
};

/* All records, for docs, checks and name look-ups; NULL-terminated. */
extern const struct record *const records_all[];
const struct record *record_by_name(struct text name);

/* Field number by name, -1 when there is none. */
int record_field_find(const struct record *record, struct text name);
/* " (did you mean 'x'?)" or "". */
const char *record_field_nearest(const struct record *record, struct text name, struct arena *arena);

/* ---- generic access ---- */
struct record_list {
	void *items;
	size_t count, capacity;
};
static inline void *record_field_at(const struct record_field *field, void *value)
{
	return (char *)value + field->offset;
}
static inline const void *record_field_const_at(const struct record_field *field, const void *value)
{
	return (const char *)value + field->offset;
}
/* Bytes that a field of that kind takes in its struct, the flag beside it apart; 0 for relations. */
size_t record_kind_size(enum record_kind kind);
bool record_has(const struct record *record, const void *value, int field);
/* Whether the value itself says that it is there; kinds with a flag of their own aside. */
bool record_value_has_(const struct record_field *field, const void *value);
/* As record_has, of a field in hand. Asked for each field of each record that is read or written: the kinds that are
 * nearly all of them first, and here. */
static inline bool record_field_has(const struct record_field *field, const void *value)
{
	const void *at = record_field_const_at(field, value);
	if (field->presence_offset)
		return *(const bool *)((const char *)value + field->presence_offset);
	switch (field->kind) {
	case KIND_TEXT:
	case KIND_JSON:
		return text_present(*(const struct text *)at);
	case KIND_ID:
	case KIND_INSTANT:
		return *(const int64_t *)at != 0;
	case KIND_RECORD:
	case KIND_CURRENCY:
		return *(const void *const *)at != NULL;
	default:
		return record_value_has_(field, value);
	}
}
void record_set_present(const struct record *record, void *value, int field, bool present);
/* Appends a zeroed item to a list field and returns it. */
void *record_list_add(const struct record *record, void *value, int field, struct arena *arena);
#define list_add(arena, list, type)                                                                       \
	((type *)record_list_grow_((arena), &(list)->items, &(list)->count, &(list)->capacity, sizeof(type)))
void *record_list_grow_(struct arena *arena, void *items, size_t *count, size_t *capacity, size_t item_size);
/* Deep copy into the arena. */
void *record_copy(const struct record *record, const void *value, struct arena *arena);
/* Are all fields of both equal? A relation is no field of the row. */
bool record_same(const struct record *record, const void *a, const void *b);
/* Is this field absent, or equal, in both? */
bool record_field_same(const struct record *record, const void *a, const void *b, int field);
/* Says, with false, that there is no row of this id: PROBLEM_NOT_FOUND, "subscription bundle 7 does not exist". */
bool record_missing(const struct record *record, int64_t id, struct problems *problems, const char *pointer);
/* Names of fields that differ, as "a,b"; for `changed` payloads. */
struct text record_changed(const struct record *record, const void *before, const void *after, struct arena *arena);
/* One scalar field as text ("60.50", "2011-09-20", "true"); TEXT_NONE when absent; BUG for record and list. */
struct text record_field_text(const struct record *record, const void *value, int field, struct arena *arena);
/* The reverse, with all checks of the field; one problem at `pointer` when it does not fit. Money needs the
 * record's currency to be set before. */
bool record_field_parse(const struct record *record, void *value, int field, struct text text, const char *pointer,
                        struct arena *arena, struct problems *problems);

/* ---- checks that do not depend on the syntax it came in ---- */
/* Required fields, lengths, ranges, list sizes; every problem found. `pointer` is the record's own, "" for
 * the root. Decoders call it; commands that build an input themselves may too. */
bool record_check(const struct record *record, const void *value, const char *pointer, struct problems *problems);

#endif
