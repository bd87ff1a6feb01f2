/* rule_record.c: record proxies: reading fields, the read set, parts, relations, copies. */
#include "rule_record.h"

#include "rule_json.h"
#include "rule_library.h"
#include "rule_list.h"
#include "rule_memory.h"
#include "rule_state.h"
#include "rule_trace.h"
#include "value/json.h"

/* ------------------------------------------------------------------------------------------------ visible fields */

bool rule_field_visible(const struct record_field *field)
{
	return !(field->flags & (FIELD_HIDDEN | FIELD_SECRET));
}

int rule_field_find(const struct record *record, struct text name)
{
	int field = record_field_find(record, name);
	return field >= 0 && rule_field_visible(&record->fields[field]) ? field : -1;
}

static const char *field_candidate(const void *context, size_t i)
{
	const struct record *record = context;
	for (size_t number = 0; number < record->field_count; number++)
		if (rule_field_visible(&record->fields[number]) && i-- == 0)
			return record->fields[number].name;
	return NULL;
}

const char *rule_field_nearest(const struct record *record, struct text name, struct arena *arena)
{
	return text_did_you_mean(arena, name, field_candidate, record);
}

/* ------------------------------------------------------------------------------------------------ paths and names */

static void path_add(const struct rule_record *proxy, struct text_builder *out)
{
	if (proxy->root) {
		builder_c(out, proxy->root);
		if (proxy->root_id)
			builder_format(out, "#%lld", (long long)proxy->root_id);
		return;
	}
	const struct rule_record *parent = proxy->list ? proxy->list->parent : proxy->parent;
	int field = proxy->list ? proxy->list->field : proxy->parent_field;
	path_add(parent, out);
	builder_format(out, ".%s", parent->record->fields[field].name);
	if (proxy->list && proxy->generation) /* items have moved: the place alone would name two of them */
		builder_format(out, "~%u", proxy->generation);
	if (proxy->list)
		builder_format(out, "[%zu]", proxy->index + 1);
}

struct text rule_record_path(lua_State *lua, const struct rule_record *proxy, int field)
{
	struct text_builder out;
	builder_init(&out, rule_state_of(lua)->arena, 0);
	path_add(proxy, &out);
	if (field >= 0) {
		builder_byte(&out, '.');
		builder_c(&out, proxy->record->fields[field].name);
	}
	return builder_text(&out);
}

const char *rule_record_describe(lua_State *lua, int index)
{
	struct arena *arena = rule_state_of(lua)->arena;
	const struct rule_record *proxy = rule_userdata_at(lua, index, RULE_KIND_RECORD);
	if (proxy)
		return text_format(arena, "%s record", proxy->record->name).data;
	const struct rule_list *list = rule_userdata_at(lua, index, RULE_KIND_LIST);
	return text_format(arena, "list of %s records", rule_list_of(list)->name).data;
}

/* ------------------------------------------------------------------------------------------ values behind proxies */

static void *part_value(lua_State *lua, const struct rule_record *proxy)
{
	const struct record_field *field = &proxy->parent->record->fields[proxy->parent_field];
	void *value;
	memcpy(&value, record_field_at(field, rule_record_value(lua, proxy->parent)), sizeof value);
	if (!value)
		rule_error(lua, "%s was cleared; read it again", rule_record_path(lua, proxy, -1).data);
	return value;
}

void *rule_record_value(lua_State *lua, const struct rule_record *proxy)
{
	if (proxy->value)
		return proxy->value;
	if (!proxy->list)
		return part_value(lua, proxy);
	struct record_list items = rule_list_value(lua, proxy->list);
	if (proxy->generation != proxy->list->generation || proxy->index >= items.count)
		rule_error(lua, "%s was taken when its list changed; read it again from the list",
		           rule_record_path(lua, proxy, -1).data);
	return (char *)items.items + proxy->index * proxy->record->size;
}

/* ------------------------------------------------------------------------------------------------ the read set */

