/* bind_catalog.c: what a catalog's rules decide, for cases. Conditions and questions are tables with the fields of
 * catalog_rule, in the product's words. */
#include "bind.h"

#include "billing/catalog_rule.h"
#include "value/record.h"

/* The fields that the table at `index` has as strings. */
static void rule_read(lua_State *L, int index, struct arena *arena, struct catalog_rule *rule)
{
	struct problems problems;
	problems_init(&problems, arena);
	for (int field = 0; field < CATALOG_RULE_FIELD_COUNT; field++) {
		lua_getfield(L, index, catalog_rule_record.fields[field].name);
		if (lua_type(L, -1) == LUA_TSTRING &&
		    !record_field_parse(&catalog_rule_record, rule, field, text_copy(arena, text_of(lua_tostring(L, -1))), "", arena,
		                        &problems))
			luaL_error(L, "%s", problems.first->message);
		lua_pop(L, 1);
	}
}

static enum billing_period period_of(lua_State *L, struct text name)
{
	enum billing_period period = BILLING_PERIOD_NONE;
	if (text_present(name) && !text_is(name, "none") && !billing_period_parse(name, &period))
		luaL_error(L, "'%s' is no billing period", name.data);
	return period;
}

static struct catalog_query query_read(lua_State *L, int index, struct arena *arena)
{
	struct catalog_rule asked = { 0 };
	rule_read(L, index, arena, &asked);
	return (struct catalog_query){
		.from = { asked.from_product, (enum product_category)asked.from_category, period_of(L, asked.from_period),
		          asked.from_price_list },
		.to = { asked.to_product, (enum product_category)asked.to_category, period_of(L, asked.to_period),
		        asked.to_price_list },
		.phase = (enum phase_kind)asked.phase,
	};
}

static struct catalog_rule *rules_read(lua_State *L, int index, struct arena *arena, size_t *count)
{
	luaL_checktype(L, index, LUA_TTABLE);
	*count = (size_t)lua_rawlen(L, index);
	struct catalog_rule *rules = arena_new_many(arena, struct catalog_rule, *count + 1);
	for (size_t i = 0; i < *count; i++) {
		lua_rawgeti(L, index, (lua_Integer)i + 1);
		rule_read(L, lua_gettop(L), arena, &rules[i]);
		lua_pop(L, 1);
	}
	return rules;
}

/* match(cases, query) -> result of the first case that matches, nil when none does */
static int catalog_match(lua_State *L)
{
	struct arena *arena = case_arena(L);
	size_t count;
	const struct catalog_rule *rules = rules_read(L, 1, arena, &count);
	struct catalog_query query = query_read(L, 2, arena);
	const struct catalog_rule *found = catalog_rule_match(rules, count, &query);
	case_push_text(L, found ? found->result : TEXT_NONE);
	return 1;
}

static void sets_read(lua_State *L, int index, struct arena *arena, struct catalog_rules *rules)
{
	for (int kind = 0; kind < CATALOG_RULE_KINDS; kind++) {
		lua_getfield(L, index, catalog_rule_kinds[kind].name);
		if (lua_istable(L, -1)) {
			struct record_list *list = (struct record_list *)(void *)((char *)rules + catalog_rule_kinds[kind].offset);
			list->items = rules_read(L, lua_gettop(L), arena, &list->count);
		}
		lua_pop(L, 1);
	}
}

/* change(sets of rules, query) -> policy, alignment, price list */
static int catalog_change(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct catalog_rules rules = { 0 };
	sets_read(L, 1, arena, &rules);
	struct catalog_query query = query_read(L, 2, arena);
	struct catalog_change change = catalog_change_decide(&rules, &query);
	lua_pushstring(L, catalog_rule_kinds[CATALOG_RULE_CHANGE_POLICY].results[change.policy - 1]);
	lua_pushstring(L, catalog_rule_kinds[CATALOG_RULE_CHANGE_ALIGNMENT].results[change.alignment - 1]);
	case_push_text(L, change.price_list);
	return 3;
}

int bind_catalog_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "match", catalog_match },
		{ "change", catalog_change },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
