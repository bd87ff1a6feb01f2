/* rule_console_noun.c: what a console's statements call the core by: nouns with their commands and records, and a few names. */
#include "rule_console_state.h"

#include "rule_declare.h"
#include "rule_json.h"
#include "rule_library.h"

#include <string.h>

enum { INPUT_BYTES_MAX = 1024 * 1024, EACH_PAGE = 500 };

/* ------------------------------------------------------------------------------------------------ the table of nouns */

static struct console_noun *noun_find(struct rule_console *console, struct text name)
{
	for (size_t i = 0; i < console->noun_count; i++)
		if (text_is(name, console->nouns[i].name))
			return &console->nouns[i];
	return NULL;
}

static struct console_noun *noun_add(struct rule_console *console, struct text name)
{
	struct console_noun *noun = noun_find(console, name);
	if (noun)
		return noun;
	struct { struct console_noun *items; size_t count, capacity; } list = { console->nouns, console->noun_count,
		                                                                console->noun_capacity };
	noun = list_add(&console->arena, &list, struct console_noun);
	*noun = (struct console_noun){ .name = text_c(&console->arena, name), .console = console };
	console->nouns = list.items;
	console->noun_count = list.count;
	console->noun_capacity = list.capacity;
	return noun;
}

bool console_nouns_make(struct rule_console *console)
{
	const struct record *input;
	const char *name;
	for (size_t i = 0; (name = console->host->command_at(console->host->context, i, &input)); i++) {
		struct text noun, verb;
		text_split(text_of(name), '.', &noun, &verb);
		noun_add(console, noun);
	}
	for (size_t i = 0; records_all[i]; i++) {
		const struct record *record = records_all[i];
		if (record->table && record->table->find && rule_field_find(record, TEXT("id")) >= 0)
			noun_add(console, text_of(record->name))->record = record;
	}
	return !arena_exhausted(&console->arena);
}

/* ------------------------------------------------------------------------------------------------ commands */

struct verbs {
	const struct console_noun *noun;
	struct arena *arena;
};

/* The verb of the i-th command of the noun. */
static const char *verb_candidate(const void *context, size_t i)
{
	const struct verbs *verbs = context;
	const struct rule_console_host *host = verbs->noun->console->host;
	const struct record *input;
	const char *name;
	for (size_t n = 0; (name = host->command_at(host->context, n, &input)); n++) {
		struct text noun, verb;
		if (text_split(text_of(name), '.', &noun, &verb) && text_is(noun, verbs->noun->name) && i-- == 0)
			return text_c(verbs->arena, verb);
	}
	return NULL;
}

/* Of several lines perhaps, which rule_error would cut. */
MAY_JUMP static int refuse(lua_State *lua, struct text refusal)
{
	char place[RULE_PLACE_BYTES];
	rule_place_of(lua, place, sizeof place);
	rule_charge(lua, RULE_FUEL_ERROR);
	if (refusal.length > RULE_TEXT_BYTES_MAX / 2)
		refusal.length = RULE_TEXT_BYTES_MAX / 2;
	lua_pushfstring(lua, "%s: ", place);
	lua_pushlstring(lua, refusal.data, refusal.length);
	lua_concat(lua, 2);
	return lua_error(lua);
}

/* A number stands for { id = it }, and so does a record that has one. */
MAY_JUMP static struct text input_read(lua_State *lua, struct arena *arena, const char *name, const struct record *input)
{
	const struct rule_record *proxy = rule_userdata_at(lua, 1, RULE_KIND_RECORD);
	bool takes_id = record_field_find(input, TEXT("id")) >= 0;
	if (lua_gettop(lua) > 1)
		rule_error(lua, "%s takes one table, as in %s { ... }", name, name);
	if (lua_isnoneornil(lua, 1))
		return TEXT("{}");
	if (lua_isinteger(lua, 1) && takes_id)
		return text_format(arena, "{\"id\":%lld}", (long long)lua_tointeger(lua, 1));
	int field = proxy ? rule_field_find(proxy->record, TEXT("id")) : -1;
	if (field >= 0 && takes_id) {
		const int64_t *id = record_field_const_at(&proxy->record->fields[field], rule_record_value(lua, proxy));
		return text_format(arena, "{\"id\":%lld}", (long long)*id);
	}
	if (lua_type(lua, 1) != LUA_TTABLE)
		rule_error(lua, "%s takes a table, as in %s { ... }, not %s", name, name, rule_type_name(lua, 1));
	return rule_json_of_table(lua, 1, false, INPUT_BYTES_MAX, arena, name);
}

