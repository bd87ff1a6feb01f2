/* author_schema.c: what there is, as a table for the author's tools: records, events, policies, commands. */
#include "author_state.h"
#include "rule_library.h"
#include "value/catalogue.h"

static const char *const kind_names[] = {
	[KIND_ID] = "id", [KIND_UUID] = "uuid", [KIND_TEXT] = "text", [KIND_JSON] = "json", [KIND_INTEGER] = "integer",
	[KIND_DECIMAL] = "decimal", [KIND_MONEY] = "money", [KIND_EXACT] = "exact", [KIND_CURRENCY] = "currency", [KIND_DATE] = "date",
	[KIND_INSTANT] = "instant", [KIND_DURATION] = "duration", [KIND_BOOLEAN] = "boolean", [KIND_CHOICE] = "choice",
	[KIND_RECORD] = "record", [KIND_LIST] = "list", [KIND_RELATION] = "relation",
};

static void text_set(lua_State *lua, const char *name, const char *value)
{
	lua_pushstring(lua, value);
	lua_setfield(lua, -2, name);
}

static void flag_set(lua_State *lua, const char *name, bool value)
{
	lua_pushboolean(lua, value);
	lua_setfield(lua, -2, name);
}

/* ---- records ---- */

static void field_push(lua_State *lua, const struct record_field *field)
{
	lua_newtable(lua);
	text_set(lua, "name", field->name);
	text_set(lua, "kind", kind_names[field->kind]);
	text_set(lua, "doc", field->doc ? field->doc : "");
	flag_set(lua, "required", field->flags & FIELD_REQUIRED);
	if (field->of)
		text_set(lua, "of", field->of->name);
	if (field->kind != KIND_CHOICE)
		return;
	lua_newtable(lua);
	for (int i = 1; field->words[i]; i++) {
		lua_pushstring(lua, field->words[i]);
		lua_rawseti(lua, -2, i);
	}
	lua_setfield(lua, -2, "words");
}

/* Rules see neither hidden nor secret fields; of an input a secret one can be given. */
static bool field_told(const struct record *record, const struct record_field *field)
{
	return !(field->flags & FIELD_HIDDEN) && (!(field->flags & FIELD_SECRET) || !record->table);
}

static void record_push(lua_State *lua, const struct record *record)
{
	lua_newtable(lua);
	text_set(lua, "name", record->name);
	text_set(lua, "doc", record->doc ? record->doc : "");
	flag_set(lua, "stored", record->table != NULL);
	lua_newtable(lua);
	lua_newtable(lua);
	for (size_t i = 0, place = 0; i < record->field_count; i++) {
		if (!field_told(record, &record->fields[i]))
			continue;
		field_push(lua, &record->fields[i]);
		lua_pushvalue(lua, -1);
		lua_setfield(lua, -3, record->fields[i].name);
		lua_rawseti(lua, -3, (lua_Integer)++place);
	}
	lua_setfield(lua, -3, "by_name");
	lua_setfield(lua, -2, "fields");
}

static void records_push(lua_State *lua)
{
	lua_newtable(lua);
	for (size_t i = 0; records_all[i]; i++) {
		record_push(lua, records_all[i]);
		lua_setfield(lua, -2, records_all[i]->name);
	}
}

/* ---- events and policies ---- */

static void event_push(lua_State *lua, enum event event)
{
	const struct event_info *info = event_info(event);
	const struct record *subject = info->subject;
	lua_newtable(lua);
	text_set(lua, "name", info->name);
	if (subject)
		text_set(lua, "subject", subject->name);
	lua_newtable(lua);
	for (size_t i = 0, place = 0; subject && i < subject->field_count; i++) {
		if (!(info->pre.subject_writable >> i & 1))
			continue;
		lua_pushstring(lua, subject->fields[i].name);
		lua_rawseti(lua, -2, (lua_Integer)++place);
	}
	lua_setfield(lua, -2, "writable");
}

/* schema.find_events(name): all events of a core name or an alias. */
static int find_events(lua_State *lua)
{
	size_t length;
	const char *data = luaL_checklstring(lua, 1, &length);
	const struct text name = { data, length };
	enum event_side_kind side;
	lua_Integer place = 0;
	lua_newtable(lua);
	for (enum event event = event_find(name, &side); event; event = event_find_next(name, event, &side)) {
		event_push(lua, event);
		lua_rawseti(lua, -2, ++place);
	}
	return 1;
}

static void event_names_push(lua_State *lua)
{
	const char *name;
	lua_newtable(lua);
	for (size_t i = 0; (name = event_name_candidate(NULL, i)) != NULL; i++) {
		lua_pushstring(lua, name);
		lua_rawseti(lua, -2, (lua_Integer)i + 1);
	}
}

static void policies_push(lua_State *lua)
{
	static const char *const results[] = { [POLICY_RESULT_EXACT] = "exact", [POLICY_RESULT_MONEY] = "money",
		                               [POLICY_RESULT_RECORD] = "record", [POLICY_RESULT_TEXT] = "text" };
	lua_newtable(lua);
	for (enum policy policy = POLICY_NONE + 1; policy < POLICY_COUNT; policy++) {
		const struct policy_info *info = policy_info(policy);
		lua_newtable(lua);
		text_set(lua, "name", info->name);
		text_set(lua, "doc", info->doc);
		text_set(lua, "result", results[info->result]);
		if (info->input)
			text_set(lua, "input", info->input->name);
		if (info->result_record)
			text_set(lua, "result_record", info->result_record->name);
		lua_setfield(lua, -2, info->name);
	}
}

/* ---- commands, channels, names that are not there ---- */

static void commands_push(lua_State *lua, const struct author_host *host)
{
	lua_newtable(lua);
	lua_newtable(lua);
	for (const struct author_command *command = host->commands; command->name; command++) {
		text_set(lua, command->name, command->doc);
		lua_pushstring(lua, command->input->name);
		lua_setfield(lua, -3, command->name);
	}
	lua_setfield(lua, -3, "command_docs");
	lua_setfield(lua, -2, "commands");
	lua_newtable(lua);
	for (int i = 0; host->channels[i]; i++) {
		lua_pushstring(lua, host->channels[i]);
		lua_rawseti(lua, -2, i + 1);
	}
	lua_setfield(lua, -2, "channels");
}

/* schema.missing[name]: what to use in its place. */
static int missing_index(lua_State *lua)
{
	size_t length;
	const char *data = luaL_checklstring(lua, 2, &length);
	lua_pushstring(lua, rule_missing_remedy((struct text){ data, length }));
	return 1;
}

void author_schema_push(lua_State *lua, const struct author_host *host)
{
	lua_newtable(lua);
	records_push(lua);
	lua_setfield(lua, -2, "records");
	policies_push(lua);
	lua_setfield(lua, -2, "policies");
	event_names_push(lua);
	lua_setfield(lua, -2, "event_names");
	lua_pushcfunction(lua, find_events);
	lua_setfield(lua, -2, "find_events");
	commands_push(lua, host);
	lua_newtable(lua);
	lua_newtable(lua);
	lua_pushcfunction(lua, missing_index);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_setfield(lua, -2, "missing");
}
