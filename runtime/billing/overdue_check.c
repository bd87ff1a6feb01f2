/* overdue_check.c: overdue.json of a bundle, checked: what it says is kept with the bundle, and nothing follows it yet. */
#include "overdue_check.h"

#include "records.gen.h"

static const char *state_pointer(struct arena *arena, const char *pointer, size_t i, const char *member)
{
	return text_format(arena, "%s/states/%zu/%s", pointer, i, member).data;
}

static bool names_check(const struct overdue_config *config, const char *pointer, struct arena *arena,
                        struct problems *problems)
{
	bool good = true;
	for (size_t i = 0; i < config->states.count; i++)
		for (size_t k = 0; k < i; k++)
			if (text_equals(config->states.items[i].name, config->states.items[k].name))
				good = problem_value(problems, PROBLEM_DUPLICATE, state_pointer(arena, pointer, i, "name"),
				                     config->states.items[i].name, NULL, "state '%.*s' is there already",
				                     TEXT_ARG(config->states.items[i].name));
	return good;
}

static bool clear_check(const struct overdue_config *config, const char *pointer, struct arena *arena,
                        struct problems *problems)
{
	size_t clear = 0;
	bool good = true;
	for (size_t i = 0; i < config->states.count; i++)
		if (config->states.items[i].clear && ++clear > 1)
			good = problem(problems, PROBLEM_DUPLICATE, state_pointer(arena, pointer, i, "clear"),
			               "one state is that of accounts that owe nothing");
	return good;
}

bool overdue_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems)
{
	const struct bundle_file *file = bundle_archive_file(archive, TEXT(OVERDUE_FILE));
	struct overdue_config config = { .states = { 0 } };
	if (!file)
		return true;
	const char *pointer = bundle_archive_pointer(arena, file->name);
	const struct problem *before = problems->last;
	const struct json *document = json_parse(file->content, arena, problems);
	if (!document) {
		if (problems->last && problems->last != before)
			problems->last->pointer = pointer;
		return false;
	}
	bool good = json_decode(document, &overdue_config_record, &config, pointer, arena, problems);
	good &= names_check(&config, pointer, arena, problems);
	return clear_check(&config, pointer, arena, problems) && good;
}
