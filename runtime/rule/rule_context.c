/* rule_context.c: ctx: time, settings and details of the event; what a rule may ask for and queue. */
#include "rule_context.h"

#include "records.gen.h"
#include "rule_declare.h"
#include "rule_json.h"
#include "rule_library.h"
#include "rule_record.h"
#include "rule_state.h"
#include "rule_trace.h"
#include "value/json.h"

enum {
	SETTINGS_NOTED_BYTES_MAX = 2000,
	EFFECT_BYTES_MAX = 256 * 1024,
	EFFECTS_BYTES_MAX = 1024 * 1024, /* of one run */
	REJECT_CODE_BYTES_MAX = 60,
	MESSAGE_BYTES_MAX = 2000,
	EACH_PAGE = 100,
	EACH_ROWS_MAX = 10000, /* of one loop */
};

/* Bits of moments. */
enum { IN_PRE = 1 << RULE_PRE, IN_POST = 1 << RULE_POST, IN_POLICY = 1 << RULE_POLICY, IN_TASK = 1 << RULE_TASK };

/* ------------------------------------------------------------------------------------------------ values */

static void input_note(struct rule_state *state, const char *name, struct text value)
{
	struct text_builder json;
	struct json_writer writer;
	builder_init(&json, state->arena, 0);
	json_writer_init(&writer, &json);
	json_string(&writer, value);
	rule_trace_read(state->reads, name, builder_text(&json));
}

/* Values of ctx are made once a call and then kept in the table at upvalue 1. */
static int now_push(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	input_note(state, "ctx.now", instant_text(state->arena, state->call->now));
	rule_push_instant(lua, state->call->now);
	return 1;
}

static int today_push(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	input_note(state, "ctx.today", date_text(state->arena, state->call->today));
	rule_push_date(lua, state->call->today);
	return 1;
}

struct text rule_settings_digest_text(struct arena *arena, struct text settings)
{
	struct digest digest = digest_sha256(settings);
	return text_format(arena, "sha256:%.*s", TEXT_ARG(text_hex(arena, digest.bytes, sizeof digest.bytes)));
}

static int settings_push(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	struct text settings = state->call->settings.length ? state->call->settings : TEXT("{}");
	if (settings.length <= SETTINGS_NOTED_BYTES_MAX)
		rule_trace_read(state->reads, "ctx.settings", settings);
	else
		input_note(state, "ctx.settings", rule_settings_digest_text(state->arena, settings));
	if (state->call->settings_tree)
		rule_json_push_tree(lua, state->call->settings_tree, settings.length, true);
	else
		rule_json_push(lua, settings, true);
	return 1;
}

