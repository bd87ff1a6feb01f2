/* rule_json.h: JSON to Lua tables and back. Private to runtime/rule.
 *
 * Into Lua: null is nil, whole numbers are integers, other numbers decimals (text when they have an exponent); read-only
 * tables are empty proxies over the real one with # and pairs. Out of Lua: a table with items 1..n and nothing else is an
 * array, any other an object whose members are in pairs' order; money, dates and the other typed values are texts as
 * tostring gives them, records become objects; floats with a fraction are refused.
 */
#ifndef MOONBILL_RULE_RULE_JSON_H
#define MOONBILL_RULE_RULE_JSON_H

#include "rule_lua.h"

struct json;

/* Pushes the value of JSON text that the core made; nil when it is none. */
MAY_JUMP void rule_json_push(lua_State *lua, struct text json, bool read_only);
/* As rule_json_push of a text of so many bytes, at the same price in fuel, when it has been parsed already. */
MAY_JUMP void rule_json_push_tree(lua_State *lua, const struct json *tree, size_t bytes, bool read_only);
/* The table at `index` as an object (or array, when `arrays`), in `arena`; `what` begins messages ("ctx:send"). */
MAY_JUMP struct text rule_json_of_table(lua_State *lua, int index, bool arrays, size_t bytes_max, struct arena *arena,
                                        const char *what);

#endif
