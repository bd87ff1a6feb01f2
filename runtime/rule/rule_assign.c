/* rule_assign.c: from Lua values to fields: types, limits, currencies; lists that grow and shrink. */
#include "rule_json.h"
#include "rule_library.h"
#include "rule_list.h"
#include "rule_state.h"
#include "rule_trace.h"
#include "value/json.h"

/* One value on its way into one field. */
struct assignment {
	lua_State *lua;
	const struct record *record;
	void *value;         /* a copy; taken over when all is well */
	int number;
	const struct record_field *field;
	int index;           /* stack place of what is assigned */
	struct arena *arena; /* where it stays */
	struct arena *scratch;
	const struct rule_record *owner; /* the proxy assigned to; NULL inside tables */
	bool *kept;          /* a list is assigned: which of the items that it has already keep their place in it */
};

static void field_set(struct assignment *assignment, bool restricted);

/* What a field takes, for messages. */
static const char *const kind_needs[] = {
	[KIND_ID] = "an integer",
	[KIND_UUID] = "the text of a UUID",
	[KIND_TEXT] = "a text",
	[KIND_JSON] = "a table",
	[KIND_INTEGER] = "an integer",
	[KIND_DECIMAL] = "a decimal, an integer or the text of one",
	[KIND_MONEY] = "money",
	[KIND_EXACT] = "an exact amount or money",
	[KIND_CURRENCY] = "the code of a currency",
	[KIND_DATE] = "a date",
	[KIND_INSTANT] = "an instant",
	[KIND_DURATION] = "a duration",
	[KIND_BOOLEAN] = "true or false",
	[KIND_CHOICE] = "one of its words as text",
	[KIND_RECORD] = "a table of fields or a record of its kind",
	[KIND_LIST] = "a list of tables or of records of its kind",
	[KIND_RELATION] = "nothing: it follows from an id",
};

static void refuse_type(const struct assignment *assignment)
{
	const char *remedy = "";
	enum record_kind kind = assignment->field->kind;
	if (kind == KIND_TEXT && lua_type(assignment->lua, assignment->index) != LUA_TNIL)
		remedy = "; use tostring";
	if (kind == KIND_MONEY && rule_kind_at(assignment->lua, assignment->index) == RULE_KIND_EXACT)
		remedy = "; round it first, as in amount:round(\"half_up\")";
	if (kind == KIND_DECIMAL && lua_type(assignment->lua, assignment->index) == LUA_TNUMBER)
		remedy = "; write decimal \"1.5\" for one and a half";
	rule_error(assignment->lua, "%s.%s needs %s, not %s (%s)%s", assignment->record->name, assignment->field->name,
	           kind_needs[kind], rule_value_text(assignment->lua, assignment->index),
	           rule_type_name(assignment->lua, assignment->index), remedy);
}

/* ------------------------------------------------------------------------------------------------ amounts */

static const struct currency **currency_at_field(const struct record *record, void *value)
{
	if (record->currency_field < 0)
		return NULL;
	return record_field_at(&record->fields[record->currency_field], value);
}

/* A record without a currency takes the amount's; two currencies do not meet in one record. */
static void currency_check(const struct assignment *assignment, const struct currency *currency)
{
	const struct currency **of_record = currency_at_field(assignment->record, assignment->value);
	if (!of_record || *of_record == currency)
		return;
	if (*of_record)
		rule_error(assignment->lua, "%s.%s is in %s, not in %s", assignment->record->name, assignment->field->name,
		           (*of_record)->code, currency->code);
	*of_record = currency;
}

