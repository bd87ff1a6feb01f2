/* demo.c: where demo tenants come from, and what they start from. */
#include "demo.h"

#include "billing/bundle.h"
#include "file.h"

#include <dirent.h>
#include <unistd.h>

enum { DEMO_BYTES_MAX = 1024 * 1024, DEMO_NAMES_MAX = 100 };

enum { ROOT_COUNT = 2, PATH_BYTES_MAX = 4096 };

/* Where demos are: as installed, found from where the program is, so that a prefix may be chosen later; else the sources. */
static const char *root_path(size_t i, struct arena *arena)
{
	char program[PATH_BYTES_MAX];
	ssize_t length = i == 0 ? readlink("/proc/self/exe", program, sizeof program) : 0;
	while (length > 0 && program[length - 1] != '/')
		length--;
	return length > 0 ? text_format(arena, "%.*s" MOONBILL_SHARE_FROM_BIN "/examples", (int)length, program).data
	                  : MOONBILL_SOURCE_DIR "/examples";
}

/* Names of folders with a demo.json, for "did you mean". */
struct demo_names {
	const char *names[DEMO_NAMES_MAX + 1];
	size_t count;
};

static const char *name_candidate(const void *context, size_t i)
{
	const struct demo_names *names = context;
	return i < names->count ? names->names[i] : NULL;
}

static void names_add(struct demo_names *names, const char *root, struct arena *arena)
{
	DIR *directory = opendir(root);
	if (!directory)
		return;
	for (struct dirent *entry; names->count < DEMO_NAMES_MAX && (entry = readdir(directory));) {
		const char *path = text_format(arena, "%s/%s/demo.json", root, entry->d_name).data;
		if (entry->d_name[0] != '.' && access(path, R_OK) == 0)
			names->names[names->count++] = text_c(arena, text_of(entry->d_name));
	}
	closedir(directory);
}

static const char *folder_find(struct text name, struct arena *arena, struct problems *problems)
{
	struct demo_names names = { .count = 0 };
	bool plain = name.length > 0 && name.data[0] != '.' && !memchr(name.data, '/', name.length);
	for (size_t i = 0; plain && i < ROOT_COUNT; i++) {
		const char *folder = text_format(arena, "%s/%.*s", root_path(i, arena), TEXT_ARG(name)).data;
		if (access(text_format(arena, "%s/demo.json", folder).data, R_OK) == 0)
			return folder;
	}
	for (size_t i = 0; i < ROOT_COUNT; i++)
		names_add(&names, root_path(i, arena), arena);
	problem_value(problems, PROBLEM_NOT_FOUND, "", name, "Use the name of a folder of examples/ with a demo.json.",
	              "there is no demo '%.*s'%s", TEXT_ARG(name), text_did_you_mean(arena, name, name_candidate, &names));
	return NULL;
}

bool demo_load(struct text name, struct arena *arena, struct problems *problems, struct demo *demo)
{
	const char *folder = folder_find(name, arena, problems);
	struct text source;
	struct bundle_content content;
	*demo = (struct demo){ .name = name };
	if (!folder ||
	    !file_read(text_format(arena, "%s/demo.json", folder).data, DEMO_BYTES_MAX, arena, problems, &source) ||
	    !file_bundle_pack(folder, arena, problems, &demo->archive))
		return false;
	demo->start = json_parse(source, arena, problems);
	if (!demo->start)
		return false;
	if (demo->start->type != JSON_OBJECT)
		return problem(problems, PROBLEM_WRONG_TYPE, "", "%s/demo.json must be an object", folder);
	if (!bundle_check(demo->archive, NULL, arena, problems, &content))
		return false;
	rule_bundle_release(content.rules);
	return true;
}

static void sequences_write(struct json_writer *writer, const struct json *members, const char *ending, struct arena *arena)
{
	for (const struct json *member = members ? members->first : NULL; member; member = member->next) {
		json_begin_object(writer);
		json_name(writer, "name");
		json_string(writer, text_format(arena, "%.*s%s", TEXT_ARG(member->name), ending));
		json_name(writer, "next");
		json_string(writer, json_text(member));
		json_end_object(writer);
	}
}

struct text demo_fixture(const struct demo *demo, struct arena *arena)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "sequences");
	json_begin_array(&writer);
	sequences_write(&writer, json_member(demo->start, "ids"), "_id", arena);
	sequences_write(&writer, json_member(demo->start, "numbers"), "", arena);
	json_end_array(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}
