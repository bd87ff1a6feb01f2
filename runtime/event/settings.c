/* settings.c: the tenant's settings laid over its bundle's, and how a command reads one. */
#include "engine_state.h"

/* NULL in an object that is absent. */
static const struct json *member_named(const struct json *object, struct text name)
{
	for (const struct json *member = object ? object->first : NULL; member; member = member->next)
		if (text_equals(member->name, name))
			return member;
	return NULL;
}

static void merge_object(struct json_writer *writer, const struct json *under, const struct json *over);

/* `over` is no null. */
static void merge_member(struct json_writer *writer, const struct json *under, const struct json *over)
{
	json_name_text(writer, over->name);
	if (over->type == JSON_OBJECT)
		merge_object(writer, under && under->type == JSON_OBJECT ? under : NULL, over);
	else
		json_tree(writer, over);
}

/* Depth is bounded by json_parse. */
static void merge_object(struct json_writer *writer, const struct json *under, const struct json *over)
{
	json_begin_object(writer);
	for (const struct json *member = under ? under->first : NULL; member; member = member->next) {
		const struct json *other = member_named(over, member->name);
		const struct json *taken = other ? other : member;
		if (taken->type != JSON_NULL)
			merge_member(writer, other ? member : NULL, taken);
	}
	for (const struct json *member = over ? over->first : NULL; member; member = member->next)
		if (member->type != JSON_NULL && !member_named(under, member->name))
			merge_member(writer, NULL, member);
	json_end_object(writer);
}

struct text settings_merge(struct arena *arena, const struct json *under, const struct json *over)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	merge_object(&writer, under, over);
	return builder_text(&out);
}

bool settings_in_force(struct arena *arena, struct problems *problems, struct text bundle, struct text tenant,
                       const struct json **settings, struct text *text)
{
	static const struct json empty = { .type = JSON_OBJECT };
	*settings = &empty;
	*text = TEXT("{}");
	if (text_present(bundle) && text_present(tenant)) {
		const struct json *under = json_parse(bundle, arena, problems);
		const struct json *over = under ? json_parse(tenant, arena, problems) : NULL;
		if (!over)
			return false;
		*text = settings_merge(arena, under, over);
	} else if (text_present(bundle) || text_present(tenant)) {
		*text = text_present(bundle) ? bundle : tenant;
	} else {
		return true;
	}
	*settings = json_parse(*text, arena, problems);
	return *settings != NULL;
}

/* ---- for performs ---- */

static const struct json *setting_at(const struct command *command, const char *path)
{
	const struct json *at = command->settings;
	struct text rest = text_of(path), name;
	bool more = true;
	while (at && more) {
		more = text_split(rest, '.', &name, &rest);
		at = at->type == JSON_OBJECT ? member_named(at, name) : NULL;
	}
	return at;
}

struct text command_setting(const struct command *command, const char *path)
{
	return json_text(setting_at(command, path));
}

int64_t command_setting_integer(const struct command *command, const char *path, int64_t otherwise)
{
	int64_t value;
	return text_to_int64(command_setting(command, path), &value) ? value : otherwise;
}

bool command_setting_boolean(const struct command *command, const char *path, bool otherwise)
{
	const struct json *setting = setting_at(command, path);
	if (setting && (setting->type == JSON_TRUE || setting->type == JSON_FALSE))
		return setting->type == JSON_TRUE;
	struct text text = json_text(setting);
	return text_is(text, "true") || (!text_is(text, "false") && otherwise);
}
