/* bundle_archive.c: a bundle as one JSON document, in and out. */
#include "bundle_archive.h"

#include "rule/rule.h"

static bool segment_valid(struct text segment)
{
	if (segment.length == 0 || segment.data[0] == '.' || segment.data[0] == '-')
		return false;
	for (size_t i = 0; i < segment.length; i++) {
		char c = segment.data[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		            c == '.' || c == '-';
		if (!good)
			return false;
	}
	return true;
}

static bool ends_with(struct text text, const char *ending)
{
	size_t length = strlen(ending);
	return text.length > length && memcmp(text.data + text.length - length, ending, length) == 0;
}

bool bundle_archive_name_valid(struct text name)
{
	if (text_is(name, "bundle.json") || text_is(name, "overdue.json"))
		return true;
	if (name.length > BUNDLE_NAME_BYTES_MAX)
		return false;
	struct text folder, rest = name;
	if (!text_split(rest, '/', &folder, &rest))
		return false;
	int depth = 1;
	for (struct text segment, left = rest; text_present(left); depth++) {
		bool more = text_split(left, '/', &segment, &left);
		if (!segment_valid(segment))
			return false;
		if (!more)
			break;
	}
	if (depth > 2)
		return false;
	if (text_is(folder, "rules") || text_is(folder, "checks"))
		return ends_with(name, ".lua");
	if (text_is(folder, "catalog"))
		return ends_with(name, ".json");
	return text_is(folder, "templates");
}

const char *bundle_archive_pointer(struct arena *arena, struct text name)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_c(&out, "/files/");
	for (size_t i = 0; i < name.length; i++) {
		if (name.data[i] == '/')
			builder_c(&out, "~1");
		else if (name.data[i] == '~')
			builder_c(&out, "~0");
		else
			builder_byte(&out, name.data[i]);
	}
	return builder_text(&out).data;
}

const struct bundle_file *bundle_archive_file(const struct bundle_archive *archive, struct text name)
{
	for (size_t i = 0; i < archive->count; i++)
		if (text_equals(archive->files[i].name, name))
			return &archive->files[i];
	return NULL;
}

/* ---- out ---- */

static int by_name(const void *a, const void *b)
{
	return text_compare(((const struct bundle_file *)a)->name, ((const struct bundle_file *)b)->name);
}

enum { ARCHIVE_HEAD_BYTES = sizeof "{\"files\":" - 1 };

struct text bundle_archive_text(struct arena *arena, struct bundle_file *files, size_t count)
{
	if (count > 1)
		qsort(files, count, sizeof *files, by_name);
	struct text_builder out;
	builder_init(&out, arena, 0);
	struct json_writer writer;
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "files");
	json_begin_object(&writer);
	for (size_t i = 0; i < count; i++) {
		json_name_text(&writer, files[i].name);
		json_string(&writer, files[i].content);
	}
	json_end_object(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}

/* ---- in ---- */

static bool file_check(const struct json *member, struct arena *arena, struct problems *problems)
{
	const char *pointer = bundle_archive_pointer(arena, member->name);
	if (!bundle_archive_name_valid(member->name))
		return problem_value(problems, PROBLEM_BUNDLE_INVALID, pointer, member->name,
		                     "Name it bundle.json, overdue.json, rules/NAME.lua, catalog/NAME.json, templates/NAME or checks/NAME.lua.",
		                     "'%.*s' is not the name of a file of a bundle", TEXT_ARG(member->name));
	if (member->type != JSON_STRING)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "the content of '%.*s' must be a text", TEXT_ARG(member->name));
	return true;
}

/* What the sizes of a bundle's parts are bounded by. */
static bool sizes_check(const struct bundle_archive *archive, struct problems *problems)
{
	struct {
		const char *folder;
		size_t limit, size;
	} parts[] = {
		{ "rules/", RULE_BUNDLE_BYTES_MAX, 0 },
		{ "checks/", RULE_BUNDLE_BYTES_MAX, 0 },
		{ "catalog/", BUNDLE_CATALOG_BYTES_MAX, 0 },
		{ "", BUNDLE_OTHER_BYTES_MAX, 0 },
	};
	bool good = true;
	for (size_t i = 0; i < archive->count; i++) {
		size_t part = 0;
		while (!text_starts(archive->files[i].name, parts[part].folder))
			part++;
		parts[part].size += archive->files[i].content.length;
	}
	for (size_t part = 0; part < sizeof parts / sizeof parts[0]; part++)
		if (parts[part].size > parts[part].limit)
			good = problem(problems, PROBLEM_PAYLOAD_TOO_LARGE, "/files", "the files of %s have %zu bytes, at most %zu are allowed",
			               parts[part].folder[0] ? parts[part].folder : "templates/, bundle.json and overdue.json",
			               parts[part].size, parts[part].limit);
	return good;
}

static bool files_read(const struct json *files, struct arena *arena, struct problems *problems,
                       struct bundle_archive *parsed)
{
	bool good = true;
	parsed->files = arena_new_many(arena, struct bundle_file, files->count);
	for (const struct json *member = files->first; member; member = member->next) {
		if (!file_check(member, arena, problems))
			good = false;
		else
			parsed->files[parsed->count++] = (struct bundle_file){ member->name, member->text };
	}
	return good && sizes_check(parsed, problems);
}

bool bundle_archive_parse(struct text archive, struct arena *arena, struct problems *problems,
                          struct bundle_archive *parsed)
{
	*parsed = (struct bundle_archive){ 0 };
	if (archive.length > BUNDLE_ARCHIVE_BYTES_MAX)
		return problem(problems, PROBLEM_PAYLOAD_TOO_LARGE, "", "the archive has %zu bytes, at most %d are allowed",
		               archive.length, BUNDLE_ARCHIVE_BYTES_MAX);
	const struct json *document = json_parse(archive, arena, problems);
	if (!document)
		return false;
	const struct json *files = document->type == JSON_OBJECT ? json_member(document, "files") : NULL;
	if (!files || files->type != JSON_OBJECT || document->count != 1)
		return problem(problems, PROBLEM_BUNDLE_INVALID, "", "an archive is one object {\"files\": {name: content}}");
	if (!files_read(files, arena, problems, parsed))
		return false;
	struct text whole = bundle_archive_text(arena, parsed->files, parsed->count);
	if (arena_exhausted(arena))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "the archive does not fit into memory");
	parsed->digest = digest_sha256(whole);
	parsed->digest_text = text_hex(arena, parsed->digest.bytes, sizeof parsed->digest.bytes);
	parsed->files_text = text_slice(whole, ARCHIVE_HEAD_BYTES, whole.length - 1);
	return true;
}