static int event_push(lua_State *lua)
{
	const struct rule_call *call = rule_state_of(lua)->call;
	rule_record_push(lua, call->details_record, call->details, "event", 0, rule_writable_in(lua, call->details_writable));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ effects */

static void effect_add(lua_State *lua, int kind, struct text name, struct text body)
{
	struct rule_state *state = rule_state_of(lua);
	struct rule_call *call = state->call;
	if (state->effect_count >= RULE_EFFECTS_MAX)
		rule_error(lua, "a rule may queue at most %d effects", RULE_EFFECTS_MAX);
	state->effect_bytes += body.length;
	if (state->effect_bytes > EFFECTS_BYTES_MAX)
		rule_error(lua, "the effects of a rule may have at most %d bytes together", EFFECTS_BYTES_MAX);
	struct rule_effect *effect = arena_new(call->arena, struct rule_effect);
	effect->kind = (unsigned)kind;
	effect->name = text_present(name) ? text_copy(call->arena, name) : TEXT_NONE;
	effect->body = text_copy(call->arena, body);
	if (call->last_effect)
		call->last_effect->next = effect;
	else
		call->effects = effect;
	call->last_effect = effect;
	call->effect_count++;
	state->effect_count++;
	rule_charge(lua, RULE_FUEL_EFFECT);
}

static bool name_valid(struct text name, size_t bytes_max)
{
	if (name.length == 0 || name.length > bytes_max)
		return false;
	for (size_t i = 0; i < name.length; i++) {
		char byte = name.data[i];
		bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
		if (!letter && (i == 0 || !strchr("_.-:", byte)))
			return false;
	}
	return true;
}

static struct text name_argument(lua_State *lua, int index, size_t bytes_max, const char *function)
{
	struct text name = rule_text_argument(lua, index, function);
	if (!name_valid(name, bytes_max))
		rule_error(lua, "%s: %s is no name: letters, digits, _ . - and :, at most %zu bytes", function,
		           rule_value_text(lua, index), bytes_max);
	return name;
}

static struct text message_argument(lua_State *lua, int index, const char *function)
{
	struct text message = rule_text_argument(lua, index, function);
	if (message.length == 0 || message.length > MESSAGE_BYTES_MAX || !text_utf8_valid(message))
		rule_error(lua, "%s: the text must be UTF-8 of 1 to %d bytes", function, MESSAGE_BYTES_MAX);
	return message;
}

static void self_check(lua_State *lua, const char *function)
{
	if (rule_kind_at(lua, 1) != RULE_KIND_CONTEXT)
		rule_error(lua, "%s: write it with a colon, %s(...)", function, function);
}

/* ctx:reject(code, message): ends the call for good. */
static int context_reject(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	self_check(lua, "ctx:reject");
	struct text code = name_argument(lua, 2, REJECT_CODE_BYTES_MAX, "ctx:reject");
	struct text message = message_argument(lua, 3, "ctx:reject");
	state->reject_code = text_copy(state->results, code);
	state->reject_message = text_copy(state->results, message);
	rule_doom(lua, RULE_DOOM_REJECTED);
}

static int queue(lua_State *lua, int kind, const char *function)
{
	struct rule_state *state = rule_state_of(lua);
	self_check(lua, function);
	struct text name = name_argument(lua, 2, 100, function);
	struct arena_mark mark = arena_mark(state->arena);
	struct text body = rule_json_of_table(lua, 3, false, EFFECT_BYTES_MAX, state->arena, function);
	effect_add(lua, kind, name, body);
	arena_rewind(state->arena, mark);
	return 0;
}

static int context_send(lua_State *lua)
{
	return queue(lua, EFFECT_SEND, "ctx:send");
}

static int context_command(lua_State *lua)
{
	return queue(lua, EFFECT_COMMAND, "ctx:command");
}

static int context_note(lua_State *lua)
{
	self_check(lua, "ctx:note");
	effect_add(lua, EFFECT_NOTE, TEXT_NONE, message_argument(lua, 2, "ctx:note"));
	return 0;
}

/* ------------------------------------------------------------------------------------------------ chance and ids */

/* SplitMix64. */
static uint64_t random_next(struct rule_state *state)
{
	uint64_t z = (state->random += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static struct digest seed_digest(const struct rule_state *state, struct arena *arena, struct text what)
{
	const struct uuid *id = &state->call->seed;
	struct digest seed = digest_sha256((struct text){ (const char *)id->bytes, sizeof id->bytes });
	return digest_sha256_two(text_hex(arena, seed.bytes, sizeof seed.bytes),
	                         text_format(arena, "%s\n%.*s", state->rule->name, TEXT_ARG(what)));
}

/* At the first use: few rules draw, and the digest would cost as much as the rest of a small rule. */
static void random_seed(struct rule_state *state)
{
	struct arena_mark mark = arena_mark(state->arena);
	struct digest digest = seed_digest(state, state->arena, TEXT("random"));
	arena_rewind(state->arena, mark);
	memcpy(&state->random, digest.bytes, sizeof state->random);
	state->random_seeded = true;
}

/* ctx:random(n): 1 to n, every number equally likely; what falls into the last, short round is drawn again. */
static int context_random(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	self_check(lua, "ctx:random");
	lua_Integer n = rule_integer_argument(lua, 2, "ctx:random");
	rule_charge(lua, RULE_FUEL_DRAW);
	if (n < 1)
		return rule_error(lua, "ctx:random: needs a number of at least 1, not %lld", (long long)n);
	if (!state->random_seeded)
		random_seed(state);
	uint64_t range = (uint64_t)n, limit = UINT64_MAX - UINT64_MAX % range, drawn;
	do
		drawn = random_next(state);
	while (drawn >= limit);
	lua_pushinteger(lua, (lua_Integer)(drawn % range) + 1);
	return 1;
}

/* ctx:id(): a UUID (version 8) made from the seed: the same event gives the same ids again. */
static int context_id(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	struct arena_mark mark = arena_mark(state->arena);
	struct text what = text_format(state->arena, "id %lld", (long long)++state->ids_made);
	struct digest digest = seed_digest(state, state->arena, what);
	struct uuid uuid;
	memcpy(uuid.bytes, digest.bytes, sizeof uuid.bytes);
	uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0f) | 0x80);
	uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3f) | 0x80);
	struct text text = uuid_text(state->arena, uuid);
	lua_pushlstring(lua, text.data, text.length);
	arena_rewind(state->arena, mark);
	rule_charge(lua, RULE_FUEL_ID);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ rows */

