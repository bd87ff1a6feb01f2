/* bundle_catalog.c: catalog files of a bundle, read and checked. */
#include "bundle_catalog.h"

#include "catalog_check.h"
#include "catalog_version_check.h"

struct reading {
	struct bundle_content *content;
	const struct currency *currency;
	struct arena *arena;
	struct problems *problems;
};

/* ---- flat plans ---- */

static bool plan_read(struct reading *reading, const struct json *item, const char *pointer)
{
	struct bundle_content *content = reading->content;
	struct plan_create *plan = list_add(reading->arena, &content->plans, struct plan_create);
	*list_add(reading->arena, &content->plan_pointers, const char *) = pointer;
	if (!json_decode(item, &plan_create_record, plan, pointer, reading->arena, reading->problems))
		return false;
	if (!plan->currency)
		plan->currency = reading->currency;
	return catalog_check(plan, pointer, reading->arena, reading->problems);
}

struct plan_code {
	struct text code;
	size_t index;
};

static int by_code(const void *a, const void *b)
{
	const struct plan_code *left = a, *right = b;
	int order = text_compare(left->code, right->code);
	return order ? order : (left->index > right->index) - (left->index < right->index);
}

static bool plan_codes_check(const struct reading *reading)
{
	const struct bundle_content *content = reading->content;
	struct plan_code *codes = arena_new_many(reading->arena, struct plan_code, content->plans.count + 1);
	for (size_t i = 0; i < content->plans.count; i++)
		codes[i] = (struct plan_code){ content->plans.items[i].code, i };
	qsort(codes, content->plans.count, sizeof *codes, by_code);
	bool good = true;
	for (size_t i = 1; i < content->plans.count; i++) {
		if (!text_present(codes[i].code) || !text_equals(codes[i - 1].code, codes[i].code))
			continue;
		const char *pointer = content->plan_pointers.items[codes[i].index];
		good = problem_value(reading->problems, PROBLEM_DUPLICATE,
		                     text_format(reading->arena, "%s/code", pointer).data, codes[i].code, NULL,
		                     "plan '%.*s' is in the catalog already, at %s", TEXT_ARG(codes[i].code),
		                     content->plan_pointers.items[codes[i - 1].index]);
	}
	return good;
}

/* ---- versions ---- */

static bool version_read(struct reading *reading, const struct json *item, const char *pointer)
{
	struct bundle_content *content = reading->content;
	struct catalog_version_input *version = list_add(reading->arena, &content->versions, struct catalog_version_input);
	*list_add(reading->arena, &content->version_pointers, const char *) = pointer;
	bool good = json_decode(item, &catalog_version_input_record, version, pointer, reading->arena, reading->problems);
	return catalog_version_check(version, pointer, reading->arena, reading->problems) && good;
}

/* Of two files either may come first; inside a file they stand in order. */
static bool instants_check(const struct reading *reading, size_t first)
{
	bool good = true;
	const struct bundle_content *content = reading->content;
	for (size_t i = first; i < content->versions.count; i++) {
		struct instant at = content->versions.items[i].effective_at;
		const char *pointer = text_format(reading->arena, "%s/effective_at", content->version_pointers.items[i]).data;
		for (size_t k = 0; k < i && at.us; k++)
			if (content->versions.items[k].effective_at.us == at.us)
				good = problem_value(reading->problems, PROBLEM_DUPLICATE, pointer, instant_text(reading->arena, at),
				                     NULL, "a version is in force from then on already, at %s",
				                     content->version_pointers.items[k]);
		if (i > first && at.us && at.us < content->versions.items[i - 1].effective_at.us)
			good = problem_value(reading->problems, PROBLEM_CATALOG_INVALID, pointer, instant_text(reading->arena, at),
			                     "Put the earlier version first.", "versions stand in ascending order");
	}
	return good;
}

/* ---- files ---- */

static const struct json *file_parse(const struct reading *reading, const struct bundle_file *file, const char *pointer)
{
	const struct problem *before = reading->problems->last;
	const struct json *document =
	        json_parse_limited(file->content, BUNDLE_CATALOG_ITEMS_MAX, reading->arena, reading->problems);
	if (!document && reading->problems->last && reading->problems->last != before)
		reading->problems->last->pointer = pointer;
	return document;
}

/* An object with plans, versions or both, and nothing else. */
static bool shape_check(const struct reading *reading, const struct json *document, const char *pointer)
{
	size_t known = 0;
	bool good = document->type == JSON_OBJECT;
	for (const struct json *member = good ? document->first : NULL; member; member = member->next) {
		good = good && member->type == JSON_ARRAY;
		known += text_is(member->name, "plans") || text_is(member->name, "versions");
	}
	return (good && known > 0 && known == document->count) ||
	       problem(reading->problems, PROBLEM_CATALOG_INVALID, pointer,
	               "a catalog file is one object {\"plans\": [...], \"versions\": [...]}, of which one may be left out");
}

static bool list_read(struct reading *reading, const struct json *document, const char *member, const char *pointer,
                      bool (*read)(struct reading *reading, const struct json *item, const char *pointer))
{
	bool good = true;
	size_t i = 0;
	const struct json *list = json_member(document, member);
	for (const struct json *item = list ? list->first : NULL; item; item = item->next, i++)
		good &= read(reading, item, text_format(reading->arena, "%s/%s/%zu", pointer, member, i).data);
	return good;
}

static bool file_read(struct reading *reading, const struct bundle_file *file)
{
	const char *pointer = bundle_archive_pointer(reading->arena, file->name);
	const struct json *document = file_parse(reading, file, pointer);
	size_t first = reading->content->versions.count;
	if (!document || !shape_check(reading, document, pointer))
		return false;
	bool good = list_read(reading, document, "plans", pointer, plan_read);
	good &= list_read(reading, document, "versions", pointer, version_read);
	return instants_check(reading, first) && good;
}

bool bundle_catalog_read(struct bundle_content *content, const struct currency *currency, struct arena *arena,
                         struct problems *problems)
{
	struct reading reading = { content, currency, arena, problems };
	bool good = true;
	for (size_t i = 0; i < content->archive.count; i++)
		if (text_starts(content->archive.files[i].name, "catalog/"))
			good &= file_read(&reading, &content->archive.files[i]);
	return plan_codes_check(&reading) && good;
}