/* Upvalues: the noun, the command's number. */
static int command_call(lua_State *lua)
{
	struct console_noun *noun = lua_touserdata(lua, lua_upvalueindex(1));
	const struct rule_console_host *host = noun->console->host;
	size_t number = (size_t)lua_tointeger(lua, lua_upvalueindex(2));
	const struct record *input, *record = NULL;
	const char *name = host->command_at(host->context, number, &input);
	struct text refusal = TEXT_NONE, json = input_read(lua, &noun->console->arena, name, input);
	void *value = NULL;
	if (!host->command(host->context, number, json, &record, &value, &refusal))
		return refuse(lua, refusal);
	rule_charge(lua, RULE_FUEL_EFFECT);
	if (!value)
		return 0;
	int id = record->table ? rule_field_find(record, TEXT("id")) : -1;
	rule_record_push(lua, record, value, record->name,
	                 id < 0 ? 0 : *(const int64_t *)record_field_const_at(&record->fields[id], value), 0);
	return 1;
}

MAY_JUMP static int verb_push(lua_State *lua, struct console_noun *noun, struct text verb)
{
	const struct rule_console_host *host = noun->console->host;
	const struct record *input;
	const char *name;
	for (size_t i = 0; (name = host->command_at(host->context, i, &input)); i++) {
		struct text head, rest;
		if (!text_split(text_of(name), '.', &head, &rest) || !text_is(head, noun->name) || !text_equals(rest, verb))
			continue;
		lua_pushlightuserdata(lua, noun);
		lua_pushinteger(lua, (lua_Integer)i);
		lua_pushcclosure(lua, command_call, 2);
		return 1;
	}
	struct arena *arena = rule_state_of(lua)->arena;
	const struct verbs verbs = { noun, arena };
	if (!verb_candidate(&verbs, 0))
		return rule_error(lua, "%s has no commands; %s[1] is a record of it", noun->name, noun->name);
	if (noun->record && rule_field_find(noun->record, verb) >= 0)
		return rule_error(lua, "%s.%.*s: say which, as in %s[1].%.*s", noun->name, TEXT_ARG(verb), noun->name, TEXT_ARG(verb));
	const char *near = text_did_you_mean(arena, verb, verb_candidate, &verbs);
	return rule_error(lua, "there is no command '%s.%.*s'%s%s", noun->name, TEXT_ARG(verb), near,
	                  near[0] ? "" : text_format(arena, "; \\? %s lists them", noun->name).data);
}

/* ------------------------------------------------------------------------------------------------ records */

static int record_by_id(lua_State *lua, const struct console_noun *noun, int64_t id)
{
	const struct rule_console_host *host = noun->console->host;
	if (!noun->record)
		return rule_error(lua, "there are no records of '%s'; it has commands alone: \\? %s", noun->name, noun->name);
	rule_charge(lua, RULE_FUEL_RELATION);
	void *value = host->load(host->context, noun->record, id);
	if (!value)
		return rule_error(lua, "%s %lld does not exist", noun->name, (long long)id);
	rule_record_push(lua, noun->record, value, noun->record->name, id, 0);
	return 1;
}

/* Upvalue: the noun. */
static int noun_index(lua_State *lua)
{
	struct console_noun *noun = lua_touserdata(lua, lua_upvalueindex(1));
	rule_charge(lua, RULE_FUEL_FIELD);
	if (lua_isinteger(lua, 2))
		return record_by_id(lua, noun, lua_tointeger(lua, 2));
	if (lua_type(lua, 2) != LUA_TSTRING)
		return rule_error(lua, "%s is asked by an id, as in %s[1], not by %s", noun->name, noun->name,
		                  rule_type_name(lua, 2));
	struct text verb;
	verb.data = lua_tolstring(lua, 2, &verb.length);
	return verb_push(lua, noun, verb);
}

static int noun_newindex(lua_State *lua)
{
	const struct console_noun *noun = lua_touserdata(lua, lua_upvalueindex(1));
	return rule_error(lua, "%s cannot be assigned to: records change by commands; \\? %s lists them", noun->name, noun->name);
}