/* One loop of ctx:each: its filters and the page of rows at hand. */
struct each {
	const struct record *record;
	struct rule_when *filters;
	size_t filter_count;
	struct record_list rows;
	size_t next, given;
	int64_t after_id;
	int id_field;
	bool ended;
};

static void page_load(lua_State *lua, struct each *each)
{
	const struct rule_host *host = rule_state_of(lua)->call->host;
	each->rows = (struct record_list){ 0 };
	each->next = 0;
	if (!host->each(host->context, each->record, each->filters, each->filter_count, each->after_id, EACH_PAGE,
	                &each->rows))
		rule_error(lua, "ctx:each: the rows of %s could not be read", each->record->name);
	each->ended = each->rows.count < EACH_PAGE;
	rule_charge(lua, RULE_FUEL_RELATION * (int64_t)(each->rows.count + 1)); /* also for rows that the loop does not come to */
}

/* Upvalue: the loop. */
static int each_next(lua_State *lua)
{
	struct each *each = lua_touserdata(lua, lua_upvalueindex(1));
	rule_charge(lua, RULE_FUEL_CALL);
	if (each->next == each->rows.count && !each->ended)
		page_load(lua, each);
	if (each->next == each->rows.count) {
		each->ended = true;
		return 0;
	}
	if (++each->given > EACH_ROWS_MAX)
		return rule_error(lua, "ctx:each: more than %d rows; narrow the filter", EACH_ROWS_MAX);
	void *row = (char *)each->rows.items + each->next++ * each->record->size;
	each->after_id = *(int64_t *)record_field_at(&each->record->fields[each->id_field], row);
	rule_record_push(lua, each->record, row, each->record->name, each->after_id, 0);
	return 1;
}

static const char *record_candidate(const void *context, size_t i)
{
	(void)context;
	size_t seen = 0;
	for (size_t number = 0; records_all[number]; number++)
		if (records_all[number]->table && seen++ == i)
			return records_all[number]->name;
	return NULL;
}

static const struct record *each_record(lua_State *lua, int *id_field)
{
	struct text name = rule_text_argument(lua, 2, "ctx:each");
	const struct record *record = record_by_name(name);
	if (!record || !record->table)
		rule_error(lua, "ctx:each: there are no rows of '%.*s'%s", TEXT_ARG(name),
		           text_did_you_mean(rule_state_of(lua)->arena, name, record_candidate, NULL));
	*id_field = rule_field_find(record, TEXT("id"));
	if (*id_field < 0 || record->fields[*id_field].kind != KIND_ID)
		rule_error(lua, "ctx:each: rows of %s have no id", record->name);
	return record;
}

static void each_filters(lua_State *lua, struct each *each, struct arena *arena)
{
	if (lua_isnoneornil(lua, 3))
		return;
	rule_table_readable(lua, 3, "ctx:each");
	lua_Integer count = rule_keys_push(lua, 3);
	if (count > RULE_WHEN_MAX)
		rule_error(lua, "ctx:each: at most %d filters", RULE_WHEN_MAX);
	each->filters = arena_new_many(arena, struct rule_when, (size_t)count + 1);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, -1, i);
		lua_pushvalue(lua, -1);
		lua_rawget(lua, 3);
		const char *wrong = rule_filter_read(lua, lua_gettop(lua) - 1, lua_gettop(lua), each->record, arena,
		                                     &each->filters[each->filter_count++]);
		if (wrong)
			rule_error(lua, "ctx:each: %s", wrong);
		lua_pop(lua, 2);
	}
}