/* Whether the rule itself assigned the field, or the part or list that it lies in: then its value is no input. */
static bool written(const struct rule_record *proxy, int field)
{
	if (proxy->writes >> field & 1)
		return true;
	if (proxy->list)
		return written(proxy->list->parent, proxy->list->field);
	return proxy->parent && !proxy->value && written(proxy->parent, proxy->parent_field);
}

/* What traces call the record, for as long as they live. */
static struct text trace_path(lua_State *lua, struct rule_record *proxy)
{
	if (!text_present(proxy->path))
		proxy->path = text_copy(rule_state_of(lua)->results, rule_record_path(lua, proxy, -1));
	return proxy->path;
}

/* Whether this look at a field is to be written down: the first. */
static bool read_is_first(const struct rule_state *state, const struct rule_record *proxy, int number)
{
	field_mask bit = (field_mask)1 << number;
	return !(proxy->reads & bit || !state->reads || (proxy->root ? proxy->writes & bit : written(proxy, number)));
}

/* Its price was taken. */
static void read_note(lua_State *lua, struct rule_record *proxy, const void *value, int number, bool present)
{
	proxy->reads |= (field_mask)1 << number;
	rule_trace_field(rule_state_of(lua)->reads, trace_path(lua, proxy), proxy->record, value, number, present);
}

/* ------------------------------------------------------------------------------------------------ making proxies */

/* Pushes what is cached under an address; nil when there is nothing. */
static bool cached_push(lua_State *lua, const void *key)
{
	const struct rule_record *subject = rule_state_of(lua)->subject;
	if (subject && subject->value == key) {
		lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_SUBJECT);
		return true;
	}
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RECORDS);
	bool found = lua_rawgetp(lua, -1, key) != LUA_TNIL;
	lua_remove(lua, -2);
	if (!found)
		lua_pop(lua, 1);
	return found;
}

/* Caches the value on the top of the stack. */
static void cache(lua_State *lua, const void *key)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RECORDS);
	lua_pushvalue(lua, -2);
	lua_rawsetp(lua, -2, key);
	lua_pop(lua, 1);
}

field_mask rule_writable_in(lua_State *lua, field_mask writable)
{
	return rule_state_of(lua)->moment == RULE_PRE ? writable : 0;
}

void rule_record_push(lua_State *lua, const struct record *record, void *value, const char *root, int64_t root_id,
                      field_mask writable)
{
	if (!value) {
		lua_pushnil(lua);
		return;
	}
	if (cached_push(lua, value))
		return;
	if (record->field_count > RECORD_FIELDS_MAX)
		BUG("%s has more than %d fields: no bit for each", record->name, RECORD_FIELDS_MAX);
	struct rule_record *proxy = rule_userdata_new(lua, RULE_KIND_RECORD, sizeof *proxy);
	proxy->record = record;
	proxy->value = value;
	proxy->root = root;
	proxy->root_id = root_id;
	proxy->writable = writable;
	cache(lua, value);
}

void rule_subject_push(lua_State *lua, const struct record *record, void *value, const char *root, field_mask writable)
{
	if (!value) {
		lua_pushnil(lua);
		return;
	}
	if (record->field_count > RECORD_FIELDS_MAX)
		BUG("%s has more than %d fields: no bit for each", record->name, RECORD_FIELDS_MAX);
	struct rule_record *proxy = rule_state_of(lua)->subject;
	proxy->record = record;
	proxy->value = value;
	proxy->root = root;
	proxy->path = text_of(root);
	proxy->writable = writable;
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_SUBJECT);
}

/* Inside a proxy every field has an address of its own: the key of its part or list. */
static const void *part_key(const struct rule_record *proxy, int field)
{
	_Static_assert(sizeof *proxy >= 64, "field numbers are below 64");
	return (const char *)proxy + field;
}

static field_mask fields_for_rules(const struct record *record)
{
	field_mask mask = 0;
	for (size_t i = 0; i < record->field_count; i++)
		if (record->fields[i].flags & FIELD_RULE_WRITES)
			mask |= (field_mask)1 << i;
	return mask;
}

