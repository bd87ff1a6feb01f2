/* rule_declare.c: declarations of rules, checked when a bundle loads and found again in a call; require. */
#include "rule_declare.h"

#include "rule_context.h"
#include "rule_library.h"
#include "rule_record.h"
#include "rule_state.h"

/* ------------------------------------------------------------------------------------------------ problems */

/* A fault in the declaration at file:line. The rule is kept all the same, so that the rest of it is checked too. */
__attribute__((format(printf, 3, 4))) static void fault(struct rule_state *state, const struct rule *rule,
                                                        const char *format, ...)
{
	struct arena *arena = state->problems->arena;
	va_list arguments;
	va_start(arguments, format);
	struct text message = text_vformat(arena, format, arguments);
	va_end(arguments);
	problem(state->problems, PROBLEM_RULE_LOAD, "", "rule '%s': %.*s", rule->name, TEXT_ARG(message));
	struct problem *last = problem_last(state->problems);
	if (last)
		last->cause = text_format(arena, "%s:%d: rule '%s': %.*s", rule->file, rule->line, rule->name,
		                          TEXT_ARG(message)).data;
}

/* The last fault has a code of its own. */
static void fault_is(struct rule_state *state, enum problem_code code)
{
	struct problem *last = problem_last(state->problems);
	if (last)
		last->code = code;
}

/* ------------------------------------------------------------------------------------------------ keys */

static const char *const rule_keys[] = { "pre", "post", "policy", "task", "when", "run", "doc", NULL };

static const char *key_candidate(const void *context, size_t i)
{
	(void)context;
	return rule_keys[i];
}

static bool key_known(struct text key)
{
	for (size_t i = 0; rule_keys[i]; i++)
		if (text_is(key, rule_keys[i]))
			return true;
	return false;
}

/* The declaration's table is at stack place 1 throughout. */
static void keys_check(struct rule_state *state, const struct rule *rule)
{
	lua_State *lua = state->lua;
	lua_Integer count = rule_keys_push(lua, 1);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, -1, i);
		if (lua_type(lua, -1) != LUA_TSTRING)
			fault(state, rule, "%s is not the name of a key; write name = value", rule_value_text(lua, -1));
		else if (!key_known(text_of(lua_tostring(lua, -1))))
			fault(state, rule, "unknown key '%s'%s", lua_tostring(lua, -1),
			      text_did_you_mean(state->arena, text_of(lua_tostring(lua, -1)), key_candidate, NULL));
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
}

/* ------------------------------------------------------------------------------------------------ moment */

static enum rule_moment moment_read(struct rule_state *state, const struct rule *rule)
{
	enum rule_moment found = 0;
	for (enum rule_moment moment = RULE_PRE; moment <= RULE_TASK; moment++) {
		int type = lua_getfield(state->lua, 1, rule_moment_name(moment));
		lua_pop(state->lua, 1);
		if (type == LUA_TNIL)
			continue;
		if (found)
			fault(state, rule, "two moments: %s and %s; write two rules", rule_moment_name(found), rule_moment_name(moment));
		found = moment;
	}
	if (!found)
		fault(state, rule, "no moment; give one of pre, post, policy, task");
	return found;
}

static bool side_fits(const struct event_info *info, enum rule_moment moment)
{
	return moment == RULE_PRE ? info->pre.exists : info->post.exists || info->signal.exists;
}

static bool alias_fits(enum event_side_kind side, enum rule_moment moment)
{
	return side == EVENT_SIDE_ANY || (side == EVENT_SIDE_PRE) == (moment == RULE_PRE);
}

struct event_set {
	uint64_t bits[EVENT_WORDS];
	enum event list[EVENT_COUNT + 1];
	size_t count;
};

static void event_add(struct event_set *set, enum event event)
{
	uint64_t bit = UINT64_C(1) << (event % 64);
	if (set->bits[event / 64] & bit)
		return;
	set->bits[event / 64] |= bit;
	set->list[set->count++] = event;
}