static int context_each(lua_State *lua)
{
	struct rule_call *call = rule_state_of(lua)->call;
	self_check(lua, "ctx:each");
	lua_settop(lua, 3);
	if (!call->host || !call->host->each)
		return rule_error(lua, "ctx:each: rows cannot be read here");
	int id_field;
	const struct record *record = each_record(lua, &id_field);
	struct each *each = arena_new(call->arena, struct each);
	each->record = record;
	each->id_field = id_field;
	each_filters(lua, each, call->arena);
	lua_pushlightuserdata(lua, each);
	lua_pushcclosure(lua, each_next, 1);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ members */

static int fuel_left_push(lua_State *lua)
{
	const struct rule_state *state = rule_state_of(lua);
	lua_pushinteger(lua, state->fuel_limit - state->fuel_used);
	return 1;
}

struct member {
	const char *name;
	unsigned moments;
	lua_CFunction value;  /* pushes it; kept for the rest of the call when `constant` */
	bool constant;
	lua_CFunction method; /* or this */
};

enum { IN_ALL = IN_PRE | IN_POST | IN_POLICY | IN_TASK };

static const struct member members[] = {
	{ "now", IN_ALL, now_push, true, NULL },
	{ "today", IN_ALL, today_push, true, NULL },
	{ "settings", IN_ALL, settings_push, true, NULL },
	{ "fuel_left", IN_ALL, fuel_left_push, false, NULL },
	{ "event", IN_PRE | IN_POST | IN_TASK, event_push, true, NULL },
	{ "reject", IN_PRE, NULL, false, context_reject },
	{ "send", IN_POST | IN_TASK, NULL, false, context_send },
	{ "command", IN_PRE | IN_POST | IN_TASK, NULL, false, context_command },
	{ "note", IN_PRE | IN_POST | IN_TASK, NULL, false, context_note },
	{ "random", IN_PRE | IN_POST | IN_TASK, NULL, false, context_random },
	{ "id", IN_PRE | IN_POST | IN_TASK, NULL, false, context_id },
	{ "each", IN_TASK, NULL, false, context_each },
	{ NULL, 0, NULL, false, NULL },
};

static const char *member_candidate(const void *context, size_t i)
{
	(void)context;
	return members[i].name;
}

const char *rule_context_member(size_t i)
{
	return members[i].name;
}

static const struct member *member_find(lua_State *lua)
{
	struct text name = lua_type(lua, 2) == LUA_TSTRING ? text_of(lua_tostring(lua, 2)) : TEXT_NONE;
	for (const struct member *member = members; member->name; member++)
		if (text_present(name) && text_is(name, member->name))
			return member;
	rule_error(lua, "ctx has no member %s%s", rule_value_text(lua, 2),
	           text_did_you_mean(rule_state_of(lua)->arena, name, member_candidate, NULL));
}

static void moment_check(lua_State *lua, const struct member *member)
{
	struct rule_state *state = rule_state_of(lua);
	if (member->moments >> state->moment & 1)
		return;
	struct text_builder only;
	builder_init(&only, state->arena, 0);
	for (enum rule_moment moment = RULE_PRE; moment <= RULE_TASK; moment++)
		if (member->moments >> moment & 1)
			builder_format(&only, "%s%s", only.length ? ", " : "", rule_moment_name(moment));
	rule_error(lua, "ctx%c%s cannot be used in a %s rule (only in: %s)", member->method ? ':' : '.', member->name,
	           rule_moment_name(state->moment), builder_text(&only).data);
}

/* Upvalue 1: the table of values made already. */
static int context_index(lua_State *lua)
{
	lua_settop(lua, 2);
	rule_charge(lua, RULE_FUEL_FIELD);
	lua_pushvalue(lua, 2);
	if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	rule_charge(lua, RULE_FUEL_FIELD);
	const struct member *member = member_find(lua);
	moment_check(lua, member);
	if (member->method)
		lua_pushcfunction(lua, member->method);
	else
		member->value(lua);
	if (member->method || member->constant) {
		lua_pushvalue(lua, 2);
		lua_pushvalue(lua, -2);
		lua_rawset(lua, lua_upvalueindex(1));
	}
	return 1;
}

static int context_newindex(lua_State *lua)
{
	return rule_error(lua, "ctx cannot be assigned to");
}

static const luaL_Reg context_functions[] = { { "__newindex", context_newindex }, { NULL, NULL } };

void rule_context_open(lua_State *lua)
{
	rule_metatable_new(lua, RULE_KIND_CONTEXT, "ctx", context_functions);
	lua_newtable(lua);
	lua_pushcclosure(lua, context_index, 1);
	lua_setfield(lua, -2, "__index");
	lua_pop(lua, 1);
}

void rule_context_push(lua_State *lua)
{
	rule_userdata_new(lua, RULE_KIND_CONTEXT, 1);
}