static struct rule_record *part_new(lua_State *lua, struct rule_record *parent, int field)
{
	struct rule_record *proxy = rule_userdata_new(lua, RULE_KIND_RECORD, sizeof *proxy);
	proxy->record = parent->record->fields[field].of;
	proxy->parent = parent;
	proxy->parent_field = field;
	if (parent->writable >> field & 1)
		proxy->writable = fields_for_rules(proxy->record);
	cache(lua, part_key(parent, field));
	return proxy;
}

static void list_push(lua_State *lua, struct rule_record *parent, int field)
{
	if (cached_push(lua, part_key(parent, field)))
		return;
	struct rule_list *list = rule_userdata_new(lua, RULE_KIND_LIST, sizeof *list);
	list->parent = parent;
	list->field = field;
	list->writable = parent->writable >> field & 1;
	cache(lua, part_key(parent, field));
}

void rule_item_push(lua_State *lua, struct rule_list *list, size_t index)
{
	struct rule_record *proxy = rule_userdata_new(lua, RULE_KIND_RECORD, sizeof *proxy);
	proxy->record = rule_list_of(list);
	proxy->list = list;
	proxy->index = index;
	proxy->generation = list->generation;
	proxy->writable = list->writable ? fields_for_rules(proxy->record) : 0;
}

/* Asked of the host once for each relation of a proxy. */
static void relation_push(lua_State *lua, struct rule_record *parent, const void *value, int number)
{
	const struct record_field *field = &parent->record->fields[number];
	const struct rule_host *host = rule_state_of(lua)->call ? rule_state_of(lua)->call->host : NULL;
	int64_t id = *(const int64_t *)record_field_const_at(&parent->record->fields[field->by], value);
	if (cached_push(lua, part_key(parent, number)))
		return;
	rule_charge(lua, RULE_FUEL_RELATION);
	void *related = id && host && host->load ? host->load(host->context, field->of, id) : NULL;
	if (!related) {
		lua_pushnil(lua);
		return;
	}
	if (!cached_push(lua, related)) {
		struct rule_record *proxy = part_new(lua, parent, number);
		proxy->value = related;
		proxy->writable = 0;
		cache(lua, related);
	}
}

/* ------------------------------------------------------------------------------------------------ reading */

static void json_table_push(lua_State *lua, struct text json)
{
	if (cached_push(lua, json.data))
		return;
	rule_json_push(lua, json, true);
	cache(lua, json.data);
}

static void text_push(lua_State *lua, struct text text)
{
	rule_charge_bytes(lua, text.length);
	lua_pushlstring(lua, text.data, text.length);
}

/* A value that is there. */
static void present_push(lua_State *lua, struct rule_record *proxy, const void *value, int number)
{
	const struct record_field *field = &proxy->record->fields[number];
	const void *at = record_field_const_at(field, value);
	switch (field->kind) {
	case KIND_RECORD:
		if (!cached_push(lua, part_key(proxy, number)))
			part_new(lua, proxy, number);
		break;
	case KIND_JSON:
		json_table_push(lua, *(const struct text *)at);
		break;
	case KIND_ID:
	case KIND_INTEGER:
		lua_pushinteger(lua, *(const int64_t *)at);
		break;
	case KIND_TEXT:
		text_push(lua, *(const struct text *)at);
		break;
	case KIND_BOOLEAN:
		lua_pushboolean(lua, *(const bool *)at);
		break;
	case KIND_DECIMAL:
		rule_push_decimal(lua, *(const struct decimal *)at);
		break;
	case KIND_MONEY:
		rule_push_money(lua, *(const struct money *)at);
		break;
	case KIND_EXACT:
		rule_push_exact(lua, *(const struct exact_money *)at);
		break;
	case KIND_DATE:
		rule_push_date(lua, *(const struct date *)at);
		break;
	case KIND_INSTANT:
		rule_push_instant(lua, *(const struct instant *)at);
		break;
	case KIND_DURATION:
		rule_push_duration(lua, *(const struct duration *)at);
		break;
	default: /* choice, currency, uuid */
		text_push(lua, record_field_text(proxy->record, value, number, rule_state_of(lua)->arena));
	}
}

