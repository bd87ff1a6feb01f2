/* bind_catalogue.c: the event catalogue and the records' descriptions for cases. */
#include "bind.h"

#include "value/catalogue.h"

static void push_event(lua_State *L, enum event event, enum event_side_kind side)
{
	lua_createtable(L, 0, 2);
	lua_pushstring(L, event_info(event)->name);
	lua_setfield(L, -2, "event");
	lua_pushstring(L, side == EVENT_SIDE_ANY ? "" : event_side_name(side));
	lua_setfield(L, -2, "side");
}

/* events(name) -> { { event = "invoice.settle", side = "post" or "" } ... }: all that the name means */
static int catalogue_events(lua_State *L)
{
	struct text name = case_text(L, 1);
	enum event_side_kind side;
	lua_Integer i = 0;
	lua_newtable(L);
	for (enum event event = event_find(name, &side); event != EVENT_NONE; event = event_find_next(name, event, &side)) {
		push_event(L, event, side);
		lua_rawseti(L, -2, ++i);
	}
	return 1;
}

/* event(core name) -> { object_type =, subject =, pre =, post =, signal = exists }; nil when unknown */
static int catalogue_event(lua_State *L)
{
	enum event_side_kind side;
	struct text name = case_text(L, 1);
	enum event event = event_find(name, &side);
	if (event == EVENT_NONE || !text_is(name, event_info(event)->name))
		return 0;
	const struct event_info *info = event_info(event);
	lua_createtable(L, 0, 5);
	lua_pushstring(L, info->object_type);
	lua_setfield(L, -2, "object_type");
	lua_pushstring(L, info->subject ? info->subject->name : NULL);
	lua_setfield(L, -2, "subject");
	for (enum event_side_kind kind = EVENT_SIDE_PRE; kind <= EVENT_SIDE_SIGNAL; kind++) {
		lua_pushboolean(L, event_side(event, kind)->exists);
		lua_setfield(L, -2, event_side_name(kind));
	}
	return 1;
}

static lua_Integer push_aliases(lua_State *L, enum event event, struct text system, lua_Integer i)
{
	for (enum event_side_kind kind = EVENT_SIDE_PRE; kind <= EVENT_SIDE_SIGNAL; kind++) {
		const struct event_side *side = event_side(event, kind);
		for (size_t n = 0; side->exists && n < side->alias_count; n++) {
			if (!text_is(system, event_system_name(side->aliases[n].system)))
				continue;
			push_event(L, event, kind);
			lua_pushstring(L, side->aliases[n].name);
			lua_setfield(L, -2, "name");
			lua_pushstring(L, side->aliases[n].condition);
			lua_setfield(L, -2, "condition");
			lua_rawseti(L, -2, ++i);
		}
	}
	return i;
}

/* aliases(system) -> { { name =, condition = or nil, event =, side = } ... } */
static int catalogue_aliases(lua_State *L)
{
	struct text system = case_text(L, 1);
	lua_Integer i = 0;
	lua_newtable(L);
	for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++)
		i = push_aliases(L, (enum event)event, system, i);
	return 1;
}

static const char *kind_name(enum record_kind kind)
{
	static const char *const names[] = {
		"", "id", "uuid", "text", "json", "integer", "decimal", "money", "exact", "currency", "date",
		"instant", "duration", "boolean", "choice", "record", "list", "relation",
	};
	return names[kind];
}

/* record(name) -> { field = kind ... }; nil when there is no such record */
static int catalogue_record(lua_State *L)
{
	const struct record *record = record_by_name(case_text(L, 1));
	if (!record)
		return 0;
	lua_createtable(L, 0, (int)record->field_count);
	for (size_t i = 0; i < record->field_count; i++) {
		lua_pushstring(L, kind_name(record->fields[i].kind));
		lua_setfield(L, -2, record->fields[i].name);
	}
	return 1;
}

/* words(record, field) -> { "word" ... } of a choice; nil when there is none */
static int catalogue_words(lua_State *L)
{
	const struct record *record = record_by_name(case_text(L, 1));
	int field = record ? record_field_find(record, case_text(L, 2)) : -1;
	if (field < 0 || record->fields[field].kind != KIND_CHOICE)
		return 0;
	lua_newtable(L);
	for (int i = 1; record->fields[field].words[i]; i++) {
		lua_pushstring(L, record->fields[field].words[i]);
		lua_rawseti(L, -2, i);
	}
	return 1;
}

int bind_catalogue_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "events", catalogue_events }, { "event", catalogue_event },   { "aliases", catalogue_aliases },
		{ "record", catalogue_record }, { "words", catalogue_words },   { NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
