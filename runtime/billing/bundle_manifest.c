/* bundle_manifest.c: bundle.json, what it may say and what follows where it is silent. */
#include "bundle_manifest.h"

#include "event/command.h"
#include "tenant_setting.h"

enum { MANIFEST_NAME_BYTES_MAX = 100 };

static const char *member_candidate(const void *context, size_t i)
{
	static const char *const members[] = { "name", "rules", "settings", NULL };
	(void)context;
	return members[i];
}

struct file_names {
	const struct bundle_archive *archive;
	struct arena *arena;
};

static const char *file_candidate(const void *context, size_t i)
{
	const struct file_names *names = context;
	return i < names->archive->count ? text_c(names->arena, names->archive->files[i].name) : NULL;
}

static bool members_check(const struct json *document, const char *pointer, struct problems *problems)
{
	bool good = true;
	for (const struct json *member = document->first; member; member = member->next)
		if (!text_is(member->name, "name") && !text_is(member->name, "rules") &&
		    !text_is(member->name, "settings"))
			good = problem(problems, PROBLEM_UNKNOWN_FIELD,
			               text_format(problems->arena, "%s/%.*s", pointer, TEXT_ARG(member->name)).data,
			               "bundle.json has no member '%.*s'%s", TEXT_ARG(member->name),
			               text_did_you_mean(problems->arena, member->name, member_candidate, NULL));
	return good;
}

static bool name_read(const struct json *document, const char *pointer, struct problems *problems,
                      struct bundle_manifest *manifest)
{
	const struct json *name = json_member(document, "name");
	pointer = text_format(problems->arena, "%s/name", pointer).data;
	if (!name)
		return problem(problems, PROBLEM_MISSING_FIELD, pointer, "bundle.json must give the bundle a name");
	if (name->type != JSON_STRING || name->text.length == 0 || name->text.length > MANIFEST_NAME_BYTES_MAX)
		return problem(problems, PROBLEM_INVALID_VALUE, pointer,
		               "the bundle's name must be a text of 1 to %d bytes", MANIFEST_NAME_BYTES_MAX);
	manifest->name = name->text;
	return true;
}

static bool rule_named_before(const struct bundle_manifest *manifest, struct text name)
{
	for (size_t i = 0; i < manifest->rule_count; i++)
		if (text_equals(manifest->rules[i], name))
			return true;
	return false;
}

static bool rule_read(const struct bundle_archive *archive, const struct json *item, const char *pointer,
                      struct problems *problems, struct bundle_manifest *manifest)
{
	if (item->type != JSON_STRING)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "a rule file is named by a text");
	struct file_names names = { archive, problems->arena };
	if (!text_starts(item->text, "rules/") || !bundle_archive_file(archive, item->text))
		return problem_value(problems, PROBLEM_BUNDLE_INVALID, pointer, item->text, NULL,
		                     "there is no rule file '%.*s'%s", TEXT_ARG(item->text),
		                     text_did_you_mean(problems->arena, item->text, file_candidate, &names));
	if (rule_named_before(manifest, item->text))
		return problem_value(problems, PROBLEM_DUPLICATE, pointer, item->text, NULL,
		                     "rule file '%.*s' is named twice", TEXT_ARG(item->text));
	manifest->rules[manifest->rule_count++] = item->text;
	return true;
}

static bool rules_read(const struct bundle_archive *archive, const struct json *document, const char *pointer,
                       struct problems *problems, struct bundle_manifest *manifest)
{
	const struct json *rules = json_member(document, "rules");
	bool good = true;
	size_t i = 0;
	manifest->rules = arena_new_many(problems->arena, struct text, archive->count + (rules ? rules->count : 0) + 1);
	if (!rules) {
		for (size_t k = 0; k < archive->count; k++)
			if (text_starts(archive->files[k].name, "rules/"))
				manifest->rules[manifest->rule_count++] = archive->files[k].name;
		return true;
	}
	if (rules->type != JSON_ARRAY)
		return problem(problems, PROBLEM_WRONG_TYPE, text_format(problems->arena, "%s/rules", pointer).data,
		               "rules must be a list of files");
	for (const struct json *item = rules->first; item; item = item->next, i++)
		good &= rule_read(archive, item, text_format(problems->arena, "%s/rules/%zu", pointer, i).data,
		                  problems, manifest);
	return good;
}

static bool settings_read(const struct json *document, const char *pointer, struct problems *problems,
                          struct bundle_manifest *manifest)
{
	manifest->settings = json_member(document, "settings");
	return !manifest->settings ||
	       tenant_setting_check(manifest->settings, text_format(problems->arena, "%s/settings", pointer).data,
	                            problems);
}

static struct text manifest_text(struct arena *arena, const struct bundle_manifest *manifest)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	struct json_writer writer;
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_string(&writer, manifest->name);
	json_name(&writer, "rules");
	json_begin_array(&writer);
	for (size_t i = 0; i < manifest->rule_count; i++)
		json_string(&writer, manifest->rules[i]);
	json_end_array(&writer);
	json_name(&writer, "settings");
	json_raw(&writer, settings_merge(arena, NULL, manifest->settings));
	json_end_object(&writer);
	return builder_text(&out);
}

bool bundle_manifest_read(const struct bundle_archive *archive, struct arena *arena, struct problems *problems,
                          struct bundle_manifest *manifest)
{
	*manifest = (struct bundle_manifest){ 0 };
	const char *pointer = bundle_archive_pointer(arena, TEXT("bundle.json"));
	const struct bundle_file *file = bundle_archive_file(archive, TEXT("bundle.json"));
	if (!file)
		return problem(problems, PROBLEM_BUNDLE_INVALID, pointer, "the bundle has no bundle.json");
	const struct problem *before = problems->last;
	const struct json *document = json_parse(file->content, arena, problems);
	if (!document) {
		if (problems->last && problems->last != before)
			problems->last->pointer = pointer;
		return false;
	}
	if (document->type != JSON_OBJECT)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "bundle.json must be an object");
	bool good = members_check(document, pointer, problems);
	good &= name_read(document, pointer, problems, manifest);
	good &= rules_read(archive, document, pointer, problems, manifest);
	good &= settings_read(document, pointer, problems, manifest);
	manifest->text = manifest_text(arena, manifest);
	return good;
}
