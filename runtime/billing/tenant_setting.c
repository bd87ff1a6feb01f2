/* tenant_setting.c: which settings exist, and what each may hold. */
#include "tenant_setting.h"

#include "value/catalogue.h"

enum { POLICY_CHOICE_BYTES_MAX = 100 };

#define POLICY_SETTING(name, shipped) \
	{ "policies." name, SETTING_POLICY, 1, POLICY_CHOICE_BYTES_MAX, shipped, \
	  "The rule that decides unless a plan names one: a rule of the bundle, or a shipped file." }

const struct tenant_setting tenant_settings[] = {
	{ "billing.day", SETTING_INTEGER, 1, 31, "1", "Day of the month on which cycles begin; the last day of shorter months." },
	{ "billing.anniversary", SETTING_BOOLEAN, 0, 0, "false", "Cycles begin on the day a subscription began instead." },
	{ "billing.hour", SETTING_INTEGER, 0, 23, "0", "Hour of the account's day at which the billing run looks at it." },
	{ "billing.due_days", SETTING_INTEGER, 0, 365, "0", "Days from an invoice's date to its due date." },
	{ "payments.gateway", SETTING_TEXT, 1, 40, "test", "The gateway adapter that charges cards." },
	POLICY_SETTING("proration", "proration/inclusive_days"),
	POLICY_SETTING("rounding", "rounding/half_up"),
	POLICY_SETTING("tax", "tax/percent"),
	POLICY_SETTING("discount", "discount/percent"),
	POLICY_SETTING("retry", "retry/attempts"),
	POLICY_SETTING("invoice_number", "invoice_number/plain"),
	{ NULL, SETTING_TEXT, 0, 0, NULL, NULL },
};

/* For text_nearest: the paths below one group, or the groups themselves when there is none. */
struct nearby {
	struct arena *arena;
	struct text group;
};

static const char *nearby_name(const void *context, size_t i)
{
	const struct nearby *nearby = context;
	size_t n = 0;
	if (!text_present(nearby->group)) {
		static const char *const groups[] = { "billing", "payments", "policies", "rules", NULL };
		return groups[i];
	}
	for (const struct tenant_setting *setting = tenant_settings; setting->path; setting++) {
		struct text head, rest;
		text_split(text_of(setting->path), '.', &head, &rest);
		if (text_equals(head, nearby->group) && n++ == i)
			return text_c(nearby->arena, rest);
	}
	return NULL;
}

static bool is_group(struct text name)
{
	for (const struct tenant_setting *setting = tenant_settings; setting->path; setting++) {
		struct text head, rest;
		text_split(text_of(setting->path), '.', &head, &rest);
		if (text_equals(head, name))
			return true;
	}
	return false;
}

static const struct tenant_setting *setting_find(struct text group, struct text name)
{
	for (const struct tenant_setting *setting = tenant_settings; setting->path; setting++) {
		struct text head, rest;
		text_split(text_of(setting->path), '.', &head, &rest);
		if (text_equals(head, group) && text_equals(rest, name))
			return setting;
	}
	return NULL;
}

static bool integer_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                          struct problems *problems)
{
	int64_t number;
	if (value->type != JSON_NUMBER || !text_to_int64(value->text, &number))
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "setting %s must be a whole number", setting->path);
	if (number < setting->min || number > setting->max)
		return problem_value(problems, PROBLEM_OUT_OF_RANGE, pointer, value->text, NULL,
		                     "setting %s must be between %lld and %lld", setting->path,
		                     (long long)setting->min, (long long)setting->max);
	return true;
}

static bool value_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                        struct problems *problems)
{
	if (value->type == JSON_NULL)
		return true;
	switch (setting->kind) {
	case SETTING_INTEGER:
		return integer_check(setting, value, pointer, problems);
	case SETTING_BOOLEAN:
		if (value->type == JSON_TRUE || value->type == JSON_FALSE)
			return true;
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "setting %s must be true or false", setting->path);
	case SETTING_TEXT:
	case SETTING_POLICY:
		break;
	}
	if (value->type != JSON_STRING)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "setting %s must be a text", setting->path);
	if ((int64_t)value->text.length < setting->min || (int64_t)value->text.length > setting->max)
		return problem_value(problems, PROBLEM_OUT_OF_RANGE, pointer, value->text, NULL,
		                     "setting %s must have %lld to %lld bytes", setting->path,
		                     (long long)setting->min, (long long)setting->max);
	return true;
}

