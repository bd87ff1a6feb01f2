/* author_lint.c: the lint and the annotations, over the tools in Lua. */
#include "author_state.h"
#include "rule_state.h"

/* ------------------------------------------------------------------------------------------------ what the lint asks */

struct name_list {
	lua_State *lua;
};

static const char *list_candidate(const void *context, size_t i)
{
	lua_State *lua = ((const struct name_list *)context)->lua;
	lua_rawgeti(lua, 2, (lua_Integer)i + 1);
	const char *name = lua_tostring(lua, -1);
	lua_pop(lua, 1); /* the list holds it */
	return name;
}

/* nearest(word, names) */
static int nearest(lua_State *lua)
{
	size_t length;
	const char *data = luaL_checklstring(lua, 1, &length);
	const struct name_list names = { lua };
	lua_pushstring(lua, text_nearest((struct text){ data, length }, list_candidate, &names));
	return 1;
}

/* fits(record, field, text): nil, or what is wrong. Amounts are let pass: their currency is not known here. */
static int fits(lua_State *lua)
{
	struct arena *arena = author_run_of(lua)->arena;
	const struct record *record = record_by_name(text_of(luaL_checkstring(lua, 1)));
	struct problems problems;
	size_t length;
	const char *data = luaL_checklstring(lua, 3, &length);
	int field = record ? record_field_find(record, text_of(luaL_checkstring(lua, 2))) : -1;
	problems_init(&problems, arena);
	if (field < 0 || record->fields[field].kind == KIND_MONEY || record->fields[field].kind == KIND_EXACT)
		return 0;
	void *value = arena_alloc(arena, record->size);
	if (record_field_parse(record, value, field, text_copy(arena, (struct text){ data, length }), "", arena, &problems))
		return 0;
	lua_pushstring(lua, problems.first->message);
	return 1;
}

struct parsing {
	const char *name, *text;
};

static int constructor_protected(lua_State *lua)
{
	const struct parsing *parsing = lua_touserdata(lua, 1);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_ENVIRONMENT);
	lua_getfield(lua, -1, parsing->name);
	lua_pushstring(lua, parsing->text);
	lua_call(lua, 1, 0);
	return 0;
}

/* parses(constructor, text): nil, or what a rule would be told. */
static int parses(lua_State *lua)
{
	struct arena *arena = author_run_of(lua)->arena;
	struct parsing parsing = { luaL_checkstring(lua, 1), luaL_checkstring(lua, 2) };
	struct problems problems;
	problems_init(&problems, arena);
	struct rule_state state = { .results = arena, .problems = &problems };
	if (!rule_state_begin(&state, RULE_MEMORY_BYTES_DEFAULT, RULE_FUEL_DEFAULT))
		return 0;
	bool good = rule_protected(&state, constructor_protected, &parsing);
	const char *failure = good ? NULL : rule_failure_text(&state);
	rule_state_end(&state);
	lua_pushstring(lua, failure);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ findings */

static const char *member_text(lua_State *lua, const char *name, struct arena *arena)
{
	const char *copy = NULL;
	if (lua_getfield(lua, 1, name) != LUA_TNIL)
		copy = text_c(arena, text_of(luaL_tolstring(lua, -1, NULL)));
	lua_settop(lua, 1);
	return copy;
}

/* note(finding) */
static int note(lua_State *lua)
{
	struct author_run *run = author_run_of(lua);
	struct author_findings *findings = run->result;
	struct author_finding *finding = list_add(run->arena, findings, struct author_finding);
	luaL_checktype(lua, 1, LUA_TTABLE);
	finding->file = member_text(lua, "file", run->arena);
	finding->message = member_text(lua, "message", run->arena);
	finding->value = member_text(lua, "value", run->arena);
	finding->remedy = member_text(lua, "remedy", run->arena);
	finding->is_error = text_is(text_of(member_text(lua, "severity", run->arena)), "error");
	lua_getfield(lua, 1, "line");
	finding->line = (int)lua_tointeger(lua, -1);
	findings->errors += finding->is_error;
	return 0;
}

static void files_push(lua_State *lua, const struct author_run *run)
{
	lua_newtable(lua);
	lua_Integer place = 0;
	for (size_t i = 0; i < run->file_count; i++) {
		const struct author_file *file = &run->files[i];
		if (!author_tree_push(lua, file->source))
			continue;
		lua_newtable(lua);
		lua_insert(lua, -2);
		lua_setfield(lua, -2, "tree");
		lua_pushlstring(lua, file->name.data, file->name.length);
		lua_setfield(lua, -2, "name");
		lua_pushboolean(lua, text_starts(file->name, "checks/"));
		lua_setfield(lua, -2, "is_check");
		lua_pushboolean(lua, file->declares);
		lua_setfield(lua, -2, "declares");
		lua_rawseti(lua, -2, ++place);
	}
}

static void input_push(lua_State *lua, const struct author_run *run)
{
	static const luaL_Reg functions[] = { { "nearest", nearest }, { "fits", fits }, { "parses", parses }, { "note", note }, { NULL, NULL } };
	luaL_newlib(lua, functions);
	author_schema_push(lua, run->host);
	lua_setfield(lua, -2, "schema");
	author_tool_push(lua, "library");
	lua_setfield(lua, -2, "library");
}

static int lint_protected(lua_State *lua)
{
	struct author_run *run = author_run_of(lua);
	author_tool_push(lua, "lint");
	input_push(lua, run);
	files_push(lua, run);
	lua_setfield(lua, -2, "files");
	lua_call(lua, 1, 0);
	return 0;
}

static int finding_compare(const void *left, const void *right)
{
	const struct author_finding *a = left, *b = right;
	int by_file = strcmp(a->file, b->file);
	return by_file ? by_file : a->line != b->line ? (a->line < b->line ? -1 : 1) : strcmp(a->message, b->message);
}

bool author_lint(const struct author_file *files, size_t count, const struct author_host *host, struct arena *arena,
                 struct problems *problems, struct author_findings *findings)
{
	struct author_run run = { host, arena, files, count, findings };
	*findings = (struct author_findings){ NULL, 0, 0, 0 };
	if (!author_run(&run, lint_protected, problems))
		return false;
	if (findings->count)
		qsort(findings->items, findings->count, sizeof *findings->items, finding_compare);
	return true;
}

/* ------------------------------------------------------------------------------------------------ annotations */

static int annotations_protected(lua_State *lua)
{
	struct author_run *run = author_run_of(lua);
	struct text *text = run->result;
	author_tool_push(lua, "annotations");
	input_push(lua, run);
	lua_call(lua, 1, 1);
	size_t length;
	const char *data = luaL_checklstring(lua, -1, &length);
	*text = text_copy(run->arena, (struct text){ data, length });
	return 0;
}

struct text author_annotations(const struct author_host *host, struct arena *arena, struct problems *problems)
{
	struct text text = TEXT_NONE;
	struct author_run run = { host, arena, NULL, 0, &text };
	author_run(&run, annotations_protected, problems);
	return text;
}