struct listing {
	const struct console_noun *noun;
	struct rule_when filters[RULE_WHEN_MAX];
	size_t filter_count;
	int64_t after_id;
	size_t limit; /* 0: none was said */
};

/* Members `after` and `limit`, unless fields of the record are called so. */
MAY_JUMP static bool bound_read(lua_State *lua, struct listing *listing, struct text name)
{
	bool after = text_is(name, "after"), limit = text_is(name, "limit");
	if ((!after && !limit) || rule_field_find(listing->noun->record, name) >= 0)
		return false;
	lua_Integer number = rule_integer_argument(lua, -1, listing->noun->name);
	if (number < limit)
		rule_error(lua, "%s: %.*s takes a whole number from %d", listing->noun->name, TEXT_ARG(name), limit);
	if (after)
		listing->after_id = number;
	else
		listing->limit = (size_t)number;
	return true;
}

MAY_JUMP static void filter_add(lua_State *lua, struct listing *listing, struct arena *arena)
{
	size_t length;
	const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tolstring(lua, -2, &length) : NULL;
	if (name && bound_read(lua, listing, text_of(name)))
		return;
	if (listing->filter_count == RULE_WHEN_MAX)
		rule_error(lua, "%s: at most %d filters", listing->noun->name, RULE_WHEN_MAX);
	const char *wrong = rule_filter_read(lua, lua_gettop(lua) - 1, lua_gettop(lua), listing->noun->record, arena,
	                                     &listing->filters[listing->filter_count++]);
	if (wrong)
		rule_error(lua, "%s: %s", listing->noun->name, wrong);
}

MAY_JUMP static void filters_read(lua_State *lua, int index, struct listing *listing, struct arena *arena)
{
	if (lua_isnoneornil(lua, index))
		return;
	rule_table_readable(lua, index, listing->noun->name);
	lua_Integer count = rule_keys_push(lua, index);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, -1, i);
		lua_pushvalue(lua, -1);
		lua_rawget(lua, index);
		filter_add(lua, listing, arena);
		lua_pop(lua, 2);
	}
	lua_pop(lua, 1);
}

/* One page onto the sequence on the top; false: it was the last. */
MAY_JUMP static bool page_push(lua_State *lua, struct listing *listing, lua_Integer *count, size_t most)
{
	const struct rule_console *console = listing->noun->console;
	const struct record *record = listing->noun->record;
	size_t left = most - (size_t)*count, page = left < EACH_PAGE ? left : EACH_PAGE;
	struct record_list rows = { 0 };
	if (!console->host->each(console->host->context, record, listing->filters, listing->filter_count, listing->after_id,
	                         page, &rows))
		rule_error(lua, "%s: %s", listing->noun->name,
		           console->problems.first ? console->problems.first->message : "the rows could not be read");
	rule_charge(lua, RULE_FUEL_RELATION * (int64_t)(rows.count + 1));
	int id_field = rule_field_find(record, TEXT("id"));
	for (size_t i = 0; i < rows.count; i++) {
		void *row = (char *)rows.items + i * record->size;
		listing->after_id = *(int64_t *)record_field_at(&record->fields[id_field], row);
		rule_record_push(lua, record, row, record->name, listing->after_id, 0);
		lua_rawseti(lua, -2, ++*count);
	}
	return rows.count == page;
}

/* invoice { status = "open", limit = 10 } */
static int noun_call(lua_State *lua)
{
	struct console_noun *noun = lua_touserdata(lua, lua_upvalueindex(1));
	struct listing listing = { .noun = noun };
	if (!noun->record)
		return rule_error(lua, "there are no records of '%s'; it has commands alone: \\? %s", noun->name, noun->name);
	lua_settop(lua, 2);
	filters_read(lua, 2, &listing, &noun->console->arena);
	size_t most = listing.limit ? listing.limit : RULE_CONSOLE_ROWS_DEFAULT + 1;
	lua_Integer count = 0;
	lua_newtable(lua);
	while ((size_t)count < most && page_push(lua, &listing, &count, most))
		;
	if (count == 0) {
		noun->console->empty_list = lua_topointer(lua, -1);
		noun->console->empty_of = noun->record;
	}
	if (!listing.limit && count > RULE_CONSOLE_ROWS_DEFAULT)
		return rule_error(lua, "%s: there are more than %d; narrow the filter, or say limit = N and after = ID", noun->name,
		                  RULE_CONSOLE_ROWS_DEFAULT);
	return 1;
}

