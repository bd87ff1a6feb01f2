/* rule_when.c: equality filters: read once from Lua, then compared in C. */
#include "records.gen.h"
#include "rule_declare.h"
#include "rule_record.h"

const struct record *rule_subject_of_event(enum event event)
{
	const struct record *subject = event_info(event)->subject;
	return subject ? subject : &event_details_record;
}

/* Kinds with one text for one value. */
static bool kind_comparable(enum record_kind kind)
{
	switch (kind) {
	case KIND_MONEY:
	case KIND_EXACT:
	case KIND_JSON:
	case KIND_RECORD:
	case KIND_LIST:
	case KIND_RELATION:
		return false;
	default:
		return true;
	}
}

/* One text for one value: "5" for the decimals 5 and 5.0. */
static struct text comparable_text(const struct record *record, const void *value, int field, struct arena *arena)
{
	const struct record_field *of = &record->fields[field];
	if (of->kind == KIND_DECIMAL && record_has(record, value, field))
		return decimal_canonical_text(arena, *(const struct decimal *)record_field_const_at(of, value));
	return record_field_text(record, value, field, arena);
}

/* The value as the field's own text, by parsing it into an empty record: "5.0" and 5 are one decimal. */
static const char *value_canonical(const struct record *record, int field, struct text given, struct arena *scratch,
                                   struct arena *arena, struct text *canonical)
{
	struct problems problems;
	problems_init(&problems, scratch);
	void *value = arena_alloc(scratch, record->size);
	if (!record_field_parse(record, value, field, given, "", scratch, &problems))
		return text_format(scratch, "%s; %s", problems.first->message,
		                   problems.first->remedy ? problems.first->remedy : problem_info(problems.first->code)->remedy).data;
	*canonical = text_copy(arena, comparable_text(record, value, field, scratch));
	return NULL;
}

static bool value_given(lua_State *lua, int index, struct arena *scratch, struct text *given)
{
	int type = lua_type(lua, index);
	if (type == LUA_TSTRING)
		given->data = lua_tolstring(lua, index, &given->length);
	else if (type == LUA_TBOOLEAN)
		*given = text_of(lua_toboolean(lua, index) ? "true" : "false");
	else if (lua_isinteger(lua, index))
		*given = text_from_int64(scratch, lua_tointeger(lua, index));
	else
		return type == LUA_TUSERDATA && rule_value_to_text(lua, index, scratch, given);
	return true;
}

const char *rule_filter_read(lua_State *lua, int name, int value, const struct record *record, struct arena *arena,
                             struct rule_when *when)
{
	struct arena *scratch = rule_state_of(lua)->arena;
	if (lua_type(lua, name) != LUA_TSTRING)
		return text_format(scratch, "%s is not the name of a field", rule_value_text(lua, name)).data;
	struct text field_name = text_of(lua_tostring(lua, name)), given;
	int field = rule_field_find(record, field_name);
	if (field < 0)
		return text_format(scratch, "%s has no field '%.*s'%s", record->name, TEXT_ARG(field_name),
		                   rule_field_nearest(record, field_name, scratch)).data;
	if (!kind_comparable(record->fields[field].kind))
		return text_format(scratch, "%s.%.*s cannot be compared by equality; test it in run", record->name,
		                   TEXT_ARG(field_name)).data;
	if (!value_given(lua, value, scratch, &given))
		return text_format(scratch, "%.*s cannot be compared with %s", TEXT_ARG(field_name),
		                   rule_value_text(lua, value)).data;
	if (record->fields[field].kind == KIND_TEXT && lua_type(lua, value) != LUA_TSTRING)
		return text_format(scratch, "%.*s is a text: write '%.*s' in quotation marks", TEXT_ARG(field_name),
		                   TEXT_ARG(given)).data;
	*when = (struct rule_when){ field, record->fields[field].name, TEXT_NONE };
	return value_canonical(record, field, given, scratch, arena, &when->equals);
}

/* Texts and choices are compared where they lie; the rest through their text. */
static bool filter_holds(const struct rule_when *when, const struct record *record, const void *subject,
                         struct arena *arena)
{
	const struct record_field *field = &record->fields[when->field];
	if (field->kind == KIND_TEXT)
		return text_equals(*(const struct text *)record_field_const_at(field, subject), when->equals);
	return text_equals(comparable_text(record, subject, when->field, arena), when->equals);
}

static bool filters_hold(const struct rule *rule, const struct record *record, const void *subject, struct arena *arena)
{
	struct arena_mark mark = arena_mark(arena);
	bool holds = true;
	for (size_t i = 0; i < rule->when_count && holds; i++)
		holds = record && filter_holds(&rule->when[i], record, subject, arena);
	arena_rewind(arena, mark);
	return holds;
}

bool rule_when_holds(const struct rule *rule, const struct record *record, const void *subject, struct arena *arena)
{
	return rule->when_count == 0 || filters_hold(rule, record, subject, arena);
}
