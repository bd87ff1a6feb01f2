/* rule_library.h: the names a rule can use, and nothing else (anchors b.2). Private to runtime/rule.
 *
 * Tables that rules see are empty proxies over the real ones, so that nothing can be changed; a name that does
 * not exist raises "global 'x' is not declared" with the nearest spelling.
 */
#ifndef MOONBILL_RULE_RULE_LIBRARY_H
#define MOONBILL_RULE_RULE_LIBRARY_H

#include "rule_lua.h"

/* Fills a new state: environment, metatables, registry slots. */
MAY_JUMP void rule_library_open(lua_State *lua);

/* What to use in place of a name that people look for and that is not here; NULL: it is none of those. */
const char *rule_missing_remedy(struct text name);
/* For text_did_you_mean: the global names; no context. */
const char *rule_global_candidate(const void *context, size_t i);

/* rule_library_string.c, rule_library_table.c, rule_library_math.c: push the real table. */
MAY_JUMP void rule_library_string_open(lua_State *lua);
MAY_JUMP void rule_library_table_open(lua_State *lua);
MAY_JUMP void rule_library_math_open(lua_State *lua);
MAY_JUMP void rule_library_utf8_open(lua_State *lua);
/* rule_pairs.c: pairs in an order that is the same on every run. */
MAY_JUMP int rule_pairs(lua_State *lua);
/* Sorts the keys of the table at `index` into pairs' order and pushes them as a sequence; returns their count. */
MAY_JUMP lua_Integer rule_keys_push(lua_State *lua, int index);

/* Pushes the text of any value, as tostring gives it: never an address. */
MAY_JUMP struct text rule_push_text(lua_State *lua, int index);

/* Arguments of C functions, with one voice in messages: "rep: argument 2 must be an integer, not text". */
MAY_JUMP struct text rule_text_argument(lua_State *lua, int index, const char *function);
MAY_JUMP lua_Integer rule_integer_argument(lua_State *lua, int index, const char *function);
MAY_JUMP lua_Integer rule_integer_optional(lua_State *lua, int index, lua_Integer otherwise, const char *function);
/* Replaces the table on the top by an empty one that reads through to it; `assigned` refuses writes. */
MAY_JUMP void rule_read_only_push(lua_State *lua, lua_CFunction assigned);
/* A table that may be changed. */
MAY_JUMP void rule_table_argument(lua_State *lua, int index, const char *function);
/* A table that is only read: a read-only one is replaced on the stack by what it stands for. */
MAY_JUMP void rule_table_readable(lua_State *lua, int index, const char *function);

#endif
