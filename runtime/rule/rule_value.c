/* rule_value.c: the value types of rules: how they are installed, read, pushed and taken. */
#include "rule_value.h"

#include "rule_memory.h"

#include "value/timezone.h"

#include <string.h>

static const struct value_type *const value_types[RULE_KIND_COUNT] = {
	[RULE_KIND_MONEY] = &value_type_money,       [RULE_KIND_EXACT] = &value_type_exact,
	[RULE_KIND_DECIMAL] = &value_type_decimal,   [RULE_KIND_DATE] = &value_type_date,
	[RULE_KIND_PERIOD] = &value_type_period,     [RULE_KIND_DURATION] = &value_type_duration,
	[RULE_KIND_INSTANT] = &value_type_instant,
};

/* NULL when it is none of the seven. */
static const struct value_type *value_type_at(lua_State *lua, int index)
{
	return value_types[rule_kind_at(lua, index)];
}

/* ---- fields and methods ---- */

static const char *name_next(const void *context, size_t i)
{
	const struct value_type *type = context;
	for (const struct value_field *field = type->fields; field->name; field++)
		if (i-- == 0)
			return field->name;
	for (const luaL_Reg *method = type->methods; method->name; method++)
		if (i-- == 0)
			return method->name;
	return NULL;
}

static bool name_find(const struct value_type *type, struct text text, struct rule_name *found)
{
	*found = (struct rule_name){ .of = type };
	for (const luaL_Reg *method = type->methods; method->name; method++) {
		if (text_is(text, method->name)) {
			found->method = method->func;
			return true;
		}
	}
	for (; type->fields[found->field].name; found->field++)
		if (text_is(text, type->fields[found->field].name))
			return true;
	return false;
}

/* The name at place 2; "" when it is none. */
static struct text name_text(lua_State *lua)
{
	struct text text = TEXT("");
	if (lua_type(lua, 2) == LUA_TSTRING)
		text.data = lua_tolstring(lua, 2, &text.length);
	return text;
}

/* Once for a text of the image, whatever calls come after. */
static const struct rule_name *name_known(lua_State *lua, const struct value_type *type, struct rule_name *found)
{
	const void *text = lua_topointer(lua, 2);
	struct rule_name *known = rule_image_name(rule_state_of(lua), text, type);
	if (known && known->text == text && known->of == type)
		return known;
	if (!name_find(type, name_text(lua), found))
		return NULL;
	found->text = text;
	if (known)
		*known = *found;
	return found;
}

static int value_index(lua_State *lua)
{
	const struct value_type *type = value_type_at(lua, 1);
	struct rule_name found;
	if (type == NULL)
		return rule_error(lua, "%s has no such field", rule_type_name(lua, 1));
	const struct rule_name *name = name_known(lua, type, &found);
	if (!name)
		return rule_error(lua, "%s has no field %s%s", type->name, rule_value_text(lua, 2),
		                  text_did_you_mean(rule_state_of(lua)->arena, name_text(lua), name_next, type));
	if (name->method) {
		lua_pushcfunction(lua, name->method);
		return 1;
	}
	rule_charge(lua, RULE_FUEL_VALUE);
	type->fields[name->field].push(lua, rule_userdata_at(lua, 1, type->kind));
	return 1;
}

static int value_newindex(lua_State *lua)
{
	return rule_error(lua, "a value of type %s cannot be changed: make a new one", rule_type_name(lua, 1));
}

/* ---- text ---- */

bool rule_value_to_text(lua_State *lua, int index, struct arena *arena, struct text *text)
{
	const struct value_type *type = value_type_at(lua, index);
	if (type == NULL)
		return false;
	*text = type->text(arena, rule_userdata_at(lua, index, type->kind));
	return true;
}

/* Pushes the text of one of our values; the arena is as before, so that a loop cannot fill it. */
static bool value_text_push(lua_State *lua, int index)
{
	struct arena *arena = rule_state_of(lua)->arena;
	struct arena_mark mark = arena_mark(arena);
	struct text text;
	if (!rule_value_to_text(lua, index, arena, &text))
		return false;
	lua_pushlstring(lua, text.data, text.length);
	arena_rewind(arena, mark);
	return true;
}

static int value_tostring(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_TEXT);
	if (!value_text_push(lua, 1))
		return rule_error(lua, "tostring: not a value of a rule");
	return 1;
}

