/* sample_record.h: a record with a field of every kind, described by hand, for the tests of value/. */
#ifndef MOONBILL_TESTS_SAMPLE_RECORD_H
#define MOONBILL_TESTS_SAMPLE_RECORD_H

#include "value/record.h"

#include <stddef.h>

struct sample_part {
	struct text name;
	int64_t count;
	bool has_count;
	struct text secret;
};

enum sample_state { SAMPLE_STATE_NONE, SAMPLE_STATE_OPEN, SAMPLE_STATE_CLOSED };

struct sample {
	int64_t id;
	struct uuid uuid;
	struct text name;
	struct text custom;
	int64_t day;
	bool has_day;
	int64_t total;
	struct decimal quantity;
	bool has_quantity;
	struct money amount;
	struct exact_money share;
	const struct currency *currency;
	struct date start_date;
	struct instant created_at;
	struct duration term;
	bool active;
	bool has_active;
	enum sample_state state;
	struct sample_part *part;
	struct {
		struct sample_part *items;
		size_t count, capacity;
	} parts;
	struct text digest;
	int64_t owner_id;
};

enum sample_field {
	SAMPLE_ID, SAMPLE_UUID, SAMPLE_NAME, SAMPLE_CUSTOM, SAMPLE_DAY, SAMPLE_TOTAL, SAMPLE_QUANTITY, SAMPLE_AMOUNT,
	SAMPLE_SHARE, SAMPLE_CURRENCY, SAMPLE_START_DATE, SAMPLE_CREATED_AT, SAMPLE_TERM, SAMPLE_ACTIVE, SAMPLE_STATE,
	SAMPLE_PART, SAMPLE_PARTS, SAMPLE_DIGEST, SAMPLE_OWNER_ID, SAMPLE_OWNER, SAMPLE_COUNT
};

#define NAME(of) .name = of, .key = { "\"" of "\":", sizeof(of) + 2 }
static const struct record_field sample_part_fields[] = {
	{ NAME("name"), .doc = "", .kind = KIND_TEXT, .flags = FIELD_REQUIRED,
	  .offset = offsetof(struct sample_part, name), .min = 2, .max = 10 },
	{ NAME("count"), .doc = "", .kind = KIND_INTEGER, .offset = offsetof(struct sample_part, count),
	  .presence_offset = offsetof(struct sample_part, has_count), .min = 1, .max = 9 },
	{ NAME("secret"), .doc = "", .kind = KIND_TEXT, .flags = FIELD_SECRET,
	  .offset = offsetof(struct sample_part, secret), .min = 4, .max = 8 },
};
static const struct record sample_part_record = {
	.name = "sample_part", .doc = "A part.", .size = sizeof(struct sample_part), .fields = sample_part_fields,
	.field_count = 3, .currency_field = -1,
};

static const char *const sample_state_words[] = { "", "open", "closed", NULL };

#define AT(member) .offset = offsetof(struct sample, member)
#define OPTIONAL(member) AT(member), .presence_offset = offsetof(struct sample, has_##member)
static const struct record_field sample_fields[SAMPLE_COUNT] = {
	[SAMPLE_ID] = { NAME("id"), .doc = "", .kind = KIND_ID, AT(id) },
	[SAMPLE_UUID] = { NAME("uuid"), .doc = "", .kind = KIND_UUID, AT(uuid) },
	[SAMPLE_NAME] = { NAME("name"), .doc = "Shown to people.", .kind = KIND_TEXT, .flags = FIELD_REQUIRED,
	                  AT(name), .max = 20 },
	[SAMPLE_CUSTOM] = { NAME("custom"), .doc = "", .kind = KIND_JSON, AT(custom), .max = 100 },
	[SAMPLE_DAY] = { NAME("day"), .doc = "", .kind = KIND_INTEGER, OPTIONAL(day), .min = 0, .max = 31 },
	[SAMPLE_TOTAL] = { NAME("total"), .doc = "", .kind = KIND_INTEGER, .flags = FIELD_REQUIRED, AT(total),
	                   .min = INT64_MIN, .max = INT64_MAX },
	[SAMPLE_QUANTITY] = { NAME("quantity"), .doc = "", .kind = KIND_DECIMAL, OPTIONAL(quantity), .min = 0,
	                      .max = INT64_MAX, .scale_max = 3 },
	[SAMPLE_AMOUNT] = { NAME("amount"), .doc = "", .kind = KIND_MONEY, AT(amount), .min = -1000, .max = 1000 },
	[SAMPLE_SHARE] = { NAME("share"), .doc = "", .kind = KIND_EXACT, AT(share) },
	[SAMPLE_CURRENCY] = { NAME("currency"), .doc = "", .kind = KIND_CURRENCY, AT(currency) },
	[SAMPLE_START_DATE] = { NAME("start_date"), .doc = "", .kind = KIND_DATE, AT(start_date) },
	[SAMPLE_CREATED_AT] = { NAME("created_at"), .doc = "", .kind = KIND_INSTANT, AT(created_at) },
	[SAMPLE_TERM] = { NAME("term"), .doc = "", .kind = KIND_DURATION, AT(term) },
	[SAMPLE_ACTIVE] = { NAME("active"), .doc = "", .kind = KIND_BOOLEAN, OPTIONAL(active) },
	[SAMPLE_STATE] = { NAME("state"), .doc = "", .kind = KIND_CHOICE, AT(state), .words = sample_state_words },
	[SAMPLE_PART] = { NAME("part"), .doc = "", .kind = KIND_RECORD, AT(part), .of = &sample_part_record },
	[SAMPLE_PARTS] = { NAME("parts"), .doc = "", .kind = KIND_LIST, AT(parts), .of = &sample_part_record, .max = 3 },
	[SAMPLE_DIGEST] = { NAME("digest"), .doc = "", .kind = KIND_TEXT, .flags = FIELD_HIDDEN, AT(digest), .max = 64 },
	[SAMPLE_OWNER_ID] = { NAME("owner_id"), .doc = "", .kind = KIND_ID, AT(owner_id) },
	[SAMPLE_OWNER] = { NAME("owner"), .doc = "", .kind = KIND_RELATION, .of = &sample_part_record,
	                   .by = SAMPLE_OWNER_ID },
};
#undef NAME
#undef AT
#undef OPTIONAL
static const struct record sample_record = {
	.name = "sample", .doc = "Every kind.", .size = sizeof(struct sample), .fields = sample_fields,
	.field_count = SAMPLE_COUNT, .currency_field = SAMPLE_CURRENCY,
};

#endif
