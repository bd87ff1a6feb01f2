/* rule_declare.h: what `rule` and `require` do while a bundle's file runs. Private to runtime/rule.
 *
 * A file is run twice over: once when its bundle loads, where every declaration is checked and all problems are
 * told at once, and again for the calls of its rules, where only the `run` functions are kept.
 */
#ifndef MOONBILL_RULE_RULE_DECLARE_H
#define MOONBILL_RULE_RULE_DECLARE_H

#include "rule_bundle.h"
#include "rule_lua.h"

enum { RULE_NAME_BYTES_MAX = 100, RULE_DOC_BYTES_MAX = 2000, RULE_WHEN_MAX = 16, RULES_MAX = 1000 };

/* Set in rule_state.loading while a file runs. */
struct rule_loading {
	struct rule_bundle *bundle;     /* that is being made; NULL in a call */
	const struct bundle_file *file;
	int declared;                   /* so far, in this file */
	int open_line;                  /* of a `rule "name"` without its table yet; 0 when there is none */
};

/* Runs one file of a bundle being made and adds its rules; problems are added one a fault. */
void rule_declarations_read(struct rule_bundle *bundle, const struct bundle_file *file, struct problems *problems);
/* A protected function whose argument is a bundle_file: runs it, puts the `run` of each rule into RULE_SLOT_RUNS and makes the
 * subject's proxy and ctx. */
MAY_JUMP int rule_file_run(lua_State *lua);

/* Pushes the chunk of a file, its names bound to the environment. */
MAY_JUMP void rule_chunk_push(lua_State *lua, const struct bundle_file *file);

/* The globals. */
MAY_JUMP int rule_declare(lua_State *lua);
MAY_JUMP int rule_require(lua_State *lua);

/* ---- equality filters (rule_when.c): `when` of rules, the filter of ctx:each ---- */
/* The record a rule's `when` looks at and its run is given first: the subject's, or event_details. */
const struct record *rule_subject_of_event(enum event event);
/* Reads one filter: the name at `name`, the value at `value` (stack places). NULL, or what is wrong with it (in the scratch
 * arena). Text goes into `arena`. */
const char *rule_filter_read(lua_State *lua, int name, int value, const struct record *record, struct arena *arena,
                             struct rule_when *when);

#endif
