/* rule_console.h: Lua that a person types, in the sandbox of rules: with variables that stay, and with what the core has by name.
 *
 *     order.place { account_id = 1, plan = "GOLD" }     a command, from the host's table
 *     invoice[12].total                                 a record by its id
 *     invoice { status = "open", limit = 20 }           records by equality filters, in the order of their ids
 *     x = 1                                             a variable; `_` is the last result
 *
 * A noun (order, invoice) is what stands before the point in the name of a command, or a record that is kept in a table. One
 * console belongs to one thread. What a statement that ended by fuel, memory, time or interruption has done to variables is
 * undone; what its commands did is the host's matter.
 */
#ifndef MOONBILL_RULE_RULE_CONSOLE_H
#define MOONBILL_RULE_RULE_CONSOLE_H

#include "rule.h"

#include <stdatomic.h>

enum {
	RULE_CONSOLE_BYTES = 128 * 1024 * 1024, /* of all variables; a statement has RULE_MEMORY_BYTES_DEFAULT */
	RULE_CONSOLE_SOURCE_BYTES_MAX = 64 * 1024,
	RULE_CONSOLE_ROWS_DEFAULT = 1000,       /* of a list that says no limit: more of them are an error */
	RULE_CONSOLE_MEMBERS_MAX = 1000,        /* of a table that is shown */
	RULE_CONSOLE_DEPTH_MAX = 4,
};

struct rule_console;

/* Called on the console's thread while a statement runs. Records and texts live as long as the console. */
struct rule_console_host {
	void *context;
	/* The command at `i` with its input; NULL at the end. */
	const char *(*command_at)(void *context, size_t i, const struct record **input);
	/* Does it. *value NULL: it has no output. False: what to tell the person, perhaps in lines. */
	bool (*command)(void *context, size_t i, struct text input, const struct record **record, void **value,
	                struct text *refusal);
	/* As in rule_host. */
	void *(*load)(void *context, const struct record *record, int64_t id);
	bool (*each)(void *context, const struct record *record, const struct rule_when *filters, size_t filter_count,
	             int64_t after_id, size_t limit, struct record_list *rows);
	/* Was this record, which `load`, `each` or `command` gave, undone since? */
	bool (*is_gone)(void *context, const void *value);
	void (*print)(void *context, struct text line);
};

/* A value of Lua for whoever shows it, in the arena of its statement. */
struct rule_console_value {
	enum {
		RULE_CONSOLE_NIL,
		RULE_CONSOLE_TEXT,   /* `text` as it is */
		RULE_CONSOLE_PLAIN,  /* a number, money, a date ...: its text */
		RULE_CONSOLE_RECORD, /* `value` of `record` */
		RULE_CONSOLE_ROWS,   /* `rows`, `count` of them, of `record` */
		RULE_CONSOLE_TABLE,  /* `members`, `count` of them; `more` are left out */
		RULE_CONSOLE_NOUN,   /* `text` is its name, `record` its record or NULL */
	} kind;
	struct text text;
	bool number;             /* PLAIN: JSON writes it without quotes */
	bool sequence;           /* TABLE: its members have no names */
	const struct record *record;
	const void *value;
	const void **rows;
	struct rule_console_member *members;
	size_t count, more;
};

struct rule_console_member {
	struct text name;
	struct rule_console_value value;
};

struct rule_console_result {
	enum {
		RULE_CONSOLE_DONE,
		RULE_CONSOLE_INCOMPLETE, /* the source ends in the middle */
		RULE_CONSOLE_FAILED,     /* `message` */
		RULE_CONSOLE_INTERRUPTED,
	} outcome;
	struct text message;
	const struct rule_console_value *values;
	size_t count;
	int64_t fuel;
};

/* NULL without memory. The host outlives it. */
struct rule_console *rule_console_open(const struct rule_console_host *host, const atomic_bool *interrupted);
void rule_console_close(struct rule_console *console); /* accepts NULL */
/* What statements are told of the time, and of settings; the text lives until the next call. */
void rule_console_set_now(struct rule_console *console, struct instant now, struct date today, struct text settings);
/* Runs one statement, or a value's expression, with so much fuel. What values hold lives in `arena`. */
void rule_console_run(struct rule_console *console, struct text source, int64_t fuel, struct arena *arena,
                      struct rule_console_result *result);
/* Only looks whether the source ends in the middle. */
bool rule_console_incomplete(struct rule_console *console, struct text source);
/* What may have changed is looked at anew: relations of records are asked for again. */
void rule_console_refresh(struct rule_console *console);

/* ---- for completion: nothing runs ---- */
/* Names of nouns, then of variables, then of the library; NULL at the end. */
const char *rule_console_name_at(struct rule_console *console, size_t i);
/* The record that a variable holds; of a list of records, theirs. NULL: it holds none. */
const struct record *rule_console_record_of(struct rule_console *console, struct text variable);

#endif