static bool amount_text(const struct assignment *assignment, struct text *text)
{
	struct money money;
	struct exact_money exact;
	if (rule_to_money(assignment->lua, assignment->index, &money)) {
		currency_check(assignment, money.currency);
		*text = money_amount_text(assignment->scratch, money);
		return true;
	}
	if (assignment->field->kind == KIND_EXACT && rule_to_exact(assignment->lua, assignment->index, &exact)) {
		currency_check(assignment, exact.currency);
		*text = fraction_text(assignment->scratch, exact.amount);
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------------------------------------ plain values */

/* The kind of userdata that a field of this kind takes. */
static enum rule_kind userdata_of(enum record_kind kind)
{
	switch (kind) {
	case KIND_DECIMAL:
		return RULE_KIND_DECIMAL;
	case KIND_DATE:
		return RULE_KIND_DATE;
	case KIND_INSTANT:
		return RULE_KIND_INSTANT;
	case KIND_DURATION:
		return RULE_KIND_DURATION;
	default:
		return RULE_KIND_NONE;
	}
}

/* The value as the text that record_field_parse reads. */
static bool plain_text(const struct assignment *assignment, struct text *text)
{
	lua_State *lua = assignment->lua;
	enum record_kind kind = assignment->field->kind;
	int index = assignment->index, type = lua_type(lua, index);
	if (type == LUA_TBOOLEAN && kind == KIND_BOOLEAN) {
		*text = lua_toboolean(lua, index) ? TEXT("true") : TEXT("false");
		return true;
	}
	if (lua_isinteger(lua, index) && (kind == KIND_INTEGER || kind == KIND_ID || kind == KIND_DECIMAL)) {
		*text = text_from_int64(assignment->scratch, lua_tointeger(lua, index));
		return true;
	}
	if (type == LUA_TSTRING && kind != KIND_INTEGER && kind != KIND_ID && kind != KIND_BOOLEAN && kind != KIND_JSON) {
		text->data = lua_tolstring(lua, index, &text->length);
		rule_charge_bytes(lua, text->length);
		return true;
	}
	if (kind == KIND_MONEY || kind == KIND_EXACT)
		return amount_text(assignment, text);
	return type == LUA_TUSERDATA && rule_kind_at(lua, index) == userdata_of(kind) &&
	       rule_value_to_text(lua, index, assignment->scratch, text);
}

static void text_set(struct assignment *assignment, struct text text)
{
	struct problems problems;
	problems_init(&problems, assignment->scratch);
	if (record_field_parse(assignment->record, assignment->value, assignment->number, text, "", assignment->arena,
	                       &problems))
		return;
	const struct problem *first = problems.first;
	rule_error(assignment->lua, "%s.%s; %s", assignment->record->name, first->message,
	           first->remedy ? first->remedy : problem_info(first->code)->remedy);
}

static void json_set(struct assignment *assignment)
{
	lua_State *lua = assignment->lua;
	if (lua_type(lua, assignment->index) != LUA_TTABLE)
		refuse_type(assignment);
	const char *what = text_format(assignment->scratch, "%s.%s", assignment->record->name, assignment->field->name).data;
	/* A list stays a list; everything else is an object. */
	const struct text *present = record_field_const_at(assignment->field, assignment->value);
	bool is_list = text_present(*present) && text_starts(*present, "[");
	text_set(assignment, rule_json_of_table(lua, assignment->index, is_list, (size_t)assignment->field->max,
	                                        assignment->scratch, what));
}

/* ------------------------------------------------------------------------------------------------ parts and lists */

/* Of a record that becomes another one only what rules may write is taken: ids and decisions belong to the first. */
static void copy_restrict(const struct assignment *assignment, const struct record *record, void *copy)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (!(record->fields[i].flags & FIELD_RULE_WRITES) && (int)i != record->currency_field)
			record_set_present(record, copy, (int)i, false);
	const struct currency **of_copy = currency_at_field(record, copy);
	if (of_copy && *of_copy)
		currency_check(assignment, *of_copy);
}

/* An item of the list that is assigned: it stays what it is; given twice, the second is another one. */
static bool item_is_kept(const struct assignment *assignment, const struct rule_record *item)
{
	if (!assignment->kept || !item->list || item->list->parent != assignment->owner ||
	    item->list->field != assignment->number || assignment->kept[item->index])
		return false;
	return assignment->kept[item->index] = true;
}

/* A table or a record of the same kind at `index` becomes a struct; `value` is zeroed or holds defaults. */
static bool item_set(const struct assignment *assignment, int index, void *value, bool restricted)
{
	lua_State *lua = assignment->lua;
	const struct record *record = assignment->field->of;
	struct rule_record *proxy = rule_userdata_at(lua, index, RULE_KIND_RECORD);
	if (proxy && proxy->record == record) {
		rule_record_read_all(lua, proxy);
		memcpy(value, record_copy(record, rule_record_value(lua, proxy), assignment->arena), record->size);
		if (restricted && !item_is_kept(assignment, proxy))
			copy_restrict(assignment, record, value);
		return true;
	}
	if (lua_type(lua, index) != LUA_TTABLE)
		return false;
	const struct currency **of_whole = currency_at_field(assignment->record, assignment->value);
	const struct currency **of_item = currency_at_field(record, value);
	if (of_whole && of_item)
		*of_item = *of_whole;
	rule_record_decode(lua, index, record, value, restricted);
	return true;
}

static void part_set(struct assignment *assignment, bool restricted)
{
	void *part = arena_alloc(assignment->arena, assignment->field->of->size);
	if (!item_set(assignment, assignment->index, part, restricted))
		refuse_type(assignment);
	memcpy(record_field_at(assignment->field, assignment->value), &part, sizeof part);
}

static void list_set(struct assignment *assignment, bool restricted)
{
	lua_State *lua = assignment->lua;
	bool is_list = rule_kind_at(lua, assignment->index) == RULE_KIND_LIST;
	if (!is_list && lua_type(lua, assignment->index) != LUA_TTABLE)
		refuse_type(assignment);
	lua_Integer count = luaL_len(lua, assignment->index);
	if (count > assignment->field->max)
		rule_error(lua, "%s.%s has %lld items; %lld are allowed", assignment->record->name, assignment->field->name,
		           (long long)count, (long long)assignment->field->max);
	if (count < assignment->field->min)
		rule_error(lua, "%s.%s needs at least %lld items", assignment->record->name, assignment->field->name,
		           (long long)assignment->field->min);
	struct record_list before, empty = { 0 };
	memcpy(&before, record_field_at(assignment->field, assignment->value), sizeof before);
	if (assignment->owner)
		assignment->kept = arena_new_many(assignment->scratch, bool, before.count + 1);
	memcpy(record_field_at(assignment->field, assignment->value), &empty, sizeof empty);
	for (lua_Integer i = 1; i <= count; i++) {
		rule_charge(lua, RULE_FUEL_WRITE);
		lua_geti(lua, assignment->index, i);
		void *item = record_list_add(assignment->record, assignment->value, assignment->number, assignment->arena);
		if (!item_set(assignment, lua_gettop(lua), item, restricted))
			refuse_type(assignment);
		lua_pop(lua, 1);
	}
}

/* ------------------------------------------------------------------------------------------------ one field */

static void field_set(struct assignment *assignment, bool restricted)
{
	struct text text;
	switch (assignment->field->kind) {
	case KIND_JSON:
		json_set(assignment);
		break;
	case KIND_RECORD:
		part_set(assignment, restricted);
		break;
	case KIND_LIST:
		list_set(assignment, restricted);
		break;
	case KIND_RELATION:
		refuse_type(assignment);
		break;
	default:
		if (!plain_text(assignment, &text))
			refuse_type(assignment);
		text_set(assignment, text);
	}
}

static void field_clear(struct assignment *assignment)
{
	if (assignment->field->flags & FIELD_REQUIRED)
		rule_error(assignment->lua, "%s.%s is required and cannot be nil", assignment->record->name, assignment->field->name);
	record_set_present(assignment->record, assignment->value, assignment->number, false);
}

static struct assignment assignment_of(lua_State *lua, const struct record *record, void *value, int number, int index)
{
	struct rule_state *state = rule_state_of(lua);
	return (struct assignment){ .lua = lua, .record = record, .value = value, .number = number,
		                    .field = &record->fields[number], .index = lua_absindex(lua, index),
		                    .arena = state->results, .scratch = state->arena };
}

static const char *writable_names(const struct rule_record *proxy, struct arena *arena)
{
	struct text_builder out;
	builder_init(&out, arena, 600);
	for (size_t i = 0; i < proxy->record->field_count; i++)
		if (proxy->writable >> i & 1)
			builder_format(&out, "%s%s", out.length ? ", " : "", proxy->record->fields[i].name);
	return builder_text(&out).data;
}

static void writable_check(lua_State *lua, const struct rule_record *proxy, int field)
{
	struct rule_state *state = rule_state_of(lua);
	const char *name = proxy->record->fields[field].name;
	if (proxy->writable >> field & 1)
		return;
	if (state->moment != RULE_PRE)
		rule_error(lua, "%s.%s cannot be assigned: in a %s rule records are frozen%s", proxy->record->name, name,
		           rule_moment_name(state->moment),
		           state->moment == RULE_POLICY ? "; return the result" : "; use ctx:command");
	if (proxy->writable == 0)
		rule_error(lua, "%s.%s cannot be assigned: this record is frozen here", proxy->record->name, name);
	rule_error(lua, "%s.%s cannot be assigned here (only: %s)", proxy->record->name, name,
	           writable_names(proxy, state->arena));
}

/* One entry of the write set; what was written before is looked for among all. */
static void write_add(lua_State *lua, struct text path, struct text json, bool again)
{
	struct rule_state *state = rule_state_of(lua);
	if (!state->reads)
		return;
	rule_charge(lua, RULE_FUEL_WRITE + (int64_t)(json.length / RULE_FUEL_BYTES) + (again ? (int64_t)state->reads->write_count / 8 : 0));
	rule_trace_write(state->reads, path, json, again);
}

static void write_note(lua_State *lua, struct rule_record *proxy, int field)
{
	struct rule_state *state = rule_state_of(lua);
	struct text_builder json;
	struct json_writer writer;
	field_mask bit = (field_mask)1 << field;
	const void *value = rule_record_value(lua, proxy);
	builder_init(&json, state->arena, 0);
	json_writer_init(&writer, &json);
	if (!record_has(proxy->record, value, field))
		json_null(&writer);
	else if (proxy->record->fields[field].flags & FIELD_UNTOLD)
		json_c(&writer, RULE_TRACE_UNTOLD);
	else
		json_field(&writer, proxy->record, value, field);
	write_add(lua, rule_record_path(lua, proxy, field), builder_text(&json), proxy->writes & bit);
	proxy->writes |= bit;
}

/* The items of a list field got new places: proxies of the old ones must say so. */
static void list_proxy_forget(lua_State *lua, struct rule_record *proxy, int field)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RECORDS);
	lua_rawgetp(lua, -1, (const char *)proxy + field);
	struct rule_list *list = rule_userdata_at(lua, -1, RULE_KIND_LIST);
	lua_pop(lua, 2);
	if (list)
		rule_list_items_forget(lua, list);
}

