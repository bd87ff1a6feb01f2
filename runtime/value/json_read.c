/* json_read.c: JSON to an immutable tree in an arena, within the fences of json.h. */
#include "json.h"
#include "json_scan.h"

#include <string.h>

struct json_reader {
	struct json_scanner scanner;
	struct arena *arena;
	size_t items_max;
	unsigned depth;
};

static struct json *read_value(struct json_reader *reader);

static bool out_of_memory(struct json_reader *reader)
{
	return problem(reader->scanner.problems, PROBLEM_OUT_OF_MEMORY, "", "the document is too large for its arena");
}

static struct json *json_new(struct json_reader *reader, enum json_type type)
{
	struct json *json = arena_try(reader->arena, sizeof *json);
	if (!json) {
		out_of_memory(reader);
		return NULL;
	}
	*json = (struct json){ .type = type, .offset = reader->scanner.at };
	return json;
}

/* ---- names are unique ---- */

static const struct json *name_twice_among_few(const struct json *object)
{
	for (const struct json *member = object->first; member; member = member->next)
		for (const struct json *later = member->next; later; later = later->next)
			if (text_equals(member->name, later->name))
				return later;
	return NULL;
}

static const struct json *name_twice_among_many(const struct json *object)
{
	enum { SLOTS = 2048 };
	_Static_assert((int)SLOTS > (int)JSON_MEMBERS_MAX, "an open table needs free slots");
	const struct json *slots[SLOTS] = { NULL };
	for (const struct json *member = object->first; member; member = member->next) {
		size_t slot = text_hash(member->name) % SLOTS;
		for (; slots[slot]; slot = (slot + 1) % SLOTS)
			if (text_equals(slots[slot]->name, member->name))
				return member;
		slots[slot] = member;
	}
	return NULL;
}

static bool names_unique(struct json_reader *reader, const struct json *object)
{
	enum { FEW = 12 };
	const struct json *twice = object->count <= FEW ? name_twice_among_few(object) : name_twice_among_many(object);
	if (!twice)
		return true;
	int shown = twice->name.length < 60 ? (int)twice->name.length : 60;
	return json_scan_problem(&reader->scanner, PROBLEM_MALFORMED, twice->offset, "member '%.*s' is given twice",
	                         shown, twice->name.data);
}

/* ---- arrays and objects ---- */

static bool too_many(struct json_reader *reader, const struct json *container, size_t max)
{
	if (container->count < max)
		return false;
	json_scan_problem(&reader->scanner, PROBLEM_TOO_MANY, reader->scanner.at, "more than %zu %s", max,
	                  container->type == JSON_ARRAY ? "items in an array" : "members in an object");
	return true;
}

static void child_add(struct json *container, struct json *child, const struct json **last)
{
	if (*last)
		/* the tree is handed out const; while it is built its last child is ours */
		((struct json *)(uintptr_t)*last)->next = child;
	else
		container->first = child;
	*last = child;
	container->count++;
}

static bool read_items(struct json_reader *reader, struct json *array)
{
	const struct json *last = NULL;
	if (json_scan_take(&reader->scanner, ']'))
		return true;
	do {
		if (too_many(reader, array, reader->items_max))
			return false;
		struct json *item = read_value(reader);
		if (!item)
			return false;
		child_add(array, item, &last);
	} while (json_scan_take(&reader->scanner, ','));
	return json_scan_take(&reader->scanner, ']') || json_scan_unexpected(&reader->scanner, "',' or ']'");
}

static struct json *read_member(struct json_reader *reader)
{
	struct text name;
	if (json_scan_peek(&reader->scanner) != '"') {
		json_scan_unexpected(&reader->scanner, "a member's name in double quotes");
		return NULL;
	}
	if (!json_scan_string(&reader->scanner, &name))
		return NULL;
	if (!json_scan_take(&reader->scanner, ':')) {
		json_scan_unexpected(&reader->scanner, "':'");
		return NULL;
	}
	struct json *member = read_value(reader);
	if (member)
		member->name = name;
	return member;
}

