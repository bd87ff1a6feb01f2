/* settings.c: the tenant's settings laid over its bundle's, and how a command reads one. */
#include "engine_state.h"

void settings_write(struct json_writer *writer, const struct json *json)
{
	switch (json->type) {
	case JSON_NULL:
		json_null(writer);
		return;
	case JSON_FALSE:
	case JSON_TRUE:
		json_boolean(writer, json->type == JSON_TRUE);
		return;
	case JSON_NUMBER:
		json_raw(writer, json->text);
		return;
	case JSON_STRING:
		json_string(writer, json->text);
		return;
	case JSON_ARRAY:
		json_begin_array(writer);
		for (const struct json *item = json->first; item; item = item->next)
			settings_write(writer, item);
		json_end_array(writer);
		return;
	case JSON_OBJECT:
		json_begin_object(writer);
		for (const struct json *member = json->first; member; member = member->next) {
			json_name_text(writer, member->name);
			settings_write(writer, member);
		}
		json_end_object(writer);
		return;
	}
}

static const struct json *member_named(const struct json *object, struct text name)
{
	for (const struct json *member = object->first; member; member = member->next)
		if (text_equals(member->name, name))
			return member;
	return NULL;
}

/* Objects are merged member by member, anything else in `over` replaces; null takes away. */
static void merge_write(struct json_writer *writer, const struct json *under, const struct json *over)
{
	json_begin_object(writer);
	for (const struct json *member = under->first; member; member = member->next) {
		const struct json *other = member_named(over, member->name);
		if (other && other->type == JSON_NULL)
			continue;
		json_name_text(writer, member->name);
		if (other && other->type == JSON_OBJECT && member->type == JSON_OBJECT)
			merge_write(writer, member, other);
		else
			settings_write(writer, other ? other : member);
	}
	for (const struct json *member = over->first; member; member = member->next) {
		if (member->type == JSON_NULL || member_named(under, member->name))
			continue;
		json_name_text(writer, member->name);
		settings_write(writer, member);
	}
	json_end_object(writer);
}

static struct text merged_text(struct arena *arena, const struct json *under, const struct json *over)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	merge_write(&writer, under, over);
	return builder_text(&out);
}

bool settings_merge(struct arena *arena, struct problems *problems, struct text bundle, struct text tenant,
                    const struct json **merged, struct text *text)
{
	static const struct json empty = { .type = JSON_OBJECT };
	*merged = &empty;
	*text = TEXT("{}");
	if (text_present(bundle) && text_present(tenant)) {
		const struct json *under = json_parse(bundle, arena, problems);
		const struct json *over = under ? json_parse(tenant, arena, problems) : NULL;
		if (!over)
			return false;
		*text = merged_text(arena, under, over);
	} else if (text_present(bundle) || text_present(tenant)) {
		*text = text_present(bundle) ? bundle : tenant;
	} else {
		return true;
	}
	*merged = json_parse(*text, arena, problems);
	return *merged != NULL;
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
