/* rule_state.h: one lua_State in one block of memory, begun and forgotten.
 *
 * A call begins in a state with the library open and nothing else; its rule's file is run in it from bytecode, and
 * whatever it leaves behind is gone with the next begin. Private to runtime/rule.
 */
#ifndef MOONBILL_RULE_RULE_STATE_H
#define MOONBILL_RULE_RULE_STATE_H

#include "rule_lua.h"

/* Slots of the registry, behind the two of Lua and one a kind of userdata. */
enum {
	RULE_SLOT_METATABLES = LUA_RIDX_LAST,                           /* + kind */
	RULE_SLOT_ENVIRONMENT = RULE_SLOT_METATABLES + RULE_KIND_COUNT, /* what chunks see as _ENV */
	RULE_SLOT_STRING,                                           /* the functions behind string and methods of text */
	RULE_SLOT_MODULES,                                          /* file name -> what its chunk returned */
	RULE_SLOT_CHAIN,                                            /* names of the modules being loaded, outermost first */
	RULE_SLOT_RUN,                                              /* the `run` function of the rule called */
	RULE_SLOT_RECORDS,                                          /* C address of a value -> its proxy */
};

enum { RULE_TEXT_BYTES_MAX = 64 * 1024 }; /* one text: bounds what comparing two of them costs */

/* Makes a state with the library in it. False (out of memory) leaves nothing behind; else rule_state_end. `state` is
 * zeroed but for bundle, results and problems, and does not move. */
bool rule_state_begin(struct rule_state *state, size_t memory_bytes, int64_t fuel_limit);
void rule_state_end(struct rule_state *state);

/* Runs function(lua, argument) protected, with one light userdata argument. False when it raised; then
 * rule_failure_text tells. */
bool rule_protected(struct rule_state *state, lua_CFunction function, void *argument);
/* "rules/gold.lua:12: what went wrong", in the arena. */
const char *rule_failure_text(struct rule_state *state);

/* Sets the count hook of a new state (rule_fuel.c). */
void rule_fuel_start(struct rule_state *state);
/* "file:line" of the innermost Lua code; "" when there is none. Never allocates from the state. */
void rule_place_of(lua_State *lua, char *place, size_t size);

#endif