static void field_push(lua_State *lua, struct rule_record *proxy, int number)
{
	const struct record_field *field = &proxy->record->fields[number];
	const void *value = proxy->value ? proxy->value : rule_record_value(lua, proxy);
	bool present = record_has(proxy->record, value, number);
	bool first = read_is_first(rule_state_of(lua), proxy, number);
	rule_charge(lua, first ? 2 * RULE_FUEL_FIELD : RULE_FUEL_FIELD);
	if (first)
		read_note(lua, proxy, value, number, present);
	if (field->kind == KIND_LIST)
		list_push(lua, proxy, number);
	else if (field->kind == KIND_RELATION)
		relation_push(lua, proxy, value, number);
	else if (present)
		present_push(lua, proxy, value, number);
	else
		lua_pushnil(lua);
}

/* Of a part or list that was read: all that lies in it. */
static void inside_read_all(lua_State *lua, struct rule_record *proxy, int number)
{
	luaL_checkstack(lua, 6, "record");
	field_push(lua, proxy, number);
	struct rule_record *part = rule_userdata_at(lua, -1, RULE_KIND_RECORD);
	struct rule_list *list = rule_userdata_at(lua, -1, RULE_KIND_LIST);
	if (part)
		rule_record_read_all(lua, part);
	for (size_t i = 0, count = list ? rule_list_value(lua, list).count : 0; i < count; i++) {
		rule_list_item_push(lua, -1, i);
		rule_record_read_all(lua, rule_userdata_at(lua, -1, RULE_KIND_RECORD));
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
}

void rule_record_read_all(lua_State *lua, struct rule_record *proxy)
{
	const void *value = rule_record_value(lua, proxy);
	for (size_t i = 0; i < proxy->record->field_count; i++) {
		const struct record_field *field = &proxy->record->fields[i];
		if (!rule_field_visible(field) || field->kind == KIND_RELATION)
			continue;
		if (field->kind == KIND_RECORD || field->kind == KIND_LIST) {
			inside_read_all(lua, proxy, (int)i);
		} else if (read_is_first(rule_state_of(lua), proxy, (int)i)) {
			rule_charge(lua, RULE_FUEL_FIELD);
			read_note(lua, proxy, value, (int)i, record_has(proxy->record, value, (int)i));
		}
	}
}

static struct rule_record *record_argument(lua_State *lua, const char *function)
{
	struct rule_record *proxy = rule_userdata_at(lua, 1, RULE_KIND_RECORD);
	if (!proxy)
		rule_error(lua, "%s: call it with a colon on a record, not on %s", function, rule_type_name(lua, 1));
	return proxy;
}

/* -1 when there is no such field. A text of the image is looked up once, whatever calls come after. */
static int field_find(lua_State *lua, const struct record *record)
{
	const void *text = lua_topointer(lua, 2);
	struct rule_name *known = rule_image_name(rule_state_of(lua), text, record);
	if (known && known->text == text && known->of == record)
		return known->field;
	if (lua_type(lua, 2) != LUA_TSTRING)
		rule_error(lua, "%s has fields by name, not %s", record->name, rule_value_text(lua, 2));
	int field = rule_field_find(record, (struct text){ lua_tostring(lua, 2), lua_rawlen(lua, 2) });
	if (known)
		*known = (struct rule_name){ .text = text, .of = record, .field = field };
	return field;
}

static int field_argument(lua_State *lua, const struct rule_record *proxy)
{
	int field = field_find(lua, proxy->record);
	const char *name = lua_tostring(lua, 2);
	if (field < 0)
		rule_error(lua, "%s has no field '%s'%s", proxy->record->name, name,
		           rule_field_nearest(proxy->record, text_of(name), rule_state_of(lua)->arena));
	return field;
}

static int record_copy_method(lua_State *lua)
{
	rule_record_copy_push(lua, record_argument(lua, "copy"));
	return 1;
}

static int record_index(lua_State *lua)
{
	struct rule_record *proxy = record_argument(lua, "index");
	int field = field_find(lua, proxy->record);
	if (field >= 0)
		field_push(lua, proxy, field);
	else if (strcmp(lua_tostring(lua, 2), "copy") == 0)
		lua_pushcfunction(lua, record_copy_method);
	else
		field_argument(lua, proxy); /* raises */
	return 1;
}

static int record_newindex(lua_State *lua)
{
	struct rule_record *proxy = record_argument(lua, "newindex");
	rule_field_assign(lua, proxy, field_argument(lua, proxy), 3);
	return 0;
}

/* Upvalues: the proxy, the number of the next field. Fields without a value and relations are passed. */
static int record_pairs_next(lua_State *lua)
{
	struct rule_record *proxy = rule_userdata_at(lua, lua_upvalueindex(1), RULE_KIND_RECORD);
	size_t number = (size_t)lua_tointeger(lua, lua_upvalueindex(2));
	for (; number < proxy->record->field_count; number++) {
		const struct record_field *field = &proxy->record->fields[number];
		if (!rule_field_visible(field) || field->kind == KIND_RELATION)
			continue;
		lua_pushinteger(lua, (lua_Integer)number + 1);
		lua_replace(lua, lua_upvalueindex(2));
		lua_pushstring(lua, field->name);
		field_push(lua, proxy, (int)number);
		if (!lua_isnil(lua, -1))
			return 2;
		lua_pop(lua, 2);
	}
	return 0;
}

static int record_pairs(lua_State *lua)
{
	record_argument(lua, "pairs");
	lua_settop(lua, 1);
	lua_pushinteger(lua, 0);
	lua_pushcclosure(lua, record_pairs_next, 2);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ copies */

static void list_copy_push(lua_State *lua, struct rule_list *list)
{
	size_t count = rule_list_value(lua, list).count;
	luaL_checkstack(lua, 8, "copy");
	lua_createtable(lua, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		rule_list_item_push(lua, lua_absindex(lua, -2), i);
		rule_record_copy_push(lua, rule_userdata_at(lua, -1, RULE_KIND_RECORD));
		lua_rawseti(lua, -3, (lua_Integer)i + 1);
		lua_pop(lua, 1);
	}
}

void rule_record_copy_push(lua_State *lua, struct rule_record *proxy)
{
	luaL_checkstack(lua, 8, "copy");
	lua_createtable(lua, 0, (int)proxy->record->field_count);
	for (size_t i = 0; i < proxy->record->field_count; i++) {
		const struct record_field *field = &proxy->record->fields[i];
		if (!rule_field_visible(field) || field->kind == KIND_RELATION)
			continue;
		rule_charge(lua, 1);
		field_push(lua, proxy, (int)i);
		if (field->kind == KIND_LIST)
			list_copy_push(lua, rule_userdata_at(lua, -1, RULE_KIND_LIST));
		else if (field->kind == KIND_RECORD && !lua_isnil(lua, -1))
			rule_record_copy_push(lua, rule_userdata_at(lua, -1, RULE_KIND_RECORD));
		else
			lua_pushvalue(lua, -1);
		lua_setfield(lua, -3, field->name);
		lua_pop(lua, 1);
	}
}

/* ------------------------------------------------------------------------------------------------ metatable */

static const luaL_Reg record_functions[] = {
	{ "__index", record_index }, { "__newindex", record_newindex }, { "__pairs", record_pairs }, { NULL, NULL },
};

void rule_record_open(lua_State *lua)
{
	rule_metatable_new(lua, RULE_KIND_RECORD, "record", record_functions);
	lua_pop(lua, 1);
	rule_list_open(lua);
}