static bool read_members(struct json_reader *reader, struct json *object)
{
	const struct json *last = NULL;
	if (json_scan_take(&reader->scanner, '}'))
		return true;
	do {
		if (too_many(reader, object, JSON_MEMBERS_MAX))
			return false;
		struct json *member = read_member(reader);
		if (!member)
			return false;
		child_add(object, member, &last);
	} while (json_scan_take(&reader->scanner, ','));
	if (!json_scan_take(&reader->scanner, '}'))
		return json_scan_unexpected(&reader->scanner, "',' or '}'");
	return names_unique(reader, object);
}

/* ---- values ---- */

static bool read_container(struct json_reader *reader, struct json *container)
{
	if (reader->depth == JSON_DEPTH_MAX)
		return json_scan_problem(&reader->scanner, PROBLEM_TOO_DEEP, reader->scanner.at,
		                         "arrays and objects nest deeper than %d", JSON_DEPTH_MAX);
	reader->depth++;
	reader->scanner.at++;
	bool read = container->type == JSON_ARRAY ? read_items(reader, container) : read_members(reader, container);
	reader->depth--;
	return read;
}

static enum json_type type_of(int first)
{
	switch (first) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
		return JSON_TRUE;
	case 'f':
		return JSON_FALSE;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

static bool read_into(struct json_reader *reader, struct json *json)
{
	switch (json->type) {
	case JSON_OBJECT:
	case JSON_ARRAY:
		return read_container(reader, json);
	case JSON_STRING:
		return json_scan_string(&reader->scanner, &json->text);
	case JSON_TRUE:
		return json_scan_word(&reader->scanner, "true");
	case JSON_FALSE:
		return json_scan_word(&reader->scanner, "false");
	case JSON_NULL:
		return json_scan_word(&reader->scanner, "null");
	case JSON_NUMBER:
		return json_scan_number(&reader->scanner, &json->text);
	}
	BUG("type %d", (int)json->type);
}

static struct json *read_value(struct json_reader *reader)
{
	int first = json_scan_peek(&reader->scanner);
	if (first < 0 || !strchr("{[\"tfn-0123456789", first) || first == 0) {
		json_scan_unexpected(&reader->scanner, "a value");
		return NULL;
	}
	struct json *json = json_new(reader, type_of(first));
	return json && read_into(reader, json) ? json : NULL;
}

const struct json *json_parse_limited(struct text source, size_t items_max, struct arena *arena,
                                      struct problems *problems)
{
	struct json_reader reader = { .scanner = { .source = source, .problems = problems }, .arena = arena,
		                      .items_max = items_max };
	if (text_starts(source, "\xef\xbb\xbf")) {
		json_scan_problem(&reader.scanner, PROBLEM_MALFORMED, 0, "a byte order mark is not allowed");
		return NULL;
	}
	reader.scanner.copy = arena_try(arena, source.length + 1);
	if (!reader.scanner.copy) {
		out_of_memory(&reader);
		return NULL;
	}
	struct json *json = read_value(&reader);
	if (json && json_scan_peek(&reader.scanner) >= 0) {
		json_scan_unexpected(&reader.scanner, "nothing after the document");
		return NULL;
	}
	return json;
}

const struct json *json_parse(struct text source, struct arena *arena, struct problems *problems)
{
	return json_parse_limited(source, JSON_ITEMS_MAX, arena, problems);
}

/* ---- looking things up ---- */

const struct json *json_member(const struct json *object, const char *name)
{
	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *member = object->first; member; member = member->next)
		if (text_is(member->name, name))
			return member;
	return NULL;
}

const struct json *json_item(const struct json *array, size_t i)
{
	if (!array || array->type != JSON_ARRAY)
		return NULL;
	const struct json *item = array->first;
	while (item && i--)
		item = item->next;
	return item;
}

struct text json_text(const struct json *json)
{
	return json && (json->type == JSON_STRING || json->type == JSON_NUMBER) ? json->text : TEXT_NONE;
}
