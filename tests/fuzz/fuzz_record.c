/* fuzz_record.c: JSON into any record of the schema: the first line names it, the rest is the document. */
#include "fuzz.h"

#include "value/json.h"

/* A name that has been mutated away still stands for some record. */
static const struct record *record_of(struct text name)
{
	const struct record *record = record_by_name(name);
	size_t count = 0;
	while (records_all[count])
		count++;
	return record ? record : records_all[text_hash(name) % count];
}

/* What a record is made of can be written, copied and compared. */
static void record_use(struct fuzz *fuzz, const struct record *record, const void *value)
{
	struct text text = json_record_text(&fuzz->arena, record, value);
	FUZZ_CHECK(json_parse_limited(text, SIZE_MAX, &fuzz->arena, &fuzz->problems) != NULL);
	FUZZ_CHECK(record_check(record, value, "", &fuzz->problems));
	const void *copy = record_copy(record, value, &fuzz->arena);
	FUZZ_CHECK(record_changed(record, value, copy, &fuzz->arena).length == 0);
	FUZZ_CHECK(text_equals(json_record_text(&fuzz->arena, record, copy), text));
}

static void decode(struct fuzz *fuzz)
{
	struct text name, rest = TEXT("");
	if (!text_split(fuzz->input, '\n', &name, &rest))
		return;
	const struct record *record = record_of(name);
	const struct json *json = json_parse(rest, &fuzz->arena, &fuzz->problems);
	void *value = arena_alloc(&fuzz->arena, record->size);
	if (json && json_decode(json, record, value, "", &fuzz->arena, &fuzz->problems)) {
		FUZZ_CHECK(fuzz->problems.count == 0);
		record_use(fuzz, record, value);
		return;
	}
	FUZZ_CHECK(fuzz->problems.count > 0);
	struct text refusal = json_problems_text(&fuzz->arena, &fuzz->problems);
	struct problems none;
	problems_init(&none, &fuzz->arena);
	FUZZ_CHECK(json_parse(refusal, &fuzz->arena, &none) != NULL || arena_exhausted(&fuzz->arena));
}

FUZZ_TARGET(decode)
