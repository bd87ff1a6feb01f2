/* author_cover.c: what of a bundle's rules its checks run, by line and branch. */
#include "author_state.h"
#include "rule_bundle.h"

/* A place that is counted. */
struct cover_point {
	size_t file;
	int line;
	const char *kind;
	size_t of; /* "and", "or": the number of the left side */
};

struct cover {
	struct rule_file *counted; /* the files, those of rules/ as they count themselves */
	struct { struct cover_point *items; size_t count, capacity; } points;
};

/* ------------------------------------------------------------------------------------------------ counting sources */

/* The points of a file are the list on the top. */
static void points_take(lua_State *lua, struct cover *cover, size_t file, struct arena *arena)
{
	lua_Integer count = (lua_Integer)lua_rawlen(lua, -1);
	for (lua_Integer i = 1; i <= count; i++) {
		struct cover_point *point = list_add(arena, &cover->points, struct cover_point);
		lua_rawgeti(lua, -1, i);
		point->file = file;
		lua_getfield(lua, -1, "line");
		point->line = (int)lua_tointeger(lua, -1);
		lua_getfield(lua, -2, "kind");
		point->kind = text_c(arena, text_of(luaL_checkstring(lua, -1)));
		lua_getfield(lua, -3, "of");
		point->of = (size_t)lua_tointeger(lua, -1);
		lua_pop(lua, 4);
	}
}

static int cover_protected(lua_State *lua)
{
	struct author_run *run = author_run_of(lua);
	struct cover *cover = run->result;
	for (size_t i = 0; i < run->file_count; i++) {
		const struct author_file *file = &run->files[i];
		cover->counted[i] = (struct rule_file){ file->name, file->source };
		lua_settop(lua, 0);
		if (!text_starts(file->name, "rules/") || !author_tree_push(lua, file->source))
			continue;
		author_tool_push(lua, "cover");
		lua_pushlstring(lua, file->source.data, file->source.length);
		lua_pushvalue(lua, 1);
		lua_pushinteger(lua, (lua_Integer)cover->points.count + 1);
		lua_call(lua, 3, 2);
		size_t length;
		const char *data = luaL_checklstring(lua, -2, &length);
		cover->counted[i].source = text_copy(run->arena, (struct text){ data, length });
		points_take(lua, cover, i, run->arena);
	}
	return 0;
}

/* ------------------------------------------------------------------------------------------------ the report */

static void line_add(struct author_coverage_file *file, int line, unsigned count, struct arena *arena)
{
	for (size_t i = 0; i < file->lines.count; i++) {
		if (file->lines.items[i].line != line)
			continue;
		if (count > file->lines.items[i].count)
			file->lines.items[i].count = count;
		return;
	}
	*list_add(arena, &file->lines, struct author_line) = (struct author_line){ line, count };
}

static void branch_add(struct author_coverage_file *file, int line, const char *kind, unsigned taken, struct arena *arena)
{
	*list_add(arena, &file->branches, struct author_branch) = (struct author_branch){ line, kind, taken };
}

static int line_compare(const void *left, const void *right)
{
	const struct author_line *a = left, *b = right;
	return a->line < b->line ? -1 : a->line > b->line;
}

static int branch_compare(const void *left, const void *right)
{
	const struct author_branch *a = left, *b = right;
	return a->line < b->line ? -1 : a->line > b->line ? 1 : strcmp(a->kind, b->kind);
}

/* The operator of a right side that is passed over. */
static void point_add(struct author_coverage_file *file, const struct cover_point *point, const uint32_t *counts, size_t number,
                      struct arena *arena)
{
	if (text_is(text_of(point->kind), "left"))
		return;
	if (text_is(text_of(point->kind), "line")) {
		line_add(file, point->line, counts[number], arena);
		return;
	}
	branch_add(file, point->line, point->kind, counts[number], arena);
	if (point->of)
		branch_add(file, point->line, text_format(arena, "%s passed over", point->kind).data, counts[point->of - 1] - counts[number],
		           arena);
}

static void coverage_make(const struct cover *cover, const uint32_t *counts, const struct author_file *files, size_t count,
                          struct arena *arena, struct author_coverage *coverage)
{
	for (size_t f = 0; f < count; f++) {
		if (!text_starts(files[f].name, "rules/"))
			continue;
		struct author_coverage_file *file = list_add(arena, coverage, struct author_coverage_file);
		file->name = text_c(arena, files[f].name);
		for (size_t i = 0; i < cover->points.count; i++)
			if (cover->points.items[i].file == f)
				point_add(file, &cover->points.items[i], counts, i, arena);
		if (file->lines.count)
			qsort(file->lines.items, file->lines.count, sizeof *file->lines.items, line_compare);
		if (file->branches.count)
			qsort(file->branches.items, file->branches.count, sizeof *file->branches.items, branch_compare);
	}
}

bool author_cover(const struct author_file *files, size_t count, const struct text *entries, size_t entry_count,
                  const struct json *settings, struct arena *arena, struct problems *problems, struct author_coverage *coverage)
{
	struct cover cover = { .counted = arena_new_many(arena, struct rule_file, count + 1) };
	struct author_run run = { NULL, arena, files, count, &cover };
	struct rule_check_list list;
	*coverage = (struct author_coverage){ NULL, 0, 0 };
	if (!author_run(&run, cover_protected, problems))
		return false;
	uint32_t *counts = arena_new_many(arena, uint32_t, cover.points.count + 1);
	struct rule_bundle *bundle = bundle_load_counted(cover.counted, count, entries, entry_count, counts, cover.points.count, problems);
	bool good = bundle && rule_checks_run(bundle, settings, arena, problems, &list);
	rule_bundle_release(bundle);
	if (good)
		coverage_make(&cover, counts, files, count, arena, coverage);
	return good;
}