void rule_field_assign(lua_State *lua, struct rule_record *proxy, int field, int index)
{
	struct arena *scratch = rule_state_of(lua)->arena;
	struct arena_mark mark = arena_mark(scratch);
	writable_check(lua, proxy, field);
	void *value = rule_record_value(lua, proxy);
	void *copy = arena_alloc(scratch, proxy->record->size);
	memcpy(copy, value, proxy->record->size);
	struct assignment assignment = assignment_of(lua, proxy->record, copy, field, index);
	assignment.owner = proxy;
	if (lua_isnil(lua, index))
		field_clear(&assignment);
	else
		field_set(&assignment, true);
	memcpy(value, copy, proxy->record->size);
	if (assignment.field->kind == KIND_LIST)
		list_proxy_forget(lua, proxy, field);
	write_note(lua, proxy, field);
	arena_rewind(scratch, mark);
}

/* ------------------------------------------------------------------------------------------------ tables as records */

static int decode_field(lua_State *lua, const struct record *record, bool restricted)
{
	struct arena *scratch = rule_state_of(lua)->arena;
	if (lua_type(lua, -1) != LUA_TSTRING)
		rule_error(lua, "%s: %s is not the name of a field", record->name, rule_value_text(lua, -1));
	struct text name = text_of(lua_tostring(lua, -1));
	int field = rule_field_find(record, name);
	if (field < 0)
		rule_error(lua, "%s has no field '%.*s'%s", record->name, TEXT_ARG(name), rule_field_nearest(record, name, scratch));
	if (restricted && !(record->fields[field].flags & FIELD_RULE_WRITES))
		rule_error(lua, "%s.%.*s is not given by rules", record->name, TEXT_ARG(name));
	return field;
}

