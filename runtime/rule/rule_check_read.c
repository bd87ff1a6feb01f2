/* rule_check_read.c: check files: each `check "..." { ... }` read into structs. */
#include "rule_check_case.h"
#include "rule_declare.h"
#include "rule_json.h"
#include "rule_library.h"
#include "rule_record.h"
#include "rule_state.h"
#include "value/timezone.h"

enum { EXPECT_BYTES_MAX = 64 * 1024, SETTINGS_BYTES_MAX = 64 * 1024, CASE_ROWS_MAX = 1000 };

/* While a check file runs; found through its address in the upvalue of `check`. */
struct check_reading {
	const struct bundle_file *file;
	struct check_case **end;
	size_t count;
	struct arena *arena;
};

/* ------------------------------------------------------------------------------------------------ rows */

MAY_JUMP static void *row_make(lua_State *lua, struct check_case *given, const struct record *record, int index, int64_t *id);

/* The rows behind relations are taken out of a copy of the table at the top, which replaces it. */
MAY_JUMP static void relations_take(lua_State *lua, struct check_case *given, const struct record *record, void *value)
{
	int whole = lua_gettop(lua);
	lua_newtable(lua);
	int rest = lua_gettop(lua);
	for (lua_pushnil(lua); lua_next(lua, whole); lua_pop(lua, 1)) {
		int number = lua_type(lua, -2) == LUA_TSTRING ? rule_field_find(record, text_of(lua_tostring(lua, -2))) : -1;
		const struct record_field *field = number >= 0 ? &record->fields[number] : NULL;
		if (field && field->kind == KIND_RELATION) {
			const struct record_field *by = &record->fields[field->by];
			int64_t id;
			row_make(lua, given, field->of, lua_gettop(lua), &id);
			memcpy(record_field_at(by, value), &id, sizeof id);
			record_set_present(record, value, field->by, true);
			continue;
		}
		lua_pushvalue(lua, -2);
		lua_pushvalue(lua, -2);
		lua_rawset(lua, rest);
	}
	lua_remove(lua, whole);
}

/* The record of the table at `index`, with rows for what it leads to. */
MAY_JUMP static void *record_read(lua_State *lua, struct check_case *given, const struct record *record, int index, const char *key)
{
	luaL_checkstack(lua, 12, "check");
	if (lua_type(lua, index) != LUA_TTABLE)
		rule_error(lua, "%s needs a table with fields of %s, not %s", key, record->name, rule_value_text(lua, index));
	void *value = arena_alloc(rule_state_of(lua)->results, record->size);
	lua_pushvalue(lua, index);
	relations_take(lua, given, record, value);
	rule_record_decode(lua, lua_gettop(lua), record, value, false);
	lua_pop(lua, 1);
	return value;
}

MAY_JUMP static void *row_make(lua_State *lua, struct check_case *given, const struct record *record, int index, int64_t *id)
{
	void *value = record_read(lua, given, record, lua_absindex(lua, index), record->name);
	int number = record_field_find(record, TEXT("id"));
	int64_t *own = number >= 0 && record->fields[number].kind == KIND_ID ? record_field_at(&record->fields[number], value) : NULL;
	*id = own && *own ? *own : given->last_id + 1;
	given->last_id = *id > given->last_id ? *id : given->last_id;
	if (own)
		*own = *id;
	struct case_row *row = arena_new(rule_state_of(lua)->results, struct case_row), **end = &given->rows;
	size_t count = 0;
	for (; *end && ++count < CASE_ROWS_MAX; end = &(*end)->next)
		;
	if (count == CASE_ROWS_MAX)
		rule_error(lua, "a check has at most %d rows", CASE_ROWS_MAX);
	*row = (struct case_row){ record, *id, value, NULL };
	*end = row;
	return value;
}