/* The events that the text on the top of the stack names: one by a core name, perhaps several by an alias. */
static void event_read(struct rule_state *state, const struct rule *rule, struct event_set *set)
{
	const char *moment = rule_moment_name(rule->moment);
	if (lua_type(state->lua, -1) != LUA_TSTRING) {
		fault(state, rule, "%s needs the name of an event or a list of names, not %s", moment,
		      rule_value_text(state->lua, -1));
		return;
	}
	struct text name = text_of(lua_tostring(state->lua, -1));
	enum event_side_kind side = EVENT_SIDE_ANY;
	enum event event = event_find(name, &side);
	const enum event_side_kind first_side = side;
	if (event == EVENT_NONE) {
		fault(state, rule, "there is no event '%.*s'%s", TEXT_ARG(name),
		      text_did_you_mean(state->arena, name, event_name_candidate, NULL));
		fault_is(state, PROBLEM_UNKNOWN_EVENT);
		return;
	}
	size_t before = set->count, passed = 0;
	for (; event != EVENT_NONE; event = event_find_next(name, event, &side)) {
		if (side_fits(event_info(event), rule->moment) && alias_fits(side, rule->moment))
			event_add(set, event);
		else
			passed++;
	}
	if (set->count == before && passed && first_side != EVENT_SIDE_ANY)
		fault(state, rule, "'%.*s' is the %s side of %s, not %s", TEXT_ARG(name), event_side_name(first_side),
		      event_info(event_find(name, &side))->name, moment);
	else if (set->count == before && passed)
		fault(state, rule, "the event %.*s has no %s side", TEXT_ARG(name), moment);
}

static const enum event *events_read(struct rule_state *state, const struct rule *rule, struct arena *arena)
{
	lua_State *lua = state->lua;
	struct event_set set = { .count = 0 };
	if (lua_getfield(lua, 1, rule_moment_name(rule->moment)) != LUA_TTABLE) {
		event_read(state, rule, &set);
	} else {
		lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);
		if (count == 0)
			fault(state, rule, "%s is an empty list", rule_moment_name(rule->moment));
		if (count > EVENT_COUNT) { /* a table with holes may claim any length */
			fault(state, rule, "%s lists more than all events there are", rule_moment_name(rule->moment));
			count = 0;
		}
		for (lua_Integer i = 1; i <= count; i++) {
			lua_rawgeti(lua, -1, i);
			event_read(state, rule, &set);
			lua_pop(lua, 1);
		}
	}
	lua_pop(lua, 1);
	enum event *events = arena_new_many(arena, enum event, set.count + 1);
	memcpy(events, set.list, set.count * sizeof *events);
	events[set.count] = EVENT_NONE;
	return events;
}

static enum policy policy_read(struct rule_state *state, const struct rule *rule)
{
	lua_State *lua = state->lua;
	enum policy policy = POLICY_NONE;
	if (lua_getfield(lua, 1, "policy") != LUA_TSTRING) {
		fault(state, rule, "policy needs the name of a policy, not %s", rule_value_text(lua, -1));
	} else {
		struct text name = text_of(lua_tostring(lua, -1));
		policy = policy_find(name);
		if (policy == POLICY_NONE)
			fault(state, rule, "there is no policy '%.*s'%s", TEXT_ARG(name),
			      text_did_you_mean(state->arena, name, policy_name_candidate, NULL));
		else if (!policy_info(policy)->input)
			fault(state, rule, "nothing asks the policy '%.*s' yet", TEXT_ARG(name));
	}
	lua_pop(lua, 1);
	return policy;
}

static void task_check(struct rule_state *state, const struct rule *rule)
{
	if (lua_getfield(state->lua, 1, "task") != LUA_TBOOLEAN || !lua_toboolean(state->lua, -1))
		fault(state, rule, "a task is declared by task = true");
	lua_pop(state->lua, 1);
}

/* ------------------------------------------------------------------------------------------------ when */

/* The one record that all events of the rule are about; NULL and a fault when they differ. */
static const struct record *when_record(struct rule_state *state, const struct rule *rule)
{
	if (rule->moment == RULE_POLICY)
		return rule->policy == POLICY_NONE ? NULL : policy_info(rule->policy)->input;
	const struct record *record = NULL;
	for (size_t i = 0; rule->events && rule->events[i] != EVENT_NONE; i++) {
		const struct record *next = rule_subject_of_event(rule->events[i]);
		if (record && next != record) {
			fault(state, rule, "when cannot filter events of a %s and of a %s at once; write two rules", record->name,
			      next->name);
			return NULL;
		}
		record = next;
	}
	return record;
}

/* The filter whose key is on the top of the stack; the table of filters is at place 2. */
static void when_read(struct rule_state *state, struct rule *rule, const struct record *record, struct rule_when *when,
                      struct arena *arena)
{
	lua_State *lua = state->lua;
	lua_pushvalue(lua, -1);
	lua_rawget(lua, 2);
	const char *wrong = rule_filter_read(lua, lua_gettop(lua) - 1, lua_gettop(lua), record, arena, when);
	if (wrong)
		fault(state, rule, "when: %s", wrong);
	lua_pop(lua, 1);
}