/* Decodes the member whose key is on the top of the stack. */
static void decode_member(lua_State *lua, int index, const struct record *record, void *value, bool restricted)
{
	int field = decode_field(lua, record, restricted);
	lua_pushvalue(lua, -1);
	lua_rawget(lua, index);
	struct assignment assignment = assignment_of(lua, record, value, field, -1);
	field_set(&assignment, restricted);
	lua_pop(lua, 1);
}

void rule_record_decode(lua_State *lua, int index, const struct record *record, void *value, bool restricted)
{
	luaL_checkstack(lua, 10, "record");
	index = lua_absindex(lua, index);
	if (record->currency_field >= 0 && !restricted) { /* amounts need it first */
		lua_pushstring(lua, record->fields[record->currency_field].name);
		lua_pushvalue(lua, -1);
		if (lua_rawget(lua, index) != LUA_TNIL) {
			lua_pop(lua, 1);
			decode_member(lua, index, record, value, restricted);
			lua_pushnil(lua);
		}
		lua_pop(lua, 2);
	}
	lua_Integer count = rule_keys_push(lua, index);
	int keys = lua_gettop(lua);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, keys, i);
		decode_member(lua, index, record, value, restricted);
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
}

/* ------------------------------------------------------------------------------------------------ lists in place */

void rule_list_check_writable(lua_State *lua, const struct rule_list *list)
{
	if (!list->writable)
		writable_check(lua, list->parent, list->field);
}