static int value_concat(lua_State *lua)
{
	lua_settop(lua, 2);
	rule_charge(lua, RULE_FUEL_TEXT);
	for (int i = 1; i <= 2; i++) {
		if (value_text_push(lua, i))
			continue;
		if (!lua_isstring(lua, i))
			return operands_refuse(lua, "join", "and", "");
		lua_pushvalue(lua, i);
	}
	rule_charge_bytes(lua, lua_rawlen(lua, 3) + lua_rawlen(lua, 4));
	lua_concat(lua, 2);
	return 1;
}

/* ---- installing ---- */

static void value_type_open(lua_State *lua, const struct value_type *type)
{
	static const luaL_Reg common[] = {
		{ "__newindex", value_newindex },
		{ "__tostring", value_tostring },
		{ "__concat", value_concat },
		{ NULL, NULL },
	};
	rule_metatable_new(lua, type->kind, type->name, common);
	luaL_setfuncs(lua, type->operators, 0);
	lua_pushcfunction(lua, value_index);
	lua_setfield(lua, -2, "__index");
	lua_pop(lua, 1);
	if (type->make) {
		lua_pushcfunction(lua, type->make);
		lua_setfield(lua, -2, type->name);
	}
}

void rule_values_open(lua_State *lua)
{
	for (size_t kind = 0; kind < RULE_KIND_COUNT; kind++)
		if (value_types[kind])
			value_type_open(lua, value_types[kind]);
}

/* ---- push and take ---- */

void rule_push_money(lua_State *lua, struct money money)
{
	if (!money_present(money))
		lua_pushnil(lua);
	else
		*(struct money *)rule_userdata_new(lua, RULE_KIND_MONEY, sizeof money) = money;
}

void rule_push_exact(lua_State *lua, struct exact_money exact)
{
	if (exact.currency == NULL || !fraction_present(exact.amount))
		lua_pushnil(lua);
	else
		*(struct exact_money *)rule_userdata_new(lua, RULE_KIND_EXACT, sizeof exact) = exact;
}

void rule_push_decimal(lua_State *lua, struct decimal decimal)
{
	*(struct decimal *)rule_userdata_new(lua, RULE_KIND_DECIMAL, sizeof decimal) = decimal;
}

void rule_push_date(lua_State *lua, struct date date)
{
	if (!date_present(date))
		lua_pushnil(lua);
	else
		*(struct date *)rule_userdata_new(lua, RULE_KIND_DATE, sizeof date) = date;
}

void rule_push_period(lua_State *lua, struct period period)
{
	if (!date_present(period.start))
		lua_pushnil(lua);
	else
		*(struct period *)rule_userdata_new(lua, RULE_KIND_PERIOD, sizeof period) = period;
}

void rule_push_duration(lua_State *lua, struct duration duration)
{
	if (!duration_present(duration))
		lua_pushnil(lua);
	else
		*(struct duration *)rule_userdata_new(lua, RULE_KIND_DURATION, sizeof duration) = duration;
}

void rule_push_instant(lua_State *lua, struct instant instant)
{
	if (instant.us == INSTANT_NONE.us)
		lua_pushnil(lua);
	else
		*(struct instant *)rule_userdata_new(lua, RULE_KIND_INSTANT, sizeof instant) = instant;
}

#define VALUE_TAKE(type, kind)                                                   \
	bool rule_to_##type(lua_State *lua, int index, struct type *type)        \
	{                                                                        \
		const struct type *value = rule_userdata_at(lua, index, (kind)); \
		if (value)                                                       \
			*type = *value;                                          \
		return value != NULL;                                            \
	}

VALUE_TAKE(money, RULE_KIND_MONEY)
VALUE_TAKE(decimal, RULE_KIND_DECIMAL)
VALUE_TAKE(date, RULE_KIND_DATE)
VALUE_TAKE(period, RULE_KIND_PERIOD)
VALUE_TAKE(duration, RULE_KIND_DURATION)
VALUE_TAKE(instant, RULE_KIND_INSTANT)

bool rule_to_exact(lua_State *lua, int index, struct exact_money *exact)
{
	const struct exact_money *value = rule_userdata_at(lua, index, RULE_KIND_EXACT);
	if (value)
		*exact = *value;
	return value != NULL;
}