static void whens_read(struct rule_state *state, struct rule *rule, struct arena *arena)
{
	lua_State *lua = state->lua;
	const struct record *record;
	int type = lua_getfield(lua, 1, "when");
	if (type == LUA_TNIL || rule->moment == 0) {
		lua_pop(lua, 1);
		return;
	}
	if (type != LUA_TTABLE) {
		fault(state, rule, "when needs a table of fields and values, not %s", rule_value_text(lua, -1));
	} else if (rule->moment == RULE_TASK) {
		fault(state, rule, "a task has no when: it has no subject");
	} else if ((record = when_record(state, rule)) != NULL) {
		lua_insert(lua, 2);
		lua_Integer count = rule_keys_push(lua, 2);
		struct rule_when *whens = arena_new_many(arena, struct rule_when, (size_t)count + 1);
		if (count > RULE_WHEN_MAX)
			fault(state, rule, "when has %lld filters; %d are allowed", (long long)count, RULE_WHEN_MAX);
		for (lua_Integer i = 1; i <= count && i <= RULE_WHEN_MAX; i++) {
			lua_rawgeti(lua, -1, i);
			when_read(state, rule, record, &whens[i - 1], arena);
			lua_pop(lua, 1);
		}
		rule->when = whens;
		rule->when_count = (size_t)count;
		lua_pop(lua, 1);
		lua_remove(lua, 2);
		return;
	}
	lua_pop(lua, 1);
}

/* ------------------------------------------------------------------------------------------------ the declaration */

static void run_read(struct rule_state *state, struct rule *rule)
{
	lua_State *lua = state->lua;
	int type = lua_getfield(lua, 1, "run");
	if (type == LUA_TNIL) {
		fault(state, rule, "run is missing; write run = function (...) ... end");
	} else if (type != LUA_TFUNCTION || lua_iscfunction(lua, -1)) {
		fault(state, rule, "run must be a function of this file, not %s", rule_value_text(lua, -1));
	} else {
		lua_Debug ar;
		lua_getinfo(lua, ">S", &ar); /* pops the function */
		rule->last_line = ar.lastlinedefined;
		return;
	}
	lua_pop(lua, 1);
}

static void doc_read(struct rule_state *state, struct rule *rule, struct arena *arena)
{
	lua_State *lua = state->lua;
	int type = lua_getfield(lua, 1, "doc");
	rule->doc = "";
	if (type == LUA_TSTRING && lua_rawlen(lua, -1) <= RULE_DOC_BYTES_MAX)
		rule->doc = text_c(arena, text_of(lua_tostring(lua, -1)));
	else if (type != LUA_TNIL)
		fault(state, rule, "doc must be a text of at most %d bytes", RULE_DOC_BYTES_MAX);
	lua_pop(lua, 1);
}

static void name_check(struct rule_state *state, const struct rule *rule)
{
	const struct rule *other = rule_bundle_find(state->loading->bundle, text_of(rule->name));
	if (other)
		fault(state, rule, "the name is taken by the rule at %s:%d", other->file, other->line);
}

static void rule_add(struct rule_state *state, const char *name, int line)
{
	struct rule_bundle *bundle = state->loading->bundle;
	struct bundle_rule *entry = arena_new(&bundle->arena, struct bundle_rule);
	struct rule *rule = &entry->rule;
	entry->file = state->loading->file;
	entry->ordinal = state->loading->declared;
	rule->name = text_c(&bundle->arena, text_of(name));
	rule->file = entry->file->name;
	rule->line = rule->last_line = line;
	name_check(state, rule);
	keys_check(state, rule);
	rule->moment = moment_read(state, rule);
	if (rule->moment == RULE_PRE || rule->moment == RULE_POST)
		rule->events = events_read(state, rule, &bundle->arena);
	else if (rule->moment == RULE_POLICY)
		rule->policy = policy_read(state, rule);
	else if (rule->moment == RULE_TASK)
		task_check(state, rule);
	whens_read(state, rule, &bundle->arena);
	run_read(state, rule);
	doc_read(state, rule, &bundle->arena);
	if (bundle->last)
		bundle->last->next = entry;
	else
		bundle->first = entry;
	bundle->last = entry;
	bundle->rule_count++;
}