/* An item that was added, under its place; after a removal that place may have been written before. */
static void item_note(lua_State *lua, const struct rule_list *list, size_t place, const void *item)
{
	struct rule_state *state = rule_state_of(lua);
	struct text path = rule_record_path(lua, list->parent, list->field);
	struct text name = text_format(state->arena, "%.*s[%zu]", TEXT_ARG(path), place);
	struct text json = json_record_text(state->arena, rule_list_of(list), item);
	write_add(lua, name, json, list->generation > 0);
}

/* The n-th change of places: which item was removed. */
static void removal_note(lua_State *lua, const struct rule_list *list, lua_Integer place)
{
	struct rule_state *state = rule_state_of(lua);
	struct text path = rule_record_path(lua, list->parent, list->field);
	struct text name = text_format(state->arena, "%.*s:remove(%u)", TEXT_ARG(path), list->generation);
	write_add(lua, name, text_from_int64(state->arena, place), false);
}

void rule_list_append(lua_State *lua, struct rule_list *list, int index)
{
	struct rule_state *state = rule_state_of(lua);
	const struct record *record = list->parent->record;
	rule_list_check_writable(lua, list);
	void *value = rule_record_value(lua, list->parent);
	struct assignment assignment = assignment_of(lua, record, value, list->field, index);
	if ((int64_t)rule_list_value(lua, list).count >= assignment.field->max)
		rule_error(lua, "%s.%s has %lld items already; no more are allowed", record->name, assignment.field->name,
		           (long long)assignment.field->max);
	struct arena_mark mark = arena_mark(state->arena);
	void *item = arena_alloc(state->arena, assignment.field->of->size);
	if (!item_set(&assignment, assignment.index, item, true))
		rule_error(lua, "%s.%s:add needs a table of fields, not %s", record->name, assignment.field->name,
		           rule_value_text(lua, index));
	memcpy(record_list_add(record, value, list->field, state->results), item, assignment.field->of->size);
	item_note(lua, list, rule_list_value(lua, list).count, item);
	arena_rewind(state->arena, mark);
}

void rule_list_remove(lua_State *lua, struct rule_list *list, lua_Integer place)
{
	const struct record *record = list->parent->record;
	const struct record_field *field = &record->fields[list->field];
	rule_list_check_writable(lua, list);
	struct record_list items = rule_list_value(lua, list);
	if (place < 1 || (size_t)place > items.count)
		rule_error(lua, "%s.%s has no item %lld; it has %zu", record->name, field->name, (long long)place, items.count);
	if ((int64_t)items.count <= field->min)
		rule_error(lua, "%s.%s needs at least %lld items", record->name, field->name, (long long)field->min);
	char *at = (char *)items.items + ((size_t)place - 1) * field->of->size;
	memmove(at, at + field->of->size, (items.count - (size_t)place) * field->of->size);
	items.count--;
	memcpy(record_field_at(field, rule_record_value(lua, list->parent)), &items, sizeof items);
	rule_list_items_forget(lua, list);
	removal_note(lua, list, place);
	rule_charge(lua, (int64_t)items.count / 4 + 10);
}