/* rows = { account = { {...}, {...} } } */
MAY_JUMP static void rows_read(lua_State *lua, struct check_case *given, int index)
{
	if (lua_type(lua, index) != LUA_TTABLE)
		rule_error(lua, "rows needs a table: rows = { account = { { name = ... } } }");
	lua_Integer count = rule_keys_push(lua, index);
	int keys = lua_gettop(lua);
	for (lua_Integer i = 1; i <= count; i++) {
		int64_t id;
		lua_rawgeti(lua, keys, i);
		struct text name = rule_text_argument(lua, -1, "rows");
		const struct record *record = record_by_name(name);
		if (!record || !record->table)
			rule_error(lua, "rows: there are no rows of '%.*s'", TEXT_ARG(name));
		lua_rawget(lua, index);
		if (lua_type(lua, -1) != LUA_TTABLE)
			rule_error(lua, "rows.%s needs a list of rows", record->name);
		for (lua_Integer place = 1, most = (lua_Integer)lua_rawlen(lua, -1); place <= most; place++) {
			lua_rawgeti(lua, -1, place);
			row_make(lua, given, record, -1, &id);
			lua_pop(lua, 1);
		}
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
}

/* ------------------------------------------------------------------------------------------------ what is asked */

static const char *task_candidate(const void *context, size_t i)
{
	const struct rule *rule = rule_bundle_at(context, i);
	return rule ? rule->name : NULL;
}

static const char *on_candidate(const void *context, size_t i)
{
	size_t policies = 0;
	while (policy_name_candidate(NULL, policies))
		policies++;
	if (i < policies)
		return policy_name_candidate(NULL, i);
	size_t rules = rule_bundle_count(context);
	return i < policies + rules ? task_candidate(context, i - policies) : event_name_candidate(NULL, i - policies - rules);
}

/* The table of the check is at stack place 1. */
MAY_JUMP static void on_read(lua_State *lua, struct check_case *given, const struct rule_bundle *bundle)
{
	if (lua_getfield(lua, 1, "on") != LUA_TSTRING)
		rule_error(lua, "on needs the name of an event, a policy or a task rule, not %s", rule_value_text(lua, -1));
	struct text name = text_of(lua_tostring(lua, -1));
	given->event = event_find(name, &given->side);
	given->policy = given->event ? POLICY_NONE : policy_find(name);
	const struct rule *rule = given->event || given->policy ? NULL : rule_bundle_find(bundle, name);
	if (rule && rule->moment == RULE_TASK)
		given->task = rule;
	else if (rule)
		rule_error(lua, "on: '%s' is a %s rule; name its %s, and the rule by: rule = \"%s\"", rule->name,
		           rule_moment_name(rule->moment), rule->moment == RULE_POLICY ? "policy" : "event", rule->name);
	else if (!given->event && !given->policy)
		rule_error(lua, "on: there is no event, policy or task rule '%.*s'%s", TEXT_ARG(name),
		           text_did_you_mean(rule_state_of(lua)->arena, name, on_candidate, bundle));
	if (given->event)
		given->record = rule_subject_of_event(given->event);
	else if (given->policy)
		given->record = policy_info(given->policy)->input;
	if (given->policy && !given->record)
		rule_error(lua, "on: nothing asks the policy '%.*s' yet", TEXT_ARG(name));
	lua_pop(lua, 1);
}

static bool rule_fits(const struct check_case *given, const struct rule *rule)
{
	if (given->policy)
		return rule->moment == RULE_POLICY && rule->policy == given->policy;
	for (size_t i = 0; rule->events && rule->events[i] != EVENT_NONE; i++)
		if (rule->events[i] == given->event)
			return true;
	return rule == given->task;
}

MAY_JUMP static void only_read(lua_State *lua, struct check_case *given, const struct rule_bundle *bundle)
{
	if (lua_getfield(lua, 1, "rule") != LUA_TNIL) {
		struct text name = rule_text_argument(lua, -1, "rule");
		given->only = rule_bundle_find(bundle, name);
		if (!given->only)
			rule_error(lua, "rule: there is no rule '%.*s'%s", TEXT_ARG(name),
			           text_did_you_mean(rule_state_of(lua)->arena, name, task_candidate, bundle));
		if (!rule_fits(given, given->only))
			rule_error(lua, "rule: '%.*s' is not asked there", TEXT_ARG(name));
	}
	lua_pop(lua, 1);
}

MAY_JUMP static void at_read(lua_State *lua, struct check_case *given)
{
	struct date date;
	struct text text;
	int type = lua_getfield(lua, 1, "at");
	given->at.us = INT64_C(1767225600) * US_PER_S; /* 2026-01-01 */
	bool good = type == LUA_TNIL || rule_to_instant(lua, -1, &given->at);
	bool is_date = !good && rule_to_date(lua, -1, &date);
	if (!good && !is_date && type == LUA_TSTRING) {
		text = text_of(lua_tostring(lua, -1));
		is_date = date_parse(text, &date);
		good = !is_date && instant_parse(text, &given->at);
	}
	if (is_date)
		given->at = timezone_start_of_date(timezone_utc(), date);
	else if (!good)
		rule_error(lua, "at needs a date or an instant, not %s", rule_value_text(lua, -1));
	lua_pop(lua, 1);
}

/* ------------------------------------------------------------------------------------------------ what is expected */

static const char *const outcome_keys[] = { "rejected", "message", "failed", "sends", "commands", "notes", "event", NULL };

struct outcome_names {
	const struct record *record;
};

static const char *outcome_candidate(const void *context, size_t i)
{
	const struct outcome_names *names = context;
	size_t count = sizeof outcome_keys / sizeof *outcome_keys - 1;
	if (i < count)
		return outcome_keys[i];
	return i == count && names->record ? names->record->name : NULL;
}

MAY_JUMP static void outcomes_check(lua_State *lua, const struct check_case *given)
{
	const struct outcome_names names = { given->record };
	lua_Integer count = rule_keys_push(lua, 2);
	for (lua_Integer i = 1; i <= count; i++) {
		bool known = false;
		lua_rawgeti(lua, -1, i);
		struct text key = rule_text_argument(lua, -1, "expect");
		for (size_t k = 0; outcome_candidate(&names, k); k++)
			known = known || text_is(key, outcome_candidate(&names, k));
		if (!known)
			rule_error(lua, "expect: unknown key '%.*s'%s", TEXT_ARG(key),
			           text_did_you_mean(rule_state_of(lua)->arena, key, outcome_candidate, &names));
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
}

/* A policy answers a value; only that it fails is told by a key. */
static bool is_failure(lua_State *lua)
{
	if (lua_type(lua, 2) != LUA_TTABLE)
		return false;
	bool failure = lua_getfield(lua, 2, "failed") == LUA_TSTRING;
	lua_pop(lua, 1);
	return failure;
}

MAY_JUMP static void expect_read(lua_State *lua, struct check_case *given)
{
	struct arena *results = rule_state_of(lua)->results;
	lua_settop(lua, 1);
	if (lua_getfield(lua, 1, "expect") == LUA_TNIL)
		rule_error(lua, "expect is missing: what should come out");
	if (given->policy && !is_failure(lua)) {
		lua_createtable(lua, 0, 1);
		lua_insert(lua, 2);
		lua_setfield(lua, 2, "answer");
	} else if (lua_type(lua, 2) != LUA_TTABLE) {
		rule_error(lua, "expect needs a table, not %s", rule_value_text(lua, 2));
	} else {
		outcomes_check(lua, given);
	}
	given->expect = rule_json_of_table(lua, 2, false, EXPECT_BYTES_MAX, results, "expect");
	lua_settop(lua, 1);
}

/* ------------------------------------------------------------------------------------------------ one check */

static const char *const check_keys[] = { "on", "given", "event", "rows", "at", "settings", "rule", "expect", NULL };

static const char *check_key_candidate(const void *context, size_t i)
{
	(void)context;
	return check_keys[i];
}

MAY_JUMP static void keys_check(lua_State *lua)
{
	lua_Integer count = rule_keys_push(lua, 1);
	for (lua_Integer i = 1; i <= count; i++) {
		bool known = false;
		lua_rawgeti(lua, -1, i);
		struct text key = rule_text_argument(lua, -1, "check");
		for (size_t k = 0; check_keys[k]; k++)
			known = known || text_is(key, check_keys[k]);
		if (!known)
			rule_error(lua, "unknown key '%.*s'%s", TEXT_ARG(key),
			           text_did_you_mean(rule_state_of(lua)->arena, key, check_key_candidate, NULL));
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
}

MAY_JUMP static void givens_read(lua_State *lua, struct check_case *given)
{
	if (lua_getfield(lua, 1, "given") != LUA_TNIL && !given->record)
		rule_error(lua, "given: a task is given nothing; rows = { ... } has what ctx:each reads");
	if (given->record)
		given->subject = lua_isnil(lua, -1) ? arena_alloc(rule_state_of(lua)->results, given->record->size)
		                                    : record_read(lua, given, given->record, lua_gettop(lua), "given");
	lua_settop(lua, 1);
	if (lua_getfield(lua, 1, "event") != LUA_TNIL) {
		if (given->policy)
			rule_error(lua, "event: a policy is asked a question alone; put it into given");
		memcpy(&given->details, record_read(lua, given, &event_details_record, lua_gettop(lua), "event"), sizeof given->details);
	}
	lua_settop(lua, 1);
	if (lua_getfield(lua, 1, "rows") != LUA_TNIL)
		rows_read(lua, given, lua_gettop(lua));
	lua_settop(lua, 1);
	if (lua_getfield(lua, 1, "settings") != LUA_TNIL)
		given->settings = rule_json_of_table(lua, -1, false, SETTINGS_BYTES_MAX, rule_state_of(lua)->results, "settings");
	lua_settop(lua, 1);
}

/* Arguments: the table, the case. */
static int case_read(lua_State *lua)
{
	struct check_case *given = lua_touserdata(lua, 2);
	const struct rule_bundle *bundle = rule_state_of(lua)->bundle;
	lua_settop(lua, 1);
	keys_check(lua);
	on_read(lua, given, bundle);
	only_read(lua, given, bundle);
	at_read(lua, given);
	givens_read(lua, given);
	expect_read(lua, given);
	return 0;
}

/* What is wrong with one check does not keep the others from being read. */
static int check_body(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	struct check_reading *reading = lua_touserdata(lua, lua_upvalueindex(1));
	struct check_case *given = arena_new(reading->arena, struct check_case);
	given->name = text_c(reading->arena, text_of(lua_tostring(lua, lua_upvalueindex(2))));
	given->file = reading->file->name;
	given->line = (int)lua_tointeger(lua, lua_upvalueindex(3));
	if (lua_type(lua, 1) != LUA_TTABLE)
		return rule_error(lua, "check '%s' needs a table: check \"%s\" { ... }", given->name, given->name);
	if (++reading->count > RULE_CHECKS_MAX)
		return rule_error(lua, "a file has at most %d checks", RULE_CHECKS_MAX);
	state->loading->open_line = 0;
	*reading->end = given;
	reading->end = &given->next;
	lua_settop(lua, 1);
	lua_pushcfunction(lua, case_read);
	lua_insert(lua, 1);
	lua_pushlightuserdata(lua, given);
	if (lua_pcall(lua, 2, 0, 0) == LUA_OK)
		return 0;
	if (state->doom)
		rule_doom(lua, state->doom);
	given->broken = text_c(reading->arena, rule_push_text(lua, -1));
	return 0;
}

static int line_of_caller(lua_State *lua)
{
	lua_Debug ar;
	return lua_getstack(lua, 1, &ar) && lua_getinfo(lua, "l", &ar) ? ar.currentline : 0;
}

static int check_declare(lua_State *lua)
{
	struct rule_loading *loading = rule_state_of(lua)->loading;
	if (loading->open_line)
		return rule_error(lua, "the check of line %d has no table", loading->open_line);
	if (lua_type(lua, 1) != LUA_TSTRING || lua_rawlen(lua, 1) == 0 || lua_rawlen(lua, 1) > RULE_NAME_BYTES_MAX)
		return rule_error(lua, "a check is named by a text of 1 to %d bytes, not %s", RULE_NAME_BYTES_MAX,
		                  rule_value_text(lua, 1));
	loading->open_line = line_of_caller(lua);
	lua_settop(lua, 1);
	lua_pushvalue(lua, lua_upvalueindex(1));
	lua_insert(lua, 1);
	lua_pushinteger(lua, loading->open_line);
	lua_pushcclosure(lua, check_body, 3);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ a file */

/* `check` is there in check files alone: rule files have `rule` in its place. */
static int file_read_protected(lua_State *lua)
{
	struct check_reading *reading = lua_touserdata(lua, 1);
	struct rule_loading loading = { .file = reading->file };
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	luaL_getmetafield(lua, -1, "__index");
	lua_pushlightuserdata(lua, reading);
	lua_pushcclosure(lua, check_declare, 1);
	lua_setfield(lua, -2, "check");
	lua_pushnil(lua);
	lua_setfield(lua, -2, "rule");
	lua_settop(lua, 1);
	rule_state_of(lua)->loading = &loading;
	rule_chunk_push(lua, reading->file);
	lua_call(lua, 0, 0);
	if (loading.open_line)
		rule_error(lua, "%s:%d: the check has no table; write check \"name\" { ... }", reading->file->name, loading.open_line);
	return 0;
}

bool check_file_read(const struct rule_bundle *bundle, const struct bundle_file *file, int64_t *fuel, struct arena *arena,
                     struct problems *problems, struct check_case **first)
{
	struct rule_state state = { .bundle = bundle, .results = arena, .problems = problems };
	struct check_reading reading = { .file = file, .end = first, .arena = arena };
	*first = NULL;
	int64_t limit = *fuel < RULE_FUEL_DEFAULT ? *fuel : RULE_FUEL_DEFAULT; /* a file that never ends leaves the others theirs */
	if (!rule_state_begin(&state, RULE_MEMORY_BYTES_DEFAULT, limit > 0 ? limit : 1))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "%s could not be run", file->name);
	bool good = rule_protected(&state, file_read_protected, &reading);
	if (!good) {
		const char *failure = rule_failure_text(&state);
		problem(problems, PROBLEM_RULE_LOAD, "", "%s failed when it was run", file->name);
		struct problem *last = problem_last(problems);
		if (last)
			last->cause = text_c(problems->arena, text_of(failure));
	}
	*fuel -= rule_fuel_of_command(&state);
	rule_state_end(&state);
	return good;
}