static void noun_push(lua_State *lua, struct console_noun *noun)
{
	static const luaL_Reg functions[] = {
		{ "__index", noun_index }, { "__newindex", noun_newindex }, { "__call", noun_call }, { NULL, NULL },
	};
	lua_newtable(lua);
	lua_createtable(lua, 0, 5);
	lua_pushlightuserdata(lua, noun);
	luaL_setfuncs(lua, functions, 1);
	lua_pushlightuserdata(lua, noun);
	lua_setfield(lua, -2, "__noun");
	lua_pushboolean(lua, false);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, -2);
}

const struct record *console_empty_list_of(lua_State *lua, int index)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_CONSOLE);
	const struct rule_console *console = lua_touserdata(lua, -1);
	lua_pop(lua, 1);
	return console->empty_list && lua_topointer(lua, index) == console->empty_list ? console->empty_of : NULL;
}

const struct console_noun *console_noun_at(lua_State *lua, int index)
{
	const struct console_noun *noun = NULL;
	if (lua_type(lua, index) == LUA_TTABLE && luaL_getmetafield(lua, index, "__noun") != LUA_TNIL) {
		noun = lua_touserdata(lua, -1);
		lua_pop(lua, 1);
	}
	return noun;
}

/* ------------------------------------------------------------------------------------------------ other names */

static int console_print(lua_State *lua)
{
	struct rule_console *console = lua_touserdata(lua, lua_upvalueindex(1));
	struct text_builder line;
	builder_init(&line, rule_state_of(lua)->arena, RULE_TEXT_BYTES_MAX);
	for (int i = 1, count = lua_gettop(lua); i <= count; i++) {
		builder_c(&line, i > 1 ? "  " : "");
		struct text text = rule_push_text(lua, i);
		rule_charge_bytes(lua, text.length);
		builder_add(&line, text);
		lua_pop(lua, 1);
	}
	rule_charge(lua, RULE_FUEL_EFFECT);
	console->host->print(console->host->context, builder_text(&line));
	return 0;
}

static int now_value(lua_State *lua)
{
	rule_push_instant(lua, rule_state_of(lua)->call->now);
	return 1;
}

static int today_value(lua_State *lua)
{
	rule_push_date(lua, rule_state_of(lua)->call->today);
	return 1;
}

static int settings_value(lua_State *lua)
{
	struct text settings = rule_state_of(lua)->call->settings;
	rule_json_push(lua, text_present(settings) ? settings : TEXT("{}"), true);
	return 1;
}

/* What only files of a bundle do. */
static int rule_value(lua_State *lua)
{
	return rule_error(lua, "rules are declared in files of a bundle: write it there, then \\reload");
}

static int require_value(lua_State *lua)
{
	return rule_error(lua, "files are required by files of a bundle; a console has variables instead");
}

/* Pushed anew whenever they are asked for. */
static const luaL_Reg values[] = { { "now", now_value }, { "today", today_value }, { "settings", settings_value },
	                           { "rule", rule_value },   { "require", require_value },
	                           { NULL, NULL } };

static const char *noun_candidate(const struct rule_console *console, size_t i)
{
	enum { OWN = sizeof values / sizeof *values - 1 };
	if (i < console->noun_count)
		return console->nouns[i].name;
	i -= console->noun_count;
	if (i < OWN)
		return values[i].name;
	return i == OWN ? "print" : rule_global_candidate(NULL, i - OWN - 1);
}

static const char *global_name_candidate(const void *console, size_t i)
{
	return noun_candidate(console, i);
}

/* Pushes what the library has by this name; false: nothing. */
MAY_JUMP static bool library_push(lua_State *lua, int name)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	luaL_getmetafield(lua, -1, "__index");
	lua_pushvalue(lua, name);
	bool found = lua_rawget(lua, -2) != LUA_TNIL;
	if (!found)
		lua_settop(lua, name);
	return found;
}

