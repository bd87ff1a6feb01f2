/* rule_console_state.h: what the files of a console share. Private to runtime/rule. */
#ifndef MOONBILL_RULE_RULE_CONSOLE_STATE_H
#define MOONBILL_RULE_RULE_CONSOLE_STATE_H

#include "rule_console.h"
#include "rule_memory.h"
#include "rule_record.h"
#include "rule_state.h"

#define CONSOLE_ARENA_BYTES ((size_t)256 * 1024 * 1024)

/* Behind the slots of every state. */
enum { CONSOLE_SLOT_VARIABLES = RULE_SLOT_RUNS, CONSOLE_SLOT_NOUNS, CONSOLE_SLOT_CONSOLE };

struct console_noun {
	const char *name;
	const struct record *record; /* that is kept in a table and found by id; NULL: it has commands alone */
	struct rule_console *console;
};

struct rule_console {
	struct rule_state state;
	const struct rule_console_host *host;
	struct rule_host rule_host; /* for relations */
	struct rule_call call;
	struct problems problems;
	struct arena arena;         /* nouns; reads of statements */
	struct rule_copy copy;      /* before the statement */
	char *block_end;
	struct console_noun *nouns;
	size_t noun_count, noun_capacity;
	const void *empty_list;     /* the table that a list without rows gave, */
	const struct record *empty_of; /* of this record */
	int64_t statements;         /* so far, this one included */
};

/* ---- rule_console_noun.c ---- */
bool console_nouns_make(struct rule_console *console);
/* Pushes the table of variables, with nouns and the library behind it. */
MAY_JUMP void console_environment_push(lua_State *lua, struct rule_console *console);
/* The noun that a value is; NULL: none. */
const struct console_noun *console_noun_at(lua_State *lua, int index);
/* The record of a list without rows, which is a table like any other; NULL: it is none. */
const struct record *console_empty_list_of(lua_State *lua, int index);

/* ---- rule_console_value.c ---- */
MAY_JUMP void console_value_read(lua_State *lua, int index, struct arena *arena, int depth, struct rule_console_value *value);

#endif
