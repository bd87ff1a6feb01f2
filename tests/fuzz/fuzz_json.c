/* fuzz_json.c: the JSON reader: what it takes, it writes and reads again; what it refuses, it explains. */
#include "fuzz.h"

#include "value/json.h"

static size_t depth_of(const struct json *json)
{
	size_t deepest = 0;
	for (const struct json *child = json->first; child; child = child->next) {
		size_t depth = depth_of(child);
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest + 1;
}

static void parse(struct fuzz *fuzz)
{
	const struct json *json = json_parse(fuzz->input, &fuzz->arena, &fuzz->problems);
	if (!json) {
		FUZZ_CHECK(fuzz->problems.count == 1);
		return;
	}
	FUZZ_CHECK(fuzz->problems.count == 0);
	FUZZ_CHECK(text_utf8_valid(fuzz->input));
	FUZZ_CHECK(depth_of(json) <= JSON_DEPTH_MAX + 1);
	struct text once = json_tree_text(&fuzz->arena, json);
	json = json_parse(once, &fuzz->arena, &fuzz->problems);
	FUZZ_CHECK(json != NULL);
	FUZZ_CHECK(text_equals(json_tree_text(&fuzz->arena, json), once));
}

FUZZ_TARGET(parse)