/* The second half of `rule "name" { ... }`; upvalues: name, line. */
static int rule_declare_body(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	const char *name = lua_tostring(lua, lua_upvalueindex(1));
	if (!state->loading)
		return rule_error(lua, "rules are declared when a bundle loads");
	if (lua_type(lua, 1) != LUA_TTABLE)
		return rule_error(lua, "rule '%s' needs a table: rule \"%s\" { ... }", name, name);
	lua_settop(lua, 1);
	state->loading->open_line = 0;
	if (state->loading->bundle) {
		if (state->loading->bundle->rule_count == RULES_MAX)
			return rule_error(lua, "a bundle has at most %d rules", RULES_MAX);
		rule_add(state, name, (int)lua_tointeger(lua, lua_upvalueindex(2)));
	} else {
		lua_getfield(lua, 1, "run");
		lua_rawseti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RUNS + state->loading->declared);
	}
	state->loading->declared++;
	return 0;
}

static int line_of_caller(lua_State *lua)
{
	lua_Debug ar;
	if (!lua_getstack(lua, 1, &ar) || !lua_getinfo(lua, "l", &ar))
		return 0;
	return ar.currentline;
}

static bool module_is_loading(lua_State *lua)
{
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_CHAIN);
	bool loading = lua_rawlen(lua, -1) > 0;
	lua_pop(lua, 1);
	return loading;
}

int rule_declare(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	if (!state->loading)
		return rule_error(lua, "rules are declared when a bundle loads");
	if (module_is_loading(lua))
		return rule_error(lua, "rules are declared in the bundle's rule files, not in files that are required");
	if (state->loading->open_line)
		return rule_error(lua, "the rule of line %d has no table", state->loading->open_line);
	if (lua_type(lua, 1) != LUA_TSTRING || lua_rawlen(lua, 1) == 0 || lua_rawlen(lua, 1) > RULE_NAME_BYTES_MAX)
		return rule_error(lua, "a rule is named by a text of 1 to %d bytes, not %s", RULE_NAME_BYTES_MAX,
		                  rule_value_text(lua, 1));
	state->loading->open_line = line_of_caller(lua);
	lua_settop(lua, 1);
	lua_pushinteger(lua, state->loading->open_line);
	lua_pushcclosure(lua, rule_declare_body, 2);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ running files */

/* ---- sources that count themselves ---- */

static void count_note(lua_State *lua)
{
	const struct rule_bundle *bundle = rule_state_of(lua)->bundle;
	lua_Integer number = lua_tointeger(lua, 1);
	if (bundle->counts && number >= 1 && (size_t)number <= bundle->count_count)
		bundle->counts[number - 1]++;
}

/* __count(number) */
static int count_statement(lua_State *lua)
{
	count_note(lua);
	return 0;
}

/* __counted(number, value): the value. */
static int count_value(lua_State *lua)
{
	count_note(lua);
	lua_settop(lua, 2);
	return 1;
}

MAY_JUMP static void counters_add(lua_State *lua)
{
	int top = lua_gettop(lua);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	luaL_getmetafield(lua, -1, "__index");
	lua_pushcfunction(lua, count_statement);
	lua_setfield(lua, -2, "__count");
	lua_pushcfunction(lua, count_value);
	lua_setfield(lua, -2, "__counted");
	lua_settop(lua, top);
}

void rule_chunk_push(lua_State *lua, const struct bundle_file *file)
{
	if (rule_state_of(lua)->bundle && rule_state_of(lua)->bundle->counts)
		counters_add(lua);
	if (!text_present(file->bytecode))
		rule_error(lua, "%s did not compile", file->name);
	if (luaL_loadbufferx(lua, file->bytecode.data, file->bytecode.length, file->name, "b") != LUA_OK)
		lua_error(lua);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	lua_setupvalue(lua, -2, 1);
}

MAY_JUMP static void file_run(lua_State *lua, struct rule_loading *loading)
{
	struct rule_state *state = rule_state_of(lua);
	state->loading = loading;
	rule_chunk_push(lua, loading->file);
	lua_call(lua, 0, 0);
	if (loading->open_line)
		rule_error(lua, "%s:%d: the rule has no table; write rule \"name\" { ... }", loading->file->name, loading->open_line);
	state->loading = NULL;
}

static int declarations_protected(lua_State *lua)
{
	file_run(lua, lua_touserdata(lua, 1));
	return 0;
}

/* All problems of a bundle are told at once, so the next file is run after one that failed. */
static void load_fuel_take(struct rule_bundle *bundle, const struct rule_state *state)
{
	int64_t spent = rule_fuel_of_command(state);
	bundle->load_fuel = spent < bundle->load_fuel ? bundle->load_fuel - spent : 0;
}

void rule_declarations_read(struct rule_bundle *bundle, const struct bundle_file *file, struct problems *problems)
{
	struct rule_state state = { .bundle = bundle, .results = &bundle->arena, .problems = problems };
	if (!rule_state_begin(&state, RULE_MEMORY_BYTES_DEFAULT, bundle->load_fuel)) {
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "%s could not be run", file->name);
		return;
	}
	struct rule_loading loading = { .bundle = bundle, .file = file };
	if (!rule_protected(&state, declarations_protected, &loading)) {
		const char *failure = rule_failure_text(&state);
		problem(problems, PROBLEM_RULE_LOAD, "", "%s failed when it was loaded", file->name);
		struct problem *last = problem_last(problems);
		if (last)
			last->cause = text_c(problems->arena, text_of(failure));
	}
	load_fuel_take(bundle, &state);
	rule_state_end(&state);
}

