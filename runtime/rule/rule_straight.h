/* rule_straight.h: which rules need no count hook, because they provably end before it could fire. Private to runtime/rule.
 *
 * A hook doubles what code of a rule costs, whatever its step. A `run` that is straight is called without one, and nothing that
 * can be observed differs: not its result, not its fuel, which counts whole steps of RULE_FUEL_STEP instructions. A
 * function is straight when
 *   - its lines hold no for, while, repeat, goto and no second `function`: it jumps forward only, so it runs each of its
 *     instructions at most once, and they are fewer than a step;
 *   - no function written in Lua is within its reach: none among its upvalues nor in tables, and upvalues of functions of
 *     ours, that they lead to; no `require`. All it can call is ours, and that calls back only what it is given.
 * Everything else runs under the hook.
 */
#ifndef MOONBILL_RULE_RULE_STRAIGHT_H
#define MOONBILL_RULE_RULE_STRAIGHT_H

#include "rule_bundle.h"
#include "rule_lua.h"

/* Sets the bits of the straight ones among the rules of `file`, which was run: by ordinal. Never jumps; leaves the state's
 * memory as it may. */
void rule_straight_find(lua_State *lua, const struct bundle_file *file, uint64_t *straight);

#endif