/* Settings of other layers' groups are not known to C and pass: "rules" holds what rules read. */
static bool group_check(const struct json *group, const char *pointer, struct problems *problems)
{
	if (group->type == JSON_NULL || text_is(group->name, "rules"))
		return true;
	struct nearby nearby = { problems->arena, TEXT_NONE };
	if (!is_group(group->name))
		return problem(problems, PROBLEM_UNKNOWN_FIELD, pointer, "there are no settings named '%.*s'%s",
		               TEXT_ARG(group->name), text_did_you_mean(problems->arena, group->name, nearby_name, &nearby));
	if (group->type != JSON_OBJECT)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "settings of '%.*s' must be an object",
		               TEXT_ARG(group->name));
	bool good = true;
	nearby.group = group->name;
	for (const struct json *member = group->first; member; member = member->next) {
		const char *at = text_format(problems->arena, "%s/%.*s", pointer, TEXT_ARG(member->name)).data;
		const struct tenant_setting *setting = setting_find(group->name, member->name);
		if (setting)
			good &= value_check(setting, member, at, problems);
		else
			good = problem(problems, PROBLEM_UNKNOWN_FIELD, at, "there is no setting '%.*s.%.*s'%s",
			               TEXT_ARG(group->name), TEXT_ARG(member->name),
			               text_did_you_mean(problems->arena, member->name, nearby_name, &nearby));
	}
	return good;
}

bool tenant_setting_check(const struct json *settings, const char *pointer, struct problems *problems)
{
	if (settings->type != JSON_OBJECT)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "settings must be an object");
	bool good = true;
	for (const struct json *group = settings->first; group; group = group->next) {
		const char *at = text_format(problems->arena, "%s/%.*s", pointer, TEXT_ARG(group->name)).data;
		good &= group_check(group, at, problems);
	}
	return good;
}

bool tenant_setting_check_policies(const struct json *settings, const struct rule_bundle *rules, const char *pointer,
                                   struct problems *problems)
{
	const struct json *policies = settings ? json_member(settings, "policies") : NULL;
	bool good = true;
	for (const struct json *choice = policies ? policies->first : NULL; choice; choice = choice->next) {
		enum policy policy = policy_find(choice->name);
		const struct rule_bundle *owner;
		if (policy == POLICY_NONE || choice->type != JSON_STRING ||
		    rule_policy_by_choice(rules, policy, choice->text, &owner))
			continue;
		good = problem_value(problems, PROBLEM_UNKNOWN_POLICY,
		                     text_format(problems->arena, "%s/policies/%.*s", pointer, TEXT_ARG(choice->name)).data,
		                     choice->text, "Name a rule of the bundle, or a shipped file as \"proration/inclusive_days\".",
		                     "there is no %.*s rule '%.*s'", TEXT_ARG(choice->name), TEXT_ARG(choice->text));
	}
	return good;
}

/* ---- merging ---- */

static void write_value(struct json_writer *writer, const struct json *value);

static void write_members(struct json_writer *writer, const struct json *object)
{
	for (const struct json *member = object->first; member; member = member->next) {
		if (member->type == JSON_NULL)
			continue;
		json_name_text(writer, member->name);
		write_value(writer, member);
	}
}

static void write_value(struct json_writer *writer, const struct json *value)
{
	switch (value->type) {
	case JSON_NULL:
		json_null(writer);
		break;
	case JSON_FALSE:
	case JSON_TRUE:
		json_boolean(writer, value->type == JSON_TRUE);
		break;
	case JSON_NUMBER:
		json_raw(writer, value->text);
		break;
	case JSON_STRING:
		json_string(writer, value->text);
		break;
	case JSON_ARRAY:
		json_begin_array(writer);
		for (const struct json *item = value->first; item; item = item->next)
			write_value(writer, item);
		json_end_array(writer);
		break;
	case JSON_OBJECT:
		json_begin_object(writer);
		write_members(writer, value);
		json_end_object(writer);
		break;
	}
}

static const struct json *member_of(const struct json *object, struct text name)
{
	for (const struct json *member = object ? object->first : NULL; member; member = member->next)
		if (text_equals(member->name, name))
			return member;
	return NULL;
}

/* Depth is bounded by json_parse. */
static void write_merged(struct json_writer *writer, const struct json *under, const struct json *over)
{
	json_begin_object(writer);
	for (const struct json *member = under ? under->first : NULL; member; member = member->next) {
		const struct json *above = member_of(over, member->name);
		if ((above ? above : member)->type == JSON_NULL)
			continue;
		json_name_text(writer, member->name);
		if (above && above->type == JSON_OBJECT && member->type == JSON_OBJECT)
			write_merged(writer, member, above);
		else
			write_value(writer, above ? above : member);
	}
	for (const struct json *member = over ? over->first : NULL; member; member = member->next) {
		if (member->type == JSON_NULL || member_of(under, member->name))
			continue;
		json_name_text(writer, member->name);
		write_value(writer, member);
	}
	json_end_object(writer);
}

struct text tenant_setting_merge(struct arena *arena, const struct json *under, const struct json *over)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	struct json_writer writer;
	json_writer_init(&writer, &out);
	write_merged(&writer, under, over);
	return builder_text(&out);
}