/* What is here instead of a name that people look for; NULL: it is none of those. */
static const char *missing_remedy(struct text name)
{
	static const char *const own[][2] = {
		{ "os", "use now and today" },
		{ "io", "\\save writes a session, \\reload reads a bundle" },
		{ "ctx", "rules are given it; use now, today and settings" },
		{ "debug", "use \\trace and \\why" },
		{ "_G", "write the name itself" },
		{ "dofile", "moonbill test types a session again" },
	};
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (text_is(name, own[i][0]))
			return own[i][1];
	return rule_missing_remedy(name);
}

/* Upvalue: the console. Arguments: the table of variables, a name that is none of them. */
static int global_find(lua_State *lua)
{
	struct rule_console *console = lua_touserdata(lua, lua_upvalueindex(1));
	struct text name = rule_push_text(lua, 2);
	lua_settop(lua, 2);
	for (const luaL_Reg *value = values; value->name; value++)
		if (text_is(name, value->name))
			return value->func(lua);
	struct console_noun *noun = noun_find(console, name);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_NOUNS);
	if (noun && lua_rawgetp(lua, -1, noun) != LUA_TNIL)
		return 1;
	lua_settop(lua, 2);
	if (noun) {
		noun_push(lua, noun);
		lua_rawgeti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_NOUNS);
		lua_pushvalue(lua, -2);
		lua_rawsetp(lua, -2, noun);
		lua_pop(lua, 1);
		return 1;
	}
	if (library_push(lua, 2))
		return 1;
	const char *remedy = missing_remedy(name);
	if (remedy)
		return rule_error(lua, "there is no '%.*s' here; %s", TEXT_ARG(name), remedy);
	return rule_error(lua, "there is nothing called '%.*s'%s", TEXT_ARG(name),
	                  text_did_you_mean(rule_state_of(lua)->arena, name, global_name_candidate, console));
}

void console_environment_push(lua_State *lua, struct rule_console *console)
{
	lua_newtable(lua);
	lua_rawseti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_NOUNS);
	lua_pushlightuserdata(lua, console);
	lua_rawseti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_CONSOLE);
	lua_newtable(lua);
	lua_pushlightuserdata(lua, console);
	lua_pushcclosure(lua, console_print, 1);
	lua_setfield(lua, -2, "print");
	lua_createtable(lua, 0, 2);
	lua_pushlightuserdata(lua, console);
	lua_pushcclosure(lua, global_find, 1);
	lua_setfield(lua, -2, "__index");
	lua_pushboolean(lua, false);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, -2);
}

/* ------------------------------------------------------------------------------------------------ for completion */

/* The i-th variable; what it pushes stays on the stack. */
static const char *variable_at(lua_State *lua, size_t i)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, CONSOLE_SLOT_VARIABLES);
	for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1))
		if (lua_type(lua, -2) == LUA_TSTRING && i-- == 0)
			return lua_tostring(lua, -2);
	return NULL;
}

const char *rule_console_name_at(struct rule_console *console, size_t i)
{
	size_t count = 0;
	while (noun_candidate(console, count))
		count++;
	if (i < count)
		return noun_candidate(console, i);
	const char *name = variable_at(console->state.lua, i - count);
	lua_settop(console->state.lua, 0);
	return name;
}

static const struct record *record_at(lua_State *lua)
{
	const struct rule_record *proxy = rule_userdata_at(lua, -1, RULE_KIND_RECORD);
	const struct rule_list *list = rule_userdata_at(lua, -1, RULE_KIND_LIST);
	if (proxy || list)
		return proxy ? proxy->record : rule_list_of(list);
	if (lua_type(lua, -1) == LUA_TTABLE && lua_rawgeti(lua, -1, 1) == LUA_TUSERDATA) {
		proxy = rule_userdata_at(lua, -1, RULE_KIND_RECORD);
		return proxy ? proxy->record : NULL;
	}
	return NULL;
}

const struct record *rule_console_record_of(struct rule_console *console, struct text variable)
{
	lua_State *lua = console->state.lua;
	const struct record *found = NULL;
	const char *name;
	for (size_t i = 0; !found && (name = variable_at(lua, i)); i++) {
		if (text_is(variable, name))
			found = record_at(lua);
		lua_settop(lua, 0);
	}
	lua_settop(lua, 0);
	return found;
}
