/* rule_state.h: one lua_State in one block of memory, begun and forgotten.
 *
 * A call begins in a state in which the library is open and its rule's file was run, and nothing else happened: from an image of
 * that moment (rule_memory.h), or by doing it. What the call leaves behind is gone with the next begin. Private to
 * runtime/rule.
 */
#ifndef MOONBILL_RULE_RULE_STATE_H
#define MOONBILL_RULE_RULE_STATE_H

#include "rule_bundle.h"
#include "rule_lua.h"

/* Slots of the registry, behind the two of Lua and one a kind of userdata. */
enum {
	RULE_SLOT_METATABLES = LUA_RIDX_LAST,                           /* + kind */
	RULE_SLOT_ENVIRONMENT = RULE_SLOT_METATABLES + RULE_KIND_COUNT, /* what chunks see as _ENV */
	RULE_SLOT_STRING,                                           /* the functions behind string and methods of text */
	RULE_SLOT_MODULES,                                          /* file name -> what its chunk returned */
	RULE_SLOT_CHAIN,                                            /* names of the modules being loaded, outermost first */
	RULE_SLOT_RECORDS,                                          /* C address of a value -> its proxy */
	RULE_SLOT_SUBJECT,                                          /* the proxy of the call's subject */
	RULE_SLOT_CONTEXT,                                          /* ctx */
	RULE_SLOT_RUNS,                                             /* + ordinal: the `run` of each rule of the file */
};

enum { RULE_TEXT_BYTES_MAX = 64 * 1024 }; /* one text: bounds what comparing two of them costs */

/* A state with the library in it. False (out of memory) leaves nothing behind; else rule_state_end. `state` is
 * zeroed but for bundle, results and problems, and does not move. */
bool rule_state_begin(struct rule_state *state, size_t memory_bytes, int64_t fuel_limit);
/* A state in which `file` of the state's bundle was run. NONE: out of memory, nothing is left behind; FAILED: the file raised,
 * rule_failure_text tells; rule_state_end after both others. Fuel is that of loading: rule_fuel_start before the call. */
enum rule_beginning { RULE_BEGINNING_NONE, RULE_BEGINNING_FAILED, RULE_BEGINNING_READY };
enum rule_beginning rule_state_begin_file(struct rule_state *state, size_t memory_bytes, const struct bundle_file *file);
void rule_state_end(struct rule_state *state);
/* Lets the lua_State find its state. */
void rule_state_attach(struct rule_state *state, lua_State *lua);

/* Runs function(lua, argument) protected, with one light userdata argument. False when it raised; then
 * rule_failure_text tells. */
bool rule_protected(struct rule_state *state, lua_CFunction function, void *argument);
/* The only message handler there is. */
int rule_note_error(lua_State *lua);
/* "rules/gold.lua:12: what went wrong", in the arena. */
const char *rule_failure_text(struct rule_state *state);

/* Counts from 0 to `limit`, with the hook set (rule_fuel.c). */
void rule_fuel_start(struct rule_state *state, int64_t limit);
/* "file:line" of the innermost Lua code; "" when there is none. Never allocates from the state. */
void rule_place_of(lua_State *lua, char *place, size_t size);

#endif