int rule_file_run(lua_State *lua)
{
	struct rule_loading loading = { .file = lua_touserdata(lua, 1) };
	file_run(lua, &loading);
	rule_state_of(lua)->subject = rule_userdata_new(lua, RULE_KIND_RECORD, sizeof(struct rule_record));
	lua_rawseti(lua, LUA_REGISTRYINDEX, RULE_SLOT_SUBJECT);
	rule_context_push(lua);
	lua_rawseti(lua, LUA_REGISTRYINDEX, RULE_SLOT_CONTEXT);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ require */

static const char *module_candidate(const void *context, size_t i)
{
	const struct rule_bundle *bundle = context;
	return i < bundle->file_count ? bundle->files[i].name : NULL;
}

/* "dates" is dates.lua, or rules/dates.lua. */
static const struct bundle_file *module_find(lua_State *lua, struct text name)
{
	struct rule_state *state = rule_state_of(lua);
	struct text whole = text_format(state->arena, "rules/%.*s.lua", TEXT_ARG(name));
	const struct bundle_file *file = bundle_file_find(state->bundle, text_slice(whole, strlen("rules/"), whole.length));
	if (!file)
		file = bundle_file_find(state->bundle, whole);
	if (!file && name.length > 4 && text_is(text_slice(name, name.length - 4, name.length), ".lua"))
		rule_error(lua, "require: write '%.*s' without its ending .lua", TEXT_ARG(name));
	if (!file)
		rule_error(lua, "require: the bundle has no file '%.*s.lua'%s", TEXT_ARG(name),
		           text_did_you_mean(state->arena, whole, module_candidate, state->bundle));
	return file;
}

/* Raises when the file is being loaded already; the chain of names is at `chain`. */
static void cycle_check(lua_State *lua, int chain, const char *name)
{
	lua_Integer depth = (lua_Integer)lua_rawlen(lua, chain);
	struct text_builder names;
	bool found = false;
	builder_init(&names, rule_state_of(lua)->arena, 900);
	for (lua_Integer i = 1; i <= depth; i++) {
		lua_rawgeti(lua, chain, i);
		found = found || strcmp(lua_tostring(lua, -1), name) == 0;
		if (found)
			builder_format(&names, "%s -> ", lua_tostring(lua, -1));
		lua_pop(lua, 1);
	}
	if (found)
		rule_error(lua, "require: these files need each other: %s%s", builder_text(&names).data, name);
}

/* Runs the file with its name on the chain; leaves what it returned (true for nothing) on the top. */
static void module_run(lua_State *lua, int chain, const struct bundle_file *file)
{
	lua_Integer depth = (lua_Integer)lua_rawlen(lua, chain) + 1;
	lua_pushstring(lua, file->name);
	lua_rawseti(lua, chain, depth);
	rule_chunk_push(lua, file);
	int status = lua_pcall(lua, 0, 1, 0);
	if (rule_state_of(lua)->doom)
		rule_doom(lua, rule_state_of(lua)->doom);
	lua_pushnil(lua);
	lua_rawseti(lua, chain, depth);
	if (status != LUA_OK)
		lua_error(lua);
	if (lua_isnil(lua, -1)) {
		lua_pop(lua, 1);
		lua_pushboolean(lua, true);
	}
}

int rule_require(lua_State *lua)
{
	struct text name = rule_text_argument(lua, 1, "require");
	const struct bundle_file *file = module_find(lua, name);
	lua_settop(lua, 1);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_MODULES);
	if (lua_getfield(lua, 2, file->name) != LUA_TNIL)
		return 1;
	lua_pop(lua, 1);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_CHAIN);
	cycle_check(lua, 3, file->name);
	module_run(lua, 3, file);
	lua_pushvalue(lua, -1);
	lua_setfield(lua, 2, file->name);
	return 1;
}
